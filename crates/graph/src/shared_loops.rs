//! Loops that run side by side made to speak of the same states, so that they can be run as one.
//!
//! The value of a recurrent net, the states before each of its steps and each of its derivatives are loops of their own,
//! over the same states under other names. Which states of several loops are the same is found as the states of automata
//! are: those with the same first value are taken to be the same until their next values differ.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::Facts;
use crate::graph::Graph;
use crate::op::{Loop, LoopState, NodeId, Op, SymbolId};

/// A node that is a loop.
type Made = (NodeId, Arc<Loop>);

impl Graph {
    /// The same nodes, in which loops of the same number of steps, none of which waits for another, have one symbol for
    /// the step, and one for each state that is the same in several.
    pub fn share_loops(&mut self, roots: &[NodeId]) -> Vec<NodeId> {
        self.share_within(roots, None)
    }

    /// The same for the loops that depend on the step of a loop around them.
    fn share_within(&mut self, roots: &[NodeId], around: Option<&Loop>) -> Vec<NodeId> {
        let mut all: Vec<NodeId> = roots.iter().flat_map(|root| self.topological(*root)).collect();
        all.sort_unstable();
        all.dedup();
        let loops: Vec<Made> = all.iter().filter_map(|n| Some((*n, self.as_loop(*n)?))).collect();
        if loops.is_empty() {
            return roots.to_vec();
        }
        let mut bound: FxHashSet<NodeId> = FxHashSet::default();
        for (_, made) in &loops {
            bound.extend(self.depending_on_step(made));
        }
        let scope: Option<FxHashSet<NodeId>> =
            around.map(|around| self.depending_on(around, roots).into_iter().collect());
        let ours = |node: &NodeId| !bound.contains(node) && scope.as_ref().is_none_or(|s| s.contains(node));
        // How many loops wait for each other below a node; those in the steps of another are that one's.
        let mut depths: FxHashMap<NodeId, usize> = FxHashMap::default();
        for node in &all {
            let mut depth = 0;
            self.for_each_child(*node, |child| depth = depth.max(depths.get(&child).copied().unwrap_or(0)));
            let waits = matches!(self.op(*node), Op::Loop(_)) && ours(node);
            depths.insert(*node, depth + usize::from(waits));
        }
        let deepest = depths.values().copied().max().unwrap_or(0);
        let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        for depth in 0..=deepest {
            let at_depth: Vec<NodeId> = all.iter().copied().filter(|node| depths[node] == depth).collect();
            let (waiting, plain): (Vec<NodeId>, Vec<NodeId>) =
                at_depth.into_iter().partition(|node| matches!(self.op(*node), Op::Loop(_)) && ours(node));
            let mut groups: Vec<(NodeId, Vec<Made>)> = Vec::new();
            for node in waiting {
                let new = self.renewed(node, &done);
                done.insert(node, new);
                let Some(made) = self.as_loop(new) else { continue };
                match groups.iter_mut().find(|(count, _)| *count == made.count) {
                    Some((_, group)) => group.push((node, made)),
                    None => groups.push((made.count, vec![(node, made)])),
                }
            }
            for (_, group) in groups {
                let made: Vec<Arc<Loop>> = group.iter().map(|(_, made)| made.clone()).collect();
                let joined = self.joined(&made);
                done.extend(group.iter().zip(joined).map(|((node, _), new)| (*node, new)));
            }
            for node in plain {
                let new = self.renewed(node, &done);
                done.insert(node, new);
            }
        }
        roots.iter().map(|root| done.get(root).copied().unwrap_or(*root)).collect()
    }

    fn as_loop(&self, node: NodeId) -> Option<Arc<Loop>> {
        match self.op(node) {
            Op::Loop(made) => Some(made.clone()),
            _ => None,
        }
    }

    fn renewed(&mut self, node: NodeId, done: &FxHashMap<NodeId, NodeId>) -> NodeId {
        let mut changed = false;
        self.for_each_child(node, |child| changed |= done.get(&child).is_some_and(|new| *new != child));
        if changed { self.rebuild(node, &|n| done.get(&n).copied().unwrap_or(n)) } else { node }
    }

    /// Loops of the same number of steps over common symbols.
    fn joined(&mut self, group: &[Arc<Loop>]) -> Vec<NodeId> {
        let Some(one) = group.first() else { return Vec::new() };
        let name = self.symbol_info(one.step).name.clone();
        let step = self.step_symbol(&name);
        let all: Vec<LoopState> = group.iter().flat_map(|made| made.states.iter().cloned()).collect();
        // Classes by the first values, split until the next values of each class are the same.
        let mut symbols: Vec<NodeId> = Vec::new();
        let mut class: Vec<usize> = vec![0; all.len()];
        let mut nexts: Vec<NodeId> = all.iter().map(|state| state.first).collect();
        loop {
            let mut found: FxHashMap<(usize, NodeId), usize> = FxHashMap::default();
            for (class, next) in class.iter_mut().zip(&nexts) {
                let fresh = found.len();
                *class = *found.entry((*class, *next)).or_insert(fresh);
            }
            if found.len() == symbols.len() {
                break;
            }
            symbols = (0..found.len())
                .filter_map(|at| class.iter().position(|c| *c == at))
                .map(|at| {
                    let state = &all[at];
                    let (name, shape) =
                        (self.symbol_info(state.symbol).name.clone(), self.shape(state.first).clone());
                    self.anonymous_tensor(&name, Facts::REAL, shape)
                })
                .collect();
            nexts = Vec::with_capacity(all.len());
            for made in group {
                let own = &class[nexts.len()..];
                let mut with: Vec<(SymbolId, NodeId)> = vec![(made.step, step)];
                with.extend(
                    made.states.iter().zip(own).map(|(state, class)| (state.symbol, symbols[*class])),
                );
                let bodies: Vec<NodeId> = made.states.iter().map(|state| state.next).collect();
                nexts.extend(self.substitute_each(&bodies, &with));
            }
        }
        // Loops inside are shared too.
        let states: Vec<LoopState> = (0..symbols.len())
            .filter_map(|at| {
                let place = class.iter().position(|c| *c == at)?;
                let symbol = self.as_symbol(symbols[at])?;
                Some(LoopState { symbol, first: all[place].first, next: nexts[place] })
            })
            .collect();
        let Some(step) = self.as_symbol(step) else { return Vec::new() };
        let around = Loop { count: one.count, step, states: states.into(), output: 0, every: false };
        let bodies: Vec<NodeId> = around.states.iter().map(|state| state.next).collect();
        let bodies = self.share_within(&bodies, Some(&around));
        let mut start = 0;
        group
            .iter()
            .map(|made| {
                let own = &class[start..start + made.states.len()];
                start += made.states.len();
                let mut kept: Vec<usize> = Vec::new();
                own.iter().for_each(|c| {
                    if !kept.contains(c) {
                        kept.push(*c)
                    }
                });
                let output = kept.iter().position(|c| *c == own[made.output]).unwrap_or(0);
                let states = kept
                    .iter()
                    .map(|c| LoopState { next: bodies[*c], ..around.states[*c].clone() })
                    .collect();
                self.new_loop(Loop { count: made.count, step, states, output, every: made.every })
            })
            .collect()
    }
}
