//! Trees to text, LaTeX, Typst and MathML.
//!
//! Trees may share nodes, and then what they print can be far longer than they are: all printers stop at a limit on
//! length. None of them recurses: a stack of their own holds what is still to be written.

mod latex;
mod machine;
mod mathml;
mod precedence;
mod shape;
mod structures;
mod style;
mod text;
mod typeset;
mod typst;

use smol_str::SmolStr;

use crate::{Kind, List, Tree, TreeId};

/// How the name of a function is set in LaTeX, if that is known.
pub type LatexName<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// What printers may be told.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The most bytes of output.
    pub limit: usize,
    /// How the name of a function is set in LaTeX, where the caller knows.
    pub latex_name: Option<&'a LatexName<'a>>,
}

impl Default for Options<'_> {
    /// 100 kB, and no names.
    fn default() -> Self {
        Options { limit: 100_000, latex_name: None }
    }
}

/// What was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text. If it was cut, text ends with `…`; LaTeX, Typst and MathML, which half a formula would break, hold the
    /// ellipsis alone.
    pub text: String,
    /// Whether the limit was reached.
    pub cut: bool,
}

/// The canonical text: `4*cos(4*w) + 0.2*w`. Reading it again gives the same tree, as [`Tree::same`] has it: a product by
/// standing side by side is printed with `*`, and a minus before a product is read as that of its first factor. Brackets
/// that it writes are levels of nesting: what was read just within [`crate::Limits::depth`] may need four times as many.
///
/// Stops at the default limit of [`Options`], with `…` at the end.
pub fn text(tree: &Tree, id: TreeId) -> String {
    text_with(tree, id, &Options::default()).text
}

/// The canonical text within a limit.
pub fn text_with(tree: &Tree, id: TreeId, options: &Options) -> Printed {
    machine::run(tree, &text::Text::default(), id, options.limit, "…", true)
}

/// LaTeX for mathematics mode, with fractions, roots and limits; needs amsmath and amssymb, and is read by KaTeX. Names of
/// functions are those of [`Options::latex_name`], where given, else LaTeX's own or upright.
///
/// Past the limit of the options the result is `\\ldots` alone.
pub fn latex(tree: &Tree, id: TreeId, options: &Options) -> Printed {
    let notation = typeset::Typeset { style: &latex::Latex, names: options.latex_name };
    let printed = machine::run(tree, &notation, id, options.limit, r"\ldots", false);
    Printed { text: latex::tidy(&printed.text), ..printed }
}

/// Typst for mathematics mode. Past the limit of the options the result is `dots` alone.
pub fn typst(tree: &Tree, id: TreeId, options: &Options) -> Printed {
    let notation = typeset::Typeset { style: &typst::Typst, names: None };
    machine::run(tree, &notation, id, options.limit, "dots", false)
}

/// Presentation MathML: one `math` element, well-formed XML. Past the limit of the options it holds an ellipsis alone.
pub fn mathml(tree: &Tree, id: TreeId, options: &Options) -> Printed {
    let notation = typeset::Typeset { style: &mathml::MathMl, names: None };
    let inner = machine::run(tree, &notation, id, options.limit, "<mo>…</mo>", false);
    Printed { text: format!("{}{}{}", mathml::OPEN, inner.text, mathml::CLOSE), cut: inner.cut }
}

/// A short form for messages.
pub(crate) fn brief(tree: &Tree, id: TreeId) -> String {
    machine::run(tree, &text::Text::default(), id, 60, "…", true).text
}

/// Whether the minus of a node is written before the first factor of a product.
pub(crate) fn minus_goes_inside(tree: &Tree, operand: TreeId) -> bool {
    precedence::sign_goes_inside(tree, operand)
}

/// The variables of a derivative, neighbours that are the same counted together.
fn runs(tree: &Tree, variables: List) -> Vec<(SmolStr, usize)> {
    let mut runs: Vec<(SmolStr, usize)> = Vec::new();
    for &id in tree.ids(variables) {
        let name = match tree.kind(id) {
            Kind::Name(name) => name.clone(),
            _ => SmolStr::new_static("?"),
        };
        match runs.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    runs
}
