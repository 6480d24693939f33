//! Products with a branch that is zero: the other factors go inside, so that nothing infinite of the branch not taken
//! is ever multiplied by its zero.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::Rational;
use crate::graph::Graph;
use crate::known::known;
use crate::op::{NodeId, Op};
use crate::product::Power;

impl Graph {
    /// `(if c then a else 0)*rest` as `if c then a*rest else 0`, and `step(u)*rest` likewise where `rest` divides by
    /// `relu(u)`; `None` where there is no such factor.
    pub(crate) fn product_in_branch(&mut self, coefficient: &Rational, powers: &[Power]) -> Option<NodeId> {
        for (i, (node, e)) in powers.iter().enumerate() {
            if *e == Rational::MINUS_ONE
                && let Some(made) = self.branch_below(coefficient, powers, i)
            {
                return Some(made);
            }
            if !e.is_one() {
                continue;
            }
            let (condition, then, holds) = match self.op(*node) {
                Op::Select(c, a, b) if self.is_zero(*b) => (*c, *a, true),
                Op::Select(c, a, b) if self.is_zero(*a) => (*c, *b, false),
                Op::Call(f, args) if *f == known().step => {
                    let u = args[0];
                    let divides = |(n, k): &Power| {
                        k.is_negative()
                            && matches!(self.op(*n), Op::Call(g, a) if *g == known().relu && a[0] == u)
                    };
                    if !powers.iter().any(divides) {
                        continue;
                    }
                    (self.positive(u), self.one(), true)
                }
                _ => continue,
            };
            let mut inside: SmallVec<[Power; 8]> = SmallVec::new();
            inside.push((then, Rational::ONE));
            for (j, (other, k)) in powers.iter().enumerate() {
                if j != i {
                    inside.push((self.under(*other, condition, holds), k.clone()));
                }
            }
            let value = self.product(coefficient.clone(), &inside);
            let zero = self.zero();
            return Some(if holds {
                self.select(condition, value, zero)
            } else {
                self.select(condition, zero, value)
            });
        }
        None
    }

    /// `1/(2*y*(if c then a else 0))` as `1/(if c then 2*y*a else 0)`: below the line as above it.
    fn branch_below(&mut self, coefficient: &Rational, powers: &[Power], at: usize) -> Option<NodeId> {
        let &Op::Select(_, a, b) = self.op(powers[at].0) else { return None };
        if !self.is_zero(a) && !self.is_zero(b) {
            return None;
        }
        let (below, mut above): (Vec<Power>, Vec<Power>) =
            powers.iter().cloned().partition(|(_, k)| k.is_negative());
        if below.len() == 1 && coefficient.is_integer() {
            return None;
        }
        let below: Vec<Power> = below.into_iter().map(|(node, k)| (node, -&k)).collect();
        let divisor = Rational::from_parts(coefficient.denominator().into(), dashu_int::UBig::ONE)?;
        let line = self.product(divisor.clone(), &below);
        above.push((line, Rational::MINUS_ONE));
        Some(self.product(coefficient * &divisor, &above))
    }

    /// A node where a condition is known to hold, or not to hold: its branches on that condition are decided.
    pub fn under(&mut self, node: NodeId, condition: NodeId, holds: bool) -> NodeId {
        let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        for id in self.topological(node) {
            let decided = match self.op(id) {
                Op::Select(c, a, b) if *c == condition => Some(done[if holds { a } else { b }]),
                Op::Call(f, args) if *f == known().relu || *f == known().step => {
                    let (f, u) = (*f, args[0]);
                    (self.positive(u) == condition).then(|| match (holds, f == known().relu) {
                        (true, true) => done[&u],
                        (true, false) => self.one(),
                        (false, _) => self.zero(),
                    })
                }
                _ => None,
            };
            let new = match decided {
                Some(new) => new,
                None => {
                    let mut changed = false;
                    self.for_each_child(id, |c| changed |= done.get(&c).is_some_and(|n| *n != c));
                    if changed { self.rebuild(id, &|n| done.get(&n).copied().unwrap_or(n)) } else { id }
                }
            };
            done.insert(id, new);
        }
        done[&node]
    }
}
