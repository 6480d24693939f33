//! Everything calculus knows, on one screen.

use agnesi::protocol::{
    CriticalKind, CriticalPoint, DescribeReply, Evidence, Formula, Number, Success, Symmetry, Value,
};

use super::calculus::{conditions, evidence, number, point, remainder, verdict, witnesses};
use super::palette::Palette;
use super::table::{Rows, columns, short};

/// Digits of places and values in an overview.
const DIGITS: usize = 10;

/// Critical points listed.
const MOST: usize = 16;

/// To `describe`.
pub fn describe(reply: &DescribeReply, success: &Success, paint: Palette, mut rows: Rows) -> String {
    let names: Vec<String> = reply.variables.iter().map(|variable| variable.name.clone()).collect();
    let understood = success.understood.as_deref().unwrap_or_default();
    if names.is_empty() {
        constant(reply, understood, paint, &mut rows);
        return rows.finish();
    }
    rows.line(&paint.formula(understood));
    rows.gap();
    if let Some(simplified) = &reply.simplified {
        rows.formula("simpler", simplified);
    }
    for (label, text) in [("domain", &reply.domain), ("range", &reply.range)] {
        if let Some(text) = text {
            rows.plain(label, text);
        }
    }
    match reply.symmetry {
        Some(Symmetry::Even) => rows.plain("symmetry", "even"),
        Some(Symmetry::Odd) => rows.plain("symmetry", "odd"),
        None => {}
    }
    if let Some(period) = &reply.period {
        let value = period.value.to_string();
        let text = if value == period.exact { value } else { format!("{} = {value}", period.exact) };
        rows.plain("period", text);
    }
    for found in [&reply.derivative, &reply.second_derivative].into_iter().flatten() {
        formula(found, &mut rows);
    }
    if let Some(shape) = &reply.shape {
        let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
        rows.plain(
            "value",
            match sizes.len() {
                0 => "a number".to_string(),
                1 => format!("a vector of {} entries", sizes[0]),
                2 => format!("a {} x {} matrix", sizes[0], sizes[1]),
                _ => format!("a tensor, {}", sizes.join(" x ")),
            },
        );
        if let Some(value) = &reply.value {
            rows.plain("", value.to_string());
        }
    }
    for gradient in &reply.gradients {
        rows.formula(&gradient.name, &gradient.formula);
    }
    for (i, curvature) in reply.curvature.iter().enumerate() {
        rows.plain(if i == 0 { "curvature" } else { "" }, curvature);
    }
    if let Some(taylor) = &reply.taylor {
        rows.formula("Taylor", &taylor.formula);
        rows.aside("", &format!("about {} = {}, to degree {}", taylor.var, taylor.point, taylor.order));
        remainder(taylor, &mut rows);
    }
    searched(reply, &names, paint, &mut rows);
    conditions(&reply.conditions, &reply.conventions, &mut rows);
    at(reply, &names, paint, &mut rows);
    if let Some(picture) = &reply.picture {
        rows.gap();
        rows.line(picture.trim_end_matches('\n'));
    }
    rows.finish()
}

/// A formula without variables is its value.
fn constant(reply: &DescribeReply, understood: &str, paint: Palette, rows: &mut Rows) {
    let value = reply.value.as_ref().map(Value::to_string);
    match (&value, &reply.simplified) {
        (Some(value), Some(simplified)) if simplified != value => {
            rows.line(&paint.formula(simplified));
            rows.line(&format!("= {value}"));
        }
        (Some(value), _) => rows.line(&paint.formula(value)),
        (None, Some(simplified)) => rows.line(&paint.formula(simplified)),
        (None, None) => rows.line(&paint.formula(understood)),
    }
    conditions(&reply.conditions, &reply.conventions, rows);
}

