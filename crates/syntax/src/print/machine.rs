//! The stack that stands in for recursion.

use smol_str::SmolStr;

use super::Printed;
use crate::{Tree, TreeId};

/// One thing still to be written.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A node, with what surrounds it.
    Node(TreeId, Around),
    /// Text of the printer.
    Plain(&'static str),
    /// Text of the tree.
    Owned(SmolStr),
}

/// What surrounds a node: how tightly it must bind to need no brackets, and how it is spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// The loosest precedence that needs no brackets.
    pub(super) min: u8,
    /// It must not begin with a sign.
    pub(super) unsigned: bool,
    /// The minus that it begins with is written already.
    pub(super) bare: bool,
    /// No spaces around `+`, as in `1..n-1`.
    pub(super) tight: bool,
    /// `=` for equality, as in `solve`.
    pub(super) equation: bool,
    /// A divisor like `dx` follows, with which a name like `d` would read as a derivative.
    pub(super) differential: bool,
}

impl Around {
    pub(super) fn new(min: u8) -> Around {
        Around { min, unsigned: false, bare: false, tight: false, equation: false, differential: false }
    }

    pub(super) fn unsigned(min: u8) -> Around {
        Around { unsigned: true, ..Around::new(min) }
    }
}

/// The pieces that one node becomes, in order.
pub(super) type Pieces = Vec<Piece>;

/// A notation: how one node is written in terms of others.
pub(super) trait Notation {
    fn expand(&self, tree: &Tree, id: TreeId, around: Around, pieces: &mut Pieces);
}

/// Writes a node. Past `limit` bytes the output is cut: to its beginning and `ellipsis`, or to `ellipsis` alone.
pub(super) fn run(
    tree: &Tree,
    notation: &dyn Notation,
    id: TreeId,
    limit: usize,
    ellipsis: &str,
    keep: bool,
) -> Printed {
    let mut out = String::new();
    let mut stack = vec![Piece::Node(id, Around::new(0))];
    let mut pieces = Pieces::new();
    while let Some(piece) = stack.pop() {
        match &piece {
            Piece::Node(id, around) => {
                notation.expand(tree, *id, *around, &mut pieces);
                stack.extend(pieces.drain(..).rev());
            }
            Piece::Plain(text) => out.push_str(text),
            Piece::Owned(text) => out.push_str(text),
        }
        // Pieces wait on the stack in proportion to what will be written, so this bounds both.
        if out.len() > limit || stack.len() > limit.saturating_mul(4).saturating_add(64) {
            if keep {
                let mut end = limit.saturating_sub(ellipsis.len()).min(out.len());
                while !out.is_char_boundary(end) {
                    end -= 1;
                }
                out.truncate(end);
            } else {
                out.clear();
            }
            out.push_str(ellipsis);
            return Printed { text: out, cut: true };
        }
    }
    Printed { text: out, cut: false }
}
