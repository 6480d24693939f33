//! A body too long for one function, cut into several; values that one makes and another reads pass through the
//! workspace.

use cranelift_codegen::ir::{FuncRef, types};
use cranelift_module::FuncId;
use rustc_hash::FxHashMap;

use super::NativeError;
use super::body::Values;
use super::emit::{Cursor, Emit, Lanes, SIZE};
use super::steps::{Maker, PIECE, Piece, call};
use crate::ir::{Nest, Scalar, TensorId};

/// A nest whose body is cut.
pub(super) struct Large {
    /// How many trips each loop makes.
    extents: Vec<usize>,
    /// Where the workspace holds the trips.
    trips: usize,
    /// The parts of the body in order.
    pub(super) pieces: Vec<Piece>,
}

/// Where values lie that pass from one piece to another.
struct Cut<'a> {
    nest: &'a Nest,
    slots: Vec<Option<usize>>,
    trips: usize,
}

impl Large {
    /// Makes the functions.
    pub(super) fn new(maker: &mut Maker, nest: &Nest) -> Result<Large, NativeError> {
        let trips = maker.layout.room(nest.extents.len());
        let items = nest.body.len() + nest.writes.len();
        let cut = Cut { nest, slots: slots(maker, nest), trips };
        let mut pieces = Vec::new();
        for from in (0..items).step_by(PIECE) {
            let range = from..(from + PIECE).min(items);
            let mut tensors: Vec<TensorId> = nest.reads.iter().map(|read| read.tensor).collect();
            tensors.extend(nest.writes.iter().map(|write| write.to.tensor));
            tensors.sort_unstable();
            tensors.dedup();
            let piece = maker.function(&tensors, &[], |emit, _| emit.part(&cut, range))?;
            pieces.push(piece);
        }
        Ok(Large { extents: nest.extents.to_vec(), trips, pieces })
    }
}

/// Calls `visit` with each value that an operation or a write needs.
fn needs(nest: &Nest, item: usize, mut visit: impl FnMut(u32)) {
    match item.checked_sub(nest.body.len()) {
        None => {
            nest.body[item].for_each_operand(&mut visit);
            if let Scalar::Read(read) = nest.body[item] {
                nest.reads[read as usize].picks.iter().for_each(|pick| visit(pick.index));
            }
        }
        Some(write) => {
            let write = &nest.writes[write];
            visit(write.value);
            write.to.picks.iter().for_each(|pick| visit(pick.index));
        }
    }
}

/// Whether a value is as cheap to make again as to fetch.
fn is_cheap(nest: &Nest, at: usize) -> bool {
    match nest.body[at] {
        Scalar::Number(_) | Scalar::Trip(_) => true,
        Scalar::Read(read) => {
            let read = &nest.reads[read as usize];
            read.picks.is_empty() && nest.writes.iter().all(|write| write.to.tensor != read.tensor)
        }
        Scalar::Neg(_)
        | Scalar::Add(..)
        | Scalar::Sub(..)
        | Scalar::Mul(..)
        | Scalar::Div(..)
        | Scalar::Fma(..)
        | Scalar::Call1(..)
        | Scalar::Call2(..)
        | Scalar::Call3(..)
        | Scalar::Compare(..)
        | Scalar::Not(_)
        | Scalar::And(..)
        | Scalar::Or(..)
        | Scalar::Select(..) => false,
    }
}

/// Room in the workspace for the values that later pieces read; room is used again when the last of them is done.
fn slots(maker: &mut Maker, nest: &Nest) -> Vec<Option<usize>> {
    let items = nest.body.len() + nest.writes.len();
    let mut last: Vec<usize> = (0..nest.body.len()).map(|at| at / PIECE).collect();
    for item in 0..items {
        needs(nest, item, |value| last[value as usize] = item / PIECE);
    }
    let mut slots = vec![None; nest.body.len()];
    let mut free: Vec<usize> = Vec::new();
    let mut ending: Vec<Vec<usize>> = vec![Vec::new(); items.div_ceil(PIECE)];
    for at in 0..nest.body.len() {
        let piece = at / PIECE;
        if at % PIECE == 0 && piece > 0 {
            free.append(&mut ending[piece - 1]);
        }
        if last[at] > piece && !is_cheap(nest, at) {
            let slot = free.pop().unwrap_or_else(|| maker.layout.room(1));
            slots[at] = Some(slot);
            ending[last[at]].push(slot);
        }
    }
    slots
}

impl Emit<'_> {
    /// Some operations and writes.
    fn part(&mut self, cut: &Cut, items: std::ops::Range<usize>) -> Result<(), NativeError> {
        let nest = cut.nest;
        let work = self.arguments[2];
        let mut trips = Vec::with_capacity(nest.extents.len());
        for axis in 0..nest.extents.len() {
            let counter = self.load(types::I64, work, (cut.trips + axis) as i64 * SIZE, false);
            trips.push(Cursor { counter: Some(counter), plus: 0 });
        }
        let mut values = Values::new(nest.body.len());
        for item in items {
            let mut needed: smallvec::SmallVec<[u32; 4]> = smallvec::SmallVec::new();
            needs(nest, item, |value| needed.push(value));
            for value in needed {
                if values.has(value) {
                    continue;
                }
                match cut.slots[value as usize] {
                    Some(slot) => {
                        let loaded = self.load(types::F64, work, slot as i64 * SIZE, false);
                        values.numbers[value as usize] = Some(Lanes::Uniform(loaded));
                    }
                    None => self.op(nest, &mut values, value as usize, &trips, false)?,
                }
            }
            match item.checked_sub(nest.body.len()) {
                Some(write) => self.write(&nest.writes[write], &mut values, &trips, false, None)?,
                None => {
                    self.op(nest, &mut values, item, &trips, false)?;
                    if let Some(slot) = cut.slots[item] {
                        let value = self.value(&mut values, item as u32)?;
                        let value = self.lane(value, 0);
                        self.store(value, work, slot as i64 * SIZE);
                    }
                }
            }
        }
        Ok(())
    }

    /// The loops around the pieces.
    pub(super) fn large(
        &mut self,
        large: &Large,
        references: &FxHashMap<FuncId, FuncRef>,
        axis: usize,
    ) -> Result<(), NativeError> {
        let Some(trips) = large.extents.get(axis) else {
            call(self, &large.pieces, references);
            return Ok(());
        };
        self.repeat(*trips, 1, &[], |emit, counter, _| {
            let work = emit.arguments[2];
            emit.store(counter, work, (large.trips + axis) as i64 * SIZE);
            emit.large(large, references, axis + 1)?;
            Ok(Vec::new())
        })?;
        Ok(())
    }
}
