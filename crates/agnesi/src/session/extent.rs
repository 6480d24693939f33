//! Which values a function takes: what is proved of its bounds, and what was seen.

use agnesi_graph::{Bounds, NodeId, SymbolId};

use super::numeric::Numeric;
use super::understand::Understood;

/// Places far out, to see whether a function stays within what was seen.
const FAR: [f64; 10] = [7.0, 20.0, 100.0, 1e3, 1e4, 1e6, 1e9, 1e15, 1e30, 1e100];

/// What an end of the range is known by.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// A proved bound, which is taken.
    Closed(f64),
    /// A proved bound, which is approached.
    Open(f64),
    /// The most extreme value that was seen.
    Seen(f64),
    /// None that was seen.
    Unbounded,
    /// Not known.
    Unknown,
}

/// What is known of a function from the search for its critical points.
pub(crate) struct Known<'a> {
    /// Where it was looked at.
    pub view: (f64, f64),
    /// The values at its critical points there, and at its zeros.
    pub values: &'a [f64],
    /// Whether those seem to be all.
    pub complete: bool,
    /// Its period.
    pub period: Option<f64>,
}

/// What was seen towards one end of the range.
struct Side<'a> {
    /// Whether it is the upper end.
    up: bool,
    /// The most extreme value in view, and at a critical point.
    near: f64,
    critical: f64,
    /// Places far out, and the values there.
    tails: &'a [(f64, f64)],
    /// Whether it grows beyond bounds in view.
    pole: bool,
    /// Whether the critical points in view are all that matter: they seem complete, or a whole period is in view.
    complete: bool,
    whole: bool,
}

