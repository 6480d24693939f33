//! Random expressions through the whole house: what is printed reads back, simplifying keeps the value, and the three
//! witnesses of a derivative agree. `PROPTEST_CASES` says how many; a failure is shrunk to the smallest expression.

use agnesi::Session;
use agnesi::protocol::{
    Code, DiffReply, EvalReply, Given, Limits, Outcome, Reply, Request, SimplifyReply, Verb,
};
use proptest::prelude::*;

/// A random expression, as text with all its brackets.
fn expression() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (1..10i64).prop_map(|n| n.to_string()),
        (1..10i64, 2..10i64).prop_map(|(n, d)| format!("({n}/{d})")),
        (1..40i64).prop_map(|n| format!("{}.{}", n / 10, n % 10)),
        Just("pi".to_string()),
    ];
    let leaf = prop_oneof![4 => Just("x".to_string()), 2 => Just("y".to_string()), 2 => number];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let one = prop::sample::select(ONE);
        let two = prop::sample::select(&["+", "-", "*", "/"][..]);
        let power = prop::sample::select(&["2", "3", "-1", "-2", "(1/2)", "(1/3)", "(2/3)", "(3/2)", "0"][..]);
        prop_oneof![
            4 => (inner.clone(), two, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            3 => (one, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            2 => (inner.clone(), power).prop_map(|(a, n)| format!("({a})^{n}")),
            1 => inner.clone().prop_map(|a| format!("(-{a})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("max({a}, {b})")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(if {a} > {b} then {c} else {b})")),
        ]
    })
}

/// Functions of one argument, smooth and not.
const ONE: &[&str] = &[
    "sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sinh", "cosh", "atan", "asin", "acosh",
    "cbrt", "log1p", "expm1", "sigmoid", "softplus", "relu", "erf", "gelu", "silu", "sign", "sinc", "xlogx",
    "gamma", "lgamma", "digamma",
];

/// A point that lies on no grid by chance, and sometimes on one.
fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3000..3000i64).prop_map(|n| n as f64 / 1000.0),
        1 => prop::sample::select(&[0.0, 1.0, -1.0, 0.5, 2.0][..]),
    ]
}

fn ask(verb: Verb, text: &str, x: f64, y: f64) -> Result<Reply, (Code, String)> {
    let mut request = Request::new(verb, text);
    request.limits = Limits { ms: Some(2000), nodes: Some(50_000) };
    if verb != Verb::Parse {
        // A value for a variable that the formula does not have is an error.
        let has = |name: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        let both = [("x", x), ("y", y)].into_iter().filter(|(name, _)| has(name));
        request.at = both.map(|(name, value)| (name.to_string(), Given::from(value))).collect();
    }
    if verb == Verb::Diff {
        request.wrt = vec!["x".to_string()];
    }
    match Session::new().answer(&request).outcome {
        Outcome::Ok(success) => Ok(success.reply),
        Outcome::Failed(failure) => Err((failure.code, failure.message)),
    }
}

/// What may be refused for a well-formed expression at some point.
fn excused(code: Code) -> bool {
    matches!(code, Code::Domain | Code::Limit | Code::Unsupported)
}

fn value(text: &str, x: f64, y: f64) -> Result<Option<f64>, TestCaseError> {
    match ask(Verb::Eval, text, x, y) {
        Ok(Reply::Eval(EvalReply { value, .. })) => Ok(value.as_scalar()),
        Ok(other) => Err(TestCaseError::fail(format!("{text}: {other:?}"))),
        Err((code, _)) if excused(code) => Ok(None),
        Err((_, message)) => Err(TestCaseError::fail(format!("{text}: {message}"))),
    }
}

/// Equal to a few units in the last place, or both beyond what a double holds.
fn alike(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-290) || (a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    /// Printing and parsing again is the identity, and keeps the value.
    #[test]
    fn properties_of_printing(text in expression(), x in coordinate(), y in coordinate()) {
        let Ok(Reply::Parse(once)) = ask(Verb::Parse, &text, 0.0, 0.0) else {
            return Err(TestCaseError::fail(format!("{text} does not parse")));
        };
        let Ok(Reply::Parse(twice)) = ask(Verb::Parse, &once.text, 0.0, 0.0) else {
            return Err(TestCaseError::fail(format!("{text} prints as {}, which does not parse", once.text)));
        };
        prop_assert_eq!(&once.text, &twice.text);
        if let (Some(a), Some(b)) = (value(&text, x, y)?, value(&once.text, x, y)?) {
            prop_assert!(alike(a, b), "{} is {a:e}, as {} it is {b:e}", text, once.text);
        }
    }

    /// Wherever the original has a value, the simpler form has the same.
    #[test]
    fn properties_of_simplifying(text in expression(), x in coordinate(), y in coordinate()) {
        let Some(before) = value(&text, x, y)? else { return Ok(()) };
        let formula = match ask(Verb::Simplify, &text, x, y) {
            Ok(Reply::Simplify(SimplifyReply { formula, .. })) => formula,
            Ok(other) => return Err(TestCaseError::fail(format!("{text}: {other:?}"))),
            Err((code, _)) if excused(code) => return Ok(()),
            Err((_, message)) => return Err(TestCaseError::fail(format!("{text}: {message}"))),
        };
        match value(&formula, x, y)? {
            Some(after) => prop_assert!(alike(before, after), "{text} is {before:e}, as {formula} it is {after:e} at {x}, {y}"),
            None => prop_assert!(false, "{text} is {before:e}, but {formula} has no value at {x}, {y}"),
        }
    }

    /// The formula, dual numbers and differences agree, and the printed formula has the value that was told.
    #[test]
    fn properties_of_derivatives(text in expression(), x in -3000..3000i32, y in -3000..3000i32) {
        // Between the places where branches meet, where there is no derivative to agree on.
        let (x, y) = (f64::from(x) / 1000.0 + 0.000_312_7, f64::from(y) / 1000.0 + 0.000_431_9);
        let reply: DiffReply = match ask(Verb::Diff, &text, x, y) {
            Ok(Reply::Diff(reply)) => *reply,
            Ok(other) => return Err(TestCaseError::fail(format!("{text}: {other:?}"))),
            Err((code, _)) if excused(code) => return Ok(()),
            Err((_, message)) => return Err(TestCaseError::fail(format!("{text}: {message}"))),
        };
        if let Some(evidence) = &reply.evidence {
            // At a kink or a jump a convention decides, and is told; differences know nothing of it.
            prop_assert!(evidence.agree || !reply.conventions.is_empty(), "d/dx {text} = {} at {x}, {y}: {evidence:?}", reply.formula);
        }
        if let (Some(told), Some(again)) = (reply.value.as_ref().and_then(|v| v.as_scalar()), value(&reply.formula, x, y)?) {
            prop_assert!(alike(told, again), "d/dx {text} = {}: {told:e}, but evaluated {again:e} at {x}, {y}", reply.formula);
        }
    }
}

/// The properties say something only where there are values to compare.
#[test]
fn properties_meet_enough_values() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut compared = 0;
    for _ in 0..400 {
        let text = expression().new_tree(&mut runner).expect("an expression can be made").current();
        if let Ok(Reply::Diff(reply)) = ask(Verb::Diff, &text, 0.703_1, 1.210_9)
            && reply
                .evidence
                .is_some_and(|e| e.exact.is_some() && e.automatic.is_some() && e.numeric.is_some())
        {
            compared += 1;
        }
    }
    assert!(compared > 200, "only {compared} of 400 derivatives had three witnesses");
}
