//! Polynomials in a few generators with exact coefficients: the arithmetic that simplification stands on.
//!
//! Every operation is bounded: past [`MAX_TERMS`] terms or [`MAX_DEGREE`] it gives up with `None`, and the caller
//! keeps what it had.

use agnesi_graph::Rational;

/// How many generators a polynomial may have.
pub const MAX_GENERATORS: usize = 16;
const MAX_TERMS: usize = 512;
const MAX_DEGREE: u8 = 120;

/// The exponents of one term.
pub type Monomial = [u8; MAX_GENERATORS];
/// The monomial 1.
pub const UNIT: Monomial = [0; MAX_GENERATORS];

/// A polynomial: terms in falling lexicographic order, without zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Poly {
    /// The terms.
    pub terms: Vec<(Monomial, Rational)>,
}

impl Poly {
    /// A constant.
    pub fn constant(c: Rational) -> Poly {
        Poly { terms: if c.is_zero() { vec![] } else { vec![(UNIT, c)] } }
    }

    /// One term.
    pub fn monomial(m: Monomial, c: Rational) -> Poly {
        Poly { terms: if c.is_zero() { vec![] } else { vec![(m, c)] } }
    }

    /// A generator to a power.
    pub fn generator(index: usize, power: u8) -> Poly {
        let mut m = UNIT;
        m[index] = power;
        Poly::monomial(m, Rational::ONE)
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value, if it is a constant.
    pub fn as_constant(&self) -> Option<Rational> {
        match &self.terms[..] {
            [] => Some(Rational::ZERO),
            [(m, c)] if *m == UNIT => Some(c.clone()),
            _ => None,
        }
    }

    /// The highest power of a generator.
    pub fn degree(&self, v: usize) -> u8 {
        self.terms.iter().map(|(m, _)| m[v]).max().unwrap_or(0)
    }

    fn from_unsorted(mut terms: Vec<(Monomial, Rational)>) -> Poly {
        terms.sort_by_key(|t| std::cmp::Reverse(t.0));
        let mut out: Vec<(Monomial, Rational)> = Vec::with_capacity(terms.len());
        for (m, c) in terms {
            match out.last_mut() {
                Some((last, k)) if *last == m => *k = &*k + &c,
                _ => out.push((m, c)),
            }
        }
        out.retain(|(_, c)| !c.is_zero());
        Poly { terms: out }
    }

    /// `self + c*other`.
    pub fn add_scaled(&self, other: &Poly, c: &Rational) -> Poly {
        let mut out = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut i, mut j) = (0, 0);
        while i < self.terms.len() || j < other.terms.len() {
            let order = match (self.terms.get(i), other.terms.get(j)) {
                (Some(a), Some(b)) => b.0.cmp(&a.0),
                (Some(_), None) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Greater,
            };
            match order {
                std::cmp::Ordering::Less => {
                    out.push(self.terms[i].clone());
                    i += 1;
                }
                std::cmp::Ordering::Greater => {
                    out.push((other.terms[j].0, &other.terms[j].1 * c));
                    j += 1;
                }
                std::cmp::Ordering::Equal => {
                    let sum = &self.terms[i].1 + &(&other.terms[j].1 * c);
                    if !sum.is_zero() {
                        out.push((self.terms[i].0, sum));
                    }
                    i += 1;
                    j += 1;
                }
            }
        }
        Poly { terms: out }
    }

    /// `c*self`.
    pub fn scaled(&self, c: &Rational) -> Poly {
        if c.is_zero() {
            return Poly { terms: vec![] };
        }
        Poly { terms: self.terms.iter().map(|(m, k)| (*m, k * c)).collect() }
    }

