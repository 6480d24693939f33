//! The arena that an explanation is written in: equal formulas are one node, so that terms are collected by id.

use std::rc::Rc;

use agnesi_graph::Rational;
use agnesi_syntax::{Binary, Kind, Prefix, Relation, Side, Span, Tree, TreeId};
use rustc_hash::FxHashMap;

/// A node by its structure: what two nodes must share to be one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Number(String),
    Name(String),
    Prefix(Prefix, TreeId),
    Binary(Binary, TreeId, TreeId),
    Compare(Vec<TreeId>, Vec<Relation>),
    Call(TreeId, Vec<TreeId>),
    Arrow(TreeId, TreeId, Side),
    Equation(TreeId, TreeId),
    Vector(Vec<TreeId>),
    Matrix(Vec<TreeId>),
    If(TreeId, TreeId, TreeId),
    Where(TreeId, Vec<TreeId>),
    Define(TreeId, TreeId),
    Derivative(bool, Vec<TreeId>, TreeId),
}

impl Node {
    /// The node's children, in order.
    fn children(&self) -> Vec<TreeId> {
        match self {
            Node::Number(_) | Node::Name(_) => Vec::new(),
            Node::Prefix(_, a) => vec![*a],
            Node::Binary(_, a, b) | Node::Arrow(a, b, _) | Node::Equation(a, b) | Node::Define(a, b) => {
                vec![*a, *b]
            }
            Node::Compare(ids, _) | Node::Vector(ids) | Node::Matrix(ids) => ids.clone(),
            Node::Call(a, ids) | Node::Where(a, ids) => [&[*a], ids.as_slice()].concat(),
            Node::If(a, b, c) => vec![*a, *b, *c],
            Node::Derivative(_, ids, a) => [ids.as_slice(), &[*a]].concat(),
        }
    }

    /// The same node over other children.
    pub fn map(&self, mut f: impl FnMut(TreeId) -> TreeId) -> Node {
        let all = |ids: &[TreeId], f: &mut dyn FnMut(TreeId) -> TreeId| ids.iter().map(|&i| f(i)).collect();
        match self {
            Node::Number(_) | Node::Name(_) => self.clone(),
            Node::Prefix(op, a) => Node::Prefix(*op, f(*a)),
            Node::Binary(op, a, b) => Node::Binary(*op, f(*a), f(*b)),
            Node::Arrow(a, b, side) => Node::Arrow(f(*a), f(*b), *side),
            Node::Equation(a, b) => Node::Equation(f(*a), f(*b)),
            Node::Define(a, b) => Node::Define(f(*a), f(*b)),
            Node::Compare(ids, r) => Node::Compare(all(ids, &mut f), r.clone()),
            Node::Vector(ids) => Node::Vector(all(ids, &mut f)),
            Node::Matrix(ids) => Node::Matrix(all(ids, &mut f)),
            Node::Call(a, ids) => Node::Call(f(*a), all(ids, &mut f)),
            Node::Where(a, ids) => Node::Where(f(*a), all(ids, &mut f)),
            Node::If(a, b, c) => Node::If(f(*a), f(*b), f(*c)),
            Node::Derivative(p, ids, a) => Node::Derivative(*p, all(ids, &mut f), f(*a)),
        }
    }
}

/// A number that knows whether its writer uses decimals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Amount {
    pub value: Rational,
    pub decimal: bool,
}

/// The arena, with one node for each structure.
#[derive(Default)]
pub(crate) struct Forge {
    pub tree: Tree,
    seen: FxHashMap<Node, TreeId>,
    // For each name: of each node made so far, whether the name stands free in it. Extended when asked.
    free: FxHashMap<Rc<str>, Vec<bool>>,
}

impl Forge {
    /// The node of this structure.
    pub fn put(&mut self, node: Node) -> TreeId {
        self.put_at(node, Span::default())
    }

    /// The node of this structure; where it is new it takes this place.
    pub fn put_at(&mut self, node: Node, span: Span) -> TreeId {
        if let Some(&id) = self.seen.get(&node) {
            return id;
        }
        let t = &mut self.tree;
        let kind = match &node {
            Node::Number(s) => Kind::Number(s.as_str().into()),
            Node::Name(s) => Kind::Name(s.as_str().into()),
            Node::Prefix(op, a) => Kind::Prefix(*op, *a),
            Node::Binary(op, a, b) => Kind::Binary(*op, *a, *b),
            Node::Compare(ids, r) => Kind::Compare { operands: t.list(ids), relations: r.clone() },
            Node::Call(head, ids) => Kind::Call { head: *head, args: t.list(ids) },
            Node::Arrow(a, b, side) => Kind::Arrow(*a, *b, *side),
            Node::Equation(a, b) => Kind::Equation(*a, *b),
            Node::Vector(ids) => Kind::Vector(t.list(ids)),
            Node::Matrix(ids) => Kind::Matrix(t.list(ids)),
            Node::If(a, b, c) => Kind::If(*a, *b, *c),
            Node::Where(a, ids) => Kind::Where(*a, t.list(ids)),
            Node::Define(a, b) => Kind::Define { target: *a, value: *b, binders: t.list(&[]) },
            Node::Derivative(p, v, a) => Kind::Derivative { partial: *p, variables: t.list(v), body: *a },
        };
        let id = t.push(kind, span);
        self.seen.insert(node, id);
        id
    }

