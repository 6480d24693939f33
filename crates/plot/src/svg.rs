//! Drawings as SVG 1.1: text as text, words for screen readers, the same bytes for the same figure.

use crate::drawing::{Drawing, Item, Pen, Point};
use crate::figure::{Anchor, Figure};
use crate::layout::layout;
use std::fmt::Write;

impl Figure {
    /// The figure as a document of SVG.
    ///
    /// `data-plot` (left, top, right, bottom in pixels), `data-x` and `data-y` (the ranges of the axes) on the root
    /// say how pixels and values correspond, for a page that moves things upon the picture.
    pub fn svg(&self) -> String {
        let laid = layout(self);
        let plot = [laid.plot.left, laid.plot.top, laid.plot.right, laid.plot.bottom].map(number).join(" ");
        let extent = |r: (f64, f64)| format!("{:?} {:?}", r.0, r.1);
        let data = format!(
            " data-plot=\"{plot}\" data-x=\"{}\" data-y=\"{}\"",
            extent(self.x.range),
            extent(self.y.range)
        );
        write(&laid.drawing, &data)
    }
}

fn write(drawing: &Drawing, data: &str) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let (w, h) = (number(drawing.width), number(drawing.height));
    // Several pictures may stand on one page: their ids differ where their words do.
    let id = format!("agnesi-{:08x}", hash(&[&drawing.title, "\n", &drawing.description]) as u32);
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"{data} \
         stroke-linejoin=\"round\" stroke-linecap=\"round\" font-family=\"'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif\">"
    );
    let _ = writeln!(out, "<title id=\"{id}-t\">{}</title>", escape(&drawing.title));
    let _ = writeln!(out, "<desc id=\"{id}-d\">{}</desc>", escape(&drawing.description));
    let _ = writeln!(out, "<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>", drawing.ground.to_hex());
    for group in &drawing.groups {
        if group.items.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<g class=\"{}\" aria-hidden=\"true\">", group.class);
        for item in &group.items {
            write_item(&mut out, item);
        }
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn write_item(out: &mut String, item: &Item) {
    let _ = match item {
        Item::Path { lines, closed, fill, stroke } => {
            out.push_str("<path d=\"");
            for line in lines {
                write_line(out, line, *closed);
            }
            out.push('"');
            match fill {
                Some((colour, opacity)) => {
                    let _ = write!(out, " fill=\"{}\"", colour.to_hex());
                    if *opacity < 1.0 {
                        let _ = write!(out, " fill-opacity=\"{}\"", number(*opacity));
                    }
                }
                None => out.push_str(" fill=\"none\""),
            }
            write_stroke(out, stroke.as_ref());
            writeln!(out, "/>")
        }
        Item::Circle { centre, radius, fill, stroke } => {
            let _ = write!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"",
                number(centre.0),
                number(centre.1),
                number(*radius),
                fill.map_or("none".to_owned(), |f| f.to_hex())
            );
            write_stroke(out, stroke.as_ref());
            writeln!(out, "/>")
        }
        Item::Text { at, text, size, anchor, colour, halo } => {
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let rim = halo.map_or(String::new(), |h| {
                let width = number(0.28 * size);
                format!(" stroke=\"{}\" stroke-width=\"{width}\" paint-order=\"stroke\"", h.to_hex())
            });
            writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor} fill=\"{}\"{rim}>{}</text>",
                number(at.0),
                number(at.1),
                number(*size),
                colour.to_hex(),
                escape(text)
            )
        }
    };
}

/// One subpath, in coordinates relative to the point before: half the bytes of absolute ones.
fn write_line(out: &mut String, line: &[Point], closed: bool) {
    let round = |v: f64| (v * 100.0).round() as i64;
    let mut before: Option<(i64, i64)> = None;
    for p in line {
        let (x, y) = (round(p.0), round(p.1));
        let _ = match before {
            None => write!(out, "M{},{}", hundredths(x), hundredths(y)),
            Some(b) if b == (x, y) => continue,
            Some(b) => write!(out, "l{},{}", hundredths(x - b.0), hundredths(y - b.1)),
        };
        before = Some((x, y));
    }
    if closed {
        out.push('z');
    }
}

fn write_stroke(out: &mut String, stroke: Option<&Pen>) {
    let Some(pen) = stroke else { return };
    let width = number(pen.width);
    let _ = write!(out, " stroke=\"{}\" stroke-width=\"{width}\"", pen.colour.to_hex());
    let pattern = pen.dash.pattern();
    if !pattern.is_empty() {
        let lengths: Vec<String> = pattern.iter().map(|d| number(d * pen.width)).collect();
        let _ = write!(out, " stroke-linecap=\"butt\" stroke-dasharray=\"{}\"", lengths.join(" "));
    }
}

/// A number with up to two decimals.
fn number(value: f64) -> String {
    hundredths((value * 100.0).round() as i64)
}

fn hundredths(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    let (whole, part) = (n.abs() / 100, n.abs() % 100);
    match part {
        0 => format!("{sign}{whole}"),
        p if p % 10 == 0 => format!("{sign}{whole}.{}", p / 10),
        p => format!("{sign}{whole}.{p:02}"),
    }
}

/// Text for XML, without the control characters that it cannot hold.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Fowler, Noll and Vo's hash (1a): the same on every machine and version, as identical bytes require.
fn hash(parts: &[&str]) -> u64 {
    parts
        .iter()
        .flat_map(|p| p.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
