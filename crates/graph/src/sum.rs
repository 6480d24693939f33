//! Sums in normal form: collected, their content taken out, their first coefficient positive.

use smallvec::SmallVec;
use std::sync::Arc;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{NodeId, Op, Sum};

/// A sum within a sum is taken apart if it has at most so many terms, or if all together have.
const MAX_INNER: usize = 16;
const MAX_TERMS: usize = 256;

/// A coefficient and the node it multiplies.
pub(crate) type Term = (Rational, NodeId);

/// A term on its way into a sum, and where it came.
struct Placed {
    node: NodeId,
    place: u32,
    coefficient: Rational,
}

type Flat = SmallVec<[Placed; 8]>;

impl Graph {
    /// `sum coefficient * node` in normal form. All nodes have the same shape.
    pub fn sum(&mut self, terms: &[Term]) -> NodeId {
        if let [(c, node)] = terms
            && self.is_scalar(*node)
            && self.is_one_term(*node)
        {
            return self.scale(c.clone(), *node);
        }
        let mut flat: Flat = SmallVec::new();
        let mut shape: Option<Shape> = None;
        for (c, node) in terms {
            if shape.is_none() && !self.is_scalar(*node) {
                shape = Some(self.shape(*node).clone());
            }
            if c.is_zero() {
                continue;
            }
            self.gather_term(&mut flat, c, *node, terms.len());
        }
        let shape = shape.unwrap_or_default();
        if flat.len() == 1 && !flat[0].coefficient.is_zero() {
            let Placed { coefficient, node, .. } = flat.swap_remove(0);
            return self.scaled(coefficient, node);
        }
        self.collect(flat, shape)
    }

    /// Whether a node is what its terms would make of it.
    fn is_one_term(&self, node: NodeId) -> bool {
        match self.op(node) {
            Op::Contract(c) => c.factors.len() != 1 && c.sizes.is_empty(),
            Op::Call(f, _) => *f != known().pow,
            _ => true,
        }
    }

