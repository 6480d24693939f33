//! Bessel functions of integer order: power series (DLMF 10.2.2, 10.25.2), and for J far out Hankel's expansion
//! (DLMF 10.17.3) with its error bound (DLMF 10.17(iii)).

use dashu_int::IBig;

use super::constants::pi_enclosure;
use super::elementary::{cos, exp, sin};
use super::float::{Float, Round};
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// The largest order.
const ORDER_LIMIT: u64 = 1000;

/// The largest argument of the power series, which has about as many terms and half again as many bits.
const SERIES_LIMIT: f64 = 20_000.0;

/// The largest argument of the modified functions' series, which has about as many terms; beyond they are bounded.
const MODIFIED_LIMIT: i64 = 10_000;

/// Bessel function of the first kind, order 0.
pub fn bessel_j0(args: &[Enclosure], precision: usize) -> Value {
    bessel_j(0, &args[0], precision)
}

/// Bessel function of the first kind, order 1.
pub fn bessel_j1(args: &[Enclosure], precision: usize) -> Value {
    bessel_j(1, &args[0], precision)
}

/// Bessel function of the first kind of integer order, arguments `n, x`.
pub fn bessel_jn(args: &[Enclosure], precision: usize) -> Value {
    let n = order(&args[0])?;
    let negative = args[0].signum() == Some(-1);
    let value = bessel_j(n, &args[1], precision)?;
    Ok(if negative && n % 2 == 1 { value.neg() } else { value })
}

/// Modified Bessel function of the first kind, order 0.
pub fn bessel_i0(args: &[Enclosure], precision: usize) -> Value {
    bessel_i(0, &args[0].abs(), precision)
}

/// Modified Bessel function of the first kind, order 1.
pub fn bessel_i1(args: &[Enclosure], precision: usize) -> Value {
    bessel_i(1, &args[0], precision)
}

/// Modified Bessel function of the first kind of integer order, arguments `n, x`.
pub fn bessel_in(args: &[Enclosure], precision: usize) -> Value {
    let n = order(&args[0])?;
    let x = if n % 2 == 0 { args[1].abs() } else { args[1].clone() };
    bessel_i(n, &x, precision)
}

/// Spherical Bessel function of the first kind, arguments `n, x` with a whole `n` that is not negative.
pub fn spherical_jn(args: &[Enclosure], precision: usize) -> Value {
    if args[0].signum() == Some(-1) {
        return Err(BigError::Domain);
    }
    let (n, x) = (order(&args[0])?, &args[1]);
    if x.is_exactly_zero() {
        return Ok(if n == 0 { Enclosure::one() } else { Enclosure::zero() });
    }
    at_middle(n, x, precision, |point, size| {
        if size > 0.5 * precision as f64 + 40.0 + n as f64 {
            spherical_far(n, point, precision)
        } else {
            // (x/2)^n over the product of 3/2, 5/2, ...: the same series with other denominators.
            series(n, point, size, precision, |k| 2 * (k + n as i64) + 1, |k| 2 * k + 1)
        }
    })
}

/// The magnitude of a whole order.
fn order(n: &Enclosure) -> Result<u64, BigError> {
    let Some(order) = n.as_int() else {
        return Err(if n.is_exact() { BigError::Domain } else { BigError::Undecided });
    };
    let magnitude = if *order < IBig::ZERO { -order } else { order.clone() };
    u64::try_from(magnitude).ok().filter(|n| *n <= ORDER_LIMIT).ok_or(BigError::Overflow)
}

/// J of order `n`.
fn bessel_j(n: u64, x: &Enclosure, precision: usize) -> Value {
    if x.is_exactly_zero() {
        return Ok(if n == 0 { Enclosure::one() } else { Enclosure::zero() });
    }
    at_middle(n, x, precision, |point, size| {
        if size > 0.5 * precision as f64 + 40.0 + (n * n) as f64 {
            hankel(n, point, precision)
        } else {
            series(n, point, size, precision, |k| k + n as i64, |k| k)
        }
    })
}

