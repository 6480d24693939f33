//! Sums: terms with a factor in common are joined where that is shorter.

use super::form::{Dims, Form, Forms, Glue, Id};
use super::product::Product;
use crate::Rational;

/// Longer sums are left as they are.
const MAX_JOINED: usize = 12;

impl Forms {
    /// The sum of terms, with common factors taken out where that is shorter, of the terms as they are and of their
    /// transposes.
    pub fn add(&mut self, terms: Vec<Product>, dims: Dims) -> Product {
        let few = terms.len() <= 6;
        let plain = self.joined(terms.clone(), dims);
        if dims != Dims::Matrix || !few || terms.len() < 2 {
            return plain;
        }
        let turned: Vec<Product> = terms
            .into_iter()
            .map(|mut t| {
                t.tensor = t.tensor.map(|x| self.transpose(x));
                t
            })
            .collect();
        let mut other = self.joined(turned, dims);
        other.tensor = other.tensor.map(|x| self.transpose(x));
        let (a, b) = (self.build(&plain), self.build(&other));
        if self.cost(b) < self.cost(a) { other } else { plain }
    }

    fn joined(&mut self, mut terms: Vec<Product>, dims: Dims) -> Product {
        while terms.len() > 1 && terms.len() <= MAX_JOINED {
            let mut best: Option<(i64, usize, usize, Product)> = None;
            for i in 0..terms.len() {
                for j in i + 1..terms.len() {
                    let separate = self.term_cost(&terms[i]) + self.term_cost(&terms[j]) + 1;
                    for candidate in self.join_pair(&terms[i], &terms[j], dims) {
                        let together = self.term_cost(&candidate);
                        // Where neither is shorter, one product is less to do than two.
                        let saved = i64::from(separate) - i64::from(together);
                        if saved >= 0 && best.as_ref().is_none_or(|(most, ..)| saved > *most) {
                            best = Some((saved, i, j, candidate));
                        }
                    }
                }
            }
            let Some((_, i, j, product)) = best else { break };
            terms.remove(j);
            terms[i] = product;
        }
        if let [only] = &terms[..] {
            return only.clone();
        }
        let list = terms
            .iter()
            .map(|t| {
                let positive = Product { negative: false, ..t.clone() };
                (t.negative, self.build(&positive))
            })
            .collect();
        let sum = self.sum_of(list, dims);
        // A minus before each term is one before the whole.
        self.split(sum)
    }

    fn term_cost(&mut self, term: &Product) -> u32 {
        let positive = Product { negative: false, ..term.clone() };
        let id = self.build(&positive);
        self.inside(id, super::form::MUL)
    }

    /// The ways to write two terms as one product.
    fn join_pair(&mut self, a: &Product, b: &Product, dims: Dims) -> Vec<Product> {
        let mut found = Vec::new();
        if let (Some((i, c, x)), Some((j, d, y))) = (self.as_branch(a), self.as_branch(b))
            && c == d
        {
            let of = |forms: &Forms, p: &Product, at: usize, x: Id| {
                let mut inner = p.clone();
                inner.above.remove(at);
                inner.tensor = inner.absorb(forms.split(x));
                inner
            };
            let (a, b) = (of(self, a, i, x), of(self, b, j, y));
            let sum = self.joined(vec![a, b], dims);
            let body = self.build(&sum);
            let zero = self.number(Rational::ZERO);
            let branch = self.make(Form::If(c, body, zero), dims);
            found.push(Product { above: vec![branch], ..Product::one() });
        }
        let shared = |x: &[Id], y: &[Id]| {
            let mut rest = y.to_vec();
            let mut common = Vec::new();
            for id in x {
                if let Some(at) = rest.iter().position(|r| r == id) {
                    rest.remove(at);
                    common.push(*id);
                }
            }
            common
        };
        let less = |x: &[Id], common: &[Id]| {
            let mut rest = x.to_vec();
            for id in common {
                if let Some(at) = rest.iter().position(|r| r == id) {
                    rest.remove(at);
                }
            }
            rest
        };
        let number = a.number.content(&b.number);
        let inverse = number.recip().unwrap_or(Rational::ONE);
        let common = Product {
            negative: a.negative && b.negative,
            number: number.clone(),
            above: shared(&a.above, &b.above),
            below: shared(&a.below, &b.below),
            tensor: None,
        };
        let rest = |p: &Product| Product {
            negative: p.negative != common.negative,
            number: &p.number * &inverse,
            above: less(&p.above, &common.above),
            below: less(&p.below, &common.below),
            tensor: p.tensor,
        };
        let (a, b) = (rest(a), rest(b));
        let inner = |forms: &mut Forms, a: Product, b: Product, dims: Dims| {
            let sum = forms.joined(vec![a, b], dims);
            forms.build(&sum)
        };
        if (!common.above.is_empty() || !common.below.is_empty()) && a.tensor.is_some() == b.tensor.is_some()
        {
            let sum = inner(self, a.clone(), b.clone(), dims);
            let mut product = common.clone();
            let tensor = self.split_sum(sum, &mut product);
            product.tensor = tensor;
            found.push(product);
        }
        let (Some(_), Some(_)) = (a.tensor, b.tensor) else { return found };
        for a in self.readings(&a) {
            for b in self.readings(&b) {
                self.join_tensors(&a, &b, dims, &common, &mut found);
            }
        }
        found
    }

    /// A sum as a factor: its sign goes to the product; a scalar is one of its scalars.
    fn split_sum(&mut self, sum: Id, product: &mut Product) -> Option<Id> {
        let split = self.split(sum);
        product.absorb(split)
    }

