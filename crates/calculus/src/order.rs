//! Derivatives of higher order.

use agnesi_graph::{Factor, Graph, NodeId, Op, Rational, SymbolId};
use rustc_hash::FxHashMap;

use crate::{Differentiator, NoDerivative, Simplifier};

/// A product is differentiated by Leibniz's rule over two halves from so many terms on: written out, the n-th
/// derivative of m factors has `m^n` of them, in halves it has `m*n^2` and they are shared.
const MANY_TERMS: f64 = 300.0;

/// Derivatives of any order of nodes of one graph.
pub struct HigherOrder<'a> {
    differentiator: &'a mut Differentiator,
    simplifier: &'a mut Simplifier,
    halves: FxHashMap<(NodeId, u32), NodeId>,
    limit: usize,
}

impl<'a> HigherOrder<'a> {
    /// With the differentiator and simplifier of the graph; past `limit` nodes in the graph the work stops.
    pub fn new(
        differentiator: &'a mut Differentiator,
        simplifier: &'a mut Simplifier,
        limit: usize,
    ) -> HigherOrder<'a> {
        HigherOrder { differentiator, simplifier, halves: FxHashMap::default(), limit }
    }

    /// The n-th derivative, simplified after each order. `Ok(None)` if the limit was reached.
    pub fn derivative(
        &mut self,
        g: &mut Graph,
        node: NodeId,
        x: SymbolId,
        n: u32,
    ) -> Result<Option<NodeId>, NoDerivative> {
        if n == 0 {
            return Ok(Some(self.simplifier.simplify(g, node)));
        }
        if let Some(factors) = product_of(g, node, x)
            && (factors.len() as f64).powi(n as i32) > MANY_TERMS
        {
            return self.leibniz(g, &factors, x, n);
        }
        let mut current = node;
        for _ in 0..n {
            current = self.differentiator.simplified(self.simplifier, g, current, x)?;
            if g.len() > self.limit {
                return Ok(None);
            }
        }
        Ok(Some(current))
    }

    /// `(a*b)^(n) = sum over k of binomial(n, k) * a^(k) * b^(n - k)`.
    fn leibniz(
        &mut self,
        g: &mut Graph,
        factors: &[Factor],
        x: SymbolId,
        n: u32,
    ) -> Result<Option<NodeId>, NoDerivative> {
        let powers: Vec<(NodeId, Rational)> = factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
        let whole = g.product(Rational::ONE, &powers);
        if let Some(&known) = self.halves.get(&(whole, n)) {
            return Ok(Some(known));
        }
        let result = if factors.len() == 1 || n == 0 {
            match self.halves.get(&(whole, n.saturating_sub(1))).copied() {
                // The order below is known: one more.
                Some(before) if n > 0 => self.differentiator.simplified(self.simplifier, g, before, x)?,
                _ => {
                    let mut current = whole;
                    for k in 0..n {
                        self.halves.insert((whole, k), current);
                        current = self.differentiator.simplified(self.simplifier, g, current, x)?;
                    }
                    current
                }
            }
        } else {
            let (left, right) = factors.split_at(factors.len() / 2);
            let mut terms = Vec::with_capacity(n as usize + 1);
            let mut binomial = Rational::ONE;
            for k in 0..=n {
                let (Some(a), Some(b)) = (self.leibniz(g, left, x, k)?, self.leibniz(g, right, x, n - k)?)
                else {
                    return Ok(None);
                };
                terms.push((binomial.clone(), g.mul(a, b)));
                // binomial(n, k + 1) = binomial(n, k)*(n - k)/(k + 1).
                let step = Rational::new((n - k) as i64, k as i64 + 1).unwrap_or(Rational::ZERO);
                binomial = &binomial * &step;
            }
            g.sum(&terms)
        };
        self.halves.insert((whole, n), result);
        Ok((g.len() <= self.limit).then_some(result))
    }
}

/// The factors of a product of which at least two contain the symbol.
fn product_of(g: &Graph, node: NodeId, x: SymbolId) -> Option<Vec<Factor>> {
    let Op::Contract(c) = g.op(node) else { return None };
    let several = c.factors.iter().filter(|f| g.may_contain(f.node, x)).count() > 1;
    (several && c.coefficient.is_one() && c.sizes.is_empty()).then(|| c.factors.to_vec())
}
