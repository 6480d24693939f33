//! Powers of exact numbers: what comes out as a rational, and what stays as a radical.

use crate::Rational;

/// `number^exponent = coefficient * prod base^exponent`, bases being integers above 1 without common factors and
/// exponents strictly between 0 and 1.
pub(crate) struct Split {
    pub coefficient: Rational,
    pub radicals: Vec<(Rational, Rational)>,
}

/// The largest result that is written out, in bits.
const MAX_BITS: usize = 16_384;
/// Trial division stops here; a larger cofactor stays whole.
const MAX_PRIME: i64 = 2_000;

/// Takes a power of a number apart. `None` where it is undefined over the reals, or too large to write out.
pub(crate) fn split_power(number: &Rational, exponent: &Rational) -> Option<Split> {
    let exact = |coefficient| Some(Split { coefficient, radicals: Vec::new() });
    if exponent.is_zero() || number.is_one() {
        return exact(Rational::ONE);
    }
    if number.is_zero() {
        return if exponent.is_positive() { exact(Rational::ZERO) } else { None };
    }
    if let Some(n) = exponent.as_integer() {
        if number.bits().saturating_mul(n.unsigned_abs() as usize) > MAX_BITS {
            return if *number == Rational::MINUS_ONE {
                exact(if n % 2 == 0 { Rational::ONE } else { Rational::MINUS_ONE })
            } else {
                None
            };
        }
        return exact(number.pow(n)?);
    }
    let mut coefficient = Rational::ONE;
    if number.is_negative() {
        if !exponent.denominator_odd() {
            return None;
        }
        if !exponent.numerator_even() {
            coefficient = Rational::MINUS_ONE;
        }
    }
    let (n, d) = number.small()?;
    let (p, q) = exponent.small()?;
    if p.unsigned_abs() / q as u64 > 256 {
        return None;
    }
    let mut radicals: Vec<(Rational, Rational)> = Vec::new();
    for (part, sign) in [(n.abs(), 1), (d, -1)] {
        for (base, multiplicity) in factors(part) {
            let total = Rational::new(p.checked_mul(multiplicity * sign)?, q)?;
            let whole = total.floor();
            let rest = &total - &whole;
            coefficient = &coefficient * &Rational::from(base).pow(whole.as_integer()?)?;
            if !rest.is_zero() {
                radicals.push((Rational::from(base), rest));
            }
        }
    }
    Some(Split { coefficient, radicals })
}

/// Prime factors with multiplicities; a cofactor without a prime up to [`MAX_PRIME`] counts as one, or as the square or
/// cube of one.
fn factors(mut n: i64) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let mut p = 2;
    while p <= MAX_PRIME && p * p <= n {
        let mut k = 0;
        while n % p == 0 {
            n /= p;
            k += 1;
        }
        if k > 0 {
            found.push((p, k));
        }
        p += if p == 2 { 1 } else { 2 };
    }
    if n > 1 {
        let root = |k: u32| {
            let r = (n as f64).powf(1.0 / k as f64).round() as i64;
            (r > 1 && r.checked_pow(k) == Some(n)).then_some((r, k as i64))
        };
        found.push(root(2).or_else(|| root(3)).unwrap_or((n, 1)));
    }
    found
}
