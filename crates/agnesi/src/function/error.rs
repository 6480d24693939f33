//! Why a function has no value.

use agnesi_engine::ir::RunError;
use agnesi_engine::lowering::LowerError;
use smol_str::SmolStr;

use crate::protocol::Failure;

/// Why a function cannot be made, or has no value.
#[derive(Clone, Debug)]
pub enum FunctionError {
    /// What is wrong with the formula, an argument or a derivative, with its place.
    Formula(Box<Failure>),
    /// An argument whose size is a name without a number.
    Size {
        /// The argument.
        name: SmolStr,
        /// How it was declared.
        declared: String,
    },
    /// A name of a size that is two numbers.
    Sizes {
        /// The name.
        name: SmolStr,
        /// An argument, and the number it has there.
        first: (SmolStr, u64),
        /// Another argument, and its number.
        second: (SmolStr, u64),
    },
    /// Numbers of another length than needed.
    Length {
        /// Which.
        what: &'static str,
        /// How many are needed.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// An argument with another number of rows than the arguments before it.
    Rows {
        /// The argument.
        name: SmolStr,
        /// How many numbers were given.
        length: usize,
        /// How many a row has.
        one: usize,
        /// How many rows the arguments before it have; 0 where there is none.
        rows: usize,
    },
    /// A name that is not among the data of a function.
    NoData {
        /// The name.
        name: SmolStr,
        /// The names of the data.
        known: String,
    },
    /// Data that nobody has given yet.
    NotGiven {
        /// Their name.
        name: SmolStr,
    },
    /// The value of a function asked for as one number is a vector, matrix or tensor.
    NotANumber {
        /// Its sizes.
        shape: Vec<usize>,
    },
    /// A computation by no thread.
    NoThreads,
    /// What has no program.
    Lower(LowerError),
    /// What has no result.
    Run(RunError),
}

impl std::fmt::Display for FunctionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FunctionError::Formula(failure) => {
                write!(f, "{}", failure.message)?;
                match &failure.hint {
                    Some(hint) => write!(f, " ({hint})"),
                    None => Ok(()),
                }
            }
            FunctionError::Size { name, declared } => {
                write!(f, "`{name}: {declared}` has a size without a number (write one, as in `vector(3)`)")
            }
            FunctionError::Sizes { name, first: (a, n), second: (b, m) } => {
                write!(f, "`{name}` is {n} in `{a}` and {m} in `{b}` (they were declared with the same size)")
            }
            FunctionError::Length { what, wanted, given } => {
                write!(f, "{what} needs {wanted} numbers, {given} were given")
            }
            FunctionError::Rows { name, length, one, rows: 0 } => {
                write!(f, "`{name}` has {length} numbers, which are no rows of {one}")
            }
            FunctionError::Rows { name, length, one, rows } => {
                write!(f, "`{name}` has {length} numbers; {rows} rows of {one} are needed, or one for all")
            }
            FunctionError::NoData { name, known } if known.is_empty() => {
                write!(
                    f,
                    "`{name}` is not among the data: the function has none (name it in `compile_given`)"
                )
            }
            FunctionError::NoData { name, known } => {
                write!(f, "`{name}` is not among the data, which are {known}")
            }
            FunctionError::NotGiven { name } => {
                write!(f, "`{name}` has no numbers yet (say what they are with `give`)")
            }
            FunctionError::NotANumber { shape } => {
                let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
                write!(
                    f,
                    "the value has sizes ({}), and is no number (ask for `values` and `jacobian`)",
                    sizes.join(", ")
                )
            }
            FunctionError::NoThreads => {
                write!(f, "a computation needs at least 1 thread (leave the number out for one a processor)")
            }
            FunctionError::Lower(error) => error.fmt(f),
            FunctionError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FunctionError {}

impl From<LowerError> for FunctionError {
    fn from(error: LowerError) -> FunctionError {
        FunctionError::Lower(error)
    }
}

impl From<RunError> for FunctionError {
    fn from(error: RunError) -> FunctionError {
        FunctionError::Run(error)
    }
}
