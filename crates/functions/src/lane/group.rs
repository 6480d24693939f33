//! Arrays as lanes: plain loops, which a compiler turns into vector instructions where they are inlined into code
//! for a processor that has them.

use super::{Float, Lane, Mask};
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `N` numbers side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct Group<T, const N: usize>(pub [T; N]);

impl<const N: usize> Mask for [bool; N] {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        from_fn(|i| self[i] & other[i])
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        from_fn(|i| self[i] | other[i])
    }
    #[inline(always)]
    fn not(self) -> Self {
        self.map(|x| !x)
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.into_iter().fold(false, |any, x| any | x)
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.into_iter().fold(true, |all, x| all & x)
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident),*) => {
        $(impl<T: Float, const N: usize> $trait for Group<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Group(from_fn(|i| self.0[i].$method(other.0[i])))
            }
        })*
    };
}

operator!(Add add, Sub sub, Mul mul, Div div);

impl<T: Float, const N: usize> Neg for Group<T, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Group(self.0.map(|x| -x))
    }
}

impl<T: Float<Mask = bool>, const N: usize> Lane for Group<T, N> {
    type Element = T;
    type Mask = [bool; N];

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Group([T::splat(x); N])
    }
    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        Group(from_fn(|i| self.0[i].fma(b.0[i], c.0[i])))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Group(self.0.map(Lane::sqrt))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Group(self.0.map(Lane::abs))
    }
    #[inline(always)]
    fn round(self) -> Self {
        Group(self.0.map(Lane::round))
    }
    #[inline(always)]
    fn floor(self) -> Self {
        Group(self.0.map(Lane::floor))
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        Group(from_fn(|i| self.0[i].copysign(sign.0[i])))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> [bool; N] {
        from_fn(|i| self.0[i].lt(other.0[i]))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> [bool; N] {
        from_fn(|i| self.0[i].eq(other.0[i]))
    }
    #[inline(always)]
    fn select(mask: [bool; N], yes: Self, no: Self) -> Self {
        Group(from_fn(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
    }
    #[inline(always)]
    fn power(self) -> Self {
        Group(self.0.map(Lane::power))
    }
    #[inline(always)]
    fn odd(self) -> Self::Mask {
        self.0.map(T::odd)
    }
    #[inline(always)]
    fn negated_by_half(self, sum: Self) -> Self {
        Group(from_fn(|i| self.0[i].negated_by_half(sum.0[i])))
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let parts = self.0.map(Lane::split);
        (Group(parts.map(|part| part.0)), Group(parts.map(|part| part.1)))
    }
    #[inline(always)]
    fn patch<const M: usize>(self, mask: [bool; N], args: [Self; M], f: impl Fn([T; M]) -> T) -> Self {
        if mask.any() { one_by_one(self, mask, args, f) } else { self }
    }
}

// Apart, so that what is rare costs what is frequent no registers.
#[cold]
#[inline(never)]
fn one_by_one<T: Float, const N: usize, const M: usize>(
    mut values: Group<T, N>,
    mask: [bool; N],
    args: [Group<T, N>; M],
    f: impl Fn([T; M]) -> T,
) -> Group<T, N> {
    for (i, value) in values.0.iter_mut().enumerate().filter(|(i, _)| mask[*i]) {
        *value = f(args.map(|arg| arg.0[i]));
    }
    values
}
