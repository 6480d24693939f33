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
        "d" => {
            (0..19).map(|i| format!("100*(x_{}-x_{i}^2)^2+(1-x_{i})^2", i + 1)).collect::<Vec<_>>().join("+")
        }
        _ => format!("{}x{}", "f(".repeat(30), ")".repeat(30)),
    };
    let variables: Vec<String> = (0..20).map(|i| format!("x_{i}")).chain(["x".to_string()]).collect();
    for _ in 0..n {
        let mut g = Graph::new();
        let parsed = agnesi_syntax::parse_expression(&text, &scope);
        let settled = settle(&parsed.tree, parsed.root, &scope).expect("settles");
        let node = g.build(&settled.tree, settled.root, &[]).expect("builds");
        if which == "build" {
            continue;
        }
        let (mut differentiator, mut simplifier) = (Differentiator::default(), Simplifier::default());
        for x in variables.iter().filter_map(|name| g.find_symbol(name)).collect::<Vec<_>>() {
            let d = differentiator.derivative(&mut g, node, x).expect("has one");
            simplifier.simplify(&mut g, d);
        }
    }
}
