//! Vectors of the instruction sets of x86, which have the same instructions for wider and wider registers.

// The intrinsics are safe only where the instruction set was detected: see `Vector`.
#![allow(unsafe_code)]

use super::group::{self, Source, Vector, compiled, one_by_one};
use super::ops::{Formula, Gather};
use agnesi_functions::lane::{Lane, Mask};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A vector, with a mask that has `bits`, one for each number, `signs`, which holds where a number has one, and `select`.
macro_rules! vector {
    (
        $vector:ident $mask:ident $register:ty, $element:ident $bits:ident $width:literal $partial:literal,
        features $features:literal,
        mantissa $mantissa:literal $bias:literal $root_half:literal,
        $set1:ident $set1_bits:ident $to_bits:ident $from_bits:ident $add_bits:ident $left:ident $right:ident
        $add:ident $sub:ident $mul:ident $div:ident $fma:ident $sqrt:ident $round:ident $compare:ident
        $and:ident $or:ident $xor:ident $andnot:ident $max:ident $min:ident $stream:ident
    ) => {
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(in crate::vector) struct $vector($register);

        // Safety, of all blocks here: vectors exist only within code for the detected instruction set.
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
                $vector(mask.select(yes.0, no.0))
            }
            #[inline(always)]
            fn power(self) -> Self {
                unsafe { $vector($from_bits($left::<$mantissa>($to_bits(self.0)))) }
            }
            #[inline(always)]
            fn odd(self) -> $mask {
                unsafe { $mask::signs($from_bits($left::<{ ($bits::BITS - 1) as _ }>($to_bits(self.0)))) }
            }
            #[inline(always)]
            fn negated_by_half(self, sum: Self) -> Self {
                unsafe {
                    let second = $from_bits($left::<{ ($bits::BITS - 2) as _ }>($to_bits(sum.0)));
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
                let bits = mask.bits();
                if bits == 0 {
                    return self;
                }
                // Copies, so that what is frequent stays in registers.
                let (mut values, args) = (self, args);
                one_by_one(&mut values, bits, &args, f);
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
            compiled!($element, $width, $partial, $features);

            // Miri has no such stores.
            #[cfg(not(miri))]
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

pub(super) mod avx2;
pub(super) mod avx512;
