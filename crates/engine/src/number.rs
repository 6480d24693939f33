//! What a type must offer to be evaluated over.

use agnesi_functions::{Constant, FunctionId};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;
use dashu_ratio::RBig;

use crate::{Fault, Inner};

/// A type that settled trees are evaluated over.
///
/// Operations say why they have no result; the evaluator adds where.
pub trait Number: Clone {
    /// What operations need beside their operands, such as a precision.
    type Context;

    /// An exact number.
    fn from_rational(value: &Rational, context: &Self::Context) -> Self;

    /// A constant with a name, such as pi.
    fn from_constant(constant: &'static Constant, context: &Self::Context) -> Result<Self, Fault>;

    /// What the name `inf` stands for.
    fn infinity(context: &Self::Context) -> Result<Self, Fault>;

    /// The sum.
    fn add(&self, other: &Self, context: &Self::Context) -> Result<Self, Fault>;

    /// The difference.
    fn sub(&self, other: &Self, context: &Self::Context) -> Result<Self, Fault>;

    /// The product.
    fn mul(&self, other: &Self, context: &Self::Context) -> Result<Self, Fault>;

    /// The quotient; [`Fault::Domain`] where the divisor is zero.
    fn div(&self, other: &Self, context: &Self::Context) -> Result<Self, Fault>;

    /// The opposite.
    fn neg(&self, context: &Self::Context) -> Self;

    /// A power with a constant rational exponent, under the real-root convention.
    fn power(&self, exponent: &Exponent, context: &Self::Context) -> Result<Self, Fault>;

    /// Any other power: the base is positive; or the exponent happens to be a whole number; or the base is zero and
    /// the exponent positive.
    fn pow(&self, exponent: &Self, context: &Self::Context) -> Result<Self, Fault>;

    /// Whether a relation holds.
    fn holds(&self, relation: Relation, other: &Self, context: &Self::Context) -> Result<bool, Fault>;

    /// The value of a row of the table.
    fn call(function: FunctionId, args: &[&Self], context: &Self::Context) -> Result<Self, Fault>;

    /// A derivative of a program of one output, at these values of its inputs.
    fn derivative(inner: &Inner, inputs: &[Self], context: &Self::Context) -> Result<Self, Fault> {
        let _ = (inner, inputs, context);
        Err(Fault::Unsupported("a derivative inside the expression"))
    }

    /// A double near to the value, for messages.
    fn approximate(&self) -> f64;
}

/// A constant rational exponent, with what doubles need to raise to it accurately.
#[derive(Clone, Debug)]
pub struct Exponent {
    exact: Rational,
    big: RBig,
    /// The nearest double, and what it lacks.
    nearest: f64,
    rest: f64,
    whole: bool,
    numerator_odd: bool,
    denominator_odd: bool,
}

impl Exponent {
    /// The exponent of this value.
    pub fn new(exact: Rational) -> Exponent {
        let (numerator, denominator) = (exact.numerator(), exact.denominator());
        let big = RBig::from_parts(numerator, denominator);
        let nearest = exact.to_f64();
        let rest = Rational::from_f64(nearest).map_or(0.0, |near| (&exact - &near).to_f64());
        Exponent {
            nearest,
            rest,
            whole: exact.is_integer(),
            numerator_odd: !exact.numerator_even(),
            denominator_odd: exact.denominator_odd(),
            exact,
            big,
        }
    }

    /// The value.
    pub fn exact(&self) -> &Rational {
        &self.exact
    }

    /// The value, for big floats.
    pub fn big(&self) -> &RBig {
        &self.big
    }

    /// The nearest double.
    pub fn nearest(&self) -> f64 {
        self.nearest
    }

    /// What the value has beyond the nearest double.
    pub fn rest(&self) -> f64 {
        self.rest
    }

    /// Whether it is a whole number.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether the numerator, in lowest terms, is odd: then powers of negative numbers are negative.
    pub fn numerator_odd(&self) -> bool {
        self.numerator_odd
    }

    /// Whether the denominator, in lowest terms, is odd: then negative numbers have powers.
    pub fn denominator_odd(&self) -> bool {
        self.denominator_odd
    }

    /// Where powers with this exponent are real, said of a base `x`.
    pub fn condition(&self) -> &'static str {
        match (self.denominator_odd, self.exact.is_negative()) {
            (true, true) => "x != 0",
            (true, false) => "true",
            (false, true) => "x > 0",
            (false, false) => "x >= 0",
        }
    }
}
