//! Where a function breaks: jumps, poles, edges of the domain, missing points; and what happens at each side.

use super::{Edge, End, Probe, Sampling};

/// A stretch between breaks, with the samples known so far.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub points: Vec<(f64, f64)>,
    pub start: End,
    pub end: End,
    /// The places of the breaks that bound it.
    pub from: f64,
    pub to: f64,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub runs: Vec<Run>,
    pub holes: Vec<(f64, f64)>,
    pub points: Vec<(f64, f64)>,
    pub poles: Vec<f64>,
}

/// What lies between two neighbouring samples.
enum Gap {
    Joined,
    /// The last value left of a break and the first right of it.
    Broken {
        left: (f64, f64),
        right: (f64, f64),
    },
    /// A place where the function is not defined.
    Missing(f64),
}

/// What bounds a stretch before its sides are judged.
#[derive(Clone, Copy)]
enum Bound {
    View,
    Band,
    /// A break at a place, with the value there (NaN: none); `known` says whether the place is certain.
    Break {
        at: f64,
        value: f64,
        known: bool,
    },
    /// Values beyond the largest float, upwards or downwards, from here on.
    Overflow {
        at: f64,
        up: bool,
    },
}

struct Raw {
    points: Vec<(f64, f64)>,
    start: Bound,
    end: Bound,
}

/// How a function behaves on approaching a place from one side.
enum Side {
    Finite(f64),
    Infinite { up: bool },
    Wild,
}

/// Splits the samples at every break outside the dense stretches, and judges the ends.
pub(super) fn find(
    probe: &mut Probe,
    samples: &[(f64, f64)],
    dense: &[(f64, f64)],
    options: &Sampling,
) -> Found {
    let inside = |x: f64| dense.iter().any(|d| x >= d.0 && x <= d.1);
    let samples = with_even_poles(probe, samples, &inside);
    let raws = split(probe, &samples, &inside, options);
    judge(probe, raws, &options.edges)
}

/// Adds an undefined sample at each pole with the same sign on both sides, where no sample fell on it.
fn with_even_poles(
    probe: &mut Probe,
    samples: &[(f64, f64)],
    inside: &dyn Fn(f64) -> bool,
) -> Vec<(f64, f64)> {
    let mut all = Vec::with_capacity(samples.len() + 8);
    let threshold = 2.0 * probe.dy;
    for (i, &(x, y)) in samples.iter().enumerate() {
        let neighbours = if i == 0 { None } else { samples.get(i - 1).zip(samples.get(i + 1)) };
        let sharp = neighbours.filter(|(a, b)| {
            let (da, db) = (y - a.1, y - b.1);
            (da > threshold && db > threshold || da < -threshold && db < -threshold) && !inside(x)
        });
        let Some((&a, &b)) = sharp else {
            all.push((x, y));
            continue;
        };
        match peak(probe, a, (x, y), b) {
            // The search may leave the sample itself standing on either side of the pole.
            Some(at) if at < x => all.extend([(at, f64::NAN), (x, y)]),
            Some(at) if at > x => all.extend([(x, y), (at, f64::NAN)]),
            Some(_) => all.push((x, f64::NAN)),
            None => all.push((x, y)),
        }
    }
    all
}

