//! Symmetric matrices: eigenvalues and eigenvectors, square root and logarithm.
//!
//! Doubles go through Jacobi's method. Slopes come from Newton's method started at the values: each step makes one more
//! order of slopes right, so that as many steps as there are orders are exact, and only values are ever decomposed.

use smol_str::format_smolstr;

use super::elimination::identity;
use super::entry::Entry;
use super::error::InterpretError;
use super::exponential::exponential;
use super::linear::{product, transposed};

/// Whether an argument that ought to be symmetric is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symmetry {
    /// It is an error if it is not, beyond rounding.
    Asked,
    /// It is known to be but for a difference's step.
    Granted,
}

/// How far entries may differ from their mirror images, relative to the largest.
const UNEQUAL: f64 = 1e-10;
/// Eigenvalues closer than this, relative to the largest, have no derivatives of their own.
const CLOSE: f64 = 1e-13;
const MOST_SWEEPS: usize = 64;

/// Half the sum with the transpose.
pub(super) fn symmetric_part<E: Entry>(
    a: &[E],
    n: usize,
    what: &'static str,
    symmetry: Symmetry,
) -> Result<Vec<E>, InterpretError> {
    let largest = a.iter().fold(0.0f64, |most, x| most.max(x.primal().abs()));
    if symmetry == Symmetry::Asked {
        for i in 0..n {
            for j in 0..i {
                let (entry, mirrored) = (a[i * n + j].primal(), a[j * n + i].primal());
                if (entry - mirrored).abs() > UNEQUAL * largest {
                    let place = (i + 1, j + 1);
                    return Err(InterpretError::NotSymmetric { what, place, entry, mirrored });
                }
            }
        }
    }
    let other = transposed(a, n);
    Ok(a.iter().zip(&other).map(|(x, y)| (*x + *y).scale(0.5)).collect())
}

/// Eigenvalues in ascending order and unit eigenvectors as columns, each with its entry of largest magnitude positive.
fn jacobi(a: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = a.to_vec();
    let mut v: Vec<f64> = identity(n);
    if a.iter().any(|x| !x.is_finite()) {
        return (vec![f64::NAN; n], vec![f64::NAN; n * n]);
    }
    for _ in 0..MOST_SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let x = a[p * n + q];
                let (small, large) = (a[p * n + p], a[q * n + q]);
                // Below what rounding leaves of the eigenvalues.
                let lost = |y: f64| y.abs() + 0.01 * x.abs() == y.abs();
                if x.abs() <= f64::MIN_POSITIVE || lost(small) && lost(large) {
                    a[p * n + q] = 0.0;
                    a[q * n + p] = 0.0;
                    continue;
                }
                turned = true;
                let theta = (large - small) / (2.0 * x);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for k in 0..n {
                    let (y, z) = (a[k * n + p], a[k * n + q]);
                    a[k * n + p] = c * y - s * z;
                    a[k * n + q] = s * y + c * z;
                }
                for k in 0..n {
                    let (y, z) = (a[p * n + k], a[q * n + k]);
                    a[p * n + k] = c * y - s * z;
                    a[q * n + k] = s * y + c * z;
                    let (y, z) = (v[k * n + p], v[k * n + q]);
                    v[k * n + p] = c * y - s * z;
                    v[k * n + q] = s * y + c * z;
                }
                a[p * n + p] = small - t * x;
                a[q * n + q] = large + t * x;
                a[p * n + q] = 0.0;
                a[q * n + p] = 0.0;
            }
        }
        if !turned {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[i * n + i].total_cmp(&a[j * n + j]));
    let values = order.iter().map(|i| a[i * n + i]).collect();
    let mut vectors = vec![0.0; n * n];
    for (column, from) in order.iter().enumerate() {
        let largest = (0..n).fold(0.0f64, |most, i| most.max(v[i * n + from].abs()));
        // Of entries that rounding cannot tell apart, the first.
        let first = (0..n).find(|i| v[i * n + from].abs() >= largest * (1.0 - 1e-10)).unwrap_or(0);
        let sign = v[first * n + from].signum();
        for i in 0..n {
            vectors[i * n + column] = sign * v[i * n + from];
        }
    }
    (values, vectors)
}

fn primal<E: Entry>(a: &[E]) -> Vec<f64> {
    a.iter().map(|x| x.primal()).collect()
}

fn lifted<E: Entry>(a: &[f64]) -> Vec<E> {
    a.iter().map(|x| E::lift(*x)).collect()
}

