//! Two vectors side by side: the processor works on both at once where one alone would make it wait, and a constant is
//! loaded for both.

use agnesi_functions::lane::{Lane, Mask};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Two vectors, or two masks.
#[derive(Clone, Copy)]
pub(super) struct Pair<V>(pub V, pub V);

macro_rules! operators {
    ($($trait:ident $method:ident),*) => {
        $(impl<V: Lane> $trait for Pair<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Pair(self.0.$method(other.0), self.1.$method(other.1))
            }
        })*
    };
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl<V: Lane> Neg for Pair<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Pair(-self.0, -self.1)
    }
}

/// Methods that do for each of two what they do for one.
macro_rules! each {
    ($($method:ident($($other:ident),*) -> $result:ty;)*) => {
        $(#[inline(always)]
        fn $method(self $(, $other: Self)*) -> $result {
            Pair(self.0.$method($($other.0),*), self.1.$method($($other.1),*))
        })*
    };
}

impl<M: Mask> Mask for Pair<M> {
    each! {
        and(other) -> Self;
        or(other) -> Self;
        not() -> Self;
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.0.or(self.1).any()
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.0.and(self.1).all()
    }
}

impl<V: Lane> Lane for Pair<V> {
    type Element = V::Element;
    type Mask = Pair<V::Mask>;

    each! {
        fma(b, c) -> Self;
        sqrt() -> Self;
        abs() -> Self;
        round() -> Self;
        floor() -> Self;
        copysign(sign) -> Self;
        lt(other) -> Self::Mask;
        eq(other) -> Self::Mask;
        power() -> Self;
        odd() -> Self::Mask;
        negated_by_half(sum) -> Self;
        larger(other) -> Self;
        smaller(other) -> Self;
        is_nan() -> Self::Mask;
    }
    #[inline(always)]
    fn splat(x: f64) -> Self {
        let vector = V::splat(x);
        Pair(vector, vector)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Pair(V::select(mask.0, yes.0, no.0), V::select(mask.1, yes.1, no.1))
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let ((m0, k0), (m1, k1)) = (self.0.split(), self.1.split());
        (Pair(m0, m1), Pair(k0, k1))
    }
    #[inline(always)]
    fn patch<const N: usize>(
        self,
        mask: Self::Mask,
        args: [Self; N],
        f: impl Fn([Self::Element; N]) -> Self::Element,
    ) -> Self {
        // One question for both: behind a branch for each, a compiler puts the work of the second vector after that of the
        // first.
        if !mask.any() {
            return self;
        }
        let first = self.0.patch(mask.0, args.map(|arg| arg.0), &f);
        Pair(first, self.1.patch(mask.1, args.map(|arg| arg.1), &f))
    }
}
