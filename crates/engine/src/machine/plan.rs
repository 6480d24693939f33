//! Where tensors lie in memory: those of inputs and outputs with the caller, all others in one arena, whose room is used
//! again as soon as nobody reads what stands there.

use crate::ir::{Access, Nest, Program, Step, TensorId};

/// Tensors begin at multiples of so many numbers, so that they share no cache line, and whole vectors may be read and written
/// up to there.
pub(super) const ALIGNMENT: usize = 16;
/// Inputs of no more numbers than this that loops read again and again are copied, so that there is room behind them.
const MAX_COPIED: usize = 1024;
/// Of fewer turns that read the same it is not worth it.
const TURNS: usize = 8;

/// Where a tensor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The input of this number.
    Input(usize),
    /// The output of this number.
    Output(usize),
    /// From this number of the arena on.
    Arena(usize),
}

/// The places of all tensors, and how long the arena is.
pub(super) struct Plan {
    pub places: Vec<Place>,
    pub arena: usize,
    /// The inputs that are copied when a run begins, and where to.
    pub copied: Vec<(usize, usize)>,
}

/// Whether a nest reads the same entries side by side on many trips.
fn is_read_again(read: &Access, nest: &Nest) -> bool {
    let loops = || read.strides.iter().zip(&nest.extents);
    loops().any(|(stride, turns)| *stride == 0 && *turns >= TURNS) && loops().any(|(stride, _)| *stride == 1)
}

/// Lays out the tensors of a program.
///
/// A tensor lives from the step that writes it first to the one that reads it last; what lives in a loop's steps, or is
/// read there, lives for the whole loop.
pub(super) fn plan(program: &Program) -> Plan {
    let count = program.tensors.len();
    let (mut first, mut last) = (vec![usize::MAX; count], vec![0usize; count]);
    for (at, step) in program.steps.iter().enumerate() {
        let mut seen = |id: TensorId| {
            first[id.index()] = first[id.index()].min(at);
            last[id.index()] = last[id.index()].max(at);
        };
        step.for_each_read(&mut seen);
        step.for_each_write(&mut seen);
    }
    let mut places: Vec<Option<Place>> = vec![None; count];
    // An output that is an input, or an earlier output too, is copied at the end.
    for (at, (_, id)) in program.outputs.iter().enumerate().rev() {
        places[id.index()] = Some(Place::Output(at));
    }
    for (at, (_, id)) in program.inputs.iter().enumerate() {
        places[id.index()] = Some(Place::Input(at));
    }
    let mut arena = Arena::default();
    let room = |id: usize| program.tensors[id].len().next_multiple_of(ALIGNMENT);
    let mut again = vec![false; count];
    for step in &program.steps {
        match step {
            Step::Repeat(_) => step.for_each_read(&mut |id| again[id.index()] = true),
            Step::Nest(nest) => {
                for read in nest.reads.iter().filter(|read| is_read_again(read, nest)) {
                    let full = program.tensor(read.tensor).len().is_multiple_of(ALIGNMENT);
                    again[read.tensor.index()] |= !full;
                }
            }
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
    let mut copied = Vec::new();
    for (at, (_, id)) in program.inputs.iter().enumerate() {
        if again[id.index()] && program.tensor(*id).len() <= MAX_COPIED {
            let start = arena.take(room(id.index()));
            places[id.index()] = Some(Place::Arena(start));
            copied.push((at, start));
        }
    }
    let mut by_first: Vec<Vec<usize>> = vec![Vec::new(); program.steps.len()];
    let mut by_last: Vec<Vec<usize>> = vec![Vec::new(); program.steps.len()];
    for id in 0..count {
        if places[id].is_none() && first[id] != usize::MAX {
            by_first[first[id]].push(id);
            by_last[last[id]].push(id);
        }
    }
    for step in 0..program.steps.len() {
        for id in by_first[step].iter().copied() {
            places[id] = Some(Place::Arena(arena.take(room(id))));
        }
        for id in by_last[step].iter().copied() {
            if let Some(Place::Arena(start)) = places[id] {
                arena.give(start, room(id));
            }
        }
    }
    let places = places.into_iter().map(|place| place.unwrap_or(Place::Arena(0))).collect();
    Plan { places, arena: arena.end + ALIGNMENT, copied }
}

/// Free room, sorted by place, and the end of what was ever taken.
#[derive(Default)]
struct Arena {
    free: Vec<(usize, usize)>,
    end: usize,
}

impl Arena {
    /// The smallest gap that is large enough, or room at the end.
    fn take(&mut self, room: usize) -> usize {
        let fits = self.free.iter().enumerate().filter(|(_, (_, size))| *size >= room);
        let Some((at, _)) = fits.min_by_key(|(_, (_, size))| *size) else {
            // A gap at the end grows.
            let start = match self.free.last().copied() {
                Some((start, size)) if start + size == self.end => {
                    self.free.pop();
                    start
                }
                _ => self.end,
            };
            self.end = start + room;
            return start;
        };
        let (start, size) = self.free[at];
        if size == room {
            self.free.remove(at);
        } else {
            self.free[at] = (start + room, size - room);
        }
        start
    }

    fn give(&mut self, start: usize, room: usize) {
        if room == 0 {
            return;
        }
        let at = self.free.partition_point(|(other, _)| *other < start);
        self.free.insert(at, (start, room));
        let mut joined: Vec<(usize, usize)> = Vec::with_capacity(self.free.len());
        for (start, size) in self.free.drain(..) {
            match joined.last_mut() {
                Some((before, length)) if *before + *length == start => *length += size,
                _ => joined.push((start, size)),
            }
        }
        self.free = joined;
    }
}
