//! Sums in normal form: collected, their content taken out, their first coefficient positive.

use smallvec::SmallVec;
use std::sync::Arc;

use crate::Rational;
use crate::graph::{Graph, Shape};
use crate::op::{NodeId, Op, Sum};

/// A sum within a sum is taken apart if it has at most so many terms, or if all together have.
const MAX_INNER: usize = 16;
const MAX_TERMS: usize = 256;

/// A coefficient and the node it multiplies.
pub(crate) type Term = (Rational, NodeId);

impl Graph {
    /// `sum coefficient * node` in normal form. All nodes have the same shape.
    pub fn sum(&mut self, terms: &[Term]) -> NodeId {
        let mut flat: SmallVec<[Term; 16]> = SmallVec::new();
        let mut shape: Option<Shape> = None;
        for (c, node) in terms {
            if c.is_zero() {
                continue;
            }
            if shape.is_none() && !self.is_scalar(*node) {
                shape = Some(self.shape(*node).clone());
            }
            self.gather_term(&mut flat, c, *node, terms.len());
        }
        let shape = shape.unwrap_or_default();
        if flat.len() == 1 && !flat[0].0.is_zero() {
            let (c, node) = flat.swap_remove(0);
            return self.scaled(c, node);
        }
        self.collect(flat, shape)
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
    pub(crate) fn scaled(&mut self, c: Rational, a: NodeId) -> NodeId {
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
        match self.op(core) {
            Op::Add(sum) => {
                sum.order.iter().map(|&i| &sum.terms[i as usize]).map(|(k, n)| (&c * k, *n)).collect()
            }
            _ => vec![(c, core)],
        }
    }

    fn gather_term(&mut self, flat: &mut SmallVec<[Term; 16]>, c: &Rational, node: NodeId, outer: usize) {
        let (k, core) = self.split_coefficient(node);
        let mut c = c * &k;
        let core = match self.op(core) {
            Op::Call(f, _) if *f == crate::known::known().pow => self.without_whole_powers(core, &mut c),
            _ => core,
        };
        if let Op::Add(sum) = self.op(core)
            && (sum.terms.len() <= MAX_INNER || sum.terms.len() + outer + flat.len() <= MAX_TERMS)
        {
            flat.extend(sum.order.iter().map(|&i| &sum.terms[i as usize]).map(|(k, n)| (&c * k, *n)));
        } else if !c.is_zero() {
            flat.push((c, core));
        }
    }

    /// `2^(u + 3)` as `8*2^u`, so that it meets `2^u` among the terms: the number goes into the coefficient.
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

    fn collect(&mut self, flat: SmallVec<[Term; 16]>, shape: Shape) -> NodeId {
        // Sorted by node for equality; the place of the first appearance is kept for printing.
        let mut tagged: SmallVec<[(NodeId, u32, Rational); 16]> =
            flat.into_iter().enumerate().map(|(i, (c, node))| (node, i as u32, c)).collect();
        tagged.sort_by_key(|(node, place, _)| (*node, *place));
        let mut merged: SmallVec<[(NodeId, u32, Rational); 16]> = SmallVec::with_capacity(tagged.len());
        for (node, place, c) in tagged {
            match merged.last_mut() {
                Some((last, _, k)) if *last == node => *k = &*k + &c,
                _ => merged.push((node, place, c)),
            }
        }
        merged.retain(|(_, _, c)| !c.is_zero());
        match &merged[..] {
            [] => return self.zeros(shape),
            [(node, _, c)] => return self.scaled(c.clone(), *node),
            _ => {}
        }
        let mut content = merged[0].2.abs();
        for (_, _, c) in &merged[1..] {
            if content.is_one() {
                break;
            }
            content = content.content(c);
        }
        // A content of 1 can still hide a common denominator.
        if content.is_one() {
            for (_, _, c) in &merged {
                content = content.content(c);
            }
        }
        if merged[0].2.is_negative() {
            content = -&content;
        }
        if !content.is_one()
            && let Some(inverse) = content.recip()
        {
            merged.iter_mut().for_each(|(_, _, c)| *c = &*c * &inverse);
        }
        let mut order: SmallVec<[(u32, u32); 16]> =
            merged.iter().enumerate().map(|(i, (_, place, _))| (*place, i as u32)).collect();
        order.sort_unstable();
        let sum = Sum {
            terms: merged.into_iter().map(|(node, _, c)| (c, node)).collect(),
            order: order.into_iter().map(|(_, i)| i).collect(),
            flipped: content.is_negative(),
        };
        let node = if shape.is_empty() {
            self.intern(Op::Add(Arc::new(sum)), shape)
        } else {
            self.intern_tensor_sum(sum, shape)
        };
        self.scaled(content, node)
    }
}
