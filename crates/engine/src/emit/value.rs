//! Array expressions: what a node is computed by, before a language spells it.

use agnesi_graph::{Labels, Linear, NodeId, Rational, Reduction, SymbolId};

/// For each axis of a node whether the expression has it. Along an axis that it does not have the value is the same, and
/// broadcasting supplies the axis where the expression stands beside others.
pub(super) type Axes = Vec<bool>;

/// An expression and the axes that it has.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub kind: Box<Kind>,
    pub axes: Axes,
}

/// Arithmetic entry by entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Greater,
    GreaterEqual,
    Less,
    Equal,
}

/// One axis of what is indexed; all numbers count from 1.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// The whole axis.
    All,
    /// The entries of an index, which has no axis or one.
    At(Value),
    /// So many entries after the first few.
    Slice(i64, Value),
}

/// What is computed.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Another node.
    Node(NodeId),
    /// A name of a helper function.
    Local(&'static str),
    Number(Rational),
    /// A number that is no fraction: spelled by its name where the language has it.
    Constant(&'static str, f64),
    Truth(bool),
    /// The size that a symbol stands for.
    Size(SymbolId),
    Negate(Value),
    Arithmetic(Arithmetic, Value, Value),
    /// Entry by entry.
    Power(Value, Rational),
    /// Of vectors and matrices.
    MatMul(Value, Value),
    /// `inv(A)*b`.
    Solve(Value, Value),
    /// Axis `i` is axis `order[i]` of the operand.
    Permute(Value, Vec<usize>),
    /// The axes of the operand are those that are there.
    Spread(Value),
    /// The operand with all its axes, of these sizes.
    Broadcast(Value, Vec<Value>),
    /// The sum over these axes.
    Sum(Value, Vec<usize>),
    Trace(Value),
    /// The diagonal of a matrix.
    Diagonal(Value),
    /// The matrix of a diagonal.
    Diagonalize(Value),
    Identity(Value),
    Outer(Value, Value),
    Einsum(Vec<(Value, Labels)>, Labels),
    /// A row of the table, or one of the few others that every language has.
    Call(&'static str, Vec<Value>),
    Compare(Relation, Value, Value),
    Not(Value),
    All(Vec<Value>),
    Any(Vec<Value>),
    Where(Value, Value, Value),
    /// Over the last so many axes.
    Reduce(Reduction, Value, usize),
    Linear(Linear, Value),
    Iota(Value),
    Pick(Value, Vec<Place>),
    /// Entry `i` of row `i` (or, if the axis is 0, of column `i`) at an index.
    PickEach(Value, usize, Value, Value),
    /// 1 where the last axis is the index.
    OneHot(Value, Value),
}

impl Value {
    pub fn new(kind: Kind, axes: Axes) -> Value {
        Value { kind: Box::new(kind), axes }
    }

    pub fn scalar(kind: Kind) -> Value {
        Value::new(kind, Axes::new())
    }

    pub fn number(c: &Rational) -> Value {
        Value::scalar(Kind::Number(c.clone()))
    }

    pub fn integer(n: i64) -> Value {
        Value::scalar(Kind::Number(Rational::from(n)))
    }

    /// A tensor that has all of its axes.
    pub fn full(kind: Kind, rank: usize) -> Value {
        Value::new(kind, vec![true; rank])
    }

    pub fn rank(&self) -> usize {
        self.axes.len()
    }

    /// Whether every axis is there.
    pub fn is_full(&self) -> bool {
        self.axes.iter().all(|there| *there)
    }

    /// Whether no axis is.
    pub fn is_scalar(&self) -> bool {
        !self.axes.contains(&true)
    }

    pub fn is_number(&self, n: i64) -> bool {
        matches!(&*self.kind, Kind::Number(c) if c.as_integer() == Some(n))
    }

    pub fn arithmetic(op: Arithmetic, a: Value, b: Value) -> Value {
        let axes = joined(&[&a, &b]);
        Value::new(Kind::Arithmetic(op, a, b), axes)
    }

    pub fn negated(self) -> Value {
        let axes = self.axes.clone();
        Value::new(Kind::Negate(self), axes)
    }

    pub fn power(self, exponent: &Rational) -> Value {
        if exponent.is_one() {
            return self;
        }
        let axes = self.axes.clone();
        Value::new(Kind::Power(self, exponent.clone()), axes)
    }

    pub fn call(name: &'static str, args: Vec<Value>) -> Value {
        let axes = joined(&args.iter().collect::<Vec<_>>());
        Value::new(Kind::Call(name, args), axes)
    }

    pub fn compare(relation: Relation, a: Value, b: Value) -> Value {
        let axes = joined(&[&a, &b]);
        Value::new(Kind::Compare(relation, a, b), axes)
    }

    pub fn choose(condition: Value, yes: Value, no: Value) -> Value {
        let axes = joined(&[&condition, &yes, &no]);
        Value::new(Kind::Where(condition, yes, no), axes)
    }

    /// The transpose of a matrix; of a transpose, what it was of.
    pub fn transposed(self) -> Value {
        match *self.kind {
            Kind::Permute(inner, order) if order[..] == [1, 0] => inner,
            kind => {
                Value::full(Kind::Permute(Value { kind: Box::new(kind), axes: self.axes }, vec![1, 0]), 2)
            }
        }
    }

    /// Calls `visit` with each operand.
    pub fn for_each(&self, visit: &mut dyn FnMut(&Value)) {
        match &*self.kind {
            Kind::Node(_)
            | Kind::Local(_)
            | Kind::Number(_)
            | Kind::Constant(..)
            | Kind::Truth(_)
            | Kind::Size(_) => {}
            Kind::Negate(a)
            | Kind::Power(a, _)
            | Kind::Permute(a, _)
            | Kind::Spread(a)
            | Kind::Sum(a, _)
            | Kind::Trace(a)
            | Kind::Diagonal(a)
            | Kind::Diagonalize(a)
            | Kind::Identity(a)
            | Kind::Not(a)
            | Kind::Reduce(_, a, _)
            | Kind::Linear(_, a)
            | Kind::Iota(a) => visit(a),
            Kind::Arithmetic(_, a, b)
            | Kind::MatMul(a, b)
            | Kind::Solve(a, b)
            | Kind::Outer(a, b)
            | Kind::Compare(_, a, b)
            | Kind::OneHot(a, b) => [a, b].into_iter().for_each(visit),
            Kind::Where(a, b, c) | Kind::PickEach(a, _, b, c) => [a, b, c].into_iter().for_each(visit),
            Kind::Broadcast(a, sizes) => {
                visit(a);
                sizes.iter().for_each(visit);
            }
            Kind::Einsum(operands, _) => operands.iter().for_each(|(a, _)| visit(a)),
            Kind::Call(_, args) | Kind::All(args) | Kind::Any(args) => args.iter().for_each(visit),
            Kind::Pick(a, places) => {
                visit(a);
                for place in places {
                    match place {
                        Place::All => {}
                        Place::At(index) => visit(index),
                        Place::Slice(_, count) => visit(count),
                    }
                }
            }
        }
    }

    /// Calls `visit` with each node in it, once for each time.
    pub fn for_each_node(&self, visit: &mut dyn FnMut(NodeId)) {
        if let Kind::Node(node) = &*self.kind {
            visit(*node);
        }
        self.for_each(&mut |operand| operand.for_each_node(visit));
    }
}

/// The axes that at least one operand has.
pub(super) fn joined(operands: &[&Value]) -> Axes {
    let rank = operands.iter().map(|v| v.rank()).max().unwrap_or(0);
    (0..rank).map(|i| operands.iter().any(|v| v.axes.get(i).copied().unwrap_or(false))).collect()
}
