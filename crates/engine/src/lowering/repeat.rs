//! Loops whose steps depend on each other.

use agnesi_graph::{Loop, NodeId};
use rustc_hash::FxHashMap;

use super::{LowerError, Lowering, View};
use crate::ir::{Record, Repeat, State, Step};

impl Lowering<'_> {
    /// A loop, run step by step.
    pub(super) fn repeat(&mut self, node: NodeId, made: &Loop) -> Result<View, LowerError> {
        let graph = self.graph;
        let count = self.size(made.count)?;
        let inside = graph.depending_on_step(made);
        // What does not depend on the step is computed before the loop.
        for &node in &inside {
            let mut outside = Vec::new();
            graph.for_each_child(node, |child| {
                if inside.binary_search(&child).is_err() && self.is_work(child) {
                    outside.push(child);
                }
            });
            outside.into_iter().try_for_each(|child| self.view(child).map(drop))?;
        }
        let number = self.declare(Vec::new(), None)?;
        let step = graph.symbol_node(made.step);
        let mut hidden: FxHashMap<NodeId, Option<View>> = FxHashMap::default();
        let view = self.whole(number);
        hidden.insert(step, self.stored.insert(step, view));
        let mut states = Vec::new();
        for state in &made.states {
            let first = self.contiguous(state.first)?;
            let shape = self.shape(state.first)?;
            let current = self.declare(shape, None)?;
            let symbol = graph.symbol_node(state.symbol);
            let view = self.whole(current);
            hidden.insert(symbol, self.stored.insert(symbol, view));
            states.push((first, current));
        }
        let outside = std::mem::take(&mut self.steps);
        let joins = self.joins.clone();
        self.open(&inside, -1);
        let lowered = self.repeat_body(made, &inside, &states);
        self.open(&inside, 1);
        let steps = std::mem::replace(&mut self.steps, outside);
        // What was computed in a step is not there outside.
        self.joins = joins;
        for node in &inside {
            self.stored.remove(node);
        }
        for (symbol, before) in hidden {
            match before {
                Some(view) => self.stored.insert(symbol, view),
                None => self.stored.remove(&symbol),
            };
        }
        let states = lowered?;
        let result = states.get(made.output).map(|state| state.current);
        let mut result = result.ok_or(LowerError::Unsupported("a loop without a state".into()))?;
        let mut records = Vec::new();
        if made.every {
            let to = self.declare(self.shape(node)?, None)?;
            records.push(Record { state: made.output, to });
            result = to;
        }
        self.steps.push(Step::Repeat(Box::new(Repeat { count, number, states, steps, records })));
        Ok(self.whole(result))
    }

    fn open(&mut self, inside: &[NodeId], change: i32) {
        for node in inside {
            if let Some(loops) = self.bound.get_mut(node) {
                *loops = loops.saturating_add_signed(change);
            }
        }
    }

    /// Lowers the next values of the states into the steps of the scope.
    fn repeat_body(
        &mut self,
        made: &Loop,
        inside: &[NodeId],
        states: &[(crate::ir::TensorId, crate::ir::TensorId)],
    ) -> Result<Vec<State>, LowerError> {
        for &node in inside {
            if self.shared.contains(&node) && !self.is_bound(node) {
                self.view(node)?;
            }
        }
        let mut done: Vec<State> = Vec::new();
        for (state, (first, current)) in made.states.iter().zip(states) {
            let mut next = self.contiguous(state.next)?;
            // A state's next value is a tensor of the steps' own.
            let depends = inside.binary_search(&state.next).is_ok();
            let taken =
                states.iter().any(|(_, current)| *current == next) || done.iter().any(|s| s.next == next);
            if !depends || taken {
                let shape = self.shape(state.next)?;
                next = self.copy(&self.whole(next), &shape)?;
            }
            done.push(State { first: *first, current: *current, next });
        }
        Ok(done)
    }
}