    /// `a + b`.
    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.sum(&[(Rational::ONE, a), (Rational::ONE, b)])
    }

    /// `a - b`.
    pub fn sub(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.sum(&[(Rational::ONE, a), (Rational::MINUS_ONE, b)])
    }

    /// `-a`.
    pub fn neg(&mut self, a: NodeId) -> NodeId {
        self.scaled(Rational::MINUS_ONE, a)
    }

    /// `c*a` for a node of any shape.
    pub fn scaled(&mut self, c: Rational, a: NodeId) -> NodeId {
        if c.is_one() {
            a
        } else if self.is_scalar(a) {
            self.scale(c, a)
        } else {
            self.scale_tensor(c, a)
        }
    }

    /// The terms of a node as a sum with its coefficients multiplied out, in the order they are to be printed.
    pub fn terms(&mut self, node: NodeId) -> Vec<(Rational, NodeId)> {
        let (c, core) = self.split_coefficient(node);
        let Op::Add(sum) = self.op(core) else { return vec![(c, core)] };
        let sum = Arc::clone(sum);
        let terms = sum.order.iter().map(|&i| &sum.terms[i as usize]);
        terms.map(|(k, n)| self.scale_branch(&c * k, *n)).collect()
    }

    fn gather_term(&mut self, flat: &mut Flat, c: &Rational, node: NodeId, outer: usize) {
        let (k, core) = self.split_coefficient(node);
        let mut c = c * &k;
        let core = match self.op(core) {
            Op::Call(..) if self.is_power(core) => self.without_whole_powers(core, &mut c),
            Op::Contract(product)
                if product.sizes.is_empty() && product.factors.iter().any(|f| self.is_power(f.node)) =>
            {
                let factors = product.factors.clone();
                let powers =
                    factors.into_iter().map(|f| match f.exponent.is_one() && self.is_power(f.node) {
                        true => (self.without_whole_powers(f.node, &mut c), f.exponent),
                        false => (f.node, f.exponent),
                    });
                let powers: SmallVec<[(NodeId, Rational); 4]> = powers.collect();
                self.product(Rational::ONE, &powers)
            }
            _ => core,
        };
        if let Op::Add(sum) = self.op(core)
            && (sum.terms.len() <= MAX_INNER || sum.terms.len() + outer + flat.len() <= MAX_TERMS)
        {
            for &i in &sum.order {
                let (k, node) = &sum.terms[i as usize];
                flat.push(Placed { node: *node, place: flat.len() as u32, coefficient: &c * k });
            }
        } else if !c.is_zero() {
            flat.push(Placed { node: core, place: flat.len() as u32, coefficient: c });
        }
    }

    fn is_power(&self, node: NodeId) -> bool {
        matches!(self.op(node), Op::Call(f, _) if *f == known().pow)
    }

    /// Of a power, `2^(u + 3)` as `8*2^u`, so that it meets `2^u` among the terms: the number goes into the coefficient.
    fn without_whole_powers(&mut self, power: NodeId, coefficient: &mut Rational) -> NodeId {
        let one = self.one();
        let Some((f, &[base, exponent])) = self.as_call(power).map(|(f, args)| (f, &args[..])) else {
            return power;
        };
        let Some(value) = self.as_number(base).filter(|v| v.is_positive()).cloned() else { return power };
        let (k, core) = self.split_coefficient(exponent);
        let Op::Add(sum) = self.op(core) else { return power };
        let Some((constant, _)) = sum.terms.iter().find(|(_, node)| *node == one) else { return power };
        let whole = (&k * constant).floor();
        let Some(number) = whole.as_integer().filter(|n| (1..=64).contains(&n.abs())) else { return power };
        let Some(number) = value.pow(number).filter(|n| n.bits() <= 256) else { return power };
        *coefficient = &*coefficient * &number;
        let rest = self.sum(&[(Rational::ONE, exponent), (-&whole, one)]);
        self.call(f, &[base, rest])
    }

    fn collect(&mut self, mut merged: Flat, shape: Shape) -> NodeId {
        // Sorted by node for equality; the place of the first appearance is kept for printing.
        merged.sort_unstable_by_key(|t| (t.node, t.place));
        merged.dedup_by(|again, first| {
            let same = again.node == first.node;
            if same {
                first.coefficient = &first.coefficient + &again.coefficient;
            }
            same
        });
        merged.retain(|t| !t.coefficient.is_zero());
        match &merged[..] {
            [] => return self.zeros(shape),
            [t] => return self.scaled(t.coefficient.clone(), t.node),
            _ => {}
        }
        let mut content = merged[0].coefficient.abs();
        for t in &merged[1..] {
            if content.is_one() {
                break;
            }
            content = content.content(&t.coefficient);
        }
        // A content of 1 can still hide a common denominator.
        if content.is_one() && !merged.iter().all(|t| t.coefficient.is_integer()) {
            for t in &merged {
                content = content.content(&t.coefficient);
            }
        }
        if merged[0].coefficient.is_negative() {
            content = -&content;
        }
        if !content.is_one()
            && let Some(inverse) = content.recip()
        {
            merged.iter_mut().for_each(|t| t.coefficient = &t.coefficient * &inverse);
        }
        if self.scale_branches(&mut merged) {
            let node = self.collect(merged, shape);
            return self.scaled(content, node);
        }
        let mut order: SmallVec<[u32; 4]> = (0..merged.len() as u32).collect();
        order.sort_unstable_by_key(|&i| merged[i as usize].place);
        let terms = merged.iter().map(|t| (t.coefficient.clone(), t.node)).collect();
        let sum = Sum { terms, order, flipped: content.is_negative() };
        let node =
            if shape.is_empty() { self.intern_sum(sum, shape) } else { self.intern_tensor_sum(sum, shape) };
        self.scaled(content, node)
    }

    /// Whether there are terms as `2*(if c then a else 0)`, which is read as `if c then 2*a else 0` and made that here.
    fn scale_branches(&mut self, terms: &mut Flat) -> bool {
        let mut changed = false;
        for t in terms {
            let (coefficient, node) = self.scale_branch(t.coefficient.clone(), t.node);
            changed |= node != t.node;
            (t.coefficient, t.node) = (coefficient, node);
        }
        changed
    }

    fn scale_branch(&mut self, coefficient: Rational, node: NodeId) -> Term {
        let Op::Select(_, a, b) = *self.op(node) else { return (coefficient, node) };
        let magnitude = coefficient.abs();
        if magnitude.is_one() || !(self.is_zero(a) || self.is_zero(b)) || !self.is_scalar(node) {
            return (coefficient, node);
        }
        let sign = if coefficient.is_negative() { Rational::MINUS_ONE } else { Rational::ONE };
        (sign, self.scale(magnitude, node))
    }
}
