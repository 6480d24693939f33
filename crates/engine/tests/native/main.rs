//! Compiled programs give the values of the interpreter.

mod corpus;
mod random;
mod refused;

use agnesi_engine::ir::Program;
use agnesi_engine::native::{Compiled, Effort};

/// Runs a program by the interpreter and by code of both efforts, twice each and in both ways of calling; `exact` says
/// which outputs must have the same bits.
pub fn agrees(program: &Program, inputs: &[Vec<f64>], exact: &[bool]) -> Result<(), String> {
    let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let wanted = program.run(&slices);
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
            let scale = wanted.iter().filter(|x| x.is_finite()).fold(1.0f64, |most, x| most.max(x.abs()));
            let close = |(x, y): (&f64, &f64)| {
                x == y || x.is_nan() && y.is_nan() || !exact[at] && (x - y).abs() <= 1e-13 * scale
            };
            if !found.iter().zip(wanted).all(close) {
                return Err(format!("{effort:?}: output {at}: {found:?} is not {wanted:?}\n{program}"));
            }
        }
    }
    Ok(())
}
