//! What is certain about a value: an interval with exact ends, and whether it can be zero.
//!
//! Unknown is never true: every bound here holds at every point where the expression is defined.

use std::sync::{LazyLock, OnceLock};

use agnesi_functions::{FunctionId, table};
use agnesi_syntax::{Kind, Relation, Tree, TreeId};

use crate::Rational;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::known::known;
use crate::op::{Constant, Linear, NodeId, Op, Reduction};
use crate::types::Structure;

/// An end of an interval and whether the end itself is excluded.
type End = Option<(Rational, bool)>;

/// An interval that holds the value wherever the expression is defined.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The lower end; `None` is minus infinity.
    pub low: End,
    /// The upper end; `None` is infinity.
    pub high: End,
    /// Whether the value is known not to be zero, beyond what the ends say.
    pub nonzero: bool,
    /// Whether the value is known to be whole.
    pub integer: bool,
}

impl Bounds {
    fn point(value: &Rational) -> Bounds {
        Bounds {
            low: Some((value.clone(), false)),
            high: Some((value.clone(), false)),
            nonzero: !value.is_zero(),
            integer: value.is_integer(),
        }
    }

    fn between(low: (i64, i64), high: (i64, i64)) -> Bounds {
        let end = |(n, d): (i64, i64)| Rational::new(n, d).map(|r| (r, true));
        Bounds { low: end(low), high: end(high), nonzero: false, integer: false }
    }

    fn at_least_zero(open: bool) -> Bounds {
        Bounds { low: Some((Rational::ZERO, open)), high: None, nonzero: open, integer: false }
    }

    /// Whether it is above zero.
    pub fn is_positive(&self) -> bool {
        self.low.as_ref().is_some_and(|(v, open)| v.is_positive() || (v.is_zero() && (*open || self.nonzero)))
    }

    /// Whether it is not below zero.
    pub fn is_nonnegative(&self) -> bool {
        self.low.as_ref().is_some_and(|(v, _)| !v.is_negative())
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.high
            .as_ref()
            .is_some_and(|(v, open)| v.is_negative() || (v.is_zero() && (*open || self.nonzero)))
    }

    /// Whether it is not above zero.
    pub fn is_nonpositive(&self) -> bool {
        self.high.as_ref().is_some_and(|(v, _)| !v.is_positive())
    }

    /// Whether it is not zero.
    pub fn is_nonzero(&self) -> bool {
        self.nonzero || self.is_positive() || self.is_negative()
    }

    fn scaled(&self, c: &Rational) -> Bounds {
        let end = |e: &End| e.as_ref().map(|(v, open)| (v * c, *open));
        let (low, high) = if c.is_negative() {
            (end(&self.high), end(&self.low))
        } else {
            (end(&self.low), end(&self.high))
        };
        Bounds { low, high, nonzero: self.nonzero, integer: self.integer && c.is_integer() }
    }

    fn plus(&self, other: &Bounds) -> Bounds {
        let end = |a: &End, b: &End| match (a, b) {
            (Some((a, p)), Some((b, q))) => Some((a + b, *p || *q)),
            _ => None,
        };
        Bounds {
            low: end(&self.low, &other.low),
            high: end(&self.high, &other.high),
            nonzero: false,
            integer: self.integer && other.integer,
        }
    }

    fn times(&self, other: &Bounds) -> Bounds {
        let nonzero = self.is_nonzero() && other.is_nonzero();
        let integer = self.integer && other.integer;
        let sign = |b: &Bounds| {
            if b.is_nonnegative() {
                1
            } else if b.is_nonpositive() {
                -1
            } else {
                0
            }
        };
        let base = match (sign(self), sign(other)) {
            (0, _) | (_, 0) => Bounds::default(),
            (a, b) if a == b => Bounds::at_least_zero(false),
            _ => Bounds::at_least_zero(false).scaled(&Rational::MINUS_ONE),
        };
        // Of two finite intervals the product is the hull of the products of the ends.
        let ends = |b: &Bounds| Some((b.low.clone()?.0, b.high.clone()?.0));
        let mut result = base;
        if let (Some((a, b)), Some((c, d))) = (ends(self), ends(other)) {
            let all = [&a * &c, &a * &d, &b * &c, &b * &d];
            let (low, high) = (all.iter().min().cloned(), all.iter().max().cloned());
            result.low = low.map(|v| (v, false));
            result.high = high.map(|v| (v, false));
        }
        Bounds { nonzero, integer, ..result }
    }

