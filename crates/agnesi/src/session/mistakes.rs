//! What is wrong with a claimed derivative: the usual mistakes are made on purpose, and the claim is compared with what
//! each of them gives.
//!
//! A mistake is named only where the claim equals what it gives at every point that was tried.

use agnesi_calculus::HigherOrder;
use agnesi_graph::{Constant, NodeId, Operators, Rational, Style, SymbolId};
use agnesi_syntax::{Kind, Tree, TreeId, print};
use smol_str::SmolStr;

use super::compare::{Comparison, Finding};
use super::diff::{Derivative, Kind as Taken};
use super::faulty::{Faulty, Slip};
use super::repair;

/// How many points the doubles are compared at before anything else is done.
const QUICK: usize = 4;
/// With fewer points nothing is said.
const FEWEST: usize = 8;
/// Doubles that differ by more, relative to their size, are different.
const NEAR: f64 = 1e-9;
/// The largest formula, in nodes, in which single slips are looked for.
const MOST_NODES: usize = 400;
/// The most slips that are tried.
const MOST_SLIPS: usize = 400;

/// A claim about a formula.
pub(crate) struct Claim<'a> {
    /// The formula as written.
    pub tree: &'a Tree,
    /// Its root.
    pub root: TreeId,
    /// The formula's components as nodes.
    pub components: &'a [NodeId],
    /// The right derivative.
    pub derivative: &'a Derivative,
    /// What is claimed for each of its entries.
    pub claimed: &'a [NodeId],
    /// The claims as they were written, where they are known.
    pub written: &'a [(Tree, TreeId)],
    /// For a derivative along a direction.
    pub direction: Option<&'a Direction>,
    /// How numbers are written.
    pub style: Style,
}

/// A direction as it was given.
pub(crate) struct Direction {
    /// The gradient times the vector as given.
    pub times_given: NodeId,
    /// The vector as given.
    pub given: String,
    /// Its length.
    pub length: String,
}

/// What the mistake probably is; `None` if it is none of the usual ones.
pub(crate) fn reason(c: &mut Comparison, claim: &Claim) -> Option<String> {
    let (right, claimed) = (&claim.derivative.entries, claim.claimed);
    // At a few points many formulas agree.
    if !c.names.is_empty() && c.places.len() < FEWEST {
        return None;
    }
    if let Some(direction) = claim.direction
        && same(c, direction.times_given, claimed[0])
    {
        return Some(format!(
            "({}) is no unit vector: its length is {}, and the claim is the gradient times the vector as given, so \
             divide by the length",
            direction.given, direction.length
        ));
    }
    if let Some(stranger) = stranger(c, claim) {
        return Some(stranger);
    }
    let wrong: Vec<usize> = (0..right.len()).filter(|i| !same(c, right[*i], claimed[*i])).collect();
    if right.len() > 1 {
        if let Some(order) = exchanged(c, claim) {
            return Some(order);
        }
        // The same factor in all of them is said once.
        let factors: Vec<Option<String>> = wrong.iter().map(|i| factor(c, right[*i], claimed[*i])).collect();
        if wrong.len() == right.len()
            && let Some(Some(first)) = factors.first()
            && factors.iter().all(|f| f.as_ref() == Some(first))
        {
            return Some(format!("each component is {first}"));
        }
    }
    let several = right.len() > 1;
    wrong.iter().find_map(|&i| {
        let found = entry(c, claim, i)?;
        Some(if several { format!("{}: {found}", label(claim, i)) } else { found })
    })
}

/// What is wrong with one entry.
fn entry(c: &mut Comparison, claim: &Claim, i: usize) -> Option<String> {
    let (right, claimed) = (claim.derivative.entries[i], claim.claimed[i]);
    let subject = Subject::of(c, claim, i);
    if let Some(subject) = &subject
        && let Some(slip) = slips(c, subject, claimed)
    {
        return Some(slip);
    }
    if let Some(subject) = &subject
        && let Some(other) = something_else(c, claim, subject, claimed)
    {
        return Some(other);
    }
    if c.graph.is_zero(claimed) {
        return Some("the claim is 0, but the formula is not constant".into());
    }
    if let Some(factor) = factor(c, right, claimed) {
        return Some(format!("the claim is {factor}"));
    }
    if let Some(term) = terms(c, claim.style, right, claimed) {
        return Some(term);
    }
    if let Some((tree, root)) = claim.written.get(i)
        && let Some(change) = repaired(c, tree, *root, right)
    {
        return Some(change);
    }
    one_side(c, right, claimed)
}

