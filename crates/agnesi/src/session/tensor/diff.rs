//! `diff` of tensors: gradients, Jacobians, Hessians and higher derivatives of any rank.

use agnesi_calculus::{Certificate, Convexity, NoDerivative, convexity, tensor_derivative};
use agnesi_graph::{Factor, Facts, Labels, NodeId, Rational, Structure, SymbolId};
use agnesi_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

use super::super::understand::failure;
use super::evidence::Claim;
use super::point::value;
use super::{Outcome, Reading};
use crate::protocol::{
    Curvature, DiffReply, ExplainReply, Failure, Form, Formula, Layout, Note, Reply, Request, Step, Success,
};

/// How far derivatives of tensors are taken.
const MAX_ORDER: u32 = 6;
/// More axes than this have no readable formula.
const MAX_RANK: usize = 8;

/// A derivative with those before it.
pub(super) struct Taken {
    /// The expression, then its derivatives of each order.
    pub orders: Vec<NodeId>,
    pub x: SymbolId,
    pub name: SmolStr,
}

impl Taken {
    pub fn last(&self) -> NodeId {
        self.orders[self.orders.len() - 1]
    }

    pub fn claim(&self, written: NodeId) -> Option<Claim> {
        let order = self.orders.len() - 1;
        (order > 0).then(|| Claim {
            derivative: self.orders[order],
            before: if order == 1 { written } else { self.orders[order - 1] },
            written,
            x: self.x,
            order: order as u32,
        })
    }
}

/// Answers `diff`.
pub(super) fn answer(mut r: Reading, request: &Request) -> Outcome {
    let order = order(request)?;
    if !request.along.is_empty() || request.form == Some(Form::Directional) {
        return Err(r.refuse(
            "a direction for vectors and matrices comes with a later version",
            "the derivative along v is the gradient times v: `g'*v`",
        ));
    }
    if request.side.is_some() {
        return Err(r.refuse("a side is for functions of one number", "leave the side out"));
    }
    let wrt = r.wrt(request)?;
    let mut taken = Vec::with_capacity(wrt.len());
    for (name, x) in wrt {
        taken.push(derivative(&mut r, name, x, order)?);
    }
    let results: Vec<NodeId> = taken.iter().map(Taken::last).collect();
    let conditions = r.conditions(&results);
    let conventions = conventions(&mut r);
    let written = r.shaped.node;
    let layout = request.layout.unwrap_or_default();
    if let [one] = &taken[..] {
        return single(r, request, one, layout, conditions, conventions);
    }
    // Several variables: one formula each.
    let mut parts = Vec::with_capacity(taken.len());
    let mut agree = true;
    let mut points = usize::MAX;
    let mut worst: f64 = 0.0;
    let mut unchecked: Option<String> = None;
    for t in &taken {
        let node = laid_out(&mut r, t.last(), written, layout);
        let (formula, latex) = r.formula(node);
        let shape = r.sizes_of(node);
        if let Some(claim) = t.claim(written) {
            match r.checked(&claim) {
                Ok(checked) => {
                    agree &= checked.agree;
                    points = points.min(checked.points);
                    worst = worst.max(checked.worst.0);
                }
                Err(why) => unchecked = unchecked.or(Some(format!("by {}: {why}", t.name))),
            }
        }
        parts.push(Formula { name: t.name.to_string(), formula, latex, shape });
    }
    let nodes: Vec<NodeId> = taken.iter().map(Taken::last).collect();
    let (formula, latex) = r.formulas(&nodes);
    let mut evidence = None;
    let mut values = None;
    if !request.at.is_empty() {
        let at = r.point(request)?;
        let found = r.values(&nodes, &at)?;
        values = Some(crate::protocol::Value::Array(found.iter().map(value).collect()));
        for t in &taken {
            if let Some(claim) = t.claim(written) {
                let (_, found) = r.evidence_at(&claim, &at)?;
                if evidence.is_none() || !found.agree {
                    evidence = Some(found);
                }
            }
        }
        // Side by side they have no common shape; what is told is whether they agree.
        if let Some(found) = &mut evidence {
            (found.exact, found.automatic, found.numeric, found.numeric_error) = (None, None, None, None);
        }
    }
    // One that disagrees is told whatever the others are.
    let all = points != usize::MAX && (unchecked.is_none() || !agree);
    let checked =
        all.then_some(crate::protocol::Checked { points, agree, worst: crate::protocol::Number(worst) });
    let unchecked = unchecked.filter(|_| checked.is_none() && request.at.is_empty());
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Diff(Box::new(DiffReply {
            formula,
            latex,
            shape: Vec::new(),
            wrt: taken.iter().map(|t| t.name.to_string()).collect(),
            value: values,
            evidence,
            conditions,
            conventions,
            layout: Some(layout_words(layout, &r, written, false).into()),
            checked,
            unchecked,
            parts,
            steps: request.steps.then(|| taken.iter().map(|t| steps(&mut r, t)).collect()),
            ..DiffReply::default()
        })),
        notes: r.take_notes(),
    })
}

