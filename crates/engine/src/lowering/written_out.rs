//! Loops of few trips written out within nests: what is done with few numbers side by side becomes part of a body, which is
//! done for many rows at once, or with single numbers; and nests that differed in such loops alone are fused.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::body::Builder;
use super::unroll::{settle, simplest};
use super::{fuse, zero_signs};
use crate::ir::{Access, How, MAX_ENTRIES, Nest, Program, Scalar, Step, TensorId, Value};

/// Nests of more trips than this are not written out as a whole,
const MAX_TRIPS: usize = 32;
/// nor loops that would come to more operations than this.
const MAX_OPERATIONS: usize = 1024;

/// The loops of a nest that stay, in the order in which they are to stand.
pub(super) type Kept = SmallVec<[usize; 3]>;

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

/// Puts others for nests, and fuses what can be fused then.
pub(super) fn write_out(program: &mut Program, other: &dyn Fn(&Nest) -> Option<Nest>) {
    replace(&mut program.steps, other);
    fuse::fuse_begun(program);
    forget_starts(program);
    // What is not written after all may be told from 0 no more.
    zero_signs::leave_out_in(&mut program.steps);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

/// Lets tensors begin with nothing of which one nest, the only step to write them, sets every entry.
fn forget_starts(program: &mut Program) {
    let mut writers = vec![0usize; program.tensors.len()];
    program.steps.iter().for_each(|step| step.for_each_write(&mut |id| writers[id.index()] += 1));
    let mut whole = Vec::new();
    find_whole(program, &program.steps, &writers, &mut whole);
    whole.into_iter().for_each(|id| program.tensors[id.index()].start = None);
}

/// Finds the tensors with a start that a nest alone, with so many writes in all, sets whole.
fn find_whole(program: &Program, steps: &[Step], writers: &[usize], whole: &mut Vec<TensorId>) {
    for step in steps {
        match step {
            Step::Repeat(repeat) => find_whole(program, &repeat.steps, writers, whole),
            Step::Nest(nest) => {
                for (at, write) in nest.writes.iter().enumerate() {
                    let id = write.to.tensor;
                    let own = || nest.writes.iter().filter(|w| w.to.tensor == id);
                    let first = nest.writes[..at].iter().all(|w| w.to.tensor != id);
                    let starts = program.tensor(id).start.is_some();
                    let alone = || own().all(|w| w.how == How::Set) && own().count() == writers[id.index()];
                    if starts && first && alone() && program.sets_whole(nest, id) {
                        whole.push(id);
                    }
                }
            }
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
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
pub(super) fn written_out(nest: &Nest, kept: &[usize]) -> Option<Nest> {
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
