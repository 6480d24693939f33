//! Scalars of scalars, as they stand in the graph.

use agnesi_functions::{FunctionId, Parity};
use agnesi_syntax::{Binary, Kind, Relation, Span, TreeId};

use super::Raiser;
use crate::Rational;
use crate::known::known;
use crate::op::{Constant, Contract, NodeId, Op, Sign};

impl Raiser<'_> {
    pub(super) fn node(&mut self, root: NodeId) -> TreeId {
        // Children first, without recursion: a node is written once everything it is written with is there.
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if self.done.contains_key(&top) {
                stack.pop();
                continue;
            }
            let missing: Vec<NodeId> =
                self.parts(top).into_iter().filter(|n| !self.done.contains_key(n)).collect();
            if missing.is_empty() {
                let id = self.write(top);
                self.done.insert(top, id);
                stack.pop();
            } else {
                stack.extend(missing);
            }
        }
        self.done[&root]
    }

    /// The nodes that a node is written with.
    fn parts(&mut self, node: NodeId) -> Vec<NodeId> {
        match self.g.op(node).clone() {
            Op::Add(_) => self.g.terms(node).into_iter().map(|(_, n)| n).collect(),
            Op::Compare(_, d) => self.g.terms(d).into_iter().map(|(_, n)| n).collect(),
            Op::Contract(c) => match &*c.factors {
                [f] if f.exponent.is_one()
                    && c.sizes.is_empty()
                    && matches!(self.g.op(f.node), Op::Add(_)) =>
                {
                    self.g.terms(node).into_iter().map(|(_, n)| n).collect()
                }
                factors => factors.iter().map(|f| f.node).collect(),
            },
            Op::Not(inner) => match self.g.op(inner).clone() {
                Op::Compare(_, d) => self.g.terms(d).into_iter().map(|(_, n)| n).collect(),
                _ => vec![inner],
            },
            Op::Integral { body, variable, from, to } => vec![body, self.g.symbol_node(variable), from, to],
            Op::Loop(made) => {
                // Its symbols get their names before they are written.
                self.name_bound(node, &made);
                let states = made.states.iter().flat_map(|state| [state.first, state.next]);
                std::iter::once(made.count).chain(states).collect()
            }
            _ => {
                let mut children = Vec::new();
                self.g.for_each_child(node, |c| children.push(c));
                children
            }
        }
    }

    fn written(&self, node: NodeId) -> TreeId {
        self.done[&node]
    }

    pub(super) fn push(&mut self, kind: Kind) -> TreeId {
        self.tree.push(kind, Span::default())
    }

    fn write(&mut self, node: NodeId) -> TreeId {
        match self.g.op(node).clone() {
            Op::Symbol(id) => {
                let name = self.symbol_name(id);
                self.tree.name(name)
            }
            Op::Constant(c) => self.tree.name(match c {
                Constant::Pi => "pi",
                Constant::E => "e",
                Constant::Infinity => "inf",
                Constant::Named(i) => agnesi_functions::constants()[i as usize].name,
            }),
            Op::Add(_) => self.sum(node),
            Op::Contract(c) if c.sizes.is_empty() => match &*c.factors {
                [f] if f.exponent.is_one() && matches!(self.g.op(f.node), Op::Add(_)) => self.sum(node),
                _ => self.product(&c),
            },
            Op::Contract(_) => self.in_matrix_notation(node),
            Op::Call(f, args) => {
                if let &[argument] = &args[..]
                    && matches!(self.g.op(argument), Op::Add(sum) if sum.flipped)
                    && self.is_difference(argument)
                    && self.g.laws.parity(f) == Some(Parity::Even)
                {
                    // |x - 3| is kept as it came.
                    return self.call_of_negated(f, argument);
                }
                let args: Vec<TreeId> = args.iter().map(|a| self.written(*a)).collect();
                if f == known().pow {
                    return self.tree.binary(Binary::Pow, args[0], args[1]);
                }
                let name = self.g.function_name(f).to_string();
                self.tree.call(&name, &args)
            }
            Op::Truth(value) => self.tree.name(if value { "true" } else { "false" }),
            Op::Compare(sign, d) => self.compare(d, sign, false),
            Op::Not(inner) => match self.g.op(inner).clone() {
                Op::Compare(sign, d) => self.compare(d, sign, true),
                _ => {
                    let inner = self.written(inner);
                    self.push(Kind::Prefix(agnesi_syntax::Prefix::Not, inner))
                }
            },
            Op::And(list) => self.scalar_junction(&list, Binary::And),
            Op::Or(list) => self.scalar_junction(&list, Binary::Or),
            Op::Select(c, a, b) => {
                let (c, a, b) = (self.written(c), self.written(a), self.written(b));
                self.push(Kind::If(c, a, b))
            }
            Op::Integral { body, variable, from, to } => {
                let variable = self.g.symbol_node(variable);
                let args = [body, variable, from, to].map(|n| self.written(n));
                self.tree.call("integral", &args)
            }
            Op::Loop(made) => self.scalar_loop(node, &made),
            Op::Reduce(..) | Op::Linear(..) | Op::Iota(_) | Op::OneHot(..) => self.in_matrix_notation(node),
        }
    }

    /// What is no scalar of scalars.
    fn in_matrix_notation(&mut self, node: NodeId) -> TreeId {
        let form = self.form(node);
        self.render(form)
    }

    fn scalar_junction(&mut self, list: &[NodeId], op: Binary) -> TreeId {
        // What is defined everywhere comes first: it may guard the rest.
        let mut list = list.to_vec();
        list.sort_by_cached_key(|n| self.may_be_undefined(*n));
        let mut ids = list.iter().map(|n| self.done[n]).collect::<Vec<_>>().into_iter();
        let first = ids.next().unwrap_or(TreeId(0));
        ids.fold(first, |a, b| self.tree.binary(op, a, b))
    }

    /// Whether a condition contains what is not defined for all real numbers.
    fn may_be_undefined(&self, condition: NodeId) -> bool {
        self.g.topological(condition).into_iter().any(|node| match self.g.op(node) {
            Op::Contract(c) => {
                c.factors.iter().any(|f| f.exponent.is_negative() || !f.exponent.denominator_odd())
            }
            Op::Call(f, _) => self.g.taught(*f).is_some() || f.row().domain != "true",
            Op::Integral { .. } | Op::Loop(_) => true,
            _ => false,
        })
    }

    /// A number that is not negative.
    pub(super) fn magnitude(&mut self, value: &Rational) -> TreeId {
        if value.is_integer() {
            return self.tree.number(integer_text(value));
        }
        if self.style.decimals
            && let Some(text) = value.to_decimal()
        {
            return self.tree.number(text);
        }
        let n = self.tree.number(value.numerator().to_string());
        let d = self.tree.number(value.denominator().to_string());
        self.tree.binary(Binary::Div, n, d)
    }

    fn number(&mut self, value: &Rational) -> TreeId {
        let magnitude = self.magnitude(&value.abs());
        if value.is_negative() { self.tree.neg(magnitude) } else { magnitude }
    }

    /// `|c| * node` for a node that is already written.
    fn term(&mut self, c: &Rational, node: NodeId) -> TreeId {
        let c = c.abs();
        if node == self.g.one() {
            return self.magnitude(&c);
        }
        if c.is_one() {
            return self.written(node);
        }
        match self.g.op(node).clone() {
            Op::Contract(inner) if inner.sizes.is_empty() => {
                self.product(&Contract { coefficient: c, ..Contract::clone(&inner) })
            }
            _ => {
                let factor = crate::Factor::scalar(node, Rational::ONE);
                self.product(&Contract {
                    coefficient: c,
                    factors: smallvec::smallvec![factor],
                    out: Default::default(),
                    sizes: Default::default(),
                })
            }
        }
    }

    fn sum(&mut self, node: NodeId) -> TreeId {
        let terms = self.g.terms(node);
        self.join(terms)
    }

    fn join(&mut self, mut terms: Vec<(Rational, NodeId)>) -> TreeId {
        // A sum reads better when it does not begin with a minus.
        if terms.first().is_some_and(|(c, _)| c.is_negative())
            && let Some(at) = terms.iter().position(|(c, _)| !c.is_negative())
        {
            let first = terms.remove(at);
            terms.insert(0, first);
        }
        let mut result: Option<TreeId> = None;
        for (c, node) in terms {
            let term = self.term(&c, node);
            result = Some(match result {
                None if c.is_negative() => self.tree.neg(term),
                None => term,
                Some(left) => {
                    let op = if c.is_negative() { Binary::Sub } else { Binary::Add };
                    self.tree.binary(op, left, term)
                }
            });
        }
        match result {
            Some(id) => id,
            None => self.tree.number("0"),
        }
    }

    fn product(&mut self, c: &Contract) -> TreeId {
        if c.factors.is_empty() {
            return self.number(&c.coefficient);
        }
        let mut negative = c.coefficient.is_negative();
        let mut magnitude = c.coefficient.abs();
        // Radicals of numbers under one root, and below the line where that saves the denominator: sqrt(2)*sqrt(3) is
        // sqrt(6), sqrt(2)*x/2 is x/sqrt(2).
        let mut radicals: Vec<(Rational, Rational)> = Vec::new();
        let mut radicals_below: Vec<(Rational, Rational)> = Vec::new();
        let mut factors: Vec<(u8, String, NodeId, Rational)> = Vec::new();
        let numbers_only = c.factors.iter().all(|f| self.g.as_number(f.node).is_some());
        for f in &c.factors {
            let Some(value) = self.g.as_number(f.node).filter(|_| !f.exponent.is_integer()).cloned() else {
                let (rank, name) = self.reading_order(f.node);
                factors.push((rank, name, f.node, f.exponent.clone()));
                continue;
            };
            let saves = &magnitude * &value;
            let shorter = saves.denominator() < magnitude.denominator() && value.is_integer();
            let (list, e) = if shorter && !numbers_only {
                magnitude = saves;
                (&mut radicals_below, &Rational::ONE - &f.exponent)
            } else {
                (&mut radicals, f.exponent.clone())
            };
            match list.iter_mut().find(|(k, _)| *k == e) {
                Some((_, product)) => *product = &*product * &value,
                None => list.push((e, value)),
            }
        }
        let (mut above, mut below): (Vec<TreeId>, Vec<TreeId>) = (Vec::new(), Vec::new());
        let decimal = self.style.decimals && !magnitude.is_integer() && magnitude.to_decimal().is_some();
        if decimal {
            above.push(self.magnitude(&magnitude));
        } else {
            let n = magnitude.numerator().to_string();
            let d = magnitude.denominator().to_string();
            if n != "1" {
                above.push(self.tree.number(shortened(n)));
            }
            if d != "1" {
                below.push(self.tree.number(shortened(d)));
            }
        }
        for (e, value) in radicals {
            let base = self.number(&value);
            above.push(self.power(base, &e));
        }
        // sqrt(2)*sqrt(pi) below the line is sqrt(2*pi).
        for (e, value) in radicals_below {
            let mut inside = vec![self.number(&value)];
            factors.retain(|(_, _, node, k)| {
                let joins = *k == -&e && matches!(self.g.op(*node), Op::Constant(_));
                if joins {
                    inside.push(self.done[node]);
                }
                !joins
            });
            let base = self.multiply(&inside);
            below.push(self.power(base, &e));
        }
        factors.sort_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
        for (_, _, node, e) in factors {
            let (base, flipped) = self.with_sign(node, &e, negative);
            negative ^= flipped;
            if e.is_negative() {
                below.push(self.power(base, &-&e));
            } else {
                above.push(self.power(base, &e));
            }
        }
        let above = self.multiply(&above);
        let result = if below.is_empty() {
            above
        } else {
            let below = self.multiply(&below);
            self.tree.binary(Binary::Div, above, below)
        };
        if negative { self.tree.neg(result) } else { result }
    }

    /// A factor as it is written: a difference may turn its sign, under an even power to how it first came, under an
    /// odd one to take a minus away. The flag says that it took one.
    fn with_sign(&mut self, node: NodeId, e: &Rational, negative: bool) -> (TreeId, bool) {
        let written = self.written(node);
        if let Op::Call(f, args) = self.g.op(node)
            && let (f, &[argument]) = (*f, &args[..])
            && negative
            && e.is_integer()
            && !e.numerator_even()
            && self.g.laws.parity(f) == Some(Parity::Odd)
            && self.is_difference(argument)
        {
            // -sin(3 - x) is sin(x - 3).
            return (self.call_of_negated(f, argument), true);
        }
        let Op::Add(sum) = self.g.op(node) else { return (written, false) };
        let difference = sum.terms.iter().any(|(c, _)| c.is_negative());
        if !e.is_integer() || !difference {
            return (written, false);
        }
        let even = e.numerator_even();
        if (even && sum.flipped) || (!even && negative) {
            let mut terms = self.g.terms(node);
            terms.iter_mut().for_each(|t| t.0 = -&t.0);
            return (self.join(terms), !even);
        }
        (written, false)
    }

    fn is_difference(&self, node: NodeId) -> bool {
        matches!(self.g.op(node), Op::Add(sum) if sum.terms.iter().any(|(c, _)| c.is_negative()))
    }

    fn call_of_negated(&mut self, f: FunctionId, argument: NodeId) -> TreeId {
        let mut terms = self.g.terms(argument);
        terms.iter_mut().for_each(|t| t.0 = -&t.0);
        let argument = self.join(terms);
        let name = self.g.function_name(f).to_string();
        self.tree.call(&name, &[argument])
    }

    fn multiply(&mut self, factors: &[TreeId]) -> TreeId {
        let Some((first, rest)) = factors.split_first() else { return self.tree.number("1") };
        rest.iter().fold(*first, |a, b| self.tree.binary(Binary::Mul, a, *b))
    }

    /// Constants, then symbols by name, then functions, then sums.
    pub(super) fn reading_order(&self, node: NodeId) -> (u8, String) {
        match self.g.op(node) {
            Op::Constant(_) => (0, String::new()),
            Op::Symbol(id) => (1, self.g.symbol_info(*id).name.to_string()),
            Op::Call(..) => (2, String::new()),
            Op::Add(_) => (3, String::new()),
            _ => (4, String::new()),
        }
    }

    fn power(&mut self, base: TreeId, e: &Rational) -> TreeId {
        if e.is_one() {
            return base;
        }
        if *e == Rational::HALF {
            return self.tree.call("sqrt", &[base]);
        }
        let exponent = self.number(e);
        self.tree.binary(Binary::Pow, base, exponent)
    }

    /// `d > 0` with what is subtracted on the other side: `x > 1`.
    fn compare(&mut self, d: NodeId, sign: Sign, not: bool) -> TreeId {
        let one = self.g.one();
        let terms = self.g.terms(d);
        let constant_last = |(_, n): &(Rational, NodeId)| *n == one;
        let flip = terms.iter().filter(|t| !constant_last(t)).all(|(c, _)| c.is_negative());
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (c, node) in terms {
            let c = if flip { -&c } else { c };
            if node == one || c.is_negative() {
                right.push((-&c, node));
            } else {
                left.push((c, node));
            }
        }
        let relation = match (sign, not, flip) {
            (Sign::Zero, false, _) => Relation::Equal,
            (Sign::Zero, true, _) => Relation::NotEqual,
            (Sign::Positive, false, false) | (Sign::NonNegative, true, true) => Relation::Greater,
            (Sign::Positive, false, true) | (Sign::NonNegative, true, false) => Relation::Less,
            (Sign::NonNegative, false, false) | (Sign::Positive, true, true) => Relation::GreaterEqual,
            (Sign::NonNegative, false, true) | (Sign::Positive, true, false) => Relation::LessEqual,
        };
        let (left, right) = (self.join(left), self.join(right));
        let operands = self.tree.list(&[left, right]);
        self.push(Kind::Compare { operands, relations: vec![relation] })
    }
}

fn integer_text(value: &Rational) -> String {
    shortened(value.to_string())
}

/// A long integer that ends in zeros as `12e300`, which reads as the same exact number.
fn shortened(digits: String) -> String {
    let kept = digits.trim_end_matches('0').len().max(1);
    let zeros = digits.len() - kept;
    if digits.len() > 21 && zeros > kept { format!("{}e{zeros}", &digits[..kept]) } else { digits }
}
