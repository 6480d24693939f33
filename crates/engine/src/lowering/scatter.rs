//! Contractions that write few entries of a tensor: the gradient of `x[i + 1]`, a diagonal matrix.

use std::borrow::Cow;

use agnesi_graph::{Contract, Factor, Labels, NodeId, Op, Rational};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::{LowerError, Lowering, View};
use crate::ir::{How, Step, Value};

impl Lowering<'_> {
    /// Whether a node writes few entries of a tensor, itself or by its terms.
    pub(super) fn is_scatter(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Contract(c) => match self.turned(c) {
                Some(inner) => self.is_own(inner.node) && self.is_scatter(inner.node),
                None => self.scatters(&self.spread(c)),
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

    /// A product entry by entry in which factors that are 0 at most entries, and cheap, are written as what they are: so is
    /// the product then.
    fn spread<'c>(&self, c: &'c Contract) -> Cow<'c, Contract> {
        let mut c = Cow::Borrowed(c);
        let plain = c.sizes.len() == c.out.len() && c.sizes.len() < 32;
        while let Some(at) = c.factors.iter().position(|f| plain && self.is_spread(f)) {
            let c = c.to_mut();
            let f = c.factors.remove(at);
            let Op::Contract(inner) = self.graph.op(f.node) else { break };
            let mut labels: Labels = SmallVec::from_elem(u8::MAX, inner.sizes.len());
            for (label, outer) in inner.out.iter().zip(&f.labels) {
                labels[*label as usize] = *outer;
            }
            for (label, size) in labels.iter_mut().zip(&inner.sizes).filter(|(label, _)| **label == u8::MAX) {
                *label = c.sizes.len() as u8;
                c.sizes.push(*size);
            }
            c.coefficient = &c.coefficient * &inner.coefficient;
            c.factors.extend(inner.factors.iter().map(|f| Factor {
                labels: f.labels.iter().map(|l| labels[*l as usize]).collect(),
                ..f.clone()
            }));
        }
        c
    }

    /// Whether a factor has an axis that an index picks, and is nothing else than what is there already.
    fn is_spread(&self, f: &Factor) -> bool {
        let Op::Contract(inner) = self.graph.op(f.node) else { return false };
        let cheap = |f: &Factor| self.is_hot(f) || !self.is_costly(f.node) || self.shared.contains(&f.node);
        let indices = || inner.factors.iter().filter(|f| self.is_hot(f));
        let mut labels = 0..inner.sizes.len() as u8;
        f.exponent.is_one()
            && !(1..inner.out.len()).any(|i| inner.out[..i].contains(&inner.out[i]))
            && labels.all(|l| inner.out.contains(&l) || indices().any(|f| f.labels.contains(&l)))
            && self.scatters(inner)
            && inner.factors.iter().all(cheap)
    }

    /// Whether nobody else reads a node.
    fn is_own(&self, node: NodeId) -> bool {
        !self.shared.contains(&node) && !self.stored.contains_key(&node)
    }

    /// Whether most entries of the result are 0: an axis of it is picked by an index, or two are the same.
    fn scatters(&self, c: &Contract) -> bool {
        let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
        // A product of several factors has a cheap order first.
        repeated && (c.factors.len() <= 2 || !self.sums(c))
            || c.factors.iter().any(|f| {
                matches!(self.graph.op(f.node), Op::OneHot(..))
                    && f.labels
                        .split_last()
                        .is_some_and(|(last, front)| c.out.contains(last) && !front.contains(last))
            })
    }

    /// The factor of a contraction that only multiplies it by a number and puts its axes in another order.
    fn turned<'c>(&self, c: &'c Contract) -> Option<&'c Factor> {
        let once = |l: &u8| c.out.iter().filter(|o| *o == l).count() == 1;
        match &c.factors[..] {
            [f] if f.exponent.is_one() && f.labels.len() == c.out.len() && !c.out.is_empty() => {
                f.labels.iter().all(once).then_some(f)
            }
            _ => None,
        }
    }

    /// All terms of a node added up in one tensor.
    pub(super) fn scatter(&mut self, node: NodeId) -> Result<View, LowerError> {
        let shape = self.shape(node)?;
        if let Some(view) = self.turned_first(node, &shape)? {
            self.add_up(node, 1.0, &view)?;
            return if self.dense.contains(&node) {
                let tensor = self.copy(&view, &shape)?;
                Ok(self.whole(tensor))
            } else {
                Ok(view)
            };
        }
        let view = if self.dense.contains(&node) {
            let tensor = self.declare(shape, Some(0.0))?;
            self.whole(tensor)
        } else {
            self.lay(&shape, Some(0.0))?
        };
        self.add_up(node, 1.0, &view)?;
        Ok(view)
    }

    /// Where a sum that comes to all entries, and to some again, is put together if not as its shape says: the longest axis
    /// innermost, where more of what it reads lies so.
    fn turned_first(&mut self, node: NodeId, shape: &[usize]) -> Result<Option<View>, LowerError> {
        let graph = self.graph;
        let (sum, axes): (_, Labels) = if let Op::Add(sum) = graph.op(node) {
            (sum, (0..shape.len() as u8).collect())
        } else if let Op::Contract(c) = graph.op(node)
            && let Some(f) = self.turned(c)
            && let Op::Add(sum) = graph.op(f.node)
        {
            let axis = |l: &u8| f.labels.iter().position(|own| own == l).unwrap_or(0) as u8;
            (sum, c.out.iter().map(axis).collect())
        } else {
            return Ok(None);
        };
        let lain = self.lay(shape, Some(0.0))?;
        let innermost = lain.strides.iter().position(|stride| *stride == 1);
        let (Some(innermost), false) = (innermost, lain.strides == super::dense(shape)) else {
            return Ok(None);
        };
        let terms: Vec<(f64, NodeId)> = sum.terms.iter().map(|(c, term)| (c.to_f64(), *term)).collect();
        let (plain, _) = self.plain_and_picked(&terms);
        let Some((builder, _)) = self.sum_of_terms(&plain)? else { return Ok(None) };
        let along = |axis: usize| {
            let own = axes[axis] as usize;
            builder.nest.reads.iter().filter(|read| read.strides[own] == 1).count()
        };
        Ok((along(innermost) > along(shape.len() - 1)).then_some(lain))
    }

    /// Terms that come to all entries, and those that come to few.
    #[allow(clippy::type_complexity, reason = "two lists of terms")]
    fn plain_and_picked(&self, terms: &[(f64, NodeId)]) -> (Vec<(f64, NodeId)>, Vec<(f64, NodeId)>) {
        terms.iter().copied().partition(|(_, term)| !(self.is_own(*term) && self.is_scatter(*term)))
    }

    /// A nest over the axes of terms, and in it their sum.
    fn sum_of_terms(&mut self, terms: &[(f64, NodeId)]) -> Result<Option<(Builder, Value)>, LowerError> {
        let Some((_, first)) = terms.first() else { return Ok(None) };
        let shape = self.shape(*first)?;
        let mut builder = Builder::new(&shape);
        let at: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
        let mut total: Option<Value> = None;
        for (c, term) in terms {
            let value = self.value(&mut builder, *term, &at)?;
            let value = builder.scale(value, *c);
            total = Some(total.map_or(value, |total| builder.add(total, value)));
        }
        Ok(total.map(|total| (builder, total)))
    }

    /// Adds nodes of its shape, times numbers, to a tensor.
    pub(super) fn add_terms(&mut self, terms: &[(f64, NodeId)], view: &View) -> Result<(), LowerError> {
        let (plain, picked) = self.plain_and_picked(terms);
        if let Some((mut builder, total)) = self.sum_of_terms(&plain)? {
            let shape = builder.nest.extents.clone();
            let at: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
            let to = builder.access(view, &at, &shape);
            builder.write(total, to, How::Add);
            self.steps.push(Step::Nest(builder.nest));
        }
        picked.into_iter().try_for_each(|(c, term)| self.add_up(term, c, view))
    }

    fn add_up(&mut self, node: NodeId, scale: f64, view: &View) -> Result<(), LowerError> {
        let graph = self.graph;
        match graph.op(node) {
            Op::Contract(c) => {
                let scale = scale * c.coefficient.to_f64();
                match self.turned(c) {
                    Some(f) => self.add_up(f.node, scale, &view.clone().turned(&c.out, &f.labels)),
                    None => self.nest_of(&self.spread(c), scale, view, How::Add).map(drop),
                }
            }
            Op::Add(sum) => {
                let terms: Vec<(f64, NodeId)> =
                    sum.terms.iter().map(|(c, term)| (scale * c.to_f64(), *term)).collect();
                self.add_terms(&terms, view)
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
                self.nest_of(&alone, scale, view, How::Add).map(drop)
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
