//! Explanations: each step is checked against differences, and the examples that teachers use read as they would.

mod numbers;
mod random;
mod teacher;

use std::cell::RefCell;
use std::rc::Rc;

use agnesi_calculus::Simplifier;
use agnesi_calculus::explain::{
    self, Derivation, Detail, Form, Options, Row, Rows, Rule, Step, TableRows, along, by_rules, simplified,
};
use agnesi_graph::{Graph, Style};
use agnesi_syntax::{Diagnostic, Kind, NameKind, Names, Tree, TreeId};
use numbers::{At, value};

struct Scalars;

impl Names for Scalars {
    fn kind(&self, name: &str) -> NameKind {
        match name {
            "integral" => NameKind::Function,
            _ if agnesi_functions::find(name).is_some() => NameKind::Function,
            // As in `d/dx`.
            "d" | "dx" => NameKind::Unknown,
            _ => NameKind::Scalar,
        }
    }
}

/// The settled tree of a text.
pub fn read(text: &str) -> (Tree, TreeId) {
    let parsed = agnesi_syntax::parse_expression(text, &Scalars);
    assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
    (parsed.tree, parsed.root)
}

/// The explanation of a text, which must succeed.
pub fn explained(text: &str, variables: &[&str], change: impl FnOnce(&mut Options)) -> Derivation {
    let rows = TableRows::new();
    let mut options = Options::new(&rows);
    change(&mut options);
    let (tree, root) = read(text);
    by_rules(&tree, root, variables, &options).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn refused(text: &str, variables: &[&str]) -> Diagnostic {
    let rows = TableRows::new();
    let (tree, root) = read(text);
    by_rules(&tree, root, variables, &Options::new(&rows)).expect_err(text)
}

fn by_limit(text: &str, variable: &str) -> Result<Derivation, Diagnostic> {
    let rows = TableRows::new();
    let (tree, root) = read(text);
    explain::by_limit(&tree, root, variable, &Options::new(&rows))
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

/// Whether a formula is a single number, so that its value can be compared.
fn is_scalar(tree: &Tree, id: TreeId) -> bool {
    match tree.kind(id) {
        Kind::Vector(_) | Kind::Matrix(_) => false,
        Kind::Derivative { body, .. } => is_scalar(tree, *body),
        Kind::Binary(_, a, b) => is_scalar(tree, *a) && is_scalar(tree, *b),
        Kind::Call { head, .. } => {
            !matches!(numbers::name(tree, *head).as_str(), "grad" | "jacobian" | "hessian" | "norm2")
        }
        _ => true,
    }
}

/// Every step arrives at a formula of the same value as it starts from.
pub fn check(derivation: &Derivation, at: &At, tolerance: f64, text: &str) {
    let tree = &derivation.tree;
    let mut visit = |step: &Step| {
        if !is_scalar(tree, step.before) {
            return;
        }
        let along = matches!(tree.kind(step.before), Kind::Call { head, .. } if numbers::name(tree, *head) == "along");
        let before = value(tree, if along { step.after } else { step.before }, at);
        for formula in step.applied.iter().chain([&step.after]) {
            let there = value(tree, *formula, at);
            assert!(
                close(before, there, tolerance),
                "{text} at {at:?}: {} is {before}, but {} is {there} ({})",
                agnesi_syntax::print::text(tree, step.before),
                agnesi_syntax::print::text(tree, *formula),
                step.rule(),
            );
        }
    };
    for step in &derivation.steps {
        step.walk(&mut visit);
    }
}

fn point(pairs: &[(&str, f64)]) -> At {
    pairs.iter().map(|(name, x)| (name.to_string(), *x)).collect()
}

fn number(text: &str) -> f64 {
    match text.split_once('/') {
        Some((p, q)) => p.parse::<f64>().unwrap() / q.parse::<f64>().unwrap(),
        None => text.parse().unwrap(),
    }
}

#[test]
fn every_step_of_the_case_derivatives_holds() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/scalar_derivatives.tsv");
    let table = std::fs::read_to_string(path).expect("the cases are in the repository");
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (text, variable) = (cells[1], cells[2]);
        for detail in [Detail::Brief, Detail::Normal, Detail::Full] {
            let derivation = explained(text, &[variable], |o| o.detail = detail);
            for (x, df) in [(4, 6), (8, 10), (12, 14)] {
                let at = point(&[(variable, number(cells[x]))]);
                let found = value(&derivation.tree, derivation.result, &at);
                assert!(
                    close(found, number(cells[df]), 1e-9),
                    "{text} at {at:?}: {found}, not {}",
                    cells[df]
                );
                check(&derivation, &at, 2e-5, text);
            }
            assert!(!derivation.text().is_empty() && !derivation.latex().is_empty());
        }
        rows += 1;
    }
    assert!(rows >= 80, "only {rows} rows were read");
}

