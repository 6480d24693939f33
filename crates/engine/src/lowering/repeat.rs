//! Loops whose steps depend on each other.
//!
//! Loops over the same states, of which none waits for another, are run as one; a state that is only added to is one
//! tensor that grows, and so is one to which each step adds few entries, as a recurrence does.

use std::sync::Arc;

use agnesi_graph::{Factor, Loop, LoopState, NodeId, Op, SymbolId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::rows::Row;
use super::{LowerError, Lowering, View, longest_innermost};
use crate::ir::{Record, Repeat, State, Step, TensorId};

/// A loop of the graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub node: NodeId,
    /// How many loops wait for each other up to this one.
    pub wait: u32,
    /// In how many loops it stands.
    pub around: usize,
}

/// Where the values of a state are.
struct Held {
    change: Change,
    first: TensorId,
    current: View,
}

/// What the steps do with a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Replace it at their end.
    Replaced,
    /// Only add to it.
    Grown,
    /// Read it, and add rows to it at their end.
    Entered,
}

impl Lowering<'_> {
    /// A loop, run step by step, with those that can be run beside it.
    pub(super) fn repeat(&mut self, node: NodeId, made: &Arc<Loop>) -> Result<View, LowerError> {
        let graph = self.graph;
        let count = self.size(made.count)?;
        let group = self.beside(node, made);
        let states = united(&group);
        // What does not depend on the step is computed before the loop, unless a loop inside binds it.
        let inside: Vec<Vec<NodeId>> = group.iter().map(|(_, made)| graph.depending_on_step(made)).collect();
        let mut all: Vec<NodeId> = inside.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        for &node in &all {
            let mut outside = Vec::new();
            graph.for_each_child(node, |child| {
                if all.binary_search(&child).is_err() && !self.is_bound(child) && self.is_work(child) {
                    outside.push(child);
                }
            });
            outside.into_iter().try_for_each(|child| self.view(child).map(drop))?;
        }
        let number = self.declare(Vec::new(), None)?;
        self.ranges.insert(number, (1.0, count as f64));
        let step = graph.symbol_node(made.step);
        let mut hidden: FxHashMap<NodeId, Option<View>> = FxHashMap::default();
        let view = self.whole(number);
        hidden.insert(step, self.stored.insert(step, view));
        let mut held = Vec::new();
        for state in &states {
            let recorded = group.iter().any(|(_, m)| m.every && m.states[m.output].symbol == state.symbol);
            let change = if !recorded && self.added_to(state, &states).is_some() {
                Change::Grown
            } else if self.rows(state, &states)?.is_some() {
                Change::Entered
            } else {
                Change::Replaced
            };
            let shape = self.shape(state.first)?;
            // What stays one tensor may lie as the steps like it best.
            let current = if recorded || change == Change::Replaced {
                let tensor = self.declare(shape.clone(), None)?;
                self.whole(tensor)
            } else {
                let order = self.order_of_axes(state, &shape, &all);
                self.lay_in_order(&shape, &order, None)?
            };
            let first = self.lying_like(state.first, &current)?;
            if change != Change::Grown {
                let symbol = graph.symbol_node(state.symbol);
                hidden.insert(symbol, self.stored.insert(symbol, current.clone()));
            }
            held.push(Held { change, first, current });
        }
        let outside = std::mem::take(&mut self.steps);
        let (joins, checked) = (self.joins.clone(), self.checked.clone());
        inside.iter().for_each(|inside| self.open(inside, -1));
        let lowered = self.repeat_body(&states, &all, &held);
        inside.iter().for_each(|inside| self.open(inside, 1));
        let steps = std::mem::replace(&mut self.steps, outside);
        // What was computed in a step is not there outside.
        (self.joins, self.checked) = (joins, checked);
        for node in &all {
            self.stored.remove(node);
        }
        for (symbol, before) in hidden {
            match before {
                Some(view) => self.stored.insert(symbol, view),
                None => self.stored.remove(&symbol),
            };
        }
        let replaced = lowered?;
        let mut records: Vec<Record> = Vec::new();
        for (node, made) in &group {
            let output = made.states.get(made.output).map(|state| state.symbol);
            let place = states.iter().position(|state| Some(state.symbol) == output);
            let place = place.ok_or(LowerError::Unsupported("a loop without a state".into()))?;
            let mut view = held[place].current.clone();
            if made.every {
                let state = replaced.iter().position(|state| state.current == view.tensor).unwrap_or(0);
                let result = match records.iter().find(|record| record.state == state) {
                    Some(record) => record.to,
                    None => {
                        let to = self.declare(self.shape(*node)?, None)?;
                        records.push(Record { state, to });
                        to
                    }
                };
                view = self.whole(result);
            }
            self.stored.insert(*node, view);
        }
        self.steps.push(Step::Repeat(Box::new(Repeat { count, number, states: replaced, steps, records })));
        self.view(node)
    }

    /// The loops that are run with one: those that share the symbol of its step, are not computed yet, wait for as many
    /// others and stand in the same loops.
    fn beside(&self, node: NodeId, made: &Arc<Loop>) -> Vec<(NodeId, Arc<Loop>)> {
        let mut group = vec![(node, made.clone())];
        let Some(known) = self.loops.get(&made.step) else { return group };
        let Some(own) = known.iter().find(|known| known.node == node) else { return group };
        let others = known.iter().filter(|other| {
            other.node != node
                && (other.wait, other.around) == (own.wait, own.around)
                && !self.is_bound(other.node)
                && !self.stored.contains_key(&other.node)
        });
        for other in others {
            let Op::Loop(made) = self.graph.op(other.node) else { continue };
            let agrees = |state: &LoopState| {
                group.iter().flat_map(|(_, m)| &m.states).all(|s| s.symbol != state.symbol || s == state)
            };
            if made.count == group[0].1.count && made.states.iter().all(agrees) {
                group.push((other.node, made.clone()));
            }
        }
        group
    }

    /// What is added to a state in each step, where that is all that the steps do with it.
    fn added_to(&self, state: &LoopState, states: &[LoopState]) -> Option<SmallVec<[(f64, NodeId); 2]>> {
        let graph = self.graph;
        let symbol = graph.symbol_node(state.symbol);
        let Op::Add(sum) = graph.op(state.next) else { return None };
        let (own, others): (Vec<_>, Vec<_>) = sum.terms.iter().partition(|(_, term)| *term == symbol);
        let [(one, _)] = own[..] else { return None };
        let used = others.iter().map(|(_, term)| *term);
        let mut used = used.chain(states.iter().filter(|s| s.symbol != state.symbol).map(|s| s.next));
        if !one.is_one() || used.any(|node| graph.contains(node, state.symbol)) {
            return None;
        }
        Some(others.into_iter().map(|(c, term)| (c.to_f64(), *term)).collect())
    }

    /// How the axes of a state lie best, from the outermost to the innermost one: what the steps pick entries of first, then
    /// what they sum over, so that what they keep lies side by side.
    fn order_of_axes(&self, state: &LoopState, shape: &[usize], inside: &[NodeId]) -> SmallVec<[usize; 4]> {
        let graph = self.graph;
        let symbol = graph.symbol_node(state.symbol);
        let (mut picked, mut summed) = (vec![false; shape.len()], vec![false; shape.len()]);
        for &node in inside {
            let Op::Contract(c) = graph.op(node) else { continue };
            for own in c.factors.iter().filter(|f| f.node == symbol) {
                for (axis, label) in own.labels.iter().enumerate() {
                    let hot = |f: &Factor| self.is_hot(f) && f.labels.last() == Some(label);
                    picked[axis] |= c.factors.iter().any(hot);
                    summed[axis] |= !c.out.contains(label);
                }
            }
        }
        let mut order = longest_innermost(shape);
        if let Some((_, outer)) = order.split_last_mut() {
            outer.sort_by_key(|axis| (!picked[*axis], !summed[*axis]));
        }
        order
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
        states: &[LoopState],
        inside: &[NodeId],
        held: &[Held],
    ) -> Result<Vec<State>, LowerError> {
        for &node in inside {
            // The sum of a state that grows is never made.
            let mut states = states.iter().zip(held);
            let grows = states.any(|(state, held)| state.next == node && held.change != Change::Replaced);
            if self.shared.contains(&node) && !self.is_bound(node) && !grows {
                self.view(node)?;
            }
        }
        let mut done: Vec<State> = Vec::new();
        let mut added: Vec<(Row, View, &View)> = Vec::new();
        for (state, own) in states.iter().zip(held) {
            let (first, current) = (own.first, own.current.tensor);
            match own.change {
                Change::Replaced => {}
                Change::Grown => {
                    let terms = self.added_to(state, states).unwrap_or_default();
                    self.add_terms(&terms, &own.current)?;
                    done.push(State { first, current, next: current });
                    continue;
                }
                Change::Entered => {
                    for row in self.rows(state, states)?.unwrap_or_default() {
                        let view = self.row_value(&row)?;
                        added.push((row, view, &own.current));
                    }
                    done.push(State { first, current, next: current });
                    continue;
                }
            }
            let mut next = self.contiguous(state.next)?;
            // A state's next value is a tensor of the steps' own.
            let depends = inside.binary_search(&state.next).is_ok();
            let taken = self.is_state(next, held) || done.iter().any(|s| s.next == next);
            if !depends || taken {
                let shape = self.shape(state.next)?;
                next = self.copy(&self.whole(next), &shape)?;
            }
            done.push(State { first, current, next });
        }
        // Nothing else of the step reads a state any more.
        added.iter().try_for_each(|(row, view, current)| self.add_row(row, view, current))?;
        Ok(done)
    }

    fn is_state(&self, tensor: TensorId, held: &[Held]) -> bool {
        held.iter().any(|held| held.current.tensor == tensor)
    }
}

/// The states of several loops, each once.
fn united(group: &[(NodeId, Arc<Loop>)]) -> Vec<LoopState> {
    let mut symbols: Vec<SymbolId> = Vec::new();
    let mut states = Vec::new();
    for state in group.iter().flat_map(|(_, made)| &made.states) {
        if !symbols.contains(&state.symbol) {
            symbols.push(state.symbol);
            states.push(state.clone());
        }
    }
    states
}
