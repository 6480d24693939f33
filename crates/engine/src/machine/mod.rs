//! The virtual machine: programs run at once, without compiling.
//!
//! Nests run over chunks of numbers by the [kernels](crate::vector) of the best instruction set that the machine has
//! (`axes.rs`, `compile.rs`, `nest.rs`, `execute/`), two operations by one kernel where that is possible (`pairs.rs`). Large ones run in blocks
//! that threads share (`parallel.rs`, `share.rs`). What runs often is assembled to instructions of this machine (`assembly/`). Matrix products and factorizations go to a library (`product.rs`, `factor.rs`), without what is 0 in columns (`bands.rs`).
//! Memory is planned when a machine is made (`plan.rs`), so that a run of nests allocates nothing for their numbers.

mod assembly;
mod axes;
mod bands;
mod compile;
mod execute;
mod factor;
mod guard;
mod memory;
mod nest;
mod pairs;
mod parallel;
mod plan;
mod product;
mod real;
mod room;
mod share;
#[cfg(test)]
mod tests;
mod transpose;

pub use real::Real;

pub(crate) use axes::{best_axis, cost, joined_loops};

use memory::Memory;
use room::Room;
use smol_str::SmolStr;

use std::cell::Cell;

use crate::ir::{How, Nest, Program, Repeat, RunError, State, Step, TensorId, Write};
use crate::vector::{InstructionSet, Kernels};

/// A program made ready to be run over numbers of one type.
///
/// ```
/// use agnesi_engine::ir::parse;
/// use agnesi_engine::machine::Machine;
///
/// let text = "t0: 3\nt1: 3\nin x t0\nfor 3\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  t1[0 + 1*#0] = %1\nend\nout y t1\n";
/// let mut machine = Machine::<f64>::new(parse(text).expect("a program"))?;
/// let mut y = [0.0; 3];
/// machine.run(&[&[1.0, 2.0, 3.0]], &mut [&mut y])?;
/// assert_eq!(y, [1.0, 4.0, 9.0]);
/// # Ok::<(), agnesi_engine::ir::RunError>(())
/// ```
pub struct Machine<T: Real> {
    program: Program,
    places: Vec<plan::Place>,
    /// The inputs that are copied to the arena, and where to.
    copied: Vec<(usize, usize)>,
    arena: Room<T>,
    /// How long inputs and outputs are.
    lengths: (Vec<usize>, Vec<usize>),
    /// Outputs whose tensors lie elsewhere.
    copies: Vec<(usize, TensorId)>,
    steps: Vec<Ready<T>>,
    /// Numbers that stand for vectors of themselves.
    constants: Room<T>,
    /// Chunks for what nests compute on the way.
    registers: Room<T>,
    set: InstructionSet,
    threads: usize,
    /// What a run takes that assembling makes faster, and how much more of that is run before it is assembled; `None` when
    /// it was.
    work: usize,
    left: Option<usize>,
}

/// A step made ready.
enum Ready<T: Real> {
    /// What begins with its start values at it, and how it is cut for threads.
    Nest(Box<nest::Code<T>>, Vec<TensorId>, Option<parallel::Cut>),
    /// A copy, and what begins with its start values at it.
    Transpose(Box<transpose::Transpose>, Vec<TensorId>),
    /// Products, and what begins with its start values at them.
    Product(Box<crate::ir::Product>, Option<TensorId>),
    Factorization(crate::ir::Factorization),
    Repeat(Box<Repeat>, Vec<Ready<T>>),
}

impl<T: Real> Machine<T> {
    /// Makes a program ready for the best instruction set of this machine.
    ///
    /// # Errors
    /// [`RunError::Program`] for one that does not pass [`Program::check`], on which the memory safety of a run rests;
    /// [`RunError::Memory`] where its tensors need more memory than there is.
    pub fn new(program: Program) -> Result<Machine<T>, RunError> {
        Machine::for_set(program, InstructionSet::best())
    }

    /// The same for an instruction set, which the machine must have: it gives the same bits as any other.
    ///
    /// # Errors
    /// As [`Machine::new`].
    pub fn for_set(program: Program, set: InstructionSet) -> Result<Machine<T>, RunError> {
        Machine::of_blocks(program, set, parallel::BLOCK)
    }

