//! Signs of calculus: d/dx, ∂/∂y, ∇, ∫, √.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::expression::{LOOSEST, MUL, POW};
use super::{Parser, Place, errors};
use crate::lex::{self, T, Token};
use crate::spelling;
use crate::{Binary, Kind, NameKind, Span, TreeId};

/// A name and where it stands.
type Variables = SmallVec<[(SmolStr, Span); 2]>;

/// What stands before the body of a derivative.
struct Operator {
    partial: bool,
    variables: Variables,
    /// `y` of `dy/dx`.
    subject: Option<(SmolStr, Span)>,
    /// How many tokens it takes.
    tokens: usize,
}

impl<'t> Parser<'t> {
    /// `d/dx …` or `dy/dx`, if that is what begins here.
    pub(super) fn leibniz(&mut self) -> Option<TreeId> {
        let next = self.peek(1);
        if !matches!(next.kind, T::Slash | T::Caret | T::Super) || next.spaced() {
            return None;
        }
        let operator = self.operator(false)?;
        Some(self.derivative(operator))
    }

    /// Whether `d/dx` begins at the current token.
    pub(super) fn begins_derivative(&self) -> bool {
        self.source(self.token()) == "d" && self.operator(false).is_some()
    }

    /// `∂/∂y …`, `∂f/∂y`.
    pub(super) fn partial(&mut self) -> TreeId {
        match self.operator(true) {
            Some(operator) => self.derivative(operator),
            None => {
                let at = self.bump().span();
                self.error(errors::lone_partial(at));
                self.missing()
            }
        }
    }

    /// Reads the operator ahead without taking it.
    fn operator(&self, partial: bool) -> Option<Operator> {
        let mut at = self.at;
        let token = |at: usize| self.tokens[at.min(self.tokens.len() - 1)];
        let mut subject = None;
        let first = token(at);
        at += 1;
        if !partial {
            let written = self.source(first);
            if written != "d" {
                // `dy/dx` where y is known and dy is not.
                let name = &written[1..];
                if self.scope.own(written).is_some()
                    || self.scope.kind(written) != NameKind::Unknown
                    || self.scope.kind(name) == NameKind::Unknown
                    || token(at).kind != T::Slash
                {
                    return None;
                }
                let span = Span { start: first.start + 1, end: first.end };
                subject = Some((SmolStr::new(name), span));
            } else if self.scope.own("d").is_some() || self.scope.kind("d") != NameKind::Unknown {
                return None;
            }
        }
        let mut order = 1;
        if let Some((n, len)) = self.order(at) {
            order = n;
            at += len;
        }
        if partial && token(at).kind == T::Name && token(at + 1).kind == T::Slash {
            subject = Some((self.spelt(token(at)), token(at).span()));
            at += 1;
        }
        if token(at).kind != T::Slash {
            return None;
        }
        at += 1;
        let bracket = token(at).kind == T::LParen;
        if bracket {
            at += 1;
        }
        let mut variables = Variables::new();
        let mut total: usize = 0;
        loop {
            let mut t = token(at);
            let (name, span) = if partial {
                if t.kind != T::Partial {
                    break;
                }
                at += 1;
                t = token(at);
                if t.kind != T::Name {
                    return None;
                }
                (self.spelt(t), t.span())
            } else {
                let written = self.source(t);
                if t.kind != T::Name || !written.strip_prefix('d').is_some_and(spelling::is_name) {
                    break;
                }
                if total > 0 && total >= order {
                    break;
                }
                let text = if t.flags & lex::RESPELT != 0 {
                    spelling::respell(&written[1..])
                } else {
                    SmolStr::new(&written[1..])
                };
                (text, Span { start: t.start + 1, end: t.end })
            };
            if partial && total >= order && !bracket {
                at -= 1;
                break;
            }
            at += 1;
            let mut times = 1;
            if let Some((n, len)) = self.order(at)
                && n <= order
            {
                times = n;
                at += len;
            }
            total += times;
            if total > order {
                return None;
            }
            variables.extend(std::iter::repeat_n((name, span), times));
        }
        if variables.is_empty() {
            return None;
        }
        if bracket {
            if token(at).kind != T::RParen {
                return None;
            }
            at += 1;
        }
        if total != order {
            // `d^2/dxdy` is one name to the lexer.
            variables = split(&variables, order)?;
        }
        Some(Operator { partial, variables, subject, tokens: at - self.at })
    }

