//! One request a line, one answer a line.

use std::io::{self, BufRead, Read, Write};

use agnesi_syntax::Code;

use super::read::id_of;
use super::{Answer, Failure, Label, Request};

/// The longest line that is read, in bytes, unless told otherwise.
pub const DEFAULT_LINE_LIMIT: usize = 10 << 20;

/// What answers requests.
pub trait Answerer {
    /// The answer to one request. It carries the request's `id`.
    fn answer(&mut self, request: &Request) -> Answer;
}

/// The answer to one line: bytes that are no UTF-8 and lines that are no request are answered too.
pub fn answer_line(answerer: &mut impl Answerer, line: &[u8]) -> Answer {
    let line = match std::str::from_utf8(line) {
        Ok(line) => line,
        Err(error) => return Answer::failed(None, not_utf8(error.valid_up_to())),
    };
    match line.parse::<Request>() {
        Ok(request) => answerer.answer(&request),
        Err(failure) => Answer::failed(id_of(line), failure),
    }
}

impl Failure {
    /// A text that is not UTF-8 from this byte on.
    pub fn not_utf8(byte: usize) -> Failure {
        not_utf8(byte)
    }
}

fn not_utf8(byte: usize) -> Failure {
    Failure {
        labels: vec![Label {
            start: byte,
            end: byte + 1,
            text: "this byte is not UTF-8".to_string(),
            field: Some("request".to_string()),
        }],
        ..Failure::new(Code::Input, format!("the text is not UTF-8: byte {byte} begins no character"))
            .with_hint("save the text as UTF-8")
    }
}

/// Answers each line of `input` on a line of `output`, in order, flushing each. Empty lines are passed over; a
/// line longer than `line_limit` bytes is answered with code `limit` and skipped without being held in memory.
/// Returns how many answers were failures. Fails when reading or writing does.
pub fn batch(
    answerer: &mut impl Answerer,
    mut input: impl BufRead,
    mut output: impl Write,
    line_limit: usize,
) -> io::Result<usize> {
    let mut line = Vec::new();
    let mut failures = 0;
    loop {
        line.clear();
        let most = line_limit as u64 + 1;
        if input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(failures);
        }
        let answer = if line.len() > line_limit && line.last() != Some(&b'\n') {
            skip_line(&mut input)?;
            let message = format!("this line is longer than {line_limit} bytes");
            Answer::failed(None, Failure::new(Code::Limit, message).with_hint("split the request"))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            answer_line(answerer, line.trim_ascii())
        };
        if matches!(answer.outcome, super::Outcome::Failed(_)) {
            failures += 1;
        }
        output.write_all(answer.to_json().as_bytes())?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|&b| b == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

impl Answerer for crate::Session {
    fn answer(&mut self, request: &Request) -> Answer {
        crate::Session::answer(self, request)
    }
}
