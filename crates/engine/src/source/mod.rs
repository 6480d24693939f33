//! Programs as source code that depends on nothing: C99 and Rust.
//!
//! Both print the same code: loops around assignments, numbers in local variables. Small arrays lie on the stack (up to
//! 512 doubles of one function together), the others in a workspace that the caller lends, so that nothing is allocated
//! and nothing but the result depends on the run before. The text depends on the program and the names alone.
//!
//! Values are those of [`crate::ir::Program::run`]: to the last bit where only arithmetic and comparisons are involved
//! and the compiler keeps IEEE 754 (no `-ffast-math`, no contraction to fused operations), else up to the rounding of
//! the library's functions.
//!
//! Not written: functions that need a long kernel (Bessel, zeta, beta, elliptic integrals but K, Lambert's W, ...), and
//! of linear algebra the exponential, square root, logarithm and eigenvalues.

mod c;
mod print;
mod rust;

pub use c::{CSource, c, c_documented};
pub use rust::{RustFunction, RustSource, rust, rust_documented};

use crate::code::{Refusal, Target, kernels, names};
use crate::ir::{CheckError, Program};

/// A program to be written as a function, with what is said of it.
#[derive(Clone, Debug)]
pub struct Routine<'a> {
    /// The name of the function.
    pub name: &'a str,
    /// What it computes.
    pub program: &'a Program,
    /// Lines for its documentation: formulas, and where they hold.
    pub about: &'a [String],
    /// Where its outputs can be other than 0.
    pub patterns: &'a [Pattern],
    /// Whether Rust is asked to inline it although it is no function of numbers alone.
    pub inline: bool,
}

/// Where a matrix can be other than 0: constants that stand beside the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// What the constants are called, as in `f_hessian_x`: `f_hessian_x_rows` and `f_hessian_x_columns`.
    pub name: String,
    /// The output, as the program calls it.
    pub output: String,
    /// How many rows and columns it has.
    pub size: [usize; 2],
    /// Row and column of each entry, from 0, row by row.
    pub entries: Vec<[usize; 2]>,
}

impl<'a> Routine<'a> {
    fn plain(&(name, program): &(&'a str, &'a Program)) -> Routine<'a> {
        Routine { name, program, about: &[], patterns: &[], inline: false }
    }
}

impl Pattern {
    fn doc(&self, what: &str) -> String {
        format!(
            "The {what}, from 0, of the {} entries of `{}` ({} by {}) that can be other than 0.",
            self.entries.len(),
            self.output,
            self.size[0],
            self.size[1]
        )
    }

    /// The two constants: what they are called, what is said of them, and their numbers.
    fn constants(&self) -> [(String, String, Vec<usize>); 2] {
        ["rows", "columns"].map(|what| {
            let at = usize::from(what == "columns");
            let numbers = self.entries.iter().map(|entry| entry[at]).collect();
            (format!("{}_{what}", self.name), self.doc(what), numbers)
        })
    }
}

/// Numbers in lines of moderate length.
fn numbers(numbers: &[usize]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for number in numbers {
        let word = format!("{number},");
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if line.len() + word.len() < 90 => *line += &format!(" {word}"),
            _ => lines.push(word),
        }
    }
    lines
}

/// Whether a function can have this name in C, Rust and WebAssembly alike: letters, digits and `_`, no word of these
/// languages, and none that generated code uses itself.
///
/// ```
/// use agnesi_engine::source::is_name;
/// assert!(is_name("loss_2") && !is_name("2a") && !is_name("double") && !is_name("sin"));
/// ```
pub fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic();
    name.starts_with(letter)
        && name.chars().all(|c| letter(c) || c.is_ascii_digit() || c == '_')
        && !names::reserved(name)
        && !kernels::is_printed(name)
}

/// Why a program has no source code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// A function that is not written in the language.
    Function {
        /// Its name in the table.
        name: &'static str,
        /// The language.
        language: &'static str,
    },
    /// An operation of linear algebra that is not written in the language.
    Linear {
        /// Its name in formulas.
        name: &'static str,
        /// The language.
        language: &'static str,
    },
    /// It is no program that can be run.
    Check(CheckError),
}

impl SourceError {
    fn refused(refusal: Refusal, target: Target) -> SourceError {
        let language = target.name();
        match refusal {
            Refusal::Function(name) => SourceError::Function { name, language },
            Refusal::Linear(name) => SourceError::Linear { name, language },
        }
    }
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SourceError::Function { name, language } => {
                write!(f, "the function `{name}` is not written in {language}")
            }
            SourceError::Linear { name, language } => {
                write!(f, "the matrix operation `{name}` is not written in {language}")
            }
            SourceError::Check(error) => write!(f, "no program that can be run: {error}"),
        }
    }
}

impl std::error::Error for SourceError {}

/// A shape in words.
fn shape(sizes: &[usize]) -> String {
    match sizes {
        [] => "a number".to_owned(),
        [n] => format!("{n} numbers"),
        _ => format!("{}, row by row", sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" by ")),
    }
}
