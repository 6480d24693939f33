//! Products that are only read to be written elsewhere times a number, or added to zeros, made to write them so themselves.

use crate::ir::{Access, How, Nest, Product, Program, Scalar, Step};

/// Takes up each nest that does nothing but scale or copy what a product has written into the product. A gradient that is a
/// mean over rows is then no pass over its entries more than one that is a sum, and a Hessian to which a multiple of the
/// identity is added none more than the product.
pub(super) fn take_up_scales(program: &mut Program) {
    let mut uses = vec![0u32; program.tensors.len()];
    program.outputs.iter().for_each(|(_, id)| uses[id.index()] += 1);
    count(&program.steps, &mut uses);
    let mut steps = std::mem::take(&mut program.steps);
    within(&mut steps, program, &uses, false);
    program.steps = steps;
}

/// How many steps read or write each tensor.
fn count(steps: &[Step], uses: &mut [u32]) {
    for step in steps {
        step.for_each_read(&mut |id| uses[id.index()] += 1);
        step.for_each_write(&mut |id| uses[id.index()] += 1);
    }
}

/// `again` tells of the steps of a loop.
fn within(steps: &mut Vec<Step>, program: &Program, uses: &[u32], again: bool) {
    let mut at = 0;
    while at < steps.len() {
        if let Step::Repeat(repeat) = &mut steps[at] {
            within(&mut repeat.steps, program, uses, true);
        }
        let (before, rest) = steps.split_at_mut(at);
        let scaled = match &rest[0] {
            Step::Nest(nest)
                if scales_alone(nest, uses)
                    && (sets(nest, program) || !again && begins(nest, before, program)) =>
            {
                before.iter_mut().any(|step| match step {
                    Step::Product(product) => scale(product, nest),
                    Step::Nest(_) | Step::Factorization(_) | Step::Repeat(_) => false,
                })
            }
            Step::Nest(_) | Step::Product(_) | Step::Factorization(_) | Step::Repeat(_) => false,
        };
        if scaled {
            steps.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Whether a nest is all that reads a tensor, and does no more than to write it elsewhere times a number.
fn scales_alone(nest: &Nest, uses: &[u32]) -> bool {
    let ([read], [write]) = (&nest.reads[..], &nest.writes[..]) else { return false };
    let plain = read.picks.is_empty() && write.to.picks.is_empty();
    // Read and written once.
    plain && uses[read.tensor.index()] == 2 && factor(nest, write.value).is_some()
}

/// Whether a nest sets a tensor that it alone writes, so that nobody minds when.
fn sets(nest: &Nest, program: &Program) -> bool {
    nest.writes.iter().all(|write| write.how == How::Set && program.tensor(write.to.tensor).start.is_none())
}

/// Whether a nest is the first to write a tensor, and adds positive multiples to its zeros: nobody reads it before, and the
/// sum of 0 and a number is that number, if it is no zero with a sign.
fn begins(nest: &Nest, before: &[Step], program: &Program) -> bool {
    nest.writes.iter().all(|write| {
        let is_zero = program.tensor(write.to.tensor).start.is_some_and(|start| start.get().to_bits() == 0);
        let mut first = true;
        before.iter().for_each(|step| step.for_each_write(&mut |id| first &= id != write.to.tensor));
        write.how == How::Add && is_zero && first && factor(nest, write.value).is_some_and(|by| by > 0.0)
    })
}

/// Whether a nest that scales alone scales this product, which then does it itself.
fn scale(product: &mut Product, nest: &Nest) -> bool {
    let ([read], [write]) = (&nest.reads[..], &nest.writes[..]) else { return false };
    let others = [product.left.tensor, product.right.tensor];
    if read.tensor != product.to.tensor || product.scale != 1.0 || others.contains(&write.to.tensor) {
        return false;
    }
    let (Some(number), Some(to)) = (factor(nest, write.value), moved(product, nest, read, &write.to)) else {
        return false;
    };
    (product.to, product.scale) = (to, number);
    true
}

/// Where a product writes what a nest would move from `read` to `write`; `None` unless it moves all of it.
fn moved(product: &Product, nest: &Nest, read: &Access, write: &Access) -> Option<Access> {
    let outer = product.extents.len() - 1;
    let mut to = Access { strides: product.to.strides.iter().map(|_| 0).collect(), ..write.clone() };
    let mut matched = 0;
    for at in (0..outer).filter(|at| product.extents[*at] != 1) {
        let stride = product.to.strides[at];
        let found = (0..nest.extents.len())
            .find(|i| read.strides[*i] == stride && nest.extents[*i] == product.extents[at])?;
        to.strides[at] = write.strides[found];
        matched += 1;
    }
    let loops = nest.extents.iter().filter(|extent| **extent != 1).count();
    (loops == matched && read.offset == product.to.offset).then_some(to)
}

/// The number that a body multiplies what it reads with.
fn factor(nest: &Nest, value: u32) -> Option<f64> {
    let is_read = |value: u32| matches!(nest.body.get(value as usize), Some(Scalar::Read(0)));
    let number = |value: u32| match nest.body.get(value as usize) {
        Some(Scalar::Number(bits)) => Some(bits.get()),
        _ => None,
    };
    match nest.body.get(value as usize)? {
        Scalar::Read(0) => Some(1.0),
        Scalar::Neg(a) if is_read(*a) => Some(-1.0),
        Scalar::Mul(a, b) if is_read(*b) => number(*a),
        Scalar::Mul(a, b) if is_read(*a) => number(*b),
        Scalar::Read(_)
        | Scalar::Number(_)
        | Scalar::Trip(_)
        | Scalar::Neg(_)
        | Scalar::Add(..)
        | Scalar::Sub(..)
        | Scalar::Mul(..)
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
