//! Comparing, bounding and rounding.

/// The sign of `x`, 0 at 0.
pub fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else if x == 0.0 {
        0.0
    } else {
        f64::NAN
    }
}

/// 1 where `x` is positive, else 0.
pub fn step(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x <= 0.0 {
        0.0
    } else {
        f64::NAN
    }
}

/// The smaller of two numbers; NaN if either is.
pub fn min(x: f64, y: f64) -> f64 {
    if x < y || x.is_nan() { x } else { y }
}

/// The larger of two numbers; NaN if either is.
pub fn max(x: f64, y: f64) -> f64 {
    if x > y || x.is_nan() { x } else { y }
}

/// `x` held between `a` and `b`; NaN unless `a <= b`.
pub fn clamp(x: f64, a: f64, b: f64) -> f64 {
    if x.is_nan() || a.is_nan() || b.is_nan() || a > b {
        f64::NAN
    } else if x < a {
        a
    } else if x > b {
        b
    } else {
        x
    }
}

/// `x` less its floor, always below 1: a negative `x` near 0 gives the largest double below 1.
pub fn frac(x: f64) -> f64 {
    const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
    let part = x - x.floor();
    if part >= 1.0 { BELOW_ONE } else { part }
}

/// The remainder of `x` on division by `y`, with the sign of `y`.
pub fn modulo(x: f64, y: f64) -> f64 {
    // The remainder of truncated division is exact; at most one addition rounds.
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
}
