//! Doubles that know how far they may be off, and texts evaluated with them.

use agnesi_syntax::{Binary, Kind, Prefix, Relation, TreeId};

use super::formula::Formula;
use super::quadrature;
use crate::big::Enclosure;
use crate::kernels::elementary;
use crate::{ErrorBound, Function, Meaning, constant, find};

/// A value and a bound on its error, to first order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approx {
    pub value: f64,
    pub error: f64,
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// It is not defined here.
    Undefined,
    /// A comparison is too close to call, or an error too large to say anything.
    Undecided,
    /// The text says something that is not evaluated here.
    Unsupported,
}

pub(super) type Result<T> = std::result::Result<T, Gap>;

const HALF_ULP: f64 = f64::EPSILON / 2.0;
/// Formulas nested deeper than this are not evaluated.
const DEPTH: u32 = 512;

impl Approx {
    pub fn exact(value: f64) -> Approx {
        Approx { value, error: 0.0 }
    }

    fn rounded(value: f64, error: f64, residue: f64) -> Approx {
        let rounding = if residue == 0.0 { 0.0 } else { HALF_ULP * value.abs() };
        Approx { value, error: error + rounding }
    }

    fn add(self, other: Approx) -> Approx {
        let sum = self.value + other.value;
        let part = sum - self.value;
        let residue = (self.value - (sum - part)) + (other.value - part);
        Approx::rounded(sum, self.error + other.error, residue)
    }

    fn neg(self) -> Approx {
        Approx { value: -self.value, error: self.error }
    }

    fn mul(self, other: Approx) -> Approx {
        let product = self.value * other.value;
        let error =
            self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error;
        // 0 times an error without bound is no news.
        let error = if error.is_nan() { f64::INFINITY } else { error };
        let residue = self.value.mul_add(other.value, -product);
        let lost = if self.value == 0.0 || other.value == 0.0 { 0.0 } else { tiny(product) };
        Approx::rounded(product, error + lost, residue)
    }

    fn div(self, other: Approx) -> Result<Approx> {
        if other.value == 0.0 && other.error == 0.0 {
            return Err(Gap::Undefined);
        }
        if other.value.abs() <= other.error {
            return Err(Gap::Undecided);
        }
        let quotient = self.value / other.value;
        let error = (self.error + quotient.abs() * other.error) / (other.value.abs() - other.error);
        let residue = quotient.mul_add(other.value, -self.value);
        let lost = if self.value == 0.0 { 0.0 } else { tiny(quotient) };
        Ok(Approx::rounded(quotient, error + lost, residue))
    }

    fn is_whole(self) -> bool {
        self.error == 0.0 && self.value == self.value.floor() && self.value.abs() < 9e15
    }
}

// Below the normal doubles, rounding is absolute.
fn tiny(value: f64) -> f64 {
    if value.abs() < 1e-290 { 5e-324 } else { 0.0 }
}

/// Whether a double is the very number that the text says.
fn is_exact(text: &str, value: f64) -> bool {
    if text.len() < 16 && value == value.floor() && value.abs() < 9e15 {
        // A fraction that short would show.
        return true;
    }
    let (Some(said), Some(held)) = (Enclosure::from_decimal(text), Enclosure::from_f64(value)) else {
        return false;
    };
    said.sub(&held, 64).is_exactly_zero()
}

/// How far a kernel with this bound may be off at a value.
pub(super) fn kernel_error(bound: ErrorBound, value: f64) -> f64 {
    let ulps = |bound: f64| bound * f64::EPSILON * value.abs() + 5e-324;
    match bound {
        ErrorBound::Exact => 0.0,
        ErrorBound::Ulps(bound) => ulps(bound),
        ErrorBound::UlpsOrAbsolute(bound, absolute) => ulps(bound).max(absolute),
    }
}

/// What texts are evaluated with: the row under test, and its values.
pub(super) struct Scope<'a> {
    pub subject: &'a Function,
    pub value: &'a dyn Fn(&[f64]) -> f64,
}

/// Names and their values.
pub(super) type Env<'a> = [(&'a str, Approx)];

