//! Functions that a user teaches in a session: rows whose columns are trees.

use agnesi_functions::{FunctionId, table};
use agnesi_syntax::{Tree, TreeId};
use smol_str::SmolStr;

use crate::graph::Graph;

/// A function taught in a session.
#[derive(Clone, Debug)]
pub struct Taught {
    /// Its name.
    pub name: SmolStr,
    /// The names of its arguments.
    pub args: Vec<SmolStr>,
    /// Settled: its value, in terms of its arguments.
    pub meaning: (Tree, TreeId),
    /// Settled: its partial derivatives; without them the meaning is differentiated.
    pub derivative: Option<Vec<(Tree, TreeId)>>,
}

impl Graph {
    /// Adds a function; calls of its name are then its own.
    pub fn teach(&mut self, taught: Taught) -> FunctionId {
        self.taught.push(taught);
        FunctionId((table().len() + self.taught.len() - 1) as u16)
    }

    /// The function of this name: taught ones first, then the table.
    pub fn find_function(&self, name: &str) -> Option<FunctionId> {
        let taught = self.taught.iter().rposition(|t| t.name == name);
        taught.map(|i| FunctionId((table().len() + i) as u16)).or_else(|| agnesi_functions::find(name))
    }

    /// The taught function behind an id; `None` for a row of the table.
    pub fn taught(&self, f: FunctionId) -> Option<&Taught> {
        (f.0 as usize).checked_sub(table().len()).and_then(|i| self.taught.get(i))
    }

    /// The name of a function.
    pub fn function_name(&self, f: FunctionId) -> &str {
        match self.taught(f) {
            Some(taught) => &taught.name,
            None => f.row().name,
        }
    }
}
