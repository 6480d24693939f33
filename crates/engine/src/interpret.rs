//! Nodes to numbers, one entry at a time: the plain interpreter that every faster way is held against.
//!
//! It follows the meaning of each operation to the letter. A contraction is a loop over all its labels, in the order in
//! which they stand; nothing is reordered, shared or skipped.

use agnesi_functions::{Kernel, constants};
use agnesi_graph::{Constant, Contract, Graph, NodeId, Op, Sign, SymbolId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::{Exponent, Number};

/// The most entries that one node may take to compute.
const MAX_ENTRIES: usize = 1 << 26;

/// A dense tensor of doubles, its last axis the fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Tensor {
    /// A tensor from its entries; `None` if there are not as many as the shape says.
    pub fn new(shape: Vec<usize>, data: Vec<f64>) -> Option<Tensor> {
        (volume(&shape)? == data.len()).then_some(Tensor { shape, data })
    }

    /// A number.
    pub fn scalar(value: f64) -> Tensor {
        Tensor { shape: Vec::new(), data: vec![value] }
    }

    /// The sizes of its axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Its entries, the last axis the fastest.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// The value, if it has no axes.
    pub fn as_scalar(&self) -> Option<f64> {
        match (&self.shape[..], &self.data[..]) {
            ([], &[value]) => Some(value),
            _ => None,
        }
    }

    /// The entry at these indices, where they are inside.
    pub fn at(&self, indices: &[usize]) -> Option<f64> {
        if indices.len() != self.shape.len() || indices.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return None;
        }
        self.data.get(indices.iter().zip(&self.shape).fold(0, |at, (i, n)| at * n + i)).copied()
    }
}

fn volume(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n))
}

/// Why a node has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterpretError {
    /// A symbol without a value.
    Unbound(SmolStr),
    /// A symbol whose value has other sizes than it was declared with, or arguments of several shapes.
    Shape(SmolStr),
    /// A size that is no whole number.
    Size,
    /// An operation that is not evaluated here.
    Unsupported(SmolStr),
    /// More entries than one node may take.
    Limit,
}

impl std::fmt::Display for InterpretError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InterpretError::Unbound(name) => write!(f, "{name} has no value"),
            InterpretError::Shape(what) => write!(f, "the sizes of {what} do not fit"),
            InterpretError::Size => f.write_str("a size is no whole number"),
            InterpretError::Unsupported(what) => write!(f, "{what} cannot be evaluated here"),
            InterpretError::Limit => write!(f, "a node takes more than {MAX_ENTRIES} entries"),
        }
    }
}

impl std::error::Error for InterpretError {}

/// The values of nodes, given those of the symbols. Sizes are symbols like any other.
///
/// Where a scalar operation has no value its entry is NaN; the branch that is not taken is never looked at. Conditions
/// are 1 and 0.
///
/// # Errors
/// A symbol without a value or with one of another shape; an integral; too many entries.
pub fn interpret(
    graph: &Graph,
    roots: &[NodeId],
    symbols: &[(SymbolId, Tensor)],
) -> Result<Vec<Tensor>, InterpretError> {
    let mut values: FxHashMap<NodeId, Tensor> = FxHashMap::default();
    let mut needed: Vec<NodeId> = Vec::new();
    for &root in roots {
        needed.extend(graph.topological(root));
    }
    // The sizes that symbols were declared with are no children of theirs.
    for node in needed.clone() {
        if graph.as_symbol(node).is_some() {
            graph.shape(node).iter().for_each(|size| needed.extend(graph.topological(*size)));
        }
    }
    // Children come before their parents, and sizes before what has them.
    needed.sort_unstable();
    needed.dedup();
    for node in needed {
        let value = Interpreter { graph, values: &values, symbols }.value(node)?;
        values.insert(node, value);
    }
    roots.iter().map(|root| values.get(root).cloned().ok_or(InterpretError::Limit)).collect()
}

