//! The table of mathematics: one row a function, its kernels beside it.

pub mod big;
mod row;
mod table;

pub use row::{Antiderivative, Big, Derivative, ErrorBound, Function, Kernel, Kink, Meaning, Shape};
pub use table::{FunctionId, find, table};
