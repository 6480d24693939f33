//! Contractions of tensors: one node however they are written, and the value that a direct sum over indices gives.

mod properties;
mod random;
