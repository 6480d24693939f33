//! Enclosures as numbers: the table's big-float kernels, its meanings, or the double and its error bound.

use std::cell::Cell;

use agnesi_functions::big::{self, BigError, Enclosure};
use agnesi_functions::{Big, Constant, ErrorBound, FunctionId, Shape};
use agnesi_graph::Rational;
use agnesi_syntax::Relation;
use dashu_int::IBig;
use dashu_ratio::RBig;

use crate::rows;
use crate::{Exponent, Fault, Number};

/// What enclosures are computed with: a precision, and a budget of work.
#[derive(Debug)]
pub struct Working {
    bits: usize,
    budget: Cell<u64>,
    in_doubt: Cell<bool>,
}

impl Working {
    /// A working precision in bits, and so many units of work: one is about an addition of 64 bits.
    pub fn new(bits: usize, budget: u64) -> Working {
        Working { bits: bits.max(32), budget: Cell::new(budget), in_doubt: Cell::new(false) }
    }

    /// The working precision.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The work left.
    pub fn budget(&self) -> u64 {
        self.budget.get()
    }

    /// Whether some function had no big-float kernel, so that the enclosure rests on the error bound of its double.
    pub fn in_doubt(&self) -> bool {
        self.in_doubt.get()
    }

    /// Sets the work left, after some was done elsewhere.
    pub(crate) fn leave(&self, budget: u64) {
        self.budget.set(budget);
    }

    /// Takes so much work, times the length of the numbers, off the budget.
    pub(crate) fn spend(&self, cost: u64) -> Result<(), Fault> {
        let length = self.bits as u64 / 64;
        let left = self.budget.get().checked_sub(cost * length).ok_or(Fault::Limit)?;
        self.budget.set(left);
        Ok(())
    }
}

fn fault(error: BigError, condition: &'static str) -> Fault {
    match error {
        BigError::Domain => Fault::Domain(condition),
        BigError::Undecided => Fault::Undecided,
        BigError::Overflow => Fault::Overflow,
        BigError::Unsupported => Fault::Unsupported("a value of this function in big floats"),
    }
}

impl Number for Enclosure {
    type Context = Working;

    fn from_rational(value: &Rational, _: &Working) -> Enclosure {
        Enclosure::from_rational(RBig::from_parts(value.numerator(), value.denominator()))
    }

    fn from_constant(constant: &'static Constant, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(5)?;
        let kernel = match constant.name {
            "pi" => big::pi,
            "e" => big::e,
            "euler_gamma" => big::euler_gamma,
            "catalan" => big::catalan,
            _ => return Err(Fault::Unsupported("the digits of this constant")),
        };
        kernel(&[], context.bits).map_err(|error| fault(error, "true"))
    }

    fn infinity(_: &Working) -> Result<Enclosure, Fault> {
        Err(Fault::Unsupported("inf as an exact number"))
    }

    fn add(&self, other: &Enclosure, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(1)?;
        Ok(Enclosure::add(self, other, context.bits))
    }

    fn sub(&self, other: &Enclosure, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(1)?;
        Ok(Enclosure::sub(self, other, context.bits))
    }

    fn mul(&self, other: &Enclosure, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(1)?;
        Ok(Enclosure::mul(self, other, context.bits))
    }

    fn div(&self, other: &Enclosure, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(2)?;
        Enclosure::div(self, other, context.bits).map_err(|error| fault(error, "the divisor is not 0"))
    }

    fn neg(&self, _: &Working) -> Enclosure {
        Enclosure::neg(self)
    }

    fn power(&self, exponent: &Exponent, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(if exponent.is_whole() { 10 } else { 40 })?;
        self.pow_rational(exponent.big(), context.bits).map_err(|error| fault(error, exponent.condition()))
    }

    fn pow(&self, exponent: &Enclosure, context: &Working) -> Result<Enclosure, Fault> {
        context.spend(100)?;
        let value = match exponent.as_int() {
            Some(whole) => self.pow_int(&IBig::clone(whole), context.bits),
            None => Enclosure::pow(self, exponent, context.bits),
        };
        value.map_err(|error| fault(error, "x > 0, or y is whole, or x = 0 and y > 0"))
    }