    /// `self*other`.
    pub fn mul(&self, other: &Poly) -> Option<Poly> {
        let (n, m) = (self.terms.len(), other.terms.len());
        if n.saturating_mul(m) > 8 * MAX_TERMS {
            return None;
        }
        if let ([(a, c)], p) | (p, [(a, c)]) = (&self.terms[..], &other.terms[..]) {
            // By one term: the order stays.
            let terms = p.iter().map(|(b, k)| Some((product(a, b)?, c * k))).collect::<Option<_>>()?;
            return Some(Poly { terms });
        }
        let mut terms = Vec::with_capacity(n * m);
        for (a, c) in &self.terms {
            for (b, k) in &other.terms {
                terms.push((product(a, b)?, c * k));
            }
        }
        let p = Poly::from_unsorted(terms);
        (p.terms.len() <= MAX_TERMS).then_some(p)
    }

    /// `self^n`.
    pub fn pow(&self, n: u32) -> Option<Poly> {
        let mut result = Poly::constant(Rational::ONE);
        for _ in 0..n {
            result = result.mul(self)?;
        }
        Some(result)
    }

    /// `self/other` if the division leaves nothing.
    pub fn divide(&self, other: &Poly) -> Option<Poly> {
        let (lead, c) = other.terms.first()?;
        let inverse = c.recip()?;
        let mut rest = self.clone();
        let mut quotient = Vec::new();
        while let Some((m, k)) = rest.terms.first() {
            if quotient.len() > MAX_TERMS {
                return None;
            }
            let m = quotient_of(m, lead)?;
            let k = k * &inverse;
            let mut step = Vec::with_capacity(other.terms.len());
            for (b, q) in &other.terms {
                step.push((product(&m, b)?, q.clone()));
            }
            rest = rest.add_scaled(&Poly { terms: step }, &-&k);
            quotient.push((m, k));
        }
        Some(Poly { terms: quotient })
    }

    /// The content, with the sign of the leading term, and the largest monomial that divides all terms.
    pub fn content(&self) -> (Rational, Monomial) {
        let Some((first, c)) = self.terms.first() else { return (Rational::ONE, UNIT) };
        let (mut content, mut common) = (c.abs(), *first);
        for (m, k) in &self.terms[1..] {
            content = content.content(k);
            common.iter_mut().zip(m).for_each(|(a, b)| *a = (*a).min(*b));
        }
        (if c.is_negative() { -&content } else { content }, common)
    }

    /// Content and common monomial taken out.
    pub fn primitive(&self) -> (Rational, Monomial, Poly) {
        let (content, common) = self.content();
        let Some(inverse) = content.recip() else { return (Rational::ONE, UNIT, self.clone()) };
        let terms = self
            .terms
            .iter()
            .map(|(m, c)| {
                let mut m = *m;
                m.iter_mut().zip(&common).for_each(|(a, b)| *a -= b);
                (m, c * &inverse)
            })
            .collect();
        (content, common, Poly { terms })
    }

    /// The partial derivative by a generator.
    pub fn derivative(&self, v: usize) -> Poly {
        let terms = self
            .terms
            .iter()
            .filter(|(m, _)| m[v] > 0)
            .map(|(m, c)| {
                let mut m2 = *m;
                m2[v] -= 1;
                (m2, c * &Rational::from(m[v] as i64))
            })
            .collect();
        Poly::from_unsorted(terms)
    }

    /// As a polynomial in one generator: coefficients by power.
    fn coefficients(&self, v: usize) -> Vec<Poly> {
        let mut out = vec![Poly { terms: vec![] }; self.degree(v) as usize + 1];
        for (m, c) in &self.terms {
            let mut rest = *m;
            rest[v] = 0;
            out[m[v] as usize].terms.push((rest, c.clone()));
        }
        out
    }

    fn generators(&self) -> Vec<usize> {
        (0..MAX_GENERATORS).filter(|&v| self.degree(v) > 0).collect()
    }

    /// Whether it certainly has no factors but monomials: some generator comes once and to the first power. Of two
    /// factors one is then without that generator, and divides the monomial beside it.
    pub fn is_irreducible(&self) -> bool {
        (0..MAX_GENERATORS).any(|v| {
            let mut powers = self.terms.iter().map(|(m, _)| m[v]).filter(|power| *power > 0);
            powers.next() == Some(1) && powers.next().is_none()
        })
    }

