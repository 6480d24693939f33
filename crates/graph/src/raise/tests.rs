//! Formulas of tensors, built by hand, and the text they are printed as.

mod random;

use agnesi_syntax::{NameKind, Relation, print};
use rustc_hash::FxHashMap;

use super::Style;
use crate::graph::{Graph, Shape};
use crate::known::known;
use crate::op::{Factor, Labels, Linear, NodeId, Op, Reduction};
use crate::types::Structure;
use crate::{Facts, Rational};

fn spd() -> Structure {
    Structure::SYMMETRIC.and(Structure::DEFINITE).and(Structure::INVERTIBLE)
}

/// A graph with symbols by name: small letters are vectors, large ones matrices.
struct T {
    g: Graph,
}

impl T {
    fn new() -> T {
        T { g: Graph::new() }
    }

    fn size(&mut self, name: &str) -> NodeId {
        match name.parse::<i64>() {
            Ok(n) => self.g.integer(n),
            Err(_) => self.g.declare(name, Facts::INTEGER.and(Facts::POSITIVE), Shape::new()),
        }
    }

    fn tensor(&mut self, name: &str, sizes: &str, structure: Structure) -> NodeId {
        let shape: Shape = sizes.split_whitespace().map(|s| self.size(s)).collect();
        self.g.declare_tensor(name, Facts::REAL, structure, shape)
    }

    fn t(&mut self, name: &str, sizes: &str) -> NodeId {
        self.tensor(name, sizes, Structure::NONE)
    }

    /// `"ij,j->i"` with exponents all 1 and a coefficient.
    fn c(&mut self, c: i64, pattern: &str, nodes: &[NodeId]) -> NodeId {
        let all: Vec<(NodeId, i64)> = nodes.iter().map(|n| (*n, 1)).collect();
        self.e(c, pattern, &all)
    }

    /// The same with exponents. A letter in the result only is an axis as long as the sum of `n`.
    fn e(&mut self, c: i64, pattern: &str, nodes: &[(NodeId, i64)]) -> NodeId {
        let (left, out) = pattern.split_once("->").unwrap();
        let mut letters: Vec<char> = Vec::new();
        let mut sizes: Vec<NodeId> = Vec::new();
        let mut factors = Vec::new();
        for (part, (node, e)) in left.split(',').zip(nodes) {
            let shape = self.g.shape(*node).clone();
            let mut labels = Labels::new();
            for (axis, l) in part.chars().enumerate() {
                let at = letters.iter().position(|x| *x == l).unwrap_or_else(|| {
                    letters.push(l);
                    sizes.push(shape[axis]);
                    letters.len() - 1
                });
                labels.push(at as u8);
            }
            factors.push(Factor { node: *node, labels, exponent: Rational::from(*e) });
        }
        let mut output = Labels::new();
        for l in out.chars() {
            let at = letters.iter().position(|x| *x == l).unwrap_or_else(|| {
                letters.push(l);
                letters.len() - 1
            });
            if at == sizes.len() {
                let n = self.size("n");
                sizes.push(n);
            }
            output.push(at as u8);
        }
        self.g.contract(Rational::from(c), factors, output, sizes)
    }

    fn sum(&mut self, terms: &[(i64, NodeId)]) -> NodeId {
        let terms: Vec<(Rational, NodeId)> = terms.iter().map(|(c, n)| (Rational::from(*c), *n)).collect();
        self.g.sum(&terms)
    }

    fn ones(&mut self, like: NodeId) -> NodeId {
        let shape = self.g.shape(like).clone();
        let one = self.g.one();
        self.g.broadcast(one, &shape)
    }

    fn text(&mut self, node: NodeId) -> String {
        let (tree, root) = self.g.raise(node, Style::default());
        let text = print::text(&tree, root);
        self.reads_back(&text);
        text
    }

