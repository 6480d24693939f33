//! What kernels one after the other compute, as a formula of one vector.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::machine::Real;
use crate::machine::nest::{Operand, Step};
use crate::vector::{Binary, Ternary, Unary};

use super::pool::Pool;

/// A value of a formula, by the line that makes it.
pub(super) type Value = u32;

/// An operation on one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum One {
    Neg,
    Abs,
    Sqrt,
    Floor,
    Ceil,
}

/// An operation on two vectors. Comparisons are 1 where they hold, else 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Two {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    Unequal,
    And,
    Or,
}

/// A line of a formula.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// What lies there before the formula.
    Load(Operand),
    /// A number that is always the same.
    Number(Pool),
    One(One, Value),
    Two(Two, Value, Value),
    /// `a*b + c`, rounded once.
    Fma(Value, Value, Value),
    /// The second where the first is not 0, else the third.
    Select(Value, Value, Value),
    /// Puts a value somewhere; no value itself.
    Store(Value, Operand),
    /// The same past the caches, where a line of these begins.
    Stream(Value, Operand),
}

/// A formula of one vector, a line for each operation.
pub(super) struct Formula {
    pub lines: Vec<Line>,
}

/// Whether a formula can hold a step of a nest.
pub(super) fn is_assembled<T: Real>(step: &Step<T>) -> bool {
    match step {
        Step::One(op, ..) => one(*op).is_some(),
        Step::Two(op, ..) => two(*op).is_some(),
        Step::Three(..) => true,
        Step::SinCos(..) | Step::Collect(..) | Step::Count(_) | Step::Each(..) | Step::Assembled(..) => false,
    }
}

/// How a formula has an operation on one vector.
pub(super) enum OfOne {
    One(One),
    Square,
    Recip,
    Relu,
}

pub(super) fn one(op: Unary) -> Option<OfOne> {
    Some(match op {
        Unary::Neg => OfOne::One(One::Neg),
        Unary::Abs => OfOne::One(One::Abs),
        Unary::Sqrt => OfOne::One(One::Sqrt),
        Unary::Floor => OfOne::One(One::Floor),
        Unary::Ceil => OfOne::One(One::Ceil),
        Unary::Square => OfOne::Square,
        Unary::Recip => OfOne::Recip,
        Unary::Relu => OfOne::Relu,
        Unary::Sign
        | Unary::Step
        | Unary::Round
        | Unary::Exp
        | Unary::Expm1
        | Unary::Log
        | Unary::Log1p
        | Unary::Sin
        | Unary::Cos
        | Unary::Tanh
        | Unary::Sigmoid
        | Unary::Silu
        | Unary::Softplus
        | Unary::Erf
        | Unary::Normcdf
        | Unary::Normpdf => return None,
    })
}

fn two(op: Binary) -> Option<Two> {
    Some(match op {
        Binary::Add => Two::Add,
        Binary::Sub => Two::Sub,
        Binary::Mul => Two::Mul,
        Binary::Div => Two::Div,
        Binary::Min => Two::Min,
        Binary::Max => Two::Max,
        Binary::Lt => Two::Less,
        Binary::Le => Two::LessEqual,
        Binary::Eq => Two::Equal,
        Binary::Ne => Two::Unequal,
        Binary::And => Two::And,
        Binary::Or => Two::Or,
        Binary::Pow => return None,
    })
}

impl Formula {
    /// The formula of lines and of those that put their values somewhere.
    pub fn new(lines: Vec<Line>, stores: Vec<Line>) -> Formula {
        Formula { lines: with_stores(lines, stores) }
    }

    /// The formula of steps that are [assembled](is_assembled); `stores` makes the lines that
    /// put the last value of a place somewhere. `None` where a step is another.
    pub fn of<T: Real>(
        steps: &[Step<T>],
        stores: impl Fn(Operand, Value) -> SmallVec<[Line; 2]>,
    ) -> Option<Formula> {
        let mut maker = Maker { lines: Lines::new(), made: FxHashSet::default() };
        for step in steps {
            maker.step(step)?;
        }
        // Each place is written once, as soon as its last value is made.
        let Maker { lines: Lines { lines, known }, made } = maker;
        let stores = made.into_iter().flat_map(|operand| stores(operand, known[&operand])).collect();
        Some(Formula::new(lines, stores))
    }
}

impl Line {
    /// The value that is put somewhere.
    fn stored(&self) -> Option<Value> {
        match *self {
            Line::Store(value, _) | Line::Stream(value, _) => Some(value),
            Line::Load(_)
            | Line::Number(_)
            | Line::One(..)
            | Line::Two(..)
            | Line::Fma(..)
            | Line::Select(..) => None,
        }
    }

    /// The same of values that have other names now.
    fn renamed(self, new: impl Fn(Value) -> Value) -> Line {
        match self {
            Line::Load(_) | Line::Number(_) => self,
            Line::One(op, a) => Line::One(op, new(a)),
            Line::Two(op, a, b) => Line::Two(op, new(a), new(b)),
            Line::Fma(a, b, c) => Line::Fma(new(a), new(b), new(c)),
            Line::Select(a, b, c) => Line::Select(new(a), new(b), new(c)),
            Line::Store(a, to) => Line::Store(new(a), to),
            Line::Stream(a, to) => Line::Stream(new(a), to),
        }
    }
}

