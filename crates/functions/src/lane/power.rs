//! General powers: the logarithm in two parts, times the exponent, and the exponential of both.

use super::exponential::exp_sum;
use super::{Float, Lane, Mask, polynomial};

/// The same behind its first coefficient 2/3.
const LOG_FAR: [f64; 8] = [
    0.4,
    0.28571428571429364,
    0.22222222221655907,
    0.181818183353876,
    0.15384594963074136,
    0.13334804663624336,
    0.11706237148816372,
    0.11723170160799075,
];

/// The exact product in two parts.
#[inline(always)]
fn product<L: Lane>(a: L, b: L) -> (L, L) {
    let main = a * b;
    (main, a.fma(b, -main))
}

/// The sum in two parts, of numbers the first of which is not smaller.
#[inline(always)]
fn ordered<L: Lane>(a: L, b: L) -> (L, L) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// The logarithm of a positive normal number in two parts.
#[inline(always)]
fn log_parts<L: Lane>(x: L) -> (L, L) {
    let [high, low] = L::Element::LN_2;
    let [third_high, third_low] = L::Element::TWO_THIRDS;
    let (m, k) = x.split();
    let two = L::splat(2.0);
    let f = m - L::splat(1.0);
    // s = f/(2 + f)
    let (bottom, bottom_low) = ordered(two, f);
    let reciprocal = L::splat(1.0) / bottom;
    let s = f * reciprocal;
    let s_low = ((-s).fma(bottom, f) - s * bottom_low) * reciprocal;
    // log(1 + f) = 2 s + 2/3 s^3 + s^5*(...), the first two terms in two parts.
    let (z, z_low) = product(s, s);
    let z_low = (two * s).fma(s_low, z_low);
    let (c, c_low) = product(z, s);
    let c_low = z.fma(s_low, s.fma(z_low, c_low));
    let (t, t_low) = product(c, L::splat(third_high));
    let t_low = c.fma(L::splat(third_low), c_low.fma(L::splat(third_high), t_low));
    let rest = c * z * polynomial(&LOG_FAR, z);
    let (sum, sum_low) = ordered(two * s, t);
    let small = sum_low + (two * s_low + (t_low + rest));
    let (sum, small) = ordered(sum, small);
    // k*log(2): its first part is exact.
    let base = k * L::splat(high);
    let (value, value_low) = {
        // |base| is not smaller unless k is 0, and then it is 0: both orders are exact.
        let total = base + sum;
        let part = total - base;
        (total, (base - (total - part)) + (sum - part))
    };
    ordered(value, value_low + k.fma(L::splat(low), small))
}

/// `x` to the power `y` over the reals, as the table's row: at most 1 unit in the last place off.
#[inline(always)]
pub fn pow<L: Lane>(x: L, y: L) -> L {
    let (zero, one) = (L::splat(0.0), L::splat(1.0));
    let largest = L::splat(L::Element::LARGEST);
    let size = x.abs();
    let plain = L::splat(L::Element::NORMAL_LOW)
        .lt(size)
        .and(largest.lt(size).not())
        .and(largest.lt(y.abs()).not())
        .and(x.is_nan().or(y.is_nan()).not());
    let base = L::select(plain, size, one);
    // An exponent that takes every base but 1 out of range is as good as any beyond.
    let limit = L::splat(1e25);
    let exponent = L::select(plain, y, zero).larger(-limit).smaller(limit);
    let (log, log_low) = log_parts(base);
    let (p, p_low) = product(log, exponent);
    let p_low = log_low.fma(exponent, p_low);
    let (p, p_low) = ordered(p, p_low);
    let value = exp_sum(p, L::select(p.abs().lt(L::splat(1000.0)), p_low, zero));
    // Negative bases have whole powers alone.
    let half = y * L::splat(0.5);
    let whole = y.eq(y.floor());
    let odd = whole.and(half.eq(half.floor()).not());
    let negative = x.lt(zero);
    let signed = L::select(negative.and(odd), -value, value);
    let signed = L::select(negative.and(whole.not()), L::splat(f64::NAN), signed);
    signed.patch(plain.not(), [x, y], |[x, y]| L::Element::rare_pow(x, y))
}
