//! Contractions that write few entries of a tensor: the gradient of `x[i + 1]`, a diagonal matrix.

use agnesi_graph::{Contract, Factor, Labels, NodeId, Op, Rational};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::{LowerError, Lowering, View};
use crate::ir::{How, Step, TensorId, Value};

impl Lowering<'_> {
    /// Whether a node writes few entries of a tensor, itself or by its terms.
    pub(super) fn is_scatter(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Contract(c) => match self.scaled(c) {
                Some(inner) => self.is_own(inner) && self.is_scatter(inner),
                None => self.scatters(c),
            },
            Op::Add(sum) => {
                !self.graph.is_scalar(node)
                    && sum.terms.iter().any(|(_, term)| self.is_own(*term) && self.is_scatter(*term))
            }
            Op::OneHot(..) => true,
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Call(..)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::Loop(_) => false,
        }
    }

    /// Whether nobody else reads a node.
    fn is_own(&self, node: NodeId) -> bool {
        !self.shared.contains(&node) && !self.stored.contains_key(&node)
    }

    /// Whether most entries of the result are 0: an axis of it is picked by an index, or two are the same.
    fn scatters(&self, c: &Contract) -> bool {
        let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
        repeated
            || c.factors.iter().any(|f| {
                matches!(self.graph.op(f.node), Op::OneHot(..))
                    && f.labels
                        .split_last()
                        .is_some_and(|(last, front)| c.out.contains(last) && !front.contains(last))
            })
    }

    /// The node that a contraction only multiplies by a number.
    fn scaled(&self, c: &Contract) -> Option<NodeId> {
        match &c.factors[..] {
            [f] if f.exponent.is_one() && f.labels == c.out && !c.out.is_empty() => Some(f.node),
            _ => None,
        }
    }

    /// All terms of a node added up in one tensor.
    pub(super) fn scatter(&mut self, node: NodeId) -> Result<View, LowerError> {
        let tensor = self.declare(self.shape(node)?, Some(0.0))?;
        self.add_up(node, 1.0, tensor)?;
        Ok(self.whole(tensor))
    }

    /// Adds nodes of its shape, times numbers, to a tensor.
    pub(super) fn add_terms(&mut self, terms: &[(f64, NodeId)], tensor: TensorId) -> Result<(), LowerError> {
        let (picked, plain): (Vec<_>, Vec<_>) =
            terms.iter().copied().partition(|(_, term)| self.is_own(*term) && self.is_scatter(*term));
        if !plain.is_empty() {
            let shape = self.program.tensor(tensor).shape.clone();
            let mut builder = Builder::new(&shape);
            let at: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
            let mut total: Option<Value> = None;
            for (c, term) in plain {
                let value = self.value(&mut builder, term, &at)?;
                let value = builder.scale(value, c);
                total = Some(total.map_or(value, |total| builder.add(total, value)));
            }
            if let Some(total) = total {
                let to = builder.whole(tensor, &shape);
                builder.write(total, to, How::Add);
                self.steps.push(Step::Nest(builder.nest));
            }
        }
        picked.into_iter().try_for_each(|(c, term)| self.add_up(term, c, tensor))
    }

    fn add_up(&mut self, node: NodeId, scale: f64, tensor: TensorId) -> Result<(), LowerError> {
        let graph = self.graph;
        match graph.op(node) {
            Op::Contract(c) => match self.scaled(c) {
                Some(inner) => self.add_up(inner, scale * c.coefficient.to_f64(), tensor),
                None => self.nest_of(c, scale * c.coefficient.to_f64(), &self.whole(tensor), How::Add),
            },
            Op::Add(sum) => {
                let terms: Vec<(f64, NodeId)> =
                    sum.terms.iter().map(|(c, term)| (scale * c.to_f64(), *term)).collect();
                self.add_terms(&terms, tensor)
            }
            Op::OneHot(..) => {
                let sizes = graph.shape(node);
                let labels: Labels = (0..sizes.len() as u8).collect();
                let factor = Factor { node, labels: labels.clone(), exponent: Rational::ONE };
                let alone = Contract {
                    coefficient: Rational::ONE,
                    factors: SmallVec::from_iter([factor]),
                    out: labels,
                    sizes: SmallVec::from_slice(sizes),
                };
                self.nest_of(&alone, scale, &self.whole(tensor), How::Add)
            }
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Call(..)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::Loop(_) => Err(LowerError::Unsupported("this sum".into())),
        }
    }
}
