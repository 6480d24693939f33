//! The table of mathematics: one row a function, its kernels beside it.

pub mod big;
mod constants;
pub mod kernels;
pub mod lane;
mod row;
mod table;
pub mod verify;

pub use constants::{Constant, constant, constants};
pub use row::{
    Antiderivative, Big, Derivative, ErrorBound, Function, Kernel, Kink, Law, Meaning, Parity, Shape,
};
pub use table::{FunctionId, find, table};
