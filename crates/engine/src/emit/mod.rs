//! Nodes to source code in other languages: NumPy, JAX, PyTorch and Julia.
//!
//! One lowering turns each node into an array expression (`value.rs`), one printer lays expressions out as statements
//! (`print.rs`), and a language is a file of spellings (`spelling.rs`). What a language has no counterpart for is an
//! error, never code that computes something else.
//!
//! Branches are computed on both sides and chosen from entry by entry, as arrays demand: a value from the side not taken
//! does not reach the result. That holds for values; who differentiates the emitted code with a tool of the language
//! has to mind that its gradient of a `where` may be NaN.

mod chain;
mod contract;
mod functions;
mod helpers;
mod jax;
mod julia;
mod julia_names;
mod lower;
mod names;
mod numpy;
mod print;
mod product;
mod python;
mod signs;
mod source;
mod spelling;
mod torch;
mod value;

use agnesi_graph::{Graph, NodeId, SymbolId};
use smol_str::SmolStr;

use spelling::Spelling;

/// A language that code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python with NumPy, and SciPy where NumPy has no counterpart.
    NumPy,
    /// Python with JAX.
    Jax,
    /// Python with PyTorch.
    PyTorch,
    /// Julia with its standard library, and SpecialFunctions where that has no counterpart.
    Julia,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 4] = [Language::NumPy, Language::Jax, Language::PyTorch, Language::Julia];

    /// The name, as it is written.
    pub fn name(self) -> &'static str {
        self.spelling().name()
    }

    /// The language of this name, in small letters or as it is written, or of its usual ending.
    pub fn find(name: &str) -> Option<Language> {
        match name.to_ascii_lowercase().as_str() {
            "numpy" | "python" | "py" => Some(Language::NumPy),
            "jax" => Some(Language::Jax),
            "pytorch" | "torch" => Some(Language::PyTorch),
            "julia" | "jl" => Some(Language::Julia),
            _ => None,
        }
    }

    fn spelling(self) -> &'static dyn Spelling {
        match self {
            Language::NumPy => &numpy::NUMPY,
            Language::Jax => &jax::JAX,
            Language::PyTorch => &torch::TORCH,
            Language::Julia => &julia::Julia,
        }
    }
}

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitError {
    /// A function or operation that the language has no counterpart for.
    Unsupported {
        /// What has none.
        what: SmolStr,
        /// The name of the language.
        language: &'static str,
    },
    /// A symbol that is no input, nor the size of an axis of one.
    Unbound(SmolStr),
    /// A name of the function, an input or an output that is empty or stands twice.
    Name(SmolStr),
    /// Nothing to return.
    NoOutput,
}

impl std::fmt::Display for EmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EmitError::Unsupported { what, language } => write!(f, "{language} has no counterpart of {what}"),
            EmitError::Unbound(name) => write!(f, "{name} is no input, nor the size of an axis of one"),
            EmitError::Name(name) => write!(f, "`{name}` is no name, or stands twice"),
            EmitError::NoOutput => f.write_str("there is nothing to return"),
        }
    }
}

impl std::error::Error for EmitError {}

/// The source code of a function of the inputs that returns the outputs: one value, or a tuple in their order.
///
/// Sizes are read off the inputs where they are needed. Indices are whole numbers that count from 1, as in formulas;
/// conditions are truth values.
///
/// # Errors
/// An operation or function without counterpart in the language, a symbol without a value, a name that is none, or no
/// output at all.
pub fn emit(
    graph: &mut Graph,
    language: Language,
    function_name: &str,
    inputs: &[SymbolId],
    outputs: &[(&str, NodeId)],
) -> Result<String, EmitError> {
    emit_documented(graph, language, function_name, inputs, outputs, &[])
}

/// The same with lines of text at the head of its documentation, empty ones between paragraphs.
///
/// # Errors
/// Those of [`emit`].
pub fn emit_documented(
    graph: &mut Graph,
    language: Language,
    function_name: &str,
    inputs: &[SymbolId],
    outputs: &[(&str, NodeId)],
    about: &[String],
) -> Result<String, EmitError> {
    let spelling = language.spelling();
    let plan = lower::lower(graph, spelling.name(), inputs, outputs)?;
    let task = source::Task { function: function_name, inputs, outputs, about };
    source::write(graph, spelling, &plan, &task)
}
