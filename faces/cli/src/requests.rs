//! Arguments to [`Request`]s.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

use agnesi::protocol::{Claimed, Failure, Form, Given, Layout, Limits, OneSide, Request, Scene, Verb};

use crate::args::{
    CheckArgs, Common, CompileArgs, DescribeArgs, DiffArgs, EvalArgs, ExplainArgs, FormArgs, FormWord,
    LaterArgs, LayoutWord, PlainArgs, PlotArgs, SceneWord, SideWord, TaylorArgs, VerbArgs, View, Wrt,
};
use crate::screen::Screen;

/// What is wrong with the command line itself.
#[derive(Debug)]
pub enum Usage {
    /// A sentence, and what to write instead.
    Wrong(String, String),
    /// A failure with a place in a text.
    Failed(Failure),
}

fn wrong<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T, Usage> {
    Err(Usage::Wrong(message.into(), hint.into()))
}

/// The request for a verb with a formula, [`None`] for the others.
pub fn request(verb: &VerbArgs, screen: &Screen) -> Result<Option<Request>, Usage> {
    let request = match verb {
        VerbArgs::Describe(args) => describe(args, screen)?,
        VerbArgs::Diff(args) => diff(args)?,
        VerbArgs::Explain(args) => explain(args)?,
        VerbArgs::Check(args) => check(args)?,
        VerbArgs::Plot(args) => plot(args, screen)?,
        VerbArgs::Compile(args) => compile(args)?,
        VerbArgs::Taylor(args) => taylor(args)?,
        VerbArgs::Eval(args) => eval(args)?,
        VerbArgs::Simplify(args) => plain(Verb::Simplify, args)?,
        VerbArgs::Parse(args) => plain(Verb::Parse, args)?,
        VerbArgs::Integrate(args) => later(Verb::Integrate, args),
        VerbArgs::Limit(args) => later(Verb::Limit, args),
        VerbArgs::Solve(args) => later(Verb::Solve, args),
        VerbArgs::Critical(args) => later(Verb::Critical, args),
        VerbArgs::Minimize(args) => later(Verb::Minimize, args),
        VerbArgs::Names => Request { verb: Verb::Names, ..Request::default() },
        VerbArgs::Help { topic } => Request { verb: Verb::Help, topic: topic.clone(), ..Request::default() },
        VerbArgs::Batch { .. }
        | VerbArgs::Session { .. }
        | VerbArgs::Completions { .. }
        | VerbArgs::Man { .. } => return Ok(None),
    };
    Ok(Some(request))
}

fn common(verb: Verb, common: &Common) -> Result<Request, Usage> {
    let mut lets: Vec<String> = Vec::new();
    for file in &common.let_file {
        match std::fs::read(file) {
            Ok(bytes) => lets.push(text(bytes, &format!("the file {file}"))?),
            Err(error) => return wrong(format!("cannot read {file}: {error}"), "give a file of definitions"),
        }
    }
    lets.extend(common.lets.iter().map(|part| formula(part)));
    let expr = match common.expr.as_deref() {
        Some("-") => stdin()?,
        Some(expr) => formula(expr),
        None if !std::io::stdin().is_terminal() => stdin()?,
        None => return wrong("no formula was given", format!("write: agnesi {} \"x^2\"", verb.as_str())),
    };
    Ok(Request {
        lets: (!lets.is_empty()).then(|| lets.join("\n")),
        at: points(&common.at)?,
        limits: Limits { ms: common.time_limit, nodes: None },
        ..Request::new(verb, expr)
    })
}

/// Without the blank that [`crate::words::prepared`] put in front of a minus.
fn formula(word: &str) -> String {
    match word.strip_prefix(' ') {
        Some(rest) if rest.starts_with('-') => rest.to_string(),
        _ => word.to_string(),
    }
}

fn stdin() -> Result<String, Usage> {
    let limit = agnesi::protocol::DEFAULT_LINE_LIMIT as u64;
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes) {
        return wrong(format!("cannot read standard input: {error}"), "give the formula as an argument");
    }
    if bytes.len() as u64 > limit {
        let message = format!("standard input is longer than {limit} bytes");
        return Err(Usage::Failed(Failure::new(agnesi::protocol::Code::Limit, message)));
    }
    let text = text(bytes, "standard input")?;
    Ok(text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t)).to_string())
}

/// Bytes as text. Fails with the place of the first byte that is not UTF-8.
pub fn text(bytes: Vec<u8>, whence: &str) -> Result<String, Usage> {
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let mut failure = Failure::not_utf8(byte);
        failure.message = format!("{whence} is not UTF-8: byte {byte} begins no character");
        Usage::Failed(failure)
    })
}

