//! How names and numbers are spelt: keywords, letters, indices and exponents, one spelling for each.

use smol_str::SmolStr;

use crate::lex::T;

/// The keyword that a word is, else [`T::Name`].
pub(crate) fn keyword(word: &[u8]) -> T {
    match word {
        b"if" => T::If,
        b"in" => T::In,
        b"or" => T::Or,
        b"for" => T::For,
        b"and" => T::And,
        b"not" => T::Not,
        b"then" => T::Then,
        b"else" => T::Else,
        b"where" => T::Where,
        _ => T::Name,
    }
}

/// Whether a part of a name is a name by itself, as the `x` of `dx` is and the `2` of `d2` is not.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !c.is_numeric() && subscript(c).is_none() && continues_name(c))
        && keyword(text.as_bytes()) == T::Name
}

/// Whether a character belongs to a name.
pub(crate) fn continues_name(c: char) -> bool {
    (c.is_alphanumeric() && superscript(c).is_none() && c != 'ᵀ')
        || c == '_'
        || ('\u{300}'..='\u{36f}').contains(&c)
}

/// The character that a superscript stands for.
pub(crate) fn superscript(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => (b'4' + (c as u32 - '⁴' as u32) as u8) as char,
        '⁺' => '+',
        '⁻' => '-',
        'ⁿ' => 'n',
        _ => return None,
    })
}

/// The digit that a subscript stands for.
pub(crate) fn subscript(c: char) -> Option<char> {
    match c {
        '₀'..='₉' => Some((b'0' + (c as u32 - '₀' as u32) as u8) as char),
        _ => None,
    }
}

/// The letters of ASCII, so that a name of one letter costs no copy.
const ASCII: [u8; 128] = ascii();

const fn ascii() -> [u8; 128] {
    let mut letters = [0; 128];
    let mut b = 0;
    while b < 128 {
        letters[b] = b as u8;
        b += 1;
    }
    letters
}

const LETTERS: &str = match std::str::from_utf8(&ASCII) {
    Ok(letters) => letters,
    Err(_) => "",
};

/// A text of the tree.
#[inline]
pub(crate) fn small(text: &str) -> SmolStr {
    match text.as_bytes() {
        [b] if *b < 128 => SmolStr::new_static(&LETTERS[*b as usize..*b as usize + 1]),
        _ => SmolStr::new(text),
    }
}

/// The text of a respelt name: `π` is pi, `x₁` is x_1, `∞` is inf.
pub(crate) fn respell(written: &str) -> SmolStr {
    match written {
        "π" => return SmolStr::new_static("pi"),
        "∞" => return SmolStr::new_static("inf"),
        "∑" => return SmolStr::new_static("sum"),
        "∏" => return SmolStr::new_static("prod"),
        _ => {}
    }
    let mut text = String::with_capacity(written.len() + 1);
    let mut below = false;
    for c in written.chars() {
        if let Some(digit) = subscript(c) {
            if !below && !text.ends_with('_') {
                text.push('_');
            }
            below = true;
            text.push(digit);
        } else {
            below = false;
            text.push(match c {
                // The micro and ohm signs are the letters.
                '\u{b5}' => '\u{3bc}',
                '\u{2126}' => '\u{3a9}',
                c => c,
            });
        }
    }
    text.into()
}

/// The text of a number in one spelling: `.5` is 0.5, `5.` is 5, `1E+3` is 1e3, `1_000` is 1000.
pub(crate) fn number_text(written: &str) -> SmolStr {
    if written.len() == 1 || written.bytes().all(|b| b.is_ascii_digit()) {
        return small(written);
    }
    let written = written.replace('_', "").replace('E', "e");
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, ""));
    let mantissa = mantissa.strip_suffix('.').unwrap_or(mantissa);
    let lead = if mantissa.starts_with('.') { "0" } else { "" };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let e = if exponent.is_empty() { "" } else { "e" };
    smol_str::format_smolstr!("{lead}{mantissa}{e}{exponent}")
}
