//! Matrix products, by a library.

// The library takes pointers and strides, which a slice of cells that others may read cannot be turned into otherwise.
#![allow(unsafe_code)]

use faer::linalg::matmul::matmul_with_conj;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Conj, MatMut, MatRef, Par};

use super::{Memory, Real};
use crate::ir::{Access, Product, RunError, each_trip};
use crate::vector::Input;

/// Multiplications that are worth a second thread.
const SHARED: usize = 1 << 20;

/// Runs the products of all batches; large ones with so many threads, which share rows and columns and not the sums.
pub(super) fn run<T: Real>(product: &Product, memory: &Memory<T>, threads: usize) {
    let Some((batch, [m, n, k])) = product.extents.split_last_chunk::<3>() else { return };
    let par = if threads > 1 && m.saturating_mul(*n).saturating_mul(*k) >= SHARED {
        Par::rayon(threads)
    } else {
        Par::Seq
    };
    if product.extents.contains(&0) {
        // A sum of nothing is 0.
        if *k == 0 {
            memory.set(product.to.tensor, T::default());
        }
        return;
    }
    let at = batch.len();
    let _ = each_trip(batch, |trip| {
        let Some(left) = matrix(&product.left, trip, [(at, *m), (at + 2, *k)], memory) else { return Ok(()) };
        let Some(right) = matrix(&product.right, trip, [(at + 2, *k), (at + 1, *n)], memory) else {
            return Ok(());
        };
        let Some(to) = matrix(&product.to, trip, [(at, *m), (at + 1, *n)], memory) else { return Ok(()) };
        // Safety: `matrix` has found all their entries inside of slices that live as long as `memory`, and the program's
        // check that a step writes no tensor that it reads; cells may be written through shared references, and nobody
        // else has this thread's memory.
        let (left, right, mut to) = unsafe {
            (
                MatRef::<T>::from_raw_parts(left.start, *m, *k, left.strides[0], left.strides[1]),
                MatRef::<T>::from_raw_parts(right.start, *k, *n, right.strides[0], right.strides[1]),
                MatMut::<T>::from_raw_parts_mut(to.start.cast_mut(), *m, *n, to.strides[0], to.strides[1]),
            )
        };
        let one = T::from_f64(1.0);
        if product.symmetric {
            let (full, half) = (BlockStructure::Rectangular, BlockStructure::TriangularLower);
            triangular::matmul_with_conj(
                to.as_mut(),
                half,
                Accum::Replace,
                left,
                full,
                Conj::No,
                right,
                full,
                Conj::No,
                one,
                par,
            );
            for i in 0..*m {
                for j in 0..i {
                    to[(j, i)] = to[(i, j)];
                }
            }
        } else {
            matmul_with_conj(to.as_mut(), Accum::Replace, left, Conj::No, right, Conj::No, one, par);
        }
        Ok::<(), RunError>(())
    });
}

struct Matrix<T> {
    start: *const T,
    strides: [isize; 2],
}

/// A matrix of a tensor at a batch; `None` unless all its entries lie inside.
fn matrix<T: Real>(
    access: &Access,
    trip: &[usize],
    axes: [(usize, usize); 2],
    memory: &Memory<T>,
) -> Option<Matrix<T>> {
    let far: isize = access.strides.iter().zip(trip).map(|(s, i)| s * *i as isize).sum();
    let first = access.offset + far;
    let (mut least, mut most) = (first, first);
    let mut strides = [0; 2];
    for ((axis, size), stride) in axes.into_iter().zip(&mut strides) {
        *stride = *access.strides.get(axis)?;
        let last = *stride * (size as isize - 1);
        least += last.min(0);
        most += last.max(0);
    }
    let length = usize::try_from(most - least).ok()? + 1;
    let start = match memory.input(access.tensor, least, length) {
        Input::Shared(list) => list.as_ptr(),
        Input::Cells(list) => list.as_ptr().cast(),
        Input::One(_) => return None,
    };
    Some(Matrix { start: start.wrapping_offset(first - least), strides })
}
