//! Polynomials in a variable and a step `h`, for the difference quotient; their coefficients are formulas without either.

use std::collections::BTreeMap;

use agnesi_syntax::{Binary, Prefix, TreeId};
use rustc_hash::FxHashMap;

use super::forge::{Forge, Node};
use super::work::Work;

// Past this degree nobody multiplies out by hand.
const MOST_DEGREE: u32 = 12;

/// Coefficients by the powers of the variable and of the step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Polynomial(BTreeMap<(u32, u32), TreeId>);

impl Polynomial {
    pub fn constant(c: TreeId, forge: &Forge) -> Polynomial {
        match forge.is_number(c, 0) {
            true => Polynomial::default(),
            false => Polynomial(BTreeMap::from([((0, 0), c)])),
        }
    }

    fn variable(forge: &mut Forge) -> Polynomial {
        Polynomial(BTreeMap::from([((1, 0), forge.integer(1))]))
    }

    fn insert(&mut self, key: (u32, u32), c: TreeId, forge: &mut Forge) {
        let sum = match self.0.get(&key) {
            Some(&old) => forge.sum(&[old, c], ""),
            None => c,
        };
        match forge.is_number(sum, 0) {
            true => self.0.remove(&key),
            false => self.0.insert(key, sum),
        };
    }

    pub fn plus(&self, other: &Polynomial, forge: &mut Forge) -> Polynomial {
        let mut sum = self.clone();
        for (&key, &c) in &other.0 {
            sum.insert(key, c, forge);
        }
        sum
    }

    pub fn minus(&self, other: &Polynomial, forge: &mut Forge) -> Polynomial {
        let mut sum = self.clone();
        for (&key, &c) in &other.0 {
            let c = forge.negative(c, "");
            sum.insert(key, c, forge);
        }
        sum
    }

    /// The product; `None` if its degree is too high.
    pub fn times(&self, other: &Polynomial, forge: &mut Forge) -> Option<Polynomial> {
        let mut product = Polynomial::default();
        for (&(i, j), &a) in &self.0 {
            for (&(k, l), &b) in &other.0 {
                if i + j + k + l > MOST_DEGREE {
                    return None;
                }
                let c = forge.product(&[a, b], "");
                product.insert((i + k, j + l), c, forge);
            }
        }
        Some(product)
    }

    fn power(&self, n: u32, forge: &mut Forge) -> Option<Polynomial> {
        let one = forge.integer(1);
        let mut product = Polynomial::constant(one, forge);
        for _ in 0..n {
            product = product.times(self, forge)?;
        }
        Some(product)
    }

    /// With `x + h` for `x`.
    pub fn shifted(&self, forge: &mut Forge) -> Polynomial {
        let mut shifted = Polynomial::default();
        for (&(i, j), &c) in &self.0 {
            let mut binomial = 1i64;
            for k in 0..=i {
                let choose = forge.integer(binomial);
                let term = forge.product(&[choose, c], "");
                shifted.insert((i - k, j + k), term, forge);
                binomial = binomial * i64::from(i - k) / i64::from(k + 1);
            }
        }
        shifted
    }

    /// Divided by `h`; `None` if a term has none.
    pub fn over_step(&self) -> Option<Polynomial> {
        self.0
            .iter()
            .map(|(&(i, j), &c)| Some(((i, j.checked_sub(1)?), c)))
            .collect::<Option<_>>()
            .map(Polynomial)
    }

    /// With 0 for `h`.
    pub fn at_rest(&self) -> Polynomial {
        Polynomial(self.0.iter().filter(|((_, j), _)| *j == 0).map(|(&k, &c)| (k, c)).collect())
    }

    pub fn degree(&self) -> u32 {
        self.0.keys().map(|(i, j)| i + j).max().unwrap_or(0)
    }

    /// The terms as formulas, the highest degree first, then the fewest `h`.
    pub fn terms(&self, forge: &mut Forge, x: &str, h: &str) -> Vec<TreeId> {
        let mut keys: Vec<(u32, u32)> = self.0.keys().copied().collect();
        keys.sort_by_key(|&(i, j)| (std::cmp::Reverse(i + j), j));
        let (x_id, h_id) = (forge.name(x), forge.name(h));
        let mut terms = Vec::new();
        for key @ (i, j) in keys {
            let mut factors = vec![self.0[&key]];
            for (base, n) in [(x_id, i), (h_id, j)] {
                let n = forge.integer(i64::from(n));
                factors.push(forge.power(base, n, ""));
            }
            // In the order x, h, as the powers of x + h are written.
            terms.push(forge.product(&factors, ""));
        }
        terms
    }