/// Climbs the extremum between `a` and `b`; its place if the climb never slows down, which makes it a pole.
fn peak(probe: &mut Probe, a: (f64, f64), mid: (f64, f64), b: (f64, f64)) -> Option<f64> {
    let sign = if mid.1 > a.1 { 1.0 } else { -1.0 };
    // A pole with a change of sign is not an extremum: the neighbour on its other side runs the other way.
    for (p, q) in [(a, mid), (mid, b)] {
        if !matches!(gap(probe, p, q), Gap::Joined) {
            return None;
        }
    }
    let first = sign * mid.1 - (sign * a.1).max(sign * b.1);
    let (mut low, mut best, mut high) = (a.0, (mid.0, sign * mid.1), b.0);
    let mut gains = Vec::new();
    for _ in 0..48 {
        let (l, r) = (0.5 * (low + best.0), 0.5 * (best.0 + high));
        if l <= low || l >= best.0 || r <= best.0 || r >= high || probe.exhausted() {
            break;
        }
        let (yl, yr) = (sign * probe.at(l), sign * probe.at(r));
        if !yl.is_finite() || !yr.is_finite() {
            return Some(if yl.is_finite() { r } else { l });
        }
        let before = best.1;
        if yl > best.1 && yl >= yr {
            (high, best) = (best.0, (l, yl));
        } else if yr > best.1 {
            (low, best) = (best.0, (r, yr));
        } else {
            (low, high) = (l, r);
        }
        gains.push(best.1 - before);
        // Two halvings without gain happen beside a pole; many do not, unless the best place is the pole itself.
        if gains.len() >= 8 && gains[gains.len() - 6..].iter().sum::<f64>() < 0.05 * first {
            let near = 0.5 * (b.0 - a.0);
            let grows = |side| matches!(side, Side::Infinite { up } if up == (sign > 0.0));
            let pole =
                grows(approach(probe, best.0, -1.0, near)) && grows(approach(probe, best.0, 1.0, near));
            return pole.then_some(best.0);
        }
    }
    let half = gains.len() / 2;
    let (early, late) = (gains[..half].iter().sum::<f64>(), gains[half..].iter().sum::<f64>());
    (gains.len() >= 24 && late > 0.4 * early && early + late > 4.0 * first).then_some(best.0)
}

/// Bisects towards the greater step until it melts away or nothing lies between.
fn gap(probe: &mut Probe, p: (f64, f64), q: (f64, f64)) -> Gap {
    let step = (q.1 - p.1).abs();
    if step <= 1.5 * probe.dy {
        return Gap::Joined;
    }
    let (mut a, mut b) = (p, q);
    for _ in 0..80 {
        let m = 0.5 * (a.0 + b.0);
        if m <= a.0 || m >= b.0 {
            break;
        }
        if probe.exhausted() {
            // Nothing more may be asked: a step as tall as a fifth of the plot is not vouched for by a line.
            let tall = (b.1 - a.1).abs() > 60.0 * probe.dy;
            return if tall { Gap::Broken { left: a, right: b } } else { Gap::Joined };
        }
        let y = probe.at(m);
        if !y.is_finite() {
            return Gap::Missing(m);
        }
        if (y - a.1).abs() > (b.1 - y).abs() {
            b = (m, y);
        } else {
            a = (m, y);
        }
        let d = (b.1 - a.1).abs();
        if d < probe.dy || d < 0.01 * step {
            return Gap::Joined;
        }
    }
    Gap::Broken { left: a, right: b }
}

/// The last place where the function is defined on the way from `p`, where it is, to `x`, where it is not; and the
/// first where it is not.
fn edge(probe: &mut Probe, p: (f64, f64), x: f64) -> ((f64, f64), f64) {
    let (mut a, mut b) = (p, x);
    for _ in 0..100 {
        let m = 0.5 * (a.0 + b);
        if m == a.0 || m == b || probe.exhausted() || (a.0 - b).abs() < 1e-22 * probe.dx {
            break;
        }
        let y = probe.at(m);
        if y.is_finite() { a = (m, y) } else { b = m }
    }
    (a, b)
}

/// Length of the shortest decimal that reads back as `x`: breaks lie on round numbers.
fn digits(x: f64) -> usize {
    if x == 0.0 { 0 } else { format!("{:e}", x.abs()).split('e').next().map_or(0, str::len) }
}

/// Of two floats that enclose a break, the one that is it, if one is much rounder than the other.
fn rounder(a: f64, b: f64) -> Option<f64> {
    let (da, db) = (digits(a), digits(b));
    if da + 5 <= db {
        Some(a)
    } else if db + 5 <= da {
        Some(b)
    } else {
        None
    }
}