/// One place of the claim is wrong, and what would be right there.
fn repaired(c: &mut Comparison, tree: &Tree, root: TreeId, right: NodeId) -> Option<String> {
    let target = Target::of(c, right)?;
    for change in repair::changes(c, tree, root) {
        if target.is(c, change.node) {
            return Some(format!("with {} in place of {} the claim would be right", change.new, change.old));
        }
    }
    None
}

/// The claim is right on one side of 0 only, as one that takes |x| for x is.
fn one_side(c: &mut Comparison, right: NodeId, claimed: NodeId) -> Option<String> {
    let all = c.places.clone();
    for (i, name) in c.names.clone().into_iter().enumerate() {
        let mut holds = |side: fn(&Rational) -> bool| {
            c.places = all.iter().filter(|place| side(&place[i])).cloned().collect();
            c.places.len() >= 3 && c.sample(&[right], &[claimed]).is_equal()
        };
        let (above, below) = (holds(Rational::is_positive), holds(Rational::is_negative));
        c.places.clone_from(&all);
        let side = match (above, below) {
            (true, false) => "positive",
            (false, true) => "negative",
            _ => continue,
        };
        return Some(format!(
            "the claim is right for {side} {name} only: mind the sign of what is inside a root or |...|"
        ));
    }
    None
}

/// What was to be differentiated for one entry, by which variable.
struct Subject {
    tree: Tree,
    root: TreeId,
    node: NodeId,
    variable: SmolStr,
    symbol: SymbolId,
}

impl Subject {
    fn of(c: &mut Comparison, claim: &Claim, i: usize) -> Option<Subject> {
        let d = claim.derivative;
        let n = d.wrt.len();
        let (component, variable, before) = match &d.kind {
            Taken::Ordinary(0) | Taken::Along(_) => return None,
            Taken::Ordinary(order) => (i, 0, order - 1),
            Taken::First => (i / n.max(1), i % n.max(1), 0),
            Taken::Second => (0, i % n.max(1), 1),
            Taken::Mixed => (i, 0, n as u32 - 1),
        };
        let variable = d.wrt.get(variable)?.clone();
        let symbol = c.graph.find_symbol(&variable)?;
        let node = *claim.components.get(component)?;
        if before == 0 {
            let root = match claim.tree.kind(claim.root) {
                Kind::Vector(list) => *claim.tree.ids(*list).get(component)?,
                Kind::Matrix(_) => return None,
                _ => claim.root,
            };
            return Some(Subject { tree: claim.tree.clone(), root, node, variable, symbol });
        }
        // The step that is claimed starts from the derivative before it.
        let inner = match &d.kind {
            Taken::Second => c.graph.find_symbol(d.wrt.get(i / n.max(1))?).map(|x| vec![x])?,
            Taken::Mixed => d.wrt[1..].iter().rev().filter_map(|name| c.graph.find_symbol(name)).collect(),
            _ => vec![symbol; before as usize],
        };
        let mut node = node;
        for x in inner {
            node = c.tools.derivative(c.graph, node, x).ok()?;
        }
        let (tree, root) = c.graph.raise(node, claim.style);
        Some(Subject { tree, root, node, variable, symbol })
    }
}

/// `∂/∂y` or the place of an entry.
fn label(claim: &Claim, i: usize) -> String {
    let d = claim.derivative;
    match (&d.kind, &d.shape[..]) {
        (Taken::First, [n]) if *n == d.wrt.len() => format!("∂/∂{}", d.wrt[i]),
        (Taken::First | Taken::Second, [_, columns]) => {
            format!("row {}, column {}", i / columns.max(&1) + 1, i % columns.max(&1) + 1)
        }
        _ => format!("component {}", i + 1),
    }
}

