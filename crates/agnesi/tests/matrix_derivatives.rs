//! The rows of `tests/cases/matrix_derivatives.tsv`: each derivative has the value of its reference at random
//! instances of odd sizes, through the facade and read back from its text, and is as short.

use std::collections::BTreeMap;
use std::path::Path;

use agnesi::Session;
use agnesi::protocol::{Form, Given, Number, Outcome, Reply, Request, Value, Verb};

/// Relative to the largest entry.
const CLOSE: f64 = 1e-9;

struct Row {
    id: String,
    kind: String,
    expr: String,
    var: String,
    derivative: String,
    /// Name, sizes and properties.
    types: Vec<(String, Vec<String>, Vec<String>)>,
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/matrix_derivatives.tsv");
    let text = std::fs::read_to_string(path).expect("the cases are there");
    text.lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.split('\t').collect();
            let types = f[5].split(';').map(|declared| {
                let (name, rest) = declared.trim().split_once(':').expect("a name and a type");
                let mut words = rest.split_whitespace();
                let shape = words.next().expect("a shape");
                let sizes = shape.split_once('(').map_or_else(Vec::new, |(_, sizes)| {
                    sizes.trim_end_matches(')').split(',').map(str::to_owned).collect()
                });
                (name.to_owned(), sizes, words.map(str::to_owned).collect())
            });
            Row {
                id: f[0].into(),
                kind: f[1].into(),
                expr: f[2].into(),
                var: f[3].into(),
                derivative: f[4].into(),
                types: types.collect(),
            }
        })
        .collect()
}

impl Row {
    fn declarations(&self) -> String {
        let declared = self.types.iter().map(|(name, sizes, properties)| {
            let has = |p: &str| properties.iter().any(|q| q == p);
            let first = sizes.first().map_or("", String::as_str);
            let ty = match sizes.len() {
                0 => "real".to_owned(),
                1 => format!("vector({first})"),
                _ if has("spd") => format!("spd({first})"),
                _ if has("sym") => format!("symmetric({first})"),
                _ if has("invertible") => format!("invertible({first})"),
                _ => format!("matrix({})", sizes.join(", ")),
            };
            let positive = if has("pos") { "positive " } else { "" };
            format!("{name}: {positive}{ty}")
        });
        declared.collect::<Vec<_>>().join("; ")
    }

    /// Random values that are what the row says of them.
    fn instance(&self, seed: u64) -> BTreeMap<String, Given> {
        let mut random = Random(seed);
        let size = |name: &str| match name {
            "n" => 5,
            "m" => 3,
            "p" => 7,
            "q" => 3,
            other => other.parse().unwrap_or(5),
        };
        let mut at = BTreeMap::new();
        for (name, sizes, properties) in &self.types {
            let has = |p: &str| properties.iter().any(|q| q == p);
            let shape: Vec<usize> = sizes.iter().map(|s| size(s)).collect();
            let count: usize = shape.iter().product();
            let mut data: Vec<f64> = (0..count)
                .map(|_| {
                    let x = random.next();
                    // A number may be the base of a power.
                    if has("pos") || has("unit") || shape.is_empty() {
                        0.2 + 0.8 * x.abs()
                    } else if has("pm1") {
                        x.signum()
                    } else {
                        x
                    }
                })
                .collect();
            if let [n, m] = shape[..]
                && n == m
            {
                let entry = |data: &[f64], i: usize, j: usize| data[i * n + j];
                let before = data.clone();
                for i in 0..n {
                    for j in 0..n {
                        data[i * n + j] = if has("spd") {
                            let gram: f64 = (0..n).map(|k| entry(&before, i, k) * entry(&before, j, k)).sum();
                            gram + if i == j { 1.0 } else { 0.0 }
                        } else if has("sym") {
                            (entry(&before, i, j) + entry(&before, j, i)) / 2.0
                        } else if has("invertible") && i == j {
                            entry(&before, i, j) + 3.0
                        } else {
                            entry(&before, i, j)
                        };
                    }
                }
            }
            at.insert(name.clone(), given(&shape, &data));
        }
        at
    }
}

struct Random(u64);

impl Random {
    /// Between -1 and 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn given(shape: &[usize], data: &[f64]) -> Given {
    match shape {
        [] => Given::Number(Number(data[0])),
        [_, rest @ ..] => {
            let size: usize = rest.iter().product();
            Given::Array(data.chunks(size).map(|part| given(rest, part)).collect())
        }
    }
}

