//! Typesetting, in terms of a [`Style`]: fractions, roots, powers, large signs with their limits.

use smol_str::SmolStr;

use super::LatexName;
use super::machine::{Around, Notation, Piece, Pieces};
use super::precedence::{
    self, ADD, AND, ARROW, ATOM, COMPARE, IF, MUL, NOT, OR, POSTFIX, PREFIX, RANGE, WHERE,
};
use super::shape::{
    begins_with_digit, leading_minus, level, one_letter, open_ended, power_before, signed, split_index,
    words_meet,
};
use super::style::{Form, Sign, Style};
use crate::{Binary, Kind, List, Prefix, Relation, Tree, TreeId};

/// A notation for typesetting, and what the caller knows of functions' names.
pub(super) struct Typeset<'a> {
    pub(super) style: &'a dyn Style,
    pub(super) names: Option<&'a LatexName<'a>>,
}

impl<'a> Notation for Typeset<'a> {
    fn expand(&self, tree: &Tree, id: TreeId, around: Around, pieces: &mut Pieces) {
        let mut writer = Writer { style: self.style, names: self.names, tree, pieces };
        if level(tree, id) < around.min || (around.unsigned && signed(tree, id)) {
            writer.open(Form::Round);
            writer.inner(id, Around::new(WHERE));
            writer.close(Form::Round);
        } else {
            writer.inner(id, around);
        }
    }
}

pub(super) struct Writer<'a, 't, 'p> {
    pub(super) style: &'a dyn Style,
    names: Option<&'a LatexName<'a>>,
    pub(super) tree: &'t Tree,
    pub(super) pieces: &'p mut Pieces,
}

