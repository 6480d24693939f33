//! Types: what kind of value a name stands for, its sizes, and what is known of it.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Tree, TreeId};
use smol_str::SmolStr;

use crate::facts::Facts;

/// What the entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Element {
    /// Real numbers.
    #[default]
    Real,
    /// Whole numbers.
    Integer,
    /// True or false.
    Boolean,
}

/// The size of an axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// A number.
    Number(u64),
    /// A name.
    Name(SmolStr),
    /// Any other expression, as written.
    Expression(SmolStr),
}

/// What is known of a vector or matrix as a whole: a small set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Structure(u16);

impl Structure {
    /// Nothing.
    pub const NONE: Structure = Structure(0);
    /// Equal to its transpose.
    pub const SYMMETRIC: Structure = Structure(1);
    /// The negative of its transpose.
    pub const SKEW: Structure = Structure(2);
    /// Its inverse is its transpose.
    pub const ORTHOGONAL: Structure = Structure(4);
    /// Zero above the diagonal.
    pub const LOWER: Structure = Structure(8);
    /// Zero below the diagonal.
    pub const UPPER: Structure = Structure(16);
    /// It has an inverse.
    pub const INVERTIBLE: Structure = Structure(32);
    /// All eigenvalues are positive.
    pub const DEFINITE: Structure = Structure(64);

    /// Whether all of `other` is known.
    pub fn has(self, other: Structure) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub fn and(self, other: Structure) -> Structure {
        Structure(self.0 | other.0)
    }
}

/// The type of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Type {
    /// What the entries are.
    pub element: Element,
    /// The sizes of the axes; none for a scalar.
    pub shape: Vec<Size>,
    /// What is known of each entry.
    pub facts: Facts,
    /// What is known of the whole.
    pub structure: Structure,
}

const WORDS: &str = "real, integer, positive, nonnegative, negative, nonzero, boolean, vector(n), matrix(n, m), \
                     tensor(n, m, k), symmetric(n), spd(n), skew(n), orthogonal(n), diagonal(n), lower(n), \
                     upper(n), invertible(n)";

impl Type {
    /// A real scalar of which nothing is known.
    pub fn real() -> Type {
        Type::default()
    }

    /// Whether it has no axes.
    pub fn is_scalar(&self) -> bool {
        self.shape.is_empty()
    }

    /// Reads the type of a declaration: a word, words side by side such as `positive integer`, or a call such as
    /// `matrix(n, m)`. `text` is the source of the tree.
    ///
    /// # Errors
    /// A word that names no type, or a wrong number of sizes.
    pub fn parse(tree: &Tree, id: TreeId, text: &str) -> Result<Type, Diagnostic> {
        let mut ty = Type::real();
        let mut at = id;
        while let Kind::Binary(Binary::Juxtapose, left, right) = *tree.kind(at) {
            ty.add_words(tree, right, text)?;
            at = left;
        }
        ty.add_words(tree, at, text)?;
        Ok(ty)
    }

    fn add_words(&mut self, tree: &Tree, id: TreeId, text: &str) -> Result<(), Diagnostic> {
        let span = tree.span(id);
        let (word, sizes): (&str, &[TreeId]) = match tree.kind(id) {
            Kind::Name(word) => (word, &[]),
            Kind::Call { head, args } => match tree.kind(*head) {
                Kind::Name(word) => (word, tree.ids(*args)),
                _ => return Err(no_type(span, "")),
            },
            _ => return Err(no_type(span, "")),
        };
        let axes = match word {
            "real" | "reals" | "scalar" | "number" | "R" | "ℝ" => 0,
            "integer" | "integers" | "int" | "Z" | "ℤ" => {
                self.element = Element::Integer;
                self.facts = self.facts.and(Facts::INTEGER);
                0
            }
            "natural" | "N" | "ℕ" => {
                self.element = Element::Integer;
                self.facts = self.facts.and(Facts::INTEGER).and(Facts::NONNEGATIVE);
                0
            }
            "boolean" | "bool" => {
                self.element = Element::Boolean;
                0
            }
            "positive" => self.fact(Facts::POSITIVE),
            "nonnegative" => self.fact(Facts::NONNEGATIVE),
            "negative" => self.fact(Facts::NEGATIVE),
            "nonpositive" => self.fact(Facts::NONPOSITIVE),
            "nonzero" => self.fact(Facts::NONZERO),
            "vector" | "vec" => 1,
            "matrix" | "mat" => 2,
            "tensor" => sizes.len().max(1),
            "symmetric" | "sym" => self.square(Structure::SYMMETRIC),
            "spd" => self.square(Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE)),
            "skew" => self.square(Structure::SKEW),
            "orthogonal" => self.square(Structure::ORTHOGONAL.and(Structure::INVERTIBLE)),
            "diagonal" => self.square(Structure::SYMMETRIC.and(Structure::LOWER).and(Structure::UPPER)),
            "lower" => self.square(Structure::LOWER),
            "upper" => self.square(Structure::UPPER),
            "invertible" => self.square(Structure::INVERTIBLE),
            _ => return Err(no_type(span, word)),
        };
        // One size makes a square matrix of the words that speak of square matrices.
        let square = axes == SQUARE;
        let axes = if square { 2 } else { axes };
        if axes > 0 {
            let repeated = [sizes.first().copied(), sizes.first().copied()];
            let sizes: Vec<TreeId> = match sizes.len() {
                1 if square => repeated.into_iter().flatten().collect(),
                0 => Vec::new(),
                _ => sizes.to_vec(),
            };
            if sizes.is_empty() || sizes.len() != axes {
                let (wanted, example) = match axes {
                    1 => ("one size", format!("{word}(3)")),
                    2 if square => ("one size", format!("{word}(n)")),
                    _ => ("one size for each axis", format!("{word}(n, m)")),
                };
                return Err(Diagnostic::error(
                    Code::Shape,
                    format!("`{word}` takes {wanted}"),
                    span,
                    format!("{} given", sizes.len()),
                )
                .with_hint(format!("write `{example}`")));
            }
            self.shape = sizes.iter().map(|&size| Size::parse(tree, size, text)).collect();
        } else if !sizes.is_empty() {
            return Err(Diagnostic::error(
                Code::Shape,
                format!("`{word}` is the type of a number and has no size"),
                span,
                "a size is given here",
            )
            .with_hint(format!("write `{word}`, or `vector(n)` for n numbers")));
        }
        Ok(())
    }

    fn fact(&mut self, facts: Facts) -> usize {
        self.facts = self.facts.and(facts);
        0
    }

    fn square(&mut self, structure: Structure) -> usize {
        self.structure = self.structure.and(structure);
        SQUARE
    }
}

