//! Exact values, then each way of differentiating against the other, on random tensors.

mod contraction;
mod derivatives;
mod drawing;
mod linear;
mod operations;

use agnesi_graph::{Facts, Graph, NodeId, Structure, SymbolId};

use super::{InterpretError, Random, Tensor, draw, interpret};

/// A graph under construction with values for its symbols.
struct World {
    g: Graph,
    values: Vec<(SymbolId, Tensor)>,
}

impl World {
    fn new() -> World {
        World { g: Graph::new(), values: Vec::new() }
    }

    fn symbol(&self, node: NodeId) -> SymbolId {
        self.g.as_symbol(node).expect("a symbol")
    }

    /// A size with a number.
    fn size(&mut self, name: &str, number: usize) -> NodeId {
        let node = self.g.symbol(name);
        self.values.push((self.symbol(node), Tensor::scalar(number as f64)));
        node
    }

    /// A tensor with given entries.
    fn tensor(&mut self, name: &str, shape: &[NodeId], entries: &[f64]) -> NodeId {
        let node = self.g.declare(name, Facts::REAL, shape.iter().copied().collect());
        let numbers: Vec<usize> = shape
            .iter()
            .map(|s| {
                let id = self.symbol(*s);
                self.values.iter().find(|(v, _)| *v == id).expect("bound").1.data()[0] as usize
            })
            .collect();
        let value = Tensor::new(numbers, entries.to_vec()).expect("as many entries");
        self.values.push((self.symbol(node), value));
        node
    }

    /// A tensor drawn at random.
    fn drawn(
        &mut self,
        name: &str,
        facts: Facts,
        structure: Structure,
        shape: &[NodeId],
        random: &mut Random,
    ) -> NodeId {
        let node = self.g.declare_tensor(name, facts, structure, shape.iter().copied().collect());
        let id = self.symbol(node);
        self.values.extend(draw(&self.g, &[id], &self.values, &[], random).expect("drawn"));
        node
    }

    fn value(&self, node: NodeId) -> Result<Tensor, InterpretError> {
        interpret(&self.g, &[node], &self.values).map(|mut values| values.remove(0))
    }

    #[track_caller]
    fn entries(&self, node: NodeId) -> Vec<f64> {
        self.value(node).expect("a value").data().to_vec()
    }
}

#[track_caller]
fn near(found: &[f64], wanted: &[f64], room: f64) {
    let scale = wanted.iter().fold(1.0f64, |most, x| most.max(x.abs()));
    let close = found.len() == wanted.len()
        && found
            .iter()
            .zip(wanted)
            .all(|(x, y)| x == y || (x - y).abs() <= room * scale || x.is_nan() && y.is_nan());
    assert!(close, "{found:?}\nis not {wanted:?}");
}
