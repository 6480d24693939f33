//! `eval --csv`: files opened, the rest is the facade's; progress and notes on standard error.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use agnesi::protocol::Request;
use agnesi::{Session, TableError, TableFormat, TableOptions, TableSummary};

use crate::args::EvalArgs;
use crate::output::{Output, Status};
use crate::requests::{self, Usage};

/// Progress is shown of what takes longer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is shown.
const PACE: Duration = Duration::from_millis(200);

/// Evaluates a formula on every row of a table. Fails when writing does.
pub fn run(args: &EvalArgs, output: &mut Output) -> io::Result<Status> {
    let request = match requests::eval(args) {
        Ok(request) => request,
        Err(Usage::Wrong(message, hint)) => return output.usage(&message, &hint),
        Err(Usage::Failed(failure)) => return output.failure(&failure, &Request::default()),
    };
    let options = TableOptions {
        gradient: args.grad,
        keep: args.keep,
        format: if output.json { TableFormat::JsonLines } else { TableFormat::Csv },
        threads: args.threads,
    };
    let table = args.csv.as_deref().unwrap_or("-");
    let out = args.out.as_deref().filter(|file| *file != "-");
    if let Some(out) = out
        && same_file(table, out)
    {
        return output.usage(&format!("{out} is the table that is read"), "give another file with --out");
    }
    let input: Box<dyn Read> = if table == "-" {
        Box::new(io::stdin().lock())
    } else {
        match File::open(table) {
            Ok(file) => Box::new(file),
            Err(error) => {
                return output.usage(
                    &format!("cannot read {table}: {error}"),
                    "give a file whose first row names the columns, or - for standard input",
                );
            }
        }
    };
    let target: Box<dyn Write> = match out {
        Some(file) => Box::new(Late { path: file.into(), file: None }),
        None => Box::new(io::stdout().lock()),
    };
    let mut progress = Progress::new(out.is_some());
    let done = Session::new().table(&request, &options, input, target, &mut |rows| progress.show(rows));
    progress.end();
    match done {
        Ok(summary) => {
            notes(&summary, output)?;
            Ok(Status::Fine)
        }
        // Whoever read our output has read enough.
        Err(TableError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Err(error),
        Err(error) => output.failure(&error.failure(), &request),
    }
}

fn notes(summary: &TableSummary, output: &mut Output) -> io::Result<()> {
    for name in &summary.passed_over {
        output.note(
            &format!("the column `{name}` is passed over: in the formula `{name}` means something else"),
            "call it otherwise in the table and in the formula if the column is meant",
        )?;
    }
    if let Some((line, column)) = &summary.first_not_number {
        let rows = if summary.not_numbers == 1 { "row holds" } else { "rows hold" };
        output.note(
            &format!("{} {rows} NaN, the first is row {line}, column `{column}`", summary.not_numbers),
            "results that depend on it are NaN too",
        )?;
    }
    if let Some(line) = summary.first_by_limit {
        let rows = if summary.by_limit == 1 { "row has" } else { "rows have" };
        output.note(
            &format!("{} {rows} a limit as result, the first is row {line}", summary.by_limit),
            "the formula as written has no value there",
        )?;
    }
    if let Some((line, column)) = &summary.first_undefined {
        let rows = if summary.undefined == 1 { "row has" } else { "rows have" };
        output.note(
            &format!(
                "{} {rows} a result that is NaN, the first is row {line}, column `{column}`",
                summary.undefined
            ),
            "the formula has no value there",
        )?;
    }
    Ok(())
}

/// Whether two names are one file that is there.
fn same_file(a: &str, b: &str) -> bool {
    let real = |name: &str| Path::new(name).canonicalize();
    matches!((real(a), real(b)), (Ok(a), Ok(b)) if a == b && a.is_file())
}

/// A file that is made when something is written into it, so that a wrong formula leaves an old one as it is.
struct Late {
    path: PathBuf,
    file: Option<File>,
}

impl Late {
    fn file(&mut self) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::create(&self.path)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display())))?,
        };
        Ok(self.file.insert(file))
    }
}

impl Write for Late {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

/// Rows done and their rate, on one line of a terminal.
struct Progress {
    wanted: bool,
    begun: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// Only for a terminal that shows no rows at the same time.
    fn new(rows_elsewhere: bool) -> Progress {
        let wanted = io::stderr().is_terminal() && (rows_elsewhere || !io::stdout().is_terminal());
        Progress { wanted, begun: Instant::now(), shown: None }
    }

    fn show(&mut self, rows: u64) {
        let time = self.begun.elapsed();
        if !self.wanted || time < PATIENCE || self.shown.is_some_and(|shown| shown.elapsed() < PACE) {
            return;
        }
        self.shown = Some(Instant::now());
        let rate = rows as f64 / time.as_secs_f64();
        // A terminal that cannot be written to is no reason to stop.
        let _ = write!(io::stderr(), "\r{rows} rows, {rate:.0} a second\x1b[K");
    }

    fn end(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
