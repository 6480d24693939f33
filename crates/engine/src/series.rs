//! Power series in one variable with enclosed coefficients: the limit of an expression where it is 0/0.

use std::cell::Cell;

use agnesi_functions::big::Enclosure;
use agnesi_functions::{Constant, FunctionId};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;
use dashu_int::IBig;

use crate::{Exponent, Fault, Number, Program, Working, rows};

/// What series are computed with.
struct Expansion {
    working: Working,
    /// How many coefficients are carried.
    order: usize,
    /// Whether a step depended on the side from which the point is approached.
    sided: Cell<bool>,
    /// Whether a step needed more coefficients than there were.
    short: Cell<bool>,
}

impl Expansion {
    fn bits(&self) -> usize {
        self.working.bits()
    }

    /// More coefficients would help.
    fn too_short(&self) -> Fault {
        self.short.set(true);
        Fault::Undecided
    }
}

/// `c[0] + c[1] t + ... + O(t^n)` for small positive `t`, with `n` the number of coefficients.
#[derive(Clone, Debug)]
struct Series(Vec<Enclosure>);

/// The limits of a program's outputs as its only input goes to a point, where there are any: both one-sided limits
/// exist as values of power series, and are equal. Takes its work off the budget.
pub(crate) fn limits(program: &Program, point: &Enclosure, working: &Working) -> Option<Vec<Enclosure>> {
    for order in [6, 12, 24] {
        let context = Expansion {
            working: Working::new(working.bits(), working.budget()),
            order,
            sided: Cell::new(false),
            short: Cell::new(false),
        };
        let right = one_side(program, point, 1, &context);
        let result = match right {
            Ok(right) if !context.sided.get() => Some(right),
            Ok(right) => one_side(program, point, -1, &context).ok().filter(|left| {
                let exact = |x: &Enclosure| x.as_rational().cloned();
                left.iter().zip(&right).all(|(a, b)| exact(a).is_some() && exact(a) == exact(b))
            }),
            Err(_) => None,
        };
        working.leave(context.working.budget());
        if result.is_some() || !context.short.get() {
            return result;
        }
    }
    None
}

fn one_side(
    program: &Program,
    point: &Enclosure,
    side: i64,
    context: &Expansion,
) -> Result<Vec<Enclosure>, Fault> {
    let mut moving = constant(point.clone(), context.order);
    moving.0[1] = Enclosure::from_int(side);
    let outputs = program.values(&[Laurent::moving(moving)], context).map_err(|_| Fault::Undecided)?;
    let at_zero =
        |output: Laurent| output.regular(context)?.0.into_iter().next().ok_or_else(|| context.too_short());
    outputs.into_iter().map(at_zero).collect()
}

fn constant(value: Enclosure, order: usize) -> Series {
    let mut coefficients = vec![Enclosure::zero(); order];
    coefficients[0] = value;
    Series(coefficients)
}

impl Series {
    /// How many leading coefficients are exactly zero.
    fn valuation(&self) -> usize {
        self.0.iter().take_while(|c| c.is_exactly_zero()).count()
    }

    fn truncated(&self, length: usize) -> Series {
        Series(self.0[..length.min(self.0.len())].to_vec())
    }

    /// Divided by `t^shift`, of which it is a multiple.
    fn lowered(&self, shift: usize) -> Series {
        Series(self.0[shift..].to_vec())
    }

    fn negated(&self) -> Series {
        Series(self.0.iter().map(Enclosure::neg).collect())
    }

    fn zip(&self, other: &Series, f: impl Fn(&Enclosure, &Enclosure) -> Enclosure) -> Series {
        Series(self.0.iter().zip(&other.0).map(|(a, b)| f(a, b)).collect())
    }

    fn times(&self, other: &Series, context: &Expansion) -> Series {
        let bits = context.bits();
        let (v, w) = (self.valuation(), other.valuation());
        let known = (self.0.len() + w).min(other.0.len() + v).min(context.order);
        let product = |k: usize| {
            let mut sum = Enclosure::zero();
            for i in v..=k {
                if let (Some(a), Some(b)) = (self.0.get(i), other.0.get(k - i))
                    && !a.is_exactly_zero()
                    && !b.is_exactly_zero()
                {
                    sum = sum.add(&a.mul(b, bits), bits);
                }
            }
            sum
        };
        Series((0..known).map(product).collect())
    }

    /// The quotient by a series whose first coefficient is not exactly zero.
    fn over(&self, divisor: &Series, context: &Expansion) -> Result<Series, Fault> {
        let bits = context.bits();
        let known = self.0.len().min(divisor.0.len());
        let mut quotient: Vec<Enclosure> = Vec::with_capacity(known);
        for k in 0..known {
            let mut rest = self.0[k].clone();
            for (i, q) in quotient.iter().enumerate() {
                rest = rest.sub(&q.mul(&divisor.0[k - i], bits), bits);
            }
            quotient.push(rest.div(&divisor.0[0], bits).map_err(|_| Fault::Undecided)?);
        }
        Ok(Series(quotient))
    }

