//! Nodes to array expressions, each in terms of those below it.

use agnesi_functions::constants;
use agnesi_graph::{Constant, Graph, NodeId, Op, Rational, Sign, Sum, SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::EmitError;
use super::functions;
use super::product;
use super::signs;
use super::value::{Arithmetic, Axes, Kind, Relation, Value};

/// The expressions of all nodes that the outputs need.
pub(super) struct Plan {
    /// The expression of each node.
    pub values: FxHashMap<NodeId, Value>,
    /// The nodes that are needed, children before parents.
    pub order: Vec<NodeId>,
    /// How many times each stands in the code, nodes that are always written out aside.
    pub uses: FxHashMap<NodeId, usize>,
    /// Nodes that a branch may not take.
    pub guarded: FxHashSet<NodeId>,
    /// Where a size is read off: an input and its axis.
    pub sizes: FxHashMap<SymbolId, (SymbolId, usize)>,
}

/// The array expressions of the outputs and of all that they need.
pub(super) fn lower(
    graph: &mut Graph,
    language: &'static str,
    inputs: &[SymbolId],
    outputs: &[(&str, NodeId)],
) -> Result<Plan, EmitError> {
    let mut sizes = FxHashMap::default();
    for &input in inputs {
        for (axis, size) in graph.symbol_info(input).shape.iter().enumerate() {
            if let Some(symbol) = graph.as_symbol(*size) {
                sizes.entry(symbol).or_insert((input, axis));
            }
        }
    }
    let mut nodes: Vec<NodeId> = outputs.iter().flat_map(|(_, node)| graph.topological(*node)).collect();
    // Sizes of symbols are no children of theirs.
    for node in nodes.clone() {
        graph.shape(node).iter().for_each(|size| nodes.extend(graph.topological(*size)));
    }
    nodes.sort_unstable();
    nodes.dedup();
    let mut parents: FxHashMap<NodeId, usize> = FxHashMap::default();
    for &node in &nodes {
        graph.for_each_child(node, |child| *parents.entry(child).or_default() += 1);
    }
    for (_, node) in outputs {
        *parents.entry(*node).or_default() += 1;
    }
    let flipped = signs::flipped(graph, &nodes, outputs);
    let values = FxHashMap::default();
    let mut lowering = Lowering { graph, language, inputs, sizes, parents, flipped, values };
    for &node in &nodes {
        // What cannot be lowered matters only if something needs it: a size, say, that no line asks for.
        let value = lowering.node(node);
        lowering.values.insert(node, value);
    }
    lowering.plan(&nodes, outputs)
}

pub(super) struct Lowering<'a> {
    pub graph: &'a mut Graph,
    language: &'static str,
    inputs: &'a [SymbolId],
    sizes: FxHashMap<SymbolId, (SymbolId, usize)>,
    parents: FxHashMap<NodeId, usize>,
    /// Nodes whose values are of the opposite sign.
    flipped: FxHashSet<NodeId>,
    values: FxHashMap<NodeId, Result<Value, EmitError>>,
}

