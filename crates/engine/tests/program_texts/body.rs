//! What must hold of any text as a program: what reads prints and reads back as itself; what is checked runs on the
//! interpreter, on the virtual machine of every instruction set, for some rows at once, without short loops and as machine
//! code, with the same bits where nothing is rounded otherwise; and it can be written out as source.
//! The fuzz target `program` calls it as well.

use std::collections::HashSet;

use agnesi_engine::ir::{How, Nest, Program, Scalar, Step, Write, parse};
use agnesi_engine::lowering::{batch, short_loops};
use agnesi_engine::machine::Machine;
use agnesi_engine::vector::InstructionSet;
use agnesi_engine::{source, wasm};

/// Programs of more work are not run.
const WORK: u128 = 100_000;

/// Panics where a text breaks what is said above.
pub fn check(text: &str) {
    let Ok(program) = parse(text) else { return };
    let printed = program.to_string();
    let again = parse(&printed).unwrap_or_else(|error| panic!("{error} of\n{printed}"));
    assert_eq!(again, program, "{printed}");
    assert_eq!(again.to_string(), printed);
    if program.check().is_err() || work(&program) > WORK {
        return;
    }
    // Halves from -1 on, so that some are indices.
    let lists: Vec<Vec<f64>> = program
        .inputs
        .iter()
        .map(|(_, id)| (0..program.tensor(*id).len()).map(|at| (at % 9) as f64 * 0.5 - 1.0).collect())
        .collect();
    let inputs: Vec<&[f64]> = lists.iter().map(Vec::as_slice).collect();
    let (exact, branches) = (is_exact(&program.steps), printed.contains(" = select "));
    let wanted = program.run(&inputs).ok().map(|values| bits(&values));
    let mut first: Option<Option<Vec<u64>>> = None;
    for set in InstructionSet::available() {
        let found = on_machine(&program, set, &inputs).map(|values| bits(&values));
        // A fault in a branch that is not taken is none on the machine.
        if exact && (wanted.is_some() || !branches) {
            assert_eq!(found, wanted, "{} of\n{printed}", set.name());
        }
        let first = first.get_or_insert_with(|| found.clone());
        assert_eq!(found, *first, "{} of\n{printed}", set.name());
    }
    in_rows(&program, &lists, exact);
    without_short_loops(&program, &inputs, wanted.as_ref().filter(|_| exact));
    #[cfg(feature = "native")]
    as_code(&program, &inputs, wanted.as_ref(), exact);
    // A program that cannot be written says so.
    let _ = source::c(&[("f", &program)]);
    let _ = source::rust(&[("f", &program)]);
    let _ = wasm::module(&[("f", &program)]);
}

fn on_machine(program: &Program, set: InstructionSet, inputs: &[&[f64]]) -> Option<Vec<Vec<f64>>> {
    let mut machine = Machine::<f64>::for_set(program.clone(), set).expect("a checked program");
    let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
    let mut values: Vec<Vec<f64>> = lengths.map(|len| vec![0.5; len]).collect();
    let mut rooms: Vec<&mut [f64]> = values.iter_mut().map(Vec::as_mut_slice).collect();
    let first = machine.run(inputs, &mut rooms).ok().map(|()| values.clone());
    machine.assemble();
    let mut rooms: Vec<&mut [f64]> = values.iter_mut().map(Vec::as_mut_slice).collect();
    let again = machine.run(inputs, &mut rooms).ok().map(|()| values);
    let of = |values: &Option<Vec<Vec<f64>>>| values.as_ref().map(|values| bits(values));
    assert_eq!(of(&first), of(&again), "assembled for {}:\n{program}", set.name());
    first
}

/// A program without its short loops is one, and does the same.
fn without_short_loops(program: &Program, inputs: &[&[f64]], wanted: Option<&Vec<u64>>) {
    let mut other = program.clone();
    short_loops(&mut other);
    assert_eq!(other.check(), Ok(()), "{program}\nas\n{other}");
    let found = other.run(inputs).ok().map(|values| bits(&values));
    // What nobody needs is left out, faults included.
    if let Some(wanted) = wanted {
        assert_eq!(found.as_ref(), Some(wanted), "{program}\nas\n{other}");
    }
}

/// Three rows at once are each what they are alone.
fn in_rows(program: &Program, lists: &[Vec<f64>], exact: bool) {
    const ROWS: usize = 3;
    let turned = |list: &Vec<f64>, row: usize| {
        let by = row % list.len().max(1);
        [&list[by..], &list[..by]].concat()
    };
    let rows: Vec<Vec<Vec<f64>>> =
        (0..ROWS).map(|row| lists.iter().map(|list| turned(list, row)).collect()).collect();
    let together: Vec<Vec<f64>> =
        (0..lists.len()).map(|at| rows.iter().flat_map(|row| row[at].clone()).collect()).collect();
    let many = batch(program, ROWS, &vec![true; lists.len()]);
    let inputs: Vec<&[f64]> = together.iter().map(Vec::as_slice).collect();
    let found = on_machine(&many, InstructionSet::best(), &inputs);
    if !exact {
        return;
    }
    let alone: Option<Vec<Vec<Vec<f64>>>> = rows
        .iter()
        .map(|row| program.run(&row.iter().map(Vec::as_slice).collect::<Vec<&[f64]>>()).ok())
        .collect();
    // What nobody needs is left out of a batch, faults included.
    let Some(alone) = alone else { return };
    let of = |at: usize| alone.iter().flat_map(|row| row[at].clone()).collect();
    let wanted: Vec<Vec<f64>> = (0..program.outputs.len()).map(of).collect();
    let found = found.unwrap_or_else(|| panic!("no rows of\n{program}\nas\n{many}"));
    assert_eq!(bits(&found), bits(&wanted), "rows of\n{program}\nas\n{many}");
}

