//! A curve and its tangent at a point.

use super::curve::{Graph, curve_marks, curve_notes, curve_words};
use super::{Canvas, range_words};
use crate::colour::Paint;
use crate::figure::{Axis, Dash, Figure, Mark, SegmentSide, Shape, Stroke, Symbol};
use crate::range;
use crate::sample::{Sampling, sample};
use crate::ticks::number;

/// The slope of a function at a point, as far as it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slope {
    /// The derivative; an infinity is a vertical tangent.
    Derivative(f64),
    /// Different slopes from the left and from the right: a kink, or the edge of a domain.
    Sides {
        /// From the left.
        left: Option<f64>,
        /// From the right.
        right: Option<f64>,
    },
    /// None.
    None,
}

/// A curve with the tangent at a point: input a red cross on the axis, output a red ring on the curve, the tangent
/// green and of fixed length, and as wished a Taylor polynomial.
#[derive(Clone)]
pub struct TangentScene<'f> {
    /// The function.
    pub graph: Graph<'f>,
    /// The name of the variable.
    pub variable: String,
    /// The title; empty for the formula.
    pub title: String,
    /// Where the tangent touches.
    pub at: f64,
    /// The slope there.
    pub slope: Slope,
    /// Coefficients of a Taylor polynomial in powers of (variable − at), from the constant on.
    pub taylor: Option<Vec<f64>>,
    /// The range of x, or one found by itself.
    pub x: Option<(f64, f64)>,
    /// The range of y, or one found by itself.
    pub y: Option<(f64, f64)>,
    /// Places that an automatic range of x should show, such as zeros.
    pub features: Vec<f64>,
    /// Size and look.
    pub canvas: Canvas,
}

