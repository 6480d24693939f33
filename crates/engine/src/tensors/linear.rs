//! Linear algebra on the last two axes of a tensor, one matrix at a time.

use agnesi_graph::Linear;

use super::elimination::{Factors, cholesky, determinant_without_division};
use super::entry::Entry;
use super::error::InterpretError;
use super::exponential::exponential;
use super::symmetric::{Symmetry, eigen, logarithm, square_root, symmetric_part};
use super::tensor::Tensor;

/// An operation on each matrix of a tensor. Operations on symmetric matrices take the symmetric part of their argument;
/// whether it has another part is looked at as `symmetry` says.
///
/// # Errors
/// A matrix that the operation is not defined for.
pub(super) fn linear<E: Entry>(
    op: Linear,
    tensor: &Tensor<E>,
    symmetry: Symmetry,
) -> Result<Tensor<E>, InterpretError> {
    let [batch @ .., rows, columns] = &tensor.shape[..] else {
        return Err(InterpretError::Operands { what: op.name().into(), shapes: vec![tensor.shape.clone()] });
    };
    if rows != columns {
        return Err(InterpretError::Operands { what: op.name().into(), shapes: vec![tensor.shape.clone()] });
    }
    let n = *rows;
    let mut shape = batch.to_vec();
    shape.extend(std::iter::repeat_n(n, op.rank()));
    let count: usize = batch.iter().product();
    let mut data = Vec::with_capacity(shape.iter().product());
    for i in 0..count {
        data.extend(of_matrix(op, &tensor.data[i * n * n..][..n * n], n, symmetry)?);
    }
    Ok(Tensor { shape, data })
}

/// An operation on each matrix of a tensor of doubles.
pub(crate) fn factorize(op: Linear, tensor: &Tensor) -> Result<Tensor, InterpretError> {
    linear(op, tensor, Symmetry::Asked)
}

fn of_matrix<E: Entry>(op: Linear, a: &[E], n: usize, symmetry: Symmetry) -> Result<Vec<E>, InterpretError> {
    let what = op.name();
    let symmetric = || symmetric_part(a, n, what, symmetry);
    Ok(match op {
        Linear::Inverse => Factors::new(a, n).regular(what)?.inverse(),
        Linear::Determinant => {
            let factors = Factors::new(a, n);
            // A zero among the pivots hides the slopes.
            if E::ORDER > 0 && factors.has_zero() {
                vec![determinant_without_division(a, n)]
            } else {
                vec![factors.determinant()]
            }
        }
        Linear::LogDeterminant => vec![Factors::new(a, n).log_determinant(what)?],
        Linear::Cholesky => cholesky(&symmetric()?, n, what)?,
        Linear::Exponential => exponential(a, n)?,
        Linear::SquareRoot => square_root(&symmetric()?, n, what)?,
        Linear::Logarithm => logarithm(&symmetric()?, n, what)?,
        Linear::Eigenvalues => eigen(&symmetric()?, n, what)?.0,
        Linear::Eigenvectors => eigen(&symmetric()?, n, what)?.1,
    })
}

/// The product of two square matrices.
pub(super) fn product<E: Entry>(a: &[E], b: &[E], n: usize) -> Vec<E> {
    let mut c = vec![E::lift(0.0); n * n];
    for i in 0..n {
        for k in 0..n {
            let x = a[i * n + k];
            let row = &b[k * n..][..n];
            c[i * n..][..n].iter_mut().zip(row).for_each(|(c, y)| *c = *c + x * *y);
        }
    }
    c
}

/// The transpose.
pub(super) fn transposed<E: Entry>(a: &[E], n: usize) -> Vec<E> {
    (0..n * n).map(|at| a[at % n * n + at / n]).collect()
}
