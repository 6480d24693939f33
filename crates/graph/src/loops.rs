//! Loops: so many steps, each of which makes new states from those before it.

use rustc_hash::FxHashSet;
use std::sync::Arc;

use crate::facts::Facts;
use crate::graph::{Graph, Shape};
use crate::op::{Loop, LoopState, NodeId, Op, SymbolId};

/// Loops of no more steps than this are written out,
const MAX_STEPS_WRITTEN: i64 = 8;
/// where no more nodes than this come of it.
const MAX_NODES_WRITTEN: usize = 80;

impl Graph {
    /// The symbol that stands for the number of the step in a loop.
    pub fn step_symbol(&mut self, name: &str) -> NodeId {
        self.anonymous(name, Facts::INTEGER.and(Facts::POSITIVE))
    }

    /// A loop. States that the result does not need are left out, those that never change are their first values, and
    /// a loop that is there already under other names is that one.
    ///
    /// Each state's symbol, first value and next value must have one shape.
    pub fn run_loop(&mut self, mut made: Loop) -> NodeId {
        self.keep_needed(&mut made);
        // A state that never changes is its first value.
        while let Some(at) =
            (0..made.states.len()).find(|&i| made.states[i].next == self.symbol_node(made.states[i].symbol))
        {
            let still = made.states[at].clone();
            if at == made.output {
                return self.at_every_step(&made, still.first);
            }
            for state in &mut made.states {
                state.next = self.substitute(state.next, still.symbol, still.first);
            }
            made.states.remove(at);
            made.output -= usize::from(at < made.output);
            self.keep_needed(&mut made);
        }
        let output = made.states[made.output].clone();
        let alone = !made.states.iter().any(|s| self.contains(output.next, s.symbol));
        let some = self.bounds(made.count).is_positive();
        if alone && some {
            if !made.every {
                return self.substitute(output.next, made.step, made.count);
            }
            if !self.contains(output.next, made.step) {
                return self.at_every_step(&made, output.next);
            }
        }
        if let Some(written) = self.written_out(&made) {
            return written;
        }
        if let Some(known) = self.find(&Op::Loop(Arc::new(made.clone()))).or_else(|| self.same_loop(&made)) {
            return known;
        }
        self.new_loop(made)
    }

    /// A loop under its own names, though there may be one that differs in names alone.
    pub(crate) fn new_loop(&mut self, mut made: Loop) -> NodeId {
        self.keep_needed(&mut made);
        let shape = self.over_steps(&made, made.states[made.output].first);
        let before = self.len();
        let node = self.intern(Op::Loop(Arc::new(made)), shape);
        if self.len() > before {
            self.loops.push(node);
        }
        node
    }

    /// Whether a node contains a symbol, for certain; not where a loop binds it.
    pub fn contains(&self, node: NodeId, symbol: SymbolId) -> bool {
        let target = self.symbol_node(symbol);
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut stack = vec![node];
        while let Some(at) = stack.pop() {
            if at == target {
                return true;
            }
            if !self.may_contain(at, symbol) || !seen.insert(at) {
                continue;
            }
            match self.op(at) {
                Op::Loop(made) if made.binds(symbol) => {
                    stack.push(made.count);
                    stack.extend(made.states.iter().map(|state| state.first));
                }
                _ => self.for_each_child(at, |child| stack.push(child)),
            }
        }
        false
    }

    /// A loop with a symbol replaced that it binds itself: in its body the symbol is another.
    pub(crate) fn around_bound(&mut self, made: &Loop, map: &dyn Fn(NodeId) -> NodeId) -> NodeId {
        let states = made
            .states
            .iter()
            .map(|s| LoopState { symbol: s.symbol, first: map(s.first), next: s.next })
            .collect();
        self.run_loop(Loop { count: map(made.count), states, ..made.clone() })
    }

    /// The nodes of a loop's body that depend on the step or the states, children before parents.
    pub fn depending_on_step(&self, made: &Loop) -> Vec<NodeId> {
        let bodies: Vec<NodeId> = made.states.iter().map(|state| state.next).collect();
        self.depending_on(made, &bodies)
    }

    /// The nodes below some that depend on the step or the states of a loop, children before parents; not those in the
    /// body of another loop that binds the same symbols.
    pub(crate) fn depending_on(&self, made: &Loop, roots: &[NodeId]) -> Vec<NodeId> {
        let symbols: Vec<SymbolId> = made.states.iter().map(|s| s.symbol).chain([made.step]).collect();
        let binds = |inner: &Loop| symbols.iter().all(|s| inner.binds(*s)) || inner.step == made.step;
        let for_each_child = |node: NodeId, visit: &mut dyn FnMut(NodeId)| {
            if let Op::Loop(inner) = self.op(node)
                && binds(inner)
            {
                visit(inner.count);
                inner.states.iter().for_each(|state| visit(state.first));
            } else {
                self.for_each_child(node, visit);
            }
        };
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut stack = roots.to_vec();
        while let Some(node) = stack.pop() {
            if seen.insert(node) {
                for_each_child(node, &mut |child| stack.push(child));
            }
        }
        let mut depending: FxHashSet<NodeId> = symbols.iter().map(|s| self.symbol_node(*s)).collect();
        let mut all: Vec<NodeId> = seen.into_iter().collect();
        all.sort_unstable();
        all.retain(|node| {
            let mut found = depending.contains(node);
            if !found {
                for_each_child(*node, &mut |child| found |= depending.contains(&child));
            }
            if found {
                depending.insert(*node);
            }
            found
        });
        all
    }

