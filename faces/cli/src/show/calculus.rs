//! Derivatives and their evidence, claims, steps, series and values.

use agnesi::protocol::{
    CheckReply, Checked, DiffReply, EvalReply, Evidence, ExplainReply, Number, Request, SimplifyReply, Step,
    TaylorReply, Value, Verdict,
};

use super::palette::Palette;
use super::table::{Rows, columns, short};

/// Rows for conditions and conventions.
pub fn conditions(conditions: &[String], conventions: &[String], rows: &mut Rows) {
    for (number, condition) in conditions.iter().enumerate() {
        rows.plain(if number == 0 { "when" } else { "" }, condition);
    }
    for (number, convention) in conventions.iter().enumerate() {
        rows.plain(if number == 0 { "by convention" } else { "" }, convention);
    }
}

/// `x = 2, y = 3`.
pub fn point<'a>(entries: impl Iterator<Item = (&'a String, String)>) -> String {
    entries.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// To `eval`.
pub fn eval(reply: &EvalReply, paint: Palette, mut rows: Rows) -> String {
    let mut value = reply.value.to_string();
    if let Some(error) = reply.error.as_ref().and_then(Value::as_scalar) {
        value += &format!(" ± {}", short(error, 2));
    }
    rows.line(&paint.formula(&value));
    if let Some(exact) = reply.exact.as_ref().filter(|exact| **exact != value) {
        rows.plain("exact", exact);
    }
    conditions(&reply.conditions, &reply.conventions, &mut rows);
    rows.finish()
}

/// To `simplify`.
pub fn simplify(reply: &SimplifyReply, paint: Palette, mut rows: Rows) -> String {
    rows.line(&paint.formula(&reply.formula));
    if let Some(value) = &reply.value {
        rows.plain("value", value.to_string());
    }
    conditions(&reply.conditions, &[], &mut rows);
    rows.finish()
}

/// To `diff`.
pub fn diff(reply: &DiffReply, request: &Request, paint: Palette, mut rows: Rows) -> String {
    if reply.parts.is_empty() {
        rows.line(&paint.formula(&reply.formula));
    }
    for part in &reply.parts {
        rows.formula(&format!("d/d{}", part.name), &part.formula);
    }
    if let Some(direction) = &reply.direction {
        rows.plain("along", format!("{direction}  (normalised)"));
    }
    if let Some(product) = &reply.product {
        rows.formula(&product.name.replace("Hessian", "H").replace(" times ", "*"), &product.formula);
    }
    conditions(&reply.conditions, &reply.conventions, &mut rows);
    if let Some(curvature) = &reply.curvature {
        rows.plain("curvature", &curvature.because);
    }
    if let Some(layout) = &reply.layout {
        rows.aside("layout", layout);
    }
    if let Some(found) = &reply.checked {
        checked(found, paint, &mut rows);
    }
    if let Some(why) = &reply.unchecked {
        rows.plain("checked", format!("not: {why}"));
    }
    if let Some(steps) = &reply.steps {
        rows.gap();
        derivation(steps, paint, &mut rows);
    }
    if let Some(value) = &reply.value {
        rows.gap();
        let at = point(request.at.iter().map(|(name, value)| (name, value.to_string())));
        rows.line(&paint.heading(&format!("at {at}")));
        match &reply.evidence {
            Some(found) => evidence(found, value, &reply.wrt, paint, &mut rows),
            None => rows.plain("value", value.to_string()),
        }
    }
    rows.finish()
}

/// What a check at random points found.
fn checked(found: &Checked, paint: Palette, rows: &mut Rows) {
    let points = format!("at {} random point{}", found.points, if found.points == 1 { "" } else { "s" });
    if found.agree {
        // The last digits of a rounding error say nothing.
        let digits = (-found.worst.0.log10()).floor().clamp(0.0, 12.0);
        let digits = format!("(formula, dual numbers and differences, to {digits} digits)");
        rows.painted("checked", &format!("{points}: {} {}", paint.good("agree"), paint.aside(&digits)));
    } else {
        let words = "formula, dual numbers and differences disagree: report this as a fault";
        rows.painted("checked", &format!("{points}: {}", paint.bad(words)));
    }
}

/// A value in three ways, and whether they agree.
pub fn evidence(found: &Evidence, value: &Value, wrt: &[String], paint: Palette, rows: &mut Rows) {
    if value.as_scalar().is_some() {
        for (label, value, error) in witnesses(found) {
            if let Some(value) = value.and_then(Value::as_scalar) {
                rows.plain(label, number(value, error.and_then(Value::as_scalar)));
            }
        }
    } else {
        let labels = entry_labels(value, wrt);
        let column = |title: &str, values: &Option<Value>, errors: &Option<Value>| {
            let values = values.as_ref()?.numbers();
            let errors = errors.as_ref().map(Value::numbers).unwrap_or_default();
            let cells = values.iter().enumerate().map(|(i, &x)| number(x, errors.get(i).copied()));
            Some(std::iter::once(title.to_string()).chain(cells).collect::<Vec<_>>())
        };
        let names: Vec<String> = std::iter::once(String::new()).chain(labels).collect();
        let found_columns = [
            Some(names),
            column("exact", &found.exact, &found.exact_error),
            column("automatic", &found.automatic, &None),
            column("numeric", &found.numeric, &found.numeric_error),
        ];
        let table = transposed(found_columns.into_iter().flatten().collect());
        for (i, line) in columns(&table).into_iter().enumerate() {
            rows.line(&format!("  {}", if i == 0 { paint.label(&line) } else { line }));
        }
    }
    verdict(found, "evidence", paint, rows);
}

/// The witnesses by name, each with its value and its error where it has them.
pub fn witnesses(found: &Evidence) -> [(&'static str, Option<&Value>, Option<&Value>); 3] {
    [
        ("exact", found.exact.as_ref(), found.exact_error.as_ref()),
        ("automatic", found.automatic.as_ref(), None),
        ("numeric", found.numeric.as_ref(), found.numeric_error.as_ref()),
    ]
}

/// Whether the witnesses agree, where there are two at least, and what is to be said about it.
pub fn verdict(found: &Evidence, label: &str, paint: Palette, rows: &mut Rows) {
    if witnesses(found).iter().filter(|(_, value, _)| value.is_some()).count() > 1 {
        rows.painted(label, &if found.agree { paint.good("agree") } else { paint.bad("disagree") });
    }
    if let Some(trust) = &found.trust {
        rows.painted("", &paint.warning(trust));
    }
}

/// Columns as rows.
fn transposed(columns: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row = |i: usize| columns.iter().map(|column| column.get(i).cloned().unwrap_or_default()).collect();
    (0..height).map(row).collect()
}

/// A value with its error.
pub fn number(value: f64, error: Option<f64>) -> String {
    match error {
        Some(error) if error > 0.0 => format!("{} ± {}", Number(value), short(error, 2)),
        _ => Number(value).to_string(),
    }
}

/// Names for the entries of a gradient, Jacobian or Hessian.
fn entry_labels(value: &Value, wrt: &[String]) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().all(|item| item.as_scalar().is_some()) => (0..items.len())
            .map(|i| match wrt.get(i) {
                Some(name) if wrt.len() == items.len() => format!("∂/∂{name}"),
                _ => format!("[{}]", i + 1),
            })
            .collect(),
        Value::Array(_) => {
            let mut labels = Vec::new();
            places(value, &mut Vec::new(), &mut labels);
            labels
        }
        Value::Number(_) => vec![String::new()],
    }
}

