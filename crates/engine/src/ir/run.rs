//! The interpreter: one trip, one operation after the other. It is what every backend is compared with.

use std::collections::TryReserveError;

use smol_str::SmolStr;

use super::{Access, CheckError, How, Nest, Product, Program, Repeat, Step};
use crate::tensors::{InterpretError, Tensor, factorize};

/// Why a program gives no result. Places are counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// A program that no backend may run.
    Program(CheckError),
    /// Another number of inputs than the program has.
    Inputs {
        /// How many it has.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// Room for another number of outputs than the program has.
    Outputs {
        /// How many it has.
        wanted: usize,
        /// How many were given room.
        given: usize,
    },
    /// An input, or the room for an output, of another length.
    Length {
        /// Its name.
        name: SmolStr,
        /// How many numbers it holds.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// An index that is computed and lies outside its axis, or is no whole number.
    Index {
        /// The index.
        value: f64,
        /// The size of the axis.
        size: usize,
    },
    /// An operation of linear algebra that has no result.
    Linear(InterpretError),
    /// More memory than there is.
    Memory {
        /// How many numbers were asked for.
        numbers: usize,
    },
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Program(error) => error.fmt(f),
            RunError::Inputs { wanted, given } => write!(f, "{wanted} inputs are needed, {given} were given"),
            RunError::Outputs { wanted, given } => {
                write!(f, "{wanted} outputs are made, room is given for {given}")
            }
            RunError::Length { name, wanted, given } => {
                write!(f, "`{name}` has {wanted} numbers, {given} were given")
            }
            RunError::Index { value, size } => {
                write!(f, "the index {value} is none of 1 to {size}")
            }
            RunError::Linear(error) => error.fmt(f),
            RunError::Memory { numbers } => {
                write!(f, "{numbers} numbers need more memory than there is")
            }
        }
    }
}

impl std::error::Error for RunError {}

impl From<InterpretError> for RunError {
    fn from(error: InterpretError) -> RunError {
        RunError::Linear(error)
    }
}

