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
        if shifted(g, tools, node, x, p, &leaves) == Some(1) {
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
    /// Whether half a period turns the sign around.
    alternates: bool,
}

/// The calls of functions with a period whose argument is linear in the variable.
fn leaves(g: &mut Graph, tools: &mut Tools, node: NodeId, x: SymbolId) -> FxHashMap<NodeId, Leaf> {
    use agnesi_graph::Operators;
    let mut found = FxHashMap::default();
    for n in g.topological(node) {
        let Op::Call(f, args) = g.op(n).clone() else { continue };
        let ([arg], true) = (&args[..], g.may_contain(n, x)) else { continue };
        let period = if g.taught(f).is_some() {
            None
        } else if ["floor", "ceil", "round"].contains(&f.row().name) {
            // Not periodic, but what they are taken from may make them so.
            Some(g.one())
        } else {
            f.row().period().and_then(|text| g.instantiate(text, &[]))
        };
        let Some(period) = period else { continue };
        let Ok(slope) = tools.derivative(g, *arg, x) else { continue };
        if !g.may_contain(slope, x) && !g.is_zero(slope) {
            found.insert(n, Leaf { period, slope, alternates: alternates(f) });
        }
    }
    found
}

fn alternates(f: FunctionId) -> bool {
    [known().sin, known().cos, known().sec, known().csc].contains(&f)
}

/// 1 if the node is the same at `x + p` as at `x`, -1 if it is the opposite; `None` if its structure shows neither.
fn shifted(
    g: &mut Graph,
    tools: &mut Tools,
    root: NodeId,
    x: SymbolId,
    p: NodeId,
    leaves: &FxHashMap<NodeId, Leaf>,
) -> Option<i32> {
    let mut signs: FxHashMap<NodeId, Option<i32>> = FxHashMap::default();
    for n in g.topological(root) {
        let sign = if g.may_contain(n, x) { shifted_node(g, tools, n, p, leaves, &signs) } else { Some(1) };
        signs.insert(n, sign);
    }
    signs[&root]
}

fn shifted_node(
    g: &mut Graph,
    tools: &mut Tools,
    n: NodeId,
    p: NodeId,
    leaves: &FxHashMap<NodeId, Leaf>,
    signs: &FxHashMap<NodeId, Option<i32>>,
) -> Option<i32> {
    let of = |n: &NodeId| signs.get(n).copied().flatten();
    match g.op(n).clone() {
        Op::Symbol(_) | Op::Integral { .. } => None,
        Op::Constant(_) | Op::Truth(_) => Some(1),
        Op::Add(sum) => {
            let mut all = sum.terms.iter().map(|(_, t)| of(t));
            let first = all.next()??;
            all.all(|s| s == Some(first)).then_some(first)
        }
        Op::Contract(c) => {
            let mut sign = 1;
            for f in &c.factors {
                match of(&f.node)? {
                    1 => {}
                    _ if !f.exponent.is_integer() => return None,
                    _ if f.exponent.numerator_even() => {}
                    _ => sign = -sign,
                }
            }
            Some(sign)
        }
        Op::Call(f, args) => {
            if let Some(leaf) = leaves.get(&n)
                && !["floor", "ceil", "round"].contains(&g.function_name(f))
            {
                let moved = g.mul(leaf.slope, p);
                let moved = g.div(moved, leaf.period);
                let moved = tools.simplifier.simplify(g, moved);
                let moved = g.as_number(moved)?.clone();
                if moved.is_integer() {
                    return Some(1);
                }
                return (leaf.alternates && (&moved * &Rational::TWO).is_integer()).then_some(-1);
            }
            match (&args[..], g.taught(f).is_none()) {
                ([arg], true) if of(arg) == Some(-1) => match f.row().parity()? {
                    Parity::Even => Some(1),
                    Parity::Odd => Some(-1),
                },
                _ => args.iter().all(|a| of(a) == Some(1)).then_some(1),
            }
        }
        Op::Compare(_, a) | Op::Not(a) => (of(&a) == Some(1)).then_some(1),
        Op::And(list) | Op::Or(list) => list.iter().all(|a| of(a) == Some(1)).then_some(1),
        Op::Select(c, a, b) => {
            let (a, b) = (of(&a)?, of(&b)?);
            (of(&c) == Some(1) && a == b).then_some(a)
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
