//! `compile` to C, Rust and WebAssembly: programs of the value and of its derivatives, for sizes that are numbers.
//!
//! Derivatives are those of [`TensorSimplifier::unchanging`], which share more with the value than the shortest formulas
//! do; the documentation shows the formulas that `diff` shows.

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_engine::ir::Program;
use agnesi_engine::lowering::{LowerError, lower, regroup, share_reciprocals};
use agnesi_engine::source::{self, Pattern, Routine};
use agnesi_engine::wasm;
use agnesi_graph::{NodeId, SymbolId};
use agnesi_syntax::{Code, Diagnostic, Kind as Syntax, Span};
use smol_str::SmolStr;

use super::super::Session;
use super::super::understand::{Tools, failure};
use super::Reading;
use super::compile::{Kind, Output, about, no_name};
use super::diff::no_derivative;
use crate::protocol::{Failure, Note, Request};

/// What is written from programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    C,
    Rust,
    Wasm,
}

/// What was written.
pub(super) struct Written {
    pub source: String,
    pub header: Option<String>,
    pub module: Option<Vec<u8>>,
}

/// Patterns of more entries are told by their number alone.
const MOST_ENTRIES: usize = 10_000;
/// Programs of more operations are not searched for zeros.
const SEARCHED: u128 = 2_000_000;

/// A function to be written.
struct Part {
    name: String,
    program: Program,
    about: Vec<String>,
    patterns: Vec<Pattern>,
}

/// The session and the request with sizes that are defined as numbers put in, and the notes of reading them.
pub(super) fn with_sizes(
    session: &Session,
    request: &Request,
) -> Result<(Session, Request, Vec<Note>), Failure> {
    let mut notes = Vec::new();
    let mut scope = session.scope_of(request, &mut notes)?;
    scope.resolve_sizes();
    Ok((Session { scope }, Request { lets: None, ..request.clone() }, notes))
}

/// What was asked for and done for speed.
#[derive(Clone, Copy)]
struct Leave {
    /// Whether rounding may change.
    fast: bool,
    /// Whether the nodes were regrouped.
    regrouped: bool,
}

/// The functions of the value, of the first and of the second derivatives.
pub(super) fn write(
    r: &mut Reading,
    target: Target,
    name: &str,
    inputs: &[(SmolStr, SymbolId)],
    outputs: &[Output],
    (conditions, fast): (&[String], bool),
) -> Result<Written, Failure> {
    if !source::is_name(name) {
        return Err(no_name(name, target.name()));
    }
    if r.shaped.boolean {
        return Err(r.refuse("a condition is no function of numbers", "write `if ... then 1 else 0`"));
    }
    for (name, symbol) in inputs {
        let node = r.graph.symbol_node(*symbol);
        if r.graph.shape(node).iter().any(|size| r.graph.as_number(*size).is_none()) {
            return Err(no_size(r, name, target));
        }
    }
    let (nodes, regrouped) = nodes(r, outputs, fast)?;
    let leave = Leave { fast, regrouped };
    let all: Vec<(&Output, NodeId)> = outputs.iter().zip(nodes).collect();
    let (value, derivatives) = all.split_at(1);
    let scalar = r.graph.is_scalar(r.shaped.node);
    let said = (conditions, leave);
    let mut parts = vec![part(r, target, [name, ""], inputs, value, said)?];
    let (seconds, firsts): (Vec<_>, Vec<_>) =
        derivatives.iter().partition(|(output, _)| matches!(output.kind, Kind::Second(..)));
    if !firsts.is_empty() {
        let with_value: Vec<_> = value.iter().copied().chain(firsts).collect();
        let ending = if scalar { "_gradient" } else { "_jacobian" };
        parts.push(part(r, target, [name, ending], inputs, &with_value, said)?);
    }
    if !seconds.is_empty() {
        parts.push(part(r, target, [name, "_hessian"], inputs, &seconds, said)?);
    }
    let routines: Vec<Routine> = parts
        .iter()
        .map(|part| Routine {
            name: &part.name,
            program: &part.program,
            about: &part.about,
            patterns: &part.patterns,
            inline: false,
        })
        .collect();
    match target {
        Target::C => {
            let made = source::c_documented(&routines).map_err(|error| refused(r, &error.to_string()))?;
            let guard = format!("{}_H", name.to_uppercase());
            let header = format!("#ifndef {guard}\n#define {guard}\n\n{}\n#endif\n", made.header);
            Ok(Written { source: made.source, header: Some(header), module: None })
        }
        Target::Rust => {
            let made = source::rust_documented(&routines).map_err(|error| refused(r, &error.to_string()))?;
            Ok(Written { source: made.source, header: None, module: None })
        }
        Target::Wasm => {
            let programs: Vec<(&str, &Program)> = routines.iter().map(|r| (r.name, r.program)).collect();
            let made = wasm::module(&programs).map_err(|error| refused(r, &error.to_string()))?;
            Ok(Written { source: script(&made.script, &parts), header: None, module: Some(made.bytes) })
        }
    }
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::C => "C",
            Target::Rust => "Rust",
            Target::Wasm => "WebAssembly",
        }
    }

    /// What a constant is called.
    fn constant(self, name: &str) -> String {
        match self {
            Target::C | Target::Wasm => name.to_owned(),
            Target::Rust => name.to_uppercase(),
        }
    }
}