    /// The square-free factors with their powers; the product of them is the polynomial up to its content and
    /// monomial, which the caller has taken out.
    pub fn square_free(&self) -> Vec<(Poly, u32)> {
        let whole = || vec![(self.clone(), 1)];
        let Some(&v) = self.generators().iter().max_by_key(|&&v| self.degree(v)) else { return whole() };
        if self.terms.len() < 3 || self.terms.len() > 40 || self.is_irreducible() {
            return whole();
        }
        let Some(mut c) = gcd(self, &self.derivative(v)) else { return whole() };
        if c.as_constant().is_some() {
            return whole();
        }
        // Musser's algorithm; a factor free of v stays in the last quotient.
        let Some(mut w) = self.divide(&c) else { return whole() };
        let mut out = Vec::new();
        let mut power = 1;
        while w.as_constant().is_none() {
            let Some(y) = gcd(&w, &c) else { return whole() };
            let (Some(z), Some(next)) = (w.divide(&y), c.divide(&y)) else { return whole() };
            if z.as_constant().is_none() {
                out.push((z.primitive().2, power));
            }
            w = y;
            c = next;
            power += 1;
            if power > 64 {
                return whole();
            }
        }
        if c.as_constant().is_none() {
            out.push((c.primitive().2, 1));
        }
        out
    }
}

fn product(a: &Monomial, b: &Monomial) -> Option<Monomial> {
    let mut out = *a;
    for (x, y) in out.iter_mut().zip(b) {
        *x = x.checked_add(*y).filter(|s| *s <= MAX_DEGREE)?;
    }
    Some(out)
}

fn quotient_of(a: &Monomial, b: &Monomial) -> Option<Monomial> {
    let mut out = *a;
    for (x, y) in out.iter_mut().zip(b) {
        *x = x.checked_sub(*y)?;
    }
    Some(out)
}

/// A greatest common divisor, primitive; `None` if it was too much work to find.
pub fn gcd(a: &Poly, b: &Poly) -> Option<Poly> {
    let mut work = 3000;
    gcd_within(a, b, &mut work)
}

fn gcd_within(a: &Poly, b: &Poly, work: &mut i64) -> Option<Poly> {
    *work -= (a.terms.len() + b.terms.len()) as i64;
    if *work < 0 {
        return None;
    }
    if a.is_zero() {
        return Some(b.primitive_keeping_monomial());
    }
    if b.is_zero() {
        return Some(a.primitive_keeping_monomial());
    }
    let ((_, ma, pa), (_, mb, pb)) = (a.primitive(), b.primitive());
    let mut common = ma;
    common.iter_mut().zip(&mb).for_each(|(x, y)| *x = (*x).min(*y));
    let rest = gcd_primitive(&pa, &pb, work)?;
    rest.mul(&Poly::monomial(common, Rational::ONE))
}

