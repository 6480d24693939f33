//! States that a loop keeps for another that runs backwards, its adjoint: where they are too many, a few are kept and the
//! others computed again.
//!
//! Of T times those at the begin of each of T/B segments are kept. The loop backwards goes by segments too, each of which is
//! computed again from its begin: T/B + B states are kept at once, with B near the root of T, and the steps forwards are done
//! twice (Griewank and Walther, "Evaluating derivatives", 2nd edition, section 12.1: one level of checkpoints).

use rustc_hash::{FxHashMap, FxHashSet};

use super::body::Builder;
use super::fuse::{rename, rename_all, renumber};
use crate::ir::{
    Access, How, Nest, Pick, Program, Record, Repeat, Scalar, State, Step, Strides, TensorId, Value,
};

/// No more numbers than this are kept of the states of a loop whose adjoint can have them computed again: half a gibibyte of
/// doubles.
pub(super) const MOST_KEPT: usize = 1 << 26;

/// Keeps a few states alone of loops that would keep more than `most` numbers. The same operations on the same numbers are
/// done, so that no bit changes.
pub(super) fn keep_few(program: &mut Program, most: usize) {
    let mut at = 0;
    let mut cut = false;
    while at < program.steps.len() {
        let adjoint = adjoint_of(program, at, most);
        if let Some((back, adjoint)) = adjoint
            && let Step::Repeat(forwards) = program.steps[at].clone()
        {
            let (first, second) = Cut::new(program, forwards.count).loops(&forwards, &adjoint);
            program.steps.splice(back..=back, second);
            program.steps.splice(at..=at, first);
            cut = true;
        }
        at += 1;
    }
    if cut {
        // What was kept before is declared no more.
        let mut steps = std::mem::take(&mut program.steps);
        renumber(program, &mut steps);
        program.steps = steps;
    }
}

