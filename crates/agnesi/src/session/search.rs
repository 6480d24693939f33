//! Zeros and critical points in view, with what their search does not promise.

use std::collections::BTreeMap;

use agnesi_graph::{NodeId, Rational};
use agnesi_solve::{
    Critical, CriticalKind as Kind, Root, Search, StationaryKind, StationarySearch, critical_points, roots,
    stationary_points,
};
use smol_str::SmolStr;

use super::numeric::Numeric;
use super::point::Coordinate;
use super::removable;
use super::understand::Understood;
use crate::protocol::{CriticalKind, CriticalPoint, Failure, Number, Zero};

/// More than this are not listed.
const MOST: usize = 24;

/// What was found of a function of one variable.
pub(crate) struct Found {
    pub zeros: Vec<Zero>,
    pub critical: Vec<CriticalPoint>,
    /// Where the function was found to end, jump or be unbounded.
    pub breaks: Vec<f64>,
    /// What has to be said about it, beyond that it was found by sampling.
    pub remarks: Vec<String>,
    /// Values at all critical points, listed or not, and 0 if there are zeros.
    pub values: Vec<f64>,
    /// Whether it is zero on a stretch, or constant on one: then the lists do not tell all.
    pub flat: (bool, bool),
}

impl Found {
    /// The places of all zeros and critical points, ascending.
    pub(crate) fn features(&self, name: &str) -> Vec<f64> {
        let mut all: Vec<f64> = self.zeros.iter().map(|z| z.at.0).collect();
        all.extend(self.critical.iter().filter_map(|c| c.at.get(name)).map(|x| x.0));
        all.sort_by(f64::total_cmp);
        all
    }
}

/// A function of one variable with its first two derivatives, as closures of doubles.
pub(crate) struct Line {
    pub name: SmolStr,
    pub node: NodeId,
    pub f: Numeric,
    pub df: Option<Numeric>,
    pub ddf: Option<Numeric>,
}

/// Zeros and critical points in a view.
pub(crate) fn of_one(u: &mut Understood, line: &mut Line, view: (f64, f64)) -> Found {
    let search = Search::default();
    let mut remarks = Vec::new();
    let Line { f, df, ddf, .. } = &mut *line;
    let found = {
        let mut f = |x: f64| f.at(&[x]);
        match df.as_mut() {
            Some(df) => roots(&mut f, Some(&mut |x| df.at(&[x])), view, &search),
            None => roots(&mut f, None, view, &search),
        }
    };
    let critical = match (df.as_mut(), ddf.as_mut()) {
        (Some(df), ddf) => {
            let mut f = |x: f64| f.at(&[x]);
            let mut df = |x: f64| df.at(&[x]);
            match ddf {
                Some(ddf) => critical_points(&mut f, &mut df, Some(&mut |x| ddf.at(&[x])), view, &search),
                None => critical_points(&mut f, &mut df, None, view, &search),
            }
        }
        _ => Default::default(),
    };
    let mut zeros: Vec<Root> = found.roots;
    let mut points: Vec<Critical> = critical.points;
    // Where it is too small for a double, an exact look at the middle tells zero from small.
    let mut underflow = found.underflow;
    let mut zero_on = found.zero_on;
    zero_on.retain(|stretch| {
        let exactly = is_zero_on(u, line, *stretch);
        if !exactly {
            underflow.push(*stretch);
        }
        exactly
    });
    underflow.retain(|stretch| match zero_within(u, line, *stretch) {
        Some((root, point)) => {
            zeros.push(root);
            points.extend(point);
            false
        }
        None => true,
    });
    zeros.sort_by(|p, q| p.x.total_cmp(&q.x));
    points.sort_by(|p, q| p.x.total_cmp(&q.x));
    let name = &line.name;
    let width = view.1 - view.0;
    zeros.retain(|z| is_inside(u, name, z.x, width));
    points.retain(|p| is_inside(u, name, p.x, width));
    let stretch = |(a, b): &(f64, f64)| format!("[{}, {}]", short(*a), short(*b));
    let list = |all: &[(f64, f64)]| all.iter().take(4).map(stretch).collect::<Vec<_>>().join(", ");
    if !zero_on.is_empty() {
        remarks.push(format!("it is zero all over {}", list(&zero_on)));
    }
    if !underflow.is_empty() {
        remarks
            .push(format!("it is too small for a double, and taken for not zero, in {}", list(&underflow)));
    }
    let mut unresolved = found.unresolved;
    unresolved.extend(&critical.unresolved);
    if let Some(all) = unresolved.iter().copied().reduce(|p, q| (p.0.min(q.0), p.1.max(q.1))) {
        remarks.push(format!(
            "it oscillates too fast in {} to list what is there",
            stretch(&(all.0.max(view.0), all.1.min(view.1)))
        ));
    }
    // The derivative of a step is zero between the steps; that is not news about a function that is zero there too.
    if !critical.constant_on.is_empty() && critical.constant_on != zero_on {
        remarks.push(format!("its derivative is zero all over {}", list(&critical.constant_on)));
    }
    for p in points.iter().filter(|p| !p.smooth).take(3) {
        remarks.push(format!("it has a corner or cusp at {name} = {}, and no derivative there", short(p.x)));
    }
    if found.limited || critical.limited {
        remarks.push("a limit on evaluations was reached".to_string());
    }
    let mut values: Vec<f64> = points.iter().map(|p| p.value).collect();
    if !zeros.is_empty() || !zero_on.is_empty() {
        values.push(0.0);
    }
    // Of too many the ones in the middle are listed; or, where they crowd together, those farthest from there.
    let crowd = unresolved.first().map(|s| 0.5 * (s.0 + s.1));
    let centre = 0.5 * (view.0 + view.1);
    let rank = |x: f64| crowd.map_or((x - centre).abs(), |c| -(x - c).abs());
    let (most, which) = if crowd.is_some() { (MOST / 2, "outermost") } else { (MOST, "middle") };
    if zeros.len() > most {
        remarks.push(format!("{} zeros were found, of which the {which} {most} are listed", zeros.len()));
        keep(&mut zeros, most, |z| rank(z.x));
        zeros.sort_by(|p, q| p.x.total_cmp(&q.x));
    }
    if points.len() > most {
        remarks.push(format!(
            "{} critical points were found, of which the {which} {most} are listed",
            points.len()
        ));
        keep(&mut points, most, |p| rank(p.x));
        points.sort_by(|p, q| p.x.total_cmp(&q.x));
    }
    let flat = (!zero_on.is_empty(), !critical.constant_on.is_empty());
    let zeros = zeros.iter().map(|z| Zero { at: Number(z.x + 0.0), touches: z.touches }).collect();
    let critical = points
        .iter()
        .map(|p| CriticalPoint {
            at: BTreeMap::from([(name.to_string(), Number(p.x + 0.0))]),
            value: Number(if is_rounding(p.value, p.second.unwrap_or(0.0), p.x) {
                0.0
            } else {
                p.value + 0.0
            }),
            kind: match p.kind {
                Kind::Minimum => CriticalKind::Minimum,
                Kind::Maximum => CriticalKind::Maximum,
                Kind::Inflection => CriticalKind::Inflection,
            },
            eigenvalues: p.second.map(Number).into_iter().collect(),
        })
        .collect();
    Found { zeros, critical, breaks: found.breaks, remarks, values, flat }
}

