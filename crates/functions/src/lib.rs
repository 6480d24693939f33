//! The table of mathematics: one row a function, its kernels beside it.
//!
//! A [`Function`] is a row: names, texts in Agnesi's own notation, and kernels. [`find`] leads from a name to its row and
//! [`table`] to all of them. [`kernels`] holds the values as doubles, [`lane`] those of functions that matter for speed
//! on groups of numbers, [`big`] those as big floats that know their error. [`verify`] tests a row against itself: the
//! table's in the tests, a user's in a session.

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
