//! Calls of rows in normal form: exact values, parity, and the rewrites that the row itself states.

use agnesi_functions::{FunctionId, Parity, table};
use smallvec::SmallVec;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{Args, Constant, NodeId, Op};

/// The largest argument of a factorial that is written out.
const MAX_FACTORIAL: i64 = 300;

impl Graph {
    /// `f(args)` in normal form. Powers and roots become powers, what the row's rewrites say is done, and exact
    /// arguments give exact values where the function has them.
    ///
    /// Tensors are met entry by entry: all arguments have one shape, or are scalars.
    pub fn call(&mut self, f: FunctionId, args: &[NodeId]) -> NodeId {
        if args.iter().any(|a| !self.is_scalar(*a)) {
            return self.call_elementwise(f, args);
        }
        let k = known();
        let one_arg = args.len() == 1;
        if one_arg {
            let a = args[0];
            if f == k.sqrt {
                return self.elementwise_power(a, Rational::HALF);
            }
            if f == k.cbrt {
                return self.elementwise_power(a, Rational::new(1, 3).unwrap_or(Rational::ONE));
            }
        } else if args.len() == 2 {
            if f == k.pow {
                return self.general_power(args[0], args[1]);
            }
            if f == k.root
                && let Some(n) = self.as_number(args[1]).and_then(|n| n.recip())
            {
                return self.elementwise_power(args[0], n);
            }
        }
        if let Some(exact) = self.fold(f, args) {
            return exact;
        }
        if one_arg && (f.0 as usize) < table().len() {
            let a = args[0];
            if let Some(reduced) = self.reduce_turns(f, a) {
                return reduced;
            }
            if matches!(self.op(a), Op::Contract(c) if c.coefficient.is_negative())
                && let Some(parity) = self.laws.parity(f)
            {
                let (c, core) = self.split_coefficient(a);
                let positive = self.scaled(-&c, core);
                let inner = self.call(f, &[positive]);
                return match parity {
                    Parity::Even => inner,
                    Parity::Odd => self.neg(inner),
                };
            }
        }
        if let Some(rewritten) = self.rewrite_call(f, args) {
            return rewritten;
        }
        self.intern_call(f, args)
    }

    /// `f(args)` without looking for another form.
    pub(crate) fn intern_call(&mut self, f: FunctionId, args: &[NodeId]) -> NodeId {
        let shape = args.iter().map(|a| self.shape(*a)).find(|s| !s.is_empty()).cloned().unwrap_or_default();
        self.intern(Op::Call(f, Args::from_slice(args)), shape)
    }

    /// `a^e` entry by entry.
    pub fn elementwise_power(&mut self, a: NodeId, e: Rational) -> NodeId {
        if self.is_scalar(a) {
            return self.power(a, e);
        }
        self.by_entries(&[a], |g, args| g.power(args[0], e))
    }

    /// `base^exponent` where the exponent need not be a number.
    pub fn general_power(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        if !self.is_scalar(base) || !self.is_scalar(exponent) {
            return self.by_entries(&[base, exponent], |g, args| g.general_power(args[0], args[1]));
        }
        if let Some(e) = self.as_number(exponent).cloned() {
            return self.power(base, e);
        }
        if base == self.one() {
            return base;
        }
        match self.op(base) {
            Op::Constant(Constant::E) => return self.call(known().exp, &[exponent]),
            Op::Call(f, args) if *f == known().exp => {
                let u = args[0];
                let product = self.mul(u, exponent);
                return self.call(known().exp, &[product]);
            }
            Op::Call(f, args) if *f == known().pow => {
                let (inner, power) = (args[0], args[1]);
                // (x^n)^y is x^(n*y) for positive x only, and x^n for whole n is defined for all x but 0.
                if !self.bounds(power).integer || self.bounds(exponent).integer || self.is_nonnegative(inner)
                {
                    let product = self.mul(power, exponent);
                    return self.general_power(inner, product);
                }
            }
            _ => {}
        }
        if let Some(rewritten) = self.rewrite_call(known().pow, &[base, exponent]) {
            return rewritten;
        }
        self.intern_call(known().pow, &[base, exponent])
    }

