//! JSON to [`Request`], with a message for every way to be wrong.

use std::collections::BTreeMap;
use std::str::FromStr;

use agnesi_syntax::{Code, nearest};

use super::raw::Raw;
use super::request::{FORMS, LAYOUTS, SCENES, SIDES};
use super::{Claimed, Failure, Given, Id, Label, Limits, Number, Request, Verb};

/// Fields that any request may have.
const COMMON: &[&str] = &["id", "verb", "let", "at", "limits"];

/// Fields of verbs to come: accepted, so that the answer is `unsupported` and not a quarrel about fields.
const LATER: &[Verb] = &[Verb::Integrate, Verb::Limit, Verb::Solve, Verb::Critical, Verb::Minimize];

impl FromStr for Request {
    type Err = Failure;

    /// Reads one JSON object. Fails with code `input` and the name of the field that is wrong.
    fn from_str(line: &str) -> Result<Request, Failure> {
        let raw: Raw = serde_json::from_str(line).map_err(|error| not_json(line, &error))?;
        from_raw(raw)
    }
}

impl<'de> serde::Deserialize<'de> for Request {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Request, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        from_raw(raw).map_err(|failure| serde::de::Error::custom(failure.message))
    }
}

/// The `id` of a line that is no request, where one can be seen.
pub(super) fn id_of(line: &str) -> Option<Id> {
    let Ok(Raw::Object(fields)) = serde_json::from_str::<Raw>(line) else { return None };
    fields.into_iter().find(|(name, _)| name == "id").and_then(|(_, raw)| id(raw).ok().flatten())
}

fn input(message: impl Into<String>, hint: Option<String>) -> Failure {
    Failure { code: Code::Input, message: message.into(), labels: Vec::new(), hint, also: Vec::new() }
}

