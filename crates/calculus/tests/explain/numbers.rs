//! The value of a formula as a double, derivatives and limits in it by differences: the judge of every step.

use std::collections::HashMap;

use agnesi_syntax::{Binary, Kind, Prefix, Relation, Side, Tree, TreeId};

/// Values of names.
pub type At = HashMap<String, f64>;

/// The value; NaN where there is none.
pub fn value(tree: &Tree, id: TreeId, at: &At) -> f64 {
    let of = |id: TreeId| value(tree, id, at);
    match tree.kind(id) {
        Kind::Number(text) => text.parse().unwrap_or(f64::NAN),
        Kind::Name(name) => match (at.get(name.as_str()), agnesi_functions::constant(name)) {
            (Some(x), _) => *x,
            (_, Some(constant)) => constant.value,
            _ if name == "inf" => f64::INFINITY,
            _ => f64::NAN,
        },
        Kind::Prefix(Prefix::Neg, a) => -of(*a),
        Kind::Prefix(Prefix::Not, a) => f64::from(of(*a) == 0.0),
        Kind::Binary(op, a, b) => match op {
            Binary::Add => of(*a) + of(*b),
            Binary::Sub => of(*a) - of(*b),
            Binary::Mul => of(*a) * of(*b),
            Binary::Div => of(*a) / of(*b),
            Binary::Pow => power(of(*a), of(*b), fraction(tree, *b)),
            Binary::And => f64::from(of(*a) != 0.0 && of(*b) != 0.0),
            Binary::Or => f64::from(of(*a) != 0.0 || of(*b) != 0.0),
            _ => f64::NAN,
        },
        Kind::Compare { operands, relations } => {
            let values: Vec<f64> = tree.ids(*operands).iter().map(|&i| of(i)).collect();
            let holds = values.windows(2).zip(relations).all(|(pair, relation)| match relation {
                Relation::Less => pair[0] < pair[1],
                Relation::LessEqual => pair[0] <= pair[1],
                Relation::Greater => pair[0] > pair[1],
                Relation::GreaterEqual => pair[0] >= pair[1],
                Relation::Equal => pair[0] == pair[1],
                Relation::NotEqual => pair[0] != pair[1],
            });
            f64::from(holds)
        }
        Kind::If(c, a, b) => {
            if of(*c) != 0.0 {
                of(*a)
            } else {
                of(*b)
            }
        }
        Kind::Derivative { variables, body, .. } => derivative(tree, tree.ids(*variables), *body, at),
        Kind::Call { head, args } => call(tree, *head, tree.ids(*args), at),
        Kind::Where(body, defines) => {
            let mut inner = at.clone();
            for &define in tree.ids(*defines) {
                if let Kind::Define { target, value: v, .. } = tree.kind(define) {
                    inner.insert(name(tree, *target), of(*v));
                }
            }
            value(tree, *body, &inner)
        }
        _ => f64::NAN,
    }
}

pub fn name(tree: &Tree, id: TreeId) -> String {
    match tree.kind(id) {
        Kind::Name(name) => name.to_string(),
        _ => String::new(),
    }
}

fn call(tree: &Tree, head: TreeId, args: &[TreeId], at: &At) -> f64 {
    match (name(tree, head).as_str(), args) {
        ("integral", &[body, bound, from, to]) => {
            let (a, b) = (value(tree, from, at), value(tree, to, at));
            let bound = name(tree, bound);
            let n = 400;
            let point = |i: usize| {
                let mut inner = at.clone();
                inner.insert(bound.clone(), a + (b - a) * i as f64 / n as f64);
                value(tree, body, &inner)
            };
            let weight = |i: usize| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 };
            (0..=n).map(|i| weight(i) * point(i)).sum::<f64>() * (b - a) / (3.0 * n as f64)
        }
        ("limit", &[body, arrow]) => {
            let Kind::Arrow(bound, to, Side::Both) = tree.kind(arrow) else { return f64::NAN };
            let (bound, to) = (name(tree, *bound), value(tree, *to, at));
            let near = |h: f64| {
                let mut inner = at.clone();
                inner.insert(bound.clone(), to + h);
                value(tree, body, &inner)
            };
            let mean = |h: f64| (near(h) + near(-h)) / 2.0;
            (4.0 * mean(0.5e-3) - mean(1e-3)) / 3.0
        }
        ("dot", &[a, b]) => match (tree.kind(a), tree.kind(b)) {
            (Kind::Vector(a), Kind::Vector(b)) => {
                let pairs = tree.ids(*a).iter().zip(tree.ids(*b));
                pairs.map(|(&a, &b)| value(tree, a, at) * value(tree, b, at)).sum()
            }
            _ => f64::NAN,
        },
        (name, args) => {
            let Some(id) = agnesi_functions::find(name) else { return f64::NAN };
            let values: Vec<f64> = args.iter().map(|&a| value(tree, a, at)).collect();
            id.row().kernel.call(&values).unwrap_or(f64::NAN)
        }
    }
}

/// By central differences, extrapolated.
fn derivative(tree: &Tree, variables: &[TreeId], body: TreeId, at: &At) -> f64 {
    let [first, rest @ ..] = variables else { return value(tree, body, at) };
    let variable = name(tree, *first);
    let Some(&x) = at.get(&variable) else { return f64::NAN };
    let f = |h: f64| {
        let mut moved = at.clone();
        moved.insert(variable.clone(), x + h);
        derivative(tree, rest, body, &moved)
    };
    let d = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    let h = if rest.is_empty() { 1e-3 } else { 4e-3 } * x.abs().clamp(0.05, 1.0);
    let (a, b, c) = (d(h), d(h / 2.0), d(h / 4.0));
    let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
    (16.0 * bc - ab) / 15.0
}

fn power(base: f64, exponent: f64, fraction: Option<(i64, i64)>) -> f64 {
    match fraction {
        Some((p, q)) if base < 0.0 && q % 2 != 0 => {
            let size = (-base).powf(exponent);
            if p % 2 == 0 { size } else { -size }
        }
        _ => base.powf(exponent),
    }
}

/// The exact fraction that a formula is, if it is one as written.
pub fn fraction(tree: &Tree, id: TreeId) -> Option<(i64, i64)> {
    match tree.kind(id) {
        Kind::Number(text) => Some((text.parse().ok()?, 1)),
        Kind::Prefix(Prefix::Neg, a) => fraction(tree, *a).map(|(p, q)| (-p, q)),
        Kind::Binary(Binary::Div, a, b) => match (fraction(tree, *a)?, fraction(tree, *b)?) {
            ((p, 1), (q, 1)) => Some((p, q)),
            _ => None,
        },
        _ => None,
    }
}
