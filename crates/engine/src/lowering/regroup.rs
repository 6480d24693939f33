//! Contractions multiplied out over sums, and common factors taken out of sums of contractions, where that is cheaper.
//!
//! `Q*(x[i,:] - m)` for all rows `i` is a product of two matrices less a vector, where the differences for all rows would be
//! stored and read again. The result is the same but for rounding: where `Q*x` and `Q*m` are large and nearly equal it
//! loses digits. So it is done only where somebody asks for it.

use agnesi_graph::{Contract, Factor, Graph, Labels, NodeId, Op, Rational, SymbolId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::order::{self, Joint, Piece};
use super::size;

/// Sums of more terms than this stay as they are.
const MAX_TERMS: usize = 8;
/// Contractions of fewer trips are not worth it.
const LEAST: u128 = 4096;

/// The same nodes, in which each product over a sum is multiplied out, and each common factor of products taken out of
/// their sum, where by that fewer numbers are multiplied, added and stored. `sizes` are numbers for size symbols; what has
/// other sizes stays as it is.
///
/// The values are the same but for rounding, whose errors may be larger. Cost: that of a search for the order of each
/// product, beside what is linear in the number of nodes.
///
/// ```
/// use agnesi_engine::lowering::{lower, regroup};
/// use agnesi_graph::{Facts, Graph};
///
/// let mut g = Graph::new();
/// let (n, d) = (g.integer(1000), g.integer(10));
/// let q = g.declare("Q", Facts::REAL, [d, d].into_iter().collect());
/// let [x, y] = ["X", "Y"].map(|name| g.declare(name, Facts::REAL, [d, n].into_iter().collect()));
/// let (a, b) = (g.matmul(q, x), g.matmul(q, y));
/// let sum = g.add(a, b);
/// // Q*X + Q*Y is one product, Q*(X + Y).
/// let regrouped = regroup(&mut g, &[sum], &[]);
/// assert_ne!(regrouped, [sum]);
/// ```
pub fn regroup(graph: &mut Graph, roots: &[NodeId], sizes: &[(SymbolId, usize)]) -> Vec<NodeId> {
    let mut regrouping = Regrouping { graph, sizes: sizes.iter().copied().collect() };
    let mut all: Vec<NodeId> = roots.iter().flat_map(|root| regrouping.graph.topological(*root)).collect();
    all.sort_unstable();
    all.dedup();
    let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    for node in all {
        let mut changed = false;
        regrouping.graph.for_each_child(node, |child| changed |= done.contains_key(&child));
        let new = if changed {
            regrouping.graph.rebuild(node, &|child| done.get(&child).copied().unwrap_or(child))
        } else {
            node
        };
        let better = regrouping.better(new);
        if better != node {
            done.insert(node, better);
        }
    }
    roots.iter().map(|root| done.get(root).copied().unwrap_or(*root)).collect()
}

struct Regrouping<'g> {
    graph: &'g mut Graph,
    sizes: FxHashMap<SymbolId, usize>,
}

