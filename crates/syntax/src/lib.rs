//! Text to tree and back: the lexer, the parser, diagnostics, and the printers to text, LaTeX, Typst and MathML.
//!
//! Nothing here knows what a name means. Parsing never fails: it yields a tree and diagnostics.

mod diagnostic;
mod highlight;
mod lex;
mod names;
mod nearest;
mod parse;
pub mod print;
mod render;
mod same;
mod spelling;
mod tree;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use highlight::{TokenClass, lex_spans};
pub use names::{NameKind, Names, NoNames};
pub use nearest::nearest;
pub use parse::{Expression, Limits, Parsed, parse, parse_expression, parse_within};
pub use render::render;
pub use tree::{Binary, Kind, List, Prefix, Relation, Side, Span, Tree, TreeId};