    /// The same, whose large steps are cut into blocks of at least so much work.
    fn of_blocks(program: Program, set: InstructionSet, block: f64) -> Result<Machine<T>, RunError> {
        program.check().map_err(RunError::Program)?;
        let kernels = Kernels::<T>::new(set).unwrap_or_else(Kernels::best);
        let plan::Plan { places, arena: room, copied } = plan::plan(&program);
        let started = vec![false; program.tensors.len()];
        let mut maker =
            Maker { program: &program, places: &places, kernels: &kernels, block, started, constants: 0 };
        let steps = maker.steps(&program.steps);
        let length = maker.constants;
        let registers = Room::new(most_registers(&steps) * nest::CHUNK)?;
        let mut constants = Room::new(length)?;
        fill(&steps, &mut constants);
        let (work, operations) = assembled_work(&steps);
        let of =
            |named: &[(SmolStr, TensorId)]| named.iter().map(|(_, id)| program.tensor(*id).len()).collect();
        let lengths = (of(&program.inputs), of(&program.outputs));
        let outputs = program.outputs.iter().map(|(_, id)| *id).enumerate();
        let copies = outputs.filter(|(at, id)| places[id.index()] != plan::Place::Output(*at)).collect();
        Ok(Machine {
            places,
            copied,
            arena: Room::new(room)?,
            lengths,
            copies,
            steps,
            constants,
            registers,
            set,
            program,
            threads: 1,
            work,
            left: (operations > 1).then_some(FIRST_WORK + operations * WORK_EACH),
        })
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The instruction set whose kernels it calls.
    pub fn instruction_set(&self) -> InstructionSet {
        self.set
    }

    /// How many threads share large steps, at least 1; at first 1. The results are the same bits with any number.
    ///
    /// ```
    /// use agnesi_engine::ir::parse;
    /// use agnesi_engine::machine::Machine;
    ///
    /// let text = "t0: 1000000\nt1: = 0.0\nin x t0\nfor 1000000\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  t1[0] += %1\nend\nout y t1\n";
    /// let x: Vec<f64> = (0..1_000_000).map(|i| 0.1 * i as f64).collect();
    /// let mut sums = [[0.0], [0.0]];
    /// for (threads, sum) in [1, 2].into_iter().zip(&mut sums) {
    ///     let mut machine = Machine::<f64>::new(parse(text).expect("a program"))?;
    ///     machine.set_threads(threads.try_into().expect("not 0"));
    ///     machine.run(&[&x], &mut [sum])?;
    /// }
    /// assert_eq!(sums[0][0].to_bits(), sums[1][0].to_bits());
    /// # Ok::<(), agnesi_engine::ir::RunError>(())
    /// ```
    pub fn set_threads(&mut self, threads: std::num::NonZeroUsize) {
        self.threads = threads.get();
    }

    /// Runs the program: reads each input, its last axis the fastest, and writes each output into the room given for it.
    ///
    /// # Errors
    /// Another number of inputs or outputs, or another length of one; an index outside its axis; NaN among the outputs
    /// that may come of a matrix without the inverse or factor asked for.
    pub fn run(&mut self, inputs: &[&[T]], outputs: &mut [&mut [T]]) -> Result<(), RunError> {
        self.fits(inputs, outputs)?;
        if let Some(left) = &mut self.left {
            match left.checked_sub(self.work) {
                Some(rest) => *left = rest,
                None => self.assemble(),
            }
        }
        for (input, start) in &self.copied {
            let numbers = inputs[*input];
            self.arena[*start..][..numbers.len()].copy_from_slice(numbers);
        }
        let outputs: smallvec::SmallVec<[&[Cell<T>]; 4]> =
            outputs.iter_mut().map(|room| Cell::from_mut(&mut **room).as_slice_of_cells()).collect();
        let memory = Memory {
            inputs,
            outputs: &outputs,
            arena: Cell::from_mut(&mut self.arena[..]).as_slice_of_cells(),
            places: &self.places,
            program: &self.program,
        };
        let starts: smallvec::SmallVec<[*mut T; 16]> =
            self.places.iter().map(|place| memory.start_of(*place)).collect();
        let rooms = execute::Rooms {
            starts: &starts,
            constants: self.constants.as_mut_ptr(),
            registers: self.registers.as_mut_ptr(),
        };
        let mut running = Running {
            memory: &memory,
            rooms,
            sizes: [self.constants.len(), self.registers.len()],
            table: execute::Table::new(),
            threads: self.threads,
            fault: None,
        };
        running.steps(&mut self.steps)?;
        let fault = running.fault;
        for (at, id) in &self.copies {
            memory.copy_into(*id, outputs[*at]);
        }
        let undefined = || outputs.iter().any(|list| list.iter().any(|x| x.get().to_f64().is_nan()));
        match fault {
            Some(fault) if undefined() => Err(fault),
            _ => Ok(()),
        }
    }

    /// Makes instructions of what [`Machine::run`] would after some runs: arithmetic on many numbers then takes about half the
    /// time. It costs some 150 nanoseconds an operation, and the results stay the same bits. Where the system gives no memory
    /// for instructions, and on other processors than those of x86 with AVX2, nothing happens.
    ///
    /// ```
    /// use agnesi_engine::ir::parse;
    /// use agnesi_engine::machine::Machine;
    ///
    /// let text = "t0: 9\nt1: 9\nin x t0\nfor 9\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  %2 = div %1 %0\n  %3 = sub %2 %1\n  t1[0 + 1*#0] = %3\nend\nout y t1\n";
    /// let mut machine = Machine::<f64>::new(parse(text).expect("a program"))?;
    /// machine.assemble();
    /// let mut y = [0.0; 9];
    /// machine.run(&[&[2.0; 9]], &mut [&mut y])?;
    /// assert_eq!(y, [-2.0; 9]);
    /// # Ok::<(), agnesi_engine::ir::RunError>(())
    /// ```
    pub fn assemble(&mut self) {
        if self.left.take().is_some() {
            let mut nests = Vec::new();
            nests_of(&mut self.steps, &mut nests);
            assembly::assemble(&mut nests, self.set);
        }
    }

    fn fits(&self, inputs: &[&[T]], outputs: &[&mut [T]]) -> Result<(), RunError> {
        let (wanted_in, wanted_out) = &self.lengths;
        let same = |wanted: &[usize], given: &mut dyn ExactSizeIterator<Item = usize>| {
            wanted.len() == given.len() && given.zip(wanted).all(|(given, wanted)| given == *wanted)
        };
        let fits = same(wanted_in, &mut inputs.iter().map(|list| list.len()))
            && same(wanted_out, &mut outputs.iter().map(|list| list.len()));
        if fits { Ok(()) } else { Err(self.misfit(inputs, outputs)) }
    }

    #[cold]
    fn misfit(&self, inputs: &[&[T]], outputs: &[&mut [T]]) -> RunError {
        let (wanted_in, wanted_out) = &self.lengths;
        if inputs.len() != wanted_in.len() {
            return RunError::Inputs { wanted: wanted_in.len(), given: inputs.len() };
        }
        if outputs.len() != wanted_out.len() {
            return RunError::Outputs { wanted: wanted_out.len(), given: outputs.len() };
        }
        let given = inputs.iter().map(|list| list.len()).chain(outputs.iter().map(|list| list.len()));
        let names = self.program.inputs.iter().chain(&self.program.outputs).map(|(name, _)| name);
        let mut all = names.zip(wanted_in.iter().chain(wanted_out)).zip(given);
        let wrong = all.find(|((_, wanted), given)| *wanted != given);
        match wrong {
            Some(((name, wanted), given)) => RunError::Length { name: name.clone(), wanted: *wanted, given },
            None => RunError::Inputs { wanted: wanted_in.len(), given: inputs.len() },
        }
    }
}

/// Makes steps ready.
struct Maker<'a, T: Real> {
    program: &'a Program,
    places: &'a [plan::Place],
    kernels: &'a Kernels<T>,
    block: f64,
    /// Of each tensor, whether a step before has begun to write it.
    started: Vec<bool>,
    /// How many numbers are spread out so far.
    constants: usize,
}

