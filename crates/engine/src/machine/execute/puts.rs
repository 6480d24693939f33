//! What is computed on a chunk, put where it belongs.

#![allow(unsafe_code)]

use super::{Chunk, entry, join};
use crate::ir::{How, RunError};
use crate::machine::Real;
use crate::machine::nest::{Operand, PLACES, Picked, Put};
use crate::vector::Source;

impl<T: Real> Chunk<'_, T> {
    /// Writes what does not lie where it belongs yet; `places` holds the addresses of tensors, not of what is staged.
    pub(super) unsafe fn puts(&self, places: &[*mut T]) -> Result<(), RunError> {
        // Safety: that of the steps, and writes lie inside their tensors by the check and by `far`.
        unsafe {
            for write in &self.code.writes {
                match write {
                    Put::Join(kernel, how, operand, place) => {
                        let to = places[(PLACES + place) as usize];
                        let (from, width) = (self.start(*operand), self.code.width);
                        let whole = self.length / width;
                        let step = operand.step as usize;
                        // Of two that are equal, zeros say, extrema keep their second operand: what stood there.
                        let sources =
                            [Source { start: from, step }, Source { start: to.cast_const(), step: width }];
                        kernel.call_raw(whole, &sources, to);
                        for at in whole * width..self.length {
                            join(*how, to.add(at), self.number(*operand, at));
                        }
                    }
                    Put::Copy(operand, place) => {
                        let (from, to) = (self.start(*operand), places[(PLACES + place) as usize]);
                        if operand.step == 0 {
                            let x = from.read();
                            (0..self.length).for_each(|at| to.add(at).write(x));
                        } else {
                            // The value may be an entry of the tensor that is written.
                            std::ptr::copy(from, to, self.length);
                        }
                    }
                    Put::Stream(_, _, place) if self.direct && self.code.direct.contains(place) => {}
                    Put::Stream(stream, operand, place) => {
                        let to = places[(PLACES + place) as usize];
                        stream.call_raw(self.length, self.start(*operand), to);
                    }
                    Put::Reduce(reduction, how, operand, place) => {
                        let value = if operand.step == 0 {
                            self.same(*how, self.start(*operand).read())
                        } else {
                            reduction.call_raw(self.length, self.start(*operand)).to_f64()
                        };
                        let far = self.code.places[*place as usize].far(|_| 0.0, self.values, 0)?;
                        join(*how, places[(PLACES + place) as usize].offset(far), value);
                    }
                    Put::Spread(how, operand, at) => {
                        let (place, to) = (&self.code.places[*at as usize], places[(PLACES + at) as usize]);
                        let inner = |at: usize| place.inner * at as isize;
                        match place.picks[..] {
                            [] if *how == How::Set && operand.step != 0 => {
                                let from = self.start(*operand);
                                (0..self.length)
                                    .for_each(|at| to.offset(inner(at)).write(from.add(at).read()));
                            }
                            [] => self.spread(*how, *operand, to, |at| Ok(inner(at)))?,
                            [Picked { operand: Some(index), stride, size, .. }] => {
                                self.spread(*how, *operand, to, |at| {
                                    Ok(inner(at) + entry(self.number(index, at), size)? * stride)
                                })?;
                            }
                            _ => self.spread(*how, *operand, to, |at| {
                                place.far(|operand| self.number(operand, at), self.values, at)
                            })?,
                        }
                    }
                    Put::One(..) => {}
                }
            }
        }
        Ok(())
    }

    /// Joins the numbers of an operand with entries one after the other, each so far from `to`.
    ///
    /// # Safety
    /// As [`Chunk::puts`].
    #[inline(always)]
    unsafe fn spread(
        &self,
        how: How,
        operand: Operand,
        to: *mut T,
        far: impl Fn(usize) -> Result<isize, RunError>,
    ) -> Result<(), RunError> {
        for at in 0..self.length {
            // Safety: the condition.
            unsafe { join(how, to.offset(far(at)?), self.number(operand, at)) };
        }
        Ok(())
    }

    /// What many equal numbers make.
    fn same(&self, how: How, x: T) -> f64 {
        let (x, n) = (x.to_f64(), self.length);
        match how {
            How::Add => (0..n).fold(0.0, |all, _| T::rounded(all + x)),
            How::Multiply => (0..n).fold(1.0, |all, _| T::rounded(all * x)),
            How::Set | How::Max | How::Min => x,
        }
    }
}
