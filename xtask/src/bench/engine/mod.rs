//! Formulas as numbers: calls, batches, Hessians, a network, beside hand-written code and peers.

pub(super) mod limits;
mod training;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use agnesi::{Function, Session};

use super::{in_release, least, peers, time};

/// One line of the table.
struct Row {
    work: &'static str,
    size: String,
    ours: f64,
    /// The same written by hand in Rust, for this machine's instructions.
    by_hand: Option<f64>,
}

/// How long each measurement runs, and whether sizes are small.
#[derive(Clone, Copy)]
struct Effort {
    budget: Duration,
    smoke: bool,
}

type Group = fn(&Path, Effort, &mut Vec<Row>) -> Result<(), String>;

/// Times all cases, or those of one group, and prints them beside what hand-written code and peers take.
pub fn engine(root: &Path, words: &[&str]) -> Result<(), String> {
    let smoke = words.contains(&"--smoke");
    if in_release("engine", words)? {
        return Ok(());
    }
    let wanted = words.iter().find(|word| !word.starts_with("--"));
    let effort = Effort { budget: Duration::from_millis(if smoke { 0 } else { 300 }), smoke };
    let mut rows = Vec::new();
    let groups: [(&str, Group, &str); 4] = [
        ("calls", calls, "engine.py"),
        ("batches", batches, "engine.py"),
        ("hessians", hessians, "engine.py"),
        ("training", training::training, "training.py"),
    ];
    if let Some(wanted) = wanted
        && groups.iter().all(|(name, ..)| name != wanted)
    {
        return Err(format!("`{wanted}` is no group: they are calls, batches, hessians and training"));
    }
    let mut scripts = Vec::new();
    for (_, group, script) in groups.iter().filter(|(name, ..)| wanted.is_none_or(|wanted| wanted == name)) {
        group(root, effort, &mut rows)?;
        if !smoke && !scripts.contains(script) {
            scripts.push(*script);
        }
    }
    let others: BTreeMap<_, _> = scripts.into_iter().flat_map(|script| peers(root, script)).collect();
    println!(
        "{:<30}{:>16}{:>11}{:>11}{:>7}  peers (times ours)",
        "work", "size", "Agnesi", "by hand", "ratio"
    );
    for row in &rows {
        let by_hand = row.by_hand.map_or_else(|| "-".to_string(), time);
        let ratio = row.by_hand.map_or_else(|| "-".to_string(), |limit| format!("{:.1}", row.ours / limit));
        print!("{:<30}{:>16}{:>11}{by_hand:>11}{ratio:>7}", row.work, row.size, time(row.ours));
        for (peer, seconds) in others.get(&format!("{} {}", row.work, row.size)).into_iter().flatten() {
            print!("  {peer} {} ({:.1})", time(*seconds), seconds / row.ours);
        }
        println!();
    }
    if !smoke && others.is_empty() {
        println!("\n(no peers: install numpy, jax, casadi or torch for Python to compare)");
    }
    Ok(())
}

fn compile(formula: &str, arguments: &[&str], given: &[(&str, &[f64])]) -> Result<Function, String> {
    let declared: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    let mut f = Session::new()
        .compile_given(formula, arguments, &declared)
        .map_err(|error| format!("{formula}: {error}"))?;
    // One processor, as for the peers.
    f.set_threads(1).map_err(|error| error.to_string())?;
    for (declared, numbers) in given {
        let name = declared.split(':').next().unwrap_or_default();
        f.give(name, numbers).map_err(|error| error.to_string())?;
    }
    Ok(f)
}

fn rosenbrock(n: usize) -> Result<Function, String> {
    let formula = format!("sum(i in 1..{}, (1 - x[i])^2 + 100*(x[i+1] - x[i]^2)^2)", n - 1);
    compile(&formula, &[&format!("x: vector({n})")], &[])
}

agnesi_macro::function! { rosenbrock_10(x: vector(10)) = sum(i in 1..9, (1 - x[i])^2 + 100*(x[i+1] - x[i]^2)^2) }

