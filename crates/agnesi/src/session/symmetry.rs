//! Symmetries and periods that can be shown.

use agnesi_functions::{FunctionId, Parity};
use agnesi_graph::{NodeId, Op, Rational, SymbolId, known};
use rustc_hash::FxHashMap;

use super::understand::{Tools, Understood};
use crate::protocol::Symmetry;
use agnesi_graph::Graph;

/// Even if f(-x) - f(x) simplifies to zero, odd if f(-x) + f(x) does, and the domain is symmetric too.
pub(crate) fn symmetry(u: &mut Understood, node: NodeId, x: SymbolId) -> Option<Symmetry> {
    let (g, tools) = (&mut u.graph, &mut u.tools);
    if !g.may_contain(node, x) || g.is_zero(node) {
        return None;
    }
    let symbol = g.symbol_node(x);
    let minus = g.neg(symbol);
    let mirrored = g.substitute(node, x, minus);
    let found = if vanishes(g, tools, mirrored, node, Rational::MINUS_ONE) {
        Symmetry::Even
    } else if vanishes(g, tools, mirrored, node, Rational::ONE) {
        Symmetry::Odd
    } else {
        return None;
    };
    let domain = g.substitute(u.domain, x, minus);
    let same =
        domain == u.domain || tools.simplifier.simplify(g, domain) == tools.simplifier.simplify(g, u.domain);
    same.then_some(found)
}

/// Whether `a + c*b` simplifies to zero.
fn vanishes(g: &mut Graph, tools: &mut Tools, a: NodeId, b: NodeId, c: Rational) -> bool {
    let difference = g.sum(&[(Rational::ONE, a), (c, b)]);
    if g.is_zero(difference) {
        return true;
    }
    let simple = tools.simplifier.simplify(g, difference);
    g.is_zero(simple)
}

/// The smallest period that can be shown, as an exact positive number.
///
/// Candidates come from the rows that have a period; that one of them is a period of the whole formula follows from
/// the formula's structure, or from f(x + p) - f(x) simplifying to zero.
pub(crate) fn period(u: &mut Understood, node: NodeId, x: SymbolId) -> Option<NodeId> {
    let (g, tools) = (&mut u.graph, &mut u.tools);
    if !g.may_contain(node, x) {
        return None;
    }
    let leaves = leaves(g, tools, node, x);
    let mut common: Option<(NodeId, Rational)> = None;
    for leaf in leaves.values() {
        let steepness = g.call(known().abs, &[leaf.slope]);
        let p = g.div(leaf.period, steepness);
        let p = tools.simplifier.simplify(g, p);
        common = Some(match common {
            None => (p, Rational::ONE),
            Some((first, times)) => {
                let ratio = g.div(p, first);
                let ratio = tools.simplifier.simplify(g, ratio);
                let ratio = g.as_number(ratio)?.clone();
                (first, least_common_multiple(&times, &ratio)?)
            }
        });
    }
    let (first, times) = common?;
    let whole = g.scale(times, first);
    for part in [12, 10, 8, 6, 5, 4, 3, 2, 1] {
        let share = Rational::new(1, part)?;
        let p = g.scale(share, whole);
        if repeats(g, tools, node, x, p) {
            return Some(p);
        }
    }
    let symbol = g.symbol_node(x);
    let moved = g.add(symbol, whole);
    let moved = g.substitute(node, x, moved);
    vanishes(g, tools, moved, node, Rational::MINUS_ONE).then_some(whole)
}

/// A call that repeats itself.
struct Leaf {
    /// The period of the function, in its argument.
    period: NodeId,
    /// How fast the argument moves.
    slope: NodeId,
}

/// The calls of functions with a period whose argument is linear in the variable.
fn leaves(g: &mut Graph, tools: &mut Tools, node: NodeId, x: SymbolId) -> FxHashMap<NodeId, Leaf> {
    use agnesi_graph::Operators;
    let mut found = FxHashMap::default();
    for n in g.topological(node) {
        let Op::Call(f, args) = g.op(n).clone() else { continue };
        let ([arg], true) = (&args[..], g.may_contain(n, x)) else { continue };
        let Some(period) = period_of(g, f) else { continue };
        let Ok(slope) = tools.derivative(g, *arg, x) else { continue };
        if !g.may_contain(slope, x) && !g.is_zero(slope) {
            found.insert(n, Leaf { period, slope });
        }
    }
    found
}

/// The period of a function in its argument; 1 for those that go up by whole numbers when the argument does, since
/// what is taken from them may make them periodic.
fn period_of(g: &mut Graph, f: FunctionId) -> Option<NodeId> {
    if g.taught(f).is_some() {
        return None;
    }
    if is_step(g, f) {
        return Some(g.one());
    }
    f.row().period().and_then(|text| g.instantiate(text, &[]))
}

fn is_step(g: &Graph, f: FunctionId) -> bool {
    ["floor", "ceil"].contains(&g.function_name(f))
}

fn alternates(f: FunctionId) -> bool {
    [known().sin, known().cos, known().sec, known().csc].contains(&f)
}

