//! A formula over the rows of a table: comma-separated values in, values and derivatives out, block by block.
//!
//! Whatever the size of the table, a few thousand rows are held at a time.

mod error;
mod number;
mod output;
mod plan;
mod records;

#[cfg(test)]
mod tests;

pub use error::TableError;

use std::io::{Read, Write};

use agnesi_engine::ir::RunError;

use crate::protocol::Request;
use crate::{FunctionError, Session};
use number::Unread;
use output::Layout;
use plan::Plan;
use records::{Record, Records};

/// How many rows are computed at a time.
const BLOCK: usize = 4096;

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values with a header; NaN and infinities are `NaN`, `inf` and `-inf`.
    #[default]
    Csv,
    /// A JSON object a line, its keys the names of the columns; NaN and infinities are strings, as
    /// [`Number`](crate::protocol::Number) writes them.
    JsonLines,
}

/// What is written of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// Whether a column `d/dx` follows for each variable `x` that is a column.
    pub gradient: bool,
    /// Whether the columns of the table are repeated in front.
    pub keep: bool,
    /// How it is written.
    pub format: TableFormat,
    /// How many threads share what is large; as many as there are processors if not said. Results are the same with any.
    pub threads: Option<usize>,
}

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// How many rows were written.
    pub rows: u64,
    /// How many of them have a result that is NaN although their numbers are not.
    pub undefined: u64,
    /// The line of the first of them, and the first such result.
    pub first_undefined: Option<(u64, String)>,
    /// How many rows have numbers that are limits, since the formula as written has no value there.
    pub by_limit: u64,
    /// The line of the first of them.
    pub first_by_limit: Option<u64>,
    /// How many rows hold NaN where a variable has its number.
    pub not_numbers: u64,
    /// The line of the first of them, and the first such column.
    pub first_not_number: Option<(u64, String)>,
    /// Columns whose names stand in the formula and are no variables there, as `e` is Euler's number.
    pub passed_over: Vec<String>,
}

impl Session {
    /// Evaluates a request's formula on every row of a table. The input is comma-separated values whose first row names
    /// the columns; a column is the variable of its name, other variables have their values from the request's `at`. A
    /// name of several letters that is a column needs no declaration. Of the request, `let`, `expr` and `at` are heeded.
    ///
    /// Rows are read, computed and written in blocks: memory does not grow with the table. `progress` is told after each
    /// block how many rows are done. The output is written only once the formula and the header are found good. Where
    /// the formula has no value stands NaN, for its derivatives too. A row that doubles leave undecided, as 0/0 is, is
    /// evaluated as `eval` and `diff` do it, for formulas of scalars: limits are found there, and what overflows on the
    /// way. Such a row costs about a millisecond.
    ///
    /// # Errors
    /// Each [`TableError`]; rows before a row that is wrong have been written then.
    ///
    /// ```
    /// use agnesi::protocol::{Request, Verb};
    /// use agnesi::{Session, TableOptions};
    ///
    /// let request = Request::new(Verb::Eval, "x^2*y");
    /// let options = TableOptions { gradient: true, ..TableOptions::default() };
    /// let mut output = Vec::new();
    /// let summary = Session::new().table(&request, &options, &b"x,y\n1,2\n3,0.5\n"[..], &mut output, &mut |_| {})?;
    /// assert_eq!(summary.rows, 2);
    /// assert_eq!(output, b"value,d/dx,d/dy\n2,4,1\n4.5,3,9\n");
    /// # Ok::<(), agnesi::TableError>(())
    /// ```
    pub fn table(
        &self,
        request: &Request,
        options: &TableOptions,
        input: impl Read,
        mut output: impl Write,
        progress: &mut dyn FnMut(u64),
    ) -> Result<TableSummary, TableError> {
        let mut records = Records::new(input);
        records.skip_mark()?;
        let header = plan::names(records.next()?.ok_or(TableError::Empty)?)?;
        let mut plan = Plan::new(self, request, &header, options)?;
        let layout = Layout::new(&plan, &header, options.format, options.keep);
        let mut summary = TableSummary { passed_over: plan.passed_over.clone(), ..TableSummary::default() };
        let mut block = Block::new(&plan);
        let mut text = Vec::new();
        layout.header(&mut text, &plan, &header);
        loop {
            let read = block.read(&mut records, &plan, &layout, header.len());
            block.compute(&plan)?;
            block.decide(&mut plan, &mut summary);
            block.write(&mut text, &plan, &layout, &mut summary);
            output.write_all(&text).map_err(TableError::Write)?;
            text.clear();
            // Rows in front of one that is wrong are written before it is said.
            let more = read?;
            if block.rows() > 0 {
                progress(summary.rows);
            }
            if !more {
                output.flush().map_err(TableError::Write)?;
                return Ok(summary);
            }
        }
    }
}

