//! The gradient of Rosenbrock's function as one would write it by hand for this machine.

/// Writes the gradient at `x`.
pub fn limit(x: &[f64], g: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        // SAFETY: the machine has what the function needs, as was asked just now.
        #[allow(unsafe_code)]
        unsafe {
            fused(x, g);
        }
        return;
    }
    gradient::<false>(x, g);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn fused(x: &[f64], g: &mut [f64]) {
    gradient::<true>(x, g);
}

#[inline(always)]
fn gradient<const FMA: bool>(x: &[f64], g: &mut [f64]) {
    let n = x.len().min(g.len());
    if n < 2 {
        return;
    }
    let add = |a: f64, b: f64, c: f64| if FMA { a.mul_add(b, c) } else { a * b + c };
    let first = |x: f64, after: f64| -400.0 * x * add(-x, x, after) - 2.0 * (1.0 - x);
    let inner = |before: f64, x: f64, after: f64| {
        let (p, a, b) = (add(-before, before, x), add(-x, x, after), 1.0 - x);
        add(200.0, p, add(-400.0 * x, a, -2.0 * b))
    };
    g[0] = first(x[0], x[1]);
    let (before, here, after) = (&x[..n - 2], &x[1..n - 1], &x[2..n]);
    let blocks = (n - 2) / 8 * 8;
    let whole = g[1..=blocks].chunks_exact_mut(8).zip(before.chunks_exact(8));
    for (((g, before), here), after) in whole.zip(here.chunks_exact(8)).zip(after.chunks_exact(8)) {
        for lane in 0..8 {
            g[lane] = inner(before[lane], here[lane], after[lane]);
        }
    }
    for i in blocks..n - 2 {
        g[i + 1] = inner(before[i], here[i], after[i]);
    }
    g[n - 1] = 200.0 * add(-x[n - 2], x[n - 2], x[n - 1]);
}
