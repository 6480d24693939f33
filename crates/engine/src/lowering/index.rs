//! Indices: which entry of an axis a trip of the loops stands at.

use agnesi_graph::{NodeId, Op};
use smallvec::{SmallVec, smallvec};

use super::body::Builder;
use super::{LowerError, Lowering, size_value};
use crate::ir::{How, Scalar, Step, Test, Value};

/// Nests of fewer trips look at their indices themselves.
const FEW: usize = 256;

/// An index along one axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Index {
    /// `offset + sum of stride * loop`, counted from 0.
    Affine { offset: isize, terms: SmallVec<[(u32, isize); 2]> },
    /// A value of the body, counted from 1.
    Computed(Value),
}

impl Index {
    /// That of a loop itself.
    pub fn of_loop(axis: usize) -> Index {
        Index::Affine { offset: 0, terms: smallvec![(axis as u32, 1)] }
    }

    /// Always the same, counted from 0.
    pub fn fixed(offset: isize) -> Index {
        Index::Affine { offset, terms: SmallVec::new() }
    }

    /// Whether it changes with a loop.
    pub fn uses(&self, axis: usize) -> bool {
        match self {
            Index::Affine { terms, .. } => terms.iter().any(|(a, _)| *a as usize == axis),
            Index::Computed(_) => true,
        }
    }

    /// The index as a number counted from 1.
    pub fn value(&self, builder: &mut Builder) -> Value {
        match self {
            Index::Computed(value) => *value,
            Index::Affine { offset, terms } => {
                // Trips are counted from 1 already.
                let start = *offset + 1 - terms.iter().map(|(_, stride)| *stride).sum::<isize>();
                let mut sum = None;
                for (axis, stride) in terms {
                    let trip = builder.push(Scalar::Trip(*axis));
                    let term = builder.scale(trip, *stride as f64);
                    sum = Some(match sum {
                        None => term,
                        Some(sum) => builder.add(sum, term),
                    });
                }
                match sum {
                    None => builder.number(start as f64),
                    Some(sum) if start == 0 => sum,
                    Some(sum) => {
                        let start = builder.number(start as f64);
                        builder.add(sum, start)
                    }
                }
            }
        }
    }

    /// Whether it stays within an axis for all trips.
    pub fn within(&self, extents: &[usize], size: usize) -> bool {
        let Index::Affine { offset, terms } = self else { return false };
        if extents.contains(&0) {
            return true;
        }
        let (mut least, mut most) = (*offset, *offset);
        for (axis, stride) in terms {
            let far = stride * (extents[*axis as usize] as isize - 1);
            least += far.min(0);
            most += far.max(0);
        }
        least >= 0 && most < size as isize
    }
}

