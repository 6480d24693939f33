//! Integrals by the double-exponential rule: for the meanings of rows that are integrals.

use crate::kernels::elementary::{cosh, exp, sinh};

/// The integral and an estimate of its error. The upper end may be infinite.
pub(super) fn integrate(f: &dyn Fn(f64) -> f64, from: f64, to: f64) -> Option<(f64, f64)> {
    if from == to {
        return Some((0.0, 0.0));
    }
    if from > to {
        return integrate(f, to, from).map(|(value, error)| (-value, error));
    }
    if !from.is_finite() || to.is_nan() {
        return None;
    }
    // The rule's place and weight at t.
    let finite = to.is_finite();
    let node = |t: f64| {
        let bend = std::f64::consts::FRAC_PI_2 * sinh(t);
        let weight = std::f64::consts::FRAC_PI_2 * cosh(t);
        if finite {
            // Measured from the nearer end, so that places close to it stay apart from it.
            let part = exp(-2.0 * bend.abs());
            let near = (to - from) * part / (1.0 + part);
            let x = if bend < 0.0 { from + near } else { to - near };
            (x, (to - from) * 2.0 * weight * part / ((1.0 + part) * (1.0 + part)))
        } else {
            let distance = exp(bend);
            (from + distance, weight * distance)
        }
    };
    let term = |t: f64| {
        let (x, weight) = node(t);
        if x <= from || x >= to || weight == 0.0 {
            return 0.0;
        }
        let value = f(x) * weight;
        if value.is_finite() { value } else { 0.0 }
    };
    const SPAN: f64 = 4.0;
    let mut step = 0.5;
    let (mut sum, mut sizes) = (0.0, 0.0);
    let mut add = |t: f64, sum: &mut f64| {
        let value = term(t);
        *sum += value;
        sizes += value.abs();
    };
    let mut k = -(SPAN / step);
    while k <= SPAN / step {
        add(k * step, &mut sum);
        k += 1.0;
    }
    let mut last = sum * step;
    for level in 0..7 {
        // The places between those that were seen.
        let mut t = -SPAN + 0.5 * step;
        while t < SPAN {
            add(t, &mut sum);
            t += step;
        }
        step *= 0.5;
        let value = sum * step;
        let change = (value - last).abs();
        last = value;
        if level > 1 && change <= 1e-12 * value.abs() {
            break;
        }
        if level == 6 && change > 1e-6 * (value.abs() + 1e-300) {
            return None;
        }
    }
    let floor = 1e-14 * sizes * step;
    last.is_finite().then_some((last, floor + 1e-11 * last.abs()))
}
