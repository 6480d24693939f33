//! Complete elliptic integrals, in the parameter m (the square of the modulus), by arithmetic and geometric means.

use super::dd::{Dd, HALF_PI};

/// K(m) of the first kind, for `m < 1`.
pub fn elliptic_k(m: f64) -> f64 {
    if m < 1.0 { integrals(m).0.value() } else { f64::NAN }
}

/// E(m) of the second kind, for `m <= 1`.
pub fn elliptic_e(m: f64) -> f64 {
    if m == 1.0 {
        1.0
    } else if m < 1.0 {
        integrals(m).1.value()
    } else {
        f64::NAN
    }
}

/// D(m) = (K(m) - E(m))/m, for `m < 1`.
pub fn elliptic_d(m: f64) -> f64 {
    if m < 1.0 { integrals(m).2.value() } else { f64::NAN }
}

/// B(m) = (E(m) - (1 - m)*K(m))/m, for `m < 1`.
pub fn elliptic_b(m: f64) -> f64 {
    if !(m < 1.0) {
        return f64::NAN;
    }
    let (k, _, d) = integrals(m);
    (k - d).value()
}

/// K, E and D.
fn integrals(m: f64) -> (Dd, Dd, Dd) {
    if m < -1.0 {
        return negative(m);
    }
    let (k, sum) = means(Dd::sum(1.0, -m).sqrt(), Dd::from(m));
    // sum = m/2 + the later squares: E = K (1 - sum), and D = K sum/m.
    let d = if m == 0.0 { k.scale(0.5) } else { k * sum / Dd::from(m) };
    (k, k - k * sum, d)
}

/// Below -1, from the parameter m/(m - 1) between 1/2 and 1.
fn negative(m: f64) -> (Dd, Dd, Dd) {
    // 1 - m, and its root, which is the factor between the two.
    let rest = Dd::sum(1.0, -m);
    let root = rest.sqrt();
    let complement = Dd::ONE / root;
    let parameter = Dd::ONE - Dd::ONE / rest;
    let (k, sum) = means(complement, parameter);
    let first = k / root;
    let second = (k - k * sum) * root;
    (first, second, (first - second) / Dd::from(m))
}

/// K, and half of the sum of 2^n c_n^2, from the complementary modulus and the parameter.
fn means(complement: Dd, parameter: Dd) -> (Dd, Dd) {
    let (mut a, mut b) = (Dd::ONE, complement);
    let (mut sum, mut weight) = (parameter.scale(0.5), 0.5);
    for _ in 0..12 {
        let half = (a - b).scale(0.5);
        weight *= 2.0;
        let square = half.square();
        sum = sum + square.scale(weight);
        let mean = (a + b).scale(0.5);
        b = (a * b).sqrt();
        a = mean;
        // The next half-difference is this square over four times the mean.
        if square.hi <= 1e-34 * a.hi {
            break;
        }
    }
    (HALF_PI / a, sum)
}
