//! Derivations for `explain`, and for `diff` with its steps.

use super::diff::Derivative;
use super::understand::Understood;
use crate::protocol::{Failure, Request, Step};

/// The steps of a derivative, and its conditions.
pub(crate) fn of(
    u: &mut Understood,
    request: &Request,
    d: &Derivative,
) -> Result<(Vec<Step>, Vec<String>), Failure> {
    let _ = (u, request, d);
    Ok((Vec::new(), Vec::new()))
}
