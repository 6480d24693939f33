//! The short loops of nests written out, for the virtual machine: its kernels want long vectors, and take as long to begin as to
//! do a hundred numbers.

use super::written_out::{Kept, write_out, written_out};
use crate::ir::{How, Nest, Program, Step};
use crate::machine;

/// Loops of more trips than this are no short ones.
const SHORT: usize = 4;
/// So many trips of short loops are written out at most,
const MAX_TRIPS: usize = 256;
/// and to so many operations.
const MAX_OPERATIONS: usize = 1024;
/// Some are the same on several trips: of so many one is left at the most.
const SAME: usize = 4;
/// What it costs to begin a nest, in nanoseconds or so: saved where it becomes part of another one.
const BEGINNING: f64 = 60.0;
/// What costs this part of something else is much better.
const MUCH: f64 = 0.8;

/// Writes the loops of no more than four trips out where the virtual machine runs a nest as fast without them, and fuses the
/// nests that differed in these alone. Sums are taken in another order, so results change by rounding.
///
/// Cost: linear in the operations that it comes to, beside the search for what can be fused.
///
/// ```
/// use agnesi_engine::ir::parse;
/// use agnesi_engine::lowering::short_loops;
///
/// let text = "t0: 2 9\nt1: 9 = 0.0\nin x t0\nfor 9 2\n  %0 = t0[0 + 1*#0 + 9*#1]\n  t1[0 + 1*#0] += %0\nend\nout y t1\n";
/// let mut program = parse(text).expect("a program");
/// let x: Vec<f64> = (0..18).map(f64::from).collect();
/// let sums = program.run(&[&x]);
/// short_loops(&mut program);
/// assert!(program.to_string().contains("for 9\n"));
/// assert_eq!(program.run(&[&x]), sums);
/// ```
pub fn short_loops(program: &mut Program) {
    let concerns = |nest: &Nest| nest.extents.iter().any(|n| *n <= SHORT);
    if any_nest(&program.steps, &concerns) {
        write_out(program, &without_short_loops);
    }
}

/// A nest without its short loops, where that costs no more than it does to begin another nest. Loops that go on where others
/// end are one where vectors are much better then.
fn without_short_loops(nest: &Nest) -> Option<Nest> {
    let most = machine::cost(nest) + BEGINNING;
    let costing = |nest: &Nest| long_loops(nest).map(|found| (machine::cost(&found), found));
    let own = costing(nest).filter(|(cost, _)| *cost <= most);
    if own.as_ref().is_some_and(|(_, found)| found.extents.is_empty()) {
        return own.map(|(_, found)| found);
    }
    let joined = machine::joined_loops(nest);
    let joined = (joined.extents != nest.extents).then(|| costing(&joined)).flatten();
    let bound = own.as_ref().map_or(most, |(cost, _)| MUCH * cost);
    joined.filter(|(cost, _)| *cost <= bound).or(own).map(|(_, found)| found)
}

/// A nest with its long loops alone.
fn long_loops(nest: &Nest) -> Option<Nest> {
    let (mut kept, short): (Kept, Kept) =
        (0..nest.extents.len()).partition(|axis| nest.extents[*axis] > SHORT);
    let trips = short.iter().fold(1usize, |all, axis| all.saturating_mul(nest.extents[*axis]));
    let operations = trips.saturating_mul(nest.body.len());
    // Copies are not made of kernels.
    let copies = nest.body.iter().all(|op| !op.is_work()) && nest.writes.iter().all(|w| w.how == How::Set);
    let many = trips > MAX_TRIPS || operations > SAME * MAX_OPERATIONS;
    if many || nest.extents.contains(&0) || copies && !kept.is_empty() {
        return None;
    }
    let mut found = written_out(nest, &kept)?;
    // All nests over the same loops have them in the same order, those over which vectors run innermost.
    let vector = machine::best_axis(&found).map(|at| kept.remove(at));
    kept.sort_by_key(|axis| nest.extents[*axis]);
    kept.extend(vector);
    if kept.len() > 1 {
        found = written_out(nest, &kept)?;
    }
    (found.body.len() <= MAX_OPERATIONS).then_some(found)
}

fn any_nest(steps: &[Step], holds: &impl Fn(&Nest) -> bool) -> bool {
    steps.iter().any(|step| match step {
        Step::Nest(nest) => holds(nest),
        Step::Repeat(repeat) => any_nest(&repeat.steps, holds),
        Step::Product(_) | Step::Factorization(_) => false,
    })
}
