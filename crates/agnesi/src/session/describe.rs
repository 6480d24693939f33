//! `describe`: everything calculus knows about a function.

use std::collections::BTreeMap;

use agnesi_graph::{NodeId, Rational, SymbolId};
use smol_str::SmolStr;

use super::point::{Coordinate, Point};
use super::search::{self, Line};
use super::understand::Understood;
use super::{Outcome, Session, diff, evidence, extent, picture, plot, symmetry, taylor, view, write};
use crate::protocol::{
    DescribeReply, Failure, Formula, Note, Number, Period, PointReply, Reply, Request, Scene, Success,
    TaylorReply, Value, Variable,
};

/// The degree of the Taylor polynomial shown.
const DEGREE: u32 = 4;
/// Second derivatives of a function of more variables than this are not written out.
const MOST_VARIABLES: usize = 12;
/// A formula of more tokens than this is left out of an overview.
const MOST_TOKENS: u32 = 3_000;

/// Answers `describe`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    let mut reply = DescribeReply {
        variables: u
            .variables()
            .iter()
            .map(|name| Variable {
                name: name.to_string(),
                ty: u.scope.type_of(name).map_or_else(|| "real".to_string(), ToString::to_string),
            })
            .collect(),
        ..DescribeReply::default()
    };
    let nodes: Vec<NodeId> =
        u.components.clone().into_iter().map(|n| u.tools.simplifier.simplify(&mut u.graph, n)).collect();
    let shape = u.shape.clone();
    let (formula, latex) = u.formula_of(&nodes, &shape);
    reply.latex = write::latex(&u.settled.tree, u.settled.root);
    if reply.latex.is_empty() {
        reply.latex = latex;
    }
    if formula != u.text {
        reply.simplified = Some(formula);
    }
    reply.conditions = u.conditions(&nodes);
    let names = u.wrt(request)?;
    let point = match request.at.is_empty() {
        true => None,
        false => Some(u.point(request)?),
    };
    if u.variables().is_empty() {
        constant(&mut u, &nodes, &mut reply)?;
    } else {
        reply.domain = Some(u.domain_text().unwrap_or_else(|| "all real numbers".to_string()));
        let components = u.components.clone();
        reply.conventions = write::kink_conventions(&mut u, &components, &names);
        let closed = u.variables().iter().all(|v| names.contains(v));
        derivatives(&mut u, &nodes, &names, &mut reply);
        match (&nodes[..], &names[..], shape.is_empty()) {
            (&[node], [name], true) => one(&mut u, request, node, name, closed, point.as_ref(), &mut reply)?,
            (&[node], _, true) if closed => {
                several(&mut u, request, node, &names, point.as_ref(), &mut reply)?;
            }
            (_, [name], _) if closed && request.picture => {
                let mut f = u.numeric(&nodes[..1], std::slice::from_ref(name))?;
                let view = view::of_one(&mut f, view::given(&mut u, request)?, None, None);
                let (canvas, terminal) = picture::terminal(request);
                let figure = picture::curves(&mut u, &nodes, name, view, canvas);
                reply.picture = figure.map(|f| f.terminal(&terminal));
            }
            _ => {}
        }
        if let Some(point) = &point {
            match at(&mut u, request, &nodes, &names, point) {
                Ok((found, conventions)) => {
                    reply.point = Some(found);
                    for c in conventions {
                        if !reply.conventions.iter().any(|known| known.starts_with(&c)) {
                            reply.conventions.push(c);
                        }
                    }
                }
                Err(failure) => u.notes.push(Note { hint: failure.hint, ..Note::new(failure.message) }),
            }
        }
    }
    Ok(Success {
        understood: Some(u.text.clone()),
        reply: Reply::Describe(Box::new(reply)),
        notes: u.take_notes(),
    })
}

/// A formula without variables is its value.
fn constant(u: &mut Understood, nodes: &[NodeId], reply: &mut DescribeReply) -> Result<(), Failure> {
    let values = u.exact_values(nodes, &Point::new())?;
    if values.by_limit {
        u.note_limit(&Point::new());
    }
    reply.value = Some(values.value(&u.shape.clone()));
    Ok(())
}

