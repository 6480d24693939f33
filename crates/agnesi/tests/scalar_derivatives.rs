//! Third-party derivatives (`tests/cases/scalar_derivatives.tsv`), asked for as a face would: one JSON object a line.

mod common;

use common::batch;
use serde_json::{Value, json};

struct Row {
    id: String,
    expr: String,
    var: String,
    reference: String,
    points: Vec<(String, [f64; 3])>,
}

fn rows() -> Vec<Row> {
    let table = include_str!("../../../tests/cases/scalar_derivatives.tsv");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    table
        .lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.split('\t').collect();
            let points = (0..3)
                .map(|i| &f[4 + 4 * i..8 + 4 * i])
                .filter(|p| !p[0].is_empty())
                .map(|p| (p[0].to_string(), [number(p[1]), number(p[2]), number(p[3])]))
                .collect();
            Row { id: f[0].into(), expr: f[1].into(), var: f[2].into(), reference: f[3].into(), points }
        })
        .collect()
}

fn close(got: &Value, expected: f64) -> bool {
    got.as_f64().is_some_and(|got| (got - expected).abs() <= 1e-12 * expected.abs().max(1e-300))
}

#[test]
fn values_and_two_derivatives_at_every_point() {
    let rows = rows();
    assert!(rows.len() >= 83);
    let mut requests = Vec::new();
    for row in &rows {
        for (i, (x, _)) in row.points.iter().enumerate() {
            let at = json!({ row.var.as_str(): x });
            for order in 0..3 {
                let id = format!("{}/{i}/{order}", row.id);
                requests.push(json!({"id": id, "verb": "diff", "expr": row.expr, "wrt": row.var, "order": order, "at": at}));
            }
        }
    }
    let answers = batch(&requests);
    let mut wrong = Vec::new();
    for row in &rows {
        for (i, (x, expected)) in row.points.iter().enumerate() {
            for order in 0..3 {
                let answer = &answers[&format!("{}/{i}/{order}", row.id)];
                if !close(&answer["value"], expected[order]) {
                    wrong.push(format!(
                        "{} order {order} at {x}: {} not {}\n{answer}",
                        row.id, answer["value"], expected[order]
                    ));
                } else if answer["evidence"]["agree"] != json!(true) {
                    wrong.push(format!("{} order {order} at {x}: {}", row.id, answer["evidence"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_printed_derivative_parses_again() {
    let rows = rows();
    let ask = |id: String, row: &Row, expr: &str, order: u32| json!({"id": id, "verb": "diff", "expr": expr, "wrt": row.var, "order": order});
    let first: Vec<Value> = rows.iter().map(|row| ask(row.id.clone(), row, &row.expr, 1)).collect();
    let answers = batch(&first);
    // The printed formula, read again, is its own simple form.
    let again: Vec<Value> = rows
        .iter()
        .map(|row| ask(row.id.clone(), row, answers[&row.id]["formula"].as_str().expect("a formula"), 0))
        .collect();
    let back = batch(&again);
    let mut wrong = Vec::new();
    for row in &rows {
        let (one, two) = (&answers[&row.id]["formula"], &back[&row.id]["formula"]);
        if !two.is_string() || two.as_str().map(str::len) > one.as_str().map(str::len) {
            wrong.push(format!("{}: {one} then {two}", row.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many tokens a formula has.
fn tokens(text: &str) -> usize {
    agnesi::lex_spans(text)
        .iter()
        .filter(|(span, _)| !text[span.start as usize..span.end as usize].trim().is_empty())
        .count()
}

#[test]
fn our_derivatives_are_no_longer_than_the_references() {
    let rows = rows();
    let asked: Vec<Value> = rows
        .iter()
        .filter(|row| !row.reference.is_empty())
        .map(|row| json!({"id": row.id, "verb": "diff", "expr": row.expr, "wrt": row.var}))
        .collect();
    let answers = batch(&asked);
    let mut ratios: Vec<f64> = rows
        .iter()
        .filter(|row| !row.reference.is_empty())
        .map(|row| {
            let ours = answers[&row.id]["formula"].as_str().expect("a formula");
            tokens(ours) as f64 / tokens(&row.reference) as f64
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    assert!(median <= 1.0, "median length {median} of the references'");
}
