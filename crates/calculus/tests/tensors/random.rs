//! Random texts of tensors: what is read, simplified, differentiated and printed has the value that the text says.

use std::cell::RefCell;
use std::collections::BTreeMap;

use agnesi_calculus::{TensorSimplifier, tensor_derivative};
use agnesi_engine::tensors::{
    InterpretError, Random, Tensor, automatic, automatic_second, differences, draw, interpret,
};
use agnesi_graph::{Facts, Graph, NodeId, Scope, Style, SymbolId};
use agnesi_syntax::{parse_expression, print};
use proptest::strategy::{BoxedStrategy, Strategy};

use crate::along_symmetric;
use crate::hunt::{cases, hunt};
use crate::oracle::{Oracle, Value};
use crate::random_text::{DECLARATIONS, E, Maker, NAMES};

/// A text, where it is evaluated, and in what it is differentiated.
#[derive(Clone, Debug)]
struct Case {
    text: E,
    variable: &'static str,
    m: usize,
    values: u64,
    second: bool,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}  by {} with m = {}", self.text, self.variable, self.m)?;
        if self.second { f.write_str(", twice") } else { Ok(()) }
    }
}

fn has(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == name)
}

fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let mut maker = Maker::new(random.bits());
    // One in six has a vector as its value.
    let vector = random.below(6) == 0;
    let shape: &[crate::random_text::Dim] = if vector { &[crate::random_text::Dim::N] } else { &[] };
    let depth = 2 + random.below(3) as usize;
    let text = maker.any(shape, depth);
    let written = text.to_string();
    let inside: Vec<&'static str> = NAMES.into_iter().filter(|n| has(&written, n)).collect();
    let variable = match inside.len() {
        0 => "x",
        n => inside[random.below(n as u64) as usize],
    };
    let second = !vector && random.below(5) == 0 && variable != "T";
    Case { text, variable, m: 2 + random.below(2) as usize, values: random.bits(), second }
}

fn texts() -> BoxedStrategy<Case> {
    proptest::num::u64::ANY.prop_map(case).boxed()
}

fn simpler(case: &Case) -> Vec<Case> {
    let with = |text| Case { text, ..case.clone() };
    let mut out: Vec<Case> = case.text.simpler().into_iter().take(400).map(with).collect();
    if case.second {
        out.insert(0, Case { second: false, ..case.clone() });
    }
    out
}

