//! Derivatives of expressions as written, against verified cases and conventions.

use agnesi_graph::{Scope, TableNames, settle};
use agnesi_syntax::parse_expression;
use smol_str::SmolStr;

use super::*;

fn program(text: &str, inputs: &[&str]) -> Program {
    let parsed = parse_expression(text, &TableNames);
    assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
    let settled = settle(&parsed.tree, parsed.root, &Scope::new())
        .unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let inputs: Vec<SmolStr> = inputs.iter().copied().map(SmolStr::new).collect();
    Program::new(&settled.tree, settled.root, &inputs, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn nth(text: &str, x: f64, order: usize) -> Result<f64, NoDerivative> {
    Ok(partial(&program(text, &["x"]), &[x], &[(0, order)])?[0].value)
}

fn close(text: &str, x: f64, order: usize, expected: f64) {
    let value = nth(text, x, order).unwrap_or(f64::NAN);
    assert!((value - expected).abs() <= 1e-14 * expected.abs(), "{text}: {value} {expected}");
}

fn fraction(text: &str) -> f64 {
    let (top, bottom) = text.split_once('/').unwrap_or((text, "1"));
    let (top, bottom): (f64, f64) = (top.parse().unwrap_or(f64::NAN), bottom.parse().unwrap_or(f64::NAN));
    top / bottom
}

#[test]
fn verified_cases() {
    let rows = include_str!("../../../../tests/cases/scalar_derivatives.tsv");
    let mut checked = 0;
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let program = program(cells[1], &[cells[2]]);
        for point in cells[4..16].chunks(4) {
            let x = fraction(point[0]);
            let series = match taylor(&program, &[x], &[1.0], 3) {
                Ok(outputs) => outputs[0].clone(),
                Err(error) => panic!("{row}: {error}"),
            };
            for (order, text) in point[1..].iter().enumerate() {
                let expected: f64 = text.parse().unwrap_or(f64::NAN);
                let factorial = [1.0, 1.0, 2.0, 6.0];
                let (value, error) =
                    (series[order].value * factorial[order], series[order].error * factorial[order]);
                // The point of the table is a fraction, ours the nearest double.
                let next = series[order + 1].value * factorial[order + 1];
                let moved = next.abs() * x.abs() * f64::EPSILON;
                let digits = if order == 2 { 1e-15 } else { 1e-16 } * expected.abs();
                let off = (value - expected).abs();
                assert!(
                    off <= error + moved + digits,
                    "{} at {x}, order {order}: {value} {expected} {error}",
                    cells[0]
                );
                let small = 1e-12 * expected.abs();
                assert!(
                    off <= small.max(moved * 4.0),
                    "{} at {x}, order {order}: {value} {expected}",
                    cells[0]
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 83 * 9, "{checked}");
}

#[test]
fn high_orders() {
    assert_eq!(nth("x^5", 2.0, 5), Ok(120.0));
    assert_eq!(nth("x^5", 2.0, 6), Ok(0.0));
    close("exp(2x)", 0.0, 20, 1_048_576.0);
    close("1/(1 + x^2)", 0.0, 10, -3_628_800.0);
    // The imaginary part of (1 + i)^60 is 2^30 sin(15 pi) = 0.
    let sixtieth = partial(&program("sin(x)*exp(x)", &["x"]), &[0.0], &[(0, 60)]).unwrap_or_default()[0];
    assert!(sixtieth.value.abs() <= sixtieth.error && sixtieth.error < 1e6, "{sixtieth:?}");
    let gudermann = nth("atan(sinh(x))", 0.0, 5).unwrap_or(f64::NAN);
    assert!((gudermann - 5.0).abs() < 1e-12, "{gudermann}");
}

#[test]
fn several_variables() {
    let f = program("x^2*y^3 + sin(x*y)", &["x", "y"]);
    let at = [0.5, 1.5];
    let (x, y): (f64, f64) = (0.5, 1.5);
    let mixed = partial(&f, &at, &[(0, 1), (1, 1)]).unwrap_or_default()[0].value;
    let expected = 6.0 * x * y * y + (x * y).cos() - x * y * (x * y).sin();
    assert!((mixed - expected).abs() < 1e-13, "{mixed} {expected}");
    let third = partial(&f, &at, &[(0, 2), (1, 1)]).unwrap_or_default()[0].value;
    let expected = 6.0 * y * y - 2.0 * y * (x * y).sin() - x * y * y * (x * y).cos();
    assert!((third - expected).abs() < 1e-13, "{third} {expected}");
    let gradient = gradient(&f, &at).unwrap_or_default();
    assert!((gradient[0].value - (2.0 * x * y.powi(3) + y * (x * y).cos())).abs() < 1e-13);
    let hessian = hessian(&f, &at).unwrap_or_default();
    assert_eq!(hessian[0][1], hessian[1][0]);
    assert!((hessian[1][1].value - (6.0 * x * x * y - x * x * (x * y).sin())).abs() < 1e-13);
    let rows = jacobian(&program("[2*x*y, x^2*y]", &["x", "y"]), &[2.0, 3.0]).unwrap_or_default();
    let values: Vec<f64> = rows.iter().flatten().map(|entry| entry.value).collect();
    assert_eq!(values, [6.0, 4.0, 12.0, 4.0]);
}

#[test]
fn bounds_hold_where_rounding_spans_jumps_and_turns() {
    let x = 6173.0 / 1024.0;
    // Of sinh(10x), about 8e25, the double is off by far more than a turn of the sine.
    let slope = partial(&program("cos(sinh(10*x))", &["x"]), &[x], &[(0, 1)]).unwrap_or_default()[0];
    let expected = -3.416663447210086e26;
    assert!((slope.value - expected).abs() <= slope.error, "{slope:?}");
    // erfc(exp(x)) is positive, and its double is 0.
    let slope = partial(&program("x*sign(erfc(exp(x)))", &["x"]), &[x], &[(0, 1)]).unwrap_or_default()[0];
    assert!((slope.value - 1.0).abs() <= slope.error, "{slope:?}");
    // Of 1e15*x/3 it is off by less than a turn, and the step by which the slope is felt spans two.
    let product = partial(&program("y*sin(1e15*x/3)", &["x", "y"]), &[1.0, 1.0], &[(1, 1)]);
    let found = product.unwrap_or_default()[0];
    // sin(10^15/3)
    let expected = 0.33722233774190196;
    assert!((found.value - expected).abs() <= found.error && found.error < 1.5, "{found:?}");
}

#[test]
fn conventions_and_branches() {
    assert_eq!(nth("abs(x)", 0.0, 1), Ok(0.0));
    assert_eq!(nth("relu(x)", 0.0, 1), Ok(0.0));
    assert_eq!(nth("abs(x)^3", 0.0, 1), Ok(0.0));
    assert_eq!(nth("abs(x)^3", 0.0, 2), Ok(0.0));
    assert_eq!(nth("if x > 0 then sqrt(x) else 0", -1.0, 1), Ok(0.0));
    close("sqrt(max(0, x^2 - 1))", 2.0, 1, 2.0 / 3f64.sqrt());
    assert_eq!(nth("if x == 0 then 0 else x", 0.0, 1), Ok(1.0));
    close("(x^5)^(1/3)", -1.0, 1, 5.0 / 3.0);
    close("log(x^2)", -1.0, 1, -2.0);
    assert_eq!(nth("x^0", 0.0, 1), Ok(0.0));
    assert_eq!(nth("(x - 1)^3", 1.0, 3), Ok(6.0));
    assert_eq!(nth("x^(5/2)", 0.0, 2), Ok(0.0));
    let general = partial(&program("x^n", &["x", "n"]), &[0.0, 2.0], &[(0, 1)]);
    assert_eq!(general.map(|all| all[0].value), Ok(0.0));
    close("x^x", 2.0, 1, 4.0 * (1.0 + 2f64.ln()));
}

#[test]
fn what_is_undefined_is_said() {
    let message = |text: &str, x: f64, order: usize| match nth(text, x, order) {
        Ok(value) => panic!("{text}: {value}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(message("sqrt(x)", 0.0, 1), "sqrt has no derivative at 0");
    assert_eq!(message("x^(5/2)", 0.0, 3), "^ has no derivative at 0, 2.5");
    assert!(matches!(nth("sin(x)/x", 0.0, 1), Err(NoDerivative::Value(_))));
    assert!(matches!(nth("log(x)", -1.0, 1), Err(NoDerivative::Value(_))));
    assert!(matches!(nth("if x == 0 then 5 else x", 0.0, 1), Err(NoDerivative::Jump { .. })));
    let quotient = message("if x == 0 then 1 else sin(x)/x", 0.0, 1);
    assert_eq!(quotient, "the quotient has the form 0/0 or a pole here, pushed through as written");
    assert!(matches!(
        nth("log(1 + exp(x))", 800.0, 1),
        Err(NoDerivative::Failed(_) | NoDerivative::Value(_))
    ));
}

#[test]
fn derivatives_inside() {
    let inside = |text: &str| {
        let mut scope = Scope::new();
        assert!(scope.read("f(x) = x^3*sin(x)").is_ok());
        let parsed = parse_expression(text, &scope);
        let settled = settle(&parsed.tree, parsed.root, &scope).unwrap_or_else(|errors| panic!("{errors:?}"));
        Program::new(&settled.tree, settled.root, &["x".into()], &[])
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let x = 0.7f64;
    let first = |x: f64| 3.0 * x * x * x.sin() + x.powi(3) * x.cos();
    let second = |x: f64| 6.0 * x * x.sin() + 6.0 * x * x * x.cos() - x.powi(3) * x.sin();
    let value = inside("f'(x)").values(&[x], &()).unwrap_or_default()[0];
    assert!((value - first(x)).abs() < 1e-15, "{value}");
    let chain = partial(&inside("f'(x^2)"), &[x], &[(0, 1)]).unwrap_or_default()[0].value;
    assert!((chain - second(x * x) * 2.0 * x).abs() < 1e-14, "{chain}");
    let nested = inside("d/dx (x*f'(x))").values(&[x], &()).unwrap_or_default()[0];
    assert!((nested - (first(x) + x * second(x))).abs() < 1e-14, "{nested}");
}

#[test]
fn every_row_has_the_derivatives_of_its_kernel() {
    // First derivatives against the kernel's differences, inside the domain.
    for function in agnesi_functions::table() {
        if function.args.len() != 1 || function.partial(0).is_err() {
            continue;
        }
        for x in [0.3, 0.7, 1.4, -0.6, 2.6] {
            let f = program(&format!("{}(x)", function.name), &["x"]);
            let Ok(value) = partial(&f, &[x], &[(0, 1)]) else { continue };
            let h = 1e-5;
            let (Ok(right), Ok(left)) = (f.value(&[x + h], &()), f.value(&[x - h], &())) else { continue };
            let slope: f64 = (right - left) / (2.0 * h);
            let (value, scale) = (value[0].value, 1.0f64.max(slope.abs()));
            assert!((value - slope).abs() < 1e-6 * scale, "{} at {x}: {value} {slope}", function.name);
        }
    }
}
