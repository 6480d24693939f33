//! `help`: what the table, or the session, says about a name.

use agnesi_functions::{Antiderivative, ErrorBound, Function, Meaning, Shape};
use agnesi_graph::Definition;
use agnesi_syntax::{Code, Kind, TreeId, nearest, print};
use smol_str::SmolStr;

use super::{Outcome, Session};
use crate::protocol::{Failure, HelpReply, HelpRow, Reply, Request, Success, Verb};

/// Answers `help` about the name in `topic`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let Some(topic) = request.topic.as_deref().map(str::trim).filter(|topic| !topic.is_empty()) else {
        return Ok(success(about()));
    };
    if let Some(definition) = session.scope.definition(topic) {
        return Ok(success(defined(session, definition)));
    }
    if let Some(ty) = session.scope.type_of(topic) {
        return Ok(success(HelpReply {
            topic: topic.to_string(),
            title: "declared in this session".to_string(),
            doc: format!("{topic}: {ty}"),
            rows: Vec::new(),
        }));
    }
    if let Some(id) = agnesi_functions::find(topic) {
        return Ok(success(function(id.row())));
    }
    if let Some(constant) = agnesi_functions::constant(topic) {
        let mut rows = vec![row("value", constant.value.to_string())];
        rows.extend(constant.meaning.map(|meaning| row("meaning", meaning)));
        rows.extend(also(constant.aliases));
        return Ok(success(HelpReply {
            topic: constant.name.to_string(),
            title: constant.title.to_string(),
            doc: constant.doc.to_string(),
            rows,
        }));
    }
    if let Some((verb, doc, examples)) = VERBS.iter().find(|(verb, ..)| verb.as_str() == topic) {
        return Ok(success(about_verb(*verb, doc, examples)));
    }
    let functions = agnesi_functions::table()
        .iter()
        .flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
    let constants = agnesi_functions::constants().iter().map(|constant| constant.name);
    let verbs = VERBS.iter().map(|(verb, ..)| verb.as_str());
    let mine = session.scope.names().map(|name| name.as_str());
    let hint = match nearest(topic, functions.chain(constants).chain(verbs).chain(mine)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`names` lists the functions and constants; without a topic, help begins".to_string(),
    };
    let message = format!("there is no help about `{}`", shortened(topic));
    Err(Failure::new(Code::Name, message).with_hint(hint))
}

/// A topic as it is quoted: control characters escaped, and not longer than a line.
fn shortened(topic: &str) -> String {
    let short: String = topic.chars().take(40).collect();
    let dots = if short.len() < topic.len() { "..." } else { "" };
    format!("{}{dots}", short.escape_debug())
}

fn success(reply: HelpReply) -> Success {
    Success { understood: None, reply: Reply::Help(reply), notes: Vec::new() }
}

fn row(label: &str, text: impl Into<String>) -> HelpRow {
    HelpRow { label: label.to_string(), text: text.into() }
}

/// Other names that are read as this one.
fn also(aliases: &[&str]) -> Option<HelpRow> {
    (!aliases.is_empty()).then(|| row("also written", aliases.join(", ")))
}

fn about() -> HelpReply {
    let mut rows = vec![
        row("functions", "`names` lists them; help about `erf` shows its row of the table"),
        row("definitions", "f(x) = x^2, then f'(3), f''(x), d/dx f(x)"),
        row("teaching", "function g(x) = exp(2x) with derivative 2*g(x); range y > 0"),
        row("products", "2x, 2(x+1), x*y; 1/2x is (1/2)*x"),
        row("branches", "if x > 0 then x else 0"),
    ];
    let verbs: Vec<&str> = VERBS.iter().map(|(verb, ..)| verb.as_str()).collect();
    rows.push(row("verbs", verbs.join(", ")));
    HelpReply {
        topic: "agnesi".to_string(),
        title: "the calculus engine".to_string(),
        doc: "Give a formula, and everything calculus knows about it comes out.".to_string(),
        rows,
    }
}

