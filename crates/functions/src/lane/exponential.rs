//! Exponentials, logarithms and what is made of them.

use super::{Float, Lane, Mask, nan_where, polynomial};

/// (exp(r) - 1 - r)/r^2 for |r| up to log(2)/2.
const EXP: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333325985,
    0.0013888888888883642,
    0.00019841269875342141,
    2.4801587325920163e-05,
    2.7557254740405416e-06,
    2.7557273171941026e-07,
    2.5105490906986696e-08,
    2.091488256348507e-09,
];

/// (log((1 + s)/(1 - s))/s - 2)/s^2 in z = s^2.
const LOG: [f64; 8] = [
    0.6666666666666666,
    0.4000000000000088,
    0.28571428570803253,
    0.22222222391794727,
    0.18181795631498243,
    0.15386240172447838,
    0.13268760562036724,
    0.1308675766695207,
];

/// (tanh(x) - x)/x^3 in z = x^2 for |x| up to 0.625.
const TANH: [f64; 13] = [
    -0.3333333333333333,
    0.13333333333333322,
    -0.05396825396823587,
    0.02186948853513144,
    -0.008863235499755191,
    0.0035921275068775014,
    -0.0014558283927967684,
    0.0005899817708467141,
    -0.00023888925486753107,
    9.604055445315617e-05,
    -3.708011585593858e-05,
    1.220895156262908e-05,
    -2.438400399388769e-06,
];

/// `2^k` times a number, right down to the subnormal ones.
#[inline(always)]
pub(super) fn scale<L: Lane>(x: L, k: L) -> L {
    // In two steps, so that neither factor leaves the normal numbers.
    let half = (k * L::splat(0.5)).round();
    x * half.exp2i() * (k - half).exp2i()
}

/// exp(x + lo) as `2^k*(1 + q)`: (q, k). `x` lies within the range of exp.
#[inline(always)]
fn exp_of<L: Lane>(x: L, lo: Option<L>) -> (L, L) {
    let [high, low] = L::Element::LN_2;
    let k = (x * L::splat(std::f64::consts::LOG2_E)).round();
    // The first difference is exact; what the second rounds away joins the correction.
    let near = k.fma(L::splat(-high), x);
    let r = k.fma(L::splat(-low), near);
    let lost = k.fma(L::splat(-low), near - r);
    // No closure: it would be compiled for any processor.
    let lost = if let Some(lo) = lo { lost + lo } else { lost };
    let bend = r * r * polynomial(&EXP, r);
    // exp(r + lost) = exp(r)*(1 + lost)
    let q = bend + lost.fma(r + bend, lost);
    (r + q, k)
}

/// exp(x + lo) as `2^k*(1 + q)`: (q, k). `x` lies within the range of exp.
#[inline(always)]
pub(super) fn exp_parts<L: Lane>(x: L, lo: L) -> (L, L) {
    exp_of(x, Some(lo))
}

/// The same for exp(x).
#[inline(always)]
pub(super) fn exp_plain<L: Lane>(x: L) -> (L, L) {
    exp_of(x, None)
}

/// A number within the range of exp and a little beyond; NaN stays NaN.
#[inline(always)]
fn within<L: Lane>(x: L) -> L {
    let (low, high) = (L::splat(L::Element::EXP_LOW - 1.0), L::splat(L::Element::EXP_HIGH + 1.0));
    x.larger(low).smaller(high)
}

/// exp(x + lo) for a correction `lo` below half a unit in the last place of `x`.
#[inline(always)]
pub(super) fn exp_sum<L: Lane>(x: L, lo: L) -> L {
    let (q, k) = exp_parts(within(x), lo);
    scale(q + L::splat(1.0), k)
}

/// The exponential function: at most 1 unit in the last place off.
#[inline(always)]
pub fn exp<L: Lane>(x: L) -> L {
    let (q, k) = exp_plain(within(x));
    scale(q + L::splat(1.0), k)
}

/// `exp(x) - 1`: at most 1.5 units in the last place off.
#[inline(always)]
pub fn expm1<L: Lane>(x: L) -> L {
    let one = L::splat(1.0);
    let high = L::splat(L::Element::EXP_HIGH);
    let inside = x.larger(L::splat(-80.0)).smaller(high);
    let (q, k) = exp_plain(inside);
    // Halved, so that 2^k stays a number; exact while k is not negative, and then doubled again.
    let power = (k - one).exp2i();
    let value = q.fma(power, power - L::splat(0.5)) * L::splat(2.0);
    // Small arguments, and signed zeros, are their own value to first order.
    let small = x.abs().lt(L::splat(1e-20));
    L::select(small.or(x.is_nan()), x, value)
}

/// A positive normal number as `(1 + f)*2^k`, and `s = f/(2 + f)`: (f, s, k).
#[inline(always)]
fn log_terms<L: Lane>(x: L) -> (L, L, L) {
    let (m, k) = x.split();
    let f = m - L::splat(1.0);
    (f, f / (f + L::splat(2.0)), k)
}

