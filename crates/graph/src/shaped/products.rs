//! Products of every kind, quotients and powers.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};

use super::condition::Need;
use super::reader::{Frame, Read, Reader};
use super::value::{Form, Value, all_binders};
use crate::Rational;
use crate::elaborate::{no_real_power, power_domain};
use crate::op::{Factor, Label, Labels, Linear, NodeId};

/// The largest power of a matrix that is written out.
const MAX_MATRIX_POWER: i64 = 64;

impl<'a> Reader<'a> {
    /// `a*b`: of numbers, matrices, rows and columns.
    pub(super) fn times(&mut self, a: &Value, b: &Value, spans: (Span, Span), span: Span) -> Read {
        if a.is_scalar() || b.is_scalar() {
            return Ok(self.elementwise(&[a, b], |g, n| g.hadamard(n[0], n[1])));
        }
        // Labels: the axes of `a` are 0, 1; those of `b` 1, 2 where they are joined.
        let (left, right, form): (&[Label], &[Label], Form) = match (a.form, b.form) {
            (Form::Matrix, Form::Matrix) => (&[0, 1], &[1, 2], Form::Matrix),
            (Form::Matrix, Form::Column) => (&[0, 1], &[1], Form::Column),
            (Form::Row, Form::Matrix) => (&[1], &[1, 2], Form::Row),
            (Form::Row, Form::Column) => (&[1], &[1], Form::Scalar),
            (Form::Column, Form::Row) => (&[0], &[2], Form::Matrix),
            _ => {
                let [x, y] = self.operand_texts();
                let hint = match (a.form, b.form) {
                    (Form::Column, Form::Column) => format!(
                        "write `{x}'*{y}` for the inner product, `{x}*{y}'` for the outer, or `{x}.*{y}` entry by entry"
                    ),
                    (Form::Matrix, Form::Row) => {
                        "leave the `'` out: a matrix times a column is a column".into()
                    }
                    (Form::Column, Form::Matrix) => format!("write `{x}'*{y}`, or `{y}'*{x}`"),
                    (Form::Row, Form::Row) => "leave the `'` behind the second one out".into(),
                    _ => "write an `einsum`, or a sum over an index".into(),
                };
                return Err(self.disagree(
                    "these cannot be multiplied",
                    span,
                    (a, spans.0),
                    (b, spans.1),
                    Some(hint),
                ));
            }
        };
        let joined = |labels: &[Label]| labels.iter().position(|l| *l == 1);
        if let (Some(i), Some(j)) = (joined(left), joined(right)) {
            let (m, n) = (self.own_shape(a)[i], self.own_shape(b)[j]);
            if m != n {
                let hint = self.product_hint(a, b);
                return Err(self.disagree(
                    "the sizes of this product do not fit",
                    span,
                    (a, spans.0),
                    (b, spans.1),
                    hint,
                ));
            }
        }
        let out: Labels = left.iter().chain(right).copied().filter(|l| *l != 1).collect();
        let value = self.contraction(&[(a, left), (b, right)], &out, form);
        Ok(self.without_unit_axes(value))
    }

    /// Another order or a transpose with which a product would fit.
    fn product_hint(&mut self, a: &Value, b: &Value) -> Option<String> {
        let (s, t) = (self.own_shape(a), self.own_shape(b));
        let [x, y] = self.operand_texts();
        let turned = |text: &str| match text.strip_suffix('\'') {
            Some(plain) => plain.to_owned(),
            None => format!("{text}'"),
        };
        Some(match (a.form, b.form) {
            (Form::Matrix, Form::Column) if s[0] == t[0] => format!("did you mean `{}*{y}`?", turned(&x)),
            (Form::Row, Form::Matrix) if s[0] == t[1] => format!("did you mean `{x}*{}`?", turned(&y)),
            (Form::Matrix, Form::Matrix) if s[1] == t[1] => format!("did you mean `{x}*{}`?", turned(&y)),
            (Form::Matrix, Form::Matrix) if s[0] == t[0] => format!("did you mean `{}*{y}`?", turned(&x)),
            (Form::Matrix, Form::Matrix) if t[1] == s[0] => format!("in the other order they fit: `{y}*{x}`"),
            _ => "the columns of the left must be as many as the rows of the right".into(),
        })
    }

