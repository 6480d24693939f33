//! Times text to simplified derivative for the four expressions of the symbolic benchmark.

use std::time::Instant;

use agnesi_calculus::{Differentiator, HigherOrder, Simplifier};
use agnesi_graph::{Graph, NodeId, Scope, settle};

fn build(g: &mut Graph, text: &str, scope: &Scope) -> NodeId {
    let parsed = agnesi_syntax::parse_expression(text, scope);
    let settled = settle(&parsed.tree, parsed.root, scope).expect("settles");
    g.build(&settled.tree, settled.root, &[]).expect("builds")
}

/// Prints the best of many short batches: what the work takes on a core that nothing else disturbs.
fn time(name: &str, mut f: impl FnMut() -> usize) {
    let t = Instant::now();
    std::hint::black_box(f());
    let once = t.elapsed().as_secs_f64();
    let batch = (200e-6 / once).ceil().clamp(1.0, 1000.0) as u32;
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_millis() < 300 {
        let t = Instant::now();
        for _ in 0..batch {
            std::hint::black_box(f());
        }
        best = best.min(t.elapsed().as_secs_f64() / batch as f64);
    }
    println!("{name:30} {:10.2} us", best * 1e6);
}

fn main() {
    let scope = Scope::new();
    time("a: parse", || agnesi_syntax::parse_expression("sin(4w)+0.1w^2", &scope).tree.len());
    time("a: parse, settle", || {
        let parsed = agnesi_syntax::parse_expression("sin(4w)+0.1w^2", &scope);
        settle(&parsed.tree, parsed.root, &scope).expect("settles").tree.len()
    });
    time("a: new graph", || Graph::new().len());
    time("a: to graph", || {
        let mut g = Graph::new();
        build(&mut g, "sin(4w)+0.1w^2", &scope).index()
    });
    let derive = |text: &str, scope: &Scope, var: &str| {
        let mut g = Graph::new();
        let node = build(&mut g, text, scope);
        let x = g.find_symbol(var).expect("a variable");
        let d = Differentiator::default().derivative(&mut g, node, x).expect("has one");
        (Simplifier::default().simplify(&mut g, d), g.len())
    };
    time("a: without simplify", || {
        let mut g = Graph::new();
        let node = build(&mut g, "sin(4w)+0.1w^2", &scope);
        let x = g.find_symbol("w").expect("a variable");
        Differentiator::default().derivative(&mut g, node, x).expect("has one").index()
    });
    time("a: sin(4w)+0.1w^2", || derive("sin(4w)+0.1w^2", &scope, "w").1);
    let mut nested = Scope::new();
    nested.read("f(x) = sin(x)*exp(x) + x^2").expect("a definition");
    let text = format!("{}x{}", "f(".repeat(30), ")".repeat(30));
    time("b: nested 30 deep", || derive(&text, &nested, "x").1);
    time("b: to graph", || {
        let mut g = Graph::new();
        build(&mut g, &text, &nested).index()
    });
    println!("   nodes {}", derive(&text, &nested, "x").1);
    let product =
        "sin(x)*cos(x)*exp(x)*log(x)*tan(x)*sinh(x)*cosh(x)*tanh(x)*atan(x)*sqrt(x)*(x^3+1)*(1+x)^-1";
    time("c: 4th derivative of product", || {
        let mut g = Graph::new();
        let node = build(&mut g, product, &scope);
        let x = g.find_symbol("x").expect("a variable");
        let (mut d, mut s) = (Differentiator::default(), Simplifier::default());
        HigherOrder::new(&mut d, &mut s, 1 << 20).derivative(&mut g, node, x, 4).expect("has one");
        g.len()
    });
    let n = 20;
    let rosenbrock: Vec<String> =
        (0..n - 1).map(|i| format!("100*(x_{}-x_{i}^2)^2+(1-x_{i})^2", i + 1)).collect();
    let rosenbrock = rosenbrock.join("+");
    time("d: Rosenbrock to graph", || {
        let mut g = Graph::new();
        build(&mut g, &rosenbrock, &scope).index()
    });
    let run = || {
        let mut g = Graph::new();
        let node = build(&mut g, &rosenbrock, &scope);
        let (mut d, mut s) = (Differentiator::default(), Simplifier::default());
        let x: Vec<_> = (0..n).map(|i| g.find_symbol(&format!("x_{i}")).expect("a variable")).collect();
        let mut entries = 0;
        for i in 0..n {
            let gi = d.derivative(&mut g, node, x[i]).expect("has one");
            let gi = s.simplify(&mut g, gi);
            for xj in &x[i..] {
                if g.may_contain(gi, *xj) {
                    let h = d.derivative(&mut g, gi, *xj).expect("has one");
                    s.simplify(&mut g, h);
                    entries += 1;
                }
            }
        }
        entries
    };
    println!("   entries {}", run());
    time("d: Rosenbrock 20", run);
}
