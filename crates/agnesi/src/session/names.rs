//! `enter`, `define`, `names` and `forget`: what a session knows.

use agnesi_syntax::{Code, Kind, Tree, TreeId, nearest, parse, print};

use super::understand::failure;
use super::{Outcome, Session, teach};
use crate::protocol::{
    self, Answer, DefineReply, Failure, KnownName, NamesReply, Note, Reply, Request, Success, Verb,
};

impl Session {
    /// Keeps the definitions of a text. Fails where one of them is wrong; nothing is kept then.
    pub(crate) fn keep(&mut self, text: &str, field: &str) -> Result<Vec<Note>, Failure> {
        let notes = teach::read(&mut self.scope, text).map_err(|errors| failure(&errors, field))?;
        Ok(notes.iter().map(|note| Note::of(note, field)).collect())
    }
}

/// Answers `enter`: definitions are kept, and a formula behind them is described.
pub(crate) fn enter(session: &mut Session, request: &Request) -> Answer {
    let sorted = sort(session, request);
    let (text, notes) = match sorted {
        Ok(Entered::Definitions(success)) => return Answer::ok(request.id.clone(), *success),
        Ok(Entered::Formula(text, notes)) => (text, notes),
        Err(failure) => return Answer::failed(request.id.clone(), failure),
    };
    let mut answer = session.answer(&Request { verb: Verb::Describe, expr: Some(text), ..request.clone() });
    if let protocol::Outcome::Ok(success) = &mut answer.outcome {
        success.notes.splice(0..0, notes);
    }
    answer
}

/// What was entered in a session.
enum Entered {
    /// Nothing but definitions; they are kept.
    Definitions(Box<Success>),
    /// A formula behind definitions, which are kept. What stands before it is blanks now, so that places still hold.
    Formula(String, Vec<Note>),
}

/// Sorts a line of a session into definitions and the formula at its end, and keeps the definitions.
fn sort(session: &mut Session, request: &Request) -> Result<Entered, Failure> {
    let text = request.expr.as_deref().unwrap_or_default();
    let parsed = parse(text, &session.scope);
    if parsed.has_errors() {
        return Err(failure(&parsed.diagnostics, "expr"));
    }
    let tree = &parsed.tree;
    match parsed.statements.split_last() {
        Some((last, _)) if !is_definition(tree, *last) => {
            let start = tree.span(*last).start as usize;
            let before = text.get(..start).unwrap_or_default();
            let notes = if before.trim().is_empty() { Vec::new() } else { session.keep(before, "expr")? };
            let blanks: String = before.chars().map(|c| " ".repeat(c.len_utf8())).collect();
            Ok(Entered::Formula(blanks + text.get(start..).unwrap_or_default(), notes))
        }
        Some(_) => {
            let defined = texts(tree, &parsed.statements);
            let notes = session.keep(text, "expr")?;
            Ok(Entered::Definitions(Box::new(kept(defined, notes))))
        }
        // Nothing but comments; describing it says what is missing.
        None => Ok(Entered::Formula(text.to_string(), Vec::new())),
    }
}

/// A condition stated on its own, such as `x > 0`, is a fact to keep.
fn is_definition(tree: &Tree, statement: TreeId) -> bool {
    matches!(
        tree.kind(statement),
        Kind::Define { .. } | Kind::Declare { .. } | Kind::Teach { .. } | Kind::Compare { .. } | Kind::In(..)
    )
}

fn texts(tree: &Tree, statements: &[TreeId]) -> Vec<String> {
    statements.iter().map(|&statement| print::text(tree, statement)).collect()
}

fn kept(defined: Vec<String>, notes: Vec<Note>) -> Success {
    let reply = Reply::Define(DefineReply { defined, forgotten: Vec::new() });
    Success { understood: None, reply, notes }
}

/// Answers `define`: the statements of `let` are kept.
pub(crate) fn define(session: &mut Session, request: &Request) -> Outcome {
    let text = request.lets.as_deref().unwrap_or_default();
    let parsed = parse(text, &session.scope);
    let notes = session.keep(text, "let")?;
    Ok(kept(texts(&parsed.tree, &parsed.statements), notes))
}

/// Answers `forget`: the name in `topic`, or all of them.
pub(crate) fn forget(session: &mut Session, request: &Request) -> Outcome {
    let forgotten = match &request.topic {
        None => {
            let all = session.scope.names().map(ToString::to_string).collect();
            session.scope = agnesi_graph::Scope::new();
            all
        }
        Some(name) => {
            if !session.scope.forget(name) {
                let near = nearest(name, session.scope.names().map(|known| known.as_str()));
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`:names` lists the names that are known".to_string(),
                };
                let message = format!("`{}` is not defined here", name.escape_debug());
                return Err(Failure::new(Code::Name, message).with_hint(hint));
            }
            vec![name.clone()]
        }
    };
    let reply = Reply::Define(DefineReply { defined: Vec::new(), forgotten });
    Ok(Success { understood: None, reply, notes: Vec::new() })
}

/// Answers `names`.
pub(crate) fn names(session: &Session) -> Outcome {
    let scope = &session.scope;
    let defined = scope
        .names()
        .map(|name| KnownName {
            name: name.to_string(),
            text: match (scope.definition(name), scope.type_of(name)) {
                (Some(definition), _) => definition.text().trim().to_string(),
                (None, Some(ty)) => format!("{name}: {ty}"),
                (None, None) => String::new(),
            },
        })
        .collect();
    let title = |name: &str, title: &str| KnownName { name: name.to_string(), text: title.to_string() };
    let mut functions: Vec<KnownName> =
        agnesi_functions::table().iter().map(|row| title(row.name, row.title)).collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    let constants = agnesi_functions::constants().iter().map(|row| title(row.name, row.title)).collect();
    let reply = Reply::Names(NamesReply { defined, functions, constants });
    Ok(Success { understood: None, reply, notes: Vec::new() })
}
