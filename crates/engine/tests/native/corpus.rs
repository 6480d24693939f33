//! Programs as texts.

use agnesi_engine::ir::parse;
use agnesi_engine::native::{Compiled, NativeError};

use crate::agrees;

/// Texts, and whether their outputs are exact.
const CORPUS: [(&str, bool); 15] = [
    // No loops.
    (
        "t0:\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = 2.0\n  %2 = fma %0 %1 %0\n  %3 = call exp %2\n  t1[0] = %3\nend\nout y t1\n",
        true,
    ),
    // A sum.
    ("t0: 37\nt1: = 0.5\nin x t0\nfor 37\n  %0 = t0[0 + 1*#0]\n  t1[0] += %0\nend\nout y t1\n", false),
    // The gradient of a chain: sums into neighbours.
    (
        "t0: 11\nt1: 11 = 0.0\nin x t0\nfor 10\n  %0 = t0[0 + 1*#0]\n  %1 = t0[1 + 1*#0]\n  %2 = mul %0 %0\n  %3 = sub %1 %2\n  %4 = 200.0\n  %5 = mul %4 %3\n  %6 = mul %5 %0\n  t1[0 + 1*#0] += %6\n  t1[1 + 1*#0] += %5\nend\nout y t1\n",
        false,
    ),
    // The same, long, into the middle of something that is not 0.
    (
        "t0: 202\nt1: 220 = 1.5\nin x t0\nfor 201\n  %0 = t0[0 + 1*#0]\n  %1 = t0[1 + 1*#0]\n  %2 = mul %0 %1\n  t1[5 + 1*#0] += %2\n  t1[8 + 1*#0] += %0\n  t1[6 + 1*#0] += %1\nend\nout y t1\n",
        false,
    ),
    // Maxima and minima with numbers that are none.
    (
        "t0: 33\nt1: = -1.0\nt2: = 1.0\nt3: = 1.0\nin x t0\nfor 33\n  %0 = t0[0 + 1*#0]\n  %1 = call sqrt %0\n  t1[0] max= %0\n  t2[0] min= %1\n  t3[0] *= %0\nend\nout a t1\nout b t2\nout c t3\n",
        false,
    ),
    // Rows of a matrix, backwards and every other one.
    (
        "t0: 6 10\nt1: 6 5\nin x t0\nfor 6 5\n  %0 = t0[59 + -10*#0 + -2*#1]\n  %1 = #0\n  %2 = #1\n  %3 = div %1 %2\n  %4 = add %0 %3\n  t1[0 + 5*#0 + 1*#1] = %4\nend\nout y t1\n",
        true,
    ),
    // A matrix times a vector, either way.
    (
        "t0: 9 13\nt1: 13\nt2: 9\nt3: 9 = 0.0\nt4: 13 = 0.0\nin a t0\nin x t1\nin z t2\nfor 9 13\n  %0 = t0[0 + 13*#0 + 1*#1]\n  %1 = t1[0 + 1*#1]\n  %2 = t2[0 + 1*#0]\n  %3 = mul %0 %1\n  %4 = mul %0 %2\n  t3[0 + 1*#0] += %3\n  t4[0 + 1*#1] += %4\nend\nout u t3\nout v t4\n",
        false,
    ),
    // Conditions.
    (
        "t0: 21\nt1: 21\nt2: 21\nin x t0\nfor 21\n  %0 = t0[0 + 1*#0]\n  %1 = 0.5\n  %2 = less %0 %1\n  %3 = lessequal %1 %0\n  %4 = not %2\n  %5 = and %4 %3\n  %6 = or %2 %5\n  %7 = equal %0 %0\n  %8 = select %5 %0 %1\n  %9 = add %8 %7\n  t1[0 + 1*#0] = %9\n  t2[0 + 1*#0] = %6\nend\nout y t1\nout z t2\n",
        true,
    ),
    // Rows of the table, inline and called.
    (
        "t0: 19\nt1: 19\nin x t0\nfor 19\n  %0 = t0[0 + 1*#0]\n  %1 = call abs %0\n  %2 = call floor %0\n  %3 = call ceil %0\n  %4 = call max %2 %0\n  %5 = call min %3 %1\n  %6 = call relu %0\n  %7 = call tanh %4\n  %8 = call pow %1 %5\n  %9 = call clamp %8 %2 %3\n  %10 = add %7 %9\n  %11 = add %10 %6\n  t1[0 + 1*#0] = %11\nend\nout y t1\n",
        true,
    ),
    // Indices that are computed; the inputs are none, so that this is a fault.
    (
        "t0: 7\nt1: 7\nin x t0\nfor 7\n  %0 = t0[0 + 1*#0]\n  %1 = t0[0 + 1*%0 in 7]\n  t1[0 + 1*#0] = %1\nend\nout y t1\n",
        true,
    ),
    // A gather and a scatter.
    (
        "t0: 8\nt1: 8\nt2: 8 = 0.0\nin x t0\nfor 8\n  %0 = #0\n  %1 = 9.0\n  %2 = sub %1 %0\n  %3 = t0[0 + 1*%2 in 8]\n  t1[0 + 1*#0] = %3\n  t2[0 + 1*%2 in 8] += %3\nend\nout y t1\nout z t2\n",
        true,
    ),
    // A tiny product.
    (
        "t0: 4 5\nt1: 5 3\nt2: 4 3\nin a t0\nin b t1\nproduct t2[0 + 3*#0 + 1*#1] = t0[0 + 5*#0 + 1*#2] * t1[0 + 1*#1 + 3*#2] for 4 3 5\nout c t2\n",
        false,
    ),
    // A recurrence of two states that change places.
    (
        "t0:\nt1:\nt2:\nt3:\nt4:\nt5:\nt6: 6\nin x t0\nin y t1\nrepeat 6 t2\n  state t3 = t0 then t4\n  state t4 = t1 then t5\n  record t6 of 0\n  for\n    %0 = t3[0]\n    %1 = t4[0]\n    %2 = t2[0]\n    %3 = mul %0 %2\n    %4 = sub %3 %1\n    t5[0] = %4\n  end\nend\nout a t3\nout b t6\nout c t4\n",
        true,
    ),
    // A sum in each time of a repetition.
    (
        "t0: 17\nt1: 17\nt2:\nt3: 17\nt4: = 0.0\nt5: 17\nin x t0\nrepeat 5 t2\n  state t3 = t0 then t5\n  for 17\n    %0 = t3[0 + 1*#0]\n    t4[0] += %0\n  end\n  for 17\n    %0 = t3[0 + 1*#0]\n    %1 = t4[0]\n    %2 = 20.0\n    %3 = div %1 %2\n    %4 = sub %0 %3\n    t5[0 + 1*#0] = %4\n  end\nend\nfor 17\n  %0 = t3[0 + 1*#0]\n  t1[0 + 1*#0] = %0\nend\nout y t1\nout z t3\n",
        false,
    ),
    // An input that is an output, twice; loops of no trip.
    (
        "t0: 5\nt1: 0 3\nin x t0\nfor 0 3\n  %0 = t0[0]\n  t1[0 + 3*#0 + 1*#1] = %0\nend\nout y t0\nout z t0\nout w t1\n",
        true,
    ),
];

