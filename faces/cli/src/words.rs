//! The words of the command line before clap sees them: which are options, which are formulas.

use std::ffi::OsString;

use clap::{Command, CommandFactory};

use agnesi::protocol::Failure;

use crate::args::Cli;

/// The endings of files that are written: `-oa.svg` is an option and no formula.
const FILES: [&str; 8] = [".svg", ".png", ".py", ".jl", ".tex", ".typ", ".csv", ".jsonl"];

/// Words as text. Fails on the first that is not UTF-8, with the place.
pub fn utf8(words: impl Iterator<Item = OsString>) -> Result<Vec<String>, Failure> {
    words
        .enumerate()
        .map(|(number, word)| {
            word.into_string().map_err(|word| {
                let bytes = word.as_encoded_bytes();
                let byte = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
                let mut failure = Failure::not_utf8(byte);
                failure.message = format!(
                    "argument {number} is not UTF-8: byte {byte}, 0x{:02x}, begins no character",
                    bytes.get(byte).copied().unwrap_or_default()
                );
                failure.hint = Some("set the terminal to UTF-8, or write the name in ASCII".to_string());
                failure
            })
        })
        .collect()
}

/// Puts in the verb `describe` where none was written, and keeps formulas that begin with a minus from being taken
/// for options: they get a blank in front, which [`crate::requests`] takes away again.
pub fn prepared(words: Vec<String>) -> Vec<String> {
    let command = Cli::command();
    let mut out = Vec::with_capacity(words.len() + 2);
    let mut words = words.into_iter();
    out.extend(words.next());
    let mut verb = None;
    let mut is_value = false;
    let mut rest = false;
    for word in words {
        let option = !rest && !is_value && word.starts_with('-') && word != "-";
        if verb.is_none() && !is_value {
            let leading = option && (is_global(&word) || is_help(&word));
            if !leading {
                let known = command.get_subcommands().find(|c| c.get_name_and_visible_alias_matches(&word));
                verb = Some(known.cloned().unwrap_or_else(|| {
                    out.push("describe".to_string());
                    command.find_subcommand("describe").cloned().unwrap_or_default()
                }));
                if known.is_some() {
                    out.push(word);
                    continue;
                }
            }
        }
        if rest || is_value {
            is_value = false;
            out.push(guarded(word, rest));
        } else if word == "--" {
            rest = true;
            out.push(word);
        } else if option {
            let scope = verb.as_ref().unwrap_or(&command);
            match takes_value(scope, &command, &word) {
                Some(true) => {
                    is_value = true;
                    out.push(word);
                }
                Some(false) => out.push(word),
                None => out.push(guarded(word, false)),
            }
        } else {
            out.push(word);
        }
    }
    out
}

/// With a blank in front where clap would take it for an option.
fn guarded(word: String, behind_dashes: bool) -> String {
    if word.starts_with('-') && word != "-" && !behind_dashes { format!(" {word}") } else { word }
}

trait Named {
    fn get_name_and_visible_alias_matches(&self, word: &str) -> bool;
}

impl Named for Command {
    fn get_name_and_visible_alias_matches(&self, word: &str) -> bool {
        self.get_name() == word || self.get_visible_aliases().any(|alias| alias == word)
    }
}

fn is_help(word: &str) -> bool {
    matches!(word, "-h" | "--help" | "-V" | "--version")
}

fn is_global(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    matches!(name, "--json" | "--color")
}

/// Whether an option wants the next word; [`None`] where the word is a formula rather than an option.
fn takes_value(scope: &Command, top: &Command, word: &str) -> Option<bool> {
    if is_help(word) {
        return Some(false);
    }
    if let Some(long) = word.strip_prefix("--") {
        let (name, given) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
        let looks = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if !looks {
            return None;
        }
        let known = scope.get_arguments().chain(top.get_arguments()).find(|arg| {
            arg.get_long() == Some(name)
                || arg.get_visible_aliases().is_some_and(|aliases| aliases.contains(&name))
        });
        // An unknown option is for clap to refuse, with its suggestion.
        return Some(known.is_some_and(|arg| arg.get_action().takes_values() && !given));
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let (first, rest) = (letters.next()?, letters.as_str());
    let known = scope.get_arguments().find(|arg| arg.get_short() == Some(first))?;
    match rest {
        "" => Some(known.get_action().takes_values()),
        file if FILES.iter().any(|ending| file.ends_with(ending)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::prepared;

    fn shown(words: &[&str]) -> String {
        let all = std::iter::once("agnesi").chain(words.iter().copied()).map(str::to_string).collect();
        prepared(all)[1..].join("|")
    }

    #[test]
    fn a_verb_may_be_left_out() {
        assert_eq!(shown(&["x^2"]), "describe|x^2");
        assert_eq!(shown(&["--json", "x^2"]), "--json|describe|x^2");
        assert_eq!(shown(&["--color", "never", "diff", "x"]), "--color|never|diff|x");
        assert_eq!(shown(&["--at", "x=2", "x^2"]), "describe|--at|x=2|x^2");
        assert_eq!(shown(&["--help"]), "--help");
        assert_eq!(shown(&["series", "x"]), "series|x");
        assert_eq!(shown(&["--", "diff"]), "describe|--|diff");
    }

    #[test]
    fn a_minus_in_front_is_no_option() {
        assert_eq!(shown(&["-x^2"]), "describe| -x^2");
        assert_eq!(shown(&["-x"]), "describe| -x");
        assert_eq!(shown(&["--x"]), "describe|--x");
        assert_eq!(shown(&["--2x"]), "describe| --2x");
        assert_eq!(shown(&["-2"]), "describe| -2");
        assert_eq!(shown(&["diff", "-o^2", "--at", "o=-1"]), "diff| -o^2|--at|o=-1");
        assert_eq!(shown(&["plot", "x", "-o", "a.svg"]), "plot|x|-o|a.svg");
        assert_eq!(
            shown(&["plot", "x", "-oa.svg", "--from", "-3", "--to=3"]),
            "plot|x|-oa.svg|--from| -3|--to=3"
        );
        assert_eq!(shown(&["check", "x", "--claimed", "-1"]), "check|x|--claimed| -1");
        assert_eq!(shown(&["--", "-x^2"]), "describe|--|-x^2");
        assert_eq!(shown(&["diff", "-"]), "diff|-");
    }
}
