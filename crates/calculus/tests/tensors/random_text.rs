//! Random expressions of tensors as texts: every one has a shape, and a failing one is made smaller by putting parts of
//! the same shape, or leaves, in place of others.

use agnesi_engine::tensors::Random;

/// The declarations under which all texts are read.
pub const DECLARATIONS: &str = "A: matrix(n, n); B: matrix(n, m); C: matrix(m, n); P: positive matrix(n, m); S: spd(n); \
                                T: tensor(n, m, n); x: vector(n); z: vector(n); y: vector(m); p: positive vector(n); \
                                a: real; b: real";
/// What they declare.
pub const NAMES: [&str; 12] = ["A", "B", "C", "P", "S", "T", "x", "z", "y", "p", "a", "b"];
/// Names of bound indices, by depth.
const INDICES: [&str; 4] = ["i", "j", "k", "l"];

/// The size of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim {
    N,
    M,
    Two,
    NxN,
    NxM,
    NplusM,
    Nminus1,
}

impl Dim {
    fn text(self) -> &'static str {
        match self {
            Dim::N => "n",
            Dim::M => "m",
            Dim::Two => "2",
            Dim::NxN => "n^2",
            Dim::NxM => "n*m",
            Dim::NplusM => "n + m",
            Dim::Nminus1 => "n - 1",
        }
    }
}

/// An expression: a text with `{0}`, `{1}`, ... where its parts stand, and its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct E {
    template: String,
    parts: Vec<E>,
    pub shape: Vec<Dim>,
    /// Bound indices that the template mentions, by depth.
    mentions: Vec<usize>,
    /// Bound indices that it binds in its parts.
    binds: Vec<usize>,
}

impl std::fmt::Display for E {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.template.as_str();
        while let Some(at) = rest.find('{') {
            f.write_str(&rest[..at])?;
            let number: usize = rest[at + 1..at + 2].parse().expect("a digit");
            self.parts[number].fmt(f)?;
            rest = &rest[at + 3..];
        }
        f.write_str(rest)
    }
}

impl E {
    fn new(template: impl Into<String>, parts: Vec<E>, shape: &[Dim]) -> E {
        E { template: template.into(), parts, shape: shape.to_vec(), mentions: Vec::new(), binds: Vec::new() }
    }

    /// A text as it stands.
    pub fn leaf(text: impl Into<String>, shape: &[Dim]) -> E {
        E::new(text, Vec::new(), shape)
    }

    /// Whether all indices it mentions are bound: by it, or by what it stands in.
    fn closed(&self, bound: &[usize]) -> bool {
        let mut inside = bound.to_vec();
        inside.extend(&self.binds);
        self.mentions.iter().all(|i| inside.contains(i)) && self.parts.iter().all(|p| p.closed(&inside))
    }

