//! The chosen pieces as a tree, and the length of what a tree holds already.

use agnesi_syntax::{Binary, Kind, Prefix, Span, Tree, TreeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Raiser;
use super::form::{self, Form, Glue, Id, children};
use crate::op::NodeId;

/// Names of indices, the first that no symbol has.
const INDICES: [&str; 20] =
    ["i", "j", "k", "l", "p", "q", "r", "s", "t", "u", "o", "a", "b", "c", "d", "f", "g", "h", "m", "n"];

impl Raiser<'_> {
    /// A scalar of scalars as a piece.
    pub(super) fn scalar(&mut self, node: NodeId) -> Id {
        if let Some(value) = self.g.as_number(node).cloned() {
            return self.forms.number(value);
        }
        let id = self.node(node);
        if let Kind::Name(name) = self.tree.kind(id) {
            let name = name.clone();
            return self.forms.name(&name, form::Dims::Scalar);
        }
        let level = level(&self.tree, id);
        let cost = tokens(&self.tree, id);
        let form = self.forms.written(id, cost, level);
        self.place_nodes.insert(form, node);
        let bound = self.bound_in(node);
        self.forms.mark_bound(form, &bound);
        form
    }

    /// The name of an index: the first names that are not taken, then `i_2`, `i_3`.
    pub(super) fn index_name(&self, index: u8) -> SmolStr {
        let mut free = 0;
        let rounds = (1..).flat_map(|round| INDICES.iter().map(move |name| (round, name)));
        for (round, name) in rounds {
            let name = if round == 1 { SmolStr::new(name) } else { SmolStr::new(format!("{name}_{round}")) };
            let taken = self.forms.names.values().chain(self.bound.values()).any(|taken| *taken == name);
            if taken || self.g.find_symbol(&name).is_some() {
                continue;
            }
            if free == index {
                return name;
            }
            free += 1;
        }
        SmolStr::new("i")
    }

    /// A piece as a tree, each part once.
    pub(super) fn render(&mut self, root: Id) -> TreeId {
        let root = self.forms.with_fresh_letters(root);
        let mut done: FxHashMap<Id, TreeId> = FxHashMap::default();
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if done.contains_key(&id) {
                continue;
            }
            if ready {
                let written = self.write_form(id, &done);
                done.insert(id, written);
                continue;
            }
            stack.push((id, true));
            if !self.forms.names.contains_key(&id) {
                children(self.forms.get(id), |child| stack.push((child, false)));
            }
        }
        done.get(&root).copied().unwrap_or(TreeId(0))
    }

    /// One piece whose parts are written; what has a name, by its name.
    fn write_form(&mut self, id: Id, done: &FxHashMap<Id, TreeId>) -> TreeId {
        if let Some(name) = self.forms.names.get(&id) {
            let name = name.clone();
            return self.tree.name(name);
        }
        let at = |id: &Id| done.get(id).copied().unwrap_or(TreeId(0));
        match self.forms.get(id).clone() {
            Form::Written(id) => id,
            Form::Name(name) => self.tree.name(name),
            Form::Index(i) => {
                let name = self.index_name(i);
                self.tree.name(name)
            }
            Form::Number(value) => self.magnitude(&value),
            Form::Neg(x) => self.tree.neg(at(&x)),
            Form::Sum(terms) => {
                let mut result: Option<TreeId> = None;
                for (minus, term) in terms.iter() {
                    let term = at(term);
                    result = Some(match result {
                        None if *minus => self.tree.neg(term),
                        None => term,
                        Some(left) => {
                            let op = if *minus { Binary::Sub } else { Binary::Add };
                            self.tree.binary(op, left, term)
                        }
                    });
                }
                result.unwrap_or(TreeId(0))
            }
            Form::Chain(factors) => {
                let mut result: Option<TreeId> = None;
                for (run, glue, id) in self.forms.runs(&factors) {
                    let mut factor = at(&id);
                    if run > 1 {
                        let exponent = self.tree.number(run.to_string());
                        factor = self.tree.binary(Binary::Pow, factor, exponent);
                    }
                    let op = match glue {
                        Glue::Mul => Binary::Mul,
                        Glue::Div => Binary::Div,
                        Glue::Times => Binary::ElementMul,
                        Glue::Over => Binary::ElementDiv,
                    };
                    result = Some(match result {
                        None => factor,
                        Some(left) => self.tree.binary(op, left, factor),
                    });
                }
                result.unwrap_or(TreeId(0))
            }
            Form::Prime(x) => self.push(Kind::Prime(at(&x), 1)),
            Form::Power(a, b, entrywise) => {
                let op = if entrywise { Binary::ElementPow } else { Binary::Pow };
                self.tree.binary(op, at(&a), at(&b))
            }
            Form::Call(name, args, _) => {
                let args: Vec<TreeId> = args.iter().map(at).collect();
                self.tree.call(&name, &args)
            }
            Form::At(base, slots) => {
                let slots: Vec<TreeId> = slots.iter().map(at).collect();
                let indices = self.tree.list(&slots);
                self.push(Kind::Index { base: at(&base), indices })
            }
            Form::Colon => self.push(Kind::Colon),
            Form::Range(a, b) => self.push(Kind::Range(at(&a), at(&b))),
            Form::For(body, binders) => {
                let list: Vec<TreeId> = binders.iter().map(|(i, n)| self.binder(*i, at(n))).collect();
                let binders = self.tree.list(&list);
                self.push(Kind::Comprehension { body: at(&body), binders })
            }
            Form::Over(name, i, size, body) => {
                let binder = self.binder(i, at(&size));
                self.tree.call(name, &[binder, at(&body)])
            }
            Form::If(c, a, b) => self.push(Kind::If(at(&c), at(&a), at(&b))),
            Form::Compare(relation, a, b) => {
                let operands = self.tree.list(&[at(&a), at(&b)]);
                self.push(Kind::Compare { operands, relations: vec![relation] })
            }
            Form::Both(op, list) => {
                let list: Vec<TreeId> = list.iter().map(at).collect();
                let mut result = list[0];
                for &next in &list[1..] {
                    result = self.tree.binary(op, result, next);
                }
                result
            }
            Form::Not(x) => self.push(Kind::Prefix(Prefix::Not, at(&x))),
            Form::Loop(made) => self.write_loop(&made.map(at)),
        }
    }

    /// `i in 1..n`
    fn binder(&mut self, index: u8, size: TreeId) -> TreeId {
        let name = self.index_name(index);
        let name = self.tree.name(name);
        let one = self.tree.number("1");
        let range = self.tree.push(Kind::Range(one, size), Span::default());
        self.tree.push(Kind::In(name, range), Span::default())
    }
}

