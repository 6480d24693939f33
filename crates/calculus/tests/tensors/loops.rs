//! Loops: derivatives as formulas against dual numbers and differences, and formulas that are read again.

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_engine::tensors::{Random, Tensor, automatic, differences, draw, interpret};
use agnesi_graph::{Facts, Graph, NodeId, Scope, Style, SymbolId};
use agnesi_syntax::{parse_expression, print};

/// Declarations with values for what is declared.
struct World {
    g: Graph,
    scope: Scope,
    values: Vec<(SymbolId, Tensor)>,
}

impl World {
    fn new(declarations: &str, seed: u64) -> World {
        let mut scope = Scope::new();
        scope.read(declarations).expect("declarations");
        let mut g = Graph::new();
        let mut random = Random::new(seed);
        let mut values: Vec<(SymbolId, Tensor)> = Vec::new();
        let names: Vec<_> = scope.names().filter(|name| scope.type_of(name).is_some()).cloned().collect();
        let nodes: Vec<NodeId> =
            names.iter().map(|name| g.declare_from(&scope, name).expect("declared")).collect();
        let set = |g: &Graph, values: &mut Vec<(SymbolId, Tensor)>, node: NodeId, value: Tensor| {
            let id = g.as_symbol(node).expect("a symbol");
            if !values.iter().any(|(other, _)| *other == id) {
                values.push((id, value));
            }
        };
        for (at, node) in nodes.iter().enumerate() {
            for size in g.shape(*node).to_vec() {
                let number = if names[at] == "W" { 2.0 } else { 3.0 };
                set(&g, &mut values, size, Tensor::scalar(number));
            }
        }
        for (name, node) in names.iter().zip(&nodes) {
            if name == "parent" {
                let tree = Tensor::new(vec![3], vec![1.0, 1.0, 2.0]).expect("three");
                set(&g, &mut values, *node, tree);
            } else if scope.facts(name).has(Facts::INTEGER) {
                set(&g, &mut values, *node, Tensor::scalar(3.0));
            } else {
                let id = g.as_symbol(*node).expect("a symbol");
                if !values.iter().any(|(other, _)| *other == id) {
                    let drawn = draw(&g, &[id], &values, &[], &mut random).expect("drawn");
                    values.extend(drawn);
                }
            }
        }
        World { g, scope, values }
    }

    fn read(&mut self, text: &str) -> NodeId {
        let parsed = parse_expression(text, &self.scope);
        assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
        let read = self.g.read_shaped(&parsed.tree, parsed.root, &self.scope);
        read.unwrap_or_else(|errors| panic!("{text}: {errors:?}")).node
    }

    fn value(&self, node: NodeId, what: &str) -> Tensor {
        interpret(&self.g, &[node], &self.values).unwrap_or_else(|error| panic!("{what}: {error}")).remove(0)
    }

    fn text(&mut self, node: NodeId) -> String {
        let (tree, root) = self.g.raise(node, Style::default());
        print::text(&tree, root)
    }
}

#[track_caller]
fn near(found: &Tensor, wanted: &Tensor, what: &str) {
    let scale = wanted.data().iter().fold(1.0f64, |most, x| most.max(x.abs()));
    let close = found.shape() == wanted.shape()
        && found.data().iter().zip(wanted.data()).all(|(x, y)| (x - y).abs() <= 1e-9 * scale);
    assert!(close, "{what}: {found:?}\nis not {wanted:?}");
}

/// The derivative by each variable, in three ways; and the formula reads back as itself.
#[track_caller]
fn check(declarations: &str, text: &str, variables: &[&str]) {
    for seed in 0..3 {
        let mut w = World::new(declarations, seed);
        let node = w.read(text);
        let printed = w.text(node);
        let again = w.read(&printed);
        near(&w.value(again, &printed), &w.value(node, text), &printed);
        for name in variables {
            let x = w.g.declare_from(&w.scope, name).expect("declared");
            let x = w.g.as_symbol(x).expect("a symbol");
            let formula = tensor_derivative(&mut w.g, &mut TensorSimplifier::default(), node, x);
            let formula = formula.unwrap_or_else(|error| panic!("{text} by {name}: {error:?}"));
            let what = format!("{text} by {name}: {}", w.text(formula));
            let value = w.value(formula, &what);
            near(&value, &automatic(&w.g, node, &w.values, x).expect("smooth"), &what);
            let (slopes, errors) = differences(&w.g, node, &w.values, x).expect("smooth");
            for ((found, slope), error) in value.data().iter().zip(slopes.data()).zip(errors.data()) {
                assert!(
                    (found - slope).abs() <= 10.0 * error + 1e-9,
                    "{what}: {found} and {slope} by differences"
                );
            }
            let printed = w.text(formula);
            let again = w.read(&printed);
            near(&w.value(again, &printed), &value, &printed);
        }
    }
}