    /// The structure of a node of this arena.
    pub fn node(&self, id: TreeId) -> Node {
        // Every node here was made by `put_at`.
        Forge::structure(&self.tree, id).unwrap_or(Node::Name(String::new()))
    }

    /// The structure of a node of any tree, products and elementwise operators in their plain form; `None` for a
    /// kind that no settled tree holds.
    fn structure(tree: &Tree, id: TreeId) -> Option<Node> {
        let ids = |list| tree.ids(list).to_vec();
        Some(match tree.kind(id) {
            Kind::Number(s) => Node::Number(s.to_string()),
            Kind::Name(s) => Node::Name(s.to_string()),
            Kind::Prefix(op, a) => Node::Prefix(*op, *a),
            Kind::Binary(op, a, b) => {
                let op = match op {
                    Binary::Juxtapose | Binary::ElementMul => Binary::Mul,
                    Binary::ElementDiv => Binary::Div,
                    Binary::ElementPow => Binary::Pow,
                    Binary::Cross => return None,
                    Binary::Add | Binary::Sub | Binary::Mul | Binary::Div => *op,
                    Binary::Pow | Binary::And | Binary::Or => *op,
                };
                Node::Binary(op, *a, *b)
            }
            Kind::Compare { operands, relations } => Node::Compare(ids(*operands), relations.clone()),
            Kind::Call { head, args } => Node::Call(*head, ids(*args)),
            Kind::Arrow(a, b, side) => Node::Arrow(*a, *b, *side),
            Kind::Equation(a, b) => Node::Equation(*a, *b),
            Kind::Vector(list) => Node::Vector(ids(*list)),
            Kind::Matrix(list) => Node::Matrix(ids(*list)),
            Kind::If(a, b, c) => Node::If(*a, *b, *c),
            Kind::Where(a, list) => Node::Where(*a, ids(*list)),
            Kind::Define { target, value, .. } => Node::Define(*target, *value),
            Kind::Derivative { partial, variables, body } => {
                Node::Derivative(*partial, ids(*variables), *body)
            }
            _ => return None,
        })
    }

    /// Copies a formula of another tree; the error is the node of a kind that cannot be explained.
    pub fn import(&mut self, tree: &Tree, root: TreeId) -> Result<TreeId, TreeId> {
        let mut wanted = vec![false; root.0 as usize + 1];
        wanted[root.0 as usize] = true;
        let mut nodes = Vec::new();
        for i in (0..=root.0).rev() {
            if wanted[i as usize] {
                let node = Forge::structure(tree, TreeId(i)).ok_or(TreeId(i))?;
                for child in node.children() {
                    wanted[child.0 as usize] = true;
                }
                nodes.push((TreeId(i), node));
            }
        }
        let plain = plain_names(&nodes);
        let mut made = vec![root; root.0 as usize + 1];
        for (id, node) in nodes.iter().rev() {
            let node = match node {
                Node::Name(name) if plain.contains_key(name) => Node::Name(plain[name].clone()),
                Node::Prefix(Prefix::Plus, a) => {
                    made[id.0 as usize] = made[a.0 as usize];
                    continue;
                }
                node => node.map(|child| made[child.0 as usize]),
            };
            made[id.0 as usize] = self.put_at(node, tree.span(*id));
        }
        Ok(made[root.0 as usize])
    }

    /// The nodes that a formula is made of, children before parents.
    pub fn reachable(&self, root: TreeId) -> Vec<TreeId> {
        let mut wanted = vec![false; root.0 as usize + 1];
        wanted[root.0 as usize] = true;
        let mut found = Vec::new();
        for i in (0..=root.0).rev() {
            if wanted[i as usize] {
                found.push(TreeId(i));
                for child in self.node(TreeId(i)).children() {
                    wanted[child.0 as usize] = true;
                }
            }
        }
        found.reverse();
        found
    }

    /// Whether a name stands free in a formula.
    pub fn depends(&mut self, id: TreeId, name: &str) -> bool {
        let mut table = self.free.remove(name).unwrap_or_default();
        for i in table.len()..self.tree.len() {
            let answer = self.is_free(TreeId(i as u32), name, &table);
            table.push(answer);
        }
        let answer = table[id.0 as usize];
        self.free.insert(name.into(), table);
        answer
    }

