//! Vectors and matrices that are written out, and blocks.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};

use super::reader::{Frame, Read, Reader};
use super::value::{Form, Value, all_binders};
use crate::Rational;
use crate::graph::Shape;
use crate::op::{Factor, Label, Labels, NodeId};

impl<'a> Reader<'a> {
    /// `[a, b, c]`: a vector of numbers; of rows or matrices, blocks side by side.
    pub(super) fn vector(&mut self, frame: &Frame<'a>, items: &[TreeId], span: Span) -> Read {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.number(frame, *item)?);
        }
        if values.is_empty() {
            return Err(Diagnostic::error(Code::Shape, "this vector has no entries", span, "empty")
                .with_hint("write for example `[1, 2, 3]`"));
        }
        if values.iter().all(Value::is_scalar) {
            let blocks: Vec<Value> = values.iter().map(|v| self.with_axes(v, 1)).collect();
            return Ok(self.stacked(&blocks, 0, Form::Column));
        }
        // Brackets around one vector or matrix make nothing more of it.
        if let [only] = &values[..] {
            return Ok(only.clone());
        }
        self.row(&values, items, frame)
    }

    /// `[A, B; C, D]`.
    pub(super) fn blocks(&mut self, frame: &Frame<'a>, rows: &[TreeId], span: Span) -> Read {
        let mut read: Vec<Vec<Value>> = Vec::new();
        let mut places: Vec<Vec<TreeId>> = Vec::new();
        for row in rows {
            let items: Vec<TreeId> = match frame.tree.kind(*row) {
                Kind::Vector(list) => frame.tree.ids(*list).to_vec(),
                _ => vec![*row],
            };
            let mut values = Vec::with_capacity(items.len());
            for item in &items {
                values.push(self.number(frame, *item)?);
            }
            read.push(values);
            places.push(items);
        }
        if read.is_empty() || read.iter().any(Vec::is_empty) {
            return Err(Diagnostic::error(
                Code::Shape,
                "this matrix has an empty row, or none",
                span,
                "empty",
            ));
        }
        // A column of numbers is a vector.
        if read.iter().all(|row| row.len() == 1 && row[0].is_scalar()) {
            let blocks: Vec<Value> = read.iter().map(|row| self.with_axes(&row[0], 1)).collect();
            return Ok(self.stacked(&blocks, 0, Form::Column));
        }
        // Columns one below the other are a longer column.
        if read.iter().all(|row| row.len() == 1 && row[0].form == Form::Column) {
            let blocks: Vec<Value> = read.into_iter().flatten().collect();
            return Ok(self.stacked(&blocks, 0, Form::Column));
        }
        let mut stacked = Vec::with_capacity(read.len());
        for (values, items) in read.iter().zip(&places) {
            stacked.push(self.row(values, items, frame)?);
        }
        let width = self.own_shape(&stacked[0])[1];
        for (row, items) in stacked.iter().zip(&places).skip(1) {
            if self.own_shape(row)[1] != width {
                let (first, row) = (stacked[0].clone(), row.clone());
                let (p, q) = (frame.at(places[0][0]), frame.at(items[0]));
                return Err(self.disagree(
                    "the rows of a matrix have the same number of columns",
                    p.to(q),
                    (&first, p),
                    (&row, q),
                    None,
                ));
            }
        }
        Ok(self.stacked(&stacked, 0, Form::Matrix))
    }

    /// Blocks side by side: matrices, columns as matrices of one column, rows of one row, numbers of one entry.
    fn row(&mut self, values: &[Value], items: &[TreeId], frame: &Frame<'a>) -> Read {
        let mut blocks = Vec::with_capacity(values.len());
        for (value, item) in values.iter().zip(items) {
            let block = match value.form {
                Form::Scalar => self.with_axes(value, 2),
                Form::Column => self.with_unit_axis(value, 1),
                Form::Row => self.with_unit_axis(value, 0),
                Form::Matrix => value.clone(),
                Form::Tensor(_) => {
                    return Err(self.wrong_form(
                        "[...]",
                        "numbers, vectors and matrices",
                        value,
                        frame.at(*item),
                        "take a slice of it",
                    ));
                }
            };
            blocks.push(block);
        }
        let height = self.own_shape(&blocks[0])[0];
        for (i, block) in blocks.iter().enumerate().skip(1) {
            if self.own_shape(block)[0] != height {
                let (p, q) = (frame.at(items[0]), frame.at(items[i]));
                return Err(self.disagree(
                    "blocks side by side have the same number of rows",
                    p.to(q),
                    (&values[0], p),
                    (&values[i], q),
                    Some("blocks one below the other are separated by `;`".into()),
                ));
            }
        }
        Ok(self.stacked(&blocks, 1, Form::Matrix))
    }

    /// A number as a tensor of one entry.
    fn with_axes(&mut self, value: &Value, rank: usize) -> Value {
        let one = self.g.one();
        let mut shape: Shape = self.g.shape(value.node).clone();
        let axes: Vec<usize> = (0..shape.len()).collect();
        shape.extend(std::iter::repeat_n(one, rank));
        let node = self.g.expand(value.node, &axes, &shape);
        Value { node, form: Form::of_rank(rank), ..value.clone() }
    }

    /// A vector as a matrix with one row or column: `axis` is the new one.
    fn with_unit_axis(&mut self, value: &Value, axis: usize) -> Value {
        let one = self.g.one();
        let mut shape: Shape = self.g.shape(value.node).clone();
        let place = value.binders.len() + axis;
        let axes: Vec<usize> = (0..shape.len()).map(|i| if i >= place { i + 1 } else { i }).collect();
        shape.insert(place, one);
        let node = self.g.expand(value.node, &axes, &shape);
        Value { node, form: Form::Matrix, ..value.clone() }
    }

    /// Tensors one after the other along an axis: each is put into its window of the whole.
    pub(super) fn stacked(&mut self, blocks: &[Value], axis: usize, form: Form) -> Value {
        if let [only] = blocks {
            return Value { form, ..only.clone() };
        }
        let values: Vec<&Value> = blocks.iter().collect();
        let binders = all_binders(&values);
        let along = binders.len() + axis;
        let nodes: Vec<NodeId> = blocks.iter().map(|b| self.spread(b, &binders)).collect();
        let lengths: Vec<NodeId> = nodes.iter().map(|n| self.g.shape(*n)[along]).collect();
        let all: Vec<(Rational, NodeId)> = lengths.iter().map(|n| (Rational::ONE, *n)).collect();
        let whole = self.g.sum(&all);
        let mut terms = Vec::with_capacity(nodes.len());
        let mut before = self.g.one();
        for (node, length) in nodes.iter().zip(&lengths) {
            let window = self.g.range(before, *length);
            let hot = self.g.one_hot(window, whole);
            let mut sizes = self.g.shape(*node).to_vec();
            let labels: Labels = (0..sizes.len() as Label).collect();
            let target = sizes.len() as Label;
            sizes.push(whole);
            let out: Labels = labels.iter().map(|l| if *l as usize == along { target } else { *l }).collect();
            let factors = vec![
                Factor { node: *node, labels: labels.clone(), exponent: Rational::ONE },
                Factor {
                    node: hot,
                    labels: Labels::from_slice(&[along as Label, target]),
                    exponent: Rational::ONE,
                },
            ];
            terms.push((Rational::ONE, self.g.contract(Rational::ONE, factors, out, sizes)));
            before = self.g.sum(&[(Rational::ONE, before), (Rational::ONE, *length)]);
        }
        let node = self.g.sum(&terms);
        Value { node, binders, form, boolean: false }
    }
}