    pub fn formula(&self, forge: &mut Forge, x: &str, h: &str) -> TreeId {
        let terms = self.terms(forge, x, h);
        forge.sum(&terms, "")
    }
}

/// A fraction of polynomials, not reduced.
#[derive(Clone, Debug)]
pub(crate) struct Fraction {
    pub top: Polynomial,
    pub bottom: Polynomial,
}

impl Work<'_> {
    /// The formula as a fraction of polynomials in the variable; `None` if it is none, or of too high a degree.
    pub(crate) fn as_fraction(&mut self, root: TreeId) -> Option<Fraction> {
        let one = self.forge.integer(1);
        let one = Polynomial::constant(one, &self.forge);
        let whole = |top: Polynomial| Some(Fraction { top, bottom: one.clone() });
        let mut found: FxHashMap<TreeId, Option<Fraction>> = FxHashMap::default();
        for id in self.forge.reachable(root) {
            if !self.depends(id) {
                let c = Polynomial::constant(id, &self.forge);
                found.insert(id, whole(c));
                continue;
            }
            if self.is_variable(id) {
                let x = Polynomial::variable(&mut self.forge);
                found.insert(id, whole(x));
                continue;
            }
            let node = self.forge.node(id);
            let forge = &mut self.forge;
            let known = |id: &TreeId| found.get(id).cloned().flatten();
            let fraction = match node {
                Node::Prefix(Prefix::Neg, a) => known(&a)
                    .map(|a| Fraction { top: Polynomial::default().minus(&a.top, forge), bottom: a.bottom }),
                Node::Binary(op, a, b) => match (known(&a), known(&b)) {
                    (Some(x), Some(y)) => combine(op, &x, &y, b, forge),
                    _ => None,
                },
                _ => None,
            };
            found.insert(id, fraction);
        }
        found.remove(&root).flatten()
    }
}

fn combine(op: Binary, a: &Fraction, b: &Fraction, b_id: TreeId, forge: &mut Forge) -> Option<Fraction> {
    match op {
        Binary::Add | Binary::Sub => {
            let (left, right, bottom) = match a.bottom == b.bottom {
                true => (a.top.clone(), b.top.clone(), a.bottom.clone()),
                false => (
                    a.top.times(&b.bottom, forge)?,
                    b.top.times(&a.bottom, forge)?,
                    a.bottom.times(&b.bottom, forge)?,
                ),
            };
            let top = match op {
                Binary::Add => left.plus(&right, forge),
                _ => left.minus(&right, forge),
            };
            Some(Fraction { top, bottom })
        }
        Binary::Mul => {
            Some(Fraction { top: a.top.times(&b.top, forge)?, bottom: a.bottom.times(&b.bottom, forge)? })
        }
        Binary::Div if b.top == Polynomial::default() => None,
        Binary::Div if b.top.degree() == 0 && b.bottom.degree() == 0 => {
            // A division by a constant stays in the coefficients.
            let one = forge.integer(1);
            let over = forge.quotient(one, b_id, "");
            let over = Polynomial::constant(over, forge);
            Some(Fraction { top: a.top.times(&over, forge)?, bottom: a.bottom.clone() })
        }
        Binary::Div => {
            Some(Fraction { top: a.top.times(&b.bottom, forge)?, bottom: a.bottom.times(&b.top, forge)? })
        }
        Binary::Pow => {
            let n = forge.as_rational(b_id)?.as_integer()?;
            let size = u32::try_from(n.unsigned_abs()).ok().filter(|&n| n <= MOST_DEGREE)?;
            let (top, bottom) = (a.top.power(size, forge)?, a.bottom.power(size, forge)?);
            match n {
                0.. => Some(Fraction { top, bottom }),
                _ if top == Polynomial::default() => None,
                _ => Some(Fraction { top: bottom, bottom: top }),
            }
        }
        _ => None,
    }
}