    /// Every text is read without an error, and printed again as it was.
    fn reads_back(&self, text: &str) {
        let mut kinds: FxHashMap<String, NameKind> = FxHashMap::default();
        for node in (0..self.g.len()).map(|i| NodeId(i as u32)) {
            if let Op::Symbol(id) = self.g.op(node) {
                let kind = if self.g.is_scalar(node) { NameKind::Scalar } else { NameKind::Tensor };
                kinds.insert(self.g.symbol_info(*id).name.to_string(), kind);
            }
        }
        let names = |name: &str| match kinds.get(name) {
            Some(kind) => *kind,
            None if name.len() > 1 => NameKind::Function,
            None => NameKind::Unknown,
        };
        let parsed = agnesi_syntax::parse(text, &names);
        let errors: Vec<_> = parsed.diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{text}: {errors:?}");
        assert_eq!(parsed.statements.len(), 1, "{text}");
        assert_eq!(print::text(&parsed.tree, parsed.statements[0]), text);
    }
}

macro_rules! prints {
    ($($name:ident: $expected:expr, |$t:ident| $body:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut t = T::new();
            let $t = &mut t;
            let node = $body;
            let text = t.text(node);
            assert_eq!(text, $expected);
        })*
    };
}

prints! {
    product_of_matrices: "2*A'*A", |t| {
        let a = t.t("A", "n m");
        t.c(2, "ki,kj->ij", &[a, a])
    };
    quadratic_form: "x'*A*x", |t| {
        let (a, x) = (t.t("A", "n n"), t.t("x", "n"));
        t.c(1, "i,ij,j->", &[x, a, x])
    };
    gradient_of_quadratic_form: "(A + A')*x", |t| {
        let (a, x) = (t.t("A", "n n"), t.t("x", "n"));
        let (p, q) = (t.c(1, "ij,j->i", &[a, x]), t.c(1, "ji,j->i", &[a, x]));
        t.sum(&[(1, p), (1, q)])
    };
    symmetric_drops_transposes: "2*S*x", |t| {
        let s = t.tensor("S", "n n", spd());
        let x = t.t("x", "n");
        t.c(2, "ji,j->i", &[s, x])
    };
    gradient_of_least_squares: "2*X'*(X*w - y)", |t| {
        let (x, w, y) = (t.t("X", "n m"), t.t("w", "m"), t.t("y", "n"));
        let a = t.c(2, "ki,kj,j->i", &[x, x, w]);
        let b = t.c(2, "ki,k->i", &[x, y]);
        t.sum(&[(1, a), (-1, b)])
    };
    sign_turns_a_difference: "X'*(X*w - y)", |t| {
        let (x, w, y) = (t.t("X", "n m"), t.t("w", "m"), t.t("y", "n"));
        let xw = t.c(1, "ij,j->i", &[x, w]);
        let r = t.sum(&[(1, y), (-1, xw)]);
        t.c(-1, "ki,k->i", &[x, r])
    };
    inverse_transposed: "det(X)*inv(X)'", |t| {
        let x = t.tensor("X", "n n", Structure::INVERTIBLE);
        let (d, i) = (t.g.linear(Linear::Determinant, x), t.g.linear(Linear::Inverse, x));
        t.c(1, ",ji->ij", &[d, i])
    };
    outer_product: "(D + D')*(X*b + c)*b'", |t| {
        let (x, b, c, d) = (t.t("X", "n m"), t.t("b", "m"), t.t("c", "n"), t.t("D", "n n"));
        let xb = t.c(1, "ij,j->i", &[x, b]);
        let r = t.sum(&[(1, xb), (1, c)]);
        let (p, q) = (t.c(1, "ik,k,j->ij", &[d, r, b]), t.c(1, "ki,k,j->ij", &[d, r, b]));
        t.sum(&[(1, p), (1, q)])
    };
    scalar_products_behind: "(a*b' + b*a')*x", |t| {
        let (a, b, x) = (t.t("a", "n"), t.t("b", "n"), t.t("x", "n"));
        let (p, q) = (t.c(1, "i,j,j->i", &[a, b, x]), t.c(1, "i,j,j->i", &[b, a, x]));
        t.sum(&[(1, p), (1, q)])
    };
    eye_and_trace: "2*tr(X)*eye(n)", |t| {
        let x = t.t("X", "n n");
        let tr = t.c(1, "ii->", &[x]);
        t.c(2, ",->ii", &[tr])
    };
    diagonal: "A*diag(exp(x))", |t| {
        let (a, x) = (t.t("A", "n m"), t.t("x", "m"));
        let e = t.g.call(known().exp, &[x]);
        t.c(1, "ij,j->ij", &[a, e])
    };
    diagonal_of_a_product: "2*diag(x)", |t| {
        let x = t.t("x", "n");
        t.c(2, "i->ii", &[x])
    };
    diagonal_part: "diagpart(A*B)", |t| {
        let (a, b) = (t.t("A", "n m"), t.t("B", "m n"));
        t.c(1, "ij,ji->i", &[a, b])
    };
    diagonal_part_by_sums: "sum(A.*B, 2)", |t| {
        let (a, b) = (t.t("A", "n m"), t.t("B", "n m"));
        t.c(1, "ij,ij->i", &[a, b])
    };
    entrywise_products: "2*X.*A", |t| {
        let (x, a) = (t.t("X", "n m"), t.t("A", "n m"));
        t.c(2, "ij,ij->ij", &[x, a])
    };
    entrywise_division: "x./y", |t| {
        let (x, y) = (t.t("x", "n"), t.t("y", "n"));
        t.e(1, "i,i->i", &[(x, 1), (y, -1)])
    };
    alone_below: "1./x", |t| {
        let x = t.t("x", "n");
        t.e(1, "i->i", &[(x, -1)])
    };
    hadamard_with_vector: "(A'.*B + A.*B')*x", |t| {
        let (a, b, x) = (t.t("A", "n n"), t.t("B", "n n"), t.t("x", "n"));
        let (p, q) = (t.c(1, "ji,ij,j->i", &[a, b, x]), t.c(1, "ij,ji,j->i", &[a, b, x]));
        t.sum(&[(1, p), (1, q)])
    };
    scalars_broadcast: "1 - x./y", |t| {
        let (x, y) = (t.t("x", "n"), t.t("y", "n"));
        let one = t.ones(x);
        let q = t.e(1, "i,i->i", &[(x, 1), (y, -1)]);
        t.sum(&[(1, one), (-1, q)])
    };
    norm: "(x - a)/norm2(x - a)", |t| {
        let (x, a) = (t.t("x", "n"), t.t("a", "n"));
        let d = t.sum(&[(1, x), (-1, a)]);
        let s = t.e(1, "i->", &[(d, 2)]);
        let root = t.g.power(s, Rational::HALF);
        t.e(1, ",i->i", &[(root, -1), (d, 1)])
    };
    norm_squared: "norm2(A*x - y)^2", |t| {
        let (a, x, y) = (t.t("A", "n m"), t.t("x", "m"), t.t("y", "n"));
        let ax = t.c(1, "ij,j->i", &[a, x]);
        let d = t.sum(&[(1, ax), (-1, y)]);
        t.e(1, "i->", &[(d, 2)])
    };
    rayleigh_quotient: "(A + A')*x/(x'*x) - 2*x'*A*x*x/norm2(x)^4", |t| {
        let (a, x) = (t.t("A", "n n"), t.t("x", "n"));
        let xx = t.e(1, "i->", &[(x, 2)]);
        let xax = t.c(1, "i,ij,j->", &[x, a, x]);
        let p = t.e(1, "ij,j,->i", &[(a, 1), (x, 1), (xx, -1)]);
        let q = t.e(1, "ji,j,->i", &[(a, 1), (x, 1), (xx, -1)]);
        let r = t.e(-2, ",,i->i", &[(xax, 1), (xx, -2), (x, 1)]);
        t.sum(&[(1, p), (1, q), (1, r)])
    };
    hessian_of_logsumexp: "diag(exp(x))/sum(exp(x)) - exp(x)*exp(x)'/sum(exp(x))^2", |t| {
        let x = t.t("x", "n");
        let e = t.g.call(known().exp, &[x]);
        let s = t.c(1, "i->", &[e]);
        let d = t.e(1, "i,->ii", &[(e, 1), (s, -1)]);
        let o = t.e(-1, "i,j,->ij", &[(e, 1), (e, 1), (s, -2)]);
        t.sum(&[(1, d), (1, o)])
    };
    trace_of_a_quotient: "2*(B - S*X*inv(X'*S*X)*X'*B)*X*inv(X'*S*X)", |t| {
        let (x, s) = (t.t("X", "n m"), t.tensor("S", "n n", spd()));
        let b = t.tensor("B", "n n", Structure::SYMMETRIC);
        let inner = t.c(1, "ki,kl,lj->ij", &[x, s, x]);
        let inv = t.g.linear(Linear::Inverse, inner);
        let p = t.c(-2, "ij,jk,kl,ml,mn,no,op->ip", &[s, x, inv, x, b, x, inv]);
        let q = t.c(2, "ij,jk,kl->il", &[b, x, inv]);
        t.sum(&[(1, p), (1, q)])
    };
    two_layers: "2*diag(1 - tanh(W*x).^2)*V'*(V*tanh(W*x) - y)*x'", |t| {
        let tanh = agnesi_functions::find("tanh").unwrap();
        let (w, v) = (t.t("W", "k n"), t.t("V", "p k"));
        let (x, y) = (t.t("x", "n"), t.t("y", "p"));
        let wx = t.c(1, "ij,j->i", &[w, x]);
        let h = t.g.call(tanh, &[wx]);
        let vh = t.c(1, "ij,j->i", &[v, h]);
        let r = t.sum(&[(1, vh), (-1, y)]);
        let (one, square) = (t.ones(h), t.e(1, "i->i", &[(h, 2)]));
        let d = t.sum(&[(1, one), (-1, square)]);
        t.c(2, "ji,j,i,k->ik", &[v, r, d, x])
    };
    frobenius: "normF(X)^2", |t| {
        let x = t.t("X", "n m");
        t.e(1, "ij->", &[(x, 2)])
    };
    sums_over_axes: "sum(X, 2) + sum(Y, 1)", |t| {
        let (x, y) = (t.t("X", "n m"), t.t("Y", "m n"));
        let (a, b) = (t.c(1, "ij->i", &[x]), t.c(1, "ji->i", &[y]));
        t.sum(&[(1, a), (1, b)])
    };
    trace_of_a_product: "tr(A*B*C)", |t| {
        let (a, b, c) = (t.t("A", "n m"), t.t("B", "m k"), t.t("C", "k n"));
        t.c(1, "ij,jk,ki->", &[a, b, c])
    };
    matrix_power: "3*A^2", |t| {
        let a = t.t("A", "n n");
        t.c(3, "ij,jk->ik", &[a, a])
    };
    broadcast_vectors: "x*ones(m)'", |t| {
        let x = t.t("x", "n");
        let m = t.size("m");
        let n = t.size("n");
        let shape = Shape::from_slice(&[n, m]);
        t.g.expand(x, &[0], &shape)
    };
    softmax_of_a_vector: "softmax(x)", |t| {
        let x = t.t("x", "n");
        let l = t.g.reduce(Reduction::LogSumExp, x, 1);
        let shape = t.g.shape(x).clone();
        let l = t.g.broadcast(l, &shape);
        let d = t.sum(&[(1, x), (-1, l)]);
        t.g.call(known().exp, &[d])
    };
    softmax_of_rows: "softmax(X, 2)", |t| {
        let x = t.t("X", "n m");
        let l = t.g.reduce(Reduction::LogSumExp, x, 1);
        let shape = t.g.shape(x).clone();
        let l = t.g.expand(l, &[0], &shape);
        let d = t.sum(&[(1, x), (-1, l)]);
        t.g.call(known().exp, &[d])
    };
    largest_of_columns: "max(X, 1)", |t| {
        let x = t.t("X", "n m");
        let turned = t.g.swapped(x);
        t.g.reduce(Reduction::Max, turned, 1)
    };
    quotient_by_a_scalar: "x/(x'*x)", |t| {
        let x = t.t("x", "n");
        let s = t.e(1, "i->", &[(x, 2)]);
        t.e(1, ",i->i", &[(s, -1), (x, 1)])
    };
    exponentials_by_their_sum: "exp(x)/sum(exp(x))", |t| {
        let x = t.t("x", "n");
        let e = t.g.call(known().exp, &[x]);
        let s = t.c(1, "i->", &[e]);
        t.e(1, ",i->i", &[(s, -1), (e, 1)])
    };
    matrix_factorisation: "2*(O.^2.*(U*V' - T))*V", |t| {
        let (o, x, u, v) = (t.t("O", "n m"), t.t("T", "n m"), t.t("U", "n q"), t.t("V", "m q"));
        let uv = t.c(1, "ik,jk->ij", &[u, v]);
        let r = t.sum(&[(1, x), (-1, uv)]);
        t.e(-2, "ij,ij,jk->ik", &[(o, 2), (r, 1), (v, 1)])
    };
    hessian_by_a_matrix:
        "[if i == k then 2*(V'*V)[j, l] else 0 for i in 1..n, j in 1..r, k in 1..n, l in 1..r]", |t| {
        let v = t.t("V", "m r");
        let vv = t.c(1, "ki,kj->ij", &[v, v]);
        t.c(2, "bd->abad", &[vv])
    };
    many_on_one_label: "A*(a.*b.*c)", |t| {
        let (a, b, c, m) = (t.t("a", "m"), t.t("b", "m"), t.t("c", "m"), t.t("A", "n m"));
        t.c(1, "j,j,j,ij->i", &[a, b, c, m])
    };
    rank_three: "[B*diag(A[i,:])*C' for i in 1..n]", |t| {
        let (a, b, c) = (t.t("A", "n m"), t.t("B", "k m"), t.t("C", "l m"));
        t.c(1, "ia,ja,ka->ijk", &[a, b, c])
    };
    four_labels_each_with_each: "sum(i in 1..n, A[:,i]'*(C.*(B*diag(A[i,:])*C))*B[i,:])", |t| {
        let (a, b, c) = (t.t("A", "n n"), t.t("B", "n n"), t.t("C", "n n"));
        t.c(1, "ab,ac,ad,bc,bd,cd->", &[a, b, c, a, b, c])
    };
    shift_in_a_formula: "x[2..m+1] - y", |t| {
        let (x, y) = (t.t("x", "n"), t.t("y", "m"));
        let m = t.size("m");
        let i = t.g.iota(m);
        let one = t.ones(i);
        let next = t.sum(&[(1, i), (1, one)]);
        let p = t.g.pick(x, 0, next);
        t.sum(&[(1, p), (-1, y)])
    };
    one_comprehension_for_two_ranges:
        "2*[(if i > 1 then x[i] - x[i-1] else 0) - (if i < n then x[i+1] - x[i] else 0) for i in 1..n]", |t| {
        let x = t.t("x", "n");
        let n = t.size("n");
        let (one, two) = (t.g.one(), t.g.integer(2));
        let less = t.g.sub(n, one);
        let (from, to) = (t.g.iota(less), t.g.range(two, less));
        let (a, b) = (t.g.pick(x, 0, to), t.g.pick(x, 0, from));
        let d = t.sum(&[(1, a), (-1, b)]);
        let (from, to) = (t.g.one_hot(from, n), t.g.one_hot(to, n));
        let (p, q) = (t.c(2, "k,ki->i", &[d, to]), t.c(-2, "k,ki->i", &[d, from]));
        t.sum(&[(1, p), (1, q)])
    };
    one_hot_rows: "2*onehot(p, n)'*x[p]", |t| {
        let (x, p) = (t.t("x", "n"), t.t("p", "m"));
        let n = t.size("n");
        let hot = t.g.one_hot(p, n);
        t.c(2, "j,kj,ki->i", &[x, hot, hot])
    };
    one_hot_vector: "2*onehot(k, n)*A[k,:]'", |t| {
        let (a, k) = (t.t("A", "n m"), t.t("k", ""));
        let n = t.size("n");
        let hot = t.g.one_hot(k, n);
        t.c(2, "jl,j,i->il", &[a, hot, hot])
    };
    columns_of_a_matrix: "vec(X)", |t| {
        let x = t.t("X", "n m");
        t.g.vec(x)
    };
    columns_of_a_product: "a'*vec(X*B)", |t| {
        let (x, b) = (t.t("X", "n m"), t.t("B", "m m"));
        let xb = t.c(1, "ij,jk->ik", &[x, b]);
        let v = t.g.vec(xb);
        let size = t.g.shape(v)[0];
        let a = t.g.declare_tensor("a", Facts::REAL, Structure::NONE, Shape::from_elem(size, 1));
        t.c(1, "i,i->", &[a, v])
    };
    matrix_of_columns: "2*unvec(a, n, m)", |t| {
        let (n, m) = (t.size("n"), t.size("m"));
        let size = t.g.mul(n, m);
        let a = t.g.declare_tensor("a", Facts::REAL, Structure::NONE, Shape::from_elem(size, 1));
        let u = t.g.unvec(a, n, m);
        t.c(2, "ij->ij", &[u])
    };
    kronecker: "kron(A, B*C)", |t| {
        let (a, b, c) = (t.t("A", "n m"), t.t("B", "p k"), t.t("C", "k q"));
        let bc = t.c(1, "ij,jk->ik", &[b, c]);
        t.g.kron(a, bc)
    };
    lower_triangle: "lower(A)", |t| {
        let a = t.t("A", "n n");
        let n = t.size("n");
        let mask = t.g.triangle(n, false, false);
        t.c(1, "ij,ij->ij", &[a, mask])
    };
    triangle_of_ones: "strictupper(ones(n, n))", |t| {
        let n = t.size("n");
        t.g.triangle(n, true, true)
    };
    product_over_entries: "prod(x)./x", |t| {
        let x = t.t("x", "n");
        let p = t.g.reduce(Reduction::Product, x, 1);
        t.e(1, ",i->i", &[(p, 1), (x, -1)])
    };
    row_at_an_index: "A[3,:]", |t| {
        let a = t.t("A", "n m");
        let three = t.g.integer(3);
        t.g.pick(a, 0, three)
    };
    gather: "x.*w[p]", |t| {
        let (w, x, p) = (t.t("w", "n"), t.t("x", "m"), t.t("p", "m"));
        let g = t.g.pick(w, 0, p);
        t.c(1, "i,i->i", &[g, x])
    };
    scatter: "onehot(p, n)'*g", |t| {
        let (g, p) = (t.t("g", "m"), t.t("p", "m"));
        let n = t.size("n");
        let hot = t.g.one_hot(p, n);
        t.c(1, "k,ki->i", &[g, hot])
    };
    shifted_back: "[if i > 1 and i <= m + 1 then g[i-1] else 0 for i in 1..n]", |t| {
        let g = t.t("g", "m");
        let (m, n) = (t.size("m"), t.size("n"));
        let i = t.g.iota(m);
        let one = t.ones(i);
        let next = t.sum(&[(1, i), (1, one)]);
        let hot = t.g.one_hot(next, n);
        t.c(1, "k,ki->i", &[g, hot])
    };
}

