//! The error function and the normal distribution.

use super::exponential::{exp_parts, exp_plain, exp_sum, scale};
use super::{Float, Lane, polynomial, powers};

/// (erf(x)/x - 2/sqrt(pi))/x^2 in z = x^2 for |x| up to 1.
const ERF: [f64; 12] = [
    -0.37612638903183754,
    0.11283791670955111,
    -0.026866170645123838,
    0.005223977625303518,
    -0.0008548327010033328,
    0.00012055332214716276,
    -1.4925622504489842e-05,
    1.6461446656928561e-06,
    -1.6355118610877705e-07,
    1.4692484859133263e-08,
    -1.1500357159785296e-09,
    6.174097221305255e-11,
];

/// exp(x^2)*erfc(x)/t in t - 9/16, where t = 2/(2 + x), for x from 1 to 6, as exact as the error function needs it: the
/// product of exp(-x^2)*t with it is at most 1e-18 off.
const ERF_FAR: [f64; 13] = [
    0.5559551406336152,
    0.7585615616759465,
    0.5820130839013395,
    0.0992050930508692,
    -0.19831926010649994,
    -0.06334440765511007,
    0.11310000905674172,
    0.01187718229389184,
    -0.07849214129665417,
    0.028188372390706973,
    0.04320668939400666,
    -0.04828655525514075,
    -0.010356250893503734,
];

/// exp(x^2)*erfc(x)/t in t - 1/4, where t = 2/(2 + x), for x from 3 to 28.
const ERFC_FAR: [f64; 16] = [
    0.3711062712021534,
    0.44330016179008375,
    0.4054727305001298,
    0.23336785677425367,
    0.002784132606485277,
    -0.13060923892939313,
    -0.07123366716319632,
    0.07576381326321859,
    0.08956780196651601,
    -0.05867797969955441,
    -0.10859118091142207,
    0.06871385084526804,
    0.1399375972051159,
    -0.10899051724955537,
    -0.17051065083698663,
    0.12131436352771871,
];

/// exp(x^2)*erfc(x)/t in t - 11/16 for x from 0 to 3.
const ERFC_NEAR: [f64; 19] = [
    0.6600131319921851,
    0.9071091222461252,
    0.5997993596039105,
    -0.005455766541554833,
    -0.21179597998828534,
    0.01790545378109702,
    0.09530555183764555,
    -0.04448970355572557,
    -0.03138623231403881,
    0.044374169831197,
    -0.009953871630266191,
    -0.02140395968046041,
    0.023888402796665893,
    -0.005723769487982753,
    -0.01201266377733055,
    0.016108604053625287,
    -0.006231121715226969,
    -0.007593197482108722,
    0.00901638051350005,
];

/// erfc(x + rest) for 0 <= x <= 28, with the exponential of the exact square.
#[inline(always)]
fn tail<L: Lane>(x: L, rest: L) -> L {
    let two = L::splat(2.0);
    let square = x * x;
    let lost = (two * x).fma(rest, x.fma(x, -square));
    let sum = two + x;
    let t = two / sum;
    // What is missing of t, as a share of it; the function takes it up 1 + 1.26 t times, near enough.
    let sum_low = L::select(x.lt(two), x - (sum - two), two - (sum - x)) + rest;
    let missing = L::splat(0.5) * ((-t).fma(sum, two) - t * sum_low);
    let lost = lost - missing * t.fma(L::splat(1.26), L::splat(1.0));
    let (far, near) = (t - L::splat(0.25), t - L::splat(0.6875));
    let is_far = t.lt(L::splat(0.4));
    let sums = L::select(is_far, powers(&ERFC_FAR[1..], far), powers(&ERFC_NEAR[1..], near));
    let first = L::select(is_far, L::splat(ERFC_FAR[0]), L::splat(ERFC_NEAR[0]));
    let at = L::select(is_far, far, near);
    let ratio = sums.fma(at, first);
    let ratio_low = sums.fma(at, first - ratio);
    // (1 + q)*t*ratio*2^k, its first parts twice as exact: only the last sum rounds a whole number.
    let (q, k) = exp_parts((-square).larger(L::splat(L::Element::EXP_LOW - 1.0)), -lost);
    let main = t * ratio;
    let main_low = t.fma(ratio_low, t.fma(ratio, -main));
    scale(main + q.fma(main, main_low), k)
}

/// The error function: at most 1.5 units in the last place off.
#[inline(always)]
pub fn erf<L: Lane>(x: L) -> L {
    let one = L::splat(1.0);
    let size = x.abs();
    let square = x * x;
    let [high, low] = L::Element::TWO_BY_ROOT_PI;
    let near = x.fma(L::splat(high), x * square.fma(polynomial(&ERF, square), L::splat(low)));
    // 1 - exp(-x^2)*t*(...), of which a sixth is taken off at most; past 6 it is far below the last place of 1.
    let two = L::splat(2.0);
    let inside = size.smaller(L::splat(6.0));
    let t = two / (two + inside);
    let ratio = polynomial(&ERF_FAR, t - L::splat(0.5625));
    let (q, k) = exp_plain(-(inside * inside));
    let far = (-(t * ratio)).fma((q + one) * k.exp2i(), one);
    let value = L::select(size.lt(one), near, far.copysign(x));
    L::select(x.is_nan(), x, value)
}

/// The density of the standard normal distribution: at most 2 units in the last place off.
#[inline(always)]
pub fn normpdf<L: Lane>(x: L) -> L {
    let [high, low] = L::Element::NORMAL;
    // Far out the square may overflow; the value is 0 long before.
    let x = L::select(x.is_nan(), x, x.abs().smaller(L::splat(50.0)));
    let square = x * x;
    let lost = x.fma(x, -square);
    let half = L::splat(0.5);
    let main = exp_sum(-half * square, -half * lost);
    main.fma(L::splat(high), main * L::splat(low))
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
    let value = L::select(x.lt(L::splat(0.0)), small, one - small);
    L::select(x.is_nan(), x, value)
}
