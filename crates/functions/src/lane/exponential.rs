//! Exponentials, logarithms and what is made of them.

use super::{Float, Lane, Mask, nan_where, polynomial};

/// What exp(x) is made of: x = k*log(2) + near + low.
pub(super) struct Parts<L> {
    /// 2^k, or as the shift says.
    pub power: L,
    /// The first part of the rest, exact.
    near: L,
    /// The second.
    low: L,
    /// The rest, rounded: at most log(2)/2, or little more.
    rest: L,
}

impl<L: Lane> Parts<L> {
    /// The parts of `x`, with `2^(k + shift)` a normal number.
    #[inline(always)]
    pub fn of(x: L, shift: f64) -> Parts<L> {
        Parts::shifted(x, sum(shift))
    }

    /// The same of `x + correction`; the correction is below a unit in the last place of `x`.
    #[inline(always)]
    pub fn of_sum(x: L, correction: L, shift: f64) -> Parts<L> {
        Parts::corrected(x, correction, sum(shift))
    }

    #[inline(always)]
    fn corrected(x: L, correction: L, sum: L) -> Parts<L> {
        let (parts, k) = Parts::begun(x, sum);
        let low = k.fma(L::splat(-L::Element::LN_2[1]), correction);
        Parts { low, rest: parts.near + low, ..parts }
    }

    /// The parts of `x`, where `sum` is that of the shift.
    #[inline(always)]
    fn shifted(x: L, sum: L) -> Parts<L> {
        Parts::begun(x, sum).0
    }

    /// The same, and k.
    #[inline(always)]
    fn begun(x: L, sum: L) -> (Parts<L>, L) {
        let [high, low] = L::Element::LN_2.map(|part| L::splat(-part));
        let rounded = x.fma(L::splat(std::f64::consts::LOG2_E), sum);
        let k = rounded - sum;
        let near = k.fma(high, x);
        (Parts { power: rounded.power(), near, low: k * low, rest: k.fma(low, near) }, k)
    }

    /// `exp(rest) - 1 - rest`, and what is added.
    #[inline(always)]
    fn bend(&self, first: L) -> L {
        (self.rest * self.rest).fma(polynomial(L::Element::EXP, self.rest), first)
    }

    /// `exp(rest) - 1`.
    #[inline(always)]
    pub fn less_one(&self) -> L {
        self.bend(self.rest)
    }

    /// exp(x), or as the shift says.
    #[inline(always)]
    pub fn exp(&self) -> L {
        self.less_one().fma(self.power, self.power)
    }

    /// `exp(x) - 1` where the shift makes `one` of 1.
    #[inline(always)]
    fn expm1(&self, one: f64) -> L {
        // What is small is added last; the sum before is exact where the result is below 1.
        let main = self.near.fma(self.power, self.power - L::splat(one));
        self.bend(self.low).fma(self.power, main)
    }
}

/// What rounds a number to a whole one when it is added, and holds it so that a power of two can be made of it.
#[inline(always)]
fn sum<L: Lane>(shift: f64) -> L {
    L::splat(L::Element::WHOLE + L::Element::BIAS + shift)
}

/// `exp(x)*2^SHIFT` for `x` from somewhat below [`Float::EXP_LOW`] to 0.
#[inline(always)]
pub(super) fn exp_up<L: Lane>(x: L) -> L {
    Parts::of(x, L::Element::SHIFT).exp()
}

/// `2^-SHIFT` of [`exp_up`].
#[inline(always)]
pub(super) fn down<L: Lane>() -> L {
    L::splat(1.0 / L::Element::SHIFTED)
}

/// A number within the range of exp; what rounds it for [`Parts`], and what takes the shift back in the end: 2^k may be
/// neither too large nor subnormal, so it is halved or multiplied.
#[inline(always)]
fn any_size<L: Lane>(x: L) -> (L, L, L) {
    let x = x.larger(L::splat(L::Element::EXP_LOW - 1.0)).smaller(L::splat(L::Element::EXP_HIGH));
    let negative = x.lt(L::splat(0.0));
    let sum = L::select(negative, sum(L::Element::SHIFT), sum(-1.0));
    (x, sum, L::select(negative, down(), L::splat(2.0)))
}

/// The exponential function: at most 1.5 units in the last place off.
#[inline(always)]
pub fn exp<L: Lane>(x: L) -> L {
    let (x, sum, back) = any_size(x);
    Parts::shifted(x, sum).exp() * back
}

/// exp(x + correction), for a correction below a unit in the last place of `x`.
#[inline(always)]
pub(super) fn exp_of_sum<L: Lane>(x: L, correction: L) -> L {
    let (x, sum, back) = any_size(x);
    Parts::corrected(x, correction, sum).exp() * back
}

/// `exp(x) - 1`: at most 1.5 units in the last place off.
#[inline(always)]
pub fn expm1<L: Lane>(x: L) -> L {
    let inside = x.larger(L::splat(-80.0)).smaller(L::splat(L::Element::EXP_HIGH));
    let half = Parts::of(inside, -1.0).expm1(0.5);
    // Small arguments, and signed zeros, are their own value to first order.
    L::select(x.abs().lt(L::splat(1e-20)), x, half + half)
}

