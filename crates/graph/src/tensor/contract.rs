//! Contractions of tensors in normal form (Einstein's notation).
//!
//! Scalars among the factors go through [`Graph::product`]; this file is about labels. The steps are: absorb inner
//! contractions, merge equal factors, split what no summed label joins, and give labels canonical numbers.

use smallvec::smallvec;

use super::canonical::canonical_labels;
use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::op::{Contract, Factor, Label, Labels, NodeId, Op, Sum};

/// Without a summed label inside, a contraction is absorbed up to so many factors together.
const MAX_FLAT: usize = 48;
/// With one, up to so many: what flattening unshares is recovered when contractions are ordered.
const MAX_SUMMED: usize = 12;

/// A contraction under construction.
pub(super) struct Draft {
    coefficient: Rational,
    scalars: Vec<(NodeId, Rational)>,
    pub(super) factors: Vec<Factor>,
    pub(super) out: Labels,
    sizes: Vec<NodeId>,
    /// What a label has been unified with.
    alias: Vec<Label>,
}

impl Draft {
    pub(super) fn resolve(&self, mut label: Label) -> Label {
        while self.alias[label as usize] != label {
            label = self.alias[label as usize];
        }
        label
    }

    fn fresh(&mut self, size: NodeId) -> Label {
        let label = self.sizes.len() as Label;
        self.sizes.push(size);
        self.alias.push(label);
        label
    }

    /// A summed label that is gone: a size of 1 counts for nothing.
    pub(super) fn forget(&mut self, label: Label, one: NodeId) {
        self.sizes[label as usize] = one;
    }

    /// Makes two labels one, as a delta between them says; a size of 1 marks the one that is gone.
    pub(super) fn unify(&mut self, gone: Label, kept: Label, one: NodeId) {
        self.alias[gone as usize] = kept;
        let rename = |labels: &mut Labels| labels.iter_mut().filter(|l| **l == gone).for_each(|l| *l = kept);
        self.factors.iter_mut().for_each(|f| rename(&mut f.labels));
        rename(&mut self.out);
        self.sizes[gone as usize] = one;
    }
}

impl Graph {
    /// `result[out] = coefficient * sum over labels not in out of prod factor[labels]^exponent`, in normal form.
    ///
    /// `sizes[l]` is the size of label `l`. At most 250 labels.
    pub fn contract(
        &mut self,
        coefficient: Rational,
        factors: Vec<Factor>,
        out: Labels,
        sizes: Vec<NodeId>,
    ) -> NodeId {
        let alias = (0..sizes.len() as Label).collect();
        let mut draft = Draft { coefficient, scalars: Vec::new(), factors: Vec::new(), out, sizes, alias };
        let only = factors.len() == 1;
        for factor in factors {
            self.absorb(&mut draft, factor, only);
        }
        self.merge_equal(&mut draft);
        while self.join_laws(&mut draft) {
            self.merge_equal(&mut draft);
        }
        // A summed label that no factor has counts its own size.
        for label in 0..draft.sizes.len() as Label {
            let used = draft.out.contains(&label) || draft.factors.iter().any(|f| f.labels.contains(&label));
            if !used {
                draft.scalars.push((draft.sizes[label as usize], Rational::ONE));
            }
        }
        let scalar = self.product(draft.coefficient.clone(), &draft.scalars);
        if draft.factors.is_empty() && draft.out.is_empty() {
            return scalar;
        }
        let (c, core) = self.split_coefficient(scalar);
        draft.coefficient = c;
        draft.scalars.clear();
        if core != self.one() {
            match self.op(core) {
                Op::Contract(c) if c.sizes.is_empty() => {
                    draft.scalars.extend(c.factors.iter().map(|f| (f.node, f.exponent.clone())))
                }
                _ => draft.scalars.push((core, Rational::ONE)),
            }
        }
        if draft.coefficient.is_zero() {
            draft.scalars.clear();
            draft.factors.clear();
        }
        self.split_components(&mut draft);
        self.finish(draft)
    }

