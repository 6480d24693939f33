//! How fast text is read: `cargo run --release -p agnesi-syntax --example parse_speed`.

use std::hint::black_box;
use std::time::Instant;

use agnesi_syntax::{Limits, NameKind, parse_within};

fn names(name: &str) -> NameKind {
    match name {
        "sin" | "cos" | "tan" | "exp" | "log" | "sqrt" | "atan" | "sigmoid" => NameKind::Function,
        "e" | "pi" => NameKind::Scalar,
        _ => NameKind::Unknown,
    }
}

const FORMULAS: [&str; 8] = [
    "sin(4w) + 0.1w^2",
    "1/2/(2+x^2)+1/3*log(1-x)+1/3*log(2+x^2)-1/3*atan(x/sqrt(2))/sqrt(2)",
    "(exp(4*x*exp(-x)/(1/exp(x)+1/exp(2*x^2/(x+1))))-exp(x))/exp(x)^4",
    "sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
    "a'*(A*X*(X'*B+X*A)+B'*X'*(a*b'*(X*D*X'+X*(X'*B+A*X)*D*B-X'*C'*A)*B+B*(X*D'+B*A*X*A'-3*X*D))*B)*b",
    "loss = -mean(i in 1..n, logsoftmax(W2*relu(W1*x[i,:] + b1) + b2)[label[i]])",
    "if x > 0 then sqrt(x) else -sqrt(-x)",
    "2 sin 2x cos x + 3.25e-3 alpha beta gamma",
];

fn main() {
    let limits = Limits { bytes: 64 << 20, ..Limits::default() };
    let block = FORMULAS.join("\n") + "\n";
    let file = block.repeat((1 << 20) / block.len());
    measure("one formula of 16 bytes", FORMULAS[0], 200_000, limits);
    measure("eight lines", &block, 40_000, limits);
    measure("a file of 1 MB", &file, 40, limits);
}

fn measure(what: &str, text: &str, times: usize, limits: Limits) {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..times {
            black_box(parse_within(black_box(text), &names, limits));
        }
        best = best.min(start.elapsed().as_secs_f64() / times as f64);
    }
    let parsed = parse_within(text, &names, limits);
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    println!(
        "{what}: {:.2} us, {:.1} MB/s, {} nodes",
        best * 1e6,
        text.len() as f64 / best / 1e6,
        parsed.tree.len()
    );
}
