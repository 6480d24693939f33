//! Values for tensors: those of a request's point, and random ones that satisfy the declarations.

use agnesi_engine::tensors::{InterpretError, Random, Tensor, draw, interpret, violation};
use agnesi_graph::{Graph, NodeId, Op, Scope, Structure, SymbolId};
use agnesi_syntax::{Code, Diagnostic, Span, parse_expression};

use super::super::understand::failure;
use super::Reading;
use crate::protocol::{Failure, Given, Number, Request, Value};

/// Values of symbols.
pub(super) type Values = Vec<(SymbolId, Tensor)>;

/// Sizes that random instances take, one after the other: odd ones, so that no two axes agree by accident.
const SIZES: [u64; 5] = [5, 3, 7, 4, 6];
/// Instances from this one on, tried where those before it gave nothing, have indices that are all 1.
const HARD: u64 = 6;
/// Sizes of an instance that is shown.
const SMALL: [u64; 2] = [2, 3];

impl Reading {
    /// The request's point.
    pub fn point(&mut self, request: &Request) -> Result<Values, Failure> {
        let mut values = Values::new();
        for (name, given) in &request.at {
            let field = format!("at.{name}");
            let known = self.shaped.inputs.iter().any(|n| n == name)
                || self.is_size(name)
                || request.wrt.iter().any(|w| w == name);
            if !known {
                let d = Diagnostic::error(
                    Code::Name,
                    format!("the formula has no variable `{name}`"),
                    Span::new(0, given.to_string().len()),
                    "a value for nothing",
                );
                let hint = format!("its variables are {}", self.variables().join(", "));
                return Err(failure(&[d.with_hint(hint)], &field));
            }
            let tensor = tensor(given, &field)?;
            let node = self.graph.declare_from(&self.scope, name).map_err(|d| failure(&[d], "let"))?;
            let Some(symbol) = self.graph.as_symbol(node) else { continue };
            let structure = self.graph.symbol_info(symbol).structure;
            if structure != Structure::NONE
                && tensor.shape().len() == 2
                && let Some(why) = violation(structure, &tensor)
            {
                let declared = self.type_of(name).map_or_else(String::new, ToString::to_string);
                let d = Diagnostic::error(
                    Code::Domain,
                    format!("`{name}` is declared `{declared}`, and this value is not: {why}"),
                    Span::new(0, given.to_string().len()),
                    why,
                );
                let hint = format!("give a value that is, or declare `{name}: matrix(n, m)`");
                return Err(failure(&[d.with_hint(hint)], &field));
            }
            values.push((symbol, tensor));
        }
        let missing = self
            .shaped
            .inputs
            .iter()
            .find(|name| !self.is_size(name) && !request.at.keys().any(|given| given == name.as_str()));
        if let Some(missing) = missing {
            let example = match self.type_of(missing).map(|ty| ty.shape.len()) {
                None | Some(0) => "2",
                Some(1) => "[1, 2, 3]",
                Some(_) => "[1, 2; 3, 4]",
            };
            let d = Diagnostic::error(
                Code::Name,
                format!("`{missing}` has no value"),
                self.span(),
                "needed for a value here",
            );
            let hint = format!("add {missing} to the point, as in {missing}={example}");
            return Err(failure(&[d.with_hint(hint)], "expr"));
        }
        Ok(values)
    }

    /// Values of nodes at a point.
    pub fn values(&mut self, nodes: &[NodeId], at: &Values) -> Result<Vec<Tensor>, Failure> {
        interpret(&self.graph, nodes, at).map_err(|error| self.evaluation(&error))
    }

    /// Refuses a value that is not a number: what was asked for is not defined at the point.
    pub fn defined(&mut self, value: &Tensor, node: NodeId) -> Result<(), Failure> {
        if !value.data().iter().any(|x| x.is_nan()) {
            return Ok(());
        }
        let conditions = self.conditions(&[node]);
        let label = match conditions.is_empty() {
            true => "undefined here".to_string(),
            false => format!("defined only where {}", conditions.join(" and ")),
        };
        let d = Diagnostic::error(Code::Domain, "this has no value at this point", self.span(), label);
        Err(failure(&[d.with_hint("choose a point inside the domain")], "expr"))
    }

