//! The value of a derivative at a point in three ways: exact, automatic and numeric.
//!
//! Exact is the simplified formula with rising precision; automatic is dual numbers through the expression as it was
//! written, which know neither the simplifier nor its transforms; numeric is extrapolated differences. They agree
//! within their errors, or the answer says which one to trust.

use agnesi_engine::{EvaluateError, Program, jets, numeric};
use agnesi_graph::{Facts, NodeId, Rational};
use smol_str::SmolStr;

use super::diff::{Derivative, Kind};
use super::point::{Point, arrange, describe_point};
use super::understand::Understood;
use super::write;
use crate::protocol::{Evidence, Failure, OneSide, Value};

/// The value, where there is one, with what supports it.
pub(crate) struct AtPoint {
    /// The value.
    pub value: Option<Value>,
    /// The value in three ways.
    pub evidence: Evidence,
    /// The conventions that it rests on.
    pub conventions: Vec<String>,
}

/// A number with a bound on its error.
#[derive(Clone, Copy, Debug)]
struct Estimate {
    value: f64,
    error: f64,
}

impl Estimate {
    /// Whether a value lies within the error, with room for the last digits of both.
    fn holds(&self, value: f64, error: f64) -> bool {
        let room = self.error + error + 4.0 * f64::EPSILON * value.abs().max(self.value.abs());
        self.value == value || (self.value - value).abs() <= room
    }

    fn plus_scaled(self, other: Estimate, c: f64) -> Estimate {
        Estimate {
            value: self.value + c * other.value,
            error: self.error + c.abs() * other.error + f64::EPSILON * (c * other.value).abs(),
        }
    }
}

/// Values of a derivative at a point.
pub(crate) fn at(
    u: &mut Understood,
    d: &Derivative,
    point: &Point,
    side: Option<OneSide>,
) -> Result<AtPoint, Failure> {
    if let Some(side) = side {
        return one_sided(u, d, point, side);
    }
    let values = u.exact_values(&d.entries, point)?;
    if values.by_limit {
        u.note_limit(point);
    }
    let components = u.components.clone();
    let conventions = write::conventions(u, &components, point);
    let other = Other::new(u, d, point);
    let automatic: Option<Vec<Estimate>> =
        (0..d.entries.len()).map(|i| other.as_ref()?.automatic(i)).collect();
    let mut numeric: Option<Vec<Estimate>> =
        (0..d.entries.len()).map(|i| other.as_ref()?.numeric(i)).collect();
    let mut trust = None;
    if !conventions.is_empty()
        && let Some(other) = &other
    {
        let off = |list: &[Estimate]| list.iter().zip(&values.doubles).any(|(e, v)| !e.holds(*v, 0.0));
        let kink = other.kink();
        if kink.is_some() || numeric.as_deref().is_some_and(off) {
            // Differences across a kink or jump mix its sides and say nothing about a convention.
            numeric = None;
            trust = Some(match kink {
                Some((left, right)) => format!(
                    "the graph has a kink here: the slope is {} from the left and {} from the right; the value is the convention",
                    short(left),
                    short(right)
                ),
                None => "the function has a kink or a jump here, so that differences say nothing; the value is the convention".into(),
            });
        }
    }
    let (agree, doubt) = compare(&values.doubles, &values.errors, automatic.as_deref(), numeric.as_deref());
    let numbers = |list: &[Estimate]| arrange(&list.iter().map(|e| e.value).collect::<Vec<_>>(), &d.shape);
    let errors = |list: &[Estimate]| arrange(&list.iter().map(|e| e.error).collect::<Vec<_>>(), &d.shape);
    let value = values.value(&d.shape);
    let evidence = Evidence {
        exact: Some(value.clone()),
        exact_error: values.error(&d.shape),
        automatic: automatic.as_deref().map(numbers),
        numeric: numeric.as_deref().map(numbers),
        numeric_error: numeric.as_deref().map(errors),
        agree,
        trust: doubt.or(trust),
    };
    Ok(AtPoint { value: Some(value), evidence, conventions })
}

fn short(x: f64) -> String {
    format!("{}", (x * 1e9).round() / 1e9)
}

/// Whether the three agree, and if not, which one to trust.
fn compare(
    exact: &[f64],
    exact_errors: &[f64],
    automatic: Option<&[Estimate]>,
    numeric: Option<&[Estimate]>,
) -> (bool, Option<String>) {
    let all = |list: Option<&[Estimate]>| {
        list.map(|list| {
            list.iter().zip(exact.iter().zip(exact_errors)).all(|(e, (v, err))| e.holds(*v, *err))
        })
    };
    let between = || {
        let (a, n) = (automatic?, numeric?);
        Some(a.iter().zip(n).all(|(a, n)| n.holds(a.value, a.error)))
    };
    match (all(automatic), all(numeric)) {
        (Some(false), Some(false)) if between() == Some(true) => (
            false,
            Some("automatic and numeric agree with each other and not with the formula: trust them, and report the formula as a fault".into()),
        ),
        (Some(false), Some(true)) => (
            false,
            Some("formula and differences agree; dual numbers lose digits on the way through the expression as written: trust the exact value".into()),
        ),
        (Some(true), Some(false)) => (
            false,
            Some("formula and dual numbers agree; the differences meet something else nearby, such as a jump: trust the exact value".into()),
        ),
        (Some(false), _) | (_, Some(false)) => {
            (false, Some("they disagree beyond their errors: trust none before it is looked into".into()))
        }
        _ => (true, None),
    }
}

