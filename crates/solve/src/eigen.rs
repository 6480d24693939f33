//! Eigenvalues of small symmetric matrices.

/// The eigenvalues of a symmetric matrix, ascending, by Jacobi's cyclic rotations (Golub and Van Loan, Matrix
/// Computations, 8.5). The rows of the matrix stand one behind the other; only n up to some dozens makes sense.
///
/// Entries that are not finite give eigenvalues that are NaN.
pub fn symmetric_eigenvalues(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut a = matrix.to_vec();
    a.resize(n * n, 0.0);
    if a.iter().any(|x| !x.is_finite()) {
        return vec![f64::NAN; n];
    }
    // Scaled, so that squares neither overflow nor vanish.
    let size = a.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if size == 0.0 {
        return vec![0.0; n];
    }
    a.iter_mut().for_each(|x| *x /= size);
    for _ in 0..50 {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if off < 1e-40 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, n, p, q);
            }
        }
    }
    let mut values: Vec<f64> = (0..n).map(|i| a[i * n + i] * size).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// One rotation, which makes the entry at (p, q) zero.
fn rotate(a: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    // The smaller root of t^2 + 2*theta*t = 1.
    let t = if theta.abs() > 1e150 {
        0.5 / theta
    } else {
        theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt())
    };
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (akp, akq) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * akp - s * akq;
        a[k * n + q] = s * akp + c * akq;
    }
    for k in 0..n {
        let (apk, aqk) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * apk - s * aqk;
        a[q * n + k] = s * apk + c * aqk;
    }
    a[p * n + q] = 0.0;
    a[q * n + p] = 0.0;
}
