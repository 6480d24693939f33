//! The value of a formula at an exact point, and its limit where the formula itself has none: sin(x)/x at 0.
//!
//! Values are found from the leaves up, as exact nodes. Where a product divides by zero, numerator and denominator are
//! differentiated until one of them is not zero (l'Hôpital's rule, applied to Taylor coefficients).

use agnesi_graph::{Graph, NodeId, Op, Operators, Rational, Sign, SymbolId};
use rustc_hash::FxHashMap;

use super::point::Point;
use super::understand::Tools;

/// How many derivatives are tried before a quotient counts as having no limit.
const MAX_TERMS: usize = 10;

/// What a formula has at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found {
    /// A value without symbols.
    Closed {
        /// The value.
        node: NodeId,
        /// Whether it is a limit.
        by_limit: bool,
    },
    /// It goes to plus or minus infinity from both sides.
    Infinite(f64),
    /// Neither.
    None,
}

/// Whether a condition excludes single points only: `u != 0`.
pub(crate) fn is_isolated(g: &Graph, condition: NodeId) -> bool {
    matches!(g.op(condition), Op::Not(inner) if matches!(g.op(*inner), Op::Compare(Sign::Zero, _)))
}

/// Whether a kink or jump of some function in a formula lies at `x = a`.
pub(crate) fn has_kink_at(g: &mut Graph, node: NodeId, x: SymbolId, a: NodeId) -> bool {
    agnesi_calculus::kinks(g, node, x).into_iter().any(|(condition, _)| {
        let at = g.substitute(condition, x, a);
        g.as_truth(at) != Some(false)
    })
}

/// Formulas at one point.
pub(crate) struct AtPoint<'a> {
    g: &'a mut Graph,
    tools: &'a mut Tools,
    point: Vec<(SymbolId, NodeId)>,
    done: FxHashMap<NodeId, Found>,
}

