//! Functions that a user teaches in a session: rows whose columns are trees.

use agnesi_functions::{FunctionId, table};
use agnesi_syntax::{Tree, TreeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::elaborate::Operators;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::op::{NodeId, SymbolId};

/// A function taught in a session.
#[derive(Clone, Debug)]
pub struct Taught {
    /// Its name.
    pub name: SmolStr,
    /// The names of its arguments.
    pub args: Vec<SmolStr>,
    /// Settled: its value, in terms of its arguments.
    pub meaning: (Tree, TreeId),
    /// Settled: its partial derivatives; without them the meaning is differentiated.
    pub derivative: Option<Vec<(Tree, TreeId)>>,
}

/// What a taught function means, in symbols of its own.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// The symbols that stand for its arguments.
    pub args: Vec<SymbolId>,
    /// Its value.
    pub value: NodeId,
    /// Where it has one.
    pub domain: NodeId,
}

/// The meanings that were asked for, each read once.
#[derive(Default)]
pub(crate) struct Meanings {
    known: FxHashMap<FunctionId, Option<Meaning>>,
    depth: usize,
}

/// Functions taught in terms of each other are followed so far.
const MOST_NESTED: usize = 64;

impl Graph {
    /// What a taught function means; `None` for a row of the table, and where the meaning has no single value or cannot
    /// be read.
    pub fn meaning_of(&mut self, f: FunctionId, operators: &mut dyn Operators) -> Option<Meaning> {
        if let Some(known) = self.meanings.known.get(&f) {
            return known.clone();
        }
        let taught = self.taught(f)?.clone();
        if self.meanings.depth >= MOST_NESTED {
            return None;
        }
        self.meanings.depth += 1;
        let args: Vec<NodeId> = taught.args.iter().map(|arg| self.anonymous(arg, Facts::REAL)).collect();
        let names: Vec<(&str, NodeId)> =
            taught.args.iter().map(SmolStr::as_str).zip(args.iter().copied()).collect();
        let (tree, root) = &taught.meaning;
        let read = self.elaborate_with(tree, *root, &names, operators);
        self.meanings.depth -= 1;
        let meaning = read.ok().map(|(value, domain)| {
            let args = args.iter().filter_map(|arg| self.as_symbol(*arg)).collect();
            Meaning { args, value, domain }
        });
        self.meanings.known.insert(f, meaning.clone());
        meaning
    }

    /// Where a call of a taught function has a value; `None` where nothing is known of it.
    pub fn taught_domain(
        &mut self,
        f: FunctionId,
        args: &[NodeId],
        operators: &mut dyn Operators,
    ) -> Option<NodeId> {
        let meaning = self.meaning_of(f, operators)?;
        let mut domain = meaning.domain;
        for (symbol, arg) in meaning.args.iter().zip(args) {
            domain = self.substitute(domain, *symbol, *arg);
        }
        Some(domain)
    }

    /// A node with calls of taught functions replaced by what they mean; `None` where one has no meaning as a single
    /// value.
    pub fn spell_out(&mut self, node: NodeId, operators: &mut dyn Operators) -> Option<NodeId> {
        if self.taught.is_empty() {
            return Some(node);
        }
        let mut node = node;
        // A meaning may speak of other taught functions.
        for _ in 0..MOST_NESTED {
            let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
            let mut found = false;
            for id in self.topological(node) {
                let made = match self.as_call(id).map(|(f, args)| (f, args.to_vec())) {
                    Some((f, args)) if self.taught(f).is_some() => {
                        found = true;
                        let args: Vec<NodeId> = args.iter().map(|arg| done[arg]).collect();
                        self.meant(f, &args, operators)?
                    }
                    _ => self.rebuild(id, &|child| done[&child]),
                };
                done.insert(id, made);
            }
            if !found {
                return Some(node);
            }
            node = done[&node];
        }
        None
    }

    /// A taught function of arguments, entry by entry.
    fn meant(&mut self, f: FunctionId, args: &[NodeId], operators: &mut dyn Operators) -> Option<NodeId> {
        let meaning = self.meaning_of(f, operators)?;
        let shape = self.common_shape(args);
        let mut value = meaning.value;
        for (symbol, arg) in meaning.args.iter().zip(args) {
            let entry = if self.is_scalar(*arg) { *arg } else { self.entry(*arg) };
            value = self.substitute(value, *symbol, entry);
        }
        Some(self.lift(value, &shape))
    }

    /// Adds a function; calls of its name are then its own.
    pub fn teach(&mut self, taught: Taught) -> FunctionId {
        // One of the same name may have been meant before.
        self.meanings.known.clear();
        self.taught.push(taught);
        FunctionId((table().len() + self.taught.len() - 1) as u16)
    }

    /// The function of this name: taught ones first, then the table.
    pub fn find_function(&self, name: &str) -> Option<FunctionId> {
        let taught = self.taught.iter().rposition(|t| t.name == name);
        taught.map(|i| FunctionId((table().len() + i) as u16)).or_else(|| agnesi_functions::find(name))
    }

    /// The taught function behind an id; `None` for a row of the table.
    pub fn taught(&self, f: FunctionId) -> Option<&Taught> {
        (f.0 as usize).checked_sub(table().len()).and_then(|i| self.taught.get(i))
    }

    /// The name of a function.
    pub fn function_name(&self, f: FunctionId) -> &str {
        match self.taught(f) {
            Some(taught) => &taught.name,
            None => f.row().name,
        }
    }
}
