//! Blocks and threads: the same bits with any number, and what the interpreter says.

use super::nest::{Put, STREAMED};
use super::{Machine, Ready, Real};
use crate::ir::{Program, Step, parse};
use crate::vector::InstructionSet;

/// Every nest of the corpus is cut as finely as can be.
const FINE: f64 = 1.0;

/// The first loop goes on where the last one ends, and the one between them is summed over.
const TOGETHER: &str = "t0: 7 4 50\nt1: 4 50 = 0.0\nin x t0\nfor 4 7 50\n  %0 = t0[0 + 50*#0 + 200*#1 + 1*#2]\n  %1 = mul %0 %0\n  t1[0 + 50*#0 + 1*#2] += %1\nend\nout y t1\n";

fn corpus() -> Vec<(String, Program)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    let mut all: Vec<(String, Program)> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            (path.display().to_string(), parse(&text).unwrap_or_else(|e| panic!("{path:?}: {e}")))
        })
        .collect();
    let more = [
        (
            "a sum and entries",
            "t0: 3000\nt1: = 0.0\nt2: 3000\nin x t0\nfor 3000\n  %0 = t0[0 + 1*#0]\n  %1 = call exp %0\n  t1[0] += %1\n  t2[0 + 1*#0] = %1\nend\nout y t1\nout z t2\n",
        ),
        (
            "a matrix summed by columns",
            "t0: 301 7\nt1: 7 = 0.0\nin x t0\nfor 301 7\n  %0 = t0[0 + 7*#0 + 1*#1]\n  %1 = mul %0 %0\n  t1[0 + 1*#1] += %1\nend\nout y t1\n",
        ),
        (
            "extrema",
            "t0: 2000\nt1: = -inf\nt2: = inf\nin x t0\nfor 2000\n  %0 = t0[0 + 1*#0]\n  t1[0] max= %0\n  t2[0] min= %0\nend\nout y t1\nout z t2\n",
        ),
        (
            "what is picked",
            "t0: 900\nt1: 4 = 0.0\nin x t0\nfor 900\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  t1[0 + 1*%0 in 4] += %1\nend\nout y t1\n",
        ),
        (
            "neighbours",
            "t0: 600\nt1: 601 = 0.0\nin x t0\nfor 600\n  %0 = t0[0 + 1*#0]\n  %1 = call sin %0\n  t1[0 + 1*#0] += %1\n  t1[1 + 1*#0] += %0\nend\nout y t1\n",
        ),
        ("loops brought together", TOGETHER),
        (
            "what is picked again and again",
            "t0: 700\nt1: 6 900\nt2: 6 700\nin x t0\nin z t1\nfor 6 700\n  %0 = t0[0 + 1*#1]\n  %1 = t1[0 + 900*#0 + 1*%0 in 900]\n  %2 = mul %1 %1\n  t2[0 + 700*#0 + 1*#1] = %2\nend\nout y t2\n",
        ),
        (
            "a transpose",
            "t0: 3 21 5 17\nt1: 17 4 21 3 = 7.0\nin x t0\nfor 3 21 17\n  %0 = t0[34 + 1785*#0 + 85*#1 + 1*#2]\n  t1[63 + 1*#0 + 3*#1 + 252*#2] = %0\nend\nout y t1\n",
        ),
    ];
    let [rows, many, met, symmetric] = [
        "t0: 301 150\nt1: 150 203\nt2: 301 203\nin x t0\nin z t1\nproduct t2[0 + 203*#0 + 1*#1] = t0[0 + 150*#0 + 1*#2] * t1[0 + 1*#1 + 203*#2] for 301 203 150\nout y t2\n",
        "t0: 7 9 70 30\nt1: 9 30 301\nt2: 7 9 70 301\nin x t0\nin z t1\nproduct t2[0 + 189630*#0 + 21070*#1 + 301*#2 + 1*#3] = t0[0 + 18900*#0 + 2100*#1 + 30*#2 + 1*#4] * t1[0 + 9030*#1 + 1*#3 + 301*#4] for 7 9 70 301 30\nout y t2\n",
        // Each of the products is written over the one before.
        "t0: 7 70 300\nt1: 300 301\nt2: 70 301\nin x t0\nin z t1\nproduct t2[0 + 301*#1 + 1*#2] = t0[0 + 21000*#0 + 300*#1 + 1*#3] * t1[0 + 1*#2 + 301*#3] for 7 70 301 300\nout y t2\n",
        "t0: 130 299\nt1: 299 299\nin x t0\nsymmetric t1[0 + 299*#0 + 1*#1] = t0[0 + 1*#0 + 299*#2] * t0[0 + 1*#1 + 299*#2] for 299 299 130\nout y t1\n",
    ];
    let products = [
        ("a product", rows),
        ("many product", many),
        ("one after the other product", met),
        ("a symmetric product", symmetric),
    ];
    for (name, text) in more.into_iter().chain(products) {
        all.push((name.into(), parse(text).unwrap_or_else(|e| panic!("{name}: {e}"))));
    }
    all
}

