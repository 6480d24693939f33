//! Truncated power series as numbers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use agnesi_functions::{Constant, FunctionId, find};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;
use smol_str::SmolStr;

use super::layout::Layout;
use super::partials;
use crate::{Exponent, Fault, Inner, Number};

/// Products of coefficients after which a run ends.
const WORK: u64 = 40_000_000;

/// A truncated power series: what a function looks like around a point. One coefficient alone is a constant.
#[derive(Clone, Debug)]
pub(crate) struct Jet<N> {
    coefficients: Rc<Vec<N>>,
}

/// The shape of the jets of a run and what they share.
pub(crate) struct JetContext<N> {
    layout: Rc<Layout>,
    /// Coefficients of higher total degree are not computed.
    degree: usize,
    shared: Rc<Shared<N>>,
}

struct Shared<N> {
    work: Cell<u64>,
    /// Values of functions at jets, so that laws such as `sin' = cos`, `cos' = -sin` cost one evaluation a degree.
    known: RefCell<Vec<Known<N>>>,
    /// The function that has a value at a point where its derivative has none, and its arguments.
    undefined: RefCell<Option<(SmolStr, Vec<f64>)>>,
    numbers: Vec<N>,
}

struct Known<N> {
    function: FunctionId,
    args: Vec<Jet<N>>,
    degree: usize,
    value: Jet<N>,
}

fn zero<N: Number<Context = ()>>() -> N {
    N::from_rational(&Rational::ZERO, &())
}

fn whole<N: Number<Context = ()>>(value: usize) -> N {
    N::from_rational(&Rational::from(value as i64), &())
}

impl<N: Number<Context = ()>> JetContext<N> {
    pub(super) fn new(layout: Rc<Layout>) -> JetContext<N> {
        let degree = layout.degree();
        let shared = Shared {
            work: Cell::new(WORK),
            known: RefCell::default(),
            undefined: RefCell::default(),
            numbers: (0..=degree).map(whole).collect(),
        };
        JetContext { layout, degree, shared: Rc::new(shared) }
    }

    /// Why there is no derivative, if that is known to be the reason.
    pub(super) fn undefined(&self) -> Option<(SmolStr, Vec<f64>)> {
        self.shared.undefined.borrow().clone()
    }

    /// How many coefficients the jets have.
    pub(super) fn size(&self) -> usize {
        self.count()
    }

    fn lower(&self) -> JetContext<N> {
        JetContext { layout: self.layout.clone(), degree: self.degree - 1, shared: self.shared.clone() }
    }

    fn count(&self) -> usize {
        self.layout.count(self.degree)
    }

    fn number(&self, value: usize) -> N {
        self.shared.numbers.get(value).cloned().unwrap_or_else(|| whole(value))
    }

    fn spend(&self, products: usize) -> Result<(), Fault> {
        let left = self.shared.work.get().checked_sub(products as u64).ok_or(Fault::Limit)?;
        self.shared.work.set(left);
        Ok(())
    }

    fn known(&self, function: FunctionId, args: &[&Jet<N>]) -> Option<Jet<N>> {
        let known = self.shared.known.borrow();
        let found = known.iter().rev().find(|known| {
            known.function == function
                && known.degree >= self.degree
                && known.args.len() == args.len()
                && known.args.iter().zip(args).all(|(a, b)| Rc::ptr_eq(&a.coefficients, &b.coefficients))
        });
        found.map(|known| known.value.clone())
    }

    fn remember(&self, function: FunctionId, args: &[&Jet<N>], value: &Jet<N>) {
        let mut known = self.shared.known.borrow_mut();
        // Old entries are of finished calls; the newest are those that laws come back to.
        if known.len() >= 64 {
            known.drain(..32);
        }
        let args = args.iter().map(|arg| (*arg).clone()).collect();
        known.push(Known { function, args, degree: self.degree, value: value.clone() });
    }
}

impl<N: Number<Context = ()>> Jet<N> {
    /// A constant.
    pub(super) fn constant(value: N) -> Jet<N> {
        Jet { coefficients: Rc::new(vec![value]) }
    }

    /// A value and its slopes in the variables of the layout.
    pub(super) fn linear(value: N, slopes: &[(usize, N)], layout: &Layout) -> Jet<N> {
        let mut coefficients = vec![zero(); layout.count(layout.degree())];
        coefficients[0] = value;
        let mut unit = vec![0; layout.orders.len()];
        for (variable, slope) in slopes {
            unit[*variable] = 1;
            if let Some(at) = layout.position(&unit) {
                coefficients[at] = slope.clone();
            }
            unit[*variable] = 0;
        }
        Jet { coefficients: Rc::new(coefficients) }
    }

    /// The coefficient of a monomial.
    pub(super) fn coefficient(&self, at: usize) -> N {
        self.coefficients.get(at).cloned().unwrap_or_else(zero)
    }

