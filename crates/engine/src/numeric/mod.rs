//! Derivatives by differences: Richardson extrapolation over many step lengths, with an error estimate that holds.
//!
//! A difference quotient has two errors. Rounding is bounded by running error analysis: every value of the function
//! comes with a bound on what rounding did to it, and the extrapolation carries these bounds along. Truncation is
//! estimated by how much the extrapolation still moves. Long steps may agree with each other by accident, far from
//! where the function can be expanded; so estimates are believed from the shortest step upwards, each only as long as
//! it is compatible with all those of shorter steps.

mod stencil;
#[cfg(test)]
mod tests;

use crate::noisy::Noisy;
use crate::{EvaluateError, Program};
use stencil::{Side, Stencil};

/// A derivative from differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numeric {
    /// The value.
    pub value: f64,
    /// An estimate of its error, meant as a bound.
    pub error: f64,
    /// Whether points on one side only were used, since the domain ends at the point.
    pub one_sided: bool,
}

/// The two one-sided derivatives of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slopes {
    /// From below.
    pub left: Option<Numeric>,
    /// From above.
    pub right: Option<Numeric>,
}

impl Slopes {
    /// Whether they differ by more than their errors: a kink.
    pub fn differ(&self) -> bool {
        match (self.left, self.right) {
            (Some(left), Some(right)) => {
                let room = 4.0 * (left.error + right.error);
                (left.value - right.value).abs() > room + 1e-7 * (left.value.abs() + right.value.abs())
            }
            _ => false,
        }
    }
}

/// Ratio of neighbouring steps: no simple fraction, so that no period is met by all steps.
const RATIO: f64 = 1.618_033_988_749_895;
/// How many columns an extrapolation has.
const COLUMNS: usize = 7;
/// The most step lengths tried.
const MOST_STEPS: usize = 160;

/// The partial derivative of one output at a point: `orders` tells of each input that is differentiated in how many
/// times, four times in all at most. `None` if no estimate was found, as where the function has no values around the
/// point.
///
/// # Errors
/// Where the output has no value at the point itself.
pub fn partial(
    program: &Program,
    output: usize,
    at: &[f64],
    orders: &[(usize, usize)],
) -> Result<Option<Numeric>, EvaluateError> {
    let exact: Vec<Noisy> = at.iter().map(|x| Noisy::exact(*x)).collect();
    program.values(&exact, &())?;
    let orders: Vec<(usize, usize)> = orders.iter().copied().filter(|(_, order)| *order > 0).collect();
    let mut value =
        |point: &[Noisy]| program.values(point, &()).ok().and_then(|values| values.get(output).copied());
    let central = vec![Side::Both; orders.len()];
    if let Some(found) = extrapolate(&mut value, at, &orders, &central) {
        return Ok(Some(found));
    }
    // The domain may end here: the sides on which there are values.
    let mut best: Option<Numeric> = None;
    for choice in 0..1usize << orders.len().min(4) {
        let sides: Vec<Side> =
            (0..orders.len()).map(|i| if choice >> i & 1 == 0 { Side::Right } else { Side::Left }).collect();
        if let Some(found) = extrapolate(&mut value, at, &orders, &sides)
            && best.is_none_or(|best| found.error < best.error)
        {
            best = Some(Numeric { one_sided: true, ..found });
        }
    }
    Ok(best)
}

/// The one-sided first derivatives of an output in one input.
pub fn slopes(program: &Program, output: usize, at: &[f64], input: usize) -> Slopes {
    let mut value =
        |point: &[Noisy]| program.values(point, &()).ok().and_then(|values| values.get(output).copied());
    let mut side = |side: Side| {
        let found = extrapolate(&mut value, at, &[(input, 1)], &[side])?;
        Some(Numeric { one_sided: true, ..found })
    };
    let left = side(Side::Left);
    Slopes { left, right: side(Side::Right) }
}

/// One entry of the extrapolation.
#[derive(Clone, Copy, Debug)]
struct Entry {
    value: f64,
    /// What rounding can have done.
    noise: f64,
}

#[derive(Clone, Copy, Debug)]
struct Estimate {
    value: f64,
    error: f64,
    /// The share of rounding in the error.
    noise: f64,
}

fn extrapolate(
    value: &mut dyn FnMut(&[Noisy]) -> Option<Noisy>,
    at: &[f64],
    orders: &[(usize, usize)],
    sides: &[Side],
) -> Option<Numeric> {
    let stencil = Stencil::new(orders, sides);
    let mut largest = 0.0f64;
    let mut watched = |point: &[Noisy]| {
        let found = value(point)?;
        largest = largest.max(found.value.abs());
        Some(found)
    };
    let value: &mut dyn FnMut(&[Noisy]) -> Option<Noisy> = &mut watched;
    let here: Vec<Noisy> = at.iter().map(|x| Noisy::exact(*x)).collect();
    let noise = value(&here)?.error;
    let wide = scan(value, at, orders, &stencil, |x| x.abs().max(1.0));
    // Steps that start near 1 do not come down to the scale of a tiny argument.
    let tiny = orders.iter().any(|(input, _)| at[*input] != 0.0 && at[*input].abs() < 1e-12);
    let found = match wide {
        None if tiny => scan(value, at, orders, &stencil, |x| if x == 0.0 { 1.0 } else { x.abs() }),
        found => found,
    };
    // Where rounding alone decides the value, as of sin(1e16*x), differences have nothing to go by.
    let found = found.filter(|_| noise <= 1e-3 * largest || noise < 1e-300);
    found.map(|found| Numeric { value: found.value, error: found.error, one_sided: false })
}

