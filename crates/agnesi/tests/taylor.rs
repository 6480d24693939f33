//! Taylor polynomials: coefficients against reference values, remainders against the function, refusals in words.

use agnesi::Session;
use agnesi::protocol::{Answer, Failure, Given, Outcome, Reply, Request, TaylorReply, Verb};

fn ask(expr: &str, point: &str, order: u32) -> Answer {
    let mut request = Request::new(Verb::Taylor, expr);
    request.point = Some(Given::from(point));
    request.order = Some(order);
    Session::new().answer(&request)
}

fn taylor(expr: &str, point: &str, order: u32) -> TaylorReply {
    match ask(expr, point, order).outcome {
        Outcome::Ok(success) => match success.reply {
            Reply::Taylor(reply) => reply,
            other => panic!("{expr}: {other:?}"),
        },
        Outcome::Failed(failure) => panic!("{expr} at {point}: {failure:?}"),
    }
}

fn refusal(expr: &str, point: &str) -> Failure {
    match ask(expr, point, 4).outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Ok(success) => panic!("{expr} at {point}: {success:?}"),
    }
}

/// The rows of the cases that are Taylor series give their coefficients; the others are refused.
#[test]
fn reference_series() {
    let cases = include_str!("../../../tests/cases/series.tsv");
    let mut plain = 0;
    for row in cases.lines().skip(1) {
        let field: Vec<&str> = row.split('\t').collect();
        let [id, expr, var, point, order, coefficients] = field[..6] else { panic!("{row}") };
        let order: u32 = order.parse().expect("an order");
        let expected: Option<Vec<(i64, f64)>> = coefficients
            .split(';')
            .filter(|c| !c.is_empty())
            .map(|c| {
                let (exponent, value) = c.split_once(':')?;
                Some((exponent.parse().ok().filter(|e| *e >= 0)?, value.parse().ok()?))
            })
            .collect();
        // sin(1 + 1/x) has no coefficients at all, and |x| one on each side.
        let expected = expected.filter(|_| !["S068", "S075"].contains(&id));
        let mut request = Request::new(Verb::Taylor, expr.replace("Abs", "abs"));
        request.var = Some(var.to_string());
        request.point = Some(Given::from(point));
        request.order = Some(order - 1);
        let answer = Session::new().answer(&request);
        match (expected, answer.outcome) {
            (Some(expected), Outcome::Ok(success)) => {
                let Reply::Taylor(reply) = success.reply else { panic!("{id}") };
                let found: Vec<(i64, f64)> =
                    reply.coefficients.iter().map(|c| (c.exponent, c.value.0)).collect();
                assert_eq!(found.len(), expected.len(), "{id} {expr}: {found:?} instead of {expected:?}");
                for ((k, c), (j, d)) in found.iter().zip(&expected) {
                    assert!(
                        k == j && (c - d).abs() <= 1e-15 * d.abs(),
                        "{id} {expr}: {found:?} {expected:?}"
                    );
                }
                plain += 1;
            }
            (None, Outcome::Failed(failure)) => assert!(failure.hint.is_some(), "{id}: {failure:?}"),
            (expected, outcome) => panic!("{id} {expr}: {outcome:?} instead of {expected:?}"),
        }
    }
    assert!(plain >= 24, "{plain}");
}

#[test]
fn polynomials_are_written_in_powers_of_the_step() {
    assert_eq!(taylor("exp(x)", "0", 4).formula, "1 + x + x^2/2 + x^3/6 + x^4/24");
    assert_eq!(taylor("sin(x)", "0", 6).formula, "x - x^3/6 + x^5/120");
    assert_eq!(taylor("log(x)", "1", 3).formula, "x - 1 - (x - 1)^2/2 + (x - 1)^3/3");
    assert_eq!(taylor("x^3", "-1", 5).formula, "-1 + 3*(x + 1) - 3*(x + 1)^2 + (x + 1)^3");
    assert_eq!(taylor("sqrt(x)", "2", 1).formula, "sqrt(2) + (x - 2)/(2*sqrt(2))");
    assert_eq!(taylor("sin(x)/x", "0", 4).formula, "1 - x^2/6 + x^4/120");
    assert_eq!(taylor("cos(x)", "pi/2", 3).formula, "-(x - pi/2) + (x - pi/2)^3/6");
    assert_eq!(taylor("0.5x^2", "0", 2).formula, "0.5*x^2");
    assert_eq!(taylor("7", "3", 3).formula, "7");
}

#[test]
fn coefficients_of_all_kinds_of_functions() {
    for (expr, point, expected) in [
        ("tan(x)", "0", vec![0.0, 1.0, 0.0, 1.0 / 3.0, 0.0, 2.0 / 15.0]),
        ("sinc(x)", "0", vec![1.0, 0.0, -1.0 / 6.0, 0.0, 1.0 / 120.0]),
        ("erf(x)", "0", vec![0.0, std::f64::consts::FRAC_2_SQRT_PI, 0.0, -0.37612638903183754]),
        ("gamma(x)", "1", vec![1.0, -0.577_215_664_901_532_9, 0.989_055_995_327_972_6]),
        ("(1 - cos(x))/x^2", "0", vec![0.5, 0.0, -1.0 / 24.0]),
        ("x^x", "1", vec![1.0, 1.0, 1.0, 0.5]),
        ("atan(x)", "0", vec![0.0, 1.0, 0.0, -1.0 / 3.0]),
        ("asin(x)", "0", vec![0.0, 1.0, 0.0, 1.0 / 6.0]),
        ("|x|", "-2", vec![2.0, -1.0]),
        ("sigmoid(x)", "0", vec![0.5, 0.25, 0.0, -1.0 / 48.0]),
        ("if x < 1 then x^2 else 2x - 1", "2", vec![3.0, 2.0]),
        ("x/(exp(x) - 1)", "0", vec![1.0, -0.5, 1.0 / 12.0, 0.0, -1.0 / 720.0]),
        ("integral(exp(-t^2), t, 0, x)", "0", vec![0.0, 1.0, 0.0, -1.0 / 3.0]),
    ] {
        let reply = taylor(expr, point, 5);
        for (k, c) in expected.iter().enumerate() {
            let found = reply.coefficients.iter().find(|f| f.exponent == k as i64).map_or(0.0, |f| f.value.0);
            assert!((found - c).abs() <= 4e-16 * c.abs(), "{expr}: {found} instead of {c} at {k}");
        }
    }
}