fn keep<T>(items: &mut Vec<T>, most: usize, rank: impl Fn(&T) -> f64) {
    items.sort_by(|p, q| rank(p).total_cmp(&rank(q)));
    items.truncate(most);
}

/// Whether the exact value in the middle of a stretch on which doubles are zero is zero too.
fn is_zero_on(u: &mut Understood, line: &Line, (from, to): (f64, f64)) -> bool {
    let middle = super::numeric::rounded(0.5 * (from + to), 3);
    let Some((symbol, value)) = u.graph.find_symbol(&line.name).zip(Rational::from_f64(middle)) else {
        return false;
    };
    let at = u.graph.number(value);
    let value = u.graph.substitute(line.node, symbol, at);
    let simple = u.tools.simplifier.simplify(&mut u.graph, value);
    u.graph.is_zero(simple) || !u.graph.bounds(simple).is_nonzero() && u.is_exactly_zero(simple)
}

/// The zero in the middle of a stretch on which doubles underflow, if it is one exactly; and the critical point there.
fn zero_within(
    u: &mut Understood,
    line: &mut Line,
    (from, to): (f64, f64),
) -> Option<(Root, Option<Critical>)> {
    let middle = 0.5 * (from + to);
    let x = if middle.abs() < 1e-3 * (to - from) { 0.0 } else { super::numeric::rounded(middle, 6) };
    let symbol = u.graph.find_symbol(&line.name)?;
    let node = Rational::from_f64(x).map(|value| u.graph.number(value))?;
    let value = u.graph.substitute(line.node, symbol, node);
    if !u.graph.is_zero(value) {
        return None;
    }
    let beside = 1e-3 * (to - from);
    let signs = |f: &mut Numeric| {
        let (before, after) = (f.at(&[from - beside]), f.at(&[to + beside]));
        (before.signum(), after.signum())
    };
    let (before, after) = signs(&mut line.f);
    let root = Root { x, touches: before * after > 0.0 };
    let point = line.df.as_mut().map(|df| {
        let kind = match signs(df) {
            (a, b) if a < 0.0 && b > 0.0 => Kind::Minimum,
            (a, b) if a > 0.0 && b < 0.0 => Kind::Maximum,
            _ => Kind::Inflection,
        };
        Critical { x, value: 0.0, kind, smooth: true, second: None }
    });
    Some((root, point))
}

