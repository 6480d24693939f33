//! What `describe` knows of functions of all kinds, and pictures.

use agnesi::Session;
use agnesi::protocol::{
    CriticalKind, DescribeReply, Given, Outcome, PlotReply, Reply, Request, Scene, Success, Symmetry, Value,
    Verb,
};

fn succeed(request: &Request) -> Success {
    match Session::new().answer(request).outcome {
        Outcome::Ok(success) => *success,
        Outcome::Failed(failure) => panic!("{:?}: {failure:?}", request.expr),
    }
}

fn describe_request(request: &Request) -> DescribeReply {
    match succeed(request).reply {
        Reply::Describe(reply) => *reply,
        other => panic!("{other:?}"),
    }
}

fn describe(expr: &str) -> DescribeReply {
    describe_request(&Request::new(Verb::Describe, expr))
}

fn zeros(reply: &DescribeReply) -> Vec<f64> {
    reply.zeros.as_deref().unwrap_or_default().iter().map(|z| z.at.0).collect()
}

/// Places and kinds of critical points, to six digits.
fn critical(reply: &DescribeReply) -> Vec<(Vec<f64>, CriticalKind)> {
    let short = |x: f64| (x * 1e6).round() / 1e6;
    let all = reply.critical.as_deref().unwrap_or_default();
    all.iter().map(|c| (c.at.values().map(|x| short(x.0)).collect(), c.kind)).collect()
}

#[test]
fn the_function_of_the_readme() {
    let reply = describe("sin(4w) + 0.1w^2");
    let text = |f: Option<agnesi::protocol::Formula>| f.map(|f| f.formula).unwrap_or_default();
    assert_eq!(text(reply.derivative.clone()), "4*cos(4*w) + 0.2*w");
    assert_eq!(text(reply.second_derivative.clone()), "0.2 - 16*sin(4*w)");
    assert_eq!(reply.domain.as_deref(), Some("all real numbers"));
    assert_eq!(reply.range.as_deref(), Some("y >= -0.98477 (the least value seen)"));
    assert_eq!((reply.symmetry, &reply.period), (None, &None));
    let taylor = reply.taylor.as_ref().expect("a polynomial");
    assert_eq!(taylor.formula, "4*w + 0.1*w^2 - 32*w^3/3");
    assert!(taylor.remainder.as_ref().is_some_and(|r| r.proved));
    assert_eq!(zeros(&reply).len(), 8);
    assert!(zeros(&reply).contains(&0.0));
    for w in zeros(&reply) {
        assert!(((4.0 * w).sin() + 0.1 * w * w).abs() < 1e-14, "{w}");
    }
    let found = critical(&reply);
    assert_eq!(found.len(), 12);
    for (w, kind) in &found {
        let second = 0.2 - 16.0 * (4.0 * w[0]).sin();
        let expected = if second > 0.0 { CriticalKind::Minimum } else { CriticalKind::Maximum };
        assert_eq!(*kind, expected, "{w:?}");
        assert!((4.0 * (4.0 * w[0]).cos() + 0.2 * w[0]).abs() < 1e-4, "{w:?}");
    }
    assert!(reply.search.is_some_and(|s| s.contains("sampling w in [-5, 5]") && s.contains("may be more")));
}

#[test]
fn symmetries_are_shown_not_guessed() {
    for (expr, expected) in [
        ("cos(x)*x^2", Some(Symmetry::Even)),
        ("x^3 - sin(x)", Some(Symmetry::Odd)),
        ("x^2 + x", None),
        ("|x|", Some(Symmetry::Even)),
        ("exp(x)", None),
        ("(exp(x) - exp(-x))/2", Some(Symmetry::Odd)),
        ("x^(1/3)", Some(Symmetry::Odd)),
        ("sqrt(x)", None),
        ("log(|x|)", Some(Symmetry::Even)),
        ("tan(x)/x", Some(Symmetry::Even)),
        ("7", None),
        ("x^2 + 1e-9*x", None),
    ] {
        assert_eq!(describe(expr).symmetry, expected, "{expr}");
    }
}