const NET: &str = "W: matrix(n, k); x: matrix(T, k); U: matrix(n, n); h0: vector(n); y: vector(n)";

#[test]
fn recurrent_net() {
    let loss = "norm2(fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h)) - y)^2";
    check(NET, loss, &["W", "U", "h0", "x", "y"]);
    check(NET, "sum(scan(h = h0, t in 1..T, tanh(W*x[t,:] + U*h)))", &["W", "U", "h0", "x"]);
}

#[test]
fn jacobians() {
    check(NET, "fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))", &["h0"]);
    check(NET, "scan(h = h0, t in 1..T, tanh(U*h))", &["h0"]);
}

#[test]
fn several_states() {
    let states = "T: integer; a: real; b: real; c: real";
    check(states, "fold((p, q) = (a, b), t in 1..T, (p + c*q, sin(p*q) + t))[2]", &["a", "b", "c"]);
    check(states, "u + v^2 where (u, v) = fold((p, q) = (a, b), t in 1..T, (q, p*c))", &["a", "b", "c"]);
}

#[test]
fn nested_and_under_binders() {
    check("a: vector(n); T: integer", "sum(i in 1..n, fold(h = 0, t in 1..T, sin(h*a[i]) + t)^2)", &["a"]);
    check(
        "a: vector(n); x: real",
        "fold(h = x, t in 1..n, fold(g = h, s in 1..n, sin(g*x + a[s]*h)))",
        &["a", "x"],
    );
}

#[test]
fn recurrences() {
    let last = "B: vector(m); c: real; T[1] = B[1]; T[i] = T[i-1]*B[i] + c for i in 2..m";
    check(last, "sum(T)", &["B", "c"]);
    check(last, "T", &["B"]);
    let behind = "B: vector(m); T[1] = B[1]; T[i] = sin(T[i-1]*B[i-1]) for i in 2..m";
    check(behind, "T[m]^2", &["B"]);
    let tree = "B: vector(m); parent: integer vector(m); T[1] = B[1]; T[i] = T[parent[i]]*B[i] for i in 2..m";
    check(tree, "sum(T)", &["B"]);
    let two = "c: real; m: integer; F[1] = c; F[2] = 1; F[i] = F[i-1] + c*F[i-2] for i in 3..m";
    check(two, "sum(F)", &["c"]);
    let rows =
        "X: matrix(m, k); A: matrix(k, k); R[1,:] = X[1,:]; R[i,:] = A*R[i-1,:] + X[i,:] for i in 2..m";
    check(rows, "norm2(R[m,:])^2", &["X", "A"]);
}

#[test]
fn second_order() {
    let mut w = World::new("T: integer; a: real; b: real", 1);
    let node = w.read("fold(s = b, t in 1..T, sin(a*s) + t)");
    let a = w.g.declare_from(&w.scope, "a").expect("declared");
    let a = w.g.as_symbol(a).expect("a symbol");
    let mut simplifier = TensorSimplifier::default();
    let first = tensor_derivative(&mut w.g, &mut simplifier, node, a).expect("smooth");
    let second = tensor_derivative(&mut w.g, &mut simplifier, first, a).expect("smooth");
    let wanted = automatic(&w.g, first, &w.values, a).expect("smooth");
    near(&w.value(second, "second"), &wanted, "second");
}

#[test]
fn equal_loops_are_one() {
    let mut w = World::new("T: integer; a: real; b: real", 1);
    let one = w.read("fold(s = b, t in 1..T, a*s + t)");
    let other = w.read("fold(u = b, k in 1..T, a*u + k)");
    assert_eq!(one, other);
    assert_eq!(w.read("fold(s = b, t in 1..T, s)"), w.read("b"));
}
