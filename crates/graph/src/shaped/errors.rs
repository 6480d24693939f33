//! What is said where shapes disagree.

use agnesi_syntax::{Code, Diagnostic, Span};

use super::reader::Reader;
use super::sizes;
use super::value::{Form, Value};

impl Reader<'_> {
    /// The shape of a value in words: `a 3 x n matrix`.
    pub(super) fn shape_words(&mut self, value: &Value) -> String {
        let own = value.binders.len();
        let shape: Vec<_> = self.g.shape(value.node)[own..].to_vec();
        let sizes: Vec<String> = shape.into_iter().map(|s| sizes::text(self.g, s)).collect();
        match value.form {
            Form::Scalar if value.boolean => "a condition".to_owned(),
            Form::Scalar => "a number".to_owned(),
            Form::Column => format!("a vector of {} entries", sizes[0]),
            Form::Row => format!("a row of {} entries", sizes[0]),
            Form::Matrix => format!("a {} x {} matrix", sizes[0], sizes[1]),
            Form::Tensor(_) => format!("a tensor of {} axes ({})", sizes.len(), sizes.join(" x ")),
        }
    }

    /// Two values that an operator cannot join, with what each is.
    pub(super) fn disagree(
        &mut self,
        what: impl Into<String>,
        span: Span,
        left: (&Value, Span),
        right: (&Value, Span),
        hint: Option<String>,
    ) -> Diagnostic {
        let (a, b) = (self.shape_words(left.0), self.shape_words(right.0));
        let mut error = Diagnostic::error(Code::Shape, what, span, "here")
            .with_label(left.1, format!("this is {a}"))
            .with_label(right.1, format!("this is {b}"));
        // The operands say more than the whole.
        error.labels.remove(0);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// A value of the wrong form.
    pub(super) fn wrong_form(
        &mut self,
        name: &str,
        wanted: &str,
        value: &Value,
        span: Span,
        hint: &str,
    ) -> Diagnostic {
        let is = self.shape_words(value);
        Diagnostic::error(Code::Shape, format!("`{name}` takes {wanted}, and this is {is}"), span, is.clone())
            .with_hint(hint)
    }

    /// A square matrix is needed.
    pub(super) fn not_square(&mut self, name: &str, value: &Value, span: Span) -> Diagnostic {
        let is = self.shape_words(value);
        let hint = match name {
            "inv" => "only a square matrix has an inverse; for the least-squares inverse write `pinv(X)`",
            "det" | "logdet" => "a determinant needs a square matrix, such as `det(X'*X)`",
            _ => "declare it square, as in `A: matrix(n, n)`",
        };
        Diagnostic::error(
            Code::Shape,
            format!("`{name}` takes a square matrix, and this is {is}"),
            span,
            is.clone(),
        )
        .with_hint(hint)
    }

    pub(super) fn unsupported(&self, what: &str, span: Span, hint: &str) -> Diagnostic {
        Diagnostic::error(
            Code::Unsupported,
            format!("{what} cannot be used with vectors and matrices yet"),
            span,
            "understood, but not yet computed",
        )
        .with_hint(hint)
    }

    pub(super) fn arity(&self, name: &str, usage: &str, given: usize, span: Span) -> Diagnostic {
        Diagnostic::error(
            Code::Type,
            format!("`{name}` does not take {given} argument{}", if given == 1 { "" } else { "s" }),
            span,
            "called here",
        )
        .with_hint(format!("write `{usage}`"))
    }
}
