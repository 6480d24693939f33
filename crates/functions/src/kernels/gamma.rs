//! The gamma function and its family: logarithm, derivatives of the logarithm, beta, factorials.

use super::dd::{BERNOULLI, Dd, HALF_LOG_TAU, PI};

/// From here on Stirling's series holds to twice a double's precision.
const FAR: f64 = 20.0;

/// The gamma function; NaN at 0 and the negative whole numbers.
pub fn gamma(x: f64) -> f64 {
    if x <= 0.0 && x == x.floor() { f64::NAN } else { pxfm::f_tgamma(x) }
}

/// The logarithm of the absolute value of gamma.
pub fn lgamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 && x == x.floor() {
        return f64::NAN;
    }
    if x > 0.0 {
        return pxfm::f_lgamma(x);
    }
    if x > -1e-20 {
        return -pxfm::f_log(-x);
    }
    // Reflection, in twice the precision since the two parts cancel near the zeros.
    let (sine, _) = Dd::from(x).sin_cos_pi();
    ((PI / sine.abs()).log() - log_gamma(Dd::sum(1.0, -x))).value()
}

/// log(gamma(x)) for positive x.
pub(super) fn log_gamma(x: Dd) -> Dd {
    let (z, product) = shifted(x);
    (z - Dd::from(0.5)) * z.log() - z + HALF_LOG_TAU + stirling(z) - product.log()
}

/// `x + k` at least [`FAR`], and the product of the steps on the way.
fn shifted(x: Dd) -> (Dd, Dd) {
    let (mut z, mut product) = (x, Dd::ONE);
    while z.hi < FAR {
        product = product * z;
        z = z + Dd::ONE;
    }
    (z, product)
}

/// What Stirling's series adds to (z - 1/2) log z - z + log(2 pi)/2.
fn stirling(z: Dd) -> Dd {
    let inverse = Dd::ONE / z;
    let square = inverse.square();
    let (mut power, mut sum) = (inverse, Dd::ZERO);
    for (k, &(numerator, denominator)) in BERNOULLI.iter().enumerate() {
        let n = 2.0 * (k as f64 + 1.0);
        sum = sum + power * Dd::quotient(numerator, denominator * n * (n - 1.0));
        power = power * square;
    }
    sum
}

/// The derivative of lgamma.
pub fn digamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 && x == x.floor() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x.abs() < 1e-20 {
        return -1.0 / x;
    }
    if x > 1e20 {
        return pxfm::f_log(x);
    }
    if x > 0.0 {
        return digamma_positive(Dd::from(x)).value();
    }
    let (sine, cosine) = Dd::from(x).sin_cos_pi();
    (digamma_positive(Dd::sum(1.0, -x)) - PI * cosine / sine).value()
}

fn digamma_positive(x: Dd) -> Dd {
    let (mut z, mut sum) = (x, Dd::ZERO);
    while z.hi < FAR {
        sum = sum - Dd::ONE / z;
        z = z + Dd::ONE;
    }
    let inverse = Dd::ONE / z;
    let square = inverse.square();
    let mut power = square;
    sum = sum + z.log() - inverse.scale(0.5);
    for (k, &(numerator, denominator)) in BERNOULLI.iter().enumerate() {
        sum = sum - power * Dd::quotient(numerator, denominator * 2.0 * (k as f64 + 1.0));
        power = power * square;
    }
    sum
}

/// The largest order of polygamma that is computed.
pub const LARGEST_ORDER: f64 = 1000.0;

/// The derivative of digamma of order `n`, a whole number from 0 to [`LARGEST_ORDER`].
pub fn polygamma(n: f64, x: f64) -> f64 {
    let order = (0.0..=LARGEST_ORDER).contains(&n) && n == n.floor();
    if !order || x.is_nan() || x <= 0.0 && x == x.floor() {
        return f64::NAN;
    }
    if n == 0.0 {
        return digamma(x);
    }
    let odd = n % 2.0 == 1.0;
    let sign = if odd { 1.0 } else { -1.0 };
    let s = n + 1.0;
    if x == f64::INFINITY {
        return sign * 0.0;
    }
    // n! zeta(n + 1, x), with the size of the largest term apart, in logarithms.
    let value = |unit: Dd, sum: Dd| {
        let (part, k) = (log_gamma(Dd::from(s)) - unit.log() * Dd::from(s)).exp_parts();
        scaled(part * sum, k)
    };
    if x > 1e17 {
        // The leading term (n-1)!/x^n; the others are below half a unit in the last place.
        let (part, k) = (log_gamma(Dd::from(n)) - Dd::from(x).log() * Dd::from(n)).exp_parts();
        return sign * scaled(part, k);
    }
    if x > 0.0 {
        let x = Dd::from(x);
        return sign * value(x, relative_hurwitz(s, x, x));
    }
    if x > -1e-17 {
        // The pole alone.
        let (part, k) = (log_gamma(Dd::from(s)) - Dd::from(-x).log() * Dd::from(s)).exp_parts();
        return scaled(part, k);
    }
    // The sum over all shifts of x is periodic; what lies below x is taken away.
    let fraction = Dd::sum(x, -x.floor());
    let rest = Dd::ONE - fraction;
    let unit = if fraction.hi < 0.5 { fraction } else { rest };
    // Half-way between two poles the first two cancel to the last bit: they come first.
    let around = relative_hurwitz(s, fraction, unit) + relative_hurwitz(s, rest, unit).scale(sign);
    sign * value(unit, around - relative_hurwitz(s, Dd::sum(1.0, -x), unit).scale(sign))
}

