//! Copies whose entries lie side by side along one loop where they are read and along another where they are written: by
//! small squares, so that of each line of a cache all is used while it is there.

use std::cell::Cell;

use smallvec::SmallVec;

use super::Real;
use super::memory::Memory;
use crate::ir::{How, Nest, Scalar, TensorId};
use crate::vector::Input;

/// How many entries a square has along each side.
const SIDE: usize = 8;

/// A copy by squares.
pub(super) struct Transpose {
    from: (TensorId, isize),
    to: (TensorId, isize),
    /// How often, and how far a trip moves what is read; what is written moves by one.
    rows: (usize, isize),
    /// How often, and how far a trip moves what is written; what is read moves by one.
    columns: (usize, isize),
    /// The loops around: how often, and how far they move both.
    outer: SmallVec<[(usize, [isize; 2]); 3]>,
}

impl Transpose {
    /// A nest as such a copy, where it is one.
    pub fn of(nest: &Nest) -> Option<Transpose> {
        let ([Scalar::Read(0)], [read], [write]) = (&nest.body[..], &nest.reads[..], &nest.writes[..]) else {
            return None;
        };
        let plain = read.picks.is_empty() && write.to.picks.is_empty() && write.how == How::Set;
        let by_one = |strides: &[isize]| {
            let axes = 0..nest.extents.len();
            axes.filter(|axis| strides[*axis] == 1).max_by_key(|axis| nest.extents[*axis])
        };
        let (column, row) = (by_one(&read.strides)?, by_one(&write.to.strides)?);
        if !plain || read.tensor == write.to.tensor || row == column || write.to.strides[column] == 1 {
            return None;
        }
        let strides = read.strides.iter().zip(&write.to.strides).map(|(from, to)| [*from, *to]);
        let loops = nest.extents.iter().copied().zip(strides).enumerate();
        Some(Transpose {
            from: (read.tensor, read.offset),
            to: (write.to.tensor, write.to.offset),
            rows: (nest.extents[row], read.strides[row]),
            columns: (nest.extents[column], write.to.strides[column]),
            outer: loops.filter(|(axis, _)| *axis != row && *axis != column).map(|(_, of)| of).collect(),
        })
    }

    /// Copies.
    pub fn run<T: Real>(&self, memory: &Memory<'_, T>) {
        self.around(memory, self.outer.len(), self.from.1, self.to.1);
    }

    /// The loops inside so many of the outer ones.
    fn around<T: Real>(&self, memory: &Memory<'_, T>, left: usize, from: isize, to: isize) {
        let Some((extent, strides)) = left.checked_sub(1).map(|at| self.outer[at]) else {
            return self.plane(memory, from, to);
        };
        for trip in 0..extent as isize {
            self.around(memory, left - 1, from + trip * strides[0], to + trip * strides[1]);
        }
    }

    fn plane<T: Real>(&self, memory: &Memory<'_, T>, from: isize, to: isize) {
        for row in (0..self.rows.0).step_by(SIDE) {
            let rows = SIDE.min(self.rows.0 - row);
            let from = from + row as isize * self.rows.1;
            let to = to + row as isize;
            for column in (0..self.columns.0).step_by(SIDE) {
                let columns = SIDE.min(self.columns.0 - column);
                if rows == SIDE
                    && columns == SIDE
                    && self.square(memory, from + column as isize, to + column as isize * self.columns.1)
                {
                    continue;
                }
                let mut square = [[T::from_f64(0.0); SIDE]; SIDE];
                for (at, line) in square.iter_mut().enumerate().take(rows) {
                    let from = from + column as isize + at as isize * self.rows.1;
                    match memory.input(self.from.0, from, columns) {
                        Input::Shared(list) => line[..columns].copy_from_slice(list),
                        Input::Cells(list) => line.iter_mut().zip(list).for_each(|(to, x)| *to = x.get()),
                        Input::One(x) => line.fill(x),
                    }
                }
                for at in 0..columns {
                    let to = to + (column + at) as isize * self.columns.1;
                    let cells = memory.cells(self.to.0, to, rows);
                    cells.iter().zip(&square).for_each(|(cell, line)| cell.set(line[at]));
                }
            }
        }
    }

    /// A whole square, with counts that the compiler knows; `false` where it lies in an input of another kind.
    fn square<T: Real>(&self, memory: &Memory<'_, T>, from: isize, to: isize) -> bool {
        let mut square = [[T::from_f64(0.0); SIDE]; SIDE];
        for (at, line) in square.iter_mut().enumerate() {
            match memory.input(self.from.0, from + at as isize * self.rows.1, SIDE) {
                Input::Shared(list) => match list.try_into() {
                    Ok(list) => *line = *<&[T; SIDE]>::from(list),
                    Err(_) => return false,
                },
                Input::Cells(list) => match <&[Cell<T>; SIDE]>::try_from(list) {
                    Ok(list) => *line = std::array::from_fn(|i| list[i].get()),
                    Err(_) => return false,
                },
                Input::One(_) => return false,
            }
        }
        for at in 0..SIDE {
            let cells = memory.cells(self.to.0, to + at as isize * self.columns.1, SIDE);
            let Ok(cells) = <&[Cell<T>; SIDE]>::try_from(cells) else { return false };
            let column: [T; SIDE] = std::array::from_fn(|i| square[i][at]);
            cells.iter().zip(column).for_each(|(cell, x)| cell.set(x));
        }
        true
    }
}