/// A function of the parity of `n` at the middle of the argument, and wider by its radius, since neither J nor the
/// spherical j is anywhere steeper than 1.
fn at_middle(n: u64, x: &Enclosure, precision: usize, f: impl Fn(&Enclosure, f64) -> Value) -> Value {
    let (middle, radius) = x.middle(precision + 8);
    if middle.magnitude() > 1 << 14 {
        return Err(BigError::Overflow);
    }
    let size = middle.abs().to_f64();
    let value = f(&Enclosure::from_float(middle.abs()), size)?;
    let value = if middle.is_negative() && n % 2 == 1 { value.neg() } else { value };
    let (lo, hi) = value.ends(precision);
    Ok(Enclosure::between(lo.sub(&radius, precision, Round::Down), hi.add(&radius, precision, Round::Up)))
}

/// The sum over k of `(-x^2/4)^k / (k! d(1)...d(k))`, times `(x/2)^n / (s(1)...s(n))`; J has `d(k) = n + k` and
/// `s(k) = k`. The spherical j has halves there, `d(k) = n + k + 1/2`, which the caller gives doubled.
fn series(
    n: u64,
    x: &Enclosure,
    size: f64,
    precision: usize,
    denominator: impl Fn(i64) -> i64,
    start: impl Fn(i64) -> i64,
) -> Value {
    if size > SERIES_LIMIT {
        return Err(BigError::Overflow);
    }
    // Doubled denominators are halved again.
    let doubled = start(1) == 3;
    // Terms grow to exp(x) before they fall.
    let inner = precision + 32 + (size * 1.5) as usize;
    let x = x.inexact(inner);
    let square = x.square(inner).scale(if doubled { -1 } else { -2 }, inner);
    let first = if doubled { x } else { x.scale(-1, inner) };
    let mut term = first.pow_int(&IBig::from(n), inner)?.inexact(inner);
    for k in 1..=n as i64 {
        term = term.over(start(k), inner);
    }
    let mut sum = term.clone();
    let floor = sum.greatest_magnitude(64).magnitude().min(0) - precision as isize - 24;
    let from = size * size / 2.0;
    for k in 1i64.. {
        term = term.mul(&square, inner).over(k * denominator(k), inner).neg();
        sum = sum.add(&term, inner);
        // Past the largest term they fall by more than half and alternate: the next bounds the rest.
        if term.is_below(floor) && (k * k) as f64 > from {
            return Ok(sum.add(&Enclosure::zero().hull(&term.neg(), inner), inner));
        }
    }
    Err(BigError::Undecided)
}

/// The spherical j by its closed form (DLMF 10.49.2), which cancels little far out.
fn spherical_far(n: u64, x: &Enclosure, precision: usize) -> Value {
    let inner = precision + 64 + 2 * n as usize + x.greatest_magnitude(64).magnitude().max(0) as usize;
    let x = x.inexact(inner);
    let mut term = Enclosure::one().inexact(inner);
    let mut sums = [Enclosure::zero().inexact(inner), Enclosure::zero().inexact(inner)];
    for k in 0..=n as i64 {
        let signed = if (k / 2) % 2 == 1 { term.neg() } else { term.clone() };
        let part = (k % 2) as usize;
        sums[part] = sums[part].add(&signed, inner);
        // a(k) = (n+k)!/(2^k k! (n-k)!).
        term =
            term.times((n as i64 + k + 1) * (n as i64 - k), inner).over(2 * (k + 1), inner).div(&x, inner)?;
    }
    let (s, c) = (sin(std::slice::from_ref(&x), inner)?, cos(std::slice::from_ref(&x), inner)?);
    // sin and cos of x - n pi/2.
    let (s, c) = match n % 4 {
        0 => (s, c),
        1 => (c.neg(), s),
        2 => (s.neg(), c.neg()),
        _ => (c, s.neg()),
    };
    s.mul(&sums[0], inner).add(&c.mul(&sums[1], inner), inner).div(&x, inner)
}

