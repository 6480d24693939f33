//! The canonical text.

use std::cell::OnceCell;
use std::collections::HashSet;

use smol_str::{SmolStr, format_smolstr};

use super::machine::{Around, Notation, Piece, Pieces};
use super::precedence::{self, ADD, ARROW, COMPARE, IF, MUL, NOT, OR, POSTFIX, POW, PREFIX, RANGE, WHERE};
use crate::{Binary, Kind, List, Prefix, Relation, Side, Tree, TreeId};

#[derive(Default)]
pub(super) struct Text {
    /// All names of the tree, once they are asked for.
    names: OnceCell<HashSet<SmolStr>>,
}

/// The sign of an operator, with its spaces.
fn sign(op: Binary, tight: bool) -> &'static str {
    match op {
        Binary::Add if tight => "+",
        Binary::Sub if tight => "-",
        Binary::Add => " + ",
        Binary::Sub => " - ",
        Binary::Mul | Binary::Juxtapose => "*",
        Binary::Div => "/",
        Binary::Cross => " × ",
        Binary::ElementMul => ".*",
        Binary::ElementDiv => "./",
        Binary::Pow => "^",
        Binary::ElementPow => ".^",
        Binary::And => " and ",
        Binary::Or => " or ",
    }
}

/// The sign of a relation, with its spaces.
fn relation_sign(relation: Relation, equation: bool) -> &'static str {
    match relation {
        Relation::Less => " < ",
        Relation::LessEqual => " <= ",
        Relation::Greater => " > ",
        Relation::GreaterEqual => " >= ",
        Relation::Equal if equation => " = ",
        Relation::Equal => " == ",
        Relation::NotEqual => " != ",
    }
}

fn node(id: TreeId, min: u8) -> Piece {
    Piece::Node(id, Around::new(min))
}

/// `a, b, c`.
fn list(tree: &Tree, ids: List, around: Around, pieces: &mut Pieces) {
    for (at, &id) in tree.ids(ids).iter().enumerate() {
        if at > 0 {
            pieces.push(Piece::Plain(", "));
        }
        pieces.push(Piece::Node(id, around));
    }
}

impl Text {
    /// Whether a name reads as a derivative's numerator: `d`, or `dy` where y may be a name of its own, as one letter may, or
    /// one in the same tree.
    fn is_differential(&self, tree: &Tree, name: &str) -> bool {
        let name_of = |kind: &Kind| match kind {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        };
        let names = || self.names.get_or_init(|| tree.all().filter_map(name_of).collect());
        name.strip_prefix('d').is_some_and(|y| y.chars().count() <= 1 || names().contains(y))
    }
}

impl Notation for Text {
    fn expand(&self, tree: &Tree, id: TreeId, around: Around, pieces: &mut Pieces) {
        let brackets =
            precedence::of(tree, id) < around.min || (around.unsigned && precedence::signed(tree, id));
        if brackets {
            pieces.push(Piece::Plain("("));
            inner(self, tree, id, Around { equation: false, ..Around::new(WHERE) }, pieces);
            pieces.push(Piece::Plain(")"));
        } else {
            inner(self, tree, id, around, pieces);
        }
    }
}

