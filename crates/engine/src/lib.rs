//! Settled trees to numbers.
//!
//! A tree is lowered once to a [`Program`]: its nodes in order, shared ones once, constants folded exactly. One
//! evaluator runs programs over anything that is a [`Number`]: doubles, with the place where a function leaves its
//! domain; [enclosures](agnesi_functions::big::Enclosure), with rising precision until the double is certain
//! ([`exact`]); and whatever else implements the trait. [`Prepared`] runs one program many times over plain doubles.

mod code;
mod double;
pub mod emit;
mod enclosure;
mod error;
pub mod exact;
pub mod ir;
pub mod jets;
pub mod lowering;
#[cfg(feature = "machine")]
pub mod machine;
#[cfg(feature = "machine")]
pub mod memory;
#[cfg(feature = "native")]
pub mod native;
mod noisy;
mod number;
pub mod numeric;
mod prepared;
mod program;
mod rows;
mod series;
pub mod source;
pub mod tensors;
#[cfg(feature = "machine")]
pub mod vector;
pub mod wasm;

#[cfg(test)]
mod tests;

pub use enclosure::Working;
pub use error::{EvaluateError, Fault};
pub use number::{Exponent, Number};
pub use prepared::Prepared;
pub use program::{Inner, Program, Scratch, evaluate};
/// The former path of [`tensors`].
pub use tensors as interpret;