    /// The derivative, one coefficient shorter.
    fn derivative(&self, context: &Expansion) -> Series {
        let scaled = |(k, c): (usize, &Enclosure)| c.mul(&Enclosure::from_int(k as u64), context.bits());
        Series(self.0.iter().enumerate().skip(1).map(scaled).collect())
    }

    /// The antiderivative with this value at 0, one coefficient longer.
    fn integral(&self, value: Enclosure, context: &Expansion) -> Result<Series, Fault> {
        let mut coefficients = vec![value];
        for (k, c) in self.0.iter().enumerate() {
            let divisor = Enclosure::from_int(k as u64 + 1);
            coefficients.push(c.div(&divisor, context.bits()).map_err(|_| Fault::Undecided)?);
        }
        Ok(Series(coefficients))
    }

    /// `self^exponent` for a first coefficient that is not zero.
    fn powered(&self, exponent: &Exponent, context: &Expansion) -> Result<Series, Fault> {
        let bits = context.bits();
        let base = &self.0[0];
        let mut power = vec![Number::power(base, exponent, &context.working)?];
        let a = Enclosure::from_rational(exponent.big().clone());
        // k u0 p(k) = sum over j of (a j - (k - j)) u(j) p(k - j).
        for k in 1..self.0.len() {
            let mut sum = Enclosure::zero();
            for j in 1..=k {
                if self.0[j].is_exactly_zero() {
                    continue;
                }
                let weight = a.mul(&Enclosure::from_int(j as u64), bits);
                let weight = weight.sub(&Enclosure::from_int((k - j) as u64), bits);
                sum = sum.add(&weight.mul(&self.0[j], bits).mul(&power[k - j], bits), bits);
            }
            let divisor = base.mul(&Enclosure::from_int(k as u64), bits);
            power.push(sum.div(&divisor, bits).map_err(|_| Fault::Undecided)?);
        }
        Ok(Series(power))
    }
}

/// A power series times a power of `t`, which may be negative.
#[derive(Clone, Debug)]
struct Laurent {
    start: i64,
    series: Series,
    /// Whether it does not depend on `t` at all.
    fixed: bool,
}

impl Laurent {
    /// Without the leading coefficients that are exactly zero.
    fn stripped(&self) -> Laurent {
        let zeros = self.series.valuation();
        Laurent { start: self.start + zeros as i64, series: self.series.lowered(zeros), fixed: self.fixed }
    }

    /// As a power series; a pole is outside of every domain.
    fn regular(&self, context: &Expansion) -> Result<Series, Fault> {
        let stripped = self.stripped();
        match usize::try_from(stripped.start) {
            Ok(zeros) => {
                let mut coefficients = vec![Enclosure::zero(); zeros.min(context.order)];
                coefficients.extend(stripped.series.0);
                coefficients.truncate(context.order);
                Ok(Series(coefficients))
            }
            // All that is known is zero, but not as far as the constant term.
            Err(_) if stripped.series.0.is_empty() => Err(context.too_short()),
            Err(_) => Err(Fault::Domain("a finite value")),
        }
    }

    /// The coefficients from an earlier power on.
    fn starting_at(&self, start: i64) -> Series {
        let zeros = usize::try_from(self.start - start).unwrap_or(0);
        let mut coefficients = vec![Enclosure::zero(); zeros];
        coefficients.extend(self.series.0.iter().cloned());
        Series(coefficients)
    }

    fn combined(&self, other: &Laurent, f: impl Fn(&Enclosure, &Enclosure) -> Enclosure) -> Laurent {
        let start = self.start.min(other.start);
        let series = self.starting_at(start).zip(&other.starting_at(start), f);
        Laurent { start, series, fixed: self.fixed && other.fixed }
    }

    fn moving(series: Series) -> Laurent {
        Laurent { start: 0, series, fixed: false }
    }

    fn fixed(value: Enclosure, context: &Expansion) -> Laurent {
        Laurent { start: 0, series: constant(value, context.order), fixed: true }
    }
}

impl Number for Laurent {
    type Context = Expansion;

    fn from_rational(value: &Rational, context: &Expansion) -> Laurent {
        Laurent::fixed(Enclosure::from_rational(crate::exact::big(value)), context)
    }

    fn from_constant(name: &'static Constant, context: &Expansion) -> Result<Laurent, Fault> {
        Ok(Laurent::fixed(<Enclosure as Number>::from_constant(name, &context.working)?, context))
    }

    fn infinity(context: &Expansion) -> Result<Laurent, Fault> {
        <Enclosure as Number>::infinity(&context.working).map(|value| Laurent::fixed(value, context))
    }