/// `sqrt(2/(pi x)) (cos(w) P - sin(w) Q)` with `w = x - n pi/2 - pi/4`.
fn hankel(n: u64, x: &Enclosure, precision: usize) -> Value {
    let inner = precision + 32 + x.greatest_magnitude(64).magnitude().max(0) as usize;
    let x = x.inexact(inner);
    let order = 4 * (n * n) as i64;
    let mut term = Enclosure::one().inexact(inner);
    let mut sums = [Enclosure::zero().inexact(inner), Enclosure::zero().inexact(inner)];
    let mut settled = [false, false];
    for k in 0i64.. {
        let part = (k % 2) as usize;
        // a(k)/x^k, with the sign of its sum.
        let signed = if (k / 2) % 2 == 1 { term.neg() } else { term.clone() };
        let small = term.greatest_magnitude(64).magnitude() < -(inner as isize);
        let growing = (2 * k + 1) as f64 > 2.0 * x.least_magnitude(64).to_f64();
        if (small || growing) && k / 2 > n as i64 / 2 {
            // The first term left out bounds the rest once so many terms are in.
            sums[part] = sums[part].widen(&signed, inner);
            settled[part] = true;
            if settled[0] && settled[1] {
                break;
            }
        } else if !settled[part] {
            sums[part] = sums[part].add(&signed, inner);
        }
        let odd = 2 * k + 1;
        term = term.times(order - odd * odd, inner).over(8 * (k + 1), inner).div(&x, inner)?;
    }
    let pi = pi_enclosure(inner)?;
    let angle = x.sub(&pi.times(2 * (n % 4) as i64 + 1, inner).scale(-2, inner), inner);
    let wave = cos(std::slice::from_ref(&angle), inner)?
        .mul(&sums[0], inner)
        .sub(&sin(&[angle], inner)?.mul(&sums[1], inner), inner);
    let scale = Enclosure::from_int(2).div(&pi.mul(&x, inner), inner)?.root(2, inner)?;
    Ok(scale.mul(&wave, inner))
}

/// I of order `n`, for a positive argument where `n` is even: all terms have one sign, and it rises.
fn bessel_i(n: u64, x: &Enclosure, precision: usize) -> Value {
    if x.is_exactly_zero() {
        return Ok(if n == 0 { Enclosure::one() } else { Enclosure::zero() });
    }
    super::error_function::at_ends(x, precision, |end| {
        let value = bessel_i_of_positive(n, &end.abs(), precision)?;
        Ok(if end.is_negative() && n % 2 == 1 { value.neg() } else { value })
    })
}

/// Bounds of I of order `n` far out: `exp(x)` above; below `exp(x)/(1 + 2x)` for order 0 (Luke 1972), times at least
/// `x/(k + sqrt(x^2 + k^2))` from each order to the next (Amos 1974), which falls with the order `k`.
fn bessel_i_between(n: u64, x: &Float) -> Value {
    const BITS: usize = 64;
    let (x, order) = (Enclosure::from_float(x.clone()), Enclosure::from_int(n));
    let above = exp(std::slice::from_ref(&x), BITS)?;
    let longest = order.add(&x.square(BITS).add(&order.square(BITS), BITS).root(2, BITS)?, BITS);
    let ratio = x.div(&longest, BITS)?.pow_int(&IBig::from(n), BITS)?;
    let below = above.mul(&ratio, BITS).div(&x.scale(1, BITS).add(&Enclosure::one(), BITS), BITS)?;
    Ok(below.hull(&above, BITS))
}

fn bessel_i_of_positive(n: u64, x: &Float, precision: usize) -> Value {
    if *x > Float::from_int(MODIFIED_LIMIT) {
        return bessel_i_between(n, x);
    }
    let inner = precision + 32;
    let size = x.to_f64();
    let half = Enclosure::from_float(x.scale(-1, Round::Down)).inexact(inner);
    let square = half.square(inner);
    let mut term = half.pow_int(&IBig::from(n), inner)?.inexact(inner);
    for k in 1..=n as i64 {
        term = term.over(k, inner);
    }
    let mut sum = term.clone();
    for k in 1i64.. {
        term = term.mul(&square, inner).over(k * (k + n as i64), inner);
        sum = sum.add(&term, inner);
        let small = term.is_below(sum.greatest_magnitude(64).magnitude() - inner as isize);
        // From here on each term is less than half of the one before.
        if small && (k * k) as f64 > size * size / 2.0 {
            return Ok(sum.add(&Enclosure::zero().hull(&term, inner), inner));
        }
    }
    Err(BigError::Undecided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_far_out_hold_where_the_series_goes() {
        for n in [0, 1, 5, 60] {
            for x in [1, 10, 300, MODIFIED_LIMIT] {
                let x = Float::from_int(x);
                let value = bessel_i_of_positive(n, &x, 128).expect("a value");
                let between = bessel_i_between(n, &x).expect("bounds");
                let order = value.compare(&between, 128);
                assert!(order.is_none(), "order {n} at {x:?}: {order:?}");
            }
        }
    }
}
