//! Operators by binding power.

use super::{Parser, errors};
use crate::lex::{self, T};
use crate::spelling;
use crate::{Binary, Kind, NameKind, Prefix, Relation, Side, Span, TreeId};

/// Binding powers, loosest first, as NOTATION.md lists them.
pub(super) const LOOSEST: u8 = 0;
const WHERE: u8 = 1;
const ARROW: u8 = 2;
/// Inside `where`: neither arrows nor another `where`.
pub(super) const PLAIN: u8 = 3;
const OR: u8 = 4;
const AND: u8 = 6;
const NOT: u8 = 8;
const COMPARE: u8 = 10;
const RANGE: u8 = 12;
const ADD: u8 = 14;
pub(super) const MUL: u8 = 16;
const PREFIX: u8 = 18;
pub(super) const POW: u8 = 20;

impl Parser<'_> {
    /// An expression whose operators bind at least as tightly as `min`.
    pub(super) fn expr(&mut self, min: u8) -> TreeId {
        let token = self.token();
        if matches!(token.kind, T::Number | T::Name) && self.stands_alone(token, min) {
            self.bump();
            return if token.kind == T::Name {
                self.name_node(token)
            } else {
                let text = spelling::number_text(self.source(token));
                self.tree.push(Kind::Number(text), token.span())
            };
        }
        if !self.enter() {
            return self.missing();
        }
        let left = match self.kind() {
            T::Plus | T::Minus | T::Not => self.prefix(),
            _ => self.operand(),
        };
        let whole = self.infix(left, min);
        self.depth -= 1;
        whole
    }

    /// Whether nothing that follows a name or number can belong to it: the short way for most of all operands.
    #[inline]
    fn stands_alone(&self, token: lex::Token, min: u8) -> bool {
        let next = self.tokens[self.at + 1];
        let power = match next.kind {
            T::RParen | T::RBracket | T::Comma | T::End | T::Eof => return !self.failed,
            T::Plus => ADD,
            // `sin -x` is a call, `d/dx` no quotient.
            T::Minus if !next.spaced() || token.kind == T::Number => ADD,
            T::Star => MUL,
            T::Slash if token.kind == T::Number || self.bytes()[token.start as usize] != b'd' => MUL,
            _ => return false,
        };
        power < min && !self.failed
    }

    fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// A value and what binds tightest behind it.
    fn operand(&mut self) -> TreeId {
        let first = self.primary();
        self.postfix(first)
    }

    /// Signs and `not` before an operand: a loop, so that `----x` costs no stack.
    #[inline(never)]
    fn prefix(&mut self) -> TreeId {
        let first = self.at;
        let not = self.kind() == T::Not;
        while matches!(self.kind(), T::Plus | T::Minus | T::Not) && (self.kind() == T::Not) == not {
            self.bump();
        }
        let signs = self.at - first;
        if self.depth + signs > self.limits.depth {
            self.at = first + self.limits.depth.saturating_sub(self.depth);
            self.too_deep();
            return self.missing();
        }
        self.depth += signs;
        let min = if not { NOT } else { PREFIX };
        let mut inner = self.expr(min);
        self.depth -= signs;
        for at in (first..first + signs).rev() {
            let token = self.tokens[at];
            let op = match token.kind {
                T::Minus => Prefix::Neg,
                T::Plus => Prefix::Plus,
                _ => Prefix::Not,
            };
            let span = token.span().to(self.tree.span(inner));
            inner = self.tree.push(Kind::Prefix(op, inner), span);
        }
        inner
    }

    /// What binds tighter than `^`: indices, primes, `!`, and powers in superscript.
    pub(super) fn postfix(&mut self, mut base: TreeId) -> TreeId {
        loop {
            match self.kind() {
                T::LBracket => {
                    // `2[1, 2]` is a product.
                    if matches!(self.before(), Some(t) if t.kind == T::Number) || self.failed {
                        return base;
                    }
                    base = self.index(base);
                }
                T::Prime => {
                    let mut count = 0;
                    let mut span = self.tree.span(base);
                    while self.kind() == T::Prime {
                        span = span.to(self.bump().span());
                        count += 1;
                    }
                    base = self.tree.push(Kind::Prime(base, count), span);
                }
                T::Bang => {
                    let bang = self.bump();
                    if self.kind() == T::Bang && !self.token().spaced() {
                        let span = bang.span().to(self.token().span());
                        self.error(errors::double_factorial(span));
                        return base;
                    }
                    let span = self.tree.span(base).to(bang.span());
                    base = self.tree.push(Kind::Factorial(base), span);
                }
                T::Super => {
                    let exponent = self.superscript();
                    base = self.binary(Binary::Pow, base, exponent);
                }
                _ => return base,
            }
        }
    }

    /// `²`, `⁻¹`, `ⁿ` as an exponent.
    pub(super) fn superscript(&mut self) -> TreeId {
        let token = self.bump();
        let plain: String = self.source(token).chars().filter_map(spelling::superscript).collect();
        let digits = plain.trim_start_matches(['+', '-']);
        let kind = if digits == "n" { Kind::Name(digits.into()) } else { Kind::Number(digits.into()) };
        let value = self.tree.push(kind, token.span());
        if plain.starts_with('-') {
            return self.tree.push(Kind::Prefix(Prefix::Neg, value), token.span());
        }
        value
    }

    pub(super) fn binary(&mut self, op: Binary, left: TreeId, right: TreeId) -> TreeId {
        let span = self.tree.span(left).to(self.tree.span(right));
        self.tree.push(Kind::Binary(op, left, right), span)
    }

    /// Operators behind `left` that bind at least as tightly as `min`.
    pub(super) fn infix(&mut self, mut left: TreeId, min: u8) -> TreeId {
        loop {
            if self.failed {
                return left;
            }
            let token = self.token();
            let (op, power, right) = match token.kind {
                T::Plus => (Binary::Add, ADD, ADD + 1),
                T::Minus => (Binary::Sub, ADD, ADD + 1),
                T::Star => (Binary::Mul, MUL, MUL + 1),
                T::Slash => (Binary::Div, MUL, MUL + 1),
                T::Cross => (Binary::Cross, MUL, MUL + 1),
                T::DotStar => (Binary::ElementMul, MUL, MUL + 1),
                T::DotSlash => (Binary::ElementDiv, MUL, MUL + 1),
                T::Caret | T::StarStar => (Binary::Pow, POW, POW),
                T::DotCaret => (Binary::ElementPow, POW, POW),
                T::And => (Binary::And, AND, AND + 1),
                T::Or => (Binary::Or, OR, OR + 1),
                T::Number
                | T::Name
                | T::LParen
                | T::LBracket
                | T::LBrace
                | T::Bar
                | T::Norm
                | T::Sqrt
                | T::Cbrt
                | T::Nabla
                | T::Partial
                | T::Integral
                | T::BadNumber => {
                    if min > MUL || !self.juxtaposes() {
                        return left;
                    }
                    self.before_juxtaposed();
                    let right = self.expr(MUL + 1);
                    left = self.binary(Binary::Juxtapose, left, right);
                    continue;
                }
                T::Less
                | T::LessEqual
                | T::Greater
                | T::GreaterEqual
                | T::EqualEqual
                | T::NotEqual
                | T::Equal
                | T::In => {
                    if min > COMPARE || (token.kind == T::Equal && !self.place.equal) {
                        return left;
                    }
                    left = self.comparison(left);
                    continue;
                }
                T::DotDot => {
                    if min > RANGE {
                        return left;
                    }
                    left = self.range(left);
                    continue;
                }
                T::Arrow => {
                    if min > ARROW || matches!(self.tree.kind(left), Kind::Arrow(..)) {
                        return left;
                    }
                    left = self.arrow(left);
                    continue;
                }
                T::Where => {
                    if min > WHERE {
                        return left;
                    }
                    left = self.where_clause(left);
                    continue;
                }
                _ => return left,
            };
            if power < min {
                return left;
            }
            if self.place.arrow && self.is_side() {
                return left;
            }
            if token.kind == T::StarStar {
                self.note(errors::star_star(token.span()));
            }
            self.bump();
            let right = self.expr(right);
            left = self.binary(op, left, right);
        }
    }

    /// Whether the current token begins a factor that stands beside the one before.
    pub(super) fn juxtaposes(&self) -> bool {
        let token = self.token();
        match token.kind {
            T::Number | T::BadNumber | T::LParen | T::LBracket | T::LBrace => true,
            T::Sqrt | T::Cbrt | T::Nabla | T::Partial | T::Integral => true,
            T::Name => !(self.is_clause() || self.place.integrand && self.is_differential()),
            T::Bar => !self.place.bar && !self.place.norm,
            T::Norm => !self.place.norm,
            _ => false,
        }
    }

    /// Whether the current token is `over`, `subject`, `with` or `when` where these end an expression.
    fn is_clause(&self) -> bool {
        self.place.clauses && matches!(self.source(self.token()), "over" | "subject" | "with")
    }

    /// What is to be said about a factor beside another.
    #[inline(never)]
    fn before_juxtaposed(&mut self) {
        let token = self.token();
        let Some(last) = self.before() else { return };
        if matches!(token.kind, T::Number | T::BadNumber) && matches!(last.kind, T::Number | T::Super) {
            self.error(errors::side_by_side(last.span(), token.span()));
            return;
        }
        if token.spaced() {
            if self.place.square && self.depth_is_square() {
                self.note(errors::entries(last.span().to(token.span())));
            }
            return;
        }
        if !matches!(token.kind, T::Name | T::LParen) || self.at < 2 {
            return;
        }
        let operator = self.tokens[self.at - 2];
        let span = operator.span().to(token.span());
        if matches!(operator.kind, T::Caret | T::StarStar) && matches!(last.kind, T::Number) {
            self.note(errors::power_then_factor(self.source(last), self.source(token), span));
        } else if operator.kind == T::Slash && matches!(last.kind, T::Number | T::Name) {
            self.note(errors::quotient_then_factor(self.source(last), self.source(token), span));
        }
    }

    fn depth_is_square(&self) -> bool {
        matches!(self.before(), Some(t) if matches!(t.kind, T::Number | T::Name))
    }

    /// `a < b <= c`, `i in 1..n`.
    #[inline(never)]
    fn comparison(&mut self, left: TreeId) -> TreeId {
        if self.kind() == T::In {
            self.bump();
            let right = self.expr(COMPARE + 1);
            let span = self.tree.span(left).to(self.tree.span(right));
            return self.tree.push(Kind::In(left, right), span);
        }
        let base = self.scratch.len();
        self.scratch.push(left);
        let mut relations = Vec::new();
        let mut last = left;
        loop {
            let token = self.token();
            let relation = match token.kind {
                T::Less => Relation::Less,
                T::LessEqual => Relation::LessEqual,
                T::Greater => Relation::Greater,
                T::GreaterEqual => Relation::GreaterEqual,
                T::EqualEqual => Relation::Equal,
                T::Equal if self.place.equal => Relation::Equal,
                T::NotEqual => Relation::NotEqual,
                _ => break,
            };
            self.bump();
            relations.push(relation);
            last = self.expr(COMPARE + 1);
            self.scratch.push(last);
            if self.failed {
                break;
            }
        }
        let operands = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        let span = self.tree.span(left).to(self.tree.span(last));
        self.tree.push(Kind::Compare { operands, relations }, span)
    }

    #[inline(never)]
    fn range(&mut self, left: TreeId) -> TreeId {
        let dots = self.bump();
        let right = self.expr(RANGE + 1);
        let span = self.tree.span(left).to(self.tree.span(right));
        if self.kind() == T::DotDot {
            let second = self.token().span();
            self.error(errors::two_ranges(dots.span(), second));
        }
        self.tree.push(Kind::Range(left, right), span)
    }

    /// Behind `->`: `+`, `-`, `^+`, `⁺` before the end of the argument.
    fn is_side(&self) -> bool {
        let ends =
            |t: T| matches!(t, T::RParen | T::RBrace | T::Comma | T::End | T::Eof | T::Row | T::RBracket);
        match self.kind() {
            T::Plus | T::Minus => ends(self.peek(1).kind),
            T::Caret => matches!(self.peek(1).kind, T::Plus | T::Minus) && ends(self.peek(2).kind),
            _ => false,
        }
    }

    #[inline(never)]
    fn arrow(&mut self, left: TreeId) -> TreeId {
        self.bump();
        let place = self.place;
        self.place.arrow = true;
        let right = self.expr(PLAIN);
        self.place = place;
        let mut span = self.tree.span(left).to(self.tree.span(right));
        self.place.arrow = true;
        let signed = self.is_side() || self.kind() == T::SuperSign;
        self.place = place;
        let mut side = Side::Both;
        if signed && !self.failed {
            self.eat(T::Caret);
            let sign = self.bump();
            side = if matches!(self.source(sign), "+" | "⁺") { Side::Right } else { Side::Left };
            span = span.to(sign.span());
        }
        self.tree.push(Kind::Arrow(left, right, side), span)
    }

    /// `body where a = 1, f(x) = 2`.
    #[inline(never)]
    pub(super) fn where_clause(&mut self, body: TreeId) -> TreeId {
        let word = self.bump();
        let base = self.scratch.len();
        loop {
            if !self.begins_definition() {
                self.error(errors::where_without(word.span(), self.token().span()));
                break;
            }
            let definition = self.where_definition();
            self.scratch.push(definition);
            if self.failed || self.kind() != T::Comma || !self.definition_at(self.at + 1) {
                break;
            }
            self.bump();
        }
        let list = self.tree.list(&self.scratch[base..]);
        let last = self.scratch.last().copied().filter(|_| !list.is_empty());
        self.scratch.truncate(base);
        let end = last.map_or(word.span(), |id| self.tree.span(id));
        let span = self.tree.span(body).to(end);
        self.tree.push(Kind::Where(body, list), span)
    }

    fn where_definition(&mut self) -> TreeId {
        let mark = self.scope.open();
        let (target, _) = self.target();
        if self.kind() == T::Equal {
            self.bump();
        }
        let value = self.expr(PLAIN);
        self.scope.close(mark);
        let span = self.tree.span(target).to(self.tree.span(value));
        let binders = self.tree.list(&[]);
        self.tree.push(Kind::Define { target, value, binders }, span)
    }

    /// What a name stands for here.
    pub(super) fn name_kind(&self, token: lex::Token) -> NameKind {
        if token.flags & lex::RESPELT != 0 {
            return self.scope.kind(&self.spelt(token));
        }
        self.scope.kind(self.source(token))
    }

    /// The span of what was read since a token.
    pub(super) fn since(&self, start: Span) -> Span {
        self.before().map_or(start, |last| start.to(last.span()))
    }
}