struct Interpreter<'a> {
    graph: &'a Graph,
    values: &'a FxHashMap<NodeId, Tensor>,
    symbols: &'a [(SymbolId, Tensor)],
}

impl Interpreter<'_> {
    fn of(&self, node: NodeId) -> Result<&Tensor, InterpretError> {
        self.values.get(&node).ok_or(InterpretError::Limit)
    }

    fn size(&self, node: NodeId) -> Result<usize, InterpretError> {
        let value = self.of(node)?.as_scalar().ok_or(InterpretError::Size)?;
        if value.fract() == 0.0 && (0.0..=MAX_ENTRIES as f64).contains(&value) {
            Ok(value as usize)
        } else {
            Err(InterpretError::Size)
        }
    }

    fn value(&self, node: NodeId) -> Result<Tensor, InterpretError> {
        match self.graph.op(node) {
            Op::Symbol(id) => self.symbol(*id),
            Op::Constant(constant) => Ok(Tensor::scalar(match constant {
                Constant::Pi => std::f64::consts::PI,
                Constant::E => std::f64::consts::E,
                Constant::Infinity => f64::INFINITY,
                Constant::Named(at) => {
                    let row = constants().get(*at as usize);
                    let row = row.ok_or_else(|| InterpretError::Unsupported("a constant".into()))?;
                    f64::from_constant(row, &()).unwrap_or(f64::NAN)
                }
            })),
            Op::Add(sum) => {
                let mut total: Option<Tensor> = None;
                for (c, term) in &sum.terms {
                    let (c, term) = (c.to_f64(), self.of(*term)?);
                    total = Some(match total {
                        None => map(term, |x| c * x),
                        Some(total) => zip("a sum", &total, term, |a, b| a + c * b)?,
                    });
                }
                total.ok_or(InterpretError::Limit)
            }
            Op::Contract(c) => self.contract(c),
            Op::Call(f, args) => {
                let args: Vec<&Tensor> = args.iter().map(|a| self.of(*a)).collect::<Result<_, _>>()?;
                let name = self.graph.function_name(*f);
                if self.graph.taught(*f).is_some() || matches!(f.row().kernel, Kernel::Meaning) {
                    return Err(InterpretError::Unsupported(name.into()));
                }
                elementwise(name, &args, |x| f.row().kernel.call(x).unwrap_or(f64::NAN))
            }
            Op::Truth(truth) => Ok(Tensor::scalar(*truth as u8 as f64)),
            Op::Compare(sign, a) => Ok(map(self.of(*a)?, |x| {
                let holds = match sign {
                    Sign::Positive => x > 0.0,
                    Sign::NonNegative => x >= 0.0,
                    Sign::Zero => x == 0.0,
                };
                holds as u8 as f64
            })),
            Op::Not(a) => Ok(map(self.of(*a)?, |x| 1.0 - x)),
            Op::And(list) | Op::Or(list) => {
                let parts: Vec<&Tensor> = list.iter().map(|a| self.of(*a)).collect::<Result<_, _>>()?;
                let all = matches!(self.graph.op(node), Op::And(_));
                elementwise("a condition", &parts, |x| {
                    let holds = if all { x.iter().all(|v| *v == 1.0) } else { x.contains(&1.0) };
                    holds as u8 as f64
                })
            }
            Op::Select(c, a, b) => {
                elementwise("a branch", &[self.of(*c)?, self.of(*a)?, self.of(*b)?], |x| {
                    if x[0] == 1.0 { x[1] } else { x[2] }
                })
            }
            Op::Integral { .. } => Err(InterpretError::Unsupported("an integral".into())),
            Op::Reduce(..) | Op::Linear(..) | Op::Iota(_) | Op::OneHot(..) => {
                Err(InterpretError::Unsupported("an operation on tensors".into()))
            }
        }
    }

    fn symbol(&self, id: SymbolId) -> Result<Tensor, InterpretError> {
        let info = self.graph.symbol_info(id);
        let found = self.symbols.iter().find(|(symbol, _)| *symbol == id);
        let (_, value) = found.ok_or_else(|| InterpretError::Unbound(info.name.clone()))?;
        let declared: Vec<usize> = info.shape.iter().map(|s| self.size(*s)).collect::<Result<_, _>>()?;
        if declared == value.shape {
            Ok(value.clone())
        } else {
            Err(InterpretError::Shape(info.name.clone()))
        }
    }

    fn contract(&self, c: &Contract) -> Result<Tensor, InterpretError> {
        let sizes: Vec<usize> = c.sizes.iter().map(|s| self.size(*s)).collect::<Result<_, _>>()?;
        let shape: Vec<usize> = c.out.iter().map(|l| sizes[*l as usize]).collect();
        let all = volume(&sizes).filter(|n| *n <= MAX_ENTRIES).ok_or(InterpretError::Limit)?;
        let entries = volume(&shape).filter(|n| *n <= MAX_ENTRIES).ok_or(InterpretError::Limit)?;
        let mut data = vec![0.0; entries];
        // Each factor with its power taken, and how far a step along each label goes in it.
        let mut factors: Vec<(Tensor, Vec<usize>)> = Vec::with_capacity(c.factors.len());
        for f in c.factors.iter() {
            let base = self.of(f.node)?;
            let fits = base.shape.len() == f.labels.len()
                && base.shape.iter().zip(&f.labels).all(|(n, l)| *n == sizes[*l as usize]);
            if !fits {
                return Err(InterpretError::Shape("a contraction".into()));
            }
            let exponent = Exponent::new(f.exponent.clone());
            let power = map(base, |x| Number::power(&x, &exponent, &()).unwrap_or(f64::NAN));
            let steps = strides(&power.shape, &f.labels, sizes.len());
            factors.push((power, steps));
        }
        let out = strides(&shape, &c.out, sizes.len());
        let coefficient = c.coefficient.to_f64();
        let mut index = vec![0usize; sizes.len()];
        for _ in 0..all {
            let place = |steps: &[usize]| -> usize { steps.iter().zip(&index).map(|(s, i)| s * i).sum() };
            data[place(&out)] +=
                factors.iter().fold(coefficient, |product, (f, steps)| product * f.data[place(steps)]);
            for (i, n) in index.iter_mut().zip(&sizes).rev() {
                *i += 1;
                if *i < *n {
                    break;
                }
                *i = 0;
            }
        }
        Ok(Tensor { shape, data })
    }
}