/// Puts each store behind what makes its value.
fn with_stores(lines: Vec<Line>, mut stores: Vec<Line>) -> Vec<Line> {
    stores.sort_by_key(Line::stored);
    let mut all = Vec::with_capacity(lines.len() + stores.len());
    let mut renamed: Vec<Value> = Vec::with_capacity(lines.len());
    let mut next = stores.into_iter().peekable();
    for (at, line) in lines.into_iter().enumerate() {
        let place = all.len() as Value;
        all.push(line.renamed(|value| renamed[value as usize]));
        renamed.push(place);
        while let Some(store) = next.next_if(|store| store.stored() == Some(at as Value)) {
            all.push(store.renamed(|_| place));
        }
    }
    all
}

/// Lines on the way, and the values that are known by a name.
pub(super) struct Lines<K> {
    pub lines: Vec<Line>,
    pub known: FxHashMap<K, Value>,
}

impl<K: Copy + Eq + Hash> Lines<K> {
    pub fn new() -> Lines<K> {
        Lines { lines: Vec::new(), known: FxHashMap::default() }
    }

    pub fn line(&mut self, line: Line) -> Value {
        self.lines.push(line);
        self.lines.len() as Value - 1
    }

    /// The value of a name, or what lies at a place if it has none yet.
    pub fn value(&mut self, name: K, place: Operand) -> Value {
        if let Some(value) = self.known.get(&name) {
            return *value;
        }
        let value = self.line(Line::Load(place));
        self.known.insert(name, value);
        value
    }

    pub fn one(&mut self, op: OfOne, a: Value) -> Value {
        let line = match op {
            OfOne::One(op) => Line::One(op, a),
            OfOne::Square => Line::Two(Two::Mul, a, a),
            OfOne::Recip => Line::Two(Two::Div, self.line(Line::Number(Pool::One)), a),
            OfOne::Relu => {
                // The sum of zeros of two signs is 0.
                let zero = self.line(Line::Number(Pool::Zero));
                Line::Two(Two::Add, self.line(Line::Two(Two::Max, a, zero)), zero)
            }
        };
        self.line(line)
    }
}

struct Maker {
    /// What lies at a place now.
    lines: Lines<Operand>,
    /// The places that are written.
    made: FxHashSet<Operand>,
}

impl Maker {
    fn line(&mut self, line: Line) -> Value {
        self.lines.line(line)
    }

    fn value(&mut self, operand: Operand) -> Value {
        self.lines.value(operand, operand)
    }

    /// `None` for one that is not assembled.
    fn step<T: Real>(&mut self, step: &Step<T>) -> Option<()> {
        match step {
            Step::One(op, _, [a], to) => {
                let a = self.value(*a);
                let value = self.lines.one(one(*op)?, a);
                self.put(value, *to);
            }
            Step::Two(op, _, [a, b], to) => {
                let (a, b) = (self.value(*a), self.value(*b));
                let value = self.line(Line::Two(two(*op)?, a, b));
                self.put(value, *to);
            }
            Step::Three(op, _, [x, y, z], to) => {
                let [x, y, z] = [x, y, z].map(|operand| self.value(*operand));
                let value = self.three(*op, x, y, z);
                self.put(value, *to);
            }
            Step::SinCos(..) | Step::Collect(..) | Step::Count(_) | Step::Each(..) | Step::Assembled(..) => {
                return None;
            }
        }
        Some(())
    }

    fn three(&mut self, op: Ternary, x: Value, y: Value, z: Value) -> Value {
        // The operation on the first two, the one on that and the third, and whether the third comes first there.
        let (inner, outer, turned) = match op {
            Ternary::Fma => return self.line(Line::Fma(x, y, z)),
            Ternary::Select => return self.line(Line::Select(x, y, z)),
            Ternary::MulAdd => (Two::Mul, Two::Add, false),
            Ternary::MulSub => (Two::Mul, Two::Sub, false),
            Ternary::SubMul => (Two::Mul, Two::Sub, true),
            Ternary::MulMul => (Two::Mul, Two::Mul, false),
            Ternary::AddAdd => (Two::Add, Two::Add, false),
            Ternary::AddSub => (Two::Add, Two::Sub, false),
            Ternary::SubAdd => (Two::Add, Two::Sub, true),
            Ternary::AddMul => (Two::Add, Two::Mul, false),
            Ternary::DifferenceAdd => (Two::Sub, Two::Add, false),
            Ternary::DifferenceSub => (Two::Sub, Two::Sub, false),
            Ternary::SubDifference => (Two::Sub, Two::Sub, true),
            Ternary::DifferenceMul => (Two::Sub, Two::Mul, false),
        };
        let inner = self.line(Line::Two(inner, x, y));
        let (a, b) = if turned { (z, inner) } else { (inner, z) };
        self.line(Line::Two(outer, a, b))
    }

    fn put(&mut self, value: Value, to: Operand) {
        self.lines.known.insert(to, value);
        self.made.insert(to);
    }
}
