//! The rules of each op, as adjoints.

use agnesi_graph::{
    Contract, Factor, Graph, Label, Labels, NodeId, Op, Rational, Reduction, Shape, SymbolId, known,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::guard::{Finite, as_branch};
use super::simplify::TensorSimplifier;
use super::{linear, loops};
use crate::derivative::{NoDerivative, partial};

/// `d node / d x`: the axes of the node, then those of x.
///
/// A scalar node gives the gradient, with the shape of x; a vector by a vector the Jacobian `J[i, j] = d f_i / d x_j`.
/// Entries of a variable that is declared symmetric count as independent. What has no rule is an error, never a zero.
///
/// Cost: one visit of each node that contains the variable; each adjoint is simplified as it is complete.
///
/// # Errors
/// A function or operation without a rule, by name and reason.
pub fn tensor_derivative(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    node: NodeId,
    x: SymbolId,
) -> Result<NodeId, NoDerivative> {
    tensor_derivatives(g, simplifier, node, &[x]).map(|derivatives| derivatives[0])
}

/// The derivatives of a node by several variables, in one pass: what they have in common, such as the adjoints of the
/// states of a loop, is made once.
///
/// # Errors
/// As [`tensor_derivative`].
pub fn tensor_derivatives(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    node: NodeId,
    variables: &[SymbolId],
) -> Result<Vec<NodeId>, NoDerivative> {
    let front = g.shape(node).clone();
    let seed = identity(g, &front);
    let arrived = pull(g, simplifier, front.len(), &[(node, seed)], variables)?;
    let mut derivatives = Vec::with_capacity(variables.len());
    for (x, adjoint) in variables.iter().zip(arrived) {
        let own = g.shape(g.symbol_node(*x));
        let whole: Shape = front.iter().chain(own).copied().collect();
        derivatives.push(adjoint.unwrap_or_else(|| g.zeros(whole)));
    }
    Ok(derivatives)
}

/// The adjoints of a node's parts that contain a variable, from the node to the variable, which comes last if anything
/// arrives there. Those that are zero are left out.
///
/// # Errors
/// As [`tensor_derivative`].
pub fn adjoints(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    node: NodeId,
    x: SymbolId,
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    let front = g.shape(node).clone();
    let seed = identity(g, &front);
    backwards(g, simplifier, front.len(), &[(node, seed)], &[x])
}

/// What adjoints of several nodes, with so many axes of the result in front, come to at each of some variables; `None`
/// where nothing arrives.
///
/// # Errors
/// As [`tensor_derivative`].
pub(super) fn pull(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    front: usize,
    seeds: &[(NodeId, NodeId)],
    variables: &[SymbolId],
) -> Result<Vec<Option<NodeId>>, NoDerivative> {
    let passed = backwards(g, simplifier, front, seeds, variables)?;
    // Variables come last.
    let arrived = |x: &SymbolId| {
        let symbol = g.symbol_node(*x);
        passed.iter().rev().take(variables.len()).find(|(at, _)| *at == symbol).map(|(_, adjoint)| *adjoint)
    };
    Ok(variables.iter().map(arrived).collect())
}

/// Hands adjoints on from some nodes to some variables.
fn backwards(
    g: &mut Graph,
    simplifier: &mut TensorSimplifier,
    front: usize,
    seeds: &[(NodeId, NodeId)],
    variables: &[SymbolId],
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    let symbols: Vec<NodeId> = variables.iter().map(|x| g.symbol_node(*x)).collect();
    let mut passed = Vec::new();
    let mut adjoints = Adjoints { front, sums: FxHashMap::default(), cone: FxHashSet::default() };
    let mut finite = Finite::default();
    let mut cone: Vec<NodeId> = Vec::new();
    let mut waiting: Vec<(NodeId, NodeId)> = Vec::new();
    for (node, seed) in seeds {
        adjoints.add(*node, *seed);
        if may_contain(g, *node, variables) {
            cone.extend(g.topological(*node));
        }
    }
    cone.sort_unstable();
    cone.dedup();
    cone.retain(|node| {
        let mut inside = symbols.contains(node);
        if !inside && may_contain(g, *node, variables) {
            g.for_each_child(*node, |child| inside |= adjoints.cone.contains(&child));
        }
        if inside {
            adjoints.cone.insert(*node);
        }
        inside
    });
    // Parents before children: every adjoint is complete when its node's turn comes.
    while let Some(at) = cone.pop() {
        if symbols.contains(&at) {
            continue;
        }
        let Some(adjoint) = adjoints.take(g, at) else { continue };
        let adjoint = simplifier.simplify(g, adjoint);
        let zero = g.is_zero(adjoint);
        if !zero {
            passed.push((at, adjoint));
        }
        if matches!(g.op(at), Op::Loop(_)) {
            waiting.extend((!zero).then_some((at, adjoint)));
            let mut others = cone.iter().rev().filter(|other| adjoints.sums.contains_key(*other));
            if !others.any(|other| waiting.iter().all(|(at, _)| waits(g, &adjoints, *at, *other))) {
                for group in loops::groups(g, std::mem::take(&mut waiting)) {
                    for (child, part) in loops::adjoint(g, simplifier, front, &group, variables)? {
                        adjoints.add(child, part);
                    }
                }
            }
            continue;
        }
        if zero {
            continue;
        }
        for (child, part) in parts(g, &adjoints, &mut finite, at, adjoint, variables)? {
            adjoints.add(child, part);
        }
    }
    for symbol in symbols {
        if let Some(adjoint) = adjoints.take(g, symbol) {
            passed.push((symbol, simplifier.simplify(g, adjoint)));
        }
    }
    Ok(passed)
}

/// Whether a loop may wait for the adjoint of another, so that both are undone as one: nothing that it hands on is asked for
/// before.
fn waits(g: &Graph, adjoints: &Adjoints, at: NodeId, other: NodeId) -> bool {
    let before = |node: &NodeId| *node == at || *node < other || !adjoints.cone.contains(node);
    loops::beside(g, at, other) && g.topological(at).iter().all(before)
}

/// Whether a node may contain one of some variables.
pub(super) fn may_contain(g: &Graph, node: NodeId, variables: &[SymbolId]) -> bool {
    variables.iter().any(|x| g.may_contain(node, *x))
}

/// The adjoints on their way: terms by node.
pub(super) struct Adjoints {
    /// How many axes of the result stand in front.
    pub front: usize,
    sums: FxHashMap<NodeId, Vec<NodeId>>,
    /// The nodes that contain a variable.
    cone: FxHashSet<NodeId>,
}

impl Adjoints {
    fn add(&mut self, node: NodeId, adjoint: NodeId) {
        self.sums.entry(node).or_default().push(adjoint);
    }

    fn take(&mut self, g: &mut Graph, node: NodeId) -> Option<NodeId> {
        let terms = self.sums.remove(&node)?;
        let terms: Vec<(Rational, NodeId)> = terms.into_iter().map(|n| (Rational::ONE, n)).collect();
        Some(g.sum(&terms))
    }
}

/// The derivative of a tensor in itself: 1 where all its axes agree.
fn identity(g: &mut Graph, shape: &Shape) -> NodeId {
    let labels: Labels = (0..shape.len() as Label).collect();
    let out: Labels = labels.iter().chain(&labels).copied().collect();
    g.contract(Rational::ONE, Vec::new(), out, shape.to_vec())
}

/// What a node's adjoint gives to each child that contains the variable.
fn parts(
    g: &mut Graph,
    adjoints: &Adjoints,
    finite: &mut Finite,
    node: NodeId,
    adjoint: NodeId,
    variables: &[SymbolId],
) -> Result<Vec<(NodeId, NodeId)>, NoDerivative> {
    let front = adjoints.front;
    let inside = |node: &NodeId| adjoints.cone.contains(node);
    let refuse = |what: &str, because: &str| NoDerivative { function: what.into(), because: because.into() };
    match g.op(node).clone() {
        Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) | Op::Iota(_) => Ok(Vec::new()),
        // Constant between jumps.
        Op::Compare(..) | Op::Not(_) | Op::And(_) | Op::Or(_) => Ok(Vec::new()),
        Op::Add(sum) => {
            let mut out = Vec::new();
            for (c, term) in &sum.terms {
                if inside(term) {
                    let part = g.scaled(c.clone(), adjoint);
                    out.push((*term, part));
                }
            }
            Ok(out)
        }
        Op::Contract(c) => {
            let mut out = Vec::new();
            for (k, f) in c.factors.iter().enumerate() {
                if inside(&f.node) {
                    out.push((f.node, factor_adjoint(g, finite, front, &c, k, adjoint)));
                }
            }
            if c.sizes.iter().any(inside) {
                return Err(refuse("a sum", "the variable is the size of an axis"));
            }
            Ok(out)
        }
        Op::Call(f, args) => {
            let mut out = Vec::new();
            for (i, arg) in args.iter().enumerate() {
                if !inside(arg) {
                    continue;
                }
                let entries: Vec<NodeId> =
                    args.iter().map(|a| if g.is_scalar(*a) { *a } else { g.entry(*a) }).collect();
                let shape = g.shape(node).clone();
                let slope = partial(g, f, &entries, i)?;
                let slope = g.lift(slope, &shape);
                out.push((*arg, elementwise_adjoint(g, front, adjoint, slope, *arg)));
            }
            Ok(out)
        }
        Op::Select(c, a, b) => {
            let mut out = Vec::new();
            for (branch, first) in [(a, true), (b, false)] {
                if !inside(&branch) {
                    continue;
                }
                let whole = g.shape(adjoint).clone();
                let places: Vec<usize> = (front..whole.len()).collect();
                let condition = if g.is_scalar(c) { c } else { g.expand(c, &places, &whole) };
                let zero = g.zeros(whole);
                let part = if first {
                    g.select(condition, adjoint, zero)
                } else {
                    g.select(condition, zero, adjoint)
                };
                out.push((branch, to_shape_of(g, front, part, branch)));
            }
            Ok(out)
        }
        Op::Reduce(how, inner, axes) => {
            let shape = g.shape(inner).clone();
            let kept = shape.len() - axes as usize;
            let seen: Vec<usize> = (0..kept).collect();
            let value = g.expand(node, &seen, &shape);
            let slope = match how {
                Reduction::LogSumExp => {
                    let less = g.sub(inner, value);
                    g.call(known().exp, &[less])
                }
                Reduction::Max | Reduction::Min => {
                    // Shared evenly among equal ones.
                    let less = g.sub(inner, value);
                    let condition = g.is_zero_condition(less);
                    let (one, zero) = (g.one(), g.zero());
                    let (one, zero) = (g.broadcast(one, &shape), g.broadcast(zero, &shape));
                    let is = g.select(condition, one, zero);
                    let count = sum_last(g, is, axes as usize);
                    let count = g.expand(count, &seen, &shape);
                    let share = g.elementwise_power(count, Rational::MINUS_ONE);
                    g.hadamard(is, share)
                }
                Reduction::Product => {
                    let below = g.elementwise_power(inner, Rational::MINUS_ONE);
                    g.hadamard(value, below)
                }
                Reduction::ArgMax => return Ok(Vec::new()),
            };
            // Ḡ over the kept axes, times the slope over all.
            let mut sizes = g.shape(adjoint)[..front].to_vec();
            let first = front as Label;
            sizes.extend(shape.iter().copied());
            let adjoint_labels: Labels = (0..(front + kept) as Label).collect();
            let labels: Labels = (first..first + shape.len() as Label).collect();
            let out: Labels = (0..first + shape.len() as Label).collect();
            let factors = vec![
                Factor { node: adjoint, labels: adjoint_labels, exponent: Rational::ONE },
                Factor { node: slope, labels, exponent: Rational::ONE },
            ];
            Ok(vec![(inner, g.contract(Rational::ONE, factors, out, sizes))])
        }
        Op::Linear(op, inner) => linear::adjoint(g, front, op, node, inner, adjoint, variables),
        // Undone with those beside it.
        Op::Loop(_) => Ok(Vec::new()),
        Op::OneHot(..) => {
            Err(refuse("an index", "the variable decides which entry is taken, in whole numbers"))
        }
        Op::Integral { .. } => Err(refuse("an integral", "integrals of tensors come with a later version")),
    }
}

