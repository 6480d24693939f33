//! Critical points of a function of one variable.

use crate::refine::Place;
use crate::scan::scan;
use crate::{Line, Search};

/// What a critical point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CriticalKind {
    /// The derivative goes from negative to positive.
    Minimum,
    /// The derivative goes from positive to negative.
    Maximum,
    /// The derivative is zero and has the same sign on both sides.
    Inflection,
}

/// A critical point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Critical {
    /// Where.
    pub x: f64,
    /// The value there.
    pub value: f64,
    /// What it is.
    pub kind: CriticalKind,
    /// Whether the derivative is zero there; else it jumps, as that of |x| at 0, or is unbounded.
    pub smooth: bool,
    /// The second derivative there, if it was given and has a value.
    pub second: Option<f64>,
}

/// The critical points found in an interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriticalPoints {
    /// Ascending.
    pub points: Vec<Critical>,
    /// Stretches on which the derivative is zero.
    pub constant_on: Vec<(f64, f64)>,
    /// Stretches on which the derivative oscillates faster than it was sampled; points there are left out.
    pub unresolved: Vec<(f64, f64)>,
    /// Whether a limit was reached.
    pub limited: bool,
}

/// The critical points of `f` inside an interval, as far as sampling its derivative `df` finds them; `ddf` is the
/// second derivative, if known.
///
/// The kind is read from the signs of the derivative on both sides, so that it is right where the second derivative
/// is zero. Kinks and cusps that are minima or maxima are found too. The ends of the interval and of the domain are
/// not critical points.
pub fn critical_points(
    f: &mut Line<'_>,
    df: &mut Line<'_>,
    mut ddf: Option<&mut Line<'_>>,
    interval: (f64, f64),
    search: &Search,
) -> CriticalPoints {
    let found = {
        // A formula of the derivative may have values where the function has none, as 1/x where log(x) has not.
        let mut slope = |x: f64| if f(x).is_finite() { df(x) } else { f64::NAN };
        // Restated to give the borrow its lifetime.
        match ddf.as_deref_mut() {
            Some(ddf) => scan(&mut slope, Some(&mut |x| ddf(x)), interval, search),
            None => scan(&mut slope, None, interval, search),
        }
    };
    let mut out = CriticalPoints {
        constant_on: found.flat,
        unresolved: found.unresolved,
        limited: found.limited,
        ..CriticalPoints::default()
    };
    for event in found.events {
        let value = f(event.x);
        if !value.is_finite() || event.before == 0.0 || event.after == 0.0 {
            continue;
        }
        let kind = match (event.before > 0.0, event.after > 0.0) {
            (false, true) => CriticalKind::Minimum,
            (true, false) => CriticalKind::Maximum,
            _ => CriticalKind::Inflection,
        };
        let smooth = event.kind == Place::Zero;
        if !smooth && (kind == CriticalKind::Inflection || !is_continuous(f, event.x, value, interval)) {
            continue;
        }
        let second = ddf.as_deref_mut().map(|ddf| ddf(event.x)).filter(|s| smooth && s.is_finite());
        out.points.push(Critical { x: event.x, value, kind, smooth, second });
    }
    out
}

/// Whether the function comes near its value at `x` from both sides.
fn is_continuous(f: &mut Line<'_>, x: f64, value: f64, (a, b): (f64, f64)) -> bool {
    let near = (1e-12 * (b - a)).max(64.0 * (x.abs().next_up() - x.abs()));
    [-1.0, 1.0].into_iter().all(|side| {
        let (p, q) = ((f(x + side * near) - value).abs(), (f(x + side * 1e5 * near) - value).abs());
        p.is_finite() && (p <= 0.5 * q || p <= 1e-9 * value.abs())
    })
}
