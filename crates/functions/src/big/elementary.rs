//! The elementary functions.

use std::cmp::Ordering;

use dashu_int::IBig;
use dashu_ratio::RBig;

use super::constants::pi_enclosure;
use super::float::{Elementary, Float, Round};
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// A rising function, from its ends.
fn rising(f: Elementary, x: &Enclosure, precision: usize) -> Value {
    let (lo, hi) = x.ends(precision);
    let (low, high) = lo.function(f, precision)?;
    if lo == hi {
        return Ok(Enclosure::between(low, high));
    }
    Ok(Enclosure::between(low, hi.function(f, precision)?.1))
}

/// A falling function, from its ends.
fn falling(f: Elementary, x: &Enclosure, precision: usize) -> Value {
    let (lo, hi) = x.ends(precision);
    let (low, high) = hi.function(f, precision)?;
    if lo == hi {
        return Ok(Enclosure::between(low, high));
    }
    Ok(Enclosure::between(low, lo.function(f, precision)?.1))
}

/// Whether the value lies above, or at the bound; undecided where that is open.
fn require(x: &Enclosure, bound: i64, allowed: &[Ordering], precision: usize) -> Result<(), BigError> {
    let bound = Enclosure::from_int(bound);
    match x.compare(&bound, precision) {
        Some(ordering) if allowed.contains(&ordering) => Ok(()),
        Some(_) => Err(BigError::Domain),
        // An interval that touches the bound from the allowed side is within the domain too.
        None if allowed.len() == 2 => {
            let (lo, hi) = x.ends(precision);
            let (edge, _) = bound.ends(precision);
            if allowed.contains(&Ordering::Less) && hi <= edge
                || allowed.contains(&Ordering::Greater) && lo >= edge
            {
                Ok(())
            } else {
                Err(BigError::Undecided)
            }
        }
        None => Err(BigError::Undecided),
    }
}

const ABOVE: &[Ordering] = &[Ordering::Greater];
const BELOW: &[Ordering] = &[Ordering::Less];
const FROM: &[Ordering] = &[Ordering::Greater, Ordering::Equal];
const UP_TO: &[Ordering] = &[Ordering::Less, Ordering::Equal];

fn reciprocal(x: &Enclosure, precision: usize) -> Value {
    Enclosure::one().div(x, precision)
}

/// e to the power of x.
pub fn exp(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::Exp, &args[0], precision)
}

/// `exp(x) - 1` without cancellation.
pub fn expm1(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::ExpM1, &args[0], precision)
}

/// Natural logarithm.
pub fn log(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], 0, ABOVE, precision)?;
    rising(Elementary::Ln, &args[0], precision)
}

/// `log(1 + x)` without cancellation.
pub fn log1p(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], -1, ABOVE, precision)?;
    rising(Elementary::Ln1p, &args[0], precision)
}

/// Logarithm to base 2; exact for powers of two.
pub fn log2(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], 0, ABOVE, precision)?;
    if let Some(power) = exact_logarithm(&args[0], 2) {
        return Ok(power);
    }
    rising(Elementary::Log2, &args[0], precision)
}

/// Logarithm to base 10; exact for powers of ten.
pub fn log10(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], 0, ABOVE, precision)?;
    if let Some(power) = exact_logarithm(&args[0], 10) {
        return Ok(power);
    }
    rising(Elementary::Log10, &args[0], precision)
}

/// The whole `k` with `base^k = x`, if there is one.
fn exact_logarithm(x: &Enclosure, base: u64) -> Option<Enclosure> {
    let value: &RBig = x.as_rational()?;
    let (number, sign) = if value.is_int() {
        (value.numerator().clone(), 1)
    } else if value.numerator().is_one() {
        (IBig::from(value.denominator().clone()), -1)
    } else {
        return None;
    };
    let base = IBig::from(base);
    let number = dashu_int::UBig::try_from(number).ok()?;
    let power = number.ilog(&dashu_int::UBig::try_from(base.clone()).ok()?);
    (base.pow(power) == IBig::from(number)).then(|| Enclosure::from_int(IBig::from(power) * sign))
}