/// The derivative and the second one, or gradient and Hessian, or Jacobian.
fn derivatives(u: &mut Understood, nodes: &[NodeId], names: &[SmolStr], reply: &mut DescribeReply) {
    let Ok(symbols) = u.symbols(names) else { return };
    if names.is_empty() {
        return;
    }
    let scalar = u.shape.is_empty();
    let mut first = Vec::new();
    for node in nodes {
        for x in &symbols {
            match u.derivative(*node, *x) {
                Ok(d) => first.push(d),
                Err(failure) => {
                    let why =
                        failure.labels.first().map_or(failure.message.clone(), |_| failure.message.clone());
                    u.notes.push(Note::new(why));
                    return;
                }
            }
        }
    }
    let one = names.len() == 1;
    let (name, shape) = match (scalar, one) {
        (true, true) => ("derivative", vec![]),
        (true, false) => ("gradient", vec![names.len()]),
        (false, true) => ("derivative", u.shape.clone()),
        (false, false) => ("Jacobian", u.shape.iter().copied().chain([names.len()]).collect()),
    };
    if shape.len() > 2 {
        return;
    }
    reply.derivative = written(u, name, &first, shape);
    if !scalar || names.len() > MOST_VARIABLES {
        return;
    }
    let n = names.len();
    let mut second = vec![u.graph.zero(); n * n];
    for i in 0..n {
        for j in i..n {
            let Ok(d) = u.derivative(first[i], symbols[j]) else { return };
            second[i * n + j] = d;
            second[j * n + i] = d;
        }
    }
    reply.second_derivative = match one {
        true => written(u, "second derivative", &second, vec![]),
        false => written(u, "Hessian", &second, vec![n, n]),
    };
}

fn written(u: &mut Understood, name: &str, entries: &[NodeId], shape: Vec<usize>) -> Option<Formula> {
    let tokens: u32 = entries.iter().map(|e| u.tools.simplifier.cost(&mut u.graph, *e)).sum();
    if tokens > MOST_TOKENS {
        u.notes
            .push(Note::new(format!("the {name} has more than {MOST_TOKENS} tokens; ask for it with diff")));
        return None;
    }
    let (formula, latex) = u.formula_of(entries, &shape);
    let shape = shape.into_iter().map(Into::into).collect();
    Some(Formula { name: name.to_string(), formula, latex, shape })
}

/// What is known of a function of one variable.
fn one(
    u: &mut Understood,
    request: &Request,
    node: NodeId,
    name: &SmolStr,
    closed: bool,
    point: Option<&Point>,
    reply: &mut DescribeReply,
) -> Result<(), Failure> {
    let x = u.symbols(std::slice::from_ref(name))?[0];
    reply.symmetry = symmetry::symmetry(u, node, x);
    let period = symmetry::period(u, node, x);
    if let Some(p) = period {
        let value = u.double(p);
        reply.period = Some(Period { exact: u.text_of(p), value: Number(value) });
    }
    let at = point.and_then(|p| p.iter().find(|c| c.name == *name)).cloned();
    let degree = request.order.unwrap_or(DEGREE).min(30);
    if !closed {
        // Other names have no values: nothing to evaluate.
        reply.taylor = series(u, node, name, at.as_ref(), degree, None);
        return Ok(());
    }
    let mut line = search::line(u, node, name)?;
    let given = view::given(u, request)?;
    let period = reply.period.as_ref().map(|p| p.value.0);
    let mut view = view::of_one(&mut line.f, given, at.as_ref().map(|a| a.near), period);
    if given == (None, None) {
        view = plot::shown(u, node, name, view, period.is_some(), at.is_some())?;
    }
    reply.taylor = series(u, node, name, at.as_ref(), degree, Some(0.5 * (view.0 + view.1)));
    let width = view.1 - view.0;
    if (0..=100).all(|i| line.f.at(&[view.0 + width * (f64::from(i) + 0.31) / 101.0]).is_nan()) {
        // Not evaluated, such as an integral, or nowhere defined in view: an empty list of zeros would say too much.
        u.notes
            .push(Note::new(format!("no value was found for {name} in view, so nothing was searched for")));
        return Ok(());
    }
    let found = search::of_one(u, &mut line, view);
    let complete = found.remarks.iter().all(|r| !r.contains("limit") && !r.contains("too fast"));
    let known = extent::Known { view, values: &found.values, complete, period };
    reply.range = extent::of_one(u, node, x, &mut line.f, &known);
    reply.view = Some(BTreeMap::from([(name.to_string(), [Number(view.0), Number(view.1)])]));
    let mut sentences = vec![format!(
        "by sampling {name} in [{}, {}], polished with exact derivatives; there may be more",
        search::short(view.0),
        search::short(view.1)
    )];
    sentences.extend(found.remarks.iter().cloned());
    reply.search = Some(sentences.join("; "));
    // Where it is zero or constant on a stretch, an empty list would be wrong.
    if !(found.zeros.is_empty() && found.flat.0) {
        reply.zeros = Some(found.zeros);
    }
    if line.df.is_some() && !(found.critical.is_empty() && found.flat.1) {
        reply.critical = Some(found.critical);
    }
    if request.picture {
        reply.picture = Some(drawn(u, request, node, &mut line, view, at, &found.breaks));
    }
    Ok(())
}

