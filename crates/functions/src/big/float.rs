//! One end of an enclosure: a binary big float or an infinity, with every operation rounded down or up.

use std::cell::RefCell;
use std::cmp::Ordering;

use dashu_float::round::mode;
use dashu_float::{ConstCache, Context, FBig, FpError, Repr};
use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use super::BigError;

/// Numbers of a magnitude beyond `2^LIMIT` are held as unbounded, those below `2^-LIMIT` as next to zero.
pub(super) const LIMIT: isize = 1 << 40;

/// Arguments of sine and cosine beyond `2^TRIGONOMETRIC_LIMIT` would take a second and more to reduce.
const TRIGONOMETRIC_LIMIT: isize = 20_000;

/// The side to which an operation rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// To the next number that is not larger.
    Down,
    /// To the next number that is not smaller.
    Up,
}

/// A binary float of any precision, or an infinity that stands for "no bound on this side".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Float(Repr<2>);

/// Functions of one argument that dashu-float computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elementary {
    Exp,
    ExpM1,
    Ln,
    Ln1p,
    Log2,
    Log10,
    Sin,
    Cos,
    Asin,
    Acos,
    Atan,
    Asinh,
    Acosh,
    Atanh,
    Sinh,
    Cosh,
    Tanh,
}

thread_local! {
    /// Digits of pi, log 2 and their like, which dashu-float extends as precision rises.
    static CONSTANTS: RefCell<ConstCache> = const { RefCell::new(ConstCache::new()) };
}

/// Evaluates an expression in a context that rounds to the given side.
macro_rules! directed {
    ($round:expr, $precision:expr, |$context:ident| $body:expr) => {
        match $round {
            Round::Down => {
                let $context = Context::<mode::Down>::new($precision);
                Float::finish($body.map(|value| value.value().into_repr()), Round::Down)
            }
            Round::Up => {
                let $context = Context::<mode::Up>::new($precision);
                Float::finish($body.map(|value| value.value().into_repr()), Round::Up)
            }
        }
    };
}

impl Float {
    pub fn zero() -> Float {
        Float(Repr::zero())
    }

    pub fn one() -> Float {
        Float(Repr::one())
    }

    pub fn infinity() -> Float {
        Float(Repr::infinity())
    }

    pub fn neg_infinity() -> Float {
        Float(Repr::neg_infinity())
    }

    pub fn from_int(value: impl Into<IBig>) -> Float {
        Float(Repr::new(value.into(), 0))
    }

    /// `significand * 2^exponent`.
    pub fn from_parts(significand: IBig, exponent: isize) -> Float {
        Float(Repr::new(significand, exponent))
    }

    /// `2^exponent`.
    pub fn power_of_two(exponent: isize) -> Float {
        Float(Repr::new(IBig::ONE, exponent))
    }

    pub fn significand(&self) -> &IBig {
        self.0.significand()
    }

    pub fn exponent(&self) -> isize {
        self.0.exponent()
    }

    pub fn is_infinite(&self) -> bool {
        self.0.is_infinite()
    }

    pub fn is_zero(&self) -> bool {
        self.is_finite() && self.0.significand().is_zero()
    }

    pub fn is_finite(&self) -> bool {
        !self.0.is_infinite()
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        if self.is_zero() {
            0
        } else if self.0.sign() == Sign::Negative {
            -1
        } else {
            1
        }
    }

    pub fn is_positive(&self) -> bool {
        self.signum() > 0
    }

    pub fn is_negative(&self) -> bool {
        self.signum() < 0
    }

    /// The `k` with `2^(k-1) <= |x| < 2^k`; `-2^60` for zero and `2^60` for infinities, so that it can be reckoned with.
    pub fn magnitude(&self) -> isize {
        if self.is_infinite() {
            1 << 60
        } else if self.is_zero() {
            -(1 << 60)
        } else {
            self.exponent() + self.significand().unsigned_abs().bit_len() as isize
        }
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        self.is_finite() && (self.is_zero() || self.exponent() >= 0)
    }

