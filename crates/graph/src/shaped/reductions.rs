//! Reductions of whole tensors and over axes: sums, means, extremes, norms, softmax.

use agnesi_syntax::{Code, Diagnostic, Span, TreeId};

use super::condition::Need;
use super::operators::Norm;
use super::reader::{Frame, Read, Reader};
use super::value::{Form, Value};
use crate::Rational;
use crate::known::known;
use crate::op::{Factor, Label, Labels, Linear, NodeId, Reduction};

impl<'a> Reader<'a> {
    /// The axis of `sum(X, 1)`, counted from 0; `None` for all.
    pub(super) fn axis(
        &mut self,
        frame: &Frame<'a>,
        name: &str,
        value: &Value,
        args: &[TreeId],
        span: Span,
    ) -> Result<Option<usize>, Diagnostic> {
        let Some(id) = args.get(1) else { return Ok(None) };
        if args.len() > 2 {
            return Err(self.arity(
                name,
                &format!("{name}(X), {name}(X, 1) or {name}(i in 1..n, ...)"),
                args.len(),
                span,
            ));
        }
        let axis = self.number(frame, *id)?;
        let rank = value.rank();
        let number = self.g.as_number(axis.node).and_then(|n| n.as_integer());
        match number {
            Some(n) if n >= 1 && n <= rank as i64 => Ok(Some(n as usize - 1)),
            _ => {
                let is = self.shape_words(value);
                Err(Diagnostic::error(
                    Code::Shape,
                    format!("`{name}` goes along an axis of {is}, numbered from 1 to {rank}"),
                    frame.at(*id),
                    "not such an axis",
                )
                .with_hint(
                    "axis 1 runs through the rows, axis 2 through the columns; what is summed is gone",
                ))
            }
        }
    }

    /// The sum of all entries, or along an axis.
    pub(super) fn total(&mut self, value: &Value, axis: Option<usize>) -> Value {
        let front = value.binders.len();
        let sizes = self.g.shape(value.node).to_vec();
        let labels: Labels = (0..sizes.len() as Label).collect();
        let out: Labels = labels
            .iter()
            .copied()
            .filter(|l| (*l as usize) < front || axis.is_some_and(|a| *l as usize != front + a))
            .collect();
        let factor = Factor { node: value.node, labels, exponent: Rational::ONE };
        let node = self.g.contract(Rational::ONE, vec![factor], out, sizes);
        let form = Form::of_rank(axis.map_or(0, |_| value.rank() - 1));
        Value { node, binders: value.binders.clone(), form, boolean: false }
    }

    pub(super) fn mean(&mut self, value: &Value, axis: Option<usize>) -> Value {
        let shape = self.own_shape(value);
        let total = self.total(value, axis);
        let counted: Vec<(NodeId, Rational)> = match axis {
            Some(axis) => vec![(shape[axis], Rational::MINUS_ONE)],
            None => shape.iter().map(|s| (*s, Rational::MINUS_ONE)).collect(),
        };
        let one_over = self.g.product(Rational::ONE, &counted);
        let node = self.g.times_scalar(one_over, total.node);
        Value { node, ..total }
    }

    pub(super) fn reduced(&mut self, how: Reduction, value: &Value, axis: Option<usize>) -> Value {
        let front = value.binders.len();
        let rank = front + value.rank();
        let (order, count): (Vec<usize>, usize) = match axis {
            None => ((0..rank).collect(), value.rank()),
            Some(axis) => {
                let axis = front + axis;
                ((0..rank).filter(|a| *a != axis).chain([axis]).collect(), 1)
            }
        };
        let turned = self.g.permute(value.node, &order);
        let node = self.g.reduce(how, turned, count);
        let form = Form::of_rank(axis.map_or(0, |_| value.rank() - 1));
        Value { node, binders: value.binders.clone(), form, boolean: false }
    }

