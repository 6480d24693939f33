//! The objectives of ADBench in notation, against values and derivatives that NumPy and JAX gave in double precision.

use std::path::PathBuf;

use agnesi::{Function, Session};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// A function with its data, and the case it was made of.
fn load(name: &str) -> (Function, Value) {
    let text =
        std::fs::read_to_string(root().join(format!("tests/cases/adbench/{name}.json"))).expect("a case");
    let case: Value = serde_json::from_str(&text).expect("JSON");
    let notation =
        std::fs::read_to_string(root().join(format!("benches/adbench/{name}.agn"))).expect("notation");
    let mut session = Session::new();
    session.define(&notation).unwrap_or_else(|error| panic!("{name}: {error}"));
    let names = |field: &str| -> Vec<String> {
        case[field]
            .as_array()
            .expect("a list")
            .iter()
            .map(|x| x.as_str().expect("a name").to_owned())
            .collect()
    };
    let (arguments, given) = (names("arguments"), names("given"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let formula = case["formula"].as_str().expect("a formula");
    let mut f = session.compile_given(formula, &arguments, &given).unwrap_or_else(|e| panic!("{name}: {e}"));
    for (name, data) in case["data"].as_object().expect("data") {
        f.give(name, &numbers(data)).expect("data that fit");
    }
    (f, case)
}

/// Ten digits, of each number where it is not small beside the largest.
#[track_caller]
fn ten_digits(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    for (at, (x, y)) in found.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= 1e-10 * y.abs().max(1e-3 * scale), "entry {at}: {x} is not {y}");
    }
}

#[test]
fn values_and_derivatives_agree_to_ten_digits() {
    for name in ["gmm", "ba", "lstm", "hand"] {
        let (f, case) = load(name);
        let point = numbers(&case["point"]);
        ten_digits(&f.values(&point).expect("values"), &numbers(&case["value"]));
        let derivative = match f.shape() {
            [] => f.gradient(&point).expect("a gradient"),
            _ => f.jacobian(&point).expect("a Jacobian"),
        };
        ten_digits(&derivative, &numbers(&case["derivative"]));
    }
}

#[test]
fn fast_mixtures_agree_to_ten_digits() {
    let mut session = Session::new();
    let notation = std::fs::read_to_string(root().join("benches/adbench/gmm.agn")).expect("notation");
    session.define(&notation).expect("definitions");
    let arguments = ["alpha: vector(5)", "mu: matrix(5, 4)", "q: matrix(5, 4)", "l: matrix(5, 6)"];
    let given = ["x: matrix(500, 4)", "gamma: real", "m: integer"];
    let mut f = session.compile_given("objective", &arguments, &given).expect("a function");
    let wave =
        |count: usize, step: f64| -> Vec<f64> { (0..count).map(|i| (step * i as f64).sin()).collect() };
    f.give("x", &wave(2000, 0.7)).and_then(|()| f.give("gamma", &[1.0])).expect("data");
    f.give("m", &[0.0]).expect("data");
    let point = wave(f.point_len(), 1.3);
    let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
    let fast = f.clone().fast();
    assert!(fast.program(true).expect("a program").regrouped);
    let (fast_value, fast_gradient) = fast.value_and_gradient(&point).expect("a gradient");
    ten_digits(&[fast_value], &[value]);
    ten_digits(&fast_gradient, &gradient);
    // A clone is as fast.
    assert_eq!(fast.clone().value_and_gradient(&point).expect("a gradient"), (fast_value, fast_gradient));
}

#[test]
fn a_batch_of_observations_has_a_jacobian_for_each() {
    let (f, case) = load("ba");
    let point = numbers(&case["point"]);
    let rows = 300;
    // Every observation sees its own point.
    let camera = point[..11].repeat(rows);
    let points: Vec<f64> = (0..3 * rows).map(|i| point[11 + i % 3] + 0.01 * (i as f64).sin()).collect();
    let weight = point[14..].repeat(rows);
    let mut values = vec![0.0; 2 * rows];
    let mut by: Vec<Vec<f64>> = [11, 3, 1].iter().map(|n| vec![0.0; rows * 2 * n]).collect();
    let mut rooms: Vec<&mut [f64]> = by.iter_mut().map(|room| &mut room[..]).collect();
    f.batch_with_jacobian(&[&camera, &points, &weight], &mut values, &mut rooms).expect("a batch");
    for row in [0, 1, 255, 299] {
        let one: Vec<f64> =
            point[..11].iter().chain(&points[3 * row..][..3]).chain(&point[14..]).copied().collect();
        ten_digits(&values[2 * row..][..2], &f.values(&one).expect("values"));
        let jacobian = f.jacobian(&one).expect("a Jacobian");
        for entry in 0..2 {
            let mut line = Vec::new();
            for (part, n) in by.iter().zip([11, 3, 1]) {
                line.extend_from_slice(&part[(2 * row + entry) * n..][..n]);
            }
            ten_digits(&line, &jacobian[15 * entry..][..15]);
        }
    }
}

#[test]
fn sizes_of_arguments_agree() {
    let mut session = Session::new();
    session.define("x: vector(n); y: vector(n)").expect("declarations");
    let error = session.compile("dot(x, y)", &["x: vector(2)", "y: vector(3)"]).expect_err("two sizes");
    assert_eq!(error.to_string(), "`n` is 2 in `x` and 3 in `y` (they were declared with the same size)");
    let f = session.compile("n*dot(x, y)", &["x: vector(2)", "y: vector(2)"]).expect("one size");
    assert_eq!(f.value(&[1.0, 2.0, 3.0, 4.0]).expect("a value"), 22.0);
}