#[test]
fn branches() {
    let mut t = T::new();
    let x = t.t("X", "n m");
    let zero = t.g.zero();
    let shape = t.g.shape(x).clone();
    let zeros = t.g.broadcast(zero, &shape);
    let condition = t.g.compare(Relation::Greater, x, zeros);
    let square = t.e(1, "ij->ij", &[(x, 2)]);
    let node = t.g.select(condition, square, zeros);
    assert_eq!(t.text(node), "if X > 0 then X.^2 else 0");
}

#[test]
fn vec_jacobians() {
    let mut t = T::new();
    let (a, b) = (t.t("A", "p n"), t.t("B", "m q"));
    let text = |t: &mut T, node| {
        let (tree, root) = t.g.raise_vec_jacobian(node, Style::default()).unwrap();
        print::text(&tree, root)
    };
    let node = t.c(1, "ik,lj->ijkl", &[a, b]);
    assert_eq!(text(&mut t, node), "kron(B', A)");
    let node = t.c(2, "il,kj->ijkl", &[a, b]);
    assert_eq!(text(&mut t, node), "2*kron(B', A)*commut(m, n)");
    let node = t.c(1, "ij,kl->ijkl", &[a, b]);
    assert_eq!(text(&mut t, node), "vec(A)*vec(B)'");
    let x = t.t("X", "n m");
    let node = t.c(2, "ij->ijij", &[x]);
    assert_eq!(text(&mut t, node), "2*diag(vec(X))");
}

#[test]
fn names_for_parts() {
    let mut t = T::new();
    let (x, y, w) = (t.t("X", "n m"), t.t("y", "n"), t.t("w", "m"));
    let xw = t.c(1, "ij,j->i", &[x, w]);
    let u = t.c(1, "i,i->i", &[y, xw]);
    let minus = t.c(-1, "i->i", &[u]);
    let (a, b) = (t.g.call(known().sigmoid, &[u]), t.g.call(known().sigmoid, &[minus]));
    let node = t.c(1, "ki,k,k,kj->ij", &[x, a, b, x]);
    let raised = t.g.raise_named(&[node], Style::default(), 6);
    let text = print::text(&raised.tree, raised.whole);
    assert_eq!(text, "X'*diag(sigmoid(v).*sigmoid(-v))*X where v = y.*(X*w)");
    t.reads_back(&text);
}
