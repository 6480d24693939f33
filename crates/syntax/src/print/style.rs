//! What a notation for typesetting must say: how structures open and close, how signs, names and words are written.

use smol_str::SmolStr;

/// Structures. Each is opened, has its parts parted by [`Style::next`], and is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Numerator, denominator.
    Fraction,
    /// Base, exponent, where the base is one letter or number or stands in brackets.
    Power,
    /// Base, exponent, for any other base.
    WidePower,
    /// Base, index, where the base is one letter.
    Sub,
    /// Base, index, for any other base.
    WideSub,
    /// Base, primes.
    Primes,
    /// The square root of one part.
    Sqrt,
    /// The cube root of one part.
    Cbrt,
    /// Round brackets.
    Round,
    /// Square brackets.
    Square,
    /// |x|.
    Abs,
    /// ‖x‖.
    Norm,
    /// ⌊x⌋.
    Floor,
    /// ⌈x⌉.
    Ceil,
    /// Upper, lower.
    Binomial,
    /// Value and condition, value and condition.
    Cases,
    /// Entries; rows are parted by [`Style::next_row`].
    Matrix,
    /// A large sign, what stands below it.
    Under,
    /// A large sign, what stands below and above it.
    UnderOver,
    /// The integral's sign, its bounds.
    Bounds,
}

/// Signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    /// A minus before its operand.
    Negative,
    Positive,
    /// A product whose sign is seen.
    Dot,
    /// A product whose sign is not.
    Beside,
    /// The same, with a space where names would run together.
    Thin,
    Cross,
    ElementMul,
    ElementDiv,
    Comma,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Not,
    In,
    To,
    /// `…` between the ends of a range.
    Dots,
    /// Behind the name of a function, before its bracket.
    Apply,
    Prime,
    Transpose,
    Factorial,
    Colon,
    Nabla,
    /// The d of d/dx, alone.
    D,
    /// The same before a name.
    DOf,
    /// The d of ∫ … dx, with the space before it.
    Differential,
    Partial,
    PartialOf,
    /// Before the exponent of a power of entries.
    ElementPow,
    Sum,
    Product,
    /// Of an integral without bounds.
    Integral,
    /// Of an integral with bounds.
    BoundedIntegral,
    Limit,
    Reals,
    Integers,
    Missing,
    /// A wide space.
    Quad,
    /// Euler's number.
    E,
}

/// A notation for typesetting.
pub(super) trait Style {
    fn open(&self, form: Form) -> &'static str;
    fn next(&self, form: Form) -> &'static str;
    /// What parts the first from the second and the second from the third part of a form of three:
    /// [`Form::UnderOver`] and [`Form::Bounds`].
    fn second(&self, form: Form) -> [&'static str; 2];
    fn next_row(&self, form: Form) -> &'static str;
    fn close(&self, form: Form) -> &'static str;
    fn sign(&self, sign: Sign) -> &'static str;
    /// Digits, with a point or without.
    fn number(&self, digits: &str) -> SmolStr;
    /// One part of a name, without its indices: a letter, the name of a Greek letter, or several letters.
    fn letter(&self, name: &str) -> SmolStr;
    /// A letter with a mark over it.
    fn accent(&self, mark: char, letter: &str) -> SmolStr;
    /// The name of a function; `lower` where something will stand under it.
    fn function(&self, name: &str, lower: bool) -> SmolStr;
    /// Words in upright type, with spaces around them where they end in or begin with spaces.
    fn words(&self, words: &str) -> SmolStr;
}

/// The Greek letters by name, and what they look like.
pub(super) const GREEK: [(&str, char); 48] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("omicron", 'ο'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Alpha", 'Α'),
    ("Beta", 'Β'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Epsilon", 'Ε'),
    ("Zeta", 'Ζ'),
    ("Eta", 'Η'),
    ("Theta", 'Θ'),
    ("Iota", 'Ι'),
    ("Kappa", 'Κ'),
    ("Lambda", 'Λ'),
    ("Mu", 'Μ'),
    ("Nu", 'Ν'),
    ("Xi", 'Ξ'),
    ("Omicron", 'Ο'),
    ("Pi", 'Π'),
    ("Rho", 'Ρ'),
    ("Sigma", 'Σ'),
    ("Tau", 'Τ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Chi", 'Χ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
];

/// The name of a Greek letter, given as its name or as itself.
pub(super) fn greek_name(letter: &str) -> Option<&'static str> {
    GREEK.iter().find(|(name, c)| *name == letter || is_char(letter, *c)).map(|(name, _)| *name)
}

/// A Greek letter, given as its name or as itself.
pub(super) fn greek_letter(letter: &str) -> Option<char> {
    GREEK.iter().find(|(name, c)| *name == letter || is_char(letter, *c)).map(|(_, c)| *c)
}

fn is_char(text: &str, c: char) -> bool {
    let mut chars = text.chars();
    chars.next() == Some(c) && chars.next().is_none()
}