#[test]
fn second_derivatives_of_the_cases_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/scalar_derivatives.tsv");
    let table = std::fs::read_to_string(path).expect("the cases are in the repository");
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (text, variable) = (cells[1], cells[2]);
        let derivation = explained(text, &[variable], |o| o.order = 2);
        for (x, d2f) in [(4, 7), (8, 11), (12, 15)] {
            let at = point(&[(variable, number(cells[x]))]);
            let found = value(&derivation.tree, derivation.result, &at);
            assert!(close(found, number(cells[d2f]), 1e-7), "{text} at {at:?}: {found}, not {}", cells[d2f]);
        }
    }
}

#[test]
fn every_function_of_the_table_is_explained_or_refused_with_its_reason() {
    for row in agnesi_functions::table() {
        for (i, arg) in row.args.iter().enumerate() {
            let args: Vec<String> = row
                .args
                .iter()
                .enumerate()
                .map(|(j, a)| if i == j { format!("3*{a}^2") } else { a.to_string() })
                .collect();
            let text = format!("{}({})", row.name, args.join(", "));
            match row.partial(i) {
                Ok(_) => {
                    let derivation = explained(&text, &[arg], |_| {});
                    let rule = derivation.steps[0].rule();
                    assert!(rule.contains("chain rule"), "{text}: {rule}");
                }
                Err(because) => assert!(refused(&text, &[arg]).message.contains(because), "{text}"),
            }
        }
    }
}

#[test]
fn structures_are_explained_and_their_steps_hold() {
    let cases: &[(&str, f64)] = &[
        ("x^x", 1.3),
        ("(sin(x) + 2)^(x^2)", 0.7),
        ("2^x", 0.4),
        ("2^(3x + 1)", 0.4),
        ("e^(-x^2/2)/sqrt(2*pi)", 0.8),
        ("x^n", 1.5),
        ("(2x + 1)^n", 0.5),
        ("1/(a*x + b)^3", 0.3),
        ("5/x^3 - 7/x + 1/sqrt(x)", 0.6),
        ("(x^5)^(1/3)", -0.7),
        ("-(-(x^2))", 0.3),
        ("x*sin(x)*exp(x)*cos(2x)", 0.9),
        ("x*(x+1)*(x+2)*(x+3)*(x+4)*(x+5)*(x+6)*(x+7)", 0.2),
        ("abs(x)^3", -0.4),
        ("if x > 0 then x^2 else sin(x)", -0.4),
        ("if x == 0 then 0 else x^2", 0.4),
        ("atan2(x^2, x + 1)", 0.8),
        ("hypot(x, 2x + 1)", 0.8),
        ("integral(exp(-t^2), t, 0, x)", 0.8),
        ("integral(sin(t*x), t, x, x^2)", 1.2),
        ("integral(t^2, t, x, 3)", 1.2),
        ("integral(x*t, t, 0, 1)", 1.2),
        ("x*d/dx (x^3)", 1.2),
        ("0.1x^2 + 0.25x", 1.2),
        ("x^2*x^3", 1.1),
        ("log(x)/log(10)", 1.1),
        ("(x + 1)/(x - 1)/(x + 2)", 0.3),
        ("sqrt(x + sqrt(x + sqrt(x)))", 0.6),
        ("u*v*x + u^2*sin(v*x)", 0.6),
    ];
    for &(text, x) in cases {
        for detail in [Detail::Brief, Detail::Normal, Detail::Full] {
            let derivation = explained(text, &["x"], |o| o.detail = detail);
            let at = point(&[("x", x), ("n", 2.5), ("a", 1.7), ("b", 0.6), ("u", 0.7), ("v", 1.9)]);
            check(&derivation, &at, 2e-6, text);
            let goal = value(&derivation.tree, derivation.goal, &at);
            let result = value(&derivation.tree, derivation.result, &at);
            assert!(goal.is_finite() && close(goal, result, 2e-6), "{text}: {goal} and {result}");
        }
    }
}

