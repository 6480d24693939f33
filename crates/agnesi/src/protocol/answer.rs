//! What is answered: a reply, or a failure with its place, reason and repair.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use agnesi_syntax::{Code, Diagnostic, Severity, Span};

use super::{Id, Reply, Request};

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The name of the request.
    pub id: Option<Id>,
    /// What came out.
    pub outcome: Outcome,
}

/// What came out of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A reply.
    Ok(Box<Success>),
    /// Why there is none.
    Failed(Failure),
}

/// A reply, and how the request was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Success {
    /// How the formula was understood, in canonical notation.
    pub understood: Option<String>,
    /// What the verb gives.
    pub reply: Reply,
    /// What was read in a particular way, assumed, or decided by convention.
    pub notes: Vec<Note>,
}

/// A place in a text of the request, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is to be said.
    pub text: String,
    /// Which text: [`None`] is `expr`; else a field's name as [`super::Request::text_of`] takes it, or `request`
    /// for the line itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The kind of failure.
    pub code: Code,
    /// One sentence: what is wrong.
    pub message: String,
    /// The places, the main one first.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub hint: Option<String>,
    /// Further errors in the same request.
    pub also: Vec<Failure>,
}

impl Failure {
    /// A failure without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), labels: Vec::new(), hint: None, also: Vec::new() }
    }

    /// The same, with what to write instead.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// A diagnostic about a field of the request; `expr` is the usual one.
    pub fn of(diagnostic: &Diagnostic, field: &str) -> Failure {
        Failure {
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            labels: labels(diagnostic, field),
            hint: diagnostic.hint.clone(),
            also: Vec::new(),
        }
    }

    /// The first of the errors, with the others behind it; [`None`] where none is an error.
    pub fn of_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, field: &str) -> Option<Failure> {
        let mut failures = diagnostics.into_iter().filter(|d| d.is_error()).map(|d| Failure::of(d, field));
        let first = failures.next()?;
        Some(Failure { also: failures.collect(), ..first })
    }

    /// The field that the first label points into.
    pub fn field(&self) -> &str {
        self.labels.first().and_then(|label| label.field.as_deref()).unwrap_or("expr")
    }

    /// As a diagnostic about [`Failure::field`]; labels in other fields are left out.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: self.code,
            message: self.message.clone(),
            labels: spans(&self.labels, self.field()),
            hint: self.hint.clone(),
        }
    }
}

/// How something was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// One sentence.
    pub message: String,
    /// The places.
    pub labels: Vec<Label>,
    /// What to write instead, if something else was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Note {
    /// A note without a place.
    pub fn new(message: impl Into<String>) -> Note {
        Note { message: message.into(), labels: Vec::new(), hint: None }
    }

    /// A diagnostic about a field of the request.
    pub fn of(diagnostic: &Diagnostic, field: &str) -> Note {
        Note {
            message: diagnostic.message.clone(),
            labels: labels(diagnostic, field),
            hint: diagnostic.hint.clone(),
        }
    }
}

fn labels(diagnostic: &Diagnostic, field: &str) -> Vec<Label> {
    let field = (field != "expr").then(|| field.to_string());
    let label = |label: &agnesi_syntax::Label| Label {
        start: label.span.start as usize,
        end: label.span.end as usize,
        text: label.text.clone(),
        field: field.clone(),
    };
    diagnostic.labels.iter().map(label).collect()
}

fn spans(labels: &[Label], field: &str) -> Vec<agnesi_syntax::Label> {
    labels
        .iter()
        .filter(|label| label.field.as_deref().unwrap_or("expr") == field)
        .map(|label| agnesi_syntax::Label {
            span: Span::new(label.start, label.end),
            text: label.text.clone(),
        })
        .collect()
}

impl Answer {
    /// A reply to a request.
    pub fn ok(id: Option<Id>, success: Success) -> Answer {
        Answer { id, outcome: Outcome::Ok(Box::new(success)) }
    }

    /// A failure of a request.
    pub fn failed(id: Option<Id>, failure: Failure) -> Answer {
        Answer { id, outcome: Outcome::Failed(failure) }
    }

    /// The answer as one line of JSON, without the newline.
    pub fn to_json(&self) -> String {
        // Only a map with keys that are no strings could fail to be written, and there is none.
        serde_json::to_string(self).unwrap_or_else(|error| {
            format!(r#"{{"ok":false,"error":{{"code":"input","message":"{error}","labels":[]}}}}"#)
        })
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("labels", &self.labels)?;
        if let Some(hint) = &self.hint {
            map.serialize_entry("hint", hint)?;
        }
        if !self.also.is_empty() {
            map.serialize_entry("also", &self.also)?;
        }
        map.end()
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Ok<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: &'a Option<Id>,
            ok: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            understood: &'a Option<String>,
            #[serde(flatten)]
            reply: &'a Reply,
            notes: &'a [Note],
        }
        #[derive(Serialize)]
        struct Failed<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: &'a Option<Id>,
            ok: bool,
            error: &'a Failure,
        }
        match &self.outcome {
            Outcome::Ok(success) => Ok {
                id: &self.id,
                ok: true,
                understood: &success.understood,
                reply: &success.reply,
                notes: &success.notes,
            }
            .serialize(serializer),
            Outcome::Failed(error) => Failed { id: &self.id, ok: false, error }.serialize(serializer),
        }
    }
}

impl Failure {
    /// The failure as text for people, the places shown in the text of `request` that they are in.
    pub fn render(&self, request: &Request, colour: bool) -> String {
        shown(&self.diagnostic(), self.field(), request, colour)
    }
}

impl Note {
    /// The note as text for people, the places shown in the text of `request` that they are in.
    pub fn render(&self, request: &Request, colour: bool) -> String {
        let field = self.labels.first().and_then(|label| label.field.as_deref()).unwrap_or("expr");
        let diagnostic = Diagnostic {
            severity: Severity::Note,
            code: Code::Syntax,
            message: self.message.clone(),
            labels: spans(&self.labels, field),
            hint: self.hint.clone(),
        };
        shown(&diagnostic, field, request, colour)
    }
}

fn shown(diagnostic: &Diagnostic, field: &str, request: &Request, colour: bool) -> String {
    let origin = if field == "expr" { "formula" } else { field };
    match request.text_of(field) {
        Some(text) => agnesi_syntax::render(diagnostic, &text, origin, colour),
        // Without its text a place says nothing.
        None => agnesi_syntax::render(
            &Diagnostic { labels: Vec::new(), ..diagnostic.clone() },
            "",
            origin,
            colour,
        ),
    }
}