/// Eigenvalues and eigenvectors. Slopes exist only where no two eigenvalues coincide.
pub(super) fn eigen<E: Entry>(
    a: &[E],
    n: usize,
    what: &'static str,
) -> Result<(Vec<E>, Vec<E>), InterpretError> {
    let (values, vectors) = jacobi(&primal(a), n);
    let largest = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if E::ORDER > 0
        && let Some(pair) = values.windows(2).find(|w| w[1] - w[0] <= CLOSE * largest)
    {
        let because = format_smolstr!("two eigenvalues are {}", pair[0]);
        return Err(InterpretError::NoDerivative { what, because });
    }
    let (mut values, mut vectors): (Vec<E>, Vec<E>) = (lifted(&values), lifted(&vectors));
    for _ in 0..E::ORDER {
        // Refinement by Ogita and Aishima: quadratic convergence from an approximate decomposition.
        let across = transposed(&vectors, n);
        let gram = product(&across, &vectors, n);
        let turned = product(&across, &product(a, &vectors, n), n);
        let defect = |i: usize, j: usize| E::lift((i == j) as u8 as f64) - gram[i * n + j];
        values = (0..n).map(|i| turned[i * n + i] / gram[i * n + i]).collect();
        let mut step = vec![E::lift(0.0); n * n];
        for i in 0..n {
            for j in 0..n {
                step[i * n + j] = if i == j {
                    defect(i, i).scale(0.5)
                } else {
                    (turned[i * n + j] + values[j] * defect(i, j)) / (values[j] - values[i])
                };
            }
        }
        let more = product(&vectors, &step, n);
        vectors = vectors.iter().zip(&more).map(|(v, m)| *v + *m).collect();
    }
    Ok((values, vectors))
}

/// Solves `L(X) = B` where L multiplies entry (i, j) in the basis of the vectors by `weight(i, j)`.
fn weighed<E: Entry>(b: &[E], vectors: &[f64], n: usize, weight: impl Fn(usize, usize) -> f64) -> Vec<E> {
    let vectors: Vec<E> = lifted(vectors);
    let across = transposed(&vectors, n);
    let mut inside = product(&across, &product(b, &vectors, n), n);
    for (at, x) in inside.iter_mut().enumerate() {
        *x = x.scale(1.0 / weight(at / n, at % n));
    }
    product(&vectors, &product(&inside, &across, n), n)
}

/// A function of a matrix by its eigenvalues.
fn by_eigenvalues(values: &[f64], vectors: &[f64], n: usize) -> Vec<f64> {
    let scaled: Vec<f64> = (0..n * n).map(|at| vectors[at] * values[at % n]).collect();
    let result = product(&scaled, &transposed(vectors, n), n);
    // Symmetric to the last bit.
    (0..n * n).map(|at| 0.5 * (result[at] + result[at % n * n + at / n])).collect()
}

/// The symmetric square root of a symmetric positive semidefinite matrix.
pub(super) fn square_root<E: Entry>(a: &[E], n: usize, what: &'static str) -> Result<Vec<E>, InterpretError> {
    let (values, vectors) = jacobi(&primal(a), n);
    let tiny = n as f64 * f64::EPSILON * values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if let Some(at) = values.iter().position(|x| *x < -tiny) {
        return Err(InterpretError::NotDefinite { what, value: values[at], place: at + 1 });
    }
    if E::ORDER > 0 && values.iter().any(|x| *x <= tiny) {
        return Err(InterpretError::NoDerivative { what, because: "an eigenvalue is 0".into() });
    }
    let roots: Vec<f64> = values.iter().map(|x| x.max(0.0).sqrt()).collect();
    let roots: Vec<f64> = values.iter().zip(roots).map(|(x, r)| if x.is_nan() { *x } else { r }).collect();
    let mut root: Vec<E> = lifted(&by_eigenvalues(&roots, &vectors, n));
    for _ in 0..E::ORDER {
        let square = product(&root, &root, n);
        let lacking: Vec<E> = a.iter().zip(&square).map(|(x, y)| *x - *y).collect();
        let step = weighed(&lacking, &vectors, n, |i, j| roots[i] + roots[j]);
        root = root.iter().zip(&step).map(|(x, y)| *x + *y).collect();
    }
    Ok(root)
}

/// The symmetric logarithm of a symmetric positive definite matrix.
pub(super) fn logarithm<E: Entry>(a: &[E], n: usize, what: &'static str) -> Result<Vec<E>, InterpretError> {
    let (values, vectors) = jacobi(&primal(a), n);
    let tiny = n as f64 * f64::EPSILON * values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if let Some(at) = values.iter().position(|x| *x <= tiny) {
        return Err(InterpretError::NotDefinite { what, value: values[at], place: at + 1 });
    }
    let logs: Vec<f64> = values.iter().map(|x| x.ln()).collect();
    let mut log: Vec<E> = lifted(&by_eigenvalues(&logs, &vectors, n));
    for _ in 0..E::ORDER {
        let power = exponential(&log, n)?;
        let lacking: Vec<E> = a.iter().zip(&power).map(|(x, y)| *x - *y).collect();
        // The slope of exp between two eigenvalues: exp(middle) sinh(half)/half.
        let step = weighed(&lacking, &vectors, n, |i, j| {
            let half = 0.5 * (logs[i] - logs[j]);
            let ratio = if half.abs() < 1e-4 { 1.0 + half * half / 6.0 } else { half.sinh() / half };
            (0.5 * (logs[i] + logs[j])).exp() * ratio
        });
        log = log.iter().zip(&step).map(|(x, y)| *x + *y).collect();
    }
    Ok(log)
}
