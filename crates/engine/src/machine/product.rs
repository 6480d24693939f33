//! Matrix products, by a library.

// The library takes pointers and strides, which a slice of cells that others may read cannot be turned into otherwise.
#![allow(unsafe_code)]

use std::ops::Range;

use faer::linalg::matmul::matmul_with_conj;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Conj, MatMut, MatRef, Par};
use smallvec::{SmallVec, smallvec};

use super::bands::{Band, bands};
use super::share::share;
use super::{Memory, Real};
use crate::ir::{Access, Product};
use crate::vector::Input;

/// Multiplications that are worth a thread.
const BLOCK: usize = 1 << 21;
/// The most blocks of a product.
const BLOCKS: usize = 16;
/// Factors of fewer rows and columns, or that are read fewer times, are not worth a copy.
const COPIED: usize = 32;
/// How many bytes a page of memory has, as far as it matters here.
const PAGE: usize = 4096;
/// So many entries of a column are copied at once.
const STRIP: usize = 8;
/// Blocks begin at multiples of this, so that the library's kernels find whole tiles.
const TILE: usize = 48;
/// Blocks of symmetric products, for which triangles are cut again and again, have so many rows at least.
const SIDE: usize = 256;

/// Runs the products of all batches; large ones in blocks of rows and columns, and many small ones, are shared by so many
/// threads.
///
/// The blocks do not depend on the number of threads, so neither do the bits.
pub(super) fn run<T: Real>(product: &Product, memory: &Memory<T>, threads: usize) {
    let Some((batch, [m, n, k])) = product.extents.split_last_chunk::<3>() else { return };
    if product.extents.contains(&0) {
        // A sum of nothing is 0.
        if *k == 0 {
            memory.set(product.to.tensor, T::default());
        }
        return;
    }
    let count: usize = batch.iter().product();
    let blocks = blocks([*m, *n, *k], product.symmetric, count);
    let at = batch.len();
    let of = |index: usize| -> Option<Matrices<T>> {
        let trip = trip(batch, index);
        Some(Matrices {
            left: matrix(&product.left, &trip, [(at, *m), (at + 2, *k)], memory)?,
            right: matrix(&product.right, &trip, [(at + 2, *k), (at + 1, *n)], memory)?,
            to: matrix(&product.to, &trip, [(at, *m), (at + 1, *n)], memory)?,
            depth: *k,
            scale: T::from_f64(product.scale),
        })
    };
    // Small products are not worth a thread each.
    let together = (BLOCK / (m * n * k).max(1)).clamp(1, count);
    let alone = threads == 1 || blocks.len() * count.div_ceil(together) == 1;
    if alone || !product.to.is_own(&product.extents[..at + 2]) {
        let mut room = Copied::none();
        for matrices in (0..count).filter_map(of) {
            // Safety: as below, with one thread.
            blocks.iter().for_each(|block| unsafe { matrices.block(block, &mut room) });
        }
        return;
    }
    let all: Vec<Matrices<T>> = (0..count).filter_map(of).collect();
    share(blocks.len() * count.div_ceil(together), threads, Copied::none, |room, task| {
        let block = &blocks[task % blocks.len()];
        for matrices in all.chunks(together).nth(task / blocks.len()).unwrap_or_default() {
            // Safety: `matrix` has found all entries inside of slices that live as long as `memory`, and the program's
            // check that a step writes no tensor that it reads; cells may be written through shared references, and nobody
            // else has this memory, nor another task these entries, since all entries keep apart.
            unsafe { matrices.block(block, room) };
        }
    });
}

/// The trip of so many that loops make, the last one the fastest.
fn trip(extents: &[usize], mut index: usize) -> SmallVec<[usize; 3]> {
    let mut trip: SmallVec<[usize; 3]> = SmallVec::from_elem(0, extents.len());
    for (place, extent) in trip.iter_mut().zip(extents).rev() {
        (*place, index) = (index % extent, index / extent);
    }
    trip
}

