//! General powers: the logarithm in two parts, times the exponent, and the exponential of both.

use super::exponential::{Parts, exp_of_sum};
use super::{Float, Lane, Mask, polynomial};

/// The exact product in two parts.
#[inline(always)]
fn product<L: Lane>(a: L, b: L) -> (L, L) {
    let main = a * b;
    (main, a.fma(b, -main))
}

/// The sum in two parts, of numbers the first of which is not smaller, or is 0.
#[inline(always)]
fn ordered<L: Lane>(a: L, b: L) -> (L, L) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// The logarithm of a positive normal number in two parts.
#[inline(always)]
fn log_parts<L: Lane>(x: L) -> (L, L) {
    let [high, low] = L::Element::LN_2.map(|part| L::splat(part));
    let [third, third_low] = L::Element::TWO_THIRDS.map(|part| L::splat(part));
    let (one, two) = (L::splat(1.0), L::splat(2.0));
    let (m, k) = x.split();
    // s = f/(2 + f)
    let f = m - one;
    let bottom = f + two;
    let bottom_low = f - (bottom - two);
    let reciprocal = one / bottom;
    let s = f * reciprocal;
    let s_low = (-s).fma(bottom_low, (-s).fma(bottom, f)) * reciprocal;
    // log(1 + f) = 2 s + s*(2/3 z + z^2*(...)) with z = s^2: the first two terms in two parts.
    let twice = s + s;
    let (z, z_low) = product(s, s);
    let z_low = twice.fma(s_low, z_low);
    let (u, u_low) = product(z, third);
    let u_low = z_low.fma(third, z.fma(third_low, u_low));
    let (t, t_low) = product(s, u);
    let t_low = s_low.fma(u, s.fma(u_low, t_low));
    let rest = s * (z * z * polynomial(L::Element::LOG_THIRD, z));
    let (sum, sum_low) = ordered(twice, t);
    let small = sum_low + (s_low.fma(two, t_low) + rest);
    // The first product is exact.
    let (value, value_low) = ordered(k * high, sum);
    ordered(value, value_low + k.fma(low, small))
}

/// `log(x)*y` in two parts, for a positive normal number.
#[inline(always)]
fn exponent<L: Lane>(x: L, y: L) -> (L, L) {
    let (log, log_low) = log_parts(x);
    let (p, p_low) = product(log, y);
    (p, log_low.fma(y, p_low))
}

/// `x` to the power `y` over the reals, as the table's row: at most 2 units in the last place off.
#[inline(always)]
pub fn pow<L: Lane>(x: L, y: L) -> L {
    let (p, p_low) = exponent(x, y);
    let value = Parts::of_sum(p, p_low, 0.0).exp();
    let plain = L::splat(L::Element::NORMAL_LOW).lt(x).and(x.lt(L::splat(f64::INFINITY)));
    let plain = plain.and(p.abs().lt(L::splat(L::Element::EXP_NORMAL)));
    if plain.all() { value } else { L::select(plain, value, wide(x, y)) }
}

/// The same for all arguments.
#[inline(always)]
fn wide<L: Lane>(x: L, y: L) -> L {
    let (zero, one, half) = (L::splat(0.0), L::splat(1.0), L::splat(0.5));
    let (size, infinity) = (x.abs(), L::splat(f64::INFINITY));
    let plain = L::splat(L::Element::NORMAL_LOW).lt(size).and(size.lt(infinity)).and(y.abs().lt(infinity));
    // An exponent that takes every base but 1 out of range is as good as any beyond.
    let limit = L::splat(1e25);
    let y_inside = L::select(plain, y, zero).larger(-limit).smaller(limit);
    let (p, p_low) = exponent(L::select(plain, size, one), y_inside);
    let value = exp_of_sum(p, L::select(p.abs().lt(L::splat(1000.0)), p_low, zero));
    // Negative bases have whole powers alone.
    let whole = y.eq(y.floor());
    let odd = whole.and((y * half).eq((y * half).floor()).not());
    let negative = x.lt(zero);
    let signed = L::select(negative.and(odd), -value, value);
    let signed = L::select(negative.and(whole.not()), L::splat(f64::NAN), signed);
    signed.patch(plain.not(), [x, y], |[x, y]| L::Element::rare_pow(x, y))
}
