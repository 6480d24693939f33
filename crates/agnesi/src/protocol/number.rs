//! Numbers and arrays of numbers, as JSON carries them.

use serde::ser::{Serialize, SerializeSeq, Serializer};

/// A double. JSON has no NaN and no infinities: they travel as the strings `"nan"`, `"inf"` and `"-inf"`; all
/// others as the shortest text that reads back as the same double.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Number(pub f64);

impl From<f64> for Number {
    fn from(value: f64) -> Number {
        Number(value)
    }
}

impl From<Number> for f64 {
    fn from(value: Number) -> f64 {
        value.0
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_nan() {
            serializer.serialize_str("nan")
        } else if self.0 == f64::INFINITY {
            serializer.serialize_str("inf")
        } else if self.0 == f64::NEG_INFINITY {
            serializer.serialize_str("-inf")
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// As a person reads it: the shortest text that reads back as the same double, whole numbers without a point,
/// very large and very small ones with an exponent.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let x = self.0;
        let size = x.abs();
        let text = if x.is_nan() {
            "nan".to_string()
        } else if x.is_infinite() {
            if x > 0.0 { "inf".to_string() } else { "-inf".to_string() }
        } else if x != 0.0 && !(1e-4..1e16).contains(&size) {
            format!("{x:e}")
        } else {
            format!("{x}")
        };
        f.pad(&text)
    }
}

/// A number, or an array of values: a vector is an array of numbers, a matrix the array of its rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A scalar.
    Number(Number),
    /// One axis more.
    Array(Vec<Value>),
}

impl Value {
    /// A scalar.
    pub fn scalar(value: f64) -> Value {
        Value::Number(Number(value))
    }

    /// A vector.
    pub fn vector(values: &[f64]) -> Value {
        Value::Array(values.iter().map(|&x| Value::scalar(x)).collect())
    }

    /// A matrix by its rows.
    pub fn matrix<R: AsRef<[f64]>>(rows: &[R]) -> Value {
        Value::Array(rows.iter().map(|row| Value::vector(row.as_ref())).collect())
    }

    /// The number, where it is one.
    pub fn as_scalar(&self) -> Option<f64> {
        match self {
            Value::Number(x) => Some(x.0),
            Value::Array(_) => None,
        }
    }

    /// All numbers, rows first.
    pub fn numbers(&self) -> Vec<f64> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect(&self, out: &mut Vec<f64>) {
        match self {
            Value::Number(x) => out.push(x.0),
            Value::Array(items) => items.iter().for_each(|item| item.collect(out)),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::scalar(value)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Number(x) => x.serialize(serializer),
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
        }
    }
}

/// `[1, 2; 3, 4]`, as the notation writes it.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Number(x) => x.fmt(f),
            Value::Array(items) => {
                let matrix = items.iter().all(|item| matches!(item, Value::Array(_))) && !items.is_empty();
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(if matrix { "; " } else { ", " })?;
                    }
                    match item {
                        Value::Array(row) if matrix => {
                            for (j, entry) in row.iter().enumerate() {
                                if j > 0 {
                                    f.write_str(", ")?;
                                }
                                entry.fmt(f)?;
                            }
                        }
                        item => item.fmt(f)?,
                    }
                }
                f.write_str("]")
            }
        }
    }
}