impl Lowering<'_> {
    /// The node as an operand of others.
    pub fn get(&self, node: NodeId) -> Result<Value, EmitError> {
        match self.values.get(&node) {
            Some(Ok(value)) => Ok(match &*value.kind {
                // Numbers are written where they stand.
                Kind::Number(_) | Kind::Constant(..) => value.clone(),
                _ => Value::new(Kind::Node(node), value.axes.clone()),
            }),
            Some(Err(error)) => Err(error.clone()),
            None => Err(self.unsupported("this order of operations")),
        }
    }

    /// The node with all of its axes.
    pub fn full(&self, node: NodeId) -> Result<Value, EmitError> {
        let value = self.get(node)?;
        self.filled(value, &self.graph.shape(node).clone())
    }

    /// A value with all of its axes, which have these sizes.
    pub fn filled(&self, value: Value, shape: &[NodeId]) -> Result<Value, EmitError> {
        if value.is_full() && value.rank() == shape.len() {
            return Ok(value);
        }
        let sizes: Vec<Value> = shape.iter().map(|size| self.get(*size)).collect::<Result<_, _>>()?;
        Ok(Value::full(Kind::Broadcast(value, sizes), shape.len()))
    }

    pub fn unsupported(&self, what: &str) -> EmitError {
        EmitError::Unsupported { what: what.into(), language: self.language }
    }

    /// 1, or -1 for a node whose value is of the opposite sign.
    pub fn sign(&self, node: NodeId) -> Rational {
        if self.flipped.contains(&node) { Rational::MINUS_ONE } else { Rational::ONE }
    }

    /// Whether no more than one node has this one as a child.
    pub fn is_lone(&self, node: NodeId) -> bool {
        self.parents.get(&node).copied().unwrap_or(0) <= 1
    }

    fn node(&mut self, node: NodeId) -> Result<Value, EmitError> {
        let rank = self.graph.shape(node).len();
        let op = self.graph.op(node).clone();
        let value = match &op {
            Op::Symbol(id) => self.symbol(*id, node)?,
            Op::Constant(constant) => Value::scalar(match constant {
                Constant::Pi => Kind::Constant("pi", std::f64::consts::PI),
                Constant::E => Kind::Constant("e", std::f64::consts::E),
                Constant::Infinity => Kind::Constant("inf", f64::INFINITY),
                Constant::Named(at) => match constants().get(*at as usize) {
                    Some(row) => Kind::Constant(row.name, row.value),
                    None => return Err(self.unsupported("a constant")),
                },
            }),
            Op::Add(sum) => self.sum(sum, &self.sign(node))?,
            Op::Contract(c) => self.contraction(c, node)?,
            Op::Call(f, args) => {
                let name: SmolStr = self.graph.function_name(*f).into();
                if self.graph.taught(*f).is_some() {
                    return Err(self.unsupported(&name));
                }
                let args = args.iter().map(|a| self.get(*a)).collect::<Result<_, _>>()?;
                functions::call(f.row().name, args)
            }
            Op::Truth(truth) => Value::scalar(Kind::Truth(*truth)),
            Op::Compare(sign, a) => self.compare(*sign, *a)?,
            Op::Not(a) => {
                let a = self.get(*a)?;
                let axes = a.axes.clone();
                Value::new(Kind::Not(a), axes)
            }
            Op::And(list) | Op::Or(list) => {
                let parts: Vec<Value> = list.iter().map(|a| self.get(*a)).collect::<Result<_, _>>()?;
                let axes = super::value::joined(&parts.iter().collect::<Vec<_>>());
                let all = matches!(op, Op::And(_));
                Value::new(if all { Kind::All(parts) } else { Kind::Any(parts) }, axes)
            }
            Op::Select(c, a, b) => Value::choose(self.get(*c)?, self.get(*a)?, self.get(*b)?),
            Op::Integral { .. } => return Err(self.unsupported("an integral")),
            Op::Loop(_) => return Err(self.unsupported("a loop (fold, scan)")),
            Op::Reduce(how, a, axes) => {
                let inner = self.full(*a)?;
                Value::full(Kind::Reduce(*how, inner, *axes as usize), rank)
            }
            Op::Linear(op, a) => {
                let inner = self.full(*a)?;
                Value::full(Kind::Linear(*op, inner), rank)
            }
            Op::Iota(size) => Value::full(Kind::Iota(self.get(*size)?), 1),
            Op::OneHot(index, size) => {
                let index = self.full(*index)?;
                Value::full(Kind::OneHot(index, self.get(*size)?), rank)
            }
        };
        // A value of fewer axes than the node's stands for one that is the same along those in front.
        if value.rank() < rank && value.is_scalar() {
            return Ok(Value::new(Kind::Spread(value), vec![false; rank]));
        }
        if value.rank() != rank {
            return Err(self.unsupported("operands of different ranks"));
        }
        Ok(value)
    }

    fn symbol(&self, id: SymbolId, node: NodeId) -> Result<Value, EmitError> {
        let rank = self.graph.shape(node).len();
        if self.inputs.contains(&id) {
            // A symbol is its own expression: the printer knows its name.
            return Ok(Value::full(Kind::Node(node), rank));
        }
        if rank == 0 && self.sizes.contains_key(&id) {
            return Ok(Value::scalar(Kind::Size(id)));
        }
        Err(EmitError::Unbound(self.graph.symbol_info(id).name.clone()))
    }

    /// A sum times a number, its terms in the order in which they were written.
    pub fn sum(&self, sum: &Sum, c: &Rational) -> Result<Value, EmitError> {
        let coefficients: Vec<Rational> =
            sum.terms.iter().map(|(own, term)| &(own * c) * &self.sign(*term)).collect();
        let mut order: Vec<usize> = sum.order.iter().map(|i| *i as usize).collect();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..sum.terms.len()) {
            order = (0..sum.terms.len()).collect();
        }
        // A sum does not begin with a minus where another term can stand first.
        if let Some(first) = order.iter().position(|&i| !coefficients[i].is_negative()) {
            let term = order.remove(first);
            order.insert(0, term);
        }
        let mut total: Option<Value> = None;
        for i in order {
            let coefficient = &coefficients[i];
            let value = self.get(sum.terms[i].1)?;
            let magnitude = coefficient.abs();
            let part = match value.is_number(1) {
                true => Value::number(&magnitude),
                false => product::scaled(&magnitude, value),
            };
            total = Some(match (total, coefficient.is_negative()) {
                (None, false) => part,
                (None, true) => part.negated(),
                (Some(total), false) => Value::arithmetic(Arithmetic::Add, total, part),
                (Some(total), true) => Value::arithmetic(Arithmetic::Subtract, total, part),
            });
        }
        Ok(total.unwrap_or_else(|| Value::integer(0)))
    }

    /// `d > 0` and its like; of a difference of two, `a > b`.
    fn compare(&self, sign: Sign, d: NodeId) -> Result<Value, EmitError> {
        let relation = match sign {
            Sign::Positive => Relation::Greater,
            Sign::NonNegative => Relation::GreaterEqual,
            Sign::Zero => Relation::Equal,
        };
        let d_value = match self.difference(d) {
            Some((sum, c)) => Some(self.sum(&sum, &c)?),
            None => None,
        };
        if let Some(Value { kind, .. }) = d_value
            && let Kind::Arithmetic(Arithmetic::Subtract, a, b) = *kind
        {
            return Ok(Value::compare(relation, a, b));
        }
        let (c, rest) = self.sign_of(d)?;
        let zero = Value::integer(0);
        Ok(match (c, relation) {
            (true, Relation::Greater) => Value::compare(Relation::Less, rest, zero),
            _ => Value::compare(relation, self.get(d)?, zero),
        })
    }

    /// Whether a node is minus another, which is then given.
    fn sign_of(&self, d: NodeId) -> Result<(bool, Value), EmitError> {
        if let Op::Contract(c) = self.graph.op(d)
            && let [f] = &c.factors[..]
            && c.coefficient == Rational::MINUS_ONE
            && f.exponent.is_one()
            && f.labels == c.out
            && !self.flipped.contains(&f.node)
        {
            return Ok((true, self.get(f.node)?));
        }
        Ok((false, self.get(d)?))
    }

    /// A sum of two terms that no other node has, and the number that it is multiplied by.
    fn difference(&self, d: NodeId) -> Option<(Sum, Rational)> {
        let (node, c) = match self.graph.op(d) {
            Op::Add(_) => (d, Rational::ONE),
            Op::Contract(c) => match &c.factors[..] {
                [f] if f.exponent.is_one() && f.labels == c.out => (f.node, c.coefficient.clone()),
                _ => return None,
            },
            _ => return None,
        };
        let Op::Add(sum) = self.graph.op(node) else { return None };
        (sum.terms.len() == 2 && self.is_lone(node) && self.is_lone(d)).then(|| (Sum::clone(sum), c))
    }

    /// What the outputs need, how often, and what stands in a branch.
    fn plan(self, nodes: &[NodeId], outputs: &[(&str, NodeId)]) -> Result<Plan, EmitError> {
        let mut uses: FxHashMap<NodeId, usize> = FxHashMap::default();
        let mut guarded: FxHashSet<NodeId> = FxHashSet::default();
        let mut values: FxHashMap<NodeId, Value> = FxHashMap::default();
        for (_, node) in outputs {
            *uses.entry(*node).or_default() += 1;
        }
        for &node in nodes.iter().rev() {
            let Some(&count) = uses.get(&node) else { continue };
            let value = match self.values.get(&node) {
                Some(value) => value.clone()?,
                None => continue,
            };
            // Output values have all their axes.
            let is_output = outputs.iter().any(|(_, output)| *output == node);
            let value = match is_output && !matches!(*value.kind, Kind::Number(_)) && !value.is_full() {
                true => self.filled(value, &self.graph.shape(node).clone())?,
                false => value,
            };
            let each = if is_written_out(&value) { count } else { 1 };
            value.for_each_node(&mut |child| {
                if child != node {
                    *uses.entry(child).or_default() += each;
                }
            });
            let branches = matches!(self.graph.op(node), Op::Select(..));
            if branches || guarded.contains(&node) {
                value.for_each_node(&mut |child| {
                    guarded.insert(child);
                });
            }
            values.insert(node, value);
        }
        let order = nodes.iter().copied().filter(|node| values.contains_key(node)).collect();
        Ok(Plan { values, order, uses, guarded, sizes: self.sizes })
    }
}