/// The outputs of a run, or why there are none.
fn outputs(
    program: &Program,
    inputs: &[Vec<f64>],
    block: f64,
    threads: usize,
) -> Result<Vec<Vec<u64>>, String> {
    let mut machine =
        Machine::<f64>::of_blocks(program.clone(), InstructionSet::best(), block).expect("ready");
    machine.set_threads(threads.try_into().expect("not 0"));
    let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[..]).collect();
    let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
    let mut results: Vec<Vec<f64>> = lengths.map(|n| vec![0.0; n]).collect();
    let mut rooms: Vec<&mut [f64]> = results.iter_mut().map(|y| &mut y[..]).collect();
    machine.run(&inputs, &mut rooms).map_err(|error| error.to_string())?;
    Ok(results.into_iter().map(|y| y.into_iter().map(f64::to_bits).collect()).collect())
}

#[test]
fn loops_that_go_on_are_one() {
    let joined = |text: &str| {
        let program = parse(text).expect("a program");
        let Step::Nest(nest) = &program.steps[0] else { panic!("a nest") };
        super::axes::joined_loops(nest).extents.to_vec()
    };
    assert_eq!(joined(TOGETHER), [7, 200]);
    // Another order of what meets in an entry would be another sum.
    let summed = TOGETHER.replace("t1[0 + 50*#0 + 1*#2]", "t1[0 + 1*#1]");
    assert_eq!(joined(&summed), [4, 7, 50]);
    // What is read may be what an earlier turn has written.
    let read = TOGETHER.replace("mul %0 %0", "t1[0 + 50*#0 + 1*#2]");
    assert_eq!(joined(&read), [4, 7, 50]);
    // The turns of the first two loops meet in an entry; those of the last two do not.
    let meeting = TOGETHER
        .replace("t0[0 + 50*#0 + 200*#1 + 1*#2]", "t0[0 + 50*#0 + 50*#1 + 1*#2]")
        .replace("t1[0 + 50*#0 + 1*#2]", "t1[0 + 50*#0 + 50*#1 + 1*#2]")
        .replace("t1: 4 50", "t1: 12 50");
    assert_eq!(joined(&meeting), [4, 350]);
}

