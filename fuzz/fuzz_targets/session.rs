//! Any formula asked for its derivative at a point and its simplest form: no panic, no work without end.

#![no_main]

use agnesi::Session;
use agnesi::protocol::{Given, Limits, Outcome, Reply, Request, Verb};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut session = Session::new();
    let limits = Limits { ms: Some(200), nodes: Some(20_000) };
    let mut request = Request { limits, wrt: vec!["x".to_string()], ..Request::new(Verb::Diff, text) };
    request.at.insert("x".to_string(), Given::from(0.75));
    let answer = session.answer(&request);
    if let Outcome::Ok(success) = &answer.outcome
        && let Reply::Diff(reply) = &success.reply
    {
        // The formula reads again.
        let again = session.answer(&Request { limits, ..Request::new(Verb::Parse, reply.formula.clone()) });
        assert!(matches!(again.outcome, Outcome::Ok(_)), "{text:?} gives {:?}", reply.formula);
    }
    session.answer(&Request { limits, ..Request::new(Verb::Simplify, text) });
});
