//! Programs: the nodes of a settled tree in the order of evaluation.
//!
//! Shared nodes are computed once. A branch of `if` that is not taken is never computed, nor is the right side of
//! `and` and `or` when the left one decides; nodes that such a branch shares with what is computed anyway are
//! computed once too. Conditions have three values: `or` is true where one side is, though the other has no value, and
//! false where both are; `and` is false where one side is; else they have no value. Nothing recurses with the depth
//! of the tree.

mod lower;
mod run;

use agnesi_functions::{Constant, FunctionId};
use agnesi_graph::{Rational, Taught};
use agnesi_syntax::{Kind, Relation, Span, Tree, TreeId};
use smol_str::SmolStr;

use crate::{EvaluateError, Exponent, Fault, Number};

pub use run::Scratch;

/// The most steps of one program.
pub(crate) const STEP_LIMIT: usize = 1_000_000;

/// A settled tree made ready for evaluation.
#[derive(Clone, Debug)]
pub struct Program {
    /// Operands come before the steps that use them.
    pub(crate) steps: Vec<Step>,
    origins: Vec<Origin>,
    /// The operands of calls, side by side.
    pub(crate) lists: Vec<u32>,
    pub(crate) rationals: Vec<Rational>,
    pub(crate) exponents: Vec<Exponent>,
    pub(crate) inner: Vec<Inner>,
    failures: Vec<Failure>,
    inputs: Vec<SmolStr>,
    outputs: Vec<u32>,
    /// The steps needed whatever branches are taken, in order.
    strict: Vec<u32>,
    is_strict: Vec<bool>,
}

/// A derivative inside a program: of a program of one output, in some of its inputs.
#[derive(Clone, Debug)]
pub struct Inner {
    pub(crate) program: Program,
    /// The inputs of the inner program that it is differentiated in, outermost first, with repetitions.
    pub(crate) variables: Vec<usize>,
    /// The steps that give the inner program's inputs.
    pub(crate) captured: Vec<u32>,
}

impl Inner {
    /// What is differentiated.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The inputs of [`Inner::program`] that it is differentiated in: for the second derivative, one of them twice.
    pub fn variables(&self) -> &[usize] {
        &self.variables
    }
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    node: TreeId,
    span: Span,
}

/// One operation; operands are numbers of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Input(u32),
    Rational(u32),
    Constant(&'static str),
    Infinity,
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Div(u32, u32),
    Neg(u32),
    /// With a constant rational exponent.
    Power(u32, u32),
    Pow(u32, u32),
    Call(FunctionId, u32, u32),
    Derivative(u32),
    If(u32, u32, u32),
    // The rest are conditions.
    Truth(bool),
    Compare(Relation, u32, u32),
    And(u32, u32),
    Or(u32, u32),
    Not(u32),
    /// A choice between conditions.
    IfTruth(u32, u32, u32),
    /// What has no value.
    Fail(u32),
}

/// Why a step has no value at all.
#[derive(Clone, Debug)]
enum Failure {
    Unsupported(SmolStr),
    Limit(SmolStr),
}

impl Program {
    /// The program of a settled tree. A vector at the root gives one output for each component, a matrix one for
    /// each entry, row by row.
    ///
    /// # Errors
    /// A name that is neither an input nor a constant; a program beyond the limit on size.
    pub fn new(
        tree: &Tree,
        root: TreeId,
        inputs: &[SmolStr],
        taught: &[Taught],
    ) -> Result<Program, EvaluateError> {
        lower::lower(tree, &components(tree, root), inputs, taught)
    }

    /// The names of the inputs, in order.
    pub fn inputs(&self) -> &[SmolStr] {
        &self.inputs
    }

    /// How many outputs there are: 1 unless the root was a vector or a matrix.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether an output is a condition.
    pub fn is_condition(&self) -> bool {
        self.outputs.iter().any(|output| is_truth(self.steps[*output as usize]))
    }

