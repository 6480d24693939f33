//! Programs with what runs them, and how a point and its results are cut into tensors.

use std::num::NonZeroUsize;

use agnesi_engine::ir::{Program, RunError};
use agnesi_engine::lowering::{batch, multiply_add};
use agnesi_engine::machine::Machine;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::FunctionError;
use super::real::{Code, Real};

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

/// A program ready to run, whose outputs lie side by side in the rooms of a caller.
pub(super) struct Ready<T: Real> {
    runner: Runner<T>,
    /// How long each input is.
    inputs: SmallVec<[usize; 4]>,
    /// How many outputs each room holds, and how long each is.
    rooms: SmallVec<[SmallVec<[usize; 4]>; 2]>,
}

impl<T: Real> Ready<T> {
    /// A program whose outputs are cut into rooms of so many each; as machine code, if asked for and possible.
    pub fn new(program: Program, rooms: &[usize], how: How) -> Result<Ready<T>, FunctionError> {
        let inputs = program.inputs.iter().map(|(_, id)| program.tensor(*id).len()).collect();
        let mut lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
        let rooms = rooms.iter().map(|count| lengths.by_ref().take(*count).collect()).collect();
        Ok(Ready { runner: Runner::new(program, how)?, inputs, rooms })
    }

    /// A program of values, or of values and gradients, for many rows: a room for each output.
    pub fn for_rows(program: &Program, rows: &Batch, how: How) -> Result<Ready<T>, FunctionError> {
        let mut varies = rows.varies.clone();
        varies.resize(program.inputs.len(), false);
        let mut batched = batch(program, rows.rows, &varies);
        multiply_add(&mut batched);
        Ready::new(batched, &vec![1; program.outputs.len()], How { native: false, ..how })
    }

    pub fn program(&self) -> &Program {
        match &self.runner {
            Runner::Machine(machine) => machine.program(),
            Runner::Native(program, _) => program,
        }
    }

    /// Says how many threads share large steps.
    pub fn set_threads(&mut self, threads: NonZeroUsize) {
        match &mut self.runner {
            Runner::Machine(machine) => machine.set_threads(threads),
            Runner::Native(..) => {}
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
        match &mut self.runner {
            Runner::Machine(machine) => machine.run(inputs, &mut outputs)?,
            Runner::Native(_, code) => code(inputs, &mut outputs)?,
        }
        Ok(())
    }
}
