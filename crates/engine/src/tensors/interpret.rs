//! Nodes to numbers: one evaluator of every operation, over doubles and over numbers with slopes.

use std::borrow::Cow;
use std::cell::Cell;

use agnesi_functions::{Kernel, constants};
use agnesi_graph::{Constant, Contract, Graph, NodeId, Op, Sign, SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::bind::bind;
use super::contraction::{Hot, Piece, contract, strides};
use super::entry::{Entry, Over};
use super::error::InterpretError;
use super::linear::linear;
use super::loops::run_loop;
use super::reduce::reduce;
use super::symmetric::Symmetry;
use super::tensor::{Tensor, volume, walk};
use crate::{Exponent, Program};

/// The most doubles that one node may take.
const MAX_ENTRIES: usize = 1 << 26;

/// The most entries that one node may have.
pub(super) fn limit<E>() -> usize {
    MAX_ENTRIES * size_of::<f64>() / size_of::<E>().max(1)
}

/// The values of nodes, given those of the symbols. Sizes are symbols like any other; those that are not given follow
/// from the shapes of the tensors that are ([`bind`]).
///
/// Where a scalar operation has no value its entry is NaN. What goes wrong in a branch that is not taken is not looked
/// at. Conditions are 1 and 0, and NaN where a comparison has an operand without a value and nothing beside it decides.
/// Contractions are joined two factors at a time, so that their cost is that of the joins
/// and not of one loop over all labels.
///
/// # Errors
/// A symbol without a value or with one of another shape; a matrix without an inverse or the like; an index outside its
/// axis; an integral; too many entries.
///
/// ```
/// use agnesi_engine::tensors::{Tensor, interpret};
/// use agnesi_graph::{Facts, Graph, Linear};
///
/// let mut graph = Graph::new();
/// let n = graph.symbol("n");
/// let a = graph.declare("A", Facts::REAL, [n, n].into_iter().collect());
/// let inverse = graph.linear(Linear::Inverse, a);
/// let matrix = Tensor::new(vec![2, 2], vec![2.0, 0.0, 0.0, 4.0]).expect("as many entries");
/// let symbol = graph.as_symbol(a).expect("a symbol");
/// let values = interpret(&graph, &[inverse], &[(symbol, matrix)]).expect("regular");
/// assert_eq!(values[0].data(), [0.5, 0.0, 0.0, 0.25]);
/// ```
pub fn interpret(
    graph: &Graph,
    roots: &[NodeId],
    symbols: &[(SymbolId, Tensor)],
) -> Result<Vec<Tensor>, InterpretError> {
    let symbols = bind(graph, symbols)?;
    let order = needed(graph, roots);
    let mut machine: Machine<f64> = Machine::new(graph, symbols.iter().map(|(s, t)| (*s, t)));
    machine.run(&order);
    roots.iter().map(|root| machine.result(*root)).collect()
}

/// What roots are made of, children before parents, and sizes before what has them.
pub(super) fn needed(graph: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    let mut stack = roots.to_vec();
    while let Some(node) = stack.pop() {
        if seen.insert(node) {
            graph.for_each_child(node, |child| stack.push(child));
            // The sizes that symbols were declared with are no children of theirs.
            if graph.as_symbol(node).is_some() {
                stack.extend(graph.shape(node).iter().copied());
            }
        }
    }
    let mut found: Vec<NodeId> = seen.into_iter().collect();
    found.sort_unstable();
    found
}

/// A value as it is kept.
pub(super) enum Stored<E> {
    Dense(Tensor<E>),
    /// 1 where the last axis, of this size, is the index (from 0). An index outside is [`NOWHERE`]: in a branch that is
    /// not taken it does no harm, and everywhere else it comes out as NaN.
    Hot {
        shape: Vec<usize>,
        index: Vec<usize>,
        size: usize,
        /// The first index outside.
        outside: Option<f64>,
    },
}

/// An index outside its axis.
const NOWHERE: usize = usize::MAX;

pub(super) type Values<E> = FxHashMap<NodeId, Result<Stored<E>, InterpretError>>;

/// An evaluator: what it has computed, and what stands fixed beneath.
pub(super) struct Machine<'a, E: Entry> {
    graph: &'a Graph,
    symbols: FxHashMap<SymbolId, Cow<'a, Tensor<E>>>,
    pub values: Values<E>,
    /// Values that do not vary.
    base: Option<&'a Values<f64>>,
    /// Around a loop: what does not depend on its step.
    outer: Option<&'a Machine<'a, E>>,
    symmetry: Symmetry,
    /// An index outside its axis, and the axis' size, in a step of a loop that came out as NaN.
    outside: Cell<Option<(f64, usize)>>,
}