fn not_json(line: &str, error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    // serde_json appends the place; it stands in the label instead.
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    let before: usize = line.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (before + error.column().saturating_sub(1)).min(line.len());
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let end = line[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let (message, hint) = if reason.contains("given twice") {
        (reason.to_string(), "keep one of them")
    } else {
        (
            format!("this line is not a JSON object: {reason}"),
            "write one request a line, as {\"verb\": \"diff\", \"expr\": \"x^2\"}",
        )
    };
    Failure {
        labels: vec![Label { start, end, text: "here".to_string(), field: Some("request".to_string()) }],
        ..input(message, Some(hint.to_string()))
    }
}

fn wrong(field: &str, wanted: &str, found: &Raw) -> Failure {
    input(format!("the field `{field}` must be {wanted}, not {}", found.described()), None)
}

fn list(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn from_raw(raw: Raw) -> Result<Request, Failure> {
    let Raw::Object(fields) = raw else {
        return Err(input(
            format!("a request is a JSON object, not {}", raw.described()),
            Some("write {\"verb\": \"diff\", \"expr\": \"x^2\"}".to_string()),
        ));
    };
    let verb = read_verb(&fields)?;
    let known = || COMMON.iter().chain(verb.fields()).copied();
    for (name, _) in &fields {
        if !known().any(|field| field == name) {
            let elsewhere = Verb::ALL.iter().any(|other| other.fields().contains(&name.as_str()));
            let message = if elsewhere {
                format!("the verb `{}` takes no field `{name}`", verb.as_str())
            } else {
                format!("unknown field `{name}`")
            };
            let hint = match nearest(name, known()) {
                Some(near) if !elsewhere => format!("did you mean `{near}`?"),
                _ => format!("`{}` takes {}", verb.as_str(), list(known())),
            };
            return Err(input(message, Some(hint)));
        }
    }
    for needed in verb.needs() {
        if !fields.iter().any(|(name, raw)| name == needed && *raw != Raw::Null) {
            return Err(input(format!("the verb `{}` needs the field `{needed}`", verb.as_str()), None));
        }
    }
    let mut request = Request { verb, ..Request::default() };
    for (name, raw) in fields {
        set(&mut request, &name, raw)?;
    }
    Ok(request)
}

fn read_verb(fields: &[(String, Raw)]) -> Result<Verb, Failure> {
    match fields.iter().find(|(name, _)| name == "verb") {
        Some((_, Raw::Text(word))) => Verb::from_word(word).ok_or_else(|| {
            let words = || Verb::ALL.iter().map(|verb| verb.as_str());
            let hint = match nearest(word, words()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the verbs are {}", list(words())),
            };
            input(format!("unknown verb `{}`", word.escape_debug()), Some(hint))
        }),
        Some((_, raw)) => Err(wrong("verb", "a word", raw)),
        None => {
            let near = fields.iter().find(|(name, _)| nearest(name, ["verb"]).is_some());
            let hint = match near {
                Some((name, _)) => format!("`{name}` is not a field; write `verb`"),
                None => "add \"verb\": \"diff\", or another verb".to_string(),
            };
            Err(input("a request needs the field `verb`", Some(hint)))
        }
    }
}

fn set(request: &mut Request, name: &str, raw: Raw) -> Result<(), Failure> {
    // null is the same as leaving the field out.
    if raw == Raw::Null {
        return Ok(());
    }
    match name {
        "verb" => {}
        "id" => request.id = id(raw)?,
        "let" => request.lets = Some(text(name, raw)?),
        "expr" => request.expr = Some(text(name, raw)?),
        "at" => request.at = point(raw)?,
        "limits" => request.limits = limits(raw)?,
        "wrt" => request.wrt = names(name, raw)?,
        "order" => request.order = Some(whole(name, raw)?),
        "form" => request.form = Some(choice(name, raw, FORMS)?),
        "layout" => request.layout = Some(choice(name, raw, LAYOUTS)?),
        "along" => match given(name, raw)? {
            Given::Array(items) => request.along = items,
            Given::Number(_) | Given::Text(_) => {
                return Err(input("the field `along` must be an array, one entry for each variable", None));
            }
        },
        "side" | "direction" => request.side = Some(choice(name, raw, SIDES)?),
        "steps" => request.steps = flag(name, raw)?,
        "fast" => request.fast = flag(name, raw)?,
        "definition" => request.definition = flag(name, raw)?,
        "claimed" => request.claimed = Some(claimed(raw)?),
        "var" => request.var = Some(text(name, raw)?),
        "point" => request.point = Some(given(name, raw)?),
        "from" => request.from = Some(given(name, raw)?),
        "to" if request.verb == Verb::Compile => request.language = Some(text(name, raw)?),
        "to" => request.to = Some(given(name, raw)?),
        "scene" | "kind" => {
            let scene = choice(name, raw, SCENES)?;
            if request.scene.is_some_and(|other| other != scene) {
                return Err(input("the fields `scene` and `kind` disagree; they mean the same", None));
            }
            request.scene = Some(scene);
        }
        "name" => request.name = Some(text(name, raw)?),
        "out" => request.out = Some(text(name, raw)?),
        "width" => request.width = Some(whole(name, raw)?),
        "height" => request.height = Some(whole(name, raw)?),
        "columns" => request.columns = Some(whole(name, raw)?),
        "rows" => request.rows = Some(whole(name, raw)?),
        "colour" => request.colour = flag(name, raw)?,
        "picture" => request.picture = flag(name, raw)?,
        "topic" => request.topic = Some(text(name, raw)?),
        // What later verbs take; they are answered with `unsupported`.
        _ => debug_assert!(LATER.contains(&request.verb), "no reader for `{name}`"),
    }
    Ok(())
}

fn id(raw: Raw) -> Result<Option<Id>, Failure> {
    match raw {
        Raw::Null => Ok(None),
        Raw::Number(number) => Ok(Some(Id::Number(number))),
        Raw::Text(text) => Ok(Some(Id::Text(text))),
        raw => Err(wrong("id", "a number or a text", &raw)),
    }
}

fn text(field: &str, raw: Raw) -> Result<String, Failure> {
    match raw {
        Raw::Text(text) => Ok(text),
        raw => Err(wrong(field, "a text", &raw)),
    }
}

fn flag(field: &str, raw: Raw) -> Result<bool, Failure> {
    match raw {
        Raw::Bool(value) => Ok(value),
        raw => Err(wrong(field, "true or false", &raw)),
    }
}

fn whole(field: &str, raw: Raw) -> Result<u32, Failure> {
    if let Raw::Number(number) = &raw {
        let value = number.as_u64().or_else(|| {
            number
                .as_f64()
                .filter(|x| x.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(x))
                .map(|x| x as u64)
        });
        if let Some(value) = value.and_then(|value| u32::try_from(value).ok()) {
            return Ok(value);
        }
    }
    Err(wrong(field, "a whole number, zero or more", &raw))
}

fn names(field: &str, raw: Raw) -> Result<Vec<String>, Failure> {
    const WANTED: &str = "a name or an array of names";
    match raw {
        Raw::Text(name) => Ok(name.split(',').map(|part| part.trim().to_string()).collect()),
        Raw::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Raw::Text(name) => Ok(name),
                item => Err(wrong(field, WANTED, &item)),
            })
            .collect(),
        raw => Err(wrong(field, WANTED, &raw)),
    }
}

