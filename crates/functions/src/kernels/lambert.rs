//! Lambert's W: the inverse of w*exp(w), on both of its real branches.

use super::dd::Dd;

const E: Dd = Dd { hi: std::f64::consts::E, lo: 1.4456468917292502e-16 };

/// The branch with values of at least -1.
pub fn lambert_w(x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY {
        return x;
    }
    let p = match distance(x) {
        Some(p) => p,
        None => return f64::NAN,
    };
    let guess = if p.hi < 0.5 {
        near_branch(p)
    } else if x < 2.0 {
        // A rational start, off by a few percent at most.
        Dd::from(x * (1.0 + 1.4 * x.max(-0.3)) / (1.0 + 2.4 * x.max(-0.3) + 0.7 * x * x))
    } else {
        let log = pxfm::f_log(x);
        let loglog = pxfm::f_log(log.max(1.0));
        Dd::from(log - loglog + loglog / log.max(1.0))
    };
    if x.abs() < 1e-18 {
        return x;
    }
    if x > 1e100 { large(x, guess).value() } else { polish(x, guess).value() }
}

/// The branch with values of at most -1, for arguments from -1/e to 0.
pub fn lambert_w_minus1(x: f64) -> f64 {
    if !(x < 0.0) {
        return f64::NAN;
    }
    let p = match distance(x) {
        Some(p) => p,
        None => return f64::NAN,
    };
    if p.hi < 0.5 {
        return polish(x, near_branch(-p)).value();
    }
    let log = pxfm::f_log(-x);
    let loglog = pxfm::f_log(-log);
    large(x, Dd::from(log - loglog + loglog / log)).value()
}

/// sqrt(2 (e x + 1)), or nothing below the branch point.
fn distance(x: f64) -> Option<Dd> {
    if !(x >= -0.367_879_441_171_442_33) {
        return None;
    }
    // Above 1 the root is not used; it must not overflow.
    let x = x.min(1e100);
    let below = E * Dd::from(x) + Dd::ONE;
    (below.hi >= 0.0).then(|| below.scale(2.0).sqrt())
}

/// The series about the branch point, in the distance from it with the sign of the branch.
fn near_branch(p: Dd) -> Dd {
    const COEFFICIENTS: [(f64, f64); 8] = [
        (-1.0, 1.0),
        (1.0, 1.0),
        (-1.0, 3.0),
        (11.0, 72.0),
        (-43.0, 540.0),
        (769.0, 17280.0),
        (-221.0, 8505.0),
        (680863.0, 43545600.0),
    ];
    COEFFICIENTS.iter().rev().fold(Dd::ZERO, |sum, &(a, b)| sum * p + Dd::quotient(a, b))
}

/// Newton's steps on w exp(w) = x, in twice the precision.
fn polish(x: f64, guess: Dd) -> Dd {
    let mut w = guess;
    for _ in 0..8 {
        let exp = w.exp();
        let slope = exp * (w + Dd::ONE);
        if slope.hi == 0.0 {
            return w;
        }
        let rest = w * exp - Dd::from(x);
        let newton = rest / slope;
        // Halley's correction, so that a start some percent off needs few steps.
        let bend = (w + Dd::from(2.0)) / (w + Dd::ONE).scale(2.0);
        let step = newton / (Dd::ONE - newton * bend);
        if !step.hi.is_finite() {
            return w;
        }
        w = w - step;
        if step.hi.abs() <= 1e-25 * w.hi.abs() {
            break;
        }
    }
    w
}

/// Newton's steps on w + log|w| = log|x|, where the exponential would overflow or underflow.
fn large(x: f64, guess: Dd) -> Dd {
    let log = Dd::from(x.abs()).log();
    let mut w = guess;
    for _ in 0..8 {
        let rest = w + w.abs().log() - log;
        let step = rest * w / (w + Dd::ONE);
        w = w - step;
        if step.hi.abs() <= 1e-25 * w.hi.abs() {
            break;
        }
    }
    w
}