fn drawn(
    u: &mut Understood,
    request: &Request,
    node: NodeId,
    line: &mut Line,
    view: (f64, f64),
    at: Option<Coordinate>,
    seen: &[f64],
) -> String {
    let name = line.name.clone();
    let mut breaks = picture::breaks(u, node, &name, view);
    breaks.extend(seen);
    breaks.sort_by(f64::total_cmp);
    breaks.dedup();
    let at = at.unwrap_or_else(|| plot::somewhere(u, &mut line.f, &name, view));
    let slope = picture::slope(u, node, &at);
    let touch = picture::Touch { at: at.near, slope, taylor: None };
    let (canvas, terminal) = picture::terminal(request);
    let title = picture::title(u, std::slice::from_ref(&name));
    picture::curve(&mut line.f, title, &name, view, breaks, Some(touch), canvas).terminal(&terminal)
}

/// The Taylor polynomial about the point, or about the first of some places that has one.
fn series(
    u: &mut Understood,
    node: NodeId,
    name: &SmolStr,
    at: Option<&Coordinate>,
    degree: u32,
    middle: Option<f64>,
) -> Option<TaylorReply> {
    let places: Vec<Coordinate> = match at {
        Some(at) => vec![at.clone()],
        None => {
            let usual = [(0, 1), (1, 1), (2, 1), (1, 2), (-1, 1), (-2, 1), (3, 2)];
            let usual = usual.into_iter().filter_map(|(p, q)| Rational::new(p, q));
            let middle = middle.and_then(|m| Rational::from_f64(m.round()));
            usual
                .chain(middle)
                .map(|value| {
                    let near = value.to_f64();
                    Coordinate { name: name.clone(), node: u.graph.number(value), near }
                })
                .collect()
        }
    };
    for place in places {
        if let Ok(coefficients) = taylor::develop(u, node, &place, degree) {
            let tokens: u32 = coefficients.iter().map(|c| u.tools.simplifier.cost(&mut u.graph, *c)).sum();
            // Coefficients that fill the screen say less than none.
            if tokens > 400 {
                continue;
            }
            return taylor::reply(u, node, &place, coefficients, 24).ok();
        }
    }
    None
}

