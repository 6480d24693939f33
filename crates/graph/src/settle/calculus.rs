//! Operators of calculus: derivatives of expressions and of functions, gradients, integrals, limits.
//!
//! A variable of differentiation that stands for a value in its place (an argument of a function, a name with a
//! value) is replaced by a fresh symbol, and the derivative is taken at that value with `Where`: nothing else that
//! happens to contain the same symbol is differentiated with it.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Side, Span, TreeId};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::operators::{self, Operator};
use super::settler::{Bound, Callee, Done, Failed, Frame, Local, Meaning, Memo, Settler};
use super::walk;

/// A variable while its scope lasts.
pub(super) struct Variable {
    symbol: SmolStr,
    /// Where the result is to be taken, if the name has a value.
    at: Option<TreeId>,
}

/// What is differentiated, with its variables as symbols.
struct Subject {
    body: TreeId,
    symbols: Vec<SmolStr>,
    at: Vec<(SmolStr, TreeId)>,
}

/// Whether a variable stays free in the result.
#[derive(Clone, Copy, PartialEq)]
enum Stays {
    Free,
    Bound,
}

impl<'a> Settler<'a> {
    // ----- variables

    /// Makes a name a variable for what is settled next. The caller restores the lengths of `env` and `overrides`.
    fn enter(
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
    fn first_place(&self, frame: &Frame<'a>, body: TreeId, name: &SmolStr, span: Span) -> Span {
        let places = walk::below(frame.tree, body).into_iter().filter_map(|id| match frame.tree.kind(id) {
            Kind::Name(text) if text == name => Some(frame.at(id)),
            _ => None,
        });
        places.chain([span]).min_by_key(|place| place.start).unwrap_or(span)
    }

    /// The symbol that a settled node is.
    fn is_symbol(&self, id: TreeId) -> Option<SmolStr> {
        match self.out.kind(id) {
            Kind::Name(name) if operators::constant(name).is_none() || self.scope.type_of(name).is_some() => {
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Whether a text may contain a symbol by another way than through the names `own`.
    fn may_meet(&self, frame: &Frame<'a>, body: TreeId, own: &[&SmolStr], symbol: &str) -> bool {
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
    fn variables_of(&self, frame: &Frame<'a>, source: TreeId) -> Vec<&'a SmolStr> {
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

    // ----- subjects

    /// An expression with variables.
    fn subject(
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

    fn subject_within(
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
    fn function_subject(
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

    fn params(&self, frame: &Frame<'a>, callee: Callee<'a>) -> Vec<SmolStr> {
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

    fn callee_mentions(&self, frame: &Frame<'a>, callee: Callee<'a>, symbol: &str) -> bool {
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
    fn own_values(&mut self, frame: &Frame<'a>, callee: Callee<'a>, span: Span) -> Vec<TreeId> {
        self.params(frame, callee)
            .iter()
            .map(|param| match self.lookup(frame, param) {
                Meaning::Value(id) => id,
                _ => self.symbol(param, span),
            })
            .collect()
    }

    /// A derivative node, entry by entry for vectors.
    fn derive(
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
    fn taken_at(&mut self, value: TreeId, at: &[(SmolStr, TreeId)], span: Span) -> TreeId {
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

    // ----- derivatives

    /// `d/dx …`, `∂²/(∂x ∂y) …`.
    pub(super) fn derivative_node(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, variables, body): (TreeId, List, TreeId),
        span: Span,
    ) -> Done {
        let variables = self.names_of(frame, frame.tree.ids(variables))?;
        self.derivative_of(frame, memo, (id, body), &variables, span)
    }

    fn names_of(
        &mut self,
        frame: &Frame<'a>,
        ids: &[TreeId],
    ) -> Result<SmallVec<[(&'a SmolStr, Span); 4]>, Failed> {
        let tree = frame.tree;
        let mut names = SmallVec::new();
        for &id in ids {
            let span = frame.at(id);
            match tree.kind(id) {
                Kind::Name(name) => names.push((name, span)),
                _ => {
                    return Err(self.fail(
                        frame,
                        Diagnostic::error(
                            Code::Name,
                            "derivatives are taken by names",
                            span,
                            "this is not a name",
                        )
                        .with_hint("name the inner part first: `d/du sin(u) where u = ...` or `f'(...)`"),
                    ));
                }
            }
        }
        Ok(names)
    }

    fn derivative_of(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, body): (TreeId, TreeId),
        variables: &[(&'a SmolStr, Span)],
        span: Span,
    ) -> Done {
        if let Some(callee) = self.callee(frame, body) {
            let mut values = self.own_values(frame, callee, span);
            if let (Callee::Row(_), [value], Some(&(name, at))) = (callee, &mut values[..], variables.first())
            {
                // Functions of the table have no names of arguments that anyone knows.
                *value = self.name(frame, name, at)?;
                let places = vec![0; variables.len()];
                let subject = self.function_subject(frame, callee, &values, &[0], (span, frame.at(body)))?;
                return self.derivative_in(frame, body, &subject, &places, span);
            }
            return self.partial(frame, callee, variables, &values, (span, frame.at(body)), body);
        }
        let mut distinct: Vec<(&'a SmolStr, Span)> = Vec::new();
        let mut places = Vec::with_capacity(variables.len());
        for &(name, at) in variables {
            let place = distinct.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                distinct.push((name, at));
                distinct.len() - 1
            });
            places.push(place);
        }
        let subject = self.subject(frame, memo, &distinct, body)?;
        self.derivative_in(frame, id, &subject, &places, span)
    }

    fn derivative_in(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        subject: &Subject,
        places: &[usize],
        span: Span,
    ) -> Done {
        let symbols: SmallVec<[&SmolStr; 4]> = places.iter().map(|&place| &subject.symbols[place]).collect();
        let derivative = self.derive(frame, source, subject.body, &symbols, span)?;
        Ok(self.taken_at(derivative, &subject.at, span))
    }

    /// A derivative of a function in arguments told by name, at values.
    fn partial(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        variables: &[(&'a SmolStr, Span)],
        values: &[TreeId],
        spans: (Span, Span),
        source: TreeId,
    ) -> Done {
        let params = self.params(frame, callee);
        let mut varies: Vec<usize> = Vec::new();
        let mut places = Vec::with_capacity(variables.len());
        for &(name, at) in variables {
            let found = params.iter().position(|param| param == name);
            let found = match (callee, found, params.len()) {
                (Callee::Row(_), None, 1) => Some(0),
                (_, found, _) => found,
            };
            let Some(argument) = found else {
                let signature = self.signature(callee);
                let list = params.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ");
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Name,
                        format!("`{signature}` has no argument `{name}`"),
                        at,
                        format!("its arguments are {list}"),
                    )
                    .with_hint(format!(
                        "apply it first, as in `d/d{name} {signature}`, or use its own names"
                    )),
                ));
            };
            let place = varies.iter().position(|&known| known == argument).unwrap_or_else(|| {
                varies.push(argument);
                varies.len() - 1
            });
            places.push(place);
        }
        let subject = self.function_subject(frame, callee, values, &varies, spans)?;
        self.derivative_in(frame, source, &subject, &places, spans.0)
    }

    /// `(∂/∂x f)(1, 2)`.
    pub(super) fn derivative_at(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        variables: List,
        values: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        let ids = frame.tree.ids(variables);
        let names = self.names_of(frame, ids)?;
        let source = ids.first().copied().unwrap_or(TreeId(0));
        self.partial(frame, callee, &names, values, spans, source)
    }

    /// `f''(3)`.
    pub(super) fn prime_at(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        times: u32,
        values: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        let params = self.params(frame, callee);
        if params.len() != 1 {
            let signature = self.signature(callee);
            let first = params.first().map_or("x", |param| param.as_str()).to_owned();
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Type,
                    format!("`{signature}` has {} arguments, and a prime does not say which", params.len()),
                    spans.1,
                    "by which argument?",
                )
                .with_hint(format!("write `∂/∂{first} {signature}`, or `grad`")),
            ));
        }
        let subject = self.function_subject(frame, callee, values, &[0], spans)?;
        if subject.symbols.is_empty() {
            // The number of arguments is wrong, and said already by the call.
            return Err(Failed);
        }
        let places = vec![0; times as usize];
        // Only the place of the error is asked of the source, and bodies of functions were checked.
        let source = self.whole.1;
        self.derivative_in(frame, source, &subject, &places, spans.0)
    }

    /// A prime that no argument follows.
    pub(super) fn prime(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        inner: TreeId,
        times: u32,
        span: Span,
    ) -> Done {
        if let Some(callee) = self.callee(frame, inner) {
            let values = self.own_values(frame, callee, span);
            return self.prime_at(frame, callee, times, &values, (span, span));
        }
        if let Kind::Name(name) = frame.tree.kind(inner)
            && let Meaning::Free | Meaning::Value(_) | Meaning::Constant(_) | Meaning::Unknown =
                self.lookup(frame, name)
        {
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Type,
                    format!("`{name}` is a number: it has neither a derivative nor a transpose of its own"),
                    span,
                    "a prime stands behind a number",
                )
                .with_hint(format!(
                    "define `{name}(t) = ...` first for a function, or write `d/dx` before a formula"
                )),
            ));
        }
        let variables = self.variables_of(frame, inner);
        if let [name] = variables[..] {
            let named: Vec<(&'a SmolStr, Span)> = vec![(name, span); times as usize];
            self.note(Diagnostic::note(
                format!("the prime is read as the derivative in `{name}`"),
                span,
                "a number has no transpose",
            ));
            return self.derivative_of(frame, memo, (inner, inner), &named, span);
        }
        let message = if variables.is_empty() {
            "there is nothing to differentiate by".to_owned()
        } else {
            let list = variables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("a prime does not say whether to differentiate by {list}")
        };
        let hint = match variables.first() {
            Some(name) => format!("write `∂/∂{name} (...)`"),
            None => "a prime stands behind a function or a formula with one variable".to_owned(),
        };
        Err(self.fail(
            frame,
            Diagnostic::error(Code::Type, message, span, "a prime behind a formula").with_hint(hint),
        ))
    }

    /// `diff(f, x)`, `diff(f, x, 2)`, `diff(f, x, y)`.
    pub(super) fn diff(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, rest) = match tree.ids(args) {
            [body, rest @ ..] => (*body, rest),
            [] => return Err(self.wrong_operator(frame, id, "diff(x^2, x)")),
        };
        let mut variables: SmallVec<[(&'a SmolStr, Span); 4]> = SmallVec::new();
        for &argument in rest {
            match (tree.kind(argument), variables.last()) {
                (Kind::Number(times), Some(&last)) => match times.parse::<usize>() {
                    Ok(times) if (1..=1000).contains(&times) => {
                        variables.extend(std::iter::repeat_n(last, times - 1));
                    }
                    _ => return Err(self.wrong_operator(frame, id, "diff(x^2, x, 2)")),
                },
                _ => variables.extend(self.names_of(frame, &[argument])?),
            }
        }
        if variables.is_empty() {
            match self.variables_of(frame, body)[..] {
                [name] => variables.push((name, span)),
                _ => return Err(self.wrong_operator(frame, id, "diff(x^2, x)")),
            }
        }
        self.derivative_of(frame, memo, (body, body), &variables, span)
    }

    fn wrong_operator(&mut self, frame: &Frame<'a>, id: TreeId, example: &str) -> Failed {
        let name = example.split('(').next().unwrap_or_default();
        let at = frame.at(id);
        self.fail(
            frame,
            Diagnostic::error(
                Code::Type,
                format!("`{name}` is not written so"),
                at,
                "its arguments are missing or of another kind",
            )
            .with_hint(format!("write for example `{example}`")),
        )
    }

    // ----- gradients and their like

    /// `grad(f)`, `hessian(x^2*y)`, `jacobian(F, [x, y])`.
    pub(super) fn differential(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, head, args): (TreeId, TreeId, List),
        operator: Operator,
    ) -> Done {
        let tree = frame.tree;
        let (source, rest) = match tree.ids(args) {
            [source, rest @ ..] => (*source, rest),
            [] => return Err(self.wrong_operator(frame, id, "grad(x^2 + y^3)")),
        };
        let listed: &[TreeId] = match rest {
            [one] => match tree.kind(*one) {
                Kind::Vector(list) | Kind::Tuple(list) => tree.ids(*list),
                _ => rest,
            },
            _ => rest,
        };
        let listed = self.names_of(frame, listed)?;
        let subject = self.many(frame, memo, source, &listed, frame.at(id))?;
        let _ = head;
        self.assemble(frame, source, operator, &subject, frame.at(id))
    }

    /// What is differentiated by several variables: those listed, or all that it has.
    fn many(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        source: TreeId,
        listed: &[(&'a SmolStr, Span)],
        span: Span,
    ) -> Result<Subject, Failed> {
        let tree = frame.tree;
        let function = match *tree.kind(source) {
            Kind::Name(_) => self.callee(frame, source).map(|callee| (callee, None)),
            Kind::Call { head, args } if listed.is_empty() => match self.callee(frame, head) {
                // `∇f(1, 2)` is the gradient of f there, since nothing in the call varies.
                Some(callee)
                    if !args.is_empty()
                        && tree.ids(args).iter().all(|&arg| self.variables_of(frame, arg).is_empty()) =>
                {
                    Some((callee, Some(args)))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some((callee, args)) = function {
            let params = self.params(frame, callee);
            let values = match args {
                None => self.own_values(frame, callee, span),
                Some(args) => {
                    let mut values = Vec::with_capacity(args.len());
                    for &arg in tree.ids(args) {
                        let value = self.walk(frame, memo, arg)?;
                        values.push(self.as_number(frame, arg, value)?);
                    }
                    values
                }
            };
            let mut varies: Vec<usize> = (0..params.len()).collect();
            if !listed.is_empty() {
                varies.clear();
                for &(name, at) in listed {
                    match params.iter().position(|param| param == name) {
                        Some(place) => varies.push(place),
                        None => {
                            let signature = self.signature(callee);
                            return Err(self.fail(
                                frame,
                                Diagnostic::error(
                                    Code::Name,
                                    format!("`{signature}` has no argument `{name}`"),
                                    at,
                                    "not among its arguments",
                                )
                                .with_hint("use the names of its definition"),
                            ));
                        }
                    }
                }
            }
            return self.function_subject(frame, callee, &values, &varies, (span, frame.at(source)));
        }
        let mut names: Vec<(&'a SmolStr, Span)> = listed.to_vec();
        if names.is_empty() {
            names =
                self.variables_of(frame, source).into_iter().map(|name| (name, frame.at(source))).collect();
            if names.is_empty() {
                let at = frame.at(source);
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "there is nothing to differentiate by",
                        at,
                        "this has no variable",
                    )
                    .with_hint("write a formula with variables, such as `grad(x^2 + y^3)`"),
                ));
            }
            if names.len() > 1 {
                let list = names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                self.note(
                    Diagnostic::note(
                        format!("differentiated in the order {list}"),
                        span,
                        "by all its variables",
                    )
                    .with_hint("list them to choose, as in `grad(f, [y, x])`"),
                );
            }
        }
        self.subject(frame, memo, &names, source)
    }

    /// `grad(f)(1, 2)`.
    pub(super) fn operator_at(
        &mut self,
        frame: &Frame<'a>,
        operator: Operator,
        callee: Callee<'a>,
        values: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        let varies: Vec<usize> = (0..self.params(frame, callee).len()).collect();
        let subject = self.function_subject(frame, callee, values, &varies, spans)?;
        if subject.symbols.len() != varies.len() {
            return Err(Failed);
        }
        let source = self.whole.1;
        self.assemble(frame, source, operator, &subject, spans.0)
    }

    fn assemble(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        operator: Operator,
        subject: &Subject,
        span: Span,
    ) -> Done {
        let symbols = &subject.symbols;
        let rows: Option<Vec<TreeId>> = match *self.out.kind(subject.body) {
            Kind::Vector(entries) => Some(self.out.ids(entries).to_vec()),
            _ => None,
        };
        let value = match (operator, rows) {
            (Operator::Gradient | Operator::Jacobian, None) => {
                self.row(frame, source, subject.body, symbols, span)?
            }
            (Operator::Gradient | Operator::Jacobian, Some(entries)) => {
                let mut rows = Vec::with_capacity(entries.len());
                for entry in entries {
                    rows.push(self.row(frame, source, entry, symbols, span)?);
                }
                let list = self.out.list(&rows);
                self.push(Kind::Matrix(list), span)
            }
            (Operator::Hessian, None) => {
                let n = symbols.len();
                let mut cells: Vec<TreeId> = Vec::with_capacity(n * n);
                let mut rows = Vec::with_capacity(n);
                for i in 0..n {
                    for j in 0..n {
                        let cell = if j < i {
                            cells[j * n + i]
                        } else {
                            self.derive(frame, source, subject.body, &[&symbols[i], &symbols[j]], span)?
                        };
                        cells.push(cell);
                    }
                    rows.push(self.push_vector(&cells[i * n..], span));
                }
                let list = self.out.list(&rows);
                self.push(Kind::Matrix(list), span)
            }
            (Operator::Laplacian, None) => {
                let mut terms = Vec::with_capacity(symbols.len());
                for symbol in symbols {
                    terms.push(self.derive(frame, source, subject.body, &[symbol, symbol], span)?);
                }
                self.fold(operators::Reduce::Sum, &terms, span).ok_or(Failed)?
            }
            (Operator::Divergence, Some(entries)) if entries.len() == symbols.len() => {
                let mut terms = Vec::with_capacity(symbols.len());
                for (entry, symbol) in entries.into_iter().zip(symbols) {
                    terms.push(self.derive(frame, source, entry, &[symbol], span)?);
                }
                self.fold(operators::Reduce::Sum, &terms, span).ok_or(Failed)?
            }
            (Operator::Divergence, entries) => {
                let count = entries.map_or(1, |entries| entries.len());
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Shape,
                        format!(
                            "the divergence needs as many entries as variables: here {count} and {}",
                            symbols.len()
                        ),
                        span,
                        "of a vector-valued function",
                    )
                    .with_hint("write `div([x*y, y^2], [x, y])`"),
                ));
            }
            _ => {
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Shape,
                        "this is taken of a scalar function",
                        span,
                        "the value is a vector",
                    )
                    .with_hint("for vector-valued functions there is `jacobian`"),
                ));
            }
        };
        Ok(self.taken_at(value, &subject.at, span))
    }

    fn row(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        body: TreeId,
        symbols: &[SmolStr],
        span: Span,
    ) -> Done {
        let mut cells = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            cells.push(self.derive(frame, source, body, &[symbol], span)?);
        }
        Ok(self.push_vector(&cells, span))
    }

    /// `along(f, v)`: the derivative in the direction of v, with v normalised.
    pub(super) fn along(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        let (source, rest) = match tree.ids(args) {
            [source, rest @ ..] if !rest.is_empty() => (*source, rest),
            _ => return Err(self.wrong_operator(frame, id, "along(x^2 + y, [3, 4])")),
        };
        let listed: &[TreeId] = match rest {
            [one] => match tree.kind(*one) {
                Kind::Vector(list) | Kind::Tuple(list) => tree.ids(*list),
                _ => rest,
            },
            _ => rest,
        };
        let mut direction: Vec<TreeId> = Vec::with_capacity(listed.len());
        for &entry in listed {
            let value = self.walk(frame, memo, entry)?;
            if let (Kind::Vector(entries), [_]) = (self.out.kind(value), listed) {
                direction.extend_from_slice(self.out.ids(*entries));
            } else {
                direction.push(self.as_number(frame, entry, value)?);
            }
        }
        let subject = self.many(frame, memo, source, &[], span)?;
        let place = rest.iter().map(|&id| frame.at(id)).reduce(Span::to).unwrap_or(span);
        if direction.len() != subject.symbols.len() {
            let list = subject.symbols.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", ");
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Shape,
                    format!(
                        "the direction has {} entries, and the function {} variables ({list})",
                        direction.len(),
                        subject.symbols.len()
                    ),
                    place,
                    "the direction",
                )
                .with_hint("give one entry for each variable, in this order"),
            ));
        }
        let Some(length) = self.length(frame, &direction, place)? else {
            let mut sum = None;
            for (entry, symbol) in direction.iter().zip(&subject.symbols) {
                sum = self.add_term(frame, source, sum, *entry, (subject.body, symbol), span)?;
            }
            let value = sum.ok_or(Failed)?;
            return Ok(self.taken_at(value, &subject.at, span));
        };
        let mut sum = None;
        for (entry, symbol) in direction.iter().zip(&subject.symbols) {
            sum = self.add_term(frame, source, sum, *entry, (subject.body, symbol), span)?;
        }
        let sum = sum.ok_or(Failed)?;
        self.note(
            Diagnostic::note("the direction is divided by its length", place, "not of length 1")
                .with_hint("a directional derivative is the slope for a step of length 1"),
        );
        let value = self.push(Kind::Binary(Binary::Div, sum, length), span);
        Ok(self.taken_at(value, &subject.at, span))
    }

