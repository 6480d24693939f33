//! The adjoint of a loop is a loop that runs backwards.
//!
//! Its states are the adjoints of the states, and one sum for each closed value that the steps use; its body is made by
//! the same rules as every adjoint. What the states were before each step comes from a scan beside the loop, or from its
//! last state where that holds it still.

use agnesi_graph::{Graph, Loop, LoopState, NodeId, Op, Rational, Shape, SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::derivative::pull;
use super::simplify::TensorSimplifier;
use crate::derivative::NoDerivative;

/// What the adjoints of loops over the same states, which differ in what they give back, give to the first values and to the
/// closed values of their body.
pub(super) fn adjoint(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    front: usize,
    given: &[(NodeId, NodeId)],
    variables: &[SymbolId],
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    // All states, and of each loop the one that it gives back, after every step or after the last, with its adjoint.
    let mut joined: Option<Loop> = None;
    let mut results: Vec<(usize, bool, NodeId)> = Vec::new();
    for (node, adjoint) in given {
        let Op::Loop(own) = g.op(*node) else { continue };
        let all = joined.get_or_insert_with(|| Loop::clone(own));
        let more = own.states.iter().filter(|s| !all.binds(s.symbol)).cloned();
        all.states.extend(more.collect::<Vec<_>>());
        let symbol = own.states[own.output].symbol;
        let output = all.states.iter().position(|s| s.symbol == symbol).unwrap_or(0);
        results.push((output, own.every, *adjoint));
    }
    let Some(made) = &joined else { return Ok(Vec::new()) };
    if contains(g, made.count, variables) {
        let because = "the variable decides how many steps there are".into();
        return Err(NoDerivative { function: "a loop".into(), because });
    }
    let active = active(g, made, variables);
    results.retain(|(output, ..)| active[*output]);
    if results.is_empty() {
        return Ok(Vec::new());
    }
    let closed = closed_values(g, made, variables)?;
    let next = with_symbols(g, made, &closed);

    // The step that is undone, and the adjoints that arrive at its end.
    let lead: Shape = g.shape(results[0].2)[..front].iter().copied().collect();
    let step = step_name(g, made);
    let step = g.step_symbol(step);
    let one = g.one();
    let undone = g.sum(&[(Rational::ONE, made.count), (Rational::MINUS_ONE, step), (Rational::ONE, one)]);
    let mut arriving: Vec<(usize, NodeId, NodeId)> = Vec::new();
    for (i, state) in made.states.iter().enumerate().filter(|(i, _)| active[*i]) {
        let shape: Shape = lead.iter().chain(g.shape(state.first)).copied().collect();
        let name = format!("d{}", g.symbol_info(state.symbol).name);
        let symbol = g.anonymous_tensor(&name, agnesi_graph::Facts::REAL, shape.clone());
        let mut last = g.zeros(shape);
        for (_, _, adjoint) in results.iter().filter(|(output, every, _)| *output == i && !every) {
            last = g.add(last, *adjoint);
        }
        arriving.push((i, symbol, last));
    }
    let mut seeds: Vec<(NodeId, NodeId)> = Vec::new();
    for (i, symbol, _) in &arriving {
        let mut seed = *symbol;
        for (_, _, adjoint) in results.iter().filter(|(output, every, _)| output == i && *every) {
            let given = g.pick(*adjoint, front, undone);
            seed = g.add(seed, given);
        }
        seeds.push((next[*i], seed));
    }

    // What each step hands on, in terms of the states before it.
    let mut targets: Vec<SymbolId> = arriving.iter().map(|(i, ..)| made.states[*i].symbol).collect();
    targets.extend(closed.iter().filter_map(|(_, symbol)| g.as_symbol(*symbol)));
    let mut parts = handed_on(g, simplifier, front, &seeds, &targets)?.into_iter();
    let mut states: Vec<LoopState> = Vec::new();
    for ((_, symbol, last), part) in arriving.iter().zip(parts.by_ref()) {
        let part = part.unwrap_or_else(|| g.zeros(g.shape(*symbol).clone()));
        states.extend(g.as_symbol(*symbol).map(|symbol| LoopState { symbol, first: *last, next: part }));
    }
    let mut sums: Vec<NodeId> = Vec::new();
    for ((value, _), part) in closed.iter().zip(parts) {
        let Some(part) = part else { continue };
        let shape = g.shape(part).clone();
        let name = match g.as_symbol(*value) {
            Some(id) => format!("d{}", g.symbol_info(id).name),
            None => "total".to_owned(),
        };
        let sum = g.anonymous_tensor(&name, agnesi_graph::Facts::REAL, shape.clone());
        let (first, next) = (g.zeros(shape), g.add(sum, part));
        states.extend(g.as_symbol(sum).map(|symbol| LoopState { symbol, first, next }));
        sums.push(*value);
    }

    // The states before the step, the number of the step, and the closed values.
    for (i, state) in made.states.iter().enumerate() {
        if !states.iter().any(|s| g.contains(s.next, state.symbol)) {
            continue;
        }
        let before = if super::rows::filled(g, made, i) {
            g.run_loop(Loop { output: i, every: false, ..made.clone() })
        } else {
            let all = states_before(g, made, i);
            g.pick(all, 0, undone)
        };
        for s in &mut states {
            s.next = g.substitute(s.next, state.symbol, before);
        }
    }
    for s in &mut states {
        s.next = g.substitute(s.next, made.step, undone);
        for (value, symbol) in &closed {
            if value != symbol
                && let Some(symbol) = g.as_symbol(*symbol)
            {
                s.next = g.substitute(s.next, symbol, *value);
            }
        }
        s.next = simplifier.simplify(g, s.next);
    }

    // Each result by itself, without the states that it does not need.
    let Some(step) = g.as_symbol(step) else { return Ok(Vec::new()) };
    let run = |g: &mut Graph, output: usize| {
        let states = states.iter().cloned().collect();
        g.run_loop(Loop { count: made.count, step, states, output, every: false })
    };
    let mut out = Vec::new();
    for (place, (i, ..)) in arriving.iter().enumerate() {
        let first = made.states[*i].first;
        if contains(g, first, variables) {
            out.push((first, run(g, place)));
        }
    }
    for (place, value) in sums.iter().enumerate() {
        out.push((*value, run(g, arriving.len() + place)));
    }
    Ok(out)
}

/// Whether two nodes are loops that take the same steps: states of one name are the same.
pub(super) fn beside(g: &Graph, one: NodeId, other: NodeId) -> bool {
    let (Op::Loop(one), Op::Loop(other)) = (g.op(one), g.op(other)) else { return false };
    let agrees = |s: &LoopState| one.states.iter().all(|own| own.symbol != s.symbol || own == s);
    (other.step, other.count) == (one.step, one.count) && other.states.iter().all(agrees)
}

/// Loops with their adjoints, those together that take the same steps.
pub(super) fn groups(g: &Graph, loops: Vec<(NodeId, NodeId)>) -> Vec<Vec<(NodeId, NodeId)>> {
    let mut groups: Vec<Vec<(NodeId, NodeId)>> = Vec::new();
    for made in loops {
        match groups.iter_mut().find(|group| group.iter().all(|(other, _)| beside(g, made.0, *other))) {
            Some(group) => group.push(made),
            None => groups.push(vec![made]),
        }
    }
    groups
}

/// Whether a node contains one of some variables, for certain.
fn contains(g: &Graph, node: NodeId, variables: &[SymbolId]) -> bool {
    variables.iter().any(|x| g.contains(node, *x))
}

/// What a step hands on to each of some symbols. Where a condition on the step chooses the next value, it chooses the whole
/// of what is handed on: what indexes outside an axis in the other branch is not looked at.
fn handed_on(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    front: usize,
    seeds: &[(NodeId, NodeId)],
    targets: &[SymbolId],
) -> Result<Vec<Option<NodeId>>, NoDerivative> {
    let mut plain = Vec::new();
    let mut totals: Vec<Option<NodeId>> = vec![None; targets.len()];
    let add = |g: &mut Graph, total: &mut Option<NodeId>, part: NodeId| {
        *total = Some(total.map_or(part, |sum| g.add(sum, part)));
    };
    for (next, seed) in seeds {
        let Op::Select(c, a, b) = *g.op(*next) else {
            plain.push((*next, *seed));
            continue;
        };
        if !g.is_scalar(c) {
            plain.push((*next, *seed));
            continue;
        }
        let a = handed_on(g, simplifier, front, &[(a, *seed)], targets)?;
        let b = handed_on(g, simplifier, front, &[(b, *seed)], targets)?;
        for (total, (a, b)) in totals.iter_mut().zip(a.into_iter().zip(b)) {
            let Some(some) = a.or(b) else { continue };
            let shape = g.shape(some).clone();
            let [a, b] = [a, b].map(|n| n.unwrap_or_else(|| g.zeros(shape.clone())));
            let part = g.select(c, a, b);
            add(g, total, part);
        }
    }
    if !plain.is_empty() {
        let parts = pull(g, simplifier, front, &plain, targets)?;
        for (total, part) in totals.iter_mut().zip(parts) {
            if let Some(part) = part {
                add(g, total, part);
            }
        }
    }
    Ok(totals)
}

/// A name for the step backwards that the loop does not use.
fn step_name(g: &Graph, made: &Loop) -> &'static str {
    let taken = |name: &str| {
        g.find_symbol(name).is_some()
            || g.symbol_info(made.step).name == name
            || made.states.iter().any(|s| g.symbol_info(s.symbol).name == name)
    };
    ["s", "k", "r", "q", "l"].into_iter().find(|name| !taken(name)).unwrap_or("s")
}

