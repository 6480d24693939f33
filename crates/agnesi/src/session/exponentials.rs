//! Formulas in exponentials as rational functions of new symbols: a proof that one of them is 0, where normal forms of
//! the functions themselves do not show it.

use agnesi_graph::{Facts, Graph, NodeId, known};
use rustc_hash::FxHashMap;

/// The formula with `exp`, `sigmoid` and the hyperbolic functions of `k*u` written in one new positive symbol `t` for
/// each `exp(u)`. If that is 0 for all `t`, the formula is 0. `None` where there is nothing of the kind.
pub(crate) fn rational(g: &mut Graph, root: NodeId) -> Option<NodeId> {
    let mut symbols: Vec<(NodeId, NodeId)> = Vec::new();
    let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    let mut found = false;
    for node in g.topological(root) {
        let made = in_symbols(g, node, &mut symbols);
        found |= made.is_some();
        let made =
            made.unwrap_or_else(|| g.rebuild(node, &|child| done.get(&child).copied().unwrap_or(child)));
        done.insert(node, made);
    }
    if found { done.get(&root).copied() } else { None }
}

/// A call of one of these functions in `t`; for anything else `None`.
fn in_symbols(g: &mut Graph, node: NodeId, symbols: &mut Vec<(NodeId, NodeId)>) -> Option<NodeId> {
    let (f, u) = match g.as_call(node) {
        Some((f, args)) if args.len() == 1 => (f, args[0]),
        _ => return None,
    };
    let k = known();
    if ![k.exp, k.sigmoid, k.sinh, k.cosh, k.tanh, k.coth, k.sech, k.csch].contains(&f) {
        return None;
    }
    let (coefficient, base) = g.split_coefficient(u);
    let t = match symbols.iter().find(|(known, _)| *known == base) {
        Some((_, t)) => *t,
        None => {
            let t = g.anonymous("t", Facts::POSITIVE);
            symbols.push((base, t));
            t
        }
    };
    let p = g.power(t, coefficient.clone());
    if f == k.exp {
        return Some(p);
    }
    if f == k.sigmoid {
        let one = g.one();
        let below = g.add(one, p);
        return Some(g.div(p, below));
    }
    let q = g.power(t, -&coefficient);
    let (minus, plus) = (g.sub(p, q), g.add(p, q));
    let two = g.integer(2);
    let (above, below) = match f {
        f if f == k.sinh => (minus, two),
        f if f == k.cosh => (plus, two),
        f if f == k.tanh => (minus, plus),
        f if f == k.coth => (plus, minus),
        f if f == k.sech => (two, plus),
        _ => (two, minus),
    };
    Some(g.div(above, below))
}
