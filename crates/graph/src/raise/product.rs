//! Products: scalars in front, tensors behind them, scalars below the line; and where their sign goes.

use smol_str::SmolStr;

use super::form::{Dims, Form, Forms, Glue, Id};
use crate::Rational;

/// A product taken apart.
#[derive(Clone, Debug)]
pub(super) struct Product {
    pub negative: bool,
    /// Positive.
    pub number: Rational,
    /// Scalars above the line.
    pub above: Vec<Id>,
    /// Scalars below it.
    pub below: Vec<Id>,
    /// What is no scalar.
    pub tensor: Option<Id>,
}

impl Product {
    pub fn one() -> Product {
        Product { negative: false, number: Rational::ONE, above: Vec::new(), below: Vec::new(), tensor: None }
    }

    pub fn scale(&mut self, c: &Rational) {
        self.negative ^= c.is_negative();
        self.number = &self.number * &c.abs();
    }

    /// Takes the scalars of another product, which leaves its tensor.
    pub fn absorb(&mut self, other: Product) -> Option<Id> {
        self.negative ^= other.negative;
        self.number = &self.number * &other.number;
        self.above.extend(other.above);
        self.below.extend(other.below);
        other.tensor
    }
}

impl Forms {
    /// A piece taken apart as a product.
    pub fn split(&self, id: Id) -> Product {
        if let Some(known) = self.products.get(&id) {
            return known.clone();
        }
        let mut product = Product::one();
        match self.get(id) {
            Form::Neg(x) => {
                product = self.split(*x);
                product.negative ^= true;
            }
            Form::Number(value) => product.number = value.clone(),
            _ if self.is_scalar(id) => product.above.push(id),
            _ => product.tensor = Some(id),
        }
        product
    }

    /// The piece of a product, with a minus in front of it or in one of its differences.
    pub fn build(&mut self, product: &Product) -> Id {
        if product.number.is_zero() && product.tensor.is_none() {
            return self.number(Rational::ZERO);
        }
        let (tensor, negative) = self.as_they_came(product.tensor, product.negative);
        let positive = Product { negative: false, tensor, ..product.clone() };
        let plain = self.build_positive(&positive);
        if !negative {
            return plain;
        }
        let dims = self.dims(plain);
        let minus = self.make(Form::Neg(plain), dims);
        // A minus may turn one difference on the way.
        let mut best = minus;
        if let Some(tensor) = positive.tensor {
            for turned in self.turned(tensor) {
                let other = self.build_positive(&Product { tensor: Some(turned), ..positive.clone() });
                if self.cost(other) < self.cost(best) {
                    best = other;
                }
            }
        }
        for list in [true, false] {
            for at in 0..if list { positive.above.len() } else { positive.below.len() } {
                let mut other = positive.clone();
                let place = if list { &mut other.above[at] } else { &mut other.below[at] };
                let Some(&turned) = self.turned(*place).first() else { continue };
                *place = turned;
                let other = self.build_positive(&other);
                if self.cost(other) < self.cost(best) {
                    best = other;
                }
            }
        }
        best
    }

    /// Differences that were turned around, in pairs or to take the minus away, stand again as they first came.
    fn as_they_came(&mut self, tensor: Option<Id>, negative: bool) -> (Option<Id>, bool) {
        let Some(first) = tensor.filter(|_| !self.flipped.is_empty()) else { return (tensor, negative) };
        let mut turned = vec![first];
        while let Some(next) = turned.last().and_then(|last| self.turn_flipped(*last)) {
            turned.push(next);
        }
        let most = turned.len() - 1;
        let odd = usize::from(negative);
        let count = if most % 2 == odd { most } else { most.saturating_sub(1) };
        (Some(turned[count]), negative != (count % 2 == 1))
    }

    /// A piece times -1 by turning the first difference on its product path that came with the opposite sign.
    fn turn_flipped(&mut self, id: Id) -> Option<Id> {
        let dims = self.dims(id);
        match self.get(id).clone() {
            Form::Sum(terms) if self.flipped.contains(&id) => {
                let difference = terms.iter().any(|(minus, _)| *minus);
                let terms = terms.iter().map(|(minus, t)| (!minus, *t)).collect();
                difference.then(|| self.sum_of(terms, dims)).filter(|turned| !self.flipped.contains(turned))
            }
            Form::Prime(x) => {
                let x = self.turn_flipped(x)?;
                Some(self.transpose(x))
            }
            Form::Call(name, args, false) if name == "diag" => {
                let inner = self.turn_flipped(args[0])?;
                Some(self.call("diag", &[inner], dims))
            }
            Form::Chain(factors) => {
                for at in 0..factors.len() {
                    if let Some(turned) = self.turn_flipped(factors[at].1) {
                        let mut factors = factors.clone();
                        factors[at].1 = turned;
                        return Some(self.make(Form::Chain(factors), dims));
                    }
                }
                None
            }
            _ => None,
        }
    }

