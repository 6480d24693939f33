//! Derivatives explained: a formula and a variable in, the steps that a good teacher would write on the board out.
//!
//! The steps work on the tree as it was written: nothing is simplified beforehand, so that `(x^2)^3` is a chain and not
//! `x^6`. Each step carries the rule, its formula, a sentence about this instance, and the formula before and after;
//! the formula after is the derivative of the formula before, wherever the latter is differentiable.
//!
//! [`by_rules`] differentiates by rules, [`by_limit`] by the definition, [`along`] in a direction.

mod along;
mod apart;
mod ask;
mod calls;
mod forge;
mod limit;
mod polynomial;
mod render;
mod rows;
mod rule;
mod rules;
mod simplified;
mod tidy;
mod work;

use agnesi_syntax::{Tree, TreeId};

pub use along::along;
pub use ask::by_rules;
pub use limit::by_limit;
pub use render::{Form, PlainStep};
pub use rows::{GraphRows, Row, RowKink, Rows, TableRows};
pub use rule::Rule;
pub use simplified::simplified;

/// One step of an explanation.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's number within its derivation, for [`Step::as_above`].
    pub id: u32,
    /// The rules used, the outermost first. A step that a person does at sight uses two: constant multiple and power.
    pub rules: Vec<Rule>,
    /// The rules' general formula.
    pub statement: String,
    /// A sentence or two about this instance.
    pub words: Words,
    /// What the step starts from, such as `d/dx x^2`.
    pub before: TreeId,
    /// The rule applied and nothing worked out yet, where that is worth a line: `5*(3*x + 2)^4*d/dx (3*x + 2)`.
    pub applied: Option<TreeId>,
    /// What the step arrives at; it equals `before`.
    pub after: TreeId,
    /// The steps that lead from `applied` to `after`.
    pub children: Vec<Step>,
    /// Whether a practised person does it at a glance: text shows it in one line.
    pub glance: bool,
    /// The earlier step that did the same, where this one only refers to it.
    pub as_above: Option<u32>,
}

impl Step {
    /// The names of the rules used: `constant multiple rule and power rule`.
    pub fn rule(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for rule in &self.rules {
            let name = rule.name().into_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [head @ .., last] => format!("{} and {last}", head.join(", ")),
        }
    }

    /// This step and all below it, in the order of reading.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Step)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }
}

/// A sentence in which formulas stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Vec<Piece>);

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A formula.
    Formula(TreeId),
}

impl Words {
    /// These words.
    pub fn say(text: impl Into<String>) -> Words {
        Words(vec![Piece::Text(text.into())])
    }

    /// The same, and these words.
    pub fn and(mut self, text: impl Into<String>) -> Words {
        self.0.push(Piece::Text(text.into()));
        self
    }

    /// The same, and this formula.
    pub fn show(mut self, formula: TreeId) -> Words {
        self.0.push(Piece::Formula(formula));
        self
    }

    /// The same, and these formulas with commas between them.
    pub fn list(mut self, formulas: &[TreeId]) -> Words {
        for (i, &formula) in formulas.iter().enumerate() {
            if i > 0 {
                let between = if i + 1 == formulas.len() { " and " } else { ", " };
                self = self.and(between);
            }
            self = self.show(formula);
        }
        self
    }

    /// The same, and then these.
    pub fn then(mut self, more: Words) -> Words {
        self.0.extend(more.0);
        self
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An explanation. All formulas stand in one tree.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The arena of all formulas.
    pub tree: Tree,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What was asked for, such as `d/dx f`.
    pub goal: TreeId,
    /// The answer. It equals `goal`.
    pub result: TreeId,
    /// Whether steps were left out because there were more than [`Options::most_steps`].
    pub cut: bool,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What a practised person would write: steps seen at a glance are merged into those that use them.
    Brief,
    /// As in a textbook.
    #[default]
    Normal,
    /// Every step, the derivative of a constant too.
    Full,
}

/// Brings a formula to fewer terms: the tree and its node in, the same value in a tree out. `None` if there is nothing
/// to do or it cannot be done.
pub type Simplify<'a> = &'a dyn Fn(&Tree, TreeId) -> Option<(Tree, TreeId)>;

/// How to explain.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The order of the derivative, at least 1.
    pub order: u32,
    /// How much is said.
    pub detail: Detail,
    /// At most so many steps; what follows is used without its steps, and [`Derivation::cut`] is set.
    pub most_steps: usize,
    /// Where functions are looked up.
    pub rows: &'a dyn Rows,
    /// Brings each result to its final form; without it the result stays as the steps leave it.
    pub simplify: Option<Simplify<'a>>,
}

impl<'a> Options<'a> {
    /// First order, normal detail, 500 steps, no simplifier.
    pub fn new(rows: &'a dyn Rows) -> Options<'a> {
        Options { order: 1, detail: Detail::Normal, most_steps: 500, rows, simplify: None }
    }
}