impl<T: Real> Maker<'_, T> {
    fn steps(&mut self, steps: &[Step]) -> Vec<Ready<T>> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> Ready<T> {
        match step {
            Step::Nest(nest) => {
                let mut fresh: Vec<TensorId> = nest.writes.iter().map(|write| write.to.tensor).collect();
                fresh.retain(|id| self.begins(*id));
                let nest = axes::joined_loops(nest);
                if let Some(copy) = transpose::Transpose::of(&nest) {
                    return Ready::Transpose(Box::new(copy), fresh);
                }
                let mut code = nest::Code::new(&nest, self.kernels, &mut self.constants);
                let cut = parallel::Cut::new(&nest, &code, self.program, self.block);
                self.stage(&nest, &mut code, cut.is_none());
                Ready::Nest(Box::new(code), fresh, cut)
            }
            Step::Product(product) => {
                let begins = self.begins(product.to.tensor) && !self.program.sets_all(product);
                Ready::Product(Box::new(product.clone()), begins.then_some(product.to.tensor))
            }
            Step::Factorization(factorization) => {
                self.begins(factorization.to);
                Ready::Factorization(factorization.clone())
            }
            Step::Repeat(repeat) => {
                // The loop sets these itself.
                let states = repeat.states.iter().map(|state| state.current);
                let records = repeat.records.iter().map(|record| record.to);
                for id in states.chain(records).chain([repeat.number]) {
                    self.begins(id);
                }
                Ready::Repeat(repeat.clone(), self.steps(&repeat.steps))
            }
        }
    }

    /// Whether a tensor has start values and no step before has begun to write it; the next one has.
    fn begins(&mut self, id: TensorId) -> bool {
        self.program.tensor(id).start.is_some() && !std::mem::replace(&mut self.started[id.index()], true)
    }
}

