//! Range, meaning, laws and examples: two sides that must agree.

use super::approx::{Approx, Gap, Scope};
use super::formula::Formula;
use super::{Bench, Column, points};
use crate::{Law, Meaning};

/// What comparing two values says.
enum Verdict {
    Agree,
    Differ,
    /// The errors are too large to tell.
    Open,
}

fn compare(a: Approx, b: Approx) -> Verdict {
    let error = 2.0 * (a.error + b.error) + 1e-320;
    let difference = (a.value - b.value).abs();
    let scale = a.value.abs().max(b.value.abs());
    if a.value == b.value && a.value.is_infinite() || !error.is_finite() {
        return Verdict::Open;
    }
    if difference > error {
        return Verdict::Differ;
    }
    if error <= 1e-6 * scale || error <= 1e-12 { Verdict::Agree } else { Verdict::Open }
}

/// The value lies in the range.
pub(super) fn range(bench: &mut Bench, scope: &Scope, places: &[Vec<f64>]) {
    let text = bench.function.range;
    let Some(condition) = bench.read_in_args(Column::Range, text, &["y"]) else { return };
    // A row may have an argument `y` of its own; the value then has no name.
    let own = bench.function.args.contains(&"y");
    if own && text != "true" && condition.free_names().iter().any(|name| name == "x") {
        bench.fault(Column::Range, text, &[], "it is a condition on the value alone, called y".into());
        return;
    }
    for place in places {
        let Ok(value) = scope.call(place) else { continue };
        if scope.holds(&condition, &[("y", value)]) == Ok(false) {
            let message = format!("the value there is {:?}", value.value);
            bench.fault(Column::Range, text, &bench.at(place), message);
        }
    }
}

/// The meaning equals the kernel.
pub(super) fn meaning(bench: &mut Bench, scope: &Scope, places: &[Vec<f64>], meaning: Option<&Formula>) {
    let (Some(formula), Meaning::Is(text)) = (meaning, bench.function.meaning) else { return };
    if bench.read_in_args(Column::Meaning, text, &[]).is_none() {
        return;
    }
    let integral = text.contains("integral(");
    let (mut decided, mut tried) = (0, 0);
    for place in places {
        // Quadrature is slow, and no use far out.
        if integral && (tried >= 40 || place.iter().any(|x| x.abs() > 30.0)) {
            continue;
        }
        tried += 1;
        let Ok(value) = scope.call(place) else { continue };
        match scope.eval(formula, &bench.env(place)) {
            Ok(meant) => match compare(value, meant) {
                Verdict::Agree => decided += 1,
                Verdict::Differ => {
                    let message = format!("it gives {:?} there, the kernel {:?}", meant.value, value.value);
                    bench.fault(Column::Meaning, text, &bench.at(place), message);
                }
                Verdict::Open => {}
            },
            Err(Gap::Undefined) => {
                let message = format!("it is undefined there, the kernel gives {:?}", value.value);
                bench.fault(Column::Meaning, text, &bench.at(place), message);
            }
            Err(Gap::Undecided) => {}
            Err(Gap::Unsupported) => {
                bench.fault(Column::Meaning, text, &[], "it cannot be evaluated".into());
                return;
            }
        }
    }
    if decided < 3 {
        bench.fault(
            Column::Meaning,
            text,
            &[],
            format!("only {decided} places could decide whether it holds"),
        );
    }
}

/// Both sides of every law agree where the left one is defined and the guard holds.
pub(super) fn laws(bench: &mut Bench, scope: &Scope) {
    for text in bench.function.laws {
        let Some(law) = Law::split(text) else {
            bench.fault(Column::Laws, text, &[], "it has neither ` = ` nor ` => `".into());
            continue;
        };
        let (Some(left), Some(right)) =
            (bench.read(Column::Laws, law.left), bench.read(Column::Laws, law.right))
        else {
            continue;
        };
        let guard = match law.guard {
            Some(guard) => match bench.read(Column::Laws, guard) {
                Some(guard) => Some(guard),
                None => continue,
            },
            None => None,
        };
        let names = left.free_names();
        let stranger = right.free_names().into_iter().chain(guard.iter().flat_map(Formula::free_names));
        if let Some(name) = stranger.into_iter().find(|name| !names.contains(name)) {
            bench.fault(Column::Laws, text, &[], format!("`{name}` is not on its left side"));
            continue;
        }
        one_law(bench, scope, text, &left, &right, guard.as_ref(), &names);
    }
}