/// Which states depend on a variable.
fn active(g: &Graph, made: &Loop, variables: &[SymbolId]) -> Vec<bool> {
    let depends = |node: NodeId| contains(g, node, variables);
    let mut active: Vec<bool> = made.states.iter().map(|s| depends(s.first) || depends(s.next)).collect();
    loop {
        let more = (0..active.len()).find(|&i| {
            let uses = |j: usize| active[j] && g.contains(made.states[i].next, made.states[j].symbol);
            !active[i] && (0..active.len()).any(uses)
        });
        match more {
            Some(i) => active[i] = true,
            None => return active,
        }
    }
}

/// The largest parts of a body that contain a variable and are the same in every step, each with a symbol for it: its
/// own, if it is the variable.
fn closed_values(
    g: &mut Graph,
    made: &Loop,
    variables: &[SymbolId],
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    let mut open: FxHashSet<NodeId> = g.depending_on_step(made).into_iter().collect();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for state in &made.states {
        seen.extend(g.topological(state.next));
    }
    // What depends on the step of a loop inside.
    for node in &seen {
        if let Op::Loop(inner) = g.op(*node) {
            open.extend(g.depending_on_step(inner));
        }
    }
    let mut values: Vec<NodeId> = made.states.iter().map(|s| s.next).filter(|n| !open.contains(n)).collect();
    for node in &open {
        if let Op::Contract(c) = g.op(*node)
            && c.sizes.iter().any(|size| contains(g, *size, variables))
        {
            let because = "the variable is the size of an axis".into();
            return Err(NoDerivative { function: "a loop".into(), because });
        }
        g.for_each_child(*node, |child| {
            if !open.contains(&child) {
                values.push(child);
            }
        });
    }
    values.retain(|node| {
        let truth = matches!(
            g.op(*node),
            Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_) | Op::OneHot(..)
        );
        !truth && contains(g, *node, variables)
    });
    values.sort_unstable();
    values.dedup();
    Ok(values
        .into_iter()
        .map(|node| match g.op(node) {
            Op::Symbol(_) => (node, node),
            _ => {
                let shape = g.shape(node).clone();
                (node, g.anonymous_tensor("value", agnesi_graph::Facts::REAL, shape))
            }
        })
        .collect())
}