impl Lowering<'_> {
    /// The entry of an index node at a place: where it is arithmetic of loops and sizes, and stays within the axis, it costs
    /// nothing; else it is computed.
    pub(super) fn index(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        at: &[Index],
        size: usize,
    ) -> Result<Index, LowerError> {
        if let Some((offset, terms)) = self.affine(node, at) {
            let index = Index::Affine { offset: offset - 1, terms };
            if index.within(&builder.nest.extents, size) {
                return Ok(index);
            }
        }
        Ok(Index::Computed(self.value(builder, node, at)?))
    }

    /// The same for an axis that is read: an index outside it, in a branch that is not taken perhaps, reads the first entry,
    /// and the condition that is given with it does not hold.
    pub(super) fn safe_index(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        at: &[Index],
        size: usize,
    ) -> Result<(Index, Option<Value>), LowerError> {
        if let Some(found) = self.checked_before(builder, node, at, size)? {
            return Ok(found);
        }
        let Index::Computed(value) = self.index(builder, node, at, size)? else {
            return Ok((self.index(builder, node, at, size)?, None));
        };
        Ok(self.checked_value(builder, value, size))
    }

    /// Indices that several loops would look at again and again are looked at in a nest of their own.
    fn checked_before(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        at: &[Index],
        size: usize,
    ) -> Result<Option<(Index, Option<Value>)>, LowerError> {
        let shape = self.shape(node)?;
        let axis = |index: &Index| match index {
            Index::Affine { offset: 0, terms } if terms.len() == 1 && terms[0].1 == 1 => Some(terms[0].0),
            _ => None,
        };
        let extents = &builder.nest.extents;
        let fits =
            |(index, size): (&Index, &usize)| axis(index).is_some_and(|a| extents[a as usize] == *size);
        let again = extents.iter().product::<usize>() >= FEW.max(2 * shape.iter().product::<usize>());
        if at.is_empty() || at.len() != shape.len() || !again || !at.iter().zip(&shape).all(fits) {
            return Ok(None);
        }
        if !self.checked.contains_key(&(node, size)) {
            let mut alone = Builder::new(&shape);
            let own: SmallVec<[Index; 3]> = (0..shape.len()).map(Index::of_loop).collect();
            let Index::Computed(value) = self.index(&mut alone, node, &own, size)? else { return Ok(None) };
            let (Index::Computed(value), Some(inside)) = self.checked_value(&mut alone, value, size) else {
                return Ok(None);
            };
            let views = [self.declare(shape.clone(), None)?, self.declare(shape.clone(), None)?];
            for (value, tensor) in [value, inside].into_iter().zip(views) {
                let to = alone.whole(tensor, &shape);
                alone.write(value, to, How::Set);
            }
            self.steps.push(Step::Nest(alone.nest));
            self.checked.insert((node, size), (self.whole(views[0]), self.whole(views[1])));
        }
        let Some((index, inside)) = self.checked.get(&(node, size)) else { return Ok(None) };
        let [index, inside] = [index, inside].map(|view| {
            let access = builder.access(view, at, &shape);
            builder.read(access)
        });
        Ok(Some((Index::Computed(index), Some(inside))))
    }

    /// An index that points at the first entry where it would point outside, and whether it points inside.
    fn checked_value(&self, builder: &mut Builder, value: Value, size: usize) -> (Index, Option<Value>) {
        // What can be no other number needs no look.
        if self.whole_range(builder, value).is_some_and(|(least, most)| least >= 1.0 && most <= size as f64) {
            return (Index::Computed(value), None);
        }
        let (one, last) = (builder.number(1.0), builder.number(size as f64));
        let floor = builder.push(Scalar::Call1(self.floor, value));
        let whole = builder.push(Scalar::Compare(Test::Equal, floor, value));
        let low = builder.push(Scalar::Compare(Test::LessEqual, one, value));
        let high = builder.push(Scalar::Compare(Test::LessEqual, value, last));
        let within = builder.push(Scalar::And(low, high));
        let inside = builder.push(Scalar::And(whole, within));
        (Index::Computed(builder.push(Scalar::Select(inside, value, one))), Some(inside))
    }

    /// Between which numbers a value lies that can be nothing but whole, where that is known.
    pub(super) fn whole_range(&self, builder: &Builder, value: Value) -> Option<(f64, f64)> {
        let of = |value| self.whole_range(builder, value);
        match builder.nest.body[value as usize] {
            Scalar::Number(x) if x.get().fract() == 0.0 => Some((x.get(), x.get())),
            Scalar::Trip(axis) => Some((1.0, builder.nest.extents[axis as usize] as f64)),
            Scalar::Read(at) => self.ranges.get(&builder.nest.reads[at as usize].tensor).copied(),
            Scalar::Neg(a) => of(a).map(|(least, most)| (-most, -least)),
            Scalar::Add(a, b) => of(a).zip(of(b)).map(|(a, b)| (a.0 + b.0, a.1 + b.1)),
            Scalar::Sub(a, b) => of(a).zip(of(b)).map(|(a, b)| (a.0 - b.1, a.1 - b.0)),
            Scalar::Mul(a, b) => {
                let (c, x) =
                    if let Some(c) = builder.as_number(a) { (c, b) } else { (builder.as_number(b)?, a) };
                let (least, most) = of(x).filter(|_| c.fract() == 0.0)?;
                Some(if c < 0.0 { (c * most, c * least) } else { (c * least, c * most) })
            }
            _ => None,
        }
        .filter(|(least, most)| least.abs() < 1e15 && most.abs() < 1e15)
    }

    /// A node of whole numbers as `offset + sum of stride * loop`, where it is that.
    #[allow(clippy::type_complexity, reason = "a sum, as in Index")]
    pub(super) fn affine(&self, node: NodeId, at: &[Index]) -> Option<(isize, SmallVec<[(u32, isize); 2]>)> {
        let whole = |x: f64| (x.fract() == 0.0 && x.abs() < 1e15).then_some(x as isize);
        match self.graph.op(node) {
            Op::Iota(_) => match at {
                [Index::Affine { offset, terms }] => Some((offset + 1, terms.clone())),
                _ => None,
            },
            Op::Add(sum) => {
                let (mut offset, mut terms) = (0, SmallVec::new());
                for (c, term) in &sum.terms {
                    let at = if self.graph.is_scalar(*term) { &[] } else { at };
                    let (o, t) = self.affine(*term, at)?;
                    let c = whole(c.to_f64())?;
                    offset += c * o;
                    t.into_iter().for_each(|(axis, stride)| add_term(&mut terms, axis, c * stride));
                }
                Some((offset, terms))
            }
            Op::Contract(c) => {
                if let Some(number) = self.graph.as_number(node) {
                    return Some((whole(number.to_f64())?, SmallVec::new()));
                }
                if c.factors.is_empty() {
                    return Some((whole(c.coefficient.to_f64())?, SmallVec::new()));
                }
                let [factor] = &c.factors[..] else {
                    return whole(size_value(self.graph, &self.sizes, node).ok()?)
                        .map(|n| (n, SmallVec::new()));
                };
                if !factor.exponent.is_one() {
                    return None;
                }
                let mut inner: SmallVec<[Index; 3]> = SmallVec::new();
                for label in &factor.labels {
                    let axis = c.out.iter().position(|l| l == label)?;
                    inner.push(at.get(axis)?.clone());
                }
                let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
                let (offset, terms) = self.affine(factor.node, &inner).filter(|_| !repeated)?;
                let c = whole(c.coefficient.to_f64())?;
                Some((c * offset, terms.into_iter().map(|(axis, stride)| (axis, c * stride)).collect()))
            }
            Op::Symbol(id) => self.sizes.get(id).map(|n| (*n as isize, SmallVec::new())),
            Op::Constant(_)
            | Op::Truth(_)
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
            | Op::Loop(_) => None,
        }
    }
}

/// Adds a step along a loop.
pub(super) fn add_term(terms: &mut SmallVec<[(u32, isize); 2]>, axis: u32, stride: isize) {
    match terms.iter_mut().find(|(a, _)| *a == axis) {
        Some((_, s)) => *s += stride,
        None => terms.push((axis, stride)),
    }
    terms.retain(|(_, s)| *s != 0);
    terms.sort_unstable();
}
