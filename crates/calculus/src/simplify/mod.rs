//! Simplification: the same value wherever the original was defined, in fewer tokens.
//!
//! Three layers. Constructors have already put every node into normal form. Then, from the leaves up, a sum or product
//! whose parts can meet is written as a fraction of polynomials in its generators (`field.rs`), where cancellation,
//! common denominators and `sin^2 + cos^2 = 1` are exact algebra, and its possible forms compete with the form it had.
//! Then the table's laws with a sum or product on their left side are tried. The cheapest to read wins; a tie keeps
//! what was there. Work is bounded: where a bound is reached, the node stays as it was.

mod cost;
mod direct;
mod field;
mod fraction;
mod poly;
mod trigonometric;

use agnesi_functions::FunctionId;
use agnesi_graph::{Graph, NodeId, Op, Rational, known};
use smallvec::SmallVec;

use cost::Costs;
use field::Field;

/// Simplifies nodes of one graph; what it has seen it knows.
#[derive(Default)]
pub struct Simplifier {
    done: Done,
    costs: Costs,
}

/// The simplest form found of each node, by its place.
#[derive(Default)]
struct Done(Vec<Option<NodeId>>);

impl Done {
    fn get(&self, node: NodeId) -> Option<NodeId> {
        self.0.get(node.index()).copied().flatten()
    }

    fn contains(&self, node: NodeId) -> bool {
        self.get(node).is_some()
    }

    fn insert(&mut self, node: NodeId, form: NodeId) {
        if self.0.len() <= node.index() {
            self.0.resize(node.index() + node.index() / 2 + 16, None);
        }
        self.0[node.index()] = Some(form);
    }
}

/// A sum or product with more parts is left to the constructors.
const MAX_PARTS: usize = 64;
/// A factor that all terms share is set aside unexpanded from so many tokens on.
const LARGE_FACTOR: u32 = 10;
/// Forms of a node are tried again on the winner at most so often.
const MAX_ROUNDS: u32 = 3;

impl Simplifier {
    /// The node in the fewest tokens found. Its value is the same wherever the node was defined; it may be defined at
    /// more points (x/x is 1), which [`crate::lost_conditions`] tells.
    pub fn simplify(&mut self, g: &mut Graph, root: NodeId) -> NodeId {
        if let Some(done) = self.done.get(root) {
            return done;
        }
        let mut stack: SmallVec<[NodeId; 32]> = SmallVec::new();
        stack.push(root);
        while let Some(&top) = stack.last() {
            if self.done.contains(top) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            let done = &self.done;
            g.for_each_child(top, |c| {
                if !done.contains(c) {
                    stack.push(c);
                }
            });
            if stack.len() > before {
                continue;
            }
            stack.pop();
            let mut changed = false;
            g.for_each_child(top, |c| changed |= done.get(c) != Some(c));
            let rebuilt = if changed { g.rebuild(top, &|n| done.get(n).unwrap_or(n)) } else { top };
            let best = match self.done.get(rebuilt) {
                Some(known) => known,
                None => self.improve(g, rebuilt),
            };
            // Simple parts may meet in a longer whole than they came from.
            let longer = best != top && self.costs.of(g, best) > self.costs.of(g, top);
            let best = if longer { top } else { best };
            self.done.insert(top, best);
            self.done.insert(best, best);
        }
        self.done.get(root).unwrap_or(root)
    }

    /// How many tokens a node prints as, about.
    pub fn cost(&mut self, g: &mut Graph, node: NodeId) -> u32 {
        self.costs.of(g, node)
    }

    /// Whether algebra takes a node for one thing, whatever is in it.
    pub(crate) fn is_opaque(&mut self, g: &Graph, node: NodeId) -> bool {
        matches!(g.op(node), Op::Add(_)) && self.costs.of(g, node) >= field::OPAQUE
    }

    /// Takes nodes for simple where nothing is known of them yet.
    pub(crate) fn keep(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        for node in nodes {
            if !self.done.contains(node) {
                self.done.insert(node, node);
            }
        }
    }

