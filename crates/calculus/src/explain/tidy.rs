//! Sums, products and powers written as a person would: constants collected, no `1*`, `0*` or `+ 0`.
//!
//! Only the outermost sum or product of a new formula is tidied; what the user wrote inside stays as written.
//! Each function keeps the value wherever its operands are defined.

use agnesi_graph::Rational;
use agnesi_syntax::{Binary, Kind, Prefix, TreeId};
use rustc_hash::FxHashMap;

use super::forge::{Amount, Forge, Node};

// Products and sums that share parts can be far larger written out than stored; past this many parts they stay whole.
const MOST_PARTS: usize = 200;
// Numbers past this many bits stay written as they are.
const MOST_BITS: usize = 512;

/// A product taken apart: a number times powers over powers.
struct Product {
    coefficient: Amount,
    above: Vec<(TreeId, i64)>,
    below: Vec<(TreeId, i64)>,
}

impl Product {
    fn one() -> Product {
        Product { coefficient: Amount { value: Rational::ONE, decimal: false }, above: vec![], below: vec![] }
    }

    fn factor(&mut self, base: TreeId, power: i64, inverse: bool) {
        let (here, there) = match inverse {
            false => (&mut self.above, &mut self.below),
            true => (&mut self.below, &mut self.above),
        };
        let mut power = power;
        if let Some(entry) = there.iter_mut().find(|(b, _)| *b == base) {
            let common = power.min(entry.1);
            entry.1 -= common;
            power -= common;
        }
        match here.iter_mut().find(|(b, _)| *b == base) {
            Some(entry) => entry.1 = entry.1.saturating_add(power),
            None => here.push((base, power)),
        }
        self.above.retain(|(_, p)| *p != 0);
        self.below.retain(|(_, p)| *p != 0);
    }

    /// Multiplies the coefficient; false if the number would be too long.
    fn scale(&mut self, by: &Amount, inverse: bool) -> bool {
        let by_value = match inverse {
            false => Some(by.value.clone()),
            true => by.value.recip(),
        };
        let Some(by_value) = by_value else { return false };
        let value = &self.coefficient.value * &by_value;
        if value.bits() > MOST_BITS {
            return false;
        }
        self.coefficient = Amount { value, decimal: self.coefficient.decimal || by.decimal };
        true
    }
}

impl Forge {
    fn take_apart(&mut self, ids: &[TreeId]) -> Product {
        let mut product = Product::one();
        let mut open: Vec<(TreeId, bool)> = ids.iter().rev().map(|&id| (id, false)).collect();
        let mut parts = 0;
        while let Some((id, inverse)) = open.pop() {
            parts += 1;
            if let Some(n) = self.as_amount(id)
                && product.scale(&n, inverse)
            {
                continue;
            }
            match self.tree.kind(id) {
                _ if parts > MOST_PARTS => product.factor(id, 1, inverse),
                Kind::Prefix(Prefix::Neg, a) => {
                    product.coefficient.value = -&product.coefficient.value;
                    open.push((*a, inverse));
                }
                Kind::Binary(Binary::Mul, a, b) => open.extend([(*b, inverse), (*a, inverse)]),
                Kind::Binary(Binary::Div, a, b) => open.extend([(*b, !inverse), (*a, inverse)]),
                Kind::Binary(Binary::Pow, base, power) => {
                    let (base, power) = (*base, *power);
                    match self.as_rational(power).and_then(|p| p.as_integer()) {
                        Some(p) if p > 0 => match self.small_power(base, p) {
                            Some(n) if product.scale(&n, inverse) => {}
                            _ => product.factor(base, p, inverse),
                        },
                        _ => product.factor(id, 1, inverse),
                    }
                }
                _ => product.factor(id, 1, inverse),
            }
        }
        product
    }

