//! Indices: the numbers 1, 2, ..., n, and tensors that are 1 at an index and 0 elsewhere.

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::op::{Factor, Labels, NodeId, Op};

impl Graph {
    /// The vector 1, 2, ..., n.
    pub fn iota(&mut self, size: NodeId) -> NodeId {
        self.intern(Op::Iota(size), Shape::from_elem(size, 1))
    }

    /// 1 where the last axis, of a given size, is the index, else 0.
    pub fn one_hot(&mut self, index: NodeId, size: NodeId) -> NodeId {
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
