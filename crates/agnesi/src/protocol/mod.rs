//! Requests and answers: the plain data that every face speaks.
//!
//! A request is one JSON object, an answer is another. [`Request`] and [`Answer`] are the only definitions of
//! them; a command line, a notebook and a web page show the same fields. Reading a request never guesses: an
//! unknown field, a field that the verb does not take, a field given twice and a value of the wrong kind are each
//! refused by name.
//!
//! ```
//! use agnesi::protocol::{Request, Verb};
//! let request: Request = r#"{"id": 7, "verb": "diff", "expr": "x^2", "at": {"x": 3}}"#.parse().unwrap();
//! assert_eq!(request.verb, Verb::Diff);
//! assert_eq!(request.expr.as_deref(), Some("x^2"));
//! ```

mod answer;
mod base64;
mod batch;
mod number;
mod raw;
mod read;
mod replies;
mod request;

pub use agnesi_syntax::Code;
pub use answer::{Answer, Failure, Label, Note, Outcome, Success};
pub use batch::{Answerer, DEFAULT_LINE_LIMIT, answer_line, batch};
pub use number::{Number, Value};
pub use replies::{
    CheckReply, Checked, Coefficient, CompileReply, Counterexample, CriticalKind, CriticalPoint, Curvature,
    DefineReply, DescribeReply, DiffReply, EvalReply, Evidence, ExplainReply, Formula, HelpReply, HelpRow,
    KnownName, NamesReply, ParseReply, Period, PlotReply, PointReply, Remainder, Reply, SimplifyReply, Size,
    Step, Symmetry, TaylorReply, Variable, Verdict, Zero,
};
pub use request::{Claimed, Form, Given, Id, Layout, Limits, OneSide, Request, Scene, Verb};

#[cfg(test)]
mod tests;