/// What can be asked in this version: what it gives, and examples of what follows the verb on a command line.
const VERBS: &[(Verb, &str, &[&str])] = &[
    (
        Verb::Describe,
        "Everything that is known of a function: domain, derivatives, symmetry, zeros, critical points, a picture.",
        &["\"sin(4w) + 0.1w^2\"", "\"x^2 + y^3\" --at x=2,y=3"],
    ),
    (
        Verb::Diff,
        "The derivative as a formula; at a point also its value, found in three ways.",
        &[
            "\"sin(4w) + 0.1w^2\" --at w=0.62",
            "\"x^2 + y^3\" --wrt x,y --at x=2,y=3",
            "\"2x + 3y - z\" --along 2,3,-1",
            "\"x^4\" --order 3",
        ],
    ),
    (
        Verb::Explain,
        "The derivative in the steps that a person would take, each with its rule.",
        &["\"(3x^2 + 2)^5\"", "\"2 z^3 x^2\"", "\"d/dx x*sin(x)\""],
    ),
    (
        Verb::Check,
        "Whether a claimed derivative is right; if not, a point where it fails and what the mistake probably is.",
        &[
            "\"1/(1+exp(-z))\" --claimed \"2*s*(1-s)\" --let \"s = 1/(1+exp(-z))\"",
            "\"x^2 + y^3\" --claimed \"[2x, 2y]\"",
        ],
    ),
    (
        Verb::Simplify,
        "The same function in fewer terms, with the conditions under which it is the same.",
        &["\"(x^2 - 1)/(x - 1)\"", "\"sqrt(x^2)\""],
    ),
    (Verb::Eval, "The value at a point.", &["\"sin(x)/x\" --at x=0", "\"erf(1)\""]),
    (
        Verb::Taylor,
        "The Taylor polynomial with a bound on what it leaves out.",
        &["\"sin(x)\" --order 5", "\"log(x)\" --point 1 --order 3"],
    ),
    (
        Verb::Plot,
        "A picture: a curve with its tangent, a surface, level lines, or the field of gradients.",
        &["\"sin(4w) + 0.1w^2\" --at w=0.62 -o tangent.svg", "\"x^2 + y^3\" --kind contour -o contour.png"],
    ),
    (
        Verb::Compile,
        "A function that returns the value and the derivatives, as source for NumPy, JAX, PyTorch, Julia, C or Rust, or as \
         a WebAssembly module; or LaTeX, Typst.",
        &[
            "\"sin(4w) + 0.1w^2\" --wrt w --to jax",
            "\"norm2(X*w - y)^2\" --let \"X: matrix(n,m); w: vector(m); y: vector(n)\" --wrt w --to numpy",
        ],
    ),
    (
        Verb::Parse,
        "How a text is understood, and its forms in LaTeX, Typst and MathML.",
        &["\"sin 2x cos x\"", "\"1/2x\""],
    ),
    (Verb::Names, "The names that are known: those of the session, the functions and the constants.", &[]),
    (Verb::Define, "Definitions, declarations and facts to keep.", &["\"f(x) = x^2; a: positive\""]),
    (Verb::Forget, "Forgets a name of the session, or all of them.", &["f"]),
    (Verb::Help, "About a function, a constant, a verb or a name of the session.", &["erf", "check"]),
];

fn about_verb(verb: Verb, doc: &str, examples: &[&str]) -> HelpReply {
    let title = |index: usize| if index == 0 { "examples" } else { "" };
    let fields = verb.fields();
    let mut rows: Vec<HelpRow> = examples
        .iter()
        .enumerate()
        .map(|(i, text)| row(title(i), format!("{} {text}", verb.as_str())))
        .collect();
    if !fields.is_empty() {
        rows.push(row("fields", fields.join(", ")));
    }
    HelpReply { topic: verb.as_str().to_string(), title: "a verb".to_string(), doc: doc.to_string(), rows }
}

