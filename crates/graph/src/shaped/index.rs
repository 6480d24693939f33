//! Entries and slices: `x[i]`, `A[i, :]`, `A[1..k, :]`, `w[p]`.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};

use super::reader::{Frame, Read, Reader};
use super::value::{Form, Value, all_binders};
use crate::Rational;
use crate::facts::Facts;
use crate::graph::Shape;
use crate::op::{Factor, Label, Labels, NodeId};
use crate::types::{Size, Type};

/// What stands for one axis between the brackets.
enum Part {
    /// The axis stays.
    Whole,
    /// An index, or a vector of them.
    At(Value),
}

impl<'a> Reader<'a> {
    pub(super) fn index(&mut self, frame: &Frame<'a>, base: TreeId, indices: &[TreeId], span: Span) -> Read {
        if let Kind::Name(name) = frame.tree.kind(base)
            && self.is_undeclared(frame, name)
        {
            return Err(self.infer_indexed(frame, base, indices));
        }
        if let Some(state) = self.picked_state(frame, base, indices)? {
            return Ok(state);
        }
        let value = self.number(frame, base)?;
        self.entries(frame, &value, base, indices, span)
    }

    /// A name that is not declared and has indices is a tensor.
    fn infer_indexed(&mut self, frame: &Frame<'a>, base: TreeId, indices: &[TreeId]) -> Diagnostic {
        let Kind::Name(name) = frame.tree.kind(base) else {
            return self.unsupported("this", frame.at(base), "name it first");
        };
        let name = name.clone();
        let mut shape = Vec::new();
        for index in indices {
            // The largest index under its binders is the size.
            let size = match self.number(frame, *index) {
                Ok(value) if value.is_scalar() => self.largest(&value),
                _ => None,
            };
            // `x[x]`: a vector has not itself as its size.
            let own = self.g.find_symbol(&name);
            let size = size.filter(|size| {
                let symbols = self.g.topological(*size).into_iter().filter_map(|at| self.g.as_symbol(at));
                own.is_none_or(|own| !symbols.into_iter().any(|symbol| symbol == own))
            });
            shape.push(match size {
                Some(size) => Size::Expression(super::sizes::text(self.g, size).into()),
                None => {
                    let fresh = self.fresh_size(&name);
                    // Each axis has a size of its own.
                    let fresh = if shape.contains(&Size::Name(fresh.clone())) {
                        format!("{fresh}{}", shape.len() + 1).into()
                    } else {
                        fresh
                    };
                    Size::Name(fresh)
                }
            });
        }
        let ty = Type { shape, ..Type::real() };
        self.note(Diagnostic::note(format!("`{name}` is taken for {ty}"), frame.at(base), "not declared"));
        self.infer(&name, ty, frame.at(base))
    }

    /// What an index comes to where each of its binders is at the end of its range; `None` where that depends on more.
    fn largest(&mut self, index: &Value) -> Option<NodeId> {
        let mut kernel = self.g.outline(index.node);
        for at in self.g.topological(kernel) {
            let Some(symbol) = self.g.as_symbol(at) else { continue };
            let Some(tensor) = self.g.tensor_of_entry(symbol) else { continue };
            // The index of a binder, alone or seen over several.
            let core = self.g.as_view(tensor).map_or(tensor, |view| view.core);
            let crate::op::Op::Iota(size) = *self.g.op(core) else { return None };
            kernel = self.g.substitute(kernel, symbol, size);
        }
        Some(kernel)
    }

    /// Makes the size of a name that is not declared as large as an index asks for.
    fn grow(
        &mut self,
        frame: &Frame<'a>,
        base: TreeId,
        indices: &[TreeId],
        shape: &Shape,
    ) -> Result<(), Diagnostic> {
        let Kind::Name(name) = frame.tree.kind(base) else { return Ok(()) };
        let Some((_, ty)) = self.inferred.iter().find(|(n, _)| n == name) else { return Ok(()) };
        let mut ty = ty.clone();
        let mut grown = false;
        for (axis, index) in indices.iter().enumerate() {
            if matches!(frame.tree.kind(*index), Kind::Colon | Kind::Range(..)) {
                continue;
            }
            let value = self.number(frame, *index)?;
            if !value.is_scalar() || value.binders.is_empty() {
                continue;
            }
            let Some(largest) = self.largest(&value) else { continue };
            let more = self.g.sub(largest, shape[axis]);
            if self.g.bounds(more).is_positive() {
                ty.shape[axis] = Size::Expression(super::sizes::text(self.g, largest).into());
                grown = true;
            }
        }
        if grown {
            let (name, at) = (name.clone(), frame.at(base));
            self.note(Diagnostic::note(format!("`{name}` is taken for {ty}"), at, "not declared"));
            return Err(self.infer(&name, ty, at));
        }
        Ok(())
    }

