//! The derivative by its definition: difference quotient, algebra until `h` can be divided out, `h` to 0.

use agnesi_syntax::{Binary, Code, Diagnostic, Side, Tree, TreeId};

use super::forge::Node;
use super::polynomial::{Fraction, Polynomial};
use super::work::{Draft, Work};
use super::{Derivation, Options, Rule, Step, Words};

/// Explains the derivative of a settled formula as the limit of the difference quotient.
///
/// Done for polynomials, fractions of polynomials, square roots of polynomials, `sin`, `cos` and `exp` of the variable,
/// each times a constant. For anything else it fails with [`Code::Unsupported`] and says what to ask instead.
pub fn by_limit(
    tree: &Tree,
    root: TreeId,
    variable: &str,
    options: &Options,
) -> Result<Derivation, Diagnostic> {
    let mut work = Work::new(options);
    let formula = work.take(tree, root)?;
    let mut before = Vec::new();
    let formula = work.resolve(formula, &mut before)?;
    let mut names = work.forge.free_names(formula);
    names.retain(|n| n != variable);
    work.turn_to(variable, !names.is_empty());
    let mut quotient = Quotient::new(&mut work, formula);
    let Some((result, children)) = quotient.steps() else {
        let text = work.text(formula);
        return Err(Diagnostic::error(
            Code::Unsupported,
            format!(
                "the limit of the difference quotient of `{text}` is not worked out here: that is done for polynomials, \
                 fractions of polynomials, square roots of polynomials, sin, cos and exp of the variable"
            ),
            tree.span(root),
            "not one of these",
        )
        .with_hint("explain it by the rules of differentiation instead; they follow from the same limit"));
    };
    let whole = quotient.goal();
    let words = Words::say("The derivative is the limit of the difference quotient.");
    let draft =
        Draft { rules: vec![Rule::Definition], statement: None, words, applied: Some(whole), children };
    let step = work.step(formula, result, draft);
    before.push(step);
    let goal = work.d(formula);
    let result = work.simplified(result, &mut before);
    Ok(work.finish(before, goal, result))
}

/// A difference quotient under way.
struct Quotient<'w, 'a> {
    work: &'w mut Work<'a>,
    formula: TreeId,
    /// The formula at `x + h`.
    ahead: TreeId,
    x: String,
    h: String,
    h_id: TreeId,
    /// Where the algebra stands.
    now: TreeId,
    steps: Vec<Step>,
}

impl<'w, 'a> Quotient<'w, 'a> {
    fn new(work: &'w mut Work<'a>, formula: TreeId) -> Quotient<'w, 'a> {
        let x = work.variable.clone();
        let h = work.forge.fresh(if x == "h" { &["k", "s"] } else { &["h", "k", "s"] }, &[formula]);
        let (x_id, h_id) = (work.forge.name(&x), work.forge.name(&h));
        let x_ahead = work.forge.raw(Binary::Add, x_id, h_id);
        let ahead = work.forge.substitute(formula, &x, x_ahead);
        let difference = work.forge.raw(Binary::Sub, ahead, formula);
        let now = work.forge.raw(Binary::Div, difference, h_id);
        Quotient { work, formula, ahead, x, h, h_id, now, steps: Vec::new() }
    }

    fn limit_of(&mut self, e: TreeId) -> TreeId {
        let zero = self.work.forge.integer(0);
        let arrow = self.work.forge.put(Node::Arrow(self.h_id, zero, Side::Both));
        self.work.forge.call("limit", &[e, arrow])
    }

    fn goal(&mut self) -> TreeId {
        let difference = self.work.forge.raw(Binary::Sub, self.ahead, self.formula);
        let quotient = self.work.forge.raw(Binary::Div, difference, self.h_id);
        self.limit_of(quotient)
    }