impl<'f> TangentScene<'f> {
    /// A scene with everything else automatic.
    pub fn new(graph: Graph<'f>, variable: impl Into<String>, at: f64, slope: Slope) -> TangentScene<'f> {
        TangentScene {
            graph,
            variable: variable.into(),
            title: String::new(),
            at,
            slope,
            taylor: None,
            x: None,
            y: None,
            features: Vec::new(),
            canvas: Canvas::default(),
        }
    }

    /// The picture.
    pub fn figure(&self) -> Figure {
        let (w, name) = (self.at, self.variable.as_str());
        let value = (self.graph.f)(w);
        let defined = value.is_finite() && w.is_finite();
        let x = self.x.filter(|x| range::usable(*x)).unwrap_or_else(|| {
            let mut features = self.features.clone();
            features.push(w);
            let (a, b) = range::automatic_x(self.graph.f, &features);
            // Where the function is undefined the input still has to be seen.
            let margin = 0.06 * (b - a);
            if w.is_finite() { (a.min(w - margin), b.max(w + margin)) } else { (a, b) }
        });
        let include = if defined && w >= x.0 && w <= x.1 { vec![value] } else { Vec::new() };
        let curve = sample(self.graph.f, x, self.y, &self.graph.sampling(&self.canvas, include));
        let y = curve.y_range;
        let unit = self.canvas.unit();
        let mut marks = Vec::new();
        let mut notes = curve_notes(&curve, "");

        let axis = if y.0 <= 0.0 && y.1 >= 0.0 { 0.0 } else { y.0 };
        if defined {
            let stroke = Stroke { paint: Paint::Guide, width: 1.5 * unit, dash: Dash::Dashed };
            let lines = vec![vec![(w, axis), (w, value)]];
            marks.push(Mark::new("riser", Shape::Lines { lines, stroke }));
        }
        let mut curves = curve_marks(&curve, 0, Some(&self.key()), &self.canvas);
        let taylor =
            self.taylor.as_ref().filter(|c| defined && !c.is_empty()).map(|c| self.taylor_mark(c, x, y));
        marks.append(&mut curves);
        marks.extend(taylor);
        if defined {
            marks.extend(self.tangent_marks(value, &mut notes));
        } else {
            notes.push(format!("not defined at {name} = {}", number(w, 6)));
        }
        let radius = 5.4 * unit;
        let paint = Paint::Mark;
        let input = Shape::Markers { at: vec![(w, axis)], symbol: Symbol::Cross, paint, radius };
        let input = Mark::new("input", input).legend(format!("input {name} = {}", number(w, 6)));
        // Where both fall together the ring goes around the cross.
        let together = defined && (value - axis).abs() < 0.02 * (y.1 - y.0);
        let output = defined.then(|| {
            let radius = if together { 1.75 * radius } else { radius };
            let shape = Shape::Markers { at: vec![(w, value)], symbol: Symbol::Ring, paint, radius };
            Mark::new("output", shape).legend(format!("output {}", number(value, 6)))
        });
        if together {
            marks.extend(output);
            marks.push(input);
        } else {
            marks.push(input);
            marks.extend(output);
        }
        let description = format!(
            "Graph for {}. {} {}",
            range_words(name, x),
            curve_words(&curve, &self.graph.label),
            self.words(value)
        );
        Figure {
            title: if self.title.is_empty() { self.graph.label.clone() } else { self.title.clone() },
            description,
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

    /// The name of the curve in the legend: short, since the title has the formula.
    fn key(&self) -> String {
        let label = &self.graph.label;
        match label.split_once('=') {
            Some((name, _)) if self.title.is_empty() => name.trim().to_owned(),
            _ if self.title.is_empty() && label.chars().count() > 16 => "function".to_owned(),
            _ => label.clone(),
        }
    }

    fn tangent_marks(&self, value: f64, notes: &mut Vec<String>) -> Vec<Mark> {
        let at = (self.at, value);
        let stroke = Stroke { paint: Paint::Tangent, width: 2.9 * self.canvas.unit(), dash: Dash::Solid };
        let segment = |slope: f64, side: SegmentSide, dash: Dash| {
            let stroke = Stroke { dash, ..stroke };
            Mark::new("tangent", Shape::Segment { at, slope, length: 0.42, side, stroke })
        };
        let place = format!("{} = {}", self.variable, number(self.at, 6));
        match self.slope {
            Slope::Derivative(s) if !s.is_nan() => {
                vec![
                    segment(s, SegmentSide::Both, Dash::Solid)
                        .legend(format!("tangent, slope {}", number(s, 5))),
                ]
            }
            Slope::Sides { left, right } => {
                notes.push(format!("not differentiable at {place}: one-sided tangents"));
                let half = |slope: Option<f64>, side, dash, words: &str| {
                    let slope = slope.filter(|s| !s.is_nan())?;
                    let legend = format!("{words} slope {}", number(slope, 6));
                    Some(segment(slope, side, dash).legend(legend))
                };
                let dash = if left.is_some() { Dash::Dashed } else { Dash::Solid };
                let left = half(left, SegmentSide::Left, Dash::Solid, "left");
                let right = half(right, SegmentSide::Right, dash, "right");
                left.into_iter().chain(right).collect()
            }
            _ => {
                notes.push(format!("not differentiable at {place}: no tangent"));
                Vec::new()
            }
        }
    }

    fn taylor_mark(&self, coefficients: &[f64], x: (f64, f64), y: (f64, f64)) -> Mark {
        let value = |x: f64| coefficients.iter().rev().fold(0.0, |sum, c| sum * (x - self.at) + c);
        let sampling = Sampling {
            columns: (0.86 * self.canvas.width) as usize,
            rows: (0.72 * self.canvas.height) as usize,
            ..Sampling::default()
        };
        let curve = sample(&value, x, Some(y), &sampling);
        let lines = curve.pieces.into_iter().map(|p| p.points).collect();
        let stroke = Stroke { paint: Paint::Taylor, width: 2.0 * self.canvas.unit(), dash: Dash::Dashed };
        let order = coefficients.len() - 1;
        Mark::new("taylor", Shape::Lines { lines, stroke }).legend(format!("Taylor, order {order}"))
    }

    fn words(&self, value: f64) -> String {
        let place = format!("{} = {}", self.variable, number(self.at, 6));
        if !value.is_finite() {
            return format!("It is not defined at {place}.");
        }
        let value = number(value, 6);
        match self.slope {
            Slope::Derivative(s) if !s.is_nan() => {
                format!(
                    "At {place} its value is {value} and the tangent drawn there has slope {}.",
                    number(s, 6)
                )
            }
            Slope::Sides { left, right } => {
                let side =
                    |s: Option<f64>| s.map_or("no slope".to_owned(), |s| format!("slope {}", number(s, 6)));
                format!(
                    "At {place} its value is {value}; it is not differentiable there, with {} from the left and \
                     {} from the right.",
                    side(left),
                    side(right)
                )
            }
            _ => format!("At {place} its value is {value}; it has no tangent there."),
        }
    }
}
