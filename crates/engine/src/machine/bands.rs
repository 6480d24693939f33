//! Where the columns of a factor begin and end with zeros, as those of Jacobians do, whose numbers depend on few others: the
//! rest of a product is enough.

use std::ops::Range;

use faer::MatRef;

use super::Real;
use crate::vector::{Input, Kernels, Reduce};

/// Of shorter columns of the result, and of shorter sums, looking takes too long.
const FEWEST: usize = 32;
/// How many multiplications take as long as beginning another product.
const BEGINNING: usize = 10_000;

/// Columns of the right factor that lie beside each other, and where they are not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Band {
    pub columns: Range<usize>,
    pub depth: Range<usize>,
}

impl Band {
    /// About how many multiplications it takes for so many rows.
    fn work(&self, rows: usize) -> usize {
        BEGINNING + self.columns.len() * self.depth.len() * rows
    }

    fn with(&self, other: &Band) -> Band {
        let depth = match (self.depth.is_empty(), other.depth.is_empty()) {
            (true, _) => other.depth.clone(),
            (_, true) => self.depth.clone(),
            _ => self.depth.start.min(other.depth.start)..self.depth.end.max(other.depth.end),
        };
        Band { columns: self.columns.start..other.columns.end, depth }
    }
}

/// The bands that `left * right` consists of; `None` where the whole product takes no longer, or where a factor is not finite:
/// 0 times that is not 0.
///
/// Cost: two entries of each column of `right` where no zeros are, else these and one look at `left`.
pub(super) fn bands<T: Real>(left: MatRef<T>, right: MatRef<T>, scale: T) -> Option<Vec<Band>> {
    let (rows, depth, columns) = (left.nrows(), right.nrows(), right.ncols());
    if rows < FEWEST || depth < FEWEST || !scale.to_f64().is_finite() {
        return None;
    }
    let each = (0..columns).map(|column| {
        let is_zero = |at: &usize| right[(*at, column)].to_f64() == 0.0;
        let first = (0..depth).take_while(is_zero).count();
        let last = (first..depth).rev().take_while(is_zero).count();
        Band { columns: column..column + 1, depth: first..depth - last }
    });
    let equal = joined(each, |before, band| before.depth == band.depth);
    let cheaper =
        |before: &Band, band: &Band| before.with(band).work(rows) <= before.work(rows) + band.work(rows);
    let bands = joined(equal.into_iter(), cheaper);
    let work: usize = bands.iter().map(|band| band.work(rows)).sum();
    let whole = columns * depth * rows;
    // The look at the left factor takes as long as some columns.
    let look = 8 * depth * rows;
    (work.saturating_add(look) < whole && is_finite(left)).then_some(bands)
}

/// Joins bands that lie beside each other where that is said to be better.
fn joined(bands: impl Iterator<Item = Band>, better: impl Fn(&Band, &Band) -> bool) -> Vec<Band> {
    let mut all: Vec<Band> = Vec::new();
    for band in bands {
        match all.last_mut() {
            Some(before) if better(before, &band) => *before = before.with(&band),
            _ => all.push(band),
        }
    }
    all
}

/// Whether all entries are finite: their sums are, or, of very large ones, may not be all the same.
fn is_finite<T: Real>(matrix: MatRef<T>) -> bool {
    let [down, across] = [matrix.row_stride(), matrix.col_stride()].map(isize::unsigned_abs);
    let matrix = if down <= across { matrix } else { matrix.transpose() };
    let sum = Kernels::<T>::best().reduce(Reduce::Sum);
    (0..matrix.ncols()).all(|column| match matrix.col(column).try_as_col_major() {
        Some(column) => {
            let column = column.as_slice();
            sum.call(Input::Shared(column), column.len()).to_f64().is_finite()
        }
        None => matrix.col(column).iter().all(|entry| entry.to_f64().is_finite()),
    })
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;

    fn of(left: &Mat<f64>, right: &Mat<f64>) -> Option<Vec<Band>> {
        bands(left.as_ref(), right.as_ref(), 1.0)
    }

    #[test]
    fn zeros_above_and_below() {
        let mut left = Mat::from_fn(200, 60, |i, j| 1.0 + (i * j % 7) as f64);
        let dense = Mat::from_fn(60, 40, |i, j| if i == j { 0.0 } else { 1.0 });
        assert_eq!(of(&left, &dense), None);
        // Columns of zeros, full ones, and such of few numbers.
        let inside = |i: usize, j: usize| match j {
            0..10 => false,
            10..13 => true,
            _ => (20..30).contains(&i),
        };
        let right = Mat::from_fn(60, 40, |i, j| f64::from(u8::from(inside(i, j))));
        let band = |columns, depth| Band { columns, depth };
        let wanted = vec![band(0..10, 60..60), band(10..13, 0..60), band(13..40, 20..30)];
        assert_eq!(of(&left, &right), Some(wanted));
        left[(199, 59)] = f64::INFINITY;
        assert_eq!(of(&left, &right), None);
        left[(199, 59)] = f64::NAN;
        assert_eq!(of(&left.transpose().to_owned().transpose().to_owned(), &right), None);
    }
}