/// The slips of someone who applies the rules.
fn slips(c: &mut Comparison, subject: &Subject, claimed: NodeId) -> Option<String> {
    if subject.tree.len() > MOST_NODES {
        return None;
    }
    let faulty = Faulty::new(c, &subject.tree, subject.root, subject.symbol)?;
    let all = faulty.slips_in(c);
    let target = Target::of(c, claimed)?;
    for slip in all.into_iter().take(MOST_SLIPS) {
        let Some(node) = faulty.derivative(c, &slip) else { continue };
        if target.is(c, node) {
            return Some(words(c, &faulty, &slip, subject));
        }
    }
    None
}

fn words(c: &mut Comparison, faulty: &Faulty, slip: &Slip, subject: &Subject) -> String {
    let text = |id: TreeId| print::text(&subject.tree, id);
    let x = &subject.variable;
    let everywhere = slip.places.len() > 1;
    let at = slip.places.first().copied().unwrap_or(subject.root);
    slip.kind.words(&text, &mut |id| faulty.slope_text(c, id), &subject.tree, at, x, everywhere)
}

/// The claim is something else than the derivative that was asked for.
fn something_else(c: &mut Comparison, claim: &Claim, subject: &Subject, claimed: NodeId) -> Option<String> {
    let x = &subject.variable;
    if same(c, subject.node, claimed) {
        let what = match &claim.derivative.kind {
            Taken::Ordinary(1) | Taken::First => "the formula itself, not its derivative",
            _ => "the derivative of one order less",
        };
        return Some(format!("the claim is {what}"));
    }
    let back = c.tools.derivative(c.graph, claimed, subject.symbol).ok()?;
    if same(c, back, subject.node) {
        return Some(format!(
            "the claim is an antiderivative in {x}: it was integrated instead of differentiated"
        ));
    }
    let mut higher = HigherOrder::new(&mut c.tools.differentiator, &mut c.tools.simplifier, 100_000);
    if let Ok(Some(second)) = higher.derivative(c.graph, subject.node, subject.symbol, 2)
        && !c.graph.is_zero(second)
        && same(c, second, claimed)
    {
        return Some(format!("the claim was differentiated in {x} once more than was asked for"));
    }
    for other in c.names.clone() {
        if other == *x {
            continue;
        }
        let Some(y) = c.graph.find_symbol(&other) else { continue };
        let Ok(slope) = c.tools.derivative(c.graph, subject.node, y) else { continue };
        if !c.graph.is_zero(slope) && same(c, slope, claimed) {
            return Some(format!("the claim is the derivative in {other}, not in {x}"));
        }
    }
    None
}

/// The claim has a variable that neither the formula nor the question has.
fn stranger(c: &mut Comparison, claim: &Claim) -> Option<String> {
    for name in c.names.clone() {
        let Some(x) = c.graph.find_symbol(&name) else { continue };
        let meant = claim.derivative.wrt.contains(&name)
            || claim.components.iter().any(|node| c.graph.may_contain(*node, x));
        if meant {
            continue;
        }
        for node in claim.claimed {
            if c.graph.may_contain(*node, x) {
                return Some(format!("the claim has {name}, which the formula does not have"));
            }
        }
    }
    None
}

/// The entries are right and stand in another order.
fn exchanged(c: &mut Comparison, claim: &Claim) -> Option<String> {
    let (right, claimed) = (&claim.derivative.entries, claim.claimed);
    match &claim.derivative.shape[..] {
        [rows, columns] => {
            if rows != columns {
                return None;
            }
            let n = *rows;
            let transposed = (0..n * n).all(|i| same(c, right[i % n * n + i / n], claimed[i]));
            transposed.then(|| "rows and columns are exchanged".into())
        }
        [n] if *n <= 6 => {
            let mut left: Vec<usize> = (0..*n).collect();
            for value in claimed {
                let at = left.iter().position(|i| same(c, right[*i], *value))?;
                left.remove(at);
            }
            let order = claim.derivative.wrt.join(", ");
            Some(format!("the components are right and in another order; they belong in the order {order}"))
        }
        _ => None,
    }
}

