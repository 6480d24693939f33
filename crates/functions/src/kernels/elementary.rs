//! Elementary functions: `pxfm`, whose results are correctly rounded but for a few, held to the domains of the table.

/// `value` where `inside` holds, else NaN.
#[inline]
fn within(inside: bool, value: f64) -> f64 {
    if inside { value } else { f64::NAN }
}

macro_rules! total {
    ($($(#[$doc:meta])* $name:ident = $kernel:ident;)*) => {
        $($(#[$doc])*
        pub fn $name(x: f64) -> f64 {
            pxfm::$kernel(x)
        })*
    };
}

total! {
    /// The exponential function.
    exp = f_exp;
    /// 2 to the power `x`.
    exp2 = f_exp2;
    /// `exp(x) - 1`.
    expm1 = f_expm1;
    /// The real cube root.
    cbrt = f_cbrt;
    /// The sine.
    sin = f_sin;
    /// The cosine.
    cos = f_cos;
    /// The tangent; no double is a pole.
    tan = f_tan;
    /// The secant; no double is a pole.
    sec = f_sec;
    /// The inverse sine.
    asin = f_asin;
    /// The inverse cosine.
    acos = f_acos;
    /// The inverse tangent.
    atan = f_atan;
    /// The hyperbolic sine.
    sinh = f_sinh;
    /// The hyperbolic cosine.
    cosh = f_cosh;
    /// The hyperbolic tangent.
    tanh = f_tanh;
    /// The inverse hyperbolic sine.
    asinh = f_asinh;
    /// The inverse hyperbolic cosine.
    acosh = f_acosh;
}

/// The natural logarithm.
pub fn log(x: f64) -> f64 {
    within(x > 0.0, pxfm::f_log(x))
}

/// The logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    within(x > 0.0, pxfm::f_log2(x))
}

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    within(x > 0.0, pxfm::f_log10(x))
}

/// `log(1 + x)`.
pub fn log1p(x: f64) -> f64 {
    within(x > -1.0, pxfm::f_log1p(x))
}

/// The inverse hyperbolic tangent.
pub fn atanh(x: f64) -> f64 {
    within(x.abs() < 1.0, pxfm::f_atanh(x))
}

/// `x` to the power `y` over the reals; `0^0` is 1.
pub fn pow(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x == 0.0 && y < 0.0 {
        return f64::NAN;
    }
    // `f_pow` has been seen to give NaN at the largest doubles.
    let power = pxfm::f_pow(x, y);
    if power.is_nan() && x > 0.0 && x < f64::INFINITY && y.is_finite() {
        crate::lane::pow(x, y)
    } else {
        power
    }
}

/// The real root of whole degree `n >= 1`.
pub fn root(x: f64, n: f64) -> f64 {
    if x.is_nan() || !(n >= 1.0 && n == n.floor()) || x < 0.0 && n % 2.0 != 1.0 {
        return f64::NAN;
    }
    if n == 1.0 {
        return x;
    }
    let size = x.abs();
    if size == 0.0 || size == f64::INFINITY {
        return x;
    }
    // 1/n is rounded: what the rounding took away is put back to first order.
    let exponent = 1.0 / n;
    let lost = (-exponent).mul_add(n, 1.0) / n;
    let power = pxfm::f_pow(size, exponent);
    power.mul_add(lost * pxfm::f_log(size), power).copysign(x)
}

/// `sqrt(x^2 + y^2)`.
pub fn hypot(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    pxfm::f_hypot(x, y)
}

/// The cotangent.
pub fn cot(x: f64) -> f64 {
    within(x != 0.0, pxfm::f_cot(x))
}

/// The cosecant.
pub fn csc(x: f64) -> f64 {
    within(x != 0.0, pxfm::f_csc(x))
}

/// `atan(1/x)`.
pub fn acot(x: f64) -> f64 {
    within(x != 0.0, pxfm::f_atan(1.0 / x))
}

/// `sqrt(x^2 - 1)` for `|x| >= 1`, else NaN.
fn leg(x: f64) -> f64 {
    let x = x.abs();
    if x > 1e8 { x } else { ((x - 1.0) * (x + 1.0)).sqrt() }
}

/// The inverse secant. Through the tangent, since `acos(1/x)` loses half the digits near 1.
pub fn asec(x: f64) -> f64 {
    within(x.abs() >= 1.0, pxfm::f_atan2(leg(x), 1f64.copysign(x)))
}

/// The inverse cosecant. Through the tangent, since `asin(1/x)` loses half the digits near 1.
pub fn acsc(x: f64) -> f64 {
    within(x.abs() >= 1.0, pxfm::f_atan2(1.0, leg(x)).copysign(x))
}

/// The angle of the point with ordinate `y` and abscissa `x`.
pub fn atan2(y: f64, x: f64) -> f64 {
    // A zero has no sign here: the angle on the negative axis is pi.
    let (y, x) = (y + 0.0, x + 0.0);
    within((x != 0.0 || y != 0.0) && !x.is_nan() && !y.is_nan(), pxfm::f_atan2(y, x))
}

/// The hyperbolic cotangent.
pub fn coth(x: f64) -> f64 {
    within(x != 0.0, 1.0 / pxfm::f_tanh(x))
}

/// The hyperbolic secant, right down to the smallest doubles.
pub fn sech(x: f64) -> f64 {
    let size = x.abs();
    // Beyond 20, cosh is half the exponential to the last bit.
    if size > 20.0 { 2.0 * pxfm::f_exp(-size) } else { 1.0 / pxfm::f_cosh(size) }
}

/// The hyperbolic cosecant, right down to the smallest doubles.
pub fn csch(x: f64) -> f64 {
    let size = x.abs();
    let value = if size > 20.0 { 2.0 * pxfm::f_exp(-size) } else { 1.0 / pxfm::f_sinh(size) };
    within(x != 0.0, value.copysign(x))
}

/// The inverse hyperbolic cotangent. `atanh(1/x)` would lose digits near 1.
pub fn acoth(x: f64) -> f64 {
    let size = x.abs();
    within(size > 1.0, (0.5 * pxfm::f_log1p(2.0 / (size - 1.0))).copysign(x))
}

/// The inverse hyperbolic secant. `acosh(1/x)` would lose digits near 1.
pub fn asech(x: f64) -> f64 {
    let value = if x < 1e-150 {
        std::f64::consts::LN_2 - pxfm::f_log(x)
    } else if x < 0.5 {
        pxfm::f_acosh(1.0 / x)
    } else {
        pxfm::f_atanh(((1.0 - x) * (1.0 + x)).sqrt())
    };
    within(x > 0.0 && x <= 1.0, value)
}

/// The inverse hyperbolic cosecant.
pub fn acsch(x: f64) -> f64 {
    let size = x.abs();
    let value =
        if size < 1e-150 { std::f64::consts::LN_2 - pxfm::f_log(size) } else { pxfm::f_asinh(1.0 / size) };
    within(x != 0.0, value.copysign(x))
}

/// `atan(sinh(x))`.
pub fn gudermannian(x: f64) -> f64 {
    pxfm::f_atan(pxfm::f_sinh(x))
}
