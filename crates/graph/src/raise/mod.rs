//! Graph to tree: how a node is written, for the printers.
//!
//! Scalars of scalars are written by [`scalar`] as they stand in the graph. What contains a tensor goes through
//! [`matrix`]: each node becomes a [`form`] in matrix notation, the shortest that the search finds.

mod arithmetic;
mod columns;
mod contraction;
mod form;
mod index;
mod jacobian;
mod letters;
mod loops;
mod mask;
mod matrix;
mod named;
mod onehot;
mod product;
mod render;
mod scalar;
mod search;
mod sum;
#[cfg(test)]
mod tests;

use agnesi_syntax::{Kind, Span, Tree, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::graph::Graph;
use crate::op::{NodeId, Op, SymbolId};
use form::Forms;
pub use named::Raised;

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Terminating fractions as decimals: for those who wrote decimals.
    pub decimals: bool,
}

impl Graph {
    /// A node as a tree; shared nodes are shared in the tree. Tensors are written in matrix notation.
    pub fn raise(&mut self, node: NodeId, style: Style) -> (Tree, TreeId) {
        let mut raiser = Raiser::new(self, style);
        let root = raiser.raise(node);
        (raiser.tree, root)
    }

    /// Several nodes in one tree, as a vector.
    pub fn raise_vector(&mut self, nodes: &[NodeId], style: Style) -> (Tree, TreeId) {
        let mut raiser = Raiser::new(self, style);
        let ids: Vec<TreeId> = nodes.iter().map(|n| raiser.raise(*n)).collect();
        let list = raiser.tree.list(&ids);
        let root = raiser.tree.push(Kind::Vector(list), Span::default());
        (raiser.tree, root)
    }

    /// Rows of nodes in one tree, as a matrix.
    pub fn raise_matrix(&mut self, rows: &[Vec<NodeId>], style: Style) -> (Tree, TreeId) {
        let mut raiser = Raiser::new(self, style);
        let mut row_ids = Vec::new();
        for row in rows {
            let ids: Vec<TreeId> = row.iter().map(|n| raiser.raise(*n)).collect();
            let list = raiser.tree.list(&ids);
            row_ids.push(raiser.tree.push(Kind::Vector(list), Span::default()));
        }
        let list = raiser.tree.list(&row_ids);
        let root = raiser.tree.push(Kind::Matrix(list), Span::default());
        (raiser.tree, root)
    }

    /// A condition taken apart into those that must all hold.
    pub fn conjuncts(&self, condition: NodeId) -> Vec<NodeId> {
        match self.op(condition) {
            Op::And(list) => list.to_vec(),
            Op::Truth(true) => Vec::new(),
            _ => vec![condition],
        }
    }
}

/// What is written so far.
struct Raiser<'a> {
    g: &'a mut Graph,
    tree: Tree,
    /// The scalars that are written.
    done: FxHashMap<NodeId, TreeId>,
    style: Style,
    forms: Forms,
    /// The nodes with tensors that have a form.
    formed: FxHashMap<NodeId, form::Id>,
    /// The nodes that are or contain a tensor.
    tensorial: FxHashSet<NodeId>,
    /// How many nodes there were when that was found out.
    scanned: usize,
    /// The nodes that are being written.
    writing: FxHashSet<NodeId>,
    /// How many index names are in use around what is being written.
    indices: u8,
    /// The sizes that these run to.
    ranges: Vec<NodeId>,
    /// What stands at indices, as nodes.
    place_nodes: FxHashMap<form::Id, NodeId>,
    /// The nodes that stand for indices and what else has no node of its own, as they are written.
    place_forms: FxHashMap<NodeId, form::Id>,
    /// Tensors that stand for what is written as a whole.
    stand_ins: FxHashMap<NodeId, form::Id>,
    /// How deep entries are taken of entries.
    depth: u32,
    /// The names of the symbols that loops bind.
    bound: FxHashMap<SymbolId, SmolStr>,
    /// The loops whose symbols have names.
    named_loops: Vec<NodeId>,
}

impl<'a> Raiser<'a> {
    fn new(g: &'a mut Graph, style: Style) -> Raiser<'a> {
        Raiser {
            g,
            tree: Tree::new(),
            done: FxHashMap::default(),
            style,
            forms: Forms::new(style),
            formed: FxHashMap::default(),
            tensorial: FxHashSet::default(),
            scanned: 0,
            writing: FxHashSet::default(),
            indices: 0,
            ranges: Vec::new(),
            place_nodes: FxHashMap::default(),
            place_forms: FxHashMap::default(),
            stand_ins: FxHashMap::default(),
            depth: 0,
            bound: FxHashMap::default(),
            named_loops: Vec::new(),
        }
    }

    fn raise(&mut self, node: NodeId) -> TreeId {
        if self.g.has_tensors() && self.find_tensors(node) {
            let form = self.form(node);
            self.render(form)
        } else {
            self.node(node)
        }
    }

    /// Whether a node is or contains a tensor; notes all that do. The sizes of axes are none of its contents.
    fn find_tensors(&mut self, root: NodeId) -> bool {
        for node in self.g.topological(root) {
            let mut found = !self.g.is_scalar(node);
            if !found {
                let tensorial = &self.tensorial;
                self.g.for_each_child(node, |child| found |= tensorial.contains(&child));
            }
            if found {
                self.tensorial.insert(node);
            }
        }
        if self.scanned == 0 {
            self.scanned = self.g.len();
        }
        self.tensorial.contains(&root)
    }
}
