//! Doubles that carry a bound, to first order, on their rounding error: what a computed value may be off by.

use agnesi_functions::{Constant, ErrorBound, FunctionId, Shape};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;

use crate::{Exponent, Fault, Inner, Number};

/// Half the distance between neighbouring doubles, relative.
const HALF_ULP: f64 = f64::EPSILON / 2.0;

/// A double and a bound on its distance from the value without rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Noisy {
    pub value: f64,
    pub error: f64,
}

impl Noisy {
    /// A number without error.
    pub fn exact(value: f64) -> Noisy {
        Noisy { value, error: 0.0 }
    }

    /// A value computed with one rounding, beside what its operands bring along.
    fn rounded(value: f64, error: f64) -> Noisy {
        let rounding = value.abs() * HALF_ULP + f64::from_bits(1);
        let error = if error.is_nan() { f64::INFINITY } else { error + rounding };
        Noisy { value, error }
    }

    fn powered(self, value: f64, exponent: f64, exponent_error: f64) -> Noisy {
        if value == 0.0 && self.value == 0.0 {
            let error = if self.error > 0.0 { self.error.powf(exponent.max(0.0)) } else { 0.0 };
            return Noisy { value, error };
        }
        // By the mean value theorem: the slope where it is steepest within the error.
        let (near, far) = ((self.value.abs() - self.error).max(0.0), self.value.abs() + self.error);
        let slope = exponent.abs() * near.powf(exponent - 1.0).max(far.powf(exponent - 1.0));
        let of_base = if self.error == 0.0 { 0.0 } else { slope * self.error };
        let logarithm = self.value.abs().ln().abs();
        let of_exponent = if exponent_error == 0.0 { 0.0 } else { value.abs() * exponent_error * logarithm };
        let exact = exponent == 1.0 || exponent == 0.0;
        let own = if exact { 0.0 } else { 2.0 * f64::EPSILON * value.abs() };
        let error = of_base + of_exponent + own;
        Noisy { value, error: if error.is_nan() { f64::INFINITY } else { error } }
    }
}

/// How far a kernel may be off.
fn kernel_error(bound: ErrorBound, value: f64) -> f64 {
    let ulp = value.abs() * f64::EPSILON + f64::from_bits(1);
    match bound {
        ErrorBound::Exact => 0.0,
        ErrorBound::Ulps(ulps) => ulps.max(0.5) * ulp,
        ErrorBound::UlpsOrAbsolute(ulps, absolute) => (ulps.max(0.5) * ulp).max(absolute),
    }
}

/// How far the values of a function that turns again and again, or between two bounds, are from one of them.
fn farthest_value(function: FunctionId, value: f64) -> Option<f64> {
    let row = function.row();
    let ends = agnesi_graph::range_of(function)
        .and_then(|range| Some((range.low.as_ref()?.0.to_f64(), range.high.as_ref()?.0.to_f64())));
    match ends {
        Some((low, high)) if row.shape == Shape::NotMonotone => Some((value - low).max(high - value)),
        _ => row.period().map(|_| f64::INFINITY),
    }
}

impl Number for Noisy {
    type Context = ();

    fn from_rational(value: &Rational, _: &()) -> Noisy {
        let near = value.to_f64();
        let exact = value.as_integer().is_some_and(|n| n.unsigned_abs() <= 1 << 53)
            || Rational::from_f64(near).is_some_and(|back| back == *value);
        if exact { Noisy::exact(near) } else { Noisy::rounded(near, 0.0) }
    }

    fn from_constant(constant: &'static Constant, _: &()) -> Result<Noisy, Fault> {
        Ok(Noisy::rounded(constant.value, 0.0))
    }

    fn infinity(_: &()) -> Result<Noisy, Fault> {
        Ok(Noisy::exact(f64::INFINITY))
    }

    fn add(&self, other: &Noisy, _: &()) -> Result<Noisy, Fault> {
        let value = self.value.add(&other.value, &())?;
        let error = self.error + other.error;
        // Nothing is lost where an operand is 0, nor between small whole numbers.
        let lossless = self.value == 0.0 || other.value == 0.0 || error == 0.0 && is_small_whole(self, other);
        Ok(if lossless { Noisy { value, error } } else { Noisy::rounded(value, error) })
    }

    fn sub(&self, other: &Noisy, _: &()) -> Result<Noisy, Fault> {
        self.add(&Noisy { value: -other.value, error: other.error }, &())
    }

