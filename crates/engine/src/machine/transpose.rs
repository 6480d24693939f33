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

    /// A whole square, with counts that the compiler knows; `false` where it is one number.
    fn square<T: Real>(&self, memory: &Memory<'_, T>, from: isize, to: isize) -> bool {
        let line = |at: usize| memory.input(self.from.0, from + at as isize * self.rows.1, SIDE);
        let lines: [Input<'_, T>; SIDE] = std::array::from_fn(line);
        let shared: [Option<&[T; SIDE]>; SIDE] = lines.each_ref().map(|line| match line {
            Input::Shared(list) => (*list).try_into().ok(),
            Input::Cells(_) | Input::One(_) => None,
        });
        let cells: [Option<&[Cell<T>; SIDE]>; SIDE] = lines.each_ref().map(|line| match line {
            Input::Cells(list) => (*list).try_into().ok(),
            Input::Shared(_) | Input::One(_) => None,
        });
        if let [Some(a), Some(b), Some(c), Some(d), Some(e), Some(f), Some(g), Some(h)] = shared {
            self.put(memory, to, |at| [a, b, c, d, e, f, g, h].map(|line| line[at]))
        } else if let [Some(a), Some(b), Some(c), Some(d), Some(e), Some(f), Some(g), Some(h)] = cells {
            self.put(memory, to, |at| [a, b, c, d, e, f, g, h].map(|line| line[at].get()))
        } else {
            false
        }
    }

    #[inline(always)]
    fn put<T: Real>(&self, memory: &Memory<'_, T>, to: isize, column: impl Fn(usize) -> [T; SIDE]) -> bool {
        (0..SIDE).all(|at| {
            let cells = memory.cells(self.to.0, to + at as isize * self.columns.1, SIDE);
            let cells = <&[Cell<T>; SIDE]>::try_from(cells);
            cells.map(|cells| cells.iter().zip(column(at)).for_each(|(cell, x)| cell.set(x))).is_ok()
        })
    }
}