/// log((1 + f)*2^k).
#[inline(always)]
fn log_of<L: Lane>(f: L, k: L) -> L {
    let [high, low] = L::Element::LN_2;
    let value = k.fma(L::splat(low), log_near(f, f + L::splat(2.0), L::Element::LOG));
    k.fma(L::splat(high), value)
}

/// log(1 + f), where `sum` is 2 + f.
#[inline(always)]
fn log_near<L: Lane>(f: L, sum: L, coefficients: &[f64]) -> L {
    let s = f / sum;
    let z = s * s;
    // 2 s = f - s f, and the first is exact.
    (-s).fma((-z).fma(polynomial(coefficients, z), f), f)
}

/// The natural logarithm, NaN unless positive: at most 1.5 units in the last place off.
#[inline(always)]
pub fn log<L: Lane>(x: L) -> L {
    let (m, k) = x.split();
    let value = log_of(m - L::splat(1.0), k);
    let infinity = L::splat(f64::INFINITY);
    let plain = L::splat(L::Element::NORMAL_LOW).lt(x).and(x.lt(infinity));
    if plain.all() {
        return value;
    }
    let (up, exponent) = L::Element::UP;
    let (m, k) = (x * L::splat(up)).split();
    let tiny = log_of(m - L::splat(1.0), k - L::splat(exponent));
    let rare = L::select(x.lt(infinity), tiny, x);
    L::select(plain, value, nan_where(L::splat(0.0).lt(x).not(), rare))
}

/// `log(1 + x)`, NaN unless `x > -1`: at most 2 units in the last place off.
#[inline(always)]
pub fn log1p<L: Lane>(x: L) -> L {
    let one = L::splat(1.0);
    let sum = one + x;
    let (m, k) = sum.split();
    // What the sum rounds away, over 2^k; past 2^53 it is nothing.
    let f = (x - (sum - one)).fma((-k).exp2i(), m - one);
    // A zero keeps its sign.
    let value = L::select(x.eq(L::splat(0.0)), x, log_of(f, k));
    // 2^-k is a normal number.
    let (above, below) = (L::splat(-1.0).lt(x), x.lt(L::splat(1.0 / L::Element::NORMAL_LOW)));
    if above.and(below).all() {
        return value;
    }
    nan_where(above.not(), L::select(below, value, log(x)))
}

/// `1 + exp(-x)` for `x` that is not far below 0.
#[inline(always)]
fn one_and_exp<L: Lane>(x: L) -> L {
    let parts = Parts::of((-x).larger(L::splat(-L::Element::EXP_NORMAL)), 0.0);
    // The second sum is exact, or 1 but for half a unit in the last place.
    parts.less_one().fma(parts.power, parts.power + L::splat(1.0))
}

/// Where the sum of 1 and the power of two in `exp(-x)` would not be exact.
#[inline(always)]
fn far_below<L: Lane>(x: L) -> L::Mask {
    x.lt(L::splat(-L::Element::EXP_WHOLE))
}

/// `1/(1 + exp(-x))`: at most 2 units in the last place off.
#[inline(always)]
pub fn sigmoid<L: Lane>(x: L) -> L {
    let value = L::splat(1.0) / one_and_exp(x);
    let far = far_below(x);
    if !far.any() {
        return value;
    }
    // e/(1 + e) = e - e^2 + ..., and the next is far below the last place.
    let e = exp(x);
    L::select(far, (-e).fma(e, e), value)
}

/// `x*sigmoid(x)`: at most 2 units in the last place off.
#[inline(always)]
pub fn silu<L: Lane>(x: L) -> L {
    let value = x / one_and_exp(x);
    let far = far_below(x);
    if !far.any() {
        return value;
    }
    // The same as for sigmoid. The product leaves the normal numbers later than the exponential.
    let inside = x.larger(L::splat(L::Element::EXP_LOW - 10.0)).smaller(L::splat(0.0));
    let parts = Parts::of(inside, L::Element::SHIFT);
    let main = parts.power * inside;
    let product = parts.less_one().fma(main, main) * down();
    L::select(far, (-product).fma(parts.exp() * down(), product), value)
}

/// `log(1 + exp(x))`: at most 2 units in the last place off.
#[inline(always)]
pub fn softplus<L: Lane>(x: L) -> L {
    let small = exp_up((-x.abs()).larger(L::splat(L::Element::EXP_LOW - 1.0))) * down();
    log_near(small, small + L::splat(2.0), L::Element::LOG_FAR) + x.larger(L::splat(0.0))
}

/// The hyperbolic tangent: at most 2 units in the last place off.
#[inline(always)]
pub fn tanh<L: Lane>(x: L) -> L {
    let size = x.abs();
    // With h = (exp(2 |x|) - 1)/2 it is h/(h + 1); past 22 that is 1.
    let h = Parts::of((size + size).smaller(L::splat(44.0)), -1.0).expm1(0.5);
    let quotient = h / (h + L::splat(1.0));
    // h/(h + 1) = h - h*h/(h + 1), and this takes little off where h is small.
    let value = L::select(h.lt(L::splat(0.5)), (-h).fma(quotient, h), quotient);
    value.copysign(x)
}
