//! Random tensors that satisfy what is declared of them, and why a given one does not.

use agnesi_graph::{Facts, Graph, Structure, SymbolId};

use super::bind::bind;
use super::elimination::{Factors, cholesky};
use super::error::InterpretError;
use super::interpret::{Machine, limit, needed};
use super::linear::{product, transposed};
use super::tensor::{Tensor, volume};

/// A small generator of pseudo-random numbers (SplitMix64): the same seed gives the same numbers everywhere.
///
/// ```
/// use agnesi_engine::tensors::Random;
///
/// let (mut one, mut other) = (Random::new(7), Random::new(7));
/// assert_eq!(one.between(-1.0, 1.0), other.between(-1.0, 1.0));
/// ```
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator from a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0, below `n`; 0 if `n` is.
    pub fn below(&mut self, n: u64) -> u64 {
        self.bits() % n.max(1)
    }

    /// A number between two others.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1u64 << 53) as f64)
    }

    /// A size of 0.3 to 2 with a sign that the facts allow.
    fn entry(&mut self, facts: Facts) -> f64 {
        if facts.has(Facts::INTEGER) {
            let size = 1.0 + self.below(4) as f64;
            let zero = !facts.has(Facts::NONZERO) && self.below(5) == 0;
            return if zero { 0.0 } else { self.signed(size, facts) };
        }
        let size = self.between(0.3, 2.0);
        self.signed(size, facts)
    }

    fn signed(&mut self, size: f64, facts: Facts) -> f64 {
        let negative = self.below(2) == 1;
        match (facts.has(Facts::NONNEGATIVE), facts.has(Facts::NONPOSITIVE)) {
            (true, true) => 0.0,
            (true, false) => size,
            (false, true) => -size,
            (false, false) if negative => -size,
            (false, false) => size,
        }
    }
}

/// Random values for symbols that satisfy what they are declared with: positive entries are between 0.3 and 2, whole
/// ones small, matrices of the declared structure and far from singular where they have an inverse.
///
/// `given` holds values for sizes and whatever else is known already; symbols in it are left out. A symbol in `indices`
/// gets whole numbers from 1 to the number beside it: an index into an axis of that size.
///
/// # Errors
/// A size without a value; too many entries; facts and structure that no matrix drawn here satisfies together, such as an
/// orthogonal matrix of whole numbers.
///
/// ```
/// use agnesi_engine::tensors::{Random, Tensor, draw, violation};
/// use agnesi_graph::{Facts, Graph, Structure};
///
/// let mut graph = Graph::new();
/// let n = graph.symbol("n");
/// let q = graph.declare_tensor("Q", Facts::REAL, Structure::ORTHOGONAL, [n, n].into_iter().collect());
/// let (n, q) = (graph.as_symbol(n).expect("a symbol"), graph.as_symbol(q).expect("a symbol"));
/// let sizes = [(n, Tensor::scalar(3.0))];
/// let drawn = draw(&graph, &[q], &sizes, &[], &mut Random::new(1)).expect("sizes are given");
/// assert_eq!(violation(Structure::ORTHOGONAL, &drawn[0].1), None);
/// ```
pub fn draw(
    graph: &Graph,
    symbols: &[SymbolId],
    given: &[(SymbolId, Tensor)],
    indices: &[(SymbolId, u64)],
    random: &mut Random,
) -> Result<Vec<(SymbolId, Tensor)>, InterpretError> {
    let known = bind(graph, given)?;
    let mut drawn = Vec::new();
    for &symbol in symbols {
        if known.iter().any(|(s, _)| *s == symbol) || drawn.iter().any(|(s, _)| *s == symbol) {
            continue;
        }
        let info = graph.symbol_info(symbol);
        let order = needed(graph, &info.shape);
        let mut machine = Machine::new(graph, known.iter().map(|(s, t)| (*s, t)));
        machine.run(&order);
        let mut shape = Vec::with_capacity(info.shape.len());
        for size in &info.shape {
            shape.push(machine.size(*size)?);
        }
        let count = volume(&shape).filter(|n| *n <= limit::<f64>()).ok_or(InterpretError::Limit)?;
        let data = match (indices.iter().find(|(s, _)| *s == symbol), &shape[..]) {
            (Some((_, largest)), _) => (0..count).map(|_| 1.0 + random.below(*largest) as f64).collect(),
            (None, [n, m]) if n == m && info.structure != Structure::NONE => {
                let found = matrix(info.structure, info.facts, *n, random);
                found.ok_or_else(|| {
                    let what = format!("a matrix that is all that {} is declared to be", info.name);
                    InterpretError::Unsupported(what.into())
                })?
            }
            _ => (0..count).map(|_| random.entry(info.facts)).collect(),
        };
        drawn.push((symbol, Tensor { shape, data }));
    }
    Ok(drawn)
}

