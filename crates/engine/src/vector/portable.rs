//! Vectors of one number, for what every processor has.

// The functions of a vector take pointers.
#![allow(unsafe_code)]

use super::group::{self, Source, Vector, compiled};
use super::ops::{Formula, Gather};

// Safety: a number is an array of one, and needs no instructions beyond those the program is compiled for.
unsafe impl Vector for f64 {
    compiled!(f64, 1, 16);
}

// Safety: likewise.
unsafe impl Vector for f32 {
    compiled!(f32, 1, 32);
}