    fn is_free(&self, id: TreeId, name: &str, table: &[bool]) -> bool {
        let known = |id: &TreeId| table[id.0 as usize];
        match self.tree.kind(id) {
            Kind::Name(s) => s == name,
            Kind::Call { head, args } => {
                let args = self.tree.ids(*args);
                if let (Some("integral"), [body, bound, bounds @ ..]) = (self.name_of(*head), args) {
                    // Without bounds the integral is a function of its variable.
                    let bound = !bounds.is_empty() && self.name_of(*bound) == Some(name);
                    return (!bound && known(body)) || bounds.iter().any(known);
                }
                args.iter().any(known)
            }
            Kind::Where(body, defines) => {
                let defines = self.tree.ids(*defines);
                let bound = defines.iter().any(|&d| match self.tree.kind(d) {
                    Kind::Define { target, .. } => self.name_of(*target) == Some(name),
                    _ => false,
                });
                (!bound && known(body)) || defines.iter().any(known)
            }
            Kind::Define { value, .. } => known(value),
            Kind::Derivative { body, .. } => known(body),
            _ => self.node(id).children().iter().any(known),
        }
    }

    /// All names that stand free in a formula, constants and heads of calls left out, in the order of their ids.
    pub fn free_names(&mut self, root: TreeId) -> Vec<String> {
        let mut names = Vec::new();
        for id in self.reachable(root) {
            match self.tree.kind(id) {
                Kind::Name(s) if s != "inf" && agnesi_functions::constant(s).is_none() => {
                    names.push(s.to_string())
                }
                _ => {}
            }
        }
        // The head of a call is a name too, and a bound one is not free.
        names.retain(|name| self.depends(root, name));
        names
    }

    /// The formula with a value in the place of a name. A name bound inside that the value contains is renamed.
    pub fn substitute(&mut self, root: TreeId, name: &str, value: TreeId) -> TreeId {
        let mut made: FxHashMap<TreeId, TreeId> = FxHashMap::default();
        for id in self.reachable(root) {
            let node = self.node(id);
            let new = if !self.depends(id, name) {
                id
            } else if let Node::Name(_) = node {
                value
            } else if let Some(renamed) = self.bound_clash(&node, name, value) {
                let (body, bound, fresh, rest) = renamed;
                let fresh_id = self.name(&fresh);
                let body = self.substitute(body, &bound, fresh_id);
                let body = self.substitute(body, name, value);
                let rest: Vec<TreeId> = rest.iter().map(|r| made.get(r).copied().unwrap_or(*r)).collect();
                let head = self.name("integral");
                self.put(Node::Call(head, [&[body, fresh_id], rest.as_slice()].concat()))
            } else {
                let hidden = self.hidden(&node, name);
                self.put(node.map(|child| match hidden == Some(child) {
                    true => child,
                    false => made.get(&child).copied().unwrap_or(child),
                }))
            };
            made.insert(id, new);
        }
        made.get(&root).copied().unwrap_or(root)
    }

    /// The body of a binder that binds this name, where the name is therefore another one.
    fn hidden(&self, node: &Node, name: &str) -> Option<TreeId> {
        match node {
            Node::Call(head, args) if self.name_of(*head) == Some("integral") => match args.as_slice() {
                [body, bound, _, _] if self.name_of(*bound) == Some(name) => Some(*body),
                _ => None,
            },
            _ => None,
        }
    }

    #[allow(clippy::type_complexity)]
    fn bound_clash(
        &mut self,
        node: &Node,
        name: &str,
        value: TreeId,
    ) -> Option<(TreeId, String, String, Vec<TreeId>)> {
        let Node::Call(head, args) = node else { return None };
        if self.name_of(*head) != Some("integral") || args.len() != 4 {
            return None;
        }
        let bound = self.name_of(args[1])?.to_string();
        if bound == name || !self.depends(value, &bound) || !self.depends(args[0], name) {
            return None;
        }
        let (body, rest) = (args[0], args[2..].to_vec());
        let fresh = self.fresh(&["t", "s", "r", "q"], &[body, value]);
        Some((body, bound, fresh, rest))
    }

    /// The first of these letters that is free in none of the formulas, else the last one with a number.
    pub fn fresh(&mut self, letters: &[&str], formulas: &[TreeId]) -> String {
        let mut taken = |letter: &str| formulas.iter().any(|&f| self.depends(f, letter));
        let numbered = |n: usize| format!("{}_{n}", letters.last().unwrap_or(&"u"));
        match letters.iter().find(|l| !taken(l)) {
            Some(letter) => letter.to_string(),
            None => (1..).map(numbered).find(|l| !taken(l)).unwrap_or_default(),
        }
    }

