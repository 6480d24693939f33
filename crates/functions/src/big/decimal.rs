//! Decimal text to exact fractions, and enclosures to digits that are certain.

use dashu_int::ops::{BitTest, DivRem, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;

use super::enclosure::Enclosure;
use super::float::Float;

/// Exponents of ten beyond this are refused, so that a short text cannot ask for a number without end.
const EXPONENT_LIMIT: i64 = 100_000;

/// Powers of two beyond this are not turned into digits.
const BINARY_LIMIT: usize = 400_000;

/// A value in digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The digits, correctly rounded: `0.84147098480789650665`, `1.5e-30`.
    pub text: String,
    /// How many significant digits there are, all of them certain.
    pub count: usize,
    /// Whether the text is the exact value.
    pub exact: bool,
}

/// The exact value of a decimal number.
pub(super) fn parse(text: &str) -> Option<RBig> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = UBig::from_str_radix(&[whole, fraction].concat(), 10).ok()?;
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if exponent.abs() > EXPONENT_LIMIT {
        return magnitude.is_zero().then_some(RBig::ZERO);
    }
    let power = UBig::from(10u8).pow(exponent.unsigned_abs() as usize);
    let sign = if negative { Sign::Negative } else { Sign::Positive };
    Some(if exponent >= 0 {
        RBig::from(IBig::from_parts(sign, magnitude * power))
    } else {
        RBig::from_parts(IBig::from_parts(sign, magnitude), power)
    })
}

impl Enclosure {
    /// The value rounded to so many significant digits; `None` where the enclosure does not decide them all.
    pub fn to_decimal(&self, digits: usize) -> Option<String> {
        let count = digits.max(1);
        let lo_hi = self.fractions()?;
        scientific(&lo_hi, count).map(|number| number.text())
    }

    /// As many certain digits as there are, at most `most`. The exact value where that many digits hold it.
    pub fn digits(&self, most: usize) -> Option<Digits> {
        let ends = self.fractions()?;
        if let Some(value) = self.as_rational()
            && let Some(number) = terminating(value, most)
        {
            let count = number.digits.len();
            return Some(Digits { text: number.text(), count, exact: true });
        }
        let number = (1..=most.max(1)).rev().find_map(|count| scientific(&ends, count))?;
        Some(Digits { count: number.digits.len(), text: number.text(), exact: false })
    }

    /// Both ends as fractions.
    fn fractions(&self) -> Option<(RBig, RBig)> {
        if let Some(value) = self.as_rational() {
            return Some((value.clone(), value.clone()));
        }
        let (lo, hi) = self.ends(64);
        Some((fraction(&lo)?, fraction(&hi)?))
    }
}

fn fraction(value: &Float) -> Option<RBig> {
    if value.is_infinite() || value.exponent().unsigned_abs() > BINARY_LIMIT {
        return None;
    }
    let shift = value.exponent().unsigned_abs();
    Some(if value.exponent() >= 0 {
        RBig::from(value.significand() << shift)
    } else {
        RBig::from_parts(value.significand().clone(), UBig::ONE << shift)
    })
}

/// `±d.ddd * 10^exponent`.
#[derive(PartialEq, Eq)]
struct Scientific {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Scientific {
    fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let (first, rest) = self.digits.split_at(1);
        let length = self.digits.len() as i64;
        match self.exponent {
            0.. if self.exponent < 21 && length <= self.exponent + 1 => {
                format!("{sign}{}{}", self.digits, "0".repeat((self.exponent + 1 - length) as usize))
            }
            0..21 => {
                let (whole, fraction) = self.digits.split_at(self.exponent as usize + 1);
                format!("{sign}{whole}.{fraction}")
            }
            -6..0 => format!("{sign}0.{}{}", "0".repeat((-self.exponent - 1) as usize), self.digits),
            exponent if rest.is_empty() => format!("{sign}{first}e{exponent}"),
            exponent => format!("{sign}{first}.{rest}e{exponent}"),
        }
    }
}

/// The digits on which both ends agree when rounded.
fn scientific((lo, hi): &(RBig, RBig), count: usize) -> Option<Scientific> {
    let low = rounded(lo, count);
    if lo == hi {
        return Some(low);
    }
    if lo.sign() != hi.sign() || lo.is_zero() || hi.is_zero() {
        return None;
    }
    (low == rounded(hi, count)).then_some(low)
}

/// A fraction rounded to so many digits, halves away from zero.
fn rounded(value: &RBig, count: usize) -> Scientific {
    let negative = value.sign() == Sign::Negative && !value.is_zero();
    if value.is_zero() {
        return Scientific { negative, digits: "0".into(), exponent: 0 };
    }
    let top = value.numerator().unsigned_abs();
    let bottom = value.denominator();
    let binary = top.bit_len() as i64 - bottom.bit_len() as i64;
    // At most one too small: log10(2) from below for positive numbers, from above for negative ones.
    let mut exponent = ((binary - 1) as f64 * std::f64::consts::LOG10_2).floor() as i64;
    loop {
        let shift = count as i64 - 1 - exponent;
        let power = UBig::from(10u8).pow(shift.unsigned_abs() as usize);
        let (top, bottom) =
            if shift >= 0 { (&top * power, bottom.clone()) } else { (top.clone(), bottom * power) };
        let (quotient, _) = ((top << 1) + &bottom).div_rem(&(bottom << 1));
        let digits = quotient.to_string();
        if digits.len() == count {
            return Scientific { negative, digits, exponent };
        }
        exponent += if digits.len() > count { 1 } else { -1 };
        // Rounding up to the next power of ten gives one digit more at the old exponent and none fewer at the new.
    }
}

/// All digits of a fraction that ends within `most` of them.
fn terminating(value: &RBig, most: usize) -> Option<Scientific> {
    if value.is_zero() {
        return Some(rounded(value, 1));
    }
    let mut number = rounded(value, most.max(1));
    let shift = most.max(1) as i64 - 1 - number.exponent;
    let power = RBig::from(UBig::from(10u8).pow(shift.unsigned_abs() as usize));
    let scaled = if shift >= 0 { value * &power } else { value / &power };
    if !scaled.is_int() {
        return None;
    }
    let kept = number.digits.trim_end_matches('0').len().max(1);
    number.digits.truncate(kept);
    Some(number)
}