/// A constant factor between the claim and the derivative.
fn factor(c: &mut Comparison, right: NodeId, claimed: NodeId) -> Option<String> {
    if c.graph.is_zero(right) || c.graph.is_zero(claimed) {
        return None;
    }
    let mut ratio: Option<f64> = None;
    let mut used = 0;
    for place in 0..c.places.len() {
        let Some(values) = c.doubles(&[right, claimed], place) else { continue };
        let (d, k) = (values[0], values[1]);
        if d == 0.0 && k == 0.0 {
            continue;
        }
        let found = k / d;
        if !found.is_finite() || ratio.is_some_and(|r| (r - found).abs() > NEAR * r.abs().max(1.0)) {
            return None;
        }
        ratio = Some(found);
        used += 1;
        if used >= 8 {
            break;
        }
    }
    let ratio = ratio?;
    let needed = if c.names.is_empty() { 1 } else { 3.min(c.places.len()) };
    if used < needed || (ratio - 1.0).abs() < NEAR {
        return None;
    }
    for (node, words) in factors(c, ratio) {
        let scaled = c.graph.mul(right, node);
        if same(c, scaled, claimed) {
            return Some(words);
        }
    }
    None
}

/// Exact numbers near a ratio, with what to say of each.
fn factors(c: &mut Comparison, ratio: f64) -> Vec<(NodeId, String)> {
    let mut found = Vec::new();
    let sign = if ratio < 0.0 { "of the wrong sign and " } else { "" };
    let size = ratio.abs();
    if let Some((n, d)) = fraction(size) {
        let words = match (n, d) {
            (1, 1) => "of the wrong sign".to_string(),
            (2, 1) => format!("{sign}twice too large: divide it by 2"),
            (1, 2) => format!("{sign}half as large as it should be: multiply it by 2"),
            (n, 1) => format!("{sign}{n} times too large: divide it by {n}"),
            (1, d) => format!("{sign}{d} times too small: multiply it by {d}"),
            (n, d) => format!("{sign}wrong by the factor {n}/{d}"),
        };
        if let Some(value) = Rational::new(if ratio < 0.0 { -n } else { n }, d) {
            found.push((c.graph.number(value), words));
        }
    }
    let pi = c.graph.constant(Constant::Pi);
    let half_turn = c.graph.integer(180);
    let per_degree = c.graph.div(pi, half_turn);
    let per_radian = c.graph.div(half_turn, pi);
    let log = agnesi_graph::known().log;
    let logs: Vec<(NodeId, i64)> = [10, 2]
        .into_iter()
        .map(|n| {
            let n_node = c.graph.integer(n);
            (c.graph.call(log, &[n_node]), n)
        })
        .collect();
    let radians = "sines, cosines and tangents are of radians here, not of degrees";
    let mut special = vec![
        (per_degree, std::f64::consts::PI / 180.0, format!("wrong by the factor pi/180: {radians}")),
        (per_radian, 180.0 / std::f64::consts::PI, format!("wrong by the factor 180/pi: {radians}")),
        (pi, std::f64::consts::PI, "too large by the factor pi".to_string()),
    ];
    for (node, n) in logs {
        let value = (n as f64).ln();
        special.push((
            node,
            value,
            format!("too large by the factor log({n}): log is the natural logarithm"),
        ));
        let one = c.graph.one();
        let inverse = c.graph.div(one, node);
        let words = format!("wrong by the factor 1/log({n}): log is the natural logarithm");
        special.push((inverse, 1.0 / value, words));
    }
    for (node, value, words) in special {
        if (size - value).abs() < NEAR * size {
            let node = if ratio < 0.0 { c.graph.neg(node) } else { node };
            found.push((node, format!("{sign}{words}")));
        }
    }
    // Roots of small fractions, as the lengths of vectors are.
    if let Some((n, d)) = fraction(size * size)
        && let Some(square) = Rational::new(n, d)
    {
        let square = c.graph.number(square);
        let root = c.graph.power(square, Rational::HALF);
        let (tree, id) = c.graph.raise(root, Style::default());
        let words = format!("{sign}wrong by the factor {}", print::text(&tree, id));
        let root = if ratio < 0.0 { c.graph.neg(root) } else { root };
        found.push((root, words));
    }
    found
}

