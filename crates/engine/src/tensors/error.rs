//! Why a node has no value.

use smol_str::SmolStr;

/// Why a node has no value. Indices and places are counted from 1, as in formulas.
#[derive(Clone, Debug, PartialEq)]
pub enum InterpretError {
    /// A symbol without a value.
    Unbound(SmolStr),
    /// A symbol whose value has other sizes than it was declared with.
    Shape {
        /// The symbol.
        name: SmolStr,
        /// The sizes that it was declared with.
        declared: Vec<usize>,
        /// The sizes of its value.
        given: Vec<usize>,
    },
    /// Operands whose shapes do not fit together.
    Operands {
        /// The operation.
        what: SmolStr,
        /// The shapes.
        shapes: Vec<Vec<usize>>,
    },
    /// Two values that need different numbers for one size.
    Conflict {
        /// The size.
        size: SmolStr,
        /// What gives it its first value (empty: its own value), and the value.
        first: (SmolStr, usize),
        /// What asks for another, and which.
        second: (SmolStr, usize),
    },
    /// A size that is no whole number from 0.
    Size(f64),
    /// An index that is no whole number from 1 to the size of the axis.
    Index {
        /// The index.
        value: f64,
        /// The size.
        size: usize,
    },
    /// A matrix that has no inverse.
    Singular {
        /// The operation, by its name in formulas.
        what: &'static str,
        /// How many rows the matrix has.
        size: usize,
        /// How many of the leading columns are independent of each other, up to rounding.
        independent: usize,
    },
    /// A determinant of which no logarithm can be taken.
    NotPositive {
        /// The operation.
        what: &'static str,
        /// The determinant.
        determinant: f64,
    },
    /// A matrix that is not positive definite (for a square root: not positive semidefinite).
    NotDefinite {
        /// The operation.
        what: &'static str,
        /// The pivot or eigenvalue that is too small.
        value: f64,
        /// Its place.
        place: usize,
    },
    /// A matrix that is not symmetric.
    NotSymmetric {
        /// The operation.
        what: &'static str,
        /// Row and column of an entry.
        place: (usize, usize),
        /// The entry.
        entry: f64,
        /// The entry on the other side of the diagonal.
        mirrored: f64,
    },
    /// There is a value, but no derivative.
    NoDerivative {
        /// The operation.
        what: &'static str,
        /// Why not, as a clause.
        because: SmolStr,
    },
    /// An operation that is not evaluated here.
    Unsupported(SmolStr),
    /// More entries or products than one node may take.
    Limit,
}

fn sizes(shape: &[usize]) -> String {
    let words: Vec<String> = shape.iter().map(usize::to_string).collect();
    match words.len() {
        0 => "a scalar".to_owned(),
        1 => format!("a vector of {} entries", words[0]),
        _ => words.join(" by "),
    }
}

impl std::fmt::Display for InterpretError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InterpretError::Unbound(name) => write!(f, "{name} has no value"),
            InterpretError::Shape { name, declared, given } => {
                write!(f, "{name} is declared as {}, but its value is {}", sizes(declared), sizes(given))
            }
            InterpretError::Operands { what, shapes } => {
                let shapes: Vec<String> = shapes.iter().map(|s| sizes(s)).collect();
                write!(f, "the shapes in {what} do not fit: {}", shapes.join("; "))
            }
            InterpretError::Conflict { size, first, second } => {
                let by = |name: &SmolStr| match name.as_str() {
                    "" => String::new(),
                    name => format!(" by {name}"),
                };
                let (first, second) = ((by(&first.0), first.1), (by(&second.0), second.1));
                write!(f, "{size} is {}{}, but {}{}", first.1, first.0, second.1, second.0)
            }
            InterpretError::Size(value) => write!(f, "a size is {value}, which is no whole number from 0"),
            InterpretError::Index { value, size } if value.fract() == 0.0 => {
                write!(f, "the index {value} is outside 1 to {size}")
            }
            InterpretError::Index { value, size } => {
                write!(f, "the index {value} is no whole number from 1 to {size}")
            }
            InterpretError::Singular { what, size, independent } => write!(
                f,
                "{what} needs a matrix that has an inverse; column {} of this {size} by {size} matrix depends on \
                 those before it",
                independent + 1
            ),
            InterpretError::NotPositive { what, determinant } => {
                write!(f, "{what} needs a positive determinant; it is {determinant}")
            }
            InterpretError::NotDefinite { what: what @ "cholesky", value, place } => {
                write!(f, "{what} needs a positive definite matrix; pivot {place} is {value}")
            }
            InterpretError::NotDefinite { what: what @ "sqrtm", value, .. } => {
                write!(f, "{what} needs a positive semidefinite matrix; an eigenvalue is {value}")
            }
            InterpretError::NotDefinite { what, value, .. } => {
                write!(f, "{what} needs a positive definite matrix; an eigenvalue is {value}")
            }
            InterpretError::NotSymmetric { what, place: (i, j), entry, mirrored } => write!(
                f,
                "{what} needs a symmetric matrix; entry ({i}, {j}) is {entry} and entry ({j}, {i}) is {mirrored}"
            ),
            InterpretError::NoDerivative { what, because } => {
                write!(f, "{what} has no derivative here, since {because}")
            }
            InterpretError::Unsupported(what) => write!(f, "{what} cannot be evaluated here"),
            InterpretError::Limit => f.write_str("a node takes more entries or products than the limit"),
        }
    }
}

impl std::error::Error for InterpretError {}
