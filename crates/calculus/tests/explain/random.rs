//! Random formulas: every step that differentiates agrees with dual numbers pushed through the formula as written.

use agnesi_calculus::explain::{Detail, Options, Step, TableRows, by_rules};
use agnesi_syntax::{Binary, Kind, Prefix, Relation, Tree, TreeId};
use proptest::prelude::*;

use crate::numbers::{At, fraction, name, value};

/// A value and its derivative.
type Dual = (f64, f64);

/// Dual numbers through the formula; `None` for what this small evaluator does not know, and where a part of the
/// formula is so large or so small that another order of rounding gives another value.
fn dual(tree: &Tree, id: TreeId, at: &At) -> Option<Dual> {
    dual_of(tree, id, at).filter(|&(y, dy)| (y == 0.0 || (1e-9..1e9).contains(&y.abs())) && dy.abs() < 1e9)
}

fn dual_of(tree: &Tree, id: TreeId, at: &At) -> Option<Dual> {
    let of = |id: TreeId| dual(tree, id, at);
    Some(match tree.kind(id) {
        Kind::Number(text) => (text.parse().ok()?, 0.0),
        Kind::Name(name) if name == "x" => (at["x"], 1.0),
        Kind::Name(_) => (value(tree, id, at), 0.0),
        Kind::Prefix(Prefix::Neg, a) => {
            let a = of(*a)?;
            (-a.0, -a.1)
        }
        Kind::Binary(op, a, exponent @ b) => {
            let (a, b) = (of(*a)?, of(*b)?);
            match op {
                Binary::Add => (a.0 + b.0, a.1 + b.1),
                Binary::Sub => (a.0 - b.0, a.1 - b.1),
                Binary::Mul => (a.0 * b.0, a.1 * b.0 + a.0 * b.1),
                Binary::Div => (a.0 / b.0, (a.1 - a.0 / b.0 * b.1) / b.0),
                // A root of something that is 0 everywhere has a derivative that no rule finds.
                Binary::Pow if a.0 == 0.0 && b.0 < 1.0 => return None,
                // An exponent that is no number needs a positive base.
                Binary::Pow if a.0 <= 0.0 && fraction(tree, *exponent).is_none() => return None,
                Binary::Pow => {
                    let y = a.0.powf(b.0);
                    let base = if a.1 == 0.0 { 0.0 } else { b.0 * a.0.powf(b.0 - 1.0) * a.1 };
                    let exponent = if b.1 == 0.0 { 0.0 } else { y * a.0.ln() * b.1 };
                    (y, base + exponent)
                }
                _ => return None,
            }
        }
        Kind::If(c, a, b) => {
            let Kind::Compare { operands, relations } = tree.kind(*c) else { return None };
            let (&[left, right], &[Relation::Greater]) = (tree.ids(*operands), relations.as_slice()) else {
                return None;
            };
            if value(tree, left, at) > value(tree, right, at) { of(*a)? } else { of(*b)? }
        }
        Kind::Call { head, args } => {
            let &[arg] = tree.ids(*args) else { return None };
            let (x, dx) = of(arg)?;
            let (y, slope) = match name(tree, *head).as_str() {
                "sin" => (x.sin(), x.cos()),
                "cos" => (x.cos(), -x.sin()),
                "exp" => (x.exp(), x.exp()),
                "log" => (x.ln(), 1.0 / x),
                "sqrt" => (x.sqrt(), 0.5 / x.sqrt()),
                "tanh" => (x.tanh(), 1.0 - x.tanh().powi(2)),
                "atan" => (x.atan(), 1.0 / (1.0 + x * x)),
                "abs" => (x.abs(), if x == 0.0 { 0.0 } else { x.signum() }),
                _ => return None,
            };
            (y, slope * dx)
        }
        _ => return None,
    })
}

/// How a random formula is built.
#[derive(Clone, Debug)]
enum Plan {
    X,
    A,
    Number(u8, u8),
    Neg(Box<Plan>),
    Two(u8, Box<Plan>, Box<Plan>),
    Power(Box<Plan>, i8, u8),
    Call(u8, Box<Plan>),
    If(Box<Plan>, Box<Plan>),
}

