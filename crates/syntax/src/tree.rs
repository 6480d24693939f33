//! The tree: what was written, node by node, each with its place in the text.
//!
//! A [`Tree`] is an arena. Children are made before their parents, ids are 32 bits, and nothing is
//! boxed, so that a deep tree is dropped without recursion and parsing allocates little.

use smol_str::SmolStr;

/// A half-open range of bytes of the source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TreeId(pub u32);

/// A list of nodes of one [`Tree`], stored side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct List {
    start: u32,
    len: u32,
}

impl List {
    /// How many nodes.
    pub fn len(self) -> usize {
        self.len as usize
    }
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// What a node is. Closed: a new kind is a list of compile errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number as written: `2`, `0.1`, `1e-3`. Exact.
    Number(SmolStr),
    /// A name as written, with primes and powers apart: `x`, `α`, `x_1`, `inf`, `pi`.
    Name(SmolStr),
    /// A string in double quotes, as in `einsum("ij,jk->ik", A, B)`.
    Text(SmolStr),
    /// `-x`, `+x`, `not x`.
    Prefix(Prefix, TreeId),
    /// `x + y` and all other operators between two operands.
    Binary(Binary, TreeId, TreeId),
    /// `n!`.
    Factorial(TreeId),
    /// `A'`, `f''`: so many primes behind an operand.
    Prime(TreeId, u32),
    /// `sin^-1`: the inverse of a function, as the head of a call.
    Inverse(TreeId),
    /// `0 < x <= 1`: operands one more than relations.
    Compare {
        /// The operands, left to right.
        operands: List,
        /// The relations between neighbours.
        relations: Vec<Relation>,
    },
    /// `f(x, y)`: the head is a name, primes of it, an inverse, or a derivative operator of it. Also what
    /// `sin 2x`, `|x|` (abs), `‖x‖` (norm2), `√x` (sqrt) and `∇f` (grad) become.
    Call {
        /// What is called.
        head: TreeId,
        /// The arguments.
        args: List,
    },
    /// `x[i]`, `A[i, :]`.
    Index {
        /// What is indexed.
        base: TreeId,
        /// The indices.
        indices: List,
    },
    /// A lone `:` as an index: the whole axis.
    Colon,
    /// `1..n`, both ends included.
    Range(TreeId, TreeId),
    /// `i in 1..n`, `x in [0, 1]`.
    In(TreeId, TreeId),
    /// `x = 0` as an argument, or `h = h0` in a fold.
    Equation(TreeId, TreeId),
    /// `x -> 0`, `x -> 0+`, `x -> 0-`.
    Arrow(TreeId, TreeId, Side),
    /// `(a, b)`.
    Tuple(List),
    /// `[1, 2, 3]`.
    Vector(List),
    /// `[1, 2; 3, 4]`: the rows are [`Kind::Vector`] nodes.
    Matrix(List),
    /// `[x[i]^2 for i in 1..n]`: the binders are [`Kind::In`] nodes.
    Comprehension {
        /// The entry.
        body: TreeId,
        /// The binders.
        binders: List,
    },
    /// `if c then a else b`.
    If(TreeId, TreeId, TreeId),
    /// `body where a = 1, b = 2`: the definitions are [`Kind::Define`] nodes.
    Where(TreeId, List),
    /// `d/dx`, `d^2/dx^2`, `∂/∂y`, `∂^2/(∂x ∂y)` applied to what follows.
    Derivative {
        /// Whether it was written with ∂.
        partial: bool,
        /// The variables, outermost first; `d^2/dx^2` has `x` twice.
        variables: List,
        /// What is differentiated.
        body: TreeId,
    },
    /// `f(x) = x^2`, `y = 3`, `T[i] = ... for i in 2..m`: the target is a name, a call, an index or a tuple.
    Define {
        /// What is defined.
        target: TreeId,
        /// Its value.
        value: TreeId,
        /// The binders behind `for`, [`Kind::In`] nodes.
        binders: List,
    },
    /// `x, y: real`, `X: matrix(n, m)`: the type is a name or a call.
    Declare {
        /// The names.
        names: List,
        /// The type.
        ty: TreeId,
    },
    /// `function swish2(x) = x*sigmoid(2x) with derivative ...; range ...`: a definition and its columns, each a
    /// [`Kind::Equation`] of the column's name and its text.
    Teach {
        /// The [`Kind::Define`] node.
        define: TreeId,
        /// The columns.
        columns: List,
    },
    /// `solve x^3 = 1, y = 2 over x, y`.
    Solve {
        /// The equations.
        equations: List,
        /// The unknowns, where given.
        over: List,
    },
    /// `minimize f subject to g over x, y`.
    Minimize {
        /// Whether it was `maximize`.
        maximize: bool,
        /// The objective.
        objective: TreeId,
        /// The constraints.
        constraints: List,
        /// The unknowns, where given.
        over: List,
    },
    /// What could not be read; a diagnostic says why.
    Missing,
}