    fn add(&self, other: &Laurent, context: &Expansion) -> Result<Laurent, Fault> {
        context.working.spend(context.order as u64)?;
        Ok(self.combined(other, |a, b| a.add(b, context.bits())))
    }

    fn sub(&self, other: &Laurent, context: &Expansion) -> Result<Laurent, Fault> {
        context.working.spend(context.order as u64)?;
        Ok(self.combined(other, |a, b| a.sub(b, context.bits())))
    }

    fn mul(&self, other: &Laurent, context: &Expansion) -> Result<Laurent, Fault> {
        context.working.spend((context.order * context.order) as u64)?;
        let series = self.series.times(&other.series, context);
        Ok(Laurent { start: self.start + other.start, series, fixed: self.fixed && other.fixed })
    }

    fn div(&self, other: &Laurent, context: &Expansion) -> Result<Laurent, Fault> {
        context.working.spend((context.order * context.order) as u64)?;
        let divisor = other.stripped();
        if divisor.series.0.is_empty() {
            return Err(context.too_short());
        }
        let series = self.series.over(&divisor.series, context)?;
        Ok(Laurent { start: self.start - divisor.start, series, fixed: self.fixed && other.fixed })
    }

    fn neg(&self, _: &Expansion) -> Laurent {
        Laurent { start: self.start, series: self.series.negated(), fixed: self.fixed }
    }

    fn power(&self, exponent: &Exponent, context: &Expansion) -> Result<Laurent, Fault> {
        context.working.spend((context.order * context.order) as u64)?;
        if exponent.exact().is_zero() {
            return Ok(Laurent::fixed(Enclosure::one(), context));
        }
        let base = self.stripped();
        if base.series.0.is_empty() {
            return Err(context.too_short());
        }
        let series = base.series.powered(exponent, context)?;
        // The power of t must be a power of t again.
        let start = exponent.exact().numerator() * IBig::from(base.start);
        let divisor = IBig::from(exponent.exact().denominator());
        if !(&start % &divisor).is_zero() {
            return Err(Fault::Undecided);
        }
        if base.start != 0 && !exponent.is_whole() {
            context.sided.set(true);
        }
        let start = i64::try_from(start / divisor).map_err(|_| Fault::Overflow)?;
        Ok(Laurent { start, series, fixed: self.fixed })
    }

    fn pow(&self, exponent: &Laurent, context: &Expansion) -> Result<Laurent, Fault> {
        if self.fixed && exponent.fixed {
            let (x, y) = (self.regular(context)?, exponent.regular(context)?);
            return Ok(Laurent::fixed(Number::pow(&x.0[0], &y.0[0], &context.working)?, context));
        }
        let known = agnesi_functions::find("exp").zip(agnesi_functions::find("log"));
        let (exp, log) = known.ok_or(Fault::Unsupported("a power"))?;
        let logarithm = Laurent::call(log, &[self], context)?;
        Laurent::call(exp, &[&logarithm.mul(exponent, context)?], context)
    }

    /// For small positive `t`.
    fn holds(&self, relation: Relation, other: &Laurent, context: &Expansion) -> Result<bool, Fault> {
        let difference = self.combined(other, |a, b| a.sub(b, context.bits())).stripped();
        let sign = match difference.series.0.first() {
            Some(coefficient) => coefficient.signum().ok_or(Fault::Undecided)?,
            // Equal constants are equal; other series may differ further on.
            None if self.fixed && other.fixed => 0,
            None => return Err(context.too_short()),
        };
        if difference.start % 2 != 0 && sign != 0 && !matches!(relation, Relation::Equal | Relation::NotEqual)
        {
            context.sided.set(true);
        }
        Ok(match relation {
            Relation::Less => sign < 0,
            Relation::LessEqual => sign <= 0,
            Relation::Greater => sign > 0,
            Relation::GreaterEqual => sign >= 0,
            Relation::Equal => sign == 0,
            Relation::NotEqual => sign != 0,
        })
    }

