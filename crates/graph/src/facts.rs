//! What is known of a symbol's entries.

/// A set of facts about real numbers; the facts are part of the symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Facts(u8);

impl Facts {
    /// Any real number.
    pub const REAL: Facts = Facts(0);
    /// A whole number.
    pub const INTEGER: Facts = Facts(1);
    /// Not below zero.
    pub const NONNEGATIVE: Facts = Facts(2);
    /// Not above zero.
    pub const NONPOSITIVE: Facts = Facts(4);
    /// Not zero.
    pub const NONZERO: Facts = Facts(8);
    /// Above zero.
    pub const POSITIVE: Facts = Facts(2 | 8);
    /// Below zero.
    pub const NEGATIVE: Facts = Facts(4 | 8);

    /// Whether all of `other` is known.
    pub fn has(self, other: Facts) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub fn and(self, other: Facts) -> Facts {
        Facts(self.0 | other.0)
    }
}
