//! Index notation: entries and slices of nodes, and tensors given entry by entry.

use super::Raiser;
use super::form::{Dims, Form, Id};
use super::product::Product;
use crate::Rational;
use crate::graph::Shape;
use crate::op::{NodeId, Op, Reduction};

/// Beyond so many entries of entries, what has at most two axes is indexed from outside.
const MAX_DEPTH: u32 = 24;

impl Raiser<'_> {
    /// A node with some of its axes at indices; the others are left, two at most.
    pub(super) fn entry(&mut self, node: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        let rank = binds.len();
        let free = binds.iter().filter(|b| b.is_none()).count();
        if free > 2 {
            return None;
        }
        if free == rank {
            return Some(self.form(node));
        }
        // From outside: `(A*x)[i]`; not while the whole is itself given by its entries.
        let plain = self.g.as_symbol(node).is_none() && !self.is_condition(node);
        let outside = if rank <= 2 && plain && !self.writing.contains(&node) {
            let whole = self.form(node);
            (!self.forms.has_entries(whole)).then(|| self.at(whole, binds, Dims::of_rank(free)))
        } else {
            None
        };
        if self.depth >= MAX_DEPTH && outside.is_some() {
            return outside;
        }
        self.depth += 1;
        let inside = self.compose(node, binds);
        self.depth -= 1;
        match (inside, outside) {
            (Some(a), Some(b)) => Some(if self.forms.cost(b) < self.forms.cost(a) { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// `base[i,:]`
    pub(super) fn at(&mut self, base: Id, binds: &[Option<Id>], dims: Dims) -> Id {
        let colon = self.forms.make(Form::Colon, Dims::Scalar);
        let slots = binds.iter().map(|b| b.unwrap_or(colon)).collect();
        self.forms.make(Form::At(base, slots), dims)
    }

    /// A tensor by its entries: `[x[i]*y[j]*z[k] for i in 1..n, j in 1..m, k in 1..p]`, with as few indices as it
    /// takes where that is shorter.
    pub(super) fn comprehension(&mut self, node: NodeId) -> Option<Id> {
        let shape: Shape = self.g.shape(node).clone();
        let rank = shape.len();
        let first = self.indices;
        let mut best: Option<Id> = None;
        for bound in rank.saturating_sub(2).max(1)..=rank {
            self.indices = first;
            let mut binds: Vec<Option<Id>> =
                shape[..bound].iter().map(|n| Some(self.new_index(*n))).collect();
            binds.resize(rank, None);
            let Some(body) = self.entry(node, &binds) else { continue };
            let mut binders = Vec::new();
            for (i, size) in shape[..bound].iter().enumerate() {
                binders.push((first + i as u8, self.scalar(*size)));
            }
            let dims = Dims::of_rank(rank);
            let whole = self.forms.make(Form::For(body, binders.clone().into()), dims);
            // A number in front of what would need brackets stands before the whole.
            let mut product = self.forms.split(body);
            let outside = Product { number: product.number.clone(), ..Product::one() };
            product.number = Rational::ONE;
            let body = self.forms.build(&product);
            let inner = self.forms.make(Form::For(body, binders.into()), dims);
            let outside = self.forms.build(&Product { tensor: Some(inner), ..outside });
            for id in [whole, outside] {
                if best.is_none_or(|b| self.forms.cost(id) < self.forms.cost(b)) {
                    best = Some(id);
                }
            }
        }
        self.indices = first;
        best
    }

    /// A reduction of the last axes of a node whose other axes stand as `binds` says.
    pub(super) fn reduction(
        &mut self,
        how: Reduction,
        inner: NodeId,
        axes: usize,
        binds: &[Option<Id>],
    ) -> Option<Id> {
        let kept = binds.iter().filter(|b| b.is_none()).count();
        let dims = Dims::of_rank(kept);
        let name = how.name();
        if kept + axes <= 2 {
            let mut all = binds.to_vec();
            all.resize(binds.len() + axes, None);
            if let Some(form) = self.entry(inner, &all) {
                if kept == 0 {
                    return Some(self.forms.call(name, &[form], Dims::Scalar));
                }
                let (form, axis) = match self.forms.get(form) {
                    Form::Prime(x) => (*x, 1),
                    _ => (form, 2),
                };
                let axis = self.forms.number(Rational::from(axis));
                return Some(self.forms.call(name, &[form, axis], dims));
            }
        }
        // One axis after the other gets a name; of several, the reduction of the reductions is the same.
        if kept > 0 || how == Reduction::ArgMax {
            return None;
        }
        let size = self.g.shape(inner)[binds.len()];
        let i = self.indices;
        let mut more = binds.to_vec();
        more.push(Some(self.new_index(size)));
        let body =
            if axes == 1 { self.entry(inner, &more) } else { self.reduction(how, inner, axes - 1, &more) };
        self.indices -= 1;
        let size = self.scalar(size);
        Some(self.forms.make(Form::Over(name, i, size, body?), Dims::Scalar))
    }

    /// A tensor that is 1 at an index, at indices: `if p[i] == j then 1 else 0`.
    pub(super) fn one_hot_entry(&mut self, index: NodeId, size: NodeId, binds: &[Option<Id>]) -> Option<Id> {
        let (last, places) = binds.split_last()?;
        let Some(last) = *last else { return self.one_hot_form(index, size, places) };
        if places.iter().any(Option::is_none) {
            return None;
        }
        let value = self.entry(index, places)?;
        let mut guards = Vec::new();
        self.same_place(value, last, &mut guards);
        let one = self.forms.number(Rational::ONE);
        let Some(condition) = guards.pop() else { return Some(one) };
        let zero = self.forms.number(Rational::ZERO);
        Some(self.forms.make(Form::If(condition, one, zero), Dims::Scalar))
    }

    /// The nodes that a node with tensors is written with, as far as they have a form of their own.
    pub(super) fn formed_parts(&mut self, node: NodeId) -> Vec<NodeId> {
        let mut children = Vec::new();
        match self.g.op(node).clone() {
            Op::Contract(c) => children.extend(c.factors.iter().map(|f| f.node)),
            Op::Add(_) => children.extend(self.g.terms(node).into_iter().map(|(_, n)| n)),
            Op::Compare(_, d) => children.extend(self.g.terms(d).into_iter().map(|(_, n)| n)),
            Op::Loop(made) => {
                self.name_bound(node, &made);
                self.g.for_each_child(node, |c| children.push(c));
            }
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Call(..)
            | Op::Truth(_)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..) => self.g.for_each_child(node, |c| children.push(c)),
        }
        children.retain(|c| {
            self.g.shape(*c).len() <= 2
                && !self.formed.contains_key(c)
                && !matches!(self.g.op(*c), Op::OneHot(..))
        });
        children.retain(|c| self.is_tensorial(*c));
        children
    }
}
