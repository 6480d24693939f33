//! Products with what is zero outside a branch: what need not be defined there is never multiplied in.
//!
//! The adjoint of a branch is `if c then G else 0`. Times a slope that is not finite where c is false, as that of
//! `log(x)` at 0, it would be NaN; inside the branch the slope is not looked at. Products entry by entry see to that
//! themselves; this file is about the factors of contractions.

use agnesi_graph::{Contract, Factor, Graph, NodeId, Op};
use rustc_hash::FxHashMap;

/// What is known of nodes: whether they are finite wherever their symbols are.
#[derive(Default)]
pub(super) struct Finite(FxHashMap<NodeId, bool>);

/// Functions that are defined everywhere and grow beyond all doubles.
const GROWING: [&str; 5] = ["exp", "expm1", "sinh", "cosh", "pow"];

impl Finite {
    /// Whether a factor is finite wherever the symbols in it are.
    pub fn is_factor(&mut self, g: &Graph, f: &Factor) -> bool {
        is_power(f) && self.everywhere(g, f.node)
    }

    fn everywhere(&mut self, g: &Graph, root: NodeId) -> bool {
        let mut stack = vec![root];
        while let Some(&top) = stack.last() {
            if self.0.contains_key(&top) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            let mut all = own(g, top);
            if all {
                g.for_each_child(top, |c| match self.0.get(&c) {
                    Some(finite) => all &= finite,
                    None => stack.push(c),
                });
            }
            if stack.len() == before {
                stack.pop();
                self.0.insert(top, all);
            }
        }
        self.0.get(&root).copied().unwrap_or(false)
    }
}

fn is_power(f: &Factor) -> bool {
    f.exponent.is_integer() && !f.exponent.is_negative()
}

/// Whether an operation is finite where its operands are.
fn own(g: &Graph, node: NodeId) -> bool {
    match g.op(node) {
        Op::Contract(c) => c.factors.iter().all(is_power),
        Op::Call(f, _) => {
            g.taught(*f).is_none() && f.row().domain == "true" && !GROWING.contains(&f.row().name)
        }
        // An index may lie outside; states may grow beyond all doubles.
        Op::Linear(..) | Op::OneHot(..) | Op::Integral { .. } | Op::Loop(_) => false,
        Op::Symbol(_)
        | Op::Constant(_)
        | Op::Add(_)
        | Op::Truth(_)
        | Op::Compare(..)
        | Op::Not(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::Select(..)
        | Op::Reduce(..)
        | Op::Iota(_) => true,
    }
}

/// A tensor that is zero outside a branch, with the branch outermost.
pub(super) fn as_branch(g: &mut Graph, node: NodeId) -> Option<NodeId> {
    let zero_beside = |g: &Graph, node: NodeId| match *g.op(node) {
        Op::Select(c, a, b) if g.is_zero(a) || g.is_zero(b) => Some((c, a, b)),
        _ => None,
    };
    if zero_beside(g, node).is_some() {
        return Some(node);
    }
    // A branch seen from elsewhere, or times others: inside, they are.
    let Op::Contract(c) = g.op(node) else { return None };
    let c = Contract::clone(c);
    let at = c.factors.iter().position(|f| f.exponent.is_one() && zero_beside(g, f.node).is_some())?;
    let (condition, first, second) = zero_beside(g, c.factors[at].node)?;
    if c.sizes.len() != c.out.len() || (1..c.out.len()).any(|i| c.out[..i].contains(&c.out[i])) {
        return None;
    }
    let with = |g: &mut Graph, inner: NodeId| {
        let mut factors = c.factors.to_vec();
        factors[at].node = inner;
        if g.is_scalar(inner) {
            factors[at].labels.clear();
        }
        g.contract(c.coefficient.clone(), factors, c.out.clone(), c.sizes.to_vec())
    };
    let (first, second) = (with(g, first), with(g, second));
    let condition = if g.is_scalar(condition) {
        condition
    } else {
        let axes: Option<Vec<usize>> =
            c.factors[at].labels.iter().map(|l| c.out.iter().position(|o| o == l)).collect();
        let shape = g.shape(node).clone();
        g.expand(condition, &axes?, &shape)
    };
    Some(g.select(condition, first, second))
}
