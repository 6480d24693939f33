//! Riemann's zeta function and its derivatives for arguments above 1, by the Euler-Maclaurin formula (DLMF 25.2.9).

use super::bernoulli::bernoulli;
use super::elementary::log;
use super::float::Round;
use super::gamma::whole_order;
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// The largest order of [`zetaderiv`].
const ORDER_LIMIT: i64 = 100;

/// Refuses what is not above 1.
fn require_above_one(s: &Enclosure, precision: usize) -> Result<(), BigError> {
    match s.compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Greater) => Ok(()),
        Some(_) => Err(BigError::Domain),
        None => Err(BigError::Undecided),
    }
}

/// Riemann's zeta function for arguments above 1.
pub fn zeta(args: &[Enclosure], precision: usize) -> Value {
    let s = &args[0];
    require_above_one(s, precision)?;
    let inner = precision + 32;
    let power = |n: u64| Enclosure::from_int(n).pow(&s.neg(), inner);
    let less_one = s.sub(&Enclosure::one(), inner);
    let size = s.ends(64).0;
    if size.magnitude() > (inner as u64).ilog2() as isize {
        // Few terms do: what is left out from M on is at most M^-s (1 + M/(s - 1)).
        let mut sum = Enclosure::one();
        for n in 2u64.. {
            let term = power(n)?;
            if term.greatest_magnitude(64).magnitude() < -(inner as isize) {
                let rest = Enclosure::from_int(n).div(&less_one, inner)?.add(&Enclosure::one(), inner);
                return Ok(sum.add(&term.mul(&rest, inner).hull(&Enclosure::zero(), inner), inner));
            }
            sum = sum.add(&term, inner);
        }
    }
    let count = inner as u64 / 5 + 10;
    let mut sum = Enclosure::one().inexact(inner);
    for n in 2..count {
        sum = sum.add(&power(n)?, inner);
    }
    let last = power(count)?;
    let whole = Enclosure::from_int(count);
    sum = sum.add(&last.mul(&whole, inner).div(&less_one, inner)?, inner).add(&last.scale(-1, inner), inner);
    // B(2k)/(2k)! s(s+1)...(s+2k-2) N^(-s-2k+1), each from the one before.
    let square = whole.square(inner);
    let mut factor = last.mul(&s.inexact(inner), inner).div(&whole, inner)?.scale(-1, inner);
    let mut numbers = bernoulli(inner / 8);
    let mut previous = isize::MAX;
    for k in 1..=(inner as i64) {
        if k as usize > numbers.len() {
            numbers = bernoulli(2 * k as usize);
        }
        let term = Enclosure::from_rational(numbers[k as usize - 1].clone()).mul(&factor, inner);
        let magnitude = term.greatest_magnitude(64).magnitude();
        if magnitude < -(inner as isize) || magnitude > previous {
            return Ok(sum.add(&term.hull(&Enclosure::zero(), inner), inner));
        }
        sum = sum.add(&term, inner);
        previous = magnitude;
        let next = |i: i64| s.add(&Enclosure::from_int(i), inner).inexact(inner);
        factor = factor
            .mul(&next(2 * k - 1), inner)
            .mul(&next(2 * k), inner)
            .over((2 * k + 1) * (2 * k + 2), inner)
            .div(&square, inner)?;
    }
    Err(BigError::Undecided)
}

/// The n-th derivative of zeta, arguments `n, x`: `(-1)^n` times the sum of `log(k)^n/k^x`.
pub fn zetaderiv(args: &[Enclosure], precision: usize) -> Value {
    let (order, s) = (whole_order(&args[0])?, &args[1]);
    match order {
        0 => return zeta(std::slice::from_ref(s), precision),
        1..=ORDER_LIMIT => {}
        _ => return Err(BigError::Domain),
    }
    require_above_one(s, precision)?;
    let inner = precision + 32;
    let one = Enclosure::one();
    let less_one = s.sub(&one, inner);
    let whole_log = |k: u64| log(&[Enclosure::from_int(k)], inner);
    let term = |k: u64, log: &Enclosure| -> Value {
        Ok(log.pow_int(&order.into(), inner)?.mul(&Enclosure::from_int(k).pow(&s.neg(), inner)?, inner))
    };
    let sign = |sum: Enclosure| if order % 2 == 0 { sum } else { sum.neg() };
    // Far enough for the series below; where the argument is so large that this is too far, the sum ends before.
    let size = s.ends(64).1.to_integer(Round::Up).and_then(|size| u64::try_from(size).ok());
    let far = (inner as u64 / 5 + 10 + order as u64).saturating_add(size.unwrap_or(u64::MAX));
    let mut sum = Enclosure::zero();
    for k in 2..far {
        let log = whole_log(k)?;
        let value = term(k, &log)?;
        if value.is_below(sum.greatest_magnitude(64).magnitude() - inner as isize) {
            // At t above k a term is at most this one times (k/t)^slope, so that all of them are at most
            // 1 + k/(slope - 1) times this one.
            let slope = less_one.sub(&Enclosure::from_int(order).div(&log, inner)?, inner);
            if slope.signum() == Some(1) {
                let rest = Enclosure::from_int(k).div(&slope, inner)?.add(&one, inner).mul(&value, inner);
                return Ok(sign(sum.add(&rest.hull(&Enclosure::zero(), inner), inner)));
            }
        }
        sum = sum.add(&value, inner);
    }
    let tail = Tail { order, s, far: Enclosure::from_int(far), log: whole_log(far)?, inner };
    let last = term(far, &tail.log)?;
    sum = sum.add(&tail.integral(&less_one)?, inner).add(&last.scale(-1, inner), inner);
    tail.corrected(sum, &last).map(sign)
}

