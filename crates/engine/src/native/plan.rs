//! What is decided of a nest before code is made of it: its loops, what is computed outside of which of them, and how
//! each write is done.

use std::ops::Range;

use crate::ir::{Access, How, Nest, Scalar, TensorId, Write};

/// How many operations straight-line code of one nest may have.
const STRAIGHT: usize = 256;
/// Loops of at most so many trips may become straight-line code.
const FEW: usize = 32;
/// Writes so far apart at most are added up in registers.
const SPAN: usize = 4;

/// How a write is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where it stands.
    Plain,
    /// Kept in a register over the innermost loop: the so many-th of its kind.
    Reduced(usize),
    /// Added up with the other writes of a group.
    Grouped { group: usize, member: usize },
}

/// Sums into neighbouring entries: each entry is written once, when all that is added to it is known.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Where the first of them writes.
    pub(super) to: Access,
    /// How many entries before the place of the write at the same trip each member's value belongs; the first of
    /// them 0.
    pub(super) distances: Vec<usize>,
}

impl Group {
    /// The largest distance.
    pub(super) fn span(&self) -> usize {
        self.distances.iter().copied().max().unwrap_or(0)
    }
}

/// A nest with what was decided.
pub(super) struct Plan {
    pub(super) nest: Nest,
    /// In how many loops each operation is computed.
    pub(super) levels: Vec<usize>,
    /// How many trips of the innermost loop are taken at once.
    pub(super) width: usize,
    /// How many times the body of the innermost loop stands in the code.
    pub(super) unroll: usize,
    /// The loops from this one on are straight-line code.
    pub(super) straight: usize,
    pub(super) kinds: Vec<Kind>,
    pub(super) groups: Vec<Group>,
}

impl Plan {
    /// Decides; `None` where there is nothing to do. `wide` says whether the machine can take two trips at once.
    pub(super) fn new(nest: &Nest, wide: bool) -> Option<Plan> {
        if nest.extents.contains(&0) {
            return None;
        }
        let nest = collapsed(&super::affine::folded(nest));
        let loops = nest.extents.len();
        let ordered = is_ordered(&nest);
        let levels = levels(&nest, ordered);
        let inner = |access: &Access| loops.checked_sub(1).map_or(0, |axis| access.strides[axis]);
        let vector = wide
            && !ordered
            && nest.extents.last().is_some_and(|n| *n > 1)
            && nest.writes.iter().all(|w| w.to.picks.is_empty() && (w.how != How::Set || inner(&w.to) != 0));
        let cost =
            nest.body.iter().zip(&levels).filter(|(_, level)| **level == loops).count() + nest.writes.len();
        let width = if vector { 2 } else { 1 };
        let trips = nest.extents.last().copied().unwrap_or(1);
        let unroll = if !vector {
            1
        } else if cost <= 12 {
            4
        } else if cost <= 28 {
            2
        } else {
            1
        };
        let unroll = unroll.min(trips / width).max(1);
        let mut straight = loops;
        let mut copies = 1usize;
        while straight > 0 && nest.extents[straight - 1] <= FEW {
            let trips = nest.extents[straight - 1];
            copies *= if straight == loops { trips.div_ceil(width) } else { trips };
            if copies * cost.max(1) > STRAIGHT {
                break;
            }
            straight -= 1;
        }
        let mut plan = Plan {
            kinds: vec![Kind::Plain; nest.writes.len()],
            nest,
            levels,
            width,
            unroll,
            straight,
            groups: Vec::new(),
        };
        if !ordered && loops > 0 {
            plan.reduce();
        }
        if vector {
            plan.group();
        }
        Some(plan)
    }

    /// About how many operations the code has.
    pub(super) fn cost(&self) -> usize {
        let extents = &self.nest.extents;
        let Some(trips) = extents.last().copied() else { return self.nest.body.len() };
        let copies = if self.straight < extents.len() {
            let outer: usize = extents[self.straight..extents.len() - 1].iter().product();
            outer * trips.div_ceil(self.width)
        } else {
            2 * self.unroll
        };
        copies * (self.nest.body.len() + self.nest.writes.len()) + 8
    }

    /// Which entries of a tensor are written by one write or group that needs to know nothing of them but what they
    /// start as; `None` where that is not so.
    pub(super) fn covers(&self, tensor: TensorId) -> Option<Range<usize>> {
        if self.nest.extents.len() > 1 || self.nest.reads.iter().any(|read| read.tensor == tensor) {
            return None;
        }
        let trips = self.nest.extents.last().copied().unwrap_or(1);
        let mut writes =
            self.nest.writes.iter().zip(&self.kinds).filter(|(write, _)| write.to.tensor == tensor);
        let (write, kind) = writes.next()?;
        let from = usize::try_from(write.to.offset).ok()?;
        match *kind {
            Kind::Grouped { group, .. } => {
                let group = &self.groups[group];
                let from = usize::try_from(group.to.offset).ok()?;
                Some(from..from + trips + group.span())
            }
            Kind::Reduced(_) if writes.next().is_none() => Some(from..from + 1),
            Kind::Plain if writes.next().is_none() && write.to.picks.is_empty() => {
                match self.nest.extents.last() {
                    None => Some(from..from + 1),
                    Some(_) => {
                        (write.how == How::Set && write.to.strides[0] == 1).then(|| from..from + trips)
                    }
                }
            }
            Kind::Reduced(_) | Kind::Plain => None,
        }
    }

    /// Writes that stay in one place during the innermost loop, and are the only ones to their tensor.
    fn reduce(&mut self) {
        let axis = self.nest.extents.len() - 1;
        let mut count = 0;
        for (write, kind) in self.nest.writes.iter().zip(&mut self.kinds) {
            let lone =
                self.nest.writes.iter().filter(|other| other.to.tensor == write.to.tensor).count() == 1;
            if lone && write.how != How::Set && write.to.picks.is_empty() && write.to.strides[axis] == 0 {
                *kind = Kind::Reduced(count);
                count += 1;
            }
        }
    }

