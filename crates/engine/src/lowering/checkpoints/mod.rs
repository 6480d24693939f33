//! States that a loop keeps for another that runs backwards, its adjoint: where they are too many, a few are kept and the
//! others computed again.
//!
//! Of T times those at the begin of each of T/B segments are kept. The loop backwards goes by segments too, each of which is
//! computed again from its begin: T/B + B states are kept at once, with B near the root of T, and the steps forwards are done
//! twice (Griewank and Walther, "Evaluating derivatives", 2nd edition, chapter 12: one level of checkpoints).

mod adjoint;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use adjoint::{adjoint_of, row_pick};

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
            names.entry(id).or_insert_with(|| self.like(&[id])[0]);
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
