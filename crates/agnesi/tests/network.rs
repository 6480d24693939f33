//! A network in notation: its loss and gradient in both precisions.

use std::path::PathBuf;

use agnesi::{Function, FunctionError, Real, Session};

/// Rows, their numbers, the two hidden layers and the classes.
fn network([n, d, k, m, c]: [usize; 5]) -> Function {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../benches/training/network.agn");
    let mut session = Session::new();
    session.define(&std::fs::read_to_string(path).expect("notation")).expect("definitions");
    let arguments = [
        format!("W1: matrix({d}, {k})"),
        format!("b1: vector({k})"),
        format!("W2: matrix({k}, {m})"),
        format!("b2: vector({m})"),
        format!("W3: matrix({m}, {c})"),
        format!("b3: vector({c})"),
    ];
    let arguments = arguments.each_ref().map(|declared| &declared[..]);
    let given = [format!("X: matrix({n}, {d})"), format!("T: matrix({n}, {c})")];
    session.compile_given("loss", &arguments, &[&given[0], &given[1]]).expect("a function")
}

/// Data and a point, the same numbers in both precisions.
fn numbers([n, d, _, _, c]: [usize; 5], point: usize) -> [Vec<f32>; 3] {
    let wave = |count: usize, scale: f32| (0..count).map(|i| scale * (i as f32 * 0.7).sin()).collect();
    let t = (0..n * c).map(|i| if i % c == i / c * 7 % c { 1.0 } else { 0.0 }).collect();
    [wave(n * d, 1.0), t, wave(point, 0.3)]
}

fn doubles(list: &[f32]) -> Vec<f64> {
    list.iter().map(|x| f64::from(*x)).collect()
}

fn give<T: Real>(f: &mut Function<T>, x: &[T], t: &[T]) {
    f.give("X", x).expect("data");
    f.give("T", t).expect("data");
}

#[test]
fn single_precision_is_near_doubles() {
    // As one nest each, and by matrix products.
    for sizes in [[3, 4, 3, 2, 3], [32, 40, 30, 20, 10]] {
        let mut double = network(sizes);
        let [x, t, point] = numbers(sizes, double.point_len());
        give(&mut double, &doubles(&x), &doubles(&t));
        let (value, gradient) = double.value_and_gradient(&doubles(&point)).expect("a gradient");
        // Data that were given before are kept.
        let single = double.single();
        let (near, gradient_near) = single.value_and_gradient(&point).expect("a gradient");
        assert!((f64::from(near) - value).abs() < 1e-5 * value, "{near} is not {value}");
        let scale = gradient.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        for (at, (x, y)) in gradient_near.iter().zip(&gradient).enumerate() {
            assert!((f64::from(*x) - y).abs() < 1e-5 * scale, "entry {at}: {x} is not {y}");
        }
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let sizes = [5, 4, 3, 3, 2];
    let mut f = network(sizes);
    let [x, t, point] = numbers(sizes, f.point_len());
    give(&mut f, &doubles(&x), &doubles(&t));
    let point = doubles(&point);
    let gradient = f.gradient(&point).expect("a gradient");
    for at in 0..point.len() {
        let value = |step: f64| {
            let mut moved = point.clone();
            moved[at] += step;
            f.value(&moved).expect("a value")
        };
        let slope = (value(1e-5) - value(-1e-5)) / 2e-5;
        assert!((slope - gradient[at]).abs() < 1e-7, "entry {at}: {} is not {slope}", gradient[at]);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits_in_single_precision() {
    let sizes = [128, 200, 100, 50, 10];
    let mut f = network(sizes).single();
    let [x, t, point] = numbers(sizes, f.point_len());
    give(&mut f, &x, &t);
    let mut all = Vec::new();
    for threads in [1, 2, 3] {
        f.set_threads(threads).expect("threads");
        let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
        all.push((value.to_bits(), gradient.into_iter().map(f32::to_bits).collect::<Vec<_>>()));
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn wrong_lengths_are_said_in_single_precision() {
    let mut f =
        Session::new().compile_given("dot(a, x)", &["x: vector(2)"], &["a: vector(2)"]).expect("a function");
    f.give("a", &[0.1, 2.0]).expect("data");
    let mut f = f.single();
    assert_eq!(f.value(&[1.0, 1.0]).expect("a value"), 0.1f32 + 2.0);
    let length = |result: Result<(), FunctionError>| match result {
        Err(FunctionError::Length { wanted, given, .. }) => (wanted, given),
        other => panic!("{other:?}"),
    };
    assert_eq!(length(f.value(&[1.0]).map(drop)), (2, 1));
    assert_eq!(length(f.give("a", &[1.0; 3])), (2, 3));
    assert_eq!(length(f.gradient_into(&[1.0, 1.0], &mut [0.0; 3]).map(drop)), (2, 3));
}