impl<'a> Machine<'a, f64> {
    pub fn new(graph: &'a Graph, symbols: impl Iterator<Item = (SymbolId, &'a Tensor)>) -> Machine<'a, f64> {
        Machine {
            graph,
            symbols: symbols.map(|(s, t)| (s, Cow::Borrowed(t))).collect(),
            values: FxHashMap::default(),
            base: None,
            outer: None,
            symmetry: Symmetry::Asked,
            outside: Cell::new(None),
        }
    }
}

impl<'a, E: Entry> Machine<'a, E> {
    /// An evaluator of what depends on one symbol.
    pub fn varying(
        graph: &'a Graph,
        symbols: Vec<(SymbolId, Tensor<E>)>,
        base: &'a Values<f64>,
    ) -> Machine<'a, E> {
        let symbols = symbols.into_iter().map(|(s, t)| (s, Cow::Owned(t))).collect();
        let values = FxHashMap::default();
        let (symmetry, outside) = (Symmetry::Granted, Cell::new(None));
        Machine { graph, symbols, values, base: Some(base), outer: None, symmetry, outside }
    }

    /// An evaluator of one step of a loop.
    pub fn step(
        graph: &'a Graph,
        symbols: Vec<(SymbolId, Tensor<E>)>,
        outer: &'a Machine<'a, E>,
    ) -> Machine<'a, E> {
        let symbols = symbols.into_iter().map(|(s, t)| (s, Cow::Owned(t))).collect();
        let values = FxHashMap::default();
        let (symmetry, outside) = (outer.symmetry, Cell::new(None));
        Machine { graph, symbols, values, base: None, outer: Some(outer), symmetry, outside }
    }

    /// Computes these nodes in order. What goes wrong is kept until it is asked for.
    pub fn run(&mut self, order: &[NodeId]) {
        for node in order {
            let value = self.value(*node);
            self.values.insert(*node, value);
        }
    }

    /// The value of a root that has been computed. NaN that may come of an index outside its axis is that error.
    pub fn result(&self, root: NodeId) -> Result<Tensor<E>, InterpretError> {
        let value = self.of(root)?;
        if value.data.iter().any(|x| x.primal().is_nan())
            && let Some((value, size)) = self.index_outside()
        {
            return Err(InterpretError::Index { value, size });
        }
        Ok(value.into_owned())
    }

    /// An index outside its axis, and the axis' size.
    fn index_outside(&self) -> Option<(f64, usize)> {
        let own = self.values.values().find_map(|stored| match stored {
            Ok(Stored::Hot { outside: Some(value), size, .. }) => Some((*value, *size)),
            _ => None,
        });
        own.or(self.outside.get())
    }

    /// Keeps the index outside its axis that made a state of this step NaN, if one did, for who runs the loop.
    pub fn tell_outside(&self, states: &[Tensor<E>]) {
        let Some(outer) = self.outer else { return };
        if outer.outside.get().is_none() && states.iter().any(|t| t.data.iter().any(|x| x.primal().is_nan()))
        {
            outer.outside.set(self.index_outside());
        }
    }

    /// The value of a node that has been computed.
    pub fn of(&self, node: NodeId) -> Result<Cow<'_, Tensor<E>>, InterpretError> {
        if let Some(found) = self.values.get(&node) {
            return match found {
                Ok(Stored::Dense(tensor)) => Ok(Cow::Borrowed(tensor)),
                Ok(Stored::Hot { shape, index, size, .. }) => dense(shape, index, *size).map(Cow::Owned),
                Err(error) => Err(error.clone()),
            };
        }
        if let Some(outer) = self.outer {
            return outer.of(node);
        }
        match self.base.and_then(|base| base.get(&node)) {
            Some(Ok(Stored::Dense(tensor))) => Ok(Cow::Owned(tensor.map(|x| E::lift(*x)))),
            Some(Ok(Stored::Hot { shape, index, size, .. })) => dense(shape, index, *size).map(Cow::Owned),
            Some(Err(error)) => Err(error.clone()),
            None => Err(InterpretError::Limit),
        }
    }

    /// A size that has been computed.
    pub fn size(&self, node: NodeId) -> Result<usize, InterpretError> {
        let value = self.of(node)?.as_scalar().map_or(f64::NAN, |x| x.primal());
        if value.fract() == 0.0 && (0.0..=MAX_ENTRIES as f64).contains(&value) {
            Ok(value as usize)
        } else {
            Err(InterpretError::Size(value))
        }
    }

    fn value(&self, node: NodeId) -> Result<Stored<E>, InterpretError> {
        if let Op::OneHot(index, size) = self.graph.op(node) {
            return self.one_hot(*index, *size);
        }
        self.tensor(node).map(Stored::Dense)
    }

    fn one_hot(&self, index: NodeId, size: NodeId) -> Result<Stored<E>, InterpretError> {
        let size = self.size(size)?;
        let index = self.of(index)?;
        let mut outside = None;
        let place = |x: &E| {
            let value = x.primal();
            if value.fract() == 0.0 && value >= 1.0 && value <= size as f64 {
                return value as usize - 1;
            }
            outside = outside.or(Some(value));
            NOWHERE
        };
        let places = index.data.iter().map(place).collect();
        Ok(Stored::Hot { shape: index.shape.clone(), index: places, size, outside })
    }

    fn tensor(&self, node: NodeId) -> Result<Tensor<E>, InterpretError> {
        match self.graph.op(node) {
            Op::Symbol(id) => self.symbol(*id),
            Op::Constant(constant) => Ok(Tensor::scalar(E::lift(match constant {
                Constant::Pi => std::f64::consts::PI,
                Constant::E => std::f64::consts::E,
                Constant::Infinity => f64::INFINITY,
                Constant::Named(at) => {
                    let row = constants().get(*at as usize);
                    row.ok_or_else(|| InterpretError::Unsupported("a constant".into()))?.value
                }
            }))),
            Op::Add(sum) => {
                let mut total: Option<Tensor<E>> = None;
                for (c, term) in &sum.terms {
                    let (c, term) = (c.to_f64(), self.of(*term)?);
                    let term = if c == 1.0 { term } else { Cow::Owned(term.map(|x| x.scale(c))) };
                    total = Some(match total {
                        None => term.into_owned(),
                        Some(mut total) if total.shape == term.shape => {
                            total.data.iter_mut().zip(&term.data).for_each(|(a, b)| *a = *a + *b);
                            total
                        }
                        Some(total) => elementwise("a sum", &[&total, &term], |x| x[0] + x[1])?,
                    });
                }
                total.ok_or(InterpretError::Limit)
            }
            Op::Contract(c) => self.contract(c),
            Op::Call(f, args) => {
                let args: Vec<Cow<Tensor<E>>> = args.iter().map(|a| self.of(*a)).collect::<Result<_, _>>()?;
                let args: Vec<&Tensor<E>> = args.iter().map(Cow::as_ref).collect();
                let name = self.graph.function_name(*f);
                if let Some(taught) = self.graph.taught(*f) {
                    let (tree, root) = &taught.meaning;
                    let program = Program::new(tree, *root, &taught.args, &[])
                        .map_err(|_| InterpretError::Unsupported(name.into()))?;
                    return elementwise(name, &args, |x| {
                        let inputs: Vec<Over<E>> = x.iter().map(|x| Over(*x)).collect();
                        program.value(&inputs, &()).map_or(E::lift(f64::NAN), |value| value.0)
                    });
                }
                if matches!(f.row().kernel, Kernel::Meaning) {
                    return Err(InterpretError::Unsupported(name.into()));
                }
                elementwise(name, &args, |x| E::call(*f, x))
            }
            Op::Truth(truth) => Ok(Tensor::scalar(E::lift(*truth as u8 as f64))),
            Op::Compare(sign, a) => Ok(self.of(*a)?.map(|x| {
                let holds = match sign {
                    _ if x.primal().is_nan() => return E::lift(f64::NAN),
                    Sign::Positive => x.primal() > 0.0,
                    Sign::NonNegative => x.primal() >= 0.0,
                    // Zero at a point alone does not choose a branch's slopes.
                    Sign::Zero => x.is_zero(),
                };
                E::lift(holds as u8 as f64)
            })),
            Op::Not(a) => Ok(self.of(*a)?.map(|x| E::lift(1.0 - x.primal()))),
            Op::And(list) | Op::Or(list) => {
                let parts: Vec<Cow<Tensor<E>>> =
                    list.iter().map(|a| self.of(*a)).collect::<Result<_, _>>()?;
                let parts: Vec<&Tensor<E>> = parts.iter().map(Cow::as_ref).collect();
                let all = matches!(self.graph.op(node), Op::And(_));
                // What decides: for `and` what is false, for `or` what is true, whatever has no value beside it.
                let decides = if all { 0.0 } else { 1.0 };
                elementwise("a condition", &parts, |x| {
                    let without = x.iter().any(|v| v.primal().is_nan());
                    E::lift(match x.iter().any(|v| v.primal() == decides) {
                        true => decides,
                        false if without => f64::NAN,
                        false => 1.0 - decides,
                    })
                })
            }
            Op::Select(c, a, b) => self.select(node, *c, *a, *b),
            Op::Integral { .. } => Err(InterpretError::Unsupported("an integral".into())),
            Op::Reduce(how, a, axes) => Ok(reduce(*how, self.of(*a)?.as_ref(), *axes as usize)),
            Op::Linear(op, a) => linear(*op, self.of(*a)?.as_ref(), self.symmetry),
            Op::Iota(size) => {
                let size = self.size(*size)?;
                Ok(Tensor { shape: vec![size], data: (1..=size).map(|i| E::lift(i as f64)).collect() })
            }
            Op::OneHot(..) => self.of(node).map(Cow::into_owned),
            Op::Loop(made) => run_loop(self.graph, self, made),
        }
    }

    fn symbol(&self, id: SymbolId) -> Result<Tensor<E>, InterpretError> {
        let info = self.graph.symbol_info(id);
        let value = self.symbols.get(&id).ok_or_else(|| InterpretError::Unbound(info.name.clone()))?;
        let declared: Vec<usize> = info.shape.iter().map(|s| self.size(*s)).collect::<Result<_, _>>()?;
        if declared == value.shape {
            return Ok(value.clone().into_owned());
        }
        Err(InterpretError::Shape { name: info.name.clone(), declared, given: value.shape.clone() })
    }

    fn select(&self, node: NodeId, c: NodeId, a: NodeId, b: NodeId) -> Result<Tensor<E>, InterpretError> {
        let condition = self.of(c)?;
        let taken = |truth: f64| condition.data.iter().any(|x| x.primal() == truth);
        let (yes, no) = (taken(1.0), taken(0.0));
        let without = condition.data.iter().any(|x| x.primal().is_nan());
        // One branch everywhere: the other is not looked at.
        let mixed = without || yes && no;
        if !mixed {
            let value = self.of(if no { b } else { a })?;
            if value.shape.len() == self.graph.shape(node).len() {
                return Ok(value.into_owned());
            }
            return elementwise("a branch", &[&condition, &value], |x| x[1]);
        }
        let nothing = E::lift(f64::NAN);
        if !yes && !no {
            let rank = |n: NodeId| self.graph.shape(n).len();
            let value = self.of(if rank(a) < rank(b) { b } else { a })?;
            return elementwise("a branch", &[&condition, &value], |_| nothing);
        }
        let branch = |taken: bool, node: NodeId| match taken {
            true => self.of(node),
            false => Ok(Cow::Owned(Tensor::scalar(nothing))),
        };
        let (first, second) = (branch(yes, a)?, branch(no, b)?);
        elementwise("a branch", &[&condition, &first, &second], |x| match x[0].primal() {
            1.0 => x[1],
            0.0 => x[2],
            _ => nothing,
        })
    }

    fn contract(&self, c: &Contract) -> Result<Tensor<E>, InterpretError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|s| self.size(*s)).collect::<Result<_, _>>()?;
        let mut scalar = E::lift(c.coefficient.to_f64());
        let mut pieces: Vec<Piece<E>> = Vec::with_capacity(c.factors.len());
        let mut hots: Vec<Hot> = Vec::new();
        let mut outside: Vec<Piece<E>> = Vec::new();
        for f in c.factors.iter() {
            let fits = |shape: &[usize], last: Option<usize>| {
                let given: Vec<usize> = shape.iter().copied().chain(last).collect();
                let wanted: Vec<usize> = f.labels.iter().map(|l| sizes[*l as usize]).collect();
                if given == wanted {
                    return Ok(());
                }
                Err(InterpretError::Operands { what: "a product".into(), shapes: vec![wanted, given] })
            };
            if f.exponent.is_positive()
                && let Some((shape, index, size)) = self.hot(f.node)
                && let [labels @ .., label] = &f.labels[..]
            {
                fits(shape, Some(size))?;
                let mut index = Cow::Borrowed(index);
                if index.contains(&NOWHERE) {
                    outside.push(Piece { labels: labels.to_vec(), data: Cow::Owned(inside(&index)) });
                    index.to_mut().iter_mut().filter(|i| **i == NOWHERE).for_each(|i| *i = 0);
                }
                hots.push(Hot { labels: labels.to_vec(), index, label: *label });
                continue;
            }
            let base = self.of(f.node)?;
            fits(&base.shape, None)?;
            let data: Cow<[E]> = if f.exponent.is_one() {
                match base {
                    Cow::Borrowed(tensor) => Cow::Borrowed(&tensor.data),
                    Cow::Owned(tensor) => Cow::Owned(tensor.data),
                }
            } else {
                let exponent = Exponent::new(f.exponent.clone());
                Cow::Owned(base.data.iter().map(|x| x.power(&exponent)).collect())
            };
            match (&f.labels[..], &data[..]) {
                ([], [value]) => scalar = scalar * *value,
                _ => pieces.push(Piece { labels: f.labels.to_vec(), data }),
            }
        }
        for mut piece in outside {
            for other in &pieces {
                excuse(&mut piece, other, &sizes);
            }
            pieces.push(piece);
        }
        contract(scalar, pieces, hots, &c.out, &sizes)
    }

    fn hot(&self, node: NodeId) -> Option<(&[usize], &[usize], usize)> {
        fn parts<E>(value: &Result<Stored<E>, InterpretError>) -> Option<(&[usize], &[usize], usize)> {
            match value {
                Ok(Stored::Hot { shape, index, size, .. }) => Some((shape, index, *size)),
                _ => None,
            }
        }
        match self.values.get(&node) {
            Some(value) => parts(value),
            None if self.outer.is_some() => self.outer?.hot(node),
            None => parts(self.base?.get(&node)?),
        }
    }
}

