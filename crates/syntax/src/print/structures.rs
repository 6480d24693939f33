//! What is typeset in two dimensions: calls with a shape of their own, large signs with their limits, cases, derivatives.

use smol_str::SmolStr;

use super::machine::Piece;
use super::precedence::{ATOM, COMPARE, IF, MUL, OR, POSTFIX, RANGE, WHERE};
use super::shape::{Shape, one_letter, shape, split_index};
use super::style::{Form, Sign};
use super::typeset::Writer;
use crate::{Kind, List, Side, TreeId};

impl Writer<'_, '_, '_> {
    pub(super) fn call(&mut self, head: TreeId, args: List) {
        let tree = self.tree;
        let ids = tree.ids(args);
        match shape(tree, head, args) {
            Shape::Plain => {
                match tree.kind(head) {
                    Kind::Prime(x, count) => self.primed(*x, *count),
                    Kind::Derivative { .. } => self.node(head, ATOM + 1),
                    _ => self.head(head),
                }
                self.arguments(ids);
            }
            Shape::Fenced(form) => self.fenced(form, ids[0]),
            Shape::Exp => {
                self.open(Form::Power);
                self.sign(Sign::E);
                self.next(Form::Power);
                self.node(ids[0], WHERE);
                self.close(Form::Power);
            }
            Shape::Factorial => {
                self.node(ids[0], POSTFIX);
                self.sign(Sign::Factorial);
            }
            Shape::Binomial => {
                self.open(Form::Binomial);
                self.node(ids[0], WHERE);
                self.next(Form::Binomial);
                self.node(ids[1], WHERE);
                self.close(Form::Binomial);
            }
            Shape::MatrixInverse => {
                let form = if one_letter(tree, ids[0]) { Form::Power } else { Form::WidePower };
                self.open(form);
                self.node(ids[0], POSTFIX);
                self.next(form);
                self.sign(Sign::Negative);
                self.number("1");
                self.close(form);
            }
            Shape::Nabla(squared) => {
                if squared {
                    self.open(Form::Power);
                }
                self.sign(Sign::Nabla);
                if squared {
                    self.next(Form::Power);
                    self.number("2");
                    self.close(Form::Power);
                }
                self.sign(Sign::Beside);
                self.unsigned(ids[0], POSTFIX);
            }
            Shape::Sum(sign, binders, body) => {
                for &binder in binders {
                    self.large(sign, binder);
                }
                self.unsigned(body, MUL);
            }
            Shape::Over(binders, body) => {
                let name = match tree.kind(head) {
                    Kind::Name(name) => self.style.function(name, true),
                    _ => SmolStr::default(),
                };
                self.open(Form::Under);
                self.owned(name);
                self.next(Form::Under);
                self.list(binders, COMPARE);
                self.close(Form::Under);
                self.arguments(&[body]);
            }
            Shape::Integral => {
                if let [_, _, from, to] = ids {
                    self.open(Form::Bounds);
                    self.sign(Sign::BoundedIntegral);
                    self.part(Form::Bounds, 0);
                    self.node(*from, WHERE);
                    self.part(Form::Bounds, 1);
                    self.node(*to, WHERE);
                    self.close(Form::Bounds);
                } else {
                    self.sign(Sign::Integral);
                }
                self.node(ids[0], MUL);
                self.sign(Sign::Differential);
                self.node(ids[1], ATOM);
            }
            Shape::Limit => {
                self.open(Form::Under);
                self.sign(Sign::Limit);
                self.next(Form::Under);
                self.node(ids[1], WHERE);
                self.close(Form::Under);
                self.unsigned(ids[0], MUL);
            }
        }
    }

    /// A sum's sign with its range below and above.
    pub(super) fn large(&mut self, sign: Sign, binder: TreeId) {
        if let Kind::In(name, set) = *self.tree.kind(binder)
            && let Kind::Range(from, to) = *self.tree.kind(set)
        {
            self.open(Form::UnderOver);
            self.sign(sign);
            self.part(Form::UnderOver, 0);
            self.node(name, RANGE);
            self.sign(Sign::Equal);
            self.node(from, RANGE);
            self.part(Form::UnderOver, 1);
            self.node(to, RANGE);
            self.close(Form::UnderOver);
            return;
        }
        self.open(Form::Under);
        self.sign(sign);
        self.next(Form::Under);
        self.node(binder, COMPARE);
        self.close(Form::Under);
    }

    /// `i = 1, …, n`, `x ∈ [0, 1]`.
    pub(super) fn binder(&mut self, id: TreeId) {
        let Kind::In(x, set) = *self.tree.kind(id) else { return };
        self.node(x, RANGE);
        match self.tree.kind(set) {
            Kind::Range(..) => {
                self.sign(Sign::Equal);
                self.node(set, RANGE);
            }
            Kind::Vector(ends) => {
                self.sign(Sign::In);
                self.open(Form::Square);
                self.list(self.tree.ids(*ends), IF);
                self.close(Form::Square);
            }
            _ => {
                self.sign(Sign::In);
                self.node(set, RANGE);
            }
        }
    }

    pub(super) fn arrow(&mut self, x: TreeId, to: TreeId, side: Side) {
        self.node(x, OR);
        self.sign(Sign::To);
        if side == Side::Both {
            return self.node(to, OR);
        }
        let simple = matches!(self.tree.kind(to), Kind::Number(_) | Kind::Name(_));
        let form = if simple { Form::Power } else { Form::WidePower };
        self.open(form);
        self.node(to, POSTFIX);
        self.next(form);
        self.sign(if side == Side::Right { Sign::Positive } else { Sign::Negative });
        self.close(form);
    }

    /// `if a then x else if b then y else z` is one brace.
    pub(super) fn cases(&mut self, id: TreeId) {
        self.open(Form::Cases);
        let mut rest = id;
        // A chain longer than anyone reads goes on as a case of its own.
        for _ in 0..64 {
            let Kind::If(condition, yes, no) = *self.tree.kind(rest) else { break };
            self.node(yes, IF);
            self.next(Form::Cases);
            self.words("if ");
            self.node(condition, OR);
            let next = self.style.next_row(Form::Cases);
            self.pieces.push(Piece::Plain(next));
            rest = no;
        }
        self.node(rest, IF);
        self.next(Form::Cases);
        self.words("otherwise");
        self.close(Form::Cases);
    }

    pub(super) fn derivative(&mut self, partial: bool, variables: List, body: TreeId) {
        let (d, of) = if partial { (Sign::Partial, Sign::PartialOf) } else { (Sign::D, Sign::DOf) };
        let inside = matches!(self.tree.kind(body), Kind::Name(_));
        self.open(Form::Fraction);
        let order = variables.len();
        if order == 1 {
            self.sign(if inside { of } else { d });
        } else {
            self.open(Form::Power);
            self.sign(d);
            self.next(Form::Power);
            self.number(&order.to_string());
            self.close(Form::Power);
        }
        if inside {
            if order > 1 {
                self.sign(Sign::Beside);
            }
            self.node(body, ATOM);
        }
        self.next(Form::Fraction);
        for (at, (name, count)) in super::runs(self.tree, variables).into_iter().enumerate() {
            if at > 0 {
                self.sign(Sign::Beside);
            }
            self.sign(of);
            if count == 1 {
                self.name(&name);
            } else {
                let form = if split_index(&name).1.is_empty() { Form::Power } else { Form::WidePower };
                self.open(form);
                self.name(&name);
                self.next(form);
                self.number(&count.to_string());
                self.close(form);
            }
        }
        self.close(Form::Fraction);
        if !inside {
            self.sign(Sign::Beside);
            self.unsigned(body, MUL);
        }
    }

    /// `x ∈ ℝ`, `X ∈ ℝ^{n × m}`; other types by name.
    pub(super) fn declare(&mut self, names: List, ty: TreeId) {
        let tree = self.tree;
        self.list(tree.ids(names), IF);
        let word = |id: TreeId| match tree.kind(id) {
            Kind::Name(name) => Some(name.as_str()),
            _ => None,
        };
        match tree.kind(ty) {
            Kind::Name(name) if name == "real" => {
                self.sign(Sign::In);
                self.sign(Sign::Reals);
            }
            Kind::Name(name) if name == "integer" => {
                self.sign(Sign::In);
                self.sign(Sign::Integers);
            }
            Kind::Call { head, args } if matches!(word(*head), Some("vector" | "matrix" | "tensor")) => {
                self.sign(Sign::In);
                self.open(Form::Power);
                self.sign(Sign::Reals);
                self.next(Form::Power);
                for (at, &size) in tree.ids(*args).iter().enumerate() {
                    if at > 0 {
                        self.sign(Sign::Cross);
                    }
                    self.node(size, MUL);
                }
                self.close(Form::Power);
            }
            _ => {
                self.sign(Sign::Colon);
                match tree.kind(ty) {
                    Kind::Name(name) => self.words(name),
                    _ => self.node(ty, IF),
                }
            }
        }
    }
}
