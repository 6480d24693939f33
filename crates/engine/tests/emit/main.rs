//! Emitted code: its text, and that it computes what the plain interpreter does, where the language is installed.

mod cases;
mod examples;
mod golden;
mod random;
mod rows;
mod run;
