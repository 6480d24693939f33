//! Loops: `fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))`, with names for the step and the states.

use agnesi_syntax::{Kind, TreeId};
use smol_str::SmolStr;

use super::Raiser;
use super::form::{Dims, Form, Id};
use crate::op::{Loop, NodeId, Op, SymbolId};

/// A loop of pieces.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct LoopForm<T> {
    every: bool,
    /// The place of the state that is the result.
    output: usize,
    step: SmolStr,
    count: T,
    /// Each state's name, first value and next value.
    states: Box<[(SmolStr, T, T)]>,
}

impl<T> LoopForm<T> {
    /// The count, the first values and the next values.
    pub fn parts(&self) -> impl Iterator<Item = &T> {
        let states = self.states.iter().flat_map(|(_, first, next)| [first, next]);
        std::iter::once(&self.count).chain(states)
    }

    /// The names that it binds.
    pub fn bound(&self) -> impl Iterator<Item = &SmolStr> {
        self.states.iter().map(|(name, ..)| name).chain([&self.step])
    }

    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> LoopForm<U> {
        let count = f(&self.count);
        let states =
            self.states.iter().map(|(name, first, next)| (name.clone(), f(first), f(next))).collect();
        LoopForm { every: self.every, output: self.output, step: self.step.clone(), count, states }
    }
}

impl Raiser<'_> {
    /// A symbol's name; a bound one has its own here.
    pub(super) fn symbol_name(&self, id: SymbolId) -> SmolStr {
        self.bound.get(&id).unwrap_or(&self.g.symbol_info(id).name).clone()
    }

    /// Gives the step and the states of a loop names that stand for nothing else in it or around it.
    pub(super) fn name_bound(&mut self, node: NodeId, made: &Loop) {
        if self.bound.contains_key(&made.step) {
            return;
        }
        // Loops side by side may have the same names, for values of the same number of axes.
        let below = self.g.topological(node);
        let nested: Vec<bool> = self
            .named_loops
            .iter()
            .map(|other| {
                below.binary_search(other).is_ok() || self.g.topological(*other).binary_search(&node).is_ok()
            })
            .collect();
        let mut taken: Vec<(SmolStr, Option<usize>)> = Vec::new();
        for (other, nested) in self.named_loops.iter().zip(nested) {
            let Op::Loop(other) = self.g.op(*other) else { continue };
            for id in other.states.iter().map(|state| state.symbol).chain([other.step]) {
                let rank = self.g.symbol_info(id).shape.len();
                taken.extend(self.bound.get(&id).map(|name| (name.clone(), (!nested).then_some(rank))));
            }
        }
        for id in made.states.iter().map(|state| state.symbol).chain([made.step]) {
            let info = self.g.symbol_info(id);
            let (wanted, rank) = (info.name.clone(), info.shape.len());
            let numbered = (2..).map(|i| SmolStr::new(format!("{wanted}_{i}")));
            let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| {
                self.g.find_symbol(name).is_none()
                    && !taken.iter().any(|(other, alike)| other == name && *alike != Some(rank))
            });
            let name = name.unwrap_or(wanted);
            taken.push((name.clone(), None));
            self.forms.note_bound(&name);
            self.bound.insert(id, name);
        }
        self.named_loops.push(node);
    }

    /// Whether a symbol that a loop binds stands in a node.
    pub(super) fn bound_in(&self, node: NodeId) -> Vec<SmolStr> {
        self.bound
            .iter()
            .filter(|(id, _)| self.g.contains(node, **id))
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// A loop with some axes of the result at indices.
    pub(super) fn loop_form(&mut self, node: NodeId, made: &Loop, binds: &[Option<Id>], dims: Dims) -> Id {
        self.name_bound(node, made);
        let count = self.form(made.count);
        let states = made
            .states
            .iter()
            .map(|s| (self.symbol_name(s.symbol), self.form(s.first), self.form(s.next)))
            .collect();
        let step = self.symbol_name(made.step);
        let form = LoopForm { every: made.every, output: made.output, step, count, states };
        let base = self.forms.make(Form::Loop(Box::new(form)), Dims::of_rank(binds.len()));
        if binds.iter().all(Option::is_none) { base } else { self.at(base, binds, dims) }
    }

    /// A loop of scalars whose parts are written.
    pub(super) fn scalar_loop(&mut self, node: NodeId, made: &Loop) -> TreeId {
        self.name_bound(node, made);
        let states = made
            .states
            .iter()
            .map(|s| (self.symbol_name(s.symbol), self.done[&s.first], self.done[&s.next]))
            .collect();
        let form = LoopForm {
            every: made.every,
            output: made.output,
            step: self.symbol_name(made.step),
            count: self.done[&made.count],
            states,
        };
        self.write_loop(&form)
    }

    /// A loop as a tree: of several states the result is picked by an index.
    pub(super) fn write_loop(&mut self, form: &LoopForm<TreeId>) -> TreeId {
        let names: Vec<TreeId> = form.states.iter().map(|(name, ..)| self.tree.name(name.clone())).collect();
        let first: Vec<TreeId> = form.states.iter().map(|(_, first, _)| *first).collect();
        let next: Vec<TreeId> = form.states.iter().map(|(.., next)| *next).collect();
        let [names, first, next] = [names, first, next].map(|parts| self.one_or_tuple(&parts));
        let states = self.push(Kind::Equation(names, first));
        let one = self.tree.number("1");
        let range = self.push(Kind::Range(one, form.count));
        let step = self.tree.name(form.step.clone());
        let binder = self.push(Kind::In(step, range));
        let call = self.tree.call(if form.every { "scan" } else { "fold" }, &[states, binder, next]);
        if form.states.len() == 1 {
            return call;
        }
        let place = self.tree.number((form.output + 1).to_string());
        let indices = self.tree.list(&[place]);
        self.push(Kind::Index { base: call, indices })
    }

    fn one_or_tuple(&mut self, parts: &[TreeId]) -> TreeId {
        if let [one] = parts {
            return *one;
        }
        let list = self.tree.list(parts);
        self.push(Kind::Tuple(list))
    }
}
