//! Runs one case of the symbolic benchmark again and again, for a profiler.

use agnesi_calculus::{Differentiator, Simplifier};
use agnesi_graph::{Graph, Scope, settle};

fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let n: usize = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut scope = Scope::new();
    scope.read("f(x) = sin(x)*exp(x) + x^2").expect("a definition");
    let text = match which.as_str() {
        "a" => "sin(4x)+0.1x^2".to_string(),
        _ => format!("{}x{}", "f(".repeat(30), ")".repeat(30)),
    };
    for _ in 0..n {
        let mut g = Graph::new();
        let parsed = agnesi_syntax::parse_expression(&text, &scope);
        let settled = settle(&parsed.tree, parsed.root, &scope).expect("settles");
        let node = g.build(&settled.tree, settled.root, &[]).expect("builds");
        if which == "build" {
            continue;
        }
        let x = g.find_symbol("x").expect("a variable");
        let d = Differentiator::default().derivative(&mut g, node, x).expect("has one");
        Simplifier::default().simplify(&mut g, d);
    }
}
