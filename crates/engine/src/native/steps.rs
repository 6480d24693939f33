//! Steps as functions: which steps share one, what is filled before which, and repetitions.

use cranelift_codegen::ir::{FuncRef, InstBuilder, StackSlotData, StackSlotKind, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::FuncId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::NativeError;
use super::emit::{Abilities, Emit, SIZE};
use super::large::Large;
use super::layout::Layout;
use super::machine::Machine;
use super::plan::Plan;
use super::product;
use crate::ir::{Program, Repeat, Step, TensorId};

/// How many operations a function has at most, as far as steps can be parted: making code costs more than in proportion.
pub(super) const PIECE: usize = 500;

/// A function of ours, and whether it can fail.
pub(super) type Piece = (FuncId, bool);

/// A step, with what is made of it.
pub(super) struct Item<'p> {
    step: &'p Step,
    what: What<'p>,
    cost: usize,
}

enum What<'p> {
    Nothing,
    /// A nest, and the tensor that it sets though it sums.
    Nest(Plan, Option<TensorId>),
    Large(Large),
    Repeat(&'p Repeat, Inside<'p>, Vec<Option<usize>>),
}

/// The steps of a repetition.
enum Inside<'p> {
    Here(Vec<Item<'p>>),
    Pieces(Vec<Piece>),
}

/// What tensors start as that nothing has written yet.
type Fills = FxHashMap<TensorId, f64>;

/// Makes the functions of one program.
pub(super) struct Maker<'p> {
    pub(super) program: &'p Program,
    pub(super) layout: Layout,
    pub(super) machine: Machine,
}

impl<'p> Maker<'p> {
    /// The function that runs the program.
    pub(super) fn entry(&mut self) -> Result<Piece, NativeError> {
        let items = self.items(&self.program.steps, None)?;
        let all = (0..self.program.tensors.len() as u32).map(TensorId);
        let program = self.program;
        let starts = all.filter_map(|id| Some((id, program.tensor(id).start?.get())));
        let inputs: Vec<TensorId> = program.inputs.iter().map(|(_, id)| *id).collect();
        let fills: Fills = starts.filter(|(id, _)| !inputs.contains(id)).collect();
        let mut pieces = self.pieces(items, fills)?;
        if self.layout.copies.is_empty() && pieces.len() == 1 {
            return Ok(pieces.remove(0));
        }
        let copies = self.layout.copies.clone();
        let tensors: Vec<TensorId> = copies.iter().map(|(id, _)| *id).collect();
        let ids: Vec<FuncId> = pieces.iter().map(|piece| piece.0).collect();
        self.function(&tensors, &ids, |emit, references| {
            call(emit, &pieces, references);
            for (id, output) in copies {
                let to = emit.output(output);
                emit.copy(emit.tensor(id), to, emit.program.tensor(id).len())?;
            }
            Ok(())
        })
    }