    fn entries(
        &mut self,
        frame: &Frame<'a>,
        value: &Value,
        base: TreeId,
        indices: &[TreeId],
        span: Span,
    ) -> Read {
        let shape = self.own_shape(value);
        if indices.len() != shape.len() {
            let is = self.shape_words(value);
            let axes = match shape.len() {
                0 => "a number has no entries".to_owned(),
                1 => "a vector takes one index".to_owned(),
                n => format!("{n} indices are needed, one for each axis"),
            };
            return Err(Diagnostic::error(
                Code::Shape,
                format!(
                    "{axes}, and {} {} given",
                    indices.len(),
                    if indices.len() == 1 { "is" } else { "are" }
                ),
                span,
                "indexed here",
            )
            .with_label(frame.at(base), format!("this is {is}"))
            .with_hint("write `x[i]` for an entry, `A[i, :]` for a row, `A[:, j]` for a column"));
        }
        self.grow(frame, base, indices, &shape)?;
        let mut parts = Vec::with_capacity(indices.len());
        for (index, size) in indices.iter().zip(&shape) {
            parts.push(self.part(frame, *index, *size)?);
        }
        // A column vector stays what it is where its axis stays.
        let kept = parts.iter().filter(|p| match p {
            Part::Whole => true,
            Part::At(index) => !index.is_scalar(),
        });
        let form = Form::of_rank(kept.count());
        let mut values: Vec<&Value> = vec![value];
        values.extend(parts.iter().filter_map(|p| match p {
            Part::Whole => None,
            Part::At(index) => Some(index),
        }));
        let binders = all_binders(&values);
        let front = binders.len() as Label;
        let mut sizes: Vec<NodeId> = binders.iter().map(|b| self.binders[*b as usize]).collect();
        let place = |b: &super::value::Binder| binders.iter().position(|x| x == b).unwrap_or(0) as Label;
        let mut base_labels: Labels = value.binders.iter().map(place).collect();
        let mut out: Labels = (0..front).collect();
        let mut factors = Vec::new();
        for (part, size) in parts.iter().zip(&shape) {
            let axis = sizes.len() as Label;
            sizes.push(*size);
            base_labels.push(axis);
            match part {
                Part::Whole => out.push(axis),
                Part::At(index) => {
                    let hot = self.g.one_hot(index.node, *size);
                    let mut labels: Labels = index.binders.iter().map(place).collect();
                    for size in self.own_shape(index) {
                        let label = sizes.len() as Label;
                        sizes.push(size);
                        labels.push(label);
                        out.push(label);
                    }
                    labels.push(axis);
                    factors.push(Factor { node: hot, labels, exponent: Rational::ONE });
                }
            }
        }
        factors.insert(0, Factor { node: value.node, labels: base_labels, exponent: Rational::ONE });
        let node = self.g.contract(Rational::ONE, factors, out, sizes);
        Ok(Value { node, binders, form, boolean: false })
    }

    /// One index: `:`, `a..b`, a number or a vector of whole numbers.
    fn part(&mut self, frame: &Frame<'a>, id: TreeId, size: NodeId) -> Result<Part, Diagnostic> {
        match *frame.tree.kind(id) {
            Kind::Colon => Ok(Part::Whole),
            Kind::Range(from, to) => {
                if let Some(window) = self.moving_range(frame, from, to)? {
                    return Ok(Part::At(window));
                }
                let (first, count) = self.range(frame, from, to)?;
                self.check_index(first, size, frame.at(from))?;
                let last = self.scalar_node(frame, to)?;
                self.check_index(last, size, frame.at(to))?;
                let node = self.g.range(first, count);
                Ok(Part::At(Value::new(node, Form::Column)))
            }
            _ => {
                let index = self.number(frame, id)?;
                if index.rank() > 1 || index.form == Form::Row {
                    let is = self.shape_words(&index);
                    return Err(Diagnostic::error(
                        Code::Shape,
                        format!("an index is a whole number or a vector of them, and this is {is}"),
                        frame.at(id),
                        is.clone(),
                    )
                    .with_hint("write `x[i]`, `x[1..k]` or `x[p]` with `p` a vector of whole numbers"));
                }
                if !self.is_integer(index.node) {
                    // A letter that stands for nothing else is an index.
                    if let Kind::Name(name) = frame.tree.kind(id)
                        && self.is_undeclared(frame, name)
                    {
                        let ty = Type {
                            element: crate::types::Element::Integer,
                            facts: Facts::INTEGER.and(Facts::POSITIVE),
                            ..Type::real()
                        };
                        let error = self.infer(name, ty, frame.at(id));
                        return Err(error);
                    }
                    return Err(Diagnostic::error(
                        Code::Type,
                        "an index is a whole number",
                        frame.at(id),
                        "not known to be whole",
                    )
                    .with_hint(
                        "declare it, as in `k: integer`, or `p: integer vector(m)` for a vector of indices",
                    ));
                }
                if index.is_scalar() && index.binders.is_empty() {
                    self.check_index(index.node, size, frame.at(id))?;
                }
                Ok(Part::At(index))
            }
        }
    }

