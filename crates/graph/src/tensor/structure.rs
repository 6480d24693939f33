//! What is known of matrices as a whole.

use crate::Rational;
use crate::graph::Graph;
use crate::op::{Factor, Labels, Linear, NodeId, Op};
use crate::types::Structure;

impl Graph {
    /// What is known of the last two axes of a node as a matrix; nothing for what is none.
    pub fn structure(&mut self, node: NodeId) -> Structure {
        let rank = self.shape(node).len();
        if rank < 2 || self.shape(node)[rank - 1] != self.shape(node)[rank - 2] {
            return Structure::NONE;
        }
        if let Some(known) = self.structures.get(&node) {
            return *known;
        }
        // Taken for nothing while it is being found out.
        self.structures.insert(node, Structure::NONE);
        let found = self.find_structure(node, rank);
        self.structures.insert(node, found);
        found
    }

    /// Whether a node is known to be equal to its transpose.
    pub fn is_symmetric(&mut self, node: NodeId) -> bool {
        self.structure(node).has(Structure::SYMMETRIC)
    }

    fn find_structure(&mut self, node: NodeId, rank: usize) -> Structure {
        let symmetric = |yes: bool| if yes { Structure::SYMMETRIC } else { Structure::NONE };
        match self.op(node).clone() {
            Op::Symbol(id) => self.symbol_info(id).structure,
            Op::Linear(op, inner) => {
                let inner = self.structure(inner);
                let kept = Structure::SYMMETRIC.and(Structure::DEFINITE);
                match op {
                    Linear::Inverse => {
                        let mut found = Structure::INVERTIBLE;
                        for s in [
                            Structure::SYMMETRIC,
                            Structure::DEFINITE,
                            Structure::ORTHOGONAL,
                            Structure::LOWER,
                            Structure::UPPER,
                            Structure::SKEW,
                        ] {
                            if inner.has(s) {
                                found = found.and(s);
                            }
                        }
                        found
                    }
                    Linear::SquareRoot if inner.has(kept) => kept.and(Structure::INVERTIBLE),
                    Linear::SquareRoot | Linear::Logarithm => Structure::SYMMETRIC,
                    Linear::Exponential => {
                        symmetric(inner.has(Structure::SYMMETRIC)).and(Structure::INVERTIBLE)
                    }
                    Linear::Cholesky => Structure::LOWER.and(Structure::INVERTIBLE),
                    Linear::Eigenvectors => Structure::ORTHOGONAL.and(Structure::INVERTIBLE),
                    Linear::Determinant | Linear::LogDeterminant | Linear::Eigenvalues => Structure::NONE,
                }
            }
            Op::Call(_, args) => {
                let mut all = true;
                for a in args {
                    all &= self.is_scalar(a) || self.is_symmetric(a);
                }
                symmetric(all)
            }
            Op::Contract(c) => {
                // A diagonal, or a contraction that is its own transpose.
                let [a, b] = [c.out[rank - 2], c.out[rank - 1]];
                if a == b {
                    let mut found = Structure::SYMMETRIC.and(Structure::LOWER).and(Structure::UPPER);
                    if c.coefficient.is_positive()
                        && c.factors.iter().all(|f| self.bounds(f.node).is_positive())
                    {
                        found = found.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
                    }
                    return found;
                }
                if let [f] = &c.factors[..]
                    && f.labels.len() == 2
                    && rank == 2
                    && f.exponent.is_one()
                    && c.sizes.len() == 2
                {
                    // A multiple or the transpose of a matrix.
                    let inner = self.structure(f.node);
                    let transposed = f.labels[0] != c.out[0];
                    let mut found = Structure::NONE;
                    for (s, t) in [
                        (Structure::SYMMETRIC, Structure::SYMMETRIC),
                        (Structure::SKEW, Structure::SKEW),
                        (Structure::INVERTIBLE, Structure::INVERTIBLE),
                        (Structure::LOWER, Structure::UPPER),
                        (Structure::UPPER, Structure::LOWER),
                    ] {
                        if inner.has(s) {
                            found = found.and(if transposed { t } else { s });
                        }
                    }
                    if c.coefficient.is_positive() && inner.has(Structure::DEFINITE) {
                        found = found.and(Structure::DEFINITE);
                    }
                    if (c.coefficient.is_one()) && inner.has(Structure::ORTHOGONAL) {
                        found = found.and(Structure::ORTHOGONAL);
                    }
                    return found;
                }
                symmetric(self.swapped(node) == node)
            }
            Op::Add(sum) => {
                let (mut all, mut definite) = (true, true);
                for (c, n) in &sum.terms {
                    let s = self.structure(*n);
                    all &= s.has(Structure::SYMMETRIC);
                    definite &= c.is_positive() && s.has(Structure::DEFINITE);
                }
                let symmetric_sum = all || {
                    let mut terms = sum.terms.to_vec();
                    terms.iter_mut().for_each(|t| t.1 = self.swapped(t.1));
                    terms.sort_by_key(|t| t.1);
                    terms == sum.terms.to_vec()
                };
                let mut found = symmetric(symmetric_sum);
                if symmetric_sum && definite {
                    found = found.and(Structure::DEFINITE).and(Structure::INVERTIBLE);
                }
                found
            }
            Op::Select(c, a, b) => {
                let all = self.is_symmetric(a)
                    && self.is_symmetric(b)
                    && (self.is_scalar(c) || self.swapped(c) == c);
                symmetric(all)
            }
            Op::Constant(_)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Loop(_) => Structure::NONE,
        }
    }

    /// The node with its last two axes exchanged.
    pub fn swapped(&mut self, node: NodeId) -> NodeId {
        let rank = self.shape(node).len();
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 2, rank - 1);
        self.permute(node, &order)
    }

    /// The matrix product of two nodes, with scalars and vectors as rows or columns where that fits: the last axis of
    /// the first is joined with the first axis of the second.
    pub fn matmul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let mut sizes = self.shape(a).to_vec();
        let first: Labels = (0..sizes.len() as u8).collect();
        let joined = sizes.len() - 1;
        let mut second = Labels::new();
        second.push(joined as u8);
        for size in self.shape(b)[1..].iter().copied() {
            second.push(sizes.len() as u8);
            sizes.push(size);
        }
        let out: Labels = first[..joined].iter().chain(&second[1..]).copied().collect();
        let factors = vec![
            Factor { node: a, labels: first, exponent: Rational::ONE },
            Factor { node: b, labels: second, exponent: Rational::ONE },
        ];
        self.contract(Rational::ONE, factors, out, sizes)
    }
}
