//! The enclosure and its arithmetic.

use std::cmp::Ordering;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;

use super::float::{Float, LIMIT, Round};
use super::{BigError, decimal};

/// Fractions of more bits than this, numerator and denominator together, are held as intervals.
const EXACT_BITS: usize = 8192;

/// An exact fraction, or an interval with big-float ends that contains the true value.
///
/// Sums, products, quotients and powers of exact numbers stay exact while they are not too long, so that
/// `floor(3*(1/3))` is decided. Ends may be unbounded: `exp(10^20)` is "very large".
#[derive(Clone, Debug)]
pub struct Enclosure(Value);

#[derive(Clone, Debug)]
enum Value {
    Exact(RBig),
    /// Lower end, upper end.
    Between(Float, Float),
}

impl Enclosure {
    // Making one.

    /// A whole number, exactly.
    pub fn from_int(value: impl Into<IBig>) -> Enclosure {
        Enclosure::from_rational(RBig::from(value.into()))
    }

    /// The fraction `numerator/denominator`, exactly; `None` if the denominator is zero.
    pub fn from_fraction(numerator: IBig, denominator: UBig) -> Option<Enclosure> {
        if denominator.is_zero() {
            return None;
        }
        Some(Enclosure::from_rational(RBig::from_parts(numerator, denominator)))
    }

    /// A fraction, exactly.
    pub fn from_rational(value: RBig) -> Enclosure {
        if bits(&value) <= EXACT_BITS {
            return Enclosure(Value::Exact(value));
        }
        let (lo, hi) = quotient_bounds(value.numerator(), value.denominator(), EXACT_BITS);
        Enclosure(Value::Between(lo, hi))
    }

    /// The exact value of a double; `None` for NaN and infinities.
    pub fn from_f64(value: f64) -> Option<Enclosure> {
        let float = Float::from_f64(value)?;
        Some(Enclosure(exact_value(&float).map_or(Value::Between(float.clone(), float), Value::Exact)))
    }

    /// The exact value of a decimal number as written: `12`, `0.1`, `1e-3`. `None` if it is not one, or if its
    /// exponent lies beyond 100,000.
    pub fn from_decimal(text: &str) -> Option<Enclosure> {
        decimal::parse(text).map(Enclosure::from_rational)
    }

    /// Everything from the one double to the other; `None` unless `low <= high`.
    pub fn from_bounds(low: f64, high: f64) -> Option<Enclosure> {
        let end = |x: f64| match x {
            f64::INFINITY => Some(Float::infinity()),
            f64::NEG_INFINITY => Some(Float::neg_infinity()),
            x => Float::from_f64(x),
        };
        let (low, high) = (end(low)?, end(high)?);
        (low <= high).then(|| Enclosure::between(low, high))
    }

    pub(super) fn between(lo: Float, hi: Float) -> Enclosure {
        debug_assert!(lo <= hi, "ends out of order: {lo:?} {hi:?}");
        if lo == hi && lo.is_finite() {
            return Enclosure::from_float(lo);
        }
        Enclosure(Value::Between(lo, hi))
    }

    /// An interval that stays one even when its ends meet: sums of many terms are quicker so than as fractions.
    fn interval(lo: Float, hi: Float) -> Enclosure {
        debug_assert!(lo <= hi, "ends out of order: {lo:?} {hi:?}");
        Enclosure(Value::Between(lo, hi))
    }

    pub(super) fn from_float(value: Float) -> Enclosure {
        match exact_value(&value) {
            Some(exact) => Enclosure(Value::Exact(exact)),
            None => Enclosure(Value::Between(value.clone(), value)),
        }
    }

    /// Zero.
    pub fn zero() -> Enclosure {
        Enclosure(Value::Exact(RBig::ZERO))
    }

    /// One.
    pub fn one() -> Enclosure {
        Enclosure(Value::Exact(RBig::ONE))
    }

    /// The smallest enclosure that contains both.
    pub fn hull(&self, other: &Enclosure, precision: usize) -> Enclosure {
        let (a, b) = self.ends(precision);
        let (c, d) = other.ends(precision);
        Enclosure::between(a.min(c), b.max(d))
    }

