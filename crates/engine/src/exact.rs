//! The exact column: a value computed with rising precision until the double is certain.

use agnesi_functions::big::{Digits, Enclosure};
use agnesi_graph::{Rational, Taught};
use agnesi_syntax::{Tree, TreeId};
use smol_str::SmolStr;

use crate::{EvaluateError, Program, Working, series};

/// The value of an input.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An exact number.
    Exact(&'a Rational),
    /// A settled tree without free names, such as `pi/4`.
    Constant(&'a Tree, TreeId),
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bits of working precision.
    pub bits: usize,
    /// The work, in additions of 64 bits.
    pub work: u64,
    /// The most digits in the text.
    pub digits: usize,
}

impl Default for Limits {
    /// 4096 bits, ten million additions (about a second), 20 digits.
    fn default() -> Limits {
        Limits { bits: 4096, work: 10_000_000, digits: 20 }
    }
}

/// A value and what is known of it.
#[derive(Clone, Debug)]
pub struct Exact {
    /// The nearest double; if that is not certain, one close to the value.
    pub value: f64,
    /// Whether `value` is the double nearest to the true value.
    pub certain: bool,
    /// A bound on the distance of `value` from the true value.
    pub error: f64,
    /// The working precision that decided it, in bits; 0 if only doubles were used.
    pub bits: usize,
    /// Whether some function had no big-float kernel, so that the digits rest on the error bound of its double.
    pub in_doubt: bool,
    /// Whether the expression itself is 0/0 here, and this is its limit.
    pub removable: bool,
    /// The digits that are certain.
    pub text: Option<Digits>,
    /// The enclosure it was read from.
    pub enclosure: Option<Enclosure>,
}

impl Exact {
    /// Whether the double is certain and there are as many digits as asked for.
    fn is_settled(&self, limits: &Limits) -> bool {
        let digits = self.text.as_ref().is_some_and(|text| text.exact || text.count >= limits.digits);
        self.certain && (digits || self.value == 0.0 || self.value.is_infinite())
    }

    /// Whether it is bounded on one side only, or on none.
    fn says_nothing(&self) -> bool {
        !self.certain && self.error.is_infinite()
    }
}

/// The value of a settled scalar tree at exact inputs.
///
/// Where no precision within the limits decides the double, the answer is the best value found, with `certain`
/// false: so for `sin(pi)` under a low limit on precision, which is zero to as many digits as one likes to compute.
/// Where an expression of one input is 0/0 and has a limit from both sides, as `sin(x)/x` at 0, the limit is the
/// value, and `removable` says so.
///
/// # Errors
/// A node outside its domain; a name without a value; a limit reached before there was any value at all.
pub fn value(
    tree: &Tree,
    root: TreeId,
    at: &[(SmolStr, Input)],
    taught: &[Taught],
    limits: &Limits,
) -> Result<Exact, EvaluateError> {
    let names: Vec<SmolStr> = at.iter().map(|(name, _)| name.clone()).collect();
    let program = Program::new(tree, root, &names, taught)?;
    let inputs = prepare(at, taught)?;
    let mut all = values(&program, &inputs, limits)?;
    if all.len() != 1 {
        let (node, span) = (root, tree.span(root));
        return Err(EvaluateError::Unsupported { node, span, what: "a vector as one number".into() });
    }
    Ok(all.remove(0))
}

/// An input made ready: an exact number, or a program for it.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// An exact number.
    Exact(Rational),
    /// A program without inputs.
    Constant(Box<Program>),
}

/// Makes inputs ready for [`values`].
///
/// # Errors
/// A constant expression that has free names.
pub fn prepare(at: &[(SmolStr, Input)], taught: &[Taught]) -> Result<Vec<Prepared>, EvaluateError> {
    at.iter()
        .map(|(_, input)| {
            Ok(match input {
                Input::Exact(value) => Prepared::Exact((*value).clone()),
                Input::Constant(tree, root) => {
                    Prepared::Constant(Box::new(Program::new(tree, *root, &[], taught)?))
                }
            })
        })
        .collect()
}