    fn is_constant(&self) -> bool {
        self.coefficients.len() == 1
    }

    fn first(&self) -> &N {
        &self.coefficients[0]
    }

    fn make(coefficients: Vec<N>) -> Jet<N> {
        Jet { coefficients: Rc::new(coefficients) }
    }

    fn map(&self, context: &JetContext<N>, f: impl Fn(&N) -> Result<N, Fault>) -> Result<Jet<N>, Fault> {
        let count = if self.is_constant() { 1 } else { context.count() };
        self.coefficients[..count].iter().map(f).collect::<Result<Vec<N>, Fault>>().map(Jet::make)
    }

    fn zip(
        &self,
        other: &Jet<N>,
        context: &JetContext<N>,
        both: impl Fn(&N, &N) -> Result<N, Fault>,
    ) -> Result<Jet<N>, Fault> {
        if self.is_constant() && other.is_constant() {
            return Ok(Jet::constant(both(self.first(), other.first())?));
        }
        let none = zero();
        let coefficients: Result<Vec<N>, Fault> = (0..context.count())
            .map(|at| {
                both(self.coefficients.get(at).unwrap_or(&none), other.coefficients.get(at).unwrap_or(&none))
            })
            .collect();
        coefficients.map(Jet::make)
    }

    fn is_zero(&self) -> Result<bool, Fault> {
        self.first().holds(Relation::Equal, &zero(), &())
    }

    /// `u^c` for a constant c, where `value(m)` is the constant term of `u^(c - m)`.
    fn raised(
        &self,
        exponent: &N,
        value: &dyn Fn(usize) -> Result<N, Fault>,
        context: &JetContext<N>,
    ) -> Result<Jet<N>, Fault> {
        if self.is_zero()? {
            return self.raised_at_zero(exponent, value, 0, context);
        }
        // u E(F) = c F E(u), with E the sum of the variables times the derivatives in them.
        let layout = context.layout.clone();
        let mut power = vec![value(0)?];
        for at in 1..context.count() {
            let mut sum = zero::<N>();
            context.spend(layout.pairs(at).len())?;
            for &(i, j) in layout.pairs(at) {
                let (i, j) = (i as usize, j as usize);
                if i == 0 {
                    continue;
                }
                let weight = exponent.mul(&context.number(layout.degree_of(i)), &())?;
                let weight = weight.sub(&context.number(layout.degree_of(j)), &())?;
                sum = sum.add(&weight.mul(&self.coefficients[i], &())?.mul(&power[j], &())?, &())?;
            }
            power.push(sum.div(&self.first().mul(&context.number(layout.degree_of(at)), &())?, &())?);
        }
        Ok(Jet::make(power))
    }

    /// The same at a zero of the base, by `E(u^c) = c u^(c-1) E(u)`.
    fn raised_at_zero(
        &self,
        exponent: &N,
        value: &dyn Fn(usize) -> Result<N, Fault>,
        level: usize,
        context: &JetContext<N>,
    ) -> Result<Jet<N>, Fault> {
        let first = value(level)?;
        let exponent_here = exponent.sub(&whole(level), &())?;
        if context.degree == 0 || exponent_here.holds(Relation::Equal, &zero(), &())? {
            return Ok(Jet::constant(first));
        }
        let below = self.raised_at_zero(exponent, value, level + 1, &context.lower())?;
        let factor = below.map(&context.lower(), |x| x.mul(&exponent_here, &()))?;
        integrate(first, &[(&factor, self)], context)
    }

    /// The exponential of a jet, its constant term given.
    fn exponential(&self, first: N, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        let layout = context.layout.clone();
        let mut power = vec![first];
        for at in 1..context.count() {
            let mut sum = zero::<N>();
            context.spend(layout.pairs(at).len())?;
            for &(i, j) in layout.pairs(at) {
                let (i, j) = (i as usize, j as usize);
                if i == 0 {
                    continue;
                }
                let weighted = self.coefficient(i).mul(&context.number(layout.degree_of(i)), &())?;
                sum = sum.add(&weighted.mul(&power[j], &())?, &())?;
            }
            power.push(sum.div(&context.number(layout.degree_of(at)), &())?);
        }
        Ok(Jet::make(power))
    }
}