    /// An error of evaluation as a failure of the formula.
    pub fn evaluation(&self, error: &InterpretError) -> Failure {
        let (code, hint) = match error {
            InterpretError::Unbound(name) => (Code::Name, format!("add {name} to the point, as in {name}=3")),
            InterpretError::Shape { name, .. } => (
                Code::Shape,
                format!("give `{name}` a value of its declared shape; a matrix as its rows, [1, 2; 3, 4]"),
            ),
            InterpretError::Conflict { size, .. } => {
                (Code::Shape, format!("everything declared with the size {size} has to agree"))
            }
            // What recurrences are read as.
            InterpretError::Index { value: 0.0, .. } => (
                Code::Shape,
                "indices are counted from 1; an entry of a recurrence that is read before it is made has the index 0"
                    .into(),
            ),
            InterpretError::Operands { .. } | InterpretError::Size(_) | InterpretError::Index { .. } => {
                (Code::Shape, "look at the sizes of what was given".into())
            }
            InterpretError::Singular { .. }
            | InterpretError::NotPositive { .. }
            | InterpretError::NotDefinite { .. }
            | InterpretError::NotSymmetric { .. }
            | InterpretError::NoDerivative { .. } => (Code::Domain, "choose another point".into()),
            InterpretError::Unsupported(_) => {
                (Code::Unsupported, "ask without a point for the formula".into())
            }
            InterpretError::Limit => (Code::Limit, "take smaller sizes".into()),
        };
        let d = Diagnostic::error(code, error.to_string(), self.span(), "evaluated here");
        failure(&[d.with_hint(hint)], "expr")
    }

    /// A random instance for these nodes that satisfies the declarations, with odd sizes.
    pub fn instance(&mut self, nodes: &[NodeId], seed: u64) -> Result<Values, InterpretError> {
        self.instance_of(nodes, seed, &SIZES)
    }

    /// A small one with round numbers, to be shown.
    pub fn small_instance(&mut self, nodes: &[NodeId], seed: u64) -> Result<Values, InterpretError> {
        let mut values = self.instance_of(nodes, seed, &SMALL)?;
        for (symbol, tensor) in &mut values {
            let structure = self.graph.symbol_info(*symbol).structure;
            // Rounding would take from a matrix what is declared of it.
            if structure == Structure::NONE {
                let data = tensor.data().iter().map(|x| (x * 10.0).round() / 10.0).collect();
                if let Some(rounded) = Tensor::new(tensor.shape().to_vec(), data) {
                    *tensor = rounded;
                }
            }
        }
        Ok(values)
    }

    fn instance_of(&mut self, nodes: &[NodeId], seed: u64, choice: &[u64]) -> Result<Values, InterpretError> {
        let mut symbols: Vec<SymbolId> = Vec::new();
        let mut sizes: Vec<SymbolId> = Vec::new();
        let mut indices: Vec<(SymbolId, NodeId)> = Vec::new();
        let mut stack: Vec<NodeId> = nodes.to_vec();
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            for size in self.graph.shape(node).to_vec() {
                sizes_in(&self.graph, size, &mut sizes);
                stack.push(size);
            }
            match self.graph.op(node) {
                Op::Symbol(id) => symbols.push(*id),
                Op::OneHot(index, size) => {
                    let (index, size) = (*index, *size);
                    for inner in self.graph.topological(index) {
                        if let Some(id) = self.graph.as_symbol(inner) {
                            indices.push((id, size));
                        }
                    }
                }
                _ => {}
            }
            self.graph.for_each_child(node, |c| stack.push(c));
        }
        sizes.sort_unstable();
        symbols.sort_unstable();
        let mut random = Random::new(seed);
        let mut values = Values::new();
        for (i, id) in sizes.iter().enumerate() {
            let n = choice[(i + seed as usize) % choice.len()];
            values.push((*id, Tensor::scalar(n as f64)));
        }
        // Indices point into the axis that they index.
        let mut largest = Vec::new();
        for (id, size) in indices {
            if sizes.contains(&id) {
                continue;
            }
            let value = interpret(&self.graph, &[size], &values)?;
            let n = value.first().and_then(Tensor::as_scalar).unwrap_or(1.0);
            // In a recurrence an index has to come before others, as 1 does.
            largest.push((id, if seed < HARD { n as u64 } else { 1 }));
        }
        let drawn = draw(&self.graph, &symbols, &values, &largest, &mut random)?;
        values.extend(drawn);
        Ok(values)
    }
}

