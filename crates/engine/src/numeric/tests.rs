//! The error estimate holds: against verified cases, and against automatic differentiation where these have none.

use agnesi_graph::{Scope, TableNames, settle};
use agnesi_syntax::parse_expression;
use smol_str::SmolStr;

use super::*;
use crate::jets;

fn program(text: &str, inputs: &[&str]) -> Program {
    let parsed = parse_expression(text, &TableNames);
    assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
    let settled = settle(&parsed.tree, parsed.root, &Scope::new())
        .unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let inputs: Vec<SmolStr> = inputs.iter().copied().map(SmolStr::new).collect();
    Program::new(&settled.tree, settled.root, &inputs, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn numeric(program: &Program, at: &[f64], orders: &[(usize, usize)]) -> Option<Numeric> {
    partial(program, 0, at, orders).ok().flatten()
}

fn fraction(text: &str) -> f64 {
    let (top, bottom) = text.split_once('/').unwrap_or((text, "1"));
    let (top, bottom): (f64, f64) = (top.parse().unwrap_or(f64::NAN), bottom.parse().unwrap_or(f64::NAN));
    top / bottom
}

/// The worst relative error estimates of the middle case, by order, may not be above these.
fn check_median(mut errors: Vec<f64>, most: f64) {
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    assert!(median <= most, "median of the error estimates {median:e}");
}

#[test]
fn holds_in_all_verified_cases() {
    let rows = include_str!("../../../../tests/cases/scalar_derivatives.tsv");
    let mut estimates: [Vec<f64>; 4] = Default::default();
    let mut faults = Vec::new();
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let program = program(cells[1], &[cells[2]]);
        for point in cells[4..16].chunks(4) {
            let x = fraction(point[0]);
            for order in 1..=4 {
                // The cases give two orders, at a fraction beside our point; automatic differentiation, which is held
                // against them in its own tests, gives all four.
                let Ok(exact) = jets::partial(&program, &[x], &[(0, order)]) else {
                    panic!("{row}");
                };
                let exact = exact[0];
                let Some(found) = numeric(&program, &[x], &[(0, order)]) else {
                    faults.push(format!("{} at {x}, order {order}: nothing found", cells[0]));
                    continue;
                };
                let off = (found.value - exact.value).abs();
                if off > found.error + exact.error {
                    faults.push(format!("{} at {x}, order {order}: {found:?} {exact:?} {off:e}", cells[0]));
                }
                estimates[order - 1].push(found.error / exact.value.abs().max(1e-3));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    for (errors, most) in estimates.into_iter().zip([1e-11, 1e-8, 1e-6, 1e-4]) {
        check_median(errors, most);
    }
}

#[test]
fn holds_in_hard_places() {
    let places: &[(&str, &[f64])] = &[
        ("log(x)", &[1e-8, 1e-3, 1e8, 1e300]),
        ("sqrt(x)", &[1e-12, 1e-4, 1e12]),
        ("1/x", &[1e-9, -1e-3, 1e9]),
        ("sin(x)", &[1e6, 1e10, 0.0, 1e-9]),
        ("sin(1/x)", &[0.001, 0.02, -0.3]),
        ("sin(1000x)", &[0.1, 1.0, 20.0]),
        ("sin(16*pi*x)", &[0.0, 0.125, 0.5]),
        ("exp(x)", &[-700.0, 0.0, 300.0]),
        ("exp(-1000*x^2)", &[0.0, 0.05, 2.0]),
        ("tanh(50x)", &[0.0, 0.01, 1.0, 20.0]),
        ("1/(x^2 + 1/1000000)", &[0.0, 0.001, 0.5]),
        ("tan(x)", &[1.5, 1.57, 1.0]),
        ("asin(x)", &[0.999, 0.9999999, -0.5]),
        ("x^(1/3)", &[1e-6, -1e-3, 8.0]),
        ("abs(x - 1)", &[1.001, 0.5, 0.999999]),
        ("(1 - cos(x))/x^2", &[1e-3, 0.1, 1.0]),
        ("x^10 - 10*x^9", &[2.0, 10.0, 1.0]),
        ("gamma(x)", &[0.1, 5.5, 20.0, -2.5]),
        ("floor(x) + x^2", &[1.5, 2.25]),
        ("log(1 + exp(x))", &[-30.0, 0.0, 100.0]),
        ("1 - exp(-x)*exp(x) + x", &[1.0, 30.0]),
        ("x - (x + 1000000)", &[0.3, 5.0]),
        ("erf(x)", &[0.0, 2.0, 5.0]),
    ];
    let mut faults = Vec::new();
    for (text, points) in places {
        let program = program(text, &["x"]);
        for &x in *points {
            for order in 1..=3 {
                let Ok(exact) = jets::partial(&program, &[x], &[(0, order)]) else { panic!("{text} at {x}") };
                let exact = exact[0];
                let Some(found) = numeric(&program, &[x], &[(0, order)]) else {
                    faults.push(format!("{text} at {x}, order {order}: nothing found"));
                    continue;
                };
                let off = (found.value - exact.value).abs();
                if off > found.error + exact.error {
                    faults.push(format!("{text} at {x}, order {order}: {found:?} {exact:?} {off:e}"));
                }
                if order == 1 && found.error > 1e-4 * exact.value.abs() + 1e-6 {
                    faults.push(format!("{text} at {x}, order {order}: of no use, {found:?} {exact:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn mixed_partial_derivatives() {
    let f = program("x^2*y^3 + sin(x*y) + exp(x - y)", &["x", "y"]);
    for at in [[0.5, 1.5], [-2.0, 0.25], [10.0, 3.0]] {
        for orders in [[(0, 1), (1, 1)], [(0, 2), (1, 1)], [(0, 2), (1, 2)], [(0, 0), (1, 2)]] {
            let exact = jets::partial(&f, &at, &orders).unwrap_or_else(|error| panic!("{error}"))[0];
            let found = numeric(&f, &at, &orders).unwrap_or_else(|| panic!("{orders:?}"));
            let off = (found.value - exact.value).abs();
            assert!(off <= found.error + exact.error, "{at:?} {orders:?} {found:?} {exact:?}");
            assert!(found.error <= 1e-3 * exact.value.abs().max(1.0), "{found:?}");
        }
    }
}

#[test]
fn where_the_domain_ends() {
    let f = program("x^(3/2)", &["x"]);
    let found = numeric(&f, &[0.0], &[(0, 1)]).unwrap_or_else(|| panic!("nothing"));
    assert!(found.one_sided && found.value.abs() <= found.error && found.error < 1e-2, "{found:?}");
    let f = program("exp(x)*sqrt(x)^2", &["x"]);
    let found = numeric(&f, &[0.0], &[(0, 1)]).unwrap_or_else(|| panic!("nothing"));
    assert!((found.value - 1.0).abs() <= found.error && found.error < 1e-6, "{found:?}");
    let f = program("log(x)", &["x"]);
    assert!(partial(&f, 0, &[-1.0], &[(0, 1)]).is_err());
    let f = program("sqrt(x) + sqrt(-x)", &["x"]);
    assert_eq!(partial(&f, 0, &[0.0], &[(0, 1)]), Ok(None));
}

#[test]
fn kinks_are_seen() {
    for (text, left, right) in
        [("abs(x)", -1.0, 1.0), ("max(x, 0)", 0.0, 1.0), ("if x > 0 then x^2 + 3x else sin(x)", 1.0, 3.0)]
    {
        let found = slopes(&program(text, &["x"]), 0, &[0.0], 0);
        assert!(found.differ(), "{text} {found:?}");
        let near =
            |found: Option<Numeric>, value: f64| found.is_some_and(|n| (n.value - value).abs() <= n.error);
        assert!(near(found.left, left) && near(found.right, right), "{text} {found:?}");
    }
    for text in ["x^3", "sin(x)", "x*abs(x)", "exp(x)"] {
        let found = slopes(&program(text, &["x"]), 0, &[0.0], 0);
        assert!(!found.differ(), "{text} {found:?}");
    }
}

#[test]
fn holds_over_the_table() {
    let (mut faults, mut checked) = (Vec::new(), 0);
    for function in agnesi_functions::table() {
        if function.args.len() != 1 {
            continue;
        }
        for (text, factor) in [("x", 1.0), ("x^2 + 1/3", 0.7), ("3x - 1/7", 1.3)] {
            let program = program(&format!("{}({text})", function.name), &["x"]);
            for x in [0.07, 0.31, 0.83, 1.57, 2.9, 7.3, -0.4, -1.7, -5.2] {
                let x = x * factor;
                for order in 1..=2 {
                    let Ok(exact) = jets::partial(&program, &[x], &[(0, order)]) else { continue };
                    let exact = exact[0];
                    let Some(found) = numeric(&program, &[x], &[(0, order)]) else {
                        faults
                            .push(format!("{}({text}) at {x}, order {order}: nothing found", function.name));
                        continue;
                    };
                    checked += 1;
                    let off = (found.value - exact.value).abs();
                    if off > found.error + exact.error {
                        faults.push(format!(
                            "{}({text}) at {x}, order {order}: {found:?} {exact:?}",
                            function.name
                        ));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults of {checked}\n{}", faults.len(), faults.join("\n"));
    assert!(checked > 1000, "{checked}");
}

/// A random formula in x.
fn formula(random: &mut dyn FnMut(usize) -> usize, depth: usize) -> String {
    let functions =
        ["sin", "cos", "exp", "log", "sqrt", "tan", "atan", "tanh", "sigmoid", "abs", "erf", "cbrt"];
    if depth == 0 || random(5) == 0 {
        return match random(4) {
            0 => format!("{}", random(9) + 1),
            1 => format!("{}/{}", random(20) + 1, random(9) + 1),
            _ => "x".to_owned(),
        };
    }
    match random(8) {
        0 => format!("({} + {})", formula(random, depth - 1), formula(random, depth - 1)),
        1 => format!("({} - {})", formula(random, depth - 1), formula(random, depth - 1)),
        2 | 3 => format!("{}*{}", formula(random, depth - 1), formula(random, depth - 1)),
        4 => format!("{}/({})", formula(random, depth - 1), formula(random, depth - 1)),
        5 => format!("({})^{}", formula(random, depth - 1), random(4) + 1),
        _ => format!("{}({})", functions[random(functions.len())], formula(random, depth - 1)),
    }
}

#[test]
fn holds_for_random_formulas() {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut faults, mut checked) = (Vec::new(), 0);
    for _ in 0..2500 {
        let text = formula(&mut random, 4);
        let parsed = parse_expression(&text, &TableNames);
        let Ok(settled) = settle(&parsed.tree, parsed.root, &Scope::new()) else { panic!("{text}") };
        let Ok(program) = Program::new(&settled.tree, settled.root, &["x".into()], &[]) else { continue };
        let x = (random(2001) as f64 - 1000.0) / 317.0;
        for order in 1..=2 {
            let Ok(exact) = jets::partial(&program, &[x], &[(0, order)]) else { continue };
            let exact = exact[0];
            let Some(found) = numeric(&program, &[x], &[(0, order)]) else { continue };
            checked += 1;
            if (found.value - exact.value).abs() > found.error + exact.error {
                faults.push(format!("{text} at {x}, order {order}: {found:?} {exact:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults of {checked}\n{}", faults.len(), faults.join("\n"));
    assert!(checked > 2000, "{checked}");
}
