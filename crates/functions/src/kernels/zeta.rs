//! Riemann's zeta function above 1 and its derivatives, by the formula of Euler and Maclaurin.

use super::dd::{BERNOULLI, Dd};
use super::gamma::{log_gamma, scaled};

/// Riemann's zeta function for `x > 1`.
pub fn zeta(x: f64) -> f64 {
    if !(x > 1.0) {
        return f64::NAN;
    }
    const TERMS: f64 = 32.0;
    let power = |k: f64| pxfm::f_pow(k, -x);
    let (mut sum, mut k) = (Dd::ONE, 2.0);
    while k < TERMS {
        let term = power(k);
        sum = sum + Dd::from(term);
        if term < 1e-20 {
            return sum.value();
        }
        k += 1.0;
    }
    let last = power(TERMS);
    sum = sum + Dd::from(TERMS) * Dd::from(last) / Dd::sum(x, -1.0) + Dd::from(0.5 * last);
    let mut factor = last * x / (2.0 * TERMS);
    for (k, &(numerator, denominator)) in BERNOULLI.iter().take(10).enumerate() {
        sum = sum + Dd::from(factor * numerator / denominator);
        let n = 2.0 * (k as f64 + 1.0);
        factor *= (x + n - 1.0) * (x + n) / ((n + 1.0) * (n + 2.0) * TERMS * TERMS);
    }
    sum.value()
}

/// The largest order of [`zetaderiv`].
pub const LARGEST_ORDER: f64 = 100.0;

/// The derivative of zeta of order `n`, a whole number from 0 to [`LARGEST_ORDER`], for `x > 1`:
/// `(-1)^n` times the sum of `log(k)^n/k^x`.
pub fn zetaderiv(n: f64, x: f64) -> f64 {
    let order = (0.0..=LARGEST_ORDER).contains(&n) && n == n.floor();
    if !order || !(x > 1.0) {
        return f64::NAN;
    }
    if n == 0.0 {
        return zeta(x);
    }
    let sign = if n % 2.0 == 0.0 { 1.0 } else { -1.0 };
    if x > 2000.0 {
        // 2^-x is below every double.
        return sign * 0.0;
    }
    let (s, less_one, power) = (Dd::from(x), Dd::sum(x, -1.0), n as u32);
    // n!/(x - 1)^(n + 1), which the value tends to for x towards 1, in logarithms.
    let pole = log_gamma(Dd::from(n + 1.0)) - less_one.log() * Dd::from(n + 1.0);
    // What is large or small in all parts alike stays apart: the pole, or 2^-x.
    let unit = if x < 2.0 { pole } else { -s * Dd::from(2.0).log() };
    let (part, exponent) = unit.exp_parts();
    let done = |sum: Dd| sign * scaled(sum * part, exponent);
    let term = |log: Dd| log.powi(power) * (-s * log - unit).exp();
    let far = (30.0 + x + n / 2.0).floor();
    let (mut sum, mut k) = (Dd::ZERO, 2.0);
    while k < far {
        let log = Dd::from(k).log();
        let value = term(log);
        sum = sum + value;
        // The terms from here on are at most `value` times (k/t)^slope at t.
        let slope = x - n / log.hi;
        if slope > 1.0 && value.hi * (k / (slope - 1.0)) < sum.hi * 1e-20 {
            return done(sum);
        }
        k += 1.0;
    }
    let log = Dd::from(far).log();
    let last = term(log);
    // The integral from `far` on: the pole times exp(-u) times the first terms of exp(u), for u = (x - 1) log(far).
    let u = less_one * log;
    let (mut power_of_u, mut terms) = (Dd::ONE, Dd::ONE);
    for m in 1..=power {
        power_of_u = power_of_u * u / Dd::from(f64::from(m));
        terms = terms + power_of_u;
    }
    sum = sum + (pole - unit - u).exp() * terms + last.scale(0.5);
    done(sum + last * corrections(power, x, far, log))
}

/// The sum of `B(2j)/(2j)!` times the derivatives of `log(t)^n/t^x` of order `2j - 1` at `far`, relative to its value
/// there. That derivative is one in `x` of `x(x + 1)...(x + 2j - 2) far^-x`, here by Leibniz's rule.
fn corrections(n: u32, x: f64, far: f64, log: Dd) -> Dd {
    // The polynomial x(x + 1)... in powers of a change of x, each factor divided by `far`.
    let mut polynomial = vec![Dd::from(x) / Dd::from(far), Dd::quotient(1.0, far)];
    let (mut sum, mut factorial) = (Dd::ZERO, 2.0);
    for (at, &(numerator, denominator)) in BERNOULLI.iter().enumerate() {
        let (mut falling, mut value) = (Dd::ONE, Dd::ZERO);
        for (i, &coefficient) in polynomial.iter().take(n as usize + 1).enumerate() {
            value = value + falling * coefficient;
            // (-1)^i n!/(n - i)!/log^i
            falling = -falling * Dd::from(f64::from(n) - i as f64) / log;
        }
        let term = value * Dd::quotient(numerator, denominator) / Dd::from(factorial);
        sum = sum + term;
        let order = 2.0 * (at as f64 + 1.0);
        factorial *= (order + 1.0) * (order + 2.0);
        for shift in [order - 1.0, order] {
            let (own, far) = (Dd::sum(x, shift), Dd::from(far));
            polynomial.push(Dd::ZERO);
            for i in (0..polynomial.len()).rev() {
                let below = if i == 0 { Dd::ZERO } else { polynomial[i - 1] };
                polynomial[i] = (polynomial[i] * own + below) / far;
            }
        }
    }
    sum
}
