//! Sizes: numbers, names and expressions of them, as nodes of the graph.

use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId};

use crate::Rational;
use crate::facts::Facts;
use crate::graph::{Graph, Shape};
use crate::op::NodeId;
use crate::settle::Scope;
use crate::types::{Size, Structure, Type};

/// A size as a node.
pub(super) fn node(g: &mut Graph, size: &Size) -> Result<NodeId, Diagnostic> {
    match size {
        Size::Number(n) => Ok(g.number(Rational::from(*n as i64))),
        Size::Name(name) => Ok(symbol(g, name)),
        Size::Expression(text) => {
            let parsed = agnesi_syntax::parse_expression(text, &Scope::new());
            expression(g, &parsed.tree, parsed.root).ok_or_else(|| {
                Diagnostic::error(
                    Code::Shape,
                    format!("`{text}` is no size"),
                    Span::default(),
                    "a size is made of whole numbers and names with +, -, *, / and powers",
                )
                .with_hint("write for example `vector(n)`, `matrix(n, 2*m)` or `vector(d*(d-1)/2)`")
            })
        }
    }
}

/// A name that stands for a size.
pub(super) fn symbol(g: &mut Graph, name: &str) -> NodeId {
    let facts = Facts::INTEGER.and(Facts::POSITIVE);
    g.declare_tensor(name, facts, Structure::NONE, Shape::new())
}

/// The sizes of a type.
pub(super) fn shape(g: &mut Graph, ty: &Type) -> Result<Shape, Diagnostic> {
    ty.shape.iter().map(|size| node(g, size)).collect()
}

/// A name with its sizes, which are numbers: none of them is a vector, nor is the name a size and a vector itself.
pub(super) fn declared(
    g: &mut Graph,
    name: &str,
    facts: Facts,
    structure: Structure,
    shape: Shape,
) -> Result<NodeId, Diagnostic> {
    let node = g.declare_tensor(name, facts, structure, shape.clone());
    let symbols: Vec<NodeId> = shape.iter().flat_map(|size| g.topological(*size)).collect();
    let tensor = symbols.into_iter().find_map(|at| g.as_symbol(at).filter(|_| !g.shape(at).is_empty()));
    let both = match tensor {
        Some(symbol) => g.symbol_info(symbol).name.clone(),
        None if g.shape(node).len() == shape.len() => return Ok(node),
        None => name.into(),
    };
    Err(Diagnostic::error(
        Code::Shape,
        format!("`{both}` has entries, and is the size of an axis as well"),
        Span::default(),
        "not both",
    )
    .with_hint(format!("a size is a whole number: give it another name than `{both}`")))
}

fn expression(g: &mut Graph, tree: &Tree, id: TreeId) -> Option<NodeId> {
    use agnesi_syntax::Binary;
    match tree.kind(id) {
        Kind::Number(text) => Rational::parse_decimal(text).map(|n| g.number(n)),
        Kind::Name(name) => Some(symbol(g, name)),
        Kind::Binary(op, a, b) => {
            let (a, b) = (expression(g, tree, *a)?, expression(g, tree, *b)?);
            match op {
                Binary::Add => Some(g.sum(&[(Rational::ONE, a), (Rational::ONE, b)])),
                Binary::Sub => Some(g.sub(a, b)),
                Binary::Mul | Binary::Juxtapose => Some(g.mul(a, b)),
                Binary::Div => Some(g.div(a, b)),
                Binary::Pow => Some(g.general_power(a, b)),
                _ => None,
            }
        }
        // `d(d-1)/2` is read as a call.
        Kind::Call { head, args } => match (tree.kind(*head), tree.ids(*args)) {
            (Kind::Name(name), [arg]) => {
                let (a, b) = (symbol(g, name), expression(g, tree, *arg)?);
                Some(g.mul(a, b))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A size as text for messages.
pub(super) fn text(g: &mut Graph, size: NodeId) -> String {
    let (tree, root) = g.raise(size, crate::Style::default());
    agnesi_syntax::print::text(&tree, root)
}
