//! The same work written by hand, for the instructions that this machine has: what an engine can hope for.

/// A function compiled for AVX2 too, which is called where the machine has it.
macro_rules! for_this_machine {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $ty:ty),*) $(-> $result:ty)? $body:block) => {
        $(#[$doc])*
        pub fn $name($($argument: $ty),*) $(-> $result)? {
            #[inline(always)]
            fn body($($argument: $ty),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn compiled($($argument: $ty),*) $(-> $result)? {
                body($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // Safety: the machine has the instructions.
                #[allow(unsafe_code)]
                return unsafe { compiled($($argument),*) };
            }
            body($($argument),*)
        }
    };
}

for_this_machine! {
    /// Rosenbrock's function and its gradient.
    fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
        let n = x.len();
        let gradient = &mut gradient[..n];
        let first = x[1] - x[0] * x[0];
        let mut value = (1.0 - x[0]) * (1.0 - x[0]) + 100.0 * first * first;
        gradient[0] = -400.0 * x[0] * first - 2.0 * (1.0 - x[0]);
        gradient[n - 1] = 200.0 * (x[n - 1] - x[n - 2] * x[n - 2]);
        if n == 2 {
            return value;
        }
        // Each entry between from its two neighbours; eight sums side by side.
        let count = n - 2;
        let (before, here, after) = (&x[..count], &x[1..count + 1], &x[2..count + 2]);
        let inner = &mut gradient[1..count + 1];
        let mut sums = [0.0; 8];
        let entry = |before: f64, here: f64, after: f64| {
            let (left, right, one) = (here - before * before, after - here * here, 1.0 - here);
            (one * one + 100.0 * right * right, 200.0 * left - 400.0 * here * right - 2.0 * one)
        };
        let blocks = count / 8;
        for block in 0..blocks {
            let at = block * 8..block * 8 + 8;
            let (before, here, after) = (&before[at.clone()], &here[at.clone()], &after[at.clone()]);
            let inner = &mut inner[at];
            for i in 0..8 {
                let (term, slope) = entry(before[i], here[i], after[i]);
                sums[i] += term;
                inner[i] = slope;
            }
        }
        value += sums.iter().sum::<f64>();
        for i in blocks * 8..count {
            let (term, slope) = entry(before[i], here[i], after[i]);
            value += term;
            inner[i] = slope;
        }
        value
    }
}

for_this_machine! {
    /// `sin(4w) + 0.1w^2` and its derivative, for arguments of moderate size.
    fn light(w: &[f64], values: &mut [f64], slopes: &mut [f64]) {
        for ((w, value), slope) in w.iter().zip(values).zip(slopes) {
            let (sine, cosine) = sin_cos(4.0 * w);
            *value = sine + 0.1 * w * w;
            *slope = 4.0 * cosine + 0.2 * w;
        }
    }
}

/// Taylor polynomials after a reduction to a quarter turn.
#[inline(always)]
fn sin_cos(x: f64) -> (f64, f64) {
    let turns = (x * std::f64::consts::FRAC_2_PI).round_ties_even();
    let angle = turns.mul_add(-std::f64::consts::FRAC_PI_2, x);
    let angle = turns.mul_add(-6.123_233_995_736_766e-17, angle);
    let z = angle * angle;
    let polynomial = |list: [f64; 6]| list.iter().rev().fold(0.0f64, |all, c| all.mul_add(z, *c));
    let sine = angle
        * polynomial([1.0, -1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362_880.0, -1.0 / 39_916_800.0]);
    let cosine = polynomial([1.0, -0.5, 1.0 / 24.0, -1.0 / 720.0, 1.0 / 40_320.0, -1.0 / 3_628_800.0]);
    let quarter = turns - 4.0 * (turns * 0.25).floor();
    let odd = quarter == 1.0 || quarter == 3.0;
    let (s, c) = if odd { (cosine, -sine) } else { (sine, cosine) };
    if quarter >= 2.0 { (-s, -c) } else { (s, c) }
}
