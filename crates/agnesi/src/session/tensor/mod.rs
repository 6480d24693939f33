//! Requests about vectors, matrices and tensors: the verbs for which shapes matter.
//!
//! A request goes here when its text speaks of tensors ([`agnesi_graph::needs_shapes`]); formulas of scalars alone go
//! through `understand.rs`. Answers are the same data.

mod check;
pub(super) mod compile;
mod diff;
mod evidence;
mod plain;
mod point;
mod program;
mod words;

use agnesi_calculus::TensorSimplifier;
use agnesi_graph::{Graph, NodeId, Scope, Shaped, Style, SymbolId, Type, needs_shapes};
use agnesi_syntax::{Code, Diagnostic, Expression, Span, Tree, TreeId, parse_expression, print};
use smol_str::SmolStr;

use super::understand::{failure, take_definitions, teach};
use super::{Outcome, Session};
use crate::protocol::{Failure, Note, Request, Verb};

/// The answer to a request about tensors; `None` if it is about scalars alone, or has no formula.
pub(crate) fn answer(session: &Session, request: &Request) -> Option<Outcome> {
    match request.verb {
        Verb::Eval | Verb::Simplify | Verb::Diff | Verb::Check | Verb::Describe => {}
        Verb::Explain | Verb::Taylor | Verb::Plot => {}
        _ => return None,
    }
    let reading = match Reading::of(session, request) {
        Ok(Some(reading)) => reading,
        Ok(None) => return None,
        Err(failure) => return Some(Err(failure)),
    };
    Some(match request.verb {
        Verb::Eval => plain::eval(reading, request),
        Verb::Simplify => plain::simplify(reading, request),
        Verb::Diff => diff::answer(reading, request),
        Verb::Check => check::answer(reading, request),
        Verb::Explain => diff::explain(reading, request),
        Verb::Describe => plain::describe(reading, request),
        _ => Err(reading.refuse(
            &format!(
                "`{}` takes formulas of numbers, and this one has vectors, matrices or loops",
                request.verb.as_str()
            ),
            "ask for `diff`, `eval`, `simplify`, `check` or `compile`",
        )),
    })
}

/// A formula of tensors, read, with everything that verbs ask of it.
pub(crate) struct Reading {
    pub scope: Scope,
    pub graph: Graph,
    pub tree: Tree,
    pub root: TreeId,
    pub shaped: Shaped,
    pub simplifier: TensorSimplifier,
    pub notes: Vec<Note>,
    /// The formula as it was understood.
    pub text: String,
}

impl Reading {
    /// Reads a request's formula; `None` if it needs no shapes.
    pub fn of(session: &Session, request: &Request) -> Result<Option<Reading>, Failure> {
        let Some(text) = request.expr.as_deref() else { return Ok(None) };
        let mut notes = Vec::new();
        let mut scope = session.scope_of(request, &mut notes)?;
        let parsed = parse_expression(text, &scope);
        let definitions = text.contains([';', '\n', '=']);
        if !definitions && !needs_shapes(&parsed.tree, parsed.root, &scope) {
            return Ok(None);
        }
        let rest = take_definitions(&mut scope, text, "expr", &mut notes)?;
        let parsed = parse_expression(rest.as_deref().unwrap_or(text), &scope);
        if !needs_shapes(&parsed.tree, parsed.root, &scope) {
            return Ok(None);
        }
        if parsed.has_errors() {
            return Err(failure(&parsed.diagnostics, "expr"));
        }
        notes.extend(parsed.diagnostics.iter().map(|d| Note::of(d, "expr")));
        Reading::read(scope, parsed, text, notes).map(Some)
    }

    /// Reads what was parsed of a text, with shapes.
    fn read(scope: Scope, parsed: Expression, text: &str, mut notes: Vec<Note>) -> Result<Reading, Failure> {
        let mut graph = Graph::new();
        teach(&mut graph, &scope)?;
        let shaped = graph
            .read_shaped(&parsed.tree, parsed.root, &scope)
            .map_err(|errors| with_declarations(failure(&errors, "expr"), &errors, text, &scope))?;
        notes.extend(shaped.notes.iter().map(|d| Note::of(d, "expr")));
        let text = print::text(&parsed.tree, parsed.root);
        Ok(Reading {
            scope,
            graph,
            tree: parsed.tree,
            root: parsed.root,
            shaped,
            simplifier: TensorSimplifier::default(),
            notes,
            text,
        })
    }

    pub fn style(&self) -> Style {
        Style { decimals: self.shaped.has_decimals }
    }

