//! Tokens as text again, with the way back from places in the text to tokens.

/// A token, or a bracket.
#[derive(Clone, Debug)]
pub struct Piece {
    /// As it is written.
    pub text: String,
    /// Line and column of its first character.
    pub start: (usize, usize),
    /// Line and column behind its last character.
    pub end: (usize, usize),
    /// Whether the next token follows without a blank, where the places do not say.
    pub joint: bool,
}

/// What is wrong, and from which to which piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub pieces: (usize, usize),
}

/// Text of some pieces that stand side by side.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pub text: String,
    /// Where each piece begins and ends in the text.
    places: Vec<(usize, usize)>,
    /// The number of the first piece among all.
    first: usize,
}

impl Text {
    /// The pieces from one to before another, with the blanks that stand between them; a line's end is a blank.
    ///
    /// A lone string stands for its content.
    pub fn of(all: &[Piece], from: usize, to: usize) -> Text {
        let mut made = Text { first: from, ..Text::default() };
        if let [one] = &all[from..to]
            && let Some(content) = content(&one.text)
        {
            made.text = content.to_owned();
            made.places.push((0, content.len()));
            return made;
        }
        for at in from..to {
            let piece = &all[at];
            if at > from {
                let blanks = blanks(&all[at - 1], piece);
                made.text.extend(std::iter::repeat_n(' ', blanks));
            }
            let start = made.text.len();
            made.text.push_str(piece.text.strip_prefix("r#").unwrap_or(&piece.text));
            made.places.push((start, made.text.len()));
        }
        made
    }

    /// The pieces that a part of the text touches.
    pub fn pieces(&self, start: usize, end: usize) -> (usize, usize) {
        let last = self.places.len().saturating_sub(1);
        let from = self.places.iter().position(|place| place.1 > start).unwrap_or(last);
        let to = self.places.iter().rposition(|place| place.0 < end.max(start + 1)).unwrap_or(last);
        (self.first + from, self.first + to.max(from))
    }

    /// All of them.
    pub fn all(&self) -> (usize, usize) {
        (self.first, self.first + self.places.len().saturating_sub(1))
    }
}

/// How many blanks stand between two pieces.
fn blanks(before: &Piece, after: &Piece) -> usize {
    if before.end.0 == after.start.0 && after.start.1 >= before.end.1 {
        // Text that comes out of another macro may stand far apart.
        (after.start.1 - before.end.1).min(8)
    } else if after.start.0 > before.end.0 {
        1
    } else {
        // Out of order: pieces of different texts.
        usize::from(!before.joint && !matches!(after.text.as_str(), "(" | "[" | ")" | "]" | ","))
    }
}

/// What stands between the quotes of a string without escapes.
fn content(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return (!inner.contains('\\')).then_some(inner);
    }
    text.strip_prefix('r')?.trim_matches('#').strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Text cut roughly as Rust cuts it.
    pub fn cut(text: &str) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut quoted = false;
        for (line, row) in text.lines().enumerate() {
            for (column, c) in row.char_indices() {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let goes_on = pieces.last().is_some_and(|p| {
                    p.end == (line, column) && (quoted || word(c) && p.text.chars().all(word))
                });
                if quoted && !goes_on {
                    unreachable!("strings of tests stand on one line");
                }
                if c == ' ' && !quoted {
                    continue;
                }
                if !goes_on {
                    let start = (line, column);
                    pieces.push(Piece { text: String::new(), start, end: start, joint: false });
                }
                if let Some(piece) = pieces.last_mut() {
                    piece.text.push(c);
                    piece.end = (line, column + c.len_utf8());
                }
                quoted ^= c == '"';
            }
        }
        pieces
    }

    #[test]
    fn blanks_are_those_of_the_source() {
        for text in ["100(y-x^2)^2 + 2 x", "sin 2x cos x", "sum(i in 1..9, x[i+1] - x[i])", "a .* b"] {
            let pieces = cut(text);
            assert_eq!(Text::of(&pieces, 0, pieces.len()).text, text);
        }
        let pieces = cut("a\n  + b");
        assert_eq!(Text::of(&pieces, 0, pieces.len()).text, "a + b");
    }

    #[test]
    fn places_lead_back() {
        let pieces = cut("f(x) = 2x + qq");
        let text = Text::of(&pieces, 5, pieces.len());
        assert_eq!(text.text, "2x + qq");
        assert_eq!(text.pieces(5, 7), (7, 7));
        assert_eq!(text.pieces(0, 4), (5, 6));
        assert_eq!(text.pieces(7, 7), (7, 7));
    }

    #[test]
    fn strings_stand_for_their_content() {
        let pieces = cut("\"x'*x\"");
        let text = Text::of(&pieces, 0, 1);
        assert_eq!(text.text, "x'*x");
        assert_eq!(text.pieces(2, 3), (0, 0));
        assert_eq!(content("r#\"a\"#"), Some("a"));
        assert_eq!(content("\"a\\n\""), None);
        assert_eq!(content("2.0"), None);
    }

    #[test]
    fn without_places_tokens_decide() {
        let far = |text: &str, joint| Piece { text: text.into(), start: (1, 1), end: (1, 2), joint };
        let pieces = [far("f", false), far("(", true), far("x", false), far(")", false), far("y", false)];
        assert_eq!(Text::of(&pieces, 0, 5).text, "f(x) y");
    }
}
