//! Sines and cosines in the form with the fewest functions: `sin/cos` is `tan`, `1/cos` is `sec`, `1 + tan^2` is `sec^2`;
//! and `1 - sigmoid(u)` is `sigmoid(-u)`.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, Rational, known};
use smallvec::SmallVec;

use super::field::circular;

/// The six functions of a circle or a hyperbola.
#[derive(Clone, Copy)]
struct Six {
    sin: FunctionId,
    cos: FunctionId,
    tan: FunctionId,
    cot: FunctionId,
    sec: FunctionId,
    csc: FunctionId,
    hyperbolic: bool,
}

fn sixes() -> [Six; 2] {
    let k = known();
    [
        Six { sin: k.sin, cos: k.cos, tan: k.tan, cot: k.cot, sec: k.sec, csc: k.csc, hyperbolic: false },
        Six {
            sin: k.sinh,
            cos: k.cosh,
            tan: k.tanh,
            cot: k.coth,
            sec: k.sech,
            csc: k.csch,
            hyperbolic: true,
        },
    ]
}

/// Other forms of a sum: a square from the Pythagorean identities.
pub(crate) fn forms(g: &mut Graph, node: NodeId, out: &mut Vec<NodeId>) {
    let (c, core) = g.split_coefficient(node);
    if let Some(square) = pythagoras(g, core) {
        out.push(g.scale(c, square));
    }
    let compacted = compact(g, node);
    if compacted != node {
        out.push(compacted);
    }
}

/// `1 - sin^2`, `1 + tan^2`, `sec^2 - 1`, and the hyperbolic ones, as one square.
fn pythagoras(g: &mut Graph, node: NodeId) -> Option<NodeId> {
    let Op::Add(sum) = g.op(node) else { return None };
    let [(a, x), (b, y)] = &*sum.terms else { return None };
    let one = g.one();
    let ((constant, _), (slope, square)) = if *x == one {
        ((a.clone(), one), (b.clone(), *y))
    } else if *y == one {
        ((b.clone(), one), (a.clone(), *x))
    } else {
        return None;
    };
    if let Some((h, args)) = g.as_call(square)
        && h == known().sigmoid
        && &constant + &slope == Rational::ZERO
    {
        // 1 - sigmoid(u) = sigmoid(-u).
        let u = args[0];
        let minus = g.scale(Rational::MINUS_ONE, u);
        let other = g.call(h, &[minus]);
        return Some(g.scale(constant, other));
    }
    let Op::Contract(c) = g.op(square) else { return None };
    let [f] = &*c.factors else { return None };
    if f.exponent != Rational::TWO || !c.coefficient.is_one() {
        return None;
    }
    let (h, u) = g.as_call(f.node).map(|(h, args)| (h, args[0]))?;
    let one = Rational::ONE;
    let ratio = &slope * &constant.recip()?;
    let minus = Rational::MINUS_ONE;
    for six in sixes() {
        // constant + slope*h^2 as sign*other^2, by the ratio of the two.
        let other = if six.hyperbolic {
            if h == six.sin && ratio == one {
                Some((six.cos, one.clone()))
            } else if h == six.cos && ratio == minus {
                Some((six.sin, minus.clone()))
            } else if h == six.tan && ratio == minus {
                Some((six.sec, one.clone()))
            } else if h == six.sec && ratio == minus {
                Some((six.tan, one.clone()))
            } else if h == six.cot && ratio == minus {
                Some((six.csc, minus.clone()))
            } else if h == six.csc && ratio == one {
                Some((six.cot, one.clone()))
            } else {
                None
            }
        } else if h == six.sin && ratio == minus {
            Some((six.cos, one.clone()))
        } else if h == six.cos && ratio == minus {
            Some((six.sin, one.clone()))
        } else if h == six.tan && ratio == one {
            Some((six.sec, one.clone()))
        } else if h == six.cot && ratio == one {
            Some((six.csc, one.clone()))
        } else if h == six.sec && ratio == minus {
            Some((six.tan, minus.clone()))
        } else if h == six.csc && ratio == minus {
            Some((six.cot, minus.clone()))
        } else {
            None
        };
        if let Some((other, sign)) = other {
            let call = g.call(other, &[u]);
            return Some(g.product(&constant * &sign, &[(call, Rational::TWO)]));
        }
    }
    None
}

