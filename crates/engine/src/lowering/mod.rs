//! Graphs to programs.
//!
//! Nodes are lowered to [nests](crate::ir::Nest): a node is either *stored*, and then a tensor of the program holds it, or
//! computed where it is read, as part of the body of the nest that reads it (`body.rs`). Stored are outputs, results of
//! sums, reductions, products and factorizations, and what several nests would compute again. Afterwards nests over the
//! same loops are fused, so that a tensor that was stored for one reader only vanishes (`fuse`).

mod batch;
mod body;
mod branches;
mod checkpoints;
mod contraction;
mod elementary;
mod error;
mod fuse;
mod given;
mod index;
mod instances;
mod multiply_add;
mod order;
mod picks;
mod reciprocals;
mod reduce;
mod regroup;
mod repeat;
mod rows;
mod scaled;
mod scatter;
#[cfg(feature = "machine")]
mod short_loops;
mod sparse;
mod store;
mod unroll;
mod written_out;
mod zero_signs;

#[cfg(test)]
mod tests;

pub use batch::batch;
pub use error::LowerError;
pub use given::{Split, split};
pub use multiply_add::multiply_add;
pub use reciprocals::share_reciprocals;
pub use regroup::regroup;
#[cfg(feature = "machine")]
pub use short_loops::short_loops;
pub use sparse::{Sparse, sparse};

use agnesi_functions::{FunctionId, find};
use agnesi_graph::{Graph, NodeId, Op, SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::ir::{Program, Step, Strides, TensorId};

/// Nodes nested deeper than this are stored, so that lowering does not recurse with the depth of a formula.
const MAX_NESTING: u32 = 100;

/// Contractions with no more trips than this are one nest in any case.
const SMALL: u128 = 256;

/// A last axis of no more entries than this gives kernels little to do at once.
const SHORT: usize = 64;

/// The program that computes nodes of a graph.
///
/// `inputs` are the symbols whose values a caller gives, in the order of the program's inputs; `sizes` are numbers for the
/// size symbols that their shapes (and the outputs) speak of. Cost: linear in the number of nodes, beside the search for
/// the order of products of many factors.
///
/// # Errors
/// A symbol that is neither an input nor a size; a size that is no whole number; an operation without numbers, such as
/// an integral; a tensor too large to be addressed.
///
/// ```
/// use agnesi_engine::lowering::lower;
/// use agnesi_graph::{Graph, Rational};
///
/// let mut graph = Graph::new();
/// let x = graph.symbol("x");
/// let square = graph.power(x, Rational::from(2));
/// let symbol = graph.as_symbol(x).expect("a symbol");
/// let program = lower(&graph, &[("x".into(), symbol)], &[], &[("y".into(), square)]).expect("it lowers");
/// assert_eq!(program.run(&[&[3.0]]).expect("it runs")[0], [9.0]);
/// ```
pub fn lower(
    graph: &Graph,
    inputs: &[(SmolStr, SymbolId)],
    sizes: &[(SymbolId, usize)],
    outputs: &[(SmolStr, NodeId)],
) -> Result<Program, LowerError> {
    let mut lowering = Lowering::new(graph, inputs, sizes)?;
    let roots: Vec<NodeId> = outputs.iter().map(|(_, node)| *node).collect();
    lowering.dense.extend(&roots);
    lowering.share(&roots);
    let needed = lowering.needed(&roots);
    lowering.find_instances(&needed)?;
    for node in needed {
        if lowering.shared.contains(&node) && !lowering.is_bound(node) {
            lowering.view(node)?;
        }
    }
    for (name, node) in outputs {
        let tensor = lowering.output(*node)?;
        lowering.program.outputs.push((name.clone(), tensor));
    }
    lowering.program.steps = std::mem::take(&mut lowering.steps);
    let mut program = lowering.program;
    fuse::fuse(&mut program);
    scaled::take_up_scales(&mut program);
    unroll::repeats(&mut program);
    checkpoints::keep_few(&mut program, checkpoints::MOST_KEPT);
    debug_assert_eq!(program.check(), Ok(()), "{program}");
    Ok(program)
}

/// Where a stored node lies.
#[derive(Clone, Debug, PartialEq)]
struct View {
    tensor: TensorId,
    offset: isize,
    /// A step of each axis.
    strides: Strides,
}

impl View {
    /// The same with its axes in another order, both given by their labels.
    fn turned(self, from: &[u8], to: &[u8]) -> View {
        let step = |label: &u8| from.iter().position(|l| l == label).map_or(0, |axis| self.strides[axis]);
        View { strides: to.iter().map(step).collect(), ..self }
    }
}

struct Lowering<'g> {
    graph: &'g Graph,
    program: Program,
    /// The steps of the scope that is being lowered.
    steps: Vec<Step>,
    sizes: FxHashMap<SymbolId, usize>,
    floor: FunctionId,
    /// What is stored.
    stored: FxHashMap<NodeId, View>,
    /// What is stored because several read it, or because it nests too deep.
    shared: FxHashSet<NodeId>,
    /// In the steps of how many loops that are not being lowered yet a node stands.
    bound: FxHashMap<NodeId, u32>,
    /// What is needed as it lies: outputs, states, matrices that are factored.
    dense: FxHashSet<NodeId>,
    /// The loops, those with the same symbol for their step together.
    loops: FxHashMap<SymbolId, Vec<repeat::Known>>,
    /// The least and the largest that the whole numbers of some tensors can be.
    ranges: FxHashMap<TensorId, (f64, f64)>,
    /// Indices that were looked at before, by their nodes and the sizes of the axes that they point into: where they point to
    /// and whether that is inside.
    checked: FxHashMap<(NodeId, usize), (View, View)>,
    /// Products of factors that were computed before, by what they are made of.
    joins: FxHashMap<order::Key, View>,
    /// Sums that are read from others.
    instances: FxHashMap<NodeId, instances::Instance>,
}