fn split(
    probe: &mut Probe,
    samples: &[(f64, f64)],
    inside: &dyn Fn(f64) -> bool,
    options: &Sampling,
) -> Vec<Raw> {
    let mut raws: Vec<Raw> = Vec::new();
    let mut open: Option<Raw> = None;
    let mut previous: Option<(f64, f64)> = None;
    let mut entering = Bound::View;
    let steps: Vec<f64> = samples.windows(2).map(|w| (w[1].1 - w[0].1) / (w[1].0 - w[0].0)).collect();
    for (i, &s) in samples.iter().enumerate() {
        if inside(s.0) {
            if let Some(run) = open.take() {
                raws.push(Raw { end: Bound::Band, ..run });
            }
            previous = None;
            entering = Bound::Band;
            continue;
        }
        let defined = s.1.is_finite();
        match previous {
            None if defined => open = Some(Raw { points: vec![s], start: entering, end: Bound::View }),
            Some(p) if p.1.is_finite() && defined => {
                // A steep stretch among steep neighbours is no jump; this spares most of the bisections.
                let slope = steps[i - 1];
                let like =
                    |j: Option<&f64>| j.is_some_and(|s| s * slope > 0.0 && slope.abs() <= 1.2 * s.abs());
                let smooth = like(i.checked_sub(2).and_then(|j| steps.get(j))) && like(steps.get(i));
                let known = options.breaks.contains(&s.0) || options.breaks.contains(&p.0);
                let found = if smooth && !known { Gap::Joined } else { gap(probe, p, s) };
                match found {
                    Gap::Joined => extend(&mut open, s),
                    Gap::Broken { left, right } => {
                        let hint = options.breaks.iter().find(|b| **b >= left.0 && **b <= right.0);
                        let at = hint.copied().or_else(|| rounder(left.0, right.0));
                        let place = at.unwrap_or(right.0);
                        let value = if place == left.0 { left.1 } else { right.1 };
                        let bound = Bound::Break { at: place, value, known: at.is_some() };
                        extend(&mut open, left);
                        close(&mut raws, &mut open, bound);
                        open = Some(Raw { points: vec![right], start: bound, end: Bound::View });
                        extend(&mut open, s);
                    }
                    Gap::Missing(m) => {
                        leave(probe, &mut raws, &mut open, p, m);
                        open = Some(enter(probe, m, s));
                    }
                }
            }
            Some(p) if p.1.is_finite() => leave(probe, &mut raws, &mut open, p, s.0),
            Some(p) if defined => open = Some(enter(probe, p.0, s)),
            _ => {}
        }
        previous = Some(s);
        if !defined {
            entering = Bound::Break { at: s.0, value: f64::NAN, known: true };
        }
    }
    close(&mut raws, &mut open, Bound::View);
    raws
}

fn extend(open: &mut Option<Raw>, s: (f64, f64)) {
    if let Some(run) = open
        && run.points.last().is_none_or(|l| l.0 < s.0)
    {
        run.points.push(s);
    }
}

fn close(raws: &mut Vec<Raw>, open: &mut Option<Raw>, end: Bound) {
    if let Some(run) = open.take() {
        raws.push(Raw { end, ..run });
    }
}

/// The bound between a last defined and a first undefined place.
fn bound(probe: &mut Probe, defined: (f64, f64), undefined: f64) -> Bound {
    if defined.1.abs() > 1e300 && !probe.exhausted() && probe.at(undefined).is_infinite() {
        return Bound::Overflow { at: defined.0, up: defined.1 > 0.0 };
    }
    let at = rounder(defined.0, undefined).unwrap_or(defined.0);
    let value = if at == defined.0 { defined.1 } else { f64::NAN };
    Bound::Break { at, value, known: true }
}

fn leave(probe: &mut Probe, raws: &mut Vec<Raw>, open: &mut Option<Raw>, p: (f64, f64), x: f64) {
    let (last, undefined) = edge(probe, p, x);
    extend(open, last);
    let end = bound(probe, last, undefined);
    close(raws, open, end);
}

fn enter(probe: &mut Probe, x: f64, s: (f64, f64)) -> Raw {
    let (first, undefined) = edge(probe, s, x);
    let mut points = vec![first];
    if s.0 > first.0 {
        points.push(s);
    }
    let start = bound(probe, first, undefined);
    Raw { points, start, end: Bound::View }
}

