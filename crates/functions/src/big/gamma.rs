//! The gamma function and its kin, by Stirling's series (DLMF 5.11) behind a shift of the argument. For positive
//! arguments each of these series encloses: the error is less than the first term left out, and of its sign.

use dashu_int::ops::BitTest;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::bernoulli::bernoulli;
use super::constants::pi_enclosure;
use super::discrete::split_nearest;
use super::elementary::{cos, exp, log, sin};
use super::float::Round;
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// Factorials up to here are multiplied out.
const FACTORIAL_LIMIT: u64 = 900;

/// How far an argument below zero is shifted step by step.
const SHIFT_LIMIT: u64 = 50_000;

/// The most steps, times the order, of a polygamma function.
const STEP_LIMIT: u64 = 150_000;

/// Arguments have digits behind the point up to about this magnitude: the doubles end at half of it.
const HEADROOM_LIMIT: isize = 2048;

/// The least argument from which the series reaches `precision` bits, with terms to spare.
fn stirling_start(precision: usize) -> u64 {
    precision as u64 / 5 + 10
}

/// How many steps of one take the argument to `start`.
fn steps_to(x: &Enclosure, start: u64, precision: usize) -> Result<u64, BigError> {
    let (lo, _) = x.ends(precision);
    if lo.magnitude() > 63 {
        return if lo.is_positive() { Ok(0) } else { Err(BigError::Overflow) };
    }
    let whole = lo.to_integer(Round::Down).ok_or(BigError::Overflow)?;
    let steps = IBig::from(start) - whole;
    match u64::try_from(steps) {
        Ok(steps) if steps <= SHIFT_LIMIT + start => Ok(steps),
        Ok(_) => Err(BigError::Overflow),
        Err(_) => Ok(0),
    }
}

/// The sum over k of `B(2k) * weight(k) / y^(2k + power)`, with its first omitted term as the error.
fn stirling_sum(y: &Enclosure, power: i64, precision: usize, weight: impl Fn(i64) -> RBig) -> Value {
    let square = y.square(precision);
    let mut factor = y.pow_int(&IBig::from(-(power + 2)), precision)?;
    let mut sum = Enclosure::zero().inexact(precision);
    let mut size = isize::MAX;
    let count = precision / 2 + 20;
    let numbers = bernoulli((precision / 8).max(16));
    let mut numbers = numbers;
    for k in 1..=count {
        if k > numbers.len() {
            numbers = bernoulli(2 * k);
        }
        let coefficient = Enclosure::from_rational(&numbers[k - 1] * weight(k as i64));
        let term = coefficient.mul(&factor, precision).inexact(precision);
        let magnitude = term.greatest_magnitude(precision).magnitude();
        let small =
            magnitude < sum.greatest_magnitude(precision).magnitude().max(-(1 << 40)) - precision as isize;
        if small || magnitude > size.saturating_add(1) || k == count {
            return Ok(sum.add(&term.hull(&Enclosure::zero(), precision), precision));
        }
        sum = sum.add(&term, precision);
        size = magnitude;
        factor = factor.div(&square, precision)?;
    }
    Err(BigError::Undecided)
}

/// `x(x+1)...(x+steps-1)`.
fn rising_product(x: &Enclosure, steps: u64, precision: usize) -> Enclosure {
    (0..steps).fold(Enclosure::one().inexact(precision), |product, i| {
        product.mul(&x.add(&Enclosure::from_int(i), precision), precision)
    })
}

/// `log gamma(y)` for a `y` of at least [`stirling_start`].
fn stirling(y: &Enclosure, precision: usize) -> Value {
    let half = Enclosure::one().scale(-1, precision);
    let main =
        y.sub(&half, precision).mul(&log(std::slice::from_ref(y), precision)?, precision).sub(y, precision);
    let two_pi = pi_enclosure(precision)?.scale(1, precision);
    let constant = log(&[two_pi], precision)?.scale(-1, precision);
    let series = stirling_sum(y, -1, precision, |k| {
        RBig::from_parts(IBig::ONE, UBig::from((2 * k * (2 * k - 1)) as u64))
    })?;
    Ok(main.add(&constant, precision).add(&series, precision))
}

/// Bits to add, so that a sum of the size of `x log x` loses none.
///
/// Of a larger argument the digits behind the point would take ever longer to find, and such a sum cancels nothing.
fn headroom(x: &Enclosure, precision: usize) -> usize {
    let size = x.greatest_magnitude(64).magnitude().clamp(0, HEADROOM_LIMIT) as usize;
    size + 2 * (usize::BITS - precision.leading_zeros()) as usize + 24
}

/// sin(pi x) and cos(pi x), the argument reduced before it is multiplied by pi.
fn sin_cos_pi(x: &Enclosure, precision: usize) -> Result<(Enclosure, Enclosure), BigError> {
    let (nearest, rest) = split_nearest(x, precision)?;
    let angle = pi_enclosure(precision)?.mul(&rest, precision);
    let (s, c) = (sin(std::slice::from_ref(&angle), precision)?, cos(&[angle], precision)?);
    Ok(if nearest.bit(0) { (s.neg(), c.neg()) } else { (s, c) })
}

