//! Numbers of twice a double's precision, as sums of two doubles, for kernels that would cancel in one.
//!
//! Relative errors of the operations are a few units of 2^-104, far below what a rounded double shows. Overflow and
//! NaN are left to the callers, who stay within 1e-290 to 1e290.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The unevaluated sum of two doubles, the second at most half a unit in the last place of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dd {
    pub hi: f64,
    pub lo: f64,
}

pub(super) const PI: Dd = Dd { hi: std::f64::consts::PI, lo: 1.2246467991473532e-16 };
pub(super) const HALF_PI: Dd = Dd { hi: std::f64::consts::FRAC_PI_2, lo: 6.123233995736766e-17 };
// What is missing of half of pi behind its first two doubles.
const HALF_PI_REST: f64 = -1.4973849048591698e-33;
const LN_2: Dd = Dd { hi: std::f64::consts::LN_2, lo: 2.3190468138462996e-17 };
pub(super) const EULER_GAMMA: Dd = Dd { hi: 0.577_215_664_901_532_9, lo: -4.942915152430645e-18 };
/// `log(2*pi)/2`.
pub(super) const HALF_LOG_TAU: Dd = Dd { hi: 0.918_938_533_204_672_8, lo: -3.8782941580672414e-17 };

/// The Bernoulli numbers B_2, B_4, ..., B_30 as fractions of exact doubles.
pub(super) const BERNOULLI: [(f64, f64); 15] = [
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
    (854513.0, 138.0),
    (-236364091.0, 2730.0),
    (8553103.0, 6.0),
    (-23749461029.0, 870.0),
    (8615841276005.0, 14322.0),
];

impl Dd {
    pub const ZERO: Dd = Dd { hi: 0.0, lo: 0.0 };
    pub const ONE: Dd = Dd { hi: 1.0, lo: 0.0 };

    /// The exact sum of two doubles.
    pub fn sum(a: f64, b: f64) -> Dd {
        let hi = a + b;
        let part = hi - a;
        Dd { hi, lo: (a - (hi - part)) + (b - part) }
    }

    /// The exact product of two doubles.
    pub fn product(a: f64, b: f64) -> Dd {
        let hi = a * b;
        Dd { hi, lo: a.mul_add(b, -hi) }
    }

    /// The quotient of two doubles.
    pub fn quotient(a: f64, b: f64) -> Dd {
        Dd::from(a) / Dd::from(b)
    }

    // As `sum`, where |a| >= |b|.
    fn ordered(a: f64, b: f64) -> Dd {
        let hi = a + b;
        Dd { hi, lo: b - (hi - a) }
    }

    /// The nearest double.
    pub fn value(self) -> f64 {
        self.hi + self.lo
    }

    /// Times a power of two.
    pub fn scale(self, by: f64) -> Dd {
        Dd { hi: self.hi * by, lo: self.lo * by }
    }

    pub fn abs(self) -> Dd {
        if self.hi < 0.0 { -self } else { self }
    }

    pub fn square(self) -> Dd {
        self * self
    }

    /// The square root; 0 of 0.
    pub fn sqrt(self) -> Dd {
        if self.hi <= 0.0 {
            return Dd::ZERO;
        }
        let root = self.hi.sqrt();
        let rest = self - Dd::product(root, root);
        Dd::ordered(root, rest.hi / (2.0 * root))
    }

    /// To a whole power that is not negative.
    pub fn powi(self, mut n: u32) -> Dd {
        let (mut base, mut power) = (self, Dd::ONE);
        while n > 0 {
            if n & 1 == 1 {
                power = power * base;
            }
            base = base.square();
            n >>= 1;
        }
        power
    }

    /// `exp(self) - 1` for arguments of at most 0.5.
    fn expm1_small(self) -> Dd {
        // Divided by 64 the Taylor series needs a dozen terms; squaring undoes it six times.
        let x = self.scale(1.0 / 64.0);
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while n < 12.0 {
            n += 1.0;
            term = term * x / Dd::from(n);
            sum = sum + term;
        }
        for _ in 0..6 {
            sum = sum.scale(2.0) + sum.square();
        }
        sum
    }

    /// The exponential as a number and the power of two to multiply it with: no overflow.
    pub fn exp_parts(self) -> (Dd, i32) {
        if self.hi.abs() > 60_000.0 {
            // Far beyond the doubles on either side.
            return (Dd::ONE, if self.hi > 0.0 { 100_000 } else { -100_000 });
        }
        let k = (self.hi / LN_2.hi).round();
        let rest = self - LN_2 * Dd::from(k);
        (rest.expm1_small() + Dd::ONE, k as i32)
    }

