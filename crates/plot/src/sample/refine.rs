//! Subdivision of a continuous stretch to a fraction of a pixel, and thinning of what is not needed.

use super::breaks::Run;
use super::{End, Piece, Probe};

/// Greatest distance of the curve from its chords, in pixels.
const DEVIATION: f64 = 0.1;
/// Halvings between two samples of the scan.
const DEPTH: u32 = 8;

/// Refines every run for the y range; `Err(x)` where the function turned out to be undefined at `x`.
pub(super) fn refine(probe: &mut Probe, runs: &[Run], y_range: (f64, f64)) -> Result<Vec<Piece>, f64> {
    let mut pieces = Vec::with_capacity(runs.len());
    for run in runs {
        let mut known = run.points.clone();
        if let End::Pole { .. } = run.start {
            let mut towards = reach(probe, known.first().copied(), run.from, y_range);
            towards.reverse();
            known.splice(0..0, towards);
        }
        if let End::Pole { .. } = run.end {
            known.extend(reach(probe, known.last().copied(), run.to, y_range));
        }
        let mut points = Vec::with_capacity(known.len() * 2);
        points.extend(known.first());
        for pair in known.windows(2) {
            subdivide(probe, pair[0], pair[1], y_range, &mut points)?;
        }
        pieces.push(Piece { points: thin(&points, probe, y_range), start: run.start, end: run.end });
    }
    Ok(pieces)
}

/// The runs as they are, where refining did not succeed.
pub(super) fn coarse(runs: &[Run]) -> Vec<Piece> {
    runs.iter().map(|r| Piece { points: r.points.clone(), start: r.start, end: r.end }).collect()
}

/// Points from the last sample towards a pole, until they have left the view well behind.
fn reach(probe: &mut Probe, from: Option<(f64, f64)>, pole: f64, y: (f64, f64)) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let Some(from) = from else { return points };
    let height = y.1 - y.0;
    let (mut x, mut last) = (from.0, from.1);
    while last > y.0 - height && last < y.1 + height && points.len() < 60 && !probe.exhausted() {
        let next = x + 0.5 * (pole - x);
        let value = probe.at(next);
        if next == x || next == pole || !value.is_finite() {
            break;
        }
        points.push((next, value));
        (x, last) = (next, value);
    }
    points
}

/// Adds the points after `p` up to and with `q`.
fn subdivide(
    probe: &mut Probe,
    p: (f64, f64),
    q: (f64, f64),
    y_range: (f64, f64),
    points: &mut Vec<(f64, f64)>,
) -> Result<(), f64> {
    let mut pending = vec![(q, 0u32)];
    let mut left = p;
    while let Some(&(right, depth)) = pending.last() {
        let outside = |y: f64| if y > y_range.1 { 1 } else { -i32::from(y < y_range.0) };
        let away = outside(left.1) != 0 && outside(left.1) == outside(right.1);
        let middle = 0.5 * (left.0 + right.0);
        let settled = depth >= DEPTH || away || middle <= left.0 || middle >= right.0 || probe.exhausted();
        if !settled {
            let y = probe.at(middle);
            if !y.is_finite() {
                return Err(middle);
            }
            let (w, h) = ((right.0 - left.0) / probe.dx, (right.1 - left.1) / probe.dy);
            let off = ((y - left.1) - 0.5 * (right.1 - left.1)).abs() / probe.dy;
            // Distance from the chord, which for a steep chord is much less than the difference in y.
            let distance = off * w / w.hypot(h).max(1e-12);
            if distance > DEVIATION {
                pending.push(((middle, y), depth + 1));
                if let Some(last) = pending.iter_mut().rev().nth(1) {
                    last.1 = depth + 1;
                }
                continue;
            }
        }
        points.push(right);
        left = right;
        pending.pop();
    }
    Ok(())
}

/// Drops the points that lie on the line of their neighbours (Ramer, Douglas and Peucker).
fn thin(points: &[(f64, f64)], probe: &Probe, y: (f64, f64)) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let far = 4.0 * (y.1 - y.0);
    let pixel = |p: (f64, f64)| {
        let value = p.1.clamp(y.0 - far, y.1 + far);
        ((p.0 - probe.x.0) / probe.dx, (value - y.0) / probe.dy)
    };
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut pending = vec![(0, points.len() - 1)];
    while let Some((a, b)) = pending.pop() {
        let (pa, pb) = (pixel(points[a]), pixel(points[b]));
        let (w, h) = (pb.0 - pa.0, pb.1 - pa.1);
        let length = w.hypot(h).max(1e-12);
        let mut worst = (0.0, a);
        for (i, p) in points.iter().enumerate().take(b).skip(a + 1) {
            let p = pixel(*p);
            let distance = ((p.0 - pa.0) * h - (p.1 - pa.1) * w).abs() / length;
            if distance > worst.0 {
                worst = (distance, i);
            }
        }
        if worst.0 > 0.6 * DEVIATION {
            keep[worst.1] = true;
            pending.push((a, worst.1));
            pending.push((worst.1, b));
        }
    }
    points.iter().zip(keep).filter(|(_, k)| *k).map(|(p, _)| *p).collect()
}
