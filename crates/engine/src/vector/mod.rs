//! Arithmetic and functions over slices, the lowest layer of an evaluator of batches.
//!
//! [`Kernels`] is a table of functions over slices of `f64` or `f32`, made from one source ([`ops`]) for every
//! [`InstructionSet`]: an evaluator looks a [`Kernel`] up once and calls it on chunks of numbers, of some hundreds each so
//! that they stay in the cache. Every operation rounds as IEEE 754 says and in a fixed order, sums included, so all
//! instruction sets give the same bits (a NaN is a NaN: its sign and payload say nothing), at every length and alignment.
//!
//! ```
//! use agnesi_engine::vector::{Binary, Kernels, Unary, cells};
//!
//! let kernels = Kernels::<f64>::best();
//! let mut x = [0.0, 1.0, 2.0];
//! let x = cells(&mut x);
//! kernels.unary(Unary::Exp).call([x.into()], x); // in place
//! kernels.binary(Binary::Mul).call([x.into(), 2.0.into()], x); // the second operand is one number
//! assert_eq!(x[0].get(), 2.0);
//! ```
//!
//! # Slices that may be the same
//!
//! Inputs are [`Input`]s: shared slices, slices of cells, or one number that stands for all. The output is a slice of
//! cells, which may be an input as well. Where an output overlaps an input and is not the same slice, the values are
//! unspecified there; nothing worse happens.
//!
//! # Without fused multiply-add
//!
//! The functions are made of multiply-adds that round once. On x86 [`InstructionSet::Baseline`] has no instruction for them and
//! calls a function of the system for each: some hundred nanoseconds a value where the processor has none either. It is
//! there to be right, on processors of before 2013, and to test the others against.

mod call;
mod input;
pub mod ops;
mod set;
mod table;

mod group;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pair;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub(crate) use call::Stream;
pub use call::{Kernel, Reduction, SinCosKernel};
pub(crate) use group::{LINE, Source, fence, fetch};
pub use input::{Input, cells};
pub use ops::{Binary, Reduce, Ternary, Unary};
pub use set::InstructionSet;
pub use table::{Element, Kernels};
