//! Operations of linear algebra.

use super::{Memory, Real};
use crate::ir::{Factorization, RunError};
use crate::tensors::{Tensor, factorize};

/// Runs one; where it has no result, that is NaN, and the reason is kept.
pub(super) fn run<T: Real>(f: &Factorization, memory: &Memory<T>, fault: &mut Option<RunError>) {
    let shape = memory.program.tensor(f.from).shape.clone();
    let to = memory.all(f.to);
    let Some(tensor) = Tensor::new(shape, memory.doubles(f.from)) else { return };
    match factorize(f.op, &tensor) {
        Ok(result) => to.iter().zip(result.data()).for_each(|(to, x)| to.set(T::from_f64(*x))),
        Err(error) => {
            to.iter().for_each(|to| to.set(T::from_f64(f64::NAN)));
            fault.get_or_insert(error.into());
        }
    }
}