/// Products of sines and cosines with the fewest functions, in the node itself and in the terms of a sum.
pub(crate) fn compact(g: &mut Graph, node: NodeId) -> NodeId {
    if !in_sight(g, node, 4) {
        return node;
    }
    match g.op(node).clone() {
        Op::Contract(c) if c.sizes.is_empty() => {
            let mut powers: Vec<(NodeId, Rational)> = Vec::with_capacity(c.factors.len());
            let mut changed = false;
            for f in &c.factors {
                // A factor that is one square by Pythagoras.
                match pythagoras(g, f.node) {
                    Some(square) if f.exponent.is_integer() => {
                        powers.push((square, f.exponent.clone()));
                        changed = true;
                    }
                    _ => {
                        let inner =
                            if matches!(g.op(f.node), Op::Add(_)) { compact(g, f.node) } else { f.node };
                        changed |= inner != f.node;
                        powers.push((inner, f.exponent.clone()));
                    }
                }
            }
            let node = if changed { g.product(c.coefficient.clone(), &powers) } else { node };
            compact_product(g, node)
        }
        Op::Add(sum) => {
            let mut changed = false;
            let mut terms: Vec<(Rational, NodeId)> = Vec::with_capacity(sum.terms.len());
            for &i in &sum.order {
                let (c, term) = &sum.terms[i as usize];
                let new = compact_product(g, *term);
                changed |= new != *term;
                terms.push((c.clone(), new));
            }
            if changed { g.sum(&terms) } else { node }
        }
        _ => node,
    }
}

/// Whether a function that is rewritten here stands in a sum or product, so many levels deep.
fn in_sight(g: &Graph, node: NodeId, depth: u32) -> bool {
    match g.op(node) {
        Op::Call(f, _) => circular(*f).is_some() || *f == known().sigmoid,
        Op::Add(sum) if depth > 1 => sum.terms.iter().any(|(_, term)| in_sight(g, *term, depth - 1)),
        Op::Contract(c) if depth > 1 => c.factors.iter().any(|f| in_sight(g, f.node, depth - 1)),
        _ => false,
    }
}

fn compact_product(g: &mut Graph, node: NodeId) -> NodeId {
    let Op::Contract(c) = g.op(node).clone() else { return node };
    if !c.sizes.is_empty() {
        return node;
    }
    let mut best = node;
    for six in sixes() {
        let mut arguments: SmallVec<[NodeId; 4]> = SmallVec::new();
        for f in &c.factors {
            if let Some((h, args)) = g.as_call(f.node)
                && [six.sin, six.cos, six.tan, six.cot, six.sec, six.csc].contains(&h)
                && !arguments.contains(&args[0])
            {
                arguments.push(args[0]);
            }
        }
        for u in arguments {
            best = compact_argument(g, best, &six, u);
        }
    }
    best
}

/// sin(u)^a * cos(u)^b, whole powers, in the form with the fewest functions below the line.
fn compact_argument(g: &mut Graph, node: NodeId, six: &Six, u: NodeId) -> NodeId {
    let Op::Contract(c) = g.op(node).clone() else { return node };
    let (mut a, mut b, mut count) = (0i64, 0i64, 0);
    let mut rest: Vec<(NodeId, Rational)> = Vec::new();
    for f in &c.factors {
        let powers =
            g.as_call(f.node).filter(|(_, args)| args.len() == 1 && args[0] == u).and_then(|(h, _)| {
                Some(if h == six.sin {
                    (1, 0)
                } else if h == six.cos {
                    (0, 1)
                } else if h == six.tan {
                    (1, -1)
                } else if h == six.cot {
                    (-1, 1)
                } else if h == six.sec {
                    (0, -1)
                } else if h == six.csc {
                    (-1, 0)
                } else {
                    return None;
                })
            });
        match (powers, f.exponent.as_integer()) {
            (Some((p, q)), Some(n)) => {
                a += p * n;
                b += q * n;
                count += 1;
            }
            _ => rest.push((f.node, f.exponent.clone())),
        }
    }
    if count == 0 {
        return node;
    }
    let bare = rest.iter().all(|(_, e)| e.is_negative());
    let mut powers = rest;
    let mut push = |g: &mut Graph, f: FunctionId, n: i64| {
        if n != 0 {
            let call = g.call(f, &[u]);
            powers.push((call, Rational::from(n)));
        }
    };
    if a > 0 && b < 0 {
        let shared = a.min(-b);
        push(g, six.tan, shared);
        push(g, six.sin, a - shared);
        // What is left below stands alone as a secant only where nothing else is above the line.
        push(g, six.cos, b + shared);
    } else if a < 0 && b > 0 {
        let shared = b.min(-a);
        push(g, six.cot, shared);
        push(g, six.cos, b - shared);
        push(g, six.sin, a + shared);
    } else if a <= 0 && b <= 0 && bare {
        push(g, six.sec, -b);
        push(g, six.csc, -a);
    } else {
        push(g, six.sin, a);
        push(g, six.cos, b);
    }
    g.product(c.coefficient.clone(), &powers)
}
