//! Reading a request: text to settled tree to graph, with the place of whatever is wrong.

use agnesi_calculus::{Differentiator, Simplifier};
use agnesi_graph::{Graph, NodeId, Operators, Scope, Settled, Shape, Style, SymbolId, Taught, settle_within};
use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId, parse_expression, print};
use smol_str::SmolStr;

use super::Session;
use crate::protocol::{Failure, Note, Request};

/// How far a derivative may be taken.
pub(crate) const MAX_ORDER: u32 = 60;
/// How many nodes a graph may have before an answer is refused.
const MAX_NODES: usize = 2_000_000;

/// A formula of a request with everything that verbs ask of it.
pub(crate) struct Understood {
    /// The names in scope, with those of the request's `let`.
    pub scope: Scope,
    /// The formula with its names resolved.
    pub settled: Settled,
    /// The text of the formula as it was understood.
    pub text: String,
    /// The graph that everything of this request lives in.
    pub graph: Graph,
    /// The formula's value, or its components.
    pub components: Vec<NodeId>,
    /// The sizes of the formula's axes.
    pub shape: Vec<usize>,
    /// Where everything that was written is defined.
    pub domain: NodeId,
    /// The differentiator and simplifier of this graph.
    pub tools: Tools,
    /// Functions taught in the session.
    pub taught: Vec<Taught>,
    /// How the text was read, where that may surprise.
    pub notes: Vec<Note>,
    /// How many nodes the graph may have.
    pub limit: usize,
}

/// Derivatives and simple forms, each found once a request.
#[derive(Default)]
pub(crate) struct Tools {
    pub differentiator: Differentiator,
    pub simplifier: Simplifier,
}

impl Operators for Tools {
    fn derivative(&mut self, graph: &mut Graph, body: NodeId, variable: SymbolId) -> Result<NodeId, String> {
        let Tools { differentiator, simplifier } = self;
        differentiator.simplified(simplifier, graph, body, variable).map_err(|e| e.to_string())
    }
}

impl Session {
    /// The scope of a request: the session's, with the statements of its `let`.
    pub(crate) fn scope_of(&self, request: &Request, notes: &mut Vec<Note>) -> Result<Scope, Failure> {
        let mut scope = self.scope.clone();
        if let Some(lets) = &request.lets {
            let read = super::teach::read(&mut scope, lets).map_err(|errors| failure(&errors, "let"))?;
            notes.extend(read.iter().map(|d| Note::of(d, "let")));
        }
        Ok(scope)
    }

    /// The request's formula, understood.
    pub(crate) fn understand(&self, request: &Request) -> Result<Understood, Failure> {
        let mut notes = Vec::new();
        let scope = self.scope_of(request, &mut notes)?;
        let text = request.expr.as_deref().unwrap_or_default();
        let limit = request.limits.nodes.map_or(MAX_NODES, |n| n as usize);
        understand_text(scope, text, "expr", limit, notes)
    }
}

/// A text, understood in a scope; `field` says where in the request it stands.
pub(crate) fn understand_text(
    scope: Scope,
    text: &str,
    field: &str,
    limit: usize,
    mut notes: Vec<Note>,
) -> Result<Understood, Failure> {
    let mut scope = scope;
    let rest = take_definitions(&mut scope, text, field, &mut notes)?;
    let settled = settle_text(&scope, rest.as_deref().unwrap_or(text), field, limit)?;
    notes.extend(settled.notes.iter().map(|d| Note::of(d, field)));
    if let Some(span) = infinity_as_number(&settled.tree, settled.root) {
        let d =
            Diagnostic::error(Code::Unsupported, "infinity is no number to count with", span, "not a number");
        let hint = "it can be the end of an integral; limits come with a later version";
        return Err(failure(&[d.with_hint(hint)], field));
    }
    let understood = print::text(&settled.tree, settled.root);
    let mut graph = Graph::new();
    let taught = teach(&mut graph, &scope)?;
    for name in &settled.inputs {
        graph.declare(name, scope.facts(name), Shape::new());
    }
    let mut tools = Tools::default();
    let made = graph
        .elaborate(&settled.tree, settled.root, &mut tools)
        .map_err(|d| failure(std::slice::from_ref(&d), field))?;
    let domain = tools.simplifier.simplify(&mut graph, made.domain);
    let understood = Understood {
        scope,
        settled,
        text: understood,
        graph,
        components: made.components,
        shape: made.shape,
        domain,
        tools,
        taught,
        notes,
        limit,
    };
    understood.within_limit()?;
    Ok(understood)
}