fn one_law(
    bench: &mut Bench,
    scope: &Scope,
    text: &str,
    left: &Formula,
    right: &Formula,
    guard: Option<&Formula>,
    names: &[String],
) {
    let mut decided = 0;
    for place in points::space(names.len()) {
        // Further out, an addition moves arguments by more than a period.
        if place.iter().any(|x| x.abs() > 1e12) {
            continue;
        }
        let env: Vec<(&str, Approx)> =
            names.iter().map(String::as_str).zip(place.iter().map(|&x| Approx::exact(x))).collect();
        let at: Vec<(&str, f64)> = env.iter().map(|&(name, value)| (name, value.value)).collect();
        if let Some(guard) = guard
            && scope.holds(guard, &env) != Ok(true)
        {
            continue;
        }
        let a = match scope.eval(left, &env) {
            Ok(a) if a.value.is_finite() => a,
            Err(Gap::Unsupported) => {
                bench.fault(Column::Laws, text, &[], "its left side cannot be evaluated".into());
                return;
            }
            _ => continue,
        };
        match scope.eval(right, &env) {
            Ok(b) => match compare(a, b) {
                Verdict::Agree => decided += 1,
                Verdict::Differ => {
                    let message =
                        format!("its left side is {:?} there, its right side {:?}", a.value, b.value);
                    bench.fault(Column::Laws, text, &at, message);
                    return;
                }
                Verdict::Open => {}
            },
            Err(Gap::Undefined) if a.error.is_finite() => {
                let message = format!("its left side is {:?} there, its right side undefined", a.value);
                bench.fault(Column::Laws, text, &at, message);
                return;
            }
            Err(Gap::Undefined | Gap::Undecided) => {}
            Err(Gap::Unsupported) => {
                bench.fault(Column::Laws, text, &[], "its right side cannot be evaluated".into());
                return;
            }
        }
    }
    let enough = if names.is_empty() { 1 } else { 3 };
    if decided < enough {
        bench.fault(Column::Laws, text, &[], format!("only {decided} places could decide whether it holds"));
    }
}

/// Every example holds: `=` exactly or to the error bound, `~` to half a unit of its last digit.
pub(super) fn examples(bench: &mut Bench, scope: &Scope) {
    if bench.function.examples.is_empty() {
        bench.fault(Column::Examples, "", &[], "there are none".into());
    }
    for text in bench.function.examples {
        let (sides, about) = match (text.split_once(" ~ "), text.split_once(" = ")) {
            (Some(sides), _) => (sides, true),
            (None, Some(sides)) => (sides, false),
            (None, None) => {
                bench.fault(Column::Examples, text, &[], "it has neither ` = ` nor ` ~ `".into());
                continue;
            }
        };
        let (Some(left), Some(right)) =
            (bench.read(Column::Examples, sides.0), bench.read(Column::Examples, sides.1))
        else {
            continue;
        };
        let (left, right) = (scope.eval(&left, &[]), scope.eval(&right, &[]));
        let (Ok(left), Ok(mut right)) = (left, right) else {
            bench.fault(Column::Examples, text, &[], "it cannot be evaluated".into());
            continue;
        };
        if about {
            right.error += half_of_last_digit(sides.1, right.value);
        }
        let error = left.error + right.error;
        let agrees = (left.value - right.value).abs() <= error;
        if !agrees {
            let message =
                format!("the value is {:?}, {:e} away", left.value, (left.value - right.value).abs());
            bench.fault(Column::Examples, text, &[], message);
        }
    }
}

/// Half a unit of the last digit of a decimal number as written, `-1.25e-7`.
fn half_of_last_digit(text: &str, value: f64) -> f64 {
    let (digits, exponent) = text.trim().split_once(['e', 'E']).unwrap_or((text.trim(), "0"));
    let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len()) as f64;
    match exponent.parse::<f64>() {
        Ok(exponent) => 0.5 * crate::kernels::elementary::pow(10.0, exponent - places),
        Err(_) => 0.0 * value,
    }
}
