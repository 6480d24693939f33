//! Programs over many rows at once: one more axis in front of everything that differs from row to row.

use smallvec::SmallVec;

use crate::ir::{Access, Declaration, How, Nest, Program, Scalar, Step, TensorId, Write};

/// The program that does for `rows` rows at once what a program does for one.
///
/// `varies` says of each input whether every row has its own; such inputs, and all outputs, get an axis of rows in front.
/// What is the same for all rows is computed once.
pub fn batch(program: &Program, rows: usize, varies: &[bool]) -> Program {
    // Few numbers side by side of one row are many of all rows.
    let program = &super::written_out::nests(program);
    let mut own = vec![false; program.tensors.len()];
    for ((_, id), varies) in program.inputs.iter().zip(varies) {
        own[id.index()] = *varies;
    }
    // In loops what a state is after a step is what it was before the next one: again until nothing changes.
    while spread(&program.steps, &mut own) {}
    let lengths: Vec<usize> = program.tensors.iter().map(Declaration::len).collect();
    let mut result = program.clone();
    let mut inner = own.clone();
    program.inputs.iter().chain(&program.outputs).for_each(|(_, id)| inner[id.index()] = false);
    whole(&program.steps, &mut inner);
    for (at, tensor) in result.tensors.iter_mut().enumerate().filter(|(at, _)| own[*at]) {
        let axis = if inner[at] { tensor.shape.len() } else { 0 };
        tensor.shape.insert(axis, rows);
    }
    let steps = std::mem::take(&mut result.steps);
    let mut batched =
        Batch { rows, own: &own, inner: &inner, lengths: &lengths, tensors: &mut result.tensors };
    let mut steps = batched.steps(steps);
    // Outputs that are the same for all rows are written for each.
    for (_, id) in result.outputs.iter_mut().filter(|(_, id)| !own[id.index()]) {
        let (to, copy) = batched.spread_out(*id);
        steps.push(copy);
        *id = to;
    }
    result.steps = steps;
    debug_assert_eq!(result.check(), Ok(()), "{result}");
    result
}

/// Marks what is made of what differs from row to row; whether anything new was marked.
pub(super) fn spread(steps: &[Step], own: &mut [bool]) -> bool {
    let mut changed = false;
    for step in steps {
        let mut differs = false;
        let mut mark = |id: TensorId, own: &mut [bool]| {
            changed |= !std::mem::replace(&mut own[id.index()], true);
        };
        match step {
            Step::Repeat(repeat) => {
                for state in &repeat.states {
                    if [state.first, state.current, state.next].iter().any(|id| own[id.index()]) {
                        mark(state.current, own);
                    }
                }
                for record in &repeat.records {
                    if repeat.states.get(record.state).is_some_and(|state| own[state.current.index()]) {
                        mark(record.to, own);
                    }
                }
                changed |= spread(&repeat.steps, own);
            }
            step => {
                step.for_each_read(&mut |id| differs |= own[id.index()]);
                step.for_each_write(&mut |id| differs |= own[id.index()]);
                if differs {
                    step.for_each_write(&mut |id| mark(id, own));
                }
            }
        }
    }
    changed
}

/// Leaves out the tensors that steps take as a whole: their axis of rows stands in front.
fn whole(steps: &[Step], inner: &mut [bool]) {
    for step in steps {
        match step {
            Step::Nest(_) | Step::Product(_) => {}
            Step::Factorization(f) => [f.from, f.to].into_iter().for_each(|id| inner[id.index()] = false),
            Step::Repeat(repeat) => {
                let states = repeat.states.iter().flat_map(|state| [state.first, state.current, state.next]);
                let all = states.chain(repeat.records.iter().map(|record| record.to));
                all.for_each(|id| inner[id.index()] = false);
                whole(&repeat.steps, inner);
            }
        }
    }
}

struct Batch<'a> {
    rows: usize,
    own: &'a [bool],
    /// The tensors whose axis of rows is the innermost: what is computed on the way lies side by side for kernels.
    inner: &'a [bool],
    /// How long the tensors are for one row.
    lengths: &'a [usize],
    tensors: &'a mut Vec<Declaration>,
}

