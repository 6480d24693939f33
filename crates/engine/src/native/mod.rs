//! Programs compiled to machine code.
//!
//! [`Compiled`] holds the code of one [`Program`]: nests, tiny matrix products and repetitions. Operations of linear
//! algebra and larger products are refused by name; they are work for libraries. Results are those of
//! [`Program::run`], exactly where no sum, product, maximum or minimum is taken over a loop, and up to rounding where one
//! is: innermost loops take two trips at once and keep several partial results, in an order that the program alone
//! decides. The same code gives the same bits each time. A zero that is a sum has its sign.
//!
//! There is `unsafe` code here: memory is made executable, called, and given back.
#![allow(unsafe_code)]

mod affine;
mod body;
mod emit;
mod error;
mod large;
mod layout;
mod machine;
mod nest;
mod plan;
mod product;
mod shims;
mod steps;

pub use error::NativeError;

use std::collections::TryReserveError;

use smol_str::SmolStr;

use crate::ir::{Program, RunError};
use layout::{FAULT, Layout};
use machine::{Code, Entry, FlatEntry, Machine};
use steps::Maker;

/// How much work is put into the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effort {
    /// As little as can be: for code that is run a few times.
    Quick,
    /// What makes it fast.
    Optimised,
}

/// The code of a program.
///
/// ```
/// use agnesi_engine::ir::parse;
/// use agnesi_engine::native::Compiled;
///
/// let text = "t0: 3\nt1: 3\nin x t0\nfor 3\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  t1[0 + 1*#0] = %1\nend\nout y t1\n";
/// let program = parse(text).expect("a program");
/// let mut compiled = Compiled::new(&program).expect("code");
/// let mut y = [0.0; 3];
/// compiled.call(&[1.0, 2.0, 3.0], &mut y).expect("it runs");
/// assert_eq!(y, [1.0, 4.0, 9.0]);
/// ```
pub struct Compiled {
    entry: Entry,
    flat: FlatEntry,
    /// How many numbers a workspace holds.
    work: usize,
    inputs: Vec<(SmolStr, usize)>,
    outputs: Vec<(SmolStr, usize)>,
    input_len: usize,
    output_len: usize,
    /// The workspace of [`Compiled::call`].
    own: Workspace,
    /// What `entry` and `flat` lie in.
    _code: Code,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled").field("inputs", &self.inputs).field("outputs", &self.outputs).finish()
    }
}

/// Memory that a run needs beside inputs and outputs; it may be used again and again.
#[derive(Clone, Debug)]
pub struct Workspace {
    numbers: Vec<f64>,
}

impl Compiled {
    /// Compiles a program, with [`Effort::Optimised`]. Cost: some microseconds for each operation.
    ///
    /// # Errors
    /// A program that does not hold together, a step that is left to libraries, too little memory, or a machine for which
    /// no code can be made.
    pub fn new(program: &Program) -> Result<Compiled, NativeError> {
        Compiled::with_effort(program, Effort::Optimised)
    }

    /// Compiles a program with so much effort.
    ///
    /// # Errors
    /// Those of [`Compiled::new`].
    pub fn with_effort(program: &Program, effort: Effort) -> Result<Compiled, NativeError> {
        program.check().map_err(NativeError::Check)?;
        let mut maker = Maker { program, layout: Layout::new(program), machine: Machine::new(effort)? };
        let entry = maker.entry()?;
        let flat = maker.flat(entry)?;
        let work = maker.layout.work;
        let own = workspace(work).map_err(|_| NativeError::Memory { numbers: work })?;
        let (code, entry, flat) = maker.machine.finish(entry.0, flat)?;
        let lengths = |named: &[(SmolStr, crate::ir::TensorId)]| -> Vec<(SmolStr, usize)> {
            named.iter().map(|(name, id)| (name.clone(), program.tensor(*id).len())).collect()
        };
        Ok(Compiled {
            entry,
            flat,
            work,
            inputs: lengths(&program.inputs),
            outputs: lengths(&program.outputs),
            input_len: program.input_len(),
            output_len: program.output_len(),
            own,
            _code: code,
        })
    }

    /// How many numbers the inputs have together.
    pub fn input_len(&self) -> usize {
        self.input_len
    }

    /// How many numbers the outputs have together.
    pub fn output_len(&self) -> usize {
        self.output_len
    }

