//! The table's rewrites, applied where a call is made.
//!
//! A row's `f(...) => ...` laws are sorted once by what their argument looks like, so that a call whose argument no
//! law speaks of costs one look.

use std::sync::{LazyLock, OnceLock};

use agnesi_functions::{FunctionId, Law, Parity, table};
use agnesi_syntax::{Binary, Kind, Prefix, TreeId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::facts::Facts;
use crate::graph::Graph;
use crate::matching::Bindings;
use crate::op::{NodeId, Op};
use crate::texts::{Text, text};

/// How deep rewrites may follow each other.
const MAX_DEPTH: u32 = 24;

/// What the arguments of a law's left side look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// No variables: an exact value.
    Closed,
    /// A call of this row in the first argument.
    Call(FunctionId),
    /// A product or power.
    Product,
    /// A sum.
    Sum,
    /// A bare variable under a guard, or several arguments.
    Any,
}

impl Look {
    /// A bit for each kind of look.
    fn bit(self) -> u8 {
        match self {
            Look::Closed => 1,
            Look::Call(_) => 2,
            Look::Product => 4,
            Look::Sum => 8,
            Look::Any => 16,
        }
    }
}

/// The rewrites of one row.
struct RowLaws {
    parity: Option<Parity>,
    laws: Vec<(Look, Law)>,
    /// The bits of the laws' looks.
    looks: u8,
}

fn row_laws(f: FunctionId) -> Option<&'static RowLaws> {
    static ROWS: LazyLock<Vec<OnceLock<RowLaws>>> =
        LazyLock::new(|| table().iter().map(|_| OnceLock::new()).collect());
    Some(ROWS.get(f.0 as usize)?.get_or_init(|| read_row(f)))
}

fn read_row(f: FunctionId) -> RowLaws {
    let row = f.row();
    let parity = row.parity();
    let mut laws = Vec::new();
    for law in row.laws().filter(|law| law.rewrite) {
        let Some(left) = text(law.left) else { continue };
        if let Some(look) = look_of(&left, row.name, row.args.len(), parity.is_some()) {
            laws.push((look, law));
        }
    }
    let looks = laws.iter().fold(0, |bits, (look, _)| bits | look.bit());
    RowLaws { parity, laws, looks }
}

/// `None` for a law whose left side is no call of the row, or one that parity already does.
fn look_of(left: &Text, name: &str, arity: usize, has_parity: bool) -> Option<Look> {
    let tree = &left.tree;
    let Kind::Call { head, args } = tree.kind(left.root) else { return None };
    if !matches!(tree.kind(*head), Kind::Name(n) if n == name) {
        return None;
    }
    let args = tree.ids(*args);
    let variables = |id: TreeId| {
        // Texts of the table are small: a walk over all nodes is fine.
        let mut stack = vec![id];
        let mut found = false;
        while let Some(id) = stack.pop() {
            match tree.kind(id) {
                Kind::Name(n) => found |= agnesi_functions::constant(n).is_none(),
                Kind::Prefix(_, a) => stack.push(*a),
                Kind::Binary(_, a, b) => stack.extend([*a, *b]),
                Kind::Call { args, .. } => stack.extend(tree.ids(*args)),
                _ => {}
            }
        }
        found
    };
    if !args.iter().any(|a| variables(*a)) {
        return Some(Look::Closed);
    }
    if arity != 1 {
        return Some(Look::Any);
    }
    match tree.kind(args[0]) {
        Kind::Call { head, .. } => match tree.kind(*head) {
            // Roots are powers in the graph.
            Kind::Name(n) if matches!(n.as_str(), "sqrt" | "cbrt" | "root" | "pow") => Some(Look::Product),
            Kind::Name(n) => Some(Look::Call(agnesi_functions::find(n)?)),
            _ => None,
        },
        Kind::Prefix(Prefix::Neg, a) if has_parity && matches!(tree.kind(*a), Kind::Name(_)) => None,
        Kind::Prefix(..) => Some(Look::Product),
        Kind::Binary(Binary::Add | Binary::Sub, ..) => Some(Look::Sum),
        Kind::Binary(Binary::Pow, a, _) if matches!(tree.kind(*a), Kind::Name(n) if n == "e") => {
            Some(Look::Call(crate::known::known().exp))
        }
        Kind::Binary(Binary::Pow, _, e) if variables(*e) => Some(Look::Call(crate::known::known().pow)),
        Kind::Binary(..) => Some(Look::Product),
        _ => Some(Look::Any),
    }
}