/// The indices of each number of an array: `[1, 2]`.
fn places(value: &Value, at: &mut Vec<usize>, out: &mut Vec<String>) {
    match value {
        Value::Number(_) => {
            let words: Vec<String> = at.iter().map(usize::to_string).collect();
            out.push(format!("[{}]", words.join(", ")));
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                at.push(i + 1);
                places(item, at, out);
                at.pop();
            }
        }
    }
}

/// To `check`.
pub fn check(reply: &CheckReply, paint: Palette, mut rows: Rows) -> String {
    rows.line(&match reply.verdict {
        Verdict::Equal => paint.good("equal"),
        Verdict::Different => paint.bad("different"),
        Verdict::Undecided => paint.warning("undecided"),
    });
    rows.formula("derivative", &reply.derivative);
    rows.plain("claimed", &reply.claimed);
    if let Some(reason) = &reply.reason {
        rows.plain("reason", reason);
    }
    if let Some(difference) = &reply.difference {
        rows.plain("difference", difference);
    }
    if let Some(counterexample) = &reply.counterexample {
        let at = point(counterexample.at.iter().map(|(name, value)| (name, value.to_string())));
        rows.plain("for example", format!("at {at}"));
        rows.plain("  expected", counterexample.expected.to_string());
        rows.plain("  claimed", counterexample.claimed.to_string());
    }
    if let Some(method) = &reply.method {
        rows.aside("decided", method);
    }
    conditions(&reply.conditions, &[], &mut rows);
    rows.finish()
}

/// To `explain`.
pub fn explain(reply: &ExplainReply, paint: Palette, mut rows: Rows) -> String {
    derivation(&reply.steps, paint, &mut rows);
    rows.gap();
    rows.line(&paint.formula(&reply.formula));
    conditions(&reply.conditions, &[], &mut rows);
    rows.finish()
}