    /// A tensor of the same value everywhere.
    pub fn broadcast(&mut self, scalar: NodeId, shape: &Shape) -> NodeId {
        if shape.is_empty() {
            return scalar;
        }
        let out = (0..shape.len() as Label).collect();
        self.contract(Rational::ONE, vec![Factor::scalar(scalar, Rational::ONE)], out, shape.to_vec())
    }

    /// A tensor of zeros.
    pub fn zeros(&mut self, shape: Shape) -> NodeId {
        let zero = self.zero();
        if shape.is_empty() { zero } else { self.broadcast(zero, &shape) }
    }

    pub(crate) fn scale_tensor(&mut self, c: Rational, a: NodeId) -> NodeId {
        let sizes = self.shape(a).to_vec();
        let labels: Labels = (0..sizes.len() as Label).collect();
        let factor = Factor { node: a, labels: labels.clone(), exponent: Rational::ONE };
        self.contract(c, vec![factor], labels, sizes)
    }

    /// The node with its axes in another order: axis `i` of the result is axis `permutation[i]` of the node.
    pub fn permute(&mut self, node: NodeId, permutation: &[usize]) -> NodeId {
        let sizes = self.shape(node).to_vec();
        let labels: Labels = (0..sizes.len() as Label).collect();
        let out = permutation.iter().map(|&i| i as Label).collect();
        self.contract(Rational::ONE, vec![Factor { node, labels, exponent: Rational::ONE }], out, sizes)
    }

    /// A sum of tensors: of the orders of its axes the one with the smallest encoding is the node, so that a matrix
    /// and its transpose are one node seen twice.
    pub(crate) fn intern_tensor_sum(&mut self, sum: Sum, shape: Shape) -> NodeId {
        let rank = shape.len();
        let identity: Vec<usize> = (0..rank).collect();
        let first = sum.terms.clone();
        let mut best = (sum, identity);
        for permutation in permutations(rank).into_iter().skip(1) {
            let mut terms: Vec<(NodeId, Rational, u32)> =
                first.iter().enumerate().map(|(i, (c, n))| (*n, c.clone(), i as u32)).collect();
            terms.iter_mut().for_each(|t| t.0 = self.permute(t.0, &permutation));
            terms.sort();
            // The first coefficient stays positive whatever the order, or the sum would change its sign.
            if terms[0].1.is_negative() || !terms.iter().map(|t| t.0).lt(best.0.terms.iter().map(|t| t.1)) {
                continue;
            }
            let mut order: Vec<(u32, u32)> = terms.iter().enumerate().map(|(i, t)| (t.2, i as u32)).collect();
            order.sort_unstable();
            let candidate = Sum {
                terms: terms.into_iter().map(|(n, c, _)| (c, n)).collect(),
                order: order.into_iter().map(|(_, i)| i).collect(),
                flipped: best.0.flipped,
            };
            best = (candidate, permutation);
        }
        let (sum, permutation) = best;
        let permuted: Shape = permutation.iter().map(|&i| shape[i]).collect();
        let node = self.intern_sum(sum, permuted);
        if permutation.iter().enumerate().all(|(i, &p)| i == p) {
            node
        } else {
            self.permute(node, &inverse(&permutation))
        }
    }

