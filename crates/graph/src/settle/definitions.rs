//! Definitions: written out at a use, and held against themselves when they are read.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId};
use smallvec::SmallVec;

use super::scope::{Definition, Scope};
use super::settler::{Bound, CallKey, Done, Frame, Local, Settler};
use super::{Limits, Settled};
use crate::taught::Taught;

/// Settles the body of a definition with its arguments as free symbols, for its faults; the notes if there are none.
pub(super) fn settle_definition(
    definition: &Definition,
    scope: &Scope,
    limits: &Limits,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let notes = settle_part(definition, definition.root, scope, limits)?.notes;
    let Some(columns) = definition.columns() else { return Ok(notes) };
    let tree: &Tree = &definition.tree;
    let params = definition.params().unwrap_or_default().len();
    for (column, root) in columns {
        // The other columns are facts, conditions and words; they are read by those who use them.
        if matches!(column.as_str(), "derivative" | "antiderivative") {
            let parts = parts(tree, *root);
            if column == "derivative" && parts.len() != params {
                let error = Diagnostic::error(
                    Code::Type,
                    format!(
                        "`{}` has {params} arguments, and {} derivatives are given",
                        definition.name(),
                        parts.len()
                    ),
                    tree.span(*root),
                    "one for each argument is needed",
                )
                .with_hint("separate them by commas, in the order of the arguments");
                return Err(vec![error]);
            }
            for part in parts {
                settle_part(definition, part, scope, limits)?;
            }
        }
    }
    if let Some(place) = mention_of_itself(definition, scope) {
        let error = Diagnostic::error(
            Code::Name,
            format!("`{}` is defined by itself", definition.name()),
            tree.span(place),
            "the definition comes back to itself here",
        )
        .with_hint("a definition may use only what does not depend on it");
        return Err(vec![error]);
    }
    Ok(notes)
}

/// The entries of a column.
fn parts(tree: &Tree, root: TreeId) -> SmallVec<[TreeId; 2]> {
    match tree.kind(root) {
        Kind::Tuple(items) => tree.ids(*items).iter().copied().collect(),
        _ => [root].into_iter().collect(),
    }
}

/// Where the body of a taught function, which is not expanded, comes back to it.
fn mention_of_itself(definition: &Definition, scope: &Scope) -> Option<TreeId> {
    super::walk::below(&definition.tree, definition.root).into_iter().find(|id| {
        let Kind::Name(name) = definition.tree.kind(*id) else { return false };
        name == definition.name()
            || scope
                .definition(name)
                .is_some_and(|used| super::names::mentions(scope, used, definition.name()))
    })
}

/// One tree of a definition with its arguments as free symbols.
fn settle_part(
    definition: &Definition,
    root: TreeId,
    scope: &Scope,
    limits: &Limits,
) -> Result<Settled, Vec<Diagnostic>> {
    let tree: &Tree = &definition.tree;
    let mut settler = Settler::new(tree, root, scope, limits);
    if root == definition.root {
        settler.active.push(definition);
    }
    for name in definition.params().unwrap_or_default() {
        let id = settler.push(Kind::Name(name.clone()), tree.span(root));
        settler.env.push(Local { name, value: Bound::Value(id) });
    }
    let frame = Frame { tree, base: 0, span: None, definition: None };
    let settled = settler.fresh_walk(&frame, root);
    settler.finish(settled)
}

/// A taught function with its texts settled.
pub(super) fn settle_taught(
    definition: &Definition,
    scope: &Scope,
    limits: &Limits,
) -> Result<Taught, Vec<Diagnostic>> {
    let meaning = settle_part(definition, definition.root, scope, limits)?;
    let column = definition.columns().unwrap_or_default().iter().find(|(name, _)| name == "derivative");
    let derivative = match column {
        None => None,
        Some((_, root)) => Some(
            parts(&definition.tree, *root)
                .into_iter()
                .map(|part| {
                    settle_part(definition, part, scope, limits).map(|settled| (settled.tree, settled.root))
                })
                .collect::<Result<Vec<_>, _>>()?,
        ),
    };
    Ok(Taught {
        name: definition.name().clone(),
        args: definition.params().unwrap_or_default().to_vec(),
        meaning: (meaning.tree, meaning.root),
        derivative,
    })
}

impl<'a> Settler<'a> {
    /// The value of a definition without arguments.
    pub(super) fn value_of(&mut self, frame: &Frame<'a>, definition: &'a Definition, span: Span) -> Done {
        let shared = self.overrides.is_empty();
        if shared && let Some(&value) = self.values.get(&std::ptr::from_ref(definition)) {
            return Ok(value);
        }
        let value = self.expand(frame, definition, &[], span)?;
        if shared {
            self.values.insert(definition, value);
        }
        Ok(value)
    }

    /// The body of a definition with its arguments bound; the same node for the same arguments.
    pub(super) fn call_of(
        &mut self,
        frame: &Frame<'a>,
        definition: &'a Definition,
        args: &[TreeId],
        span: Span,
    ) -> Done {
        let key: CallKey = (definition, args.iter().map(|&arg| self.canonical(arg)).collect());
        let shared = self.overrides.is_empty();
        if shared && let Some(&value) = self.calls.get(&key) {
            return Ok(value);
        }
        let value = self.expand(frame, definition, args, span)?;
        if shared {
            self.calls.insert(key, value);
        }
        Ok(value)
    }

    pub(super) fn expand(
        &mut self,
        frame: &Frame<'a>,
        definition: &'a Definition,
        args: &[TreeId],
        span: Span,
    ) -> Done {
        if let Some(first) = self.active.iter().position(|active| std::ptr::eq(*active, definition)) {
            let mut cycle: Vec<String> =
                self.active[first..].iter().map(|active| format!("`{}`", active.name())).collect();
            cycle.push(format!("`{}`", definition.name()));
            let message = if cycle.len() == 2 {
                format!("{} is defined by itself", cycle[0])
            } else {
                format!("{} is defined by itself: {}", cycle[0], cycle.join(" needs "))
            };
            return Err(self.fail(
                frame,
                Diagnostic::error(Code::Name, message, span, "the definition comes back to itself here")
                    .with_hint("a definition may use only what does not depend on it"),
            ));
        }
        let base = self.env.len();
        for (name, &arg) in definition.params().unwrap_or_default().iter().zip(args) {
            self.env.push(Local { name, value: Bound::Value(arg) });
        }
        let inner = Frame {
            tree: &definition.tree,
            base,
            span: Some(frame.span.unwrap_or(span)),
            definition: Some(definition),
        };
        self.active.push(definition);
        let result = self.fresh_walk(&inner, definition.root);
        self.active.pop();
        self.env.truncate(base);
        result
    }
}