    fn holds(&self, relation: Relation, other: &Enclosure, context: &Working) -> Result<bool, Fault> {
        use std::cmp::Ordering::*;
        // The difference of equal shared values is not exactly zero, but enclosures that touch may still decide.
        let difference = Enclosure::sub(self, other, context.bits);
        let order = self.compare(other, context.bits);
        let decided = match (relation, order) {
            (_, None) => {
                let (least, most) = difference.sign_range();
                match relation {
                    Relation::LessEqual if most <= 0 => Some(true),
                    Relation::Less if least >= 0 => Some(false),
                    Relation::GreaterEqual if least >= 0 => Some(true),
                    Relation::Greater if most <= 0 => Some(false),
                    _ => None,
                }
            }
            (Relation::Less, Some(order)) => Some(order == Less),
            (Relation::LessEqual, Some(order)) => Some(order != Greater),
            (Relation::Greater, Some(order)) => Some(order == Greater),
            (Relation::GreaterEqual, Some(order)) => Some(order != Less),
            (Relation::Equal, Some(order)) => Some(order == Equal),
            (Relation::NotEqual, Some(order)) => Some(order != Equal),
        };
        decided.ok_or(Fault::Undecided)
    }

    fn call(function: FunctionId, args: &[&Enclosure], context: &Working) -> Result<Enclosure, Fault> {
        context.spend(100)?;
        let row = function.row();
        let args: Vec<Enclosure> = args.iter().map(|arg| (*arg).clone()).collect();
        let result = match row.big {
            Big::Kernel(kernel) => match kernel(&args, context.bits) {
                Err(BigError::Unsupported) => None,
                result => Some(result.map_err(|error| fault(error, row.domain))),
            },
            Big::Meaning => match rows::by_meaning(function, &args, context) {
                // Reported of the function that was called, not of one in its meaning.
                Some(Err(Fault::Domain(_))) => Some(Err(Fault::Domain(row.domain))),
                Some(Err(Fault::Unsupported(_))) => None,
                result => result,
            },
            Big::None { .. } => None,
        };
        match result {
            Some(result) => result,
            None => from_double(function, &args, context),
        }
    }

    fn approximate(&self) -> f64 {
        Enclosure::approximate(self).0
    }
}

/// The double's value and its error bound. Where the arguments are no doubles, the values at the doubles around them
/// are taken as bounds, which is certain for functions that rise or fall and likely for others.
fn from_double(function: FunctionId, args: &[Enclosure], context: &Working) -> Result<Enclosure, Fault> {
    context.in_doubt.set(true);
    let row = function.row();
    let around: Vec<(f64, f64)> = args.iter().map(neighbours).collect();
    let mut least = f64::INFINITY;
    let mut most = f64::NEG_INFINITY;
    for corner in 0..1usize << args.len().min(3) {
        let point: Vec<f64> = around
            .iter()
            .enumerate()
            .map(|(i, (lo, hi))| if corner >> i & 1 == 0 { *lo } else { *hi })
            .collect();
        let value = row.kernel.call(&point).unwrap_or(f64::NAN);
        if value.is_nan() {
            let inside = around.iter().all(|(lo, hi)| lo == hi);
            return Err(if inside { Fault::Domain(row.domain) } else { Fault::Undecided });
        }
        let error = match row.error {
            ErrorBound::Exact => 0.0,
            ErrorBound::Ulps(ulps) => ulps * unit(value),
            ErrorBound::UlpsOrAbsolute(ulps, absolute) => (ulps * unit(value)).max(absolute),
        };
        least = least.min((value - error).next_down());
        most = most.max((value + error).next_up());
    }
    if around.iter().any(|(lo, hi)| lo != hi) && (args.len() > 1 || row.shape == Shape::NotMonotone) {
        let spread = most - least;
        least -= spread;
        most += spread;
    }
    Enclosure::from_bounds(least, most).ok_or(Fault::Overflow)
}

/// The doubles next to the value on both sides, or the double that it is.
fn neighbours(value: &Enclosure) -> (f64, f64) {
    let (middle, error) = value.approximate();
    if error == 0.0 {
        return (middle, middle);
    }
    ((middle - error).next_down(), (middle + error).next_up())
}

/// A unit in the last place.
fn unit(value: f64) -> f64 {
    let size = value.abs();
    if size.is_finite() { size.next_up() - size } else { f64::INFINITY }
}