    fn hull(&self, other: &Bounds) -> Bounds {
        let pick = |a: &End, b: &End, low: bool| match (a, b) {
            (Some((a, p)), Some((b, q))) => Some(match a.cmp(b) {
                std::cmp::Ordering::Equal => (a.clone(), *p && *q),
                order => {
                    if (order == std::cmp::Ordering::Less) == low {
                        (a.clone(), *p)
                    } else {
                        (b.clone(), *q)
                    }
                }
            }),
            _ => None,
        };
        Bounds {
            low: pick(&self.low, &other.low, true),
            high: pick(&self.high, &other.high, false),
            nonzero: self.is_nonzero() && other.is_nonzero(),
            integer: self.integer && other.integer,
        }
    }

    fn raised(&self, e: &Rational) -> Bounds {
        let even = e.numerator_even() || !e.denominator_odd();
        let nonzero = self.is_nonzero() || e.is_negative();
        if even || self.is_nonnegative() {
            let mut result = Bounds::at_least_zero(nonzero);
            if let (Some(n), Some((low, a)), Some((high, b))) = (e.as_integer(), &self.low, &self.high)
                && (1..=4).contains(&n)
                && low.bits().max(high.bits()) < 64
            {
                let (x, y) = (low.abs().pow(n), high.abs().pow(n));
                if let (Some(x), Some(y)) = (x, y) {
                    if !low.is_negative() {
                        result.low = Some((x.clone(), *a));
                    } else if !high.is_positive() {
                        result.low = Some((y.clone(), *b));
                    }
                    result.high = Some(if x > y {
                        (x, *a)
                    } else if y > x {
                        (y, *b)
                    } else {
                        (x, *a && *b)
                    });
                }
            } else if e.is_positive() && self.low.as_ref().is_some_and(|(v, _)| *v >= Rational::ONE) {
                result.low = Some((Rational::ONE, false));
            }
            result.integer = self.integer && e.is_integer() && e.is_positive();
            return result;
        }
        if e.is_one() {
            return self.clone();
        }
        let mut result = Bounds { nonzero, ..Bounds::default() };
        if self.is_nonpositive() {
            result = Bounds::at_least_zero(nonzero).scaled(&Rational::MINUS_ONE);
        }
        result.integer = self.integer && e.is_integer() && e.is_positive();
        result
    }

    fn of_facts(facts: Facts) -> Bounds {
        let mut bounds = Bounds::default();
        if facts.has(Facts::NONNEGATIVE) {
            bounds.low = Some((Rational::ZERO, facts.has(Facts::POSITIVE)));
        }
        if facts.has(Facts::NONPOSITIVE) {
            bounds.high = Some((Rational::ZERO, facts.has(Facts::NEGATIVE)));
        }
        bounds.nonzero = facts.has(Facts::NONZERO);
        bounds.integer = facts.has(Facts::INTEGER);
        bounds
    }
}

impl Graph {
    /// What is certain about the value of a scalar node, or about every entry of a tensor. Cached.
    pub fn bounds(&mut self, node: NodeId) -> Bounds {
        if self.bounds.len() < self.len() {
            self.bounds.resize(self.len(), None);
        }
        if let Some(known) = &self.bounds[node.index()] {
            return (**known).clone();
        }
        // Children first, without recursion.
        let mut stack = vec![node];
        while let Some(&top) = stack.last() {
            let mut waiting = false;
            let bounds = &self.bounds;
            self.for_each_child(top, |child| {
                if bounds[child.index()].is_none() {
                    stack.push(child);
                    waiting = true;
                }
            });
            if waiting {
                continue;
            }
            stack.pop();
            if self.bounds[top.index()].is_none() {
                let found = self.compute_bounds(top);
                self.bounds[top.index()] = Some(Box::new(found));
            }
        }
        self.bounds[node.index()].as_deref().cloned().unwrap_or_default()
    }

    /// Whether the value is known not to be below zero.
    pub fn is_nonnegative(&mut self, node: NodeId) -> bool {
        self.bounds(node).is_nonnegative()
    }

    fn known_bounds(&self, node: NodeId) -> &Bounds {
        static ANY: LazyLock<Bounds> = LazyLock::new(Bounds::default);
        self.bounds[node.index()].as_deref().unwrap_or(&ANY)
    }

