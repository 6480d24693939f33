//! Power series of a formula about an exact point, with exact coefficients.
//!
//! A series is computed from the leaves up, truncated: sums and products of series, powers by the recurrence of Euler,
//! and everything else from its derivative, `f = f(a) + integral of f'`, to one term less. Series may begin with negative
//! powers on the way, so that the poles of sin(x)/x cancel; in the end they say that there is no Taylor polynomial.

use agnesi_functions::Meaning;
use agnesi_graph::{Graph, NodeId, Op, Operators, Rational, Sign, SymbolId, known};
use rustc_hash::FxHashMap;

use super::understand::Tools;

/// How many terms more than asked for are carried at most, for cancelling poles.
const MOST_SLACK: i64 = 24;
/// How deep derivatives of derivatives may be nested.
const MOST_DEPTH: usize = 120;
/// How many series may be computed for one answer.
const MOST_WORK: usize = 40_000;

/// Why there is no Taylor polynomial.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoSeries {
    /// The function goes to infinity like this power.
    Pole(i64),
    /// A power of the variable that is not whole, such as sqrt(x) at 0.
    Fractional,
    /// An argument goes to infinity, as in exp(1/x) at 0.
    Essential,
    /// A kink or jump; with the convention of the row that has it.
    Kink(&'static str),
    /// Not defined at the point: the function, and its domain.
    Domain(String),
    /// It could not be decided whether a coefficient is zero.
    Undecided,
    /// No derivative is known.
    Unknown(String),
    /// Too much work.
    Limit,
}

/// `c[0]*h^low + c[1]*h^(low + 1) + ...`; what follows the last coefficient is not known.
#[derive(Clone, Debug)]
struct Laurent {
    low: i64,
    coefficients: Vec<NodeId>,
}

impl Laurent {
    fn end(&self) -> i64 {
        self.low + self.coefficients.len() as i64
    }
}

enum Stop {
    /// More terms are needed; asking again with more may help.
    Short,
    Never(NoSeries),
}

impl From<NoSeries> for Stop {
    fn from(why: NoSeries) -> Stop {
        Stop::Never(why)
    }
}

/// The coefficients of `(x - a)^0` to `(x - a)^order` of a node.
pub(crate) fn taylor(
    g: &mut Graph,
    tools: &mut Tools,
    node: NodeId,
    x: SymbolId,
    a: NodeId,
    order: u32,
) -> Result<Vec<NodeId>, NoSeries> {
    let wanted = i64::from(order) + 1;
    let mut slack = 0;
    loop {
        let mut expansion = Expansion {
            g: &mut *g,
            tools: &mut *tools,
            x,
            a,
            known: FxHashMap::default(),
            open: FxHashMap::default(),
            depth: 0,
            work: 0,
        };
        match expansion.series(node, wanted + slack) {
            Ok(series) => {
                let mut series = series;
                // A pole that has cancelled to nothing is none.
                while series.low < 0 && !series.coefficients.is_empty() {
                    if !expansion.is_zero(series.coefficients[0])? {
                        return Err(NoSeries::Pole(series.low));
                    }
                    series.low += 1;
                    series.coefficients.remove(0);
                }
                if series.end() >= wanted {
                    let zero = expansion.g.zero();
                    return Ok((0..wanted)
                        .map(|k| {
                            let place = k - series.low;
                            let known = usize::try_from(place).ok().and_then(|i| series.coefficients.get(i));
                            known.copied().unwrap_or(zero)
                        })
                        .collect());
                }
            }
            Err(Stop::Never(why)) => return Err(why),
            Err(Stop::Short) => {}
        }
        slack = if slack == 0 { 2 } else { slack * 2 };
        if slack > MOST_SLACK {
            return Err(NoSeries::Undecided);
        }
    }
}

struct Expansion<'a> {
    g: &'a mut Graph,
    tools: &'a mut Tools,
    x: SymbolId,
    a: NodeId,
    /// The longest series known of each node, and how long it was meant to be: division by powers shortens it.
    known: FxHashMap<NodeId, (i64, Laurent)>,
    /// What is being computed, and up to where: a series that needs itself just as far never ends.
    open: FxHashMap<NodeId, i64>,
    depth: usize,
    work: usize,
}