    /// `^2` or `²` at a token: the order and how many tokens it takes.
    fn order(&self, at: usize) -> Option<(usize, usize)> {
        let token = |at: usize| self.tokens[at.min(self.tokens.len() - 1)];
        let (text, len) = match token(at).kind {
            T::Super => {
                let plain: String =
                    self.source(token(at)).chars().filter_map(spelling::superscript).collect();
                (plain, 1)
            }
            T::Caret if token(at + 1).kind == T::Number => (self.source(token(at + 1)).to_string(), 2),
            _ => return None,
        };
        // An order above the limit on depth is no derivative that anyone could print.
        text.parse().ok().filter(|n| (1..=1000).contains(n)).map(|n| (n, len))
    }

    fn derivative(&mut self, operator: Operator) -> TreeId {
        let start = self.token();
        self.at += operator.tokens;
        let written = self.since(start.span());
        let base = self.scratch.len();
        for (name, span) in operator.variables {
            let id = self.tree.push(Kind::Name(name), span);
            self.scratch.push(id);
        }
        let variables = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        let body = match operator.subject {
            Some((name, span)) => {
                let body = self.tree.push(Kind::Name(name), span);
                if !operator.partial {
                    self.note(errors::quotient_of_differentials(self.source_of(written), written));
                }
                body
            }
            None => self.derivative_body(written),
        };
        let span = self.since(start.span());
        self.tree.push(Kind::Derivative { partial: operator.partial, variables, body }, span)
    }

    pub(super) fn source_of(&self, span: Span) -> &'t str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// A bracket and the factors beside it, or the whole product.
    fn derivative_body(&mut self, operator: Span) -> TreeId {
        let bracket = matches!(self.kind(), T::LParen | T::LBracket | T::LBrace);
        if bracket {
            let open = self.at;
            let mut body = self.expr(POW);
            // `(d/dx f)(3)` is a call; `d/dx (x)(y)` a product.
            while !self.failed && self.at > open && self.juxtaposes() {
                let factor = self.expr(MUL + 1);
                body = self.binary(Binary::Juxtapose, body, factor);
            }
            return body;
        }
        let body = self.expr(MUL);
        if let Kind::Binary(Binary::Mul | Binary::Div | Binary::Cross, ..) = self.tree.kind(body) {
            let read = crate::print::brief(&self.tree, body);
            let span = operator.to(self.tree.span(body));
            self.note(errors::derivative_of_product(self.source_of(operator), &read, span));
        }
        body
    }

    /// `∇f` is grad(f), `∇²f` laplacian(f), `∇·F` div(F).
    pub(super) fn nabla(&mut self) -> TreeId {
        let nabla = self.bump();
        let name = match self.kind() {
            T::Super if self.source(self.token()) == "²" => {
                self.bump();
                "laplacian"
            }
            T::Caret if self.peek(1).kind == T::Number && self.source(self.peek(1)) == "2" => {
                self.bump();
                self.bump();
                "laplacian"
            }
            T::Star => {
                self.bump();
                "div"
            }
            T::Cross => {
                self.bump();
                "curl"
            }
            _ => "grad",
        };
        if !self.enter() {
            return self.missing();
        }
        let body = self.primary();
        let body = self.postfix(body);
        self.depth -= 1;
        let span = nabla.span().to(self.tree.span(body));
        self.call_named(name, nabla.span(), &[body], span)
    }

    /// `√x`, `√(x + 1)`, `∛x`.
    pub(super) fn root(&mut self) -> TreeId {
        let sign = self.bump();
        let body = if self.kind() == T::LParen { self.primary() } else { self.expr(POW) };
        let span = sign.span().to(self.since(sign.span()));
        let name = if sign.kind == T::Sqrt { "sqrt" } else { "cbrt" };
        let call = self.call_named(name, sign.span(), &[body], span);
        let beside = !self.failed && !self.token().spaced() && self.juxtaposes();
        if !self.failed && (beside || matches!(self.tree.kind(body), Kind::Binary(Binary::Pow, ..))) {
            let read = crate::print::brief(&self.tree, call);
            self.note(errors::applied(&read, span, false));
        }
        call
    }

