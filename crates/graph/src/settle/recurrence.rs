//! Recurrences: `T[1] = B[1];  T[i] = T[i-1]*B[i]  for i in 2..m`, read as loops.
//!
//! Where only the entry before is used, it is the state of a scan, whose first step keeps the first entry. Else the state
//! is the whole vector, filled entry by entry.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Relation, Span, Tree, TreeId};
use smol_str::SmolStr;

use super::walk;

/// An entry that was given by itself, `T[1] = B[1]`: its number and its value, in the tree of the statements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub number: u32,
    pub value: TreeId,
    pub target: TreeId,
}

/// The number of an entry whose target is `T[3]`, or `T[3,:]`, and its name.
pub(super) fn single_entry(tree: &Tree, target: TreeId) -> Option<(SmolStr, u32)> {
    let Kind::Index { base, indices } = *tree.kind(target) else { return None };
    let Kind::Name(name) = tree.kind(base) else { return None };
    let (first, rest) = tree.ids(indices).split_first()?;
    let Kind::Number(text) = tree.kind(*first) else { return None };
    let whole = rest.iter().all(|index| matches!(tree.kind(*index), Kind::Colon));
    let number = text.parse().ok().filter(|n| *n >= 1 && whole)?;
    Some((name.clone(), number))
}

/// The value of all entries, pushed onto the tree, which is that of this statement alone.
///
/// # Errors
/// Several indices, entries that are missing, and ranges that leave some out.
pub(super) fn as_loop(
    tree: &mut Tree,
    name: &SmolStr,
    (target, body, binder): (TreeId, TreeId, TreeId),
    entries: &[Entry],
    span: Span,
) -> Result<TreeId, Diagnostic> {
    let (Kind::In(index, range), Kind::Index { indices, .. }) =
        (tree.kind(binder).clone(), tree.kind(target).clone())
    else {
        return Err(unsupported(tree.span(target), name));
    };
    let Kind::Name(step) = tree.kind(index).clone() else { return Err(unsupported(tree.span(index), name)) };
    let axes = indices.len();
    let Kind::Range(from, to) = *tree.kind(range) else {
        return Err(unsupported(tree.span(range), name));
    };
    let given = entries.len() as u32;
    let from_number = match tree.kind(from) {
        Kind::Number(text) => text.parse::<u32>().ok(),
        _ => None,
    };
    let mut sorted: Vec<Entry> = entries.to_vec();
    sorted.sort_by_key(|entry| entry.number);
    let complete = sorted.iter().zip(1..).all(|(entry, number)| entry.number == number);
    if given == 0 || !complete || from_number != Some(given + 1) {
        let missing = (1..).find(|n| !sorted.iter().any(|entry| entry.number == *n)).unwrap_or(1);
        let (message, hint) = match from_number {
            Some(first) if complete && given > 0 => (
                format!("entries 1 to {given} of `{name}` are given, and the rule begins at {first}"),
                format!("begin where they end: `for {step} in {}..m`", given + 1),
            ),
            _ => (
                format!("`{name}` is defined by entries of itself, and nothing gives `{name}[{missing}]`"),
                format!("write `{name}[1] = ...; {name}[{step}] = ... for {step} in 2..m`"),
            ),
        };
        return Err(Diagnostic::error(Code::Name, message, tree.span(target), "a recurrence").with_hint(hint));
    }
    if let Some((place, why)) = undefined(tree, body, name, &step, given) {
        let label = tree.span(place);
        return Err(Diagnostic::error(Code::Name, why, label, "not defined yet")
            .with_hint(format!("an entry is made of those before it, as `{name}[{step}-1]`")));
    }
    let one_before = uses(tree, body, name, &step);
    match one_before {
        Some(places) if given == 1 => {
            Ok(by_last(tree, name, (index, to, body), sorted[0].value, &places, span))
        }
        _ => Ok(by_whole(tree, name, (range, index, to, body), (&sorted, axes), span)),
    }
}

