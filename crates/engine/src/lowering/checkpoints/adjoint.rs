//! Which loop reads what another keeps, and whether it does so backwards.

use rustc_hash::FxHashSet;

use crate::ir::{Access, How, Nest, Program, Repeat, Scalar, Step, TensorId, Value};

/// The loop that reads what another keeps, each row once and backwards, and where it is. `None` where a step is no loop that
/// keeps more than `most` numbers, or where these are read in another way.
pub(super) fn adjoint_of(program: &Program, at: usize, most: usize) -> Option<(usize, Repeat)> {
    let Step::Repeat(forwards) = &program.steps[at] else { return None };
    let kept: usize = forwards.records.iter().map(|record| program.tensor(record.to).len()).sum();
    let grows = forwards.replaced().count() < forwards.states.len();
    if kept <= most || forwards.count < 4 || grows || !is_plain(forwards) {
        return None;
    }
    let is_record = |id: TensorId| forwards.records.iter().any(|record| record.to == id);
    let mut readers = program.steps.iter().enumerate().filter(|(_, step)| {
        let mut reads = false;
        step.for_each_read(&mut |id| reads |= is_record(id));
        reads
    });
    let (back, Step::Repeat(adjoint)) = readers.next()? else { return None };
    // What the loop reads is still the same when it is done again.
    let mut read = FxHashSet::default();
    program.steps[at].for_each_read(&mut |id| {
        read.insert(id);
    });
    let mut written = false;
    let between = program.steps.get(at + 1..=back)?;
    between.iter().for_each(|step| step.for_each_write(&mut |id| written |= read.contains(&id)));
    let fits = readers.next().is_none()
        && !written
        && !program.outputs.iter().any(|(_, id)| is_record(*id))
        && !is_read_behind(program, at, forwards.number)
        && !is_read_behind(program, back, adjoint.number)
        && adjoint.count == forwards.count
        && adjoint.records.is_empty()
        && is_plain(adjoint)
        && !adjoint.states.iter().any(|state| is_record(state.first) || is_record(state.next))
        && reads_backwards(program, adjoint, &is_record);
    fits.then(|| (back, Repeat::clone(adjoint)))
}

/// Whether the steps of a loop are no loops themselves.
fn is_plain(repeat: &Repeat) -> bool {
    repeat.steps.iter().all(|step| matches!(step, Step::Nest(_) | Step::Product(_) | Step::Factorization(_)))
}

/// Whether a tensor is read behind a step.
fn is_read_behind(program: &Program, at: usize, tensor: TensorId) -> bool {
    let mut is_read = program.outputs.iter().any(|(_, id)| *id == tensor);
    program.steps[at + 1..].iter().for_each(|step| step.for_each_read(&mut |id| is_read |= id == tensor));
    is_read
}

/// Whether all that a loop reads of records are entries of the row that was kept when as many times were left.
fn reads_backwards(program: &Program, adjoint: &Repeat, is_record: &impl Fn(TensorId) -> bool) -> bool {
    adjoint.steps.iter().all(|step| match step {
        Step::Nest(nest) => nest.reads.iter().filter(|read| is_record(read.tensor)).all(|read| {
            let row = program.tensor(read.tensor).len() / adjoint.count;
            row_pick(read, adjoint.count, row).is_some_and(|pick| {
                let index = read.picks[pick].index;
                stays_in_row(nest, read, pick, row)
                    && affine(program, adjoint, nest, index) == Some((-1.0, adjoint.count as f64 + 1.0))
            })
        }),
        Step::Product(_) | Step::Factorization(_) | Step::Repeat(_) => {
            let mut reads = false;
            step.for_each_read(&mut |id| reads |= is_record(id));
            !reads
        }
    })
}

/// Which index of an access is that of the row.
pub(super) fn row_pick(read: &Access, count: usize, row: usize) -> Option<usize> {
    read.picks.iter().position(|pick| pick.size == count && pick.stride == row as isize)
}

/// Whether what an access adds to the begin of its row stays in the row.
fn stays_in_row(nest: &Nest, read: &Access, row_pick: usize, row: usize) -> bool {
    let others = read.picks.iter().enumerate().filter(|(at, _)| *at != row_pick);
    let others = others.map(|(_, pick)| (pick.stride, pick.size));
    let loops = read.strides.iter().copied().zip(nest.extents.iter().copied());
    let mut most = read.offset;
    for (stride, size) in loops.chain(others) {
        if stride < 0 {
            return false;
        }
        most += stride * (size as isize - 1).max(0);
    }
    read.offset >= 0 && most < row as isize
}

/// A value as a multiple of the number of the time and a number, where it is made of these alone.
fn affine(program: &Program, repeat: &Repeat, nest: &Nest, value: Value) -> Option<(f64, f64)> {
    let of = |value: Value| affine(program, repeat, nest, value);
    match nest.body[value as usize] {
        Scalar::Number(bits) => Some((0.0, bits.get())),
        Scalar::Neg(a) => of(a).map(|(slope, base)| (-slope, -base)),
        Scalar::Add(a, b) => of(a).zip(of(b)).map(|(a, b)| (a.0 + b.0, a.1 + b.1)),
        Scalar::Sub(a, b) => of(a).zip(of(b)).map(|(a, b)| (a.0 - b.0, a.1 - b.1)),
        Scalar::Mul(a, b) => match (of(a)?, of(b)?) {
            ((0.0, by), (slope, base)) | ((slope, base), (0.0, by)) => Some((by * slope, by * base)),
            _ => None,
        },
        Scalar::Read(read) => {
            let access = nest.reads.get(read as usize)?;
            if access.tensor == repeat.number {
                return Some((1.0, 0.0));
            }
            // A number that an earlier step computes, of the same time or before the loop.
            let mut made = repeat.steps.iter().chain(&program.steps).filter_map(|step| match step {
                Step::Nest(nest) => {
                    nest.writes.iter().find(|w| w.to.tensor == access.tensor).map(|w| (nest, w))
                }
                Step::Product(_) | Step::Factorization(_) | Step::Repeat(_) => None,
            });
            let (maker, write) = made.next()?;
            let single = maker.extents.is_empty() && write.how == How::Set && write.to.picks.is_empty();
            let alone = made.next().is_none()
                && maker.writes.iter().filter(|w| w.to.tensor == access.tensor).count() == 1;
            if !single || !alone || access.offset != write.to.offset || !access.picks.is_empty() {
                return None;
            }
            access
                .strides
                .iter()
                .all(|stride| *stride == 0)
                .then(|| affine(program, repeat, maker, write.value))?
        }
        Scalar::Trip(_)
        | Scalar::Div(..)
        | Scalar::Fma(..)
        | Scalar::Call1(..)
        | Scalar::Call2(..)
        | Scalar::Call3(..)
        | Scalar::Compare(..)
        | Scalar::Not(_)
        | Scalar::And(..)
        | Scalar::Or(..)
        | Scalar::Select(..) => None,
    }
}