fn single(
    mut r: Reading,
    request: &Request,
    taken: &Taken,
    layout: Layout,
    conditions: Vec<String>,
    conventions: Vec<String>,
) -> Outcome {
    let written = r.shaped.node;
    let last = taken.last();
    let as_vectors = request.form == Some(Form::VecJacobian);
    let node = if as_vectors { last } else { laid_out(&mut r, last, written, layout) };
    let (formula, latex) = if as_vectors { r.vec_jacobian(last, taken.x) } else { r.formula(node) };
    let mut shape = r.sizes_of(node);
    if as_vectors {
        shape = r.vec_sizes(last, taken.x);
    }
    let claim = taken.claim(written);
    let (mut found, mut evidence, mut checked) = (None, None, None);
    let mut unchecked = None;
    if let Some(claim) = &claim {
        if request.at.is_empty() {
            match r.checked(claim) {
                Ok(found) => checked = Some(found),
                Err(why) => unchecked = Some(why),
            }
        } else {
            let at = r.point(request)?;
            let (_, e) = r.evidence_at(claim, &at)?;
            evidence = Some(e);
            if node == last && !as_vectors {
                found = evidence.as_ref().and_then(|e| e.exact.clone());
            } else {
                let shown = if as_vectors { r.vec_jacobian_node(last, taken.x) } else { node };
                found = Some(value(&r.values(&[shown], &at)?[0]));
                // The witnesses are in the layout of the formula as it was taken.
                if let Some(e) = &mut evidence {
                    (e.exact, e.automatic, e.numeric, e.numeric_error) = (found.clone(), None, None, None);
                }
            }
        }
    } else if !request.at.is_empty() {
        let at = r.point(request)?;
        found = Some(value(&r.values(&[node], &at)?[0]));
    }
    let scalar = r.graph.is_scalar(written);
    let order = taken.orders.len() - 1;
    if order > 1 && r.graph.symbol_info(taken.x).structure.has(Structure::SYMMETRIC) {
        r.notes.push(Note::new(format!(
            "{0} is symmetric: the entries {0}[i, j] and {0}[j, i] count as two variables, and a second derivative is told up to their exchange",
            taken.name
        )));
    }
    let mut product = None;
    let mut curved = None;
    if scalar && order == 2 {
        let certificate = convexity(&mut r.graph, last);
        curved = curvature(&mut r, &certificate).map(|because| Curvature {
            verdict: match certificate.verdict {
                Convexity::Affine => "affine",
                Convexity::Convex => "convex",
                Convexity::Concave => "concave",
                Convexity::Undecided => "undecided",
            }
            .into(),
            because,
        });
        let variable = r.graph.symbol_node(taken.x);
        if !r.graph.is_scalar(variable) {
            product = Some(hessian_product(&mut r, last, variable));
        }
    }
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Diff(Box::new(DiffReply {
            formula,
            latex,
            shape,
            wrt: vec![taken.name.to_string()],
            value: found,
            evidence,
            conditions,
            conventions,
            layout: Some(layout_words(layout, &r, written, as_vectors).into()),
            checked,
            unchecked,
            product,
            curvature: curved,
            steps: request.steps.then(|| vec![steps(&mut r, taken)]),
            ..DiffReply::default()
        })),
        notes: r.take_notes(),
    })
}

