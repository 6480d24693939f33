//! Inverse functions: a root found by Newton's method in floats, and then enclosed, because a rising function that
//! is below the target on one side and above it on the other takes it in between.

use super::constants::e;
use super::elementary::{exp, log1p};
use super::error_function::{at_ends, erf, erfc};
use super::float::{Float, Round};
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// The `w` with `f(w) = target` for a rising `f` on the numbers near `start`. The function also gives its slope.
fn solve_rising(
    target: &Enclosure,
    start: Float,
    precision: usize,
    f: impl Fn(&Enclosure, usize) -> Result<(Enclosure, Enclosure), BigError>,
) -> Value {
    let inner = precision + 32;
    let mut w = start;
    // The steps double the digits: no more of them are carried than may be right.
    let mut working = inner.min(96);
    for _ in 0..80 + 2 * usize::BITS - 2 * inner.leading_zeros() {
        let (value, slope) = f(&Enclosure::from_float(w.clone()), working)?;
        let (slope, _) = slope.middle(working);
        if slope.is_zero() {
            return Err(BigError::Undecided);
        }
        let (residue, _) = value.sub(target, working).middle(working);
        let step = residue.div(&slope, working, Round::Down);
        w = w.sub(&step, inner, Round::Down);
        let right = if step.is_zero() { working as isize } else { w.magnitude() - step.magnitude() };
        if working == inner && right > inner as isize / 2 + 16 {
            break;
        }
        if right > working as isize / 3 {
            working = inner.min(2 * working);
        }
    }
    // Widen until both sides are decided.
    let unit = w.magnitude() - precision as isize;
    for widening in [0isize, 4, 8, 16, 24] {
        let gap = Float::power_of_two(unit + widening);
        let (lo, hi) = (w.sub(&gap, inner, Round::Down), w.add(&gap, inner, Round::Up));
        let (low, _) = f(&Enclosure::from_float(lo.clone()), inner)?;
        let (high, _) = f(&Enclosure::from_float(hi.clone()), inner)?;
        let below = low.compare(target, inner) == Some(std::cmp::Ordering::Less);
        let above = high.compare(target, inner) == Some(std::cmp::Ordering::Greater);
        if below && above {
            return Ok(Enclosure::between(lo, hi));
        }
    }
    Err(BigError::Undecided)
}

/// The inverse of the error function, for arguments between -1 and 1.
pub fn erfinv(args: &[Enclosure], precision: usize) -> Value {
    let y = &args[0];
    if y.is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    match y.abs().compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Less) => {}
        Some(_) => return Err(BigError::Domain),
        None => return Err(BigError::Undecided),
    }
    if let Some(value) = y.as_rational() {
        // Not through its ends: near 1 the complement must be exact.
        return erfinv_of(&Enclosure::from_rational(value.clone()), precision);
    }
    at_ends(y, precision, |end| erfinv_of(&Enclosure::from_float(end.clone()), precision))
}

fn erfinv_of(y: &Enclosure, precision: usize) -> Value {
    if y.is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    if y.decided_sign()? < 0 {
        return Ok(erfinv_of(&y.neg(), precision)?.neg());
    }
    let (size, _) = y.approximate();
    let two_over_root_pi =
        Enclosure::from_f64(std::f64::consts::FRAC_2_SQRT_PI).ok_or(BigError::Undecided)?;
    // The slope steers Newton's method; it need not be enclosed.
    let slope = |x: &Enclosure, inner: usize| -> Value {
        Ok(exp(&[x.square(inner).neg()], inner)?.mul(&two_over_root_pi, inner))
    };
    if size < 0.5 {
        let start = Float::from_f64(size * 0.886).ok_or(BigError::Undecided)?;
        let start = if start.is_zero() { y.middle(64).0 } else { start };
        return solve_rising(y, start, precision, |x, inner| {
            Ok((erf(std::slice::from_ref(x), inner)?, slope(x, inner)?))
        });
    }
    erfc_inverse(&Enclosure::one().sub(y, precision + 64), precision)
}

/// The inverse of the complementary error function, for arguments between 0 and 2.
pub fn erfcinv(args: &[Enclosure], precision: usize) -> Value {
    let y = &args[0];
    let two = Enclosure::from_int(2);
    match (y.compare(&Enclosure::zero(), precision), y.compare(&two, precision)) {
        (Some(std::cmp::Ordering::Greater), Some(std::cmp::Ordering::Less)) => {}
        (None, _) | (_, None) => return Err(BigError::Undecided),
        _ => return Err(BigError::Domain),
    }
    let at = |y: &Enclosure| -> Value {
        let distance = Enclosure::one().sub(y, precision + 64);
        let (size, _) = distance.approximate();
        if size < 0.5 { erfinv_of(&distance, precision) } else { erfc_inverse(y, precision) }
    };
    if y.as_rational().is_some() {
        return at(y);
    }
    at_ends(y, precision, |end| at(&Enclosure::from_float(end.clone())))
}

