//! The error function and the normal distribution.

use super::exponential::{Parts, down};
use super::{Float, Lane, polynomial, powers};

/// The error function: at most 2 units in the last place off.
#[inline(always)]
pub fn erf<L: Lane>(x: L) -> L {
    let [high, low] = L::Element::TWO_BY_ROOT_PI;
    let size = x.abs();
    let square = size * size;
    let near =
        size.fma(L::splat(high), size * square.fma(polynomial(L::Element::ERF, square), L::splat(low)));
    // 1 - exp(-x^2)*..., of which less than a third is taken off; past 6 it is far below the last place of 1.
    let inside = size.smaller(L::splat(6.0));
    let (above, below) = L::Element::ERF_FAR;
    let ratio = polynomial(above, inside) / polynomial(below, inside);
    let far = (-ratio).fma(Parts::of(-(inside * inside), 0.0).exp(), L::splat(1.0));
    L::select(size.lt(L::splat(0.75)), near, far).copysign(x)
}

/// erfc(x + rest) for 0 <= x <= 28, with the exponential of the exact square.
#[inline(always)]
fn tail<L: Lane>(x: L, rest: L) -> L {
    let two = L::splat(2.0);
    let square = x * x;
    let lost = (two * x).fma(rest, x.fma(x, -square));
    let sum = two + x;
    let t = two / sum;
    // What is missing of t, as a share of it; the function takes it up 1 + 1.26 t times, near enough.
    let sum_low = x - (sum - two) + rest;
    let missing = L::splat(0.5) * ((-t).fma(sum, two) - t * sum_low);
    let lost = lost - missing * t.fma(L::splat(1.26), L::splat(1.0));
    let [far, near] = L::Element::ERFC_AT.map(|at| t - L::splat(at));
    let is_far = t.lt(L::splat(0.4));
    let [far_sum, near_sum] = L::Element::ERFC;
    let sums = L::select(is_far, powers(&far_sum[1..], far), powers(&near_sum[1..], near));
    let first = L::select(is_far, L::splat(far_sum[0]), L::splat(near_sum[0]));
    let at = L::select(is_far, far, near);
    let ratio = sums.fma(at, first);
    let ratio_low = sums.fma(at, first - ratio);
    // exp(-x^2)*t*ratio, its first parts twice as exact: only the last sum rounds a whole number.
    let inside = (-square).larger(L::splat(L::Element::EXP_LOW - 1.0));
    let parts = Parts::of_sum(inside, -lost, L::Element::SHIFT);
    let main = t * ratio;
    let main_low = t.fma(ratio_low, t.fma(ratio, -main));
    (main + parts.less_one().fma(main, main_low)) * parts.power * down()
}

/// The density of the standard normal distribution: at most 1.5 units in the last place off.
#[inline(always)]
pub fn normpdf<L: Lane>(x: L) -> L {
    let [high, low] = L::Element::NORMAL;
    let half = L::splat(-0.5);
    // Far out it is 0.
    let size = x.abs().smaller(L::splat(L::Element::NORMAL_FAR));
    let square = size * size;
    // What the square and the constant lack is made up for in the exponent.
    let lost = size.fma(size, -square).fma(half, L::splat(low / high));
    let parts = Parts::of_sum(square * half, lost, L::Element::SHIFT);
    let power = parts.power * L::splat(high);
    parts.less_one().fma(power, power) * down()
}

/// The distribution function of the standard normal distribution: at most 2 units in the last place off.
#[inline(always)]
pub fn normcdf<L: Lane>(x: L) -> L {
    let [high, low] = L::Element::ROOT_HALF;
    let (half, one, far) = (L::splat(0.5), L::splat(1.0), L::splat(28.0));
    // |x|/sqrt(2) in two parts; past 28 the value is 0 or 1.
    let size = x.abs().smaller(L::splat(50.0));
    let main = size * L::splat(high);
    let rest = size.fma(L::splat(low), size.fma(L::splat(high), -main));
    let beyond = far.lt(main);
    let small = half * tail(main.smaller(far), L::select(beyond, L::splat(0.0), rest));
    let small = L::select(beyond, L::splat(0.0), small);
    L::select(x.lt(L::splat(0.0)), small, one - small)
}
