//! `where`, reductions over literal ranges, entries of vectors, membership in an interval.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Prefix, Relation, Span, TreeId};
use smallvec::SmallVec;

use super::operators::Reduce;
use super::settler::{Bound, Done, Failed, Frame, Local, LocalFunction, Memo, Settler};
use super::walk;

/// Reductions over more terms than this are not written out.
const MOST_TERMS: usize = 1000;

impl<'a> Settler<'a> {
    /// `body where a = 1, f(t) = t^2`: each may use those that do not use it, in any order.
    pub(super) fn where_node(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        body: TreeId,
        list: List,
    ) -> Done {
        self.reordered = true;
        let base = self.env.len();
        let result = self.bind_all(frame, memo, list).and_then(|()| self.walk(frame, memo, body));
        self.env.truncate(base);
        result
    }

    fn bind_all(&mut self, frame: &Frame<'a>, memo: &mut Memo, list: List) -> Result<(), Failed> {
        let tree = frame.tree;
        let mut pending: SmallVec<[(&'a str, TreeId, TreeId); 4]> = SmallVec::new();
        for &definition in tree.ids(list) {
            let Kind::Define { target, value, .. } = *tree.kind(definition) else { return Err(Failed) };
            let named = match tree.kind(target) {
                Kind::Call { head, .. } => *head,
                _ => target,
            };
            match tree.kind(named) {
                Kind::Name(name) => pending.push((name, target, value)),
                _ => return Err(self.later(frame, target, "definitions by index")),
            }
        }
        while !pending.is_empty() {
            let ready = pending.iter().position(|&(_, _, value)| {
                !pending.iter().any(|(name, ..)| walk::mentions(tree, value, name))
            });
            let Some(at) = ready else {
                let (name, target, _) = pending[0];
                let span = frame.at(target);
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Name,
                        format!("`{name}` is defined by itself"),
                        span,
                        "its value needs it already",
                    )
                    .with_hint("a definition may use only what does not depend on it"),
                ));
            };
            let (name, target, value) = pending.remove(at);
            let bound = match tree.kind(target) {
                Kind::Call { args, .. } => Bound::Function(LocalFunction {
                    name,
                    params: tree.ids(*args),
                    body: value,
                    sees: self.env.len(),
                }),
                _ => Bound::Abbreviation(self.walk(frame, memo, value)?, value),
            };
            self.env.push(Local { name, value: bound });
        }
        Ok(())
    }

    /// Settles what `where` has bound anew, after a name that it rests on was bound anew.
    pub(super) fn rebind(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        variable: &str,
    ) -> Result<(), Failed> {
        let end = self.env.len();
        for at in frame.base..end {
            let local = self.env[at].clone();
            let hidden =
                local.name == variable || self.env[at + 1..end].iter().any(|later| later.name == local.name);
            if hidden {
                continue;
            }
            let value = match local.value {
                Bound::Value(_) => continue,
                Bound::Abbreviation(_, source) => {
                    Bound::Abbreviation(self.walk(frame, memo, source)?, source)
                }
                Bound::Function(function) => {
                    Bound::Function(LocalFunction { sees: self.env.len(), ..function })
                }
            };
            self.env.push(Local { value, ..local });
        }
        Ok(())
    }

    /// `sum(i in 1..5, i^2)` and its like over literal ranges and lists of entries.
    pub(super) fn reduce(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, head, args): (TreeId, TreeId, List),
        reduce: Reduce,
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        let ids = tree.ids(args);
        let mut values: Vec<TreeId> = Vec::new();
        match ids {
            [list] if !matches!(tree.kind(*list), Kind::In(..)) => {
                let settled = self.walk(frame, memo, *list)?;
                match self.out.kind(settled) {
                    Kind::Vector(entries) => values.extend_from_slice(self.out.ids(*entries)),
                    _ => return Err(self.no_reduction(frame, head)),
                }
            }
            [binders @ .., body] if !binders.is_empty() => {
                if !binders.iter().all(|&binder| matches!(tree.kind(binder), Kind::In(..))) {
                    if matches!(tree.kind(binders[0]), Kind::Name(_) | Kind::In(..)) {
                        return Err(self.later(frame, id, "reductions over ranges that the indexing gives"));
                    }
                    return Err(self.no_reduction(frame, head));
                }
                let base = self.env.len();
                let result = self.terms(frame, memo, binders, *body, &mut values);
                self.env.truncate(base);
                result?;
            }
            _ => return Err(self.no_reduction(frame, head)),
        }
        match (self.fold(reduce, &values, span), reduce) {
            (Some(value), _) => Ok(value),
            (None, Reduce::Sum) => Ok(self.push_number(0, span)),
            (None, Reduce::Product) => Ok(self.push_number(1, span)),
            (None, _) => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Domain,
                    "there is nothing in this range",
                    span,
                    "an empty range has no value",
                )
                .with_hint("a range `a..b` holds numbers when a <= b"),
            )),
        }
    }

    fn no_reduction(&mut self, frame: &Frame<'a>, head: TreeId) -> Failed {
        let name = match frame.tree.kind(head) {
            Kind::Name(name) => name.as_str(),
            _ => "sum",
        };
        let at = frame.at(head);
        self.fail(
            frame,
            Diagnostic::error(
                Code::Type,
                format!("`{name}` needs a list or a range"),
                at,
                "it runs over several values",
            )
            .with_hint(format!("write `{name}(i in 1..5, i^2)` or `{name}([a, b, c])`")),
        )
    }

    fn terms(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        binders: &[TreeId],
        body: TreeId,
        values: &mut Vec<TreeId>,
    ) -> Result<(), Failed> {
        let tree = frame.tree;
        let [first, rest @ ..] = binders else {
            let value = self.walk(frame, memo, body)?;
            values.push(self.as_number(frame, body, value)?);
            if values.len() > MOST_TERMS {
                return Err(self.stop(frame, body, format!("this runs over more than {MOST_TERMS} values")));
            }
            return Ok(());
        };
        let &Kind::In(variable, range) = tree.kind(*first) else { return Err(Failed) };
        let (Kind::Name(name), &Kind::Range(from, to)) = (tree.kind(variable), tree.kind(range)) else {
            return Err(self.later(frame, *first, "ranges other than `a..b`"));
        };
        let from = self.bound(frame, memo, from)?;
        let to = self.bound(frame, memo, to)?;
        if to.saturating_sub(from) >= MOST_TERMS as i64 {
            return Err(self.stop(frame, range, format!("this runs over more than {MOST_TERMS} values")));
        }
        let span = frame.at(variable);
        let base = self.env.len();
        for number in from..=to {
            let id = self.push_number(number, span);
            self.env.push(Local { name, value: Bound::Value(id) });
            self.rebind(frame, memo, name)?;
            self.terms(frame, memo, rest, body, values)?;
            self.env.truncate(base);
        }
        Ok(())
    }

    fn bound(&mut self, frame: &Frame<'a>, memo: &mut Memo, id: TreeId) -> Result<i64, Failed> {
        let value = self.walk(frame, memo, id)?;
        match self.integer(value) {
            Some(number) => Ok(number),
            None => Err(self.later(frame, id, "ranges with symbolic ends")),
        }
    }

    /// The value of a settled whole-number expression.
    pub(super) fn integer(&self, id: TreeId) -> Option<i64> {
        self.integer_within(id, 32)
    }

    fn integer_within(&self, id: TreeId, depth: u32) -> Option<i64> {
        let depth = depth.checked_sub(1)?;
        match self.out.kind(id) {
            Kind::Number(text) => text.parse().ok(),
            Kind::Prefix(Prefix::Neg, x) => self.integer_within(*x, depth)?.checked_neg(),
            Kind::Binary(op, a, b) => {
                let (a, b) = (self.integer_within(*a, depth)?, self.integer_within(*b, depth)?);
                match op {
                    Binary::Add => a.checked_add(b),
                    Binary::Sub => a.checked_sub(b),
                    Binary::Mul => a.checked_mul(b),
                    Binary::Div if b != 0 && a % b == 0 => Some(a / b),
                    Binary::Pow => a.checked_pow(u32::try_from(b).ok()?),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `v[2]` of a vector that is written out.
    pub(super) fn index(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, base, indices): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        if let Kind::Name(name) = tree.kind(base)
            && matches!(
                self.lookup(frame, name),
                super::settler::Meaning::Free | super::settler::Meaning::Unknown
            )
        {
            return Err(self.later(frame, id, "entries of vectors and matrices"));
        }
        let vector = self.walk(frame, memo, base)?;
        let (Kind::Vector(entries), &[index]) = (self.out.kind(vector), tree.ids(indices)) else {
            return Err(self.later(frame, id, "entries of vectors and matrices"));
        };
        let entries = *entries;
        let place = self.walk(frame, memo, index)?;
        let Some(number) = self.integer(place) else {
            return Err(self.later(frame, index, "symbolic indices"));
        };
        let found = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        match found.and_then(|n| self.out.ids(entries).get(n).copied()) {
            Some(entry) => Ok(entry),
            None => {
                let at = frame.at(index);
                let count = entries.len();
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Shape,
                        format!("this vector has {count} entries, and there is none with number {number}"),
                        at,
                        "outside the vector",
                    )
                    .with_hint(format!("entries are numbered from 1 to {count}")),
                ))
            }
        }
    }

    /// `[a; b]` is a vector; other matrices wait.
    pub(super) fn matrix(&mut self, frame: &Frame<'a>, memo: &mut Memo, id: TreeId, rows: List) -> Done {
        let tree = frame.tree;
        let mut entries: SmallVec<[TreeId; 8]> = SmallVec::new();
        for &row in tree.ids(rows) {
            match tree.kind(row) {
                Kind::Vector(cells) if cells.len() == 1 => {
                    let cell = tree.ids(*cells)[0];
                    let value = self.walk(frame, memo, cell)?;
                    entries.push(self.as_number(frame, cell, value)?);
                }
                _ => return Err(self.later(frame, id, "matrices")),
            }
        }
        let span = frame.at(id);
        Ok(self.push_vector(&entries, span))
    }

    /// `x in [0, 1]` as a condition.
    pub(super) fn membership(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (x, set): (TreeId, TreeId),
        span: Span,
    ) -> Done {
        let tree = frame.tree;
        let (ends, relation) = match tree.kind(set) {
            Kind::Vector(list) if list.len() == 2 => {
                ((tree.ids(*list)[0], tree.ids(*list)[1]), Relation::LessEqual)
            }
            Kind::Tuple(list) if list.len() == 2 => {
                ((tree.ids(*list)[0], tree.ids(*list)[1]), Relation::Less)
            }
            _ => {
                let at = frame.at(set);
                return Err(self.fail(
                    frame,
                    Diagnostic::error(Code::Type, "`in` needs an interval here", at, "not an interval")
                        .with_hint("write `x in [0, 1]`, or `0 <= x <= 1`"),
                ));
            }
        };
        let mut values: SmallVec<[TreeId; 3]> = SmallVec::new();
        for source in [ends.0, x, ends.1] {
            let value = self.walk(frame, memo, source)?;
            values.push(self.as_number(frame, source, value)?);
        }
        self.chain(&values, &[relation, relation], span)
    }
}
