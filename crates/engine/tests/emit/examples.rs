//! Expressions as people meet them.

use agnesi_graph::{Facts, Linear, Rational, Reduction, Structure};
use agnesi_syntax::Relation;

use crate::cases::{Case, solve};

fn one() -> Rational {
    Rational::ONE
}

/// The cases whose text is kept.
pub fn cases() -> Vec<Case> {
    vec![
        least_squares(),
        logistic(),
        gaussian(),
        weighted(),
        scalar(),
        norms(),
        traces(),
        outer(),
        softmax(),
        branches(),
        reductions(),
        picks(),
        ridge(),
        batched(),
        rational_powers(),
        constants(),
        symmetric_functions(),
        determinants(),
        scatter(),
        long(),
    ]
}

fn least_squares() -> Case {
    let mut c = Case::new("least_squares");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, w, y) = (c.input("X", &[n, m]), c.input("w", &[m]), c.input("y", &[n]));
    let p = c.graph.matmul(x, w);
    let r = c.graph.sub(p, y);
    let loss = c.contract(one(), &[(r, &[0]), (r, &[0])], &[], &[n]);
    let two = Rational::TWO;
    let gradient = c.contract(two, &[(x, &[0, 1]), (r, &[0])], &[1], &[n, m]);
    c.returns(&[("loss", loss), ("gradient", gradient)])
}

fn logistic() -> Case {
    let mut c = Case::new("logistic");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, w, y) = (c.input("X", &[n, m]), c.input("w", &[m]), c.input("y", &[n]));
    let p = c.graph.matmul(x, w);
    let s = c.f("sigmoid", &[p]);
    let r = c.graph.sub(s, y);
    let gradient = c.contract(one(), &[(x, &[0, 1]), (r, &[0])], &[1], &[n, m]);
    let inverse = c.graph.power(n, Rational::MINUS_ONE);
    let mean = c.graph.times_scalar(inverse, gradient);
    c.returns(&[("gradient", mean)])
}

fn gaussian() -> Case {
    let mut c = Case::new("gaussian");
    let n = c.size("n");
    let (x, mu) = (c.input("x", &[n]), c.input("mu", &[n]));
    let s = c.spd("S", n);
    let d = c.graph.sub(x, mu);
    let inverse = c.graph.linear(Linear::Inverse, s);
    let q = c.contract(one(), &[(d, &[0]), (inverse, &[0, 1]), (d, &[1])], &[], &[n, n]);
    let half = c.graph.number(Rational::HALF);
    let value = c.graph.mul(half, q);
    let (a, b) = (c.values[2].clone(), c.values[0].data().to_vec());
    let diff: Vec<f64> = b.iter().zip(c.values[1].data()).map(|(a, b)| a - b).collect();
    let solved = solve(a.data(), &diff);
    let truth = 0.5 * diff.iter().zip(&solved).map(|(a, b)| a * b).sum::<f64>();
    c.returns(&[("energy", value)]).giving(vec![(vec![], vec![truth])])
}

fn weighted() -> Case {
    let mut c = Case::new("weighted");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, s) = (c.input("X", &[n, m]), c.input("s", &[n]));
    let gram = c.contract(one(), &[(x, &[0, 1]), (s, &[0]), (x, &[0, 2])], &[1, 2], &[n, m, m]);
    c.returns(&[("gram", gram)])
}

fn scalar() -> Case {
    let mut c = Case::new("scalar");
    let w = c.input("w", &[]);
    let four = c.graph.integer(4);
    let angle = c.graph.mul(four, w);
    let sine = c.f("sin", &[angle]);
    let square = c.graph.power(w, Rational::TWO);
    let tenth = c.graph.number(Rational::new(1, 10).expect("not zero"));
    let third = c.graph.number(Rational::new(2, 3).expect("not zero"));
    let rest = c.graph.mul(tenth, square);
    let cosine = c.f("cos", &[w]);
    let more = c.graph.mul(third, cosine);
    let sum = c.graph.add(sine, rest);
    let value = c.graph.sub(sum, more);
    c.returns(&[("value", value)])
}

