//! The 83 scalar derivatives of `tests/cases`: values to 1e-12, formulas that read again and are short.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// One row of the file.
struct Row {
    id: String,
    expr: String,
    var: String,
    derivative: String,
    /// The points, each with f, f' and f''.
    points: Vec<(String, [f64; 3])>,
}

fn rows() -> Vec<Row> {
    let file = crate::root().join("tests/cases/scalar_derivatives.tsv");
    let text = std::fs::read_to_string(file).expect("the cases can be read");
    let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text} is no number"));
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let points = (0..3)
                .map(|i| &cells[4 + 4 * i..8 + 4 * i])
                .map(|c| (c[0].to_string(), [number(c[1]), number(c[2]), number(c[3])]))
                .collect();
            Row {
                id: cells[0].to_string(),
                expr: cells[1].to_string(),
                var: cells[2].to_string(),
                derivative: cells[3].to_string(),
                points,
            }
        })
        .collect()
}

/// Answers of `agnesi batch`, one for each request.
fn batch(requests: &[Value]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_agnesi"))
        .arg("batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let writing = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("the program ends");
    writing.join().expect("writing does not panic").expect("the program reads all");
    let text = String::from_utf8(output.stdout).expect("answers are UTF-8");
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("answers are JSON")).collect();
    assert_eq!(answers.len(), requests.len(), "one answer for each request");
    answers
}

fn length(formula: &str) -> usize {
    formula.chars().filter(|c| !c.is_whitespace()).count()
}

#[test]
fn scalar_derivatives_are_right_and_short() {
    let rows = rows();
    assert_eq!(rows.len(), 83);
    let mut requests = Vec::new();
    let mut wanted = Vec::new();
    for row in &rows {
        for (x, values) in &row.points {
            let at = json!({ (row.var.as_str()): x });
            for (order, value) in values.iter().enumerate() {
                let mut request = json!({"id": requests.len(), "verb": "diff", "expr": row.expr, "wrt": row.var, "order": order, "at": at});
                if order == 0 {
                    request = json!({"id": requests.len(), "verb": "eval", "expr": row.expr, "at": at});
                }
                requests.push(request);
                wanted.push((row, x, order, *value));
            }
        }
    }
    let answers = batch(&requests);
    let mut report = String::new();
    let mut formulas: Vec<(&Row, String)> = Vec::new();
    for (answer, (row, x, order, value)) in answers.iter().zip(wanted) {
        let name = format!("{} {} at {}={x}, order {order}", row.id, row.expr, row.var);
        match answer["value"].as_f64() {
            Some(found) if (found - value).abs() <= 1e-12 * value.abs() => {}
            Some(found) => report += &format!("{name}: {found:e}, not {value:e}\n"),
            None => report += &format!("{name}: {answer}\n"),
        }
        if order > 0 && answer["evidence"]["agree"] == json!(false) {
            report += &format!("{name}: the evidence disagrees: {}\n", answer["evidence"]);
        }
        if let Some(formula) = answer["formula"].as_str().filter(|_| order == 1) {
            formulas.push((row, formula.to_string()));
        }
    }
    let again: Vec<Value> = formulas
        .iter()
        .map(|(row, formula)| json!({"verb": "eval", "expr": formula, "at": {(row.var.as_str()): row.points[0].0}}))
        .collect();
    for (answer, (row, formula)) in batch(&again).iter().zip(&formulas) {
        // Every third of them belongs to the first point, but each formula is the same at all three.
        let value = row.points[0].1[1];
        match answer["value"].as_f64() {
            Some(found) if (found - value).abs() <= 1e-9 * value.abs().max(1e-3) => {}
            _ => report += &format!("{}: {formula} does not read back as the derivative: {answer}\n", row.id),
        }
    }
    assert!(report.is_empty(), "{report}");

    let (mut ours, mut theirs): (Vec<usize>, Vec<usize>) = formulas
        .iter()
        .step_by(3)
        .filter(|(row, _)| !row.derivative.is_empty())
        .map(|(row, formula)| (length(formula), length(&row.derivative)))
        .unzip();
    ours.sort_unstable();
    theirs.sort_unstable();
    let middle = ours.len() / 2;
    assert!(
        ours[middle] <= theirs[middle],
        "our median length is {}, theirs {}",
        ours[middle],
        theirs[middle]
    );
}
