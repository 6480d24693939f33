//! Derivatives of tensors in tensors: by numbers with slopes, and by differences of values.

use agnesi_graph::{Graph, NodeId, SymbolId};

use super::bind::bind;
use super::entry::{Dual, Entry};
use super::error::InterpretError;
use super::interpret::{Machine, limit, needed};
use super::tensor::Tensor;
use crate::numeric::{self, Quotient};

/// How many directions are pushed at a time.
const LANES: usize = 8;
/// The same for second derivatives, in each of two ways.
const SECOND_LANES: usize = 4;

type First = Dual<f64, LANES>;
type Inner = Dual<f64, SECOND_LANES>;
type Second = Dual<Inner, SECOND_LANES>;

/// What a derivative of a root needs: the values that do not vary, and the nodes that do.
struct Plan<'a> {
    graph: &'a Graph,
    root: NodeId,
    fixed: Machine<'a, f64>,
    varying: Vec<NodeId>,
}

impl<'a> Plan<'a> {
    fn new(
        graph: &'a Graph,
        root: NodeId,
        symbols: &'a [(SymbolId, Tensor)],
        moved: &[SymbolId],
    ) -> Result<Plan<'a>, InterpretError> {
        let order = needed(graph, &[root]);
        let mut fixed = Machine::new(graph, symbols.iter().map(|(s, t)| (*s, t)));
        fixed.run(&order);
        // Shapes and symmetry are looked at here, once and for all.
        fixed.result(root)?;
        let mut varies = vec![false; order.last().map_or(0, |last| last.index() + 1)];
        let mut varying = Vec::new();
        for node in order {
            let mut any = graph.as_symbol(node).is_some_and(|s| moved.contains(&s));
            graph.for_each_child(node, |child| any |= varies[child.index()]);
            varies[node.index()] = any;
            if any {
                varying.push(node);
            }
        }
        Ok(Plan { graph, root, fixed, varying })
    }

    fn value(&self) -> Result<Tensor, InterpretError> {
        self.fixed.of(self.root).map(|value| value.into_owned())
    }

    /// The root where symbols have other values.
    fn moved<E: Entry>(&self, symbols: Vec<(SymbolId, Tensor<E>)>) -> Result<Tensor<E>, InterpretError> {
        let mut machine = Machine::varying(self.graph, symbols, &self.fixed.values);
        machine.run(&self.varying);
        machine.of(self.root).map(|value| value.into_owned())
    }
}

fn find(graph: &Graph, symbols: &[(SymbolId, Tensor)], symbol: SymbolId) -> Result<Tensor, InterpretError> {
    let found = symbols.iter().find(|(s, _)| *s == symbol);
    let unbound = || InterpretError::Unbound(graph.symbol_info(symbol).name.clone());
    found.map(|(_, tensor)| tensor.clone()).ok_or_else(unbound)
}

/// An empty result: the root's entries times those of what it is derived in.
fn room(parts: &[&[usize]]) -> Result<Tensor, InterpretError> {
    let shape: Vec<usize> = parts.concat();
    let count =
        super::tensor::volume(&shape).filter(|n| *n <= limit::<f64>()).ok_or(InterpretError::Limit)?;
    Ok(Tensor { shape, data: vec![0.0; count] })
}

