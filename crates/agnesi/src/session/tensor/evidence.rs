//! What supports a derivative of tensors: the formula, dual numbers and differences, at a point or at random ones.

use agnesi_engine::tensors::{InterpretError, Tensor, automatic, automatic_second, differences, interpret};
use agnesi_graph::{NodeId, Structure, SymbolId};

use super::Reading;
use super::point::{Values, value};
use crate::protocol::{Checked, Evidence, Failure, Number};

/// How many random points a formula is checked at.
const POINTS: usize = 3;
/// How many are tried until there are enough.
const TRIED: u64 = 12;
/// With more variables than this, or a derivative of more entries, the formula is evaluated alone.
const MOST_VARIABLES: usize = 2_000;
const MOST_ENTRIES: usize = 100_000;
/// An instance of more entries than this is not used.
const MOST_DRAWN: usize = 20_000;
/// How far two doubles may be apart, relative to the largest entry.
const CLOSE: f64 = 1e-9;

/// A derivative under examination: a formula, and what it is the derivative of.
pub(crate) struct Claim {
    /// The formula.
    pub derivative: NodeId,
    /// The formula of one order less; the expression as written for the first.
    pub before: NodeId,
    /// The expression as written.
    pub written: NodeId,
    /// The variable.
    pub x: SymbolId,
    /// The order.
    pub order: u32,
}

/// The three witnesses at one point.
struct Witnesses {
    exact: Tensor,
    automatic: Option<Tensor>,
    numeric: Option<(Tensor, Tensor)>,
    /// Why dual numbers give nothing, where they do not.
    missing: Option<String>,
}

impl Reading {
    fn witnesses(&self, claim: &Claim, at: &Values) -> Result<Witnesses, InterpretError> {
        let exact = interpret(&self.graph, &[claim.derivative], at)?.swap_remove(0);
        let large =
            at.iter().any(|(symbol, tensor)| *symbol == claim.x && tensor.data().len() > MOST_VARIABLES);
        if large || exact.data().len() > MOST_ENTRIES {
            let missing = Some("there are too many variables or entries for dual numbers".into());
            return Ok(Witnesses { exact, automatic: None, numeric: None, missing });
        }
        let automatic = match claim.order {
            2 => automatic_second(&self.graph, claim.written, at, claim.x, claim.x),
            _ => automatic(&self.graph, claim.before, at, claim.x),
        };
        let numeric = differences(&self.graph, claim.before, at, claim.x);
        let missing = automatic.as_ref().err().map(InterpretError::to_string);
        let mut found = Witnesses { exact, automatic: automatic.ok(), numeric: numeric.ok(), missing };
        if claim.order > 1 && self.graph.symbol_info(claim.x).structure.has(Structure::SYMMETRIC) {
            // A first derivative may use that the variable is symmetric, so that a second one is known up to the
            // exchange of the two entries of a pair.
            let first = found.exact.shape().len() - 2 * claim.order as usize;
            found.exact = symmetrised(found.exact, first);
            found.automatic = found.automatic.map(|t| symmetrised(t, first));
            found.numeric = found.numeric.map(|(n, e)| (symmetrised(n, first), symmetrised(e, first)));
        }
        Ok(found)
    }

    /// The derivative at the request's point, in three ways.
    pub fn evidence_at(&mut self, claim: &Claim, at: &Values) -> Result<(Tensor, Evidence), Failure> {
        let found = self.witnesses(claim, at).map_err(|error| self.evaluation(&error))?;
        self.defined(&found.exact, claim.derivative)?;
        let (agree, trust) = found.verdict();
        let evidence = Evidence {
            exact: Some(value(&found.exact)),
            exact_error: None,
            automatic: found.automatic.as_ref().map(value),
            numeric: found.numeric.as_ref().map(|(n, _)| value(n)),
            numeric_error: found.numeric.as_ref().map(|(_, e)| value(e)),
            agree,
            trust,
        };
        Ok((found.exact, evidence))
    }

