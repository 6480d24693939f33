//! What two factors of a contraction make of each other: an inverse beside its matrix, an index beside itself.

use super::contract::Draft;
use crate::Rational;
use crate::graph::Graph;
use crate::op::{Factor, Label, Labels, Linear, NodeId, Op};
use crate::types::Structure;

impl Graph {
    /// Applies one law to a contraction; whether there was one.
    pub(super) fn join_laws(&mut self, draft: &mut Draft) -> bool {
        let n = draft.factors.len();
        for i in 0..n {
            if !draft.factors[i].exponent.is_one() {
                continue;
            }
            if self.drop_index(draft, i) || self.index_into_windows(draft, i) {
                return true;
            }
            for j in 0..n {
                if i != j
                    && draft.factors[j].exponent.is_one()
                    && (self.join_pair(draft, i, j) || self.index_of_index(draft, i, j))
                {
                    return true;
                }
            }
        }
        false
    }

    /// Whether a label is summed and stands in these two factors alone, once in each.
    fn joins_only(draft: &Draft, label: Label, i: usize, j: usize) -> bool {
        !draft.out.contains(&label)
            && draft.factors.iter().enumerate().all(|(k, f)| {
                let count = f.labels.iter().filter(|l| **l == label).count();
                if k == i || k == j { count == 1 } else { count == 0 }
            })
    }

    /// `inv(A)*A`, `Q'*Q`, and two equal indices joined by what they point at.
    fn join_pair(&mut self, draft: &mut Draft, i: usize, j: usize) -> bool {
        let (a, b) = (draft.factors[i].clone(), draft.factors[j].clone());
        if a.labels.len() == 2 && b.labels.len() == 2 {
            let pair = (a.labels[0], a.labels[1], b.labels[0], b.labels[1]);
            if let Some((joined, first, second)) = self.cancels(a.node, b.node, pair)
                && Graph::joins_only(draft, joined, i, j)
                && first != joined
                && second != joined
            {
                let one = self.one();
                remove_two(draft, i, j);
                draft.forget(joined, one);
                if first != second {
                    draft.unify(first, second, one);
                }
                return true;
            }
        }
        if i < j
            && let (Op::OneHot(p, _), Op::OneHot(q, _)) = (self.op(a.node), self.op(b.node))
            && p == q
            && self.injective.contains(p)
            && let (Some((last, front)), Some((other, back))) = (a.labels.split_last(), b.labels.split_last())
            && last == other
            && Graph::joins_only(draft, *last, i, j)
        {
            let one = self.one();
            remove_two(draft, i, j);
            draft.forget(*last, one);
            for (x, y) in front.iter().zip(back) {
                let (x, y) = (draft.resolve(*x), draft.resolve(*y));
                if x != y {
                    draft.unify(x, y, one);
                }
            }
            return true;
        }
        false
    }

    /// Two matrices whose product is the identity: the label that joins them and the two that are left.
    fn cancels(
        &mut self,
        a: NodeId,
        b: NodeId,
        (p, q, r, s): (Label, Label, Label, Label),
    ) -> Option<(Label, Label, Label)> {
        if let Op::Linear(Linear::Inverse, inner) = *self.op(a)
            && inner == b
        {
            let symmetric = self.is_symmetric(b);
            // inv(A)[p, q] A[r, s].
            for (p, q, r, s) in [(p, q, r, s), (q, p, r, s), (p, q, s, r), (q, p, s, r)]
                .into_iter()
                .take(if symmetric { 4 } else { 1 })
            {
                if q == r {
                    return Some((q, p, s));
                }
                if s == p {
                    return Some((s, r, q));
                }
            }
        }
        if a == b && self.structure(a).has(Structure::ORTHOGONAL) {
            if p == r {
                return Some((p, q, s));
            }
            if q == s {
                return Some((q, p, r));
            }
        }
        None
    }

    /// An index into a range of an axis is an index of the axis: `x[3..5][2]` is `x[4]`.
    fn index_of_index(&mut self, draft: &mut Draft, i: usize, j: usize) -> bool {
        let (a, b) = (draft.factors[i].clone(), draft.factors[j].clone());
        let (Op::OneHot(inner, _), Op::OneHot(outer, size)) = (self.op(a.node), self.op(b.node)) else {
            return false;
        };
        let (inner, outer, size) = (*inner, *outer, *size);
        let (Some((last, front)), &[joined, to]) = (a.labels.split_last(), &b.labels[..]) else {
            return false;
        };
        if *last != joined || to == joined || !Graph::joins_only(draft, joined, i, j) {
            return false;
        }
        let (Some((first, count)), Some((start, room))) = (self.as_range(inner), self.as_range(outer)) else {
            return false;
        };
        // What lies outside the range is no entry of it.
        let one = self.one();
        let before = self.sub(first, one);
        let behind =
            self.sum(&[(Rational::ONE, room), (Rational::MINUS_ONE, before), (Rational::MINUS_ONE, count)]);
        if !(self.bounds(before).is_nonnegative() && self.bounds(behind).is_nonnegative()) {
            return false;
        }
        let start = self.sum(&[(Rational::ONE, start), (Rational::ONE, before)]);
        let index = if self.is_scalar(inner) { start } else { self.range(start, count) };
        let node = self.one_hot(index, size);
        let mut labels: Labels = front.into();
        labels.push(to);
        remove_two(draft, i, j);
        draft.forget(joined, one);
        self.absorb(draft, Factor { node, labels, exponent: Rational::ONE }, false);
        true
    }

