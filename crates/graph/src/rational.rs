//! Exact rational numbers, small ones without the heap.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroI64;

use dashu_base::{Abs, BitTest, Gcd, Inverse, Signed};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// An exact rational number in lowest terms with a positive denominator.
///
/// Numbers whose parts fit 64 bits are held inline; the form is canonical, so equality is equality of the parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Rational(Form);

/// A denominator is never 0, which leaves room to tell the forms apart: a number takes 16 bytes.
#[derive(Clone, PartialEq, Eq)]
enum Form {
    Small(i64, NonZeroI64),
    Big(Box<RBig>),
}

use Form::{Big, Small};

/// The denominator of an integer.
const UNIT: NonZeroI64 = NonZeroI64::new(1).unwrap();

impl Hash for Rational {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Small(n, d) => state.write_i64(n ^ (d.get() - 1).rotate_left(32)),
            Big(r) => r.hash(state),
        }
    }
}

impl Rational {
    /// 0.
    pub const ZERO: Rational = Rational(Small(0, UNIT));
    /// 1.
    pub const ONE: Rational = Rational(Small(1, UNIT));
    /// -1.
    pub const MINUS_ONE: Rational = Rational(Small(-1, UNIT));
    /// 2.
    pub const TWO: Rational = Rational(Small(2, UNIT));
    /// 1/2.
    pub const HALF: Rational = Rational(Small(1, NonZeroI64::new(2).unwrap()));

    /// `numerator/denominator`; `None` if the denominator is zero.
    pub fn new(numerator: i64, denominator: i64) -> Option<Rational> {
        match denominator {
            0 => None,
            1 if numerator != i64::MIN => Some(Rational(Small(numerator, UNIT))),
            _ => Some(Rational::from_i128(numerator as i128, denominator as i128)),
        }
    }

    /// `numerator/denominator` of any size; `None` if the denominator is zero.
    pub fn from_parts(numerator: IBig, denominator: UBig) -> Option<Rational> {
        (!denominator.is_zero()).then(|| Rational::shrink(RBig::from_parts(numerator, denominator)))
    }

    fn from_i128(mut n: i128, mut d: i128) -> Rational {
        if d < 0 {
            (n, d) = (-n, -d);
        }
        if d != 1 {
            let g = gcd_u128(n.unsigned_abs(), d as u128) as i128;
            if g > 1 {
                (n, d) = (n / g, d / g);
            }
        }
        match (i64::try_from(n), i64::try_from(d).ok().and_then(NonZeroI64::new)) {
            (Ok(n), Some(d)) if n != i64::MIN => Rational(Small(n, d)),
            _ => Rational(Big(Box::new(RBig::from_parts(IBig::from(n), UBig::from(d as u128))))),
        }
    }

    fn shrink(r: RBig) -> Rational {
        match (i64::try_from(r.numerator()), i64::try_from(r.denominator()).ok().and_then(NonZeroI64::new)) {
            (Ok(n), Some(d)) if n != i64::MIN => Rational(Small(n, d)),
            _ => Rational(Big(Box::new(r))),
        }
    }

    fn big(&self) -> RBig {
        match &self.0 {
            Small(n, d) => RBig::from_parts(IBig::from(*n), UBig::from(d.get() as u64)),
            Big(r) => (**r).clone(),
        }
    }

