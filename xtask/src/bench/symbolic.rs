//! How long differentiation takes, from text to the simplified derivative, against peers where they are installed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use agnesi::Session;
use agnesi::protocol::{Outcome, Request, Verb};
use agnesi_calculus::{Differentiator, HigherOrder, Simplifier};
use agnesi_graph::{Graph, NodeId, Operators, Scope, SymbolId, settle};

use super::{in_release, least, peers, time};

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
        crate::cargo(&["build", "--quiet", "--release", "--package", "agnesi-cli"], &[])?;
    }
    if in_release("symbolic", words)? {
        return Ok(());
    }
    let budget = Duration::from_millis(if smoke { 20 } else { 1000 });
    let wave = Request { wrt: vec!["w".to_string()], ..Request::new(Verb::Diff, "sin(4w) + 0.1w^2") };
    let first = |way: &mut Way| way.derivative(1);
    let mut cases = vec![
        Case {
            target: Some(10e-6),
            peers: Some("wave"),
            ..derived("sin(4w) + 0.1w^2, text to derivative", budget, "sin(4w) + 0.1w^2", first)?
        },
        answered("the same, as an answer with LaTeX", budget, &wave)?,
        Case {
            target: Some(100e-6),
            peers: Some("nested"),
            ..derived("f(f(...)), 30 deep", budget, &nested(), first)?
        },
        Case {
            target: Some(1e-3),
            peers: Some("product"),
            ..derived("fourth derivative of a product of 12", budget, PRODUCT, |way| way.derivative(4))?
        },
        Case {
            target: Some(0.3e-3),
            peers: Some("rosenbrock"),
            ..derived("gradient and Hessian of Rosenbrock in 20", budget, &valley(), Way::curvature)?
        },
        parsing(budget),
    ];
    if !smoke {
        cases.push(process(root)?);
    }
    let peers = if smoke { BTreeMap::new() } else { peers(root, "symbolic.py") };
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

const PRODUCT: &str =
    "sin(x)*cos(x)*exp(x)*log(x)*tan(x)*sinh(x)*cosh(x)*tanh(x)*atan(x)*sqrt(x)*(x^3+1)/(1+x)";

/// f(f(... f(x))), 30 deep.
fn nested() -> String {
    format!("{}x{}", "f(".repeat(30), ")".repeat(30))
}

/// The Rosenbrock function of 20 variables.
fn valley() -> String {
    let term = |i: usize| format!("100*(x{} - x{i}^2)^2 + (1 - x{i})^2", i + 1);
    (1..20).map(term).collect::<Vec<_>>().join(" + ")
}

/// One request in a warm session, with everything that an answer says: formula, LaTeX, conditions.
fn answered(title: &'static str, budget: Duration, request: &Request) -> Result<Case, String> {
    let mut session = Session::new();
    if let Outcome::Failed(failure) = session.answer(request).outcome {
        return Err(format!("{title}: {}", failure.message));
    }
    let seconds = least(budget, || {
        black_box(session.answer(black_box(request)));
    });
    Ok(Case { title, target: None, peers: None, seconds })
}

/// The way from text to the simplified derivative, in a scope that is warm.
fn derived(
    title: &'static str,
    budget: Duration,
    text: &str,
    work: impl Fn(&mut Way) -> Result<(), String>,
) -> Result<Case, String> {
    let mut scope = Scope::new();
    scope.read("f(x) = sin(x)*exp(x) + x^2").map_err(|errors| format!("{errors:?}"))?;
    Way::new(text, &scope)
        .and_then(|mut way| work(&mut way))
        .map_err(|reason| format!("{title}: {reason}"))?;
    let seconds = least(budget, || {
        let mut way = Way::new(black_box(text), &scope);
        let done = way.as_mut().map(&work);
        let _ = black_box(done);
    });
    Ok(Case { title, target: None, peers: None, seconds })
}

/// A formula on its way from text to derivatives.
struct Way {
    graph: Graph,
    formula: NodeId,
    inputs: Vec<SymbolId>,
    tools: Tools,
}

#[derive(Default)]
struct Tools {
    differentiator: Differentiator,
    simplifier: Simplifier,
}

impl Operators for Tools {
    fn derivative(&mut self, graph: &mut Graph, body: NodeId, variable: SymbolId) -> Result<NodeId, String> {
        let Tools { differentiator, simplifier } = self;
        differentiator.simplified(simplifier, graph, body, variable).map_err(|reason| reason.to_string())
    }
}

impl Way {
    fn new(text: &str, scope: &Scope) -> Result<Way, String> {
        let parsed = agnesi_syntax::parse_expression(text, scope);
        if parsed.has_errors() {
            return Err(format!("{:?}", parsed.diagnostics));
        }
        let settled = settle(&parsed.tree, parsed.root, scope).map_err(|errors| format!("{errors:?}"))?;
        let mut graph = Graph::new();
        let inputs = settled.inputs.iter().map(|name| graph.symbol(name)).collect::<Vec<_>>();
        let inputs = inputs.into_iter().filter_map(|node| graph.as_symbol(node)).collect();
        let mut tools = Tools::default();
        let made = graph.elaborate(&settled.tree, settled.root, &mut tools).map_err(|error| error.message)?;
        let formula = *made.components.first().ok_or("no formula")?;
        Ok(Way { graph, formula, inputs, tools })
    }

    /// The derivative of this order in the first variable.
    fn derivative(&mut self, order: u32) -> Result<(), String> {
        let x = self.inputs[0];
        if order == 1 {
            black_box(self.tools.derivative(&mut self.graph, self.formula, x)?);
            return Ok(());
        }
        let Tools { differentiator, simplifier } = &mut self.tools;
        let mut higher = HigherOrder::new(differentiator, simplifier, usize::MAX);
        let found = higher.derivative(&mut self.graph, self.formula, x, order);
        black_box(found.map_err(|reason| reason.to_string())?);
        Ok(())
    }

    /// All first derivatives, and the second derivatives that are not zero by their variables.
    fn curvature(&mut self) -> Result<(), String> {
        for (i, &x) in self.inputs.clone().iter().enumerate() {
            let slope = self.tools.derivative(&mut self.graph, self.formula, x)?;
            for &y in &self.inputs.clone()[i..] {
                if self.graph.may_contain(slope, y) {
                    black_box(self.tools.derivative(&mut self.graph, slope, y)?);
                }
            }
        }
        Ok(())
    }
}

/// Parsing, as the time for 50 MB.
fn parsing(budget: Duration) -> Case {
    let line = "f(x, y) = sin(4x)*exp(-y^2/2) + 0.1x^2 - (x + y)/(1 + sqrt(x^2 + y^2))\n";
    let text = line.repeat(1 + (1 << 18) / line.len());
    let seconds = least(budget, || {
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
    Ok(Case {
        title: "agnesi diff as a process",
        target: Some(10e-3),
        peers: None,
        seconds: times.into_iter().fold(f64::INFINITY, f64::min),
    })
}