/// Some rows and columns of a product.
struct Block {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Whether it stands for its mirror image too, and how.
    mirrored: Mirrored,
}

/// What a block of a symmetric product is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mirrored {
    /// Of a product that is not known to be symmetric.
    No,
    /// On the diagonal: half of it is computed.
    Within,
    /// Below the diagonal: the mirror image is written as well.
    Beside,
}

/// The blocks of each of `count` products, halved along the longer side while there is work for more; squares of a symmetric
/// one.
fn blocks([m, n, k]: [usize; 3], symmetric: bool, count: usize) -> SmallVec<[Block; 1]> {
    let work = m.saturating_mul(n).saturating_mul(k);
    let most = (work / BLOCK).min(BLOCKS.div_ceil(count)).max(1);
    let (mut height, mut width) = (m, n);
    if symmetric {
        let sides = (1..=most.isqrt()).rev().find(|sides| sides * SIDE <= m).unwrap_or(1);
        height = m.div_ceil(sides).next_multiple_of(if sides > 1 { TILE } else { 1 });
        width = height;
    }
    while !symmetric && m.div_ceil(height) * n.div_ceil(width) * 2 <= most {
        let longer = if height > width { &mut height } else { &mut width };
        if *longer < 2 * TILE {
            break;
        }
        *longer = longer.div_ceil(2).next_multiple_of(TILE);
    }
    if height >= m && width >= n {
        let mirrored = if symmetric { Mirrored::Within } else { Mirrored::No };
        return smallvec![Block { rows: 0..m, columns: 0..n, mirrored }];
    }
    let cut =
        |length: usize, size: usize| (0..length).step_by(size).map(move |at| at..(at + size).min(length));
    let all = cut(m, height).flat_map(|rows| cut(n, width).map(move |columns| (rows.clone(), columns)));
    let of = |(rows, columns): (Range<usize>, Range<usize>)| {
        let mirrored = match rows.start.cmp(&columns.start) {
            _ if !symmetric => Mirrored::No,
            std::cmp::Ordering::Less => return None,
            std::cmp::Ordering::Equal => Mirrored::Within,
            std::cmp::Ordering::Greater => Mirrored::Beside,
        };
        Some(Block { rows, columns, mirrored })
    };
    all.filter_map(of).collect()
}

/// The matrices of a product at a batch.
struct Matrices<T> {
    left: Matrix<T>,
    right: Matrix<T>,
    to: Matrix<T>,
    depth: usize,
    scale: T,
}

// Safety: the addresses are used by `Matrices::block` alone, whose conditions speak of threads.
unsafe impl<T: Sync> Sync for Matrices<T> {}