/// The sum over the last axes.
fn sum_last(g: &mut Graph, node: NodeId, axes: usize) -> NodeId {
    let sizes = g.shape(node).to_vec();
    let labels: Labels = (0..sizes.len() as Label).collect();
    let out: Labels = labels[..sizes.len() - axes].iter().copied().collect();
    let factor = Factor { node, labels, exponent: Rational::ONE };
    g.contract(Rational::ONE, vec![factor], out, sizes)
}

/// The adjoint of factor `k`: labels exchanged, its power one less.
fn factor_adjoint(
    g: &mut Graph,
    finite: &mut Finite,
    front: usize,
    c: &Contract,
    k: usize,
    adjoint: NodeId,
) -> NodeId {
    let whole = g.shape(adjoint).clone();
    let distinct = (1..c.out.len()).all(|i| !c.out[..i].contains(&c.out[i]));
    let mut branch = if distinct { as_branch(g, adjoint) } else { None };
    // Labels of the contraction move up, behind those of the result.
    let up = |l: &Label| l + front as Label;
    let mut sizes = g.shape(adjoint)[..front].to_vec();
    sizes.extend(c.sizes.iter().copied());
    let mut factors: Vec<Factor> = Vec::with_capacity(c.factors.len() + 1);
    let adjoint_labels: Labels = (0..front as Label).chain(c.out.iter().map(up)).collect();
    for (i, f) in c.factors.iter().enumerate() {
        let exponent = if i == k { &f.exponent - &Rational::ONE } else { f.exponent.clone() };
        if exponent.is_zero() {
            continue;
        }
        let factor = Factor { node: f.node, labels: f.labels.iter().map(up).collect(), exponent };
        // Outside a branch a factor along its axes need not be defined.
        let along = f.labels.iter().map(|l| c.out.iter().position(|o| o == l).map(|at| front + at));
        if let Some(inside) = branch
            && let Some(axes) = along.collect::<Option<Vec<usize>>>()
            && (1..axes.len()).all(|i| !axes[..i].contains(&axes[i]))
            && !finite.is_factor(g, &factor)
        {
            let spread = g.expand(f.node, &axes, &whole);
            let power = g.elementwise_power(spread, factor.exponent);
            branch = Some(g.hadamard(inside, power));
            continue;
        }
        factors.push(factor);
    }
    factors.push(Factor { node: branch.unwrap_or(adjoint), labels: adjoint_labels, exponent: Rational::ONE });
    let f = &c.factors[k];
    let out: Labels = (0..front as Label).chain(f.labels.iter().map(up)).collect();
    let coefficient = &c.coefficient * &f.exponent;
    g.contract(coefficient, factors, out, sizes)
}

/// `adjoint * slope` with the slope over the node's axes, summed over what the argument does not have.
fn elementwise_adjoint(g: &mut Graph, front: usize, adjoint: NodeId, slope: NodeId, arg: NodeId) -> NodeId {
    let whole = g.shape(adjoint).clone();
    let product = if whole.is_empty() {
        g.mul(adjoint, slope)
    } else {
        let places: Vec<usize> = (front..whole.len()).collect();
        let slope = if g.is_scalar(slope) { slope } else { g.expand(slope, &places, &whole) };
        let adjoint = as_branch(g, adjoint).unwrap_or(adjoint);
        g.hadamard(adjoint, slope)
    };
    to_shape_of(g, front, product, arg)
}

/// A scalar beside every entry gets the sum of the entries' adjoints.
fn to_shape_of(g: &mut Graph, front: usize, adjoint: NodeId, child: NodeId) -> NodeId {
    let axes = g.shape(adjoint).len() - front;
    if g.is_scalar(child) && axes > 0 { sum_last(g, adjoint, axes) } else { adjoint }
}
