//! Trees to numbers, against verified cases and against each other.

use agnesi_functions::big::Enclosure;
use agnesi_functions::{Big, ErrorBound, FunctionId, table};
use agnesi_graph::{Rational, Scope, Settled, TableNames, settle};
use agnesi_syntax::parse_expression;
use proptest::prelude::*;
use smol_str::SmolStr;

use crate::exact::{Input, Limits};
use crate::{EvaluateError, Number, Prepared, Program, Working, evaluate, exact};

fn settled(text: &str) -> Settled {
    let parsed = parse_expression(text, &TableNames);
    assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
    settle(&parsed.tree, parsed.root, &Scope::new()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn number(text: &str) -> Rational {
    let (top, bottom) = text.split_once('/').unwrap_or((text, "1"));
    let part = |text: &str| {
        let (sign, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let value = Rational::parse_decimal(digits).unwrap_or_else(|| panic!("no number {text}"));
        if sign { -&value } else { value }
    };
    &part(top) * &part(bottom).recip().expect("not zero")
}

fn bindings(at: &[(&str, &str)]) -> Vec<(SmolStr, Rational)> {
    at.iter().map(|(name, value)| (SmolStr::new(name), number(value))).collect()
}

fn exactly(text: &str, at: &[(&str, &str)]) -> Result<exact::Exact, EvaluateError> {
    let settled = settled(text);
    let at = bindings(at);
    let at: Vec<(SmolStr, Input)> =
        at.iter().map(|(name, value)| (name.clone(), Input::Exact(value))).collect();
    exact::value(&settled.tree, settled.root, &at, &[], &Limits::default())
}

fn double(text: &str, at: &[(&str, &str)]) -> Result<f64, EvaluateError> {
    let settled = settled(text);
    let at: Vec<(SmolStr, f64)> =
        bindings(at).into_iter().map(|(name, value)| (name, value.to_f64())).collect();
    evaluate(&settled.tree, settled.root, &at, &[], &())
}

fn certain(text: &str, at: &[(&str, &str)]) -> f64 {
    let value = exactly(text, at).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert!(value.certain, "{text}: {value:?}");
    value.value
}

#[test]
fn exact_values() {
    assert_eq!(certain("sin(4w) + 0.1w^2", &[("w", "0.62")]), 0.652_814_257_805_711_7);
    assert_eq!(certain("0.1 + 0.2", &[]), 0.3);
    assert_eq!(certain("x^(1/3)", &[("x", "-8")]), -2.0);
    assert_eq!(certain("x^(2/3)", &[("x", "-8")]), 4.0);
    assert_eq!(certain("x^0.5", &[("x", "2")]), std::f64::consts::SQRT_2);
    assert_eq!(certain("x^2", &[("x", "-3")]), 9.0);
    assert_eq!(certain("x^y", &[("x", "-2"), ("y", "3")]), -8.0);
    assert_eq!(certain("x^0", &[("x", "0")]), 1.0);
    assert_eq!(certain("log(1+exp(x))", &[("x", "800")]), 800.0);
    assert_eq!(certain("log(1+exp(x))", &[("x", "-800")]), 0.0);
    assert_eq!(certain("exp(1000)", &[]), f64::INFINITY);
    assert_eq!(certain("1/(1+exp(-x))", &[("x", "-1e18")]), 0.0);
    assert_eq!(certain("(1 + 1e-30 - 1)*1e30", &[]), 1.0);
    assert_eq!(certain("exp(x) - 1 - x", &[("x", "1e-100")]), 5e-201);
    assert_eq!(certain("if x > 0 then sqrt(x) else 0", &[("x", "-1")]), 0.0);
    assert_eq!(certain("if x != 0 and 1/x > 1 then 1 else 2", &[("x", "0")]), 2.0);
    assert_eq!(certain("if x == 0 or 1/x > 1 then 1 else 2", &[("x", "0")]), 1.0);
    assert_eq!(certain("floor(3*(1/3))", &[]), 1.0);
    assert_eq!(certain("golden_ratio^2 - golden_ratio", &[]), 1.0);
    assert_eq!(certain("sin(pi)", &[]), 0.0);
    assert_eq!(certain("gamma(1/2)^2/pi", &[]), 1.0);
    assert_eq!(certain("gamma(5)", &[]), 24.0);
}

#[test]
fn digits() {
    let text = |expression, at| exactly(expression, at).expect("a value").text.expect("digits").text;
    assert_eq!(text("sin(1)", &[]), "0.84147098480789650665");
    assert_eq!(text("x/3", &[("x", "1")]), "0.33333333333333333333");
    assert_eq!(text("0.1*3", &[]), "0.3");
    assert_eq!(text("exp(1000)", &[]), "1.9700711140170469939e434");
}

#[test]
fn domains_are_reported_with_their_place() {
    let cases = [
        ("log(x - 1) + 2", "log", "x > 0"),
        ("1/(x - x)", "/", "the divisor is not 0"),
        ("2 + 1/(x - 1)", "/", "the divisor is not 0"),
        ("sqrt(x - 3)", "sqrt", "x >= 0"),
        ("(x - 3)^(1/2)", "^", "x >= 0"),
        ("(x - 1)^(-1)", "^", "x != 0"),
        ("asin(2x)", "asin", "-1 <= x and x <= 1"),
        ("gamma(x - 3)", "gamma", ""),
    ];
    for (text, function, condition) in cases {
        for error in [double(text, &[("x", "1")]).err(), exactly(text, &[("x", "1")]).err()] {
            let Some(EvaluateError::Domain { function: found, condition: reason, span, .. }) = error else {
                panic!("{text}: {error:?}");
            };
            assert_eq!(found, function, "{text}");
            assert!(condition.is_empty() || reason == condition, "{text}: {reason}");
            assert!(span.end > span.start && span.end as usize <= text.len(), "{text}: {span:?}");
        }
    }
    let Err(error) = double("2*log(x)", &[("x", "-1")]) else { panic!("log(-1) has no value") };
    assert_eq!(error.span().start, 2);
    assert_eq!(error.diagnostic().message, "log has no real value at -1");
    assert!(
        matches!(double("x + y", &[("x", "1")]), Err(EvaluateError::Unbound { name, .. }) if name == "y")
    );
}

#[test]
fn limits_are_answers() {
    // Equal, but no enclosure decides it.
    let error = exactly("if sqrt(2)*sqrt(3) == sqrt(6) then 1 else 0", &[]);
    let value = error.expect("the double's answer");
    assert!(!value.certain && value.bits == 0);
    let powers = exactly("9^9^9^9", &[]);
    assert!(matches!(powers, Ok(ref value) if value.value == f64::INFINITY) || powers.is_err(), "{powers:?}");
    let deep = format!("{}x{}", "sin(".repeat(200), ")".repeat(200));
    assert!(certain(&deep, &[("x", "1")]) > 0.1);
}

#[test]
fn shared_nodes_are_computed_once() {
    // x + x, 60 times: a walk without a memo would take 2^60 steps.
    let mut tree = agnesi_syntax::Tree::new();
    let mut node = tree.name("x");
    for _ in 0..60 {
        node = tree.binary(agnesi_syntax::Binary::Add, node, node);
    }
    let at = [(SmolStr::new("x"), 1.0)];
    assert_eq!(evaluate(&tree, node, &at, &[], &()), Ok((1u64 << 60) as f64));
    // The same below branches.
    let mut node = tree.name("x");
    let zero = tree.number("0");
    for _ in 0..60 {
        let operands = tree.list(&[node, zero]);
        let relations = vec![agnesi_syntax::Relation::Greater];
        let condition =
            tree.push(agnesi_syntax::Kind::Compare { operands, relations }, agnesi_syntax::Span::default());
        let twice = tree.binary(agnesi_syntax::Binary::Add, node, node);
        let thrice = tree.binary(agnesi_syntax::Binary::Add, twice, node);
        node = tree.push(agnesi_syntax::Kind::If(condition, twice, thrice), agnesi_syntax::Span::default());
    }
    assert_eq!(evaluate(&tree, node, &at, &[], &()), Ok((1u64 << 60) as f64));
}

#[test]
fn prepared_programs_repeat() {
    let settled = settled("if x > 0 then log(x) + y else 1/x");
    let inputs = [SmolStr::new("x"), SmolStr::new("y")];
    let mut prepared = Prepared::new(&settled.tree, settled.root, &inputs, &[]).expect("a program");
    for _ in 0..3 {
        assert_eq!(prepared.eval(&[1.0, 5.0]), 5.0);
        assert_eq!(prepared.eval(&[-2.0, 5.0]), -0.5);
        assert_eq!(prepared.eval(&[0.0, 5.0]), f64::INFINITY);
    }
}

#[test]
fn verified_values() {
    for line in include_str!("../../../tests/cases/scalar_derivatives.tsv").lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (id, expression, variable) = (fields[0], fields[1], fields[2]);
        for point in [4, 8, 12] {
            let (at, golden) = (fields[point], fields[point + 1]);
            let value =
                exactly(expression, &[(variable, at)]).unwrap_or_else(|error| panic!("{id}: {error:?}"));
            let golden: f64 = golden.parse().expect("a number");
            assert!(value.certain, "{id} at {at}: {value:?}");
            assert!(
                (value.value - golden).abs() <= golden.abs() * 4e-16,
                "{id} at {at}: {} {golden}",
                value.value
            );
            let plain =
                double(expression, &[(variable, at)]).unwrap_or_else(|error| panic!("{id}: {error:?}"));
            assert!((plain - golden).abs() <= golden.abs() * 1e-9 + 1e-12, "{id} at {at}: {plain} {golden}");
        }
    }
}

/// Points to try rows at: small whole numbers, fractions, large and tiny ones.
const POINTS: [f64; 23] = [
    0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 0.1, -0.1, 0.75, -0.9, 1.5, 7.25, -7.25, 20.0, -20.5, 1e-10,
    -1e-10, 100.0, -100.0, 700.5, 1e5,
];

/// The table's two kernels agree within the double's error bound, and on where a function is defined.
#[test]
fn doubles_and_enclosures_agree() {
    let mut failures = Vec::new();
    for (index, row) in table().iter().enumerate() {
        if matches!(row.big, Big::None { .. }) {
            continue;
        }
        let function = FunctionId(index as u16);
        let points: Vec<Vec<f64>> = match row.args.len() {
            1 => POINTS.iter().map(|x| vec![*x]).collect(),
            2 => POINTS.iter().flat_map(|x| POINTS.iter().step_by(2).map(|y| vec![*x, *y])).collect(),
            _ => POINTS.iter().map(|x| vec![*x, -1.0, 2.0]).collect(),
        };
        for point in points {
            let double = row.kernel.call(&point).expect("a kernel");
            let args: Vec<Enclosure> =
                point.iter().map(|x| Enclosure::from_f64(*x).expect("finite")).collect();
            let args: Vec<&Enclosure> = args.iter().collect();
            let mut value = Err(crate::Fault::Undecided);
            for bits in [128, 512, 1200] {
                if matches!(value, Err(crate::Fault::Undecided)) {
                    value = <Enclosure as Number>::call(function, &args, &Working::new(bits, 1 << 40));
                }
            }
            let complaint = match value {
                Ok(value) if double.is_nan() => {
                    Some(format!("the kernel is NaN, the value {:?}", value.digits(20)))
                }
                Ok(value) => {
                    let ulps = |n: f64, at: f64| n * (at.abs().next_up() - at.abs());
                    let (near, error) = value.approximate();
                    let allowed = match row.error {
                        ErrorBound::Exact => 0.0,
                        ErrorBound::Ulps(n) => ulps(n + 0.5, near).max(1e-323),
                        ErrorBound::UlpsOrAbsolute(n, absolute) => ulps(n + 0.5, near).max(absolute),
                    };
                    let same = near == double || near.is_infinite() && double.is_infinite();
                    (!same && (near - double).abs() > allowed + error)
                        .then(|| format!("{double:e} but {near:e} (bound {allowed:e}, error {error:e})"))
                }
                Err(crate::Fault::Domain(_)) if double.is_nan() || double.is_infinite() => None,
                Err(crate::Fault::Overflow) if double.is_infinite() || double == 0.0 || double.is_nan() => {
                    None
                }
                // Orders and arguments so large are beyond the big-float kernels.
                Err(crate::Fault::Overflow) if point.iter().any(|x| x.abs() >= 1e5) => None,
                Err(error) => Some(format!("{double:e} but {error:?}")),
            };
            if let Some(complaint) = complaint {
                failures.push(format!("{}{point:?}: {complaint}", row.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn removable_singularities() {
    let limit = |text: &str, at: &str| {
        let value = exactly(text, &[("x", at)]).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert!(value.certain && value.removable, "{text}: {value:?}");
        value.value
    };
    assert_eq!(limit("sin(x)/x", "0"), 1.0);
    assert_eq!(limit("(1 - cos(x))/x^2", "0"), 0.5);
    assert_eq!(limit("(x*cos(x) - sin(x))/x^2", "0"), 0.0);
    assert_eq!(limit("(x^2 - 1)/(x - 1)", "1"), 2.0);
    assert_eq!(limit("(x^3 - 8)*(x - 2)^(-1)", "2"), 12.0);
    assert_eq!(limit("(1 - cos(x^3))/x^6", "0"), 0.5);
    assert_eq!(limit("log(1 + x)/x + tan(x)/x", "0"), 2.0);
    assert_eq!(limit("erf(x)/x", "0"), std::f64::consts::FRAC_2_SQRT_PI);
    assert_eq!(limit("(exp(x) - 1 - x)/x^2", "0"), 0.5);
    assert_eq!(limit("(sqrt(1 + x) - 1)/x", "0"), 0.5);
    assert_eq!(limit("abs(x)^3/x^2", "0"), 0.0);
    assert_eq!(limit("sqrt(x^2)^2/x", "0"), 0.0);
    assert_eq!(limit("(atan(x) - x)/x^3", "0"), -1.0 / 3.0);
    assert_eq!(limit("log(x)/(x - 1)", "1"), 1.0);
    assert_eq!(limit("x/x", "0"), 1.0);
    assert_eq!(limit("1/(1/x)", "0"), 0.0);
    for (text, at) in
        [("1/x", "0"), ("abs(x)/x", "0"), ("cos(x)/x", "0"), ("sqrt(x^2)/x", "0"), ("x/(x - x)", "0")]
    {
        let value = exactly(text, &[("x", at)]);
        assert!(matches!(value, Err(EvaluateError::Domain { .. })), "{text}: {value:?}");
    }
}

/// Random expressions of one variable.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => Just("x".to_string()),
        1 => (-20i32..20).prop_map(|n| format!("({n}/4)")),
        1 => Just("pi".to_string()),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let one = prop::sample::select(vec![
            "sin", "cos", "exp", "atan", "tanh", "abs", "erf", "sqrt", "log", "gamma", "floor",
        ]);
        let two = prop::sample::select(vec!["+", "-", "*", "/"]);
        prop_oneof![
            (one, inner.clone()).prop_map(|(f, x)| format!("{f}({x})")),
            (inner.clone(), two, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), -3i32..4).prop_map(|(a, n)| format!("({a})^({n})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("(if {a} > {b} then {c} else {b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Enclosures of the same value at different precisions have it in common, and what one precision decides no
    /// other decides otherwise.
    #[test]
    fn precisions_agree(text in expression(), top in -12i64..12) {
        let settled = settled(&text);
        let inputs = [SmolStr::new("x")];
        let program = Program::new(&settled.tree, settled.root, &inputs, &[]).expect("a program");
        let x = Enclosure::from_int(top).div(&Enclosure::from_int(5), 64).expect("not zero");
        let at = |bits| program.values(std::slice::from_ref(&x), &Working::new(bits, 1 << 30));
        match (at(64), at(320)) {
            (Ok(rough), Ok(fine)) => {
                let order = rough[0].compare(&fine[0], 400);
                prop_assert!(order.is_none_or(|order| order.is_eq()), "{text}: {:?} {:?}", rough[0], fine[0]);
                let (near, error) = fine[0].approximate();
                let plain = Prepared::from_program(program).eval(&[top as f64 / 5.0]);
                // A double that went astray by cancellation or a jump is not wrong; one far off at full precision is.
                if plain.is_finite() && near.is_finite() && error < near.abs() * 1e-60 && !text.contains("floor") {
                    let tame = !text.contains("exp") && !text.contains('^') && !text.contains("gamma");
                    prop_assert!(!tame || (plain - near).abs() <= 1e-3 * (1.0 + near.abs()) || text.contains('/')
                        || text.contains('>'), "{text}: {plain} {near}");
                }
            }
            (Err(EvaluateError::Domain { .. }), Ok(_)) | (Ok(_), Err(EvaluateError::Domain { .. })) => {
                prop_assert!(false, "{text} is in the domain at one precision only");
            }
            _ => {}
        }
    }
}
