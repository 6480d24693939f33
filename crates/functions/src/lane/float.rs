//! Doubles and singles: lanes of one number, and the constants that differ between them.

use super::{Lane, Mask};
use crate::kernels::elementary;

/// The numbers that lanes are made of.
pub trait Float: Lane<Element = Self> {
    /// log(2) in two parts: the first times any exponent is exact.
    const LN_2: [f64; 2];
    /// pi/2 in three parts.
    const HALF_PI: [f64; 3];
    /// 2/sqrt(pi) in two parts.
    const TWO_BY_ROOT_PI: [f64; 2];
    /// 1/sqrt(2) in two parts.
    const ROOT_HALF: [f64; 2];
    /// 1/sqrt(2*pi) in two parts.
    const NORMAL: [f64; 2];
    /// 2/3 in two parts.
    const TWO_THIRDS: [f64; 2];
    /// exp overflows above.
    const EXP_HIGH: f64;
    /// exp is 0 below.
    const EXP_LOW: f64;
    /// Angles up to here are reduced by [`Float::HALF_PI`].
    const ANGLE: f64;
    /// The smallest normal number.
    const NORMAL_LOW: f64;
    /// A power of two that makes every subnormal number normal, and its exponent.
    const UP: (f64, f64);
    /// The largest finite number.
    const LARGEST: f64;
    /// Numbers above are whole and even.
    const EVEN: f64;

    /// As a double.
    fn widen(self) -> f64;
    /// From a double, rounded.
    fn narrow(x: f64) -> Self;

    /// The sine of a large angle.
    #[cold]
    #[inline(never)]
    fn far_sin(x: Self) -> Self {
        Self::narrow(elementary::sin(x.widen()))
    }
    /// The cosine of a large angle.
    #[cold]
    #[inline(never)]
    fn far_cos(x: Self) -> Self {
        Self::narrow(elementary::cos(x.widen()))
    }
    /// A power with an argument that is zero, infinite, NaN or subnormal.
    #[cold]
    #[inline(never)]
    fn rare_pow(x: Self, y: Self) -> Self {
        Self::narrow(elementary::pow(x.widen(), y.widen()))
    }
}

impl Mask for bool {
    #[inline(always)]
    fn and(self, other: bool) -> bool {
        self & other
    }
    #[inline(always)]
    fn or(self, other: bool) -> bool {
        self | other
    }
    #[inline(always)]
    fn not(self) -> bool {
        !self
    }
    #[inline(always)]
    fn any(self) -> bool {
        self
    }
}

macro_rules! float {
    ($float:ident, $bits:ident, $mantissa:literal, $bias:literal, $root_half:literal) => {
        impl Lane for $float {
            type Element = $float;
            type Mask = bool;

            #[inline(always)]
            fn splat(x: f64) -> $float {
                x as $float
            }
            #[inline(always)]
            fn fma(self, b: $float, c: $float) -> $float {
                self.mul_add(b, c)
            }
            #[inline(always)]
            fn sqrt(self) -> $float {
                self.sqrt()
            }
            #[inline(always)]
            fn abs(self) -> $float {
                self.abs()
            }
            #[inline(always)]
            fn round(self) -> $float {
                self.round_ties_even()
            }
            #[inline(always)]
            fn floor(self) -> $float {
                self.floor()
            }
            #[inline(always)]
            fn copysign(self, sign: $float) -> $float {
                self.copysign(sign)
            }
            #[inline(always)]
            fn lt(self, other: $float) -> bool {
                self < other
            }
            #[inline(always)]
            fn eq(self, other: $float) -> bool {
                self == other
            }
            #[inline(always)]
            fn select(mask: bool, yes: $float, no: $float) -> $float {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn exp2i(self) -> $float {
                // 1.5*2^mantissa plus k holds k in its last bits.
                const MAGIC: $float = 1.5 * (1u64 << $mantissa) as $float;
                $float::from_bits((self + (MAGIC + $bias as $float)).to_bits() << $mantissa)
            }
            #[inline(always)]
            fn split(self) -> ($float, $float) {
                const ONE: $bits = $bias << $mantissa;
                const FRACTION: $bits = (1 << $mantissa) - 1;
                // Counted from the root of 1/2, so that the exponent changes there.
                const ROOT_HALF: $bits = $root_half;
                let bits = self.to_bits().wrapping_add(ONE - ROOT_HALF);
                let k = (bits >> $mantissa) as i32 - $bias;
                let m = $float::from_bits((bits & FRACTION) + ROOT_HALF);
                (m, k as $float)
            }
            #[inline(always)]
            fn patch<const N: usize>(
                self,
                mask: bool,
                args: [$float; N],
                f: impl Fn([$float; N]) -> $float,
            ) -> $float {
                if mask { f(args) } else { self }
            }
        }
    };
}

float!(f64, u64, 52, 1023, 0x3fe6_a09e_667f_3bcd);
float!(f32, u32, 23, 127, 0x3f35_04f3);

impl Float for f64 {
    const LN_2: [f64; 2] = [0.693147180559663, 2.8235290563031577e-13];
    const HALF_PI: [f64; 3] = [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
    const TWO_BY_ROOT_PI: [f64; 2] = [std::f64::consts::FRAC_2_SQRT_PI, 1.533545961316588e-17];
    const ROOT_HALF: [f64; 2] = [std::f64::consts::FRAC_1_SQRT_2, -4.833646656726457e-17];
    const NORMAL: [f64; 2] = [0.3989422804014327, -2.49232720227773e-17];
    const TWO_THIRDS: [f64; 2] = [0.6666666666666666, 3.700743415417188e-17];
    const EXP_HIGH: f64 = 709.79;
    const EXP_LOW: f64 = -745.14;
    const ANGLE: f64 = 1e8;
    const NORMAL_LOW: f64 = f64::MIN_POSITIVE;
    const UP: (f64, f64) = (18_014_398_509_481_984.0, 54.0);
    const LARGEST: f64 = f64::MAX;
    const EVEN: f64 = 9_007_199_254_740_992.0;

    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn narrow(x: f64) -> f64 {
        x
    }
}

impl Float for f32 {
    const LN_2: [f64; 2] = [0.693145751953125, 1.428606765330187e-06];
    const HALF_PI: [f64; 3] = [1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15];
    const TWO_BY_ROOT_PI: [f64; 2] = [1.128379225730896, -5.8635382771399236e-08];
    const ROOT_HALF: [f64; 2] = [0.7071067690849304, 1.2101617485882343e-08];
    const NORMAL: [f64; 2] = [0.3989422917366028, -1.1335170135851058e-08];
    const TWO_THIRDS: [f64; 2] = [0.6666666865348816, -1.9868215517249155e-08];
    const EXP_HIGH: f64 = 88.73;
    const EXP_LOW: f64 = -103.98;
    const ANGLE: f64 = 1e4;
    const NORMAL_LOW: f64 = 1.175_494_350_822_287_5e-38;
    const UP: (f64, f64) = (33_554_432.0, 25.0);
    const LARGEST: f64 = 3.402_823_466_385_288_6e38;
    const EVEN: f64 = 16_777_216.0;

    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn narrow(x: f64) -> f32 {
        x as f32
    }
}
