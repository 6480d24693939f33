//! Whether a row holds: every column against the others, numerically, over its domain.
//!
//! [`row`] is what the test of the table and a session that is taught a function both call. It proves nothing; it
//! finds the places where a column is false. A column that could be decided nowhere is a fault too.

mod approx;
mod calculus;
mod exact;
mod facts;
mod formula;
mod measure;
mod points;
mod quadrature;
mod slope;

pub use measure::{Arguments, ulps_off};

use std::fmt;

use crate::{Function, Meaning};
use approx::{Approx, Scope};
use formula::Formula;

/// A column of a row, as far as it can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// [`Function::domain`].
    Domain,
    /// [`Function::range`].
    Range,
    /// [`Function::meaning`].
    Meaning,
    /// [`Function::derivative`].
    Derivative,
    /// [`Function::antiderivative`].
    Antiderivative,
    /// [`Function::laws`].
    Laws,
    /// [`Function::shape`].
    Shape,
    /// [`Function::kinks`].
    Kinks,
    /// [`Function::error`].
    Error,
    /// [`Function::examples`].
    Examples,
}

impl Column {
    /// All of them.
    pub const ALL: [Column; 10] = [
        Column::Domain,
        Column::Range,
        Column::Meaning,
        Column::Derivative,
        Column::Antiderivative,
        Column::Laws,
        Column::Shape,
        Column::Kinks,
        Column::Error,
        Column::Examples,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Column::Domain => "domain",
            Column::Range => "range",
            Column::Meaning => "meaning",
            Column::Derivative => "derivative",
            Column::Antiderivative => "antiderivative",
            Column::Laws => "laws",
            Column::Shape => "shape",
            Column::Kinks => "kinks",
            Column::Error => "error",
            Column::Examples => "examples",
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The row's name.
    pub function: String,
    /// The column.
    pub column: Column,
    /// The text that is false, where it is one of several.
    pub text: String,
    /// The place where it fails: names and their values. Empty if it fails as a whole.
    pub at: Vec<(String, f64)>,
    /// What was found, in one sentence.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.function, self.column.as_str())?;
        if !self.text.is_empty() {
            write!(f, " `{}`", self.text)?;
        }
        for (i, (name, value)) in self.at.iter().enumerate() {
            write!(f, "{} {name} = {value:?}", if i == 0 { " at" } else { "," })?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Tests every column of a row. Its texts may name the row itself and all rows of the table; a row without a kernel
/// is evaluated by its meaning.
pub fn row(function: &Function) -> Vec<Fault> {
    columns(function, &Column::ALL)
}

/// As [`row`], for some columns alone. The domain is read in any case, since the places come from it; kinks that are
/// not declared are found beside the derivative.
pub fn columns(function: &Function, which: &[Column]) -> Vec<Fault> {
    let mut bench = Bench { function, faults: Vec::new() };
    let meaning = match function.meaning {
        Meaning::Is(text) => bench.read(Column::Meaning, text),
        Meaning::Primitive { .. } => None,
    };
    if approx::is_circular(function) {
        bench.fault(Column::Meaning, "", &[], "it names the function itself".into());
        return bench.faults;
    }
    let by_meaning = |args: &[f64]| {
        let nothing = Scope { subject: function, value: &|_| f64::NAN };
        let env: Vec<(&str, Approx)> =
            function.args.iter().copied().zip(args.iter().map(|&x| Approx::exact(x))).collect();
        meaning.as_ref().and_then(|text| nothing.eval(text, &env).ok()).map_or(f64::NAN, |found| found.value)
    };
    let has_kernel = function.kernel.call(&vec![0.0; function.args.len()]).is_some();
    let by_kernel = |args: &[f64]| function.kernel.call(args).unwrap_or(f64::NAN);
    let value: &dyn Fn(&[f64]) -> f64 = if has_kernel { &by_kernel } else { &by_meaning };
    let scope = Scope { subject: function, value };
    let places = bench.places(&scope);
    if places.is_empty() {
        bench.fault(Column::Domain, function.domain, &[], "no place inside it was found".into());
        return bench.faults;
    }
    let wanted = |column| which.contains(&column);
    if wanted(Column::Range) {
        facts::range(&mut bench, &scope, &places);
    }
    if wanted(Column::Meaning) && has_kernel {
        facts::meaning(&mut bench, &scope, &places, meaning.as_ref());
    }
    if wanted(Column::Error) && has_kernel {
        exact::error(&mut bench, &places);
    }
    if wanted(Column::Derivative) {
        calculus::derivative(&mut bench, &scope, &places);
    }
    if wanted(Column::Antiderivative) {
        calculus::antiderivative(&mut bench, &scope, &places);
    }
    if wanted(Column::Shape) {
        calculus::shape(&mut bench, &scope, &places);
    }
    if wanted(Column::Kinks) {
        calculus::kinks(&mut bench, &scope);
    }
    if wanted(Column::Laws) {
        facts::laws(&mut bench, &scope);
    }
    if wanted(Column::Examples) {
        facts::examples(&mut bench, &scope);
    }
    bench.faults
}

/// The row under test and what was found so far.
struct Bench<'a> {
    function: &'a Function,
    faults: Vec<Fault>,
}

impl<'a> Bench<'a> {
    /// Notes a fault, one for each text of a column.
    fn fault(&mut self, column: Column, text: &str, at: &[(&str, f64)], message: String) {
        if self.faults.iter().any(|fault| fault.column == column && fault.text == text) {
            return;
        }
        self.faults.push(Fault {
            function: self.function.name.into(),
            column,
            text: text.into(),
            at: at.iter().map(|&(name, value)| (name.into(), value)).collect(),
            message,
        });
    }

    fn read(&mut self, column: Column, text: &str) -> Option<Formula> {
        match Formula::read(text, self.function.name) {
            Ok(formula) => Some(formula),
            Err(message) => {
                self.fault(column, text, &[], message);
                None
            }
        }
    }

    /// A formula in the row's arguments alone.
    fn read_in_args(&mut self, column: Column, text: &str, more: &[&str]) -> Option<Formula> {
        let formula = self.read(column, text)?;
        let stranger = formula
            .free_names()
            .into_iter()
            .find(|name| !self.function.args.contains(&name.as_str()) && !more.contains(&name.as_str()));
        match stranger {
            Some(name) => {
                self.fault(column, text, &[], format!("`{name}` is no argument of it"));
                None
            }
            None => Some(formula),
        }
    }

    /// The row's arguments and their values at a place.
    fn at(&self, place: &[f64]) -> Vec<(&'a str, f64)> {
        self.function.args.iter().copied().zip(place.iter().copied()).collect()
    }

    fn env(&self, place: &[f64]) -> Vec<(&'a str, Approx)> {
        self.function.args.iter().copied().zip(place.iter().map(|&x| Approx::exact(x))).collect()
    }

    /// The places inside the domain. Inside there must be a value, outside none.
    fn places(&mut self, scope: &Scope) -> Vec<Vec<f64>> {
        let domain = self.function.domain;
        let Some(condition) = self.read_in_args(Column::Domain, domain, &[]) else { return Vec::new() };
        let mut inside = Vec::new();
        for place in points::space(self.function.args.len()) {
            let value = (scope.value)(&place);
            match scope.holds(&condition, &self.env(&place)) {
                Ok(true) if value.is_nan() => {
                    self.fault(
                        Column::Domain,
                        domain,
                        &self.at(&place),
                        "it holds, but there is no value".into(),
                    );
                }
                Ok(true) => inside.push(place),
                Ok(false) if !value.is_nan() => {
                    let message = format!("it does not hold, but there is a value, {value:?}");
                    self.fault(Column::Domain, domain, &self.at(&place), message);
                }
                Ok(false) | Err(_) => {}
            }
        }
        inside
    }
}
