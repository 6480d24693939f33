//! Arithmetic on chunks as instructions: kernels that follow each other become one loop, whose values stay in registers.
//!
//! Kernels need no compiling, but each reads its operands from the nearest cache and writes its result there. When a machine
//! has run for some time its sums, products, quotients, comparisons and branches are assembled, as they stand and with the
//! same bits: for functions such as the sine the kernels go on to be called. That takes some 150 nanoseconds an operation and
//! a few calls of the system, so that a machine does it after some runs, or before a long one ([`work`]).
//!
//! From steps to formulas of one vector (`formula.rs`) or of single numbers (`scalars.rs`), from these to instructions in
//! registers (`registers.rs`), which are bytes (`encode.rs`) in memory that can be run (`executable.rs`).

mod encode;
#[cfg(all(target_arch = "x86_64", not(miri)))]
mod executable;
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
#[path = "absent.rs"]
mod executable;
mod formula;
mod pool;
mod registers;
mod scalars;
#[cfg(test)]
mod tests;

pub(super) use executable::Assembled;

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use smallvec::{SmallVec, smallvec};

use super::Real;
use super::nest::{CHUNK, Code, Operand, PLACES, Place, Put, REGISTERS, Step};
use crate::vector::InstructionSet;
use encode::Length;
use executable::Executable;
use formula::{Formula, Line, is_assembled};
use registers::Shape;
use scalars::Scalars;

/// No more steps than this become one loop, whose instructions stay in the nearest cache.
const LONGEST: usize = 1500;

/// Replaces kernels that follow each other in nests by functions, if the system gives memory for them.
pub(super) fn assemble<T: Real>(nests: &mut [&mut Code<T>], set: InstructionSet) {
    let length = match set {
        InstructionSet::Avx2 => Length::Half,
        InstructionSet::Avx512 => Length::Full,
        InstructionSet::Baseline | InstructionSet::Neon => return,
    };
    let shape = Shape { double: size_of::<T>() == 8, length };
    let mut code = Vec::new();
    let mut of = |nest: &Code<T>| {
        let single = Shape { length: Length::One, ..shape };
        (parts(nest, shape, &mut code), scalars::assemble(nest, single, &mut code))
    };
    let found: Vec<(Vec<Part>, Option<Scalars>)> = nests.iter().map(|nest| of(nest)).collect();
    let Some(memory) = Some(code).filter(|code| !code.is_empty()).and_then(|code| Executable::new(&code))
    else {
        return;
    };
    for (nest, (parts, scalars)) in nests.iter_mut().zip(found) {
        replace(nest, parts, &memory);
        if let Some(scalars) = scalars {
            scalars::replace(nest, scalars, &memory);
        }
    }
}

/// About how many half nanoseconds the operations of a nest take that would be assembled, and how many they are.
pub(super) fn work<T: Real>(nest: &Code<T>) -> (usize, usize) {
    let operations = nest.steps.iter().filter(|step| is_assembled(step)).count();
    let single = scalars::operations(nest);
    let turns = nest.outer.iter().fold(1, |all: usize, turns| all.saturating_mul(*turns));
    // A call of a kernel and its vectors.
    let each = 4 * nest.inner.div_ceil(CHUNK) + nest.inner.div_ceil(nest.width);
    let work = each.saturating_mul(operations).saturating_add(4 * single);
    (turns.saturating_mul(work), operations + single)
}

/// Steps of a nest that are one function now, and where that begins.
struct Part {
    steps: Range<usize>,
    at: usize,
    /// The function that writes past the caches what belongs there, and the places.
    direct: Option<(usize, Vec<u32>)>,
}

/// What the chunks are for that some steps write.
#[derive(Clone, Default)]
struct Wanted {
    /// Those that somebody reads behind the steps.
    read: FxHashSet<u32>,
    /// Those that go past the caches as they are, and the places where they go.
    streamed: Vec<(u32, u32)>,
}

/// Puts functions in the place of the steps that they are.
fn replace<T: Real>(nest: &mut Code<T>, parts: Vec<Part>, memory: &Arc<Executable>) {
    let mut parts = parts.into_iter().peekable();
    // Where each step is now.
    let mut places = Vec::with_capacity(nest.steps.len() + 1);
    let mut steps = Vec::new();
    for (at, step) in std::mem::take(&mut nest.steps).into_iter().enumerate() {
        places.push(steps.len());
        match parts.peek() {
            Some(part) if part.steps.contains(&at) => {
                if part.steps.end == at + 1 {
                    // Safety: it was written there just now, for the set of this machine.
                    #[allow(unsafe_code)]
                    let function = |at| unsafe { Assembled::new(memory, at) };
                    let direct = part.direct.as_ref().map(|(at, places)| {
                        nest.direct.extend(places);
                        function(*at)
                    });
                    steps.push(Step::Assembled(function(part.at), direct));
                    parts.next();
                }
            }
            _ => steps.push(step),
        }
    }
    places.push(steps.len());
    nest.steps = steps;
    for guarded in &mut nest.guarded {
        guarded.steps = places[guarded.steps.start]..places[guarded.steps.end];
    }
}

