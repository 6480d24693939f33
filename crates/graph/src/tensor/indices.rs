//! Indices: the numbers 1, 2, ..., n, and tensors that are 1 at an index and 0 elsewhere.

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::op::{Factor, Labels, NodeId, Op};

impl Graph {
    /// The vector 1, 2, ..., n.
    pub fn iota(&mut self, size: NodeId) -> NodeId {
        let shape = Shape::from_elem(size, 1);
        let one = self.one();
        if size == one {
            return self.broadcast(one, &shape);
        }
        let node = self.intern(Op::Iota(size), shape);
        self.injective.insert(node);
        node
    }

    /// 1 where the last axis, of a given size, is the index, else 0.
    pub fn one_hot(&mut self, index: NodeId, size: NodeId) -> NodeId {
        // There is but one place, so that an index that is inside is there.
        if size == self.one()
            && self.as_constant_tensor(index).is_some_and(|(c, s)| c.is_one() && s.is_none())
        {
            let mut shape = self.shape(index).clone();
            shape.push(size);
            return self.broadcast(size, &shape);
        }
        // Each number in its own place: the identity.
        if matches!(self.op(index), Op::Iota(n) if *n == size) {
            return self.identity(size);
        }
        // What does not depend on an axis is the same along it.
        if let Some((cores, axes, shape)) = self.common_core(&[index]) {
            let core = self.one_hot(cores[0], size);
            let mut whole = shape;
            let mut places = axes;
            places.push(whole.len());
            whole.push(size);
            return self.expand(core, &places, &whole);
        }
        let mut shape = self.shape(index).clone();
        shape.push(size);
        self.intern(Op::OneHot(index, size), shape)
    }

    /// The identity matrix.
    pub fn identity(&mut self, size: NodeId) -> NodeId {
        self.contract(Rational::ONE, Vec::new(), Labels::from_slice(&[0, 0]), vec![size])
    }

    /// The entries of a node at an index of one of its axes: the axes of the index stand in its place.
    pub fn pick(&mut self, node: NodeId, axis: usize, index: NodeId) -> NodeId {
        let shape = self.shape(node).clone();
        let hot = self.one_hot(index, shape[axis]);
        let inner = self.shape(index).len();
        let rank = shape.len();
        let mut sizes: Vec<NodeId> = shape.to_vec();
        let labels: Labels = (0..rank as u8).collect();
        let mut index_labels = Labels::new();
        for size in self.shape(index).to_vec() {
            index_labels.push(sizes.len() as u8);
            sizes.push(size);
        }
        let mut hot_labels = index_labels.clone();
        hot_labels.push(axis as u8);
        let mut out = Labels::new();
        for a in 0..rank {
            if a == axis {
                out.extend(index_labels.iter().copied());
            } else {
                out.push(a as u8);
            }
        }
        debug_assert_eq!(index_labels.len(), inner);
        let factors = vec![
            Factor { node, labels, exponent: Rational::ONE },
            Factor { node: hot, labels: hot_labels, exponent: Rational::ONE },
        ];
        self.contract(Rational::ONE, factors, out, sizes)
    }
}

impl Graph {
    /// The numbers from `first` on, as many as `size`: `first, first + 1, ...`.
    pub fn range(&mut self, first: NodeId, size: NodeId) -> NodeId {
        let iota = self.iota(size);
        let one = self.one();
        let before = self.sub(first, one);
        if self.is_zero(before) {
            return iota;
        }
        let shape = self.shape(iota).clone();
        let before = self.broadcast(before, &shape);
        let node = self.sum(&[(Rational::ONE, iota), (Rational::ONE, before)]);
        self.injective.insert(node);
        node
    }

    /// Where entry `[i, j]` of an n x m matrix stands when its columns are written one below the other: `i + n*(j - 1)`.
    pub fn column_major(&mut self, rows: NodeId, columns: NodeId) -> NodeId {
        let shape: Shape = [rows, columns].into_iter().collect();
        let (i, j) = (self.iota(rows), self.iota(columns));
        let (i, j) = (self.expand(i, &[0], &shape), self.expand(j, &[1], &shape));
        let j = self.times_scalar(rows, j);
        let back = self.broadcast(rows, &shape);
        let node = self.sum(&[(Rational::ONE, i), (Rational::ONE, j), (Rational::MINUS_ONE, back)]);
        self.injective.insert(node);
        node
    }

    /// The columns of a matrix one below the other.
    pub fn vec(&mut self, matrix: NodeId) -> NodeId {
        let [rows, columns] = self.shape(matrix)[..] else { return matrix };
        let size = self.mul(rows, columns);
        let index = self.column_major(rows, columns);
        let hot = self.one_hot(index, size);
        let factors = vec![
            Factor { node: matrix, labels: Labels::from_slice(&[0, 1]), exponent: Rational::ONE },
            Factor { node: hot, labels: Labels::from_slice(&[0, 1, 2]), exponent: Rational::ONE },
        ];
        self.contract(Rational::ONE, factors, Labels::from_slice(&[2]), vec![rows, columns, size])
    }

    /// A vector as the columns of a matrix, one after the other.
    pub fn unvec(&mut self, vector: NodeId, rows: NodeId, columns: NodeId) -> NodeId {
        let size = self.shape(vector)[0];
        let index = self.column_major(rows, columns);
        let hot = self.one_hot(index, size);
        let factors = vec![
            Factor { node: vector, labels: Labels::from_slice(&[2]), exponent: Rational::ONE },
            Factor { node: hot, labels: Labels::from_slice(&[0, 1, 2]), exponent: Rational::ONE },
        ];
        self.contract(Rational::ONE, factors, Labels::from_slice(&[0, 1]), vec![rows, columns, size])
    }

    /// The Kronecker product: block `[i, j]` is `a[i, j]*b`.
    pub fn kron(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let ([n, m], [p, q]) = (&self.shape(a)[..], &self.shape(b)[..]) else { return a };
        let (n, m, p, q) = (*n, *m, *p, *q);
        let (rows, columns) = (self.mul(n, p), self.mul(m, q));
        // Row (i, k) is k + p*(i - 1): the row within the block runs fastest.
        let (row, column) = (self.column_major(p, n), self.column_major(q, m));
        let (row, column) = (self.one_hot(row, rows), self.one_hot(column, columns));
        let one = Rational::ONE;
        let factors = vec![
            Factor { node: a, labels: Labels::from_slice(&[0, 1]), exponent: one.clone() },
            Factor { node: b, labels: Labels::from_slice(&[2, 3]), exponent: one.clone() },
            Factor { node: row, labels: Labels::from_slice(&[2, 0, 4]), exponent: one.clone() },
            Factor { node: column, labels: Labels::from_slice(&[3, 1, 5]), exponent: one.clone() },
        ];
        self.contract(one, factors, Labels::from_slice(&[4, 5]), vec![n, m, p, q, rows, columns])
    }
}
