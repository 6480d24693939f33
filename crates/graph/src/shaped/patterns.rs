//! Matrices of a pattern: triangles, the commutation matrix, and the cross product.

use agnesi_syntax::{Relation, Span};

use super::functions::column;
use super::reader::{Read, Reader};
use super::value::{Form, Value};
use crate::Rational;
use crate::graph::Shape;
use crate::op::{Factor, Labels, NodeId};

impl<'a> Reader<'a> {
    /// The triangle of a matrix whose entries a vector holds, column by column.
    pub(super) fn triangle_of_vector(
        &mut self,
        name: &str,
        x: &Value,
        upper: bool,
        strict: bool,
        span: Span,
    ) -> Read {
        let length = self.own_shape(x)[0];
        // The size of the matrix: one whose triangle has so many entries.
        let half = |g: &mut crate::Graph, d: NodeId| {
            let one = g.one();
            let sign = if strict { Rational::MINUS_ONE } else { Rational::ONE };
            let other = g.sum(&[(Rational::ONE, d), (sign, one)]);
            g.product(Rational::HALF, &[(d, Rational::ONE), (other, Rational::ONE)])
        };
        let mut candidates: Vec<NodeId> = self.g.topological(length);
        if let Some(n) = self.g.as_number(length).and_then(|n| n.as_integer()) {
            let d = ((2.0 * n as f64).sqrt().round()) as i64;
            candidates = (d - 1..=d + 1).map(|d| self.g.integer(d)).collect();
        }
        // The first that fits: 1 - d, which has as many, stands behind d.
        let size = candidates.into_iter().find(|d| self.g.is_scalar(*d) && half(self.g, *d) == length);
        let Some(d) = size else {
            let hint = if strict {
                "declare the vector with `d*(d - 1)/2` entries"
            } else {
                "declare the vector with `d*(d + 1)/2` entries"
            };
            return Err(self.wrong_form(
                name,
                "a square matrix, or a vector with the entries of its triangle",
                x,
                span,
                hint,
            ));
        };
        if upper {
            return Err(self.unsupported(
                "an upper triangle from a vector",
                span,
                "write the transpose of the lower one",
            ));
        }
        // Entry (i, j) of column j stands behind those of the columns before it.
        let shape: Shape = [d, d].into_iter().collect();
        let iota = self.g.iota(d);
        let (i, j) = (self.g.expand(iota, &[0], &shape), self.g.expand(iota, &[1], &shape));
        let mask = self.g.triangle(d, false, strict);
        let index = self.g.by_entries(&[i, j], |g, n| {
            let (i, j) = (n[0], n[1]);
            let one = g.one();
            let before = g.sub(j, one);
            // Strict: (j - 1)*d - j*(j - 1)/2 + i - j. With the diagonal: (j - 1)*d - (j - 1)*(j - 2)/2 + i - j + 1.
            let full = g.mul(before, d);
            let other = if strict { j } else { g.sub(before, one) };
            let missing = g.product(Rational::HALF, &[(before, Rational::ONE), (other, Rational::ONE)]);
            let mut terms = vec![
                (Rational::ONE, full),
                (Rational::MINUS_ONE, missing),
                (Rational::ONE, i),
                (Rational::MINUS_ONE, j),
            ];
            if !strict {
                terms.push((Rational::ONE, one));
            }
            let place = g.sum(&terms);
            let condition = g.compare(if strict { Relation::Greater } else { Relation::GreaterEqual }, i, j);
            g.select(condition, place, one)
        });
        let hot = Value::new(self.g.one_hot(index, length), Form::Tensor(3));
        let mask = Value::new(mask, Form::Matrix);
        let x = column(x);
        Ok(self.contraction(&[(&mask, &[0, 1]), (&hot, &[0, 1, 2]), (&x, &[2])], &[0, 1], Form::Matrix))
    }

    /// The matrix that takes `vec(A)` to `vec(A')` for m x n matrices.
    pub(super) fn commutation(&mut self, m: NodeId, n: NodeId) -> NodeId {
        let size = self.g.mul(m, n);
        let (rows, columns) = (self.g.column_major(n, m), self.g.column_major(m, n));
        let (rows, columns) = (self.g.one_hot(rows, size), self.g.one_hot(columns, size));
        let factors = vec![
            Factor { node: rows, labels: Labels::from_slice(&[1, 0, 2]), exponent: Rational::ONE },
            Factor { node: columns, labels: Labels::from_slice(&[0, 1, 3]), exponent: Rational::ONE },
        ];
        self.g.contract(Rational::ONE, factors, Labels::from_slice(&[2, 3]), vec![m, n, size, size])
    }

    /// The cross product of two vectors of three entries.
    pub(super) fn cross(&mut self, a: &Value, b: &Value, spans: (Span, Span), span: Span) -> Read {
        if a.is_scalar() || b.is_scalar() {
            return self.times(a, b, spans, span);
        }
        let three = self.g.integer(3);
        for (value, place) in [(a, spans.0), (b, spans.1)] {
            if value.rank() != 1 || self.own_shape(value)[0] != three {
                return Err(self.wrong_form(
                    "cross",
                    "two vectors of three entries",
                    value,
                    place,
                    "declare `u: vector(3)`",
                ));
            }
        }
        let mut terms: Vec<Value> = Vec::new();
        for (i, j, k, sign) in
            [(1, 2, 3, 1), (2, 3, 1, 1), (3, 1, 2, 1), (1, 3, 2, -1), (3, 2, 1, -1), (2, 1, 3, -1)]
        {
            let hot = |g: &mut crate::Graph, i: i64| {
                let index = g.integer(i);
                Value::new(g.one_hot(index, three), Form::Column)
            };
            let (p, q, r) = (hot(self.g, i), hot(self.g, j), hot(self.g, k));
            let (a, b) = (column(a), column(b));
            let mut term = self.contraction(
                &[(&a, &[0]), (&p, &[0]), (&b, &[1]), (&q, &[1]), (&r, &[2])],
                &[2],
                Form::Column,
            );
            term.node = self.g.scaled(Rational::from(sign), term.node);
            terms.push(term);
        }
        let all: Vec<&Value> = terms.iter().collect();
        Ok(self.elementwise(&all, |g, n| {
            let terms: Vec<(Rational, NodeId)> = n.iter().map(|n| (Rational::ONE, *n)).collect();
            g.sum(&terms)
        }))
    }
}