fn dense<E: Entry>(shape: &[usize], index: &[usize], size: usize) -> Result<Tensor<E>, InterpretError> {
    let mut shape = shape.to_vec();
    shape.push(size);
    let count = volume(&shape).filter(|n| *n <= limit::<E>()).ok_or(InterpretError::Limit)?;
    let mut data = vec![E::lift(0.0); count];
    for (row, at) in index.iter().enumerate() {
        match *at {
            NOWHERE => data[row * size..][..size].fill(E::lift(f64::NAN)),
            at => data[row * size + at] = E::lift(1.0),
        }
    }
    Ok(Tensor { shape, data })
}

/// Takes back NaN for indices outside where another factor is zero all along: nothing is asked for there.
fn excuse<E: Entry>(piece: &mut Piece<E>, other: &Piece<E>, sizes: &[usize]) {
    if !piece.labels.iter().all(|l| other.labels.contains(l)) {
        return;
    }
    let mut zero = vec![true; piece.data.len()];
    let (all, own) = (strides(sizes, &other.labels), strides(sizes, &piece.labels));
    let counts: Vec<usize> = (0..sizes.len()).map(|l| if all[l] == 0 { 1 } else { sizes[l] }).collect();
    walk(&counts, [&all, &own], |[from, to]| zero[to] &= other.data[from].is_zero());
    for (x, zero) in piece.data.to_mut().iter_mut().zip(zero) {
        if zero && x.primal().is_nan() {
            *x = E::lift(1.0);
        }
    }
}

