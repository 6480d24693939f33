//! Numbers to answers: roots and critical points of functions given as closures.
//!
//! What is found here is found by sampling and polished with derivatives. Nothing is certified: a root between two
//! samples that no sample hints at is missed. Each answer says what it could not resolve. The same input gives the
//! same answer, and the number of evaluations is bounded.
//!
//! ```
//! use agnesi_solve::{Search, roots};
//!
//! let found = roots(&mut |x| x * x - 2.0, Some(&mut |x| 2.0 * x), (0.0, 5.0), &Search::default());
//! assert!((found.roots[0].x - 2f64.sqrt()).abs() < 1e-15);
//! ```

mod corners;
mod critical;
mod eigen;
mod refine;
mod roots;
mod scan;
mod stationary;

pub use critical::{Critical, CriticalKind, CriticalPoints, critical_points};
pub use eigen::symmetric_eigenvalues;
pub use roots::{Root, Roots, roots};
pub use stationary::{Stationary, StationaryKind, StationaryPoint, StationarySearch, stationary_points};

/// A function of one variable; NaN or an infinity where it has no value.
pub type Line<'f> = dyn FnMut(f64) -> f64 + 'f;

/// How hard to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Into how many cells the interval is cut before any is cut finer.
    pub cells: usize,
    /// How often a cell that may hide a root is halved at most.
    pub depth: u32,
    /// The most evaluations of the function for sampling; polishing takes some 100 more for each root.
    pub evaluations: usize,
    /// The most roots that are polished.
    pub most: usize,
}

impl Default for Search {
    /// 500 cells, halved 8 times at most, 20,000 evaluations, 500 roots.
    fn default() -> Search {
        Search { cells: 500, depth: 8, evaluations: 20_000, most: 500 }
    }
}
