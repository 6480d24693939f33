//! Typst, for mathematics mode.

use smol_str::{SmolStr, format_smolstr};

use super::style::{Form, Sign, Style, greek_name};

pub(super) struct Typst;

/// Functions that Typst sets upright by themselves.
const OPERATORS: [&str; 34] = [
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "csch", "deg", "det", "dim",
    "exp", "gcd", "hom", "inf", "ker", "lg", "lim", "ln", "log", "max", "min", "mod", "Pr", "sec", "sech",
    "sin", "sinc", "sinh", "sup", "tan", "tanh",
];

impl Style for Typst {
    fn open(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction => "frac(",
            Form::Power | Form::WidePower | Form::Sub | Form::Primes => "",
            Form::WideSub => "class(\"normal\", ",
            Form::Sqrt => "sqrt(",
            Form::Cbrt => "root(3, ",
            Form::Round => "(",
            Form::Square => "[",
            Form::Abs => "abs(",
            Form::Norm => "norm(",
            Form::Floor => "floor(",
            Form::Ceil => "ceil(",
            Form::Binomial => "binom(",
            Form::Cases => "cases(",
            Form::Matrix => "mat(delim: \"[\", ",
            Form::Under | Form::UnderOver | Form::Bounds => "",
        }
    }

    fn next(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction | Form::Binomial | Form::Matrix => ", ",
            Form::Power | Form::WidePower => "^(",
            Form::Sub | Form::Under => "_(",
            Form::WideSub => ")_(",
            Form::Cases => " & ",
            Form::UnderOver | Form::Bounds | Form::Primes => "",
            Form::Sqrt | Form::Cbrt | Form::Round | Form::Square | Form::Abs | Form::Norm => "",
            Form::Floor | Form::Ceil => "",
        }
    }

    fn second(&self, form: Form) -> [&'static str; 2] {
        match form {
            Form::UnderOver | Form::Bounds => ["_(", ")^("],
            _ => ["", ""],
        }
    }

    fn next_row(&self, form: Form) -> &'static str {
        if form == Form::Matrix { "; " } else { ", " }
    }

    fn close(&self, form: Form) -> &'static str {
        match form {
            Form::Square => "]",
            Form::Under | Form::UnderOver | Form::Bounds => ") ",
            Form::Primes => "",
            _ => ")",
        }
    }

    fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Plus => " + ",
            Sign::Minus => " - ",
            Sign::Negative => "-",
            Sign::Positive => "+",
            Sign::Dot => " dot ",
            Sign::Beside => " ",
            Sign::Thin => " thin ",
            Sign::Cross => " times ",
            Sign::ElementMul => " dot.o ",
            Sign::ElementDiv => " slash.o ",
            Sign::Comma => ", ",
            Sign::Less => " < ",
            Sign::LessEqual => " <= ",
            Sign::Greater => " > ",
            Sign::GreaterEqual => " >= ",
            Sign::Equal => " = ",
            Sign::NotEqual => " != ",
            Sign::And => " and ",
            Sign::Or => " or ",
            Sign::Not => "not ",
            Sign::In => " in ",
            Sign::To => " -> ",
            Sign::Dots => "dots",
            Sign::Apply => "",
            Sign::Prime => "'",
            Sign::Transpose => "top",
            Sign::Factorial => "!",
            Sign::Colon => ":",
            Sign::Nabla => "nabla",
            Sign::D => "d",
            Sign::DOf => "d ",
            Sign::Differential => " thin d ",
            Sign::Partial => "diff",
            Sign::PartialOf => "diff ",
            Sign::ElementPow => "dot.o ",
            Sign::Sum => "sum",
            Sign::Product => "product",
            Sign::Integral => "integral ",
            Sign::BoundedIntegral => "integral",
            Sign::Limit => "lim",
            Sign::Reals => "RR",
            Sign::Integers => "ZZ",
            Sign::Missing => "square ",
            Sign::Quad => " quad ",
            Sign::E => "e",
        }
    }

    fn number(&self, digits: &str) -> SmolStr {
        digits.into()
    }

    fn letter(&self, name: &str) -> SmolStr {
        if name == "inf" {
            return SmolStr::new_static("infinity");
        }
        if let Some(greek) = greek_name(name) {
            return greek.into();
        }
        if name.chars().count() == 1 && name != "_" { name.into() } else { quoted(name) }
    }

    fn accent(&self, mark: char, letter: &str) -> SmolStr {
        let command = match mark {
            '\u{300}' => "grave",
            '\u{301}' => "acute",
            '\u{302}' => "hat",
            '\u{303}' => "tilde",
            '\u{304}' | '\u{305}' => "macron",
            '\u{306}' => "breve",
            '\u{307}' => "dot",
            '\u{308}' => "dot.double",
            '\u{30c}' => "caron",
            _ => return format_smolstr!("{letter}{mark}"),
        };
        format_smolstr!("{command}({letter})")
    }

    fn function(&self, name: &str, lower: bool) -> SmolStr {
        match name {
            "asin" | "acos" | "atan" => format_smolstr!("arc{}", &name[1..]),
            _ if OPERATORS.contains(&name) => name.into(),
            _ if lower => format_smolstr!("op({}, limits: #true)", quoted(name)),
            _ => format_smolstr!("op({})", quoted(name)),
        }
    }

    fn words(&self, words: &str) -> SmolStr {
        quoted(words)
    }
}

fn quoted(text: &str) -> SmolStr {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out.into()
}
