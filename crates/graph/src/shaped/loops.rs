//! Loops: `fold(h = h0, t in 1..T, next)` and `scan`, and tuples where several states stand.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, TreeId};

use super::operators::Operator;
use super::reader::{Bound, Frame, Local, Read, Reader, in_definition};
use super::value::{Form, Value, all_binders};
use crate::facts::Facts;
use crate::graph::Shape;
use crate::op::{Loop, LoopState, NodeId};

const USAGE: &str = "write `fold(h = h0, t in 1..T, next)`, or `scan` for the state after every step";
/// The most states of one loop.
const MAX_STATES: usize = 16;

impl<'a> Reader<'a> {
    /// `fold` or `scan` where one value is wanted.
    pub(super) fn loop_value(
        &mut self,
        frame: &Frame<'a>,
        name: &str,
        args: &'a [TreeId],
        span: Span,
    ) -> Read {
        let mut parts = self.loop_parts(frame, name, args, span)?;
        match (parts.len(), parts.pop()) {
            (1, Some(value)) => Ok(value),
            (count, _) => Err(Diagnostic::error(
                Code::Type,
                format!("this `{name}` has {count} states, and one value is wanted here"),
                span,
                "a tuple",
            )
            .with_hint(format!(
                "pick one, as in `{name}(...)[1]`, or name them: `where (a, b) = {name}(...)`"
            ))),
        }
    }

    /// Whether a node is a call of `fold` or `scan`: its name and arguments.
    fn as_loop(&self, frame: &Frame<'a>, id: TreeId) -> Option<(&'a str, &'a [TreeId])> {
        let Kind::Call { head, args } = *frame.tree.kind(id) else { return None };
        let Kind::Name(name) = frame.tree.kind(head) else { return None };
        let own = self.local(frame, name).is_some() || self.scope.definition(name).is_some();
        (!own && Operator::of(name) == Some(Operator::Loop)).then_some((name.as_str(), frame.tree.ids(args)))
    }

    /// `fold((c, h) = ..., ...)[2]`: the state picked, and the indices that are left; `None` if the base is no loop of
    /// several states.
    pub(super) fn picked_state(
        &mut self,
        frame: &Frame<'a>,
        base: TreeId,
        indices: &[TreeId],
    ) -> Result<Option<Value>, Diagnostic> {
        let Some((name, args)) = self.as_loop(frame, base) else { return Ok(None) };
        let several = matches!(args.first().map(|a| frame.tree.kind(*a)),
            Some(Kind::Equation(target, _)) if matches!(frame.tree.kind(*target), Kind::Tuple(_)));
        let &[index] = indices else { return Ok(None) };
        if !several {
            return Ok(None);
        }
        let parts = self.loop_parts(frame, name, args, frame.at(base))?;
        let place = match frame.tree.kind(index) {
            Kind::Number(text) => text.parse::<usize>().ok().filter(|n| (1..=parts.len()).contains(n)),
            _ => None,
        };
        match place.and_then(|n| parts.get(n - 1).cloned()) {
            Some(value) => Ok(Some(value)),
            None => Err(Diagnostic::error(
                Code::Type,
                format!("one of {} states is picked by its number", parts.len()),
                frame.at(index),
                "no such state",
            )
            .with_hint(format!("write a number from 1 to {}", parts.len()))),
        }
    }

