//! Brackets and bars: `(x)`, `(a, b)`, `[1, 2; 3, 4]`, `[x[i] for i in 1..n]`, `|x|`, `‖x‖`.

use super::expression::LOOSEST;
use super::{Parser, Place, errors};
use crate::lex::{T, Token};
use crate::{Kind, TreeId};

impl Parser<'_> {
    /// Takes the closing bracket of `open`, or says that it is missing.
    pub(super) fn close(&mut self, open: Token) {
        if self.failed {
            return;
        }
        let token = self.token();
        if token.kind == closing(open.kind) {
            self.bump();
            return;
        }
        let error = match token.kind {
            T::Eof | T::End => errors::unclosed(self.source(open), open.span(), token.span()),
            T::RParen | T::RBracket | T::RBrace => {
                errors::mismatched(self.source(open), self.source(token), open.span(), token.span())
            }
            _ => errors::unexpected(self.text, self.before(), token, Some(self.source(open)))
                .with_label(open.span(), "inside this bracket"),
        };
        self.error(error);
    }

    /// `(x)`, `(a, b)`, `{x}`.
    pub(super) fn paren(&mut self) -> TreeId {
        let open = self.bump();
        if open.kind == T::LBrace {
            self.note(errors::braces(open.span()));
        }
        let close = closing(open.kind);
        if self.kind() == close {
            let span = open.span().to(self.token().span());
            self.error(errors::empty_brackets(span));
            return self.missing();
        }
        let place = self.place;
        self.place = Place { equal: place.equal, ..Place::default() };
        let base = self.scratch.len();
        let first = self.expr(LOOSEST);
        let mut tuple = false;
        if self.kind() == T::Comma && !self.failed {
            tuple = true;
            self.scratch.push(first);
            while self.eat(T::Comma) && self.kind() != close && !self.failed {
                let next = self.expr(LOOSEST);
                self.scratch.push(next);
            }
        }
        self.close(open);
        self.place = place;
        if tuple {
            let list = self.tree.list(&self.scratch[base..]);
            self.scratch.truncate(base);
            let span = self.since(open.span());
            return self.tree.push(Kind::Tuple(list), span);
        }
        if self.kind() == T::LParen
            && let Kind::Derivative { body, .. } = self.tree.kind(first)
            && let Kind::Name(_) = self.tree.kind(*body)
        {
            // `(d/dx f)(3)`: the derivative at a place.
            return self.call(first);
        }
        first
    }

    /// `[1, 2]`, `[1, 2; 3, 4]`, `[x[i] for i in 1..n]`.
    pub(super) fn vector(&mut self) -> TreeId {
        let open = self.bump();
        let place = std::mem::replace(&mut self.place, Place { square: true, ..Place::default() });
        let base = self.scratch.len();
        let id = self.entries(open, base);
        self.scratch.truncate(base);
        self.place = place;
        id
    }

    fn entries(&mut self, open: Token, base: usize) -> TreeId {
        // Rows already finished stand in the scratch list from `base`, entries of this row behind them.
        let mut rows = 0;
        let mut row_start = self.token();
        loop {
            let first = base + rows;
            while !matches!(self.kind(), T::RBracket | T::Row) && !self.failed {
                let entry = self.expr(LOOSEST);
                if self.kind() == T::For && rows == 0 && self.scratch.len() == base && !self.failed {
                    return self.comprehension(open, entry);
                }
                self.scratch.push(entry);
                if !self.eat(T::Comma) {
                    break;
                }
            }
            let list = self.tree.list(&self.scratch[first..]);
            self.scratch.truncate(first);
            if self.kind() == T::Row && !self.failed {
                if list.is_empty() {
                    self.error(errors::empty_row(self.token().span()));
                    continue;
                }
                let span = self.since(row_start.span());
                let row = self.tree.push(Kind::Vector(list), span);
                self.scratch.push(row);
                rows += 1;
                self.bump();
                row_start = self.token();
                continue;
            }
            if rows == 0 {
                self.close(open);
                let span = self.since(open.span());
                return self.tree.push(Kind::Vector(list), span);
            }
            if !list.is_empty() {
                let span = self.since(row_start.span());
                let row = self.tree.push(Kind::Vector(list), span);
                self.scratch.push(row);
            }
            self.close(open);
            let all = self.tree.list(&self.scratch[base..]);
            let span = self.since(open.span());
            return self.tree.push(Kind::Matrix(all), span);
        }
    }

    fn comprehension(&mut self, open: Token, body: TreeId) -> TreeId {
        self.bump();
        let base = self.scratch.len();
        self.binders();
        let binders = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        self.close(open);
        let span = self.since(open.span());
        self.tree.push(Kind::Comprehension { body, binders }, span)
    }

    /// `|x|` is abs, `‖x‖` and `||x||` are norm2.
    pub(super) fn bars(&mut self) -> TreeId {
        let open = self.bump();
        let double =
            open.kind == T::Bar && self.kind() == T::Bar && !self.token().spaced() && self.pairs_later();
        if double {
            self.bump();
        }
        let norm = double || open.kind == T::Norm;
        let place = std::mem::replace(&mut self.place, Place { bar: !norm, norm, ..Place::default() });
        let inner = self.expr(LOOSEST);
        self.place = place;
        let closed = match open.kind {
            T::Norm => self.kind() == T::Norm,
            _ if double => self.kind() == T::Bar && self.peek(1).kind == T::Bar,
            _ => self.kind() == T::Bar,
        };
        if !closed && !self.failed {
            let written = if double { "||" } else { self.source(open) };
            let error = match self.kind() {
                T::Eof | T::End | T::RParen | T::RBracket | T::Comma | T::Row => {
                    errors::unclosed(written, open.span(), self.token().span())
                }
                _ => errors::unexpected(self.text, self.before(), self.token(), Some(written)),
            };
            self.error(error);
        }
        if !self.failed {
            self.bump();
            if double {
                self.bump();
            }
        }
        let span = self.since(open.span());
        self.call_named(if norm { "norm2" } else { "abs" }, open.span(), &[inner], span)
    }

    /// Whether two bars side by side come before long, at this depth of brackets: then `||` here opens a norm.
    fn pairs_later(&self) -> bool {
        let mut depth = 0;
        for ahead in 1..256 {
            let token = self.peek(ahead);
            match token.kind {
                T::LParen | T::LBracket | T::LBrace => depth += 1,
                T::RParen | T::RBracket | T::RBrace if depth == 0 => return false,
                T::RParen | T::RBracket | T::RBrace => depth -= 1,
                T::Eof | T::End => return false,
                T::Bar if depth == 0 && ahead > 1 => {
                    let next = self.peek(ahead + 1);
                    if next.kind == T::Bar && !next.spaced() {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// The closing bracket of an opening one.
pub(super) fn closing(open: T) -> T {
    match open {
        T::LBracket => T::RBracket,
        T::LBrace => T::RBrace,
        _ => T::RParen,
    }
}