fn formula(found: &Formula, rows: &mut Rows) {
    let label = match found.name.as_str() {
        "second derivative" => "second",
        name => name,
    };
    // The rows of a matrix one below the other.
    let text = if found.shape.len() == 2 && found.formula.starts_with('[') {
        found.formula.replace("; ", ";\n ")
    } else {
        found.formula.clone()
    };
    rows.formula(label, &text);
}

fn searched(reply: &DescribeReply, names: &[String], paint: Palette, rows: &mut Rows) {
    let view = reply.view.as_ref().map(|view| {
        let side = |(name, [from, to]): (&String, &[Number; 2])| {
            format!("{name} in [{}, {}]", short(from.0, 6), short(to.0, 6))
        };
        view.iter().map(side).collect::<Vec<_>>().join(", ")
    });
    let none = || format!("none seen{}", view.as_ref().map(|v| format!(" for {v}")).unwrap_or_default());
    if let Some(zeros) = &reply.zeros {
        let list: Vec<String> = zeros
            .iter()
            .map(|zero| short(zero.at.0, DIGITS) + if zero.touches { " (touches)" } else { "" })
            .collect();
        rows.plain("zeros", if list.is_empty() { none() } else { list.join(", ") });
    }
    if let Some(critical) = &reply.critical {
        let listed = critical.iter().take(MOST);
        let table: Vec<Vec<String>> = listed.map(|c| critical_row(c, names)).collect();
        let lines = columns(&table);
        if lines.is_empty() {
            rows.plain("critical", none());
        }
        for (i, line) in lines.iter().enumerate() {
            rows.plain(if i == 0 { "critical" } else { "" }, line);
        }
        if critical.len() > MOST {
            rows.plain("", format!("and {} more; --json lists them all", critical.len() - MOST));
        }
    }
    if let Some(search) = &reply.search {
        rows.painted("", &paint.aside(&format!("({search})")));
    }
}

/// One critical point.
fn critical_row(found: &CriticalPoint, names: &[String]) -> Vec<String> {
    let kind = match found.kind {
        CriticalKind::Minimum => "minimum",
        CriticalKind::Maximum => "maximum",
        CriticalKind::Saddle => "saddle",
        CriticalKind::Inflection => "inflection",
        CriticalKind::Undecided => "undecided",
    };
    let mut row = vec![kind.to_string()];
    row.extend(
        names.iter().filter_map(|name| {
            found.at.get(name).map(|value| format!("{name} = {}", short(value.0, DIGITS)))
        }),
    );
    row.push(format!("value {}", short(found.value.0, DIGITS)));
    row
}

fn at(reply: &DescribeReply, names: &[String], paint: Palette, rows: &mut Rows) {
    let Some(place) = &reply.point else { return };
    rows.gap();
    let text = point(place.at.iter().map(|(name, value)| (name, value.to_string())));
    rows.line(&paint.heading(&format!("at {text}")));
    rows.plain("value", place.value.to_string());
    if let Some(found) = &place.derivative {
        slope(found, names, paint, rows);
    }
    if let Some(tangent) = &place.tangent {
        rows.formula("tangent", tangent);
    }
}

/// The derivative in three ways: of one variable a line for each witness, of several a table.
fn slope(found: &Evidence, names: &[String], paint: Palette, rows: &mut Rows) {
    let Some(value) = found.exact.as_ref().or(found.automatic.as_ref()).or(found.numeric.as_ref()) else {
        return;
    };
    if value.as_scalar().is_none() {
        evidence(found, value, names, paint, rows);
        return;
    }
    let lines: Vec<Vec<String>> = witnesses(found)
        .into_iter()
        .filter_map(|(name, value, error)| {
            Some(vec![number(value?.as_scalar()?, error.and_then(Value::as_scalar)), name.to_string()])
        })
        .collect();
    for (i, line) in columns(&lines).iter().enumerate() {
        rows.plain(if i == 0 { "derivative" } else { "" }, line);
    }
    verdict(found, "", paint, rows);
}