#[test]
fn texts() {
    for (text, exact) in CORPUS {
        let program = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        program.check().unwrap_or_else(|e| panic!("{e}\n{text}"));
        let mut next = 0u32;
        let inputs: Vec<Vec<f64>> = program
            .inputs
            .iter()
            .map(|(_, id)| {
                let number = |_| {
                    next += 1;
                    f64::from(next * 37 % 101) / 40.0 - 0.7
                };
                (0..program.tensor(*id).len()).map(number).collect()
            })
            .collect();
        agrees(&program, &inputs, &vec![exact; program.outputs.len()]).unwrap_or_else(|e| panic!("{e}"));
    }
}

/// Sums of zeros: into neighbours, in one place, in entries far apart, of rows, beginning as 0 and as -0, and products.
#[test]
fn zeros_have_their_sign() {
    const SUMS: &str = "t0: 9\nt1: 9 = START\nt2: = START\nt3: 18 = START\nt4: 3 = START\nin x t0\nfor 8\n  \
        %0 = t0[0 + 1*#0]\n  t1[0 + 1*#0] += %0\n  t1[1 + 1*#0] += %0\n  t2[0] += %0\n  t3[0 + 2*#0] += %0\nend\n\
        for 3 3\n  %0 = t0[0 + 3*#0 + 1*#1]\n  t4[0 + 1*#0] += %0\nend\nout a t1\nout b t2\nout c t3\nout d t4\n";
    const PRODUCTS: &str = "t0: 9\nt1: 9 9\nt2: 3 3\nt3: 2 2\nin x t0\n\
        product t1[0 + 9*#0 + 1*#1] = t0[0 + 1*#0] * t0[0 + 1*#1] * -1.0 for 9 9 1\n\
        product t2[0 + 3*#0 + 1*#1] = t0[0 + 1*#0 + 3*#2] * t0[0 + 3*#2 + 1*#1] for 3 3 3\n\
        product t3[0 + 2*#0 + 1*#1] = t0[0 + 1*#0] * t0[0 + 1*#1] * -1.0 for 2 2 0\nout a t1\nout b t2\nout c t3\n";
    let texts = ["0.0", "-0.0"].map(|start| SUMS.replace("START", start));
    for text in texts.iter().map(String::as_str).chain([PRODUCTS]) {
        let program = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        for signs in [0u32, 0b111_111_111, 0b101_101_000, 0b111_000_110] {
            let x = (0..9).map(|at| if signs >> at & 1 == 1 { -0.0 } else { 0.0 }).collect();
            let exact = vec![true; program.outputs.len()];
            agrees(&program, &[x], &exact).unwrap_or_else(|e| panic!("{e}"));
        }
    }
}

