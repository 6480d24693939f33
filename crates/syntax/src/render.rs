//! Diagnostics as people read them: the line, the place under it, the reason and what to write instead.

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use crate::{Diagnostic, Severity, Span};

/// Lines longer than this are cut to a window around the place.
const WIDEST: usize = 140;
/// Of a cut line, so many characters before the place and so many behind its beginning are shown.
const BEFORE: usize = 50;
const BEHIND: usize = 80;
/// Labels further than this from the first one are not shown: nobody reads so many lines.
const MOST_LINES: usize = 40;

/// A diagnostic in rustc's layout, without a line end behind it. `origin` is what the text is called, such as a file's
/// path.
///
/// Spans past the end of the text or inside a character are moved to the nearest place that exists, and long lines are
/// cut, so that the output stays small whatever the source.
pub fn render(diagnostic: &Diagnostic, source: &str, origin: &str, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Note => Level::NOTE,
    };
    let mut title = level.primary_title(diagnostic.message.as_str());
    if diagnostic.is_error() {
        title = title.id(diagnostic.code.as_str());
    }
    let mut group = annotate_snippets::Group::with_title(title);
    if let Some(excerpt) = Excerpt::new(diagnostic, source) {
        let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line);
        if excerpt.cut {
            // The snippet would count columns in the window.
            let place = Origin::path(origin).line(excerpt.line).char_column(excerpt.column);
            group = group.element(Element::Origin(place));
        } else {
            snippet = snippet.path(origin);
        }
        for (at, (start, end, text)) in excerpt.labels.into_iter().enumerate() {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(start..end);
            snippet = snippet.annotation(if text.is_empty() {
                annotation
            } else {
                annotation.label(text.to_string())
            });
        }
        group = group.element(snippet);
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The part of a source that is shown, and the labels in it.
struct Excerpt<'d> {
    text: String,
    /// The number of the first line shown.
    first_line: usize,
    /// Where the main label stands in the whole source, in lines and characters.
    line: usize,
    column: usize,
    /// Whether a line was cut to a window.
    cut: bool,
    /// Byte ranges in `text`.
    labels: Vec<(usize, usize, &'d str)>,
}

impl<'d> Excerpt<'d> {
    fn new(diagnostic: &'d Diagnostic, source: &str) -> Option<Excerpt<'d>> {
        let clamped: Vec<(usize, usize, &str)> = diagnostic
            .labels
            .iter()
            .map(|label| {
                let (start, end) = clamp(label.span, source);
                (start, end, label.text.as_str())
            })
            .collect();
        let &(main, _, _) = clamped.first()?;
        let main_line = line_start(source, main);
        // The lines from the first label's beginning to the last one's end, none too far from the main one.
        let mut first = main_line;
        let mut last = line_end(source, main);
        let near =
            |from: usize, to: usize| source[from..to].bytes().filter(|&b| b == b'\n').count() <= MOST_LINES;
        for &(start, end, _) in &clamped {
            if start < first && near(start, main) {
                first = line_start(source, start);
            }
            let end_line = line_end(source, end);
            if end_line > last && near(main.min(end), end) {
                last = end_line;
            }
        }
        let mut text = String::new();
        let mut labels: Vec<(usize, usize, &str)> = clamped
            .iter()
            .filter(|(start, ..)| (first..=last).contains(start))
            .map(|l| (0, 0, l.2))
            .collect();
        let shown: Vec<(usize, usize)> = clamped
            .iter()
            .filter(|(start, ..)| (first..=last).contains(start))
            .map(|&(start, end, _)| (start, end.min(last)))
            .collect();
        let mut at = first;
        let mut cut = false;
        loop {
            let end = line_end(source, at);
            let window = window(source, at, end, &shown);
            let shift = text.len();
            let cut_left = window.0 > at;
            cut |= cut_left;
            if cut_left {
                text.push('…');
            }
            let body = text.len();
            text.push_str(&source[window.0..window.1]);
            let body_end = text.len();
            if window.1 < end {
                text.push('…');
            }
            // A place on this line, moved into the window.
            let place = |byte: usize| {
                if byte < window.0 {
                    if cut_left { shift } else { body }
                } else {
                    (body + (byte - window.0)).min(body_end)
                }
            };
            for (label, &(from, to)) in labels.iter_mut().zip(&shown) {
                if (at..=end).contains(&from) {
                    label.0 = place(from);
                    label.1 = label.0;
                }
                if (at..=end).contains(&to) {
                    label.1 = place(to).max(label.0);
                }
            }
            if end >= last {
                break;
            }
            text.push('\n');
            at = end + 1;
        }
        Some(Excerpt {
            text,
            first_line: 1 + source[..first].bytes().filter(|&b| b == b'\n').count(),
            line: 1 + source[..main].bytes().filter(|&b| b == b'\n').count(),
            column: 1 + source[main_line..main].chars().count(),
            cut,
            labels,
        })
    }
}

/// The nearest range that lies in the source and between characters.
fn clamp(span: Span, source: &str) -> (usize, usize) {
    let mut start = (span.start as usize).min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, source.len());
    while !source.is_char_boundary(end) {
        end += 1;
    }
    (start, end)
}

fn line_start(source: &str, at: usize) -> usize {
    source[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(source: &str, at: usize) -> usize {
    source[at..].find('\n').map_or(source.len(), |newline| at + newline)
}

/// The part of a line that is shown.
fn window(source: &str, start: usize, end: usize, labels: &[(usize, usize)]) -> (usize, usize) {
    let line = &source[start..end];
    if line.len() <= WIDEST || line.chars().nth(WIDEST).is_none() {
        return (start, end);
    }
    // The place on this line that matters most: where a label begins, else where one ends.
    let on_line = |at: &usize| (start..=end).contains(at);
    let focus = labels
        .iter()
        .map(|l| l.0)
        .find(on_line)
        .or_else(|| labels.iter().map(|l| l.1).find(on_line))
        .unwrap_or(start);
    let from = source[start..focus].char_indices().rev().nth(BEFORE - 1).map_or(start, |(at, _)| start + at);
    let to = source[focus..end].char_indices().nth(BEHIND).map_or(end, |(at, _)| focus + at);
    (from, to)
}