fn choice<T: Copy>(field: &str, raw: Raw, table: &[(&'static str, T)]) -> Result<T, Failure> {
    let Raw::Text(word) = &raw else { return Err(wrong(field, "a word", &raw)) };
    table.iter().find(|(name, _)| name == word).map(|(_, value)| *value).ok_or_else(|| {
        let hint = match nearest(word, table.iter().map(|(name, _)| *name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", list(table.iter().map(|(name, _)| *name))),
        };
        input(format!("the field `{field}` does not know the word `{}`", word.escape_debug()), Some(hint))
    })
}

/// A number, one of the strings for what JSON cannot write, a formula, or an array.
fn given(field: &str, raw: Raw) -> Result<Given, Failure> {
    match raw {
        Raw::Number(number) => match number.as_f64() {
            Some(value) => Ok(Given::Number(Number(value))),
            None => Err(wrong(field, "a number that a double can hold", &Raw::Number(number))),
        },
        Raw::Text(text) => Ok(match text.as_str() {
            "nan" => Given::Number(Number(f64::NAN)),
            "inf" => Given::Number(Number(f64::INFINITY)),
            "-inf" => Given::Number(Number(f64::NEG_INFINITY)),
            _ => Given::Text(text),
        }),
        Raw::Array(items) => {
            items.into_iter().map(|item| given(field, item)).collect::<Result<_, _>>().map(Given::Array)
        }
        raw => Err(wrong(field, "a number, a formula in quotes, or an array of them", &raw)),
    }
}

fn point(raw: Raw) -> Result<BTreeMap<String, Given>, Failure> {
    match raw {
        Raw::Object(fields) => fields
            .into_iter()
            .map(|(name, raw)| given(&format!("at.{name}"), raw).map(|value| (name, value)))
            .collect(),
        raw => Err(input(
            format!("the field `at` must be an object, not {}", raw.described()),
            Some("write \"at\": {\"x\": 2}".to_string()),
        )),
    }
}

fn claimed(raw: Raw) -> Result<Claimed, Failure> {
    match raw {
        Raw::Text(text) => Ok(Claimed::Formula(text)),
        Raw::Number(number) => Ok(Claimed::Formula(number.to_string())),
        Raw::Array(items) => {
            items.into_iter().map(claimed).collect::<Result<_, _>>().map(Claimed::Components)
        }
        raw => Err(wrong("claimed", "a formula or an array of formulas", &raw)),
    }
}

fn limits(raw: Raw) -> Result<Limits, Failure> {
    let Raw::Object(fields) = raw else {
        return Err(input(
            format!("the field `limits` must be an object, not {}", raw.described()),
            Some("write \"limits\": {\"ms\": 1000}".to_string()),
        ));
    };
    let mut limits = Limits::default();
    for (name, raw) in fields {
        let amount = |raw: Raw| match &raw {
            Raw::Number(number) if number.as_u64().is_some() => Ok(number.as_u64()),
            _ => Err(wrong(&format!("limits.{name}"), "a whole number, zero or more", &raw)),
        };
        match name.as_str() {
            "ms" => limits.ms = amount(raw)?,
            "nodes" => limits.nodes = amount(raw)?,
            _ => {
                return Err(input(
                    format!("unknown field `limits.{name}`"),
                    Some("`limits` takes ms, nodes".to_string()),
                ));
            }
        }
    }
    Ok(limits)
}
