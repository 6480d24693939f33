//! Adjoints of linear algebra.
//!
//! Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), for
//! the inverse, the determinant and the symmetric eigenproblem; Murray, "Differentiation of the Cholesky
//! decomposition" (2016); Higham, "Functions of Matrices" (2008), section 3.2, for functions of symmetric matrices by
//! divided differences, and (3.16) for the exponential of a block triangular matrix.

use agnesi_graph::{Factor, Graph, Label, Labels, Linear, NodeId, Op, Rational, Shape, SymbolId};
use agnesi_syntax::Relation;

use super::derivative::may_contain;
use crate::derivative::NoDerivative;

/// What the adjoint of an operation gives to its matrix, or to a scalar in front of it.
pub(super) fn adjoint(
    g: &mut Graph,
    front: usize,
    op: Linear,
    node: NodeId,
    inner: NodeId,
    adjoint: NodeId,
    variables: &[SymbolId],
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    let refuse = |because: &str| NoDerivative { function: op.name().into(), because: because.into() };
    let one = Rational::ONE;
    // The axes of a batch stand between those of the result and those of the matrix.
    let shape = g.shape(inner).clone();
    let batch = shape.len() - 2;
    let n = shape[shape.len() - 1];
    let lead = front + batch;
    let lead_labels: Labels = (0..lead as Label).collect();
    let matrix_labels: Labels = (front as Label..lead as Label).collect();
    let at = |labels: &Labels, rest: &[usize]| -> Labels {
        labels.iter().copied().chain(rest.iter().map(|r| (lead + r) as Label)).collect()
    };
    let mut sizes: Vec<NodeId> = g.shape(adjoint)[..lead].to_vec();
    sizes.extend([n; 6]);
    let factor = |node: NodeId, labels: Labels| Factor { node, labels, exponent: Rational::ONE };
    let used = |count: usize, sizes: &[NodeId]| sizes[..lead + count].to_vec();
    match op {
        Linear::Inverse => {
            // X̄ = -Y' Ȳ Y'.
            let factors = vec![
                factor(node, at(&matrix_labels, &[2, 0])),
                factor(adjoint, at(&lead_labels, &[2, 3])),
                factor(node, at(&matrix_labels, &[1, 3])),
            ];
            let out = at(&lead_labels, &[0, 1]);
            Ok(vec![(inner, g.contract(Rational::MINUS_ONE, factors, out, used(4, &sizes)))])
        }
        Linear::Determinant | Linear::LogDeterminant => {
            let inverse = g.linear(Linear::Inverse, inner);
            let mut factors =
                vec![factor(adjoint, lead_labels.clone()), factor(inverse, at(&matrix_labels, &[1, 0]))];
            if op == Linear::Determinant {
                factors.push(factor(node, matrix_labels.clone()));
            }
            let out = at(&lead_labels, &[0, 1]);
            Ok(vec![(inner, g.contract(one, factors, out, used(2, &sizes)))])
        }
        Linear::Eigenvalues => {
            // X̄ = V diag(λ̄) V'.
            let vectors = g.linear(Linear::Eigenvectors, inner);
            let factors = vec![
                factor(vectors, at(&matrix_labels, &[0, 2])),
                factor(adjoint, at(&lead_labels, &[2])),
                factor(vectors, at(&matrix_labels, &[1, 2])),
            ];
            let out = at(&lead_labels, &[0, 1]);
            Ok(vec![(inner, g.contract(one, factors, out, used(3, &sizes)))])
        }
        _ if batch > 0 => {
            Err(refuse("for a matrix under a binder its derivative comes with a later version"))
        }
        Linear::Eigenvectors => {
            // X̄ = V (F .* (V' V̄)) V' with F_ij = 1/(λ_j - λ_i), made symmetric.
            let values = g.linear(Linear::Eigenvalues, inner);
            let weights = g.eigenvalue_weights(values, |g, a, b| {
                let less = g.sub(b, a);
                let same = g.is_zero_condition(less);
                let below = g.power(less, Rational::MINUS_ONE);
                let zero = g.zero();
                g.select(same, zero, below)
            });
            let factors = vec![
                factor(node, at(&matrix_labels, &[0, 2])),
                factor(weights, at(&matrix_labels, &[2, 3])),
                factor(node, at(&matrix_labels, &[4, 2])),
                factor(adjoint, at(&lead_labels, &[4, 3])),
                factor(node, at(&matrix_labels, &[1, 3])),
            ];
            let out = at(&lead_labels, &[0, 1]);
            let whole = g.contract(one, factors, out, used(5, &sizes));
            Ok(vec![(inner, symmetrised(g, whole))])
        }
        Linear::SquareRoot | Linear::Logarithm => {
            // The function of a multiple of the identity's cotangent has a formula of its own: f'(S).
            if let Some(scalar) = multiple_of_identity(g, front, adjoint) {
                let inverse = match op {
                    Linear::SquareRoot => g.linear(Linear::Inverse, node),
                    _ => g.linear(Linear::Inverse, inner),
                };
                let c = if op == Linear::SquareRoot { Rational::HALF } else { Rational::ONE };
                let factors =
                    vec![factor(scalar, lead_labels.clone()), factor(inverse, at(&matrix_labels, &[0, 1]))];
                let out = at(&lead_labels, &[0, 1]);
                return Ok(vec![(inner, g.contract(c, factors, out, used(2, &sizes)))]);
            }
            let values = g.linear(Linear::Eigenvalues, inner);
            let vectors = g.linear(Linear::Eigenvectors, inner);
            let root = op == Linear::SquareRoot;
            let weights = g.eigenvalue_weights(values, |g, a, b| {
                if root {
                    let (p, q) = (g.power(a, Rational::HALF), g.power(b, Rational::HALF));
                    let sum = g.sum(&[(Rational::ONE, p), (Rational::ONE, q)]);
                    return g.power(sum, Rational::MINUS_ONE);
                }
                let log = agnesi_graph::known().log;
                let (p, q) = (g.call(log, &[a]), g.call(log, &[b]));
                let (above, below) = (g.sub(p, q), g.sub(a, b));
                let same = g.is_zero_condition(below);
                let slope = g.div(above, below);
                let limit = g.power(a, Rational::MINUS_ONE);
                g.select(same, limit, slope)
            });
            let factors = vec![
                factor(vectors, at(&matrix_labels, &[0, 2])),
                factor(weights, at(&matrix_labels, &[2, 3])),
                factor(vectors, at(&matrix_labels, &[4, 2])),
                factor(adjoint, at(&lead_labels, &[4, 5])),
                factor(vectors, at(&matrix_labels, &[5, 3])),
                factor(vectors, at(&matrix_labels, &[1, 3])),
            ];
            let out = at(&lead_labels, &[0, 1]);
            let whole = g.contract(one, factors, out, used(6, &sizes));
            Ok(vec![(inner, symmetrised(g, whole))])
        }
        Linear::Cholesky => {
            // P = L^-T Φ(L' L̄) L^-1 with Φ the lower triangle, its diagonal halved; X̄ = (P + P')/2.
            let phi = g.triangle_weights(n, |g, i, j| {
                let (one, zero, half) = (g.one(), g.zero(), g.number(Rational::HALF));
                let below = g.compare(Relation::Greater, i, j);
                let on = g.compare(Relation::Equal, i, j);
                let rest = g.select(on, half, zero);
                g.select(below, one, rest)
            });
            let inverse = g.linear(Linear::Inverse, node);
            let factors = vec![
                factor(inverse, at(&matrix_labels, &[2, 0])),
                factor(phi, at(&matrix_labels, &[2, 3])),
                factor(node, at(&matrix_labels, &[4, 2])),
                factor(adjoint, at(&lead_labels, &[4, 3])),
                factor(inverse, at(&matrix_labels, &[3, 1])),
            ];
            let out = at(&lead_labels, &[0, 1]);
            let whole = g.contract(one, factors, out, used(5, &sizes));
            Ok(vec![(inner, symmetrised(g, whole))])
        }
        Linear::Exponential => {
            // A scalar times a constant matrix commutes with its derivative: d expm(t*A) = A*expm(t*A) dt.
            if let Some((scalar, matrix)) = scalar_times_constant(g, inner, variables) {
                let factors = vec![
                    factor(adjoint, at(&lead_labels, &[0, 1])),
                    factor(matrix, at(&matrix_labels, &[0, 2])),
                    factor(node, at(&matrix_labels, &[2, 1])),
                ];
                let part = g.contract(one, factors, lead_labels.clone(), used(3, &sizes));
                return Ok(vec![(scalar, part)]);
            }
            if let Some(scalar) = multiple_of_identity(g, front, adjoint) {
                let factors =
                    vec![factor(scalar, lead_labels.clone()), factor(node, at(&matrix_labels, &[1, 0]))];
                let out = at(&lead_labels, &[0, 1]);
                return Ok(vec![(inner, g.contract(one, factors, out, used(2, &sizes)))]);
            }
            // X̄ = the upper right block of expm([X', Ȳ; 0, X']).
            let blocks = g.block_exponential(front, inner, adjoint);
            Ok(vec![(inner, blocks)])
        }
    }
}

