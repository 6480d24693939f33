//! Which rows of the table a target has itself, and which are their meaning.

use super::Native;

/// The function of C's library that means what a row means, for every argument.
pub(super) fn native(row: &str) -> Option<Native> {
    Some(match row {
        "abs" => Native::Abs,
        "sqrt" => Native::Sqrt,
        "cbrt" => Native::Cbrt,
        "floor" => Native::Floor,
        "ceil" => Native::Ceil,
        "round" => Native::Round,
        "exp" => Native::Exp,
        "exp2" => Native::Exp2,
        "expm1" => Native::Expm1,
        "sin" => Native::Sin,
        "cos" => Native::Cos,
        "tan" => Native::Tan,
        "asin" => Native::Asin,
        "acos" => Native::Acos,
        "atan" => Native::Atan,
        "sinh" => Native::Sinh,
        "cosh" => Native::Cosh,
        "tanh" => Native::Tanh,
        "asinh" => Native::Asinh,
        "acosh" => Native::Acosh,
        "erf" => Native::Erf,
        "erfc" => Native::Erfc,
        _ => return None,
    })
}

/// Rows whose meaning neither overflows nor cancels and passes NaN on.
pub(super) const BY_MEANING: [&str; 11] = [
    "xlogx",
    "xlogy",
    "sec",
    "acot",
    "gd",
    "elu",
    "selu",
    "hardtanh",
    "laplacepdf",
    "laplacecdf",
    "factorial",
];