/// Square root.
pub fn sqrt(args: &[Enclosure], precision: usize) -> Value {
    args[0].root(2, precision)
}

/// Cube root, real also for negative numbers.
pub fn cbrt(args: &[Enclosure], precision: usize) -> Value {
    args[0].root(3, precision)
}

/// `sqrt(x^2 + y^2)`.
pub fn hypot(args: &[Enclosure], precision: usize) -> Value {
    args[0].square(precision).add(&args[1].square(precision), precision).root(2, precision)
}

/// Sine or cosine: at the middle, and wider by the radius, since neither is steeper than 1.
fn wave(f: Elementary, x: &Enclosure, precision: usize) -> Value {
    let (middle, radius) = x.middle(precision);
    let one = Float::one();
    if radius > one {
        return Ok(Enclosure::between(one.neg(), one));
    }
    let (lo, hi) = middle.function(f, precision)?;
    let lo = lo.sub(&radius, precision, Round::Down).max(one.neg());
    let hi = hi.add(&radius, precision, Round::Up).min(one);
    Ok(Enclosure::between(lo, hi))
}

/// Sine.
pub fn sin(args: &[Enclosure], precision: usize) -> Value {
    wave(Elementary::Sin, &args[0], precision)
}

/// Cosine.
pub fn cos(args: &[Enclosure], precision: usize) -> Value {
    wave(Elementary::Cos, &args[0], precision)
}

/// Tangent.
pub fn tan(args: &[Enclosure], precision: usize) -> Value {
    sin(args, precision)?.div(&cos(args, precision)?, precision)
}

/// Cotangent.
pub fn cot(args: &[Enclosure], precision: usize) -> Value {
    cos(args, precision)?.div(&sin(args, precision)?, precision)
}

/// Secant.
pub fn sec(args: &[Enclosure], precision: usize) -> Value {
    reciprocal(&cos(args, precision)?, precision)
}

/// Cosecant.
pub fn csc(args: &[Enclosure], precision: usize) -> Value {
    reciprocal(&sin(args, precision)?, precision)
}

/// Arc sine.
pub fn asin(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], -1, FROM, precision)?;
    require(&args[0], 1, UP_TO, precision)?;
    rising(Elementary::Asin, &args[0], precision)
}

/// Arc cosine.
pub fn acos(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], -1, FROM, precision)?;
    require(&args[0], 1, UP_TO, precision)?;
    falling(Elementary::Acos, &args[0], precision)
}

/// Arc tangent.
pub fn atan(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::Atan, &args[0], precision)
}

/// Arc cotangent, `atan(1/x)`.
pub fn acot(args: &[Enclosure], precision: usize) -> Value {
    atan(&[reciprocal(&args[0], precision)?], precision)
}

/// Arc secant, `acos(1/x)`.
pub fn asec(args: &[Enclosure], precision: usize) -> Value {
    acos(&[reciprocal(&args[0], precision)?], precision)
}

/// Arc cosecant, `asin(1/x)`.
pub fn acsc(args: &[Enclosure], precision: usize) -> Value {
    asin(&[reciprocal(&args[0], precision)?], precision)
}

/// The angle of the point `(x, y)`, arguments `y, x`, between -pi (not included) and pi.
pub fn atan2(args: &[Enclosure], precision: usize) -> Value {
    let (y, x) = (&args[0], &args[1]);
    let slope = |a: &Enclosure, b: &Enclosure| atan(&[a.div(b, precision)?], precision);
    let half_pi = || pi_enclosure(precision).map(|pi| pi.scale(-1, precision));
    match (y.signum(), x.signum()) {
        (_, Some(1)) => slope(y, x),
        (Some(1), _) => Ok(half_pi()?.sub(&slope(x, y)?, precision)),
        (Some(-1), _) => Ok(half_pi()?.neg().sub(&slope(x, y)?, precision)),
        (Some(0), Some(-1)) => pi_enclosure(precision),
        (Some(0), Some(0)) => Err(BigError::Domain),
        _ => Err(BigError::Undecided),
    }
}

