//! Powers and roots. Integer powers, roots of odd and even degree and general powers are different things.

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;

use super::enclosure::{Enclosure, bits};
use super::float::{Elementary, Float};
use super::{BigError, elementary};

/// Roots of a higher degree go through the logarithm.
const ROOT_LIMIT: u64 = 64;

/// Exact powers are tried where the result has no more bits than this.
const POWER_BITS: usize = 8192;

impl Enclosure {
    /// `x^n` for an integer `n`; `x^0` is 1 for every `x`. [`BigError::Domain`] for a negative power of zero.
    pub fn pow_int(&self, n: &IBig, precision: usize) -> Result<Enclosure, BigError> {
        if n.is_zero() {
            return Ok(Enclosure::one());
        }
        if n.sign() == Sign::Negative {
            if self.is_exactly_zero() {
                return Err(BigError::Domain);
            }
            if self.contains_zero() {
                return Err(BigError::Undecided);
            }
            if let Some(exact) = exact_power(self, n) {
                return Ok(exact);
            }
            let power = self.pow_int(&-n, precision)?;
            // A power so small that it may be zero has a reciprocal beyond all bounds.
            return if power.contains_zero() {
                Err(BigError::Overflow)
            } else {
                Enclosure::one().div(&power, precision)
            };
        }
        if let Some(exact) = exact_power(self, n) {
            return Ok(exact);
        }
        let n = n.unsigned_abs();
        let odd = n.bit(0);
        // Odd powers rise, even ones rise with the magnitude, so the ends do.
        let base = if odd { self.clone() } else { self.abs() };
        let (lo, hi) = base.ends(precision);
        let low = power_of_float(&lo, &n, precision)?.ends(precision).0;
        let high = power_of_float(&hi, &n, precision)?.ends(precision).1;
        Ok(Enclosure::between(low, high))
    }

    /// The root of an integer degree: for an odd one that of a negative number is negative, for an even one the
    /// number must not be negative.
    pub fn root(&self, degree: u64, precision: usize) -> Result<Enclosure, BigError> {
        if degree == 0 {
            return Err(BigError::Domain);
        }
        if degree == 1 {
            return Ok(self.clone());
        }
        if degree.is_multiple_of(2) {
            self.require_not_negative(precision)?;
        }
        if let Some(exact) = self.as_rational().and_then(|value| exact_root(value, degree)) {
            return Ok(Enclosure::from_rational(exact));
        }
        let (lo, hi) = self.ends(precision);
        let low = root_of_float(&lo, degree, precision)?;
        if lo == hi {
            return Ok(low);
        }
        let high = root_of_float(&hi, degree, precision)?;
        Ok(Enclosure::between(low.ends(precision).0, high.ends(precision).1))
    }

    /// `x^(p/q)` over the reals: for odd `q` the real root also of a negative `x`; for even `q`, `x` must not be
    /// negative. `q` is not zero; the fraction need not be in lowest terms.
    pub fn pow_rational(&self, exponent: &RBig, precision: usize) -> Result<Enclosure, BigError> {
        if exponent.is_int() {
            return self.pow_int(exponent.numerator(), precision);
        }
        let (p, q) = (exponent.numerator(), exponent.denominator());
        let even = !q.bit(0);
        if even {
            self.require_not_negative(precision)?;
        }
        if p.sign() == Sign::Negative {
            if self.is_exactly_zero() {
                return Err(BigError::Domain);
            }
            if self.contains_zero() {
                return Err(BigError::Undecided);
            }
        }
        match u64::try_from(q.clone()) {
            Ok(degree) if degree <= ROOT_LIMIT && p.bit_len() <= 64 => {
                // A few bits more: the power multiplies the relative error of the root.
                let inner = precision + p.bit_len() + 4;
                self.root(degree, inner)?.pow_int(p, inner)
            }
            _ => {
                let odd_power = p.unsigned_abs().bit(0);
                match self.decided_sign()? {
                    0 => Ok(Enclosure::zero()),
                    1 => self.pow_by_logarithm(&Enclosure::from_rational(exponent.clone()), precision),
                    _ => {
                        let value = self
                            .neg()
                            .pow_by_logarithm(&Enclosure::from_rational(exponent.clone()), precision)?;
                        Ok(if odd_power { value.neg() } else { value })
                    }
                }
            }
        }
    }

    /// `x^y` for a positive `x`, and for `x = 0` with a positive `y`. For constant rational exponents
    /// [`Enclosure::pow_rational`] is defined on more numbers.
    pub fn pow(&self, exponent: &Enclosure, precision: usize) -> Result<Enclosure, BigError> {
        match self.signum() {
            Some(-1) => return Err(BigError::Domain),
            Some(0) => {
                return match exponent.decided_sign()? {
                    1 => Ok(Enclosure::zero()),
                    _ => Err(BigError::Domain),
                };
            }
            Some(_) => {}
            None => return Err(BigError::Undecided),
        }
        match exponent.as_rational() {
            Some(exact) => self.pow_rational(exact, precision),
            None => self.pow_by_logarithm(exponent, precision),
        }
    }

