//! Answers as text for people.

mod calculus;
mod describe;
mod palette;
mod table;

use agnesi::protocol::{
    CompileReply, Failure, HelpReply, NamesReply, Note, ParseReply, Reply, Request, Success,
};

use crate::screen::Screen;
use palette::Palette;
use table::Rows;

pub use palette::token_style;

/// A reply.
pub fn success(success: &Success, request: &Request, screen: &Screen) -> String {
    let paint = Palette::new(screen.colour);
    let rows = Rows::new(paint, if screen.terminal { Some(screen.columns as usize) } else { None });
    match &success.reply {
        Reply::Parse(reply) => parse(reply, rows),
        Reply::Eval(reply) => calculus::eval(reply, paint, rows),
        Reply::Simplify(reply) => calculus::simplify(reply, paint, rows),
        Reply::Diff(reply) => calculus::diff(reply, request, paint, rows),
        Reply::Check(reply) => calculus::check(reply, paint, rows),
        Reply::Explain(reply) => calculus::explain(reply, paint, rows),
        Reply::Taylor(reply) => calculus::taylor(reply, paint, rows),
        Reply::Describe(reply) => describe::describe(reply, success, paint, rows),
        Reply::Plot(reply) => match (&reply.path, &reply.text, &reply.svg) {
            (Some(path), _, _) => format!("{path}\n"),
            (None, Some(text), _) => ended(text),
            (None, None, Some(svg)) => ended(svg),
            (None, None, None) => ended(&reply.description),
        },
        Reply::Compile(reply) => source(reply),
        Reply::Define(reply) => {
            let known = reply.defined.iter().map(|text| format!("{text}\n"));
            known.chain(reply.forgotten.iter().map(|name| format!("{name} is forgotten\n"))).collect()
        }
        Reply::Names(reply) => names(reply, paint, rows),
        Reply::Help(reply) => help(reply, paint, rows),
    }
}

/// Source code as one text, the declarations in front.
pub fn source(reply: &CompileReply) -> String {
    match &reply.header {
        Some(header) => format!("{}\n{}", ended(header), ended(&reply.source)),
        None => ended(&reply.source),
    }
}

/// With a newline at its end.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_string() } else { format!("{text}\n") }
}

fn parse(reply: &ParseReply, mut rows: Rows) -> String {
    rows.formula("text", &reply.text);
    rows.plain("latex", &reply.latex);
    rows.plain("typst", &reply.typst);
    rows.plain("mathml", &reply.mathml);
    let variables: Vec<String> = reply.variables.iter().map(|v| format!("{}: {}", v.name, v.ty)).collect();
    rows.plain("variables", if variables.is_empty() { "none".to_string() } else { variables.join(", ") });
    rows.finish()
}

fn names(reply: &NamesReply, paint: Palette, mut rows: Rows) -> String {
    let mut out = String::new();
    for (title, known) in
        [("Defined here", &reply.defined), ("Functions", &reply.functions), ("Constants", &reply.constants)]
    {
        if known.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out += &format!("{}\n", paint.heading(title));
        for name in known {
            rows.plain(&name.name, &name.text);
        }
        out += &rows.take();
    }
    out
}

fn help(reply: &HelpReply, paint: Palette, mut rows: Rows) -> String {
    for row in &reply.rows {
        rows.plain(&row.label, &row.text);
    }
    let doc = if reply.doc.is_empty() { String::new() } else { format!("{}\n", reply.doc) };
    let gap = if reply.rows.is_empty() { "" } else { "\n" };
    format!("{} — {}\n{doc}{gap}{}", paint.heading(&reply.topic), reply.title, rows.finish())
}

/// A failure with its places shown.
pub fn failure(failure: &Failure, request: &Request, colour: bool) -> String {
    let mut out = ended(&failure.render(request, colour));
    for other in &failure.also {
        out.push('\n');
        out += &ended(&other.render(request, colour));
    }
    out
}

/// Notes, one a line, with what they are about.
pub fn notes(notes: &[Note], request: &Request, colour: bool) -> String {
    notes.iter().map(|note| ended(&note.render(request, colour))).collect()
}

#[cfg(test)]
mod tests;
