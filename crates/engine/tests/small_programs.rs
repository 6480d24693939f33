//! Small programs on the virtual machine, against the interpreter: few enough for an interpreter of Rust that finds
//! undefined behaviour, `cargo +nightly miri test -p agnesi-engine --test small_programs`.

use agnesi_engine::ir::{Program, parse};
use agnesi_engine::machine::{Machine, Real};
use agnesi_engine::vector::InstructionSet;

macro_rules! programs {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("programs/", $name, ".txt")))),*]
    };
}

/// Products and factorizations are a library's.
const PROGRAMS: [(&str, &str); 13] = programs![
    "branches",
    "elementwise",
    "fma_close",
    "given_back",
    "names",
    "pick",
    "reductions",
    "repeat",
    "repeat_vectors",
    "scalar_two",
    "scatter",
    "strides",
    "every_scalar"
];

/// The bits of a number, the same for each NaN.
fn bits<T: Real>(x: &T) -> u64 {
    let x = x.to_f64();
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

fn run<T: Real>(program: &Program, inputs: &[Vec<f64>], set: InstructionSet) -> Option<Vec<f64>> {
    let mut machine = Machine::<T>::for_set(program.clone(), set).expect("a program");
    let inputs: Vec<Vec<T>> =
        inputs.iter().map(|list| list.iter().map(|x| T::from_f64(*x)).collect()).collect();
    let inputs: Vec<&[T]> = inputs.iter().map(Vec::as_slice).collect();
    let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
    let mut outputs: Vec<Vec<T>> = lengths.map(|len| vec![T::default(); len]).collect();
    let mut rooms: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let first = machine.run(&inputs, &mut rooms).ok().map(|()| outputs.concat());
    // What is assembled does the same.
    machine.assemble();
    let mut rooms: Vec<&mut [T]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let again = machine.run(&inputs, &mut rooms).ok().map(|()| outputs.concat());
    let bits = |all: &Option<Vec<T>>| all.as_ref().map(|all| all.iter().map(bits).collect::<Vec<_>>());
    assert!(bits(&first) == bits(&again), "{first:?} is not {again:?}\n{program}");
    first?;
    Some(outputs.iter().flatten().map(|x| x.to_f64()).collect())
}

#[test]
fn the_machine_does_what_the_interpreter_does() {
    for (name, text) in PROGRAMS {
        let program = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let inputs: Vec<Vec<f64>> = program
            .inputs
            .iter()
            .map(|(_, id)| (0..program.tensor(*id).len()).map(|at| (at % 4) as f64 * 0.5 + 1.0).collect())
            .collect();
        let lists: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        let wanted = program.run(&lists).ok().map(|values| values.concat());
        // An interpreter of Rust takes seconds for each: the best set alone, and single precision in a few.
        let sets = InstructionSet::available().filter(|set| !cfg!(miri) || *set == InstructionSet::best());
        let single = !cfg!(miri) || ["elementwise", "reductions", "scatter"].contains(&name);
        let doubles = |set| Some((run::<f64>(&program, &inputs, set), 1e-13));
        let singles = |set| single.then(|| (run::<f32>(&program, &inputs, set), 1e-4));
        for (found, room) in sets.flat_map(|set| [doubles(set), singles(set)]).flatten() {
            match (&found, &wanted) {
                (Some(found), Some(wanted)) => {
                    assert_eq!(found.len(), wanted.len(), "{name}");
                    for (x, y) in found.iter().zip(wanted) {
                        let same = x == y || x.is_nan() && y.is_nan();
                        assert!(same || (x - y).abs() <= room * y.abs().max(1.0), "{name}: {x} is not {y}");
                    }
                }
                (None, None) => {}
                _ => panic!("{name}: {found:?} is not {wanted:?}"),
            }
        }
    }
}