    /// Reads `12`, `0.1`, `.5`, `1e-3`, `2.5E10`. `None` if the text is no number or its exponent exceeds 4,000.
    pub fn parse_decimal(text: &str) -> Option<Rational> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
            None => (text, 0),
        };
        if exponent.abs() > 4000 {
            return None;
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = whole.len() + fraction.len();
        if digits == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let scale = exponent - fraction.len() as i64;
        if digits <= 18 && (-18..=0).contains(&scale) {
            let n = whole.bytes().chain(fraction.bytes()).fold(0i64, |n, b| n * 10 + (b - b'0') as i64);
            return Some(Rational::from_i128(n as i128, 10i128.pow(-scale as u32)));
        }
        let n: IBig = format!("{whole}{fraction}").parse().ok()?;
        let power = UBig::from(10u8).pow(scale.unsigned_abs() as usize);
        Some(Rational::shrink(if scale < 0 {
            RBig::from_parts(n, power)
        } else {
            RBig::from(n * IBig::from(power))
        }))
    }

    /// The exact value of a double; `None` if it is not finite.
    pub fn from_f64(x: f64) -> Option<Rational> {
        RBig::try_from(x).ok().map(Rational::shrink)
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Small(n, UNIT) => *n as f64,
            Small(n, d) if n.unsigned_abs() < 1 << 53 && d.get() < 1 << 53 => *n as f64 / d.get() as f64,
            _ => self.big().to_f64().value(),
        }
    }

    /// The numerator.
    pub fn numerator(&self) -> IBig {
        match &self.0 {
            Small(n, _) => IBig::from(*n),
            Big(r) => r.numerator().clone(),
        }
    }

    /// The denominator.
    pub fn denominator(&self) -> UBig {
        match &self.0 {
            Small(_, d) => UBig::from(d.get() as u64),
            Big(r) => r.denominator().clone(),
        }
    }

    /// The parts, if both fit 64 bits.
    pub fn small(&self) -> Option<(i64, i64)> {
        match self.0 {
            Small(n, d) => Some((n, d.get())),
            Big(_) => None,
        }
    }

    /// The value as an integer of 64 bits.
    pub fn as_integer(&self) -> Option<i64> {
        match self.0 {
            Small(n, UNIT) => Some(n),
            _ => None,
        }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Small(0, _))
    }

    /// Whether it is 1.
    pub fn is_one(&self) -> bool {
        matches!(self.0, Small(1, UNIT))
    }

    /// Whether it is an integer.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Small(_, d) => *d == UNIT,
            Big(r) => r.denominator().is_one(),
        }
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Small(n, _) => *n < 0,
            Big(r) => r.is_negative(),
        }
    }

    /// Whether it is above 0.
    pub fn is_positive(&self) -> bool {
        !self.is_negative() && !self.is_zero()
    }

    /// Whether the numerator is even.
    pub fn numerator_even(&self) -> bool {
        match &self.0 {
            Small(n, _) => n % 2 == 0,
            Big(r) => !r.numerator().bit(0),
        }
    }

    /// Whether the denominator is odd: the power of a negative base is then a real number.
    pub fn denominator_odd(&self) -> bool {
        match &self.0 {
            Small(_, d) => d.get() % 2 == 1,
            Big(r) => r.denominator().bit(0),
        }
    }

    /// The size of the larger part in bits.
    pub fn bits(&self) -> usize {
        match &self.0 {
            Small(n, d) => 64 - (n.unsigned_abs().max(d.get() as u64)).leading_zeros() as usize,
            Big(r) => r.numerator().bit_len().max(r.denominator().bit_len()),
        }
    }

    /// The absolute value.
    pub fn abs(&self) -> Rational {
        match &self.0 {
            Small(n, d) => Rational(Small(n.abs(), *d)),
            Big(r) => Rational(Big(Box::new((**r).clone().abs()))),
        }
    }

    /// `1/x`; `None` for 0.
    pub fn recip(&self) -> Option<Rational> {
        match &self.0 {
            Small(0, _) => None,
            Small(n, d) => Some(Rational(Small(d.get() * n.signum(), NonZeroI64::new(n.abs())?))),
            Big(r) => Some(Rational::shrink((**r).clone().inv())),
        }
    }

    /// `x^n`; `None` for a negative power of 0. The caller bounds the size.
    pub fn pow(&self, n: i64) -> Option<Rational> {
        match (n, &self.0) {
            (0, _) => Some(Rational::ONE),
            (1, _) => Some(self.clone()),
            (_, Small(1, UNIT)) => Some(Rational::ONE),
            (n, _) if n < 0 => self.recip()?.pow(n.checked_neg()?),
            (_, Small(a, b)) => {
                let small = u32::try_from(n).ok().and_then(|n| Some((a.checked_pow(n)?, b.checked_pow(n)?)));
                match small {
                    Some((a, b)) if a != i64::MIN => Some(Rational(Small(a, b))),
                    _ => Some(Rational::shrink(self.big().pow(n as isize))),
                }
            }
            (_, Big(r)) => Some(Rational::shrink(r.pow(n as isize))),
        }
    }

    /// The largest integer not above it.
    pub fn floor(&self) -> Rational {
        match &self.0 {
            Small(n, d) => Rational(Small(n.div_euclid(d.get()), UNIT)),
            Big(r) => Rational::shrink(RBig::from(r.floor())),
        }
    }

    /// The content of two numbers: the largest positive `g` such that both are integer multiples of it.
    pub fn content(&self, other: &Rational) -> Rational {
        match (&self.0, &other.0) {
            (Small(1 | -1, UNIT), Small(_, UNIT)) | (Small(_, UNIT), Small(1 | -1, UNIT)) => Rational::ONE,
            (Small(a, UNIT), Small(b, UNIT)) => {
                Rational(Small(gcd_u128(a.unsigned_abs().into(), b.unsigned_abs().into()) as i64, UNIT))
            }
            _ => {
                if self.is_zero() {
                    return other.abs();
                }
                if other.is_zero() {
                    return self.abs();
                }
                let (a, b) = (
                    UBig::try_from(self.numerator().abs()).unwrap_or_default(),
                    UBig::try_from(other.numerator().abs()).unwrap_or_default(),
                );
                let (p, q) = (self.denominator(), other.denominator());
                let lcm = &p / (&p).gcd(&q) * &q;
                Rational::shrink(RBig::from_parts(IBig::from(a.gcd(b)), lcm))
            }
        }
    }

    /// The number as a terminating decimal, if it is one with at most 20 places: `1/10` is `0.1`.
    pub fn to_decimal(&self) -> Option<String> {
        let (n, d) = self.small()?;
        let (mut rest, mut twos, mut fives) = (d, 0u32, 0u32);
        while rest % 2 == 0 {
            rest /= 2;
            twos += 1;
        }
        while rest % 5 == 0 {
            rest /= 5;
            fives += 1;
        }
        let places = twos.max(fives);
        if rest != 1 || places > 20 {
            return None;
        }
        let scaled = (n.unsigned_abs() as u128).checked_mul(10u128.checked_pow(places)? / d as u128)?;
        let sign = if n < 0 { "-" } else { "" };
        if places == 0 {
            return Some(format!("{sign}{scaled}"));
        }
        let digits = format!("{scaled:0width$}", width = places as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places as usize);
        Some(format!("{sign}{whole}.{fraction}"))
    }
}

