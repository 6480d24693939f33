//! Bounds on a formula over a stretch of one variable, by enclosures.

use agnesi_engine::{Program, Working};
use agnesi_functions::big::Enclosure;

/// Bits of the enclosures: the ends are outward rounded, and no more is needed for a bound.
const BITS: usize = 64;

/// A bound on the size of the only output of a program of one input over a stretch, and whether it is proved.
///
/// The stretch is cut where the bound is worst, as long as that helps. `None` where no finite bound was found.
pub(crate) fn size_over(program: &Program, from: f64, to: f64, evaluations: usize) -> Option<(f64, bool)> {
    if program.inputs().len() != 1 || program.outputs() != 1 {
        return None;
    }
    let mut proved = true;
    let mut pieces: Vec<(f64, f64, f64)> = Vec::new();
    let mut bound_of = |a: f64, b: f64| -> f64 {
        let working = Working::new(BITS, 300_000);
        let Some(x) = Enclosure::from_bounds(a, b) else { return f64::INFINITY };
        match program.value(&[x], &working) {
            Ok(y) => {
                proved &= !working.in_doubt();
                let (middle, error) = y.approximate();
                let size = (middle.abs() + error).next_up();
                if size.is_nan() { f64::INFINITY } else { size }
            }
            Err(_) => f64::INFINITY,
        }
    };
    let cuts = 4;
    for i in 0..cuts {
        let at = |i: usize| if i == cuts { to } else { from + (to - from) * (i as f64 / cuts as f64) };
        let (a, b) = (at(i), at(i + 1));
        pieces.push((a, b, bound_of(a, b)));
    }
    for _ in 0..evaluations.saturating_sub(cuts) / 2 {
        let worst = (0..pieces.len()).max_by(|i, j| pieces[*i].2.total_cmp(&pieces[*j].2))?;
        let (a, b, bound) = pieces[worst];
        let middle = 0.5 * a + 0.5 * b;
        let next =
            pieces.iter().enumerate().filter(|(i, _)| *i != worst).map(|(_, p)| p.2).fold(0.0, f64::max);
        if !(a < middle && middle < b) || b - a < 1e-3 * (to - from) {
            break;
        }
        let (left, right) = (bound_of(a, middle), bound_of(middle, b));
        pieces[worst] = (a, middle, left);
        pieces.push((middle, b, right));
        // Nearly nothing gained, and the rest is no better.
        if bound.is_finite() && left.max(right).max(next) > 0.98 * bound && left.max(right) > 0.9 * bound {
            break;
        }
    }
    let bound = pieces.iter().map(|p| p.2).fold(0.0, f64::max);
    bound.is_finite().then_some((bound, proved))
}
