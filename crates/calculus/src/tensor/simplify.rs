//! Simplification of tensors: elementwise regions by the algebra of scalars.
//!
//! The factors of a contraction on the same axes, and every sum over all its axes, are one elementwise region. It is
//! outlined as a scalar, simplified as one, and lifted back; what meets across a sum over labels stays as it is.

use agnesi_graph::{Contract, Factor, Graph, Labels, NodeId, Op, Rational};
use rustc_hash::FxHashMap;

use crate::Simplifier;

/// Simplifies tensors of one graph; what it has seen it knows.
#[derive(Default)]
pub struct TensorSimplifier {
    scalars: Simplifier,
    done: FxHashMap<NodeId, NodeId>,
    off: bool,
}

impl TensorSimplifier {
    /// One that leaves every node as it is: for derivatives that are computed and not shown. What the rules of
    /// differentiation make shares more with what it was made of than a short formula does.
    pub fn unchanging() -> TensorSimplifier {
        TensorSimplifier { off: true, ..TensorSimplifier::default() }
    }

    /// The node in a shorter form with the same value wherever it was defined.
    pub fn simplify(&mut self, g: &mut Graph, root: NodeId) -> NodeId {
        if self.off {
            return root;
        }
        if let Some(done) = self.done.get(&root) {
            return *done;
        }
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if self.done.contains_key(&top) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            let done = &self.done;
            g.for_each_child(top, |c| {
                if !done.contains_key(&c) {
                    stack.push(c);
                }
            });
            if stack.len() > before {
                continue;
            }
            stack.pop();
            let mut changed = false;
            g.for_each_child(top, |c| changed |= done.get(&c).is_some_and(|n| *n != c));
            let rebuilt = if changed { g.rebuild(top, &|n| done.get(&n).copied().unwrap_or(n)) } else { top };
            let simple = self.one(g, rebuilt);
            self.done.insert(top, simple);
            self.done.insert(simple, simple);
        }
        self.done.get(&root).copied().unwrap_or(root)
    }

    /// A node whose children are simple.
    fn one(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        match g.op(node).clone() {
            Op::Contract(c) if !c.sizes.is_empty() => {
                let grouped = self.groups(g, &c);
                self.region(g, grouped)
            }
            _ => self.region(g, node),
        }
    }

    /// An elementwise region as a scalar, simplified.
    fn region(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        if g.is_scalar(node) {
            return self.scalar(g, node);
        }
        let kernel = g.outline(node);
        if matches!(g.op(kernel), Op::Symbol(_)) {
            return node;
        }
        let simple = self.scalar(g, kernel);
        if simple == kernel {
            return node;
        }
        let shape = g.shape(node).clone();
        g.lift(simple, &shape)
    }

    fn scalar(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        // The scalar simplifier looks below the tensors that a scalar contains, where there is nothing for it.
        let opaque = self.opaque(g, node);
        if opaque.is_empty() {
            return self.scalars.simplify(g, node);
        }
        let mut hidden: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        let mut names: Vec<(NodeId, NodeId)> = Vec::new();
        for inner in opaque {
            let symbol = g.entry(inner);
            hidden.insert(inner, symbol);
            names.push((symbol, inner));
        }
        let outside = replace(g, node, &hidden);
        let simple = self.scalars.simplify(g, outside);
        let back: FxHashMap<NodeId, NodeId> = names.into_iter().collect();
        replace(g, simple, &back)
    }

    /// The scalars below a scalar that are computed from tensors.
    fn opaque(&self, g: &Graph, node: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![node];
        while let Some(at) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            let mut tensors = matches!(g.op(at), Op::Loop(_));
            g.for_each_child(at, |c| tensors |= !g.is_scalar(c));
            if tensors {
                found.push(at);
            } else {
                g.for_each_child(at, |c| stack.push(c));
            }
        }
        found
    }

    /// Factors on the same axes as one factor, simplified.
    fn groups(&mut self, g: &mut Graph, c: &Contract) -> NodeId {
        let mut groups: Vec<(Labels, Vec<Factor>)> = Vec::new();
        for f in &c.factors {
            let mut key = f.labels.clone();
            key.sort_unstable();
            match groups.iter_mut().find(|(k, _)| *k == key) {
                Some((_, list)) => list.push(f.clone()),
                None => groups.push((key, vec![f.clone()])),
            }
        }
        let mut factors = Vec::new();
        for (key, list) in groups {
            let plain = key.is_empty() || list.len() < 2 || (1..key.len()).any(|i| key[i - 1] == key[i]);
            if plain {
                factors.extend(list);
                continue;
            }
            // The order of axes of the first factor.
            let out = list[0].labels.clone();
            let sizes: Vec<NodeId> = c.sizes.to_vec();
            let product = g.contract(Rational::ONE, list.clone(), out.clone(), sized(g, &sizes, &out));
            let simple = self.region(g, product);
            if simple == product {
                factors.extend(list);
            } else {
                factors.push(Factor { node: simple, labels: out, exponent: Rational::ONE });
            }
        }
        g.contract(c.coefficient.clone(), factors, c.out.clone(), c.sizes.to_vec())
    }
}

/// The sizes with those of labels that are not in use set to 1, so that they are not counted.
fn sized(g: &Graph, sizes: &[NodeId], used: &Labels) -> Vec<NodeId> {
    sizes.iter().enumerate().map(|(l, s)| if used.contains(&(l as u8)) { *s } else { g.one() }).collect()
}

/// A node with others in place of some, in normal form; what is replaced is not looked into.
fn replace(g: &mut Graph, root: NodeId, with: &FxHashMap<NodeId, NodeId>) -> NodeId {
    let mut done: FxHashMap<NodeId, NodeId> = with.clone();
    let mut stack = vec![root];
    while let Some(&top) = stack.last() {
        if done.contains_key(&top) {
            stack.pop();
            continue;
        }
        let before = stack.len();
        g.for_each_child(top, |c| {
            if !done.contains_key(&c) {
                stack.push(c);
            }
        });
        if stack.len() > before {
            continue;
        }
        stack.pop();
        let mut changed = false;
        g.for_each_child(top, |c| changed |= done.get(&c).is_some_and(|n| *n != c));
        let new = if changed { g.rebuild(top, &|n| done.get(&n).copied().unwrap_or(n)) } else { top };
        done.insert(top, new);
    }
    done[&root]
}
