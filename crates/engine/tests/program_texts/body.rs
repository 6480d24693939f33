//! What must hold of any text as a program: what reads prints and reads back as itself; what is checked runs on the
//! interpreter and on the virtual machine of every instruction set, with the same bits where nothing is rounded otherwise.
//! The fuzz target `program` calls it as well.

use agnesi_engine::ir::{How, Program, Scalar, Step, parse};
use agnesi_engine::machine::Machine;
use agnesi_engine::vector::InstructionSet;

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
    let wanted = program.run(&inputs).ok().map(|values| bits(&values));
    let mut first: Option<Option<Vec<u64>>> = None;
    for set in InstructionSet::available() {
        let mut machine = Machine::<f64>::for_set(program.clone(), set).expect("a checked program");
        let lengths = program.outputs.iter().map(|(_, id)| program.tensor(*id).len());
        let mut values: Vec<Vec<f64>> = lengths.map(|len| vec![0.5; len]).collect();
        let mut rooms: Vec<&mut [f64]> = values.iter_mut().map(Vec::as_mut_slice).collect();
        let found = machine.run(&inputs, &mut rooms).is_ok().then(|| bits(&values));
        if is_exact(&program.steps) {
            assert_eq!(found, wanted, "{} of\n{printed}", set.name());
        }
        let first = first.get_or_insert_with(|| found.clone());
        assert_eq!(found, *first, "{} of\n{printed}", set.name());
    }
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

/// Whether every backend must give the same bits: no sums in another order, no functions of another rounding.
fn is_exact(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Nest(nest) => {
            let plain = |how: How| matches!(how, How::Set | How::Max | How::Min);
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
            nest.writes.iter().all(|write| plain(write.how)) && nest.body.iter().all(exact)
        }
        Step::Product(_) | Step::Factorization(_) => false,
        Step::Repeat(repeat) => is_exact(&repeat.steps),
    })
}