    /// A range of an axis along which a sum puts its terms into windows: of `[A; B]` the rows of A alone, where each
    /// window is the range or lies apart from it.
    fn index_into_windows(&mut self, draft: &mut Draft, i: usize) -> bool {
        let hot = draft.factors[i].clone();
        let Op::OneHot(range, _) = *self.op(hot.node) else { return false };
        let (Some(span), Some(last)) = (self.as_range(range), hot.labels.last().copied()) else {
            return false;
        };
        let joined = |f: &Factor| f.labels.iter().filter(|l| **l == last).count() == 1;
        let others: Vec<usize> =
            (0..draft.factors.len()).filter(|j| *j != i && joined(&draft.factors[*j])).collect();
        let &[j] = &others[..] else { return false };
        if !Graph::joins_only(draft, last, i, j) || !draft.factors[j].exponent.is_one() {
            return false;
        }
        let f = draft.factors[j].clone();
        let Op::Add(sum) = self.op(f.node).clone() else { return false };
        let Some(axis) = f.labels.iter().position(|l| *l == last) else { return false };
        // Every term puts itself into a window of this axis.
        let mut kept = Vec::new();
        for (c, term) in &sum.terms {
            let Some(window) = self.window(*term, axis) else { return false };
            if window == span {
                kept.push((c.clone(), *term));
            } else if !self.apart(window, span) {
                return false;
            }
        }
        if kept.len() == sum.terms.len() {
            return false;
        }
        let shape = self.shape(f.node).clone();
        let rest = if kept.is_empty() { self.zeros(shape) } else { self.sum(&kept) };
        let factors = std::mem::take(&mut draft.factors);
        for (k, other) in factors.into_iter().enumerate() {
            let other = if k == j { Factor { node: rest, ..other } } else { other };
            self.absorb(draft, other, false);
        }
        true
    }

    /// The first number and the count of a range of indices.
    fn as_range(&mut self, index: NodeId) -> Option<(NodeId, NodeId)> {
        let one = self.one();
        if let Op::Iota(size) = *self.op(index) {
            return Some((one, size));
        }
        if self.is_scalar(index) {
            return Some((index, one));
        }
        let Op::Add(sum) = self.op(index).clone() else { return None };
        let mut size = None;
        let mut before: Vec<(Rational, NodeId)> = vec![(Rational::ONE, one)];
        for (c, term) in &sum.terms {
            match *self.op(*term) {
                Op::Iota(n) if c.is_one() && size.is_none() => size = Some(n),
                _ => {
                    let (k, value) = self.as_constant_tensor(*term)?;
                    let value = value.unwrap_or(one);
                    before.push((c * &k, value));
                }
            }
        }
        let first = self.sum(&before);
        Some((first, size?))
    }

    /// The range of an axis into which a term is put.
    fn window(&mut self, term: NodeId, axis: usize) -> Option<(NodeId, NodeId)> {
        let Op::Contract(c) = self.op(term).clone() else { return None };
        let label = *c.out.get(axis)?;
        let hot = c
            .factors
            .iter()
            .find(|f| f.labels.last() == Some(&label) && matches!(self.op(f.node), Op::OneHot(..)))?;
        let Op::OneHot(index, _) = *self.op(hot.node) else { return None };
        self.as_range(index)
    }

    /// Whether two ranges have no number in common, for certain.
    fn apart(&mut self, a: (NodeId, NodeId), b: (NodeId, NodeId)) -> bool {
        let mut before = |(first, count): (NodeId, NodeId), (second, _): (NodeId, NodeId)| {
            // first + count <= second
            let gap = self.sum(&[
                (Rational::ONE, second),
                (Rational::MINUS_ONE, first),
                (Rational::MINUS_ONE, count),
            ]);
            self.bounds(gap).is_nonnegative()
        };
        before(a, b) || before(b, a)
    }

    /// An index whose target is summed over is 1 everywhere.
    fn drop_index(&mut self, draft: &mut Draft, i: usize) -> bool {
        let f = &draft.factors[i];
        if !matches!(self.op(f.node), Op::OneHot(..)) {
            return false;
        }
        let Some(last) = f.labels.last().copied() else { return false };
        let alone = !draft.out.contains(&last)
            && f.labels.iter().filter(|l| **l == last).count() == 1
            && draft.factors.iter().enumerate().all(|(k, g)| k == i || !g.labels.contains(&last));
        if alone {
            draft.factors.remove(i);
            // The label is gone with the factor, and is not counted.
            let one = self.one();
            draft.forget(last, one);
        }
        alone
    }
}

fn remove_two(draft: &mut Draft, i: usize, j: usize) {
    draft.factors.remove(i.max(j));
    draft.factors.remove(i.min(j));
}
