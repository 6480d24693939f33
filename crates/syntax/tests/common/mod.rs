//! What the tests share.

use agnesi_syntax::{NameKind, print};

/// Names as a session has them: the table's functions, the constants, a few values and arrays.
pub fn names(name: &str) -> NameKind {
    match name {
        "sin" | "cos" | "tan" | "exp" | "log" | "ln" | "sqrt" | "abs" | "norm2" | "sigmoid" | "relu"
        | "gamma" | "beta" | "integral" | "limit" | "taylor" | "grad" | "asin" | "sum" | "det" | "tanh" => {
            NameKind::Function
        }
        "e" | "pi" | "inf" | "s" => NameKind::Scalar,
        "A" | "B" | "X" | "v" => NameKind::Tensor,
        _ => NameKind::Unknown,
    }
}

#[allow(dead_code)]
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

/// Checks that XML is well-formed as far as our printer can break it: tags are closed in order, `&` begins an entity.
#[allow(dead_code)]
pub fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find(['<', '&']) {
        if rest[at..].starts_with('&') {
            let end = rest[at..].find(';').expect("an entity ends");
            assert!(end <= 8, "{xml}");
            rest = &rest[at + end..];
            continue;
        }
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{xml}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && xml.starts_with("<math"), "{xml}");
    assert!(xml.chars().all(|c| !c.is_control()), "{xml}");
}

/// Checks that braces of LaTeX are balanced, and `\left` has its `\right`.
#[allow(dead_code)]
pub fn balanced(latex: &str) {
    let mut depth = 0i32;
    let mut escaped = false;
    for c in latex.chars() {
        match c {
            '{' if !escaped => depth += 1,
            '}' if !escaped => depth -= 1,
            _ => {}
        }
        assert!(depth >= 0, "{latex}");
        escaped = c == '\\' && !escaped;
    }
    assert_eq!(depth, 0, "{latex}");
    let count = |word: &str| latex.matches(word).count();
    assert_eq!(count(r"\left"), count(r"\right"), "{latex}");
    assert_eq!(count(r"\begin{"), count(r"\end{"), "{latex}");
}
