//! Functions that jump or have kinks: exact arguments decide, and so do enclosures that do not straddle the place.

use dashu_int::IBig;

use super::float::Round;
use super::{BigError, Enclosure};

/// Absolute value.
pub fn abs(args: &[Enclosure], _precision: usize) -> Result<Enclosure, BigError> {
    Ok(args[0].abs())
}

/// -1, 0 or 1.
pub fn sign(args: &[Enclosure], _precision: usize) -> Result<Enclosure, BigError> {
    args[0].decided_sign().map(Enclosure::from_int)
}

/// 1 for positive arguments, else 0.
pub fn step(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    let (lo, hi) = args[0].ends(precision);
    if lo.is_positive() {
        Ok(Enclosure::one())
    } else if !hi.is_positive() {
        Ok(Enclosure::zero())
    } else {
        Err(BigError::Undecided)
    }
}

/// The largest integer that is not larger.
pub fn floor(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    if let Some(exact) = args[0].as_rational() {
        return Ok(Enclosure::from_int(exact.floor()));
    }
    let (lo, hi) = args[0].ends(precision);
    if lo == hi && lo.is_integer() {
        return Ok(args[0].clone());
    }
    match (lo.to_integer(Round::Down), hi.to_integer(Round::Down)) {
        (Some(low), Some(high)) if low == high => Ok(Enclosure::from_int(low)),
        (Some(_), Some(_)) => Err(BigError::Undecided),
        _ => Err(BigError::Overflow),
    }
}

/// The smallest integer that is not smaller.
pub fn ceil(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    Ok(floor(&[args[0].neg()], precision)?.neg())
}

/// The nearest integer, halves away from zero.
pub fn round(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    let half = Enclosure::from_f64(0.5).ok_or(BigError::Undecided)?;
    // Near zero the sign need not be known.
    if args[0].abs().compare(&half, precision) == Some(std::cmp::Ordering::Less) {
        return Ok(Enclosure::zero());
    }
    let magnitude = floor(&[args[0].abs().add(&half, precision)], precision)?;
    Ok(if args[0].decided_sign()? < 0 { magnitude.neg() } else { magnitude })
}

/// `x - floor(x)`.
pub fn frac(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    Ok(args[0].sub(&floor(args, precision)?, precision))
}

/// `x - y*floor(x/y)`: the remainder with the sign of the divisor.
pub fn mod_floor(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    let (x, y) = (&args[0], &args[1]);
    let whole = floor(&[x.div(y, precision)?], precision)?;
    Ok(x.sub(&y.mul(&whole, precision), precision))
}

/// The smallest of the arguments.
pub fn min(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    let (first, rest) = args.split_first().ok_or(BigError::Unsupported)?;
    Ok(rest.iter().fold(first.clone(), |least, x| least.min(x, precision)))
}

/// The largest of the arguments.
pub fn max(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    let (first, rest) = args.split_first().ok_or(BigError::Unsupported)?;
    Ok(rest.iter().fold(first.clone(), |most, x| most.max(x, precision)))
}

/// The first argument, kept between the second and the third, which must not be in falling order.
pub fn clamp(args: &[Enclosure], precision: usize) -> Result<Enclosure, BigError> {
    match args[1].compare(&args[2], precision) {
        Some(std::cmp::Ordering::Greater) => return Err(BigError::Domain),
        None if args[1].ends(precision).1 > args[2].ends(precision).0 => return Err(BigError::Undecided),
        _ => {}
    }
    Ok(args[0].max(&args[1], precision).min(&args[2], precision))
}

/// The integer nearest to a value, and the value less that; for reductions, where either neighbour will do.
pub(super) fn split_nearest(x: &Enclosure, precision: usize) -> Result<(IBig, Enclosure), BigError> {
    let nearest = match x.as_rational() {
        Some(exact) => exact.round(),
        None => {
            let (middle, _) = x.middle(precision);
            let half = super::float::Float::power_of_two(-1);
            middle.add(&half, precision + 2, Round::Down).to_integer(Round::Down).ok_or(BigError::Overflow)?
        }
    };
    let rest = x.sub(&Enclosure::from_int(nearest.clone()), precision);
    Ok((nearest, rest))
}