/// The loop that reads what another keeps, each row once and backwards, and where it is. `None` where a step is no loop that
/// keeps more than `most` numbers, or where these are read in another way.
fn adjoint_of(program: &Program, at: usize, most: usize) -> Option<(usize, Repeat)> {
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
                    && affine(adjoint, nest, index) == Some((-1.0, adjoint.count as f64 + 1.0))
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
fn row_pick(read: &Access, count: usize, row: usize) -> Option<usize> {
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
fn affine(repeat: &Repeat, nest: &Nest, value: Value) -> Option<(f64, f64)> {
    let of = |value: Value| affine(repeat, nest, value);
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
            // A number that an earlier step of the same time computes.
            let mut made = repeat.steps.iter().filter_map(|step| match step {
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
            access.strides.iter().all(|stride| *stride == 0).then(|| affine(repeat, maker, write.value))?
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

/// A number of times.
#[derive(Clone, Copy)]
enum Times {
    Number(usize),
    /// The only entry of a tensor.
    Tensor(TensorId),
}

/// What a part of a loop is.
struct Part<'a> {
    count: usize,
    /// What its states begin with.
    firsts: &'a [TensorId],
    /// Where they are, if that is not left to it.
    currents: Option<&'a [TensorId]>,
    /// How many times were before.
    before: Times,
}

/// A loop of so many times in segments.
struct Cut<'a> {
    program: &'a mut Program,
    /// How many times a segment has, how many of these there are, and how many times are left behind them.
    length: usize,
    segments: usize,
    rest: usize,
}

impl<'a> Cut<'a> {
    fn new(program: &'a mut Program, count: usize) -> Cut<'a> {
        let length = ((count as f64).sqrt().ceil() as usize).clamp(1, count.max(1));
        Cut { program, length, segments: count / length, rest: count % length }
    }

    /// The steps in the place of the loop, and in that of the one backwards.
    fn loops(mut self, forwards: &Repeat, adjoint: &Repeat) -> (Vec<Step>, Vec<Step>) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let rest = self.rest;
        let ends: Vec<TensorId> = forwards.states.iter().map(|state| state.current).collect();
        // Where the states are behind the segments.
        let behind = if rest == 0 { ends.clone() } else { self.like(&ends) };
        let (segments, kept) = self.forwards(forwards, &behind);
        first.push(segments);
        let mut firsts: Vec<TensorId> = adjoint.states.iter().map(|state| state.first).collect();
        if rest > 0 {
            let before = Times::Number(self.length * self.segments);
            let part = Part { count: rest, firsts: &behind, currents: Some(&ends), before };
            let (step, _, records) = self.part(forwards, part, true);
            first.push(step);
            let part = Part { count: rest, firsts: &firsts, currents: None, before: Times::Number(0) };
            let (step, currents) = self.back(adjoint, part, &records);
            second.push(step);
            firsts = currents;
        }
        let segments = self.backwards(forwards, adjoint, &firsts, &kept);
        second.push(segments);
        (first, second)
    }

    /// The segments forwards, and what the states of each begin with, one of all tensors side by side.
    fn forwards(&mut self, of: &Repeat, currents: &[TensorId]) -> (Step, Vec<TensorId>) {
        let number = self.program.declare(Vec::new(), None);
        let before = self.program.declare(Vec::new(), None);
        let mut steps = vec![self.number(before, number, self.length as f64, -(self.length as f64))];
        let (begins, copies) = (self.like(currents), self.like(currents));
        let shapes: Vec<Vec<usize>> =
            currents.iter().map(|id| self.program.tensor(*id).shape.clone()).collect();
        for ((from, to), shape) in currents.iter().zip(&copies).zip(&shapes) {
            steps.push(copy(shape, *from, None, *to));
        }
        let part =
            Part { count: self.length, firsts: currents, currents: None, before: Times::Tensor(before) };
        let (step, ends, _) = self.part(of, part, false);
        steps.push(step);
        let firsts = || of.states.iter().map(|state| state.first);
        let state = |((first, current), next): ((TensorId, &TensorId), &TensorId)| State {
            first,
            current: *current,
            next: *next,
        };
        let mut states: Vec<State> = firsts().zip(currents).zip(&ends).map(state).collect();
        states.extend(firsts().zip(&begins).zip(&copies).map(state));
        let kept: Vec<TensorId> = shapes
            .iter()
            .map(|shape| self.program.declare([&[self.segments], &shape[..]].concat(), None))
            .collect();
        let count = of.states.len();
        let records = kept.iter().enumerate().map(|(at, to)| Record { state: count + at, to: *to }).collect();
        (Step::Repeat(Box::new(Repeat { count: self.segments, number, states, steps, records })), kept)
    }

    /// The segments backwards, each of which is computed again from its begin.
    fn backwards(
        &mut self,
        forwards: &Repeat,
        adjoint: &Repeat,
        firsts: &[TensorId],
        kept: &[TensorId],
    ) -> Step {
        let (length, segments) = (self.length as f64, self.segments as f64);
        let [number, segment, before, back_before] = [(); 4].map(|()| self.program.declare(Vec::new(), None));
        let mut steps = vec![
            self.number(segment, number, -1.0, segments + 1.0),
            self.number(before, number, -length, segments * length),
            self.number(back_before, number, length, self.rest as f64 - length),
        ];
        let begins: Vec<TensorId> = forwards.states.iter().map(|state| state.current).collect();
        let begins = self.like(&begins);
        for (from, to) in kept.iter().zip(&begins) {
            let shape = self.program.tensor(*to).shape.clone();
            let row = Some((segment, self.segments));
            steps.push(copy(&shape, *from, row, *to));
        }
        let part =
            Part { count: self.length, firsts: &begins, currents: None, before: Times::Tensor(before) };
        let (step, _, records) = self.part(forwards, part, true);
        steps.push(step);
        let currents: Vec<TensorId> = adjoint.states.iter().map(|state| state.current).collect();
        let part = Part {
            count: self.length,
            firsts: &currents,
            currents: None,
            before: Times::Tensor(back_before),
        };
        let (step, ends) = self.back(adjoint, part, &records);
        steps.push(step);
        let states = firsts.iter().zip(&currents).zip(&ends);
        let states = states
            .map(|((first, current), next)| State { first: *first, current: *current, next: *next })
            .collect();
        Step::Repeat(Box::new(Repeat { count: self.segments, number, states, steps, records: Vec::new() }))
    }

    /// A part of a loop, with tensors of its own; where its states are, and where what it keeps is, by what kept it.
    fn part(
        &mut self,
        of: &Repeat,
        part: Part,
        keeps: bool,
    ) -> (Step, Vec<TensorId>, FxHashMap<TensorId, TensorId>) {
        let (repeat, names) = self.copied(of, &part, None);
        let mut repeat = repeat;
        let mut rows = FxHashMap::default();
        for record in of.records.iter().filter(|_| keeps) {
            let mut shape = self.program.tensor(record.to).shape.clone();
            shape[0] = part.count;
            let to = self.program.declare(shape, None);
            rows.insert(record.to, to);
            repeat.records.push(Record { to, ..*record });
        }
        let currents = of.states.iter().map(|state| names[&state.current]).collect();
        (Step::Repeat(Box::new(repeat)), currents, rows)
    }

    /// A part of the loop backwards, which reads rows that were kept of as many times.
    fn back(
        &mut self,
        of: &Repeat,
        part: Part,
        rows: &FxHashMap<TensorId, TensorId>,
    ) -> (Step, Vec<TensorId>) {
        let left = self.program.declare(Vec::new(), None);
        let (mut repeat, names) = self.copied(of, &part, Some(left));
        for step in &mut repeat.steps {
            let Step::Nest(nest) = step else { continue };
            if !nest.reads.iter().any(|read| rows.contains_key(&read.tensor)) {
                continue;
            }
            let strides: Strides = nest.extents.iter().map(|_| 0).collect();
            let begin = number_first(nest, Access { tensor: left, offset: 0, strides, picks: [].into() });
            for read in &mut nest.reads {
                let Some(to) = rows.get(&read.tensor) else { continue };
                let row = self.program.tensor(*to).len() / part.count;
                if let Some(pick) = row_pick(read, of.count, row) {
                    read.picks[pick] = Pick { index: begin, size: part.count, ..read.picks[pick] };
                }
                read.tensor = *to;
            }
        }
        (Step::Repeat(Box::new(repeat)), of.states.iter().map(|state| names[&state.current]).collect())
    }

    /// A part of a loop that keeps nothing, with tensors of its own, and their names. `left` is to hold how many times are
    /// left, this one with them.
    fn copied(
        &mut self,
        of: &Repeat,
        part: &Part,
        left: Option<TensorId>,
    ) -> (Repeat, FxHashMap<TensorId, TensorId>) {
        let mut names: FxHashMap<TensorId, TensorId> = FxHashMap::default();
        for (at, state) in of.states.iter().enumerate() {
            let current = part.currents.map(|currents| currents[at]);
            let current = current.unwrap_or_else(|| self.like(&[state.current])[0]);
            names.insert(state.current, current);
        }
        let mut inside = vec![of.number];
        of.steps.iter().for_each(|step| step.for_each_write(&mut |id| inside.push(id)));
        for id in inside {
            if !names.contains_key(&id) {
                let own = self.like(&[id])[0];
                names.insert(id, own);
            }
        }
        let name = |id: TensorId| names.get(&id).copied().unwrap_or(id);
        let number = self.program.declare(Vec::new(), None);
        let mut nest = Builder::new(&[]);
        let this = nest.read(scalar(number));
        let before = match part.before {
            Times::Number(n) => nest.number(n as f64),
            Times::Tensor(id) => nest.read(scalar(id)),
        };
        let all = nest.push(Scalar::Add(before, this));
        nest.write(all, scalar(name(of.number)), How::Set);
        if let Some(left) = left {
            let end = nest.number(part.count as f64 + 1.0);
            let value = nest.push(Scalar::Sub(end, this));
            nest.write(value, scalar(left), How::Set);
        }
        let mut steps = vec![Step::Nest(nest.nest)];
        steps.extend(of.steps.iter().cloned());
        rename_all(&mut steps[1..], &|id| *id = name(*id));
        let states = of.states.iter().zip(part.firsts);
        let states = states.map(|(state, first)| State {
            first: *first,
            current: name(state.current),
            next: name(state.next),
        });
        let states = states.collect();
        (Repeat { count: part.count, number, states, steps, records: Vec::new() }, names)
    }

    /// New tensors like others.
    fn like(&mut self, of: &[TensorId]) -> Vec<TensorId> {
        let declared = of.iter().map(|id| {
            self.program.tensors.push(self.program.tensor(*id).clone());
            TensorId(self.program.tensors.len() as u32 - 1)
        });
        declared.collect()
    }

    /// `to = slope*from + base` of single numbers.
    fn number(&self, to: TensorId, from: TensorId, slope: f64, base: f64) -> Step {
        let mut nest = Builder::new(&[]);
        let (from, slope, base) = (nest.read(scalar(from)), nest.number(slope), nest.number(base));
        let scaled = nest.push(Scalar::Mul(slope, from));
        let value = nest.push(Scalar::Add(scaled, base));
        nest.write(value, scalar(to), How::Set);
        Step::Nest(nest.nest)
    }
}

/// The only entry of a tensor, in a nest without loops.
fn scalar(tensor: TensorId) -> Access {
    Access { tensor, offset: 0, strides: Strides::new(), picks: [].into() }
}

/// A copy of a tensor of a shape, or of a row of one with one more axis of so many rows; the tensor holds which.
fn copy(shape: &[usize], from: TensorId, row: Option<(TensorId, usize)>, to: TensorId) -> Step {
    let mut nest = Builder::new(shape);
    let strides: Strides = super::dense(shape);
    let still: Strides = shape.iter().map(|_| 0).collect();
    let mut source = Access { tensor: from, offset: 0, strides: strides.clone(), picks: [].into() };
    if let Some((which, size)) = row {
        let index = nest.read(Access { tensor: which, offset: 0, strides: still, picks: [].into() });
        let stride = shape.iter().product::<usize>() as isize;
        source.picks.push(Pick { index, stride, size });
    }
    let value = nest.read(source);
    nest.write(value, Access { tensor: to, offset: 0, strides, picks: [].into() }, How::Set);
    Step::Nest(nest.nest)
}

/// Has a nest read one more entry before all else; the value that it is.
fn number_first(nest: &mut Nest, access: Access) -> Value {
    rename(nest, |value| value + 1);
    nest.body.iter_mut().for_each(|op| *op = op.map_operands(|value| value + 1));
    nest.body.insert(0, Scalar::Read(nest.reads.len() as u32));
    nest.reads.push(access);
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::parse;
    use crate::machine::Machine;

    /// A fold over `count` times of three numbers, `s = tanh(A s)`, and its adjoint by `A`; `left` is what the row that is
    /// read is, of the number of the time `%0` and `%1`, which is one more than all times.
    fn adjoint_of_a_fold(count: usize, left: &str) -> Program {
        let all = count + 1;
        let text = format!(
            "t0: 3\nt1: 3 3\nt2: 3\nt3: 3\nt4: 3 = 0.0\nt5: 3\nt6: 3\nt7: {count} 3\nt8:\nt9: 3\nt10: 3\nt11: 3 3\nt12: 3 3\n\
             t13:\nt14:\nt15: 3 = 0.0\nt16: 3\nt17: 3 = 0.0\nt18: 3\nin h t0\nin A t1\nrepeat {count} t8\n  \
             state t2 = t0 then t5\n  state t3 = t0 then t6\n  record t7 of 1\n  for 3 3\n    %0 = t2[0 + 1*#1]\n    \
             %1 = t1[0 + 3*#0 + 1*#1]\n    %2 = mul %0 %1\n    t4[0 + 1*#0] += %2\n  end\n  for 3\n    %0 = t4[0 + 1*#0]\n    \
             %1 = call tanh %0\n    %2 = t8[0]\n    %3 = 0.01\n    %4 = fma %2 %3 %1\n    %5 = t2[0 + 1*#0]\n    t5[0 + 1*#0] = %4\n    \
             t6[0 + 1*#0] = %5\n  end\nend\nfor 3\n  %0 = 1.0\n  t9[0 + 1*#0] = %0\nend\nfor 3 3\n  %0 = 0.0\n  \
             t11[0 + 3*#0 + 1*#1] = %0\nend\nrepeat {count} t13\n  state t10 = t9 then t17\n  state t12 = t11 then t12\n  for\n    \
             %0 = t13[0]\n    %1 = {all}.0\n    %2 = {left}\n    t14[0] = %2\n  end\n  for 3 3\n    %0 = t14[0]\n    \
             %1 = t1[0 + 3*#0 + 1*#1]\n    %2 = t7[0 + 1*#1 + 3*%0 in {count}]\n    %3 = mul %1 %2\n    t15[0 + 1*#0] += %3\n  \
             end\n  for 3\n    %0 = t15[0 + 1*#0]\n    %1 = call tanh %0\n    %2 = 1.0\n    %3 = mul %1 %1\n    %4 = sub %2 %3\n    \
             %5 = t14[0]\n    %6 = t7[0 + 1*#0 + 3*%5 in {count}]\n    t16[0 + 1*#0] = %4\n    t18[0 + 1*#0] = %6\n  end\n  \
             for 3 3\n    %0 = t1[0 + 1*#0 + 3*#1]\n    %1 = t10[0 + 1*#1]\n    %2 = t16[0 + 1*#1]\n    %3 = mul %0 %1\n    \
             %4 = mul %2 %3\n    %5 = t10[0 + 1*#0]\n    %6 = t18[0 + 1*#1]\n    %7 = t16[0 + 1*#0]\n    %8 = mul %5 %6\n    \
             %9 = mul %7 %8\n    t17[0 + 1*#0] += %4\n    t12[0 + 3*#0 + 1*#1] += %9\n  end\nend\nout v t2\nout g t12\n"
        );
        parse(&text).expect("a program")
    }

    /// The most numbers that any loop keeps.
    fn kept(program: &Program) -> usize {
        fn of(steps: &[Step], program: &Program) -> usize {
            let each = steps.iter().map(|step| match step {
                Step::Repeat(repeat) => {
                    let records = repeat.records.iter().map(|record| program.tensor(record.to).len());
                    records.sum::<usize>().max(of(&repeat.steps, program))
                }
                Step::Nest(_) | Step::Product(_) | Step::Factorization(_) => 0,
            });
            each.max().unwrap_or(0)
        }
        of(&program.steps, program)
    }

    const H: [f64; 3] = [0.3, -0.7, 0.2];
    const A: [f64; 9] = [0.9, -0.4, 0.3, 0.2, 0.8, -0.6, 0.5, 0.1, 0.7];

    #[test]
    fn few_states_give_the_same_bits() {
        for count in (4..40).chain([97, 100]) {
            let before = adjoint_of_a_fold(count, "sub %1 %0");
            let mut after = before.clone();
            keep_few(&mut after, 3);
            assert_eq!(after.check(), Ok(()), "{after}");
            assert!(kept(&after) < kept(&before) || count < 8, "{count}: {after}");
            let segments = (count as f64).sqrt().ceil() as usize + 1;
            assert!(kept(&after) <= 6 * segments, "{count}: {} numbers kept", kept(&after));
            let wanted = before.run(&[&H, &A]).expect("it runs");
            assert_eq!(after.run(&[&H, &A]).expect("it runs"), wanted, "{count}");
            let on_machine = |program: &Program| {
                let (mut v, mut g) = ([0.0; 3], [0.0; 9]);
                let mut machine = Machine::<f64>::new(program.clone()).expect("ready");
                machine.run(&[&H, &A], &mut [&mut v, &mut g]).expect("it runs");
                (v, g)
            };
            assert_eq!(on_machine(&after), on_machine(&before), "{count}");
            // The text says the same.
            let text = after.to_string();
            assert!(parse(&text).is_ok_and(|read| read.to_string() == text), "{text}");
        }
    }

    #[test]
    fn what_is_read_in_another_way_stays() {
        let unchanged = |program: Program, most: usize| {
            let mut after = program.clone();
            keep_few(&mut after, most);
            assert_eq!(after, program);
        };
        // No more than may be kept.
        unchanged(adjoint_of_a_fold(20, "sub %1 %0"), 60);
        // Forwards.
        unchanged(adjoint_of_a_fold(20, "add %0 %0"), 3);
        let mut program = adjoint_of_a_fold(20, "sub %1 %0");
        program.outputs.push(("all".into(), TensorId(7)));
        unchanged(program, 3);
        // The numbers that the loop reads are others when it would be done again.
        let text = adjoint_of_a_fold(20, "sub %1 %0").to_string();
        let text = text
            .replace("t1: 3 3\n", "t1: 3 3 = 1.0\n")
            .replace("in A t1\n", "for 3\n  %0 = 0.5\n  t1[0 + 4*#0] += %0\nend\n");
        let again = "for 3\n  %0 = 1.0\n  t9[0 + 1*#0] = %0\n  t1[0 + 4*#0] += %0\nend\n";
        let text = text.replacen("for 3\n  %0 = 1.0\n  t9[0 + 1*#0] = %0\nend\n", again, 1);
        assert!(text.contains(again));
        unchanged(parse(&text).expect("a program"), 3);
    }
}
