//! `taylor`: the Taylor polynomial with exact coefficients, and a bound on what it leaves out.

use agnesi_calculus::{HigherOrder, kinks};
use agnesi_graph::{NodeId, Op, Rational, Style, SymbolId};
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Span, Tree, TreeId, print};
use smol_str::SmolStr;

use super::numeric::rounded_up;
use super::point::{Coordinate, Point, describe_point, exact_value};
use super::series::{self, NoSeries};
use super::understand::{Understood, failure};
use super::{Outcome, Session, interval, write};
use crate::protocol::{Coefficient, Failure, Given, Number, Remainder, Reply, Request, Success, TaylorReply};

/// The highest degree.
const MAX_DEGREE: u32 = 30;
/// The degree when nobody says.
const DEGREE: u32 = 5;
/// How much the graph may grow for the derivative in a remainder.
const MAX_GROWTH: usize = 20_000;
/// Stands for x - a while terms are written; no text has this name, and it comes last in products.
const STEP: &str = "\u{10ffff}";

/// Answers `taylor`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let node = u.scalar("taylor")?;
    let var = variable(&u, request)?;
    let order = request.order.unwrap_or(DEGREE);
    if order > MAX_DEGREE {
        return Err(Failure::new(Code::Limit, format!("degree {order} is above the limit of {MAX_DEGREE}"))
            .with_hint(format!("ask for a degree up to {MAX_DEGREE}")));
    }
    let (given, field) = match (&request.point, request.at.get(var.as_str())) {
        (Some(given), _) => (given.clone(), "point".to_string()),
        (None, Some(given)) => (given.clone(), format!("at.{var}")),
        (None, None) => (Given::from(0.0), "point".to_string()),
    };
    let mut at = exact_value(&mut u, &given, &field)?;
    at.name = var;
    let taylor = develop(&mut u, node, &at, order)?;
    let reply = reply(&mut u, node, &at, taylor, 80)?;
    Ok(Success { understood: Some(u.text.clone()), reply: Reply::Taylor(reply), notes: u.take_notes() })
}

fn variable(u: &Understood, request: &Request) -> Result<SmolStr, Failure> {
    if let Some(var) = &request.var {
        return u.wrt(&Request { wrt: vec![var.clone()], ..Request::default() }).map(|mut v| v.remove(0));
    }
    match &u.wrt(request)?[..] {
        [one] => Ok(one.clone()),
        [] => Ok(SmolStr::new("x")),
        several => {
            let span = u.settled.tree.span(u.settled.root);
            let d = Diagnostic::error(
                Code::Name,
                "a Taylor polynomial is in one variable",
                span,
                format!("this has {}", several.join(", ")),
            );
            Err(failure(&[d.with_hint(format!("name one, as in --var {}", several[0]))], "expr"))
        }
    }
}

/// The coefficients of `(x - a)^0` on, simplified.
pub(crate) fn develop(
    u: &mut Understood,
    node: NodeId,
    at: &Coordinate,
    order: u32,
) -> Result<Vec<NodeId>, Failure> {
    let x = u.symbols(std::slice::from_ref(&at.name))?[0];
    let only: Point = vec![at.clone()];
    if u.variables().iter().all(|v| *v == at.name) {
        let outside = u.check_domain(&only).err();
        if let Some(failure) = outside.filter(|_| !is_defined_around(u, at)) {
            return Err(failure);
        }
    }
    let node = u.tools.simplifier.simplify(&mut u.graph, node);
    let found = series::taylor(&mut u.graph, &mut u.tools, node, x, at.node, order)
        .map_err(|why| refused(u, &why, &only))?;
    u.within_limit()?;
    Ok(found.into_iter().map(|c| u.closed_form(c)).collect())
}

/// Whether a formula is defined on both sides of a point, which is then only left out, as 0 is by log(sin(x)/x).
fn is_defined_around(u: &mut Understood, at: &Coordinate) -> bool {
    let domain = u.domain;
    let step = 1e-6 * at.near.abs().max(1.0);
    u.program(&[domain], std::slice::from_ref(&at.name))
        .is_ok_and(|p| [at.near - step, at.near + step].iter().all(|x| p.truth(&[*x], &()) == Ok(true)))
}