/// The expression as written, for dual numbers and differences.
struct Other {
    program: Program,
    at: Vec<f64>,
    /// How far each double is from the exact coordinate.
    off: Vec<f64>,
    kind: Kind,
    wrt: Vec<usize>,
    unit: Vec<f64>,
}

impl Other {
    fn new(u: &mut Understood, d: &Derivative, point: &Point) -> Option<Other> {
        let names: Vec<SmolStr> = point.iter().map(|c| c.name.clone()).collect();
        let program = Program::new(&u.settled.tree, u.settled.root, &names, &u.taught).ok()?;
        let off = point
            .iter()
            .map(|c| match u.graph.as_number(c.node) {
                Some(exact) if Rational::from_f64(c.near).as_ref() == Some(exact) => 0.0,
                _ => c.near.abs() * f64::EPSILON,
            })
            .collect();
        let wrt = d.wrt.iter().map(|w| names.iter().position(|n| n == w)).collect::<Option<Vec<_>>>()?;
        let unit = match &d.kind {
            Kind::Along(unit) => u.exact_values_anywhere(unit).ok()?.doubles,
            _ => Vec::new(),
        };
        Some(Other {
            program,
            at: point.iter().map(|c| c.near).collect(),
            off,
            kind: d.kind.clone(),
            wrt,
            unit,
        })
    }

    /// Which output, and in which inputs how often, the i-th entry is differentiated.
    fn orders(&self, i: usize) -> (usize, Vec<(usize, usize)>) {
        let n = self.wrt.len();
        match &self.kind {
            Kind::Ordinary(order) => (i, vec![(self.wrt.first().copied().unwrap_or(0), *order as usize)]),
            Kind::First => (i / n, vec![(self.wrt[i % n], 1)]),
            Kind::Second if i / n == i % n => (0, vec![(self.wrt[i / n], 2)]),
            Kind::Second => (0, vec![(self.wrt[i / n], 1), (self.wrt[i % n], 1)]),
            Kind::Mixed => {
                let mut orders: Vec<(usize, usize)> = Vec::new();
                for w in &self.wrt {
                    match orders.iter_mut().find(|(v, _)| v == w) {
                        Some((_, n)) => *n += 1,
                        None => orders.push((*w, 1)),
                    }
                }
                (i, orders)
            }
            Kind::Along(_) => (0, Vec::new()),
        }
    }

    fn automatic(&self, i: usize) -> Option<Estimate> {
        if let Kind::Along(_) = self.kind {
            return self.along(|orders| self.automatic_partial(0, orders));
        }
        let (output, orders) = self.orders(i);
        self.automatic_partial(output, &orders)
    }

    fn automatic_partial(&self, output: usize, orders: &[(usize, usize)]) -> Option<Estimate> {
        let found = *jets::partial(&self.program, &self.at, orders).ok()?.get(output)?;
        let error = found.error + self.shift(output, orders);
        found.value.is_finite().then_some(Estimate { value: found.value, error })
    }

    /// How far a derivative may be from its value at the point, since the doubles are not quite the coordinates: one
    /// derivative more in each coordinate that was rounded.
    fn shift(&self, output: usize, orders: &[(usize, usize)]) -> f64 {
        let mut shift = 0.0;
        for (input, off) in self.off.iter().enumerate().filter(|(_, off)| **off > 0.0) {
            let mut next = orders.to_vec();
            match next.iter_mut().find(|(v, _)| *v == input) {
                Some((_, n)) => *n += 1,
                None => next.push((input, 1)),
            }
            let slope =
                jets::partial(&self.program, &self.at, &next).ok().and_then(|all| all.get(output).copied());
            shift += 2.0 * off * slope.map_or(0.0, |s| s.value.abs() + s.error);
        }
        shift
    }

    fn numeric(&self, i: usize) -> Option<Estimate> {
        if let Kind::Along(_) = self.kind {
            return self.along(|orders| self.numeric_partial(0, orders));
        }
        let (output, orders) = self.orders(i);
        self.numeric_partial(output, &orders)
    }

    fn numeric_partial(&self, output: usize, orders: &[(usize, usize)]) -> Option<Estimate> {
        if orders.iter().map(|(_, n)| n).sum::<usize>() > 4 {
            return None;
        }
        // Where rounding chooses the branch, differences follow the wrong one as surely as the right one.
        let by_rounding = |e: &jets::NoDerivative| {
            matches!(
                e,
                jets::NoDerivative::Value(EvaluateError::Undecided { .. })
                    | jets::NoDerivative::Failed(EvaluateError::Undecided { .. })
            )
        };
        if jets::partial(&self.program, &self.at, orders).is_err_and(|e| by_rounding(&e)) {
            return None;
        }
        let found = numeric::partial(&self.program, output, &self.at, orders).ok()??;
        Some(Estimate { value: found.value, error: found.error + self.shift(output, orders) })
    }

