//! The loops of a nest: which become one, and which runs over vectors.

use super::compile::plain;
use super::nest::CHUNK;
use crate::ir::{Access, Nest, Scalar, nested, steady, varying};

/// The same nest with loops that lie behind each other everywhere made one.
pub(crate) fn joined_loops(nest: &Nest) -> Nest {
    let mut nest = nest.clone();
    let counted = |nest: &Nest, axis: usize| {
        nest.body.iter().any(|op| matches!(op, Scalar::Trip(a) if *a as usize == axis))
    };
    let mut axis = 0;
    while axis < nest.extents.len() {
        // A loop of one trip is none.
        if nest.extents[axis] == 1 && !counted(&nest, axis) {
            remove(&mut nest, axis);
        } else {
            axis += 1;
        }
    }
    let apart = turns_are_apart(&nest);
    while let Some((outer, inner)) = joint(&nest, apart, counted) {
        nest.extents[inner] *= nest.extents[outer];
        remove(&mut nest, outer);
    }
    nest
}

/// Two loops of which the first one goes on where the second one ends, wherever the nest reads or writes.
fn joint(nest: &Nest, apart: bool, counted: impl Fn(&Nest, usize) -> bool) -> Option<(usize, usize)> {
    let axes = 0..nest.extents.len();
    let pairs = axes.clone().flat_map(|outer| axes.clone().map(move |inner| (outer, inner)));
    let accesses = || nest.reads.iter().chain(nest.writes.iter().map(|w| &w.to));
    let goes_on = |outer: usize, inner: usize| {
        let length = nest.extents[inner] as isize;
        accesses().all(|access| access.strides[outer] == access.strides[inner] * length)
    };
    // Loops that are not beside each other are brought together where that leaves the order of what meets in an entry.
    let kept = |outer: usize, inner: usize| {
        outer + 1 == inner || apart && nest.writes.iter().all(|write| write.to.strides[outer] != 0)
    };
    pairs
        .filter(|(outer, inner)| outer != inner && !counted(nest, *outer) && !counted(nest, *inner))
        .find(|(outer, inner)| goes_on(*outer, *inner) && kept(*outer, *inner))
}

/// Whether all turns of the loops that move a write are at entries of their own, and nothing that is written is read.
fn turns_are_apart(nest: &Nest) -> bool {
    let steady = steady(nest);
    nest.writes.iter().all(|write| {
        let mut moving: Vec<(usize, usize)> = write
            .to
            .strides
            .iter()
            .zip(&nest.extents)
            .filter(|(stride, _)| **stride != 0)
            .map(|(stride, extent)| (stride.unsigned_abs(), *extent))
            .collect();
        let alone = nest.reads.iter().all(|read| read.tensor != write.to.tensor)
            && nest.writes.iter().filter(|other| other.to.tensor == write.to.tensor).count() == 1;
        nested(&mut moving) && alone && write.to.picks.iter().all(|pick| steady[pick.index as usize])
    })
}

fn remove(nest: &mut Nest, axis: usize) {
    nest.extents.remove(axis);
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|w| &mut w.to));
    accesses.for_each(|access| {
        access.strides.remove(axis);
    });
    for op in &mut nest.body {
        if let Scalar::Trip(a) = op
            && *a as usize > axis
        {
            *a -= 1;
        }
    }
}

/// Functions that are an instruction or two, beside those of [`plain`].
const INSTRUCTIONS: [&str; 5] = ["abs", "min", "max", "relu", "sqrt"];

/// How many operations there are.
#[derive(Default)]
struct Work {
    /// Operations, each a call of a kernel where it is done for a chunk.
    operations: f64,
    /// Functions among them.
    calls: f64,
}

impl Work {
    fn of(nest: &Nest, counts: impl Fn(usize) -> bool) -> Work {
        let mut work = Work::default();
        for (_, op) in nest.body.iter().enumerate().filter(|(at, op)| op.is_work() && counts(*at)) {
            work.operations += 1.0;
            let (Scalar::Call1(f, _) | Scalar::Call2(f, ..) | Scalar::Call3(f, ..)) = op else { continue };
            let name = f.row().name;
            work.calls += f64::from(u8::from(plain(name).is_none() && !INSTRUCTIONS.contains(&name)));
        }
        work
    }

    /// What one trip costs among many, in nanoseconds or so.
    fn trip(&self) -> f64 {
        0.3 * self.operations + 3.0 * self.calls
    }
}

/// What one trip of a nest costs among many, in nanoseconds or so.
pub(super) fn cost_of_a_trip(nest: &Nest) -> f64 {
    Work::of(nest, |_| true).trip() + 0.3 * nest.writes.len() as f64
}

/// The loop that is best run over vectors; `None` where single numbers are as good.
pub(crate) fn best_axis(nest: &Nest) -> Option<usize> {
    best(nest).0
}

/// What a run of a nest costs, in nanoseconds or so.
pub(crate) fn cost(nest: &Nest) -> f64 {
    best(&joined_loops(nest)).1
}

/// The best loop, and what a run costs then.
fn best(nest: &Nest) -> (Option<usize>, f64) {
    let all: f64 = nest.extents.iter().map(|n| *n as f64).product();
    let writes = nest.writes.len() as f64;
    let steady = steady(nest);
    // Turns, calls of kernels, numbers by themselves, and entries that do not lie side by side, in nanoseconds or so, as they
    // were measured.
    let cost = |axis: usize| {
        let length = nest.extents[axis].max(1) as f64;
        let chunks = all / length * (length / CHUNK as f64).ceil();
        let varies = varying(nest, Some(axis));
        let vectors = Work::of(nest, |at| varies[at]);
        let numbers = Work::of(nest, |at| !varies[at] && !steady[at]);
        let far = |access: &Access| {
            let picked = access.picks.iter().any(|pick| varies[pick.index as usize]);
            usize::from(picked || !matches!(access.strides[axis], 0 | 1))
        };
        let reads: usize = nest.reads.iter().map(far).sum();
        let spread: usize = nest.writes.iter().map(|w| far(&w.to)).sum();
        chunks
            * (8.0 * (vectors.operations + writes) + 3.0 * numbers.operations + 15.0 * numbers.calls + 60.0)
            + all * (vectors.trip() + 0.3 * writes + (reads + spread) as f64)
    };
    let single = Work::of(nest, |at| !steady[at]);
    let reads = nest.reads.len() as f64;
    let alone = all * (3.0 * (single.operations + writes) + 15.0 * single.calls + 2.0 * reads + 20.0);
    let best = (0..nest.extents.len()).rev().map(|axis| (axis, cost(axis)));
    let best = best.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, cost)| *cost < alone);
    best.map_or((None, alone), |(axis, cost)| (Some(axis), cost))
}