/// Proved bounds hold, at many points and orders, and are not absurdly large; exact ones are 0.
#[test]
fn bounds_hold() {
    for (expr, point, f) in [
        ("sin(4x) + 0.1x^2", 0.0, (|x: f64| (4.0 * x).sin() + 0.1 * x * x) as fn(f64) -> f64),
        ("exp(x)", 0.0, |x| x.exp()),
        ("log(x)", 1.0, |x| x.ln()),
        ("1/(1 + x^2)", 0.5, |x| 1.0 / (1.0 + x * x)),
        ("sqrt(x)", 1.0, |x| x.sqrt()),
        ("cos(x)*exp(-x)", 1.0, |x| x.cos() * (-x).exp()),
    ] {
        for order in [1, 3, 6] {
            let reply = taylor(expr, &point.to_string(), order);
            let remainder = reply.remainder.expect("a remainder");
            assert!(remainder.proved, "{expr}, {order}: {remainder:?}");
            let bound = remainder.bound.expect("a bound").0;
            let [from, to] = remainder.interval.expect("an interval");
            assert!(from.0 < point && point < to.0);
            let mut most = 0.0f64;
            for i in 0..=100 {
                let x = from.0 + (to.0 - from.0) * f64::from(i) / 100.0;
                let p: f64 =
                    reply.coefficients.iter().map(|c| c.value.0 * (x - point).powi(c.exponent as i32)).sum();
                most = most.max((f(x) - p).abs());
            }
            assert!(most <= bound, "{expr}, {order}: {most} > {bound}");
            assert!(bound < 100.0 * most, "{expr}, {order}: {bound} for {most}");
        }
    }
    let exact = taylor("x^3 - x", "2", 3).remainder.expect("a remainder");
    assert_eq!((exact.formula.as_str(), exact.bound, exact.proved), ("0", None, true));
}

#[test]
fn an_estimate_says_that_it_is_one() {
    // The enclosure of sin(x)/x around 0 divides by zero.
    let remainder = taylor("sin(x)/x", "0", 2).remainder.expect("a remainder");
    assert!(!remainder.proved);
    let bound = remainder.bound.expect("an estimate").0;
    assert!((1.0 - 1.0 / 6.0 - 1f64.sin()).abs() <= bound && bound < 0.01, "{bound}");
    // A kink within the interval: the bound must not be that of the pieces.
    let remainder = taylor("|x - 0.05|", "0", 2).remainder.expect("a remainder");
    assert!(!remainder.proved, "{remainder:?}");
    assert_eq!(taylor("exp(x)", "0", 4).remainder.expect("a remainder").formula, "d^5/dx^5 f(xi)*x^5/120");
    assert_eq!(taylor("log(x)", "1", 2).remainder.expect("a remainder").formula, "f'''(xi)*(x - 1)^3/6");
}

#[test]
fn where_there_is_no_polynomial_the_reason_is_said() {
    for (expr, point, code, reason) in [
        ("1/x", "0", "unsupported", "infinity"),
        ("x^(1/2)", "0", "unsupported", "not whole"),
        ("exp(-1/x^2)", "0", "unsupported", "infinity"),
        ("|x|", "0", "domain", "not differentiable"),
        ("log(x)", "-1", "domain", "defined"),
        ("log(x)", "0", "domain", "defined"),
        ("floor(x)", "2", "domain", "not differentiable"),
        ("relu(x)", "0", "domain", "not differentiable"),
        ("if x < 1 then x^2 else x", "1", "domain", "not differentiable"),
        ("sqrt(x^2)", "0", "domain", "not differentiable"),
    ] {
        let failure = refusal(expr, point);
        let label = failure.labels.first().map(|l| l.text.clone()).unwrap_or_default();
        assert_eq!(failure.code.as_str(), code, "{expr}: {failure:?}");
        assert!(label.contains(reason), "{expr}: {label}");
        assert!(failure.hint.is_some());
    }
}

#[test]
fn variables_and_limits() {
    let mut request = Request::new(Verb::Taylor, "x*y + y^3");
    let Outcome::Failed(failure) = Session::new().answer(&request).outcome else { panic!("two variables") };
    assert!(failure.hint.is_some_and(|h| h.contains("--var")));
    request.var = Some("y".into());
    let Outcome::Ok(success) = Session::new().answer(&request).outcome else { panic!("y") };
    let Reply::Taylor(reply) = success.reply else { panic!("taylor") };
    assert_eq!(reply.formula, "x*y + y^3");
    request.order = Some(31);
    let Outcome::Failed(failure) = Session::new().answer(&request).outcome else { panic!("31") };
    assert_eq!(failure.code.as_str(), "limit");
    // The highest degree is still quick.
    for expr in ["exp(sin(x))", "tan(x)", "1/(1 - x - x^2)", "log(1 + sin(x)^2)"] {
        assert_eq!(taylor(expr, "0", 30).order, 30, "{expr}");
    }
}
