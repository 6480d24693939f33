//! The text of a macro as functions: `pub name(arguments) = formula; ...`.

use agnesi_graph::Scope;

use crate::pieces::{Fault, Piece, Text};
use crate::{read, rust};

/// One function as it was written.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Attributes, as Rust.
    pub attributes: String,
    /// `pub`, `pub(crate)` or nothing.
    pub visibility: String,
    pub name: String,
    /// The pieces of the name.
    pub name_at: (usize, usize),
    /// Each a name, or a name with its type.
    pub arguments: Vec<Text>,
    pub body: Text,
}

/// The code of all functions, or what is wrong.
pub fn expand(pieces: &[Piece]) -> Result<String, Fault> {
    let mut scope = Scope::new();
    let mut code = String::new();
    let statements = split(pieces)?;
    for (at, statement) in statements.iter().enumerate() {
        if statements[..at].iter().any(|before| before.name == statement.name) {
            let message = format!("`{}` is defined twice", statement.name);
            return Err(Fault { message, pieces: statement.name_at });
        }
        let mut model = read::read(statement, &scope)?;
        code += &rust::write(statement, &mut model)?;
        read::define(statement, &mut scope)?;
    }
    Ok(code)
}

fn fault<T>(message: &str, at: usize, all: &[Piece]) -> Result<T, Fault> {
    let at = at.min(all.len().saturating_sub(1));
    Err(Fault { message: message.to_owned(), pieces: (at, at) })
}

const FORM: &str = "write a function as in `f(x, y) = x^2 + y^3`";

/// The statements, separated by `;`.
fn split(all: &[Piece]) -> Result<Vec<Statement>, Fault> {
    let mut statements = Vec::new();
    let mut start = 0;
    let mut depth = 0usize;
    for (at, piece) in all.iter().enumerate() {
        match piece.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => {
                if at > start {
                    statements.push(statement(all, start, at)?);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < all.len() {
        statements.push(statement(all, start, all.len())?);
    }
    match statements.is_empty() {
        true => fault(&format!("a function is expected here: {FORM}"), 0, all),
        false => Ok(statements),
    }
}

fn statement(all: &[Piece], start: usize, end: usize) -> Result<Statement, Fault> {
    let is = |at: usize, text: &str| at < end && all[at].text == text;
    let mut at = start;
    let mut attributes = String::new();
    while is(at, "#") && is(at + 1, "[") {
        let close = closing(all, at + 1, end);
        all[at..=close.min(end - 1)].iter().for_each(|piece| attributes += &format!("{} ", piece.text));
        at = close + 1;
    }
    let from = at;
    if is(at, "pub") {
        at += 1;
        if is(at, "(") && (is(at + 1, "crate") || is(at + 1, "super") || is(at + 1, "in")) {
            at = closing(all, at, end) + 1;
        }
    }
    let visibility = all[from..at.min(end)].iter().map(|piece| format!("{} ", piece.text)).collect();
    let named = at < end && all[at].text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !named || !is(at + 1, "(") {
        return fault(&format!("a function's name and its arguments are expected here: {FORM}"), at, all);
    }
    if rust::WORDS.split_whitespace().any(|word| word == all[at].text) {
        return fault(&format!("`{}` is a word of Rust, and names no function", all[at].text), at, all);
    }
    let close = closing(all, at + 1, end);
    if !is(close + 1, "=") || is(close + 2, "=") {
        return fault(&format!("`=` is expected behind the arguments: {FORM}"), close + 1, all);
    }
    if close + 2 >= end {
        return fault(&format!("a formula is expected behind `=`: {FORM}"), close + 1, all);
    }
    let mut arguments = Vec::new();
    let (mut depth, mut first) = (0usize, at + 2);
    for here in at + 2..=close {
        match all[here].text.as_str() {
            "," | ")" if depth == 0 => {
                if here > first {
                    arguments.push(Text::of(all, first, here));
                } else if all[here].text == "," {
                    return fault("an argument is expected in front of the comma", here, all);
                }
                first = here + 1;
            }
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(Statement {
        attributes,
        visibility,
        name: all[at].text.clone(),
        name_at: (at, at),
        arguments,
        body: Text::of(all, close + 2, end),
    })
}

/// Where the bracket that opens at a piece closes.
fn closing(all: &[Piece], open: usize, end: usize) -> usize {
    let mut depth = 0usize;
    for (at, piece) in all.iter().enumerate().take(end).skip(open) {
        match piece.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::tests::cut;

    /// The message for a text, and the part of it that is underlined.
    fn wrong(text: &str) -> (String, String) {
        let pieces = cut(text);
        let fault = expand(&pieces).expect_err(text);
        let (first, last) = fault.pieces;
        let line = pieces[first].start.0;
        let row = text.lines().nth(line).expect("a line");
        (fault.message, row[pieces[first].start.1..pieces[last].end.1].to_owned())
    }

    #[test]
    fn faults_stand_at_their_place() {
        for (text, message, place) in [
            ("f(x) = sin(x) + z", "`z` is no argument of `f`", "z"),
            ("f(x, y) = x*(2 +)", "a value is missing after `+`", "+"),
            ("f(x: vector(3)) = x + [1, 2]", "", "x + [1, 2]"),
            ("f(x: vector(n)) = sum(x)", "`x: vector(n)` has a size without a number", "x: vector(n)"),
            ("f(x: blob) = x", "`blob` is no type", "blob"),
            ("f(x, x) = x", "`x` is named twice", "x"),
            ("f = 3", "a function's name and its arguments are expected here", "f"),
            ("f(x) x", "`=` is expected behind the arguments", "x"),
            ("f(x) =", "a formula is expected behind `=`", "="),
            ("f(x) = x > 0", "a condition is no function of numbers", "x > 0"),
            ("f(x) = x; f(y) = y", "`f` is defined twice", "f"),
            ("f(x) = besselj(1, x)", "the function `besselj1` is not written in Rust", "besselj(1, x)"),
            ("f(, x) = x", "an argument is expected in front of the comma", ","),
            ("f(x) = sinn(x)", "", "sinn"),
            ("loop(x) = x", "`loop` is a word of Rust", "loop"),
        ] {
            let (found, at) = wrong(text);
            assert!(found.contains(message), "{text}: {found}");
            assert_eq!(at, place, "{text}: {found}");
        }
        assert!(expand(&[]).expect_err("nothing").message.contains("a function is expected here"));
    }

    #[test]
    fn functions_are_written_with_their_derivatives() {
        let code = expand(&cut("pub f(x, y) = x*y; g(x) = f(x, 2)")).expect("two functions");
        assert!(code.contains("pub fn f(x: f64, y: f64) -> f64"), "{code}");
        assert!(code.contains("pub fn hessian(x: f64, y: f64) -> [[f64; 2]; 2]"), "{code}");
        assert!(code.contains("pub mod f") && code.contains("mod g"), "{code}");
    }
}
