//! Nodes as values of the body of a nest.

use agnesi_functions::{FunctionId, constants};
use agnesi_graph::{Constant, Contract, NodeId, Op, Rational, Sign, Sum, known};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::index::Index;
use super::{LowerError, Lowering, View, elementary};
use crate::ir::{Access, Bits, How, Nest, Pick, Scalar, Strides, TensorId, Test, Value, Write};

/// Powers up to this one are products.
const MAX_PRODUCT: i64 = 64;

/// A nest that is being made. Equal operations are one value.
#[derive(Default)]
pub(super) struct Builder {
    pub nest: Nest,
    values: FxHashMap<Scalar, Value>,
    reads: FxHashMap<Access, u32>,
    /// The loops that each value changes with, a bit each.
    changes: Vec<u64>,
    /// Nodes at places that have their values.
    memo: FxHashMap<(NodeId, SmallVec<[Index; 2]>), Value>,
}

impl Builder {
    /// A nest of these loops.
    pub fn new(extents: &[usize]) -> Builder {
        Builder { nest: Nest { extents: extents.into(), ..Nest::default() }, ..Builder::default() }
    }

    pub fn number(&mut self, x: f64) -> Value {
        self.push(Scalar::Number(Bits::new(x)))
    }

    /// The number that a value is, where it is one.
    pub fn as_number(&self, value: Value) -> Option<f64> {
        match self.nest.body[value as usize] {
            Scalar::Number(bits) => Some(bits.get()),
            _ => None,
        }
    }

    /// An operation; of numbers alone it is done at once.
    pub fn push(&mut self, op: Scalar) -> Value {
        if let Some(value) = self.values.get(&op) {
            return *value;
        }
        if op.is_work() {
            let mut constant = true;
            op.for_each_operand(|operand| constant &= self.as_number(operand).is_some());
            if constant {
                let of = |value| self.as_number(value).unwrap_or(f64::NAN);
                let folded = op.evaluate(|_| f64::NAN, |_| f64::NAN, of);
                return self.number(folded);
            }
        }
        let value = self.nest.body.len() as Value;
        let changes = self.changes_of(&op);
        self.changes.push(changes);
        self.nest.body.push(op);
        self.values.insert(op, value);
        value
    }

    /// The loops that an operation's value changes with, a bit each.
    fn changes_of(&self, op: &Scalar) -> u64 {
        let bit = |axis: usize| 1 << axis.min(63);
        let mut changes = 0;
        if let Scalar::Trip(axis) = op {
            changes = bit(*axis as usize);
        } else if let Scalar::Read(at) = op {
            let access = &self.nest.reads[*at as usize];
            let moved = access.strides.iter().enumerate().filter(|(_, stride)| **stride != 0);
            let picked = access.picks.iter().map(|pick| self.changes[pick.index as usize]);
            changes = moved.map(|(axis, _)| bit(axis)).chain(picked).fold(0, |all, bits| all | bits);
        }
        op.for_each_operand(|value| changes |= self.changes[value as usize]);
        changes
    }

    /// How many different numbers a value is in all trips.
    fn count(&self, value: Value) -> u128 {
        let changes = self.changes[value as usize];
        let axes = self.nest.extents.iter().enumerate().filter(|(axis, _)| changes >> axis.min(&63) & 1 == 1);
        axes.map(|(_, extent)| *extent as u128).product()
    }

    /// A read of an entry.
    pub fn read(&mut self, access: Access) -> Value {
        let next = self.nest.reads.len() as u32;
        let at = *self.reads.entry(access.clone()).or_insert(next);
        if at == next {
            self.nest.reads.push(access);
        }
        self.push(Scalar::Read(at))
    }

    pub fn write(&mut self, value: Value, to: Access, how: How) {
        self.nest.writes.push(Write { value, to, how });
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        let negated = |builder: &Builder, value: Value| match builder.nest.body[value as usize] {
            Scalar::Neg(a) => Some(a),
            _ => None,
        };
        match (negated(self, a), negated(self, b)) {
            (None, Some(b)) => self.push(Scalar::Sub(a, b)),
            (Some(a), None) => self.push(Scalar::Sub(b, a)),
            _ => self.push(Scalar::Add(a.min(b), a.max(b))),
        }
    }

    /// The other term of a sum of two of which one is 1.
    pub fn beside_one(&self, value: Value) -> Option<Value> {
        match self.nest.body[value as usize] {
            Scalar::Add(a, b) if self.as_number(a) == Some(1.0) => Some(b),
            Scalar::Add(a, b) if self.as_number(b) == Some(1.0) => Some(a),
            _ => None,
        }
    }

