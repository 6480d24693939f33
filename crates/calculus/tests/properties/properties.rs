//! What must hold of every expression. Values are certified; a point where the tree as written has none is left out.

use std::time::{Duration, Instant};

use agnesi_calculus::{Differentiator, Simplifier, lost_conditions};
use agnesi_engine::{jets, numeric};
use agnesi_graph::{Facts, Graph, NodeId, Operators, Scope, Style, SymbolId, TableNames, known, settle};
use agnesi_syntax::{Tree, TreeId, parse_expression, print};

use crate::expression::{C, E, conditions, expressions};
use crate::hunt::{cases, hunt};
use crate::values::{Evaluator, NAMES, Point, Value, differ, generic_points, show, special_points, text_of};

/// How long the work on one expression may take, in the profile of tests and beside other tests.
const PATIENCE: Duration = Duration::from_secs(5);

struct NoOperators;

impl Operators for NoOperators {
    fn derivative(&mut self, _: &mut Graph, _: NodeId, _: SymbolId) -> Result<NodeId, String> {
        Err("not here".into())
    }
}

/// An expression as written and its node.
struct Built {
    written: Evaluator,
    g: Graph,
    /// Value and domain; `None` where elaboration finds that it is defined nowhere.
    node: Option<(NodeId, NodeId)>,
    /// Where it is defined, if the engine may think otherwise: it also evaluates `(-2)^n` for variable whole `n`.
    strict: Option<Evaluator>,
}

fn build_tree(tree: &Tree, root: TreeId, general_power: bool) -> Built {
    build_with(tree, root, general_power, [Facts::REAL; 3])
}

fn build_with(tree: &Tree, root: TreeId, general_power: bool, facts: [Facts; 3]) -> Built {
    let written = Evaluator::new(tree, root);
    let mut g = Graph::new();
    for (name, facts) in NAMES.into_iter().zip(facts) {
        g.declare(name, facts, Default::default());
    }
    let elaborated = g.elaborate(tree, root, &mut NoOperators).ok();
    let node = elaborated.map(|e| (e.components[0], e.domain));
    let strict = node.filter(|_| general_power).map(|(_, domain)| Evaluator::of(&mut g, domain));
    Built { written, g, node, strict }
}

fn build(e: &E) -> Built {
    let (tree, root) = e.plant();
    build_tree(&tree, root, e.has_general_power())
}

impl Built {
    /// The value of the tree as written.
    fn at(&self, point: &Point) -> Value {
        match &self.strict {
            Some(domain) if domain.truth(point) != Some(true) => Value::Unknown,
            _ => self.written.at(point),
        }
    }

    /// Wherever the tree as written has a value, the node has the same.
    fn keeps_value(&mut self, what: &str, node: NodeId, points: &[Point]) -> Result<(), String> {
        let found = Evaluator::of(&mut self.g, node);
        for point in points {
            same_value(what, &self.written, &self.at(point), &found, point)?;
        }
        Ok(())
    }
}

fn same_value(
    what: &str,
    written: &Evaluator,
    wanted: &Value,
    evaluator: &Evaluator,
    point: &Point,
) -> Result<(), String> {
    let Value::Real(wanted) = wanted else { return Ok(()) };
    let (text, at) = (evaluator.text(), show(point));
    match evaluator.at(point) {
        Value::Real(found) if differ(wanted, &found) => Err(format!(
            "{what}: {text} is {} ± {:e} at {at}, not {} ± {:e}",
            found.value, found.error, wanted.value, wanted.error
        )),
        Value::Undefined(why) if wanted.certain && !is_isolated(written, point) => {
            Err(format!("{what}: {text} is undefined at {at}: {why}; it should be {}", wanted.value))
        }
        _ => Ok(()),
    }
}

/// Whether a tree has no value at most points around this one, as sqrt(-x^2) at 0 or sqrt(x^2*y) at x = 0 and y < 0:
/// forms may be undefined at such a point.
fn is_isolated(written: &Evaluator, point: &Point) -> bool {
    let step = agnesi_graph::Rational::new(1, 1 << 20).expect("not 0");
    (0..8).any(|corner| {
        let near: Vec<_> = (0..3)
            .map(|i| if corner >> i & 1 == 0 { &point[i] + &step } else { &point[i] - &step })
            .collect();
        let near: Point = near.try_into().expect("three");
        matches!(written.at(&near), Value::Undefined(_))
    })
}