/// The inverse of erfc for a positive value of a half or less.
fn erfc_inverse(rest: &Enclosure, precision: usize) -> Value {
    // The slope steers Newton's method; it need not be enclosed.
    let two_over_root_pi =
        Enclosure::from_f64(std::f64::consts::FRAC_2_SQRT_PI).ok_or(BigError::Undecided)?;
    let slope = |x: &Enclosure, inner: usize| -> Value {
        Ok(exp(&[x.square(inner).neg()], inner)?.mul(&two_over_root_pi, inner))
    };
    if rest.decided_sign()? <= 0 {
        return Err(BigError::Undecided);
    }
    let target = super::elementary::log(std::slice::from_ref(rest), precision + 64)?.neg();
    let (logarithm, _) = target.approximate();
    // erfc(x) ~ exp(-x^2)/(x sqrt(pi)); the logarithm of erfc is nearly a parabola, so that Newton's method on it
    // does not overshoot.
    let rough = logarithm - 0.5 * std::f64::consts::PI.ln() - 0.5 * logarithm.max(0.25).ln();
    let start = Float::from_f64(rough.max(0.05).sqrt()).ok_or(BigError::Undecided)?;
    solve_rising(&target, start, precision, |x, inner| {
        let value = erfc(std::slice::from_ref(x), inner)?;
        let steep = slope(x, inner)?.div(&value, inner)?;
        Ok((super::elementary::log(&[value], inner)?.neg(), steep))
    })
}

/// The principal branch of Lambert's W: the `w >= -1` with `w exp(w) = x`, for `x` from -1/e.
pub fn lambertw(args: &[Enclosure], precision: usize) -> Value {
    branch(&args[0], precision, false)
}

/// The lower branch of Lambert's W: the `w <= -1` with `w exp(w) = x`, for `x` from -1/e up to 0.
pub fn lambertw_minus1(args: &[Enclosure], precision: usize) -> Value {
    if args[0].decided_sign()? >= 0 {
        return Err(BigError::Domain);
    }
    branch(&args[0], precision, true)
}

fn branch(x: &Enclosure, precision: usize, lower: bool) -> Value {
    if x.is_exactly_zero() {
        return Ok(Enclosure::zero());
    }
    let edge = Enclosure::one().div(&e(&[], precision + 16)?, precision + 16)?.neg();
    match x.compare(&edge, precision) {
        Some(std::cmp::Ordering::Greater) => {}
        Some(_) => return Err(BigError::Domain),
        None => return Err(BigError::Undecided),
    }
    at_ends(x, precision, |end| {
        let x = Enclosure::from_float(end.clone());
        if lower {
            // With w = -v, v - log(v) = -log(-x) and v > 1, where the left side rises.
            let target = super::elementary::log(&[x.neg()], precision + 64)?.neg();
            let (size, _) = target.approximate();
            let beyond = (2.0 * (size - 1.0).max(1e-12)).sqrt();
            let start = Float::from_f64(1.0 + beyond + beyond * beyond / 3.0).ok_or(BigError::Undecided)?;
            let root = solve_rising(&target, start, precision, |v, inner| {
                let value = v.sub(&super::elementary::log(std::slice::from_ref(v), inner)?, inner);
                Ok((value, Enclosure::one().sub(&Enclosure::one().div(v, inner)?, inner)))
            })?;
            return Ok(root.neg());
        }
        if end.is_zero() {
            return Ok(Enclosure::zero());
        }
        let (size, _) = x.approximate();
        let start = if size > 1e6 || size.is_infinite() {
            // In logarithms, so that large arguments do not overflow: w + log(w) = log(x).
            let target = super::elementary::log(&[x], precision + 64)?;
            let (rough, _) = target.approximate();
            let start = Float::from_f64(rough - rough.ln()).ok_or(BigError::Undecided)?;
            return solve_rising(&target, start, precision, |w, inner| {
                let value = w.add(&super::elementary::log(std::slice::from_ref(w), inner)?, inner);
                Ok((value, Enclosure::one().add(&Enclosure::one().div(w, inner)?, inner)))
            });
        } else if size < -0.25 {
            let beyond = (2.0 * (1.0 + std::f64::consts::E * size).max(1e-15)).sqrt();
            Float::from_f64(-1.0 + beyond - beyond * beyond / 3.0)
        } else if size.abs() < 1e-8 {
            Some(end.clone())
        } else {
            log1p(std::slice::from_ref(&x), 64).ok().map(|value| value.middle(64).0)
        }
        .ok_or(BigError::Undecided)?;
        solve_rising(&x, start, precision, |w, inner| {
            let growth = exp(std::slice::from_ref(w), inner)?;
            Ok((w.mul(&growth, inner), growth.mul(&w.add(&Enclosure::one(), inner), inner)))
        })
    })
}
