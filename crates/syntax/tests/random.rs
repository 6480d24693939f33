//! Random trees are printed and read again; random texts are read without a panic.

mod common;

use agnesi_syntax::{
    Binary, Kind, Prefix, Relation, Side, Span, Tree, TreeId, lex_spans, parse, parse_expression, print,
    render,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A tree as a value that can be shrunk.
#[derive(Clone, Debug)]
enum E {
    Number(&'static str),
    Name(&'static str),
    Prefix(Prefix, Box<E>),
    Binary(Binary, Box<E>, Box<E>),
    Factorial(Box<E>),
    Prime(Box<E>, u32),
    Compare(Vec<(Relation, E)>, Box<E>),
    Call(&'static str, Vec<E>),
    PrimedCall(&'static str, u32, Vec<E>),
    InverseCall(&'static str, Box<E>),
    Fold(&'static str, Box<E>, Box<E>),
    Sum(&'static str, Box<E>, Box<E>, Box<E>),
    Limit(Box<E>, &'static str, Box<E>, Side),
    Index(Box<E>, Vec<Option<E>>),
    Range(Box<E>, Box<E>),
    In(Box<E>, Box<E>),
    Tuple(Vec<E>),
    Vector(Vec<E>),
    Matrix(Vec<Vec<E>>),
    Comprehension(Box<E>, &'static str, Box<E>),
    If(Box<E>, Box<E>, Box<E>),
    Where(Box<E>, Vec<(&'static str, E)>),
    Derivative(bool, Vec<&'static str>, Box<E>),
    Text(String),
}

const NAMES: [&str; 9] = ["x", "y", "z", "t", "x_1", "alpha", "θ", "pi", "loss"];
const FUNCTIONS: [&str; 5] = ["sin", "exp", "log", "sqrt", "f"];
const OPERATORS: [Binary; 12] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Juxtapose,
    Binary::Div,
    Binary::Cross,
    Binary::ElementMul,
    Binary::ElementDiv,
    Binary::Pow,
    Binary::ElementPow,
    Binary::And,
    Binary::Or,
];
const RELATIONS: [Relation; 6] = [
    Relation::Less,
    Relation::LessEqual,
    Relation::Greater,
    Relation::GreaterEqual,
    Relation::Equal,
    Relation::NotEqual,
];

fn expressions() -> impl Strategy<Value = E> {
    let leaf = prop_oneof![
        select(vec!["0", "1", "2", "10", "0.1", "1e-3", "2.5e7"]).prop_map(E::Number),
        select(NAMES.to_vec()).prop_map(E::Name),
        "[ -~é\n]{0,6}".prop_map(E::Text),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let e = || inner.clone().prop_map(Box::new);
        let name = || select(NAMES.to_vec());
        let function = || select(FUNCTIONS.to_vec());
        prop_oneof![
            2 => (select(vec![Prefix::Neg, Prefix::Plus, Prefix::Not]), e()).prop_map(|(op, x)| E::Prefix(op, x)),
            6 => (select(OPERATORS.to_vec()), e(), e()).prop_map(|(op, a, b)| E::Binary(op, a, b)),
            1 => (e(), select(vec![Binary::Mul, Binary::Pow, Binary::Div]), select(vec!["d", "dx"]), any::<bool>())
                .prop_map(|(x, op, d, squared)| quotient_of_differentials(*x, op, d, squared)),
            1 => e().prop_map(E::Factorial),
            1 => (e(), 1..4u32).prop_map(|(x, n)| E::Prime(x, n)),
            1 => (vec((select(RELATIONS.to_vec()), inner.clone()), 1..3), e()).prop_map(|(l, r)| E::Compare(l, r)),
            2 => (function(), vec(inner.clone(), 1..4)).prop_map(|(f, args)| E::Call(f, args)),
            1 => (function(), 1..3u32, vec(inner.clone(), 1..3)).prop_map(|(f, n, args)| E::PrimedCall(f, n, args)),
            1 => (select(vec!["sin", "exp"]), e()).prop_map(|(f, x)| E::InverseCall(f, x)),
            1 => (name(), e(), e()).prop_map(|(n, a, b)| E::Fold(n, a, b)),
            1 => (name(), e(), e(), e()).prop_map(|(n, a, b, c)| E::Sum(n, a, b, c)),
            1 => (e(), name(), e(), select(vec![Side::Both, Side::Left, Side::Right]))
                .prop_map(|(x, n, to, side)| E::Limit(x, n, to, side)),
            1 => (e(), vec(proptest::option::of(inner.clone()), 1..3)).prop_map(|(x, i)| E::Index(x, i)),
            1 => (e(), e()).prop_map(|(a, b)| E::Range(a, b)),
            1 => (e(), e()).prop_map(|(a, b)| E::In(a, b)),
            1 => vec(inner.clone(), 1..4).prop_map(E::Tuple),
            1 => vec(inner.clone(), 0..4).prop_map(E::Vector),
            1 => vec(vec(inner.clone(), 1..3), 1..3).prop_map(E::Matrix),
            1 => (e(), name(), e()).prop_map(|(x, n, r)| E::Comprehension(x, n, r)),
            1 => (e(), e(), e()).prop_map(|(c, a, b)| E::If(c, a, b)),
            1 => (e(), vec((name(), inner.clone()), 1..3)).prop_map(|(x, d)| E::Where(x, d)),
            1 => (any::<bool>(), vec(name(), 1..4), e()).prop_map(|(p, v, x)| E::Derivative(p, v, x)),
        ]
    })
}

/// `x*d/dx`, `x^d^2/dx` and so on: products that are no derivatives.
fn quotient_of_differentials(x: E, op: Binary, d: &'static str, squared: bool) -> E {
    let binary = |op, a, b| E::Binary(op, Box::new(a), Box::new(b));
    let d = if squared { binary(Binary::Pow, E::Name(d), E::Number("2")) } else { E::Name(d) };
    binary(Binary::Div, binary(op, x, d), E::Name("dx"))
}

/// The arena of an expression.
fn plant(e: &E, tree: &mut Tree) -> TreeId {
    let at = Span::default();
    let all = |tree: &mut Tree, es: &[E]| -> Vec<TreeId> { es.iter().map(|e| plant(e, tree)).collect() };
    match e {
        E::Number(text) => tree.number(*text),
        E::Name(name) => tree.name(*name),
        E::Text(text) => tree.push(Kind::Text(text.as_str().into()), at),
        E::Prefix(op, x) => {
            let x = plant(x, tree);
            tree.push(Kind::Prefix(*op, x), at)
        }
        E::Binary(op, a, b) => {
            let (a, b) = (plant(a, tree), plant(b, tree));
            tree.binary(*op, a, b)
        }
        E::Factorial(x) => {
            let x = plant(x, tree);
            tree.push(Kind::Factorial(x), at)
        }
        E::Prime(x, n) => {
            let x = plant(x, tree);
            tree.push(Kind::Prime(x, *n), at)
        }
        E::Compare(left, last) => {
            let mut ids: Vec<TreeId> = left.iter().map(|(_, e)| plant(e, tree)).collect();
            ids.push(plant(last, tree));
            let operands = tree.list(&ids);
            tree.push(Kind::Compare { operands, relations: left.iter().map(|(r, _)| *r).collect() }, at)
        }
        E::Call(f, args) => {
            let args = all(tree, args);
            tree.call(f, &args)
        }
        E::PrimedCall(f, n, args) => {
            let head = tree.name(*f);
            let head = tree.push(Kind::Prime(head, *n), at);
            let args = all(tree, args);
            let args = tree.list(&args);
            tree.push(Kind::Call { head, args }, at)
        }
        E::InverseCall(f, x) => {
            let head = tree.name(*f);
            let head = tree.push(Kind::Inverse(head), at);
            let x = plant(x, tree);
            let args = tree.list(&[x]);
            tree.push(Kind::Call { head, args }, at)
        }
        E::Fold(name, start, body) => {
            let name = tree.name(*name);
            let start = plant(start, tree);
            let first = tree.push(Kind::Equation(name, start), at);
            let body = plant(body, tree);
            tree.call("fold", &[first, body])
        }
        E::Sum(name, from, to, body) => {
            let name = tree.name(*name);
            let (from, to) = (plant(from, tree), plant(to, tree));
            let range = tree.push(Kind::Range(from, to), at);
            let binder = tree.push(Kind::In(name, range), at);
            let body = plant(body, tree);
            tree.call("sum", &[binder, body])
        }
        E::Limit(x, name, to, side) => {
            let x = plant(x, tree);
            let name = tree.name(*name);
            let to = plant(to, tree);
            let arrow = tree.push(Kind::Arrow(name, to, *side), at);
            tree.call("limit", &[x, arrow])
        }
        E::Index(x, indices) => {
            let base = plant(x, tree);
            let ids: Vec<TreeId> = indices
                .iter()
                .map(|i| match i {
                    Some(i) => plant(i, tree),
                    None => tree.push(Kind::Colon, at),
                })
                .collect();
            let indices = tree.list(&ids);
            tree.push(Kind::Index { base, indices }, at)
        }
        E::Range(a, b) => {
            let (a, b) = (plant(a, tree), plant(b, tree));
            tree.push(Kind::Range(a, b), at)
        }
        E::In(a, b) => {
            let (a, b) = (plant(a, tree), plant(b, tree));
            tree.push(Kind::In(a, b), at)
        }
        E::Tuple(items) => {
            let ids = all(tree, items);
            let list = tree.list(&ids);
            tree.push(Kind::Tuple(list), at)
        }
        E::Vector(items) => {
            let ids = all(tree, items);
            let list = tree.list(&ids);
            tree.push(Kind::Vector(list), at)
        }
        E::Matrix(rows) => {
            let ids: Vec<TreeId> = rows
                .iter()
                .map(|row| {
                    let ids = all(tree, row);
                    let list = tree.list(&ids);
                    tree.push(Kind::Vector(list), at)
                })
                .collect();
            let list = tree.list(&ids);
            tree.push(Kind::Matrix(list), at)
        }
        E::Comprehension(body, name, set) => {
            let body = plant(body, tree);
            let name = tree.name(*name);
            let set = plant(set, tree);
            let binder = tree.push(Kind::In(name, set), at);
            let binders = tree.list(&[binder]);
            tree.push(Kind::Comprehension { body, binders }, at)
        }
        E::If(c, a, b) => {
            let (c, a, b) = (plant(c, tree), plant(a, tree), plant(b, tree));
            tree.push(Kind::If(c, a, b), at)
        }
        E::Where(body, definitions) => {
            let body = plant(body, tree);
            let ids: Vec<TreeId> = definitions
                .iter()
                .map(|(name, value)| {
                    let target = tree.name(*name);
                    let value = plant(value, tree);
                    let binders = tree.list(&[]);
                    tree.push(Kind::Define { target, value, binders }, at)
                })
                .collect();
            let list = tree.list(&ids);
            tree.push(Kind::Where(body, list), at)
        }
        E::Derivative(partial, names, body) => {
            let ids: Vec<TreeId> = names.iter().map(|name| tree.name(*name)).collect();
            let variables = tree.list(&ids);
            let body = plant(body, tree);
            tree.push(Kind::Derivative { partial: *partial, variables, body }, at)
        }
    }
}

/// Pieces of notation, to be strewn together.
const PIECES: [&str; 86] = [
    "x",
    "y",
    "f",
    "sin",
    "d",
    "dx",
    "d/dx",
    "∂",
    "∇",
    "∫",
    "√",
    "e",
    "pi",
    "1",
    "2.5",
    "1e",
    ".",
    "..",
    "...",
    "+",
    "-",
    "*",
    "**",
    "/",
    "^",
    "²",
    "⁻",
    "⁺",
    "ⁿ",
    "'",
    "!",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "||",
    "‖",
    ",",
    ";",
    ":",
    ":=",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    "≤",
    "->",
    "=>",
    "~",
    "if",
    "then",
    "else",
    "where",
    "for",
    "in",
    "and",
    "or",
    "not",
    "solve",
    "minimize",
    "subject",
    "to",
    "over",
    "function",
    "with",
    "derivative",
    "law",
    " ",
    "  ",
    "\n",
    "\t",
    "#",
    "\"",
    "\\",
    "\0",
    "é",
    "∈",
    "×",
    "·",
    "_0",
    "₁",
];

/// Everything that must hold whatever the text.
fn survives(text: &str) -> Result<(), TestCaseError> {
    let parsed = parse(text, &common::names);
    for id in (0..parsed.tree.len() as u32).map(TreeId) {
        let span = parsed.tree.span(id);
        prop_assert!(span.start <= span.end && span.end as usize <= text.len());
        prop_assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        let mut before = true;
        parsed.tree.children(id, |child| before &= child < id);
        prop_assert!(before, "a child behind its parent");
    }
    for diagnostic in &parsed.diagnostics {
        prop_assert!(!diagnostic.message.is_empty() && !diagnostic.labels.is_empty());
        prop_assert!(!diagnostic.is_error() || diagnostic.hint.is_some(), "{diagnostic:?}");
        for label in &diagnostic.labels {
            prop_assert!(label.span.start <= label.span.end && label.span.end as usize <= text.len());
        }
        prop_assert!(!render(diagnostic, text, "text", true).is_empty());
    }
    let options = print::Options::default();
    for &id in &parsed.statements {
        let printed = print::text(&parsed.tree, id);
        print::latex(&parsed.tree, id, &options);
        print::typst(&parsed.tree, id, &options);
        common::well_formed(&print::mathml(&parsed.tree, id, &options).text);
        prop_assert!(!printed.is_empty());
    }
    if !parsed.has_errors() {
        let texts: Vec<String> = parsed.statements.iter().map(|&id| print::text(&parsed.tree, id)).collect();
        let again = parse(&texts.join("\n"), &common::names);
        prop_assert!(!again.has_errors(), "{:?} -> {:?}: {:?}", text, texts, again.diagnostics);
        let twice: Vec<String> = again.statements.iter().map(|&id| print::text(&again.tree, id)).collect();
        prop_assert_eq!(texts, twice);
    }
    parse_expression(text, &common::names);
    for (span, _) in lex_spans(text) {
        prop_assert!(span.start < span.end && span.end as usize <= text.len());
    }
    Ok(())
}

/// 4000 cases of each property, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_printed_is_read_as_the_same_tree(e in expressions()) {
        let mut tree = Tree::new();
        let id = plant(&e, &mut tree);
        let text = print::text(&tree, id);
        let read = parse_expression(&text, &common::names);
        prop_assert!(!read.has_errors(), "{}: {:?}", text, read.diagnostics);
        prop_assert!(tree.same(id, &read.tree, read.root), "{} is read as {}", text, print::text(&read.tree, read.root));
    }

    #[test]
    fn printing_is_stable(e in expressions()) {
        let mut tree = Tree::new();
        let id = plant(&e, &mut tree);
        let text = print::text(&tree, id);
        let read = parse_expression(&text, &common::names);
        prop_assert!(!read.has_errors(), "{}: {:?}", text, read.diagnostics);
        prop_assert_eq!(&text, &print::text(&read.tree, read.root));
        common::well_formed(&print::mathml(&tree, id, &print::Options::default()).text);
        common::balanced(&print::latex(&tree, id, &print::Options::default()).text);
    }

    #[test]
    fn pieces_of_notation_are_survived(pieces in vec(select(PIECES.to_vec()), 0..24)) {
        survives(&pieces.concat())?;
        survives(&pieces.join(" "))?;
    }

    #[test]
    fn characters_are_survived(text in "\\PC{0,40}") {
        survives(&text)?;
    }

    #[test]
    fn bytes_are_survived(bytes in vec(any::<u8>(), 0..64)) {
        survives(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_span_is_rendered(text in "\\PC{0,30}(\n\\PC{0,200}){0,3}", a in 0u32..700, b in 0u32..700, c in 0u32..700) {
        let diagnostic = agnesi_syntax::Diagnostic::error(
            agnesi_syntax::Code::Syntax, "message", Span { start: a, end: b }, "label",
        ).with_label(Span { start: c, end: c + 3 }, "second").with_hint("hint");
        prop_assert!(render(&diagnostic, &text, "text", false).contains("message"));
    }
}
