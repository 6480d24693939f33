//! Kernels called on slices: whole vectors where they lie, the rest by way of a buffer.

// The compiled functions take pointers.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::MaybeUninit;

use super::Element;
use super::group::{MOST, Raw, RawFold, RawTwo, Source};
use super::input::Input;
use super::ops::Reduce;

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

/// One number of many.
#[derive(Clone, Copy)]
pub struct Reduction<T: Element> {
    pub(super) fold: RawFold<T, 1>,
    pub(super) join: Raw<T, 2>,
    pub(super) how: Reduce,
    pub(super) width: usize,
}

/// Operands ready to be read vector by vector: numbers that stand for all are spread out here.
struct Operands<T, const A: usize> {
    /// As many numbers of each as a vector has are set before they are read.
    spread: [[MaybeUninit<T>; MOST]; A],
}

impl<T: Element, const A: usize> Kernel<T, A> {
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

impl<T: Element> Reduction<T> {
    /// What the first `length` numbers make, in the order of [`Reduce`].
    pub fn call(&self, input: Input<T>, length: usize) -> T {
        let length = length.min(input.len().unwrap_or(length));
        let mut partial = [T::from_double(self.how.of_none()); MOST];
        let block = T::PARTIAL;
        let whole = length / block;
        match input.start() {
            Some(start) => {
                if whole > 0 {
                    // Safety: as in `Kernel::call`; `whole` blocks lie in the slice.
                    unsafe { (self.fold)(whole, [start], partial.as_mut_ptr()) };
                }
                let mut rest = [T::from_double(self.how.of_none()); MOST];
                let done = whole * block;
                if done < length {
                    for (at, x) in rest.iter_mut().enumerate().take(length - done) {
                        // Safety: inside of the slice.
                        *x = unsafe { start.add(done + at).read() };
                    }
                    // Safety: a block fits into the buffers.
                    unsafe { (self.fold)(1, [rest.as_ptr()], partial.as_mut_ptr()) };
                }
            }
            None => {
                if let Input::One(x) = input {
                    let mut rest = [x; MOST];
                    for _ in 0..whole {
                        // Safety: a block fits into the buffers.
                        unsafe { (self.fold)(1, [rest.as_ptr()], partial.as_mut_ptr()) };
                    }
                    rest[length - whole * block..].fill(T::from_double(self.how.of_none()));
                    // Safety: likewise.
                    unsafe { (self.fold)(1, [rest.as_ptr()], partial.as_mut_ptr()) };
                }
            }
        }
        // Halved by pairs.
        let mut half = block / 2;
        while half > 0 {
            let (low, high) = partial.split_at_mut(half);
            let mut result = [T::default(); MOST];
            let mut operands = [[T::default(); MOST]; 2];
            operands[0][..half].copy_from_slice(low);
            operands[1][..half].copy_from_slice(&high[..half]);
            let step = self.width;
            let sources = [0, 1].map(|i| Source { start: operands[i].as_ptr(), step });
            // Safety: the vectors fit into the buffers.
            unsafe { (self.join)(half.div_ceil(step), &sources, result.as_mut_ptr()) };
            low.copy_from_slice(&result[..half]);
            half /= 2;
        }
        partial[0]
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