impl<T: Real> Matrices<T> {
    /// Computes a block. What was copied to `room` for another block of the same run is used again.
    ///
    /// # Safety
    /// The matrices can be read and written throughout, `to` overlaps neither of the others, and nobody else reads or
    /// writes the rows and columns of the block (and of its mirror image) meanwhile.
    unsafe fn block(&self, block: &Block, room: &mut Copied<T>) {
        let Block { rows, columns, mirrored } = block;
        let (m, n, k) = (rows.len(), columns.len(), self.depth);
        let mut left = Matrix { start: self.left.entry(rows.start, 0), ..self.left };
        let mut right = Matrix { start: self.right.entry(0, columns.start), ..self.right };
        // The library's kernels read the factor whose columns are those of the result as they lie, those of the first where
        // the result lies by rows; each step along the sum would be another page.
        let [down, across] = self.to.strides.map(isize::unsigned_abs);
        // Safety: the condition.
        unsafe {
            if across < down {
                left = left.turned().lengthwise([k, m], n, room).turned();
            } else {
                right = right.lengthwise([k, n], m, room);
            }
        }
        // Safety: the condition, and what was copied lies in `room`.
        let (left, right, mut to) = unsafe {
            (
                MatRef::<T>::from_raw_parts(left.start, m, k, left.strides[0], left.strides[1]),
                MatRef::<T>::from_raw_parts(right.start, k, n, right.strides[0], right.strides[1]),
                MatMut::<T>::from_raw_parts_mut(
                    self.to.entry(rows.start, columns.start).cast_mut(),
                    m,
                    n,
                    self.to.strides[0],
                    self.to.strides[1],
                ),
            )
        };
        let (scale, full) = (self.scale, BlockStructure::Rectangular);
        if *mirrored == Mirrored::Within {
            triangular::matmul_with_conj(
                to.as_mut(),
                BlockStructure::TriangularLower,
                Accum::Replace,
                left,
                full,
                Conj::No,
                right,
                full,
                Conj::No,
                scale,
                Par::Seq,
            );
            for i in 0..m {
                for j in 0..i {
                    to[(j, i)] = to[(i, j)];
                }
            }
            return;
        }
        if let Some(bands) = bands(left, right, scale) {
            for Band { columns, depth } in bands {
                let mut to = to.as_mut().subcols_mut(columns.start, columns.len());
                if depth.is_empty() {
                    to.fill(T::from_f64(scale.to_f64() * 0.0));
                    continue;
                }
                let left = left.subcols(depth.start, depth.len());
                let right = right.submatrix(depth.start, columns.start, depth.len(), columns.len());
                matmul_with_conj(to, Accum::Replace, left, Conj::No, right, Conj::No, scale, Par::Seq);
            }
        } else {
            matmul_with_conj(to.as_mut(), Accum::Replace, left, Conj::No, right, Conj::No, scale, Par::Seq);
        }
        if *mirrored == Mirrored::Beside {
            // Safety: the condition, for the mirror image.
            let mut image = unsafe {
                MatMut::<T>::from_raw_parts_mut(
                    self.to.entry(columns.start, rows.start).cast_mut(),
                    n,
                    m,
                    self.to.strides[0],
                    self.to.strides[1],
                )
            };
            image.copy_from(to.transpose());
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Matrix<T> {
    start: *const T,
    strides: [isize; 2],
}

/// A factor copied to where its columns lie side by side, which several blocks may read.
struct Copied<T> {
    numbers: Vec<T>,
    /// What was copied, and how large it is.
    of: Option<(Matrix<T>, [usize; 2])>,
}

impl<T> Copied<T> {
    fn none() -> Copied<T> {
        Copied { numbers: Vec::new(), of: None }
    }
}

impl<T: Copy + PartialEq> Matrix<T> {
    fn turned(self) -> Matrix<T> {
        Matrix { start: self.start, strides: [self.strides[1], self.strides[0]] }
    }

    /// The matrix with its columns side by side in `room`, where each entry of a column lies on another page, and it is read
    /// often enough.
    ///
    /// # Safety
    /// All of its entries can be read.
    unsafe fn lengthwise(self, [height, width]: [usize; 2], times: usize, room: &mut Copied<T>) -> Matrix<T> {
        let far_apart = self.strides[0].unsigned_abs().saturating_mul(size_of::<T>()) >= PAGE;
        if !far_apart || height < COPIED || width < COPIED || times < COPIED {
            return self;
        }
        // Columns do not begin at the same places of the cache.
        let far = height.next_multiple_of(STRIP) + STRIP;
        let this = Some((self, [height, width]));
        if room.of != this {
            room.numbers.clear();
            room.numbers.reserve(far * width);
            let to = room.numbers.as_mut_ptr();
            for top in (0..height).step_by(STRIP) {
                for column in 0..width {
                    for row in top..(top + STRIP).min(height) {
                        // Safety: the condition; there is room for `far` entries of each column.
                        unsafe { to.add(column * far + row).write(*self.entry(row, column)) };
                    }
                }
            }
            room.of = this;
        }
        Matrix { start: room.numbers.as_ptr(), strides: [1, far as isize] }
    }

    fn entry(&self, row: usize, column: usize) -> *const T {
        self.start.wrapping_offset(row as isize * self.strides[0] + column as isize * self.strides[1])
    }
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
