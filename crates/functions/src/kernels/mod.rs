//! The values of the rows as doubles.
//!
//! Every kernel is total: outside the domain of its row it gives NaN, never a panic. Results do not depend on the
//! platform: nothing here calls the system's mathematical library.

pub mod comparison;
pub mod elementary;