/// Hyperbolic sine.
pub fn sinh(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::Sinh, &args[0], precision)
}

/// Hyperbolic cosine.
pub fn cosh(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::Cosh, &args[0].abs(), precision)
}

/// Hyperbolic tangent.
pub fn tanh(args: &[Enclosure], precision: usize) -> Value {
    let value = rising(Elementary::Tanh, &args[0], precision)?;
    let (lo, hi) = value.ends(precision);
    Ok(Enclosure::between(lo.max(Float::one().neg()), hi.min(Float::one())))
}

/// Hyperbolic cotangent.
pub fn coth(args: &[Enclosure], precision: usize) -> Value {
    reciprocal(&tanh(args, precision)?, precision)
}

/// Hyperbolic secant.
pub fn sech(args: &[Enclosure], precision: usize) -> Value {
    reciprocal(&cosh(args, precision)?, precision)
}

/// Hyperbolic cosecant.
pub fn csch(args: &[Enclosure], precision: usize) -> Value {
    reciprocal(&sinh(args, precision)?, precision)
}

/// Inverse hyperbolic sine.
pub fn asinh(args: &[Enclosure], precision: usize) -> Value {
    rising(Elementary::Asinh, &args[0], precision)
}

/// Inverse hyperbolic cosine.
pub fn acosh(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], 1, FROM, precision)?;
    rising(Elementary::Acosh, &args[0], precision)
}

/// Inverse hyperbolic tangent.
pub fn atanh(args: &[Enclosure], precision: usize) -> Value {
    require(&args[0], -1, ABOVE, precision)?;
    require(&args[0], 1, BELOW, precision)?;
    rising(Elementary::Atanh, &args[0], precision)
}

/// Inverse hyperbolic cotangent, `atanh(1/x)`.
pub fn acoth(args: &[Enclosure], precision: usize) -> Value {
    atanh(&[reciprocal(&args[0], precision)?], precision)
}

/// Inverse hyperbolic secant, `acosh(1/x)`.
pub fn asech(args: &[Enclosure], precision: usize) -> Value {
    acosh(&[reciprocal(&args[0], precision)?], precision)
}

/// Inverse hyperbolic cosecant, `asinh(1/x)`.
pub fn acsch(args: &[Enclosure], precision: usize) -> Value {
    asinh(&[reciprocal(&args[0], precision)?], precision)
}

/// `sin(x)/x`, and 1 at 0.
pub fn sinc(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    if x.is_exactly_zero() {
        return Ok(Enclosure::one());
    }
    if !x.contains_zero() {
        return sin(args, precision)?.div(x, precision);
    }
    // 1 - x^2/6 <= sinc(x) <= 1.
    let drop = x.square(precision).over(6, precision);
    Ok(Enclosure::one().sub(&drop, precision).hull(&Enclosure::one(), precision))
}

/// `x*log(x)`, and 0 at 0.
pub fn xlogx(args: &[Enclosure], precision: usize) -> Value {
    xlogy(&[args[0].clone(), args[0].clone()], precision)
}

/// `x*log(y)`, and 0 where x is 0.
pub fn xlogy(args: &[Enclosure], precision: usize) -> Value {
    let (x, y) = (&args[0], &args[1]);
    if x.is_exactly_zero() {
        y.require_not_negative(precision)?;
        return Ok(Enclosure::zero());
    }
    Ok(x.mul(&log(std::slice::from_ref(y), precision)?, precision))
}

/// `1/(1 + exp(-x))`.
pub fn sigmoid(args: &[Enclosure], precision: usize) -> Value {
    let decay = exp(&[args[0].neg()], precision)?;
    reciprocal(&Enclosure::one().add(&decay, precision), precision)
}

/// `log(1 + exp(x))`.
pub fn softplus(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    // max(x, 0) + log(1 + exp(-|x|)), so that nothing large cancels.
    let tail = log1p(&[exp(&[x.abs().neg()], precision)?], precision)?;
    Ok(x.max(&Enclosure::zero(), precision).add(&tail, precision))
}
