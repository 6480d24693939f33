//! Critical points of one variable and of several.

use agnesi_solve::CriticalKind::{Inflection, Maximum, Minimum};
use agnesi_solve::{
    CriticalKind, Search, Stationary, StationaryKind, StationarySearch, critical_points, stationary_points,
    symmetric_eigenvalues,
};

/// Places and kinds of critical points within [-5, 5], from first and second derivative.
fn points(
    f: impl Fn(f64) -> f64,
    df: impl Fn(f64) -> f64,
    ddf: impl Fn(f64) -> f64,
) -> Vec<(f64, CriticalKind, bool)> {
    let found = critical_points(
        &mut |x| f(x),
        &mut |x| df(x),
        Some(&mut |x| ddf(x)),
        (-5.0, 5.0),
        &Search::default(),
    );
    found.points.iter().map(|p| (p.x, p.kind, p.smooth)).collect()
}

#[test]
fn powers() {
    assert_eq!(points(|x| x * x, |x| 2.0 * x, |_| 2.0), [(0.0, Minimum, true)]);
    assert_eq!(points(|x| x.powi(3), |x| 3.0 * x * x, |x| 6.0 * x), [(0.0, Inflection, true)]);
    assert_eq!(points(|x| -x.powi(4), |x| -4.0 * x.powi(3), |x| -12.0 * x * x), [(0.0, Maximum, true)]);
    assert_eq!(points(|x| x.powi(5), |x| 5.0 * x.powi(4), |x| 20.0 * x.powi(3)), [(0.0, Inflection, true)]);
    assert_eq!(
        points(|x| x.powi(3) - 3.0 * x, |x| 3.0 * x * x - 3.0, |x| 6.0 * x),
        [(-1.0, Maximum, true), (1.0, Minimum, true)]
    );
    assert_eq!(points(|x| x, |_| 1.0, |_| 0.0), []);
}

#[test]
fn kinks_and_cusps() {
    let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    assert_eq!(points(f64::abs, sign, |_| 0.0), [(0.0, Minimum, false)]);
    assert_eq!(points(|x| -(x - 0.7).abs(), |x| -sign(x - 0.7), |_| 0.0), [(0.7, Maximum, false)]);
    let cusp = |x: f64| x.cbrt() * x.cbrt();
    assert_eq!(points(cusp, |x| 2.0 / 3.0 / x.cbrt(), |_| f64::NAN), [(0.0, Minimum, false)]);
    // A kink that goes on rising is none.
    assert_eq!(points(|x| x + x.max(0.0), |x| if x > 0.0 { 2.0 } else { 1.0 }, |_| 0.0), []);
}

#[test]
fn poles_and_jumps_are_no_critical_points() {
    assert_eq!(points(|x| 1.0 / (x * x), |x| -2.0 / x.powi(3), |x| 6.0 / x.powi(4)), []);
    assert_eq!(points(f64::floor, |_| 0.0, |_| 0.0), []);
    assert_eq!(points(|x| if x > 1.0 { -x } else { x }, |x| if x > 1.0 { -1.0 } else { 1.0 }, |_| 0.0), []);
    // Where the function has no value its formula's derivative does not count.
    let log = |x: f64| x.ln();
    assert_eq!(points(|x| log(x) + x, |x| 1.0 / x + 1.0, |x| -1.0 / (x * x)), []);
}

#[test]
fn constant_stretches_are_said() {
    let found = critical_points(&mut f64::floor, &mut |_| 0.0, None, (-5.0, 5.0), &Search::default());
    assert_eq!((found.points.len(), &found.constant_on[..]), (0, &[(-5.0, 5.0)][..]));
}

type Function = fn(&[f64]) -> f64;
type Derivative = fn(&[f64], &mut [f64]);

fn stationary(f: Function, g: Derivative, h: Derivative, n: usize) -> Stationary {
    let mut search = StationarySearch {
        value: &mut { f },
        gradient: &mut { g },
        hessian: &mut { h },
        evaluations: 50_000,
    };
    stationary_points(&mut search, &vec![(-5.0, 5.0); n])
}

fn kinds(found: &Stationary) -> Vec<(Vec<f64>, StationaryKind)> {
    found.points.iter().map(|p| (p.at.clone(), p.kind)).collect()
}

#[test]
fn quadratics() {
    use StationaryKind::{Maximum, Minimum, Saddle};
    for (sx, sy, kind) in [(1.0, 1.0, Minimum), (-1.0, -1.0, Maximum), (1.0, -1.0, Saddle)] {
        let mut search = StationarySearch {
            value: &mut |x| sx * (x[0] - 1.0).powi(2) + sy * (x[1] + 0.5).powi(2),
            gradient: &mut |x, g| {
                g[0] = 2.0 * sx * (x[0] - 1.0);
                g[1] = 2.0 * sy * (x[1] + 0.5);
            },
            hessian: &mut |_, h| h.copy_from_slice(&[2.0 * sx, 0.0, 0.0, 2.0 * sy]),
            evaluations: 50_000,
        };
        let found = stationary_points(&mut search, &[(-5.0, 5.0), (-5.0, 5.0)]);
        assert_eq!(kinds(&found), [(vec![1.0, -0.5], kind)]);
        assert!(found.points[0].by_eigenvalues);
    }
}

