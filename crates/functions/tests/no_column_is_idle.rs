//! That every text of the table is really tested: each is made slightly false, and each must be found.

use agnesi_functions::verify::{self, Column};
use agnesi_functions::{Antiderivative, Derivative, Function, Law, Shape, table};

/// A text that lives as long as the table's own.
fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A formula a ten-thousandth off, also where it is 0.
fn off(formula: &str) -> &'static str {
    text(format!("1.000131*({formula}) + 0.00043"))
}

fn is_found(row: &Function, column: Column) -> bool {
    let faults = verify::columns(row, &[column]);
    faults.iter().any(|fault| fault.column == column && !fault.message.contains("could decide"))
}

#[test]
fn false_derivatives_are_found_in_every_row() {
    let mut missed = Vec::new();
    for row in table() {
        for index in 0..row.args.len() {
            let Ok(right) = row.partial(index) else { continue };
            let entries: Vec<Result<&str, &str>> = (0..row.args.len())
                .map(|i| if i == index { Ok(off(right)) } else { Err("not looked at here") })
                .collect();
            let wrong = Function { derivative: Derivative::Partly(entries.leak()), ..**row };
            if !is_found(&wrong, Column::Derivative) {
                missed.push(format!("{} by {}", row.name, row.args[index]));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn false_antiderivatives_are_found_in_every_row() {
    let mut missed = Vec::new();
    for row in table() {
        let Antiderivative::Is(right) = row.antiderivative else { continue };
        let first = row.args[0];
        let wrong = text(format!("1.0001*({right}) + 0.0003*{first}"));
        if !is_found(&Function { antiderivative: Antiderivative::Is(wrong), ..**row }, Column::Antiderivative)
        {
            missed.push(row.name);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn false_laws_are_found_in_every_row() {
    let mut missed = Vec::new();
    for row in table() {
        for law in row.laws {
            let parts = Law::split(law).expect("a law");
            let guard = parts.guard.map(|guard| format!(" when {guard}")).unwrap_or_default();
            let wrong = text(format!("{} = {}{guard}", parts.left, off(parts.right)));
            if !is_found(&Function { laws: vec![wrong].leak(), ..**row }, Column::Laws) {
                missed.push(format!("{}: {law}", row.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn false_shapes_and_examples_are_found_in_every_row() {
    let mut missed = Vec::new();
    for row in table() {
        let wrong = match row.shape {
            Shape::Increasing => Shape::Decreasing,
            Shape::Decreasing | Shape::NotMonotone => Shape::Increasing,
        };
        if !is_found(&Function { shape: wrong, ..**row }, Column::Shape) {
            missed.push(format!("{}: {wrong:?}", row.name));
        }
        for example in row.examples {
            let (left, right) = example.split_once(" ~ ").or(example.split_once(" = ")).expect("an example");
            let wrong = text(format!("{left} = {}", off(right)));
            if !is_found(&Function { examples: vec![wrong].leak(), ..**row }, Column::Examples) {
                missed.push(format!("{}: {example}", row.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
