//! Prints how a text is read: `cargo run -p agnesi-syntax --example show -- "sin 2x cos x"`.

use agnesi_syntax::{NameKind, parse, print};

fn names(name: &str) -> NameKind {
    match name {
        "sin" | "cos" | "tan" | "exp" | "log" | "ln" | "sqrt" | "abs" | "sigmoid" => NameKind::Function,
        "e" | "pi" | "inf" => NameKind::Scalar,
        _ => NameKind::Unknown,
    }
}

fn main() {
    for text in std::env::args().skip(1) {
        let parsed = parse(&text, &names);
        for &id in &parsed.statements {
            println!("{}", print::text(&parsed.tree, id));
            if std::env::var_os("ALL").is_some() {
                let options = print::Options::default();
                println!("  {}", print::latex(&parsed.tree, id, &options).text);
                println!("  {}", print::typst(&parsed.tree, id, &options).text);
                println!("  {}", print::mathml(&parsed.tree, id, &options).text);
            }
        }
        for diagnostic in &parsed.diagnostics {
            println!("{}\n", agnesi_syntax::render(diagnostic, &text, "text", false));
        }
    }
}
