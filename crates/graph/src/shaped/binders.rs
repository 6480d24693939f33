//! Binders: `i in 1..n` in sums, reductions and vectors by rule.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};
use smol_str::SmolStr;

use super::reader::{Bound, Frame, Local, Read, Reader};
use super::value::{Binder, Binders, Form, Value};
use crate::Rational;
use crate::op::{Factor, Label, Labels, NodeId, Reduction};

impl<'a> Reader<'a> {
    /// Binds the names of binders, each a new axis; the names with their binders, outermost first.
    pub(super) fn bind(
        &mut self,
        frame: &Frame<'a>,
        binders: &[TreeId],
        body: TreeId,
    ) -> Result<Vec<Binder>, Diagnostic> {
        let mut bound = Vec::new();
        for id in binders {
            let (name, first, count) = self.binder_range(frame, *id, body)?;
            let binder = self.binder(count);
            let index = self.g.range(first, count);
            let mut binders = Binders::new();
            binders.push(binder);
            let value = Value { node: index, binders, form: Form::Scalar, boolean: false };
            self.env.push(Local { name, bound: Bound::Value(value) });
            bound.push(binder);
        }
        Ok(bound)
    }

    /// The name of a binder, its first value and how many there are.
    pub(super) fn binder_range(
        &mut self,
        frame: &Frame<'a>,
        id: TreeId,
        body: TreeId,
    ) -> Result<(SmolStr, NodeId, NodeId), Diagnostic> {
        match *frame.tree.kind(id) {
            Kind::In(name, set) => {
                let Kind::Name(text) = frame.tree.kind(name) else {
                    return Err(not_a_binder(frame.at(name)));
                };
                match *frame.tree.kind(set) {
                    Kind::Range(from, to) => {
                        let (first, count) = self.range(frame, from, to)?;
                        Ok((text.clone(), first, count))
                    }
                    _ => Err(Diagnostic::error(
                        Code::Type,
                        "a binder runs through a range",
                        frame.at(set),
                        "not a range",
                    )
                    .with_hint(format!("write `{text} in 1..n`"))),
                }
            }
            Kind::Name(ref text) => {
                let size = self.range_of(frame, text, body)?;
                let Some(size) = size else {
                    return Err(Diagnostic::error(
                        Code::Shape,
                        format!("nothing says how far `{text}` runs"),
                        frame.at(id),
                        "no range, and no index of this name",
                    )
                    .with_hint(format!("write `{text} in 1..n`")));
                };
                Ok((text.clone(), self.g.one(), size))
            }
            _ => Err(not_a_binder(frame.at(id))),
        }
    }