impl<'a> AtPoint<'a> {
    pub(crate) fn new(g: &'a mut Graph, tools: &'a mut Tools, point: &Point) -> AtPoint<'a> {
        let point = point.iter().filter_map(|c| Some((g.find_symbol(&c.name)?, c.node))).collect();
        AtPoint { g, tools, point, done: FxHashMap::default() }
    }

    /// The same along one symbol.
    pub(crate) fn on_line(g: &'a mut Graph, tools: &'a mut Tools, x: SymbolId, at: NodeId) -> AtPoint<'a> {
        AtPoint { g, tools, point: vec![(x, at)], done: FxHashMap::default() }
    }

    /// The value or limit of a formula at the point.
    pub(crate) fn value(&mut self, root: NodeId) -> Found {
        let mut by_limit = false;
        for node in self.g.topological(root) {
            let found = self.node(node);
            self.done.insert(node, found);
        }
        for found in self.done.values() {
            by_limit |= matches!(found, Found::Closed { by_limit: true, .. });
        }
        match self.done[&root] {
            Found::Closed { node, .. } => Found::Closed { node, by_limit },
            other => other,
        }
    }

    fn closed(&self, node: NodeId) -> Option<NodeId> {
        match self.done.get(&node) {
            Some(Found::Closed { node, .. }) => Some(*node),
            _ => None,
        }
    }

    fn node(&mut self, node: NodeId) -> Found {
        let plain = |node| Found::Closed { node, by_limit: false };
        if self.g.is_closed(node) {
            return plain(node);
        }
        if let Some(symbol) = self.g.as_symbol(node) {
            let value = self.point.iter().find(|(s, _)| *s == symbol).map(|(_, v)| *v);
            return plain(value.unwrap_or(node));
        }
        if let Op::Select(c, a, b) = self.g.op(node).clone() {
            // Only the branch taken must have a value.
            let Some(c) = self.closed(c) else { return Found::None };
            return match self.g.as_truth(c) {
                Some(taken) => self.done.get(if taken { &a } else { &b }).copied().unwrap_or(Found::None),
                None => match (self.closed(a), self.closed(b)) {
                    (Some(a), Some(b)) => plain(self.g.select(c, a, b)),
                    _ => Found::None,
                },
            };
        }
        let mut children = Vec::new();
        self.g.for_each_child(node, |c| children.push(c));
        let all: Option<Vec<NodeId>> = children.iter().map(|c| self.closed(*c)).collect();
        if all.is_some() && !self.divides_by_zero(node) {
            let values: FxHashMap<NodeId, NodeId> =
                children.iter().filter_map(|c| Some((*c, self.closed(*c)?))).collect();
            return plain(self.g.rebuild(node, &|n| values.get(&n).copied().unwrap_or(n)));
        }
        match self.g.op(node) {
            Op::Contract(_) | Op::Add(_) => self.limit(node),
            _ => Found::None,
        }
    }

    fn divides_by_zero(&self, node: NodeId) -> bool {
        match self.g.op(node) {
            Op::Contract(c) => c.factors.iter().any(|f| {
                f.exponent.is_negative() && self.closed(f.node).is_some_and(|value| self.g.is_zero(value))
            }),
            _ => false,
        }
    }

    /// The limit of a sum or product of which some part divides by zero, along the first variable that matters.
    fn limit(&mut self, node: NodeId) -> Found {
        if let Some((singular, rest)) = self.apart(node) {
            return match self.limit(singular) {
                Found::Closed { node: part, .. } => {
                    let add = matches!(self.g.op(node), Op::Add(_));
                    let node = if add { self.g.add(part, rest) } else { self.g.mul(part, rest) };
                    Found::Closed { node, by_limit: true }
                }
                Found::Infinite(_) | Found::None => Found::None,
            };
        }
        'variables: for i in 0..self.point.len() {
            let (x, a) = self.point[i];
            if !self.g.may_contain(node, x) {
                continue;
            }
            // The other variables have their values already.
            let mut line = node;
            for j in 0..self.point.len() {
                if j != i && self.g.may_contain(line, self.point[j].0) {
                    let (y, b) = self.point[j];
                    if self.substitution_divides_by_zero(line, y, b) {
                        continue 'variables;
                    }
                    line = self.g.substitute(line, y, b);
                }
            }
            if self.g.may_contain(line, x)
                && let Some(found) = self.along(line, x, a)
            {
                // Of several variables a limit along one line is no limit.
                let several = self.point.iter().filter(|(y, _)| self.g.may_contain(node, *y)).count() > 1;
                return if several { Found::None } else { found };
            }
        }
        Found::None
    }

    /// A sum or product as the part that has no value, which must be one of a single variable, and the value of the rest:
    /// `sin(x)/x` and 2 of `y*sin(x)/x` at x = 0, y = 2. None where there is no such rest.
    fn apart(&mut self, node: NodeId) -> Option<(NodeId, NodeId)> {
        let one = |a: &mut Self, part: NodeId| {
            a.point.iter().filter(|(y, _)| a.g.may_contain(part, *y)).count() == 1
        };
        match self.g.op(node).clone() {
            Op::Add(sum) => {
                let (whole, open): (Vec<_>, Vec<_>) =
                    sum.terms.iter().cloned().partition(|(_, term)| self.closed(*term).is_some());
                let values = whole.into_iter().map(|(c, term)| Some((c, self.closed(term)?)));
                let values = values.collect::<Option<Vec<_>>>()?;
                let part = self.g.sum(&open);
                (!values.is_empty() && one(self, part)).then(|| (part, self.g.sum(&values)))
            }
            Op::Contract(c) if c.sizes.is_empty() => {
                let vanishing = c.factors.iter().find(|f| match self.closed(f.node) {
                    Some(value) => f.exponent.is_negative() && self.g.is_zero(value),
                    None => true,
                })?;
                let x = self.point.iter().find(|(x, _)| self.g.may_contain(vanishing.node, *x))?.0;
                let (own, others): (Vec<_>, Vec<_>) =
                    c.factors.iter().cloned().partition(|f| self.g.may_contain(f.node, x));
                let values = others.iter().map(|f| Some((self.closed(f.node)?, f.exponent.clone())));
                let values = values.collect::<Option<Vec<_>>>()?;
                // A factor that divides by zero as well has no value.
                if values.is_empty() || values.iter().any(|(v, e)| e.is_negative() && self.g.is_zero(*v)) {
                    return None;
                }
                let own: Vec<_> = own.into_iter().map(|f| (f.node, f.exponent)).collect();
                let part = self.g.product(c.coefficient.clone(), &own);
                one(self, part).then(|| (part, self.g.product(Rational::ONE, &values)))
            }
            _ => None,
        }
    }

    fn substitution_divides_by_zero(&mut self, node: NodeId, y: SymbolId, b: NodeId) -> bool {
        for n in self.g.topological(node) {
            if let Op::Contract(c) = self.g.op(n).clone() {
                for f in c.factors.iter().filter(|f| f.exponent.is_negative()) {
                    let value = self.g.substitute(f.node, y, b);
                    if self.g.is_zero(value) {
                        return true;
                    }
                }
            }
        }
        false
    }

    fn along(&mut self, node: NodeId, x: SymbolId, a: NodeId) -> Option<Found> {
        let (mut above, mut below) = self.quotient(node, x, a)?;
        for _ in 0..MAX_TERMS {
            let n = self.at(above, x, a)?;
            let d = self.at(below, x, a)?;
            match (self.g.is_zero(n), self.g.is_zero(d)) {
                (_, false) => {
                    let node = self.g.div(n, d);
                    let node = self.tools.simplifier.simplify(self.g, node);
                    return Some(Found::Closed { node, by_limit: true });
                }
                (false, true) => return self.infinite(n, below, x, a),
                (true, true) => {
                    above = self.tools.derivative(self.g, above, x).ok()?;
                    below = self.tools.derivative(self.g, below, x).ok()?;
                }
            }
        }
        None
    }

    /// `n/0`: infinite from both sides alike if the first derivative of the denominator that is not zero is even.
    fn infinite(&mut self, n: NodeId, mut below: NodeId, x: SymbolId, a: NodeId) -> Option<Found> {
        let above = self.sign(n)?;
        for order in 1..=MAX_TERMS {
            below = self.tools.derivative(self.g, below, x).ok()?;
            let d = self.at(below, x, a)?;
            if !self.g.is_zero(d) {
                return (order % 2 == 0).then(|| Some(Found::Infinite(above * self.sign(d)?))).flatten();
            }
        }
        None
    }

    fn sign(&mut self, node: NodeId) -> Option<f64> {
        let bounds = self.g.bounds(node);
        if bounds.is_positive() {
            Some(1.0)
        } else if bounds.is_negative() {
            Some(-1.0)
        } else {
            None
        }
    }

    /// A node at `x = a` if nothing in it divides by zero there.
    fn at(&mut self, node: NodeId, x: SymbolId, a: NodeId) -> Option<NodeId> {
        if self.substitution_divides_by_zero(node, x, a) {
            return None;
        }
        let value = self.g.substitute(node, x, a);
        Some(self.tools.simplifier.simplify(self.g, value))
    }

    /// Numerator and denominator such that neither divides by zero at `x = a`.
    fn quotient(&mut self, node: NodeId, x: SymbolId, a: NodeId) -> Option<(NodeId, NodeId)> {
        match self.g.op(node).clone() {
            Op::Contract(c) => {
                let mut above: Vec<(NodeId, Rational)> = Vec::new();
                let mut below: Vec<(NodeId, Rational)> = Vec::new();
                for f in &c.factors {
                    let vanishes = f.exponent.is_negative() && {
                        let value = self.at(f.node, x, a)?;
                        self.g.is_zero(value)
                    };
                    if vanishes && f.exponent.is_integer() {
                        below.push((f.node, -&f.exponent));
                    } else if vanishes {
                        return None;
                    } else {
                        above.push((f.node, f.exponent.clone()));
                    }
                }
                let above = self.g.product(c.coefficient.clone(), &above);
                let below = self.g.product(Rational::ONE, &below);
                if !matches!(self.g.op(above), Op::Contract(_) | Op::Add(_)) || above == node {
                    return Some((above, below));
                }
                // A factor may itself be a sum with a vanishing denominator inside.
                if !self.substitution_divides_by_zero(above, x, a) {
                    return Some((above, below));
                }
                let (n, d) = self.quotient_of_product(above, x, a)?;
                Some((n, self.g.mul(below, d)))
            }
            Op::Add(sum) => {
                let mut parts = Vec::new();
                let mut common = self.g.one();
                for (c, term) in &sum.terms {
                    let (n, d) = self.quotient(*term, x, a)?;
                    let n = self.g.scale(c.clone(), n);
                    parts.push((n, d));
                    // Equal powers are shared by taking the product only of what is new.
                    let ratio = self.g.div(d, common);
                    let missing = self.numerator(ratio);
                    common = self.g.mul(common, missing);
                }
                let mut terms = Vec::new();
                for (n, d) in parts {
                    let lift = self.g.div(common, d);
                    terms.push((Rational::ONE, self.g.mul(n, lift)));
                }
                Some((self.g.sum(&terms), common))
            }
            _ => Some((node, self.g.one())),
        }
    }

    fn quotient_of_product(&mut self, node: NodeId, x: SymbolId, a: NodeId) -> Option<(NodeId, NodeId)> {
        let Op::Contract(c) = self.g.op(node).clone() else { return self.quotient(node, x, a) };
        let (mut above, mut below) = (self.g.number(c.coefficient.clone()), self.g.one());
        for f in &c.factors {
            if f.exponent.is_integer() && f.exponent.is_positive() && matches!(self.g.op(f.node), Op::Add(_))
            {
                let (n, d) = self.quotient(f.node, x, a)?;
                let (n, d) = (self.g.power(n, f.exponent.clone()), self.g.power(d, f.exponent.clone()));
                above = self.g.mul(above, n);
                below = self.g.mul(below, d);
            } else {
                let power = self.g.power(f.node, f.exponent.clone());
                above = self.g.mul(above, power);
            }
        }
        Some((above, below))
    }

    /// The factors of a product under positive exponents.
    fn numerator(&mut self, node: NodeId) -> NodeId {
        let Op::Contract(c) = self.g.op(node).clone() else { return node };
        let above: Vec<(NodeId, Rational)> = c
            .factors
            .iter()
            .filter(|f| f.exponent.is_positive())
            .map(|f| (f.node, f.exponent.clone()))
            .collect();
        self.g.product(Rational::ONE, &above)
    }
}
