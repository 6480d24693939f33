//! Figures of formulas, for `plot` and for the picture of `describe`.

use std::cell::RefCell;

use agnesi_graph::{NodeId, Op, SymbolId};
use agnesi_plot::figure::Figure;
use agnesi_plot::scene::{
    ContourScene, CurveScene, FieldScene, Graph, Plane, Slope, SurfaceScene, TangentScene,
};
use agnesi_plot::{Canvas, Terminal};
use agnesi_solve::{Search, roots};
use smol_str::SmolStr;

use super::diff::{Derivative, Kind};
use super::numeric::Numeric;
use super::point::{Coordinate, Point};
use super::understand::Understood;
use super::{evidence, taylor};
use crate::protocol::{OneSide, Request, Scene};

/// Longer formulas are not written above a picture.
const LONGEST_TITLE: usize = 60;

/// A point on a curve and what is drawn there.
pub(crate) struct Touch {
    pub at: f64,
    pub slope: Slope,
    /// Coefficients of a Taylor polynomial, if one is to be drawn.
    pub taylor: Option<Vec<f64>>,
}

/// `f(x) = ...`, or `f(x)` where the formula is too long to stand above a picture.
pub(crate) fn title(u: &Understood, names: &[SmolStr]) -> String {
    let head = format!("f({})", names.join(", "));
    if u.text.chars().count() > LONGEST_TITLE { head } else { format!("{head} = {}", u.text) }
}

/// A curve, with the tangent at a point if there is one.
pub(crate) fn curve(
    f: &mut Numeric,
    label: String,
    name: &SmolStr,
    view: (f64, f64),
    breaks: Vec<f64>,
    touch: Option<Touch>,
    canvas: Canvas,
) -> Figure {
    let f = RefCell::new(f);
    let value = |x: f64| f.borrow_mut().at(&[x]);
    let mut graph = Graph::new(&value, label);
    graph.breaks = breaks;
    match touch {
        Some(touch) => {
            let mut scene = TangentScene::new(graph, name.as_str(), touch.at, touch.slope);
            scene.x = Some(view);
            scene.taylor = touch.taylor;
            scene.canvas = canvas;
            scene.figure()
        }
        None => {
            let mut scene = CurveScene::new(vec![graph], name.as_str());
            scene.x = Some(view);
            scene.canvas = canvas;
            scene.figure()
        }
    }
}

/// The curves of several formulas in one picture.
pub(crate) fn curves(
    u: &mut Understood,
    nodes: &[NodeId],
    name: &SmolStr,
    view: (f64, f64),
    canvas: Canvas,
) -> Option<Figure> {
    let mut labels = Vec::new();
    let mut all = Vec::new();
    for node in nodes {
        labels.push(u.text_of(*node));
        all.push(RefCell::new(u.numeric(&[*node], std::slice::from_ref(name)).ok()?));
    }
    let values: Vec<Box<dyn Fn(f64) -> f64 + '_>> = all
        .iter()
        .map(|f| Box::new(move |x: f64| f.borrow_mut().at(&[x])) as Box<dyn Fn(f64) -> f64>)
        .collect();
    let graphs = values.iter().zip(labels).map(|(f, label)| Graph::new(&**f, label)).collect();
    let mut scene = CurveScene::new(graphs, name.as_str());
    scene.x = Some(view);
    scene.canvas = canvas;
    Some(scene.figure())
}

/// What is seen of a function of two variables.
pub(crate) struct Seen<'a> {
    pub title: String,
    pub names: &'a [SmolStr],
    pub view: &'a [(f64, f64)],
    /// A point to mark.
    pub at: Option<(f64, f64)>,
}

/// A function of two variables.
pub(crate) fn plane(
    f: &mut Numeric,
    gradient: Option<&mut Numeric>,
    seen: Seen<'_>,
    kind: Scene,
    canvas: Canvas,
) -> Figure {
    let Seen { title, names, view, at } = seen;
    let f = RefCell::new(f);
    let value = |x: f64, y: f64| f.borrow_mut().at(&[x, y]);
    let gradient = gradient.map(RefCell::new);
    let slope = |x: f64, y: f64| {
        let mut g = [f64::NAN; 2];
        if let Some(gradient) = &gradient {
            gradient.borrow_mut().all(&[x, y], &mut g);
        }
        (g[0], g[1])
    };
    let mut plane = Plane::new(&value, title);
    if gradient.is_some() {
        plane.gradient = Some(&slope);
    }
    plane.variables = (names[0].to_string(), names[1].to_string());
    (plane.x, plane.y, plane.at) = (Some(view[0]), Some(view[1]), at);
    match kind {
        Scene::Surface => SurfaceScene { canvas, ..SurfaceScene::new(plane) }.figure(),
        Scene::Field => FieldScene { plane, log: false, canvas }.figure(),
        Scene::Curve | Scene::Contour => ContourScene { plane, levels: None, canvas }.figure(),
    }
}

/// Where the structure of a formula says that it may jump, bend or be unbounded, within a view.
pub(crate) fn breaks(u: &mut Understood, node: NodeId, name: &SmolStr, view: (f64, f64)) -> Vec<f64> {
    let Some(x) = u.graph.find_symbol(name) else { return Vec::new() };
    let mut compared = taylor::breaks(u, node, x);
    compared.extend(denominators(u, node, x));
    compared.dedup();
    let mut found: Vec<f64> = Vec::new();
    for d in compared.into_iter().take(6) {
        let names = std::slice::from_ref(name);
        let Ok(mut f) = u.numeric(&[d], names) else { continue };
        let slope = u.derivative(d, x).ok().and_then(|s| u.numeric(&[s], names).ok());
        let mut value = |x: f64| f.at(&[x]);
        let search = Search { cells: 200, depth: 4, evaluations: 4_000, most: 60 };
        let zeros = match slope {
            Some(mut slope) => roots(&mut value, Some(&mut |x| slope.at(&[x])), view, &search),
            None => roots(&mut value, None, view, &search),
        };
        found.extend(zeros.roots.iter().map(|r| r.x));
    }
    found.sort_by(f64::total_cmp);
    found.dedup();
    found.truncate(200);
    found
}