    /// The function of inputs and outputs that lie one after the other, for the one where they lie apart.
    pub(super) fn flat(&mut self, entry: Piece) -> Result<FuncId, NativeError> {
        let program = self.program;
        let made = self.function(&[], &[entry.0], |emit, references| {
            let mut arguments = [emit.arguments[0], emit.arguments[1], emit.arguments[2]];
            for (argument, named) in arguments.iter_mut().zip([&program.inputs, &program.outputs]) {
                let size = (named.len().max(1) as i64 * SIZE) as u32;
                let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3);
                let slot = emit.b.create_sized_stack_slot(slot);
                let table = emit.b.ins().stack_addr(types::I64, slot, 0);
                let mut far = 0;
                for (at, (_, id)) in named.iter().enumerate() {
                    let by = emit.b.ins().iconst(types::I64, far);
                    let address = emit.b.ins().iadd(*argument, by);
                    emit.store(address, table, at as i64 * SIZE);
                    far += program.tensor(*id).len() as i64 * SIZE;
                }
                *argument = table;
            }
            emit.arguments = arguments;
            call(emit, &[entry], references);
            Ok(())
        })?;
        Ok(made.0)
    }

    fn items(&mut self, steps: &'p [Step], number: Option<usize>) -> Result<Vec<Item<'p>>, NativeError> {
        let wide = self.machine.wide;
        let mut items = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            let number = number.unwrap_or(at + 1);
            let planned = |nest, sets| match Plan::new(nest, wide) {
                None => (What::Nothing, 0),
                Some(plan) => {
                    let cost = plan.cost();
                    (What::Nest(plan, sets), cost)
                }
            };
            let (what, cost) = match step {
                Step::Nest(nest) if nest.body.len() + nest.writes.len() > PIECE => {
                    if nest.extents.contains(&0) {
                        (What::Nothing, 0)
                    } else {
                        (What::Large(Large::new(self, nest)?), PIECE / 8)
                    }
                }
                Step::Nest(nest) => planned(nest, None),
                Step::Product(product) => {
                    let (nest, sets) = product::nest(product).ok_or(NativeError::Product { step: number })?;
                    planned(&nest, sets)
                }
                Step::Factorization(f) => {
                    return Err(NativeError::Linear { step: number, name: f.op.name() });
                }
                Step::Repeat(repeat) => self.repeated(repeat, number)?,
            };
            items.push(Item { step, what, cost });
        }
        Ok(items)
    }

    fn repeated(&mut self, repeat: &'p Repeat, number: usize) -> Result<(What<'p>, usize), NativeError> {
        let items = self.items(&repeat.steps, Some(number))?;
        let cost = items.iter().map(|item| item.cost).sum::<usize>() + 16 * (1 + repeat.states.len());
        // A next value that is another state's current one is put aside, as all states change at once.
        let aside = repeat.replaced().map(|state| {
            let current = repeat.states.iter().any(|other| other.current == state.next);
            current.then(|| self.layout.room(self.program.tensor(state.next).len()))
        });
        let aside = aside.collect();
        let inside = if cost <= PIECE {
            Inside::Here(items)
        } else {
            let fills = starts(self.program, repeat);
            Inside::Pieces(self.pieces(items, fills)?)
        };
        let cost = if cost <= PIECE { cost } else { 32 };
        Ok((What::Repeat(repeat, inside, aside), cost))
    }

    /// Functions for items, as many in one as its size allows.
    fn pieces(&mut self, items: Vec<Item<'p>>, mut fills: Fills) -> Result<Vec<Piece>, NativeError> {
        let mut made = Vec::new();
        let mut rest = &items[..];
        while !rest.is_empty() || made.is_empty() {
            let mut cost = 0;
            let count = rest
                .iter()
                .take_while(|item| {
                    let first = cost == 0;
                    cost += item.cost.max(1);
                    first || cost <= PIECE
                })
                .count();
            let (now, later) = rest.split_at(count);
            rest = later;
            let mut tensors = Vec::new();
            let mut callees = Vec::new();
            for item in now {
                item.step.for_each_read(&mut |id| tensors.push(id));
                item.step.for_each_write(&mut |id| tensors.push(id));
                item.callees(&mut callees);
            }
            let piece = self
                .function(&tensors, &callees, |emit, references| emit.items(now, &mut fills, references))?;
            made.push(piece);
        }
        Ok(made)
    }

    /// Makes one function.
    pub(super) fn function(
        &mut self,
        tensors: &[TensorId],
        callees: &[FuncId],
        body: impl FnOnce(&mut Emit, &FxHashMap<FuncId, FuncRef>) -> Result<(), NativeError>,
    ) -> Result<Piece, NativeError> {
        let mut function = self.machine.function();
        let mut references = FxHashMap::default();
        for callee in callees {
            references.insert(*callee, self.machine.reference(&mut function, *callee)?);
        }
        let frontend = self.machine.target()?;
        let can = Abilities {
            fma: self.machine.fma,
            rounds: self.machine.rounds,
            convention: self.machine.convention,
        };
        let builder = FunctionBuilder::new(&mut function, &mut self.machine.frontend);
        let mut emit = Emit::new(builder, self.program, &self.layout, can, tensors);
        body(&mut emit, &references)?;
        let fails = emit.finish(frontend);
        Ok((self.machine.define(function)?, fails))
    }
}

/// Calls functions one after the other.
pub(super) fn call(emit: &mut Emit, pieces: &[Piece], references: &FxHashMap<FuncId, FuncRef>) {
    for (id, fails) in pieces {
        emit.piece(references[id], *fails);
    }
}

