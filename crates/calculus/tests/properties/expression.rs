//! Random settled expressions, and how a failing one is made smaller.

use agnesi_syntax::{Binary, Kind, Prefix, Relation, Span, Tree, TreeId, print};
use proptest::prelude::*;
use proptest::test_runner::TestRng;

/// A settled scalar expression as a value that can be shrunk.
#[derive(Clone, Debug, PartialEq)]
pub enum E {
    Number(&'static str),
    Name(&'static str),
    Neg(Box<E>),
    Binary(Binary, Box<E>, Box<E>),
    Call(&'static str, Vec<E>),
    If(Box<C>, Box<E>, Box<E>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum C {
    Compare(Relation, E, E),
    And(Box<C>, Box<C>),
    Or(Box<C>, Box<C>),
    Not(Box<C>),
}

const RELATIONS: [Relation; 6] = [
    Relation::Less,
    Relation::LessEqual,
    Relation::Greater,
    Relation::GreaterEqual,
    Relation::Equal,
    Relation::NotEqual,
];

/// Constant exponents, as numerator and denominator.
const EXPONENTS: [(&str, &str, bool); 17] = [
    ("2", "1", false),
    ("3", "1", false),
    ("1", "2", false),
    ("1", "1", true),
    ("2", "1", true),
    ("1", "3", false),
    ("2", "3", false),
    ("1", "2", true),
    ("3", "2", false),
    ("0.5", "1", false),
    ("4", "1", false),
    ("1", "3", true),
    ("4", "3", false),
    ("3", "2", true),
    ("3", "1", true),
    ("1", "4", false),
    ("0", "1", false),
];

const CIRCULAR: [&str; 12] =
    ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth"];

const INVERSE: [&str; 6] = ["asin", "acos", "atan", "asinh", "acosh", "atanh"];

fn number(text: &'static str) -> E {
    E::Number(text)
}

fn fraction(top: &'static str, bottom: &'static str, negative: bool) -> E {
    let value = match bottom {
        "1" => number(top),
        _ => E::Binary(Binary::Div, Box::new(number(top)), Box::new(number(bottom))),
    };
    if negative { E::Neg(Box::new(value)) } else { value }
}

/// Functions that most formulas are made of.
const COMMON: [&str; 16] = [
    "exp", "log", "sqrt", "sin", "cos", "tan", "abs", "sign", "max", "min", "tanh", "sigmoid", "atan",
    "sinh", "cosh", "relu",
];

/// Draws expressions by size, so that large ones are as frequent as is wanted.
struct Maker<'a> {
    rng: &'a mut TestRng,
    /// The parts that occur more than once.
    parts: Vec<E>,
    every: Vec<(&'static str, usize)>,
    common: Vec<(&'static str, usize)>,
}

impl Maker<'_> {
    fn below(&mut self, n: usize) -> usize {
        (self.rng.next_u64() % n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn leaf(&mut self) -> E {
        match self.below(16) {
            0..=4 if !self.parts.is_empty() => {
                let at = self.below(self.parts.len());
                self.parts[at].clone()
            }
            0..=7 => E::Name("x"),
            8 | 9 => E::Name("y"),
            10 => E::Name("z"),
            11 => E::Name(self.pick(&["pi", "e", "x", "y"])),
            12 => {
                let (a, b) = (self.pick(&["1", "2", "5"]), self.pick(&["2", "3", "7"]));
                fraction(a, b, self.rng.next_u32().is_multiple_of(2))
            }
            _ => E::Number(self.pick(&["1", "2", "3", "0", "0.5", "10", "0.1", "1.5", "4", "8"])),
        }
    }

    fn two(&mut self, op: Binary, size: usize, depth: u32) -> E {
        let left = self.below(size.max(1)) + 1;
        let (a, b) = (self.expression(left, depth), self.expression(size.saturating_sub(left), depth));
        E::Binary(op, Box::new(a), Box::new(b))
    }

    /// An expression of about so many nodes and at most this depth.
    fn expression(&mut self, size: usize, depth: u32) -> E {
        if size <= 1 || depth == 0 {
            return self.leaf();
        }
        let (size, depth) = (size - 1, depth - 1);
        match self.below(37) {
            0 => E::Neg(Box::new(self.expression(size, depth))),
            1..=6 => self.two(Binary::Add, size, depth),
            7..=9 => self.two(Binary::Sub, size, depth),
            10..=15 => self.two(Binary::Mul, size, depth),
            16..=19 => self.two(Binary::Div, size, depth),
            20..=24 => {
                let base = self.expression(size.saturating_sub(1), depth);
                let (p, q, negative) = self.pick(&EXPONENTS);
                E::Binary(Binary::Pow, Box::new(base), Box::new(fraction(p, q, negative)))
            }
            25 => self.two(Binary::Pow, size, depth),
            26 => {
                let condition = self.condition(size / 2, depth, 2);
                let (a, b) = (self.expression(size / 4, depth), self.expression(size / 4, depth));
                E::If(Box::new(condition), Box::new(a), Box::new(b))
            }
            // The circular functions of the inverse ones, which are algebraic.
            27 => {
                let (outer, inner) = (self.pick(&CIRCULAR), self.pick(&INVERSE));
                E::Call(outer, vec![E::Call(inner, vec![self.expression(size.saturating_sub(1), depth)])])
            }
            choice => {
                let functions = if choice < 35 { self.common.clone() } else { self.every.clone() };
                let (name, arity) = self.pick(&functions);
                let args = (0..arity).map(|_| self.expression(size / arity, depth)).collect();
                E::Call(name, args)
            }
        }
    }

    fn condition(&mut self, size: usize, depth: u32, nesting: u32) -> C {
        match self.below(8) {
            choice @ 0..=2 if nesting > 0 => {
                let a = Box::new(self.condition(size / 2, depth, nesting - 1));
                let b = Box::new(self.condition(size / 2, depth, nesting - 1));
                match choice {
                    0 => C::And(a, b),
                    1 => C::Or(a, b),
                    _ => C::Not(a),
                }
            }
            _ => {
                let relation = self.pick(&RELATIONS);
                C::Compare(relation, self.expression(size / 2, depth), self.expression(size / 2, depth))
            }
        }
    }
}

fn maker<T>(make: impl Fn(&mut Maker) -> T + 'static) -> BoxedStrategy<T>
where
    T: std::fmt::Debug + Clone + 'static,
{
    Just(())
        .prop_perturb(move |_, mut rng| {
            let every: Vec<(&'static str, usize)> =
                agnesi_functions::table().iter().map(|row| (row.name, row.args.len())).collect();
            let common = every.iter().filter(|(name, _)| COMMON.contains(name)).copied().collect();
            let mut maker = Maker { rng: &mut rng, parts: Vec::new(), every, common };
            for _ in 0..2 {
                let size = 1 + maker.below(5);
                let part = maker.expression(size, 3);
                maker.parts.push(part);
            }
            make(&mut maker)
        })
        .boxed()
}

/// Expressions of depth up to 6 in which the same parts occur again and again.
pub fn expressions(size: usize) -> BoxedStrategy<E> {
    maker(move |m| {
        let size = 2 + m.below(size);
        m.expression(size, 6)
    })
}

/// Conditions over such expressions.
pub fn conditions(size: usize) -> BoxedStrategy<C> {
    maker(move |m| {
        let size = 2 + m.below(size);
        m.condition(size, 5, 3)
    })
}

impl E {
    /// The same node with other operands.
    fn map(&self, f: &mut dyn FnMut(&E) -> E) -> E {
        match self {
            E::Number(_) | E::Name(_) => self.clone(),
            E::Neg(a) => E::Neg(Box::new(f(a))),
            E::Binary(op, a, b) => E::Binary(*op, Box::new(f(a)), Box::new(f(b))),
            E::Call(name, args) => E::Call(name, args.iter().map(f).collect()),
            E::If(c, a, b) => E::If(Box::new(c.map(f)), Box::new(f(a)), Box::new(f(b))),
        }
    }

    fn operands(&self) -> Vec<&E> {
        match self {
            E::Number(_) | E::Name(_) => vec![],
            E::Neg(a) => vec![a],
            E::Binary(_, a, b) => vec![a, b],
            E::Call(_, args) => args.iter().collect(),
            E::If(c, a, b) => {
                let mut all = c.operands();
                all.extend([&**a, &**b]);
                all
            }
        }
    }

    /// The expressions that are one step simpler.
    pub fn simpler(&self) -> Vec<E> {
        let mut found: Vec<E> = self.operands().into_iter().cloned().collect();
        match self {
            E::Number("1") | E::Name("x") => return found,
            E::Number(_) | E::Name(_) => {
                if matches!(self, E::Name(n) if n.len() == 1 && *n != "e") {
                    found.push(E::Name("x"));
                }
                if *self != E::Number("2") {
                    found.push(E::Number("2"));
                }
                found.push(E::Number("1"));
                return found;
            }
            _ => found.extend([E::Name("x"), E::Number("1"), E::Number("2")]),
        }
        let count = self.operands().len();
        for i in 0..count {
            for simpler in self.operands()[i].simpler() {
                let mut at = 0;
                found.push(self.map(&mut |e| {
                    at += 1;
                    if at == i + 1 { simpler.clone() } else { e.clone() }
                }));
            }
        }
        found
    }

    /// Whether there is a power whose exponent is not a number as written: the engine takes whole values of such an
    /// exponent for whole exponents, the graph wants a positive base.
    pub fn has_general_power(&self) -> bool {
        let literal = |e: &E| match e {
            E::Number(_) => true,
            E::Neg(a) => matches!(**a, E::Number(_)),
            E::Binary(Binary::Div, a, b) => matches!((&**a, &**b), (E::Number(_), E::Number(_))),
            _ => false,
        };
        let here = match self {
            E::Binary(Binary::Pow, _, e) => match &**e {
                E::Neg(a) => !literal(a),
                e => !literal(e),
            },
            E::Call("pow" | "root", args) => !literal(&args[1]),
            _ => false,
        };
        here || self.operands().iter().any(|e| e.has_general_power())
    }

    /// Whether the name occurs.
    pub fn contains(&self, name: &str) -> bool {
        matches!(self, E::Name(n) if *n == name) || self.operands().iter().any(|e| e.contains(name))
    }

    /// The expression with another in place of a name.
    pub fn substitute(&self, name: &str, with: &E) -> E {
        match self {
            E::Name(n) if *n == name => with.clone(),
            _ => self.map(&mut |e| e.substitute(name, with)),
        }
    }

    /// The expression as a settled tree.
    pub fn plant(&self) -> (Tree, TreeId) {
        let mut tree = Tree::new();
        let root = self.grow(&mut tree);
        (tree, root)
    }

    fn grow(&self, tree: &mut Tree) -> TreeId {
        match self {
            E::Number(text) => tree.number(*text),
            E::Name(name) => tree.name(*name),
            E::Neg(a) => {
                let a = a.grow(tree);
                tree.push(Kind::Prefix(Prefix::Neg, a), Span::default())
            }
            E::Binary(op, a, b) => {
                let (a, b) = (a.grow(tree), b.grow(tree));
                tree.binary(*op, a, b)
            }
            E::Call(name, args) => {
                let args: Vec<TreeId> = args.iter().map(|a| a.grow(tree)).collect();
                tree.call(name, &args)
            }
            E::If(c, a, b) => {
                let (c, a, b) = (c.grow(tree), a.grow(tree), b.grow(tree));
                tree.push(Kind::If(c, a, b), Span::default())
            }
        }
    }
}

impl std::fmt::Display for E {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tree, root) = self.plant();
        f.write_str(&print::text(&tree, root))
    }
}

impl C {
    fn map(&self, f: &mut dyn FnMut(&E) -> E) -> C {
        match self {
            C::Compare(relation, a, b) => C::Compare(*relation, f(a), f(b)),
            C::And(a, b) => C::And(Box::new(a.map(f)), Box::new(b.map(f))),
            C::Or(a, b) => C::Or(Box::new(a.map(f)), Box::new(b.map(f))),
            C::Not(a) => C::Not(Box::new(a.map(f))),
        }
    }

    fn operands(&self) -> Vec<&E> {
        match self {
            C::Compare(_, a, b) => vec![a, b],
            C::And(a, b) | C::Or(a, b) => {
                let mut all = a.operands();
                all.extend(b.operands());
                all
            }
            C::Not(a) => a.operands(),
        }
    }

    /// Whether there is a power whose exponent is no constant.
    pub fn has_general_power(&self) -> bool {
        self.operands().iter().any(|e| e.has_general_power())
    }

    /// The conditions that are one step simpler.
    pub fn simpler(&self) -> Vec<C> {
        let mut found = match self {
            C::Compare(..) => vec![],
            C::And(a, b) | C::Or(a, b) => vec![(**a).clone(), (**b).clone()],
            C::Not(a) => vec![(**a).clone()],
        };
        let count = self.operands().len();
        for i in 0..count {
            for simpler in self.operands()[i].simpler() {
                let mut at = 0;
                found.push(self.map(&mut |e| {
                    at += 1;
                    if at == i + 1 { simpler.clone() } else { e.clone() }
                }));
            }
        }
        found
    }

    /// The condition as a settled tree.
    pub fn plant(&self) -> (Tree, TreeId) {
        let mut tree = Tree::new();
        let root = self.grow(&mut tree);
        (tree, root)
    }

    fn grow(&self, tree: &mut Tree) -> TreeId {
        match self {
            C::Compare(relation, a, b) => {
                let operands = [a.grow(tree), b.grow(tree)];
                let operands = tree.list(&operands);
                tree.push(Kind::Compare { operands, relations: vec![*relation] }, Span::default())
            }
            C::And(a, b) | C::Or(a, b) => {
                let op = if matches!(self, C::And(..)) { Binary::And } else { Binary::Or };
                let (a, b) = (a.grow(tree), b.grow(tree));
                tree.binary(op, a, b)
            }
            C::Not(a) => {
                let a = a.grow(tree);
                tree.push(Kind::Prefix(Prefix::Not, a), Span::default())
            }
        }
    }
}

impl std::fmt::Display for C {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tree, root) = self.plant();
        f.write_str(&print::text(&tree, root))
    }
}
