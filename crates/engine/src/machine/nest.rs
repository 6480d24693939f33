//! A nest made ready: one of its loops runs over vectors, in chunks; the others are counted around it.
//!
//! Operations that do not change along the vector are done once for each turn of the outer loops. What changes along it is
//! a kernel over a chunk of numbers. Entries that lie side by side are read and written where they lie.

use agnesi_functions::FunctionId;
use smallvec::SmallVec;

use super::Real;
use super::assembly::Assembled;
use super::guard::Guarded;
use crate::ir::{How, Scalar, Strides, TensorId, Value};
use crate::vector::{Binary, Kernel, Reduction, SinCosKernel, Stream, Ternary, Unary};

/// How many numbers a chunk has: small enough that the registers of a body stay in the nearest cache, large enough that
/// calling a kernel costs little of its time.
pub(super) const CHUNK: usize = 256;

/// From how many bytes on what a nest writes is written past the caches, which would not hold it until it is read. Few in
/// the tests.
pub(super) const STREAMED: usize = if cfg!(any(miri, test)) { 1 << 13 } else { 1 << 25 };

/// The bases of operands that come before the places of accesses.
pub(super) const PLACES: u32 = 3;
/// The base of numbers that stand for vectors of themselves.
pub(super) const CONSTANTS: u32 = 0;
/// The base of chunks that are held.
pub(super) const REGISTERS: u32 = 1;
/// The base of single values.
pub(super) const VALUES: u32 = 2;

/// A nest made ready for one instruction set.
pub(super) struct Code<T: Real> {
    /// The outer loops.
    pub outer: SmallVec<[usize; 3]>,
    /// How long the vectors are; 1 without one.
    pub inner: usize,
    /// How many numbers a vector of the instruction set has.
    pub width: usize,
    /// Whether no loop runs over vectors, so that all values are single numbers.
    pub alone: bool,
    /// Reads, then the places of writes.
    pub places: Vec<Place>,
    /// For each outer loop how far its next trip moves each place, where those inside it begin again.
    pub moves: Vec<isize>,
    /// The places with indices that stay the same along the vector. Those of the first so many do not change with the outer
    /// loops either.
    pub fixed: Vec<u32>,
    pub steady_fixed: usize,
    /// Operations that do not change along the vector. The first so many do not change with the outer loops either.
    pub scalars: Vec<Slow>,
    pub steady_scalars: usize,
    /// Their values that operations on chunks need, and where these find them; in the same order.
    pub spreads: Vec<(Value, usize)>,
    pub steady_spreads: usize,
    /// Operations on chunks.
    pub steps: Vec<Step<T>>,
    /// The operations in order, cut where other conditions decide whether anybody needs them.
    pub guarded: Vec<Guarded>,
    pub writes: Vec<Put<T>>,
    /// The places that kernels read or write where they lie, and what stands for them where a chunk fills no whole number of
    /// vectors.
    pub stages: Vec<Stage>,
    /// The values of operations that do not change, numbers set already.
    pub values: Vec<f64>,
    /// Numbers that kernels read, and where.
    pub numbers: Vec<(usize, f64)>,
    /// What is read side by side and too large for the caches: asked for a chunk before it is read.
    pub ahead: Vec<u32>,
    /// The place that chunks begin a line of the caches of, for what is written past them: a line that two chunks share would
    /// be read first.
    pub aligned: Option<u32>,
    /// The places that assembled steps write past the caches themselves, in chunks where each begins a line of these.
    pub direct: Vec<u32>,
    /// How many chunks are held at once.
    pub registers: usize,
    /// In how many ways reads point whose indices are the same for each turn of the outer loops: they are looked up once.
    pub looked_up: u32,
}

/// Where an access begins, and how far the loops move it.
pub(super) struct Place {
    pub tensor: TensorId,
    pub offset: isize,
    pub outer: Strides,
    pub inner: isize,
    /// Indices that are looked at entry by entry.
    pub picks: SmallVec<[Picked; 0]>,
    /// Indices that stay the same along the vector: they move the address once for each turn.
    pub fixed: SmallVec<[Picked; 0]>,
}

impl Place {
    /// The entries that it is at, where the turns of the outer loops go through them from the first to the last one.
    pub fn block(&self, inner: usize, outer: &[usize]) -> Option<std::ops::Range<usize>> {
        let mut length = inner;
        for (stride, turns) in self.outer.iter().zip(outer).rev().filter(|(_, turns)| **turns > 1) {
            if usize::try_from(*stride) != Ok(length) {
                return None;
            }
            length *= turns;
        }
        let alone = self.picks.is_empty() && self.fixed.is_empty() && self.inner == 1;
        let first = usize::try_from(self.offset).ok().filter(|_| alone)?;
        Some(first..first + length)
    }
}

