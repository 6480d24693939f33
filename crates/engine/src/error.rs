//! Why there is no number, and where.

use agnesi_syntax::{Code, Diagnostic, Span, TreeId};
use smol_str::SmolStr;

/// What a number type reports of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The arguments lie outside the domain, which is this condition.
    Domain(&'static str),
    /// An enclosure does not decide a comparison on which the result depends.
    Undecided,
    /// A value is too large for the number type, so that what follows has no meaning.
    Overflow,
    /// The number type cannot do this.
    Unsupported(&'static str),
    /// The budget of work is spent.
    Limit,
}

/// Why a tree has no value, and at which of its nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum EvaluateError {
    /// A function is asked for a value outside its domain.
    Domain {
        /// The node.
        node: TreeId,
        /// Its place in the text.
        span: Span,
        /// The function or operator.
        function: SmolStr,
        /// The arguments, rounded to doubles.
        arguments: Vec<f64>,
        /// The condition that does not hold, in Agnesi's notation.
        condition: SmolStr,
    },
    /// A name has no value.
    Unbound {
        /// The name.
        name: SmolStr,
        /// The node.
        node: TreeId,
        /// Its place.
        span: Span,
    },
    /// A node that has no value yet in this version.
    Unsupported {
        /// The node.
        node: TreeId,
        /// Its place.
        span: Span,
        /// What is not supported.
        what: SmolStr,
    },
    /// A comparison, or the sign of an argument, that the digits at hand do not decide.
    Undecided {
        /// The node.
        node: TreeId,
        /// Its place.
        span: Span,
        /// The function or operator.
        function: SmolStr,
    },
    /// A step is too large to be held.
    Overflow {
        /// The node.
        node: TreeId,
        /// Its place.
        span: Span,
        /// The function or operator.
        function: SmolStr,
    },
    /// A limit on work was reached.
    Limit {
        /// The node.
        node: TreeId,
        /// Its place.
        span: Span,
        /// Which limit.
        what: SmolStr,
    },
}

impl EvaluateError {
    /// The place in the text.
    pub fn span(&self) -> Span {
        match self {
            EvaluateError::Domain { span, .. }
            | EvaluateError::Unbound { span, .. }
            | EvaluateError::Unsupported { span, .. }
            | EvaluateError::Undecided { span, .. }
            | EvaluateError::Overflow { span, .. }
            | EvaluateError::Limit { span, .. } => *span,
        }
    }

    /// The node.
    pub fn node(&self) -> TreeId {
        match self {
            EvaluateError::Domain { node, .. }
            | EvaluateError::Unbound { node, .. }
            | EvaluateError::Unsupported { node, .. }
            | EvaluateError::Undecided { node, .. }
            | EvaluateError::Overflow { node, .. }
            | EvaluateError::Limit { node, .. } => *node,
        }
    }

    /// The message for a person: place, reason, repair.
    pub fn diagnostic(&self) -> Diagnostic {
        let span = self.span();
        match self {
            EvaluateError::Domain { function, arguments, condition, .. } => {
                let values: Vec<String> = arguments.iter().map(|value| value.to_string()).collect();
                let values = values.join(", ");
                let (message, label) = match function.as_str() {
                    "/" => ("division by zero".to_string(), "the divisor is 0 here".to_string()),
                    "^" => (
                        format!("the power {} is not a real number", arguments_of_power(arguments)),
                        format!("real only when {condition}"),
                    ),
                    name => (
                        format!("{name} has no real value at {values}"),
                        format!("{name} is defined when {condition}"),
                    ),
                };
                Diagnostic::error(Code::Domain, message, span, label)
                    .with_hint("choose a point where the condition holds")
            }
            EvaluateError::Unbound { name, .. } => Diagnostic::error(
                Code::Name,
                format!("{name} has no value"),
                span,
                "its value is needed here",
            )
            .with_hint(format!("give one: {name}=2")),
            EvaluateError::Unsupported { what, .. } => Diagnostic::error(
                Code::Unsupported,
                format!("{what} cannot be evaluated yet"),
                span,
                "understood, but not something this version can do",
            ),
            EvaluateError::Undecided { function, .. } => Diagnostic::error(
                Code::Limit,
                "the value depends on a comparison that could not be decided",
                span,
                format!("the argument of {function} is too close to where it changes"),
            )
            .with_hint("simplify the expression, or move the point a little"),
            EvaluateError::Overflow { function, .. } => Diagnostic::error(
                Code::Limit,
                "a value on the way is too large to be held",
                span,
                format!("{function} goes beyond the largest number here"),
            )
            .with_hint("work with logarithms, or choose another point"),
            EvaluateError::Limit { what, .. } => Diagnostic::error(
                Code::Limit,
                format!("the limit on {what} was reached"),
                span,
                "while evaluating this",
            ),
        }
    }
}

fn arguments_of_power(arguments: &[f64]) -> String {
    match arguments {
        [base, exponent] => {
            let bracket = |x: f64| if x < 0.0 { format!("({x})") } else { x.to_string() };
            format!("{}^{}", bracket(*base), bracket(*exponent))
        }
        _ => String::from("asked for"),
    }
}

impl std::fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.diagnostic().message)
    }
}

impl std::error::Error for EvaluateError {}
