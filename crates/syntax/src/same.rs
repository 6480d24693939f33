//! Walking trees, copying nodes, and comparing them.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::{Binary, Kind, List, Prefix, Tree, TreeId};

impl Tree {
    /// Calls `visit` with the children of a node, in the order in which they are written.
    pub fn children(&self, id: TreeId, mut visit: impl FnMut(TreeId)) {
        let list = |list: &List, visit: &mut dyn FnMut(TreeId)| {
            for &child in self.ids(*list) {
                visit(child);
            }
        };
        match self.kind(id) {
            Kind::Number(_) | Kind::Name(_) | Kind::Text(_) | Kind::Colon | Kind::Missing => {}
            Kind::Prefix(_, x) | Kind::Factorial(x) | Kind::Prime(x, _) | Kind::Inverse(x) => visit(*x),
            Kind::Binary(_, a, b)
            | Kind::Range(a, b)
            | Kind::In(a, b)
            | Kind::Equation(a, b)
            | Kind::Arrow(a, b, _) => {
                visit(*a);
                visit(*b);
            }
            Kind::Compare { operands: all, .. }
            | Kind::Tuple(all)
            | Kind::Vector(all)
            | Kind::Matrix(all) => {
                list(all, &mut visit);
            }
            Kind::Call { head, args } => {
                visit(*head);
                list(args, &mut visit);
            }
            Kind::Index { base, indices } => {
                visit(*base);
                list(indices, &mut visit);
            }
            Kind::Comprehension { body, binders } => {
                visit(*body);
                list(binders, &mut visit);
            }
            Kind::If(a, b, c) => {
                visit(*a);
                visit(*b);
                visit(*c);
            }
            Kind::Where(body, definitions) => {
                visit(*body);
                list(definitions, &mut visit);
            }
            Kind::Derivative { variables, body, .. } => {
                list(variables, &mut visit);
                visit(*body);
            }
            Kind::Define { target, value, binders } => {
                visit(*target);
                visit(*value);
                list(binders, &mut visit);
            }
            Kind::Declare { names, ty } => {
                list(names, &mut visit);
                visit(*ty);
            }
            Kind::Teach { define, columns } => {
                visit(*define);
                list(columns, &mut visit);
            }
            Kind::Solve { equations, over } => {
                list(equations, &mut visit);
                list(over, &mut visit);
            }
            Kind::Minimize { objective, constraints, over, .. } => {
                visit(*objective);
                list(constraints, &mut visit);
                list(over, &mut visit);
            }
        }
    }

    /// A copy of a node, behind all others, with the children that `new` gives for its own.
    ///
    /// ```
    /// use agnesi_syntax::{Binary, Kind, Tree};
    ///
    /// let mut tree = Tree::new();
    /// let (x, y) = (tree.name("x"), tree.name("y"));
    /// let sum = tree.binary(Binary::Add, x, y);
    /// let one = tree.number("1");
    /// let changed = tree.with_children(sum, |child| if child == x { one } else { child });
    /// assert_eq!(*tree.kind(changed), Kind::Binary(Binary::Add, one, y));
    /// ```
    pub fn with_children(&mut self, id: TreeId, mut new: impl FnMut(TreeId) -> TreeId) -> TreeId {
        let mut kind = self.kind(id).clone();
        let list = |tree: &mut Tree, all: &mut List, new: &mut dyn FnMut(TreeId) -> TreeId| {
            let ids: Vec<TreeId> = tree.ids(*all).iter().map(|child| new(*child)).collect();
            *all = tree.list(&ids);
        };
        match &mut kind {
            Kind::Number(_) | Kind::Name(_) | Kind::Text(_) | Kind::Colon | Kind::Missing => {}
            Kind::Prefix(_, x) | Kind::Factorial(x) | Kind::Prime(x, _) | Kind::Inverse(x) => *x = new(*x),
            Kind::Binary(_, a, b)
            | Kind::Range(a, b)
            | Kind::In(a, b)
            | Kind::Equation(a, b)
            | Kind::Arrow(a, b, _) => (*a, *b) = (new(*a), new(*b)),
            Kind::If(a, b, c) => (*a, *b, *c) = (new(*a), new(*b), new(*c)),
            Kind::Compare { operands: all, .. }
            | Kind::Tuple(all)
            | Kind::Vector(all)
            | Kind::Matrix(all) => list(self, all, &mut new),
            Kind::Call { head: one, args: all }
            | Kind::Index { base: one, indices: all }
            | Kind::Comprehension { body: one, binders: all }
            | Kind::Where(one, all)
            | Kind::Derivative { variables: all, body: one, .. }
            | Kind::Declare { names: all, ty: one }
            | Kind::Teach { define: one, columns: all } => {
                *one = new(*one);
                list(self, all, &mut new);
            }
            Kind::Define { target, value, binders } => {
                (*target, *value) = (new(*target), new(*value));
                list(self, binders, &mut new);
            }
            Kind::Solve { equations, over } => {
                list(self, equations, &mut new);
                list(self, over, &mut new);
            }
            Kind::Minimize { objective, constraints, over, .. } => {
                *objective = new(*objective);
                list(self, constraints, &mut new);
                list(self, over, &mut new);
            }
        }
        let span = self.span(id);
        self.push(kind, span)
    }

