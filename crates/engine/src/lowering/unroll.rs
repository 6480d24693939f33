//! Repeats of a few times written out: steps so many times, in which the number of the time is known.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::body::Builder;
use super::fuse;
use super::zero_signs::is_zero;
use crate::ir::{Access, Declaration, How, Nest, Program, Repeat, Scalar, Step, TensorId, Value};

/// Repeats of more times than this stay,
const MAX_TIMES: usize = 4;
/// and those that would come to more operations than this.
const MAX_REPEATED: usize = 2048;

/// Writes the repeats of a few times out.
pub(super) fn repeats(program: &mut Program) {
    if !program.steps.iter().any(has_short) {
        return;
    }
    let steps = std::mem::take(&mut program.steps);
    let names = (0..program.tensors.len() as u32).map(TensorId).collect();
    let mut writer = Repeats { program, names, numbers: FxHashMap::default(), rows: FxHashMap::default() };
    let steps = writer.steps(&steps);
    let names = writer.names;
    program.steps = steps;
    program.outputs.iter_mut().for_each(|(_, id)| *id = names[id.index()]);
    fuse::fuse(program);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

fn has_short(step: &Step) -> bool {
    match step {
        Step::Repeat(repeat) => is_short(repeat) || repeat.steps.iter().any(has_short),
        Step::Nest(_) | Step::Product(_) | Step::Factorization(_) => false,
    }
}

/// Whether a repeat is written out: its states that grow are added to alone, and no other state takes their values.
fn is_short(repeat: &Repeat) -> bool {
    let grown: SmallVec<[TensorId; 4]> =
        repeat.states.iter().filter(|s| s.next == s.current).map(|s| s.current).collect();
    let kept = |id: TensorId| grown.contains(&id);
    (1..=MAX_TIMES).contains(&repeat.count)
        && repeat.count * repeat.steps.iter().map(length).sum::<usize>() <= MAX_REPEATED
        && repeat.replaced().all(|state| !kept(state.next) && !kept(state.first))
        && repeat.steps.iter().all(|step| match step {
            Step::Nest(nest) => nest.writes.iter().all(|w| w.how == How::Add || !kept(w.to.tensor)),
            Step::Product(_) | Step::Factorization(_) => true,
            Step::Repeat(_) => grown.is_empty(),
        })
}

fn length(step: &Step) -> usize {
    match step {
        Step::Nest(nest) => nest.body.len(),
        Step::Product(_) | Step::Factorization(_) => 1,
        Step::Repeat(repeat) => repeat.steps.iter().map(length).sum(),
    }
}

struct Repeats<'a> {
    program: &'a mut Program,
    /// What each tensor is called now.
    names: Vec<TensorId>,
    /// The numbers of the times that are being written.
    numbers: FxHashMap<TensorId, f64>,
    /// The tensors that hold the rows of records.
    rows: FxHashMap<TensorId, Vec<TensorId>>,
}

