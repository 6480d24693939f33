//! The state of an explanation under way, and what all rules share: memory, counting, and steps that are merged.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Prefix, TreeId};
use rustc_hash::FxHashMap;

use super::forge::{Forge, Node};
use super::{Detail, Options, Rule, Step, Words};

// How deeply rules may call one another: formulas nested more deeply are refused, as they would be by a reader.
const MOST_DEPTH: u32 = 120;

/// A derivative, and the step that found it; none for what needs none, as `d/dx x = 1`.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub after: TreeId,
    pub step: Option<Step>,
}

/// What a step is made from; the rest is filled in by [`Work::step`].
pub(crate) struct Draft {
    pub rules: Vec<Rule>,
    pub statement: Option<String>,
    pub words: Words,
    pub applied: Option<TreeId>,
    pub children: Vec<Step>,
}

pub(crate) struct Work<'a> {
    pub forge: Forge,
    pub options: &'a Options<'a>,
    /// The variable of differentiation.
    pub variable: String,
    /// Whether others are held constant.
    pub partial: bool,
    pub cut: bool,
    memo: FxHashMap<TreeId, Outcome>,
    next: u32,
    count: usize,
    depth: u32,
}

impl<'a> Work<'a> {
    pub fn new(options: &'a Options<'a>) -> Work<'a> {
        Work {
            forge: Forge::default(),
            options,
            variable: String::new(),
            partial: false,
            cut: false,
            memo: FxHashMap::default(),
            next: 0,
            count: 0,
            depth: 0,
        }
    }

    /// Turns to another variable.
    pub fn turn_to(&mut self, variable: &str, partial: bool) {
        if self.variable != variable || self.partial != partial {
            self.memo.clear();
            self.variable = variable.to_string();
            self.partial = partial;
        }
    }

    /// The derivative of a formula and the step that finds it.
    pub fn derive(&mut self, e: TreeId) -> Result<Outcome, Diagnostic> {
        if !self.depends(e) {
            return Ok(Outcome { after: self.forge.integer(0), step: None });
        }
        if self.is_variable(e) {
            return Ok(Outcome { after: self.forge.integer(1), step: None });
        }
        if let Some(known) = self.memo.get(&e) {
            let known = known.clone();
            return Ok(self.again(known));
        }
        if self.depth >= MOST_DEPTH {
            let span = self.forge.tree.span(e);
            return Err(Diagnostic::error(
                Code::Limit,
                format!("functions are nested more than {MOST_DEPTH} deep, too deep to explain step by step"),
                span,
                "nested too deeply from here",
            )
            .with_hint("ask for the derivative alone, or explain a part of the formula"));
        }
        let muted = self.count >= self.options.most_steps;
        self.count += 1;
        self.depth += 1;
        let outcome = self.by_rule(e);
        self.depth -= 1;
        let mut outcome = outcome?;
        if muted && outcome.step.is_some() {
            self.cut = true;
            outcome.step = None;
        }
        self.memo.insert(e, outcome.clone());
        Ok(outcome)
    }

    /// A result that was found before: short steps are repeated, long ones referred to.
    fn again(&mut self, known: Outcome) -> Outcome {
        let Some(step) = known.step else { return known };
        let mut again = step.clone();
        again.id = self.number();
        if !step.children.is_empty() || step.as_above.is_some() {
            again.children = Vec::new();
            again.applied = None;
            again.words = Words::default();
            again.as_above = Some(step.as_above.unwrap_or(step.id));
        }
        Outcome { after: known.after, step: Some(again) }
    }

    /// The derivative of a part of `e`, its step put among the children unless a person would not write it.
    pub fn child(&mut self, part: TreeId, children: &mut Vec<Step>) -> Result<TreeId, Diagnostic> {
        let quiet = match self.options.detail {
            Detail::Brief => self.is_plain(part, 8) || self.at_sight(part),
            Detail::Normal => self.is_plain(part, 8),
            Detail::Full => false,
        };
        let outcome = self.derive(part)?;
        if quiet {
            return Ok(outcome.after);
        }
        let step = match outcome.step {
            None if self.options.detail == Detail::Full => Some(self.basic_step(part, outcome.after)),
            step => step,
        };
        children.extend(step);
        Ok(outcome.after)
    }

    /// The step for a constant or the variable itself.
    pub fn basic_step(&mut self, e: TreeId, after: TreeId) -> Step {
        let (rule, words) = match self.depends(e) {
            true => (Rule::Identity, Words::default().show(e).and(" changes at rate 1 with itself.")),
            false => (
                Rule::Constant,
                Words::default().show(e).and(format!(" does not depend on {}.", self.variable)),
            ),
        };
        let draft = Draft { rules: vec![rule], statement: None, words, applied: None, children: vec![] };
        self.step(e, after, draft)
    }

    /// A step whose `before` is the derivative of `e`.
    pub fn step(&mut self, e: TreeId, after: TreeId, draft: Draft) -> Step {
        let before = self.d(e);
        self.step_from(before, after, draft)
    }

    /// A step from one formula to another.
    pub fn step_from(&mut self, before: TreeId, after: TreeId, draft: Draft) -> Step {
        let statement = match draft.statement {
            Some(statement) => statement,
            None => {
                let all = draft.rules.iter().map(|r| r.statement_in(&self.variable, self.partial));
                all.filter(|s| !s.is_empty()).collect::<Vec<_>>().join("; ")
            }
        };
        let applied = draft.applied.filter(|&a| a != after && a != before);
        Step {
            id: self.number(),
            rules: draft.rules,
            statement,
            words: draft.words,
            before,
            applied,
            after,
            children: draft.children,
            glance: false,
            as_above: None,
        }
    }

    pub fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    pub fn done(&mut self, e: TreeId, after: TreeId, draft: Draft) -> Result<Outcome, Diagnostic> {
        let step = self.step(e, after, draft);
        Ok(Outcome { after, step: Some(step) })
    }

    /// The same as [`Work::done`], for a step done at a glance.
    pub fn at_a_glance(&mut self, e: TreeId, after: TreeId, draft: Draft) -> Result<Outcome, Diagnostic> {
        let mut step = self.step(e, after, draft);
        step.glance = true;
        Ok(Outcome { after, step: Some(step) })
    }

    /// `d/dx e` in the middle of a formula: 0 and 1 where that is seen at once.
    pub fn d_inside(&mut self, e: TreeId) -> TreeId {
        match (self.depends(e), self.is_variable(e)) {
            (false, _) => self.forge.integer(0),
            (_, true) => self.forge.integer(1),
            _ => self.d(e),
        }
    }

    /// `d/dx e`, written and not worked out.
    pub fn d(&mut self, e: TreeId) -> TreeId {
        let x = self.forge.name(&self.variable.clone());
        self.forge.put(Node::Derivative(self.partial, vec![x], e))
    }

    pub fn depends(&mut self, e: TreeId) -> bool {
        let Work { forge, variable, .. } = self;
        forge.depends(e, variable)
    }

    pub fn is_variable(&self, e: TreeId) -> bool {
        self.forge.name_of(e) == Some(self.variable.as_str())
    }

    pub fn product(&mut self, factors: &[TreeId]) -> TreeId {
        self.forge.product(factors, &self.variable)
    }

    pub fn sum(&mut self, terms: &[TreeId]) -> TreeId {
        self.forge.sum(terms, &self.variable)
    }

    pub fn power(&mut self, base: TreeId, exponent: TreeId) -> TreeId {
        self.forge.power(base, exponent, &self.variable)
    }

    pub fn quotient(&mut self, a: TreeId, b: TreeId) -> TreeId {
        self.forge.quotient(a, b, &self.variable)
    }

    pub fn negative(&mut self, a: TreeId) -> TreeId {
        self.forge.negative(a, &self.variable)
    }

    /// `c*f` as written: only a sign and a factor 1 are taken care of.
    pub fn scaled(&mut self, c: TreeId, f: TreeId) -> TreeId {
        if self.forge.is_number(c, 1) {
            return f;
        }
        if self.forge.is_number(c, -1) {
            return self.forge.put(Node::Prefix(Prefix::Neg, f));
        }
        if let Kind::Prefix(Prefix::Neg, positive) = *self.forge.tree.kind(c) {
            let inner = self.scaled(positive, f);
            return self.forge.put(Node::Prefix(Prefix::Neg, inner));
        }
        self.times(c, f)
    }

    /// `a*b` as written, the product `b` not bracketed.
    pub fn times(&mut self, a: TreeId, b: TreeId) -> TreeId {
        let mut rest = Vec::new();
        let mut first = b;
        while let Kind::Binary(Binary::Mul, l, r) = *self.forge.tree.kind(first) {
            rest.push(r);
            first = l;
        }
        let start = self.forge.raw(Binary::Mul, a, first);
        rest.into_iter().rev().fold(start, |l, r| self.forge.raw(Binary::Mul, l, r))
    }

    /// Whether `e` is linear in the variable as written, so that its derivative needs no step of its own.
    pub fn is_plain(&mut self, e: TreeId, depth: u32) -> bool {
        if !self.depends(e) || self.is_variable(e) {
            return true;
        }
        let Some(depth) = depth.checked_sub(1) else { return false };
        match *self.forge.tree.kind(e) {
            Kind::Prefix(Prefix::Neg, a) => self.is_plain(a, depth),
            Kind::Binary(Binary::Add | Binary::Sub, a, b) => {
                self.is_plain(a, depth) && self.is_plain(b, depth)
            }
            Kind::Binary(Binary::Mul, a, b) => match (self.depends(a), self.depends(b)) {
                (true, true) => false,
                (true, false) => self.is_plain(a, depth),
                _ => self.is_plain(b, depth),
            },
            Kind::Binary(Binary::Div, a, b) => !self.depends(b) && self.is_plain(a, depth),
            _ => false,
        }
    }

    /// Whether `e` is a constant times a power or a function of the variable alone.
    fn at_sight(&mut self, e: TreeId) -> bool {
        let (_, rest) = self.factors(e);
        let [one] = rest.as_slice() else { return false };
        match self.forge.node(*one) {
            Node::Name(_) => true,
            Node::Binary(Binary::Pow, a, b) => {
                (self.is_variable(a) && !self.depends(b)) || (self.is_variable(b) && !self.depends(a))
            }
            Node::Call(_, args) => args.len() == 1 && self.is_variable(args[0]),
            _ => false,
        }
    }

    /// The factors of a product as written: those without the variable, and those with it. A division by a constant is
    /// a constant factor.
    pub fn factors(&mut self, e: TreeId) -> (Vec<TreeId>, Vec<TreeId>) {
        const MOST_FACTORS: usize = 64;
        let (mut constants, mut rest) = (Vec::new(), Vec::new());
        let mut open = vec![e];
        while let Some(id) = open.pop() {
            if !self.depends(id) {
                constants.push(id);
                continue;
            }
            match self.forge.node(id) {
                _ if rest.len() + open.len() > MOST_FACTORS => rest.push(id),
                Node::Prefix(Prefix::Neg, a) => {
                    constants.push(self.forge.integer(-1));
                    open.push(a);
                }
                Node::Binary(Binary::Mul, a, b) => open.extend([b, a]),
                Node::Binary(Binary::Div, a, b) if !self.depends(b) => {
                    let one = self.forge.integer(1);
                    constants.push(self.forge.raw(Binary::Div, one, b));
                    open.push(a);
                }
                _ => rest.push(id),
            }
        }
        (constants, rest)
    }

    /// Names for parts of this formula that clash with nothing in it.
    pub fn letters(&mut self, e: TreeId) -> (String, String) {
        let u = self.forge.fresh(&["u", "s", "p"], &[e]);
        let v = self.forge.fresh(&["v", "w", "t", "q"], &[e]);
        (u, v)
    }

    /// The formula as text, shortened where it is too long to read.
    pub fn text(&self, e: TreeId) -> String {
        super::render::text_of(&self.forge.tree, e, self.forge.written_size(e))
    }
}
