//! Derivatives of tensors: one differentiator for gradients, Jacobians and Hessians of any rank.
//!
//! Adjoints are pushed from the result to the variable. The adjoint of a node has the axes of the result in front and
//! those of the node behind, so that a gradient and a Jacobian are one pass of the same rules: the Jacobian of a
//! gradient is the Hessian, whatever the rank.

mod convexity;
mod derivative;
mod distribute;
mod guard;
mod linear;
mod loops;
mod needs;
mod rows;
mod simplify;

pub use convexity::{Certificate, Convexity, convexity, distributed};
pub use derivative::{adjoints, tensor_derivative, tensor_derivatives};
pub use distribute::distribute_sparse;
pub use needs::needs;
pub use simplify::TensorSimplifier;
