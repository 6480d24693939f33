//! What depends on data alone, apart from what depends on arguments: it is done once, whatever the point.

use smol_str::{SmolStr, format_smolstr};

use super::batch::spread;
use crate::ir::{Declaration, Program, Step, TensorId};

/// Where less than one operation in so many is done with data alone, it is not worth a program of its own,
const WORTH: u128 = 64;
/// those of products counted as so many less: they are done several at once.
const AT_ONCE: u128 = 16;
/// Outputs of more numbers than caches hold are not kept where they cost fewer operations a number than this.
const CACHED: usize = 1 << 16;
const COPIED: u128 = 8;
/// The most numbers that are kept, beside some for each number of the data.
const KEPT: usize = 1 << 20;
const KEPT_EACH: usize = 4;

/// A program in two: run one after the other they do what it does, bit for bit.
#[derive(Clone, Debug)]
pub struct Split {
    /// Of the data: its outputs are to be kept.
    pub once: Program,
    /// Of all inputs, behind them what was kept.
    pub each: Program,
}

/// Splits a program whose last inputs, so many, are data, which stay while points come and go.
///
/// `None` where nothing is done with data alone, or too little to be worth it, or where too much would have to be kept.
pub fn split(program: &Program, data: usize) -> Option<Split> {
    let (arguments, data) = program.inputs.split_at(program.inputs.len().checked_sub(data)?);
    let mut differs = vec![false; program.tensors.len()];
    arguments.iter().for_each(|(_, id)| differs[id.index()] = true);
    // An output is written at each point anyway: what comes from memory as a copy may be less work to make.
    for step in &program.steps {
        let operations = step.operations(program);
        step.for_each_write(&mut |id| {
            let (length, is_output) =
                (program.tensor(id).len(), program.outputs.iter().any(|(_, output)| *output == id));
            differs[id.index()] |= is_output && length > CACHED && operations < COPIED * length as u128;
        });
    }
    // What is read before all of it is written is not what would be kept.
    let mut last = vec![0; program.tensors.len()];
    for (at, step) in program.steps.iter().enumerate() {
        step.for_each_write(&mut |id| last[id.index()] = at);
    }
    for (at, step) in program.steps.iter().enumerate() {
        step.for_each_read(&mut |id| differs[id.index()] |= at < last[id.index()]);
    }
    // In loops what a state is after a step is what it was before the next one: again until nothing changes.
    while spread(&program.steps, &mut differs) {}
    let stays = |step: &&Step| {
        let mut stays = true;
        step.for_each_write(&mut |id| stays &= !differs[id.index()]);
        stays
    };
    let (once, each): (Vec<&Step>, Vec<&Step>) = program.steps.iter().partition(stays);
    // Written before, read after.
    let (mut written, mut read) = (vec![false; program.tensors.len()], vec![false; program.tensors.len()]);
    once.iter().for_each(|step| step.for_each_write(&mut |id| written[id.index()] = true));
    each.iter().for_each(|step| step.for_each_read(&mut |id| read[id.index()] = true));
    program.outputs.iter().for_each(|(_, id)| read[id.index()] = true);
    let kept: Vec<(SmolStr, TensorId)> = (0..program.tensors.len())
        .filter(|at| written[*at] && read[*at])
        .map(|at| (format_smolstr!("kept{at}"), TensorId(at as u32)))
        .collect();
    let numbers =
        |ids: &[(SmolStr, TensorId)]| ids.iter().map(|(_, id)| program.tensor(*id).len()).sum::<usize>();
    if kept.is_empty() || numbers(&kept) > KEPT + KEPT_EACH * numbers(data) {
        return None;
    }
    let part = |inputs: &[(SmolStr, TensorId)], steps: &[&Step], outputs: &[(SmolStr, TensorId)]| Program {
        tensors: program.tensors.clone(),
        inputs: inputs.to_vec(),
        steps: steps.iter().map(|step| (*step).clone()).collect(),
        outputs: outputs.to_vec(),
        regrouped: program.regrouped,
    };
    let once = part(data, &once, &kept);
    if work(&once) * WORTH < work(program) {
        return None;
    }
    let mut each = part(&program.inputs, &each, &program.outputs);
    for (_, id) in &kept {
        each.tensors[id.index()] = Declaration { start: None, ..program.tensor(*id).clone() };
    }
    each.inputs.extend(kept);
    debug_assert_eq!(once.check(), Ok(()), "{once}");
    debug_assert_eq!(each.check(), Ok(()), "{each}");
    Some(Split { once, each })
}

/// How much a program has to do.
fn work(program: &Program) -> u128 {
    let of = |step: &Step| match step {
        Step::Product(_) => step.operations(program) / AT_ONCE,
        Step::Nest(_) | Step::Factorization(_) | Step::Repeat(_) => step.operations(program),
    };
    program.steps.iter().map(of).sum()
}