/// Answers `explain`: each variable's derivation.
pub(super) fn explain(mut r: Reading, request: &Request) -> Outcome {
    let order = order(request)?;
    let mut all = Vec::new();
    let mut results = Vec::new();
    for (name, x) in r.wrt(request)? {
        let taken = derivative(&mut r, name, x, order)?;
        results.push(taken.last());
        all.push(steps(&mut r, &taken));
    }
    let conditions = r.conditions(&results);
    let (formula, latex) = r.formulas(&results);
    Ok(Success {
        understood: Some(r.text.clone()),
        reply: Reply::Explain(ExplainReply { formula, latex, steps: all, conditions }),
        notes: r.take_notes(),
    })
}

/// The derivatives up to an order.
pub(super) fn derivative(r: &mut Reading, name: SmolStr, x: SymbolId, order: u32) -> Result<Taken, Failure> {
    if r.shaped.boolean {
        let d = Diagnostic::error(
            Code::Type,
            "a condition has no derivative",
            r.span(),
            "true or false, not a number",
        );
        return Err(failure(
            &[d.with_hint("use it to choose between numbers, as in `if x > 0 then x else 0`")],
            "expr",
        ));
    }
    let variable = r.graph.symbol_node(x);
    let rank = r.graph.shape(r.shaped.node).len() + order as usize * r.graph.shape(variable).len();
    if rank > MAX_RANK {
        return Err(Failure::new(
            Code::Limit,
            format!("this derivative has {rank} axes, more than the {MAX_RANK} that are written out"),
        )
        .with_hint("ask for a lower order"));
    }
    let node = r.shaped.node;
    let first = r.simplify(node);
    let mut orders = vec![first];
    for _ in 0..order {
        let before = orders[orders.len() - 1];
        let next = tensor_derivative(&mut r.graph, &mut r.simplifier, before, x)
            .map_err(|error| no_derivative(r, &error))?;
        orders.push(next);
    }
    Ok(Taken { orders, x, name })
}

pub(super) fn no_derivative(r: &Reading, error: &NoDerivative) -> Failure {
    let d = Diagnostic::error(Code::Unsupported, error.to_string(), r.span(), "in this formula");
    failure(&[d], "expr")
}

fn order(request: &Request) -> Result<u32, Failure> {
    let usual = if request.form == Some(Form::Hessian) { 2 } else { 1 };
    let order = request.order.unwrap_or(usual);
    if order > MAX_ORDER {
        return Err(Failure::new(
            Code::Limit,
            format!("order {order} is above the limit of {MAX_ORDER} for tensors"),
        )
        .with_hint(format!("ask for an order up to {MAX_ORDER}")));
    }
    Ok(order)
}

