//! Pictures: golden files, and what has to be true of every one.
//!
//! `UPDATE_EXPECT=1 cargo test -p agnesi-plot` writes the golden files anew; look at them before committing.

use agnesi_plot::colour::{Paint, Theme};
use agnesi_plot::contour::contours;
use agnesi_plot::scene::*;
use agnesi_plot::{Figure, PngError, Terminal};
use expect_test::expect_file;
use tiny_skia::Pixmap;

fn cubic(w: f64) -> f64 {
    w * w * w - 2.0 * w
}

fn tangent() -> TangentScene<'static> {
    let mut scene = TangentScene::new(Graph::new(&cubic, "g(w) = w³ - 2w"), "w", 1.0, Slope::Derivative(1.0));
    scene.x = Some((-2.0, 2.0));
    scene.taylor = Some(vec![-1.0, 1.0, 3.0]);
    scene
}

#[test]
fn golden_tangent() {
    let figure = tangent().figure();
    expect_file!["golden/tangent.svg"].assert_eq(&figure.svg());
    assert_eq!(figure.svg(), figure.clone().svg());
}

#[test]
fn golden_steps() {
    let mut scene = CurveScene::new(vec![Graph::new(&f64::floor, "floor(x)")], "x");
    scene.x = Some((-2.5, 2.5));
    expect_file!["golden/steps.svg"].assert_eq(&scene.figure().svg());
}

#[test]
fn golden_kink_in_the_dark() {
    let slope = Slope::Sides { left: Some(-1.0), right: Some(1.0) };
    let mut scene = TangentScene::new(Graph::new(&f64::abs, "|x|"), "x", 0.0, slope);
    scene.canvas = Canvas { width: 300.0, height: 225.0, theme: Theme::Dark };
    expect_file!["golden/kink.svg"].assert_eq(&scene.figure().svg());
}

#[test]
fn golden_terminal() {
    let mut scene = tangent();
    scene.canvas = Canvas::terminal(64, 20);
    let figure = scene.figure();
    let braille = Terminal { width: 64, height: 20, ..Terminal::default() };
    expect_file!["golden/tangent.txt"].assert_eq(&figure.terminal(&braille));
    let ascii = Terminal { ascii: true, ..braille };
    expect_file!["golden/tangent.ascii.txt"].assert_eq(&figure.terminal(&ascii));
}

