//! The loops of a nest: which become one, and which runs over vectors.

use super::nest::CHUNK;
use crate::ir::{Access, Nest, Scalar};

/// The same nest with loops that lie behind each other everywhere made one.
pub(super) fn joined_loops(nest: &Nest) -> Nest {
    let mut nest = nest.clone();
    let counted = |nest: &Nest, axis: usize| {
        nest.body.iter().any(|op| matches!(op, Scalar::Trip(a) if *a as usize == axis))
    };
    let mut axis = 0;
    while axis < nest.extents.len() {
        let remove = |nest: &mut Nest, axis: usize| {
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
        };
        // A loop of one trip is none.
        if nest.extents[axis] == 1 && !counted(&nest, axis) {
            remove(&mut nest, axis);
            continue;
        }
        if axis + 1 < nest.extents.len() && !counted(&nest, axis) && !counted(&nest, axis + 1) {
            let inner = nest.extents[axis + 1];
            let mut accesses = nest.reads.iter().chain(nest.writes.iter().map(|w| &w.to));
            let joins = |access: &Access| access.strides[axis] == access.strides[axis + 1] * inner as isize;
            if accesses.all(joins) {
                nest.extents[axis + 1] *= nest.extents[axis];
                remove(&mut nest, axis);
                axis = axis.saturating_sub(1);
                continue;
            }
        }
        axis += 1;
    }
    nest
}

/// How much the body of a nest costs.
struct Cost {
    /// Operations and writes, each a call of a kernel.
    work: f64,
    /// Functions among them.
    calls: f64,
}

impl Cost {
    fn of(nest: &Nest) -> Cost {
        let call = |op: &&Scalar| matches!(op, Scalar::Call1(..) | Scalar::Call2(..) | Scalar::Call3(..));
        Cost {
            work: (nest.body.iter().filter(|op| op.is_work()).count() + nest.writes.len()) as f64,
            calls: nest.body.iter().filter(call).count() as f64,
        }
    }

    /// What one trip costs among many, in nanoseconds or so.
    fn trip(&self) -> f64 {
        0.3 * self.work + 3.0 * self.calls
    }
}

/// What one trip of a nest costs among many, in nanoseconds or so.
pub(super) fn cost_of_a_trip(nest: &Nest) -> f64 {
    Cost::of(nest).trip()
}

/// The loop that is best run over vectors; `None` where single numbers are as good.
pub(super) fn best_axis(nest: &Nest) -> Option<usize> {
    let all: f64 = nest.extents.iter().map(|n| *n as f64).product();
    let body = Cost::of(nest);
    // Calls of kernels, and entries that do not lie side by side, in nanoseconds or so.
    let cost = |axis: usize| {
        let length = nest.extents[axis].max(1) as f64;
        let chunks = all / length * (length / CHUNK as f64).ceil();
        let far =
            |access: &Access| usize::from(!access.picks.is_empty() || !matches!(access.strides[axis], 0 | 1));
        let reads: usize = nest.reads.iter().map(far).sum();
        let writes: usize = nest.writes.iter().map(|w| far(&w.to)).sum();
        chunks * (6.0 * body.work + 20.0) + all * (body.trip() + 1.5 * reads as f64 + 2.0 * writes as f64)
    };
    let alone = all * (2.0 * body.work + 15.0 * body.calls + nest.reads.len() as f64 + 5.0);
    let best = (0..nest.extents.len()).rev().map(|axis| (axis, cost(axis)));
    let best = best.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, cost)| *cost < alone);
    best.map(|(axis, _)| axis)
}
