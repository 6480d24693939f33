//! Kernels that matter for speed, written once for any group of numbers.
//!
//! A [`Lane`] is a number or a group of numbers on which every operation acts at once. The kernels here are generic
//! over it and branch for what is rare alone: where a group has a rare argument (outside of the domain, a result that
//! is subnormal), a second formula is computed and chosen where it belongs, and what no formula is spent on (huge
//! angles, infinite bases) is looked at one by one. All operations round correctly and in a fixed order, and no number
//! depends on those beside it, so a kernel gives the same bits on every lane of every width.

mod coefficients;
mod error_function;
mod exponential;
mod float;
mod group;
mod power;
mod trigonometric;

pub use error_function::{erf, normcdf, normpdf};
pub use exponential::{exp, expm1, log, log1p, sigmoid, silu, softplus, tanh};
pub use float::Float;
pub use group::Group;
pub use power::pow;
pub use trigonometric::{cos, sin, sin_cos};

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number or a group of numbers.
pub trait Lane:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The numbers in it.
    type Element: Float;
    /// One truth value a number.
    type Mask: Mask;

    /// The same number everywhere, rounded from a double.
    fn splat(x: f64) -> Self;
    /// `self*b + c`, rounded once.
    fn fma(self, b: Self, c: Self) -> Self;
    /// The square root, NaN below 0.
    fn sqrt(self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// The nearest whole number, halves to even.
    fn round(self) -> Self;
    /// The largest whole number that is not above.
    fn floor(self) -> Self;
    /// This size with the sign of another.
    fn copysign(self, sign: Self) -> Self;
    /// Whether it is less, number by number.
    fn lt(self, other: Self) -> Self::Mask;
    /// Whether it is equal, number by number.
    fn eq(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// 2^k of the sum of [`Float::WHOLE`], [`Float::BIAS`] and k, for k within the exponents of normal numbers, or 0 for
    /// the next below.
    fn power(self) -> Self;
    /// Where the whole number is odd whose sum with [`Float::WHOLE`] this is.
    fn odd(self) -> Self::Mask;
    /// Negated where half of the whole number, rounded down, is odd whose sum with [`Float::WHOLE`] is `sum`.
    fn negated_by_half(self, sum: Self) -> Self;
    /// A positive normal number as `m*2^k` with m between the square roots of 1/2 and 2: (m, k).
    fn split(self) -> (Self, Self);
    /// `f` applied to the numbers of `args` where the mask holds, else `self`: for what is rare.
    fn patch<const N: usize>(
        self,
        mask: Self::Mask,
        args: [Self; N],
        f: impl Fn([Self::Element; N]) -> Self::Element,
    ) -> Self;

    /// 2 to this power, for whole numbers within the exponents of normal numbers.
    #[inline(always)]
    fn exp2i(self) -> Self {
        (self + Self::splat(Self::Element::WHOLE + Self::Element::BIAS)).power()
    }

    /// The larger; the first where either is NaN.
    fn larger(self, other: Self) -> Self {
        Self::select(self.lt(other), other, self)
    }

    /// The smaller; the first where either is NaN.
    fn smaller(self, other: Self) -> Self {
        Self::select(other.lt(self), other, self)
    }

    /// Whether it is NaN.
    fn is_nan(self) -> Self::Mask {
        self.eq(self).not()
    }
}

/// Truth values.
pub trait Mask: Copy {
    /// Both.
    fn and(self, other: Self) -> Self;
    /// Either.
    fn or(self, other: Self) -> Self;
    /// Not.
    fn not(self) -> Self;
    /// Whether it holds anywhere.
    fn any(self) -> bool;
    /// Whether it holds everywhere.
    fn all(self) -> bool;
}

/// A polynomial, constant first, at `x`.
#[inline(always)]
fn polynomial<L: Lane>(coefficients: &[f64], x: L) -> L {
    let [first, rest @ ..] = coefficients else { return L::splat(0.0) };
    powers(rest, x).fma(x, L::splat(*first))
}

/// The same for what stands behind the constant, over `x`.
///
/// Even and odd powers are two sums that a processor works on side by side: one long sum, in which
/// each step waits for the one before, takes longer than the operations themselves.
#[inline(always)]
fn powers<L: Lane>(rest: &[f64], x: L) -> L {
    let z = x * x;
    let (mut even, mut odd) = (L::splat(0.0), L::splat(0.0));
    let mut at = rest.len();
    while at > 0 {
        at -= 1;
        let c = L::splat(rest[at]);
        let sum = if at.is_multiple_of(2) { &mut even } else { &mut odd };
        *sum = if at + 2 < rest.len() { sum.fma(z, c) } else { c };
    }
    odd.fma(x, even)
}

/// `x` where positive, else 0, which is never -0.
#[inline(always)]
pub fn relu<L: Lane>(x: L) -> L {
    let zero = L::splat(0.0);
    // The sum of zeros of two signs is 0.
    x.larger(zero) + zero
}

/// NaN where the mask holds.
#[inline(always)]
fn nan_where<L: Lane>(mask: L::Mask, x: L) -> L {
    L::select(mask, L::splat(f64::NAN), x)
}

/// A kernel of this module: what the table's `lanes` column names, so that an engine can choose it once and run it
/// over many numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LaneKernel {
    /// The absolute value.
    Abs,
    /// The cosine.
    Cos,
    /// The error function.
    Erf,
    /// The exponential function.
    Exp,
    /// `exp(x) - 1`.
    Expm1,
    /// The natural logarithm.
    Log,
    /// `log(1 + x)`.
    Log1p,
    /// The normal distribution function.
    Normcdf,
    /// The normal density.
    Normpdf,
    /// `x^y`.
    Pow,
    /// `x` where positive, else 0.
    Relu,
    /// `1/(1 + exp(-x))`.
    Sigmoid,
    /// `x*sigmoid(x)`.
    Silu,
    /// The sine.
    Sin,
    /// `log(1 + exp(x))`.
    Softplus,
    /// The square root.
    Sqrt,
    /// The hyperbolic tangent.
    Tanh,
}

impl LaneKernel {
    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        if self == LaneKernel::Pow { 2 } else { 1 }
    }

    /// The values; `y` is read by kernels of two arguments alone.
    #[inline(always)]
    pub fn call<L: Lane>(self, x: L, y: L) -> L {
        match self {
            LaneKernel::Abs => x.abs(),
            LaneKernel::Cos => cos(x),
            LaneKernel::Erf => erf(x),
            LaneKernel::Exp => exp(x),
            LaneKernel::Expm1 => expm1(x),
            LaneKernel::Log => log(x),
            LaneKernel::Log1p => log1p(x),
            LaneKernel::Normcdf => normcdf(x),
            LaneKernel::Normpdf => normpdf(x),
            LaneKernel::Pow => pow(x, y),
            LaneKernel::Relu => relu(x),
            LaneKernel::Sigmoid => sigmoid(x),
            LaneKernel::Silu => silu(x),
            LaneKernel::Sin => sin(x),
            LaneKernel::Softplus => softplus(x),
            LaneKernel::Sqrt => x.sqrt(),
            LaneKernel::Tanh => tanh(x),
        }
    }
}
