//! Any line of bytes: reading a request does not panic, and a request that is written reads back.

#![no_main]

use agnesi::protocol::{Answer, Answerer, Failure, Outcome, Request, answer_line};
use libfuzzer_sys::fuzz_target;

/// Answers nothing; the line is what is tested.
struct Deaf;

impl Answerer for Deaf {
    fn answer(&mut self, request: &Request) -> Answer {
        let written = request.to_json();
        let read: Request = written.parse().unwrap_or_else(|failure: Failure| panic!("{written}: {}", failure.message));
        // As text, since NaN equals nothing.
        assert_eq!(format!("{request:?}"), format!("{read:?}"));
        Answer::failed(request.id.clone(), Failure::new(agnesi::protocol::Code::Unsupported, "deaf"))
    }
}

fuzz_target!(|line: &[u8]| {
    let answer = answer_line(&mut Deaf, line);
    assert!(matches!(answer.outcome, Outcome::Failed(_)));
    assert!(!answer.to_json().contains('\n'));
});