/// One call after the other, and from a text to the first gradient.
fn calls(_: &Path, effort: Effort, rows: &mut Vec<Row>) -> Result<(), String> {
    let point = |n: usize| -> Vec<f64> { (0..n).map(|i| 0.1 + 0.01 * (i % 7) as f64).collect() };
    for n in [2, 10, 100, 1000] {
        let f = rosenbrock(n)?;
        let x = point(n);
        let (mut gradient, mut written) = (vec![0.0; n], vec![0.0; n]);
        f.gradient_into(&x, &mut gradient).map_err(|error| error.to_string())?;
        limits::rosenbrock(&x, &mut written);
        close(&gradient, &written)?;
        let ours = least(effort.budget, || {
            let _ = black_box(f.gradient_into(black_box(&x), black_box(&mut gradient)));
        });
        let by_hand = least(effort.budget, || {
            black_box(limits::rosenbrock(black_box(&x), black_box(&mut written)));
        });
        let by_hand = Some(by_hand);
        rows.push(Row { work: "gradient of Rosenbrock", size: format!("n={n}"), ours, by_hand });
        let f = f.native();
        f.gradient_into(&x, &mut gradient).map_err(|error| error.to_string())?;
        close(&gradient, &written)?;
        let ours = least(effort.budget, || {
            let _ = black_box(f.gradient_into(black_box(&x), black_box(&mut gradient)));
        });
        rows.push(Row { work: "the same as machine code", size: format!("n={n}"), ours, by_hand });
    }
    let x: [f64; 10] = std::array::from_fn(|i| 0.1 + 0.01 * (i % 7) as f64);
    let mut written = [0.0; 10];
    limits::rosenbrock(&x, &mut written);
    close(&rosenbrock_10::gradient(&x), &written)?;
    let ours = least(effort.budget, || {
        black_box(rosenbrock_10::value_and_gradient(black_box(&x)));
    });
    let by_hand = least(effort.budget, || {
        black_box(limits::rosenbrock(black_box(&x), black_box(&mut written)));
    });
    let size = "n=10".to_string();
    rows.push(Row { work: "the same by function!", size, ours, by_hand: Some(by_hand) });
    for n in [2, 10] {
        let x = point(n);
        let mut gradient = vec![0.0; n];
        let ours = least(effort.budget, || {
            if let Ok(f) = rosenbrock(black_box(n)) {
                let _ = black_box(f.gradient_into(&x, &mut gradient));
            }
        });
        rows.push(Row { work: "text to first gradient", size: format!("n={n}"), ours, by_hand: None });
    }
    Ok(())
}

const LIGHT: &str = "sin(4*w) + 0.1*w^2";
const HEAVY: &str = "exp(-w^2/2)*log(1 + w^2) + tanh(w - sin(3*w)/2)/sqrt(2 + cos(3*w)) + (w^3 - 2*w)/(1 + w^2)^2 \
                     + w*exp(-w^2/2)*cos(3*w)";

/// A function and its derivative at many points, into arrays that are there and into new ones.
fn batches(_: &Path, effort: Effort, rows: &mut Vec<Row>) -> Result<(), String> {
    let n = if effort.smoke { 10_000 } else { 10_000_000 };
    let w: Vec<f64> = (0..n).map(|i| -3.0 + 6.0 * i as f64 / n as f64).collect();
    for (work, formula, fast) in [
        ("f, f' of sin(4w) + 0.1w^2", LIGHT, false),
        ("f, f' of 20 operations", HEAVY, false),
        ("the same, fast", HEAVY, true),
    ] {
        let f = compile(formula, &["w"], &[])?;
        let mut f = if fast { f.fast() } else { f };
        f.set_threads(1).map_err(|error| error.to_string())?;
        let (mut values, mut slopes) = (vec![0.0; n], vec![0.0; n]);
        let run = |values: &mut [f64], slopes: &mut [f64]| {
            f.batch_with_gradient(&[&w], values, &mut [slopes]).map_err(|error| error.to_string())
        };
        run(&mut values, &mut slopes)?;
        let ours = least(effort.budget, || {
            let _ = run(black_box(&mut values), black_box(&mut slopes));
        });
        let by_hand = (formula == LIGHT).then(|| {
            let (mut values, mut slopes) = (vec![0.0; n], vec![0.0; n]);
            least(effort.budget, || limits::light(&w, black_box(&mut values), black_box(&mut slopes)))
        });
        rows.push(Row { work, size: format!("{n} given"), ours, by_hand });
        let ours = least(effort.budget, || {
            let _ = black_box(f.batch_and_gradient(black_box(&[&w])));
        });
        rows.push(Row { work, size: format!("{n} fresh"), ours, by_hand: None });
    }
    Ok(())
}