/// A long body, cut into pieces, with and without a loop around it.
#[test]
fn long_bodies() {
    for (extents, steps) in [("", ""), (" 3 2", " + 2*#0 + 1*#1")] {
        let mut text = format!(
            "t0: 9\nt1: 6 = 0.0\nt2: 6 = 0.0\nin x t0\nfor{extents}\n  %0 = t0[1{steps}]\n  %1 = t0[2]\n"
        );
        for at in 2..1700 {
            let (a, b) = (at - 1, (at * 7919) % at);
            let op = ["add", "sub", "mul", "less"][at % 4];
            text.push_str(&format!("  %{at} = {op} %{a} %{b}\n"));
        }
        let write = if steps.is_empty() { "" } else { steps };
        text.push_str(&format!("  t1[0{write}] = %1699\n  t2[0{write}] += %800\nend\n"));
        text.push_str(if steps.is_empty() { "out z t2\n" } else { "out y t1\nout z t2\n" });
        let program = parse(&text).expect("a program");
        let inputs = [(0..9).map(|i| 0.3 + 0.1 * f64::from(i)).collect()];
        let exact = vec![true; program.outputs.len()];
        agrees(&program, &inputs, &exact).unwrap_or_else(|e| panic!("{}", &e[..e.len().min(400)]));
    }
}

/// Trips that cancel while their multiples grow beyond what a machine word holds.
#[test]
fn multiples_of_trips() {
    let mut text = "t0: 2\nt1:\nin x t0\nfor 1\n  %0 = #0\n  %1 = 1.0\n  %2 = sub %0 %1\n".to_string();
    (3..90).for_each(|at| text.push_str(&format!("  %{at} = add %{} %{}\n", at - 1, at - 1)));
    text.push_str("  %90 = add %89 %1\n  %91 = t0[0 + 1*%90 in 2]\n  t1[0] = %91\nend\nout y t1\n");
    let program = parse(&text).expect("a program");
    agrees(&program, &[vec![3.0, 4.0]], &[true]).unwrap_or_else(|e| panic!("{e}"));
}

/// The programs that the other backends are tested with.
#[test]
fn programs_of_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).expect("the folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("a text");
        let program = parse(&text).expect("a program");
        // What is left to libraries.
        if matches!(Compiled::new(&program), Err(NativeError::Linear { .. } | NativeError::Product { .. })) {
            continue;
        }
        let lengths = program.inputs.iter().map(|(_, id)| program.tensor(*id).len());
        let inputs: Vec<Vec<f64>> = lengths.map(|n| (0..n).map(|i| 1.0 + (i % 3) as f64).collect()).collect();
        agrees(&program, &inputs, &vec![false; program.outputs.len()])
            .unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
}