#[test]
fn limits_of_difference_quotients_hold() {
    let cases: &[&str] = &[
        "x^2",
        "x^3 - 4x + 7",
        "a*x^2 + b*x + c",
        "(2x + 1)^3",
        "7",
        "3x",
        "1/x",
        "3/(2x + 1)",
        "1/x^2",
        "(x + 1)/(x^2 + 2)",
        "x + 1/x",
        "sqrt(x)",
        "2*sqrt(3x + 1)",
        "(x^2 + 1)^(1/2)",
        "sin(x)",
        "-2*cos(x)",
        "exp(x)",
        "3*e^x",
    ];
    for text in cases {
        let derivation = by_limit(text, "x").unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let at = point(&[("x", 0.8), ("h", 0.37), ("a", 1.5), ("b", -0.7), ("c", 2.5)]);
        check(&derivation, &at, 1e-6, text);
        let goal = value(&derivation.tree, derivation.goal, &at);
        assert!(close(goal, value(&derivation.tree, derivation.result, &at), 1e-7), "{text}");
    }
    // A name that is taken is not used for the step.
    let derivation = by_limit("h*x^2", "x").unwrap();
    check(&derivation, &point(&[("x", 0.8), ("h", 1.4), ("k", 0.3)]), 1e-6, "h*x^2");
    for text in ["sin(x^2)", "x^x", "log(x)", "abs(x)", "x^40"] {
        let error = by_limit(text, "x").expect_err(text);
        assert!(error.hint.is_some_and(|hint| hint.contains("rules")), "{text}");
    }
}

#[test]
fn what_has_no_rule_is_refused_with_place_and_hint() {
    for text in ["x > 0", "limit(x*t, t -> 0)"] {
        let error = refused(text, &["x"]);
        assert!(error.hint.is_some() && !error.labels.is_empty(), "{error:?}");
    }
    let error = refused("7", &[]);
    assert_eq!(error.code, agnesi_syntax::Code::Input);
}

#[test]
fn deep_nesting_and_long_formulas_end_with_a_limit_and_not_with_the_stack() {
    let deep = format!("{}x{}", "sin(".repeat(200), ")".repeat(200));
    assert_eq!(refused(&deep, &["x"]).code, agnesi_syntax::Code::Limit);

    let long: Vec<String> = (1..1500).map(|i| format!("sin(x^{i})")).collect();
    let derivation = explained(&long.join(" + "), &["x"], |o| o.most_steps = 50);
    assert!(derivation.cut);
    let mut count = 0;
    for step in &derivation.steps {
        step.walk(&mut |_| count += 1);
    }
    assert!(count <= 50, "{count} steps");
    assert!(derivation.text().contains("There are more steps"));
}

#[test]
fn shared_parts_are_explained_once() {
    // g(g(g(...))) with g(t) = sin(t)*exp(t) + t^2, shared as a settled tree shares it: written out it has 3^30 leaves.
    let mut tree = Tree::new();
    let mut t = tree.name("x");
    let two = tree.number("2");
    for _ in 0..30 {
        let (sin, exp) = (tree.call("sin", &[t]), tree.call("exp", &[t]));
        let product = tree.binary(agnesi_syntax::Binary::Mul, sin, exp);
        let square = tree.binary(agnesi_syntax::Binary::Pow, t, two);
        t = tree.binary(agnesi_syntax::Binary::Add, product, square);
    }
    let rows = TableRows::new();
    let derivation = by_rules(&tree, t, &["x"], &Options::new(&rows)).unwrap();
    let mut referred = 0;
    for step in &derivation.steps {
        step.walk(&mut |step| referred += usize::from(step.as_above.is_some()));
    }
    assert!(referred >= 29, "{referred} steps refer back");
    let text = derivation.text();
    assert!(text.contains("As above, step ") && text.len() < 2_000_000, "{} bytes", text.len());
    assert!(derivation.tree.len() < 20_000);
}

#[test]
fn a_value_is_put_in_after_differentiating() {
    // f'(x^2) for f = sin, as settling leaves it.
    let mut tree = Tree::new();
    let (x, t, two) = (tree.name("x"), tree.name("t"), tree.number("2"));
    let sin = tree.call("sin", &[t]);
    let variables = tree.list(&[t]);
    let span = agnesi_syntax::Span::default();
    let body = tree.push(Kind::Derivative { partial: false, variables, body: sin }, span);
    let inner = tree.binary(agnesi_syntax::Binary::Pow, x, two);
    let binders = tree.list(&[]);
    let define = tree.push(Kind::Define { target: t, value: inner, binders }, span);
    let defines = tree.list(&[define]);
    let root = tree.push(Kind::Where(body, defines), span);
    let rows = TableRows::new();
    let derivation = by_rules(&tree, root, &["x"], &Options::new(&rows)).unwrap();
    let at = point(&[("x", 0.8), ("t", 0.3)]);
    check(&derivation, &at, 1e-6, "f'(x^2)");
    assert!(close(value(&derivation.tree, derivation.result, &at), -1.6 * 0.64f64.sin(), 1e-12));
}

