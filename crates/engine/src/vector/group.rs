//! Vectors of an instruction set, and the loops over slices that are compiled for each.

// Slices are walked by pointers: the same slice may be read and written, and a vector has no type that all share.
#![allow(unsafe_code)]

use super::ops::{Formula, Gather};
use super::pair::Pair;
use agnesi_functions::lane::Lane;

/// Where a kernel reads: from `start` on, `step` numbers further for each vector; 0 if it is the same vector always.
#[derive(Clone, Copy)]
pub(crate) struct Source<T> {
    pub start: *const T,
    pub step: usize,
}

/// A kernel compiled for an instruction set: `count` vectors from `A` sources to an output.
pub(super) type Raw<T, const A: usize> = unsafe fn(usize, &[Source<T>; A], *mut T);
/// A kernel with two outputs.
pub(super) type RawTwo<T> = unsafe fn(usize, &[Source<T>; 1], *mut T, *mut T);
/// A copy of so many numbers past the caches.
pub(super) type RawStream<T> = unsafe fn(usize, *const T, *mut T);
/// A reduction of so many numbers to one: from a pointer on, in blocks that begin so many numbers behind each other.
pub(super) type RawFold<T> = unsafe fn(usize, *const T, usize) -> T;

/// The largest number of numbers in a vector, and of partial results.
pub(super) const MOST: usize = 32;

/// A group of numbers in registers of one instruction set.
///
/// # Safety
///
/// Values are made and used only within the `run` functions, which are called only where the instruction set was
/// detected; operators rely on that. The type has the layout of an array of `WIDTH` elements.
pub(super) unsafe trait Vector: Lane {
    /// How many numbers it holds: a divisor of [`MOST`]/2.
    const WIDTH: usize;

    /// Applies a formula vector by vector.
    ///
    /// # Safety
    ///
    /// The instruction set was detected, and `count*WIDTH` numbers can be read from each source with a step of `WIDTH`,
    /// `WIDTH` of one with a step of 0, and written to `out`.
    unsafe fn run<const A: usize, F: Formula<A>>(
        count: usize,
        from: &[Source<Self::Element>; A],
        out: *mut Self::Element,
    );

    /// Sine and cosine. Safety as [`Vector::run`], for both outputs.
    unsafe fn sin_cos(
        count: usize,
        from: &[Source<Self::Element>; 1],
        sin: *mut Self::Element,
        cos: *mut Self::Element,
    );

    /// Copies `length` numbers, past the caches where the instruction set can: for what is far larger than these, which
    /// need not read the place first. Before others read it there must be a [`fence`].
    ///
    /// # Safety
    ///
    /// The instruction set was detected; so many numbers can be read from the one place and written to the other, which do not
    /// overlap.
    unsafe fn stream(length: usize, from: *const Self::Element, to: *mut Self::Element);

    /// Writes a vector past the caches, or as usual.
    ///
    /// # Safety
    ///
    /// The instruction set was detected, and a vector can be written there; the address is a multiple of its size.
    #[inline(always)]
    unsafe fn pass(self, to: *mut Self::Element) {
        // Safety: the same conditions.
        unsafe { store(self, to) }
    }

    /// What `length` numbers make, in the order of [`Reduce`](super::Reduce).
    ///
    /// # Safety
    ///
    /// The instruction set was detected; block `i` of as many numbers as there are partial results begins `i*step`
    /// numbers behind `from`, and `length` numbers in all can be read.
    unsafe fn fold<G: Gather>(length: usize, from: *const Self::Element, step: usize) -> Self::Element;
}

/// # Safety
///
/// As many numbers as a vector holds can be read there.
#[inline(always)]
pub(super) unsafe fn load<V: Vector>(start: *const V::Element) -> V {
    // Safety: the vector has the layout of an array of numbers.
    unsafe { start.cast::<V>().read_unaligned() }
}

/// # Safety
///
/// As many numbers as a vector holds can be written there.
#[inline(always)]
pub(super) unsafe fn store<V: Vector>(value: V, start: *mut V::Element) {
    // Safety: the vector has the layout of an array of numbers.
    unsafe { start.cast::<V>().write_unaligned(value) }
}

