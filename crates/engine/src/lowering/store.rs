//! Nodes as tensors of the program.

use agnesi_graph::{Contract, Factor, Linear, NodeId, Op};
use smallvec::SmallVec;

use super::body::Builder;
use super::index::Index;
use super::{LowerError, Lowering, View, dense};
use crate::ir::{Factorization, How, Step, TensorId};

impl Lowering<'_> {
    /// Where a node lies; it is computed if it is not stored yet.
    pub(super) fn view(&mut self, node: NodeId) -> Result<View, LowerError> {
        if let Some(view) = self.stored.get(&node) {
            return Ok(view.clone());
        }
        let view = self.make(node)?;
        self.stored.insert(node, view.clone());
        Ok(view)
    }

    fn make(&mut self, node: NodeId) -> Result<View, LowerError> {
        let graph = self.graph;
        match graph.op(node) {
            Op::Contract(c) => {
                // Few entries are written where they are needed sooner than all are copied there.
                if self.dense.contains(&node) && self.is_scatter(node) {
                    return self.scatter(node);
                }
                if let Some(view) = self.as_view(c)? {
                    return Ok(view);
                }
                if self.is_scatter(node) {
                    return self.scatter(node);
                }
                if let Some(view) = self.instance(node)? {
                    return Ok(view);
                }
                if c.sizes.len() > c.out.len() || self.sums(c) {
                    return self.contraction(node, c);
                }
                self.entries(node)
            }
            Op::Reduce(how, inner, axes) => self.reduction(node, *how, *inner, *axes as usize),
            Op::Linear(op, inner) => self.linear(node, *op, *inner),
            Op::Loop(made) => self.repeat(node, made),
            Op::Add(_) | Op::OneHot(..) if self.is_scatter(node) => self.scatter(node),
            Op::Symbol(_)
            | Op::Constant(_)
            | Op::Add(_)
            | Op::Call(..)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Iota(_)
            | Op::OneHot(..) => self.entries(node),
        }
    }

    /// Whether a contraction has labels that are summed over.
    pub(super) fn sums(&self, c: &Contract) -> bool {
        (0..c.sizes.len()).any(|label| !c.out.contains(&(label as u8)))
    }

    /// A contraction that only names the entries of one factor anew: a transpose, a diagonal, a broadcast, a slice.
    fn as_view(&mut self, c: &Contract) -> Result<Option<View>, LowerError> {
        let (hots, others): (Vec<&Factor>, Vec<&Factor>) =
            c.factors.iter().partition(|f| matches!(self.graph.op(f.node), Op::OneHot(..)));
        let [factor] = others[..] else { return Ok(None) };
        let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
        if !c.coefficient.is_one() || !factor.exponent.is_one() || repeated {
            return Ok(None);
        }
        let shape: Vec<usize> =
            c.out.iter().map(|l| self.size(c.sizes[*l as usize])).collect::<Result<_, _>>()?;
        // An index along each label, in the axes of the result.
        let mut at: Vec<Option<Index>> = vec![None; c.sizes.len()];
        c.out.iter().enumerate().for_each(|(axis, l)| at[*l as usize] = Some(Index::of_loop(axis)));
        for f in hots {
            let (Op::OneHot(index, size), Some((last, front))) =
                (self.graph.op(f.node), f.labels.split_last())
            else {
                return Ok(None);
            };
            let front: Option<SmallVec<[Index; 3]>> = front.iter().map(|l| at[*l as usize].clone()).collect();
            let size = self.size(*size)?;
            let Some((offset, terms)) = front.and_then(|front| self.affine(*index, &front)) else {
                return Ok(None);
            };
            let index = Index::Affine { offset: offset - 1, terms };
            if at[*last as usize].is_some() || !index.within(&shape, size) {
                return Ok(None);
            }
            at[*last as usize] = Some(index);
        }
        let known = self.stored.contains_key(&factor.node)
            || self.is_work(factor.node)
            || self.is_symbol(factor.node);
        if at.iter().any(Option::is_none) || !known {
            return Ok(None);
        }
        let inner = self.view(factor.node)?;
        let mut view = View { strides: SmallVec::from_elem(0, c.out.len()), ..inner.clone() };
        for (label, far) in factor.labels.iter().zip(&inner.strides) {
            if let Some(Index::Affine { offset, terms }) = &at[*label as usize] {
                view.offset += offset * far;
                terms.iter().for_each(|(axis, stride)| view.strides[*axis as usize] += stride * far);
            }
        }
        Ok(Some(view))
    }

    fn is_symbol(&self, node: NodeId) -> bool {
        self.graph.as_symbol(node).is_some_and(|id| !self.sizes.contains_key(&id))
    }

    /// Entry by entry, computed here.
    fn entries(&mut self, node: NodeId) -> Result<View, LowerError> {
        let shape = self.shape(node)?;
        let view = if self.dense.contains(&node) {
            let tensor = self.declare(shape.clone(), None)?;
            self.whole(tensor)
        } else {
            self.lay(&shape, None)?
        };
        let mut builder = Builder::new(&shape);
        let at: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
        // The node itself is to be computed, whatever is said of it.
        let shared = self.shared.remove(&node);
        let value = self.value(&mut builder, node, &at);
        if shared {
            self.shared.insert(node);
        }
        let (value, to) = (value?, builder.access(&view, &at, &shape));
        if let Some(range) = self.whole_range(&builder, value).filter(|_| shape.is_empty()) {
            self.ranges.insert(view.tensor, range);
        }
        builder.write(value, to, How::Set);
        self.steps.push(Step::Nest(builder.nest));
        Ok(view)
    }

    /// A tensor of its own, as it lies, that holds a node.
    pub(super) fn contiguous(&mut self, node: NodeId) -> Result<TensorId, LowerError> {
        let view = self.view(node)?;
        let shape = self.shape(node)?;
        let lies_so = view.offset == 0 && view.strides == dense(&shape);
        if lies_so && self.program.tensor(view.tensor).shape == shape {
            return Ok(view.tensor);
        }
        self.copy(&view, &shape)
    }

    /// A tensor that is written for a node alone: no input, and no other output.
    pub(super) fn output(&mut self, node: NodeId) -> Result<TensorId, LowerError> {
        let tensor = self.contiguous(node)?;
        let taken = self.program.inputs.iter().chain(&self.program.outputs).any(|(_, id)| *id == tensor);
        if !taken {
            return Ok(tensor);
        }
        // Few entries are written again sooner than all are copied.
        if self.is_scatter(node) {
            return Ok(self.scatter(node)?.tensor);
        }
        let shape = self.shape(node)?;
        self.copy(&self.whole(tensor), &shape)
    }

    /// What a view shows, as a tensor of its own.
    pub(super) fn copy(&mut self, view: &View, shape: &[usize]) -> Result<TensorId, LowerError> {
        let tensor = self.declare(shape.to_vec(), None)?;
        self.copy_to(view, &self.whole(tensor), shape);
        Ok(tensor)
    }

    fn copy_to(&mut self, view: &View, to: &View, shape: &[usize]) {
        let mut builder = Builder::new(shape);
        let at: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
        let from = builder.access(view, &at, shape);
        let value = builder.read(from);
        let to = builder.access(to, &at, shape);
        builder.write(value, to, How::Set);
        self.steps.push(Step::Nest(builder.nest));
    }

    /// A tensor of a node's own that lies like another one, a whole tensor.
    pub(super) fn lying_like(&mut self, node: NodeId, other: &View) -> Result<TensorId, LowerError> {
        let shape = self.shape(node)?;
        if other.strides == dense(&shape) {
            return self.contiguous(node);
        }
        let lain = self.program.tensor(other.tensor).shape.clone();
        let tensor = self.declare(lain, None)?;
        let from = self.view(node)?;
        self.copy_to(&from, &View { tensor, ..other.clone() }, &shape);
        Ok(tensor)
    }

    fn linear(&mut self, node: NodeId, op: Linear, inner: NodeId) -> Result<View, LowerError> {
        let from = self.contiguous(inner)?;
        let to = self.declare(self.shape(node)?, None)?;
        self.steps.push(Step::Factorization(Factorization { op, from, to }));
        Ok(self.whole(to))
    }
}