    fn step(&mut self, rule: Rule, after: TreeId, words: Words) {
        if after == self.now {
            return;
        }
        let statement = rule.statement_in(&self.x, false).replace('h', &self.h);
        let statement = if self.h == "h" { None } else { Some(statement) };
        let draft = Draft { rules: vec![rule], statement, words, applied: None, children: vec![] };
        let step = self.work.step_from(self.now, after, draft);
        self.steps.push(step);
        self.now = after;
    }

    /// The last step: the limit of what is left.
    fn vanish(&mut self, after: TreeId, words: Words) -> (TreeId, Vec<Step>) {
        self.now = self.limit_of(self.now);
        self.step(Rule::LetStepVanish, after, words);
        (after, std::mem::take(&mut self.steps))
    }

    fn plain_vanish(&mut self, after: TreeId) -> (TreeId, Vec<Step>) {
        self.vanish(
            after,
            Words::say("Nothing is divided by ").show(self.h_id).and(" any more, so put 0 in its place."),
        )
    }

    fn steps(&mut self) -> Option<(TreeId, Vec<Step>)> {
        if let Some(fraction) = self.work.as_fraction(self.formula) {
            return match fraction.bottom.degree() {
                0 => self.polynomial(&fraction.top),
                _ => self.fraction(&fraction),
            };
        }
        let (constants, rest) = self.work.factors(self.formula);
        let c = self.work.product(&constants);
        let [one] = rest.as_slice() else { return None };
        match self.work.forge.node(*one) {
            Node::Call(head, args) if args.len() == 1 => {
                let name = self.work.forge.name_of(head)?.to_string();
                match name.as_str() {
                    "sqrt" => self.root(c, args[0]),
                    "sin" | "cos" if self.work.is_variable(args[0]) => {
                        self.sine_or_cosine(c, *one, name == "sin")
                    }
                    "exp" if self.work.is_variable(args[0]) => {
                        let step = self.work.forge.call("exp", &[self.h_id]);
                        self.exponential(c, *one, step)
                    }
                    _ => None,
                }
            }
            Node::Binary(Binary::Pow, base, exponent) => {
                let half = self.work.forge.as_rational(exponent) == Some(agnesi_graph::Rational::HALF);
                let natural = self.work.forge.name_of(base) == Some("e") && self.work.is_variable(exponent);
                match (half, natural) {
                    (true, _) => self.root(c, base),
                    (_, true) => {
                        let step = self.work.forge.raw(Binary::Pow, base, self.h_id);
                        self.exponential(c, *one, step)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn formula_of(&mut self, p: &Polynomial) -> TreeId {
        p.formula(&mut self.work.forge, &self.x, &self.h)
    }

    fn over(&mut self, top: TreeId, bottom: TreeId) -> TreeId {
        self.work.forge.raw(Binary::Div, top, bottom)
    }

    fn polynomial(&mut self, p: &Polynomial) -> Option<(TreeId, Vec<Step>)> {
        let ahead = p.shifted(&mut self.work.forge);
        // Written out term by term, nothing cancelled yet.
        let mut terms: Vec<(TreeId, bool)> = Vec::new();
        for (p, minus) in [(&ahead, false), (p, true)] {
            for term in p.terms(&mut self.work.forge, &self.x, &self.h) {
                terms.push((term, minus));
            }
        }
        let mut written: Option<TreeId> = None;
        for (term, minus) in terms {
            let (term, minus) = match self.work.forge.node(term) {
                Node::Prefix(agnesi_syntax::Prefix::Neg, positive) => (positive, !minus),
                _ => (term, minus),
            };
            written = Some(match (written, minus) {
                (None, false) => term,
                (None, true) => self.work.forge.put(Node::Prefix(agnesi_syntax::Prefix::Neg, term)),
                (Some(sum), false) => self.work.forge.raw(Binary::Add, sum, term),
                (Some(sum), true) => self.work.forge.raw(Binary::Sub, sum, term),
            });
        }
        if let Some(written) = written {
            let expanded = self.over(written, self.h_id);
            self.step(Rule::Expand, expanded, Words::say("Multiply out."));
        }
        let left = ahead.minus(p, &mut self.work.forge);
        let top = self.formula_of(&left);
        let cancelled = self.over(top, self.h_id);
        self.step(Rule::Cancel, cancelled, Words::say("The terms without ").show(self.h_id).and(" cancel."));
        let divided = left.over_step()?;
        let after = self.formula_of(&divided);
        self.step(Rule::DivideByStep, after, self.every_term());
        let rest = self.formula_of(&divided.at_rest());
        Some(self.plain_vanish(rest))
    }

    fn every_term(&self) -> Words {
        Words::say("Every term that is left has a factor ").show(self.h_id).and(".")
    }

    fn fraction(&mut self, f: &Fraction) -> Option<(TreeId, Vec<Step>)> {
        let x_ahead = {
            let x = self.work.forge.name(&self.x);
            self.work.forge.raw(Binary::Add, x, self.h_id)
        };
        let (top, bottom) = (self.formula_of(&f.top), self.formula_of(&f.bottom));
        let top_ahead = self.work.forge.substitute(top, &self.x, x_ahead);
        let bottom_ahead = self.work.forge.substitute(bottom, &self.x, x_ahead);
        let both = self.work.forge.raw(Binary::Mul, bottom, bottom_ahead);
        let with_step = self.work.times(self.h_id, both);

        let first = self.work.product(&[top_ahead, bottom]);
        let second = self.work.product(&[top, bottom_ahead]);
        let difference = self.work.forge.raw(Binary::Sub, first, second);
        let joined = self.over(difference, with_step);
        self.step(Rule::CommonDenominator, joined, Words::say("Bring the two fractions to one denominator."));

        let forge = &mut self.work.forge;
        let (top_shifted, bottom_shifted) = (f.top.shifted(forge), f.bottom.shifted(forge));
        let left = top_shifted.times(&f.bottom, forge)?;
        let right = f.top.times(&bottom_shifted, forge)?;
        let left = left.minus(&right, forge);
        let divided = left.over_step()?;
        let numerator = self.formula_of(&left);
        let cancelled = self.over(numerator, with_step);
        let words = Words::say("Multiply out above; the terms without ").show(self.h_id).and(" cancel.");
        self.step(Rule::Cancel, cancelled, words);
        let numerator = self.formula_of(&divided);
        let after = self.over(numerator, both);
        self.step(Rule::DivideByStep, after, self.every_term());
        let rest = self.formula_of(&divided.at_rest());
        let two = self.work.forge.integer(2);
        let square = self.work.power(bottom, two);
        let rest = self.work.quotient(rest, square);
        Some(self.plain_vanish(rest))
    }

    fn root(&mut self, c: TreeId, inside: TreeId) -> Option<(TreeId, Vec<Step>)> {
        let f = self.work.as_fraction(inside).filter(|f| f.bottom.degree() == 0)?;
        let x_ahead = {
            let x = self.work.forge.name(&self.x);
            self.work.forge.raw(Binary::Add, x, self.h_id)
        };
        let inside_ahead = self.work.forge.substitute(inside, &self.x, x_ahead);
        let (root_ahead, root) =
            (self.work.forge.call("sqrt", &[inside_ahead]), self.work.forge.call("sqrt", &[inside]));
        let conjugate = self.work.forge.raw(Binary::Add, root_ahead, root);
        let with_step = self.work.forge.raw(Binary::Mul, self.h_id, conjugate);
        let difference = self.work.forge.raw(Binary::Sub, inside_ahead, inside);
        let top = self.work.scaled(c, difference);
        let rooted = self.over(top, with_step);
        let words =
            Words::say("Multiply above and below by ").show(conjugate).and(": the roots above vanish.");
        self.step(Rule::Conjugate, rooted, words);

        let c_poly = Polynomial::constant(c, &self.work.forge);
        let left = f.top.shifted(&mut self.work.forge).minus(&f.top, &mut self.work.forge);
        let left = left.times(&c_poly, &mut self.work.forge)?;
        let divided = left.over_step()?;
        let top = self.formula_of(&left);
        let cancelled = self.over(top, with_step);
        let words = Words::say("The terms without ").show(self.h_id).and(" cancel.");
        self.step(Rule::Cancel, cancelled, words);
        let top = self.formula_of(&divided);
        let after = self.over(top, conjugate);
        self.step(Rule::DivideByStep, after, self.every_term());
        let top = self.formula_of(&divided.at_rest());
        let two = self.work.forge.integer(2);
        let bottom = self.work.product(&[two, root]);
        let rest = self.work.quotient(top, bottom);
        Some(self.plain_vanish(rest))
    }

    fn sine_or_cosine(&mut self, c: TreeId, function: TreeId, sine: bool) -> Option<(TreeId, Vec<Step>)> {
        let forge = &mut self.work.forge;
        let x = forge.name(&self.x);
        let (sin_x, cos_x) = (forge.call("sin", &[x]), forge.call("cos", &[x]));
        let (sin_h, cos_h) = (forge.call("sin", &[self.h_id]), forge.call("cos", &[self.h_id]));
        let (same, other) = if sine { (sin_x, cos_x) } else { (cos_x, sin_x) };
        let op = if sine { Binary::Add } else { Binary::Sub };
        let (first, second) = (forge.raw(Binary::Mul, same, cos_h), forge.raw(Binary::Mul, other, sin_h));
        let ahead = forge.raw(op, first, second);
        let difference = forge.raw(Binary::Sub, ahead, function);
        let (one, quotients) = (forge.integer(1), [cos_h, sin_h]);
        let less = forge.raw(Binary::Sub, quotients[0], one);
        let first = forge.raw(Binary::Div, less, self.h_id);
        let second = forge.raw(Binary::Div, quotients[1], self.h_id);
        let (left, right) = (forge.raw(Binary::Mul, same, first), forge.raw(Binary::Mul, other, second));
        let grouped = forge.raw(op, left, right);
        let (first, second) = (self.limit_of(first), self.limit_of(second));
        let zero = self.work.forge.integer(0);
        let known = [(first, zero), (second, one)].map(|(l, v)| self.work.forge.put(Node::Equation(l, v)));

        let top = self.work.scaled(c, difference);
        let taken_apart = self.over(top, self.h_id);
        self.step(Rule::AdditionTheorem, taken_apart, Words::default());
        let grouped = self.work.scaled(c, grouped);
        let words = Words::say("Collect what belongs to each function of ").show(x).and(".");
        self.step(Rule::Expand, grouped, words);
        let other = if sine { other } else { self.work.negative(other) };
        let after = self.work.product(&[c, other]);
        let words = Words::say("Two limits are known: ").show(known[0]).and(" and ").show(known[1]).and(".");
        Some(self.vanish(after, words))
    }

    fn exponential(&mut self, c: TreeId, function: TreeId, of_step: TreeId) -> Option<(TreeId, Vec<Step>)> {
        let forge = &mut self.work.forge;
        let one = forge.integer(1);
        let product = forge.raw(Binary::Mul, function, of_step);
        let difference = forge.raw(Binary::Sub, product, function);
        let less = forge.raw(Binary::Sub, of_step, one);
        let growth = forge.raw(Binary::Div, less, self.h_id);
        let top = self.work.scaled(c, difference);
        let taken_apart = self.over(top, self.h_id);
        self.step(Rule::AdditionTheorem, taken_apart, Words::say("The exponential of a sum is a product."));
        let scaled = self.work.product(&[c, function]);
        let grouped = self.work.times(scaled, growth);
        self.step(Rule::Expand, grouped, Words::say("Take out the common factor."));
        let limit = self.limit_of(growth);
        let known = self.work.forge.put(Node::Equation(limit, one));
        let words = Words::say("This limit is known: ").show(known).and(".");
        Some(self.vanish(scaled, words))
    }
}