/// Turns bounds into ends: what the function does on approaching each, against its value there.
fn judge(probe: &mut Probe, raws: Vec<Raw>, edges: &[Edge]) -> Found {
    let mut found = Found::default();
    let mut raws = raws;
    // What overflows on the way to a break is a pole at the break: exp(1/x) passes the largest float before 0.
    for i in 1..raws.len() {
        let (left, right) = (raws[i - 1].end, raws[i].start);
        match (left, right) {
            (Bound::Overflow { up, .. }, Bound::Break { at, .. }) => {
                raws[i - 1].end = Bound::Overflow { at, up };
            }
            (Bound::Break { at, .. }, Bound::Overflow { up, .. }) => {
                raws[i].start = Bound::Overflow { at, up }
            }
            (Bound::Overflow { at: a, up }, Bound::Overflow { at: b, up: right_up }) => {
                let at = 0.5 * (a + b);
                raws[i - 1].end = Bound::Overflow { at, up };
                raws[i].start = Bound::Overflow { at, up: right_up };
            }
            _ => {}
        }
    }
    for raw in raws {
        let (Some(first), Some(last)) = (raw.points.first().copied(), raw.points.last().copied()) else {
            continue;
        };
        let length = last.0 - first.0;
        if length <= 1e-9 * probe.dx {
            // A single point between breaks, or between a break and the end of the view.
            let (broken, view) = (|b| matches!(b, Bound::Break { .. }), |b| matches!(b, Bound::View));
            let (left, right) = (raw.start, raw.end);
            let single = broken(left) && (broken(right) || view(right)) || view(left) && broken(right);
            if single && !found.points.iter().any(|p| p.0 == first.0) {
                found.points.push(first);
            }
            continue;
        }
        let near = (0.45 * length).min(probe.dx);
        let mut run = Run { points: raw.points, start: End::View, end: End::View, from: first.0, to: last.0 };
        (run.start, run.from) = ending(probe, &mut run.points, raw.start, 1.0, near, edges);
        (run.end, run.to) = ending(probe, &mut run.points, raw.end, -1.0, near, edges);
        found.runs.push(run);
    }
    // What is left of a stretch far narrower than a pixel may be its end alone.
    found.runs.retain(|run| run.points.len() >= 2);
    for run in &found.runs {
        let ends = [(run.start, run.from), (run.end, run.to)];
        found.poles.extend(ends.iter().filter(|e| matches!(e.0, End::Pole { .. })).map(|e| e.1));
    }
    found.poles.sort_by(f64::total_cmp);
    let apart = probe.dx * 1e-6;
    found.poles.dedup_by(|a, b| (*a - *b).abs() <= apart);
    join_holes(probe, &mut found);
    found
}

/// Judges one end; `inward` is +1 for a start. The end point is put in place of the samples next to the break.
fn ending(
    probe: &mut Probe,
    points: &mut Vec<(f64, f64)>,
    bound: Bound,
    inward: f64,
    near: f64,
    edges: &[Edge],
) -> (End, f64) {
    let outer = |points: &[(f64, f64)]| {
        let p = if inward > 0.0 { points.first() } else { points.last() };
        p.map_or(0.0, |p| p.0)
    };
    let (at, value, known) = match bound {
        Bound::View => return (End::View, outer(points)),
        Bound::Band => return (End::Band, outer(points)),
        Bound::Overflow { at, up } => return (End::Pole { up }, at),
        Bound::Break { at, value, known } => (at, value, known),
    };
    let side = approach(probe, at, inward, near);
    if let Side::Wild = side {
        return (End::Cut, at);
    }
    // Next to the break only rounding speaks; the limit replaces it.
    let near = |p: &(f64, f64)| (p.0 - at).abs() < 1e-7 * probe.dx;
    if inward > 0.0 {
        let keep = points.iter().position(|p| !near(p)).unwrap_or(points.len().saturating_sub(1));
        points.drain(..keep);
    } else {
        let keep = points.iter().rposition(|p| !near(p)).map_or(1, |k| k + 1);
        points.truncate(keep);
    }
    let (end, y) = match side {
        Side::Infinite { up } => return (End::Pole { up }, at),
        Side::Wild => return (End::Cut, at),
        Side::Finite(limit) => {
            let taken = (value - limit).abs() <= 0.5 * probe.dy;
            let declared = edges.iter().find(|e| (e.x - at).abs() <= 1e-9 * probe.dx).map(|e| e.closed);
            match declared {
                Some(true) => (End::Closed, if taken { value } else { limit }),
                Some(false) => (End::Open, limit),
                None if !known => (End::Cut, limit),
                None if taken => (End::Closed, value),
                None => (End::Open, limit),
            }
        }
    };
    if inward > 0.0 {
        points.retain(|p| p.0 > at);
        points.insert(0, (at, y));
    } else {
        points.retain(|p| p.0 < at);
        points.push((at, y));
    }
    (end, at)
}

