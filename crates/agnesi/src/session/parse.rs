//! `parse`: how a text was understood, in every notation.

use agnesi_syntax::{parse_expression, print};

use super::understand::failure;
use super::{Outcome, Session, write};
use crate::protocol::{Note, ParseReply, Reply, Request, Success, Variable};

/// Answers `parse`. What the text means is not asked: everything in the notation parses.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut notes = Vec::new();
    let scope = session.scope_of(request, &mut notes)?;
    let text = request.expr.as_deref().unwrap_or_default();
    let parsed = parse_expression(text, &scope);
    if parsed.has_errors() {
        return Err(failure(&parsed.diagnostics, "expr"));
    }
    notes.extend(parsed.diagnostics.iter().map(|d| Note::of(d, "expr")));
    let (tree, root) = (&parsed.tree, parsed.root);
    let canonical = print::text(tree, root);
    // The free names are known once the names are resolved, which not everything that parses can be yet.
    let (inputs, inferred) = if agnesi_graph::needs_shapes(tree, root, &scope) {
        let read = agnesi_graph::Graph::new().read_shaped(tree, root, &scope);
        read.map(|shaped| (shaped.inputs, shaped.inferred)).unwrap_or_default()
    } else {
        let settled = agnesi_graph::settle(tree, root, &scope);
        (settled.map(|settled| settled.inputs).unwrap_or_default(), Vec::new())
    };
    let variables = inputs
        .into_iter()
        .map(|name| {
            let inferred = inferred.iter().find(|(n, _)| *n == name).map(|(_, ty)| ty);
            let ty =
                scope.type_of(&name).or(inferred).map_or_else(|| "real".to_string(), ToString::to_string);
            Variable { name: name.to_string(), ty }
        })
        .collect();
    Ok(Success {
        understood: Some(canonical.clone()),
        reply: Reply::Parse(ParseReply {
            latex: write::latex(tree, root),
            typst: print::typst(tree, root, &print::Options::default()).text,
            mathml: print::mathml(tree, root, &print::Options::default()).text,
            text: canonical,
            variables,
        }),
        notes,
    })
}
