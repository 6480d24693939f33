//! Error functions and the normal distribution.

use super::dd::Dd;

/// The error function.
pub fn erf(x: f64) -> f64 {
    pxfm::f_erf(x)
}

/// One minus the error function.
pub fn erfc(x: f64) -> f64 {
    pxfm::f_erfc(x)
}

/// `exp(x^2)*erfc(x)`.
pub fn erfcx(x: f64) -> f64 {
    pxfm::f_erfcx(x)
}

/// The inverse of the error function on the open interval from -1 to 1.
pub fn erfinv(x: f64) -> f64 {
    if x.abs() < 1.0 { pxfm::f_erfinv(x) } else { f64::NAN }
}

/// The inverse of erfc on the open interval from 0 to 2.
pub fn erfcinv(x: f64) -> f64 {
    if !(x > 0.0 && x < 2.0) {
        return f64::NAN;
    }
    let guess = pxfm::f_erfcinv(x);
    if x > 1e-8 {
        return guess;
    }
    // Newton on the logarithm of erfc, which is nearly a parabola: erfc(y) = exp(-y^2)*erfcx(y).
    let log = Dd::from(x).log();
    let mut y = guess;
    for _ in 0..2 {
        let square = Dd::product(y, y);
        let scaled = pxfm::f_erfcx(y);
        let rest = (Dd::from(pxfm::f_log(scaled)) - square - log).value();
        const TWO_BY_ROOT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;
        y += rest * scaled / TWO_BY_ROOT_PI;
    }
    y
}

/// The density of the standard normal distribution.
pub fn normal_pdf(x: f64) -> f64 {
    const FACTOR: Dd = Dd { hi: 0.398_942_280_401_432_7, lo: -2.49232720227773e-17 };
    let square = Dd::product(x, x);
    if !(square.hi < 1500.0) {
        return if x.is_nan() { x } else { 0.0 };
    }
    // What the roundings of x^2 and of the factor take away is put back.
    let main = pxfm::f_exp(-0.5 * square.hi);
    main.mul_add(FACTOR.hi, main * (FACTOR.lo - 0.5 * square.lo * FACTOR.hi))
}

/// The distribution function of the standard normal distribution.
pub fn normal_cdf(x: f64) -> f64 {
    if x.is_infinite() {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // erfc(-x/sqrt(2))/2. The quotient is rounded, and far out on the left that costs hundreds of units in the last
    // place: its error, known from twice the precision, is put back through the derivative.
    const ROOT: Dd = Dd { hi: std::f64::consts::FRAC_1_SQRT_2, lo: -4.833646656726457e-17 };
    let argument = Dd::from(-x) * ROOT;
    let main = 0.5 * pxfm::f_erfc(argument.hi);
    if !(x.abs() < 38.6) {
        return main;
    }
    main - argument.lo * std::f64::consts::SQRT_2 * normal_pdf(x)
}

/// The inverse of the normal distribution function on the open interval from 0 to 1.
pub fn normal_quantile(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    let guess = if p < 0.25 { -erfcinv(2.0 * p) } else { pxfm::f_erfinv(2.0f64.mul_add(p, -1.0)) };
    guess * std::f64::consts::SQRT_2
}