/// zeta(s, x) times unit^s, for whole s of at least 2 and positive x, by the sum of Euler and Maclaurin.
fn relative_hurwitz(s: f64, x: Dd, unit: Dd) -> Dd {
    let power = |z: Dd| (unit / z).powi(s as u32);
    let (mut z, mut sum) = (x, Dd::ZERO);
    let far = FAR + s;
    while z.hi < far {
        let term = power(z);
        sum = sum + term;
        if term.hi <= sum.hi * 1e-34 {
            return sum;
        }
        z = z + Dd::ONE;
    }
    let last = power(z);
    sum = sum + last * z / Dd::from(s - 1.0) + last.scale(0.5);
    // last * B_2k/(2k)! * s (s+1) ... (s+2k-2) / z^(2k-1)
    let inverse = Dd::ONE / z;
    let mut factor = last * inverse * Dd::from(s).scale(0.5);
    for (k, &(numerator, denominator)) in BERNOULLI.iter().enumerate() {
        let term = factor * Dd::quotient(numerator, denominator);
        sum = sum + term;
        if term.hi.abs() < sum.hi.abs() * 1e-34 {
            break;
        }
        let n = 2.0 * (k as f64 + 1.0);
        factor =
            factor * inverse.square() * Dd::from((s + n - 1.0) * (s + n)) / Dd::from((n + 1.0) * (n + 2.0));
    }
    sum
}

/// A number times a power of two, infinite or 0 where it leaves the doubles.
pub(super) fn scaled(part: Dd, k: i32) -> f64 {
    let k = k.clamp(-2200, 2200);
    let (a, b) = (k / 3, k / 3);
    let value = part.value() * super::dd::power_of_two(a);
    value * super::dd::power_of_two(b) * super::dd::power_of_two(k - a - b)
}

/// Euler's beta function of positive arguments.
pub fn beta(x: f64, y: f64) -> f64 {
    if !(x > 0.0 && y > 0.0) {
        return f64::NAN;
    }
    if x == f64::INFINITY || y == f64::INFINITY {
        return 0.0;
    }
    let (small, large) = if x < y { (x, y) } else { (y, x) };
    if small < 1e-290 || small < 1e-20 && large <= 1e10 {
        // 1/small + 1/large up to terms of relative size `small`.
        return 1.0 / small + 1.0 / large;
    }
    let (part, k) = log_beta(Dd::from(small), Dd::from(large)).exp_parts();
    scaled(part, k)
}

/// log(beta(x, y)) for 0 < x <= y.
fn log_beta(x: Dd, y: Dd) -> Dd {
    // gamma(y)/gamma(x + y) through the difference of two Stirling series, whose large parts are joined by hand.
    let (far, steps) = shifted(y);
    let both = far + x;
    let steps_both = {
        let (mut z, mut product) = (x + y, Dd::ONE);
        let mut from = y;
        while from.hi < FAR {
            product = product * z;
            z = z + Dd::ONE;
            from = from + Dd::ONE;
        }
        product
    };
    let ratio =
        -((both - Dd::from(0.5)) * (x / far).log1p()) - x * far.log() + x + stirling(far) - stirling(both);
    let (near, product) = shifted(x);
    let log_x = (near - Dd::from(0.5)) * near.log() - near + HALF_LOG_TAU + stirling(near);
    ratio + (steps_both / steps).log() + log_x - product.log()
}

/// `gamma(x + 1)`.
pub fn factorial(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 && x == x.floor() {
        return f64::NAN;
    }
    if x == x.floor() && x <= 171.0 {
        let (mut product, mut k) = (Dd::ONE, 2.0);
        while k <= x {
            product = product * Dd::from(k);
            if product.hi.is_infinite() {
                return f64::INFINITY;
            }
            k += 1.0;
        }
        return product.value();
    }
    // x*gamma(x) keeps the digits that x + 1 would round away.
    if x.abs() < 0.5 { gamma(1.0 + x) } else { x * gamma(x) }
}

/// `gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))` for `n > -1` and `k > -1`.
pub fn binomial(n: f64, k: f64) -> f64 {
    if !(n > -1.0 && k > -1.0) || n == f64::INFINITY || k == f64::INFINITY {
        return f64::NAN;
    }
    let rest = Dd::sum(n, -k);
    let whole = k == k.floor();
    if whole && n == n.floor() && k > n {
        return 0.0;
    }
    let short = if n == n.floor() && whole && rest.value() < k { rest.value() } else { k };
    if whole && short <= 500.0 {
        let (mut product, mut i) = (Dd::ONE, 1.0);
        while i <= short {
            product = product * (Dd::sum(n, -short) + Dd::from(i)) / Dd::from(i);
            if product.hi.is_infinite() || product.hi.is_nan() {
                return f64::INFINITY;
            }
            i += 1.0;
        }
        return product.value();
    }
    let one = Dd::ONE;
    if rest.hi > -1.0 {
        let (a, b) = (rest + one, Dd::from(k) + one);
        let (small, large) = if a.hi < b.hi { (a, b) } else { (b, a) };
        let (part, exponent) = (-log_beta(small, large) - (Dd::from(n) + one).log()).exp_parts();
        return scaled(part, exponent);
    }
    if rest.lo == 0.0 && rest.hi == rest.hi.floor() {
        // A pole below the fraction line.
        return 0.0;
    }
    // 1/gamma of what is negative, by reflection; the gammas that remain are a beta function.
    // sin(pi*(rest + 1)) without the rounding of that sum.
    let (sine, _) = (-rest).sin_cos_pi();
    let (a, b) = (Dd::from(n) + one, -rest);
    let (small, large) = if a.hi < b.hi { (a, b) } else { (b, a) };
    let (part, exponent) = log_beta(small, large).exp_parts();
    scaled(part * sine / PI, exponent)
}