/// 1 for an index inside its axis, NaN for one outside.
fn inside<E: Entry>(index: &[usize]) -> Vec<E> {
    index.iter().map(|i| E::lift(if *i == NOWHERE { f64::NAN } else { 1.0 })).collect()
}

/// Entry by entry; scalars stand beside every entry.
fn elementwise<E: Entry>(
    what: &str,
    args: &[&Tensor<E>],
    f: impl Fn(&[E]) -> E,
) -> Result<Tensor<E>, InterpretError> {
    let shape = args.iter().map(|a| &a.shape).find(|s| !s.is_empty()).cloned().unwrap_or_default();
    if args.iter().any(|a| !a.shape.is_empty() && a.shape != shape) {
        let shapes = args.iter().map(|a| a.shape.clone()).collect();
        return Err(InterpretError::Operands { what: what.into(), shapes });
    }
    if let [a] = args {
        return Ok(a.map(|x| f(&[*x])));
    }
    let count = volume(&shape).ok_or(InterpretError::Limit)?;
    let mut at = vec![E::lift(0.0); args.len()];
    let data = (0..count)
        .map(|i| {
            for (x, a) in at.iter_mut().zip(args) {
                *x = a.data[if a.shape.is_empty() { 0 } else { i }];
            }
            f(&at)
        })
        .collect();
    Ok(Tensor { shape, data })
}