/// Quotients from long steps to short ones, extrapolated. `scale` gives the longest step from an argument.
fn scan(
    value: &mut dyn FnMut(&[Noisy]) -> Option<Noisy>,
    at: &[f64],
    orders: &[(usize, usize)],
    stencil: &Stencil,
    scale: impl Fn(f64) -> f64,
) -> Option<Estimate> {
    // Powers of two, so that the steps of all inputs are exact multiples of one.
    let lengths: Vec<f64> =
        orders.iter().map(|(input, _)| (scale(at[*input]) * 0.3).log2().floor().exp2()).collect();
    // What the doubles resolve, and from where on shorter steps are of use only if rounding does not rule yet.
    let (mut resolved, mut useful) = (0.0f64, 0.0f64);
    for ((input, _), length) in orders.iter().zip(&lengths) {
        let size = at[*input].abs();
        let smallest = (size * f64::EPSILON * 8.0).max(1e-290);
        resolved = resolved.max(smallest / length);
        let enough = if size == 0.0 { 1e-9 } else { (size * 1e-7).min(1e-9) };
        useful = useful.max(smallest.max(enough) / length);
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut estimates: Vec<Estimate> = Vec::new();
    let mut step = stencil::short(0.987_654_321);
    for _ in 0..MOST_STEPS {
        let ruled = estimates.last().is_some_and(|last| last.error <= 4.0 * last.noise);
        if step < resolved || step < useful && (ruled || estimates.is_empty()) {
            break;
        }
        match stencil.quotient(value, at, &lengths, step) {
            Some(first) => {
                rows.push(next_row(first, step, &rows, stencil.power()));
                estimates.extend(best_of(&rows));
            }
            // A value is missing: what comes before is not extrapolated with what comes after.
            None => rows.clear(),
        }
        step = stencil::short(step / RATIO);
    }
    believe(&estimates)
}

/// A central difference quotient of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotient {
    /// The step, in any unit.
    pub step: f64,
    /// The quotient.
    pub value: f64,
    /// What rounding can have done to it.
    pub noise: f64,
}

/// The derivative that central quotients tend to, from long steps to short ones; `None` among them where a value is
/// missing.
pub(crate) fn from_quotients(quotients: &[Option<Quotient>]) -> Option<Numeric> {
    let mut rows: Vec<Row> = Vec::new();
    let mut estimates: Vec<Estimate> = Vec::new();
    for quotient in quotients {
        match quotient {
            Some(Quotient { step, value, noise }) => {
                let first = Entry { value: *value, noise: *noise };
                rows.push(next_row(first, *step, &rows, 2));
                estimates.extend(best_of(&rows));
            }
            None => rows.clear(),
        }
    }
    let found = believe(&estimates)?;
    Some(Numeric { value: found.value, error: found.error, one_sided: false })
}

/// The extrapolations that end with one step, from none to many.
struct Row {
    step: f64,
    entries: Vec<Entry>,
}

/// Neville's scheme: the new row from a quotient and the row of the next longer step.
fn next_row(first: Entry, step: f64, rows: &[Row], power: i32) -> Row {
    let mut entries = vec![first];
    if let Some(above) = rows.last() {
        for (column, upper) in above.entries.iter().enumerate().take(COLUMNS - 1) {
            let left = entries[column];
            let factor = (rows[rows.len() - 1 - column].step / step).powi(power) - 1.0;
            entries.push(Entry {
                value: left.value + (left.value - upper.value) / factor,
                noise: left.noise + (left.noise + upper.noise) / factor,
            });
        }
    }
    Row { step, entries }
}

/// The entry of the last row that moves least.
fn best_of(rows: &[Row]) -> Option<Estimate> {
    let [.., before, above, row] = rows else { return None };
    let mut best: Option<Estimate> = None;
    for column in 1..row.entries.len() {
        let here = row.entries[column];
        let Some(upper) = above.entries.get(column - 1) else { break };
        let mut moved =
            (here.value - row.entries[column - 1].value).abs().max((here.value - upper.value).abs());
        if let Some(same) = above.entries.get(column) {
            // From one step to the next: what is left is the rest of a geometric series.
            let last = (here.value - same.value).abs();
            moved = moved.max(last);
            if let Some(older) = before.entries.get(column)
                && last > here.noise + same.noise
            {
                let ratio = last / (same.value - older.value).abs();
                moved = moved.max(last * (ratio / (1.0 - ratio).max(0.01)).clamp(1.0, 100.0));
            }
        }
        let error = 1.5 * moved + here.noise + here.value.abs() * f64::EPSILON;
        if error.is_finite() && here.value.is_finite() && best.is_none_or(|best| error < best.error) {
            best = Some(Estimate { value: here.value, error, noise: here.noise });
        }
    }
    best
}

/// The tightest estimate that is compatible with all those of shorter steps.
fn believe(estimates: &[Estimate]) -> Option<Estimate> {
    let mut believed: Vec<Estimate> = Vec::new();
    let mut best: Option<Estimate> = None;
    for &estimate in estimates.iter().rev() {
        let compatible =
            believed.iter().all(|other| (other.value - estimate.value).abs() <= other.error + estimate.error);
        if !compatible {
            // Longer steps can only be worse.
            if believed.len() >= 3 {
                break;
            }
            continue;
        }
        believed.push(estimate);
        if best.is_none_or(|best| estimate.error < best.error) {
            best = Some(estimate);
        }
    }
    let mut best = best.filter(|_| believed.len() >= 2)?;
    // One that moved little by accident is betrayed by those that are nearly as good.
    let tight = best.error * 16.0;
    for other in believed.iter().filter(|other| other.error <= tight) {
        best.error = best.error.max(2.0 * (other.value - best.value).abs());
    }
    Some(best)
}