/// What the tensors start as that a repetition writes: each time anew.
fn starts(program: &Program, repeat: &Repeat) -> Fills {
    let mut fills = Fills::default();
    for step in &repeat.steps {
        step.for_each_write(&mut |id| {
            if let Some(start) = program.tensor(id).start {
                fills.insert(id, start.get());
            }
        });
    }
    fills
}

impl Item<'_> {
    /// The functions that it calls.
    fn callees(&self, found: &mut Vec<FuncId>) {
        match &self.what {
            What::Nothing | What::Nest(..) => {}
            What::Large(large) => found.extend(large.pieces.iter().map(|piece| piece.0)),
            What::Repeat(_, Inside::Here(items), _) => items.iter().for_each(|item| item.callees(found)),
            What::Repeat(_, Inside::Pieces(pieces), _) => found.extend(pieces.iter().map(|piece| piece.0)),
        }
    }
}

impl Emit<'_> {
    fn items(
        &mut self,
        items: &[Item],
        fills: &mut Fills,
        references: &FxHashMap<FuncId, FuncRef>,
    ) -> Result<(), NativeError> {
        for item in items {
            let mut touched: SmallVec<[TensorId; 8]> = SmallVec::new();
            item.step.for_each_read(&mut |id| touched.push(id));
            item.step.for_each_write(&mut |id| touched.push(id));
            let mut fresh = Fills::default();
            for id in touched {
                let Some(start) = fills.remove(&id) else { continue };
                let (at, count) = (self.tensor(id), self.program.tensor(id).len());
                let covered = match &item.what {
                    What::Nest(plan, _) => plan.covers(id),
                    What::Nothing | What::Large(_) | What::Repeat(..) => None,
                };
                match covered {
                    Some(covered) => {
                        fresh.insert(id, start);
                        self.fill(at, 0..covered.start, start)?;
                        self.fill(at, covered.end..count, start)?;
                    }
                    None => self.fill(at, 0..count, start)?,
                }
            }
            match &item.what {
                What::Nothing => {}
                What::Nest(plan, sets) => {
                    fresh.extend(sets.map(|id| (id, 0.0)));
                    self.nest(plan, &fresh)?;
                }
                What::Large(large) => self.large(large, references, 0)?,
                What::Repeat(repeat, inside, aside) => self.repetition(repeat, inside, aside, references)?,
            }
        }
        Ok(())
    }

    fn repetition(
        &mut self,
        repeat: &Repeat,
        inside: &Inside,
        aside: &[Option<usize>],
        references: &FxHashMap<FuncId, FuncRef>,
    ) -> Result<(), NativeError> {
        let count = |emit: &Emit, id: TensorId| emit.program.tensor(id).len();
        for state in &repeat.states {
            self.copy(self.tensor(state.first), self.tensor(state.current), count(self, state.first))?;
        }
        if repeat.count == 0 {
            return Ok(());
        }
        self.repeat(repeat.count, 1, &[], |emit, counter, _| {
            let one = emit.number(1.0);
            let time = emit.b.ins().fcvt_from_sint(types::F64, counter);
            let time = emit.b.ins().fadd(time, one);
            let (base, far) = emit.tensor(repeat.number);
            emit.store(time, base, far);
            match inside {
                Inside::Here(items) => {
                    let mut fills = starts(emit.program, repeat);
                    emit.items(items, &mut fills, references)?;
                }
                Inside::Pieces(pieces) => call(emit, pieces, references),
            }
            let room = |emit: &Emit, at: usize| (emit.arguments[2], at as i64 * SIZE);
            for (state, aside) in repeat.replaced().zip(aside) {
                if let Some(aside) = aside {
                    emit.copy(emit.tensor(state.next), room(emit, *aside), count(emit, state.next))?;
                }
            }
            for (state, aside) in repeat.replaced().zip(aside) {
                let from = aside.map_or(emit.tensor(state.next), |aside| room(emit, aside));
                emit.copy(from, emit.tensor(state.current), count(emit, state.next))?;
            }
            for record in &repeat.records {
                let current = repeat.states[record.state].current;
                let numbers = count(emit, current);
                let (base, far) = emit.tensor(record.to);
                let base = emit.along(base, counter, numbers as isize);
                emit.copy(emit.tensor(current), (base, far), numbers)?;
            }
            Ok(Vec::new())
        })?;
        Ok(())
    }
}
