//! Complete elliptic integrals by the arithmetic-geometric mean (DLMF 19.8(i)). The argument is the parameter m,
//! the square of the modulus k.

use super::constants::pi_enclosure;
use super::error_function::at_ends;
use super::float::Float;
use super::{BigError, Enclosure};

type Value = Result<Enclosure, BigError>;

/// Complete elliptic integral of the first kind, for a parameter below 1.
pub fn elliptic_k(args: &[Enclosure], precision: usize) -> Value {
    let m = &args[0];
    match m.compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Less) => {}
        Some(_) => return Err(BigError::Domain),
        None => return Err(BigError::Undecided),
    }
    at_ends(m, precision, |end| Ok(integrals(end, precision)?.0))
}

/// Complete elliptic integral of the second kind, for a parameter up to 1.
pub fn elliptic_e(args: &[Enclosure], precision: usize) -> Value {
    let m = &args[0];
    match m.compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Less) => {}
        Some(std::cmp::Ordering::Equal) => return Ok(Enclosure::one()),
        Some(_) => return Err(BigError::Domain),
        None => return Err(BigError::Undecided),
    }
    at_ends(m, precision, |end| {
        let inner = precision + 64;
        let (first, sum) = integrals(end, inner)?;
        // E/K falls as 1/log(1 - m) towards m = 1: few bits are lost.
        let ratio = Enclosure::one().sub(&sum.mul(&Enclosure::from_float(end.clone()), inner), inner);
        Ok(first.mul(&ratio, inner))
    })
}

/// `(E - (1-m)K)/m` without cancellation, for a parameter below 1.
pub fn elliptic_b(args: &[Enclosure], precision: usize) -> Value {
    associate(&args[0], precision, false)
}

/// `(K - E)/m` without cancellation, for a parameter below 1.
pub fn elliptic_d(args: &[Enclosure], precision: usize) -> Value {
    associate(&args[0], precision, true)
}

/// B or D, both of which rise with the parameter.
fn associate(m: &Enclosure, precision: usize, d: bool) -> Value {
    match m.compare(&Enclosure::one(), precision) {
        Some(std::cmp::Ordering::Less) => {}
        Some(_) => return Err(BigError::Domain),
        None => return Err(BigError::Undecided),
    }
    at_ends(m, precision, |end| {
        let (first, sum) = integrals(end, precision + 16)?;
        // K - E is K times m times the sum.
        let value = first.mul(&sum, precision + 16);
        Ok(if d { value } else { first.sub(&value, precision + 16) })
    })
}

/// K, and (1 - E/K)/m, at a parameter below 1.
fn integrals(m: &Float, precision: usize) -> Result<(Enclosure, Enclosure), BigError> {
    let inner = precision + 64;
    let complement = Enclosure::one().sub(&Enclosure::from_float(m.clone()), inner);
    let mut a = Enclosure::one().inexact(inner);
    let mut b = complement.root(2, inner)?.inexact(inner);
    let m = Enclosure::from_float(m.clone()).inexact(inner);
    // 1 - E/K is the sum of 2^(n-1) c(n)^2 with c(0)^2 = m, c(1) = (1 - b)/2 = m/(2(1 + b)) and
    // c(n+1) = c(n)^2/(4 a(n+1)); the quotients q(n) = c(n)/m cancel nothing.
    let mut q = Enclosure::one().div(&Enclosure::one().add(&b, inner).scale(1, inner), inner)?;
    let mut sum = Enclosure::one().scale(-1, inner).inexact(inner);
    for n in 0..200 {
        let mean = a.add(&b, inner).scale(-1, inner);
        b = a.mul(&b, inner).root(2, inner)?.inexact(inner);
        a = mean;
        // Here q is c(n+1)/m, and a is a(n+1).
        let term = q.square(inner).mul(&m, inner).scale(n, inner);
        sum = sum.add(&term, inner);
        let gap = a.sub(&b, inner).greatest_magnitude(64).magnitude();
        let relative = gap - a.greatest_magnitude(64).magnitude();
        let small = term.is_below(sum.greatest_magnitude(64).magnitude() - inner as isize);
        if relative < 8 - inner as isize && small {
            // Each further term is less than a quarter of the one before; the mean lies between a and b.
            sum = sum.widen(&term, inner);
            let first = pi_enclosure(inner)?.scale(-1, inner).div(&a.hull(&b, inner), inner)?;
            return Ok((first, sum));
        }
        let next = a.add(&b, inner).scale(-1, inner);
        q = q.square(inner).mul(&m, inner).div(&next.scale(2, inner), inner)?;
    }
    Err(BigError::Undecided)
}