impl<T: Real> Maker<'_, T> {
    /// Finds out where whole vectors may be read and written though a chunk ends within one; `whole` says that one thread does
    /// all turns, one after the other.
    fn stage(&self, nest: &Nest, code: &mut nest::Code<T>, whole: bool) {
        let nest::Code { places, inner, width, outer, stages, .. } = code;
        for stage in stages.iter_mut() {
            let place = &places[stage.place as usize];
            // What is read beyond the chunk is not used, and what is written beyond it is written again by a later turn.
            stage.room = match (stage.writes, place.block(*inner, outer)) {
                (false, _) => 0..self.program.tensor(place.tensor).len(),
                (true, Some(block)) if whole && is_set_apart(nest, place.tensor) => block,
                (true, _) => 0..0,
            };
        }
        if !whole {
            return;
        }
        // In the arena there is room behind a tensor.
        stages.retain(|stage| {
            let place = &places[stage.place as usize];
            if !matches!(self.places[place.tensor.index()], plan::Place::Arena(_)) {
                return true;
            }
            let length = self.program.tensor(place.tensor).len();
            let end = place.offset.max(0) as usize + *inner;
            let full = end - *inner + inner.next_multiple_of(*width);
            let last = end == length && full <= length.next_multiple_of(plan::ALIGNMENT);
            stage.writes && (!outer.is_empty() || !place.fixed.is_empty() || !last)
        });
    }
}

/// Whether a nest sets each entry of a tensor by one write alone, and reads none.
fn is_set_apart(nest: &Nest, id: TensorId) -> bool {
    let writes = || nest.writes.iter().filter(|write| write.to.tensor == id);
    let apart = |write: &Write| {
        let mut others = writes().filter(|other| !std::ptr::eq(*other, write));
        others.all(|other| other.to.is_apart(&write.to, &nest.extents))
    };
    nest.reads.iter().all(|read| read.tensor != id)
        && writes().all(|write| write.how == How::Set && write.to.picks.is_empty() && apart(write))
}

/// Spreads the numbers out that kernels read.
fn fill<T: Real>(steps: &[Ready<T>], constants: &mut [T]) {
    for step in steps {
        match step {
            Ready::Nest(code, ..) => {
                for (offset, x) in &code.numbers {
                    constants[*offset..][..T::PARTIAL].fill(T::from_f64(*x));
                }
            }
            Ready::Transpose(..) | Ready::Product(..) | Ready::Factorization(_) => {}
            Ready::Repeat(_, steps) => fill(steps, constants),
        }
    }
}

/// In half nanoseconds, what memory for instructions costs, and each of them.
const FIRST_WORK: usize = 40_000;
const WORK_EACH: usize = 300;

