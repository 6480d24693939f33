//! Graph to graph: differentiate, simplify, say where things are defined, and explain.
//!
//! Pure: no input or output, no clock, no rounding of exact numbers.

mod chain;
mod derivative;
mod domain;
pub mod explain;
mod order;
mod simplify;
mod template;
mod tensor;

pub use derivative::{Differentiator, NoDerivative, partial};
pub use domain::{domain, kinks, lost_conditions};
pub use order::HigherOrder;
pub use simplify::Simplifier;
pub use tensor::{
    Certificate, Convexity, TensorSimplifier, adjoints, convexity, distribute_sparse, distributed, needs,
    tensor_derivative, tensor_derivatives,
};