    /// All parts, the largest first.
    fn descendants<'a>(&'a self, out: &mut Vec<&'a E>) {
        for part in &self.parts {
            out.push(part);
        }
        for part in &self.parts {
            part.descendants(out);
        }
    }

    /// The same with one part replaced, for every part and each replacement that fits.
    fn replacements(&self) -> Vec<E> {
        let mut out = Vec::new();
        let mut below = Vec::new();
        self.descendants(&mut below);
        out.extend(below.into_iter().filter(|e| e.shape == self.shape && *e != self).cloned());
        if !self.parts.is_empty() {
            out.extend(leaves(&self.shape));
        }
        for (i, part) in self.parts.iter().enumerate() {
            for other in part.replacements() {
                let mut copy = self.clone();
                copy.parts[i] = other;
                out.push(copy);
            }
        }
        out
    }

    /// Expressions that are smaller, of the same shape or numbers.
    pub fn simpler(&self) -> Vec<E> {
        let mut out = self.replacements();
        let mut below = Vec::new();
        self.descendants(&mut below);
        // A part of another shape, summed.
        for part in below {
            if !self.shape.is_empty() && part.shape.is_empty() {
                out.push(part.clone());
            } else if self.shape.is_empty() && !part.shape.is_empty() && part.shape.len() < 3 {
                out.push(E::new("sum({0})", vec![part.clone()], &[]));
            }
        }
        out.retain(|e| e.closed(&[]));
        out.sort_by_key(|e| e.to_string().len());
        out.dedup();
        out
    }

    /// The same value written differently: operands of commutative operations exchanged, products associated in
    /// another way, products transposed.
    pub fn shuffled(&self, random: &mut Random) -> E {
        let mut e = self.clone();
        e.parts = self.parts.iter().map(|p| p.shuffled(random)).collect();
        let coin = random.below(2) == 0;
        let swap = |e: &mut E| e.parts.swap(0, 1);
        match e.template.as_str() {
            "({0} + {1})" | "{0}.*{1}" | "({0}.*{1})" if coin => swap(&mut e),
            "({0}*{1})" if coin && e.parts.iter().any(|p| p.shape.is_empty()) => swap(&mut e),
            "dot({0}, {1})" if coin => swap(&mut e),
            // (A*B)*C is A*(B*C), and A*B is (B'*A')'.
            "({0}*{1})" if coin => {
                let inner = |p: &E| p.template == "({0}*{1})" && p.parts.iter().all(|p| !p.shape.is_empty());
                if inner(&e.parts[0]) {
                    let [left, c] = [e.parts[0].clone(), e.parts[1].clone()];
                    let [a, b] = [left.parts[0].clone(), left.parts[1].clone()];
                    let mut shape = vec![b.shape[0]];
                    shape.extend(&c.shape[1..]);
                    let right = E::new("({0}*{1})", vec![b, c], &shape);
                    e.parts = vec![a, right];
                } else if e.shape.len() == 2 && e.parts[1].shape.len() == 2 {
                    e.template = "({1}'*{0}')'".into();
                }
            }
            "tr({0})" if coin && e.parts[0].template == "({0}*{1})" => {
                let inner = &mut e.parts[0];
                if inner.parts.iter().all(|p| p.shape.len() == 2) {
                    inner.parts.swap(0, 1);
                    inner.shape = vec![inner.parts[0].shape[0], inner.parts[1].shape[1]];
                }
            }
            _ => {}
        }
        e
    }
}

/// The shortest expressions of a shape.
fn leaves(shape: &[Dim]) -> Vec<E> {
    let texts: &[&str] = match shape {
        [] => &["a", "b", "2", "x[1]"],
        [Dim::N] => &["x", "p", "z"],
        [Dim::M] => &["y"],
        [Dim::Two] => &["x[1..2]", "[a, b]", "x[2..3]"],
        [Dim::NxM] => &["vec(B)", "vec(C)"],
        [Dim::NxN] => &["vec(A)"],
        [Dim::NplusM] => &["[x; y]"],
        [Dim::Nminus1] => &["x[2..n]", "x[1..n-1]"],
        [Dim::N, Dim::N] => &["A", "S"],
        [Dim::N, Dim::M] => &["B", "P"],
        [Dim::M, Dim::N] => &["C"],
        [Dim::N, Dim::NplusM] => &["[A, B]"],
        [Dim::NplusM, Dim::N] => &["[A; C]"],
        [Dim::NxN, Dim::NxM] => &["kron(A, B)"],
        [Dim::Two, Dim::N] => &["A[1..2, :]", "A[2..3, :]"],
        [Dim::N, Dim::M, Dim::N] => &["T"],
        [r, c] => {
            let (u, v) = (leaves(&[*r]), leaves(&[*c]));
            return vec![E::new("({0}*{1}')", vec![u[0].clone(), v[0].clone()], shape)];
        }
        _ => &["T"],
    };
    texts.iter().map(|text| E::leaf(*text, shape)).collect()
}

const SMOOTH: [&str; 6] = ["tanh", "sin", "cos", "sigmoid", "softplus", "tanh"];
const KINKED: [&str; 2] = ["relu", "abs"];

/// Makes expressions.
pub struct Maker {
    random: Random,
    /// The sizes of the indices that are bound here.
    bound: Vec<Dim>,
}