fn some_points() -> Vec<Point> {
    let mut points = special_points();
    points.extend(generic_points().into_iter().take(2));
    points
}

fn variables(e: &E) -> Vec<usize> {
    (0..NAMES.len()).filter(|i| e.contains(NAMES[*i])).collect()
}

fn symbol(g: &Graph, index: usize) -> SymbolId {
    g.find_symbol(NAMES[index]).expect("declared")
}

#[test]
fn normal_forms_keep_the_value() {
    let points = some_points();
    hunt(cases(2000), expressions(30), E::simpler, |e| {
        let mut built = build(e);
        let Some((node, _)) = built.node else { return Ok(()) };
        built.keeps_value("normal form", node, &points)
    });
}

#[test]
fn facts_about_symbols_are_used_rightly() {
    // x is whole, y is positive, z is not negative.
    let r = |n, d| agnesi_graph::Rational::new(n, d).expect("not 0");
    let mut points: Vec<Point> = vec![[r(-1, 1), r(3, 1), r(0, 1)], [r(0, 1), r(2, 7), r(0, 1)]];
    points.extend([-4, -3, -2, 1, 2, 3].map(|n| [r(n, 1), r(n * n, 3), r(n * n, 5)]));
    let facts = [Facts::INTEGER, Facts::POSITIVE, Facts::NONNEGATIVE];
    hunt(cases(2000), expressions(20), E::simpler, |e| {
        let (tree, root) = e.plant();
        let mut built = build_with(&tree, root, e.has_general_power(), facts);
        let Some((node, _)) = built.node else { return Ok(()) };
        built.keeps_value("normal form", node, &points)?;
        let simple = Simplifier::default().simplify(&mut built.g, node);
        built.keeps_value("simplify", simple, &points)
    });
}

#[test]
fn simplifying_keeps_the_value_and_costs_nothing() {
    let points = some_points();
    hunt(cases(2000), expressions(40), E::simpler, |e| {
        let mut built = build(e);
        let Some((node, _)) = built.node else { return Ok(()) };
        let begun = Instant::now();
        let (nodes, mut simplifier) = (built.g.len(), Simplifier::default());
        let simple = simplifier.simplify(&mut built.g, node);
        if begun.elapsed() > PATIENCE || built.g.len() > nodes + 200_000 {
            let made = built.g.len() - nodes;
            return Err(format!("simplify took {:?} and {made} nodes", begun.elapsed()));
        }
        if simple == node {
            return Ok(());
        }
        built.keeps_value("simplify", simple, &points)?;
        let (before, after) = (simplifier.cost(&mut built.g, node), simplifier.cost(&mut built.g, simple));
        if after > before {
            let (a, b) = (text_of(&mut built.g, node), text_of(&mut built.g, simple));
            return Err(format!("simplify made {a} of cost {before} into {b} of cost {after}"));
        }
        Ok(())
    });
}

#[test]
fn simplifying_again_changes_nothing() {
    // Work is bounded, so that now and then a shorter form is found only from a form found before.
    let (misses, count) = (std::cell::Cell::new(0), cases(2000));
    hunt(count, expressions(40), E::simpler, |e| {
        let Built { mut g, node: Some((node, _)), .. } = build(e) else { return Ok(()) };
        let simple = Simplifier::default().simplify(&mut g, node);
        let again = Simplifier::default().simplify(&mut g, simple);
        misses.set(misses.get() + (again != simple) as u32);
        if misses.get() > 2 + count / 500 {
            let (a, b) = (text_of(&mut g, simple), text_of(&mut g, again));
            return Err(format!("{a} simplifies further to {b}, one of {} such cases", misses.get()));
        }
        Ok(())
    });
}

