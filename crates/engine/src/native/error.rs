//! Why a program is not compiled.

use crate::ir::CheckError;

/// Why a program is not compiled. Steps are counted from 1, those inside a repetition by the number of the step that
/// repeats them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeError {
    /// The program does not hold together.
    Check(CheckError),
    /// A step that is left to libraries: an operation of linear algebra.
    Linear {
        /// Which step.
        step: usize,
        /// The name of the operation.
        name: &'static str,
    },
    /// A step that is left to libraries: a matrix product of more multiplications than simple loops are good for.
    Product {
        /// Which step.
        step: usize,
    },
    /// A row of the table that has no kernel.
    NoKernel {
        /// Its name.
        name: &'static str,
    },
    /// More memory than there is.
    Memory {
        /// How many numbers were asked for.
        numbers: usize,
    },
    /// No code can be made for this machine; why not.
    Machine(String),
}

impl std::fmt::Display for NativeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NativeError::Check(error) => error.fmt(f),
            NativeError::Linear { step, name } => write!(f, "step {step}: `{name}` is not compiled"),
            NativeError::Product { step } => write!(f, "step {step}: a large product is not compiled"),
            NativeError::NoKernel { name } => write!(f, "`{name}` has no kernel"),
            NativeError::Memory { numbers } => {
                write!(f, "{numbers} numbers need more memory than there is")
            }
            NativeError::Machine(why) => write!(f, "no code for this machine: {why}"),
        }
    }
}

impl std::error::Error for NativeError {}
