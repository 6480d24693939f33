//! What kernels read and write.

use std::cell::Cell;

/// Numbers that a kernel reads.
#[derive(Clone, Copy)]
pub enum Input<'a, T> {
    /// A slice that nobody writes to.
    Shared(&'a [T]),
    /// A slice that may also be an output.
    Cells(&'a [Cell<T>]),
    /// The same number at every place.
    One(T),
}

impl<'a, T: Copy> Input<'a, T> {
    /// How many numbers there are; `None` if as many as are asked for.
    pub fn len(&self) -> Option<usize> {
        match self {
            Input::Shared(numbers) => Some(numbers.len()),
            Input::Cells(cells) => Some(cells.len()),
            Input::One(_) => None,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

impl<'a, T> From<&'a [T]> for Input<'a, T> {
    fn from(numbers: &'a [T]) -> Self {
        Input::Shared(numbers)
    }
}

impl<'a, T> From<&'a [Cell<T>]> for Input<'a, T> {
    fn from(cells: &'a [Cell<T>]) -> Self {
        Input::Cells(cells)
    }
}

macro_rules! one {
    ($($element:ty)*) => {
        $(impl From<$element> for Input<'_, $element> {
            fn from(x: $element) -> Self {
                Input::One(x)
            }
        })*
    };
}

one!(f64 f32);

/// A slice as cells, which may be input and output of a kernel at once.
pub fn cells<T>(numbers: &mut [T]) -> &[Cell<T>] {
    Cell::from_mut(numbers).as_slice_of_cells()
}