/// The range of a function of one variable in words; `None` where nothing honest can be said.
pub(crate) fn of_one(
    u: &mut Understood,
    node: NodeId,
    x: SymbolId,
    f: &mut Numeric,
    known: &Known<'_>,
) -> Option<String> {
    let Known { view, values, complete, period } = *known;
    if !u.graph.may_contain(node, x) {
        return None;
    }
    // Steps take single values, which their bounds do not say.
    let steps = u.derivative(node, x).is_ok_and(|d| u.graph.is_zero(d));
    let bounds = u.graph.bounds(node);
    if steps || bounds.integer {
        return None;
    }
    let mut seen: Vec<f64> = values.to_vec();
    for i in 0..=400 {
        seen.push(f.at(&[view.0 + (view.1 - view.0) * f64::from(i) / 400.0]));
    }
    let tails: Vec<(f64, f64)> = [-1.0, 1.0]
        .into_iter()
        .flat_map(|sign| FAR.map(|x| sign * x))
        .map(|x| (x, f.at(&[x])))
        .filter(|(_, y)| !y.is_nan())
        .collect();
    let (poles, met) = unbounded_near(f, view);
    seen.extend(met);
    seen.retain(|y| !y.is_nan());
    let near = (
        seen.iter().copied().fold(f64::INFINITY, f64::min),
        seen.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    if near.0 > near.1 {
        return None;
    }
    let whole = period.is_some_and(|p| p <= view.1 - view.0);
    let critical = (
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let tails = &tails[..];
    let (pole, up) = (poles.0, false);
    let low = end(&bounds, &Side { up, near: near.0, critical: critical.0, tails, pole, complete, whole });
    let (pole, up) = (poles.1, true);
    let high = end(&bounds, &Side { up, near: near.1, critical: critical.1, tails, pole, complete, whole });
    let known = |end: End| end != End::Unknown;
    match stated(u, node) {
        Some(stated) if !(known(low) && known(high)) || stated == ALL => Some(stated),
        _ => {
            // Only a function without jumps takes all values between two.
            let gaps =
                u.graph.as_truth(u.domain) != Some(true) || !super::taylor::breaks(u, node, x).is_empty();
            words(low, high, gaps)
        }
    }
}

const ALL: &str = "all real numbers";

/// The range that the table states, where the formula is a row of the variable itself.
fn stated(u: &mut Understood, node: NodeId) -> Option<String> {
    let (f, args) = u.graph.as_call(node).map(|(f, a)| (f, a.clone()))?;
    if u.graph.taught(f).is_some() || args.len() != 1 {
        return None;
    }
    u.graph.as_symbol(args[0])?;
    match f.row().range {
        // A row that jumps leaves values out, and its column does not say which.
        "true" if !f.row().kinks.is_empty() => None,
        "true" => Some(ALL.to_string()),
        text => Some(text.to_string()),
    }
}

/// One end of the range.
fn end(bounds: &Bounds, seen: &Side<'_>) -> End {
    let Side { up, near, critical, tails, pole, complete, whole } = *seen;
    let sign = if up { 1.0 } else { -1.0 };
    let scale = near.abs().max(1e-300);
    let proved = if up { &bounds.high } else { &bounds.low };
    let far = tails.iter().map(|(_, y)| sign * y).fold(f64::NEG_INFINITY, f64::max);
    if let Some((bound, open)) = proved {
        let bound = bound.to_f64();
        let size = bound.abs().max(1e-3);
        if *open && ((sign * bound - far).abs() <= 1e-9 * size || (near - bound).abs() <= 1e-9 * size) {
            return End::Open(bound);
        }
        if (critical - bound).abs() <= 4e-16 * size || (near - bound).abs() == 0.0 {
            return End::Closed(bound);
        }
        if (sign * bound - far).abs() <= 1e-9 * size {
            // A value that rounds to the bound far out need not take it.
            return End::Open(bound);
        }
        if (sign * bound - sign * near).abs() <= 1e-12 * size {
            return End::Closed(bound);
        }
    }
    if pole {
        return End::Unbounded;
    }
    // Still growing far out, by more than rounding.
    for side in [-1.0, 1.0] {
        let out: Vec<f64> = tails.iter().filter(|t| t.0 * side > 0.0).map(|t| sign * t.1).collect();
        if out.len() < 6 {
            continue;
        }
        let last = &out[out.len() - 4..];
        let rising = last.windows(2).all(|w| w[1] > w[0] || w[1].is_infinite() && w[1] > 0.0);
        let step = |i: usize| last[i + 1] - last[i];
        if rising && (last[3].is_infinite() || step(2) >= 0.5 * step(0)) {
            return End::Unbounded;
        }
    }
    if (complete && far <= sign * critical + 1e-12 * scale || whole)
        && critical.is_finite()
        && near == critical
        || whole && (near - critical).abs() <= 1e-9 * scale
    {
        return End::Seen(critical);
    }
    if complete
        && critical.is_finite()
        && sign * near <= sign * critical + 1e-12 * scale
        && far <= sign * critical + 1e-12 * scale
    {
        return End::Seen(critical);
    }
    End::Unknown
}

/// Whether values grow beyond bounds somewhere in view, downwards and upwards: uphill from the highest samples, and
/// where the function begins or ends; with the most extreme values met on the way.
fn unbounded_near(f: &mut Numeric, view: (f64, f64)) -> ((bool, bool), Vec<f64>) {
    let cell = (view.1 - view.0) / 400.0;
    // Off round numbers, so that no sample hits the pole itself.
    let place = |i: i32| view.0 + cell * (f64::from(i) + 0.0137);
    let samples: Vec<(f64, f64)> = (0..400).map(|i| (place(i), f.at(&[place(i)]))).collect();
    let mut met = Vec::new();
    let mut found = (false, false);
    let mut sizes: Vec<f64> = samples.iter().map(|s| s.1.abs()).filter(|y| y.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let usual = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0).max(1e-3);
    for pair in samples.windows(2) {
        if pair[0].1.is_nan() != pair[1].1.is_nan() {
            let (mut inside, mut outside) =
                if pair[0].1.is_nan() { (pair[1].0, pair[0].0) } else { (pair[0].0, pair[1].0) };
            for _ in 0..1100 {
                let middle = 0.5 * (inside + outside);
                if middle == inside || middle == outside {
                    break;
                }
                if f.at(&[middle]).is_nan() { outside = middle } else { inside = middle }
            }
            met.push(f.at(&[inside]));
        }
    }
    for up in [false, true] {
        let sign = if up { 1.0 } else { -1.0 };
        let mut tops: Vec<(f64, f64)> = samples
            .windows(3)
            .filter(|w| {
                let higher = |y: f64| y.is_nan() || sign * w[1].1 >= sign * y;
                higher(w[0].1) && higher(w[2].1) && !w[1].1.is_nan()
            })
            .map(|w| (w[1].0, sign * w[1].1))
            .collect();
        tops.sort_by(|p, q| q.1.total_cmp(&p.1));
        for (mut x, mut y) in tops.into_iter().take(16) {
            // Halving the distance to a pole makes the value larger by a factor.
            let mut step = 0.5 * cell;
            for _ in 0..120 {
                let (l, r) = (sign * f.at(&[x - step]), sign * f.at(&[x + step]));
                let best = if l.is_nan() || r > l { (x + step, r) } else { (x - step, l) };
                if best.1 > y {
                    (x, y) = best;
                }
                step *= 0.7;
            }
            met.push(sign * y);
        }
        let most = met.iter().map(|y| sign * y).filter(|y| !y.is_nan()).fold(f64::NEG_INFINITY, f64::max);
        let unbounded = most > 1e5 * usual;
        if up { found.1 = unbounded } else { found.0 = unbounded }
    }
    (found, met)
}

fn words(low: End, high: End, gaps: bool) -> Option<String> {
    let seen = |end: End| matches!(end, End::Seen(_));
    let note = match (seen(low), seen(high)) {
        (true, true) => " (the least and the greatest value seen)",
        (true, false) => " (the least value seen)",
        (false, true) => " (the greatest value seen)",
        _ => "",
    };
    let left = match low {
        End::Closed(v) => Some(format!("{} <= y", short_or_exact(v))),
        End::Seen(v) => Some(format!("{} <= y", digits(v, false))),
        End::Open(v) => Some(format!("{} < y", short_or_exact(v))),
        _ => None,
    };
    let right = match high {
        End::Closed(v) => Some(format!("y <= {}", short_or_exact(v))),
        End::Seen(v) => Some(format!("y <= {}", digits(v, true))),
        End::Open(v) => Some(format!("y < {}", short_or_exact(v))),
        _ => None,
    };
    match (left, right) {
        (Some(left), Some(right)) => Some(format!("{left} and {right}{note}")),
        (Some(left), None) => Some(format!("{}{note}", turned(&left))),
        (None, Some(right)) => Some(format!("{right}{note}")),
        (None, None) if low == End::Unbounded && high == End::Unbounded && !gaps => {
            Some("all real numbers, as far as seen".to_string())
        }
        (None, None) => None,
    }
}

/// `y >= 2` for `2 <= y`.
fn turned(text: &str) -> String {
    match text.split_once(' ') {
        Some((number, rest)) if rest.starts_with("<=") => format!("y >= {number}"),
        Some((number, _)) => format!("y > {number}"),
        None => text.to_string(),
    }
}

fn short_or_exact(v: f64) -> String {
    crate::protocol::Number(super::numeric::rounded(v, 12) + 0.0).to_string()
}

/// Six digits, rounded outwards; fewer where that is exact to twelve.
fn digits(v: f64, up: bool) -> String {
    let exact = short_or_exact(v);
    if exact.len() <= 8 || v == 0.0 {
        return exact;
    }
    let near = super::numeric::rounded(v, 6);
    let unit = 10f64.powf(v.abs().log10().floor() - 5.0);
    let near = match (up, near < v, near > v) {
        (true, true, _) => near + unit,
        (false, _, true) => near - unit,
        _ => near,
    };
    crate::protocol::Number(super::numeric::rounded(near, 6)).to_string()
}
