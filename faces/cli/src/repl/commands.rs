//! Commands: lines that begin with a colon.

use clap::{CommandFactory, Parser};

use agnesi::protocol::{Request, Verb};

use crate::args::{Cli, VerbArgs};
use crate::requests::{self, Usage};
use crate::screen::Screen;
use crate::words::prepared;

/// What `:help` prints.
pub const HELP: &str = "\
A formula is described; f(x) = x^2 is kept, and f'(3) then knows it.

  :diff FORMULA [--at x=2] [--wrt x,y] [--order 2] [--along 2,3,-1]
  :explain FORMULA         :steps FORMULA       the steps a person would take
  :check FORMULA --claimed FORMULA              whether a derivative is right
  :plot FORMULA [--kind surface|contour|field] [-o file.svg]
  :eval, :simplify, :taylor, :parse FORMULA     as on the command line

  :help sin     about a function, :help diff about a verb
  :names        the names defined here, or all  :forget f    one of them no longer
  :clear        forget all definitions
  :json on      answers as JSON                 :picture on  a picture with each formula
  :quit         or Ctrl-D
";

/// The commands that are no verbs, for completion.
pub const WORDS: &[&str] = &["help", "names", "forget", "clear", "json", "picture", "steps", "quit"];

/// The verbs that work on a formula, for completion.
pub const VERBS: &[&str] =
    &["diff", "explain", "check", "plot", "eval", "simplify", "taylor", "parse", "describe"];

/// What a command asks for.
pub enum Command {
    /// The end.
    Quit,
    /// The list of commands.
    Help,
    /// Answers as JSON, or no longer; without a word, the other way.
    Json(Option<bool>),
    /// Pictures with each formula, or no longer.
    Picture(Option<bool>),
    /// The names of this session.
    Names,
    /// An answer of the session.
    Ask(Box<Request>),
    /// A text of our own.
    Print(String),
}

/// Reads what stands behind the colon.
pub fn read(text: &str, screen: &Screen) -> Result<Command, Usage> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match word {
        "q" | "quit" | "exit" => Ok(Command::Quit),
        "h" | "help" | "?" if rest.is_empty() => Ok(Command::Help),
        "h" | "help" | "?" => match Cli::command().find_subcommand_mut(rest) {
            Some(verb) if Verb::from_word(rest).is_some() => Ok(Command::Print(command_help(verb))),
            _ => ask(Verb::Help, Some(rest)),
        },
        "names" if rest == "all" => ask(Verb::Names, None),
        "names" => Ok(Command::Names),
        "clear" => ask(Verb::Forget, None),
        "forget" if rest.is_empty() => {
            Err(Usage::Wrong("`:forget` needs a name".into(), "write: :forget f, or :clear for all".into()))
        }
        "forget" => ask(Verb::Forget, Some(rest)),
        "json" => switch(rest).map(Command::Json),
        "picture" => switch(rest).map(Command::Picture),
        "steps" => verb("explain", rest, screen),
        _ if VERBS.contains(&word) || Verb::from_word(word).is_some_and(|v| v.needs().contains(&"expr")) => {
            verb(word, rest, screen)
        }
        _ => {
            let known = WORDS.iter().chain(VERBS).find(|known| known.starts_with(word) && !word.is_empty());
            let hint = match known {
                Some(known) => format!("did you mean :{known}?"),
                None => ":help lists the commands".to_string(),
            };
            Err(Usage::Wrong(format!("there is no command :{word}"), hint))
        }
    }
}

fn command_help(verb: &mut clap::Command) -> String {
    verb.render_help().to_string()
}

fn ask(verb: Verb, topic: Option<&str>) -> Result<Command, Usage> {
    Ok(Command::Ask(Box::new(Request { verb, topic: topic.map(str::to_string), ..Request::default() })))
}

fn switch(word: &str) -> Result<Option<bool>, Usage> {
    match word {
        "" => Ok(None),
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        _ => Err(Usage::Wrong(format!("`{word}` is neither on nor off"), "write on or off".to_string())),
    }
}

/// A verb as on the command line; the formula needs no quotes.
fn verb(name: &str, rest: &str, screen: &Screen) -> Result<Command, Usage> {
    let (formula, options) = split(rest);
    if formula.is_empty() {
        return Err(Usage::Wrong(format!("`:{name}` needs a formula"), format!("write: :{name} x^2")));
    }
    let mut words = vec!["agnesi".to_string(), name.to_string()];
    words.extend(options);
    words = prepared(words);
    words.extend(["--".to_string(), formula]);
    let cli = Cli::try_parse_from(&words).map_err(|error| {
        let text = error.to_string();
        let mut lines = text.lines();
        let message = lines.next().unwrap_or_default().trim_start_matches("error: ").to_string();
        Usage::Wrong(message, format!(":help {name} lists the options"))
    })?;
    if matches!(cli.verb, VerbArgs::Batch { .. }) {
        return Err(Usage::Wrong(
            "this verb is for the command line".into(),
            "leave the session first".into(),
        ));
    }
    match requests::request(&cli.verb, screen)? {
        Some(request) => Ok(Command::Ask(Box::new(request))),
        None => {
            Err(Usage::Wrong(format!("`:{name}` is for the command line"), "leave the session first".into()))
        }
    }
}

/// The formula, which ends where the first option begins, and the words behind it. A formula in double quotes is
/// taken without them.
fn split(text: &str) -> (String, Vec<String>) {
    let mut end = text.len();
    let mut depth = 0i64;
    let mut blank = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '-' if blank && depth <= 0 && is_option(&text[at..]) => {
                end = at;
                break;
            }
            _ => {}
        }
        blank = c.is_whitespace();
    }
    let formula = text[..end].trim();
    let bare = formula.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|f| !f.contains('"'));
    (bare.unwrap_or(formula).to_string(), shell_words(&text[end..]))
}

/// `--at`, `-o`: a dash or two and a letter, not ` - x`.
fn is_option(text: &str) -> bool {
    text.strip_prefix("--").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
        || text.strip_prefix("-o").is_some_and(|rest| rest.starts_with(' '))
}

/// Words between blanks; quotes hold blanks together.
fn shell_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                // A prime behind a name is no quote: f'(3).
                if c == '\'' && word.is_some() {
                    word.get_or_insert_default().push(c);
                } else {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
            }
            None if c.is_whitespace() => out.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_ends_where_options_begin() {
        let shown = |text: &str| {
            let (formula, options) = split(text);
            format!("{formula}|{}", options.join("|"))
        };
        assert_eq!(shown("sin(4w) + 0.1w^2 --at w=0.62"), "sin(4w) + 0.1w^2|--at|w=0.62");
        assert_eq!(shown("\"x - y\" --wrt x,y"), "x - y|--wrt|x,y");
        assert_eq!(shown("a - -b"), "a - -b|");
        assert_eq!(shown("x --let \"s = 1 + x\" --claimed f'(x)"), "x|--let|s = 1 + x|--claimed|f'(x)");
        assert_eq!(shown("x^2 -o a.svg"), "x^2|-o|a.svg");
    }
}
