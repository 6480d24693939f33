//! AVX2 with FMA: 4 doubles, 8 singles.

use super::*;

macro_rules! mask {
    (
        $mask:ident $register:ty, $width:literal,
        $and:ident $or:ident $xor:ident $ones:expr, $movemask:ident $blend:ident
    ) => {
        /// The sign of a number says whether it holds for it; the other bits say nothing.
        #[derive(Clone, Copy)]
        pub(in crate::vector) struct $mask($register);

        // Safety, of all blocks here: as for vectors.
        impl $mask {
            #[inline(always)]
            fn bits(self) -> u32 {
                unsafe { $movemask(self.0) as u32 }
            }
            #[inline(always)]
            pub(super) fn signs(x: $register) -> Self {
                $mask(x)
            }
            #[inline(always)]
            fn select(self, yes: $register, no: $register) -> $register {
                unsafe { $blend(no, yes, self.0) }
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
                unsafe { $mask($xor(self.0, $ones)) }
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
    };
}

mask! {
    DoublesMask __m256d, 4,
    _mm256_and_pd _mm256_or_pd _mm256_xor_pd _mm256_castsi256_pd(_mm256_set1_epi64x(-1)),
    _mm256_movemask_pd _mm256_blendv_pd
}

mask! {
    SinglesMask __m256, 8,
    _mm256_and_ps _mm256_or_ps _mm256_xor_ps _mm256_castsi256_ps(_mm256_set1_epi32(-1)),
    _mm256_movemask_ps _mm256_blendv_ps
}

vector! {
    Doubles DoublesMask __m256d, f64 i64 4 16,
    features "avx2,fma",
    mantissa 52 1023 0x3fe6_a09e_667f_3bcd,
    _mm256_set1_pd _mm256_set1_epi64x _mm256_castpd_si256 _mm256_castsi256_pd _mm256_add_epi64
    _mm256_slli_epi64 _mm256_srli_epi64
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_fmadd_pd _mm256_sqrt_pd _mm256_round_pd
    _mm256_cmp_pd _mm256_and_pd _mm256_or_pd _mm256_xor_pd _mm256_andnot_pd
    _mm256_max_pd _mm256_min_pd _mm256_stream_pd
}

vector! {
    Singles SinglesMask __m256, f32 i32 8 32,
    features "avx2,fma",
    mantissa 23 127 0x3f35_04f3,
    _mm256_set1_ps _mm256_set1_epi32 _mm256_castps_si256 _mm256_castsi256_ps _mm256_add_epi32
    _mm256_slli_epi32 _mm256_srli_epi32
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_fmadd_ps _mm256_sqrt_ps _mm256_round_ps
    _mm256_cmp_ps _mm256_and_ps _mm256_or_ps _mm256_xor_ps _mm256_andnot_ps
    _mm256_max_ps _mm256_min_ps _mm256_stream_ps
}
