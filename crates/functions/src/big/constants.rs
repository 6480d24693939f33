//! Constants.

use std::cell::RefCell;

use super::float::{Elementary, Float};
use super::{BigError, Enclosure, elementary, gamma};

type Value = Result<Enclosure, BigError>;

thread_local! {
    /// The widest precision asked so far of those constants that dashu-float does not keep.
    static EULER_GAMMA: RefCell<Option<(usize, Enclosure)>> = const { RefCell::new(None) };
    static CATALAN: RefCell<Option<(usize, Enclosure)>> = const { RefCell::new(None) };
}

/// The circle's number.
pub fn pi(_args: &[Enclosure], precision: usize) -> Value {
    pi_enclosure(precision)
}

pub(super) fn pi_enclosure(precision: usize) -> Value {
    let (lo, hi) = Float::pi(precision)?;
    Ok(Enclosure::between(lo, hi))
}

/// Euler's number.
pub fn e(_args: &[Enclosure], precision: usize) -> Value {
    let (lo, hi) = Float::one().function(Elementary::Exp, precision)?;
    Ok(Enclosure::between(lo, hi))
}

/// The Euler-Mascheroni constant, 0.5772...
pub fn euler_gamma(_args: &[Enclosure], precision: usize) -> Value {
    cached(&EULER_GAMMA, precision, |precision| Ok(gamma::digamma(&[Enclosure::one()], precision)?.neg()))
}

/// Catalan's constant, 0.9159...
pub fn catalan(_args: &[Enclosure], precision: usize) -> Value {
    cached(&CATALAN, precision, |precision| {
        // G = pi/8 log(2 + sqrt 3) + 3/8 sum 1/((2k+1)^2 binomial(2k, k)); each term is less than a quarter of the
        // one before, so what is left out is less than a third of the last one.
        let inner = precision + 16;
        let mut sum = Enclosure::zero().inexact(inner);
        let mut reciprocal = Enclosure::one().inexact(inner);
        for k in 0..inner as i64 {
            let odd = 2 * k + 1;
            let term = reciprocal.over(odd * odd, inner);
            sum = sum.add(&term, inner);
            // binomial(2k+2, k+1) = binomial(2k, k) * 2(2k+1)/(k+1).
            reciprocal = reciprocal.times(k + 1, inner).over(2 * odd, inner);
            if term.greatest_magnitude(inner).magnitude() < -(inner as isize) {
                sum = sum.add(&Enclosure::zero().hull(&term, inner), inner);
                break;
            }
        }
        let root = Enclosure::from_int(3).root(2, inner)?.add(&Enclosure::from_int(2), inner);
        let logarithm = elementary::log(&[root], inner)?;
        let first = pi_enclosure(inner)?.mul(&logarithm, inner);
        Ok(first.add(&sum.times(3, inner), inner).over(8, inner))
    })
}

/// The value from the cache where it has enough bits; else computed and kept.
fn cached(
    cache: &'static std::thread::LocalKey<RefCell<Option<(usize, Enclosure)>>>,
    precision: usize,
    compute: impl FnOnce(usize) -> Value,
) -> Value {
    let known = cache.with_borrow(|known| match known {
        Some((bits, value)) if *bits >= precision => Some(value.clone()),
        _ => None,
    });
    if let Some(value) = known {
        return Ok(value);
    }
    let value = compute(precision)?;
    cache.set(Some((precision, value.clone())));
    Ok(value)
}