/// The next values with symbols in place of closed values.
fn with_symbols(g: &mut Graph, made: &Loop, closed: &[(NodeId, NodeId)]) -> Vec<NodeId> {
    let mut done: FxHashMap<NodeId, NodeId> = closed.iter().copied().collect();
    let mut next = Vec::with_capacity(made.states.len());
    for state in &made.states {
        for node in g.topological(state.next) {
            if done.contains_key(&node) {
                continue;
            }
            let mut changed = false;
            g.for_each_child(node, |child| changed |= done.get(&child).is_some_and(|new| *new != child));
            let new = if changed { g.rebuild(node, &|n| done.get(&n).copied().unwrap_or(n)) } else { node };
            done.insert(node, new);
        }
        next.push(done.get(&state.next).copied().unwrap_or(state.next));
    }
    next
}

/// The values of a state before each step: a scan with a state more, which is one step behind.
fn states_before(g: &mut Graph, made: &Loop, at: usize) -> NodeId {
    let state = &made.states[at];
    let name = format!("{}_before", g.symbol_info(state.symbol).name);
    let shape = g.shape(state.first).clone();
    let behind = g.anonymous_tensor(&name, agnesi_graph::Facts::REAL, shape);
    let mut states = made.states.clone();
    let output = states.len();
    let next = g.symbol_node(state.symbol);
    states.extend(g.as_symbol(behind).map(|symbol| LoopState { symbol, first: state.first, next }));
    g.run_loop(Loop { states, output, every: true, ..made.clone() })
}
