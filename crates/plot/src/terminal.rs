//! Figures as text: dots of Braille, or plain ASCII, with axes, ticks and legend; in colour where that is wanted.
//!
//! The figure is drawn on a grid of 2 by 4 dots a character. Filled shapes colour the halves of a character, or
//! become characters of growing weight without colour. Lines stand upon fills, symbols and words upon lines.

mod board;
mod glyphs;

use crate::colour::{Colour, Paint};
use crate::figure::Figure;
use crate::ticks::ticks;
use board::Board;
use glyphs::{BLANK, Cell, centred, full, key, plain, text, weight, write_at};

/// How to draw in a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns available, at least 20.
    pub width: usize,
    /// Lines available, at least 6; title, ticks and legend take some of them.
    pub height: usize,
    /// Whether ANSI colours (of the palette of 256) are written.
    pub colour: bool,
    /// Whether only ASCII is written.
    pub ascii: bool,
}

impl Default for Terminal {
    /// 80 columns, 24 lines, without colour, with Braille.
    fn default() -> Terminal {
        Terminal { width: 80, height: 24, colour: false, ascii: false }
    }
}

impl Figure {
    /// The figure as lines of text, each ended by a line feed and none longer than the width.
    ///
    /// Make the figure with [`crate::scene::Canvas::terminal`], so that functions are sampled as finely as the dots.
    pub fn terminal(&self, options: &Terminal) -> String {
        let (width, height) = (options.width.clamp(20, 1000), options.height.clamp(6, 1000));
        let mut lines: Vec<Vec<Cell>> = Vec::new();
        if !self.title.is_empty() {
            lines.push(centred(&plain(&self.title, options.ascii), width));
        }
        let below = self.below(options, width);
        let rows = height.saturating_sub(lines.len() + below.len() + usize::from(self.framed)).max(3);
        let rows_of_ticks = ticks(self.y.range, (rows / 3).clamp(2, 8));
        let gutter = if self.framed {
            let widest = rows_of_ticks.marks.iter().map(|t| t.1.chars().count()).max().unwrap_or(0);
            (widest + 1).min(width / 3)
        } else {
            0
        };
        let columns = width - gutter;
        let mut board = Board::new(self, columns, rows, options);
        if self.framed {
            board.axes(&rows_of_ticks.marks);
        }
        for mark in &self.marks {
            board.mark(&mark.shape);
        }
        let named: Vec<(usize, String)> =
            rows_of_ticks.marks.iter().map(|t| (board.row(t.0), plain(&t.1, options.ascii))).collect();
        let factor = plain(&rows_of_ticks.factor, options.ascii);
        for (row, cells) in board.cells().into_iter().enumerate() {
            let label = if self.framed { named.iter().find(|n| n.0 == row).map_or("", |n| &n.1) } else { "" };
            let mut line = text(&format!("{label:>0$}", gutter.saturating_sub(1)));
            line.truncate(gutter.saturating_sub(1));
            line.resize(gutter, BLANK);
            line.extend(cells);
            if row == 0 && self.framed && !factor.is_empty() {
                write_at(&mut line, gutter, &factor);
            }
            lines.push(line);
        }
        if self.framed {
            lines.push(self.tick_line(gutter, columns, options));
        }
        lines.extend(below);
        render(&lines, options)
    }

    /// The labels under the horizontal axis, its name at the end.
    fn tick_line(&self, gutter: usize, columns: usize, options: &Terminal) -> Vec<Cell> {
        let mut line = vec![BLANK; gutter + columns];
        let found = ticks(self.x.range, (columns / 12).clamp(2, 10));
        let name = plain(format!("{} {}", self.x.label, found.factor).trim(), options.ascii);
        let from = (gutter + columns).saturating_sub(name.chars().count());
        write_at(&mut line, from, &name);
        for (value, label) in found.marks {
            let label = plain(&label, options.ascii);
            let share = (value - self.x.range.0) / (self.x.range.1 - self.x.range.0);
            let centre = gutter as f64 + share * columns as f64;
            let length = label.chars().count();
            let start = (centre - 0.5 * length as f64).round().max(0.0) as usize;
            let start = start.min((gutter + columns).saturating_sub(length));
            // A label that would touch another, or the name, is left out.
            let around = start.saturating_sub(1)..(start + length + 1).min(line.len());
            if line[around].iter().all(|c| c.glyph == ' ') {
                write_at(&mut line, start, &label);
            }
        }
        line
    }

