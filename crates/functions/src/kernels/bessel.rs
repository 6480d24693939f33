//! Bessel functions of whole order.

use super::dd::{Dd, PI};
use super::gamma::log_gamma;

/// The largest order, on either side of 0, that is computed.
pub const LARGEST_ORDER: f64 = 100_000.0;

// A power of two near 1e-250: recurrences are scaled by it before they overflow, without rounding.
const TINY: f64 = f64::from_bits((1023 - 830) << 52);

/// J0.
pub fn j0(x: f64) -> f64 {
    if x.is_infinite() { 0.0 } else { pxfm::f_j0(x) }
}

/// J1.
pub fn j1(x: f64) -> f64 {
    if x.is_infinite() { 0.0 } else { pxfm::f_j1(x) }
}

/// I0.
pub fn i0(x: f64) -> f64 {
    if x.is_infinite() { f64::INFINITY } else { pxfm::f_i0(x) }
}

/// I1.
pub fn i1(x: f64) -> f64 {
    if x.is_infinite() { x } else { pxfm::f_i1(x) }
}

fn order(n: f64) -> bool {
    n == n.floor() && n.abs() <= LARGEST_ORDER
}

/// The sign that an odd function of an odd order has.
fn odd(n: f64, negative: bool) -> f64 {
    if negative && n % 2.0 != 0.0 { -1.0 } else { 1.0 }
}

/// J of whole order `n`, up to [`LARGEST_ORDER`].
pub fn jn(n: f64, x: f64) -> f64 {
    if !order(n) || x.is_nan() {
        return f64::NAN;
    }
    // J(-n, x) = J(n, -x) = (-1)^n J(n, x).
    let sign = odd(n, (n < 0.0) != (x < 0.0));
    let (n, x) = (n.abs(), x.abs());
    if n == 0.0 {
        return j0(x);
    }
    if n == 1.0 {
        return sign * j1(x);
    }
    if x == 0.0 || x == f64::INFINITY {
        return 0.0;
    }
    if x * x <= n + 1.0 {
        return sign * series(n, x, -1.0);
    }
    sign * if x > n { upward(n, x) } else { downward(n, x) }
}

/// The power series of J (`sign` -1) or I (`sign` 1): few terms where x^2 is at most n + 1.
fn series(n: f64, x: f64, sign: f64) -> f64 {
    let quarter = Dd::product(x, x).scale(0.25 * sign);
    let (mut term, mut sum, mut k) = (Dd::ONE, Dd::ONE, 0.0);
    while term.hi.abs() > 1e-34 && k < 100.0 {
        k += 1.0;
        term = term * quarter / Dd::from(k * (n + k));
        sum = sum + term;
    }
    let (part, k) =
        ((Dd::from(x).log() - Dd::from(2.0).log()) * Dd::from(n) - log_gamma(Dd::from(n + 1.0))).exp_parts();
    let k = k.clamp(-2000, 1000);
    (part * sum).value() * super::dd::power_of_two(k / 2) * super::dd::power_of_two(k - k / 2)
}

/// J0 and J1 in twice the precision for 40 <= x, by Hankel's expansion.
fn hankel(x: f64) -> (Dd, Dd) {
    // Past 1e6 the angles are those of rounded sines, still right to a unit in the last place of the amplitude.
    let (sine, cosine) =
        if x < 1e6 { Dd::from(x).sin_cos() } else { (Dd::from(pxfm::f_sin(x)), Dd::from(pxfm::f_cos(x))) };
    let amplitude = (Dd::ONE / (PI * Dd::from(x))).sqrt();
    // sqrt(2)*cos(x - pi/4) = cos x + sin x, and so on by quarter turns.
    let sums = (cosine + sine, sine - cosine);
    let (p, q) = expansion(0.0, x);
    let zero = amplitude * (p * sums.0 - q * sums.1);
    let (p, q) = expansion(4.0, x);
    // x - 3 pi/4: its cosine is that of sine and its sine that of minus cosine of the angle above.
    let one = amplitude * (p * sums.1 + q * sums.0);
    (zero, one)
}

