//! Derivatives of tensors as formulas, against dual numbers through the node as it stands.

#[path = "../properties/hunt.rs"]
mod hunt;
mod loops;
mod lowered;
mod oracle;
mod random;
mod random_text;

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_engine::tensors::{Random, Tensor, automatic, automatic_second, draw, interpret};
use agnesi_graph::{Facts, Graph, Linear, NodeId, Reduction, Structure, SymbolId, known};

const SPD: [Structure; 3] = [Structure::SYMMETRIC, Structure::DEFINITE, Structure::INVERTIBLE];

const OPERATIONS: [(Linear, &[Structure]); 9] = [
    (Linear::Inverse, &[Structure::INVERTIBLE]),
    (Linear::Determinant, &[Structure::INVERTIBLE]),
    (Linear::LogDeterminant, &SPD),
    (Linear::Cholesky, &SPD),
    (Linear::Exponential, &[]),
    (Linear::SquareRoot, &SPD),
    (Linear::Logarithm, &SPD),
    (Linear::Eigenvalues, &[Structure::SYMMETRIC]),
    (Linear::Eigenvectors, &[Structure::SYMMETRIC]),
];

/// A graph with a square matrix A, a matrix B, a vector x and values for them.
struct World {
    g: Graph,
    a: NodeId,
    b: NodeId,
    x: NodeId,
    values: Vec<(SymbolId, Tensor)>,
}

impl World {
    fn new(seed: u64, structure: &[Structure]) -> World {
        let mut g = Graph::new();
        let mut random = Random::new(seed);
        let structure = structure.iter().fold(Structure::NONE, |all, one| all.and(*one));
        let n = g.declare("n", Facts::INTEGER.and(Facts::POSITIVE), Default::default());
        let square = || [n, n].into_iter().collect();
        let a = g.declare_tensor("A", Facts::REAL, structure, square());
        let b = g.declare("B", Facts::REAL, square());
        let x = g.declare("x", Facts::POSITIVE, [n].into_iter().collect());
        let ids = [a, b, x].map(|node| g.as_symbol(node).expect("a symbol"));
        let size = Tensor::scalar(2.0 + random.below(2) as f64);
        let mut values = vec![(g.as_symbol(n).expect("a symbol"), size)];
        values.extend(draw(&g, &ids, &values, &[], &mut random).expect("drawn"));
        World { g, a, b, x, values }
    }

    #[track_caller]
    fn check(&mut self, node: NodeId, wrt: NodeId, what: &str) {
        let symbol = self.g.as_symbol(wrt).expect("a symbol");
        let dual = automatic(&self.g, node, &self.values, symbol).expect("a derivative");
        let mut simplifier = TensorSimplifier::default();
        let formula = tensor_derivative(&mut self.g, &mut simplifier, node, symbol);
        let formula = formula.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        self.same(formula, &dual, what);
        // Divided differences of equal eigenvalues are a branch of the formula, which has no second derivative there.
        if self.g.is_scalar(node) && !["eigenvectors", "logm"].contains(&what) {
            let second = tensor_derivative(&mut self.g, &mut simplifier, formula, symbol);
            // What has no rule of second order is said, not guessed.
            let Ok(second) = second else { return };
            let dual = automatic_second(&self.g, node, &self.values, symbol, symbol).expect("smooth");
            let what = format!("{what}, second");
            if self.g.is_symmetric(wrt) {
                // The first derivative as a formula takes inv(A)' for inv(A): what is left of that freedom vanishes along
                // symmetric directions, the only ones that the matrix can move in.
                let formula = [[1, 0, 2, 3], [0, 1, 3, 2]].iter().fold(second, |node, order| {
                    let other = self.g.permute(node, order);
                    self.g.add(node, other)
                });
                self.same(formula, &along_symmetric(&dual), &what);
            } else {
                self.same(second, &dual, &what);
            }
        }
    }

    #[track_caller]
    fn same(&self, node: NodeId, wanted: &Tensor, what: &str) {
        let found = interpret(&self.g, &[node], &self.values);
        let found = found.unwrap_or_else(|error| panic!("{what}: {error}")).remove(0);
        let scale = wanted.data().iter().fold(1.0f64, |most, x| most.max(x.abs()));
        let close = found.shape() == wanted.shape()
            && found.data().iter().zip(wanted.data()).all(|(x, y)| (x - y).abs() <= 1e-8 * scale);
        assert!(close, "{what}: {found:?}\nis not {wanted:?}\nwhere {:?}", self.values);
        lowered::agrees(&self.g, &[node], &self.values).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

/// A Hessian plus its images under exchanging the indices of either matrix.
fn along_symmetric(hessian: &Tensor) -> Tensor {
    let n = hessian.shape()[0];
    let entry = |at: usize| {
        let [i, j, k, l] = [at / (n * n * n), at / (n * n) % n, at / n % n, at % n];
        let four = [[i, j, k, l], [j, i, k, l], [i, j, l, k], [j, i, l, k]];
        four.iter().map(|index| hessian.at(index).expect("inside")).sum()
    };
    Tensor::new(hessian.shape().to_vec(), (0..n * n * n * n).map(entry).collect()).expect("as many")
}

#[test]
fn linear_algebra() {
    for seed in 0..20 {
        for (op, structure) in OPERATIONS {
            let mut w = World::new(seed, structure);
            let node = w.g.linear(op, w.a);
            w.check(node, w.a, op.name());
            // A scalar of it that depends on every entry.
            let total = match op.rank() {
                0 => node,
                1 => w.g.matmul(node, w.x),
                _ => {
                    let row = w.g.matmul(w.x, node);
                    let row = w.g.matmul(row, w.b);
                    let waves = w.g.call(known().sin, &[row]);
                    w.g.sum_all(waves)
                }
            };
            w.check(total, w.a, op.name());
        }
    }
}

#[test]
fn reductions() {
    for seed in 0..20 {
        for how in [Reduction::Max, Reduction::Min, Reduction::LogSumExp, Reduction::Product] {
            for axes in [1, 2] {
                let mut w = World::new(seed, &[]);
                let product = w.g.matmul(w.a, w.b);
                let node = w.g.reduce(how, product, axes);
                w.check(node, w.a, how.name());
                let total = if axes == 1 { w.g.matmul(node, w.x) } else { node };
                w.check(total, w.b, how.name());
            }
        }
    }
}
