//! Programs with what runs them, and how a point and its results are cut into tensors.

use std::num::NonZeroUsize;

use agnesi_engine::ir::{Program, RunError};
use agnesi_engine::lowering::{Split, batch, multiply_add, short_loops, split};
use agnesi_engine::machine::Machine;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::real::{Code, Real};
use super::{FunctionError, zeros};

/// For which rows a program was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub gradient: bool,
    pub rows: usize,
    /// Of each argument, whether every row has its own.
    pub varies: Vec<bool>,
}

/// Data of a function.
#[derive(Clone)]
pub(super) struct Given<T> {
    pub name: SmolStr,
    pub length: usize,
    /// Until they are given there are none.
    pub numbers: Option<Vec<T>>,
}

impl<T> Given<T> {
    pub fn numbers(&self) -> Result<&[T], FunctionError> {
        self.numbers.as_deref().ok_or_else(|| FunctionError::NotGiven { name: self.name.clone() })
    }
}

/// How programs are run.
#[derive(Clone, Copy)]
pub(super) struct How {
    /// Whether they become machine code.
    pub native: bool,
    /// How many threads share large steps.
    pub threads: NonZeroUsize,
    /// How many of the last inputs are data, which are given once for many points.
    pub data: usize,
}

/// What runs a program.
enum Runner<T: Real> {
    Machine(Box<Machine<T>>),
    Native(Box<Program>, Code<T>),
}

impl<T: Real> Runner<T> {
    fn new(program: Program, how: How) -> Result<Runner<T>, RunError> {
        if how.native
            && let Some(code) = T::compiled(&program)
        {
            return Ok(Runner::Native(Box::new(program), code));
        }
        let mut machine = Machine::new(program)?;
        machine.set_threads(how.threads);
        Ok(Runner::Machine(Box::new(machine)))
    }
}

/// What is done with the data alone.
struct Once<T: Real> {
    machine: Box<Machine<T>>,
    /// What came of it, if it was done since the data were given.
    kept: Option<Vec<Vec<T>>>,
    /// The program that it was split from.
    whole: Box<Program>,
}

impl<T: Real> Once<T> {
    /// What was kept, or is now made.
    fn kept(&mut self, data: &[&[T]]) -> Result<&[Vec<T>], FunctionError> {
        if self.kept.is_none() {
            let program = self.machine.program();
            let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
            let mut kept: Vec<Vec<T>> =
                lengths.map(|length| zeros(Some(length))).collect::<Result<_, _>>()?;
            let mut outputs: Vec<&mut [T]> = kept.iter_mut().map(|room| &mut room[..]).collect();
            self.machine.run(data, &mut outputs)?;
            self.kept = Some(kept);
        }
        Ok(self.kept.as_deref().unwrap_or_default())
    }
}

/// A program ready to run, whose outputs lie side by side in the rooms of a caller.
pub(super) struct Ready<T: Real> {
    runner: Runner<T>,
    once: Option<Once<T>>,
    /// How long each input is.
    inputs: SmallVec<[usize; 4]>,
    /// How many outputs each room holds, and how long each is.
    rooms: SmallVec<[SmallVec<[usize; 4]>; 2]>,
}

impl<T: Real> Ready<T> {
    /// A program whose outputs are cut into rooms of so many each; as machine code, if asked for and possible.
    ///
    /// It is run without its short loops, and with fused multiply-adds: the machine has an instruction for them, or rounds as
    /// if it had.
    pub fn new(mut program: Program, rooms: &[usize], how: How) -> Result<Ready<T>, FunctionError> {
        short_loops(&mut program);
        multiply_add(&mut program);
        Ready::of(program, rooms, how)
    }

    /// A program of values, or of values and gradients, for many rows: a room for each output.
    ///
    /// Few rows are run as many are, so that what comes of one does not depend on how many there are.
    pub fn for_rows(program: &Program, rows: &Batch, how: How) -> Result<Ready<T>, FunctionError> {
        let mut varies = rows.varies.clone();
        varies.resize(program.inputs.len(), false);
        let mut batched = batch(program, rows.rows, &varies);
        multiply_add(&mut batched);
        Ready::of(batched, &vec![1; program.outputs.len()], How { native: false, ..how })
    }