fn gcd_u128(a: u128, b: u128) -> u128 {
    // Almost all operands fit 64 bits, where division is several times faster.
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(mut a), Ok(mut b)) => {
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a as u128
        }
        _ => {
            let (mut a, mut b) = (a, b);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a
        }
    }
}

impl From<i64> for Rational {
    fn from(n: i64) -> Rational {
        if n == i64::MIN { Rational::from_i128(n as i128, 1) } else { Rational(Small(n, UNIT)) }
    }
}

impl std::ops::Neg for &Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        match &self.0 {
            Small(n, d) => Rational(Small(-n, *d)),
            Big(r) => Rational::shrink(-(**r).clone()),
        }
    }
}

impl std::ops::Add for &Rational {
    type Output = Rational;
    fn add(self, other: &Rational) -> Rational {
        match (&self.0, &other.0) {
            (Small(a, UNIT), Small(b, UNIT)) => match a.checked_add(*b) {
                Some(n) => Rational::from(n),
                None => Rational::from_i128(*a as i128 + *b as i128, 1),
            },
            (Small(a, p), Small(b, q)) => {
                let (a, p, b, q) = (*a as i128, p.get() as i128, *b as i128, q.get() as i128);
                match (a * q).checked_add(b * p) {
                    Some(n) => Rational::from_i128(n, p * q),
                    None => Rational::shrink(self.big() + other.big()),
                }
            }
            _ => Rational::shrink(self.big() + other.big()),
        }
    }
}

