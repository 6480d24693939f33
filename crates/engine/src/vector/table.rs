//! The kernels of an instruction set.

use super::call::{Kernel, Reduction, SinCosKernel, Stream};
use super::group::{Raw, RawFold, RawStream, RawTwo, Vector};
use super::ops::{self, Binary, Reduce, Ternary, Unary};
use super::set::InstructionSet;

/// Numbers that kernels are compiled for: `f64` and `f32`.
pub trait Element: Copy + Default + 'static {
    /// How many partial results a reduction has.
    const PARTIAL: usize;

    /// The nearest number.
    fn from_double(x: f64) -> Self;

    /// The kernels of a set; `None` if this machine lacks it.
    fn table(set: InstructionSet) -> Option<Kernels<Self>>;
}

/// Looks kernels up for one instruction set.
#[derive(Clone, Copy)]
pub struct Kernels<T: Element> {
    set: InstructionSet,
    width: usize,
    unary: [Raw<T, 1>; Unary::ALL.len()],
    binary: [Raw<T, 2>; Binary::ALL.len()],
    ternary: [Raw<T, 3>; Ternary::ALL.len()],
    sin_cos: RawTwo<T>,
    stream: RawStream<T>,
    folds: [RawFold<T>; Reduce::ALL.len()],
}

impl<T: Element> Kernels<T> {
    /// Those of the fastest set that this machine has.
    pub fn best() -> Kernels<T> {
        let found = T::table(InstructionSet::best()).or_else(|| T::table(InstructionSet::Baseline));
        found.unwrap_or_else(|| unreachable!("every machine has the baseline"))
    }

    /// Those of a set; `None` if this machine lacks it.
    pub fn new(set: InstructionSet) -> Option<Kernels<T>> {
        T::table(set)
    }

    /// The set.
    pub fn set(&self) -> InstructionSet {
        self.set
    }

    /// How many numbers a vector has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// An operation on one number.
    pub fn unary(&self, op: Unary) -> Kernel<T, 1> {
        Kernel { raw: self.unary[op as usize], width: self.width }
    }

    /// An operation on two numbers.
    pub fn binary(&self, op: Binary) -> Kernel<T, 2> {
        Kernel { raw: self.binary[op as usize], width: self.width }
    }

    /// An operation on three numbers.
    pub fn ternary(&self, op: Ternary) -> Kernel<T, 3> {
        Kernel { raw: self.ternary[op as usize], width: self.width }
    }

    /// Sine and cosine.
    pub fn sin_cos(&self) -> SinCosKernel<T> {
        SinCosKernel { raw: self.sin_cos, width: self.width }
    }

    /// A copy past the caches.
    pub(crate) fn stream(&self) -> Stream<T> {
        Stream { raw: self.stream }
    }

    /// A reduction.
    pub fn reduce(&self, how: Reduce) -> Reduction<T> {
        Reduction { fold: self.folds[how as usize] }
    }
}

fn kernels<V: Vector>(set: InstructionSet) -> Kernels<V::Element>
where
    V::Element: Element,
{
    Kernels {
        set,
        width: V::WIDTH,
        unary: ops::unary::compiled::<V>(),
        binary: ops::binary::compiled::<V>(),
        ternary: ops::ternary::compiled::<V>(),
        sin_cos: V::sin_cos,
        stream: V::stream,
        folds: [V::fold::<ops::Sum>, V::fold::<ops::Product>, V::fold::<ops::Min>, V::fold::<ops::Max>],
    }
}

macro_rules! element {
    ($element:ident $partial:literal $vector:ident) => {
        impl Element for $element {
            const PARTIAL: usize = $partial;

            fn from_double(x: f64) -> $element {
                x as $element
            }

            fn table(set: InstructionSet) -> Option<Kernels<$element>> {
                if !set.is_available() {
                    return None;
                }
                match set {
                    InstructionSet::Baseline => Some(kernels::<$element>(set)),
                    #[cfg(target_arch = "x86_64")]
                    InstructionSet::Avx2 => Some(kernels::<super::x86::avx2::$vector>(set)),
                    #[cfg(target_arch = "x86_64")]
                    InstructionSet::Avx512 => Some(kernels::<super::x86::avx512::$vector>(set)),
                    #[cfg(not(target_arch = "x86_64"))]
                    InstructionSet::Avx2 | InstructionSet::Avx512 => None,
                    #[cfg(target_arch = "aarch64")]
                    InstructionSet::Neon => Some(kernels::<super::neon::$vector>(set)),
                    #[cfg(not(target_arch = "aarch64"))]
                    InstructionSet::Neon => None,
                }
            }
        }
    };
}

element!(f64 16 Doubles);
element!(f32 32 Singles);
