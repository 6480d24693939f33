//! Tensors: contractions, reductions, linear algebra and indices, in normal form at construction.

mod broadcast;
mod canonical;
mod contract;
mod indices;
mod linear;
mod reduce;
mod structure;