/// At a pole: an integer that is not positive.
fn reject_poles(x: &Enclosure) -> Result<(), BigError> {
    match x.as_int() {
        Some(n) if *n <= IBig::ZERO => Err(BigError::Domain),
        _ => Ok(()),
    }
}

/// Whether `exp(x)` is beyond what is held.
fn is_huge(x: &Enclosure) -> bool {
    x.least_magnitude(64).magnitude() > 42
}

fn gamma_positive(x: &Enclosure, precision: usize) -> Value {
    if let Some(n) = x.as_int().and_then(|n| u64::try_from(n.clone()).ok())
        && n <= FACTORIAL_LIMIT
    {
        return Ok(Enclosure::from_int(IBig::from(
            (1..n).fold(UBig::ONE, |product, i| product * UBig::from(i)),
        )));
    }
    if is_huge(x) {
        // The exponential is less, and already beyond what is held.
        return exp(std::slice::from_ref(x), precision);
    }
    let inner = precision + headroom(x, precision);
    let steps = steps_to(x, stirling_start(inner), inner)?;
    let y = x.add(&Enclosure::from_int(steps), inner).inexact(inner);
    exp(&[stirling(&y, inner)?], inner)?.div(&rising_product(x, steps, inner), inner)
}

fn lgamma_positive(x: &Enclosure, precision: usize) -> Value {
    if x.as_int().is_some_and(|n| n.is_one() || *n == IBig::from(2)) {
        return Ok(Enclosure::zero());
    }
    let inner = precision + headroom(x, precision);
    let steps = steps_to(x, stirling_start(inner), inner)?;
    let y = x.add(&Enclosure::from_int(steps), inner).inexact(inner);
    let value = stirling(&y, inner)?;
    if steps == 0 {
        return Ok(value);
    }
    Ok(value.sub(&log(&[rising_product(x, steps, inner)], inner)?, inner))
}

/// The gamma function; exact for small integers. Poles at 0, -1, -2, ... are outside the domain.
pub fn gamma(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    reject_poles(x)?;
    if x.decided_sign()? > 0 {
        return gamma_positive(x, precision);
    }
    let inner = precision + headroom(x, precision);
    let (sine, _) = sin_cos_pi(x, inner)?;
    let mirrored = gamma_positive(&Enclosure::one().sub(x, inner), inner)?;
    pi_enclosure(inner)?.div(&sine.mul(&mirrored, inner), inner)
}

/// The logarithm of the magnitude of the gamma function.
pub fn lgamma(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    reject_poles(x)?;
    if x.decided_sign()? > 0 {
        return lgamma_positive(x, precision);
    }
    let inner = precision + headroom(x, precision);
    let (sine, _) = sin_cos_pi(x, inner)?;
    let factor = pi_enclosure(inner)?.div(&sine.abs(), inner)?;
    Ok(log(&[factor], inner)?.sub(&lgamma_positive(&Enclosure::one().sub(x, inner), inner)?, inner))
}

/// The derivative of log gamma.
pub fn digamma(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[0];
    reject_poles(x)?;
    let inner = precision + headroom(x, precision);
    if x.decided_sign()? < 0 {
        let (sine, cosine) = sin_cos_pi(x, inner)?;
        let cotangent = pi_enclosure(inner)?.mul(&cosine.div(&sine, inner)?, inner);
        let mirrored = digamma(&[Enclosure::one().sub(x, inner)], inner)?;
        return Ok(mirrored.sub(&cotangent, inner));
    }
    let steps = steps_to(x, stirling_start(inner), inner)?;
    let y = x.add(&Enclosure::from_int(steps), inner).inexact(inner);
    let series = stirling_sum(&y, 0, inner, |k| RBig::from_parts(IBig::ONE, UBig::from(2 * k as u64)))?;
    let half = Enclosure::one().div(&y.scale(1, inner), inner)?;
    let mut value = log(&[y], inner)?.sub(&half, inner).sub(&series, inner);
    for i in 0..steps {
        let term = Enclosure::one().div(&x.add(&Enclosure::from_int(i), inner).inexact(inner), inner)?;
        value = value.sub(&term, inner);
    }
    Ok(value)
}

/// The derivative of digamma.
pub fn trigamma(args: &[Enclosure], precision: usize) -> Value {
    polygamma(&[Enclosure::one(), args[0].clone()], precision)
}

/// An order, held exactly.
pub(super) fn whole_order(order: &Enclosure) -> Result<i64, BigError> {
    match order.as_int() {
        Some(order) => i64::try_from(order.clone()).map_err(|_| BigError::Overflow),
        None if order.is_exact() => Err(BigError::Domain),
        None => Err(BigError::Undecided),
    }
}

