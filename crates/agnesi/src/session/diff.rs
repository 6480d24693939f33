//! `diff`: derivatives of every form, as formulas, with their values in three ways.

use agnesi_calculus::HigherOrder;
use agnesi_graph::{NodeId, Op, Rational, SymbolId};
use agnesi_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

use super::point::exact_value;
use super::understand::{Understood, failure};
use super::{Outcome, Session, evidence, steps, write};
use crate::protocol::{DiffReply, Failure, Form, Note, Reply, Request, Success};

/// A derivative: its entries and the sizes of its axes.
pub(crate) struct Derivative {
    /// The entries, rows first.
    pub entries: Vec<NodeId>,
    /// The sizes of its axes.
    pub shape: Vec<usize>,
    /// The variables, in order.
    pub wrt: Vec<SmolStr>,
    /// How it was taken.
    pub kind: Kind,
}

/// How a derivative was taken, for the numerical checks.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The n-th derivative of each component in one variable.
    Ordinary(u32),
    /// First derivatives of each component in each variable.
    First,
    /// Second derivatives of one component in each pair of variables.
    Second,
    /// One mixed partial derivative.
    Mixed,
    /// Along a unit vector.
    Along(Vec<NodeId>),
}

/// Answers `diff`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let d = derivative(&mut u, request)?;
    let (formula, latex) = u.formula_of(&d.entries, &d.shape);
    let mut conditions = u.conditions(&d.entries);
    conditions.dedup();
    let components = u.components.clone();
    let direction = match &d.kind {
        Kind::Along(unit) => Some(u.formula_of(unit, &[unit.len()]).0),
        _ => None,
    };
    let (mut value, mut found) = (None, None);
    let conventions;
    if request.at.is_empty() {
        if request.side.is_some() {
            return Err(Failure::new(Code::Input, "a side needs a point").with_hint("add a point, as in x=0"));
        }
        conventions = write::kink_conventions(&mut u, &components, &d.wrt);
    } else {
        let point = u.point(request)?;
        let evidence = evidence::at(&mut u, &d, &point, request.side)?;
        conventions = evidence.conventions.clone();
        value = evidence.value.clone();
        found = Some(evidence.evidence);
    }
    let steps = match request.steps {
        true => Some(steps::of(&mut u, request, &d)?.0),
        false => None,
    };
    Ok(Success {
        understood: Some(u.text.clone()),
        reply: Reply::Diff(Box::new(DiffReply {
            formula,
            latex,
            shape: d.shape.into_iter().map(Into::into).collect(),
            wrt: d.wrt.iter().map(ToString::to_string).collect(),
            value,
            evidence: found,
            direction,
            conditions,
            conventions,
            steps,
            ..DiffReply::default()
        })),
        notes: u.take_notes(),
    })
}

/// The derivative that a request asks for.
pub(crate) fn derivative(u: &mut Understood, request: &Request) -> Result<Derivative, Failure> {
    if u.components.iter().any(|node| is_condition(u, *node)) {
        let span = u.settled.tree.span(u.settled.root);
        let d = Diagnostic::error(
            Code::Type,
            "a condition has no derivative",
            span,
            "true or false, not a number",
        );
        return Err(failure(
            &[d.with_hint("use it to choose between numbers, as in `if x > 0 then x else 0`")],
            "expr",
        ));
    }
    let wrt = u.wrt(request)?;
    let order = u.order(request, default_order(request.form))?;
    if !request.along.is_empty() {
        return along(u, request, wrt);
    }
    let symbols = u.symbols(&wrt)?;
    match request.form {
        Some(Form::Directional) => {
            Err(Failure::new(Code::Input, "a directional derivative needs a direction")
                .with_hint("give it with `along`, one number for each variable, as in 2,3,-1"))
        }
        Some(Form::Hessian) => second(u, wrt, &symbols),
        Some(Form::Gradient | Form::Jacobian | Form::VecJacobian) => first(u, wrt, &symbols),
        Some(Form::Partial) => mixed(u, wrt, &symbols, order),
        None => match (symbols.len(), order, u.shape.is_empty()) {
            // A formula without variables: its derivative in nothing is nothing to ask for.
            (0, ..) => {
                let span = u.settled.tree.span(u.settled.root);
                let d = Diagnostic::error(
                    Code::Name,
                    "there is no variable to differentiate by",
                    span,
                    "the same number everywhere",
                );
                Err(failure(
                    &[d.with_hint("name one with --wrt, as in --wrt x: the derivative is then 0")],
                    "expr",
                ))
            }
            (1, ..) => ordinary(u, wrt, symbols[0], order),
            (_, 0, _) => plain(u, wrt),
            (_, 1, _) => first(u, wrt, &symbols),
            (_, 2, true) => second(u, wrt, &symbols),
            _ => Err(Failure::new(
                Code::Unsupported,
                format!(
                    "derivatives of order {order} in {} variables at once come with a later version",
                    symbols.len()
                ),
            )
            .with_hint("name one variable with --wrt, or ask for order 1 or 2")),
        },
    }
}

fn is_condition(u: &Understood, node: NodeId) -> bool {
    matches!(u.graph.op(node), Op::Truth(_) | Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_))
}

fn default_order(form: Option<Form>) -> u32 {
    if form == Some(Form::Hessian) { 2 } else { 1 }
}

fn plain(u: &mut Understood, wrt: Vec<SmolStr>) -> Result<Derivative, Failure> {
    let components = u.components.clone();
    let entries = components.into_iter().map(|n| u.tools.simplifier.simplify(&mut u.graph, n)).collect();
    Ok(Derivative { entries, shape: u.shape.clone(), wrt, kind: Kind::Ordinary(0) })
}

