//! Functions of machine learning, in forms that neither overflow nor cancel.

use super::comparison::clamp;
use super::error_functions::normal_cdf;

/// `1/(1 + exp(-x))`.
pub fn sigmoid(x: f64) -> f64 {
    // Below -40 the sum in the denominator is its exponential to the last bit; `f_logistic` gives 1 below -745.
    if x < -40.0 { pxfm::f_exp(x) } else { pxfm::f_logistic(x) }
}

/// `log(x/(1 - x))` between 0 and 1.
pub fn logit(x: f64) -> f64 {
    if x > 0.0 && x < 1.0 { pxfm::f_logit(x) } else { f64::NAN }
}

/// `log(1 + exp(x))`.
pub fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + pxfm::f_log1p(pxfm::f_exp(-x)) } else { pxfm::f_log1p(pxfm::f_exp(x)) }
}

/// `log(exp(x) + exp(y))`.
pub fn logaddexp(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (small, large) = if x < y { (x, y) } else { (y, x) };
    if large.is_infinite() || small == f64::NEG_INFINITY {
        return large;
    }
    let rest = super::dd::Dd::sum(small, -large);
    let exp = pxfm::f_exp(rest.hi);
    let exp = exp.mul_add(rest.lo, exp);
    // Twice the precision, since large and the logarithm may cancel.
    let log = pxfm::f_log1p(exp);
    if large > -1.0 && large < 0.0 {
        return (super::dd::Dd::from(large) + super::dd::Dd::sum(small, -large).exp().log1p()).value();
    }
    large + log
}

/// `log(cosh(x))`.
pub fn logcosh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1.0 {
        // cosh(x) - 1 = 2 sinh(x/2)^2
        let half = pxfm::f_sinh(0.5 * size);
        return pxfm::f_log1p(2.0 * half * half);
    }
    size + (pxfm::f_log1p(pxfm::f_exp(-2.0 * size)) - std::f64::consts::LN_2)
}

/// `x` where it is positive, else 0.
pub fn relu(x: f64) -> f64 {
    if x > 0.0 || x.is_nan() { x } else { 0.0 }
}

/// `x` where it is positive, else `a*x`.
pub fn leaky_relu(x: f64, a: f64) -> f64 {
    if a.is_nan() {
        a
    } else if x > 0.0 {
        x
    } else {
        a * x
    }
}

/// `x` where it is positive, else `exp(x) - 1`.
pub fn elu(x: f64) -> f64 {
    if x > 0.0 { x } else { pxfm::f_expm1(x) }
}

/// elu scaled so that a layer keeps mean 0 and variance 1.
pub fn selu(x: f64) -> f64 {
    const SCALE: f64 = 1.050_700_987_355_480_5;
    const SCALE_ALPHA: f64 = 1.758_099_340_847_376_9;
    if x > 0.0 { SCALE * x } else { SCALE_ALPHA * pxfm::f_expm1(x) }
}

/// `x` times the normal distribution function.
pub fn gelu(x: f64) -> f64 {
    if x == f64::NEG_INFINITY { 0.0 } else { x * normal_cdf(x) }
}

/// `x*sigmoid(x)`.
pub fn silu(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        0.0
    } else if x < -700.0 {
        // sigmoid leaves the normal doubles before the product does.
        let half = pxfm::f_exp(0.5 * x);
        x * half * half
    } else {
        x * sigmoid(x)
    }
}

/// `x*tanh(softplus(x))`.
pub fn mish(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        return 0.0;
    }
    if x > 20.0 {
        return x;
    }
    if x < -700.0 {
        let half = pxfm::f_exp(0.5 * x);
        return x * half * half;
    }
    // tanh(log(1 + n)) = (n^2 + 2n)/(n^2 + 2n + 2)
    let n = pxfm::f_exp(x);
    let part = n * (n + 2.0);
    x * (part / (part + 2.0))
}

/// `x/(1 + |x|)`.
pub fn softsign(x: f64) -> f64 {
    if x.is_infinite() { 1f64.copysign(x) } else { x / (1.0 + x.abs()) }
}

/// `x/6 + 1/2` held between 0 and 1.
pub fn hard_sigmoid(x: f64) -> f64 {
    clamp((x + 3.0) / 6.0, 0.0, 1.0)
}

/// `x` held between -1 and 1.
pub fn hard_tanh(x: f64) -> f64 {
    clamp(x, -1.0, 1.0)
}

/// `x*log(x)`, 0 at 0.
pub fn xlogx(x: f64) -> f64 {
    if x == 0.0 {
        0.0
    } else if x > 0.0 {
        x * pxfm::f_log(x)
    } else {
        f64::NAN
    }
}

/// `x*log(y)`, 0 where `x` is 0.
pub fn xlogy(x: f64, y: f64) -> f64 {
    if !(y >= 0.0) || x.is_nan() {
        f64::NAN
    } else if x == 0.0 {
        0.0
    } else if y > 0.0 {
        x * pxfm::f_log(y)
    } else {
        f64::NAN
    }
}

/// The density of the standard logistic distribution.
pub fn logistic_pdf(x: f64) -> f64 {
    if x.abs() > 700.0 {
        return pxfm::f_exp(-x.abs());
    }
    sigmoid(x) * sigmoid(-x)
}

/// The density of the standard Laplace distribution.
pub fn laplace_pdf(x: f64) -> f64 {
    0.5 * pxfm::f_exp(-x.abs())
}

/// The distribution function of the standard Laplace distribution.
pub fn laplace_cdf(x: f64) -> f64 {
    if x < 0.0 { 0.5 * pxfm::f_exp(x) } else { 1.0 - 0.5 * pxfm::f_exp(-x) }
}