    /// Keeps magnitudes within the limit, to the safe side.
    fn finish(result: Result<Repr<2>, FpError>, round: Round) -> Result<Float, BigError> {
        let sign = match result {
            Ok(repr) if repr.is_infinite() => return Ok(Float::huge(repr.sign(), round)),
            Ok(repr) => {
                let value = Float(repr);
                if value.is_zero() {
                    // A negative zero would compare as smaller than zero.
                    return Ok(Float::zero());
                }
                let magnitude = value.magnitude();
                if magnitude > LIMIT {
                    return Ok(Float::huge(value.0.sign(), round));
                }
                if magnitude < -LIMIT {
                    return Ok(Float::tiny(value.0.sign(), round));
                }
                return Ok(value);
            }
            Err(FpError::Overflow(sign)) => return Ok(Float::huge(sign, round)),
            Err(FpError::Underflow(sign)) => sign,
            Err(FpError::ZivRetryLimitExceeded) => return Err(BigError::Undecided),
            Err(FpError::OutOfDomain | FpError::Indeterminate) => return Err(BigError::Domain),
            Err(FpError::InfiniteInput) => return Err(BigError::Overflow),
        };
        Ok(Float::tiny(sign, round))
    }

    fn huge(sign: Sign, round: Round) -> Float {
        match (sign, round) {
            (Sign::Positive, Round::Up) => Float::infinity(),
            (Sign::Positive, Round::Down) => Float::power_of_two(LIMIT),
            (Sign::Negative, Round::Up) => Float::power_of_two(LIMIT).neg(),
            (Sign::Negative, Round::Down) => Float::neg_infinity(),
        }
    }

    fn tiny(sign: Sign, round: Round) -> Float {
        match (sign, round) {
            (Sign::Positive, Round::Up) => Float::power_of_two(-LIMIT),
            (Sign::Positive, Round::Down) | (Sign::Negative, Round::Up) => Float::zero(),
            (Sign::Negative, Round::Down) => Float::power_of_two(-LIMIT).neg(),
        }
    }

    pub fn neg(&self) -> Float {
        if self.is_zero() { Float::zero() } else { Float(-self.0.clone()) }
    }

