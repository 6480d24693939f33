//! Kernels called on slices: whole vectors where they lie, the rest by way of a buffer.

// The compiled functions take pointers.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::MaybeUninit;

use super::Element;
use super::group::{MOST, Raw, RawFold, RawStream, RawTwo, Source};
use super::input::Input;

/// An operation on `A` numbers, compiled for an instruction set that this machine has.
pub struct Kernel<T: Element, const A: usize> {
    pub(super) raw: Raw<T, A>,
    pub(super) width: usize,
}

impl<T: Element, const A: usize> Clone for Kernel<T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Element, const A: usize> Copy for Kernel<T, A> {}

/// Sine and cosine at once.
#[derive(Clone, Copy)]
pub struct SinCosKernel<T: Element> {
    pub(super) raw: RawTwo<T>,
    pub(super) width: usize,
}

/// A copy that leaves the caches alone.
#[derive(Clone, Copy)]
pub(crate) struct Stream<T: Element> {
    pub(super) raw: RawStream<T>,
}

/// One number of many.
#[derive(Clone, Copy)]
pub struct Reduction<T: Element> {
    pub(super) fold: RawFold<T>,
}

/// Operands ready to be read vector by vector: numbers that stand for all are spread out here.
struct Operands<T, const A: usize> {
    /// As many numbers of each as a vector has are set before they are read.
    spread: [[MaybeUninit<T>; MOST]; A],
}

impl<T: Element, const A: usize> Kernel<T, A> {
    /// The operation on `count` whole vectors.
    ///
    /// # Safety
    /// So many vectors can be read from each source, in its steps, and written to `out`; an output that overlaps a source is
    /// the same place.
    #[inline(always)]
    pub(crate) unsafe fn call_raw(&self, count: usize, from: &[Source<T>; A], out: *mut T) {
        // Safety: the kernel's instruction set was detected when it was looked up; the rest is the condition.
        unsafe { (self.raw)(count, from, out) }
    }

    /// The operation on each of the numbers, up to the shortest slice.
    #[inline]
    pub fn call(&self, inputs: [Input<T>; A], out: &[Cell<T>]) {
        let length = shortest(&inputs, out.len());
        let mut operands = Operands { spread: [[const { MaybeUninit::uninit() }; MOST]; A] };
        let sources = operands.sources(&inputs, self.width);
        let whole = length / self.width;
        let to: *mut T = out.as_ptr().cast_mut().cast();
        if whole > 0 {
            // Safety: the kernel's instruction set was detected when it was looked up; `whole` vectors lie in each slice, and
            // cells may be written.
            unsafe { (self.raw)(whole, &sources, to) };
        }
        let done = whole * self.width;
        if done < length {
            let mut rest = Operands { spread: [[const { MaybeUninit::uninit() }; MOST]; A] };
            let sources = rest.rest(&inputs, done, length, self.width);
            let mut result = [const { MaybeUninit::<T>::uninit() }; MOST];
            // Safety: as above; one vector fits into the buffers.
            unsafe { (self.raw)(1, &sources, result.as_mut_ptr().cast()) };
            // Safety: the kernel has written a whole vector.
            out[done..length].iter().zip(result).for_each(|(to, x)| to.set(unsafe { x.assume_init() }));
        }
    }
}

impl<T: Element> SinCosKernel<T> {
    /// Sines and cosines of `count` whole vectors.
    ///
    /// # Safety
    /// As [`Kernel::call_raw`]; the two outputs do not overlap.
    #[inline(always)]
    pub(crate) unsafe fn call_raw(&self, count: usize, from: &[Source<T>; 1], sin: *mut T, cos: *mut T) {
        // Safety: as in `Kernel::call_raw`.
        unsafe { (self.raw)(count, from, sin, cos) }
    }