    /// The cheapest form found of a node whose children are simple.
    fn improve(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        let (c, core) = g.split_coefficient(node);
        if core != node && matches!(g.op(core), Op::Add(_)) && !self.done.contains(core) {
            // A sum of simple parts that constructors turned into a multiple of a new sum.
            let better = self.improve(g, core);
            self.done.insert(core, better);
            return g.scaled(c, better);
        }
        let mut best = node;
        for _ in 0..MAX_ROUNDS {
            if !parts_can_meet(g, best) {
                break;
            }
            if let Some((common, rest)) = self.shared_factor(g, best) {
                // What all terms share is set aside whole, however large it is; algebra works on the rest.
                let rest = self.improve(g, rest);
                self.done.insert(rest, rest);
                let mut powers = common;
                powers.push((rest, Rational::ONE));
                let product = g.product(Rational::ONE, &powers);
                if self.costs.of(g, product) <= self.costs.of(g, best) {
                    return product;
                }
                break;
            }
            if let Some(form) = direct::best_form(g, &mut self.costs, best) {
                let settled = self.settle_children(g, form);
                if settled == form {
                    return form;
                }
                best = settled;
                continue;
            }
            let start = best;
            best = self.cheapest_form(g, best);
            if best == start {
                break;
            }
            // What won may have parts that are new: they are simplified in their turn.
            best = self.settle_children(g, best);
        }
        best
    }

    /// The factors that all terms of a sum share, if any of them is a large one, and the sum without them.
    fn shared_factor(&mut self, g: &mut Graph, node: NodeId) -> Option<(Vec<(NodeId, Rational)>, NodeId)> {
        let Op::Add(sum) = g.op(node) else { return None };
        let Op::Contract(first) = g.op(sum.terms[0].1) else { return None };
        let mut common: Vec<(NodeId, Rational)> =
            first.factors.iter().map(|f| (f.node, f.exponent.clone())).collect();
        for (_, term) in &sum.terms[1..] {
            match g.op(*term) {
                Op::Contract(c) => {
                    common.retain(|(node, e)| c.factors.iter().any(|f| f.node == *node && f.exponent == *e))
                }
                _ => common.retain(|(node, e)| node == term && e.is_one()),
            }
            if common.is_empty() {
                return None;
            }
        }
        let terms = sum.terms.clone();
        let order = sum.order.clone();
        if !common.iter().any(|(node, _)| self.costs.of(g, *node) >= LARGE_FACTOR) {
            return None;
        }
        let below: SmallVec<[(NodeId, Rational); 8]> = common.iter().map(|(n, e)| (*n, -e)).collect();
        let mut rest: Vec<(Rational, NodeId)> = Vec::with_capacity(terms.len());
        for i in order {
            let (c, term) = &terms[i as usize];
            let mut powers = below.clone();
            powers.push((*term, Rational::ONE));
            rest.push((c.clone(), g.product(Rational::ONE, &powers)));
        }
        let rest = g.sum(&rest);
        // Where constructors put the factor back under another name, nothing has been set aside.
        (self.costs.of(g, rest) < self.costs.of(g, node)).then_some((common, rest))
    }

    fn settle_children(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        let mut children: SmallVec<[NodeId; 8]> = SmallVec::new();
        g.for_each_child(node, |c| children.push(c));
        let mut changed = false;
        for child in children {
            if !self.done.contains(child) {
                let improved =
                    if matches!(g.op(child), Op::Add(_)) { self.improve_once(g, child) } else { child };
                self.done.insert(child, improved);
                changed |= improved != child;
            }
        }
        if !changed {
            return node;
        }
        let done = &self.done;
        g.rebuild(node, &|n| done.get(n).unwrap_or(n))
    }

    /// One round on a new child: its own children are parts of what was simple already.
    fn improve_once(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        if !parts_can_meet(g, node) {
            return node;
        }
        match direct::best_form(g, &mut self.costs, node) {
            Some(form) => form,
            None => self.cheapest_form(g, node),
        }
    }

    /// The cheapest of the forms that algebra and trigonometry find; the node itself unless one is cheaper.
    fn cheapest_form(&mut self, g: &mut Graph, node: NodeId) -> NodeId {
        let mut candidates: Vec<NodeId> = Vec::new();
        algebraic_forms(g, &mut self.costs, node, &mut candidates);
        trigonometric::forms(g, node, &mut candidates);
        let (mut best, mut lowest) = (node, self.costs.of(g, node));
        for (i, &candidate) in candidates.iter().enumerate() {
            if candidate == node || candidates[..i].contains(&candidate) {
                continue;
            }
            let candidate = trigonometric::compact(g, candidate);
            let cost = self.costs.of(g, candidate);
            if cost < lowest {
                (best, lowest) = (candidate, cost);
            }
        }
        best
    }
}

fn algebraic_forms(g: &mut Graph, costs: &mut Costs, node: NodeId, out: &mut Vec<NodeId>) {
    let Some(mut field) = Field::of(g, costs, node) else { return };
    let Some(fraction) = field.convert(g, node) else { return };
    for variant in 0..field.variants(&fraction) {
        if field.candidates(g, &fraction, variant, out).is_none() {
            return;
        }
    }
}

