//! What a node can be: the closed set of operations.

use agnesi_functions::FunctionId;
use smallvec::SmallVec;
use std::sync::Arc;

use crate::Rational;

/// A node of one [`crate::Graph`]. Equal expressions are one node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Its place in the arena; children come before their parents.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::fmt::Debug for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// A free symbol of one graph.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SymbolId(pub(crate) u32);

/// An axis inside one [`Contract`].
pub type Label = u8;
/// The axes of one factor, in the order of its node's axes.
pub type Labels = SmallVec<[Label; 6]>;
/// The children of a call.
pub type Args = SmallVec<[NodeId; 2]>;

/// One operation. Matched without a wildcard arm, so that a new one is a list of compile errors. Cheap to clone: what
/// is large is shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A free name.
    Symbol(SymbolId),
    /// pi, e, infinity.
    Constant(Constant),
    /// A sum of two or more terms.
    Add(Arc<Sum>),
    /// Products of every kind, and numbers.
    Contract(Arc<Contract>),
    /// A row of the table, elementwise.
    Call(FunctionId, Args),
    /// True or false.
    Truth(bool),
    /// `d < 0`, `d <= 0`, `d = 0`.
    Compare(Sign, NodeId),
    /// Logical negation.
    Not(NodeId),
    /// All of these; sorted, two or more.
    And(Box<[NodeId]>),
    /// Any of these; sorted, two or more.
    Or(Box<[NodeId]>),
    /// The second where the first is true, else the third.
    Select(NodeId, NodeId, NodeId),
    /// The integral of a body over a bound symbol, from and to.
    Integral {
        /// The integrand.
        body: NodeId,
        /// The bound symbol.
        variable: SymbolId,
        /// The lower end.
        from: NodeId,
        /// The upper end.
        to: NodeId,
    },
    /// What is left of a tensor when its last axes are taken together.
    Reduce(Reduction, NodeId, u8),
    /// An operation of linear algebra on the last two axes of a node, one matrix at a time.
    Linear(Linear, NodeId),
    /// The vector 1, 2, ... up to a size.
    Iota(NodeId),
    /// A tensor of the axes of an index and one more of a given size: 1 where the last axis is the index, else 0. Never
    /// stored as such: a factor of a [`Contract`] that picks (`x[p]`) or scatters.
    OneHot(NodeId, NodeId),
    /// So many steps, each of which makes new states from those before it.
    Loop(Arc<Loop>),
}

/// States that go through so many steps: `fold(h = h0, t in 1..T, next)`, and `scan` for the state after every step.
///
/// The symbols of the step and of the states are bound: they stand in the next values, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loop {
    /// How many steps there are, a size.
    pub count: NodeId,
    /// The symbol of the number of the step, which runs from 1 to the count.
    pub step: SymbolId,
    /// The states.
    pub states: SmallVec<[LoopState; 2]>,
    /// The place of the state that is the result.
    pub output: usize,
    /// Whether the result is the state after every step, with an axis of steps in front; else after the last one.
    pub every: bool,
}

impl Loop {
    /// Whether this is the symbol of its step or of one of its states.
    pub fn binds(&self, symbol: SymbolId) -> bool {
        self.step == symbol || self.states.iter().any(|state| state.symbol == symbol)
    }
}

/// One state of a [`Loop`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoopState {
    /// Its symbol: the value before a step.
    pub symbol: SymbolId,
    /// The value before the first step.
    pub first: NodeId,
    /// The value after a step.
    pub next: NodeId,
}

/// What [`Op::Reduce`] makes of many numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reduction {
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// `log(sum(exp(x)))`.
    LogSumExp,
    /// The product.
    Product,
    /// The place of the largest, counted from 1; of the first of several. Over one axis.
    ArgMax,
}

/// Operations of linear algebra on square matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Linear {
    /// The inverse.
    Inverse,
    /// The determinant.
    Determinant,
    /// `log(det(A))`, for a positive determinant.
    LogDeterminant,
    /// The lower triangle L with positive diagonal and `L*L' = A`, for symmetric positive definite A.
    Cholesky,
    /// The matrix exponential.
    Exponential,
    /// The symmetric square root of a symmetric positive semidefinite matrix.
    SquareRoot,
    /// The symmetric logarithm of a symmetric positive definite matrix.
    Logarithm,
    /// The eigenvalues of a symmetric matrix, in ascending order.
    Eigenvalues,
    /// The unit eigenvectors of a symmetric matrix as columns, in the order of the eigenvalues; of each the entry of
    /// largest magnitude is positive.
    Eigenvectors,
}