fn ask(request: &Request) -> Reply {
    match Session::new().answer(request).outcome {
        Outcome::Ok(success) => success.reply,
        Outcome::Failed(failure) => panic!("{:?}: {failure:?}", request.expr),
    }
}

fn value(row: &Row, text: &str, at: &BTreeMap<String, Given>) -> Vec<f64> {
    let used: BTreeMap<String, Given> = at.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
    let mut request = Request { lets: Some(row.declarations()), at: used, ..Request::new(Verb::Eval, text) };
    // Only what the formula mentions may have a value.
    let Reply::Parse(parsed) =
        ask(&Request { lets: Some(row.declarations()), ..Request::new(Verb::Parse, text) })
    else {
        panic!("{text} parses")
    };
    request.at.retain(|name, _| parsed.variables.iter().any(|v| v.name == *name));
    // Sizes that no value tells.
    for (size, n) in [("n", 5.0), ("m", 3.0), ("p", 7.0), ("q", 3.0)] {
        if parsed.variables.iter().any(|v| v.name == size) {
            request.at.insert(size.to_owned(), Given::Number(Number(n)));
        }
    }
    match ask(&request) {
        Reply::Eval(reply) => reply.value.numbers(),
        other => panic!("{text}: {other:?}"),
    }
}

fn tokens(text: &str) -> usize {
    agnesi_syntax::lex_spans(text)
        .iter()
        .filter(|(s, _)| !text[s.start as usize..s.end as usize].trim().is_empty())
        .count()
}

#[test]
fn every_row_is_right_and_short() {
    let mut ratios = Vec::new();
    for row in rows() {
        let mut request = Request {
            lets: Some(row.declarations()),
            wrt: vec![row.var.clone()],
            ..Request::new(Verb::Diff, &row.expr)
        };
        match row.kind.as_str() {
            "hess" => request.form = Some(Form::Hessian),
            "vecjac" => request.form = Some(Form::VecJacobian),
            "grad" | "jac" | "dscal" => {}
            other => panic!("{other} is no kind"),
        }
        let Reply::Diff(reply) = ask(&request) else { panic!("{} has a derivative", row.id) };
        if let Some(checked) = &reply.checked {
            assert!(checked.agree, "{}: {} disagrees with dual numbers", row.id, reply.formula);
        } else if row.kind != "dscal" || !reply.shape.is_empty() {
            assert!(row.id == "M078", "{} was not checked", row.id);
        }
        for seed in 1..=3 {
            let at = row.instance(seed);
            let expected = value(&row, &row.derivative, &at);
            let found = value(&row, &reply.formula, &at);
            assert_eq!(expected.len(), found.len(), "{}: the shape of {}", row.id, reply.formula);
            let size = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs())).max(f64::MIN_POSITIVE);
            for (e, f) in expected.iter().zip(&found) {
                assert!((e - f).abs() <= CLOSE * size, "{}: {} gives {f}, not {e}", row.id, reply.formula);
            }
        }
        ratios.push((tokens(&reply.formula) as f64 / tokens(&row.derivative) as f64, row.id, reply.formula));
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |part: f64| ratios[((ratios.len() - 1) as f64 * part).round() as usize].0;
    let (median, ninetieth) = (at(0.5), at(0.9));
    println!(
        "{} rows, tokens against the reference: median {median:.3}, 90th percentile {ninetieth:.3}",
        ratios.len()
    );
    for (ratio, id, formula) in ratios.iter().rev().take(6) {
        println!("  {ratio:.2} {id} {formula}");
    }
    assert_eq!(ratios.len(), 60);
    assert!(median <= 1.0 && ninetieth <= 1.1, "median {median}, 90th percentile {ninetieth}");
}

#[test]
fn a_value_has_the_shape_of_the_formula() {
    let row = rows().into_iter().find(|r| r.id == "M086").expect("the logistic Hessian is among them");
    let at = row.instance(4);
    let request = Request {
        lets: Some(row.declarations()),
        wrt: vec![row.var.clone()],
        form: Some(Form::Hessian),
        at,
        ..Request::new(Verb::Diff, &row.expr)
    };
    let Reply::Diff(reply) = ask(&request) else { panic!("it has a Hessian") };
    let Some(Value::Array(rows)) = &reply.value else { panic!("{:?}", reply.value) };
    assert_eq!(rows.len(), 3);
    assert!(reply.evidence.is_some_and(|e| e.agree));
    assert_eq!(reply.curvature.map(|c| c.verdict).as_deref(), Some("convex"));
}