    /// `exp(y log x)` for a positive `x`.
    fn pow_by_logarithm(&self, exponent: &Enclosure, precision: usize) -> Result<Enclosure, BigError> {
        let rough = elementary::log(std::slice::from_ref(self), 64)?.mul(exponent, 64);
        let magnitude = rough.greatest_magnitude(64).magnitude().clamp(0, 64) as usize;
        let inner = precision + magnitude + 4;
        let product = elementary::log(std::slice::from_ref(self), inner)?.mul(exponent, inner);
        elementary::exp(&[product], precision)
    }

    pub(super) fn require_not_negative(&self, precision: usize) -> Result<(), BigError> {
        let (lo, hi) = self.ends(precision);
        match (lo.is_negative(), hi.is_negative()) {
            (false, _) => Ok(()),
            (true, true) => Err(BigError::Domain),
            (true, false) => Err(BigError::Undecided),
        }
    }
}

/// The power as a function of two arguments: also defined for a base that is not positive where the exponent is
/// exactly a whole number.
pub fn pow(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    match args[1].as_int() {
        Some(whole) => args[0].pow_int(whole, precision),
        None => args[0].pow(&args[1], precision),
    }
}

/// The real root whose degree is the second argument, a whole number from 1 on.
pub fn root(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    match args[1].as_int() {
        Some(degree) if *degree >= IBig::ONE => {
            let degree = u64::try_from(degree.clone()).map_err(|_| BigError::Overflow)?;
            args[0].root(degree, precision)
        }
        None if !args[1].is_exact() => Err(BigError::Undecided),
        _ => Err(BigError::Domain),
    }
}

/// The exact power of an exact number, where it is short enough.
fn exact_power(base: &Enclosure, n: &IBig) -> Option<Enclosure> {
    let base = base.as_rational()?;
    if base.is_zero() {
        return Some(Enclosure::zero());
    }
    let magnitude_one = base.is_int() && base.numerator().unsigned_abs().is_one();
    if magnitude_one {
        let negative = base.sign() == Sign::Negative && n.bit(0);
        return Some(Enclosure::from_int(if negative { -1 } else { 1 }));
    }
    let count = usize::try_from(n.unsigned_abs()).ok()?;
    if bits(base).checked_mul(count)? > POWER_BITS {
        return None;
    }
    let top = base.numerator().pow(count);
    let bottom = base.denominator().pow(count);
    Some(Enclosure::from_rational(if n.sign() == Sign::Negative {
        RBig::from_parts_signed(IBig::from(bottom), top)
    } else {
        RBig::from_parts(top, bottom)
    }))
}

/// The exact root of an exact number, where it is rational.
fn exact_root(value: &RBig, degree: u64) -> Option<RBig> {
    if value.is_zero() || value.is_one() {
        return Some(value.clone());
    }
    let degree = usize::try_from(degree).ok()?;
    let whole_root = |x: &UBig| {
        if x.is_one() {
            return Some(UBig::ONE);
        }
        if degree >= x.bit_len() {
            return None;
        }
        let root = x.nth_root(degree);
        (root.pow(degree) == *x).then_some(root)
    };
    let top = whole_root(&value.numerator().unsigned_abs())?;
    let bottom = whole_root(value.denominator())?;
    Some(RBig::from_parts(IBig::from_parts(value.sign(), top), bottom))
}

/// A positive power of a number by repeated squaring.
fn power_of_float(base: &Float, n: &UBig, precision: usize) -> Result<Enclosure, BigError> {
    if base.is_infinite() {
        let limit = Float::power_of_two(super::float::LIMIT);
        let odd = n.bit(0);
        return Ok(if base.is_negative() && odd {
            Enclosure::between(Float::neg_infinity(), limit.neg())
        } else {
            Enclosure::between(limit, Float::infinity())
        });
    }
    // Each squaring doubles the relative error so far: as many bits more as there are squarings.
    let inner = precision + n.bit_len() + 4;
    let base = Enclosure::from_float(base.clone()).inexact(inner);
    let mut power = base.clone();
    for i in (0..n.bit_len() - 1).rev() {
        power = power.square(inner);
        if n.bit(i) {
            power = power.mul(&base, inner);
        }
    }
    Ok(power)
}

/// The root of a number; for an odd degree with its sign.
fn root_of_float(x: &Float, degree: u64, precision: usize) -> Result<Enclosure, BigError> {
    if x.is_negative() {
        return Ok(root_of_float(&x.neg(), degree, precision)?.neg());
    }
    if degree <= ROOT_LIMIT {
        let (lo, hi) = x.root(degree as usize, precision)?;
        return Ok(Enclosure::between(lo, hi));
    }
    if x.is_zero() {
        return Ok(Enclosure::zero());
    }
    let (lo, hi) = x.function(Elementary::Ln, precision + 4)?;
    let exponent = Enclosure::between(lo, hi).div(&Enclosure::from_int(degree), precision + 4)?;
    elementary::exp(&[exponent], precision)
}
