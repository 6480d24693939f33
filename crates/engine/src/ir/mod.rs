//! The program: straight-line code over tensors of known sizes, the one form that every backend runs or prints.
//!
//! A program is a list of steps. Most are a [`Nest`]: loops around a straight-line scalar body that reads and writes
//! entries of tensors at addresses that are affine in the loops. Elementwise work, broadcasts, slices, diagonals,
//! transposes, gathers, scatters and reductions are all nests; what a library does better is a step of its own
//! ([`Product`], [`Factorization`]), and so are loops whose steps depend on each other ([`Repeat`]).
//!
//! A program has a text form ([`std::fmt::Display`], [`parse`]), a checker ([`Program::check`]) and an interpreter that
//! is the oracle of all backends ([`Program::run`]).

mod check;
mod meet;
mod parse;
mod print;
mod run;
mod scalar;
mod steady;
mod zeros;

#[cfg(test)]
mod tests;

pub use check::{CheckError, MAX_ENTRIES};
#[cfg(feature = "machine")]
pub(crate) use meet::nested;
pub use parse::{ParseError, parse};
pub use run::RunError;
#[cfg(feature = "machine")]
pub(crate) use run::joined;
pub use scalar::{Bits, Scalar, Test, Value};
pub(crate) use steady::steady;
#[cfg(feature = "machine")]
pub(crate) use steady::{repeating, varying};

use agnesi_graph::Linear;
use smallvec::SmallVec;
use smol_str::SmolStr;

/// A tensor of one program, by its place in [`Program::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub u32);

impl TensorId {
    /// Its place.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is declared of a tensor. Its entries lie densely, the last axis the fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The sizes of its axes.
    pub shape: Vec<usize>,
    /// What all its entries are before its first step writes it; `None` where that step writes every entry.
    pub start: Option<Bits>,
}

impl Declaration {
    /// How many entries it has; sizes are checked when a tensor is declared.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Steps that make outputs of inputs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// All tensors.
    pub tensors: Vec<Declaration>,
    /// The tensors given, with their names; no step writes them.
    pub inputs: Vec<(SmolStr, TensorId)>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// The tensors asked for, with their names.
    pub outputs: Vec<(SmolStr, TensorId)>,
    /// Whether its formulas were [regrouped](crate::lowering::regroup), so that it rounds otherwise than they are written.
    pub regrouped: bool,
}

impl Program {
    /// What is declared of a tensor.
    pub fn tensor(&self, id: TensorId) -> &Declaration {
        &self.tensors[id.index()]
    }

    /// Declares one more tensor.
    pub fn declare(&mut self, shape: Vec<usize>, start: Option<f64>) -> TensorId {
        self.tensors.push(Declaration { shape, start: start.map(Bits::new) });
        TensorId(self.tensors.len() as u32 - 1)
    }

    /// How many numbers the inputs have together.
    pub fn input_len(&self) -> usize {
        self.inputs.iter().map(|(_, id)| self.tensor(*id).len()).sum()
    }

    /// How many numbers the outputs have together.
    pub fn output_len(&self) -> usize {
        self.outputs.iter().map(|(_, id)| self.tensor(*id).len()).sum()
    }

    /// How many scalar operations one run does, each as one, those of libraries counted by their textbook formula.
    pub fn operations(&self) -> u128 {
        self.steps.iter().map(|step| step.operations(self)).sum()
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Loops around a scalar body.
    Nest(Nest),
    /// Matrix products.
    Product(Product),
    /// An operation of linear algebra.
    Factorization(Factorization),
    /// Steps that are repeated.
    Repeat(Box<Repeat>),
}

impl Step {
    /// How many scalar operations it does.
    pub(crate) fn operations(&self, program: &Program) -> u128 {
        match self {
            Step::Nest(nest) => {
                let trips: u128 = nest.extents.iter().map(|n| *n as u128).product();
                let each = nest.body.iter().filter(|op| op.is_work()).count()
                    + nest.writes.iter().filter(|write| write.how != How::Set).count();
                trips * each as u128
            }
            Step::Product(product) => 2 * product.extents.iter().map(|n| *n as u128).product::<u128>(),
            Step::Factorization(f) => {
                let shape = &program.tensor(f.from).shape;
                let n = shape.last().map_or(0, |n| *n as u128);
                program.tensor(f.from).len() as u128 * n
            }
            Step::Repeat(repeat) => {
                repeat.count as u128 * repeat.steps.iter().map(|step| step.operations(program)).sum::<u128>()
            }
        }
    }

