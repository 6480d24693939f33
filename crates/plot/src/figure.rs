//! The model of a picture: plain data in the units of its axes, free of any output format.

use crate::colour::{Paint, Theme};

/// A picture. Build one with [`crate::scene`], or from marks of your own; render it with [`Figure::svg`],
/// [`Figure::png`] or [`Figure::terminal`].
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// One line, shown above the plot and read out first.
    pub title: String,
    /// What the picture shows, in words, for those who do not see it.
    pub description: String,
    /// Width and height in pixels.
    pub size: (f64, f64),
    /// Light or dark.
    pub theme: Theme,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Whether axes, grid and ticks are drawn; a surface brings its own.
    pub framed: bool,
    /// Whether a unit is as long on both axes.
    pub equal: bool,
    /// What is drawn, in this order.
    pub marks: Vec<Mark>,
    /// A scale of colours at the right.
    pub bar: Option<ColourBar>,
    /// Sentences below the plot.
    pub notes: Vec<String>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its name.
    pub label: String,
    /// Its range, ascending and finite.
    pub range: (f64, f64),
}

/// A shape, and the words of the legend for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What is drawn.
    pub shape: Shape,
    /// The entry in the legend, if it has one.
    pub legend: Option<String>,
    /// A name for scripts and styles: the `class` of the group in SVG.
    pub class: &'static str,
}

impl Mark {
    /// A mark without a legend.
    pub fn new(class: &'static str, shape: Shape) -> Mark {
        Mark { shape, legend: None, class }
    }

    /// The same with an entry in the legend.
    pub fn legend(self, text: impl Into<String>) -> Mark {
        Mark { legend: Some(text.into()), ..self }
    }
}

/// Something to draw. Coordinates are those of the axes; sizes are pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Lines through points; each inner list is one unbroken line.
    Lines {
        /// The lines.
        lines: Vec<Vec<(f64, f64)>>,
        /// How they are drawn.
        stroke: Stroke,
    },
    /// Filled stretches between two curves: (x, low, high).
    Bands {
        /// The stretches.
        bands: Vec<Vec<(f64, f64, f64)>>,
        /// Their colour.
        paint: Paint,
    },
    /// A filled polygon.
    Polygon {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Its colour.
        fill: Paint,
        /// From 0 to 1.
        opacity: f64,
        /// Its outline.
        edge: Option<Stroke>,
    },
    /// The same symbol at some places.
    Markers {
        /// The places.
        at: Vec<(f64, f64)>,
        /// What is drawn at each.
        symbol: Symbol,
        /// Its colour.
        paint: Paint,
        /// Half its size.
        radius: f64,
    },
    /// A straight line through a point with a slope, of a fixed length on the page: a steep one is no longer than a
    /// flat one.
    Segment {
        /// The point.
        at: (f64, f64),
        /// Its slope; an infinity is vertical.
        slope: f64,
        /// Its whole length, as a share of the width of the plot.
        length: f64,
        /// Which half of it is drawn.
        side: SegmentSide,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// An arrow.
    Arrow {
        /// Its tail.
        from: (f64, f64),
        /// Its point.
        to: (f64, f64),
        /// Its shaft.
        stroke: Stroke,
    },
    /// Words at a place.
    Label {
        /// The place.
        at: (f64, f64),
        /// The words.
        text: String,
        /// Their colour.
        paint: Paint,
        /// Where they stand relative to the place.
        anchor: Anchor,
        /// Size relative to the base size of the figure.
        size: f64,
    },
}

/// Which part of a [`Shape::Segment`] is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentSide {
    /// Both halves.
    Both,
    /// From the left to the point.
    Left,
    /// From the point to the right.
    Right,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub paint: Paint,
    /// Its width in pixels.
    pub width: f64,
    /// Its dashes.
    pub dash: Dash,
}

/// The dashes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// None.
    Solid,
    /// Long dashes.
    Dashed,
    /// Dots.
    Dotted,
    /// Dash, dot, dash.
    DashDot,
}

impl Dash {
    /// Lengths drawn and left out in turn, in widths of the line; empty when solid.
    pub fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[4.0, 2.4],
            Dash::Dotted => &[1.0, 2.0],
            Dash::DashDot => &[5.0, 2.2, 1.0, 2.2],
        }
    }
}

/// A symbol at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// A filled circle.
    Dot,
    /// A circle filled with the ground.
    Ring,
    /// A diagonal cross.
    Cross,
}

/// Where words stand relative to their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// To the right of it.
    Start,
    /// Centred on it.
    Middle,
    /// To the left of it.
    End,
}

/// A scale of colours.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBar {
    /// What it measures.
    pub label: String,
    /// The values at its ends.
    pub range: (f64, f64),
    /// Whether equal steps are equal factors.
    pub log: bool,
    /// Whether it shows [`Paint::ScaleLine`] rather than [`Paint::Scale`].
    pub lines: bool,
}