#[test]
fn periods_are_shown_and_the_smallest() {
    for (expr, expected) in [
        ("sin(x)", Some("2*pi")),
        ("sin(x)^2", Some("pi")),
        ("|cos(x)|", Some("pi")),
        ("tan(x)", Some("pi")),
        ("sin(2x) + cos(3x)", Some("2*pi")),
        ("sin(x/2)", Some("4*pi")),
        ("sin(pi*x)", Some("2")),
        ("exp(sin(4x))", Some("pi/2")),
        ("sin(x)*cos(x)", Some("pi")),
        ("sin(x) + sin(pi*x)", None),
        ("sin(x) + x", None),
        ("sin(x^2)", None),
        ("x - floor(x)", Some("1")),
        ("3x - floor(3x)", Some("1/3")),
        ("floor(x)", None),
        ("sign(x)", None),
        ("sin(1 + x)/(2 + cos(x))", Some("2*pi")),
        ("if sin(x) > 0 then 1 else 2", Some("2*pi")),
        ("x^2", None),
    ] {
        assert_eq!(describe(expr).period.map(|p| p.exact).as_deref(), expected, "{expr}");
    }
}

#[test]
fn zeros_and_critical_points() {
    use CriticalKind::{Inflection, Maximum, Minimum};
    for (expr, roots, points) in [
        ("1/x", vec![], vec![]),
        ("tan(x)", vec![-std::f64::consts::PI, 0.0, std::f64::consts::PI], vec![]),
        ("log(x)", vec![1.0], vec![]),
        ("|x|", vec![0.0], vec![(vec![0.0], Minimum)]),
        ("x^3", vec![0.0], vec![(vec![0.0], Inflection)]),
        ("x^3 - 3x + 2", vec![-2.0, 1.0], vec![(vec![-1.0], Maximum), (vec![1.0], Minimum)]),
        ("x^x", vec![], vec![(vec![0.367879], Minimum)]),
        ("x^(2/3)", vec![0.0], vec![(vec![0.0], Minimum)]),
        ("1/(x^2 - 1)", vec![], vec![(vec![0.0], Maximum)]),
        ("exp(-1/x^2)", vec![], vec![]),
        ("x^2/x", vec![], vec![]),
        ("x^100", vec![0.0], vec![(vec![0.0], Minimum)]),
        ("x^101", vec![0.0], vec![(vec![0.0], Inflection)]),
        ("sqrt(x - 100)", vec![100.0], vec![]),
        ("x^2 - 400", vec![-20.0, 20.0], vec![(vec![0.0], Minimum)]),
        ("sqrt(x - 1)", vec![1.0], vec![]),
        ("x*log(x)", vec![1.0], vec![(vec![0.367879], Minimum)]),
    ] {
        let reply = describe(expr);
        assert_eq!(zeros(&reply), roots, "{expr}");
        assert_eq!(critical(&reply), points, "{expr}");
    }
    let touching = describe("(x - 1)^2*(x + 1)").zeros.expect("zeros");
    assert_eq!(
        touching.iter().map(|z| (z.at.0, z.touches)).collect::<Vec<_>>(),
        [(-1.0, false), (1.0, true)]
    );
    // Zero, or constant, on a stretch: a list would be wrong, and words say it.
    let relu = describe("relu(x)");
    assert!(relu.zeros.is_none() && relu.search.is_some_and(|s| s.contains("zero all over [-5, 0]")));
    // Too small for a double is not zero.
    let far = describe("exp(-(x - 50)^2)");
    assert_eq!(critical(&far), [(vec![50.0], Maximum)]);
    assert!(far.search.is_some_and(|s| !s.contains("zero all over")));
    assert!(!far.range.is_some_and(|r| r.contains("y <= 0")));
    // What has no value yet has no list of zeros either.
    let integral = describe("integral(exp(-t^2), t, 0, x)");
    assert!(integral.zeros.is_none() && integral.critical.is_none() && integral.derivative.is_some());
    let wild = describe("sin(1/x)");
    assert!(wild.search.is_some_and(|s| s.contains("oscillates too fast")));
}