    /// The exponential.
    pub fn exp(self) -> Dd {
        let (part, k) = self.exp_parts();
        // In two steps, so that neither factor leaves the doubles.
        let half = k.clamp(-2000, 2000) / 2;
        part.scale(power_of_two(half)).scale(power_of_two(k.clamp(-2000, 2000) - half))
    }

    /// `log(1 + self)` for `self > -1`.
    pub fn log1p(self) -> Dd {
        if self.hi.abs() > 0.1 {
            return (self + Dd::ONE).log();
        }
        // 2 atanh(x/(2 + x))
        let s = self / (self + Dd::from(2.0));
        let square = s.square();
        let (mut term, mut sum, mut n) = (s, s, 1.0);
        while term.hi.abs() > 1e-34 * sum.hi.abs() && n < 60.0 {
            n += 2.0;
            term = term * square;
            sum = sum + term / Dd::from(n);
        }
        sum.scale(2.0)
    }

    /// The natural logarithm of a positive number.
    pub fn log(self) -> Dd {
        let near = self - Dd::ONE;
        if near.hi.abs() <= 0.1 {
            return near.log1p();
        }
        let (scaled, k) = self.normal();
        let guess = pxfm::f_log(scaled.hi);
        // One step of Newton on exp(y) = x, to second order.
        let rest = scaled * Dd::from(-guess).exp() - Dd::ONE;
        Dd::from(guess) + rest - rest.square().scale(0.5) + LN_2 * Dd::from(k)
    }

    // A number between 1/2 and 2, and the exponent of two taken out.
    fn normal(self) -> (Dd, f64) {
        let k = pxfm::f_log2(self.hi).round() as i32;
        // In two steps, so that neither factor leaves the doubles.
        let half = k / 2;
        (self.scale(power_of_two(-half)).scale(power_of_two(half - k)), f64::from(k))
    }

    /// Sine and cosine, for arguments up to 1e6.
    pub fn sin_cos(self) -> (Dd, Dd) {
        let k = (self.hi / HALF_PI.hi).round();
        let rest =
            self - Dd::product(HALF_PI.hi, k) - Dd::product(HALF_PI.lo, k) - Dd::from(HALF_PI_REST * k);
        let square = -rest.square();
        let (mut sin, mut cos) = (rest, Dd::ONE);
        let (mut s, mut c, mut n) = (rest, Dd::ONE, 0.0);
        while n < 30.0 {
            c = c * square / Dd::from((n + 1.0) * (n + 2.0));
            s = s * square / Dd::from((n + 2.0) * (n + 3.0));
            cos = cos + c;
            sin = sin + s;
            n += 2.0;
        }
        match k.rem_euclid(4.0) as u8 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        }
    }

    /// Sine and cosine of `pi` times this number, which need not be small.
    pub fn sin_cos_pi(self) -> (Dd, Dd) {
        // Whole turns are exact to take away.
        let rest = self.hi - 2.0 * (0.5 * self.hi).round();
        (Dd::sum(rest, self.lo) * PI).sin_cos()
    }
}

/// 2 to a whole power between -1022 and 1023.
pub(super) fn power_of_two(k: i32) -> f64 {
    f64::from_bits(((k.clamp(-1022, 1023) + 1023) as u64) << 52)
}

impl From<f64> for Dd {
    fn from(x: f64) -> Dd {
        Dd { hi: x, lo: 0.0 }
    }
}

impl Neg for Dd {
    type Output = Dd;
    fn neg(self) -> Dd {
        Dd { hi: -self.hi, lo: -self.lo }
    }
}

impl Add for Dd {
    type Output = Dd;
    fn add(self, other: Dd) -> Dd {
        let (high, low) = (Dd::sum(self.hi, other.hi), Dd::sum(self.lo, other.lo));
        let high = Dd::ordered(high.hi, high.lo + low.hi);
        Dd::ordered(high.hi, high.lo + low.lo)
    }
}

impl Sub for Dd {
    type Output = Dd;
    fn sub(self, other: Dd) -> Dd {
        self + -other
    }
}

impl Mul for Dd {
    type Output = Dd;
    fn mul(self, other: Dd) -> Dd {
        let high = Dd::product(self.hi, other.hi);
        Dd::ordered(high.hi, high.lo + self.hi.mul_add(other.lo, self.lo * other.hi))
    }
}

impl Div for Dd {
    type Output = Dd;
    fn div(self, other: Dd) -> Dd {
        let first = self.hi / other.hi;
        let rest = self - other * Dd::from(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * Dd::from(second);
        Dd::ordered(first, second) + Dd::from(rest.hi / other.hi)
    }
}
