//! Values of reductions, branches and indices; what is wrong with an input.

use agnesi_graph::{Facts, Rational, Reduction};

use super::*;
use crate::tensors::{automatic, bind};

#[test]
fn reductions_take_the_last_axes() {
    let mut w = World::new();
    let (n, m) = (w.size("n", 2), w.size("m", 3));
    let a = w.tensor("A", &[n, m], &[1.0, 5.0, 5.0, -2.0, 0.0, -7.0]);
    let mut of = |how, axes| {
        let node = w.g.reduce(how, a, axes);
        w.entries(node)
    };
    assert_eq!(of(Reduction::Max, 1), [5.0, 0.0]);
    assert_eq!(of(Reduction::Min, 1), [1.0, -7.0]);
    assert_eq!(of(Reduction::Product, 1), [25.0, 0.0]);
    assert_eq!(of(Reduction::ArgMax, 1), [2.0, 2.0]);
    assert_eq!(of(Reduction::Max, 2), [5.0]);
    assert_eq!(of(Reduction::Product, 2), [0.0]);
    near(
        &of(Reduction::LogSumExp, 1),
        &[(1f64.exp() + 2.0 * 5f64.exp()).ln(), ((-2f64).exp() + 1.0 + (-7f64).exp()).ln()],
        1e-14,
    );
}

#[test]
fn logsumexp_is_stable() {
    let mut w = World::new();
    let n = w.size("n", 2);
    for (entries, wanted) in [
        ([1000.0, 1000.0], 1000.0 + 2f64.ln()),
        ([-1000.0, -1001.0], -1000.0 + (-1f64).exp().ln_1p()),
        ([f64::NEG_INFINITY, f64::NEG_INFINITY], f64::NEG_INFINITY),
        ([f64::NEG_INFINITY, 3.0], 3.0),
        ([f64::INFINITY, 3.0], f64::INFINITY),
    ] {
        let mut here = World { g: agnesi_graph::Graph::new(), values: Vec::new() };
        let size = here.size("n", 2);
        let x = here.tensor("x", &[size], &entries);
        let node = here.g.reduce(Reduction::LogSumExp, x, 1);
        near(&here.entries(node), &[wanted], 1e-15);
        if wanted.is_finite() {
            let slope = automatic(&here.g, node, &here.values, here.symbol(x)).expect("smooth");
            assert!((slope.data().iter().sum::<f64>() - 1.0).abs() < 1e-12, "{slope:?}");
        }
    }
    let x = w.tensor("x", &[n], &[f64::NAN, 1.0]);
    let node = w.g.reduce(Reduction::Max, x, 1);
    assert!(w.entries(node)[0].is_nan());
}

#[test]
fn the_branch_not_taken_leaves_nothing() {
    let mut w = World::new();
    let n = w.size("n", 3);
    let x = w.tensor("x", &[n], &[-1.0, 0.0, 4.0]);
    let condition = w.g.positive(x);
    let shape = w.g.shape(x).clone();
    let zeros = w.g.zeros(shape);
    let root = w.g.elementwise_power(x, Rational::HALF);
    let node = w.g.select(condition, root, zeros);
    assert_eq!(w.entries(node), [0.0, 0.0, 2.0]);
    let slope = automatic(&w.g, node, &w.values, w.symbol(x)).expect("smooth");
    assert_eq!(slope.data(), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25]);
}

#[test]
fn what_goes_wrong_in_a_branch_not_taken_is_no_error() {
    let mut w = World::new();
    let n = w.size("n", 2);
    let a = w.tensor("A", &[n, n], &[1.0, 2.0, 2.0, 4.0]);
    let t = w.tensor("t", &[], &[1.0]);
    let inverse = w.g.linear(agnesi_graph::Linear::Inverse, a);
    let condition = w.g.positive(t);
    let taken = w.g.select(condition, a, inverse);
    let fails = w.g.select(condition, inverse, a);
    assert_eq!(w.entries(taken), [1.0, 2.0, 2.0, 4.0]);
    let error = w.value(fails).expect_err("singular");
    assert_eq!(
        error.to_string(),
        "inv needs a matrix that has an inverse; column 2 of this 2 by 2 matrix depends on those before it"
    );
}

#[test]
fn conditions_are_entries_of_their_own() {
    let mut w = World::new();
    let n = w.size("n", 3);
    let x = w.tensor("x", &[n], &[-1.0, 0.0, 4.0]);
    let (p, z) = (w.g.positive(x), w.g.is_zero_condition(x));
    assert_eq!(w.entries(p), [0.0, 0.0, 1.0]);
    assert_eq!(w.entries(z), [0.0, 1.0, 0.0]);
    let either = w.g.or(&[p, z]);
    assert_eq!(w.entries(either), [0.0, 1.0, 1.0]);
    let neither = w.g.not(either);
    assert_eq!(w.entries(neither), [1.0, 0.0, 0.0]);
}