    fn call(function: FunctionId, args: &[&Laurent], context: &Expansion) -> Result<Laurent, Fault> {
        let row = function.row();
        let fixed: Vec<bool> = args.iter().map(|arg| arg.fixed).collect();
        let args: Vec<Series> = args.iter().map(|arg| arg.regular(context)).collect::<Result<_, Fault>>()?;
        let length = args.iter().map(|arg| arg.0.len()).min().unwrap_or(0);
        if length == 0 {
            return Err(context.too_short());
        }
        let at_point = || {
            let firsts: Vec<&Enclosure> = args.iter().map(|arg| &arg.0[0]).collect();
            <Enclosure as Number>::call(function, &firsts, &context.working)
        };
        if fixed.iter().all(|fixed| *fixed) {
            return at_point().map(|value| Laurent::fixed(value, context));
        }
        match (row.name, &args[..]) {
            ("exp", [u]) => return exponential(u, at_point()?, context).map(Laurent::moving),
            ("sin" | "cos" | "sinh" | "cosh", [u]) => return wave(row.name, u, context).map(Laurent::moving),
            ("sqrt", [u]) => {
                return Laurent::moving(u.clone()).power(&Exponent::new(Rational::HALF), context);
            }
            _ => {}
        }
        // Kinks and jumps are in the meaning's branches, quotients of series in its divisions.
        let wrap =
            |(series, fixed): (&Series, &bool)| Laurent { start: 0, series: series.clone(), fixed: *fixed };
        let wrapped: Vec<Laurent> = args.iter().zip(&fixed).map(wrap).collect();
        if let Some(value) = rows::by_meaning(function, &wrapped, context)
            && !matches!(value, Err(Fault::Unsupported(_)))
        {
            return value;
        }
        if !row.kinks.is_empty() {
            return Err(Fault::Unsupported("a limit at a kink"));
        }
        by_derivatives(function, &wrapped, at_point()?, context).map(Laurent::moving)
    }

    fn approximate(&self) -> f64 {
        self.series.0.first().map_or(f64::NAN, Number::approximate)
    }
}

/// `exp(u)` from `p' = p u'`.
fn exponential(u: &Series, first: Enclosure, context: &Expansion) -> Result<Series, Fault> {
    let slope = u.derivative(context);
    let mut power = vec![first];
    for k in 1..u.0.len() {
        let next = convolution(&power, &slope, k - 1, context);
        power.push(next.div(&Enclosure::from_int(k as u64), context.bits()).map_err(|_| Fault::Undecided)?);
    }
    Ok(Series(power))
}

/// Sine, cosine and the hyperbolic ones, in pairs: `s' = c u'` and `c' = -s u'`, or `c' = s u'`.
fn wave(name: &str, u: &Series, context: &Expansion) -> Result<Series, Fault> {
    let hyperbolic = name.ends_with('h');
    let value = |name: &str| {
        let function = agnesi_functions::find(name).ok_or(Fault::Unsupported("sines"))?;
        <Enclosure as Number>::call(function, &[&u.0[0]], &context.working)
    };
    let (sine, cosine) = if hyperbolic { ("sinh", "cosh") } else { ("sin", "cos") };
    let (mut s, mut c) = (vec![value(sine)?], vec![value(cosine)?]);
    let slope = u.derivative(context);
    for k in 1..u.0.len() {
        let over = |x: Enclosure| {
            x.div(&Enclosure::from_int(k as u64), context.bits()).map_err(|_| Fault::Undecided)
        };
        let next_sine = over(convolution(&c, &slope, k - 1, context))?;
        let next_cosine = over(convolution(&s, &slope, k - 1, context))?;
        s.push(next_sine);
        c.push(if hyperbolic { next_cosine } else { next_cosine.neg() });
    }
    Ok(Series(if name.starts_with('s') { s } else { c }))
}

/// The coefficient of `t^k` of a product.
fn convolution(a: &[Enclosure], b: &Series, k: usize, context: &Expansion) -> Enclosure {
    (0..=k).fold(Enclosure::zero(), |sum, i| match (a.get(i), b.0.get(k - i)) {
        (Some(x), Some(y)) if !y.is_exactly_zero() => sum.add(&x.mul(y, context.bits()), context.bits()),
        _ => sum,
    })
}

/// `f(u)` from its value and `f'(u) u'`, the derivative being the row's own, to one order less.
fn by_derivatives(
    function: FunctionId,
    args: &[Laurent],
    first: Enclosure,
    context: &Expansion,
) -> Result<Series, Fault> {
    let length = args.iter().map(|arg| arg.series.0.len()).min().unwrap_or(0);
    if length == 1 {
        return Ok(Series(vec![first]));
    }
    let shorten = |arg: &Laurent| Laurent { series: arg.series.truncated(length - 1), ..arg.clone() };
    let shorter: Vec<Laurent> = args.iter().map(shorten).collect();
    let mut slope: Option<Series> = None;
    for (index, arg) in args.iter().enumerate().filter(|(_, arg)| !arg.fixed) {
        let program =
            rows::partial(function, index).ok_or(Fault::Unsupported("a function without a derivative"))?;
        let partial =
            rows::deeper(|| program.value(&shorter, context)).ok_or(Fault::Limit)??.regular(context)?;
        let term = partial.times(&arg.series.derivative(context), context);
        slope = Some(match slope {
            None => term,
            Some(sum) => sum.zip(&term, |a, b| a.add(b, context.bits())),
        });
    }
    slope.unwrap_or_else(|| Series(Vec::new())).integral(first, context)
}