/// Which convention decides at kinks.
fn conventions(r: &mut Reading) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for node in r.graph.topological(r.shaped.node) {
        if let Some((f, _)) = r.graph.as_call(node)
            && r.graph.taught(f).is_none()
        {
            for kink in f.row().kinks {
                let text = kink.convention.to_string();
                if !text.is_empty() && !found.contains(&text) {
                    found.push(text);
                }
            }
        }
        if let agnesi_graph::Op::Reduce(how, ..) = r.graph.op(node)
            && matches!(how, agnesi_graph::Reduction::Max | agnesi_graph::Reduction::Min)
        {
            let text = format!("{}: equal entries share the derivative evenly", how.name());
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// The derivative in the layout asked for.
fn laid_out(r: &mut Reading, d: NodeId, written: NodeId, layout: Layout) -> NodeId {
    let front = r.graph.shape(written).len();
    let rank = r.graph.shape(d).len();
    let behind = rank - front;
    match layout {
        Layout::Denominator if front > 0 && behind > 0 => {
            let order: Vec<usize> = (front..rank).chain(0..front).collect();
            r.graph.permute(d, &order)
        }
        // The gradient by a matrix has the shape of its transpose.
        Layout::Numerator if front == 0 && behind == 2 => r.graph.permute(d, &[1, 0]),
        _ => d,
    }
}

fn layout_words(layout: Layout, r: &Reading, written: NodeId, as_vectors: bool) -> &'static str {
    let scalar = r.graph.is_scalar(written);
    match (layout, scalar) {
        _ if as_vectors => "d vec(F) / d vec(X)', columns below one another",
        (Layout::Denominator, false) => "denominator layout: axes of the variable first",
        (Layout::Numerator, true) => {
            "numerator layout: the gradient is the transpose of the variable's shape"
        }
        (_, true) => "the gradient has the shape of the variable",
        (_, false) => "J[i, j] = d f_i / d x_j",
    }
}

/// `H*v`: the Hessian times a direction of the variable's shape, for those who need no Hessian.
fn hessian_product(r: &mut Reading, hessian: NodeId, variable: NodeId) -> Formula {
    let shape = r.graph.shape(variable).clone();
    let rank = shape.len();
    let names = if rank == 1 { ["v", "d", "z", "v_1"] } else { ["V", "D", "Z", "V_1"] };
    let free = |name: &&str| !r.shaped.inputs.iter().any(|n| n == name);
    let name = names.into_iter().find(free).unwrap_or("v_2").to_string();
    let v = r.graph.anonymous_tensor(&name, Facts::REAL, shape.clone());
    let mut sizes = r.graph.shape(hessian).to_vec();
    sizes.truncate(2 * rank);
    let labels: Labels = (0..2 * rank as u8).collect();
    let factors = vec![
        Factor { node: hessian, labels: labels.clone(), exponent: Rational::ONE },
        Factor { node: v, labels: labels[rank..].iter().copied().collect(), exponent: Rational::ONE },
    ];
    let product = r.graph.contract(Rational::ONE, factors, labels[..rank].iter().copied().collect(), sizes);
    let product = r.simplify(product);
    let (formula, latex) = r.formula(product);
    let shape = r.sizes_of(product);
    Formula { name: format!("Hessian times {name}"), formula, latex, shape }
}

/// What a certificate says, in words.
pub(super) fn curvature(r: &mut Reading, certificate: &Certificate) -> Option<String> {
    let verdict = match certificate.verdict {
        Convexity::Affine => return Some("affine: the Hessian is 0".into()),
        Convexity::Convex => "convex",
        Convexity::Concave => "concave",
        Convexity::Undecided => return None,
    };
    let terms: Vec<String> =
        certificate.terms.iter().map(|(node, why)| format!("{} is {why}", r.text_of(*node))).collect();
    let sign = if certificate.verdict == Convexity::Convex { "the Hessian" } else { "minus the Hessian" };
    Some(format!("{verdict}: in {sign}, {}", terms.join("; ")))
}

/// The derivation: the adjoint of each intermediate, from the result to the variable.
fn steps(r: &mut Reading, taken: &Taken) -> Step {
    let mut children = Vec::new();
    for pair in taken.orders.windows(2) {
        let (before, after) = (r.text_of(pair[0]), r.text_of(pair[1]));
        let chain = r.backward(pair[0], taken.x);
        children.push(Step {
            rule: "Chain rule, from the result back".into(),
            statement:
                "the adjoint of each part is the sum over its uses of the adjoint of the use, times the slope"
                    .into(),
            before: format!("d/d{} of {before}", taken.name),
            after,
            children: chain,
            ..Step::default()
        });
    }
    match children.len() {
        1 => children.swap_remove(0),
        _ => {
            let before = r.text_of(taken.orders[0]);
            let after = r.text_of(taken.last());
            Step {
                rule: "One derivative after the other".into(),
                statement: "each is simplified before the next".into(),
                before,
                after,
                children,
                ..Step::default()
            }
        }
    }
}