impl Repeats<'_> {
    fn name(&self, id: TensorId) -> TensorId {
        self.names[id.index()]
    }

    fn declare(&mut self, declaration: Declaration) -> TensorId {
        self.program.tensors.push(declaration);
        let id = TensorId(self.program.tensors.len() as u32 - 1);
        self.names.push(id);
        id
    }

    fn steps(&mut self, steps: &[Step]) -> Vec<Step> {
        let mut done = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Step::Nest(nest) => done.push(Step::Nest(self.nest(nest))),
                Step::Product(product) => {
                    let mut product = product.clone();
                    for access in [&mut product.left, &mut product.right, &mut product.to] {
                        access.tensor = self.name(access.tensor);
                    }
                    done.push(Step::Product(product));
                }
                Step::Factorization(f) => {
                    let mut f = f.clone();
                    (f.from, f.to) = (self.name(f.from), self.name(f.to));
                    done.push(Step::Factorization(f));
                }
                Step::Repeat(repeat) if is_short(repeat) => self.written_out(repeat, &mut done),
                Step::Repeat(repeat) => {
                    let mut repeat = repeat.clone();
                    repeat.number = self.name(repeat.number);
                    for state in &mut repeat.states {
                        state.first = self.name(state.first);
                        state.current = self.name(state.current);
                    }
                    repeat.steps = self.steps(&repeat.steps);
                    for state in &mut repeat.states {
                        state.next = self.name(state.next);
                    }
                    repeat.records.iter_mut().for_each(|record| record.to = self.name(record.to));
                    done.push(Step::Repeat(repeat));
                }
            }
        }
        done
    }

    fn written_out(&mut self, repeat: &Repeat, done: &mut Vec<Step>) {
        let mut inside: Vec<TensorId> = Vec::new();
        repeat.steps.iter().for_each(|step| step.for_each_write(&mut |id| inside.push(id)));
        inside.sort_unstable();
        inside.dedup();
        inside.retain(|id| repeat.states.iter().all(|state| state.current != *id));
        for state in repeat.states.iter().filter(|state| state.next == state.current) {
            let first = self.name(state.first);
            let (shape, current) = (self.program.tensor(first).shape.clone(), self.name(state.current));
            self.program.tensors[current.index()].start = Some(crate::ir::Bits::new(0.0));
            done.push(moved(&shape, first, current, 0, How::Add));
        }
        let mut values: Vec<TensorId> = repeat.states.iter().map(|state| self.name(state.first)).collect();
        for record in &repeat.records {
            let to = self.name(record.to);
            self.program.tensors[to.index()].start = Some(crate::ir::Bits::new(0.0));
        }
        let mut rows: Vec<Vec<TensorId>> = vec![Vec::new(); repeat.records.len()];
        let (own, states) = (self.names.clone(), &repeat.states);
        for time in 1..=repeat.count {
            for id in &inside {
                self.names[id.index()] = match time {
                    1 => own[id.index()],
                    _ => {
                        let declared = self.program.tensor(own[id.index()]).clone();
                        self.declare(declared)
                    }
                };
            }
            self.numbers.insert(repeat.number, time as f64);
            for (state, value) in states.iter().zip(&values).filter(|(s, _)| s.next != s.current) {
                self.names[state.current.index()] = *value;
            }
            done.extend(self.steps(&repeat.steps));
            values = states.iter().map(|state| self.name(state.next)).collect();
            for (record, rows) in repeat.records.iter().zip(&mut rows) {
                let (from, to) = (values[record.state], self.name(record.to));
                let declared = self.program.tensor(from);
                let (shape, far) = (declared.shape.clone(), declared.len() * (time - 1));
                done.push(moved(&shape, from, to, far as isize, How::Set));
                // A state that grows is another one after the next time.
                if states[record.state].next != states[record.state].current {
                    rows.push(from);
                }
            }
        }
        for (state, value) in states.iter().zip(values) {
            self.names[state.current.index()] = value;
        }
        for (record, rows) in repeat.records.iter().zip(rows).filter(|(_, rows)| rows.len() == repeat.count) {
            self.rows.insert(self.name(record.to), rows);
        }
    }

    /// A nest under the names of now, with what is known of indices.
    fn nest(&mut self, nest: &Nest) -> Nest {
        let mut builder = Builder::new(&nest.extents);
        let mut values: Vec<Value> = Vec::with_capacity(nest.body.len());
        for op in &nest.body {
            let value = match *op {
                Scalar::Read(at) => {
                    let access = &nest.reads[at as usize];
                    match self.numbers.get(&access.tensor) {
                        Some(number) => builder.number(*number),
                        None => {
                            let access = self.access(&builder, access, &values);
                            let access = self.in_row(access, &nest.extents);
                            builder.read(access)
                        }
                    }
                }
                op => simplest(&mut builder, op.map_operands(|value| values[value as usize])),
            };
            values.push(value);
        }
        for write in &nest.writes {
            let to = self.access(&builder, &write.to, &values);
            builder.write(values[write.value as usize], to, write.how);
        }
        builder.nest
    }

    fn access(&self, builder: &Builder, access: &Access, values: &[Value]) -> Access {
        let mut access = Access { tensor: self.name(access.tensor), ..access.clone() };
        settle(builder, &mut access, values);
        access
    }

    /// What is read of one row of a record is read of the state that it is.
    fn in_row(&self, access: Access, extents: &[usize]) -> Access {
        let Some(rows) = self.rows.get(&access.tensor) else { return access };
        let length = self.program.tensor(rows[0]).len() as isize;
        let (mut least, mut most) = (access.offset, access.offset);
        let picks = access.picks.iter().map(|pick| (pick.stride, pick.size));
        for (stride, size) in access.strides.iter().copied().zip(extents.iter().copied()).chain(picks) {
            let far = stride * (size as isize - 1).max(0);
            least += far.min(0);
            most += far.max(0);
        }
        match rows.get(least.div_euclid(length.max(1)) as usize) {
            Some(row) if most / length.max(1) == least / length.max(1) => {
                Access { tensor: *row, offset: access.offset - least / length * length, ..access }
            }
            _ => access,
        }
    }
}

/// Names the values of an access anew; an index that is known is part of the offset.
pub(super) fn settle(builder: &Builder, access: &mut Access, values: &[Value]) {
    let mut open = SmallVec::new();
    for pick in std::mem::take(&mut access.picks) {
        let index = values[pick.index as usize];
        match builder.as_number(index) {
            Some(x) if x.fract() == 0.0 && x >= 1.0 && x <= pick.size as f64 => {
                access.offset += (x as isize - 1) * pick.stride;
            }
            _ => open.push(crate::ir::Pick { index, ..pick }),
        }
    }
    access.picks = open;
}

/// A tensor put behind so many entries of another.
fn moved(shape: &[usize], from: TensorId, to: TensorId, far: isize, how: How) -> Step {
    let mut builder = Builder::new(shape);
    let access = builder.whole(from, shape);
    let value = builder.read(access);
    let place = Access { offset: far, ..builder.whole(to, shape) };
    builder.write(value, place, how);
    Step::Nest(builder.nest)
}

/// An operation without what a known operand makes needless.
pub(super) fn simplest(builder: &mut Builder, op: Scalar) -> Value {
    let known = |value| builder.as_number(value);
    match op {
        Scalar::Select(c, a, b) => match known(c) {
            Some(c) => return if c != 0.0 { a } else { b },
            None if a == b => return a,
            None => {}
        },
        Scalar::Mul(a, b) if known(a) == Some(1.0) => return b,
        Scalar::Mul(a, b) if known(b) == Some(1.0) => return a,
        // `x + 0` is not x for x = -0.
        Scalar::Sub(a, b) if is_zero(known(b), 0.0) => return a,
        Scalar::Add(a, b) if is_zero(known(b), -0.0) => return a,
        Scalar::Add(a, b) if is_zero(known(a), -0.0) => return b,
        _ => {}
    }
    builder.push(op)
}