    /// `x - logsumexp(x)`, or its exponential, along an axis or of a vector.
    pub(super) fn softmax(&mut self, value: &Value, axis: Option<usize>, log: bool) -> Value {
        let lse = self.reduced(Reduction::LogSumExp, value, axis);
        // Back over the axis that is gone.
        let front = value.binders.len();
        let shape = self.g.shape(value.node).clone();
        let axes: Vec<usize> = match axis {
            None => (0..front).collect(),
            Some(axis) => (0..shape.len()).filter(|a| *a != front + axis).collect(),
        };
        let lse = self.g.expand(lse.node, &axes, &shape);
        let mut node = self.g.sum(&[(Rational::ONE, value.node), (Rational::MINUS_ONE, lse)]);
        if !log {
            node = self.g.call(known().exp, &[node]);
        }
        Value { node, ..value.clone() }
    }

    pub(super) fn norm(&mut self, norm: Norm, value: &Value, span: Span) -> Read {
        let matrix = value.form == Form::Matrix;
        Ok(match norm {
            Norm::One => {
                let entries = self.elementwise(&[value], |g, n| g.call(known().abs, n));
                self.total(&entries, None)
            }
            Norm::Infinity => {
                let entries = self.elementwise(&[value], |g, n| g.call(known().abs, n));
                if entries.is_scalar() { entries } else { self.reduced(Reduction::Max, &entries, None) }
            }
            Norm::Two if matrix => {
                // The largest singular value.
                let square = self.gram(value);
                let values = self.linear(Linear::Eigenvalues, &square);
                let largest = self.reduced(Reduction::Max, &values, None);
                self.elementwise(&[&largest], |g, n| g.elementwise_power(n[0], Rational::HALF))
            }
            Norm::Two | Norm::Frobenius => {
                let squares = self.elementwise(&[value], |g, n| g.elementwise_power(n[0], Rational::TWO));
                let total = self.total(&squares, None);
                self.elementwise(&[&total], |g, n| g.elementwise_power(n[0], Rational::HALF))
            }
            Norm::Nuclear => {
                if !matrix {
                    return Err(self.wrong_form(
                        "normNuc",
                        "a matrix",
                        value,
                        span,
                        "for a vector it is `norm2(x)`",
                    ));
                }
                let square = self.gram(value);
                let root = self.linear(Linear::SquareRoot, &square);
                self.need(Need::FullColumnRank(value.node));
                self.contraction(&[(&root, &[0, 0])], &[], Form::Scalar)
            }
        })
    }

    /// `X'*X`, a matrix even where it is of 1 x 1.
    pub(super) fn gram(&mut self, value: &Value) -> Value {
        self.contraction(&[(value, &[0, 1]), (value, &[0, 2])], &[1, 2], Form::Matrix)
    }

    /// An operation of linear algebra on a matrix, for each value of the binders.
    pub(super) fn linear(&mut self, op: Linear, value: &Value) -> Value {
        let need = match op {
            Linear::Inverse => Some(Need::Invertible(value.node)),
            Linear::LogDeterminant => Some(Need::PositiveDeterminant(value.node)),
            Linear::Cholesky | Linear::Logarithm => Some(Need::Definite(value.node)),
            Linear::SquareRoot => (!self.is_gram(value.node)).then_some(Need::Definite(value.node)),
            Linear::Eigenvalues | Linear::Eigenvectors => Some(Need::Symmetric(value.node)),
            Linear::Determinant | Linear::Exponential => None,
        };
        if let Some(need) = need
            && value.binders.is_empty()
        {
            self.need(need);
        }
        let node = self.g.linear(op, value.node);
        let form = Form::of_rank(op.rank());
        Value { node, binders: value.binders.clone(), form, boolean: false }
    }

    /// Whether a matrix is `X'*X`, which has a square root whatever X is.
    fn is_gram(&mut self, node: NodeId) -> bool {
        let crate::op::Op::Contract(c) = self.g.op(node) else { return false };
        matches!(&c.factors[..], [a, b] if a.node == b.node)
            && c.out.len() == 2
            && c.coefficient.is_positive()
    }
}
