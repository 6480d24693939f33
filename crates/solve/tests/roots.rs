//! Roots of functions of one variable: simple, double, clustered, at edges, and what only looks like one.

use agnesi_solve::{Roots, Search, roots};

fn with(f: impl Fn(f64) -> f64, df: impl Fn(f64) -> f64, interval: (f64, f64)) -> Roots {
    roots(&mut |x| f(x), Some(&mut |x| df(x)), interval, &Search::default())
}

fn places(found: &Roots) -> Vec<f64> {
    found.roots.iter().map(|r| r.x).collect()
}

/// Each expected root is there to a few units of the last place, and no other.
fn assert_roots(found: &Roots, expected: &[f64]) {
    let places = places(found);
    assert_eq!(places.len(), expected.len(), "{places:?} instead of {expected:?}");
    for (x, y) in places.iter().zip(expected) {
        assert!((x - y).abs() <= 4e-16 * y.abs().max(1e-3), "{x} instead of {y}");
    }
}

#[test]
fn simple_roots() {
    assert_roots(&with(|x| x * x - 2.0, |x| 2.0 * x, (-5.0, 5.0)), &[-(2f64.sqrt()), 2f64.sqrt()]);
    assert_roots(&with(|x| x.cos() - x, |x| -x.sin() - 1.0, (-5.0, 5.0)), &[0.739_085_133_215_160_6]);
    assert_roots(&with(f64::sin, f64::cos, (1.0, 7.0)), &[std::f64::consts::PI, std::f64::consts::TAU]);
    assert_roots(&with(|x| x * x + 1.0, |x| 2.0 * x, (-5.0, 5.0)), &[]);
}

#[test]
fn a_root_at_a_short_decimal_is_that_decimal() {
    let found = with(|x| 10.0 * x - 3.0, |_| 10.0, (-5.0, 5.0));
    assert_eq!(places(&found), [0.3]);
    let found = with(|x| x * x - x - 0.24, |x| 2.0 * x - 1.0, (-5.0, 5.0));
    assert_eq!(places(&found), [-0.2, 1.2]);
}

#[test]
fn double_roots_touch_and_triple_ones_cross() {
    for (power, touches) in [(2, true), (3, false), (4, true), (5, false)] {
        for centre in [0.0, 0.3, 1.0 / 3.0, -2.7] {
            let f = |x: f64| (x - centre).powi(power);
            let df = |x: f64| f64::from(power) * (x - centre).powi(power - 1);
            let found = with(f, df, (-5.0, 5.0));
            assert_eq!(found.roots.len(), 1, "{power} {centre}: {found:?}");
            assert!((found.roots[0].x - centre).abs() < 1e-12, "{power} {centre}: {found:?}");
            assert_eq!(found.roots[0].touches, touches, "{power} {centre}: {found:?}");
        }
    }
    // Expanded, so that values near the root are rounding alone.
    let found = with(|x| x * x - 2.0 * x + 1.0, |x| 2.0 * x - 2.0, (-5.0, 5.0));
    assert_eq!((places(&found), found.roots[0].touches), (vec![1.0], true));
}

#[test]
fn near_misses_are_no_roots() {
    for lift in [1e-3, 1e-6, 1e-12] {
        let found = with(|x| (x - 1.0) * (x - 1.0) + lift, |x| 2.0 * (x - 1.0), (-5.0, 5.0));
        assert_eq!(found.roots, [], "{lift}");
        let found = with(|x| (x - 1.0) * (x - 1.0) - lift, |x| 2.0 * (x - 1.0), (-5.0, 5.0));
        assert_eq!(found.roots.len(), 2, "{lift}: {found:?}");
        assert!(
            found.roots.iter().all(|r| !r.touches && ((r.x - 1.0).abs() / lift.sqrt() - 1.0).abs() < 1e-3)
        );
    }
}