/// Whether algebra could change a node at all: a sum whose terms share something, or a product with something to
/// cancel. Most sums and products of a derivative fail this, which keeps simplification fast.
fn parts_can_meet(g: &Graph, node: NodeId) -> bool {
    match g.op(node) {
        Op::Add(sum) => {
            if sum.terms.len() > MAX_PARTS {
                return false;
            }
            let mut seen: SmallVec<[NodeId; 16]> = SmallVec::new();
            let mut circular: SmallVec<[NodeId; 8]> = SmallVec::new();
            let (mut exponentials, mut sigmoids) = (0, 0);
            let mut meets = false;
            for (_, term) in &sum.terms {
                let mut here: SmallVec<[NodeId; 8]> = SmallVec::new();
                each_base(g, *term, &mut |base, below| {
                    // A sum below the line can be brought under one line with the other terms.
                    meets |= below && is_sum(g, base);
                    if let Op::Call(f, args) = g.op(base) {
                        if is_circular(*f) {
                            circular.push(args[0]);
                        }
                        exponentials += (*f == known().exp) as u32;
                        sigmoids += (*f == known().sigmoid) as u32;
                    }
                    here.push(base);
                });
                for base in here {
                    if seen.contains(&base) {
                        meets = true;
                    } else {
                        seen.push(base);
                    }
                }
            }
            circular.sort_unstable();
            meets
                || exponentials > 1
                || sigmoids > 1
                || (sigmoids == 1 && sum.terms.len() == 2)
                || circular.windows(2).any(|w| w[0] == w[1])
                || (circular.len() == 1 && sum.terms.len() == 2)
        }
        Op::Contract(c) if c.sizes.is_empty() => {
            let mut sums_below = false;
            let mut sums = 0;
            let mut circular: SmallVec<[NodeId; 8]> = SmallVec::new();
            for f in &c.factors {
                if is_sum(g, f.node) {
                    sums += 1;
                    sums_below |= f.exponent.is_negative() || !f.exponent.is_integer();
                } else if let Some((h, args)) = g.as_call(f.node)
                    && is_circular(h)
                {
                    circular.push(args[0]);
                }
            }
            circular.sort_unstable();
            (sums_below && c.factors.len() > 1 && sums <= 6)
                || circular.windows(2).any(|w| w[0] == w[1])
                || (!circular.is_empty() && (sums > 0 || c.factors.iter().any(|f| f.exponent.is_negative())))
                || only_numeric_sum(g, &c.factors, sums)
        }
        _ => false,
    }
}

/// A product of sums of numbers, such as (1 + sqrt(2))*(1 - sqrt(2)).
fn only_numeric_sum(g: &Graph, factors: &[agnesi_graph::Factor], sums: usize) -> bool {
    sums > 1 && factors.iter().all(|f| g.is_closed(f.node))
}

/// Whether a node is a sum, or a multiple of one: below a root `x - 1` stands as `-(1 - x)`.
fn is_sum(g: &Graph, node: NodeId) -> bool {
    let is_add = |node| matches!(g.op(node), Op::Add(_));
    is_add(node)
        || matches!(g.op(node), Op::Contract(c) if c.sizes.is_empty()
            && matches!(&*c.factors, [f] if f.exponent.is_one() && is_add(f.node)))
}

fn each_base(g: &Graph, term: NodeId, visit: &mut dyn FnMut(NodeId, bool)) {
    match g.op(term) {
        Op::Contract(c) if c.sizes.is_empty() => {
            for f in &c.factors {
                // The bases of a sum's terms meet those of its neighbours when it is multiplied out.
                if let Op::Add(sum) = g.op(f.node)
                    && f.exponent == Rational::ONE
                    && sum.terms.len() <= 8
                {
                    sum.terms.iter().for_each(|(_, t)| match g.op(*t) {
                        Op::Contract(inner) => inner.factors.iter().for_each(|f| visit(f.node, false)),
                        _ => visit(*t, false),
                    });
                }
                visit(f.node, f.exponent.is_negative());
            }
        }
        _ => visit(term, false),
    }
}

fn is_circular(f: FunctionId) -> bool {
    let k = known();
    [k.sin, k.cos, k.tan, k.cot, k.sec, k.csc, k.sinh, k.cosh, k.tanh, k.coth, k.sech, k.csch].contains(&f)
}
