//! The arena: nodes made once, and what is known of each.

use agnesi_functions::FunctionId;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use crate::Rational;
use crate::bounds::Bounds;
use crate::facts::Facts;
use crate::laws::LawCache;
use crate::op::{Args, Constant, Contract, Labels, NodeId, Op, Sum, SymbolId};
use crate::types::Structure;

/// The sizes of a node's axes, each a scalar node of the same graph.
pub type Shape = SmallVec<[NodeId; 2]>;

/// A free name and what is known of it.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The name.
    pub name: SmolStr,
    /// What is known of its entries.
    pub facts: Facts,
    /// The sizes of its axes.
    pub shape: Shape,
    /// What is known of it as a matrix.
    pub structure: Structure,
}

/// A hash-consed arena of typed operations. Constructors put every expression into normal form.
pub struct Graph {
    pub(crate) ops: Vec<Op>,
    shapes: Vec<Shape>,
    masks: Vec<u64>,
    hashes: Vec<u64>,
    /// Of each node a number that is the same under other names of bound symbols; of those that were asked for and those
    /// before them.
    outlines: Vec<u64>,
    index: HashTable<u32>,
    symbols: Vec<Symbol>,
    nodes_of_symbols: Vec<NodeId>,
    by_name: FxHashMap<SmolStr, SymbolId>,
    pub(crate) bounds: Vec<Option<Box<Bounds>>>,
    pub(crate) laws: LawCache,
    pub(crate) taught: Vec<crate::taught::Taught>,
    pub(crate) meanings: crate::taught::Meanings,
    pub(crate) structures: FxHashMap<NodeId, Structure>,
    pub(crate) entries: crate::tensor::Entries,
    /// Index tensors no two entries of which are equal.
    pub(crate) injective: rustc_hash::FxHashSet<NodeId>,
    /// The loops.
    pub(crate) loops: Vec<NodeId>,
    /// Whether any node has axes.
    tensors: bool,
    zero: NodeId,
    one: NodeId,
    pub(crate) yes: NodeId,
    /// Those of 0, 1, 2, ... that are there.
    small_numbers: [Option<NodeId>; 17],
}

