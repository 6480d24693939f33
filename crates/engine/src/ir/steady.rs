//! Which values of a nest change with its loops.

use super::{Access, Nest, Scalar};

/// Of each value whether it is the same on every trip. What the nest writes may change.
pub(crate) fn steady(nest: &Nest) -> Vec<bool> {
    constant(nest, |read| is_kept(nest, read) && read.strides.iter().all(|stride| *stride == 0), |_| false)
}

/// Of each value whether it changes along a loop.
#[cfg(feature = "machine")]
pub(crate) fn varying(nest: &Nest, along: Option<usize>) -> Vec<bool> {
    let still = |read: &Access| along.is_none_or(|axis| read.strides[axis] == 0);
    let same = constant(nest, still, |trip| Some(trip) != along);
    same.into_iter().map(|same| !same).collect()
}

/// Of each value whether it changes along one loop at most. What the nest writes may change.
#[cfg(feature = "machine")]
pub(crate) fn repeating(nest: &Nest, along: Option<usize>) -> Vec<bool> {
    let moves = |(axis, stride): (usize, &isize)| *stride != 0 && Some(axis) != along;
    let still = |read: &Access| is_kept(nest, read) && !read.strides.iter().enumerate().any(moves);
    constant(nest, still, |trip| Some(trip) == along)
}

/// Whether the nest does not write what it reads there.
fn is_kept(nest: &Nest, read: &Access) -> bool {
    nest.writes.iter().all(|write| write.to.tensor != read.tensor)
}

/// Of each value whether it is made of reads that are still and of trips that count.
fn constant(nest: &Nest, still: impl Fn(&Access) -> bool, counts: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut found: Vec<bool> = Vec::with_capacity(nest.body.len());
    for op in &nest.body {
        let mut same = match *op {
            Scalar::Read(read) => {
                let access = &nest.reads[read as usize];
                still(access) && access.picks.iter().all(|pick| found[pick.index as usize])
            }
            Scalar::Trip(axis) => counts(axis as usize),
            _ => true,
        };
        op.for_each_operand(|value| same &= found[value as usize]);
        found.push(same);
    }
    found
}