#[test]
fn indices_pick_and_scatter() {
    let mut w = World::new();
    let (n, k) = (w.size("n", 3), w.size("k", 2));
    let numbers = w.g.iota(n);
    assert_eq!(w.entries(numbers), [1.0, 2.0, 3.0]);
    let a = w.tensor("A", &[n, k], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let p = w.tensor("p", &[k], &[3.0, 1.0]);
    let picked = w.g.pick(a, 0, p);
    assert_eq!(w.entries(picked), [5.0, 6.0, 1.0, 2.0]);
    let hot = w.g.one_hot(p, n);
    assert_eq!(w.entries(hot), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    // Rows of a matrix added up at their places.
    let x = w.tensor("x", &[k], &[10.0, 20.0]);
    let scattered = w.g.matmul(x, hot);
    assert_eq!(w.entries(scattered), [20.0, 0.0, 10.0]);
    let slope = automatic(&w.g, picked, &w.values, w.symbol(a)).expect("linear");
    assert_eq!(slope.shape(), [2, 2, 3, 2]);
    assert_eq!(slope.at(&[0, 1, 2, 1]), Some(1.0));
    assert_eq!(slope.data().iter().sum::<f64>(), 4.0);
}

#[test]
fn an_index_outside_its_axis_is_said_with_the_axis() {
    let mut w = World::new();
    let n = w.size("n", 3);
    let x = w.tensor("x", &[n], &[1.0, 2.0, 3.0]);
    for (index, wanted) in [
        (4.0, "the index 4 is outside 1 to 3"),
        (0.0, "the index 0 is outside 1 to 3"),
        (1.5, "the index 1.5 is no whole number from 1 to 3"),
    ] {
        let name = format!("i{}", w.values.len());
        let i = w.tensor(&name, &[], &[index]);
        let node = w.g.pick(x, 0, i);
        assert_eq!(w.value(node).expect_err("outside").to_string(), wanted);
    }
}

#[test]
fn an_index_outside_in_a_branch_that_is_not_taken_does_no_harm() {
    let mut w = World::new();
    let n = w.size("n", 3);
    let x = w.tensor("x", &[n], &[1.0, 2.0, 3.0]);
    let i = w.g.iota(n);
    let one = w.g.one();
    let ones = w.g.broadcast(one, &[n].into_iter().collect());
    let before = w.g.sub(i, ones);
    let shifted = w.g.pick(x, 0, before);
    assert_eq!(w.value(shifted).expect_err("outside").to_string(), "the index 0 is outside 1 to 3");
    let zero = w.g.zeros([n].into_iter().collect());
    let first = w.g.is_zero_condition(before);
    let node = w.g.select(first, zero, shifted);
    assert_eq!(w.entries(node), [0.0, 1.0, 2.0]);
    let slope = automatic(&w.g, node, &w.values, w.symbol(x)).expect("linear");
    assert_eq!(slope.data(), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn sizes_follow_from_tensors() {
    let mut g = agnesi_graph::Graph::new();
    let n = g.symbol("n");
    let x = g.declare("x", Facts::REAL, [n].into_iter().collect());
    let y = g.declare("y", Facts::REAL, [n].into_iter().collect());
    let (xs, ys) = (g.as_symbol(x).expect("a symbol"), g.as_symbol(y).expect("a symbol"));
    let vector = |data: &[f64]| Tensor::new(vec![data.len()], data.to_vec()).expect("as many");
    let dot = g.matmul(x, y);
    let values = interpret(&g, &[dot, n], &[(xs, vector(&[1.0, 2.0])), (ys, vector(&[3.0, 4.0]))]);
    let values = values.expect("they fit");
    assert_eq!((values[0].as_scalar(), values[1].as_scalar()), (Some(11.0), Some(2.0)));
    let clash = bind(&g, &[(xs, vector(&[1.0, 2.0])), (ys, vector(&[3.0]))]).expect_err("a conflict");
    assert_eq!(clash.to_string(), "n is 2 by x, but 1 by y");
    let size = (g.as_symbol(n).expect("a symbol"), Tensor::scalar(4.0));
    let clash = bind(&g, &[size, (ys, vector(&[3.0]))]).expect_err("a conflict");
    assert_eq!(clash.to_string(), "n is 4, but 1 by y");
    let missing = interpret(&g, &[dot], &[(xs, vector(&[1.0]))]).expect_err("unbound");
    assert_eq!(missing.to_string(), "y has no value");
    let flat = interpret(&g, &[x], &[(xs, Tensor::scalar(1.0))]).expect_err("a shape");
    assert!(matches!(flat, InterpretError::Shape { .. }), "{flat}");
}

#[test]
fn powers_are_products_and_roots() {
    let mut w = World::new();
    let n = w.size("n", 3);
    let x = w.tensor("x", &[n], &[-2.0, 0.5, 3.0]);
    let cube = w.g.elementwise_power(x, Rational::from(3));
    assert_eq!(w.entries(cube), [-8.0, 0.125, 27.0]);
    let back = w.g.elementwise_power(x, Rational::MINUS_ONE);
    assert_eq!(w.entries(back), [-0.5, 2.0, 1.0 / 3.0]);
    let third = w.g.elementwise_power(x, Rational::new(1, 3).expect("not 0"));
    near(&w.entries(third), &[-(2f64.cbrt()), 0.5f64.cbrt(), 3f64.cbrt()], 1e-15);
}