/// A text as a settled tree.
pub(crate) fn settle_text(scope: &Scope, text: &str, field: &str, limit: usize) -> Result<Settled, Failure> {
    let parsed = parse_expression(text, scope);
    let errors: Vec<Diagnostic> = parsed.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
    if !errors.is_empty() {
        return Err(failure(&errors, field));
    }
    let limits = agnesi_graph::Limits { nodes: limit.min(200_000), ..agnesi_graph::Limits::default() };
    let mut settled =
        settle_within(&parsed.tree, parsed.root, scope, &limits).map_err(|errors| failure(&errors, field))?;
    let mut notes: Vec<Diagnostic> = parsed.diagnostics;
    notes.append(&mut settled.notes);
    settled.notes = notes;
    Ok(settled)
}

/// Gives a graph the functions that were taught in a scope.
pub(crate) fn teach(graph: &mut Graph, scope: &Scope) -> Result<Vec<Taught>, Failure> {
    let taught = scope.taught().map_err(|errors| {
        // The places are those of the text in which the functions were taught.
        let mut failure = failure(&errors, "let");
        failure.labels.clear();
        failure
    })?;
    for t in &taught {
        graph.teach(t.clone());
    }
    Ok(taught)
}

/// Where infinity stands as a number: anywhere but at the end of an integral.
fn infinity_as_number(tree: &Tree, root: TreeId) -> Option<Span> {
    let is_inf = |id: TreeId| matches!(tree.kind(id), Kind::Name(name) if name == "inf");
    let (mut seen, mut ends, mut found) = (vec![false; tree.len()], Vec::new(), Vec::new());
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            continue;
        }
        if is_inf(id) {
            found.push(id);
        }
        if let Kind::Call { head, args } = tree.kind(id)
            && matches!(tree.kind(*head), Kind::Name(name) if name == "integral" || name == "limit")
        {
            for &end in tree.ids(*args).iter().skip(2) {
                ends.push(end);
                if let Kind::Prefix(_, inner) = tree.kind(end) {
                    ends.push(*inner);
                }
            }
        }
        tree.children(id, |child| stack.push(child));
    }
    found.into_iter().find(|id| !ends.contains(id)).map(|id| tree.span(id))
}

/// A name and the number that it ends in, so that x_2 comes before x_10.
fn natural(name: &str) -> (&str, u64, &str) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem, name[stem.len()..].parse().unwrap_or(0), name)
}

/// Reads the statements before the last one of a text as definitions, and the right side of a lone definition
/// `f(x) = ...` as the formula; the text that is left has the same places.
pub(crate) fn take_definitions(
    scope: &mut Scope,
    text: &str,
    field: &str,
    notes: &mut Vec<Note>,
) -> Result<Option<String>, Failure> {
    // Most texts are one formula, and are not read twice.
    if !text.contains([';', '\n', '=']) {
        return Ok(None);
    }
    let parsed = agnesi_syntax::parse(text, scope);
    let Some((&last, before)) = parsed.statements.split_last().filter(|_| !parsed.has_errors()) else {
        return Ok(None);
    };
    let blank = |upto: usize| format!("{}{}", " ".repeat(upto), &text[upto..]);
    let start = parsed.tree.span(last).start as usize;
    if !before.is_empty() {
        let read = super::teach::read(scope, &text[..start]).map_err(|errors| failure(&errors, field))?;
        notes.extend(read.iter().map(|d| Note::of(d, field)));
    }
    if let Kind::Define { target, value, .. } = *parsed.tree.kind(last)
        && matches!(parsed.tree.kind(target), Kind::Call { .. })
    {
        let read = super::teach::read(scope, &text[start..]).map_err(|errors| failure(&errors, field))?;
        notes.extend(read.iter().map(|d| Note::of(d, field)));
        return Ok(Some(blank(parsed.tree.span(value).start as usize)));
    }
    Ok((!before.is_empty()).then(|| blank(start)))
}

/// Diagnostics as the failure of an answer.
pub(crate) fn failure(diagnostics: &[Diagnostic], field: &str) -> Failure {
    Failure::of_all(diagnostics, field).unwrap_or_else(|| Failure::new(Code::Syntax, "this cannot be read"))
}

impl Understood {
    /// How numbers are written: as decimals for those who wrote decimals.
    pub(crate) fn style(&self) -> Style {
        Style { decimals: self.settled.has_decimals }
    }

