//! The bridge to the simplifier, which works on graphs.

use agnesi_graph::{Graph, NodeId, Operators, Style, SymbolId};
use agnesi_syntax::{Tree, TreeId};

use crate::Simplifier;

/// A formula in the simplest form that is known: into the graph, simplified, and back. `None` if it cannot be read
/// there. Its value is the same wherever the formula was defined.
///
/// With a graph and a simplifier in cells this makes [`super::Options::simplify`].
pub fn simplified(
    graph: &mut Graph,
    simplifier: &mut Simplifier,
    tree: &Tree,
    root: TreeId,
    style: Style,
) -> Option<(Tree, TreeId)> {
    let read = graph.elaborate(tree, root, &mut Nothing).ok()?;
    let simple: Vec<NodeId> = read.components.iter().map(|&node| simplifier.simplify(graph, node)).collect();
    match (read.shape.as_slice(), simple.as_slice()) {
        ([], &[node]) => Some(graph.raise(node, style)),
        ([_], nodes) => Some(graph.raise_vector(nodes, style)),
        _ => None,
    }
}

/// No operators of calculus: where steps are done, none are left.
struct Nothing;

impl Operators for Nothing {
    fn derivative(&mut self, _: &mut Graph, _: NodeId, _: SymbolId) -> Result<NodeId, String> {
        Err("a derivative is left".to_string())
    }
}