/// The derivative of each entry of a node in each entry of a symbol, by dual numbers pushed through the graph: a tensor
/// with the axes of the root, then those of the symbol. Entries of symmetric symbols are independent of each other.
///
/// It costs about two evaluations for each entry of the symbol; eight at a time, what does not depend on it once.
///
/// # Errors
/// As [`interpret`](super::interpret); and [`InterpretError::NoDerivative`] for eigenvalues that coincide and square
/// roots of singular matrices.
///
/// ```
/// use agnesi_engine::tensors::{Tensor, automatic};
/// use agnesi_graph::Graph;
///
/// let mut graph = Graph::new();
/// let x = graph.symbol("x");
/// let square = graph.mul(x, x);
/// let symbol = graph.as_symbol(x).expect("a symbol");
/// let slope = automatic(&graph, square, &[(symbol, Tensor::scalar(3.0))], symbol).expect("smooth");
/// assert_eq!(slope.as_scalar(), Some(6.0));
/// ```
pub fn automatic(
    graph: &Graph,
    root: NodeId,
    symbols: &[(SymbolId, Tensor)],
    wrt: SymbolId,
) -> Result<Tensor, InterpretError> {
    let symbols = bind(graph, symbols)?;
    let at = find(graph, &symbols, wrt)?;
    let plan = Plan::new(graph, root, &symbols, &[wrt])?;
    let shape = plan.value()?.shape;
    let mut result = room(&[&shape, &at.shape])?;
    if !plan.varying.contains(&root) {
        return Ok(result);
    }
    let width = at.data.len();
    for start in (0..width).step_by(LANES) {
        let mut seed: Tensor<First> = at.map(|x| First::lift(*x));
        for (lane, entry) in seed.data[start..].iter_mut().take(LANES).enumerate() {
            entry.slopes[lane] = 1.0;
        }
        let moved = plan.moved(vec![(wrt, seed)])?;
        for (row, entry) in moved.data.iter().enumerate() {
            for lane in 0..LANES.min(width - start) {
                result.data[row * width + start + lane] = entry.slopes[lane];
            }
        }
    }
    Ok(result)
}

/// The second derivative of each entry of a node in each entry of one symbol and of another, which may be the same: a
/// tensor with the axes of the root, the first symbol and the second. For a scalar root and one symbol it is the
/// Hessian. By dual numbers over dual numbers, so that it is right to rounding.
///
/// It costs some three evaluations for each pair of entries, sixteen pairs at a time.
///
/// # Errors
/// As [`automatic`].
pub fn automatic_second(
    graph: &Graph,
    root: NodeId,
    symbols: &[(SymbolId, Tensor)],
    first: SymbolId,
    second: SymbolId,
) -> Result<Tensor, InterpretError> {
    let symbols = bind(graph, symbols)?;
    let (at, other) = (find(graph, &symbols, first)?, find(graph, &symbols, second)?);
    let plan = Plan::new(graph, root, &symbols, &[first, second])?;
    let shape = plan.value()?.shape;
    let mut result = room(&[&shape, &at.shape, &other.shape])?;
    if !plan.varying.contains(&root) {
        return Ok(result);
    }
    let (rows, columns) = (at.data.len(), other.data.len());
    for i in (0..rows).step_by(SECOND_LANES) {
        for j in (0..columns).step_by(SECOND_LANES) {
            // Where both are one symbol the Hessian is symmetric.
            if first == second && j < i {
                continue;
            }
            let mut seed: Tensor<Second> = at.map(|x| Second::lift(*x));
            for (lane, entry) in seed.data[i..].iter_mut().take(SECOND_LANES).enumerate() {
                entry.slopes[lane] = Inner::lift(1.0);
            }
            let mut seeds = Vec::new();
            let mut seed_other = if first == second {
                seed
            } else {
                seeds.push((first, seed));
                other.map(|x| Second::lift(*x))
            };
            for (lane, entry) in seed_other.data[j..].iter_mut().take(SECOND_LANES).enumerate() {
                entry.value.slopes[lane] = 1.0;
            }
            seeds.push((second, seed_other));
            let moved = plan.moved(seeds)?;
            for (row, entry) in moved.data.iter().enumerate() {
                for a in 0..SECOND_LANES.min(rows - i) {
                    for b in 0..SECOND_LANES.min(columns - j) {
                        let value = entry.slopes[a].slopes[b];
                        result.data[(row * rows + i + a) * columns + j + b] = value;
                        if first == second {
                            result.data[(row * rows + j + b) * columns + i + a] = value;
                        }
                    }
                }
            }
        }
    }
    Ok(result)
}

/// Ratio of neighbouring steps: no simple fraction, so that no period is met by all steps.
const RATIO: f64 = 1.618_033_988_749_895;
/// How many steps are tried.
const STEPS: usize = 30;

