//! What the entries of tensors can be: doubles, and doubles with slopes.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use agnesi_functions::kernels::elementary;
use agnesi_functions::{Constant, FunctionId};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;

use crate::{Exponent, Fault, Number, rows};

/// Whole powers up to this one are products.
const MOST_FACTORS: i64 = 32;

/// A number that tensors are made of. Outside its domain an operation is NaN.
pub(super) trait Entry:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// How often slopes are nested: a number is its primal value and a part whose power `ORDER + 1` vanishes.
    const ORDER: usize;

    /// A constant.
    fn lift(x: f64) -> Self;
    /// The value without slopes.
    fn primal(self) -> f64;
    /// Times a constant.
    fn scale(self, by: f64) -> Self;
    /// Whether value and slopes are 0.
    fn is_zero(self) -> bool;
    /// A power that is not whole, or large.
    fn root(self, exponent: &Exponent) -> Self;
    /// A power with any exponent.
    fn pow(self, exponent: Self) -> Self;
    /// A row of the table.
    fn call(function: FunctionId, args: &[Self]) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The exponential.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;

    /// A power with a constant exponent: products for small whole ones.
    fn power(self, exponent: &Exponent) -> Self {
        match exponent.exact().as_integer() {
            Some(0) => Self::lift(1.0),
            Some(n) if n.abs() <= MOST_FACTORS => {
                if n < 0 && self.primal() == 0.0 {
                    return Self::lift(f64::NAN);
                }
                let (mut left, mut square) = (n.unsigned_abs(), self);
                let mut product: Option<Self> = None;
                while left > 0 {
                    if left & 1 == 1 {
                        product = Some(product.map_or(square, |p| p * square));
                    }
                    left >>= 1;
                    if left > 0 {
                        square = square * square;
                    }
                }
                let product = product.unwrap_or(Self::lift(1.0));
                if n < 0 { Self::lift(1.0) / product } else { product }
            }
            _ => self.root(exponent),
        }
    }
}

impl Entry for f64 {
    const ORDER: usize = 0;

    fn lift(x: f64) -> f64 {
        x
    }

    fn primal(self) -> f64 {
        self
    }

    fn scale(self, by: f64) -> f64 {
        self * by
    }

    fn is_zero(self) -> bool {
        self == 0.0
    }

    fn root(self, exponent: &Exponent) -> f64 {
        Number::power(&self, exponent, &()).unwrap_or(f64::NAN)
    }

    fn pow(self, exponent: f64) -> f64 {
        elementary::pow(self, exponent)
    }

    fn call(function: FunctionId, args: &[f64]) -> f64 {
        function.row().kernel.call(args).unwrap_or(f64::NAN)
    }

    fn sqrt(self) -> f64 {
        self.sqrt()
    }

    fn exp(self) -> f64 {
        self.exp()
    }

    fn ln(self) -> f64 {
        self.ln()
    }
}

/// A number and its slopes in `N` directions at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dual<E, const N: usize> {
    pub value: E,
    pub slopes: [E; N],
}

impl<E: Entry, const N: usize> Dual<E, N> {
    fn chain(self, value: E, factor: E) -> Self {
        // What does not vary has no slope, whatever the factor is.
        let along = |s: E| if s.is_zero() { E::lift(0.0) } else { factor * s };
        Dual { value, slopes: self.slopes.map(along) }
    }

    fn is_constant(&self) -> bool {
        self.slopes.iter().all(|s| s.is_zero())
    }
}

impl<E: Entry, const N: usize> Add for Dual<E, N> {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self.value = self.value + other.value;
        for (a, b) in self.slopes.iter_mut().zip(other.slopes) {
            *a = *a + b;
        }
        self
    }
}

impl<E: Entry, const N: usize> Sub for Dual<E, N> {
    type Output = Self;
    fn sub(mut self, other: Self) -> Self {
        self.value = self.value - other.value;
        for (a, b) in self.slopes.iter_mut().zip(other.slopes) {
            *a = *a - b;
        }
        self
    }
}

impl<E: Entry, const N: usize> Mul for Dual<E, N> {
    type Output = Self;
    fn mul(mut self, other: Self) -> Self {
        for (a, b) in self.slopes.iter_mut().zip(other.slopes) {
            *a = *a * other.value + self.value * b;
        }
        self.value = self.value * other.value;
        self
    }
}

impl<E: Entry, const N: usize> Div for Dual<E, N> {
    type Output = Self;
    fn div(mut self, other: Self) -> Self {
        self.value = self.value / other.value;
        for (a, b) in self.slopes.iter_mut().zip(other.slopes) {
            *a = (*a - self.value * b) / other.value;
        }
        self
    }
}

