//! Functions of one variable as curves.

use super::{Canvas, range_words};
use crate::colour::Paint;
use crate::figure::{Axis, Dash, Figure, Mark, Shape, Stroke, Symbol};
use crate::range;
use crate::sample::{Curve, Edge, End, Sampling, sample};

/// A function of one variable and what is known about it.
#[derive(Clone)]
pub struct Graph<'f> {
    /// The function; NaN where it is undefined.
    pub f: &'f dyn Fn(f64) -> f64,
    /// Its formula, for title and legend.
    pub label: String,
    /// Places known to be breaks.
    pub breaks: Vec<f64>,
    /// Edges of the domain known to be open or closed.
    pub edges: Vec<Edge>,
}

impl<'f> Graph<'f> {
    /// A function of which nothing more is known.
    pub fn new(f: &'f dyn Fn(f64) -> f64, label: impl Into<String>) -> Graph<'f> {
        Graph { f, label: label.into(), breaks: Vec::new(), edges: Vec::new() }
    }

    pub(super) fn sampling(&self, canvas: &Canvas, include: Vec<f64>) -> Sampling {
        Sampling {
            columns: (0.86 * canvas.width) as usize,
            rows: (0.72 * canvas.height) as usize,
            breaks: self.breaks.clone(),
            edges: self.edges.clone(),
            include,
            ..Sampling::default()
        }
    }
}

/// Functions of one variable in one picture.
#[derive(Clone)]
pub struct CurveScene<'f> {
    /// The functions.
    pub graphs: Vec<Graph<'f>>,
    /// The name of the variable.
    pub variable: String,
    /// The title; empty for the formula of the first function.
    pub title: String,
    /// The range of x, or one found by itself.
    pub x: Option<(f64, f64)>,
    /// The range of y, or one found by itself.
    pub y: Option<(f64, f64)>,
    /// Places that an automatic range of x should show, such as zeros.
    pub features: Vec<f64>,
    /// Points to mark with a ring, such as extrema, with words for the legend.
    pub points: Vec<(String, Vec<(f64, f64)>)>,
    /// Size and look.
    pub canvas: Canvas,
}