    /// Legend and notes.
    fn below(&self, options: &Terminal, width: usize) -> Vec<Vec<Cell>> {
        let mut lines: Vec<Vec<Cell>> = Vec::new();
        let mut current: Vec<Cell> = Vec::new();
        for (i, mark) in self.marks.iter().enumerate() {
            let Some(words) = &mark.legend else { continue };
            let (key, paint) = key(&mark.shape, options.ascii, self.order(i));
            let colour = self.theme.colour(paint);
            let mut entry: Vec<Cell> =
                key.chars().map(|glyph| Cell { glyph, colour: Some(colour), ground: None }).collect();
            entry.push(BLANK);
            entry.extend(text(&plain(words, options.ascii)));
            entry.truncate(width);
            if !current.is_empty() && current.len() + 3 + entry.len() > width {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.extend([BLANK; 3]);
            }
            current.extend(entry);
        }
        lines.extend(Some(current).filter(|c| !c.is_empty()));
        if let Some(bar) = &self.bar {
            lines.push(self.bar_line(bar, options, width));
        }
        for note in &self.notes {
            let mut line = text(&plain(note, options.ascii));
            line.truncate(width);
            lines.push(line);
        }
        lines
    }

    fn bar_line(&self, bar: &crate::figure::ColourBar, options: &Terminal, width: usize) -> Vec<Cell> {
        let number = |v| plain(&crate::ticks::number(v, 4), options.ascii);
        let label = plain(&bar.label, options.ascii);
        let mut line = text(format!("{label} {} ", number(bar.range.0)).trim_start());
        let last = text(&format!(" {}", number(bar.range.1)));
        let steps = width.saturating_sub(line.len() + last.len()).min(16);
        for i in 0..steps {
            let t = (i as f64 + 0.5) / steps as f64;
            let paint = if bar.lines { Paint::ScaleLine(t) } else { Paint::Scale(t) };
            let colour = self.theme.colour(paint);
            let glyph = if options.colour { full(options.ascii) } else { weight(colour) };
            line.push(Cell { glyph, colour: Some(colour), ground: None });
        }
        line.extend(last);
        line.truncate(width);
        line
    }

    /// Which of the curves a mark is.
    fn order(&self, mark: usize) -> usize {
        self.marks[..mark].iter().filter(|m| m.class == "curve").count()
    }
}

/// The nearest of the palette of 256 colours.
fn index(c: Colour) -> u8 {
    let level = |v: u8| if v < 48 { 0 } else { ((u16::from(v) - 35) / 40).min(5) as u8 };
    let value = |l: u8| if l == 0 { 0i32 } else { 55 + 40 * i32::from(l) };
    let (r, g, b) = (level(c.r), level(c.g), level(c.b));
    let grey = ((u16::from(c.r) + u16::from(c.g) + u16::from(c.b)) / 3).clamp(8, 238);
    let grey_step = ((grey - 8) / 10) as u8;
    let grey_value = 8 + 10 * i32::from(grey_step);
    let distance = |x: i32, y: i32, z: i32| {
        (x - i32::from(c.r)).pow(2) + (y - i32::from(c.g)).pow(2) + (z - i32::from(c.b)).pow(2)
    };
    if distance(grey_value, grey_value, grey_value) < distance(value(r), value(g), value(b)) {
        232 + grey_step
    } else {
        16 + 36 * r + 6 * g + b
    }
}

fn render(lines: &[Vec<Cell>], options: &Terminal) -> String {
    let mut out = String::new();
    for line in lines {
        let seen = |c: &Cell| c.glyph != ' ' && c.glyph != '\u{2800}' || options.colour && c.ground.is_some();
        let end = line.iter().rposition(seen).map_or(0, |i| i + 1);
        let mut current = (None, None);
        for cell in &line[..end] {
            if options.colour {
                let wanted = (cell.colour.filter(|_| cell.glyph != ' ').map(index), cell.ground.map(index));
                if wanted != current && (cell.glyph != ' ' || wanted.1 != current.1) {
                    let mut codes: Vec<String> = Vec::new();
                    if wanted.0.is_none() && current.0.is_some() || wanted.1.is_none() && current.1.is_some()
                    {
                        codes.push("0".to_owned());
                    }
                    codes.extend(wanted.0.map(|i| format!("38;5;{i}")));
                    codes.extend(wanted.1.map(|i| format!("48;5;{i}")));
                    out.push_str(&format!("\x1b[{}m", codes.join(";")));
                    current = wanted;
                }
            }
            out.push(cell.glyph);
        }
        if current != (None, None) {
            out.push_str("\x1b[0m");
        }
        out.push('\n');
    }
    out
}