/// The functions of a nest, appended to the code.
fn parts<T: Real>(nest: &Code<T>, shape: Shape, code: &mut Vec<u8>) -> Vec<Part> {
    let mut parts = Vec::new();
    let runs = runs(nest);
    for (steps, wanted) in runs.iter().cloned().zip(wanted(nest, &runs)) {
        assembled(nest, steps, wanted, shape, code, &mut parts);
    }
    parts
}

/// Steps that follow each other, under one condition, and can be one function.
fn runs<T: Real>(nest: &Code<T>) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    for guarded in &nest.guarded {
        let mut at = guarded.steps.start;
        while at < guarded.steps.end {
            let next = nest.steps[at..guarded.steps.end].iter().take(LONGEST);
            let length = next.take_while(|step| is_assembled(step)).count();
            if length > 1 {
                runs.push(at..at + length);
            }
            at += length.max(1);
        }
    }
    runs
}

/// What the chunks of each run are for.
fn wanted<T: Real>(nest: &Code<T>, runs: &[Range<usize>]) -> Vec<Wanted> {
    let mut live = Wanted::default();
    let picked = |place: &Place, live: &mut Wanted| {
        live.read.extend(place.picks.iter().filter_map(|pick| pick.operand).filter_map(held));
    };
    nest.places.iter().for_each(|place| picked(place, &mut live));
    for write in &nest.writes {
        let Some(chunk) = write.operand().and_then(held) else { continue };
        match write {
            Put::Stream(_, _, place) if is_alone(nest, *place) => live.streamed.push((chunk, *place)),
            _ => live.read.extend([chunk]),
        }
    }
    let mut wanted = vec![Wanted::default(); runs.len()];
    let mut rest = runs.iter().zip(&mut wanted).rev().peekable();
    for guarded in nest.guarded.iter().rev() {
        for at in guarded.steps.clone().rev() {
            if let Some((_, wanted)) = rest.next_if(|(run, _)| run.end == at + 1) {
                wanted.clone_from(&live);
            }
            let step = &nest.steps[at];
            step.for_each_target(|operand| {
                let Some(chunk) = held(operand) else { return };
                let before = live.streamed.len();
                live.streamed.retain(|(other, _)| *other != chunk);
                // What is computed under a condition may not be, and then what was there before stays.
                if guarded.guard.is_empty() {
                    live.read.remove(&chunk);
                } else {
                    debug_assert_eq!(live.streamed.len(), before, "what is written is computed in any case");
                }
            });
            step.for_each_source(|operand| live.read.extend(held(operand)));
            if let Step::Collect(read, ..) = step {
                picked(&nest.places[*read as usize], &mut live);
            }
        }
    }
    wanted
}

/// Whether a place is the only one of its tensor in a nest.
fn is_alone<T: Real>(nest: &Code<T>, place: u32) -> bool {
    let tensor = nest.places[place as usize].tensor;
    nest.places.iter().filter(|other| other.tensor == tensor).count() == 1
}

/// The chunk that an operand is, if it is one that is held.
fn held(operand: Operand) -> Option<u32> {
    (operand.base == REGISTERS).then_some(operand.offset)
}

/// One function for steps, or several where one would have more values at once than there is room for.
fn assembled<T: Real>(
    nest: &Code<T>,
    steps: Range<usize>,
    mut wanted: Wanted,
    shape: Shape,
    code: &mut Vec<u8>,
    parts: &mut Vec<Part>,
) {
    if steps.len() < 2 {
        return;
    }
    let mut written = FxHashSet::default();
    nest.steps[steps.clone()].iter().for_each(|step| step.for_each_target(|to| written.extend(held(to))));
    wanted.streamed.retain(|(chunk, _)| written.contains(chunk));
    let Wanted { read, streamed } = &wanted;
    let to = |chunk: u32| streamed.iter().filter(move |(other, _)| *other == chunk).map(|(_, place)| *place);
    let mut function = |direct: bool| {
        let formula = Formula::of(&nest.steps[steps.clone()], |operand, value| {
            let Some(chunk) = held(operand) else { return smallvec![Line::Store(value, operand)] };
            let mut lines = SmallVec::new();
            if read.contains(&chunk) || !direct && to(chunk).next().is_some() {
                lines.push(Line::Store(value, operand));
            }
            if direct {
                let place = |place| Operand { base: PLACES + place, offset: 0, step: 1 };
                lines.extend(to(chunk).map(|at| Line::Stream(value, place(at))));
            }
            lines
        });
        registers::emit(&formula?, shape, code)
    };
    if let Some(at) = function(false) {
        let places = streamed.iter().map(|(_, place)| *place).collect();
        let direct = if streamed.is_empty() { None } else { function(true).map(|at| (at, places)) };
        parts.push(Part { steps, at, direct });
        return;
    }
    let half = steps.start + steps.len() / 2;
    let mut first = wanted.clone();
    for step in &nest.steps[half..steps.end] {
        step.for_each_target(|operand| first.streamed.retain(|(chunk, _)| held(operand) != Some(*chunk)));
        step.for_each_source(|operand| first.read.extend(held(operand)));
    }
    assembled(nest, steps.start..half, first, shape, code, parts);
    assembled(nest, half..steps.end, wanted, shape, code, parts);
}
