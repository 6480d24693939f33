//! Statements: definitions, declarations, facts, problems, and functions that are taught.

use smol_str::SmolStr;

use super::expression::{LOOSEST, PLAIN};
use super::{Parser, Place, errors};
use crate::lex::{self, T, Token};
use crate::{Kind, NameKind, TreeId};

/// The columns that a taught function may have.
pub(super) const COLUMNS: [&str; 19] = [
    "title",
    "doc",
    "refs",
    "latex",
    "aliases",
    "domain",
    "range",
    "meaning",
    "derivative",
    "antiderivative",
    "law",
    "laws",
    "shape",
    "kink",
    "kinks",
    "error",
    "example",
    "examples",
    "inverse",
];

fn is_problem(word: &str) -> bool {
    matches!(word, "solve" | "minimize" | "minimise" | "maximize" | "maximise")
}

impl Parser<'_> {
    pub(super) fn statements(&mut self) -> Vec<TreeId> {
        let mut all = Vec::new();
        loop {
            while self.eat(T::End) {}
            if self.kind() == T::Eof {
                return all;
            }
            if self.errors >= super::MOST_ERRORS {
                let at = self.token().span();
                self.diagnostics.push(errors::too_many(super::MOST_ERRORS, at));
                return all;
            }
            let statement = self.whole_statement();
            all.push(statement);
        }
    }

    fn whole_statement(&mut self) -> TreeId {
        self.failed = false;
        self.depth = 0;
        self.place = Place::default();
        let mark = self.scope.open();
        if self.has_where {
            self.foresee_where();
        }
        let statement = self.statement();
        if !self.failed && !matches!(self.kind(), T::End | T::Eof) {
            let error = errors::unexpected(self.text, self.before(), self.token(), None);
            self.error(error);
        }
        self.scope.close(mark);
        self.scratch.clear();
        while !matches!(self.kind(), T::End | T::Eof) {
            self.bump();
        }
        statement
    }

    /// Names that `where` gives later in this statement hold in all of it.
    fn foresee_where(&mut self) {
        let mut seen = false;
        let mut at = self.at;
        loop {
            let token = self.tokens[at];
            match token.kind {
                T::End | T::Eof => return,
                T::Where => seen = true,
                _ => {}
            }
            if seen && matches!(token.kind, T::Where | T::Comma) && self.definition_at(at + 1) {
                let (name, next) = (self.tokens[at + 1], self.tokens[at + 2]);
                if name.kind == T::Name {
                    let after = self.tokens.get(at + 3).map_or(T::Eof, |t| t.kind);
                    let kind = match next.kind {
                        T::LParen => NameKind::Function,
                        T::LBracket => NameKind::Tensor,
                        _ if after == T::LBracket => NameKind::Tensor,
                        _ => NameKind::Scalar,
                    };
                    let name = self.spelt(name);
                    self.scope.bind(name, kind);
                }
            }
            at += 1;
        }
    }

    /// Whether a definition's target and its `=` begin at a token.
    pub(super) fn definition_at(&self, at: usize) -> bool {
        let token = |at: usize| self.tokens[at.min(self.tokens.len() - 1)];
        let defines = |t: Token| t.flags & lex::DEFINES != 0;
        match token(at).kind {
            T::Name => match token(at + 1).kind {
                T::Equal => true,
                // `solve (x - 1) = 0` is no definition of a function named solve.
                T::LParen if token(at + 1).spaced() && is_problem(self.source(token(at))) => false,
                T::LParen | T::LBracket => defines(token(at + 1)),
                _ => false,
            },
            T::LParen => defines(token(at)),
            _ => false,
        }
    }

    pub(super) fn begins_definition(&self) -> bool {
        self.definition_at(self.at)
    }

    fn statement(&mut self) -> TreeId {
        if self.begins_definition() {
            return self.definition();
        }
        let token = self.token();
        if token.kind == T::Name {
            if self.begins_declaration() {
                return self.declaration();
            }
            let next = self.peek(1);
            // `solve(x = 1, x)` is a call; `solve (x + 1)^2 = 4` a statement.
            let goes_on = match next.kind {
                T::LParen => next.spaced(),
                T::Name | T::Number | T::Minus | T::Plus | T::LBracket | T::Bar | T::Norm => true,
                T::Sqrt | T::Cbrt | T::Nabla | T::Partial | T::Integral | T::If => true,
                _ => false,
            };
            if goes_on && self.scope.own(self.source(token)).is_none() {
                match self.source(token) {
                    "solve" => return self.solve(),
                    "minimize" | "minimise" => return self.minimize(false),
                    "maximize" | "maximise" => return self.minimize(true),
                    "function" if next.kind == T::Name => return self.teach(),
                    _ => {}
                }
            }
        }
        let value = self.expr(LOOSEST);
        if self.kind() == T::Equal && !self.failed {
            let equal = self.token().span();
            let left = self.tree.span(value);
            let written = self.source_of(left).to_string();
            self.error(errors::not_a_target(&written, left, equal));
        }
        value
    }

    /// `f(x) = …`, `y = …`, `T[i] = … for i in 2..m`.
    fn definition(&mut self) -> TreeId {
        let mark = self.scope.open();
        let (target, name) = self.target();
        let equal = self.bump();
        let start = self.token();
        if matches!(start.kind, T::Eof | T::End) {
            self.error(errors::nothing_defined(self.since(self.tree.span(target)), equal.span()));
        }
        let mut value = self.expr(LOOSEST);
        let base = self.scratch.len();
        if !self.failed && self.eat(T::For) {
            self.binders();
            if self.kind() == T::Where && !self.failed {
                // `… for i in 1..n where b = 2` is `… where b = 2 for i in 1..n`.
                value = self.where_clause(value);
            }
        }
        let binders = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        if self.kind() == T::Equal && !self.failed {
            let second = self.token().span();
            self.error(errors::second_equal(equal.span(), second));
        }
        self.scope.close(mark);
        if let Some(name) = name {
            let kind = self.defined_kind(target, value);
            self.scope.define(name, kind);
        } else if let Kind::Tuple(list) = self.tree.kind(target) {
            for &id in self.tree.ids(*list) {
                if let Kind::Name(name) = self.tree.kind(id) {
                    self.scope.define(name.clone(), NameKind::Scalar);
                }
            }
        }
        let span = self.since(self.tree.span(target));
        self.tree.push(Kind::Define { target, value, binders }, span)
    }

    fn defined_kind(&self, target: TreeId, value: TreeId) -> NameKind {
        match self.tree.kind(target) {
            Kind::Call { .. } => NameKind::Function,
            Kind::Index { .. } => NameKind::Tensor,
            _ => match self.tree.kind(value) {
                Kind::Vector(_) | Kind::Matrix(_) | Kind::Comprehension { .. } => NameKind::Tensor,
                Kind::Name(name) => match self.scope.kind(name) {
                    NameKind::Unknown => NameKind::Scalar,
                    kind => kind,
                },
                Kind::Prime(base, _) | Kind::Inverse(base) => match self.tree.kind(*base) {
                    Kind::Name(name) if self.scope.kind(name) == NameKind::Function => NameKind::Function,
                    _ => NameKind::Scalar,
                },
                _ => NameKind::Scalar,
            },
        }
    }

    /// What stands left of `=`, and its name. The arguments of a function hold from here on: close the scope after
    /// its value.
    pub(super) fn target(&mut self) -> (TreeId, Option<SmolStr>) {
        let token = self.token();
        if token.kind == T::LParen {
            let target = self.expr(PLAIN);
            let names = match self.tree.kind(target) {
                Kind::Tuple(list) => {
                    self.tree.ids(*list).iter().all(|&id| matches!(self.tree.kind(id), Kind::Name(_)))
                }
                _ => false,
            };
            if !names && !self.failed {
                let span = self.tree.span(target);
                let equal = self.token().span();
                let written = self.source_of(span).to_string();
                self.error(errors::not_a_target(&written, span, equal));
            }
            return (target, None);
        }
        self.bump();
        let name = self.spelt(token);
        let head = self.tree.push(Kind::Name(name.clone()), token.span());
        match self.kind() {
            T::LParen => {
                // Known from here on, so that a function may call itself.
                self.scope.define(name.clone(), NameKind::Function);
                let target = self.call(head);
                self.bind_parameters(target);
                (target, Some(name))
            }
            T::LBracket => {
                self.scope.define(name.clone(), NameKind::Tensor);
                (self.index(head), Some(name))
            }
            _ => (head, Some(name)),
        }
    }

    fn bind_parameters(&mut self, target: TreeId) {
        let Kind::Call { args, .. } = *self.tree.kind(target) else { return };
        for at in 0..args.len() {
            let id = self.tree.ids(args)[at];
            let span = self.tree.span(id);
            match self.tree.kind(id) {
                Kind::Name(name) => {
                    // A conventional function letter may be a function here.
                    let function = matches!(name.as_str(), "f" | "g" | "h" | "F" | "G" | "H");
                    let kind = if function { NameKind::Unknown } else { NameKind::Scalar };
                    self.scope.bind(name.clone(), kind);
                }
                Kind::Missing => {}
                _ => {
                    let written = self.source_of(self.tree.span(target)).to_string();
                    self.error(errors::parameter(span, &written));
                    return;
                }
            }
        }
    }

    fn begins_declaration(&self) -> bool {
        let mut ahead = 1;
        loop {
            match (self.peek(ahead).kind, self.peek(ahead + 1).kind) {
                (T::Colon, _) => return true,
                (T::Comma, T::Name) => ahead += 2,
                _ => return false,
            }
        }
    }

    /// `x, y: real`.
    fn declaration(&mut self) -> TreeId {
        let start = self.token();
        let base = self.scratch.len();
        loop {
            let name = self.bump();
            let id = self.name_node(name);
            self.scratch.push(id);
            if !self.eat(T::Comma) {
                break;
            }
        }
        let names = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        let colon = self.bump();
        if matches!(self.kind(), T::Eof | T::End) {
            self.error(errors::no_type(colon.span()));
        }
        let ty = self.expr(PLAIN);
        let word = match self.tree.kind(ty) {
            Kind::Call { head, .. } => self.tree.kind(*head),
            kind => kind,
        };
        let kind = match word {
            Kind::Name(word) if matches!(word.as_str(), "real" | "integer" | "complex" | "boolean") => {
                NameKind::Scalar
            }
            Kind::Name(word) if word == "function" => NameKind::Function,
            _ => NameKind::Tensor,
        };
        for at in 0..names.len() {
            let id = self.tree.ids(names)[at];
            if let Kind::Name(name) = self.tree.kind(id) {
                self.scope.define(name.clone(), kind);
            }
        }
        if self.kind() == T::Comma && self.peek(1).kind == T::Name && !self.failed {
            let comma = self.token().span();
            self.error(errors::comma_between_declarations(comma));
        }
        let span = self.since(start.span());
        self.tree.push(Kind::Declare { names, ty }, span)
    }

    /// A clause word, on this line or the next.
    fn clause(&mut self, word: &str) -> bool {
        let line = self.token();
        if line.kind == T::End && line.flags & lex::LINE != 0 && self.is_word(self.peek(1), word) {
            self.bump();
        }
        let there = self.is_word(self.token(), word) && !self.failed;
        if there {
            self.bump();
        }
        there
    }

    /// Expressions, equations or ranges between commas.
    fn items(&mut self, equal: bool) -> crate::List {
        let place = self.place;
        self.place = Place { equal, clauses: true, ..Place::default() };
        let base = self.scratch.len();
        loop {
            let item = self.expr(PLAIN);
            self.scratch.push(item);
            if self.failed || !self.eat(T::Comma) {
                break;
            }
        }
        self.place = place;
        let list = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        list
    }

    /// `solve x^3 = 1, y = 2 over x, y`.
    fn solve(&mut self) -> TreeId {
        let word = self.bump();
        let equations = self.items(true);
        let over = if self.clause("over") { self.items(false) } else { self.tree.list(&[]) };
        let span = self.since(word.span());
        self.tree.push(Kind::Solve { equations, over }, span)
    }

    /// `minimize f subject to g over x, y`.
    fn minimize(&mut self, maximize: bool) -> TreeId {
        let word = self.bump();
        self.place = Place { clauses: true, ..Place::default() };
        let objective = self.expr(PLAIN);
        self.place = Place::default();
        let mut constraints = self.tree.list(&[]);
        if self.clause("subject") {
            if self.is_word(self.token(), "to") {
                self.bump();
            } else {
                let at = self.token().span();
                self.error(errors::subject_without_to(self.tokens[self.at - 1].span().to(at)));
            }
            constraints = self.items(true);
        }
        let over = if self.clause("over") { self.items(false) } else { self.tree.list(&[]) };
        let span = self.since(word.span());
        self.tree.push(Kind::Minimize { maximize, objective, constraints, over }, span)
    }

    /// `function swish2(x) = x*sigmoid(2x) with derivative …; range …`.
    fn teach(&mut self) -> TreeId {
        let word = self.bump();
        let mark = self.scope.open();
        if !(self.begins_definition() && self.peek(1).kind == T::LParen) {
            self.error(errors::teach_without_function(word.span().to(self.token().span())));
            return self.missing();
        }
        let (target, _) = self.target();
        self.bump();
        self.place = Place { clauses: true, ..Place::default() };
        let value = self.expr(LOOSEST);
        self.place = Place::default();
        let span = self.since(self.tree.span(target));
        let binders = self.tree.list(&[]);
        let define = self.tree.push(Kind::Define { target, value, binders }, span);
        let base = self.scratch.len();
        if self.clause("with") {
            loop {
                let column = self.column();
                self.scratch.push(column);
                if self.failed || !self.next_column() {
                    break;
                }
            }
        }
        self.scope.close(mark);
        let columns = self.tree.list(&self.scratch[base..]);
        self.scratch.truncate(base);
        let span = self.since(word.span());
        self.tree.push(Kind::Teach { define, columns }, span)
    }

    /// Steps over the `;` or the line's end before another column.
    fn next_column(&mut self) -> bool {
        let is_column = |t: Token| t.kind == T::Name && COLUMNS.contains(&self.source(t));
        let defines = matches!(self.peek(2).kind, T::Equal) || self.definition_at(self.at + 1);
        let there = self.kind() == T::End && is_column(self.peek(1)) && !defines;
        if there {
            self.bump();
        }
        there
    }

    /// `derivative 2x`, `law f(0) = 0`, `title "…"`: a name and what stands in the column.
    fn column(&mut self) -> TreeId {
        let word = self.token();
        if word.kind != T::Name || !COLUMNS.contains(&self.source(word)) {
            let near = crate::nearest(self.source(word), COLUMNS).map(str::to_string);
            self.error(errors::no_column(word.span(), near.as_deref()));
            return self.missing();
        }
        self.bump();
        self.eat(T::Colon);
        let name = self.name_node(word);
        let value = self.column_value();
        let span = self.since(word.span());
        self.tree.push(Kind::Equation(name, value), span)
    }

    fn column_value(&mut self) -> TreeId {
        let base = self.scratch.len();
        let start = self.token();
        // Laws speak a language of their own (`=>`, `~`, `when`): these are kept as text.
        let mut at = self.at;
        while !matches!(self.tokens[at].kind, T::End | T::Eof) {
            let token = self.tokens[at];
            if matches!(token.kind, T::FatArrow | T::Tilde) || self.is_word(token, "when") {
                while !matches!(self.kind(), T::End | T::Eof) {
                    self.bump();
                }
                let span = self.since(start.span());
                let text = SmolStr::new(self.source_of(span));
                return self.tree.push(Kind::Text(text), span);
            }
            at += 1;
        }
        loop {
            let left = self.expr(PLAIN);
            let mut item = left;
            if self.kind() == T::Equal && !self.failed {
                self.bump();
                let right = self.expr(PLAIN);
                let span = self.tree.span(left).to(self.tree.span(right));
                item = self.tree.push(Kind::Equation(left, right), span);
            }
            self.scratch.push(item);
            if self.failed || !self.eat(T::Comma) {
                break;
            }
        }
        let items = self.scratch.split_off(base);
        match items.as_slice() {
            [one] => *one,
            all => {
                let list = self.tree.list(all);
                let span = self.since(start.span());
                self.tree.push(Kind::Tuple(list), span)
            }
        }
    }
}
