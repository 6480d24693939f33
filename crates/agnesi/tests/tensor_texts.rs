//! Pieces of the notation of tensors put together at random: every request has an answer, and what is printed reads
//! again with the same shape.

use agnesi::Session;
use agnesi::protocol::{Outcome, Reply, Request, Verb};
use proptest::prelude::*;

const LET: &str = "A: matrix(n,n); B: matrix(n,m); x: vector(n); y: vector(m); S: spd(n); a: real; k: integer; \
                   p: integer vector(m); T: tensor(n, m, 3); q: positive vector(n); f(z) = z'*z";

const PIECES: &[&str] = &[
    "A",
    "B",
    "x",
    "y",
    "S",
    "a",
    "k",
    "p",
    "T",
    "q",
    "f(",
    "A*",
    "B'*",
    "x'*",
    "*y",
    "+",
    "-",
    "*",
    ".*",
    "./",
    ".^2",
    "^2",
    "^-1",
    "/",
    "'",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ":",
    "1",
    "2",
    "0",
    "3",
    "n",
    "m",
    "[1,:]",
    "[:,k]",
    "[k]",
    "[p]",
    "[1..k]",
    "[2..n]",
    "sum(",
    "sum(i in 1..n, ",
    "sum(i, ",
    "x[i]",
    "A[i,j]",
    "T[i,:,2]",
    "mean(",
    "max(",
    "min(",
    "logsumexp(",
    "softmax(",
    "prod(",
    "argmax(",
    "inv(",
    "det(",
    "logdet(",
    "tr(",
    "diag(",
    "diagpart(",
    "norm2(",
    "normF(",
    "norm1(",
    "normInf(",
    "normNuc(",
    "kron(",
    "vec(",
    "unvec(",
    "commut(",
    "eye(n)",
    "ones(n)",
    "ones(n, m)",
    "zeros(m)",
    "sqrtm(",
    "logm(",
    "expm(",
    "cholesky(",
    "eigenvalues(",
    "eigenvectors(",
    "cumsum(",
    "outer(",
    "dot(",
    "cross(",
    "strictlower(",
    "upper(",
    "einsum(\"ij,jk->ik\", ",
    "conv(",
    "exp(",
    "log(",
    "sqrt(",
    "relu(",
    "abs(",
    "sin ",
    "if ",
    " then ",
    " else ",
    " > ",
    " == ",
    " and ",
    "not ",
    " where ",
    " = ",
    " for ",
    " in ",
    "1..n",
    "i",
    "j",
    "[x[i] for i in 1..n]",
    "onehot(",
    "fold(h = x, t in 1..m, ",
    "pinv(",
    "solve(",
    "grad(",
    "d/dx ",
    "∇",
    "|",
    "√",
    "²",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 1..14).prop_map(|pieces| {
        let text = pieces.concat();
        // Most texts of random pieces miss a bracket at the end.
        let open = |a: char| text.matches(a).count();
        let (round, square) = (open('(').saturating_sub(open(')')), open('[').saturating_sub(open(']')));
        format!("{text}{}{}", ")".repeat(round), "]".repeat(square))
    })
}

fn ask(verb: Verb, text: &str) -> Outcome {
    let request = Request { lets: Some(LET.to_string()), ..Request::new(verb, text) };
    Session::new().answer(&request).outcome
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_has_an_answer(text in text()) {
        match ask(Verb::Diff, &text) {
            Outcome::Failed(failure) => prop_assert!(!failure.message.is_empty() && failure.message != "read again"),
            Outcome::Ok(success) => {
                let Reply::Diff(reply) = &success.reply else { return Err(TestCaseError::fail("no derivative")) };
                prop_assert!(reply.checked.as_ref().is_none_or(|c| c.agree), "{text}: {reply:?}");
                let again = ask(Verb::Parse, &reply.formula);
                prop_assert!(matches!(again, Outcome::Ok(_)), "{text} gives {}: {again:?}", reply.formula);
            }
        }
        ask(Verb::Simplify, &text);
    }
}
