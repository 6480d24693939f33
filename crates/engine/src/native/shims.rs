//! Rust's kernels behind the calling convention of C, so that code made here can call them.
//!
//! Each takes the kernel as its first argument. Kernels do not panic; one that did would end the process rather than
//! unwind through code that has no tables for it.

// Kernels are passed on as they are and called by Rust again: nothing but Rust knows their convention.
#![expect(improper_ctypes_definitions)]

pub(super) extern "C" fn one(kernel: fn(f64) -> f64, x: f64) -> f64 {
    kernel(x)
}

pub(super) extern "C" fn two(kernel: fn(f64, f64) -> f64, x: f64, y: f64) -> f64 {
    kernel(x, y)
}

pub(super) extern "C" fn three(kernel: fn(f64, f64, f64) -> f64, x: f64, y: f64, z: f64) -> f64 {
    kernel(x, y, z)
}

/// `x*y + z`, rounded once, for machines without the instruction.
pub(super) fn multiply_add(x: f64, y: f64, z: f64) -> f64 {
    x.mul_add(y, z)
}
