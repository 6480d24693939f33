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

pub use c::{CSource, c};
pub use rust::rust;

use crate::code::{Refusal, Target};
use crate::ir::CheckError;

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
