//! The same programs on the virtual machine: by each instruction set, with and without assembling, and for
//! many rows at once by one thread and by three.

use agnesi_engine::ir::{Program, RunError, Step};
use agnesi_engine::lowering::batch;
use agnesi_engine::machine::Machine;
use agnesi_engine::vector::InstructionSet;

use crate::compare::{close, has_extrema};

type Tensors = Vec<Vec<f64>>;
type Run = Result<Tensors, RunError>;

/// As [`crate::compare::agrees`], for the virtual machine; without `exact` it is compared with itself alone.
pub fn agrees(program: &Program, inputs: &[Vec<f64>], exact: Option<&[bool]>) -> Result<(), String> {
    let wanted = interpreted(program, inputs);
    let signs = !has_extrema(&program.steps);
    let mut first = None;
    for set in InstructionSet::available() {
        let machine = Machine::for_set(program.clone(), set).map_err(|e| format!("{e}\n{program}"))?;
        let (found, again) = run(machine, inputs, 1);
        like(&found, &wanted, exact, signs).map_err(|e| format!("{}: {e}\n{program}", set.name()))?;
        let first = first.get_or_insert_with(|| found.clone());
        same(&found, first).map_err(|e| format!("{}: {e}\n{program}", set.name()))?;
        same(&again, first).map_err(|e| format!("{}, assembled: {e}\n{program}", set.name()))?;
    }
    // So many that chunks are filled where there is not much to do.
    let rows = (200_000 / work(&program.steps).max(1)).clamp(3, 600);
    let of = |row: usize| -> Tensors {
        let turned = |list: &Vec<f64>| {
            let mut list = list.clone();
            let by = row % list.len().max(1);
            list.rotate_left(by);
            list
        };
        inputs.iter().map(turned).collect()
    };
    let all: Vec<Tensors> = (0..rows).map(of).collect();
    let together: Tensors =
        (0..inputs.len()).map(|at| all.iter().flat_map(|row| row[at].clone()).collect()).collect();
    let many = batch(program, rows, &vec![true; inputs.len()]);
    let machine = |threads| {
        let machine = Machine::new(many.clone()).map_err(|e| format!("{e}\n{many}"))?;
        Ok::<_, String>(run(machine, &together, threads))
    };
    let (found, again) = machine(1)?;
    same(&again, &found).map_err(|e| format!("assembled: {e}\n{many}"))?;
    let (three, again) = machine(3)?;
    same(&three, &found).map_err(|e| format!("three threads: {e}\n{many}"))?;
    same(&again, &found).map_err(|e| format!("three threads, assembled: {e}\n{many}"))?;
    for row in [0, 1, rows / 2, rows - 1] {
        let wanted = interpreted(program, &all[row]);
        let (Ok(found), Ok(_)) = (&found, &wanted) else { continue };
        let part = |list: &Vec<f64>| {
            let length = list.len() / rows;
            list[row * length..][..length].to_vec()
        };
        let found = Ok(found.iter().map(part).collect());
        like(&found, &wanted, exact, signs)
            .map_err(|e| format!("row {row} of {rows}: {e}\n{program}\nas\n{many}"))?;
    }
    Ok(())
}

fn interpreted(program: &Program, inputs: &[Vec<f64>]) -> Run {
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    program.run(&slices)
}

/// What comes of a run, and of another one with what is assembled.
fn run(mut machine: Machine<f64>, inputs: &[Vec<f64>], threads: usize) -> (Run, Run) {
    machine.set_threads(threads.try_into().expect("not 0"));
    let first = once(&mut machine, inputs);
    machine.assemble();
    (first, once(&mut machine, inputs))
}

fn once(machine: &mut Machine<f64>, inputs: &[Vec<f64>]) -> Run {
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let program = machine.program();
    let mut outputs: Tensors =
        program.outputs.iter().map(|(_, id)| vec![7.0; program.tensor(*id).len()]).collect();
    let mut rooms: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    machine.run(&slices, &mut rooms)?;
    Ok(outputs)
}

/// Whether results are those of the interpreter.
fn like(found: &Run, wanted: &Run, exact: Option<&[bool]>, signs: bool) -> Result<(), String> {
    let Some(exact) = exact else { return Ok(()) };
    match (found, wanted) {
        (Ok(found), Ok(wanted)) => {
            for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                close(found, wanted, exact[at], signs).map_err(|e| format!("output {at}: {e}"))?;
            }
            Ok(())
        }
        (Err(found), Err(wanted)) if std::mem::discriminant(found) == std::mem::discriminant(wanted) => {
            Ok(())
        }
        _ => Err(format!("{found:?} is not {wanted:?}")),
    }
}

/// Whether two results have the same bits, but for those of NaN.
fn same(found: &Run, wanted: &Run) -> Result<(), String> {
    let bits = |lists: &Tensors| -> Vec<u64> {
        let quiet = |x: &f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
        lists.iter().flatten().map(quiet).collect()
    };
    match (found, wanted) {
        (Ok(found), Ok(wanted)) if bits(found) == bits(wanted) => Ok(()),
        (Err(found), Err(wanted)) if std::mem::discriminant(found) == std::mem::discriminant(wanted) => {
            Ok(())
        }
        _ => Err(format!("other bits: {found:?} is not {wanted:?}")),
    }
}

/// About how many operations a run does.
fn work(steps: &[Step]) -> usize {
    let each = |step: &Step| match step {
        Step::Nest(nest) => nest.extents.iter().product::<usize>() * (nest.body.len() + nest.writes.len()),
        Step::Product(product) => product.extents.iter().product(),
        Step::Factorization(_) => 0,
        Step::Repeat(repeat) => repeat.count * work(&repeat.steps),
    };
    steps.iter().map(each).sum()
}
