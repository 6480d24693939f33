//! Texts of the table, read into trees.

use agnesi_syntax::{Kind, NameKind, Tree, TreeId, parse_expression};

use crate::{constant, find};

/// A text that was read.
pub(super) struct Formula {
    pub tree: Tree,
    pub root: TreeId,
}

impl Formula {
    /// Reads a text in which `subject` names a function too. The message says what is wrong with it.
    pub fn read(text: &str, subject: &str) -> Result<Formula, String> {
        let names = |name: &str| {
            if name == subject || name == "integral" || find(name).is_some() {
                NameKind::Function
            } else {
                NameKind::Scalar
            }
        };
        let read = parse_expression(text, &names);
        if let Some(diagnostic) = read.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
            return Err(format!("`{text}` cannot be read: {}", diagnostic.message));
        }
        Ok(Formula { tree: read.tree, root: read.root })
    }

    /// The names that stand for values: neither functions nor constants nor bound by an integral.
    pub fn free_names(&self) -> Vec<String> {
        let (mut names, mut bound) = (Vec::new(), Vec::new());
        let mut heads = Vec::new();
        for id in 0..self.tree.len() as u32 {
            if let Kind::Call { head, args } = self.tree.kind(TreeId(id)) {
                heads.push(*head);
                if self.name(*head) == Some("integral")
                    && let Some(variable) = self.tree.ids(*args).get(1).and_then(|&id| self.name(id))
                {
                    bound.push(variable.to_string());
                }
            }
        }
        for id in (0..self.tree.len() as u32).map(TreeId) {
            let Some(name) = self.name(id) else { continue };
            let known = heads.contains(&id) || is_constant(name) || bound.iter().any(|other| other == name);
            if !known && !names.iter().any(|other| other == name) {
                names.push(name.to_string());
            }
        }
        names
    }

    /// The name at a node, if it is one.
    pub fn name(&self, id: TreeId) -> Option<&str> {
        match self.tree.kind(id) {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// Whether a name has a value without being given one.
pub(super) fn is_constant(name: &str) -> bool {
    matches!(name, "inf" | "true" | "false") || constant(name).is_some()
}
