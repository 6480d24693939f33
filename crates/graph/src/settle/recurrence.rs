//! Recurrences: `T[1] = B[1];  T[i] = T[i-1]*B[i]  for i in 2..m`, read as loops.
//!
//! Where only the entry before is used, it is the state of a scan, whose first step keeps the first entry. Else the state
//! is the whole vector, filled entry by entry.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Relation, Span, Tree, TreeId};
use rustc_hash::FxHashMap;
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
    let rule = Rule { tree, body, name, step: &step, given };
    if let Some((place, why)) = rule.undefined() {
        let label = tree.span(place);
        return Err(Diagnostic::error(Code::Name, why, label, "not defined yet")
            .with_hint(format!("an entry is made of those before it, as `{name}[{step}-1]`")));
    }
    let open = rule.open(to).map_err(|Whole { place, why, hint }| {
        Diagnostic::error(Code::Name, why, tree.span(place), "not all of this is there yet").with_hint(hint)
    })?;
    let body = guarded(tree, body, &open, &step);
    let one_before = uses(tree, body, name, &step);
    match one_before {
        Some(places) if given == 1 => {
            Ok(by_last(tree, name, (index, to, body), sorted[0].value, &places, span))
        }
        _ => Ok(by_whole(tree, name, (range, index, to, body), (&sorted, axes), span)),
    }
}

/// The rule of a recurrence: what its entries are made of.
struct Rule<'a> {
    tree: &'a Tree,
    body: TreeId,
    name: &'a str,
    /// The name of the index.
    step: &'a str,
    /// How many entries are given by themselves.
    given: u32,
}

/// Entries that are read all at once though not all of them can be there.
struct Whole {
    place: TreeId,
    why: String,
    hint: String,
}