/// What is still to be written of a derivation.
enum Pending<'a> {
    /// A step with its number, at a depth.
    Open(&'a Step, String, usize),
    /// What a step with steps below it arrives at.
    Close(&'a Step, usize),
}

/// A derivation, numbered and indented. Written with a list of its own, since a tree may be deep.
fn derivation(steps: &[Step], paint: Palette, rows: &mut Rows) {
    let mut open: Vec<Pending> =
        numbered(steps, "").map(|(step, number)| Pending::Open(step, number, 0)).collect();
    open.reverse();
    while let Some(next) = open.pop() {
        match next {
            Pending::Open(step, number, depth) => {
                write_step(step, &number, depth, paint, rows);
                if !step.children.is_empty() {
                    open.push(Pending::Close(step, depth));
                    let below: Vec<_> = numbered(&step.children, &format!("{number}.")).collect();
                    open.extend(below.into_iter().rev().map(|(s, n)| Pending::Open(s, n, depth + 1)));
                }
            }
            Pending::Close(step, depth) => {
                let pad = indent(depth);
                rows.line(&format!("{pad}   So {} = {}", step.before, paint.formula(&step.after)));
            }
        }
    }
}

fn numbered<'a>(steps: &'a [Step], prefix: &str) -> impl Iterator<Item = (&'a Step, String)> {
    steps.iter().enumerate().map(move |(i, step)| (step, format!("{prefix}{}", i + 1)))
}

fn indent(depth: usize) -> String {
    "   ".repeat(depth)
}

/// A step without those below it.
fn write_step(step: &Step, number: &str, depth: usize, paint: Palette, rows: &mut Rows) {
    let pad = indent(depth);
    let mut letters = step.rule.chars();
    let rule: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let name = format!("{pad}{}", paint.label(&format!("{number}. {rule}")));
    let after = paint.formula(&step.after);
    if step.glance && depth > 0 && step.children.is_empty() {
        let middle = if step.applied.is_empty() { String::new() } else { format!("{} = ", step.applied) };
        rows.line(&format!("{name}: {} = {middle}{after}", step.before));
        return;
    }
    if step.statement.is_empty() {
        rows.line(&name);
    } else {
        rows.line(&format!("{name}: {}", paint.aside(&step.statement)));
    }
    if !step.words.is_empty() {
        rows.line(&format!("{pad}   {}", step.words));
    }
    match (step.applied.is_empty(), step.children.is_empty()) {
        (true, true) => rows.line(&format!("{pad}   {} = {after}", step.before)),
        (true, false) => {}
        (false, true) => {
            let blank = " ".repeat(step.before.chars().count());
            rows.line(&format!("{pad}   {} = {}", step.before, step.applied));
            rows.line(&format!("{pad}   {blank} = {after}"));
        }
        (false, false) => rows.line(&format!("{pad}   {} = {}", step.before, step.applied)),
    }
}

/// To `taylor`.
pub fn taylor(reply: &TaylorReply, paint: Palette, mut rows: Rows) -> String {
    rows.line(&paint.formula(&reply.formula));
    rows.plain("about", format!("{} = {}, to degree {}", reply.var, reply.point, reply.order));
    remainder(reply, &mut rows);
    let table: Vec<Vec<String>> = reply
        .coefficients
        .iter()
        .map(|c| {
            let value = c.value.to_string();
            let value =
                if value == c.exact || c.value.0.is_nan() { String::new() } else { format!("= {value}") };
            vec![format!("{}^{}", reply.var, c.exponent), c.exact.clone(), value]
        })
        .collect();
    for (i, line) in columns(&table).into_iter().enumerate() {
        rows.plain(if i == 0 { "coefficients" } else { "" }, line);
    }
    conditions(&reply.conditions, &[], &mut rows);
    rows.finish()
}

/// The remainder of a Taylor polynomial.
pub fn remainder(reply: &TaylorReply, rows: &mut Rows) {
    let Some(remainder) = &reply.remainder else { return };
    rows.plain("remainder", &remainder.formula);
    if let Some(bound) = remainder.bound.filter(|bound| bound.0 != 0.0) {
        let place = remainder
            .interval
            .map(|[from, to]| format!(" for {} in [{}, {}]", reply.var, short(from.0, 6), short(to.0, 6)))
            .unwrap_or_default();
        let how = if remainder.proved { "" } else { " (estimated)" };
        rows.plain("", format!("at most {}{place}{how}", short(bound.0, 3)));
    }
}