impl Batch<'_> {
    fn steps(&mut self, steps: Vec<Step>) -> Vec<Step> {
        let mut done = Vec::with_capacity(steps.len());
        for mut step in steps {
            let mut after = Vec::new();
            let mut differs = false;
            step.for_each_write(&mut |id| differs |= self.own[id.index()]);
            if !differs {
                done.push(step);
                continue;
            }
            match &mut step {
                Step::Nest(nest) => {
                    nest.extents.insert(0, self.rows);
                    nest.reads.iter_mut().for_each(|access| self.access(access));
                    nest.writes.iter_mut().for_each(|write| self.access(&mut write.to));
                    for op in &mut nest.body {
                        if let Scalar::Trip(axis) = op {
                            *axis += 1;
                        }
                    }
                }
                Step::Product(product) => {
                    product.symmetric = false;
                    product.extents.insert(0, self.rows);
                    [&mut product.left, &mut product.right, &mut product.to]
                        .into_iter()
                        .for_each(|access| self.access(access));
                }
                // The axis of rows stands in the tensors' shapes.
                Step::Factorization(_) => {}
                Step::Repeat(repeat) => {
                    let mut inside = self.steps(std::mem::take(&mut repeat.steps));
                    for state in repeat.states.iter_mut().filter(|state| self.own[state.current.index()]) {
                        if !self.own[state.first.index()] {
                            let (to, copy) = self.spread_out(state.first);
                            done.push(copy);
                            state.first = to;
                        }
                        if !self.own[state.next.index()] {
                            let (to, copy) = self.spread_out(state.next);
                            inside.push(copy);
                            state.next = to;
                        }
                    }
                    repeat.steps = inside;
                    // A loop records time by time, the axis of rows behind; afterwards rows come in front.
                    for record in repeat.records.iter_mut().filter(|record| self.own[record.to.index()]) {
                        let (from, turned) = self.turned(record.to);
                        record.to = from;
                        after.push(turned);
                    }
                }
            }
            done.push(step);
            done.append(&mut after);
        }
        done
    }

    /// A tensor with its second axis in front of the rows, and the step that turns it round.
    fn turned(&mut self, id: TensorId) -> (TensorId, Step) {
        let mut shape = self.tensors[id.index()].shape.clone();
        let count = shape.get(1).copied().unwrap_or(1);
        shape.swap(0, 1);
        let length = shape.iter().skip(2).product::<usize>();
        self.tensors.push(Declaration { shape, start: None });
        let from = TensorId(self.tensors.len() as u32 - 1);
        let access = |tensor, row: usize, time: usize| Access {
            tensor,
            offset: 0,
            strides: SmallVec::from_slice(&[row as isize, time as isize, 1]),
            picks: SmallVec::new(),
        };
        let nest = Nest {
            extents: SmallVec::from_slice(&[self.rows, count, length]),
            reads: vec![access(from, length, self.rows * length)],
            body: vec![Scalar::Read(0)],
            writes: vec![Write { value: 0, to: access(id, count * length, length), how: How::Set }],
        };
        (from, Step::Nest(nest))
    }

    fn access(&self, access: &mut Access) {
        let at = access.tensor.index();
        let own = self.own.get(at).copied().unwrap_or(true);
        if self.inner.get(at).copied().unwrap_or(false) {
            let rows = self.rows as isize;
            access.offset *= rows;
            access.strides.iter_mut().for_each(|stride| *stride *= rows);
            access.picks.iter_mut().for_each(|pick| pick.stride *= rows);
            access.strides.insert(0, 1);
            return;
        }
        access.strides.insert(0, if own { self.lengths[at] as isize } else { 0 });
    }

    /// What is the same for all rows, once for each row.
    fn spread_out(&mut self, id: TensorId) -> (TensorId, Step) {
        let length = self.lengths[id.index()];
        let mut shape = self.tensors[id.index()].shape.clone();
        shape.insert(0, self.rows);
        self.tensors.push(Declaration { shape, start: None });
        let to = TensorId(self.tensors.len() as u32 - 1);
        let access = |tensor, row| Access {
            tensor,
            offset: 0,
            strides: SmallVec::from_slice(&[row, 1]),
            picks: SmallVec::new(),
        };
        let nest = Nest {
            extents: SmallVec::from_slice(&[self.rows, length]),
            reads: vec![access(id, 0)],
            body: vec![Scalar::Read(0)],
            writes: vec![Write { value: 0, to: access(to, length as isize), how: How::Set }],
        };
        (to, Step::Nest(nest))
    }
}
