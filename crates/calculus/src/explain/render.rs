//! Explanations as text, as LaTeX, and as plain data for every face.

use agnesi_syntax::{Tree, TreeId, print};

use super::{Derivation, Piece, Step, Words};

// A formula of more parts than this fills a page, and nobody reads it.
const MOST_PARTS: usize = 600;

/// The formula as text, or what it is if it is too long to read.
pub(crate) fn text_of(tree: &Tree, id: TreeId, size: usize) -> String {
    match size {
        0..=MOST_PARTS => print::text(tree, id),
        _ => format!("(a formula of {size} parts)"),
    }
}

/// A step in text: what a face sends on. The formulas parse again, unless they are too long to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainStep {
    /// Where it stands: `1.2`.
    pub number: String,
    /// The rules' names.
    pub rule: String,
    /// The rules' general formula.
    pub statement: String,
    /// What is said about this instance.
    pub words: String,
    /// What the step starts from.
    pub before: String,
    /// The rule applied, nothing worked out yet; empty where that is not worth a line.
    pub applied: String,
    /// What the step arrives at.
    pub after: String,
    /// Whether a practised person does it at a glance.
    pub glance: bool,
    /// The steps between.
    pub children: Vec<PlainStep>,
}

/// How formulas are written in a [`PlainStep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Agnesi's own notation.
    Text,
    /// LaTeX, without the dollar signs; within words in `\( \)`.
    Latex,
}

impl Derivation {
    /// The steps as plain data.
    pub fn plain(&self, form: Form) -> Vec<PlainStep> {
        let writer = Writer::new(self, form);
        self.steps.iter().enumerate().map(|(i, s)| writer.plain(s, (i + 1).to_string())).collect()
    }

    /// A formula of this explanation.
    pub fn formula(&self, id: TreeId, form: Form) -> String {
        Writer::new(self, form).formula(id)
    }

    /// The explanation as text, numbered and indented.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for step in self.plain(Form::Text) {
            write_text(&step, 0, &mut out);
        }
        if self.cut {
            out.push_str("\nThere are more steps than are shown; their results are used without them.\n");
        }
        out
    }

    /// The explanation as LaTeX: a paragraph for each step, formulas displayed. It needs amsmath.
    pub fn latex(&self) -> String {
        let mut out = String::new();
        for step in self.plain(Form::Latex) {
            write_latex(&step, &mut out);
        }
        if self.cut {
            out.push_str("There are more steps than are shown; their results are used without them.\n");
        }
        out
    }
}

struct Writer<'a> {
    derivation: &'a Derivation,
    form: Form,
    /// How many parts each node has when it is written out.
    sizes: Vec<usize>,
    /// The number of each step by its id.
    numbers: Vec<(u32, String)>,
}

impl<'a> Writer<'a> {
    fn new(derivation: &'a Derivation, form: Form) -> Writer<'a> {
        let mut numbers = Vec::new();
        for (i, step) in derivation.steps.iter().enumerate() {
            number(step, (i + 1).to_string(), &mut numbers);
        }
        numbers.sort();
        Writer { derivation, form, sizes: sizes(&derivation.tree), numbers }
    }

    fn formula(&self, id: TreeId) -> String {
        let size = self.sizes.get(id.0 as usize).copied().unwrap_or(0);
        match self.form {
            Form::Text => text_of(&self.derivation.tree, id, size),
            Form::Latex if size <= MOST_PARTS => {
                let options = print::Options { latex_name: Some(&latex_name), ..print::Options::default() };
                print::latex(&self.derivation.tree, id, &options).text
            }
            Form::Latex => format!(r"\text{{(a formula of {size} parts)}}"),
        }
    }

    fn words(&self, words: &Words) -> String {
        let pieces = words.0.iter().map(|piece| match (piece, self.form) {
            (Piece::Text(text), Form::Text) => text.clone(),
            (Piece::Text(text), Form::Latex) => escape(text),
            (Piece::Formula(id), Form::Text) => self.formula(*id),
            (Piece::Formula(id), Form::Latex) => format!(r"\({}\)", self.formula(*id)),
        });
        pieces.collect()
    }

    fn plain(&self, step: &Step, number: String) -> PlainStep {
        let mut words = self.words(&step.words);
        if let Some(id) = step.as_above
            && let Ok(at) = self.numbers.binary_search_by_key(&id, |(id, _)| *id)
        {
            let above = format!("As above, step {}.", self.numbers[at].1);
            words = if words.is_empty() { above } else { format!("{above} {words}") };
        }
        let children = step.children.iter().enumerate();
        PlainStep {
            rule: step.rule(),
            glance: step.glance,
            statement: step.statement.clone(),
            words,
            before: self.formula(step.before),
            applied: step.applied.map(|a| self.formula(a)).unwrap_or_default(),
            after: self.formula(step.after),
            children: children.map(|(i, child)| self.plain(child, format!("{number}.{}", i + 1))).collect(),
            number,
        }
    }
}

/// How the table sets the name of a function.
fn latex_name(name: &str) -> Option<&'static str> {
    agnesi_functions::find(name).map(|id| id.row().latex)
}

