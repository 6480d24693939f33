//! What two factors of a contraction make of each other: an inverse beside its matrix, an index beside itself.

use super::contract::Draft;
use crate::graph::Graph;
use crate::op::{Label, Linear, NodeId, Op};
use crate::types::Structure;

impl Graph {
    /// Applies one law to a contraction; whether there was one.
    pub(super) fn join_laws(&mut self, draft: &mut Draft) -> bool {
        let n = draft.factors.len();
        for i in 0..n {
            if !draft.factors[i].exponent.is_one() {
                continue;
            }
            if self.drop_index(draft, i) {
                return true;
            }
            for j in 0..n {
                if i != j && draft.factors[j].exponent.is_one() && self.join_pair(draft, i, j) {
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
