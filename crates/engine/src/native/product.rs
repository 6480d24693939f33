//! A tiny matrix product as a nest.

use crate::ir::{Bits, How, Nest, Product, Scalar, TensorId, Write};

/// Products of more multiplications for one matrix are left to those who do nothing else.
const TINY: usize = 512;

/// The nest, and the tensor whose entries its sums set; `None` where the product is not tiny or entries of the result
/// coincide.
pub(super) fn nest(product: &Product) -> Option<(Nest, Option<TensorId>)> {
    let [.., m, n, k] = product.extents[..] else { return None };
    let all = m.checked_mul(n)?.checked_mul(k)?;
    let mut outer = product.extents.iter().zip(&product.to.strides).take(product.extents.len() - 1);
    let to = product.to.tensor;
    let itself = product.left.tensor == to || product.right.tensor == to;
    if all > TINY || itself || outer.any(|(extent, stride)| *extent > 1 && *stride == 0) {
        return None;
    }
    let mut nest = Nest { extents: product.extents.clone(), ..Nest::default() };
    let mut write = Write { value: 2, to: product.to.clone(), how: if k > 1 { How::Add } else { How::Set } };
    if k == 0 {
        // A sum of nothing: the loop over it makes one trip.
        nest.body = vec![Scalar::Number(Bits::new(0.0 * product.scale))];
        *nest.extents.last_mut()? = 1;
        write.value = 0;
    } else {
        nest.reads = vec![product.left.clone(), product.right.clone()];
        nest.body = vec![Scalar::Read(0), Scalar::Read(1), Scalar::Mul(0, 1)];
        if k == 1 {
            // A sum begins with 0, which makes 0 of -0.
            nest.body.extend([Scalar::Number(Bits::new(0.0)), Scalar::Add(2, 3)]);
        }
        if product.scale != 1.0 {
            let sum = nest.body.len() as u32 - 1;
            nest.body.extend([Scalar::Number(Bits::new(product.scale)), Scalar::Mul(sum, sum + 1)]);
        }
        write.value = nest.body.len() as u32 - 1;
    }
    nest.writes = vec![write];
    Some((nest, (k > 1).then_some(to)))
}
