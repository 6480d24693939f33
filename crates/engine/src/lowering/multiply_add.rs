//! Products and sums as fused multiply-adds.

use super::branches;
use crate::ir::{Nest, Program, Scalar, Step, Value, steady};

/// Writes `a*b + c` as one operation, rounded once, where nothing else reads the product: for machines that have it. So it
/// does with `c - a*b` where a factor is the same on every trip: its sign is changed once.
/// Results change by rounding.
pub fn multiply_add(program: &mut Program) {
    branches::join_branches(&mut program.steps);
    steps(&mut program.steps);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

fn steps(all: &mut [Step]) {
    for step in all {
        match step {
            Step::Nest(nest) => {
                signs(nest);
                fuse(nest);
            }
            Step::Repeat(repeat) => steps(&mut repeat.steps),
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
}

/// Puts the sign of a product that nothing else reads into a factor that is the same on every trip.
fn signs(nest: &mut Nest) {
    let negative = |op: &Scalar| matches!(op, Scalar::Neg(_) | Scalar::Sub(..));
    if nest.extents.is_empty() || !nest.body.iter().any(negative) {
        return;
    }
    let (steady, uses) = (steady(nest), super::fuse::uses(nest));
    for at in 0..nest.body.len() {
        let (product, other) = match nest.body[at] {
            Scalar::Neg(a) => (a, None),
            Scalar::Sub(a, b) => (b, Some(a)),
            _ => continue,
        };
        let Scalar::Mul(a, b) = nest.body[product as usize] else { continue };
        let (same, factor) = if steady[a as usize] { (a, b) } else { (b, a) };
        if uses[product as usize] != 1 || !steady[same as usize] || steady[factor as usize] {
            continue;
        }
        nest.body[product as usize] = Scalar::Neg(same);
        nest.body[at] = match other {
            None => Scalar::Mul(product.min(factor), product.max(factor)),
            Some(other) => Scalar::Fma(factor, product, other),
        };
    }
}

fn fuse(nest: &mut Nest) {
    let mut uses = super::fuse::uses(nest);
    for at in 0..nest.body.len() {
        let lone = |value: Value| match nest.body[value as usize] {
            Scalar::Mul(a, b) if uses[value as usize] == 1 => Some((value, a, b)),
            _ => None,
        };
        let fused = match nest.body[at] {
            Scalar::Add(x, y) => match (lone(x), lone(y)) {
                (Some((product, a, b)), _) => Some((product, Scalar::Fma(a, b, y))),
                (None, Some((product, a, b))) => Some((product, Scalar::Fma(a, b, x))),
                (None, None) => None,
            },
            _ => None,
        };
        if let Some((product, op)) = fused {
            nest.body[at] = op;
            uses[product as usize] = 0;
        }
    }
    super::fuse::sweep(nest);
}
