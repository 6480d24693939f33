//! AVX-512, its instructions F and DQ: 8 doubles, 16 singles.

use super::*;

macro_rules! mask {
    ($mask:ident $bits:ty, $register:ty, $blend:ident $to_bits:ident $signs:ident) => {
        /// A bit for each number.
        #[derive(Clone, Copy)]
        pub(in crate::vector) struct $mask($bits);

        impl $mask {
            #[inline(always)]
            fn bits(self) -> u32 {
                self.0.into()
            }
            #[inline(always)]
            pub(super) fn signs(x: $register) -> Self {
                // Safety: as for vectors.
                unsafe { $mask($signs($to_bits(x))) }
            }
            #[inline(always)]
            fn select(self, yes: $register, no: $register) -> $register {
                // Safety: as for vectors.
                unsafe { $blend(self.0, no, yes) }
            }
        }

        impl Mask for $mask {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                $mask(self.0 & other.0)
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                $mask(self.0 | other.0)
            }
            #[inline(always)]
            fn not(self) -> Self {
                $mask(!self.0)
            }
            #[inline(always)]
            fn any(self) -> bool {
                self.0 != 0
            }
            #[inline(always)]
            fn all(self) -> bool {
                self.0 == <$bits>::MAX
            }
        }
    };
}

mask!(DoublesMask __mmask8, __m512d, _mm512_mask_blend_pd _mm512_castpd_si512 _mm512_movepi64_mask);
mask!(SinglesMask __mmask16, __m512, _mm512_mask_blend_ps _mm512_castps_si512 _mm512_movepi32_mask);

vector! {
    Doubles DoublesMask __m512d, f64 i64 8 16,
    features "avx512f,avx512dq",
    mantissa 52 1023 0x3fe6_a09e_667f_3bcd,
    _mm512_set1_pd _mm512_set1_epi64 _mm512_castpd_si512 _mm512_castsi512_pd _mm512_add_epi64
    _mm512_slli_epi64 _mm512_srli_epi64
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_sqrt_pd _mm512_roundscale_pd
    _mm512_cmp_pd_mask _mm512_and_pd _mm512_or_pd _mm512_xor_pd _mm512_andnot_pd
    _mm512_max_pd _mm512_min_pd _mm512_stream_pd
}

vector! {
    Singles SinglesMask __m512, f32 i32 16 32,
    features "avx512f,avx512dq",
    mantissa 23 127 0x3f35_04f3,
    _mm512_set1_ps _mm512_set1_epi32 _mm512_castps_si512 _mm512_castsi512_ps _mm512_add_epi32
    _mm512_slli_epi32 _mm512_srli_epi32
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_sqrt_ps _mm512_roundscale_ps
    _mm512_cmp_ps_mask _mm512_and_ps _mm512_or_ps _mm512_xor_ps _mm512_andnot_ps
    _mm512_max_ps _mm512_min_ps _mm512_stream_ps
}