    /// The place of the first output.
    pub(crate) fn span(&self) -> Span {
        self.outputs.first().map_or(Span::default(), |output| self.origins[*output as usize].span)
    }

    /// That the value of an output is beyond what is held.
    pub(crate) fn overflow(&self, output: usize) -> EvaluateError {
        let step = self.outputs[output];
        let origin = self.origins[step as usize];
        let function = self.name_of(self.steps[step as usize]);
        EvaluateError::Overflow { node: origin.node, span: origin.span, function }
    }

    /// Whether it needs a step that has no value, whatever the inputs.
    pub(crate) fn always_fails(&self) -> bool {
        self.strict.iter().any(|step| matches!(self.steps[*step as usize], Step::Fail(_)))
    }

    /// The values of all outputs.
    ///
    /// # Errors
    /// The first node that has no value, and why.
    pub fn values<N: Number>(&self, inputs: &[N], context: &N::Context) -> Result<Vec<N>, EvaluateError> {
        let mut scratch = Scratch::new(self, context);
        scratch.run(self, inputs, context).map_err(|stop| self.explain(stop, &scratch))?;
        self.outputs
            .iter()
            .map(|output| {
                scratch.number(*output).ok_or_else(|| {
                    let origin = self.origins[*output as usize];
                    let what = "a condition as a number".into();
                    EvaluateError::Unsupported { node: origin.node, span: origin.span, what }
                })
            })
            .collect()
    }

    /// The value of the only output, without the place of what goes wrong.
    pub fn value<N: Number>(&self, inputs: &[N], context: &N::Context) -> Result<N, Fault> {
        let mut scratch = Scratch::new(self, context);
        scratch.run(self, inputs, context).map_err(|stop| stop.fault)?;
        let output = self.outputs.first().ok_or(Fault::Unsupported("nothing"))?;
        scratch.number(*output).ok_or(Fault::Unsupported("a condition as a number"))
    }

    /// Whether the only output, a condition, holds.
    pub fn truth<N: Number>(&self, inputs: &[N], context: &N::Context) -> Result<bool, Fault> {
        let mut scratch = Scratch::new(self, context);
        scratch.run(self, inputs, context).map_err(|stop| stop.fault)?;
        let output = self.outputs.first().ok_or(Fault::Unsupported("nothing"))?;
        scratch.truth(*output).ok_or(Fault::Unsupported("a number as a condition"))
    }

    /// Adds the place and the arguments to what went wrong.
    fn explain<N: Number>(&self, stop: run::Stop, scratch: &Scratch<N>) -> EvaluateError {
        let origin = self.origins[stop.step as usize];
        let (node, span) = (origin.node, origin.span);
        let step = self.steps[stop.step as usize];
        let function = self.name_of(step);
        match stop.fault {
            Fault::Domain(condition) => EvaluateError::Domain {
                node,
                span,
                function,
                arguments: self.arguments(step, scratch),
                condition: condition.into(),
            },
            Fault::Undecided => EvaluateError::Undecided { node, span, function },
            Fault::Overflow => EvaluateError::Overflow { node, span, function },
            Fault::Limit => EvaluateError::Limit { node, span, what: "work".into() },
            Fault::Unsupported(what) => match step {
                Step::Fail(failure) => match &self.failures[failure as usize] {
                    Failure::Unsupported(what) => {
                        EvaluateError::Unsupported { node, span, what: what.clone() }
                    }
                    Failure::Limit(what) => EvaluateError::Limit { node, span, what: what.clone() },
                },
                _ => EvaluateError::Unsupported { node, span, what: what.into() },
            },
        }
    }