    /// The values of a tuple: one written out, the states of a loop, or what a function or `where` makes of them.
    /// One value where no tuple stands.
    pub(super) fn parts(&mut self, frame: &Frame<'a>, id: TreeId) -> Result<Vec<Value>, Diagnostic> {
        match frame.tree.kind(id) {
            Kind::Tuple(items) => {
                frame.tree.ids(*items).iter().map(|item| self.number(frame, *item)).collect()
            }
            Kind::Where(body, definitions) => {
                let before = self.env.len();
                let bound = self.bind_where(frame, frame.tree.ids(*definitions));
                let parts = bound.and_then(|()| self.parts(frame, *body));
                self.env.truncate(before);
                parts
            }
            Kind::Call { head, args } => {
                if let Some((name, args)) = self.as_loop(frame, id) {
                    return self.loop_parts(frame, name, args, frame.at(id));
                }
                let scope = self.scope;
                if let Kind::Name(name) = frame.tree.kind(*head)
                    && self.local(frame, name).is_none()
                    && let Some(definition) = scope.definition(name)
                    && definition.columns().is_none()
                    && let Some(params) = definition.params()
                    && params.len() == args.len()
                {
                    let span = frame.at(id);
                    let mut values = Vec::with_capacity(args.len());
                    for arg in frame.tree.ids(*args) {
                        values.push(self.number(frame, *arg)?);
                    }
                    self.enter(std::sync::Arc::as_ptr(definition), definition, span)?;
                    let (tree, root) = definition.body();
                    let base = self.env.len();
                    for (param, value) in params.iter().zip(values) {
                        self.env.push(Local { name: param.clone(), bound: Bound::Value(value) });
                    }
                    let parts = self.parts(&Frame { tree, base, span: Some(span) }, root);
                    self.env.truncate(base);
                    self.active.pop();
                    return parts.map_err(|error| in_definition(error, definition));
                }
                Ok(vec![self.number(frame, id)?])
            }
            _ => Ok(vec![self.number(frame, id)?]),
        }
    }

