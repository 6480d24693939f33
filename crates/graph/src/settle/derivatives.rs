//! Derivatives of expressions and of functions: `d/dx`, `∂/∂y`, primes, `diff`.

use agnesi_syntax::{Code, Diagnostic, Kind, List, Span, TreeId};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::settler::{Callee, Done, Failed, Frame, Meaning, Memo, Settler};
use super::variables::Subject;

impl<'a> Settler<'a> {
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

    pub(super) fn names_of(
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

    pub(super) fn derivative_of(
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

    pub(super) fn derivative_in(
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
    pub(super) fn partial(
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

    pub(super) fn wrong_operator(&mut self, frame: &Frame<'a>, id: TreeId, example: &str) -> Failed {
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
}