/// The symbolic derivative against the automatic one of the tree as written, and, where they differ, what differences
/// say.
fn compare_derivative(
    written: &Evaluator,
    strict: Option<&Evaluator>,
    symbolic: &Evaluator,
    orders: &[(usize, usize)],
) -> Result<(), String> {
    for point in generic_points() {
        if strict.is_some_and(|domain| domain.truth(&point) != Some(true)) {
            continue;
        }
        let at: Vec<f64> = point.iter().map(|x| x.to_f64()).collect();
        let Ok(automatic) = jets::partial(written.program(), &at, orders) else { continue };
        let automatic = automatic[0];
        if !automatic.error.is_finite() || !automatic.value.is_finite() {
            continue;
        }
        let complain = |found: String| {
            let differences = match numeric::partial(written.program(), 0, &at, orders) {
                Ok(Some(n)) => format!("{} ± {:e}", n.value, n.error),
                other => format!("{other:?}"),
            };
            Err(format!(
                "{} is {found} at {}; automatic {} ± {:e}; numeric {differences}",
                symbolic.text(),
                show(&point),
                automatic.value,
                automatic.error,
            ))
        };
        match symbolic.at(&point) {
            Value::Real(found) => {
                let room = 1.01 * (automatic.error + found.error) + 1e-13 * automatic.value.abs() + 1e-300;
                if found.value.is_finite() && (found.value - automatic.value).abs() > room {
                    return complain(found.value.to_string());
                }
            }
            Value::Undefined(why) => return complain(format!("undefined ({why})")),
            Value::Unknown => {}
        }
    }
    Ok(())
}

#[test]
fn derivatives_agree_with_automatic_ones() {
    let points = some_points();
    hunt(cases(2000), expressions(30), E::simpler, |e| {
        let mut built = build(e);
        let Some((node, _)) = built.node else { return Ok(()) };
        let begun = Instant::now();
        for x in variables(e) {
            let id = symbol(&built.g, x);
            let Ok(d) = Differentiator::default().derivative(&mut built.g, node, id) else { continue };
            let raw = Evaluator::of(&mut built.g, d);
            compare_derivative(&built.written, built.strict.as_ref(), &raw, &[(x, 1)])
                .map_err(|e| format!("d/d{}: {e}", NAMES[x]))?;
            let simple = Simplifier::default().simplify(&mut built.g, d);
            if simple != d {
                let evaluator = Evaluator::of(&mut built.g, simple);
                for point in &points {
                    same_value("simplified derivative", &raw, &raw.at(point), &evaluator, point)
                        .map_err(|e| format!("{}: {e}", raw.text()))?;
                }
                // Two forms of one value, as a claim and what it is held against: what they share vanishes.
                let nothing = built.g.sub(d, simple);
                let nothing = Simplifier::default().simplify(&mut built.g, nothing);
                if let Some(number) = built.g.as_number(nothing).filter(|number| !number.is_zero()) {
                    return Err(format!("{} and {} differ by {number}", raw.text(), evaluator.text()));
                }
            }
        }
        if begun.elapsed() > PATIENCE { Err(format!("took {:?}", begun.elapsed())) } else { Ok(()) }
    });
}

#[test]
fn derivatives_of_iterated_functions_agree_with_automatic_ones() {
    // So many nodes make a chain whose functions are compared.
    const LONG: usize = 24;
    let (long, count) = (std::cell::Cell::new(0), cases(2000));
    let (tokens, plain_tokens) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    hunt(count, expressions(8), E::simpler, |e| {
        let Built { mut g, node: Some((node, _)), .. } = build(e) else { return Ok(()) };
        for x in variables(e) {
            let id = symbol(&g, x);
            let mut whole = node;
            for _ in 0..3 {
                whole = g.substitute(node, id, whole);
            }
            let size = g.topological(whole).len();
            if size > 400 {
                continue;
            }
            let (mut d, mut s) = (Differentiator::default(), Simplifier::default());
            let Ok(slope) = d.simplified(&mut s, &mut g, whole, id) else { continue };
            // Parts that are taken for simple without a look must be: the whole is no longer than the other way.
            let mut plain_s = Simplifier::default();
            let tokens_of_slope = plain_s.cost(&mut g, slope) as u64;
            let Ok(plain) = Differentiator::default().derivative(&mut g, whole, id) else { continue };
            let plain = plain_s.simplify(&mut g, plain);
            let plain_tokens_of_slope = plain_s.cost(&mut g, plain) as u64;
            let (written, slope) = (Evaluator::of(&mut g, whole), Evaluator::of(&mut g, slope));
            // Doubles run out of digits near 0.
            let tiny = |point: &Point| match written.at(point) {
                Value::Real(value) => value.value.abs() < 1e-60,
                Value::Undefined(_) | Value::Unknown => false,
            };
            if generic_points().iter().any(tiny) {
                continue;
            }
            if size >= LONG {
                long.set(long.get() + 1);
                tokens.set(tokens.get() + tokens_of_slope);
                plain_tokens.set(plain_tokens.get() + plain_tokens_of_slope);
            }
            compare_derivative(&written, None, &slope, &[(x, 1)])
                .map_err(|e| format!("d/d{} of {}: {e}", NAMES[x], written.text()))?;
        }
        Ok(())
    });
    assert!(long.get() * 8 > count, "{} of {count} are long", long.get());
    let (tokens, plain_tokens) = (tokens.get(), plain_tokens.get());
    assert!(tokens <= plain_tokens, "{tokens} tokens where {plain_tokens} do");
}

