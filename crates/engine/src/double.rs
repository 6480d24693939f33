//! Doubles: checked ones, which say where a domain is left, and plain ones, which turn to NaN.

use agnesi_functions::kernels::elementary;
use agnesi_functions::{Constant, FunctionId};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;

use crate::rows;
use crate::{Exponent, Fault, Number};

/// The condition of a division.
const DIVISOR: &str = "the divisor is not 0";
/// The condition of a power with an exponent that is not constant.
const POWER: &str = "x > 0, or y is whole, or x = 0 and y > 0";

/// The condition of a comparison.
const COMPARED: &str = "both sides have a value";

/// `x^exponent`; NaN where that is not real.
fn power(x: f64, exponent: &Exponent) -> f64 {
    let n = exponent.nearest();
    if n == 0.0 && exponent.exact().is_zero() {
        return 1.0;
    }
    if x.is_nan() || x < 0.0 && !exponent.denominator_odd() || x == 0.0 && n < 0.0 {
        return f64::NAN;
    }
    if exponent.is_whole() {
        match n {
            1.0 => return x,
            2.0 => return x * x,
            -1.0 => return 1.0 / x,
            _ => {}
        }
    } else if n == 0.5 {
        return x.sqrt();
    }
    let size = x.abs();
    let mut value = elementary::pow(size, n);
    if exponent.rest() != 0.0 && size > 0.0 && value.is_finite() && value != 0.0 {
        // x^(n + rest) = x^n (1 + rest log x), the rest being tiny.
        value += value * (exponent.rest() * size.ln());
    }
    if x < 0.0 && exponent.numerator_odd() { -value } else { value }
}

/// Whether a relation holds; neither it nor its contrary does where a side has no value.
fn relation_holds(a: f64, relation: Relation, b: f64) -> Result<bool, Fault> {
    if a.is_nan() || b.is_nan() {
        return Err(Fault::Domain(COMPARED));
    }
    Ok(match relation {
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
        Relation::Greater => a > b,
        Relation::GreaterEqual => a >= b,
        Relation::Equal => a == b,
        Relation::NotEqual => a != b,
    })
}

/// The value of a row; NaN outside its domain.
fn kernel(function: FunctionId, args: &[f64]) -> f64 {
    function.row().kernel.call(args).unwrap_or(f64::NAN)
}

/// NaN out of operands that are not NaN: infinities that have outgrown their meaning.
fn checked(value: f64, a: f64, b: f64) -> Result<f64, Fault> {
    if value.is_nan() && !a.is_nan() && !b.is_nan() { Err(Fault::Overflow) } else { Ok(value) }
}

impl Number for f64 {
    type Context = ();

    fn from_rational(value: &Rational, _: &()) -> f64 {
        value.to_f64()
    }

    fn from_constant(constant: &'static Constant, _: &()) -> Result<f64, Fault> {
        Ok(constant.value)
    }

    fn infinity(_: &()) -> Result<f64, Fault> {
        Ok(f64::INFINITY)
    }

    fn add(&self, other: &f64, _: &()) -> Result<f64, Fault> {
        checked(self + other, *self, *other)
    }

    fn sub(&self, other: &f64, _: &()) -> Result<f64, Fault> {
        checked(self - other, *self, *other)
    }

    fn mul(&self, other: &f64, _: &()) -> Result<f64, Fault> {
        checked(self * other, *self, *other)
    }

    fn div(&self, other: &f64, _: &()) -> Result<f64, Fault> {
        if *other == 0.0 {
            return Err(Fault::Domain(DIVISOR));
        }
        checked(self / other, *self, *other)
    }

    fn neg(&self, _: &()) -> f64 {
        -self
    }

    fn power(&self, exponent: &Exponent, _: &()) -> Result<f64, Fault> {
        let value = power(*self, exponent);
        if value.is_nan() && !self.is_nan() { Err(Fault::Domain(exponent.condition())) } else { Ok(value) }
    }

    fn pow(&self, exponent: &f64, _: &()) -> Result<f64, Fault> {
        let value = elementary::pow(*self, *exponent);
        let operands = !self.is_nan() && !exponent.is_nan();
        if value.is_nan() && operands { Err(Fault::Domain(POWER)) } else { Ok(value) }
    }

    fn holds(&self, relation: Relation, other: &f64, _: &()) -> Result<bool, Fault> {
        relation_holds(*self, relation, *other)
    }

    fn call(function: FunctionId, args: &[&f64], _: &()) -> Result<f64, Fault> {
        let mut values = [0.0; 3];
        let values =
            values.get_mut(..args.len()).ok_or(Fault::Unsupported("a function of four arguments"))?;
        for (value, arg) in values.iter_mut().zip(args) {
            *value = **arg;
        }
        let value = kernel(function, values);
        if value.is_finite() || values.iter().any(|x| x.is_nan()) {
            return Ok(value);
        }
        // Infinite beyond the doubles, as exp(1000), or at a pole, as log(0)?
        if value.is_nan() || values.iter().all(|x| x.is_finite()) && !rows::in_domain(function, values) {
            return Err(Fault::Domain(function.row().domain));
        }
        Ok(value)
    }

    fn derivative(inner: &crate::Inner, inputs: &[f64], _: &()) -> Result<f64, Fault> {
        crate::jets::inner(inner, inputs)
    }

    fn approximate(&self) -> f64 {
        *self
    }
}

/// A double that turns to NaN or an infinity where a domain is left, and says nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain(pub f64);

impl Number for Plain {
    type Context = ();

    fn from_rational(value: &Rational, _: &()) -> Plain {
        Plain(value.to_f64())
    }

    fn from_constant(constant: &'static Constant, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(constant.value))
    }

    fn infinity(_: &()) -> Result<Plain, Fault> {
        Ok(Plain(f64::INFINITY))
    }

    fn add(&self, other: &Plain, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(self.0 + other.0))
    }

    fn sub(&self, other: &Plain, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(self.0 - other.0))
    }

    fn mul(&self, other: &Plain, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(self.0 * other.0))
    }

    fn div(&self, other: &Plain, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(self.0 / other.0))
    }

    fn neg(&self, _: &()) -> Plain {
        Plain(-self.0)
    }

    fn power(&self, exponent: &Exponent, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(power(self.0, exponent)))
    }

    fn pow(&self, exponent: &Plain, _: &()) -> Result<Plain, Fault> {
        Ok(Plain(elementary::pow(self.0, exponent.0)))
    }

    fn holds(&self, relation: Relation, other: &Plain, _: &()) -> Result<bool, Fault> {
        relation_holds(self.0, relation, other.0)
    }

    fn call(function: FunctionId, args: &[&Plain], _: &()) -> Result<Plain, Fault> {
        Ok(Plain(match args {
            [x] => kernel(function, &[x.0]),
            [x, y] => kernel(function, &[x.0, y.0]),
            [x, y, z] => kernel(function, &[x.0, y.0, z.0]),
            _ => f64::NAN,
        }))
    }

    fn derivative(inner: &crate::Inner, inputs: &[Plain], _: &()) -> Result<Plain, Fault> {
        let inputs: Vec<f64> = inputs.iter().map(|x| x.0).collect();
        <f64 as Number>::derivative(inner, &inputs, &()).map(Plain)
    }

    fn approximate(&self) -> f64 {
        self.0
    }
}