    /// The shape of the result whose states have the shape of a node.
    fn over_steps(&self, made: &Loop, state: NodeId) -> Shape {
        made.every.then_some(made.count).into_iter().chain(self.shape(state).iter().copied()).collect()
    }

    /// A value that is the same in every step.
    fn at_every_step(&mut self, made: &Loop, value: NodeId) -> NodeId {
        if !made.every {
            return value;
        }
        let shape = self.over_steps(made, value);
        let axes: Vec<usize> = (1..shape.len()).collect();
        if axes.is_empty() { self.broadcast(value, &shape) } else { self.expand(value, &axes, &shape) }
    }

    /// Leaves out the states that the result does not need.
    fn keep_needed(&mut self, made: &mut Loop) {
        let mut needed = vec![false; made.states.len()];
        let mut stack = vec![made.output];
        while let Some(at) = stack.pop() {
            if std::mem::replace(&mut needed[at], true) {
                continue;
            }
            let next = made.states[at].next;
            stack.extend(
                (0..needed.len()).filter(|&i| !needed[i] && self.contains(next, made.states[i].symbol)),
            );
        }
        let before = needed[..made.output].iter().filter(|n| **n).count();
        let mut keep = needed.iter();
        made.states.retain(|_| keep.next().is_some_and(|n| *n));
        made.output = before;
    }

    /// The last state of few and short steps, without a loop.
    fn written_out(&mut self, made: &Loop) -> Option<NodeId> {
        let steps =
            self.as_number(made.count)?.as_integer().filter(|n| (1..=MAX_STEPS_WRITTEN).contains(n))?;
        let length = self.depending_on_step(made).len();
        if made.every || (length * steps as usize > MAX_NODES_WRITTEN && steps > 1) {
            return None;
        }
        let mut values: Vec<NodeId> = made.states.iter().map(|s| s.first).collect();
        for step in 1..=steps {
            let step = self.integer(step);
            values =
                made.states.iter().map(|state| self.after_step(made, state.next, step, &values)).collect();
        }
        Some(values[made.output])
    }

    /// A node of a loop's body where the step and the states have values.
    pub fn after_step(&mut self, made: &Loop, node: NodeId, step: NodeId, states: &[NodeId]) -> NodeId {
        let mut with: Vec<(SymbolId, NodeId)> = vec![(made.step, step)];
        with.extend(made.states.iter().map(|state| state.symbol).zip(states.iter().copied()));
        self.substitute_each(&[node], &with)[0]
    }

    /// A loop that differs in the names of its step and its states alone.
    fn same_loop(&mut self, made: &Loop) -> Option<NodeId> {
        for at in 0..self.loops.len() {
            let node = self.loops[at];
            let Op::Loop(other) = self.op(node).clone() else { continue };
            let alike = other.count == made.count
                && (other.every, other.output, other.states.len())
                    == (made.every, made.output, made.states.len())
                && other
                    .states
                    .iter()
                    .zip(&made.states)
                    .all(|(a, b)| a.first == b.first && self.may_be_alike(a.next, b.next));
            if !alike {
                continue;
            }
            // Names that are in use inside cannot be taken.
            let bound: Vec<SymbolId> = other.states.iter().map(|s| s.symbol).chain([other.step]).collect();
            let taken = bound.iter().any(|s| made.states.iter().any(|b| self.contains(b.next, *s)));
            if taken {
                continue;
            }
            let step = self.symbol_node(other.step);
            let symbols: Vec<NodeId> = other.states.iter().map(|s| self.symbol_node(s.symbol)).collect();
            let same = made
                .states
                .iter()
                .zip(&other.states)
                .all(|(a, b)| self.after_step(made, a.next, step, &symbols) == b.next);
            if same {
                return Some(node);
            }
        }
        None
    }

    /// A loop with each part replaced, in normal form.
    pub(crate) fn rebuild_loop(&mut self, made: &Loop, map: &dyn Fn(NodeId) -> NodeId) -> NodeId {
        let states = made
            .states
            .iter()
            .map(|s| LoopState { symbol: s.symbol, first: map(s.first), next: map(s.next) })
            .collect();
        self.run_loop(Loop { count: map(made.count), states, ..made.clone() })
    }
}