    pub fn span(&self) -> Span {
        self.tree.span(self.root)
    }

    /// A refusal of the whole formula.
    pub fn refuse(&self, message: &str, hint: &str) -> Failure {
        let d = Diagnostic::error(Code::Unsupported, message, self.span(), "this formula");
        failure(&[d.with_hint(hint)], "expr")
    }

    /// Whether a name is the size of an axis of what is declared, and nothing else.
    pub fn is_size(&self, name: &str) -> bool {
        self.type_of(name).is_none() && self.sizes().iter().any(|size| size == name)
    }

    /// The names that stand in the sizes of declared or inferred types.
    fn sizes(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = Vec::new();
        let declared = self.scope.names().filter_map(|n| self.scope.type_of(n)).cloned();
        let inferred = self.shaped.inferred.iter().map(|(_, ty)| ty.clone());
        for ty in declared.chain(inferred) {
            for size in &ty.shape {
                let text = size.to_string();
                for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
                    if word.starts_with(char::is_alphabetic) && !names.iter().any(|n| n == word) {
                        names.push(word.into());
                    }
                }
            }
        }
        names
    }

    /// The type of a name, declared or inferred.
    pub fn type_of(&self, name: &str) -> Option<&Type> {
        self.scope
            .type_of(name)
            .or_else(|| self.shaped.inferred.iter().find(|(n, _)| n == name).map(|(_, ty)| ty))
    }

    /// The free variables of the formula, without sizes and indices.
    pub fn variables(&self) -> Vec<SmolStr> {
        let whole = |name: &SmolStr| {
            self.type_of(name).is_some_and(|ty| ty.element == agnesi_graph::Element::Integer)
        };
        self.shaped.inputs.iter().filter(|n| !self.is_size(n) && !whole(n)).cloned().collect()
    }

    /// The variables asked for, or the only one, or all.
    pub fn wrt(&mut self, request: &Request) -> Result<Vec<(SmolStr, SymbolId)>, Failure> {
        let names: Vec<SmolStr> = if request.wrt.is_empty() {
            self.variables()
        } else {
            request.wrt.iter().map(|name| SmolStr::new(name.trim())).collect()
        };
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let known = self.shaped.inputs.contains(&name) || self.scope.type_of(&name).is_some();
            if !known || self.scope.definition(&name).is_some() || self.is_size(&name) {
                let reason = if self.is_size(&name) {
                    format!("`{name}` is a size, so there is no derivative by it")
                } else if self.scope.definition(&name).is_some() {
                    format!("`{name}` is defined, so it is no variable")
                } else {
                    format!("the formula has no variable `{name}`")
                };
                let d = Diagnostic::error(Code::Name, reason, Span::new(0, name.len()), "not a variable");
                let hint = match &self.variables()[..] {
                    [] => "the formula has no variables".to_string(),
                    all => format!("its variables are {}", all.join(", ")),
                };
                return Err(failure(&[d.with_hint(hint)], "wrt"));
            }
            let node = self.graph.declare_from(&self.scope, &name).map_err(|d| failure(&[d], "let"))?;
            found.extend(self.graph.as_symbol(node).map(|id| (name.clone(), id)));
        }
        if found.is_empty() {
            let d = Diagnostic::error(
                Code::Name,
                "there is no variable to differentiate by",
                self.span(),
                "the same value everywhere",
            );
            return Err(failure(
                &[d.with_hint("declare one, as in `x: vector(n)`, and name it with --wrt")],
                "expr",
            ));
        }
        Ok(found)
    }

    pub fn simplify(&mut self, node: NodeId) -> NodeId {
        self.simplifier.simplify(&mut self.graph, node)
    }

    pub fn take_notes(&mut self) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        for note in std::mem::take(&mut self.notes) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}

/// Says beside a disagreement of shapes how the names at its places are declared.
fn with_declarations(mut failure: Failure, errors: &[Diagnostic], text: &str, scope: &Scope) -> Failure {
    for (label, place) in failure.labels.iter_mut().zip(errors.iter().flat_map(|e| &e.labels)) {
        let (start, end) = (place.span.start as usize, place.span.end as usize);
        let Some(name) = text.get(start..end) else { continue };
        let name = name.trim_end_matches('\'');
        if let Some(ty) = scope.type_of(name).filter(|ty| !ty.is_scalar())
            && label.text.starts_with("this is")
        {
            label.text = format!("{}, declared `{name}: {ty}`", label.text);
        }
    }
    failure
}
