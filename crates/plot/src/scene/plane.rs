//! Functions of two variables seen from above: level lines, and the field of the gradient.

use super::{Canvas, range_words};
use crate::colour::Paint;
use crate::contour::contours;
use crate::figure::{Anchor, Axis, ColourBar, Dash, Figure, Mark, Shape, Stroke, Symbol};
use crate::range;
use crate::ticks::{number, ticks};

/// A function of two variables and what is to be shown of it.
#[derive(Clone)]
pub struct Plane<'f> {
    /// The function; NaN where it is undefined.
    pub f: &'f dyn Fn(f64, f64) -> f64,
    /// Its gradient, if known.
    pub gradient: Option<&'f dyn Fn(f64, f64) -> (f64, f64)>,
    /// Its formula.
    pub label: String,
    /// The names of the variables.
    pub variables: (String, String),
    /// The range of the first variable, or (-3, 3) around the point.
    pub x: Option<(f64, f64)>,
    /// The range of the second.
    pub y: Option<(f64, f64)>,
    /// A point to mark.
    pub at: Option<(f64, f64)>,
}

impl<'f> Plane<'f> {
    /// A function of x and y, with everything else automatic.
    pub fn new(f: &'f dyn Fn(f64, f64) -> f64, label: impl Into<String>) -> Plane<'f> {
        let variables = ("x".to_owned(), "y".to_owned());
        Plane { f, gradient: None, label: label.into(), variables, x: None, y: None, at: None }
    }

    pub(super) fn ranges(&self) -> ((f64, f64), (f64, f64)) {
        let around = |c: Option<f64>| {
            let c = c.filter(|c| c.is_finite()).unwrap_or(0.0);
            // The origin stays in view while the point is not far from it.
            if c.abs() <= 2.4 {
                (-3.0, 3.0)
            } else if c.abs() <= 6.0 {
                (-1.25 * c.abs(), 1.25 * c.abs())
            } else {
                (c - 3.0, c + 3.0)
            }
        };
        let pick =
            |given: Option<(f64, f64)>, c| given.filter(|r| range::usable(*r)).unwrap_or_else(|| around(c));
        (pick(self.x, self.at.map(|p| p.0)), pick(self.y, self.at.map(|p| p.1)))
    }

    /// The gradient at the marked point.
    pub(super) fn slope(&self) -> Option<(f64, f64)> {
        let (x, y) = self.at?;
        self.gradient.map(|g| g(x, y)).filter(|g| g.0.is_finite() && g.1.is_finite())
    }

    /// Some round levels: evenly spaced, or 1, 2, 5, 10, … where most of the values are much nearer to zero than
    /// the greatest; then with the least that the scale of colours begins with.
    fn levels(&self, heights: (f64, f64), count: usize) -> (Vec<f64>, Option<f64>) {
        const N: usize = 40;
        let (x, y) = self.ranges();
        let at = |r: (f64, f64), i: usize| r.0 + (r.1 - r.0) * (i as f64 + 0.5) / N as f64;
        let values = (0..N * N).map(|k| (self.f)(at(x, k % N), at(y, k / N)));
        let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let share = |s: f64| values.get((values.len() as f64 * s) as usize).copied().unwrap_or(0.0);
        let (low, middle) = (share(0.01), share(0.5));
        if heights.0 >= 0.0 && low > 0.0 && middle < 0.15 * heights.1 && heights.1.is_finite() {
            let low = low.max(1e-6 * heights.1);
            let (first, last) = (low.log10().floor() as i32, heights.1.log10().ceil() as i32);
            let all = |digits: &[f64]| -> Vec<f64> {
                let powers = (first..=last).flat_map(|p| digits.iter().map(move |d| d * 10f64.powi(p)));
                powers.filter(|v| *v >= low && *v <= heights.1).collect()
            };
            let sets: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
            let fitting = sets.into_iter().map(all).find(|levels| levels.len() <= count + 2);
            return (fitting.unwrap_or_else(|| all(&[1.0])), Some(low));
        }
        (ticks(heights, count).marks.into_iter().map(|t| t.0).collect(), None)
    }

    /// A range of values that shows the function rather than its poles.
    pub(super) fn heights(&self, x: (f64, f64), y: (f64, f64)) -> Option<(f64, f64)> {
        const N: usize = 60;
        let at = |r: (f64, f64), i: usize| r.0 + (r.1 - r.0) * (i as f64 + 0.5) / N as f64;
        let values = (0..N * N).map(|k| (self.f)(at(x, k % N), at(y, k / N)));
        let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let (first, last) = (*values.first()?, *values.last()?);
        let share = |s: f64| values[((values.len() - 1) as f64 * s) as usize];
        let (a, b) = (share(0.04), share(0.96));
        let spread = b - a;
        // A tail many times longer than everything else is a pole or an explosion.
        let low = if first < a - 3.0 * spread && spread > 0.0 { a - 0.5 * spread } else { first };
        let high = if last > b + 3.0 * spread && spread > 0.0 { b + 0.5 * spread } else { last };
        let (low, high) = (low.max(-8e307), high.min(8e307));
        Some(if range::usable((low, high)) {
            (low, high)
        } else {
            range::automatic([low].into_iter(), false, &[])
        })
    }

    fn figure(&self, canvas: &Canvas, marks: Vec<Mark>, bar: Option<ColourBar>, words: &str) -> Figure {
        let (x, y) = self.ranges();
        let ratio = (x.1 - x.0) / (y.1 - y.0);
        let mut description = format!(
            "{words} of {} for {}, {}.",
            self.label,
            range_words(&self.variables.0, x),
            range_words(&self.variables.1, y)
        );
        if let (Some(p), Some(g)) = (self.at, self.slope()) {
            description += &format!(
                " At ({}, {}) the gradient is ({}, {}).",
                number(p.0, 4),
                number(p.1, 4),
                number(g.0, 4),
                number(g.1, 4)
            );
        }
        Figure {
            title: self.label.clone(),
            description,
            size: (canvas.width, canvas.height),
            theme: canvas.theme,
            x: Axis { label: self.variables.0.clone(), range: x },
            y: Axis { label: self.variables.1.clone(), range: y },
            framed: true,
            // A gradient crosses level lines at right angles only where units are equally long.
            equal: (0.2..=5.0).contains(&ratio),
            marks,
            bar,
            notes: Vec::new(),
        }
    }

    /// The point and the arrow of its gradient.
    fn point_marks(&self, canvas: &Canvas) -> Vec<Mark> {
        let Some(p) = self.at else { return Vec::new() };
        let unit = canvas.unit();
        let (x, y) = self.ranges();
        let paint = Paint::Mark;
        let mut marks = Vec::new();
        if let Some(g) = self.slope() {
            let longest = (g.0.abs() / (x.1 - x.0)).max(g.1.abs() / (y.1 - y.0));
            if longest > 0.0 && longest.is_finite() {
                // It points inwards or outwards, but stays within sight: a fifth of the view long.
                let scale = 0.2 / longest;
                let within = |v: f64, r: (f64, f64)| v >= r.0 && v <= r.1;
                let inside = |s: f64| within(p.0 + s * g.0, x) && within(p.1 + s * g.1, y);
                let scale =
                    [1.0, 0.75, 0.5].map(|s| s * scale).into_iter().find(|s| inside(*s)).unwrap_or(scale);
                let to = (p.0 + scale * g.0, p.1 + scale * g.1);
                let stroke = Stroke { paint, width: 3.0 * unit, dash: Dash::Solid };
                let words = format!("gradient ({}, {})", number(g.0, 4), number(g.1, 4));
                marks.push(Mark::new("gradient", Shape::Arrow { from: p, to, stroke }).legend(words));
            }
        }
        let ring = Shape::Markers { at: vec![p], symbol: Symbol::Ring, paint, radius: 5.4 * unit };
        let (a, b) = &self.variables;
        let words = format!("({a}, {b}) = ({}, {})", number(p.0, 4), number(p.1, 4));
        marks.push(Mark::new("point", ring).legend(words));
        marks
    }
}

/// Level lines.
#[derive(Clone)]
pub struct ContourScene<'f> {
    /// The function.
    pub plane: Plane<'f>,
    /// The levels, or round ones.
    pub levels: Option<Vec<f64>>,
    /// Size and look.
    pub canvas: Canvas,
}

