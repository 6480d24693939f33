//! Rows as they are written.

use csv_core::{WriteResult, Writer};

use super::TableFormat;
use super::number::{write_json, write_plain};
use super::plan::Plan;
use super::records::Record;

/// The text between the numbers of a row, made once.
pub(super) struct Layout {
    format: TableFormat,
    /// For each result what stands in front of it.
    before: Vec<Vec<u8>>,
    /// For each column of the table the same, if it is repeated.
    kept: Vec<Vec<u8>>,
    /// Of each column of the table, which variable it is.
    variables: Vec<Option<usize>>,
}

impl Layout {
    pub fn new(plan: &Plan, header: &[String], format: TableFormat, keep: bool) -> Layout {
        let kept: &[String] = if keep { header } else { &[] };
        let before = |at: usize, name: &String| match format {
            TableFormat::Csv => {
                if at == 0 {
                    Vec::new()
                } else {
                    b",".to_vec()
                }
            }
            TableFormat::JsonLines => {
                let sign = if at == 0 { '{' } else { ',' };
                format!("{sign}{}:", serde_json::Value::from(name.as_str())).into_bytes()
            }
        };
        let variable = |at: usize| plan.columns.iter().position(|column| column.at == at);
        Layout {
            format,
            before: plan.results.iter().enumerate().map(|(at, name)| before(kept.len() + at, name)).collect(),
            kept: kept.iter().enumerate().map(|(at, name)| before(at, name)).collect(),
            variables: (0..header.len()).map(variable).collect(),
        }
    }

    /// Writes the header, where the format has one.
    pub fn header(&self, out: &mut Vec<u8>, plan: &Plan, header: &[String]) {
        match self.format {
            TableFormat::JsonLines => {}
            TableFormat::Csv => {
                let kept = &header[..self.kept.len()];
                for (at, name) in kept.iter().chain(&plan.results).enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    quoted(out, name.as_bytes());
                }
                out.push(b'\n');
            }
        }
    }

    /// Writes what a row repeats of the table; `number` gives the number of a variable.
    pub fn keep(&self, out: &mut Vec<u8>, record: &Record, number: impl Fn(usize) -> f64) {
        for (at, before) in self.kept.iter().enumerate() {
            out.extend_from_slice(before);
            match (self.format, self.variables[at]) {
                (TableFormat::Csv, _) => quoted(out, record.field(at)),
                (TableFormat::JsonLines, Some(variable)) => write_json(out, number(variable)),
                (TableFormat::JsonLines, None) => {
                    let text = String::from_utf8_lossy(record.field(at));
                    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
                }
            }
        }
    }

    /// Writes the results of a row behind what it repeats.
    pub fn results(&self, out: &mut Vec<u8>, results: impl Iterator<Item = f64>) {
        for (before, result) in self.before.iter().zip(results) {
            out.extend_from_slice(before);
            match self.format {
                TableFormat::Csv => write_plain(out, result),
                TableFormat::JsonLines => write_json(out, result),
            }
        }
        match self.format {
            TableFormat::Csv => out.push(b'\n'),
            TableFormat::JsonLines => out.extend_from_slice(b"}\n"),
        }
    }
}

/// Writes a field, in quotes where it needs them.
fn quoted(out: &mut Vec<u8>, field: &[u8]) {
    let mut writer = Writer::new();
    // Each byte at most twice, and two quotes.
    let start = out.len();
    out.resize(start + 2 * field.len() + 2, 0);
    let (result, _, written) = writer.field(field, &mut out[start..]);
    debug_assert_eq!(result, WriteResult::InputEmpty);
    let (_, closed) = writer.finish(&mut out[start + written..]);
    out.truncate(start + written + closed);
}