    /// Calls `visit` with each tensor that is read.
    pub fn for_each_read(&self, visit: &mut impl FnMut(TensorId)) {
        match self {
            Step::Nest(nest) => nest.reads.iter().for_each(|read| visit(read.tensor)),
            Step::Product(p) => [&p.left, &p.right].into_iter().for_each(|access| visit(access.tensor)),
            Step::Factorization(f) => visit(f.from),
            Step::Repeat(repeat) => {
                repeat.states.iter().for_each(|state| visit(state.first));
                repeat.steps.iter().for_each(|step| step.for_each_read(visit));
                repeat.states.iter().for_each(|state| visit(state.next));
            }
        }
    }

    /// Calls `visit` with each tensor that is written.
    pub fn for_each_write(&self, visit: &mut impl FnMut(TensorId)) {
        match self {
            Step::Nest(nest) => nest.writes.iter().for_each(|write| visit(write.to.tensor)),
            Step::Product(p) => visit(p.to.tensor),
            Step::Factorization(f) => visit(f.to),
            Step::Repeat(repeat) => {
                visit(repeat.number);
                repeat.states.iter().for_each(|state| visit(state.current));
                repeat.steps.iter().for_each(|step| step.for_each_write(visit));
                repeat.records.iter().for_each(|record| visit(record.to));
            }
        }
    }
}

/// Steps along an axis or a loop, in entries.
pub type Strides = SmallVec<[isize; 3]>;

/// Which entry of a tensor belongs to which trip of the loops: `offset + sum of strides * loops`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The tensor.
    pub tensor: TensorId,
    /// The entry at the first trip.
    pub offset: isize,
    /// How far a step of each loop goes.
    pub strides: Strides,
    /// What depends on values: indices that are computed.
    pub picks: SmallVec<[Pick; 0]>,
}

/// An index that is computed: adds `(value - 1) * stride` to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// The index, counted from 1.
    pub index: Value,
    /// How far the index goes.
    pub stride: isize,
    /// The size of the axis; an index outside it is an error.
    pub size: usize,
}

/// What a write does with what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// Replaces it.
    Set,
    /// Adds.
    Add,
    /// Multiplies.
    Multiply,
    /// Keeps the larger; NaN if either is.
    Max,
    /// Keeps the smaller; NaN if either is.
    Min,
}

/// One entry written at each trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What is written.
    pub value: Value,
    /// Where.
    pub to: Access,
    /// What becomes of what stands there.
    pub how: How,
}

/// Loops, the last the innermost, around a scalar body. Without loops the body is run once.
///
/// Trips may be taken in any order where all writes set; sums are taken in the order of [`Program::run`] up to
/// rounding.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Nest {
    /// How many trips each loop makes.
    pub extents: SmallVec<[usize; 3]>,
    /// The entries read.
    pub reads: Vec<Access>,
    /// The operations, operands first.
    pub body: Vec<Scalar>,
    /// The entries written.
    pub writes: Vec<Write>,
}

/// `to = scale * left * right` summed over the loops that `to` does not step along; the loops are batch axes, then rows, columns
/// and the axis that is summed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// The sizes: batch axes, then m, n and k.
    pub extents: SmallVec<[usize; 3]>,
    /// The left factor; it does not step along n.
    pub left: Access,
    /// The right factor; it does not step along m.
    pub right: Access,
    /// The product; it does not step along k.
    pub to: Access,
    /// Whether the result is known to be symmetric, so that half of it need not be computed.
    pub symmetric: bool,
    /// What each sum is multiplied with.
    pub scale: f64,
}

/// An operation on each matrix of the last two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Factorization {
    /// The operation.
    pub op: Linear,
    /// The matrices.
    pub from: TensorId,
    /// The results.
    pub to: TensorId,
}

/// Steps repeated so many times, with states that go from one time to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// How many times.
    pub count: usize,
    /// A number: which time it is, from 1.
    pub number: TensorId,
    /// The states. After the last time the current ones hold the results.
    pub states: Vec<State>,
    /// The steps.
    pub steps: Vec<Step>,
    /// What is kept of each time.
    pub records: Vec<Record>,
}

impl Repeat {
    /// The states that are replaced after each time; the others grow where they stand.
    pub fn replaced(&self) -> impl Iterator<Item = &State> {
        self.states.iter().filter(|state| state.next != state.current)
    }
}

/// One state of a [`Repeat`]: three tensors of one shape. Where the current one and the next are one tensor, the steps
/// write it in place, and only join to what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its value before the first time.
    pub first: TensorId,
    /// Its value before each time, and after the last.
    pub current: TensorId,
    /// Its value after the steps of a time.
    pub next: TensorId,
}

/// A state kept after each time, side by side in a tensor of one more axis in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which state.
    pub state: usize,
    /// Where.
    pub to: TensorId,
}
