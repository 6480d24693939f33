//! Products and sums as fused multiply-adds.

use crate::ir::{Nest, Program, Scalar, Step, Value};

/// Writes `a*b + c` as one operation, rounded once, where nothing else reads the product: for machines that have it.
/// Results change by rounding.
pub fn multiply_add(program: &mut Program) {
    steps(&mut program.steps);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
}

fn steps(all: &mut [Step]) {
    for step in all {
        match step {
            Step::Nest(nest) => fuse(nest),
            Step::Repeat(repeat) => steps(&mut repeat.steps),
            Step::Product(_) | Step::Factorization(_) => {}
        }
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
