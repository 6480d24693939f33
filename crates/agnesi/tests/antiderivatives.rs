//! Third-party antiderivatives (`tests/cases/antiderivatives.tsv`): their derivatives are the integrands, as formulas and
//! as values inside the interval.

use agnesi::Session;
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

fn answer(session: &mut Session, request: Value) -> Value {
    let mut output = Vec::new();
    agnesi::protocol::batch(session, format!("{request}\n").as_bytes(), &mut output, 1 << 20)
        .expect("in memory");
    serde_json::from_slice(&output).expect("JSON")
}

/// Roots that are multiples of each other, which nothing multiplies out, and roots within roots.
const UNDECIDED: [&str; 4] = ["I0313", "I1288", "I1330", "I1428"];

#[test]
fn the_derivative_is_the_integrand() {
    let mut session = Session::new();
    let mut wrong = Vec::new();
    for row in rows() {
        let request = json!({"verb": "check", "expr": row.antiderivative, "claimed": row.integrand, "wrt": row.variable});
        let answer = answer(&mut session, request);
        let expected = if UNDECIDED.contains(&row.id) { "undecided" } else { "equal" };
        if answer["verdict"] != json!(expected) {
            wrong.push(format!("{} {answer}", row.id));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn values_and_evidence_inside_the_interval() {
    let mut session = Session::new();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for row in rows() {
        let at = json!({ row.variable: row.middle });
        let value = answer(&mut session, json!({"verb": "eval", "expr": row.integrand, "at": at}));
        let request = json!({"verb": "diff", "expr": row.antiderivative, "wrt": row.variable, "at": at});
        let slope = answer(&mut session, request);
        // Some are real only where another constant is added, as log(2 - x) for x > 2.
        if slope["error"]["code"] == json!("domain") {
            continue;
        }
        compared += 1;
        let (Some(expected), Some(got)) = (value["value"].as_f64(), slope["value"].as_f64()) else {
            wrong.push(format!("{} {value} {slope}", row.id));
            continue;
        };
        let close = (got - expected).abs() <= 1e-12 * expected.abs();
        if !close || slope["evidence"]["agree"] != json!(true) {
            wrong.push(format!("{}: {got}, {expected}, {}", row.id, slope["evidence"]));
        }
    }
    assert!(compared >= 340, "{compared}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