impl ContourScene<'_> {
    /// The picture.
    pub fn figure(&self) -> Figure {
        let plane = &self.plane;
        let (x, y) = plane.ranges();
        let Some(heights) = plane.heights(x, y) else {
            let mut figure = plane.figure(&self.canvas, Vec::new(), None, "Level lines");
            figure.notes.push("not defined anywhere in view".to_owned());
            return figure;
        };
        let (levels, log) = match &self.levels {
            Some(levels) => (levels.clone(), None),
            None => plane.levels(heights, level_count(&self.canvas)),
        };
        let unit = self.canvas.unit();
        let cells = ((self.canvas.width / 6.0) as usize, (self.canvas.height / 6.0) as usize);
        let found = contours(plane.f, x, y, &levels, cells);
        let mut marks = Vec::new();
        let mut labels: Vec<Mark> = Vec::new();
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for contour in &found {
            let share = match log {
                Some(low) => (contour.level / low).ln() / (heights.1 / low).ln(),
                None => (contour.level - heights.0) / (heights.1 - heights.0),
            };
            let paint = Paint::ScaleLine(share);
            // Below zero dashed, as on maps of the sea: it shows in grey too.
            let dash = if contour.level < 0.0 { Dash::Dashed } else { Dash::Solid };
            let width = if contour.level == 0.0 { 2.6 } else { 1.7 } * unit;
            let stroke = Stroke { paint, width, dash };
            if contour.lines.is_empty() {
                continue;
            }
            marks.push(Mark::new("contour", Shape::Lines { lines: contour.lines.clone(), stroke }));
            if let Some(at) = label_place(&contour.lines, x, y, &taken, plane.at) {
                taken.push(at);
                let text = number(contour.level, 4);
                let label = Shape::Label { at, text, paint, anchor: Anchor::Middle, size: 0.82 };
                labels.push(Mark::new("level", label));
            }
        }
        marks.extend(labels);
        marks.extend(plane.point_marks(&self.canvas));
        let range = (log.unwrap_or(heights.0), heights.1);
        let bar = ColourBar { label: String::new(), range, log: log.is_some(), lines: true };
        plane.figure(&self.canvas, marks, Some(bar), "Level lines")
    }
}