/// What operations that would be assembled take in a run, in half nanoseconds, and how many they are.
fn assembled_work<T: Real>(steps: &[Ready<T>]) -> (usize, usize) {
    let of = |step: &Ready<T>| match step {
        Ready::Nest(code, ..) => assembly::work(code),
        Ready::Transpose(..) | Ready::Product(..) | Ready::Factorization(_) => (0, 0),
        Ready::Repeat(repeat, steps) => {
            let (work, operations) = assembled_work(steps);
            (work.saturating_mul(repeat.count), operations)
        }
    };
    steps
        .iter()
        .map(of)
        .fold((0, 0), |(work, count), (more, others)| (work.saturating_add(more), count + others))
}

fn nests_of<'a, T: Real>(steps: &'a mut [Ready<T>], nests: &mut Vec<&'a mut nest::Code<T>>) {
    for step in steps {
        match step {
            Ready::Nest(code, ..) => nests.push(code),
            Ready::Transpose(..) | Ready::Product(..) | Ready::Factorization(_) => {}
            Ready::Repeat(_, steps) => nests_of(steps, nests),
        }
    }
}

fn most_registers<T: Real>(steps: &[Ready<T>]) -> usize {
    let of = |step: &Ready<T>| match step {
        Ready::Nest(code, ..) => code.registers,
        Ready::Transpose(..) | Ready::Product(..) | Ready::Factorization(_) => 0,
        Ready::Repeat(_, steps) => most_registers(steps),
    };
    steps.iter().map(of).max().unwrap_or(0)
}

/// A run of a program.
struct Running<'a, T: Real> {
    memory: &'a Memory<'a, T>,
    rooms: execute::Rooms<'a, T>,
    /// How many numbers there are of constants and in registers.
    sizes: [usize; 2],
    table: execute::Table<T>,
    threads: usize,
    /// Why an operation of linear algebra has no result.
    fault: Option<RunError>,
}

impl<T: Real> Running<'_, T> {
    fn steps(&mut self, steps: &mut [Ready<T>]) -> Result<(), RunError> {
        let memory = self.memory;
        for step in steps {
            match step {
                Ready::Nest(code, fresh, cut) => {
                    fresh.iter().for_each(|id| memory.start(*id));
                    self.nest(code, cut.as_ref())?;
                }
                Ready::Transpose(copy, fresh) => {
                    fresh.iter().for_each(|id| memory.start(*id));
                    copy.run(memory);
                }
                Ready::Product(product, fresh) => {
                    fresh.iter().for_each(|id| memory.start(*id));
                    product::run(product, memory, self.threads);
                }
                Ready::Factorization(f) => factor::run(f, memory, &mut self.fault),
                Ready::Repeat(repeat, inside) => {
                    for state in &repeat.states {
                        memory.copy(state.first, state.current);
                    }
                    // All at once: one state's next value may be another's current one.
                    let in_the_way =
                        |state: &&State| repeat.replaced().any(|other| other.current == state.next);
                    let (aside, plain): (Vec<&State>, Vec<&State>) = repeat.replaced().partition(in_the_way);
                    for time in 1..=repeat.count {
                        memory.set(repeat.number, T::from_f64(time as f64));
                        self.steps(inside)?;
                        let aside: Vec<(TensorId, Vec<T>)> =
                            aside.iter().map(|state| (state.current, memory.numbers(state.next))).collect();
                        for state in &plain {
                            memory.copy(state.next, state.current);
                        }
                        for (current, numbers) in aside {
                            memory.all(current).iter().zip(numbers).for_each(|(cell, x)| cell.set(x));
                        }
                        for record in &repeat.records {
                            if let Some(state) = repeat.states.get(record.state) {
                                memory.record(state.current, record.to, time - 1);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn nest(&mut self, code: &mut nest::Code<T>, cut: Option<&parallel::Cut>) -> Result<(), RunError> {
        // Safety, of both: the program was checked, and its tensors, constants and registers were laid out, when the
        // machine was made; its run borrows all of them mutably, so that nobody else is at them.
        #[allow(unsafe_code)]
        if let Some(cut) = cut {
            unsafe { parallel::run(code, cut, self.rooms, self.sizes, self.threads) }
        } else {
            let mut values = std::mem::take(&mut code.values);
            let range = 0..code.outer.first().copied().unwrap_or(code.inner);
            let done = unsafe { execute::run(code, self.rooms, &mut values, &mut self.table, range) };
            code.values = values;
            done
        }
    }
}
