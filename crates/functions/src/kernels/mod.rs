//! The values of the rows as doubles.
//!
//! Every kernel is total: outside the domain of its row it gives NaN, never a panic. Results do not depend on the
//! platform: nothing here calls the system's mathematical library.

// `!(x > 0.0)` is how a kernel says no to NaN as well.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

pub mod activations;
pub mod bessel;
pub mod comparison;
mod dd;
pub mod elementary;
pub mod elliptic;
pub mod error_functions;
pub mod gamma;
pub mod integrals;
pub mod lambert;
pub mod zeta;
