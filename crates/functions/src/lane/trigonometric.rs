//! Sine and cosine.

use super::{Float, Lane, Mask, nan_where, polynomial};

/// (sin(t) - t)/t^3 in z = t^2 for |t| up to pi/4.
const SIN: [f64; 7] = [
    -0.16666666666666666,
    0.008333333333333331,
    -0.00019841269841265063,
    2.7557319219337672e-06,
    -2.5052106231927857e-08,
    1.6058531536611833e-10,
    -7.586692262094344e-13,
];

/// (cos(t) - 1 + t^2/2)/t^4 in z = t^2 for |t| up to pi/4.
const COS: [f64; 7] = [
    0.041666666666666664,
    -0.0013888888888888887,
    2.4801587301584645e-05,
    -2.7557319221401993e-07,
    2.087675579079147e-09,
    -1.1470460841811526e-11,
    4.7458692024108734e-14,
];

/// Sine and cosine of an angle reduced to at most pi/4, and the number of quarter turns taken off, modulo 4.
#[inline(always)]
fn reduced<L: Lane>(x: L) -> (L, L, L) {
    let [first, second, third] = L::Element::HALF_PI;
    let one = L::splat(1.0);
    let k = (x * L::splat(std::f64::consts::FRAC_2_PI)).round();
    // Exact: a multiple of the last bit of pi/2's first part, and less than 1.
    let near = k.fma(L::splat(-first), x);
    let (product, second) = (k * L::splat(second), L::splat(second));
    let lost = k.fma(second, -product);
    let t = near - product;
    // Two doubles' difference, whichever is larger.
    let part = near - t;
    let error = (near - (t + part)) + (part - product);
    let rest = error - lost - k * L::splat(third);
    let (angle, rest) = (t + rest, rest - ((t + rest) - t));
    let z = angle * angle;
    let cube = z * angle;
    // sin(angle + rest) and cos(angle + rest) to first order in rest.
    let sine = angle + (cube.fma(polynomial(&SIN, z), rest * z.fma(L::splat(-0.5), one)));
    let half = L::splat(0.5) * z;
    let main = one - half;
    let tail = (one - main) - half;
    let cosine = main + (tail + (z * z).fma(polynomial(&COS, z), -(angle * rest)));
    let turns = k - L::splat(4.0) * (k * L::splat(0.25)).floor();
    (sine, cosine, turns)
}

/// Whether a number of quarter turns is odd, and whether it is 2 or 3.
#[inline(always)]
fn quadrant<L: Lane>(turns: L) -> (L::Mask, L::Mask) {
    let odd = turns.eq(L::splat(1.0)).or(turns.eq(L::splat(3.0)));
    (odd, L::splat(1.5).lt(turns))
}

/// An angle of moderate size, 0 for others, and where it is another.
#[inline(always)]
fn moderate<L: Lane>(x: L) -> (L, L::Mask) {
    let large = L::splat(L::Element::ANGLE).lt(x.abs());
    (L::select(large.or(x.is_nan()), L::splat(0.0), x), large)
}

/// The sine: at most 1 unit in the last place off.
#[inline(always)]
pub fn sin<L: Lane>(x: L) -> L {
    let (angle, large) = moderate(x);
    let (sine, cosine, turns) = reduced(angle);
    let (odd, negative) = quadrant(turns);
    let size = L::select(odd, cosine, sine);
    let value = L::select(negative, -size, size);
    // A zero keeps its sign.
    let value = L::select(x.eq(L::splat(0.0)), x, value);
    nan_where(x.is_nan(), value).patch(large, [x], |[x]| L::Element::far_sin(x))
}

/// The cosine: at most 1 unit in the last place off.
#[inline(always)]
pub fn cos<L: Lane>(x: L) -> L {
    let (angle, large) = moderate(x);
    let (sine, cosine, turns) = reduced(angle);
    let (odd, negative) = quadrant(turns);
    // cos x is cos, -sin, -cos, sin after 0, 1, 2, 3 quarter turns.
    let size = L::select(odd, -sine, cosine);
    let value = L::select(negative, -size, size);
    nan_where(x.is_nan(), value).patch(large, [x], |[x]| L::Element::far_cos(x))
}

/// Sine and cosine at once: the same bits as [`sin`] and [`cos`], for little more than one of them.
#[inline(always)]
pub fn sin_cos<L: Lane>(x: L) -> (L, L) {
    let (angle, large) = moderate(x);
    let (sine, cosine, turns) = reduced(angle);
    let (odd, negative) = quadrant(turns);
    let size = L::select(odd, cosine, sine);
    let s = L::select(negative, -size, size);
    let s = L::select(x.eq(L::splat(0.0)), x, s);
    let size = L::select(odd, -sine, cosine);
    let c = L::select(negative, -size, size);
    let nan = x.is_nan();
    (
        nan_where(nan, s).patch(large, [x], |[x]| L::Element::far_sin(x)),
        nan_where(nan, c).patch(large, [x], |[x]| L::Element::far_cos(x)),
    )
}
