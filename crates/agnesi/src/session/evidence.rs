//! The value of a derivative at a point in three ways: exact, automatic and numeric.

use agnesi_graph::NodeId;

use super::diff::Derivative;
use super::point::Point;
use super::understand::Understood;
use super::write;
use crate::protocol::{Evidence, Failure, OneSide, Value};

/// The value, where there is one, with what supports it.
pub(crate) struct AtPoint {
    pub value: Option<Value>,
    pub evidence: Evidence,
    pub conventions: Vec<String>,
}

/// Values of a derivative at a point.
pub(crate) fn at(
    u: &mut Understood,
    d: &Derivative,
    point: &Point,
    side: Option<OneSide>,
) -> Result<AtPoint, Failure> {
    let _ = side;
    let entries: Vec<NodeId> = d.entries.clone();
    let values = u.exact_values(&entries, point)?;
    if values.by_limit {
        u.note_limit(point);
    }
    let components = u.components.clone();
    let conventions = write::conventions(u, &components, point);
    let value = values.value(&d.shape);
    let evidence = Evidence {
        exact: Some(value.clone()),
        exact_error: values.error(&d.shape),
        automatic: None,
        numeric: None,
        numeric_error: None,
        agree: true,
        trust: None,
    };
    Ok(AtPoint { value: Some(value), evidence, conventions })
}
