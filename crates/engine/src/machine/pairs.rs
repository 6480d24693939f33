//! Sums, differences and products in pairs: one that a single other wants is made with it, by one kernel for two. What is
//! rounded is rounded as before, so the bits stay.

use crate::ir::{Nest, Scalar, Value};
use crate::vector::Ternary;

/// For each operation of a nest the one before it that is made with it; `varies` tells what changes along the vector.
pub(super) fn joined(nest: &Nest, varies: &[bool]) -> Vec<Option<Value>> {
    let mut uses = vec![0; nest.body.len()];
    nest.body.iter().for_each(|op| op.for_each_operand(|value| uses[value as usize] += 1));
    let accesses = nest.reads.iter().chain(nest.writes.iter().map(|write| &write.to));
    accesses.for_each(|access| access.picks.iter().for_each(|pick| uses[pick.index as usize] += 1));
    nest.writes.iter().for_each(|write| uses[write.value as usize] += 1);
    let mut joined: Vec<Option<Value>> = vec![None; nest.body.len()];
    for (at, op) in nest.body.iter().enumerate() {
        let Some((a, b)) = operands(op) else { continue };
        // The later one first, which is nearer; one that is itself a pair would make three.
        joined[at] = [a.max(b), a.min(b)].into_iter().find(|inner| {
            let inner = *inner as usize;
            varies[inner]
                && uses[inner] == 1
                && joined[inner].is_none()
                && operands(&nest.body[inner]).is_some()
        });
    }
    joined
}

/// The operands of a sum, a difference or a product.
fn operands(op: &Scalar) -> Option<(Value, Value)> {
    match *op {
        Scalar::Add(a, b) | Scalar::Sub(a, b) | Scalar::Mul(a, b) => Some((a, b)),
        Scalar::Read(_)
        | Scalar::Number(_)
        | Scalar::Trip(_)
        | Scalar::Neg(_)
        | Scalar::Div(..)
        | Scalar::Fma(..)
        | Scalar::Call1(..)
        | Scalar::Call2(..)
        | Scalar::Call3(..)
        | Scalar::Compare(..)
        | Scalar::Not(_)
        | Scalar::And(..)
        | Scalar::Or(..)
        | Scalar::Select(..) => None,
    }
}

/// The kernel that makes an operation and its operand `inner`, with the operands of both.
pub(super) fn kernel(op: &Scalar, inner: Value, of_inner: &Scalar) -> Option<(Ternary, [Value; 3])> {
    let ((x, y), (a, b)) = (operands(of_inner)?, operands(op)?);
    let first = a == inner;
    let kernel = match (of_inner, op) {
        (Scalar::Mul(..), Scalar::Add(..)) => Ternary::MulAdd,
        (Scalar::Mul(..), Scalar::Sub(..)) if first => Ternary::MulSub,
        (Scalar::Mul(..), Scalar::Sub(..)) => Ternary::SubMul,
        (Scalar::Mul(..), _) => Ternary::MulMul,
        (Scalar::Add(..), Scalar::Add(..)) => Ternary::AddAdd,
        (Scalar::Add(..), Scalar::Sub(..)) if first => Ternary::AddSub,
        (Scalar::Add(..), Scalar::Sub(..)) => Ternary::SubAdd,
        (Scalar::Add(..), _) => Ternary::AddMul,
        (_, Scalar::Add(..)) => Ternary::DifferenceAdd,
        (_, Scalar::Sub(..)) if first => Ternary::DifferenceSub,
        (_, Scalar::Sub(..)) => Ternary::SubDifference,
        (..) => Ternary::DifferenceMul,
    };
    Some((kernel, [x, y, if first { b } else { a }]))
}
