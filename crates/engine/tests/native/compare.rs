//! Compiled programs beside the interpreter.

use agnesi_engine::ir::{How, Program, Step};
use agnesi_engine::native::{Compiled, Effort};

/// Runs a program by the interpreter and by code of both efforts, twice each and in both ways of calling; `exact` says
/// which outputs must have the same bits.
pub fn agrees(program: &Program, inputs: &[Vec<f64>], exact: &[bool]) -> Result<(), String> {
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let wanted = program.run(&slices);
    let signs = !has_extrema(&program.steps);
    for effort in [Effort::Quick, Effort::Optimised] {
        let mut compiled =
            Compiled::with_effort(program, effort).map_err(|e| format!("{effort:?}: {e}\n{program}"))?;
        let mut outputs: Vec<Vec<f64>> =
            program.outputs.iter().map(|(_, id)| vec![7.0; program.tensor(*id).len()]).collect();
        let mut workspace = compiled.workspace().map_err(|e| e.to_string())?;
        let mut flat = vec![7.0; compiled.output_len()];
        let mut places: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let first = compiled.run(&slices, &mut places, &mut workspace);
        let second = compiled.call(&inputs.concat(), &mut flat);
        let wanted = match (&wanted, first, second) {
            (Ok(wanted), Ok(()), Ok(())) => wanted,
            (Err(wanted), Err(first), Err(second)) => {
                let same = [first, second]
                    .iter()
                    .all(|e| std::mem::discriminant(e) == std::mem::discriminant(wanted));
                return if same { Ok(()) } else { Err(format!("another fault than {wanted}\n{program}")) };
            }
            (_, first, second) => return Err(format!("{effort:?}: {first:?}, {second:?}\n{program}")),
        };
        let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
        if bits(&outputs.concat()) != bits(&flat) {
            return Err(format!("{effort:?}: {:?} is not {flat:?}\n{program}", outputs.concat()));
        }
        compiled.call(&inputs.concat(), &mut flat).map_err(|e| e.to_string())?;
        if bits(&outputs.concat()) != bits(&flat) {
            return Err(format!("{effort:?}: other bits the second time\n{program}"));
        }
        for (at, (found, wanted)) in outputs.iter().zip(wanted).enumerate() {
            close(found, wanted, exact[at], signs)
                .map_err(|error| format!("{effort:?}: output {at}: {error}\n{program}"))?;
        }
    }
    Ok(())
}

/// Whether numbers are those of the interpreter: the same bits, or near where they need not be exact. `signs` says whether
/// then too a zero has the sign of the interpreter's.
pub fn close(found: &[f64], wanted: &[f64], exact: bool, signs: bool) -> Result<(), String> {
    let scale = wanted.iter().filter(|x| x.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
    let close = |(x, y): (&f64, &f64)| {
        let same = x == y && (x.to_bits() == y.to_bits() || !exact && !signs);
        same || x.is_nan() && y.is_nan() || x != y && !exact && (x - y).abs() <= 1e-13 * scale
    };
    if found.iter().zip(wanted).all(close) { Ok(()) } else { Err(format!("{found:?} is not {wanted:?}")) }
}

/// Whether greatest or least numbers are taken, which of several zeros is chosen by their order.
pub fn has_extrema(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Nest(nest) => nest.writes.iter().any(|write| matches!(write.how, How::Max | How::Min)),
        Step::Product(_) | Step::Factorization(_) => false,
        Step::Repeat(repeat) => has_extrema(&repeat.steps),
    })
}