impl<'g> Lowering<'g> {
    fn new(
        graph: &'g Graph,
        inputs: &[(SmolStr, SymbolId)],
        sizes: &[(SymbolId, usize)],
    ) -> Result<Lowering<'g>, LowerError> {
        let mut lowering = Lowering {
            graph,
            program: Program::default(),
            steps: Vec::new(),
            sizes: sizes.iter().copied().collect(),
            floor: find("floor").ok_or_else(|| LowerError::Unsupported("floor".into()))?,
            stored: FxHashMap::default(),
            shared: FxHashSet::default(),
            bound: FxHashMap::default(),
            dense: FxHashSet::default(),
            loops: FxHashMap::default(),
            ranges: FxHashMap::default(),
            checked: FxHashMap::default(),
            joins: FxHashMap::default(),
            instances: FxHashMap::default(),
        };
        for (name, symbol) in inputs {
            let node = graph.symbol_node(*symbol);
            let tensor = lowering.declare(lowering.shape(node)?, None)?;
            lowering.program.inputs.push((name.clone(), tensor));
            let view = lowering.whole(tensor);
            lowering.stored.insert(node, view);
        }
        Ok(lowering)
    }

    /// All nodes below, children before parents, what stands inside loops left out.
    fn needed(&self, roots: &[NodeId]) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = roots.iter().flat_map(|root| self.graph.topological(*root)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Finds out which nodes are worth storing.
    fn share(&mut self, roots: &[NodeId]) {
        let needed = self.needed(roots);
        let mut uses: FxHashMap<NodeId, u32> = FxHashMap::default();
        let mut depths: FxHashMap<NodeId, u32> = FxHashMap::default();
        // The loops in whose steps a node stands, those over common states as one.
        let mut around: FxHashMap<NodeId, SmallVec<[SymbolId; 2]>> = FxHashMap::default();
        for &node in &needed {
            let mut depth = 0;
            self.graph.for_each_child(node, |child| {
                *uses.entry(child).or_default() += 1;
                depth = depth.max(depths.get(&child).copied().unwrap_or(0) + 1);
            });
            if depth > MAX_NESTING && self.is_work(node) {
                self.shared.insert(node);
                depth = 0;
            }
            depths.insert(node, depth);
            if let Op::Linear(_, inner) = self.graph.op(node) {
                self.dense.insert(*inner);
            }
            if let Op::Loop(made) = self.graph.op(node) {
                self.dense.extend(made.states.iter().flat_map(|state| [state.first, state.next]));
                for inside in self.graph.depending_on_step(made) {
                    *self.bound.entry(inside).or_default() += 1;
                    let steps = around.entry(inside).or_default();
                    if !steps.contains(&made.step) {
                        steps.push(made.step);
                    }
                }
                self.loops.entry(made.step).or_default().push(repeat::Known { node, wait: 0, around: 0 });
            }
        }
        let around = |node: NodeId| around.get(&node).map_or(0, SmallVec::len);
        let waits = if self.loops.is_empty() { FxHashMap::default() } else { self.waits(&needed, around) };
        for known in self.loops.values_mut().flatten() {
            known.around = around(known.node);
            known.wait = waits.get(&known.node).and_then(|wait| wait.get(known.around)).copied().unwrap_or(0);
        }
        for (node, count) in uses {
            if count > 1 && self.is_work(node) {
                self.shared.insert(node);
            }
        }
    }

    /// How many loops wait for each other up to each node, by the number of loops that they stand in.
    fn waits(
        &self,
        needed: &[NodeId],
        around: impl Fn(NodeId) -> usize,
    ) -> FxHashMap<NodeId, SmallVec<[u32; 4]>> {
        let mut waits: FxHashMap<NodeId, SmallVec<[u32; 4]>> = FxHashMap::default();
        for &node in needed {
            let mut wait: SmallVec<[u32; 4]> = SmallVec::new();
            self.graph.for_each_child(node, |child| {
                let Some(below) = waits.get(&child) else { return };
                wait.resize(wait.len().max(below.len()), 0);
                wait.iter_mut().zip(below).for_each(|(wait, below)| *wait = (*wait).max(*below));
            });
            if let Op::Loop(_) = self.graph.op(node) {
                let around = around(node);
                wait.resize(wait.len().max(around + 1), 0);
                wait[around] += 1;
            }
            waits.insert(node, wait);
        }
        waits
    }

    /// Whether a node stands in the steps of a loop that is not being lowered.
    fn is_bound(&self, node: NodeId) -> bool {
        self.bound.get(&node).is_some_and(|loops| *loops > 0)
    }

    /// Whether a node computes something that depends on inputs.
    fn is_work(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) | Op::Iota(_) | Op::OneHot(..) => false,
            Op::Contract(c) => {
                let single = match &c.factors[..] {
                    [] => false,
                    [factor] => {
                        !factor.exponent.is_one() || !c.coefficient.is_one() || self.is_work(factor.node)
                    }
                    _ => true,
                };
                single && !self.is_index(node)
            }
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
            | Op::Loop(_) => !self.is_index(node),
        }
    }

    /// Whether a node is arithmetic of sizes and of numbers of entries alone.
    fn is_index(&self, node: NodeId) -> bool {
        match self.graph.op(node) {
            Op::Symbol(id) => self.sizes.contains_key(id),
            Op::Iota(_) => true,
            Op::Add(sum) => sum.terms.iter().all(|(_, term)| self.is_index(*term)),
            Op::Contract(c) => c.factors.iter().all(|f| self.is_index(f.node)),
            Op::Constant(_)
            | Op::Truth(_)
            | Op::Call(..)
            | Op::Compare(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Select(..)
            | Op::Integral { .. }
            | Op::Reduce(..)
            | Op::Linear(..)
            | Op::OneHot(..)
            | Op::Loop(_) => false,
        }
    }

    /// The number that a size is.
    fn size(&self, node: NodeId) -> Result<usize, LowerError> {
        size(self.graph, &self.sizes, node)
    }

    /// The sizes of a node's axes.
    fn shape(&self, node: NodeId) -> Result<Vec<usize>, LowerError> {
        self.graph.shape(node).iter().map(|size| self.size(*size)).collect()
    }

    fn declare(&mut self, shape: Vec<usize>, start: Option<f64>) -> Result<TensorId, LowerError> {
        let count = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
        if count.is_none_or(|count| count > crate::ir::MAX_ENTRIES) {
            return Err(LowerError::TooLarge(shape));
        }
        Ok(self.program.declare(shape, start))
    }

    /// A tensor for what is computed on the way: where the last axis is short, the longest one lies innermost instead, so
    /// that kernels have many numbers side by side.
    fn lay(&mut self, shape: &[usize], start: Option<f64>) -> Result<View, LowerError> {
        self.lay_in_order(shape, &longest_innermost(shape), start)
    }

    /// A tensor whose axes lie in this order, the last one innermost.
    fn lay_in_order(
        &mut self,
        shape: &[usize],
        order: &[usize],
        start: Option<f64>,
    ) -> Result<View, LowerError> {
        let tensor = self.declare(order.iter().map(|axis| shape[*axis]).collect(), start)?;
        let mut view = self.whole(tensor);
        let lain = view.strides.clone();
        order.iter().zip(lain).for_each(|(axis, stride)| view.strides[*axis] = stride);
        Ok(view)
    }

    /// A tensor as it lies.
    fn whole(&self, tensor: TensorId) -> View {
        View { tensor, offset: 0, strides: dense(&self.program.tensor(tensor).shape) }
    }
}

