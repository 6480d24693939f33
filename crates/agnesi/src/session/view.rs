//! Which part of the plane is looked at, when nobody says or somebody does.

use agnesi_syntax::Code;

use super::numeric::Numeric;
use super::point::exact_value;
use super::understand::Understood;
use crate::protocol::{Failure, Request};

/// Half the width of a view of which nothing else is known.
const HALF: f64 = 5.0;
/// At how many places it is tried where a function is defined.
const PLACES: usize = 401;

/// The ends that a request gives.
pub(crate) fn given(u: &mut Understood, request: &Request) -> Result<(Option<f64>, Option<f64>), Failure> {
    let mut ends = [None, None];
    for (end, given, field) in [(0, &request.from, "from"), (1, &request.to, "to")] {
        if let Some(given) = given {
            ends[end] = Some(exact_value(u, given, field)?.near);
        }
    }
    if let [Some(from), Some(to)] = ends
        && !agnesi_plot::range::usable((from, to))
    {
        return Err(Failure::new(Code::Input, format!("there is nothing to see from {from} to {to}"))
            .with_hint("give a `to` that is greater than `from`"));
    }
    Ok((ends[0], ends[1]))
}

/// Where a function of one variable is looked at: as the request says, else around the point, the whole of a short
/// domain, some periods, or from -5 to 5.
pub(crate) fn of_one(
    f: &mut Numeric,
    given: (Option<f64>, Option<f64>),
    at: Option<f64>,
    period: Option<f64>,
) -> (f64, f64) {
    if let (Some(from), Some(to)) = given {
        return (from, to);
    }
    let half = match period {
        Some(p) if p < 1.0 => 3.0 * p,
        Some(p) if p > 8.0 => 1.2 * p,
        _ => HALF,
    };
    // A point far off is looked at where it is.
    let centre = at.filter(|a| a.abs() > half).unwrap_or(0.0);
    let half = if centre == 0.0 { half } else { half.max(0.25 * centre.abs()) };
    let mut view = (centre - half, centre + half);
    // What has a period has it everywhere: its domain neither begins nor ends.
    let widths: &[f64] = if period.is_some() { &[] } else { &[1.0, 10.0, 1e3, 1e6] };
    for wide in widths {
        let (a, b) = (centre - wide * half, centre + wide * half);
        // Off round numbers, at which powers have values that they have nowhere around.
        let place = |i: usize| a + (b - a) * ((i as f64 + 0.0137) / (PLACES as f64 - 0.97));
        let mut defined = (0..PLACES).filter(|i| f.at(&[place(*i)]).is_finite());
        let Some(first) = defined.next() else { continue };
        let last = defined.next_back().unwrap_or(first);
        let cell = (b - a) / (PLACES - 1) as f64;
        let (low, high) = (first > 1, last + 2 < PLACES);
        let (from, to) = (place(first), place(last));
        view = match (low, high) {
            // The whole domain, with a margin.
            (true, true) => {
                let (from, to) = (edge(f, from - cell, from), edge(f, to + cell, to));
                let width = (to - from).max(cell);
                let short = |x: f64| super::numeric::rounded(x, 3);
                (short(from - 0.08 * width), short(to + 0.08 * width))
            }
            // A domain that begins or ends in sight: as much of it as of a whole line.
            (true, false) => (edge(f, from - cell, from), edge(f, from - cell, from) + 2.0 * half),
            (false, true) => (edge(f, to + cell, to) - 2.0 * half, edge(f, to + cell, to)),
            (false, false) => (a, b),
        };
        if *wide > 1.0 && !(low || high) {
            view = (centre - half, centre + half);
        }
        break;
    }
    if let Some(at) = at {
        let margin = 0.1 * (view.1 - view.0);
        view = (view.0.min(at - margin), view.1.max(at + margin));
    }
    match given {
        (Some(from), _) => (from, if view.1 > from { view.1 } else { from + 2.0 * half }),
        (_, Some(to)) => (if view.0 < to { view.0 } else { to - 2.0 * half }, to),
        _ => view,
    }
}

/// The edge of the domain between two places, as a short number if it is one.
fn edge(f: &mut Numeric, mut outside: f64, mut inside: f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * inside + 0.5 * outside;
        if f.at(&[middle]).is_finite() { inside = middle } else { outside = middle }
    }
    if inside.abs() < 1e-9 { 0.0 } else { super::numeric::rounded(inside, 10) }
}

/// A view that shows what was found outside of it, if there is little of it; with the old view if that has something
/// to show (`keep`).
pub(crate) fn towards(view: (f64, f64), features: &[f64], keep: bool) -> Option<(f64, f64)> {
    let (first, last) = (features.first()?, features.last()?);
    if features.len() > 8 {
        return None;
    }
    let width = view.1 - view.0;
    if !keep {
        let margin = (0.3 * (last - first)).max(0.5 * width);
        return Some((first - margin, last + margin));
    }
    let margin = (0.2 * (last - first)).max(0.25 * width);
    Some((view.0.min(first - margin), view.1.max(last + margin)))
}

/// Where a function of several variables is looked at.
pub(crate) fn of_several(
    f: &mut Numeric,
    n: usize,
    given: (Option<f64>, Option<f64>),
    at: Option<&[f64]>,
) -> Vec<(f64, f64)> {
    let half = HALF;
    let base = |i: usize| {
        let centre = at.map_or(0.0, |at| at[i]);
        let centre = if centre.abs() > 0.8 * half { centre } else { 0.0 };
        (centre - half, centre + half)
    };
    let mut view: Vec<(f64, f64)> = (0..n).map(base).collect();
    // Of those places of a coarse grid at which it is defined, each coordinate on its own.
    let mut seen = vec![(f64::INFINITY, f64::NEG_INFINITY); n];
    let side = if n == 2 { 24usize } else { 6 };
    for k in 0..side.pow(n.min(4) as u32) {
        let x: Vec<f64> = (0..n)
            .map(|i| {
                let cell = k / side.pow(i.min(3) as u32) % side;
                let t = (cell as f64 + 0.5) / side as f64;
                view[i].0 + (view[i].1 - view[i].0) * t
            })
            .collect();
        if f.at(&x).is_finite() {
            for (s, x) in seen.iter_mut().zip(&x) {
                *s = (s.0.min(*x), s.1.max(*x));
            }
        }
    }
    let cell = 2.0 * half / side as f64;
    for (v, s) in view.iter_mut().zip(&seen) {
        if s.0 > s.1 {
            continue;
        }
        let (low, high) = (s.0 > v.0 + 1.5 * cell, s.1 < v.1 - 1.5 * cell);
        let short = |x: f64| if x.abs() < 0.6 * cell { 0.0 } else { x };
        *v = match (low, high) {
            (true, true) => (s.0 - cell, s.1 + cell),
            (true, false) => (short(s.0 - 0.5 * cell), short(s.0 - 0.5 * cell) + 2.0 * half),
            (false, true) => (short(s.1 + 0.5 * cell) - 2.0 * half, short(s.1 + 0.5 * cell)),
            (false, false) => *v,
        };
    }
    for v in &mut view {
        *v = match given {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) => (from, if v.1 > from { v.1 } else { from + 2.0 * half }),
            (None, Some(to)) => (if v.0 < to { v.0 } else { to - 2.0 * half }, to),
            (None, None) => *v,
        };
    }
    if let Some(at) = at {
        for (v, at) in view.iter_mut().zip(at) {
            let margin = 0.1 * (v.1 - v.0);
            *v = (v.0.min(at - margin), v.1.max(at + margin));
        }
    }
    view
}
