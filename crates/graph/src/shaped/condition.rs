//! What must hold for a formula of tensors to be defined.

use crate::graph::Graph;
use crate::op::NodeId;
use crate::types::Structure;

/// A condition on tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// A condition that holds in every entry.
    Entries(NodeId),
    /// The matrix has an inverse.
    Invertible(NodeId),
    /// The determinant is positive.
    PositiveDeterminant(NodeId),
    /// The matrix is symmetric and positive definite.
    Definite(NodeId),
    /// The matrix is symmetric.
    Symmetric(NodeId),
    /// No two eigenvalues are equal.
    DistinctEigenvalues(NodeId),
    /// The columns are linearly independent.
    FullColumnRank(NodeId),
}

impl Graph {
    /// The truth value of a condition, if it is decided, and the same in every entry.
    pub fn truth_in_every_entry(&self, condition: NodeId) -> Option<bool> {
        let one = self.as_constant_tensor(condition).and_then(|(_, truth)| truth).unwrap_or(condition);
        self.as_truth(one)
    }

    /// Whether the declarations already say that a condition holds.
    pub fn is_met(&mut self, need: Need) -> bool {
        let has = |g: &mut Graph, node: NodeId, what: Structure| g.structure(node).has(what);
        match need {
            Need::Entries(node) => self.truth_in_every_entry(node) == Some(true),
            Need::Invertible(node) => {
                has(self, node, Structure::INVERTIBLE) || has(self, node, Structure::DEFINITE)
            }
            Need::PositiveDeterminant(node) => has(self, node, Structure::DEFINITE),
            Need::Definite(node) => has(self, node, Structure::DEFINITE.and(Structure::SYMMETRIC)),
            Need::Symmetric(node) => has(self, node, Structure::SYMMETRIC),
            Need::DistinctEigenvalues(_) | Need::FullColumnRank(_) => false,
        }
    }
}
