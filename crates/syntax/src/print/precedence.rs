//! How tightly the text of a node binds, and whether it begins with a sign.

use crate::{Binary, Kind, Prefix, Tree, TreeId};

pub(super) const WHERE: u8 = 0;
pub(super) const ARROW: u8 = 1;
pub(super) const IF: u8 = 2;
pub(super) const OR: u8 = 3;
pub(super) const AND: u8 = 4;
pub(super) const NOT: u8 = 5;
pub(super) const COMPARE: u8 = 6;
pub(super) const RANGE: u8 = 7;
pub(super) const ADD: u8 = 8;
pub(super) const MUL: u8 = 9;
pub(super) const PREFIX: u8 = 10;
pub(super) const POW: u8 = 11;
pub(super) const POSTFIX: u8 = 12;
pub(super) const ATOM: u8 = 13;

/// How tightly the text of a node binds.
pub(super) fn of(tree: &Tree, id: TreeId) -> u8 {
    match tree.kind(id) {
        // Numbers are written without a sign; those who build trees by hand may not know.
        Kind::Number(text) if text.starts_with('-') => PREFIX,
        Kind::Number(text) if text.contains('/') => MUL,
        Kind::Number(_) | Kind::Name(_) | Kind::Text(_) | Kind::Colon | Kind::Missing => ATOM,
        Kind::Tuple(_) | Kind::Vector(_) | Kind::Matrix(_) | Kind::Comprehension { .. } => ATOM,
        Kind::Prefix(Prefix::Not, _) => NOT,
        Kind::Prefix(op, operand) => {
            if *op == Prefix::Neg && sign_goes_inside(tree, *operand) {
                MUL
            } else {
                PREFIX
            }
        }
        Kind::Binary(op, ..) => binary(*op),
        Kind::Factorial(_) | Kind::Prime(..) | Kind::Inverse(_) => POSTFIX,
        Kind::Call { .. } | Kind::Index { .. } => POSTFIX,
        Kind::Compare { .. } | Kind::In(..) => COMPARE,
        Kind::Range(..) => RANGE,
        Kind::Equation(..) | Kind::Arrow(..) => ARROW,
        Kind::If(..) => IF,
        Kind::Derivative { .. } => PREFIX,
        Kind::Where(..) | Kind::Define { .. } | Kind::Declare { .. } | Kind::Teach { .. } => WHERE,
        Kind::Solve { .. } | Kind::Minimize { .. } => WHERE,
    }
}

/// How tightly an operator binds.
pub(super) fn binary(op: Binary) -> u8 {
    match op {
        Binary::Add | Binary::Sub => ADD,
        Binary::Mul
        | Binary::Juxtapose
        | Binary::Div
        | Binary::Cross
        | Binary::ElementMul
        | Binary::ElementDiv => MUL,
        Binary::Pow | Binary::ElementPow => POW,
        Binary::And => AND,
        Binary::Or => OR,
    }
}

/// Whether the sign before a node is written before the first factor of a product: -(a*b) is -a*b.
pub(super) fn sign_goes_inside(tree: &Tree, operand: TreeId) -> bool {
    matches!(tree.kind(operand), Kind::Binary(op, ..) if binary(*op) == MUL) && !signed(tree, operand)
}

/// Whether the text of a node begins with a sign.
pub(super) fn signed(tree: &Tree, mut id: TreeId) -> bool {
    loop {
        match tree.kind(id) {
            Kind::Prefix(Prefix::Neg | Prefix::Plus, _) => return true,
            Kind::Number(text) => return text.starts_with('-'),
            Kind::Binary(op, left, _) => {
                // A left operand in brackets begins with the bracket.
                let needs = if binary(*op) == POW { POSTFIX } else { binary(*op) };
                if loose(tree, *left) < needs {
                    return false;
                }
                id = *left;
            }
            _ => return false,
        }
    }
}

/// [`of`], but without looking into products: for signs, PREFIX and MUL are both looser than a power and tighter than a sum.
fn loose(tree: &Tree, id: TreeId) -> u8 {
    match tree.kind(id) {
        Kind::Prefix(Prefix::Neg | Prefix::Plus, _) => MUL,
        _ => of(tree, id),
    }
}
