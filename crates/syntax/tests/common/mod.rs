//! What the tests share.

use agnesi_syntax::{NameKind, print};

/// Names as a session has them: the table's functions, the constants, a few values and arrays.
pub fn names(name: &str) -> NameKind {
    match name {
        "sin" | "cos" | "tan" | "exp" | "log" | "ln" | "sqrt" | "abs" | "norm2" | "sigmoid" | "relu" | "gamma"
        | "beta" | "integral" | "limit" | "taylor" | "grad" | "asin" | "sum" | "det" | "tanh" => NameKind::Function,
        "e" | "pi" | "inf" | "s" => NameKind::Scalar,
        "A" | "B" | "X" | "v" => NameKind::Tensor,
        _ => NameKind::Unknown,
    }
}

/// The statements of a text, each in its canonical text, then the diagnostics, one a line.
pub fn read(text: &str) -> String {
    let parsed = agnesi_syntax::parse(text, &names);
    let mut out = Vec::new();
    for &id in &parsed.statements {
        out.push(print::text(&parsed.tree, id));
    }
    for diagnostic in &parsed.diagnostics {
        let severity = if diagnostic.is_error() { "error" } else { "note" };
        let hint = diagnostic.hint.as_deref().unwrap_or("");
        out.push(format!("{severity}: {} | {hint}", diagnostic.message));
    }
    out.join("\n")
}