    /// The same enclosure, wider by `error` on both sides.
    pub fn widen(&self, error: &Enclosure, precision: usize) -> Enclosure {
        if error.is_exactly_zero() {
            return self.clone();
        }
        let (_, error) = error.abs().ends(precision);
        let (lo, hi) = self.ends(precision);
        Enclosure::between(lo.sub(&error, precision, Round::Down), hi.add(&error, precision, Round::Up))
    }

    // Looking at one.

    /// Lower and upper end, in `precision` bits where the value is not one of the ends.
    pub(super) fn ends(&self, precision: usize) -> (Float, Float) {
        match &self.0 {
            Value::Exact(value) => quotient_bounds(value.numerator(), value.denominator(), precision),
            Value::Between(lo, hi) => (lo.clone(), hi.clone()),
        }
    }

    /// The exact value, where it is held as such.
    pub fn as_rational(&self) -> Option<&RBig> {
        match &self.0 {
            Value::Exact(value) => Some(value),
            Value::Between(..) => None,
        }
    }

    /// The exact value, where it is a whole number.
    pub fn as_int(&self) -> Option<&IBig> {
        self.as_rational().filter(|value| value.is_int()).map(RBig::numerator)
    }

    /// Whether the value is known exactly.
    pub fn is_exact(&self) -> bool {
        match &self.0 {
            Value::Exact(_) => true,
            Value::Between(lo, hi) => lo == hi,
        }
    }

    /// Whether it is known to be zero.
    pub fn is_exactly_zero(&self) -> bool {
        match &self.0 {
            Value::Exact(value) => value.is_zero(),
            Value::Between(lo, hi) => lo.is_zero() && hi.is_zero(),
        }
    }

    /// Whether zero lies within.
    pub fn contains_zero(&self) -> bool {
        match &self.0 {
            Value::Exact(value) => value.is_zero(),
            Value::Between(lo, hi) => !lo.is_positive() && !hi.is_negative(),
        }
    }

    /// Whether a double lies within.
    pub fn contains(&self, value: f64) -> bool {
        match (&self.0, Enclosure::from_f64(value)) {
            (Value::Exact(own), Some(other)) => other.as_rational() == Some(own),
            (Value::Between(lo, hi), _) => {
                Float::from_f64(value).is_some_and(|value| *lo <= value && value <= *hi)
            }
            (Value::Exact(_), None) => false,
        }
    }

    /// -1, 0 or 1; `None` if undecided.
    pub fn signum(&self) -> Option<i32> {
        match &self.0 {
            Value::Exact(value) if value.is_zero() => Some(0),
            Value::Exact(value) => Some(if value.sign() == Sign::Negative { -1 } else { 1 }),
            Value::Between(lo, _) if lo.is_positive() => Some(1),
            Value::Between(_, hi) if hi.is_negative() => Some(-1),
            Value::Between(lo, hi) => (lo.is_zero() && hi.is_zero()).then_some(0),
        }
    }

    /// The least and the greatest sign that the value may have.
    pub fn sign_range(&self) -> (i32, i32) {
        let (lo, hi) = self.ends(64);
        (lo.signum(), hi.signum())
    }

    /// The sign, or why there is none.
    pub(super) fn decided_sign(&self) -> Result<i32, BigError> {
        self.signum().ok_or(BigError::Undecided)
    }

    /// How the two values compare; `None` where the enclosures leave it open.
    pub fn compare(&self, other: &Enclosure, precision: usize) -> Option<Ordering> {
        if let (Value::Exact(a), Value::Exact(b)) = (&self.0, &other.0) {
            return Some(a.cmp(b));
        }
        let (a, b) = self.ends(precision);
        let (c, d) = other.ends(precision);
        if b < c {
            Some(Ordering::Less)
        } else if d < a {
            Some(Ordering::Greater)
        } else {
            (a == b && c == d && a == c).then_some(Ordering::Equal)
        }
    }