fn inner(text: &Text, tree: &Tree, id: TreeId, around: Around, pieces: &mut Pieces) {
    match tree.kind(id) {
        Kind::Name(name) if around.differential && text.is_differential(tree, name) => {
            pieces.extend([Piece::Plain("("), Piece::Owned(name.clone()), Piece::Plain(")")]);
        }
        Kind::Number(text) | Kind::Name(text) => pieces.push(Piece::Owned(text.clone())),
        Kind::Text(text) => pieces.push(Piece::Owned(quoted(text))),
        Kind::Prefix(Prefix::Not, x) => {
            pieces.push(Piece::Plain("not "));
            pieces.push(node(*x, NOT));
        }
        Kind::Prefix(op, x) => {
            pieces.push(Piece::Plain(if *op == Prefix::Neg { "-" } else { "+" }));
            let inside = *op == Prefix::Neg && precedence::sign_goes_inside(tree, *x);
            let min = if inside { MUL } else { PREFIX };
            pieces
                .push(Piece::Node(*x, Around { differential: around.differential, ..Around::unsigned(min) }));
        }
        Kind::Binary(op, left, right) => {
            let level = precedence::binary(*op);
            let tight = around.tight && level == ADD;
            let (first, second) = match op {
                Binary::Pow | Binary::ElementPow => (Around::new(POSTFIX), Around::unsigned(POW)),
                Binary::And | Binary::Or => (Around::new(level), Around::new(level + 1)),
                Binary::Add | Binary::Sub => (Around { tight, ..Around::new(level) }, Around::unsigned(MUL)),
                _ => (Around::new(level), Around::unsigned(PREFIX)),
            };
            // Of what stands before the divisor, the last name decides.
            let follows = around.differential && level >= MUL;
            let order = *op == Binary::Pow && matches!(tree.kind(*right), Kind::Number(_));
            let here = *op == Binary::Div && begins_in_differential(tree, *right);
            pieces.push(Piece::Node(*left, Around { differential: here || follows && order, ..first }));
            pieces.push(Piece::Plain(sign(*op, tight)));
            pieces.push(Piece::Node(*right, Around { differential: follows, ..second }));
        }
        Kind::Factorial(x) => {
            // `x!!` has two readings.
            let min = if matches!(tree.kind(*x), Kind::Factorial(_)) { precedence::ATOM } else { POSTFIX };
            pieces.push(node(*x, min));
            pieces.push(Piece::Plain("!"));
        }
        Kind::Prime(x, count) => {
            let min = if matches!(tree.kind(*x), Kind::Prime(..)) { precedence::ATOM } else { POSTFIX };
            pieces.push(node(*x, min));
            for _ in 0..*count {
                pieces.push(Piece::Plain("'"));
            }
        }
        Kind::Inverse(x) => {
            pieces.push(node(*x, POSTFIX));
            pieces.push(Piece::Plain("^-1"));
        }
        Kind::Compare { operands, relations } => {
            for (at, &operand) in tree.ids(*operands).iter().enumerate() {
                if let Some(&relation) = at.checked_sub(1).and_then(|at| relations.get(at)) {
                    pieces.push(Piece::Plain(relation_sign(relation, around.equation)));
                }
                pieces.push(node(operand, RANGE));
            }
        }
        Kind::Call { head, args } => {
            pieces.push(node(*head, POSTFIX));
            pieces.push(Piece::Plain("("));
            list(tree, *args, Around::new(ARROW), pieces);
            pieces.push(Piece::Plain(")"));
        }
        Kind::Index { base, indices } => {
            let number = matches!(tree.kind(*base), Kind::Number(_));
            if number {
                pieces.push(Piece::Plain("("));
            }
            pieces.push(node(*base, POSTFIX));
            pieces.push(Piece::Plain(if number { ")[" } else { "[" }));
            // `x[i,:]` stands closer than `x[i, j]`.
            let slice = tree.ids(*indices).iter().any(|&id| matches!(tree.kind(id), Kind::Colon));
            for (at, &id) in tree.ids(*indices).iter().enumerate() {
                if at > 0 {
                    pieces.push(Piece::Plain(if slice { "," } else { ", " }));
                }
                pieces.push(Piece::Node(id, Around { tight: true, ..Around::new(ARROW) }));
            }
            pieces.push(Piece::Plain("]"));
        }
        Kind::Colon => pieces.push(Piece::Plain(":")),
        Kind::Range(from, to) => {
            let tight = Around { tight: true, ..Around::new(ADD) };
            pieces.push(Piece::Node(*from, tight));
            pieces.push(Piece::Plain(".."));
            pieces.push(Piece::Node(*to, tight));
        }
        Kind::In(x, set) => {
            pieces.push(node(*x, RANGE));
            pieces.push(Piece::Plain(" in "));
            pieces.push(node(*set, RANGE));
        }
        Kind::Equation(left, right) => {
            pieces.push(node(*left, OR));
            pieces.push(Piece::Plain(" = "));
            pieces.push(node(*right, IF));
        }
        Kind::Arrow(x, to, side) => {
            pieces.push(node(*x, OR));
            pieces.push(Piece::Plain(" -> "));
            let min = if *side == Side::Both { OR } else { MUL };
            pieces.push(node(*to, min));
            pieces.push(Piece::Plain(match side {
                Side::Both => "",
                Side::Left => "-",
                Side::Right => "+",
            }));
        }
        Kind::Tuple(items) => {
            pieces.push(Piece::Plain("("));
            list(tree, *items, Around::new(IF), pieces);
            pieces.push(Piece::Plain(if items.len() == 1 { ",)" } else { ")" }));
        }
        Kind::Vector(items) => {
            pieces.push(Piece::Plain("["));
            list(tree, *items, Around::new(IF), pieces);
            pieces.push(Piece::Plain("]"));
        }
        Kind::Matrix(rows) => {
            pieces.push(Piece::Plain("["));
            for (at, &row) in tree.ids(*rows).iter().enumerate() {
                if at > 0 {
                    pieces.push(Piece::Plain("; "));
                }
                match tree.kind(row) {
                    Kind::Vector(items) => list(tree, *items, Around::new(IF), pieces),
                    _ => pieces.push(node(row, IF)),
                }
            }
            pieces.push(Piece::Plain(if rows.len() == 1 { ";]" } else { "]" }));
        }
        Kind::Comprehension { body, binders } => {
            pieces.push(Piece::Plain("["));
            pieces.push(node(*body, IF));
            for_clause(tree, *binders, pieces);
            pieces.push(Piece::Plain("]"));
        }
        Kind::If(condition, yes, no) => {
            pieces.push(Piece::Plain("if "));
            // `if (a, b, c)` would be the other way to write all three.
            let min = if begins_with_three(tree, *condition) { precedence::ATOM + 1 } else { OR };
            pieces.push(node(*condition, min));
            pieces.push(Piece::Plain(" then "));
            pieces.push(node(*yes, IF));
            pieces.push(Piece::Plain(" else "));
            pieces.push(node(*no, IF));
        }
        Kind::Where(body, definitions) => {
            pieces.push(node(*body, IF));
            pieces.push(Piece::Plain(" where "));
            for (at, &definition) in tree.ids(*definitions).iter().enumerate() {
                if at > 0 {
                    pieces.push(Piece::Plain(", "));
                }
                match tree.kind(definition) {
                    Kind::Define { target, value, .. } => {
                        pieces.push(node(*target, POSTFIX));
                        pieces.push(Piece::Plain(" = "));
                        pieces.push(node(*value, IF));
                    }
                    _ => pieces.push(node(definition, IF)),
                }
            }
        }
        Kind::Derivative { partial, variables, body } => {
            let d = if *partial { "∂" } else { "d" };
            pieces.push(Piece::Owned(derivative_operator(tree, *variables, d)));
            let call = matches!(tree.kind(*body), Kind::Call { .. } | Kind::Name(_)) && around.min < MUL;
            if call {
                pieces.push(node(*body, POSTFIX));
            } else {
                pieces.push(Piece::Plain("("));
                pieces.push(node(*body, WHERE));
                pieces.push(Piece::Plain(")"));
            }
        }
        Kind::Define { target, value, binders } => {
            pieces.push(node(*target, POSTFIX));
            pieces.push(Piece::Plain(" = "));
            pieces.push(node(*value, WHERE));
            for_clause(tree, *binders, pieces);
        }
        Kind::Declare { names, ty } => {
            list(tree, *names, Around::new(POSTFIX), pieces);
            pieces.push(Piece::Plain(": "));
            pieces.push(node(*ty, IF));
        }
        Kind::Teach { define, columns } => {
            pieces.push(Piece::Plain("function "));
            pieces.push(node(*define, WHERE));
            for (at, &column) in tree.ids(*columns).iter().enumerate() {
                pieces.push(Piece::Plain(if at == 0 { " with " } else { "; " }));
                match tree.kind(column) {
                    Kind::Equation(name, value) => {
                        pieces.push(node(*name, POSTFIX));
                        pieces.push(Piece::Plain(" "));
                        // Several laws or derivatives stand without brackets.
                        let items: &[TreeId] = match tree.kind(*value) {
                            Kind::Tuple(items) if items.len() > 1 => tree.ids(*items),
                            _ => std::slice::from_ref(value),
                        };
                        for (i, item) in items.iter().enumerate() {
                            if i > 0 {
                                pieces.push(Piece::Plain(", "));
                            }
                            match tree.kind(*item) {
                                Kind::Equation(left, right) => {
                                    pieces.push(node(*left, ARROW));
                                    pieces.push(Piece::Plain(" = "));
                                    pieces.push(node(*right, ARROW));
                                }
                                _ => pieces.push(node(*item, ARROW)),
                            }
                        }
                    }
                    _ => pieces.push(node(column, IF)),
                }
            }
        }
        Kind::Solve { equations, over } => {
            pieces.push(Piece::Plain("solve "));
            equations_over(tree, *equations, *over, pieces);
        }
        Kind::Minimize { maximize, objective, constraints, over } => {
            pieces.push(Piece::Plain(if *maximize { "maximize " } else { "minimize " }));
            pieces.push(node(*objective, IF));
            if !constraints.is_empty() {
                pieces.push(Piece::Plain(" subject to "));
            }
            equations_over(tree, *constraints, *over, pieces);
        }
        Kind::Missing => pieces.push(Piece::Plain("?")),
    }
}

