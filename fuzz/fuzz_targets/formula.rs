//! Any text: parsing does not panic, places lie within the text, and what is printed reads back as the same text.

#![no_main]

use agnesi_syntax::{NoNames, parse_expression, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = parse_expression(text, &NoNames);
    for diagnostic in &parsed.diagnostics {
        for label in &diagnostic.labels {
            assert!(label.span.start <= label.span.end && label.span.end as usize <= text.len());
        }
        agnesi_syntax::render(diagnostic, text, "fuzz", true);
    }
    if parsed.has_errors() {
        return;
    }
    let once = print::text(&parsed.tree, parsed.root);
    let again = parse_expression(&once, &NoNames);
    assert!(!again.has_errors(), "{text:?} is printed as {once:?}, which cannot be read: {:?}", again.diagnostics);
    let twice = print::text(&again.tree, again.root);
    assert_eq!(once, twice, "from {text:?}");
});
