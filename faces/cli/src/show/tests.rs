use std::collections::BTreeMap;

use agnesi::protocol::*;

use super::{success, table};
use crate::screen::Screen;

fn screen() -> Screen {
    Screen { terminal: false, colour: false, error_colour: false, columns: 80, rows: 24 }
}

fn shown(reply: Reply, understood: &str, request: &Request) -> String {
    let understood = Some(understood.to_string());
    success(&Success { understood, reply, notes: Vec::new() }, request, &screen())
}

fn point(entries: &[(&str, f64)]) -> BTreeMap<String, Number> {
    entries.iter().map(|(name, value)| (name.to_string(), Number(*value))).collect()
}

#[test]
fn a_derivative_in_three_ways() {
    let mut request = Request::new(Verb::Diff, "x^3");
    request.at.insert("x".to_string(), Given::from(2.0));
    let scalar = |x: f64| Some(Value::scalar(x));
    let reply = DiffReply {
        formula: "3*x^2".into(),
        latex: "3 x^{2}".into(),
        shape: vec![],
        wrt: vec!["x".into()],
        value: scalar(12.0),
        evidence: Some(Evidence {
            exact: scalar(12.0),
            exact_error: None,
            automatic: scalar(12.0),
            numeric: scalar(12.000000000000002),
            numeric_error: scalar(1.234e-13),
            agree: false,
            trust: Some("trust the exact value: the formula is exact here".into()),
        }),
        conditions: vec!["x > 0".into()],
        conventions: vec!["abs'(0) = 0".into()],
        ..DiffReply::default()
    };
    let expected = "\
3*x^2
when          x > 0
by convention abs'(0) = 0

at x = 2
exact         12
automatic     12
numeric       12.000000000000002 ± 1.2e-13
evidence      disagree
              trust the exact value: the formula is exact here
";
    assert_eq!(shown(Reply::Diff(Box::new(reply)), "x^3", &request), expected);
}

#[test]
fn a_gradient_is_a_table() {
    let mut request = Request::new(Verb::Diff, "x^2 + y^3");
    request.at.insert("x".to_string(), Given::from(2.0));
    request.at.insert("y".to_string(), Given::from("1/3"));
    let vector = |x: &[f64]| Some(Value::vector(x));
    let reply = DiffReply {
        formula: "[2*x, 3*y^2]".into(),
        latex: String::new(),
        shape: vec![2.into()],
        wrt: vec!["x".into(), "y".into()],
        value: vector(&[4.0, 27.0]),
        evidence: Some(Evidence {
            exact: vector(&[4.0, 27.0]),
            exact_error: None,
            automatic: vector(&[4.0, 27.0]),
            numeric: vector(&[4.0, 27.000000000001]),
            numeric_error: vector(&[0.0, 1e-11]),
            agree: true,
            trust: None,
        }),
        ..DiffReply::default()
    };
    let expected = "\
[2*x, 3*y^2]

at x = 2, y = 1/3
        exact  automatic  numeric
  ∂/∂x  4      4          4
  ∂/∂y  27     27         27.000000000001 ± 1e-11
evidence      agree
";
    assert_eq!(shown(Reply::Diff(Box::new(reply)), "x^2 + y^3", &request), expected);
}

#[test]
fn steps_are_a_tree() {
    let step = |rule: &str, before: &str, after: &str, children: Vec<Step>| Step {
        rule: rule.into(),
        before: before.into(),
        after: after.into(),
        children,
        ..Step::default()
    };
    let glance = Step { glance: true, ..step("power rule", "d/dx x^2", "2*x", vec![]) };
    let inner = Step {
        statement: "d/dx (u + v) = du/dx + dv/dx".into(),
        words: "Term by term.".into(),
        ..step("sum rule", "d/dx (3*x^2 + 2)", "6*x", vec![glance])
    };
    let outer = Step {
        applied: "5*(3*x^2 + 2)^4*d/dx (3*x^2 + 2)".into(),
        ..step("chain rule", "d/dx (3*x^2 + 2)^5", "30*x*(3*x^2 + 2)^4", vec![inner])
    };
    let last = Step { applied: "x + x".into(), ..step("simplify", "a", "2*x", vec![]) };
    let reply = ExplainReply {
        formula: "30*x*(3*x^2 + 2)^4".into(),
        latex: String::new(),
        steps: vec![outer, last],
        conditions: vec![],
    };
    let expected = "\
1. Chain rule
   d/dx (3*x^2 + 2)^5 = 5*(3*x^2 + 2)^4*d/dx (3*x^2 + 2)
   1.1. Sum rule: d/dx (u + v) = du/dx + dv/dx
      Term by term.
      1.1.1. Power rule: d/dx x^2 = 2*x
      So d/dx (3*x^2 + 2) = 6*x
   So d/dx (3*x^2 + 2)^5 = 30*x*(3*x^2 + 2)^4
2. Simplify
   a = x + x
     = 2*x

30*x*(3*x^2 + 2)^4
";
    assert_eq!(shown(Reply::Explain(reply), "", &Request::default()), expected);
}

#[test]
fn everything_on_one_screen() {
    let part = |name: &str, formula: &str, shape: Vec<usize>| Formula {
        name: name.into(),
        formula: formula.into(),
        latex: String::new(),
        shape: shape.into_iter().map(Into::into).collect(),
    };
    let reply = DescribeReply {
        variables: vec![
            Variable { name: "x".into(), ty: "real".into() },
            Variable { name: "y".into(), ty: "real".into() },
        ],
        domain: Some("all real x, y".into()),
        derivative: Some(part("gradient", "[2*x, 2*y]", vec![2])),
        second_derivative: Some(part("hessian", "[2, 0; 0, 2]", vec![2, 2])),
        view: Some(
            [("x", -5.0, 5.0), ("y", -5.0, 5.0)]
                .map(|(n, a, b)| (n.to_string(), [Number(a), Number(b)]))
                .into(),
        ),
        critical: Some(vec![CriticalPoint {
            at: point(&[("x", 0.0), ("y", 1.0 / 3.0)]),
            value: Number(-1.0),
            kind: CriticalKind::Minimum,
            eigenvalues: vec![Number(2.0), Number(2.0)],
        }]),
        search: Some("found by sampling, polished; others may be missed".into()),
        ..DescribeReply::default()
    };
    let expected = "\
x^2 + y^2

domain        all real x, y
gradient      [2*x, 2*y]
hessian       [2, 0;
               0, 2]
critical      minimum  x = 0  y = 0.3333333333  value -1
              (found by sampling, polished; others may be missed)
";
    assert_eq!(shown(Reply::Describe(Box::new(reply)), "x^2 + y^2", &Request::default()), expected);
}

#[test]
fn colours_are_only_added() {
    let reply = || {
        Reply::Simplify(SimplifyReply {
            formula: "abs(x)".into(),
            latex: String::new(),
            value: None,
            conditions: vec!["x != 0".into()],
        })
    };
    let plain = shown(reply(), "", &Request::default());
    let coloured = success(
        &Success { understood: None, reply: reply(), notes: Vec::new() },
        &Request::default(),
        &Screen { colour: true, ..screen() },
    );
    assert_ne!(plain, coloured);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn long_formulas_are_wrapped_on_a_terminal() {
    let mut rows = table::Rows::new(super::Palette::new(false), Some(40));
    rows.plain("derivative", "aaaa + bbbb + cccc + dddd + eeee");
    assert_eq!(rows.finish(), "derivative    aaaa + bbbb + cccc + dddd\n              + eeee\n");
}