    fn of(program: Program, rooms: &[usize], how: How) -> Result<Ready<T>, FunctionError> {
        let inputs = program.inputs.iter().map(|(_, id)| program.tensor(*id).len()).collect();
        let mut lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
        let rooms = rooms.iter().map(|count| lengths.by_ref().take(*count).collect()).collect();
        let Some(Split { once, each }) = split(&program, how.data) else {
            return Ok(Ready { runner: Runner::new(program, how)?, once: None, inputs, rooms });
        };
        let mut machine = Box::new(Machine::new(once)?);
        machine.set_threads(how.threads);
        let once = Once { machine, kept: None, whole: Box::new(program) };
        Ok(Ready { runner: Runner::new(each, how)?, once: Some(once), inputs, rooms })
    }

    pub fn program(&self) -> &Program {
        if let Some(once) = &self.once {
            return &once.whole;
        }
        match &self.runner {
            Runner::Machine(machine) => machine.program(),
            Runner::Native(program, _) => program,
        }
    }

    /// Says how many threads share large steps.
    pub fn set_threads(&mut self, threads: NonZeroUsize) {
        if let Some(once) = &mut self.once {
            once.machine.set_threads(threads);
        }
        match &mut self.runner {
            Runner::Machine(machine) => machine.set_threads(threads),
            Runner::Native(..) => {}
        }
    }

    /// Says that data were given anew.
    pub fn forget_data(&mut self) {
        if let Some(once) = &mut self.once {
            once.kept = None;
        }
    }

    /// Whether it is machine code.
    pub fn is_native(&self) -> bool {
        !matches!(self.runner, Runner::Machine(_))
    }

    /// Runs it at a point: the first inputs in one slice, the last ones as given.
    pub fn run(
        &mut self,
        point: &[T],
        given: &[Given<T>],
        rooms: &mut [&mut [T]],
    ) -> Result<(), FunctionError> {
        let first = self.inputs.len().saturating_sub(given.len());
        let wanted = self.inputs[..first].iter().sum();
        if point.len() != wanted {
            return Err(FunctionError::Length { what: "the point", wanted, given: point.len() });
        }
        let mut inputs: SmallVec<[&[T]; 4]> = SmallVec::new();
        let mut rest = point;
        for length in &self.inputs[..first] {
            let (input, after) = rest.split_at(*length);
            inputs.push(input);
            rest = after;
        }
        for given in given {
            inputs.push(given.numbers()?);
        }
        self.run_each(&inputs, rooms)
    }

    /// Runs it with inputs of their own.
    pub fn run_each(&mut self, inputs: &[&[T]], rooms: &mut [&mut [T]]) -> Result<(), FunctionError> {
        let mut outputs: SmallVec<[&mut [T]; 4]> = SmallVec::new();
        for (room, lengths) in rooms.iter_mut().zip(&self.rooms) {
            let wanted = lengths.iter().sum();
            if room.len() != wanted {
                return Err(FunctionError::Length {
                    what: "the room for a result",
                    wanted,
                    given: room.len(),
                });
            }
            let mut rest = &mut **room;
            for length in lengths {
                let (output, after) = rest.split_at_mut(*length);
                outputs.push(output);
                rest = after;
            }
        }
        let mut all: SmallVec<[&[T]; 4]>;
        let inputs = match &mut self.once {
            None => inputs,
            Some(once) => {
                let arguments = inputs.len() - once.machine.program().inputs.len();
                let kept = once.kept(&inputs[arguments..])?;
                all = SmallVec::from_slice(inputs);
                all.extend(kept.iter().map(Vec::as_slice));
                &all
            }
        };
        match &mut self.runner {
            Runner::Machine(machine) => machine.run(inputs, &mut outputs)?,
            Runner::Native(_, code) => code(inputs, &mut outputs)?,
        }
        Ok(())
    }
}
