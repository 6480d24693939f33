//! What sampling finds, by numbers.

use agnesi_plot::range::usable;
use agnesi_plot::sample::{Curve, Edge, End, Sampling, sample};
use proptest::prelude::*;

fn find(f: impl Fn(f64) -> f64, x: (f64, f64)) -> Curve {
    let curve = sample(&f, x, None, &Sampling::default());
    sound(&curve, x);
    curve
}

/// What holds of every curve.
fn sound(curve: &Curve, x: (f64, f64)) {
    assert!(usable(curve.y_range), "{:?}", curve.y_range);
    let mut before = f64::NEG_INFINITY;
    for piece in &curve.pieces {
        assert!(piece.points.len() >= 2, "a piece of {:?}", piece.points);
        assert!(piece.points[0].0 >= before, "pieces overlap at {before}");
        for pair in piece.points.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{pair:?}");
        }
        assert!(piece.points.iter().all(|p| p.0 >= x.0 && p.0 <= x.1 && p.1.is_finite()));
        before = piece.points[piece.points.len() - 1].0;
    }
    for band in &curve.bands {
        assert!(band.points.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(band.points.iter().all(|p| p.1 <= p.2 && p.1.is_finite() && p.2.is_finite()));
    }
}

fn ends(curve: &Curve) -> Vec<(End, End)> {
    curve.pieces.iter().map(|p| (p.start, p.end)).collect()
}

const UP: End = End::Pole { up: true };
const DOWN: End = End::Pole { up: false };

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + b.abs())
}

#[test]
fn a_smooth_function_is_one_piece_close_to_the_truth() {
    let f = |w: f64| (4.0 * w).sin() + 0.1 * w * w;
    let curve = find(f, (-3.0, 3.0));
    assert_eq!(ends(&curve), [(End::View, End::View)]);
    let pixel = (curve.y_range.1 - curve.y_range.0) / 320.0;
    for pair in curve.pieces[0].points.windows(2) {
        let x = 0.5 * (pair[0].0 + pair[1].0);
        assert!((f(x) - 0.5 * (pair[0].1 + pair[1].1)).abs() < 2.0 * pixel, "at {x}");
    }
    assert!(curve.pieces[0].points.len() < 600, "thinned");
}

#[test]
fn poles_part_the_tangent() {
    let curve = find(f64::tan, (-5.0, 5.0));
    let inner = (DOWN, UP);
    assert_eq!(ends(&curve), [(End::View, UP), inner, inner, inner, (DOWN, End::View)]);
    assert_eq!(curve.poles.len(), 4);
    for (pole, k) in curve.poles.iter().zip([-3.0, -1.0, 1.0, 3.0]) {
        assert!(near(*pole, k * std::f64::consts::FRAC_PI_2));
    }
    // Clipped, yet wide enough to show the bend.
    assert!(curve.y_range.1 > 3.0 && curve.y_range.1 < 40.0);
    // Each branch leaves the view.
    assert!(curve.pieces[1].points[0].1 < curve.y_range.0);
}

#[test]
fn poles_of_one_sign_or_two_on_a_sample_or_beside_one() {
    for at in [0.0, 2f64.sqrt(), 1.0 / 3.0] {
        let odd = find(|x| 1.0 / (x - at), (-5.0, 5.0));
        assert_eq!(ends(&odd), [(End::View, DOWN), (UP, End::View)], "at {at}");
        let even = find(|x| 1.0 / (x - at).powi(2), (-5.0, 5.0));
        assert_eq!(ends(&even), [(End::View, UP), (UP, End::View)], "at {at}");
        let log = find(|x| (x - at).abs().ln(), (-5.0, 5.0));
        assert_eq!(ends(&log), [(End::View, DOWN), (DOWN, End::View)], "at {at}");
        for curve in [odd, even, log] {
            assert!(curve.poles.len() == 1 && near(curve.poles[0], at), "{:?}", curve.poles);
        }
    }
}

#[test]
fn a_high_but_finite_peak_is_no_pole() {
    let curve = find(|x| 1.0 / (x * x + 1e-4), (-5.0, 5.0));
    assert_eq!(ends(&curve), [(End::View, End::View)]);
    assert!(curve.poles.is_empty());
}

#[test]
fn steps_have_closed_and_open_ends() {
    let floor = find(f64::floor, (-2.5, 2.5));
    let step = (End::Closed, End::Open);
    assert_eq!(ends(&floor), [(End::View, End::Open), step, step, step, step, (End::Closed, End::View)]);
    assert_eq!(floor.pieces[1].points, [(-2.0, -2.0), (-1.0, -2.0)]);
    let ceil = find(f64::ceil, (-1.5, 1.5));
    let step = (End::Open, End::Closed);
    assert_eq!(ends(&ceil), [(End::View, End::Closed), step, step, (End::Open, End::View)]);
    // The first point of the view may be a piece of its own.
    assert_eq!(find(f64::ceil, (-1.0, 1.5)).points, [(-1.0, -1.0)]);
    // Steps at tenths, which are no sums of powers of two.
    assert_eq!(find(|x| (10.0 * x).floor(), (0.05, 0.55)).pieces.len(), 6);
}