    pub fn abs(&self) -> Float {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// `x * 2^shift`, exact unless it leaves the range, where it goes to the safe side.
    pub fn scale(&self, shift: isize, round: Round) -> Float {
        if self.is_infinite() || self.is_zero() {
            return self.clone();
        }
        let shifted = Repr::new(self.significand().clone(), self.exponent().saturating_add(shift));
        Float::finish(Ok(shifted), round).unwrap_or_else(|_| Float::zero())
    }

    /// The sum. Of two infinities of different sign, the one on the safe side.
    pub fn add(&self, other: &Float, precision: usize, round: Round) -> Float {
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) if self != other => match round {
                Round::Down => Float::neg_infinity(),
                Round::Up => Float::infinity(),
            },
            (true, _) => self.clone(),
            (_, true) => other.clone(),
            _ => {
                directed!(round, precision, |c| c.add(&self.0, &other.0)).unwrap_or_else(|_| unbounded(round))
            }
        }
    }

    pub fn sub(&self, other: &Float, precision: usize, round: Round) -> Float {
        self.add(&other.neg(), precision, round)
    }

    /// The product; zero times an infinity is zero, since an infinity stands for an absent bound.
    pub fn mul(&self, other: &Float, precision: usize, round: Round) -> Float {
        if self.is_zero() || other.is_zero() {
            return Float::zero();
        }
        if self.is_infinite() || other.is_infinite() {
            return if self.signum() * other.signum() > 0 {
                Float::infinity()
            } else {
                Float::neg_infinity()
            };
        }
        directed!(round, precision, |c| c.mul(&self.0, &other.0)).unwrap_or_else(|_| unbounded(round))
    }

    /// The quotient; the divisor is not zero. A quotient of infinities is taken to be unbounded or zero, whichever
    /// is safe.
    pub fn div(&self, other: &Float, precision: usize, round: Round) -> Float {
        if self.is_zero() {
            return Float::zero();
        }
        let sign = self.signum() * other.signum();
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => match (sign > 0, round) {
                (true, Round::Down) | (false, Round::Up) => Float::zero(),
                (true, Round::Up) => Float::infinity(),
                (false, Round::Down) => Float::neg_infinity(),
            },
            (true, false) if sign > 0 => Float::infinity(),
            (true, false) => Float::neg_infinity(),
            (false, true) => Float::zero(),
            _ if other.is_zero() => unbounded(round),
            _ => {
                directed!(round, precision, |c| c.div(&self.0, &other.0)).unwrap_or_else(|_| unbounded(round))
            }
        }
    }

    /// At most `precision` bits.
    pub fn round(&self, precision: usize, round: Round) -> Float {
        self.add(&Float::zero(), precision, round)
    }

    /// The nearest integer on the given side; `None` where it would not fit into the bits of an ordinary number.
    pub fn to_integer(&self, round: Round) -> Option<IBig> {
        if self.magnitude() > 1 << 16 {
            return None;
        }
        if self.is_zero() {
            return Some(IBig::ZERO);
        }
        let exponent = self.exponent();
        if exponent >= 0 {
            return Some(self.significand() << exponent as usize);
        }
        // Below one half in magnitude shifting would go past the digits.
        if self.magnitude() < 0 {
            return Some(match (round, self.is_negative()) {
                (Round::Down, true) => IBig::NEG_ONE,
                (Round::Up, false) => IBig::ONE,
                _ => IBig::ZERO,
            });
        }
        let floor = self.significand() >> exponent.unsigned_abs();
        Some(if round == Round::Up && !self.is_integer() { floor + IBig::ONE } else { floor })
    }

    /// The nearest double, ties to even; an infinity beyond the doubles.
    pub fn to_f64(&self) -> f64 {
        if self.is_infinite() {
            return if self.is_negative() { f64::NEG_INFINITY } else { f64::INFINITY };
        }
        if self.is_zero() {
            return 0.0;
        }
        let magnitude = self.magnitude();
        let sign = if self.is_negative() { -1.0 } else { 1.0 };
        if magnitude > 1024 {
            return sign * f64::INFINITY;
        }
        if magnitude < -1080 {
            return sign * 0.0;
        }
        // Subnormal doubles have fewer bits: the unit in the last place is never below 2^-1074.
        let unit = (magnitude - 53).max(-1074);
        let digits = self.significand().unsigned_abs();
        let drop = unit - self.exponent();
        let rounded =
            if drop <= 0 { digits << drop.unsigned_abs() } else { round_half_even(&digits, drop as usize) };
        let rounded = u64::try_from(rounded).unwrap_or(u64::MAX);
        sign * scale_f64(rounded as f64, unit)
    }

    /// The exact value of a finite double.
    pub fn from_f64(value: f64) -> Option<Float> {
        if !value.is_finite() {
            return None;
        }
        if value == 0.0 {
            return Some(Float::zero());
        }
        let bits = value.to_bits();
        let raw = ((bits >> 52) & 0x7ff) as isize;
        let fraction = bits & ((1 << 52) - 1);
        let (digits, exponent) = if raw == 0 { (fraction, -1074) } else { (fraction | 1 << 52, raw - 1075) };
        let significand = IBig::from(digits);
        Some(Float::from_parts(if value < 0.0 { -significand } else { significand }, exponent))
    }

    /// Bounds of a function at a number. The argument lies in the domain, poles excluded.
    ///
    /// dashu-float rounds correctly to the nearest; the bounds are a unit in the last place to either side of that,
    /// which leaves room for a misrounding, and is quicker than rounding twice: close to an exact value, such as
    /// `exp(2^-1000)`, directed rounding needs thousands of digits and rounding to nearest none.
    pub fn function(&self, f: Elementary, precision: usize) -> Result<(Float, Float), BigError> {
        if let Some(bounds) = self.function_at_limits(f, precision) {
            return bounds;
        }
        let context = Context::<mode::HalfEven>::new(precision);
        let x = &self.0;
        let result = CONSTANTS.with_borrow_mut(|cache| {
            let cache = Some(cache);
            match f {
                Elementary::Exp => context.exp(x, cache),
                Elementary::ExpM1 => context.exp_m1(x, cache),
                Elementary::Ln => context.ln(x, cache),
                Elementary::Ln1p => context.ln_1p(x, cache),
                Elementary::Log2 => context.log2(x, cache),
                Elementary::Log10 => context.log10(x, cache),
                Elementary::Sin => context.sin(x, cache),
                Elementary::Cos => context.cos(x, cache),
                Elementary::Asin => context.asin(x, cache),
                Elementary::Acos => context.acos(x, cache),
                Elementary::Atan => context.atan(x, cache),
                Elementary::Asinh => context.asinh(x, cache),
                Elementary::Acosh => context.acosh(x, cache),
                Elementary::Atanh => context.atanh(x, cache),
                Elementary::Sinh => context.sinh(x, cache),
                Elementary::Cosh => context.cosh(x, cache),
                Elementary::Tanh => context.tanh(x, cache),
            }
        });
        around(result, precision)
    }

    /// Bounds at infinities, at exact values, and where an argument is too large to go through dashu-float.
    fn function_at_limits(
        &self,
        f: Elementary,
        precision: usize,
    ) -> Option<Result<(Float, Float), BigError>> {
        use Elementary::*;
        let exactly = |x: Float| Some(Ok((x.clone(), x)));
        if self.is_zero() {
            return match f {
                Exp | Cos | Cosh => exactly(Float::one()),
                ExpM1 | Ln1p | Sin | Asin | Atan | Asinh | Atanh | Sinh | Tanh => exactly(Float::zero()),
                Acos => None,
                Ln | Log2 | Log10 | Acosh => Some(Err(BigError::Domain)),
            };
        }
        if matches!(f, Ln | Log2 | Log10 | Acosh | Acos) && *self == Float::one() {
            return exactly(Float::zero());
        }
        let negative = self.is_negative();
        if self.magnitude() < -(precision as isize) {
            return self.function_near_zero(f, precision).map(Ok);
        }
        match f {
            Exp | ExpM1 if self.magnitude() > 42 => Some(Ok(match (negative, f == Exp) {
                (false, _) => (Float::power_of_two(LIMIT), Float::infinity()),
                (true, true) => (Float::zero(), Float::power_of_two(-LIMIT)),
                (true, false) => (
                    Float::one().neg(),
                    Float::power_of_two(-(precision as isize)).sub(&Float::one(), precision, Round::Up),
                ),
            })),
            Sinh | Cosh if self.magnitude() > 42 => Some(Ok(if negative && f == Sinh {
                (Float::neg_infinity(), Float::power_of_two(LIMIT).neg())
            } else {
                (Float::power_of_two(LIMIT), Float::infinity())
            })),
            Tanh if self.magnitude() > (usize::BITS - precision.leading_zeros()) as isize + 1 => {
                // 1 - tanh(x) < 2 exp(-2x), far below a unit in the last place.
                let below =
                    Float::one().sub(&Float::power_of_two(-(precision as isize)), precision, Round::Down);
                Some(Ok(if negative { (Float::one().neg(), below.neg()) } else { (below, Float::one()) }))
            }
            Sin | Cos if self.magnitude() > TRIGONOMETRIC_LIMIT => Some(Err(BigError::Overflow)),
            Ln | Ln1p | Log2 | Log10 | Asinh | Acosh if self.is_infinite() => {
                let bound = Float::from_int(1 << 20);
                Some(Ok(if negative {
                    (Float::neg_infinity(), bound.neg())
                } else {
                    (bound, Float::infinity())
                }))
            }
            // ln(2|x|) to less than 1/x^2, without the square of the argument.
            Asinh | Acosh if self.magnitude() > precision as isize => {
                let (Ok(log), Ok(two)) =
                    (self.abs().function(Ln, precision), Float::from_int(2).function(Ln, precision))
                else {
                    return Some(Err(BigError::Undecided));
                };
                let gap = Float::power_of_two(-2 * precision as isize);
                let lo = log.0.add(&two.0, precision, Round::Down).sub(&gap, precision, Round::Down);
                let hi = log.1.add(&two.1, precision, Round::Up).add(&gap, precision, Round::Up);
                Some(Ok(if negative { (hi.neg(), lo.neg()) } else { (lo, hi) }))
            }
            Atan if self.magnitude() > precision as isize => {
                let Ok((lo, hi)) = Float::pi(precision) else { return Some(Err(BigError::Undecided)) };
                // pi/2 - atan(x) < 1/x.
                let gap = if self.is_infinite() {
                    Float::zero()
                } else {
                    Float::one().div(&self.abs(), precision, Round::Up)
                };
                let lo = lo.scale(-1, Round::Down).sub(&gap, precision, Round::Down);
                let hi = hi.scale(-1, Round::Up);
                Some(Ok(if negative { (hi.neg(), lo.neg()) } else { (lo, hi) }))
            }
            _ => None,
        }
    }

    /// Bounds at an argument below `2^-precision`, where each function is its argument or one but for a relative
    /// error of less than that.
    fn function_near_zero(&self, f: Elementary, precision: usize) -> Option<(Float, Float)> {
        use Elementary::*;
        let unit = Float::power_of_two(-(precision as isize));
        let above_one = || Float::one().add(&unit, precision + 1, Round::Up);
        let below_one = || Float::one().sub(&unit, precision + 1, Round::Down);
        match f {
            ExpM1 | Ln1p | Sin | Asin | Atan | Asinh | Atanh | Sinh | Tanh => {
                let gap = self.abs().mul(&unit, precision, Round::Up);
                Some((self.sub(&gap, precision + 1, Round::Down), self.add(&gap, precision + 1, Round::Up)))
            }
            Cos => Some((below_one(), Float::one())),
            Cosh => Some((Float::one(), above_one())),
            Exp if self.is_negative() => Some((below_one(), Float::one())),
            Exp => Some((Float::one(), above_one())),
            Ln | Log2 | Log10 | Acos | Acosh => None,
        }
    }

    /// Bounds of the `n`-th root of a number that is not negative.
    pub fn root(&self, n: usize, precision: usize) -> Result<(Float, Float), BigError> {
        if self.is_zero() || self.is_infinite() || *self == Float::one() {
            return Ok((self.clone(), self.clone()));
        }
        let context = Context::<mode::HalfEven>::new(precision);
        around(if n == 2 { context.sqrt(&self.0) } else { context.nth_root(n, &self.0) }, precision)
    }

    /// Bounds of pi.
    pub fn pi(precision: usize) -> Result<(Float, Float), BigError> {
        let value = CONSTANTS.with_borrow_mut(|cache| cache.pi::<2, mode::HalfEven>(precision));
        around(Ok(value), precision)
    }
}

