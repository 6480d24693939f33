//! The virtual machine: programs run at once, without compiling.
//!
//! Nests run over chunks of numbers by the [kernels](crate::vector) of the best instruction set that the machine has
//! (`nest.rs`, `execute.rs`); matrix products and factorizations go to a library (`product.rs`, `factor.rs`). Memory is planned
//! when a machine is made (`plan.rs`), so that a run of nests allocates nothing for their numbers.

mod execute;
mod factor;
mod memory;
mod nest;
mod plan;
mod product;
mod real;

pub use real::Real;

use memory::Memory;

use std::cell::Cell;

use crate::ir::{Program, Repeat, RunError, Step, TensorId};
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
    arena: Vec<T>,
    steps: Vec<Ready<T>>,
    registers: Vec<T>,
    set: InstructionSet,
}

/// A step made ready.
enum Ready<T: Real> {
    Nest(Box<nest::Code<T>>, Vec<TensorId>),
    Product(Box<crate::ir::Product>),
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
        program.check().map_err(RunError::Program)?;
        let kernels = Kernels::<T>::new(set).unwrap_or_else(Kernels::best);
        let plan::Plan { places, arena: room } = plan::plan(&program);
        let mut arena = Vec::new();
        arena.try_reserve_exact(room).map_err(|_| RunError::Memory { numbers: room })?;
        arena.resize(room, T::default());
        let mut started = vec![false; program.tensors.len()];
        let steps = ready(&program, &program.steps, &kernels, &mut started);
        let registers = vec![T::default(); most_registers(&steps) * nest::CHUNK];
        Ok(Machine { program, places, arena, steps, registers, set })
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The instruction set whose kernels it calls.
    pub fn instruction_set(&self) -> InstructionSet {
        self.set
    }

    /// Runs the program: reads each input, its last axis the fastest, and writes each output into the room given for it.
    ///
    /// # Errors
    /// Another number of inputs or outputs, or another length of one; an index outside its axis; NaN among the outputs
    /// that may come of a matrix without the inverse or factor asked for.
    pub fn run(&mut self, inputs: &[&[T]], outputs: &mut [&mut [T]]) -> Result<(), RunError> {
        self.fits(inputs, outputs)?;
        let outputs: smallvec::SmallVec<[&[Cell<T>]; 4]> =
            outputs.iter_mut().map(|room| Cell::from_mut(&mut **room).as_slice_of_cells()).collect();
        let memory = Memory {
            inputs,
            outputs: &outputs,
            arena: Cell::from_mut(&mut self.arena[..]).as_slice_of_cells(),
            places: &self.places,
            program: &self.program,
        };
        let registers = Cell::from_mut(&mut self.registers[..]).as_slice_of_cells();
        let mut fault = None;
        run_all(&mut self.steps, &memory, registers, &mut fault)?;
        for (at, (_, id)) in self.program.outputs.iter().enumerate() {
            if self.places[id.index()] != plan::Place::Output(at) {
                memory.copy_into(*id, outputs[at]);
            }
        }
        let undefined = || outputs.iter().any(|list| list.iter().any(|x| x.get().to_f64().is_nan()));
        match fault {
            Some(fault) if undefined() => Err(fault),
            _ => Ok(()),
        }
    }

    fn fits(&self, inputs: &[&[T]], outputs: &[&mut [T]]) -> Result<(), RunError> {
        if inputs.len() != self.program.inputs.len() {
            return Err(RunError::Inputs { wanted: self.program.inputs.len(), given: inputs.len() });
        }
        if outputs.len() != self.program.outputs.len() {
            return Err(RunError::Outputs { wanted: self.program.outputs.len(), given: outputs.len() });
        }
        let given = inputs.iter().map(|list| list.len()).chain(outputs.iter().map(|list| list.len()));
        for ((name, id), given) in self.program.inputs.iter().chain(&self.program.outputs).zip(given) {
            let wanted = self.program.tensor(*id).len();
            if given != wanted {
                return Err(RunError::Length { name: name.clone(), wanted, given });
            }
        }
        Ok(())
    }
}

fn ready<T: Real>(
    program: &Program,
    steps: &[Step],
    kernels: &Kernels<T>,
    started: &mut [bool],
) -> Vec<Ready<T>> {
    steps
        .iter()
        .map(|step| match step {
            Step::Nest(nest) => {
                let mut fresh = Vec::new();
                for write in &nest.writes {
                    let id = write.to.tensor;
                    if program.tensor(id).start.is_some()
                        && !std::mem::replace(&mut started[id.index()], true)
                    {
                        fresh.push(id);
                    }
                }
                Ready::Nest(Box::new(nest::Code::new(nest, kernels)), fresh)
            }
            Step::Product(product) => Ready::Product(Box::new(product.clone())),
            Step::Factorization(factorization) => Ready::Factorization(factorization.clone()),
            Step::Repeat(repeat) => {
                let inside = ready(program, &repeat.steps, kernels, started);
                Ready::Repeat(repeat.clone(), inside)
            }
        })
        .collect()
}

fn most_registers<T: Real>(steps: &[Ready<T>]) -> usize {
    let of = |step: &Ready<T>| match step {
        Ready::Nest(code, _) => code.registers,
        Ready::Product(_) | Ready::Factorization(_) => 0,
        Ready::Repeat(_, steps) => most_registers(steps),
    };
    steps.iter().map(of).max().unwrap_or(0)
}

fn run_all<T: Real>(
    steps: &mut [Ready<T>],
    memory: &Memory<T>,
    registers: &[Cell<T>],
    fault: &mut Option<RunError>,
) -> Result<(), RunError> {
    for step in steps {
        match step {
            Ready::Nest(code, fresh) => {
                for id in fresh.iter() {
                    memory.start(*id);
                }
                let code = &mut **code;
                let mut values = std::mem::take(&mut code.values);
                let range = 0..code.outer.first().copied().unwrap_or(code.inner);
                let done = execute::run(code, memory, registers, &mut values, range);
                code.values = values;
                done?;
            }
            Ready::Product(product) => product::run(product, memory),
            Ready::Factorization(f) => factor::run(f, memory, fault),
            Ready::Repeat(repeat, inside) => {
                for state in &repeat.states {
                    memory.copy(state.first, state.current);
                }
                for time in 1..=repeat.count {
                    memory.set(repeat.number, T::from_f64(time as f64));
                    run_all(inside, memory, registers, fault)?;
                    for state in repeat.replaced() {
                        memory.copy(state.next, state.current);
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