#[test]
fn a_step_at_a_place_that_no_float_is_has_no_verdict_on_its_ends() {
    let curve = find(|x| (x * std::f64::consts::PI).floor(), (0.1, 0.5));
    assert_eq!(ends(&curve), [(End::View, End::Cut), (End::Cut, End::View)]);
}

#[test]
fn the_sign_function_has_two_open_ends_and_a_point() {
    let curve = find(|x| if x == 0.0 { 0.0 } else { x.signum() }, (-2.0, 2.0));
    assert_eq!(ends(&curve), [(End::View, End::Open), (End::Open, End::View)]);
    assert_eq!(curve.points, [(0.0, 0.0)]);
}

#[test]
fn edges_of_the_domain_are_reached() {
    let root = find(f64::sqrt, (-1.0, 5.0));
    assert_eq!(ends(&root), [(End::Closed, End::View)]);
    assert_eq!(root.pieces[0].points[0], (0.0, 0.0));
    let log = find(|x| if x > 0.0 { x.ln() } else { f64::NAN }, (-1.0, 5.0));
    assert_eq!(ends(&log), [(DOWN, End::View)]);
    assert_eq!(log.poles, [0.0]);
    assert!(log.pieces[0].points[0].1 < log.y_range.0);
    let hyperbola = find(|x| (x * x - 2.0).sqrt(), (-3.0, 3.0));
    assert_eq!(ends(&hyperbola), [(End::View, End::Closed), (End::Closed, End::View)]);
    assert!(near(hyperbola.pieces[1].points[0].0, 2f64.sqrt()));
    let power = find(|x| if x > 0.0 { x.powf(x) } else { f64::NAN }, (-1.0, 2.0));
    assert_eq!(ends(&power), [(End::Open, End::View)]);
    assert!((power.pieces[0].points[0].1 - 1.0).abs() < 0.02);
    let arcsine = find(f64::asin, (-2.0, 2.0));
    assert_eq!(ends(&arcsine), [(End::Closed, End::Closed)]);
}

#[test]
fn what_is_known_of_an_edge_overrides_the_samples() {
    let known = Sampling { edges: vec![Edge { x: 0.0, closed: false }], ..Sampling::default() };
    let curve = sample(&f64::sqrt, (-1.0, 4.0), None, &known);
    assert_eq!(ends(&curve), [(End::Open, End::View)]);
}

#[test]
fn known_breaks_are_examined_wherever_they_are() {
    let at = 0.123_456_789_012;
    let f = |x: f64| if x == at { f64::NAN } else { x };
    assert!(find(f, (-1.0, 1.0)).holes.is_empty(), "too small to be met by chance");
    let known = Sampling { breaks: vec![at], ..Sampling::default() };
    let holes = sample(&f, (-1.0, 1.0), None, &known).holes;
    assert!(holes.len() == 1 && holes[0].0 == at && near(holes[0].1, at));
}

#[test]
fn missing_points_are_holes_at_their_limit() {
    let sinc = find(|x| x.sin() / x, (-10.0, 10.0));
    assert_eq!(ends(&sinc), [(End::View, End::View)]);
    assert!(sinc.holes.len() == 1 && sinc.holes[0].0 == 0.0 && (sinc.holes[0].1 - 1.0).abs() < 1e-6);
    let cosine = find(|x| (1.0 - x.cos()) / (x * x), (-10.0, 10.0));
    assert!(cosine.holes.len() == 1 && (cosine.holes[0].1 - 0.5).abs() < 1e-3, "{:?}", cosine.holes);
    let line = find(|x| (x * x - 1.0) / (x - 1.0), (-3.0, 3.0));
    assert!(line.holes.len() == 1 && line.holes[0].0 == 1.0 && (line.holes[0].1 - 2.0).abs() < 1e-6);
    // A point beside the curve, too.
    let moved = find(|x| if x == 1.0 { 3.0 } else { x }, (-5.0, 5.0));
    assert_eq!((moved.holes.len(), moved.points.as_slice()), (1, [(1.0, 3.0)].as_slice()));
}

#[test]
fn one_side_of_a_break_may_be_finite() {
    let curve = find(|x| (1.0 / x).exp(), (-3.0, 3.0));
    assert_eq!(ends(&curve), [(End::View, End::Open), (UP, End::View)]);
    assert_eq!(curve.poles, [0.0]);
}

