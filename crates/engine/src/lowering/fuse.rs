//! Nests over the same loops made one, and what nobody reads left out.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::ir::{Access, How, Nest, Program, Scalar, Step, TensorId, Value};

/// A body beyond this many operations takes no other in.
const MAX_BODY: usize = 4096;

/// Fuses nests, and drops steps, operations and tensors that no output needs.
pub(super) fn fuse(program: &mut Program) {
    let steps = std::mem::take(&mut program.steps);
    let mut needed = vec![false; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| needed[id.index()] = true);
    let steps = live(steps, &mut needed);
    let steps = fused(steps);
    // A tensor that is read in the nest alone that makes it is not stored.
    let mut read = vec![false; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| read[id.index()] = true);
    steps.iter().for_each(|step| step.for_each_read(&mut |id| read[id.index()] = true));
    let mut steps = swept(steps, &read);
    renumber(program, &mut steps);
    program.steps = steps;
}

/// The steps that something needs, from the last to the first.
fn live(steps: Vec<Step>, needed: &mut [bool]) -> Vec<Step> {
    let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps.into_iter().rev() {
        let mut wanted = false;
        step.for_each_write(&mut |id| wanted |= needed[id.index()]);
        if !wanted {
            continue;
        }
        step.for_each_read(&mut |id| needed[id.index()] = true);
        kept.push(match step {
            Step::Repeat(mut repeat) => {
                repeat.steps = live(std::mem::take(&mut repeat.steps), needed);
                Step::Repeat(repeat)
            }
            step => step,
        });
    }
    kept.reverse();
    kept
}

/// A nest that may still take others in, with what has been made in it.
struct Open {
    nest: Nest,
    values: FxHashMap<Scalar, Value>,
    reads: FxHashMap<Access, u32>,
    /// What has been set in it, so that reading it again is no read.
    set: FxHashMap<Access, Value>,
}

impl Open {
    fn new(nest: &Nest) -> Open {
        let mut open = Open {
            nest: Nest { extents: nest.extents.clone(), ..Nest::default() },
            values: FxHashMap::default(),
            reads: FxHashMap::default(),
            set: FxHashMap::default(),
        };
        open.take(nest);
        open
    }

    fn take(&mut self, other: &Nest) {
        let mut renamed: Vec<Value> = Vec::with_capacity(other.body.len());
        let rename = |access: &Access, renamed: &[Value]| {
            let mut access = access.clone();
            access.picks.iter_mut().for_each(|pick| pick.index = renamed[pick.index as usize]);
            access
        };
        for op in &other.body {
            let op = match *op {
                Scalar::Read(read) => {
                    let access = rename(&other.reads[read as usize], &renamed);
                    if let Some(value) = self.set.get(&access) {
                        renamed.push(*value);
                        continue;
                    }
                    let next = self.nest.reads.len() as u32;
                    let at = *self.reads.entry(access.clone()).or_insert(next);
                    if at == next {
                        self.nest.reads.push(access);
                    }
                    Scalar::Read(at)
                }
                op => op.map_operands(|value| renamed[value as usize]),
            };
            let next = self.nest.body.len() as Value;
            let value = *self.values.entry(op).or_insert(next);
            if value == next {
                self.nest.body.push(op);
            }
            renamed.push(value);
        }
        for write in &other.writes {
            let to = rename(&write.to, &renamed);
            let value = renamed[write.value as usize];
            if write.how == How::Set {
                self.set.insert(to.clone(), value);
            }
            // The same place added to twice.
            let same = self
                .nest
                .writes
                .iter()
                .position(|w| w.how == How::Add && write.how == How::Add && w.to == to);
            match same {
                Some(at) => {
                    let before = self.nest.writes[at].value;
                    let sum = Scalar::Add(before.min(value), before.max(value));
                    let next = self.nest.body.len() as Value;
                    let sum_at = *self.values.entry(sum).or_insert(next);
                    if sum_at == next {
                        self.nest.body.push(sum);
                    }
                    self.nest.writes[at].value = sum_at;
                }
                None => self.nest.writes.push(crate::ir::Write { value, to, how: write.how }),
            }
        }
    }
}

enum Slot {
    Nest(Box<Open>),
    Other(Box<Step>),
}