/// Half the sum of a node and itself with its last two axes exchanged.
fn symmetrised(g: &mut Graph, node: NodeId) -> NodeId {
    let turned = g.swapped(node);
    g.sum(&[(Rational::HALF, node), (Rational::HALF, turned)])
}

/// The factor in front of the identity over the last two axes, if an adjoint is such a multiple.
fn multiple_of_identity(g: &mut Graph, front: usize, adjoint: NodeId) -> Option<NodeId> {
    let Op::Contract(c) = g.op(adjoint).clone() else { return None };
    let [.., i, j] = c.out[..] else { return None };
    if i != j || c.out[..front].contains(&i) || c.factors.iter().any(|f| f.labels.contains(&i)) {
        return None;
    }
    let out: Labels = c.out[..front].iter().copied().collect();
    // The label of the identity must not be counted as summed.
    let mut sizes = c.sizes.to_vec();
    sizes[i as usize] = g.one();
    Some(g.contract(c.coefficient.clone(), c.factors.to_vec(), out, sizes))
}

/// A matrix as a scalar that contains the variable and a matrix that does not.
fn scalar_times_constant(g: &mut Graph, matrix: NodeId, variables: &[SymbolId]) -> Option<(NodeId, NodeId)> {
    let Op::Contract(c) = g.op(matrix).clone() else { return None };
    let mut scalars = Vec::new();
    let mut rest = Vec::new();
    for f in &c.factors {
        if may_contain(g, f.node, variables) {
            if !f.labels.is_empty() {
                return None;
            }
            scalars.push((f.node, f.exponent.clone()));
        } else {
            rest.push(f.clone());
        }
    }
    // One scalar node, which is a child whose adjoint can be given.
    let [(scalar, e)] = &scalars[..] else { return None };
    if !e.is_one() {
        return None;
    }
    let constant = g.contract(c.coefficient.clone(), rest, c.out.clone(), c.sizes.to_vec());
    Some((*scalar, constant))
}