#[test]
fn fast_oscillation_is_an_envelope() {
    let curve = find(|x| (1.0 / x).sin(), (-1.0, 1.0));
    assert_eq!(curve.bands.len(), 1);
    let band = &curve.bands[0].points;
    assert!(band[0].0 < -0.01 && band[band.len() - 1].0 > 0.01);
    assert!(band.iter().all(|p| p.1 < -0.9 && p.2 > 0.9), "{band:?}");
    assert_eq!(ends(&curve), [(End::View, End::Band), (End::Band, End::View)]);
    // Frequencies that keep step with a regular grid of the same width do not slip through.
    for frequency in [480.0, 960.0, 2400.0, 1e6] {
        let turns = std::f64::consts::TAU * frequency;
        let curve = find(|x| (turns * x).sin(), (0.0, 1.0));
        assert!(curve.bands.len() == 1 && curve.pieces.is_empty(), "{frequency}");
    }
    // A slower one remains a line.
    assert!(find(|x| (40.0 * x).sin(), (-3.0, 3.0)).bands.is_empty());
}

#[test]
fn vertical_tangents_and_corners_stay_joined() {
    for f in [f64::cbrt, f64::abs, |x: f64| x.abs().sqrt(), |x: f64| (1e6 * x).tanh()] {
        assert_eq!(ends(&find(f, (-3.0, 3.1))), [(End::View, End::View)]);
    }
}

#[test]
fn constants_nothing_and_extremes() {
    let constant = find(|_| 2.5, (-3.0, 3.0));
    assert_eq!(constant.pieces[0].points, [(-3.0, 2.5), (3.0, 2.5)]);
    assert!(constant.y_range.0 < 2.5 && constant.y_range.1 > 2.5);
    let nothing = find(|_| f64::NAN, (-3.0, 3.0));
    assert!(nothing.pieces.is_empty() && nothing.points.is_empty());
    for scale in [1e300, 1e-300, 1e307, -4e-301] {
        let line = find(|x| scale * x, (-3.0, 3.0));
        assert_eq!(ends(&line), [(End::View, End::View)], "{scale}");
        assert_eq!(line.pieces[0].points.len(), 2, "{scale}");
        assert!(line.y_range.1 > 2.9 * scale.abs(), "{scale}");
    }
    let overflow = find(|x| 1e308 * x, (-3.0, 3.0));
    assert_eq!(overflow.pieces.len(), 1);
    let point = find(|x| (-x * x).sqrt(), (-3.0, 3.0));
    assert_eq!((point.pieces.len(), point.points.len()), (0, 1));
    for x in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(sample(&|x| x, x, None, &Sampling::default()).pieces.is_empty());
    }
    // Far from the origin, where floats are coarse.
    assert_eq!(find(|x| x - 1e9, (1e9, 1e9 + 1.0)).pieces.len(), 1);
}

#[test]
fn ranges_keep_zero_and_ignore_poles() {
    assert!(find(|x| x * x, (-3.0, 3.0)).y_range.0 <= 0.0);
    assert!(find(|x| 0.2 + x * x, (-3.0, 3.0)).y_range.0 <= 0.0);
    assert!(find(|x| 100.0 + x, (-3.0, 3.0)).y_range.0 > 90.0);
    let exponential = find(f64::exp, (-5.0, 5.0));
    assert!(exponential.y_range.1 > 148.0, "no pole, so nothing is cut");
    assert!(find(|x| 1.0 / x, (-5.0, 5.0)).y_range.1 < 20.0);
}

#[test]
fn gamma_like_poles() {
    // Poles at 0, -1, -2, -3 with signs that alternate.
    let f = |x: f64| 1.0 / (x * (x + 1.0) * (x + 2.0) * (x + 3.0));
    let curve = find(f, (-4.5, 2.0));
    assert_eq!(curve.poles, [-3.0, -2.0, -1.0, 0.0]);
    assert_eq!(ends(&curve), [(End::View, UP), (DOWN, DOWN), (UP, UP), (DOWN, DOWN), (UP, End::View)]);
}

