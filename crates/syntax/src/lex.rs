//! Text to tokens: a lexer over bytes that knows brackets, so that line ends inside them are gone.

use crate::Span;
use crate::spelling::{continues_name, keyword, subscript, superscript};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum T {
    /// The end of the text.
    Eof,
    /// The end of a statement: a newline or `;` outside brackets.
    End,
    /// `;` inside brackets.
    Row,
    Number,
    Name,
    Text,
    Comma,
    Colon,
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    /// `|`; a norm's `||` is two of them.
    Bar,
    /// `‖`.
    Norm,
    Plus,
    Minus,
    Star,
    Slash,
    Cross,
    DotStar,
    DotSlash,
    Caret,
    DotCaret,
    /// `**`, read as `^`.
    StarStar,
    /// `²`, `⁻¹`, `ⁿ`.
    Super,
    /// `⁺` or `⁻` alone, as in `x → 0⁺`.
    SuperSign,
    Prime,
    Bang,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    EqualEqual,
    NotEqual,
    Equal,
    Arrow,
    FatArrow,
    Tilde,
    DotDot,
    Sqrt,
    Cbrt,
    Nabla,
    Partial,
    Integral,
    If,
    Then,
    Else,
    Where,
    For,
    In,
    And,
    Or,
    Not,
    /// A string without its end.
    OpenText,
    /// A number with two points.
    BadNumber,
    /// A character that is no part of the notation.
    Stray,
}

/// White space stood before the token.
pub(crate) const SPACE: u8 = 1;
/// On an opening bracket: a comma stands directly inside, and something behind it. On a comma: it is the first of its
/// bracket.
pub(crate) const COMMA: u8 = 2;
/// On an opening bracket: `=` follows the closing one.
pub(crate) const DEFINES: u8 = 4;
/// On a name: its text is not the source's (`π`, `x₁`, `∞`).
pub(crate) const RESPELT: u8 = 8;
/// On an end: it was a line's end, not a `;`.
pub(crate) const LINE: u8 = 16;

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: T,
    pub(crate) flags: u8,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Token {
    pub(crate) fn span(self) -> Span {
        Span { start: self.start, end: self.end }
    }

    pub(crate) fn spaced(self) -> bool {
        self.flags & SPACE != 0
    }
}

/// The tokens of a text, and what a parser asks about all of them.
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// Whether any `where` occurs.
    pub(crate) has_where: bool,
}

/// Reads a text of less than 4 GiB into tokens; the last one is [`T::Eof`]. Comments go to `comments`, where given.
pub(crate) fn lex(text: &str, comments: Option<&mut Vec<Span>>) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tokens: Vec::with_capacity(text.len() / 2 + 8),
        open: Vec::new(),
        closed: None,
        flags: 0,
        comments,
        has_where: false,
    };
    lexer.run();
    Lexed { tokens: lexer.tokens, has_where: lexer.has_where }
}

struct Lexer<'t, 'c> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tokens: Vec<Token>,
    /// The tokens that opened the brackets we are in.
    open: Vec<u32>,
    /// The last closing bracket and the opening one that it closed.
    closed: Option<(u32, u32)>,
    flags: u8,
    comments: Option<&'c mut Vec<Span>>,
    has_where: bool,
}

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const BLANK: u8 = 3;
const MARK: u8 = 4;

const CLASS: [u8; 128] = classes();

const fn classes() -> [u8; 128] {
    let mut table = [OTHER; 128];
    let mut b = 0;
    while b < 128 {
        table[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LETTER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\r' | 0x0b | 0x0c => BLANK,
            0x21..=0x7e => MARK,
            _ => OTHER,
        };
        b += 1;
    }
    table
}