    pub(super) fn absorb(&mut self, draft: &mut Draft, factor: Factor, only: bool) {
        let Factor { node, mut labels, exponent: e } = factor;
        labels.iter_mut().for_each(|l| *l = draft.resolve(*l));
        if e.is_zero() {
            return;
        }
        if labels.is_empty() {
            draft.scalars.push((node, e));
            return;
        }
        let Op::Contract(c) = self.op(node) else {
            draft.factors.push(Factor { node, labels, exponent: e });
            return;
        };
        let inner = Contract::clone(c);
        let summed_inside = (0..inner.sizes.len() as Label).any(|l| !inner.out.contains(&l));
        let repeats = (1..inner.out.len()).any(|i| inner.out[..i].contains(&inner.out[i]));
        let summed_here = labels.iter().any(|l| !draft.out.contains(l));
        let together = draft.factors.len() + inner.factors.len();
        let absorbable = if e.is_one() {
            only || (!summed_inside && together <= MAX_FLAT) || (summed_here && together <= MAX_SUMMED)
        } else {
            e.is_integer() && !summed_inside && !repeats
        };
        if !absorbable || draft.sizes.len() + inner.sizes.len() > 250 {
            draft.factors.push(Factor { node, labels, exponent: e });
            return;
        }
        // Inner outputs become the labels given here, where one is repeated they are unified, the rest is fresh.
        let mut rename: Vec<Option<Label>> = vec![None; inner.sizes.len()];
        for (axis, &l) in inner.out.iter().enumerate() {
            match rename[l as usize] {
                None => rename[l as usize] = Some(labels[axis]),
                Some(kept) => {
                    let (kept, gone) = (draft.resolve(kept), draft.resolve(labels[axis]));
                    if kept != gone {
                        draft.unify(gone, kept, self.one());
                    }
                }
            }
        }
        let fresh: Labels = rename
            .iter()
            .enumerate()
            .map(|(i, name)| match name {
                Some(label) => draft.resolve(*label),
                None => draft.fresh(inner.sizes[i]),
            })
            .collect();
        draft.scalars.push((self.number(inner.coefficient), e.clone()));
        for f in inner.factors {
            let labels: Labels = f.labels.iter().map(|&l| fresh[l as usize]).collect();
            let exponent = &f.exponent * &e;
            if f.labels.is_empty() {
                draft.scalars.push((f.node, exponent));
            } else {
                self.absorb(draft, Factor { node: f.node, labels, exponent }, false);
            }
        }
    }

    fn merge_equal(&mut self, draft: &mut Draft) {
        // The axes of a symmetric matrix have no order.
        for f in &mut draft.factors {
            if self.is_symmetric(f.node) {
                sort_last(&mut f.labels);
            }
        }
        draft.factors.sort();
        let mut merged: Vec<Factor> = Vec::with_capacity(draft.factors.len());
        for factor in std::mem::take(&mut draft.factors) {
            match merged.last_mut() {
                Some(last) if last.node == factor.node && last.labels == factor.labels => {
                    last.exponent = &last.exponent + &factor.exponent;
                }
                _ => merged.push(factor),
            }
        }
        merged.retain(|f| !f.exponent.is_zero());
        draft.factors = merged;
    }

    /// Factors that no summed label joins are nodes of their own.
    fn split_components(&mut self, draft: &mut Draft) {
        let summed = |l: &Label, out: &Labels| !out.contains(l);
        let n = draft.factors.len();
        let mut component: Vec<usize> = (0..n).collect();
        for label in 0..draft.sizes.len() as Label {
            if draft.out.contains(&label) {
                continue;
            }
            let members: Vec<usize> = (0..n).filter(|&i| draft.factors[i].labels.contains(&label)).collect();
            for pair in members.windows(2) {
                let (a, b) = (component[pair[0]], component[pair[1]]);
                component.iter_mut().filter(|c| **c == b).for_each(|c| *c = a);
            }
        }
        let mut groups: Vec<usize> = component.clone();
        groups.sort_unstable();
        groups.dedup();
        let repeated = (1..draft.out.len()).any(|i| draft.out[..i].contains(&draft.out[i]));
        let broadcast = draft.out.iter().any(|l| !draft.factors.iter().any(|f| f.labels.contains(l)));
        let plain = draft.coefficient.is_one() && draft.scalars.is_empty();
        if groups.len() <= 1 && plain && !repeated && !broadcast {
            return;
        }
        let mut kept = Vec::new();
        for group in groups {
            let members: Vec<usize> = (0..n).filter(|&i| component[i] == group).collect();
            let has_sum =
                members.iter().any(|&i| draft.factors[i].labels.iter().any(|l| summed(l, &draft.out)));
            if !has_sum {
                kept.extend(members.iter().map(|&i| draft.factors[i].clone()));
                continue;
            }
            let factors: Vec<Factor> = members.iter().map(|&i| draft.factors[i].clone()).collect();
            let mut outer: Labels = Labels::new();
            for f in &factors {
                for &l in &f.labels {
                    if draft.out.contains(&l) && !outer.contains(&l) {
                        outer.push(l);
                    }
                }
            }
            let (node, labels) = self.intern_canonical(factors, outer, &draft.sizes);
            if labels.is_empty() {
                draft.scalars.push((node, Rational::ONE));
            } else {
                kept.push(Factor { node, labels, exponent: Rational::ONE });
            }
        }
        draft.factors = kept;
        self.merge_equal(draft);
    }

