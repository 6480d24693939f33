//! Sine and cosine.

use super::{Float, Lane, polynomial};
use std::f64::consts::FRAC_2_PI;

/// An angle less the nearest whole number of quarter turns, by Cody and Waite.
struct Quarter<L> {
    /// Its sine and cosine.
    sine: L,
    cosine: L,
    /// [`Float::WHOLE`] and the number of quarter turns.
    sum: L,
}

/// Sine and cosine of the same angle share this.
#[inline(always)]
fn quarter<L: Lane>(x: L) -> Quarter<L> {
    let whole = L::splat(L::Element::WHOLE);
    // The sum is so large that it is rounded to a whole number.
    let sum = x.fma(L::splat(FRAC_2_PI), whole);
    let turns = sum - whole;
    let [first, second, third] = L::Element::HALF_PI.map(|part| L::splat(-part));
    // The first difference is exact: a multiple of the last bit of the first part, and at most pi/4.
    let t = turns.fma(third, turns.fma(second, turns.fma(first, x)));
    let z = t * t;
    let square = z * z;
    Quarter {
        sine: (t * z).fma(polynomial(L::Element::SIN, z), t),
        cosine: square.fma(polynomial(L::Element::COS, z), z.fma(L::splat(-0.5), L::splat(1.0))),
        sum,
    }
}

/// Where the parts of pi/2 are too few, so that the angle is reduced one by one.
#[inline(always)]
fn large<L: Lane>(x: L) -> L::Mask {
    L::splat(L::Element::ANGLE).lt(x.abs())
}

/// The sine: at most 2 units in the last place off.
#[inline(always)]
pub fn sin<L: Lane>(x: L) -> L {
    sine_of(x, &quarter(x))
}

/// The cosine: at most 2 units in the last place off.
#[inline(always)]
pub fn cos<L: Lane>(x: L) -> L {
    cosine_of(x, &quarter(x))
}

/// Sine and cosine at once: the same bits as [`sin`] and [`cos`].
#[inline(always)]
pub fn sin_cos<L: Lane>(x: L) -> (L, L) {
    let quarter = quarter(x);
    (sine_of(x, &quarter), cosine_of(x, &quarter))
}

#[inline(always)]
fn sine_of<L: Lane>(x: L, quarter: &Quarter<L>) -> L {
    let Quarter { sine, cosine, sum } = *quarter;
    let value = L::select(sum.odd(), cosine, sine).negated_by_half(sum);
    // A zero keeps its sign.
    let value = L::select(x.eq(L::splat(0.0)), x, value);
    value.patch(large(x), [x], |[x]| L::Element::far_sin(x))
}

#[inline(always)]
fn cosine_of<L: Lane>(x: L, quarter: &Quarter<L>) -> L {
    let Quarter { sine, cosine, sum } = *quarter;
    // cos(x) is the sine a quarter turn later.
    let value = L::select(sum.odd(), sine, cosine).negated_by_half(sum + L::splat(1.0));
    value.patch(large(x), [x], |[x]| L::Element::far_cos(x))
}