/// The value and the derivatives for numbers, and whether they were regrouped, if that may be.
fn nodes(r: &mut Reading, outputs: &[Output], fast: bool) -> Result<(Vec<NodeId>, bool), Failure> {
    let node = r.shaped.node;
    let value = r.simplify(node);
    let Some(value) = r.graph.spell_out(value, &mut Tools::default()) else {
        return Err(refused(r, "a function that was taught has no single value here"));
    };
    let written = value;
    let value = if fast { regroup(&mut r.graph, &[value], &[]).pop().unwrap_or(value) } else { value };
    let mut simplifier = TensorSimplifier::unchanging();
    let mut firsts: Vec<(SmolStr, NodeId)> = Vec::new();
    let mut nodes = Vec::with_capacity(outputs.len());
    for output in outputs {
        let (of, by) = match &output.kind {
            Kind::Value => {
                nodes.push(value);
                continue;
            }
            Kind::First(x, _) => (value, x),
            Kind::Second(x, y) => {
                (firsts.iter().find(|(name, _)| name == x).map_or(value, |(_, node)| *node), y)
            }
        };
        let symbol = r.graph.declare_from(&r.scope, by).map_err(|d| failure(&[d], "let"))?;
        let Some(symbol) = r.graph.as_symbol(symbol) else {
            return Err(refused(r, &format!("`{by}` is no variable")));
        };
        let d = tensor_derivative(&mut r.graph, &mut simplifier, of, symbol)
            .map_err(|error| no_derivative(r, &error))?;
        if let Kind::First(x, _) = &output.kind {
            firsts.push((x.clone(), d));
        }
        nodes.push(d);
    }
    if !fast {
        return Ok((nodes, false));
    }
    let better = regroup(&mut r.graph, &nodes, &[]);
    let regrouped = value != written || better != nodes;
    Ok((better, regrouped))
}

/// A function, by the name that all have in common and the end of its own.
fn part(
    r: &mut Reading,
    target: Target,
    [name, ending]: [&str; 2],
    inputs: &[(SmolStr, SymbolId)],
    outputs: &[(&Output, NodeId)],
    (conditions, leave): (&[String], Leave),
) -> Result<Part, Failure> {
    let named: Vec<(SmolStr, NodeId)> =
        outputs.iter().map(|(output, node)| (output.title.as_str().into(), *node)).collect();
    let mut program = lower(&r.graph, inputs, &[], &named).map_err(|error| match &error {
        LowerError::Unbound(name) => no_size(r, name, target),
        LowerError::Size(_) | LowerError::TooLarge(_) => {
            r.refuse(&error.to_string(), "give other sizes, or ask for a lower order of derivative")
        }
        LowerError::Unsupported(_) => refused(r, &error.to_string()),
    })?;
    program.regrouped = leave.regrouped;
    if leave.fast {
        share_reciprocals(&mut program);
    }
    let shown: Vec<&Output> = outputs.iter().map(|(output, _)| *output).collect();
    let mut about = about(r, &shown, conditions);
    if program.regrouped {
        about.push(String::new());
        let said = [
            "Sums, products and quotients are regrouped where that is cheaper (fast): it rounds",
            "otherwise than as written.",
        ];
        about.extend(said.map(String::from));
    }
    let patterns = patterns(r, name, inputs, outputs, &program);
    for (pattern, entries) in &patterns {
        if about.last().is_some_and(|line| !line.is_empty()) {
            about.push(String::new());
        }
        let (label, count) = (&pattern.output, pattern.entries.len());
        let mut line = format!("{label}: {count} of its {entries} entries can be other than 0");
        if is_listed(pattern) {
            let constants =
                ["rows", "columns"].map(|what| target.constant(&format!("{}_{what}", pattern.name)));
            line += &format!(", at {} and {}", constants[0], constants[1]);
        }
        about.push(line + ".");
    }
    let patterns = patterns.into_iter().map(|(pattern, _)| pattern).filter(is_listed).collect();
    Ok(Part { name: format!("{name}{ending}"), program, about, patterns })
}

