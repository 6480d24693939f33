//! How far results are from the true values, measured with big floats, and arguments where that is worth looking at.

use super::exact::apply;
use crate::Function;
use crate::big::{BigError, Enclosure};

/// Working precisions, tried in turn until the error is known to a thousandth of a unit in the last place.
const PRECISIONS: [usize; 4] = [160, 400, 1400, 2600];

/// How far a result is from the true value of a function at these doubles, in units in the last place of that value;
/// below the normal doubles these are the smallest double. An infinity counts as the first power of two beyond the
/// doubles. Where the function has no value, NaN is no error and everything else an infinite one.
///
/// [`None`] where big floats do not tell: at arguments that are not finite, or where there is no kernel for them.
///
/// ```
/// use agnesi_functions::{find, verify};
///
/// let exp = find("exp").expect("a row").row();
/// let off = verify::ulps_off(exp, &[1.0], std::f64::consts::E).expect("big floats know exp");
/// assert!(off <= 0.5);
/// assert_eq!(verify::ulps_off(exp, &[1000.0], f64::INFINITY), Some(0.0));
/// ```
pub fn ulps_off(function: &Function, args: &[f64], found: f64) -> Option<f64> {
    let args = args.iter().map(|&x| Enclosure::from_f64(x)).collect::<Option<Vec<_>>>()?;
    let nothing = Some(if found.is_nan() { 0.0 } else { f64::INFINITY });
    let taken = match found.is_infinite() {
        true => {
            let beyond = Enclosure::from_f64(2f64.powi(1023))?;
            let beyond = beyond.add(&beyond, PRECISIONS[0]);
            if found < 0.0 { beyond.neg() } else { beyond }
        }
        false if found.is_nan() => Enclosure::zero(),
        false => Enclosure::from_f64(found)?,
    };
    for precision in PRECISIONS {
        let value = match apply(function, &args, precision, 0) {
            Ok(value) => value,
            Err(BigError::Undecided) => continue,
            Err(BigError::Domain) => return nothing,
            Err(BigError::Overflow | BigError::Unsupported) => return None,
        };
        let (near, _) = value.approximate();
        if found.is_nan() {
            return Some(f64::INFINITY);
        }
        if near == found && near.is_infinite() {
            return Some(0.0);
        }
        // In units before it becomes a double: a part of the smallest double is none.
        let unit = Enclosure::from_f64(unit(near))?;
        let (off, doubt) = value.sub(&taken, precision).div(&unit, precision).ok()?.approximate();
        if doubt <= 1e-3 {
            return Some((off.abs() - doubt).max(0.0));
        }
    }
    None
}

/// The distance between neighbouring doubles at `x`, whose true value may lie beyond them.
fn unit(x: f64) -> f64 {
    let size = x.abs().clamp(f64::MIN_POSITIVE, 2f64.powi(1023));
    f64::from_bits(size.to_bits() + 1) - size
}

/// A stream of arguments that kernels are measured at, the same for the same seed: doubles of all bits, moderate ones,
/// small ones, those near 1, and those next to multiples of half pi.
#[derive(Clone, Debug)]
pub struct Arguments(u64);

impl Arguments {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Arguments {
        Arguments(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Evenly between -1 and 1.
    fn even(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

impl Iterator for Arguments {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let even = self.even();
        Some(match self.bits() % 12 {
            0 => f64::from_bits(self.bits()),
            1 => 760.0 * even,
            2 => 1e6 * even,
            3 => 40.0 * even,
            4 | 5 => 8.0 * even,
            6 | 7 => even,
            // Of all sizes between 2^-60 and 2^10, and as near to 1.
            8 => (35.0 * self.even() - 25.0).exp2().copysign(even),
            9 => 1.0 + (27.0 * self.even() - 26.0).exp2().copysign(even),
            10 => 709.0 * even.signum() + 40.0 * self.even(),
            _ => {
                let angle = (5e7 * even * even * even).round() * std::f64::consts::FRAC_PI_2;
                f64::from_bits(angle.to_bits().wrapping_add(self.bits() % 3))
            }
        })
    }
}