impl<'f> CurveScene<'f> {
    /// A scene of some functions of a variable, with everything else automatic.
    pub fn new(graphs: Vec<Graph<'f>>, variable: impl Into<String>) -> CurveScene<'f> {
        CurveScene {
            graphs,
            variable: variable.into(),
            title: String::new(),
            x: None,
            y: None,
            features: Vec::new(),
            points: Vec::new(),
            canvas: Canvas::default(),
        }
    }

    /// The picture.
    pub fn figure(&self) -> Figure {
        let x = self.x.filter(|x| range::usable(*x)).unwrap_or_else(|| {
            self.graphs.first().map_or((-5.0, 5.0), |g| range::automatic_x(g.f, &self.features))
        });
        let include: Vec<f64> = self.points.iter().flat_map(|p| p.1.iter().map(|p| p.1)).collect();
        let look = |g: &Graph, y| sample(g.f, x, y, &g.sampling(&self.canvas, include.clone()));
        let mut curves: Vec<Curve> = self.graphs.iter().map(|g| look(g, self.y)).collect();
        let y = curves
            .iter()
            .filter(|c| !is_empty(c))
            .map(|c| c.y_range)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let y = y.or(curves.first().map(|c| c.y_range)).unwrap_or((-1.0, 1.0));
        // Sampled for one range, drawn in another: the pixels have changed.
        for (curve, graph) in curves.iter_mut().zip(&self.graphs) {
            if curve.y_range != y {
                *curve = look(graph, Some(y));
            }
        }
        let many = self.graphs.len() > 1;
        let mut marks = Vec::new();
        let mut notes = Vec::new();
        for (n, (curve, graph)) in curves.iter().zip(&self.graphs).enumerate() {
            let legend = (many || !self.points.is_empty()).then_some(graph.label.as_str());
            marks.extend(curve_marks(curve, n, legend, &self.canvas));
            notes.extend(curve_notes(curve, if many { &graph.label } else { "" }));
        }
        for (i, (words, places)) in self.points.iter().enumerate() {
            let symbol = if i % 2 == 0 { Symbol::Ring } else { Symbol::Dot };
            let radius = 5.0 * self.canvas.unit();
            let shape = Shape::Markers { at: places.clone(), symbol, paint: Paint::Mark, radius };
            marks.push(Mark::new("points", shape).legend(words.clone()));
        }
        let formulas: Vec<&str> = self.graphs.iter().map(|g| g.label.as_str()).collect();
        let facts: Vec<String> = curves.iter().zip(&formulas).map(|(c, f)| curve_words(c, f)).collect();
        Figure {
            title: if self.title.is_empty() { formulas.join(", ") } else { self.title.clone() },
            description: format!("Graph for {}. {}", range_words(&self.variable, x), facts.join(" ")),
            size: (self.canvas.width, self.canvas.height),
            theme: self.canvas.theme,
            x: Axis { label: self.variable.clone(), range: x },
            y: Axis { label: String::new(), range: y },
            framed: true,
            equal: false,
            marks,
            bar: None,
            notes,
        }
    }
}

fn is_empty(curve: &Curve) -> bool {
    curve.pieces.is_empty() && curve.bands.is_empty() && curve.points.is_empty()
}

/// Lines, envelopes and end markers of a sampled curve; the n-th of its picture.
pub(super) fn curve_marks(curve: &Curve, n: usize, legend: Option<&str>, canvas: &Canvas) -> Vec<Mark> {
    let unit = canvas.unit();
    let paint = Paint::Series(n);
    let dash = [Dash::Solid, Dash::Dashed, Dash::DashDot, Dash::Dotted][n % 4];
    let stroke = Stroke { paint, width: 2.2 * unit, dash };
    let lines = curve.pieces.iter().map(|p| p.points.clone()).collect();
    let mut marks = Vec::new();
    if !curve.bands.is_empty() {
        let bands = curve.bands.iter().map(|b| b.points.clone()).collect();
        marks.push(Mark::new("envelope", Shape::Bands { bands, paint }));
    }
    let mark = Mark::new("curve", Shape::Lines { lines, stroke });
    marks.push(match legend {
        Some(words) => mark.legend(words),
        None => mark,
    });
    let ends = curve.pieces.iter().flat_map(|p| [(p.start, p.points.first()), (p.end, p.points.last())]);
    let of = |wanted: End| {
        ends.clone().filter(move |e| e.0 == wanted).filter_map(|e| e.1.copied()).collect::<Vec<(f64, f64)>>()
    };
    let (mut open, mut closed) = (of(End::Open), of(End::Closed));
    open.extend(&curve.holes);
    closed.extend(&curve.points);
    let radius = 3.9 * unit;
    // Hundreds of ends would cover the curve that they belong to.
    if open.len() + closed.len() > MOST_ENDS {
        return marks;
    }
    if !open.is_empty() {
        marks.push(Mark::new("open-ends", Shape::Markers { at: open, symbol: Symbol::Ring, paint, radius }));
    }
    if !closed.is_empty() {
        marks.push(Mark::new(
            "closed-ends",
            Shape::Markers { at: closed, symbol: Symbol::Dot, paint, radius },
        ));
    }
    marks
}

/// How many ends of pieces are marked in one curve.
const MOST_ENDS: usize = 80;

/// What has to be said below the plot about a curve.
pub(super) fn curve_notes(curve: &Curve, name: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let of = if name.is_empty() { String::new() } else { format!("{name}: ") };
    if is_empty(curve) {
        notes.push(format!("{of}not defined anywhere in view"));
    }
    if !curve.bands.is_empty() {
        notes.push(format!("{of}shaded where it oscillates faster than the picture can show"));
    }
    if curve.limited {
        notes.push(format!("{of}the limit on evaluations was reached; details may be missing"));
    }
    notes
}

/// A sentence or two on what the curve does, for those who do not see it.
pub(super) fn curve_words(curve: &Curve, name: &str) -> String {
    let number = |v| crate::ticks::number(v, 4);
    if is_empty(curve) {
        return format!("{name} is not defined anywhere in view.");
    }
    let mut words = format!("{name} in {} {}", curve.pieces.len(), plural(curve.pieces.len(), "piece"));
    let list = |values: &[f64]| {
        let mut shown: Vec<String> = values.iter().take(6).map(|v| number(*v)).collect();
        if values.len() > 6 {
            shown.push("…".to_owned());
        }
        shown.join(", ")
    };
    if !curve.poles.is_empty() {
        words += &format!(", unbounded near {}", list(&curve.poles));
    }
    if !curve.holes.is_empty() {
        let at: Vec<f64> = curve.holes.iter().map(|h| h.0).collect();
        words += &format!(", missing a point at {}", list(&at));
    }
    if let (Some(first), Some(last)) = (curve.bands.first(), curve.bands.last()) {
        let from = first.points.first().map_or(0.0, |p| p.0);
        let to = last.points.last().map_or(0.0, |p| p.0);
        words += &format!(", oscillating too fast to draw between {} and {}", number(from), number(to));
    }
    words + "."
}

fn plural(n: usize, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}
