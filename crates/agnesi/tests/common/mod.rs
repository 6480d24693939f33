//! Answers as text, for tests to show.
#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::fmt::Write;

use agnesi::Session;
use agnesi::protocol::{CheckReply, ExplainReply, Given, HelpReply, Outcome, Reply, Request, Step, Verb};
use serde_json::Value;

/// A request of a verb about a formula.
pub fn request(verb: Verb, expr: &str) -> Request {
    Request::new(verb, expr)
}

/// `2,3,-1` as a vector.
pub fn vector(text: &str) -> Vec<Given> {
    text.split(',').map(Given::from).collect()
}

/// Answers to requests with ids, by them, as a face gets them: one JSON object a line, in one session.
pub fn batch(requests: &[Value]) -> BTreeMap<String, Value> {
    let input: String = requests.iter().map(|r| format!("{r}\n")).collect();
    let mut output = Vec::new();
    agnesi::protocol::batch(&mut Session::new(), input.as_bytes(), &mut output, 1 << 20).expect("in memory");
    String::from_utf8(output)
        .expect("text")
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).expect("JSON");
            (answer["id"].as_str().expect("an id").to_string(), answer)
        })
        .collect()
}

/// The answer to a request in a new session, as text.
pub fn answered(request: &Request) -> String {
    answered_in(&mut Session::new(), request)
}

/// The answer to a request, as text.
pub fn answered_in(session: &mut Session, request: &Request) -> String {
    let answer = session.answer(request);
    let mut out = String::new();
    match &answer.outcome {
        Outcome::Ok(success) => {
            match &success.reply {
                Reply::Explain(reply) => explain(reply, &mut out),
                Reply::Check(reply) => check(reply, &mut out),
                Reply::Help(reply) => help(reply, &mut out),
                Reply::Define(reply) => {
                    for text in &reply.defined {
                        line(&mut out, text);
                    }
                    for name in &reply.forgotten {
                        line(&mut out, &format!("forgotten: {name}"));
                    }
                }
                Reply::Diff(reply) => {
                    line(&mut out, &reply.formula);
                    if let Some(value) = &reply.value {
                        line(&mut out, &format!("value: {value}"));
                    }
                    steps(reply.steps.as_deref().unwrap_or_default(), "", 0, &mut out);
                }
                Reply::Eval(reply) => line(&mut out, &reply.value.to_string()),
                Reply::Simplify(reply) => line(&mut out, &reply.formula),
                _ => line(&mut out, &answer.to_json()),
            }
            for note in &success.notes {
                out += &note.render(request, false);
            }
        }
        Outcome::Failed(failure) => {
            out += failure.render(request, false).trim_end();
            out.push('\n');
        }
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn explain(reply: &ExplainReply, out: &mut String) {
    steps(&reply.steps, "", 0, out);
    line(out, &format!("= {}", reply.formula));
    for condition in &reply.conditions {
        line(out, &format!("when {condition}"));
    }
}

fn steps(all: &[Step], prefix: &str, depth: usize, out: &mut String) {
    for (i, step) in all.iter().enumerate() {
        let number = format!("{prefix}{}", i + 1);
        let pad = "  ".repeat(depth);
        let statement =
            if step.statement.is_empty() { String::new() } else { format!(" [{}]", step.statement) };
        line(out, &format!("{pad}{number} {}{statement}", step.rule));
        if !step.words.is_empty() {
            line(out, &format!("{pad}  {}", step.words));
        }
        let applied = if step.applied.is_empty() { String::new() } else { format!(" = {}", step.applied) };
        line(out, &format!("{pad}  {}{applied} = {}", step.before, step.after));
        steps(&step.children, &format!("{number}."), depth + 1, out);
    }
}

fn check(reply: &CheckReply, out: &mut String) {
    let _ = writeln!(out, "{:?}: {} claimed for {}", reply.verdict, reply.claimed, reply.derivative);
    if let Some(reason) = &reply.reason {
        line(out, &format!("reason: {reason}"));
    }
    if let Some(example) = &reply.counterexample {
        let at: Vec<String> = example.at.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let _ = writeln!(out, "at {}: {} and not {}", at.join(", "), example.expected, example.claimed);
    }
    if let Some(difference) = &reply.difference {
        line(out, &format!("difference: {difference}"));
    }
    if let Some(method) = &reply.method {
        line(out, &format!("method: {method}"));
    }
    for condition in &reply.conditions {
        line(out, &format!("when {condition}"));
    }
}

fn help(reply: &HelpReply, out: &mut String) {
    line(out, &format!("{}: {}", reply.topic, reply.title));
    line(out, &reply.doc);
    for row in &reply.rows {
        line(out, &format!("{}: {}", row.label, row.text));
    }
}