/// Operators before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `-x`.
    Neg,
    /// `+x`.
    Plus,
    /// `not x`.
    Not,
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a*b`, `a·b`.
    Mul,
    /// `2x`: a product by standing side by side.
    Juxtapose,
    /// `a/b`.
    Div,
    /// `a × b`.
    Cross,
    /// `a .* b`.
    ElementMul,
    /// `a ./ b`.
    ElementDiv,
    /// `a^b`, `a²`.
    Pow,
    /// `a .^ b`.
    ElementPow,
    /// `a and b`.
    And,
    /// `a or b`.
    Or,
}

/// Relations of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `<`.
    Less,
    /// `<=`, `≤`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`, `≥`.
    GreaterEqual,
    /// `==`, and `=` inside `if`, `solve` and conditions.
    Equal,
    /// `!=`, `≠`.
    NotEqual,
}

/// From where a variable goes to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// From both sides.
    Both,
    /// From below, `0-`.
    Left,
    /// From above, `0+`.
    Right,
}

/// An arena of nodes.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    kinds: Vec<Kind>,
    spans: Vec<Span>,
    lists: Vec<TreeId>,
}

impl Tree {
    /// An empty arena.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// An empty arena with room for so many nodes.
    pub fn with_capacity(nodes: usize) -> Tree {
        Tree { kinds: Vec::with_capacity(nodes), spans: Vec::with_capacity(nodes), lists: Vec::new() }
    }

    /// Adds a node.
    pub fn push(&mut self, kind: Kind, span: Span) -> TreeId {
        let id = TreeId(self.kinds.len() as u32);
        self.kinds.push(kind);
        self.spans.push(span);
        id
    }

    /// Makes another node of one, for all that refer to it.
    pub fn replace(&mut self, id: TreeId, kind: Kind) {
        if let Some(old) = self.kinds.get_mut(id.0 as usize) {
            *old = kind;
        }
    }

    /// Adds a list of nodes.
    pub fn list(&mut self, ids: &[TreeId]) -> List {
        let start = self.lists.len() as u32;
        self.lists.extend_from_slice(ids);
        List { start, len: ids.len() as u32 }
    }

    /// What a node is.
    pub fn kind(&self, id: TreeId) -> &Kind {
        &self.kinds[id.0 as usize]
    }

    /// The kinds of all nodes, in the order in which they were made; some may belong to no other node.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// Where a node was written.
    pub fn span(&self, id: TreeId) -> Span {
        self.spans[id.0 as usize]
    }

    /// The nodes of a list.
    pub fn ids(&self, list: List) -> &[TreeId] {
        &self.lists[list.start as usize..(list.start + list.len) as usize]
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    // Short forms for those who build trees by hand: printers of graphs, explanations, tests.

    /// A number from its text.
    pub fn number(&mut self, text: impl Into<SmolStr>) -> TreeId {
        self.push(Kind::Number(text.into()), Span::default())
    }

    /// A name.
    pub fn name(&mut self, text: impl Into<SmolStr>) -> TreeId {
        self.push(Kind::Name(text.into()), Span::default())
    }

    /// An operator between two operands.
    pub fn binary(&mut self, op: Binary, left: TreeId, right: TreeId) -> TreeId {
        self.push(Kind::Binary(op, left, right), Span::default())
    }

    /// `-x`.
    pub fn neg(&mut self, x: TreeId) -> TreeId {
        self.push(Kind::Prefix(Prefix::Neg, x), Span::default())
    }

    /// `name(args)`.
    pub fn call(&mut self, name: &str, args: &[TreeId]) -> TreeId {
        let head = self.name(name);
        let args = self.list(args);
        self.push(Kind::Call { head, args }, Span::default())
    }
}