/// A square matrix with this structure; `None` if none was found.
fn matrix(structure: Structure, facts: Facts, n: usize, random: &mut Random) -> Option<Vec<f64>> {
    let has = |s| structure.has(s);
    for _ in 0..16 {
        let mut a: Vec<f64> = (0..n * n).map(|_| random.entry(facts)).collect();
        let triangular = has(Structure::LOWER) || has(Structure::UPPER);
        if has(Structure::ORTHOGONAL) {
            a = orthogonal(n, random);
            if triangular || has(Structure::SYMMETRIC) {
                // Signs on the diagonal are orthogonal, triangular and symmetric at once.
                a = (0..n * n)
                    .map(|at| if at / n == at % n { random.signed(1.0, facts) } else { 0.0 })
                    .collect();
            }
        }
        for at in 0..n * n {
            let (i, j) = (at / n, at % n);
            if has(Structure::LOWER) && j > i || has(Structure::UPPER) && j < i {
                a[at] = 0.0;
            }
            if j > i && has(Structure::SYMMETRIC) {
                a[j * n + i] = a[at];
            }
            if has(Structure::SKEW) {
                a[at] = if i == j {
                    0.0
                } else if j > i {
                    a[at]
                } else {
                    -a[j * n + i]
                };
            }
        }
        let orthogonal = has(Structure::ORTHOGONAL);
        if has(Structure::DEFINITE) {
            // A diagonal that dominates: eigenvalues between 1 and a few times the size.
            for i in 0..n {
                let row: f64 = (0..n).filter(|j| *j != i).map(|j| a[i * n + j].abs()).sum();
                let own = if orthogonal { 1.0 } else { row.ceil() + a[i * n + i].abs().max(0.5) };
                a[i * n + i] = own;
            }
            // Not every spd matrix is dominated by its diagonal: L*L' of such a triangle is spd too.
            if has(Structure::SYMMETRIC) && !triangular && !orthogonal && !facts.has(Facts::INTEGER) {
                a = spread(&a, n);
            }
        } else if has(Structure::INVERTIBLE) && !orthogonal && !has(Structure::SKEW) {
            for i in 0..n {
                let x = a[i * n + i];
                let row: f64 = (0..n).filter(|j| *j != i).map(|j| a[i * n + j].abs()).sum();
                let lift = (0.5 * row).ceil();
                a[i * n + i] = if x < 0.0 { x - lift } else { x + lift };
            }
        }
        let tensor = Tensor { shape: vec![n, n], data: a };
        if violation(structure, &tensor).is_none() && entries_fit(facts, &tensor.data) {
            return Some(tensor.data);
        }
    }
    None
}

/// A dominated matrix divided by its norm and squared away from the diagonal's rule, if its entries keep their signs.
fn spread(a: &[f64], n: usize) -> Vec<f64> {
    let largest = a.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let scaled: Vec<f64> = a.iter().map(|x| x / largest.sqrt()).collect();
    let square = product(&scaled, &scaled, n);
    let keeps = a.iter().zip(&square).all(|(x, y)| (*x < 0.0) == (*y < 0.0));
    // The square of a symmetric matrix is symmetric but for rounding.
    if keeps {
        (0..n * n).map(|at| 0.5 * (square[at] + square[at % n * n + at / n])).collect()
    } else {
        a.to_vec()
    }
}

fn entries_fit(facts: Facts, data: &[f64]) -> bool {
    data.iter().all(|x| {
        (!facts.has(Facts::INTEGER) || x.fract() == 0.0)
            && (!facts.has(Facts::NONNEGATIVE) || *x >= 0.0)
            && (!facts.has(Facts::NONPOSITIVE) || *x <= 0.0)
            && (!facts.has(Facts::NONZERO) || *x != 0.0)
    })
}

