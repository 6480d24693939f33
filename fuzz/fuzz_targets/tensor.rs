//! Any text as a formula of declared vectors and matrices: no panic, no work without end; the derivative reads again, and
//! what was checked at random points agrees.

#![no_main]

use agnesi::Session;
use agnesi::protocol::{Limits, Outcome, Reply, Request, Verb};
use libfuzzer_sys::fuzz_target;

const LET: &str = "A: matrix(n,n); B: matrix(n,m); x: vector(n); y: vector(m); S: spd(n); a: real; k: integer; \
                   p: integer vector(m); T: tensor(n, m, 3); q: positive vector(n); f(z) = z'*z";

fuzz_target!(|text: &str| {
    let ask = |verb, text: &str| {
        let limits = Limits { ms: Some(200), nodes: Some(20_000) };
        let request = Request { limits, lets: Some(LET.into()), ..Request::new(verb, text) };
        Session::new().answer(&request).outcome
    };
    if let Outcome::Ok(success) = ask(Verb::Diff, text)
        && let Reply::Diff(reply) = &success.reply
    {
        assert!(reply.checked.as_ref().is_none_or(|checked| checked.agree), "{text:?}: {reply:?}");
        let again = ask(Verb::Parse, &reply.formula);
        assert!(matches!(again, Outcome::Ok(_)), "{text:?} gives {:?}: {again:?}", reply.formula);
    }
    ask(Verb::Simplify, text);
});
