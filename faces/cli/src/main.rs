//! The command line of Agnesi.
fn main() {}
