//! Drawings as PNG: rasterised by tiny-skia, with the font that lies within.

use crate::colour::Colour;
use crate::drawing::{Drawing, Item, Pen, Point};
use crate::figure::{Anchor, Figure};
use crate::font;
use crate::layout::layout;
use std::fmt;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

/// The widest and highest picture that is made.
const MOST_PIXELS: f64 = 16_384.0;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum PngError {
    /// It would be larger than 16384 pixels in a direction, or is empty.
    Size {
        /// The width that was asked for.
        width: f64,
        /// The height that was asked for.
        height: f64,
    },
    /// The encoder failed.
    Encoding,
}

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            PngError::Size { width, height } => {
                write!(
                    f,
                    "a picture of {width} by {height} pixels: the most is {MOST_PIXELS} in each direction"
                )
            }
            PngError::Encoding => f.write_str("the picture could not be encoded as PNG"),
        }
    }
}

impl std::error::Error for PngError {}

impl Figure {
    /// The figure as a PNG file of `scale` times its size in pixels; 2 or 3 for print.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>, PngError> {
        let drawing = layout(self).drawing;
        let (width, height) = ((drawing.width * scale).round(), (drawing.height * scale).round());
        let possible = |v: f64| (1.0..=MOST_PIXELS).contains(&v);
        let size = PngError::Size { width, height };
        if !possible(width) || !possible(height) {
            return Err(size);
        }
        let mut canvas = Pixmap::new(width as u32, height as u32).ok_or(size)?;
        canvas.fill(colour(drawing.ground, 1.0));
        paint(&mut canvas, &drawing, Transform::from_scale(scale as f32, scale as f32));
        canvas.encode_png().map_err(|_| PngError::Encoding)
    }
}

fn colour(c: Colour, opacity: f64) -> Color {
    let mut colour = Color::from_rgba8(c.r, c.g, c.b, 255);
    colour.set_alpha(opacity as f32);
    colour
}

fn ink(c: Colour, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(c, opacity));
    paint.anti_alias = true;
    paint
}

fn paint(canvas: &mut Pixmap, drawing: &Drawing, transform: Transform) {
    for item in drawing.groups.iter().flat_map(|g| &g.items) {
        match item {
            Item::Path { lines, closed, fill, stroke } => {
                if let Some(path) = path(lines, *closed) {
                    draw(canvas, &path, *fill, stroke.as_ref(), transform);
                }
            }
            Item::Circle { centre, radius, fill, stroke } => {
                let (x, y, r) = (centre.0 as f32, centre.1 as f32, *radius as f32);
                let circle = Rect::from_xywh(x - r, y - r, 2.0 * r, 2.0 * r).and_then(PathBuilder::from_oval);
                if let Some(path) = circle {
                    draw(canvas, &path, fill.map(|f| (f, 1.0)), stroke.as_ref(), transform);
                }
            }
            Item::Text { at, text, size, anchor, colour, halo } => {
                let width = font::width(text) * size;
                let left = match anchor {
                    Anchor::Start => at.0,
                    Anchor::Middle => at.0 - 0.5 * width,
                    Anchor::End => at.0 - width,
                };
                let mut glyphs = Glyphs(PathBuilder::new());
                font::outline(text, &mut glyphs);
                let Some(path) = glyphs.0.finish() else { continue };
                let em = *size as f32;
                let place = Transform::from_row(em, 0.0, 0.0, -em, left as f32, at.1 as f32);
                let Some(path) = path.transform(place) else { continue };
                if let Some(rim) = halo {
                    let pen = Pen { colour: *rim, width: 0.28 * size, dash: crate::figure::Dash::Solid };
                    draw(canvas, &path, None, Some(&pen), transform);
                }
                draw(canvas, &path, Some((*colour, 1.0)), None, transform);
            }
        }
    }
}

fn draw(
    canvas: &mut Pixmap,
    path: &Path,
    fill: Option<(Colour, f64)>,
    stroke: Option<&Pen>,
    transform: Transform,
) {
    if let Some((c, opacity)) = fill {
        canvas.fill_path(path, &ink(c, opacity), FillRule::Winding, transform, None);
    }
    if let Some(pen) = stroke {
        let pattern = pen.dash.pattern();
        let lengths = pattern.iter().map(|d| (d * pen.width) as f32).collect();
        let dash = if pattern.is_empty() { None } else { StrokeDash::new(lengths, 0.0) };
        let line_cap = if dash.is_some() { LineCap::Butt } else { LineCap::Round };
        let width = pen.width as f32;
        let stroke = Stroke { width, line_cap, line_join: LineJoin::Round, dash, ..Stroke::default() };
        canvas.stroke_path(path, &ink(pen.colour, 1.0), &stroke, transform, None);
    }
}

fn path(lines: &[Vec<Point>], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for line in lines {
        let mut points = line.iter().map(|p| (p.0 as f32, p.1 as f32));
        if let Some((x, y)) = points.next() {
            builder.move_to(x, y);
        }
        for (x, y) in points {
            builder.line_to(x, y);
        }
        if closed {
            builder.close();
        }
    }
    builder.finish()
}

/// Outlines of text, gathered into one path.
struct Glyphs(PathBuilder);

impl font::Outline for Glyphs {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}