/// What a node is at `x + p`: its value at `x` times the sign, plus a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moved {
    sign: i32,
    plus: NodeId,
}

/// Whether the structure of a node shows that it is the same at `x + p` as at `x`.
fn repeats(g: &mut Graph, tools: &mut Tools, root: NodeId, x: SymbolId, p: NodeId) -> bool {
    let mut moved: FxHashMap<NodeId, Option<Moved>> = FxHashMap::default();
    let same = Moved { sign: 1, plus: g.zero() };
    for n in g.topological(root) {
        let found = if !g.may_contain(n, x) {
            Some(same)
        } else if g.as_symbol(n) == Some(x) {
            Some(Moved { sign: 1, plus: p })
        } else {
            moved_node(g, tools, n, &moved)
        };
        moved.insert(n, found);
    }
    moved[&root] == Some(same)
}

fn moved_node(
    g: &mut Graph,
    tools: &mut Tools,
    n: NodeId,
    moved: &FxHashMap<NodeId, Option<Moved>>,
) -> Option<Moved> {
    let zero = g.zero();
    let same = Moved { sign: 1, plus: zero };
    let of = |n: &NodeId| moved.get(n).copied().flatten();
    // The sign alone, of what moves by no constant.
    let sign = |n: &NodeId| of(n).filter(|m| m.plus == zero).map(|m| m.sign);
    match g.op(n).clone() {
        Op::Symbol(_)
        | Op::Integral { .. }
        | Op::Reduce(..)
        | Op::Linear(..)
        | Op::Iota(_)
        | Op::OneHot(..)
        | Op::Loop(_) => None,
        Op::Constant(_) | Op::Truth(_) => Some(same),
        Op::Add(sum) => {
            let mut terms = Vec::new();
            let mut signs = Vec::new();
            for (c, term) in &sum.terms {
                let m = of(term)?;
                terms.push((c.clone(), m.plus));
                signs.push(m.sign);
            }
            let plus = g.sum(&terms);
            let plus = tools.simplifier.simplify(g, plus);
            signs.iter().all(|s| *s == signs[0]).then_some(Moved { sign: signs[0], plus })
        }
        Op::Contract(c) => {
            if let [f] = &c.factors[..]
                && f.exponent.is_one()
            {
                let m = of(&f.node)?;
                return Some(Moved { sign: m.sign, plus: g.scale(c.coefficient.clone(), m.plus) });
            }
            let mut whole = 1;
            // A closed factor times what moves by a constant moves by a constant.
            let moving: Vec<_> = c.factors.iter().filter(|f| of(&f.node) != Some(same)).collect();
            if let [f] = &moving[..]
                && f.exponent.is_one()
                && of(&f.node).is_some_and(|m| m.plus != zero)
            {
                if !c.factors.iter().all(|other| other.node == f.node || g.is_closed(other.node)) {
                    return None;
                }
                let m = of(&f.node)?;
                let factor = g.div(n, f.node);
                return Some(Moved { sign: m.sign, plus: g.mul(factor, m.plus) });
            }
            for f in &c.factors {
                match sign(&f.node)? {
                    1 => {}
                    _ if !f.exponent.is_integer() => return None,
                    _ if f.exponent.numerator_even() => {}
                    _ => whole = -whole,
                }
            }
            Some(Moved { sign: whole, plus: zero })
        }
        Op::Call(f, args) => {
            if let [arg] = &args[..]
                && let Some(m) = of(arg).filter(|m| m.sign == 1 && m.plus != zero)
            {
                let period = period_of(g, f)?;
                let turns = g.div(m.plus, period);
                let turns = tools.simplifier.simplify(g, turns);
                let turns = g.as_number(turns)?.clone();
                if turns.is_integer() {
                    return Some(if is_step(g, f) { m } else { same });
                }
                let opposite = alternates(f) && (&turns * &Rational::TWO).is_integer();
                return opposite.then_some(Moved { sign: -1, plus: zero });
            }
            match (&args[..], g.taught(f).is_none()) {
                ([arg], true) if sign(arg) == Some(-1) => match f.row().parity()? {
                    Parity::Even => Some(same),
                    Parity::Odd => Some(Moved { sign: -1, plus: zero }),
                },
                _ => args.iter().all(|a| of(a) == Some(same)).then_some(same),
            }
        }
        Op::Compare(_, a) | Op::Not(a) => (of(&a) == Some(same)).then_some(same),
        Op::And(list) | Op::Or(list) => list.iter().all(|a| of(a) == Some(same)).then_some(same),
        Op::Select(c, a, b) => {
            let (a, b) = (of(&a)?, of(&b)?);
            (of(&c) == Some(same) && a == b).then_some(a)
        }
    }
}

/// The smallest positive rational that both divide.
fn least_common_multiple(a: &Rational, b: &Rational) -> Option<Rational> {
    let ((p, q), (r, s)) = (a.small()?, b.small()?);
    let gcd = |mut a: i64, mut b: i64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a.abs()
    };
    let above = p.checked_div(gcd(p, r))?.checked_mul(r)?;
    Rational::new(above.abs(), gcd(q, s))
}