    fn along(&self, part: impl Fn(&[(usize, usize)]) -> Option<Estimate>) -> Option<Estimate> {
        let mut total = Estimate { value: 0.0, error: 0.0 };
        for (input, c) in self.wrt.iter().zip(&self.unit) {
            total = total.plus_scaled(part(&[(*input, 1)])?, *c);
        }
        Some(total)
    }

    /// The slopes on both sides of a kink in one variable.
    fn kink(&self) -> Option<(f64, f64)> {
        let [input] = self.wrt[..] else { return None };
        let slopes = numeric::slopes(&self.program, 0, &self.at, input);
        slopes.differ().then(|| Some((slopes.left?.value, slopes.right?.value))).flatten()
    }
}

/// The derivative from one side: of `f(a + t)` or `-f(a - t)` at `t -> 0` with `t > 0`, where every kink is decided.
fn one_sided(u: &mut Understood, d: &Derivative, point: &Point, side: OneSide) -> Result<AtPoint, Failure> {
    let (Kind::Ordinary(order @ (1 | 2)), [name]) = (&d.kind, &d.wrt[..]) else {
        return Err(Failure::new(
            agnesi_syntax::Code::Unsupported,
            "a side is for one variable and order 1 or 2",
        )
        .with_hint("name one variable with --wrt"));
    };
    let order = *order;
    let word = if side == OneSide::Left { "left" } else { "right" };
    let t = u.graph.anonymous("t", Facts::POSITIVE);
    let sign = if side == OneSide::Left { Rational::MINUS_ONE } else { Rational::ONE };
    let mut values = Vec::new();
    for component in u.components.clone() {
        let mut moved = component;
        for c in point {
            let Some(symbol) = u.graph.find_symbol(&c.name) else { continue };
            let value = if c.name == *name {
                u.graph.sum(&[(Rational::ONE, c.node), (sign.clone(), t)])
            } else {
                c.node
            };
            moved = u.graph.substitute(moved, symbol, value);
        }
        values.push(side_value(u, moved, t, order, &sign));
    }
    let exact: Option<Vec<f64>> = values.into_iter().collect();
    let names: Vec<SmolStr> = point.iter().map(|c| c.name.clone()).collect();
    let at: Vec<f64> = point.iter().map(|c| c.near).collect();
    let slopes = Program::new(&u.settled.tree, u.settled.root, &names, &u.taught)
        .ok()
        .zip(names.iter().position(|n| n == name))
        .filter(|_| order == 1 && u.shape.is_empty())
        .map(|(program, input)| numeric::slopes(&program, 0, &at, input))
        .and_then(|s| if side == OneSide::Left { s.left } else { s.right })
        .map(|n| Estimate { value: n.value, error: n.error });
    let Some(doubles) = exact.clone().or_else(|| slopes.map(|s| vec![s.value])) else {
        return Err(Failure::new(
            agnesi_syntax::Code::Domain,
            format!("there is no derivative from the {word} at {}", describe_point(point)),
        )
        .with_hint("the function may not be defined on that side"));
    };
    let numeric: Option<Vec<Estimate>> = slopes.map(|s| vec![s]);
    let (agree, trust) = match &exact {
        Some(e) => compare(e, &vec![0.0; e.len()], None, numeric.as_deref()),
        None => (true, Some("by differences on that side only: the formula does not decide it".into())),
    };
    let value = arrange(&doubles, &d.shape);
    u.notes.push(crate::protocol::Note::new(format!("this is the derivative from the {word}")));
    Ok(AtPoint {
        value: Some(value.clone()),
        evidence: Evidence {
            exact: exact.map(|_| value),
            exact_error: None,
            automatic: None,
            numeric: numeric.as_deref().map(|n| arrange(&[n[0].value], &d.shape)),
            numeric_error: numeric.as_deref().map(|n| arrange(&[n[0].error], &d.shape)),
            agree,
            trust,
        },
        conventions: Vec::new(),
    })
}

fn side_value(u: &mut Understood, moved: NodeId, t: NodeId, order: u32, sign: &Rational) -> Option<f64> {
    let t = u.graph.as_symbol(t)?;
    let mut d = moved;
    for _ in 0..order {
        d = u.derivative(d, t).ok()?;
    }
    let zero = u.graph.zero();
    // What still hangs on the sign of t has not been decided by t > 0.
    let at_zero = super::removable::AtPoint::on_line(&mut u.graph, &mut u.tools, t, zero).value(d);
    let super::removable::Found::Closed { node, .. } = at_zero else { return None };
    if super::removable::has_kink_at(&mut u.graph, d, t, zero) {
        return None;
    }
    let factor = sign.pow(order as i64)?;
    let node = u.graph.scale(factor, node);
    let values = u.exact_values_anywhere(&[node]).ok()?;
    values.doubles.first().copied()
}