/// P and Q of Hankel's expansion for 4 n^2 = mu.
fn expansion(mu: f64, x: f64) -> (Dd, Dd) {
    let (mut p, mut q) = (Dd::ONE, Dd::ZERO);
    let mut term = Dd::ONE;
    // Where it is used, x is at least 40 and far fewer terms are taken.
    for k in 1..200 {
        let step = f64::from(2 * k - 1);
        let next = term * Dd::from(mu - step * step) / Dd::from(f64::from(8 * k)) / Dd::from(x);
        if next.hi.abs() >= term.hi.abs() || next.hi.abs() < 1e-34 {
            break;
        }
        term = next;
        match k % 4 {
            1 => q = q + term,
            2 => p = p - term,
            3 => q = q - term,
            _ => p = p + term,
        }
    }
    (p, q)
}

/// From J0 and J1 up to order n < x, where that is stable.
fn upward(n: f64, x: f64) -> f64 {
    if x < 40.0 {
        return downward(n, x);
    }
    let (mut low, mut high) = hankel(x);
    let mut k = 1.0;
    let inverse = Dd::from(2.0) / Dd::from(x);
    while k < n {
        (low, high) = (high, high * inverse * Dd::from(k) - low);
        k += 1.0;
    }
    high.value()
}

/// Miller's recurrence: down from an order where J vanishes, then scaled by the sum J0 + 2 J2 + 2 J4 + ... = 1 or,
/// for large x, by J0 and J1.
fn downward(n: f64, x: f64) -> f64 {
    let top = n.max(x);
    // Past this order J falls below 1e-32 of what it is at order n.
    let start = 2.0 * ((top + 30.0 + 14.0 * pxfm::f_cbrt(top)) / 2.0).ceil();
    let inverse = Dd::from(2.0) / Dd::from(x);
    let (mut high, mut low) = (Dd::ZERO, Dd::from(1e-250));
    let (mut wanted, mut sum) = (Dd::ZERO, Dd::ZERO);
    let mut k = start;
    while k > 0.0 {
        if k == n {
            wanted = low;
        }
        if k % 2.0 == 0.0 {
            sum = sum + low.scale(2.0);
        }
        (high, low) = (low, low * inverse * Dd::from(k) - high);
        k -= 1.0;
        if low.hi.abs() > 1e250 {
            (high, low, wanted, sum) =
                (high.scale(TINY), low.scale(TINY), wanted.scale(TINY), sum.scale(TINY));
        }
    }
    if x < 40.0 {
        return (wanted / (sum + low)).value();
    }
    let (zero, one) = hankel(x);
    if zero.hi.abs() > one.hi.abs() { (wanted * zero / low).value() } else { (wanted * one / high).value() }
}

/// I of whole order `n`, up to [`LARGEST_ORDER`].
pub fn iv(n: f64, x: f64) -> f64 {
    if !order(n) || x.is_nan() {
        return f64::NAN;
    }
    let sign = odd(n, x < 0.0);
    let (n, x) = (n.abs(), x.abs());
    if n == 0.0 {
        return i0(x);
    }
    if n == 1.0 {
        return sign * i1(x);
    }
    if x == 0.0 {
        return 0.0;
    }
    if x * x <= n + 1.0 {
        return sign * series(n, x, 1.0);
    }
    if x > 2e5 {
        // exp(x) overflows, and no order that is computed brings it back.
        return sign * f64::INFINITY;
    }
    // Down from where I vanishes, scaled by I0 + 2 I1 + 2 I2 + ... = exp(x).
    let start = (n + 40.0 + 13.0 * x.sqrt() + 4.0 * n.sqrt()).ceil();
    let inverse = Dd::from(2.0) / Dd::from(x);
    let (mut high, mut low) = (Dd::ZERO, Dd::from(1e-250));
    let (mut wanted, mut sum) = (Dd::ZERO, Dd::ZERO);
    let mut shift = 0.0;
    let mut k = start;
    while k > 0.0 {
        if k == n {
            (wanted, shift) = (low, 0.0);
        }
        sum = sum + low.scale(2.0);
        (high, low) = (low, low * inverse * Dd::from(k) + high);
        k -= 1.0;
        if low.hi > 1e250 {
            (high, low, sum) = (high.scale(TINY), low.scale(TINY), sum.scale(TINY));
            shift += 1.0;
        }
    }
    let sum = sum + low;
    if wanted.hi == 0.0 {
        return 0.0;
    }
    let log = Dd::from(x) + wanted.log() - sum.log() - Dd::from(1.0 / TINY).log() * Dd::from(shift);
    if log.hi > 710.0 {
        return sign * f64::INFINITY;
    }
    sign * log.exp().value()
}