#[test]
fn the_limit_on_evaluations_holds() {
    for limit in [0, 500, 3000, 20_000] {
        let calls = std::cell::Cell::new(0usize);
        let f = |x: f64| {
            calls.set(calls.get() + 1);
            (1.0 / x).sin() + (x * 1e4).tan()
        };
        let options = Sampling { limit, ..Sampling::default() };
        let curve = sample(&f, (-3.0, 3.0), None, &options);
        sound(&curve, (-3.0, 3.0));
        assert_eq!(curve.evaluations, calls.get());
        assert!(calls.get() <= limit.max(400) + 200, "{} of {limit}", calls.get());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Smooth functions: one piece, nowhere a pixel and a half off.
    #[test]
    fn smooth_functions_are_followed(
        a in -3.0..3.0f64, b in 0.2..9.0f64, c in -3.0..3.0f64, d in -1.0..1.0f64, t in 0.0..1.0f64,
        low in -20.0..20.0f64, width in 0.01..40.0f64,
    ) {
        let f = |x: f64| a * (b * x).sin() + c * x + d * x * x + 1.0;
        let view = (low, low + width);
        let curve = sample(&f, view, None, &Sampling::default());
        sound(&curve, view);
        prop_assert_eq!(curve.pieces.len(), 1);
        let x = view.0 + t * width;
        let points = &curve.pieces[0].points;
        let i = points.partition_point(|p| p.0 <= x).clamp(1, points.len() - 1);
        let (p, q) = (points[i - 1], points[i]);
        let y = p.1 + (x - p.0) / (q.0 - p.0) * (q.1 - p.1);
        let pixel = (curve.y_range.1 - curve.y_range.0) / 320.0;
        // The distance from the chord is what counts; steep chords may be further off in y.
        let (w, h) = ((q.0 - p.0) / (width / 480.0), (q.1 - p.1) / pixel);
        let distance = (y - f(x)).abs() / pixel * w / w.hypot(h).max(1e-9);
        prop_assert!(distance < 1.0, "{distance} pixels at {x}");
    }

    /// Rational functions: a break at each pole, wherever it is.
    #[test]
    fn each_pole_is_found(mut poles in prop::collection::vec(-4.9..4.9f64, 1..5), signs in any::<u8>()) {
        poles.sort_by(f64::total_cmp);
        prop_assume!(poles.windows(2).all(|w| w[1] - w[0] > 0.3));
        let f = |x: f64| {
            poles.iter().enumerate().map(|(i, p)| if signs >> i & 1 == 0 { 1.0 } else { -1.0 } / (x - p)).sum()
        };
        let curve = sample(&f, (-5.0, 5.0), None, &Sampling::default());
        sound(&curve, (-5.0, 5.0));
        prop_assert_eq!(curve.pieces.len(), poles.len() + 1);
        prop_assert_eq!(curve.poles.len(), poles.len());
        for (a, b) in curve.poles.iter().zip(&poles) {
            prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
        }
    }

    /// Steps: a piece between each two, with the heights at their ends.
    #[test]
    fn each_step_is_found(mut steps in prop::collection::vec(-490i32..490, 1..8), slope in -2.0..2.0f64) {
        steps.sort_unstable();
        // Steps up on the way down are teeth: some in every five columns are drawn as a band.
        let apart = if slope < 0.0 { 11 } else { 3 };
        prop_assume!(steps.windows(2).all(|w| w[1] - w[0] > apart));
        let places: Vec<f64> = steps.iter().map(|s| f64::from(*s) / 100.0).collect();
        let f = |x: f64| slope * x + places.iter().filter(|p| x >= **p).count() as f64 * 3.0;
        let curve = sample(&f, (-5.0, 5.0), None, &Sampling::default());
        sound(&curve, (-5.0, 5.0));
        prop_assert_eq!(curve.pieces.len(), places.len() + 1);
        for (piece, place) in curve.pieces[1..].iter().zip(&places) {
            prop_assert_eq!(piece.start, End::Closed);
            prop_assert_eq!(piece.points[0].0, *place);
        }
        for piece in &curve.pieces[..places.len()] {
            prop_assert_eq!(piece.end, End::Open);
        }
    }

    /// Whatever the function and the view: sound, and within the limit.
    #[test]
    fn nothing_breaks_it(kind in 0..12, a in -1e3..1e3f64, power in -300..300i32, low in -1e6..1e6f64, width in 1e-6..1e6f64) {
        let scale = 10f64.powi(power);
        let f = |x: f64| scale * match kind {
            0 => (a / x).sin(),
            1 => (a * x).tan(),
            2 => (x * a).floor(),
            3 => x.powf(x),
            4 => (a * x).exp(),
            5 => if (x * a).sin() > 0.0 { x } else { f64::NAN },
            6 => 1.0 / (a * x).sin().floor(),
            7 => (x * 1e9).fract(),
            8 => (x - a).abs().ln().ln(),
            9 => if x.to_bits().is_multiple_of(3) { f64::INFINITY } else { a },
            10 => f64::from_bits(x.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            _ => (x * x - a).sqrt() / (x - a),
        };
        let view = (low, low + width);
        let options = Sampling { limit: 30_000, ..Sampling::default() };
        let curve = sample(&f, view, None, &options);
        sound(&curve, view);
        prop_assert!(curve.evaluations <= 30_200);
    }
}
