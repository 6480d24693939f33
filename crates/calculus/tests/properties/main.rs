//! Properties of graph and calculus over random expressions, each held against certified values.

mod expression;
mod hunt;
mod properties;
mod values;
