//! Columns one below the other: `vec(A)`, `unvec(a, n, m)`, `kron(A, B)`, `commut(m, n)`.
//!
//! In a contraction each of these is factors that a tensor of ones at `i + n*(j - 1)` joins. They are taken out, and a
//! tensor stands in their place that is written as what they are.

use super::Raiser;
use super::form::{Dims, Id};
use crate::graph::Shape;
use crate::op::{Contract, Factor, Label, Labels, NodeId, Op};
use crate::{Facts, Rational};

impl Raiser<'_> {
    /// The contraction with one of these as a tensor of its own, if there is one in it.
    pub(super) fn with_columns(&mut self, c: &Contract) -> Option<NodeId> {
        let hots: Vec<usize> = (0..c.factors.len()).filter(|at| self.is_columns(&c.factors[*at])).collect();
        for &a in &hots {
            for &b in &hots {
                if a != b
                    && let Some(found) = self.commutation(c, a, b).or_else(|| self.kronecker(c, a, b))
                {
                    return Some(found);
                }
            }
        }
        hots.into_iter().find_map(|at| self.stacked(c, at).or_else(|| self.unstacked(c, at)))
    }

    /// Whether a factor is 1 where the last axis is the place of the other two.
    fn is_columns(&mut self, f: &Factor) -> bool {
        let Op::OneHot(index, size) = *self.g.op(f.node) else { return false };
        let &[n, m] = &self.g.shape(index)[..] else { return false };
        let distinct = f.labels[0] != f.labels[1] && !f.labels[..2].contains(&f.labels[2]);
        f.exponent.is_one()
            && distinct
            && self.has_iota(index)
            && self.g.mul(n, m) == size
            && self.g.column_major(n, m) == index
    }

    fn stacked(&mut self, c: &Contract, at: usize) -> Option<NodeId> {
        let [i, j, last] = c.factors[at].labels[..] else { return None };
        let group = group(c, &[i, j], &[last], &[at]).filter(|g| !g.is_empty())?;
        let matrix = self.inner(c, &group, &[i, j])?;
        let form = self.form(matrix);
        let form = self.forms.call("vec", &[form], Dims::Column);
        self.replaced(c, &group, &[at], form, &[last])
    }

    fn unstacked(&mut self, c: &Contract, at: usize) -> Option<NodeId> {
        let [i, j, last] = c.factors[at].labels[..] else { return None };
        let group = group(c, &[last], &[i, j], &[at]).filter(|g| !g.is_empty())?;
        let vector = self.inner(c, &group, &[last])?;
        let form = self.form(vector);
        let sizes = [i, j].map(|l| self.scalar(c.sizes[l as usize]));
        let form = self.forms.call("unvec", &[form, sizes[0], sizes[1]], Dims::Matrix);
        self.replaced(c, &group, &[at], form, &[i, j])
    }

    fn kronecker(&mut self, c: &Contract, a: usize, b: usize) -> Option<NodeId> {
        let [k, i, row] = c.factors[a].labels[..] else { return None };
        let [l, j, column] = c.factors[b].labels[..] else { return None };
        let outer = group(c, &[i, j], &[k, l, row, column], &[a, b])?;
        let inner = group(c, &[k, l], &[i, j, row, column], &[a, b])?;
        // Tensors of ones are no matrices that anyone has written.
        let written = |g: &[usize], x: Label, y: Label| !g.is_empty() || x == y;
        if row == column || !written(&outer, i, j) || !written(&inner, k, l) || outer.len() + inner.len() == 0
        {
            return None;
        }
        let (x, y) = (self.inner(c, &outer, &[i, j])?, self.inner(c, &inner, &[k, l])?);
        let forms = [self.form(x), self.form(y)];
        let form = self.forms.call("kron", &forms, Dims::Matrix);
        let group: Vec<usize> = outer.into_iter().chain(inner).collect();
        self.replaced(c, &group, &[a, b], form, &[row, column])
    }

    fn commutation(&mut self, c: &Contract, a: usize, b: usize) -> Option<NodeId> {
        let [y, x, row] = c.factors[a].labels[..] else { return None };
        let [x2, y2, column] = c.factors[b].labels[..] else { return None };
        if (x, y) != (x2, y2) || row == column || !group(c, &[x, y], &[row, column], &[a, b])?.is_empty() {
            return None;
        }
        let sizes = [x, y].map(|l| self.scalar(c.sizes[l as usize]));
        let form = self.forms.call("commut", &sizes, Dims::Matrix);
        self.replaced(c, &[], &[a, b], form, &[row, column])
    }

    /// Some of the factors as a contraction of their own.
    fn inner(&mut self, c: &Contract, group: &[usize], out: &[Label]) -> Option<NodeId> {
        let factors: Vec<Factor> = group.iter().map(|at| c.factors[*at].clone()).collect();
        self.renumbered(c, Rational::ONE, factors, out)
    }

    /// The contraction with a tensor in the place of some of its factors.
    fn replaced(
        &mut self,
        c: &Contract,
        group: &[usize],
        hots: &[usize],
        form: Id,
        labels: &[Label],
    ) -> Option<NodeId> {
        let shape: Shape = labels.iter().map(|l| c.sizes[*l as usize]).collect();
        let node = match self.stand_ins.iter().find(|(_, f)| **f == form) {
            Some((node, _)) => *node,
            None => self.g.anonymous_tensor("columns", Facts::REAL, shape),
        };
        self.stand_ins.insert(node, form);
        let rest = c.factors.iter().enumerate().filter(|(at, _)| !group.contains(at) && !hots.contains(at));
        let mut factors: Vec<Factor> = rest.map(|(_, f)| f.clone()).collect();
        factors.push(Factor { node, labels: Labels::from_slice(labels), exponent: Rational::ONE });
        self.renumbered(c, c.coefficient.clone(), factors, &c.out)
    }

    fn renumbered(
        &mut self,
        c: &Contract,
        coefficient: Rational,
        factors: Vec<Factor>,
        out: &[Label],
    ) -> Option<NodeId> {
        let mut used: Vec<Label> = factors.iter().flat_map(|f| f.labels.iter().copied()).collect();
        used.extend(out);
        used.sort_unstable();
        used.dedup();
        let number = |l: &Label| used.iter().position(|u| u == l).map(|i| i as Label);
        let mut renamed = Vec::with_capacity(factors.len());
        for f in factors {
            let labels = f.labels.iter().map(number).collect::<Option<Labels>>()?;
            renamed.push(Factor { labels, ..f });
        }
        let out = out.iter().map(number).collect::<Option<Labels>>()?;
        let sizes = used.iter().map(|l| c.sizes[*l as usize]).collect();
        Some(self.g.contract(coefficient, renamed, out, sizes))
    }
}

/// The factors that summed labels join to these, which are summed too; `None` if they reach an axis of the result, or
/// one of the labels to stop at.
fn group(c: &Contract, start: &[Label], stop: &[Label], without: &[usize]) -> Option<Vec<usize>> {
    let mut labels = start.to_vec();
    let mut found: Vec<usize> = Vec::new();
    let mut next = 0;
    while next < labels.len() {
        let l = labels[next];
        next += 1;
        if c.out.contains(&l) || stop.contains(&l) {
            return None;
        }
        for (at, f) in c.factors.iter().enumerate() {
            if without.contains(&at) || found.contains(&at) || !f.labels.contains(&l) {
                continue;
            }
            found.push(at);
            for other in &f.labels {
                if !labels.contains(other) {
                    labels.push(*other);
                }
            }
        }
    }
    Some(found)
}