/// Whether the first name that is written of a divisor reads as a derivative's: `dx`, `dx^2`, `(dx*y)`.
fn begins_in_differential(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        id = match tree.kind(id) {
            Kind::Name(name) => return name.starts_with('d'),
            Kind::Binary(_, x, _) | Kind::Factorial(x) | Kind::Prime(x, _) | Kind::Inverse(x) => *x,
            Kind::Index { base: x, .. } | Kind::Call { head: x, .. } => *x,
            _ => return false,
        };
    }
}

/// Whether the text of a node begins with a tuple of three.
fn begins_with_three(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        id = match tree.kind(id) {
            Kind::Tuple(items) => return items.len() == 3,
            Kind::Binary(_, x, _) | Kind::Factorial(x) | Kind::Prime(x, _) | Kind::Inverse(x) => *x,
            Kind::Range(x, _) | Kind::In(x, _) | Kind::Index { base: x, .. } | Kind::Call { head: x, .. } => {
                *x
            }
            Kind::Compare { operands, .. } => match tree.ids(*operands).first() {
                Some(&first) => first,
                None => return false,
            },
            _ => return false,
        };
    }
}

/// ` for i in 1..n`, if there are binders.
fn for_clause(tree: &Tree, binders: List, pieces: &mut Pieces) {
    if !binders.is_empty() {
        pieces.push(Piece::Plain(" for "));
        list(tree, binders, Around::new(COMPARE), pieces);
    }
}

fn equations_over(tree: &Tree, equations: List, over: List, pieces: &mut Pieces) {
    list(tree, equations, Around { equation: true, ..Around::new(IF) }, pieces);
    if !over.is_empty() {
        pieces.push(Piece::Plain(" over "));
        list(tree, over, Around::new(IF), pieces);
    }
}

/// `d/dx `, `d^2/dx^2 `, `∂^2/(∂x ∂y) `.
fn derivative_operator(tree: &Tree, variables: List, d: &str) -> SmolStr {
    let runs = super::runs(tree, variables);
    let power = |n: usize| if n == 1 { SmolStr::default() } else { format_smolstr!("^{n}") };
    let below: Vec<String> = runs.iter().map(|(name, n)| format!("{d}{name}{}", power(*n))).collect();
    let above = power(variables.len());
    match below.as_slice() {
        [one] => format_smolstr!("{d}{above}/{one} "),
        all => format_smolstr!("{d}{above}/({}) ", all.join(" ")),
    }
}

fn quoted(text: &str) -> SmolStr {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out.into()
}
