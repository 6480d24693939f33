//! Zeros that sums begin with, where nothing tells them from what is added to them.
//!
//! `0 + x` is x but for x = -0. So a sum that begins with 0 may begin with its first term where the sign of a zero comes
//! to nothing: in a comparison, or in a sum with something that is never -0.

use super::fuse;
use crate::ir::{Bits, Nest, Scalar, Step, Value};

/// Whether a number is known and is the zero of this sign.
pub(super) fn is_zero(number: Option<f64>, zero: f64) -> bool {
    number.is_some_and(|x| x.to_bits() == zero.to_bits())
}

/// Leaves out 0 as a term where the bits of what nests write are the same without it.
pub(super) fn leave_out_in(steps: &mut [Step]) {
    for step in steps {
        match step {
            Step::Nest(nest) => {
                leave_out(nest);
                into_first_products(nest);
                fuse::sweep(nest);
            }
            Step::Repeat(repeat) => leave_out_in(&mut repeat.steps),
            Step::Product(_) | Step::Factorization(_) => {}
        }
    }
}

/// The same for one nest; what is not used any more stays in the body.
fn leave_out(nest: &mut Nest) {
    let exact = exact(nest);
    let number = |value: Value| match nest.body[value as usize] {
        Scalar::Number(bits) => Some(bits.get()),
        _ => None,
    };
    let mut names: Vec<Value> = Vec::with_capacity(nest.body.len());
    for (at, op) in nest.body.iter().enumerate() {
        names.push(match *op {
            Scalar::Add(a, b) if !exact[at] && is_zero(number(a), 0.0) => names[b as usize],
            Scalar::Add(a, b) if !exact[at] && is_zero(number(b), 0.0) => names[a as usize],
            _ => at as Value,
        });
    }
    let name = |value: Value| names[value as usize];
    nest.body.iter_mut().for_each(|op| *op = op.map_operands(name));
    fuse::rename(nest, name);
}

/// Adds 0 to the first product of a sum instead of to the sum, where nothing else reads the sum on the way: a sum that begins
/// with 0 is never -0, and else the same, but for products that vanish by underflow: `a*b + 0`, which is one operation, keeps
/// their sign.
fn into_first_products(nest: &mut Nest) {
    let uses = fuse::uses(nest);
    let zero = |value: Value| match nest.body[value as usize] {
        Scalar::Number(bits) => is_zero(Some(bits.get()), 0.0),
        _ => false,
    };
    let lone = |value: Value| uses[value as usize] == 1;
    let first_product = |mut value: Value| loop {
        match nest.body[value as usize] {
            _ if !lone(value) => return None,
            Scalar::Mul(..) => return Some(value),
            Scalar::Add(a, b) => {
                let of = |wanted: fn(&Scalar) -> bool| {
                    [a, b].into_iter().find(|value| lone(*value) && wanted(&nest.body[*value as usize]))
                };
                let sum = of(|op| matches!(op, Scalar::Add(..)));
                value = sum.or_else(|| of(|op| matches!(op, Scalar::Mul(..))))?;
            }
            _ => return None,
        }
    };
    let found: Vec<(usize, Value, Value)> = nest
        .body
        .iter()
        .enumerate()
        .filter_map(|(at, op)| {
            let Scalar::Add(a, b) = *op else { return None };
            let sum = if zero(b) { a } else { Some(b).filter(|_| zero(a))? };
            Some((at, sum, first_product(sum)?))
        })
        .collect();
    if found.is_empty() {
        return;
    }
    // The number stands before all that reads it.
    let behind = |value: Value| value + 1;
    let mut names: Vec<Value> = (0..nest.body.len() as Value).map(behind).collect();
    for (at, sum, _) in &found {
        names[*at] = behind(*sum);
    }
    let name = |value: Value| names[value as usize];
    let mut body = Vec::with_capacity(nest.body.len() + 1);
    body.push(Scalar::Number(Bits::new(0.0)));
    body.extend(nest.body.iter().map(|op| op.map_operands(name)));
    for (_, _, product) in found {
        if let Scalar::Mul(a, b) = body[behind(product) as usize] {
            body[behind(product) as usize] = Scalar::Fma(a, b, 0);
        }
    }
    nest.body = body;
    fuse::rename(nest, name);
}

/// The values of a body that are never -0.
pub(super) fn never_negative_zero(nest: &Nest) -> Vec<bool> {
    let mut never: Vec<bool> = Vec::with_capacity(nest.body.len());
    for op in &nest.body {
        let of = |value: Value| never[value as usize];
        never.push(match *op {
            Scalar::Number(bits) => !is_zero(Some(bits.get()), -0.0),
            Scalar::Trip(_) | Scalar::Compare(..) | Scalar::Not(_) | Scalar::And(..) | Scalar::Or(..) => true,
            // A sum is -0 where both terms are alone.
            Scalar::Add(a, b) => of(a) || of(b),
            Scalar::Mul(a, b) => a == b,
            Scalar::Select(_, a, b) => of(a) && of(b),
            Scalar::Read(_)
            | Scalar::Neg(_)
            | Scalar::Sub(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Call1(..)
            | Scalar::Call2(..)
            | Scalar::Call3(..) => false,
        });
    }
    never
}

/// The values of which a zero must have its sign for the writes to have their bits.
fn exact(nest: &Nest) -> Vec<bool> {
    let never = never_negative_zero(nest);
    let mut exact = vec![false; nest.body.len()];
    let accesses = nest.reads.iter().chain(nest.writes.iter().map(|write| &write.to));
    accesses.flat_map(|access| &access.picks).for_each(|pick| exact[pick.index as usize] = true);
    nest.writes.iter().for_each(|write| exact[write.value as usize] = true);
    for at in (0..nest.body.len()).rev() {
        let wanted = exact[at];
        let mut need = |value: Value| exact[value as usize] = true;
        match nest.body[at] {
            Scalar::Compare(..) | Scalar::Not(_) | Scalar::And(..) | Scalar::Or(..) => {}
            Scalar::Read(_) | Scalar::Number(_) | Scalar::Trip(_) => {}
            // The sign of a zero changes that of a zero alone.
            Scalar::Neg(_) | Scalar::Add(..) | Scalar::Sub(..) | Scalar::Mul(..) | Scalar::Select(..)
                if !wanted => {}
            // Beside what is never -0 the other term may have any zero.
            Scalar::Add(a, _) if never[a as usize] => need(a),
            Scalar::Add(_, b) if never[b as usize] => need(b),
            Scalar::Select(_, a, b) => [a, b].into_iter().for_each(need),
            op @ (Scalar::Neg(_)
            | Scalar::Add(..)
            | Scalar::Sub(..)
            | Scalar::Mul(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Call1(..)
            | Scalar::Call2(..)
            | Scalar::Call3(..)) => op.for_each_operand(need),
        }
    }
    exact
}