    /// A term, and the same with a scalar `u'*v` among its scalars written behind a column.
    fn readings(&mut self, term: &Product) -> Vec<Product> {
        let mut found = vec![term.clone()];
        let Some(tensor) = term.tensor.filter(|t| self.dims(*t) == Dims::Column) else { return found };
        for (at, &scalar) in term.above.iter().enumerate() {
            let Form::Chain(factors) = self.get(scalar) else { continue };
            let plain = factors.iter().all(|(glue, f)| *glue == Glue::Mul && !self.is_scalar(*f));
            if factors.len() != 2 || !plain || self.dims(factors[0].1) != Dims::Row {
                continue;
            }
            let mut turned = Vec::new();
            for (_, f) in factors.clone().iter().rev() {
                turned.push((Glue::Mul, self.transpose(*f)));
            }
            let turned = self.chain(&turned, Dims::Scalar);
            for reading in [scalar, turned] {
                let mut other = term.clone();
                other.above.remove(at);
                other.tensor = Some(self.times(tensor, reading, Dims::Column));
                found.push(other);
            }
        }
        found
    }

    fn join_tensors(
        &mut self,
        a: &Product,
        b: &Product,
        dims: Dims,
        common: &Product,
        found: &mut Vec<Product>,
    ) {
        let (Some(x), Some(y)) = (a.tensor, b.tensor) else { return };
        let with = |p: &Product, tensor: Option<Id>| Product { tensor, ..p.clone() };
        let sum = |forms: &mut Forms, s: Option<Id>, t: Option<Id>, dims: Dims| {
            let sum = forms.joined(vec![with(a, s), with(b, t)], dims);
            forms.build(&sum)
        };
        if x == y {
            let scalar = sum(self, None, None, Dims::Scalar);
            let mut product = common.clone();
            self.split_sum(scalar, &mut product);
            product.tensor = Some(x);
            found.push(product);
            return;
        }
        let (left, right) = (self.blocks(x), self.blocks(y));
        let pure = |forms: &Forms, blocks: &[Id]| blocks.iter().all(|b| !forms.is_scalar(*b));
        if left.len() > 1 && right.len() > 1 && pure(self, &left) && pure(self, &right) {
            let of = |forms: &mut Forms, blocks: &[Id]| {
                let list: Vec<_> = blocks.iter().map(|b| (Glue::Mul, *b)).collect();
                let (first, last) = (forms.dims(blocks[0]), forms.dims(blocks[blocks.len() - 1]));
                let dims = match (first, last) {
                    (Dims::Row, Dims::Column) => Dims::Scalar,
                    (Dims::Row, _) => Dims::Row,
                    (_, Dims::Column) => Dims::Column,
                    _ => Dims::Matrix,
                };
                forms.chain(&list, dims)
            };
            // A scalar left over from `u'*v` is no sum of tensors. What both sides share is taken off one by one.
            let (m, n) = (left.len() - 1, right.len() - 1);
            let mut taken = false;
            if left[0] == right[0] {
                let (s, t) = (of(self, &left[1..]), of(self, &right[1..]));
                if !self.is_scalar(s) && self.dims(s) == self.dims(t) {
                    let inner_dims = self.dims(s);
                    let inner = sum(self, Some(s), Some(t), inner_dims);
                    let mut product = common.clone();
                    if let Some(inner) = self.split_sum(inner, &mut product) {
                        product.tensor = Some(self.times(left[0], inner, dims));
                        found.push(product);
                        taken = true;
                    }
                }
            }
            if !taken && left[m] == right[n] {
                let (s, t) = (of(self, &left[..m]), of(self, &right[..n]));
                if !self.is_scalar(s) && self.dims(s) == self.dims(t) {
                    let inner_dims = self.dims(s);
                    let inner = sum(self, Some(s), Some(t), inner_dims);
                    let mut product = common.clone();
                    if let Some(inner) = self.split_sum(inner, &mut product) {
                        product.tensor = Some(self.times(inner, left[m], dims));
                        found.push(product);
                    }
                }
            }
        }
        // Entry by entry.
        let entrywise = |forms: &Forms, id: Id| {
            let factors = forms.factors(id);
            factors[1..].iter().all(|(glue, _)| matches!(glue, Glue::Times | Glue::Over)).then_some(factors)
        };
        let (Some(left), Some(right)) = (entrywise(self, x), entrywise(self, y)) else { return };
        if left.len() == 1 && right.len() == 1 {
            return;
        }
        for i in 0..left.len() {
            if left[i].0 == Glue::Over || matches!(self.get(left[i].1), Form::Number(_)) {
                continue;
            }
            let Some(j) = right.iter().position(|(glue, f)| *glue != Glue::Over && *f == left[i].1) else {
                continue;
            };
            let without = |forms: &mut Forms, list: &[(Glue, Id)], at: usize| {
                let mut list = list.to_vec();
                list.remove(at);
                let first = list.iter().position(|(glue, _)| *glue != Glue::Over)?;
                list.swap(0, first);
                Some(forms.chain(&list, dims))
            };
            let (s, t) = (without(self, &left, i), without(self, &right, j));
            if (s.is_none() && left.len() > 1) || (t.is_none() && right.len() > 1) {
                continue;
            }
            let inner = sum(self, s, t, dims);
            let mut product = common.clone();
            if let Some(inner) = self.split_sum(inner, &mut product) {
                product.tensor = Some(self.glue(Glue::Times, left[i].1, inner, dims));
                found.push(product);
            }
        }
    }
}
