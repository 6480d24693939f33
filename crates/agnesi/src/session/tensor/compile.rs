//! `compile`: a formula and its derivatives as the source of a function, or typeset.
//!
//! Formulas of numbers come the same way as those of tensors: they are read with shapes where that reading knows all
//! they say, else as `understand.rs` reads them.

use agnesi_calculus::tensor_derivative;
use agnesi_engine::emit::{EmitError, Language, emit_documented};
use agnesi_graph::{Factor, Form, Graph, Labels, NodeId, Op, Rational, Shaped, SymbolId};
use agnesi_syntax::{Code, Diagnostic, Span, nearest, parse_expression, print};
use smol_str::SmolStr;

use super::super::understand::{Understood, failure, take_definitions};
use super::super::{Outcome, Session, write};
use super::diff::{derivative, no_derivative};
use super::program::{self, Written};
use super::{Reading, TensorSimplifier};
use crate::protocol::{CompileReply, Failure, Note, Reply, Request, Success, Variable};

/// The words for what can be written.
const TARGETS: [&str; 9] = ["numpy", "jax", "pytorch", "julia", "c", "rust", "wasm", "latex", "typst"];
/// Derivatives above this order are not written.
const MAX_ORDER: u32 = 2;
/// Formulas that take a longer line do not stand in the documentation.
const LINE: usize = 100;

/// What is written.
#[derive(Clone, Copy)]
enum Target {
    Code(Language),
    Program(program::Target),
    Latex,
    Typst,
}

/// One thing that the function returns.
pub(super) struct Output {
    pub title: String,
    pub node: NodeId,
    pub kind: Kind,
}

pub(super) enum Kind {
    Value,
    /// First derivatives by a variable; the second field says whether they are a gradient.
    First(SmolStr, bool),
    /// Second derivatives by two variables.
    Second(SmolStr, SmolStr),
}

/// Answers `compile`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let (target, word) = target(request)?;
    if !request.at.is_empty() {
        return Err(Failure::new(
            Code::Input,
            "a function gets its values when it is called, so `compile` takes no point",
        )
        .with_hint("leave `at` out; what is always the same can be defined, as in --let \"a = 2\""));
    }
    if request.fast && !matches!(target, Target::Program(_)) {
        return Err(Failure::new(
            Code::Input,
            format!("`fast` is for c, rust and wasm: {word} is written as the formula is"),
        )
        .with_hint("leave it out, or ask for another language"));
    }
    let (mut r, domain) = match target {
        Target::Program(_) => {
            let (session, request, notes) = program::with_sizes(session, request)?;
            let (mut r, domain) = Reading::any(&session, &request)?;
            r.notes.splice(0..0, notes);
            (r, domain)
        }
        Target::Code(_) | Target::Latex | Target::Typst => Reading::any(session, request)?,
    };
    let name = request.name.as_deref().map_or("f", str::trim);
    let outputs = outputs(&mut r, request)?;
    let nodes: Vec<NodeId> = outputs.iter().map(|output| output.node).collect();
    let mut conditions = domain;
    for condition in r.conditions(&nodes) {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    without_implied(&mut conditions);
    let mut inputs = inputs(&mut r, request)?;
    let plain = |source| Written { source, header: None, module: None };
    let written = match target {
        Target::Code(language) => {
            let about = about(&mut r, &outputs.iter().collect::<Vec<_>>(), &conditions);
            plain(code(&mut r, language, name, &mut inputs, &outputs, &about)?)
        }
        Target::Program(target) => {
            program::write(&mut r, target, name, &inputs, &outputs, (&conditions, request.fast))?
        }
        Target::Latex | Target::Typst => plain(typeset(&mut r, target, name, &outputs)?),
    };
    let Written { source, header, module } = written;
    let inputs = inputs
        .iter()
        .map(|(name, _)| Variable {
            name: name.to_string(),
            ty: match r.type_of(name) {
                Some(ty) => ty.to_string(),
                None if r.is_size(name) => "size".into(),
                None => "real".into(),
            },
        })
        .collect();
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Compile(CompileReply { source, header, module, language: word.into(), inputs }),
        notes: r.take_notes(),
    })
}

/// Leaves out that something is not 0, or not negative, where it is positive.
fn without_implied(conditions: &mut Vec<String>) {
    let all = conditions.clone();
    let has = |node: &str, sign: &str| all.iter().any(|c| c.strip_suffix(sign) == Some(node));
    conditions.retain(|condition| {
        let implied =
            |weak: &str, strong: &str| condition.strip_suffix(weak).is_some_and(|node| has(node, strong));
        !(implied(" != 0", " > 0") || implied(" != 0", " < 0") || implied(" >= 0", " > 0"))
    });
}

