//! A session: the names bound so far, and one method that answers requests.
//!
//! Each verb is one file. A request is read once (`understand.rs`): its text settled in the session's scope, its
//! formula built as nodes of a graph of its own, so that answers do not depend on what was asked before.

mod check;
mod columns;
mod compare;
mod describe;
mod diff;
mod eval;
mod evidence;
mod explain;
mod exponentials;
mod extent;
mod faulty;
mod help;
mod interval;
mod mistakes;
mod names;
mod numeric;
mod parse;
mod picture;
mod plot;
mod point;
mod removable;
mod repair;
pub(crate) mod rows;
mod search;
mod series;
mod simplify;
mod steps;
mod symmetry;
mod taylor;
mod teach;
mod tensor;
mod understand;
mod view;
mod write;

use agnesi_graph::Scope;
use agnesi_syntax::Code;

pub(crate) use tensor::Reading;
pub(crate) use understand::failure;

use crate::protocol::{Answer, Failure, Request, Success, Verb};

/// What a verb gives: its reply with how the request was understood, or why there is none.
pub(crate) type Outcome = Result<Success, Failure>;

/// The names bound so far; the one entry of every face.
///
/// ```
/// use agnesi::protocol::{Request, Verb};
///
/// let mut session = agnesi::Session::new();
/// let answer = session.answer(&Request::new(Verb::Diff, "sin(4w) + 0.1w^2"));
/// assert!(answer.to_json().contains("4*cos(4*w) + 0.2*w"));
/// ```
#[derive(Clone, Default)]
pub struct Session {
    pub(crate) scope: Scope,
}

impl Session {
    /// A session that knows the table of functions and nothing else.
    pub fn new() -> Session {
        Session::default()
    }

    /// The answer to a request. Never panics; what is wrong with the request is in the answer.
    pub fn answer(&mut self, request: &Request) -> Answer {
        if let Some(outcome) = tensor::answer(self, request) {
            return match outcome {
                Ok(success) => Answer::ok(request.id.clone(), success),
                Err(failure) => Answer::failed(request.id.clone(), failure),
            };
        }
        let outcome = match request.verb {
            Verb::Parse => parse::answer(self, request),
            Verb::Eval => eval::answer(self, request),
            Verb::Simplify => simplify::answer(self, request),
            Verb::Diff => diff::answer(self, request),
            Verb::Check => check::answer(self, request),
            Verb::Explain => explain::answer(self, request),
            Verb::Describe => describe::answer(self, request),
            Verb::Plot => plot::answer(self, request),
            Verb::Taylor => taylor::answer(self, request),
            Verb::Compile => tensor::compile::answer(self, request),
            Verb::Enter => return names::enter(self, request),
            Verb::Define => names::define(self, request),
            Verb::Names => names::names(self),
            Verb::Forget => names::forget(self, request),
            Verb::Help => help::answer(self, request),
            verb => Err(later(verb)),
        };
        match outcome {
            Ok(success) => Answer::ok(request.id.clone(), success),
            Err(failure) => Answer::failed(request.id.clone(), failure),
        }
    }
}

/// Verbs that the protocol names and this version cannot do.
fn later(verb: Verb) -> Failure {
    Failure::new(Code::Unsupported, format!("`{}` is not something this version can do yet", verb.as_str()))
        .with_hint("it can describe, diff, explain, check, simplify, eval, taylor, plot, compile and parse")
}