    /// Memory for [`Compiled::run`].
    ///
    /// # Errors
    /// Too little memory.
    pub fn workspace(&self) -> Result<Workspace, RunError> {
        workspace(self.work).map_err(|_| RunError::Memory { numbers: self.work })
    }

    /// Runs the code: one slice for each input and each output of the program, in order.
    ///
    /// # Errors
    /// Another number of slices, or slices of other lengths, than the program has; a workspace of another program that is
    /// too small; a computed index outside its axis, after which the outputs hold anything.
    pub fn run(
        &self,
        inputs: &[&[f64]],
        outputs: &mut [&mut [f64]],
        workspace: &mut Workspace,
    ) -> Result<(), RunError> {
        for (wanted, given) in [(self.inputs.len(), inputs.len()), (self.outputs.len(), outputs.len())] {
            if wanted != given {
                return Err(RunError::Inputs { wanted, given });
            }
        }
        let given = inputs.iter().map(|x| x.len()).chain(outputs.iter().map(|y| y.len()));
        for ((name, wanted), given) in self.inputs.iter().chain(&self.outputs).zip(given) {
            if *wanted != given {
                return Err(RunError::Length { name: name.clone(), wanted: *wanted, given });
            }
        }
        if workspace.numbers.len() < self.work {
            let (wanted, given) = (self.work, workspace.numbers.len());
            return Err(RunError::Length { name: "workspace".into(), wanted, given });
        }
        let (mut few_in, mut few_out) = ([std::ptr::null(); 8], [std::ptr::null_mut(); 8]);
        let (mut many_in, mut many_out) = (Vec::new(), Vec::new());
        let inputs = pointers(inputs.iter().map(|x| x.as_ptr()), &mut few_in, &mut many_in);
        let outputs = pointers(outputs.iter_mut().map(|y| y.as_mut_ptr()), &mut few_out, &mut many_out);
        // SAFETY: the code was made for a checked program, so that every affine address lies inside its tensor, and it
        // checks computed ones; the lengths of all tensors given were compared just now. Outputs and the workspace are
        // borrowed mutably, so that nothing else sees them meanwhile and none overlaps another.
        let status =
            unsafe { (self.entry)(inputs.as_ptr(), outputs.as_ptr(), workspace.numbers.as_mut_ptr()) };
        if status == 0 { Ok(()) } else { Err(fault(&workspace.numbers)) }
    }

    /// Runs the code on inputs that lie one after the other, into outputs that do so too, in a workspace of its own.
    ///
    /// # Errors
    /// Other lengths than [`Compiled::input_len`] and [`Compiled::output_len`]; a computed index outside its axis, after
    /// which the outputs hold anything.
    #[inline]
    pub fn call(&mut self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), RunError> {
        if inputs.len() != self.input_len || outputs.len() != self.output_len {
            return Err(self.misfit(inputs.len(), outputs.len()));
        }
        // SAFETY: as in `run`; the places of the tensors in the two slices add up to the lengths compared just now.
        let status =
            unsafe { (self.flat)(inputs.as_ptr(), outputs.as_mut_ptr(), self.own.numbers.as_mut_ptr()) };
        if status == 0 { Ok(()) } else { Err(fault(&self.own.numbers)) }
    }

    #[cold]
    fn misfit(&self, inputs: usize, outputs: usize) -> RunError {
        let (name, wanted, given) = if inputs != self.input_len {
            ("all inputs", self.input_len, inputs)
        } else {
            ("all outputs", self.output_len, outputs)
        };
        RunError::Length { name: name.into(), wanted, given }
    }
}

/// A list of pointers, on the stack where there are few: a call takes some nanoseconds, which memory would double.
fn pointers<'a, P: Copy>(
    all: impl ExactSizeIterator<Item = P>,
    few: &'a mut [P; 8],
    many: &'a mut Vec<P>,
) -> &'a [P] {
    let count = all.len();
    if count > few.len() {
        many.extend(all);
        return many;
    }
    few.iter_mut().zip(all).for_each(|(place, pointer)| *place = pointer);
    &few[..count]
}

fn workspace(count: usize) -> Result<Workspace, TryReserveError> {
    let mut numbers = Vec::new();
    numbers.try_reserve_exact(count)?;
    numbers.resize(count, 0.0);
    Ok(Workspace { numbers })
}

#[cold]
fn fault(workspace: &[f64]) -> RunError {
    RunError::Index { value: workspace[FAULT], size: workspace[FAULT + 1] as usize }
}