    /// What a function is called with, where a value is that call.
    pub fn argument(&self, function: FunctionId, value: Value) -> Option<Value> {
        match self.nest.body[value as usize] {
            Scalar::Call1(f, a) if f == function => Some(a),
            _ => None,
        }
    }

    pub fn mul(&mut self, a: Value, b: Value) -> Value {
        match (self.as_number(a), self.as_number(b)) {
            (Some(c), None) => self.scale(b, c),
            (None, Some(c)) => self.scale(a, c),
            _ => self.push(Scalar::Mul(a.min(b), a.max(b))),
        }
    }

    /// A number times a value.
    pub fn scale(&mut self, value: Value, c: f64) -> Value {
        if c == 1.0 {
            return value;
        }
        if c == -1.0 {
            return self.push(Scalar::Neg(value));
        }
        let c = self.number(c);
        self.push(Scalar::Mul(c, value))
    }

    /// Both conditions, where there are two.
    pub fn both(&mut self, a: Option<Value>, b: Option<Value>) -> Option<Value> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.push(Scalar::And(a, b))),
            (a, b) => a.or(b),
        }
    }

    /// A product that is NaN where an index was outside its axis, unless the factors that stand beside what is read there
    /// are 0: then nothing is asked for.
    pub fn defined(&mut self, inside: Option<Value>, value: Value, beside: Option<Value>) -> Value {
        let Some(inside) = inside else { return value };
        let mut outside = self.number(f64::NAN);
        if let Some(beside) = beside {
            let zero = self.number(0.0);
            let nothing = self.push(Scalar::Compare(Test::Equal, beside, zero));
            outside = self.push(Scalar::Select(nothing, zero, outside));
        }
        self.push(Scalar::Select(inside, value, outside))
    }

    /// The address of an entry of a tensor at these indices.
    pub fn access(&self, view: &View, at: &[Index], sizes: &[usize]) -> Access {
        let mut offset = view.offset;
        let mut strides: Strides = SmallVec::from_elem(0, self.nest.extents.len());
        let mut picks = SmallVec::new();
        for ((index, stride), size) in at.iter().zip(&view.strides).zip(sizes) {
            match index {
                Index::Affine { offset: first, terms } => {
                    offset += first * stride;
                    terms.iter().for_each(|(axis, far)| strides[*axis as usize] += far * stride);
                }
                Index::Computed(index) => picks.push(Pick { index: *index, stride: *stride, size: *size }),
            }
        }
        Access { tensor: view.tensor, offset, strides, picks }
    }

    /// The address of a dense tensor whose axes are the first loops.
    pub fn whole(&self, tensor: TensorId, shape: &[usize]) -> Access {
        let mut strides = super::dense(shape);
        strides.resize(self.nest.extents.len(), 0);
        Access { tensor, offset: 0, strides, picks: SmallVec::new() }
    }

    /// A power with a constant exponent, under the convention of real roots.
    pub fn power(&mut self, base: Value, exponent: &Rational) -> Value {
        if exponent.is_negative() {
            let positive = self.power(base, &exponent.abs());
            let one = self.number(1.0);
            return self.push(Scalar::Div(one, positive));
        }
        if let Some(n) = exponent.as_integer().filter(|n| *n <= MAX_PRODUCT) {
            return self.whole_power(base, n);
        }
        if let Some((numerator, 2)) = exponent.small()
            && numerator <= 7
        {
            let root = self.push(Scalar::Call1(known().sqrt, base));
            let whole = self.whole_power(base, numerator / 2);
            return if numerator == 1 { root } else { self.mul(whole, root) };
        }
        if exponent.small() == Some((1, 3)) {
            return self.push(Scalar::Call1(known().cbrt, base));
        }
        let n = self.number(exponent.to_f64());
        if exponent.is_integer() || !exponent.denominator_odd() {
            return self.push(Scalar::Call2(known().pow, base, n));
        }
        // An odd root of a negative number is real.
        let size = self.push(Scalar::Call1(known().abs, base));
        let value = self.push(Scalar::Call2(known().pow, size, n));
        if exponent.numerator_even() {
            return value;
        }
        let zero = self.number(0.0);
        let negative = self.push(Scalar::Compare(Test::Less, base, zero));
        let opposite = self.push(Scalar::Neg(value));
        self.push(Scalar::Select(negative, opposite, value))
    }

    /// By repeated squares.
    fn whole_power(&mut self, base: Value, n: i64) -> Value {
        if n == 0 {
            return self.number(1.0);
        }
        let half = if n > 1 { Some(self.whole_power(base, n / 2)) } else { None };
        match half {
            None => base,
            Some(half) => {
                let square = self.push(Scalar::Mul(half, half));
                if n % 2 == 1 { self.mul(square, base) } else { square }
            }
        }
    }
}