/// What the request wants written, and the word for it.
fn target(request: &Request) -> Result<(Target, &'static str), Failure> {
    let all = TARGETS.join(", ");
    let Some(given) = request.language.as_deref() else {
        return Err(Failure::new(Code::Input, "`compile` has to know the language")
            .with_hint(format!("name it with --to: {all}")));
    };
    let word = given.trim().to_lowercase();
    let found = match word.as_str() {
        "latex" | "tex" => Some((Target::Latex, "latex")),
        "typst" | "typ" => Some((Target::Typst, "typst")),
        "c" | "c99" => Some((Target::Program(program::Target::C), "c")),
        "rust" | "rs" => Some((Target::Program(program::Target::Rust), "rust")),
        "wasm" | "webassembly" => Some((Target::Program(program::Target::Wasm), "wasm")),
        word => Language::find(word).map(|language| (Target::Code(language), named(language))),
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let message = format!("`{}` is no language that can be written", given.escape_debug());
    let d = Diagnostic::error(Code::Input, message, Span::new(0, given.len()), "not known");
    let near = nearest(&word, TARGETS);
    let hint = match near {
        Some(near) => format!("did you mean `{near}`? The languages are {all}"),
        None => format!("the languages are {all}"),
    };
    Err(failure(&[d.with_hint(hint)], "to"))
}

/// The word for a language.
fn named(language: Language) -> &'static str {
    match language {
        Language::NumPy => "numpy",
        Language::Jax => "jax",
        Language::PyTorch => "pytorch",
        Language::Julia => "julia",
    }
}

impl Reading {
    /// Reads any formula, with the conditions that only its reading as numbers knows.
    pub fn any(session: &Session, request: &Request) -> Result<(Reading, Vec<String>), Failure> {
        if let Some(reading) = Reading::of(session, request)? {
            return Ok((reading, Vec::new()));
        }
        if let Some(reading) = Reading::plain(session, request)? {
            return Ok((reading, Vec::new()));
        }
        let mut u = session.understand(request)?;
        let domain = u.domain_text().into_iter().collect();
        Ok((Reading::understood(u), domain))
    }

    /// A formula of numbers, read with shapes; `None` where it is written out in components, or that reading does not know something in it.
    fn plain(session: &Session, request: &Request) -> Result<Option<Reading>, Failure> {
        let text = request.expr.as_deref().unwrap_or_default();
        let mut notes = Vec::new();
        let mut scope = session.scope_of(request, &mut notes)?;
        let rest = take_definitions(&mut scope, text, "expr", &mut notes)?;
        let parsed = parse_expression(rest.as_deref().unwrap_or(text), &scope);
        if parsed.has_errors() {
            return Ok(None);
        }
        notes.extend(parsed.diagnostics.iter().map(|d| Note::of(d, "expr")));
        let read = Reading::read(scope, parsed, text, notes).ok();
        Ok(read.filter(|r| r.shaped.inferred.is_empty() && r.graph.is_scalar(r.shaped.node)))
    }

    /// A formula of numbers as the verbs for those read it.
    fn understood(mut u: Understood) -> Reading {
        let node = stacked(&mut u.graph, &u.components, &u.shape);
        let form = Form::of_rank(u.shape.len());
        let boolean =
            matches!(u.graph.op(node), Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_));
        let notes = u.take_notes();
        let inputs = u.variables();
        Reading {
            scope: u.scope,
            graph: u.graph,
            shaped: Shaped {
                node,
                form,
                boolean,
                inputs,
                inferred: Vec::new(),
                needs: Vec::new(),
                notes: Vec::new(),
                has_decimals: u.settled.has_decimals,
            },
            tree: u.settled.tree,
            root: u.settled.root,
            simplifier: TensorSimplifier::default(),
            notes,
            text: u.text,
        }
    }
}