    /// Exact values at exact arguments that no finite list of laws could state.
    fn fold(&mut self, f: FunctionId, args: &[NodeId]) -> Option<NodeId> {
        let k = known();
        if f == k.min || f == k.max {
            let &[a, b] = args else { return None };
            if a == b {
                return Some(a);
            }
            let d = self.sub(a, b);
            let bounds = self.bounds(d);
            let larger = if bounds.is_nonnegative() {
                a
            } else if bounds.is_nonpositive() {
                b
            } else {
                // max(u, 0) is relu(u), whose kink has a convention of its own; otherwise symmetric: one order.
                let other = if self.is_zero(a) { Some(b) } else { self.is_zero(b).then_some(a) };
                return match other {
                    Some(u) if f == k.max => Some(self.call(k.relu, &[u])),
                    Some(u) => {
                        let minus = self.neg(u);
                        let relu = self.call(k.relu, &[minus]);
                        Some(self.neg(relu))
                    }
                    None => (a > b).then(|| self.intern_call(f, &[b, a])),
                };
            };
            let smaller = if larger == a { b } else { a };
            return Some(if f == k.max { larger } else { smaller });
        }
        let first = self.as_number(*args.first()?)?.clone();
        let name = if (f.0 as usize) < table().len() { f.row().name } else { return None };
        let integer = first.as_integer();
        let value = match (name, args.len()) {
            ("abs", 1) => first.abs(),
            ("sign", 1) if first.is_zero() => Rational::ZERO,
            ("sign", 1) => Rational::from(if first.is_negative() { -1 } else { 1 }),
            ("step", 1) => Rational::from(first.is_positive() as i64),
            ("relu", 1) => first.clone().max(Rational::ZERO),
            ("floor", 1) => first.floor(),
            ("ceil", 1) => -&(-&first).floor(),
            ("frac", 1) if !first.is_negative() => &first - &first.floor(),
            ("mod", 2) => {
                let second = self.as_number(args[1])?.clone();
                let quotient = (&first * &second.recip()?).floor();
                &first - &(&quotient * &second)
            }
            ("factorial", 1) => factorial(integer?)?,
            ("gamma", 1) => factorial(integer? - 1)?,
            ("binomial", 2) => {
                let (n, k) = (integer?, self.as_number(args[1])?.as_integer()?);
                if !(0..=MAX_FACTORIAL).contains(&n) || !(0..=n).contains(&k) {
                    return None;
                }
                let below = (&factorial(k)? * &factorial(n - k)?).recip()?;
                &factorial(n)? * &below
            }
            // A perfect power of the base has an exact logarithm.
            ("log2", 1) => exact_log(&first, 2)?,
            ("log10", 1) => exact_log(&first, 10)?,
            _ => return None,
        };
        Some(self.number(value))
    }

    /// Trigonometric functions of `q*pi + rest`: whole turns are dropped, and a lone multiple of pi is brought into
    /// the first quadrant, where the table's own values hold.
    fn reduce_turns(&mut self, f: FunctionId, a: NodeId) -> Option<NodeId> {
        let k = known();
        if ![k.sin, k.cos, k.tan, k.cot, k.sec, k.csc].contains(&f) {
            return None;
        }
        let is_pi = |node: NodeId| *self.op(node) == Op::Constant(Constant::Pi);
        let may_hold = |node: NodeId| is_pi(node) || matches!(self.op(node), Op::Add(_));
        let terms: SmallVec<[(Rational, NodeId); 4]> = match self.op(a) {
            Op::Symbol(_) | Op::Call(..) => return None,
            Op::Contract(c) if !c.factors.iter().any(|f| may_hold(f.node)) => return None,
            Op::Add(sum) if !sum.terms.iter().any(|(_, term)| is_pi(*term)) => return None,
            _ => self.terms(a).into(),
        };
        let pi = self.constant(Constant::Pi);
        let at = terms.iter().position(|(_, node)| *node == pi)?;
        let q = terms[at].0.clone();
        if terms.len() > 1 {
            // Only whole half-turns: sin(x + pi) = -sin(x), tan(x + pi) = tan(x). What is left lies above -1/2 and goes
            // up to 1/2, which stays: taken to -1/2, the sign of the whole would bring it back for ever.
            let half_turns = -&(&Rational::HALF - &q).floor();
            if half_turns.is_zero() {
                return None;
            }
            let mut rest = terms.clone();
            rest[at].0 = &q - &half_turns;
            let inner = self.sum(&rest);
            let value = self.call(f, &[inner]);
            let flips = !half_turns.numerator_even() && f != k.tan && f != k.cot;
            return Some(if flips { self.neg(value) } else { value });
        }
        // q = quarters/2 + rest with rest in [0, 1/2).
        let quarters = (&q * &Rational::TWO).floor();
        if quarters.is_zero() {
            return None;
        }
        let rest = &q - &(&quarters * &Rational::HALF);
        let inner = self.scale(rest, pi);
        // Adding a quarter turn: sin -> cos, cos -> -sin, tan -> -cot, cot -> -tan, sec -> -csc, csc -> sec.
        let quarter = (&quarters - &(&(&quarters * &Rational::new(1, 4)?).floor() * &Rational::from(4)))
            .as_integer()?;
        let (mut g, mut negative) = (f, false);
        for _ in 0..quarter {
            let (next, flips) = if g == k.sin {
                (k.cos, false)
            } else if g == k.cos {
                (k.sin, true)
            } else if g == k.tan {
                (k.cot, true)
            } else if g == k.cot {
                (k.tan, true)
            } else if g == k.sec {
                (k.csc, true)
            } else {
                (k.sec, false)
            };
            g = next;
            negative ^= flips;
        }
        let pole = self.is_zero(inner) && (g == k.cot || g == k.csc);
        if pole {
            return None;
        }
        let value = self.call(g, &[inner]);
        Some(if negative { self.neg(value) } else { value })
    }
}

fn factorial(n: i64) -> Option<Rational> {
    (0..=MAX_FACTORIAL).contains(&n).then(|| (2..=n).fold(Rational::ONE, |p, i| &p * &Rational::from(i)))
}

fn exact_log(value: &Rational, base: i64) -> Option<Rational> {
    let guess = (value.to_f64().ln() / (base as f64).ln()).round();
    if !guess.is_finite() || guess.abs() > 1000.0 {
        return None;
    }
    (Rational::from(base).pow(guess as i64).as_ref() == Some(value)).then(|| Rational::from(guess as i64))
}

impl Graph {
    /// The integral of `body` over a symbol.
    pub fn integral(&mut self, body: NodeId, variable: crate::SymbolId, from: NodeId, to: NodeId) -> NodeId {
        if self.is_zero(body) || from == to {
            return self.zero();
        }
        self.intern(Op::Integral { body, variable, from, to }, Shape::new())
    }
}