#[test]
fn second_derivatives_agree_with_automatic_ones() {
    hunt(cases(1000), expressions(15), E::simpler, |e| {
        let Built { written, mut g, node: Some((node, _)), strict } = build(e) else { return Ok(()) };
        let (mut d, mut s) = (Differentiator::default(), Simplifier::default());
        for x in variables(e) {
            let id = symbol(&g, x);
            let Ok(first) = d.derivative(&mut g, node, id) else { continue };
            let first = s.simplify(&mut g, first);
            for y in variables(e) {
                let id = symbol(&g, y);
                let Ok(second) = d.derivative(&mut g, first, id) else { continue };
                let second = s.simplify(&mut g, second);
                let second = Evaluator::of(&mut g, second);
                let orders = if x == y { vec![(x, 2)] } else { vec![(x, 1), (y, 1)] };
                compare_derivative(&written, strict.as_ref(), &second, &orders)
                    .map_err(|e| format!("d2/d{}d{}: {e}", NAMES[x], NAMES[y]))?;
            }
        }
        Ok(())
    });
}

#[test]
fn domains_say_where_there_is_a_value() {
    let points = some_points();
    hunt(cases(2000), expressions(20), E::simpler, |e| {
        let mut built = build(e);
        let Some((node, domain)) = built.node else {
            return match points.iter().find(|p| matches!(built.written.at(p), Value::Real(_))) {
                Some(point) if !e.has_general_power() => {
                    Err(format!("is said to be defined nowhere, but is at {}", show(point)))
                }
                _ => Ok(()),
            };
        };
        let condition = Evaluator::of(&mut built.g, domain);
        for point in &points {
            match (condition.truth(point), built.written.at(point)) {
                (Some(true), Value::Undefined(why)) if !e.has_general_power() => {
                    return Err(format!("{} holds at {}, but {why}", condition.text(), show(point)));
                }
                (Some(false), Value::Real(value)) if value.certain && !e.has_general_power() => {
                    let (text, at) = (condition.text(), show(point));
                    return Err(format!("{text} does not hold at {at}, but the value is {}", value.value));
                }
                _ => {}
            }
        }
        if e.has_general_power() {
            return Ok(());
        }
        let simple = Simplifier::default().simplify(&mut built.g, node);
        let shown = lost_conditions(&mut built.g, domain, simple);
        let shown: Vec<Evaluator> = shown.iter().map(|c| Evaluator::of(&mut built.g, *c)).collect();
        // exp(x*log(x)) is x^x, which the graph takes to say x > 0, and the engine to be (-2)^(-2) at -2 all the same.
        let powers = built.g.topological(simple);
        let general = powers.iter().any(|n| built.g.as_call(*n).is_some_and(|(f, _)| f == known().pow));
        let strict = general.then(|| {
            let condition = agnesi_calculus::domain(&mut built.g, simple);
            Evaluator::of(&mut built.g, condition)
        });
        let simple = Evaluator::of(&mut built.g, simple);
        for point in &points {
            if matches!(built.written.at(point), Value::Undefined(_))
                && strict.as_ref().is_none_or(|domain| domain.truth(point) == Some(true))
                && matches!(simple.at(point), Value::Real(_))
                && shown.iter().all(|c| c.truth(point) == Some(true))
            {
                let conditions: Vec<&str> = shown.iter().map(Evaluator::text).collect();
                let (text, at) = (simple.text(), show(point));
                return Err(format!("{text} has a value at {at}, and only {conditions:?} is shown"));
            }
        }
        Ok(())
    });
}