    fn mul(&self, other: &Noisy, _: &()) -> Result<Noisy, Fault> {
        let value = self.value.mul(&other.value, &())?;
        let mut error = 0.0;
        if other.error > 0.0 {
            error += self.value.abs() * other.error;
        }
        if self.error > 0.0 {
            error += (other.value.abs() + other.error) * self.error;
        }
        let lossless =
            self.value == 0.0 || other.value == 0.0 || self.value.abs() == 1.0 || other.value.abs() == 1.0;
        let lossless = lossless || error == 0.0 && is_small_whole(self, other);
        Ok(if lossless { Noisy { value, error } } else { Noisy::rounded(value, error) })
    }

    fn div(&self, other: &Noisy, _: &()) -> Result<Noisy, Fault> {
        let value = self.value.div(&other.value, &())?;
        let room = other.value.abs() - other.error;
        let error = if self.error == 0.0 && other.error == 0.0 {
            0.0
        } else if room <= 0.0 {
            f64::INFINITY
        } else {
            (self.error + value.abs() * other.error) / room
        };
        let lossless = self.value == 0.0 || other.value.abs() == 1.0;
        Ok(if lossless { Noisy { value, error } } else { Noisy::rounded(value, error) })
    }

    fn neg(&self, _: &()) -> Noisy {
        Noisy { value: -self.value, error: self.error }
    }

    fn power(&self, exponent: &Exponent, _: &()) -> Result<Noisy, Fault> {
        let value = self.value.power(exponent, &())?;
        Ok(self.powered(value, exponent.nearest(), exponent.rest().abs()))
    }

    fn pow(&self, exponent: &Noisy, _: &()) -> Result<Noisy, Fault> {
        let value = self.value.pow(&exponent.value, &())?;
        Ok(self.powered(value, exponent.value, exponent.error))
    }

    fn holds(&self, relation: Relation, other: &Noisy, _: &()) -> Result<bool, Fault> {
        // Between values that rounding cannot tell apart, an order is decided by rounding.
        let error = self.error + other.error;
        let ordered = !matches!(relation, Relation::Equal | Relation::NotEqual);
        if ordered && error > 0.0 && (self.value - other.value).abs() <= error {
            return Err(Fault::Undecided);
        }
        self.value.holds(relation, &other.value, &())
    }

    fn call(function: FunctionId, args: &[&Noisy], _: &()) -> Result<Noisy, Fault> {
        let mut room = [0.0; 3];
        let values = room.get_mut(..args.len()).ok_or(Fault::Unsupported("a function of four arguments"))?;
        for (value, arg) in values.iter_mut().zip(args) {
            *value = arg.value;
        }
        let values: &[f64] = values;
        let value = match values {
            [x] => f64::call(function, &[x], &())?,
            [x, y] => f64::call(function, &[x, y], &())?,
            [x, y, z] => f64::call(function, &[x, y, z], &())?,
            _ => return Err(Fault::Unsupported("a function without arguments")),
        };
        let row = function.row();
        let own = kernel_error(row.error, value);
        let mut error = own;
        for (at, arg) in args.iter().enumerate() {
            if arg.error == 0.0 {
                continue;
            }
            // How steep the kernel is here, from a step that the doubles resolve.
            let step = arg.error.max(arg.value.abs() * f64::EPSILON * 64.0).max(f64::MIN_POSITIVE);
            let mut steepest: f64 = f64::NAN;
            // An error that spans a period of the function must not hide behind equal values at its ends.
            let scales: &[f64] =
                if step > 0.01 { &[1.0, -1.0, 0.618, -0.618, 0.27, -0.27] } else { &[1.0, -1.0] };
            for scale in scales {
                let mut moved_values = [0.0; 3];
                moved_values[..args.len()].copy_from_slice(values);
                moved_values[at] = arg.value + scale * step;
                let near = row.kernel.call(&moved_values[..args.len()]).unwrap_or(f64::NAN);
                steepest = steepest.max((near - value).abs());
            }
            // What jumps or turns within the step does not grow with it, and where the error is large, a function
            // that turns may have any of its values.
            let share = match if step > 0.01 { farthest_value(function, value) } else { None } {
                Some(farthest) if arg.error > 1.0 => farthest,
                Some(_) => steepest,
                None if row.kinks.iter().any(|kink| kink.jump) => steepest,
                None => steepest * (arg.error / step),
            };
            error += if share.is_nan() { f64::INFINITY } else { share };
        }
        Ok(Noisy { value, error })
    }

    fn derivative(inner: &Inner, inputs: &[Noisy], _: &()) -> Result<Noisy, Fault> {
        crate::jets::inner(inner, inputs)
    }

    fn approximate(&self) -> f64 {
        self.value
    }
}

fn is_small_whole(a: &Noisy, b: &Noisy) -> bool {
    let small = |x: f64| x.fract() == 0.0 && x.abs() <= (1u64 << 26) as f64;
    small(a.value) && small(b.value)
}
