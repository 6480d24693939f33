//! What names stand for while a text is read: its own definitions first, then the names given from outside.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::{NameKind, Names};

pub(super) struct Scope<'t> {
    names: &'t dyn Names,
    /// Defined or declared by statements before.
    defined: FxHashMap<SmolStr, NameKind>,
    /// Arguments, binders and `where` names, innermost last.
    inner: Vec<(SmolStr, NameKind)>,
}

impl<'t> Scope<'t> {
    pub(super) fn new(names: &'t dyn Names) -> Scope<'t> {
        Scope { names, defined: FxHashMap::default(), inner: Vec::new() }
    }

    pub(super) fn kind(&self, name: &str) -> NameKind {
        self.own(name).unwrap_or_else(|| self.names.kind(name))
    }

    /// What the text itself says about a name.
    pub(super) fn own(&self, name: &str) -> Option<NameKind> {
        if let Some((_, kind)) = self.inner.iter().rev().find(|(inner, _)| inner == name) {
            return Some(*kind);
        }
        if self.defined.is_empty() { None } else { self.defined.get(name).copied() }
    }

    pub(super) fn define(&mut self, name: SmolStr, kind: NameKind) {
        self.defined.insert(name, kind);
    }

    /// Opens an inner scope: hand the result to [`Scope::close`].
    pub(super) fn open(&self) -> usize {
        self.inner.len()
    }

    pub(super) fn bind(&mut self, name: SmolStr, kind: NameKind) {
        self.inner.push((name, kind));
    }

    pub(super) fn close(&mut self, mark: usize) {
        self.inner.truncate(mark);
    }
}