/// One figure of each kind, on the functions that are hard to draw.
fn all(canvas: Canvas) -> Vec<(String, Figure)> {
    type Function = (&'static str, fn(f64) -> f64, (f64, f64));
    let curves: [Function; 18] = [
        ("sin(4w) + 0.1w^2", |w| (4.0 * w).sin() + 0.1 * w * w, (-3.0, 3.0)),
        ("tan(x)", f64::tan, (-5.0, 5.0)),
        ("1/x", |x| 1.0 / x, (-3.0, 3.0)),
        ("floor(x)", f64::floor, (-3.0, 3.0)),
        ("sin(1/x)", |x| (1.0 / x).sin(), (-1.0, 1.0)),
        ("log(x)", |x| if x > 0.0 { x.ln() } else { f64::NAN }, (-1.0, 5.0)),
        ("sqrt(x)", f64::sqrt, (-1.0, 5.0)),
        ("|x|", f64::abs, (-3.0, 3.0)),
        ("x^x", |x| if x > 0.0 { x.powf(x) } else { f64::NAN }, (-1.0, 3.0)),
        ("exp(1/x)", |x| (1.0 / x).exp(), (-3.0, 3.0)),
        ("5/2", |_| 2.5, (-3.0, 3.0)),
        ("nothing", |_| f64::NAN, (-3.0, 3.0)),
        ("1e300*x", |x| 1e300 * x, (-3.0, 3.0)),
        ("1e-300*x", |x| 1e-300 * x, (-3.0, 3.0)),
        ("1e308*x", |x| 1e308 * x, (-3.0, 3.0)),
        ("sin(x)/x", |x| x.sin() / x, (-10.0, 10.0)),
        ("sqrt(x^2 - 1)", |x| (x * x - 1.0).sqrt(), (-3.0, 3.0)),
        ("sin(<&\">\u{1}x)", |x| (300.0 * x).sin(), (-3.0, 3.0)),
    ];
    let mut figures = Vec::new();
    for (label, f, x) in curves {
        let mut scene = CurveScene::new(vec![Graph::new(&f, label)], "x");
        (scene.x, scene.canvas) = (Some(x), canvas);
        figures.push((label.to_owned(), scene.figure()));
        for slope in [Slope::Derivative(0.5), Slope::Derivative(f64::INFINITY), Slope::None] {
            let mut scene = TangentScene::new(Graph::new(&f, label), "x", 0.3, slope);
            (scene.x, scene.canvas) = (Some(x), canvas);
            scene.taylor = Some(vec![f(0.3), 0.5, -1.0]);
            figures.push((format!("tangent to {label}"), scene.figure()));
        }
    }
    type Plane2 = (&'static str, fn(f64, f64) -> f64, fn(f64, f64) -> (f64, f64));
    let planes: [Plane2; 6] = [
        ("x^2 + y^3", |x, y| x * x + y * y * y, |x, y| (2.0 * x, 3.0 * y * y)),
        ("1/(x y)", |x, y| 1.0 / (x * y), |x, y| (-1.0 / (x * x * y), -1.0 / (x * y * y))),
        ("log(x + y)", |x, y| (x + y).ln(), |x, y| (1.0 / (x + y), 1.0 / (x + y))),
        ("constant", |_, _| 4.0, |_, _| (0.0, 0.0)),
        ("nothing", |_, _| f64::NAN, |_, _| (f64::NAN, f64::NAN)),
        ("1e300*x", |x, _| 1e300 * x, |_, _| (1e300, 0.0)),
    ];
    for (label, f, gradient) in planes {
        let mut plane = Plane::new(&f, label);
        plane.gradient = Some(&gradient);
        plane.at = Some((1.0, 2.0));
        let surface = SurfaceScene { canvas, ..SurfaceScene::new(plane.clone()) };
        figures.push((format!("surface of {label}"), surface.figure()));
        let contour = ContourScene { plane: plane.clone(), levels: None, canvas };
        figures.push((format!("levels of {label}"), contour.figure()));
        for log in [false, true] {
            let field = FieldScene { plane: plane.clone(), log, canvas };
            figures.push((format!("field of {label}"), field.figure()));
        }
    }
    figures
}

#[test]
fn every_figure_renders_everywhere() {
    for canvas in [Canvas::default(), Canvas { width: 300.0, height: 225.0, theme: Theme::Dark }] {
        for (name, figure) in all(canvas) {
            let svg = figure.svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf,") && !svg.contains("\u{1}"), "{name}");
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{name}");
            assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count(), "{name}");
            assert_eq!(svg.matches("<title").count(), 1);
            assert!(
                figure.description.ends_with('.') && figure.description.len() > 30,
                "{}",
                figure.description
            );
            let png = figure.png(1.0).expect("a picture");
            let pixels = Pixmap::decode_png(&png).expect("a PNG");
            assert_eq!(
                (pixels.width(), pixels.height()),
                (canvas.width as u32, canvas.height as u32),
                "{name}"
            );
        }
    }
}

#[test]
fn terminal_pictures_keep_to_their_size() {
    for (width, height) in [(80, 24), (40, 14), (120, 40)] {
        for (name, figure) in all(Canvas::terminal(width, height)) {
            for (colour, ascii) in [(false, false), (false, true), (true, false), (true, true)] {
                let text = figure.terminal(&Terminal { width, height, colour, ascii });
                assert_eq!(text.contains('\u{1b}'), colour, "{name}");
                assert!(!text.contains('\u{1}'), "{name}");
                let plain = strip(&text);
                assert!(!ascii || plain.is_ascii(), "{name}: {plain}");
                assert!(plain.lines().all(|l| l.chars().count() <= width), "{name}: {plain}");
                assert!(plain.lines().count() <= height.max(16), "{name}: {plain}");
            }
        }
    }
}

/// Takes the colours out.
fn strip(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |r| r.1);
    }
    out + rest
}

/// The plot's rectangle as the SVG says it.
fn plot(figure: &Figure) -> [f64; 4] {
    let svg = figure.svg();
    let data = svg.split("data-plot=\"").nth(1).and_then(|s| s.split('"').next()).expect("data-plot");
    let numbers: Vec<f64> = data.split(' ').map(|n| n.parse().expect("a number")).collect();
    numbers.try_into().expect("four numbers")
}

#[test]
fn marks_have_their_colours_where_they_belong() {
    let figure = tangent().figure();
    let [left, top, right, bottom] = plot(&figure);
    let scale = 3.0;
    let pixels = Pixmap::decode_png(&figure.png(scale).expect("a picture")).expect("a PNG");
    let (x, y) = (figure.x.range, figure.y.range);
    let at = |p: (f64, f64)| {
        let px = left + (p.0 - x.0) / (x.1 - x.0) * (right - left);
        let py = bottom - (p.1 - y.0) / (y.1 - y.0) * (bottom - top);
        let c = pixels.pixel((px * scale) as u32, (py * scale) as u32).expect("inside").demultiply();
        agnesi_plot::colour::Colour { r: c.red(), g: c.green(), b: c.blue() }
    };
    let of = |paint| Theme::Light.colour(paint);
    assert_eq!(at((-1.0, 1.0)), of(Paint::Series(0)));
    assert_eq!(at((1.0, 0.0)), of(Paint::Mark), "the cross on the axis");
    assert_eq!(at((1.0, -1.0)), of(Paint::Ground), "inside the ring on the curve");
    // Along the tangent y = w - 2, off the curve.
    assert_eq!(at((0.45, -1.55)), of(Paint::Tangent));
    assert_eq!(at((-0.7, 3.3)), of(Paint::Ground));
}