/// How many levels are readable.
fn level_count(canvas: &Canvas) -> usize {
    (canvas.height / 16.0).clamp(6.0, 14.0) as usize
}

/// A place on the longest line, away from the rim, from other labels and from the marked point.
fn label_place(
    lines: &[Vec<(f64, f64)>],
    x: (f64, f64),
    y: (f64, f64),
    taken: &[(f64, f64)],
    point: Option<(f64, f64)>,
) -> Option<(f64, f64)> {
    let unit = |p: (f64, f64)| ((p.0 - x.0) / (x.1 - x.0), (p.1 - y.0) / (y.1 - y.0));
    let distance = |a: (f64, f64), b: (f64, f64)| {
        let (a, b) = (unit(a), unit(b));
        // Labels are wider than high.
        (0.6 * (a.0 - b.0)).hypot(a.1 - b.1)
    };
    let length = |l: &Vec<(f64, f64)>| l.windows(2).map(|w| distance(w[0], w[1])).sum::<f64>();
    let line = lines.iter().max_by(|a, b| length(a).total_cmp(&length(b)))?;
    if length(line) < 0.16 {
        return None;
    }
    let room = |p: (f64, f64)| {
        let u = unit(p);
        let rim = (u.0.min(1.0 - u.0) / 2.0).min(u.1.min(1.0 - u.1)) * 1.4;
        taken.iter().copied().chain(point).map(|t| distance(p, t)).fold(rim, f64::min)
    };
    let best = line.iter().copied().max_by(|a, b| room(*a).total_cmp(&room(*b)))?;
    (room(best) > 0.055).then_some(best)
}

/// Arrows of the gradient, with level lines behind.
#[derive(Clone)]
pub struct FieldScene<'f> {
    /// The function, which has to have a gradient.
    pub plane: Plane<'f>,
    /// Whether lengths and colours follow the logarithm of the gradient's length.
    pub log: bool,
    /// Size and look.
    pub canvas: Canvas,
}

