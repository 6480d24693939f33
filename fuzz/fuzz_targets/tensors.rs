//! Any formula of declared vectors and matrices asked for its derivative: no panic, no work without end, and what is
//! printed reads again.

#![no_main]

use agnesi::Session;
use agnesi::protocol::{Limits, Outcome, Reply, Request, Verb};
use libfuzzer_sys::fuzz_target;

const LET: &str = "A: matrix(n,n); B: matrix(n,m); x: vector(n); y: vector(m); S: spd(n); a: real; k: integer; \
                   p: integer vector(m)";

fuzz_target!(|text: &str| {
    let mut session = Session::new();
    let limits = Limits { ms: Some(200), nodes: Some(20_000) };
    let ask = |verb, text: &str| Request { limits, lets: Some(LET.to_string()), ..Request::new(verb, text) };
    let request = Request { wrt: vec!["x".to_string()], ..ask(Verb::Diff, text) };
    if let Outcome::Ok(success) = session.answer(&request).outcome
        && let Reply::Diff(reply) = &success.reply
    {
        let again = session.answer(&ask(Verb::Parse, &reply.formula));
        assert!(matches!(again.outcome, Outcome::Ok(_)), "{text:?} gives {:?}", reply.formula);
    }
    session.answer(&ask(Verb::Simplify, text));
});