    /// The operands of the product that is being read, each in brackets where it needs them.
    fn operand_texts(&self) -> [String; 2] {
        let Some((tree, a, b)) = self.operands else { return ["A".into(), "B".into()] };
        [a, b].map(|id| {
            let text = agnesi_syntax::print::text(tree, id);
            match tree.kind(id) {
                Kind::Binary(..) | Kind::Prefix(..) | Kind::If(..) | Kind::Where(..) => format!("({text})"),
                _ => text,
            }
        })
    }

    /// A sum of products: `parts` with labels for their own axes, `out` those of the result's.
    pub(super) fn contraction(&mut self, parts: &[(&Value, &[Label])], out: &[Label], form: Form) -> Value {
        let values: Vec<&Value> = parts.iter().map(|p| p.0).collect();
        let binders = all_binders(&values);
        let front = binders.len() as Label;
        let mut sizes: Vec<NodeId> = binders.iter().map(|b| self.binders[*b as usize]).collect();
        let mut factors = Vec::with_capacity(parts.len());
        let one = self.g.one();
        for (value, own) in parts {
            let mut labels: Labels = value
                .binders
                .iter()
                .map(|b| binders.iter().position(|x| x == b).unwrap_or(0) as Label)
                .collect();
            for (label, size) in own.iter().zip(self.own_shape(value)) {
                let label = front + label;
                if sizes.len() <= label as usize {
                    sizes.resize(label as usize + 1, one);
                }
                sizes[label as usize] = size;
                labels.push(label);
            }
            factors.push(Factor { node: value.node, labels, exponent: Rational::ONE });
        }
        let labels: Labels = (0..front).chain(out.iter().map(|l| front + l)).collect();
        let node = self.g.contract(Rational::ONE, factors, labels, sizes);
        Value { node, binders, form, boolean: false }
    }

    pub(super) fn divide(&mut self, a: &Value, b: &Value, span: Span) -> Read {
        if self.g.is_zero(b.node) {
            return Err(Diagnostic::error(Code::Domain, "division by zero", span, "this is 0"));
        }
        let zero = self.elementwise(&[b], |g, n| g.is_zero_condition(n[0]));
        let nonzero = self.g.not(zero.node);
        self.need(Need::Entries(nonzero));
        Ok(self.elementwise(&[a, b], |g, n| {
            let below = g.elementwise_power(n[1], Rational::MINUS_ONE);
            g.hadamard(n[0], below)
        }))
    }

    /// `a^b`, entry by entry.
    pub(super) fn power(&mut self, a: &Value, b: &Value, span: Span) -> Read {
        let condition = self.elementwise(&[a, b], |g, n| g.by_entries(n, |g, n| power_domain(g, n[0], n[1])));
        self.need_entries(condition.node, || no_real_power(span))?;
        Ok(self.elementwise(&[a, b], |g, n| g.general_power(n[0], n[1])))
    }

    pub(super) fn raised(
        &mut self,
        frame: &Frame<'a>,
        base: &Value,
        exponent: &Value,
        written: TreeId,
        span: Span,
        spans: (Span, Span),
    ) -> Read {
        if base.is_scalar() && exponent.is_scalar() {
            return self.power(base, exponent, span);
        }
        if base.form != Form::Matrix || !exponent.is_scalar() {
            return Err(self.disagree(
                "`^` is a power of a number or of a square matrix",
                span,
                (base, spans.0),
                (exponent, spans.1),
                Some("write `.^` for the power of each entry, or `x'*x` for a square".into()),
            ));
        }
        let shape = self.own_shape(base);
        if shape[0] != shape[1] {
            return Err(self.not_square("^", base, frame.at(written)));
        }
        let power = self.g.as_number(exponent.node).and_then(|n| n.as_integer());
        let Some(power) = power.filter(|n| n.abs() <= MAX_MATRIX_POWER) else {
            return Err(Diagnostic::error(
                Code::Unsupported,
                format!("a power of a matrix is a whole number up to {MAX_MATRIX_POWER}"),
                spans.1,
                "not such a number",
            )
            .with_hint("write `.^` for the power of each entry"));
        };
        if power == 0 {
            let node = self.g.identity(shape[0]);
            return Ok(Value::new(node, Form::Matrix));
        }
        let factor = if power < 0 { self.linear(Linear::Inverse, base) } else { base.clone() };
        let mut value = factor.clone();
        for _ in 1..power.abs() {
            value = self.times(&value, &factor, spans, span)?;
        }
        Ok(value)
    }
}
