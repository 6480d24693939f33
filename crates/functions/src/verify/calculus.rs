//! Derivative, antiderivative, shape and kinks: what differences of the kernel say.

use agnesi_syntax::{Binary, Kind, Relation, TreeId};

use super::approx::{Approx, Gap, Scope};
use super::formula::Formula;
use super::slope::{Side, Slope, slope};
use super::{Bench, Column, points};
use crate::{Antiderivative, Derivative, Shape};

/// The kernel along one argument.
fn along<'a>(scope: &'a Scope, place: &'a [f64], index: usize) -> impl Fn(f64) -> Result<Approx, Gap> + 'a {
    move |x| {
        let mut place = place.to_vec();
        place[index] = x;
        scope.call(&place)
    }
}

/// Whether a slope agrees with a formula's value.
fn agrees(found: Slope, claimed: Approx) -> bool {
    let slack = 10.0 * found.error + 2.0 * claimed.error + 1e-9 * found.value.abs();
    (found.value - claimed.value).abs() <= slack
}

/// How large a slope is unremarkable where the function has this value.
fn scale(value: Approx, x: f64) -> f64 {
    value.value.abs() / x.abs().max(1.0)
}

/// Places where differences cannot tell: so far out that neighbouring doubles lie further apart than the function
/// bends, or, in a row with kinks, so close to one that every step crosses it.
fn out_of_reach(place: &[f64], kinked: bool) -> bool {
    let (near, far) = if kinked { (1e-5, 1e3) } else { (0.0, 1e10) };
    place.iter().any(|x| x.abs() > far || x.abs() < near && *x != 0.0)
}

/// The kinks' conditions.
fn conditions(bench: &mut Bench) -> Vec<Formula> {
    bench.function.kinks.iter().filter_map(|kink| bench.read_in_args(Column::Kinks, kink.at, &[])).collect()
}

/// Every partial derivative against differences of the kernel, and one-sided ones against each other.
pub(super) fn derivative(bench: &mut Bench, scope: &Scope, places: &[Vec<f64>]) {
    let arity = bench.function.args.len();
    let entries = match bench.function.derivative {
        Derivative::Is(texts) => texts.len(),
        Derivative::Partly(entries) => entries.len(),
        Derivative::None { .. } => arity,
    };
    if entries != arity {
        let message = format!("there are {entries} for {arity} arguments");
        bench.fault(Column::Derivative, "", &[], message);
        return;
    }
    let kinks = conditions(bench);
    for index in 0..arity {
        let Ok(text) = bench.function.partial(index) else { continue };
        let Some(formula) = bench.read_in_args(Column::Derivative, text, &[]) else { continue };
        let mut decided = 0;
        for place in places {
            let env = bench.env(place);
            let claimed = scope.eval(&formula, &env);
            if claimed.is_err_and(|gap| gap == Gap::Unsupported) {
                bench.fault(Column::Derivative, text, &[], "it cannot be evaluated".into());
                break;
            }
            let Ok(value) = scope.call(place) else { continue };
            let kernel = along(scope, place, index);
            if out_of_reach(place, !kinks.is_empty()) {
                continue;
            }
            if kinks.iter().any(|kink| scope.holds(kink, &env) != Ok(false)) {
                // Which value is taken at a kink is a convention; that there is one is not.
                if matches!(claimed, Err(Gap::Undefined)) && scope.holds(&kinks[0], &env) == Ok(true) {
                    let message = "it has no value there, and a kink needs one by convention".into();
                    bench.fault(Column::Derivative, text, &bench.at(place), message);
                }
                continue;
            }
            let x = place[index];
            let Some(found) = slope(&kernel, x, Side::Both).filter(|found| found.is_sharp(scale(value, x)))
            else {
                continue;
            };
            match claimed {
                Ok(claimed) if !claimed.error.is_finite() => {}
                Ok(claimed) if agrees(found, claimed) => {
                    if claimed.error <= 1e-6 * claimed.value.abs() + 1e-12 {
                        decided += 1;
                    }
                }
                Ok(claimed) => {
                    // A difference across a kink that no one has declared says nothing about the formula.
                    let kinked = hidden_kink(&kernel, x, value);
                    let message = match kinked {
                        Some((left, right)) => format!(
                            "the slope jumps there from {left:?} to {right:?}, which no kink declares"
                        ),
                        None => {
                            format!("it is {:?} there, differences give {:?}", claimed.value, found.value)
                        }
                    };
                    let column = if kinked.is_some() { Column::Kinks } else { Column::Derivative };
                    bench.fault(column, text, &bench.at(place), message);
                }
                Err(Gap::Undefined) => {
                    let message = format!("it has no value there, differences give {:?}", found.value);
                    bench.fault(Column::Derivative, text, &bench.at(place), message);
                }
                Err(_) => {}
            }
            if x.abs() <= 10.0
                && x == (2.0 * x).round() / 2.0
                && let Some((left, right)) = hidden_kink(&kernel, x, value)
            {
                let message =
                    format!("the slope jumps there from {left:?} to {right:?}, which no kink declares");
                bench.fault(Column::Kinks, text, &bench.at(place), message);
            }
        }
        if decided < 3 {
            bench.fault(
                Column::Derivative,
                text,
                &[],
                format!("only {decided} places could decide whether it holds"),
            );
        }
    }
}

