//! What nodes look like: what a call is typeset as, how tightly a picture binds, how it begins and ends.

use super::precedence::{self, ATOM, MUL, POSTFIX, POW, PREFIX};
use super::style::{Form, Sign};
use crate::{Binary, Kind, List, Prefix, Tree, TreeId};

/// What a call is typeset as.
pub(super) enum Shape<'t> {
    /// `name(args)`.
    Plain,
    /// Between bars, under a root: one argument.
    Fenced(Form),
    /// e to a power.
    Exp,
    /// `x!`.
    Factorial,
    Binomial,
    /// The inverse of a matrix.
    MatrixInverse,
    /// ∇ and a power of it.
    Nabla(bool),
    /// A sum or product over binders.
    Sum(Sign, &'t [TreeId], TreeId),
    /// A function over binders.
    Over(&'t [TreeId], TreeId),
    Integral,
    Limit,
}

pub(super) fn shape<'t>(tree: &'t Tree, head: TreeId, args: List) -> Shape<'t> {
    let Kind::Name(name) = tree.kind(head) else { return Shape::Plain };
    let ids = tree.ids(args);
    let is_in = |id: &TreeId| matches!(tree.kind(*id), Kind::In(..));
    if let [binders @ .., body] = ids
        && !binders.is_empty()
        && binders.iter().all(is_in)
        && !is_in(body)
    {
        return match name.as_str() {
            "sum" => Shape::Sum(Sign::Sum, binders, *body),
            "prod" => Shape::Sum(Sign::Product, binders, *body),
            _ => Shape::Over(binders, *body),
        };
    }
    match (name.as_str(), ids) {
        ("abs", [_]) => Shape::Fenced(Form::Abs),
        ("norm2" | "norm", [_]) => Shape::Fenced(Form::Norm),
        ("sqrt", [_]) => Shape::Fenced(Form::Sqrt),
        ("cbrt", [_]) => Shape::Fenced(Form::Cbrt),
        ("floor", [_]) => Shape::Fenced(Form::Floor),
        ("ceil", [_]) => Shape::Fenced(Form::Ceil),
        ("exp", [_]) => Shape::Exp,
        ("factorial", [_]) => Shape::Factorial,
        ("binomial", [_, _]) => Shape::Binomial,
        ("inv", [_]) => Shape::MatrixInverse,
        ("grad", [_]) => Shape::Nabla(false),
        ("laplacian", [_]) => Shape::Nabla(true),
        ("integral", [_, x] | [_, x, _, _]) if matches!(tree.kind(*x), Kind::Name(_)) => Shape::Integral,
        ("limit", [_, to]) if matches!(tree.kind(*to), Kind::Arrow(..)) => Shape::Limit,
        _ => Shape::Plain,
    }
}

/// Functions whose powers are written before the argument: sin²(x).
pub(super) fn power_before(name: &str) -> bool {
    matches!(
        name,
        "sin"
            | "cos"
            | "tan"
            | "cot"
            | "sec"
            | "csc"
            | "sinh"
            | "cosh"
            | "tanh"
            | "coth"
            | "sech"
            | "csch"
            | "log"
            | "ln"
    )
}

/// How tightly the picture of a node binds.
pub(super) fn level(tree: &Tree, id: TreeId) -> u8 {
    match tree.kind(id) {
        Kind::Number(text) if text.contains('e') => MUL.min(precedence::of(tree, id)),
        Kind::Call { head, args } => match shape(tree, *head, *args) {
            Shape::Plain => POSTFIX,
            Shape::Fenced(_) | Shape::Binomial => ATOM,
            Shape::Exp | Shape::MatrixInverse => POW,
            Shape::Factorial => POSTFIX,
            Shape::Nabla(_) => PREFIX,
            Shape::Sum(..) | Shape::Over(..) | Shape::Integral | Shape::Limit => MUL,
        },
        Kind::Derivative { .. } => MUL,
        // A transpose and a prime are raised.
        Kind::Prime(..) => POW,
        _ => precedence::of(tree, id),
    }
}

