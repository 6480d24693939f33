use expect_test::{Expect, expect};

use super::*;

/// Answers with the request as it was read: what these tests need of a session.
struct Echo;

impl Answerer for Echo {
    fn answer(&mut self, request: &Request) -> Answer {
        let text = serde_json::to_string(request).expect("a request can be written");
        let reply = Reply::Define(DefineReply { defined: vec![text], forgotten: Vec::new() });
        Answer::ok(request.id.clone(), Success { understood: None, reply, notes: Vec::new() })
    }
}

fn refused(line: &str, expected: Expect) {
    let failure = line.parse::<Request>().expect_err("this request is wrong");
    let mut text = format!("{}: {}\n", failure.code.as_str(), failure.message);
    for label in &failure.labels {
        text += &format!("  {}..{} {}\n", label.start, label.end, label.text);
    }
    if let Some(hint) = &failure.hint {
        text += &format!("  hint: {hint}\n");
    }
    expected.assert_eq(&text);
}

fn accepted(line: &str, expected: Expect) {
    let request: Request = line.parse().unwrap_or_else(|failure| panic!("{failure:?}"));
    let text = serde_json::to_string(&request).expect("a request can be written");
    expected.assert_eq(&text);
    // As text, since NaN equals nothing.
    assert_eq!(
        format!("{:?}", text.parse::<Request>()),
        format!("Ok({request:?})"),
        "what is written reads back"
    );
}

