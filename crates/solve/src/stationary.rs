//! Critical points of a function of several variables in a box.

use crate::corners::corners;
use crate::symmetric_eigenvalues;

/// What a critical point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StationaryKind {
    /// A local minimum.
    Minimum,
    /// A local maximum.
    Maximum,
    /// Neither: higher in some directions, lower in others.
    Saddle,
    /// Neither the eigenvalues nor samples around the point decide.
    Undecided,
}

/// A critical point.
#[derive(Clone, Debug, PartialEq)]
pub struct StationaryPoint {
    /// Where.
    pub at: Vec<f64>,
    /// The value there.
    pub value: f64,
    /// What it is.
    pub kind: StationaryKind,
    /// The eigenvalues of the Hessian, ascending.
    pub eigenvalues: Vec<f64>,
    /// Whether the eigenvalues alone decide the kind; else samples around the point did.
    pub by_eigenvalues: bool,
    /// Whether the gradient is zero there; else there is none, as of sqrt(x^2 + y^2) at the origin, and `eigenvalues`
    /// is empty.
    pub smooth: bool,
}

/// What was found in a box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stationary {
    /// The points, in the order of their coordinates.
    pub points: Vec<StationaryPoint>,
    /// Whether they seem not to be isolated but to fill curves; then `points` has some of them.
    pub continuum: bool,
    /// From how many places the search started.
    pub starts: usize,
    /// Whether the limit on evaluations was reached.
    pub limited: bool,
}

/// A function with its derivatives.
pub struct StationarySearch<'f> {
    /// The value; NaN where there is none.
    pub value: &'f mut dyn FnMut(&[f64]) -> f64,
    /// Writes the gradient.
    pub gradient: &'f mut dyn FnMut(&[f64], &mut [f64]),
    /// Writes the Hessian, row by row.
    pub hessian: &'f mut dyn FnMut(&[f64], &mut [f64]),
    /// The most evaluations of the Hessian.
    pub evaluations: usize,
}

/// Newton's method stops when a step is that small against the box.
const SMALL_STEP: f64 = 1e-13;
/// Points nearer than this share of the box are one.
const SAME: f64 = 1e-6;
/// More points than this are taken for a continuum.
const MANY: usize = 60;