#[cfg(feature = "native")]
fn as_code(program: &Program, inputs: &[&[f64]], wanted: Option<&Vec<u64>>, exact: bool) {
    use agnesi_engine::native::{Compiled, NativeError};
    let mut compiled = match Compiled::new(program) {
        Ok(compiled) => compiled,
        Err(NativeError::Linear { .. } | NativeError::Product { .. }) => return,
        Err(error) => panic!("{error} of\n{program}"),
    };
    let mut values = vec![0.5; compiled.output_len()];
    let found = compiled.call(&inputs.concat(), &mut values).is_ok().then(|| bits(&[values]));
    if exact {
        assert_eq!(found.as_ref(), wanted, "machine code of\n{program}");
    }
}

/// Whether a nest writes each entry once, and reads none that it writes.
fn writes_once(nest: &Nest) -> bool {
    let written = |tensor| nest.writes.iter().any(|write| write.to.tensor == tensor);
    if nest.reads.iter().any(|read| written(read.tensor)) {
        return false;
    }
    let mut met = HashSet::new();
    let trips: usize = nest.extents.iter().product();
    (0..trips).all(|mut at| {
        let mut trip = vec![0; nest.extents.len()];
        for (place, extent) in trip.iter_mut().zip(&nest.extents).rev() {
            (*place, at) = ((at % extent) as isize, at / extent);
        }
        nest.writes.iter().all(|write| {
            let far: isize = write.to.strides.iter().zip(&trip).map(|(stride, i)| stride * i).sum();
            write.to.picks.is_empty() && met.insert((write.to.tensor, write.to.offset + far))
        })
    })
}

fn bits(values: &[Vec<f64>]) -> Vec<u64> {
    let quiet = |x: &f64| if x.is_nan() { f64::NAN } else { *x };
    values.iter().flatten().map(|x| quiet(x).to_bits()).collect()
}

/// A bound on what a run does, trips without work counted too.
fn work(program: &Program) -> u128 {
    let numbers: u128 = program.tensors.iter().map(|tensor| tensor.len() as u128).sum();
    numbers.saturating_add(steps_work(program, &program.steps))
}

fn steps_work(program: &Program, steps: &[Step]) -> u128 {
    let trips =
        |extents: &[usize]| extents.iter().fold(1, |all: u128, n| all.saturating_mul((*n).max(1) as u128));
    let each = |step: &Step| match step {
        Step::Nest(nest) => {
            trips(&nest.extents).saturating_mul((nest.body.len() + nest.writes.len() + 1) as u128)
        }
        Step::Product(product) => trips(&product.extents),
        Step::Factorization(f) => {
            // Exponentials and eigenvalues take some hundred times n^3.
            let n = program.tensor(f.from).shape.last().map_or(0, |n| *n as u128);
            (program.tensor(f.from).len() as u128).saturating_mul(n).saturating_mul(300).saturating_add(1)
        }
        Step::Repeat(repeat) => {
            let states: u128 =
                repeat.states.iter().map(|state| program.tensor(state.current).len() as u128).sum();
            let all = steps_work(program, &repeat.steps).saturating_add(2 * states).saturating_add(1);
            all.saturating_mul((repeat.count as u128).max(1))
        }
    };
    steps.iter().fold(0, |all, step| all.saturating_add(each(step)))
}

/// Whether every backend must give the same bits: no sums in another order, nor greatest and least numbers, whose order
/// chooses between zeros; no entry that several trips set, in whatever order; no functions of another rounding.
fn is_exact(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Nest(nest) => {
            let plain = |write: &Write| matches!(write.how, How::Set | How::Max | How::Min);
            let exact = |op: &Scalar| match op {
                Scalar::Call1(f, _) => {
                    ["abs", "floor", "ceil", "sign", "step", "relu"].contains(&f.row().name)
                }
                Scalar::Call2(f, ..) => ["max", "min"].contains(&f.row().name),
                Scalar::Call3(..) => false,
                Scalar::Read(_)
                | Scalar::Number(_)
                | Scalar::Trip(_)
                | Scalar::Neg(_)
                | Scalar::Add(..)
                | Scalar::Sub(..)
                | Scalar::Mul(..)
                | Scalar::Div(..)
                | Scalar::Fma(..)
                | Scalar::Compare(..)
                | Scalar::Not(_)
                | Scalar::And(..)
                | Scalar::Or(..)
                | Scalar::Select(..) => true,
            };
            nest.writes.iter().all(plain) && writes_once(nest) && nest.body.iter().all(exact)
        }
        Step::Product(_) | Step::Factorization(_) => false,
        Step::Repeat(repeat) => is_exact(&repeat.steps),
    })
}