#[test]
fn ranges_are_honest() {
    for (expr, expected) in [
        ("sin(x)", Some("-1 <= y and y <= 1")),
        ("x^2", Some("y >= 0")),
        ("exp(x)", Some("y > 0")),
        ("exp(-x^2)", Some("0 < y and y <= 1 (the greatest value seen)")),
        ("log(x)", Some("all real numbers")),
        ("sqrt(1 - x^2)", Some("0 <= y and y <= 1 (the greatest value seen)")),
        ("asin(x)", Some("-pi/2 <= y and y <= pi/2")),
        ("erf(x)", Some("-1 < y and y < 1")),
        ("x^2 - 4x", Some("y >= -4 (the least value seen)")),
        ("exp(-1/x^2)", Some("y > 0")),
        ("floor(x)", None),
        ("sign(x)", None),
        ("x^3 - x", Some("all real numbers, as far as seen")),
        ("1/x", None),
        // Unbounded where the domain ends, and between samples.
        ("1/sqrt(sin(x)) - x/9", None),
        ("1/(x - 0.123456)^2 - 1/(x - 2)^2", None),
        ("sin(x) + 1e-3/sqrt(1 - x^2)", Some("y >= -0.829215 (the least value seen)")),
    ] {
        assert_eq!(describe(expr).range.as_deref(), expected, "{expr}");
    }
}

#[test]
fn several_variables() {
    use CriticalKind::{Maximum, Minimum, Saddle};
    let reply = describe("x^2 + y^3");
    assert_eq!(reply.derivative.as_ref().map(|f| f.formula.as_str()), Some("[2*x, 3*y^2]"));
    assert_eq!(reply.second_derivative.as_ref().map(|f| f.formula.as_str()), Some("[2, 0; 0, 6*y]"));
    assert_eq!(critical(&reply), [(vec![0.0, 0.0], Saddle)]);
    assert_eq!(critical(&describe("(x - 1)^2 + 2(y + 2)^2")), [(vec![1.0, -2.0], Minimum)]);
    assert_eq!(critical(&describe("exp(-x^2 - y^2)")), [(vec![0.0, 0.0], Maximum)]);
    assert_eq!(critical(&describe("x^2 + y^2 + z^2 - x*y")), [(vec![0.0, 0.0, 0.0], Minimum)]);
    let himmelblau = describe("(x^2 + y - 11)^2 + (x + y^2 - 7)^2");
    let minima = critical(&himmelblau).into_iter().filter(|c| c.1 == Minimum).count();
    assert_eq!((minima, critical(&himmelblau).len()), (4, 9));
    for c in himmelblau.critical.iter().flatten() {
        assert_eq!(c.eigenvalues.len(), 2);
        assert!(c.kind != Minimum || c.value.0 == 0.0, "{c:?}");
    }
    assert!(describe("x*y*z").search.is_some_and(|s| s.contains("curve")));
    let vector = describe("[x*y, x + y]");
    assert_eq!(vector.derivative.as_ref().map(|f| f.formula.as_str()), Some("[y, x; 1, 1]"));
}

#[test]
fn constants_have_values() {
    let value = |expr: &str| describe(expr).value;
    assert_eq!(value("sqrt(2) + pi"), Some(Value::scalar(2f64.sqrt() + std::f64::consts::PI)));
    assert_eq!(value("1/3 + 1/6"), Some(Value::scalar(0.5)));
    assert_eq!(value("[1, 2]"), Some(Value::vector(&[1.0, 2.0])));
    assert!(describe("2 + 2").derivative.is_none());
}

