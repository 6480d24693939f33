//! Diagnostics: what is wrong, where, why, and what to write instead.

use crate::Span;

/// The kinds of failure, the same on every face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The text cannot be read.
    Syntax,
    /// A name is unknown.
    Name,
    /// A value has the wrong type, or a function the wrong number of arguments.
    Type,
    /// Sizes disagree.
    Shape,
    /// A function is asked for a value outside its domain.
    Domain,
    /// Understood, but not something this version can do.
    Unsupported,
    /// A limit on time, memory or depth was reached.
    Limit,
    /// A problem has no feasible point.
    Infeasible,
    /// A problem has no finite optimum.
    Unbounded,
    /// Searched for and not found.
    NotFound,
    /// The request itself is malformed.
    Input,
}

impl Code {
    /// The word used on every face.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::Name => "name",
            Code::Type => "type",
            Code::Shape => "shape",
            Code::Domain => "domain",
            Code::Unsupported => "unsupported",
            Code::Limit => "limit",
            Code::Infeasible => "infeasible",
            Code::Unbounded => "unbounded",
            Code::NotFound => "not_found",
            Code::Input => "input",
        }
    }
}

/// Whether a diagnostic stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not: how something was understood.
    Note,
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said about it.
    pub text: String,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the work.
    pub severity: Severity,
    /// The kind of failure.
    pub code: Code,
    /// One sentence: what is wrong.
    pub message: String,
    /// The places, the first one the main one.
    pub labels: Vec<Label>,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error with one place.
    pub fn error(code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: vec![Label { span, text: label.into() }],
            hint: None,
        }
    }

    /// A note with one place.
    pub fn note(message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Note, ..Diagnostic::error(Code::Syntax, message, span, label) }
    }

    /// The same, with what to write instead.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with one more place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Whether it stops the work.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
