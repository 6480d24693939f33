//! Going through trees as written: the nodes and the names below a node.

use agnesi_syntax::{Kind, Tree, TreeId};

/// The nodes at and below a node, children before parents, each once.
pub(super) fn below(tree: &Tree, root: TreeId) -> Vec<TreeId> {
    let mut marked = vec![false; root.0 as usize + 1];
    marked[root.0 as usize] = true;
    let (mut pending, mut low) = (1usize, root.0);
    let mut count = 0;
    for at in (0..=root.0).rev() {
        if !marked[at as usize] {
            continue;
        }
        (pending, low, count) = (pending - 1, at, count + 1);
        tree.children(TreeId(at), |child| {
            if let Some(mark) = marked.get_mut(child.0 as usize)
                && !*mark
            {
                *mark = true;
                pending += 1;
            }
        });
        if pending == 0 {
            break;
        }
    }
    let mut ids = Vec::with_capacity(count);
    ids.extend((low..=root.0).filter(|&at| marked[at as usize]).map(TreeId));
    ids
}

/// Whether a name stands at or below a node.
pub(super) fn mentions(tree: &Tree, root: TreeId, name: &str) -> bool {
    match tree.kind(root) {
        Kind::Name(text) => text == name,
        Kind::Number(_) => false,
        _ => {
            below(tree, root).into_iter().any(|id| matches!(tree.kind(id), Kind::Name(text) if text == name))
        }
    }
}
