//! Random contractions and sums: the printed text, evaluated, is the value of the node.

use agnesi_syntax::{Binary, Kind, Prefix, Relation, Tree, TreeId, print};
use rustc_hash::FxHashMap;

use super::{Style, T};
use crate::graph::Graph;
use crate::known::known;
use crate::op::{Factor, Labels, NodeId, Op};
use crate::types::Structure;
use crate::{Facts, Rational};

/// A tensor; a vector may lie as a row.
#[derive(Clone, Debug)]
struct Value {
    shape: Vec<usize>,
    row: bool,
    data: Vec<f64>,
}

impl Value {
    fn scalar(x: f64) -> Value {
        Value { shape: Vec::new(), row: false, data: vec![x] }
    }

    fn from(shape: Vec<usize>, mut entry: impl FnMut(&[usize]) -> f64) -> Value {
        let total = shape.iter().product();
        let data = (0..total).map(|at| entry(&places(&shape, at))).collect();
        Value { shape, row: false, data }
    }

    fn get(&self, at: &[usize]) -> f64 {
        let mut place = 0;
        for (i, n) in at.iter().zip(&self.shape) {
            place = place * n + i;
        }
        self.data[place]
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Value {
        Value { data: self.data.iter().map(|x| f(*x)).collect(), ..self.clone() }
    }

    fn number(&self) -> f64 {
        assert!(self.shape.is_empty(), "a scalar is expected");
        self.data[0]
    }

    /// As a matrix, a vector as a column or a row.
    fn sides(&self) -> (usize, usize) {
        match self.shape[..] {
            [n] if self.row => (1, n),
            [n] => (n, 1),
            [n, m] => (n, m),
            _ => panic!("no matrix: {:?}", self.shape),
        }
    }
}

fn places(shape: &[usize], mut at: usize) -> Vec<usize> {
    let mut found = vec![0; shape.len()];
    for (i, n) in shape.iter().enumerate().rev() {
        found[i] = at % n;
        at /= n;
    }
    found
}

/// The value of a node.
fn value(g: &Graph, node: NodeId, names: &FxHashMap<String, Value>) -> Value {
    match g.op(node) {
        Op::Symbol(id) => names[g.symbol_info(*id).name.as_str()].clone(),
        Op::Contract(c) => {
            let size = |n: &NodeId| value(g, *n, names).number() as usize;
            let sizes: Vec<usize> = c.sizes.iter().map(size).collect();
            let factors: Vec<Value> = c.factors.iter().map(|f| value(g, f.node, names)).collect();
            let shape: Vec<usize> = c.out.iter().map(|l| sizes[*l as usize]).collect();
            let mut result = Value::from(shape.clone(), |_| 0.0);
            for at in 0..sizes.iter().product() {
                let place = places(&sizes, at);
                let mut product = c.coefficient.to_f64();
                for (f, v) in c.factors.iter().zip(&factors) {
                    let here: Vec<usize> = f.labels.iter().map(|l| place[*l as usize]).collect();
                    product *= v.get(&here).powf(f.exponent.to_f64());
                }
                let mut to = 0;
                for (l, n) in c.out.iter().zip(&shape) {
                    to = to * n + place[*l as usize];
                }
                result.data[to] += product;
            }
            result
        }
        Op::Add(sum) => {
            let mut total = value(g, sum.terms[0].1, names).map(|_| 0.0);
            for (c, n) in &sum.terms {
                let v = value(g, *n, names);
                total.data.iter_mut().zip(&v.data).for_each(|(t, x)| *t += c.to_f64() * x);
            }
            total
        }
        Op::Call(f, args) if *f == known().exp => value(g, args[0], names).map(f64::exp),
        Op::Iota(n) => {
            let n = value(g, *n, names).number() as usize;
            Value::from(vec![n], |at| at[0] as f64 + 1.0)
        }
        Op::OneHot(index, size) => {
            let mut index = value(g, *index, names);
            let n = value(g, *size, names).number() as usize;
            index.shape.push(n);
            let at = index.data.clone();
            let shape = index.shape.clone();
            let inner = shape.len() - 1;
            let whole = Value { shape: shape[..inner].to_vec(), row: false, data: at };
            Value::from(shape, |p| f64::from(whole.get(&p[..inner]) == p[inner] as f64 + 1.0))
        }
        other => panic!("{other:?}"),
    }
}

/// The value of a text.
fn read(tree: &Tree, id: TreeId, names: &mut FxHashMap<String, Value>) -> Value {
    match tree.kind(id) {
        Kind::Number(text) => Value::scalar(text.parse().unwrap()),
        Kind::Name(name) => names.get(name.as_str()).unwrap_or_else(|| panic!("{name}?")).clone(),
        Kind::Prefix(Prefix::Neg, x) => read(tree, *x, names).map(|x| -x),
        Kind::Prime(x, 1) => {
            let v = read(tree, *x, names);
            match v.shape[..] {
                [n, m] => Value::from(vec![m, n], |at| v.get(&[at[1], at[0]])),
                _ => Value { row: !v.row, ..v },
            }
        }
        Kind::Binary(op, a, b) => {
            let (a, b) = (read(tree, *a, names), read(tree, *b, names));
            binary(*op, a, b)
        }
        Kind::If(c, a, b) => {
            let c = read(tree, *c, names).number();
            if c == 1.0 { read(tree, *a, names) } else { read(tree, *b, names) }
        }
        Kind::Compare { operands, relations } => {
            let ids = tree.ids(*operands).to_vec();
            let (a, b) = (read(tree, ids[0], names).number(), read(tree, ids[1], names).number());
            Value::scalar(f64::from(match relations[0] {
                Relation::Equal => a == b,
                Relation::NotEqual => a != b,
                Relation::LessEqual => a <= b,
                Relation::Less => a < b,
                Relation::GreaterEqual => a >= b,
                Relation::Greater => a > b,
            }))
        }
        Kind::Comprehension { body, binders } => {
            let binders = tree.ids(*binders).to_vec();
            comprehension(tree, *body, &binders, names)
        }
        Kind::Index { base, indices } => {
            let base = read(tree, *base, names);
            let mut shape = Vec::new();
            let mut slots: Vec<(bool, Vec<usize>)> = Vec::new();
            for (axis, id) in tree.ids(*indices).to_vec().into_iter().enumerate() {
                let (kept, list) = match tree.kind(id) {
                    Kind::Colon => (true, (0..base.shape[axis]).collect()),
                    Kind::Range(a, b) => {
                        let (a, b) = (read(tree, *a, names).number(), read(tree, *b, names).number());
                        (true, (a as usize - 1..b as usize).collect())
                    }
                    _ => {
                        let v = read(tree, id, names);
                        (!v.shape.is_empty(), v.data.iter().map(|x| *x as usize - 1).collect::<Vec<_>>())
                    }
                };
                if kept {
                    shape.push(list.len());
                }
                slots.push((kept, list));
            }
            Value::from(shape, |at| {
                let mut at = at.iter();
                let place: Vec<usize> =
                    slots.iter().map(|(kept, l)| if *kept { l[*at.next().unwrap()] } else { l[0] }).collect();
                base.get(&place)
            })
        }
        Kind::Call { head, args } => {
            let Kind::Name(name) = tree.kind(*head) else { panic!("a call") };
            let args = tree.ids(*args).to_vec();
            if name == "sum" && matches!(tree.kind(args[0]), Kind::In(..)) {
                let stacked = comprehension(tree, args[1], &args[..1], names);
                let shape = stacked.shape[1..].to_vec();
                let n = stacked.shape[0];
                return Value::from(shape, |at| {
                    (0..n).map(|k| stacked.get(&[&[k], at].concat())).sum::<f64>()
                });
            }
            let values: Vec<Value> = args.iter().map(|a| read(tree, *a, names)).collect();
            call(name, &values)
        }
        other => panic!("{other:?}"),
    }
}

fn comprehension(
    tree: &Tree,
    body: TreeId,
    binders: &[TreeId],
    names: &mut FxHashMap<String, Value>,
) -> Value {
    let Some((&first, rest)) = binders.split_first() else { return read(tree, body, names) };
    let Kind::In(name, range) = tree.kind(first) else { panic!("a binder") };
    let (Kind::Name(name), Kind::Range(_, to)) = (tree.kind(*name), tree.kind(*range)) else {
        panic!("range")
    };
    let n = read(tree, *to, names).number() as usize;
    let mut all = Value::scalar(0.0);
    all.data.clear();
    let before = names.get(name.as_str()).cloned();
    for i in 1..=n {
        names.insert(name.to_string(), Value::scalar(i as f64));
        let v = comprehension(tree, body, rest, names);
        assert!(!v.row, "a row as an entry");
        all.shape = v.shape.clone();
        all.data.extend(v.data);
    }
    match before {
        Some(v) => names.insert(name.to_string(), v),
        None => names.remove(name.as_str()),
    };
    all.shape.insert(0, n);
    all
}

fn binary(op: Binary, a: Value, b: Value) -> Value {
    let scalar = a.shape.is_empty() || b.shape.is_empty();
    let f: fn(f64, f64) -> f64 = match op {
        Binary::Add => |x, y| x + y,
        Binary::Sub => |x, y| x - y,
        Binary::Mul | Binary::ElementMul => |x, y| x * y,
        Binary::Div | Binary::ElementDiv => |x, y| x / y,
        Binary::Pow | Binary::ElementPow => f64::powf,
        Binary::And => f64::min,
        _ => panic!("{op:?}"),
    };
    match op {
        Binary::Mul if !scalar => {
            let ((n, k), (k2, m)) = (a.sides(), b.sides());
            assert_eq!(k, k2, "sides of a product");
            let entry =
                |i: usize, j: usize| -> f64 { (0..k).map(|l| a.data[i * k + l] * b.data[l * m + j]).sum() };
            let data = (0..n * m).map(|at| entry(at / m, at % m)).collect();
            let (row, column) = (a.shape.len() == 1 && a.row, b.shape.len() == 1 && !b.row);
            let (shape, lies) = match (row, column) {
                (true, true) => (vec![], false),
                (true, false) => (vec![m], true),
                (false, true) => (vec![n], false),
                (false, false) => (vec![n, m], false),
            };
            Value { shape, row: lies, data }
        }
        Binary::Pow if !a.shape.is_empty() => {
            let e = b.number() as usize;
            (1..e).fold(a.clone(), |p, _| binary(Binary::Mul, p, a.clone()))
        }
        Binary::Div if !b.shape.is_empty() => panic!("a division by a tensor"),
        _ if a.shape.is_empty() => b.map(|y| f(a.data[0], y)),
        _ if b.shape.is_empty() => a.map(|x| f(x, b.data[0])),
        _ => {
            assert_eq!((&a.shape, a.row), (&b.shape, b.row), "shapes of {op:?}");
            Value { data: a.data.iter().zip(&b.data).map(|(x, y)| f(*x, *y)).collect(), ..a }
        }
    }
}

fn call(name: &str, args: &[Value]) -> Value {
    let size = |i: usize| args[i].number() as usize;
    let v = &args[0];
    match (name, args.len()) {
        ("ones", 1) => Value::from(vec![size(0)], |_| 1.0),
        ("ones", 2) => Value::from(vec![size(0), size(1)], |_| 1.0),
        ("eye", 1) => Value::from(vec![size(0), size(0)], |at| f64::from(at[0] == at[1])),
        ("exp", 1) => v.map(f64::exp),
        ("sqrt", 1) => v.map(f64::sqrt),
        ("sum", 1) => Value::scalar(v.data.iter().sum()),
        ("sum", 2) => {
            let axis = size(1) - 1;
            let (kept, summed) = (v.shape[1 - axis], v.shape[axis]);
            let at = |i: usize, k: usize| if axis == 1 { v.get(&[i, k]) } else { v.get(&[k, i]) };
            Value::from(vec![kept], |i| (0..summed).map(|k| at(i[0], k)).sum())
        }
        ("norm2" | "normF", 1) => Value::scalar(v.data.iter().map(|x| x * x).sum::<f64>().sqrt()),
        ("tr", 1) => Value::scalar((0..v.shape[0]).map(|i| v.get(&[i, i])).sum()),
        ("diag", 1) => {
            assert_eq!(v.shape.len(), 1);
            Value::from(vec![v.shape[0]; 2], |at| if at[0] == at[1] { v.get(&at[..1]) } else { 0.0 })
        }
        ("onehot", 2) => {
            let n = size(1);
            let shape = [&v.shape[..], &[n]].concat();
            Value::from(shape, |at| f64::from(v.get(&at[..at.len() - 1]) == at[at.len() - 1] as f64 + 1.0))
        }
        ("vec", 1) => {
            let (n, m) = (v.shape[0], v.shape[1]);
            Value::from(vec![n * m], |at| v.get(&[at[0] % n, at[0] / n]))
        }
        ("unvec", 3) => {
            let (n, m) = (size(1), size(2));
            Value::from(vec![n, m], |at| v.get(&[at[0] + n * at[1]]))
        }
        ("kron", 2) => {
            let (p, q) = (args[1].shape[0], args[1].shape[1]);
            Value::from(vec![v.shape[0] * p, v.shape[1] * q], |at| {
                v.get(&[at[0] / p, at[1] / q]) * args[1].get(&[at[0] % p, at[1] % q])
            })
        }
        ("diagpart", 1) => Value::from(vec![v.shape[0]], |at| v.get(&[at[0], at[0]])),
        _ => panic!("{name}?"),
    }
}

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

/// A random contraction; with `like`, of the same axes.
fn contraction(t: &mut T, dice: &mut Dice, pool: &[NodeId], like: Option<&[NodeId]>) -> NodeId {
    let mut labels_of: Vec<NodeId> = Vec::new();
    let mut factors = Vec::new();
    for _ in 0..1 + dice.roll(5) {
        let node = pool[dice.roll(pool.len())];
        let mut labels = Labels::new();
        for size in t.g.shape(node).clone() {
            let fits: Vec<u8> =
                (0..labels_of.len()).filter(|l| labels_of[*l] == size).map(|l| l as u8).collect();
            if fits.is_empty() || (dice.roll(3) == 0 && labels_of.len() < 6) {
                labels_of.push(size);
                labels.push(labels_of.len() as u8 - 1);
            } else {
                labels.push(fits[dice.roll(fits.len())]);
            }
        }
        let e = [1, 1, 1, 1, 2, -1][dice.roll(6)];
        factors.push(Factor { node, labels, exponent: Rational::from(e) });
    }
    let mut out = Labels::new();
    match like {
        Some(sizes) => {
            for size in sizes {
                let fits: Vec<u8> =
                    (0..labels_of.len()).filter(|l| labels_of[*l] == *size).map(|l| l as u8).collect();
                if fits.is_empty() {
                    labels_of.push(*size);
                    out.push(labels_of.len() as u8 - 1);
                } else {
                    out.push(fits[dice.roll(fits.len())]);
                }
            }
        }
        None => {
            for _ in 0..if labels_of.is_empty() { 0 } else { dice.roll(4) } {
                out.push(dice.roll(labels_of.len()) as u8);
            }
        }
    }
    let c = [1, 1, 2, -1, -3][dice.roll(5)];
    t.g.contract(Rational::from(c), factors, out, labels_of)
}

#[test]
fn texts_have_the_value_of_their_nodes() {
    let mut dice = Dice(7);
    let (mut longest, mut undefined) = (0, 0);
    for round in 0..if cfg!(debug_assertions) { 600 } else { 3000 } {
        let mut t = T::new();
        let mut names: FxHashMap<String, Value> = FxHashMap::default();
        for (name, n) in [("n", 2.0), ("m", 3.0)] {
            names.insert(name.into(), Value::scalar(n));
        }
        let mut pool = Vec::new();
        for (name, sizes) in [
            ("x", "n"),
            ("y", "n"),
            ("w", "m"),
            ("A", "n n"),
            ("B", "n n"),
            ("X", "n m"),
            ("S", "n n"),
            ("s", ""),
        ] {
            let structure = if name == "S" { Structure::SYMMETRIC } else { Structure::NONE };
            let node = t.tensor(name, sizes, structure);
            let shape: Vec<usize> = sizes.split_whitespace().map(|s| names[s].number() as usize).collect();
            let mut v = Value::from(shape, |_| 0.5 + dice.roll(1000) as f64 / 1000.0);
            if name == "S" {
                v.data[2] = v.data[1];
            }
            names.insert(name.into(), v);
            pool.push(node);
        }
        let shape = t_shape(&mut t.g);
        let p = t.g.declare_tensor("p", Facts::INTEGER, Structure::NONE, shape);
        names.insert("p".into(), Value { shape: vec![3], row: false, data: vec![2.0, 1.0, 2.0] });
        let (n, m) = (t.size("n"), t.size("m"));
        let hot = t.g.one_hot(p, n);
        if round % 4 == 0 {
            pool.push(hot);
        }
        if round % 4 == 2 {
            let two = t.g.integer(2);
            let hot = t.g.one_hot(two, n);
            pool.push(hot);
        }
        if round % 4 == 1 {
            let i = t.g.iota(n);
            let one = t.ones(i);
            let next = t.sum(&[(1, i), (1, one)]);
            let shift = t.g.one_hot(next, m);
            pool.push(shift);
        }
        // Something made of others, then sums of contractions of these.
        let first = contraction(&mut t, &mut dice, &pool, None);
        if t.g.shape(first).len() <= 2 {
            pool.push(first);
        }
        let sizes = t.g.shape(first).to_vec();
        let second = contraction(&mut t, &mut dice, &pool, Some(&sizes));
        let third = contraction(&mut t, &mut dice, &pool, Some(&sizes));
        let sum = t.sum(&[(1, first), (-1, second), (2, third)]);
        let last = if dice.roll(3) == 0 {
            pool.push(sum);
            contraction(&mut t, &mut dice, &pool, None)
        } else {
            sum
        };
        for node in [first, second, sum, last] {
            let expected = value(&t.g, node, &names);
            if !expected.data.iter().all(|x| x.is_finite()) {
                continue;
            }
            let (tree, root) = t.g.raise(node, Style::default());
            let text = print::text(&tree, root);
            longest = longest.max(text.len());
            t.reads_back(&text);
            let mut scope = names.clone();
            let got = read(&tree, root, &mut scope);
            assert_eq!(got.shape, expected.shape, "{round}: {text}");
            // A reciprocal of zeros that the node never looks at may stand in a formula.
            if !got.data.iter().all(|x| x.is_finite()) {
                undefined += 1;
                continue;
            }
            assert!(!got.row, "{round}: a row: {text}");
            let scale = expected.data.iter().fold(1.0f64, |s, x| s.max(x.abs()));
            for (a, b) in got.data.iter().zip(&expected.data) {
                assert!(
                    (a - b).abs() <= 1e-8 * scale,
                    "{round}: {text} for {:?}\n{:?}\n{:?}",
                    t.g.op(node),
                    got.data,
                    expected.data
                );
            }
        }
    }
    assert!(longest > 20 && undefined < 20, "{undefined}");
}

fn t_shape(g: &mut Graph) -> crate::graph::Shape {
    let m = g.declare("m", Facts::INTEGER.and(Facts::POSITIVE), crate::graph::Shape::new());
    crate::graph::Shape::from_slice(&[m])
}
