//! Element types.

use crate::vector::Element;

/// A type of numbers that programs are run over.
pub trait Real:
    Element + faer::traits::ComplexField + Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static
{
    /// Its name.
    const NAME: &'static str;

    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;

    /// The number as a double, exactly.
    fn to_f64(self) -> f64;

    /// The nearest number of this type, as a double.
    fn rounded(x: f64) -> f64 {
        Self::from_f64(x).to_f64()
    }
}

impl Real for f64 {
    const NAME: &'static str = "f64";

    fn from_f64(x: f64) -> f64 {
        x
    }

    fn to_f64(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const NAME: &'static str = "f32";

    fn from_f64(x: f64) -> f32 {
        x as f32
    }

    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}