    fn compute_bounds(&self, node: NodeId) -> Bounds {
        match self.op(node) {
            Op::Symbol(id) => Bounds::of_facts(self.symbol_info(*id).facts),
            Op::Constant(constant) => match constant {
                Constant::Pi => Bounds::between((31415926, 10_000_000), (31415927, 10_000_000)),
                Constant::E => Bounds::between((27182818, 10_000_000), (27182819, 10_000_000)),
                Constant::Infinity => Bounds::at_least_zero(true),
                Constant::Named(_) => Bounds::at_least_zero(true),
            },
            Op::Add(sum) => {
                let mut total = Bounds::point(&Rational::ZERO);
                for (c, term) in &sum.terms {
                    total = total.plus(&self.known_bounds(*term).scaled(c));
                }
                total
            }
            Op::Contract(c) => {
                // A sum over labels keeps signs only; nothing more is needed of it.
                let summed = (0..c.sizes.len() as u8).any(|l| !c.out.contains(&l));
                let delta = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
                let mut total = Bounds::point(&c.coefficient);
                for f in &c.factors {
                    total = total.times(&self.known_bounds(f.node).raised(&f.exponent));
                }
                if summed || delta {
                    let (low, high) = (total.is_nonnegative(), total.is_nonpositive());
                    total = Bounds::default();
                    total.low = low.then_some((Rational::ZERO, false));
                    total.high = high.then_some((Rational::ZERO, false));
                }
                total
            }
            Op::Call(f, args) => self.call_bounds(*f, args),
            Op::Select(_, a, b) => self.known_bounds(*a).hull(self.known_bounds(*b)),
            Op::Truth(_)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Integral { .. }
            | Op::Loop(_) => Bounds::default(),
            Op::Reduce(Reduction::Max | Reduction::Min, a, _) => self.known_bounds(*a).clone(),
            Op::Reduce(Reduction::LogSumExp, ..) => Bounds::default(),
            Op::Reduce(Reduction::Product, a, _) => {
                let inner = self.known_bounds(*a);
                let low = inner.is_nonnegative().then_some((Rational::ZERO, inner.is_positive()));
                Bounds { low, nonzero: inner.is_nonzero(), ..Bounds::default() }
            }
            Op::Reduce(Reduction::ArgMax, ..) | Op::Iota(_) => {
                let mut bounds = Bounds::at_least_zero(true);
                bounds.low = Some((Rational::ONE, false));
                bounds.integer = true;
                bounds
            }
            Op::OneHot(..) => {
                let mut bounds = Bounds::between((0, 1), (1, 1));
                (bounds.low, bounds.high) = (Some((Rational::ZERO, false)), Some((Rational::ONE, false)));
                bounds.integer = true;
                bounds.nonzero = false;
                bounds
            }
            Op::Linear(op, a) => self.linear_bounds(*op, *a),
        }
    }

    /// Determinants and eigenvalues of a matrix that is declared definite are positive.
    fn linear_bounds(&self, op: Linear, inner: NodeId) -> Bounds {
        let definite = match self.op(inner) {
            Op::Symbol(id) => self.symbol_info(*id).structure.has(Structure::DEFINITE),
            _ => self.structures.get(&inner).is_some_and(|s| s.has(Structure::DEFINITE)),
        };
        match op {
            Linear::Determinant | Linear::Eigenvalues if definite => Bounds::at_least_zero(true),
            Linear::Determinant
            | Linear::Eigenvalues
            | Linear::Inverse
            | Linear::LogDeterminant
            | Linear::Cholesky
            | Linear::Exponential
            | Linear::SquareRoot
            | Linear::Logarithm
            | Linear::Eigenvectors => Bounds::default(),
        }
    }

