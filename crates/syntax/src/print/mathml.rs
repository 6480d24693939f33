//! Presentation MathML.

use smol_str::{SmolStr, format_smolstr};

use super::style::{Form, Sign, Style, greek_letter};

pub(super) struct MathMl;

pub(super) const OPEN: &str = "<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\"><mrow>";
pub(super) const CLOSE: &str = "</mrow></math>";

impl Style for MathMl {
    fn open(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction => "<mfrac><mrow>",
            Form::Power | Form::WidePower | Form::Primes => "<msup><mrow>",
            Form::Sub | Form::WideSub => "<msub><mrow>",
            Form::Sqrt => "<msqrt><mrow>",
            Form::Cbrt => "<mroot><mrow>",
            Form::Round => "<mrow><mo>(</mo>",
            Form::Square => "<mrow><mo>[</mo>",
            Form::Abs => "<mrow><mo>|</mo>",
            Form::Norm => "<mrow><mo>‖</mo>",
            Form::Floor => "<mrow><mo>⌊</mo>",
            Form::Ceil => "<mrow><mo>⌈</mo>",
            Form::Binomial => "<mrow><mo>(</mo><mfrac linethickness=\"0\"><mrow>",
            Form::Cases => "<mrow><mo>{</mo><mtable columnalign=\"left left\"><mtr><mtd>",
            Form::Matrix => "<mrow><mo>[</mo><mtable><mtr><mtd>",
            Form::Under => "<munder><mrow>",
            Form::UnderOver => "<munderover><mrow>",
            Form::Bounds => "<msubsup><mrow>",
        }
    }

    fn next(&self, form: Form) -> &'static str {
        match form {
            Form::Cases | Form::Matrix => "</mtd><mtd>",
            _ => "</mrow><mrow>",
        }
    }

    fn second(&self, _: Form) -> [&'static str; 2] {
        ["</mrow><mrow>", "</mrow><mrow>"]
    }

    fn next_row(&self, _: Form) -> &'static str {
        "</mtd></mtr><mtr><mtd>"
    }

    fn close(&self, form: Form) -> &'static str {
        match form {
            Form::Fraction => "</mrow></mfrac>",
            Form::Power | Form::WidePower | Form::Primes => "</mrow></msup>",
            Form::Sub | Form::WideSub => "</mrow></msub>",
            Form::Sqrt => "</mrow></msqrt>",
            Form::Cbrt => "</mrow><mn>3</mn></mroot>",
            Form::Round => "<mo>)</mo></mrow>",
            Form::Square => "<mo>]</mo></mrow>",
            Form::Abs => "<mo>|</mo></mrow>",
            Form::Norm => "<mo>‖</mo></mrow>",
            Form::Floor => "<mo>⌋</mo></mrow>",
            Form::Ceil => "<mo>⌉</mo></mrow>",
            Form::Binomial => "</mrow></mfrac><mo>)</mo></mrow>",
            Form::Cases => "</mtd></mtr></mtable></mrow>",
            Form::Matrix => "</mtd></mtr></mtable><mo>]</mo></mrow>",
            Form::Under => "</mrow></munder>",
            Form::UnderOver => "</mrow></munderover>",
            Form::Bounds => "</mrow></msubsup>",
        }
    }

    fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Plus => "<mo>+</mo>",
            Sign::Minus => "<mo>−</mo>",
            Sign::Negative => "<mo form=\"prefix\">−</mo>",
            Sign::Positive => "<mo form=\"prefix\">+</mo>",
            Sign::Dot => "<mo>⋅</mo>",
            Sign::Beside => "<mo>&#x2062;</mo>",
            Sign::Thin => "<mo>&#x2062;</mo><mspace width=\"0.17em\"/>",
            Sign::Cross => "<mo>×</mo>",
            Sign::ElementMul | Sign::ElementPow => "<mo>⊙</mo>",
            Sign::ElementDiv => "<mo>⊘</mo>",
            Sign::Comma => "<mo>,</mo>",
            Sign::Less => "<mo>&lt;</mo>",
            Sign::LessEqual => "<mo>≤</mo>",
            Sign::Greater => "<mo>&gt;</mo>",
            Sign::GreaterEqual => "<mo>≥</mo>",
            Sign::Equal => "<mo>=</mo>",
            Sign::NotEqual => "<mo>≠</mo>",
            Sign::And => "<mo>∧</mo>",
            Sign::Or => "<mo>∨</mo>",
            Sign::Not => "<mo>¬</mo>",
            Sign::In => "<mo>∈</mo>",
            Sign::To => "<mo>→</mo>",
            Sign::Dots => "<mo>…</mo>",
            Sign::Apply => "<mo>&#x2061;</mo>",
            Sign::Prime => "<mo>′</mo>",
            Sign::Transpose => "<mo>⊤</mo>",
            Sign::Factorial => "<mo>!</mo>",
            Sign::Colon => "<mo>:</mo>",
            Sign::Nabla => "<mo>∇</mo>",
            Sign::D | Sign::DOf => "<mi>d</mi>",
            Sign::Differential => "<mspace width=\"0.17em\"/><mi>d</mi>",
            Sign::Partial | Sign::PartialOf => "<mo>∂</mo>",
            Sign::Sum => "<mo>∑</mo>",
            Sign::Product => "<mo>∏</mo>",
            Sign::Integral | Sign::BoundedIntegral => "<mo>∫</mo>",
            Sign::Limit => "<mo>lim</mo>",
            Sign::Reals => "<mi>ℝ</mi>",
            Sign::Integers => "<mi>ℤ</mi>",
            Sign::Missing => "<mi>□</mi>",
            Sign::Quad => "<mspace width=\"1em\"/>",
            Sign::E => "<mi>e</mi>",
        }
    }

    fn number(&self, digits: &str) -> SmolStr {
        format_smolstr!("<mn>{}</mn>", escaped(digits))
    }

    fn letter(&self, name: &str) -> SmolStr {
        if name == "inf" {
            return SmolStr::new_static("<mi>∞</mi>");
        }
        match greek_letter(name) {
            Some(letter) => format_smolstr!("<mi>{letter}</mi>"),
            None => format_smolstr!("<mi>{}</mi>", escaped(name)),
        }
    }

    fn accent(&self, mark: char, letter: &str) -> SmolStr {
        let over = match mark {
            '\u{300}' => "`",
            '\u{301}' => "´",
            '\u{302}' => "^",
            '\u{303}' => "~",
            '\u{304}' | '\u{305}' => "¯",
            '\u{306}' => "˘",
            '\u{307}' => "˙",
            '\u{308}' => "¨",
            '\u{30c}' => "ˇ",
            _ => return letter.into(),
        };
        format_smolstr!("<mover accent=\"true\">{letter}<mo>{over}</mo></mover>")
    }

    fn function(&self, name: &str, _: bool) -> SmolStr {
        let name = match name {
            "asin" => "arcsin",
            "acos" => "arccos",
            "atan" => "arctan",
            name => name,
        };
        format_smolstr!("<mi>{}</mi>", escaped(name))
    }

    fn words(&self, words: &str) -> SmolStr {
        let spaced = words.replace(' ', "\u{a0}");
        format_smolstr!("<mtext>{}</mtext>", escaped(&spaced))
    }
}

/// Text without markup, and without characters that XML has no place for.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