#[test]
fn nothing_is_drawn_across_a_pole() {
    let f = |x: f64| 1.0 / x;
    let mut scene = CurveScene::new(vec![Graph::new(&f, "1/x")], "x");
    scene.x = Some((-3.0, 3.0));
    let figure = scene.figure();
    let [left, top, right, bottom] = plot(&figure);
    let pixels = Pixmap::decode_png(&figure.png(1.0).expect("a picture")).expect("a PNG");
    let blue = Theme::Light.colour(Paint::Series(0));
    let curve = |x: f64, y: f64| {
        let c = pixels.pixel(x as u32, y as u32).expect("inside");
        (i32::from(c.red()) - i32::from(blue.r)).abs() + (i32::from(c.blue()) - i32::from(blue.b)).abs() < 60
    };
    let middle = 0.5 * (left + right);
    let mut y = top + 2.0;
    while y < bottom {
        assert!(!curve(middle, y), "on the axis at {y}");
        y += 1.0;
    }
    // Clipped: nothing of it above or below the plot.
    for x in 0..560 {
        assert!(!curve(f64::from(x), top - 3.0) && !curve(f64::from(x), bottom + 3.0));
    }
}

#[test]
fn contrast_suffices_in_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        let ground = theme.colour(Paint::Ground);
        let against = |p| theme.colour(p).contrast(ground);
        for n in 0..6 {
            assert!(against(Paint::Series(n)) >= 3.0, "{theme:?} {n}");
        }
        for paint in [Paint::Tangent, Paint::Taylor, Paint::Mark, Paint::Guide] {
            assert!(against(paint) >= 3.0, "{theme:?} {paint:?} {}", against(paint));
        }
        assert!(against(Paint::Ink) >= 4.5);
        for t in 0..=20 {
            let paint = Paint::ScaleLine(f64::from(t) / 20.0);
            assert!(against(paint) >= 2.0, "{theme:?} {paint:?} {}", against(paint));
        }
    }
}

#[test]
fn too_large_a_picture_is_refused() {
    let figure = tangent().figure();
    for scale in [1e3, 0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(figure.png(scale), Err(PngError::Size { .. })), "{scale}");
    }
}

#[test]
fn level_lines_of_a_bowl_are_circles() {
    let f = |x: f64, y: f64| x * x + y * y;
    let found = contours(&f, (-3.0, 3.0), (-3.0, 3.0), &[1.0, 4.0, 100.0], (40, 40));
    for (contour, radius) in found.iter().zip([1.0, 2.0]) {
        assert_eq!(contour.lines.len(), 1);
        let ring = &contour.lines[0];
        assert_eq!(ring.first(), ring.last(), "closed");
        assert!(ring.iter().all(|p| (p.0.hypot(p.1) - radius).abs() < 1e-2));
    }
    assert!(found[2].lines.is_empty());
}

#[test]
fn level_lines_cross_no_pole_and_reach_edges() {
    // 1/x takes no value 0, though it changes sign.
    assert!(
        contours(&|x, _| 1.0 / (x - 0.01), (-1.0, 1.0), (-1.0, 1.0), &[0.0], (30, 30))[0].lines.is_empty()
    );
    // A jump over the level is no line either.
    assert!(
        contours(&|x, _| (x - 0.01).signum(), (-1.0, 1.0), (-1.0, 1.0), &[0.5], (30, 30))[0].lines.is_empty()
    );
    // x = 0.5 within the unit disc: up to the rim.
    let disc = |x: f64, y: f64| if x.hypot(y) < 1.0 { x } else { f64::NAN };
    let lines = contours(&disc, (-1.5, 1.5), (-1.5, 1.5), &[0.5], (40, 40)).remove(0).lines;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for p in lines.iter().flatten() {
        assert!((p.0 - 0.5).abs() < 1e-3);
        (low, high) = (low.min(p.1), high.max(p.1));
    }
    let rim = 0.75f64.sqrt();
    assert!((high - rim).abs() < 0.02 && (low + rim).abs() < 0.02, "{low} {high}");
    // A saddle: two lines through the level just above it, that do not cross.
    let saddle = contours(&|x, y| x * y, (-1.0, 1.0), (-1.0, 1.0), &[0.01], (31, 31)).remove(0).lines;
    assert_eq!(saddle.len(), 2);
}

#[test]
fn automatic_ranges_of_x() {
    use agnesi_plot::range::automatic_x;
    let (a, b) = automatic_x(&|x: f64| if x > 0.0 { x.ln() } else { f64::NAN }, &[]);
    assert!(a < 0.0 && a > -2.0 && b > 4.0, "{a} {b}");
    assert_eq!(automatic_x(&f64::sin, &[0.62]), (-3.62, 3.62));
    let (a, b) = automatic_x(&|x| x, &[40.0, 60.0]);
    assert!(a < 40.0 && b > 60.0 && a > 20.0 && b < 80.0);
    assert_eq!(automatic_x(&|_| f64::NAN, &[]), (-5.0, 5.0));
    let far = |x: f64| if x > 50.0 { x } else { f64::NAN };
    let (a, b) = automatic_x(&far, &[]);
    assert!(a > 30.0 && b >= 100.0, "{a} {b}");
}