impl Scope<'_> {
    /// The value of a text.
    pub fn eval(&self, formula: &Formula, env: &Env) -> Result<Approx> {
        self.node(formula, formula.root, env, 0)
    }

    /// Whether a condition holds.
    pub fn holds(&self, formula: &Formula, env: &Env) -> Result<bool> {
        self.condition(formula, formula.root, env, 0)
    }

    /// The row's own value, with its error bound.
    pub fn call(&self, args: &[f64]) -> Result<Approx> {
        let args: Vec<Approx> = args.iter().map(|&x| Approx::exact(x)).collect();
        self.apply(self.subject.error, self.value, &args)
    }

    fn node(&self, formula: &Formula, id: TreeId, env: &Env, depth: u32) -> Result<Approx> {
        let found = self.any_node(formula, id, env, depth)?;
        if found.value.is_nan() {
            return Err(Gap::Undecided);
        }
        // An overflow is no value; infinity as written is.
        let written = matches!(formula.tree.kind(id), Kind::Name(_) | Kind::Prefix(..));
        if found.value.is_infinite() && !written { Err(Gap::Undecided) } else { Ok(found) }
    }

    fn any_node(&self, formula: &Formula, id: TreeId, env: &Env, depth: u32) -> Result<Approx> {
        if depth > DEPTH {
            return Err(Gap::Unsupported);
        }
        let node = |id| self.node(formula, id, env, depth + 1);
        match formula.tree.kind(id) {
            Kind::Number(text) => {
                let value: f64 = text.parse().map_err(|_| Gap::Unsupported)?;
                Ok(Approx { value, error: if is_exact(text, value) { 0.0 } else { HALF_ULP * value.abs() } })
            }
            Kind::Name(name) => match env.iter().find(|(other, _)| *other == name.as_str()) {
                Some(&(_, value)) => Ok(value),
                None if name == "inf" => Ok(Approx::exact(f64::INFINITY)),
                None => {
                    let value = constant(name).ok_or(Gap::Unsupported)?.value;
                    Ok(Approx { value, error: HALF_ULP * value })
                }
            },
            Kind::Prefix(Prefix::Neg, x) => Ok(node(*x)?.neg()),
            Kind::Prefix(Prefix::Plus, x) => node(*x),
            Kind::Binary(op, a, b) => match op {
                Binary::Add => Ok(node(*a)?.add(node(*b)?)),
                Binary::Sub => Ok(node(*a)?.add(node(*b)?.neg())),
                Binary::Mul | Binary::Juxtapose => Ok(node(*a)?.mul(node(*b)?)),
                Binary::Div => node(*a)?.div(node(*b)?),
                Binary::Pow => self.power(formula, node(*a)?, *b, env, depth),
                _ => Err(Gap::Unsupported),
            },
            Kind::Factorial(x) => {
                let row = find("factorial").ok_or(Gap::Unsupported)?.row();
                self.apply(row.error, &|args| row.kernel.call(args).unwrap_or(f64::NAN), &[node(*x)?])
            }
            Kind::If(condition, yes, no) => {
                let chosen = if self.condition(formula, *condition, env, depth + 1)? { *yes } else { *no };
                node(chosen)
            }
            Kind::Call { head, args } => {
                let name = formula.name(*head).ok_or(Gap::Unsupported)?;
                let ids = formula.tree.ids(*args);
                if name == "integral" {
                    return self.integral(formula, ids, env, depth);
                }
                let values = ids.iter().map(|&id| node(id)).collect::<Result<Vec<_>>>()?;
                if name == self.subject.name || self.subject.aliases.contains(&name) {
                    return self.apply(self.subject.error, self.value, &values);
                }
                let row = find(name).ok_or(Gap::Unsupported)?.row();
                if row.args.len() != values.len() {
                    return Err(Gap::Unsupported);
                }
                self.apply(row.error, &|args| row.kernel.call(args).unwrap_or(f64::NAN), &values)
            }
            _ => Err(Gap::Unsupported),
        }
    }

    /// A kernel at uncertain arguments: what the uncertainty does to it is seen by moving each.
    fn apply(&self, bound: ErrorBound, kernel: &dyn Fn(&[f64]) -> f64, args: &[Approx]) -> Result<Approx> {
        let mut at: Vec<f64> = args.iter().map(|arg| arg.value).collect();
        let value = kernel(&at);
        if value.is_nan() {
            // On the edge of the domain the argument may lie inside after all.
            let exact = args.iter().all(|arg| arg.error == 0.0);
            return Err(if exact { Gap::Undefined } else { self.undefined_around(kernel, args) });
        }
        if value.is_infinite() {
            return Ok(Approx { value, error: 0.0 });
        }
        let mut error = kernel_error(bound, value);
        let half = matches!(bound, ErrorBound::Ulps(ulps) if ulps <= 0.5);
        if half && value == value.floor() && args.iter().all(|arg| arg.is_whole()) {
            // Half a unit in the last place of a whole number, from whole numbers: it is that number.
            error = 0.0;
        }
        for i in 0..args.len() {
            let uncertain = args[i].error;
            if uncertain == 0.0 {
                continue;
            }
            // A step that the argument's own rounding does not swallow; the effect shrinks with it.
            let step = uncertain.max(8.0 * f64::EPSILON * args[i].value.abs());
            at[i] = args[i].value - step;
            let left = kernel(&at) - value;
            at[i] = args[i].value + step;
            let right = kernel(&at) - value;
            at[i] = args[i].value;
            let moved = match (left.is_finite(), right.is_finite()) {
                // Far from a straight line, what one step shows is no bound.
                (true, true) if (left + right).abs() > 0.5 * left.abs().max(right.abs()) + 4.0 * error => {
                    f64::INFINITY
                }
                (true, true) => left.abs().max(right.abs()) * (uncertain / step),
                (true, false) => left.abs(),
                (false, true) => right.abs(),
                (false, false) => f64::INFINITY,
            };
            error += moved;
        }
        if error.is_nan() {
            error = f64::INFINITY;
        }
        Ok(Approx { value, error })
    }

    fn undefined_around(&self, kernel: &dyn Fn(&[f64]) -> f64, args: &[Approx]) -> Gap {
        let mut at: Vec<f64> = args.iter().map(|arg| arg.value).collect();
        for i in 0..args.len() {
            for side in [-1.0, 1.0] {
                at[i] = args[i].value + side * args[i].error;
                if !kernel(&at).is_nan() {
                    return Gap::Undecided;
                }
            }
            at[i] = args[i].value;
        }
        Gap::Undefined
    }

    /// Powers: of whole and of odd fractional exponents that stand as such, also of negative numbers.
    fn power(
        &self,
        formula: &Formula,
        base: Approx,
        exponent: TreeId,
        env: &Env,
        depth: u32,
    ) -> Result<Approx> {
        let odd_root = literal(formula, exponent).filter(|&(_, q)| q > 1.0 && q % 2.0 == 1.0);
        let exponent = self.node(formula, exponent, env, depth + 1)?;
        if let Some((p, _)) = odd_root
            && base.value < 0.0
        {
            let sign = if p % 2.0 == 0.0 { 1.0 } else { -1.0 };
            let size = self.raise(base.neg(), exponent)?;
            return Ok(Approx { value: sign * size.value, error: size.error });
        }
        self.raise(base, exponent)
    }

    fn raise(&self, base: Approx, exponent: Approx) -> Result<Approx> {
        if exponent.error == 0.0 && exponent.value == 2.0 {
            return Ok(base.mul(base));
        }
        self.apply(ErrorBound::Ulps(1.0), &|args| elementary::pow(args[0], args[1]), &[base, exponent])
    }

    fn integral(&self, formula: &Formula, ids: &[TreeId], env: &Env, depth: u32) -> Result<Approx> {
        let &[body, variable, from, to] = ids else { return Err(Gap::Unsupported) };
        let variable = formula.name(variable).ok_or(Gap::Unsupported)?;
        let (from, to) = (self.node(formula, from, env, depth + 1)?, self.node(formula, to, env, depth + 1)?);
        let mut inner: Vec<(&str, Approx)> = vec![(variable, Approx::exact(0.0))];
        inner.extend_from_slice(env);
        let inner = std::cell::RefCell::new(inner);
        let integrand = |t: f64| {
            inner.borrow_mut()[0].1 = Approx::exact(t);
            self.node(formula, body, &inner.borrow(), depth + 1).map_or(f64::NAN, |found| found.value)
        };
        let (value, error) = quadrature::integrate(&integrand, from.value, to.value).ok_or(Gap::Undecided)?;
        let mut moved = 0.0;
        for end in [from, to] {
            if end.error > 0.0 {
                moved += end.error * integrand(end.value).abs();
            }
        }
        Ok(Approx { value, error: error + moved })
    }

    fn condition(&self, formula: &Formula, id: TreeId, env: &Env, depth: u32) -> Result<bool> {
        if depth > DEPTH {
            return Err(Gap::Unsupported);
        }
        let condition = |id| self.condition(formula, id, env, depth + 1);
        match formula.tree.kind(id) {
            Kind::Name(name) if name == "true" => Ok(true),
            Kind::Name(name) if name == "false" => Ok(false),
            Kind::Prefix(Prefix::Not, x) => Ok(!condition(*x)?),
            // One side may decide what the other leaves open.
            Kind::Binary(Binary::And, a, b) => match (condition(*a), condition(*b)) {
                (Ok(false), _) | (_, Ok(false)) => Ok(false),
                (Ok(true), Ok(true)) => Ok(true),
                (Err(gap), _) | (_, Err(gap)) => Err(gap),
            },
            Kind::Binary(Binary::Or, a, b) => match (condition(*a), condition(*b)) {
                (Ok(true), _) | (_, Ok(true)) => Ok(true),
                (Ok(false), Ok(false)) => Ok(false),
                (Err(gap), _) | (_, Err(gap)) => Err(gap),
            },
            Kind::Compare { operands, relations } => {
                let values = formula
                    .tree
                    .ids(*operands)
                    .iter()
                    .map(|&id| self.node(formula, id, env, depth + 1))
                    .collect::<Result<Vec<_>>>()?;
                let mut open = false;
                for (pair, relation) in values.windows(2).zip(relations) {
                    match compare(pair[0], pair[1], *relation) {
                        Some(false) => return Ok(false),
                        Some(true) => {}
                        None => open = true,
                    }
                }
                if open { Err(Gap::Undecided) } else { Ok(true) }
            }
            _ => Err(Gap::Unsupported),
        }
    }
}