    /// The derivative at random points that satisfy the declarations; in a few words why not, where there is none at
    /// which it can be looked at.
    pub fn checked(&mut self, claim: &Claim) -> Result<Checked, String> {
        let mut worst: f64 = 0.0;
        let mut points = 0;
        let mut why = String::new();
        let x = self.graph.symbol_node(claim.x);
        for seed in 0..TRIED {
            let at = match self.instance(&[claim.written, claim.before, claim.derivative, x], seed) {
                Ok(at) => at,
                Err(error) => {
                    why = error.to_string();
                    continue;
                }
            };
            if at.iter().map(|(_, tensor)| tensor.data().len()).sum::<usize>() > MOST_DRAWN {
                return Err(format!("random tensors of these sizes have more than {MOST_DRAWN} entries"));
            }
            let found = match self.witnesses(claim, &at) {
                Ok(found) => found,
                Err(error) => {
                    why = error.to_string();
                    continue;
                }
            };
            let before = interpret(&self.graph, &[claim.before], &at);
            let defined = |tensor: &Tensor| tensor.data().iter().all(|x| x.is_finite());
            if !defined(&found.exact) || !before.is_ok_and(|values| values.iter().all(defined)) {
                why = "there it has no value".into();
                continue;
            }
            if let Some(missing) = found.missing {
                why = missing;
                continue;
            }
            points += 1;
            let (agree, _) = found.verdict();
            if !agree {
                return Ok(Checked { points, agree: false, worst: Number(found.apart()) });
            }
            worst = worst.max(found.apart());
            if points == POINTS {
                break;
            }
        }
        match points {
            0 => Err(format!("none of {TRIED} random points will do: {why}")),
            _ => Ok(Checked { points, agree: true, worst: Number(worst) }),
        }
    }
}

impl Witnesses {
    /// The largest difference between formula and dual numbers, relative to the largest entry.
    fn apart(&self) -> f64 {
        let Some(automatic) = &self.automatic else { return 0.0 };
        let size = largest(&self.exact).max(largest(automatic)).max(f64::MIN_POSITIVE);
        // Where everything cancels, what is left is rounding, which the differences' error tells of.
        let room = |i: usize| match &self.numeric {
            Some((_, errors)) => errors.data().get(i).copied().filter(|e| e.is_finite()).unwrap_or(0.0),
            None => 0.0,
        };
        let pairs = self.exact.data().iter().zip(automatic.data()).enumerate();
        let apart = pairs.map(|(i, (a, b))| {
            let apart = distance(*a, *b);
            if apart <= room(i).min(1e-12) { 0.0 } else { apart }
        });
        apart.fold(0.0, f64::max) / size
    }

    fn verdict(&self) -> (bool, Option<String>) {
        let by_duals = self.automatic.is_none() || self.apart() <= CLOSE;
        let size = largest(&self.exact);
        let holds = |(values, errors): &(Tensor, Tensor)| {
            let pairs = self.exact.data().iter().zip(values.data()).zip(errors.data());
            // Where differences found nothing they say nothing.
            pairs.into_iter().all(|((a, b), e)| b.is_nan() || distance(*a, *b) <= 4.0 * e + 1e-7 * size)
        };
        let by_differences = self.numeric.as_ref().is_none_or(holds);
        match (by_duals, by_differences) {
            (true, true) => (true, None),
            (true, false) => (
                true,
                Some("formula and dual numbers agree; the differences meet a kink or lose digits nearby".into()),
            ),
            (false, true) => (
                false,
                Some("formula and differences agree; dual numbers lose digits on the way: trust the exact value".into()),
            ),
            (false, false) => {
                (false, Some("they disagree beyond their errors: trust none, and report this as a fault".into()))
            }
        }
    }
}

/// The mean over the exchanges of the axes of each pair from the axis `first` on.
fn symmetrised(tensor: Tensor, first: usize) -> Tensor {
    let shape = tensor.shape().to_vec();
    let mut data = tensor.data().to_vec();
    let mut axis = first;
    while axis + 1 < shape.len() {
        let (rows, columns) = (shape[axis], shape[axis + 1]);
        let behind: usize = shape[axis + 2..].iter().product();
        let before = data.clone();
        for (at, entry) in data.iter_mut().enumerate() {
            let (rest, block) = (at % behind, at / behind);
            let (j, i, front) = (block % columns, block / columns % rows, block / (columns * rows));
            let mirrored = ((front * rows + j) * columns + i) * behind + rest;
            *entry = (before[at] + before[mirrored]) / 2.0;
        }
        axis += 2;
    }
    Tensor::new(shape, data).unwrap_or(tensor)
}

fn largest(tensor: &Tensor) -> f64 {
    tensor.data().iter().fold(0.0, |m, x| m.max(x.abs()))
}

fn distance(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        0.0
    } else if a.is_nan() || b.is_nan() {
        f64::INFINITY
    } else {
        (a - b).abs()
    }
}
