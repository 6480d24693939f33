//! Functions defined by integrals: exponential, sine, cosine and logarithmic integral (DLMF 6), dilogarithm
//! (DLMF 25.12).

use dashu_ratio::RBig;

use super::constants::{euler_gamma, pi_enclosure};
use super::elementary::{cos, exp, log, log1p, sin};
use super::error_function::at_ends;
use super::float::{Float, Round};
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// Larger arguments would need as many terms.
const SERIES_LIMIT: f64 = 20_000.0;

/// Exponential integral, the principal value for positive arguments.
pub fn ei(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    match x.decided_sign()? {
        0 => Err(BigError::Domain),
        // Rising for positive arguments, falling for negative ones.
        _ => at_ends(x, precision, |end| ei_at(end, precision)),
    }
}

fn ei_at(x: &Float, precision: usize) -> Value {
    if x.is_zero() {
        return Err(BigError::Undecided);
    }
    let size = x.abs().to_f64();
    if x.is_negative() && size * std::f64::consts::LOG2_E > precision as f64 + 40.0 {
        // Ei(-y) = -exp(-y)/y sum (-1)^k k!/y^k, the error less than the first term left out.
        let inner = precision + 32;
        let y = Enclosure::from_float(x.neg()).inexact(inner);
        let series = alternating(&y, 1, inner, |k| k)?;
        return Ok(exp(&[y.neg()], inner)?.div(&y, inner)?.mul(&series, inner).neg());
    }
    if size > SERIES_LIMIT {
        return Err(BigError::Overflow);
    }
    // For negative arguments terms as large as exp(y) cancel down to exp(-y).
    let cancelled = if x.is_negative() { (size * 3.0) as usize } else { 0 };
    let inner = precision + 40 + cancelled;
    let point = Enclosure::from_float(x.clone()).inexact(inner);
    let mut power = Enclosure::one().inexact(inner);
    let mut sum = Enclosure::zero().inexact(inner);
    for k in 1i64.. {
        power = power.mul(&point, inner).over(k, inner);
        let term = power.over(k, inner);
        sum = sum.add(&term, inner);
        if term.greatest_magnitude(64).magnitude() < -(inner as isize) && k as f64 > 2.0 * size {
            sum = sum.widen(&term, inner);
            break;
        }
    }
    let logarithm = log(&[point.abs()], inner)?;
    Ok(sum.add(&logarithm, inner).add(&euler_gamma(&[], inner)?, inner))
}

/// Logarithmic integral, `Ei(log(x))`.
pub fn li(args: &[Enclosure], precision: usize) -> Value {
    ei(&[log(args, precision + 32)?], precision)
}

/// Sine integral.
pub fn si(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    if x.is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    // Nowhere steeper than 1.
    let (middle, radius) = x.middle(precision + 8);
    let point = Enclosure::from_float(middle.abs());
    let value = trigonometric(&point, precision, true)?;
    let value = if middle.is_negative() { value.neg() } else { value };
    let (lo, hi) = value.ends(precision);
    Ok(Enclosure::between(lo.sub(&radius, precision, Round::Down), hi.add(&radius, precision, Round::Up)))
}

/// Cosine integral, for positive arguments.
pub fn ci(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    match x.decided_sign()? {
        1 => {}
        _ => return Err(BigError::Domain),
    }
    // The slope is cos(x)/x.
    let (middle, radius) = x.middle(precision + 8);
    let point = Enclosure::from_float(middle);
    let value = trigonometric(&point, precision, false)?;
    let slope = radius.div(&x.least_magnitude(precision), 64, Round::Up);
    let (lo, hi) = value.ends(precision);
    Ok(Enclosure::between(lo.sub(&slope, precision, Round::Down), hi.add(&slope, precision, Round::Up)))
}

/// Si or Ci at a positive number.
fn trigonometric(x: &Enclosure, precision: usize, sine: bool) -> Value {
    let size = x.greatest_magnitude(64).to_f64();
    if size * std::f64::consts::LOG2_E > precision as f64 + 40.0 {
        return auxiliary(x, precision, sine);
    }
    let inner = precision + 40 + (1.5 * size) as usize;
    let x = x.inexact(inner);
    let square = x.square(inner);
    // x^m/m! for m = 1, 3, 5, ... or m = 0, 2, 4, ...
    let mut power = if sine { x.clone() } else { Enclosure::one().inexact(inner) };
    let mut sum = if sine { x.clone() } else { Enclosure::zero().inexact(inner) };
    let scale = if sine { x.greatest_magnitude(64).magnitude().min(0) } else { 0 };
    let mut m = if sine { 1i64 } else { 0 };
    loop {
        power = power.mul(&square, inner).over((m + 1) * (m + 2), inner).neg();
        m += 2;
        let term = power.over(m, inner);
        sum = sum.add(&term, inner);
        if term.is_below(scale - inner as isize) && m as f64 > 2.0 * size {
            sum = sum.widen(&term, inner);
            break;
        }
    }
    if sine {
        return Ok(sum);
    }
    Ok(sum.add(&log(&[x], inner)?, inner).add(&euler_gamma(&[], inner)?, inner))
}