/// Numbers as the entries of one tensor, rows first.
fn stacked(graph: &mut Graph, entries: &[NodeId], shape: &[usize]) -> NodeId {
    if let ([entry], []) = (entries, shape) {
        return *entry;
    }
    let sizes: Vec<NodeId> = shape.iter().map(|n| graph.integer(*n as i64)).collect();
    let labels: Labels = (0..shape.len() as u8).collect();
    let mut terms = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let mut factors = vec![Factor { node: *entry, labels: Labels::new(), exponent: Rational::ONE }];
        let mut stride = 1;
        for (axis, size) in shape.iter().enumerate().rev() {
            let index = graph.integer((at / stride % size.max(&1)) as i64 + 1);
            let node = graph.one_hot(index, sizes[axis]);
            factors.push(Factor { node, labels: Labels::from_slice(&[axis as u8]), exponent: Rational::ONE });
            stride *= size;
        }
        let term = graph.contract(Rational::ONE, factors, labels.clone(), sizes.clone());
        terms.push((Rational::ONE, term));
    }
    graph.sum(&terms)
}

/// The value, and the derivatives that are asked for.
fn outputs(r: &mut Reading, request: &Request) -> Result<Vec<Output>, Failure> {
    let wanted = !request.wrt.is_empty() || request.order.is_some();
    let order = request.order.unwrap_or(u32::from(wanted));
    if order > MAX_ORDER {
        return Err(Failure::new(
            Code::Limit,
            format!("`compile` writes derivatives up to order {MAX_ORDER}"),
        )
        .with_hint("ask for order 1 or 2; `diff` gives formulas of higher order"));
    }
    let node = r.shaped.node;
    let value = r.simplify(node);
    let mut all = vec![Output { title: "value".into(), node: value, kind: Kind::Value }];
    if order == 0 {
        return Ok(all);
    }
    let mut wrt = r.wrt(request)?;
    let mut seen = Vec::new();
    wrt.retain(|(_, x)| {
        !seen.contains(x) && {
            seen.push(*x);
            true
        }
    });
    let scalar = r.graph.is_scalar(node);
    let plain = |r: &Reading, x: SymbolId| scalar && r.graph.is_scalar(r.graph.symbol_node(x));
    let mut firsts = Vec::with_capacity(wrt.len());
    for (name, x) in &wrt {
        let taken = derivative(r, name.clone(), *x, 1)?;
        firsts.push(taken.last());
        let word = match (plain(r, *x), scalar) {
            (true, _) => "derivative",
            (_, true) => "gradient",
            _ => "jacobian",
        };
        let kind = Kind::First(name.clone(), word == "gradient");
        all.push(Output { title: format!("{word}_{name}"), node: taken.last(), kind });
    }
    if order < 2 {
        return Ok(all);
    }
    for (i, (x_name, x)) in wrt.iter().enumerate() {
        // The limits of `diff` hold here too.
        derivative(r, x_name.clone(), *x, 2)?;
        for (y_name, y) in &wrt[i..] {
            let d = tensor_derivative(&mut r.graph, &mut r.simplifier, firsts[i], *y)
                .map_err(|error| no_derivative(r, &error))?;
            let both = plain(r, *x) && plain(r, *y);
            let word = if both { "second" } else { "hessian" };
            let title = if x == y { format!("{word}_{x_name}") } else { format!("{word}_{x_name}_{y_name}") };
            all.push(Output { title, node: d, kind: Kind::Second(x_name.clone(), y_name.clone()) });
        }
    }
    // `x_y` is a name too.
    for i in 1..all.len() {
        while all[..i].iter().any(|before| before.title == all[i].title) {
            all[i].title.push('_');
        }
    }
    Ok(all)
}

/// The arguments of the function: what the formula has, and what it is differentiated by.
fn inputs(r: &mut Reading, request: &Request) -> Result<Vec<(SmolStr, SymbolId)>, Failure> {
    let mut names: Vec<SmolStr> = r.shaped.inputs.iter().filter(|n| !r.is_size(n)).cloned().collect();
    for name in &request.wrt {
        let name = SmolStr::new(name.trim());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let node = r.graph.declare_from(&r.scope, &name).map_err(|d| failure(&[d], "let"))?;
        found.extend(r.graph.as_symbol(node).map(|id| (name, id)));
    }
    Ok(found)
}

/// What the documentation says first: the formulas, and where they hold.
pub(super) fn about(r: &mut Reading, outputs: &[&Output], conditions: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if r.text.len() <= LINE {
        lines.push(r.text.clone());
    }
    let mut formulas = Vec::new();
    for output in outputs.iter().filter(|output| !matches!(output.kind, Kind::Value)) {
        let line = format!("{} = {}", output.title, r.text_of(output.node));
        if line.len() <= LINE {
            formulas.push(line);
        }
    }
    let needs = (!conditions.is_empty()).then(|| format!("Needs: {}", conditions.join("; ")));
    for part in [formulas, needs.into_iter().collect()] {
        if !part.is_empty() && !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(part);
    }
    lines
}

