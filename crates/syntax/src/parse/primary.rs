//! Values: numbers, names and what they call, brackets, bars, `if`.

use smol_str::SmolStr;

use super::brackets::closing;
use super::expression::{LOOSEST, MUL, PLAIN, POW};
use super::{Parser, Place, errors};
use crate::lex::{self, T, Token};
use crate::spelling;
use crate::{Binary, Kind, NameKind, Prefix, Span, TreeId};

/// Letters that on paper name functions, not values.
const FUNCTION_LETTERS: [&str; 9] = ["f", "g", "h", "F", "G", "H", "φ", "ψ", "ϕ"];

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> TreeId {
        if self.failed {
            return self.missing();
        }
        let token = self.token();
        match token.kind {
            T::Number => {
                self.bump();
                let text = spelling::number_text(self.source(token));
                self.tree.push(Kind::Number(text), token.span())
            }
            T::Name => self.name(),
            T::LParen | T::LBrace => self.paren(),
            T::LBracket => self.vector(),
            T::Bar | T::Norm => self.bars(),
            T::If => self.if_then_else(),
            T::Sqrt | T::Cbrt => self.root(),
            T::Nabla => self.nabla(),
            T::Partial => self.partial(),
            T::Integral => self.integral(),
            T::Text => {
                self.bump();
                let text = unescape(self.source(token));
                self.tree.push(Kind::Text(text), token.span())
            }
            _ => {
                let before = self.before();
                let error = errors::no_value(self.text, before, token);
                self.error(error);
                self.missing()
            }
        }
    }

    pub(super) fn name_node(&mut self, token: Token) -> TreeId {
        let name = self.spelt(token);
        self.tree.push(Kind::Name(name), token.span())
    }

    /// A name, and the call that it makes of what follows.
    fn name(&mut self) -> TreeId {
        let token = self.token();
        if self.source(token).starts_with('d')
            && let Some(derivative) = self.leibniz()
        {
            return derivative;
        }
        self.bump();
        let next = self.token();
        match next.kind {
            T::LParen => {
                let kind = self.name_kind(token);
                match self.reading(token, kind, next) {
                    Reading::Call => {
                        let head = self.name_node(token);
                        self.call(head)
                    }
                    Reading::Index => {
                        let base = self.name_node(token);
                        self.index_in_parens(base)
                    }
                    Reading::Product => {
                        let name = self.source(token);
                        self.note(errors::product_not_call(name, token.span().to(next.span())));
                        self.name_node(token)
                    }
                }
            }
            T::Prime => self.primed(token),
            T::Caret | T::StarStar | T::Super if self.name_kind(token) == NameKind::Function => {
                self.function_power(token)
            }
            T::LBracket | T::Minus if self.name_kind(token) == NameKind::Function => {
                let head = self.name_node(token);
                let sign = next.kind == T::Minus;
                if sign && (!next.spaced() || self.peek(1).spaced()) {
                    return head;
                }
                self.apply(head)
            }
            T::Name
            | T::Number
            | T::Bar
            | T::Norm
            | T::Sqrt
            | T::Cbrt
            | T::Nabla
            | T::Partial
            | T::Integral
            | T::LBrace
                if self.name_kind(token) == NameKind::Function && self.juxtaposes() =>
            {
                let head = self.name_node(token);
                self.apply(head)
            }
            _ => self.name_node(token),
        }
    }

    /// How `name(` is read.
    fn reading(&self, token: Token, kind: NameKind, open: Token) -> Reading {
        let listed = open.flags & lex::COMMA != 0;
        match kind {
            NameKind::Function => Reading::Call,
            NameKind::Tensor => Reading::Index,
            _ if listed => Reading::Call,
            NameKind::Scalar => Reading::Product,
            NameKind::Unknown => {
                let name = self.source(token);
                let letter = name.chars().count() == 1;
                if letter && !FUNCTION_LETTERS.contains(&name) { Reading::Product } else { Reading::Call }
            }
        }
    }

    /// `head(args)`, at the opening bracket.
    pub(super) fn call(&mut self, head: TreeId) -> TreeId {
        let open = self.token();
        let args = self.arguments(false);
        let span = self.tree.span(head).to(self.since(open.span()));
        self.tree.push(Kind::Call { head, args }, span)
    }

    /// `base[indices]`, at the opening bracket.
    pub(super) fn index(&mut self, base: TreeId) -> TreeId {
        let open = self.token();
        let indices = self.arguments(true);
        let span = self.tree.span(base).to(self.since(open.span()));
        self.tree.push(Kind::Index { base, indices }, span)
    }

    /// `A(i, j)` of a matrix A is an index.
    fn index_in_parens(&mut self, base: TreeId) -> TreeId {
        let open = self.token();
        let indices = self.arguments(true);
        let span = self.tree.span(base).to(self.since(open.span()));
        self.note(errors::index_in_parens(span));
        self.tree.push(Kind::Index { base, indices }, span)
    }

    /// A bracketed list of arguments or indices, at the opening bracket. Names that an argument binds hold for those
    /// behind it.
    fn arguments(&mut self, index: bool) -> crate::List {
        let open = self.bump();
        let place = std::mem::take(&mut self.place);
        let mark = self.scope.open();
        let base = self.scratch.len();
        let close = closing(open.kind);
        while self.kind() != close && !self.failed {
            let argument = if index { self.index_argument() } else { self.argument() };
            self.scratch.push(argument);
            if self.kind() == T::For && !self.failed {
                // `sum(x[i]^2 for i in 1..n)`: binders go first.
                let body = self.scratch.pop();
                self.bump();
                self.binders();
                self.scratch.extend(body);
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.close(open);
        self.place = place;
        self.scope.close(mark);
        let list = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        list
    }

    fn argument(&mut self) -> TreeId {
        if self.kind() == T::Colon {
            let colon = self.bump();
            return self.tree.push(Kind::Colon, colon.span());
        }
        let left = self.expr(LOOSEST);
        if self.kind() != T::Equal || self.failed {
            self.bind_argument(left);
            return left;
        }
        self.bump();
        let right = self.expr(LOOSEST);
        let span = self.tree.span(left).to(self.tree.span(right));
        self.bind_target(left);
        self.tree.push(Kind::Equation(left, right), span)
    }

    /// `i in 1..n` and `x -> 0` make their name a value in the arguments behind.
    fn bind_argument(&mut self, argument: TreeId) {
        if let Kind::In(name, _) | Kind::Arrow(name, _, _) = self.tree.kind(argument) {
            self.bind_target(*name);
        }
    }

    fn bind_target(&mut self, target: TreeId) {
        match self.tree.kind(target) {
            Kind::Name(name) => self.scope.bind(name.clone(), NameKind::Scalar),
            Kind::Tuple(list) => {
                for &id in self.tree.ids(*list) {
                    if let Kind::Name(name) = self.tree.kind(id) {
                        self.scope.bind(name.clone(), NameKind::Scalar);
                    }
                }
            }
            _ => {}
        }
    }

    fn index_argument(&mut self) -> TreeId {
        if self.kind() == T::Colon {
            let colon = self.bump();
            return self.tree.push(Kind::Colon, colon.span());
        }
        let left = self.expr(LOOSEST);
        if self.kind() != T::Colon || self.failed {
            return left;
        }
        let colon = self.bump();
        self.note(errors::colon_range(colon.span()));
        let right = self.expr(LOOSEST);
        let span = self.tree.span(left).to(self.tree.span(right));
        self.tree.push(Kind::Range(left, right), span)
    }

    /// `i in 1..n, j in 1..m`, pushed to the scratch list.
    pub(super) fn binders(&mut self) {
        loop {
            let before = self.token();
            let mut binder = self.expr(PLAIN);
            if self.kind() == T::Equal && !self.failed {
                self.bump();
                let range = self.expr(PLAIN);
                let span = self.tree.span(binder).to(self.tree.span(range));
                binder = self.tree.push(Kind::In(binder, range), span);
            }
            if !matches!(self.tree.kind(binder), Kind::In(..)) {
                self.error(errors::no_range(before.span().to(self.tree.span(binder))));
            }
            self.scratch.push(binder);
            let more = self.kind() == T::Comma
                && self.peek(1).kind == T::Name
                && matches!(self.peek(2).kind, T::In | T::Equal);
            if self.failed || !more {
                return;
            }
            self.bump();
        }
    }

    /// A call of a function that no name was written for.
    pub(super) fn call_named(&mut self, name: &'static str, at: Span, args: &[TreeId], span: Span) -> TreeId {
        let head = self.tree.push(Kind::Name(SmolStr::new_static(name)), at);
        let args = self.tree.list(args);
        self.tree.push(Kind::Call { head, args }, span)
    }

    /// `if c then a else b`, `if(c, a, b)`.
    fn if_then_else(&mut self) -> TreeId {
        let word = self.bump();
        let place = self.place;
        let open = self.token();
        self.place = Place { equal: true, ..place };
        let condition = if open.kind == T::LParen && open.flags & lex::COMMA != 0 {
            let listed = self.paren();
            if let Kind::Tuple(list) = self.tree.kind(listed)
                && let [c, a, b] = *self.tree.ids(*list)
                && self.kind() != T::Then
            {
                self.place = place;
                let span = self.since(word.span());
                return self.tree.push(Kind::If(c, a, b), span);
            }
            let left = self.postfix(listed);
            self.infix(left, PLAIN)
        } else {
            self.expr(PLAIN)
        };
        if !self.failed && self.kind() != T::Then && matches!(self.tree.kind(condition), Kind::Tuple(_)) {
            self.error(errors::if_of_three(word.span().to(self.tree.span(condition))));
        }
        self.place = place;
        if !self.eat(T::Then) {
            self.error(errors::no_branch("then", word.span(), self.token().span()));
        }
        let yes = self.expr(PLAIN);
        if !self.eat(T::Else) {
            self.error(errors::no_branch("else", word.span(), self.token().span()));
        }
        let no = self.expr(PLAIN);
        let span = self.since(word.span());
        self.tree.push(Kind::If(condition, yes, no), span)
    }

    /// `f'(3)`, `f''(x)`, `f' x`; else a prime of a name, which [`Parser::postfix`] takes.
    fn primed(&mut self, token: Token) -> TreeId {
        let mut count = 0;
        while self.peek(count).kind == T::Prime {
            count += 1;
        }
        let next = self.peek(count);
        let name = self.name_node(token);
        let kind = self.name_kind(token);
        let calls = next.kind == T::LParen && kind != NameKind::Tensor;
        if !calls && kind != NameKind::Function {
            return name;
        }
        let mut span = token.span();
        for _ in 0..count {
            span = span.to(self.bump().span());
        }
        let head = self.tree.push(Kind::Prime(name, count as u32), span);
        if calls {
            return self.call(head);
        }
        if self.juxtaposes() && self.kind() != T::LBracket {
            return self.apply(head);
        }
        head
    }

    /// `sin^2 x`, `sin² x`, `sin^-1 x`, at the `^`.
    fn function_power(&mut self, token: Token) -> TreeId {
        let head = self.name_node(token);
        let caret = self.token();
        let exponent = if caret.kind == T::Super {
            self.superscript()
        } else {
            if caret.kind == T::StarStar {
                self.note(errors::star_star(caret.span()));
            }
            self.bump();
            let sign = (self.kind() == T::Minus).then(|| self.bump());
            let value = match self.kind() {
                T::Number | T::LParen | T::LBrace => self.primary(),
                T::Name => {
                    let name = self.bump();
                    self.name_node(name)
                }
                _ => self.expr(POW),
            };
            match sign {
                Some(sign) => {
                    let span = sign.span().to(self.tree.span(value));
                    self.tree.push(Kind::Prefix(Prefix::Neg, value), span)
                }
                None => value,
            }
        };
        if self.failed {
            return head;
        }
        let applies = self.kind() == T::LParen || self.juxtaposes();
        if self.is_minus_one(exponent) {
            let span = token.span().to(self.tree.span(exponent));
            let inverse = self.tree.push(Kind::Inverse(head), span);
            return if applies { self.apply_or_call(inverse) } else { inverse };
        }
        if !applies {
            // `f^n^2`: a power of nothing yet, right to left as all powers.
            let exponent = self.postfix(exponent);
            let exponent = self.infix(exponent, POW);
            return self.binary(Binary::Pow, head, exponent);
        }
        let value = self.apply_or_call(head);
        let span = token.span().to(self.tree.span(value));
        self.tree.push(Kind::Binary(Binary::Pow, value, exponent), span)
    }

    fn is_minus_one(&self, id: TreeId) -> bool {
        matches!(self.tree.kind(id), Kind::Prefix(Prefix::Neg, x)
            if matches!(self.tree.kind(*x), Kind::Number(n) if n == "1"))
    }

    fn apply_or_call(&mut self, head: TreeId) -> TreeId {
        if self.kind() == T::LParen { self.call(head) } else { self.apply(head) }
    }

    /// A function without brackets takes the factors that stand side by side behind it, up to the next function.
    pub(super) fn apply(&mut self, head: TreeId) -> TreeId {
        let start = self.tree.span(head);
        let signed = self.kind() == T::Minus;
        let mut argument = self.expr(if signed { MUL + 1 } else { POW });
        while !self.failed && self.juxtaposes() && !self.begins_function() {
            let (last, next) = (self.before(), self.token());
            if matches!(next.kind, T::Number | T::BadNumber) && matches!(last, Some(t) if t.kind == T::Number)
            {
                break;
            }
            let factor = self.expr(POW);
            argument = self.binary(Binary::Juxtapose, argument, factor);
        }
        let span = start.to(self.tree.span(argument));
        let args = self.tree.list(&[argument]);
        let call = self.tree.push(Kind::Call { head, args }, span);
        self.explain_application(call, argument, signed);
        call
    }

    /// Says how `sin x^2` and `sin -x` were read.
    fn explain_application(&mut self, call: TreeId, argument: TreeId, signed: bool) {
        let last = match self.tree.kind(argument) {
            Kind::Binary(Binary::Juxtapose, _, right) => *right,
            _ => argument,
        };
        let power = matches!(self.tree.kind(last), Kind::Binary(Binary::Pow, ..));
        if (power || signed) && !self.failed {
            let read = crate::print::brief(&self.tree, call);
            let span = self.tree.span(call);
            self.note(errors::applied(&read, span, power && !signed));
        }
    }

    /// Whether the current token is a function's name or an operator that takes what follows.
    fn begins_function(&self) -> bool {
        let token = self.token();
        match token.kind {
            T::Name => self.name_kind(token) == NameKind::Function || self.begins_derivative(),
            T::Nabla | T::Partial | T::Integral => true,
            _ => false,
        }
    }
}

enum Reading {
    Call,
    Index,
    Product,
}

/// The characters of a string between its quotes; a backslash takes the next one as it is, `\n` is a line end.
fn unescape(written: &str) -> SmolStr {
    let inner = written.get(1..written.len() - 1).unwrap_or("");
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some(c) => text.push(c),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text.into()
}
