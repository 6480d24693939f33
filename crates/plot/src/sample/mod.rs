//! Adaptive sampling of y = f(x): a closure becomes pieces that may be drawn, with what ends each of them.
//!
//! The picture decides the accuracy: everything here is measured in pixels of the plot. In order:
//!
//! 1. *Scan*: five points a pixel column, four of them at irregular places so that no period can hide, and the
//!    round numbers in view, since breaks of hand-written functions lie on those.
//! 2. *Dense columns*: where the function turns more often than pixels can show, the curve gives way to a
//!    [`Band`] of the least and greatest value of each column.
//! 3. *Breaks*: each step between neighbours is bisected until it melts away (continuous), stays (a jump) or
//!    grows (a pole); each passage between defined and undefined is bisected to the last defined float. What
//!    happens at a break is judged from each side apart.
//! 4. *Range*: the y range is settled (see [`crate::range`]).
//! 5. *Refinement*: each piece is subdivided until it is within a tenth of a pixel of its chords, then thinned.
//!
//! Every evaluation is counted; past [`Sampling::limit`] no more are made and the curve says
//! [`limited`](Curve::limited).

mod breaks;
mod refine;
mod scan;

use crate::range;

/// How finely and how far to sample.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// Width of the plot in pixels.
    pub columns: usize,
    /// Height of the plot in pixels.
    pub rows: usize,
    /// The most evaluations of the function, at least 400, give or take a hundred. The scan takes five a column of it,
    /// on fewer columns if it has to.
    pub limit: usize,
    /// Places known to be breaks or edges: they are examined exactly, whatever the scan finds.
    pub breaks: Vec<f64>,
    /// Edges of the domain whose openness is known; it overrides what the samples suggest.
    pub edges: Vec<Edge>,
    /// Values that an automatic y range has to contain.
    pub include: Vec<f64>,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling {
            columns: 480,
            rows: 320,
            limit: 120_000,
            breaks: Vec::new(),
            edges: Vec::new(),
            include: Vec::new(),
        }
    }
}

/// An edge of the domain that the caller knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Where it is.
    pub x: f64,
    /// Whether the function is defined at the edge itself.
    pub closed: bool,
}

/// What was found about a function in view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Stretches on which the function is continuous, from left to right.
    pub pieces: Vec<Piece>,
    /// Single points missing from an otherwise continuous piece, at their limit.
    pub holes: Vec<(f64, f64)>,
    /// Points of the graph that no piece contains, such as (0, 0) of the sign function.
    pub points: Vec<(f64, f64)>,
    /// Stretches where the function oscillates faster than pixels can show.
    pub bands: Vec<Band>,
    /// Where the function is unbounded, ascending.
    pub poles: Vec<f64>,
    /// The y range asked for, or the one found good.
    pub y_range: (f64, f64),
    /// How often the function was evaluated.
    pub evaluations: usize,
    /// Whether the limit on evaluations was reached, so that the curve may be coarse.
    pub limited: bool,
}

/// A stretch on which the function is continuous.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The curve, x strictly ascending; values may lie outside the y range and are finite.
    pub points: Vec<(f64, f64)>,
    /// What happens at the left end.
    pub start: End,
    /// What happens at the right end.
    pub end: End,
}

/// Why a piece ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The view ends here; the function goes on.
    View,
    /// The end point belongs to the graph and the function does not go on continuously.
    Closed,
    /// The end point is a limit that the function does not take.
    Open,
    /// The function grows beyond bounds, downwards or upwards.
    Pole {
        /// True towards +∞.
        up: bool,
    },
    /// A [`Band`] goes on from here.
    Band,
    /// A break of which floating-point values cannot tell whose the end point is, or that has no one-sided limit.
    Cut,
}

/// The least and greatest values of each pixel column of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// (x, least value, greatest value), x strictly ascending.
    pub points: Vec<(f64, f64, f64)>,
}

/// The function under its limit of evaluations, and the sizes of a pixel.
pub(crate) struct Probe<'f> {
    f: &'f dyn Fn(f64) -> f64,
    count: usize,
    limit: usize,
    /// The view.
    x: (f64, f64),
    /// Units of x a pixel.
    dx: f64,
    /// Units of y a pixel; provisional until the range is settled.
    dy: f64,
}

impl Probe<'_> {
    fn at(&mut self, x: f64) -> f64 {
        self.count += 1;
        (self.f)(x)
    }

    fn exhausted(&self) -> bool {
        self.count >= self.limit
    }
}

/// Samples `f` over `x`, for the y range `y` or else for one that suits it.
///
/// `f` gives NaN (or an infinity) where it is undefined. An empty, reversed or infinite `x` gives an empty curve.
pub fn sample(f: &dyn Fn(f64) -> f64, x: (f64, f64), y: Option<(f64, f64)>, options: &Sampling) -> Curve {
    let y = y.filter(|y| range::usable(*y));
    let empty = Curve { y_range: y.unwrap_or((-1.0, 1.0)), ..Curve::default() };
    if !range::usable(x) {
        return empty;
    }
    let columns = options.columns.clamp(8, 4000).min((options.limit / 12).max(32));
    let rows = options.rows.clamp(8, 4000) as f64;
    let dx = (x.1 / columns as f64) - (x.0 / columns as f64);
    let mut probe = Probe { f, count: 0, limit: options.limit.max(400), x, dx, dy: 0.0 };

    let mut samples = scan::scan(&mut probe, columns, &options.breaks);
    // A missing point found while refining joins the samples, and the breaks are looked for again.
    for round in 0..4 {
        let core = range::core(samples.iter().map(|s| s.1));
        let Some(core) = core else { return Curve { evaluations: probe.count, ..empty } };
        let span = y.unwrap_or(core);
        probe.dy = ((span.1 / rows) - (span.0 / rows)).max(f64::MIN_POSITIVE);
        let dense = scan::dense(&probe, &samples, columns);
        let bands = scan::bands(&mut probe, &dense);
        let found = breaks::find(&mut probe, &samples, &dense, options);
        let y_range = y.unwrap_or_else(|| {
            let ends = found.runs.iter().flat_map(|r| [r.points.first(), r.points.last()]).flatten();
            let marks = found.holes.iter().chain(&found.points).map(|p| p.1);
            let extra = marks.chain(options.include.iter().copied());
            let banded = bands.iter().flat_map(|b| b.points.iter().flat_map(|p| [p.1, p.2]));
            let poles = !found.poles.is_empty();
            let keep: Vec<f64> =
                if poles { extra.collect() } else { extra.chain(ends.map(|p| p.1)).collect() };
            range::automatic(samples.iter().map(|s| s.1).chain(banded), poles, &keep)
        });
        probe.dy = ((y_range.1 / rows) - (y_range.0 / rows)).max(f64::MIN_POSITIVE);
        let refined = refine::refine(&mut probe, &found.runs, y_range);
        if let Err(missing) = refined
            && round < 3
            && !probe.exhausted()
        {
            let at = samples.partition_point(|s| s.0 < missing);
            samples.insert(at, (missing, f64::NAN));
            continue;
        }
        return Curve {
            pieces: refined.unwrap_or_else(|_| refine::coarse(&found.runs)),
            holes: found.holes,
            points: found.points,
            bands,
            poles: found.poles,
            y_range,
            evaluations: probe.count,
            limited: probe.exhausted(),
        };
    }
    empty
}
