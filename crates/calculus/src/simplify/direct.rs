//! Sums that need no fractions: few terms without denominators, roots or identities between their factors. Nothing
//! can cancel in them and they have no factors of several terms, so all that algebra could find is what terms share.

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, known};
use smallvec::SmallVec;
use std::sync::Arc;

use super::cost::Costs;
use super::field::{Field, OPAQUE, circular};
use super::poly::{MAX_GENERATORS, Poly, UNIT};

/// Longer sums are left to fractions.
const MAX_TERMS: usize = 16;
/// And so are higher powers.
const MAX_POWER: u8 = 20;

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

/// The sum as a polynomial in its factors, if nothing ties them and nothing can be multiplied out.
fn plain_sum(g: &mut Graph, costs: &mut Costs, node: NodeId) -> Option<(SmallVec<[NodeId; 8]>, Poly)> {
    let Op::Add(sum) = g.op(node) else { return None };
    if sum.terms.len() > MAX_TERMS {
        return None;
    }
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
                    // Squares of sines and cosines are tied.
                    if power > MAX_POWER || (power > 1 && is_circular(g, f.node)) {
                        return None;
                    }
                    multiply(f.node, power)?;
                }
            }
            _ => multiply(*term, 1)?,
        }
        terms.push((m, c.clone()));
    }
    let mut bases = Bases::default();
    for (v, base) in generators.iter().enumerate() {
        let is_power = terms.iter().any(|(m, _)| m[v] > 1);
        bases.meet(g, costs, *base, if is_power { Place::InPower } else { Place::Factor })?;
    }
    terms.sort_by_key(|t| std::cmp::Reverse(t.0));
    let p = Poly { terms };
    has_no_factors(&p, generators.len()).then_some((generators, p))
}

/// Whether a polynomial certainly has no factors but monomials that are looked for.
fn has_no_factors(p: &Poly, generators: usize) -> bool {
    let degree_one = |v: usize| p.terms.iter().all(|(m, _)| m[v] <= 1);
    // Factors of a polynomial of degree 1 in each generator have none in common: the numbers of their terms multiply.
    let prime = || [3, 5, 7].contains(&p.terms.len()) && (0..generators).all(degree_one);
    p.terms.len() == 2 || p.is_irreducible() || prime()
}

fn is_circular(g: &Graph, node: NodeId) -> bool {
    g.as_call(node).is_some_and(|(f, _)| circular(f).is_some())
}

/// What algebra sees in the factors of a sum. It refuses what could be tied to something else there.
#[derive(Default)]
struct Bases {
    /// Factors, and the factors of the terms of factors that are sums.
    seen: SmallVec<[NodeId; 16]>,
    /// What exponentials are powers of.
    exponents: SmallVec<[NodeId; 8]>,
    circular: SmallVec<[(FunctionId, NodeId, Place); 8]>,
}

/// Where a base stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is a factor of a term.
    Factor,
    /// It is a factor of which some term has a power.
    InPower,
    /// It is a factor of a term of the sum that is this factor.
    Within(NodeId),
    /// It is a factor of a term of a sum of which some term has a power.
    WithinPower,
}

impl Place {
    /// Whether what stands here and there is multiplied with each other if the whole is multiplied out, other than as
    /// factors of one term.
    fn multiplies(self, other: Place) -> bool {
        match (self, other) {
            (Place::Factor | Place::InPower, Place::Factor | Place::InPower) => false,
            (Place::Within(one), Place::Within(other)) => one != other,
            (Place::Factor | Place::InPower | Place::Within(_) | Place::WithinPower, _) => true,
        }
    }
}

impl Bases {
    /// `None` if the base may be tied to one before it.
    fn meet(&mut self, g: &mut Graph, costs: &mut Costs, base: NodeId, place: Place) -> Option<()> {
        if self.seen.contains(&base) || self.seen.len() > 32 {
            return None;
        }
        self.seen.push(base);
        match g.op(base) {
            Op::Contract(_) => None,
            Op::Add(sum) if costs.of(g, base) < OPAQUE => {
                // It stays whole if nothing in it meets anything outside.
                let sum = Arc::clone(sum);
                let within = match place {
                    Place::Factor => Place::Within(base),
                    Place::InPower | Place::Within(_) | Place::WithinPower => Place::WithinPower,
                };
                sum.terms.iter().try_for_each(|(_, term)| match g.op(*term) {
                    Op::Contract(product) if product.sizes.is_empty() => {
                        let product = Arc::clone(product);
                        product.factors.iter().try_for_each(|f| {
                            if !f.exponent.is_integer() || !f.exponent.is_positive() {
                                return None;
                            }
                            self.meet(g, costs, f.node, within)
                        })
                    }
                    _ => self.meet(g, costs, *term, within),
                })
            }
            Op::Call(f, _) if *f == known().sigmoid => None,
            Op::Call(f, args) if *f == known().exp => {
                // Exponentials of one thing are powers of each other; those of sums are products.
                let exponent = args[0];
                if costs.of(g, exponent) >= OPAQUE {
                    return self.raise(exponent);
                }
                g.terms(exponent).into_iter().try_for_each(|(_, term)| self.raise(term))
            }
            Op::Call(f, args) if circular(*f).is_some() => {
                let (f, argument) = (*f, args[0]);
                // Only sine and cosine of one argument stay what they are beside each other.
                let free = |(h, v, other): &(FunctionId, NodeId, Place)| {
                    let apart = *v != argument || circular(*h) != circular(f);
                    apart || (!place.multiplies(*other) && basic(f) && basic(*h))
                };
                let alone = self.circular.iter().all(free) && (basic(f) || tangent(f));
                self.circular.push((f, argument, place));
                alone.then_some(())
            }
            _ => Some(()),
        }
    }

    /// Registers what an exponential is a power of; `None` if it is there.
    fn raise(&mut self, exponent: NodeId) -> Option<()> {
        if self.exponents.contains(&exponent) {
            return None;
        }
        self.exponents.push(exponent);
        Some(())
    }
}

fn basic(f: FunctionId) -> bool {
    let k = known();
    [k.sin, k.cos, k.sinh, k.cosh].contains(&f)
}

fn tangent(f: FunctionId) -> bool {
    [known().tan, known().tanh].contains(&f)
}
