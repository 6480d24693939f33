//! Sums of branches under one condition as one branch.

use super::fuse;
use crate::ir::{Nest, Scalar, Step, Value, steady};

/// Writes `(if c then a else b) + (if c then d else e)` as `if c then a + d else b + e`, bit for bit the same, where the terms of
/// one branch are the same on every trip: so that what is chosen at each is chosen once, and products are added as one
/// operation.
pub(super) fn join_branches(steps: &mut [Step]) {
    for step in steps {
        match step {
            Step::Nest(nest) => join(nest),
            Step::Repeat(repeat) => join_branches(&mut repeat.steps),
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
}

/// A value of the new body.
struct Made {
    op: Scalar,
    /// How often it is read, and whether it is the same on every trip.
    uses: u32,
    steady: bool,
}

fn join(nest: &mut Nest) {
    if !nest.body.iter().any(|op| matches!(op, Scalar::Select(..))) {
        return;
    }
    let (steady, uses) = (steady(nest), fuse::uses(nest));
    let mut made: Vec<Made> = Vec::with_capacity(nest.body.len());
    let mut names: Vec<Value> = Vec::with_capacity(nest.body.len());
    for (at, op) in nest.body.iter().enumerate() {
        let op = op.map_operands(|value| names[value as usize]);
        let op = match op {
            Scalar::Add(x, y) if x != y => joined(&mut made, x, y).unwrap_or(op),
            op => op,
        };
        names.push(push(&mut made, op, uses[at], steady[at]));
    }
    nest.body = made.into_iter().map(|made| made.op).collect();
    fuse::rename(nest, |value| names[value as usize]);
    fuse::sweep(nest);
}

fn push(made: &mut Vec<Made>, op: Scalar, uses: u32, steady: bool) -> Value {
    made.push(Made { op, uses, steady });
    made.len() as Value - 1
}

/// The one branch that the sum of two values is.
fn joined(made: &mut Vec<Made>, x: Value, y: Value) -> Option<Scalar> {
    let branch = |value: Value| match made[value as usize] {
        Made { op: Scalar::Select(c, then, other), uses: 1, .. } => Some((c, then, other)),
        _ => None,
    };
    let ((c, a, b), (other, d, e)) = (branch(x)?, branch(y)?);
    let both = |x: Value, y: Value| made[x as usize].steady && made[y as usize].steady;
    let [then_steady, else_steady] = [both(a, d), both(b, e)];
    if c != other || !(then_steady || else_steady) {
        return None;
    }
    let then = push(made, Scalar::Add(a, d), 1, then_steady);
    let other = push(made, Scalar::Add(b, e), 1, else_steady);
    Some(Scalar::Select(c, then, other))
}
