//! What the parser must know about names: whether `f x` calls f, and whether `x(x + 1)` is a product.

/// What a name stands for where the text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A function: `f(x)` and `f x` call it.
    Function,
    /// A scalar: `x(x + 1)` is a product.
    Scalar,
    /// A vector, matrix or tensor: `x(i)` is an index, `x'` a transpose.
    Tensor,
    /// Not known yet.
    Unknown,
}

/// The names in scope, asked by the parser. Names that the text itself defines or declares come first.
pub trait Names {
    /// What a name stands for.
    fn kind(&self, name: &str) -> NameKind;
}

/// No name is known from outside: only what the text itself defines.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn kind(&self, _: &str) -> NameKind {
        NameKind::Unknown
    }
}

impl<F: Fn(&str) -> NameKind> Names for F {
    fn kind(&self, name: &str) -> NameKind {
        self(name)
    }
}
