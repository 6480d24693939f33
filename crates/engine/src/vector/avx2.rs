//! Vectors of AVX2 with FMA.

// The intrinsics are safe only where the instruction set was detected: see `Vector`.
#![allow(unsafe_code)]

use super::group::{self, Source, Vector, compiled, one_by_one};
use super::ops::{Formula, Gather};
use agnesi_functions::lane::{Lane, Mask};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

macro_rules! vector {
    (
        $vector:ident $mask:ident $register:ty, $element:ident $bits:ident $width:literal $partial:literal,
        mantissa $mantissa:literal $bias:literal $root_half:literal,
        $set1:ident $set1_bits:ident $to_bits:ident $from_bits:ident $add_bits:ident $left:ident $right:ident
        $add:ident $sub:ident $mul:ident $div:ident $fma:ident $sqrt:ident $round:ident $compare:ident $blend:ident
        $and:ident $or:ident $xor:ident $andnot:ident $movemask:ident $max:ident $min:ident $stream:ident
    ) => {
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $vector($register);

        /// The sign of a number says whether it holds for it; the other bits say nothing.
        #[derive(Clone, Copy)]
        pub(super) struct $mask($register);

        // Safety, of all blocks here: vectors exist only within code for the detected instruction set.
        impl Mask for $mask {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                unsafe { $mask($and(self.0, other.0)) }
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                unsafe { $mask($or(self.0, other.0)) }
            }
            #[inline(always)]
            fn not(self) -> Self {
                unsafe { $mask($xor(self.0, $from_bits($set1_bits(-1)))) }
            }
            #[inline(always)]
            fn any(self) -> bool {
                unsafe { $movemask(self.0) != 0 }
            }
            #[inline(always)]
            fn all(self) -> bool {
                unsafe { $movemask(self.0) == (1 << $width) - 1 }
            }
        }

        vector!(@operator $vector, Add add $add, Sub sub $sub, Mul mul $mul, Div div $div);

        impl Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                unsafe { $vector($xor(self.0, $set1(-0.0))) }
            }
        }

        impl Lane for $vector {
            type Element = $element;
            type Mask = $mask;

            #[inline(always)]
            fn splat(x: f64) -> Self {
                unsafe { $vector($set1(x as $element)) }
            }
            #[inline(always)]
            fn fma(self, b: Self, c: Self) -> Self {
                unsafe { $vector($fma(self.0, b.0, c.0)) }
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                unsafe { $vector($sqrt(self.0)) }
            }
            #[inline(always)]
            fn abs(self) -> Self {
                unsafe { $vector($andnot($set1(-0.0), self.0)) }
            }
            #[inline(always)]
            fn round(self) -> Self {
                unsafe { $vector($round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
            }
            #[inline(always)]
            fn floor(self) -> Self {
                unsafe { $vector($round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)) }
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                unsafe {
                    let mask = $set1(-0.0);
                    $vector($or($and(mask, sign.0), $andnot(mask, self.0)))
                }
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                unsafe { $mask($compare::<_CMP_LT_OQ>(self.0, other.0)) }
            }
            #[inline(always)]
            fn eq(self, other: Self) -> $mask {
                unsafe { $mask($compare::<_CMP_EQ_OQ>(self.0, other.0)) }
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                unsafe { $vector($blend(no.0, yes.0, mask.0)) }
            }
            #[inline(always)]
            fn power(self) -> Self {
                unsafe { $vector($from_bits($left::<$mantissa>($to_bits(self.0)))) }
            }
            #[inline(always)]
            fn odd(self) -> $mask {
                unsafe { $mask($from_bits($left::<{ $bits::BITS as i32 - 1 }>($to_bits(self.0)))) }
            }
            #[inline(always)]
            fn negated_by_half(self, sum: Self) -> Self {
                unsafe {
                    let second = $from_bits($left::<{ $bits::BITS as i32 - 2 }>($to_bits(sum.0)));
                    $vector($xor(self.0, $and(second, $set1(-0.0))))
                }
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                const ONE: $bits = $bias << $mantissa;
                const FRACTION: $bits = (1 << $mantissa) - 1;
                const ROOT_HALF: $bits = $root_half;
                // 2^mantissa, whose last bits hold a whole number.
                const WHOLE: $bits = ($bias + $mantissa) << $mantissa;
                const TAKEN: $element = ((1u64 << $mantissa) + $bias) as $element;
                unsafe {
                    let bits = $add_bits($to_bits(self.0), $set1_bits(ONE - ROOT_HALF));
                    let k = $or($from_bits($right::<$mantissa>(bits)), $from_bits($set1_bits(WHOLE)));
                    let fraction = $and($from_bits(bits), $from_bits($set1_bits(FRACTION)));
                    let m = $add_bits($to_bits(fraction), $set1_bits(ROOT_HALF));
                    ($vector($from_bits(m)), $vector($sub(k, $set1(TAKEN))))
                }
            }
            #[inline(always)]
            fn patch<const M: usize>(
                self,
                mask: $mask,
                args: [Self; M],
                f: impl Fn([$element; M]) -> $element,
            ) -> Self {
                let bits = unsafe { $movemask(mask.0) };
                if bits == 0 {
                    return self;
                }
                // Copies, so that what is frequent stays in registers.
                let (mut values, args) = (self, args);
                one_by_one(&mut values, bits as u32, &args, f);
                values
            }
            // The instructions give their second operand where one is NaN or both are zeros, as the comparison does.
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                unsafe { $vector($max(other.0, self.0)) }
            }
            #[inline(always)]
            fn smaller(self, other: Self) -> Self {
                unsafe { $vector($min(other.0, self.0)) }
            }
            #[inline(always)]
            fn is_nan(self) -> $mask {
                unsafe { $mask($compare::<_CMP_UNORD_Q>(self.0, self.0)) }
            }
        }

        // Safety: a register has the layout of an array.
        unsafe impl Vector for $vector {
            compiled!($element, $width, $partial, "avx2,fma");

            #[inline(always)]
            unsafe fn pass(self, to: *mut $element) {
                // Safety: the conditions of `pass`.
                unsafe { $stream(to, self.0) }
            }
        }
    };
    (@operator $vector:ident, $($trait:ident $method:ident $intrinsic:ident),*) => {
        $(impl $trait for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                unsafe { $vector($intrinsic(self.0, other.0)) }
            }
        })*
    };
}