/// Some rows, with room for their results.
struct Block {
    /// The numbers of each variable.
    inputs: Vec<Vec<f64>>,
    /// The results: values, then a gradient for each variable if asked for.
    results: Vec<Vec<f64>>,
    lines: Vec<u64>,
    /// What rows repeat of the table, ready to be written, and where each ends.
    kept: Vec<u8>,
    ends: Vec<usize>,
}

impl Block {
    fn new(plan: &Plan) -> Block {
        Block {
            inputs: vec![Vec::with_capacity(BLOCK); plan.columns.len()],
            results: vec![Vec::new(); plan.results.len()],
            lines: Vec::with_capacity(BLOCK),
            kept: Vec::new(),
            ends: Vec::with_capacity(BLOCK),
        }
    }

    fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Reads rows, and returns whether there may be more. On an error the rows before it are there.
    fn read<R: Read>(
        &mut self,
        records: &mut Records<R>,
        plan: &Plan,
        layout: &Layout,
        width: usize,
    ) -> Result<bool, TableError> {
        self.inputs.iter_mut().for_each(Vec::clear);
        self.lines.clear();
        self.kept.clear();
        self.ends.clear();
        while self.rows() < BLOCK {
            let Some(record) = records.next()? else { return Ok(false) };
            if record.len() != width {
                return Err(TableError::Fields { line: record.line, wanted: width, found: record.len() });
            }
            let row = self.rows();
            for (column, numbers) in plan.columns.iter().zip(&mut self.inputs) {
                match number::parse(record.field(column.at)) {
                    Ok(number) => numbers.push(number),
                    Err(why) => {
                        self.inputs.iter_mut().for_each(|numbers| numbers.truncate(row));
                        return Err(unread(why, record, column));
                    }
                }
            }
            layout.keep(&mut self.kept, record, |variable| self.inputs[variable][row]);
            self.ends.push(self.kept.len());
            self.lines.push(record.line);
        }
        Ok(true)
    }

    /// Computes the results of all rows.
    fn compute(&mut self, plan: &Plan) -> Result<(), TableError> {
        let rows = self.rows();
        self.results.iter_mut().for_each(|room| room.resize(rows, f64::NAN));
        if rows == 0 {
            return Ok(());
        }
        if plan.columns.is_empty() {
            let value = undefined(plan.function.value(&[]))?.unwrap_or(f64::NAN);
            self.results[0].fill(value);
            return Ok(());
        }
        let inputs: Vec<&[f64]> = self.inputs.iter().map(Vec::as_slice).collect();
        let done = match &mut self.results[..] {
            [values] => plan.function.batch(&inputs).map(|found| *values = found),
            [] => Ok(()),
            [values, gradients @ ..] => {
                let mut rooms: Vec<&mut [f64]> = gradients.iter_mut().map(Vec::as_mut_slice).collect();
                plan.function.batch_with_gradient(&inputs, values, &mut rooms)
            }
        };
        match undefined(done)? {
            Some(()) => {}
            // One row without a result is enough for the block to have none.
            None => self.compute_each(plan)?,
        }
        self.without_value();
        Ok(())
    }