#[test]
fn clusters_are_taken_apart() {
    let centres = [1.0, 1.001, 1.002, 1.0025];
    let f = |x: f64| centres.iter().map(|c| x - c).product::<f64>();
    let df = |x: f64| {
        (0..4).map(|i| (0..4).filter(|j| *j != i).map(|j| x - centres[j]).product::<f64>()).sum::<f64>()
    };
    let found = with(f, df, (-5.0, 5.0));
    assert_eq!(found.roots.len(), 4, "{found:?}");
    assert!(found.roots.iter().zip(centres).all(|(r, c)| (r.x - c).abs() < 1e-12 && !r.touches), "{found:?}");
    // Wilkinson's polynomial, as a product.
    let f = |x: f64| (1..=20).map(|k| x - f64::from(k)).product::<f64>();
    let df = |x: f64| {
        (1..=20).map(|i| (1..=20).filter(|j| *j != i).map(|j| x - f64::from(j)).product::<f64>()).sum::<f64>()
    };
    let found = with(f, df, (0.0, 21.0));
    assert_eq!(places(&found), (1..=20).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn without_a_derivative_roots_are_found_too() {
    let found = roots(&mut |x| x.exp() - 2.0, None, (-5.0, 5.0), &Search::default());
    assert_roots(&found, &[std::f64::consts::LN_2]);
    let found = roots(&mut |x| (x - 0.7) * (x - 0.7), None, (-5.0, 5.0), &Search::default());
    assert!(found.roots.len() == 1 && (found.roots[0].x - 0.7).abs() < 1e-8 && found.roots[0].touches);
}

#[test]
fn poles_and_jumps_change_sign_without_a_root() {
    let found = with(|x| 1.0 / x, |x| -1.0 / (x * x), (-5.0, 5.0));
    assert_eq!((found.roots.len(), &found.breaks[..]), (0, &[0.0][..]));
    let found = with(|x| 1.0 / (x - 1.0 / 3.0), |x| -1.0 / (x - 1.0 / 3.0).powi(2), (-5.0, 5.0));
    assert_eq!((found.roots.len(), found.breaks.len()), (0, 1), "{found:?}");
    let found = with(f64::tan, |x| 1.0 + x.tan().powi(2), (-5.0, 5.0));
    assert_roots(&found, &[-std::f64::consts::PI, 0.0, std::f64::consts::PI]);
    assert_eq!(found.breaks.len(), 4, "{found:?}");
    let found = with(|x| (x - 1.0 / 3.0).signum(), |_| 0.0, (-5.0, 5.0));
    assert_eq!((found.roots.len(), found.breaks.len()), (0, 1));
    // A root beside a jump.
    let found = with(|x| x - 0.5 + if x > 1.7 { -3.0 } else { 0.0 }, |_| 1.0, (-5.0, 5.0));
    assert_roots(&found, &[0.5, 3.5]);
    let found = with(|x| x.ceil() + 0.5, |_| 0.0, (-5.0, 5.0));
    assert_eq!(found.roots, []);
}

#[test]
fn steep_and_flat_roots_are_roots() {
    assert_roots(
        &with(|x| (x - 1.0 / 3.0).cbrt(), |x| (x - 1.0 / 3.0).cbrt().powi(-2) / 3.0, (-5.0, 5.0)),
        &[1.0 / 3.0],
    );
    assert_roots(&with(|x| 1e20 * (x - 1.0 / 3.0), |_| 1e20, (-5.0, 5.0)), &[1.0 / 3.0]);
    assert_roots(&with(|x| 1e-200 * (x - 1.0 / 3.0), |_| 1e-200, (-5.0, 5.0)), &[1.0 / 3.0]);
    let found = with(|x| (x - 1.0 / 3.0).abs(), |x| (x - 1.0 / 3.0).signum(), (-5.0, 5.0));
    assert_roots(&found, &[1.0 / 3.0]);
    assert!(found.roots[0].touches);
}

#[test]
fn roots_at_the_edge_of_the_domain() {
    for centre in [0.0, 0.3, 1.0 / 3.0] {
        let found = with(|x: f64| (x - centre).sqrt(), |x| 0.5 / (x - centre).sqrt(), (-5.0, 5.0));
        assert_roots(&found, &[centre]);
    }
    // Goes to zero where it is not defined.
    let found = with(|x: f64| if x > 0.0 { x * x.ln() } else { f64::NAN }, |x| x.ln() + 1.0, (-5.0, 5.0));
    assert_roots(&found, &[1.0]);
    let found = with(f64::ln, |x| 1.0 / x, (-5.0, 5.0));
    assert_roots(&found, &[1.0]);
    // At the ends of the view.
    assert_roots(&with(|x| x * (x - 2.0), |x| 2.0 * x - 2.0, (0.0, 2.0)), &[0.0, 2.0]);
}

#[test]
fn what_is_zero_on_a_stretch_is_said_so() {
    let found = with(|x| x.max(0.0), |x| if x > 0.0 { 1.0 } else { 0.0 }, (-5.0, 5.0));
    assert_eq!((found.roots.len(), &found.zero_on[..]), (0, &[(-5.0, 0.0)][..]));
    let found = with(|_| 0.0, |_| 0.0, (-5.0, 5.0));
    assert_eq!((found.roots.len(), &found.zero_on[..]), (0, &[(-5.0, 5.0)][..]));
    let found = with(f64::floor, |_| 0.0, (-5.0, 5.0));
    assert_eq!((found.roots.len(), &found.zero_on[..]), (0, &[(0.0, 1.0f64.next_down())][..]));
    // Too small for a double is not zero.
    let f = |x: f64| (-1.0 / (x * x)).exp();
    let found = with(f, |x| 2.0 * f(x) / (x * x * x), (-5.0, 5.0));
    assert_eq!((found.roots.len(), found.zero_on.len(), found.underflow.len()), (0, 0, 1), "{found:?}");
}

#[test]
fn oscillation_beyond_the_samples_is_said() {
    let found = with(|x| (1.0 / x).sin(), |x| -(1.0 / x).cos() / (x * x), (-5.0, 5.0));
    assert_eq!(found.unresolved.len(), 1, "{found:?}");
    let (from, to) = found.unresolved[0];
    assert!(from < 0.0 && to > 0.0 && to - from < 0.2, "{from} {to}");
    // All roots outside the unresolved stretch are there.
    let expected: Vec<f64> =
        (1..).map(|k| 1.0 / (f64::from(k) * std::f64::consts::PI)).take_while(|x| *x > to).collect();
    let right: Vec<f64> = places(&found).into_iter().filter(|x| *x > 0.0).rev().collect();
    assert_eq!(right.len(), expected.len(), "{right:?} {expected:?} {from} {to} {}", found.limited);
    assert!(right.iter().zip(&expected).all(|(x, y)| (x - y).abs() < 1e-14), "{right:?}");
}

#[test]
fn work_is_bounded() {
    let mut count = 0;
    let mut f = |x: f64| {
        count += 1;
        (1e9 * x).sin()
    };
    let found = roots(&mut f, None, (-5.0, 5.0), &Search::default());
    assert!(found.limited || !found.unresolved.is_empty(), "{found:?}");
    assert!(count < 200_000, "{count}");
    for interval in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (f64::NEG_INFINITY, 0.0)] {
        assert_eq!(roots(&mut |x| x, None, interval, &Search::default()), Roots::default());
    }
    assert_eq!(roots(&mut |_| f64::NAN, None, (0.0, 1.0), &Search::default()).roots, []);
}
