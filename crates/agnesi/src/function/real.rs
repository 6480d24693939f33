//! The numbers that functions are run over: those of double and of single precision.

use agnesi_engine::ir::{Program, RunError};
#[cfg(feature = "native")]
use agnesi_engine::native::Compiled;

/// A type of numbers that a [`Function`](super::Function) is run over: `f64` or `f32`, and no other.
pub trait Real: Runs {}

impl Real for f64 {}

impl Real for f32 {}

/// What a program does once it is machine code: inputs read, outputs written.
pub type Code<T> = Box<dyn FnMut(&[&[T]], &mut [&mut [T]]) -> Result<(), RunError> + Send>;

/// Numbers that programs are run over; not for others to implement.
pub trait Runs: agnesi_engine::machine::Real {
    /// A program as machine code, where there is such for these numbers.
    fn compiled(program: &Program) -> Option<Code<Self>>;
}

impl Runs for f64 {
    #[cfg(feature = "native")]
    fn compiled(program: &Program) -> Option<Code<f64>> {
        let code = Compiled::new(program).ok()?;
        let mut workspace = code.workspace().ok()?;
        Some(Box::new(move |inputs, outputs| code.run(inputs, outputs, &mut workspace)))
    }

    #[cfg(not(feature = "native"))]
    fn compiled(_: &Program) -> Option<Code<f64>> {
        None
    }
}

impl Runs for f32 {
    fn compiled(_: &Program) -> Option<Code<f32>> {
        None
    }
}