    /// Whether two nodes, of this tree and another or the same, say the same: the same kinds with the same texts in the
    /// same order. Spans do not count, nor whether a product was written with its sign, nor where the minus of a product
    /// stands: -(a*b) is (-a)*b.
    ///
    /// Takes time in proportion to the pairs of nodes that correspond, so shared nodes are compared once.
    pub fn same(&self, id: TreeId, other: &Tree, other_id: TreeId) -> bool {
        let mut seen = FxHashSet::default();
        let mut stack = vec![((id, false), (other_id, false))];
        while let Some((a, b)) = stack.pop() {
            if (std::ptr::eq(self, other) && a == b) || !seen.insert((a, b)) {
                continue;
            }
            let (left, right) = (View::of(self, a), View::of(other, b));
            if !alike(&left.kind, &right.kind) || left.children.len() != right.children.len() {
                return false;
            }
            stack.extend(left.children.iter().copied().zip(right.children.iter().copied()));
        }
        true
    }
}

/// A node, and whether a minus before it has still to be written.
type Signed = (TreeId, bool);

/// What is compared: a node whose minus, if it has one and is a product, stands before its first factor.
struct View<'t> {
    kind: Cow<'t, Kind>,
    children: SmallVec<[Signed; 4]>,
}

impl<'t> View<'t> {
    fn of(tree: &'t Tree, (id, minus): Signed) -> View<'t> {
        let product = |id: TreeId| match tree.kind(id) {
            Kind::Binary(op, left, right) if is_product(*op) => Some((*left, *right)),
            _ => None,
        };
        let (at, minus) = match tree.kind(id) {
            Kind::Prefix(Prefix::Neg, x) if !minus && crate::print::minus_goes_inside(tree, *x) => (*x, true),
            _ => (id, minus),
        };
        let kind = Cow::Borrowed(tree.kind(at));
        match product(at) {
            Some((left, right)) => {
                View { kind, children: [(left, minus), (right, false)].into_iter().collect() }
            }
            None if minus => View {
                kind: Cow::Owned(Kind::Prefix(Prefix::Neg, at)),
                children: [(at, false)].into_iter().collect(),
            },
            None => {
                let mut children = SmallVec::new();
                tree.children(at, |child| children.push((child, false)));
                View { kind, children }
            }
        }
    }
}

fn is_product(op: Binary) -> bool {
    match op {
        Binary::Mul | Binary::Juxtapose | Binary::Div => true,
        Binary::Cross | Binary::ElementMul | Binary::ElementDiv => true,
        Binary::Add | Binary::Sub | Binary::Pow | Binary::ElementPow | Binary::And | Binary::Or => false,
    }
}

/// Whether two nodes are alike, their children aside.
fn alike(a: &Kind, b: &Kind) -> bool {
    let plain = |op: Binary| if op == Binary::Juxtapose { Binary::Mul } else { op };
    match (a, b) {
        (Kind::Number(a), Kind::Number(b)) => a == b,
        (Kind::Name(a), Kind::Name(b)) => a == b,
        (Kind::Text(a), Kind::Text(b)) => a == b,
        (Kind::Prefix(a, _), Kind::Prefix(b, _)) => a == b,
        (Kind::Binary(a, ..), Kind::Binary(b, ..)) => plain(*a) == plain(*b),
        (Kind::Prime(_, a), Kind::Prime(_, b)) => a == b,
        (Kind::Arrow(_, _, a), Kind::Arrow(_, _, b)) => a == b,
        (Kind::Compare { relations: a, .. }, Kind::Compare { relations: b, .. }) => a == b,
        (Kind::Call { args: a, .. }, Kind::Call { args: b, .. }) => a.len() == b.len(),
        (
            Kind::Derivative { partial: a, variables: u, .. },
            Kind::Derivative { partial: b, variables: v, .. },
        ) => a == b && u.len() == v.len(),
        (Kind::Define { binders: a, .. }, Kind::Define { binders: b, .. }) => a.len() == b.len(),
        (Kind::Declare { names: a, .. }, Kind::Declare { names: b, .. }) => a.len() == b.len(),
        (Kind::Solve { equations: a, over: u }, Kind::Solve { equations: b, over: v }) => {
            a.len() == b.len() && u.len() == v.len()
        }
        (
            Kind::Minimize { maximize: a, constraints: c, over: u, .. },
            Kind::Minimize { maximize: b, constraints: d, over: v, .. },
        ) => a == b && c.len() == d.len() && u.len() == v.len(),
        // For the others the number of children, which the caller compares, says it all.
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
