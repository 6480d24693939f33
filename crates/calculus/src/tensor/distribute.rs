//! Products over sums with zeros that are known, multiplied out: what a program writes entry by entry.

use agnesi_graph::{Graph, NodeId, Op, Rational};

/// Sums of more terms than this stay as they are.
const MAX_TERMS: usize = 64;

/// The same node as a sum of terms that are 0 at most entries, where it is made of such: a product with a sum of these
/// among its factors is multiplied out. A Hessian such as that of `sum(i in 1..n-1, (x[i+1] - x[i]^2)^2)` becomes its
/// diagonals, each written where it stands.
///
/// The value is the same; the formula is longer, so this is for programs. Cost: linear in what is written.
pub fn distribute_sparse(graph: &mut Graph, node: NodeId) -> NodeId {
    let mut found = Vec::new();
    if expand(graph, &Rational::ONE, node, &mut found) && found.len() > 1 { graph.sum(&found) } else { node }
}

/// Adds the terms of a node, times a number; whether there is room for them.
fn expand(graph: &mut Graph, scale: &Rational, node: NodeId, found: &mut Vec<(Rational, NodeId)>) -> bool {
    for (c, term) in graph.terms(node) {
        let c = scale * &c;
        let Op::Contract(contract) = graph.op(term).clone() else {
            found.push((c, term));
            continue;
        };
        let sum = contract.factors.iter().position(|f| {
            let adds = matches!(graph.op(f.node), Op::Add(_));
            f.exponent.is_one() && !f.labels.is_empty() && adds && is_sparse(graph, f.node)
        });
        let Some(at) = sum else {
            found.push((c, term));
            continue;
        };
        for (k, part) in graph.terms(contract.factors[at].node) {
            let mut factors = contract.factors.to_vec();
            factors[at].node = part;
            let product = graph.contract(
                contract.coefficient.clone(),
                factors,
                contract.out.clone(),
                contract.sizes.to_vec(),
            );
            if found.len() > MAX_TERMS || !expand(graph, &(&c * &k), product, found) {
                return false;
            }
        }
    }
    found.len() <= MAX_TERMS
}

/// Whether a node is 0 where two axes, or an axis and an index, differ, or a sum with such a term.
fn is_sparse(graph: &Graph, node: NodeId) -> bool {
    if let Op::Add(sum) = graph.op(node) {
        return sum.terms.iter().any(|(_, term)| is_sparse(graph, *term));
    }
    let Op::Contract(c) = graph.op(node) else { return matches!(graph.op(node), Op::OneHot(..)) };
    let repeated = (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i]));
    repeated
        || c.factors.iter().any(|f| {
            let picks = matches!(graph.op(f.node), Op::OneHot(..));
            f.exponent.is_one()
                && !f.labels.is_empty()
                && if picks {
                    f.labels.last().is_some_and(|l| c.out.contains(l))
                } else {
                    is_sparse(graph, f.node)
                }
        })
}
