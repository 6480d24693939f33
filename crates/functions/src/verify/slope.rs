//! Derivatives of kernels by differences, extrapolated, with an estimate of their error.

use super::approx::{Approx, Result};

/// A derivative and an estimate of its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slope {
    pub value: f64,
    pub error: f64,
}

impl Slope {
    /// Whether it says anything, beside a function of this size.
    pub fn is_sharp(self, scale: f64) -> bool {
        self.error <= 1e-7 * self.value.abs() + 1e-10 * scale
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Left,
    Right,
}

/// The derivative of `f` at `x`, from both sides or one; the best of several step sizes, if a very small step bears
/// it out: large ones may step over what happens at `x`.
pub(super) fn slope(f: &dyn Fn(f64) -> Result<Approx>, x: f64, side: Side) -> Option<Slope> {
    let mut best: Option<Slope> = None;
    let size = x.abs();
    for unit in [size, 1.0] {
        if unit == 0.0 || unit == 1.0 && (size > 1e9 || size == 1.0 && best.is_some()) {
            continue;
        }
        let Some(crude) = difference(f, x, unit * 1e-6, side) else { continue };
        // Its own error is the square of the step, or the step, over the square of the scale on which `f` bends.
        let doubt = if side == Side::Both { 1e-6 } else { 1e-4 };
        for part in [0.06, 0.25, 0.008, 1e-3, 1e-4] {
            if let Some(found) = extrapolate(f, x, unit * part, side)
                && best.is_none_or(|best| found.error < best.error)
                && (found.value - crude.value).abs() <= doubt * found.value.abs() + 2.0 * crude.error
            {
                best = Some(found);
            }
            if best.is_some_and(|best| best.error <= 1e-10 * best.value.abs()) {
                return best;
            }
        }
    }
    best
}

/// One difference, and what the noise of `f` does to it.
fn difference(f: &dyn Fn(f64) -> Result<Approx>, x: f64, step: f64, side: Side) -> Option<Slope> {
    let left = if side == Side::Right { x } else { x - step };
    let right = if side == Side::Left { x } else { x + step };
    let width = right - left;
    let (low, high) = (f(left).ok()?, f(right).ok()?);
    let found = Slope { value: (high.value - low.value) / width, error: (low.error + high.error) / width };
    (width != 0.0 && found.value.is_finite() && found.error.is_finite()).then_some(found)
}

/// Richardson's table over shrinking steps.
fn extrapolate(f: &dyn Fn(f64) -> Result<Approx>, x: f64, first: f64, side: Side) -> Option<Slope> {
    const LEVELS: usize = 9;
    // No power of two: the steps must not keep in time with a period.
    const RATIO: f64 = 1.7;
    // Errors of a central difference are even powers of the step, those of a one-sided one all powers.
    let base: f64 = if side == Side::Both { RATIO * RATIO } else { RATIO };
    let mut table = [0.0f64; LEVELS];
    let mut best: Option<Slope> = None;
    let mut step = first;
    for level in 0..LEVELS {
        let Some(Slope { value, error: noise }) = difference(f, x, step, side) else { return best };
        let mut current = value;
        let (mut factor, mut grown) = (1.0, noise);
        for entry in &mut table[..level] {
            factor *= base;
            let previous = *entry;
            *entry = current;
            let next = current + (current - previous) / (factor - 1.0);
            let change = (next - current).abs().max((next - previous).abs());
            // The first column's noise grows by at most (1 + 2/(b-1)) in each further one.
            grown *= 1.0 + 2.0 / (factor - 1.0);
            let error = change + grown;
            if level > 1 && best.is_none_or(|best| error < best.error) {
                best = Some(Slope { value: next, error });
            }
            current = next;
        }
        table[level] = current;
        step /= RATIO;
    }
    best
}