    fn small_power(&self, base: TreeId, power: i64) -> Option<Amount> {
        let n = self.as_amount(base)?;
        if n.value.bits().saturating_mul(power.unsigned_abs() as usize) > 128 {
            return None;
        }
        Some(Amount { value: n.value.pow(power)?, decimal: n.decimal })
    }

    fn join(&mut self, powers: &[(TreeId, i64)], variable: &str) -> Option<TreeId> {
        // A person writes what is constant first, then powers of the variable, then the rest.
        let mut ranked: Vec<(u8, TreeId)> = Vec::with_capacity(powers.len());
        for &(base, power) in powers {
            let rank = match () {
                _ if !self.depends(base, variable) => 0,
                _ if self.name_of(base).is_some() => 1,
                _ if matches!(self.tree.kind(base), Kind::Derivative { .. }) => 3,
                _ => 2,
            };
            let factor = match power {
                1 => base,
                p => {
                    let p = self.integer(p);
                    self.raw(Binary::Pow, base, p)
                }
            };
            ranked.push((rank, factor));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let factors = ranked.into_iter().map(|(_, id)| id);
        factors.reduce(|a, b| self.raw(Binary::Mul, a, b))
    }

    fn put_together(&mut self, product: &Product, variable: &str) -> TreeId {
        let n = &product.coefficient;
        if n.value.is_zero() {
            return self.integer(0);
        }
        let size = Amount { value: n.value.abs(), decimal: n.decimal };
        let above = self.join(&product.above, variable);
        let below = self.join(&product.below, variable);
        let whole = |value: Rational| Amount { value, decimal: false };
        let decimal = size.decimal && size.value.to_decimal().is_some();
        let top = Rational::from_parts(size.value.numerator(), 1u8.into()).unwrap_or(Rational::ONE);
        let bottom = &top * &size.value.recip().unwrap_or(Rational::ONE);
        let positive = match (above, below) {
            (None, None) => self.amount(&size),
            (Some(a), None) if size.value.is_one() => a,
            (Some(a), None) if top.is_one() && !decimal => {
                let bottom = self.amount(&whole(bottom));
                self.raw(Binary::Div, a, bottom)
            }
            (Some(a), None) => {
                let size = self.amount(&size);
                self.multiply_in_front(size, a)
            }
            (above, Some(below)) => {
                let (top, bottom) = if decimal { (size, Rational::ONE) } else { (whole(top), bottom) };
                let above = match above {
                    Some(a) if top.value.is_one() => a,
                    Some(a) => {
                        let top = self.amount(&top);
                        self.multiply_in_front(top, a)
                    }
                    None => self.amount(&top),
                };
                let below = match bottom.is_one() {
                    true => below,
                    false => {
                        let bottom = self.amount(&whole(bottom));
                        self.multiply_in_front(bottom, below)
                    }
                };
                self.raw(Binary::Div, above, below)
            }
        };
        match n.value.is_negative() {
            true => self.put(Node::Prefix(Prefix::Neg, positive)),
            false => positive,
        }
    }

    /// `n*(a*b)` as `(n*a)*b`, which prints without brackets.
    fn multiply_in_front(&mut self, number: TreeId, product: TreeId) -> TreeId {
        let mut rest = Vec::new();
        let mut first = product;
        while let Kind::Binary(Binary::Mul, a, b) = self.tree.kind(first) {
            rest.push(*b);
            first = *a;
        }
        let start = self.raw(Binary::Mul, number, first);
        rest.into_iter().rev().fold(start, |a, b| self.raw(Binary::Mul, a, b))
    }

    /// The product, tidied.
    pub fn product(&mut self, factors: &[TreeId], variable: &str) -> TreeId {
        let product = self.take_apart(factors);
        self.put_together(&product, variable)
    }

    /// `a/b`, tidied; as written if `b` is the number zero.
    pub fn quotient(&mut self, a: TreeId, b: TreeId, variable: &str) -> TreeId {
        let fraction = self.raw(Binary::Div, a, b);
        self.product(&[fraction], variable)
    }

    /// `-a`, tidied.
    pub fn negative(&mut self, a: TreeId, variable: &str) -> TreeId {
        let minus = self.integer(-1);
        self.product(&[minus, a], variable)
    }

    /// The sum of terms, each with a sign; like terms are collected.
    pub fn sum(&mut self, terms: &[TreeId], variable: &str) -> TreeId {
        let mut found: Vec<(Amount, TreeId)> = Vec::new();
        let mut place: FxHashMap<TreeId, usize> = FxHashMap::default();
        for (id, negative) in self.terms(terms) {
            let mut product = self.take_apart(&[id]);
            let mut amount = std::mem::replace(&mut product.coefficient, Product::one().coefficient);
            if negative {
                amount.value = -&amount.value;
            }
            // A number is that many times 1.
            let key = self.put_together(&product, variable);
            match place.get(&key) {
                Some(&at) => {
                    let value = &found[at].0.value + &amount.value;
                    found[at].0 = Amount { value, decimal: found[at].0.decimal || amount.decimal };
                }
                None => {
                    place.insert(key, found.len());
                    found.push((amount, key));
                }
            }
        }
        let mut total: Option<TreeId> = None;
        for (amount, key) in found.into_iter().filter(|(n, _)| !n.value.is_zero()) {
            let size = Amount { value: amount.value.abs(), decimal: amount.decimal };
            let size = self.amount(&size);
            let term = self.product(&[size, key], variable);
            total = Some(self.append(total, term, amount.value.is_negative()));
        }
        match total {
            Some(total) => total,
            None => self.integer(0),
        }
    }

    fn append(&mut self, total: Option<TreeId>, term: TreeId, negative: bool) -> TreeId {
        match (total, negative) {
            (None, false) => term,
            (None, true) => self.put(Node::Prefix(Prefix::Neg, term)),
            (Some(total), false) => self.raw(Binary::Add, total, term),
            (Some(total), true) => self.raw(Binary::Sub, total, term),
        }
    }

    /// The terms of a sum as written, true where subtracted.
    pub fn terms(&self, ids: &[TreeId]) -> Vec<(TreeId, bool)> {
        let mut open: Vec<(TreeId, bool)> = ids.iter().rev().map(|&id| (id, false)).collect();
        let mut terms = Vec::new();
        let mut parts = 0;
        while let Some((id, negative)) = open.pop() {
            parts += 1;
            match self.tree.kind(id) {
                _ if parts > MOST_PARTS => terms.push((id, negative)),
                Kind::Binary(Binary::Add, a, b) => open.extend([(*b, negative), (*a, negative)]),
                Kind::Binary(Binary::Sub, a, b) => open.extend([(*b, !negative), (*a, negative)]),
                Kind::Prefix(Prefix::Neg, a) if self.is_sum(*a) => open.push((*a, !negative)),
                _ => terms.push((id, negative)),
            }
        }
        terms
    }

    /// Whether the formula is a sum or a difference.
    pub fn is_sum(&self, id: TreeId) -> bool {
        matches!(self.tree.kind(id), Kind::Binary(Binary::Add | Binary::Sub, ..))
    }

    /// `base^exponent`, tidied; a negative power of a number is a fraction.
    pub fn power(&mut self, base: TreeId, exponent: TreeId, variable: &str) -> TreeId {
        let Some(n) = self.as_amount(exponent) else {
            return self.raw(Binary::Pow, base, exponent);
        };
        if n.value.is_zero() {
            return self.integer(1);
        }
        let size = self.amount(&Amount { value: n.value.abs(), decimal: n.decimal });
        let positive = match n.value.abs().is_one() {
            true => base,
            false => self.raw(Binary::Pow, base, size),
        };
        match n.value.is_negative() {
            true => {
                let one = self.integer(1);
                self.quotient(one, positive, variable)
            }
            // Not through `product`: (a*b)^1 stays as it was written.
            false => positive,
        }
    }
}
