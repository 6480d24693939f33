//! Graphs to tensors: values, derivatives by dual numbers and by differences, and random tensors that fit declarations.
//!
//! [`interpret`] is the plain evaluator of every operation on dense tensors. [`automatic`] and [`automatic_second`] push
//! numbers with slopes through the same code, several directions at a time; [`differences`] uses values alone. They
//! share nothing with symbolic derivatives but the meaning of operations and the table's derivative column.
//!
//! Derivatives in a tensor that is declared symmetric treat its entries as independent. The operations that are defined
//! on symmetric matrices alone (Cholesky's triangle, square root, logarithm, eigenvalues, eigenvectors) are read as
//! functions of the symmetric part of their argument, so that they have such derivatives too.

mod bind;
mod contraction;
mod derivatives;
mod draw;
mod elimination;
mod entry;
mod error;
mod exponential;
mod interpret;
mod linear;
mod loops;
mod reduce;
mod symmetric;
mod tensor;
#[cfg(test)]
mod tests;

pub use bind::bind;
pub use derivatives::{automatic, automatic_second, differences};
pub use draw::{Random, draw, violation};
pub use error::InterpretError;
pub use interpret::interpret;
pub(crate) use linear::factorize;
pub use tensor::Tensor;