/// How far a step along each of `count` labels goes in a tensor with these labels.
fn strides(shape: &[usize], labels: &[u8], count: usize) -> Vec<usize> {
    let mut steps = vec![0; count];
    let mut step = 1;
    for (n, l) in shape.iter().zip(labels).rev() {
        steps[*l as usize] += step;
        step *= n;
    }
    steps
}

fn map(a: &Tensor, f: impl Fn(f64) -> f64) -> Tensor {
    Tensor { shape: a.shape.clone(), data: a.data.iter().map(|x| f(*x)).collect() }
}

fn zip(what: &str, a: &Tensor, b: &Tensor, f: impl Fn(f64, f64) -> f64) -> Result<Tensor, InterpretError> {
    elementwise(what, &[a, b], |x| f(x[0], x[1]))
}

/// Entry by entry; scalars stand beside every entry.
fn elementwise(what: &str, args: &[&Tensor], f: impl Fn(&[f64]) -> f64) -> Result<Tensor, InterpretError> {
    let shape = args.iter().map(|a| &a.shape).find(|s| !s.is_empty()).cloned().unwrap_or_default();
    if args.iter().any(|a| !a.shape.is_empty() && a.shape != shape) {
        return Err(InterpretError::Shape(what.into()));
    }
    let count = volume(&shape).ok_or(InterpretError::Limit)?;
    let mut at = vec![0.0; args.len()];
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