/// Nests over the same loops as one, where what the later one reads is there already.
fn fused(steps: Vec<Step>) -> Vec<Step> {
    let mut slots: Vec<Slot> = Vec::with_capacity(steps.len());
    // The slot that wrote a tensor last, and how: read at the same places it may be read within that slot.
    let mut written: FxHashMap<TensorId, usize> = FxHashMap::default();
    let mut read: FxHashMap<TensorId, usize> = FxHashMap::default();
    let mut by_extents: FxHashMap<SmallVec<[usize; 3]>, Vec<usize>> = FxHashMap::default();
    for step in steps {
        let step = match step {
            Step::Repeat(mut repeat) => {
                repeat.steps = fused(std::mem::take(&mut repeat.steps));
                Step::Repeat(repeat)
            }
            step => step,
        };
        let mut place = None;
        if let Step::Nest(nest) = &step {
            let earliest = earliest(nest, &slots, &written, &read);
            let candidates = by_extents.entry(nest.extents.clone()).or_default();
            place = candidates.iter().rev().copied().take_while(|at| *at >= earliest).find(|at| {
                matches!(&slots[*at], Slot::Nest(open) if open.nest.body.len() + nest.body.len() <= MAX_BODY)
            });
        }
        let at = place.unwrap_or(slots.len());
        step.for_each_read(&mut |id| {
            let last = read.entry(id).or_insert(at);
            *last = (*last).max(at);
        });
        step.for_each_write(&mut |id| {
            let last = written.entry(id).or_insert(at);
            *last = (*last).max(at);
        });
        match (step, place) {
            (Step::Nest(nest), Some(at)) => {
                if let Slot::Nest(open) = &mut slots[at] {
                    open.take(&nest);
                }
            }
            (Step::Nest(nest), None) => {
                by_extents.entry(nest.extents.clone()).or_default().push(at);
                slots.push(Slot::Nest(Box::new(Open::new(&nest))));
            }
            (step, _) => slots.push(Slot::Other(Box::new(step))),
        }
    }
    slots
        .into_iter()
        .map(|slot| match slot {
            Slot::Nest(open) => Step::Nest(open.nest),
            Slot::Other(step) => *step,
        })
        .collect()
}

/// The first slot that a nest may join or come after.
fn earliest(
    nest: &Nest,
    slots: &[Slot],
    written: &FxHashMap<TensorId, usize>,
    read: &FxHashMap<TensorId, usize>,
) -> usize {
    let mut earliest = 0;
    for access in &nest.reads {
        let Some(at) = written.get(&access.tensor) else { continue };
        // Within the slot that sets them entries are at hand at their own places only.
        let at_hand = match &slots[*at] {
            Slot::Nest(open) => {
                let writes = open.nest.writes.iter().filter(|w| w.to.tensor == access.tensor);
                let mut count = 0;
                let same = writes.inspect(|_| count += 1).all(|w| w.how == How::Set && w.to == *access);
                same && count == 1 && access.picks.is_empty()
            }
            Slot::Other(_) => false,
        };
        earliest = earliest.max(if at_hand { *at } else { at + 1 });
    }
    for write in &nest.writes {
        // What adds to a tensor comes with or after what added before, and after who read the tensor.
        if let Some(at) = written.get(&write.to.tensor) {
            earliest = earliest.max(*at);
        }
        if let Some(at) = read.get(&write.to.tensor) {
            earliest = earliest.max(at + 1);
        }
    }
    earliest
}

/// The steps without writes that nobody reads.
fn swept(steps: Vec<Step>, read: &[bool]) -> Vec<Step> {
    let mut kept = Vec::with_capacity(steps.len());
    for step in steps {
        kept.push(match step {
            Step::Nest(mut nest) => {
                nest.writes.retain(|write| read[write.to.tensor.index()]);
                if nest.writes.is_empty() {
                    continue;
                }
                sweep(&mut nest);
                Step::Nest(nest)
            }
            Step::Repeat(mut repeat) => {
                repeat.steps = swept(std::mem::take(&mut repeat.steps), read);
                Step::Repeat(repeat)
            }
            step => step,
        });
    }
    kept
}

