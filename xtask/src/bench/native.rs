//! Compiled programs: the gradient of Rosenbrock's function against a loop written by hand, and what compiling costs.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_engine::ir::{Program, parse};
use agnesi_engine::lowering::{lower, multiply_add};
use agnesi_engine::native::{Compiled, Effort};
use agnesi_graph::{Graph, Scope};

use super::engine::limits;
use super::{in_release, least, time};

/// Times all sizes and prints how they lie to the limit. Fails where a result is wrong.
pub fn native(_: &Path, words: &[&str]) -> Result<(), String> {
    let smoke = words.contains(&"--smoke");
    if in_release("native", words)? {
        return Ok(());
    }
    let budget = Duration::from_millis(if smoke { 0 } else { 200 });
    println!(
        "{:<22}{:>10}{:>10}{:>8}{:>12}{:>12}",
        "Rosenbrock, gradient", "ours", "limit", "ratio", "compiled", "quick"
    );
    for n in [10, 100, 1000] {
        let mut program = rosenbrock(n)?;
        multiply_add(&mut program);
        if words.contains(&"--show") {
            println!("{program}");
        }
        let begun = Instant::now();
        let mut compiled = Compiled::new(&program).map_err(|error| error.to_string())?;
        let whole = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        Compiled::with_effort(&program, Effort::Quick).map_err(|error| error.to_string())?;
        let quick = begun.elapsed().as_secs_f64();
        let x: Vec<f64> = (0..n).map(|i| 0.5 + (i % 7) as f64 / 5.0).collect();
        let (mut found, mut wanted) = (vec![0.0; n], vec![0.0; n]);
        compiled.call(&x, &mut found).map_err(|error| error.to_string())?;
        limits::rosenbrock(&x, &mut wanted);
        if found.iter().zip(&wanted).any(|(a, b)| (a - b).abs() > 1e-9) {
            return Err(format!("n = {n}: {found:?} is not {wanted:?}"));
        }
        let ours = least(budget, || {
            let _ = black_box(compiled.call(black_box(&x), black_box(&mut found)));
        });
        let best = least(budget, || {
            black_box(limits::rosenbrock(black_box(&x), black_box(&mut wanted)));
        });
        println!(
            "{:<22}{:>7.1} ns{:>7.1} ns{:>8.2}{:>12}{:>12}",
            format!("n = {n}"),
            ours * 1e9,
            best * 1e9,
            ours / best,
            time(whole),
            time(quick)
        );
    }
    println!("\n{:<22}{:>12}{:>12}", "text to first value", "optimised", "quick");
    for count in [20, 200, 2000, 20000] {
        let text = scalar(count);
        let mut times = Vec::new();
        for effort in [Effort::Optimised, Effort::Quick] {
            let begun = Instant::now();
            let program = parse(&text).map_err(|error| error.to_string())?;
            let mut compiled = Compiled::with_effort(&program, effort).map_err(|error| error.to_string())?;
            let mut y = [0.0];
            compiled.call(&[0.5, 0.25], &mut y).map_err(|error| error.to_string())?;
            times.push(begun.elapsed().as_secs_f64());
        }
        println!("{:<22}{:>12}{:>12}", format!("{count} operations"), time(times[0]), time(times[1]));
    }
    Ok(())
}

/// The gradient, from its text.
fn rosenbrock(n: usize) -> Result<Program, String> {
    let text = "sum(i in 1..n-1, (1-x[i])^2 + 100*(x[i+1]-x[i]^2)^2)";
    let mut scope = Scope::new();
    scope.read("x: vector(n)").map_err(|errors| format!("{errors:?}"))?;
    let parsed = agnesi_syntax::parse_expression(text, &scope);
    let mut graph = Graph::new();
    let read =
        graph.read_shaped(&parsed.tree, parsed.root, &scope).map_err(|errors| format!("{errors:?}"))?;
    let mut symbol = |name| {
        let node = graph.declare_from(&scope, name).map_err(|error| error.message)?;
        graph.as_symbol(node).ok_or_else(|| "not a variable".to_string())
    };
    let (x, size) = (symbol("x")?, symbol("n")?);
    let gradient = tensor_derivative(&mut graph, &mut TensorSimplifier::default(), read.node, x);
    let gradient = gradient.map_err(|error| error.to_string())?;
    lower(&graph, &[("x".into(), x)], &[(size, n)], &[("g".into(), gradient)])
        .map_err(|error| error.to_string())
}

/// A program of so many operations on two numbers.
fn scalar(count: usize) -> String {
    let mut text = "t0: 2\nt1:\nin x t0\nfor\n  %0 = t0[0]\n  %1 = t0[1]\n".to_string();
    for at in 2..count + 2 {
        let (a, b) = (at - 1, (at * 7919) % at);
        let op = ["add", "sub", "mul"][at % 3];
        let _ = writeln!(text, "  %{at} = {op} %{a} %{b}");
    }
    let _ = write!(text, "  t1[0] = %{}\nend\nout y t1\n", count + 1);
    text
}