/// Whether the picture of a node begins with a sign.
pub(super) fn signed(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        match tree.kind(id) {
            Kind::Prefix(Prefix::Neg | Prefix::Plus, _) => return true,
            Kind::Number(text) => return text.starts_with('-'),
            // The sign of a numerator is written before the fraction.
            Kind::Binary(Binary::Div, left, _) => {
                return matches!(tree.kind(*left), Kind::Prefix(Prefix::Neg, _));
            }
            Kind::Binary(Binary::Pow | Binary::ElementPow, ..) => return false,
            Kind::Binary(op, left, _) if level(tree, *left) >= precedence::binary(*op) => id = *left,
            _ => return false,
        }
    }
}

/// Whether the picture of a numerator begins with a minus, which can be written before the fraction.
pub(super) fn leading_minus(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        match tree.kind(id) {
            Kind::Prefix(Prefix::Neg, _) => return true,
            Kind::Binary(Binary::Mul | Binary::Juxtapose, left, _)
                if level(tree, *left) >= MUL && !open_ended(tree, *left) =>
            {
                id = *left;
            }
            Kind::Binary(Binary::Div, left, _) => id = *left,
            _ => return false,
        }
    }
}

/// Whether the picture of a node has no clear end, as a sum or a derivative has none.
pub(super) fn open_ended(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        match tree.kind(id) {
            Kind::Derivative { .. } => return true,
            Kind::Call { head, args } => {
                return matches!(
                    shape(tree, *head, *args),
                    Shape::Sum(..) | Shape::Over(..) | Shape::Integral | Shape::Limit
                );
            }
            Kind::Prefix(_, x) => id = *x,
            Kind::Binary(Binary::Mul | Binary::Juxtapose, _, right) => id = *right,
            _ => return false,
        }
    }
}

/// Whether the picture of a node begins with a digit.
pub(super) fn begins_with_digit(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        match tree.kind(id) {
            Kind::Number(_) => return true,
            Kind::Binary(Binary::Div, ..) => return false,
            Kind::Binary(Binary::Pow | Binary::ElementPow, left, _) if level(tree, *left) >= POSTFIX => {
                id = *left
            }
            Kind::Binary(op, left, _) if level(tree, *left) >= precedence::binary(*op) => id = *left,
            Kind::Factorial(x) | Kind::Index { base: x, .. } if level(tree, *x) >= POSTFIX => id = *x,
            _ => return false,
        }
    }
}

/// Whether a node is a name without index, so that an index can be written at it.
pub(super) fn one_letter(tree: &Tree, id: TreeId) -> bool {
    matches!(tree.kind(id), Kind::Name(name) if split_index(name).1.is_empty())
}

/// Whether two factors would run together as words do: one of them is a name of several letters.
pub(super) fn words_meet(tree: &Tree, left: TreeId, right: TreeId) -> bool {
    let word = |id: TreeId| match tree.kind(id) {
        Kind::Name(name) => {
            let base = split_index(name).0;
            base.chars().count() > 1 && super::style::greek_name(base).is_none()
        }
        _ => false,
    };
    let last = match tree.kind(left) {
        Kind::Binary(Binary::Mul | Binary::Juxtapose, _, last) => *last,
        _ => left,
    };
    word(last) || (word(right) && !matches!(tree.kind(last), Kind::Number(_)))
}

/// The letters of a name and its indices: `x_1` and `x1` are x with index 1.
pub(super) fn split_index(name: &str) -> (&str, &str) {
    if let Some(at) = name.find('_')
        && at > 0
        && at + 1 < name.len()
    {
        return (&name[..at], &name[at + 1..]);
    }
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let base = letters.trim_end_matches('_');
    if base.is_empty() || letters.len() == name.len() {
        return (name, "");
    }
    let short = base.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).count() == 1;
    if short || super::style::greek_name(base).is_some() {
        (base, &name[letters.len()..])
    } else {
        (name, "")
    }
}