#[test]
#[cfg_attr(miri, ignore = "the library's kernels are no Rust")]
fn blocks_of_products_are_the_product() {
    for (name, program) in corpus().into_iter().filter(|(name, _)| name.ends_with("product")) {
        let number = |i: usize| (i as f64 * 0.37).sin();
        let inputs: Vec<Vec<f64>> = program
            .inputs
            .iter()
            .map(|(_, id)| (0..program.tensor(*id).len()).map(number).collect())
            .collect();
        let given: Vec<&[f64]> = inputs.iter().map(|x| &x[..]).collect();
        let expected = program.run(&given).expect("it runs");
        let ours = outputs(&program, &inputs, FINE, 2).expect("it runs");
        for (a, b) in ours.iter().flatten().zip(expected.iter().flatten()) {
            let a = f64::from_bits(*a);
            assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{name}: {a} is not {b}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large; what threads share is run below")]
fn any_number_of_threads_gives_the_same_bits() {
    let mut cut = 0;
    for (name, program) in corpus() {
        let machine =
            Machine::<f64>::of_blocks(program.clone(), InstructionSet::best(), FINE).expect("ready");
        cut += machine.steps.iter().filter(|step| matches!(step, Ready::Nest(_, _, Some(_)))).count();
        for style in 0..2 {
            let number = |i: usize| match style {
                0 => 1.0 + (i * 7 % 3) as f64,
                _ => 0.1 + (i as f64 * 0.37).sin().abs(),
            };
            let inputs: Vec<Vec<f64>> = program
                .inputs
                .iter()
                .map(|(_, id)| (0..program.tensor(*id).len()).map(number).collect())
                .collect();
            let one = outputs(&program, &inputs, FINE, 1);
            for threads in [2, 3] {
                assert_eq!(outputs(&program, &inputs, FINE, threads), one, "{name} with {threads} threads");
            }
            let whole = outputs(&program, &inputs, f64::INFINITY, 1);
            match (&one, &whole) {
                (Ok(blocks), Ok(whole)) => {
                    for (a, b) in blocks.iter().flatten().zip(whole.iter().flatten()) {
                        let (a, b) = (f64::from_bits(*a), f64::from_bits(*b));
                        let near = (a - b).abs() <= 1e-11 * b.abs().max(1.0);
                        assert!(near || a == b || (a.is_nan() && b.is_nan()), "{name}: {a} is not {b}");
                    }
                }
                (blocks, whole) => assert_eq!(blocks, whole, "{name}"),
            }
        }
    }
    assert!(cut >= 6, "only {cut} nests were cut");
}

/// Sums, entries and neighbours in blocks of a loop and of a vector, by threads of a pool of its own; few numbers, so that
/// Miri can look at what the threads share. All sums are exact.
#[test]
fn threads_share_what_is_theirs() {
    let sums = "t0: 12 20\nt1: 20 = 0.0\nt2: 12 20\nin x t0\nfor 12 20\n  %0 = t0[0 + 20*#0 + 1*#1]\n  \
                %1 = 5.0\n  %2 = call mod %0 %1\n  %3 = call ceil %0\n  t1[0 + 1*#1] += %2\n  \
                t2[0 + 20*#0 + 1*#1] = %3\nend\n\
                out y t1\nout z t2\n";
    let vector = "t0: 522\nt1: = 0.0\nt2: 522\nin x t0\nfor 522\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  \
                  t1[0] += %1\n  t2[0 + 1*#0] = %1\nend\nout y t1\nout z t2\n";
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    for text in [sums, vector] {
        let program = parse(text).expect("a program");
        let machine =
            Machine::<f64>::of_blocks(program.clone(), InstructionSet::best(), FINE).expect("ready");
        assert!(matches!(machine.steps[..], [Ready::Nest(_, _, Some(_))]), "{text}");
        let x: Vec<f64> = (0..program.input_len()).map(|at| (at % 7) as f64 - 2.0).collect();
        let wanted: Vec<f64> = program.run(&[&x]).expect("it runs").concat();
        let bits: Vec<u64> = wanted.into_iter().map(f64::to_bits).collect();
        let found = pool.install(|| outputs(&program, &[x], FINE, 2)).expect("it runs").concat();
        assert_eq!(found, bits, "{text}");
    }
}

#[test]
fn what_is_larger_than_the_caches_is_written_past_them() {
    // An interpreter of Rust takes seconds for each.
    for set in InstructionSet::available().filter(|set| !cfg!(miri) || *set == InstructionSet::best()) {
        written_past::<f64>(set);
        written_past::<f32>(set);
    }
}

fn written_past<T: Real>(set: InstructionSet) {
    let n = STREAMED / size_of::<T>() + 5;
    let text = format!(
        "t0: {n}\nt1: {n}\nt2: {n}\nin x t0\nfor {n}\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  %2 = add %0 %1\n  \
         t1[0 + 1*#0] = %2\n  t2[0 + 1*#0] = %0\nend\nout y t1\nout z t2\n"
    );
    let x: Vec<T> = (0..n).map(|i| T::from_f64(i as f64 * 1e-5 - 7.0)).collect();
    let (mut y, mut z) = (vec![T::default(); n + 3], vec![T::default(); n + 1]);
    let mut machine = Machine::<T>::of_blocks(parse(&text).expect("a program"), set, FINE).expect("ready");
    machine.set_threads(if cfg!(miri) { 1 } else { 2 }.try_into().expect("not 0"));
    // Not where lines of the caches begin.
    machine.run(&[&x], &mut [&mut y[3..], &mut z[1..]]).expect("a run");
    let wanted = |x: f64| T::rounded(x + T::rounded(x * x));
    assert!(x.iter().zip(&y[3..]).all(|(x, y)| y.to_f64() == wanted(x.to_f64())), "{}", set.name());
    assert!(x == z[1..], "{}", set.name());
    let nests = machine.steps.iter().filter_map(|step| match step {
        Ready::Nest(code, ..) => Some(code),
        _ => None,
    });
    let writes: Vec<bool> =
        nests.flat_map(|code| &code.writes).map(|write| matches!(write, Put::Stream(..))).collect();
    assert_eq!(writes, [true, true]);
}

/// An index that is read for nothing is one in a branch too, which is not taken.
#[test]
fn indices_of_what_nobody_needs_are_computed() {
    let text = "t0: 300\nt1: 300\nin x t0\nfor 300\n  %0 = #0\n  %1 = t0[0 + 1*%0 in 300]\n  %2 = 0.0\n  \
                %3 = select %2 %0 %2\n  %4 = t0[0 + 1*#0]\n  %5 = add %3 %4\n  t1[0 + 1*#0] = %5\nend\nout y t1\n";
    let mut machine = Machine::<f64>::new(parse(text).expect("a program")).expect("ready");
    let mut y = [0.0; 300];
    machine.run(&[&[2.0; 300]], &mut [&mut y]).expect("no fault");
    assert_eq!(y, [2.0; 300]);
}

/// Of zeros of two signs an extremum is the one that stood there, as for the interpreter.
#[test]
fn extrema_keep_the_first_of_two_zeros() {
    let text = "t0: 300\nt1: 300 = START\nt2: 300 = START\nin x t0\nfor 300\n  %0 = t0[0 + 1*#0]\n  \
                t1[0 + 1*#0] min= %0\n  t2[0 + 1*#0] max= %0\nend\nout y t1\nout z t2\n";
    for (start, x) in [("0.0", -0.0), ("-0.0", 0.0)] {
        let program = parse(&text.replace("START", start)).expect("a program");
        let wanted = program.run(&[&[x; 300]]).expect("it runs").concat();
        let wanted: Vec<u64> = wanted.into_iter().map(f64::to_bits).collect();
        assert_eq!(outputs(&program, &[vec![x; 300]], FINE, 1).expect("it runs").concat(), wanted, "{start}");
    }
}

#[test]
fn what_is_read_beside_what_is_written_is_read_before() {
    // Rows of 14 that are read 11 apart and added to 14 apart, where they lie.
    let text = "t0: 5 14\nt1:\nt2: 5 14\nin x t0\nrepeat 5 t1\n  state t2 = t0 then t2\n  for 14\n    %0 = t1[0]\n    \
                %1 = t2[0 + 1*#0 + 11*%0 in 5]\n    t2[0 + 1*#0 + 14*%0 in 5] += %1\n  end\nend\nout y t2\n";
    let program = parse(text).expect("a program");
    let x: Vec<f64> = (0..70).map(|at| 0.1 * f64::from(at)).collect();
    let bits = |set| {
        let mut machine = Machine::<f64>::for_set(program.clone(), set).expect("a machine");
        let mut y = vec![0.0; 70];
        machine.run(&[&x], &mut [&mut y]).expect("it runs");
        y.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    let mut all = InstructionSet::available().map(bits);
    let first = all.next().expect("a set");
    assert!(all.all(|other| other == first));
}

/// What a nest reads and sets is read by all that follows before it is set.
#[test]
fn what_is_set_is_read_before() {
    let text = "t0: 16 = 3.0\nt1: 16\nt2: 16\nin x t2\nfor 16\n  %0 = t2[0 + 1*#0]\n  t0[0 + 1*#0] = %0\nend\nfor 16\n  \
                %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  %2 = add %0 %0\n  t0[0 + 1*#0] = %1\n  t1[0 + 1*#0] = %2\nend\n\
                out y t1\nout z t0\n";
    let program = parse(text).expect("a program");
    let x: Vec<f64> = (0..16).map(f64::from).collect();
    let wanted = program.run(&[&x]).expect("it runs").concat();
    let wanted: Vec<u64> = wanted.into_iter().map(f64::to_bits).collect();
    assert_eq!(outputs(&program, &[x], FINE, 1).expect("it runs").concat(), wanted);
}

/// Zeros above and below in the columns of a factor are left out, but for those that are times infinity.
#[test]
#[cfg_attr(miri, ignore = "the library's kernels are no Rust")]
fn bands_of_a_factor_are_enough() {
    let text = "t0: 3 130 60\nt1: 60 40\nt2: 3 130 40\nin x t0\nin z t1\nproduct t2[0 + 5200*#0 + 40*#1 + 1*#2] = \
                t0[0 + 7800*#0 + 60*#1 + 1*#3] * t1[0 + 1*#2 + 40*#3] for 3 130 40 60\nout y t2\n";
    let program = parse(text).expect("a program");
    let column = |i: usize, j: usize| match j {
        0..7 => 0.0,
        7..20 if i.abs_diff(3 * j) > 4 => -0.0,
        30..35 if i > 50 => f64::NAN,
        _ => (i as f64 - j as f64 * 0.7).sin(),
    };
    let z: Vec<f64> = (0..60 * 40).map(|at| column(at / 40, at % 40)).collect();
    for infinite in [None, Some(59), Some(7800 + 60)] {
        let mut x: Vec<f64> = (0..3 * 130 * 60).map(|at| (at as f64 * 0.37).cos()).collect();
        infinite.into_iter().for_each(|at| x[at] = f64::INFINITY);
        let wanted = program.run(&[&x, &z]).expect("it runs").concat();
        let ours = outputs(&program, &[x, z.clone()], FINE, 2).expect("it runs").concat();
        for (found, wanted) in ours.into_iter().map(f64::from_bits).zip(wanted) {
            let same = found == wanted || found.is_nan() && wanted.is_nan();
            assert!(same || (found - wanted).abs() <= 1e-12, "{found} is not {wanted}");
        }
    }
}

/// The next value of a state may be what another one is now, and all become theirs at once.
#[test]
fn states_change_places() {
    let text = "t0: 3\nt1: 3\nt2:\nt3: 3\nt4: 3\nt5: 3\nin a t0\nin b t1\nrepeat 5 t2\n  state t3 = t0 then t4\n  \
                state t4 = t1 then t3\n  for 3\n    %0 = t3[0 + 1*#0]\n    t5[0 + 1*#0] = %0\n  end\nend\nout x t3\nout y t4\n";
    let program = parse(text).expect("a program");
    let [a, b] = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
    let wanted = program.run(&[&a, &b]).expect("it runs").concat();
    assert_eq!(wanted, [4.0, 5.0, 6.0, 1.0, 2.0, 3.0]);
    let bits: Vec<u64> = wanted.into_iter().map(f64::to_bits).collect();
    assert_eq!(outputs(&program, &[a, b], FINE, 1).expect("it runs").concat(), bits);
}
