//! Whether a text speaks of tensors.

use agnesi_syntax::{Binary, Kind, Tree, TreeId};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::operators::Operator;
use crate::settle::{Definition, Scope};

/// Whether an expression needs shapes: it mentions a declared vector or matrix, by itself or through a definition, or
/// uses a notation that has no meaning for scalars alone.
pub fn needs_shapes(tree: &Tree, root: TreeId, scope: &Scope) -> bool {
    let mut seen = FxHashSet::default();
    search(tree, root, scope, &[], &mut seen)
}

/// The same for the body of a definition with these arguments.
pub(crate) fn definition_needs_shapes(definition: &Definition, scope: &Scope) -> bool {
    let (tree, root) = definition.body();
    let mut seen = FxHashSet::default();
    search(tree, root, scope, definition.params().unwrap_or_default(), &mut seen)
}

fn search(
    tree: &Tree,
    root: TreeId,
    scope: &Scope,
    params: &[SmolStr],
    seen: &mut FxHashSet<SmolStr>,
) -> bool {
    let mut stack = vec![root];
    let mut visited = vec![false; tree.len()];
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut visited[id.0 as usize], true) {
            continue;
        }
        match tree.kind(id) {
            Kind::Name(name) => {
                if scope.type_of(name).is_some_and(|ty| !ty.is_scalar()) {
                    return true;
                }
                if let Some(definition) = scope.definition(name)
                    && seen.insert(name.clone())
                {
                    let (tree, root) = definition.body();
                    if search(tree, root, scope, definition.params().unwrap_or_default(), seen) {
                        return true;
                    }
                }
            }
            Kind::Call { head, args } => {
                if let Kind::Name(name) = tree.kind(*head)
                    && scope.definition(name).is_none()
                    && scope.type_of(name).is_none()
                    && Operator::of(name).is_some_and(|op| {
                        op.always_shaped(tree, tree.ids(*args))
                            || op.takes_all() && is_of_parameter(tree, tree.ids(*args), params)
                    })
                {
                    return true;
                }
            }
            Kind::Index { base, .. } => {
                // Entries of what is written out are scalars.
                let name = matches!(tree.kind(*base), Kind::Name(name) if scope.definition(name).is_none());
                if name {
                    return true;
                }
            }
            Kind::Comprehension { .. } => return true,
            Kind::Matrix(rows) => {
                let wide = tree
                    .ids(*rows)
                    .iter()
                    .any(|row| matches!(tree.kind(*row), Kind::Vector(cells) if cells.len() > 1));
                if wide {
                    return true;
                }
            }
            Kind::Prime(inner, _) => match tree.kind(*inner) {
                Kind::Vector(_) | Kind::Matrix(_) => return true,
                // A prime behind an argument of the function that is being defined is a transpose.
                Kind::Name(name) if params.contains(name) => return true,
                _ => {}
            },
            // Operations on what is written out.
            Kind::Binary(op, a, b)
                if !matches!(op, Binary::And | Binary::Or)
                    && [a, b].iter().any(|x| matches!(tree.kind(**x), Kind::Vector(_) | Kind::Matrix(_))) =>
            {
                return true;
            }
            _ => {}
        }
        tree.children(id, |child| stack.push(child));
    }
    false
}

/// Whether the one argument of a call speaks of a parameter, and is not written out: its entries come with a call then.
fn is_of_parameter(tree: &Tree, args: &[TreeId], params: &[SmolStr]) -> bool {
    let [arg] = args else { return false };
    let mut stack = vec![*arg];
    while let Some(id) = stack.pop() {
        match tree.kind(id) {
            Kind::Name(name) if params.contains(name) => return true,
            Kind::Vector(_) | Kind::Matrix(_) | Kind::In(..) => {}
            _ => tree.children(id, |child| stack.push(child)),
        }
    }
    false
}