/// The one-sided behaviour at `at`, from values at distances that shrink fourfold.
fn approach(probe: &mut Probe, at: f64, inward: f64, near: f64) -> Side {
    let mut values: Vec<f64> = Vec::with_capacity(28);
    let mut steps: Vec<f64> = Vec::with_capacity(28);
    let small = 0.25 * probe.dy;
    for k in 0..27 {
        let distance = near * 0.25f64.powi(k);
        let x = at + inward * distance;
        if distance < 3e-15 * at.abs() || x == at || probe.exhausted() {
            break;
        }
        let y = probe.at(x);
        if y.is_infinite() && values.len() >= 2 {
            return Side::Infinite { up: y > 0.0 };
        }
        if !y.is_finite() {
            break;
        }
        if let Some(last) = values.last() {
            steps.push(y - last);
        }
        values.push(y);
        // Settled within a fraction of a pixel, by steps that shrink: a logarithm's do not.
        if let [.., before, step] = steps[..]
            && step.abs() < small
            && before.abs() < 4.0 * small
            && (step.abs() <= 0.8 * before.abs() || step.abs() < 1e-3 * small)
        {
            let ratio = if before == 0.0 { 0.0 } else { (step / before).clamp(0.0, 0.8) };
            return Side::Finite(y + step * ratio / (1.0 - ratio));
        }
    }
    let n = steps.len();
    if n < 4 {
        return match values.last() {
            Some(y) if n >= 1 && steps[n - 1].abs() < 8.0 * small => Side::Finite(*y),
            _ => Side::Wild,
        };
    }
    let (late, middle, last) = (&steps[n / 2..], steps[n / 2], steps[n - 1]);
    let one_way = late.iter().all(|s| s * last > 0.0);
    let growing = late.windows(2).all(|w| w[1].abs() >= 1.3 * w[0].abs());
    let total = (values[n] - values[0]).abs();
    if one_way && last.abs() >= 0.6 * middle.abs() && (total > 2.0 * probe.dy || growing) {
        return Side::Infinite { up: last > 0.0 };
    }
    if one_way && last.abs() < middle.abs() || last.abs() < 4.0 * small {
        let ratio = (last / steps[n - 2]).clamp(0.0, 0.9);
        return Side::Finite(values[n] + last * ratio / (1.0 - ratio));
    }
    Side::Wild
}

/// Joins two runs that only one missing or displaced point parts.
fn join_holes(probe: &Probe, found: &mut Found) {
    let mut joined: Vec<Run> = Vec::with_capacity(found.runs.len());
    for run in std::mem::take(&mut found.runs) {
        let meets = joined.last().is_some_and(|left| {
            let (Some(a), Some(b)) = (left.points.last(), run.points.first()) else { return false };
            let loose = |e| matches!(e, End::Open | End::Closed);
            let same = (left.to - run.from).abs() <= 1e-9 * probe.dx;
            same && loose(left.end) && loose(run.start) && (a.1 - b.1).abs() <= 0.75 * probe.dy
        });
        match joined.last_mut() {
            Some(left) if meets => {
                let missing = left.end == End::Open && run.start == End::Open;
                if let Some(a) = left.points.last()
                    && missing
                {
                    found.holes.push((left.to, 0.5 * (a.1 + run.points.first().map_or(a.1, |b| b.1))));
                }
                left.points.extend(run.points.into_iter().skip(1));
                (left.end, left.to) = (run.end, run.to);
            }
            _ => joined.push(run),
        }
    }
    found.runs = joined;
}
