//! `function!` as the facade has it, against formulas that are called by a session.
#![cfg(feature = "macro")]

use agnesi::{Session, function};

function! { bowl(x: vector(4), c) = sum(i in 1..3, (x[i+1] - sin(x[i]))^2) + c*norm2(x)^2 }

#[test]
fn the_macro_and_a_session_agree() {
    let session = Session::new();
    let formula = "sum(i in 1..3, (x[i+1] - sin(x[i]))^2) + c*norm2(x)^2";
    let f = session.compile(formula, &["x: vector(4)", "c"]).expect("a function");
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
    let x = [0.3, -1.2, 0.8, 2.5];
    let point = [x[0], x[1], x[2], x[3], 0.7];
    let (value, gradient) = f.value_and_gradient(&point).expect("a gradient");
    assert!(near(bowl(&x, 0.7), value));
    assert!(bowl::gradient(&x, 0.7).iter().zip(&gradient).all(|(a, b)| near(*a, *b)));
    let hessian = f.hessian(&point).expect("a Hessian");
    assert!(bowl::hessian(&x, 0.7).as_flattened().iter().zip(&hessian).all(|(a, b)| near(*a, *b)));
}