    /// A piece times -1 by turning one difference in it, in each way there is.
    pub fn turned(&mut self, id: Id) -> Vec<Id> {
        match self.get(id).clone() {
            Form::Sum(terms) if terms.iter().any(|(minus, _)| *minus) => {
                let dims = self.dims(id);
                let terms = terms.iter().map(|(minus, t)| (!minus, *t)).collect();
                vec![self.sum_of(terms, dims)]
            }
            Form::Prime(x) => {
                let inner = self.turned(x);
                inner.into_iter().map(|x| self.transpose(x)).collect()
            }
            Form::Call(name, args, false) if name == "diag" => {
                let dims = self.dims(id);
                let inner = self.turned(args[0]);
                inner.into_iter().map(|x| self.call("diag", &[x], dims)).collect()
            }
            Form::Chain(factors) => {
                let mut found = Vec::new();
                for at in 0..factors.len() {
                    let inner = self.turned(factors[at].1);
                    for turned in inner {
                        let mut factors = factors.clone();
                        factors[at].1 = turned;
                        let dims = self.dims(id);
                        found.push(self.make(Form::Chain(factors), dims));
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }

    /// A sum of terms with signs, not beginning with a minus where one of them is positive.
    pub fn sum_of(&mut self, mut terms: Vec<(bool, Id)>, dims: Dims) -> Id {
        if terms.first().is_some_and(|(minus, _)| *minus)
            && let Some(at) = terms.iter().position(|(minus, _)| !minus)
        {
            let first = terms.remove(at);
            terms.insert(0, first);
        }
        match terms[..] {
            [] => self.number(Rational::ZERO),
            [(false, term)] => term,
            [(true, term)] => self.make(Form::Neg(term), dims),
            _ => self.make(Form::Sum(terms.into()), dims),
        }
    }

    fn build_positive(&mut self, product: &Product) -> Id {
        let dims = match product.tensor {
            Some(tensor) => self.dims(tensor),
            None => Dims::Scalar,
        };
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let number = &product.number;
        let decimal = self.style.decimals && !number.is_integer() && number.to_decimal().is_some();
        let (n, d) = match (decimal, number.is_integer()) {
            (true, _) | (_, true) => (number.clone(), Rational::ONE),
            _ => {
                let d = Rational::from_parts(number.denominator().into(), 1u8.into());
                let d = d.unwrap_or(Rational::ONE);
                (number * &d, d)
            }
        };
        if !n.is_one() {
            above.push(self.number(n));
        }
        if !d.is_one() {
            below.push(self.number(d));
        }
        above.extend(product.above.iter().copied());
        below.extend(product.below.iter().copied());
        above.extend(product.tensor);
        let mut result: Option<Id> = None;
        for factor in above {
            result = Some(match result {
                None => factor,
                Some(before) => {
                    let dims = if self.is_scalar(factor) { self.dims(before) } else { self.dims(factor) };
                    self.times(before, factor, dims)
                }
            });
        }
        let mut result = match result {
            Some(id) => id,
            None => self.number(Rational::ONE),
        };
        if !below.is_empty() {
            let mut divisor = below[0];
            for &factor in &below[1..] {
                divisor = self.times(divisor, factor, Dims::Scalar);
            }
            result = self.glue(Glue::Div, result, divisor, dims);
        }
        self.products.entry(result).or_insert_with(|| product.clone());
        result
    }

    /// The factors of a piece, from left to right.
    pub fn factors(&self, id: Id) -> Vec<(Glue, Id)> {
        match self.get(id) {
            Form::Chain(factors) => factors.to_vec(),
            _ => vec![(Glue::Mul, id)],
        }
    }

    /// A matrix product taken apart as `A*B*C`: what is joined entry by entry comes first, as one.
    pub fn blocks(&mut self, id: Id) -> Vec<Id> {
        let factors = self.factors(id);
        let head = factors.iter().rposition(|(glue, _)| *glue != Glue::Mul).unwrap_or(0);
        if factors[..head].iter().any(|(_, f)| self.is_scalar(*f))
            && factors[..=head].iter().any(|(glue, _)| *glue == Glue::Div)
        {
            return vec![id];
        }
        let first = if head == 0 {
            factors[0].1
        } else {
            let dims = self.dims(factors[head].1);
            self.chain(&factors[..=head], dims)
        };
        let blocks: Vec<(Glue, Id)> =
            std::iter::once((Glue::Mul, first)).chain(factors[head + 1..].to_vec()).collect();
        // `x'*y*A` is a number times a matrix, and nothing before it may be joined with `x'`.
        let number = (2..blocks.len()).find(|n| self.dims_of(&blocks[..*n]) == Dims::Scalar).unwrap_or(1);
        let first = self.chain(&blocks[..number], if number > 1 { Dims::Scalar } else { self.dims(first) });
        std::iter::once(first).chain(blocks[number..].iter().map(|(_, f)| *f)).collect()
    }

    /// What factors from left to right stand for.
    pub fn dims_of(&self, factors: &[(Glue, Id)]) -> Dims {
        let all = factors.iter().map(|(glue, f)| (*glue, self.dims(*f)));
        let product = |(_, left): (Glue, Dims), (glue, right): (Glue, Dims)| {
            let dims = match (left, right) {
                (Dims::Scalar, dims) | (dims, Dims::Scalar) => dims,
                (left, _) if glue != Glue::Mul => left,
                (Dims::Row, Dims::Column) => Dims::Scalar,
                (Dims::Row, _) => Dims::Row,
                (_, Dims::Column) => Dims::Column,
                _ => Dims::Matrix,
            };
            (glue, dims)
        };
        all.reduce(product).map_or(Dims::Scalar, |(_, dims)| dims)
    }

    /// Factors in their order; the first glue says nothing.
    pub fn chain(&mut self, factors: &[(Glue, Id)], dims: Dims) -> Id {
        match factors {
            [(_, only)] => *only,
            _ => {
                let mut factors = factors.to_vec();
                factors[0].0 = Glue::Mul;
                self.make(Form::Chain(factors.into()), dims)
            }
        }
    }

    /// `a*b`, without brackets around products.
    pub fn times(&mut self, a: Id, b: Id, dims: Dims) -> Id {
        let mut factors = self.factors(a);
        // A scalar before what is joined entry by entry needs no brackets behind it.
        let entrywise = |f: &(Glue, Id)| matches!(f.0, Glue::Times | Glue::Over);
        if self.is_scalar(a)
            && let Form::Chain(inner) = self.get(b)
            && inner[1..].iter().all(entrywise)
        {
            factors.extend_from_slice(inner);
            return self.chain(&factors, dims);
        }
        let blocks = self.blocks(b);
        factors.extend(blocks.into_iter().map(|block| (Glue::Mul, block)));
        self.chain(&factors, dims)
    }

    /// `a/b`, `a.*b`, `a./b`.
    pub fn glue(&mut self, glue: Glue, a: Id, b: Id, dims: Dims) -> Id {
        let mut factors = self.factors(a);
        match self.get(b) {
            Form::Chain(inner)
                if glue == Glue::Times
                    && inner[1..].iter().all(|(g, _)| matches!(g, Glue::Times | Glue::Over)) =>
            {
                factors.push((glue, inner[0].1));
                factors.extend_from_slice(&inner[1..]);
            }
            _ => factors.push((glue, b)),
        }
        self.chain(&factors, dims)
    }

    /// `base^e` for a positive exponent, entry by entry if the base is no scalar.
    pub fn power(&mut self, base: Id, e: &Rational) -> Id {
        if e.is_one() {
            return base;
        }
        let dims = self.dims(base);
        if let Some((name, v)) = self.as_norm_squared(base) {
            return self.norm_power(&name, v, &(e * &Rational::TWO));
        }
        if *e == Rational::HALF {
            return self.map("sqrt", &[base], dims);
        }
        let exponent = self.number(e.clone());
        self.make(Form::Power(base, exponent, dims != Dims::Scalar), dims)
    }

    /// `norm2(v)^e`, or `(v'*v)^(e/2)` where that is shorter.
    pub fn norm_power(&mut self, name: &str, v: Id, e: &Rational) -> Id {
        let norm = self.call(name, &[v], Dims::Scalar);
        let long = if e.is_one() {
            norm
        } else {
            let exponent = self.number(e.clone());
            self.make(Form::Power(norm, exponent, false), Dims::Scalar)
        };
        if *e == Rational::TWO && name == "norm2" && matches!(self.get(v), Form::Name(_)) {
            let row = self.transpose(v);
            return self.times(row, v, Dims::Scalar);
        }
        long
    }

    /// The vector or matrix whose squared norm a piece is, with the name of the norm.
    fn as_norm_squared(&self, id: Id) -> Option<(SmolStr, Id)> {
        match self.get(id) {
            Form::Power(norm, two, false) if matches!(self.get(*two), Form::Number(e) if *e == Rational::TWO) => {
                match self.get(*norm) {
                    Form::Call(name, args, false) if name.starts_with("norm") => {
                        Some((name.clone(), args[0]))
                    }
                    _ => None,
                }
            }
            Form::Chain(factors) => match factors[..] {
                [(_, row), (Glue::Mul, v)] if self.dims(v) == Dims::Column => match self.get(row) {
                    Form::Prime(x) if *x == v => Some((SmolStr::new("norm2"), v)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}