/// The axes from the outermost to the innermost one: as they come, or with the longest one last where the last one is short.
fn longest_innermost(shape: &[usize]) -> SmallVec<[usize; 4]> {
    let mut order: SmallVec<[usize; 4]> = (0..shape.len()).collect();
    let longest = (0..shape.len()).max_by_key(|axis| shape[*axis]);
    if let (Some(longest), Some(last)) = (longest, shape.last())
        && *last <= SHORT
        && shape[longest] >= 4 * last
    {
        order.remove(longest);
        order.push(longest);
    }
    order
}

/// The number that a size is, where size symbols are these numbers.
fn size(graph: &Graph, sizes: &FxHashMap<SymbolId, usize>, node: NodeId) -> Result<usize, LowerError> {
    let value = size_value(graph, sizes, node)?;
    if value.fract() == 0.0 && (0.0..=crate::ir::MAX_ENTRIES as f64).contains(&value) {
        Ok(value as usize)
    } else {
        Err(LowerError::Size(value))
    }
}

fn size_value(graph: &Graph, sizes: &FxHashMap<SymbolId, usize>, node: NodeId) -> Result<f64, LowerError> {
    match graph.op(node) {
        Op::Symbol(id) => match sizes.get(id) {
            Some(size) => Ok(*size as f64),
            None => Err(LowerError::Unbound(graph.symbol_info(*id).name.clone())),
        },
        Op::Add(sum) => sum
            .terms
            .iter()
            .try_fold(0.0, |all, (c, term)| Ok(all + c.to_f64() * size_value(graph, sizes, *term)?)),
        Op::Contract(c) if c.out.is_empty() && c.sizes.is_empty() => {
            c.factors.iter().try_fold(c.coefficient.to_f64(), |all, factor| {
                Ok(all * size_value(graph, sizes, factor.node)?.powf(factor.exponent.to_f64()))
            })
        }
        Op::Call(f, args) => {
            let args: Vec<f64> =
                args.iter().map(|arg| size_value(graph, sizes, *arg)).collect::<Result<_, _>>()?;
            f.row().kernel.call(&args).ok_or(LowerError::Size(f64::NAN))
        }
        Op::Contract(_)
        | Op::Constant(_)
        | Op::Truth(_)
        | Op::Iota(_)
        | Op::Compare(..)
        | Op::Not(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::Select(..)
        | Op::Integral { .. }
        | Op::Reduce(..)
        | Op::Linear(..)
        | Op::OneHot(..)
        | Op::Loop(_) => Err(LowerError::Size(f64::NAN)),
    }
}

/// The strides of a tensor of this shape, the last axis the fastest.
fn dense(shape: &[usize]) -> Strides {
    let mut strides: Strides = shape.iter().map(|_| 0).collect();
    let mut far = 1isize;
    for (stride, size) in strides.iter_mut().zip(shape).rev() {
        *stride = far;
        far = far.saturating_mul(*size as isize);
    }
    strides
}
