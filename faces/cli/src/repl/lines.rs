//! Lines that belong together: a statement goes on until its brackets are closed.

/// Lines that wait for a closing bracket.
#[derive(Default)]
pub struct Gathered {
    text: String,
}

impl Gathered {
    /// Adds a line. Returns the statement if it is complete.
    pub fn push(&mut self, line: &str) -> Option<String> {
        self.text += line;
        if self.text.trim_start().starts_with(':') || !is_open(&self.text) { self.rest() } else { None }
    }

    /// What waits, complete or not.
    pub fn rest(&mut self) -> Option<String> {
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then_some(text)
    }
}

/// Whether a bracket is open at the end, or the last line ends in a backslash.
pub fn is_open(text: &str) -> bool {
    let mut depth = 0i64;
    let mut comment = false;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '\n' => (comment, quoted) = (false, false),
            '"' if !comment => quoted = !quoted,
            '#' if !quoted => comment = true,
            '(' | '[' | '{' if !comment && !quoted => depth += 1,
            ')' | ']' | '}' if !comment && !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_go_on_until_brackets_close() {
        let mut lines = Gathered::default();
        assert_eq!(lines.push("f(x) = x^2\n").as_deref(), Some("f(x) = x^2\n"));
        assert_eq!(lines.push("sin(\n"), None);
        assert_eq!(lines.push("  x)\n").as_deref(), Some("sin(\n  x)\n"));
        assert_eq!(
            lines.push("x # an open ( in a comment\n").as_deref(),
            Some("x # an open ( in a comment\n")
        );
        assert_eq!(lines.push(":diff sin(x\n").as_deref(), Some(":diff sin(x\n"));
        assert_eq!(lines.push("x)\n").as_deref(), Some("x)\n"), "too many are for the parser to refuse");
        assert_eq!(lines.push("(1,"), None);
        assert_eq!(lines.rest().as_deref(), Some("(1,"));
        assert_eq!(lines.rest(), None);
    }
}
