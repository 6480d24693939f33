//! Expressions as text.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::{Expr, Kind, Node, Operator};

/// What is nested deeper is written apart.
pub const DEEP: u32 = 60;
/// In longer texts what is used again is written once.
const LONG: u64 = 400;
/// Longer texts are not written.
const LONGEST: u64 = 1 << 20;
/// Nor is what is nested deeper, inside a sum over an index.
const DEEPEST: u32 = 200;

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

struct Writer {
    /// What is written apart, by the places of nodes.
    names: HashMap<*const Node, SmolStr>,
    /// Names of the formula.
    taken: Vec<SmolStr>,
    /// Indices that are bound here.
    bound: Vec<(u64, SmolStr)>,
    text: String,
}

/// The text of an expression, definitions first; or what is wrong with it, and what to do.
pub fn checked(root: &Expr) -> Result<String, (String, &'static str)> {
    if !root.0.indices.is_empty() {
        let message = "an index is used outside of its sum".to_owned();
        return Err((message, "use it inside the closure of `sum_over` alone"));
    }
    let mut writer = Writer::new();
    let nodes = order(root);
    for node in &nodes {
        if let Kind::Number(x) = node.0.kind
            && !x.is_finite()
        {
            return Err((format!("{x} is no number of a formula"), "write finite numbers"));
        }
        if node.0.depth > DEEPEST {
            let message = "the formula is nested too deep".to_owned();
            return Err((message, "take what does not depend on an index out of its sum, or use vectors"));
        }
    }
    writer.all(root, &nodes);
    if writer.text.len() as u64 > LONGEST {
        return Err(("the formula is too long".to_owned(), "use vectors and sums over indices"));
    }
    Ok(writer.text)
}

impl fmt::Display for Expr {
    /// In the notation; in long formulas what is used again is written once, as a definition in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::new();
        writer.all(self, &order(self));
        f.write_str(&writer.text)
    }
}

/// All nodes, each once, parts before what they stand in.
fn order(root: &Expr) -> Vec<&Expr> {
    let mut seen: HashMap<*const Node, bool> = HashMap::new();
    let (mut stack, mut order) = (vec![root], Vec::new());
    while let Some(&top) = stack.last() {
        let at = Arc::as_ptr(&top.0);
        match seen.get(&at) {
            Some(true) => {
                stack.pop();
            }
            Some(false) => {
                seen.insert(at, true);
                order.push(top);
                stack.pop();
            }
            None => {
                seen.insert(at, false);
                stack.extend(top.0.kind.parts());
            }
        }
    }
    order
}

impl Writer {
    fn new() -> Writer {
        Writer { names: HashMap::new(), taken: Vec::new(), bound: Vec::new(), text: String::new() }
    }

    fn all(&mut self, root: &Expr, nodes: &[&Expr]) {
        let mut uses: HashMap<*const Node, usize> = HashMap::new();
        for node in nodes {
            if let Kind::Symbol(name, _) = &node.0.kind {
                self.taken.push(name.clone());
            }
            for part in node.0.kind.parts() {
                *uses.entry(Arc::as_ptr(&part.0)).or_default() += 1;
            }
        }
        let long = root.0.length > LONG;
        for node in nodes {
            let at = Arc::as_ptr(&node.0);
            let deep = node.0.depth == 0 && !node.0.kind.parts().is_empty();
            let again = long && node.0.length > 12 && uses.get(&at).is_some_and(|count| *count > 1);
            if node.0.indices.is_empty() && !Arc::ptr_eq(&node.0, &root.0) && (deep || again) {
                let name = self.fresh("t");
                let _ = write!(self.text, "{name} = ");
                self.write(node, Level::Sum);
                self.text.push_str("; ");
                self.names.insert(at, name);
            }
            if self.text.len() as u64 > LONGEST {
                return;
            }
        }
        self.write(root, Level::Sum);
    }

    /// A name that nothing else has.
    fn fresh(&mut self, letter: &str) -> SmolStr {
        let all = (1..).map(|n| format_smolstr!("{letter}_{n}"));
        let name = all.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.push(name.clone());
        name
    }

    /// A part that must bind at least as tightly as `level`.
    fn write(&mut self, expr: &Expr, level: Level) {
        if self.text.len() as u64 > LONGEST || expr.0.depth > 2 * DEEPEST {
            self.text.push_str("...");
            return;
        }
        if let Some(name) = self.names.get(&Arc::as_ptr(&expr.0)) {
            self.text.push_str(name);
            return;
        }
        let own = match &expr.0.kind {
            Kind::Number(x) if *x < 0.0 => Level::Sign,
            Kind::Binary(Operator::Add | Operator::Sub, ..) => Level::Sum,
            Kind::Binary(Operator::Mul | Operator::Div | Operator::Entrywise, ..) => Level::Product,
            Kind::Binary(Operator::Pow, ..) => Level::Power,
            Kind::Neg(_) => Level::Sign,
            Kind::Number(_)
            | Kind::Symbol(..)
            | Kind::Index(_)
            | Kind::Call(..)
            | Kind::Entry(..)
            | Kind::Transpose(_)
            | Kind::Sum(..)
            | Kind::List(_) => Level::Atom,
        };
        if own < level {
            self.text.push('(');
        }
        self.inner(expr);
        if own < level {
            self.text.push(')');
        }
    }

    fn inner(&mut self, expr: &Expr) {
        match &expr.0.kind {
            Kind::Number(x) => self.number(*x),
            Kind::Symbol(name, _) => self.text.push_str(name),
            Kind::Index(id) => {
                let name = self.bound.iter().rfind(|(other, _)| other == id).map(|(_, name)| name.clone());
                self.text.push_str(&name.unwrap_or_else(|| "?".into()));
            }
            Kind::Neg(a) => {
                self.text.push('-');
                self.write(a, Level::Power);
            }
            Kind::Binary(operator, a, b) => {
                let (sign, left, right) = match operator {
                    Operator::Add => (" + ", Level::Sum, Level::Product),
                    Operator::Sub => (" - ", Level::Sum, Level::Product),
                    Operator::Mul => ("*", Level::Product, Level::Power),
                    Operator::Div => ("/", Level::Product, Level::Power),
                    Operator::Entrywise => (".*", Level::Product, Level::Power),
                    Operator::Pow => ("^", Level::Atom, Level::Atom),
                };
                self.write(a, left);
                self.text.push_str(sign);
                self.write(b, right);
            }
            Kind::Call(name, args) => {
                self.text.push_str(name);
                self.list(args, "(", ")");
            }
            Kind::Entry(a, indices) => {
                self.write(a, Level::Atom);
                self.list(indices, "[", "]");
            }
            Kind::Transpose(a) => {
                self.write(a, Level::Atom);
                self.text.push('\'');
            }
            Kind::Sum(id, [from, to], body) => {
                let name = self.fresh("i");
                let _ = write!(self.text, "sum({name} in {from}..{to}, ");
                self.bound.push((*id, name));
                self.write(body, Level::Sum);
                self.bound.pop();
                self.text.push(')');
            }
            Kind::List(entries) => self.list(entries, "[", "]"),
        }
    }

    fn list(&mut self, parts: &[Expr], open: &str, close: &str) {
        self.text.push_str(open);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            self.write(part, Level::Sum);
        }
        self.text.push_str(close);
    }

    /// A number that is whole without a point.
    fn number(&mut self, x: f64) {
        let _ = match x.fract() == 0.0 && x.abs() < 1e15 {
            true => write!(self.text, "{x:.0}"),
            false => write!(self.text, "{x:?}"),
        };
    }
}
