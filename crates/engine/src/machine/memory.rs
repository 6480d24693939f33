//! The numbers of a run: the caller's slices and the machine's arena.

use std::cell::Cell;

use super::Real;
use super::plan::Place;
use crate::ir::{Program, TensorId};
use crate::vector::Input;

/// What a run reads and writes.
pub(super) struct Memory<'a, T: Real> {
    pub inputs: &'a [&'a [T]],
    pub outputs: &'a [&'a [Cell<T>]],
    pub arena: &'a [Cell<T>],
    pub places: &'a [Place],
    pub program: &'a Program,
}

impl<'a, T: Real> Memory<'a, T> {
    /// Where a tensor begins.
    pub fn start_of(&self, place: Place) -> *mut T {
        match place {
            Place::Input(at) => self.inputs[at].as_ptr().cast_mut(),
            Place::Output(at) => self.outputs[at].as_ptr().cast_mut().cast(),
            Place::Arena(start) => self.arena[start..].as_ptr().cast_mut().cast(),
        }
    }

    /// All entries of a tensor that is no input.
    pub fn all(&self, tensor: TensorId) -> &'a [Cell<T>] {
        match self.places[tensor.index()] {
            Place::Input(_) => &[],
            Place::Output(at) => self.outputs[at],
            Place::Arena(start) => &self.arena[start..][..self.program.tensor(tensor).len()],
        }
    }

    /// Entries side by side of a tensor that is no input.
    pub fn cells(&self, tensor: TensorId, at: isize, length: usize) -> &'a [Cell<T>] {
        match self.places[tensor.index()] {
            Place::Input(_) => &[],
            Place::Output(output) => &self.outputs[output][at as usize..][..length],
            Place::Arena(start) => &self.arena[start + at as usize..][..length],
        }
    }

    /// Entries side by side.
    pub fn input(&self, tensor: TensorId, at: isize, length: usize) -> Input<'a, T> {
        match self.places[tensor.index()] {
            Place::Input(input) => Input::Shared(&self.inputs[input][at as usize..][..length]),
            Place::Output(_) | Place::Arena(_) => Input::Cells(self.cells(tensor, at, length)),
        }
    }

    /// One entry.
    pub fn get(&self, tensor: TensorId, at: isize) -> T {
        match self.places[tensor.index()] {
            Place::Input(input) => self.inputs[input][at as usize],
            Place::Output(output) => self.outputs[output][at as usize].get(),
            Place::Arena(start) => self.arena[start + at as usize].get(),
        }
    }

    /// Fills a tensor with what it starts with.
    pub fn start(&self, tensor: TensorId) {
        if let Some(start) = self.program.tensor(tensor).start {
            self.set(tensor, T::from_f64(start.get()));
        }
    }

    /// Fills a tensor.
    pub fn set(&self, tensor: TensorId, x: T) {
        self.all(tensor).iter().for_each(|cell| cell.set(x));
    }

    /// Copies a tensor to another of the same shape.
    pub fn copy(&self, from: TensorId, to: TensorId) {
        self.copy_into(from, self.all(to));
    }

    /// Copies a tensor to a place of one of one more axis in front.
    pub fn record(&self, from: TensorId, to: TensorId, place: usize) {
        let length = self.program.tensor(from).len();
        self.copy_into(from, &self.all(to)[place * length..][..length]);
    }

    /// Copies a tensor.
    pub fn copy_into(&self, from: TensorId, to: &[Cell<T>]) {
        match self.input(from, 0, to.len()) {
            Input::Shared(list) => to.iter().zip(list).for_each(|(to, x)| to.set(*x)),
            Input::Cells(list) => to.iter().zip(list).for_each(|(to, x)| to.set(x.get())),
            Input::One(x) => to.iter().for_each(|to| to.set(x)),
        }
    }

    /// A tensor as numbers of its own.
    pub fn numbers(&self, tensor: TensorId) -> Vec<T> {
        let length = self.program.tensor(tensor).len();
        (0..length).map(|at| self.get(tensor, at as isize)).collect()
    }

    /// The same as doubles.
    pub fn doubles(&self, tensor: TensorId) -> Vec<f64> {
        self.numbers(tensor).into_iter().map(T::to_f64).collect()
    }
}
