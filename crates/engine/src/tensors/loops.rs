//! Loops: step by step, with what does not depend on the step computed once.

use agnesi_graph::{Graph, Loop, NodeId};

use super::entry::Entry;
use super::error::InterpretError;
use super::interpret::{Machine, limit};
use super::tensor::{Tensor, volume};

/// The most steps of one loop.
const MAX_STEPS: usize = 1 << 24;

/// The state after the last step, or after every step.
pub(super) fn run_loop<E: Entry>(
    graph: &Graph,
    outer: &Machine<E>,
    made: &Loop,
) -> Result<Tensor<E>, InterpretError> {
    let steps = outer.size(made.count)?;
    if steps > MAX_STEPS {
        return Err(InterpretError::Limit);
    }
    let body = graph.depending_on_step(made);
    let mut states: Vec<Tensor<E>> =
        made.states.iter().map(|s| outer.of(s.first).map(|t| t.into_owned())).collect::<Result<_, _>>()?;
    let mut shape = states.get(made.output).ok_or(InterpretError::Limit)?.shape.clone();
    let mut every: Vec<E> = Vec::new();
    if made.every {
        shape.insert(0, steps);
        let count = volume(&shape).filter(|n| *n <= limit::<E>()).ok_or(InterpretError::Limit)?;
        every.reserve(count);
    }
    for step in 1..=steps {
        let mut symbols = vec![(made.step, Tensor::scalar(E::lift(step as f64)))];
        symbols.extend(made.states.iter().map(|s| s.symbol).zip(states));
        let mut machine = Machine::step(graph, symbols, outer);
        machine.run(&body);
        let next = |node: NodeId| machine.of(node).map(|t| t.into_owned());
        states = made.states.iter().map(|s| next(s.next)).collect::<Result<_, _>>()?;
        machine.tell_outside(&states);
        if made.every {
            every.extend_from_slice(&states[made.output].data);
        }
    }
    match made.every {
        true => Ok(Tensor { shape, data: every }),
        false => Ok(states.swap_remove(made.output)),
    }
}