/// How many bytes a line of the caches has.
pub(crate) const LINE: usize = 64;

/// The body of [`Vector::run`], with its conditions.
#[inline(always)]
pub(super) unsafe fn run<V: Vector, const A: usize, F: Formula<A>>(
    count: usize,
    from: &[Source<V::Element>; A],
    out: *mut V::Element,
) {
    let pairs = if F::PAIRED { count / 2 } else { 0 };
    for i in (0..pairs).map(|pair| 2 * pair) {
        // Safety: by the conditions of `run`; both vectors are read before their places are written.
        unsafe {
            let x = from.map(|source| {
                let start = source.start.add(i * source.step);
                Pair(load::<V>(start), load::<V>(start.add(source.step)))
            });
            let Pair(first, second) = F::apply(x);
            store(first, out.add(i * V::WIDTH));
            store(second, out.add((i + 1) * V::WIDTH));
        }
    }
    for i in 2 * pairs..count {
        // Safety: by the conditions of `run`; a vector is read before its place is written.
        unsafe {
            let x = from.map(|source| load::<V>(source.start.add(i * source.step)));
            store(F::apply(x), out.add(i * V::WIDTH));
        }
    }
}

/// The body of [`Vector::sin_cos`], with its conditions.
#[inline(always)]
pub(super) unsafe fn sin_cos<V: Vector>(
    count: usize,
    [from]: &[Source<V::Element>; 1],
    sin: *mut V::Element,
    cos: *mut V::Element,
) {
    let pairs = count / 2;
    for i in (0..pairs).map(|pair| 2 * pair) {
        // Safety: by the conditions of `sin_cos`; both vectors are read before their places are written.
        unsafe {
            let start = from.start.add(i * from.step);
            let x = Pair(load::<V>(start), load::<V>(start.add(from.step)));
            let (Pair(sine, other_sine), Pair(cosine, other_cosine)) = agnesi_functions::lane::sin_cos(x);
            store(sine, sin.add(i * V::WIDTH));
            store(other_sine, sin.add((i + 1) * V::WIDTH));
            store(cosine, cos.add(i * V::WIDTH));
            store(other_cosine, cos.add((i + 1) * V::WIDTH));
        }
    }
    for i in 2 * pairs..count {
        // Safety: by the conditions of `sin_cos`.
        unsafe {
            let (sine, cosine) = agnesi_functions::lane::sin_cos(load::<V>(from.start.add(i * from.step)));
            store(sine, sin.add(i * V::WIDTH));
            store(cosine, cos.add(i * V::WIDTH));
        }
    }
}

/// The body of [`Vector::stream`], with its conditions.
#[inline(always)]
pub(super) unsafe fn stream<V: Vector>(length: usize, from: *const V::Element, to: *mut V::Element) {
    // Whole lines of the caches alone, since the others have neighbours that are written apart.
    let line = LINE / size_of::<V::Element>();
    let head = to.align_offset(LINE).min(length);
    let end = head + (length - head) / line * line;
    // Safety: by the conditions of `stream`; a line holds whole vectors, and begins at a multiple of their size.
    unsafe {
        std::ptr::copy_nonoverlapping(from, to, head);
        for at in (head..end).step_by(V::WIDTH) {
            load::<V>(from.add(at)).pass(to.add(at));
        }
        std::ptr::copy_nonoverlapping(from.add(end), to.add(end), length - end);
    }
}

/// Makes what was written past the caches visible to other threads, once they are told of it.
pub(crate) fn fence() {
    // Safety: every processor of the architecture has the instruction. Miri has not, nor stores that need it.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

/// Asks for numbers that are read soon. Nothing is read, so that they need not be there.
#[inline(always)]
pub(crate) fn fetch<T>(from: *const T, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..count).step_by(64 / size_of::<T>()) {
        // Safety: an address that is not there is passed over.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(
                from.wrapping_add(at).cast(),
            )
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, count);
}

