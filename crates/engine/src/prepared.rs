//! One tree, evaluated many times over plain doubles.

use agnesi_graph::Taught;
use agnesi_syntax::{Tree, TreeId};
use smol_str::SmolStr;

use crate::double::Plain;
use crate::{EvaluateError, Program, Scratch};

/// A tree prepared for many evaluations over doubles, as for a picture: no allocation per call, branches taken
/// lazily, NaN or an infinity where it has no value.
#[derive(Clone, Debug)]
pub struct Prepared {
    program: Program,
    scratch: Scratch<Plain>,
    arguments: Vec<Plain>,
}

impl Prepared {
    /// Prepares a settled tree.
    ///
    /// # Errors
    /// A name that is neither an input nor a constant, a program beyond the limit on size.
    pub fn new(
        tree: &Tree,
        root: TreeId,
        inputs: &[SmolStr],
        taught: &[Taught],
    ) -> Result<Prepared, EvaluateError> {
        Ok(Prepared::from_program(Program::new(tree, root, inputs, taught)?))
    }

    /// Prepares a program.
    pub fn from_program(program: Program) -> Prepared {
        let scratch = Scratch::new(&program, &());
        let arguments = Vec::with_capacity(program.inputs().len());
        Prepared { program, scratch, arguments }
    }

    /// The program behind it.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The value at these inputs, in the order of their names: NaN where there is none.
    pub fn eval(&mut self, inputs: &[f64]) -> f64 {
        if !self.run(inputs) {
            return f64::NAN;
        }
        self.scratch.output(&self.program, 0).map_or(f64::NAN, |value| value.0)
    }

    /// The values of all outputs; where one has no value, NaN for all.
    pub fn eval_all(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let good = self.run(inputs);
        for (index, output) in outputs.iter_mut().enumerate() {
            let value = if good { self.scratch.output(&self.program, index) } else { None };
            *output = value.map_or(f64::NAN, |value| value.0);
        }
    }

    fn run(&mut self, inputs: &[f64]) -> bool {
        self.arguments.clear();
        self.arguments.extend(inputs.iter().map(|x| Plain(*x)));
        self.scratch.run(&self.program, &self.arguments, &()).is_ok()
    }
}
