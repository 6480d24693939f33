//! One place, narrowed down to neighbouring doubles, and what the function does there.

use crate::Line;
use crate::scan::Counted;

/// What a function does where it changes sign, or comes near zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is zero, or goes to zero.
    Zero,
    /// It jumps over zero.
    Jump,
    /// It is unbounded.
    Pole,
    /// It comes near zero without being zero.
    Near,
}

/// How much closer the near probe lies than the far one.
const CLOSER: f64 = 1e-5;
/// A function that goes to zero like a power of at least about 1/10 is this much smaller at the near probe.
const SHRINKS: f64 = 0.3;
/// A change of sign at which the function is that much smaller than at the ends of the bracket is a root, whatever
/// rounding does to its scaling.
const NEGLIGIBLE: f64 = 1e-9;

/// Narrows a change of sign down: Newton's method kept inside the bracket, bisection where it is not fast enough (as
/// `rtsafe` of Press et al., Numerical Recipes, 9.4, and Dekker's method before it).
pub(crate) fn narrow(
    f: &mut Counted,
    mut df: Option<&mut Line<'_>>,
    left: (f64, f64),
    right: (f64, f64),
) -> (f64, Place) {
    let ((mut a, mut fa), (mut b, mut fb)) = (left, right);
    let width = b - a;
    let size = fa.abs().max(fb.abs());
    // Zero is where people put roots, and bisection takes long to get there.
    if a < 0.0 && b > 0.0 {
        let y = f.at(0.0);
        if y == 0.0 {
            return (0.0, place(f, 0.0, 0.0, width));
        } else if !y.is_finite() {
            return (0.0, Place::Pole);
        } else if y.signum() == fa.signum() {
            (a, fa) = (0.0, y);
        } else {
            (b, fb) = (0.0, y);
        }
    }
    let mut best_width = b - a;
    let mut slow = 0;
    let mut halve = false;
    for _ in 0..200 {
        let middle = 0.5 * a + 0.5 * b;
        if middle <= a || middle >= b {
            break;
        }
        let (x, y) = if fa.abs() <= fb.abs() { (a, fa) } else { (b, fb) };
        let step = df.as_deref_mut().map(|df| y / df(x)).filter(|s| s.is_finite());
        let mut next = match step {
            Some(step) if !halve => x - step,
            _ => middle,
        };
        if !halve && step.is_none() {
            // The secant through the ends.
            next = a - fa * ((b - a) / (fb - fa));
        }
        if !(next > a && next < b) {
            next = middle;
        }
        let y = f.at(next);
        if y == 0.0 {
            (a, b, fa, fb) = (next, next, 0.0, 0.0);
            break;
        }
        if !y.is_finite() {
            return (next, Place::Pole);
        }
        if y.signum() == fa.signum() {
            (a, fa) = (next, y);
        } else {
            (b, fb) = (next, y);
        }
        // Newton's method leaves the far end where it is: halve in between, so that the bracket closes.
        slow = if b - a > 0.5 * best_width { slow + 1 } else { 0 };
        best_width = best_width.min(b - a);
        halve = slow > 0 && !halve;
        // Converged from one side: step over the root by a few units.
        if slow > 0 {
            let near = if fa.abs() <= fb.abs() { a } else { b };
            let ulp = (near.abs().next_up() - near.abs()).max(f64::MIN_POSITIVE);
            let beyond = if near == a { a + 4.0 * ulp } else { b - 4.0 * ulp };
            if beyond > a && beyond < b {
                let y = f.at(beyond);
                if y == 0.0 {
                    (a, b, fa, fb) = (beyond, beyond, 0.0, 0.0);
                    break;
                }
                if y.is_finite() && y.signum() == fa.signum() {
                    (a, fa) = (beyond, y);
                } else if y.is_finite() {
                    (b, fb) = (beyond, y);
                }
            }
        }
    }
    let (x, y) = if fa.abs() <= fb.abs() { (a, fa) } else { (b, fb) };
    if y == 0.0 {
        // It may be zero just here, by convention, and jump.
        let unit = 64.0 * (x.abs().next_up() - x.abs());
        if [-unit, unit].into_iter().any(|d| f.at(x + d).abs() > 1e-6 * size) {
            return (x, place(f, x, y, width));
        }
    }
    if y.abs() <= NEGLIGIBLE * size {
        return (simplest(f, x, y), Place::Zero);
    }
    (x, place(f, x, y, width))
}

