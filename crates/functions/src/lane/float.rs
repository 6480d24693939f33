//! Doubles and singles: lanes of one number, and the constants that differ between them.

use super::{Lane, Mask, coefficients};
use crate::kernels::elementary;

/// The numbers that lanes are made of.
pub trait Float: Lane<Element = Self> {
    /// 1.5*2^m for m bits of mantissa: the sum with a whole number is exact, and holds it in its last bits. Other numbers
    /// are rounded to whole ones by it.
    const WHOLE: f64;
    /// What the exponent 0 is written as.
    const BIAS: f64;
    /// log(2) in two parts: the first times any exponent is exact.
    const LN_2: [f64; 2];
    /// pi/2 in three parts, none of them larger than what it stands for.
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
    /// exp is a normal number, and so is its reciprocal, up to here.
    const EXP_NORMAL: f64;
    /// exp is below the first number to which 1 cannot be added exactly up to here.
    const EXP_WHOLE: f64;
    /// 2 to this power makes every exponential, 0 aside, a normal number.
    const SHIFT: f64;
    /// 2 to that power.
    const SHIFTED: f64;
    /// The normal density and distribution function are 0 below the negative of it.
    const NORMAL_FAR: f64;
    /// Angles up to here are reduced by [`Float::HALF_PI`].
    const ANGLE: f64;
    /// The smallest normal number.
    const NORMAL_LOW: f64;
    /// A power of two that makes every subnormal number normal, and its exponent.
    const UP: (f64, f64);

    /// Coefficients for the exponential function.
    const EXP: &'static [f64];
    /// Coefficients for the logarithm of numbers between the roots of 1/2 and 2.
    const LOG: &'static [f64];
    /// Coefficients for the logarithm of numbers between 1 and 2.
    const LOG_FAR: &'static [f64];
    /// Coefficients for the logarithm in two parts.
    const LOG_THIRD: &'static [f64];
    /// Coefficients for the sine.
    const SIN: &'static [f64];
    /// Coefficients for the cosine.
    const COS: &'static [f64];
    /// Coefficients for the error function near 0.
    const ERF: &'static [f64];
    /// Coefficients for the error function elsewhere: a quotient.
    const ERF_FAR: (&'static [f64], &'static [f64]);
    /// Coefficients for the normal distribution function far out, and near 0.
    const ERFC: [&'static [f64]; 2];
    /// The places from which their argument is counted.
    const ERFC_AT: [f64; 2];

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
    #[inline(always)]
    fn all(self) -> bool {
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
            fn power(self) -> $float {
                $float::from_bits(self.to_bits() << $mantissa)
            }
            #[inline(always)]
            fn odd(self) -> bool {
                self.to_bits() & 1 != 0
            }
            #[inline(always)]
            fn negated_by_half(self, sum: $float) -> $float {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                $float::from_bits(self.to_bits() ^ (sum.to_bits() << ($bits::BITS - 2) & SIGN))
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
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    const BIAS: f64 = 1023.0;
    const LN_2: [f64; 2] = [0.693147180559663, 2.8235290563031577e-13];
    const HALF_PI: [f64; 3] = [std::f64::consts::FRAC_PI_2, 6.123233995736765e-17, 1.0828566739219139e-32];
    const TWO_BY_ROOT_PI: [f64; 2] = [std::f64::consts::FRAC_2_SQRT_PI, 1.533545961316588e-17];
    const ROOT_HALF: [f64; 2] = [std::f64::consts::FRAC_1_SQRT_2, -4.833646656726457e-17];
    const NORMAL: [f64; 2] = [0.3989422804014327, -2.49232720227773e-17];
    const TWO_THIRDS: [f64; 2] = [0.6666666666666666, 3.700743415417188e-17];
    const EXP_HIGH: f64 = 709.79;
    const EXP_LOW: f64 = -745.14;
    const EXP_NORMAL: f64 = 708.0;
    const EXP_WHOLE: f64 = 36.0;
    const SHIFT: f64 = 128.0;
    const SHIFTED: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
    const NORMAL_FAR: f64 = 39.0;
    const ANGLE: f64 = 1e10;
    const NORMAL_LOW: f64 = f64::MIN_POSITIVE;
    const UP: (f64, f64) = (18_014_398_509_481_984.0, 54.0);
    const EXP: &'static [f64] = &coefficients::EXP;
    const LOG: &'static [f64] = &coefficients::LOG;
    const LOG_FAR: &'static [f64] = &coefficients::LOG_FAR;
    const LOG_THIRD: &'static [f64] = &coefficients::LOG_THIRD;
    const SIN: &'static [f64] = &coefficients::SIN;
    const COS: &'static [f64] = &coefficients::COS;
    const ERF: &'static [f64] = &coefficients::ERF;
    const ERF_FAR: (&'static [f64], &'static [f64]) = coefficients::ERF_FAR;
    const ERFC: [&'static [f64]; 2] = [&coefficients::ERFC_FAR, &coefficients::ERFC_NEAR];
    const ERFC_AT: [f64; 2] = coefficients::ERFC_AT;

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
    const WHOLE: f64 = 12_582_912.0;
    const BIAS: f64 = 127.0;
    const LN_2: [f64; 2] = [0.693145751953125, 1.428606765330187e-06];
    const HALF_PI: [f64; 3] = [1.570796251496997, 7.549789415861597e-08, 5.390302529957765e-15];
    const TWO_BY_ROOT_PI: [f64; 2] = [1.128379225730896, -5.8635382771399236e-08];
    const ROOT_HALF: [f64; 2] = [0.7071067690849304, 1.2101617485882343e-08];
    const NORMAL: [f64; 2] = [0.3989422917366028, -1.1333517013585106e-08];
    const TWO_THIRDS: [f64; 2] = [0.6666666865348816, -1.9868215517249155e-08];
    const EXP_HIGH: f64 = 88.73;
    const EXP_LOW: f64 = -103.98;
    const EXP_NORMAL: f64 = 87.0;
    const EXP_WHOLE: f64 = 16.0;
    const SHIFT: f64 = 64.0;
    const SHIFTED: f64 = 18_446_744_073_709_551_616.0;
    const NORMAL_FAR: f64 = 15.0;
    const ANGLE: f64 = 3e4;
    const NORMAL_LOW: f64 = 1.175_494_350_822_287_5e-38;
    const UP: (f64, f64) = (33_554_432.0, 25.0);
    const EXP: &'static [f64] = &coefficients::EXP_SINGLE;
    const LOG: &'static [f64] = &coefficients::LOG_SINGLE;
    const LOG_FAR: &'static [f64] = &coefficients::LOG_FAR_SINGLE;
    const LOG_THIRD: &'static [f64] = &coefficients::LOG_THIRD_SINGLE;
    const SIN: &'static [f64] = &coefficients::SIN_SINGLE;
    const COS: &'static [f64] = &coefficients::COS_SINGLE;
    const ERF: &'static [f64] = &coefficients::ERF_SINGLE;
    const ERF_FAR: (&'static [f64], &'static [f64]) = coefficients::ERF_FAR_SINGLE;
    const ERFC: [&'static [f64]; 2] = [&coefficients::ERFC_FAR_SINGLE, &coefficients::ERFC_NEAR_SINGLE];
    const ERFC_AT: [f64; 2] = coefficients::ERFC_AT_SINGLE;

    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn narrow(x: f64) -> f32 {
        x as f32
    }
}