/// The critical points of a function inside a box, as far as damped Newton iterations on the gradient find them from a
/// grid of starts. Classified by the eigenvalues of the Hessian, and where one of those is zero by samples around. In up
/// to three dimensions minima and maxima without a derivative are looked for too.
///
/// An empty list is no proof that there are none.
pub fn stationary_points(search: &mut StationarySearch<'_>, bounds: &[(f64, f64)]) -> Stationary {
    let n = bounds.len();
    let mut out = Stationary::default();
    if n == 0 || bounds.iter().any(|(a, b)| !(a.is_finite() && b.is_finite() && a < b)) {
        return out;
    }
    let mut left = search.evaluations;
    let mut found: Vec<(Vec<f64>, f64)> = Vec::new();
    for start in starts(bounds) {
        if left == 0 {
            out.limited = true;
            break;
        }
        out.starts += 1;
        let Some((at, residual)) = newton(search, bounds, start, &mut left) else { continue };
        let same =
            |p: &[f64]| p.iter().zip(&at).zip(bounds).all(|((p, q), (a, b))| (p - q).abs() <= SAME * (b - a));
        match found.iter_mut().find(|(p, _)| same(p)) {
            Some(known) if residual < known.1 => *known = (at, residual),
            Some(_) => {}
            None => found.push((at, residual)),
        }
        if found.len() > MANY {
            out.continuum = true;
            break;
        }
    }
    let mut points: Vec<StationaryPoint> =
        found.into_iter().filter_map(|(at, _)| classified(search, bounds, at)).collect();
    if !out.continuum {
        let more = corners(search, bounds, &points);
        points.extend(more);
    }
    points.sort_by(|p, q| {
        let order = p.at.iter().zip(&q.at).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    // Points of which none is isolated: each has a direction in which nothing changes.
    let flat = |p: &&StationaryPoint| {
        let size = norm(&p.eigenvalues);
        p.smooth && p.eigenvalues.iter().any(|e| e.abs() <= 1e-7 * size.max(1e-7))
    };
    let flat = points.iter().filter(flat).count();
    out.continuum |= flat > 4 && 2 * flat > points.len();
    out.points = points;
    out
}

/// Places spread over the box: a grid in few dimensions, a Halton sequence in many.
fn starts(bounds: &[(f64, f64)]) -> Vec<Vec<f64>> {
    let n = bounds.len();
    let place = |t: &dyn Fn(usize) -> f64| -> Vec<f64> {
        bounds.iter().enumerate().map(|(i, (a, b))| a + (b - a) * t(i)).collect()
    };
    let side = [0, 101, 21, 9, 5, 4][n.min(5)];
    if n > 5 {
        const PRIMES: [usize; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
        return (1..=600)
            .map(|k| place(&|i| radical_inverse(k * (1 + i / PRIMES.len()), PRIMES[i % PRIMES.len()])))
            .collect();
    }
    (0..side_power(side, n))
        .map(|k| {
            place(&|i| {
                // Off the middle of the cells, so that symmetry does not keep Newton's method on an axis; and the
                // middle of the box is a start.
                let cell = k / side_power(side, i) % side;
                let t = cell as f64 / (side - 1).max(1) as f64;
                if 2 * cell + 1 == side { 0.5 } else { 0.003 + 0.99 * t + 0.0017 * i as f64 }
            })
        })
        .collect()
}

fn side_power(side: usize, n: usize) -> usize {
    (0..n).fold(1, |p, _| p * side)
}

/// The digits of `k` in a base, mirrored at the point.
fn radical_inverse(mut k: usize, base: usize) -> f64 {
    let (mut value, mut share) = (0.0, 1.0 / base as f64);
    while k > 0 {
        value += share * (k % base) as f64;
        k /= base;
        share /= base as f64;
    }
    value
}

fn norm(v: &[f64]) -> f64 {
    v.iter().fold(0.0f64, |m, x| if x.is_nan() { f64::NAN } else { m.max(x.abs()) })
}

/// Newton's method for a zero of the gradient, its step halved until the gradient shrinks (Dennis and Schnabel, 6.3).
fn newton(
    search: &mut StationarySearch<'_>,
    bounds: &[(f64, f64)],
    mut x: Vec<f64>,
    left: &mut usize,
) -> Option<(Vec<f64>, f64)> {
    let n = x.len();
    let (mut g, mut h) = (vec![0.0; n], vec![0.0; n * n]);
    (search.gradient)(&x, &mut g);
    let mut size = norm(&g);
    let first = size;
    if !size.is_finite() {
        return None;
    }
    for _ in 0..60 {
        if size == 0.0 {
            break;
        }
        *left = left.checked_sub(1)?;
        (search.hessian)(&x, &mut h);
        let step = solve(&h, &g)?;
        let mut share = 1.0;
        let mut next = x.clone();
        let mut next_size = f64::NAN;
        for _ in 0..25 {
            for i in 0..n {
                next[i] = x[i] - share * step[i];
            }
            (search.gradient)(&next, &mut g);
            next_size = norm(&g);
            if next_size < size {
                break;
            }
            share *= 0.5;
        }
        let moved = x.iter().zip(&next).zip(bounds).map(|((p, q), (a, b))| (p - q).abs() / (b - a));
        let moved = moved.fold(0.0, f64::max);
        if next_size.is_nan() || next_size >= size {
            // As good as doubles allow, or stuck.
            (search.gradient)(&x, &mut g);
            break;
        }
        x = next;
        size = next_size;
        // Far outside: not a point of this box.
        if x.iter().zip(bounds).any(|(x, (a, b))| *x < a - 2.0 * (b - a) || *x > b + 2.0 * (b - a)) {
            return None;
        }
        if moved < SMALL_STEP {
            break;
        }
    }
    let inside = x.iter().zip(bounds).all(|(x, (a, b))| {
        let slack = 1e-9 * (b - a);
        *x >= a - slack && *x <= b + slack
    });
    // How large a gradient rounding alone makes: that of a step of a few units, by the Hessian.
    (search.hessian)(&x, &mut h);
    let scale = bounds.iter().map(|(a, b)| b - a).fold(0.0, f64::max);
    let noise = 1e-13 * scale.max(norm(&x)) * norm(&h);
    // Where the Hessian is huge, as next to a cusp, rounding is no excuse for a gradient of full size.
    let good = size <= noise.min(1e-4 * first).max(1e-10 * first.min(1.0)) || size == 0.0;
    // A gradient that only decays, as that of exp(-x^2) far out, is no zero of it.
    let decays = size > 0.0 && norm(&h) * scale * 1e-3 <= size;
    if !(inside && good && !decays && (search.value)(&x).is_finite()) {
        return None;
    }
    Some((rounded(search, x, size), size))
}

/// The point with short decimals, where the gradient is no larger there.
fn rounded(search: &mut StationarySearch<'_>, x: Vec<f64>, size: f64) -> Vec<f64> {
    let mut g = vec![0.0; x.len()];
    for places in [5, 8, 11] {
        let short: Vec<f64> =
            x.iter().map(|x| format!("{x:.places$}").parse::<f64>().map_or(*x, |s| s + 0.0)).collect();
        (search.gradient)(&short, &mut g);
        if norm(&g) <= size {
            return short;
        }
    }
    x
}

/// Solves a small system by elimination with pivots; what is singular is helped by a little of the identity.
fn solve(h: &[f64], g: &[f64]) -> Option<Vec<f64>> {
    let n = g.len();
    let size = norm(h);
    if !size.is_finite() || size == 0.0 {
        return None;
    }
    for shift in [0.0, 1e-8 * size] {
        let mut a = h.to_vec();
        let mut b = g.to_vec();
        (0..n).for_each(|i| a[i * n + i] += shift);
        let mut regular = true;
        for k in 0..n {
            let pivot = (k..n).max_by(|i, j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))?;
            if a[pivot * n + k].abs() < 1e-14 * size {
                regular = false;
                break;
            }
            if pivot != k {
                (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
                b.swap(k, pivot);
            }
            for i in k + 1..n {
                let m = a[i * n + k] / a[k * n + k];
                for j in k..n {
                    a[i * n + j] -= m * a[k * n + j];
                }
                b[i] -= m * b[k];
            }
        }
        if !regular {
            continue;
        }
        for k in (0..n).rev() {
            let rest: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
            b[k] = (b[k] - rest) / a[k * n + k];
        }
        if b.iter().all(|x| x.is_finite()) {
            return Some(b);
        }
    }
    None
}

fn classified(
    search: &mut StationarySearch<'_>,
    bounds: &[(f64, f64)],
    at: Vec<f64>,
) -> Option<StationaryPoint> {
    let n = at.len();
    let value = (search.value)(&at);
    let mut h = vec![0.0; n * n];
    (search.hessian)(&at, &mut h);
    let eigenvalues = symmetric_eigenvalues(&h, n);
    let size = norm(&eigenvalues);
    if !value.is_finite() || !size.is_finite() {
        return None;
    }
    let zero = 1e-7 * size.max(1e-7);
    let positive = eigenvalues.iter().filter(|e| **e > zero).count();
    let negative = eigenvalues.iter().filter(|e| **e < -zero).count();
    let (kind, by_eigenvalues) = if positive > 0 && negative > 0 {
        (StationaryKind::Saddle, true)
    } else if positive == n {
        (StationaryKind::Minimum, true)
    } else if negative == n {
        (StationaryKind::Maximum, true)
    } else {
        (around(search, bounds, &at, value), false)
    };
    let eigenvalues =
        eigenvalues.into_iter().map(|e| if e.abs() <= 1e-15 * size { 0.0 } else { e }).collect();
    Some(StationaryPoint { at, value, kind, eigenvalues, by_eigenvalues, smooth: true })
}

/// The kind by samples on small spheres around the point.
pub(crate) fn around(
    search: &mut StationarySearch<'_>,
    bounds: &[(f64, f64)],
    at: &[f64],
    value: f64,
) -> StationaryKind {
    let n = at.len();
    let mut kinds = Vec::new();
    for share in [1e-2, 3e-3] {
        let (mut above, mut below, mut level) = (0, 0, 0);
        for k in 0..64 * n {
            // Axes first, then directions all around.
            let direction: Vec<f64> = if k < 2 * n {
                (0..n).map(|i| if i == k / 2 { [1.0, -1.0][k % 2] } else { 0.0 }).collect()
            } else if n == 2 {
                let angle = std::f64::consts::TAU * k as f64 / (64 * n) as f64;
                vec![angle.cos(), angle.sin()]
            } else {
                (0..n).map(|i| 2.0 * radical_inverse(k, [2, 3, 5, 7, 11, 13][i % 6]) - 1.0).collect()
            };
            let x: Vec<f64> = at
                .iter()
                .zip(&direction)
                .zip(bounds)
                .map(|((x, d), (a, b))| x + share * (b - a) * d)
                .collect();
            let difference = (search.value)(&x) - value;
            let noise = 1e-14 * value.abs();
            if difference > noise {
                above += 1;
            } else if difference < -noise {
                below += 1;
            } else {
                level += 1;
            }
        }
        kinds.push(match (above, below, level) {
            (0, 0, _) => StationaryKind::Undecided,
            (_, 0, 0) => StationaryKind::Minimum,
            (0, _, 0) => StationaryKind::Maximum,
            (_, 0, _) | (0, _, _) => StationaryKind::Undecided,
            _ => StationaryKind::Saddle,
        });
    }
    if kinds.iter().all(|k| *k == kinds[0]) { kinds[0] } else { StationaryKind::Undecided }
}