/// Whether an expression is written out wherever it stands: it costs nothing, or has no name of its own.
pub(super) fn is_written_out(value: &Value) -> bool {
    match &*value.kind {
        Kind::Node(_)
        | Kind::Local(_)
        | Kind::Number(_)
        | Kind::Constant(..)
        | Kind::Truth(_)
        | Kind::Size(_)
        | Kind::Identity(_)
        | Kind::Iota(_)
        | Kind::OneHot(..) => true,
        Kind::Spread(_) | Kind::Permute(..) => true,
        Kind::Negate(a) => is_written_out(a),
        Kind::Pick(_, places) => places
            .iter()
            .all(|place| matches!(place, super::value::Place::Slice(..) | super::value::Place::All)),
        Kind::Arithmetic(..)
        | Kind::Power(..)
        | Kind::MatMul(..)
        | Kind::Solve(..)
        | Kind::Broadcast(..)
        | Kind::Sum(..)
        | Kind::Trace(_)
        | Kind::Diagonal(_)
        | Kind::Diagonalize(_)
        | Kind::Outer(..)
        | Kind::Einsum(..)
        | Kind::Call(..)
        | Kind::Compare(..)
        | Kind::Not(_)
        | Kind::All(_)
        | Kind::Any(_)
        | Kind::Where(..)
        | Kind::Reduce(..)
        | Kind::Linear(..)
        | Kind::PickEach(..) => false,
    }
}

/// No axis at all.
pub(super) fn none(rank: usize) -> Axes {
    vec![false; rank]
}
