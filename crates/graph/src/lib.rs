//! Tree to typed graph: what an expression means.
//!
//! A settled tree (names resolved, definitions expanded) becomes nodes of a hash-consed [`Graph`], in normal form at
//! construction. Scalars are tensors of rank 0: products of every kind are one op, [`Contract`].

mod bounds;
mod branch;
mod call;
mod elaborate;
mod facts;
mod graph;
mod intervals;
mod known;
mod laws;
mod logic;
mod loops;
mod matching;
mod op;
mod product;
mod radical;
mod raise;
mod rational;
mod settle;
mod shaped;
mod shared_loops;
mod substitute;
mod sum;
mod taught;
mod tensor;
mod texts;
mod types;

pub use bounds::{Bounds, range_of};
pub use elaborate::{Elaborated, NoOperators, Operators, power_domain};
pub use facts::Facts;
pub use graph::{Graph, Shape, Symbol};
pub use known::{Known, known};
pub use op::{
    Args, Constant, Contract, Factor, Label, Labels, Linear, Loop, LoopState, NodeId, Op, Reduction, Sign,
    Sum, SymbolId,
};
pub use raise::{Raised, Style};
pub use rational::Rational;
pub use settle::{Definition, Fact, Limits, Scope, Settled, settle, settle_within};
pub use shaped::{Form, Need, Shaped, needs_shapes};
pub use taught::{Meaning, Taught};
pub use texts::{TableNames, Text, text};
pub use types::{Element, Size, Structure, Type};

#[cfg(test)]
mod tests;
