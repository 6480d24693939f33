//! What a language says of itself: the one thing to write for a new one.

use super::EmitError;
use super::print::{Printer, Text};
use super::value::{Arithmetic, Relation, Value};

/// A function as it is put together from its parts.
pub(super) struct Parts<'a> {
    /// What stands before, from helpers.
    pub helpers: &'a [String],
    pub function: &'a str,
    pub inputs: &'a [String],
    /// Lines of documentation.
    pub doc: &'a [String],
    /// Names and what they are.
    pub statements: &'a [(String, String)],
    pub results: &'a [String],
    /// Modules that were asked for.
    pub modules: &'a [&'static str],
}

/// The spellings of a language.
pub(super) trait Spelling: Sync {
    /// The name of the language.
    fn name(&self) -> &'static str;

    /// Whether a word is a keyword, or a name that the code uses.
    fn is_reserved(&self, word: &str) -> bool;

    /// A constant.
    fn constant(&self, name: &str) -> Option<&'static str>;

    /// The function of a row, or of the few other names that [`super::helpers`] use: a name, or a form with `{0}` where
    /// arguments stand.
    fn function(&self, row: &str) -> Option<&'static str>;

    /// The text of a function that is emitted where its name is used.
    fn definition(&self, name: &str) -> Option<&'static str>;

    /// The sign between two operands.
    fn arithmetic(&self, op: Arithmetic, a: &Value, b: &Value) -> &'static str;

    /// The sign between two sides.
    fn relation(&self, relation: Relation, value: &Value) -> &'static str;

    /// A whole power of a text that needs no brackets.
    fn power(&self, base: &str, exponent: i64, value: &Value) -> String;

    /// A call with a name or form from above. The first argument may be outside of the domain if `guarded`.
    fn call(
        &self,
        printer: &mut Printer,
        row: &str,
        form: &str,
        args: &[Value],
        value: &Value,
    ) -> Result<Text, EmitError>;

    /// Every other kind of value.
    fn special(&self, printer: &mut Printer, value: &Value) -> Result<Text, EmitError>;

    /// The size of an axis of an input, counted from 0.
    fn size(&self, input: &str, axis: usize) -> String;

    /// What makes an input that is a number safe to compute with on a branch not taken, if that is needed.
    fn guarded_input(&self, input: &str) -> Option<String>;

    /// How a shape is called in documentation.
    fn shape(&self, sizes: &[String]) -> String;

    /// A helper function of scalars (or of arrays entry by entry).
    fn helper(&self, name: &str, args: &[&str], doc: &str, steps: &[(&str, String)], result: &str) -> String;

    /// The whole source.
    fn source(&self, parts: &Parts) -> String;
}
