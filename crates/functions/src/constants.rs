//! The constants with a name of their own.

use crate::Big;
use crate::big;

/// A constant.
#[derive(Debug)]
pub struct Constant {
    /// The name printed.
    pub name: &'static str,
    /// Other names that are read as this one.
    pub aliases: &'static [&'static str],
    /// A few words, as a heading.
    pub title: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// How it is set in LaTeX.
    pub latex: &'static str,
    /// The nearest double.
    pub value: f64,
    /// The value to 60 digits, for tests and for those who need more than a double.
    pub digits: &'static str,
    /// A formula that equals it, where there is one in terms of the table.
    pub meaning: Option<&'static str>,
    /// The value as big floats.
    pub big: Big,
}

const CONSTANTS: [Constant; 5] = [
    Constant {
        name: "pi",
        aliases: &["π", "Pi", "PI"],
        title: "Pi",
        doc: "The ratio of a circle's circumference to its diameter.",
        latex: r"\pi",
        value: std::f64::consts::PI,
        digits: "3.14159265358979323846264338327950288419716939937510582097494",
        meaning: Some("4*atan(1)"),
        big: Big::Kernel(big::pi),
    },
    Constant {
        name: "e",
        aliases: &["E", "ℯ"],
        title: "Euler's number",
        doc: "The base of the natural logarithm.",
        latex: "e",
        value: std::f64::consts::E,
        digits: "2.71828182845904523536028747135266249775724709369995957496697",
        meaning: Some("exp(1)"),
        big: Big::Kernel(big::e),
    },
    Constant {
        name: "euler_gamma",
        aliases: &[],
        title: "Euler-Mascheroni constant",
        doc: "The limit of 1 + 1/2 + ... + 1/n - log(n).",
        latex: r"\gamma",
        value: 0.577_215_664_901_532_9,
        digits: "0.577215664901532860606512090082402431042159335939923598805767",
        meaning: Some("-digamma(1)"),
        big: Big::Kernel(big::euler_gamma),
    },
    Constant {
        name: "catalan",
        aliases: &[],
        title: "Catalan's constant",
        doc: "The alternating sum 1 - 1/9 + 1/25 - 1/49 + ... over the odd squares.",
        latex: "G",
        value: 0.915_965_594_177_219,
        digits: "0.915965594177219015054603514932384110774149374281672134266498",
        meaning: None,
        big: Big::Kernel(big::catalan),
    },
    Constant {
        name: "golden_ratio",
        aliases: &[],
        title: "Golden ratio",
        doc: "The positive number whose square is one more than itself.",
        latex: r"\varphi",
        value: 1.618_033_988_749_895,
        digits: "1.61803398874989484820458683436563811772030917980576286213545",
        meaning: Some("(1 + sqrt(5))/2"),
        big: Big::Meaning,
    },
];

static TABLE: [Constant; 5] = CONSTANTS;

/// All constants.
pub fn constants() -> &'static [Constant] {
    &TABLE
}

/// The constant that has this name, or this name among its aliases.
pub fn constant(name: &str) -> Option<&'static Constant> {
    TABLE.iter().find(|constant| constant.name == name || constant.aliases.contains(&name))
}
