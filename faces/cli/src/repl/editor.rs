//! Typing: history, completion, colours, and lines that go on until brackets close.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Helper, Hinter};

use agnesi::TokenClass;

use super::Names;
use super::commands::{VERBS, WORDS};
use super::lines::is_open;
use crate::show::token_style;

/// What came from the keyboard.
pub enum Line {
    /// A statement or a command.
    Text(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D.
    End,
}

/// The line editor.
pub struct Editor {
    inner: rustyline::Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
}

impl Editor {
    /// An editor with the history of earlier sessions. Fails where the terminal cannot be used.
    pub fn new(names: Rc<RefCell<Names>>, colour: bool) -> io::Result<Editor> {
        let config = Config::builder().auto_add_history(true).max_history_size(2000).map_err(other)?.build();
        let mut inner = rustyline::Editor::with_config(config).map_err(other)?;
        inner.set_helper(Some(Assistant { names, colour }));
        let history = history_file();
        if let Some(file) = &history {
            // A first session has no history yet.
            let _ = inner.load_history(file);
        }
        Ok(Editor { inner, history })
    }

    /// The next statement. Fails where the terminal does.
    pub fn line(&mut self) -> io::Result<Line> {
        match self.inner.readline("> ") {
            Ok(text) => Ok(Line::Text(text)),
            Err(ReadlineError::Interrupted) => Ok(Line::Interrupted),
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(other(error)),
        }
    }

    /// Keeps the history for later sessions, where it can be written.
    pub fn save(&mut self) {
        if let Some(file) = &self.history {
            let folder = file.parent().map(std::fs::create_dir_all);
            if matches!(folder, Some(Ok(()))) {
                // A session that ends well shall not fail for its history.
                let _ = self.inner.save_history(file);
            }
        }
    }
}

fn other(error: ReadlineError) -> io::Error {
    io::Error::other(error)
}

/// `$XDG_STATE_HOME/agnesi/history`, by default under `~/.local/state`.
fn history_file() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("agnesi/history"))
}

/// What helps while typing.
#[derive(Helper, Hinter)]
struct Assistant {
    names: Rc<RefCell<Names>>,
    colour: bool,
}

/// Where the word before the cursor begins.
fn word_start(text: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.char_indices().rev().take_while(|(_, c)| word(*c)).last().map_or(text.len(), |(at, _)| at)
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = &line[..pos];
        let start = word_start(before);
        let word = &before[start..];
        let mut out: Vec<Pair> = Vec::new();
        if before[..start].trim() == ":" {
            let words = WORDS.iter().chain(VERBS).filter(|known| known.starts_with(word));
            out.extend(
                words.map(|known| Pair { display: known.to_string(), replacement: format!("{known} ") }),
            );
            return Ok((start, out));
        }
        if word.is_empty() {
            return Ok((start, out));
        }
        let names = self.names.borrow();
        let functions = names.functions.iter().filter(|name| name.starts_with(word));
        out.extend(functions.map(|name| Pair { display: name.clone(), replacement: format!("{name}(") }));
        let others = names.others.iter().filter(|name| name.starts_with(word));
        out.extend(others.map(|name| Pair { display: name.clone(), replacement: name.clone() }));
        out.sort_by(|a, b| a.display.cmp(&b.display));
        out.dedup_by(|a, b| a.display == b.display);
        Ok((start, out))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.colour || line.starts_with(':') {
            return Cow::Borrowed(line);
        }
        let names = self.names.borrow();
        let mut out = String::with_capacity(line.len() * 2);
        let mut done = 0;
        for (span, class) in agnesi::lex_spans(line) {
            let (start, end) = (span.start as usize, span.end as usize);
            let (Some(gap), Some(text)) = (line.get(done..start), line.get(start..end)) else { continue };
            out += gap;
            let known = class == TokenClass::Name && names.functions.iter().any(|name| name == text);
            let style = token_style(class, known);
            out += &format!("{style}{text}{style:#}");
            done = end;
        }
        out += line.get(done..).unwrap_or_default();
        Cow::Owned(out)
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.colour { Cow::Owned(format!("\x1b[1;36m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.colour
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        if !text.trim_start().starts_with(':') && is_open(text) {
            Ok(ValidationResult::Incomplete)
        } else {
            Ok(ValidationResult::Valid(None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::word_start;

    #[test]
    fn words_begin_behind_what_is_no_letter() {
        assert_eq!(word_start("2+si"), 2);
        assert_eq!(word_start("σ"), 0);
        assert_eq!(word_start("x+"), 2);
        assert_eq!(word_start(":he"), 1);
    }
}