/// How tightly a scalar in a tree binds, as the printer of text has it.
pub(super) fn level(tree: &Tree, id: TreeId) -> u8 {
    match tree.kind(id) {
        Kind::Number(text) if text.contains('/') => form::MUL,
        Kind::Number(_) | Kind::Name(_) => form::ATOM,
        Kind::Prefix(..) => form::ADD,
        Kind::Binary(op, ..) => match op {
            Binary::Add | Binary::Sub => form::ADD,
            Binary::Pow | Binary::ElementPow => form::POW,
            Binary::And => form::AND,
            Binary::Or => form::OR,
            Binary::Mul
            | Binary::Juxtapose
            | Binary::Div
            | Binary::Cross
            | Binary::ElementMul
            | Binary::ElementDiv => form::MUL,
        },
        Kind::Compare { .. } => form::COMPARE,
        Kind::If(..) => form::IF,
        _ => form::POSTFIX,
    }
}

/// The length of a tree in tokens; brackets that its text needs are counted where they are sure.
pub(super) fn tokens(tree: &Tree, root: TreeId) -> u32 {
    let mut cost: u32 = 0;
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        let own = match tree.kind(id) {
            Kind::Call { args, .. } => 2 + (args.len() as u32).saturating_sub(1),
            Kind::If(..) => 3,
            Kind::Binary(op, a, b) => {
                let tight = matches!(level(tree, id), form::MUL | form::POW);
                let loose = |x: &TreeId| level(tree, *x) == form::ADD;
                let product = |x: &TreeId| level(tree, *x) == form::MUL;
                let mut brackets = u32::from(tight && loose(a)) + u32::from(tight && loose(b));
                brackets += u32::from(level(tree, id) == form::POW && product(a));
                brackets += u32::from(*op == Binary::Div && product(b));
                1 + 2 * brackets
            }
            _ => 1,
        };
        cost = cost.saturating_add(own);
        if cost > 10_000 {
            break;
        }
        tree.children(id, |child| stack.push(child));
    }
    cost
}
