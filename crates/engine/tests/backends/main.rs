//! Every backend that writes text or bytes, and the virtual machine, against the interpreter: the programs of `tests/programs`, every row of the
//! table, and random programs.

mod cases;
mod random;
mod rows;
mod run;

use agnesi_engine::ir::Program;
use agnesi_engine::machine::{Machine, Real};
use agnesi_engine::source::{self, SourceError};
use agnesi_engine::vector::InstructionSet;
use agnesi_engine::wasm::{self, WasmError};
use cases::Case;

fn all() -> Vec<Case> {
    let mut all = cases::corpus();
    all.extend(random::programs(60, 20261129));
    all
}

#[test]
fn c() {
    let mut all = all();
    all.extend(rows::cases(|program| source::c(&[("f", program)]).is_ok()));
    run::c(&all);
}

#[test]
fn rust() {
    let mut all = all();
    all.extend(rows::cases(|program| source::rust(&[("f", program)]).is_ok()));
    run::rust(&all);
}

#[test]
fn wasm() {
    let mut all = all();
    all.extend(rows::cases(|program| wasm::module(&[("f", program)]).is_ok()));
    run::wasm(&all);
}

/// The virtual machine on every instruction set that this machine has, for doubles to rounding and for singles roughly; the
/// same bits on each.
#[test]
fn virtual_machine() {
    let mut all = all();
    // Sums are taken in another order.
    all.iter_mut().for_each(|case| case.exact = false);
    all.extend(rows::cases(|_| true));
    for case in &all {
        for run in 0..case.runs.len() {
            let inputs = case.runs[run].0.clone();
            let mut first: Option<Vec<u64>> = None;
            for set in InstructionSet::available() {
                let found = on_machine::<f64>(&case.program, &inputs, set);
                // What is solved or eliminated makes more of the rounding of products.
                match (case.name.starts_with("linear"), &found, &case.runs[run].1) {
                    (true, Some(found), Some(wanted)) => near(case, found, &wanted.concat(), 1e-9),
                    _ => case.compare(set.name(), run, found.as_deref()),
                }
                let quiet = |x: &f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
                let bits: Vec<u64> = found.iter().flatten().map(quiet).collect();
                let wanted = first.get_or_insert_with(|| bits.clone());
                assert!(bits == *wanted, "{} on {}", case.name, set.name());
            }
        }
    }
}

/// The bits of a number, the same for each NaN.
fn bits<T: Real>(x: &T) -> u64 {
    let x = x.to_f64();
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

/// All numbers of the outputs; `None` where there is no result.
fn on_machine<T: Real>(program: &Program, inputs: &[Vec<f64>], set: InstructionSet) -> Option<Vec<f64>> {
    let mut machine = Machine::<T>::for_set(program.clone(), set).expect("a program that holds together");
    let inputs: Vec<Vec<T>> =
        inputs.iter().map(|list| list.iter().map(|x| T::from_f64(*x)).collect()).collect();
    let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
    let mut outputs: Vec<Vec<T>> = lengths.map(|n| vec![T::default(); n]).collect();
    let mut rooms: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let first = machine.run(&inputs, &mut rooms).ok().map(|()| outputs.concat());
    // What is assembled does the same.
    machine.assemble();
    let mut rooms: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let again = machine.run(&inputs, &mut rooms).ok().map(|()| outputs.concat());
    let bits = |all: &Option<Vec<T>>| all.as_ref().map(|all| all.iter().map(bits).collect::<Vec<_>>());
    assert!(bits(&first) == bits(&again), "{first:?} is not {again:?}\n{program}");
    first?;
    Some(outputs.concat().into_iter().map(T::to_f64).collect())
}

/// Whether numbers are near to others, relative to the largest of these.
#[track_caller]
fn near(case: &Case, found: &[f64], wanted: &[f64], room: f64) {
    let scale = wanted.iter().filter(|x| x.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
    for (x, y) in found.iter().zip(wanted) {
        let near = x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= room * scale;
        assert!(near, "{}: {x} is not {y}\n{}", case.name, case.program);
    }
}

#[test]
fn singles() {
    for case in cases::corpus().iter().filter(|case| !case.name.starts_with("linear")) {
        // The runs of plain numbers.
        for (inputs, wanted) in &case.runs[1..4] {
            let Some(wanted) = wanted.as_ref().map(|lists| lists.concat()) else { continue };
            let Some(found) = on_machine::<f32>(&case.program, inputs, InstructionSet::best()) else {
                panic!("{}: no result", case.name);
            };
            near(case, &found, &wanted, 1e-4);
        }
    }
}

/// What is said to be 0 is 0 in every run, and something is said.
#[test]
fn known_zeros_are_zero() {
    let (mut zeros, mut others) = (0, 0);
    for case in all() {
        let Some(known) = case.program.known_zeros(1_000_000) else { panic!("{} is small", case.name) };
        let known = known.concat();
        for (inputs, outputs) in &case.runs {
            let Some(outputs) = outputs.as_ref().map(|outputs| outputs.concat()) else { continue };
            if inputs.iter().flatten().any(|x| !x.is_finite()) {
                continue;
            }
            for (is_zero, x) in known.iter().zip(&outputs) {
                // Zero times what is infinite within is no number.
                assert!(!is_zero || *x == 0.0 || x.is_nan(), "{}: {x}\n{}", case.name, case.program);
                *(if *is_zero { &mut zeros } else { &mut others }) += 1;
            }
        }
    }
    assert!(zeros > 10 && others > zeros, "{zeros} zeros, {others} others");
}

#[test]
fn what_is_not_written_is_named() {
    let refused = |of: &dyn Fn(&agnesi_engine::ir::Program) -> bool| {
        let names = agnesi_functions::table().iter().map(|row| row.name);
        let names: Vec<&str> = names.filter(|name| !of(&rows::program(name))).collect();
        names.join(" ")
    };
    assert_eq!(refused(&|program| source::c(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(refused(&|program| source::rust(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(refused(&|program| wasm::module(&[("f", program)]).is_ok()), rows::REFUSED);
    assert_eq!(wasm::module(&[("f", &rows::program("Ei"))]), Err(WasmError::Function("Ei")));
    let large = "t0: 99999 9999\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  t1[0] = %0\nend\nout y t1\n";
    let large = agnesi_engine::ir::parse(large).expect("a program");
    assert_eq!(wasm::module(&[("f", &large)]), Err(WasmError::Memory));
    let zeta = source::c(&[("f", &rows::program("zeta"))]).expect_err("zeta");
    assert_eq!(zeta, SourceError::Function { name: "zeta", language: "C99" });
    assert_eq!(zeta.to_string(), "the function `zeta` is not written in C99");
    for op in ["expm", "sqrtm", "logm", "eigenvalues", "eigenvectors"] {
        let shape = if op == "eigenvalues" { "3" } else { "3 3" };
        let text = format!("t0: 3 3\nt1: {shape}\nin x t0\n{op} t1 = t0\nout y t1\n");
        let program = agnesi_engine::ir::parse(&text).expect("a program");
        let error = source::rust(&[("f", &program)]).expect_err(op);
        assert_eq!(error.to_string(), format!("the matrix operation `{op}` is not written in Rust"));
    }
    let unchecked = agnesi_engine::ir::parse("t0: 3\nt1: 3\nin x t0\nout y t1\n").expect("a program");
    let error = source::c(&[("f", &unchecked)]).expect_err("no check");
    assert_eq!(error.to_string(), "no program that can be run: t1 is read before it is written");
}