/// How often each value of a body is read.
pub(super) fn uses(nest: &Nest) -> Vec<u32> {
    let mut uses = vec![0; nest.body.len()];
    for op in &nest.body {
        op.for_each_operand(|value| uses[value as usize] += 1);
    }
    let picks = nest.reads.iter().chain(nest.writes.iter().map(|w| &w.to)).flat_map(|access| &access.picks);
    picks.for_each(|pick| uses[pick.index as usize] += 1);
    nest.writes.iter().for_each(|write| uses[write.value as usize] += 1);
    uses
}

/// Leaves out the values and reads of a nest that no write needs.
pub(super) fn sweep(nest: &mut Nest) {
    let mut live = vec![false; nest.body.len()];
    let mut live_reads = vec![false; nest.reads.len()];
    for write in &nest.writes {
        live[write.value as usize] = true;
        write.to.picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
    for at in (0..nest.body.len()).rev() {
        if live[at] {
            mark(nest, at, &mut live, &mut live_reads);
        }
    }
    if live.iter().all(|l| *l) && live_reads.iter().all(|l| *l) {
        return;
    }
    let mut renamed: Vec<Value> = vec![0; nest.body.len()];
    let mut reads_renamed: Vec<u32> = vec![0; nest.reads.len()];
    let mut next = 0;
    for (renamed, live) in reads_renamed.iter_mut().zip(&live_reads) {
        *renamed = next;
        next += u32::from(*live);
    }
    let mut body = Vec::with_capacity(nest.body.len());
    for (at, op) in nest.body.iter().enumerate().filter(|(at, _)| live[*at]) {
        renamed[at] = body.len() as Value;
        body.push(match *op {
            Scalar::Read(read) => Scalar::Read(reads_renamed[read as usize]),
            op => op.map_operands(|value| renamed[value as usize]),
        });
    }
    nest.body = body;
    let mut keep = live_reads.iter();
    nest.reads.retain(|_| keep.next().is_some_and(|live| *live));
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|w| &mut w.to));
    accesses.flat_map(|a| a.picks.iter_mut()).for_each(|pick| pick.index = renamed[pick.index as usize]);
    nest.writes.iter_mut().for_each(|write| write.value = renamed[write.value as usize]);
}

fn mark(nest: &Nest, at: usize, live: &mut [bool], live_reads: &mut [bool]) {
    nest.body[at].for_each_operand(|value| live[value as usize] = true);
    if let Scalar::Read(read) = nest.body[at] {
        live_reads[read as usize] = true;
        nest.reads[read as usize].picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
}

/// Declares the tensors alone that are left.
fn renumber(program: &mut Program, steps: &mut [Step]) {
    let mut live = vec![false; program.tensors.len()];
    program.inputs.iter().chain(&program.outputs).for_each(|(_, id)| live[id.index()] = true);
    for step in steps.iter() {
        step.for_each_read(&mut |id| live[id.index()] = true);
        step.for_each_write(&mut |id| live[id.index()] = true);
    }
    let mut names: Vec<TensorId> = Vec::with_capacity(live.len());
    let mut next = 0;
    for live in &live {
        names.push(TensorId(next));
        next += u32::from(*live);
    }
    let mut keep = live.iter();
    program.tensors.retain(|_| keep.next().is_some_and(|live| *live));
    let rename = |id: &mut TensorId| *id = names[id.index()];
    program.inputs.iter_mut().chain(&mut program.outputs).for_each(|(_, id)| rename(id));
    rename_all(steps, &rename);
}

fn rename_all(steps: &mut [Step], rename: &impl Fn(&mut TensorId)) {
    for step in steps {
        match step {
            Step::Nest(nest) => {
                nest.reads.iter_mut().for_each(|access| rename(&mut access.tensor));
                nest.writes.iter_mut().for_each(|write| rename(&mut write.to.tensor));
            }
            Step::Product(p) => {
                [&mut p.left, &mut p.right, &mut p.to].into_iter().for_each(|a| rename(&mut a.tensor));
            }
            Step::Factorization(f) => [&mut f.from, &mut f.to].into_iter().for_each(rename),
            Step::Repeat(repeat) => {
                rename(&mut repeat.number);
                for state in &mut repeat.states {
                    [&mut state.first, &mut state.current, &mut state.next].into_iter().for_each(rename);
                }
                repeat.records.iter_mut().for_each(|record| rename(&mut record.to));
                rename_all(&mut repeat.steps, rename);
            }
        }
    }
}
