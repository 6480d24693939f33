//! Dual numbers against differences, and against what is known.

use agnesi_graph::{Linear, Rational, Reduction, known};

use super::*;
use crate::tensors::{automatic, automatic_second, differences};

/// Both derivatives agree within the estimate, and the estimate is tight.
#[track_caller]
fn agree(w: &World, node: NodeId, wrt: NodeId, tight: f64, what: &str) {
    let symbol = w.symbol(wrt);
    let dual = automatic(&w.g, node, &w.values, symbol).expect("a derivative");
    let (numeric, error) = differences(&w.g, node, &w.values, symbol).expect("a derivative");
    assert_eq!(dual.shape(), numeric.shape());
    let scale = dual.data().iter().fold(1.0f64, |most, x| most.max(x.abs()));
    for ((d, n), e) in dual.data().iter().zip(numeric.data()).zip(error.data()) {
        assert!((d - n).abs() <= e + 1e-13 * scale, "{what}: {d} against {n} +- {e}\n{:?}", w.values);
        assert!(*e <= tight * scale, "{what}: {n} +- {e}");
    }
}

#[test]
fn duals_agree_with_differences() {
    let spd = Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
    for seed in 0..12 {
        for (op, structure) in [
            (Linear::Inverse, Structure::INVERTIBLE),
            (Linear::Determinant, Structure::NONE),
            (Linear::LogDeterminant, spd),
            (Linear::Cholesky, spd),
            (Linear::Exponential, Structure::NONE),
            (Linear::SquareRoot, spd),
            (Linear::Logarithm, spd),
            (Linear::Eigenvalues, Structure::SYMMETRIC),
            (Linear::Eigenvectors, Structure::SYMMETRIC),
        ] {
            let mut random = Random::new(seed);
            let mut w = World::new();
            let n = w.size("n", 1 + random.below(4) as usize);
            let a = w.drawn("A", Facts::REAL, structure, &[n, n], &mut random);
            let node = w.g.linear(op, a);
            agree(&w, node, a, 1e-6, op.name());
        }
    }
}

#[test]
fn reductions_agree_with_differences() {
    for seed in 0..20 {
        for how in [Reduction::Max, Reduction::Min, Reduction::LogSumExp, Reduction::Product] {
            let mut random = Random::new(seed);
            let mut w = World::new();
            let (n, m) = (w.size("n", 2), w.size("m", 3));
            let a = w.drawn("A", Facts::REAL, Structure::NONE, &[n, m], &mut random);
            for axes in [1, 2] {
                let node = w.g.reduce(how, a, axes);
                agree(&w, node, a, 1e-6, how.name());
            }
        }
    }
}

#[test]
fn expressions_agree_with_differences() {
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let mut w = World::new();
        let (n, m) = (w.size("n", 3), w.size("m", 4));
        let a = w.drawn("A", Facts::REAL, Structure::NONE, &[n, m], &mut random);
        let x = w.drawn("x", Facts::POSITIVE, Structure::NONE, &[m], &mut random);
        let product = w.g.matmul(a, x);
        let wave = w.g.call(known().sin, &[product]);
        let root = w.g.elementwise_power(x, Rational::HALF);
        let log = w.g.call(known().log, &[x]);
        let back = w.g.matmul(wave, a);
        let sum = w.g.sum(&[(Rational::from(2), back), (Rational::ONE, root), (Rational::MINUS_ONE, log)]);
        agree(&w, sum, x, 1e-7, "a sum");
        agree(&w, sum, a, 1e-7, "a sum");
        let powers = w.g.general_power(x, sum);
        agree(&w, powers, x, 1e-5, "a power");
    }
}

#[test]
fn second_derivatives_agree_with_those_of_first_ones() {
    let spd = Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
    for op in [
        Linear::Inverse,
        Linear::Determinant,
        Linear::LogDeterminant,
        Linear::Cholesky,
        Linear::Exponential,
        Linear::SquareRoot,
        Linear::Logarithm,
        Linear::Eigenvalues,
        Linear::Eigenvectors,
    ] {
        let mut random = Random::new(5);
        let mut w = World::new();
        let n = w.size("n", 3);
        let a = w.drawn("A", Facts::REAL, spd, &[n, n], &mut random);
        let node = w.g.linear(op, a);
        let symbol = w.symbol(a);
        let second = automatic_second(&w.g, node, &w.values, symbol, symbol).expect("smooth");
        let width = 9;
        let rows = second.data().len() / (width * width);
        // Differences of the first derivatives, along a symmetric direction.
        for i in 0..3 {
            for j in 0..=i {
                let moved = |h: f64| {
                    let mut values = w.values.clone();
                    for (s, tensor) in &mut values {
                        if *s == symbol {
                            tensor.data[i * 3 + j] += h;
                            tensor.data[j * 3 + i] += h;
                        }
                    }
                    automatic(&w.g, node, &values, symbol).expect("smooth")
                };
                let h = 1e-3;
                let quotient = |h: f64| -> Vec<f64> {
                    let (up, down) = (moved(h), moved(-h));
                    up.data().iter().zip(down.data()).map(|(u, d)| (u - d) / (2.0 * h)).collect()
                };
                let (coarse, fine) = (quotient(2.0 * h), quotient(h));
                let wanted: Vec<f64> = coarse.iter().zip(&fine).map(|(c, f)| (4.0 * f - c) / 3.0).collect();
                let found: Vec<f64> = (0..rows * width)
                    .map(|at| second.data()[at * width + i * 3 + j] + second.data()[at * width + j * 3 + i])
                    .collect();
                near(&found, &wanted, 1e-8);
            }
        }
    }
}