/// log((1 + f)*2^k) of these terms, with what is to be added to it.
#[inline(always)]
fn log_sum<L: Lane>(f: L, s: L, k: L, correction: L) -> L {
    let [high, low] = L::Element::LN_2;
    let z = s * s;
    let rest = z * polynomial(&LOG, z);
    let half_square = L::splat(0.5) * f * f;
    // log(1 + f) = f - f^2/2 + s*(f^2/2 + rest)
    let tail = s.fma(half_square + rest, k.fma(L::splat(low), correction));
    k.fma(L::splat(high), f - (half_square - tail))
}

/// The natural logarithm, NaN unless positive: at most 1 unit in the last place off.
#[inline(always)]
pub fn log<L: Lane>(x: L) -> L {
    let (up, exponent) = L::Element::UP;
    let zero = L::splat(0.0);
    let tiny = x.lt(L::splat(L::Element::NORMAL_LOW));
    let normal = L::select(tiny, x * L::splat(up), x);
    let (f, s, k) = log_terms(normal);
    let value = log_sum(f, s, k + L::select(tiny, L::splat(-exponent), zero), zero);
    let value = L::select(L::splat(L::Element::LARGEST).lt(x), x, value);
    nan_where(zero.lt(x).not(), value)
}

/// `log(1 + x)`, NaN unless `x > -1`: at most 1.5 units in the last place off.
#[inline(always)]
pub fn log1p<L: Lane>(x: L) -> L {
    let one = L::splat(1.0);
    let sum = one + x;
    // What the sum rounds away, over the sum, is what its logarithm lacks; past 2^53 it is nothing.
    let lost = L::select(one.lt(x.abs()), one - (sum - x), x - (sum - one));
    let positive = L::splat(-1.0).lt(x);
    let finite = L::splat(L::Element::LARGEST).lt(x).not();
    let safe = L::select(positive.and(finite), sum, one);
    let (f, s, k) = log_terms(safe);
    // log(safe + lost) = log(safe) + lost/safe; the correction over 2^k is added within the logarithm.
    let value = log_sum(f, s, k, lost / safe);
    let small = x.abs().lt(L::splat(1e-20));
    let value = L::select(small.or(L::splat(L::Element::LARGEST).lt(x)), x, value);
    nan_where(positive.not(), value)
}

/// `1/(1 + exp(-x))` where exp(-|x|) is `2^k*(1 + q)`.
#[inline(always)]
fn sigmoid_of<L: Lane>(x: L, q: L, k: L) -> L {
    let (zero, one) = (L::splat(0.0), L::splat(1.0));
    // exp(-|x|), and what its last addition rounds away.
    let main = q + one;
    let (small, small_low) = (scale(main, k), scale(q - (main - one), k));
    let sum = one + small;
    let lost = small - (sum - one) + small_low;
    let negative = x.lt(zero);
    let (top, top_low) = (L::select(negative, small, one), L::select(negative, small_low, zero));
    let quotient = top / sum;
    // One step of division with what was rounded away; the quotient, or 1 less it, is 1/sum near enough.
    let rest = (-quotient).fma(sum, top) + (top_low - quotient * lost);
    let value = rest.fma(L::select(negative, one - quotient, quotient), quotient);
    L::select(x.is_nan(), x, value)
}

/// `1/(1 + exp(-x))`: at most 1 unit in the last place off.
#[inline(always)]
pub fn sigmoid<L: Lane>(x: L) -> L {
    let (q, k) = exp_plain((-x.abs()).larger(L::splat(L::Element::EXP_LOW - 1.0)));
    sigmoid_of(x, q, k)
}

/// `x*sigmoid(x)`: at most 2 units in the last place off.
#[inline(always)]
pub fn silu<L: Lane>(x: L) -> L {
    // Far below zero sigmoid leaves the normal numbers before the product does.
    let far = x.lt(L::splat(-0.98 * L::Element::EXP_HIGH));
    let inside = (-x.abs()).larger(L::splat(L::Element::EXP_LOW - 8.0));
    let (q, k) = exp_plain(inside);
    let tail = scale(inside * (q + L::splat(1.0)), k);
    let value = L::select(far, tail, x * sigmoid_of(x, q, k));
    L::select(x.lt(L::splat(-L::Element::LARGEST)), L::splat(0.0), value)
}

/// `log(1 + exp(x))`: at most 2 units in the last place off.
#[inline(always)]
pub fn softplus<L: Lane>(x: L) -> L {
    let rest = log1p(exp(-x.abs()));
    let value = L::select(x.lt(L::splat(0.0)), rest, x + rest);
    L::select(x.is_nan(), x, value)
}

/// The hyperbolic tangent: at most 1.5 units in the last place off.
#[inline(always)]
pub fn tanh<L: Lane>(x: L) -> L {
    let one = L::splat(1.0);
    let size = x.abs();
    let square = x * x;
    // Up to 0.625 a polynomial, else 1 - 2/(exp(2 x) + 1).
    let near = (x * square).fma(polynomial(&TANH, square), x);
    let far = one - L::splat(2.0) / (exp(size + size) + one);
    L::select(size.lt(L::splat(0.625)), near, far.copysign(x))
}
