//! NEON of 64-bit Arm: 2 doubles, 4 singles.

// The intrinsics are safe only where the instruction set is present: see `Vector`.
#![allow(unsafe_code)]

use super::group::{self, Source, Vector, compiled, one_by_one};
use super::ops::{Formula, Gather};
use agnesi_functions::lane::{Lane, Mask};
use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

macro_rules! vector {
    (
        $vector:ident $mask:ident $register:ty, $element:ident $bits:ident $width:literal $partial:literal,
        mantissa $mantissa:literal $bias:literal $root_half:literal,
        $splat:ident $splat_bits:ident $to_bits:ident $from_bits:ident $mask_register:ty, $load_bits:ident
        $add_bits:ident $left:ident $right:ident $and:ident $or:ident $xor:ident $test:ident $sum_bits:ident
        $add:ident $sub:ident $mul:ident $div:ident $neg:ident $fma:ident $sqrt:ident $abs:ident
        $round:ident $floor:ident $less:ident $equal:ident $select:ident
    ) => {
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $vector($register);

        /// All bits of a number or none.
        #[derive(Clone, Copy)]
        pub(super) struct $mask($mask_register);

        // Safety, of all blocks here: vectors exist only within code for the instruction set.
        impl $mask {
            /// A bit for each number.
            #[inline(always)]
            fn bits(self) -> u32 {
                const ONE_EACH: [$bits; $width] = {
                    let (mut one_each, mut i) = ([1; $width], 0);
                    while i < $width {
                        one_each[i] = 1 << i;
                        i += 1;
                    }
                    one_each
                };
                unsafe { $sum_bits($and(self.0, $load_bits(ONE_EACH.as_ptr()))) as u32 }
            }
        }

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
                unsafe { $mask($xor(self.0, $splat_bits($bits::MAX))) }
            }
            #[inline(always)]
            fn any(self) -> bool {
                self.bits() != 0
            }
            #[inline(always)]
            fn all(self) -> bool {
                self.bits() == (1 << $width) - 1
            }
        }

        vector!(@operator $vector, Add add $add, Sub sub $sub, Mul mul $mul, Div div $div);

        impl Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                unsafe { $vector($neg(self.0)) }
            }
        }

        // The larger and the smaller are compared for, as everywhere: the instructions for them treat NaN and zeros
        // otherwise.
        impl Lane for $vector {
            type Element = $element;
            type Mask = $mask;

            #[inline(always)]
            fn splat(x: f64) -> Self {
                unsafe { $vector($splat(x as $element)) }
            }
            #[inline(always)]
            fn fma(self, b: Self, c: Self) -> Self {
                unsafe { $vector($fma(c.0, self.0, b.0)) }
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                unsafe { $vector($sqrt(self.0)) }
            }
            #[inline(always)]
            fn abs(self) -> Self {
                unsafe { $vector($abs(self.0)) }
            }
            #[inline(always)]
            fn round(self) -> Self {
                unsafe { $vector($round(self.0)) }
            }
            #[inline(always)]
            fn floor(self) -> Self {
                unsafe { $vector($floor(self.0)) }
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                unsafe { $vector($select($splat_bits(1 << ($bits::BITS - 1)), sign.0, self.0)) }
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                unsafe { $mask($less(self.0, other.0)) }
            }
            #[inline(always)]
            fn eq(self, other: Self) -> $mask {
                unsafe { $mask($equal(self.0, other.0)) }
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                unsafe { $vector($select(mask.0, yes.0, no.0)) }
            }
            #[inline(always)]
            fn power(self) -> Self {
                unsafe { $vector($from_bits($left::<$mantissa>($to_bits(self.0)))) }
            }
            #[inline(always)]
            fn odd(self) -> $mask {
                unsafe { $mask($test($to_bits(self.0), $splat_bits(1))) }
            }
            #[inline(always)]
            fn negated_by_half(self, sum: Self) -> Self {
                unsafe {
                    let second = $left::<{ $bits::BITS as i32 - 2 }>($to_bits(sum.0));
                    let sign = $and(second, $splat_bits(1 << ($bits::BITS - 1)));
                    $vector($from_bits($xor($to_bits(self.0), sign)))
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
                    let bits = $add_bits($to_bits(self.0), $splat_bits(ONE - ROOT_HALF));
                    let k = $from_bits($or($right::<$mantissa>(bits), $splat_bits(WHOLE)));
                    let m = $add_bits($and(bits, $splat_bits(FRACTION)), $splat_bits(ROOT_HALF));
                    ($vector($from_bits(m)), $vector($sub(k, $splat(TAKEN))))
                }
            }
            #[inline(always)]
            fn patch<const M: usize>(
                self,
                mask: $mask,
                args: [Self; M],
                f: impl Fn([$element; M]) -> $element,
            ) -> Self {
                let bits = mask.bits();
                if bits == 0 {
                    return self;
                }
                // Copies, so that what is frequent stays in registers.
                let (mut values, args) = (self, args);
                one_by_one(&mut values, bits, &args, f);
                values
            }
        }

        // Safety: a register has the layout of an array.
        unsafe impl Vector for $vector {
            compiled!($element, $width, $partial, "neon");
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
    Doubles DoublesMask float64x2_t, f64 u64 2 16,
    mantissa 52 1023 0x3fe6_a09e_667f_3bcd,
    vdupq_n_f64 vdupq_n_u64 vreinterpretq_u64_f64 vreinterpretq_f64_u64 uint64x2_t, vld1q_u64
    vaddq_u64 vshlq_n_u64 vshrq_n_u64 vandq_u64 vorrq_u64 veorq_u64 vtstq_u64 vaddvq_u64
    vaddq_f64 vsubq_f64 vmulq_f64 vdivq_f64 vnegq_f64 vfmaq_f64 vsqrtq_f64 vabsq_f64
    vrndnq_f64 vrndmq_f64 vcltq_f64 vceqq_f64 vbslq_f64
}

vector! {
    Singles SinglesMask float32x4_t, f32 u32 4 32,
    mantissa 23 127 0x3f35_04f3,
    vdupq_n_f32 vdupq_n_u32 vreinterpretq_u32_f32 vreinterpretq_f32_u32 uint32x4_t, vld1q_u32
    vaddq_u32 vshlq_n_u32 vshrq_n_u32 vandq_u32 vorrq_u32 veorq_u32 vtstq_u32 vaddvq_u32
    vaddq_f32 vsubq_f32 vmulq_f32 vdivq_f32 vnegq_f32 vfmaq_f32 vsqrtq_f32 vabsq_f32
    vrndnq_f32 vrndmq_f32 vcltq_f32 vceqq_f32 vbslq_f32
}
