//! The rows, in families, and how a name finds its row.

use crate::Function;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u16);

impl FunctionId {
    /// The row.
    pub fn row(self) -> &'static Function {
        table()[self.0 as usize]
    }
}

/// All rows.
pub fn table() -> &'static [&'static Function] {
    &[]
}

/// The row that has this name, or this name among its aliases.
pub fn find(name: &str) -> Option<FunctionId> {
    let _ = name;
    None
}