/// Random columns made orthonormal, twice for rounding.
fn orthogonal(n: usize, random: &mut Random) -> Vec<f64> {
    let mut q: Vec<f64> = (0..n * n).map(|_| random.between(-1.0, 1.0)).collect();
    let dot = |q: &[f64], a: usize, b: usize| (0..n).map(|i| q[i * n + a] * q[i * n + b]).sum::<f64>();
    for column in 0..n {
        for _ in 0..2 {
            for before in 0..column {
                let share = dot(&q, before, column);
                (0..n).for_each(|i| q[i * n + column] -= share * q[i * n + before]);
            }
            let norm = dot(&q, column, column).sqrt();
            (0..n).for_each(|i| q[i * n + column] /= norm);
        }
    }
    q
}

/// How far a matrix may be from what it is declared, relative to its largest entry.
const ROOM: f64 = 1e-9;

/// Why a matrix does not satisfy its declaration, as a clause: `entry (2, 1) is 3 and entry (1, 2) is 5`; `None` if it
/// does, up to rounding. In a tensor of more axes each matrix of the last two is looked at.
///
/// It costs at most an elimination for each matrix.
///
/// ```
/// use agnesi_engine::tensors::{Tensor, violation};
/// use agnesi_graph::Structure;
///
/// let a = Tensor::new(vec![2, 2], vec![1.0, 5.0, 3.0, 1.0]).expect("as many entries");
/// let why = violation(Structure::SYMMETRIC, &a);
/// assert_eq!(why.as_deref(), Some("entry (2, 1) is 3 and entry (1, 2) is 5"));
/// ```
pub fn violation(structure: Structure, tensor: &Tensor) -> Option<String> {
    if structure == Structure::NONE {
        return None;
    }
    let [batch @ .., rows, columns] = tensor.shape() else {
        return Some("it is no matrix".to_owned());
    };
    if rows != columns {
        return Some(format!("it has {rows} rows and {columns} columns"));
    }
    let n = *rows;
    let count: usize = batch.iter().product();
    (0..count).find_map(|i| in_matrix(structure, &tensor.data()[i * n * n..][..n * n], n))
}

fn in_matrix(structure: Structure, a: &[f64], n: usize) -> Option<String> {
    let has = |s| structure.has(s);
    let largest = a.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let room = ROOM * largest;
    if let Some(at) = a.iter().position(|x| !x.is_finite()) {
        return Some(format!("entry ({}, {}) is {}", at / n + 1, at % n + 1, a[at]));
    }
    for i in 0..n {
        for j in 0..=i {
            let (below, above) = (a[i * n + j], a[j * n + i]);
            let both = || {
                format!("entry ({}, {}) is {below} and entry ({}, {}) is {above}", i + 1, j + 1, j + 1, i + 1)
            };
            if has(Structure::SYMMETRIC) && (below - above).abs() > room {
                return Some(both());
            }
            if has(Structure::SKEW) && (below + above).abs() > room {
                return Some(if i == j {
                    format!("entry ({}, {}) is {below}", i + 1, i + 1)
                } else {
                    both()
                });
            }
            if i != j && has(Structure::LOWER) && above.abs() > room {
                return Some(format!("entry ({}, {}), above the diagonal, is {above}", j + 1, i + 1));
            }
            if i != j && has(Structure::UPPER) && below.abs() > room {
                return Some(format!("entry ({}, {}), below the diagonal, is {below}", i + 1, j + 1));
            }
        }
    }
    if has(Structure::ORTHOGONAL) {
        let gram = product(&transposed(a, n), a, n);
        for (at, x) in gram.iter().enumerate() {
            let (i, j) = (at / n, at % n);
            if (x - (i == j) as u8 as f64).abs() > ROOM {
                return Some(if i == j {
                    format!("column {} has length {}", i + 1, x.sqrt())
                } else {
                    format!("columns {} and {} have the product {x}", i + 1, j + 1)
                });
            }
        }
    }
    if has(Structure::DEFINITE) {
        // The symmetric part decides whether x'*A*x is positive.
        let other = transposed(a, n);
        let half: Vec<f64> = a.iter().zip(&other).map(|(x, y)| 0.5 * (x + y)).collect();
        if let Err(InterpretError::NotDefinite { value, place, .. }) = cholesky(&half, n, "cholesky") {
            return Some(format!("it is not positive definite: pivot {place} is {value}"));
        }
    }
    if has(Structure::INVERTIBLE)
        && let Err(InterpretError::Singular { independent, .. }) = Factors::new(a, n).regular("inv")
    {
        return Some(format!("column {} depends on those before it", independent + 1));
    }
    None
}
