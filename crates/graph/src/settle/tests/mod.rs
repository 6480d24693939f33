//! Expressions as read, and every message.

use agnesi_syntax::{Code, parse_expression, print, render};
use expect_test::{Expect, expect};

use super::*;
use crate::facts::Facts;
use crate::types::{Element, Size, Structure};

/// The settled text, inputs and notes; or the messages.
fn read(given: &str, text: &str) -> String {
    let mut scope = Scope::new();
    if let Err(errors) = scope.read(given) {
        return errors.iter().map(|error| render(error, given, "let", false)).collect();
    }
    let parsed = parse_expression(text, &scope);
    if parsed.has_errors() {
        let shown = parsed.diagnostics.iter().filter(|d| d.is_error());
        return shown.map(|error| render(error, text, "expr", false)).collect();
    }
    match settle(&parsed.tree, parsed.root, &scope) {
        Err(errors) => errors.iter().map(|error| render(error, text, "expr", false)).collect(),
        Ok(settled) => {
            let mut out = print::text(&settled.tree, settled.root);
            out += &format!("\n  in {}", settled.inputs.join(", "));
            for note in &settled.notes {
                out += &format!("\n  note: {}", note.message);
            }
            out
        }
    }
}

fn check(given: &str, text: &str, expected: Expect) {
    expected.assert_eq(&read(given, text));
}

mod messages;
mod readings;