    /// `∫ x^2 dx`, `∫_0^1 x^2 dx`, `∫ dx/x`.
    pub(super) fn integral(&mut self) -> TreeId {
        let sign = self.bump();
        let bounds = self.bounds();
        let place = std::mem::replace(&mut self.place, Place { integrand: true, ..Place::default() });
        let mut body = None;
        if !self.is_differential() {
            body = Some(self.expr(LOOSEST));
        }
        let differential = self.token();
        if !self.failed && !self.is_differential() {
            let error = match differential.kind {
                T::Eof | T::End | T::RParen | T::Comma | T::RBracket | T::Row => {
                    errors::no_differential(sign.span(), differential.span())
                }
                _ => errors::unexpected(self.text, self.before(), differential, None),
            };
            self.error(error);
        }
        self.place = place;
        if self.failed {
            return self.missing();
        }
        self.bump();
        let written = self.source(differential);
        let name = if differential.flags & lex::RESPELT != 0 {
            spelling::respell(&written[1..])
        } else {
            SmolStr::new(&written[1..])
        };
        let variable = Span { start: differential.start + 1, end: differential.end };
        let variable = self.tree.push(Kind::Name(name), variable);
        let body = match body {
            Some(body) => body,
            None => {
                // `∫ dx` and `∫ dx/x`.
                let one = self.tree.push(Kind::Number(SmolStr::new_static("1")), differential.span());
                if self.eat(T::Slash) {
                    let below = self.expr(MUL + 1);
                    self.binary(Binary::Div, one, below)
                } else {
                    one
                }
            }
        };
        let span = self.since(sign.span());
        match bounds {
            Some((from, to)) => self.call_named("integral", sign.span(), &[body, variable, from, to], span),
            None => self.call_named("integral", sign.span(), &[body, variable], span),
        }
    }

    /// `_0^1` behind `∫`; the lexer sees a name `_0`.
    fn bounds(&mut self) -> Option<(TreeId, TreeId)> {
        let token = self.token();
        let written = self.source(token);
        if token.kind != T::Name
            || !(written.starts_with('_') || written.starts_with(|c| ('₀'..='₉').contains(&c)))
        {
            return None;
        }
        self.bump();
        let from = self.lower_bound(token);
        let to = match self.kind() {
            T::Super => self.superscript(),
            T::Caret => {
                self.bump();
                let min = self.kind() == T::Minus;
                if min { self.expr(POW) } else { self.bound() }
            }
            _ => {
                self.error(errors::no_upper_bound(token.span(), self.token().span()));
                self.missing()
            }
        };
        Some((from, to))
    }

    /// One value without what follows it: a number, a name or a bracket.
    fn bound(&mut self) -> TreeId {
        match self.kind() {
            T::Name => {
                let name = self.bump();
                self.name_node(name)
            }
            _ => self.primary(),
        }
    }

    fn lower_bound(&mut self, token: Token) -> TreeId {
        let spelt = self.spelt(token);
        let text = spelt.trim_start_matches('_');
        let signs = self.source(token).bytes().take_while(|&b| b == b'_').count() as u32;
        let span = Span { start: token.start + signs, end: token.end };
        if text.is_empty() {
            return match self.kind() {
                T::Minus => self.expr(POW),
                _ => self.bound(),
            };
        }
        let number = text.bytes().all(|b| b.is_ascii_digit());
        if !number && !spelling::is_name(text) {
            self.error(errors::lower_bound(token.span()));
        }
        let kind = if number { Kind::Number(text.into()) } else { Kind::Name(text.into()) };
        self.tree.push(kind, span)
    }

    /// Whether the current token is `dx` as the end of an integral.
    pub(super) fn is_differential(&self) -> bool {
        let token = self.token();
        if token.kind != T::Name {
            return false;
        }
        let written = self.source(token);
        written.strip_prefix('d').is_some_and(spelling::is_name)
            && self.scope.own(written).is_none()
            && self.scope.kind(written) == NameKind::Unknown
            && self.peek(1).kind != T::LParen
    }
}

/// `d^2/dxdy`: the lexer's one name `xdy`, cut at each `d`, if that gives the order.
fn split(variables: &Variables, order: usize) -> Option<Variables> {
    let [(name, span)] = variables.as_slice() else { return None };
    let mut all = Variables::new();
    let mut start = span.start;
    for part in name.split('d') {
        if !spelling::is_name(part) {
            return None;
        }
        let end = start + part.len() as u32;
        all.push((part.into(), Span { start, end }));
        start = end + 1;
    }
    (all.len() == order).then_some(all)
}