#[test]
fn at_a_point() {
    let mut request = Request::new(Verb::Describe, "sin(4w) + 0.1w^2");
    request.at.insert("w".into(), Given::from(0.62));
    let reply = describe_request(&request);
    let point = reply.point.expect("a point");
    let (value, slope) = (2.48f64.sin() + 0.1 * 0.62 * 0.62, 4.0 * 2.48f64.cos() + 0.2 * 0.62);
    assert!(point.value.as_scalar().is_some_and(|v| (v - value).abs() < 1e-15), "{:?}", point.value);
    let evidence = point.derivative.expect("evidence");
    assert!(evidence.agree);
    assert_eq!(point.tangent, Some(format!("{value:.10} - {:.9}*(w - 0.62)", -slope)));
    assert_eq!(reply.taylor.map(|t| t.point), Some("0.62".to_string()));
    // A point far off is in view.
    request.at.insert("w".into(), Given::from(1000.0));
    let view = describe_request(&request).view.expect("a view");
    assert!(view["w"][0].0 < 1000.0 && view["w"][1].0 > 1000.0);
    let mut request = Request::new(Verb::Describe, "x^2 + y^3");
    request.at.insert("x".into(), Given::from(2.0));
    request.at.insert("y".into(), Given::from(3.0));
    let point = describe_request(&request).point.expect("a point");
    assert_eq!(point.tangent.as_deref(), Some("31 + 4*(x - 2) + 27*(y - 3)"));
    // Outside the domain the rest is said all the same.
    let mut request = Request::new(Verb::Describe, "log(x)");
    request.at.insert("x".into(), Given::from(-1.0));
    let success = succeed(&request);
    assert!(success.notes.iter().any(|n| n.message.contains("not defined at x = -1")), "{:?}", success.notes);
    // A kink has no tangent.
    let mut request = Request::new(Verb::Describe, "|x|");
    request.at.insert("x".into(), Given::from(0.0));
    assert_eq!(describe_request(&request).point.expect("a point").tangent, None);
}

#[test]
fn the_view_is_what_was_asked_for() {
    let mut request = Request::new(Verb::Describe, "sin(x)");
    request.from = Some(Given::from("0"));
    request.to = Some(Given::from("4*pi"));
    let reply = describe_request(&request);
    assert_eq!(zeros(&reply).len(), 5);
    request.to = Some(Given::from(-1.0));
    let Outcome::Failed(failure) = Session::new().answer(&request).outcome else { panic!("a reversed view") };
    assert!(failure.hint.is_some());
    assert!(describe("sqrt(x - 100)").taylor.is_some_and(|t| t.point == "105"));
    for (expr, low, high) in [
        ("log(x)", 0.0, 10.0),
        ("log(sin(x))", -5.0, 5.0),
        ("sqrt(x - 2)", 2.0, 12.0),
        ("sin(100x)", -0.19, 0.19),
    ] {
        let view = describe(expr).view.expect("a view")["x"];
        assert!((view[0].0 - low).abs() < 0.01 && (view[1].0 - high).abs() < 0.01, "{expr}: {view:?}");
    }
}

#[test]
fn the_picture_is_asked_for() {
    assert_eq!(describe("x^2").picture, None);
    for expr in ["x^2", "x^2 + y^2", "tan(x)", "1/x", "sin(1/x)", "[sin(x), cos(x)]", "x^x"] {
        let mut request = Request::new(Verb::Describe, expr);
        (request.picture, request.columns, request.rows) = (true, Some(70), Some(16));
        let picture = describe_request(&request).picture.expect("a picture");
        assert!(picture.lines().count() >= 12, "{expr}\n{picture}");
        assert!(picture.lines().all(|line| line.chars().count() <= 70), "{expr}\n{picture}");
    }
}