fn norms() -> Case {
    let mut c = Case::new("norms");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, a) = (c.input("x", &[n]), c.input("A", &[n, m]));
    let squares = c.contract(one(), &[(x, &[0]), (x, &[0])], &[], &[n]);
    let norm = c.graph.power(squares, Rational::HALF);
    let unit = c.graph.power(norm, Rational::MINUS_ONE);
    let unit = c.graph.times_scalar(unit, x);
    let frobenius = c.contract(one(), &[(a, &[0, 1]), (a, &[0, 1])], &[], &[n, m]);
    let columns = c.contract(one(), &[(a, &[0, 1])], &[1], &[n, m]);
    c.returns(&[("norm", norm), ("unit", unit), ("frobenius", frobenius), ("columns", columns)])
}

fn traces() -> Case {
    let mut c = Case::new("traces");
    let n = c.size("n");
    let (a, b) = (c.input("A", &[n, n]), c.input("B", &[n, n]));
    let d = c.input("D", &[n, n]);
    let trace = c.contract(one(), &[(a, &[0, 0])], &[], &[n]);
    let two = c.contract(one(), &[(a, &[0, 1]), (b, &[1, 0])], &[], &[n, n]);
    let three = c.contract(one(), &[(a, &[0, 1]), (b, &[1, 2]), (d, &[2, 0])], &[], &[n, n, n]);
    let diagonal = c.contract(one(), &[(a, &[0, 0])], &[0], &[n]);
    let product = c.contract(one(), &[(a, &[0, 1]), (b, &[2, 1])], &[0, 2], &[n, n, n]);
    c.returns(&[
        ("trace", trace),
        ("two", two),
        ("three", three),
        ("diagonal", diagonal),
        ("product", product),
    ])
}

fn outer() -> Case {
    let mut c = Case::new("outer");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, y, a) = (c.input("x", &[n]), c.input("y", &[m]), c.input("A", &[n, m]));
    let outer = c.contract(Rational::from(3), &[(x, &[0]), (y, &[1])], &[0, 1], &[n, m]);
    let rows = c.contract(one(), &[(a, &[0, 1]), (x, &[0])], &[0, 1], &[n, m]);
    let columns = c.contract(one(), &[(a, &[0, 1]), (y, &[1])], &[0, 1], &[n, m]);
    let sum = c.graph.sum(&[(one(), outer), (one(), rows), (Rational::MINUS_ONE, columns)]);
    let diagonal = c.contract(one(), &[(x, &[0])], &[0, 0], &[n]);
    let identity = c.graph.identity(n);
    let shifted = c.graph.sum(&[(one(), diagonal), (Rational::TWO, identity)]);
    c.returns(&[("sum", sum), ("shifted", shifted)])
}

fn softmax() -> Case {
    let mut c = Case::new("softmax");
    let n = c.size("n");
    let x = c.input("x", &[n]);
    let total = c.graph.reduce(Reduction::LogSumExp, x, 1);
    let spread = c.graph.broadcast(total, &std::iter::once(n).collect());
    let shifted = c.graph.sub(x, spread);
    let value = c.f("exp", &[shifted]);
    let exps: Vec<f64> = c.values[0].data().iter().map(|x| x.exp()).collect();
    let sum: f64 = exps.iter().sum();
    c.returns(&[("value", value)]).giving(vec![(vec![4], exps.iter().map(|e| e / sum).collect())])
}

fn branches() -> Case {
    let mut c = Case::new("branches");
    let x = c.given("x", &[], Structure::NONE, Facts::REAL, vec![0.0]);
    let zero = c.graph.zero();
    let is_zero = c.graph.compare(Relation::Equal, x, zero);
    let sine = c.f("sin", &[x]);
    let quotient = c.graph.div(sine, x);
    let unit = c.graph.one();
    let first = c.graph.select(is_zero, unit, quotient);
    let half = c.graph.number(Rational::HALF);
    let above = c.graph.compare(Relation::Greater, x, half);
    let below = c.graph.compare(Relation::LessEqual, x, zero);
    let either = c.graph.or(&[above, below]);
    let log = c.f("log", &[x]);
    let second = c.graph.select(either, x, log);
    let both = c.graph.and(&[above, is_zero]);
    let neither = c.graph.not(both);
    let third = c.graph.select(neither, second, first);
    let n = c.size("n");
    let (v, w) = (c.input("v", &[n]), c.input("w", &[n]));
    let roots = c.graph.elementwise_power(w, Rational::HALF);
    let fourth = c.graph.select(below, v, roots);
    c.returns(&[("first", first), ("third", third), ("fourth", fourth)])
}