impl Linear {
    /// The name in formulas.
    pub fn name(self) -> &'static str {
        match self {
            Linear::Inverse => "inv",
            Linear::Determinant => "det",
            Linear::LogDeterminant => "logdet",
            Linear::Cholesky => "cholesky",
            Linear::Exponential => "expm",
            Linear::SquareRoot => "sqrtm",
            Linear::Logarithm => "logm",
            Linear::Eigenvalues => "eigenvalues",
            Linear::Eigenvectors => "eigenvectors",
        }
    }

    /// How many axes the result has for each matrix.
    pub fn rank(self) -> usize {
        match self {
            Linear::Determinant | Linear::LogDeterminant => 0,
            Linear::Eigenvalues => 1,
            Linear::Inverse
            | Linear::Cholesky
            | Linear::Exponential
            | Linear::SquareRoot
            | Linear::Logarithm
            | Linear::Eigenvectors => 2,
        }
    }
}

impl Reduction {
    /// The name in formulas.
    pub fn name(self) -> &'static str {
        match self {
            Reduction::Max => "max",
            Reduction::Min => "min",
            Reduction::LogSumExp => "logsumexp",
            Reduction::Product => "prod",
            Reduction::ArgMax => "argmax",
        }
    }
}

/// Named constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// π.
    Pi,
    /// Euler's number.
    E,
    /// The end of the real line, only as the end of an integral or a limit.
    Infinity,
    /// Another constant of the table, by its place there.
    Named(u16),
}

/// What a comparison says of its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// `d > 0`.
    Positive,
    /// `d >= 0`.
    NonNegative,
    /// `d = 0`.
    Zero,
}

/// A sum: coefficients and nodes of coefficient 1, sorted by node; the number 1 carries the constant term.
///
/// The coefficients have content 1 and the first one is positive: a common factor stands in a [`Contract`] outside.
#[derive(Clone, Debug)]
pub struct Sum {
    /// The terms, sorted by node.
    pub terms: SmallVec<[(Rational, NodeId); 3]>,
    /// The order in which the terms came when the sum was first made, for printing; no part of its identity.
    pub order: SmallVec<[u32; 4]>,
    /// Whether it first came with the opposite sign, as `x - 5` does for `5 - x`; for printing, no part of its
    /// identity.
    pub flipped: bool,
}

impl PartialEq for Sum {
    fn eq(&self, other: &Sum) -> bool {
        self.terms == other.terms
    }
}
impl Eq for Sum {}
impl std::hash::Hash for Sum {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.terms.hash(state);
    }
}

/// Einstein's notation: `coefficient * sum over labels not in out of prod factor[labels]^exponent`.
///
/// A label in `out` and in no factor is a broadcast; one twice in `out` a delta; one twice in a factor a diagonal.
/// A number is a contraction without factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The exact coefficient.
    pub coefficient: Rational,
    /// The factors, in canonical order.
    pub factors: SmallVec<[Factor; 2]>,
    /// The labels of the result's axes.
    pub out: Labels,
    /// The size of each label.
    pub sizes: SmallVec<[NodeId; 2]>,
}

impl std::hash::Hash for Contract {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.coefficient.hash(state);
        self.factors.iter().for_each(|f| f.hash(state));
        // Without axes there are no sizes, as in most contractions.
        if !self.sizes.is_empty() {
            self.out.hash(state);
            self.sizes.hash(state);
        }
    }
}

/// One factor of a [`Contract`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor {
    /// The tensor.
    pub node: NodeId,
    /// A label for each of its axes.
    pub labels: Labels,
    /// The power it is raised to, entry by entry.
    pub exponent: Rational,
}

impl std::hash::Hash for Factor {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.node.hash(state);
        self.exponent.hash(state);
        if !self.labels.is_empty() {
            self.labels.hash(state);
        }
    }
}

impl Factor {
    /// A scalar factor.
    pub fn scalar(node: NodeId, exponent: Rational) -> Factor {
        Factor { node, labels: Labels::new(), exponent }
    }
}