/// Slopes from the left and from the right that differ beyond their errors.
fn hidden_kink(kernel: &dyn Fn(f64) -> Result<Approx, Gap>, x: f64, value: Approx) -> Option<(f64, f64)> {
    let scale = scale(value, x);
    let left = slope(kernel, x, Side::Left).filter(|found| found.is_sharp(scale))?;
    let right = slope(kernel, x, Side::Right).filter(|found| found.is_sharp(scale))?;
    let slack = 10.0 * (left.error + right.error) + 1e-4 * (left.value.abs() + right.value.abs());
    ((left.value - right.value).abs() > slack).then_some((left.value, right.value))
}

/// The antiderivative's differences against the kernel.
pub(super) fn antiderivative(bench: &mut Bench, scope: &Scope, places: &[Vec<f64>]) {
    let Antiderivative::Is(text) = bench.function.antiderivative else { return };
    let Some(formula) = bench.read_in_args(Column::Antiderivative, text, &[]) else { return };
    let kinks = conditions(bench);
    let mut decided = 0;
    for place in places {
        let env = bench.env(place);
        // A formula's own rounding is larger than a kernel's: the middle ground has to do.
        let middle = place[0] == 0.0 || (1e-12..1e5).contains(&place[0].abs());
        if out_of_reach(place, !kinks.is_empty()) || !middle {
            continue;
        }
        if kinks.iter().any(|kink| scope.holds(kink, &env) != Ok(false)) {
            continue;
        }
        let Ok(value) = scope.call(place) else { continue };
        let primitive = |x: f64| {
            let mut place = place.to_vec();
            place[0] = x;
            scope.eval(&formula, &bench.env(&place))
        };
        let at = primitive(place[0]);
        if at.is_err_and(|gap| gap == Gap::Unsupported) {
            bench.fault(Column::Antiderivative, text, &[], "it cannot be evaluated".into());
            return;
        }
        let Some(found) = slope(&primitive, place[0], Side::Both) else { continue };
        if !value.value.is_finite() || !found.is_sharp(value.value.abs()) {
            continue;
        }
        if agrees(found, value) {
            decided += 1;
        } else {
            let message = format!("its slope is {:?} there, the function {:?}", found.value, value.value);
            bench.fault(Column::Antiderivative, text, &bench.at(place), message);
        }
    }
    if decided < 3 {
        bench.fault(
            Column::Antiderivative,
            text,
            &[],
            format!("only {decided} places could decide whether it holds"),
        );
    }
}

/// Growth in the first argument: between neighbouring places, and by slopes where the domain has gaps.
pub(super) fn shape(bench: &mut Bench, scope: &Scope, places: &[Vec<f64>]) {
    let claimed = bench.function.shape;
    let domain = bench.function.domain;
    let Some(condition) = bench.read_in_args(Column::Domain, domain, &[]) else { return };
    let gaps = has_gaps(&condition, bench.function.args[0]);
    let mut witness = Witness::default();
    for place in places {
        let Ok(value) = scope.call(place) else { continue };
        let kernel = along(scope, place, 0);
        if let Some(found) = slope(&kernel, place[0], Side::Both)
            && found.is_sharp(scale(value, place[0]))
            && found.value.abs() > 10.0 * found.error + 1e-12 * scale(value, place[0])
        {
            witness.see(found.value, place, place[0]);
        }
        if gaps {
            continue;
        }
        for next in points::line() {
            let Ok(other) = kernel(next) else { continue };
            let (rise, run) = (other.value - value.value, next - place[0]);
            if rise.is_finite() && rise.abs() > 4.0 * (other.error + value.error) && run != 0.0 {
                // Their quotient may underflow.
                witness.see(rise.signum() * run.signum(), place, next);
            }
        }
    }
    let message = |(place, next): &(Vec<f64>, f64), what: &str| {
        if *next == place[0] {
            format!("it {what} there")
        } else {
            format!("it {what} from there to {next:?}")
        }
    };
    match (claimed, &witness.rise, &witness.fall) {
        (Shape::Increasing, _, Some(found)) => {
            bench.fault(Column::Shape, "increasing", &bench.at(&found.0), message(found, "falls"));
        }
        (Shape::Decreasing, Some(found), _) => {
            bench.fault(Column::Shape, "decreasing", &bench.at(&found.0), message(found, "rises"));
        }
        (Shape::NotMonotone, Some(_), None) => {
            bench.fault(Column::Shape, "not monotone", &[], "it was nowhere seen to fall".into());
        }
        (Shape::NotMonotone, None, Some(_)) => {
            bench.fault(Column::Shape, "not monotone", &[], "it was nowhere seen to rise".into());
        }
        _ => {}
    }
}