impl Expansion<'_> {
    /// The series of a node up to, not with, `h^end`.
    fn series(&mut self, root: NodeId, end: i64) -> Result<Laurent, Stop> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(NoSeries::Limit.into());
        }
        // Children first, without recursion; derivatives recurse, to one term less each.
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if self.is_known(top, end) {
                stack.pop();
                continue;
            }
            let mut waiting = Vec::new();
            self.g.for_each_child(top, |c| waiting.push(c));
            // Conditions have no series, and the branch not taken need not have one.
            if let Op::Select(c, p, q) = self.g.op(top).clone() {
                waiting = vec![self.branch(c, p, q)?];
            }
            waiting.retain(|c| !self.is_known(*c, end));
            if let Op::Integral { .. } = self.g.op(top) {
                waiting.clear();
            }
            if waiting.is_empty() {
                self.work += 1;
                if self.work > MOST_WORK {
                    return Err(NoSeries::Limit.into());
                }
                let series = self.node(top, end)?;
                self.known.insert(top, (end, series));
                stack.pop();
            } else {
                stack.extend(waiting);
            }
        }
        self.depth -= 1;
        self.get(root, end)
    }

    fn is_known(&self, node: NodeId, end: i64) -> bool {
        self.known.get(&node).is_some_and(|s| s.0 >= end) || !self.g.may_contain(node, self.x)
    }

    fn get(&self, node: NodeId, end: i64) -> Result<Laurent, Stop> {
        if !self.g.may_contain(node, self.x) {
            return Ok(self.constant(node, end));
        }
        let (_, mut series) = self.known.get(&node).cloned().ok_or(Stop::Short)?;
        series.coefficients.truncate(usize::try_from(end - series.low).unwrap_or(0));
        Ok(series)
    }

    fn constant(&self, node: NodeId, end: i64) -> Laurent {
        let mut coefficients = vec![self.g.zero(); usize::try_from(end).unwrap_or(0).max(1)];
        coefficients[0] = node;
        Laurent { low: 0, coefficients }
    }

    fn node(&mut self, node: NodeId, end: i64) -> Result<Laurent, Stop> {
        match self.g.op(node).clone() {
            Op::Symbol(_) => {
                let mut series = self.constant(self.a, end);
                if let Some(linear) = series.coefficients.get_mut(1) {
                    *linear = self.g.one();
                }
                Ok(series)
            }
            Op::Add(sum) => {
                let mut total: Option<Laurent> = None;
                for (c, term) in &sum.terms {
                    let term = self.get(*term, end)?;
                    let term = self.scaled(c, term);
                    total = Some(match total {
                        None => term,
                        Some(total) => self.plus(&total, &term),
                    });
                }
                total.ok_or(Stop::Short)
            }
            Op::Contract(c) if c.sizes.is_empty() => {
                let mut product = self.constant(self.g.one(), end);
                for factor in &c.factors {
                    let base = self.get(factor.node, end)?;
                    let power = self.power(&base, &factor.exponent)?;
                    product = self.times(&product, &power);
                }
                Ok(self.scaled(&c.coefficient, product))
            }
            Op::Select(c, p, q) => {
                let branch = self.branch(c, p, q)?;
                self.get(branch, end)
            }
            Op::Call(f, args) => {
                let mut at = Vec::with_capacity(args.len());
                for arg in &args {
                    at.push(self.value(*arg)?);
                }
                if let [arg] = &args[..]
                    && (f == known().exp || f == known().sin || f == known().cos)
                {
                    let arg = self.get(*arg, end)?;
                    return self.elementary(f, &arg, at[0]);
                }
                match self.call(node, f, &at, end) {
                    Err(Stop::Short | Stop::Never(NoSeries::Undecided | NoSeries::Unknown(_))) => {
                        self.by_meaning(node, f, &args, end)
                    }
                    // A pole of 1/sin(x) may cancel with what it is multiplied by.
                    Err(Stop::Never(NoSeries::Domain(why))) => match self.by_meaning(node, f, &args, end) {
                        Err(Stop::Never(_)) => Err(NoSeries::Domain(why).into()),
                        result => result,
                    },
                    result => result,
                }
            }
            Op::Integral { .. } => self.by_derivative(node, None, end),
            _ => Err(NoSeries::Unknown("this notation".into()).into()),
        }
    }

    /// The branch that is taken around the point.
    fn branch(&mut self, c: NodeId, p: NodeId, q: NodeId) -> Result<NodeId, Stop> {
        match self.g.op(c).clone() {
            // A branch at one point only, for the limit that the other branch has there.
            Op::Compare(Sign::Zero, _) => Ok(q),
            _ => {
                for compared in self.compared(c) {
                    let value = self.g.substitute(compared, self.x, self.a);
                    if self.is_zero(value).unwrap_or(false) {
                        return Err(NoSeries::Kink("the branches meet there").into());
                    }
                }
                let at = self.g.substitute(c, self.x, self.a);
                match self.truth(at) {
                    Some(true) => Ok(p),
                    Some(false) => Ok(q),
                    None => Err(NoSeries::Undecided.into()),
                }
            }
        }
    }

    /// What a condition compares with zero.
    fn compared(&self, condition: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        for node in self.g.topological(condition) {
            if let Op::Compare(_, d) = self.g.op(node)
                && self.g.may_contain(*d, self.x)
            {
                found.push(*d);
            }
        }
        found
    }

    fn truth(&mut self, condition: NodeId) -> Option<bool> {
        if let Some(truth) = self.g.as_truth(condition) {
            return Some(truth);
        }
        let (tree, root) = self.g.raise(condition, agnesi_graph::Style::default());
        let program = agnesi_engine::Program::new(&tree, root, &[], &[]).ok()?;
        program.truth::<f64>(&[], &()).ok()
    }

    /// The value of an argument at the point; none where it goes to infinity.
    fn value(&mut self, arg: NodeId) -> Result<NodeId, Stop> {
        if !self.g.may_contain(arg, self.x) {
            return Ok(arg);
        }
        let series = self.get(arg, 1)?;
        for k in series.low..series.end().min(0) {
            let c = series.coefficients[(k - series.low) as usize];
            if !self.is_zero(c)? {
                return Err(NoSeries::Essential.into());
            }
        }
        match series.coefficients.get(usize::try_from(-series.low).unwrap_or(0)) {
            _ if series.low > 0 => Ok(self.g.zero()),
            Some(value) => Ok(self.tools.simplifier.simplify(self.g, *value)),
            None => Err(Stop::Short),
        }
    }

    fn call(
        &mut self,
        node: NodeId,
        f: agnesi_functions::FunctionId,
        at: &[NodeId],
        end: i64,
    ) -> Result<Laurent, Stop> {
        if self.g.taught(f).is_none() {
            let row = f.row();
            let names: Vec<(&'static str, NodeId)> =
                row.args.iter().copied().zip(at.iter().copied()).collect();
            for kink in row.kinks {
                if let Some(condition) = self.g.instantiate(kink.at, &names)
                    && self.truth(condition) == Some(true)
                {
                    return Err(NoSeries::Kink(kink.convention).into());
                }
            }
            if row.domain != "true"
                && let Some(condition) = self.g.instantiate(row.domain, &names)
                && self.truth(condition) == Some(false)
            {
                return Err(NoSeries::Domain(format!("{} is defined where {}", row.name, row.domain)).into());
            }
        }
        let value = self.g.call(f, at);
        self.by_derivative(node, Some(value), end)
    }

    /// A node from its value at the point and its derivative.
    fn by_derivative(&mut self, node: NodeId, value: Option<NodeId>, end: i64) -> Result<Laurent, Stop> {
        let value = value.unwrap_or_else(|| self.g.substitute(node, self.x, self.a));
        let mut coefficients = vec![value];
        if end > 1 {
            if self.open.get(&node).is_some_and(|open| *open <= end) {
                return Err(NoSeries::Undecided.into());
            }
            let before = self.open.insert(node, end);
            let slope = self.tools.derivative(self.g, node, self.x).map_err(NoSeries::Unknown)?;
            let slope = self.series(slope, end - 1)?;
            match before {
                Some(before) => self.open.insert(node, before),
                None => self.open.remove(&node),
            };
            for k in slope.low..slope.end().min(0) {
                let c = slope.coefficients[(k - slope.low) as usize];
                if !self.is_zero(c)? {
                    return Err(NoSeries::Fractional.into());
                }
            }
            for k in 1..end {
                let place = k - 1 - slope.low;
                let c = match usize::try_from(place) {
                    Ok(i) => match slope.coefficients.get(i) {
                        Some(c) => *c,
                        None => break,
                    },
                    Err(_) => self.g.zero(),
                };
                let share = Rational::new(1, k).unwrap_or(Rational::ONE);
                coefficients.push(self.g.scale(share, c));
            }
        }
        Ok(Laurent { low: 0, coefficients })
    }

    /// A node as what it means, where its derivative does not help.
    fn by_meaning(
        &mut self,
        node: NodeId,
        f: agnesi_functions::FunctionId,
        args: &[NodeId],
        end: i64,
    ) -> Result<Laurent, Stop> {
        self.open.remove(&node);
        if let Some(taught) = self.g.taught(f).cloned() {
            let names: Vec<(&str, NodeId)> =
                taught.args.iter().map(|a| a.as_str()).zip(args.iter().copied()).collect();
            let (tree, root) = &taught.meaning;
            let meaning = self.g.build(tree, *root, &names).map_err(|d| NoSeries::Unknown(d.message))?;
            return self.series(meaning, end);
        }
        let row = f.row();
        let Meaning::Is(text) = row.meaning else {
            return Err(NoSeries::Unknown(row.name.to_string()).into());
        };
        let names: Vec<(&'static str, NodeId)> = row.args.iter().copied().zip(args.iter().copied()).collect();
        let meaning =
            self.g.instantiate(text, &names).ok_or_else(|| NoSeries::Unknown(row.name.to_string()))?;
        if meaning == node {
            return Err(NoSeries::Undecided.into());
        }
        self.series(meaning, end)
    }

    /// exp, sin and cos of a series by their differential equations.
    fn elementary(
        &mut self,
        f: agnesi_functions::FunctionId,
        u: &Laurent,
        at: NodeId,
    ) -> Result<Laurent, Stop> {
        let len = usize::try_from(u.end()).unwrap_or(0).max(1);
        let u = self.ordinary(u, len);
        if f == known().exp {
            let mut p = vec![self.g.call(f, &[at])];
            for k in 1..len {
                let next = self.convolution(&u, &p, k, false);
                p.push(next);
            }
            return Ok(Laurent { low: 0, coefficients: p });
        }
        let mut s = vec![self.g.call(known().sin, &[at])];
        let mut c = vec![self.g.call(known().cos, &[at])];
        for k in 1..len {
            let next_s = self.convolution(&u, &c, k, false);
            let next_c = self.convolution(&u, &s, k, true);
            s.push(next_s);
            c.push(next_c);
        }
        Ok(Laurent { low: 0, coefficients: if f == known().sin { s } else { c } })
    }

    /// `1/k * sum over j of j*u[j]*p[k - j]`, or its opposite.
    fn convolution(&mut self, u: &[NodeId], p: &[NodeId], k: usize, negative: bool) -> NodeId {
        let mut terms = Vec::with_capacity(k);
        for j in 1..=k {
            if self.g.is_zero(u[j]) || self.g.is_zero(p[k - j]) {
                continue;
            }
            let share = Rational::new(j as i64, k as i64).unwrap_or(Rational::ONE);
            terms.push((if negative { -&share } else { share }, self.g.mul(u[j], p[k - j])));
        }
        self.g.sum(&terms)
    }

    /// The coefficients from `h^0` on.
    fn ordinary(&self, u: &Laurent, len: usize) -> Vec<NodeId> {
        (0..len as i64)
            .map(|k| {
                let place = usize::try_from(k - u.low).ok();
                place.and_then(|i| u.coefficients.get(i)).copied().unwrap_or(self.g.zero())
            })
            .collect()
    }

    fn scaled(&mut self, c: &Rational, mut series: Laurent) -> Laurent {
        if !c.is_one() {
            for x in &mut series.coefficients {
                *x = self.g.scale(c.clone(), *x);
            }
        }
        series
    }

    fn plus(&mut self, a: &Laurent, b: &Laurent) -> Laurent {
        let (low, end) = (a.low.min(b.low), a.end().min(b.end()));
        let zero = self.g.zero();
        let of = |s: &Laurent, k: i64| {
            usize::try_from(k - s.low).ok().and_then(|i| s.coefficients.get(i)).copied().unwrap_or(zero)
        };
        let coefficients = (low..end).map(|k| self.g.add(of(a, k), of(b, k))).collect();
        Laurent { low, coefficients }
    }

    fn times(&mut self, a: &Laurent, b: &Laurent) -> Laurent {
        let len = a.coefficients.len().min(b.coefficients.len());
        let mut coefficients = Vec::with_capacity(len);
        for k in 0..len {
            let mut terms = Vec::new();
            for i in 0..=k {
                let (p, q) = (a.coefficients[i], b.coefficients[k - i]);
                if !self.g.is_zero(p) && !self.g.is_zero(q) {
                    terms.push((Rational::ONE, self.g.mul(p, q)));
                }
            }
            coefficients.push(self.g.sum(&terms));
        }
        Laurent { low: a.low + b.low, coefficients }
    }

    /// `u^e` by Euler's recurrence: `k u0 p(k) = sum over j of (e j - (k - j)) u(j) p(k - j)`.
    fn power(&mut self, u: &Laurent, e: &Rational) -> Result<Laurent, Stop> {
        if e.is_one() {
            return Ok(u.clone());
        }
        let mut u = u.clone();
        while let Some(first) = u.coefficients.first().copied() {
            if !self.is_zero(first)? {
                break;
            }
            u.low += 1;
            u.coefficients.remove(0);
        }
        if u.coefficients.is_empty() {
            return Err(Stop::Short);
        }
        let low = &Rational::from(u.low) * e;
        let Some(low) = low.as_integer() else { return Err(NoSeries::Fractional.into()) };
        if !e.is_integer() && u.low != 0 && !e.denominator_odd() && low % 2 != 0 {
            return Err(NoSeries::Kink("a square root of a square is an absolute value").into());
        }
        let first = u.coefficients[0];
        if !e.is_integer() && !e.denominator_odd() && self.g.bounds(first).is_negative() {
            return Err(NoSeries::Domain(
                "an even root is defined where its argument is not negative".into(),
            )
            .into());
        }
        let inverse = self.g.power(first, Rational::MINUS_ONE);
        let mut p = vec![self.g.power(first, e.clone())];
        for k in 1..u.coefficients.len() {
            let mut terms = Vec::new();
            for j in 1..=k {
                if self.g.is_zero(u.coefficients[j]) || self.g.is_zero(p[k - j]) {
                    continue;
                }
                let weight = &(e * &Rational::from(j as i64)) - &Rational::from((k - j) as i64);
                let share = Rational::new(1, k as i64).unwrap_or(Rational::ONE);
                let product = self.g.mul(u.coefficients[j], p[k - j]);
                terms.push((&weight * &share, product));
            }
            let sum = self.g.sum(&terms);
            p.push(self.g.mul(sum, inverse));
        }
        Ok(Laurent { low, coefficients: p })
    }

    /// Whether a coefficient is zero, exactly or to many digits not.
    fn is_zero(&mut self, node: NodeId) -> Result<bool, NoSeries> {
        if self.g.is_zero(node) {
            return Ok(true);
        }
        if self.g.as_number(node).is_some() || self.g.bounds(node).is_nonzero() {
            return Ok(false);
        }
        let simple = self.tools.simplifier.simplify(self.g, node);
        if self.g.is_zero(simple) {
            return Ok(true);
        }
        if !self.g.is_closed(simple) {
            // A formula in other names: zero at some of their values, but not as a formula.
            return Ok(false);
        }
        let (tree, root) = self.g.raise(simple, agnesi_graph::Style::default());
        let limits = agnesi_engine::exact::Limits { bits: 512, ..agnesi_engine::exact::Limits::default() };
        match agnesi_engine::exact::value(&tree, root, &[], &[], &limits) {
            Ok(exact) if exact.value.abs() > exact.error => Ok(false),
            _ => Err(NoSeries::Undecided),
        }
    }
}