impl std::ops::Sub for &Rational {
    type Output = Rational;
    fn sub(self, other: &Rational) -> Rational {
        self + &-other
    }
}

impl std::ops::Mul for &Rational {
    type Output = Rational;
    fn mul(self, other: &Rational) -> Rational {
        match (&self.0, &other.0) {
            (Small(1, UNIT), _) => other.clone(),
            (_, Small(1, UNIT)) => self.clone(),
            (Small(a, UNIT), Small(b, UNIT)) => match a.checked_mul(*b) {
                Some(n) => Rational::from(n),
                None => Rational::from_i128(*a as i128 * *b as i128, 1),
            },
            (Small(a, p), Small(b, q)) => {
                Rational::from_i128(*a as i128 * *b as i128, p.get() as i128 * q.get() as i128)
            }
            _ => Rational::shrink(self.big() * other.big()),
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Rational) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Rational) -> Ordering {
        match (&self.0, &other.0) {
            (Small(a, UNIT), Small(b, UNIT)) => a.cmp(b),
            (Small(a, p), Small(b, q)) => (*a as i128 * q.get() as i128).cmp(&(*b as i128 * p.get() as i128)),
            _ => self.big().cmp(&other.big()),
        }
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Small(n, UNIT) => write!(f, "{n}"),
            Small(n, d) => write!(f, "{n}/{d}"),
            Big(r) => write!(f, "{r}"),
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(n: i64, d: i64) -> Rational {
        Rational::new(n, d).unwrap()
    }

    #[test]
    fn arithmetic_stays_in_lowest_terms() {
        assert_eq!(&r(1, 6) + &r(1, 3), r(1, 2));
        assert_eq!(&r(4, 6) * &r(3, 2), Rational::ONE);
        assert_eq!(r(-4, -6), r(2, 3));
        assert_eq!(r(-2, 3).recip(), Some(r(-3, 2)));
        assert_eq!(r(2, 3).pow(-2), Some(r(9, 4)));
        assert_eq!(Rational::ZERO.pow(-1), None);
        assert_eq!(r(-7, 2).floor(), r(-4, 1));
        assert_eq!(r(4, 3).content(&r(2, 9)), r(2, 9));
    }

    #[test]
    fn large_numbers_leave_and_return_to_the_inline_form() {
        let big = Rational::from(i64::MAX).pow(3).unwrap();
        assert!(big.small().is_none());
        let back = &big * &Rational::from(i64::MAX).pow(-2).unwrap();
        assert_eq!(back, Rational::from(i64::MAX));
        assert_eq!(&big - &big, Rational::ZERO);
        assert_eq!((-&Rational::from(i64::MAX)).to_string(), "-9223372036854775807");
        assert!(Rational::from(i64::MIN) < Rational::from(-i64::MAX));
    }

    #[test]
    fn decimals_are_exact_and_come_back() {
        assert_eq!(Rational::parse_decimal("0.1"), Some(r(1, 10)));
        assert_eq!(Rational::parse_decimal("1e-3"), Some(r(1, 1000)));
        assert_eq!(Rational::parse_decimal("2.5E2"), Some(r(250, 1)));
        assert_eq!(Rational::parse_decimal("1e99999999"), None);
        assert_eq!(Rational::parse_decimal("."), None);
        assert_eq!(r(-1, 8).to_decimal().as_deref(), Some("-0.125"));
        assert_eq!(r(1, 3).to_decimal(), None);
        assert_eq!(r(5, 1).to_decimal().as_deref(), Some("5"));
        assert_eq!(r(1, 3).to_f64(), 1.0 / 3.0);
    }
}
