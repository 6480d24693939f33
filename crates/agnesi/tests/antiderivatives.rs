//! Third-party antiderivatives (`tests/cases/antiderivatives.tsv`): their derivatives are the integrands, as formulas and
//! as values inside the interval.

mod common;

use common::batch;
use serde_json::{Value, json};

struct Row {
    id: &'static str,
    integrand: &'static str,
    variable: &'static str,
    middle: String,
    antiderivative: &'static str,
}

fn rows() -> Vec<Row> {
    let table = include_str!("../../../tests/cases/antiderivatives.tsv");
    let row = |line: &'static str| {
        let f: Vec<&str> = line.split('\t').collect();
        let middle = match (f[3], f[4]) {
            ("-inf", _) => "-3/2".to_string(),
            (_, "inf") => "3/2".to_string(),
            (from, to) => format!("(({from}) + ({to}))/2"),
        };
        Row { id: f[0], integrand: f[1], variable: f[2], middle, antiderivative: f[5] }
    };
    table.lines().skip(1).map(row).collect()
}

/// Roots that are multiples of each other, which nothing multiplies out, and roots within roots.
const UNDECIDED: [&str; 4] = ["I0313", "I1288", "I1330", "I1428"];

#[test]
fn the_derivative_is_the_integrand() {
    let rows = rows();
    assert_eq!(rows.len(), 378);
    let requests: Vec<Value> = rows
        .iter()
        .map(|row| json!({"id": row.id, "verb": "check", "expr": row.antiderivative, "claimed": row.integrand, "wrt": row.variable}))
        .collect();
    let mut wrong = Vec::new();
    for (id, answer) in batch(&requests) {
        let expected = if UNDECIDED.contains(&id.as_str()) { "undecided" } else { "equal" };
        if answer["verdict"] != json!(expected) {
            wrong.push(answer.to_string());
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn values_and_evidence_inside_the_interval() {
    let rows = rows();
    let mut requests = Vec::new();
    for row in &rows {
        let at = json!({ row.variable: row.middle });
        let value =
            json!({"id": format!("{}/value", row.id), "verb": "eval", "expr": row.integrand, "at": at});
        let slope =
            json!({"id": row.id, "verb": "diff", "expr": row.antiderivative, "wrt": row.variable, "at": at});
        requests.extend([value, slope]);
    }
    let answers = batch(&requests);
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for row in &rows {
        let (value, slope) = (&answers[&format!("{}/value", row.id)], &answers[row.id]);
        // Some are real only where another constant is added, as log(2 - x) for x > 2.
        if slope["error"]["code"] == json!("domain") {
            continue;
        }
        compared += 1;
        let close = match (value["value"].as_f64(), slope["value"].as_f64()) {
            (Some(expected), Some(got)) => (got - expected).abs() <= 1e-12 * expected.abs(),
            (None, _) | (_, None) => false,
        };
        if !close || slope["evidence"]["agree"] != json!(true) {
            wrong.push(format!("{value} {slope}"));
        }
    }
    assert!(compared >= 340, "{compared}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
