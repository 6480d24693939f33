//! Whether a Hessian shows a function to be convex or concave.
//!
//! A certificate is a decomposition of the Hessian into terms each of which is positive semidefinite: `J'*D*J` with
//! entries of the diagonal D that are not negative, Gram matrices, definite matrices and nonnegative multiples of
//! these; and the covariance `diag(p) - p*p'` of a softmax between such factors.

use agnesi_graph::{Contract, Factor, Graph, Label, NodeId, Op, Rational, Structure};

/// What is known of a function's curvature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convexity {
    /// The Hessian is zero.
    Affine,
    /// The Hessian is positive semidefinite everywhere.
    Convex,
    /// The Hessian is negative semidefinite everywhere.
    Concave,
    /// Neither is shown.
    Undecided,
}

/// A verdict and the terms that show it, each with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The verdict.
    pub verdict: Convexity,
    /// The terms of the Hessian.
    pub terms: Vec<(NodeId, &'static str)>,
}

/// The curvature that a Hessian shows: a matrix, or a scalar for one variable.
pub fn convexity(g: &mut Graph, hessian: NodeId) -> Certificate {
    if g.is_zero(hessian) {
        return Certificate { verdict: Convexity::Affine, terms: Vec::new() };
    }
    let undecided = Certificate { verdict: Convexity::Undecided, terms: Vec::new() };
    if g.is_scalar(hessian) {
        let bounds = g.bounds(hessian);
        let verdict = match (bounds.is_nonnegative(), bounds.is_nonpositive()) {
            (true, _) => Convexity::Convex,
            (_, true) => Convexity::Concave,
            _ => return undecided,
        };
        return Certificate { verdict, terms: vec![(hessian, "its sign is known")] };
    }
    if !g.shape(hessian).len().is_multiple_of(2) {
        return undecided;
    }
    let terms = distributed(g, hessian);
    for (verdict, sign) in [(Convexity::Convex, Rational::ONE), (Convexity::Concave, Rational::MINUS_ONE)] {
        let mut shown = Vec::new();
        let mut left: Vec<(Rational, NodeId)> = terms.iter().map(|(c, n)| (&sign * c, *n)).collect();
        // The covariance of a softmax: two terms of which one is taken away.
        covariances(g, &mut left, &mut shown);
        for (c, term) in left {
            match semidefinite(g, &c, term) {
                Some(why) => shown.push((term, why)),
                None => {
                    shown.clear();
                    break;
                }
            }
        }
        if !shown.is_empty() {
            return Certificate { verdict, terms: shown };
        }
    }
    undecided
}

/// The terms of a node, products with a sum among their factors multiplied out once: `X'*(diag(p) - p*p')*X` has two.
pub fn distributed(g: &mut Graph, hessian: NodeId) -> Vec<(Rational, NodeId)> {
    let mut out = Vec::new();
    for (c, term) in g.terms(hessian) {
        let Op::Contract(contract) = g.op(term).clone() else {
            out.push((c, term));
            continue;
        };
        let inner = contract
            .factors
            .iter()
            .position(|f| f.exponent.is_one() && f.labels.len() > 1 && matches!(g.op(f.node), Op::Add(_)));
        let Some(at) = inner else {
            out.push((c, term));
            continue;
        };
        for (k, part) in g.terms(contract.factors[at].node) {
            let mut factors = contract.factors.to_vec();
            factors[at].node = part;
            let coefficient = &contract.coefficient * &k;
            let node = g.contract(coefficient, factors, contract.out.clone(), contract.sizes.to_vec());
            let (k, node) = g.split_coefficient(node);
            out.push((&c * &k, node));
        }
    }
    out
}

/// Why a term is positive semidefinite, if it is shown to be.
fn semidefinite(g: &mut Graph, c: &Rational, term: NodeId) -> Option<&'static str> {
    if c.is_negative() {
        return None;
    }
    let rank = g.shape(term).len();
    if rank == 2 && g.structure(term).has(Structure::DEFINITE) {
        return Some("a positive definite matrix");
    }
    let Op::Contract(contract) = g.op(term).clone() else { return None };
    gram(g, &contract)
}