/// Whether a place is none of the single points that the domain leaves out, and not so near to one that only rounding
/// has made it a zero or critical point.
fn is_inside(u: &mut Understood, name: &SmolStr, x: f64, width: f64) -> bool {
    let conditions = u.graph.conjuncts(u.domain);
    let isolated: Vec<NodeId> = conditions.into_iter().filter(|c| leaves_out_points(&u.graph, *c)).collect();
    if isolated.is_empty() {
        return true;
    }
    let unit = 1e-7 * 10f64.powf(width.log10().floor());
    [x, (x / unit).round() * unit].into_iter().all(|x| {
        let Some(value) = Rational::from_f64(x) else { return true };
        let node = u.graph.number(value);
        let point = vec![Coordinate { name: name.clone(), node, near: x }];
        isolated.iter().all(|c| u.holds(*c, &point) != Some(false))
    })
}

/// Critical points of several variables in a box, and remarks.
pub(crate) fn of_several(
    names: &[SmolStr],
    f: &mut Numeric,
    gradient: &mut Numeric,
    hessian: &mut Numeric,
    view: &[(f64, f64)],
) -> (Vec<CriticalPoint>, Vec<String>) {
    let mut search = StationarySearch {
        value: &mut |x| f.at(x),
        gradient: &mut |x, g| gradient.all(x, g),
        hessian: &mut |x, h| hessian.all(x, h),
        evaluations: 40_000,
    };
    let found = stationary_points(&mut search, view);
    let mut remarks = Vec::new();
    if found.continuum {
        remarks.push("they seem to fill a curve or a plane, and only some are listed".to_string());
    }
    if found.points.iter().any(|p| !p.smooth) {
        remarks.push({
            let at = |p: &agnesi_solve::StationaryPoint| {
                let all = names.iter().zip(&p.at).map(|(n, x)| format!("{n} = {}", short(*x)));
                all.collect::<Vec<_>>().join(", ")
            };
            let corners = found.points.iter().filter(|p| !p.smooth).take(3).map(at);
            format!("it has a corner or cusp, and no gradient, at {}", corners.collect::<Vec<_>>().join("; "))
        });
    }
    if found.points.iter().any(|p| p.smooth && !p.by_eigenvalues) {
        remarks.push("where an eigenvalue is 0 the kind was read from samples around the point".to_string());
    }
    if found.limited {
        remarks.push("a limit on evaluations was reached".to_string());
    }
    let most = if found.continuum { 6 } else { MOST };
    if found.points.len() > most && !found.continuum {
        remarks.push(format!("{} were found, of which {most} are listed", found.points.len()));
    }
    let centre: Vec<f64> = view.iter().map(|(a, b)| 0.5 * (a + b)).collect();
    let mut points = found.points;
    for p in &mut points {
        let steepest = p.eigenvalues.iter().fold(0.0f64, |m, e| m.max(e.abs()));
        let far = p.at.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        if is_rounding(p.value, steepest, far) {
            p.value = 0.0;
        }
    }
    let distance = |at: &[f64]| at.iter().zip(&centre).map(|(x, c)| (x - c).powi(2)).sum::<f64>();
    points.sort_by(|p, q| distance(&p.at).total_cmp(&distance(&q.at)));
    points.truncate(most);
    points.sort_by(|p, q| {
        let order = p.at.iter().zip(&q.at).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    let points = points
        .into_iter()
        .map(|p| CriticalPoint {
            at: names.iter().zip(&p.at).map(|(n, x)| (n.to_string(), Number(x + 0.0))).collect(),
            value: Number(p.value + 0.0),
            kind: match p.kind {
                StationaryKind::Minimum => CriticalKind::Minimum,
                StationaryKind::Maximum => CriticalKind::Maximum,
                StationaryKind::Saddle => CriticalKind::Saddle,
                StationaryKind::Undecided => CriticalKind::Undecided,
            },
            eigenvalues: p.eigenvalues.into_iter().map(Number).collect(),
        })
        .collect();
    (points, remarks)
}

/// Whether a condition may leave out single points, as `x != 0` and `x > 0 or x != floor(x)`.
fn leaves_out_points(g: &agnesi_graph::Graph, condition: NodeId) -> bool {
    match g.op(condition) {
        agnesi_graph::Op::Or(list) => list.iter().any(|c| removable::is_isolated(g, *c)),
        _ => removable::is_isolated(g, condition),
    }
}

/// Whether a value at a critical point is no more than what the point's own rounding makes of zero.
fn is_rounding(value: f64, second: f64, x: f64) -> bool {
    let unit = x.abs().next_up() - x.abs();
    value.abs() <= 8.0 * second.abs() * unit * unit
}

/// A number with a few digits, for sentences.
pub(crate) fn short(x: f64) -> String {
    Number(super::numeric::rounded(x, 4) + 0.0).to_string()
}

/// The line of a formula in one variable; derivatives that do not exist are left out.
pub(crate) fn line(u: &mut Understood, node: NodeId, name: &SmolStr) -> Result<Line, Failure> {
    let names = std::slice::from_ref(name);
    let f = u.numeric(&[node], names)?;
    let x = u.symbols(names)?[0];
    let df = u.derivative(node, x).ok();
    let ddf = df.and_then(|d| u.derivative(d, x).ok());
    Ok(Line {
        name: name.clone(),
        node,
        f,
        df: df.and_then(|d| u.numeric(&[d], names).ok()),
        ddf: ddf.and_then(|d| u.numeric(&[d], names).ok()),
    })
}
