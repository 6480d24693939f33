//! The plot as a grid of characters.

use super::Terminal;
use super::glyphs::{BLANK, Cell, line_glyph, plain, symbol_glyph, weight};
use crate::colour::{Colour, Paint};
use crate::drawing::{Point, Rect};
use crate::figure::{Anchor, Dash, Figure, Shape, Symbol};
use crate::layout::{Map, base_size, segment};

/// The plot as dots, fills and symbols.
pub(super) struct Board<'f> {
    figure: &'f Figure,
    options: &'f Terminal,
    columns: usize,
    rows: usize,
    map: Map,
    /// Colours of half characters.
    fills: Vec<Option<Colour>>,
    /// Dots of each character, as in Braille.
    dots: Vec<u8>,
    colours: Vec<Option<Colour>>,
    /// The character of the last line through each place, for ASCII.
    strokes: Vec<char>,
    symbols: Vec<Option<Cell>>,
    axes: Vec<Option<char>>,
    curves: usize,
}

impl<'f> Board<'f> {
    pub fn new(figure: &'f Figure, columns: usize, rows: usize, options: &'f Terminal) -> Board<'f> {
        let (w, h) = ((2 * columns) as f64, (4 * rows) as f64);
        let mut plot = Rect { left: 0.0, top: 0.0, right: w, bottom: h };
        let sound = Map::new(plot, figure);
        if figure.equal && !figure.framed {
            // Dots are as wide as high in most fonts.
            let (x, y) = (sound.x.1 - sound.x.0, sound.y.1 - sound.y.0);
            let unit = (w / x).min(h / y);
            plot.left = 0.5 * (w - unit * x);
            plot.right = plot.left + unit * x;
            plot.top = 0.5 * (h - unit * y);
            plot.bottom = plot.top + unit * y;
        }
        let map = Map { plot, ..sound };
        let n = columns * rows;
        Board {
            figure,
            options,
            columns,
            rows,
            map,
            fills: vec![None; 2 * n],
            dots: vec![0; n],
            colours: vec![None; n],
            strokes: vec![' '; n],
            symbols: vec![None; n],
            axes: vec![None; n],
            curves: 0,
        }
    }

    /// The row of characters of a value of y.
    pub fn row(&self, y: f64) -> usize {
        let p = self.map.to((self.map.x.0, y));
        ((p.1 / 4.0) as usize).min(self.rows - 1)
    }

    pub fn axes(&mut self, y_ticks: &[(f64, String)]) {
        let (x, y) = (self.map.x, self.map.y);
        let ascii = self.options.ascii;
        let (across, up, both, tick) =
            if ascii { ('-', '|', '+', '+') } else { ('─', '│', '┼', '┤') };
        let zero = self.map.to((0.0, 0.0));
        let column =
            if x.0 <= 0.0 && x.1 >= 0.0 { ((zero.0 / 2.0) as usize).min(self.columns - 1) } else { 0 };
        let row = if y.0 <= 0.0 && y.1 >= 0.0 { self.row(0.0) } else { self.rows - 1 };
        for c in 0..self.columns {
            self.axes[row * self.columns + c] = Some(across);
        }
        for r in 0..self.rows {
            let at = r * self.columns + column;
            self.axes[at] = Some(if r == row { both } else { up });
        }
        for (value, _) in y_ticks {
            let r = self.row(*value);
            if r != row {
                self.axes[r * self.columns + column] = Some(tick);
            }
        }
    }

    pub fn mark(&mut self, shape: &Shape) {
        let theme = self.figure.theme;
        match shape {
            Shape::Lines { lines, stroke } => {
                // The grid of a surface is too fine for characters.
                if stroke.paint == Paint::Faint {
                    return;
                }
                let glyph = line_glyph(shape, stroke.paint, self.curves);
                if let Paint::Series(_) = stroke.paint {
                    self.curves += 1;
                }
                for line in lines {
                    let pixels: Vec<Point> = line.iter().map(|p| self.map.to(*p)).collect();
                    for part in self.map.plot.clip_line(&pixels) {
                        self.line(&part, theme.colour(stroke.paint), stroke.dash, glyph);
                    }
                }
            }
            Shape::Segment { at, slope, length, side, stroke } => {
                let (a, b) = segment(self.map, *at, *slope, *length, *side);
                for part in self.map.plot.clip_line(&[a, b]) {
                    let colour = theme.colour(stroke.paint);
                    self.line(&part, colour, stroke.dash, '=');
                    // Twice as thick as a curve, which tells them apart without colour.
                    let thick: Vec<Point> = part.iter().map(|p| (p.0, p.1 + 1.0)).collect();
                    self.line(&thick, colour, stroke.dash, '=');
                }
            }
            Shape::Arrow { from, to, stroke } => self.arrow(*from, *to, theme.colour(stroke.paint)),
            Shape::Bands { bands, paint } => {
                for band in bands {
                    self.band(band, theme.colour(*paint));
                }
            }
            Shape::Polygon { points, fill, opacity, .. } => {
                self.polygon(points, theme.colour(*fill), *opacity)
            }
            Shape::Markers { at, symbol, paint, radius } => {
                // A small dot of the page is a small one here.
                let small = *symbol == Symbol::Dot && *radius < 0.2 * base_size(self.figure.size.0);
                let glyph = match (small, self.options.ascii) {
                    (true, true) => '.',
                    (true, false) => '·',
                    (false, ascii) => symbol_glyph(*symbol, ascii),
                };
                for p in at {
                    let p = self.map.to(*p);
                    if self.map.plot.contains(p, 0.75) {
                        self.symbol(p, Cell { glyph, colour: Some(theme.colour(*paint)), ground: None });
                    }
                }
            }
            Shape::Label { at, text, anchor, .. } => {
                let p = self.map.to(*at);
                let words = plain(text, self.options.ascii);
                let length = words.chars().count() as f64;
                let start = match anchor {
                    Anchor::Start => p.0 / 2.0,
                    Anchor::Middle => p.0 / 2.0 - 0.5 * length,
                    Anchor::End => p.0 / 2.0 - length,
                };
                if self.map.plot.contains(p, 4.0) && start >= 0.0 && start + length <= self.columns as f64 {
                    for (k, glyph) in words.chars().enumerate() {
                        self.symbol((2.0 * (start.floor() + k as f64) + 0.5, p.1), Cell { glyph, ..BLANK });
                    }
                }
            }
        }
    }

    fn symbol(&mut self, p: Point, cell: Cell) {
        let (c, r) = ((p.0 / 2.0).max(0.0) as usize, (p.1 / 4.0).max(0.0) as usize);
        let at = r.min(self.rows - 1) * self.columns + c.min(self.columns - 1);
        self.symbols[at] = Some(cell);
    }

    fn dot(&mut self, x: i64, y: i64, colour: Colour, glyph: char) {
        if x < 0 || y < 0 || x >= 2 * self.columns as i64 || y >= 4 * self.rows as i64 {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        let at = (y / 4) * self.columns + x / 2;
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        self.dots[at] |= BITS[y % 4][x % 2];
        self.colours[at] = Some(colour);
        self.strokes[at] = glyph;
    }

    fn line(&mut self, points: &[Point], colour: Colour, dash: Dash, glyph: char) {
        let mut step = 0usize;
        for pair in points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let length = (b.0 - a.0).abs().max((b.1 - a.1).abs());
            let count = length.ceil().clamp(1.0, 20_000.0);
            for k in 0..=count as usize {
                let t = k as f64 / count;
                let drawn = match dash {
                    Dash::Solid => true,
                    Dash::Dashed => step % 6 < 4,
                    Dash::Dotted => step.is_multiple_of(3),
                    Dash::DashDot => !matches!(step % 8, 5 | 7),
                };
                let p = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
                if drawn {
                    self.dot(p.0.floor() as i64, p.1.floor() as i64, colour, glyph);
                }
                step += usize::from(k > 0);
            }
        }
    }

    fn band(&mut self, band: &[(f64, f64, f64)], colour: Colour) {
        let pixels: Vec<(f64, f64, f64)> = band
            .iter()
            .map(|b| {
                let (low, high) = (self.map.to((b.0, b.1)), self.map.to((b.0, b.2)));
                (low.0, low.1.clamp(0.0, 4.0 * self.rows as f64), high.1.clamp(0.0, 4.0 * self.rows as f64))
            })
            .collect();
        for pair in pixels.windows(2) {
            let (from, to) = (pair[0].0.floor() as i64, pair[1].0.floor() as i64);
            for x in from..=to {
                let (top, bottom) = (pair[0].2.min(pair[1].2) as i64, pair[0].1.max(pair[1].1) as i64);
                for y in top..=bottom {
                    // Every other dot, as a grey.
                    if (x + y) % 2 == 0 {
                        self.dot(x, y, colour, '#');
                    }
                }
            }
        }
    }

    fn arrow(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour) {
        let (a, b) = (self.map.to(from), self.map.to(to));
        if !self.map.plot.contains(a, 40.0) || !self.map.plot.contains(b, 40.0) {
            return;
        }
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        // Eight directions say enough at this size; longer ones get a shaft.
        let heads = if self.options.ascii {
            ['>', '/', '^', '\\', '<', '/', 'v', '\\']
        } else {
            ['→', '↗', '↑', '↖', '←', '↙', '↓', '↘']
        };
        let eighth = ((-dy).atan2(dx) / std::f64::consts::FRAC_PI_4).round() as i64;
        let glyph = heads[eighth.rem_euclid(8) as usize];
        if dx.hypot(dy) > 7.0 {
            for part in self.map.plot.clip_line(&[a, b]) {
                self.line(&part, colour, Dash::Solid, '.');
            }
        }
        let at = if dx.hypot(dy) > 7.0 { b } else { (0.5 * (a.0 + b.0), 0.5 * (a.1 + b.1)) };
        if self.map.plot.contains(at, 0.5) {
            self.symbol(at, Cell { glyph, colour: Some(colour), ground: None });
        }
    }

    /// Fills half characters whose centres lie within, a line of halves at a time.
    fn polygon(&mut self, points: &[(f64, f64)], fill: Colour, opacity: f64) {
        let pixels: Vec<Point> = points.iter().map(|p| self.map.to(*p)).collect();
        let (mut top, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
        for p in &pixels {
            (top, bottom) = (top.min(p.1), bottom.max(p.1));
        }
        let first = (top / 2.0).floor().max(0.0) as usize;
        let last = ((bottom / 2.0).ceil().max(0.0) as usize).min(2 * self.rows);
        for half in first..last {
            let y = 2.0 * half as f64 + 1.0;
            let mut crossings: Vec<f64> = Vec::new();
            for (i, b) in pixels.iter().enumerate() {
                let a = pixels[if i == 0 { pixels.len() - 1 } else { i - 1 }];
                if (a.1 <= y) != (b.1 <= y) {
                    crossings.push(a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let from = (pair[0] / 2.0 - 0.5).ceil().max(0.0) as usize;
                let to = ((pair[1] / 2.0 - 0.5).floor() + 1.0).max(0.0) as usize;
                for c in from..to.min(self.columns) {
                    let at = half * self.columns + c;
                    if opacity >= 1.0 {
                        // What was drawn before lies behind.
                        let cell = (half / 2) * self.columns + c;
                        self.dots[cell] &= if half % 2 == 0 { !0x1B } else { !0xE4 };
                    }
                    let under = self.fills[at];
                    self.fills[at] = Some(under.map_or(fill, |u| u.mix(fill, opacity)));
                }
            }
        }
    }

    /// The characters, row by row.
    pub fn cells(self) -> Vec<Vec<Cell>> {
        let axis = self.figure.theme.colour(Paint::Guide);
        let cell = |c: usize, r: usize| {
            let at = r * self.columns + c;
            let (upper, lower) =
                (self.fills[2 * r * self.columns + c], self.fills[(2 * r + 1) * self.columns + c]);
            let ground = match (upper, lower) {
                (Some(a), Some(b)) => Some(a.mix(b, 0.5)),
                (a, b) => a.or(b),
            };
            let tinted = ground.filter(|_| self.options.colour);
            if let Some(symbol) = self.symbols[at] {
                // Words upon a fill have to stand out from it.
                let dark = tinted.is_some_and(|g| g.luminance() > 0.25);
                let colour =
                    symbol.colour.or(tinted.map(|_| Colour::hex(if dark { 0x000000 } else { 0xFFFFFF })));
                return Cell { ground: tinted, colour, ..symbol };
            }
            if self.dots[at] != 0 {
                let braille = char::from_u32(0x2800 + u32::from(self.dots[at])).unwrap_or('*');
                let glyph = if self.options.ascii { self.strokes[at] } else { braille };
                return Cell { glyph, colour: self.colours[at], ground: tinted };
            }
            if let Some(ground) = ground {
                return match (self.options.colour, self.options.ascii) {
                    (false, _) => Cell { glyph: weight(ground), ..BLANK },
                    (true, true) => Cell { glyph: ' ', colour: None, ground: Some(ground) },
                    (true, false) => match (upper, lower) {
                        (Some(a), None) => Cell { glyph: '▀', colour: Some(a), ground: None },
                        (None, Some(b)) => Cell { glyph: '▄', colour: Some(b), ground: None },
                        _ => Cell { glyph: '▀', colour: upper, ground: lower },
                    },
                };
            }
            self.axes[at].map_or(BLANK, |glyph| Cell { glyph, colour: Some(axis), ground: None })
        };
        (0..self.rows).map(|r| (0..self.columns).map(|c| cell(c, r)).collect()).collect()
    }
}
