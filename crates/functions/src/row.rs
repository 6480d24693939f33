//! The columns of the table: what is stated about a function, once.
//!
//! Texts are in Agnesi's own notation. No column can be left out; absence is said, with its reason.

use crate::big::BigKernel;
use crate::lane::LaneKernel;

/// One row of the table of mathematics.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name printed.
    pub name: &'static str,
    /// Other names that are read as this one.
    pub aliases: &'static [&'static str],
    /// The names of the arguments, as the texts below use them.
    pub args: &'static [&'static str],
    /// A few words, as a heading.
    pub title: &'static str,
    /// What it is and where it is used, in a sentence or two.
    pub doc: &'static str,
    /// Where its facts stand, such as `DLMF 7.2.1`.
    pub refs: &'static [&'static str],
    /// How its name is set in LaTeX.
    pub latex: &'static str,
    /// The condition under which it is defined over the reals; `true` if everywhere.
    pub domain: &'static str,
    /// What is known of its value `y`; `true` if nothing.
    pub range: &'static str,
    /// What it means in terms of other functions.
    pub meaning: Meaning,
    /// Its partial derivatives, one for each argument.
    pub derivative: Derivative,
    /// An antiderivative in its first argument.
    pub antiderivative: Antiderivative,
    /// Facts: `a = b` is tested; `a => b` is also a rewrite whose right side is never worse; either may end in
    /// `when c`.
    pub laws: &'static [&'static str],
    /// How it grows in its first argument.
    pub shape: Shape,
    /// Where it is continuous but has no derivative, or jumps, and what convention is used there.
    pub kinks: &'static [Kink],
    /// How far the kernel may be from the true value.
    pub error: ErrorBound,
    /// The value as doubles.
    pub kernel: Kernel,
    /// The value on groups of numbers at once, for rows that matter for speed; of others the kernel is called number by
    /// number.
    pub lanes: Option<LaneKernel>,
    /// The value as big floats with a bound on the error.
    pub big: Big,
    /// `f(1) ~ 0.84` or `f(0) = 1`, each tested.
    pub examples: &'static [&'static str],
}

/// How the value changes when the sign of the only argument does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// `f(-x) = f(x)`.
    Even,
    /// `f(-x) = -f(x)`.
    Odd,
}

impl Function {
    /// The partial derivative in the argument of this index, or why there is none.
    pub fn partial(&self, index: usize) -> Result<&'static str, &'static str> {
        match self.derivative {
            Derivative::Is(texts) => texts.get(index).copied().ok_or("it has no such argument"),
            Derivative::Partly(entries) => {
                entries.get(index).copied().unwrap_or(Err("it has no such argument"))
            }
            Derivative::None { because } => Err(because),
        }
    }

    /// Even or odd, where a law says so: `f(-x) => f(x)` or `f(-x) => -f(x)`, in the first argument if it is the
    /// only one.
    pub fn parity(&self) -> Option<Parity> {
        let [arg] = self.args else { return None };
        self.laws.iter().find_map(|law| {
            let rest =
                call_of(law, self.name)?.strip_prefix('-')?.strip_prefix(arg)?.strip_prefix(") => ")?;
            let (parity, rest) = match rest.strip_prefix('-') {
                Some(rest) => (Parity::Odd, rest),
                None => (Parity::Even, rest),
            };
            let rest = call_of(rest, self.name)?.strip_prefix(arg)?;
            (rest == ")").then_some(parity)
        })
    }

    /// The period in the only argument, where a law `f(x + p) = f(x)` says so: the text of `p`.
    pub fn period(&self) -> Option<&'static str> {
        let [arg] = self.args else { return None };
        self.laws.iter().find_map(|law| {
            let rest = call_of(law, self.name)?.strip_prefix(arg)?.strip_prefix(" + ")?;
            let (period, right) = rest.split_once(") = ")?;
            let right = call_of(right, self.name)?.strip_prefix(arg)?;
            (right == ")").then_some(period)
        })
    }

    /// The laws, taken apart.
    pub fn laws(&self) -> impl Iterator<Item = Law> {
        self.laws.iter().filter_map(|text| Law::split(text))
    }
}