/// The jet with a constant term and `E(F) = sum of factor * E(inner)`, with E the sum of the variables times the
/// derivatives in them: the chain rule.
fn integrate<N: Number<Context = ()>>(
    first: N,
    parts: &[(&Jet<N>, &Jet<N>)],
    context: &JetContext<N>,
) -> Result<Jet<N>, Fault> {
    let layout = &context.layout;
    let mut coefficients = vec![first];
    for at in 1..context.count() {
        let mut sum = zero::<N>();
        context.spend(layout.pairs(at).len() * parts.len())?;
        for &(i, j) in layout.pairs(at) {
            let (i, j) = (i as usize, j as usize);
            if j == 0 {
                continue;
            }
            let degree = context.number(layout.degree_of(j));
            for (factor, inner) in parts {
                let Some(left) = factor.coefficients.get(i) else { continue };
                let right = inner.coefficients[j].mul(&degree, &())?;
                sum = sum.add(&left.mul(&right, &())?, &())?;
            }
        }
        coefficients.push(sum.div(&context.number(layout.degree_of(at)), &())?);
    }
    Ok(Jet::make(coefficients))
}

impl<N: Number<Context = ()>> Number for Jet<N> {
    type Context = JetContext<N>;

    fn from_rational(value: &Rational, _: &JetContext<N>) -> Jet<N> {
        Jet::constant(N::from_rational(value, &()))
    }

    fn from_constant(constant: &'static Constant, _: &JetContext<N>) -> Result<Jet<N>, Fault> {
        Ok(Jet::constant(N::from_constant(constant, &())?))
    }

    fn infinity(_: &JetContext<N>) -> Result<Jet<N>, Fault> {
        Ok(Jet::constant(N::infinity(&())?))
    }

    fn add(&self, other: &Jet<N>, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        self.zip(other, context, |a, b| a.add(b, &()))
    }

    fn sub(&self, other: &Jet<N>, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        self.zip(other, context, |a, b| a.sub(b, &()))
    }

    fn mul(&self, other: &Jet<N>, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        if other.is_constant() {
            return self.map(context, |x| x.mul(other.first(), &()));
        }
        if self.is_constant() {
            return other.map(context, |x| self.first().mul(x, &()));
        }
        let layout = &context.layout;
        let mut product = Vec::with_capacity(context.count());
        for at in 0..context.count() {
            let pairs = layout.pairs(at);
            context.spend(pairs.len())?;
            let mut sum: Option<N> = None;
            for &(i, j) in pairs {
                let term = self.coefficients[i as usize].mul(&other.coefficients[j as usize], &())?;
                sum = Some(match sum {
                    None => term,
                    Some(sum) => sum.add(&term, &())?,
                });
            }
            product.push(sum.unwrap_or_else(zero));
        }
        Ok(Jet::make(product))
    }

    fn div(&self, other: &Jet<N>, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        if other.is_constant() {
            return self.map(context, |x| x.div(other.first(), &()));
        }
        let layout = &context.layout;
        let mut quotient: Vec<N> = Vec::with_capacity(context.count());
        for at in 0..context.count() {
            let pairs = layout.pairs(at);
            context.spend(pairs.len())?;
            let mut rest = self.coefficient(at);
            for &(i, j) in pairs {
                if i != 0 {
                    rest = rest.sub(&other.coefficients[i as usize].mul(&quotient[j as usize], &())?, &())?;
                }
            }
            quotient.push(rest.div(other.first(), &())?);
        }
        Ok(Jet::make(quotient))
    }

    fn neg(&self, context: &JetContext<N>) -> Jet<N> {
        let count = if self.is_constant() { 1 } else { context.count() };
        Jet::make(self.coefficients[..count].iter().map(|x| x.neg(&())).collect())
    }

    fn power(&self, exponent: &Exponent, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        if self.is_constant() || context.degree == 0 {
            return Ok(Jet::constant(self.first().power(exponent, &())?));
        }
        if exponent.exact().is_zero() {
            return Ok(Jet::constant(whole(1)));
        }
        let value = |level: usize| {
            if level == 0 {
                return self.first().power(exponent, &());
            }
            let lower = Exponent::new(exponent.exact() - &Rational::from(level as i64));
            self.first().power(&lower, &())
        };
        self.raised(&N::from_rational(exponent.exact(), &()), &value, context)
    }

    fn pow(&self, exponent: &Jet<N>, context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        let first = self.first().pow(exponent.first(), &())?;
        if context.degree == 0 || self.is_constant() && exponent.is_constant() {
            return Ok(Jet::constant(first));
        }
        if exponent.is_constant() {
            let value = |level: usize| {
                let lower = exponent.first().sub(&whole(level), &())?;
                self.first().pow(&lower, &())
            };
            return self.raised(exponent.first(), &value, context);
        }
        let log = find("log").ok_or(Fault::Unsupported("a power"))?;
        let inner = exponent.mul(&Jet::call(log, &[self], context)?, context)?;
        inner.exponential(first, context)
    }