    /// A range that moves with a binder but is always as long, as in `x[i..i+1]`; `None` for one that stays.
    fn moving_range(
        &mut self,
        frame: &Frame<'a>,
        from: TreeId,
        to: TreeId,
    ) -> Result<Option<Value>, Diagnostic> {
        let letter = |r: &Self, id: TreeId| match frame.tree.kind(id) {
            Kind::Name(name) => r.is_undeclared(frame, name),
            _ => false,
        };
        if letter(self, from) || letter(self, to) {
            return Ok(None);
        }
        let (first, last) = (self.number(frame, from)?, self.number(frame, to)?);
        if !first.is_scalar() || !last.is_scalar() || first.binders.is_empty() {
            return Ok(None);
        }
        let one = self.g.one();
        let count = self.elementwise(&[&last, &first], |g, n| {
            let shape = g.common_shape(n);
            let [last, first, one] =
                [n[0], n[1], one].map(|x| if g.is_scalar(x) { g.broadcast(x, &shape) } else { x });
            g.sum(&[(Rational::ONE, last), (Rational::MINUS_ONE, first), (Rational::ONE, one)])
        });
        // Of no entry of the binders.
        let size = self.g.outline(count.node);
        for at in self.g.topological(size) {
            if self.g.as_symbol(at).is_some_and(|symbol| self.g.tensor_of_entry(symbol).is_some()) {
                return Ok(None);
            }
        }
        let front = first.binders.len();
        let mut shape: Shape = self.g.shape(first.node).clone();
        shape.push(size);
        let axes: Vec<usize> = (0..front).collect();
        let start = self.g.expand(first.node, &axes, &shape);
        let steps = self.g.iota(size);
        let steps = self.g.expand(steps, &[front], &shape);
        let back = self.g.broadcast(one, &shape);
        let node = self.g.sum(&[(Rational::ONE, start), (Rational::ONE, steps), (Rational::MINUS_ONE, back)]);
        Ok(Some(Value { node, form: Form::Column, ..first }))
    }

    /// Refuses an index that is certain to lie outside; in a branch, which may not be taken there, it is fine.
    fn check_index(&mut self, index: NodeId, size: NodeId, span: Span) -> Result<(), Diagnostic> {
        if self.guarded > 0 {
            return Ok(());
        }
        let one = self.g.one();
        let below = self.g.sub(one, index);
        let above = self.g.sub(index, size);
        let outside = self.g.bounds(below).is_positive() || self.g.bounds(above).is_positive();
        if !outside {
            return Ok(());
        }
        let (index, size) = (super::sizes::text(self.g, index), super::sizes::text(self.g, size));
        Err(Diagnostic::error(
            Code::Shape,
            format!("there is no entry with number {index}: this axis has {size}"),
            span,
            "outside",
        )
        .with_hint(format!("entries are numbered from 1 to {size}")))
    }

    /// The first number of a range and how many there are.
    pub(super) fn range(
        &mut self,
        frame: &Frame<'a>,
        from: TreeId,
        to: TreeId,
    ) -> Result<(NodeId, NodeId), Diagnostic> {
        let (first, last) = (self.scalar_node(frame, from)?, self.scalar_node(frame, to)?);
        let one = self.g.one();
        let count = self.g.sum(&[(Rational::ONE, last), (Rational::MINUS_ONE, first), (Rational::ONE, one)]);
        if self.g.bounds(count).is_nonpositive() {
            return Err(Diagnostic::error(
                Code::Shape,
                "this range is empty",
                frame.at(from).to(frame.at(to)),
                "it ends before it begins",
            )
            .with_hint("ranges go upwards, `1..n`, with both ends included"));
        }
        if let Some(n) = self.g.as_number(count)
            && !n.is_integer()
        {
            return Err(Diagnostic::error(
                Code::Type,
                "the ends of a range are whole numbers",
                frame.at(from).to(frame.at(to)),
                "not whole",
            ));
        }
        Ok((first, count))
    }

    /// The node of a number that depends on no binder. A letter that stands for nothing else is a whole number here.
    pub(super) fn scalar_node(&mut self, frame: &Frame<'a>, id: TreeId) -> Result<NodeId, Diagnostic> {
        if let Kind::Name(name) = frame.tree.kind(id)
            && self.is_undeclared(frame, name)
        {
            self.input(name);
            return Ok(super::sizes::symbol(self.g, name));
        }
        let value = self.number(frame, id)?;
        if !value.is_scalar() || !value.binders.is_empty() {
            let is = self.shape_words(&value);
            return Err(Diagnostic::error(
                Code::Shape,
                "the ends of a range are numbers that no binder changes",
                frame.at(id),
                is,
            )
            .with_hint("write the range with names and numbers, as in `1..n`; choose inside with `if`"));
        }
        Ok(value.node)
    }
}
