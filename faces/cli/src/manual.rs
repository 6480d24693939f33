//! Help, the manual page, completions, and what clap refuses.

use std::io::{self, Write};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::Cli;
use crate::output::{Output, Status};

/// Prints what clap has to say: help and version are data, the rest is an error. Fails when writing does.
pub fn refuse(error: &clap::Error, words: &[String], output: &mut Output) -> io::Result<Status> {
    if let Some((word, verb)) = mistyped(error, words) {
        return output.usage(&format!("`{word}` is no verb"), &format!("did you mean `{verb}`?"));
    }
    if let Some(extra) = extra_word(error) {
        let message = format!("`{extra}` is one word too many: a formula is one word to the shell");
        if let Some(word) = described(words).filter(|word| is_name(word)) {
            let hint = format!(
                "`{word}` is no verb, and agnesi --help lists them; a formula is put in quotes: agnesi diff \"x^2 + 1\""
            );
            return output.usage(&message, &hint);
        }
        return output.usage(&message, "put the formula in quotes: agnesi diff \"x^2 + 1\"");
    }
    error.print()?;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Status::Fine),
        _ => Ok(Status::Usage),
    }
}

/// `agnesi dif x^2` is read as the formula `dif` and a word too many: the word, and the verb that is near.
fn mistyped(error: &clap::Error, words: &[String]) -> Option<(String, String)> {
    let first = described(words)?;
    let command = Cli::command();
    let names = command.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name);
    let near = names.filter(|name| alike(name, first)).min_by_key(|name| name.len())?;
    (error.kind() == ErrorKind::UnknownArgument).then(|| (first.clone(), near.to_string()))
}

/// The first word of what is described for want of a verb.
fn described(words: &[String]) -> Option<&String> {
    words.iter().skip_while(|word| *word != "describe").nth(1)
}

/// Whether a word may be meant as a verb: letters, and more than a variable has.
fn is_name(word: &str) -> bool {
    word.len() > 3 && word.chars().all(|c| c.is_ascii_lowercase())
}

/// A word that is no option and that nothing takes.
fn extra_word(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word))
            if error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-') =>
        {
            Some(word.trim_start().to_string())
        }
        _ => None,
    }
}

/// Whether one word is the beginning of the other, or they differ in their last two letters at most.
fn alike(a: &str, b: &str) -> bool {
    let common = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    common >= 2 && (common + 2 >= long || common == short && long - short <= 3)
}

/// Prints the help of a verb, or of the program. Fails when writing does.
pub fn help(verb: &str) -> io::Result<Status> {
    let name = if verb == "series" { "taylor" } else { verb };
    let mut command = Cli::command();
    command.build();
    let mut shown = match command.find_subcommand(name) {
        Some(sub) => sub.clone().bin_name(format!("agnesi {name}")),
        None => command,
    };
    let text = shown.render_long_help();
    write!(anstream::stdout(), "{}", text.ansi())?;
    Ok(Status::Fine)
}

/// Prints the completions for a shell. Fails when writing does.
pub fn completions(shell: clap_complete::Shell) -> io::Result<Status> {
    // Into memory first: the generator panics where the pipe behind standard output is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "agnesi", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Fine)
}

/// Prints the manual page of the program or of a verb. Fails when writing does.
pub fn page(verb: Option<&str>, output: &mut Output) -> io::Result<Status> {
    let mut command = Cli::command();
    command.build();
    let command = match verb {
        None => command,
        Some(verb) => match command.find_subcommand(verb) {
            Some(sub) => sub.clone(),
            None => return output.usage(&format!("there is no verb `{verb}`"), "see: agnesi --help"),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(Status::Fine)
}