#[test]
fn no_type_near() {
    check(
        "x: banana",
        "1",
        expect![[r#"
        error[type]: `banana` is no type
         --> let:1:4
          |
        1 | x: banana
          |    ^^^^^^ a type is expected here
          |
          = help: types are real, integer, positive, nonnegative, negative, nonzero, boolean, vector(n), matrix(n, m), tensor(n, m, k), symmetric(n), spd(n), skew(n), orthogonal(n), diagonal(n), lower(n), upper(n), invertible(n)"#]],
    );
}

#[test]
fn declarations_and_facts() {
    let mut scope = Scope::new();
    let given =
        "x, y: positive real; n: integer; A: spd(n); v: vector(2*n); z >= 0; 0 < p <= 1; w in [-1, -0.5]";
    assert!(scope.read(given).is_ok());
    assert_eq!(scope.facts("x"), Facts::POSITIVE);
    assert_eq!(scope.facts("z"), Facts::NONNEGATIVE);
    assert_eq!(scope.facts("p"), Facts::POSITIVE);
    assert_eq!(scope.facts("w"), Facts::NEGATIVE);
    assert_eq!(scope.facts("unheard"), Facts::REAL);
    assert_eq!(scope.type_of("n").map(|ty| ty.element), Some(Element::Integer));
    let spd = scope.type_of("A").cloned().unwrap_or_default();
    assert_eq!(spd.shape, [Size::Name("n".into()), Size::Name("n".into())]);
    assert!(spd.structure.has(Structure::SYMMETRIC.and(Structure::DEFINITE)));
    assert_eq!(scope.type_of("v").map(|ty| ty.shape.clone()), Some(vec![Size::Expression("2*n".into())]));
    assert_eq!(scope.conditions().len(), 3);
}

#[test]
fn a_text_with_an_error_changes_nothing() {
    let mut scope = Scope::new();
    assert!(scope.read("a = 1; b = foo").is_err());
    assert!(scope.is_empty());
    assert!(scope.read("b = a; a = 1").is_ok());
    assert!(scope.read("a = 2").is_ok());
    assert_eq!(scope.definition("a").map(|a| a.text().to_owned()), Some("a = 2".to_owned()));
    assert_eq!(scope.names().collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn nested_calls_share() {
    let mut scope = Scope::new();
    assert!(scope.read("f(x) = sin(x)*exp(x) + x^2").is_ok());
    let text = format!("{}x{}", "f(".repeat(60), ")".repeat(60));
    let parsed = parse_expression(&text, &scope);
    let settled = settle(&parsed.tree, parsed.root, &scope).unwrap_or_else(|e| panic!("{e:?}"));
    assert!(settled.tree.len() < 60 * 12, "{} nodes", settled.tree.len());
    assert_eq!(settled.inputs, ["x"]);
    assert!(!settled.has_decimals);
}

#[test]
fn growth_is_limited() {
    let mut scope = Scope::new();
    assert!(scope.read("g(x) = x*x + f(x)*f(2x); f(x) = x^2").is_ok());
    // Each level calls the one below twice, with different arguments.
    let mut given = String::from("h_0(x) = x + 1\n");
    for level in 1..40 {
        given += &format!("h_{level}(x) = h_{0}(2x) + h_{0}(3x)\n", level - 1);
    }
    let errors = scope.read(&given).err().unwrap_or_default();
    assert!(errors.iter().any(|error| error.code == Code::Limit), "{errors:?}");
}

#[test]
fn long_chains_and_deep_definitions() {
    let mut scope = Scope::new();
    let sum = vec!["x"; 20_000].join(" + ");
    let parsed = parse_expression(&sum, &scope);
    assert!(settle(&parsed.tree, parsed.root, &scope).is_ok());
    let mut given = String::from("k_0(x) = x\n");
    for level in 1..400 {
        given += &format!("k_{level}(x) = k_{}(x)\n", level - 1);
    }
    let errors = scope.read(&given).err().unwrap_or_default();
    assert!(errors.iter().any(|error| error.code == Code::Limit), "{errors:?}");
}

#[test]
fn decimals_are_noticed() {
    for (text, expected) in [("0.1x", true), ("2x", false), ("1e3", true), ("x/10", false)] {
        let scope = Scope::new();
        let parsed = parse_expression(text, &scope);
        let settled = settle(&parsed.tree, parsed.root, &scope);
        assert_eq!(settled.map(|s| s.has_decimals).ok(), Some(expected), "{text}");
    }
}

#[test]
fn a_shared_node_is_settled_once() {
    // x + x, squared over and over: 60 levels of sharing are 2^60 leaves written out.
    let mut tree = Tree::new();
    let mut node = tree.name("x");
    for _ in 0..60 {
        node = tree.binary(agnesi_syntax::Binary::Add, node, node);
    }
    let settled = settle(&tree, node, &Scope::new());
    assert_eq!(settled.map(|s| s.tree.len()).ok(), Some(61));
}

#[test]
fn taught_functions_are_settled() {
    let mut scope = Scope::new();
    let given = "k = 2; function swish2(x) = x*sigmoid(k*x) with derivative sigmoid(2x) + 2x*sigmoid(2x)*sigmoid(-2x)";
    assert!(scope.read(given).is_ok());
    let taught = scope.taught().unwrap_or_default();
    let [swish] = &taught[..] else { panic!("{taught:?}") };
    assert_eq!(swish.name, "swish2");
    assert_eq!(swish.args, ["x"]);
    assert_eq!(print::text(&swish.meaning.0, swish.meaning.1), "x*sigmoid(2*x)");
    assert_eq!(swish.derivative.as_ref().map(Vec::len), Some(1));
}

#[test]
fn taught_by_itself() {
    check(
        "function s(x) = 1 + s(x)",
        "1",
        expect![[r#"
        error[name]: `s` is defined by itself
         --> let:1:21
          |
        1 | function s(x) = 1 + s(x)
          |                     ^ the definition comes back to itself here
          |
          = help: a definition may use only what does not depend on it"#]],
    );
}

#[test]
fn taught_with_too_few_derivatives() {
    check(
        "function s(x, y) = x*y with derivative y",
        "1",
        expect![[r#"
        error[type]: `s` has 2 arguments, and 1 derivatives are given
         --> let:1:40
          |
        1 | function s(x, y) = x*y with derivative y
          |                                        ^ one for each argument is needed
          |
          = help: separate them by commas, in the order of the arguments"#]],
    );
}

/// Texts with something of everything, to be cut up.
const PIECES: &[&str] = &[
    "f(x, y) = x^2 + y^3; f(1, 2) + ∂/∂y f(x, y) + ∇f(1, 2)",
    "g(t) = integral(exp(-s^2), s, 0, t); g'(3) + d/dt g(t^2)",
    "sum(i in 1..4, prod(j in i..4, x^i*y^j)) where y = d/dx x^3",
    "along(2x + 3y - z, [2, 3, -1]) + laplacian(x^2*y) + div([x, y])",
    "if 0 < x <= 1 and not y == 2 then |x|! else √(x) where x = f(a), f(t) = t*b",
    "limit(sin(x)/x, x -> 0+) + taylor(log(1 + x), x = 0, 3) + sin^-1(x) + log_2(x)",
    "function h(x) = x*sigmoid(2x) with derivative sigmoid(2x); h'(h(1)) + h''(q)",
    "x: positive real; A: spd(n); v = [a, b]; v[2]*x + max([x, 2]) + hessian(x*a) + A[1, :]*v",
    "jacobian([2*x*y, x^2*y])(1, 2) + (d/dx f)(3) + f'' + x' + (x*y)' + xy^2 + xsin(x)",
    "T[i] = T[i - 1]*B[i] for i in 2..m; fold(h = h0, t in 1..3, tanh(h)); [i^2 for i in 1..n]",
    "a = b; b = a; c(x) = c(x - 1); x > 0; x in [0, 1]; (p, q) = (1, 2); \"text\"; 1e99999; solve x = 1",
];

#[test]
fn nothing_panics() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let words: Vec<&str> =
        PIECES.iter().flat_map(|piece| piece.split_inclusive([' ', '(', ')', ',', ';'])).collect();
    let mut settled = 0;
    for round in 0..6000 {
        let mut text = String::new();
        if round % 2 == 0 {
            let piece: Vec<&str> =
                PIECES[random(PIECES.len())].split_inclusive([' ', '(', ')', ',', ';']).collect();
            for word in &piece {
                match random(12) {
                    0 => {}
                    1 => text += words[random(words.len())],
                    _ => text += word,
                }
            }
        } else {
            for _ in 0..random(24) + 1 {
                text += words[random(words.len())];
            }
        }
        let (given, expression) = text.rsplit_once(';').unwrap_or(("", &text));
        let mut scope = Scope::new();
        let _ = scope.read(given);
        let parsed = agnesi_syntax::parse(expression, &scope);
        for &root in &parsed.statements {
            if let Ok(done) = settle(&parsed.tree, root, &scope) {
                settled += 1;
                let kinds = walk::below(&done.tree, done.root);
                assert!(kinds.iter().all(|id| is_settled(&done.tree, *id)), "{text}");
            }
        }
    }
    assert!(settled > 500, "{settled}");
}

/// Whether a node is of a kind that settled trees hold.
fn is_settled(tree: &Tree, id: TreeId) -> bool {
    use agnesi_syntax::{Binary, Kind, Prefix};
    match tree.kind(id) {
        Kind::Number(_) | Kind::Name(_) | Kind::If(..) | Kind::Vector(_) | Kind::Matrix(_) => true,
        Kind::Derivative { .. } | Kind::Where(..) => true,
        Kind::Prefix(op, _) => *op != Prefix::Plus,
        Kind::Binary(op, ..) => matches!(
            op,
            Binary::Add | Binary::Sub | Binary::Mul | Binary::Div | Binary::Pow | Binary::And | Binary::Or
        ),
        Kind::Compare { operands, relations } => operands.len() == 2 && relations.len() == 1,
        Kind::Call { head, .. } => matches!(tree.kind(*head), Kind::Name(_)),
        Kind::Define { target, binders, .. } => {
            matches!(tree.kind(*target), Kind::Name(_)) && binders.is_empty()
        }
        _ => false,
    }
}