fn plot(change: impl FnOnce(&mut Request), expr: &str) -> PlotReply {
    let mut request = Request::new(Verb::Plot, expr);
    change(&mut request);
    match succeed(&request).reply {
        Reply::Plot(reply) => reply,
        other => panic!("{other:?}"),
    }
}

fn refused(change: impl FnOnce(&mut Request), expr: &str) -> String {
    let mut request = Request::new(Verb::Plot, expr);
    change(&mut request);
    match Session::new().answer(&request).outcome {
        Outcome::Failed(failure) => {
            assert!(failure.hint.is_some(), "{failure:?}");
            failure.message
        }
        Outcome::Ok(success) => panic!("{success:?}"),
    }
}

#[test]
fn plots() {
    let tangent = plot(
        |r| {
            r.at.insert("w".into(), Given::from(0.62));
            r.order = Some(2);
        },
        "sin(4w) + 0.1w^2",
    );
    let svg = tangent.svg.expect("a picture");
    assert!(svg.contains("class=\"tangent\"") && svg.contains("class=\"taylor\""));
    assert!(tangent.description.contains("slope −3.03206"), "{}", tangent.description);
    for kind in [Scene::Surface, Scene::Contour, Scene::Field] {
        assert!(plot(|r| r.scene = Some(kind), "x^2 + y^3").svg.is_some_and(|s| s.starts_with("<svg")));
    }
    let kink = plot(|r| drop(r.at.insert("x".into(), Given::from(0.0))), "|x|");
    assert!(
        kink.description.contains("slope −1 from the left and slope 1 from the right"),
        "{}",
        kink.description
    );
    let cusp = plot(|r| drop(r.at.insert("x".into(), Given::from(0.0))), "sqrt(x)");
    assert!(cusp.description.contains("no slope from the left and slope ∞"), "{}", cusp.description);
    let vertical = plot(|r| drop(r.at.insert("x".into(), Given::from(0.0))), "x^(1/3)");
    assert!(vertical.description.contains("slope ∞"), "{}", vertical.description);
    let hole = plot(|r| drop(r.at.insert("x".into(), Given::from(0.0))), "1/x");
    assert!(hole.description.contains("not defined at x = 0"), "{}", hole.description);
    assert!(plot(|_| {}, "tan(x)").description.contains("unbounded near"));
    let slice = plot(
        |r| {
            r.wrt = vec!["x".into()];
            r.at.insert("a".into(), Given::from(2.0));
        },
        "a*x^2",
    );
    assert!(slice.svg.is_some());
    let text = plot(|r| (r.columns, r.rows) = (Some(60), Some(14)), "x^2").text.expect("text");
    assert!(text.lines().count() <= 14);
}

#[test]
fn plots_that_cannot_be() {
    assert!(refused(|r| r.scene = Some(Scene::Surface), "x^2").contains("two variables"));
    assert!(refused(|r| r.scene = Some(Scene::Curve), "x*y").contains("one variable"));
    assert!(refused(|_| {}, "x*y*z").contains("one or two"));
    assert!(refused(|r| r.wrt = vec!["x".into()], "a*x").contains("`a` has no value"));
    assert!(refused(|r| r.out = Some("picture.gif".into()), "x").contains("picture.gif"));
    assert!(refused(|r| r.out = Some("no/such/folder/p.svg".into()), "x").contains("cannot write"));
    assert!(refused(|r| r.width = Some(1_000_000), "x").contains("width"));
}

#[test]
fn files_hold_what_their_names_say() {
    let folder = std::env::temp_dir().join(format!("agnesi-plots-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, start) in [("p.svg", &b"<svg"[..]), ("p.png", &b"\x89PNG"[..])] {
        let path = folder.join(name);
        let reply = plot(|r| r.out = Some(path.to_string_lossy().into_owned()), "x^2");
        assert_eq!(reply.path, Some(path.to_string_lossy().into_owned()));
        assert!(reply.svg.is_none());
        assert!(std::fs::read(&path).expect("the file").starts_with(start), "{name}");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
