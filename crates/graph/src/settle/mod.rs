//! Settling: names resolved, definitions expanded by sharing, aliases made canonical. Tree in, tree out.
//!
//! What comes out holds these kinds only:
//!
//! - `Number`; `Name` (a free symbol, or a constant); `Prefix` with `Neg` or `Not`;
//! - `Binary` with `Add`, `Sub`, `Mul`, `Div`, `Pow`, `And`, `Or`; `Compare` of two operands; `If`;
//! - `Call` of the canonical name of a row of the table or of a taught function, or of `integral(f, x)`,
//!   `integral(f, x, a, b)`, `limit(f, x, a, side)` with side -1, 0 or 1, `taylor(f, x, a, n)`;
//! - `Derivative` of a scalar in named variables; `Where` with one or more `Define` of fresh names, to take a
//!   derivative at a point;
//! - at the root alone, `Vector` of scalars and `Matrix` of such rows.
//!
//! Nodes that come out of a definition have the span of its use. The arena may hold nodes that the root does not
//! reach.

mod binders;
mod calls;
mod definitions;
mod derivatives;
mod gradients;
mod indexed;
mod integrals;
mod names;
mod node;
pub(crate) mod operators;
mod recurrence;
mod scope;
mod settler;
mod sizes;
#[cfg(test)]
mod tests;
mod variables;
mod walk;

use agnesi_syntax::{Diagnostic, Tree, TreeId};
use smol_str::SmolStr;

pub use scope::{Definition, Fact, Scope};

/// How much a tree may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most nodes after definitions are expanded.
    pub nodes: usize,
    /// The deepest nesting of definitions and scopes.
    pub depth: usize,
}

impl Default for Limits {
    /// 200,000 nodes, 128 deep.
    fn default() -> Limits {
        Limits { nodes: 200_000, depth: 128 }
    }
}

/// A settled tree.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The arena.
    pub tree: Tree,
    /// The expression in it.
    pub root: TreeId,
    /// The free symbols in order of appearance.
    pub inputs: Vec<SmolStr>,
    /// How the text was understood, where it could be doubted.
    pub notes: Vec<Diagnostic>,
    /// Whether a number was written as a decimal.
    pub has_decimals: bool,
}

/// Settles an expression within the default [`Limits`].
///
/// # Errors
/// Everything wrong with the names, the numbers of arguments and the shapes, each with its place.
pub fn settle(tree: &Tree, root: TreeId, scope: &Scope) -> Result<Settled, Vec<Diagnostic>> {
    settler::settle(tree, root, scope, &Limits::default())
}

/// Settles an expression within limits; past them is an error with code `limit`.
///
/// # Errors
/// As [`settle`].
pub fn settle_within(
    tree: &Tree,
    root: TreeId,
    scope: &Scope,
    limits: &Limits,
) -> Result<Settled, Vec<Diagnostic>> {
    settler::settle(tree, root, scope, limits)
}