impl Rule<'_> {
    fn is_step(&self, id: TreeId) -> bool {
        matches!(self.tree.kind(id), Kind::Name(text) if text == self.step)
    }

    fn number(&self, id: TreeId) -> Option<u32> {
        match self.tree.kind(id) {
            Kind::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The first indices of the name's own entries.
    fn reads(&self) -> Vec<TreeId> {
        let own = |base: TreeId| matches!(self.tree.kind(base), Kind::Name(text) if text == self.name);
        let all = walk::below(self.tree, self.body);
        let first = |id: TreeId| match *self.tree.kind(id) {
            Kind::Index { base, indices } if own(base) => self.tree.ids(indices).first().copied(),
            _ => None,
        };
        all.into_iter().filter_map(first).collect()
    }

    fn is_conditional(&self) -> bool {
        let all = walk::below(self.tree, self.body);
        all.iter().any(|id| matches!(self.tree.kind(*id), Kind::If(..)))
    }

    /// Whether an entry of this index is there when the rule is read, if there is one at all: one that is given, or one
    /// before.
    fn is_before(&self, index: TreeId) -> bool {
        match *self.tree.kind(index) {
            Kind::Binary(Binary::Sub, a, b) => self.is_step(a) && self.number(b).is_some_and(|back| back > 0),
            _ => self.number(index).is_some_and(|entry| entry <= self.given),
        }
    }

    /// An index of the name's own entries that no entry has yet when it is read, and what is to be said of it.
    ///
    /// An entry before the first, or one of a number, may stand behind a condition that holds where it is there; an entry
    /// at or behind the one that is defined is never there.
    fn undefined(&self) -> Option<(TreeId, String)> {
        let (tree, name, step) = (self.tree, self.name, self.step);
        let conditional = self.is_conditional();
        for index in self.reads() {
            let ahead = match *tree.kind(index) {
                Kind::Binary(Binary::Add, a, b) => {
                    self.is_step(a) && self.number(b).is_some() || self.is_step(b) && self.number(a).is_some()
                }
                Kind::Binary(Binary::Sub, a, b) => self.is_step(a) && self.number(b) == Some(0),
                _ => self.is_step(index),
            };
            if ahead {
                let why = format!("`{name}[{step}]` is being defined, and nothing behind it is yet");
                return Some((index, why));
            }
            // `i + k` and `2*i` may be before for some numbers: nothing says so.
            let unclear = |id: TreeId| match *tree.kind(id) {
                Kind::Binary(Binary::Add | Binary::Mul, a, b) => self.is_step(a) || self.is_step(b),
                _ => false,
            };
            let less = |id: TreeId| matches!(*tree.kind(id), Kind::Binary(Binary::Sub, a, _) if unclear(a));
            if unclear(index) || less(index) {
                let why = format!("nothing says that this entry comes before `{name}[{step}]`");
                return Some((index, why));
            }
            let first = self.given + 1;
            match *tree.kind(index) {
                _ if conditional => {}
                Kind::Binary(Binary::Sub, a, b) if self.is_step(a) => {
                    if let Some(back) = self.number(b).filter(|back| *back > self.given) {
                        let why = format!(
                            "`{name}` begins at 1: at {step} = {first} there is no entry {back} before"
                        );
                        return Some((index, why));
                    }
                }
                Kind::Number(_) => {
                    if let Some(entry) = self.number(index).filter(|entry| *entry > self.given) {
                        let why = format!("at {step} = {first} nothing has given `{name}[{entry}]`");
                        return Some((index, why));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The first indices of which only a run says whether their entries are there.
    ///
    /// # Errors
    /// Entries that are read all at once, of which some cannot be there; `to` is the last entry's number.
    fn open(&self, to: TreeId) -> Result<Vec<TreeId>, Whole> {
        let (tree, name, step) = (self.tree, self.name, self.step);
        let all = walk::below(tree, self.body);
        let whole = |place: TreeId| Whole {
            place,
            why: format!("`{name}[{step}]` is being defined, and this reads more than what is before it"),
            hint: format!("the entries before it are `{name}[1..{step}-1]`"),
        };
        let reads = self.reads();
        let is_own = |id: TreeId| matches!(tree.kind(id), Kind::Name(text) if text == name);
        let base = |id: &TreeId| match *tree.kind(*id) {
            Kind::Index { base, .. } => Some(base),
            _ => None,
        };
        let bases: Vec<TreeId> = all.iter().filter_map(base).collect();
        if let Some(place) = all.iter().find(|id| is_own(**id) && !bases.contains(id)) {
            return Err(whole(*place));
        }
        for id in &all {
            // Within a binder of its name the index means another.
            let mut anew = None;
            tree.children(*id, |child| match *tree.kind(child) {
                Kind::In(inner, _) if self.is_step(inner) => anew = Some(inner),
                _ => {}
            });
            if let Some(place) = anew.filter(|_| walk::mentions(tree, *id, name)) {
                let why = format!("`{step}` stands for two things where entries of `{name}` are read");
                return Err(Whole { place, why, hint: "give the inner index another name".into() });
            }
        }
        let conditional = self.is_conditional();
        let mut open = Vec::new();
        for index in reads.into_iter().filter(|index| !self.is_before(*index)) {
            match *tree.kind(index) {
                Kind::Colon => return Err(whole(index)),
                Kind::Range(_, last) if self.is_before(last) => {}
                Kind::Range(..) => {
                    return Err(Whole {
                        place: index,
                        why: format!("nothing says that these entries come before `{name}[{step}]`"),
                        hint: format!(
                            "read those before it, `{name}[1..{step}-1]`, or one by one, `{name}[j]`"
                        ),
                    });
                }
                Kind::Name(ref inner) => {
                    let mut ends = Vec::new();
                    for id in &all {
                        match *tree.kind(*id) {
                            Kind::In(bound, range) if tree.same(bound, tree, index) => {
                                ends.push(match *tree.kind(range) {
                                    Kind::Range(_, end) => Some(end),
                                    _ => None,
                                });
                            }
                            // A range that is left out is the whole of what is indexed.
                            Kind::Call { args, .. } => {
                                if let [first, _, ..] = tree.ids(args)
                                    && tree.same(*first, tree, index)
                                {
                                    return Err(whole(index));
                                }
                            }
                            _ => {}
                        }
                    }
                    let before = |end: &Option<TreeId>| end.is_some_and(|end| self.is_before(end));
                    if !ends.is_empty() && ends.iter().all(before) {
                        continue;
                    }
                    let all_of = |end: &Option<TreeId>| {
                        end.is_some_and(|end| self.is_step(end) || tree.same(end, tree, to))
                    };
                    if !conditional && ends.iter().any(all_of) {
                        let hint = format!("end before it: `{inner} in 1..{step}-1`");
                        return Err(Whole { hint, ..whole(index) });
                    }
                    open.push(index);
                }
                _ => open.push(index),
            }
        }
        Ok(open)
    }
}

/// The body with `if e < i then e else 0` for each of these indices e: an entry that is not there yet is one outside.
fn guarded(tree: &mut Tree, body: TreeId, open: &[TreeId], step: &SmolStr) -> TreeId {
    if open.is_empty() {
        return body;
    }
    let mut copies: FxHashMap<TreeId, TreeId> = FxHashMap::default();
    for id in walk::below(tree, body) {
        let mut changed = false;
        tree.children(id, |child| changed |= copies.contains_key(&child));
        let mut copy = id;
        if changed {
            copy = tree.with_children(id, |child| copies.get(&child).copied().unwrap_or(child));
        }
        if open.contains(&id) {
            let span = tree.span(id);
            let here = tree.push(Kind::Name(step.clone()), span);
            let operands = tree.list(&[copy, here]);
            let before = tree.push(Kind::Compare { operands, relations: vec![Relation::Less] }, span);
            let outside = tree.push(Kind::Number("0".into()), span);
            copy = tree.push(Kind::If(before, copy, outside), span);
        }
        if copy != id {
            copies.insert(id, copy);
        }
    }
    copies.get(&body).copied().unwrap_or(body)
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

/// `fold(T = [onehot(1, m)[j]*first for j in 1..m], i in 2..m, [T[j] + onehot(i, m)[j]*body for j in 1..m])`, with the sum
/// of several entries that are given, and with `T[j,:]` for rows.
///
/// What is not made yet is 0, and nothing reads it. So each step adds to a row that it alone makes: derivatives keep to
/// that row, which a choice between the old and the new vector would hide.
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
    let indices = tree.list(&indices);
    let kept = tree.push(Kind::Index { base: state, indices }, span);
    let mut first = None;
    for entry in entries {
        let number = tree.push(Kind::Number(entry.number.to_string().into()), span);
        let term = row(tree, (number, to, place), entry.value, span);
        first = Some(first.map_or(term, |sum| tree.push(Kind::Binary(Binary::Add, sum, term), span)));
    }
    let made = row(tree, (index, to, place), body, span);
    let next = tree.push(Kind::Binary(Binary::Add, kept, made), span);
    let whole = tree.push(Kind::Range(one, to), span);
    let [first, next] = [first.unwrap_or(one), next].map(|body| {
        let binder = tree.push(Kind::In(place, whole), span);
        let binders = tree.list(&[binder]);
        tree.push(Kind::Comprehension { body, binders }, span)
    });
    call(tree, "fold", (state, first), (index, range), next, span)
}

/// `onehot(number, size)[place]*value`.
fn row(
    tree: &mut Tree,
    (number, size, place): (TreeId, TreeId, TreeId),
    value: TreeId,
    span: Span,
) -> TreeId {
    let head = tree.push(Kind::Name(SmolStr::new_static("onehot")), span);
    let args = tree.list(&[number, size]);
    let base = tree.push(Kind::Call { head, args }, span);
    let indices = tree.list(&[place]);
    let here = tree.push(Kind::Index { base, indices }, span);
    tree.push(Kind::Binary(Binary::Mul, here, value), span)
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
