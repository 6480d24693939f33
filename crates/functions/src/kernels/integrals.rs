//! Integrals that have names: exponential, sine, cosine and logarithmic integrals, the dilogarithm.

use super::dd::{BERNOULLI, Dd, EULER_GAMMA, HALF_PI, PI};

/// The exponential integral, its principal value for positive arguments.
pub fn ei(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return f64::NAN;
    }
    if x > 720.0 {
        return f64::INFINITY;
    }
    if x < -760.0 {
        return -0.0;
    }
    if x < -15.0 {
        let (part, k) = Dd::from(x).exp_parts();
        let value = -(part * e1_fraction(Dd::from(-x))).value();
        return value * super::dd::power_of_two(k / 2) * super::dd::power_of_two(k - k / 2);
    }
    if x > 45.0 {
        let (part, k) = Dd::from(x).exp_parts();
        let value = (part * ei_tail(Dd::from(x))).value();
        return value * super::dd::power_of_two(k / 2) * super::dd::power_of_two(k - k / 2);
    }
    ei_series(Dd::from(x)).value()
}

/// Ei by its power series: 15 below zero to 45 above.
fn ei_series(x: Dd) -> Dd {
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.hi.abs() > 1e-34 * sum.hi.abs() && n < 400.0 {
        n += 1.0;
        term = term * x / Dd::from(n);
        sum = sum + term / Dd::from(n);
    }
    EULER_GAMMA + x.abs().log() + sum
}

/// Ei(x)*exp(-x) for large x, by its asymptotic series.
fn ei_tail(x: Dd) -> Dd {
    let inverse = Dd::ONE / x;
    let (mut term, mut sum, mut n) = (inverse, inverse, 1.0);
    while term.hi > 1e-33 * sum.hi && n < x.hi - 1.0 {
        term = term * inverse * Dd::from(n);
        sum = sum + term;
        n += 1.0;
    }
    sum
}

/// E1(x)*exp(x) by its continued fraction 1/(x+1-1/(x+3-4/(x+5-...))), from the inside out.
fn e1_fraction(x: Dd) -> Dd {
    let mut n = 60.0;
    let mut value = Dd::ZERO;
    while n >= 1.0 {
        value = Dd::from(n * n) / (x + Dd::from(2.0 * n + 1.0) - value);
        n -= 1.0;
    }
    Dd::ONE / (x + Dd::ONE - value)
}

/// The exponential integral E1 of a positive number.
pub fn e1(x: f64) -> f64 {
    if x > 0.0 { -ei(-x) } else { f64::NAN }
}

/// The logarithmic integral.
pub fn li(x: f64) -> f64 {
    if !(x > 0.0) || x == 1.0 {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return x;
    }
    let log = Dd::from(x).log();
    if log.hi > 45.0 {
        return (Dd::from(x.min(1e300)) * ei_tail(log)).value() * (x / x.min(1e300));
    }
    if log.hi < -15.0 {
        return -x * e1_fraction(-log).value();
    }
    ei_series(log).value()
}

/// The sine integral.
pub fn si(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() {
        return x;
    }
    let value = if size < 24.0 {
        // Odd powers over n times n!.
        let z = Dd::from(size);
        let square = -z.square();
        let (mut term, mut sum, mut n) = (z, z, 1.0);
        while term.hi.abs() > 1e-34 * sum.hi.abs() && n < 200.0 {
            term = term * square / Dd::from((n + 1.0) * (n + 2.0));
            n += 2.0;
            sum = sum + term / Dd::from(n);
        }
        sum.value()
    } else {
        let (f, g) = auxiliary(size);
        let (sine, cosine) = (pxfm::f_sin(size), pxfm::f_cos(size));
        (HALF_PI - f * Dd::from(cosine) - g * Dd::from(sine)).value()
    };
    if size == f64::INFINITY { HALF_PI.hi.copysign(x) } else { value.copysign(x) }
}

/// The cosine integral of a positive number.
pub fn ci(x: f64) -> f64 {
    if !(x > 0.0) {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    if x < 24.0 {
        let z = Dd::from(x);
        let square = -z.square();
        let (mut term, mut sum, mut n) = (Dd::ONE, Dd::ZERO, 0.0);
        loop {
            term = term * square / Dd::from((n + 1.0) * (n + 2.0));
            n += 2.0;
            let next = term / Dd::from(n);
            sum = sum + next;
            if next.hi.abs() <= 1e-34 || n > 200.0 {
                break;
            }
        }
        return (EULER_GAMMA + z.log() + sum).value();
    }
    let (f, g) = auxiliary(x);
    if x < 1e6 {
        let (sine, cosine) = Dd::from(x).sin_cos();
        return (f * sine - g * cosine).value();
    }
    (f * Dd::from(pxfm::f_sin(x)) - g * Dd::from(pxfm::f_cos(x))).value()
}

/// f and g with Ci(x) + i (Si(x) - pi/2) = (f - i g) sin-and-cosine: -i exp(i x) times conj of them is E1(i x), taken
/// from its continued fraction, complex, from the inside out.
fn auxiliary(x: f64) -> (Dd, Dd) {
    if x > 1e9 {
        // f = 1/x and g = 1/x^2 to the last bit.
        let inverse = Dd::ONE / Dd::from(x);
        return (inverse, inverse.square());
    }
    let x = Dd::from(x);
    let (mut re, mut im) = (Dd::ZERO, Dd::ZERO);
    let mut n = 80.0;
    while n >= 0.0 {
        // value = n^2/(i x + 2n + 1 - value), with 1 for n^2 in the end.
        let (a, b) = (Dd::from(2.0 * n + 1.0) - re, x - im);
        let top = Dd::from(if n == 0.0 { 1.0 } else { n * n });
        let size = a.square() + b.square();
        (re, im) = (top * a / size, -(top * b / size));
        n -= 1.0;
    }
    // exp(i x) E1(i x) = g - i f.
    (-im, re)
}

/// The dilogarithm Li2 for `x <= 1`.
pub fn dilog(x: f64) -> f64 {
    if !(x <= 1.0) {
        return f64::NAN;
    }
    if x == 1.0 {
        return (PI.square() / Dd::from(6.0)).value();
    }
    if x == f64::NEG_INFINITY {
        return x;
    }
    if x < -1.0 {
        // Inversion.
        let log = Dd::from(-x).log();
        let inverse = dilog_near(Dd::quotient(1.0, x));
        return (-PI.square() / Dd::from(6.0) - log.square().scale(0.5) - inverse).value();
    }
    if x > 0.5 {
        // Reflection.
        let rest = Dd::sum(1.0, -x);
        let logs = Dd::from(x).log() * rest.log();
        return (PI.square() / Dd::from(6.0) - logs - dilog_near(rest)).value();
    }
    if x.abs() < 1e-20 { x } else { dilog_near(Dd::from(x)).value() }
}

/// Li2 between -1 and 1/2: a series in -log(1 - x) with Bernoulli numbers.
fn dilog_near(x: Dd) -> Dd {
    let u = -(-x).log1p();
    let square = u.square();
    let mut sum = u - square.scale(0.25);
    let (mut power, mut n) = (u, 1.0);
    for &(numerator, denominator) in &BERNOULLI {
        // u^(n+2)/(n+2)! with n + 2 odd.
        power = power * square / Dd::from((n + 1.0) * (n + 2.0));
        n += 2.0;
        sum = sum + power * Dd::quotient(numerator, denominator);
    }
    sum
}