#[test]
fn directions_are_normalised() {
    let rows = TableRows::new();
    let options = Options::new(&rows);
    let (tree, root) = read("x^2*y + z");
    let direction = [read("2"), read("3"), read("-1")];
    let direction: Vec<(&Tree, TreeId)> = direction.iter().map(|(t, i)| (t, *i)).collect();
    let derivation = along(&tree, root, &["x", "y", "z"], &direction, &options).unwrap();
    let at = point(&[("x", 1.3), ("y", 0.4), ("z", 2.0)]);
    let expected = (2.0 * 2.0 * 1.3 * 0.4 + 3.0 * 1.3 * 1.3 - 1.0) / 14f64.sqrt();
    assert!(close(value(&derivation.tree, derivation.result, &at), expected, 1e-12));
    check(&derivation, &at, 1e-6, "along");

    let zero = read("0");
    let error = along(&tree, root, &["x"], &[(&zero.0, zero.1)], &options).expect_err("no direction");
    assert_eq!(error.code, agnesi_syntax::Code::Input);
    assert!(along(&tree, root, &["x", "y"], &[(&zero.0, zero.1)], &options).is_err());
}

/// A function of the session, beside the table.
struct Session {
    table: TableRows,
    with_derivative: bool,
}

impl Rows for Session {
    fn row(&self, name: &str) -> Option<Rc<Row>> {
        if name != "swish2" {
            return self.table.row(name);
        }
        let partials = match self.with_derivative {
            true => vec![Ok(read("sigmoid(2*x) + 2*x*sigmoid(2*x)*(1 - sigmoid(2*x))"))],
            false => vec![],
        };
        let args = vec!["x".to_string()];
        let meaning = Some(read("x*sigmoid(2*x)"));
        Some(Rc::new(Row { title: "Swish2".into(), args, partials, meaning, kinks: vec![] }))
    }
}

#[test]
fn functions_of_a_session_are_explained_by_their_derivative_or_by_their_meaning() {
    let mut tree = Tree::new();
    let (x, two) = (tree.name("x"), tree.number("2"));
    let square = tree.binary(agnesi_syntax::Binary::Pow, x, two);
    let root = tree.call("swish2", &[square]);
    for with_derivative in [true, false] {
        let session = Session { table: TableRows::new(), with_derivative };
        let derivation = by_rules(&tree, root, &["x"], &Options::new(&session)).unwrap();
        let s = 1.0 / (1.0 + (-2.0 * 0.49f64).exp());
        let expected = (s + 2.0 * 0.49 * s * (1.0 - s)) * 1.4;
        let at = point(&[("x", 0.7)]);
        assert!(close(value(&derivation.tree, derivation.result, &at), expected, 1e-12));
        let rule = derivation.steps[0].rule();
        let wanted = if with_derivative { "derivative of swish2" } else { "write out the function" };
        assert!(rule.contains(wanted), "{rule}");
    }
}

#[test]
fn results_are_brought_to_their_final_form() {
    let graph = RefCell::new(Graph::new());
    let simplifier = RefCell::new(Simplifier::default());
    let simplify = |tree: &Tree, root: TreeId| {
        simplified(&mut graph.borrow_mut(), &mut simplifier.borrow_mut(), tree, root, Style::default())
    };
    let rows = TableRows::new();
    let explained = |text: &str, variables: &[&str], order: u32| {
        let (tree, root) = read(text);
        let options = Options { order, simplify: Some(&simplify), ..Options::new(&rows) };
        by_rules(&tree, root, variables, &options).unwrap()
    };
    let cases: [(&str, &[&str], u32, &str); 4] = [
        ("(x^2)^3", &["x"], 1, "6*x^5"),
        ("x^2", &["x"], 1, "2*x"),
        ("x*log(x)", &["x"], 2, "1/x"),
        ("[x*x*y, x/x]", &["x", "y"], 1, "[2*x*y, x^2; 0, 0]"),
    ];
    for (text, variables, order, expected) in cases {
        let derivation = explained(text, variables, order);
        assert_eq!(derivation.formula(derivation.result, Form::Text), expected, "{text}");
        check(&derivation, &point(&[("x", 0.7), ("y", 1.3)]), 1e-5, text);
    }
    // What is not changed gets no step.
    let steps = explained("x^2", &["x"], 1).steps;
    assert!(steps.iter().all(|step| !step.rules.contains(&Rule::Simplify)));
}