fn number(step: &Step, at: String, numbers: &mut Vec<(u32, String)>) {
    for (i, child) in step.children.iter().enumerate() {
        number(child, format!("{at}.{}", i + 1), numbers);
    }
    numbers.push((step.id, at));
}

/// For each node the number of parts when it is written out, children shared or not, with a ceiling.
fn sizes(tree: &Tree) -> Vec<usize> {
    let mut sizes = Vec::with_capacity(tree.len());
    for i in 0..tree.len() {
        let children = super::forge::children(tree, TreeId(i as u32));
        let size = children
            .iter()
            .fold(1usize, |n, c| n.saturating_add(sizes.get(c.0 as usize).copied().unwrap_or(1)));
        sizes.push(size);
    }
    sizes
}

fn write_text(step: &PlainStep, depth: usize, out: &mut String) {
    let pad = "   ".repeat(depth);
    let mut name = step.rule.clone();
    if let Some(first) = name.get(..1) {
        let first = first.to_uppercase();
        name.replace_range(..1, &first);
    }
    if step.glance && depth > 0 && step.children.is_empty() {
        let middle = match step.applied.is_empty() {
            true => String::new(),
            false => format!("{} = ", step.applied),
        };
        out.push_str(&format!("{pad}{}. {name}: {} = {middle}{}\n", step.number, step.before, step.after));
        return;
    }
    match step.statement.is_empty() {
        true => out.push_str(&format!("{pad}{}. {name}\n", step.number)),
        false => out.push_str(&format!("{pad}{}. {name}: {}\n", step.number, step.statement)),
    }
    if !step.words.is_empty() {
        out.push_str(&format!("{pad}   {}\n", step.words));
    }
    match (step.applied.is_empty(), step.children.is_empty()) {
        (true, _) if step.children.is_empty() => {
            out.push_str(&format!("{pad}   {} = {}\n", step.before, step.after));
        }
        (true, _) => {}
        (false, true) => {
            out.push_str(&format!("{pad}   {} = {}\n", step.before, step.applied));
            out.push_str(&format!("{pad}   {} = {}\n", " ".repeat(step.before.chars().count()), step.after));
        }
        (false, false) => out.push_str(&format!("{pad}   {} = {}\n", step.before, step.applied)),
    }
    for child in &step.children {
        write_text(child, depth + 1, out);
    }
    if !step.children.is_empty() {
        out.push_str(&format!("{pad}   So {} = {}\n", step.before, step.after));
    }
}

fn write_latex(step: &PlainStep, out: &mut String) {
    let mut name = step.rule.clone();
    if let Some(first) = name.get(..1) {
        let first = first.to_uppercase();
        name.replace_range(..1, &first);
    }
    out.push_str(&format!("\\paragraph{{{} {}.}} {}\n", step.number, escape(&name), step.words));
    let lines: Vec<&String> = match (step.applied.is_empty(), step.children.is_empty()) {
        (true, true) => vec![&step.after],
        (true, false) => vec![],
        (false, true) => vec![&step.applied, &step.after],
        (false, false) => vec![&step.applied],
    };
    let mut start = step.before.as_str();
    if !lines.is_empty() {
        out.push_str("\\begin{align*}\n");
        for (i, line) in lines.iter().enumerate() {
            let end = if i + 1 < lines.len() { " \\\\" } else { "" };
            out.push_str(&format!("{start} &= {line}{end}\n"));
            start = "";
        }
        out.push_str("\\end{align*}\n");
    }
    for child in &step.children {
        write_latex(child, out);
    }
    if !step.children.is_empty() {
        out.push_str(&format!("So\n\\begin{{align*}}\n{} &= {}\n\\end{{align*}}\n", step.before, step.after));
    }
}

/// Text in which LaTeX sees no commands.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '^' => out.push_str("\\textasciicircum{}"),
            '_' | '&' | '%' | '$' | '#' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '∂' => out.push_str("\\(\\partial\\)"),
            '∇' => out.push_str("\\(\\nabla\\)"),
            c => out.push(c),
        }
    }
    out
}
