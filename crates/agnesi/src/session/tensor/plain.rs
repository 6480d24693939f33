//! `eval`, `simplify` and `describe` of tensors.

use agnesi_calculus::{convexity, tensor_derivative};

use super::diff::{curvature, no_derivative};
use super::point::value;
use super::{Outcome, Reading};
use crate::protocol::{
    DescribeReply, EvalReply, Formula, Note, Reply, Request, SimplifyReply, Success, Variable,
};

/// Answers `eval`: the value at a point.
pub(super) fn eval(mut r: Reading, request: &Request) -> Outcome {
    let at = r.point(request)?;
    let node = r.shaped.node;
    let values = r.values(&[node], &at)?;
    r.defined(&values[0], node)?;
    let value = value(&values[0]);
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Eval(EvalReply {
            value,
            exact: None,
            error: None,
            conditions: Vec::new(),
            conventions: Vec::new(),
        }),
        notes: r.take_notes(),
    })
}

/// Answers `simplify`.
pub(super) fn simplify(mut r: Reading, request: &Request) -> Outcome {
    let node = r.shaped.node;
    let simple = r.simplify(node);
    let (formula, latex) = r.formula(simple);
    let value = match request.at.is_empty() {
        true => None,
        false => {
            let at = r.point(request)?;
            Some(value(&r.values(&[simple], &at)?[0]))
        }
    };
    let conditions = r.conditions(&[simple]);
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Simplify(SimplifyReply { formula, latex, value, conditions }),
        notes: r.take_notes(),
    })
}

/// Answers `describe`: the shape, the derivative in each variable, and what the Hessian says of the curvature.
pub(super) fn describe(mut r: Reading, request: &Request) -> Outcome {
    let node = r.shaped.node;
    let simple = r.simplify(node);
    let (formula, latex) = r.formula(simple);
    let sizes = r.sizes_of(node);
    let variables: Vec<Variable> = r
        .shaped
        .inputs
        .iter()
        .map(|name| Variable {
            name: name.to_string(),
            ty: match r.type_of(name) {
                Some(ty) => ty.to_string(),
                None if r.is_size(name) => "size".into(),
                None => "real".into(),
            },
        })
        .collect();
    let mut reply = DescribeReply {
        latex,
        variables,
        simplified: (formula != r.text).then_some(formula),
        shape: Some(sizes.clone()),
        ..DescribeReply::default()
    };
    if r.shaped.boolean {
        return Ok(Success {
            understood: Some(r.text.clone()),
            reply: Reply::Describe(Box::new(reply)),
            notes: r.take_notes(),
        });
    }
    if !request.at.is_empty() {
        let at = r.point(request)?;
        reply.value = Some(value(&r.values(&[simple], &at)?[0]));
    }
    let wrt = if r.variables().is_empty() { Vec::new() } else { r.wrt(request)? };
    let mut shown = vec![simple];
    for (name, x) in wrt {
        let d = match tensor_derivative(&mut r.graph, &mut r.simplifier, simple, x) {
            Ok(d) => d,
            Err(error) => {
                let failure = no_derivative(&r, &error);
                r.notes.push(Note::new(format!("no derivative by {name}: {}", failure.message)));
                continue;
            }
        };
        shown.push(d);
        let (formula, latex) = r.formula(d);
        let shape = r.sizes_of(d);
        let scalar = r.graph.is_scalar(simple);
        let what = if scalar { "gradient" } else { "Jacobian" };
        reply.gradients.push(Formula { name: format!("{what} by {name}"), formula, latex, shape });
        if scalar && let Ok(second) = tensor_derivative(&mut r.graph, &mut r.simplifier, d, x) {
            let certificate = convexity(&mut r.graph, second);
            if let Some(words) = curvature(&mut r, &certificate) {
                reply.curvature.push(format!("in {name}: {words}"));
            }
        }
    }
    reply.conditions = r.conditions(&shown);
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Describe(Box::new(reply)),
        notes: r.take_notes(),
    })
}
