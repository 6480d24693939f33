//! Any text as the value of a variable: no panic, and what is taken for a number is one.

#![no_main]

use agnesi::protocol::Given;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Given::from(text) {
        Given::Number(number) => assert!(number.0.is_finite()),
        Given::Text(kept) => assert_eq!(kept, text),
        Given::Array(_) => panic!("a text is no array"),
    }
});
