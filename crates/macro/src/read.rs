//! Formulas as graphs, and their derivatives as programs.

use agnesi_calculus::{Differentiator, Simplifier, TensorSimplifier, tensor_derivative};
use agnesi_engine::ir::{MAX_ENTRIES, Program};
use agnesi_engine::lowering::lower;
use agnesi_graph::{Element, Graph, NodeId, Operators, Scope, Shape, SymbolId, Type, settle};
use agnesi_syntax::{Diagnostic, Expression, Kind, parse_expression};
use smol_str::{SmolStr, format_smolstr};

use crate::expand::Statement;
use crate::pieces::{Fault, Text};

/// An argument with its symbol and its sizes.
pub struct Argument {
    pub name: SmolStr,
    pub symbol: SymbolId,
    pub shape: Vec<usize>,
    /// Whether it is differentiated by: it is no whole number.
    pub varies: bool,
}

impl Argument {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A formula as a graph.
pub struct Model {
    graph: Graph,
    value: NodeId,
    firsts: Vec<NodeId>,
    simplifier: TensorSimplifier,
    pub arguments: Vec<Argument>,
    /// The sizes of the value.
    pub shape: Vec<usize>,
}

/// Derivatives that stand in a formula.
#[derive(Default)]
struct Calculus {
    differentiator: Differentiator,
    simplifier: Simplifier,
}

impl Operators for Calculus {
    fn derivative(&mut self, graph: &mut Graph, body: NodeId, variable: SymbolId) -> Result<NodeId, String> {
        let d = self.differentiator.derivative(graph, body, variable).map_err(|error| error.to_string())?;
        Ok(self.simplifier.simplify(graph, d))
    }
}

/// Reads a function in the scope of those before it.
pub fn read(statement: &Statement, scope: &Scope) -> Result<Model, Fault> {
    let mut scope = scope.clone();
    let names = declare(statement, &mut scope)?;
    let body = &statement.body;
    let parsed = parse_expression(&body.text, &scope);
    if parsed.has_errors() {
        return Err(first(&parsed.diagnostics, body));
    }
    let mut graph = Graph::new();
    let node = formula(&mut graph, &parsed, &scope, &names, statement)?;
    let mut arguments = Vec::with_capacity(names.len());
    for (name, written) in names.iter().zip(&statement.arguments) {
        let declared = graph.declare_from(&scope, name).map_err(|d| first(&[d], written))?;
        let symbol = graph.as_symbol(declared);
        let (Some(symbol), Some(shape)) = (symbol, sizes(&graph, declared)) else {
            let message = format!(
                "`{}` has a size without a number, or one that is too large\nhelp: write numbers, as in `{name}: \
                 vector(3)`",
                written.text
            );
            return Err(Fault { message, pieces: written.all() });
        };
        let varies = scope.type_of(name).is_none_or(|ty| ty.element == Element::Real);
        arguments.push(Argument { name: name.clone(), symbol, shape, varies });
    }
    let value = TensorSimplifier::default().simplify(&mut graph, node);
    let Some(shape) = sizes(&graph, value) else {
        let message = "the value has a size without a number, or one that is too large".to_owned();
        return Err(Fault { message, pieces: body.all() });
    };
    let mut model = Model {
        graph,
        value,
        firsts: Vec::new(),
        simplifier: TensorSimplifier::unchanging(),
        arguments,
        shape,
    };
    model.firsts = model.derivatives(value).map_err(|message| Fault { message, pieces: body.all() })?;
    Ok(model)
}

/// Makes a function known to those behind it.
pub fn define(statement: &Statement, scope: &mut Scope) -> Result<(), Fault> {
    let names: Vec<&str> = statement.arguments.iter().map(|a| name_of(&a.text)).collect();
    let head = format!("{}({}) = ", statement.name, names.join(", "));
    match scope.read(&format!("{head}{}", statement.body.text)) {
        Ok(_) => Ok(()),
        Err(mut errors) => {
            for label in errors.iter_mut().flat_map(|error| &mut error.labels) {
                label.span.start = label.span.start.saturating_sub(head.len() as u32);
                label.span.end = label.span.end.saturating_sub(head.len() as u32);
            }
            Err(first(&errors, &statement.body))
        }
    }
}

fn name_of(argument: &str) -> &str {
    argument.split(':').next().unwrap_or_default().trim()
}

/// Declares the arguments, and gives their names.
fn declare(statement: &Statement, scope: &mut Scope) -> Result<Vec<SmolStr>, Fault> {
    let mut names: Vec<SmolStr> = Vec::new();
    for argument in &statement.arguments {
        let name = SmolStr::new(name_of(&argument.text));
        let letters = |c: char| c.is_alphanumeric() || c == '_';
        let named = name.starts_with(|c: char| c.is_alphabetic()) && name.chars().all(letters);
        if !named || names.contains(&name) {
            let what = if named { "is named twice" } else { "is no name for an argument" };
            let message = format!("`{name}` {what}\nhelp: write arguments as in `x` or `x: vector(3)`");
            return Err(Fault { message, pieces: argument.all() });
        }
        if argument.text.contains(':') {
            scope.read(&argument.text).map_err(|errors| first(&errors, argument))?;
        } else {
            scope.declare(name.clone(), Type::real());
        }
        names.push(name);
    }
    Ok(names)
}

/// The value of a formula.
fn formula(
    graph: &mut Graph,
    parsed: &Expression,
    scope: &Scope,
    names: &[SmolStr],
    statement: &Statement,
) -> Result<NodeId, Fault> {
    let body = &statement.body;
    let shaped = match graph.read_shaped(&parsed.tree, parsed.root, scope) {
        Ok(shaped) => shaped,
        // Calculus that is written in a formula of numbers is known to the reading as numbers.
        Err(errors) => return as_numbers(graph, parsed, scope, names).ok_or_else(|| first(&errors, body)),
    };
    if shaped.boolean {
        let message = "a condition is no function of numbers\nhelp: write `if ... then 1 else 0`".to_owned();
        return Err(Fault { message, pieces: body.all() });
    }
    let Some(missing) = shaped.inputs.iter().find(|name| !names.contains(name)) else {
        return Ok(shaped.node);
    };
    let mut places: Vec<_> = Vec::new();
    let mut stack = vec![parsed.root];
    while let Some(id) = stack.pop() {
        if matches!(parsed.tree.kind(id), Kind::Name(name) if name == missing) {
            places.push(parsed.tree.span(id));
        }
        parsed.tree.children(id, |child| stack.push(child));
    }
    let place = places.iter().min_by_key(|span| span.start);
    let pieces = place.map_or_else(|| body.all(), |span| body.pieces(span.start as usize, span.end as usize));
    let name = &statement.name;
    let all: Vec<&str> = names.iter().map(SmolStr::as_str).chain([missing.as_str()]).collect();
    let message =
        format!("`{missing}` is no argument of `{name}`\nhelp: name it, as in `{name}({})`", all.join(", "));
    Err(Fault { message, pieces })
}

fn as_numbers(graph: &mut Graph, parsed: &Expression, scope: &Scope, names: &[SmolStr]) -> Option<NodeId> {
    let settled = settle(&parsed.tree, parsed.root, scope).ok()?;
    if settled.inputs.iter().any(|name| !names.contains(name)) {
        return None;
    }
    *graph = Graph::new();
    for name in &settled.inputs {
        graph.declare(name, scope.facts(name), Shape::new());
    }
    let made = graph.elaborate(&settled.tree, settled.root, &mut Calculus::default()).ok()?;
    match (&made.components[..], &made.shape[..]) {
        ([node], []) => Some(*node),
        _ => None,
    }
}

impl Model {
    fn derivatives(&mut self, node: NodeId) -> Result<Vec<NodeId>, String> {
        let symbols: Vec<SymbolId> = self.variables().map(|argument| argument.symbol).collect();
        symbols
            .into_iter()
            .map(|symbol| {
                tensor_derivative(&mut self.graph, &mut self.simplifier, node, symbol)
                    .map_err(|error| error.to_string())
            })
            .collect()
    }