#[test]
fn requests_read_and_write() {
    accepted(
        r#"{"id": 7, "verb": "diff", "let": "w: real", "expr": "sin(4w) + 0.1w^2", "wrt": "w", "order": 1, "at": {"w": 0.62}}"#,
        expect![[
            r#"{"id":7,"verb":"diff","let":"w: real","expr":"sin(4w) + 0.1w^2","wrt":["w"],"order":1,"at":{"w":0.62}}"#
        ]],
    );
    accepted(
        r#"{"verb": "series", "expr": "sin(x)", "var": "x", "point": "pi/4", "order": 7.0, "limits": {"ms": 50}}"#,
        expect![[
            r#"{"verb":"taylor","expr":"sin(x)","var":"x","point":"pi/4","order":7,"limits":{"ms":50}}"#
        ]],
    );
    accepted(
        r#"{"verb": "check", "expr": "x^2 + y^3", "claimed": ["2x", "3y^2"], "wrt": ["x", "y"], "at": {"x": "nan", "y": [1, ["-inf"]]}, "id": null}"#,
        expect![[
            r#"{"verb":"check","expr":"x^2 + y^3","claimed":["2x","3y^2"],"wrt":["x","y"],"at":{"x":"nan","y":[1.0,["-inf"]]}}"#
        ]],
    );
    accepted(
        r#"{"id": "a", "verb": "diff", "expr": "2x+3y-z", "along": [2, 3, "-1"], "side": "left", "steps": true, "form": "directional"}"#,
        expect![[
            r#"{"id":"a","verb":"diff","expr":"2x+3y-z","form":"directional","along":[2.0,3.0,"-1"],"side":"left","steps":true}"#
        ]],
    );
    accepted(
        r#"{"verb": "integrate", "expr": "x^2", "var": "x", "from": 0, "to": "inf", "steps": false}"#,
        expect![[r#"{"verb":"integrate","expr":"x^2","var":"x","from":0.0,"to":"inf"}"#]],
    );
}

#[test]
fn every_way_to_be_wrong_has_its_message() {
    refused(
        r#"{"verb": "diff", "expr": "x^2", "warts": "x"}"#,
        expect![[r#"
            input: unknown field `warts`
              hint: `diff` takes id, verb, let, at, limits, expr, wrt, order, form, along, side, steps, definition, layout
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x^2", "ordre": 2}"#,
        expect![[r#"
            input: unknown field `ordre`
              hint: did you mean `order`?
        "#]],
    );
    refused(
        r#"{"verb": "parse", "expr": "x^2", "claimed": "2x"}"#,
        expect![[r#"
            input: the verb `parse` takes no field `claimed`
              hint: `parse` takes id, verb, let, at, limits, expr
        "#]],
    );
    refused(
        r#"{"verb": "dif", "expr": "x^2"}"#,
        expect![[r#"
            input: unknown verb `dif`
              hint: did you mean `diff`?
        "#]],
    );
    refused(
        r#"{"expr": "x^2"}"#,
        expect![[r#"
            input: a request needs the field `verb`
              hint: add "verb": "diff", or another verb
        "#]],
    );
    refused(
        r#"{"verb": "diff"}"#,
        expect![[r#"
            input: the verb `diff` needs the field `expr`
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": 3}"#,
        expect![[r#"
            input: the field `expr` must be a text, not the number 3
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "order": -1}"#,
        expect![[r#"
            input: the field `order` must be a whole number, zero or more, not the number -1
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "order": "two"}"#,
        expect![[r#"
            input: the field `order` must be a whole number, zero or more, not the text "two"
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "at": [1]}"#,
        expect![[r#"
            input: the field `at` must be an object, not an array
              hint: write "at": {"x": 2}
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "at": {"x": true}}"#,
        expect![[r#"
            input: the field `at.x` must be a number, a formula in quotes, or an array of them, not true
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "at": {"x": 1, "x": 2}}"#,
        expect![[r#"
            input: the field `x` is given twice
              51..52 here
              hint: keep one of them
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "form": "jacobain"}"#,
        expect![[r#"
            input: the field `form` does not know the word `jacobain`
              hint: did you mean `jacobian`?
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "wrt": ["x", 1]}"#,
        expect![[r#"
            input: the field `wrt` must be a name or an array of names, not the number 1
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "along": 3}"#,
        expect![[r#"
            input: the field `along` must be an array, one entry for each variable
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "limits": {"seconds": 3}}"#,
        expect![[r#"
            input: unknown field `limits.seconds`
              hint: `limits` takes ms, nodes
        "#]],
    );
    refused(
        r#"{"verb": "plot", "expr": "x", "kind": "field", "scene": "curve"}"#,
        expect![[r#"
            input: the fields `scene` and `kind` disagree; they mean the same
        "#]],
    );
    refused(
        r#"["verb"]"#,
        expect![[r#"
            input: a request is a JSON object, not an array
              hint: write {"verb": "diff", "expr": "x^2"}
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x^2""#,
        expect![[r#"
            input: this line is not a JSON object: EOF while parsing an object
              29..30 here
              hint: write one request a line, as {"verb": "diff", "expr": "x^2"}
        "#]],
    );
    refused(
        r#"{"verb": "diff", "expr": "x", "at": {"x": 1e999}}"#,
        expect![[r#"
            input: this line is not a JSON object: number out of range
              46..47 here
              hint: write one request a line, as {"verb": "diff", "expr": "x^2"}
        "#]],
    );
}

#[test]
fn deep_nesting_is_refused_and_not_a_crash() {
    let line = format!(
        r#"{{"verb": "diff", "expr": "x", "at": {{"x": {}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(line.parse::<Request>().is_err());
}

#[test]
fn a_batch_answers_each_line_and_goes_on() {
    let mut input = br#"{"id": 1, "verb": "names"}
not json

{"id": 3, "verb": "diff", "expr": 7}
"#
    .to_vec();
    input.extend_from_slice(b"{\"id\": 4, \"verb\": \"parse\", \"expr\": \"\xff\"}\n");
    input.extend_from_slice(
        format!("{{\"verb\": \"parse\", \"expr\": \"{}\"}}\n", "x".repeat(300)).as_bytes(),
    );
    input.extend_from_slice(br#"{"id": "last", "verb": "parse", "expr": "x"}"#);
    let mut output = Vec::new();
    let failures = batch(&mut Echo, &input[..], &mut output, 200).expect("memory does not fail");
    assert_eq!(failures, 4);
    expect![[r#"
        {"id":1,"ok":true,"defined":["{\"id\":1,\"verb\":\"names\"}"],"notes":[]}
        {"ok":false,"error":{"code":"input","message":"this line is not a JSON object: expected ident","labels":[{"start":1,"end":2,"text":"here","field":"request"}],"hint":"write one request a line, as {\"verb\": \"diff\", \"expr\": \"x^2\"}"}}
        {"id":3,"ok":false,"error":{"code":"input","message":"the field `expr` must be a text, not the number 7","labels":[]}}
        {"ok":false,"error":{"code":"input","message":"the text is not UTF-8: byte 36 begins no character","labels":[{"start":36,"end":37,"text":"this byte is not UTF-8","field":"request"}],"hint":"save the text as UTF-8"}}
        {"ok":false,"error":{"code":"limit","message":"this line is longer than 200 bytes","labels":[],"hint":"split the request"}}
        {"id":"last","ok":true,"defined":["{\"id\":\"last\",\"verb\":\"parse\",\"expr\":\"x\"}"],"notes":[]}
    "#]]
    .assert_eq(&String::from_utf8(output).expect("answers are UTF-8"));
}

#[test]
fn numbers_travel_as_json_can_carry_them() {
    let value = Value::Array(vec![
        Value::scalar(0.1),
        Value::vector(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
        Value::scalar(5e-324),
        Value::scalar(-0.0),
    ]);
    let text = serde_json::to_string(&value).expect("a value can be written");
    assert_eq!(text, r#"[0.1,["nan","inf","-inf"],5e-324,-0.0]"#);
    assert_eq!(Value::matrix(&[[1.0, 2.0], [3.5, 1e300]]).to_string(), "[1, 2; 3.5, 1e300]");
    assert_eq!(Value::vector(&[1e-7, 123456.0]).to_string(), "[1e-7, 123456]");
}

#[test]
fn claims_become_one_formula() {
    let part = |text: &str| Claimed::Formula(text.to_string());
    let row = |a: &str, b: &str| Claimed::Components(vec![part(a), part(b)]);
    assert_eq!(row("2*x", "3").formula(), "[2*x, 3]");
    assert_eq!(Claimed::Components(vec![row("1", "2"), row("3", "4")]).formula(), "[1, 2; 3, 4]");
}

#[test]
fn failures_keep_place_reason_and_repair() {
    use agnesi_syntax::{Code, Diagnostic, Span};
    let first = Diagnostic::error(Code::Name, "unknown name `sinn`", Span::new(2, 6), "not known")
        .with_hint("did you mean `sin`?");
    let note = Diagnostic::note("read as a product", Span::new(0, 1), "here");
    let second = Diagnostic::error(Code::Type, "wrong", Span::new(0, 1), "here");
    let failure = Failure::of_all([&note, &first, &second], "let").expect("there are errors");
    assert_eq!(failure.field(), "let");
    assert_eq!(failure.diagnostic(), first);
    expect![[r#"{"id":1,"ok":false,"error":{"code":"name","message":"unknown name `sinn`","labels":[{"start":2,"end":6,"text":"not known","field":"let"}],"hint":"did you mean `sin`?","also":[{"code":"type","message":"wrong","labels":[{"start":0,"end":1,"text":"here","field":"let"}]}]}}"#]]
    .assert_eq(&Answer::failed(Some(Id::Number(1.into())), failure).to_json());
    assert_eq!(Failure::of_all([&note], "expr"), None);
}