vector! {
    Doubles DoublesMask __m256d, f64 i64 4 16,
    mantissa 52 1023 0x3fe6_a09e_667f_3bcd,
    _mm256_set1_pd _mm256_set1_epi64x _mm256_castpd_si256 _mm256_castsi256_pd _mm256_add_epi64
    _mm256_slli_epi64 _mm256_srli_epi64
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_fmadd_pd _mm256_sqrt_pd _mm256_round_pd
    _mm256_cmp_pd _mm256_blendv_pd _mm256_and_pd _mm256_or_pd _mm256_xor_pd _mm256_andnot_pd _mm256_movemask_pd
    _mm256_max_pd _mm256_min_pd _mm256_stream_pd
}

vector! {
    Singles SinglesMask __m256, f32 i32 8 32,
    mantissa 23 127 0x3f35_04f3,
    _mm256_set1_ps _mm256_set1_epi32 _mm256_castps_si256 _mm256_castsi256_ps _mm256_add_epi32
    _mm256_slli_epi32 _mm256_srli_epi32
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_fmadd_ps _mm256_sqrt_ps _mm256_round_ps
    _mm256_cmp_ps _mm256_blendv_ps _mm256_and_ps _mm256_or_ps _mm256_xor_ps _mm256_andnot_ps _mm256_movemask_ps
    _mm256_max_ps _mm256_min_ps _mm256_stream_ps
}