    /// Sums that go along with the innermost loop, where all writes to a tensor lie close together.
    fn group(&mut self) {
        let axis = self.nest.extents.len() - 1;
        for first in 0..self.nest.writes.len() {
            let tensor = self.nest.writes[first].to.tensor;
            let all: Vec<usize> = (first..self.nest.writes.len())
                .filter(|at| self.nest.writes[*at].to.tensor == tensor)
                .collect();
            let begun = self.nest.writes[..first].iter().any(|write| write.to.tensor == tensor);
            let like = |write: &Write| {
                write.how == How::Add
                    && write.to.strides[axis] == 1
                    && write.to.strides == self.nest.writes[first].to.strides
            };
            if begun || !all.iter().all(|at| like(&self.nest.writes[*at])) {
                continue;
            }
            let offsets = || all.iter().map(|at| self.nest.writes[*at].to.offset);
            let least = offsets().min().unwrap_or(0);
            let distances: Vec<usize> = offsets().map(|offset| (offset - least) as usize).collect();
            let group =
                Group { to: Access { offset: least, ..self.nest.writes[first].to.clone() }, distances };
            if group.span() > SPAN {
                continue;
            }
            for (member, at) in all.into_iter().enumerate() {
                self.kinds[at] = Kind::Grouped { group: self.groups.len(), member };
            }
            self.groups.push(group);
        }
    }
}

/// The same nest with loops of one trip left out and neighbouring loops made one where every access allows it.
fn collapsed(nest: &Nest) -> Nest {
    let mut nest = nest.clone();
    while let Some(axis) = nest.extents.iter().position(|n| *n == 1) {
        for op in &mut nest.body {
            if *op == Scalar::Trip(axis as u32) {
                *op = Scalar::Number(crate::ir::Bits::new(1.0));
            }
        }
        remove(&mut nest, axis);
    }
    let mut axis = 0;
    while axis + 1 < nest.extents.len() {
        let count = nest.extents[axis + 1];
        let mut accesses = nest.reads.iter().chain(nest.writes.iter().map(|write| &write.to));
        let along = accesses.all(|a| a.strides[axis] == a.strides[axis + 1].saturating_mul(count as isize));
        let asked = nest
            .body
            .iter()
            .any(|op| matches!(op, Scalar::Trip(a) if *a as usize == axis || *a as usize == axis + 1));
        if along && !asked {
            nest.extents[axis + 1] *= nest.extents[axis];
            remove(&mut nest, axis);
        } else {
            axis += 1;
        }
    }
    nest
}

/// Takes a loop out that nothing depends on.
fn remove(nest: &mut Nest, axis: usize) {
    nest.extents.remove(axis);
    nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|write| &mut write.to)).for_each(|access| {
        access.strides.remove(axis);
    });
    for op in &mut nest.body {
        if let Scalar::Trip(other) = op
            && *other as usize > axis
        {
            *other -= 1;
        }
    }
}

/// Whether trips and writes must be done one after the other: where a trip may see what another has written.
fn is_ordered(nest: &Nest) -> bool {
    let written = |tensor| nest.writes.iter().any(|write| write.to.tensor == tensor);
    if nest.reads.iter().any(|read| written(read.tensor)) {
        return true;
    }
    nest.writes.iter().enumerate().any(|(at, write)| {
        nest.writes[..at].iter().any(|other| {
            let sums = write.how == other.how && write.how != How::Set;
            let picks = !(write.to.picks.is_empty() && other.to.picks.is_empty());
            let apart = || {
                let (a, b) = (reach(&write.to, nest), reach(&other.to, nest));
                a.1 < b.0 || b.1 < a.0
            };
            write.to.tensor == other.to.tensor && !sums && (picks || !apart())
        })
    })
}

/// The first and the last entry of an access.
fn reach(access: &Access, nest: &Nest) -> (i128, i128) {
    let (mut least, mut most) = (access.offset as i128, access.offset as i128);
    for (stride, count) in access.strides.iter().zip(&nest.extents) {
        let far = *stride as i128 * (*count as i128 - 1);
        least += far.min(0);
        most += far.max(0);
    }
    (least, most)
}

/// In how many loops each operation is computed.
fn levels(nest: &Nest, ordered: bool) -> Vec<usize> {
    let loops = nest.extents.len();
    let mut levels: Vec<usize> = Vec::with_capacity(nest.body.len());
    for op in &nest.body {
        let mut level = 0;
        op.for_each_operand(|value| level = level.max(levels[value as usize]));
        match *op {
            Scalar::Read(read) => {
                let access = &nest.reads[read as usize];
                let along = access.strides.iter().rposition(|stride| *stride != 0).map_or(0, |axis| axis + 1);
                level = level.max(along);
                for pick in &access.picks {
                    level = level.max(levels[pick.index as usize]);
                }
                if ordered && nest.writes.iter().any(|write| write.to.tensor == access.tensor) {
                    level = loops;
                }
            }
            Scalar::Trip(axis) => level = axis as usize + 1,
            Scalar::Number(_)
            | Scalar::Neg(_)
            | Scalar::Add(..)
            | Scalar::Sub(..)
            | Scalar::Mul(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Call1(..)
            | Scalar::Call2(..)
            | Scalar::Call3(..)
            | Scalar::Compare(..)
            | Scalar::Not(_)
            | Scalar::And(..)
            | Scalar::Or(..)
            | Scalar::Select(..) => {}
        }
        levels.push(level);
    }
    levels
}