impl FieldScene<'_> {
    /// The picture; without a gradient, the level lines alone.
    pub fn figure(&self) -> Figure {
        let plane = &self.plane;
        let (x, y) = plane.ranges();
        let unit = self.canvas.unit();
        let Some(gradient) = plane.gradient else {
            return ContourScene { plane: plane.clone(), levels: None, canvas: self.canvas }.figure();
        };
        let mut marks = Vec::new();
        if let Some(heights) = plane.heights(x, y) {
            let (levels, _) = plane.levels(heights, level_count(&self.canvas));
            let cells = ((self.canvas.width / 7.0) as usize, (self.canvas.height / 7.0) as usize);
            let lines = contours(plane.f, x, y, &levels, cells).into_iter().flat_map(|c| c.lines).collect();
            let stroke = Stroke { paint: Paint::Guide, width: 0.8 * unit, dash: Dash::Solid };
            marks.push(Mark::new("contour", Shape::Lines { lines, stroke }));
        }
        // Square cells of some 26 pixels, at least 8 a side.
        let n = (0.62 * self.canvas.height / (26.0 * unit)).clamp(8.0, 24.0) as usize;
        let ratio = ((x.1 - x.0) / (y.1 - y.0)).clamp(0.2, 5.0);
        let (nx, ny) =
            if ratio >= 1.0 { ((n as f64 * ratio) as usize, n) } else { (n, (n as f64 / ratio) as usize) };
        let cell = ((x.1 - x.0) / nx as f64, (y.1 - y.0) / ny as f64);
        let mut arrows = Vec::new();
        for k in 0..nx * ny {
            let p = (x.0 + (0.5 + (k % nx) as f64) * cell.0, y.0 + (0.5 + (k / nx) as f64) * cell.1);
            let g = gradient(p.0, p.1);
            let size = g.0.hypot(g.1);
            if size.is_finite() {
                arrows.push((p, g, size));
            }
        }
        let mut sizes: Vec<f64> = arrows.iter().map(|a| a.2).filter(|s| *s > 0.0).collect();
        sizes.sort_by(f64::total_cmp);
        let share =
            |s: f64| sizes.get(((sizes.len().max(1) - 1) as f64 * s) as usize).copied().unwrap_or(1.0);
        // Beside a pole the longest arrows would leave nothing of the others.
        let most = if share(1.0) > 5.0 * share(0.95) { share(0.95) } else { share(1.0) };
        let least = share(0.0).max(1e-6 * most);
        let relative = |s: f64| {
            if self.log && most > least {
                ((s / least).ln() / (most / least).ln()).clamp(0.0, 1.0)
            } else {
                (s / most).min(1.0)
            }
        };
        let mut still = Vec::new();
        for (p, g, size) in arrows {
            let t = relative(size);
            let length = if self.log { 0.25 + 0.7 * t } else { 0.95 * t };
            if size == 0.0 || length < 0.06 {
                still.push(p);
                continue;
            }
            // As long as the cell at most, in the direction on the page.
            let (ux, uy) = (g.0 / size * cell.0.min(cell.1), g.1 / size * cell.0.min(cell.1));
            let (dx, dy) = (0.5 * length * ux, 0.5 * length * uy);
            let stroke = Stroke { paint: Paint::ScaleLine(t), width: 1.6 * unit, dash: Dash::Solid };
            let arrow = Shape::Arrow { from: (p.0 - dx, p.1 - dy), to: (p.0 + dx, p.1 + dy), stroke };
            marks.push(Mark::new("arrow", arrow));
        }
        if !still.is_empty() {
            let dots = Shape::Markers {
                at: still,
                symbol: Symbol::Dot,
                paint: Paint::ScaleLine(0.0),
                radius: 1.3 * unit,
            };
            marks.push(Mark::new("still", dots));
        }
        marks.extend(plane.point_marks(&self.canvas));
        let range = if self.log { (least, most) } else { (0.0, most) };
        let bar = ColourBar { label: "|∇f|".to_owned(), range, log: self.log, lines: true };
        let bar = range::usable(bar.range).then_some(bar);
        plane.figure(&self.canvas, marks, bar, "Gradient field")
    }
}
