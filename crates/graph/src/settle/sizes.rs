//! Sizes that are names with numbers.

use agnesi_syntax::{Tree, TreeId};
use smol_str::SmolStr;

use super::Scope;
use crate::graph::Graph;
use crate::types::{Size, Type};

impl Scope {
    /// Puts numbers into the sizes of declared types, where the names in them are defined as whole numbers: with `n = 3`,
    /// `x: vector(n)` becomes `x: vector(3)`. Other sizes stay.
    ///
    /// ```
    /// use agnesi_graph::Scope;
    ///
    /// let mut scope = Scope::new();
    /// scope.read("x: matrix(n, 2*n + m); n = 3").expect("a declaration and a definition");
    /// scope.resolve_sizes();
    /// assert_eq!(scope.type_of("x").map(ToString::to_string).as_deref(), Some("matrix(3, 2*n + m)"));
    /// ```
    pub fn resolve_sizes(&mut self) {
        let mut resolved: Vec<(SmolStr, Type)> = Vec::new();
        for name in self.names() {
            let Some(ty) = self.type_of(name).filter(|ty| !ty.is_scalar()) else { continue };
            let shape: Vec<Size> = ty.shape.iter().map(|size| self.resolved(size)).collect();
            if shape != ty.shape {
                resolved.push((name.clone(), Type { shape, ..ty.clone() }));
            }
        }
        for (name, ty) in resolved {
            self.declare(name, ty);
        }
    }

    fn resolved(&self, size: &Size) -> Size {
        let number = match size {
            Size::Number(_) => None,
            Size::Name(name) => match self.definition(name) {
                Some(definition) if definition.params().is_none() => {
                    let (tree, root) = definition.body();
                    whole(tree, root, self)
                }
                Some(_) | None => None,
            },
            Size::Expression(text) => {
                let parsed = agnesi_syntax::parse_expression(text, self);
                whole(&parsed.tree, parsed.root, self)
            }
        };
        number.map_or_else(|| size.clone(), Size::Number)
    }
}

/// The value of an expression, where it is a whole number that is not negative.
fn whole(tree: &Tree, root: TreeId, scope: &Scope) -> Option<u64> {
    let mut graph = Graph::new();
    let node = graph.read_shaped(tree, root, scope).ok()?.node;
    graph.as_number(node)?.as_integer().and_then(|n| u64::try_from(n).ok())
}