const SQUARE: usize = usize::MAX;

impl Size {
    fn parse(tree: &Tree, id: TreeId, text: &str) -> Size {
        match tree.kind(id) {
            Kind::Number(digits) => match digits.parse() {
                Ok(number) => Size::Number(number),
                Err(_) => Size::Expression(digits.clone()),
            },
            Kind::Name(name) => Size::Name(name.clone()),
            _ => {
                let span = tree.span(id);
                Size::Expression(text.get(span.start as usize..span.end as usize).unwrap_or_default().into())
            }
        }
    }
}

fn no_type(span: agnesi_syntax::Span, word: &str) -> Diagnostic {
    let message = if word.is_empty() { "this is no type".to_owned() } else { format!("`{word}` is no type") };
    let words = WORDS.split(", ").filter(|word| word.chars().all(|c| c.is_alphabetic() || c == '('));
    let hint = match agnesi_syntax::nearest(word, words.map(|word| word.split('(').next().unwrap_or(word))) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("types are {WORDS}"),
    };
    Diagnostic::error(Code::Type, message, span, "a type is expected here").with_hint(hint)
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Size::Number(number) => number.fmt(f),
            Size::Name(text) | Size::Expression(text) => f.write_str(text),
        }
    }
}

/// As it would be declared: `real`, `positive integer`, `symmetric(n)`.
impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = [
            (Facts::POSITIVE, "positive"),
            (Facts::NEGATIVE, "negative"),
            (Facts::NONNEGATIVE, "nonnegative"),
            (Facts::NONPOSITIVE, "nonpositive"),
            (Facts::NONZERO, "nonzero"),
        ];
        let sign = sign.into_iter().find(|(facts, _)| self.facts.has(*facts)).map(|(_, word)| word);
        let element = match self.element {
            Element::Boolean => Some("boolean"),
            _ if self.facts.has(Facts::INTEGER) => Some("integer"),
            _ => None,
        };
        let mut words: Vec<String> = [sign, element].into_iter().flatten().map(str::to_owned).collect();
        let diagonal = Structure::LOWER.and(Structure::UPPER);
        let structure = [
            (Structure::SYMMETRIC.and(Structure::DEFINITE), "spd"),
            (diagonal, "diagonal"),
            (Structure::SYMMETRIC, "symmetric"),
            (Structure::SKEW, "skew"),
            (Structure::ORTHOGONAL, "orthogonal"),
            (Structure::LOWER, "lower"),
            (Structure::UPPER, "upper"),
            (Structure::INVERTIBLE, "invertible"),
        ];
        let structure =
            structure.into_iter().find(|(known, _)| self.structure.has(*known)).map(|(_, word)| word);
        match (&self.shape[..], structure) {
            ([], _) => {}
            ([size, ..], Some(word)) => words.push(format!("{word}({size})")),
            (sizes, None) => {
                let word = ["vector", "matrix", "tensor"][sizes.len().min(3) - 1];
                let sizes: Vec<String> = sizes.iter().map(Size::to_string).collect();
                words.push(format!("{word}({})", sizes.join(", ")));
            }
        }
        f.write_str(if words.is_empty() { "real".to_owned() } else { words.join(" ") }.as_str())
    }
}
