//! Characters: for lines, symbols and fills, and for words where there is only ASCII.

use crate::colour::{Colour, Paint};
use crate::figure::{Dash, Shape, Symbol};

/// One character with its colours.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub glyph: char,
    pub colour: Option<Colour>,
    pub ground: Option<Colour>,
}

/// Nothing.
pub(super) const BLANK: Cell = Cell { glyph: ' ', colour: None, ground: None };

pub(super) fn full(ascii: bool) -> char {
    if ascii { '#' } else { '█' }
}

/// The sample of a mark in the legend, and its colour.
pub(super) fn key(shape: &Shape, ascii: bool, order: usize) -> (String, Paint) {
    match shape {
        Shape::Lines { stroke, .. } | Shape::Segment { stroke, .. } | Shape::Arrow { stroke, .. } => {
            let glyph = line_glyph(shape, stroke.paint, order);
            let braille = match stroke.dash {
                _ if matches!(shape, Shape::Arrow { .. }) => "⠤⠤>",
                _ if matches!(shape, Shape::Segment { .. }) => "⠶⠶⠶",
                Dash::Solid => "⠤⠤⠤",
                Dash::Dashed => "⠤ ⠤",
                Dash::Dotted => "⠄⠄⠄",
                Dash::DashDot => "⠤⠄⠤",
            };
            (if ascii { glyph.to_string().repeat(3) } else { braille.to_owned() }, stroke.paint)
        }
        Shape::Bands { paint, .. } => (full(ascii).to_string().repeat(2), *paint),
        Shape::Polygon { fill, .. } => (full(ascii).to_string().repeat(2), *fill),
        Shape::Markers { symbol, paint, .. } => (symbol_glyph(*symbol, ascii).to_string(), *paint),
        Shape::Label { paint, .. } => (String::new(), *paint),
    }
}

pub(super) fn symbol_glyph(symbol: Symbol, ascii: bool) -> char {
    match (symbol, ascii) {
        (Symbol::Cross, true) => 'X',
        (Symbol::Ring, true) => 'o',
        (Symbol::Dot, true) => '@',
        (Symbol::Cross, false) => '✕',
        (Symbol::Ring, false) => '○',
        (Symbol::Dot, false) => '●',
    }
}

/// The character of a line where there is no Braille.
pub(super) fn line_glyph(shape: &Shape, paint: Paint, order: usize) -> char {
    match paint {
        Paint::Tangent => '=',
        Paint::Taylor => '~',
        Paint::Guide => ':',
        Paint::Faint => '.',
        Paint::Series(_) => ['*', '+', '%', '&', '$', '?'][order % 6],
        _ if matches!(shape, Shape::Arrow { .. }) => '>',
        _ => '*',
    }
}

/// A character as heavy as a colour is bright, for fills without colour.
pub(super) fn weight(colour: Colour) -> char {
    const RAMP: [char; 9] = ['.', ':', '-', '=', '+', '*', '#', '%', '@'];
    RAMP[((colour.luminance().sqrt() * 9.6 - 0.9).max(0.0) as usize).min(8)]
}

/// Replaces what ASCII lacks.
pub(super) fn plain(text: &str, ascii: bool) -> String {
    // Control characters in a label must not reach the terminal.
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    if !ascii {
        return clean.collect();
    }
    let mut out = String::new();
    let mut raised = false;
    for c in clean {
        let digit = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|d| d == c).and_then(|d| char::from_digit(d as u32, 10));
        let exponent = digit.or((c == '⁻').then_some('-'));
        if exponent.is_some() && !raised {
            out.push('^');
        }
        raised = exponent.is_some();
        match exponent.unwrap_or(c) {
            '−' | '–' => out.push('-'),
            '×' | '·' => out.push('*'),
            '…' => out.push_str("..."),
            '∇' => out.push_str("grad "),
            '√' => out.push_str("sqrt"),
            'π' => out.push_str("pi"),
            '∞' => out.push_str("inf"),
            c if c.is_ascii() => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

pub(super) fn text(words: &str) -> Vec<Cell> {
    words.chars().map(|glyph| Cell { glyph, ..BLANK }).collect()
}

pub(super) fn centred(words: &str, width: usize) -> Vec<Cell> {
    let mut cells = text(words);
    if cells.len() > width {
        cells.truncate(width.saturating_sub(1));
        cells.push(Cell { glyph: if words.is_ascii() { '~' } else { '…' }, ..BLANK });
    }
    let mut line = vec![BLANK; (width - cells.len()) / 2];
    line.extend(cells);
    line
}

pub(super) fn write_at(line: &mut [Cell], from: usize, words: &str) {
    for (cell, glyph) in line.iter_mut().skip(from).zip(words.chars()) {
        *cell = Cell { glyph, ..BLANK };
    }
}
