//! Sine and cosine.

use super::{Float, Lane, polynomial};

/// sin(x - k*pi) for the whole number k nearest to x/pi, or near it; `turns` is k plus a half for the cosine.
#[inline(always)]
fn sine_less<L: Lane>(x: L, turns: L) -> L {
    let [first, second, third] = L::Element::PI.map(|part| L::splat(-part));
    // The first difference is exact: a multiple of the last bit of pi's first part, and at most pi/2.
    let t = turns.fma(third, turns.fma(second, turns.fma(first, x)));
    let z = t * t;
    let one = L::splat(1.0);
    // What is rounded must not be larger than 1.
    (t * z).fma(polynomial(L::Element::SIN, z), t).smaller(one).larger(-one)
}

/// Where the parts of pi are too few, so that the angle is reduced one by one.
#[inline(always)]
fn large<L: Lane>(x: L) -> L::Mask {
    L::splat(L::Element::ANGLE).lt(x.abs())
}

/// The sine: at most 2 units in the last place off.
#[inline(always)]
pub fn sin<L: Lane>(x: L) -> L {
    let whole = L::splat(L::Element::WHOLE);
    // The sum is so large that it is rounded to a whole number.
    let sum = x.fma(L::splat(std::f64::consts::FRAC_1_PI), whole);
    let value = sine_less(x, sum - whole).negated_if_odd(sum);
    // A zero keeps its sign.
    let value = L::select(x.eq(L::splat(0.0)), x, value);
    value.patch(large(x), [x], |[x]| L::Element::far_sin(x))
}

/// The cosine: at most 2 units in the last place off.
#[inline(always)]
pub fn cos<L: Lane>(x: L) -> L {
    let (whole, half) = (L::splat(L::Element::WHOLE), L::splat(0.5));
    // cos(x) = sin(x + pi/2)
    let sum = x.fma(L::splat(std::f64::consts::FRAC_1_PI), half) + whole;
    let value = sine_less(x, sum - whole - half).negated_if_odd(sum);
    value.patch(large(x), [x], |[x]| L::Element::far_cos(x))
}

/// Sine and cosine at once: the same bits as [`sin`] and [`cos`].
#[inline(always)]
pub fn sin_cos<L: Lane>(x: L) -> (L, L) {
    (sin(x), cos(x))
}
