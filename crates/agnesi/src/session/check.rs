//! `check`: whether a claimed derivative is right; and if it is not, where it fails and what the mistake probably is.

use agnesi_calculus::kinks;
use agnesi_graph::{Facts, NodeId, Op, Operators, Shape, SymbolId, settle_within};
use agnesi_syntax::{Code, Diagnostic, Kind as TreeKind, Span, Tree, TreeId, parse_expression, print};
use smol_str::SmolStr;

use super::compare::{Comparison, Finding};
use super::diff::{self, Derivative, Kind};
use super::mistakes::{self, Claim};
use super::point::{Point, arrange, exact_value};
use super::understand::{Understood, failure};
use super::{Outcome, Session};
use crate::protocol::{
    CheckReply, Claimed, Counterexample, Failure, Note, Reply, Request, Success, Value, Verdict,
};

/// A claim, understood in the scope of the formula.
struct Read {
    text: String,
    entries: Vec<NodeId>,
    domain: NodeId,
    inputs: Vec<SmolStr>,
    /// The entries as they were written, with names resolved.
    written: Vec<(Tree, TreeId)>,
}

/// Answers `check`. With a point, derivative and claim are compared there only.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let d = diff::derivative(&mut u, request)?;
    let mut claim = claim(&mut u, request, &d)?;
    let point = match request.at.is_empty() {
        true => None,
        false => Some(point(&mut u, request, &claim)?),
    };
    let (derivative, _) = u.formula_of(&d.entries, &d.shape);
    let conditions = conditions(&mut u, &d, claim.domain);
    let simple: Vec<NodeId> =
        claim.entries.iter().map(|node| u.tools.simplifier.simplify(&mut u.graph, *node)).collect();
    let differences: Vec<NodeId> = simple
        .iter()
        .zip(&d.entries)
        .map(|(c, e)| {
            let difference = u.graph.sub(*c, *e);
            u.tools.simplifier.simplify(&mut u.graph, difference)
        })
        .collect();
    let (difference, _) = u.formula_of(&differences, &d.shape);

    // The claim as written is what is evaluated: what simplifying it assumed must not count for it.
    let mut expected = d.entries.clone();
    let mut written = claim.entries.clone();
    let mut names = names(&u, &d, &claim.inputs);
    let mut places = place_conditions(&mut u, claim.domain, &names);
    if let Some(point) = &point {
        at_point(&mut u, point, &mut expected);
        at_point(&mut u, point, &mut written);
        names.clear();
        places.clear();
    }
    let facts: Vec<Facts> = names.iter().map(|name| u.scope.facts(name)).collect();
    let direction = unnormalised(&mut u, request, &d)?;
    let taught = u.taught.clone();
    let components = u.components.clone();
    let mut comparison = Comparison::new(&mut u.graph, &mut u.tools, &taught, names.clone(), &facts, &places);
    let finding = comparison.compare(&expected, &written);
    let mut reply = CheckReply {
        verdict: Verdict::Undecided,
        derivative,
        claimed: claim.text.clone(),
        counterexample: None,
        difference: None,
        reason: None,
        method: None,
        conditions,
    };
    match finding {
        Finding::Proved => {
            reply.verdict = Verdict::Equal;
            reply.method = Some("the difference simplifies to 0".into());
        }
        Finding::Agree { points, digits } => {
            let equal = finding.is_equal();
            reply.verdict = if equal { Verdict::Equal } else { Verdict::Undecided };
            reply.method = Some(agreement(points, digits, point.is_some()));
            reply.difference = (!equal && point.is_none()).then_some(difference);
        }
        Finding::Nowhere(why) => {
            let nowhere = || "no point was found where both the derivative and the claim have a value".into();
            reply.method = Some(why.unwrap_or_else(nowhere));
            reply.difference = point.is_none().then_some(difference);
        }
        Finding::Differ { place, .. } => {
            reply.verdict = Verdict::Different;
            reply.method = Some("both were evaluated exactly at a point".into());
            reply.difference = point.is_none().then_some(difference);
            let at = match &point {
                Some(point) => {
                    let map = Understood::point_map(point);
                    map.into_iter().map(|(name, x)| (name, Value::Number(x))).collect()
                }
                None => comparison
                    .names
                    .iter()
                    .zip(&comparison.places[place])
                    .map(|(name, value)| (name.to_string(), Value::scalar(value.to_f64())))
                    .collect(),
            };
            let both = comparison.doubles(&[expected.clone(), written.clone()].concat(), place);
            reply.counterexample = both.map(|both| {
                let (left, right) = both.split_at(expected.len());
                Counterexample { at, expected: arrange(left, &d.shape), claimed: arrange(right, &d.shape) }
            });
            if point.is_none() {
                claim.entries = simple;
                reply.reason = mistakes::reason(
                    &mut comparison,
                    &Claim {
                        tree: &u.settled.tree,
                        root: u.settled.root,
                        components: &components,
                        derivative: &d,
                        claimed: &claim.entries,
                        written: &claim.written,
                        direction: direction.as_ref(),
                        style: agnesi_graph::Style { decimals: u.settled.has_decimals },
                    },
                );
            }
        }
    }
    Ok(Success { understood: Some(u.text.clone()), reply: Reply::Check(reply), notes: u.take_notes() })
}