/// Why there is no Taylor polynomial, and what to do.
fn refused(u: &Understood, why: &NoSeries, point: &Point) -> Failure {
    let at = describe_point(point);
    let (code, label, hint) = match why {
        NoSeries::Pole(order) => (
            Code::Unsupported,
            format!("it goes to infinity there, like a power with exponent {order}"),
            "series with negative powers come with a later version; choose another point",
        ),
        NoSeries::Fractional => (
            Code::Unsupported,
            "it needs powers that are not whole".to_string(),
            "series with such powers come with a later version; choose another point",
        ),
        NoSeries::Essential => (
            Code::Unsupported,
            "an argument in it goes to infinity there".to_string(),
            "choose another point",
        ),
        NoSeries::Kink(convention) => {
            (Code::Domain, format!("it is not differentiable there ({convention})"), "choose another point")
        }
        NoSeries::Domain(text) => (Code::Domain, text.clone(), "choose a point inside the domain"),
        NoSeries::Undecided => (
            Code::Limit,
            "whether a coefficient is zero could not be decided".to_string(),
            "choose another point",
        ),
        NoSeries::Unknown(why) => (Code::Unsupported, why.clone(), "choose another formula"),
        NoSeries::Limit => (Code::Limit, "it takes too much work".to_string(), "ask for a lower degree"),
    };
    let span = u.settled.tree.span(u.settled.root);
    let d = Diagnostic::error(code, format!("there is no Taylor polynomial at {at}"), span, label);
    failure(&[d.with_hint(hint)], "expr")
}

/// The answer for coefficients that were found; the remainder with so many evaluations at most.
pub(crate) fn reply(
    u: &mut Understood,
    node: NodeId,
    at: &Coordinate,
    coefficients: Vec<NodeId>,
    evaluations: usize,
) -> Result<TaylorReply, Failure> {
    let order = coefficients.len() as u32 - 1;
    let (tree, root) = polynomial(u, &coefficients, at);
    let remainder = remainder(u, node, at, &coefficients, evaluations);
    let mut shown = Vec::new();
    for (k, c) in coefficients.iter().enumerate() {
        if !u.graph.is_zero(*c) {
            let value = u.double(*c);
            shown.push(Coefficient { exponent: k as i64, exact: u.text_of(*c), value: Number(value) });
        }
    }
    let conditions = u.conditions(&[node]);
    Ok(TaylorReply {
        formula: print::text(&tree, root),
        latex: write::latex(&tree, root),
        var: at.name.to_string(),
        point: u.text_of(at.node),
        order,
        coefficients: shown,
        remainder,
        conditions,
    })
}

/// The polynomial in powers of `x - a`, lowest first.
fn polynomial(u: &mut Understood, coefficients: &[NodeId], at: &Coordinate) -> (Tree, TreeId) {
    let mut out = Tree::new();
    let style = u.style();
    let x = out.name(at.name.clone());
    let step = if u.graph.is_zero(at.node) {
        x
    } else {
        // x - 1, but x + 1 about -1.
        let minus = u.graph.neg(at.node);
        let below = u.graph.bounds(at.node).is_negative();
        let (tree, root) = u.graph.raise(if below { minus } else { at.node }, style);
        let a = copied(&tree, root, &mut out, None);
        out.binary(if below { Binary::Add } else { Binary::Sub }, x, a)
    };
    let h = u.graph.anonymous(STEP, agnesi_graph::Facts::REAL);
    let mut sum: Option<TreeId> = None;
    for (k, c) in coefficients.iter().enumerate() {
        if u.graph.is_zero(*c) {
            continue;
        }
        let (sign, _) = u.graph.split_coefficient(*c);
        let negative = sign.is_negative();
        let size = if negative { u.graph.neg(*c) } else { *c };
        let power = u.graph.power(h, Rational::from(k as i64));
        let calls = u.graph.topological(size).into_iter().any(|n| u.graph.as_call(n).is_some());
        let term = if calls && k > 0 {
            // exp(-1)*(x - 1), the coefficient in front.
            let (share, rest) = u.graph.split_coefficient(size);
            let (above, below) = (share.numerator(), share.denominator());
            let above = Rational::from_parts(above, 1u8.into()).unwrap_or(Rational::ONE);
            let front = u.graph.scale(above, rest);
            let (tree, root) = u.graph.raise(front, style);
            let front = copied(&tree, root, &mut out, None);
            let (tree, root) = u.graph.raise(power, style);
            let power = copied(&tree, root, &mut out, Some(step));
            let product = out.binary(Binary::Mul, front, power);
            if below == 1u8.into() {
                product
            } else {
                let below = out.number(below.to_string());
                out.binary(Binary::Div, product, below)
            }
        } else {
            let term = u.graph.mul(size, power);
            let (tree, root) = u.graph.raise(term, style);
            copied(&tree, root, &mut out, Some(step))
        };
        sum = Some(match sum {
            None if negative => out.neg(term),
            None => term,
            Some(sum) => out.binary(if negative { Binary::Sub } else { Binary::Add }, sum, term),
        });
    }
    let root = sum.unwrap_or_else(|| out.number("0"));
    (out, root)
}

