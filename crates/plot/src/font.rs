//! The font within: measures for the layout, outlines for PNG. A machine without fonts draws the same picture.

use std::sync::OnceLock;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// DejaVu Sans, reduced to Latin, Greek, arrows and mathematics; its licence is beside it.
static FONT: &[u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");

fn face() -> Option<&'static Face<'static>> {
    static FACE: OnceLock<Option<Face<'static>>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(FONT, 0).ok()).as_ref()
}

fn advance(face: &Face, c: char) -> (GlyphId, f64) {
    let glyph = face.glyph_index(c).unwrap_or(GlyphId(0));
    let units = f64::from(face.units_per_em());
    (glyph, face.glyph_hor_advance(glyph).map_or(0.6, |a| f64::from(a) / units))
}

/// Width of a line of text in ems.
pub(crate) fn width(text: &str) -> f64 {
    match face() {
        Some(face) => text.chars().map(|c| advance(face, c).1).sum(),
        None => 0.6 * text.chars().count() as f64,
    }
}

/// Draws a line of text from the origin of its baseline, in ems with y upwards.
pub(crate) fn outline(text: &str, sink: &mut dyn Outline) {
    let Some(face) = face() else { return };
    let mut pen = Pen { x: 0.0, scale: 1.0 / f32::from(face.units_per_em()), sink };
    for c in text.chars() {
        let (glyph, step) = advance(face, c);
        face.outline_glyph(glyph, &mut pen);
        pen.x += step as f32;
    }
}

/// Receives outlines.
pub(crate) trait Outline {
    fn move_to(&mut self, x: f32, y: f32);
    fn line_to(&mut self, x: f32, y: f32);
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32);
    fn close(&mut self);
}

struct Pen<'s> {
    x: f32,
    scale: f32,
    sink: &'s mut dyn Outline,
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.sink.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.sink.line_to(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.sink.quad_to(x1, y1, x, y);
    }
    // TrueType outlines are quadratic; a cubic would come from a font of another kind and is approximated.
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.sink.quad_to(0.5 * (x1 + x2), 0.5 * (y1 + y2), x, y);
    }
    fn close(&mut self) {
        self.sink.close();
    }
}
