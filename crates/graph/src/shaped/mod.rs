//! Text of tensors to graph: names and shapes resolved, every product given the meaning that the shapes say.
//!
//! A vector has one axis. In matrix notation it stands as a column, and `'` makes a row of it, which only says what it
//! is joined with. Sums and entries by binder (`sum(i in 1..n, x[i]^2)`) are whole tensors: a binder is an axis in front
//! of all others, which the operation at its end sums, or keeps. The step of a loop (`fold`, `scan`) is no axis: its body
//! is read once, with symbols for the step and the states.

mod binders;
mod blocks;
mod condition;
mod einsum;
mod errors;
mod expression;
mod functions;
mod index;
mod loops;
mod names;
mod notation;
mod operators;
mod patterns;
mod products;
mod reader;
mod reductions;
mod sizes;
mod value;

use agnesi_syntax::{Diagnostic, Tree, TreeId};
use smol_str::SmolStr;

use crate::graph::Graph;
use crate::op::NodeId;
use crate::settle::Scope;
use crate::types::Type;

pub use condition::Need;
pub(crate) use notation::definition_needs_shapes;
pub use notation::needs_shapes;
pub use value::Form;

/// An expression of tensors, read.
#[derive(Clone, Debug)]
pub struct Shaped {
    /// The value.
    pub node: NodeId,
    /// Scalar, column, row, matrix or more.
    pub form: Form,
    /// Whether it is a condition.
    pub boolean: bool,
    /// The free symbols in order of appearance.
    pub inputs: Vec<SmolStr>,
    /// Names that were not declared, and the types that their use gives them.
    pub inferred: Vec<(SmolStr, Type)>,
    /// What must hold for everything that was written to be defined, as far as the declarations do not say it.
    pub needs: Vec<Need>,
    /// How the text was understood, where it could be doubted.
    pub notes: Vec<Diagnostic>,
    /// Whether a number was written as a decimal.
    pub has_decimals: bool,
}

impl Graph {
    /// Reads an expression of tensors in a scope. Names that are not declared are real scalars, unless their use says
    /// otherwise: `A*x` with a matrix A, `x[i]` under a binder.
    ///
    /// # Errors
    /// Unknown names, and everything that does not fit: sizes, scalars where vectors are needed, wrong numbers of
    /// arguments, each with its place.
    pub fn read_shaped(
        &mut self,
        tree: &Tree,
        root: TreeId,
        scope: &Scope,
    ) -> Result<Shaped, Vec<Diagnostic>> {
        reader::read(self, tree, root, scope).map_err(|error| vec![error])
    }

    /// A name of a scope as a symbol of this graph, with its declared sizes.
    ///
    /// # Errors
    /// A size that cannot be read.
    pub fn declare_from(&mut self, scope: &Scope, name: &str) -> Result<NodeId, Diagnostic> {
        reader::declare(self, scope, name)
    }
}
