//! Any text as a program, by the rules of the engine's own test of random texts.

#![no_main]

#[path = "../../crates/engine/tests/program_texts/body.rs"]
mod body;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| body::check(text));
