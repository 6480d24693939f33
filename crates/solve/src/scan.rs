//! Where a function changes sign, touches zero, is zero, jumps or begins: adaptive sampling.
//!
//! Cells of a grid are halved while the middle deviates from the chord by as much as could hide a root. Every change
//! of sign is then narrowed down to neighbouring doubles, and what happens there is read from how the function scales
//! when the distance to the place shrinks by a factor: roots shrink with it, jumps do not, poles grow.

use crate::refine::{Place, narrow, turn};
use crate::{Line, Search};

/// A place at which the function is zero, or changes sign without.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    pub x: f64,
    /// The signs on both sides; 0 where there is no function on that side.
    pub before: f64,
    pub after: f64,
    pub kind: Place,
}

/// What was found in an interval.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// Ascending.
    pub events: Vec<Event>,
    /// Stretches on which every sample is exactly zero.
    pub flat: Vec<(f64, f64)>,
    /// Stretches that the samples do not resolve: the function oscillates faster than they lie.
    pub unresolved: Vec<(f64, f64)>,
    /// Stretches on which the function is too small for a double.
    pub underflow: Vec<(f64, f64)>,
    /// Whether some places were left out because there were too many.
    pub limited: bool,
}

/// The function with the count of its evaluations.
pub(crate) struct Counted<'a, 'f> {
    f: &'a mut Line<'f>,
    pub count: usize,
}

