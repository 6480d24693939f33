//! How long differentiation takes, from text to the simplified derivative, against peers where they are installed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use agnesi::Session;
use agnesi::protocol::{Answerer, Form, Outcome, Request, Verb};

/// What is timed, how long it may take, and the case of the peers' script.
struct Case {
    title: &'static str,
    target: Option<f64>,
    peers: Option<&'static str>,
    seconds: f64,
}

/// Times all cases and prints a table. Fails where an answer is a failure.
pub fn symbolic(root: &Path, words: &[&str]) -> Result<(), String> {
    let smoke = words.contains(&"--smoke");
    if cfg!(debug_assertions) && !smoke {
        let mut all = vec!["run", "--quiet", "--release", "--package", "xtask", "--", "bench", "symbolic"];
        all.extend(words);
        crate::cargo(&["build", "--quiet", "--release", "--package", "agnesi-cli"], &[])?;
        return crate::cargo(&all, &[]);
    }
    let budget = Duration::from_millis(if smoke { 20 } else { 1000 });
    let mut cases = vec![
        Case {
            target: Some(10e-6),
            peers: Some("wave"),
            ..timed("sin(4w) + 0.1w^2, text to derivative", budget, &wave())?
        },
        Case {
            target: Some(1e-3),
            peers: Some("product"),
            ..timed("fourth derivative of a product of 12", budget, &product())?
        },
        Case { target: Some(0.3e-3), peers: Some("rosenbrock"), ..rosenbrock(budget)? },
        parsing(budget),
    ];
    if !smoke {
        cases.push(process(root)?);
    }
    let peers = if smoke { BTreeMap::new() } else { peers(root) };
    println!("{:<44}{:>12}{:>12}   peers (ratio to ours)", "", "ours", "target");
    for case in &cases {
        let target = case.target.map_or(String::new(), time);
        let others = case.peers.and_then(|key| peers.get(key)).map_or(String::new(), |others| {
            let one = |(peer, seconds): &(String, f64)| {
                format!("{peer} {} ({:.1}x)", time(*seconds), seconds / case.seconds)
            };
            others.iter().map(one).collect::<Vec<_>>().join(", ")
        });
        println!("{:<44}{:>12}{:>12}   {others}", case.title, time(case.seconds), target);
    }
    if peers.is_empty() && !smoke {
        println!("(no peers: install sympy, symengine, symbolica or casadi for Python to compare)");
    }
    Ok(())
}

fn wave() -> Request {
    Request { wrt: vec!["w".to_string()], ..Request::new(Verb::Diff, "sin(4w) + 0.1w^2") }
}

fn product() -> Request {
    let text = "sin(x)*cos(x)*exp(x)*log(x)*tan(x)*sinh(x)*cosh(x)*tanh(x)*atan(x)*sqrt(x)*(x^3+1)/(1+x)";
    Request { wrt: vec!["x".to_string()], order: Some(4), ..Request::new(Verb::Diff, text) }
}

fn valley(form: Form) -> Request {
    let term = |i: usize| format!("100*(x{} - x{i}^2)^2 + (1 - x{i})^2", i + 1);
    let text = (1..20).map(term).collect::<Vec<_>>().join(" + ");
    Request {
        wrt: (1..=20).map(|i| format!("x{i}")).collect(),
        form: Some(form),
        ..Request::new(Verb::Diff, text)
    }
}

/// One request in a warm session.
fn timed(title: &'static str, budget: Duration, request: &Request) -> Result<Case, String> {
    let mut session = Session::new();
    if let Outcome::Failed(failure) = session.answer(request).outcome {
        return Err(format!("{title}: {}", failure.message));
    }
    let seconds = median(budget, || {
        black_box(session.answer(black_box(request)));
    });
    Ok(Case { title, target: None, peers: None, seconds })
}

fn rosenbrock(budget: Duration) -> Result<Case, String> {
    let gradient = timed("gradient", budget, &valley(Form::Gradient))?;
    let hessian = timed("Hessian", budget, &valley(Form::Hessian))?;
    let title = "gradient and Hessian of Rosenbrock in 20";
    Ok(Case { title, target: None, peers: None, seconds: gradient.seconds + hessian.seconds })
}

/// Parsing, as the time for 50 MB.
fn parsing(budget: Duration) -> Case {
    let line = "f(x, y) = sin(4x)*exp(-y^2/2) + 0.1x^2 - (x + y)/(1 + sqrt(x^2 + y^2))\n";
    let text = line.repeat(1 + (1 << 18) / line.len());
    let seconds = median(budget, || {
        black_box(agnesi_syntax::parse(black_box(&text), &agnesi_syntax::NoNames));
    });
    let whole = seconds * 50e6 / text.len() as f64;
    Case { title: "parsing 50 MB", target: Some(1.0), peers: None, seconds: whole }
}

/// The program itself, from start to end.
fn process(root: &Path) -> Result<Case, String> {
    let program = root.join("target/release/agnesi");
    let mut times = Vec::new();
    for _ in 0..30 {
        let begun = Instant::now();
        let status = Command::new(&program)
            .args(["diff", "sin(4w) + 0.1w^2", "--at", "w=0.62"])
            .stdout(Stdio::null())
            .status()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        times.push(begun.elapsed().as_secs_f64());
        if !status.success() {
            return Err(format!("{} failed", program.display()));
        }
    }
    Ok(Case { title: "agnesi diff as a process", target: Some(10e-3), peers: None, seconds: middle(times) })
}

/// The median of at least five runs, each of at least a millisecond.
fn median(budget: Duration, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    work();
    let once = begun.elapsed().as_secs_f64().max(1e-9);
    let repeat = ((1e-3 / once) as usize).max(1);
    let mut times = Vec::new();
    while times.len() < 5 || begun.elapsed() < budget {
        let start = Instant::now();
        for _ in 0..repeat {
            work();
        }
        times.push(start.elapsed().as_secs_f64() / repeat as f64);
    }
    middle(times)
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} us", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// The peers' times by case, where there is a Python that has any of them.
fn peers(root: &Path) -> BTreeMap<String, Vec<(String, f64)>> {
    let mut out: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    let script = root.join("benches/peers/symbolic.py");
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let Ok(ran) = Command::new(python).arg(script).stderr(Stdio::inherit()).output() else { return out };
    for line in String::from_utf8_lossy(&ran.stdout).lines() {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        if let (Some(case), Some(peer), Some(seconds)) =
            (value["case"].as_str(), value["peer"].as_str(), value["seconds"].as_f64())
        {
            out.entry(case.to_string()).or_default().push((peer.to_string(), seconds));
        }
    }
    out
}
