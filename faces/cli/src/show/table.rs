//! Rows of a label and a text, aligned; and small tables of numbers.

use super::palette::Palette;

/// Labels stand in a column of this width.
const LABEL: usize = 14;

/// Rows of a label and a text.
pub struct Rows {
    paint: Palette,
    width: Option<usize>,
    out: String,
}

impl Rows {
    /// No rows yet; formulas are wrapped at `width` where there is one.
    pub fn new(paint: Palette, width: Option<usize>) -> Rows {
        Rows { paint, width, out: String::new() }
    }

    /// A formula under its label.
    pub fn formula(&mut self, label: &str, text: &str) {
        let paint = self.paint;
        self.row(label, text, |line| paint.formula(line));
    }

    /// A text under its label.
    pub fn plain(&mut self, label: &str, text: impl AsRef<str>) {
        self.row(label, text.as_ref(), str::to_string);
    }

    /// A text that is painted already, and not wrapped.
    pub fn painted(&mut self, label: &str, text: &str) {
        self.label(label);
        self.out += text;
        self.out.push('\n');
    }

    /// What stands aside, under its label.
    pub fn aside(&mut self, label: &str, text: &str) {
        let paint = self.paint;
        self.row(label, text, |line| paint.aside(line));
    }

    /// A line of its own.
    pub fn line(&mut self, text: &str) {
        self.out += text;
        self.out.push('\n');
    }

    /// An empty line, but not at the beginning.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn label(&mut self, label: &str) {
        self.out += &self.paint.label(label);
        let used = label.chars().count();
        self.out += &" ".repeat(LABEL.saturating_sub(used).max(1));
    }

    fn row(&mut self, label: &str, text: &str, paint: impl Fn(&str) -> String) {
        self.label(label);
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(LABEL).max(20));
        for (number, line) in text.lines().flat_map(|line| wrapped(line, room)).enumerate() {
            if number > 0 {
                self.out += &" ".repeat(LABEL);
            }
            self.out += &paint(line);
            self.out.push('\n');
        }
        if text.is_empty() {
            self.out.push('\n');
        }
    }

    /// The rows so far, and none any more.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// The rows.
    pub fn finish(self) -> String {
        self.out
    }
}

/// Pieces of a line no longer than `room` characters, broken at blanks.
fn wrapped(line: &str, room: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = line;
    while rest.chars().count() > room {
        let limit = rest.char_indices().nth(room).map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let Some(at) = rest[..limit].rfind(' ').filter(|&at| at > 0) else { break };
        out.push(rest[..at].trim_end());
        rest = rest[at..].trim_start();
    }
    out.push(rest);
    out
}

/// Columns of texts, the first to the left and the others with their points aligned where they can be.
pub fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                if column > 0 {
                    line += "  ";
                }
                line += cell;
                line += &" ".repeat(widths[column] - cell.chars().count());
            }
            line.trim_end().to_string()
        })
        .collect()
}

/// At most so many significant digits, without zeros behind.
pub fn short(value: f64, digits: usize) -> String {
    use agnesi::protocol::Number;
    if !value.is_finite() || value == 0.0 {
        return Number(value).to_string();
    }
    let rounded: f64 = format!("{:.*e}", digits.saturating_sub(1), value).parse().unwrap_or(value);
    Number(rounded).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrapped("a + b + c", 5), ["a + b", "+ c"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abcdefgh"]);
        assert_eq!(wrapped("∂x + ∂y", 4), ["∂x +", "∂y"]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(1.0 / 3.0, 6), "0.333333");
        assert_eq!(short(2.0, 6), "2");
        assert_eq!(short(-1.5e-9, 6), "-1.5e-9");
        assert_eq!(short(f64::NAN, 6), "nan");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let rows = vec![vec!["a".to_string(), "1".into()], vec!["∂f/∂x".to_string(), "22".into()]];
        assert_eq!(columns(&rows), ["a      1", "∂f/∂x  22"]);
    }
}