impl Lexer<'_, '_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: T, start: usize) {
        let token = Token { kind, flags: self.flags, start: start as u32, end: self.at as u32 };
        self.flags = 0;
        self.tokens.push(token);
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            let start = self.at;
            let b = self.bytes[start];
            if b >= 128 {
                self.wide();
                continue;
            }
            match CLASS[b as usize] {
                BLANK => {
                    self.at += 1;
                    self.flags = SPACE;
                }
                LETTER => self.name(),
                DIGIT => self.number(),
                MARK => self.mark(b),
                _ if b == b'\n' => {
                    self.at += 1;
                    self.line_end(start);
                }
                _ => {
                    self.at += 1;
                    self.push(T::Stray, start);
                }
            }
        }
        let end = self.at;
        self.push(T::Eof, end);
    }

    /// A newline ends a statement unless it stands in brackets or the line cannot be over.
    fn line_end(&mut self, start: usize) {
        let ends = self.open.is_empty()
            && match self.tokens.last() {
                None => false,
                Some(last) => !matches!(
                    last.kind,
                    T::End
                        | T::Comma
                        | T::Plus
                        | T::Minus
                        | T::Star
                        | T::Slash
                        | T::Cross
                        | T::DotStar
                        | T::DotSlash
                        | T::Caret
                        | T::DotCaret
                        | T::Less
                        | T::LessEqual
                        | T::Greater
                        | T::GreaterEqual
                        | T::EqualEqual
                        | T::NotEqual
                        | T::Equal
                        | T::Arrow
                        | T::DotDot
                        | T::Then
                        | T::Else
                        | T::Where
                        | T::For
                        | T::In
                        | T::And
                        | T::Or
                        | T::Not
                        | T::If
                ),
            };
        if ends {
            self.flags = LINE;
            self.push(T::End, start);
        }
        self.flags = SPACE;
    }

    fn name(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        while at < self.bytes.len() {
            let b = self.bytes[at];
            if b >= 128 {
                let wide = self.text[at..].chars().next();
                if wide.is_some_and(|c| subscript(c).is_some() || continues_name(c)) {
                    self.at = at;
                    return self.wide_name(start);
                }
                break;
            }
            if !matches!(CLASS[b as usize], LETTER | DIGIT) {
                break;
            }
            at += 1;
        }
        self.at = at;
        let kind = keyword(&self.bytes[start..at]);
        if kind != T::Name {
            self.has_where |= kind == T::Where;
            if matches!(kind, T::Where | T::Then | T::Else | T::For | T::And | T::Or) {
                // These cannot begin a statement: the line before goes on.
                while matches!(self.tokens.last(), Some(t) if t.kind == T::End && t.flags & LINE != 0) {
                    self.tokens.pop();
                }
            }
        }
        self.push(kind, start);
    }

    /// A name with letters beyond ASCII; `self.at` is after what is known to belong to it.
    fn wide_name(&mut self, start: usize) {
        let mut respelt = false;
        for c in self.text[self.at..].chars() {
            if subscript(c).is_some() {
                respelt = true;
            } else if !continues_name(c) {
                break;
            }
            respelt |= matches!(c, 'π' | '\u{b5}' | '\u{2126}');
            self.at += c.len_utf8();
        }
        if respelt {
            self.flags |= RESPELT;
        }
        self.push(T::Name, start);
    }

    fn number(&mut self) {
        let start = self.at;
        self.digits();
        if self.byte(self.at) == b'.' && !matches!(self.byte(self.at + 1), b'.' | b'*' | b'/' | b'^' | b'\'')
        {
            self.at += 1;
            self.digits();
        }
        if self.byte(self.at) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(self.at + 1), b'+' | b'-'));
            if self.byte(self.at + 1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.digits();
            }
        }
        let mut kind = T::Number;
        while self.byte(self.at) == b'.' && self.byte(self.at + 1).is_ascii_digit() {
            kind = T::BadNumber;
            self.at += 1;
            self.digits();
        }
        self.push(kind, start);
    }

    /// Digits, which single `_` between digits may group.
    fn digits(&mut self) {
        loop {
            let mut at = self.at;
            while at < self.bytes.len() && self.bytes[at].is_ascii_digit() {
                at += 1;
            }
            self.at = at;
            let groups = self.byte(at) == b'_'
                && at > 0
                && self.bytes[at - 1].is_ascii_digit()
                && self.byte(at + 1).is_ascii_digit();
            if !groups {
                break;
            }
            self.at += 1;
        }
    }

    fn mark(&mut self, b: u8) {
        let start = self.at;
        let next = self.byte(start + 1);
        let (kind, len) = match b {
            b'(' => (T::LParen, 1),
            b')' => (T::RParen, 1),
            b'[' => (T::LBracket, 1),
            b']' => (T::RBracket, 1),
            b'{' => (T::LBrace, 1),
            b'}' => (T::RBrace, 1),
            b',' => (T::Comma, 1),
            b'+' => (T::Plus, 1),
            b'-' if next == b'>' => (T::Arrow, 2),
            b'-' => (T::Minus, 1),
            b'*' if next == b'*' => (T::StarStar, 2),
            b'*' => (T::Star, 1),
            b'/' => (T::Slash, 1),
            b'^' => (T::Caret, 1),
            b'|' => (T::Bar, 1),
            b'\'' => (T::Prime, 1),
            b'!' if next == b'=' && self.byte(start + 2) != b'=' => (T::NotEqual, 2),
            b'!' => (T::Bang, 1),
            b'<' if next == b'=' => (T::LessEqual, 2),
            b'<' if next == b'>' => (T::NotEqual, 2),
            b'<' => (T::Less, 1),
            b'>' if next == b'=' => (T::GreaterEqual, 2),
            b'>' => (T::Greater, 1),
            b'=' if next == b'=' => (T::EqualEqual, 2),
            b'=' if next == b'>' => (T::FatArrow, 2),
            b'=' => (T::Equal, 1),
            b':' if next == b'=' => (T::Equal, 2),
            b':' => (T::Colon, 1),
            b';' if self.open.is_empty() => (T::End, 1),
            b';' => (T::Row, 1),
            b'.' if next.is_ascii_digit() => return self.number(),
            b'.' if next == b'.' && self.byte(start + 2) == b'.' => (T::DotDot, 3),
            b'.' if next == b'.' => (T::DotDot, 2),
            b'.' if next == b'*' => (T::DotStar, 2),
            b'.' if next == b'/' => (T::DotSlash, 2),
            b'.' if next == b'^' => (T::DotCaret, 2),
            b'.' if next == b'\'' => (T::Prime, 2),
            b'~' => (T::Tilde, 1),
            b'&' if next == b'&' => (T::And, 2),
            b'"' => return self.string(),
            b'#' => return self.comment(),
            _ => (T::Stray, 1),
        };
        self.at = start + len;
        match kind {
            T::LParen | T::LBracket | T::LBrace => self.open.push(self.tokens.len() as u32),
            T::RParen | T::RBracket | T::RBrace => {
                if let Some(open) = self.open.pop() {
                    self.closed = Some((self.tokens.len() as u32, open));
                    // `m(x,)` lists no more than `m(x)`.
                    if matches!(self.tokens.last(), Some(t) if t.kind == T::Comma && t.flags & COMMA != 0) {
                        self.tokens[open as usize].flags &= !COMMA;
                    }
                }
            }
            T::Comma => {
                if let Some(&open) = self.open.last() {
                    let bracket = &mut self.tokens[open as usize].flags;
                    self.flags |= COMMA & !*bracket;
                    *bracket |= COMMA;
                }
            }
            T::Equal => {
                if let Some((close, open)) = self.closed
                    && close as usize + 1 == self.tokens.len()
                {
                    self.tokens[open as usize].flags |= DEFINES;
                }
            }
            T::End if matches!(self.tokens.last(), Some(t) if t.kind == T::End && t.flags & LINE != 0) => {
                self.tokens.pop();
            }
            _ => {}
        }
        self.push(kind, start);
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut kind = T::OpenText;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    kind = T::Text;
                    break;
                }
                b'\n' => break,
                // What follows a backslash may be a wide character; its later bytes are never `"` or `\`.
                b'\\' if self.byte(self.at + 1) != b'\n' => self.at = (self.at + 2).min(self.bytes.len()),
                _ => self.at += 1,
            }
        }
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        self.push(kind, start);
    }

    fn comment(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
        if let Some(comments) = &mut self.comments {
            comments.push(Span::new(start, self.at));
        }
    }

    /// A token that begins with a character beyond ASCII.
    fn wide(&mut self) {
        let start = self.at;
        let Some(c) = self.text[start..].chars().next() else { return };
        self.at += c.len_utf8();
        let kind = match c {
            '·' | '⋅' | '∗' | '∙' | '⋆' => T::Star,
            '×' | '⨯' => T::Cross,
            '÷' | '∕' | '⁄' => T::Slash,
            '−' | '–' | '﹣' => T::Minus,
            '⊙' => T::DotStar,
            '≤' | '⩽' => T::LessEqual,
            '≥' | '⩾' => T::GreaterEqual,
            '≠' => T::NotEqual,
            '→' | '⟶' => T::Arrow,
            '⇒' => T::FatArrow,
            '≈' => T::Tilde,
            '…' | '‥' => T::DotDot,
            '∈' => T::In,
            '∧' => T::And,
            '∨' => T::Or,
            '¬' => T::Not,
            '‖' | '∥' => T::Norm,
            '√' => T::Sqrt,
            '∛' => T::Cbrt,
            '∇' => T::Nabla,
            '∂' => T::Partial,
            '∫' => T::Integral,
            '′' | '’' | 'ᵀ' | '⊤' => T::Prime,
            '″' => {
                // Two primes on one place.
                self.push(T::Prime, start);
                T::Prime
            }
            '∞' | '∑' | '∏' => {
                self.flags |= RESPELT;
                T::Name
            }
            // Byte-order mark, zero-width space and joiners, invisible operators.
            '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' => return,
            _ if superscript(c).is_some() => return self.superscript(start),
            _ if subscript(c).is_some() || continues_name(c) => {
                self.at = start;
                return self.wide_name(start);
            }
            _ if c.is_whitespace() => {
                self.flags = SPACE;
                return;
            }
            _ => T::Stray,
        };
        self.push(kind, start);
    }

    fn superscript(&mut self, start: usize) {
        self.at = start;
        let mut len = 0;
        let mut sign = false;
        for c in self.text[start..].chars() {
            let Some(plain) = superscript(c) else { break };
            // A sign only begins, and `ⁿ` stands alone.
            if len > 0 && !(plain.is_ascii_digit() || (plain == 'n' && sign && len == 1)) {
                break;
            }
            sign |= matches!(plain, '+' | '-');
            len += 1;
            self.at += c.len_utf8();
            if plain.is_ascii_alphabetic() {
                break;
            }
        }
        let kind = if sign && len == 1 { T::SuperSign } else { T::Super };
        self.push(kind, start);
    }
}
