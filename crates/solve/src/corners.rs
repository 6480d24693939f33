//! Minima and maxima of several variables at which there is no derivative: corners and cusps, as of sqrt(x^2 + y^2).

use crate::stationary::{StationaryKind, StationaryPoint, StationarySearch, around};

/// Grids of more dimensions than this are too coarse to tell anything.
const MOST_DIMENSIONS: usize = 3;
/// More than this are not looked for.
const MOST: usize = 12;

/// Extrema between the places of a grid, none of them near to a point that is known already: by a compass search
/// (Kolda, Lewis and Torczon 2003), which needs no derivative.
pub(crate) fn corners(
    search: &mut StationarySearch<'_>,
    bounds: &[(f64, f64)],
    known: &[StationaryPoint],
) -> Vec<StationaryPoint> {
    let n = bounds.len();
    if n > MOST_DIMENSIONS {
        return Vec::new();
    }
    let side: usize = [0, 201, 41, 15][n];
    let count = side.pow(n as u32);
    let place = |k: usize| -> Vec<f64> {
        (0..n)
            .map(|i| {
                let cell = k / side.pow(i as u32) % side;
                bounds[i].0 + (bounds[i].1 - bounds[i].0) * cell as f64 / (side - 1) as f64
            })
            .collect()
    };
    let values: Vec<f64> = (0..count).map(|k| (search.value)(&place(k))).collect();
    let mut found: Vec<StationaryPoint> = Vec::new();
    for k in 0..count {
        let Some(kind) = extremal(&values, side, n, k) else { continue };
        let start = place(k);
        let near = |p: &StationaryPoint| is_near(&p.at, &start, bounds, 1.5 / (side - 1) as f64);
        if known.iter().chain(&found).any(near) || found.len() >= MOST {
            continue;
        }
        let sign = if kind == StationaryKind::Minimum { 1.0 } else { -1.0 };
        let at = compass(search, bounds, start, sign, 1.0 / (side - 1) as f64);
        let value = (search.value)(&at);
        let inside =
            at.iter().zip(bounds).all(|(x, (a, b))| *x > a + 1e-6 * (b - a) && *x < b - 1e-6 * (b - a));
        if !inside
            || !value.is_finite()
            || known.iter().chain(&found).any(|p| is_near(&p.at, &at, bounds, 1e-5))
        {
            continue;
        }
        // Where the gradient is small the point was one for Newton's method, and is none.
        let mut gradient = vec![0.0; n];
        let beside: Vec<f64> = at
            .iter()
            .zip(bounds)
            .enumerate()
            .map(|(i, (x, (a, b)))| x + 1e-7 * (b - a) * (1.0 + i as f64))
            .collect();
        (search.gradient)(&beside, &mut gradient);
        let steep = gradient.iter().any(|g| g.abs() > 1e-4 * value.abs().max(1e-3));
        if steep && around(search, bounds, &at, value) == kind {
            found.push(StationaryPoint {
                at,
                value,
                kind,
                eigenvalues: Vec::new(),
                by_eigenvalues: false,
                smooth: false,
            });
        }
    }
    found
}

fn is_near(p: &[f64], q: &[f64], bounds: &[(f64, f64)], share: f64) -> bool {
    p.iter().zip(q).zip(bounds).all(|((p, q), (a, b))| (p - q).abs() <= share * (b - a))
}

/// Whether a place of the grid, inside of it, is lower or higher than all its neighbours along the axes.
fn extremal(values: &[f64], side: usize, n: usize, k: usize) -> Option<StationaryKind> {
    let here = values[k];
    let (mut lower, mut higher) = (true, true);
    for i in 0..n {
        let stride = side.pow(i as u32);
        let cell = k / stride % side;
        if cell == 0 || cell + 1 == side {
            return None;
        }
        for neighbour in [values[k - stride], values[k + stride]] {
            if neighbour.is_nan() || here.is_nan() {
                return None;
            }
            lower &= here < neighbour;
            higher &= here > neighbour;
        }
    }
    match (lower, higher) {
        (true, _) => Some(StationaryKind::Minimum),
        (_, true) => Some(StationaryKind::Maximum),
        _ => None,
    }
}

/// Steps along the axes while they help, halved while they do not.
fn compass(
    search: &mut StationarySearch<'_>,
    bounds: &[(f64, f64)],
    mut x: Vec<f64>,
    sign: f64,
    share: f64,
) -> Vec<f64> {
    let mut best = sign * (search.value)(&x);
    let mut share = share;
    for _ in 0..400 {
        let mut moved = false;
        for i in 0..x.len() {
            for side in [-1.0, 1.0] {
                let before = x[i];
                x[i] = before + side * share * (bounds[i].1 - bounds[i].0);
                let y = sign * (search.value)(&x);
                if y < best {
                    best = y;
                    moved = true;
                } else {
                    x[i] = before;
                }
            }
        }
        if !moved {
            share *= 0.5;
            if share < 1e-14 {
                break;
            }
        }
    }
    // The short decimal, where that is as good.
    let short: Vec<f64> =
        x.iter().map(|x| format!("{x:.9}").parse::<f64>().map_or(*x, |s| s + 0.0)).collect();
    if sign * (search.value)(&short) <= best { short } else { x }
}
