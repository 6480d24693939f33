//! Definitions by index: `r[o] = x[o] - y[o]  for o in 1..p` is the vector by rule `[x[o] - y[o] for o in 1..p]`.

use agnesi_syntax::{Code, Diagnostic, Kind, List, Span, Tree, TreeId};
use smol_str::SmolStr;
use std::sync::Arc;

use super::recurrence::{self, Entry};
use super::walk;

/// A definition by index as the name and the value that it gives: what it is read as.
///
/// # Errors
/// Indices and binders that disagree, and recurrences that are not read.
pub(super) fn by_rule(
    tree: &Arc<Tree>,
    (target, value, binders): (TreeId, TreeId, List),
    entries: &[Entry],
    span: Span,
) -> Result<(SmolStr, Arc<Tree>, TreeId), Diagnostic> {
    let (name, order) = binders_of_target(tree, target, tree.ids(binders), span)?;
    let mut copy = Tree::clone(tree);
    if walk::mentions(tree, value, &name) || !entries.is_empty() {
        let &[binder] = &order[..] else {
            return Err(Diagnostic::error(
                Code::Unsupported,
                format!("`{name}` is defined by entries of itself in {} indices", order.len()),
                tree.span(target),
                "a recurrence",
            )
            .with_hint(
                "recurrences have one index; rows may be vectors: `T[i,:] = ... T[i-1,:] ... for i in 2..m`",
            ));
        };
        let root = recurrence::as_loop(&mut copy, &name, (target, value, binder), entries, span)?;
        return Ok((name, Arc::new(copy), root));
    }
    let binders = copy.list(&order);
    let root = copy.push(Kind::Comprehension { body: value, binders }, span);
    Ok((name, Arc::new(copy), root))
}

/// The name that is defined, and the binders in the order of its indices. A `:` behind them stands for axes of the
/// value itself.
///
/// # Errors
/// Indices and binders that disagree.
pub(super) fn binders_of_target(
    tree: &Tree,
    target: TreeId,
    binders: &[TreeId],
    span: Span,
) -> Result<(SmolStr, Vec<TreeId>), Diagnostic> {
    let Kind::Index { base, indices } = *tree.kind(target) else {
        return Err(Diagnostic::error(
            Code::Syntax,
            "the name on the left has no index that `for` could run through",
            tree.span(target),
            "no index here",
        )
        .with_hint("write `v[i] = ... for i in 1..n`, or `v = [... for i in 1..n]`"));
    };
    let Kind::Name(name) = tree.kind(base) else {
        return Err(Diagnostic::error(
            Code::Syntax,
            "only names can be defined",
            tree.span(base),
            "this is not a name",
        )
        .with_hint("write `v[i] = ... for i in 1..n`"));
    };
    let mut named: Vec<(&SmolStr, TreeId)> = Vec::with_capacity(binders.len());
    for &binder in binders {
        let inner = match *tree.kind(binder) {
            Kind::In(inner, _) => inner,
            _ => binder,
        };
        if let Kind::Name(text) = tree.kind(inner) {
            if named.iter().any(|(other, _)| *other == text) {
                return Err(Diagnostic::error(
                    Code::Name,
                    format!("two ranges are given for `{text}`"),
                    tree.span(binder),
                    "the second one",
                )
                .with_hint("give each index one range"));
            }
            named.push((text, binder));
        }
    }
    let mut order: Vec<TreeId> = Vec::with_capacity(named.len());
    let mut whole = false;
    for &index in tree.ids(indices) {
        let at = tree.span(index);
        match tree.kind(index) {
            Kind::Colon => whole = true,
            Kind::Name(text) => {
                if whole {
                    return Err(Diagnostic::error(
                        Code::Syntax,
                        "an index stands behind `:`",
                        at,
                        "indices come first, then the axes of the value",
                    )
                    .with_hint(format!("write `{name}[{text}, :]`, or define the transpose")));
                }
                let Some(&(_, binder)) = named.iter().find(|(other, _)| *other == text) else {
                    return Err(Diagnostic::error(
                        Code::Name,
                        format!("nothing says how far `{text}` runs"),
                        at,
                        "no range is given for this index",
                    )
                    .with_hint(format!("end the definition with `for {text} in 1..n`")));
                };
                if order.contains(&binder) {
                    return Err(Diagnostic::error(
                        Code::Name,
                        format!("`{text}` stands for two axes of `{name}`"),
                        at,
                        "the second one",
                    )
                    .with_hint("give each axis an index of its own"));
                }
                order.push(binder);
            }
            _ => {
                return Err(Diagnostic::error(
                    Code::Syntax,
                    "an index of what is defined is a name that runs through a range",
                    at,
                    "not such a name",
                )
                .with_hint(format!(
                    "write `{name}[i] = ... for i in 1..n`; shift the range instead of the index"
                )));
            }
        }
    }
    if let Some((text, binder)) = named.iter().find(|(_, binder)| !order.contains(binder)) {
        return Err(Diagnostic::error(
            Code::Name,
            format!("`{text}` is no index of `{name}`"),
            tree.span(*binder),
            "runs here, and stands for no axis",
        )
        .with_label(tree.span(target), "defined here")
        .with_hint(format!("write it as an index of `{name}`, or sum over it: `sum({text} in 1..n, ...)`")));
    }
    if order.is_empty() {
        return Err(Diagnostic::error(Code::Syntax, "no index runs here", span, "every axis is `:`")
            .with_hint(format!("write `{name} = ...`")));
    }
    Ok((name.clone(), order))
}

/// A single entry that no rule follows.
pub(super) fn lone_entry(tree: &Tree, name: &str, entry: &Entry) -> Diagnostic {
    Diagnostic::error(
        Code::Unsupported,
        "single entries are defined as the beginning of a recurrence alone",
        tree.span(entry.target),
        format!("only this entry of `{name}` is given a value"),
    )
    .with_hint(format!(
        "define all entries by a rule, `{name}[i] = ... for i in 1..n`, or the whole, `{name} = [...]`"
    ))
}