/// The body of [`Vector::fold`], with its conditions; `N` vectors make a block of partial results.
#[inline(always)]
pub(super) unsafe fn fold<V: Vector, const N: usize, G: Gather>(
    length: usize,
    from: *const V::Element,
    step: usize,
) -> V::Element {
    let mut partial = [V::splat(G::OF_NONE); N];
    let block = N * V::WIDTH;
    let whole = length / block;
    for i in 0..whole {
        for (j, partial) in partial.iter_mut().enumerate() {
            // Safety: by the conditions of `fold`.
            *partial = G::take(*partial, unsafe { load::<V>(from.add(i * step + j * V::WIDTH)) });
        }
    }
    if !length.is_multiple_of(block) {
        let mut rest = [V::splat(G::OF_NONE); N];
        // Safety: by the conditions of `fold`; vectors have the layout of arrays.
        unsafe {
            let to = rest.as_mut_ptr().cast::<V::Element>();
            std::ptr::copy_nonoverlapping(from.add(whole * step), to, length % block);
        }
        for (partial, rest) in partial.iter_mut().zip(rest) {
            *partial = G::take(*partial, rest);
        }
    }
    // Halved by pairs, first vectors, then what is in one.
    let mut half = N / 2;
    while half > 0 {
        for j in 0..half {
            partial[j] = G::take(partial[j], partial[j + half]);
        }
        half /= 2;
    }
    let mut last = partial[0];
    let mut half = V::WIDTH / 2;
    while half > 0 {
        let mut other = last;
        // Safety: vectors have the layout of arrays of `WIDTH` numbers.
        unsafe {
            let from = std::ptr::from_ref(&last).cast::<V::Element>();
            let to = std::ptr::from_mut(&mut other).cast::<V::Element>();
            std::ptr::copy_nonoverlapping(from.add(half), to, half);
        }
        last = G::take(last, other);
        half /= 2;
    }
    // Safety: likewise.
    unsafe { std::ptr::from_ref(&last).cast::<V::Element>().read() }
}

/// The functions of [`Vector`] compiled with the features of an instruction set: nothing but calls of their bodies.
macro_rules! compiled {
    ($element:ty, $width:expr, $partial:expr $(, $feature:literal)?) => {
        const WIDTH: usize = $width;

        $(#[target_feature(enable = $feature)])?
        unsafe fn run<const A: usize, F: Formula<A>>(count: usize, from: &[Source<$element>; A], out: *mut $element) {
            // Safety: the same conditions.
            unsafe { group::run::<Self, A, F>(count, from, out) }
        }
        $(#[target_feature(enable = $feature)])?
        unsafe fn sin_cos(count: usize, from: &[Source<$element>; 1], sin: *mut $element, cos: *mut $element) {
            // Safety: the same conditions.
            unsafe { group::sin_cos::<Self>(count, from, sin, cos) }
        }
        $(#[target_feature(enable = $feature)])?
        unsafe fn stream(length: usize, from: *const $element, to: *mut $element) {
            // Safety: the same conditions.
            unsafe { group::stream::<Self>(length, from, to) }
        }
        $(#[target_feature(enable = $feature)])?
        unsafe fn fold<G: Gather>(length: usize, from: *const $element, step: usize) -> $element {
            // Safety: the same conditions.
            unsafe { group::fold::<Self, { $partial / $width }, G>(length, from, step) }
        }
    };
}

pub(super) use compiled;

/// Applies `f` to the numbers of `args` where a bit of the mask is set, else keeps `value`: for what is rare, and
/// apart so that it costs what is frequent no registers.
///
/// # Safety
///
/// `V` is a [`Vector`], which says that it has the layout of an array.
#[cold]
#[inline(never)]
pub(super) fn one_by_one<V: Vector, const M: usize>(
    value: &mut V,
    mask: u32,
    args: &[V; M],
    f: impl Fn([V::Element; M]) -> V::Element,
) {
    let values: *mut V::Element = std::ptr::from_mut(value).cast();
    for i in (0..V::WIDTH).filter(|i| mask >> i & 1 == 1) {
        // Safety: the vector has the layout of an array of `WIDTH` numbers.
        unsafe {
            let x = std::array::from_fn(|j| std::ptr::from_ref(&args[j]).cast::<V::Element>().add(i).read());
            values.add(i).write(f(x));
        }
    }
}