/// The spherical Bessel function j of whole order `n >= 0`, up to [`LARGEST_ORDER`].
pub fn spherical_j(n: f64, x: f64) -> f64 {
    if !order(n) || n < 0.0 || x.is_nan() {
        return f64::NAN;
    }
    let sign = odd(n, x < 0.0);
    let x = x.abs();
    if n == 0.0 {
        return sinc(x);
    }
    if x == 0.0 || x == f64::INFINITY {
        return 0.0;
    }
    if x * x <= n + 1.0 {
        return sign * spherical_series(n, x);
    }
    let (sine, cosine) =
        if x < 1e6 { Dd::from(x).sin_cos() } else { (Dd::from(pxfm::f_sin(x)), Dd::from(pxfm::f_cos(x))) };
    let inverse = Dd::ONE / Dd::from(x);
    let zero = sine * inverse;
    let one = (zero - cosine) * inverse;
    if x > n && x > 40.0 {
        let (mut low, mut high, mut k) = (zero, one, 1.0);
        while k < n {
            (low, high) = (high, high * inverse * Dd::from(2.0 * k + 1.0) - low);
            k += 1.0;
        }
        return sign * high.value();
    }
    let top = n.max(x);
    let start = (top + 30.0 + 14.0 * pxfm::f_cbrt(top)).ceil();
    let (mut high, mut low) = (Dd::ZERO, Dd::from(1e-250));
    let mut wanted = Dd::ZERO;
    let mut k = start;
    while k > 0.0 {
        if k == n {
            wanted = low;
        }
        (high, low) = (low, low * inverse * Dd::from(2.0 * k + 1.0) - high);
        k -= 1.0;
        if low.hi.abs() > 1e250 {
            (high, low, wanted) = (high.scale(TINY), low.scale(TINY), wanted.scale(TINY));
        }
    }
    sign * if zero.hi.abs() > one.hi.abs() {
        (wanted * zero / low).value()
    } else {
        (wanted * one / high).value()
    }
}

/// x^n/(1*3*...*(2n+1)) (1 - x^2/2/(2n+3) + ...).
fn spherical_series(n: f64, x: f64) -> f64 {
    let half = Dd::product(x, x).scale(-0.5);
    let (mut term, mut sum, mut k) = (Dd::ONE, Dd::ONE, 0.0);
    while term.hi.abs() > 1e-34 && k < 100.0 {
        k += 1.0;
        term = term * half / Dd::from(k * (2.0 * (n + k) + 1.0));
        sum = sum + term;
    }
    // The double factorial is 2^(n+1) gamma(n + 3/2)/sqrt(pi).
    let two = Dd::from(2.0).log();
    let log = Dd::from(x).log() * Dd::from(n) - two * Dd::from(n + 1.0) - log_gamma(Dd::from(n + 1.5))
        + PI.log().scale(0.5);
    let (part, k) = log.exp_parts();
    let k = k.clamp(-2000, 1000);
    (part * sum).value() * super::dd::power_of_two(k / 2) * super::dd::power_of_two(k - k / 2)
}

/// `sin(x)/x`, 1 at 0.
pub fn sinc(x: f64) -> f64 {
    if x.is_infinite() { 0.0 } else { pxfm::f_sinc(x) }
}
