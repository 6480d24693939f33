//! A formula of one node, the parameter, written again and again with other nodes in its place.

use agnesi_graph::{Graph, NodeId, Op, Rational, SymbolId};
use smallvec::SmallVec;

/// A formula, and the nodes of it that hold the parameter.
pub(crate) struct Template {
    formula: NodeId,
    parameter: NodeId,
    /// Those above the parameter, children before parents.
    nodes: Vec<NodeId>,
    /// What they were written as last.
    written: Vec<NodeId>,
}

impl Template {
    /// The symbol enters the formula through the parameter alone, and may be it.
    pub(crate) fn new(g: &Graph, formula: NodeId, symbol: SymbolId, parameter: NodeId) -> Template {
        let holds = |node| node != parameter && g.may_contain(node, symbol);
        let nodes = if holds(formula) { g.topological_where(formula, holds) } else { Vec::new() };
        Template { formula, parameter, written: Vec::with_capacity(nodes.len()), nodes }
    }

    /// The formula with a node for its parameter, in normal form.
    pub(crate) fn write(&mut self, g: &mut Graph, inner: NodeId) -> NodeId {
        self.written.clear();
        for &node in &self.nodes {
            let new = g.rebuild(node, &|child| self.place(child, inner));
            self.written.push(new);
        }
        self.place(self.formula, inner)
    }

    /// What stands for a node of the formula, as far as it is written.
    fn place(&self, node: NodeId, inner: NodeId) -> NodeId {
        if node == self.parameter {
            return inner;
        }
        match self.nodes.binary_search(&node) {
            Ok(at) => self.written[at],
            Err(_) => node,
        }
    }

    /// The nodes written last that have the form they have in the formula: below them, too, node for node the same
    /// operations. Each with its place in the formula. A sum that was the parameter's may have its terms spread among
    /// those of a sum, if so allowed.
    pub(crate) fn alike(&self, g: &Graph, inner: NodeId, spread: bool) -> SmallVec<[(usize, NodeId); 16]> {
        let mut alike: SmallVec<[(usize, NodeId); 16]> = SmallVec::new();
        for (at, (&old, &new)) in self.nodes.iter().zip(&self.written).enumerate() {
            let place = |node| match self.nodes.binary_search(&node) {
                Ok(child) => alike.iter().find(|(own, _)| *own == child).map(|(_, new)| *new),
                Err(_) if node == self.parameter => Some(inner),
                Err(_) => Some(node),
            };
            let spread = spread.then_some(self.parameter);
            if has_form(g, old, new, &place, spread) {
                alike.push((at, new));
            }
        }
        alike
    }
}

/// Whether a scalar node is another one with each child in its place. The sum in one child's place may be spread.
fn has_form(
    g: &Graph,
    old: NodeId,
    new: NodeId,
    place: &dyn Fn(NodeId) -> Option<NodeId>,
    spread: Option<NodeId>,
) -> bool {
    match g.op(old) {
        Op::Add(old) => {
            let Op::Add(new) = g.op(new) else { return false };
            let mut count = 0;
            let mut has = |c: &Rational, node| {
                count += 1;
                new.terms.iter().any(|(k, other)| *other == node && k == c)
            };
            let kept = old.terms.iter().all(|(c, node)| {
                let Some(placed) = place(*node) else { return false };
                if Some(*node) == spread
                    && let Op::Add(inner) = g.op(placed)
                {
                    return inner.terms.iter().all(|(k, term)| has(&(c * k), *term));
                }
                has(c, placed)
            });
            kept && count == new.terms.len()
        }
        Op::Contract(old) => {
            let Op::Contract(new) = g.op(new) else { return false };
            let scalars = old.sizes.is_empty() && new.sizes.is_empty();
            scalars
                && old.coefficient == new.coefficient
                && old.factors.len() == new.factors.len()
                && old.factors.iter().all(|f| {
                    let placed = place(f.node);
                    new.factors.iter().any(|other| Some(other.node) == placed && other.exponent == f.exponent)
                })
        }
        Op::Call(f, old) => {
            let Op::Call(h, new) = g.op(new) else { return false };
            f == h && old.len() == new.len() && old.iter().zip(new).all(|(a, b)| place(*a) == Some(*b))
        }
        // They are left to the simplifier.
        Op::Symbol(_)
        | Op::Constant(_)
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
        | Op::OneHot(..)
        | Op::Loop(_) => false,
    }
}
