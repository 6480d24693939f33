//! Why a table cannot be evaluated.

use std::io;

use crate::FunctionError;
use crate::protocol::{Code, Failure};

/// Why a table cannot be evaluated, or not to its end: the rows before have been written then.
///
/// Lines are those of the file, from 1, which is the header's where nothing stands above it.
#[derive(Debug)]
pub enum TableError {
    /// What is wrong with the formula, its definitions or a given value, with its place.
    Formula(Box<Failure>),
    /// The formula has no derivative, or is no function of numbers.
    Function(FunctionError),
    /// A table without a header.
    Empty,
    /// A header that is not UTF-8.
    NotText {
        /// The number of the column, from 1.
        column: usize,
    },
    /// A variable that is no column and has no value.
    Missing {
        /// The variable.
        name: String,
        /// The columns of the table.
        columns: Vec<String>,
        /// The column whose name is nearest.
        nearest: Option<String>,
    },
    /// A variable that is a column and has a value too.
    Both {
        /// The variable.
        name: String,
    },
    /// A variable that names two columns, or a name that a column of results has as well.
    Twice {
        /// The name.
        name: String,
    },
    /// A vector or matrix where a column holds one number a row.
    NotANumber {
        /// The variable.
        name: String,
    },
    /// A row with another number of fields than the header.
    Fields {
        /// The line where the row begins.
        line: u64,
        /// How many the header has.
        wanted: usize,
        /// How many the row has.
        found: usize,
    },
    /// An empty field where a number is needed.
    NoValue {
        /// The line where its row begins.
        line: u64,
        /// Its column.
        column: String,
    },
    /// A field that is no number.
    NotNumeric {
        /// The line where its row begins.
        line: u64,
        /// Its column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A number that is larger than the largest double.
    TooLarge {
        /// The line where its row begins.
        line: u64,
        /// Its column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A row that has no end, or nearly none: a quote that is not closed.
    TooLong {
        /// The line where it begins.
        line: u64,
    },
    /// The input cannot be read.
    Read(io::Error),
    /// The output cannot be written.
    Write(io::Error),
}

impl TableError {
    /// The same as data that every face can show.
    ///
    /// ```
    /// let error = agnesi::TableError::NoValue { line: 7, column: "x".into() };
    /// assert_eq!(error.failure().message, "row 7, column `x`: the field is empty");
    /// ```
    pub fn failure(&self) -> Failure {
        match self {
            TableError::Formula(failure) | TableError::Function(FunctionError::Formula(failure)) => {
                (**failure).clone()
            }
            TableError::Function(FunctionError::NotANumber { .. }) => {
                Failure::new(Code::Shape, "the value is a vector or matrix, and a column holds numbers")
                    .with_hint("ask for one entry, as in `v[1]`, or for a number, as in `norm2(v)`")
            }
            TableError::Function(error @ FunctionError::NoThreads) => {
                Failure::new(Code::Input, error.to_string()).with_hint("write --threads 1 for one thread")
            }
            TableError::Function(error) => Failure::new(Code::Unsupported, error.to_string()),
            TableError::Empty => Failure::new(Code::Input, "the table is empty")
                .with_hint("the first row names the columns, as in `x,y`"),
            TableError::NotText { column } => {
                Failure::new(Code::Input, format!("the name of column {column} is not UTF-8"))
                    .with_hint("save the table as UTF-8")
            }
            TableError::Missing { name, columns, nearest } => Failure::new(
                Code::Name,
                format!(
                    "`{name}` is no column of the table and has no value; the columns are {}",
                    all(columns)
                ),
            )
            .with_hint(missing_hint(name, columns, nearest.as_deref())),
            TableError::Both { name } => {
                Failure::new(Code::Name, format!("`{name}` is a column of the table and has a value too"))
                    .with_hint("leave the value out, or give the column another name")
            }
            TableError::Twice { name } => {
                Failure::new(Code::Name, format!("there would be two columns with the name `{name}`"))
                    .with_hint("give each column a name of its own; `value` and `d/dx` are names of results")
            }
            TableError::NotANumber { name } => Failure::new(
                Code::Shape,
                format!("`{name}` is a vector or matrix, and a column holds numbers"),
            )
            .with_hint(format!("give its value with --at, or call the column otherwise than `{name}`")),
            TableError::Fields { line, wanted, found } => Failure::new(
                Code::Input,
                format!("row {line} has {found} {}, the header has {wanted}", fields(*found)),
            )
            .with_hint("fields are separated by commas; one that holds a comma stands in double quotes"),
            TableError::NoValue { line, column } => {
                Failure::new(Code::Input, format!("row {line}, column `{column}`: the field is empty"))
                    .with_hint("write NaN where a number is missing")
            }
            TableError::NotNumeric { line, column, text } => Failure::new(
                Code::Input,
                format!("row {line}, column `{column}`: `{}` is no number", shortened(text)),
            )
            .with_hint("numbers are written as in 2, -0.5, 1e-3, NaN, inf"),
            TableError::TooLarge { line, column, text } => Failure::new(
                Code::Input,
                format!(
                    "row {line}, column `{column}`: `{}` is larger than the largest double",
                    shortened(text)
                ),
            )
            .with_hint("write inf where infinity is meant"),
            TableError::TooLong { line } => {
                Failure::new(Code::Limit, format!("the row that begins in line {line} is too long"))
                    .with_hint("look there for a double quote that is not closed")
            }
            TableError::Read(error) => Failure::new(Code::Input, format!("cannot read the table: {error}")),
            TableError::Write(error) => {
                Failure::new(Code::Input, format!("cannot write the results: {error}"))
            }
        }
    }
}

fn fields(count: usize) -> &'static str {
    if count == 1 { "field" } else { "fields" }
}

/// The names of columns, the first of many.
fn all(columns: &[String]) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> =
        columns.iter().take(SHOWN).map(|name| format!("`{}`", shortened(name))).collect();
    let more = columns.len().saturating_sub(SHOWN);
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}

fn missing_hint(name: &str, columns: &[String], nearest: Option<&str>) -> String {
    match (columns, nearest) {
        (_, Some(nearest)) => format!("did you mean `{nearest}`? A value is given with --at {name}=2"),
        ([one], None) if one.contains([';', '\t']) => {
            "the fields of a table are separated by commas here".to_string()
        }
        _ if !columns.is_empty() && columns.iter().all(|name| name.parse::<f64>().is_ok()) => {
            "the first row must name the columns, as in `x,y`".to_string()
        }
        _ => format!("give it a value, as in --at {name}=2"),
    }
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == SHOWN {
            out.push_str("...");
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let failure = self.failure();
        f.write_str(&failure.message)?;
        match &failure.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TableError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TableError::Function(error) => Some(error),
            TableError::Read(error) | TableError::Write(error) => Some(error),
            TableError::Formula(_)
            | TableError::Empty
            | TableError::NotText { .. }
            | TableError::Missing { .. }
            | TableError::Both { .. }
            | TableError::Twice { .. }
            | TableError::NotANumber { .. }
            | TableError::Fields { .. }
            | TableError::NoValue { .. }
            | TableError::NotNumeric { .. }
            | TableError::TooLarge { .. }
            | TableError::TooLong { .. } => None,
        }
    }
}

impl From<Failure> for TableError {
    fn from(failure: Failure) -> TableError {
        TableError::Formula(Box::new(failure))
    }
}

impl From<FunctionError> for TableError {
    fn from(error: FunctionError) -> TableError {
        TableError::Function(error)
    }
}
