//! Roots of a function of one variable.

use crate::refine::Place;
use crate::scan::scan;
use crate::{Line, Search};

/// A root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Root {
    /// Where.
    pub x: f64,
    /// Whether the function has the same sign on both sides. At the edge of its domain it has not.
    pub touches: bool,
}

/// The roots found in an interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roots {
    /// Ascending.
    pub roots: Vec<Root>,
    /// Stretches on which the function is zero.
    pub zero_on: Vec<(f64, f64)>,
    /// Stretches on which the function oscillates faster than it was sampled; roots there are left out.
    pub unresolved: Vec<(f64, f64)>,
    /// Stretches on which the function is too small for a double, which is no root.
    pub underflow: Vec<(f64, f64)>,
    /// Where the function changes sign without a root: jumps and poles.
    pub breaks: Vec<f64>,
    /// Whether a limit was reached, so that more may be missing than sampling misses anyway.
    pub limited: bool,
}

/// The roots of `f` on a closed interval, as far as sampling finds them; `df` is its derivative, if known.
///
/// Changes of sign at poles and jumps are told from roots; double roots are found where `f` comes near zero. An
/// interval that is empty or not finite has no roots.
pub fn roots(f: &mut Line<'_>, df: Option<&mut Line<'_>>, interval: (f64, f64), search: &Search) -> Roots {
    let found = scan(f, df, interval, search);
    let mut out = Roots {
        zero_on: found.flat,
        unresolved: found.unresolved,
        underflow: found.underflow,
        limited: found.limited,
        ..Roots::default()
    };
    for event in found.events {
        match event.kind {
            // A jump at a place where the function happens to be zero is a root all the same.
            Place::Zero => {
                out.roots.push(Root { x: event.x, touches: event.before * event.after > 0.0 });
            }
            Place::Jump | Place::Pole if f(event.x) == 0.0 => {
                out.roots.push(Root { x: event.x, touches: event.before * event.after > 0.0 });
                out.breaks.push(event.x);
            }
            Place::Jump | Place::Pole => out.breaks.push(event.x),
            Place::Near => {}
        }
    }
    out
}
