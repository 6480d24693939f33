//! Linear algebra in normal form.

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{Contract, Factor, Labels, Linear, NodeId, Op};
use crate::types::Structure;

impl Graph {
    /// An operation of linear algebra on the last two axes of a node, in normal form.
    pub fn linear(&mut self, op: Linear, node: NodeId) -> NodeId {
        if let Some(form) = self.linear_form(op, node) {
            return form;
        }
        let shape = self.shape(node);
        let batch = shape.len() - 2;
        let out: Shape = shape[..batch + op.rank()].iter().copied().collect();
        self.intern(Op::Linear(op, node), out)
    }

    fn linear_form(&mut self, op: Linear, node: NodeId) -> Option<NodeId> {
        // Batches keep their matrices whole.
        if self.shape(node).len() != 2 {
            return None;
        }
        let size = self.shape(node)[0];
        let structure = self.structure(node);
        match op {
            Linear::Inverse => {
                if let Op::Linear(Linear::Inverse, inner) = self.op(node) {
                    return Some(*inner);
                }
                if structure.has(Structure::ORTHOGONAL) {
                    return Some(self.swapped(node));
                }
                if let Some(scaled) = self.as_diagonal(node) {
                    let inverse = self.elementwise_power(scaled, Rational::MINUS_ONE);
                    return Some(self.diagonal(inverse, size));
                }
                let (scale, chain) = self.square_chain(node)?;
                let outer = self.elementwise_power(scale, Rational::MINUS_ONE);
                let mut inverse: Option<NodeId> = None;
                for (matrix, transposed) in chain {
                    let mut next = self.linear(Linear::Inverse, matrix);
                    if transposed {
                        next = self.swapped(next);
                    }
                    inverse = Some(match inverse {
                        None => next,
                        Some(before) => self.matmul(next, before),
                    });
                }
                let inverse = inverse?;
                Some(self.times_scalar(outer, inverse))
            }
            Linear::Determinant | Linear::LogDeterminant => {
                let log = op == Linear::LogDeterminant;
                if structure.has(Structure::ORTHOGONAL) && !log {
                    return None;
                }
                if let Op::Linear(Linear::Inverse, inner) = self.op(node) {
                    let d = self.linear(op, *inner);
                    return Some(if log { self.neg(d) } else { self.power(d, Rational::MINUS_ONE) });
                }
                if let Some(entries) = self.as_diagonal(node) {
                    if self.is_scalar(entries) {
                        return Some(match log {
                            true => {
                                let l = self.call(known().log, &[entries]);
                                self.mul(size, l)
                            }
                            false => self.general_power(entries, size),
                        });
                    }
                    if log {
                        let logs = self.call(known().log, &[entries]);
                        return Some(self.sum_all(logs));
                    }
                    return Some(self.reduce(crate::op::Reduction::Product, entries, 1));
                }
                let (scale, chain) = self.square_chain(node)?;
                let one = self.one();
                // log(det(A*B)) is log(det(A)) + log(det(B)) only where both are positive.
                if log && (chain.len() > 1 || !self.bounds(scale).is_positive()) {
                    let mut all = self.bounds(scale).is_positive();
                    for (matrix, _) in &chain {
                        all &= self.structure(*matrix).has(Structure::DEFINITE);
                    }
                    if !all {
                        return None;
                    }
                }
                let mut parts: Vec<(NodeId, Rational)> = Vec::new();
                let mut terms: Vec<(Rational, NodeId)> = Vec::new();
                for (matrix, _) in chain {
                    let d = self.linear(op, matrix);
                    parts.push((d, Rational::ONE));
                    terms.push((Rational::ONE, d));
                }
                if scale != one {
                    if log {
                        let l = self.call(known().log, &[scale]);
                        let l = self.mul(size, l);
                        terms.push((Rational::ONE, l));
                    } else {
                        let p = self.general_power(scale, size);
                        parts.push((p, Rational::ONE));
                    }
                }
                Some(if log { self.sum(&terms) } else { self.product(Rational::ONE, &parts) })
            }
            Linear::Exponential => {
                if self.is_zero(node) {
                    return Some(self.identity(size));
                }
                if let Some(entries) = self.as_diagonal(node) {
                    let entries = self.call(known().exp, &[entries]);
                    return Some(self.diagonal(entries, size));
                }
                None
            }
            Linear::SquareRoot | Linear::Logarithm => {
                let entries = self.as_diagonal(node)?;
                let entries = match op {
                    Linear::SquareRoot => self.elementwise_power(entries, Rational::HALF),
                    _ => self.call(known().log, &[entries]),
                };
                Some(self.diagonal(entries, size))
            }
            Linear::Cholesky => {
                let entries = self.as_diagonal(node)?;
                let entries = self.elementwise_power(entries, Rational::HALF);
                Some(self.diagonal(entries, size))
            }
            Linear::Eigenvalues | Linear::Eigenvectors => None,
        }
    }

