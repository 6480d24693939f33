//! Agnesi, the calculus engine: a formula in, everything calculus knows about it out.
//!
//! This crate is the one boundary of the project. Faces speak to it in the plain data of [`protocol`].

mod expr;
mod function;
pub mod protocol;
mod session;
mod table;

#[cfg(feature = "macro")]
pub use agnesi_macro::function;
pub use agnesi_syntax::{Span, TokenClass, lex_spans};
pub use expr::{Expr, math};
pub use function::{Function, FunctionError, Real, Sparsity};
pub use session::Session;
pub use table::{TableError, TableFormat, TableOptions, TableSummary};