/// What is known of a function of several variables.
fn several(
    u: &mut Understood,
    request: &Request,
    node: NodeId,
    names: &[SmolStr],
    point: Option<&Point>,
    reply: &mut DescribeReply,
) -> Result<(), Failure> {
    let mut f = u.numeric(&[node], names)?;
    let given = view::given(u, request)?;
    let at: Option<Vec<f64>> = point
        .map(|p| names.iter().map(|n| p.iter().find(|c| c.name == *n).map_or(0.0, |c| c.near)).collect());
    let view = view::of_several(&mut f, names.len(), given, at.as_deref());
    let symbols: Vec<SymbolId> = u.symbols(names)?;
    let mut first = Vec::new();
    for x in &symbols {
        first.extend(u.derivative(node, *x).ok());
    }
    if first.len() != names.len() {
        return Ok(());
    }
    let mut gradient = u.numeric(&first, names)?;
    reply.view =
        Some(names.iter().zip(&view).map(|(n, (a, b))| (n.to_string(), [Number(*a), Number(*b)])).collect());
    let mut sentences = vec![
        "by Newton's method from a grid of starts, with exact derivatives; there may be more".to_string(),
    ];
    if names.len() <= MOST_VARIABLES {
        let n = names.len();
        let mut second = vec![u.graph.zero(); n * n];
        for i in 0..n {
            for j in i..n {
                let d = u.derivative(first[i], symbols[j])?;
                second[i * n + j] = d;
                second[j * n + i] = d;
            }
        }
        let mut hessian = u.numeric(&second, names)?;
        let (critical, remarks) = search::of_several(names, &mut f, &mut gradient, &mut hessian, &view);
        sentences.extend(remarks);
        reply.critical = Some(critical);
        reply.search = Some(sentences.join("; "));
    }
    if names.len() == 2 && request.picture {
        let (canvas, terminal) = picture::terminal(request);
        let title = picture::title(u, names);
        let at = at.map(|at| (at[0], at[1]));
        let seen = picture::Seen { title, names, view: &view, at };
        let figure = picture::plane(&mut f, Some(&mut gradient), seen, Scene::Contour, canvas);
        reply.picture = Some(figure.terminal(&terminal));
    }
    Ok(())
}

/// The function at a point: value, derivative in three ways, and the tangent line or plane.
fn at(
    u: &mut Understood,
    request: &Request,
    nodes: &[NodeId],
    names: &[SmolStr],
    point: &Point,
) -> Result<(PointReply, Vec<String>), Failure> {
    let values = u.exact_values(nodes, point)?;
    if values.by_limit {
        u.note_limit(point);
    }
    let shape = u.shape.clone();
    let value = values.value(&shape);
    let asked = Request { wrt: names.iter().map(ToString::to_string).collect(), ..Request::default() };
    let _ = request;
    let (mut derivative, mut conventions) = (None, Vec::new());
    if let Ok(d) = diff::derivative(u, &asked) {
        match evidence::at(u, &d, point, None) {
            Ok(found) => {
                conventions = found.conventions;
                derivative = Some((found.evidence, found.value));
            }
            Err(failure) => u.notes.push(Note::new(failure.message)),
        }
    }
    let slopes = derivative.as_ref().and_then(|(_, v)| v.as_ref()).map(Value::numbers);
    // A kink has no tangent, whatever the convention says of its slope.
    let tangent = match (&value, slopes) {
        (Value::Number(v), Some(slopes)) if shape.is_empty() && conventions.is_empty() => {
            tangent(v.0, &slopes, names, point)
        }
        _ => None,
    };
    let found = PointReply {
        at: Understood::point_map(point),
        value,
        derivative: derivative.map(|(evidence, _)| evidence),
        tangent,
    };
    Ok((found, conventions))
}

/// `value + slope*(x - a) + ...`, with ten digits.
fn tangent(value: f64, slopes: &[f64], names: &[SmolStr], point: &Point) -> Option<String> {
    if slopes.len() != names.len() || !value.is_finite() || slopes.iter().any(|s| !s.is_finite()) {
        return None;
    }
    let number = |x: f64| Number(super::numeric::rounded(x, 10) + 0.0).to_string();
    let mut text = String::new();
    let mut push = |negative: bool, term: &str| {
        match (text.is_empty(), negative) {
            (true, false) => {}
            (true, true) => text.push('-'),
            (false, false) => text += " + ",
            (false, true) => text += " - ",
        }
        text += term;
    };
    if value != 0.0 {
        push(value < 0.0, &number(value.abs()));
    }
    for (slope, name) in slopes.iter().zip(names) {
        let a = point.iter().find(|c| c.name == *name)?.near;
        if *slope == 0.0 {
            continue;
        }
        let step = match a {
            0.0 => name.to_string(),
            a if a < 0.0 => format!("({name} + {})", number(-a)),
            a => format!("({name} - {})", number(a)),
        };
        let size = number(slope.abs());
        push(*slope < 0.0, &if size == "1" { step } else { format!("{size}*{step}") });
    }
    if text.is_empty() {
        text.push('0');
    }
    Some(text)
}
