//! Agnesi, the calculus engine: a formula in, everything calculus knows about it out.
//!
//! This crate is the one boundary of the project. Faces speak to it in the plain data of [`protocol`].

pub mod protocol;
mod session;

pub use agnesi_syntax::{Span, TokenClass, lex_spans};
pub use session::Session;