impl Default for Graph {
    fn default() -> Graph {
        Graph::new()
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Graph {
        let mut graph = Graph {
            ops: Vec::with_capacity(1024),
            shapes: Vec::with_capacity(1024),
            masks: Vec::with_capacity(1024),
            hashes: Vec::with_capacity(1024),
            outlines: Vec::new(),
            index: HashTable::with_capacity(1024),
            symbols: Vec::new(),
            nodes_of_symbols: Vec::new(),
            by_name: FxHashMap::default(),
            bounds: Vec::new(),
            laws: LawCache::default(),
            taught: Vec::new(),
            meanings: crate::taught::Meanings::default(),
            structures: FxHashMap::default(),
            entries: crate::tensor::Entries::default(),
            injective: rustc_hash::FxHashSet::default(),
            loops: Vec::new(),
            tensors: false,
            zero: NodeId(0),
            one: NodeId(0),
            yes: NodeId(0),
            small_numbers: [None; 17],
        };
        graph.zero = graph.number(Rational::ZERO);
        graph.one = graph.number(Rational::ONE);
        graph.yes = graph.intern(Op::Truth(true), Shape::new());
        graph
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Never true: zero and one are always there.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// What a node is.
    pub fn op(&self, node: NodeId) -> &Op {
        &self.ops[node.index()]
    }

    /// The sizes of a node's axes; none for a scalar.
    pub fn shape(&self, node: NodeId) -> &Shape {
        &self.shapes[node.index()]
    }

    /// Whether a node has no axes.
    pub fn is_scalar(&self, node: NodeId) -> bool {
        self.shapes[node.index()].is_empty()
    }

    /// Whether any node has axes; without, all are scalars of scalars.
    pub(crate) fn has_tensors(&self) -> bool {
        self.tensors
    }

    /// The number 0.
    pub fn zero(&self) -> NodeId {
        self.zero
    }

    /// The number 1.
    pub fn one(&self) -> NodeId {
        self.one
    }

    /// A free symbol: the one of this name if there is one already, with the facts it was first given.
    pub fn symbol(&mut self, name: &str) -> NodeId {
        self.declare(name, Facts::REAL, Shape::new())
    }

    /// A free symbol with facts and sizes; those given first stay.
    pub fn declare(&mut self, name: &str, facts: Facts, shape: Shape) -> NodeId {
        if let Some(id) = self.by_name.get(name) {
            return self.nodes_of_symbols[id.0 as usize];
        }
        self.fresh_symbol(SmolStr::new(name), facts, shape, Structure::NONE, true)
    }

    /// A free symbol of a type, with its sizes as nodes; what was given first stays.
    pub fn declare_tensor(&mut self, name: &str, facts: Facts, structure: Structure, shape: Shape) -> NodeId {
        if let Some(id) = self.by_name.get(name) {
            return self.nodes_of_symbols[id.0 as usize];
        }
        self.fresh_symbol(SmolStr::new(name), facts, shape, structure, true)
    }

    /// A symbol that no text can name and no later call returns: for patterns and bound variables.
    pub fn anonymous(&mut self, name: &str, facts: Facts) -> NodeId {
        self.fresh_symbol(SmolStr::new(name), facts, Shape::new(), Structure::NONE, false)
    }

    /// A tensor that no text can name and no later call returns.
    pub fn anonymous_tensor(&mut self, name: &str, facts: Facts, shape: Shape) -> NodeId {
        self.fresh_symbol(SmolStr::new(name), facts, shape, Structure::NONE, false)
    }

    fn fresh_symbol(
        &mut self,
        name: SmolStr,
        facts: Facts,
        shape: Shape,
        structure: Structure,
        named: bool,
    ) -> NodeId {
        let id = SymbolId(self.symbols.len() as u32);
        if named {
            self.by_name.insert(name.clone(), id);
        }
        self.symbols.push(Symbol { name, facts, shape: shape.clone(), structure });
        let node = self.intern(Op::Symbol(id), shape);
        self.nodes_of_symbols.push(node);
        node
    }

    /// Takes a name from its symbol, so that it can be declared anew; nodes that are there keep it.
    pub(crate) fn forget_symbol(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// The symbol of this name, if it is there.
    pub fn find_symbol(&self, name: &str) -> Option<SymbolId> {
        self.by_name.get(name).copied()
    }

    /// A symbol's name, facts and sizes.
    pub fn symbol_info(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// The node of a symbol.
    pub fn symbol_node(&self, id: SymbolId) -> NodeId {
        self.nodes_of_symbols[id.0 as usize]
    }

    /// The symbol, if the node is one.
    pub fn as_symbol(&self, node: NodeId) -> Option<SymbolId> {
        match self.op(node) {
            Op::Symbol(id) => Some(*id),
            _ => None,
        }
    }

    /// An exact number.
    pub fn number(&mut self, value: Rational) -> NodeId {
        let small = value.as_integer().and_then(|n| usize::try_from(n).ok());
        if let Some(n) = small
            && let Some(Some(known)) = self.small_numbers.get(n)
        {
            return *known;
        }
        let number =
            Contract { coefficient: value, factors: SmallVec::new(), out: Labels::new(), sizes: smallvec![] };
        let node = self.intern_contract(number, Shape::new());
        if let Some(place) = small.and_then(|n| self.small_numbers.get_mut(n)) {
            *place = Some(node);
        }
        node
    }

    /// A small integer.
    pub fn integer(&mut self, n: i64) -> NodeId {
        self.number(Rational::from(n))
    }

    /// π, e or infinity.
    pub fn constant(&mut self, constant: Constant) -> NodeId {
        self.intern(Op::Constant(constant), Shape::new())
    }

    /// The value, if the node is a number.
    pub fn as_number(&self, node: NodeId) -> Option<&Rational> {
        match self.op(node) {
            Op::Contract(c) if c.factors.is_empty() && c.out.is_empty() => Some(&c.coefficient),
            _ => None,
        }
    }

    /// Whether the node is the number 0 or a tensor of zeros.
    pub fn is_zero(&self, node: NodeId) -> bool {
        match self.op(node) {
            Op::Contract(c) => c.coefficient.is_zero(),
            _ => false,
        }
    }

    /// The function and arguments, if the node is a call.
    pub fn as_call(&self, node: NodeId) -> Option<(FunctionId, &Args)> {
        match self.op(node) {
            Op::Call(f, args) => Some((*f, args)),
            _ => None,
        }
    }

    /// The scalar node taken apart as a coefficient and a node of coefficient 1 (the number 1 for a number).
    pub fn split_coefficient(&mut self, node: NodeId) -> (Rational, NodeId) {
        let Op::Contract(c) = self.op(node) else { return (Rational::ONE, node) };
        if c.coefficient.is_one() {
            return (Rational::ONE, node);
        }
        let coefficient = c.coefficient.clone();
        if let [f] = &*c.factors {
            // One factor without coefficient is the factor itself, unless it is a diagonal seen as a matrix.
            let repeats = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
            if f.exponent.is_one() && f.labels == c.out && !repeats {
                return (coefficient, f.node);
            }
        }
        let rest = Contract { coefficient: Rational::ONE, ..Contract::clone(c) };
        let shape = self.shape(node).clone();
        (coefficient, self.intern_contract(rest, shape))
    }

    /// Whether a node may contain a symbol; false is certain.
    #[inline]
    pub fn may_contain(&self, node: NodeId, symbol: SymbolId) -> bool {
        self.masks[node.index()] & symbol_bit(symbol) != 0
    }

    /// Whether a node contains no symbol at all.
    pub fn is_closed(&self, node: NodeId) -> bool {
        self.masks[node.index()] == 0
    }

    /// The node of an operation, if it is there.
    pub(crate) fn find(&self, op: &Op) -> Option<NodeId> {
        self.known(hash_of(op), |known| known == op)
    }

    /// Makes a node, or finds the one that is equal. The op must be in normal form.
    pub(crate) fn intern(&mut self, op: Op, shape: Shape) -> NodeId {
        let hash = hash_of(&op);
        if let Some(node) = self.known(hash, |known| *known == op) {
            return node;
        }
        self.insert(op, shape, hash)
    }

    /// [`Graph::intern`] of a sum, which is moved into memory of its own only if it is new.
    #[inline]
    pub(crate) fn intern_sum(&mut self, sum: Sum, shape: Shape) -> NodeId {
        let hash = hash_of_held(SUM, &sum);
        if let Some(node) = self.known(hash, |known| matches!(known, Op::Add(known) if **known == sum)) {
            return node;
        }
        self.insert(Op::Add(Arc::new(sum)), shape, hash)
    }

    /// [`Graph::intern`] of a contraction, which is moved into memory of its own only if it is new.
    #[inline]
    pub(crate) fn intern_contract(&mut self, contract: Contract, shape: Shape) -> NodeId {
        let hash = hash_of_held(CONTRACTION, &contract);
        if let Some(node) =
            self.known(hash, |known| matches!(known, Op::Contract(known) if **known == contract))
        {
            return node;
        }
        self.insert(Op::Contract(Arc::new(contract)), shape, hash)
    }

    fn known(&self, hash: u64, is_same: impl Fn(&Op) -> bool) -> Option<NodeId> {
        let same = |id: &u32| self.hashes[*id as usize] == hash && is_same(&self.ops[*id as usize]);
        self.index.find(hash, same).map(|id| NodeId(*id))
    }

    /// Makes a node that is not there yet.
    fn insert(&mut self, op: Op, shape: Shape, hash: u64) -> NodeId {
        let mut mask = 0;
        let mut bound = None;
        match &op {
            Op::Symbol(id) => mask = symbol_bit(*id),
            Op::Integral { variable, .. } => bound = Some(*variable),
            _ => {}
        }
        match &op {
            Op::Loop(made) => mask = self.loop_mask(made),
            op => for_each_child(op, |child| mask |= self.masks[child.index()]),
        }
        if let Some(variable) = bound
            && variable.0 < 63
        {
            mask &= !symbol_bit(variable);
            if let Op::Integral { from, to, .. } = &op {
                mask |= self.masks[from.index()] | self.masks[to.index()];
            }
        }
        let id = self.ops.len() as u32;
        self.tensors |= !shape.is_empty();
        self.ops.push(op);
        self.shapes.push(shape);
        self.masks.push(mask);
        self.hashes.push(hash);
        self.index.insert_unique(hash, id, |&id| self.hashes[id as usize]);
        NodeId(id)
    }

    /// The outline of an operation: its kind and the outlines of its children, in any order, since the order of terms and
    /// factors hangs on names. Symbols without a name of their own have the same one.
    fn outline_of(&self, op: &Op) -> u64 {
        let own = match op {
            Op::Symbol(id) => {
                let known = self.by_name.get(&self.symbols[id.0 as usize].name) == Some(id);
                FxBuildHasher.hash_one(known.then_some(*id))
            }
            Op::Call(f, _) => FxBuildHasher.hash_one(f),
            Op::Constant(_)
            | Op::Add(_)
            | Op::Contract(_)
            | Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Iota(_)
            | Op::OneHot(..)
            | Op::Loop(_) => FxBuildHasher.hash_one(std::mem::discriminant(op)),
        };
        let mut sum = 0u64;
        for_each_child(op, |child| sum = sum.wrapping_add(self.outlines[child.index()]));
        FxBuildHasher.hash_one((own, sum))
    }

    /// Whether two nodes may be the same under other names of bound symbols.
    pub(crate) fn may_be_alike(&mut self, a: NodeId, b: NodeId) -> bool {
        while self.outlines.len() <= a.max(b).index() {
            let outline = self.outline_of(&self.ops[self.outlines.len()]);
            self.outlines.push(outline);
        }
        self.outlines[a.index()] == self.outlines[b.index()]
    }

    /// The symbols of a loop without those that it binds.
    fn loop_mask(&self, made: &crate::op::Loop) -> u64 {
        let mask = |node: NodeId| self.masks[node.index()];
        let inside = made.states.iter().fold(0, |all, state| all | mask(state.next));
        let bound = made.states.iter().map(|state| state.symbol).chain([made.step]);
        // The last bit is that of many symbols.
        let bound = bound.filter(|symbol| symbol.0 < 63).fold(0, |all, symbol| all | symbol_bit(symbol));
        made.states.iter().fold((inside & !bound) | mask(made.count), |all, state| all | mask(state.first))
    }

    /// Calls `visit` with each child of a node, in order.
    pub fn for_each_child(&self, node: NodeId, visit: impl FnMut(NodeId)) {
        for_each_child(self.op(node), visit);
    }

    /// All nodes below and with `root`, children before parents.
    pub fn topological(&self, root: NodeId) -> Vec<NodeId> {
        self.topological_where(root, |_| true)
    }

    /// The nodes with `root` and below it that are reached through nodes of which `keep` is true, children before
    /// parents.
    pub fn topological_where(&self, root: NodeId, keep: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        // A few are found faster by looking at them all.
        const FEW: usize = 32;
        let mut seen = rustc_hash::FxHashSet::default();
        let mut found = Vec::with_capacity(FEW);
        found.push(root);
        let mut next = 0;
        while let Some(&node) = found.get(next) {
            next += 1;
            self.for_each_child(node, |child| {
                if !keep(child) {
                    return;
                }
                if found.len() == FEW && seen.is_empty() {
                    seen.extend(found.iter().copied());
                }
                let new = if found.len() < FEW { !found.contains(&child) } else { seen.insert(child) };
                if new {
                    found.push(child);
                }
            });
        }
        found.sort_unstable();
        found
    }
}

/// What sets sums and contractions apart from what is equal to them within.
const SUM: u8 = 0;
const CONTRACTION: u8 = 1;

/// The hash of an operation by which it is found.
fn hash_of(op: &Op) -> u64 {
    if let Op::Add(sum) = op {
        hash_of_held(SUM, &**sum)
    } else if let Op::Contract(contract) = op {
        hash_of_held(CONTRACTION, &**contract)
    } else {
        FxBuildHasher.hash_one(op)
    }
}

fn hash_of_held(kind: u8, held: &impl Hash) -> u64 {
    FxBuildHasher.hash_one((kind, held))
}

#[inline]
fn symbol_bit(id: SymbolId) -> u64 {
    // Symbols past the 63rd share a bit: containment is then only "may".
    1 << id.0.min(63)
}

/// Calls `visit` with each child of an operation, in order.
pub(crate) fn for_each_child(op: &Op, mut visit: impl FnMut(NodeId)) {
    match op {
        Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) => {}
        Op::Add(sum) => sum.terms.iter().for_each(|(_, node)| visit(*node)),
        Op::Contract(c) => {
            c.factors.iter().for_each(|f| visit(f.node));
            c.sizes.iter().for_each(|size| visit(*size));
        }
        Op::Call(_, args) => args.iter().for_each(|a| visit(*a)),
        Op::Compare(_, a) | Op::Not(a) => visit(*a),
        Op::And(list) | Op::Or(list) => list.iter().for_each(|a| visit(*a)),
        Op::Select(c, a, b) => [c, a, b].into_iter().for_each(|x| visit(*x)),
        Op::Integral { body, from, to, .. } => [body, from, to].into_iter().for_each(|x| visit(*x)),
        Op::Reduce(_, a, _) | Op::Linear(_, a) | Op::Iota(a) => visit(*a),
        Op::OneHot(index, size) => [index, size].into_iter().for_each(|x| visit(*x)),
        Op::Loop(made) => {
            visit(made.count);
            made.states.iter().for_each(|state| visit(state.first));
            made.states.iter().for_each(|state| visit(state.next));
        }
    }
}
