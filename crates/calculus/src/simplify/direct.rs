//! Sums that need no fractions: few terms without denominators, roots or identities between their factors. Nothing
//! can cancel in them and they have no square factors, so all that algebra could find is what terms share.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, known};
use smallvec::SmallVec;

use super::cost::Costs;
use super::fraction::{Field, OPAQUE, circular};
use super::poly::{MAX_GENERATORS, Poly, UNIT};

/// The cheapest form of a sum of which every form can be told at once; `None` if fractions may find more.
pub(super) fn best_form(g: &mut Graph, costs: &mut Costs, node: NodeId) -> Option<NodeId> {
    let (generators, p) = plain_sum(g, costs, node)?;
    let shared = |v: usize| p.terms.iter().filter(|(m, _)| m[v] > 0).count() > 1;
    if !(0..generators.len()).any(shared) {
        return Some(node);
    }
    let collected = Field::plain(&generators).collect(g, &p, 0);
    Some(if costs.of(g, collected) < costs.of(g, node) { collected } else { node })
}

/// The sum as a polynomial in its factors, if it is one that has no square factors: of two terms, or of a prime number
/// of terms of degree 1 in each factor (factors of such a polynomial have no generators in common, so that the numbers
/// of their terms multiply).
fn plain_sum(g: &Graph, costs: &mut Costs, node: NodeId) -> Option<(SmallVec<[NodeId; 8]>, Poly)> {
    let Op::Add(sum) = g.op(node) else { return None };
    let linear = match sum.terms.len() {
        2 => false,
        3 | 5 | 7 => true,
        _ => return None,
    };
    let mut generators: SmallVec<[NodeId; 8]> = SmallVec::new();
    let mut terms = Vec::with_capacity(sum.terms.len());
    for (c, term) in &sum.terms {
        let mut m = UNIT;
        let mut multiply = |base: NodeId, power: u8| -> Option<()> {
            let at = match generators.iter().position(|known| *known == base) {
                Some(at) => at,
                None if generators.len() == MAX_GENERATORS => return None,
                None => {
                    generators.push(base);
                    generators.len() - 1
                }
            };
            m[at] += power;
            Some(())
        };
        match g.op(*term) {
            Op::Contract(product) if product.sizes.is_empty() => {
                for f in &product.factors {
                    let power = f.exponent.as_integer().and_then(|e| u8::try_from(e).ok())?;
                    let small = if linear || is_circular(g, f.node) { power == 1 } else { power <= 20 };
                    if !small {
                        return None;
                    }
                    multiply(f.node, power)?;
                }
            }
            _ => multiply(*term, 1)?,
        }
        terms.push((m, c.clone()));
    }
    let mut exponential = false;
    for (i, base) in generators.iter().enumerate() {
        match g.op(*base) {
            Op::Contract(_) => return None,
            Op::Add(_) if costs.of(g, *base) < OPAQUE => return None,
            Op::Call(f, _) if *f == known().sigmoid => return None,
            Op::Call(f, _) if *f == known().exp => {
                // Exponentials may be powers of each other.
                if std::mem::replace(&mut exponential, true) {
                    return None;
                }
            }
            Op::Call(f, args) if circular(*f).is_some() => {
                // Only sine and cosine of one argument stay what they are beside each other.
                let partners =
                    generators[..i].iter().filter_map(|other| g.as_call(*other)).filter(|(h, v)| {
                        circular(*h) == circular(*f) && v[0] == args[0] && !(basic(*f) && basic(*h))
                    });
                if partners.count() > 0 || !(basic(*f) || tangent(*f)) {
                    return None;
                }
            }
            _ => {}
        }
    }
    terms.sort_by(|a, b| b.0.cmp(&a.0));
    Some((generators, Poly { terms }))
}

fn is_circular(g: &Graph, node: NodeId) -> bool {
    g.as_call(node).is_some_and(|(f, _)| circular(f).is_some())
}

fn basic(f: FunctionId) -> bool {
    let k = known();
    [k.sin, k.cos, k.sinh, k.cosh].contains(&f)
}

fn tangent(f: FunctionId) -> bool {
    [known().tan, known().tanh].contains(&f)
}
