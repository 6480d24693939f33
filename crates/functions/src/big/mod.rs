//! Big floats that know their error: values enclosed between two big floats.

/// An interval with big-float ends.
#[derive(Clone, Debug)]
pub struct Enclosure {}

/// Why there is no enclosure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BigError {
    /// The argument lies outside the domain.
    Domain,
    /// More precision is needed to decide, such as the sign of an argument.
    Undecided,
    /// The value or a step on the way is too large to be held.
    Overflow,
    /// No big-float kernel.
    Unsupported,
}

/// A kernel: arguments and the working precision in bits, to an enclosure of the value.
pub type BigKernel = fn(&[Enclosure], usize) -> Result<Enclosure, BigError>;
