//! The rules for structure: sums, products, fractions, powers, branches and vectors.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Prefix, Relation, TreeId};

use super::forge::Node;
use super::work::{Draft, Outcome, Work};
use super::{Detail, Rule, Step, Words};

// A product of more factors is split in two halves first: the rule for all at once would be a page.
const MOST_FACTORS: usize = 6;

impl Work<'_> {
    /// The derivative of a formula that depends on the variable and is not the variable.
    pub(crate) fn by_rule(&mut self, e: TreeId) -> Result<Outcome, Diagnostic> {
        match self.forge.node(e) {
            Node::Prefix(Prefix::Neg, _) | Node::Binary(Binary::Mul | Binary::Div, ..) => {
                self.product_like(e)
            }
            Node::Binary(Binary::Add | Binary::Sub, ..) => self.sum_rule(e),
            Node::Binary(Binary::Pow, base, exponent) => self.power_like(e, base, exponent),
            Node::Call(head, args) => self.call_rule(e, head, &args),
            Node::If(condition, a, b) => self.branches(e, condition, a, b),
            Node::Vector(parts) => self.components(e, &parts),
            _ => {
                let text = self.text(e);
                Err(Diagnostic::error(
                    Code::Unsupported,
                    format!("`{text}` has no derivative that could be explained"),
                    self.forge.tree.span(e),
                    "this is not a number that changes smoothly",
                )
                .with_hint("explain a formula with real values"))
            }
        }
    }

    fn sum_rule(&mut self, e: TreeId) -> Result<Outcome, Diagnostic> {
        let terms = self.forge.terms(&[e]);
        let mut moving = terms.clone();
        moving.retain(|&(term, _)| self.depends(term));
        if let ([(term, negative)], true) = (moving.as_slice(), self.options.detail != Detail::Full)
            && !self.is_plain(*term, 8)
        {
            return self.one_moving_term(e, *term, *negative, &terms);
        }
        let linear = self.options.detail != Detail::Full && self.is_plain(e, 8);
        // Sums of powers a person does in one line.
        let in_one_line = linear
            || self.options.detail != Detail::Full
                && moving.iter().all(|&(term, _)| self.is_plain(term, 8) || self.is_monomial(term));
        let (mut children, mut after, mut applied) = (Vec::new(), Vec::new(), None);
        let mut constants = Vec::new();
        for &(term, negative) in &terms {
            let derivative = match in_one_line {
                true => self.derive(term)?.after,
                false => self.child(term, &mut children)?,
            };
            after.push(if negative { self.negative(derivative) } else { derivative });
            if !self.depends(term) {
                constants.push(term);
                continue;
            }
            let d = self.d(term);
            applied = Some(match (applied, negative) {
                (None, false) => d,
                (None, true) => self.forge.put(Node::Prefix(Prefix::Neg, d)),
                (Some(sum), false) => self.forge.raw(Binary::Add, sum, d),
                (Some(sum), true) => self.forge.raw(Binary::Sub, sum, d),
            });
        }
        let after = self.sum(&after);
        let words = match (linear, constants.len()) {
            (true, _) => Words::say("A linear function changes at a constant rate, its slope."),
            (_, 0) => Words::say("Differentiate term by term."),
            (_, 1) => Words::say("Differentiate term by term. The constant ")
                .show(constants[0])
                .and(" has derivative 0."),
            _ => Words::say("Differentiate term by term. The constants ")
                .list(&constants)
                .and(" have derivative 0."),
        };
        let applied = applied.filter(|_| !linear && terms.len() > 1);
        let rules = match in_one_line && !linear {
            true => vec![Rule::Sum, Rule::Power],
            false => vec![Rule::Sum],
        };
        self.done(e, after, Draft { rules, statement: None, words, applied, children })
    }

    /// A sum of which one term moves: its step, with a word about the others.
    fn one_moving_term(
        &mut self,
        e: TreeId,
        term: TreeId,
        negative: bool,
        terms: &[(TreeId, bool)],
    ) -> Result<Outcome, Diagnostic> {
        let constants: Vec<TreeId> = terms.iter().map(|t| t.0).filter(|&t| t != term).collect();
        let words = match constants.len() {
            1 => Words::say("The constant ").show(constants[0]).and(" has derivative 0."),
            _ => Words::say("The constants ").list(&constants).and(" have derivative 0."),
        };
        let inner = self.derive(term)?;
        let sign = self.forge.integer(if negative { -1 } else { 1 });
        Ok(self.merged(e, sign, inner, Rule::Sum, words))
    }

    /// One step with the rule for a part of `e`, whose derivative is a constant times that of the part, as a person
    /// would write it. It keeps the number of the step for the part, so that a later use of the part finds it here.
    fn merged(&mut self, e: TreeId, c: TreeId, inner: Outcome, rule: Rule, words: Words) -> Outcome {
        let after = self.product(&[c, inner.after]);
        let Some(mut step) = inner.step else { return Outcome { after, step: None } };
        let applied = self.scaled(c, step.applied.unwrap_or(step.after));
        let mine = rule.statement_in(&self.variable, self.partial);
        step.statement = match step.statement.is_empty() {
            true => mine,
            false => format!("{mine}; {}", step.statement),
        };
        step.rules.insert(0, rule);
        step.words = match step.words.is_empty() {
            true => words,
            false => words.and(" ").then(step.words),
        };
        step.before = self.d(e);
        step.applied = Some(applied).filter(|&a| a != after);
        step.after = after;
        Outcome { after, step: Some(step) }
    }

    /// Whether `e` is a number times a power of the variable.
    fn is_monomial(&mut self, e: TreeId) -> bool {
        let (_, rest) = self.factors(e);
        let [one] = rest.as_slice() else { return false };
        match self.forge.node(*one) {
            Node::Binary(Binary::Pow, base, n) => {
                self.is_variable(base) && self.forge.as_rational(n).is_some()
            }
            _ => self.is_variable(*one),
        }
    }

    fn product_like(&mut self, e: TreeId) -> Result<Outcome, Diagnostic> {
        let (constants, rest) = self.factors(e);
        match rest.as_slice() {
            [one] if constants.is_empty() => match *self.forge.tree.kind(*one) {
                Kind::Binary(Binary::Div, a, b) => self.fraction(e, a, b),
                _ => self.by_rule(*one),
            },
            [one] => self.constant_multiple(e, &constants, *one),
            [] => Ok(Outcome { after: self.forge.integer(0), step: None }),
            _ => self.product_rule(e, &constants, &rest),
        }
    }

    fn constant_multiple(
        &mut self,
        e: TreeId,
        constants: &[TreeId],
        rest: TreeId,
    ) -> Result<Outcome, Diagnostic> {
        let c = self.product(constants);
        let keep = self.constant_stays(c);
        let inner = self.derive(rest)?;
        let after = self.product(&[c, inner.after]);
        let Some(step) = inner.step else {
            if !self.is_variable(rest) {
                return Ok(Outcome { after, step: None });
            }
            let draft = Draft {
                rules: vec![Rule::ConstantMultiple],
                statement: None,
                words: keep,
                applied: None,
                children: Vec::new(),
            };
            return self.at_a_glance(e, after, draft);
        };
        Ok(self.merged(e, c, Outcome { after: inner.after, step: Some(step) }, Rule::ConstantMultiple, keep))
    }

    fn product_rule(
        &mut self,
        e: TreeId,
        constants: &[TreeId],
        factors: &[TreeId],
    ) -> Result<Outcome, Diagnostic> {
        let halves: Vec<TreeId> = match factors.len() > MOST_FACTORS {
            false => factors.to_vec(),
            true => {
                let (a, b) = factors.split_at(factors.len() / 2);
                [a, b]
                    .iter()
                    .filter_map(|h| h.iter().copied().reduce(|a, b| self.forge.raw(Binary::Mul, a, b)))
                    .collect()
            }
        };
        let c = self.product(constants);
        let mut children = Vec::new();
        let mut derivatives = Vec::new();
        for &factor in &halves {
            derivatives.push(self.child(factor, &mut children)?);
        }
        let (mut terms, mut applied) = (Vec::new(), None);
        for (i, &derivative) in derivatives.iter().enumerate() {
            let with = |new: TreeId| {
                let mut all = halves.clone();
                all[i] = new;
                all
            };
            terms.push(self.product(&[&[c], with(derivative).as_slice()].concat()));
            let d = self.d_inside(halves[i]);
            let Some(term) = with(d).into_iter().reduce(|a, b| self.forge.raw(Binary::Mul, a, b)) else {
                continue;
            };
            applied = Some(match applied {
                None => term,
                Some(sum) => self.forge.raw(Binary::Add, sum, term),
            });
        }
        let after = self.sum(&terms);
        let applied = applied.map(|a| self.scaled(c, a));
        let mut rules = vec![Rule::Product];
        let mut words = match halves.as_slice() {
            [first, second] => {
                let (u, v) = self.letters(e);
                let (first, second) = (self.named(&u, *first), self.named(&v, *second));
                Words::say("The factors are ").show(first).and(" and ").show(second).and(".")
            }
            all => Words::say(format!("There are {} factors, ", all.len()))
                .list(all)
                .and(": each is differentiated once while the others stay."),
        };
        if !constants.is_empty() {
            rules.insert(0, Rule::ConstantMultiple);
            words = self.constant_stays(c).and(" ").then(words);
        }
        self.done(e, after, Draft { rules, statement: None, words, applied, children })
    }

    fn fraction(&mut self, e: TreeId, a: TreeId, b: TreeId) -> Result<Outcome, Diagnostic> {
        if !self.depends(a) {
            return self.reciprocal(e, a, b);
        }
        let mut children = Vec::new();
        let da = self.child(a, &mut children)?;
        let db = self.child(b, &mut children)?;
        let (first, second) = (self.product(&[da, b]), self.product(&[a, db]));
        let second = self.negative(second);
        let top = self.sum(&[first, second]);
        let bottom = self.squared(b);
        let after = self.quotient(top, bottom);
        let applied = {
            let (da, db) = (self.d_inside(a), self.d_inside(b));
            let (first, second) = (self.forge.raw(Binary::Mul, da, b), self.forge.raw(Binary::Mul, a, db));
            let top = self.forge.raw(Binary::Sub, first, second);
            let two = self.forge.integer(2);
            let bottom = self.forge.raw(Binary::Pow, b, two);
            self.forge.raw(Binary::Div, top, bottom)
        };
        let (u, v) = self.letters(e);
        let (top_named, bottom_named) = (self.named(&u, a), self.named(&v, b));
        let words = Words::say("The numerator is ")
            .show(top_named)
            .and(", the denominator ")
            .show(bottom_named)
            .and(".");
        let rules = vec![Rule::Quotient];
        self.done(e, after, Draft { rules, statement: None, words, applied: Some(applied), children })
    }

    /// `b^2`, where `b` is a root or a power as the number under the root or the doubled power.
    fn squared(&mut self, b: TreeId) -> TreeId {
        match self.forge.node(b) {
            Node::Call(head, args) if self.forge.name_of(head) == Some("sqrt") && args.len() == 1 => args[0],
            Node::Binary(Binary::Pow, base, n)
                if self.forge.as_rational(n).and_then(|n| n.as_integer()).is_some_and(|n| n > 0) =>
            {
                let two = self.forge.integer(2);
                let twice = self.product(&[two, n]);
                self.power(base, twice)
            }
            _ => {
                let two = self.forge.integer(2);
                self.power(b, two)
            }
        }
    }

    /// `a/b` with `a` constant: a power of the variable, a power of a function, or 1 over a function.
    fn reciprocal(&mut self, e: TreeId, a: TreeId, b: TreeId) -> Result<Outcome, Diagnostic> {
        let one = self.forge.integer(1);
        let (base, n) = match self.forge.node(b) {
            Node::Binary(Binary::Pow, base, n) if !self.depends(n) => (base, Some(n)),
            _ => (b, None),
        };
        let mut rules = match self.forge.is_number(a, 1) {
            true => vec![],
            false => vec![Rule::ConstantMultiple],
        };
        if self.is_variable(base) || n.is_some() {
            let n = n.unwrap_or(one);
            let minus_n = self.negative(n);
            let minus_one = self.forge.integer(-1);
            let lower = self.sum(&[minus_n, minus_one]);
            let mut children = Vec::new();
            let inner = self.child(base, &mut children)?;
            let raised = self.sum(&[n, one]);
            let below = self.power(base, raised);
            let top = self.product(&[a, minus_n, inner]);
            let after = self.quotient(top, below);
            let rewritten = self.forge.raw(Binary::Pow, base, minus_n);
            let lowered = self.forge.raw(Binary::Pow, base, lower);
            let factor = self.product(&[a, minus_n]);
            let mut applied = self.scaled(factor, lowered);
            let over = self.forge.raw(Binary::Div, one, b);
            let mut words = Words::say("Write ").show(over).and(" as ").show(rewritten).and(".");
            if self.is_variable(base) {
                rules.push(Rule::Power);
                words = words.and(" Bring the exponent down and lower it by one.");
            } else {
                rules.splice(0..0, [Rule::Chain]);
                rules.push(Rule::Power);
                let (u, _) = self.letters(e);
                let letter = self.forge.name(&u);
                let outer = self.forge.raw(Binary::Pow, letter, minus_n);
                let inner = self.named(&u, base);
                words = words.and(" Outer: ").show(outer).and(", inner: ").show(inner).and(".");
                let d = self.d(base);
                applied = self.times(applied, d);
            }
            let glance = self.is_variable(base);
            let draft = Draft { rules, statement: None, words, applied: Some(applied), children };
            return if glance { self.at_a_glance(e, after, draft) } else { self.done(e, after, draft) };
        }
        rules.push(Rule::Reciprocal);
        let mut children = Vec::new();
        let db = self.child(b, &mut children)?;
        let bottom = self.squared(b);
        let top = self.product(&[a, db]);
        let quotient = self.quotient(top, bottom);
        let after = self.negative(quotient);
        let applied = {
            let d = self.d(b);
            let top = self.scaled(a, d);
            let two = self.forge.integer(2);
            let bottom = self.forge.raw(Binary::Pow, b, two);
            let quotient = self.forge.raw(Binary::Div, top, bottom);
            self.forge.put(Node::Prefix(Prefix::Neg, quotient))
        };
        let (_, v) = self.letters(e);
        let named = self.named(&v, b);
        let words = Words::say("The numerator is constant, the denominator is ").show(named).and(".");
        self.done(e, after, Draft { rules, statement: None, words, applied: Some(applied), children })
    }

    fn constant_stays(&self, c: TreeId) -> Words {
        match self.forge.is_number(c, -1) {
            true => Words::say("The minus sign stays."),
            false => Words::say("The constant factor ").show(c).and(" stays."),
        }
    }

    /// `u = formula`, as it stands in a sentence.
    pub(crate) fn named(&mut self, letter: &str, formula: TreeId) -> TreeId {
        let letter = self.forge.name(letter);
        self.forge.put(Node::Equation(letter, formula))
    }

    fn power_like(&mut self, e: TreeId, base: TreeId, exponent: TreeId) -> Result<Outcome, Diagnostic> {
        match (self.depends(base), self.depends(exponent)) {
            (true, true) => self.logarithmic(e, base, exponent),
            (false, _) => self.exponential(e, base, exponent),
            (true, false) => self.power_rule(e, base, exponent),
        }
    }

    fn power_rule(&mut self, e: TreeId, base: TreeId, n: TreeId) -> Result<Outcome, Diagnostic> {
        let minus_one = self.forge.integer(-1);
        let lower = self.sum(&[n, minus_one]);
        let lowered = self.power(base, lower);
        let factor = self.product(&[n, lowered]);
        if self.is_variable(base) {
            // x^(1/2) and x^-3 are worth a line with the new exponent in sight.
            let applied = match self.forge.as_rational(n).and_then(|n| n.as_integer()).is_some_and(|n| n > 0)
            {
                true => None,
                false => {
                    let raw = self.forge.raw(Binary::Pow, base, lower);
                    Some(self.scaled(n, raw))
                }
            };
            let words = Words::say("Bring the exponent down and lower it by one.");
            let rules = vec![Rule::Power];
            let draft = Draft { rules, statement: None, words, applied, children: vec![] };
            return self.at_a_glance(e, factor, draft);
        }
        let (u, _) = self.letters(e);
        let letter = self.forge.name(&u);
        let outer = self.forge.raw(Binary::Pow, letter, n);
        let statement = {
            let (d, x) = (if self.partial { "∂" } else { "d" }, &self.variable);
            let n = if x == "n" { "k" } else { "n" };
            format!("{d}/{d}{x} {u}^{n} = {n}*{u}^({n} - 1)*{d}{u}/{d}{x}")
        };
        // The instance as written: n*u^(n - 1).
        let written = match self.forge.is_number(lower, 1) {
            true => base,
            false => self.forge.raw(Binary::Pow, base, lower),
        };
        let written = match self.forge.as_rational(n).is_some_and(|n| n.is_positive()) {
            true => self.forge.raw(Binary::Mul, n, written),
            false => self.scaled(n, written),
        };
        self.chain(e, Rule::Power, statement, outer, &u, base, factor, written, Words::default())
    }

    /// One step of the chain rule: `outer` in the letter `u`, `inner` in its place, `factor` the derivative of the outer
    /// function there, `written` the same not tidied.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn chain(
        &mut self,
        e: TreeId,
        rule: Rule,
        statement: String,
        outer: TreeId,
        u: &str,
        inner: TreeId,
        factor: TreeId,
        written: TreeId,
        more: Words,
    ) -> Result<Outcome, Diagnostic> {
        let mut children = Vec::new();
        let du = self.child(inner, &mut children)?;
        let after = self.product(&[factor, du]);
        let d = self.d(inner);
        let applied = Some(self.forge.raw(Binary::Mul, written, d));
        let inner = self.named(u, inner);
        let words = Words::say("Outer: ").show(outer).and(", inner: ").show(inner).and(".").then(more);
        let rules = vec![Rule::Chain, rule];
        self.done(e, after, Draft { rules, statement: Some(statement), words, applied, children })
    }

    fn exponential(&mut self, e: TreeId, base: TreeId, exponent: TreeId) -> Result<Outcome, Diagnostic> {
        let natural = self.forge.name_of(base) == Some("e");
        let factor = match natural {
            true => e,
            false => {
                let log = self.forge.call("log", &[base]);
                self.forge.raw(Binary::Mul, e, log)
            }
        };
        let more = match natural {
            true => Words::default(),
            false => Words::say(" The base ").show(base).and(" is constant and must be positive."),
        };
        if self.is_variable(exponent) {
            let after = self.product(&[factor]);
            let words = match natural {
                true => Words::say("The natural exponential function is its own derivative."),
                false => Words::say("The base ").show(base).and(" is constant and must be positive."),
            };
            let rules = vec![Rule::Exponential];
            let applied = Some(factor);
            return self.at_a_glance(
                e,
                after,
                Draft { rules, statement: None, words, applied, children: vec![] },
            );
        }
        let (u, _) = self.letters(e);
        let letter = self.forge.name(&u);
        let outer = self.forge.raw(Binary::Pow, base, letter);
        let (d, x) = (if self.partial { "∂" } else { "d" }, &self.variable);
        let a = if x == "a" { "k" } else { "a" };
        let statement = match natural {
            true => format!("{d}/{d}{x} e^{u} = e^{u}*{d}{u}/{d}{x}"),
            false => format!("{d}/{d}{x} {a}^{u} = {a}^{u}*log({a})*{d}{u}/{d}{x}"),
        };
        self.chain(e, Rule::Exponential, statement, outer, &u, exponent, factor, factor, more)
    }

    fn logarithmic(&mut self, e: TreeId, base: TreeId, exponent: TreeId) -> Result<Outcome, Diagnostic> {
        let log = self.forge.call("log", &[base]);
        let inside = self.forge.raw(Binary::Mul, exponent, log);
        let mut children = Vec::new();
        let derivative = self.child(inside, &mut children)?;
        let after = self.product(&[e, derivative]);
        let d = self.d(inside);
        let applied = Some(self.forge.raw(Binary::Mul, e, d));
        let y = self.forge.fresh(&["y", "z", "w"], &[e]);
        let named = self.named(&y, e);
        let letter = self.forge.name(&y);
        let log_y = self.forge.call("log", &[letter]);
        let equation = self.forge.put(Node::Equation(log_y, inside));
        let words = Words::say("Base and exponent both vary: with ")
            .show(named)
            .and(" take logarithms, ")
            .show(equation)
            .and(format!(
                ", and differentiate both sides: {y}'/{y} is the derivative of the right side. The base must be positive."
            ));
        let rules = vec![Rule::LogarithmicDifferentiation];
        self.done(e, after, Draft { rules, statement: None, words, applied, children })
    }

    fn branches(
        &mut self,
        e: TreeId,
        condition: TreeId,
        a: TreeId,
        b: TreeId,
    ) -> Result<Outcome, Diagnostic> {
        let mut children = Vec::new();
        let rules = vec![Rule::Piecewise];
        if self.depends(condition)
            && let Some(single) = self.single_point(condition)
        {
            let rest = if single { b } else { a };
            let after = self.child(rest, &mut children)?;
            let words =
                Words::say("A branch for a single point does not define a derivative: the other branch, ")
                    .show(rest)
                    .and(", gives it, there too if the function is continuous.");
            let applied = Some(self.d(rest));
            return self.done(e, after, Draft { rules, statement: None, words, applied, children });
        }
        let (da, db) = (self.child(a, &mut children)?, self.child(b, &mut children)?);
        let after = match da == db {
            true => da,
            false => self.forge.put(Node::If(condition, da, db)),
        };
        let mut words =
            Words::say("Each branch is differentiated by itself; the same condition chooses between them.");
        if self.depends(condition) {
            words = words.and(
                " Where the condition changes the function may have a kink or a jump: there, by convention, the branch \
                 that the condition chooses gives the value.",
            );
        }
        let applied = {
            let (da, db) = (self.d_inside(a), self.d_inside(b));
            Some(self.forge.put(Node::If(condition, da, db)))
        };
        self.done(e, after, Draft { rules, statement: None, words, applied, children })
    }

    /// Whether a condition holds at single points (`x = 0`, true) or at all but those (`x != 0`, false).
    fn single_point(&self, condition: TreeId) -> Option<bool> {
        match self.forge.node(condition) {
            Node::Compare(_, relations) => match relations.as_slice() {
                [Relation::Equal] => Some(true),
                [Relation::NotEqual] => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn components(&mut self, e: TreeId, parts: &[TreeId]) -> Result<Outcome, Diagnostic> {
        let mut children: Vec<Step> = Vec::new();
        let (mut after, mut applied) = (Vec::new(), Vec::new());
        for &part in parts {
            after.push(self.child(part, &mut children)?);
            applied.push(self.d_inside(part));
        }
        let after = self.forge.put(Node::Vector(after));
        let applied = Some(self.forge.put(Node::Vector(applied)));
        let words =
            Words::say(format!("Each of the {} components is differentiated by itself.", parts.len()));
        self.done(
            e,
            after,
            Draft { rules: vec![Rule::Componentwise], statement: None, words, applied, children },
        )
    }
}