    /// The arguments that it is differentiated by.
    pub fn variables(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.varies)
    }

    /// The program of the value.
    pub fn value(&self) -> Result<Program, String> {
        self.program(&[self.value])
    }

    /// The program of the value and of a part of the gradient, or of the Jacobian, for each argument.
    pub fn first(&self) -> Result<Program, String> {
        let nodes: Vec<NodeId> = [self.value].into_iter().chain(self.firsts.iter().copied()).collect();
        self.program(&nodes)
    }

    /// The program of the blocks of the Hessian: for each argument, by it and those behind it.
    pub fn second(&mut self) -> Result<Program, String> {
        let mut nodes = Vec::new();
        for (at, first) in self.firsts.clone().into_iter().enumerate() {
            let symbols: Vec<SymbolId> = self.variables().skip(at).map(|argument| argument.symbol).collect();
            for symbol in symbols {
                let d = tensor_derivative(&mut self.graph, &mut self.simplifier, first, symbol);
                nodes.push(d.map_err(|error| error.to_string())?);
            }
        }
        self.program(&nodes)
    }

    fn program(&self, nodes: &[NodeId]) -> Result<Program, String> {
        let inputs: Vec<(SmolStr, SymbolId)> =
            self.arguments.iter().map(|argument| (argument.name.clone(), argument.symbol)).collect();
        let outputs: Vec<(SmolStr, NodeId)> =
            nodes.iter().enumerate().map(|(at, node)| (format_smolstr!("part{at}"), *node)).collect();
        lower(&self.graph, &inputs, &[], &outputs).map_err(|error| error.to_string())
    }
}

/// The sizes of a node, where they are numbers.
fn sizes(graph: &Graph, node: NodeId) -> Option<Vec<usize>> {
    let number = |size: &NodeId| graph.as_number(*size)?.as_integer().and_then(|n| usize::try_from(n).ok());
    let shape: Vec<usize> = graph.shape(node).iter().map(number).collect::<Option<_>>()?;
    let count = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n))?;
    (count <= MAX_ENTRIES).then_some(shape)
}

/// The first error at its place.
fn first(diagnostics: &[Diagnostic], text: &Text) -> Fault {
    let Some(d) = diagnostics.iter().find(|d| d.is_error()) else {
        return Fault { message: "this cannot be read".to_owned(), pieces: text.all() };
    };
    let labels: Vec<&str> =
        d.labels.iter().map(|label| label.text.as_str()).filter(|label| !label.is_empty()).collect();
    let mut message = d.message.clone();
    if !labels.is_empty() {
        message += &format!(": {}", labels.join("; "));
    }
    if let Some(hint) = &d.hint {
        message += &format!("\nhelp: {hint}");
    }
    let start = d.labels.iter().map(|label| label.span.start).min();
    let end = d.labels.iter().map(|label| label.span.end).max();
    let pieces = match (start, end) {
        (Some(start), Some(end)) => text.pieces(start as usize, end as usize),
        (None, _) | (_, None) => text.all(),
    };
    Fault { message, pieces }
}