/// The values of all outputs of a program at exact inputs.
///
/// # Errors
/// As [`value`].
pub fn values(program: &Program, inputs: &[Prepared], limits: &Limits) -> Result<Vec<Exact>, EvaluateError> {
    let mut best: Option<Vec<Exact>> = None;
    let mut obstacle = None;
    let mut work = limits.work;
    let mut bits = 96;
    while bits <= limits.bits {
        let working = Working::new(bits, work);
        match at_precision(program, inputs, &working) {
            Ok(enclosures) => {
                let values: Vec<Exact> =
                    enclosures.into_iter().map(|enclosure| read(enclosure, &working, limits)).collect();
                // More bits do not help where a double stands in for a function.
                if values.iter().all(|value| value.is_settled(limits)) || working.in_doubt() {
                    return Ok(values);
                }
                // A few more bits give the digits asked for; beyond that the double is enough.
                let certain = values.iter().all(|value| value.certain);
                if certain && best.as_ref().is_some_and(|best| best.iter().all(|value| value.certain)) {
                    return Ok(values);
                }
                best = Some(values);
            }
            Err(error @ (EvaluateError::Undecided { .. } | EvaluateError::Overflow { .. })) => {
                obstacle = Some(error)
            }
            Err(error @ EvaluateError::Limit { .. }) => {
                obstacle = Some(error);
                break;
            }
            Err(EvaluateError::Unsupported { .. }) => break,
            Err(error @ EvaluateError::Domain { .. }) => match limits_at(program, inputs, &working) {
                Some(enclosures) => {
                    let read = |enclosure| Exact { removable: true, ..read(enclosure, &working, limits) };
                    let values: Vec<Exact> = enclosures.into_iter().map(read).collect();
                    if values.iter().all(|value| value.is_settled(limits)) {
                        return Ok(values);
                    }
                    best = Some(values);
                }
                None => return Err(error),
            },
            Err(error) => return Err(error),
        }
        work = working.budget();
        bits *= 2;
    }
    match best {
        Some(values) => match values.iter().position(Exact::says_nothing) {
            Some(output) => Err(program.overflow(output)),
            None => Ok(values),
        },
        None => in_doubles(program, inputs, obstacle),
    }
}

/// The limits where a program of one input is 0/0.
fn limits_at(program: &Program, inputs: &[Prepared], working: &Working) -> Option<Vec<Enclosure>> {
    match inputs {
        [Prepared::Exact(point)] => series::limits(program, &Enclosure::from_rational(big(point)), working),
        _ => None,
    }
}

fn at_precision(
    program: &Program,
    inputs: &[Prepared],
    working: &Working,
) -> Result<Vec<Enclosure>, EvaluateError> {
    let inputs: Vec<Enclosure> = inputs
        .iter()
        .map(|input| match input {
            Prepared::Exact(value) => Ok(Enclosure::from_rational(big(value))),
            Prepared::Constant(constant) => Ok(constant.values::<Enclosure>(&[], working)?.remove(0)),
        })
        .collect::<Result<_, EvaluateError>>()?;
    program.values(&inputs, working)
}

pub(crate) fn big(value: &Rational) -> dashu_ratio::RBig {
    dashu_ratio::RBig::from_parts(value.numerator(), value.denominator())
}

fn read(enclosure: Enclosure, working: &Working, limits: &Limits) -> Exact {
    let (near, error) = enclosure.approximate();
    let rounded = enclosure.round_f64();
    let certain = rounded.is_some() && !working.in_doubt();
    let value = rounded.unwrap_or(near);
    // The nearest double to the middle may differ from the one that both ends round to by that much.
    let error = if value == near { error } else { error + (value - near).abs().next_up() };
    Exact {
        value,
        certain,
        error,
        bits: working.bits(),
        in_doubt: working.in_doubt(),
        removable: false,
        text: enclosure.digits(limits.digits),
        enclosure: Some(enclosure),
    }
}

/// What doubles say, where enclosures decide nothing. Where these overflow too it is not known whether the value does.
fn in_doubles(
    program: &Program,
    inputs: &[Prepared],
    obstacle: Option<EvaluateError>,
) -> Result<Vec<Exact>, EvaluateError> {
    let inputs: Vec<f64> = inputs
        .iter()
        .map(|input| match input {
            Prepared::Exact(value) => Ok(value.to_f64()),
            Prepared::Constant(constant) => Ok(constant.values::<f64>(&[], &())?.remove(0)),
        })
        .collect::<Result<_, EvaluateError>>()?;
    match (program.values::<f64>(&inputs, &()), obstacle) {
        (Ok(values), Some(obstacle)) if !values.iter().all(|value| value.is_finite()) => Err(obstacle),
        (Ok(values), _) => Ok(values
            .into_iter()
            .map(|value| Exact {
                value,
                certain: false,
                error: f64::INFINITY,
                bits: 0,
                in_doubt: true,
                removable: false,
                text: None,
                enclosure: None,
            })
            .collect()),
        (Err(error), obstacle) => Err(obstacle.unwrap_or(error)),
    }
}
