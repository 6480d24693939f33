//! Reductions over the last axes of a tensor.

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{NodeId, Op, Reduction};

impl Graph {
    /// The last `axes` axes of a node taken together; views go outwards, so that a reduction is of what it depends on.
    pub fn reduce(&mut self, how: Reduction, node: NodeId, axes: usize) -> NodeId {
        let shape = self.shape(node).clone();
        if axes == 0 {
            return node;
        }
        let kept = shape.len() - axes;
        let out: Shape = shape[..kept].iter().copied().collect();
        let mut sizes = Vec::new();
        // What does not depend on a reduced axis is the same along it.
        if let Some((c, scalar)) = self.as_constant_tensor(node) {
            let value = match scalar {
                None => self.number(c),
                Some(node) => self.scale(c, node),
            };
            let value = self.along(how, value, &shape[kept..]);
            return self.broadcast(value, &out);
        }
        if let Some(view) = self.as_view(node) {
            let mut axes_kept: Vec<(usize, usize)> = Vec::new();
            let mut axes_reduced: Vec<usize> = Vec::new();
            for (place, axis) in view.axes.iter().enumerate() {
                if *axis < kept {
                    axes_kept.push((*axis, place));
                } else {
                    axes_reduced.push(place);
                }
            }
            (kept..shape.len()).filter(|a| !view.axes.contains(a)).for_each(|a| sizes.push(shape[a]));
            let trivial = sizes.is_empty()
                && axes_kept.len() == kept
                && axes_kept.iter().enumerate().all(|(i, (axis, place))| i == *axis && i == *place);
            if !trivial {
                let order: Vec<usize> =
                    axes_kept.iter().map(|(_, place)| *place).chain(axes_reduced.iter().copied()).collect();
                let core = self.permute(view.core, &order);
                // A core whose axes must stand in this order is reduced as it is seen.
                if core != node {
                    let reduced = self.reduce(how, core, axes_reduced.len());
                    let reduced = self.along(how, reduced, &sizes);
                    let places: Vec<usize> = axes_kept.iter().map(|(axis, _)| *axis).collect();
                    return self.expand(reduced, &places, &out);
                }
            }
        }
        // The largest of -x is minus the smallest of x, and a common positive factor comes out.
        if matches!(how, Reduction::Max | Reduction::Min) {
            let (c, core) = self.split_coefficient(node);
            if !c.is_one() {
                let how = match how {
                    Reduction::Max if c.is_negative() => Reduction::Min,
                    Reduction::Min if c.is_negative() => Reduction::Max,
                    how => how,
                };
                let inner = self.reduce(how, core, axes);
                return self.scaled(c, inner);
            }
        }
        self.intern(Op::Reduce(how, node, axes as u8), out)
    }

    /// What a reduction makes of equal numbers: as many as the product of the sizes.
    fn along(&mut self, how: Reduction, value: NodeId, sizes: &[NodeId]) -> NodeId {
        if sizes.is_empty() {
            return value;
        }
        let powers: Vec<(NodeId, Rational)> = sizes.iter().map(|s| (*s, Rational::ONE)).collect();
        let count = self.product(Rational::ONE, &powers);
        match how {
            Reduction::Max | Reduction::Min => value,
            Reduction::LogSumExp => {
                let more = self.call(known().log, &[count]);
                let shape = self.shape(value).clone();
                let more = self.broadcast(more, &shape);
                self.sum(&[(Rational::ONE, value), (Rational::ONE, more)])
            }
            Reduction::Product => {
                let shape = self.shape(value).clone();
                let count = self.broadcast(count, &shape);
                self.general_power(value, count)
            }
            Reduction::ArgMax => {
                let one = self.one();
                let shape = self.shape(value).clone();
                self.broadcast(one, &shape)
            }
        }
    }
}
