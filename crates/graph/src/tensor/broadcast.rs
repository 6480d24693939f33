//! Tensors that do not depend on some of their axes, or have them in another order: views of a core.

use smallvec::SmallVec;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::op::{Factor, Labels, NodeId, Op};

/// A node as a view: entry `[i...]` is the core's entry at the axes named by `labels`.
pub(crate) struct View {
    /// What is seen.
    pub core: NodeId,
    /// For each axis of the core, the axis of the node that it is.
    pub axes: SmallVec<[usize; 4]>,
}

impl Graph {
    /// The node as a view of a smaller or permuted core, if it is one. A diagonal is none.
    pub(crate) fn as_view(&self, node: NodeId) -> Option<View> {
        let Op::Contract(c) = self.op(node) else { return None };
        if c.out.is_empty() || (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i])) {
            return None;
        }
        let [f] = &c.factors[..] else { return None };
        if !c.coefficient.is_one() || !f.exponent.is_one() {
            return None;
        }
        let axis = |l: &u8| c.out.iter().position(|o| o == l);
        let axes: SmallVec<[usize; 4]> = f.labels.iter().map(axis).collect::<Option<_>>()?;
        let distinct = (1..axes.len()).all(|i| !axes[..i].contains(&axes[i]));
        distinct.then_some(View { core: f.node, axes })
    }

    /// A tensor of this shape whose axes `axes[k]` are the axes of the node, constant along the others.
    pub fn expand(&mut self, node: NodeId, axes: &[usize], shape: &Shape) -> NodeId {
        let plain = axes.len() == shape.len() && axes.iter().enumerate().all(|(i, a)| i == *a);
        if plain {
            return node;
        }
        let out: Labels = (0..shape.len() as u8).collect();
        let labels: Labels = axes.iter().map(|a| *a as u8).collect();
        let factor = Factor { node, labels, exponent: Rational::ONE };
        self.contract(Rational::ONE, vec![factor], out, shape.to_vec())
    }

    /// The value everywhere, if the node is a tensor of one value: a scalar node.
    pub fn as_constant_tensor(&self, node: NodeId) -> Option<(Rational, Option<NodeId>)> {
        let Op::Contract(c) = self.op(node) else { return None };
        if (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i])) {
            return None;
        }
        match &c.factors[..] {
            [] => Some((c.coefficient.clone(), None)),
            [f] if f.labels.is_empty() && f.exponent.is_one() => Some((c.coefficient.clone(), Some(f.node))),
            _ => None,
        }
    }

    /// Several tensors of one shape, or scalars, as views of cores over the axes that at least one of them depends on:
    /// the cores' new shape, the cores over it, and which axis each is. `None` if all axes are needed as they are.
    pub(crate) fn common_core(&mut self, args: &[NodeId]) -> Option<(Vec<NodeId>, Vec<usize>, Shape)> {
        let shape = args.iter().map(|a| self.shape(*a)).find(|s| !s.is_empty())?.clone();
        let rank = shape.len();
        let mut used = vec![false; rank];
        let mut order: Option<Vec<usize>> = None;
        for a in args {
            if self.is_scalar(*a) || self.as_constant_tensor(*a).is_some() {
                continue;
            }
            match self.as_view(*a) {
                Some(view) => {
                    view.axes.iter().for_each(|i| used[*i] = true);
                    let here: Vec<usize> = view.axes.to_vec();
                    // A lone permuted core keeps its own order of axes.
                    order = match order {
                        None => Some(here),
                        Some(before) if before == here => Some(before),
                        Some(_) => Some(Vec::new()),
                    };
                }
                None => {
                    used = vec![true; rank];
                    order = Some(Vec::new());
                }
            }
        }
        let mut axes: Vec<usize> = (0..rank).filter(|i| used[*i]).collect();
        if let Some(order) = order
            && order.len() == axes.len()
        {
            axes = order;
        }
        if axes.len() == rank && axes.iter().enumerate().all(|(i, a)| i == *a) {
            return None;
        }
        let core_shape: Shape = axes.iter().map(|i| shape[*i]).collect();
        let mut cores = Vec::with_capacity(args.len());
        for a in args {
            if self.is_scalar(*a) {
                cores.push(*a);
            } else if let Some((c, scalar)) = self.as_constant_tensor(*a) {
                let value = match scalar {
                    None => self.number(c),
                    Some(node) => self.scale(c, node),
                };
                cores.push(self.broadcast(value, &core_shape));
            } else if let Some(view) = self.as_view(*a) {
                let places: Vec<usize> =
                    view.axes.iter().map(|i| axes.iter().position(|a| a == i)).collect::<Option<_>>()?;
                cores.push(self.expand(view.core, &places, &core_shape));
            } else {
                // Every axis is used: only their order differs, from one that is no view.
                let permutation: Vec<usize> = axes.clone();
                cores.push(self.permute(*a, &permutation));
            }
        }
        Some((cores, axes, shape))
    }
}