/// (x^2 + y - 11)^2 + (x + y^2 - 7)^2 has four minima, four saddles and a maximum (Himmelblau 1972).
#[test]
fn himmelblau() {
    let f: Function = |v| (v[0] * v[0] + v[1] - 11.0).powi(2) + (v[0] + v[1] * v[1] - 7.0).powi(2);
    let g: Derivative = |v, g| {
        let (p, q) = (v[0] * v[0] + v[1] - 11.0, v[0] + v[1] * v[1] - 7.0);
        g[0] = 4.0 * v[0] * p + 2.0 * q;
        g[1] = 2.0 * p + 4.0 * v[1] * q;
    };
    let h: Derivative = |v, h| {
        let (p, q) = (v[0] * v[0] + v[1] - 11.0, v[0] + v[1] * v[1] - 7.0);
        h[0] = 8.0 * v[0] * v[0] + 4.0 * p + 2.0;
        h[1] = 4.0 * v[0] + 4.0 * v[1];
        h[2] = h[1];
        h[3] = 8.0 * v[1] * v[1] + 4.0 * q + 2.0;
    };
    let found = stationary(f, g, h, 2);
    let count = |kind| found.points.iter().filter(|p| p.kind == kind).count();
    assert_eq!(count(StationaryKind::Minimum), 4, "{found:?}");
    assert_eq!(count(StationaryKind::Saddle), 4);
    assert_eq!(count(StationaryKind::Maximum), 1);
    assert_eq!(found.points.len(), 9);
    assert!(found.points.iter().any(|p| p.at == [3.0, 2.0] && p.value == 0.0));
}

#[test]
fn where_the_hessian_is_singular_samples_decide() {
    let found = stationary(
        |v| v[0] * v[0] + v[1].powi(3),
        |v, g| {
            g[0] = 2.0 * v[0];
            g[1] = 3.0 * v[1] * v[1];
        },
        |v, h| h.copy_from_slice(&[2.0, 0.0, 0.0, 6.0 * v[1]]),
        2,
    );
    assert_eq!(kinds(&found), [(vec![0.0, 0.0], StationaryKind::Saddle)]);
    assert!(!found.points[0].by_eigenvalues);
    let found = stationary(
        |v| v[0].powi(4) + v[1].powi(4),
        |v, g| {
            g[0] = 4.0 * v[0].powi(3);
            g[1] = 4.0 * v[1].powi(3);
        },
        |v, h| h.copy_from_slice(&[12.0 * v[0] * v[0], 0.0, 0.0, 12.0 * v[1] * v[1]]),
        2,
    );
    assert_eq!(kinds(&found), [(vec![0.0, 0.0], StationaryKind::Minimum)]);
}

#[test]
fn three_variables_and_lines_of_points() {
    // x*y*z: critical along the axes, a continuum.
    let found = stationary(
        |v| v[0] * v[1] * v[2],
        |v, g| {
            g[0] = v[1] * v[2];
            g[1] = v[0] * v[2];
            g[2] = v[0] * v[1];
        },
        |v, h| h.copy_from_slice(&[0.0, v[2], v[1], v[2], 0.0, v[0], v[1], v[0], 0.0]),
        3,
    );
    assert!(found.continuum, "{found:?}");
    let found = stationary(
        |v| v.iter().map(|x| (x - 1.0).powi(2)).sum(),
        |v, g| (0..3).for_each(|i| g[i] = 2.0 * (v[i] - 1.0)),
        |_, h| h.copy_from_slice(&[2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0]),
        3,
    );
    assert_eq!(kinds(&found), [(vec![1.0, 1.0, 1.0], StationaryKind::Minimum)]);
    // None at all, though the gradient becomes small.
    let found = stationary(
        |v| (v[0] + v[1]).exp(),
        |v, g| g.fill((v[0] + v[1]).exp()),
        |v, h| h.fill((v[0] + v[1]).exp()),
        2,
    );
    assert_eq!(found.points, []);
}

#[test]
fn corners_of_several_variables() {
    // The norm around (1, -0.5): no gradient at its minimum.
    let found = stationary(
        |v| (v[0] - 1.0).hypot(v[1] + 0.5),
        |v, g| {
            let r = (v[0] - 1.0).hypot(v[1] + 0.5);
            g[0] = (v[0] - 1.0) / r;
            g[1] = (v[1] + 0.5) / r;
        },
        |v, h| {
            let (x, y) = (v[0] - 1.0, v[1] + 0.5);
            let cube = x.hypot(y).powi(3);
            h.copy_from_slice(&[y * y / cube, -x * y / cube, -x * y / cube, x * x / cube]);
        },
        2,
    );
    assert_eq!(kinds(&found), [(vec![1.0, -0.5], StationaryKind::Minimum)]);
    assert!(!found.points[0].smooth);
}

#[test]
fn eigenvalues_of_symmetric_matrices() {
    let close = |values: Vec<f64>, expected: &[f64]| {
        assert!(
            values.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-14 * b.abs().max(1.0)),
            "{values:?}"
        );
        assert_eq!(values.len(), expected.len());
    };
    close(symmetric_eigenvalues(&[2.0, 1.0, 1.0, 2.0], 2), &[1.0, 3.0]);
    close(symmetric_eigenvalues(&[0.0, 0.0, 0.0, 0.0], 2), &[0.0, 0.0]);
    close(symmetric_eigenvalues(&[-7.0], 1), &[-7.0]);
    // The second difference on n points has eigenvalues 2 - 2*cos(k*pi/(n + 1)).
    let n = 6usize;
    let matrix: Vec<f64> = (0..n * n)
        .map(|k| match (k / n).abs_diff(k % n) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        })
        .collect();
    let expected: Vec<f64> =
        (1..=n).map(|k| 2.0 - 2.0 * (k as f64 * std::f64::consts::PI / (n + 1) as f64).cos()).collect();
    close(symmetric_eigenvalues(&matrix, n), &expected);
    assert!(symmetric_eigenvalues(&[f64::NAN, 0.0, 0.0, 1.0], 2).iter().all(|x| x.is_nan()));
    close(symmetric_eigenvalues(&[1e-200, 0.0, 0.0, 1e200], 2), &[1e-200, 1e200]);
}
