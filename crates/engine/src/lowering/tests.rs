use agnesi_functions::find;
use agnesi_graph::{Facts, Graph, NodeId};

use super::{LowerError, lower, unroll, written_out};
use crate::ir::{Program, Step, parse};
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

macro_rules! programs {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../tests/programs/", $name, ".txt")))),*]
    };
}

/// Sums that begin with 0 and with -0, of products, squares and of products with squares between.
const SUMS: &str = "\
t0: 3 2
t1: 3 2
t2: 3 = 0.0
t3: 3 = 0.0
t4: 3 = -0.0
t5: = 0.0
t6: 3
t7: 3
t8: 3
in x t0
in y t1
for 3 2
  %0 = t0[0 + 2*#0 + 1*#1]
  %1 = t1[0 + 2*#0 + 1*#1]
  %2 = mul %0 %1
  %3 = mul %0 %0
  t2[0 + 1*#0] += %2
  t3[0 + 1*#0] += %3
  t4[0 + 1*#0] += %2
end
for 3
  %0 = t2[0 + 1*#0]
  %1 = t3[0 + 1*#0]
  %2 = 0.0
  %3 = sub %0 %2
  %4 = add %3 %1
  %5 = less %0 %1
  %6 = add %0 %0
  t5[0] += %0
  t6[0 + 1*#0] = %4
  t7[0 + 1*#0] = %5
  t8[0 + 1*#0] = %6
end
out products t2
out squares t3
out kept t4
out all t5
out both t6
out compared t7
out twice t8
";

/// Sums of branches under one condition that is the same on every trip, and under others; products that are taken away.
const BRANCHES: &str = "\
t0: 6
t1: 6
t2:
t3: 6
t4: 6
t5: 6
t6: 6
in x t0
in y t1
in c t2
for 6
  %0 = t0[0 + 1*#0]
  %1 = t1[0 + 1*#0]
  %2 = t2[0]
  %3 = 0.0
  %4 = less %3 %2
  %5 = mul %0 %1
  %6 = select %4 %5 %3
  %7 = mul %1 %1
  %8 = select %4 %7 %2
  %9 = add %6 %8
  %10 = select %4 %2 %0
  %11 = add %9 %10
  %12 = less %0 %1
  %13 = select %12 %5 %3
  %14 = add %13 %13
  %15 = mul %0 %2
  %16 = neg %15
  %17 = mul %1 %2
  %18 = sub %16 %17
  %19 = sub %15 %5
  t3[0 + 1*#0] = %11
  t4[0 + 1*#0] = %14
  t5[0 + 1*#0] = %18
  t6[0 + 1*#0] = %19
end
out together t3
out apart t4
out less t5
out product t6
";

#[test]
fn branches_and_signs_keep_their_bits() {
    let program = parse(BRANCHES).expect("a program");
    let mut joined = program.clone();
    super::multiply_add(&mut joined);
    let count = |program: &Program, what: &str| program.to_string().matches(what).count();
    assert_eq!((count(&program, "select"), count(&joined, "select")), (4, 3), "{joined}");
    assert_eq!((count(&program, " mul "), count(&joined, " mul ")), (4, 2), "{joined}");
    assert_eq!((count(&program, " sub "), count(&joined, " sub ")), (2, 1), "{joined}");
    let mut random = Random::new(13);
    for _ in 0..400 {
        let mut entry = || [0.0, -0.0, 1.0, -1.0, 2.0, f64::NAN][random.below(6) as usize];
        let inputs: Vec<Vec<f64>> = [6, 6, 1].map(|n| (0..n).map(|_| entry()).collect()).into();
        let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        let bits = |program: &Program| {
            let values = program.run(&inputs).expect("it runs").concat();
            values.into_iter().map(|x| if x.is_nan() { f64::NAN } else { x }.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(&joined), bits(&program), "{joined}\n{inputs:?}");
    }
}

#[test]
fn what_is_written_out_has_the_same_bits() {
    const PROGRAMS: [(&str, &str); 12] = programs![
        "branches",
        "elementwise",
        "every_scalar",
        "given_back",
        "names",
        "pairs",
        "pick",
        "reductions",
        "repeat",
        "repeat_vectors",
        "rows_in_loops",
        "scatter"
    ];
    let mut random = Random::new(11);
    for (name, text) in PROGRAMS.into_iter().chain([("sums", SUMS)]) {
        let program = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut repeated = program.clone();
        unroll::repeats(&mut repeated);
        let rows = written_out::nests(&repeated);
        let mut long_loops = repeated.clone();
        super::short_loops(&mut long_loops);
        for _ in 0..40 {
            // Of so small whole numbers sums are exact in any order.
            let mut entry = || [0.0, -0.0, -0.0, 1.0, -1.0, 2.0][random.below(6) as usize];
            let inputs: Vec<Vec<f64>> = program
                .inputs
                .iter()
                .map(|(_, id)| (0..program.tensor(*id).len()).map(|_| entry()).collect())
                .collect();
            let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
            let bits = |program: &Program| {
                let values = program.run(&inputs).ok()?;
                Some(
                    values
                        .into_iter()
                        .flatten()
                        .map(|x| if x.is_nan() { f64::NAN } else { x }.to_bits())
                        .collect::<Vec<_>>(),
                )
            };
            let wanted = bits(&program);
            assert_eq!(bits(&repeated), wanted, "{name}, repeats:\n{repeated}\n{inputs:?}");
            assert_eq!(bits(&rows), wanted, "{name}, nests:\n{rows}\n{inputs:?}");
            assert_eq!(bits(&long_loops), wanted, "{name}, short loops:\n{long_loops}\n{inputs:?}");
        }
    }
}

#[test]
fn entries_that_are_zero_have_the_sign_of_the_whole() {
    for start in ["0.0", "-0.0"] {
        // Set once, written twice, and summed.
        let text = format!(
            "t0: 3\nt1: 3 3 = {start}\nt2: 3 = {start}\nin x t0\nfor 3\n  %0 = t0[0 + 1*#0]\n  t1[0 + 4*#0] += %0\n  \
             t1[0 + 1*#0] += %0\nend\nfor 3 2\n  %0 = t0[0 + 1*#0]\n  t2[0 + 1*#0] += %0\nend\nout a t1\nout b t2\n"
        );
        let program = parse(&text).expect("a program");
        let few = super::sparse(&program);
        for x in [[0.0, -0.0, 1.0], [-0.0, 0.0, -0.0]] {
            let whole = program.run(&[&x]).expect("it runs");
            let numbers = few.program.run(&[&x]).expect("it runs").concat();
            let mut sums = std::collections::BTreeMap::new();
            for (entry, number) in few.entries.iter().zip(numbers) {
                sums.entry(*entry).and_modify(|sum| *sum += number).or_insert(number);
            }
            for ((output, entry), sum) in sums {
                assert_eq!(sum.to_bits(), f64::to_bits(whole[output][entry]), "{start}, {x:?}, {entry}");
            }
        }
    }
}