/// A product of powers: what is the same for many trips is multiplied, and divided, first.
#[derive(Default)]
pub(super) struct Quotient {
    above: SmallVec<[Value; 4]>,
    below: Option<Value>,
    /// What stands above the line and is read at no index that is computed.
    pub beside: Option<Value>,
}

impl Quotient {
    /// Takes in a power of a value, which was read at an index that is computed or not.
    pub fn take(&mut self, builder: &mut Builder, base: Value, exponent: &Rational, picked: bool) {
        let value = builder.power(base, &exponent.abs());
        let mut join = |side: &mut Option<Value>| {
            *side = Some(side.map_or(value, |before| builder.mul(before, value)));
        };
        if exponent.is_negative() {
            join(&mut self.below);
        } else {
            if !picked {
                join(&mut self.beside);
            }
            self.above.push(value);
        }
    }

    /// The product times a number.
    pub fn value(&self, builder: &mut Builder, scale: f64) -> Value {
        let mut above = self.above.clone();
        above.sort_by_key(|value| builder.count(*value));
        let (mut product, mut below): (Option<Value>, _) = (None, self.below);
        // A sign is left to the sum that the product stands in.
        let mut scale = (scale != 1.0).then_some(scale);
        for value in above {
            let Some(mut before) = product else {
                product = Some(value);
                continue;
            };
            let count = builder.count(value);
            if builder.count(before) < count {
                if let Some(c) = scale.take_if(|c| *c != -1.0) {
                    before = builder.scale(before, c);
                }
                if let Some(divisor) = below.take_if(|divisor| builder.count(*divisor) < count) {
                    before = builder.push(Scalar::Div(before, divisor));
                }
            }
            product = Some(builder.mul(before, value));
        }
        let above = match (product, scale) {
            (Some(product), Some(c)) => builder.scale(product, c),
            (Some(product), None) => product,
            (None, c) => builder.number(c.unwrap_or(1.0)),
        };
        match below {
            Some(below) => builder.push(Scalar::Div(above, below)),
            None => above,
        }
    }
}