fn agreement(points: usize, digits: f64, at_point: bool) -> String {
    let digits =
        if digits.is_finite() { format!("{} digits", digits.floor().max(0.0)) } else { "all digits".into() };
    match at_point {
        true => format!("evaluated at the point to {digits}"),
        false => {
            let s = if points == 1 { "" } else { "s" };
            format!("checked at {points} point{s} to {digits}, not proved")
        }
    }
}

/// The variables at which both are evaluated.
fn names(u: &Understood, d: &Derivative, more: &[SmolStr]) -> Vec<SmolStr> {
    let mut names = u.variables();
    for name in d.wrt.iter().chain(more) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The claim, in the scope of the formula.
fn claim(u: &mut Understood, request: &Request, d: &Derivative) -> Result<Read, Failure> {
    let text = request.claimed.as_ref().map(Claimed::formula).unwrap_or_default();
    let parsed = parse_expression(&text, &u.scope);
    if parsed.has_errors() {
        return Err(failure(&parsed.diagnostics, "claimed"));
    }
    u.notes.extend(parsed.diagnostics.iter().map(|note| Note::of(note, "claimed")));
    let limits = agnesi_graph::Limits { nodes: u.limit.min(200_000), ..agnesi_graph::Limits::default() };
    let mut read = Read {
        text: String::new(),
        entries: vec![],
        domain: u.graph.truth(true),
        inputs: vec![],
        written: vec![],
    };
    let mut shape = Vec::new();
    let mut texts = Vec::new();
    // Each entry is read on its own, so that the claim may be a matrix, or a list in round brackets.
    for root in entries(&parsed.tree, parsed.root, &mut shape) {
        let settled = settle_within(&parsed.tree, root, &u.scope, &limits)
            .map_err(|errors| failure(&errors, "claimed"))?;
        u.notes.extend(settled.notes.iter().map(|note| Note::of(note, "claimed")));
        u.settled.has_decimals |= settled.has_decimals;
        for name in &settled.inputs {
            u.graph.declare(name, u.scope.facts(name), Shape::new());
            if !read.inputs.contains(name) {
                read.inputs.push(name.clone());
            }
        }
        let made = u
            .graph
            .elaborate(&settled.tree, settled.root, &mut u.tools)
            .map_err(|d| failure(&[d], "claimed"))?;
        if made.components.iter().any(|node| is_condition(&u.graph, *node)) {
            let span = parsed.tree.span(root);
            let d =
                Diagnostic::error(Code::Type, "a claim is a formula, not a condition", span, "true or false");
            let hint = "write the formula alone, as in 2*x";
            return Err(failure(&[d.with_hint(hint)], "claimed"));
        }
        if shape.is_empty() {
            shape.clone_from(&made.shape);
        } else if !made.shape.is_empty() {
            return Err(wrong_shape(d, &[shape.as_slice(), &made.shape].concat(), &text));
        }
        read.entries.extend(made.components);
        read.domain = u.graph.and(&[read.domain, made.domain]);
        texts.push(print::text(&settled.tree, settled.root));
        read.written.push((settled.tree, settled.root));
    }
    let squeezed = |shape: &[usize]| shape.iter().copied().filter(|n| *n != 1).collect::<Vec<_>>();
    if squeezed(&shape) != squeezed(&d.shape) || read.entries.len() != d.entries.len() {
        return Err(wrong_shape(d, &shape, &text));
    }
    u.within_limit()?;
    read.text = match (&shape[..], &texts[..]) {
        (_, [one]) => one.clone(),
        ([_, columns], all) => {
            let rows: Vec<String> = all.chunks((*columns).max(1)).map(|row| row.join(", ")).collect();
            format!("[{}]", rows.join("; "))
        }
        (_, all) => format!("[{}]", all.join(", ")),
    };
    Ok(read)
}

fn is_condition(g: &agnesi_graph::Graph, node: NodeId) -> bool {
    matches!(g.op(node), Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_))
}

