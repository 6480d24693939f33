//! `explain`: the derivative in the steps that a person would take.

use super::{Outcome, Session, diff, steps};
use crate::protocol::{ExplainReply, Reply, Request, Success};

/// Answers `explain`. A formula that is itself a derivative, as `d/dx x^2` and `f'(3)` are, is explained as it stands;
/// of any other its derivative is explained.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let asks = request.wrt.is_empty() && request.order.is_none() && request.along.is_empty();
    let (steps, conditions, entries, shape) = if asks && !request.definition && steps::is_derivative(&u) {
        let steps = steps::as_written(&mut u)?;
        let components = u.components.clone();
        let entries: Vec<_> =
            components.into_iter().map(|node| u.tools.simplifier.simplify(&mut u.graph, node)).collect();
        let conditions = u.conditions(&entries);
        (steps, conditions, entries, u.shape.clone())
    } else {
        let d = diff::derivative(&mut u, request)?;
        let (steps, conditions) = steps::of(&mut u, request, &d)?;
        (steps, conditions, d.entries, d.shape)
    };
    let (formula, latex) = u.formula_of(&entries, &shape);
    Ok(Success {
        understood: Some(u.text.clone()),
        reply: Reply::Explain(ExplainReply { formula, latex, steps, conditions }),
        notes: u.take_notes(),
    })
}
