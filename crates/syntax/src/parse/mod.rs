//! The parser: tokens to a [`Tree`] by operator precedence (Pratt), with diagnostics instead of failure.
//!
//! Recursion is counted and bounded by [`Limits::depth`]; chains such as `a + b + c` and `--x` are loops. After the
//! first error of a statement nothing more is said about it: one message that is right beats five that follow from it.

mod brackets;
mod calculus;
mod errors;
mod expression;
mod primary;
mod scope;
mod statement;

use smol_str::SmolStr;

use crate::lex::{self, T, Token};
use crate::spelling;
use crate::{Code, Diagnostic, Kind, Names, Span, Tree, TreeId};
use scope::Scope;

/// How much text is read, and how deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of text.
    pub bytes: usize,
    /// The deepest nesting of brackets, exponents, signs and functions.
    pub depth: usize,
}

impl Default for Limits {
    /// 1 MiB and 256.
    fn default() -> Limits {
        Limits { bytes: 1 << 20, depth: 256 }
    }
}

/// What was read: always a tree, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The arena.
    pub tree: Tree,
    /// The statements in order; what could not be read is [`Kind::Missing`].
    pub statements: Vec<TreeId>,
    /// Errors and notes, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// One expression that was read.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The arena.
    pub tree: Tree,
    /// The expression; [`Kind::Missing`] if there is none.
    pub root: TreeId,
    /// Errors and notes.
    pub diagnostics: Vec<Diagnostic>,
}

impl Expression {
    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads a text of statements within the default [`Limits`]. Never fails and never panics.
pub fn parse(text: &str, names: &dyn Names) -> Parsed {
    parse_within(text, names, Limits::default())
}

/// Reads a text of statements within limits; beyond them stands a diagnostic with [`Code::Limit`].
pub fn parse_within(text: &str, names: &dyn Names, limits: Limits) -> Parsed {
    let bytes = limits.bytes.min(u32::MAX as usize - 1);
    if text.len() > bytes {
        return Parsed {
            tree: Tree::new(),
            statements: Vec::new(),
            diagnostics: vec![errors::too_long(text.len(), bytes)],
        };
    }
    let mut parser = Parser::new(text, names, limits);
    let statements = parser.statements();
    Parsed { tree: parser.tree, statements, diagnostics: parser.diagnostics }
}

/// Reads exactly one expression within the default [`Limits`]: definitions and further statements are errors.
pub fn parse_expression(text: &str, names: &dyn Names) -> Expression {
    let Parsed { mut tree, statements, mut diagnostics } = parse(text, names);
    let ok = !diagnostics.iter().any(Diagnostic::is_error);
    let root = match statements.as_slice() {
        [] => {
            if ok {
                diagnostics.push(errors::empty(text.len()));
            }
            tree.push(Kind::Missing, Span::default())
        }
        [one] => *one,
        [one, second, ..] => {
            if ok {
                diagnostics.push(errors::several(tree.span(*second)));
            }
            *one
        }
    };
    if ok && let Some(error) = errors::no_expression(&tree, root) {
        diagnostics.push(error);
    }
    Expression { tree, root, diagnostics }
}

/// What the place inside the text allows; entering brackets clears it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Inside `|…|`: the next `|` closes.
    bar: bool,
    /// Inside `‖…‖`: the next one closes.
    norm: bool,
    /// `=` compares: inside conditions and equations.
    equal: bool,
    /// Behind `->`: a sign before the end of the argument is a side.
    arrow: bool,
    /// Inside `∫ … dx`: `dx` ends.
    integrand: bool,
    /// Inside `solve`, `minimize` and `function`: `over`, `subject` and `with` end.
    clauses: bool,
    /// Directly inside `[…]`: names side by side may have been meant as entries.
    square: bool,
}

/// Notes and errors past these numbers are dropped.
const MOST_NOTES: usize = 50;
const MOST_ERRORS: usize = 50;

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    has_where: bool,
    tree: Tree,
    scope: Scope<'t>,
    diagnostics: Vec<Diagnostic>,
    notes: usize,
    errors: usize,
    /// Operands of lists under construction, so that a list needs no vector of its own.
    scratch: Vec<TreeId>,
    depth: usize,
    limits: Limits,
    place: Place,
    /// An error was reported in this statement: say nothing more and unwind.
    failed: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, names: &'t dyn Names, limits: Limits) -> Parser<'t> {
        let lexed = lex::lex(text, None);
        let tree = Tree::with_capacity(lexed.tokens.len());
        Parser {
            text,
            tokens: lexed.tokens,
            at: 0,
            has_where: lexed.has_where,
            tree,
            scope: Scope::new(names),
            diagnostics: Vec::new(),
            notes: 0,
            errors: 0,
            scratch: Vec::new(),
            depth: 0,
            limits,
            place: Place::default(),
            failed: false,
        }
    }

    /// The current token. There always is one: the last is [`T::Eof`] and is never passed.
    #[inline]
    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    #[inline]
    fn kind(&self) -> T {
        self.tokens[self.at].kind
    }

    fn peek(&self, ahead: usize) -> Token {
        self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    #[inline]
    fn bump(&mut self) -> Token {
        let token = self.tokens[self.at];
        if token.kind != T::Eof {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: T) -> bool {
        let there = self.kind() == kind;
        if there {
            self.bump();
        }
        there
    }

    /// The token before the current one.
    fn before(&self) -> Option<Token> {
        self.at.checked_sub(1).map(|at| self.tokens[at])
    }

    /// The source text of a token.
    fn source(&self, token: Token) -> &'t str {
        &self.text[token.start as usize..token.end as usize]
    }

    /// The name that a token spells.
    fn spelt(&self, token: Token) -> SmolStr {
        let written = self.source(token);
        if token.flags & lex::RESPELT != 0 { spelling::respell(written) } else { spelling::small(written) }
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == T::Name && self.source(token) == word
    }

    fn missing(&mut self) -> TreeId {
        let at = self.token().span();
        self.tree.push(Kind::Missing, Span { start: at.start, end: at.start })
    }

    /// Reports an error; the rest of the statement is skipped in silence.
    fn error(&mut self, diagnostic: Diagnostic) {
        if !self.failed && self.errors < MOST_ERRORS {
            self.diagnostics.push(diagnostic);
            self.errors += 1;
        }
        self.failed = true;
    }

    fn note(&mut self, diagnostic: Diagnostic) {
        // The same is said once.
        let said = |d: &Diagnostic| !d.is_error() && d.message == diagnostic.message;
        if !self.failed && self.notes < MOST_NOTES && !self.diagnostics.iter().any(said) {
            self.diagnostics.push(diagnostic);
            self.notes += 1;
        }
    }

    /// Counts one level of nesting; false past the limit, when reading stops.
    #[inline]
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth <= self.limits.depth {
            return true;
        }
        self.too_deep();
        false
    }

    #[inline(never)]
    fn too_deep(&mut self) {
        let span = self.token().span();
        self.error(errors::too_deep(span, self.limits.depth));
    }
}

/// A diagnostic with code [`Code::Syntax`].
fn syntax(message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::Syntax, message, span, label)
}
