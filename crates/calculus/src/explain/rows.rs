//! Where an explanation finds the derivative of a named function.

use std::cell::RefCell;
use std::rc::Rc;

use agnesi_graph::{Graph, TableNames, Taught};
use agnesi_syntax::{Tree, TreeId};
use rustc_hash::FxHashMap;

/// What must be known of a function to explain its derivative.
#[derive(Clone, Debug)]
pub struct Row {
    /// A few words: `Sine`.
    pub title: String,
    /// The names of the arguments in the partial derivatives.
    pub args: Vec<String>,
    /// The partial derivatives, one for each argument, as settled trees; or why there is none.
    pub partials: Vec<Result<(Tree, TreeId), String>>,
    /// What it means in terms of its arguments, as a settled tree: used where there is no partial derivative.
    pub meaning: Option<(Tree, TreeId)>,
    /// Where it has no derivative, and what is agreed there.
    pub kinks: Vec<RowKink>,
}

/// A place where a function has a kink or a jump.
#[derive(Clone, Debug)]
pub struct RowKink {
    /// The place, as a condition on the arguments.
    pub at: Option<(Tree, TreeId)>,
    /// Whether the function itself jumps there.
    pub jump: bool,
    /// What is used there, in words.
    pub convention: String,
}

/// Finds rows by the canonical name of a function.
pub trait Rows {
    /// The row of a function; `None` if there is no such function.
    fn row(&self, name: &str) -> Option<Rc<Row>>;
}

/// The rows of the table of functions.
#[derive(Default)]
pub struct TableRows {
    read: RefCell<FxHashMap<String, Option<Rc<Row>>>>,
}

impl TableRows {
    /// The rows of the table; each is read when it is first asked for.
    pub fn new() -> TableRows {
        TableRows::default()
    }
}

impl Rows for TableRows {
    fn row(&self, name: &str) -> Option<Rc<Row>> {
        if let Some(known) = self.read.borrow().get(name) {
            return known.clone();
        }
        let row = read(name).map(Rc::new);
        self.read.borrow_mut().insert(name.to_string(), row.clone());
        row
    }
}

/// The rows of a session: functions taught in it, then those of the table.
pub struct GraphRows<'a> {
    graph: &'a Graph,
    table: TableRows,
}

impl GraphRows<'_> {
    /// The rows known to a graph.
    pub fn new(graph: &Graph) -> GraphRows<'_> {
        GraphRows { graph, table: TableRows::new() }
    }
}

impl Rows for GraphRows<'_> {
    fn row(&self, name: &str) -> Option<Rc<Row>> {
        let taught = self.graph.find_function(name).and_then(|id| self.graph.taught(id));
        match taught {
            Some(taught) => Some(Rc::new(Row::from(taught))),
            None => self.table.row(name),
        }
    }
}

impl From<&Taught> for Row {
    fn from(taught: &Taught) -> Row {
        Row {
            title: taught.name.to_string(),
            args: taught.args.iter().map(|a| a.to_string()).collect(),
            partials: taught.derivative.iter().flatten().map(|d| Ok(d.clone())).collect(),
            meaning: Some(taught.meaning.clone()),
            kinks: Vec::new(),
        }
    }
}

/// A row of the table, its texts parsed.
fn read(name: &str) -> Option<Row> {
    let function = agnesi_functions::find(name)?.row();
    let read =
        |text: &str| parsed(text).ok_or_else(|| format!("its derivative column cannot be read: {text}"));
    let partials = (0..function.args.len())
        .map(|i| function.partial(i).map_err(str::to_string).and_then(read))
        .collect();
    Some(Row {
        title: function.title.to_string(),
        args: function.args.iter().map(|a| a.to_string()).collect(),
        partials,
        // Where the table says that there is no derivative, its meaning must not be used to find one.
        meaning: None,
        kinks: function.kinks.iter().map(kink).collect(),
    })
}

fn kink(kink: &agnesi_functions::Kink) -> RowKink {
    RowKink { at: parsed(kink.at), jump: kink.jump, convention: kink.convention.to_string() }
}

/// The tree of a text of the table.
fn parsed(text: &str) -> Option<(Tree, TreeId)> {
    let read = agnesi_syntax::parse_expression(text, &TableNames);
    (!read.has_errors()).then_some((read.tree, read.root))
}