fn reductions() -> Case {
    let mut c = Case::new("reductions");
    let (n, m) = (c.size("n"), c.size("m"));
    let a = c.input("A", &[n, m]);
    let rows = c.graph.reduce(Reduction::Max, a, 1);
    let least = c.graph.reduce(Reduction::Min, a, 2);
    let product = c.graph.reduce(Reduction::Product, a, 2);
    let sums = c.graph.reduce(Reduction::LogSumExp, a, 1);
    let places = c.graph.reduce(Reduction::ArgMax, a, 1);
    let data = c.values[0].data().to_vec();
    let row = |i: usize| data[3 * i..3 * i + 3].to_vec();
    let top = |i: usize| row(i).into_iter().fold(f64::NEG_INFINITY, f64::max);
    let each = |f: &dyn Fn(usize) -> f64| (vec![4], (0..4).map(f).collect());
    let expected = vec![
        each(&top),
        (vec![], vec![data.iter().copied().fold(f64::INFINITY, f64::min)]),
        (vec![], vec![data.iter().product()]),
        each(&|i| row(i).iter().map(|x| x.exp()).sum::<f64>().ln()),
        each(&|i| row(i).iter().position(|x| *x == top(i)).expect("there") as f64 + 1.0),
    ];
    c.returns(&[("rows", rows), ("least", least), ("product", product), ("sums", sums), ("places", places)])
        .giving(expected)
}

fn picks() -> Case {
    let mut c = Case::new("picks");
    let (n, m, k) = (c.size("n"), c.size("m"), c.size("k"));
    let (x, a) = (c.input("x", &[n]), c.input("A", &[n, m]));
    let p = c.given("p", &[k], Structure::NONE, Facts::INTEGER, vec![3.0, 1.0]);
    let q = c.given("q", &[n], Structure::NONE, Facts::INTEGER, vec![1.0, 3.0, 2.0, 2.0]);
    let gathered = c.graph.pick(x, 0, p);
    let two = c.graph.integer(2);
    let second = c.graph.pick(x, 0, two);
    let row = c.graph.pick(a, 0, two);
    let entry = c.graph.pick(row, 0, two);
    let hot = c.graph.one_hot(q, m);
    let each = c.contract(one(), &[(a, &[0, 1]), (hot, &[0, 1])], &[0], &[n, m]);
    let range = c.graph.iota(k);
    let unit = c.graph.one();
    let ones = c.graph.broadcast(unit, &std::iter::once(k).collect());
    let range = c.graph.add(range, ones);
    let slice = c.graph.pick(x, 0, range);
    let best = c.graph.reduce(Reduction::ArgMax, x, 1);
    let largest = c.graph.pick(x, 0, best);
    let v = c.values[0].data().to_vec();
    let w = c.values[1].data().to_vec();
    let expected = vec![
        (vec![2], vec![v[2], v[0]]),
        (vec![], vec![v[1]]),
        (vec![], vec![w[4]]),
        (vec![4], vec![w[0], w[5], w[7], w[10]]),
        (vec![2], vec![v[1], v[2]]),
        (vec![], vec![v.iter().copied().fold(f64::NEG_INFINITY, f64::max)]),
    ];
    c.returns(&[
        ("gathered", gathered),
        ("second", second),
        ("entry", entry),
        ("each", each),
        ("slice", slice),
        ("largest", largest),
    ])
    .giving(expected)
}

fn ridge() -> Case {
    let mut c = Case::new("ridge");
    let (n, m) = (c.size("n"), c.size("m"));
    let (x, y) = (c.input("X", &[n, m]), c.input("y", &[n]));
    let lambda = c.given("lambda", &[], Structure::NONE, Facts::POSITIVE, vec![0.5]);
    let gram = c.contract(one(), &[(x, &[0, 1]), (x, &[0, 2])], &[1, 2], &[n, m, m]);
    let identity = c.graph.identity(m);
    let shift = c.graph.times_scalar(lambda, identity);
    let matrix = c.graph.add(gram, shift);
    let inverse = c.graph.linear(Linear::Inverse, matrix);
    let w = c.contract(one(), &[(inverse, &[0, 1]), (x, &[2, 1]), (y, &[2])], &[0], &[m, m, n]);
    let (xs, ys) = (c.values[0].data().to_vec(), c.values[1].data().to_vec());
    let mut g = vec![0.0; 9];
    let mut b = vec![0.0; 3];
    for i in 0..3 {
        for j in 0..3 {
            g[3 * i + j] =
                (0..4).map(|r| xs[3 * r + i] * xs[3 * r + j]).sum::<f64>() + 0.5 * (i == j) as u8 as f64;
        }
        b[i] = (0..4).map(|r| xs[3 * r + i] * ys[r]).sum();
    }
    c.returns(&[("w", w)]).giving(vec![(vec![3], solve(&g, &b))])
}

