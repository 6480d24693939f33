//! Nests cut into blocks that threads share.
//!
//! A nest is cut along its first loop where every write either goes to entries of its own for each trip, or takes up
//! numbers (a sum, a product, an extremum) that can be taken up block by block and then joined in the order of the blocks.
//! The blocks are those of the nest alone, whatever the number of threads, so that results are the same bits with any.

// Threads write through the same pointers; what each may write is said at the blocks.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Mutex;

use smallvec::SmallVec;

use super::execute::{self, Rooms, Table};
use super::nest::{CHUNK, Code, PLACES};
use super::room::Room;
use super::share::share;
use super::{Real, axes, nest};
use crate::ir::{How, Nest, Program, RunError, TensorId, joined};

/// The least work of a block, in nanoseconds or so: below it a thread costs more than it brings.
pub(super) const BLOCK: f64 = 50_000.0;
/// The most blocks, so that joining them stays cheap.
const BLOCKS: usize = 64;
/// The most numbers that the partial results of all blocks hold.
const PARTIAL: usize = 1 << 20;

/// How a nest is cut.
pub(super) struct Cut {
    /// How many trips of the first loop a block has, and how many blocks there are.
    length: usize,
    count: usize,
    trips: usize,
    /// The tensors that blocks take numbers up into, how, and how long they are.
    partial: Vec<(TensorId, How, usize)>,
}

impl Cut {
    /// How a nest is cut into blocks of at least so much work; `None` where it is too little, or its writes do not permit it.
    pub fn new<T: Real>(nest: &Nest, code: &Code<T>, program: &Program, block: f64) -> Option<Cut> {
        let trips = code.outer.first().copied().unwrap_or(code.inner);
        let all: f64 = code.outer.iter().map(|n| *n as f64).product::<f64>() * code.inner as f64;
        let work = all * axes::cost_of_a_trip(nest);
        if trips < 2 || work < 2.0 * block {
            return None;
        }
        let writes = &code.places[nest.reads.len()..];
        let mut partial: Vec<(TensorId, How, usize)> = Vec::new();
        for (place, write) in writes.iter().zip(&nest.writes) {
            if nest.reads.iter().any(|read| read.tensor == place.tensor) {
                return None;
            }
            // Several writes to one tensor may meet in an entry.
            let mut others = nest.writes.iter().filter(|other| other.to.tensor == place.tensor);
            let alone =
                others.all(|other| std::ptr::eq(other, write) || other.to.is_apart(&write.to, &nest.extents));
            if alone && place.keeps_apart(code) {
                continue;
            }
            let length = program.tensor(place.tensor).len();
            match partial.iter().find(|(id, ..)| *id == place.tensor) {
                Some((_, how, _)) if *how == write.how && *how != How::Set => {}
                Some(_) => return None,
                None if write.how == How::Set => return None,
                None => partial.push((place.tensor, write.how, length)),
            }
        }
        let room: usize = partial.iter().map(|(_, _, length)| length).sum();
        let most =
            BLOCKS.min(PARTIAL.checked_div(room).unwrap_or(BLOCKS)).min((work / block) as usize).min(trips);
        // Joining must stay small beside the work.
        if most < 2 || (room * most) as f64 > work / 4.0 {
            return None;
        }
        let length = trips.div_ceil(most);
        let length = if code.outer.is_empty() { length.next_multiple_of(CHUNK) } else { length };
        let count = trips.div_ceil(length);
        (count > 1).then_some(Cut { length, count, trips, partial })
    }

    fn block(&self, at: usize) -> Range<usize> {
        at * self.length..((at + 1) * self.length).min(self.trips)
    }
}

impl nest::Place {
    /// Whether each trip of the first loop has entries of its own here.
    fn keeps_apart<T: Real>(&self, code: &Code<T>) -> bool {
        if !self.picks.is_empty() || !self.fixed.is_empty() {
            return false;
        }
        let Some((first, rest)) = self.outer.split_first() else {
            return self.inner != 0;
        };
        let others = rest.iter().zip(&code.outer[1..]).chain([(&self.inner, &code.inner)]);
        let span: isize = others.map(|(stride, size)| stride.abs() * (*size as isize - 1).max(0)).sum();
        first.abs() > span
    }
}

