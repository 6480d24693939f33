//! Functions taught in a session, as rows that the graph and the engine use.

use agnesi_graph::{Definition, Scope, Settled, Taught, Type, settle};
use agnesi_syntax::{Kind, TreeId};

/// A definition with columns as a taught function; `None` for a plain definition, which is expanded where it is used.
pub(crate) fn taught(definition: &Definition, scope: &Scope) -> Option<Taught> {
    let columns = definition.columns()?;
    let args = definition.params()?.to_vec();
    // Inside, the arguments are free, whatever their names mean outside.
    let mut inside = scope.clone();
    for arg in &args {
        inside.declare(arg.clone(), Type::real());
    }
    let (tree, root) = definition.body();
    let settled = |root: TreeId| settle(tree, root, &inside).ok();
    let meaning = settled(root).map(|s: Settled| (s.tree, s.root))?;
    let derivative = columns.iter().find(|(name, _)| name == "derivative").and_then(|(_, column)| {
        let roots: Vec<TreeId> = match tree.kind(*column) {
            Kind::Vector(list) | Kind::Tuple(list) => tree.ids(*list).to_vec(),
            _ => vec![*column],
        };
        roots.into_iter().map(|r| settled(r).map(|s| (s.tree, s.root))).collect::<Option<Vec<_>>>()
    });
    Some(Taught { name: definition.name().clone(), args, meaning, derivative })
}