fn batched() -> Case {
    let mut c = Case::new("batched");
    let (n, m, k) = (c.size("n"), c.size("m"), c.size("k"));
    let (a, b) = (c.input("A", &[k, n, m]), c.input("B", &[k, m, n]));
    let product = c.contract(one(), &[(a, &[0, 1, 2]), (b, &[0, 2, 3])], &[0, 1, 3], &[k, n, m, n]);
    let sums = c.contract(one(), &[(a, &[0, 1, 2])], &[1], &[k, n, m]);
    let turned = c.contract(one(), &[(a, &[0, 1, 2])], &[2, 0, 1], &[k, n, m]);
    c.returns(&[("product", product), ("sums", sums), ("turned", turned)])
}

fn rational_powers() -> Case {
    let mut c = Case::new("rational_powers");
    let n = c.size("n");
    let x = c.given("x", &[n], Structure::NONE, Facts::REAL, vec![-8.0, 27.0, -0.5, 1.5]);
    let y = c.given("y", &[n], Structure::NONE, Facts::POSITIVE, vec![4.0, 0.25, 2.0, 3.0]);
    let power =
        |c: &mut Case, node, p, q| c.graph.elementwise_power(node, Rational::new(p, q).expect("not zero"));
    let cube = power(&mut c, x, 1, 3);
    let square = power(&mut c, x, 2, 3);
    let fifth = power(&mut c, x, 3, 5);
    let down = power(&mut c, y, -3, 2);
    let quarter = power(&mut c, y, 1, 4);
    let inverse = power(&mut c, x, -2, 1);
    let sum = c.graph.sum(&[(one(), fifth), (one(), down), (one(), quarter), (one(), inverse)]);
    c.returns(&[("cube", cube), ("square", square), ("sum", sum)])
}

fn constants() -> Case {
    let mut c = Case::new("constants");
    let (n, m) = (c.size("n"), c.size("m"));
    let a = c.input("A", &[n, m]);
    let shape = [n, m].into_iter().collect();
    let ones = c.graph.broadcast(n, &shape);
    let pi = c.graph.constant(agnesi_graph::Constant::Pi);
    let pis = c.graph.broadcast(pi, &shape);
    let zeros = c.graph.zeros(shape);
    let sum = c.graph.sum(&[(one(), a), (one(), pis)]);
    let range = c.graph.iota(n);
    let total = c.contract(one(), &[(range, &[0]), (a, &[0, 1])], &[1], &[n, m]);
    let size = c.f("log", &[n]);
    let expected_total =
        (0..3).map(|j| (0..4).map(|i| (i + 1) as f64 * c.values[0].data()[3 * i + j]).sum()).collect();
    let shifted = c.values[0].data().iter().map(|x| x + std::f64::consts::PI).collect();
    c.returns(&[("ones", ones), ("zeros", zeros), ("sum", sum), ("total", total), ("size", size)]).giving(
        vec![
            (vec![4, 3], vec![4.0; 12]),
            (vec![4, 3], vec![0.0; 12]),
            (vec![4, 3], shifted),
            (vec![3], expected_total),
            (vec![], vec![4f64.ln()]),
        ],
    )
}

