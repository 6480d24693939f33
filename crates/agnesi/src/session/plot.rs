//! `plot`: pictures of functions of one and two variables.

use agnesi_graph::Rational;
use agnesi_plot::figure::Figure;
use agnesi_syntax::{Code, Diagnostic};
use smol_str::SmolStr;

use super::point::{Coordinate, exact_value};
use super::understand::{Understood, failure};
use super::{Outcome, Session, picture, symmetry, taylor, view};
use crate::protocol::{Failure, Note, PlotReply, Reply, Request, Scene, Success};

/// Pictures of more pixels than this in a direction are not made.
const MOST_PIXELS: u32 = 8_000;

/// Answers `plot`.
pub(crate) fn answer(session: &Session, request: &Request) -> Outcome {
    let mut u = session.understand(request)?;
    for (field, pixels) in [("width", request.width), ("height", request.height)] {
        if pixels.is_some_and(|p| !(16..=MOST_PIXELS).contains(&p)) {
            return Err(Failure::new(Code::Input, format!("`{field}` is from 16 to {MOST_PIXELS} pixels"))
                .with_hint("leave it out for the usual size"));
        }
    }
    let format = request.out.as_deref().map(format).transpose()?;
    let names = variables(&mut u, request)?;
    let in_terminal = request.out.is_none() && request.columns.is_some();
    let (canvas, terminal) = picture::terminal(request);
    let canvas = if in_terminal { canvas } else { picture::canvas(request) };
    let figure = match names.len() {
        0 | 1 => one(&mut u, request, &names, canvas)?,
        _ => two(&mut u, request, &names, canvas)?,
    };
    let mut reply = PlotReply { description: figure.description.clone(), svg: None, path: None, text: None };
    match (&request.out, format) {
        (Some(path), Some(format)) => {
            write(&figure, path, format)?;
            reply.path = Some(path.clone());
        }
        _ if in_terminal => reply.text = Some(figure.terminal(&terminal)),
        _ => reply.svg = Some(figure.svg()),
    }
    Ok(Success { understood: Some(u.text.clone()), reply: Reply::Plot(reply), notes: u.take_notes() })
}

#[derive(Clone, Copy)]
enum Format {
    Svg,
    Png,
}

/// The format that the ending of a file's name says.
fn format(path: &str) -> Result<Format, Failure> {
    let ending = std::path::Path::new(path).extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        _ => Err(Failure::new(Code::Input, format!("the ending of `{path}` is no format of pictures"))
            .with_hint("end the name in .svg or .png")),
    }
}

fn write(figure: &Figure, path: &str, format: Format) -> Result<(), Failure> {
    let bytes = match format {
        Format::Svg => figure.svg().into_bytes(),
        // Twice the size, for print and for dense screens.
        Format::Png => figure.png(2.0).map_err(|e| Failure::new(Code::Input, e.to_string()))?,
    };
    std::fs::write(path, bytes).map_err(|e| {
        Failure::new(Code::Input, format!("cannot write {path}: {e}"))
            .with_hint("give another file with --out")
    })
}

/// The variables of the axes; the others take their values from the point.
fn variables(u: &mut Understood, request: &Request) -> Result<Vec<SmolStr>, Failure> {
    let names = u.wrt(request)?;
    let others: Vec<SmolStr> = u.variables().into_iter().filter(|v| !names.contains(v)).collect();
    for other in others {
        let Some(given) = request.at.get(other.as_str()) else {
            return Err(Failure::new(
                Code::Name,
                format!("`{other}` has no value, so there is nothing to draw"),
            )
            .with_hint(format!("give it one, as in --at {other}=2")));
        };
        let value = exact_value(u, given, &format!("at.{other}"))?;
        if let Some(symbol) = u.graph.find_symbol(&other) {
            for i in 0..u.components.len() {
                u.components[i] = u.graph.substitute(u.components[i], symbol, value.node);
            }
            u.domain = u.graph.substitute(u.domain, symbol, value.node);
        }
        u.notes.push(Note::new(format!("drawn for {other} = {}", value.near)));
    }
    if names.len() > 2 {
        let span = u.settled.tree.span(u.settled.root);
        let d = Diagnostic::error(
            Code::Unsupported,
            "a picture shows one or two variables",
            span,
            format!("this has {}", names.join(", ")),
        );
        let hint = format!(
            "name those of the axes with --wrt {},{} and give the others values with --at",
            names[0], names[1]
        );
        return Err(failure(&[d.with_hint(hint)], "expr"));
    }
    Ok(names)
}