    /// The entries of a diagonal matrix: a vector, or a scalar if they are all equal.
    pub fn as_diagonal(&mut self, node: NodeId) -> Option<NodeId> {
        let Op::Contract(c) = self.op(node) else { return None };
        let c = Contract::clone(c);
        let [a, b] = c.out[..] else { return None };
        if a != b {
            return None;
        }
        let depends = c.factors.iter().any(|f| f.labels.contains(&a));
        let out = if depends { Labels::from_slice(&[a]) } else { Labels::new() };
        let sizes = if depends { c.sizes.to_vec() } else { Vec::new() };
        if !depends && !c.factors.iter().all(|f| f.labels.is_empty()) {
            return None;
        }
        Some(self.contract(c.coefficient, c.factors.to_vec(), out, sizes))
    }

    /// The diagonal matrix with these entries: a vector, or a scalar for all.
    pub fn diagonal(&mut self, entries: NodeId, size: NodeId) -> NodeId {
        let labels = if self.is_scalar(entries) { Labels::new() } else { Labels::from_slice(&[0]) };
        let factor = Factor { node: entries, labels, exponent: Rational::ONE };
        self.contract(Rational::ONE, vec![factor], Labels::from_slice(&[0, 0]), vec![size])
    }

    /// A scalar times a tensor.
    pub fn times_scalar(&mut self, scalar: NodeId, tensor: NodeId) -> NodeId {
        if self.is_scalar(tensor) {
            return self.mul(scalar, tensor);
        }
        let sizes = self.shape(tensor).to_vec();
        let labels: Labels = (0..sizes.len() as u8).collect();
        let factors = vec![
            Factor::scalar(scalar, Rational::ONE),
            Factor { node: tensor, labels: labels.clone(), exponent: Rational::ONE },
        ];
        self.contract(Rational::ONE, factors, labels, sizes)
    }

    /// The sum of all entries.
    pub fn sum_all(&mut self, node: NodeId) -> NodeId {
        let sizes = self.shape(node).to_vec();
        let labels: Labels = (0..sizes.len() as u8).collect();
        let factor = Factor { node, labels, exponent: Rational::ONE };
        self.contract(Rational::ONE, vec![factor], Labels::new(), sizes)
    }

    /// A scalar and a chain of two or more square matrices, each with whether it is transposed, that a matrix is the
    /// product of; or one matrix with a scalar or transposed. `None` if it is neither.
    fn square_chain(&mut self, node: NodeId) -> Option<(NodeId, Vec<(NodeId, bool)>)> {
        let Op::Contract(c) = self.op(node) else { return None };
        let c = Contract::clone(c);
        let [first, last] = c.out[..] else { return None };
        let scalars: Vec<(NodeId, Rational)> =
            c.factors.iter().filter(|f| f.labels.is_empty()).map(|f| (f.node, f.exponent.clone())).collect();
        let scale = self.product(c.coefficient.clone(), &scalars);
        let mut left: Vec<&Factor> = c.factors.iter().filter(|f| !f.labels.is_empty()).collect();
        let square = left.iter().all(|f| {
            f.labels.len() == 2
                && f.labels[0] != f.labels[1]
                && f.exponent.is_one()
                && c.sizes[f.labels[0] as usize] == c.sizes[first as usize]
                && c.sizes[f.labels[1] as usize] == c.sizes[first as usize]
        });
        if !square || first == last {
            return None;
        }
        let mut at = first;
        let mut chain = Vec::new();
        while !left.is_empty() {
            let next = left.iter().position(|f| f.labels.contains(&at))?;
            let f = left.remove(next);
            let transposed = f.labels[1] == at;
            at = if transposed { f.labels[0] } else { f.labels[1] };
            chain.push((f.node, transposed));
            // A label that a third factor has is no product of matrices.
            if left.iter().filter(|f| f.labels.contains(&at)).count() > 1 || (at == last && !left.is_empty())
            {
                return None;
            }
        }
        (at == last && !chain.is_empty()).then_some((scale, chain))
    }
}