    /// The double nearest to the value; `None` where the enclosure does not decide which one it is. Values beyond
    /// the doubles give an infinity, values below them zero.
    pub fn round_f64(&self) -> Option<f64> {
        let (lo, hi) = match &self.0 {
            Value::Exact(value) => return Some(quotient_f64(value.numerator(), value.denominator())),
            Value::Between(lo, hi) => (lo.to_f64(), hi.to_f64()),
        };
        // Zero comes in two signs.
        (lo == hi).then_some(if lo == 0.0 { 0.0 } else { lo })
    }

    /// A double within or next to the enclosure, and how far it may be from the value.
    pub fn approximate(&self) -> (f64, f64) {
        if let Value::Exact(value) = &self.0 {
            let nearest = quotient_f64(value.numerator(), value.denominator());
            let Some(float) = Float::from_f64(nearest) else { return (nearest, f64::INFINITY) };
            let (lo, hi) = self.ends(128);
            return (nearest, distance(&lo, &hi, &float));
        }
        let (lo, hi) = self.ends(128);
        let middle = lo.scale(-1, Round::Down).add(&hi.scale(-1, Round::Up), 64, Round::Down).to_f64();
        match Float::from_f64(middle) {
            Some(float) => (middle, distance(&lo, &hi, &float)),
            None => (middle, f64::INFINITY),
        }
    }

    // Arithmetic.

    /// The sum.
    pub fn add(&self, other: &Enclosure, precision: usize) -> Enclosure {
        if let (Value::Exact(a), Value::Exact(b)) = (&self.0, &other.0)
            && let Some(sum) = kept(a + b)
        {
            return sum;
        }
        let (a, b) = self.ends(precision);
        let (c, d) = other.ends(precision);
        Enclosure::interval(a.add(&c, precision, Round::Down), b.add(&d, precision, Round::Up))
    }

    /// The difference.
    pub fn sub(&self, other: &Enclosure, precision: usize) -> Enclosure {
        self.add(&other.neg(), precision)
    }

    /// The opposite.
    pub fn neg(&self) -> Enclosure {
        Enclosure(match &self.0 {
            Value::Exact(value) => Value::Exact(-value),
            Value::Between(lo, hi) => Value::Between(hi.neg(), lo.neg()),
        })
    }

    /// The product; exactly zero times anything is zero.
    pub fn mul(&self, other: &Enclosure, precision: usize) -> Enclosure {
        if let (Value::Exact(a), Value::Exact(b)) = (&self.0, &other.0)
            && let Some(product) = kept(a * b)
        {
            return product;
        }
        if self.is_exactly_zero() || other.is_exactly_zero() {
            return Enclosure::zero();
        }
        let (a, b) = self.ends(precision);
        let (c, d) = other.ends(precision);
        let down = |x: &Float, y: &Float| x.mul(y, precision, Round::Down);
        let up = |x: &Float, y: &Float| x.mul(y, precision, Round::Up);
        // By signs, so that two products do instead of eight.
        let (lo, hi) = match (a.is_negative(), b.is_positive(), c.is_negative(), d.is_positive()) {
            (false, _, false, _) => (down(&a, &c), up(&b, &d)),
            (false, _, true, false) => (down(&b, &c), up(&a, &d)),
            (false, _, true, true) => (down(&b, &c), up(&b, &d)),
            (true, false, false, _) => (down(&a, &d), up(&b, &c)),
            (true, true, false, _) => (down(&a, &d), up(&b, &d)),
            (true, false, true, false) => (down(&b, &d), up(&a, &c)),
            (true, false, true, true) => (down(&a, &d), up(&a, &c)),
            (true, true, true, false) => (down(&b, &c), up(&a, &c)),
            (true, true, true, true) => (down(&a, &d).min(down(&b, &c)), up(&a, &c).max(up(&b, &d))),
        };
        Enclosure::interval(lo, hi)
    }

    /// The square, never negative.
    pub fn square(&self, precision: usize) -> Enclosure {
        let magnitude = self.abs();
        magnitude.mul(&magnitude, precision)
    }