impl Counted<'_, '_> {
    pub fn at(&mut self, x: f64) -> f64 {
        self.count += 1;
        (self.f)(x)
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    x: f64,
    y: f64,
}

/// Looks at `f` on an interval; `df` is its derivative, where there is one.
pub(crate) fn scan(
    f: &mut Line<'_>,
    mut df: Option<&mut Line<'_>>,
    interval: (f64, f64),
    search: &Search,
) -> Scan {
    let (a, b) = interval;
    let mut out = Scan::default();
    if !(a.is_finite() && b.is_finite() && a < b) {
        return out;
    }
    let mut f = Counted { f, count: 0 };
    let samples = sample(&mut f, interval, search, &mut out);
    let samples = with_edges(&mut f, samples);
    let mut i = 0;
    while i < samples.len() {
        if out.events.len() >= search.most {
            out.limited = true;
            break;
        }
        let here = samples[i];
        if !here.y.is_finite() {
            // A pole that a sample hits.
            if let Some((before, after)) =
                i.checked_sub(1).and_then(|j| samples.get(j)).zip(samples.get(i + 1))
                && before.y * after.y < 0.0
                && before.y.abs().min(after.y.abs()) > 1.0
            {
                let (before, after) = (before.y.signum(), after.y.signum());
                out.events.push(Event { x: here.x, before, after, kind: Place::Pole });
            }
            i += 1;
            continue;
        }
        if here.y == 0.0 {
            i = zeros(&mut f, &samples, i, (a, b), &mut out);
            continue;
        }
        if let Some(next) = samples.get(i + 1)
            && next.y.is_finite()
            && next.y != 0.0
        {
            if next.y.signum() != here.y.signum() {
                let place = narrow(&mut f, df.as_deref_mut(), (here.x, here.y), (next.x, next.y));
                let (before, after) = (here.y.signum(), next.y.signum());
                out.events.push(Event { x: place.0, before, after, kind: place.1 });
            } else if i > 0 && is_lowest(&samples, i) {
                touch(&mut f, df.as_deref_mut(), &samples, i, &mut out);
            }
        }
        end(&mut f, &samples, i, &mut out);
        i += 1;
    }
    for stretch in out.flat.iter_mut().chain(&mut out.underflow).chain(&mut out.unresolved) {
        *stretch = (stretch.0.max(a), stretch.1.min(b));
    }
    out.events.sort_by(|p, q| p.x.total_cmp(&q.x));
    out.events.dedup_by(|q, p| q.x == p.x);
    let unresolved = out.unresolved.clone();
    out.events.retain(|e| !unresolved.iter().any(|(from, to)| *from <= e.x && e.x <= *to));
    out
}

/// The samples, ascending, with unresolved stretches noted.
fn sample(f: &mut Counted, (a, b): (f64, f64), search: &Search, out: &mut Scan) -> Vec<Sample> {
    let cells = search.cells.max(2);
    let grid: Vec<Sample> = (0..=cells)
        .map(|i| {
            let x = if i == cells { b } else { a + (b - a) * (i as f64 / cells as f64) };
            Sample { x, y: f.at(x) }
        })
        .collect();
    let mut samples = Vec::with_capacity(4 * cells);
    // Cells at the greatest depth that do not look smooth, to be joined to stretches.
    let mut rough: Vec<(f64, f64)> = Vec::new();
    // A little beyond both ends, where a root at the end itself may have got to by rounding.
    let beyond = 1e-12 * (b - a);
    samples.push(Sample { x: a - beyond, y: f.at(a - beyond) });
    samples.extend(grid.first().copied());
    for pair in grid.windows(2) {
        // Depth first, left before right: the samples come out in order.
        let mut stack = vec![(pair[0], pair[1], 0u32)];
        while let Some((left, right, depth)) = stack.pop() {
            let x = 0.5 * left.x + 0.5 * right.x;
            let inside = left.x < x && x < right.x;
            let spent = f.count >= search.evaluations;
            if !inside || spent {
                if spent && wants_more(left.y, 0.5 * (left.y + right.y), right.y) {
                    out.limited = true;
                }
                samples.push(right);
                continue;
            }
            let middle = Sample { x, y: f.at(x) };
            let deepest =
                if left.y.is_finite() && right.y.is_finite() { search.depth } else { search.depth / 2 };
            if wants_more(left.y, middle.y, right.y) && depth < deepest {
                stack.push((middle, right, depth + 1));
                stack.push((left, middle, depth + 1));
                continue;
            }
            if depth >= search.depth && is_rough(f, left, middle, right) {
                rough.push((left.x, right.x));
            }
            samples.push(middle);
            samples.push(right);
        }
    }
    samples.push(Sample { x: b + beyond, y: f.at(b + beyond) });
    out.unresolved = joined(&rough, (b - a) / cells as f64);
    samples
}

/// Whether the middle of a cell says that the cell may hide a root, or that it is not yet understood.
fn wants_more(left: f64, middle: f64, right: f64) -> bool {
    match (left.is_finite(), middle.is_finite(), right.is_finite()) {
        (true, true, true) => {
            let deviation = (middle - 0.5 * (left + right)).abs();
            deviation > 0.5 * left.abs().min(middle.abs()).min(right.abs())
        }
        (false, false, false) => false,
        _ => true,
    }
}

/// Whether a parabola through three samples fails at the quarters, so that there is more in the cell than the
/// samples show.
fn is_rough(f: &mut Counted, left: Sample, middle: Sample, right: Sample) -> bool {
    if !(left.y.is_finite() && middle.y.is_finite() && right.y.is_finite()) {
        return false;
    }
    // Near underflow the samples are steps, and mean nothing.
    if left.y.abs().max(right.y.abs()) < 1e-280 {
        return false;
    }
    let deviation = (middle.y - 0.5 * (left.y + right.y)).abs();
    let size = deviation.max(0.05 * (right.y - left.y).abs());
    let quarter = |near: Sample, far: Sample| 0.375 * near.y + 0.75 * middle.y - 0.125 * far.y;
    [(left, right), (right, left)].into_iter().any(|(near, far)| {
        let y = f.at(0.5 * near.x + 0.5 * middle.x);
        y.is_finite() && (y - quarter(near, far)).abs() > 0.5 * size
    })
}

/// Cells joined to stretches: what lies closer together than `gap` belongs together. One or two cells are a kink or a
/// pole and no stretch. Beside a stretch samples deceive too, by falling in step with the oscillation: half as much
/// again on both sides is not trusted.
fn joined(cells: &[(f64, f64)], gap: f64) -> Vec<(f64, f64)> {
    let mut stretches: Vec<(f64, f64, usize)> = Vec::new();
    for (from, to) in cells {
        match stretches.last_mut() {
            Some(last) if from - last.1 <= gap => {
                last.1 = *to;
                last.2 += 1;
            }
            _ => stretches.push((*from, *to, 1)),
        }
    }
    let widened = |(from, to, _): (f64, f64, usize)| (from - 0.5 * (to - from), to + 0.5 * (to - from));
    stretches.into_iter().filter(|s| s.2 > 6).map(widened).collect()
}

/// The samples with the first and last places at which the function has a value, to neighbouring doubles.
fn with_edges(f: &mut Counted, samples: Vec<Sample>) -> Vec<Sample> {
    let mut out = Vec::with_capacity(samples.len() + 8);
    for sample in samples {
        if let Some(&Sample { x, y }) = out.last()
            && f64::is_finite(y) != sample.y.is_finite()
        {
            let (mut inside, mut outside) = if f64::is_finite(y) { (x, sample.x) } else { (sample.x, x) };
            for _ in 0..1100 {
                let middle = 0.5 * inside + 0.5 * outside;
                if middle == inside || middle == outside {
                    break;
                }
                if f.at(middle).is_finite() { inside = middle } else { outside = middle }
            }
            if inside != x && inside != sample.x {
                let edge = Sample { x: inside, y: f.at(inside) };
                out.push(edge);
            }
        }
        out.push(sample);
    }
    out
}

/// Whether the i-th sample is nearer to zero than its neighbours, all of one sign.
fn is_lowest(samples: &[Sample], i: usize) -> bool {
    let [before, here, after] = [samples[i - 1].y, samples[i].y, samples[i + 1].y];
    before.is_finite()
        && before.signum() == here.signum()
        && before != 0.0
        && here.abs() <= before.abs()
        && here.abs() <= after.abs()
}

/// Looks for a double root, or two roots, around the lowest of three samples.
fn touch(f: &mut Counted, df: Option<&mut Line<'_>>, samples: &[Sample], i: usize, out: &mut Scan) {
    let (left, right) = (samples[i - 1], samples[i + 1]);
    let sign = left.y.signum();
    let Some((x, y, kind)) = turn(f, df, (left.x, left.y), (right.x, right.y)) else { return };
    if kind == Place::Zero {
        out.events.push(Event { x, before: sign, after: sign, kind });
    } else if y.is_finite() && y != 0.0 && y.signum() != sign {
        for (p, q) in [((left.x, left.y), (x, y)), ((x, y), (right.x, right.y))] {
            let place = narrow(f, None, p, q);
            let (before, after) = (p.1.signum(), q.1.signum());
            out.events.push(Event { x: place.0, before, after, kind: place.1 });
        }
    }
}

/// Samples that are exactly zero, from the i-th on; gives the number of the first that is not.
fn zeros(f: &mut Counted, samples: &[Sample], i: usize, whole: (f64, f64), out: &mut Scan) -> usize {
    let mut end = i;
    while samples.get(end + 1).is_some_and(|s| s.y == 0.0) {
        end += 1;
    }
    let sign = |s: Option<&Sample>| s.map_or(0.0, |s| if s.y.is_finite() { s.y.signum() } else { 0.0 });
    let before = i.checked_sub(1).and_then(|j| samples.get(j));
    let after = samples.get(end + 1);
    let (mut from, mut to) = (samples[i].x, samples[end].x);
    // At the end of the view the side that is not seen is as the one that is, unless a look outside tells.
    let width = whole.1 - whole.0;
    let outside = |f: &mut Counted, x: f64| {
        let y = f.at(x);
        if y.is_finite() && y != 0.0 { y.signum() } else { 0.0 }
    };
    let sign_before = if before.is_none() { outside(f, from - 1e-4 * width) } else { sign(before) };
    let sign_after = if after.is_none() { outside(f, to + 1e-4 * width) } else { sign(after) };
    if to - from > 1e-4 * width {
        if let Some(s) = before.filter(|s| s.y.is_finite()) {
            from = last_zero(f, from, s.x);
        }
        if let Some(s) = after.filter(|s| s.y.is_finite()) {
            to = last_zero(f, to, s.x);
        }
        // Past the end of a true zero the function is soon of some size; past an underflow it is not.
        let tiny = |y: f64| y.abs() < 1e-250;
        let low = before.is_some() && tiny(f.at(from - 1e-6 * width));
        let high = after.is_some() && tiny(f.at(to + 1e-6 * width));
        if low && high || (low || high) && (before.is_none() || after.is_none()) {
            out.underflow.push((from, to));
        } else {
            out.flat.push((from, to));
        }
    } else if from.abs() < f64::MIN_POSITIVE && !f.at(0.0).is_finite() {
        // Where it begins, beside 0, it has underflown.
    } else {
        let x = if to > from { 0.5 * from + 0.5 * to } else { from };
        let kind = if to > from { Place::Zero } else { crate::refine::place(f, x, 0.0, 1e-3 * width) };
        out.events.push(Event { x, before: sign_before, after: sign_after, kind });
    }
    end + 1
}

/// The last place towards `outside` at which the function is zero.
fn last_zero(f: &mut Counted, mut inside: f64, mut outside: f64) -> f64 {
    for _ in 0..1100 {
        let middle = 0.5 * inside + 0.5 * outside;
        if middle == inside || middle == outside {
            break;
        }
        if f.at(middle) == 0.0 { inside = middle } else { outside = middle }
    }
    inside
}

/// Whether the function goes to zero where it begins or ends, and has a value there.
fn end(f: &mut Counted, samples: &[Sample], i: usize, out: &mut Scan) {
    let here = samples[i];
    let missing = |s: Option<&Sample>| s.is_some_and(|s| !s.y.is_finite());
    let before = i.checked_sub(1).and_then(|j| samples.get(j));
    let (starts, ends) = (missing(before), missing(samples.get(i + 1)));
    if starts == ends {
        return;
    }
    // What begins next to 0 begins at 0 itself, or not at all.
    if here.x.abs() < f64::MIN_POSITIVE && !f.at(0.0).is_finite() {
        return;
    }
    let inner = if starts { samples.get(i + 1) } else { before };
    let Some(inner) = inner.filter(|s| s.y.is_finite()) else { return };
    let far = (inner.x - here.x).abs();
    if far > 0.0 && crate::refine::vanishes(f, here.x, here.y, if starts { 1.0 } else { -1.0 }, far) {
        let (before, after) = if starts { (0.0, here.y.signum()) } else { (here.y.signum(), 0.0) };
        out.events.push(Event { x: here.x, before, after, kind: Place::Zero });
    }
}