    fn add_term(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        sum: Option<TreeId>,
        entry: TreeId,
        (body, symbol): (TreeId, &SmolStr),
        span: Span,
    ) -> Result<Option<TreeId>, Failed> {
        let number = self.integer(entry);
        if number == Some(0) {
            return Ok(sum);
        }
        let derivative = self.derive(frame, source, body, &[symbol], span)?;
        let term = match number {
            Some(1) => derivative,
            _ => self.push(Kind::Binary(Binary::Mul, entry, derivative), span),
        };
        Ok(Some(match sum {
            None => term,
            Some(before) => self.push(Kind::Binary(Binary::Add, before, term), span),
        }))
    }

    /// The length of a direction; `None` where it is 1.
    fn length(
        &mut self,
        frame: &Frame<'a>,
        direction: &[TreeId],
        span: Span,
    ) -> Result<Option<TreeId>, Failed> {
        let squares: Option<i64> = direction
            .iter()
            .map(|&entry| self.integer(entry).and_then(|n| n.checked_mul(n)))
            .try_fold(0i64, |sum, square| sum.checked_add(square?));
        match squares {
            Some(0) => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Domain,
                    "the zero vector has no direction",
                    span,
                    "all its entries are 0",
                )
                .with_hint("give a direction that is not zero"),
            )),
            Some(1) => Ok(None),
            Some(square) => {
                let root = square.isqrt();
                if root * root == square {
                    return Ok(Some(self.push_number(root, span)));
                }
                let square = self.push_number(square, span);
                Ok(Some(self.push_call("sqrt", &[square], span)))
            }
            None => {
                let mut sum = None;
                for &entry in direction {
                    let two = self.push_number(2, span);
                    let square = self.push(Kind::Binary(Binary::Pow, entry, two), span);
                    sum = Some(match sum {
                        None => square,
                        Some(before) => self.push(Kind::Binary(Binary::Add, before, square), span),
                    });
                }
                let sum = sum.ok_or(Failed)?;
                Ok(Some(self.push_call("sqrt", &[sum], span)))
            }
        }
    }

    // ----- integrals, limits, series

    /// `integral(f, x)`, `integral(f, x, a, b)`, `integral(f, x in a..b)`.
    pub(super) fn integral(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "integral(exp(-x^2), x, 0, inf)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, ends) = match *tree.ids(args) {
            [body, x] => match *tree.kind(x) {
                Kind::In(x, set) | Kind::Equation(x, set) => match *tree.kind(set) {
                    Kind::Range(a, b) => (body, x, Some((a, b))),
                    Kind::Vector(list) | Kind::Tuple(list) if list.len() == 2 => {
                        (body, x, Some((tree.ids(list)[0], tree.ids(list)[1])))
                    }
                    _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
                },
                _ => (body, x, None),
            },
            [body, x, a, b] => (body, x, Some((a, b))),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let ends = match ends {
            None => None,
            Some((a, b)) => {
                let from = self.walk(frame, memo, a)?;
                let from = self.as_number(frame, a, from)?;
                let to = self.walk(frame, memo, b)?;
                Some((from, self.as_number(frame, b, to)?))
            }
        };
        let stays = if ends.is_some() { Stays::Bound } else { Stays::Free };
        let (inner, variable) = self.in_variable(frame, memo, (name, frame.at(variable)), body, stays)?;
        let symbol = self.push(Kind::Name(variable.symbol.clone()), span);
        let call = match ends {
            Some((from, to)) => self.push_call("integral", &[inner, symbol, from, to], span),
            None => self.push_call("integral", &[inner, symbol], span),
        };
        Ok(self.at_variable(call, variable, span))
    }

    /// Settles a body with a name as its variable.
    fn in_variable(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        name: (&'a SmolStr, Span),
        body: TreeId,
        stays: Stays,
    ) -> Result<(TreeId, Variable), Failed> {
        let marks = (self.env.len(), self.overrides.len());
        let result = match self.enter(frame, memo, name, body, stays) {
            Err(failed) => Err(failed),
            Ok(variable) => {
                let value = match self.callee(frame, body) {
                    Some(callee) => {
                        let symbol = self.push(Kind::Name(variable.symbol.clone()), name.1);
                        self.apply(frame, callee, &[symbol], (frame.at(body), frame.at(body)))
                    }
                    None => self.walk(frame, memo, body),
                };
                value.and_then(|value| self.as_number(frame, body, value)).map(|value| (value, variable))
            }
        };
        self.env.truncate(marks.0);
        self.overrides.truncate(marks.1);
        result
    }

    fn at_variable(&mut self, value: TreeId, variable: Variable, span: Span) -> TreeId {
        match variable.at {
            Some(point) => self.taken_at(value, &[(variable.symbol, point)], span),
            None => value,
        }
    }

    /// `limit(sin(x)/x, x -> 0+)`.
    pub(super) fn limit(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "limit(sin(x)/x, x -> 0)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, point, side) = match *tree.ids(args) {
            [body, to] => match *tree.kind(to) {
                Kind::Arrow(x, point, side) => (body, x, point, side),
                Kind::Equation(x, point) => (body, x, point, Side::Both),
                _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
            },
            [body, x, point] => (body, x, point, Side::Both),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let value = self.walk(frame, memo, point)?;
        let point = self.as_number(frame, point, value)?;
        let (inner, variable) =
            self.in_variable(frame, memo, (name, frame.at(variable)), body, Stays::Bound)?;
        let symbol = self.push(Kind::Name(variable.symbol), span);
        let side = match side {
            Side::Both => 0,
            Side::Left => -1,
            Side::Right => 1,
        };
        let side = self.push_number(side, span);
        Ok(self.push_call("limit", &[inner, symbol, point, side], span))
    }

    /// `taylor(sin(x), x = 0, 7)`.
    pub(super) fn taylor(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "taylor(sin(x), x = 0, 7)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, point, order) = match *tree.ids(args) {
            [body, at, order] => match *tree.kind(at) {
                Kind::Equation(x, point) | Kind::Arrow(x, point, Side::Both) => (body, x, point, order),
                _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
            },
            [body, x, point, order] => (body, x, point, order),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let value = self.walk(frame, memo, point)?;
        let point = self.as_number(frame, point, value)?;
        let settled = self.walk(frame, memo, order)?;
        if !self.integer(settled).is_some_and(|order| (0..=1000).contains(&order)) {
            let at = frame.at(order);
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Type,
                    "the order of a Taylor polynomial is a whole number from 0 to 1000",
                    at,
                    "not such a number",
                )
                .with_hint(format!("write `{EXAMPLE}`")),
            ));
        }
        let (inner, variable) =
            self.in_variable(frame, memo, (name, frame.at(variable)), body, Stays::Free)?;
        let symbol = self.push(Kind::Name(variable.symbol.clone()), span);
        let call = self.push_call("taylor", &[inner, symbol, point, settled], span);
        Ok(self.at_variable(call, variable, span))
    }
}