    fn name_of(&self, step: Step) -> SmolStr {
        SmolStr::new(match step {
            Step::Call(function, ..) => function.row().name,
            Step::Add(..) => "+",
            Step::Sub(..) | Step::Neg(_) => "-",
            Step::Mul(..) => "*",
            Step::Div(..) => "/",
            Step::Power(..) | Step::Pow(..) => "^",
            Step::Compare(..) => "the comparison",
            Step::If(..) | Step::IfTruth(..) => "if",
            Step::Constant(name) => name,
            Step::Input(input) => return self.inputs[input as usize].clone(),
            Step::Derivative(_) => "the derivative",
            Step::Rational(_) | Step::Truth(_) | Step::Fail(_) => "this",
            Step::Infinity => "inf",
            Step::And(..) => "and",
            Step::Or(..) => "or",
            Step::Not(_) => "not",
        })
    }

    fn arguments<N: Number>(&self, step: Step, scratch: &Scratch<N>) -> Vec<f64> {
        let value = |step: u32| scratch.number(step).map_or(f64::NAN, |value| value.approximate());
        match step {
            Step::Power(base, exponent) => vec![value(base), self.exponents[exponent as usize].nearest()],
            Step::Call(_, start, length) => {
                self.lists[start as usize..(start + length) as usize].iter().map(|arg| value(*arg)).collect()
            }
            step => operands(step).into_iter().flatten().map(value).collect(),
        }
    }
}

/// Whether a step is a condition.
pub(crate) fn is_truth(step: Step) -> bool {
    matches!(
        step,
        Step::Truth(_) | Step::Compare(..) | Step::And(..) | Step::Or(..) | Step::Not(_) | Step::IfTruth(..)
    )
}

/// The operands that a step needs before it is known whether it needs others; not those of calls and derivatives.
pub(crate) fn operands(step: Step) -> [Option<u32>; 2] {
    match step {
        Step::Add(a, b) | Step::Sub(a, b) | Step::Mul(a, b) | Step::Div(a, b) | Step::Pow(a, b) => {
            [Some(a), Some(b)]
        }
        Step::Compare(_, a, b) => [Some(a), Some(b)],
        Step::Neg(a) | Step::Power(a, _) | Step::Not(a) => [Some(a), None],
        Step::If(a, ..) | Step::IfTruth(a, ..) => [Some(a), None],
        // Neither is needed before it is known whether the other decides.
        Step::And(..) | Step::Or(..) => [None, None],
        Step::Input(_) | Step::Rational(_) | Step::Constant(_) | Step::Infinity => [None, None],
        Step::Truth(_) | Step::Fail(_) | Step::Call(..) | Step::Derivative(_) => [None, None],
    }
}

/// The scalars at the root.
fn components(tree: &Tree, root: TreeId) -> Vec<TreeId> {
    match tree.kind(root) {
        Kind::Vector(list) => tree.ids(*list).to_vec(),
        Kind::Matrix(rows) => {
            let rows = tree.ids(*rows).iter();
            rows.flat_map(|row| match tree.kind(*row) {
                Kind::Vector(list) => tree.ids(*list).to_vec(),
                _ => vec![*row],
            })
            .collect()
        }
        _ => vec![root],
    }
}

/// The value of a settled scalar tree.
///
/// # Errors
/// The first node that has no value, and why.
pub fn evaluate<N: Number>(
    tree: &Tree,
    root: TreeId,
    bindings: &[(SmolStr, N)],
    taught: &[Taught],
    context: &N::Context,
) -> Result<N, EvaluateError> {
    let inputs: Vec<SmolStr> = bindings.iter().map(|(name, _)| name.clone()).collect();
    let program = Program::new(tree, root, &inputs, taught)?;
    let values: Vec<N> = bindings.iter().map(|(_, value)| value.clone()).collect();
    let mut outputs = program.values(&values, context)?;
    if outputs.len() > 1 {
        let (node, span) = (root, tree.span(root));
        return Err(EvaluateError::Unsupported { node, span, what: "a vector as one number".into() });
    }
    let missing =
        || EvaluateError::Unsupported { node: root, span: tree.span(root), what: "an empty vector".into() };
    outputs.pop().ok_or_else(missing)
}

/// The constant of this name, where it has a value of its own rather than a meaning.
pub(crate) fn constant(name: &str) -> Option<&'static Constant> {
    agnesi_functions::constant(name)
}
