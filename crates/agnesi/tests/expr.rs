//! Formulas built in Rust mean what the same operations mean.

use agnesi::{Expr, Session, math};
use proptest::prelude::*;

#[test]
fn written_as_people_write() {
    let (x, y) = (Expr::real("x"), Expr::real("y"));
    let v = Expr::vector("v", 3);
    let a = Expr::matrix("A", 3, 3);
    for (expr, text) in [
        (&x - (&y - 1), "x - (y - 1)"),
        ((&x - &y) - 1, "x - y - 1"),
        (&x / (&y / 2), "x/(y/2)"),
        ((&x + 1) * (&y + 2), "(x + 1)*(y + 2)"),
        (-(&x + 1), "-(x + 1)"),
        (-x.pow(2), "-x^2"),
        ((-&x).pow(2), "(-x)^2"),
        (x.pow(&y).pow(-2), "(x^y)^(-2)"),
        (&x * -2.5, "x*(-2.5)"),
        (1e-7 * &x, "1e-7*x"),
        (math::max(&x, 0) + math::modulo(&y, 3), "max(x, 0) + mod(y, 3)"),
        (v.transpose() * &a * &v, "v'*A*v"),
        (v.entrywise(&v).sum(), "sum(v.*v)"),
        (v.dot(&v) + a.at([1, 2]), "dot(v, v) + A[1, 2]"),
        (Expr::sum_over(1..=2, |i| v.at([&i + 1]) * v.at([i])), "sum(i_1 in 1..2, v[i_1 + 1]*v[i_1])"),
    ] {
        assert_eq!(expr.to_string(), text);
    }
}

#[test]
fn what_is_used_again_is_written_once() {
    let x = Expr::real("x");
    let mut doubled = x.clone();
    for _ in 0..60 {
        doubled = &doubled + &doubled;
    }
    assert!(doubled.to_string().len() < 2000);
    let f = Session::new().compile_expr(&doubled, &[&x]).expect("a function");
    assert_eq!(f.value(&[1.0]).expect("a value"), 2f64.powi(60));
    // A name of the formula is not taken for a definition.
    let t = Expr::real("t_1");
    let mut f = &t + &x;
    for _ in 0..20 {
        f = &f * &f;
    }
    let f = Session::new().compile_expr(&f, &[&x, &t]).expect("a function");
    assert_eq!(f.value(&[0.5, 0.5]).expect("a value"), 1.0);
}

#[test]
fn sums_inside_sums() {
    let a = Expr::matrix("A", 2, 3);
    let f = Expr::sum_over(1..=2, |i| Expr::sum_over(1..=3, |j| &i * &j * a.at([i.clone(), j])));
    let f = Session::new().compile_expr(&f, &[&a]).expect("a function");
    assert_eq!(f.gradient(&[0.0; 6]).expect("a gradient"), [1.0, 2.0, 3.0, 2.0, 4.0, 6.0]);
}

#[test]
fn faults_are_said() {
    let session = Session::new();
    let x = Expr::real("x");
    let mut leaked = None;
    let _ = Expr::sum_over(1..=2, |i| {
        leaked = Some(i.clone());
        i
    });
    let leaked = leaked.expect("an index") + &x;
    let mut deep = x.clone();
    let sum = Expr::sum_over(1..=2, |i| {
        for _ in 0..100_000 {
            deep = math::sin(&deep) + &i;
        }
        deep
    });
    for (formula, message) in [
        (leaked, "an index is used outside of its sum"),
        (&x + f64::NAN, "NaN is no number of a formula"),
        (math::call("sinn", [x.clone()]), "the function `sinn` is not known"),
        (&x + Expr::real("y"), "`y`: it is in the formula, and is no argument"),
        (sum, "nested too deep"),
    ] {
        let error = session.compile_expr(&formula, &[&x]).expect_err("a fault");
        assert!(error.to_string().contains(message), "{error}");
        // It can be shown all the same.
        assert!(!formula.to_string().is_empty());
    }
    for name in ["2x", "x: real; y", ""] {
        let error = session.compile_expr(&x, &[&Expr::real(name)]).expect_err(name);
        assert!(error.to_string().contains("is no name"), "{error}");
    }
    // A long chain is dropped without recursion.
    let mut long = x.clone();
    for _ in 0..1_000_000 {
        long = long + 1;
    }
    drop(long);
}

/// An expression beside its value at x = 0.7, y = -1.3.
fn expression() -> impl Strategy<Value = (Expr, f64)> {
    let leaf = prop_oneof![
        Just((Expr::real("x"), 0.7)),
        Just((Expr::real("y"), -1.3)),
        (-20i32..20).prop_map(|n| (Expr::from(n), f64::from(n))),
        (-8i32..8).prop_map(|n| (Expr::from(f64::from(n) / 8.0), f64::from(n) / 8.0)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        (inner.clone(), inner, 0..9).prop_map(|((a, x), (b, y), operation)| match operation {
            0 => (&a + &b, x + y),
            1 => (&a - &b, x - y),
            2 => (&a * &b, x * y),
            3 => (&a / (b.pow(2) + 1), x / (y * y + 1.0)),
            4 => (-&a, -x),
            5 => (a.pow(2), x * x),
            6 => (math::sin(&a), x.sin()),
            7 => (math::max(&a, &b), x.max(y)),
            _ => (math::tanh(&a) - 1.5 * &b, x.tanh() - 1.5 * y),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_same_value((expr, value) in expression()) {
        let f = Session::new().compile_expr(&expr, &[&Expr::real("x"), &Expr::real("y")]).expect("a function");
        let found = f.value(&[0.7, -1.3]).expect("a value");
        prop_assert!((found - value).abs() <= 1e-6 * value.abs().max(1.0), "{expr}: {found} is not {value}");
    }
}
