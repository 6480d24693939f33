//! Substitution: a node for a symbol, everywhere, with normal forms made anew.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::Rational;
use crate::graph::Graph;
use crate::op::{Args, Factor, Loop, LoopState, NodeId, Op, Sign, SymbolId};

impl Graph {
    /// Nodes with several symbols replaced at once.
    pub(crate) fn substitute_each(&mut self, nodes: &[NodeId], with: &[(SymbolId, NodeId)]) -> Vec<NodeId> {
        let mut done: FxHashMap<NodeId, NodeId> =
            with.iter().map(|(symbol, new)| (self.symbol_node(*symbol), *new)).collect();
        let mut all: Vec<NodeId> = nodes.iter().flat_map(|node| self.topological(*node)).collect();
        all.sort_unstable();
        all.dedup();
        for id in all {
            if done.contains_key(&id) {
                continue;
            }
            let of = |n: NodeId| done.get(&n).copied().unwrap_or(n);
            let mut changed = false;
            let new = match self.op(id) {
                // In its body the symbols that it binds are others.
                Op::Loop(made) if with.iter().any(|(symbol, _)| made.binds(*symbol)) => {
                    let made = made.clone();
                    let free: Vec<(SymbolId, NodeId)> =
                        with.iter().filter(|(symbol, _)| !made.binds(*symbol)).copied().collect();
                    let bodies: Vec<NodeId> = made.states.iter().map(|state| state.next).collect();
                    let bodies = if free.is_empty() { bodies } else { self.substitute_each(&bodies, &free) };
                    let states = made.states.iter().zip(bodies);
                    let states = states
                        .map(|(s, next)| LoopState { symbol: s.symbol, first: of(s.first), next })
                        .collect();
                    self.run_loop(Loop { count: of(made.count), states, ..(*made).clone() })
                }
                _ => {
                    self.for_each_child(id, |child| changed |= of(child) != child);
                    if changed { self.rebuild(id, &of) } else { id }
                }
            };
            done.insert(id, new);
        }
        nodes.iter().map(|node| done.get(node).copied().unwrap_or(*node)).collect()
    }

    /// `node` with `with` in place of a symbol.
    pub fn substitute(&mut self, node: NodeId, symbol: SymbolId, with: NodeId) -> NodeId {
        if !self.may_contain(node, symbol) {
            return node;
        }
        let target = self.symbol_node(symbol);
        let mut done: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        done.insert(target, with);
        for id in self.topological_where(node, |child| self.may_contain(child, symbol)) {
            let of = |n: NodeId| done.get(&n).copied().unwrap_or(n);
            let new = match self.op(id) {
                Op::Symbol(_) => of(id),
                Op::Loop(made) if made.binds(symbol) => {
                    let made = made.clone();
                    self.around_bound(&made, &of)
                }
                _ => self.rebuild(id, &of),
            };
            done.insert(id, new);
        }
        done[&node]
    }

    /// The node with each child replaced, in normal form.
    pub fn rebuild(&mut self, node: NodeId, map: &dyn Fn(NodeId) -> NodeId) -> NodeId {
        match self.op(node).clone() {
            Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) => node,
            Op::Add(sum) => {
                let terms: SmallVec<[(Rational, NodeId); 4]> = sum
                    .order
                    .iter()
                    .map(|&i| &sum.terms[i as usize])
                    .map(|(c, n)| (c.clone(), map(*n)))
                    .collect();
                self.sum(&terms)
            }
            Op::Contract(c) if c.sizes.is_empty() => {
                let powers: SmallVec<[(NodeId, Rational); 4]> =
                    c.factors.iter().map(|f| (map(f.node), f.exponent.clone())).collect();
                self.product(c.coefficient.clone(), &powers)
            }
            Op::Contract(c) => {
                let factors = c.factors.iter().map(|f| Factor { node: map(f.node), ..f.clone() }).collect();
                let sizes = c.sizes.iter().map(|s| map(*s)).collect();
                self.contract(c.coefficient.clone(), factors, c.out.clone(), sizes)
            }
            Op::Call(f, args) => {
                let args: Args = args.iter().map(|a| map(*a)).collect();
                self.call(f, &args)
            }
            Op::Compare(sign, d) => {
                let d = map(d);
                match sign {
                    Sign::Positive => self.positive(d),
                    Sign::NonNegative => self.nonnegative(d),
                    Sign::Zero => self.is_zero_condition(d),
                }
            }
            Op::Not(a) => {
                let a = map(a);
                self.not(a)
            }
            Op::And(list) => {
                let parts: Vec<NodeId> = list.iter().map(|a| map(*a)).collect();
                self.and(&parts)
            }
            Op::Or(list) => {
                let parts: Vec<NodeId> = list.iter().map(|a| map(*a)).collect();
                self.or(&parts)
            }
            Op::Select(c, a, b) => {
                let (c, a, b) = (map(c), map(a), map(b));
                self.select(c, a, b)
            }
            Op::Integral { body, variable, from, to } => {
                let (body, from, to) = (map(body), map(from), map(to));
                self.integral(body, variable, from, to)
            }
            Op::Reduce(how, a, axes) => self.reduce(how, map(a), axes as usize),
            Op::Linear(op, a) => self.linear(op, map(a)),
            Op::Iota(size) => self.iota(map(size)),
            Op::OneHot(index, size) => self.one_hot(map(index), map(size)),
            Op::Loop(made) => self.rebuild_loop(&made, map),
        }
    }
}
