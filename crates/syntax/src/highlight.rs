//! Classes of tokens, for those who colour text while it is typed.

use crate::Span;
use crate::lex::{self, T};

/// What a piece of text is to the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenClass {
    /// `0.1`.
    Number,
    /// `sin`, `x_1`.
    Name,
    /// `+`, `..`, `∂`.
    Operator,
    /// Brackets, commas, semicolons and colons.
    Bracket,
    /// `if`, `where`, `for`.
    Keyword,
    /// `# …`.
    Comment,
    /// `"…"`.
    String,
    /// What is no part of the notation.
    Error,
}

/// The tokens and comments of a text in order, without white space. Never fails; a text of 4 GiB or more has none.
pub fn lex_spans(text: &str) -> Vec<(Span, TokenClass)> {
    if text.len() >= u32::MAX as usize {
        return Vec::new();
    }
    let mut comments = Vec::new();
    let lexed = lex::lex(text, Some(&mut comments));
    let mut all: Vec<(Span, TokenClass)> =
        comments.into_iter().map(|span| (span, TokenClass::Comment)).collect();
    let begins = |at: usize| at == 0 || lexed.tokens[at - 1].kind == T::End;
    for (at, token) in lexed.tokens.iter().enumerate() {
        let written = &text[token.start as usize..token.end as usize];
        let class = match token.kind {
            T::Eof => continue,
            T::End if written != ";" => continue,
            T::Number | T::Super => TokenClass::Number,
            T::Name if begins(at) && problem(written) && !defined(&lexed.tokens, at) => TokenClass::Keyword,
            T::Name => TokenClass::Name,
            T::End | T::Row | T::Comma | T::Colon => TokenClass::Bracket,
            T::LParen | T::RParen | T::LBracket | T::RBracket | T::LBrace | T::RBrace => TokenClass::Bracket,
            T::If | T::Then | T::Else | T::Where | T::For | T::In | T::And | T::Or | T::Not => {
                TokenClass::Keyword
            }
            T::Text => TokenClass::String,
            T::OpenText | T::BadNumber | T::Stray => TokenClass::Error,
            T::Bar
            | T::Norm
            | T::Plus
            | T::Minus
            | T::Star
            | T::Slash
            | T::Cross
            | T::DotStar
            | T::DotSlash => TokenClass::Operator,
            T::Caret | T::DotCaret | T::StarStar | T::SuperSign | T::Prime | T::Bang => TokenClass::Operator,
            T::Less | T::LessEqual | T::Greater | T::GreaterEqual | T::EqualEqual | T::NotEqual => {
                TokenClass::Operator
            }
            T::Equal | T::Arrow | T::FatArrow | T::Tilde | T::DotDot | T::Sqrt | T::Cbrt => {
                TokenClass::Operator
            }
            T::Nabla | T::Partial | T::Integral => TokenClass::Operator,
        };
        all.push((token.span(), class));
    }
    all.sort_by_key(|(span, _)| span.start);
    all
}

fn problem(word: &str) -> bool {
    matches!(word, "solve" | "minimize" | "minimise" | "maximize" | "maximise" | "function")
}

/// Whether the word at a token is itself defined or declared there.
fn defined(tokens: &[lex::Token], at: usize) -> bool {
    matches!(tokens.get(at + 1), Some(t) if matches!(t.kind, T::Equal | T::Colon | T::Eof | T::End))
}
