//! Nests over the same loops made one, and what nobody reads left out.

mod open;
mod scope;

use crate::ir::{Nest, Program, Scalar, Step, TensorId, Value};
use scope::Fuser;

/// Fuses nests, and drops steps, operations and tensors that no output needs.
pub(super) fn fuse(program: &mut Program) {
    fuse_as(program, false);
}

/// The same, in which nests set what they would add to what nobody wrote before: so it is at hand for others.
pub(super) fn fuse_begun(program: &mut Program) {
    fuse_as(program, true);
}

fn fuse_as(program: &mut Program, begins: bool) {
    let steps = std::mem::take(&mut program.steps);
    let mut needed = vec![false; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| needed[id.index()] = true);
    let steps = live(steps, &mut needed);
    let steps = Fuser { tensors: &program.tensors, begins }.fused(steps);
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

/// Puts other values for those that writes and indices read.
pub(super) fn rename(nest: &mut Nest, name: impl Fn(Value) -> Value) {
    nest.writes.iter_mut().for_each(|write| write.value = name(write.value));
    let accesses = nest.reads.iter_mut().chain(nest.writes.iter_mut().map(|write| &mut write.to));
    accesses.flat_map(|access| &mut access.picks).for_each(|pick| pick.index = name(pick.index));
}

fn mark(nest: &Nest, at: usize, live: &mut [bool], live_reads: &mut [bool]) {
    nest.body[at].for_each_operand(|value| live[value as usize] = true);
    if let Scalar::Read(read) = nest.body[at] {
        live_reads[read as usize] = true;
        nest.reads[read as usize].picks.iter().for_each(|pick| live[pick.index as usize] = true);
    }
}

/// Declares the tensors alone that are left.
pub(super) fn renumber(program: &mut Program, steps: &mut [Step]) {
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

/// Puts other tensors for those that steps name.
pub(super) fn rename_all(steps: &mut [Step], rename: &impl Fn(&mut TensorId)) {
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