    /// Where there is no value there is no derivative, although the formula of the derivative may have one.
    fn without_value(&mut self) {
        if let [values, gradients @ ..] = &mut self.results[..] {
            for (row, _) in values.iter().enumerate().filter(|(_, value)| value.is_nan()) {
                gradients.iter_mut().for_each(|room| room[row] = f64::NAN);
            }
        }
    }

    /// Evaluates anew, and exactly, what is NaN although the numbers of its row are not.
    fn decide(&mut self, plan: &mut Plan, summary: &mut TableSummary) {
        let Some(exact) = &mut plan.exact else { return };
        for row in 0..self.rows() {
            if !self.results.iter().any(|room| room[row].is_nan()) || self.first_nan(row).is_some() {
                continue;
            }
            let numbers: Vec<f64> = self.inputs.iter().map(|numbers| numbers[row]).collect();
            let Some(found) = exact.at(&numbers) else { continue };
            // Without a value there was none for the derivatives either.
            let all = self.results[0][row].is_nan();
            for (room, number) in self.results.iter_mut().zip(&found.numbers) {
                if all || room[row].is_nan() {
                    room[row] = *number;
                }
            }
            if found.by_limit {
                summary.by_limit += 1;
                summary.first_by_limit.get_or_insert(self.lines[row]);
            }
        }
    }

    /// The first variable whose number in a row is NaN.
    fn first_nan(&self, row: usize) -> Option<usize> {
        self.inputs.iter().position(|numbers| numbers[row].is_nan())
    }

    /// Computes row by row; what has no result is NaN.
    fn compute_each(&mut self, plan: &Plan) -> Result<(), TableError> {
        let mut gradient = vec![0.0; plan.columns.len()];
        for row in 0..self.rows() {
            let point: Vec<f64> = self.inputs.iter().map(|numbers| numbers[row]).collect();
            let value = if self.results.len() > 1 {
                undefined(plan.function.gradient_into(&point, &mut gradient))?
            } else {
                undefined(plan.function.value(&point))?
            };
            if value.is_none() {
                gradient.fill(f64::NAN);
            }
            let numbers = std::iter::once(value.unwrap_or(f64::NAN)).chain(gradient.iter().copied());
            for (room, number) in self.results.iter_mut().zip(numbers) {
                room[row] = number;
            }
        }
        Ok(())
    }

    fn write(&self, text: &mut Vec<u8>, plan: &Plan, layout: &Layout, summary: &mut TableSummary) {
        let mut start = 0;
        for row in 0..self.rows() {
            text.extend_from_slice(&self.kept[start..self.ends[row]]);
            start = self.ends[row];
            layout.results(text, self.results.iter().map(|room| room[row]));
            if let Some(at) = self.first_nan(row) {
                summary.not_numbers += 1;
                if summary.first_not_number.is_none() {
                    summary.first_not_number = Some((self.lines[row], plan.columns[at].name.clone()));
                }
            } else if let Some(at) = self.results.iter().position(|room| room[row].is_nan()) {
                summary.undefined += 1;
                if summary.first_undefined.is_none() {
                    summary.first_undefined = Some((self.lines[row], plan.results[at].clone()));
                }
            }
        }
        summary.rows += self.rows() as u64;
    }
}

/// [`None`] where numbers have no result; other errors are errors of the formula.
fn undefined<T>(result: Result<T, FunctionError>) -> Result<Option<T>, TableError> {
    match result {
        Ok(result) => Ok(Some(result)),
        Err(FunctionError::Run(RunError::Linear(_) | RunError::Index { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unread(why: Unread, record: &Record, column: &plan::Column) -> TableError {
    let (line, name) = (record.line, column.name.clone());
    let text = || String::from_utf8_lossy(record.field(column.at)).trim().to_string();
    match why {
        Unread::Empty => TableError::NoValue { line, column: name },
        Unread::NoNumber => TableError::NotNumeric { line, column: name, text: text() },
        Unread::TooLarge => TableError::TooLarge { line, column: name, text: text() },
    }
}
