//! Signs go where they are read best: `X.T @ (X @ w - y)` for what the graph has as `-(X.T @ (y - X @ w))`.

use agnesi_graph::{Graph, NodeId, Op};
use rustc_hash::{FxHashMap, FxHashSet};

/// The nodes to compute with the opposite sign: sums that were written so, and the contractions that a sign would
/// otherwise stand before, where all that have them can take the sign into a coefficient of their own.
pub(super) fn flipped(graph: &Graph, nodes: &[NodeId], outputs: &[(&str, NodeId)]) -> FxHashSet<NodeId> {
    let mut fixed: FxHashSet<NodeId> = outputs.iter().map(|(_, node)| *node).collect();
    let mut wanted: FxHashMap<NodeId, usize> = FxHashMap::default();
    for &node in nodes {
        match graph.op(node) {
            Op::Add(_) => {}
            Op::Contract(c) => {
                fixed.extend(c.sizes.iter().copied());
                fixed.extend(c.factors.iter().filter(|f| !f.exponent.is_integer()).map(|f| f.node));
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
            | Op::OneHot(..)
            | Op::Loop(_) => graph.for_each_child(node, |child| {
                fixed.insert(child);
            }),
        }
        graph.for_each_child(node, |child| *wanted.entry(child).or_default() += 1);
    }
    let mut flipped = FxHashSet::default();
    for &node in nodes {
        if fixed.contains(&node) || !wanted.contains_key(&node) {
            continue;
        }
        let flip = match graph.op(node) {
            Op::Add(sum) => sum.flipped,
            // A number is no product.
            Op::Contract(c) if c.factors.is_empty() => false,
            Op::Contract(c) => {
                let odd = |exponent: &agnesi_graph::Rational| !exponent.numerator_even();
                let signs = c.factors.iter().filter(|f| odd(&f.exponent) && flipped.contains(&f.node));
                c.coefficient.is_negative() != (signs.count() % 2 == 1)
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
            | Op::OneHot(..)
            | Op::Loop(_) => false,
        };
        if flip {
            flipped.insert(node);
        }
    }
    flipped
}
