//! The error function: its convergent series (DLMF 7.6.2), and its asymptotic one (DLMF 7.12.1) far out, where the
//! error is less than the first term left out.

use super::constants::pi_enclosure;
use super::elementary::exp;
use super::float::Float;
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// Beyond this the complement is next to zero whatever the precision.
const FAR: i64 = 1 << 19;

/// Error function.
pub fn erf(args: &[Enclosure], precision: usize) -> Value {
    if args[0].is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    at_ends(&args[0], precision, |x| {
        let value = erf_of_magnitude(&x.abs(), precision)?;
        Ok(if x.is_negative() { value.neg() } else { value })
    })
}

/// The complement, `1 - erf(x)`, without cancellation.
pub fn erfc(args: &[Enclosure], precision: usize) -> Value {
    if args[0].is_exactly_zero() {
        return Ok(Enclosure::one());
    }
    at_ends(&args[0], precision, |x| {
        if x.is_negative() {
            return Ok(Enclosure::one().add(&erf_of_magnitude(&x.abs(), precision)?, precision));
        }
        erfc_of_positive(x, precision)
    })
}

/// The normal distribution function, `erfc(-x/sqrt(2))/2`.
pub fn normal_cdf(args: &[Enclosure], precision: usize) -> Value {
    let root = Enclosure::from_int(2).root(2, precision + 8)?;
    let argument = args[0].div(&root, precision + 8)?.neg();
    Ok(erfc(&[argument], precision)?.scale(-1, precision))
}

/// A monotone function from its values at the ends.
pub(super) fn at_ends(
    x: &Enclosure,
    precision: usize,
    f: impl Fn(&Float) -> Result<Enclosure, BigError>,
) -> Value {
    let (lo, hi) = x.ends(precision + 8);
    let low = f(&lo)?;
    if lo == hi {
        return Ok(low);
    }
    Ok(low.hull(&f(&hi)?, precision))
}

/// Bits below one at which `exp(-x^2)` lies.
fn decay(x: &Float) -> f64 {
    let x = x.to_f64();
    x * x * std::f64::consts::LOG2_E
}

/// erf of a number that is not negative.
fn erf_of_magnitude(x: &Float, precision: usize) -> Value {
    if decay(x) > precision as f64 + 8.0 {
        let one = Enclosure::one();
        return Ok(one.sub(&erfc_of_positive(x, 64)?, precision));
    }
    series(x, precision)
}

fn erfc_of_positive(x: &Float, precision: usize) -> Value {
    if *x > Float::from_int(FAR) {
        // Less than exp(-x^2) for x > 1.
        let bound = exp(&[Enclosure::from_int(-FAR * FAR)], 64)?;
        return Ok(Enclosure::zero().hull(&bound, 64));
    }
    let decay = decay(x);
    if decay > precision as f64 + 32.0 {
        return asymptotic(x, precision);
    }
    let inner = precision + decay as usize + 16;
    Ok(Enclosure::one().sub(&series(x, inner)?, inner))
}

/// `2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1)/(2n+1)!!`, all terms of one sign.
fn series(x: &Float, precision: usize) -> Value {
    let inner = precision + 32;
    let x = Enclosure::from_float(x.clone()).inexact(inner);
    let twice_square = x.square(inner).scale(1, inner);
    let limit = twice_square.greatest_magnitude(64).to_f64();
    let mut term = x.clone();
    let mut sum = x.clone();
    for n in 1i64.. {
        term = term.mul(&twice_square, inner).over(2 * n + 1, inner);
        sum = sum.add(&term, inner);
        let small = term.is_below(sum.greatest_magnitude(64).magnitude() - inner as isize);
        // From here on each term is less than half of the one before.
        if small && (2 * n + 3) as f64 > 2.0 * limit {
            sum = sum.add(&Enclosure::zero().hull(&term, inner), inner);
            break;
        }
    }
    let factor = exp(&[x.square(inner).neg()], inner)?.scale(1, inner);
    let root_pi = pi_enclosure(inner)?.root(2, inner)?;
    sum.mul(&factor, inner).div(&root_pi, inner)
}

/// `exp(-x^2)/(x sqrt(pi)) sum (-1)^n (2n-1)!!/(2x^2)^n`.
fn asymptotic(x: &Float, precision: usize) -> Value {
    let inner = precision + 32;
    let x = Enclosure::from_float(x.clone()).inexact(inner);
    // The square of a large argument loses as many bits in the exponential as it is large.
    let wide = inner + 2 * x.greatest_magnitude(64).magnitude().max(0) as usize;
    let exact = x.square(wide);
    let twice_square = exact.scale(1, inner);
    let mut term = Enclosure::one().inexact(inner);
    let mut sum = term.clone();
    for n in 1i64.. {
        term = term.times(1 - 2 * n, inner).div(&twice_square, inner)?;
        let magnitude = term.greatest_magnitude(64).magnitude();
        if magnitude < -(inner as isize) || n as f64 > twice_square.least_magnitude(64).to_f64() / 2.0 {
            sum = sum.add(&Enclosure::zero().hull(&term, inner), inner);
            break;
        }
        sum = sum.add(&term, inner);
    }
    let root_pi = pi_enclosure(inner)?.root(2, inner)?;
    exp(&[exact.neg()], inner)?.mul(&sum, inner).div(&x.mul(&root_pi, inner), inner)
}
