//! How long settling takes, in a warm process.

use agnesi_graph::{Scope, settle};
use agnesi_syntax::parse_expression;

fn main() {
    let mut scope = Scope::new();
    let _ = scope.read("f(x) = sin(x)*exp(x) + x^2");
    let nested = format!("{}x{}", "f(".repeat(30), ")".repeat(30));
    for text in ["sin(4w) + 0.1w^2", "x^2 + y^3", nested.as_str()] {
        let parsed = parse_expression(text, &scope);
        let start = std::time::Instant::now();
        for _ in 0..200_000 {
            std::hint::black_box(settle(&parsed.tree, parsed.root, &scope)).ok();
        }
        println!("{:?}  {}", start.elapsed() / 200_000, &text[..text.len().min(40)]);
    }
}