/// A definition of the session, with its derivatives.
fn defined(session: &Session, definition: &Definition) -> HelpReply {
    let name = definition.name();
    let mut rows = Vec::new();
    let tree = definition.body().0;
    let item = |id: TreeId| match tree.kind(id) {
        Kind::Equation(left, right) => {
            format!("{} = {}", print::text(tree, *left), print::text(tree, *right))
        }
        // Strings lose their quotes.
        Kind::Text(text) => text.to_string(),
        _ => print::text(tree, id),
    };
    let all = |wanted: &[&str]| -> Vec<String> {
        let columns = definition.columns().unwrap_or_default();
        let found = columns.iter().filter(|(column, _)| wanted.contains(&column.as_str()));
        found
            .flat_map(|(_, id)| match tree.kind(*id) {
                Kind::Tuple(items) => tree.ids(*items).to_vec(),
                _ => vec![*id],
            })
            .map(item)
            .collect()
    };
    let column = |wanted: &str| all(&[wanted]).into_iter().next();
    if let Some(params) = definition.params() {
        let call = format!("{name}({})", params.join(", "));
        let root = definition.body().1;
        if column("doc").is_some() {
            rows.push(row("meaning", format!("{call} = {}", print::text(tree, root))));
        }
        for param in params {
            if let Some(slope) = slope(session, definition, param) {
                rows.push(row(&format!("d/d{param}"), slope));
            }
        }
        for (label, wanted) in [
            ("domain", &["domain"][..]),
            ("range", &["range"]),
            ("integral", &["antiderivative"]),
            ("shape", &["shape"]),
            ("laws", &["law", "laws"]),
            ("examples", &["example", "examples"]),
            ("see", &["refs"]),
        ] {
            let texts = all(wanted).into_iter().enumerate();
            rows.extend(texts.map(|(i, text)| row(if i == 0 { label } else { "" }, text)));
        }
    }
    HelpReply {
        topic: name.to_string(),
        title: column("title").unwrap_or_else(|| "defined in this session".to_string()),
        doc: column("doc").unwrap_or_else(|| definition.text().trim().to_string()),
        rows,
    }
}

/// The derivative of a function of the session in one argument, where it has one.
fn slope(session: &Session, definition: &Definition, param: &SmolStr) -> Option<String> {
    let params = definition.params()?;
    // The arguments are free, whatever their names mean outside.
    let mut inside = session.clone();
    for param in params {
        inside.scope.declare(param.clone(), agnesi_graph::Type::real());
    }
    let text = format!("{}({})", definition.name(), params.join(", "));
    let mut u = inside.understand(&Request::new(Verb::Diff, text)).ok()?;
    let x = u.symbols(std::slice::from_ref(param)).ok()?;
    let node = u.scalar("help").ok()?;
    let slope = u.derivative(node, *x.first()?).ok()?;
    Some(u.text_of(slope))
}

/// The row of the table.
fn function(row_of: &Function) -> HelpReply {
    let mut rows = vec![row("written", format!("{}({})", row_of.name, row_of.args.join(", ")))];
    rows.extend(also(row_of.aliases));
    let known = |text: &str| if text == "true" { "all reals".to_string() } else { text.to_string() };
    rows.push(row("domain", known(row_of.domain)));
    rows.push(row("range", known(row_of.range)));
    match row_of.meaning {
        Meaning::Is(text) => rows.push(row("meaning", text)),
        Meaning::Primitive { because } => rows.push(row("meaning", because)),
    }
    for (index, arg) in row_of.args.iter().enumerate() {
        let text = match row_of.partial(index) {
            Ok(text) => text.to_string(),
            Err(because) => format!("none: {because}"),
        };
        rows.push(row(&format!("d/d{arg}"), text));
    }
    match row_of.antiderivative {
        Antiderivative::Is(text) => rows.push(row("integral", text)),
        Antiderivative::None { because } => rows.push(row("integral", format!("none: {because}"))),
    }
    match row_of.shape {
        Shape::Increasing => rows.push(row("shape", "increasing")),
        Shape::Decreasing => rows.push(row("shape", "decreasing")),
        Shape::NotMonotone => {}
    }
    rows.extend(row_of.laws.iter().enumerate().map(|(i, law)| row(if i == 0 { "laws" } else { "" }, *law)));
    rows.extend(row_of.kinks.iter().map(|kink| row("convention", kink.convention)));
    rows.push(match row_of.error {
        ErrorBound::Ulps(ulps) => row("error", format!("at most {ulps} units in the last place")),
        ErrorBound::UlpsOrAbsolute(ulps, least) => {
            row("error", format!("at most {ulps} units in the last place, or {least:e}"))
        }
        ErrorBound::Exact => row("error", "none"),
    });
    rows.extend(
        row_of.examples.iter().enumerate().map(|(i, text)| row(if i == 0 { "examples" } else { "" }, *text)),
    );
    rows.extend((!row_of.refs.is_empty()).then(|| row("see", row_of.refs.join("; "))));
    HelpReply {
        topic: row_of.name.to_string(),
        title: row_of.title.to_string(),
        doc: row_of.doc.to_string(),
        rows,
    }
}