/// An index of the name's own entries that no entry has yet when it is read, and what is to be said of it.
///
/// An entry before the first, or one of a number, may stand behind a condition that holds where it is there; an entry at or
/// behind the one that is defined is never there.
fn undefined(tree: &Tree, body: TreeId, name: &str, step: &str, given: u32) -> Option<(TreeId, String)> {
    let all = walk::below(tree, body);
    let is_step = |id: TreeId| matches!(tree.kind(id), Kind::Name(text) if text == step);
    // What binds the name of the index anew means another.
    if all.iter().any(|id| matches!(tree.kind(*id), Kind::In(inner, _) if is_step(*inner))) {
        return None;
    }
    let conditional = all.iter().any(|id| matches!(tree.kind(*id), Kind::If(..)));
    let number = |id: TreeId| match tree.kind(id) {
        Kind::Number(text) => text.parse::<u32>().ok(),
        _ => None,
    };
    for id in all {
        let Kind::Index { base, indices } = tree.kind(id) else { continue };
        let Some(index) = tree.ids(*indices).first().copied() else { continue };
        if !matches!(tree.kind(*base), Kind::Name(text) if text == name) {
            continue;
        }
        let ahead = match *tree.kind(index) {
            Kind::Binary(Binary::Add, a, b) => {
                is_step(a) && number(b).is_some() || is_step(b) && number(a).is_some()
            }
            Kind::Binary(Binary::Sub, a, b) => is_step(a) && number(b) == Some(0),
            _ => is_step(index),
        };
        if ahead {
            let why = format!("`{name}[{step}]` is being defined, and nothing behind it is yet");
            return Some((index, why));
        }
        // `i + k` and `2*i` may be before for some numbers: nothing says so.
        let unclear = |id: TreeId| match *tree.kind(id) {
            Kind::Binary(Binary::Add | Binary::Mul, a, b) => is_step(a) || is_step(b),
            _ => false,
        };
        let less = |id: TreeId| matches!(*tree.kind(id), Kind::Binary(Binary::Sub, a, _) if unclear(a));
        if unclear(index) || less(index) {
            let why = format!("nothing says that this entry comes before `{name}[{step}]`");
            return Some((index, why));
        }
        let first = given + 1;
        match *tree.kind(index) {
            _ if conditional => {}
            Kind::Binary(Binary::Sub, a, b) if is_step(a) => {
                if let Some(back) = number(b).filter(|back| *back > given) {
                    let why =
                        format!("`{name}` begins at 1: at {step} = {first} there is no entry {back} before");
                    return Some((index, why));
                }
            }
            Kind::Number(_) => {
                if let Some(entry) = number(index).filter(|entry| *entry > given) {
                    let why = format!("at {step} = {first} nothing has given `{name}[{entry}]`");
                    return Some((index, why));
                }
            }
            _ => {}
        }
    }
    None
}

/// The places of `T[i-1]`, or of `T[i-1,:]`; `None` if the body uses the name otherwise.
fn uses(tree: &Tree, body: TreeId, name: &str, step: &str) -> Option<Vec<TreeId>> {
    let mut places = Vec::new();
    let mut mentions = 0;
    for id in walk::below(tree, body) {
        match tree.kind(id) {
            Kind::Name(text) if text == name => mentions += 1,
            Kind::Index { base, indices } if matches!(tree.kind(*base), Kind::Name(text) if text == name) => {
                let (first, rest) = tree.ids(*indices).split_first()?;
                let Kind::Binary(Binary::Sub, a, b) = *tree.kind(*first) else { return None };
                let before = matches!(tree.kind(a), Kind::Name(text) if text == step)
                    && matches!(tree.kind(b), Kind::Number(text) if text == "1")
                    && rest.iter().all(|index| matches!(tree.kind(*index), Kind::Colon));
                if !before {
                    return None;
                }
                places.push(id);
            }
            // What binds the name of the index anew may mean another entry.
            Kind::In(inner, _) if matches!(tree.kind(*inner), Kind::Name(text) if text == step) => {
                return None;
            }
            _ => {}
        }
    }
    (mentions == places.len()).then_some(places)
}