fn sizes_in(graph: &Graph, size: NodeId, into: &mut Vec<SymbolId>) {
    for node in graph.topological(size) {
        if let Some(id) = graph.as_symbol(node)
            && !into.contains(&id)
        {
            into.push(id);
        }
    }
}

/// A value as it was given: a number, nested arrays, or a text such as `[1, 2; 3, 4]`.
pub(super) fn tensor(given: &Given, field: &str) -> Result<Tensor, Failure> {
    match given {
        Given::Number(Number(x)) => Ok(Tensor::scalar(*x)),
        Given::Array(items) => {
            let mut shape: Option<Vec<usize>> = None;
            let mut data = Vec::new();
            for item in items {
                let inner = tensor(item, field)?;
                match &shape {
                    Some(shape) if shape != inner.shape() => return Err(ragged(given, field)),
                    _ => shape = Some(inner.shape().to_vec()),
                }
                data.extend_from_slice(inner.data());
            }
            let mut whole = vec![items.len()];
            whole.extend(shape.unwrap_or_default());
            Tensor::new(whole, data).ok_or_else(|| ragged(given, field))
        }
        Given::Text(text) => {
            let scope = Scope::new();
            let parsed = parse_expression(text, &scope);
            if parsed.has_errors() {
                return Err(failure(&parsed.diagnostics, field));
            }
            let mut graph = Graph::new();
            let shaped = graph
                .read_shaped(&parsed.tree, parsed.root, &scope)
                .map_err(|errors| failure(&errors, field))?;
            if let Some(free) = shaped.inputs.first() {
                let d = Diagnostic::error(
                    Code::Name,
                    format!("`{free}` has no value here"),
                    Span::new(0, text.len()),
                    "a point is made of numbers",
                );
                let hint = "give a number, a vector such as [1, 2, 3], or a matrix by its rows, [1, 2; 3, 4]";
                return Err(failure(&[d.with_hint(hint)], field));
            }
            let values = interpret(&graph, &[shaped.node], &[]).map_err(|error| {
                let d = Diagnostic::error(
                    Code::Domain,
                    error.to_string(),
                    Span::new(0, text.len()),
                    "this value",
                );
                failure(&[d], field)
            })?;
            values.into_iter().next().ok_or_else(|| ragged(given, field))
        }
    }
}

fn ragged(given: &Given, field: &str) -> Failure {
    let d = Diagnostic::error(
        Code::Shape,
        "the rows of this value have different lengths",
        Span::new(0, given.to_string().len()),
        "not a matrix",
    );
    failure(&[d.with_hint("give a matrix by its rows, as in [1, 2; 3, 4]")], field)
}

/// A tensor as the protocol carries it.
pub(super) fn value(tensor: &Tensor) -> Value {
    nested(tensor.shape(), tensor.data())
}

fn nested(shape: &[usize], data: &[f64]) -> Value {
    match shape {
        [] => Value::scalar(data.first().copied().unwrap_or(f64::NAN)),
        [_, rest @ ..] => {
            let size: usize = rest.iter().product();
            if size == 0 {
                return Value::Array(Vec::new());
            }
            Value::Array(data.chunks(size).map(|part| nested(rest, part)).collect())
        }
    }
}
