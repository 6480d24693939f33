//! `simplify`: the same value in fewer tokens, with the conditions that this relies on.

use super::{Outcome, Session};
use crate::protocol::{Reply, Request, SimplifyReply, Success};

/// Answers `simplify`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let components: Vec<_> = u.components.clone();
    let simple: Vec<_> =
        components.into_iter().map(|node| u.tools.simplifier.simplify(&mut u.graph, node)).collect();
    let shape = u.shape.clone();
    let (formula, latex) = u.formula_of(&simple, &shape);
    let conditions = u.conditions(&simple);
    let value = if request.at.is_empty() {
        None
    } else {
        let point = u.point(request)?;
        Some(u.exact_values(&simple, &point)?.value(&shape))
    };
    Ok(Success {
        understood: Some(u.text.clone()),
        reply: Reply::Simplify(SimplifyReply { formula, latex, value, conditions }),
        notes: u.take_notes(),
    })
}