/// `scan(T = first, i in 1..m, if i > 1 then body else T)` with T for `T[i-1]` in the body.
fn by_last(
    tree: &mut Tree,
    name: &SmolStr,
    (index, to, body): (TreeId, TreeId, TreeId),
    first: TreeId,
    places: &[TreeId],
    span: Span,
) -> TreeId {
    for place in places {
        tree.replace(*place, Kind::Name(name.clone()));
    }
    let state = tree.push(Kind::Name(name.clone()), span);
    let one = tree.push(Kind::Number("1".into()), span);
    let operands = tree.list(&[index, one]);
    let later = tree.push(Kind::Compare { operands, relations: vec![Relation::Greater] }, span);
    let next = tree.push(Kind::If(later, body, state), span);
    let range = tree.push(Kind::Range(one, to), span);
    call(tree, "scan", (state, first), (index, range), next, span)
}

/// `fold(T = [first for j in 1..m], i in 2..m, [if j == i then body else T[j] for j in 1..m])`, where several entries are
/// given with conditions, and with `T[j,:]` for rows.
fn by_whole(
    tree: &mut Tree,
    name: &SmolStr,
    (range, index, to, body): (TreeId, TreeId, TreeId, TreeId),
    (entries, axes): (&[Entry], usize),
    span: Span,
) -> TreeId {
    let values: Vec<TreeId> = [index, body, to].into_iter().chain(entries.iter().map(|e| e.value)).collect();
    let place = ["j", "k", "l", "p", "q"]
        .into_iter()
        .map(SmolStr::new)
        .find(|place| !values.iter().any(|id| walk::mentions(tree, *id, place)))
        .unwrap_or_else(|| SmolStr::new(format!("{name}_place")));
    let mut new = |kind: Kind| tree.push(kind, span);
    let (state, one, place) =
        (new(Kind::Name(name.clone())), new(Kind::Number("1".into())), new(Kind::Name(place)));
    let mut indices = vec![place];
    indices.resize_with(axes, || new(Kind::Colon));
    let mut first = entries.last().map_or(one, |entry| entry.value);
    for entry in entries.iter().rev().skip(1) {
        let number = tree.push(Kind::Number(entry.number.to_string().into()), span);
        let here = equal(tree, place, number, span);
        first = tree.push(Kind::If(here, entry.value, first), span);
    }
    let indices = tree.list(&indices);
    let kept = tree.push(Kind::Index { base: state, indices }, span);
    let here = equal(tree, place, index, span);
    let next = tree.push(Kind::If(here, body, kept), span);
    let whole = tree.push(Kind::Range(one, to), span);
    let [first, next] = [first, next].map(|body| {
        let binder = tree.push(Kind::In(place, whole), span);
        let binders = tree.list(&[binder]);
        tree.push(Kind::Comprehension { body, binders }, span)
    });
    call(tree, "fold", (state, first), (index, range), next, span)
}

fn equal(tree: &mut Tree, a: TreeId, b: TreeId, span: Span) -> TreeId {
    let operands = tree.list(&[a, b]);
    tree.push(Kind::Compare { operands, relations: vec![Relation::Equal] }, span)
}

fn call(
    tree: &mut Tree,
    name: &'static str,
    (state, first): (TreeId, TreeId),
    (index, range): (TreeId, TreeId),
    next: TreeId,
    span: Span,
) -> TreeId {
    let state = tree.push(Kind::Equation(state, first), span);
    let binder = tree.push(Kind::In(index, range), span);
    let head = tree.push(Kind::Name(SmolStr::new_static(name)), span);
    let args = tree.list(&[state, binder, next]);
    tree.push(Kind::Call { head, args }, span)
}

fn unsupported(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::Unsupported,
        format!("`{name}` is defined by entries of itself in a way that is not read yet"),
        span,
        "a recurrence",
    )
    .with_hint(format!("recurrences have one index: `{name}[1] = ...; {name}[i] = ... for i in 2..m`"))
}