/// Whether a condition may hold on both sides of a place where it does not, as a variable grows: where the variable
/// stands in an inequation or an alternative.
fn has_gaps(condition: &Formula, variable: &str) -> bool {
    let tree = &condition.tree;
    // Children stand before their parents.
    let mut mentions = vec![false; tree.len()];
    let mut gaps = false;
    for id in (0..tree.len() as u32).map(TreeId) {
        let children: Vec<TreeId> = match tree.kind(id) {
            Kind::Prefix(_, x) => vec![*x],
            Kind::Binary(_, a, b) => vec![*a, *b],
            Kind::Compare { operands, .. } => tree.ids(*operands).to_vec(),
            Kind::Call { args, .. } => tree.ids(*args).to_vec(),
            _ => Vec::new(),
        };
        let found =
            condition.name(id) == Some(variable) || children.iter().any(|child| mentions[child.0 as usize]);
        mentions[id.0 as usize] = found;
        gaps |= found
            && match tree.kind(id) {
                Kind::Binary(Binary::Or, ..) => true,
                Kind::Compare { relations, .. } => relations.contains(&Relation::NotEqual),
                _ => false,
            };
    }
    gaps
}

/// A place and another first argument, between which the function rises, and such that it falls.
#[derive(Default)]
struct Witness {
    rise: Option<(Vec<f64>, f64)>,
    fall: Option<(Vec<f64>, f64)>,
}

impl Witness {
    fn see(&mut self, slope: f64, place: &[f64], next: f64) {
        let slot = if slope > 0.0 { &mut self.rise } else { &mut self.fall };
        slot.get_or_insert_with(|| (place.to_vec(), next));
    }
}

/// Every declared kink is one: the function jumps there if and only if it is said to, and else its slope does.
pub(super) fn kinks(bench: &mut Bench, scope: &Scope) {
    let Some(domain) = bench.read_in_args(Column::Domain, bench.function.domain, &[]) else { return };
    for kink in bench.function.kinks {
        let Some(condition) = bench.read_in_args(Column::Kinks, kink.at, &[]) else { continue };
        let mut seen = 0;
        for mut place in
            points::space(bench.function.args.len()).into_iter().chain(diagonals(bench.function.args.len()))
        {
            // Random places seldom lie on a kink of several arguments.
            if place.iter().any(|x| x.abs() > 100.0 || x.abs() < 1e-3 && *x != 0.0) {
                continue;
            }
            for x in &mut place {
                *x = (4.0 * *x).round() / 4.0;
            }
            let env = bench.env(&place);
            if scope.holds(&condition, &env) != Ok(true) || scope.holds(&domain, &env) != Ok(true) {
                continue;
            }
            let kernel = along(scope, &place, 0);
            const NEAR: f64 = 1e-7;
            let sides = (kernel(place[0] - NEAR), kernel(place[0]), kernel(place[0] + NEAR));
            let (Ok(left), Ok(middle), Ok(right)) = sides else { continue };
            let gap = |a: Approx, b: Approx| (a.value - b.value).abs() > 1e-4 * (1.0 + middle.value.abs());
            let jumps = gap(left, middle) || gap(middle, right);
            if jumps != kink.jump {
                let message =
                    if jumps { "the function jumps there" } else { "the function does not jump there" };
                bench.fault(Column::Kinks, kink.at, &bench.at(&place), message.into());
                break;
            }
            if jumps {
                seen += 1;
            } else {
                // Where bounds coincide the two slopes may: such a place is no witness.
                let left = slope(&kernel, place[0], Side::Left);
                let right = slope(&kernel, place[0], Side::Right);
                if let (Some(left), Some(right)) = (left, right)
                    && (left.value - right.value).abs() > 10.0 * (left.error + right.error)
                {
                    seen += 1;
                }
            }
        }
        if seen == 0 {
            bench.fault(
                Column::Kinks,
                kink.at,
                &[],
                "no place was found where the slope or the function jumps".into(),
            );
        }
    }
}

/// Places where arguments are equal, or 0 together.
fn diagonals(dimensions: usize) -> Vec<Vec<f64>> {
    let mut places = Vec::new();
    for x in [-2.0, -0.5, 0.0, 1.0, 3.0] {
        places.push(vec![x; dimensions]);
        for i in 1..dimensions {
            for other in [-4.0, -1.0, 0.25, 2.0, 5.0] {
                let mut place = vec![x; dimensions];
                place[i] = other;
                places.push(place);
            }
        }
    }
    places
}
