//! Where tensors live: numbers in local variables, small arrays on the stack, the others in the caller's workspace.
//!
//! Tensors whose lives do not meet share an array. A life goes from the first to the last of the outermost steps that
//! touch a tensor.

use super::lower::Array;
use super::names::Names;
use crate::ir::{Program, Step};

/// How many doubles go on the stack at most: 4 KiB, which the smallest of stacks has.
const STACK: usize = 512;

/// The arrays, and for each tensor the place of its array among them, where it has one.
pub(super) fn arrays(
    program: &Program,
    wanted: &[bool],
    names: &mut Names,
) -> (Vec<Array>, Vec<Option<usize>>) {
    let mut lives: Vec<Option<(usize, usize)>> = vec![None; program.tensors.len()];
    for (at, step) in program.steps.iter().enumerate() {
        let mut touch = |id: crate::ir::TensorId| {
            let life = lives[id.index()].get_or_insert((at, at));
            life.1 = at;
        };
        step.for_each_read(&mut touch);
        step.for_each_write(&mut touch);
    }
    for (_, id) in &program.outputs {
        if let Some(life) = &mut lives[id.index()] {
            life.1 = program.steps.len();
        }
    }
    let mut order: Vec<usize> =
        (0..program.tensors.len()).filter(|at| wanted[*at] && lives[*at].is_some()).collect();
    order.sort_by_key(|at| lives[*at]);
    let mut arrays: Vec<(Array, usize)> = Vec::new();
    let mut places = vec![None; program.tensors.len()];
    for at in order {
        let Some((first, last)) = lives[at] else { continue };
        let len = program.tensors[at].len().max(1);
        // The array that fits best of those that are free again.
        let free = arrays.iter().enumerate().filter(|(_, (_, busy))| *busy < first);
        let best = free.min_by_key(|(_, (array, _))| array.len.abs_diff(len)).map(|(place, _)| place);
        let place = best.unwrap_or_else(|| {
            arrays.push((Array { name: names.fresh(&format!("t{at}")), len, work: false }, 0));
            arrays.len() - 1
        });
        arrays[place].0.len = arrays[place].0.len.max(len);
        arrays[place].1 = last;
        places[at] = Some(place);
    }
    let arrays = arrays.into_iter().map(|(array, _)| array).collect();
    (arrays, places)
}

/// Moves arrays to the workspace until the others fit on the stack.
pub(super) fn place(arrays: &mut [Array]) {
    let mut left = STACK;
    let mut order: Vec<usize> = (0..arrays.len()).collect();
    order.sort_by_key(|at| arrays[*at].len);
    for at in order {
        if arrays[at].len <= left {
            left -= arrays[at].len;
        } else {
            arrays[at].work = true;
        }
    }
}

/// Whether a step is one of linear algebra on this tensor, or holds one.
pub(super) fn factored(steps: &[Step], mark: &mut impl FnMut(crate::ir::TensorId)) {
    for step in steps {
        match step {
            Step::Factorization(f) => {
                mark(f.from);
                mark(f.to);
            }
            Step::Repeat(repeat) => factored(&repeat.steps, mark),
            Step::Nest(_) | Step::Product(_) => {}
        }
    }
}
