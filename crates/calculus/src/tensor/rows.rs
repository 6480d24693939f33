//! States that a loop fills row by row, as a recurrence does: `T + onehot(i, m)*f(T[i-1], ...)`.
//!
//! What such a loop reads in a step are rows that no later step touches, so that its last state says what they were: the
//! states in between, `m` times as many numbers, need not be kept.

use agnesi_graph::{Contract, Factor, Graph, Loop, NodeId, Op, Rational, Sign, SymbolId};

/// Whether every step adds to one row of a state, the next one in each step, and reads rows before it alone.
pub(super) fn filled(g: &mut Graph, made: &Loop, at: usize) -> bool {
    let symbol = made.states[at].symbol;
    let own = g.symbol_node(symbol);
    let Op::Add(sum) = g.op(made.states[at].next) else { return false };
    let (kept, added): (Vec<_>, Vec<_>) = sum.terms.iter().partition(|(_, term)| *term == own);
    if !matches!(kept[..], [(one, _)] if one.is_one()) {
        return false;
    }
    let added: Vec<NodeId> = added.into_iter().map(|(_, term)| *term).collect();
    let rows: Option<Vec<NodeId>> = added.iter().map(|term| row_of(g, *term)).collect();
    let Some(&row) = rows.as_deref().and_then(<[NodeId]>::first) else { return false };
    if rows.is_some_and(|rows| rows.iter().any(|other| *other != row)) || !follows(g, row, made.step) {
        return false;
    }
    let others = made.states.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, state)| state.next);
    added.into_iter().chain(others).all(|node| node == own || reads_before(g, node, symbol, row))
}

/// The row along the first axis outside of which a term is 0.
fn row_of(g: &Graph, term: NodeId) -> Option<NodeId> {
    let Op::Contract(c) = g.op(term) else { return None };
    let first = *c.out.first()?;
    c.factors.iter().find_map(|f| picked(g, f).filter(|(label, _)| *label == first).map(|(_, index)| index))
}

/// The label that a factor holds at one index, with that index.
fn picked(g: &Graph, f: &Factor) -> Option<(u8, NodeId)> {
    match (g.op(f.node), &f.labels[..]) {
        (Op::OneHot(index, _), [label]) if f.exponent.is_one() => Some((*label, *index)),
        _ => None,
    }
}

/// Whether a row is the number of the step and something that no step changes.
fn follows(g: &mut Graph, row: NodeId, step: SymbolId) -> bool {
    let number = g.symbol_node(step);
    let rest = g.sum(&[(Rational::ONE, row), (Rational::MINUS_ONE, number)]);
    g.as_number(rest).is_some()
}

/// Whether a node reads rows of a state before `row` alone.
fn reads_before(g: &mut Graph, node: NodeId, symbol: SymbolId, row: NodeId) -> bool {
    let own = g.symbol_node(symbol);
    for below in g.topological(node) {
        let mut uses = 0;
        g.for_each_child(below, |child| uses += u32::from(child == own));
        if uses == 0 {
            continue;
        }
        let Op::Contract(c) = g.op(below) else { return false };
        let Some(indices) = indices(g, &c.clone(), own) else { return false };
        if !indices.into_iter().all(|index| is_before(g, index, row)) {
            return false;
        }
    }
    true
}

/// The rows that a contraction reads of a tensor, where each is one at an index.
fn indices(g: &Graph, c: &Contract, own: NodeId) -> Option<Vec<NodeId>> {
    let index = |label: u8| c.factors.iter().find_map(|f| picked(g, f).filter(|(l, _)| *l == label));
    let reads = c.factors.iter().filter(|f| f.node == own);
    reads.map(|f| f.labels.first().and_then(|label| index(*label)).map(|(_, index)| index)).collect()
}

/// Whether an index is below another, or is 0, where there is no row.
fn is_before(g: &mut Graph, index: NodeId, row: NodeId) -> bool {
    let far = g.sum(&[(Rational::ONE, row), (Rational::MINUS_ONE, index)]);
    if g.as_number(far).is_some_and(Rational::is_positive) {
        return true;
    }
    // `if e < i then e else 0`
    let Op::Select(condition, there, absent) = *g.op(index) else { return false };
    if !g.as_number(absent).is_some_and(Rational::is_zero) {
        return false;
    }
    let (sign, difference) = match *g.op(condition) {
        Op::Compare(Sign::Positive, d) => (Rational::MINUS_ONE, d),
        Op::Not(inner) => match *g.op(inner) {
            Op::Compare(Sign::NonNegative, d) => (Rational::ONE, d),
            _ => return false,
        },
        _ => return false,
    };
    let rest = g.sum(&[(Rational::ONE, row), (Rational::MINUS_ONE, there), (sign, difference)]);
    g.as_number(rest).is_some_and(Rational::is_zero)
}