    fn call_bounds(&self, f: FunctionId, args: &[NodeId]) -> Bounds {
        let k = known();
        let arg = |i: usize| self.known_bounds(args[i]);
        if f == k.abs {
            let mut bounds = Bounds::at_least_zero(false);
            bounds.nonzero = arg(0).is_nonzero();
            return bounds;
        }
        if f == k.min || f == k.max {
            let (a, b) = (arg(0), arg(1));
            let mut bounds = a.hull(b);
            // The larger of two is above each lower end.
            if f == k.max {
                bounds.low = larger(&a.low, &b.low);
            } else {
                let flip = |e: &End| e.as_ref().map(|(v, open)| (-v, *open));
                bounds.high = flip(&larger(&flip(&a.high), &flip(&b.high)));
            }
            return bounds;
        }
        if (f == k.sinh || f == k.tanh || f == k.expm1 || f == k.sign) && args.len() == 1 {
            // Odd and increasing through the origin: the sign of the argument.
            let inner = arg(0);
            let mut bounds = range_of(f).cloned().unwrap_or_default();
            if inner.is_nonnegative() {
                bounds.low = Some((Rational::ZERO, inner.is_positive()));
            } else if inner.is_nonpositive() {
                bounds.high = Some((Rational::ZERO, inner.is_negative()));
            }
            bounds.nonzero = inner.is_nonzero();
            return bounds;
        }
        if f == k.sigmoid {
            // The row's range speaks of doubles, which round to the ends.
            return Bounds::between((0, 1), (1, 1));
        }
        if f == k.log {
            // Above 0 from 1 on.
            let mut bounds = Bounds::default();
            if let Some((low, open)) = &arg(0).low
                && *low >= Rational::ONE
            {
                bounds.low = Some((Rational::ZERO, *open || *low > Rational::ONE));
            }
            return bounds;
        }
        range_of(f).cloned().unwrap_or_default()
    }
}

fn larger(a: &End, b: &End) -> End {
    match (a, b) {
        (Some(x), Some(y)) => Some(if (&x.0, x.1) >= (&y.0, y.1) { x.clone() } else { y.clone() }),
        (x, y) => x.clone().or_else(|| y.clone()),
    }
}

/// The range column of a row as bounds, read once; `None` where it tells of none.
pub fn range_of(f: FunctionId) -> Option<&'static Bounds> {
    static RANGES: LazyLock<Vec<OnceLock<Option<Bounds>>>> =
        LazyLock::new(|| table().iter().map(|_| OnceLock::new()).collect());
    let cell = RANGES.get(f.0 as usize)?;
    cell.get_or_init(|| read_range(f.row().range)).as_ref()
}

fn read_range(text: &str) -> Option<Bounds> {
    if text == "true" {
        return None;
    }
    let parsed = agnesi_syntax::parse(text, &crate::texts::TableNames);
    let root = *parsed.statements.first()?;
    let mut bounds = Bounds::default();
    read_condition(&parsed.tree, root, &mut bounds);
    Some(bounds)
}

fn read_condition(tree: &Tree, id: TreeId, bounds: &mut Bounds) {
    match tree.kind(id) {
        Kind::Binary(agnesi_syntax::Binary::And, a, b) => {
            read_condition(tree, *a, bounds);
            read_condition(tree, *b, bounds);
        }
        Kind::Compare { operands, relations } => {
            let operands = tree.ids(*operands);
            for (i, relation) in relations.iter().enumerate() {
                read_comparison(tree, operands[i], *relation, operands[i + 1], bounds);
            }
        }
        _ => {}
    }
}

fn read_comparison(tree: &Tree, left: TreeId, relation: Relation, right: TreeId, bounds: &mut Bounds) {
    let is_y = |id| matches!(tree.kind(id), Kind::Name(n) if n == "y");
    let (value, relation) = if is_y(left) {
        (right, relation)
    } else if is_y(right) {
        let flipped = match relation {
            Relation::Less => Relation::Greater,
            Relation::LessEqual => Relation::GreaterEqual,
            Relation::Greater => Relation::Less,
            Relation::GreaterEqual => Relation::LessEqual,
            Relation::Equal | Relation::NotEqual => relation,
        };
        (left, flipped)
    } else {
        return;
    };
    // An irrational end such as pi/2 is widened to the next millionth.
    let widen = |up: bool| -> Option<(Rational, bool)> {
        let (x, exact) = crate::texts::constant_value(tree, value)?;
        match exact {
            Some(r) => Some((r, matches!(relation, Relation::Less | Relation::Greater))),
            None => {
                let scaled = x * 1e6;
                let n = if up { scaled.ceil() + 1.0 } else { scaled.floor() - 1.0 };
                Rational::new(n as i64, 1_000_000).map(|r| (r, true))
            }
        }
    };
    match relation {
        Relation::Greater | Relation::GreaterEqual => bounds.low = widen(false),
        Relation::Less | Relation::LessEqual => bounds.high = widen(true),
        Relation::NotEqual => {
            if widen(false).is_some_and(|(v, _)| v.is_zero()) {
                bounds.nonzero = true;
            }
        }
        Relation::Equal => {}
    }
}