impl Maker {
    pub fn new(seed: u64) -> Maker {
        Maker { random: Random::new(seed), bound: Vec::new() }
    }

    fn below(&mut self, n: usize) -> usize {
        self.random.below(n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn leaf(&mut self, shape: &[Dim]) -> E {
        let mut all = leaves(shape);
        if shape.is_empty() {
            all.extend(
                ["3", "(1/2)", "A[2, 1]", "C[2, 3]", "y[2]", "T[1, 2, 3]", "p[2]"].map(|t| E::leaf(t, &[])),
            );
        }
        // What the bound indices pick is likelier than all of these.
        let mut picked = Vec::new();
        for (i, d) in self.bound.clone().into_iter().enumerate() {
            let name = INDICES[i];
            let mut add = |text: String, other: Option<usize>| {
                let mut e = E::leaf(text, shape);
                e.mentions.push(i);
                e.mentions.extend(other);
                picked.push(e);
            };
            match (shape, d) {
                ([], Dim::N) => {
                    for v in ["x", "z", "p"] {
                        add(format!("{v}[{name}]"), None);
                    }
                    add(format!("A[{name}, {name}]"), None);
                    add(format!("C[1, {name}]"), None);
                    add(name.into(), None);
                    add(format!("(if {name} > 1 then z[{name} - 1] else 0)"), None);
                    add(format!("(if {name} < n then x[{name} + 1]*x[{name}] else a)"), None);
                }
                ([], Dim::M) => {
                    add(format!("y[{name}]"), None);
                    add(format!("B[2, {name}]"), None);
                }
                ([], Dim::Nminus1) => {
                    add(format!("x[{name} + 1]"), None);
                    add(format!("x[{name}]"), None);
                    add(format!("A[{name}, {name} + 1]"), None);
                }
                ([], Dim::Two) => {
                    add(format!("x[{name}]"), None);
                    add(format!("x[3 - {name}]"), None);
                    add(format!("A[{name}, {name} + 1]"), None);
                }
                ([Dim::N], Dim::N) => {
                    add(format!("A[{name}, :]"), None);
                    add(format!("A[:, {name}]"), None);
                    add(format!("S[:, {name}]"), None);
                }
                ([Dim::M], Dim::N) => {
                    add(format!("B[{name}, :]"), None);
                    add(format!("C[:, {name}]"), None);
                    add(format!("T[{name}, :, 1]"), None);
                }
                ([Dim::N], Dim::M) => {
                    add(format!("B[:, {name}]"), None);
                    add(format!("C[{name}, :]"), None);
                }
                ([Dim::Two], Dim::Nminus1) => add(format!("x[{name}..{name} + 1]"), None),
                ([Dim::Two, Dim::N], Dim::Nminus1) => add(format!("A[{name}..{name} + 1, :]"), None),
                ([Dim::N], Dim::Nminus1) => add(format!("A[{name} + 1, :]"), None),
                ([Dim::M, Dim::N], Dim::N) => add(format!("T[{name}, :, :]"), None),
                ([Dim::N, Dim::M], Dim::N) => add(format!("T[:, :, {name}]"), None),
                ([Dim::N, Dim::N], Dim::M) => add(format!("T[:, {name}, :]"), None),
                _ => {}
            }
            for (j, e) in self.bound.clone().into_iter().enumerate().filter(|(j, _)| *j != i) {
                let other = INDICES[j];
                match (shape, d, e) {
                    ([], Dim::N, Dim::N) => {
                        add(format!("A[{name}, {other}]"), Some(j));
                        add(format!("S[{name}, {other}]"), Some(j));
                    }
                    ([], Dim::N, Dim::M) => {
                        add(format!("B[{name}, {other}]"), Some(j));
                        add(format!("P[{name}, {other}]"), Some(j));
                        add(format!("T[{name}, {other}, 2]"), Some(j));
                    }
                    ([Dim::N], Dim::N, Dim::M) => add(format!("T[{name}, {other}, :]"), Some(j)),
                    _ => {}
                }
            }
        }
        if !picked.is_empty() && self.below(3) > 0 {
            all = picked;
        }
        let at = self.below(all.len());
        all.swap_remove(at)
    }

    /// An expression of a shape, of at most so many levels.
    pub fn any(&mut self, shape: &[Dim], depth: usize) -> E {
        if depth == 0 || self.below(8) == 0 {
            return self.leaf(shape);
        }
        if self.below(5) < 2 && shape.len() < 3 {
            return self.entrywise(shape, depth - 1);
        }
        match *shape {
            [] => self.number(depth - 1),
            [d] => self.vector(d, depth - 1),
            [r, c] => self.matrix(r, c, depth - 1),
            _ => self.tensor(shape, depth - 1),
        }
    }

    fn two(&mut self, template: &str, a: &[Dim], b: &[Dim], shape: &[Dim], depth: usize) -> E {
        let parts = vec![self.any(a, depth), self.any(b, depth)];
        E::new(template, parts, shape)
    }

    fn one(&mut self, template: impl Into<String>, a: &[Dim], shape: &[Dim], depth: usize) -> E {
        let part = self.any(a, depth);
        E::new(template, vec![part], shape)
    }

    fn entrywise(&mut self, shape: &[Dim], depth: usize) -> E {
        let number = shape.is_empty();
        let op = |plain: &'static str, dotted: &'static str| if number { plain } else { dotted };
        match self.below(16) {
            0 | 1 => self.two("({0} + {1})", shape, shape, shape, depth),
            2 | 3 => self.two("({0} - {1})", shape, shape, shape, depth),
            4 => self.two(op("({0}*{1})", "({0}.*{1})"), shape, shape, shape, depth),
            5 => self.two("({0}*{1})", &[], shape, shape, depth),
            6 => self.one("(-{0})", shape, shape, depth),
            7 => {
                let template = self.pick(&[op("({0})^2", "(({0}).^2)"), op("({0})^3", "(({0}).^3)")]);
                self.one(template, shape, shape, depth)
            }
            8 => {
                let parts = vec![self.any(shape, depth), self.positive(shape, depth)];
                E::new(op("({0}/{1})", "({0}./{1})"), parts, shape)
            }
            9 | 10 => {
                let f = self.pick(&SMOOTH);
                self.one(format!("{f}({{0}})"), shape, shape, depth)
            }
            11 => {
                let f = self.pick(&KINKED);
                self.one(format!("{f}({{0}})"), shape, shape, depth)
            }
            12 => {
                let template = self.pick(&["log({0})", "sqrt({0})", op("({0})^(3/2)", "(({0}).^(3/2))")]);
                let part = self.positive(shape, depth);
                E::new(template, vec![part], shape)
            }
            13 if self.below(3) == 0 => {
                // Outside the branch that is taken nothing needs to be defined.
                let part = self.any(shape, depth.saturating_sub(1));
                let template = self
                    .pick(&["(if {0} > 0 then log({0}) else {1})", "(if {0} <= 0 then {1} else sqrt({0}))"]);
                let other = self.any(shape, depth.saturating_sub(1));
                E::new(template, vec![part, other], shape)
            }
            13 => {
                let parts = (0..4).map(|_| self.any(shape, depth.saturating_sub(1))).collect();
                E::new("(if {0} > {1} then {2} else {3})", parts, shape)
            }
            14 => {
                let template = self.pick(&["max({0}, {1})", "min({0}, {1})"]);
                self.two(template, shape, shape, shape, depth)
            }
            _ => self.positive(shape, depth),
        }
    }

    /// Positive entries.
    fn positive(&mut self, shape: &[Dim], depth: usize) -> E {
        let number = shape.is_empty();
        match self.below(8) {
            0 if *shape == [Dim::N] => E::leaf("p", shape),
            0 if *shape == [Dim::N, Dim::M] => E::leaf("P", shape),
            1 | 0 => self.one("exp({0}/2)", shape, shape, depth),
            2 => self.one(if number { "(({0})^2 + 1/2)" } else { "(({0}).^2 + 1/2)" }, shape, shape, depth),
            3 => self.one("sigmoid({0})", shape, shape, depth),
            4 => self.one("softplus({0})", shape, shape, depth),
            5 if shape.len() == 1 => self.one("softmax({0})", shape, shape, depth),
            5 if shape.len() == 2 => {
                let axis = 1 + self.below(2);
                self.one(format!("softmax({{0}}, {axis})"), shape, shape, depth)
            }
            6 => {
                let depth = depth.saturating_sub(1);
                let parts = vec![self.positive(shape, depth), self.positive(shape, depth)];
                E::new(if number { "({0}*{1})" } else { "({0}.*{1})" }, parts, shape)
            }
            _ => self.one("(abs({0}) + 1)", shape, shape, depth),
        }
    }

    /// A symmetric positive definite n x n matrix.
    fn definite(&mut self, depth: usize) -> E {
        let shape = [Dim::N, Dim::N];
        if depth == 0 {
            return E::leaf("S", &shape);
        }
        match self.below(6) {
            0 => E::leaf("S", &shape),
            1 => {
                let part = self.any(&shape, depth - 1);
                E::new("(S + {0}*{1}')", vec![part.clone(), part], &shape)
            }
            2 => {
                let part = self.any(&[Dim::N], depth - 1);
                E::new("(S + {0}*{1}')", vec![part.clone(), part], &shape)
            }
            3 => {
                let part = self.definite(depth - 1);
                E::new("inv({0})", vec![part], &shape)
            }
            4 => {
                let part = self.positive(&[Dim::N], depth - 1);
                E::new("(S + diag({0}))", vec![part], &shape)
            }
            _ => {
                let parts = vec![self.definite(depth - 1), self.definite(depth - 1)];
                E::new("({0} + {1})", parts, &shape)
            }
        }
    }

    fn shape(&mut self, rank: usize) -> Vec<Dim> {
        use Dim::*;
        let vectors = [N, N, N, M, M, Two, NplusM, Nminus1, NxM];
        let matrices = [[N, N], [N, N], [N, M], [M, N], [N, M], [M, M], [Two, N], [N, NplusM], [NplusM, N]];
        match rank {
            1 => vec![self.pick(&vectors)],
            2 if self.bound.is_empty() && self.below(12) == 0 => vec![NxN, NxM],
            2 => self.pick(&matrices).to_vec(),
            _ => vec![N, M, N],
        }
    }

    /// A text around an expression with one more index.
    fn under(&mut self, before: &str, after: &str, d: Dim, inner: &[Dim], shape: &[Dim], depth: usize) -> E {
        let at = self.bound.len();
        self.bound.push(d);
        let part = self.any(inner, depth);
        self.bound.pop();
        let binder = format!("{} in 1..{}", INDICES[at], d.text());
        let mut e = E::new(format!("{before}{binder}{after}"), vec![part], shape);
        e.binds.push(at);
        e
    }

    fn number(&mut self, depth: usize) -> E {
        use Dim::*;
        let rank = 1 + self.below(2);
        let shape = self.shape(rank);
        match self.below(20) {
            0 | 1 => {
                let rank = 1 + self.below(3);
                let shape = self.shape(rank);
                self.one("sum({0})", &shape, &[], depth)
            }
            2 => self.one("mean({0})", &shape, &[], depth),
            3 => {
                let v = self.shape(1);
                let template = self.pick(&["norm2({0})", "norm2({0})^2", "norm1({0})", "normInf({0})"]);
                self.one(template, &v, &[], depth)
            }
            4 => {
                let m = self.shape(2);
                let template = self.pick(&["normF({0})", "normF({0})^2", "norm1({0})"]);
                self.one(template, &m, &[], depth)
            }
            5 => {
                let template = self.pick(&["max({0})", "min({0})", "logsumexp({0})"]);
                self.one(template, &shape, &[], depth)
            }
            6 => {
                let d = self.pick(&[N, M, N, NplusM]);
                self.one("tr({0})", &[d, d], &[], depth)
            }
            7 => {
                let d = self.pick(&[N, M]);
                self.one("det({0})", &[d, d], &[], depth)
            }
            8 => {
                let part = self.definite(depth);
                E::new("logdet({0})", vec![part], &[])
            }
            9 | 10 => {
                let v = self.shape(1);
                let template = self.pick(&["({0}'*{1})", "dot({0}, {1})", "sum({0}.*{1})"]);
                self.two(template, &v, &v, &[], depth)
            }
            11 => {
                let [r, c] = [self.shape(1)[0], self.shape(1)[0]];
                let parts = vec![
                    self.any(&[r], depth.saturating_sub(1)),
                    self.any(&[r, c], depth.saturating_sub(1)),
                    self.any(&[c], depth.saturating_sub(1)),
                ];
                let template = self.pick(&["({0}'*{1}*{2})", "einsum(\"i,ij,j->\", {0}, {1}, {2})"]);
                E::new(template, parts, &[])
            }
            12 | 13 if self.bound.len() < 3 => {
                let d = self.pick(&[N, N, M, Nminus1, Two]);
                self.under("sum(", ", {0})", d, &[], &[], depth)
            }
            14 if self.bound.len() < 3 => {
                let d = self.pick(&[N, M, Nminus1]);
                let how = self.pick(&["mean(", "max(", "min(", "logsumexp("]);
                self.under(how, ", {0})", d, &[], &[], depth)
            }
            15 => {
                let m = self.shape(2);
                self.two("sum({0}.*{1})", &m, &m, &[], depth)
            }
            16 => {
                let v = self.pick(&[N, M, Nminus1, NplusM]);
                self.one("({0})[2]", &[v], &[], depth)
            }
            17 => self.two("einsum(\"ij,ij->\", {0}, {1})", &[N, M], &[N, M], &[], depth),
            18 => {
                let t = self.any(&[N, M, N], depth);
                let parts = vec![t, self.leaf(&[N]), self.any(&[M], depth), self.leaf(&[N])];
                E::new("einsum(\"ijk,i,j,k->\", {0}, {1}, {2}, {3})", parts, &[])
            }
            _ => self.two("tr({0}*{1})", &[N, M], &[M, N], &[], depth),
        }
    }

    fn vector(&mut self, d: Dim, depth: usize) -> E {
        use Dim::*;
        let shape = [d];
        let other = self.pick(&[N, N, M, NplusM]);
        match self.below(16) {
            0..=2 => self.two("({0}*{1})", &[d, other], &[other], &shape, depth),
            3 => self.two("({0}'*{1})", &[other, d], &[other], &shape, depth),
            4 => self.one("diagpart({0})", &[d, d], &shape, depth),
            5 => {
                let how = self.pick(&["sum", "mean", "max", "min", "logsumexp", "sum"]);
                let (axis, inner) = if self.below(2) == 0 { (1, [other, d]) } else { (2, [d, other]) };
                self.one(format!("{how}({{0}}, {axis})"), &inner, &shape, depth)
            }
            6 => self.one("softmax({0})", &shape, &shape, depth),
            7 => self.one("cumsum({0})", &shape, &shape, depth),
            8 => {
                let (text, inner) = if self.below(2) == 0 {
                    ("({0})[2, :]", [other, d])
                } else {
                    ("({0})[:, 1]", [d, other])
                };
                self.one(text, &inner, &shape, depth)
            }
            9 | 10 if self.bound.len() < 3 => self.under("[{0} for ", "]", d, &[], &shape, depth),
            11 => self.two("einsum(\"ij,j->i\", {0}, {1})", &[d, other], &[other], &shape, depth),
            12 if d == Two => self.one("({0})[2..3]", &[N], &shape, depth),
            12 if d == Nminus1 => self.one("({0})[2..n]", &[N], &shape, depth),
            12 if d == NplusM => self.two("[{0}; {1}]", &[N], &[M], &shape, depth),
            12 if d == NxM && self.bound.is_empty() => self.one("vec({0})", &[N, M], &shape, depth),
            12 if d == N => self.two("einsum(\"ijk,j->i\", {0}, {1})", &[N, M, N], &[M], &shape, depth),
            13 => self.two("({0}*{1})", &[], &shape, &shape, depth),
            14 if d == N => {
                let parts = vec![self.definite(depth), self.any(&[N], depth)];
                E::new(self.pick(&["(inv({0})*{1})", "solve({0}, {1})"]), parts, &shape)
            }
            15 if self.bound.len() < 3 => {
                let over = self.pick(&[N, M, Nminus1]);
                self.under("sum(", ", {0})", over, &shape, &shape, depth)
            }
            _ => self.entrywise(&shape, depth),
        }
    }

    fn matrix(&mut self, r: Dim, c: Dim, depth: usize) -> E {
        use Dim::*;
        let shape = [r, c];
        let other = self.pick(&[N, N, M, NplusM]);
        match self.below(16) {
            0..=2 if r != NxN => self.two("({0}*{1})", &[r, other], &[other, c], &shape, depth),
            3 | 4 if r != NxN => self.one("{0}'", &[c, r], &shape, depth),
            5 if r != NxN => self.two("({0}*{1}')", &[r], &[c], &shape, depth),
            6 if r == c => self.one("diag({0})", &[r], &shape, depth),
            7 if r == N && c == N => {
                let part = self.definite(depth);
                E::new("inv({0})", vec![part], &shape)
            }
            8 => {
                let axis = 1 + self.below(2);
                self.one(format!("softmax({{0}}, {axis})"), &shape, &shape, depth)
            }
            9 if self.bound.len() < 2 && r != NxN => {
                let (i, j) = (self.bound.len(), self.bound.len() + 1);
                self.bound.extend([r, c]);
                let part = self.any(&[], depth);
                self.bound.truncate(i);
                let text = format!(
                    "[{{0}} for {} in 1..{}, {} in 1..{}]",
                    INDICES[i],
                    r.text(),
                    INDICES[j],
                    c.text()
                );
                let mut e = E::new(text, vec![part], &shape);
                e.binds.extend([i, j]);
                e
            }
            10 if r != NxN => {
                self.two("einsum(\"ik,jk->ij\", {0}, {1})", &[r, other], &[c, other], &shape, depth)
            }
            11 if c == NplusM => self.two("[{0}, {1}]", &[r, N], &[r, M], &shape, depth),
            11 if r == NplusM => self.two("[{0}; {1}]", &[N, c], &[M, c], &shape, depth),
            11 if r == Two => self.one("({0})[2..3, :]", &[N, c], &shape, depth),
            11 if r == NxN && c == NxM => self.two("kron({0}, {1})", &[N, N], &[N, M], &shape, depth),
            11 if r == N && c == M => {
                self.two("einsum(\"ijk,k->ij\", {0}, {1})", &[N, M, N], &[N], &shape, depth)
            }
            12 if r == N && c == N => self.one("sum(({0}), 2)", &[N, M, N], &shape, depth),
            13 if r != NxN => self.two("({0}*diag({1}))", &shape, &[c], &shape, depth),
            14 if r != NxN => self.two("(diag({0})*{1})", &[r], &shape, &shape, depth),
            15 if self.bound.len() < 3 && r != NxN => {
                let over = self.pick(&[N, M]);
                self.under("sum(", ", {0})", over, &shape, &shape, depth)
            }
            _ => self.entrywise(&shape, depth),
        }
    }

    fn tensor(&mut self, shape: &[Dim], depth: usize) -> E {
        use Dim::*;
        match self.below(6) {
            0 => self.two("({0} + {1})", shape, shape, shape, depth),
            1 => self.two("({0}.*{1})", shape, shape, shape, depth),
            2 => self.two("einsum(\"ij,jk->ijk\", {0}, {1})", &[N, M], &[M, N], shape, depth),
            3 => {
                let f = self.pick(&SMOOTH);
                self.one(format!("{f}({{0}})"), shape, shape, depth)
            }
            4 => self.two("einsum(\"ijk,kl->ijl\", {0}, {1})", shape, &[N, N], shape, depth),
            _ => self.leaf(shape),
        }
    }
}
