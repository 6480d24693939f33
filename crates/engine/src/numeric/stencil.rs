//! Difference quotients of any order in several variables.

use super::Entry;
use crate::noisy::Noisy;

/// On which side of the point a quotient takes its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Left,
    Right,
}

/// The points of a difference quotient, in steps from the point, and their weights.
pub(super) struct Stencil {
    inputs: Vec<usize>,
    /// By how many steps each varied input is moved, and the weight.
    points: Vec<(Vec<f64>, f64)>,
    /// The quotient's divisor is the product of these powers of the steps, in units of their spacing.
    orders: Vec<(usize, f64)>,
}

impl Stencil {
    pub(super) fn new(orders: &[(usize, usize)], sides: &[Side]) -> Stencil {
        let mut points: Vec<(Vec<f64>, f64)> = vec![(Vec::new(), 1.0)];
        let mut divisors = Vec::new();
        for ((_, order), side) in orders.iter().zip(sides) {
            let spacing = if *side == Side::Both { 2.0 } else { 1.0 };
            divisors.push((*order, spacing));
            let mut longer = Vec::with_capacity(points.len() * (order + 1));
            for (offsets, weight) in &points {
                let mut binomial = 1.0;
                for k in 0..=*order {
                    // The k-th point from above, with weight (-1)^k binomial(order, k).
                    let steps = (*order - k) as f64;
                    let offset = match side {
                        Side::Both => *order as f64 - 2.0 * k as f64,
                        Side::Right => steps,
                        Side::Left => -(k as f64),
                    };
                    let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                    let mut offsets = offsets.clone();
                    offsets.push(offset);
                    longer.push((offsets, weight * sign * binomial));
                    binomial = binomial * steps / (k + 1) as f64;
                }
            }
            points = longer;
        }
        Stencil { inputs: orders.iter().map(|(input, _)| *input).collect(), points, orders: divisors }
    }

    /// By which power of the step the error begins: symmetric quotients have even powers only.
    pub(super) fn power(&self) -> i32 {
        if self.orders.iter().all(|(_, spacing)| *spacing == 2.0) { 2 } else { 1 }
    }

    /// The quotient for one step, with what rounding can have done to it; `None` where a value is missing.
    pub(super) fn quotient(
        &self,
        value: &mut dyn FnMut(&[Noisy]) -> Option<Noisy>,
        at: &[f64],
        lengths: &[f64],
        step: f64,
    ) -> Option<Entry> {
        let mut point: Vec<Noisy> = at.iter().map(|x| Noisy::exact(*x)).collect();
        let steps: Vec<f64> = lengths.iter().map(|length| length * step).collect();
        let (mut sum, mut noise, mut size) = (0.0, 0.0, 0.0f64);
        for (offsets, weight) in &self.points {
            for ((input, offset), step) in self.inputs.iter().zip(offsets).zip(&steps) {
                let (x, moved) = (at[*input], offset * step);
                let there = x + moved;
                // What the sum lost, exactly.
                let back = there - x;
                let lost = ((x - (there - back)) + (moved - back)).abs();
                point[*input] = Noisy { value: there, error: lost };
            }
            let found = value(&point)?;
            if !found.value.is_finite() || !found.error.is_finite() {
                return None;
            }
            sum += weight * found.value;
            noise += weight.abs() * found.error;
            size = size.max((weight * found.value).abs());
        }
        noise +=
            size * f64::EPSILON * self.points.len() as f64 * if self.points.len() > 2 { 1.0 } else { 0.5 };
        let divisor: f64 = self
            .orders
            .iter()
            .zip(&steps)
            .map(|((order, spacing), step)| (spacing * step).powi(*order as i32))
            .product();
        let entry = Entry {
            value: sum / divisor,
            noise: noise / divisor + (sum / divisor).abs() * f64::EPSILON * 2.0,
        };
        (entry.value.is_finite() && entry.noise.is_finite()).then_some(entry)
    }
}

/// A step with its last bits cleared, so that most points are reached without rounding.
pub(super) fn short(step: f64) -> f64 {
    f64::from_bits(step.to_bits() & !((1 << 26) - 1))
}