impl Program {
    /// Runs it, entry by entry, in the order written: the meaning of a program, and the oracle of its backends. It is
    /// slow.
    ///
    /// The program must pass [`Program::check`].
    ///
    /// A matrix without the inverse or factor asked for makes NaN of it, which does no harm in a branch that is not taken.
    ///
    /// # Errors
    /// Inputs of other lengths; an index outside its axis; NaN among the outputs that may come of a matrix without the
    /// inverse or factor asked for; too much memory.
    pub fn run(&self, inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>, RunError> {
        if inputs.len() != self.inputs.len() {
            return Err(RunError::Inputs { wanted: self.inputs.len(), given: inputs.len() });
        }
        let mut data: Vec<Vec<f64>> = vec![Vec::new(); self.tensors.len()];
        for ((name, id), given) in self.inputs.iter().zip(inputs) {
            let wanted = self.tensor(*id).len();
            if given.len() != wanted {
                return Err(RunError::Length { name: name.clone(), wanted, given: given.len() });
            }
            data[id.index()] = given.to_vec();
        }
        let given: Vec<usize> = self.inputs.iter().map(|(_, id)| id.index()).collect();
        for (at, tensor) in self.tensors.iter().enumerate() {
            if !given.contains(&at) {
                let numbers = tensor.len();
                let wrong = |_: TryReserveError| RunError::Memory { numbers };
                data[at].try_reserve_exact(numbers).map_err(wrong)?;
                data[at].resize(numbers, tensor.start.map_or(f64::NAN, |start| start.get()));
            }
        }
        let mut fault = None;
        self.run_steps(&self.steps, &mut data, &mut fault)?;
        let undefined = self.outputs.iter().any(|(_, id)| data[id.index()].iter().any(|x| x.is_nan()));
        if let Some(fault) = fault.filter(|_| undefined) {
            return Err(fault);
        }
        Ok(self.outputs.iter().map(|(_, id)| data[id.index()].clone()).collect())
    }

    fn run_steps(
        &self,
        steps: &[Step],
        data: &mut [Vec<f64>],
        fault: &mut Option<RunError>,
    ) -> Result<(), RunError> {
        for step in steps {
            match step {
                Step::Nest(nest) => run_nest(nest, data)?,
                Step::Product(product) => run_product(product, data),
                Step::Factorization(f) => {
                    let from = std::mem::take(&mut data[f.from.index()]);
                    let tensor = Tensor::new(self.tensor(f.from).shape.clone(), from);
                    let Some(tensor) = tensor else { continue };
                    let result = factorize(f.op, &tensor);
                    data[f.from.index()] = tensor.into_data();
                    match result {
                        Ok(result) => data[f.to.index()] = result.into_data(),
                        Err(error) => {
                            data[f.to.index()].fill(f64::NAN);
                            fault.get_or_insert(error.into());
                        }
                    }
                }
                Step::Repeat(repeat) => self.run_repeat(repeat, data, fault)?,
            }
        }
        Ok(())
    }

    fn run_repeat(
        &self,
        repeat: &Repeat,
        data: &mut [Vec<f64>],
        fault: &mut Option<RunError>,
    ) -> Result<(), RunError> {
        for state in &repeat.states {
            data[state.current.index()] = data[state.first.index()].clone();
        }
        let mut inside = Vec::new();
        repeat.steps.iter().for_each(|step| step.for_each_write(&mut |id| inside.push(id)));
        for time in 1..=repeat.count {
            data[repeat.number.index()].fill(time as f64);
            for id in &inside {
                if let Some(start) = self.tensor(*id).start {
                    data[id.index()].fill(start.get());
                }
            }
            self.run_steps(&repeat.steps, data, fault)?;
            // All at once: one state's next value may be another's current one.
            let next: Vec<Vec<f64>> = repeat.states.iter().map(|s| data[s.next.index()].clone()).collect();
            for (state, next) in repeat.states.iter().zip(next) {
                data[state.current.index()] = next;
            }
            for record in &repeat.records {
                let from = data[repeat.states[record.state].current.index()].clone();
                data[record.to.index()][(time - 1) * from.len()..][..from.len()].copy_from_slice(&from);
            }
        }
        Ok(())
    }
}

fn run_nest(nest: &Nest, data: &mut [Vec<f64>]) -> Result<(), RunError> {
    let mut values = vec![0.0; nest.body.len()];
    each_trip(&nest.extents, |trip| {
        for (at, op) in nest.body.iter().enumerate() {
            let wrong = std::cell::Cell::new(None);
            let read = |read: u32| {
                let access = &nest.reads[read as usize];
                match address(access, trip, &values) {
                    Ok(at) => data[access.tensor.index()][at],
                    Err(error) => {
                        wrong.set(Some(error));
                        f64::NAN
                    }
                }
            };
            let value = op.evaluate(read, |axis| trip[axis as usize] as f64 + 1.0, |at| values[at as usize]);
            if let Some(error) = wrong.into_inner() {
                return Err(error);
            }
            values[at] = value;
        }
        for write in &nest.writes {
            let at = address(&write.to, trip, &values)?;
            let to = &mut data[write.to.tensor.index()][at];
            *to = joined(write.how, *to, values[write.value as usize]);
        }
        Ok(())
    })
}

/// What stands where something is written.
pub(crate) fn joined(how: How, old: f64, new: f64) -> f64 {
    match how {
        How::Set => new,
        How::Add => old + new,
        How::Multiply => old * new,
        How::Max => {
            if new > old || new.is_nan() {
                new
            } else {
                old
            }
        }
        How::Min => {
            if new < old || new.is_nan() {
                new
            } else {
                old
            }
        }
    }
}

fn run_product(product: &Product, data: &mut [Vec<f64>]) {
    let Some((k, outer)) = product.extents.split_last() else { return };
    let place = |access: &Access, trip: &[usize], j: usize| {
        let far: isize = access.strides.iter().zip(trip).map(|(s, i)| s * *i as isize).sum();
        (access.offset + far + access.strides[outer.len()] * j as isize) as usize
    };
    let _ = each_trip(outer, |trip| {
        let term = |j: usize| {
            let left = data[product.left.tensor.index()][place(&product.left, trip, j)];
            left * data[product.right.tensor.index()][place(&product.right, trip, j)]
        };
        // From 0, as a nest that adds: the sum of nothing in `std` is -0.
        let sum = (0..*k).map(term).fold(0.0, |sum, x| sum + x);
        data[product.to.tensor.index()][place(&product.to, trip, 0)] = sum * product.scale;
        Ok::<(), RunError>(())
    });
}

/// The address of an access at a trip.
fn address(access: &Access, trip: &[usize], values: &[f64]) -> Result<usize, RunError> {
    let mut at = access.offset;
    for (stride, index) in access.strides.iter().zip(trip) {
        at += stride * *index as isize;
    }
    for pick in &access.picks {
        let value = values[pick.index as usize];
        if !(value.fract() == 0.0 && value >= 1.0 && value <= pick.size as f64) {
            return Err(RunError::Index { value, size: pick.size });
        }
        at += (value as isize - 1) * pick.stride;
    }
    Ok(at as usize)
}

/// Calls `visit` with the numbers of the trips, the last loop the fastest.
pub(crate) fn each_trip<E>(
    extents: &[usize],
    mut visit: impl FnMut(&[usize]) -> Result<(), E>,
) -> Result<(), E> {
    if extents.contains(&0) {
        return Ok(());
    }
    let mut trip = vec![0usize; extents.len()];
    loop {
        visit(&trip)?;
        let mut axis = extents.len();
        loop {
            if axis == 0 {
                return Ok(());
            }
            axis -= 1;
            trip[axis] += 1;
            if trip[axis] < extents[axis] {
                break;
            }
            trip[axis] = 0;
        }
    }
}
