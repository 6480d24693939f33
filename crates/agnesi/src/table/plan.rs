//! What is to be computed for a table: which columns are variables, what the others are.

use crate::protocol::{Answer, Code, Failure, Given, Outcome, Reply, Request, Verb};
use crate::session::rows::ExactRows;
use crate::{Function, FunctionError, Session};

use super::records::Record;
use super::{TableError, TableOptions};

/// A column that is a variable.
pub(super) struct Column {
    pub name: String,
    /// Its place in a row.
    pub at: usize,
}

/// What is to be computed.
pub(super) struct Plan {
    pub function: Function,
    /// The variables, in the order of the columns.
    pub columns: Vec<Column>,
    /// The names of the columns of results.
    pub results: Vec<String>,
    /// Columns whose names stand in the formula and mean something else there.
    pub passed_over: Vec<String>,
    /// What evaluates the rows that doubles leave undecided, for formulas of scalars.
    pub exact: Option<ExactRows>,
}

/// The names in a header.
pub(super) fn names(header: &Record) -> Result<Vec<String>, TableError> {
    header
        .fields()
        .enumerate()
        .map(|(at, field)| match std::str::from_utf8(field) {
            Ok(name) => Ok(name.trim().to_string()),
            Err(_) => Err(TableError::NotText { column: at + 1 }),
        })
        .collect()
}

impl Plan {
    pub fn new(
        session: &Session,
        request: &Request,
        header: &[String],
        options: &TableOptions,
    ) -> Result<Plan, TableError> {
        let formula = request.expr.as_deref().unwrap_or_default();
        let given = request.at.keys();
        let session = session.with_columns(request, header.iter().chain(given).map(String::as_str))?;
        let variables = session.variables_of(formula).map_err(|failure| unknown(failure, formula, header))?;
        let mut columns = Vec::new();
        let mut data: Vec<(&str, Vec<f64>)> = Vec::new();
        for name in &variables {
            let mut places = header.iter().enumerate().filter(|(_, column)| *column == name);
            match (places.next(), request.at.get(name)) {
                (Some(_), Some(_)) => return Err(TableError::Both { name: name.clone() }),
                (Some(_), None) if places.next().is_some() => {
                    return Err(TableError::Twice { name: name.clone() });
                }
                (Some((at, _)), None) => columns.push(Column { name: name.clone(), at }),
                (None, Some(value)) => data.push((name, numbers(&session, name, value)?)),
                (None, None) => {
                    return Err(missing(name, header));
                }
            }
        }
        if let Some(name) = request.at.keys().find(|name| !variables.contains(name)) {
            return Err(for_nothing(name, &variables).into());
        }
        columns.sort_by_key(|column| column.at);
        let function = function(&session, formula, &columns, &data, options.threads)?;
        let mut results = vec!["value".to_string()];
        if options.gradient {
            results.extend(columns.iter().map(|column| format!("d/d{}", column.name)));
        }
        if options.keep
            && let Some(name) = doubled(header, &results)
        {
            return Err(TableError::Twice { name: name.clone() });
        }
        let words = words(formula);
        let passed_over = header
            .iter()
            .filter(|name| words.contains(&name.as_str()) && !variables.contains(name))
            .cloned()
            .collect();
        let exact = scalars(&data).map(|given| {
            let names = columns.iter().map(|column| column.name.clone()).collect();
            ExactRows::new(&session, request, names, given, options.gradient)
        });
        Ok(Plan { function, columns, results, passed_over, exact })
    }
}

/// Given values as numbers, if none of them is a vector or matrix.
fn scalars(data: &[(&str, Vec<f64>)]) -> Option<Vec<(String, f64)>> {
    let number = |numbers: &[f64]| if let [number] = numbers { Some(*number) } else { None };
    data.iter().map(|(name, numbers)| Some((name.to_string(), number(numbers)?))).collect()
}

fn missing(name: &str, header: &[String]) -> TableError {
    let nearest = agnesi_syntax::nearest(name, header.iter().map(String::as_str));
    TableError::Missing {
        name: name.to_string(),
        columns: header.to_vec(),
        nearest: nearest.map(str::to_string),
    }
}

/// A name that nothing is known of is meant to be a column, unless it is called.
fn unknown(failure: Failure, formula: &str, header: &[String]) -> TableError {
    let place = failure.labels.first().filter(|label| label.field.is_none());
    let name = place.and_then(|label| formula.get(label.start..label.end)).unwrap_or_default();
    let called = place.is_some_and(|label| formula[label.end..].trim_start().starts_with('('));
    if failure.code == Code::Name && words(formula).contains(&name) && !called {
        missing(name, header)
    } else {
        failure.into()
    }
}

/// The formula as a function of its columns, with everything else given.
fn function(
    session: &Session,
    formula: &str,
    columns: &[Column],
    data: &[(&str, Vec<f64>)],
    threads: Option<usize>,
) -> Result<Function, TableError> {
    let arguments: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let given: Vec<&str> = data.iter().map(|(name, _)| *name).collect();
    let mut function = session.compile_given(formula, &arguments, &given)?;
    if let Some(threads) = threads {
        function.set_threads(threads)?;
    }
    for (name, numbers) in data {
        function.give(name, numbers)?;
    }
    if let Some((name, _)) = function.arguments().find(|(_, shape)| !shape.is_empty()) {
        return Err(TableError::NotANumber { name: name.to_string() });
    }
    if !function.shape().is_empty() {
        return Err(FunctionError::NotANumber { shape: function.shape().to_vec() }.into());
    }
    Ok(function)
}

/// A name that would stand in a header twice.
fn doubled<'a>(header: &'a [String], results: &'a [String]) -> Option<&'a String> {
    let mut seen = std::collections::BTreeSet::new();
    header.iter().chain(results).find(|name| !seen.insert(name.as_str()))
}

/// The words of a formula.
fn words(formula: &str) -> Vec<&str> {
    let tokens = agnesi_syntax::lex_spans(formula).into_iter();
    let names = tokens.filter(|(_, class)| *class == agnesi_syntax::TokenClass::Name);
    names.filter_map(|(span, _)| formula.get(span.start as usize..span.end as usize)).collect()
}

/// A value for a name that the formula does not have.
fn for_nothing(name: &str, variables: &[String]) -> Failure {
    let hint = match variables {
        [] => "it has no variables at all".to_string(),
        all => format!("its variables are {}", all.join(", ")),
    };
    Failure::new(Code::Name, format!("the formula has no variable `{name}`")).with_hint(hint)
}

/// The numbers of a given value, the last axis the fastest.
fn numbers(session: &Session, name: &str, given: &Given) -> Result<Vec<f64>, Failure> {
    match given {
        Given::Number(number) => Ok(vec![number.0]),
        Given::Array(items) => {
            let parts: Result<Vec<Vec<f64>>, Failure> =
                items.iter().map(|item| numbers(session, name, item)).collect();
            parts.map(|parts| parts.concat())
        }
        Given::Text(text) => {
            let Answer { outcome, .. } = session.clone().answer(&Request::new(Verb::Eval, text.as_str()));
            match outcome {
                Outcome::Failed(failure) => {
                    // Its place is in a text that only stands here.
                    let message = format!("the value `{text}` of `{name}`: {}", failure.message);
                    Err(Failure { message, labels: Vec::new(), ..failure })
                }
                Outcome::Ok(success) => match success.reply {
                    Reply::Eval(reply) => Ok(reply.value.numbers()),
                    _ => Ok(Vec::new()),
                },
            }
        }
    }
}
