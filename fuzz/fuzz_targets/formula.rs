//! Any text: parsing does not panic, places lie within the text, and what is printed reads back as the same text.

#![no_main]

use agnesi_syntax::{Diagnostic, Limits, NoNames, parse_expression, parse_within, print};
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
    // The brackets that printing writes are levels too.
    let limits = Limits { depth: 4 * Limits::default().depth, ..Limits::default() };
    let again = parse_within(&once, &NoNames, limits);
    assert!(
        !again.diagnostics.iter().any(Diagnostic::is_error),
        "{text:?} is printed as {once:?}, which cannot be read: {:?}",
        again.diagnostics
    );
    let [root] = again.statements.as_slice() else { panic!("{text:?} is printed as {once:?}, which is no one formula") };
    assert_eq!(once, print::text(&again.tree, *root), "from {text:?}");
});