fn plan() -> impl Strategy<Value = Plan> {
    let leaf = prop_oneof![
        4 => Just(Plan::X),
        1 => Just(Plan::A),
        2 => (0u8..6, 1u8..4).prop_map(|(p, q)| Plan::Number(p, q)),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        prop_oneof![
            1 => inner.clone().prop_map(|a| Plan::Neg(Box::new(a))),
            6 => (0u8..5, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Plan::Two(op, Box::new(a), Box::new(b))),
            3 => (inner.clone(), -3i8..5, 1u8..4).prop_map(|(a, p, q)| Plan::Power(Box::new(a), p, q)),
            4 => (0u8..8, inner.clone()).prop_map(|(f, a)| Plan::Call(f, Box::new(a))),
            1 => (inner.clone(), inner).prop_map(|(a, b)| Plan::If(Box::new(a), Box::new(b))),
        ]
    })
}

fn build(plan: &Plan, tree: &mut Tree) -> TreeId {
    match plan {
        Plan::X => tree.name("x"),
        Plan::A => tree.name("a"),
        Plan::Number(p, 1) => tree.number(p.to_string()),
        Plan::Number(p, 2) => tree.number(format!("{p}.5")),
        Plan::Number(p, q) => {
            let (p, q) = (tree.number(p.to_string()), tree.number(q.to_string()));
            tree.binary(Binary::Div, p, q)
        }
        Plan::Neg(a) => {
            let a = build(a, tree);
            tree.neg(a)
        }
        Plan::Two(op, a, b) => {
            let (a, b) = (build(a, tree), build(b, tree));
            let op = [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Pow][*op as usize % 5];
            tree.binary(op, a, b)
        }
        Plan::Power(a, p, q) => {
            let a = build(a, tree);
            let size = build(&Plan::Number(p.unsigned_abs(), *q), tree);
            let exponent = if *p < 0 { tree.neg(size) } else { size };
            tree.binary(Binary::Pow, a, exponent)
        }
        Plan::Call(f, a) => {
            let a = build(a, tree);
            let name = ["sin", "cos", "exp", "log", "sqrt", "tanh", "atan", "abs"][*f as usize % 8];
            tree.call(name, &[a])
        }
        Plan::If(a, b) => {
            let (a, b) = (build(a, tree), build(b, tree));
            let (x, half) = (tree.name("x"), tree.number("0.5"));
            let operands = tree.list(&[x, half]);
            let span = agnesi_syntax::Span::default();
            let condition = tree.push(Kind::Compare { operands, relations: vec![Relation::Greater] }, span);
            tree.push(Kind::If(condition, a, b), span)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn steps_agree_with_dual_numbers(plan in plan(), x in 0.1f64..2.0, a in 0.5f64..2.0, detail in 0u8..3) {
        let mut tree = Tree::new();
        let root = build(&plan, &mut tree);
        let rows = TableRows::new();
        let mut options = Options::new(&rows);
        options.detail = [Detail::Brief, Detail::Normal, Detail::Full][detail as usize];
        let derivation = by_rules(&tree, root, &["x"], &options).map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
        let at: At = [("x".to_string(), x), ("a".to_string(), a)].into();
        let mut wrong = Vec::new();
        let tree = &derivation.tree;
        let mut visit = |step: &Step| {
            let Kind::Derivative { body, .. } = tree.kind(step.before) else { return };
            let Some((_, dy)) = dual(tree, *body, &at) else { return };
            let after = value(tree, step.after, &at);
            if !after.is_finite() || (after - dy).abs() > 1e-6 * (1.0 + dy.abs()) {
                let text = |id| agnesi_syntax::print::text(tree, id);
                wrong.push(format!("{} is {dy}, but {} is {after}", text(step.before), text(step.after)));
            }
        };
        for step in &derivation.steps {
            step.walk(&mut visit);
        }
        prop_assert!(wrong.is_empty(), "at x = {x}, a = {a}: {wrong:#?}");
        prop_assert!(!derivation.text().is_empty());
    }
}
