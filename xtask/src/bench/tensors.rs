//! Gradients of vectors and matrices, from the text to the printed formula.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_graph::{Graph, Scope, Style};

use super::losses::LOSSES;
use super::{in_release, least, peers, time};

/// How long a gradient may take on average.
const TARGET: f64 = 1e-3;
/// Common parts of so many tokens get a name, as in answers.
const NAMED: u32 = 6;

/// What is differentiated.
struct Case {
    name: String,
    expr: String,
    variable: String,
    order: usize,
    scope: Scope,
}

/// Times all cases and prints how they lie to the target. Fails where a case has no derivative.
pub fn tensors(root: &Path, words: &[&str]) -> Result<(), String> {
    let smoke = words.contains(&"--smoke");
    if in_release("tensors", words)? {
        return Ok(());
    }
    let budget = Duration::from_millis(if smoke { 0 } else { 50 });
    let rows = rows(root)?;
    let rows = timed(&rows, budget)?;
    let losses: Vec<Case> = LOSSES
        .iter()
        .map(|(name, expr, variable, types)| case(name, expr, variable, 1, types))
        .collect::<Result<_, _>>()?;
    let losses = timed(&losses, budget)?;
    println!("{:<34}{:>5}{:>12}{:>12}{:>12}  slowest", "", "", "mean", "median", "max");
    report("rows of matrix_derivatives.tsv", &rows);
    report("typical losses", &losses);
    let all: Vec<(String, f64)> = rows.iter().chain(&losses).cloned().collect();
    report("all", &all);
    let verdict = if mean(&all) <= TARGET { "met" } else { "missed" };
    println!("target: {} on average, {verdict}\n", time(TARGET));
    for (name, seconds) in &losses {
        println!("{name:<34}{:>17}", time(*seconds));
    }
    if smoke {
        return Ok(());
    }
    let others = peers(root, "tensors.py");
    if others.is_empty() {
        println!("\n(no peers: install sympy for Python to compare)");
        return Ok(());
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (name, seconds) in rows {
        if let Some((_, other)) = others.get(&name).and_then(|peers| peers.first()) {
            ours.push((name.clone(), seconds));
            theirs.push((name, *other));
        }
    }
    println!();
    report("rows that SymPy can do, Agnesi", &ours);
    report("rows that SymPy can do, SymPy", &theirs);
    Ok(())
}

/// Mean, median and greatest of the times.
fn report(title: &str, cases: &[(String, f64)]) {
    let mut sorted: Vec<&(String, f64)> = cases.iter().collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(median), Some(most)) = (sorted.get(sorted.len() / 2), sorted.last()) else { return };
    let (mean, count) = (mean(cases), cases.len());
    println!("{title:<34}{count:>5}{:>12}{:>12}{:>12}  {}", time(mean), time(median.1), time(most.1), most.0);
}

fn mean(cases: &[(String, f64)]) -> f64 {
    cases.iter().map(|(_, seconds)| seconds).sum::<f64>() / cases.len().max(1) as f64
}

fn timed(cases: &[Case], budget: Duration) -> Result<Vec<(String, f64)>, String> {
    let mut times = Vec::with_capacity(cases.len());
    for case in cases {
        case.derivative().map_err(|reason| format!("{}: {reason}", case.name))?;
        let seconds = least(budget, || {
            let _ = black_box(black_box(case).derivative());
        });
        times.push((case.name.clone(), seconds));
    }
    Ok(times)
}

impl Case {
    /// The whole way, in a new graph: text, shapes, derivative, simplified, printed.
    fn derivative(&self) -> Result<String, String> {
        let parsed = agnesi_syntax::parse_expression(&self.expr, &self.scope);
        if parsed.has_errors() {
            return Err(format!("{:?}", parsed.diagnostics));
        }
        let mut graph = Graph::new();
        let read = graph.read_shaped(&parsed.tree, parsed.root, &self.scope);
        let read = read.map_err(|errors| format!("{errors:?}"))?;
        let x = graph.declare_from(&self.scope, &self.variable).map_err(|error| error.message)?;
        let x = graph.as_symbol(x).ok_or("not a variable")?;
        let mut simplifier = TensorSimplifier::default();
        let mut node = read.node;
        for _ in 0..self.order {
            node =
                tensor_derivative(&mut graph, &mut simplifier, node, x).map_err(|error| error.to_string())?;
        }
        let style = Style { decimals: read.has_decimals };
        let raised = graph.raise_named(&[node], style, NAMED);
        Ok(agnesi_syntax::print::text(&raised.tree, raised.whole))
    }
}

fn case(name: &str, expr: &str, variable: &str, order: usize, types: &str) -> Result<Case, String> {
    let mut scope = Scope::new();
    scope.read(types).map_err(|errors| format!("{name}: {errors:?}"))?;
    Ok(Case { name: name.into(), expr: expr.into(), variable: variable.into(), order, scope })
}

/// The rows of the table of cases; a Hessian takes two derivatives.
fn rows(root: &Path) -> Result<Vec<Case>, String> {
    let path = root.join("tests/cases/matrix_derivatives.tsv");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut cases = Vec::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, kind, expr, variable, _, types, ..] = columns[..] else {
            return Err(format!("a row of too few columns: {line}"));
        };
        let declared: Vec<String> =
            types.split(';').map(declaration).collect::<Option<_>>().ok_or(format!("{id}: {types}"))?;
        let order = if kind == "hess" { 2 } else { 1 };
        cases.push(case(id, expr, variable, order, &declared.join("; "))?);
    }
    Ok(cases)
}

/// `X:mat(n,n) spd` as `X: spd(n)`.
fn declaration(text: &str) -> Option<String> {
    let (name, rest) = text.trim().split_once(':')?;
    let mut words = rest.split_whitespace();
    let shape = words.next()?;
    let properties: Vec<&str> = words.collect();
    let has = |property: &str| properties.contains(&property);
    let sizes = shape.split_once('(').map_or("", |(_, sizes)| sizes.trim_end_matches(')'));
    let first = sizes.split(',').next()?;
    let ty = match sizes.split(',').count() {
        1 if sizes.is_empty() => "real".to_string(),
        1 => format!("vector({sizes})"),
        _ if has("spd") => format!("spd({first})"),
        _ if has("sym") => format!("symmetric({first})"),
        _ if has("invertible") => format!("invertible({first})"),
        _ => format!("matrix({sizes})"),
    };
    let positive = if has("pos") { "positive " } else { "" };
    Some(format!("{name}: {positive}{ty}"))
}

#[test]
fn types_of_the_table_are_declarations() {
    for (text, expected) in [
        ("X:mat(n,m)", "X: matrix(n,m)"),
        (" A:mat(n,n) spd", "A: spd(n)"),
        ("x:vec(n) pos", "x: positive vector(n)"),
        ("t:sca", "t: real"),
    ] {
        assert_eq!(declaration(text).as_deref(), Some(expected));
    }
}
