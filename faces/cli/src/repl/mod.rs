//! A session: formulas, definitions and commands, line by line, typed or piped.

mod commands;
mod editor;
mod lines;

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::rc::Rc;

use agnesi::Session;
use agnesi::protocol::{NamesReply, Outcome, Reply, Request, Verb};

use crate::output::{Output, Status};
use crate::requests::{Usage, on_screen};
use commands::Command;
use lines::Gathered;

/// A session and how it is shown.
struct Repl {
    session: Session,
    output: Output,
    picture: bool,
    /// The names known, shared with the editor's completion.
    names: Rc<RefCell<Names>>,
    worst: Status,
}

/// The names known, for completion and highlighting.
#[derive(Default)]
struct Names {
    functions: Vec<String>,
    others: Vec<String>,
}

impl Names {
    fn new(reply: &NamesReply) -> Names {
        let list =
            |known: &[agnesi::protocol::KnownName]| known.iter().map(|k| k.name.clone()).collect::<Vec<_>>();
        let (called, plain): (Vec<_>, Vec<_>) =
            reply.defined.iter().cloned().partition(|k| k.text.starts_with(&format!("{}(", k.name)));
        Names {
            functions: [list(&reply.functions), list(&called)].concat(),
            others: [list(&reply.constants), list(&plain)].concat(),
        }
    }
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Quit,
}

impl Repl {
    fn new(output: Output) -> Repl {
        let mut repl = Repl {
            session: Session::new(),
            output,
            picture: false,
            names: Rc::default(),
            worst: Status::Fine,
        };
        repl.learn_names();
        repl
    }

    fn learn_names(&mut self) {
        let answer = self.session.answer(&Request { verb: Verb::Names, ..Request::default() });
        if let Outcome::Ok(success) = answer.outcome
            && let Reply::Names(reply) = success.reply
        {
            *self.names.borrow_mut() = Names::new(&reply);
        }
    }

    /// Answers what was entered. Fails when writing does.
    fn enter(&mut self, text: &str) -> io::Result<Flow> {
        let line = text.trim();
        if line.is_empty() || (line.starts_with('#') && !line.contains('\n')) {
            return Ok(Flow::On);
        }
        let Some(command) = line.strip_prefix(':') else {
            let mut request = Request::new(Verb::Enter, text.trim_end());
            if self.picture {
                request.picture = true;
                on_screen(&mut request, &self.output.screen);
            }
            self.ask(&request)?;
            return Ok(Flow::On);
        };
        match commands::read(command, &self.output.screen) {
            Ok(Command::Quit) => return Ok(Flow::Quit),
            Ok(Command::Help) => self.output.print(commands::HELP)?,
            Ok(Command::Json(on)) => self.output.json = on.unwrap_or(!self.output.json),
            Ok(Command::Picture(on)) => self.picture = on.unwrap_or(!self.picture),
            Ok(Command::Names) => self.print_names()?,
            Ok(Command::Ask(request)) => self.ask(&request)?,
            Ok(Command::Print(text)) => self.output.print(&text)?,
            Err(Usage::Wrong(message, hint)) => {
                let status = self.output.usage(&message, &hint)?;
                self.worst = self.worst.max(status);
            }
            Err(Usage::Failed(failure)) => {
                let status = self.output.failure(&failure, &Request::default())?;
                self.worst = self.worst.max(status);
            }
        }
        Ok(Flow::On)
    }

    /// What was defined here, without the table.
    fn print_names(&mut self) -> io::Result<()> {
        let request = Request { verb: Verb::Names, ..Request::default() };
        let mut answer = self.session.answer(&request);
        if let Outcome::Ok(success) = &mut answer.outcome
            && let Reply::Names(reply) = &mut success.reply
            && !self.output.json
        {
            reply.functions.clear();
            reply.constants.clear();
            if reply.defined.is_empty() {
                return self.output.print("nothing is defined here; :names all lists the table\n");
            }
        }
        self.output.answer(&answer, &request).map(drop)
    }

    fn ask(&mut self, request: &Request) -> io::Result<()> {
        let answer = self.session.answer(request);
        let status = self.output.answer(&answer, request)?;
        self.worst = self.worst.max(status);
        if matches!(request.verb, Verb::Enter | Verb::Define | Verb::Forget) {
            self.learn_names();
        }
        Ok(())
    }
}

/// A session from what is piped in: as if it were typed; with `echo`, each line is printed first. Fails when reading or writing does.
pub fn piped(output: Output, echo: bool) -> io::Result<Status> {
    let mut repl = Repl::new(output);
    let mut gathered = Gathered::default();
    let mut input = io::stdin().lock();
    let limit = agnesi::protocol::DEFAULT_LINE_LIMIT;
    let mut first = true;
    loop {
        let mut line = Vec::new();
        let read = io::Read::take(&mut input, limit as u64 + 1).read_until(b'\n', &mut line)?;
        if line.len() > limit {
            let message = format!("a line on standard input is longer than {limit} bytes");
            let failure = agnesi::protocol::Failure::new(agnesi::protocol::Code::Limit, message);
            return repl.output.failure(&failure, &Request::default());
        }
        let text = match crate::requests::text(line, "standard input") {
            Ok(text) => text,
            Err(Usage::Failed(failure)) => return repl.output.failure(&failure, &Request::default()),
            Err(Usage::Wrong(message, hint)) => return repl.output.usage(&message, &hint),
        };
        let whole = if read == 0 { gathered.rest() } else { gathered.push(&text) };
        if let Some(whole) = whole.filter(|whole| !whole.trim().is_empty()) {
            if echo {
                let lines = whole.trim_end().lines().enumerate();
                let shown = lines.map(|(i, line)| format!("{}{line}\n", if i == 0 { "> " } else { "| " }));
                repl.output.print(&shown.collect::<String>())?;
            } else if !first && !repl.output.json {
                repl.output.print("\n")?;
            }
            first = false;
            if repl.enter(&whole)? == Flow::Quit {
                return Ok(repl.worst);
            }
        }
        if read == 0 {
            return Ok(repl.worst);
        }
    }
}

/// A session on the terminal. Fails when reading or writing does.
pub fn interactive(output: Output) -> io::Result<Status> {
    let colour = output.screen.colour;
    let mut repl = Repl::new(output);
    let mut editor = editor::Editor::new(Rc::clone(&repl.names), colour)?;
    repl.output.print(&format!(
        "Agnesi {}. A formula is described, a definition kept; :help says more, :quit ends.\n",
        env!("CARGO_PKG_VERSION")
    ))?;
    loop {
        match editor.line()? {
            editor::Line::Text(text) => {
                if repl.enter(&text)? == Flow::Quit {
                    break;
                }
            }
            editor::Line::Interrupted => {}
            editor::Line::End => break,
        }
    }
    editor.save();
    Ok(Status::Fine)
}