    /// The quotient. [`BigError::Domain`] if the divisor is exactly zero, [`BigError::Undecided`] if it may be.
    pub fn div(&self, other: &Enclosure, precision: usize) -> Result<Enclosure, BigError> {
        if other.is_exactly_zero() {
            return Err(BigError::Domain);
        }
        if other.contains_zero() {
            return Err(BigError::Undecided);
        }
        if let (Value::Exact(a), Value::Exact(b)) = (&self.0, &other.0)
            && let Some(quotient) = kept(a / b)
        {
            return Ok(quotient);
        }
        if self.is_exactly_zero() {
            return Ok(Enclosure::zero());
        }
        let (a, b) = self.ends(precision);
        let (mut c, mut d) = other.ends(precision);
        let (mut a, mut b) = if c.is_negative() {
            (c, d) = (d.neg(), c.neg());
            (b.neg(), a.neg())
        } else {
            (a, b)
        };
        // The divisor is positive now.
        a = a.div(if a.is_negative() { &c } else { &d }, precision, Round::Down);
        b = b.div(if b.is_negative() { &d } else { &c }, precision, Round::Up);
        Ok(Enclosure::interval(a, b))
    }

    /// The absolute value.
    pub fn abs(&self) -> Enclosure {
        match &self.0 {
            Value::Exact(value) if value.sign() == Sign::Negative => Enclosure(Value::Exact(-value)),
            Value::Between(_, hi) if !hi.is_positive() => self.neg(),
            Value::Between(lo, hi) if lo.is_negative() => {
                Enclosure(Value::Between(Float::zero(), lo.neg().max(hi.clone())))
            }
            _ => self.clone(),
        }
    }

    /// The smaller of the two.
    pub fn min(&self, other: &Enclosure, precision: usize) -> Enclosure {
        match self.compare(other, precision) {
            Some(Ordering::Greater) => other.clone(),
            Some(_) => self.clone(),
            None => {
                let (a, b) = self.ends(precision);
                let (c, d) = other.ends(precision);
                Enclosure::interval(a.min(c), b.min(d))
            }
        }
    }

    /// The larger of the two.
    pub fn max(&self, other: &Enclosure, precision: usize) -> Enclosure {
        self.neg().min(&other.neg(), precision).neg()
    }

    /// Times `2^shift`.
    pub(super) fn scale(&self, shift: isize, precision: usize) -> Enclosure {
        let (lo, hi) = self.ends(precision);
        Enclosure::interval(lo.scale(shift, Round::Down), hi.scale(shift, Round::Up))
    }

    /// Times a whole number.
    pub(super) fn times(&self, factor: i64, precision: usize) -> Enclosure {
        self.mul(&Enclosure::from_int(factor), precision)
    }

    /// Divided by a whole number that is not zero.
    pub(super) fn over(&self, divisor: i64, precision: usize) -> Enclosure {
        debug_assert!(divisor != 0);
        self.div(&Enclosure::from_int(divisor), precision).unwrap_or_else(|_| Enclosure::zero())
    }

    /// A number within or next to the enclosure, and a bound on the distance to the value.
    pub(super) fn middle(&self, precision: usize) -> (Float, Float) {
        let (lo, hi) = self.ends(precision);
        if lo == hi {
            return (lo, Float::zero());
        }
        let sum = lo.scale(-1, Round::Down).add(&hi.scale(-1, Round::Up), precision, Round::Down);
        let radius = hi.sub(&sum, 64, Round::Up).max(sum.sub(&lo, 64, Round::Up));
        (sum, radius)
    }

    /// The same value as an interval of no more than `precision` bits, for long sums that exact fractions would
    /// make slow.
    pub(super) fn inexact(&self, precision: usize) -> Enclosure {
        let (lo, hi) = self.ends(precision);
        Enclosure(Value::Between(lo.round(precision, Round::Down), hi.round(precision, Round::Up)))
    }

    /// The smallest magnitude it may have.
    pub(super) fn least_magnitude(&self, precision: usize) -> Float {
        self.abs().ends(precision).0
    }

