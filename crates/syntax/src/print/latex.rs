//! LaTeX, for mathematics mode with amsmath and amssymb; KaTeX and MathJax read it too.

use smol_str::{SmolStr, format_smolstr};

use super::style::{Form, Sign, Style, greek_name};

pub(super) struct Latex;

/// Functions that LaTeX has a command for.
const COMMANDS: [&str; 32] = [
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "exp", "log", "ln", "lg",
    "det", "dim", "gcd", "max", "min", "sup", "inf", "ker", "deg", "arg", "arcsin", "arccos", "arctan",
    "hom", "Pr", "lim", "liminf", "limsup",
];

impl Style for Latex {
    fn open(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction => r"\frac{",
            Form::Power | Form::Sub | Form::Primes => "",
            Form::WidePower | Form::WideSub => "{",
            Form::Sqrt => r"\sqrt{",
            Form::Cbrt => r"\sqrt[3]{",
            Form::Round => r"\left(",
            Form::Square => r"\left[",
            Form::Abs => r"\left|",
            Form::Norm => r"\left\lVert ",
            Form::Floor => r"\left\lfloor ",
            Form::Ceil => r"\left\lceil ",
            Form::Binomial => r"\binom{",
            Form::Cases => r"\begin{cases} ",
            Form::Matrix => r"\begin{bmatrix} ",
            Form::Under | Form::UnderOver | Form::Bounds => "",
        }
    }

    fn next(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction | Form::Binomial => "}{",
            Form::Power => "^{",
            Form::WidePower => "}^{",
            Form::Sub => "_{",
            Form::WideSub => "}_{",
            Form::Primes => "",
            Form::Cases => r" & ",
            Form::Matrix => " & ",
            Form::Under => "_{",
            Form::UnderOver | Form::Bounds => "",
            Form::Sqrt | Form::Cbrt | Form::Round | Form::Square | Form::Abs | Form::Norm => "",
            Form::Floor | Form::Ceil => "",
        }
    }

    fn second(&self, form: Form) -> [&'static str; 2] {
        match form {
            Form::UnderOver | Form::Bounds => ["_{", "}^{"],
            _ => ["", ""],
        }
    }

    fn next_row(&self, _: Form) -> &'static str {
        r" \\ "
    }

    fn close(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction | Form::Binomial | Form::Power | Form::WidePower | Form::Sub => "}",
            Form::WideSub => "}",
            Form::Primes => "",
            Form::Sqrt | Form::Cbrt => "}",
            Form::Round => r"\right)",
            Form::Square => r"\right]",
            Form::Abs => r"\right|",
            Form::Norm => r"\right\rVert ",
            Form::Floor => r"\right\rfloor ",
            Form::Ceil => r"\right\rceil ",
            Form::Cases => r" \end{cases}",
            Form::Matrix => r" \end{bmatrix}",
            Form::Under | Form::UnderOver | Form::Bounds => "} ",
        }
    }

    fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Plus => " + ",
            Sign::Minus => " - ",
            Sign::Negative => "-",
            Sign::Positive => "+",
            Sign::Dot => r" \cdot ",
            Sign::Beside => " ",
            Sign::Thin => r" \, ",
            Sign::Cross => r" \times ",
            Sign::ElementMul => r" \odot ",
            Sign::ElementDiv => r" \oslash ",
            Sign::Comma => ", ",
            Sign::Less => " < ",
            Sign::LessEqual => r" \le ",
            Sign::Greater => " > ",
            Sign::GreaterEqual => r" \ge ",
            Sign::Equal => " = ",
            Sign::NotEqual => r" \ne ",
            Sign::And => r" \land ",
            Sign::Or => r" \lor ",
            Sign::Not => r"\lnot ",
            Sign::In => r" \in ",
            Sign::To => r" \to ",
            Sign::Dots => r"\ldots",
            Sign::Apply => "",
            Sign::Prime => "'",
            Sign::Transpose => r"\top ",
            Sign::Factorial => "!",
            Sign::Colon => ":",
            Sign::Nabla => r"\nabla",
            Sign::D | Sign::DOf => "d",
            Sign::Differential => r" \, d",
            Sign::Partial | Sign::PartialOf => r"\partial ",
            Sign::ElementPow => r"\odot ",
            Sign::Sum => r"\sum",
            Sign::Product => r"\prod",
            Sign::Integral => r"\int ",
            Sign::BoundedIntegral => r"\int",
            Sign::Limit => r"\lim",
            Sign::Reals => r"\mathbb{R}",
            Sign::Integers => r"\mathbb{Z}",
            Sign::Missing => r"\square ",
            Sign::Quad => r" \quad ",
            Sign::E => "e",
        }
    }

    fn number(&self, digits: &str) -> SmolStr {
        digits.into()
    }

    fn letter(&self, name: &str) -> SmolStr {
        match name {
            "inf" => return SmolStr::new_static(r"\infty "),
            "omicron" | "ο" => return SmolStr::new_static("o"),
            // Capitals that look Latin have no command.
            "Alpha" | "Α" => return SmolStr::new_static("A"),
            "Beta" | "Β" => return SmolStr::new_static("B"),
            "Epsilon" | "Ε" => return SmolStr::new_static("E"),
            "Zeta" | "Ζ" => return SmolStr::new_static("Z"),
            "Eta" | "Η" => return SmolStr::new_static("H"),
            "Iota" | "Ι" => return SmolStr::new_static("I"),
            "Kappa" | "Κ" => return SmolStr::new_static("K"),
            "Mu" | "Μ" => return SmolStr::new_static("M"),
            "Nu" | "Ν" => return SmolStr::new_static("N"),
            "Omicron" | "Ο" => return SmolStr::new_static("O"),
            "Rho" | "Ρ" => return SmolStr::new_static("P"),
            "Tau" | "Τ" => return SmolStr::new_static("T"),
            "Chi" | "Χ" => return SmolStr::new_static("X"),
            "phi" | "φ" => return SmolStr::new_static(r"\varphi "),
            "ϕ" => return SmolStr::new_static(r"\phi "),
            "epsilon" | "ε" => return SmolStr::new_static(r"\varepsilon "),
            "ϵ" => return SmolStr::new_static(r"\epsilon "),
            "ϑ" => return SmolStr::new_static(r"\vartheta "),
            "ℓ" => return SmolStr::new_static(r"\ell "),
            _ => {}
        }
        if let Some(greek) = greek_name(name) {
            return format_smolstr!("\\{greek} ");
        }
        if name.chars().count() == 1 && name != "_" {
            name.into()
        } else {
            format_smolstr!("\\mathrm{{{}}}", escaped(name))
        }
    }

    fn accent(&self, mark: char, letter: &str) -> SmolStr {
        let command = match mark {
            '\u{300}' => "grave",
            '\u{301}' => "acute",
            '\u{302}' => "hat",
            '\u{303}' => "tilde",
            '\u{304}' | '\u{305}' => "bar",
            '\u{306}' => "breve",
            '\u{307}' => "dot",
            '\u{308}' => "ddot",
            '\u{30c}' => "check",
            _ => return format_smolstr!("{letter}{mark}"),
        };
        format_smolstr!("\\{command}{{{}}}", letter.trim_end())
    }

    fn function(&self, name: &str, lower: bool) -> SmolStr {
        match name {
            "asin" | "acos" | "atan" => format_smolstr!("\\arc{}", &name[1..]),
            "argmax" | "argmin" => format_smolstr!("\\operatorname*{{{name}}}"),
            _ if COMMANDS.contains(&name) => format_smolstr!("\\{name}"),
            _ => format_smolstr!("\\operatorname{}{{{}}}", if lower { "*" } else { "" }, escaped(name)),
        }
    }

    fn words(&self, words: &str) -> SmolStr {
        format_smolstr!("\\text{{{}}}", escaped(words))
    }
}

/// Text in which no character is a command.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\textbackslash{}"),
            '~' => out.push_str(r"\textasciitilde{}"),
            '^' => out.push_str(r"\textasciicircum{}"),
            '{' | '}' | '_' | '&' | '%' | '$' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Takes out spaces that neither LaTeX nor a reader needs: a second one, and one between a command and a closing sign.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Inside the letters of a command.
    let mut command = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ' ' {
            let next = chars.peek().copied().unwrap_or(' ');
            if next != ' ' && !(command && matches!(next, '}' | '_' | '^' | ',' | ')' | ']')) {
                out.push(' ');
            }
            command &= next == ' ';
            continue;
        }
        command = if c == '\\' { !out.ends_with('\\') } else { command && c.is_ascii_alphabetic() };
        out.push(c);
    }
    out
}