/// The absent bound on a side.
fn unbounded(round: Round) -> Float {
    match round {
        Round::Down => Float::neg_infinity(),
        Round::Up => Float::infinity(),
    }
}

/// A unit in the last place to either side of a value that was rounded to nearest.
fn around(
    result: Result<dashu_base::Approximation<FBig<mode::HalfEven, 2>, dashu_float::round::Rounding>, FpError>,
    precision: usize,
) -> Result<(Float, Float), BigError> {
    let repr = result.map(|value| value.value().into_repr());
    let down = Float::finish(repr.clone(), Round::Down)?;
    let up = Float::finish(repr, Round::Up)?;
    if down != up || down.is_zero() {
        return Ok((down, up));
    }
    let unit = Float::power_of_two(down.magnitude() - precision as isize);
    Ok((down.sub(&unit, precision + 1, Round::Down), up.add(&unit, precision + 1, Round::Up)))
}

/// `digits / 2^drop` to the nearest integer, ties to even.
pub(super) fn round_half_even(digits: &UBig, drop: usize) -> UBig {
    let length = digits.bit_len();
    if drop > length {
        return UBig::ZERO;
    }
    let quotient = digits >> drop;
    let half = drop > 0 && digits.bit(drop - 1);
    let sticky = digits.trailing_zeros().is_some_and(|zeros| drop > 0 && zeros < drop - 1);
    if half && (sticky || quotient.bit(0)) { quotient + UBig::ONE } else { quotient }
}

/// `value * 2^exponent` where the result is a double.
fn scale_f64(value: f64, exponent: isize) -> f64 {
    // In two steps, since 2^exponent itself may not be a double; the first step is exact.
    let first = exponent.clamp(-1000, 900);
    let rest = exponent - first;
    value * 2f64.powi(first as i32) * 2f64.powi(rest as i32)
}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Float) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Float) -> Ordering {
        match self.signum().cmp(&other.signum()) {
            Ordering::Equal => self.0.cmp(&other.0),
            unequal => unequal,
        }
    }
}