/// The m-th derivative of digamma, arguments `m, x`.
pub fn polygamma(args: &[Enclosure], precision: usize) -> Value {
    let x = &args[1];
    let order = whole_order(&args[0])?;
    match order {
        ..0 => return Err(BigError::Domain),
        0 => return digamma(std::slice::from_ref(x), precision),
        1..500 => {}
        _ => return Err(BigError::Overflow),
    }
    reject_poles(x)?;
    if x.contains_zero() {
        return Err(BigError::Undecided);
    }
    let factorial = |n: i64| (1..=n).fold(IBig::ONE, |product, i| product * IBig::from(i));
    let inner = precision + headroom(x, precision) + 8 * order as usize;
    let steps = steps_to(x, stirling_start(inner) + order as u64, inner)?;
    if steps.saturating_mul(order as u64) > STEP_LIMIT {
        return Err(BigError::Overflow);
    }
    let y = x.add(&Enclosure::from_int(steps), inner).inexact(inner);
    let power = y.pow_int(&IBig::from(-order), inner)?;
    let first = Enclosure::from_int(factorial(order - 1)).mul(&power, inner);
    let second = Enclosure::from_int(factorial(order)).mul(&power, inner).div(&y.scale(1, inner), inner)?;
    let series = stirling_sum(&y, order, inner, |k| {
        // (2k + m - 1)!/(2k)!
        RBig::from((2 * k + 1..2 * k + order).fold(IBig::ONE, |product, i| product * IBig::from(i)))
    })?;
    let mut value = first.add(&second, inner).add(&series, inner);
    let scale = Enclosure::from_int(factorial(order));
    for i in 0..steps {
        let base = x.add(&Enclosure::from_int(i), inner).inexact(inner);
        if base.contains_zero() {
            return Err(BigError::Undecided);
        }
        value = value.add(&scale.mul(&base.pow_int(&IBig::from(-order - 1), inner)?, inner), inner);
    }
    Ok(if order % 2 == 0 { value.neg() } else { value })
}

/// `gamma(a)*gamma(b)/gamma(a+b)`, for positive arguments.
pub fn beta(args: &[Enclosure], precision: usize) -> Value {
    let (a, b) = (&args[0], &args[1]);
    if a.decided_sign()? <= 0 || b.decided_sign()? <= 0 {
        return Err(BigError::Domain);
    }
    if is_huge(a) || is_huge(b) {
        let sum = a.add(b, precision + headroom(a, precision) + headroom(b, precision));
        return Enclosure::one().div(&quotient_by_logs(&sum, a, b, precision)?, precision);
    }
    let inner = precision + 16;
    let top = gamma(std::slice::from_ref(a), inner)?.mul(&gamma(std::slice::from_ref(b), inner)?, inner);
    top.div(&gamma(&[a.add(b, inner)], inner)?, inner)
}

/// `gamma(top)/(gamma(a) gamma(b))` of positive arguments whose gamma functions are beyond what is held.
fn quotient_by_logs(top: &Enclosure, a: &Enclosure, b: &Enclosure, precision: usize) -> Value {
    let inner = precision + headroom(top, precision);
    let bottom = lgamma_positive(a, inner)?.add(&lgamma_positive(b, inner)?, inner);
    exp(&[lgamma_positive(top, inner)?.sub(&bottom, inner)], precision)
}

/// `gamma(x + 1)`; exact for small integers.
pub fn factorial(args: &[Enclosure], precision: usize) -> Value {
    gamma(&[args[0].add(&Enclosure::one(), precision + 8)], precision)
}

/// The binomial coefficient `gamma(n+1)/(gamma(k+1) gamma(n-k+1))` for `n > -1` and `k > -1`; exact for an exact `n`
/// over a small integer.
pub fn binomial(args: &[Enclosure], precision: usize) -> Value {
    let (n, k) = (&args[0], &args[1]);
    // So that a difference of large numbers keeps its digits.
    let inner = precision + 16 + headroom(n, precision);
    let one = Enclosure::one();
    for x in [n, k] {
        if x.add(&one, inner).decided_sign()? <= 0 {
            return Err(BigError::Domain);
        }
    }
    if let Some(k) = k.as_int().and_then(|k| i64::try_from(k.clone()).ok())
        && k <= 1000
    {
        let mut value = Enclosure::one();
        for i in 0..k {
            value = value.mul(&n.sub(&Enclosure::from_int(i), inner), inner).over(i + 1, inner);
        }
        return Ok(value);
    }
    let rest = n.sub(k, inner).add(&one, inner);
    if rest.as_int().is_some_and(|rest| *rest <= IBig::ZERO) {
        // A pole below the fraction line.
        return Ok(Enclosure::zero());
    }
    if is_huge(n) && rest.signum() == Some(1) {
        return quotient_by_logs(&n.add(&one, inner), &k.add(&one, inner), &rest, precision);
    }
    let top = gamma(&[n.add(&one, inner)], inner)?;
    let bottom = gamma(&[k.add(&one, inner)], inner)?.mul(&gamma(&[rest], inner)?, inner);
    top.div(&bottom, inner)
}
