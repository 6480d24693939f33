//! Why a node has no program.

use smol_str::SmolStr;

/// Why a node has no program.
#[derive(Clone, Debug, PartialEq)]
pub enum LowerError {
    /// A symbol that is neither an input nor a size that is known.
    Unbound(SmolStr),
    /// A size that is no whole number from 0.
    Size(f64),
    /// A tensor too large to be addressed: its sizes.
    TooLarge(Vec<usize>),
    /// An operation that has no numbers.
    Unsupported(SmolStr),
}

impl std::fmt::Display for LowerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LowerError::Unbound(name) => write!(f, "`{name}` has no value"),
            LowerError::Size(value) => write!(f, "the size {value} is no whole number from 0"),
            LowerError::TooLarge(shape) => {
                let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
                write!(f, "a tensor of {} numbers is too large", sizes.join(" x "))
            }
            LowerError::Unsupported(what) => write!(f, "{what} has no program"),
        }
    }
}

impl std::error::Error for LowerError {}