/// An index that is computed.
pub(super) struct Picked {
    pub index: Value,
    /// Where it is, if it changes along the vector.
    pub operand: Option<Operand>,
    pub stride: isize,
    pub size: usize,
}

/// An operation on single numbers.
pub(super) enum Slow {
    One {
        op: Scalar,
        to: Value,
    },
    /// Several of them.
    Assembled(Assembled),
}

/// What stands for a place that lies side by side.
pub(super) struct Stage {
    pub place: u32,
    pub register: u32,
    /// Whether it is written, else read.
    pub writes: bool,
    /// From which entry of its tensor up to which one whole vectors may be read or written, whatever stands there.
    pub room: std::ops::Range<usize>,
}

/// Where a kernel reads or writes: so far behind a base, and so far to the next vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operand {
    pub base: u32,
    pub offset: u32,
    /// How many numbers a vector has, or 0 for the same one always.
    pub step: u32,
}

/// An operation on chunks.
pub(super) enum Step<T: Real> {
    One(Unary, Kernel<T, 1>, [Operand; 1], Operand),
    Two(Binary, Kernel<T, 2>, [Operand; 2], Operand),
    Three(Ternary, Kernel<T, 3>, [Operand; 3], Operand),
    /// Both of one argument.
    SinCos(SinCosKernel<T>, Operand, [Operand; 2]),
    /// Entries that do not lie side by side, and where it is kept how far they are if that is looked up once.
    Collect(u32, Operand, Option<u32>),
    /// The numbers of the trips.
    Count(Operand),
    /// A function without a kernel for chunks, number by number.
    Each(FunctionId, SmallVec<[Operand; 3]>, Operand),
    /// Several of the operations above as one loop, and the same that writes past the caches what belongs there.
    Assembled(Assembled, Option<Assembled>),
}

impl<T: Real> Step<T> {
    /// What kernels read, but for the indices of what is collected.
    pub fn for_each_source(&self, mut f: impl FnMut(Operand)) {
        match self {
            Step::One(_, _, from, _) => from.iter().copied().for_each(f),
            Step::Two(_, _, from, _) => from.iter().copied().for_each(f),
            Step::Three(_, _, from, _) => from.iter().copied().for_each(f),
            Step::SinCos(_, from, _) => f(*from),
            Step::Each(_, from, _) => from.iter().copied().for_each(f),
            Step::Collect(..) | Step::Count(_) | Step::Assembled(..) => {}
        }
    }

    /// What they write.
    pub fn for_each_target(&self, mut f: impl FnMut(Operand)) {
        match self {
            Step::One(_, _, _, to)
            | Step::Two(_, _, _, to)
            | Step::Three(_, _, _, to)
            | Step::Collect(_, to, _)
            | Step::Count(to)
            | Step::Each(_, _, to) => f(*to),
            Step::SinCos(_, _, to) => to.iter().copied().for_each(f),
            Step::Assembled(..) => {}
        }
    }
}

/// What becomes of a value.
pub(super) enum Put<T: Real> {
    /// A single number of a nest that has no other.
    One(How, Value, u32),
    /// Side by side: joined with what lies there by a kernel.
    Join(Kernel<T, 2>, How, Operand, u32),
    /// Side by side, as it is.
    Copy(Operand, u32),
    /// The same, past the caches.
    Stream(Stream<T>, Operand, u32),
    /// All into one entry.
    Reduce(Reduction<T>, How, Operand, u32),
    /// Number by number.
    Spread(How, Operand, u32),
}

impl<T: Real> Put<T> {
    /// What is put somewhere, if it is a chunk.
    pub fn operand(&self) -> Option<Operand> {
        match self {
            Put::One(..) => None,
            Put::Join(_, _, operand, _)
            | Put::Copy(operand, _)
            | Put::Stream(_, operand, _)
            | Put::Reduce(_, _, operand, _)
            | Put::Spread(_, operand, _) => Some(*operand),
        }
    }
}

impl<T: Real> Code<T> {
    /// How far the next trip of an outer loop moves each place.
    pub fn moves(&self, axis: usize) -> &[isize] {
        let count = self.places.len();
        &self.moves[axis * count..][..count]
    }
}
