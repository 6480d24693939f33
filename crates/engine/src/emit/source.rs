//! Statements and what stands around them.

use agnesi_graph::{Facts, Graph, NodeId, Op, Rational, SymbolId};
use rustc_hash::FxHashMap;

use super::EmitError;
use super::lower::{Plan, is_written_out};
use super::names::{Names, is_name};
use super::print::{Level, Printer, Text, number};
use super::spelling::{Parts, Spelling};

/// How long a line may be, with its name and indent, before parts of it get names of their own.
const WIDTH: usize = 90;
/// What the name and the indent take.
const MARGIN: usize = 12;

/// What is asked for.
pub(super) struct Task<'a> {
    /// The name of the function.
    pub function: &'a str,
    pub inputs: &'a [SymbolId],
    pub outputs: &'a [(&'a str, NodeId)],
    /// Lines at the head of the documentation.
    pub about: &'a [String],
}

/// The whole source.
pub(super) fn write(
    graph: &Graph,
    spelling: &'static dyn Spelling,
    plan: &Plan,
    task: &Task,
) -> Result<String, EmitError> {
    let Task { function, inputs, outputs, about } = *task;
    if outputs.is_empty() {
        return Err(EmitError::NoOutput);
    }
    if !is_name(function) || spelling.is_reserved(function) {
        return Err(EmitError::Name(function.into()));
    }
    let mut names = Names::new(spelling);
    let function = names.fresh(function);
    let mut texts = FxHashMap::default();
    let mut arguments = Vec::new();
    let mut model = None;
    for (at, &input) in inputs.iter().enumerate() {
        let info = graph.symbol_info(input);
        if inputs[..at].contains(&input) {
            return Err(EmitError::Name(info.name.clone()));
        }
        let name = names.fresh(&info.name);
        let node = graph.symbol_node(input);
        if !info.shape.is_empty() && model.is_none() && !info.facts.has(Facts::INTEGER) {
            model = Some(name.clone());
        }
        texts.insert(node, Text::atom(name.clone()));
        arguments.push(name);
    }
    let mut result_names: FxHashMap<NodeId, String> = FxHashMap::default();
    let mut titles: Vec<String> = Vec::new();
    for (at, (title, node)) in outputs.iter().enumerate() {
        if title.is_empty() || outputs[..at].iter().any(|(before, _)| before == title) {
            return Err(EmitError::Name((*title).into()));
        }
        titles.push((*title).to_owned());
        if outputs.len() > 1 && !texts.contains_key(node) && !result_names.contains_key(node) {
            result_names.insert(*node, names.fresh(title));
        }
    }
    let mut printer = Printer {
        graph,
        spelling,
        plan,
        names,
        texts,
        plain: FxHashMap::default(),
        sizes: Vec::new(),
        model,
        helpers: Vec::new(),
        modules: Vec::new(),
        guarded: false,
    };
    let mut body = Body { statements: Vec::new(), temporaries: 0, inlined: FxHashMap::default() };
    for &node in &plan.order {
        if !printer.texts.contains_key(&node) {
            body.add(&mut printer, node, result_names.get(&node))?;
        }
    }
    let mut results = Vec::new();
    for (_, node) in outputs {
        match printer.texts.get(node) {
            Some(text) => results.push(text.text.clone()),
            None => return Err(printer.unsupported("this order of operations")),
        }
    }
    let mut statements: Vec<(String, String)> = Vec::new();
    for (symbol, name) in &printer.sizes {
        if let Some((input, axis)) = plan.sizes.get(symbol)
            && let Some(at) = inputs.iter().position(|i| i == input)
        {
            statements.push((name.clone(), spelling.size(&arguments[at], *axis)));
        }
    }
    for (argument, input) in arguments.iter().zip(inputs) {
        let node = graph.symbol_node(*input);
        if graph.is_scalar(node)
            && plan.guarded.contains(&node)
            && let Some(text) = spelling.guarded_input(argument)
        {
            statements.push((argument.clone(), text));
        }
    }
    statements.extend(body.statements);
    let mut doc: Vec<String> = about.iter().map(|line| plain_text(line)).collect();
    if !doc.is_empty() {
        doc.push(String::new());
    }
    doc.extend(documentation(graph, spelling, inputs, &arguments, &titles, outputs));
    let helpers: Vec<String> = printer.helpers.into_iter().map(|(_, _, text)| text).collect();
    Ok(spelling.source(&Parts {
        helpers: &helpers,
        function: &function,
        inputs: &arguments,
        doc: &doc,
        statements: &statements,
        results: &results,
        modules: &printer.modules,
    }))
}

/// The statements so far.
struct Body {
    statements: Vec<(String, String)>,
    temporaries: usize,
    /// Nodes that stand where they are used once, and may still get a name: how long they are.
    inlined: FxHashMap<NodeId, usize>,
}

