//! Fractions of polynomials whose denominator is kept in factors.

use agnesi_graph::Rational;

use super::field::Field;
use super::poly::{Monomial, Poly, UNIT};

/// `num / (monomial * prod factor^power)`.
#[derive(Clone, Debug)]
pub struct Fraction {
    /// What stands above the line.
    pub(super) num: Poly,
    /// The monomial below the line.
    pub(super) below: Monomial,
    /// The factors of several terms below the line, with their powers.
    pub(super) factors: Vec<(Poly, u32)>,
}

impl Fraction {
    pub(super) fn constant(c: Rational) -> Fraction {
        Fraction { num: Poly::constant(c), below: UNIT, factors: Vec::new() }
    }

    pub(super) fn scaled(mut self, c: &Rational) -> Fraction {
        self.num = self.num.scaled(c);
        self
    }

    pub(super) fn generator(index: usize, power: i64) -> Option<Fraction> {
        let mut f = Fraction::constant(Rational::ONE);
        let n = u8::try_from(power.unsigned_abs()).ok().filter(|n| *n <= 100)?;
        if power >= 0 {
            f.num = Poly::generator(index, n);
        } else {
            f.below[index] = n;
        }
        Some(f)
    }

    pub(super) fn add(&self, other: &Fraction) -> Option<Fraction> {
        if self.below == other.below && self.factors == other.factors {
            let num = self.num.add_scaled(&other.num, &Rational::ONE);
            return Some(Fraction { num, below: self.below, factors: self.factors.clone() });
        }
        let mut below = self.below;
        below.iter_mut().zip(&other.below).for_each(|(a, b)| *a = (*a).max(*b));
        let mut factors = self.factors.clone();
        for (p, n) in &other.factors {
            match factors.iter_mut().find(|(q, _)| q == p) {
                Some((_, m)) => *m = (*m).max(*n),
                None => factors.push((p.clone(), *n)),
            }
        }
        let lift = |f: &Fraction| -> Option<Poly> {
            let mut m = UNIT;
            m.iter_mut().zip(below.iter().zip(&f.below)).for_each(|(m, (a, b))| *m = a - b);
            let mut num =
                if m == UNIT { f.num.clone() } else { f.num.mul(&Poly::monomial(m, Rational::ONE))? };
            for (p, n) in &factors {
                let have = f.factors.iter().find(|(q, _)| q == p).map_or(0, |(_, n)| *n);
                if *n > have {
                    num = num.mul(&p.pow(*n - have)?)?;
                }
            }
            Some(num)
        };
        let num = lift(self)?.add_scaled(&lift(other)?, &Rational::ONE);
        Some(Fraction { num, below, factors })
    }

    pub(super) fn mul(&self, other: &Fraction) -> Option<Fraction> {
        let mut below = self.below;
        for (a, b) in below.iter_mut().zip(&other.below) {
            *a = a.checked_add(*b).filter(|s| *s <= 120)?;
        }
        let mut factors = self.factors.clone();
        for (p, n) in &other.factors {
            match factors.iter_mut().find(|(q, _)| q == p) {
                Some((_, m)) => *m += n,
                None => factors.push((p.clone(), *n)),
            }
        }
        let mut f = Fraction { num: self.num.mul(&other.num)?, below, factors };
        f.cancel_monomial();
        Some(f)
    }

    pub(super) fn pow(&self, n: i64) -> Option<Fraction> {
        let k = u32::try_from(n.unsigned_abs()).ok().filter(|k| *k <= 40)?;
        if n >= 0 {
            let mut below = self.below;
            for b in &mut below {
                *b = u8::try_from(*b as u32 * k).ok().filter(|s| *s <= 120)?;
            }
            let factors = self.factors.iter().map(|(p, m)| (p.clone(), m * k)).collect();
            return Some(Fraction { num: self.num.pow(k)?, below, factors });
        }
        // Upside down.
        let (content, common, rest) = self.num.primitive();
        let mut num = Poly::monomial(self.below, content.pow(-1)?);
        for (p, m) in &self.factors {
            num = num.mul(&p.pow(*m)?)?;
        }
        let mut factors = Vec::new();
        if rest.as_constant().is_none() {
            for (p, m) in rest.square_free() {
                factors.push((p, m));
            }
        }
        let once = Fraction { num, below: common, factors };
        if k == 1 { Some(once) } else { once.pow(k as i64) }
    }

    pub(super) fn cancel_monomial(&mut self) {
        let (_, common) = self.num.content();
        let mut shared = common;
        shared.iter_mut().zip(&self.below).for_each(|(a, b)| *a = (*a).min(*b));
        if shared == UNIT || self.num.is_zero() {
            return;
        }
        self.below.iter_mut().zip(&shared).for_each(|(a, b)| *a -= b);
        for (m, _) in &mut self.num.terms {
            m.iter_mut().zip(&shared).for_each(|(a, b)| *a -= b);
        }
    }

    /// After relations were applied: contents and monomials of factors go where they belong, equal ones merge, and a
    /// factor that is the inside of a root becomes a power of the root.
    pub(super) fn tidy_factors(&mut self, field: &Field) -> Option<()> {
        for (p, n) in std::mem::take(&mut self.factors) {
            let (content, common, rest) = p.primitive();
            self.num = self.num.scaled(&content.pow(-(n as i64))?);
            for (a, b) in self.below.iter_mut().zip(&common) {
                *a = u8::try_from(*a as u32 + *b as u32 * n).ok().filter(|s| *s <= 120)?;
            }
            if rest.as_constant().is_some() {
                continue;
            }
            let root = field.relations.iter().find(|r| {
                let (_, m, inside) = r.value.primitive();
                m == UNIT && inside == rest && r.value.terms.len() > 1
            });
            if let Some(r) = root {
                // rest = value/c, and value = r^q.
                let (c, _, _) = r.value.primitive();
                self.num = self.num.scaled(&c.pow(n as i64)?);
                let b = &mut self.below[r.generator];
                *b = u8::try_from(*b as u32 + r.power as u32 * n).ok().filter(|s| *s <= 120)?;
                continue;
            }
            match self.factors.iter_mut().find(|(q, _)| *q == rest) {
                Some((_, m)) => *m += n,
                None => self.factors.push((rest, n)),
            }
        }
        Some(())
    }
}
