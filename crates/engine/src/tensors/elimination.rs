//! Elimination: what pivots, which are chosen by primal values, make of a matrix.

use super::entry::Entry;
use super::error::InterpretError;

/// A matrix with its rows exchanged as a product of a unit lower and an upper triangle.
pub(super) struct Factors<E> {
    n: usize,
    /// Both triangles in one.
    lu: Vec<E>,
    /// The row that each row was.
    rows: Vec<usize>,
    odd: bool,
    /// The first column without a pivot that rounding leaves a doubt of.
    dependent: Option<usize>,
}

impl<E: Entry> Factors<E> {
    /// Elimination with partial pivoting, `n^3/3` products. A column that depends on those before it is noted.
    pub fn new(a: &[E], n: usize) -> Factors<E> {
        let mut lu = a.to_vec();
        // What each entry is made of, in magnitude: what rounding errors are measured by.
        let mut made: Vec<f64> = a.iter().map(|x| x.primal().abs()).collect();
        let mut rows: Vec<usize> = (0..n).collect();
        let (mut odd, mut dependent) = (false, None);
        for k in 0..n {
            let mut pivot = k;
            for i in k + 1..n {
                if lu[i * n + k].primal().abs() > lu[pivot * n + k].primal().abs() {
                    pivot = i;
                }
            }
            let tiny = n as f64 * f64::EPSILON;
            let certain = (k..n).any(|i| {
                let x = lu[i * n + k].primal();
                x.is_nan() || x.abs() > tiny * made[i * n + k]
            });
            if !certain && dependent.is_none() {
                dependent = Some(k);
            }
            if pivot != k {
                for j in 0..n {
                    lu.swap(k * n + j, pivot * n + j);
                    made.swap(k * n + j, pivot * n + j);
                }
                rows.swap(k, pivot);
                odd = !odd;
            }
            let head = lu[k * n + k];
            if head.primal() == 0.0 {
                continue;
            }
            for i in k + 1..n {
                let factor = lu[i * n + k] / head;
                lu[i * n + k] = factor;
                for j in k + 1..n {
                    let part = factor * lu[k * n + j];
                    lu[i * n + j] = lu[i * n + j] - part;
                    made[i * n + j] += factor.primal().abs() * made[k * n + j];
                }
            }
        }
        Factors { n, lu, rows, odd, dependent }
    }

    /// The same, where the matrix has an inverse.
    pub fn regular(self, what: &'static str) -> Result<Factors<E>, InterpretError> {
        match self.dependent {
            None => Ok(self),
            Some(independent) => Err(InterpretError::Singular { what, size: self.n, independent }),
        }
    }

    /// Whether a pivot is 0.
    pub fn has_zero(&self) -> bool {
        self.dependent.is_some() || (0..self.n).any(|i| self.lu[i * self.n + i].primal() == 0.0)
    }

    /// The product of the pivots.
    pub fn determinant(&self) -> E {
        let sign = E::lift(if self.odd { -1.0 } else { 1.0 });
        (0..self.n).fold(sign, |product, i| product * self.lu[i * self.n + i])
    }

    /// The logarithm of the determinant.
    pub fn log_determinant(&self, what: &'static str) -> Result<E, InterpretError> {
        let mut negative = self.odd;
        let mut sum = E::lift(0.0);
        for i in 0..self.n {
            let pivot = self.lu[i * self.n + i];
            negative ^= pivot.primal() < 0.0;
            sum = sum + if pivot.primal() < 0.0 { -pivot } else { pivot }.ln();
        }
        if negative || self.dependent.is_some() {
            let determinant = if self.dependent.is_some() { 0.0 } else { self.determinant().primal() };
            return Err(InterpretError::NotPositive { what, determinant });
        }
        Ok(sum)
    }

    /// The solutions X of `A X = B`, B with `columns` columns.
    pub fn solve(&self, b: &[E], columns: usize) -> Vec<E> {
        let n = self.n;
        let mut x: Vec<E> = Vec::with_capacity(n * columns);
        for i in 0..n {
            x.extend_from_slice(&b[self.rows[i] * columns..][..columns]);
        }
        for i in 0..n {
            for k in 0..i {
                self.subtract(&mut x, i, k, columns);
            }
        }
        for i in (0..n).rev() {
            for k in i + 1..n {
                self.subtract(&mut x, i, k, columns);
            }
            let pivot = self.lu[i * n + i];
            x[i * columns..][..columns].iter_mut().for_each(|x| *x = *x / pivot);
        }
        x
    }

    /// Takes a multiple of row `k` from row `i`.
    fn subtract(&self, x: &mut [E], i: usize, k: usize, columns: usize) {
        let factor = self.lu[i * self.n + k];
        for j in 0..columns {
            x[i * columns + j] = x[i * columns + j] - factor * x[k * columns + j];
        }
    }

    /// The inverse.
    pub fn inverse(&self) -> Vec<E> {
        self.solve(&identity(self.n), self.n)
    }
}

/// The identity matrix.
pub(super) fn identity<E: Entry>(n: usize) -> Vec<E> {
    (0..n * n).map(|at| E::lift((at / n == at % n) as u8 as f64)).collect()
}

/// The determinant by sums and products alone (Bird's algorithm), `n^4` of them: also where pivots vanish.
pub(super) fn determinant_without_division<E: Entry>(a: &[E], n: usize) -> E {
    if n == 0 {
        return E::lift(1.0);
    }
    let mut x = a.to_vec();
    for _ in 1..n {
        let mut upper = vec![E::lift(0.0); n * n];
        let mut below = E::lift(0.0);
        for i in (0..n).rev() {
            upper[i * n + i] = -below;
            below = below + x[i * n + i];
            for j in i + 1..n {
                upper[i * n + j] = x[i * n + j];
            }
        }
        x = super::linear::product(&upper, a, n);
    }
    if n.is_multiple_of(2) { -x[0] } else { x[0] }
}

/// The lower triangle whose product with its transpose is a symmetric matrix.
pub(super) fn cholesky<E: Entry>(a: &[E], n: usize, what: &'static str) -> Result<Vec<E>, InterpretError> {
    let mut l = vec![E::lift(0.0); n * n];
    for j in 0..n {
        let mut pivot = a[j * n + j];
        for k in 0..j {
            pivot = pivot - l[j * n + k] * l[j * n + k];
        }
        // A pivot that rounding leaves nothing of is none.
        let tiny = n as f64 * f64::EPSILON * a[j * n + j].primal().abs();
        if pivot.primal() <= tiny {
            return Err(InterpretError::NotDefinite { what, value: pivot.primal(), place: j + 1 });
        }
        let head = pivot.sqrt();
        l[j * n + j] = head;
        for i in j + 1..n {
            let mut entry = a[i * n + j];
            for k in 0..j {
                entry = entry - l[i * n + k] * l[j * n + k];
            }
            l[i * n + j] = entry / head;
        }
    }
    Ok(l)
}
