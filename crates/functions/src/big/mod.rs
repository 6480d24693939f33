//! Big floats that know their error: values enclosed between two big floats, or held exactly as fractions.
//!
//! An [`Enclosure`] is either an exact rational number or an interval that contains the true value. Every
//! operation takes a working precision in bits and returns an enclosure of the exact result over everything its
//! arguments may be; raising the precision makes it narrower. Where the course of a calculation depends on a
//! comparison that the enclosures leave open, the answer is [`BigError::Undecided`]: ask again with more bits.

mod bernoulli;
mod bessel;
mod constants;
mod decimal;
mod discrete;
mod elementary;
mod elliptic;
mod enclosure;
mod error_function;
mod float;
mod gamma;
mod integrals;
mod inverse;
mod power;
mod zeta;

#[cfg(test)]
mod tests;

pub use bessel::{bessel_i0, bessel_i1, bessel_in, bessel_j0, bessel_j1, bessel_jn, spherical_jn};
pub use constants::{catalan, e, euler_gamma, pi};
pub use decimal::Digits;
pub use discrete::{abs, ceil, clamp, floor, frac, max, min, mod_floor, round, sign, step};
pub use elementary::{
    acos, acosh, acot, acoth, acsc, acsch, asec, asech, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh,
    cot, coth, csc, csch, exp, expm1, hypot, log, log1p, log2, log10, sec, sech, sigmoid, sin, sinc, sinh,
    softplus, sqrt, tan, tanh, xlogx, xlogy,
};
pub use elliptic::{elliptic_b, elliptic_d, elliptic_e, elliptic_k};
pub use enclosure::Enclosure;
pub use error_function::{erf, erfc, normal_cdf};
pub use gamma::{beta, binomial, digamma, factorial, gamma, lgamma, polygamma, trigamma};
pub use integrals::{ci, dilog, ei, li, si};
pub use inverse::{erfcinv, erfinv, lambertw, lambertw_minus1};
pub use power::{pow, root};
pub use zeta::{zeta, zetaderiv};

/// Why there is no enclosure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BigError {
    /// The argument lies outside the domain.
    Domain,
    /// More precision is needed to decide, such as the sign of an argument.
    Undecided,
    /// The value or a step on the way is too large to be held.
    Overflow,
    /// No big-float kernel.
    Unsupported,
}

/// A kernel: arguments and the working precision in bits, to an enclosure of the value.
pub type BigKernel = fn(&[Enclosure], usize) -> Result<Enclosure, BigError>;
