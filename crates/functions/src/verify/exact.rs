//! The error column: kernels against big floats.

use agnesi_syntax::{Binary, Kind, Prefix, Relation, TreeId};

use super::formula::Formula;
use super::{Bench, Column};
use crate::big::{self, BigError, Enclosure};
use crate::{Big, ErrorBound, Function, Meaning, find};

/// Working precisions, tried in turn until the error is known to a thousandth of a unit in the last place.
const PRECISIONS: [usize; 3] = [128, 320, 1400];
/// Places of a row that are compared: big floats are slow.
const PLACES: usize = 90;
const DEPTH: u32 = 512;

/// The kernel's error, measured, against the bound.
pub(super) fn error(bench: &mut Bench, places: &[Vec<f64>]) {
    let function = bench.function;
    if matches!(function.big, Big::None { .. }) {
        return;
    }
    let stride = places.len().div_ceil(PLACES).max(1);
    let mut measured = 0;
    for place in places.iter().step_by(stride) {
        if place.iter().any(|x| x.abs() > 1e9 || x.abs() < 1e-40 && *x != 0.0) {
            continue;
        }
        let Some(found) = function.kernel.call(place).filter(|found| found.is_finite()) else { continue };
        let Some((value, off)) = distance(function, place, found) else { continue };
        // Below the normal doubles, a unit in the last place is what it is just above.
        if value.abs() > f64::MAX || value != 0.0 && value.abs() < 1e-300 {
            continue;
        }
        measured += 1;
        let ulps = off / ulp(value);
        let fine = match function.error {
            ErrorBound::Exact => off == 0.0,
            ErrorBound::Ulps(bound) => ulps <= bound,
            ErrorBound::UlpsOrAbsolute(bound, absolute) => ulps <= bound || off <= absolute,
        };
        if !fine {
            let message = format!("the kernel gives {found:?} there, {ulps:.3} units in the last place off");
            bench.fault(Column::Error, &format!("{:?}", function.error), &bench.at(place), message);
        }
    }
    if measured < 3 {
        let message = format!("big floats could measure it at {measured} places only");
        bench.fault(Column::Error, "", &[], message);
    }
}

/// The distance between neighbouring doubles at `x`.
fn ulp(x: f64) -> f64 {
    let size = x.abs().clamp(f64::MIN_POSITIVE, 1e308);
    f64::from_bits(size.to_bits() + 1) - size
}

/// The value, and how far from it `found` is.
fn distance(function: &Function, place: &[f64], found: f64) -> Option<(f64, f64)> {
    let args = place.iter().map(|&x| Enclosure::from_f64(x)).collect::<Option<Vec<_>>>()?;
    let found = Enclosure::from_f64(found)?;
    for precision in PRECISIONS {
        let value = match apply(function, &args, precision, 0) {
            Ok(value) => value,
            Err(BigError::Undecided) => continue,
            Err(_) => return None,
        };
        let (near, _) = value.approximate();
        let (off, doubt) = value.sub(&found, precision).approximate();
        if doubt <= 1e-3 * ulp(near) || doubt == 0.0 {
            return Some((near, (off.abs() - doubt).max(0.0)));
        }
    }
    None
}

type Value = Result<Enclosure, BigError>;

/// The value of a row as an enclosure.
pub(super) fn apply(function: &Function, args: &[Enclosure], precision: usize, depth: u32) -> Value {
    if depth > DEPTH {
        return Err(BigError::Unsupported);
    }
    match function.big {
        Big::Kernel(kernel) => kernel(args, precision),
        Big::Meaning => {
            let Meaning::Is(text) = function.meaning else { return Err(BigError::Unsupported) };
            let formula = Formula::read(text, function.name).map_err(|_| BigError::Unsupported)?;
            let env: Vec<(&str, &Enclosure)> = function.args.iter().copied().zip(args).collect();
            Meant { formula: &formula, env: &env, precision }.node(formula.root, depth + 1)
        }
        Big::None { .. } => Err(BigError::Unsupported),
    }
}

/// A meaning, evaluated with big floats.
struct Meant<'a> {
    formula: &'a Formula,
    env: &'a [(&'a str, &'a Enclosure)],
    precision: usize,
}

impl Meant<'_> {
    fn node(&self, id: TreeId, depth: u32) -> Value {
        if depth > DEPTH {
            return Err(BigError::Unsupported);
        }
        let node = |id| self.node(id, depth + 1);
        match self.formula.tree.kind(id) {
            Kind::Number(text) => Enclosure::from_decimal(text).ok_or(BigError::Unsupported),
            Kind::Name(name) => match self.env.iter().find(|(other, _)| *other == name.as_str()) {
                Some(&(_, value)) => Ok(value.clone()),
                None => match name.as_str() {
                    "pi" => big::pi(&[], self.precision),
                    "e" => big::e(&[], self.precision),
                    _ => Err(BigError::Unsupported),
                },
            },
            Kind::Prefix(Prefix::Neg, x) => Ok(node(*x)?.neg()),
            Kind::Binary(op, a, b) => {
                let (a, b) = (node(*a)?, node(*b)?);
                match op {
                    Binary::Add => Ok(a.add(&b, self.precision)),
                    Binary::Sub => Ok(a.sub(&b, self.precision)),
                    Binary::Mul | Binary::Juxtapose => Ok(a.mul(&b, self.precision)),
                    Binary::Div => a.div(&b, self.precision),
                    Binary::Pow => match b.as_int() {
                        Some(n) => a.pow_int(n, self.precision),
                        None => a.pow(&b, self.precision),
                    },
                    _ => Err(BigError::Unsupported),
                }
            }
            Kind::If(condition, yes, no) => {
                node(if self.condition(*condition, depth + 1)? { *yes } else { *no })
            }
            Kind::Call { head, args } => {
                let name = self.formula.name(*head).ok_or(BigError::Unsupported)?;
                let row = find(name).ok_or(BigError::Unsupported)?.row();
                let ids = self.formula.tree.ids(*args);
                let args = ids.iter().map(|&id| node(id)).collect::<Result<Vec<_>, _>>()?;
                apply(row, &args, self.precision, depth + 1)
            }
            _ => Err(BigError::Unsupported),
        }
    }

    fn condition(&self, id: TreeId, depth: u32) -> Result<bool, BigError> {
        if depth > DEPTH {
            return Err(BigError::Unsupported);
        }
        match self.formula.tree.kind(id) {
            // One side may decide what the other leaves open.
            Kind::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                let all = *op == Binary::And;
                match (self.condition(*a, depth + 1), self.condition(*b, depth + 1)) {
                    (Ok(truth), _) | (_, Ok(truth)) if truth != all => Ok(truth),
                    (Err(why), _) | (_, Err(why)) => Err(why),
                    (Ok(_), Ok(_)) => Ok(all),
                }
            }
            Kind::Compare { operands, relations } => {
                let ids = self.formula.tree.ids(*operands);
                let values = ids.iter().map(|&id| self.node(id, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                for (pair, relation) in values.windows(2).zip(relations) {
                    let order = pair[0].compare(&pair[1], self.precision).ok_or(BigError::Undecided)?;
                    let holds = match relation {
                        Relation::Less => order.is_lt(),
                        Relation::LessEqual => order.is_le(),
                        Relation::Greater => order.is_gt(),
                        Relation::GreaterEqual => order.is_ge(),
                        Relation::Equal => order.is_eq(),
                        Relation::NotEqual => order.is_ne(),
                    };
                    if !holds {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Err(BigError::Unsupported),
        }
    }
}