/// Whether constants stand for a pattern.
fn is_listed(pattern: &Pattern) -> bool {
    (1..=MOST_ENTRIES).contains(&pattern.entries.len())
}

/// Where derivatives that are matrices can be other than 0, and how many entries each has; those without known zeros are
/// left out.
fn patterns(
    r: &Reading,
    name: &str,
    inputs: &[(SmolStr, SymbolId)],
    outputs: &[(&Output, NodeId)],
    program: &Program,
) -> Vec<(Pattern, usize)> {
    let rank = |x: &SmolStr| {
        let symbol = inputs.iter().find(|(name, _)| name == x);
        symbol.map_or(0, |(_, symbol)| r.graph.shape(r.graph.symbol_node(*symbol)).len())
    };
    let value_rank = r.graph.shape(r.shaped.node).len();
    let mut found = Vec::new();
    let all = program.known_zeros(SEARCHED).unwrap_or_default();
    for (((output, _), zeros), (label, id)) in outputs.iter().zip(&all).zip(&program.outputs) {
        let rows = match &output.kind {
            Kind::Value => continue,
            Kind::First(..) => value_rank,
            Kind::Second(x, _) => value_rank + rank(x),
        };
        let shape = &program.tensor(*id).shape;
        let (rows, columns) = shape.split_at(rows.min(shape.len()));
        let size = [rows.iter().product::<usize>(), columns.iter().product::<usize>()];
        if size[0] < 2 || size[1] < 2 || !zeros.contains(&true) {
            continue;
        }
        let entries = (0..zeros.len()).filter(|at| !zeros[*at]).map(|at| [at / size[1], at % size[1]]);
        let entries = entries.collect();
        let pattern = Pattern { name: format!("{name}_{label}"), output: label.to_string(), size, entries };
        found.push((pattern, zeros.len()));
    }
    found
}

/// How to call a module, with what is said of its functions.
fn script(script: &str, parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        text += &format!("// {}\n", part.name);
        for line in &part.about {
            text += format!("//   {line}").trim_end();
            text.push('\n');
        }
    }
    text.push('\n');
    for pattern in parts.iter().flat_map(|part| &part.patterns) {
        for (at, what) in ["rows", "columns"].into_iter().enumerate() {
            let numbers: Vec<String> = pattern.entries.iter().map(|entry| entry[at].to_string()).collect();
            text += &format!("export const {}_{what} = [{}];\n", pattern.name, numbers.join(", "));
        }
        text.push('\n');
    }
    text + script
}

/// A size that is no number.
fn no_size(r: &Reading, name: &str, target: Target) -> Failure {
    let declared = r.type_of(name).filter(|ty| !ty.is_scalar());
    let sizes = declared.into_iter().flat_map(|ty| &ty.shape);
    let open = sizes.map(ToString::to_string).find(|size| size.parse::<u64>().is_err());
    let open = open.unwrap_or_else(|| name.to_owned());
    let (message, label) = match declared {
        Some(ty) => (format!("`{name}: {ty}` has a size without a number"), format!("its size is `{open}`")),
        None => (format!("`{name}` is a size without a number"), "a size".to_owned()),
    };
    let d = Diagnostic::error(Code::Shape, message, place(r, name).unwrap_or(r.span()), label);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let free = open.split(|c| !word(c)).find(|name| name.starts_with(char::is_alphabetic)).unwrap_or("n");
    let hint = format!(
        "{} has loops and arrays of known sizes: give `{free}` a number, as in --let \"{free} = 3\"",
        target.name()
    );
    failure(&[d.with_hint(hint)], "expr")
}

/// Where a name stands first.
fn place(r: &Reading, name: &str) -> Option<Span> {
    let (mut stack, mut seen) = (vec![r.root], vec![false; r.tree.len()]);
    let mut found: Option<Span> = None;
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            continue;
        }
        if matches!(r.tree.kind(id), Syntax::Name(other) if other == name) {
            let span = r.tree.span(id);
            found = Some(found.filter(|before| before.start < span.start).unwrap_or(span));
        }
        r.tree.children(id, |child| stack.push(child));
    }
    found
}

fn refused(r: &Reading, message: &str) -> Failure {
    r.refuse(message, "write the formula with other functions, or ask for another language with --to")
}