/// What a function does at a place, from its scaling on both sides; `reach` is how far it may be looked at.
pub(crate) fn place(f: &mut Counted, x: f64, y: f64, reach: f64) -> Place {
    let sides = [-1.0, 1.0].map(|side| ratio(f, x, side, reach));
    let [Some(left), Some(right)] = sides else {
        // Defined on one side only: what is zero there is zero.
        return match (sides, y == 0.0) {
            (_, true) => Place::Zero,
            ([Some(r), None] | [None, Some(r)], _) if r < SHRINKS => Place::Zero,
            _ => Place::Jump,
        };
    };
    if left < SHRINKS && right < SHRINKS {
        Place::Zero
    } else if left > 1.0 / SHRINKS || right > 1.0 / SHRINKS {
        Place::Pole
    } else {
        Place::Jump
    }
}

/// Whether the function goes to zero towards `x` from one side.
pub(crate) fn vanishes(f: &mut Counted, x: f64, y: f64, side: f64, reach: f64) -> bool {
    y == 0.0 || ratio(f, x, side, reach).is_some_and(|r| r < SHRINKS && r > 0.0)
}

/// How the size of the function near `x` compares with its size farther off, on one side.
fn ratio(f: &mut Counted, x: f64, side: f64, reach: f64) -> Option<f64> {
    let unit = x.abs().next_up() - x.abs();
    let near = (1e-7 * reach).max(64.0 * unit);
    let (near, far) = if near / CLOSER > reach { (near, reach) } else { (near, near / CLOSER) };
    let (p, q) = (f.at(x + side * near), f.at(x + side * far));
    if !p.is_finite() || !q.is_finite() {
        return None;
    }
    if p == 0.0 {
        return Some(0.0);
    }
    Some(p.abs() / q.abs())
}

/// The place at which a function of one sign is nearest to zero between two places, with its value there: where the
/// derivative changes sign, or by golden section.
pub(crate) fn turn(
    f: &mut Counted,
    df: Option<&mut Line<'_>>,
    left: (f64, f64),
    right: (f64, f64),
) -> Option<(f64, f64, Place)> {
    let sign = left.1.signum();
    let x = match df {
        Some(df) => {
            // Of |f|: falling on the left, rising on the right.
            let (mut a, mut b) = (left.0, right.0);
            let (first, last) = (sign * df(a), sign * df(b));
            if !(first < 0.0 && last > 0.0) {
                return None;
            }
            loop {
                let middle = 0.5 * a + 0.5 * b;
                if middle <= a || middle >= b {
                    break;
                }
                let slope = sign * df(middle);
                if slope == 0.0 || slope.is_nan() {
                    (a, b) = (middle, middle);
                    break;
                }
                if slope < 0.0 { a = middle } else { b = middle }
            }
            if f.at(a).abs() <= f.at(b).abs() { a } else { b }
        }
        None => golden(f, sign, left.0, right.0),
    };
    let y = f.at(x);
    if !y.is_finite() {
        return None;
    }
    let reach = (x - left.0).max(right.0 - x);
    let size = left.1.abs().max(right.1.abs());
    if y != 0.0 && y.signum() != sign && y.abs() > 1e-14 * size {
        return Some((x, y, Place::Near));
    }
    let both = [-1.0, 1.0].into_iter().all(|side| ratio(f, x, side, reach).is_some_and(|r| r < SHRINKS));
    let kind = if y.abs() <= 1e-7 * size && both { Place::Zero } else { Place::Near };
    Some((if kind == Place::Zero { simplest(f, x, y) } else { x }, y, kind))
}

/// Where `sign*f` is least, by golden section (Kiefer 1953).
fn golden(f: &mut Counted, sign: f64, mut a: f64, mut b: f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_9;
    let (mut x, mut y) = (b - SHARE * (b - a), a + SHARE * (b - a));
    let (mut fx, mut fy) = (sign * f.at(x), sign * f.at(y));
    for _ in 0..80 {
        if fx <= fy {
            (b, y, fy) = (y, x, fx);
            x = b - SHARE * (b - a);
            fx = sign * f.at(x);
        } else {
            (a, x, fx) = (x, y, fy);
            y = a + SHARE * (b - a);
            fy = sign * f.at(y);
        }
        if b <= a || x >= y {
            break;
        }
    }
    if fx <= fy { x } else { y }
}

/// The short decimal within rounding of `x` at which the function is as near to zero as next to `x`: a root at 0.3 is
/// not 0.30000000000000004.
fn simplest(f: &mut Counted, x: f64, y: f64) -> f64 {
    let unit = x.abs().next_up() - x.abs();
    let beside = f.at(x - unit).abs().max(f.at(x + unit).abs());
    for digits in [6, 11] {
        if let Ok(short) = format!("{x:.digits$e}").parse::<f64>()
            && short != x
            && (short - x).abs() <= 1e-11 * x.abs()
        {
            let there = f.at(short).abs();
            if there <= y.abs() || (short - x).abs() <= 4.0 * unit && there <= 4.0 * beside {
                return short;
            }
        }
    }
    x
}