impl Regrouping<'_> {
    /// The node in the cheapest form that is found by one step after the other.
    fn better(&mut self, node: NodeId) -> NodeId {
        match self.graph.op(node).clone() {
            Op::Contract(_) => match self.multiplied_out(node) {
                Some(terms) => {
                    let terms: Vec<(Rational, NodeId)> =
                        terms.into_iter().map(|(c, term)| (c, self.better(term))).collect();
                    self.graph.sum(&terms)
                }
                None => node,
            },
            Op::Add(_) => self.taken_out(node).unwrap_or(node),
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Truth(_)
            | Op::Iota(_)
            | Op::Call(..)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::OneHot(..)
            | Op::Loop(_) => node,
        }
    }

    /// The terms of a contraction multiplied out over the sum where that saves most, if any.
    fn multiplied_out(&mut self, node: NodeId) -> Option<Vec<(Rational, NodeId)>> {
        let c = &self.contraction(node)?;
        if c.factors.len() < 2 {
            return None;
        }
        let sizes = self.numbers(c)?;
        let whole = self.cost(c)?;
        if whole < LEAST {
            return None;
        }
        let mut best: Option<(u128, Vec<(Rational, NodeId)>)> = None;
        for (at, factor) in c.factors.iter().enumerate() {
            let plain = factor.exponent.is_one() && matches!(self.graph.op(factor.node), Op::Add(_));
            let once = c.factors.iter().filter(|other| other.node == factor.node).count() == 1;
            if !plain || !once || factor.labels.is_empty() {
                continue;
            }
            let parts = self.graph.terms(factor.node);
            if parts.len() > MAX_TERMS {
                continue;
            }
            // The sum is stored, and read again.
            let before = whole + 2 * order::trips(factor.labels.iter(), &sizes);
            let mut after = order::trips(c.out.iter(), &sizes) * (parts.len() as u128 - 1);
            let mut terms = Vec::with_capacity(parts.len());
            for (k, part) in parts {
                let mut factors = c.factors.to_vec();
                factors[at].node = part;
                let product =
                    self.graph.contract(c.coefficient.clone(), factors, c.out.clone(), c.sizes.to_vec());
                // What has no known cost is not worth it.
                after = after.saturating_add(self.cost_of(product).unwrap_or(u128::MAX));
                terms.push((k, product));
            }
            if after < before && best.as_ref().is_none_or(|(least, _)| after < *least) {
                best = Some((after, terms));
            }
        }
        best.map(|(_, terms)| terms)
    }

    /// A sum of contractions with a factor that two or more of them share taken out, where that is cheaper.
    fn taken_out(&mut self, node: NodeId) -> Option<NodeId> {
        let mut terms = self.graph.terms(node);
        let mut changed = false;
        let mut at = 0;
        while at < terms.len() && terms.len() <= MAX_TERMS {
            match (at + 1..terms.len())
                .find_map(|other| Some((other, self.shared(&terms[at], &terms[other])?)))
            {
                Some((other, joined)) => {
                    terms.remove(other);
                    terms[at] = (Rational::ONE, joined);
                    changed = true;
                }
                None => at += 1,
            }
        }
        changed.then(|| self.graph.sum(&terms))
    }

    /// Two contractions as one of a factor that they share and the sum of their other factors.
    fn shared(&mut self, a: &(Rational, NodeId), b: &(Rational, NodeId)) -> Option<NodeId> {
        let (left, right) = (self.contraction(a.1)?, self.contraction(b.1)?);
        let before = self.cost(&left)?.saturating_add(self.cost(&right)?);
        if before < LEAST || left.factors.len() < 2 || right.factors.len() < 2 {
            return None;
        }
        for (i, factor) in left.factors.iter().enumerate() {
            let same = |other: &Factor| {
                other.node == factor.node && other.exponent == factor.exponent && !other.labels.is_empty()
            };
            let Some(j) = right.factors.iter().position(same) else { continue };
            if places(&left, i) != places(&right, j) {
                continue;
            }
            let (rest, keys) = self.beside(&left, i)?;
            let (other, other_keys) = self.beside(&right, j)?;
            if keys != other_keys || self.graph.shape(rest) != self.graph.shape(other) {
                continue;
            }
            let sum = self.graph.sum(&[(a.0.clone(), rest), (b.0.clone(), other)]);
            let labels = keys.iter().map(|key| key.label(&left, i)).collect();
            let factors = vec![factor.clone(), Factor { node: sum, labels, exponent: Rational::ONE }];
            let joined = self.graph.contract(Rational::ONE, factors, left.out.clone(), left.sizes.to_vec());
            let (Some(c), Some(room)) = (self.contraction(joined), self.entries(sum)) else { continue };
            let after = self.cost(&c)?.saturating_add(3 * room);
            if after < before {
                return Some(joined);
            }
        }
        None
    }

    /// A node as a contraction; a transpose of one is that one with its labels turned.
    fn contraction(&self, node: NodeId) -> Option<Contract> {
        let Op::Contract(c) = self.graph.op(node) else { return None };
        let [Factor { node: inner, labels, exponent }] = &c.factors[..] else {
            return Some(c.as_ref().clone());
        };
        let repeated = |labels: &Labels| (1..labels.len()).any(|i| labels[..i].contains(&labels[i]));
        let inside = match self.graph.op(*inner) {
            Op::Contract(inside) if exponent.is_one() && !repeated(labels) && !repeated(&inside.out) => {
                inside
            }
            _ => return Some(c.as_ref().clone()),
        };
        // What is inside keeps its labels behind those outside, but for its axes.
        let first = c.sizes.len();
        if first + inside.sizes.len() > usize::from(u8::MAX) {
            return Some(c.as_ref().clone());
        }
        let label = |own: &u8| match inside.out.iter().position(|out| out == own) {
            Some(axis) => labels[axis],
            None => first as u8 + own,
        };
        // A label that is gone counts for nothing.
        let one = self.graph.one();
        let own = inside.sizes.iter().enumerate();
        let own = own.map(|(label, size)| if inside.out.contains(&(label as u8)) { one } else { *size });
        let factors = inside.factors.iter();
        Some(Contract {
            coefficient: &c.coefficient * &inside.coefficient,
            factors: factors
                .map(|f| Factor { labels: f.labels.iter().map(label).collect(), ..f.clone() })
                .collect(),
            out: c.out.clone(),
            sizes: c.sizes.iter().copied().chain(own).collect(),
        })
    }

    /// A contraction without one of its factors, summed over all labels that neither that factor nor the result has; and
    /// where its axes belong.
    fn beside(&mut self, c: &Contract, at: usize) -> Option<(NodeId, Vec<Key>)> {
        let mut factors = c.factors.to_vec();
        let gone = factors.remove(at);
        let there = |label: &u8| factors.iter().any(|f| f.labels.contains(label));
        let mut keys: Vec<Key> = Vec::new();
        let mut out = Labels::new();
        for (axis, label) in gone.labels.iter().enumerate().filter(|(_, label)| there(label)) {
            if !out.contains(label) {
                out.push(*label);
                keys.push(Key::Factor(axis));
            }
        }
        for (axis, label) in c.out.iter().enumerate().filter(|(_, label)| there(label)) {
            if !out.contains(label) {
                out.push(*label);
                keys.push(Key::Out(axis));
            }
        }
        // Labels of the factor that is gone alone must not count here.
        let one = self.graph.one();
        let used = |label: u8| factors.iter().any(|f| f.labels.contains(&label));
        let sizes: Vec<NodeId> =
            (0..c.sizes.len()).map(|label| if used(label as u8) { c.sizes[label] } else { one }).collect();
        let rest = self.graph.contract(c.coefficient.clone(), factors.clone(), out, sizes);
        Some((rest, keys))
    }

    /// What a node costs if it is a contraction, or a number times one; else nothing beyond being read.
    fn cost_of(&mut self, node: NodeId) -> Option<u128> {
        let mut all = 0u128;
        for (_, term) in self.graph.terms(node) {
            all = all.saturating_add(match self.contraction(term) {
                Some(c) => self.cost(&c)?,
                None => self.entries(term)?,
            });
        }
        Some(all)
    }

    /// How many numbers are multiplied in the cheapest order of a contraction, and what its result costs to store and read;
    /// `None` where entries are picked.
    fn cost(&self, c: &Contract) -> Option<u128> {
        if c.factors.iter().any(|f| matches!(self.graph.op(f.node), Op::OneHot(..))) {
            return None;
        }
        let sizes = self.numbers(c)?;
        let joint = Joint { c: c.clone(), sizes: sizes.clone(), settled: vec![None; sizes.len()] };
        let pieces: Vec<Piece> = (0..c.factors.len()).map(|at| Piece::factor(&joint, at)).collect();
        // Axes that no factor has are a repetition, which is not stored.
        let there = |label: &&u8| pieces.iter().any(|piece| piece.labels.contains(label));
        let out: SmallVec<[u8; 6]> = c.out.iter().filter(there).copied().collect();
        let tree = order::best(&pieces, &out, &sizes, |_, _| false);
        Some(tree.cost.saturating_add(2 * order::trips(out.iter(), &sizes)))
    }

    fn numbers(&self, c: &Contract) -> Option<Vec<usize>> {
        c.sizes.iter().map(|size| self.number(*size)).collect()
    }

    fn entries(&self, node: NodeId) -> Option<u128> {
        self.graph.shape(node).iter().map(|size| Some(self.number(*size)? as u128)).product()
    }

    fn number(&self, node: NodeId) -> Option<usize> {
        size(self.graph, &self.sizes, node).ok()
    }
}

/// Of each axis of a factor, where its label stands first in the factor, and where in the result.
fn places(c: &Contract, at: usize) -> Vec<(Option<usize>, Option<usize>)> {
    let labels = &c.factors[at].labels;
    let place = |label: &u8| {
        (labels.iter().position(|other| other == label), c.out.iter().position(|other| other == label))
    };
    labels.iter().map(place).collect()
}

/// Where an axis of what stands beside a factor belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// To an axis of the factor.
    Factor(usize),
    /// To an axis of the result that the factor does not have.
    Out(usize),
}

impl Key {
    fn label(self, c: &Contract, factor: usize) -> u8 {
        match self {
            Key::Factor(axis) => c.factors[factor].labels[axis],
            Key::Out(axis) => c.out[axis],
        }
    }
}