impl Lowering<'_> {
    /// The entry of a node at a place.
    pub(super) fn value(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        at: &[Index],
    ) -> Result<Value, LowerError> {
        // Scalars stand beside every entry.
        let at = if self.graph.is_scalar(node) { &[] } else { at };
        let key = (node, SmallVec::from(at));
        if let Some(value) = builder.memo.get(&key) {
            return Ok(*value);
        }
        let value = if self.is_stored_for(builder, node, at)? {
            let view = self.view(node)?;
            let access = builder.access(&view, at, &self.shape(node)?);
            builder.read(access)
        } else {
            self.compute(builder, node, at)?
        };
        builder.memo.insert(key, value);
        Ok(value)
    }

    /// Whether a node is read from a tensor.
    fn is_stored_for(&self, builder: &Builder, node: NodeId, at: &[Index]) -> Result<bool, LowerError> {
        if self.stored.contains_key(&node) || self.shared.contains(&node) {
            return Ok(true);
        }
        // Work that is the same for many trips is done once.
        let extents = &builder.nest.extents;
        let repeated = (0..extents.len()).any(|axis| extents[axis] > 1 && !at.iter().any(|i| i.uses(axis)));
        Ok(repeated && self.is_work(node) && self.is_costly(node))
    }

    /// Whether computing an entry costs more than reading one.
    pub(super) fn is_costly(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Contract(c) => match &c.factors[..] {
                [factor] if factor.exponent.is_one() => {
                    self.graph.is_scalar(node) || self.is_work(factor.node) && self.is_costly(factor.node)
                }
                _ => true,
            },
            Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) | Op::Iota(_) | Op::OneHot(..) => false,
            Op::Add(_)
            | Op::Call(..)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::Loop(_) => true,
        }
    }

    fn compute(&mut self, builder: &mut Builder, node: NodeId, at: &[Index]) -> Result<Value, LowerError> {
        let graph = self.graph;
        match graph.op(node) {
            Op::Symbol(id) => match self.sizes.get(id) {
                Some(size) => Ok(builder.number(*size as f64)),
                None => Err(LowerError::Unbound(graph.symbol_info(*id).name.clone())),
            },
            Op::Constant(constant) => Ok(builder.number(match constant {
                Constant::Pi => std::f64::consts::PI,
                Constant::E => std::f64::consts::E,
                Constant::Infinity => f64::INFINITY,
                Constant::Named(at) => match constants().get(*at as usize) {
                    Some(row) => row.value,
                    None => return Err(LowerError::Unsupported("a constant".into())),
                },
            })),
            Op::Add(sum) => self.sum(builder, sum, &Rational::ONE, at),
            Op::Contract(c) => {
                // A number in front of a sum is taken into its terms, where fewer products are left.
                if let [f] = &c.factors[..]
                    && f.exponent.is_one()
                    && f.labels == c.out
                    && let Op::Add(sum) = graph.op(f.node)
                    && products(sum, &c.coefficient) <= products(sum, &Rational::ONE)
                    && !c.coefficient.abs().is_one()
                    && !self.is_stored_for(builder, f.node, at)?
                {
                    return self.sum(builder, sum, &c.coefficient, at);
                }
                self.product(builder, node, c, at)
            }
            Op::Call(f, args) => {
                if graph.taught(*f).is_some() {
                    let name = graph.function_name(*f);
                    return Err(LowerError::Unsupported(format!("the taught function `{name}`").into()));
                }
                let values: SmallVec<[Value; 3]> =
                    args.iter().map(|arg| self.value(builder, *arg, at)).collect::<Result<_, _>>()?;
                if let [x] = values[..]
                    && let Some(value) = elementary::by_others(builder, *f, x)
                {
                    return Ok(value);
                }
                Ok(builder.push(match values[..] {
                    [a] => Scalar::Call1(*f, a),
                    [a, b] => Scalar::Call2(*f, a, b),
                    [a, b, c] => Scalar::Call3(*f, a, b, c),
                    _ => return Err(LowerError::Unsupported(graph.function_name(*f).into())),
                }))
            }
            Op::Truth(truth) => Ok(builder.number(f64::from(u8::from(*truth)))),
            Op::Compare(sign, a) => {
                // `a - b > 0` as `b < a`: no rounding, and no `inf - inf`.
                let (a, b) = self.sides(builder, *a, at)?;
                Ok(builder.push(match sign {
                    Sign::Positive => Scalar::Compare(Test::Less, b, a),
                    Sign::NonNegative => Scalar::Compare(Test::LessEqual, b, a),
                    Sign::Zero => Scalar::Compare(Test::Equal, a, b),
                }))
            }
            Op::Not(a) => {
                let a = self.value(builder, *a, at)?;
                Ok(builder.push(Scalar::Not(a)))
            }
            Op::And(list) | Op::Or(list) => {
                let all = matches!(graph.op(node), Op::And(_));
                let mut joined = None;
                for part in list {
                    let part = self.value(builder, *part, at)?;
                    joined = Some(match joined {
                        None => part,
                        Some(before) if all => builder.push(Scalar::And(before, part)),
                        Some(before) => builder.push(Scalar::Or(before, part)),
                    });
                }
                Ok(joined.unwrap_or_else(|| builder.number(f64::from(u8::from(all)))))
            }
            Op::Select(c, a, b) => {
                let c = self.value(builder, *c, at)?;
                let (a, b) = (self.value(builder, *a, at)?, self.value(builder, *b, at)?);
                Ok(match builder.as_number(c) {
                    Some(0.0) => b,
                    Some(_) => a,
                    None => builder.push(Scalar::Select(c, a, b)),
                })
            }
            Op::Integral { .. } => Err(LowerError::Unsupported("an integral".into())),
            Op::Iota(_) => match at {
                [index] => Ok(index.value(builder)),
                _ => Err(LowerError::Unsupported("an index of this shape".into())),
            },
            Op::OneHot(index, size) => {
                let Some((last, rest)) = at.split_last() else {
                    return Err(LowerError::Unsupported("an index of this shape".into()));
                };
                let size = self.size(*size)?;
                let index = self.index(builder, *index, rest, size)?;
                Ok(same(builder, &index, last))
            }
            Op::Reduce(..) | Op::Linear(..) | Op::Loop(_) => {
                let view = self.view(node)?;
                let access = builder.access(&view, at, &self.shape(node)?);
                Ok(builder.read(access))
            }
        }
    }

    /// A sum times a number.
    fn sum(
        &mut self,
        builder: &mut Builder,
        sum: &Sum,
        scale: &Rational,
        at: &[Index],
    ) -> Result<Value, LowerError> {
        let mut total = None;
        for place in &sum.order {
            let Some((c, term)) = sum.terms.get(*place as usize) else { continue };
            let term = self.value(builder, *term, at)?;
            let term = builder.scale(term, (c * scale).to_f64());
            total = Some(match total {
                None => term,
                Some(total) => builder.add(total, term),
            });
        }
        Ok(total.unwrap_or_else(|| builder.number(0.0)))
    }

    /// The two sides that a difference compares.
    fn sides(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        at: &[Index],
    ) -> Result<(Value, Value), LowerError> {
        let graph = self.graph;
        if let Op::Add(sum) = graph.op(node)
            && let [(a, left), (b, right)] = &sum.terms[..]
            && !self.stored.contains_key(&node)
        {
            let (a, b) = (a.to_f64(), b.to_f64());
            let (x, y) = (self.value(builder, *left, at)?, self.value(builder, *right, at)?);
            if a == 1.0 || b == 1.0 {
                let (kept, c, other) = if a == 1.0 { (x, b, y) } else { (y, a, x) };
                let other = builder.scale(other, -c);
                return Ok((kept, other));
            }
        }
        let a = self.value(builder, node, at)?;
        Ok((a, builder.number(0.0)))
    }

    /// A product entry by entry; where it sums, its tensor is read.
    fn product(
        &mut self,
        builder: &mut Builder,
        node: NodeId,
        c: &Contract,
        at: &[Index],
    ) -> Result<Value, LowerError> {
        let mut labels: SmallVec<[Option<Index>; 6]> = SmallVec::from_elem(None, c.sizes.len());
        let (mut conditions, mut inside): (SmallVec<[Value; 2]>, Option<Value>) = (SmallVec::new(), None);
        for (label, index) in c.out.iter().zip(at) {
            match &labels[*label as usize] {
                Some(before) => conditions.push(same(builder, &before.clone(), index)),
                None => labels[*label as usize] = Some(index.clone()),
            }
        }
        let mut rest: SmallVec<[usize; 4]> = (0..c.factors.len()).collect();
        // Factors that are 1 at one index settle labels.
        loop {
            let settled = rest.iter().position(|at| {
                let f = &c.factors[*at];
                let known = |labels_of: &[u8]| labels_of.iter().all(|l| labels[*l as usize].is_some());
                matches!(self.graph.op(f.node), Op::OneHot(..))
                    && f.labels.split_last().is_some_and(|(_, front)| known(front))
            });
            let Some(place) = settled else { break };
            let f = &c.factors[rest.remove(place)];
            if let (Op::OneHot(index, size), Some((last, front))) =
                (self.graph.op(f.node), f.labels.split_last())
            {
                let front: SmallVec<[Index; 3]> =
                    front.iter().filter_map(|l| labels[*l as usize].clone()).collect();
                let size = self.size(*size)?;
                let (index, within) = self.safe_index(builder, *index, &front, size)?;
                inside = builder.both(inside, within);
                match labels[*last as usize].clone() {
                    Some(before) => conditions.push(same(builder, &index, &before)),
                    None => labels[*last as usize] = Some(index),
                }
            }
        }
        if labels.iter().any(Option::is_none) {
            let view = self.view(node)?;
            let access = builder.access(&view, at, &self.shape(node)?);
            return Ok(builder.read(access));
        }
        let mut quotient = Quotient::default();
        for place in rest {
            let f = &c.factors[place];
            let at: SmallVec<[Index; 3]> =
                f.labels.iter().filter_map(|l| labels[*l as usize].clone()).collect();
            let base = self.value(builder, f.node, &at)?;
            let picked = at.iter().any(|index| matches!(index, Index::Computed(_)));
            quotient.take(builder, base, &f.exponent, picked);
        }
        let value = quotient.value(builder, c.coefficient.to_f64());
        let value = builder.defined(inside, value, quotient.beside);
        let holds = conditions.into_iter().fold(None, |all, condition| builder.both(all, Some(condition)));
        let Some(holds) = holds else { return Ok(value) };
        let zero = builder.number(0.0);
        Ok(match builder.as_number(holds) {
            Some(0.0) => zero,
            Some(_) => value,
            None => builder.push(Scalar::Select(holds, value, zero)),
        })
    }
}

/// How many terms of a sum times a number are multiplied by a number.
fn products(sum: &Sum, scale: &Rational) -> usize {
    sum.terms.iter().filter(|(c, _)| !(c * scale).abs().is_one()).count()
}

/// Whether two indices are the same, as a condition.
pub(super) fn same(builder: &mut Builder, a: &Index, b: &Index) -> Value {
    if a == b {
        return builder.number(1.0);
    }
    let (a, b) = (a.value(builder), b.value(builder));
    builder.push(Scalar::Compare(Test::Equal, a, b))
}
