//! Answers to the screen: data on standard output, everything else on standard error.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use agnesi::protocol::{Answer, Code, Failure, Note, Outcome, Reply, Request, Verdict};

use crate::screen::Screen;
use crate::show;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All is well.
    Fine,
    /// The mathematics says no, or the question is understood and cannot be answered.
    No,
    /// The formula or the command line is wrong.
    Usage,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Fine => 0,
            Status::No => 1,
            Status::Usage => 2,
        })
    }
}

impl Status {
    /// The status of one answer.
    pub fn of(answer: &Answer) -> Status {
        match &answer.outcome {
            Outcome::Failed(failure) => match failure.code {
                Code::Syntax | Code::Name | Code::Type | Code::Shape | Code::Input => Status::Usage,
                Code::Domain
                | Code::Unsupported
                | Code::Limit
                | Code::Infeasible
                | Code::Unbounded
                | Code::NotFound => Status::No,
            },
            Outcome::Ok(success) => {
                let agree = match &success.reply {
                    Reply::Check(check) => check.verdict == Verdict::Equal,
                    Reply::Diff(diff) => {
                        diff.evidence.as_ref().is_none_or(|evidence| evidence.agree)
                            && diff.checked.as_ref().is_none_or(|checked| checked.agree)
                    }
                    Reply::Describe(all) => {
                        let evidence = all.point.as_ref().and_then(|point| point.derivative.as_ref());
                        evidence.is_none_or(|evidence| evidence.agree)
                    }
                    _ => true,
                };
                if agree { Status::Fine } else { Status::No }
            }
        }
    }
}

/// Writes source code into the file that was asked for, and gives the names of what was written: a header beside a file
/// that ends in .c, and how to load it beside a module. Fails where something cannot be written, and where a module has
/// nowhere to go.
fn write_source(answer: &Answer, request: &Request, json: bool) -> Result<Vec<String>, Failure> {
    let Outcome::Ok(success) = &answer.outcome else { return Ok(Vec::new()) };
    let Reply::Compile(reply) = &success.reply else { return Ok(Vec::new()) };
    let Some(file) = request.out.as_deref() else {
        if reply.module.is_some() && !json {
            return Err(Failure::new(Code::Input, "a module of WebAssembly is no text to show").with_hint(
                "write it into a file with -o f.wasm, or ask for --json, which has it in base64",
            ));
        }
        return Ok(Vec::new());
    };
    let beside = |ending: &str| Path::new(file).with_extension(ending).display().to_string();
    let is_c = Path::new(file).extension().is_some_and(|ending| ending == "c");
    let files: Vec<(String, Cow<[u8]>)> = match (&reply.module, &reply.header) {
        (Some(module), _) => {
            vec![(file.to_owned(), module.as_slice().into()), (beside("mjs"), reply.source.as_bytes().into())]
        }
        (None, Some(header)) if is_c => {
            let name = beside("h");
            let short = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
            let source = format!("#include \"{short}\"\n{}", reply.source);
            vec![(file.to_owned(), source.into_bytes().into()), (name, header.as_bytes().into())]
        }
        (None, _) => vec![(file.to_owned(), show::source(reply).into_bytes().into())],
    };
    let mut names = Vec::new();
    for (name, bytes) in files {
        std::fs::write(&name, bytes).map_err(|error| {
            Failure::new(Code::Input, format!("cannot write {name}: {error}"))
                .with_hint("give another file with --out")
        })?;
        names.push(name);
    }
    Ok(names)
}

/// Where answers go.
pub struct Output {
    /// What the screen can show.
    pub screen: Screen,
    /// Whether answers are printed as JSON.
    pub json: bool,
}

impl Output {
    /// The output of this process.
    pub fn new(screen: Screen, json: bool) -> Output {
        Output { screen, json }
    }

    /// Prints an answer. Fails when writing does.
    pub fn answer(&mut self, answer: &Answer, request: &Request) -> io::Result<Status> {
        let files = match write_source(answer, request, self.json) {
            Ok(files) => files,
            Err(failure) => return self.failure(&failure, request),
        };
        if self.json {
            self.print(&format!("{}\n", answer.to_json()))?;
            return Ok(Status::of(answer));
        }
        match &answer.outcome {
            Outcome::Ok(success) => {
                match files.is_empty() {
                    true => self.print(&show::success(success, request, &self.screen))?,
                    false => self.print(&format!("{}\n", files.join("\n")))?,
                }
                let notes = show::notes(&success.notes, request, self.screen.error_colour);
                if !notes.is_empty() {
                    write!(anstream::stderr(), "{notes}")?;
                }
            }
            Outcome::Failed(failure) => return self.failure(failure, request),
        }
        Ok(Status::of(answer))
    }

    /// Prints a failure. Fails when writing does.
    pub fn failure(&mut self, failure: &Failure, request: &Request) -> io::Result<Status> {
        let answer = Answer::failed(request.id.clone(), failure.clone());
        if self.json {
            self.print(&format!("{}\n", answer.to_json()))?;
        } else {
            let text = show::failure(failure, request, self.screen.error_colour);
            self.complain(&text)?;
        }
        Ok(Status::of(&answer))
    }

    /// Prints what is wrong with the command line. Fails when writing does.
    pub fn usage(&mut self, message: &str, hint: &str) -> io::Result<Status> {
        self.failure(&Failure::new(Code::Input, message).with_hint(hint), &Request::default())
    }

    /// Writes data. Fails when writing does.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        let choice =
            if self.screen.colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        let mut stream = anstream::AutoStream::new(io::stdout().lock(), choice);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }

    /// Prints a note on standard error. Fails when writing does.
    pub fn note(&mut self, message: &str, hint: &str) -> io::Result<()> {
        let note = Note { hint: Some(hint.to_string()), ..Note::new(message) };
        let text = show::notes(&[note], &Request::default(), self.screen.error_colour);
        self.complain(&text)
    }

    fn complain(&mut self, text: &str) -> io::Result<()> {
        let choice = if self.screen.error_colour {
            anstream::ColorChoice::Always
        } else {
            anstream::ColorChoice::Never
        };
        let mut stream = anstream::AutoStream::new(io::stderr().lock(), choice);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }
}