    /// The free variables, by name.
    pub(crate) fn variables(&self) -> Vec<SmolStr> {
        let mut names = self.settled.inputs.clone();
        names.sort_by(|a, b| natural(a).cmp(&natural(b)));
        names
    }

    /// The only component.
    pub(crate) fn scalar(&self, verb: &str) -> Result<NodeId, Failure> {
        match (&self.components[..], self.shape.is_empty()) {
            ([node], true) => Ok(*node),
            _ => {
                let span = self.settled.tree.span(self.settled.root);
                let d = Diagnostic::error(
                    Code::Shape,
                    format!("`{verb}` takes one formula, not a vector"),
                    span,
                    format!("{} components", self.components.len()),
                );
                Err(failure(&[d.with_hint("ask for each component on its own")], "expr"))
            }
        }
    }

    /// The symbols of these names; a name that the formula does not contain is a symbol too, and its derivative 0.
    pub(crate) fn symbols(&mut self, names: &[SmolStr]) -> Result<Vec<SymbolId>, Failure> {
        let mut symbols = Vec::with_capacity(names.len());
        for name in names {
            let node = self.graph.declare(name, self.scope.facts(name), Shape::new());
            symbols.extend(self.graph.as_symbol(node));
        }
        Ok(symbols)
    }

    /// The variables asked for, or all of the formula.
    pub(crate) fn wrt(&self, request: &Request) -> Result<Vec<SmolStr>, Failure> {
        if request.wrt.is_empty() {
            return Ok(self.variables());
        }
        let mut names = Vec::with_capacity(request.wrt.len());
        let mut start = 0;
        for name in &request.wrt {
            let name = name.trim();
            let span = Span::new(start, start + name.len());
            start += name.len() + 2;
            let parsed = parse_expression(name, &self.scope);
            let is_name = matches!(parsed.tree.kind(parsed.root), Kind::Name(n) if n == name);
            if !is_name
                || agnesi_functions::constant(name).is_some()
                || agnesi_functions::find(name).is_some()
            {
                let d = Diagnostic::error(
                    Code::Name,
                    format!("`{name}` is no variable to differentiate by"),
                    span,
                    "not a variable",
                );
                let hint = match &self.variables()[..] {
                    [] => "the formula has no variables".to_string(),
                    all => format!("the formula has {}", all.join(", ")),
                };
                return Err(failure(&[d.with_hint(hint)], "wrt"));
            }
            if self.scope.definition(name).is_some() {
                let d = Diagnostic::error(
                    Code::Name,
                    format!("`{name}` is defined, so it is no variable"),
                    span,
                    "defined in this session",
                );
                return Err(failure(&[d.with_hint("differentiate by what it is defined with")], "wrt"));
            }
            names.push(SmolStr::new(name));
        }
        Ok(names)
    }

    /// Refuses to go on once the graph has outgrown its limit.
    pub(crate) fn within_limit(&self) -> Result<(), Failure> {
        if self.graph.len() <= self.limit {
            return Ok(());
        }
        Err(Failure::new(Code::Limit, format!("this needs more than {} nodes", self.limit))
            .with_hint("raise the limit `nodes`, or ask for less"))
    }

    /// The derivative of a node, simplified.
    pub(crate) fn derivative(&mut self, node: NodeId, x: SymbolId) -> Result<NodeId, Failure> {
        let d = self.tools.derivative(&mut self.graph, node, x).map_err(|why| {
            let span = self.settled.tree.span(self.settled.root);
            failure(&[Diagnostic::error(Code::Unsupported, why, span, "in this formula")], "expr")
        })?;
        self.within_limit()?;
        Ok(d)
    }

    /// A node as text in canonical notation.
    pub(crate) fn text_of(&mut self, node: NodeId) -> String {
        let (tree, root) = self.raise(node);
        print::text(&tree, root)
    }

    /// A node as a tree.
    pub(crate) fn raise(&mut self, node: NodeId) -> (Tree, TreeId) {
        let style = self.style();
        self.graph.raise(node, style)
    }

    /// The request's `order`, within its limit.
    pub(crate) fn order(&self, request: &Request, default: u32) -> Result<u32, Failure> {
        let order = request.order.unwrap_or(default);
        if order > MAX_ORDER {
            return Err(Failure::new(
                Code::Limit,
                format!("order {order} is above the limit of {MAX_ORDER}"),
            )
            .with_hint(format!("ask for an order up to {MAX_ORDER}")));
        }
        Ok(order)
    }
}