fn one(
    u: &mut Understood,
    request: &Request,
    names: &[SmolStr],
    canvas: agnesi_plot::Canvas,
) -> Result<Figure, Failure> {
    if let Some(kind @ (Scene::Surface | Scene::Contour | Scene::Field)) = request.scene {
        return Err(Failure::new(
            Code::Input,
            format!("a {} needs two variables, and this has {}", word(kind), names.len()),
        )
        .with_hint("leave the kind out for a curve"));
    }
    let name = names.first().cloned().unwrap_or_else(|| SmolStr::new("x"));
    let at = match request.at.get(name.as_str()) {
        Some(given) => Some(exact_value(u, given, &format!("at.{name}"))?),
        None => None,
    };
    let at = at.map(|at| Coordinate { name: name.clone(), ..at });
    let given = view::given(u, request)?;
    let nodes: Vec<_> =
        u.components.clone().into_iter().map(|n| u.tools.simplifier.simplify(&mut u.graph, n)).collect();
    let (node, name_slice) = (nodes[0], std::slice::from_ref(&name));
    let x = u.symbols(name_slice)?[0];
    let period = symmetry::period(u, node, x).map(|p| u.double(p));
    let mut f = u.numeric(&[node], name_slice)?;
    let mut view = view::of_one(&mut f, given, at.as_ref().map(|a| a.near), period);
    if nodes.len() > 1 {
        let figure = picture::curves(u, &nodes, &name, view, canvas);
        return figure.ok_or_else(|| Failure::new(Code::Unsupported, "this cannot be drawn"));
    }
    if given == (None, None) && !names.is_empty() {
        view = shown(u, node, &name, view, period.is_some(), at.is_some())?;
    }
    let breaks = picture::breaks(u, node, &name, view);
    let at = match (at, request.order) {
        (None, Some(order)) if order > 0 => Some(somewhere(u, &mut f, &name, view)),
        (at, _) => at,
    };
    let touch = match at {
        None => None,
        Some(at) => {
            let slope = picture::slope(u, node, &at);
            let taylor = match request.order {
                Some(order) if order > 1 => {
                    let order = order.min(30);
                    let coefficients = taylor::develop(u, node, &at, order);
                    match coefficients {
                        Ok(all) => Some(all.into_iter().map(|c| u.double(c)).collect()),
                        Err(failure) => {
                            u.notes.push(Note::new(failure.message));
                            None
                        }
                    }
                }
                _ => None,
            };
            Some(picture::Touch { at: at.near, slope, taylor })
        }
    };
    let title = picture::title(u, name_slice);
    Ok(picture::curve(&mut f, title, &name, view, breaks, touch, canvas))
}

/// A view that shows zeros and extrema that lie outside of the usual one, where that shows no zeros.
pub(crate) fn shown(
    u: &mut Understood,
    node: agnesi_graph::NodeId,
    name: &SmolStr,
    view: (f64, f64),
    periodic: bool,
    has_point: bool,
) -> Result<(f64, f64), Failure> {
    let mut line = super::search::line(u, node, name)?;
    let found = super::search::of_one(u, &mut line, view);
    if periodic || !found.zeros.is_empty() || found.flat.0 || found.features(name).len() > 4 {
        return Ok(view);
    }
    let (centre, half) = (0.5 * (view.0 + view.1), 0.5 * (view.1 - view.0));
    for wide in [10.0, 200.0] {
        let wide = (centre - wide * half, centre + wide * half);
        let more = super::search::of_one(u, &mut line, wide);
        let features = more.features(name);
        if features.len() == found.features(name).len() {
            continue;
        }
        if let Some(view) = view::towards(view, &features, has_point || !found.features(name).is_empty()) {
            return Ok(view);
        }
    }
    Ok(view)
}

/// A point to draw a tangent at when nobody names one: a short number off the middle at which there is a value.
pub(crate) fn somewhere(
    u: &mut Understood,
    f: &mut super::numeric::Numeric,
    name: &SmolStr,
    view: (f64, f64),
) -> Coordinate {
    let width = view.1 - view.0;
    let unit = 10f64.powf((0.02 * width).log10().floor());
    let places = [0.62, 0.7, 0.8, 0.9, 0.38, 0.3, 0.2, 0.1, 0.55, 0.45];
    let places = places.map(|share| ((view.0 + share * width) / (5.0 * unit)).round() * 5.0 * unit);
    let near = places.into_iter().find(|x| f.at(&[*x]).is_finite()).unwrap_or(places[0]);
    let near = super::numeric::rounded(near, 12);
    let value = Rational::parse_decimal(&format!("{:e}", near.abs())).unwrap_or(Rational::ZERO);
    let node = u.graph.number(if near < 0.0 { -&value } else { value });
    Coordinate { name: name.clone(), node, near }
}

fn word(kind: Scene) -> &'static str {
    match kind {
        Scene::Curve => "curve",
        Scene::Surface => "surface",
        Scene::Contour => "contour picture",
        Scene::Field => "field",
    }
}

fn two(
    u: &mut Understood,
    request: &Request,
    names: &[SmolStr],
    canvas: agnesi_plot::Canvas,
) -> Result<Figure, Failure> {
    if request.scene == Some(Scene::Curve) {
        return Err(Failure::new(
            Code::Input,
            format!("a curve has one variable, and this has {}", names.join(", ")),
        )
        .with_hint(
            "ask for a surface, a contour or a field; or name one variable and give the other a value",
        ));
    }
    let node = u.scalar("plot")?;
    let node = u.tools.simplifier.simplify(&mut u.graph, node);
    let mut at = Vec::new();
    for name in names {
        if let Some(given) = request.at.get(name.as_str()) {
            at.push(exact_value(u, given, &format!("at.{name}"))?.near);
        }
    }
    if at.len() == 1 {
        return Err(Failure::new(Code::Name, "a point on a surface needs both coordinates")
            .with_hint(format!("give {} and {}", names[0], names[1])));
    }
    let given = view::given(u, request)?;
    let mut f = u.numeric(&[node], names)?;
    let point = (at.len() == 2).then(|| (at[0], at[1]));
    let view = view::of_several(&mut f, 2, given, point.is_some().then_some(&at[..]));
    let symbols = u.symbols(names)?;
    let mut entries = Vec::new();
    for x in symbols {
        entries.extend(u.derivative(node, x).ok());
    }
    let mut gradient = if entries.len() == 2 { u.numeric(&entries, names).ok() } else { None };
    let kind = request.scene.unwrap_or(Scene::Contour);
    let title = picture::title(u, names);
    let seen = picture::Seen { title, names, view: &view, at: point };
    Ok(picture::plane(&mut f, gradient.as_mut(), seen, kind, canvas))
}
