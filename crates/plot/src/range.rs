//! Ranges of axes: what to show of a function when nobody says.

/// Whether a range can be drawn: finite, ascending, and wide enough to be told apart from a point.
pub fn usable(range: (f64, f64)) -> bool {
    let (a, b) = range;
    a.is_finite()
        && b.is_finite()
        && a < b
        && (b - a).is_finite()
        && (b - a) > 1e-12 * a.abs().max(b.abs())
        && b - a > 1e-305
}

/// The extent of the middle four fifths of the finite values, never empty; `None` without finite values.
pub(crate) fn core(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let (a, b) = (quantile(&values, 0.1), quantile(&values, 0.9));
    if usable((a, b)) {
        return Some((a, b));
    }
    let all = (values[0], values[values.len() - 1]);
    Some(if usable(all) { all } else { around(a) })
}

/// The value below which a share of the ascending `values` lies.
fn quantile(values: &[f64], share: f64) -> f64 {
    let index = (share * (values.len() - 1) as f64).round() as usize;
    values[index.min(values.len() - 1)]
}

/// A range around a single value.
fn around(value: f64) -> (f64, f64) {
    let half = if value == 0.0 || value.abs() < 1e-290 { 1.0 } else { value.abs() * 0.5 };
    limits(value - half, value + half)
}

/// Keeps a range within what floats can subtract.
fn limits(low: f64, high: f64) -> (f64, f64) {
    const MOST: f64 = 8e307;
    (low.clamp(-MOST, MOST), high.clamp(-MOST, MOST))
}

/// A y range for a function with these values, evenly spread over x.
///
/// All values are shown unless a few are far beyond the rest: beside a pole (`poles`) the middle four fifths and as
/// much again are shown, and without one the same where the rest would shrink to a line. The values in `keep` stay in
/// view unless a pole makes them meaningless. Zero stays in view when it is near, and there is a margin.
pub fn automatic(values: impl Iterator<Item = f64>, poles: bool, keep: &[f64]) -> (f64, f64) {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    values.extend(keep.iter().copied().filter(|v| v.is_finite()));
    if values.is_empty() {
        return (-1.0, 1.0);
    }
    values.sort_by(f64::total_cmp);
    let (least, most) = limits(values[0], values[values.len() - 1]);
    let (a, b) = limits(quantile(&values, 0.1), quantile(&values, 0.9));
    let spread = b - a;
    let (mut low, mut high) = (least, most);
    if usable((a, b)) {
        let reach = if poles { 1.0 } else { 40.0 };
        let (from, to) = (a - reach * spread, b + reach * spread);
        // A tail that much longer than the rest: cut at a height that shows the rest.
        let cut = if poles { reach } else { 1.5 };
        if least < from {
            low = a - cut * spread;
        }
        if most > to {
            high = b + cut * spread;
        }
    }
    for value in keep.iter().filter(|v| v.is_finite()) {
        let reach = if usable((a, b)) && poles { 6.0 * spread } else { f64::INFINITY };
        if *value > a - reach && *value < b + reach {
            (low, high) = limits(low.min(*value), high.max(*value));
        }
    }
    if !usable((low, high)) {
        let (low, high) = around(0.5 * low + 0.5 * high);
        return near_zero(low, high);
    }
    let (low, high) = near_zero(low, high);
    let margin = 0.06 * (high - low);
    limits(low - margin, high + margin)
}

/// Extends a range to zero when it is near.
fn near_zero(low: f64, high: f64) -> (f64, f64) {
    let height = high - low;
    if low > 0.0 && low <= 0.35 * height {
        (0.0, high)
    } else if high < 0.0 && -high <= 0.35 * height {
        (low, 0.0)
    } else {
        (low, high)
    }
}

/// An x range for a function of one variable when nobody says: around the `features` (zeros, critical points, the
/// point asked about), else where the function is defined within [-10, 10], else [-5, 5].
pub fn automatic_x(f: &dyn Fn(f64) -> f64, features: &[f64]) -> (f64, f64) {
    let mut features: Vec<f64> = features.iter().copied().filter(|x| x.is_finite()).collect();
    features.sort_by(f64::total_cmp);
    if let (Some(&a), Some(&b)) = (features.first(), features.last()) {
        let middle = 0.5 * a + 0.5 * b;
        let half = (0.65 * (b - a)).max(3.0).max(1e-3 * middle.abs());
        // Symmetric about the origin when the features nearly are: axes that sit in the middle read best.
        let centre = if middle.abs() < 0.35 * half { 0.0 } else { middle };
        let reach = half + if centre == 0.0 { middle.abs() } else { 0.0 };
        return domain_part(f, (centre - reach, centre + reach)).unwrap_or((centre - reach, centre + reach));
    }
    for wide in [(-5.0, 5.0), (-10.0, 10.0), (-100.0, 100.0), (-1e4, 1e4)] {
        if let Some(part) = domain_part(f, wide) {
            return part;
        }
    }
    (-5.0, 5.0)
}

/// The part of a range where the function is defined, widened a little; `None` if it is nowhere (of 400 places).
fn domain_part(f: &dyn Fn(f64) -> f64, range: (f64, f64)) -> Option<(f64, f64)> {
    const PLACES: i32 = 400;
    let (a, b) = range;
    let at = |i: i32| a + (b - a) * f64::from(i) / f64::from(PLACES);
    let mut defined = (0..=PLACES).filter(|i| f(at(*i)).is_finite());
    let first = defined.next()?;
    let last = defined.next_back().unwrap_or(first);
    let margin = (0.06 * f64::from(last - first)).max(4.0);
    let low = if first > PLACES / 20 { at(first) - margin * (b - a) / f64::from(PLACES) } else { a };
    let high = if last < PLACES - PLACES / 20 { at(last) + margin * (b - a) / f64::from(PLACES) } else { b };
    Some((low, high))
}
