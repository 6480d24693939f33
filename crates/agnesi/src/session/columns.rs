//! Columns of a table as names: long ones need no declaration.

use agnesi_syntax::{Code, TokenClass, lex_spans};

use super::{Session, teach, tensor::Reading};
use crate::protocol::{Failure, Request, Verb};

impl Session {
    /// The session for the formula of a request about a table, with the request's declarations. A name of several letters
    /// is a variable if it stands in the formula, not as a function, and nothing else is known of it.
    pub(crate) fn with_columns<'n>(
        &self,
        request: &Request,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Session, Failure> {
        let texts = [request.lets.as_deref(), request.expr.as_deref()];
        let mut values: Vec<&str> = Vec::new();
        let mut calls: Vec<&str> = Vec::new();
        for text in texts.into_iter().flatten() {
            let tokens = lex_spans(text);
            let tokens = tokens.into_iter().filter(|(_, class)| *class != TokenClass::Comment);
            let words: Vec<&str> =
                tokens.filter_map(|(span, _)| text.get(span.start as usize..span.end as usize)).collect();
            values.extend(&words);
            calls.extend(words.windows(2).filter(|pair| pair[1] == "(").map(|pair| pair[0]));
        }
        let mut session = self.clone();
        for name in names {
            let word = name.starts_with(char::is_alphabetic)
                && name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && name.chars().nth(1).is_some();
            if word && values.contains(&name) && !calls.contains(&name) && self.does_not_know(name) {
                // What cannot be declared is refused with its place when the formula is read.
                let _ = teach::read(&mut session.scope, &format!("{name}: real"));
            }
        }
        session.scope = session.scope_of(request, &mut Vec::new())?;
        Ok(session)
    }

    fn does_not_know(&self, name: &str) -> bool {
        let read = Reading::any(self, &Request::new(Verb::Compile, name));
        read.is_err_and(|failure| failure.code == Code::Name)
    }

    /// The variables of a formula, in order.
    pub(crate) fn variables_of(&self, formula: &str) -> Result<Vec<String>, Failure> {
        let (reading, _) = Reading::any(self, &Request::new(Verb::Compile, formula))?;
        Ok(reading.shaped.inputs.iter().map(ToString::to_string).collect())
    }
}
