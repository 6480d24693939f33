//! Values of linear algebra.

use agnesi_graph::{Linear, Structure};

use super::*;

/// Values of each matrix under an operation.
#[track_caller]
fn of(op: Linear, n: usize, entries: &[f64]) -> Result<Vec<f64>, InterpretError> {
    let mut w = World::new();
    let size = w.size("n", n);
    let a = w.tensor("A", &[size, size], entries);
    let node = w.g.linear(op, a);
    w.value(node).map(|value| value.data().to_vec())
}

#[track_caller]
fn exact(op: Linear, n: usize, entries: &[f64], wanted: &[f64]) {
    near(&of(op, n, entries).expect("a value"), wanted, 1e-14);
}

#[test]
fn small_matrices() {
    let a = [0.0, 2.0, 1.0, 3.0];
    exact(Linear::Inverse, 2, &a, &[-1.5, 1.0, 0.5, 0.0]);
    exact(Linear::Determinant, 2, &a, &[-2.0]);
    exact(Linear::Determinant, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0], &[-3.0]);
    exact(Linear::Determinant, 2, &[1.0, 2.0, 2.0, 4.0], &[0.0]);
    exact(Linear::LogDeterminant, 2, &[2.0, 1.0, 1.0, 3.0], &[5f64.ln()]);
    exact(Linear::Cholesky, 2, &[4.0, 2.0, 2.0, 10.0], &[2.0, 0.0, 1.0, 3.0]);
    exact(Linear::SquareRoot, 2, &[5.0, 4.0, 4.0, 5.0], &[2.0, 1.0, 1.0, 2.0]);
    exact(Linear::SquareRoot, 2, &[1.0, 1.0, 1.0, 1.0], &[0.5f64.sqrt(); 4]);
    exact(Linear::Eigenvalues, 2, &[0.0, 1.0, 1.0, 0.0], &[-1.0, 1.0]);
    let h = 0.5f64.sqrt();
    exact(Linear::Eigenvectors, 2, &[0.0, 1.0, 1.0, 0.0], &[h, h, -h, h]);
    let (c, s) = (1f64.cosh(), 1f64.sinh());
    exact(Linear::Exponential, 2, &[0.0, 1.0, 1.0, 0.0], &[c, s, s, c]);
    exact(Linear::Logarithm, 2, &[c, s, s, c], &[0.0, 1.0, 1.0, 0.0]);
    // A rotation by 30, through scaling and squaring.
    let (c, s) = (30f64.cos(), 30f64.sin());
    exact(Linear::Exponential, 2, &[0.0, -30.0, 30.0, 0.0], &[c, -s, s, c]);
    exact(Linear::Exponential, 2, &[0.0, 1.0, 0.0, 0.0], &[1.0, 1.0, 0.0, 1.0]);
    exact(Linear::Inverse, 2, &[1.0, 1.0, 1e-20, 2e-20], &[2.0, -1e20, -1.0, 1e20]);
}

#[test]
fn a_batch_is_one_matrix_at_a_time() {
    let mut w = World::new();
    let (b, n) = (w.size("b", 2), w.size("n", 2));
    let a = w.tensor("A", &[b, n, n], &[1.0, 2.0, 3.0, 4.0, 2.0, 0.0, 0.0, 4.0]);
    let determinants = w.g.linear(Linear::Determinant, a);
    near(&w.entries(determinants), &[-2.0, 8.0], 1e-15);
    let inverses = w.g.linear(Linear::Inverse, a);
    assert_eq!(w.value(inverses).expect("regular").shape(), [2, 2, 2]);
}

#[test]
fn what_is_wrong_with_a_matrix_is_said() {
    let message = |op, n, entries: &[f64]| of(op, n, entries).expect_err("an error").to_string();
    let rank_two = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    assert_eq!(
        message(Linear::Inverse, 3, &rank_two),
        "inv needs a matrix that has an inverse; column 3 of this 3 by 3 matrix depends on those before it"
    );
    assert_eq!(
        message(Linear::LogDeterminant, 2, &[0.0, 1.0, 1.0, 0.0]),
        "logdet needs a positive determinant; it is -1"
    );
    assert_eq!(
        message(Linear::Cholesky, 2, &[1.0, 2.0, 2.0, 1.0]),
        "cholesky needs a positive definite matrix; pivot 2 is -3"
    );
    assert_eq!(
        message(Linear::Eigenvalues, 2, &[1.0, 5.0, 3.0, 1.0]),
        "eigenvalues needs a symmetric matrix; entry (2, 1) is 3 and entry (1, 2) is 5"
    );
    assert_eq!(
        message(Linear::SquareRoot, 2, &[-4.0, 0.0, 0.0, 1.0]),
        "sqrtm needs a positive semidefinite matrix; an eigenvalue is -4"
    );
    assert_eq!(
        message(Linear::Logarithm, 2, &[0.0, 0.0, 0.0, 1.0]),
        "logm needs a positive definite matrix; an eigenvalue is 0"
    );
}

#[test]
fn random_matrices_keep_the_laws() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let n = 1 + random.below(7) as usize;
        let mut w = World::new();
        let size = w.size("n", n);
        let spd = Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
        let a = w.drawn("A", Facts::REAL, spd, &[size, size], &mut random);
        let s = w.drawn("S", Facts::REAL, Structure::SYMMETRIC, &[size, size], &mut random);
        let b = w.drawn("B", Facts::REAL, Structure::INVERTIBLE, &[size, size], &mut random);
        let identity = w.g.identity(size);
        let identity = w.entries(identity);
        let op = |w: &mut World, op, node| w.g.linear(op, node);
        let inverse = op(&mut w, Linear::Inverse, b);
        let vectors = op(&mut w, Linear::Eigenvectors, s);
        let values = op(&mut w, Linear::Eigenvalues, s);
        let root = op(&mut w, Linear::SquareRoot, a);
        let log = op(&mut w, Linear::Logarithm, a);
        let triangle = op(&mut w, Linear::Cholesky, a);
        let (inverse, vectors, values, root, log, triangle, a, s, b) = (
            w.entries(inverse),
            w.entries(vectors),
            w.entries(values),
            w.entries(root),
            w.entries(log),
            w.entries(triangle),
            w.entries(a),
            w.entries(s),
            w.entries(b),
        );
        let product = crate::tensors::linear::product::<f64>;
        let transposed = crate::tensors::linear::transposed::<f64>;
        near(&product(&inverse, &b, n), &identity, 1e-11);
        near(&product(&transposed(&vectors, n), &vectors, n), &identity, 1e-13);
        let scaled: Vec<f64> = (0..n * n).map(|at| vectors[at] * values[at % n]).collect();
        near(&product(&scaled, &transposed(&vectors, n), n), &s, 1e-13);
        near(&product(&root, &root, n), &a, 1e-13);
        near(&crate::tensors::exponential::exponential::<f64>(&log, n).expect("regular"), &a, 1e-12);
        near(&product(&triangle, &transposed(&triangle, n), n), &a, 1e-14);
        let ways = crate::tensors::elimination::Factors::new(&b, n).determinant();
        near(&[crate::tensors::elimination::determinant_without_division(&b, n)], &[ways], 1e-11);
    }
}
