//! Matching a pattern against a node: products and sums in any order, one variable may take the rest of a product.

use smallvec::SmallVec;

use crate::Rational;
use crate::graph::Graph;
use crate::op::{NodeId, Op};

/// What the variables of a pattern stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings(SmallVec<[(NodeId, NodeId); 4]>);

impl Bindings {
    /// What a variable stands for.
    pub(crate) fn get(&self, variable: NodeId) -> Option<NodeId> {
        self.0.iter().find(|(v, _)| *v == variable).map(|(_, node)| *node)
    }
}

/// Patterns of more parts are not tried in all orders.
const MAX_PARTS: usize = 4;

impl Graph {
    /// Whether the node is an instance of the pattern; the bindings are meaningless after a failure.
    pub(crate) fn matches(&mut self, pattern: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        if self.is_pattern_variable(pattern) {
            return match bindings.get(pattern) {
                Some(bound) => bound == node,
                None => {
                    bindings.0.push((pattern, node));
                    true
                }
            };
        }
        match (self.op(pattern).clone(), self.op(node).clone()) {
            (Op::Call(f, a), Op::Call(g, b)) => {
                f == g && a.len() == b.len() && a.iter().zip(&b).all(|(p, n)| self.matches(*p, *n, bindings))
            }
            (Op::Contract(p), _) if !p.factors.is_empty() => {
                let parts: Vec<(NodeId, Rational)> =
                    p.factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
                let (c, whole): (Rational, Vec<(NodeId, Rational)>) = match self.op(node) {
                    Op::Contract(n) if n.sizes.is_empty() && !n.factors.is_empty() => (
                        n.coefficient.clone(),
                        n.factors.iter().map(|f| (f.node, f.exponent.clone())).collect(),
                    ),
                    Op::Contract(_) => return false,
                    _ => (Rational::ONE, vec![(node, Rational::ONE)]),
                };
                let Some(inverse) = p.coefficient.recip() else { return false };
                let rest = &c * &inverse;
                self.match_factors(&parts, &rest, &whole, bindings)
            }
            (Op::Add(p), Op::Add(n)) => {
                p.terms.len() == n.terms.len()
                    && p.terms.len() <= MAX_PARTS
                    && self.match_terms(&p.terms, &n.terms, bindings)
            }
            _ => pattern == node,
        }
    }

    fn is_pattern_variable(&self, node: NodeId) -> bool {
        self.laws.variables.iter().any(|(_, v)| *v == node)
    }

    /// Each part takes a factor of its own; a bare variable part may take all that the others leave.
    fn match_factors(
        &mut self,
        parts: &[(NodeId, Rational)],
        coefficient: &Rational,
        whole: &[(NodeId, Rational)],
        bindings: &mut Bindings,
    ) -> bool {
        if parts.len() > MAX_PARTS {
            return false;
        }
        // Variables last, so that they take what is left.
        let is_rest = |g: &Graph, part: &(NodeId, Rational)| g.is_pattern_variable(part.0) && part.1.is_one();
        let Some(at) = parts.iter().position(|part| !is_rest(self, part)) else {
            return match parts {
                [] => whole.is_empty() && coefficient.is_one(),
                [(variable, _)] => {
                    let rest = self.product(coefficient.clone(), whole);
                    self.matches(*variable, rest, bindings)
                }
                _ => false,
            };
        };
        let mut others = parts.to_vec();
        let (pattern, exponent) = others.remove(at);
        for i in 0..whole.len() {
            if whole[i].1 != exponent {
                continue;
            }
            let saved = bindings.clone();
            let mut left = whole.to_vec();
            let (node, _) = left.remove(i);
            if self.matches(pattern, node, bindings)
                && self.match_factors(&others, coefficient, &left, bindings)
            {
                return true;
            }
            *bindings = saved;
        }
        false
    }

    fn match_terms(
        &mut self,
        pattern: &[(Rational, NodeId)],
        terms: &[(Rational, NodeId)],
        bindings: &mut Bindings,
    ) -> bool {
        let Some(((c, first), others)) = pattern.split_first() else { return terms.is_empty() };
        for i in 0..terms.len() {
            if terms[i].0 != *c {
                continue;
            }
            let saved = bindings.clone();
            let mut left = terms.to_vec();
            let (_, node) = left.remove(i);
            if self.matches(*first, node, bindings) && self.match_terms(others, &left, bindings) {
                return true;
            }
            *bindings = saved;
        }
        false
    }
}
