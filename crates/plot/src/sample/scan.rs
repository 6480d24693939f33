//! The first look: irregular points in every pixel column, round numbers, and columns too busy for a line.

use super::{Band, Probe};

/// Where in a pixel column the scan looks: its left edge and four irregular places.
const OFFSETS: [f64; 5] = [0.0, 0.236_067_977, 0.381_966_011, 0.618_033_989, 0.854_101_966];
/// A turn counts when the values come back by this many pixels.
const TURN: f64 = 2.0;
/// Turns a column, averaged over its neighbours, from which a line is no longer readable.
const DENSE: f64 = 0.8;

/// Evaluates the function over the view, ascending in x.
pub(super) fn scan(probe: &mut Probe, columns: usize, breaks: &[f64]) -> Vec<(f64, f64)> {
    let (x0, x1) = probe.x;
    let mut xs: Vec<(f64, bool)> = Vec::with_capacity(columns * 5 + 700);
    for column in 0..columns {
        for offset in OFFSETS {
            let t = (column as f64 + offset) / columns as f64;
            xs.push((x0 * (1.0 - t) + x1 * t, false));
        }
    }
    if probe.limit >= 4000 {
        xs.extend(round_numbers(x0, x1).into_iter().map(|x| (x, true)));
    }
    xs.extend(breaks.iter().filter(|b| **b > x0 && **b < x1).map(|b| (*b, true)));
    xs.push((x0, true));
    xs.push((x1, true));
    xs.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    // Of two points that only rounding separates the round one stays.
    let near = probe.dx * 1e-9;
    let mut kept: Vec<(f64, bool)> = Vec::with_capacity(xs.len());
    for (x, round) in xs {
        match kept.last_mut() {
            Some(last) if x == last.0 => last.1 |= round,
            Some(last) if x - last.0 < near && !(round && last.1) => {
                if round {
                    *last = (x, true);
                }
            }
            _ => kept.push((x, round)),
        }
    }
    kept.into_iter().map(|(x, _)| (x, probe.at(x))).collect()
}

/// The multiples of a power of ten in view, some 60 to 600 of them.
fn round_numbers(x0: f64, x1: f64) -> Vec<f64> {
    let width = x1 - x0;
    let power = (width / 600.0).log10().ceil();
    if !width.is_finite() || power.abs() > 290.0 || x0.abs().max(x1.abs()) / width > 1e9 {
        return if x0 < 0.0 && x1 > 0.0 { vec![0.0] } else { Vec::new() };
    }
    // Dividing by a whole power of ten rounds correctly, where multiplying by 0.1 would miss the decimal.
    let unit = 10f64.powi(power.abs() as i32);
    let place = |i: f64| if power < 0.0 { i / unit } else { i * unit };
    let count = |x: f64| if power < 0.0 { x * unit } else { x / unit };
    let (first, last) = (count(x0).ceil() as i64, count(x1).floor() as i64);
    (first..=last).map(|i| place(i as f64)).filter(|x| *x > x0 && *x < x1).collect()
}

/// Stretches of columns in which the values turn too often, as intervals of x.
pub(super) fn dense(probe: &Probe, samples: &[(f64, f64)], columns: usize) -> Vec<(f64, f64)> {
    let (x0, dx) = (probe.x.0, probe.dx);
    let column = |x: f64| (((x - x0) / dx) as usize).min(columns - 1);
    let mut turns = vec![0u32; columns];
    // Hysteresis: an extremum counts once the values have come back from it by TURN pixels.
    let threshold = TURN * probe.dy;
    let mut extreme: Option<(f64, f64)> = None;
    let mut rising: Option<bool> = None;
    for &(x, y) in samples {
        if !y.is_finite() {
            (extreme, rising) = (None, None);
            continue;
        }
        let Some((_, best)) = extreme else {
            extreme = Some((x, y));
            continue;
        };
        match rising {
            None if (y - best).abs() > threshold => {
                rising = Some(y > best);
                extreme = Some((x, y));
            }
            Some(up) if (y > best) == up => extreme = Some((x, y)),
            Some(up) if (y - best).abs() > threshold => {
                turns[column(extreme.map_or(x, |e| e.0))] += 1;
                rising = Some(!up);
                extreme = Some((x, y));
            }
            _ => {}
        }
    }
    let busy = |c: usize| {
        let window = c.saturating_sub(2)..(c + 3).min(columns);
        let width = window.len() as f64;
        window.map(|i| f64::from(turns[i])).sum::<f64>() / width >= DENSE
    };
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for c in (0..columns).filter(|c| busy(*c)) {
        match stretches.last_mut() {
            Some(last) if c <= last.1 + 3 => last.1 = c + 1,
            _ => stretches.push((c, c + 1)),
        }
    }
    stretches.retain(|s| s.1 - s.0 >= 6);
    let edge = |c: usize| if c == columns { probe.x.1 } else { x0 + c as f64 * dx };
    stretches.into_iter().map(|(a, b)| (edge(a), edge(b))).collect()
}

/// The least and greatest value of every column of the dense stretches.
pub(super) fn bands(probe: &mut Probe, dense: &[(f64, f64)]) -> Vec<Band> {
    const PROBES: usize = 48;
    let mut bands = Vec::new();
    for &(a, b) in dense {
        let columns = ((b - a) / probe.dx).round().max(1.0) as usize;
        let mut points: Vec<(f64, f64, f64)> = Vec::with_capacity(columns + 2);
        for c in 0..columns {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for k in 0..PROBES {
                if probe.exhausted() {
                    break;
                }
                // Multiples of the golden ratio fill the column evenly and keep step with nothing.
                let t = (k as f64 * 0.618_033_988_749_895 + c as f64 * 0.414_213_562_373_095).fract();
                let y = probe.at(a + (c as f64 + t) * probe.dx);
                if y.is_finite() {
                    low = low.min(y);
                    high = high.max(y);
                }
            }
            if low <= high {
                if points.is_empty() {
                    points.push((a + c as f64 * probe.dx, low, high));
                }
                points.push((a + (c as f64 + 0.5) * probe.dx, low, high));
            } else if points.len() > 1 {
                bands.push(envelope(std::mem::take(&mut points)));
            }
        }
        if let Some(&(_, low, high)) = points.last() {
            points.push((b, low, high));
            bands.push(envelope(points));
        }
    }
    bands
}

/// Takes the extremes of each column and its two neighbours: a period may be up to three columns long.
fn envelope(columns: Vec<(f64, f64, f64)>) -> Band {
    let wide = |i: usize| {
        let around = &columns[i.saturating_sub(1)..(i + 2).min(columns.len())];
        around.iter().fold(columns[i], |c, n| (c.0, c.1.min(n.1), c.2.max(n.2)))
    };
    let mut points: Vec<(f64, f64, f64)> = (0..columns.len()).map(wide).collect();
    // The ends repeat their columns at the edges.
    let n = points.len();
    if n > 2 {
        (points[0].1, points[0].2) = (points[1].1, points[1].2);
        (points[n - 1].1, points[n - 1].2) = (points[n - 2].1, points[n - 2].2);
    }
    Band { points }
}
