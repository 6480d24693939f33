//! Variables of the operators of calculus, and what is differentiated by them.
//!
//! A variable of differentiation that stands for a value in its place (an argument of a function, a name with a
//! value) is replaced by a fresh symbol, and the derivative is taken at that value with `Where`: nothing else that
//! happens to contain the same symbol is differentiated with it.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::operators::{self, Operator};
use super::settler::{Bound, Callee, Done, Failed, Frame, Local, Meaning, Memo, Settler};
use super::walk;

/// A variable while its scope lasts.
pub(super) struct Variable {
    pub(super) symbol: SmolStr,
    /// Where the result is to be taken, if the name has a value.
    pub(super) at: Option<TreeId>,
}

/// What is differentiated, with its variables as symbols.
pub(super) struct Subject {
    pub(super) body: TreeId,
    pub(super) symbols: Vec<SmolStr>,
    pub(super) at: Vec<(SmolStr, TreeId)>,
}

/// Whether a variable stays free in the result.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stays {
    Free,
    Bound,
}

impl<'a> Settler<'a> {
    /// Makes a name a variable for what is settled next. The caller restores the lengths of `env` and `overrides`.
    pub(super) fn enter(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (name, span): (&'a SmolStr, Span),
        body: TreeId,
        stays: Stays,
    ) -> Result<Variable, Failed> {
        self.reordered = true;
        let meaning = self.lookup(frame, name);
        let value = match meaning {
            Meaning::Value(id) => Some(id),
            Meaning::Defined(definition) if stays == Stays::Free => {
                Some(self.value_of(frame, definition, span)?)
            }
            Meaning::Defined(_) | Meaning::Free | Meaning::Unknown => None,
            Meaning::Constant(constant) => {
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Name,
                        format!("`{name}` is the constant {constant}, not a variable"),
                        span,
                        "a variable is expected here",
                    )
                    .with_hint(format!("use another letter, or declare `{name}: real`")),
                ));
            }
            Meaning::Callee(_) => {
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Name,
                        format!("`{name}` is a function, not a variable"),
                        span,
                        "a variable is expected here",
                    )
                    .with_hint(format!("use another letter, or declare `{name}: real`")),
                ));
            }
            Meaning::Tensor => return Err(self.name(frame, name, span).err().unwrap_or(Failed)),
        };
        if stays == Stays::Free
            && let Some(id) = value
            && let Some(symbol) = self.is_symbol(id)
            && !matches!(meaning, Meaning::Defined(_))
            && !self.may_meet(frame, body, &[name], &symbol)
        {
            return Ok(Variable { symbol, at: None });
        }
        let hidden = self.env[frame.base..].iter().any(|local| match local.value {
            Bound::Value(id) => local.name != name.as_str() && self.contains(id, name),
            _ => false,
        });
        let keep = !hidden && (stays == Stays::Bound || value.is_none());
        let (symbol, at) = if keep {
            (name.clone(), None)
        } else {
            let at = match (stays, value) {
                (Stays::Bound, _) => None,
                (Stays::Free, Some(id)) => Some(id),
                (Stays::Free, None) => Some(self.symbol(name, span)),
            };
            (self.fresh(name), at)
        };
        let id = match (keep, stays) {
            (true, Stays::Free) => {
                let first = self.first_place(frame, body, name, span);
                self.symbol(&symbol, first)
            }
            _ => self.push(Kind::Name(symbol.clone()), span),
        };
        if matches!(meaning, Meaning::Defined(_)) {
            self.overrides.push((name, id));
        } else {
            self.env.push(Local { name, value: Bound::Value(id) });
        }
        if !keep || !matches!(meaning, Meaning::Free | Meaning::Unknown) {
            self.rebind(frame, memo, name)?;
        }
        Ok(Variable { symbol, at })
    }

    /// Where a name stands first in a text, so that inputs come in order of appearance.
    pub(super) fn first_place(&self, frame: &Frame<'a>, body: TreeId, name: &SmolStr, span: Span) -> Span {
        let places = walk::below(frame.tree, body).into_iter().filter_map(|id| match frame.tree.kind(id) {
            Kind::Name(text) if text == name => Some(frame.at(id)),
            _ => None,
        });
        places.chain([span]).min_by_key(|place| place.start).unwrap_or(span)
    }

    /// The symbol that a settled node is.
    pub(super) fn is_symbol(&self, id: TreeId) -> Option<SmolStr> {
        match self.out.kind(id) {
            Kind::Name(name) if operators::constant(name).is_none() || self.scope.type_of(name).is_some() => {
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Whether a text may contain a symbol by another way than through the names `own`.
    pub(super) fn may_meet(&self, frame: &Frame<'a>, body: TreeId, own: &[&SmolStr], symbol: &str) -> bool {
        walk::below(frame.tree, body).into_iter().any(|id| match frame.tree.kind(id) {
            Kind::Name(name) if !own.contains(&name) => match self.lookup(frame, name) {
                Meaning::Value(value) => self.contains(value, symbol),
                Meaning::Callee(Callee::Local(_)) => true,
                Meaning::Callee(Callee::Definition(definition)) | Meaning::Defined(definition) => {
                    self.definition_mentions(definition, symbol)
                }
                Meaning::Free | Meaning::Unknown => name == symbol,
                Meaning::Callee(Callee::Row(_)) | Meaning::Constant(_) | Meaning::Tensor => false,
            },
            _ => false,
        })
    }

    /// The names that vary in a text, in order of appearance.
    pub(super) fn variables_of(&self, frame: &Frame<'a>, source: TreeId) -> Vec<&'a SmolStr> {
        let mut found: Vec<&'a SmolStr> = Vec::new();
        let mut seen: FxHashSet<*const super::Definition> = FxHashSet::default();
        let mut work: Vec<&'a super::Definition> = Vec::new();
        let tree = frame.tree;
        let below = walk::below(tree, source);
        let mut bound: FxHashSet<&SmolStr> = FxHashSet::default();
        for &id in &below {
            match tree.kind(id) {
                Kind::In(x, _) | Kind::Arrow(x, ..) | Kind::Define { target: x, .. } => {
                    if let Kind::Name(name) = tree.kind(*x) {
                        bound.insert(name);
                    }
                }
                Kind::Call { head, args } if args.len() == 4 => {
                    if let (Kind::Name(head), Kind::Name(name)) =
                        (tree.kind(*head), tree.kind(tree.ids(*args)[1]))
                        && self.operator_of(frame, head, *args) == Some(Operator::Integral)
                    {
                        bound.insert(name);
                    }
                }
                _ => {}
            }
        }
        for &id in &below {
            if let Kind::Name(name) = tree.kind(id)
                && !bound.contains(name)
            {
                match self.lookup(frame, name) {
                    Meaning::Value(_) | Meaning::Free if !found.contains(&name) => found.push(name),
                    Meaning::Defined(definition) | Meaning::Callee(Callee::Definition(definition)) => {
                        work.push(definition);
                    }
                    _ => {}
                }
            }
        }
        while let Some(definition) = work.pop() {
            if !seen.insert(definition) {
                continue;
            }
            for name in &definition.mentions {
                match self.global(name) {
                    Meaning::Free if !found.contains(&name) => found.push(name),
                    Meaning::Defined(next) | Meaning::Callee(Callee::Definition(next)) => work.push(next),
                    _ => {}
                }
            }
        }
        found
    }

    /// An expression with variables.
    pub(super) fn subject(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        names: &[(&'a SmolStr, Span)],
        source: TreeId,
    ) -> Result<Subject, Failed> {
        let marks = (self.env.len(), self.overrides.len());
        let result = self.subject_within(frame, memo, names, source);
        self.env.truncate(marks.0);
        self.overrides.truncate(marks.1);
        result
    }

    pub(super) fn subject_within(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        names: &[(&'a SmolStr, Span)],
        source: TreeId,
    ) -> Result<Subject, Failed> {
        let mut symbols = Vec::with_capacity(names.len());
        let mut at = Vec::new();
        for &name in names {
            let variable = self.enter(frame, memo, name, source, Stays::Free)?;
            if let Some(point) = variable.at {
                at.push((variable.symbol.clone(), point));
            }
            symbols.push(variable.symbol);
        }
        let body = self.walk(frame, memo, source)?;
        Ok(Subject { body, symbols, at })
    }

    /// A function at settled values, with symbols in place of the values that `varies` tells.
    pub(super) fn function_subject(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        values: &[TreeId],
        varies: &[usize],
        spans: (Span, Span),
    ) -> Result<Subject, Failed> {
        let params = self.params(frame, callee);
        let mut args: SmallVec<[TreeId; 4]> = values.iter().copied().collect();
        let (mut symbols, mut at) = (Vec::with_capacity(varies.len()), Vec::new());
        for &place in varies {
            let (Some(&value), Some(param)) = (values.get(place), params.get(place)) else { continue };
            let direct = self.is_symbol(value).filter(|symbol| {
                values
                    .iter()
                    .enumerate()
                    .all(|(other, &value)| other == place || !self.contains(value, symbol))
                    && !self.callee_mentions(frame, callee, symbol)
            });
            if let Some(symbol) = direct {
                symbols.push(symbol);
                continue;
            }
            let symbol = self.fresh(param);
            args[place] = self.push(Kind::Name(symbol.clone()), spans.0);
            at.push((symbol.clone(), value));
            symbols.push(symbol);
        }
        let body = self.apply(frame, callee, &args, spans)?;
        Ok(Subject { body, symbols, at })
    }

    pub(super) fn params(&self, frame: &Frame<'a>, callee: Callee<'a>) -> Vec<SmolStr> {
        match callee {
            Callee::Row(id) => id.row().args.iter().map(|arg| SmolStr::new_static(arg)).collect(),
            Callee::Definition(definition) => definition.params().unwrap_or_default().to_vec(),
            Callee::Local(function) => function
                .params
                .iter()
                .map(|&param| match frame.tree.kind(param) {
                    Kind::Name(name) => name.clone(),
                    _ => SmolStr::new_static("t"),
                })
                .collect(),
        }
    }

    pub(super) fn callee_mentions(&self, frame: &Frame<'a>, callee: Callee<'a>, symbol: &str) -> bool {
        match callee {
            Callee::Row(_) => false,
            Callee::Definition(definition) => self.definition_mentions(definition, symbol),
            Callee::Local(function) => {
                let own: Vec<&SmolStr> = function
                    .params
                    .iter()
                    .filter_map(|&param| match frame.tree.kind(param) {
                        Kind::Name(name) => Some(name),
                        _ => None,
                    })
                    .collect();
                self.may_meet(frame, function.body, &own, symbol)
            }
        }
    }

    /// The arguments of a function, each standing for itself.
    pub(super) fn own_values(&mut self, frame: &Frame<'a>, callee: Callee<'a>, span: Span) -> Vec<TreeId> {
        self.params(frame, callee)
            .iter()
            .map(|param| match self.lookup(frame, param) {
                Meaning::Value(id) => id,
                _ => self.symbol(param, span),
            })
            .collect()
    }

    /// A derivative node, entry by entry for vectors.
    pub(super) fn derive(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        body: TreeId,
        symbols: &[&SmolStr],
        span: Span,
    ) -> Done {
        if let Kind::Vector(entries) = *self.out.kind(body) {
            let entries: Vec<TreeId> = self.out.ids(entries).to_vec();
            let mut derived = Vec::with_capacity(entries.len());
            for entry in entries {
                derived.push(self.derive(frame, source, entry, symbols, span)?);
            }
            return Ok(self.push_vector(&derived, span));
        }
        let body = self.as_number(frame, source, body)?;
        let names: SmallVec<[TreeId; 4]> =
            symbols.iter().map(|symbol| self.push(Kind::Name((*symbol).clone()), span)).collect();
        let variables = self.out.list(&names);
        Ok(self.push(Kind::Derivative { partial: false, variables, body }, span))
    }

    /// A value where its variables have values, entry by entry for vectors.
    pub(super) fn taken_at(&mut self, value: TreeId, at: &[(SmolStr, TreeId)], span: Span) -> TreeId {
        if at.is_empty() {
            return value;
        }
        let entries = match *self.out.kind(value) {
            Kind::Vector(entries) | Kind::Matrix(entries) => Some(entries),
            _ => None,
        };
        if let Some(entries) = entries {
            let is_matrix = matches!(self.out.kind(value), Kind::Matrix(_));
            let entries: Vec<TreeId> = self.out.ids(entries).to_vec();
            let taken: Vec<TreeId> =
                entries.into_iter().map(|entry| self.taken_at(entry, at, span)).collect();
            let list = self.out.list(&taken);
            return self.push(if is_matrix { Kind::Matrix(list) } else { Kind::Vector(list) }, span);
        }
        let mut definitions: SmallVec<[TreeId; 2]> = SmallVec::new();
        for (symbol, point) in at {
            let target = self.push(Kind::Name(symbol.clone()), span);
            let binders = self.out.list(&[]);
            definitions.push(self.push(Kind::Define { target, value: *point, binders }, span));
        }
        let list = self.out.list(&definitions);
        self.push(Kind::Where(value, list), span)
    }
}