/// The entries of a claim as they were written, and its shape: none for one formula.
fn entries(tree: &Tree, root: TreeId, shape: &mut Vec<usize>) -> Vec<TreeId> {
    let list = |id: TreeId| match tree.kind(id) {
        TreeKind::Vector(list) | TreeKind::Tuple(list) => Some(tree.ids(*list).to_vec()),
        _ => None,
    };
    let rows = match tree.kind(root) {
        TreeKind::Vector(all) | TreeKind::Tuple(all) | TreeKind::Matrix(all) => tree.ids(*all).to_vec(),
        _ => return vec![root],
    };
    let inner: Option<Vec<Vec<TreeId>>> = rows.iter().map(|row| list(*row)).collect();
    match inner {
        Some(inner) if !inner.is_empty() && inner.iter().all(|row| row.len() == inner[0].len()) => {
            *shape = vec![inner.len(), inner[0].len()];
            inner.concat()
        }
        _ => {
            *shape = vec![rows.len()];
            rows
        }
    }
}

fn wrong_shape(d: &Derivative, shape: &[usize], text: &str) -> Failure {
    let wrt = d.wrt.join(", ");
    let (wanted, hint) = match (&d.kind, &d.shape[..]) {
        (Kind::Along(_), _) => (
            "a directional derivative is one number".to_string(),
            "the gradient times the unit vector is a sum: write one formula".to_string(),
        ),
        (_, []) => {
            (format!("the derivative in {wrt} is one formula"), format!("claim one formula, in {wrt}"))
        }
        (Kind::First, [n]) => {
            let entries: Vec<String> = d.wrt.iter().map(|name| format!("∂f/∂{name}")).collect();
            let hint = format!(
                "write [{}], in the order {wrt}; or ask for one variable, as in --wrt {}",
                entries.join(", "),
                d.wrt.first().map_or("x", SmolStr::as_str)
            );
            (format!("the gradient in {wrt} has {n} components"), hint)
        }
        (_, [n]) => (
            format!("the derivative has {n} components"),
            "claim a list with one formula for each, as in [a, b]".to_string(),
        ),
        (_, [rows, columns, ..]) => (
            format!("the derivative is a matrix of {rows} by {columns}"),
            "write its rows with semicolons between them, as in [a, b; c, d]".to_string(),
        ),
    };
    let got = match shape {
        [] => "one formula".to_string(),
        [n] => format!("{n} components"),
        [rows, columns, ..] => format!("{rows} by {columns}"),
    };
    let diagnostic = Diagnostic::error(
        Code::Shape,
        format!("{wanted}, and the claim has another shape"),
        Span::new(0, text.len()),
        got,
    )
    .with_hint(hint);
    failure(&[diagnostic], "claimed")
}

