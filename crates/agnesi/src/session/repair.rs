//! The smallest change that makes a wrong claim right: another sign, another function, another number.

use agnesi_graph::NodeId;
use agnesi_syntax::{Binary, Kind, Prefix, Tree, TreeId, print};
use smol_str::SmolStr;

use super::compare::Comparison;

/// The largest claim, in nodes, that is repaired.
const MOST_NODES: usize = 120;
/// The most changes that are tried.
const MOST_CHANGES: usize = 400;

/// A change of one place of a claim.
pub(crate) struct Change {
    /// The claim with the change.
    pub node: NodeId,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
}

/// All small changes of a claim, as formulas.
pub(crate) fn changes(c: &mut Comparison, tree: &Tree, root: TreeId) -> Vec<Change> {
    let Some(order) = order(tree, root) else { return Vec::new() };
    let mut found = Vec::new();
    for &id in &order {
        let mut work = tree.clone();
        for new in variants(&mut work, id) {
            if found.len() >= MOST_CHANGES {
                return found;
            }
            let new_root = replaced(&mut work, &order, root, id, new);
            let made = c.graph.elaborate(&work, new_root, c.tools);
            if let Ok(made) = made
                && let ([node], true) = (&made.components[..], made.shape.is_empty())
            {
                let (old, new) = (print::text(tree, id), print::text(&work, new));
                found.push(Change { node: *node, old, new });
            }
        }
    }
    found
}

/// What stands below the root in operators and calls, children first.
fn order(tree: &Tree, root: TreeId) -> Option<Vec<TreeId>> {
    let mut order = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if order.contains(&id) {
            continue;
        }
        order.push(id);
        if order.len() > MOST_NODES {
            return None;
        }
        match tree.kind(id) {
            Kind::Prefix(_, a) => stack.push(*a),
            Kind::Binary(_, a, b) => stack.extend([*a, *b]),
            Kind::Call { args, .. } => stack.extend(tree.ids(*args)),
            _ => {}
        }
    }
    order.sort();
    Some(order)
}

/// The root with `new` in the place of `old`.
fn replaced(tree: &mut Tree, order: &[TreeId], root: TreeId, old: TreeId, new: TreeId) -> TreeId {
    let mut made: Vec<(TreeId, TreeId)> = vec![(old, new)];
    for &id in order {
        if id == old {
            continue;
        }
        let map = |child: TreeId| made.iter().find(|(from, _)| *from == child).map_or(child, |(_, to)| *to);
        let kind = match tree.kind(id).clone() {
            Kind::Prefix(op, a) if map(a) != a => Kind::Prefix(op, map(a)),
            Kind::Binary(op, a, b) if map(a) != a || map(b) != b => Kind::Binary(op, map(a), map(b)),
            Kind::Call { head, args } => {
                let before = tree.ids(args).to_vec();
                let after: Vec<TreeId> = before.iter().map(|arg| map(*arg)).collect();
                if before == after {
                    continue;
                }
                Kind::Call { head, args: tree.list(&after) }
            }
            _ => continue,
        };
        let span = tree.span(id);
        let copy = tree.push(kind, span);
        made.push((id, copy));
    }
    made.iter().find(|(from, _)| *from == root).map_or(root, |(_, to)| *to)
}

/// Pairs of functions that are taken for each other.
const TAKEN_FOR: [(&str, &str); 8] = [
    ("sin", "cos"),
    ("sinh", "cosh"),
    ("tan", "cot"),
    ("sec", "csc"),
    ("tan", "sec"),
    ("tanh", "sech"),
    ("tan", "tanh"),
    ("asin", "acos"),
];

/// What may have been meant by a node.
fn variants(tree: &mut Tree, id: TreeId) -> Vec<TreeId> {
    let span = tree.span(id);
    let mut kinds: Vec<Kind> = Vec::new();
    match tree.kind(id).clone() {
        Kind::Binary(Binary::Add, a, b) => kinds.push(Kind::Binary(Binary::Sub, a, b)),
        Kind::Binary(Binary::Sub, a, b) => kinds.push(Kind::Binary(Binary::Add, a, b)),
        Kind::Prefix(Prefix::Neg, a) => return vec![a],
        Kind::Binary(op @ (Binary::Mul | Binary::Div | Binary::Pow), a, b) => {
            let other = match op {
                Binary::Mul => Some(Binary::Div),
                Binary::Div => Some(Binary::Mul),
                _ => None,
            };
            kinds.extend(other.map(|other| Kind::Binary(other, a, b)));
            for number in numbers(tree, a) {
                if number == "1" && op == Binary::Mul {
                    kinds.push(tree.kind(b).clone());
                    continue;
                }
                let a = tree.number(number);
                kinds.push(Kind::Binary(op, a, b));
            }
            for number in numbers(tree, b) {
                if number == "1" {
                    kinds.push(tree.kind(a).clone());
                    continue;
                }
                let b = tree.number(number);
                kinds.push(Kind::Binary(op, a, b));
            }
        }
        Kind::Call { head, args } => {
            let Kind::Name(name) = tree.kind(head).clone() else { return Vec::new() };
            for (one, other) in TAKEN_FOR {
                let meant = match name.as_str() {
                    name if name == one => other,
                    name if name == other => one,
                    _ => continue,
                };
                let head = tree.name(meant);
                kinds.push(Kind::Call { head, args });
            }
        }
        _ => {}
    }
    // A square that was forgotten.
    if matches!(
        tree.kind(id),
        Kind::Name(_) | Kind::Call { .. } | Kind::Binary(Binary::Add | Binary::Sub, ..)
    ) {
        let two = tree.number("2");
        kinds.push(Kind::Binary(Binary::Pow, id, two));
    }
    kinds.into_iter().map(|kind| tree.push(kind, span)).collect()
}

/// Other small numbers for a number.
fn numbers(tree: &Tree, id: TreeId) -> Vec<SmolStr> {
    let Kind::Number(text) = tree.kind(id) else { return Vec::new() };
    let Ok(number) = text.parse::<i64>() else { return Vec::new() };
    if !(0..=100).contains(&number) {
        return Vec::new();
    }
    [number - 1, number + 1, number * 2, number / 2, number * number]
        .into_iter()
        .filter(|other| *other != number && *other > 0)
        .map(|other| SmolStr::new(other.to_string()))
        .collect()
}