#[test]
fn hessians_of_known_functions() {
    let mut w = World::new();
    let n = w.size("n", 6);
    let x = w.tensor("x", &[n], &[1.0, -2.0, 3.0, 0.5, 4.0, -1.5]);
    let symbol = w.symbol(x);
    // The sum of the fourth powers: 12 x^2 on the diagonal.
    let fourth = w.g.elementwise_power(x, Rational::from(4));
    let total = w.g.sum_all(fourth);
    let hessian = automatic_second(&w.g, total, &w.values, symbol, symbol).expect("smooth");
    assert_eq!(hessian.shape(), [6, 6]);
    let entries = w.entries(x);
    let wanted: Vec<f64> =
        (0..36).map(|at| if at / 6 == at % 6 { 12.0 * entries[at / 6].powi(2) } else { 0.0 }).collect();
    near(hessian.data(), &wanted, 1e-15);
    // logsumexp: diag(s) - s*s'.
    let lse = w.g.reduce(Reduction::LogSumExp, x, 1);
    let hessian = automatic_second(&w.g, lse, &w.values, symbol, symbol).expect("smooth");
    let sum: f64 = entries.iter().map(|x| x.exp()).sum();
    let s: Vec<f64> = entries.iter().map(|x| x.exp() / sum).collect();
    let wanted: Vec<f64> =
        (0..36).map(|at| (at / 6 == at % 6) as u8 as f64 * s[at / 6] - s[at / 6] * s[at % 6]).collect();
    near(hessian.data(), &wanted, 1e-15);
    // Mixed: the derivative of x'*y in both is the identity.
    let y = w.tensor("y", &[n], &[1.0; 6]);
    let dot = w.g.matmul(x, y);
    let mixed = automatic_second(&w.g, dot, &w.values, symbol, w.symbol(y)).expect("smooth");
    let wanted: Vec<f64> = (0..36).map(|at| (at / 6 == at % 6) as u8 as f64).collect();
    near(mixed.data(), &wanted, 0.0);
}

#[test]
fn derivatives_where_pivots_vanish() {
    let mut w = World::new();
    let n = w.size("n", 3);
    // The derivative of a determinant is the matrix of cofactors, also of a singular matrix.
    let a = w.tensor("A", &[n, n], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    let node = w.g.linear(Linear::Determinant, a);
    let slope = automatic(&w.g, node, &w.values, w.symbol(a)).expect("smooth");
    near(slope.data(), &[-3.0, 6.0, -3.0, 6.0, -12.0, 6.0, -3.0, 6.0, -3.0], 1e-14);
    let b = w.tensor("B", &[n, n], &[0.0; 9]);
    let zero = w.g.linear(Linear::Determinant, b);
    let slope = automatic(&w.g, zero, &w.values, w.symbol(b)).expect("smooth");
    near(slope.data(), &[0.0; 9], 0.0);
}

#[test]
fn equal_eigenvalues_have_no_derivative_but_roots_do() {
    let mut w = World::new();
    let n = w.size("n", 2);
    let a = w.tensor("A", &[n, n], &[4.0, 0.0, 0.0, 4.0]);
    let symbol = w.symbol(a);
    let values = w.g.linear(Linear::Eigenvalues, a);
    let error = automatic(&w.g, values, &w.values, symbol).expect_err("none");
    assert_eq!(error.to_string(), "eigenvalues has no derivative here, since two eigenvalues are 4");
    // d sqrtm(A) = dA/4 at 4 times the identity, of the symmetric part.
    let root = w.g.linear(Linear::SquareRoot, a);
    let slope = automatic(&w.g, root, &w.values, symbol).expect("smooth");
    let part = |at: usize| {
        let (i, j, k, l) = (at / 8, at / 4 % 2, at / 2 % 2, at % 2);
        (((i, j) == (k, l)) as u8 + ((i, j) == (l, k)) as u8) as f64 / 8.0
    };
    let wanted: Vec<f64> = (0..16).map(part).collect();
    near(slope.data(), &wanted, 1e-15);
    let log = w.g.linear(Linear::Logarithm, a);
    let slope = automatic(&w.g, log, &w.values, symbol).expect("smooth");
    near(slope.data(), &wanted, 1e-15);
}

#[test]
fn more_entries_than_lanes() {
    let mut w = World::new();
    let n = w.size("n", 21);
    let entries: Vec<f64> = (0..21).map(|i| i as f64 / 7.0 - 1.0).collect();
    let x = w.tensor("x", &[n], &entries);
    let square = w.g.elementwise_power(x, Rational::TWO);
    let slope = automatic(&w.g, square, &w.values, w.symbol(x)).expect("smooth");
    let wanted: Vec<f64> =
        (0..441).map(|at| if at / 21 == at % 21 { 2.0 * entries[at / 21] } else { 0.0 }).collect();
    near(slope.data(), &wanted, 1e-15);
    // What does not depend on it has no slope.
    let y = w.tensor("y", &[n], &entries);
    let slope = automatic(&w.g, square, &w.values, w.symbol(y)).expect("constant");
    assert_eq!((slope.shape(), slope.data().iter().all(|x| *x == 0.0)), (&[21, 21][..], true));
}
