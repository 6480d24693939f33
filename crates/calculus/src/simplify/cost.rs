//! The cost of reading a formula: about how many tokens it prints as.

use agnesi_graph::{Contract, Graph, NodeId, Op, Rational, known};
use smallvec::SmallVec;

/// Costs of the nodes of one graph, each computed once; 0 where it is not known yet.
#[derive(Default)]
pub struct Costs(Vec<u32>);

/// Past this nothing is compared any more.
const MAX: u32 = 1 << 28;

impl Costs {
    /// How many tokens a node prints as, about.
    pub fn of(&mut self, g: &Graph, node: NodeId) -> u32 {
        if let Some(&cost) = self.0.get(node.index())
            && cost > 0
        {
            return cost;
        }
        if self.0.len() < g.len() {
            self.0.resize(g.len() + g.len() / 2, 0);
        }
        let mut stack: SmallVec<[NodeId; 32]> = SmallVec::new();
        stack.push(node);
        while let Some(&top) = stack.last() {
            if self.0[top.index()] > 0 {
                stack.pop();
                continue;
            }
            let before = stack.len();
            g.for_each_child(top, |c| {
                if self.0[c.index()] == 0 {
                    stack.push(c);
                }
            });
            if stack.len() == before {
                self.0[top.index()] = self.compute(g, top).clamp(1, MAX);
                stack.pop();
            }
        }
        self.0[node.index()]
    }

    fn known(&self, node: NodeId) -> u32 {
        self.0[node.index()]
    }

    fn compute(&self, g: &Graph, node: NodeId) -> u32 {
        match g.op(node) {
            Op::Symbol(_) | Op::Constant(_) | Op::Truth(_) => 1,
            Op::Add(sum) => self.sum(g, &Rational::ONE, &sum.terms),
            Op::Contract(c) => match &*c.factors {
                [f] if f.exponent.is_one() && c.sizes.is_empty() => match g.op(f.node) {
                    Op::Add(sum) => self.sum(g, &c.coefficient, &sum.terms),
                    _ => self.product(g, c) + c.coefficient.is_negative() as u32,
                },
                _ => self.product(g, c) + c.coefficient.is_negative() as u32,
            },
            Op::Call(f, args) if *f == known().pow => {
                let brackets = |n: &NodeId| 2 * !matches!(g.op(*n), Op::Symbol(_) | Op::Constant(_)) as u32;
                args.iter().map(|a| self.known(*a) + brackets(a)).sum::<u32>() + 1
            }
            Op::Call(_, args) => 2 + args.iter().map(|a| self.known(*a) + 1).sum::<u32>(),
            Op::Compare(_, d) => self.known(*d) + 2,
            Op::Not(a) => self.known(*a),
            Op::And(list) | Op::Or(list) => list.iter().map(|a| self.known(*a) + 1).sum(),
            Op::Select(c, a, b) => 3 + self.known(*c) + self.known(*a) + self.known(*b),
            Op::Integral { body, from, to, .. } => {
                8 + self.known(*body) + self.known(*from) + self.known(*to)
            }
            Op::Reduce(_, a, _) | Op::Linear(_, a) | Op::Iota(a) => 3 + self.known(*a),
            Op::Loop(made) => made
                .states
                .iter()
                .map(|s| self.known(s.first) + self.known(s.next) + 2)
                .fold(8 + self.known(made.count), u32::saturating_add),
            Op::OneHot(index, size) => 4 + self.known(*index) + self.known(*size),
        }
    }

    fn sum(&self, g: &Graph, scale: &Rational, terms: &[(Rational, NodeId)]) -> u32 {
        let mut total = terms.len() as u32 - 1;
        let mut all_negative = true;
        for (c, node) in terms {
            let c = scale * c;
            all_negative &= c.is_negative();
            total = total.saturating_add(self.term(g, &c.abs(), *node));
        }
        total + all_negative as u32
    }

    fn term(&self, g: &Graph, c: &Rational, node: NodeId) -> u32 {
        if node == g.one() {
            return number(c);
        }
        if c.is_one() {
            return self.known(node);
        }
        match g.op(node) {
            Op::Contract(inner) if inner.sizes.is_empty() => self.product_of(g, c, inner),
            Op::Add(_) => self.known(node) + 2 + number(c) + 1,
            _ => {
                let (n, d) = parts(c);
                self.known(node) + if n { 2 } else { 0 } + if d { 2 } else { 0 }
            }
        }
    }

    fn product(&self, g: &Graph, c: &Contract) -> u32 {
        if c.factors.is_empty() {
            return number(&c.coefficient.abs());
        }
        self.product_of(g, &c.coefficient.abs(), c)
    }

    fn product_of(&self, g: &Graph, coefficient: &Rational, c: &Contract) -> u32 {
        let (n, d) = parts(coefficient);
        let (mut above, mut above_count) = (n as u32, n as u32);
        let (mut below, mut below_count) = (d as u32, d as u32);
        for f in &c.factors {
            let brackets = 2 * matches!(g.op(f.node), Op::Add(_) | Op::Contract(_) | Op::Select(..)) as u32;
            let base = self.known(f.node);
            let e = f.exponent.abs();
            let cost = if e.is_one() {
                base + brackets
            } else if e == Rational::HALF {
                base + 3
            } else if e.is_integer() {
                base + brackets + 2
            } else {
                base + brackets + 6
            };
            if f.exponent.is_negative() {
                below = below.saturating_add(cost);
                below_count += 1;
            } else {
                above = above.saturating_add(cost);
                above_count += 1;
            }
        }
        let above = if above_count == 0 { 1 } else { above.saturating_add(above_count - 1) };
        match below_count {
            0 => above,
            1 => above.saturating_add(below).saturating_add(1),
            k => above.saturating_add(below).saturating_add(k - 1 + 3),
        }
    }
}

/// Whether a coefficient prints something above and below the line.
fn parts(c: &Rational) -> (bool, bool) {
    match c.small() {
        Some((n, d)) => (n.abs() != 1, d != 1),
        None => (true, !c.is_integer()),
    }
}

fn number(c: &Rational) -> u32 {
    (if c.is_integer() { 1 } else { 3 }) + c.is_negative() as u32
}
