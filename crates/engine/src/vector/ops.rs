//! What is computed, once for all instruction sets.

use super::group::Vector;
use agnesi_functions::lane::{self, Lane, LaneKernel, Mask};

/// A formula in `A` arguments.
pub(super) trait Formula<const A: usize> {
    /// Whether two vectors are computed side by side; not where that takes more registers than
    /// AVX2 has.
    const PAIRED: bool;

    fn apply<V: Lane>(x: [V; A]) -> V;
}

/// An enum of operations, and a type for each that holds its formula.
macro_rules! operations {
    (
        $(#[$enum_doc:meta])* $enum:ident $arity:literal $formulas:ident;
        $($(#[$doc:meta])* $name:ident $text:literal $($alone:ident)? |$args:pat_param| $body:expr;)*
    ) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $enum {
            $($(#[$doc])* $name,)*
        }

        impl $enum {
            /// Every operation, in the order of their numbers.
            pub const ALL: &[$enum] = &[$($enum::$name),*];

            /// Its name in formulas, or its sign.
            pub fn name(self) -> &'static str {
                match self {
                    $($enum::$name => $text,)*
                }
            }
        }

        pub(super) mod $formulas {
            use super::*;

            $(pub struct $name;

            impl Formula<$arity> for $name {
                const PAIRED: bool = concat!("", $(stringify!($alone))?).is_empty();

                #[inline(always)]
                fn apply<V: Lane>($args: [V; $arity]) -> V {
                    $body
                }
            })*

            /// The operations compiled for one kind of vector, in the order of their numbers.
            pub const fn compiled<V: Vector>() -> [crate::vector::group::Raw<V::Element, $arity>; $enum::ALL.len()] {
                [$(V::run::<$arity, $name>),*]
            }
        }
    };
}

operations! {
    /// Operations on one number. What is said of errors holds for all arguments, in units in the last place.
    Unary 1 unary;
    /// `-x`.
    Neg "-" |[x]| -x;
    /// `1/x`, rounded once.
    Recip "1/" |[x]| V::splat(1.0) / x;
    /// The square root, rounded once; NaN below 0.
    Sqrt "sqrt" |[x]| x.sqrt();
    /// `x*x`.
    Square "square" |[x]| x * x;
    /// The absolute value.
    Abs "abs" |[x]| x.abs();
    /// 1, 0 or -1 as the number is above, at or below 0.
    Sign "sign" |[x]| sign(x);
    /// 1 as the number is above 0, else 0.
    Step "step" |[x]| step(x);
    /// The largest whole number that is not above.
    Floor "floor" |[x]| x.floor();
    /// The smallest whole number that is not below.
    Ceil "ceil" |[x]| -(-x).floor();
    /// The nearest whole number, halves away from 0.
    Round "round" |[x]| round(x);
    /// [`lane::relu`].
    Relu "relu" |[x]| lane::relu(x);
    /// [`lane::exp`].
    Exp "exp" |[x]| lane::exp(x);
    /// [`lane::expm1`].
    Expm1 "expm1" |[x]| lane::expm1(x);
    /// [`lane::log`].
    Log "log" |[x]| lane::log(x);
    /// [`lane::log1p`].
    Log1p "log1p" |[x]| lane::log1p(x);
    /// [`lane::sin`].
    Sin "sin" |[x]| lane::sin(x);
    /// [`lane::cos`].
    Cos "cos" |[x]| lane::cos(x);
    /// [`lane::tanh`].
    Tanh "tanh" |[x]| lane::tanh(x);
    /// [`lane::sigmoid`].
    Sigmoid "sigmoid" |[x]| lane::sigmoid(x);
    /// [`lane::silu`].
    Silu "silu" |[x]| lane::silu(x);
    /// [`lane::softplus`].
    Softplus "softplus" |[x]| lane::softplus(x);
    /// [`lane::erf`].
    Erf "erf" |[x]| lane::erf(x);
    /// [`lane::normcdf`].
    Normcdf "normcdf" alone |[x]| lane::normcdf(x);
    /// [`lane::normpdf`].
    Normpdf "normpdf" |[x]| lane::normpdf(x);
}

operations! {
    /// Operations on two numbers. A comparison is 1 where it holds, else 0; with NaN none holds but [`Binary::Ne`].
    Binary 2 binary;
    /// `x + y`.
    Add "+" |[x, y]| x + y;
    /// `x - y`.
    Sub "-" |[x, y]| x - y;
    /// `x*y`.
    Mul "*" |[x, y]| x * y;
    /// `x/y`.
    Div "/" |[x, y]| x / y;
    /// The smaller; NaN if either is.
    Min "min" |[x, y]| smaller(x, y);
    /// The larger; NaN if either is.
    Max "max" |[x, y]| larger(x, y);
    /// `x < y`.
    Lt "<" |[x, y]| truth(x.lt(y));
    /// `x <= y`.
    Le "<=" |[x, y]| truth(x.lt(y).or(x.eq(y)));
    /// `x == y`.
    Eq "==" |[x, y]| truth(x.eq(y));
    /// `x != y`.
    Ne "!=" |[x, y]| truth(x.eq(y).not());
    /// 1 where neither is 0, else 0; NaN counts as not 0.
    And "and" |[x, y]| truth(x.eq(V::splat(0.0)).or(y.eq(V::splat(0.0))).not());
    /// 0 where both are 0, else 1.
    Or "or" |[x, y]| truth(x.eq(V::splat(0.0)).and(y.eq(V::splat(0.0))).not());
    /// [`lane::pow`].
    Pow "pow" |[x, y]| lane::pow(x, y);
}

operations! {
    /// Operations on three numbers.
    Ternary 3 ternary;
    /// `x*y + z`, rounded once.
    Fma "fma" |[x, y, z]| x.fma(y, z);
    /// `x*y + z`, the product rounded first, as written in a formula; so are all that follow.
    MulAdd "*+" |[x, y, z]| x * y + z;
    /// `x*y - z`.
    MulSub "*-" |[x, y, z]| x * y - z;
    /// `z - x*y`.
    SubMul "-*" |[x, y, z]| z - x * y;
    /// `x*y*z`.
    MulMul "**" |[x, y, z]| x * y * z;
    /// `x + y + z`.
    AddAdd "++" |[x, y, z]| x + y + z;
    /// `x + y - z`.
    AddSub "+-" |[x, y, z]| x + y - z;
    /// `z - (x + y)`.
    SubAdd "-(+)" |[x, y, z]| z - (x + y);
    /// `(x + y)*z`.
    AddMul "(+)*" |[x, y, z]| (x + y) * z;
    /// `x - y + z`.
    DifferenceAdd "-+" |[x, y, z]| x - y + z;
    /// `x - y - z`.
    DifferenceSub "--" |[x, y, z]| x - y - z;
    /// `z - (x - y)`.
    SubDifference "-(-)" |[x, y, z]| z - (x - y);
    /// `(x - y)*z`.
    DifferenceMul "(-)*" |[x, y, z]| (x - y) * z;
    /// `y` where `x` is not 0, else `z`; NaN counts as not 0.
    Select "select" |[x, y, z]| V::select(x.eq(V::splat(0.0)), z, y);
}

impl Unary {
    /// The operation that is this kernel of the table.
    pub fn of(kernel: LaneKernel) -> Option<Unary> {
        Some(match kernel {
            LaneKernel::Abs => Unary::Abs,
            LaneKernel::Cos => Unary::Cos,
            LaneKernel::Erf => Unary::Erf,
            LaneKernel::Exp => Unary::Exp,
            LaneKernel::Expm1 => Unary::Expm1,
            LaneKernel::Log => Unary::Log,
            LaneKernel::Log1p => Unary::Log1p,
            LaneKernel::Normcdf => Unary::Normcdf,
            LaneKernel::Normpdf => Unary::Normpdf,
            LaneKernel::Pow => return None,
            LaneKernel::Relu => Unary::Relu,
            LaneKernel::Sigmoid => Unary::Sigmoid,
            LaneKernel::Silu => Unary::Silu,
            LaneKernel::Sin => Unary::Sin,
            LaneKernel::Softplus => Unary::Softplus,
            LaneKernel::Sqrt => Unary::Sqrt,
            LaneKernel::Tanh => Unary::Tanh,
        })
    }
}

/// What makes one number of many. The order is fixed: number `i` goes to partial result `i` modulo 16 for doubles, modulo
/// 32 for singles, and these are halved by pairs: `i` with `i + 8`, with `i + 4` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduce {
    /// The sum; 0 of none.
    Sum,
    /// The product; 1 of none.
    Product,
    /// The smallest, infinity of none; NaN if any is.
    Min,
    /// The largest, minus infinity of none; NaN if any is.
    Max,
}

impl Reduce {
    /// Every reduction, in the order of their numbers.
    pub const ALL: &[Reduce] = &[Reduce::Sum, Reduce::Product, Reduce::Min, Reduce::Max];

    /// Its name in formulas.
    pub fn name(self) -> &'static str {
        match self {
            Reduce::Sum => "sum",
            Reduce::Product => "product",
            Reduce::Min => "min",
            Reduce::Max => "max",
        }
    }
}

/// How a partial result takes up a number.
pub(super) trait Gather {
    /// The result of no numbers.
    const OF_NONE: f64;

    fn take<V: Lane>(partial: V, x: V) -> V;
}

pub(super) struct Sum;
pub(super) struct Product;
pub(super) struct Min;
pub(super) struct Max;

macro_rules! gather {
    ($($name:ident $of_none:expr, |$a:ident, $b:ident| $body:expr;)*) => {
        $(impl Gather for $name {
            const OF_NONE: f64 = $of_none;

            #[inline(always)]
            fn take<V: Lane>($a: V, $b: V) -> V {
                $body
            }
        })*
    };
}

gather! {
    Sum 0.0, |a, b| a + b;
    Product 1.0, |a, b| a * b;
    Min f64::INFINITY, |a, b| smaller(a, b);
    Max f64::NEG_INFINITY, |a, b| larger(a, b);
}

#[inline(always)]
fn truth<V: Lane>(mask: V::Mask) -> V {
    V::select(mask, V::splat(1.0), V::splat(0.0))
}

#[inline(always)]
fn smaller<V: Lane>(x: V, y: V) -> V {
    V::select(x.lt(y).or(x.is_nan()), x, y)
}

#[inline(always)]
fn larger<V: Lane>(x: V, y: V) -> V {
    V::select(y.lt(x).or(x.is_nan()), x, y)
}

#[inline(always)]
fn sign<V: Lane>(x: V) -> V {
    let zero = V::splat(0.0);
    let one = V::splat(1.0);
    V::select(zero.lt(x), one, V::select(x.lt(zero), -one, V::select(x.eq(zero), zero, x)))
}

#[inline(always)]
fn step<V: Lane>(x: V) -> V {
    let zero = V::splat(0.0);
    V::select(zero.lt(x), V::splat(1.0), V::select(x.eq(x), zero, x))
}

#[inline(always)]
fn round<V: Lane>(x: V) -> V {
    let size = x.abs();
    let floor = size.floor();
    // The difference is exact: 0 for what has no fraction, and NaN for infinity, to which 1 may be added.
    let up = V::select((size - floor).lt(V::splat(0.5)), V::splat(0.0), V::splat(1.0));
    (floor + up).copysign(x)
}