/// A fraction of small numbers near a double.
fn fraction(x: f64) -> Option<(i64, i64)> {
    (1..=60_i64).find_map(|d| {
        let n = (x * d as f64).round();
        let near = (x - n / d as f64).abs() <= NEAR * x.abs();
        (near && (1.0..=10_000.0).contains(&n)).then_some((n as i64, d))
    })
}

/// One term of a sum is missing, has the wrong sign or a wrong factor.
fn terms(c: &mut Comparison, style: Style, right: NodeId, claimed: NodeId) -> Option<String> {
    let difference = c.graph.sub(claimed, right);
    let difference = c.simplify(difference);
    let terms = c.graph.terms(right);
    for (coefficient, node) in &terms {
        let term = c.graph.scale(coefficient.clone(), *node);
        let minus = c.graph.neg(term);
        if terms.len() > 1 && same(c, difference, minus) {
            return Some(format!("the term {} is missing", text(c, style, term)));
        }
        let twice = c.graph.scale(Rational::TWO, minus);
        if same(c, difference, twice) {
            return Some(format!("the term {} has the wrong sign", text(c, style, term)));
        }
    }
    if let Some(constant) = c.graph.as_number(difference).cloned() {
        let words = if constant.is_negative() { "too small" } else { "too large" };
        let size = c.graph.number(constant.abs());
        let size = text(c, style, size);
        return Some(format!("the claim is {words} by {size} everywhere"));
    }
    let mine = c.graph.terms(claimed);
    for (coefficient, node) in &mine {
        let term = c.graph.scale(coefficient.clone(), *node);
        if mine.len() > 1 && same(c, difference, term) {
            return Some(format!("the term {} is too much", text(c, style, term)));
        }
    }
    for (coefficient, node) in &terms {
        let term = c.graph.scale(coefficient.clone(), *node);
        let with = c.graph.add(difference, term);
        if terms.len() > 1
            && let Some(factor) = factor(c, term, with)
        {
            return Some(format!("the term {} is {factor}", text(c, style, term)));
        }
    }
    None
}

fn text(c: &mut Comparison, style: Style, node: NodeId) -> String {
    let (tree, root) = c.graph.raise(node, style);
    print::text(&tree, root)
}

/// Whether two formulas have the same values at all points.
fn same(c: &mut Comparison, a: NodeId, b: NodeId) -> bool {
    if a == b {
        return true;
    }
    let Some(target) = Target::of(c, b) else { return false };
    target.is(c, a)
}

/// A formula with its doubles, to sort out quickly what it is not.
struct Target {
    node: NodeId,
    doubles: Vec<(usize, f64)>,
}

impl Target {
    fn of(c: &mut Comparison, node: NodeId) -> Option<Target> {
        let program = c.program(&[node])?;
        let doubles: Vec<(usize, f64)> = c
            .places
            .iter()
            .enumerate()
            .filter_map(|(i, place)| {
                let inputs: Vec<f64> = place.iter().map(Rational::to_f64).collect();
                program.values::<f64>(&inputs, &()).ok().map(|values| (i, values[0]))
            })
            .filter(|(_, value)| value.is_finite())
            .take(QUICK * 4)
            .collect();
        Some(Target { node, doubles })
    }

    fn is(&self, c: &mut Comparison, other: NodeId) -> bool {
        if self.node == other {
            return true;
        }
        let Some(program) = c.program(&[other]) else { return false };
        let mut met = 0;
        for (place, value) in &self.doubles {
            let inputs: Vec<f64> = c.places[*place].iter().map(Rational::to_f64).collect();
            let Ok(values) = program.values::<f64>(&inputs, &()) else { continue };
            if (values[0] - value).abs() > 1e-6 * value.abs().max(values[0].abs()).max(1e-3) {
                return false;
            }
            met += 1;
            if met >= QUICK {
                break;
            }
        }
        let needed = if c.names.is_empty() { 1 } else { 2.min(c.places.len()) };
        if met < needed {
            return false;
        }
        match c.sample(&[self.node], &[other]) {
            Finding::Proved => true,
            Finding::Agree { digits, .. } => digits >= 10.0,
            Finding::Differ { .. } | Finding::Nowhere(_) => false,
        }
    }
}