impl Body {
    /// Writes a node down: as a statement, or to stand where it is used.
    fn add(&mut self, printer: &mut Printer, node: NodeId, name: Option<&String>) -> Result<(), EmitError> {
        let plan = printer.plan;
        let Some(value) = plan.values.get(&node) else { return Ok(()) };
        printer.guarded = plan.guarded.contains(&node);
        let mut text = printer.text(value)?;
        // The longest operand gets a name, until the line is short enough or no operand is left.
        while text.text.chars().count() > WIDTH - MARGIN {
            let mut longest: Option<(usize, NodeId)> = None;
            value.for_each_node(&mut |child| {
                if let Some(&length) = self.inlined.get(&child)
                    && length > MARGIN
                    && longest.is_none_or(|(most, _)| length > most)
                {
                    longest = Some((length, child));
                }
            });
            let Some((_, child)) = longest else { break };
            self.named(printer, child, None);
            text = printer.text(value)?;
        }
        let plain = printer.is_plain(value);
        printer.plain.insert(node, plain);
        let uses = plan.uses.get(&node).copied().unwrap_or(0);
        let length = text.text.chars().count();
        let written_out = is_written_out(value);
        printer.texts.insert(node, text);
        if name.is_some() || (uses > 1 && !written_out) {
            self.named(printer, node, name);
        } else if !written_out {
            self.inlined.insert(node, length);
        }
        Ok(())
    }

    /// Gives a node a name and a statement.
    fn named(&mut self, printer: &mut Printer, node: NodeId, name: Option<&String>) {
        self.inlined.remove(&node);
        let name = match name {
            Some(name) => name.clone(),
            None => printer.names.temporary(&mut self.temporaries),
        };
        if let Some(text) = printer.texts.insert(node, Text::atom(name.clone())) {
            self.statements.push((name, text.text));
        }
    }
}

/// A line without the signs that mean something inside of a text: quotes, and what begins an escape.
fn plain_text(line: &str) -> String {
    line.chars().map(|c| if matches!(c, '"' | '\\' | '$') || c.is_control() { ' ' } else { c }).collect()
}

fn documentation(
    graph: &Graph,
    spelling: &dyn Spelling,
    inputs: &[SymbolId],
    arguments: &[String],
    titles: &[String],
    outputs: &[(&str, NodeId)],
) -> Vec<String> {
    let shape = |node: NodeId| {
        let sizes: Vec<String> = graph.shape(node).iter().map(|size| size_text(graph, *size).text).collect();
        spelling.shape(&sizes)
    };
    let mut lines = Vec::new();
    if !inputs.is_empty() {
        lines.push("Inputs:".to_owned());
    }
    for (input, argument) in inputs.iter().zip(arguments) {
        let node = graph.symbol_node(*input);
        let text = match (graph.symbol_info(*input).facts.has(Facts::INTEGER), graph.is_scalar(node)) {
            (true, true) => "a whole number".to_owned(),
            (true, false) => format!("{} of whole numbers", shape(node)),
            (false, _) => shape(node),
        };
        lines.push(format!("    {argument}: {text}"));
    }
    lines.push("Returns:".to_owned());
    for (title, (_, node)) in titles.iter().zip(outputs) {
        lines.push(format!("    {title}: {}", shape(*node)));
    }
    lines
}

/// A size as it is written in documentation.
fn size_text(graph: &Graph, size: NodeId) -> Text {
    match graph.op(size) {
        Op::Symbol(id) => Text::atom(graph.symbol_info(*id).name.as_str()),
        Op::Add(sum) => {
            let mut text = String::new();
            for (c, term) in &sum.terms {
                let sign = match (text.is_empty(), c.is_negative()) {
                    (true, false) => "",
                    (true, true) => "-",
                    (false, false) => " + ",
                    (false, true) => " - ",
                };
                text += sign;
                text += &match (graph.as_number(*term), c.abs().is_one()) {
                    (Some(n), _) => number(&(n * &c.abs())).text,
                    (None, true) => size_text(graph, *term).text,
                    (None, false) => {
                        format!("{} * {}", number(&c.abs()).text, size_text(graph, *term).at(Level::Product))
                    }
                };
            }
            Text { text, level: Level::Sum }
        }
        Op::Contract(c) if c.factors.iter().all(|f| f.labels.is_empty() && f.exponent == Rational::ONE) => {
            let mut parts: Vec<String> = Vec::new();
            if !c.coefficient.is_one() || c.factors.is_empty() {
                parts.push(number(&c.coefficient).text);
            }
            parts.extend(c.factors.iter().map(|f| size_text(graph, f.node).at(Level::Product)));
            let level = if parts.len() == 1 { Level::Atom } else { Level::Product };
            Text { text: parts.join(" * "), level }
        }
        _ => Text::atom("..."),
    }
}
