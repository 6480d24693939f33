use agnesi_functions::find;
use agnesi_graph::{Facts, Graph, NodeId};

use super::{LowerError, lower};
use crate::ir::{Program, Step};
use crate::tensors::Random;

/// The program of one node of one number.
fn of_number(make: impl Fn(&mut Graph, NodeId) -> NodeId) -> Program {
    let mut graph = Graph::new();
    let x = graph.symbol("x");
    let node = make(&mut graph, x);
    let symbol = graph.as_symbol(x).expect("a symbol");
    lower(&graph, &[("x".into(), symbol)], &[], &[("y".into(), node)]).expect("it lowers")
}

fn value(program: &Program, x: f64) -> f64 {
    program.run(&[&[x]]).expect("it runs")[0][0]
}

/// How far two numbers are apart in units in the last place of the second.
fn ulps(found: f64, wanted: f64) -> f64 {
    if found == wanted || found.is_nan() && wanted.is_nan() {
        return 0.0;
    }
    let unit = wanted.abs().next_up() - wanted.abs();
    ((found - wanted) / unit).abs()
}

#[test]
fn functions_by_others_are_near_their_own_kernels() {
    let mut random = Random::new(3);
    for name in ["tan", "cot", "sec", "csc", "sech", "cosh"] {
        let f = find(name).expect("a row");
        let program = of_number(|g, x| g.call(f, &[x]));
        let mut worst: (f64, f64) = (0.0, 0.0);
        for i in 0..20_000 {
            let wide = if i % 4 == 0 { 700.0 } else { 5.0 };
            let x = random.between(-wide, wide);
            let wanted = f.row().kernel.call(&[x]).expect("one argument");
            let apart = ulps(value(&program, x), wanted);
            if wanted.is_normal() && apart > worst.0 {
                worst = (apart, x);
            }
        }
        assert!(worst.0 <= 4.0, "{name} is {} units off at {}", worst.0, worst.1);
    }
    let cosh = of_number(|g, x| g.call(find("cosh").expect("a row"), &[x]));
    assert!(value(&cosh, 710.0).is_finite(), "the value is");
    assert_eq!(value(&cosh, 711.0), f64::INFINITY);
}

#[test]
fn logarithms_beside_one_neither_overflow_nor_lose() {
    let [log, exp] = ["log", "exp"].map(|name| find(name).expect("a row"));
    let program = of_number(|g, x| {
        let e = g.call(exp, &[x]);
        let one = g.one();
        let sum = g.add(one, e);
        g.call(log, &[sum])
    });
    assert_eq!(value(&program, 800.0), 800.0);
    assert!(value(&program, -40.0) > 0.0);
}

#[test]
fn a_slice_is_a_view_and_a_sum_is_one_loop() {
    let mut graph = Graph::new();
    let n = graph.integer(5);
    let x = graph.declare("x", Facts::REAL, [n].into_iter().collect());
    let four = graph.integer(4);
    let two = graph.integer(2);
    let range = graph.range(two, four);
    let slice = graph.pick(x, 0, range);
    let sum = graph.sum_all(slice);
    let symbol = graph.as_symbol(x).expect("a symbol");
    let program = lower(&graph, &[("x".into(), symbol)], &[], &[("y".into(), sum)]).expect("it lowers");
    assert_eq!(program.run(&[&[1.0, 2.0, 4.0, 8.0, 16.0]]).expect("it runs")[0], [30.0]);
    let [Step::Nest(nest)] = &program.steps[..] else { panic!("one nest, not\n{program}") };
    assert_eq!(nest.reads[0].offset, 1, "{program}");
    assert!(nest.reads[0].picks.is_empty(), "{program}");
}

#[test]
fn what_has_no_program_says_why() {
    let mut graph = Graph::new();
    let n = graph.symbol("n");
    let x = graph.declare("x", Facts::REAL, [n].into_iter().collect());
    let symbol = graph.as_symbol(x).expect("a symbol");
    let size = graph.as_symbol(n).expect("a symbol");
    let lowered = |sizes: &[_]| lower(&graph, &[("x".into(), symbol)], sizes, &[("y".into(), x)]);
    assert_eq!(lowered(&[]), Err(LowerError::Unbound("n".into())));
    assert_eq!(lowered(&[(size, 1 << 50)]), Err(LowerError::Size((1u64 << 50) as f64)));
}
