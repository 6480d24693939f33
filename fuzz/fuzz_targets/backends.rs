//! Random programs as machine code, on the virtual machine and in batches, by the rules of the engine's own test.

#![no_main]

#[path = "../../crates/engine/tests/native/compare.rs"]
mod compare;
#[path = "../../crates/engine/tests/native/random.rs"]
mod random;
#[path = "../../crates/engine/tests/native/rows.rs"]
mod rows;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|seed: u64| random::case(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}")));