/// What became of the cases.
#[derive(Default)]
struct Stats(BTreeMap<&'static str, (usize, String)>);

impl Stats {
    fn count(&mut self, what: &'static str, example: &dyn std::fmt::Display) {
        let entry = self.0.entry(what).or_default();
        entry.0 += 1;
        let example = example.to_string();
        if entry.1.is_empty() || example.len() < entry.1.len() {
            entry.1 = example;
        }
    }

    fn of(&self, what: &str) -> usize {
        self.0.get(what).map_or(0, |e| e.0)
    }

    fn print(&self) {
        for (what, (count, example)) in &self.0 {
            println!("{count:6} {what}, such as {example}");
        }
    }
}

/// A text in a graph of its own, with values for all names.
struct World {
    g: Graph,
    scope: Scope,
    values: Vec<(SymbolId, Tensor)>,
}

impl World {
    fn new(m: usize, seed: u64) -> World {
        let mut scope = Scope::new();
        scope.read(DECLARATIONS).expect("declarations");
        let mut g = Graph::new();
        let mut random = Random::new(seed);
        let size = |g: &mut Graph, name: &str, number: usize| {
            let node = g.declare(name, Facts::INTEGER.and(Facts::POSITIVE), Default::default());
            (g.as_symbol(node).expect("a symbol"), Tensor::scalar(number as f64))
        };
        let mut values = vec![size(&mut g, "n", 3), size(&mut g, "m", m)];
        let mut symbols = Vec::new();
        for name in NAMES {
            let node = g.declare_from(&scope, name).expect("declared");
            symbols.push(g.as_symbol(node).expect("a symbol"));
        }
        values.extend(draw(&g, &symbols, &values, &[], &mut random).expect("drawn"));
        World { g, scope, values }
    }

    fn read(&mut self, text: &str) -> Result<NodeId, String> {
        let parsed = parse_expression(text, &self.scope);
        if parsed.has_errors() {
            return Err(format!("not parsed: {text}: {:?}", parsed.diagnostics));
        }
        match self.g.read_shaped(&parsed.tree, parsed.root, &self.scope) {
            Ok(shaped) => Ok(shaped.node),
            Err(errors) => Err(format!("not read: {text}: {}", errors[0].message)),
        }
    }

    /// The value of a text by its definition, and the largest magnitude on the way.
    fn oracle(&self, text: &str) -> Result<(Value, f64), String> {
        let parsed = parse_expression(text, &self.scope);
        let names = self.values.iter().map(|(symbol, tensor)| {
            let name = self.g.symbol_info(*symbol).name.to_string();
            (name, Value::new(tensor.shape().to_vec(), tensor.data().to_vec()))
        });
        let mut oracle = Oracle { tree: &parsed.tree, names: names.collect(), largest: 1.0 };
        let value = oracle.value(parsed.root)?;
        Ok((value, oracle.largest))
    }

    fn interpret(&self, node: NodeId) -> Result<Tensor, InterpretError> {
        Ok(interpret(&self.g, &[node], &self.values)?.remove(0))
    }

    fn text(&mut self, node: NodeId) -> String {
        let (tree, root) = self.g.raise(node, Style::default());
        print::text(&tree, root)
    }

    fn symbol(&self, name: &str) -> SymbolId {
        self.g.find_symbol(name).expect("declared")
    }
}

/// How far two lists of numbers are apart, relative to the largest of them and a scale.
fn apart(a: &[f64], b: &[f64], scale: f64) -> f64 {
    let scale = a.iter().chain(b).fold(scale, |m, x| m.max(x.abs()));
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    a.iter().zip(b).fold(0.0, |m: f64, (x, y)| {
        let d = (x - y).abs() / scale;
        if d.is_nan() { f64::INFINITY } else { m.max(d) }
    })
}

/// How far apart two ways to the same number may come, relative to the largest magnitude on the way.
const ROOM: f64 = 1e-9;
/// Beyond this magnitude a text says nothing.
const LARGE: f64 = 1e6;

fn finite(tensor: &Tensor) -> bool {
    tensor.data().iter().all(|x| x.is_finite() && x.abs() < 1e8)
}

/// A tensor whose last two axes are those of a symmetric variable, along symmetric directions.
fn along(tensor: &Tensor) -> Tensor {
    let shape = tensor.shape().to_vec();
    let n = shape[shape.len() - 1];
    let data = tensor.data();
    let other = |at: usize| at / (n * n) * n * n + at % n * n + at / n % n;
    Tensor::new(shape, (0..data.len()).map(|at| data[at] + data[other(at)]).collect()).expect("as many")
}

fn check(case: &Case, stats: &RefCell<Stats>) -> Result<(), String> {
    let text = case.text.to_string();
    let count = |what| stats.borrow_mut().count(what, case);
    let mut w = World::new(case.m, case.values);
    let node = w.read(&text)?;
    let (wanted, largest) = w.oracle(&text).map_err(|e| format!("oracle: {e}"))?;
    if largest > LARGE || wanted.data.iter().any(|x| !x.is_finite()) {
        count("too large or not defined");
        return Ok(());
    }
    let scale = largest;
    let same = |w: &World, node: NodeId, data: &[f64], what: &str| -> Result<(), String> {
        let found = w.interpret(node).map_err(|e| format!("{what}: {e}"))?;
        if apart(found.data(), data, scale) <= ROOM {
            return Ok(());
        }
        Err(format!("{what}: {:?} is not {data:?}", found.data()))
    };
    // 1. The node is what was written.
    same(&w, node, &wanted.data, "read")?;
    // 2. So is the simplified node.
    let mut simplifier = TensorSimplifier::default();
    let simple = simplifier.simplify(&mut w.g, node);
    same(&w, simple, &wanted.data, "simplified")?;
    // 3. Three witnesses of the derivative.
    let symbol = w.symbol(case.variable);
    let symmetric = case.variable == "S";
    let formula = match tensor_derivative(&mut w.g, &mut simplifier, node, symbol) {
        Ok(formula) => formula,
        Err(error) => {
            count("no derivative");
            println!("{case}: {error}");
            return Ok(());
        }
    };
    let dual = match automatic(&w.g, node, &w.values, symbol) {
        Ok(dual) => dual,
        Err(error) => return Err(format!("automatic: {error}")),
    };
    let found = match w.interpret(formula) {
        Ok(found) => found,
        // The formula for a determinant has the inverse in it.
        Err(InterpretError::Singular { .. }) if text.contains("det(") => {
            count("singular");
            return Ok(());
        }
        Err(error) => return Err(format!("derivative: {error}")),
    };
    // 4. And the program of both, computed together.
    crate::lowered::agrees(&w.g, &[node, formula], &w.values)?;
    if !finite(&dual) {
        // Such as sqrt(0): what the formula says there is as good.
        count("no finite slope");
        return Ok(());
    }
    let (difference, error) =
        differences(&w.g, node, &w.values, symbol).map_err(|e| format!("differences: {e}"))?;
    let turn = |t: &Tensor| if symmetric { along(t) } else { t.clone() };
    let (found, dual, difference, error) = (turn(&found), turn(&dual), turn(&difference), turn(&error));
    let agrees = apart(found.data(), dual.data(), scale) <= 10.0 * ROOM;
    let numbers = || difference.data().iter().zip(error.data());
    let size = dual.data().iter().fold(scale, |m, x| m.max(x.abs()));
    let near = |t: &Tensor| {
        t.data()
            .iter()
            .zip(numbers())
            .all(|(x, (d, e))| !d.is_finite() || (x - d).abs() <= 10.0 * e + 1e-6 * size)
    };
    if !agrees {
        let whose = match (near(&found), near(&dual)) {
            (true, false) => "differences say the formula is right",
            (false, true) => "differences say the dual numbers are right",
            (true, true) => "differences cannot tell",
            (false, false) => "differences agree with neither",
        };
        let shown = w.text(formula);
        return Err(format!("derivative {shown}: {:?} is not {:?}; {whose}", found.data(), dual.data()));
    }
    if !near(&dual) {
        count("kink");
    } else if numbers().any(|(d, _)| !d.is_finite()) {
        count("no difference");
    }
    // 4. What is printed reads back.
    let named = w.g.raise_named(&[formula], Style::default(), 6);
    let (tree, root) = w.g.raise(formula, Style::default());
    let value = w.interpret(formula).map_err(|e| format!("derivative: {e}"))?;
    for (tree, root, how) in [(&tree, root, "raised"), (&named.tree, named.whole, "raised with names")] {
        let text = print::text(tree, root);
        let again = w.read(&text).map_err(|e| format!("{how}: {e}"))?;
        let read = w.interpret(again).map_err(|e| format!("{how} {text}: {e}"))?;
        let broadcast = read.shape().is_empty() && !value.shape().is_empty();
        // Rounding may tell the largest entry from itself where the two are written differently.
        if text.contains("==") && finite(&read) && apart(read.data(), value.data(), scale) > ROOM {
            count("equality is read back differently");
            continue;
        }
        if read.shape() != value.shape() && !broadcast || apart(read.data(), value.data(), scale) > ROOM {
            return Err(format!("{how} {text}: {:?} is not {:?}", read, value));
        }
        if again != formula {
            count("another node is read back");
        }
    }
    // 6. The second derivative.
    if case.second {
        let second = match tensor_derivative(&mut w.g, &mut simplifier, formula, symbol) {
            Ok(second) => second,
            Err(error) => {
                count("no second derivative");
                println!("{case}: {error}");
                return Ok(());
            }
        };
        let dual = match automatic_second(&w.g, node, &w.values, symbol, symbol) {
            Ok(dual) if finite(&dual) => dual,
            _ => {
                count("no finite second slope");
                return Ok(());
            }
        };
        let found = match w.interpret(second) {
            Ok(found) => found,
            Err(InterpretError::Singular { .. }) if text.contains("det(") => {
                count("singular");
                return Ok(());
            }
            Err(error) => return Err(format!("second derivative: {error}")),
        };
        let (found, dual) =
            if symmetric { (along_symmetric(&found), along_symmetric(&dual)) } else { (found, dual) };
        if apart(found.data(), dual.data(), scale) > 100.0 * ROOM {
            let shown = w.text(second);
            return Err(format!("second derivative {shown}: {:?} is not {:?}", found.data(), dual.data()));
        }
        count("second derivatives");
    }
    Ok(())
}

/// What was wrong once, shrunk.
const FOUND: [(&str, &str); 32] = [
    // A place along a label that then stood at an index; a place that outlived a false start.
    ("sum(x[1..n-1].*x[2..n])", "x"),
    ("((x[2..n]*x')*z)[2]", "x"),
    ("sum(A[1..2, :].*A[2..3, :])", "A"),
    ("[a, b]'*A[2..3, :]*p", "b"),
    ("sum(diag([a, b])*A[2..3, :])", "a"),
    // A sum over labels that two indices share had no text.
    ("vec(C)'*(vec(B)*y')*y", "y"),
    ("einsum(\"i,ij,j->\", x, x*vec(B)', vec(C))", "x"),
    // A range that moves with a binder.
    ("sum(i in 1..n - 1, norm2(x[i..i + 1])^3)", "x"),
    ("sum(i in 1..n - 1, x[i..i + 1])'*x[2..3]", "x"),
    ("sum(kron(A, B).^3)", "B"),
    // Entries that there are only in a branch.
    ("[x; y]'*[A; C]*x", "x"),
    ("normInf([x; y])", "y"),
    ("[(if i > 1 then z[i - 1] else 0) for i in 1..n]", "z"),
    ("sum(i in 1..n, if i < n then x[i + 1]*x[i] else a)", "x"),
    ("logsumexp(i in 1..n, if i < n then x[i + 1]*x[i] else a)", "x"),
    ("logsumexp(i in 1..n, if i > 1 then z[i - 1] else 0)", "z"),
    ("sum(i in 1..n, a*(if i < n then x[i + 1]*x[i] else a))", "a"),
    ("sum(([x; y]*[x; y]')[:, 1])", "x"),
    ("sum([(if (if i > 1 then z[i - 1] else 0) <= 0 then a else b) for i in 1..n].*x)", "x"),
    // Slopes that are not finite outside the branch that they belong to.
    ("sum(if y*y' < 0 then y*y' else sqrt(y*y'))", "y"),
    ("sum(if x > 0 then log(x) else x)", "x"),
    ("sum(i in 1..n, if x[i] > 0 then x[i]^(3/2) else 1)", "x"),
    // Conditions are not multiplied by ones.
    ("if x > p then z else x", "z"),
    ("min(x, S*x)", "S"),
    ("tr(min(([x; y]*[x; y]').^2, diag([x; y])*([x; y]*[x; y]')))", "x"),
    // A sum over a part is another sum.
    ("sum((x*x[1..2]'))", "x"),
    ("sum(x)*sum(x[1..2])*sum(x[2..3])", "x"),
    ("sum(P[:, 1..2])*sum(P[1..2, :])*sum(P)", "P"),
    // A number inside of a product has brackets.
    ("norm1((z*sum(i in 1..m, y)')*(y*[x; y]'))", "y"),
    // max(X, 2) goes along an axis.
    ("tr((relu(P) - max([2 for i in 1..n, j in 1..m], P))*C)", "C"),
    // softmax has an axis.
    ("logsumexp(y*y')", "y"),
    ("logsumexp(B)", "B"),
];

#[test]
fn found_before() {
    let stats = RefCell::new(Stats::default());
    for (text, variable) in FOUND {
        for values in 0..4 {
            let m = 2 + values as usize % 2;
            let case = Case { text: E::leaf(text, &[]), variable, m, values, second: false };
            check(&case, &stats).unwrap_or_else(|error| panic!("{case}: {error}"));
        }
    }
}

/// As many as `PROPTEST_CASES` asks for, an eighth of them where it does not.
const CASES: u32 = 5000;

#[test]
fn random_texts() {
    let stats = RefCell::new(Stats::default());
    let count = cases(CASES);
    hunt(count, texts(), simpler, |case| check(case, &stats));
    let stats = stats.into_inner();
    stats.print();
    let count = count as usize;
    let refused = stats.of("no derivative") + stats.of("no second derivative");
    assert!(refused * 100 <= count, "{refused} derivatives refused");
    assert!(stats.of("too large or not defined") * 10 <= count, "too many texts say nothing");
    assert!(stats.of("kink") * 50 <= count, "too many kinks");
    assert!(stats.of("equality is read back differently") * 100 <= count, "too many equalities");
}

#[test]
fn shuffled_texts() {
    let stats = RefCell::new(Stats::default());
    hunt(cases(CASES), texts(), simpler, |case| {
        let mut w = World::new(case.m, case.values);
        let node = w.read(&case.text.to_string())?;
        let mut random = Random::new(case.values);
        let other_text = case.text.shuffled(&mut random).to_string();
        if other_text == case.text.to_string() {
            return Ok(());
        }
        let other = w.read(&other_text)?;
        if other == node {
            stats.borrow_mut().count("same node", case);
            return Ok(());
        }
        stats.borrow_mut().count("missed equalities", &format!("{} and {other_text}", case.text));
        let (_, largest) = w.oracle(&other_text)?;
        if largest > LARGE {
            return Ok(());
        }
        let (a, b) = (w.interpret(node), w.interpret(other));
        let (a, b) = (a.map_err(|e| e.to_string())?, b.map_err(|e| e.to_string())?);
        if apart(a.data(), b.data(), largest) > ROOM {
            return Err(format!("{other_text}: {:?} is not {:?}", b.data(), a.data()));
        }
        Ok(())
    });
    stats.into_inner().print();
}