/// Parts between commas that stand outside brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0i32;
    let mut start = 0;
    let mut out = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

/// `2`, `pi/4`, or `[1, 2]`.
fn given(text: &str) -> Given {
    let text = text.trim();
    match text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => {
            let rows: Vec<&str> = inner.split(';').collect();
            let row = |row: &str| Given::Array(parts(row).into_iter().map(given).collect());
            if rows.len() > 1 { Given::Array(rows.into_iter().map(row).collect()) } else { row(inner) }
        }
        None => Given::from(text),
    }
}

/// `x=2,y=3`, from all that were given.
pub fn points(texts: &[String]) -> Result<BTreeMap<String, Given>, Usage> {
    let mut out = BTreeMap::new();
    for text in texts {
        for part in parts(text) {
            let Some((name, value)) = part.split_once('=') else {
                return wrong(
                    format!("`--at {}` does not say of which variable", part.trim()),
                    format!("write: --at x={}", part.trim()),
                );
            };
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() || value.is_empty() {
                return wrong(format!("`--at {text}` is not NAME=VALUE"), "write: --at x=2,y=1/3");
            }
            if out.insert(name.to_string(), given(value)).is_some() {
                return wrong(format!("`--at` gives {name} twice"), "keep one of them");
            }
        }
    }
    Ok(out)
}

fn direction(text: Option<&String>) -> Result<Vec<Given>, Usage> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let text = text.trim();
    let bare = ["()", "[]"].iter().find_map(|pair| {
        let inner = text.strip_prefix(&pair[..1])?.strip_suffix(&pair[1..])?;
        Some(inner)
    });
    let entries: Vec<Given> = parts(bare.unwrap_or(text)).into_iter().map(given).collect();
    if entries.iter().any(|entry| matches!(entry, Given::Text(text) if text.is_empty())) {
        return wrong(format!("`--along {text}` has an empty entry"), "write: --along 2,3,-1");
    }
    Ok(entries)
}

fn names(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_string()).collect()
}

fn value(text: Option<&String>) -> Option<Given> {
    text.map(|text| given(text))
}

fn derivative(mut request: Request, wrt: &Wrt) -> Request {
    request.wrt = names(&wrt.wrt);
    request.order = wrt.order;
    request
}

fn formed(mut request: Request, args: &FormArgs) -> Result<Request, Usage> {
    request.along = direction(args.along.as_ref())?;
    request.form = args.form.map(|form| match form {
        FormWord::Partial => Form::Partial,
        FormWord::Gradient => Form::Gradient,
        FormWord::Jacobian => Form::Jacobian,
        FormWord::Hessian => Form::Hessian,
        FormWord::VecJacobian => Form::VecJacobian,
        FormWord::Directional => Form::Directional,
    });
    Ok(request)
}

fn viewed(mut request: Request, view: &View) -> Request {
    request.from = value(view.from.as_ref());
    request.to = value(view.to.as_ref());
    request
}

fn describe(args: &DescribeArgs, screen: &Screen) -> Result<Request, Usage> {
    let mut request = viewed(common(Verb::Describe, &args.common)?, &args.view);
    request.wrt = names(&args.wrt);
    request.order = args.order;
    request.picture = args.picture || (screen.terminal && !args.no_picture);
    if request.picture {
        on_screen(&mut request, screen);
    }
    Ok(request)
}

/// Asks for a picture that fits the screen.
pub fn on_screen(request: &mut Request, screen: &Screen) {
    request.columns = Some(screen.columns.min(100));
    request.rows = Some(screen.rows.saturating_sub(4).clamp(12, 24));
    request.colour = screen.colour;
}

fn diff(args: &DiffArgs) -> Result<Request, Usage> {
    let mut request = formed(derivative(common(Verb::Diff, &args.common)?, &args.wrt), &args.form)?;
    request.side = args.side.map(|side| match side {
        SideWord::Left => OneSide::Left,
        SideWord::Right => OneSide::Right,
    });
    request.steps = args.steps;
    request.layout = args.layout.map(|layout| match layout {
        LayoutWord::Usual => Layout::Usual,
        LayoutWord::Numerator => Layout::Numerator,
        LayoutWord::Denominator => Layout::Denominator,
    });
    Ok(request)
}