/// A tree in another arena, with a subtree for the anonymous name.
fn copied(tree: &Tree, root: TreeId, out: &mut Tree, step: Option<TreeId>) -> TreeId {
    // Children stand before parents: one loop over the arena.
    let mut places: Vec<TreeId> = Vec::with_capacity(tree.len());
    let of = |places: &[TreeId], id: &TreeId| places[id.0 as usize];
    for i in 0..=root.0 {
        let id = TreeId(i);
        let list = |places: &[TreeId], out: &mut Tree, list: &agnesi_syntax::List| {
            let ids: Vec<TreeId> = tree.ids(*list).iter().map(|c| of(places, c)).collect();
            out.list(&ids)
        };
        let kind = match tree.kind(id) {
            Kind::Name(name) if name == STEP && step.is_some() => {
                places.push(step.unwrap_or(TreeId(0)));
                continue;
            }
            Kind::Prefix(op, a) => Kind::Prefix(*op, of(&places, a)),
            Kind::Binary(op, a, b) => Kind::Binary(*op, of(&places, a), of(&places, b)),
            Kind::Call { head, args } => {
                Kind::Call { head: of(&places, head), args: list(&places, out, args) }
            }
            Kind::Compare { operands, relations } => {
                Kind::Compare { operands: list(&places, out, operands), relations: relations.clone() }
            }
            Kind::If(a, b, c) => Kind::If(of(&places, a), of(&places, b), of(&places, c)),
            Kind::Vector(items) => Kind::Vector(list(&places, out, items)),
            other => other.clone(),
        };
        places.push(out.push(kind, Span::default()));
    }
    places[root.0 as usize]
}

impl Understood {
    /// A formula in simple form; what is an exact number by the kernels of its functions is that number.
    fn closed_form(&mut self, node: NodeId) -> NodeId {
        let node = self.tools.simplifier.simplify(&mut self.graph, node);
        if self.graph.as_number(node).is_some() || !self.graph.is_closed(node) {
            return node;
        }
        let (tree, root) = self.graph.raise(node, Style::default());
        let limits = agnesi_engine::exact::Limits { bits: 96, digits: 17, work: 100_000 };
        let exact = agnesi_engine::exact::value(&tree, root, &[], &self.taught, &limits).ok();
        let value = exact.and_then(|e| e.enclosure).and_then(|e| e.as_rational().cloned());
        let value = value.and_then(|v| Rational::from_parts(v.numerator().clone(), v.denominator().clone()));
        value.filter(|v| v.bits() <= 128).map_or(node, |v| self.graph.number(v))
    }

    /// Whether a closed formula is zero by the exact kernels of its functions.
    pub(crate) fn is_exactly_zero(&mut self, node: NodeId) -> bool {
        let node = self.closed_form(node);
        self.graph.is_zero(node)
    }

    /// The double nearest to a closed formula; NaN where it has none, or is not closed.
    pub(crate) fn double(&mut self, node: NodeId) -> f64 {
        if let Some(value) = self.graph.as_number(node) {
            return value.to_f64();
        }
        if !self.graph.is_closed(node) {
            return f64::NAN;
        }
        let (tree, root) = self.graph.raise(node, Style::default());
        let limits = agnesi_engine::exact::Limits { digits: 17, ..agnesi_engine::exact::Limits::default() };
        agnesi_engine::exact::value(&tree, root, &[], &self.taught, &limits).map_or(f64::NAN, |e| e.value)
    }
}

