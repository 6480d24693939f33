//! Where a node is defined, and what a rewrite has lost of it.

use agnesi_graph::{Graph, NoOperators, NodeId, Op, Rational, SymbolId, known, power_domain};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The condition under which every part of a node is defined over the reals.
///
/// Branches need to be defined only where they are taken, and of the operands of `or` only one that is true (of `and`,
/// one that is false) where there is one. The conditions inside an integral are not conditions on a
/// point and are left out.
pub fn domain(g: &mut Graph, root: NodeId) -> NodeId {
    let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    let yes = g.truth(true);
    for node in g.topological(root) {
        let mut parts: SmallVec<[NodeId; 8]> = SmallVec::new();
        let of = |n: &NodeId| done.get(n).copied().unwrap_or(yes);
        match g.op(node).clone() {
            Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) => {}
            Op::Add(sum) => parts.extend(sum.terms.iter().map(|(_, n)| of(n))),
            Op::Contract(c) => {
                for f in &c.factors {
                    parts.push(of(&f.node));
                    let e = g.number(f.exponent.clone());
                    parts.push(power_domain(g, f.node, e));
                }
            }
            Op::Call(f, args) => {
                parts.extend(args.iter().map(of));
                if f == known().pow {
                    parts.push(power_domain(g, args[0], args[1]));
                } else if g.taught(f).is_some() {
                    parts.extend(g.taught_domain(f, &args, &mut NoOperators));
                } else if f.row().domain != "true" {
                    let row = f.row();
                    let names: SmallVec<[(&'static str, NodeId); 4]> =
                        row.args.iter().copied().zip(args.iter().copied()).collect();
                    parts.extend(g.instantiate(row.domain, &names));
                }
            }
            Op::Compare(_, a) | Op::Not(a) => parts.push(of(&a)),
            Op::And(list) | Op::Or(list) => {
                let operands: Vec<(NodeId, NodeId)> = list.iter().map(|n| (*n, of(n))).collect();
                let all = matches!(g.op(node), Op::And(_));
                parts.push(g.domain_of_junction(all, &operands));
            }
            Op::Select(c, a, b) => {
                let (p, q, r) = (of(&c), of(&a), of(&b));
                let not_c = g.not(c);
                let first = g.or(&[not_c, q]);
                let second = g.or(&[c, r]);
                parts.extend([p, first, second]);
            }
            Op::Integral { from, to, .. } => parts.extend([of(&from), of(&to)]),
            Op::Reduce(_, a, _) | Op::Linear(_, a) | Op::Iota(a) => parts.push(of(&a)),
            // What the steps need depends on the states.
            Op::Loop(made) => parts.extend(made.states.iter().map(|s| of(&s.first))),
            Op::OneHot(index, size) => parts.extend([of(&index), of(&size)]),
        }
        parts.retain(|p| *p != yes);
        if !parts.is_empty() {
            let condition = g.and(&parts);
            if condition != yes {
                done.insert(node, condition);
            }
        }
    }
    done.get(&root).copied().unwrap_or(yes)
}

/// The parts of `domain` that a reader of `formula` would not see from the formula itself: `x != 0` for `x/x = 1`.
pub fn lost_conditions(g: &mut Graph, domain_before: NodeId, formula: NodeId) -> Vec<NodeId> {
    let after = domain(g, formula);
    let visible = g.conjuncts(after);
    let all = g.conjuncts(domain_before);
    all.into_iter()
        .filter(|condition| {
            if visible.contains(condition) {
                return false;
            }
            // x > 0 in sight makes x != 0 and x >= 0 known.
            let mut with = visible.clone();
            with.push(*condition);
            let together = g.and(&with);
            together != after && !visible.iter().any(|seen| disc_implies(g, *seen, *condition))
        })
        .collect()
}

/// Whether `c - k*x^2 > 0` is seen, which says that `x^2 < c/k`, and the condition is `b + a*x >= 0` with `b >= 0` and
/// `b^2/a^2 >= c/k`.
fn disc_implies(g: &mut Graph, seen: NodeId, condition: NodeId) -> bool {
    let parts = |g: &mut Graph, d: NodeId| -> Option<(Rational, Rational, NodeId)> {
        let one = g.one();
        let terms = g.terms(d);
        let [(p, m), (q, n)] = &terms[..] else { return None };
        if *m == one {
            Some((p.clone(), q.clone(), *n))
        } else if *n == one {
            Some((q.clone(), p.clone(), *m))
        } else {
            None
        }
    };
    let (&Op::Compare(_, disc), &Op::Compare(_, line)) = (g.op(seen), g.op(condition)) else { return false };
    let (Some((c, k, square)), Some((b, a, x))) = (parts(g, disc), parts(g, line)) else { return false };
    let x_squared = g.power(x, Rational::TWO);
    if square != x_squared || !k.is_negative() || b.is_negative() {
        return false;
    }
    // c*a^2 <= b^2*(-k).
    &c * &(&a * &a) <= &(&b * &b) * &-&k
}

/// The points of one variable at which a node has a kink or a jump by the rows' own columns: the conditions, and the
/// convention used there.
pub fn kinks(g: &mut Graph, root: NodeId, x: SymbolId) -> Vec<(NodeId, &'static str)> {
    let mut found = Vec::new();
    for node in g.topological(root) {
        if !g.may_contain(node, x) {
            continue;
        }
        let Some((f, args)) = g.as_call(node).map(|(f, a)| (f, a.clone())) else { continue };
        if g.taught(f).is_some() {
            // Those of its meaning, at these arguments.
            let Some(meaning) = g.meaning_of(f, &mut NoOperators) else { continue };
            for (symbol, arg) in meaning.args.iter().zip(&args) {
                if !g.may_contain(*arg, x) {
                    continue;
                }
                for (mut condition, convention) in kinks(g, meaning.value, *symbol) {
                    for (symbol, arg) in meaning.args.iter().zip(&args) {
                        condition = g.substitute(condition, *symbol, *arg);
                    }
                    if g.as_truth(condition) != Some(false) && !found.iter().any(|(c, _)| *c == condition) {
                        found.push((condition, convention));
                    }
                }
            }
            continue;
        }
        let row = f.row();
        let names: SmallVec<[(&'static str, NodeId); 4]> =
            row.args.iter().copied().zip(args.iter().copied()).collect();
        for kink in row.kinks {
            if let Some(condition) = g.instantiate(kink.at, &names)
                && g.as_truth(condition) != Some(false)
                && !found.iter().any(|(c, _)| *c == condition)
            {
                found.push((condition, kink.convention));
            }
        }
    }
    found
}