/// Far out: Si = pi/2 - f cos - g sin and Ci = f sin - g cos, with the auxiliary functions by their series
/// (DLMF 6.12.3), the error less than the first term left out.
fn auxiliary(x: &Enclosure, precision: usize, sine: bool) -> Value {
    let inner = precision + 32;
    let x = x.inexact(inner + x.greatest_magnitude(64).magnitude().max(0) as usize);
    let square = x.square(inner);
    let f = alternating(&square, 1, inner, |k| (2 * k - 1) * (2 * k))?.div(&x, inner)?;
    let g = alternating(&square, 1, inner, |k| (2 * k) * (2 * k + 1))?.div(&square, inner)?;
    let (s, c) = (sin(std::slice::from_ref(&x), inner)?, cos(&[x], inner)?);
    if sine {
        let half_pi = pi_enclosure(inner)?.scale(-1, inner);
        return Ok(half_pi.sub(&f.mul(&c, inner), inner).sub(&g.mul(&s, inner), inner));
    }
    Ok(f.mul(&s, inner).sub(&g.mul(&c, inner), inner))
}

/// `first` times the sum of alternating terms, each the one before times `ratio(k)/y`, up to the smallest.
fn alternating(y: &Enclosure, first: i64, precision: usize, ratio: impl Fn(i64) -> i64) -> Value {
    let mut term = Enclosure::from_int(first).inexact(precision);
    let mut sum = term.clone();
    let least = y.least_magnitude(64).to_f64();
    for k in 1i64.. {
        term = term.times(ratio(k), precision).div(y, precision)?.neg();
        if term.greatest_magnitude(64).magnitude() < -(precision as isize) || ratio(k + 1) as f64 > least {
            return Ok(sum.add(&Enclosure::zero().hull(&term, precision), precision));
        }
        sum = sum.add(&term, precision);
    }
    Err(BigError::Undecided)
}

/// Dilogarithm, for arguments up to 1.
pub fn dilog(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    if x.is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    match x.compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Greater) => return Err(BigError::Domain),
        None if x.ends(precision).1 > Float::one() => return Err(BigError::Undecided),
        _ => {}
    }
    at_ends(x, precision, |end| {
        // Where the lower end of an enclosure is minus infinity, more digits are needed.
        if end.is_infinite() {
            return Err(BigError::Undecided);
        }
        dilog_at(&Enclosure::from_float(end.clone()), precision + 32)
    })
}

fn dilog_at(x: &Enclosure, precision: usize) -> Value {
    let rational = |n: i64, d: i64| Enclosure::from_rational(RBig::from_parts_signed(n.into(), d.into()));
    let one = Enclosure::one();
    let below = |n: i64, d: i64| x.compare(&rational(n, d), precision) == Some(std::cmp::Ordering::Less);
    let pi_squared = || Ok::<_, BigError>(pi_enclosure(precision)?.square(precision));
    if x.compare(&one, precision) == Some(std::cmp::Ordering::Equal) {
        return Ok(pi_squared()?.over(6, precision));
    }
    if below(-1, 1) {
        // Li2(x) + Li2(1/x) = -pi^2/6 - log(-x)^2/2.
        let half_square = log(&[x.neg()], precision)?.square(precision).scale(-1, precision);
        let inverse = dilog_at(&one.div(x, precision)?.inexact(precision), precision)?;
        return Ok(pi_squared()?
            .over(6, precision)
            .add(&half_square, precision)
            .add(&inverse, precision)
            .neg());
    }
    if below(-1, 2) {
        // Li2(x) + Li2(x/(x-1)) = -log(1-x)^2/2.
        let half_square = log1p(&[x.neg()], precision)?.square(precision).scale(-1, precision);
        let other = dilog_series(&x.div(&x.sub(&one, precision), precision)?.inexact(precision), precision)?;
        return Ok(half_square.add(&other, precision).neg());
    }
    if below(1, 2) {
        return dilog_series(x, precision);
    }
    // Li2(x) + Li2(1-x) = pi^2/6 - log(x) log(1-x).
    let complement = one.sub(x, precision);
    let product = log(std::slice::from_ref(x), precision)?.mul(&log1p(&[x.neg()], precision)?, precision);
    let other = dilog_series(&complement, precision)?;
    Ok(pi_squared()?.over(6, precision).sub(&product, precision).sub(&other, precision))
}

/// The sum of `x^k/k^2`, for arguments of magnitude about a half or less.
fn dilog_series(x: &Enclosure, precision: usize) -> Value {
    let x = x.inexact(precision);
    let mut power = x.clone();
    let mut sum = x.clone();
    for k in 2..4 * precision as i64 + 64 {
        power = power.mul(&x, precision);
        let term = power.over(k * k, precision);
        sum = sum.add(&term, precision);
        let scale = x.greatest_magnitude(64).magnitude().min(0);
        if power.is_exactly_zero() || power.greatest_magnitude(64).magnitude() < scale - precision as isize {
            // What is left out is less than |x|/(1 - |x|) of this term, and |x| is less than 2/3.
            return Ok(sum.widen(&term.scale(1, precision), precision));
        }
    }
    Err(BigError::Undecided)
}