    /// Whether its magnitude is below `2^(k - 1)`, or below all that is held: what is next to zero ends a sum that is
    /// itself next to zero, or zero so far.
    pub(super) fn is_below(&self, k: isize) -> bool {
        self.greatest_magnitude(64).magnitude() < k.max(2 - LIMIT)
    }

    /// The largest magnitude it may have.
    pub(super) fn greatest_magnitude(&self, precision: usize) -> Float {
        self.abs().ends(precision).1
    }
}

/// The bits of numerator and denominator.
pub(super) fn bits(value: &RBig) -> usize {
    value.numerator().unsigned_abs().bit_len() + value.denominator().bit_len()
}

/// The result of exact arithmetic, where it is short enough.
fn kept(value: RBig) -> Option<Enclosure> {
    (bits(&value) <= EXACT_BITS).then_some(Enclosure(Value::Exact(value)))
}

/// A float as a fraction, where that is short enough.
fn exact_value(value: &Float) -> Option<RBig> {
    if value.is_infinite() || value.exponent().unsigned_abs() > EXACT_BITS / 2 {
        return None;
    }
    let digits = value.significand();
    if digits.unsigned_abs().bit_len() > EXACT_BITS / 2 {
        return None;
    }
    let shift = value.exponent().unsigned_abs();
    Some(if value.exponent() >= 0 {
        RBig::from(digits << shift)
    } else {
        RBig::from_parts(digits.clone(), UBig::ONE << shift)
    })
}

/// Bounds of a fraction.
fn quotient_bounds(numerator: &IBig, denominator: &UBig, precision: usize) -> (Float, Float) {
    let top = Float::from_int(numerator.clone());
    if denominator.bit_len() == denominator.trailing_zeros().unwrap_or(0) + 1 {
        // The denominator is a power of two.
        let exact = top.scale(1 - denominator.bit_len() as isize, Round::Down);
        return (exact.clone(), exact);
    }
    let bottom = Float::from_int(denominator.clone());
    (top.div(&bottom, precision, Round::Down), top.div(&bottom, precision, Round::Up))
}

/// The double nearest to a fraction, ties to even.
fn quotient_f64(numerator: &IBig, denominator: &UBig) -> f64 {
    let digits = numerator.unsigned_abs();
    // A quotient of at least 66 bits, with a last bit that tells whether there is a remainder: enough to round by.
    let shift = (66 + denominator.bit_len() as isize - digits.bit_len() as isize).max(0);
    let (quotient, rest) = {
        use dashu_int::ops::DivRem;
        (digits << shift as usize).div_rem(denominator)
    };
    let sticky = if rest.is_zero() { UBig::ZERO } else { UBig::ONE };
    let significand = IBig::from((quotient << 1) + sticky);
    let magnitude = Float::from_parts(significand, -shift - 1).to_f64();
    if numerator.sign() == Sign::Negative { -magnitude } else { magnitude }
}

/// The larger distance of a number from the two ends, rounded up.
fn distance(lo: &Float, hi: &Float, middle: &Float) -> f64 {
    let far = hi.sub(middle, 64, Round::Up).max(middle.sub(lo, 64, Round::Up));
    if far.is_zero() {
        return 0.0;
    }
    far.to_f64().next_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_round_to_even() {
        let fraction = |n: i64, d: u64| quotient_f64(&IBig::from(n), &UBig::from(d));
        assert_eq!(fraction(1, 3), 1.0 / 3.0);
        assert_eq!(fraction(-2, 7), -2.0 / 7.0);
        assert_eq!(fraction((1 << 54) + 1, 1), (1u64 << 54) as f64);
        assert_eq!(fraction((1 << 54) + 3, 1), ((1u64 << 54) + 4) as f64);
        assert_eq!(quotient_f64(&IBig::ONE, &(UBig::ONE << 1074)), f64::from_bits(1));
        assert_eq!(quotient_f64(&IBig::ONE, &(UBig::ONE << 1075)), 0.0);
        assert_eq!(quotient_f64(&IBig::from(3), &(UBig::ONE << 1076)), f64::from_bits(1));
        assert_eq!(quotient_f64(&(IBig::ONE << 1024), &UBig::ONE), f64::INFINITY);
    }
}