/// Hessians of logistic regression and of matrix factorisation.
fn hessians(_: &Path, effort: Effort, rows: &mut Vec<Row>) -> Result<(), String> {
    let wave = |n: usize| -> Vec<f64> { (0..n).map(|i| (0.7 * i as f64).sin()).collect() };
    for n in if effort.smoke { vec![20] } else { vec![50, 200, 800] } {
        let m = 2 * n;
        let (x, w) = (wave(m * n), wave(n));
        let y: Vec<f64> = (0..m).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
        let f = compile(
            "sum(log(1 + exp(-y.*(X*w)))) + w'*w/20",
            &[&format!("w: vector({n})")],
            &[(&format!("X: matrix({m}, {n})"), &x), (&format!("y: vector({m})"), &y)],
        )?;
        let mut hessian = vec![0.0; n * n];
        f.hessian_into(&w, &mut hessian).map_err(|error| error.to_string())?;
        let ours = least(effort.budget, || {
            let _ = black_box(f.hessian_into(&w, black_box(&mut hessian)));
        });
        rows.push(Row { work: "Hessian, logistic regression", size: format!("n={n}"), ours, by_hand: None });
    }
    for n in if effort.smoke { vec![20] } else { vec![20, 1000] } {
        let f = rosenbrock(n)?;
        let x = wave(n);
        let mut values = f.hessian_nonzeros(&x).map_err(|error| error.to_string())?;
        let ours = least(effort.budget, || {
            let _ = black_box(f.hessian_nonzeros_into(&x, black_box(&mut values)));
        });
        rows.push(Row { work: "Hessian of Rosenbrock, sparse", size: format!("n={n}"), ours, by_hand: None });
    }
    let (n, k) = if effort.smoke { (10, 2) } else { (200, 5) };
    let (r, u, v) = (wave(n * n), wave(n * k), wave(n * k));
    let f = compile(
        "normF(R - U*V')^2/2",
        &[&format!("U: matrix({n}, {k})")],
        &[(&format!("R: matrix({n}, {n})"), &r), (&format!("V: matrix({n}, {k})"), &v)],
    )?;
    let mut hessian = vec![0.0; n * k * n * k];
    f.hessian_into(&u, &mut hessian).map_err(|error| error.to_string())?;
    let ours = least(effort.budget, || {
        let _ = black_box(f.hessian_into(&u, black_box(&mut hessian)));
    });
    rows.push(Row {
        work: "Hessian, factorisation, full",
        size: format!("n={n} k={k}"),
        ours,
        by_hand: None,
    });
    let mut values = f.hessian_nonzeros(&u).map_err(|error| error.to_string())?;
    let ours = least(effort.budget, || {
        let _ = black_box(f.hessian_nonzeros_into(&u, black_box(&mut values)));
    });
    rows.push(Row {
        work: "Hessian, factorisation, sparse",
        size: format!("n={n} k={k}"),
        ours,
        by_hand: None,
    });
    Ok(())
}

/// Whether two ways to the same numbers agree.
fn close(a: &[f64], b: &[f64]) -> Result<(), String> {
    let scale = a.iter().fold(1.0f64, |most, x| most.max(x.abs()));
    match a
        .iter()
        .zip(b)
        .position(|(x, y)| (x - y).abs().partial_cmp(&(1e-9 * scale)).is_none_or(|o| o.is_gt()))
    {
        None => Ok(()),
        Some(at) => Err(format!("entry {at} is {} and by hand {}", a[at], b[at])),
    }
}