/// The same derivative as [`automatic`], from values alone: central differences, extrapolated, and an estimate of the
/// error of each, meant as a bound. Where no estimate was found, as beside the end of a domain, the value is NaN and the
/// error infinite. What rounding does to the values is measured by second differences at the smallest steps.
///
/// It costs some seventy evaluations for each entry of the symbol, of what depends on it.
///
/// # Errors
/// As [`interpret`](super::interpret), at the point itself.
///
/// ```
/// use agnesi_engine::tensors::{Tensor, differences};
/// use agnesi_graph::Graph;
///
/// let mut graph = Graph::new();
/// let x = graph.symbol("x");
/// let square = graph.mul(x, x);
/// let symbol = graph.as_symbol(x).expect("a symbol");
/// let at = [(symbol, Tensor::scalar(3.0))];
/// let (slope, error) = differences(&graph, square, &at, symbol).expect("smooth");
/// assert!((slope.data()[0] - 6.0).abs() <= error.data()[0] && error.data()[0] < 1e-9);
/// ```
pub fn differences(
    graph: &Graph,
    root: NodeId,
    symbols: &[(SymbolId, Tensor)],
    wrt: SymbolId,
) -> Result<(Tensor, Tensor), InterpretError> {
    let symbols = bind(graph, symbols)?;
    let at = find(graph, &symbols, wrt)?;
    let plan = Plan::new(graph, root, &symbols, &[wrt])?;
    let value = plan.value()?;
    let mut result = room(&[&value.shape, &at.shape])?;
    let mut errors = result.clone();
    if !plan.varying.contains(&root) {
        return Ok((result, errors));
    }
    let width = at.data.len();
    for column in 0..width {
        let x = at.data[column];
        let there = |moved: f64| -> Option<Vec<f64>> {
            let mut point = at.clone();
            point.data[column] = moved;
            plan.moved(vec![(wrt, point)]).ok().map(|tensor| tensor.data)
        };
        // A power of two, so that most points are reached without rounding.
        let scale = (0.3 * x.abs().max(0.5)).log2().floor().exp2();
        let noise = noise(&value.data, x, scale, &there);
        let mut quotients: Vec<Vec<Option<Quotient>>> = vec![Vec::new(); value.data.len()];
        let mut step = 0.987_654_321;
        for _ in 0..STEPS {
            let (above, below) = (x + step * scale, x - step * scale);
            let distance = above - below;
            let values = there(above).zip(there(below));
            for (row, list) in quotients.iter_mut().enumerate() {
                let quotient = values.as_ref().map(|(above, below)| {
                    let (above, below) = (above[row], below[row]);
                    // The points lie around x but for the last bit, which curvature sees: counted as rounding.
                    let size = above.abs().max(below.abs());
                    let noise = (2.0 * noise[row] + 2.0 * f64::EPSILON * size) / distance;
                    Quotient { step, value: (above - below) / distance, noise }
                });
                list.push(quotient.filter(|q| q.value.is_finite()));
            }
            step /= RATIO;
        }
        for (row, list) in quotients.iter().enumerate() {
            let found = numeric::from_quotients(list);
            result.data[row * width + column] = found.map_or(f64::NAN, |found| found.value);
            errors.data[row * width + column] = found.map_or(f64::INFINITY, |found| found.error);
        }
    }
    Ok((result, errors))
}

/// What rounding does to each entry: how far values beside the point are from a straight line, at steps so short that
/// nothing else bends it.
fn noise(value: &[f64], x: f64, scale: f64, there: &dyn Fn(f64) -> Option<Vec<f64>>) -> Vec<f64> {
    let mut most: Vec<f64> = value.iter().map(|v| f64::EPSILON * v.abs()).collect();
    // Where the value is what is left of larger numbers, it does not show how large they were; values farther off do.
    for far in [x + 0.7 * scale, x - 0.7 * scale] {
        for (most, v) in most.iter_mut().zip(there(far).unwrap_or_default()) {
            if v.is_finite() {
                *most = most.max(f64::EPSILON * v.abs());
            }
        }
    }
    for k in 1..=6 {
        let step = scale * (k as f64) * 0.37e-9;
        if let (Some(above), Some(below)) = (there(x + step), there(x - step)) {
            // The points themselves are rounded: that part is slope, not noise, and small beside it.
            let (up, down) = ((x + step) - x, x - (x - step));
            for (row, most) in most.iter_mut().enumerate() {
                let line = value[row] + (below[row] - value[row]) * (-up / down);
                let bend = (above[row] - line).abs();
                if bend > *most {
                    *most = bend;
                }
            }
        }
    }
    most
}
