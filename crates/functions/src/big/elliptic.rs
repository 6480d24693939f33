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
        let (first, ratio) = integrals(end, precision)?;
        Ok(first.mul(&ratio, precision))
    })
}

/// K and E/K at a parameter below 1.
fn integrals(m: &Float, precision: usize) -> Result<(Enclosure, Enclosure), BigError> {
    let exact = Enclosure::from_float(m.clone());
    // 1 - E/K cancels near m = 1, where E/K falls as 1/log(1 - m): no more than a few bits.
    let inner = precision + 64;
    let complement = Enclosure::one().sub(&exact, inner);
    let mut a = Enclosure::one().inexact(inner);
    let mut b = complement.root(2, inner)?.inexact(inner);
    // 1 - E/K is the sum of 2^(n-1) c(n)^2, where c(0)^2 = m and c(n+1) = (a(n) - b(n))/2.
    let mut sum = exact.inexact(inner).scale(-1, inner);
    for n in 0.. {
        let c = a.sub(&b, inner).scale(-1, inner);
        let term = c.square(inner).scale(n, inner);
        let mean = a.add(&b, inner).scale(-1, inner);
        b = a.mul(&b, inner).root(2, inner)?.inexact(inner);
        a = mean;
        sum = sum.add(&term, inner);
        let magnitude = term.greatest_magnitude(64).magnitude();
        let gap = a.sub(&b, inner).greatest_magnitude(64).magnitude();
        let relative = gap - a.greatest_magnitude(64).magnitude();
        if (relative < 8 - inner as isize && magnitude < -(inner as isize)) || n > 200 {
            // Each further term is less than a quarter of the one before; the mean lies between a and b.
            sum = sum.widen(&term, inner);
            let mean = a.hull(&b, inner);
            let first = pi_enclosure(inner)?.scale(-1, inner).div(&mean, inner)?;
            return Ok((first, Enclosure::one().sub(&sum, inner)));
        }
    }
    Err(BigError::Undecided)
}