    fn holds(&self, relation: Relation, other: &Jet<N>, context: &JetContext<N>) -> Result<bool, Fault> {
        match relation {
            // A branch taken at single points does not define a derivative there.
            Relation::Equal | Relation::NotEqual => {
                let mut equal = true;
                let longest = self.coefficients.len().max(other.coefficients.len()).min(context.count());
                for at in 0..longest {
                    equal &= self.coefficient(at).holds(Relation::Equal, &other.coefficient(at), &())?;
                }
                Ok(equal == (relation == Relation::Equal))
            }
            Relation::Less | Relation::LessEqual | Relation::Greater | Relation::GreaterEqual => {
                self.first().holds(relation, other.first(), &())
            }
        }
    }

    fn call(function: FunctionId, args: &[&Jet<N>], context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        let mut firsts = Vec::with_capacity(args.len());
        firsts.extend(args.iter().map(|arg| arg.first()));
        let first = N::call(function, &firsts, &())?;
        if context.degree == 0 || args.iter().all(|arg| arg.is_constant()) {
            return Ok(Jet::constant(first));
        }
        if let Some(known) = context.known(function, args) {
            return Ok(known);
        }
        let lower = context.lower();
        let inputs: Vec<Jet<N>> = args.iter().map(|arg| (*arg).clone()).collect();
        let mut factors = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            if arg.is_constant() {
                continue;
            }
            let program = partials::partial(function, at).map_err(Fault::Unsupported)?;
            let factor = program.value(&inputs, &lower).inspect_err(|fault| {
                if let Fault::Domain(_) = fault {
                    let values = firsts.iter().map(|first| first.approximate()).collect();
                    let place = (SmolStr::new_static(function.row().name), values);
                    context.shared.undefined.borrow_mut().get_or_insert(place);
                }
            })?;
            factors.push((factor, *arg));
        }
        let parts: Vec<(&Jet<N>, &Jet<N>)> = factors.iter().map(|(factor, arg)| (factor, *arg)).collect();
        let value = integrate(first, &parts, context)?;
        context.remember(function, args, &value);
        Ok(value)
    }

    fn derivative(inner: &Inner, inputs: &[Jet<N>], context: &JetContext<N>) -> Result<Jet<N>, Fault> {
        // The variables of the inner derivative are added to those of the outer one.
        let constant = context.degree == 0 || inputs.iter().all(Jet::is_constant);
        let mut orders = if constant { Vec::new() } else { context.layout.orders.clone() };
        let outer = orders.len();
        let mut variables: Vec<usize> = Vec::new();
        for variable in inner.variables() {
            match variables.iter().position(|known| known == variable) {
                Some(at) => orders[outer + at] += 1,
                None => {
                    variables.push(*variable);
                    orders.push(1);
                }
            }
        }
        let layout = Layout::new(orders)?;
        let times: usize = inner.variables().len();
        let degree = if constant { times } else { context.degree + times };
        let wider: JetContext<N> = JetContext::new(layout.clone());
        let wider = JetContext { degree: degree.min(layout.degree()), ..wider };
        wider.shared.work.set(context.shared.work.get());
        let widened: Vec<Jet<N>> = inputs
            .iter()
            .enumerate()
            .map(|(at, input)| {
                let variable = variables.iter().position(|variable| *variable == at);
                if variable.is_none() && (constant || input.is_constant()) {
                    return Jet::constant(input.first().clone());
                }
                let mut coefficients = vec![zero(); layout.count(layout.degree())];
                coefficients[0] = input.first().clone();
                for (place, coefficient) in coefficients.iter_mut().enumerate().skip(1) {
                    let index = layout.index(place);
                    if !constant
                        && index[outer..].iter().all(|digit| *digit == 0)
                        && let Some(from) = context.layout.position(&index[..outer])
                    {
                        *coefficient = input.coefficient(from);
                    }
                    if let Some(variable) = variable
                        && index
                            .iter()
                            .enumerate()
                            .all(|(i, digit)| *digit == usize::from(i == outer + variable))
                    {
                        *coefficient = whole(1);
                    }
                }
                Jet::make(coefficients)
            })
            .collect();
        let value = inner.program().value(&widened, &wider);
        context.shared.work.set(wider.shared.work.get());
        if let Some(place) = wider.undefined() {
            context.shared.undefined.borrow_mut().get_or_insert(place);
        }
        let value = value?;
        let mut scale = whole::<N>(1);
        for order in &layout.orders[outer..] {
            for factor in 2..=*order {
                scale = scale.mul(&whole(factor), &())?;
            }
        }
        let count = if constant { 1 } else { context.count() };
        let mut coefficients = Vec::with_capacity(count);
        for at in 0..count {
            let mut index: Vec<usize> = if constant { Vec::new() } else { context.layout.index(at).to_vec() };
            index.extend_from_slice(&layout.orders[outer..]);
            let coefficient = layout.position(&index).map_or_else(zero, |from| value.coefficient(from));
            coefficients.push(coefficient.mul(&scale, &())?);
        }
        Ok(Jet::make(coefficients))
    }

    fn approximate(&self) -> f64 {
        self.first().approximate()
    }
}