/// Whether a contraction is `sum_k w_k J[k, i...] J[k, j...]` with nonnegative weights: exchanging the two halves of the
/// result's axes maps the factors onto each other in pairs, what stands in the middle is not negative, and definite
/// matrices may join the halves.
fn gram(g: &mut Graph, c: &Contract) -> Option<&'static str> {
    if c.coefficient.is_negative() {
        return None;
    }
    let half = c.out.len() / 2;
    let (left, right) = (&c.out[..half], &c.out[half..]);
    // A delta joins equal axes of both halves.
    let mut exchange: Vec<(Label, Label)> = Vec::new();
    for (l, r) in left.iter().zip(right) {
        if l != r {
            exchange.push((*l, *r));
        }
    }
    let mut open: Vec<Factor> = c.factors.to_vec();
    // Each side factor has a partner: the same node with the labels of one half exchanged for those of the other, and
    // the labels inside a chain exchanged along with them.
    let mut at = 0;
    let (mut definite, mut pairs) = (0, 0);
    while at < exchange.len() {
        let (l, r) = exchange[at];
        at += 1;
        while let Some(i) = open.iter().position(|f| f.labels.contains(&l)) {
            let f = open.remove(i);
            if f.labels.contains(&r) {
                // It joins the halves directly.
                let joins = f.labels.len() == 2
                    && f.exponent.is_one()
                    && g.structure(f.node).has(Structure::DEFINITE);
                if !joins {
                    return None;
                }
                definite += 1;
                continue;
            }
            let partner = open.iter().position(|other| {
                other.node == f.node
                    && other.exponent == f.exponent
                    && other.labels.len() == f.labels.len()
                    && other.labels.contains(&r)
            });
            let j = partner?;
            pairs += 1;
            let mut other = open.remove(j);
            let places = |labels: &[Label], label: Label| labels.iter().position(|x| *x == label);
            if places(&f.labels, l) != places(&other.labels, r)
                && g.is_symmetric(f.node)
                && other.labels.len() == 2
            {
                other.labels.swap(0, 1);
            }
            for (a, b) in f.labels.iter().zip(&other.labels) {
                if a == b || exchange.contains(&(*a, *b)) {
                    continue;
                }
                if c.out.contains(a) || c.out.contains(b) {
                    return None;
                }
                exchange.push((*a, *b));
            }
        }
    }
    // What is left must stand in the middle, exchange nothing, and not be negative.
    let exchanged = |label: &Label| exchange.iter().any(|(a, b)| a == label || b == label);
    let mut middle: Vec<(NodeId, Rational)> = Vec::new();
    for f in &open {
        if f.labels.iter().any(exchanged) {
            return None;
        }
        middle.push((f.node, f.exponent.clone()));
    }
    let entries: Vec<(NodeId, Rational)> =
        middle.into_iter().map(|(n, e)| (if g.is_scalar(n) { n } else { g.outline(n) }, e)).collect();
    let product = g.product(Rational::ONE, &entries);
    if !g.bounds(product).is_nonnegative() {
        return None;
    }
    let scalars_only = open.iter().all(|f| f.labels.is_empty());
    Some(match (definite, pairs, scalars_only) {
        (0, 0, _) => "a diagonal that is not negative",
        (_, 0, _) => "made of positive definite matrices",
        (0, _, true) => "a matrix times its transpose",
        (0, _, false) => "J'*D*J with a diagonal D that is not negative",
        _ => "J'*D*J with D made of what is not negative and of definite matrices",
    })
}

/// Takes `c*J'*diag(p)*J - c*(J'*p)*(J'*p)'` with `p` a softmax out of the terms: the covariance of a distribution.
fn covariances(g: &mut Graph, left: &mut Vec<(Rational, NodeId)>, shown: &mut Vec<(NodeId, &'static str)>) {
    let mut i = 0;
    while i < left.len() {
        let (c, term) = left[i].clone();
        let found = if c.is_positive() { with_softmax(g, term) } else { None };
        let partner = found.and_then(|outer| left.iter().position(|(d, other)| *d == -&c && *other == outer));
        match partner {
            Some(j) => {
                left.remove(i.max(j));
                let first = left.remove(i.min(j));
                shown.push((first.1, "the covariance of a distribution"));
                i = 0;
            }
            None => i += 1,
        }
    }
}

/// For a term with one softmax factor `p_k` between two equal halves: the outer product of the halves' means.
fn with_softmax(g: &mut Graph, term: NodeId) -> Option<NodeId> {
    let Op::Contract(c) = g.op(term).clone() else { return None };
    let half = c.out.len() / 2;
    let is_softmax = |g: &Graph, n: NodeId| match g.as_call(n) {
        Some((f, args)) if f == agnesi_graph::known().exp => match g.op(args[0]) {
            Op::Add(sum) => sum.terms.iter().any(|(k, t)| {
                *k == Rational::MINUS_ONE
                    && match g.op(*t) {
                        Op::Contract(v) => {
                            v.factors.len() == 1
                                && matches!(
                                    g.op(v.factors[0].node),
                                    Op::Reduce(agnesi_graph::Reduction::LogSumExp, ..)
                                )
                        }
                        _ => false,
                    }
            }),
            _ => false,
        },
        _ => false,
    };
    let at =
        c.factors.iter().position(|f| f.labels.len() == 1 && f.exponent.is_one() && is_softmax(g, f.node))?;
    let p = c.factors[at].clone();
    let k = p.labels[0];
    let (left, right) = (c.out[..half].to_vec(), c.out[half..].to_vec());
    // Each half: the factors that share a label with it, or the identity where the label is k itself.
    let mut out = Vec::new();
    let mut factors = vec![];
    let mut sizes = c.sizes.to_vec();
    let other = sizes.len() as Label;
    sizes.push(sizes[k as usize]);
    for (side, label) in [(&left, k), (&right, other)] {
        let is_k = side.len() == 1 && side[0] == k;
        if is_k {
            factors.push(Factor {
                node: p.node,
                labels: [label].into_iter().collect(),
                exponent: Rational::ONE,
            });
            out.push(label);
            continue;
        }
        for f in c.factors.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, f)| f) {
            if f.labels.iter().any(|l| side.contains(l)) {
                let labels = f.labels.iter().map(|l| if *l == k { label } else { *l }).collect();
                factors.push(Factor { node: f.node, labels, exponent: f.exponent.clone() });
            }
        }
        factors.push(Factor { node: p.node, labels: [label].into_iter().collect(), exponent: Rational::ONE });
        out.extend(side.iter().copied());
    }
    let expected = c.factors.len() - 1 + 2;
    if left != right && factors.len() != expected {
        return None;
    }
    Some(g.contract(Rational::ONE, factors, out.into_iter().collect(), sizes))
}