/// What the sum of `log(k)^order/k^s` from `far` on is made of.
struct Tail<'a> {
    order: i64,
    s: &'a Enclosure,
    far: Enclosure,
    log: Enclosure,
    inner: usize,
}

impl Tail<'_> {
    /// The integral from `far` on: `order!/(s - 1)^(order + 1) exp(-u)` times the first terms of `exp(u)`, for
    /// `u = (s - 1) log(far)`.
    fn integral(&self, less_one: &Enclosure) -> Value {
        let inner = self.inner;
        let u = less_one.mul(&self.log, inner);
        let (mut power, mut terms, mut pole) =
            (Enclosure::one(), Enclosure::one(), Enclosure::one().div(less_one, inner)?);
        for m in 1..=self.order {
            power = power.mul(&u, inner).over(m, inner);
            terms = terms.add(&power, inner);
            pole = pole.times(m, inner).div(less_one, inner)?;
        }
        Ok(pole.mul(&terms, inner).mul(&self.far.pow(&less_one.neg(), inner)?, inner))
    }

    /// Adds `B(2j)/(2j)!` times the derivatives of order `2j - 1` at `far`, where the value is `last`, and the error.
    ///
    /// Such a derivative is one in `s` of `s(s + 1)...(s + 2j - 2) far^-s`, by Leibniz's rule. What is left out after
    /// `j` terms is at most `|B(2j)|/(2j)!` times the integral of the derivative's magnitude of order `2j`.
    fn corrected(&self, mut sum: Enclosure, last: &Enclosure) -> Value {
        let inner = self.inner;
        // s(s + 1)... in powers of a change of s, each factor divided by `far`.
        let mut polynomial = vec![Enclosure::one()];
        self.next_factor(&mut polynomial, 0)?;
        let mut factor = last.scale(-1, inner);
        let mut numbers = bernoulli(inner / 8);
        for j in 1..=(inner as i64) {
            if j as usize > numbers.len() {
                numbers = bernoulli(2 * j as usize);
            }
            let number = Enclosure::from_rational(numbers[j as usize - 1].clone()).mul(&factor, inner);
            let (mut falling, mut value) = (Enclosure::one(), Enclosure::zero());
            for (coefficient, i) in polynomial.iter().zip(0..=self.order) {
                value = value.add(&falling.mul(coefficient, inner), inner);
                // (-1)^i n!/(n - i)!/log^i
                falling = falling.times(i - self.order, inner).div(&self.log, inner)?;
            }
            sum = sum.add(&number.mul(&value, inner), inner);
            self.next_factor(&mut polynomial, 2 * j - 1)?;
            let error = number.mul(&self.left_out(&polynomial, 2 * j)?, inner);
            if error.is_below(sum.greatest_magnitude(64).magnitude() - inner as isize) {
                return Ok(sum.widen(&error, inner));
            }
            self.next_factor(&mut polynomial, 2 * j)?;
            factor = factor.over((2 * j + 1) * (2 * j + 2), inner);
        }
        Err(BigError::Undecided)
    }

    /// Times `s + shift` and a change of it, divided by `far`.
    fn next_factor(&self, polynomial: &mut Vec<Enclosure>, shift: i64) -> Result<(), BigError> {
        let inner = self.inner;
        let own = self.s.add(&Enclosure::from_int(shift), inner).inexact(inner);
        if polynomial.len() as i64 <= self.order {
            polynomial.push(Enclosure::zero());
        }
        for i in (0..polynomial.len()).rev() {
            let mut value = polynomial[i].mul(&own, inner);
            if i > 0 {
                value = value.add(&polynomial[i - 1], inner);
            }
            polynomial[i] = value.div(&self.far, inner)?;
        }
        Ok(())
    }

    /// A bound on the integral from `far` on of the magnitude of the derivative of this even order, relative to the
    /// value at `far`: every coefficient counts as positive.
    fn left_out(&self, polynomial: &[Enclosure], order: i64) -> Value {
        let inner = self.inner;
        let exponent = self.s.add(&Enclosure::from_int(order - 1), inner);
        // The integrals of log(t)^m/t^(exponent + 1), relative to log(far)^m/far^exponent.
        let mut integrals = vec![Enclosure::one().div(&exponent, inner)?];
        for m in 1..=self.order {
            let before = &integrals[m as usize - 1];
            let value = before.times(m, inner).div(&self.log, inner)?.add(&Enclosure::one(), inner);
            integrals.push(value.div(&exponent, inner)?);
        }
        let (mut falling, mut bound) = (Enclosure::one(), Enclosure::zero());
        for (coefficient, i) in polynomial.iter().zip(0..=self.order) {
            let integral = &integrals[(self.order - i) as usize];
            bound = bound.add(&falling.mul(coefficient, inner).mul(integral, inner), inner);
            falling = falling.times(self.order - i, inner).div(&self.log, inner)?;
        }
        Ok(bound.mul(&self.far, inner))
    }
}
