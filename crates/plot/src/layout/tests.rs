//! Nothing is cut off and nothing overlaps, whatever the words and sizes.

use super::*;
use crate::scene::{Canvas, CurveScene, Graph, Slope, TangentScene};
use proptest::prelude::*;

/// The boxes of all text of a drawing: (class, left, top, right, bottom).
fn boxes(drawing: &Drawing) -> Vec<(&'static str, Rect)> {
    let mut found = Vec::new();
    for group in &drawing.groups {
        for item in &group.items {
            if let Item::Text { at, text, size, anchor, .. } = item {
                let width = font::width(text) * size;
                let left = match anchor {
                    Anchor::Start => at.0,
                    Anchor::Middle => at.0 - 0.5 * width,
                    Anchor::End => at.0 - width,
                };
                let rect =
                    Rect { left, top: at.1 - 0.75 * size, right: left + width, bottom: at.1 + 0.2 * size };
                found.push((group.class, rect));
            }
        }
    }
    found
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    let slack = 0.5;
    a.left + slack < b.right
        && b.left + slack < a.right
        && a.top + slack < b.bottom
        && b.top + slack < a.bottom
}

fn check(layout: &Layout) {
    let drawing = &layout.drawing;
    let all = boxes(drawing);
    for (class, b) in &all {
        let inside = b.left >= -1.0
            && b.right <= drawing.width + 1.0
            && b.top >= -1.0
            && b.bottom <= drawing.height + 1.0;
        assert!(inside, "text of {class} cut off: {b:?} in {} x {}", drawing.width, drawing.height);
    }
    for (i, (class, a)) in all.iter().enumerate() {
        for (other, b) in &all[..i] {
            assert!(!overlap(a, b), "{class} {a:?} over {other} {b:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_stay_within_and_apart(
        width in 280.0..1200.0f64,
        ratio in 0.6..1.0f64,
        label in "[a-z0-9^()+ *²√π]{1,90}",
        at in -2.5..2.5f64,
        power in -300i32..300,
        taylor in any::<bool>(),
        kink in any::<bool>(),
    ) {
        let scale = 10f64.powi(power);
        let f = move |x: f64| scale * (x * x * x - x);
        let slope = scale * (3.0 * at * at - 1.0);
        let slope = if kink {
            Slope::Sides { left: Some(slope), right: Some(-slope) }
        } else {
            Slope::Derivative(slope)
        };
        let mut scene = TangentScene::new(Graph::new(&f, label), "w", at, slope);
        scene.x = Some((-3.0, 3.0));
        scene.taylor = taylor.then(|| vec![f(at), scale]);
        scene.canvas = Canvas { width, height: width * ratio, ..Canvas::default() };
        check(&layout(&scene.figure()));
    }

    #[test]
    fn any_range_has_ticks_that_stay_apart(
        low in -1e3..1e3f64, width in 1e-3..1e5f64, power in -200i32..200, pixels in 280.0..900.0f64,
    ) {
        let scale = 10f64.powi(power);
        let x = (low * scale, (low + width) * scale);
        let f = |x: f64| x;
        let mut scene = CurveScene::new(vec![Graph::new(&f, "x")], "x");
        scene.x = Some(x);
        scene.canvas = Canvas { width: pixels, height: 0.75 * pixels, ..Canvas::default() };
        let figure = scene.figure();
        let found = ticks(figure.x.range, 5);
        prop_assert!((2..=12).contains(&found.marks.len()), "{:?}", found);
        prop_assert!(found.marks.iter().all(|t| t.0 >= x.0 - 1e-6 * (x.1 - x.0) && t.0 <= x.1 + 1e-6 * (x.1 - x.0)));
        prop_assert!(found.marks.windows(2).all(|w| w[0].1 != w[1].1), "{:?}", found);
        check(&layout(&figure));
    }
}

#[test]
fn a_tangent_is_as_long_whatever_its_slope() {
    let plot = Rect { left: 10.0, top: 20.0, right: 410.0, bottom: 320.0 };
    let map = Map { plot, x: (-3.0, 3.0), y: (-100.0, 1e4) };
    for slope in [0.0, 1.0, -50.0, 1e8, 1e300, f64::INFINITY, f64::NEG_INFINITY] {
        let (a, b) = segment(map, (0.5, 10.0), slope, 0.4, SegmentSide::Both);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        assert!((length - 160.0).abs() < 1e-6, "{slope}: {length}");
        let rises = slope > 0.0;
        assert!(slope == 0.0 || (b.1 < a.1) == rises, "{slope}: {a:?} {b:?}");
        let half = segment(map, (0.5, 10.0), slope, 0.4, SegmentSide::Right);
        assert!(((half.1.0 - half.0.0).hypot(half.1.1 - half.0.1) - 80.0).abs() < 1e-6);
    }
}