/// What a thread works with.
struct Scratch<T> {
    constants: Room<T>,
    registers: Room<T>,
    values: Vec<f64>,
    partial: Vec<Vec<T>>,
}

/// The addresses of a run, for threads.
struct Shared<'a, T>(Rooms<'a, T>);

// Safety: a block writes the entries of its own trips, which no other block reads or writes (`Cut::new`), and tensors of
// its own thread; all else is read by everyone and written by nobody while blocks run.
unsafe impl<T: Send + Sync> Sync for Shared<'_, T> {}

/// Runs a nest block by block, with so many threads.
///
/// # Safety
/// That of [`execute::run`] for the whole nest; `sizes` are the lengths of the rooms for constants and registers.
pub(super) unsafe fn run<T: Real>(
    code: &Code<T>,
    cut: &Cut,
    rooms: Rooms<'_, T>,
    sizes: [usize; 2],
    threads: usize,
) -> Result<(), RunError> {
    let shared = Shared(rooms);
    let results: Mutex<Vec<Block<T>>> = Mutex::new(Vec::with_capacity(cut.count));
    let scratch = || {
        let shared = &shared;
        let mut constants = Room::few(sizes[0]);
        // Safety: constants were set before; nobody writes to these while blocks run, each has its own.
        constants.copy_from_slice(unsafe { std::slice::from_raw_parts(shared.0.constants, sizes[0]) });
        Scratch {
            constants,
            registers: Room::few(sizes[1]),
            values: code.values.clone(),
            partial: Vec::new(),
        }
    };
    share(cut.count, threads, scratch, |scratch, at| {
        let shared = &shared;
        // Safety: as for the whole nest, and `Shared`.
        let done = unsafe { scratch.block(code, cut, shared, at) };
        let block = Block { at, done, partial: std::mem::take(&mut scratch.partial) };
        results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(block);
    });
    let mut blocks = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    blocks.sort_unstable_by_key(|block| block.at);
    for block in blocks {
        block.done?;
        for ((id, how, length), partial) in cut.partial.iter().zip(&block.partial) {
            let to = shared.0.starts[id.index()];
            for (i, x) in partial.iter().enumerate().take(*length) {
                // Safety: the tensor has `length` entries, and no block runs any more.
                unsafe {
                    let at = to.add(i);
                    at.write(T::from_f64(joined(*how, at.read().to_f64(), x.to_f64())));
                }
            }
        }
    }
    Ok(())
}

/// What came of a block.
struct Block<T> {
    at: usize,
    done: Result<(), RunError>,
    partial: Vec<Vec<T>>,
}

impl<T: Real> Scratch<T> {
    /// Runs a block, and leaves its partial results.
    ///
    /// # Safety
    /// That of [`run`].
    unsafe fn block(
        &mut self,
        code: &Code<T>,
        cut: &Cut,
        shared: &Shared<'_, T>,
        at: usize,
    ) -> Result<(), RunError> {
        let mut starts: SmallVec<[*mut T; 16]> = SmallVec::from_slice(shared.0.starts);
        for (id, how, length) in &cut.partial {
            let mut room = vec![T::from_f64(of_none(*how)); *length];
            starts[id.index()] = room.as_mut_ptr();
            self.partial.push(room);
        }
        let rooms = Rooms {
            starts: &starts,
            constants: self.constants.as_mut_ptr(),
            registers: self.registers.as_mut_ptr(),
        };
        let mut table = Table::with_capacity(PLACES as usize + code.places.len());
        // Safety: as for the whole nest; tensors that several blocks would write are this block's own.
        unsafe { execute::run(code, rooms, &mut self.values, &mut table, cut.block(at)) }
    }
}

/// What taking up begins with.
fn of_none(how: How) -> f64 {
    match how {
        // Nothing that is set is taken up.
        How::Set | How::Add => 0.0,
        How::Multiply => 1.0,
        How::Max => f64::NEG_INFINITY,
        How::Min => f64::INFINITY,
    }
}
