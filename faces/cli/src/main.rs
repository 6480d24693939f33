//! The command line of Agnesi: arguments to requests, answers to text. It holds no mathematics.

mod args;
mod manual;
mod output;
mod repl;
mod requests;
mod screen;
mod show;
mod table;
mod words;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;

use agnesi::Session;
use agnesi::protocol::{Request, Verb, batch};

use crate::args::{Cli, Color, VerbArgs};
use crate::output::{Output, Status};
use crate::requests::Usage;
use crate::screen::Screen;

fn main() -> ExitCode {
    match run() {
        Ok(status) => status.into(),
        // Whoever read our output has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Fine.into(),
        Err(error) => {
            eprintln!("error: {error}");
            Status::Usage.into()
        }
    }
}

fn run() -> io::Result<Status> {
    let words = match words::utf8(std::env::args_os()) {
        Ok(words) => words::prepared(words),
        Err(failure) => {
            let mut output = Output::new(Screen::new(Color::Auto), false);
            return output.failure(&failure, &Request::default());
        }
    };
    if words.len() <= 1 {
        let output = Output::new(Screen::new(Color::Auto), false);
        return if io::stdin().is_terminal() {
            repl::interactive(output)
        } else {
            repl::piped(output, false)
        };
    }
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => {
            let mut output = Output::new(Screen::new(Color::Auto), false);
            return manual::refuse(&error, &words, &mut output);
        }
    };
    let screen = Screen::new(cli.output.color);
    let mut output = Output::new(screen.clone(), cli.output.json);
    match &cli.verb {
        VerbArgs::Batch { line_limit } => {
            batch(&mut Session::new(), io::stdin().lock(), io::stdout().lock(), *line_limit)?;
            Ok(Status::Fine)
        }
        VerbArgs::Session { echo } => repl::piped(output, *echo),
        VerbArgs::Completions { shell } => manual::completions(*shell),
        VerbArgs::Man { verb } => manual::page(verb.as_deref(), &mut output),
        VerbArgs::Help { topic: Some(topic) } if Verb::from_word(topic).is_some() || topic == "batch" => {
            manual::help(topic)
        }
        VerbArgs::Help { topic: None } => manual::help(""),
        VerbArgs::Eval(args) if args.csv.is_some() => table::run(args, &mut output),
        verb => match requests::request(verb, &screen) {
            Ok(Some(request)) => {
                let answer = Session::new().answer(&request);
                output.answer(&answer, &request)
            }
            Ok(None) => Ok(Status::Fine),
            Err(Usage::Wrong(message, hint)) => output.usage(&message, &hint),
            Err(Usage::Failed(failure)) => output.failure(&failure, &Request::default()),
        },
    }
}
