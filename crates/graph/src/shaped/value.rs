//! Values while they are read: a node, how it stands in matrix notation, and the binders that it depends on.

use smallvec::SmallVec;

use crate::op::NodeId;

/// How a value stands in matrix notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number.
    Scalar,
    /// A vector.
    Column,
    /// A vector behind `'`.
    Row,
    /// Two axes.
    Matrix,
    /// Three axes or more.
    Tensor(u8),
}

impl Form {
    /// The form of so many axes.
    pub fn of_rank(rank: usize) -> Form {
        match rank {
            0 => Form::Scalar,
            1 => Form::Column,
            2 => Form::Matrix,
            n => Form::Tensor(n as u8),
        }
    }

    /// How many axes.
    pub fn rank(self) -> usize {
        match self {
            Form::Scalar => 0,
            Form::Column | Form::Row => 1,
            Form::Matrix => 2,
            Form::Tensor(n) => n as usize,
        }
    }
}

/// The place of a binder among those of a reading; each is an axis in front.
pub(super) type Binder = u16;
pub(super) type Binders = SmallVec<[Binder; 2]>;

/// A value: a node whose axes are those of its binders, in ascending order, and then its own.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub node: NodeId,
    pub binders: Binders,
    pub form: Form,
    pub boolean: bool,
}

impl Value {
    pub fn scalar(node: NodeId) -> Value {
        Value::new(node, Form::Scalar)
    }

    pub fn new(node: NodeId, form: Form) -> Value {
        Value { node, binders: Binders::new(), form, boolean: false }
    }

    pub fn rank(&self) -> usize {
        self.form.rank()
    }

    pub fn is_scalar(&self) -> bool {
        self.form == Form::Scalar
    }
}

/// The binders of several values, in order.
pub(super) fn all_binders(values: &[&Value]) -> Binders {
    let mut all: Binders = values.iter().flat_map(|v| v.binders.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
