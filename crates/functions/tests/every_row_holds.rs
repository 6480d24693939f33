//! The whole table, every column, numerically; and that what is false is found.

use agnesi_functions::verify::{self, Column, Fault};
use agnesi_functions::{
    Antiderivative, Derivative, ErrorBound, Function, Kernel, Kink, Meaning, Shape, find, table,
};

#[test]
fn every_row_holds() {
    let faults: Vec<String> =
        table().iter().flat_map(|row| verify::row(row)).map(|f| f.to_string()).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn erf() -> Function {
    *find("erf").expect("the row is there").row()
}

/// The one column that a row is found wrong in, and the message.
fn only_fault(row: Function) -> Fault {
    let faults = verify::row(&row);
    let columns: Vec<Column> = faults.iter().map(|fault| fault.column).collect();
    assert!(!columns.is_empty(), "nothing was found");
    assert!(columns.iter().all(|column| *column == columns[0]), "{faults:#?}");
    faults[0].clone()
}

/// A fault names the column, shows the false text, the place, and both values.
#[track_caller]
fn says(fault: &Fault, column: Column, parts: &[&str]) {
    assert_eq!(fault.column, column, "{fault}");
    let text = fault.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn a_wrong_derivative_is_found() {
    let fault = only_fault(Function { derivative: Derivative::Is(&["exp(-x^2)/sqrt(pi)"]), ..erf() });
    says(&fault, Column::Derivative, &["erf, derivative `exp(-x^2)/sqrt(pi)` at x = ", "differences give"]);
}

#[test]
fn a_wrong_antiderivative_is_found() {
    let row = Function { antiderivative: Antiderivative::Is("x*erf(x) - exp(-x^2)/sqrt(pi)"), ..erf() };
    says(&only_fault(row), Column::Antiderivative, &["erf, antiderivative", "its slope is"]);
}

#[test]
fn a_wrong_law_is_found() {
    let fault = only_fault(Function { laws: &["erf(0) => 0", "erf(-x) => erf(x)"], ..erf() });
    says(
        &fault,
        Column::Laws,
        &["erf, laws `erf(-x) => erf(x)` at x = ", "its left side is", "its right side"],
    );
}

#[test]
fn a_wrong_range_is_found() {
    let fault = only_fault(Function { range: "0 <= y and y <= 1", ..erf() });
    says(&fault, Column::Range, &["erf, range `0 <= y and y <= 1` at x = -", "the value there is -"]);
}

#[test]
fn a_wrong_shape_is_found() {
    says(
        &only_fault(Function { shape: Shape::Decreasing, ..erf() }),
        Column::Shape,
        &["erf, shape `decreasing`", "rises"],
    );
    let fault = only_fault(Function { shape: Shape::NotMonotone, ..erf() });
    says(&fault, Column::Shape, &["nowhere seen to fall"]);
}

#[test]
fn a_wrong_example_is_found() {
    let fault = only_fault(Function { examples: &["erf(1) ~ 0.8427007929497158"], ..erf() });
    says(
        &fault,
        Column::Examples,
        &["erf, examples `erf(1) ~ 0.8427007929497158`: the value is 0.84270079294971"],
    );
}

#[test]
fn a_wrong_error_bound_is_found() {
    // Off by some 1e-15 of the value: nothing but the error column can see it.
    fn careless(x: f64) -> f64 {
        let right = erf().kernel.call(&[x]).unwrap_or(f64::NAN);
        right + right * 1.5e-15
    }
    let row = Function { kernel: Kernel::One(careless), examples: &["erf(0) = 0"], range: "true", ..erf() };
    let faults = verify::row(&row);
    let fault = faults.iter().find(|fault| fault.column == Column::Error).expect("it is found");
    says(fault, Column::Error, &["erf, error `Ulps(1.0)` at x = ", "units in the last place off"]);
    // With an honest bound it holds.
    assert_eq!(verify::row(&Function { error: ErrorBound::Ulps(16.0), ..row }), []);
}

#[test]
fn wrong_meanings_domains_and_kinks_are_found() {
    let fault =
        only_fault(Function { meaning: Meaning::Is("1/sqrt(pi)*integral(exp(-t^2), t, 0, x)"), ..erf() });
    says(&fault, Column::Meaning, &["it gives", "the kernel"]);
    let fault = only_fault(Function { domain: "x >= 0", ..erf() });
    says(&fault, Column::Domain, &["it does not hold, but there is a value"]);
    const KINKS: &[Kink] = &[Kink { at: "x == 0", jump: true, convention: "none" }];
    let fault = only_fault(Function { kinks: KINKS, ..erf() });
    says(&fault, Column::Kinks, &["the function does not jump there"]);
    // A kink that is left out.
    let relu = *find("relu").expect("the row is there").row();
    let faults = verify::row(&Function { kinks: &[], ..relu });
    assert!(faults.iter().any(|fault| fault.column == Column::Kinks), "{faults:?}");
    let sqrt = *find("sqrt").expect("the row is there").row();
    let faults = verify::row(&Function { domain: "true", ..sqrt });
    assert!(faults.iter().any(|fault| fault.message.contains("there is no value")), "{faults:?}");
}

#[test]
fn guards_and_unreadable_texts_are_looked_at() {
    let asin = *find("asin").expect("the row is there").row();
    let fault = only_fault(Function { laws: &["asin(sin(x)) => x"], ..asin });
    says(&fault, Column::Laws, &["`asin(sin(x)) => x` at x = "]);
    let fault = only_fault(Function { laws: &["erf(x = 1"], ..erf() });
    says(&fault, Column::Laws, &["cannot be read"]);
    let fault = only_fault(Function { laws: &["erf(x) = erf(y)"], ..erf() });
    says(&fault, Column::Laws, &["`y` is not on its left side"]);
    let fault = only_fault(Function { derivative: Derivative::Is(&["2*exp(-t^2)/sqrt(pi)"]), ..erf() });
    says(&fault, Column::Derivative, &["`t` is no argument of it"]);
}

#[test]
fn a_function_without_a_kernel_is_tested_by_its_meaning() {
    let taught = Function {
        name: "swish2",
        aliases: &[],
        args: &["x"],
        title: "Swish of twice the slope",
        doc: "A function that a user taught.",
        refs: &[],
        latex: r"\operatorname{swish2}",
        domain: "true",
        range: "y > -1/4",
        meaning: Meaning::Is("x*sigmoid(2*x)"),
        derivative: Derivative::Is(&["sigmoid(2*x) + 2*x*sigmoid(2*x)*sigmoid(-2*x)"]),
        antiderivative: Antiderivative::None { because: "not asked for" },
        laws: &["swish2(0) => 0"],
        shape: Shape::NotMonotone,
        kinks: &[],
        error: ErrorBound::Ulps(4.0),
        kernel: Kernel::Meaning,
        lanes: None,
        big: agnesi_functions::Big::Meaning,
        examples: &["swish2(1) ~ 0.88079708"],
    };
    assert_eq!(verify::row(&taught), []);
    let fault = only_fault(Function {
        derivative: Derivative::Is(&["sigmoid(2*x)*(1 + x*sigmoid(-2*x))"]),
        ..taught
    });
    says(&fault, Column::Derivative, &["swish2, derivative", " at x = "]);
    let fault = only_fault(Function { meaning: Meaning::Is("swish2(x) + 1"), ..taught });
    says(&fault, Column::Meaning, &["it names the function itself"]);
}