fn call_of(text: &'static str, name: &str) -> Option<&'static str> {
    text.strip_prefix(name)?.strip_prefix('(')
}

/// A law taken apart into its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    /// The left side.
    pub left: &'static str,
    /// The right side.
    pub right: &'static str,
    /// Whether it may be used as a rewrite from left to right: `=>`.
    pub rewrite: bool,
    /// The condition behind `when`.
    pub guard: Option<&'static str>,
}

impl Law {
    /// Takes `a = b when c` or `a => b when c` apart; `None` if it has neither sign between two spaces.
    pub fn split(text: &'static str) -> Option<Law> {
        let (statement, guard) = match text.split_once(" when ") {
            Some((statement, guard)) => (statement, Some(guard)),
            None => (text, None),
        };
        if let Some((left, right)) = statement.split_once(" => ") {
            return Some(Law { left, right, rewrite: true, guard });
        }
        let (left, right) = statement.split_once(" = ")?;
        Some(Law { left, right, rewrite: false, guard })
    }
}

/// What a function means.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// A formula that equals it on its domain.
    Is(&'static str),
    /// It is among those that others are explained with.
    Primitive {
        /// In words.
        because: &'static str,
    },
}

/// The derivative column.
#[derive(Clone, Copy, Debug)]
pub enum Derivative {
    /// One formula for each argument.
    Is(&'static [&'static str]),
    /// One entry for each argument: a formula, or why there is none. [`Function::partial`] reads every variant.
    Partly(&'static [Result<&'static str, &'static str>]),
    /// There is none.
    None {
        /// Why not.
        because: &'static str,
    },
}

/// The antiderivative column.
#[derive(Clone, Copy, Debug)]
pub enum Antiderivative {
    /// A formula.
    Is(&'static str),
    /// None in terms of the table.
    None {
        /// Why not.
        because: &'static str,
    },
}

/// How a function grows in its first argument, on each interval of its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Never falls.
    Increasing,
    /// Never rises.
    Decreasing,
    /// Neither, or not on the whole domain.
    NotMonotone,
}

/// A place where the derivative jumps or the function does.
#[derive(Clone, Copy, Debug)]
pub struct Kink {
    /// The place, as a condition on the arguments: `x == 0`.
    pub at: &'static str,
    /// Whether the function itself jumps there.
    pub jump: bool,
    /// What is used there, in words: `abs'(0) = 0`.
    pub convention: &'static str,
}

/// How far the kernel may be from the true value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ErrorBound {
    /// Units in the last place of the true value.
    Ulps(f64),
    /// Units in the last place, or this absolute error, whichever is larger: for functions with zeros that are no
    /// doubles.
    UlpsOrAbsolute(f64, f64),
    /// Always exact.
    Exact,
}

/// The value as doubles. Outside the domain it is NaN, never a panic.
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    /// Of one argument.
    One(fn(f64) -> f64),
    /// Of two arguments.
    Two(fn(f64, f64) -> f64),
    /// Of three arguments.
    Three(fn(f64, f64, f64) -> f64),
    /// By evaluating [`Meaning::Is`]: for functions taught in a session. No row of the table has it.
    Meaning,
}

impl Kernel {
    /// The value at these arguments; `None` if their number is wrong or there is no kernel.
    pub fn call(self, args: &[f64]) -> Option<f64> {
        match (self, args) {
            (Kernel::One(f), &[x]) => Some(f(x)),
            (Kernel::Two(f), &[x, y]) => Some(f(x, y)),
            (Kernel::Three(f), &[x, y, z]) => Some(f(x, y, z)),
            _ => None,
        }
    }
}

/// The value as big floats.
#[derive(Clone, Copy, Debug)]
pub enum Big {
    /// A kernel of its own.
    Kernel(BigKernel),
    /// By evaluating [`Meaning::Is`].
    Meaning,
    /// None: the double's error bound is carried along.
    None {
        /// Why not.
        because: &'static str,
    },
}