fn symmetric_functions() -> Case {
    let mut c = Case::new("symmetric_functions");
    let k = c.size("k");
    let structure = Structure::SYMMETRIC.and(Structure::DEFINITE);
    let s = c.given("S", &[k, k], structure, Facts::REAL, vec![2.0, 1.0, 1.0, 2.0]);
    let op = |c: &mut Case, op| c.graph.linear(op, s);
    let root = op(&mut c, Linear::SquareRoot);
    let log = op(&mut c, Linear::Logarithm);
    let exp = op(&mut c, Linear::Exponential);
    let values = op(&mut c, Linear::Eigenvalues);
    let vectors = op(&mut c, Linear::Eigenvectors);
    let lower = op(&mut c, Linear::Cholesky);
    // Eigenvalues 1 and 3; the functions are a + b on the diagonal and b - a beside it, halved.
    let of = |f: &dyn Fn(f64) -> f64| {
        let (a, b) = (f(1.0) / 2.0, f(3.0) / 2.0);
        (vec![2, 2], vec![a + b, b - a, b - a, a + b])
    };
    let h = std::f64::consts::FRAC_1_SQRT_2;
    let vectors_truth = (vec![2, 2], vec![h, h, -h, h]);
    let mut expected = vec![
        of(&f64::sqrt),
        of(&f64::ln),
        of(&f64::exp),
        (vec![2], vec![1.0, 3.0]),
        (vec![2, 2], vectors_truth.1.iter().map(|x: &f64| x * x).collect()),
        (vec![2, 2], vec![2f64.sqrt(), 0.0, h, 1.5f64.sqrt()]),
    ];
    let squares = c.graph.elementwise_power(vectors, Rational::TWO);
    // Eigenvectors (2, -1) and (1, 2), of 0 and 5.
    let r = c.given("R", &[k, k], Structure::SYMMETRIC, Facts::REAL, vec![1.0, 2.0, 2.0, 4.0]);
    let columns = c.graph.linear(Linear::Eigenvectors, r);
    let h = 5f64.sqrt().recip();
    expected.push((vec![2, 2], vec![2.0 * h, h, -h, 2.0 * h]));
    c.returns(&[
        ("root", root),
        ("log", log),
        ("exp", exp),
        ("eigenvalues", values),
        ("squares", squares),
        ("lower", lower),
        ("columns", columns),
    ])
    .giving(expected)
}

fn determinants() -> Case {
    let mut c = Case::new("determinants");
    let k = c.size("k");
    let a = c.given("A", &[k, k], Structure::NONE, Facts::REAL, vec![3.0, 1.0, 2.0, 4.0]);
    let b = c.input("B", &[k, k]);
    let det = c.graph.linear(Linear::Determinant, a);
    let log = c.graph.linear(Linear::LogDeterminant, a);
    let inverse = c.graph.linear(Linear::Inverse, a);
    let left = c.graph.matmul(b, inverse);
    let turned = c.graph.swapped(inverse);
    let right = c.graph.matmul(turned, b);
    let v = c.values[1].data().to_vec();
    let i = [0.4, -0.1, -0.2, 0.3];
    let times = |x: &[f64], y: &[f64]| {
        vec![
            x[0] * y[0] + x[1] * y[2],
            x[0] * y[1] + x[1] * y[3],
            x[2] * y[0] + x[3] * y[2],
            x[2] * y[1] + x[3] * y[3],
        ]
    };
    let expected = vec![
        (vec![], vec![10.0]),
        (vec![], vec![10f64.ln()]),
        (vec![2, 2], times(&v, &i)),
        (vec![2, 2], times(&[i[0], i[2], i[1], i[3]], &v)),
    ];
    c.returns(&[("det", det), ("log", log), ("left", left), ("right", right)]).giving(expected)
}

fn scatter() -> Case {
    let mut c = Case::new("scatter");
    let (n, k) = (c.size("n"), c.size("k"));
    let p = c.given("p", &[k], Structure::NONE, Facts::INTEGER, vec![3.0, 1.0]);
    let g = c.input("g", &[k]);
    let x = c.input("x", &[n]);
    let hot = c.graph.one_hot(p, n);
    let scattered = c.contract(one(), &[(g, &[0]), (hot, &[0, 1])], &[1], &[k, n]);
    let value = c.graph.add(scattered, x);
    let (g, mut v) = (c.values[1].data().to_vec(), c.values[2].data().to_vec());
    v[2] += g[0];
    v[0] += g[1];
    c.returns(&[("value", value)]).giving(vec![(vec![4], v)])
}

fn long() -> Case {
    let mut c = Case::new("long");
    let n = c.size("n");
    let (x, y) = (c.input("x", &[n]), c.input("y", &[n]));
    let mut at = x;
    for (i, name) in ["sin", "tanh", "exp", "cos", "atan", "erf", "softplus"].iter().enumerate() {
        let inner = c.f(name, &[at]);
        let scaled = c.graph.sum(&[(Rational::from(i as i64 + 2), inner), (one(), y)]);
        at = c.graph.sub(scaled, x);
    }
    c.returns(&[("value", at)])
}
