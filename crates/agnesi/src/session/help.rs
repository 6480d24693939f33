//! `help`: what the table, or the session, says about a name.

use agnesi_functions::{Antiderivative, ErrorBound, Function, Meaning, Shape};
use agnesi_syntax::{Code, nearest};

use super::{Outcome, Session};
use crate::protocol::{Failure, HelpReply, HelpRow, Reply, Request, Success};

/// Answers `help` about the name in `topic`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let Some(topic) = request.topic.as_deref().map(str::trim).filter(|topic| !topic.is_empty()) else {
        return Ok(success(about()));
    };
    if let Some(definition) = session.scope.definition(topic) {
        return Ok(success(HelpReply {
            topic: topic.to_string(),
            title: "defined in this session".to_string(),
            doc: definition.text().trim().to_string(),
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
    let functions = agnesi_functions::table()
        .iter()
        .flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
    let constants = agnesi_functions::constants().iter().map(|constant| constant.name);
    let hint = match nearest(topic, functions.chain(constants)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`agnesi names` lists the functions".to_string(),
    };
    let message = format!("there is no help about `{}`", topic.escape_debug());
    Err(Failure::new(Code::Name, message).with_hint(hint))
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
    HelpReply {
        topic: "agnesi".to_string(),
        title: "the calculus engine".to_string(),
        doc: "Give a formula, and everything calculus knows about it comes out.".to_string(),
        rows: vec![
            row("functions", "`names` lists them; help about `erf` shows its row of the table"),
            row("definitions", "f(x) = x^2, then f'(3), f''(x), d/dx f(x)"),
            row("products", "2x, 2(x+1), x*y; 1/2x is (1/2)*x"),
            row("branches", "if x > 0 then x else 0"),
        ],
    }
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