impl Writer<'_, '_, '_> {
    pub(super) fn open(&mut self, form: Form) {
        self.pieces.push(Piece::Plain(self.style.open(form)));
    }

    pub(super) fn next(&mut self, form: Form) {
        self.pieces.push(Piece::Plain(self.style.next(form)));
    }

    /// Parts the parts of a form of three.
    pub(super) fn part(&mut self, form: Form, at: usize) {
        self.pieces.push(Piece::Plain(self.style.second(form)[at]));
    }

    pub(super) fn close(&mut self, form: Form) {
        self.pieces.push(Piece::Plain(self.style.close(form)));
    }

    pub(super) fn sign(&mut self, sign: Sign) {
        self.pieces.push(Piece::Plain(self.style.sign(sign)));
    }

    pub(super) fn owned(&mut self, text: SmolStr) {
        self.pieces.push(Piece::Owned(text));
    }

    pub(super) fn words(&mut self, words: &str) {
        let text = self.style.words(words);
        self.owned(text);
    }

    pub(super) fn node(&mut self, id: TreeId, min: u8) {
        self.pieces.push(Piece::Node(id, Around::new(min)));
    }

    pub(super) fn unsigned(&mut self, id: TreeId, min: u8) {
        self.pieces.push(Piece::Node(id, Around::unsigned(min)));
    }

    pub(super) fn list(&mut self, ids: &[TreeId], min: u8) {
        for (at, &id) in ids.iter().enumerate() {
            if at > 0 {
                self.sign(Sign::Comma);
            }
            self.node(id, min);
        }
    }

    pub(super) fn fenced(&mut self, form: Form, id: TreeId) {
        self.open(form);
        self.node(id, WHERE);
        self.close(form);
    }

    pub(super) fn arguments(&mut self, args: &[TreeId]) {
        self.sign(Sign::Apply);
        self.open(Form::Round);
        self.list(args, ARROW);
        self.close(Form::Round);
    }

    pub(super) fn inner(&mut self, id: TreeId, around: Around) {
        let tree = self.tree;
        match tree.kind(id) {
            Kind::Number(text) => self.number(text),
            Kind::Name(name) => self.name(name),
            Kind::Text(text) => self.words(text),
            Kind::Prefix(op, x) => match op {
                Prefix::Not => {
                    self.sign(Sign::Not);
                    self.node(*x, NOT);
                }
                _ => {
                    if !around.bare {
                        self.sign(if *op == Prefix::Neg { Sign::Negative } else { Sign::Positive });
                    }
                    let product = precedence::sign_goes_inside(tree, *x) || open_ended(tree, *x);
                    self.unsigned(*x, if product { MUL } else { PREFIX });
                }
            },
            Kind::Binary(op, left, right) => self.binary(*op, *left, *right, around.bare),
            Kind::Factorial(x) => {
                let min = if matches!(tree.kind(*x), Kind::Factorial(_)) { ATOM + 1 } else { POSTFIX };
                self.node(*x, min);
                self.sign(Sign::Factorial);
            }
            Kind::Prime(x, count) => self.prime(*x, *count),
            Kind::Inverse(x) => {
                self.open(Form::Power);
                self.head(*x);
                self.next(Form::Power);
                self.sign(Sign::Negative);
                self.number("1");
                self.close(Form::Power);
            }
            Kind::Compare { operands, relations } => {
                for (at, &operand) in tree.ids(*operands).iter().enumerate() {
                    if let Some(relation) = at.checked_sub(1).and_then(|at| relations.get(at)) {
                        self.sign(match relation {
                            Relation::Less => Sign::Less,
                            Relation::LessEqual => Sign::LessEqual,
                            Relation::Greater => Sign::Greater,
                            Relation::GreaterEqual => Sign::GreaterEqual,
                            Relation::Equal => Sign::Equal,
                            Relation::NotEqual => Sign::NotEqual,
                        });
                    }
                    self.node(operand, RANGE);
                }
            }
            Kind::Call { head, args } => self.call(*head, *args),
            Kind::Index { base, indices } => {
                let form = if one_letter(tree, *base) { Form::Sub } else { Form::WideSub };
                self.open(form);
                self.node(*base, POSTFIX);
                self.next(form);
                self.list(tree.ids(*indices), ARROW);
                self.close(form);
            }
            Kind::Colon => self.sign(Sign::Colon),
            Kind::Range(from, to) => {
                self.node(*from, ADD);
                self.sign(Sign::Comma);
                self.sign(Sign::Dots);
                self.sign(Sign::Comma);
                self.node(*to, ADD);
            }
            Kind::In(..) => self.binder(id),
            Kind::Equation(left, right) => {
                self.node(*left, OR);
                self.sign(Sign::Equal);
                self.node(*right, IF);
            }
            Kind::Arrow(x, to, side) => self.arrow(*x, *to, *side),
            Kind::Tuple(items) => {
                self.open(Form::Round);
                self.list(tree.ids(*items), IF);
                self.close(Form::Round);
            }
            Kind::Vector(items) => {
                // A vector stands as a column.
                self.open(Form::Matrix);
                for (at, &item) in tree.ids(*items).iter().enumerate() {
                    if at > 0 {
                        let next = self.style.next_row(Form::Matrix);
                        self.pieces.push(Piece::Plain(next));
                    }
                    self.node(item, IF);
                }
                self.close(Form::Matrix);
            }
            Kind::Matrix(rows) => {
                self.open(Form::Matrix);
                for (at, &row) in tree.ids(*rows).iter().enumerate() {
                    if at > 0 {
                        let next = self.style.next_row(Form::Matrix);
                        self.pieces.push(Piece::Plain(next));
                    }
                    let cells = match tree.kind(row) {
                        Kind::Vector(cells) => tree.ids(*cells),
                        _ => std::slice::from_ref(&tree.ids(*rows)[at]),
                    };
                    for (at, &cell) in cells.iter().enumerate() {
                        if at > 0 {
                            self.next(Form::Matrix);
                        }
                        self.node(cell, IF);
                    }
                }
                self.close(Form::Matrix);
            }
            Kind::Comprehension { body, binders } => {
                self.open(Form::WideSub);
                self.fenced(Form::Square, *body);
                self.next(Form::WideSub);
                self.list(tree.ids(*binders), COMPARE);
                self.close(Form::WideSub);
            }
            Kind::If(..) => self.cases(id),
            Kind::Where(body, definitions) => {
                self.node(*body, IF);
                self.sign(Sign::Quad);
                self.words("where ");
                self.list(tree.ids(*definitions), WHERE);
            }
            Kind::Derivative { partial, variables, body } => self.derivative(*partial, *variables, *body),
            Kind::Define { target, value, binders } => {
                self.node(*target, POSTFIX);
                self.sign(Sign::Equal);
                self.node(*value, WHERE);
                if !binders.is_empty() {
                    self.sign(Sign::Quad);
                    self.list(tree.ids(*binders), COMPARE);
                }
            }
            Kind::Declare { names, ty } => self.declare(*names, *ty),
            Kind::Teach { define, columns } => {
                self.node(*define, WHERE);
                for &column in tree.ids(*columns) {
                    self.sign(Sign::Quad);
                    match tree.kind(column) {
                        Kind::Equation(name, value) => {
                            if let Kind::Name(name) = tree.kind(*name) {
                                self.words(&format!("{name} "));
                            }
                            self.node(*value, ARROW);
                        }
                        _ => self.node(column, IF),
                    }
                }
            }
            Kind::Solve { equations, over } => {
                self.words("solve ");
                self.list(tree.ids(*equations), IF);
                self.clause(" over ", *over);
            }
            Kind::Minimize { maximize, objective, constraints, over } => {
                let name = self.style.function(if *maximize { "max" } else { "min" }, true);
                if over.is_empty() {
                    self.owned(name);
                } else {
                    self.open(Form::Under);
                    self.owned(name);
                    self.next(Form::Under);
                    self.list(tree.ids(*over), IF);
                    self.close(Form::Under);
                }
                self.sign(Sign::Beside);
                self.node(*objective, IF);
                self.clause(" subject to ", *constraints);
            }
            Kind::Missing => self.sign(Sign::Missing),
        }
    }

    pub(super) fn clause(&mut self, word: &str, list: List) {
        if !list.is_empty() {
            self.sign(Sign::Quad);
            self.words(word.trim_start());
            self.list(self.tree.ids(list), IF);
        }
    }

    pub(super) fn number(&mut self, text: &str) {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, ""));
        if exponent.is_empty() {
            let digits = self.style.number(mantissa);
            return self.owned(digits);
        }
        if mantissa != "1" {
            let digits = self.style.number(mantissa);
            self.owned(digits);
            self.sign(Sign::Dot);
        }
        self.open(Form::Power);
        let ten = self.style.number("10");
        self.owned(ten);
        self.next(Form::Power);
        let digits = exponent.strip_prefix('-').unwrap_or(exponent);
        if digits.len() < exponent.len() {
            self.sign(Sign::Negative);
        }
        let digits = self.style.number(digits);
        self.owned(digits);
        self.close(Form::Power);
    }

    /// A name with its indices: `x_1`, `x1`, `alpha_max`.
    pub(super) fn name(&mut self, name: &str) {
        if name == "e" {
            return self.sign(Sign::E);
        }
        let (base, index) = split_index(name);
        if index.is_empty() {
            return self.letter(base);
        }
        self.open(Form::Sub);
        self.letter(base);
        self.next(Form::Sub);
        for (at, part) in index.split('_').filter(|part| !part.is_empty()).enumerate() {
            if at > 0 {
                self.sign(Sign::Comma);
            }
            if part.bytes().all(|b| b.is_ascii_digit()) {
                let digits = self.style.number(part);
                self.owned(digits);
            } else {
                self.letter(part);
            }
        }
        self.close(Form::Sub);
    }

    pub(super) fn letter(&mut self, name: &str) {
        let mut chars = name.chars();
        let text = match (chars.next(), chars.next(), chars.next()) {
            (Some(letter), Some(mark @ '\u{300}'..='\u{36f}'), None) => {
                let letter = self.style.letter(letter.encode_utf8(&mut [0; 4]));
                self.style.accent(mark, &letter)
            }
            _ => self.style.letter(name),
        };
        self.owned(text);
    }

    /// A name as that of a function.
    pub(super) fn head(&mut self, head: TreeId) {
        match self.tree.kind(head) {
            Kind::Name(name) => {
                let known = self.names.and_then(|names| names(name));
                match known {
                    Some(text) => self.owned(text.into()),
                    None if name.chars().count() == 1
                        || !split_index(name).1.is_empty() && name.len() <= 3 =>
                    {
                        self.name(name);
                    }
                    None => {
                        let text = self.style.function(name, false);
                        self.owned(text);
                    }
                }
            }
            _ => self.node(head, POSTFIX),
        }
    }

    pub(super) fn binary(&mut self, op: Binary, left: TreeId, right: TreeId, bare: bool) {
        let tree = self.tree;
        match op {
            Binary::Add | Binary::Sub => {
                self.node(left, ADD);
                self.sign(if op == Binary::Add { Sign::Plus } else { Sign::Minus });
                self.unsigned(right, MUL);
            }
            Binary::Mul | Binary::Juxtapose => {
                let min = if open_ended(tree, left) { ATOM + 1 } else { MUL };
                self.pieces.push(Piece::Node(left, Around { bare, ..Around::new(min) }));
                let digit = begins_with_digit(tree, right);
                let words = words_meet(tree, left, right);
                self.sign(if digit {
                    Sign::Dot
                } else if words {
                    Sign::Thin
                } else {
                    Sign::Beside
                });
                // Products associate, so those on the right need no brackets.
                let product = matches!(
                    tree.kind(right),
                    Kind::Binary(Binary::Mul | Binary::Juxtapose | Binary::Div, ..)
                ) || open_ended(tree, right);
                self.unsigned(right, if product { MUL } else { PREFIX });
            }
            Binary::Div => {
                let minus = leading_minus(tree, left);
                if minus && !bare {
                    self.sign(Sign::Negative);
                }
                self.open(Form::Fraction);
                self.pieces.push(Piece::Node(left, Around { bare: minus, ..Around::new(WHERE) }));
                self.next(Form::Fraction);
                self.node(right, WHERE);
                self.close(Form::Fraction);
            }
            Binary::Cross | Binary::ElementMul | Binary::ElementDiv => {
                self.node(left, if open_ended(tree, left) { ATOM + 1 } else { MUL });
                self.sign(match op {
                    Binary::Cross => Sign::Cross,
                    Binary::ElementMul => Sign::ElementMul,
                    _ => Sign::ElementDiv,
                });
                self.unsigned(right, PREFIX);
            }
            Binary::Pow => self.power(left, right),
            Binary::ElementPow => {
                let form = if one_letter(tree, left) { Form::Power } else { Form::WidePower };
                self.open(form);
                self.node(left, POSTFIX);
                self.next(form);
                self.sign(Sign::ElementPow);
                self.node(right, WHERE);
                self.close(form);
            }
            Binary::And | Binary::Or => {
                let level = if op == Binary::And { AND } else { OR };
                self.node(left, level);
                self.sign(if op == Binary::And { Sign::And } else { Sign::Or });
                self.node(right, level + 1);
            }
        }
    }

    pub(super) fn power(&mut self, base: TreeId, exponent: TreeId) {
        let tree = self.tree;
        let counts = matches!(tree.kind(exponent), Kind::Number(n) if n.bytes().all(|b| b.is_ascii_digit()));
        if counts
            && let Kind::Call { head, args } = tree.kind(base)
            && let Kind::Name(name) = tree.kind(*head)
            && power_before(name)
        {
            self.open(Form::Power);
            self.head(*head);
            self.next(Form::Power);
            self.node(exponent, WHERE);
            self.close(Form::Power);
            return self.arguments(tree.ids(*args));
        }
        let simple = match tree.kind(base) {
            Kind::Name(_) | Kind::Number(_) => true,
            Kind::Index { base, .. } => one_letter(tree, *base),
            // In brackets.
            _ => level(tree, base) < POSTFIX,
        };
        let form = if simple { Form::Power } else { Form::WidePower };
        self.open(form);
        self.node(base, POSTFIX);
        self.next(form);
        self.node(exponent, WHERE);
        self.close(form);
    }

    /// A derivative where a function is primed, else a transpose.
    pub(super) fn prime(&mut self, x: TreeId, count: u32) {
        let function = matches!(self.tree.kind(x), Kind::Name(name) if matches!(name.as_str(), "f" | "g" | "h" | "F" | "G" | "H"));
        if function {
            return self.primed(x, count);
        }
        let form = if one_letter(self.tree, x) { Form::Power } else { Form::WidePower };
        self.open(form);
        self.node(x, POSTFIX);
        self.next(form);
        for _ in 0..count {
            self.sign(Sign::Transpose);
        }
        self.close(form);
    }

    pub(super) fn primed(&mut self, x: TreeId, count: u32) {
        self.open(Form::Primes);
        self.head(x);
        self.next(Form::Primes);
        for _ in 0..count {
            self.sign(Sign::Prime);
        }
        self.close(Form::Primes);
    }
}