fn gcd_primitive(a: &Poly, b: &Poly, work: &mut i64) -> Option<Poly> {
    let one = || Some(Poly::constant(Rational::ONE));
    if a.as_constant().is_some() || b.as_constant().is_some() {
        return one();
    }
    if a == b {
        return Some(a.clone());
    }
    let (va, vb) = (a.generators(), b.generators());
    // A generator in only one of them: the divisor divides each coefficient.
    if let Some(&v) = va.iter().find(|v| !vb.contains(v)) {
        return coefficients_gcd(a, v, b, work);
    }
    if let Some(&v) = vb.iter().find(|v| !va.contains(v)) {
        return coefficients_gcd(b, v, a, work);
    }
    let v = *va.iter().min_by_key(|&&v| a.degree(v).max(b.degree(v)))?;
    let content = |p: &Poly, work: &mut i64| -> Option<Poly> {
        let mut c = Poly { terms: vec![] };
        for k in p.coefficients(v).iter().filter(|k| !k.is_zero()) {
            c = gcd_within(&c, k, work)?;
            if c.as_constant().is_some() {
                break;
            }
        }
        Some(c)
    };
    let (ca, cb) = (content(a, work)?, content(b, work)?);
    let shared = gcd_within(&ca, &cb, work)?;
    let (mut p, mut q) = (a.divide(&ca)?, b.divide(&cb)?);
    if p.degree(v) < q.degree(v) {
        std::mem::swap(&mut p, &mut q);
    }
    // Primitive remainder sequence (Knuth, volume 2, 4.6.1).
    while !q.is_zero() {
        if q.degree(v) == 0 {
            return Some(shared.primitive_keeping_monomial());
        }
        let r = pseudo_remainder(&p, &q, v, work)?;
        p = q;
        q = if r.is_zero() {
            r
        } else {
            let c = content(&r, work)?;
            r.divide(&c)?.primitive_keeping_monomial()
        };
    }
    p.primitive_keeping_monomial().mul(&shared)
}

fn coefficients_gcd(a: &Poly, v: usize, b: &Poly, work: &mut i64) -> Option<Poly> {
    let mut c = b.clone();
    for k in a.coefficients(v).iter().filter(|k| !k.is_zero()) {
        c = gcd_within(&c, k, work)?;
        if c.as_constant().is_some() {
            break;
        }
    }
    Some(c.primitive_keeping_monomial())
}

fn pseudo_remainder(p: &Poly, q: &Poly, v: usize, work: &mut i64) -> Option<Poly> {
    let d = q.degree(v);
    let lead = q.coefficients(v).pop()?;
    let mut r = p.clone();
    while !r.is_zero() && r.degree(v) >= d {
        *work -= (r.terms.len() * q.terms.len()) as i64;
        if *work < 0 {
            return None;
        }
        let shift = r.degree(v) - d;
        let head = r.coefficients(v).pop()?;
        let step = head.mul(q)?.mul(&Poly::generator(v, shift))?;
        r = r.mul(&lead)?.add_scaled(&step, &Rational::MINUS_ONE);
    }
    Some(r)
}

impl Poly {
    fn primitive_keeping_monomial(&self) -> Poly {
        let (content, _) = self.content();
        match content.recip() {
            Some(inverse) => self.scaled(&inverse),
            None => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Poly {
        Poly::generator(0, 1)
    }
    fn y() -> Poly {
        Poly::generator(1, 1)
    }
    fn c(n: i64) -> Poly {
        Poly::constant(Rational::from(n))
    }
    fn plus(a: &Poly, b: &Poly) -> Poly {
        a.add_scaled(b, &Rational::ONE)
    }

    #[test]
    fn division_is_exact_or_refused() {
        let p = plus(&x(), &y());
        let square = p.mul(&p).unwrap();
        assert_eq!(square.divide(&p), Some(p.clone()));
        assert_eq!(plus(&square, &c(1)).divide(&p), None);
    }

    #[test]
    fn common_divisors_of_several_generators() {
        let (p, q, r) = (plus(&x(), &y()), plus(&x(), &c(-1)), plus(&y(), &c(3)));
        let a = p.mul(&p).unwrap().mul(&q).unwrap();
        let b = p.mul(&r).unwrap().scaled(&Rational::from(6));
        assert_eq!(gcd(&a, &b), Some(p.clone()));
        assert_eq!(gcd(&q, &r), Some(c(1)));
    }

    #[test]
    fn square_free_factors_give_the_polynomial_back() {
        let (p, q) = (plus(&x().pow(2).unwrap(), &c(1)), plus(&x(), &c(2)));
        let a = p.pow(6).unwrap().mul(&q).unwrap();
        let mut product = c(1);
        for (f, n) in a.square_free() {
            product = product.mul(&f.pow(n).unwrap()).unwrap();
        }
        assert_eq!(product, a);
        assert!(a.square_free().contains(&(p, 6)));
    }
}
