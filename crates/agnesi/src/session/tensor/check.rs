//! `check` of tensors: whether a claimed derivative is right.

use std::collections::BTreeMap;

use agnesi_engine::tensors::{InterpretError, interpret};
use agnesi_graph::{NodeId, Rational};
use agnesi_syntax::{Code, Diagnostic, parse_expression, print};

use super::super::understand::failure;
use super::diff::derivative;
use super::point::{Values, value};
use super::{Outcome, Reading};
use crate::protocol::{CheckReply, Counterexample, Failure, Form, Reply, Request, Success, Verdict};

/// How many random points decide.
const POINTS: usize = 8;
/// How many are tried.
const TRIED: u64 = 32;
/// How far doubles may be apart, relative to the largest entry, and count as equal.
const CLOSE: f64 = 1e-9;

/// Answers `check`: by the same normal form, else at random points that satisfy the declarations.
pub(super) fn answer(mut r: Reading, request: &Request) -> Outcome {
    let wrt = r.wrt(request)?;
    let [(name, x)] = &wrt[..] else {
        return Err(Failure::new(Code::Input, "one variable is needed to check a claim against")
            .with_hint(format!("name it with --wrt, one of {}", r.variables().join(", "))));
    };
    let order = request.order.unwrap_or(if request.form == Some(Form::Hessian) { 2 } else { 1 });
    let taken = derivative(&mut r, name.clone(), *x, order)?;
    let expected = taken.last();
    let text = request.claimed.as_ref().map(|c| c.formula()).unwrap_or_default();
    let parsed = parse_expression(&text, &r.scope);
    if parsed.has_errors() {
        return Err(failure(&parsed.diagnostics, "claimed"));
    }
    let claimed = r
        .graph
        .read_shaped(&parsed.tree, parsed.root, &r.scope)
        .map_err(|errors| failure(&errors, "claimed"))?;
    let claimed_text = print::text(&parsed.tree, parsed.root);
    let (is, should) = (r.sizes_of(claimed.node), r.sizes_of(expected));
    let mut claim = claimed.node;
    if is != should {
        // A row for a column, or the transpose of a matrix, is a question of layout.
        let sizes = |list: &[crate::protocol::Size]| {
            let words: Vec<String> = list.iter().map(ToString::to_string).collect();
            if words.is_empty() { "a number".to_string() } else { words.join(" x ") }
        };
        let turned = is.len() == 2 && should.len() == 2 && is[0] == should[1] && is[1] == should[0];
        let d = Diagnostic::error(
            Code::Shape,
            format!("the derivative has the shape {}, and the claim {}", sizes(&should), sizes(&is)),
            parsed.tree.span(parsed.root),
            format!("this is {}", sizes(&is)),
        );
        let hint = if turned {
            "its transpose has the right shape: the gradient has the shape of the variable, and J[i, j] = d f_i / d x_j"
        } else {
            "the gradient has the shape of the variable, and J[i, j] = d f_i / d x_j"
        };
        return Err(failure(&[d.with_hint(hint)], "claimed"));
    }
    claim = r.simplify(claim);
    let difference = r.graph.sum(&[(Rational::ONE, claim), (Rational::MINUS_ONE, expected)]);
    let difference = r.simplify(difference);
    let mut reply = CheckReply {
        verdict: Verdict::Undecided,
        derivative: r.formula(expected).0,
        claimed: claimed_text,
        counterexample: None,
        difference: None,
        reason: None,
        method: None,
        conditions: r.conditions(&[expected]),
    };
    if r.graph.is_zero(difference) {
        reply.verdict = Verdict::Equal;
        reply.method = Some("the difference simplifies to 0".into());
    } else {
        decide(&mut r, request, &mut reply, [expected, claimed.node, difference])?;
    }
    Ok(Success { understood: Some(r.text.clone()), reply: Reply::Check(reply), notes: r.take_notes() })
}

fn instance(r: &mut Reading, nodes: [NodeId; 2], seed: u64) -> Result<Values, InterpretError> {
    if seed.is_multiple_of(2) { r.small_instance(&nodes, seed / 2) } else { r.instance(&nodes, seed / 2) }
}

fn decide(
    r: &mut Reading,
    request: &Request,
    reply: &mut CheckReply,
    [expected, claimed, difference]: [NodeId; 3],
) -> Result<(), Failure> {
    let given = if request.at.is_empty() { None } else { Some(r.point(request)?) };
    let mut points = 0;
    for seed in 0..TRIED {
        let at = match &given {
            Some(at) => at.clone(),
            // What is shown is small and round where that decides; larger ones come after it.
            None => match instance(r, [expected, claimed], seed) {
                Ok(at) => at,
                Err(_) => continue,
            },
        };
        let Ok(found) = interpret(&r.graph, &[expected, claimed], &at) else {
            if let Some(at) = &given {
                r.values(&[expected, claimed], at)?;
            }
            continue;
        };
        let size = found.iter().flat_map(|t| t.data()).fold(0.0_f64, |m, x| m.max(x.abs()));
        let apart =
            found[0].data().iter().zip(found[1].data()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        if !apart.is_finite() || !size.is_finite() {
            continue;
        }
        points += 1;
        if apart > CLOSE * size.max(f64::MIN_POSITIVE) {
            reply.verdict = Verdict::Different;
            reply.method = Some("both were evaluated at a point".into());
            reply.difference = Some(r.text_of(difference));
            reply.reason = ratio(found[0].data(), found[1].data());
            let mut place = BTreeMap::new();
            for (symbol, tensor) in &at {
                // Sizes are told by the values.
                if r.is_size(&r.graph.symbol_info(*symbol).name) {
                    continue;
                }
                place.insert(r.graph.symbol_info(*symbol).name.to_string(), value(tensor));
            }
            reply.counterexample =
                Some(Counterexample { at: place, expected: value(&found[0]), claimed: value(&found[1]) });
            return Ok(());
        }
        if points == POINTS || given.is_some() {
            break;
        }
    }
    if points == 0 {
        reply.method = Some("no point was found where both the derivative and the claim have a value".into());
        return Ok(());
    }
    reply.verdict = Verdict::Equal;
    reply.method = Some(format!(
        "checked at {points} random point{} to 9 digits, not proved",
        if points == 1 { "" } else { "s" }
    ));
    Ok(())
}

/// The number that one is times the other, if it is the same in every entry.
fn ratio(expected: &[f64], claimed: &[f64]) -> Option<String> {
    let mut found: Option<f64> = None;
    for (e, c) in expected.iter().zip(claimed) {
        if *e == 0.0 && *c == 0.0 {
            continue;
        }
        let ratio = c / e;
        match found {
            Some(before) if (before - ratio).abs() > 1e-9 * before.abs() => return None,
            _ => found = Some(ratio),
        }
    }
    let ratio = found.filter(|r| r.is_finite())?;
    if (ratio + 1.0).abs() < 1e-9 {
        return Some("the claim has the wrong sign".into());
    }
    for (factor, words) in
        [(2.0, "twice too large: divide it by 2"), (0.5, "half of what it should be: multiply it by 2")]
    {
        if (ratio - factor).abs() < 1e-9 {
            return Some(format!("the claim is {words}"));
        }
    }
    (ratio != 0.0).then(|| format!("the claim is {ratio} times the derivative here"))
}