fn explain(args: &ExplainArgs) -> Result<Request, Usage> {
    let mut request = derivative(common(Verb::Explain, &args.common)?, &args.wrt);
    request.along = direction(args.along.as_ref())?;
    request.definition = args.limit_definition;
    Ok(request)
}

fn check(args: &CheckArgs) -> Result<Request, Usage> {
    let mut request = formed(derivative(common(Verb::Check, &args.common)?, &args.wrt), &args.form)?;
    request.claimed = Some(Claimed::Formula(formula(&args.claimed)));
    Ok(request)
}

fn plot(args: &PlotArgs, screen: &Screen) -> Result<Request, Usage> {
    let mut request = viewed(common(Verb::Plot, &args.common)?, &args.view);
    request.wrt = names(&args.wrt);
    request.order = args.order;
    request.width = args.width;
    request.height = args.height;
    request.scene = args.kind.map(|kind| match kind {
        SceneWord::Curve => Scene::Curve,
        SceneWord::Surface => Scene::Surface,
        SceneWord::Contour => Scene::Contour,
        SceneWord::Field => Scene::Field,
    });
    match args.out.as_deref() {
        Some("-") => {}
        Some(file) => request.out = Some(file.to_string()),
        None => on_screen(&mut request, screen),
    }
    Ok(request)
}

fn compile(args: &CompileArgs) -> Result<Request, Usage> {
    let mut request = common(Verb::Compile, &args.common)?;
    request.wrt = names(&args.wrt);
    request.order = args.order;
    request.language = args.to.clone();
    request.fast = args.fast;
    request.name = args.name.clone();
    request.out = args.out.clone().filter(|file| file != "-");
    Ok(request)
}

fn taylor(args: &TaylorArgs) -> Result<Request, Usage> {
    let mut request = common(Verb::Taylor, &args.common)?;
    request.var = args.var.as_deref().map(|name| name.trim().to_string());
    request.point = value(args.point.as_ref());
    request.order = args.order;
    Ok(request)
}

/// The request of `eval`; with a table it is the one for every row.
pub fn eval(args: &EvalArgs) -> Result<Request, Usage> {
    let formula_is_read = matches!(args.common.expr.as_deref(), None | Some("-"));
    if formula_is_read && args.csv.as_deref() == Some("-") {
        return wrong(
            "the table and the formula cannot both be standard input",
            "write: agnesi eval --csv - \"x^2\"",
        );
    }
    common(Verb::Eval, &args.common)
}

fn plain(verb: Verb, args: &PlainArgs) -> Result<Request, Usage> {
    common(verb, &args.common)
}

/// The first word is the formula; the session answers that the verb is to come, whatever the others say.
fn later(verb: Verb, args: &LaterArgs) -> Request {
    Request::new(verb, args.words.first().map_or(String::new(), |word| formula(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(texts: &[&str]) -> String {
        let texts: Vec<String> = texts.iter().map(|t| t.to_string()).collect();
        match points(&texts) {
            Ok(at) => at.iter().map(|(name, value)| format!("{name}:{value:?};")).collect(),
            Err(Usage::Wrong(message, _)) => message,
            Err(Usage::Failed(failure)) => failure.message,
        }
    }

    #[test]
    fn points_are_numbers_formulas_and_arrays() {
        assert_eq!(point(&["w=0.62"]), "w:Number(Number(0.62));");
        assert_eq!(point(&["x=2, y = 1/3"]), "x:Number(Number(2.0));y:Text(\"1/3\");");
        assert_eq!(point(&["x=max(1,2)", "y=-1e-3"]), "x:Text(\"max(1,2)\");y:Number(Number(-0.001));");
        assert_eq!(point(&["v=[1,2]"]), "v:Array([Number(Number(1.0)), Number(Number(2.0))]);");
        assert_eq!(point(&["w=inf"]), "w:Text(\"inf\");");
        assert_eq!(point(&["0.62"]), "`--at 0.62` does not say of which variable");
        assert_eq!(point(&["x=1", "x=2"]), "`--at` gives x twice");
        assert_eq!(point(&["x="]), "`--at x=` is not NAME=VALUE");
    }

    #[test]
    fn directions_may_stand_in_brackets() {
        for text in ["2,3,-1", "(2, 3, -1)", "[2,3,-1]", " 2,3,-1"] {
            let entries = direction(Some(&text.to_string())).expect("a direction");
            assert_eq!(entries, [Given::from(2.0), Given::from(3.0), Given::from(-1.0)], "{text}");
        }
        assert!(direction(Some(&"2,,1".to_string())).is_err());
    }
}