/// The source; a size that stands at no axis of an input becomes an input.
fn code(
    r: &mut Reading,
    language: Language,
    name: &str,
    inputs: &mut Vec<(SmolStr, SymbolId)>,
    outputs: &[Output],
    about: &[String],
) -> Result<String, Failure> {
    let returned: Vec<(&str, NodeId)> = outputs.iter().map(|o| (o.title.as_str(), o.node)).collect();
    loop {
        let symbols: Vec<SymbolId> = inputs.iter().map(|(_, id)| *id).collect();
        match emit_documented(&mut r.graph, language, name, &symbols, &returned, about) {
            Ok(source) => return Ok(source),
            Err(EmitError::Unbound(size)) => match r.graph.find_symbol(&size) {
                Some(id) if !symbols.contains(&id) => inputs.push((size, id)),
                _ => return Err(Failure::new(Code::Name, EmitError::Unbound(size).to_string())),
            },
            Err(EmitError::Name(wrong)) => {
                return Err(no_name(&wrong, language.name()));
            }
            Err(error) => {
                let others: Vec<&str> = Language::ALL
                    .into_iter()
                    .filter(|other| {
                        *other != language
                            && emit_documented(&mut r.graph, *other, name, &symbols, &returned, about).is_ok()
                    })
                    .map(named)
                    .collect();
                let hint = match others[..] {
                    [] => "write the formula with other functions".to_string(),
                    _ => format!("it can be written for {}", others.join(", ")),
                };
                return Err(r.refuse(&error.to_string(), &hint));
            }
        }
    }
}

pub(super) fn no_name(name: &str, language: &str) -> Failure {
    Failure::new(Code::Input, format!("`{}` is no name for a function in {language}", name.escape_debug()))
        .with_hint("give another with --name: letters, digits and `_`, and no word of the language")
}

/// The formula, or equations for it and its derivatives, a line each.
fn typeset(r: &mut Reading, target: Target, name: &str, outputs: &[Output]) -> Result<String, Failure> {
    let typst = matches!(target, Target::Typst);
    let set = |tree: &agnesi_syntax::Tree, root| match typst {
        true => print::typst(tree, root, &print::Options::default()).text,
        false => write::latex(tree, root),
    };
    let whole = set(&r.tree, r.root);
    if outputs.len() == 1 {
        return Ok(whole + "\n");
    }
    let letters = |c: char| c.is_alphanumeric() || c == '_';
    if !name.starts_with(char::is_alphabetic) || !name.chars().all(letters) {
        return Err(no_name(name, if typst { "Typst" } else { "LaTeX" }));
    }
    let word = |name: &str| {
        let parsed = parse_expression(name, &agnesi_syntax::NoNames);
        set(&parsed.tree, parsed.root)
    };
    let f = word(name);
    let mut lines = String::new();
    for output in outputs {
        let left = match (&output.kind, typst) {
            (Kind::Value, _) => f.clone(),
            (Kind::First(x, true), false) => format!(r"\nabla_{{{}}} {f}", word(x)),
            (Kind::First(x, true), true) => format!("nabla_({}) {f}", word(x)),
            (Kind::First(x, false), false) => format!(r"\frac{{\partial {f}}}{{\partial {}}}", word(x)),
            (Kind::First(x, false), true) => format!("(partial {f})/(partial {})", word(x)),
            (Kind::Second(x, y), false) if x == y => {
                format!(r"\frac{{\partial^{{2}} {f}}}{{\partial {}^{{2}}}}", word(x))
            }
            (Kind::Second(x, y), false) => {
                format!(r"\frac{{\partial^{{2}} {f}}}{{\partial {} \, \partial {}}}", word(x), word(y))
            }
            (Kind::Second(x, y), true) if x == y => format!("(partial^2 {f})/(partial {}^2)", word(x)),
            (Kind::Second(x, y), true) => {
                format!("(partial^2 {f})/(partial {} partial {})", word(x), word(y))
            }
        };
        let right = match output.kind {
            Kind::Value => whole.clone(),
            _ => {
                let style = r.style();
                let (tree, root) = r.graph.raise(output.node, style);
                set(&tree, root)
            }
        };
        lines += &format!("{left} = {right}\n");
    }
    Ok(lines)
}
