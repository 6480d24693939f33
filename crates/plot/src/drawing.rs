//! A laid-out picture in pixels: what SVG and PNG have in common.

use crate::colour::Colour;
use crate::figure::{Anchor, Dash};

/// A place in pixels, y downwards.
pub(crate) type Point = (f64, f64);

/// Everything to be drawn, in order.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    pub title: String,
    pub description: String,
    pub width: f64,
    pub height: f64,
    pub ground: Colour,
    pub groups: Vec<Group>,
}

/// Items that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub class: &'static str,
    pub items: Vec<Item>,
}

/// One thing to draw.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Path {
        lines: Vec<Vec<Point>>,
        closed: bool,
        fill: Option<(Colour, f64)>,
        stroke: Option<Pen>,
    },
    Circle {
        centre: Point,
        radius: f64,
        fill: Option<Colour>,
        stroke: Option<Pen>,
    },
    Text {
        at: Point,
        text: String,
        size: f64,
        anchor: Anchor,
        colour: Colour,
        /// A rim in the colour of the ground, for words upon lines.
        halo: Option<Colour>,
    },
}

/// A stroke with its colour settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub colour: Colour,
    pub width: f64,
    pub dash: Dash,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn contains(&self, p: Point, slack: f64) -> bool {
        p.0 >= self.left - slack
            && p.0 <= self.right + slack
            && p.1 >= self.top - slack
            && p.1 <= self.bottom + slack
    }

    /// The parts of a line within (Liang and Barsky, a segment at a time).
    pub fn clip_line(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        let mut current: Vec<Point> = Vec::new();
        for pair in line.windows(2) {
            let Some((a, b)) = self.clip_segment(pair[0], pair[1]) else {
                parts.extend(Some(std::mem::take(&mut current)).filter(|c| c.len() > 1));
                continue;
            };
            if current.last() != Some(&a) {
                parts.extend(Some(std::mem::take(&mut current)).filter(|c| c.len() > 1));
                current.push(a);
            }
            if a != b {
                current.push(b);
            }
        }
        parts.extend(Some(current).filter(|c| c.len() > 1));
        parts
    }

    fn clip_segment(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let sides =
            [(-dx, a.0 - self.left), (dx, self.right - a.0), (-dy, a.1 - self.top), (dy, self.bottom - a.1)];
        for (p, q) in sides {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        if from > to || from.is_nan() || to.is_nan() {
            return None;
        }
        let at = |t: f64, end: Point| {
            if t == 0.0 {
                a
            } else if t == 1.0 {
                end
            } else {
                (a.0 + t * dx, a.1 + t * dy)
            }
        };
        Some((at(from, b), at(to, b)))
    }

    /// The part of a polygon within (Sutherland and Hodgman).
    pub fn clip_polygon(&self, polygon: &[Point]) -> Vec<Point> {
        let mut points = polygon.to_vec();
        let inside: [&dyn Fn(Point) -> f64; 4] =
            [&|p| p.0 - self.left, &|p| self.right - p.0, &|p| p.1 - self.top, &|p| self.bottom - p.1];
        for distance in inside {
            points = clip_by(&points, distance);
        }
        points
    }
}

/// The part of a polygon where `distance`, which has to be affine, is not negative.
pub(crate) fn clip_by(points: &[Point], distance: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut kept = Vec::with_capacity(points.len() + 2);
    for (i, &b) in points.iter().enumerate() {
        let a = points[if i == 0 { points.len() - 1 } else { i - 1 }];
        let (da, db) = (distance(a), distance(b));
        if (da >= 0.0) != (db >= 0.0) {
            let t = da / (da - db);
            kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
        }
        if db >= 0.0 {
            kept.push(b);
        }
    }
    kept
}