/// The request's point: a value for each variable of formula and claim.
fn point(u: &mut Understood, request: &Request, claim: &Read) -> Result<Point, Failure> {
    let variables = u.variables();
    let mut point = Point::new();
    for (name, given) in &request.at {
        let known =
            variables.iter().chain(&claim.inputs).any(|v| v == name) || request.wrt.iter().any(|w| w == name);
        if !known {
            // The usual message about a value for nothing.
            return u.point(request);
        }
        point.push(exact_value(u, given, &format!("at.{name}"))?);
    }
    let missing = variables.iter().chain(&claim.inputs).find(|v| !point.iter().any(|c| c.name == **v));
    match missing {
        None => {
            u.check_domain(&point)?;
            Ok(point)
        }
        Some(missing) => Err(Failure::new(Code::Name, format!("`{missing}` has no value"))
            .with_hint(format!("add {missing} to the point, as in {missing}=2, or leave the point out"))),
    }
}

fn at_point(u: &mut Understood, point: &Point, nodes: &mut [NodeId]) {
    for node in nodes {
        for c in point {
            if let Some(symbol) = u.graph.find_symbol(&c.name) {
                *node = u.graph.substitute(*node, symbol, c.node);
            }
        }
    }
}

/// Where the claim or the formula is not defined, and the facts of the scope.
fn conditions(u: &mut Understood, d: &Derivative, claim: NodeId) -> Vec<String> {
    let mut conditions = u.conditions(&d.entries);
    for condition in u.graph.conjuncts(claim) {
        let text = u.text_of(condition);
        if !conditions.contains(&text) {
            let lost = agnesi_calculus::lost_conditions(&mut u.graph, condition, d.entries[0]);
            if d.entries.len() > 1 || !lost.is_empty() {
                conditions.push(text);
            }
        }
    }
    conditions.dedup();
    conditions
}

/// What must hold at a point where both are compared: the formula is defined and has no kink there.
fn place_conditions(u: &mut Understood, claim: NodeId, names: &[SmolStr]) -> Vec<NodeId> {
    let mut conditions = u.graph.conjuncts(u.domain);
    conditions.extend(u.graph.conjuncts(claim));
    for name in names {
        let Some(x) = u.graph.find_symbol(name) else { continue };
        for node in u.components.clone() {
            for (kink, _) in kinks(&mut u.graph, node, x) {
                let away = u.graph.not(kink);
                conditions.push(away);
            }
        }
    }
    conditions.extend(facts(u, names));
    conditions
}

/// The conditions stated in the scope that are about these variables.
fn facts(u: &mut Understood, names: &[SmolStr]) -> Vec<NodeId> {
    let stated = u.scope.conditions().to_vec();
    let mut found = Vec::new();
    for fact in stated {
        let Ok(settled) = agnesi_graph::settle(&fact.tree, fact.root, &u.scope) else { continue };
        if settled.inputs.iter().any(|name| !names.contains(name)) {
            continue;
        }
        if let Ok(made) = u.graph.elaborate(&settled.tree, settled.root, &mut u.tools) {
            found.extend(made.components);
        }
    }
    found
}

/// What a directional derivative would be along the vector as given, where that was not a unit vector, and its length.
fn unnormalised(
    u: &mut Understood,
    request: &Request,
    d: &Derivative,
) -> Result<Option<mistakes::Direction>, Failure> {
    if !matches!(d.kind, Kind::Along(_)) {
        return Ok(None);
    }
    let node = u.scalar("along")?;
    let symbols: Vec<SymbolId> = u.symbols(&d.wrt)?;
    let (mut sum, mut square) = (u.graph.zero(), u.graph.zero());
    for (given, x) in request.along.iter().zip(symbols) {
        let component = exact_value(u, given, "along")?.node;
        let slope = u.tools.derivative(&mut u.graph, node, x).unwrap_or_else(|_| u.graph.zero());
        let term = u.graph.mul(slope, component);
        sum = u.graph.add(sum, term);
        let term = u.graph.mul(component, component);
        square = u.graph.add(square, term);
    }
    let length = u.graph.power(square, agnesi_graph::Rational::HALF);
    let length = u.tools.simplifier.simplify(&mut u.graph, length);
    let given: Vec<String> = request.along.iter().map(ToString::to_string).collect();
    Ok(Some(mistakes::Direction { times_given: sum, given: given.join(", "), length: u.text_of(length) }))
}
