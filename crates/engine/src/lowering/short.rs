//! Loops of few trips written out within nests: what is done with few numbers side by side becomes part of a body, which is
//! done for many rows at once, or as single numbers; and nests that differed in such loops alone are fused.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::body::Builder;
use super::unroll::{settle, simplest};
use super::{fuse, zero_signs};
use crate::ir::{Access, How, MAX_ENTRIES, Nest, Program, Scalar, Step, Value};
#[cfg(feature = "machine")]
use crate::machine;

/// Nests of more trips than this are not written out as a whole,
const MAX_TRIPS: usize = 32;
/// nor loops that would come to more operations than this.
const MAX_OPERATIONS: usize = 1024;
/// Loops of more trips than this are no short ones.
#[cfg(feature = "machine")]
const SHORT: usize = 4;
/// So many trips of short loops are written out at most.
#[cfg(feature = "machine")]
const MAX_SHORT: usize = 256;
/// What it costs to begin a nest, in nanoseconds or so: saved where it becomes part of another one.
#[cfg(feature = "machine")]
const BEGINNING: f64 = 60.0;
/// What costs this part of something else is much better.
#[cfg(feature = "machine")]
const MUCH: f64 = 0.8;

/// The loops of a nest that stay, in the order in which they are to stand.
type Kept = SmallVec<[usize; 3]>;

/// The same program in which nests of few trips are one body without loops.
pub(super) fn nests(program: &Program) -> Program {
    let mut result = program.clone();
    write_out(&mut result, &|nest| {
        let trips = nest.extents.iter().try_fold(1usize, |all, n| all.checked_mul(*n)).unwrap_or(MAX_ENTRIES);
        let few = (1..=MAX_TRIPS).contains(&trips) && trips * nest.body.len() <= MAX_OPERATIONS;
        few.then(|| written_out(nest, &Kept::new())).flatten()
    });
    result
}

/// Writes the loops of no more than four trips out where the virtual machine runs a nest as fast without them: it takes as long
/// to begin a kernel as to do a hundred numbers. Sums are taken in another order, so results change by rounding.
#[cfg(feature = "machine")]
pub fn short_loops(program: &mut Program) {
    let concerns = |nest: &Nest| nest.extents.iter().any(|n| *n <= SHORT);
    if any_nest(&program.steps, &concerns) {
        write_out(program, &without_short_loops);
    }
}

/// A nest without its short loops, where that costs no more than it does to begin another nest. Loops that go on where others
/// end are one where vectors are much better then.
#[cfg(feature = "machine")]
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
#[cfg(feature = "machine")]
fn long_loops(nest: &Nest) -> Option<Nest> {
    let (mut kept, short): (Kept, Kept) =
        (0..nest.extents.len()).partition(|axis| nest.extents[*axis] > SHORT);
    let trips: usize = short.iter().map(|axis| nest.extents[*axis]).product();
    // Copies are not made of kernels.
    let copies = nest.body.iter().all(|op| !op.is_work()) && nest.writes.iter().all(|w| w.how == How::Set);
    if trips > MAX_SHORT || nest.extents.contains(&0) || copies && !kept.is_empty() {
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

#[cfg(feature = "machine")]
fn any_nest(steps: &[Step], holds: &impl Fn(&Nest) -> bool) -> bool {
    steps.iter().any(|step| match step {
        Step::Nest(nest) => holds(nest),
        Step::Repeat(repeat) => any_nest(&repeat.steps, holds),
        Step::Product(_) | Step::Factorization(_) => false,
    })
}

/// Puts others for nests, and fuses what can be fused then.
fn write_out(program: &mut Program, other: &dyn Fn(&Nest) -> Option<Nest>) {
    replace(&mut program.steps, other);
    fuse::fuse_begun(program);
    program.forget_starts();
    // What is not written after all may be told from 0 no more.
    zero_signs::leave_out_in(&mut program.steps);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

fn replace(steps: &mut [Step], other: &dyn Fn(&Nest) -> Option<Nest>) {
    for step in steps {
        match step {
            Step::Nest(nest) => {
                if let Some(found) = other(nest) {
                    *nest = found;
                }
            }
            Step::Repeat(repeat) => replace(&mut repeat.steps, other),
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
}

/// What stands in an entry after a value is joined with what stood there; `None` where no operation of a body does that.
fn join(body: &mut Builder, how: How, before: Value, value: Value) -> Option<Value> {
    match how {
        How::Set => Some(value),
        How::Add => Some(simplest(body, Scalar::Add(before, value))),
        How::Multiply => Some(simplest(body, Scalar::Mul(before, value))),
        // A body has no operation that hands NaN on as these do.
        How::Max | How::Min => None,
    }
}

/// A nest whose loops stay in this order, those that are not named written out; `None` where that cannot be.
fn written_out(nest: &Nest, kept: &[usize]) -> Option<Nest> {
    if nest.reads.iter().any(|read| nest.writes.iter().any(|write| write.to.tensor == read.tensor)) {
        return None;
    }
    let extents: SmallVec<[usize; 3]> = kept.iter().map(|axis| nest.extents[*axis]).collect();
    let out: SmallVec<[usize; 3]> = (0..nest.extents.len()).filter(|axis| !kept.contains(axis)).collect();
    let mut body = Builder::new(&extents);
    // The last write to each place.
    let mut places: FxHashMap<Access, usize> = FxHashMap::default();
    let mut trip: SmallVec<[usize; 3]> = SmallVec::from_elem(0, out.len());
    let trips: usize = out.iter().map(|axis| nest.extents[*axis]).product();
    for _ in 0..trips {
        let place = |access: &Access| {
            let far = out.iter().zip(&trip).map(|(axis, at)| access.strides[*axis] * *at as isize);
            let strides = kept.iter().map(|axis| access.strides[*axis]).collect();
            Access { offset: access.offset + far.sum::<isize>(), strides, ..access.clone() }
        };
        let mut values: Vec<Value> = Vec::with_capacity(nest.body.len());
        for op in &nest.body {
            let value = match *op {
                Scalar::Read(at) => {
                    let mut access = place(&nest.reads[at as usize]);
                    settle(&body, &mut access, &values);
                    body.read(access)
                }
                Scalar::Trip(axis) => match out.iter().position(|out| *out == axis as usize) {
                    Some(at) => body.number(trip[at] as f64 + 1.0),
                    None => {
                        let at = kept.iter().position(|kept| *kept == axis as usize)?;
                        body.push(Scalar::Trip(at as u32))
                    }
                },
                op => simplest(&mut body, op.map_operands(|value| values[value as usize])),
            };
            values.push(value);
        }
        for write in &nest.writes {
            let mut to = place(&write.to);
            settle(&body, &mut to, &values);
            let value = values[write.value as usize];
            let before =
                places.get(&to).map(|at| (*at, body.nest.writes[*at].how, body.nest.writes[*at].value));
            match before {
                Some((at, how, before)) if how == write.how || how == How::Set => {
                    body.nest.writes[at].value = join(&mut body, write.how, before, value)?;
                }
                Some(_) => return None,
                None => {
                    places.insert(to.clone(), body.nest.writes.len());
                    body.write(value, to, write.how);
                }
            }
        }
        for (at, axis) in trip.iter_mut().zip(&out).rev() {
            *at += 1;
            if *at < nest.extents[*axis] {
                break;
            }
            *at = 0;
        }
    }
    Some(body.nest)
}