impl<E: Entry, const N: usize> Neg for Dual<E, N> {
    type Output = Self;
    fn neg(self) -> Self {
        Dual { value: -self.value, slopes: self.slopes.map(|s| -s) }
    }
}

impl<E: Entry, const N: usize> Entry for Dual<E, N> {
    const ORDER: usize = E::ORDER + 1;

    fn lift(x: f64) -> Self {
        Dual { value: E::lift(x), slopes: [E::lift(0.0); N] }
    }

    fn primal(self) -> f64 {
        self.value.primal()
    }

    fn scale(self, by: f64) -> Self {
        Dual { value: self.value.scale(by), slopes: self.slopes.map(|s| s.scale(by)) }
    }

    fn is_zero(self) -> bool {
        self.value.is_zero() && self.is_constant()
    }

    fn root(self, exponent: &Exponent) -> Self {
        let value = self.value.root(exponent);
        if self.is_constant() {
            return self.chain(value, E::lift(0.0));
        }
        let factor = if self.value.primal() == 0.0 {
            self.value.power(&Exponent::new(exponent.exact() - &Rational::ONE))
        } else {
            value / self.value
        };
        self.chain(value, factor.scale(exponent.nearest()))
    }

    fn pow(self, exponent: Self) -> Self {
        let value = self.value.pow(exponent.value);
        let mut result = self.chain(value, E::lift(0.0));
        if !self.is_constant() {
            let factor = exponent.value * self.value.pow(exponent.value - E::lift(1.0));
            result = self.chain(value, factor);
        }
        if !exponent.is_constant() {
            let more = exponent.chain(E::lift(0.0), value * self.value.ln());
            result = result + more;
        }
        result
    }

    fn call(function: FunctionId, args: &[Self]) -> Self {
        let mut values = [E::lift(0.0); 3];
        let Some(values) = values.get_mut(..args.len()) else { return Self::lift(f64::NAN) };
        for (value, arg) in values.iter_mut().zip(args) {
            *value = arg.value;
        }
        let mut result = Dual { value: E::call(function, values), slopes: [E::lift(0.0); N] };
        for (at, arg) in args.iter().enumerate() {
            if arg.is_constant() {
                continue;
            }
            let inputs: Vec<Over<E>> = values.iter().map(|x| Over(*x)).collect();
            let factor = rows::partial(function, at).and_then(|program| program.value(&inputs, &()).ok());
            let factor = factor.map_or(E::lift(f64::NAN), |factor| factor.0);
            result = result + arg.chain(E::lift(0.0), factor);
        }
        result
    }

    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, E::lift(0.5) / value)
    }

    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    fn ln(self) -> Self {
        self.chain(self.value.ln(), E::lift(1.0) / self.value)
    }
}

/// An entry as a number that programs of the table's texts run over; NaN says what is outside the domain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over<E>(pub E);

impl<E: Entry> Number for Over<E> {
    type Context = ();

    fn from_rational(value: &Rational, _: &()) -> Self {
        Over(E::lift(value.to_f64()))
    }

    fn from_constant(constant: &'static Constant, _: &()) -> Result<Self, Fault> {
        Ok(Over(E::lift(constant.value)))
    }

    fn infinity(_: &()) -> Result<Self, Fault> {
        Ok(Over(E::lift(f64::INFINITY)))
    }

    fn add(&self, other: &Self, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0 + other.0))
    }

    fn sub(&self, other: &Self, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0 - other.0))
    }

    fn mul(&self, other: &Self, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0 * other.0))
    }

    fn div(&self, other: &Self, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0 / other.0))
    }

    fn neg(&self, _: &()) -> Self {
        Over(-self.0)
    }

    fn power(&self, exponent: &Exponent, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0.power(exponent)))
    }

    fn pow(&self, exponent: &Self, _: &()) -> Result<Self, Fault> {
        Ok(Over(self.0.pow(exponent.0)))
    }

    fn holds(&self, relation: Relation, other: &Self, _: &()) -> Result<bool, Fault> {
        let (a, b) = (self.0.primal(), other.0.primal());
        if relation != Relation::Equal && relation != Relation::NotEqual || a.is_nan() || b.is_nan() {
            return a.holds(relation, &b, &());
        }
        // Equal at a point alone is not equal around it.
        let equal = a == b && (E::ORDER == 0 || (self.0 - other.0).is_zero());
        Ok(equal == (relation == Relation::Equal))
    }

    fn call(function: FunctionId, args: &[&Self], _: &()) -> Result<Self, Fault> {
        let args: Vec<E> = args.iter().map(|x| x.0).collect();
        Ok(Over(E::call(function, &args)))
    }

    fn approximate(&self) -> f64 {
        self.0.primal()
    }
}
