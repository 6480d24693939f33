//! `eval`: the value of a formula at a point.

use super::{Outcome, Session, write};
use crate::protocol::{EvalReply, Reply, Request, Success};

/// Answers `eval`: the doubles nearest to the true values, and the exact formula where it is short.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let point = u.point(request)?;
    let components = u.components.clone();
    let simple: Vec<_> =
        components.into_iter().map(|node| u.tools.simplifier.simplify(&mut u.graph, node)).collect();
    let values = u.exact_values(&simple, &point)?;
    if values.by_limit {
        u.note_limit(&point);
    }
    let shape = u.shape.clone();
    let exact =
        values.closed.iter().copied().collect::<Option<Vec<_>>>().map(|nodes| u.formula_of(&nodes, &shape).0);
    // A number that is its own exact text need not be said twice.
    let shown = values.value(&shape).to_string();
    let exact = exact.filter(|text| *text != shown);
    let conventions = write::conventions(&mut u, &simple, &point);
    Ok(Success {
        understood: Some(u.text.clone()),
        reply: Reply::Eval(EvalReply {
            value: values.value(&shape),
            exact,
            error: values.error(&shape),
            conditions: Vec::new(),
            conventions,
        }),
        notes: u.take_notes(),
    })
}