/// The shape of n x n.
pub(super) fn square(n: NodeId) -> Shape {
    [n, n].into_iter().collect()
}

trait Blocks {
    fn eigenvalue_weights(
        &mut self,
        values: NodeId,
        entry: impl FnOnce(&mut Graph, NodeId, NodeId) -> NodeId,
    ) -> NodeId;
    fn triangle_weights(
        &mut self,
        n: NodeId,
        entry: impl FnOnce(&mut Graph, NodeId, NodeId) -> NodeId,
    ) -> NodeId;
    fn block_exponential(&mut self, front: usize, matrix: NodeId, adjoint: NodeId) -> NodeId;
}

impl Blocks for Graph {
    /// A matrix whose entry `[i, j]` is computed from eigenvalues i and j.
    fn eigenvalue_weights(
        &mut self,
        values: NodeId,
        entry: impl FnOnce(&mut Graph, NodeId, NodeId) -> NodeId,
    ) -> NodeId {
        let shape = square(self.shape(values)[0]);
        let (a, b) = (self.expand(values, &[0], &shape), self.expand(values, &[1], &shape));
        let (a, b) = (self.entry(a), self.entry(b));
        let kernel = entry(self, a, b);
        self.lift(kernel, &shape)
    }

    /// A matrix whose entry is computed from its row and column.
    fn triangle_weights(
        &mut self,
        n: NodeId,
        entry: impl FnOnce(&mut Graph, NodeId, NodeId) -> NodeId,
    ) -> NodeId {
        let iota = self.iota(n);
        self.eigenvalue_weights(iota, entry)
    }

    /// The upper right block of `expm([X', Ȳ; 0, X'])`, for each entry of the axes in front.
    fn block_exponential(&mut self, front: usize, matrix: NodeId, adjoint: NodeId) -> NodeId {
        let n = self.shape(matrix)[0];
        let (one, two) = (self.one(), self.integer(2));
        let double = self.mul(two, n);
        let (first, second) = (self.range(one, n), {
            let next = self.sum(&[(Rational::ONE, n), (Rational::ONE, one)]);
            self.range(next, n)
        });
        let (first, second) = (self.one_hot(first, double), self.one_hot(second, double));
        let lead: Labels = (0..front as Label).collect();
        let l = |k: usize| (front + k) as Label;
        let mut sizes: Vec<NodeId> = self.shape(adjoint)[..front].to_vec();
        sizes.extend([n, n, double, double]);
        let factor = |node: NodeId, labels: Labels| Factor { node, labels, exponent: Rational::ONE };
        let with =
            |rest: &[usize]| -> Labels { lead.iter().copied().chain(rest.iter().map(|k| l(*k))).collect() };
        let alone = |rest: &[usize]| -> Labels { rest.iter().map(|k| l(*k)).collect() };
        let mut terms = Vec::new();
        for (rows, columns, block, labels) in [
            (first, first, matrix, alone(&[1, 0])),
            (second, second, matrix, alone(&[1, 0])),
            (first, second, adjoint, with(&[0, 1])),
        ] {
            let factors =
                vec![factor(rows, alone(&[0, 2])), factor(columns, alone(&[1, 3])), factor(block, labels)];
            terms.push((Rational::ONE, self.contract(Rational::ONE, factors, with(&[2, 3]), sizes.clone())));
        }
        let whole = self.sum(&terms);
        let exponential = self.linear(Linear::Exponential, whole);
        let factors = vec![
            factor(first, alone(&[0, 2])),
            factor(second, alone(&[1, 3])),
            factor(exponential, with(&[2, 3])),
        ];
        self.contract(Rational::ONE, factors, with(&[0, 1]), sizes)
    }
}