fn denominators(u: &Understood, node: NodeId, x: SymbolId) -> Vec<NodeId> {
    let mut found = Vec::new();
    for n in u.graph.topological(node) {
        if let Op::Contract(c) = u.graph.op(n) {
            for factor in &c.factors {
                if factor.exponent.is_negative() && u.graph.may_contain(factor.node, x) {
                    found.push(factor.node);
                }
            }
        }
    }
    found
}

/// The slope of a formula at an exact point: the derivative, by its limit if need be, or the slopes of both sides.
pub(crate) fn slope(u: &mut Understood, node: NodeId, at: &Coordinate) -> Slope {
    let Ok(symbols) = u.symbols(std::slice::from_ref(&at.name)) else { return Slope::None };
    let x = symbols[0];
    let point: Point = vec![at.clone()];
    let bends = taylor::breaks(u, node, x).into_iter().any(|d| {
        let value = u.graph.substitute(d, x, at.node);
        u.graph.is_zero(value) || u.double(value) == 0.0
    });
    let Ok(d) = u.derivative(node, x) else { return Slope::None };
    // What is noted on the way is not about what was asked.
    let notes = u.notes.clone();
    let slope = slope_of(u, node, d, bends, at, &point);
    u.notes = notes;
    slope
}

fn slope_of(
    u: &mut Understood,
    node: NodeId,
    d: NodeId,
    bends: bool,
    at: &Coordinate,
    point: &Point,
) -> Slope {
    if !bends && let Ok(values) = u.exact_values(&[d], point) {
        return Slope::Derivative(values.doubles[0]);
    }
    let vertical = vertical(u, node, d, at);
    if vertical != Slope::None {
        return vertical;
    }
    let derivative = Derivative {
        entries: vec![d],
        shape: Vec::new(),
        wrt: vec![at.name.clone()],
        kind: Kind::Ordinary(1),
    };
    let mut beside = u.numeric(&[d], std::slice::from_ref(&at.name)).ok();
    let mut side = |side: OneSide| {
        let found = evidence::at(u, &derivative, point, Some(side)).ok()?;
        let slope = found.value.and_then(|v| v.as_scalar()).filter(|v| !v.is_nan())?;
        // The derivative beside the point must bear it out.
        let step = 1e-7 * at.near.abs().max(1.0) * if side == OneSide::Left { -1.0 } else { 1.0 };
        let near = beside.as_mut().map(|d| d.at(&[at.near + step]))?;
        ((near - slope).abs() <= 1e-3 * slope.abs().max(1.0)).then_some(slope)
    };
    let (left, right) = (side(OneSide::Left), side(OneSide::Right));
    match (left, right) {
        (Some(l), Some(r)) if l == r || (l - r).abs() <= 1e-9 * l.abs().max(r.abs()) => Slope::Derivative(l),
        (None, None) => Slope::None,
        _ => Slope::Sides { left, right },
    }
}

/// A tangent that is vertical: the function is continuous and its slope grows beyond bounds, on one side or on both.
fn vertical(u: &mut Understood, node: NodeId, d: NodeId, at: &Coordinate) -> Slope {
    let names = std::slice::from_ref(&at.name);
    let (Ok(mut f), Ok(mut df)) = (u.numeric(&[node], names), u.numeric(&[d], names)) else {
        return Slope::None;
    };
    let (a, value) = (at.near, f.at(&[at.near]));
    let mut side = |sign: f64| {
        let near = |t: f64| a + sign * t * a.abs().max(1.0);
        let (p, q) = (df.at(&[near(1e-6)]), df.at(&[near(1e-12)]));
        let closes = (f.at(&[near(1e-12)]) - value).abs() <= 0.5 * (f.at(&[near(1e-6)]) - value).abs();
        (p.is_finite() && q.is_finite() && q.abs() > 4.0 * p.abs() && closes)
            .then_some(q.signum() * f64::INFINITY)
    };
    let (left, right) = (side(-1.0), side(1.0));
    match (left, right) {
        (Some(l), Some(r)) if l == r => Slope::Derivative(l),
        (None, None) => Slope::None,
        _ => Slope::Sides { left, right },
    }
}

/// The canvas and terminal of a request for a picture as text.
pub(crate) fn terminal(request: &Request) -> (Canvas, Terminal) {
    let columns = request.columns.unwrap_or(80).clamp(20, 1000) as usize;
    let rows = request.rows.unwrap_or(20).clamp(6, 1000) as usize;
    let terminal = Terminal { width: columns, height: rows, colour: request.colour, ascii: false };
    (Canvas::terminal(columns, rows), terminal)
}

/// The canvas of a request for a file.
pub(crate) fn canvas(request: &Request) -> Canvas {
    let base = Canvas::default();
    let (width, height) = match (request.width, request.height) {
        (Some(w), Some(h)) => (f64::from(w), f64::from(h)),
        (Some(w), None) => (f64::from(w), f64::from(w) * base.height / base.width),
        (None, Some(h)) => (f64::from(h) * base.width / base.height, f64::from(h)),
        (None, None) => (base.width, base.height),
    };
    Canvas { width, height, ..base }
}