    /// The sines and cosines of numbers, up to the shortest slice. The two outputs must not overlap.
    #[inline]
    pub fn call(&self, input: Input<T>, sin: &[Cell<T>], cos: &[Cell<T>]) {
        let length = shortest(&[input], sin.len().min(cos.len()));
        let mut operands = Operands { spread: [[const { MaybeUninit::uninit() }; MOST]; 1] };
        let sources = operands.sources(&[input], self.width);
        let whole = length / self.width;
        let (sine, cosine): (*mut T, *mut T) =
            (sin.as_ptr().cast_mut().cast(), cos.as_ptr().cast_mut().cast());
        if whole > 0 {
            // Safety: as in `Kernel::call`.
            unsafe { (self.raw)(whole, &sources, sine, cosine) };
        }
        let done = whole * self.width;
        if done < length {
            let mut rest = Operands { spread: [[const { MaybeUninit::uninit() }; MOST]; 1] };
            let sources = rest.rest(&[input], done, length, self.width);
            let mut results = [[T::default(); MOST]; 2];
            let [s, c] = &mut results;
            // Safety: as in `Kernel::call`.
            unsafe { (self.raw)(1, &sources, s.as_mut_ptr(), c.as_mut_ptr()) };
            sin[done..length].iter().zip(results[0]).for_each(|(to, x)| to.set(x));
            cos[done..length].iter().zip(results[1]).for_each(|(to, x)| to.set(x));
        }
    }
}

impl<T: Element> Stream<T> {
    /// Copies `length` numbers; before another thread reads them there must be a [`fence`](super::fence).
    ///
    /// # Safety
    /// So many can be read from the one place and written to the other, which do not overlap.
    #[inline(always)]
    pub(crate) unsafe fn call_raw(&self, length: usize, from: *const T, to: *mut T) {
        // Safety: the kernel's instruction set was detected when it was looked up; the rest is the condition.
        unsafe { (self.raw)(length, from, to) }
    }
}

impl<T: Element> Reduction<T> {
    /// What the first `length` numbers make, in the order of [`Reduce`](super::Reduce).
    pub fn call(&self, input: Input<T>, length: usize) -> T {
        let length = length.min(input.len().unwrap_or(length));
        let spread;
        let (start, step) = match input {
            Input::Shared(list) => (list.as_ptr(), T::PARTIAL),
            Input::Cells(list) => (list.as_ptr().cast(), T::PARTIAL),
            Input::One(x) => {
                spread = [x; MOST];
                (spread.as_ptr(), 0)
            }
        };
        // Safety: the kernel's instruction set was detected when it was looked up; `length` numbers lie in the slice, and a
        // block in what is spread out.
        unsafe { (self.fold)(length, start, step) }
    }

    /// The same of numbers that lie side by side.
    ///
    /// # Safety
    /// `length` numbers can be read there.
    #[inline(always)]
    pub(crate) unsafe fn call_raw(&self, length: usize, from: *const T) -> T {
        // Safety: the kernel's instruction set was detected when it was looked up; the rest is the condition.
        unsafe { (self.fold)(length, from, T::PARTIAL) }
    }
}

impl<T: Element, const A: usize> Operands<T, A> {
    #[inline]
    fn sources(&mut self, inputs: &[Input<T>; A], width: usize) -> [Source<T>; A] {
        std::array::from_fn(|i| match inputs[i] {
            Input::One(x) => {
                self.spread[i][..width].fill(MaybeUninit::new(x));
                Source { start: self.spread[i].as_ptr().cast(), step: 0 }
            }
            Input::Shared(list) => Source { start: list.as_ptr(), step: width },
            Input::Cells(list) => Source { start: list.as_ptr().cast(), step: width },
        })
    }

    /// The last numbers, which fill no vector: what is behind them is 0.
    #[inline]
    fn rest(&mut self, inputs: &[Input<T>; A], done: usize, length: usize, width: usize) -> [Source<T>; A] {
        for (room, input) in self.spread.iter_mut().zip(inputs) {
            let room = &mut room[..width];
            match input {
                Input::One(x) => room.fill(MaybeUninit::new(*x)),
                Input::Shared(list) => {
                    room.fill(MaybeUninit::new(T::default()));
                    room.iter_mut().zip(&list[done..length]).for_each(|(to, x)| *to = MaybeUninit::new(*x));
                }
                Input::Cells(list) => {
                    room.fill(MaybeUninit::new(T::default()));
                    room.iter_mut()
                        .zip(&list[done..length])
                        .for_each(|(to, x)| *to = MaybeUninit::new(x.get()));
                }
            }
        }
        std::array::from_fn(|i| Source { start: self.spread[i].as_ptr().cast(), step: 0 })
    }
}

fn shortest<T: Copy, const A: usize>(inputs: &[Input<T>; A], out: usize) -> usize {
    inputs.iter().filter_map(Input::len).fold(out, usize::min)
}
