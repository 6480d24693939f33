//! Tensors: contractions, reductions, linear algebra and indices, in normal form at construction.

mod broadcast;
mod canonical;
mod contract;
mod elementwise;
mod indices;
mod joins;
mod linear;
mod reduce;
mod structure;

pub(crate) use elementwise::Entries;