/// What the polynomial leaves out, in Lagrange's form, with a bound: proved by enclosures of the derivative over an
/// interval, or else estimated by samples.
fn remainder(
    u: &mut Understood,
    node: NodeId,
    at: &Coordinate,
    coefficients: &[NodeId],
    evaluations: usize,
) -> Option<Remainder> {
    let n = coefficients.len() as u32;
    let x = u.graph.find_symbol(&at.name)?;
    let formula = lagrange(u, at, n);
    let limit = u.graph.len() + MAX_GROWTH;
    let derivative = HigherOrder::new(&mut u.tools.differentiator, &mut u.tools.simplifier, limit)
        .derivative(&mut u.graph, node, x, n)
        .ok()
        .flatten();
    if derivative.is_some_and(|d| u.graph.is_zero(d)) && !has_breaks(u, node, x) {
        return Some(Remainder { formula: "0".into(), bound: None, interval: None, proved: true });
    }
    let names = [at.name.clone()];
    if u.variables().iter().any(|v| *v != at.name) {
        return Some(Remainder { formula, bound: None, interval: None, proved: false });
    }
    let a = at.near;
    let share = (1..=n).fold(1.0, |p, k| p / f64::from(k));
    let reaches = [1.0, 0.5, 0.25, 0.125].map(|r: f64| r * a.abs().max(1.0).log2().floor().exp2());
    if let Some(program) = derivative.and_then(|d| u.program(&[d], &names).ok()) {
        for r in reaches {
            let (from, to) = (a - r, a + r);
            if !is_smooth(u, node, x, &names, from, to) {
                continue;
            }
            if let Some((bound, proved)) = interval::size_over(&program, from, to, evaluations) {
                let bound = rounded_up(bound * share * r.powi(n as i32) * (1.0 + 1e-12));
                if bound.is_finite() {
                    let interval = Some([Number(from), Number(to)]);
                    let formula = if bound == 0.0 && proved { "0".into() } else { formula };
                    return Some(Remainder { formula, bound: Some(Number(bound)), interval, proved });
                }
            }
        }
    }
    // By samples of the difference.
    let values: Vec<f64> = coefficients.iter().map(|c| u.double(*c)).collect();
    let mut f = u.numeric(&[node], &names).ok()?;
    for r in reaches {
        let mut most = 0.0f64;
        for i in 0..=200 {
            let h = r * (f64::from(i) / 100.0 - 1.0);
            let polynomial = values.iter().rev().fold(0.0, |sum, c| sum * h + c);
            let value = f.at(&[a + h]);
            // A single point may be left out, as 0 is by sin(x)/x.
            if !(value.is_nan() && h == 0.0) {
                most = most.max((value - polynomial).abs());
                if value.is_nan() {
                    most = f64::NAN;
                    break;
                }
            }
        }
        if most.is_finite() {
            let interval = Some([Number(a - r), Number(a + r)]);
            return Some(Remainder {
                formula,
                bound: Some(Number(rounded_up(most))),
                interval,
                proved: false,
            });
        }
    }
    Some(Remainder { formula, bound: None, interval: None, proved: false })
}

/// `f''''(xi)*(x - 1)^4/24`.
fn lagrange(u: &mut Understood, at: &Coordinate, n: u32) -> String {
    let derivative = match n {
        1..=4 => format!("f{}(xi)", "'".repeat(n as usize)),
        n => format!("d^{n}/dx^{n} f(xi)").replace("dx", &format!("d{}", at.name)),
    };
    let a = u.text_of(at.node);
    let step = if u.graph.is_zero(at.node) {
        at.name.to_string()
    } else if let Some(rest) = a.strip_prefix('-').filter(|rest| !rest.contains([' ', '+', '-'])) {
        format!("({} + {rest})", at.name)
    } else if a.contains([' ', '+', '-']) {
        format!("({} - ({a}))", at.name)
    } else {
        format!("({} - {a})", at.name)
    };
    let power = if n == 1 { step } else { format!("{step}^{n}") };
    let factorial = (1..=n).fold(Rational::ONE, |p, k| &p * &Rational::from(i64::from(k)));
    if n == 1 {
        format!("{derivative}*{power}")
    } else {
        format!("{derivative}*{power}/{}", factorial.numerator())
    }
}

/// What is compared with zero wherever a formula has a kink, a jump or a branch.
pub(crate) fn breaks(u: &mut Understood, node: NodeId, x: SymbolId) -> Vec<NodeId> {
    let mut conditions: Vec<NodeId> = kinks(&mut u.graph, node, x).into_iter().map(|(c, _)| c).collect();
    for n in u.graph.topological(node) {
        if let Op::Select(c, ..) = u.graph.op(n) {
            conditions.push(*c);
        }
    }
    let mut found = Vec::new();
    for condition in conditions {
        for n in u.graph.topological(condition) {
            if let Op::Compare(_, d) = u.graph.op(n)
                && u.graph.may_contain(*d, x)
                && !found.contains(d)
            {
                found.push(*d);
            }
        }
    }
    found
}

fn has_breaks(u: &mut Understood, node: NodeId, x: SymbolId) -> bool {
    !breaks(u, node, x).is_empty()
}

/// Whether no kink, jump or branch lies within a stretch, for certain.
fn is_smooth(u: &mut Understood, node: NodeId, x: SymbolId, names: &[SmolStr], from: f64, to: f64) -> bool {
    breaks(u, node, x).into_iter().all(|compared| {
        // Nowhere zero: its reciprocal is bounded.
        let inverse = u.graph.power(compared, Rational::MINUS_ONE);
        u.program(&[inverse], names)
            .is_ok_and(|p| interval::size_over(&p, from, to, 16).is_some_and(|(_, proved)| proved))
    })
}