    /// `fold` or `scan`: the value of each state.
    fn loop_parts(
        &mut self,
        frame: &Frame<'a>,
        name: &str,
        args: &'a [TreeId],
        span: Span,
    ) -> Result<Vec<Value>, Diagnostic> {
        let &[states, binder, body] = args else {
            return Err(self.arity(name, &usage(name), args.len(), span));
        };
        let Kind::Equation(target, init) = *frame.tree.kind(states) else {
            return Err(Diagnostic::error(
                Code::Syntax,
                format!("`{name}` begins with its state and the first value"),
                frame.at(states),
                "no `state = value`",
            )
            .with_hint(USAGE));
        };
        let targets: &'a [TreeId] = match frame.tree.kind(target) {
            Kind::Tuple(list) => frame.tree.ids(*list),
            _ => std::slice::from_ref(match frame.tree.kind(states) {
                Kind::Equation(target, _) => target,
                _ => &args[0],
            }),
        };
        let mut names = Vec::with_capacity(targets.len());
        for target in targets {
            match frame.tree.kind(*target) {
                Kind::Name(name) if !names.contains(name) => names.push(name.clone()),
                Kind::Name(name) => {
                    return Err(Diagnostic::error(
                        Code::Name,
                        format!("two states have the name `{name}`"),
                        frame.at(*target),
                        "the second one",
                    )
                    .with_hint("give each state a name of its own"));
                }
                _ => {
                    return Err(Diagnostic::error(
                        Code::Syntax,
                        "a state is a name",
                        frame.at(*target),
                        "this is not a name",
                    )
                    .with_hint(USAGE));
                }
            }
        }
        if names.len() > MAX_STATES {
            let hint = "put several into one vector or matrix";
            return Err(self.unsupported(&format!("a loop of more than {MAX_STATES} states"), span, hint));
        }
        let first = self.parts(frame, init)?;
        self.check_count(&names, first.len(), frame.at(init), "first values")?;
        let (step_name, from, count) = self.binder_range(frame, binder, body)?;
        // What the steps need of outer binders, the states have too.
        let mut binders = all_binders(&first.iter().collect::<Vec<_>>());
        let (step, symbols, next) = loop {
            let step = self.g.step_symbol(&step_name);
            let one = self.g.one();
            let before = self.g.sub(from, one);
            let at = self.g.add(step, before);
            let base = self.env.len();
            let mut symbols: Vec<NodeId> = Vec::with_capacity(names.len());
            for (name, value) in names.iter().zip(&first) {
                let front = binders.iter().map(|b| self.binders[*b as usize]);
                let shape: Shape = front.chain(self.own_shape(value)).collect();
                let symbol = self.g.anonymous_tensor(name, Facts::REAL, shape);
                symbols.push(symbol);
                let value =
                    Value { node: symbol, binders: binders.clone(), form: value.form, boolean: false };
                self.env.push(Local { name: name.clone(), bound: Bound::Value(value) });
            }
            // Innermost, so that a state of this name does not hide it.
            self.env.push(Local { name: step_name.clone(), bound: Bound::Value(Value::scalar(at)) });
            // What the steps need to be defined depends on the states.
            self.guarded += 1;
            let next = self.parts(frame, body);
            self.guarded -= 1;
            self.env.truncate(base);
            let next = next?;
            self.check_count(&names, next.len(), frame.at(body), "next values")?;
            for ((name, first), next) in names.iter().zip(&first).zip(&next) {
                self.check_state(name, (first, frame.at(init)), (next, frame.at(body)))?;
            }
            let mut needed = all_binders(&next.iter().collect::<Vec<_>>());
            needed.extend(binders.iter().copied());
            needed.sort_unstable();
            needed.dedup();
            if needed == binders {
                break (step, symbols, next);
            }
            binders = needed;
        };
        let mut made = Vec::with_capacity(names.len());
        for ((symbol, first), next) in symbols.iter().zip(&first).zip(&next) {
            let (first, next) = (self.spread(first, &binders), self.spread(next, &binders));
            let Some(symbol) = self.g.as_symbol(*symbol) else { continue };
            made.push(LoopState { symbol, first, next });
        }
        let Some(step) = self.g.as_symbol(step) else { return Ok(Vec::new()) };
        let every = name == "scan";
        let mut results = Vec::with_capacity(names.len());
        for (output, first) in first.iter().enumerate() {
            let states = made.iter().cloned().collect();
            let mut node = self.g.run_loop(Loop { count, step, states, output, every });
            let mut form = first.form;
            if every {
                let rank = first.rank() + 1;
                if rank > 6 {
                    return Err(self.unsupported(
                        "a tensor of more than six axes",
                        span,
                        "use a smaller state",
                    ));
                }
                form = Form::of_rank(rank);
                // The axes of binders stand in front of the steps.
                let mut order: Vec<usize> = (1..=binders.len()).collect();
                order.push(0);
                order.extend(binders.len() + 1..binders.len() + rank);
                node = self.g.permute(node, &order);
            }
            results.push(Value { node, binders: binders.clone(), form, boolean: false });
        }
        Ok(results)
    }

    fn check_count(
        &self,
        names: &[smol_str::SmolStr],
        given: usize,
        span: Span,
        what: &str,
    ) -> Result<(), Diagnostic> {
        if names.len() == given {
            return Ok(());
        }
        let states =
            if names.len() == 1 { "one state".to_owned() } else { format!("{} states", names.len()) };
        Err(Diagnostic::error(
            Code::Type,
            format!("this loop has {states}, and {given} {what} are given"),
            span,
            "one for each state is needed",
        )
        .with_hint("write `fold((a, b) = (a0, b0), t in 1..T, (next_a, next_b))`"))
    }

    /// Each step keeps the shape of its states.
    fn check_state(
        &mut self,
        name: &str,
        first: (&Value, Span),
        next: (&Value, Span),
    ) -> Result<(), Diagnostic> {
        if self.fits(first.0, next.0) {
            return Ok(());
        }
        let hint = match (first.0.form, next.0.form) {
            (Form::Scalar, Form::Column) => "begin with a vector: for zeros write `zeros(n)`",
            (Form::Scalar, _) => "begin with a matrix: for zeros write `zeros(n, m)`",
            _ => "a state has the same shape before and after each step",
        };
        Err(self.disagree(
            format!("the state `{name}` changes its shape from the first value to the next"),
            first.1.to(next.1),
            first,
            next,
            Some(hint.into()),
        ))
    }
}

fn usage(name: &str) -> String {
    format!("{name}(h = h0, t in 1..T, next)")
}