#[test]
fn bounds_hold() {
    let points = some_points();
    hunt(cases(2000), expressions(20), E::simpler, |e| {
        let Built { mut g, node: Some((node, _)), .. } = build(e) else { return Ok(()) };
        let bounds = g.bounds(node);
        let value = Evaluator::of(&mut g, node);
        for point in &points {
            let Value::Real(found) = value.at(point) else { continue };
            let v = found.value;
            let room = found.error + 1e-15 * v.abs();
            let wrong = bounds.low.as_ref().is_some_and(|(low, _)| v < low.to_f64() - room)
                || bounds.high.as_ref().is_some_and(|(high, _)| v > high.to_f64() + room)
                || (found.enclosure.as_ref().is_some_and(|e| e.is_exactly_zero()) && bounds.is_nonzero())
                || (found.certain && v.is_finite() && bounds.integer && v.fract() != 0.0);
            if wrong {
                return Err(format!("{} is {v} at {}, outside {bounds:?}", value.text(), show(point)));
            }
        }
        Ok(())
    });
}

#[test]
fn conditions_keep_their_truth() {
    let points = some_points();
    hunt(cases(2000), conditions(16), C::simpler, |c| {
        let (tree, root) = c.plant();
        let mut built = build_tree(&tree, root, c.has_general_power());
        let Some((node, _)) = built.node else { return Ok(()) };
        let simple = Simplifier::default().simplify(&mut built.g, node);
        for (what, node) in [("normal form", node), ("simplified", simple)] {
            let found = Evaluator::of(&mut built.g, node);
            for point in &points {
                if built.strict.as_ref().is_some_and(|domain| domain.truth(point) != Some(true)) {
                    continue;
                }
                if let (Some(a), Some(b)) = (built.written.truth(point), found.truth(point))
                    && a != b
                {
                    return Err(format!("{what}: {} is {b} at {}, not {a}", found.text(), show(point)));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn substituting_is_evaluating_there() {
    let points = some_points();
    hunt(cases(1000), expressions(20), E::simpler, |e| {
        for (name, with) in [
            ("x", E::Name("y")),
            ("x", E::Number("0")),
            ("y", E::Neg(Box::new(E::Name("x")))),
            ("x", E::Call("exp", vec![E::Name("y")])),
        ] {
            if !e.contains(name) {
                continue;
            }
            let Built { mut g, node: Some((node, _)), .. } = build(e) else { return Ok(()) };
            let mut after = build(&e.substitute(name, &with));
            if after.node.is_none() {
                continue;
            }
            let (tree, root) = with.plant();
            let with = g.build(&tree, root, &[]).expect("a value");
            let id = g.find_symbol(name).expect("declared");
            let made = g.substitute(node, id, with);
            std::mem::swap(&mut after.g, &mut g);
            after.keeps_value(&format!("{name} replaced"), made, &points)?;
        }
        Ok(())
    });
}

#[test]
fn printed_nodes_read_back_as_themselves() {
    hunt(cases(2000), expressions(30), E::simpler, |e| {
        let Built { mut g, node: Some((node, _)), .. } = build(e) else { return Ok(()) };
        for decimals in [false, true] {
            let (tree, root) = g.raise(node, Style { decimals });
            let text = print::text(&tree, root);
            let parsed = parse_expression(&text, &TableNames);
            if parsed.has_errors() {
                return Err(format!("{text} cannot be read"));
            }
            let settled = match settle(&parsed.tree, parsed.root, &Scope::new()) {
                Ok(settled) => settled,
                Err(diagnostics) => return Err(format!("{text}: {}", diagnostics[0].message)),
            };
            let again = match g.build(&settled.tree, settled.root, &[]) {
                Ok(again) => again,
                Err(diagnostic) => return Err(format!("{text}: {}", diagnostic.message)),
            };
            if again != node {
                return Err(format!("{text} is read as {}", text_of(&mut g, again)));
            }
        }
        Ok(())
    });
}