    /// How many nodes the formula has when it is written out, with a ceiling.
    pub fn written_size(&self, root: TreeId) -> usize {
        let mut sizes: FxHashMap<TreeId, usize> = FxHashMap::default();
        for id in self.reachable(root) {
            let children = self.node(id).children();
            let size =
                children.iter().fold(1usize, |n, c| n.saturating_add(sizes.get(c).copied().unwrap_or(1)));
            sizes.insert(id, size);
        }
        sizes.get(&root).copied().unwrap_or(1)
    }

    // Short forms.

    pub fn name_of(&self, id: TreeId) -> Option<&str> {
        match self.tree.kind(id) {
            Kind::Name(s) => Some(s.as_str()),
            _ => None,
        }
    }

    pub fn name(&mut self, name: &str) -> TreeId {
        self.put(Node::Name(name.to_string()))
    }

    pub fn call(&mut self, name: &str, args: &[TreeId]) -> TreeId {
        let head = self.name(name);
        self.put(Node::Call(head, args.to_vec()))
    }

    pub fn raw(&mut self, op: Binary, a: TreeId, b: TreeId) -> TreeId {
        self.put(Node::Binary(op, a, b))
    }

    pub fn integer(&mut self, n: i64) -> TreeId {
        self.amount(&Amount { value: Rational::from(n), decimal: false })
    }

    /// A number as it is written: `3`, `2/3`, `0.25`, `-1`.
    pub fn amount(&mut self, n: &Amount) -> TreeId {
        if n.value.is_negative() {
            let positive = self.amount(&Amount { value: -&n.value, decimal: n.decimal });
            return self.put(Node::Prefix(Prefix::Neg, positive));
        }
        if n.decimal
            && let Some(text) = n.value.to_decimal()
        {
            return self.put(Node::Number(text));
        }
        let top = self.put(Node::Number(n.value.numerator().to_string()));
        if n.value.is_integer() {
            return top;
        }
        let bottom = self.put(Node::Number(n.value.denominator().to_string()));
        self.put(Node::Binary(Binary::Div, top, bottom))
    }

    /// The value of a formula that is a number as written: `3`, `-3`, `1/3`, `0.1`.
    pub fn as_amount(&self, id: TreeId) -> Option<Amount> {
        // Signs and fractions of numbers nest a little at most.
        self.as_amount_within(id, 4)
    }

    fn as_amount_within(&self, id: TreeId, depth: u32) -> Option<Amount> {
        let depth = depth.checked_sub(1)?;
        match self.tree.kind(id) {
            Kind::Number(s) => {
                let decimal = s.contains(['.', 'e', 'E']);
                Rational::parse_decimal(s).filter(|v| v.bits() < 1024).map(|value| Amount { value, decimal })
            }
            Kind::Prefix(Prefix::Neg, a) => {
                let a = self.as_amount_within(*a, depth)?;
                Some(Amount { value: -&a.value, decimal: a.decimal })
            }
            Kind::Binary(Binary::Div, a, b) => {
                let (a, b) = (self.as_amount_within(*a, depth)?, self.as_amount_within(*b, depth)?);
                Some(Amount { value: &a.value * &b.value.recip()?, decimal: a.decimal || b.decimal })
            }
            _ => None,
        }
    }

    pub fn as_rational(&self, id: TreeId) -> Option<Rational> {
        self.as_amount(id).map(|a| a.value)
    }

    pub fn is_number(&self, id: TreeId, n: i64) -> bool {
        self.as_rational(id).is_some_and(|v| v.as_integer() == Some(n))
    }
}

/// The children of a node of a tree that a forge made.
pub(crate) fn children(tree: &Tree, id: TreeId) -> Vec<TreeId> {
    Forge::structure(tree, id).map(|node| node.children()).unwrap_or_default()
}

/// For the names that a `where` binds, as `x_1`, the name without its number, unless something else has that name.
fn plain_names(nodes: &[(TreeId, Node)]) -> FxHashMap<String, String> {
    let mut plain = FxHashMap::default();
    let named = |id: TreeId| {
        nodes.iter().find(|(other, _)| *other == id).and_then(|(_, node)| match node {
            Node::Name(name) => Some(name.clone()),
            _ => None,
        })
    };
    for (_, node) in nodes {
        let Node::Define(target, _) = node else { continue };
        let Some(name) = named(*target) else { continue };
        let Some((base, number)) = name.rsplit_once('_') else { continue };
        let numbered = !base.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let taken = nodes.iter().any(|(_, node)| matches!(node, Node::Name(other) if other == base))
            || plain.values().any(|other: &String| other == base);
        if numbered && !taken {
            plain.insert(name.clone(), base.to_string());
        }
    }
    plain
}