fn ordinary(u: &mut Understood, wrt: Vec<SmolStr>, x: SymbolId, order: u32) -> Result<Derivative, Failure> {
    let mut entries = Vec::with_capacity(u.components.len());
    for node in u.components.clone() {
        entries.push(nth(u, node, x, order)?);
    }
    Ok(Derivative { entries, shape: u.shape.clone(), wrt, kind: Kind::Ordinary(order) })
}

/// The n-th derivative of a node.
pub(crate) fn nth(u: &mut Understood, node: NodeId, x: SymbolId, order: u32) -> Result<NodeId, Failure> {
    if order == 1 {
        return u.derivative(node, x);
    }
    let mut higher = HigherOrder::new(&mut u.tools.differentiator, &mut u.tools.simplifier, u.limit);
    match higher.derivative(&mut u.graph, node, x, order) {
        Ok(Some(d)) => Ok(d),
        Ok(None) => {
            u.within_limit()?;
            Err(Failure::new(Code::Limit, "this derivative grew too large")
                .with_hint("ask for a lower order"))
        }
        Err(why) => {
            let span = u.settled.tree.span(u.settled.root);
            Err(failure(
                &[Diagnostic::error(Code::Unsupported, why.to_string(), span, "in this formula")],
                "expr",
            ))
        }
    }
}

fn first(u: &mut Understood, wrt: Vec<SmolStr>, symbols: &[SymbolId]) -> Result<Derivative, Failure> {
    let mut entries = Vec::with_capacity(u.components.len() * symbols.len());
    for node in u.components.clone() {
        for x in symbols {
            entries.push(u.derivative(node, *x)?);
        }
    }
    let mut shape = u.shape.clone();
    shape.push(symbols.len());
    if shape.len() > 2 {
        return Err(Failure::new(
            Code::Unsupported,
            "the derivative of a matrix has more than two axes; that comes with a later version",
        )
        .with_hint("ask for one entry at a time"));
    }
    Ok(Derivative { entries, shape, wrt, kind: Kind::First })
}

fn second(u: &mut Understood, wrt: Vec<SmolStr>, symbols: &[SymbolId]) -> Result<Derivative, Failure> {
    let node = u.scalar("hessian")?;
    let n = symbols.len();
    let mut entries = vec![u.graph.zero(); n * n];
    for (i, x) in symbols.iter().enumerate() {
        let d = u.derivative(node, *x)?;
        // Symmetric: the half above the diagonal is the half below.
        for (j, y) in symbols.iter().enumerate().skip(i) {
            let dd = u.derivative(d, *y)?;
            entries[i * n + j] = dd;
            entries[j * n + i] = dd;
        }
    }
    Ok(Derivative { entries, shape: vec![n, n], wrt, kind: Kind::Second })
}

fn mixed(
    u: &mut Understood,
    wrt: Vec<SmolStr>,
    symbols: &[SymbolId],
    order: u32,
) -> Result<Derivative, Failure> {
    if let [x] = symbols {
        return ordinary(u, wrt, *x, order);
    }
    let mut entries = u.components.clone();
    for entry in &mut entries {
        for x in symbols.iter().rev() {
            *entry = u.derivative(*entry, *x)?;
        }
    }
    Ok(Derivative { entries, shape: u.shape.clone(), wrt, kind: Kind::Mixed })
}

/// The derivative along a direction: the gradient times the unit vector.
fn along(u: &mut Understood, request: &Request, wrt: Vec<SmolStr>) -> Result<Derivative, Failure> {
    let node = u.scalar("along")?;
    if request.order.is_some_and(|n| n != 1) {
        return Err(Failure::new(Code::Unsupported, "a directional derivative is of order 1 here")
            .with_hint("leave the order out"));
    }
    if request.along.len() != wrt.len() {
        return Err(Failure::new(
            Code::Shape,
            format!(
                "the direction has {} entries and there are {} variables",
                request.along.len(),
                wrt.len()
            ),
        )
        .with_hint(format!("give one number for each of {}", wrt.join(", "))));
    }
    let mut entries = Vec::with_capacity(wrt.len());
    for given in &request.along {
        entries.push(exact_value(u, given, "along")?.node);
    }
    let squares: Vec<(Rational, NodeId)> =
        entries.iter().map(|e| (Rational::ONE, u.graph.power(*e, Rational::TWO))).collect();
    let square = u.graph.sum(&squares);
    let square = u.tools.simplifier.simplify(&mut u.graph, square);
    if u.graph.is_zero(square) {
        return Err(Failure::new(Code::Domain, "the zero vector is no direction")
            .with_hint("give a vector that is not 0"));
    }
    let unit: Vec<NodeId> = if square == u.graph.one() {
        entries
    } else {
        let given: Vec<String> = request.along.iter().map(ToString::to_string).collect();
        let length = u.graph.power(square, Rational::HALF);
        let length = u.text_of(length);
        u.notes.push(Note::new(format!(
            "({}) has length {length}, so it was divided by it: a direction is a unit vector",
            given.join(", ")
        )));
        let inverse = Rational::new(-1, 2).unwrap_or(Rational::MINUS_ONE);
        entries
            .iter()
            .map(|e| u.graph.product(Rational::ONE, &[(*e, Rational::ONE), (square, inverse.clone())]))
            .collect()
    };
    let symbols = u.symbols(&wrt)?;
    let mut terms = Vec::with_capacity(unit.len());
    for (x, e) in symbols.iter().zip(&unit) {
        let d = u.derivative(node, *x)?;
        terms.push((Rational::ONE, u.graph.mul(d, *e)));
    }
    let sum = u.graph.sum(&terms);
    let sum = u.tools.simplifier.simplify(&mut u.graph, sum);
    Ok(Derivative { entries: vec![sum], shape: vec![], wrt, kind: Kind::Along(unit) })
}