fn compare(a: Approx, b: Approx, relation: Relation) -> Option<bool> {
    let error = a.error + b.error;
    let apart = (a.value - b.value).abs() > error;
    if error > 0.0 && !apart {
        return None;
    }
    Some(match relation {
        Relation::Less => a.value < b.value,
        Relation::LessEqual => a.value <= b.value,
        Relation::Greater => a.value > b.value,
        Relation::GreaterEqual => a.value >= b.value,
        Relation::Equal => a.value == b.value,
        Relation::NotEqual => a.value != b.value,
    })
}

/// A fraction written as such, `p/q` or `-p/q`, not in lowest terms only if written so.
fn literal(formula: &Formula, id: TreeId) -> Option<(f64, f64)> {
    match formula.tree.kind(id) {
        Kind::Number(text) => text.parse().ok().map(|p| (p, 1.0)),
        Kind::Prefix(Prefix::Neg, x) => literal(formula, *x).map(|(p, q)| (-p, q)),
        Kind::Binary(Binary::Div, a, b) => {
            let ((p, 1.0), (q, 1.0)) = (literal(formula, *a)?, literal(formula, *b)?) else { return None };
            (p == p.floor() && q == q.floor()).then_some((p, q))
        }
        _ => None,
    }
}

/// Whether the meaning of a row names the row itself, which would not end.
pub(super) fn is_circular(function: &Function) -> bool {
    let Meaning::Is(text) = function.meaning else { return false };
    let Ok(formula) = Formula::read(text, function.name) else { return false };
    (0..formula.tree.len() as u32).any(|id| match formula.tree.kind(TreeId(id)) {
        Kind::Call { head, .. } => {
            formula.name(*head).is_some_and(|name| name == function.name || function.aliases.contains(&name))
        }
        _ => false,
    })
}