    /// Interns one component, its axes in canonical order; returns the labels of those axes here.
    fn intern_canonical(
        &mut self,
        factors: Vec<Factor>,
        outer: Labels,
        sizes: &[NodeId],
    ) -> (NodeId, Labels) {
        if let [f] = &factors[..]
            && f.exponent.is_one()
            && f.labels == outer
        {
            return (f.node, outer);
        }
        let symmetric: Vec<NodeId> =
            factors.iter().map(|f| f.node).filter(|n| self.is_symmetric(*n)).collect();
        let form = canonical_labels(&factors, &outer, sizes, false, &symmetric);
        let axes: Labels = form.out.iter().map(|&new| form.old[new as usize]).collect();
        let shape: Shape = form.out.iter().map(|&l| form.sizes[l as usize]).collect();
        let contract = Contract {
            coefficient: Rational::ONE,
            factors: form.factors.into(),
            out: form.out,
            sizes: form.sizes,
        };
        let scalar = shape.is_empty();
        let node = self.intern_contract(contract, shape);
        (node, if scalar { smallvec![] } else { axes })
    }

    fn finish(&mut self, draft: Draft) -> NodeId {
        let Draft { coefficient, scalars, mut factors, out, sizes, .. } = draft;
        if out.is_empty() && factors.is_empty() {
            return self.product(coefficient, &scalars);
        }
        if coefficient.is_one()
            && scalars.is_empty()
            && let [f] = &factors[..]
            && f.exponent.is_one()
            && !(1..out.len()).any(|i| out[..i].contains(&out[i]))
        {
            let mut turned = out.clone();
            if self.is_symmetric(f.node) {
                sort_last(&mut turned);
            }
            if f.labels == out || f.labels == turned {
                return f.node;
            }
        }
        factors.extend(scalars.into_iter().map(|(n, e)| Factor::scalar(n, e)));
        let symmetric: Vec<NodeId> =
            factors.iter().map(|f| f.node).filter(|n| self.is_symmetric(*n)).collect();
        let form = canonical_labels(&factors, &out, &sizes, true, &symmetric);
        let shape: Shape = form.out.iter().map(|&l| form.sizes[l as usize]).collect();
        let contract =
            Contract { coefficient, factors: form.factors.into(), out: form.out, sizes: form.sizes };
        self.intern_contract(contract, shape)
    }
}

/// Brings the last two labels in order.
fn sort_last(labels: &mut Labels) {
    let n = labels.len();
    if n >= 2 && labels[n - 2] > labels[n - 1] {
        labels.swap(n - 2, n - 1);
    }
}

fn inverse(permutation: &[usize]) -> Vec<usize> {
    let mut back = vec![0; permutation.len()];
    permutation.iter().enumerate().for_each(|(i, &p)| back[p] = i);
    back
}

fn permutations(rank: usize) -> Vec<Vec<usize>> {
    match rank {
        2 => vec![vec![0, 1], vec![1, 0]],
        3 => vec![vec![0, 1, 2], vec![0, 2, 1], vec![1, 0, 2], vec![1, 2, 0], vec![2, 0, 1], vec![2, 1, 0]],
        n => vec![(0..n).collect()],
    }
}
