//! Compiled programs give the values of the interpreter.

mod compare;
mod corpus;
mod random;
mod refused;
mod rows;

use compare::agrees;