    /// The size of the axis that a name indexes somewhere in a body.
    fn range_of(
        &mut self,
        frame: &Frame<'a>,
        name: &SmolStr,
        body: TreeId,
    ) -> Result<Option<NodeId>, Diagnostic> {
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if let Kind::Index { base, indices } = *frame.tree.kind(id) {
                for (axis, index) in frame.tree.ids(indices).iter().enumerate() {
                    if !matches!(frame.tree.kind(*index), Kind::Name(text) if text == name) {
                        continue;
                    }
                    if let Kind::Name(text) = frame.tree.kind(base)
                        && self.is_undeclared(frame, text)
                    {
                        let text = text.clone();
                        let size = self.fresh_size(&text);
                        return Ok(Some(super::sizes::symbol(self.g, &size)));
                    }
                    if let Ok(value) = self.number(frame, base)
                        && let Some(size) = self.own_shape(&value).get(axis)
                    {
                        return Ok(Some(*size));
                    }
                }
            }
            frame.tree.children(id, |child| stack.push(child));
        }
        Ok(None)
    }

    /// Whether the first argument of a reduction is a binder.
    pub(super) fn is_binder(&self, frame: &Frame<'a>, args: &[TreeId]) -> bool {
        match args {
            [first, _] => match frame.tree.kind(*first) {
                Kind::In(..) => true,
                Kind::Name(name) => self.is_undeclared(frame, name),
                _ => false,
            },
            [first, ..] => matches!(frame.tree.kind(*first), Kind::In(..)),
            [] => false,
        }
    }

    /// The body under binders: its axes are those of outer binders, of these, and its own.
    fn under(
        &mut self,
        frame: &Frame<'a>,
        binders: &[TreeId],
        body: TreeId,
    ) -> Result<(Value, Vec<Binder>), Diagnostic> {
        let before = self.env.len();
        let bound = self.bind(frame, binders, body);
        let value = bound.and_then(|bound| Ok((self.number(frame, body)?, bound)));
        self.env.truncate(before);
        let (value, bound) = value?;
        // What does not depend on a binder is the same along it.
        let mut all = value.binders.clone();
        all.extend(bound.iter().copied());
        all.sort_unstable();
        all.dedup();
        let node = self.spread(&value, &all);
        Ok((Value { node, binders: all, ..value }, bound))
    }

    /// `sum(i in 1..n, body)`, and means.
    pub(super) fn sum_over(&mut self, frame: &Frame<'a>, args: &[TreeId], mean: bool) -> Read {
        let Some((body, binders)) = args.split_last() else { return Err(not_a_binder(Span::default())) };
        let (value, bound) = self.under(frame, binders, *body)?;
        let sizes = self.g.shape(value.node).to_vec();
        let labels: Labels = (0..sizes.len() as Label).collect();
        let kept: Binders = value.binders.iter().copied().filter(|b| !bound.contains(b)).collect();
        let out: Labels = labels
            .iter()
            .copied()
            .filter(|l| value.binders.get(*l as usize).is_none_or(|b| !bound.contains(b)))
            .collect();
        let mut factors = vec![Factor { node: value.node, labels, exponent: Rational::ONE }];
        if mean {
            for b in &bound {
                factors.push(Factor::scalar(self.binders[*b as usize], Rational::MINUS_ONE));
            }
        }
        let node = self.g.contract(Rational::ONE, factors, out, sizes);
        Ok(Value { node, binders: kept, form: value.form, boolean: false })
    }

    /// `max(i in 1..n, body)` and other reductions.
    pub(super) fn reduce_over(&mut self, frame: &Frame<'a>, how: Reduction, args: &[TreeId]) -> Read {
        let Some((body, binders)) = args.split_last() else { return Err(not_a_binder(Span::default())) };
        let (value, bound) = self.under(frame, binders, *body)?;
        let rank = self.g.shape(value.node).len();
        let reduced = |axis: &usize| value.binders.get(*axis).is_some_and(|b| bound.contains(b));
        let mut order: Vec<usize> = (0..rank).filter(|a| !reduced(a)).collect();
        order.extend((0..rank).filter(|a| reduced(a)));
        let turned = self.g.permute(value.node, &order);
        let node = self.g.reduce(how, turned, bound.len());
        let kept: Binders = value.binders.iter().copied().filter(|b| !bound.contains(b)).collect();
        Ok(Value { node, binders: kept, form: value.form, boolean: false })
    }

    /// `[body for i in 1..n, j in 1..m]`.
    pub(super) fn comprehension(
        &mut self,
        frame: &Frame<'a>,
        body: TreeId,
        binders: &[TreeId],
        span: Span,
    ) -> Read {
        let (value, bound) = self.under(frame, binders, body)?;
        let kept: Binders = value.binders.iter().copied().filter(|b| !bound.contains(b)).collect();
        // Binders are numbered as they come: those of this rule are the last ones in front of the own axes.
        let rank = bound.len() + value.rank();
        if rank > 6 {
            return Err(self.unsupported("a tensor of more than six axes", span, "use fewer binders"));
        }
        Ok(Value { node: value.node, binders: kept, form: Form::of_rank(rank), boolean: value.boolean })
    }
}

fn not_a_binder(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "a binder is expected here", span, "not a binder")
        .with_hint("write `i in 1..n`")
}