/// A law with its left arguments as patterns of one graph.
#[derive(Clone)]
struct Compiled {
    args: SmallVec<[NodeId; 2]>,
}

/// The laws that one graph has met so far.
#[derive(Default)]
pub(crate) struct LawCache {
    compiled: FxHashMap<*const u8, Option<Compiled>>,
    /// The variables of patterns, by name.
    pub(crate) variables: Vec<(&'static str, NodeId)>,
    depth: u32,
}

impl LawCache {
    /// Even or odd, as the row's laws say.
    pub(crate) fn parity(&self, f: FunctionId) -> Option<Parity> {
        row_laws(f).and_then(|row| row.parity)
    }
}

impl Graph {
    /// What the row's rewrites make of `f(args)`, if one applies.
    pub(crate) fn rewrite_call(&mut self, f: FunctionId, args: &[NodeId]) -> Option<NodeId> {
        let row = row_laws(f)?;
        if row.laws.is_empty() || self.laws.depth >= MAX_DEPTH {
            return None;
        }
        let look = match self.op(*args.first()?) {
            Op::Call(g, _) => Look::Call(*g),
            Op::Contract(_) => Look::Product,
            Op::Add(_) => Look::Sum,
            _ => Look::Any,
        };
        let closed = args.iter().all(|a| self.is_closed(*a));
        let fitting = look.bit() | Look::Any.bit() | if closed { Look::Closed.bit() } else { 0 };
        if row.looks & fitting == 0 {
            return None;
        }
        for (wanted, law) in &row.laws {
            let fits = match wanted {
                Look::Closed => closed,
                Look::Any => true,
                other => *other == look,
            };
            if !fits {
                continue;
            }
            self.laws.depth += 1;
            let rewritten = self.try_law(law, args);
            self.laws.depth -= 1;
            if rewritten.is_some() {
                return rewritten;
            }
        }
        None
    }

    fn try_law(&mut self, law: &Law, args: &[NodeId]) -> Option<NodeId> {
        let compiled = self.compile(law)?;
        let mut bindings = Bindings::default();
        for (pattern, node) in compiled.args.iter().zip(args) {
            if !self.matches(*pattern, *node, &mut bindings) {
                return None;
            }
        }
        let named: SmallVec<[(&'static str, NodeId); 4]> = self
            .laws
            .variables
            .iter()
            .filter_map(|(name, pattern)| Some((*name, bindings.get(*pattern)?)))
            .collect();
        if let Some(guard) = law.guard {
            let condition = self.instantiate(guard, &named)?;
            if self.as_truth(condition) != Some(true) {
                return None;
            }
        }
        self.instantiate(law.right, &named)
    }

    /// The arguments of a law's left side as patterns, made once a graph. The calls inside must not be rewritten by
    /// the very law, so the law counts as absent while it is compiled.
    fn compile(&mut self, law: &Law) -> Option<Compiled> {
        let key = law.left.as_ptr();
        if let Some(known) = self.laws.compiled.get(&key) {
            return known.clone();
        }
        self.laws.compiled.insert(key, None);
        let made = self.compile_now(law);
        self.laws.compiled.insert(key, made.clone());
        made
    }

    fn compile_now(&mut self, law: &Law) -> Option<Compiled> {
        let left = text(law.left)?;
        let Kind::Call { args, .. } = left.tree.kind(left.root) else { return None };
        let names: Vec<&'static str> = ["x", "y", "z", "n", "a", "b", "m", "k"].to_vec();
        for name in names {
            if !self.laws.variables.iter().any(|(n, _)| *n == name)
                && law.left.split(|c: char| !c.is_alphanumeric()).any(|word| word == name)
            {
                let node = self.anonymous(name, Facts::REAL);
                self.laws.variables.push((name, node));
            }
        }
        let bound: SmallVec<[(&'static str, NodeId); 4]> = self.laws.variables.iter().copied().collect();
        let ids = left.tree.ids(*args).to_vec();
        let args = ids.iter().map(|id| self.build(&left.tree, *id, &bound).ok()).collect::<Option<_>>()?;
        Some(Compiled { args })
    }

    /// A text of the table with nodes for its names.
    pub fn instantiate(&mut self, source: &'static str, names: &[(&'static str, NodeId)]) -> Option<NodeId> {
        let parsed = text(source)?;
        if let Some((f, name)) = &parsed.call
            && self.taught.is_empty()
            && let Some((_, argument)) = names.iter().find(|(n, _)| n == name)
        {
            return Some(self.call(*f, &[*argument]));
        }
        self.build(&parsed.tree, parsed.root, names).ok()
    }
}
