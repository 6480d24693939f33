//! Typesetting: each input in LaTeX, Typst and MathML.

mod common;

use agnesi_syntax::{parse, print};
use expect_test::{Expect, expect};

/// Inputs, and below each what it becomes.
fn check(
    inputs: &[&str],
    notation: impl Fn(&agnesi_syntax::Tree, agnesi_syntax::TreeId) -> String,
    expected: Expect,
) {
    let mut out = String::new();
    for input in inputs {
        let parsed = parse(input, &common::names);
        assert!(!parsed.has_errors(), "{input}: {:?}", parsed.diagnostics);
        for &id in &parsed.statements {
            out.push_str(&format!("{input}\n    {}\n", notation(&parsed.tree, id)));
        }
    }
    expected.assert_eq(&out);
}

const FORMULAS: [&str; 48] = [
    "sin(4w) + 0.1w^2",
    "-a/b - x_1^2*sin(x)^2",
    "-(a + b)*c/(d*e)",
    "2*3*x*(x + 1)*x^(-1)",
    "a - (b - c) - (-d)",
    "(a/b)^2 + (x^2)^3 + 2^x^2 + (-x)^2",
    "sqrt(2)/pi + cbrt(x) + abs(x) + norm2(v) + floor(x) + ceil(y)",
    "exp(-x^2) + exp(x)^2 + e^x",
    "log(x)^2 + ln(x) + log2(x) + asin(x) + sin^-1(x)",
    "n! + (n + 1)! + (n!)! + factorial(k) + binomial(n, k)",
    "f'(x) + f''(3) + X'*A*X",
    "x_1 + x1 + alpha_max + theta2 + Sigma_i + rate",
    "learning*rate*pi*2",
    "x[1]^2 + A[i, j] + x_1[i] + (a + b)[2] + A[i,:]",
    "0 < x <= 1 and not (y == 2 or z != 3)",
    "if x < 0 then -x else if x > 3 then 2 else x^2",
    "1 + (if x > 0 then 1 else 0)",
    "d/dx (x^2) + d^2/dx^2 f(x) + ∂^2/(∂x ∂y) (x + y)",
    "y = x^2; dy/dx",
    "(d/dx x)*y + -d/dx (x)",
    "grad(f) + laplacian(f) + ∇·F",
    "integral(x^2, x) + integral(exp(-t^2), t, 0, x)",
    "integral(x + 1, x)*y",
    "limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+)",
    "sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
    "2*prod(i in 1..n, x[i])*y + sum(x)",
    "sum(i in 1..n, sum(j in 1..m, A[i, j]))",
    "max(i in 1..n, x[i]) + mean(i in S, x[i]) + max(x, 0)",
    "sum(i in 1..n, j in 1..m, i*j)",
    "[1, 2, 3]; [1, 2; 3, 4]; (a, b)",
    "[x[i]^2 for i in 1..n]",
    "A.*B./C + A × B + x.^2",
    "inv(A)*b + det(A)",
    "y = X*w + b where b = 2, w = [1, 2]",
    "T[i] = T[i-1] + 1 for i in 2..m",
    "x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point",
    "x in [0, 1]",
    "solve x^2 = 1 over x",
    "minimize x^2 subject to x >= 1, x <= 3 over x",
    "1e-3 + 2.5e10*x + 1e5",
    "x̂ + ȳ + ℓ + ϵ + φ",
    "einsum(\"ij,jk->ik\", A, B)",
    "fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))",
    "function swish2(x) = x*sigmoid(2x) with derivative 1; range y >= -1",
    "inf + -inf + pi^2",
    "x*(a/b)*(c*d)",
    "swish2(x)^2 + f(x)^2 + W(x)",
    "a*b^c*d",
];

#[test]
fn latex() {
    let options = print::Options::default();
    check(
        &FORMULAS,
        |tree, id| {
            let latex = print::latex(tree, id, &options).text;
            common::balanced(&latex);
            latex
        },
        expect![[r#"
            sin(4w) + 0.1w^2
                \sin\left(4 w\right) + 0.1 w^{2}
            -a/b - x_1^2*sin(x)^2
                -\frac{a}{b} - x_{1}^{2} \sin^{2}\left(x\right)
            -(a + b)*c/(d*e)
                -\frac{\left(a + b\right) c}{d e}
            2*3*x*(x + 1)*x^(-1)
                2 \cdot 3 x \left(x + 1\right) x^{-1}
            a - (b - c) - (-d)
                a - \left(b - c\right) - \left(-d\right)
            (a/b)^2 + (x^2)^3 + 2^x^2 + (-x)^2
                \left(\frac{a}{b}\right)^{2} + \left(x^{2}\right)^{3} + 2^{x^{2}} + \left(-x\right)^{2}
            sqrt(2)/pi + cbrt(x) + abs(x) + norm2(v) + floor(x) + ceil(y)
                \frac{\sqrt{2}}{\pi} + \sqrt[3]{x} + \left|x\right| + \left\lVert v\right\rVert + \left\lfloor x\right\rfloor + \left\lceil y\right\rceil
            exp(-x^2) + exp(x)^2 + e^x
                e^{-x^{2}} + \left(e^{x}\right)^{2} + e^{x}
            log(x)^2 + ln(x) + log2(x) + asin(x) + sin^-1(x)
                \log^{2}\left(x\right) + \ln\left(x\right) + \operatorname{log2}\left(x\right) + \arcsin\left(x\right) + \sin^{-1}\left(x\right)
            n! + (n + 1)! + (n!)! + factorial(k) + binomial(n, k)
                n! + \left(n + 1\right)! + \left(n!\right)! + k! + \binom{n}{k}
            f'(x) + f''(3) + X'*A*X
                f'\left(x\right) + f''\left(3\right) + X^{\top} A X
            x_1 + x1 + alpha_max + theta2 + Sigma_i + rate
                x_{1} + x_{1} + \alpha_{\mathrm{max}} + \theta_{2} + \Sigma_{i} + \mathrm{rate}
            learning*rate*pi*2
                \mathrm{learning} \, \mathrm{rate} \, \pi \cdot 2
            x[1]^2 + A[i, j] + x_1[i] + (a + b)[2] + A[i,:]
                x_{1}^{2} + A_{i, j} + {x_{1}}_{i} + {\left(a + b\right)}_{2} + A_{i, :}
            0 < x <= 1 and not (y == 2 or z != 3)
                0 < x \le 1 \land \lnot \left(y = 2 \lor z \ne 3\right)
            if x < 0 then -x else if x > 3 then 2 else x^2
                \begin{cases} -x & \text{if }x < 0 \\ 2 & \text{if }x > 3 \\ x^{2} & \text{otherwise} \end{cases}
            1 + (if x > 0 then 1 else 0)
                1 + \left(\begin{cases} 1 & \text{if }x > 0 \\ 0 & \text{otherwise} \end{cases}\right)
            d/dx (x^2) + d^2/dx^2 f(x) + ∂^2/(∂x ∂y) (x + y)
                \frac{d}{dx} x^{2} + \frac{d^{2}}{dx^{2}} f\left(x\right) + \frac{\partial^{2}}{\partial x \partial y} \left(x + y\right)
            y = x^2; dy/dx
                y = x^{2}
            y = x^2; dy/dx
                \frac{dy}{dx}
            (d/dx x)*y + -d/dx (x)
                \left(\frac{dx}{dx}\right) y + \left(-\frac{dx}{dx}\right)
            grad(f) + laplacian(f) + ∇·F
                \nabla f + \nabla^{2} f + \operatorname{div}\left(F\right)
            integral(x^2, x) + integral(exp(-t^2), t, 0, x)
                \int x^{2} \, dx + \int_{0}^{x} e^{-t^{2}} \, dt
            integral(x + 1, x)*y
                \left(\int \left(x + 1\right) \, dx\right) y
            limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+)
                \lim_{x \to 0} \frac{\sin\left(x\right)}{x} + \lim_{x \to 0^{+}} \frac{1}{x}
            sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
                \sum_{i = 1}^{n - 1} \left(100 \left(x_{i + 1} - x_{i}^{2}\right)^{2} + \left(1 - x_{i}\right)^{2}\right)
            2*prod(i in 1..n, x[i])*y + sum(x)
                \left(2 \prod_{i = 1}^{n} x_{i}\right) y + \operatorname{sum}\left(x\right)
            sum(i in 1..n, sum(j in 1..m, A[i, j]))
                \sum_{i = 1}^{n} \sum_{j = 1}^{m} A_{i, j}
            max(i in 1..n, x[i]) + mean(i in S, x[i]) + max(x, 0)
                \max_{i = 1, \ldots, n} \left(x_{i}\right) + \operatorname*{mean}_{i \in S} \left(x_{i}\right) + \max\left(x, 0\right)
            sum(i in 1..n, j in 1..m, i*j)
                \sum_{i = 1}^{n} \sum_{j = 1}^{m} i j
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                \begin{bmatrix} 1 \\ 2 \\ 3 \end{bmatrix}
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                \left(a, b\right)
            [x[i]^2 for i in 1..n]
                {\left[x_{i}^{2}\right]}_{i = 1, \ldots, n}
            A.*B./C + A × B + x.^2
                A \odot B \oslash C + A \times B + x^{\odot 2}
            inv(A)*b + det(A)
                A^{-1} b + \det\left(A\right)
            y = X*w + b where b = 2, w = [1, 2]
                y = X w + b \quad \text{where }b = 2, w = \begin{bmatrix} 1 \\ 2 \end{bmatrix}
            T[i] = T[i-1] + 1 for i in 2..m
                T_{i} = T_{i - 1} + 1 \quad i = 2, \ldots, m
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                x, y \in \mathbb{R}
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                n \in \mathbb{Z}
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                v \in \mathbb{R}^{n}
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                A \in \mathbb{R}^{n \times m}
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                B:\operatorname{spd}\left(n\right)
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                p:\text{point}
            x in [0, 1]
                x \in \left[0, 1\right]
            solve x^2 = 1 over x
                \text{solve }x^{2} = 1 \quad \text{over }x
            minimize x^2 subject to x >= 1, x <= 3 over x
                \min_{x} x^{2} \quad \text{subject to }x \ge 1, x \le 3
            1e-3 + 2.5e10*x + 1e5
                10^{-3} + 2.5 \cdot 10^{10} x + 10^{5}
            x̂ + ȳ + ℓ + ϵ + φ
                \hat{x} + ȳ + \ell + \epsilon + \varphi
            einsum("ij,jk->ik", A, B)
                \operatorname{einsum}\left(\text{ij,jk->ik}, A, B\right)
            fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))
                \operatorname{fold}\left(h = h_{0}, t = 1, \ldots, T, \tanh\left(W x_{t, :} + U h\right)\right)
            function swish2(x) = x*sigmoid(2x) with derivative 1; range y >= -1
                \operatorname{swish2}\left(x\right) = x \operatorname{sigmoid}\left(2 x\right) \quad \text{derivative }1 \quad \text{range }y \ge -1
            inf + -inf + pi^2
                \infty + \left(-\infty \right) + \pi^{2}
            x*(a/b)*(c*d)
                x \frac{a}{b} c d
            swish2(x)^2 + f(x)^2 + W(x)
                {\operatorname{swish2}\left(x\right)}^{2} + {f\left(x\right)}^{2} + W x
            a*b^c*d
                a b^{c} d
        "#]],
    );
}

#[test]
fn latex_with_names() {
    let names = |name: &str| match name {
        "gamma" => Some(r"\Gamma"),
        "sigmoid" => Some(r"\sigma"),
        _ => None,
    };
    let options = print::Options { latex_name: Some(&names), ..print::Options::default() };
    check(
        &["gamma(x) + sigmoid(x)^2 + beta(x, y) + gamma'(2)"],
        |tree, id| print::latex(tree, id, &options).text,
        expect![[r#"
            gamma(x) + sigmoid(x)^2 + beta(x, y) + gamma'(2)
                \Gamma\left(x\right) + {\sigma\left(x\right)}^{2} + \operatorname{beta}\left(x, y\right) + \Gamma'\left(2\right)
        "#]],
    );
}

#[test]
fn typst() {
    let options = print::Options::default();
    check(
        &FORMULAS,
        |tree, id| print::typst(tree, id, &options).text,
        expect![[r#"
            sin(4w) + 0.1w^2
                sin(4 w) + 0.1 w^(2)
            -a/b - x_1^2*sin(x)^2
                -frac(a, b) - x_(1)^(2) sin^(2)(x)
            -(a + b)*c/(d*e)
                -frac((a + b) c, d e)
            2*3*x*(x + 1)*x^(-1)
                2 dot 3 x (x + 1) x^(-1)
            a - (b - c) - (-d)
                a - (b - c) - (-d)
            (a/b)^2 + (x^2)^3 + 2^x^2 + (-x)^2
                (frac(a, b))^(2) + (x^(2))^(3) + 2^(x^(2)) + (-x)^(2)
            sqrt(2)/pi + cbrt(x) + abs(x) + norm2(v) + floor(x) + ceil(y)
                frac(sqrt(2), pi) + root(3, x) + abs(x) + norm(v) + floor(x) + ceil(y)
            exp(-x^2) + exp(x)^2 + e^x
                e^(-x^(2)) + (e^(x))^(2) + e^(x)
            log(x)^2 + ln(x) + log2(x) + asin(x) + sin^-1(x)
                log^(2)(x) + ln(x) + op("log2")(x) + arcsin(x) + sin^(-1)(x)
            n! + (n + 1)! + (n!)! + factorial(k) + binomial(n, k)
                n! + (n + 1)! + (n!)! + k! + binom(n, k)
            f'(x) + f''(3) + X'*A*X
                f'(x) + f''(3) + X^(top) A X
            x_1 + x1 + alpha_max + theta2 + Sigma_i + rate
                x_(1) + x_(1) + alpha_("max") + theta_(2) + Sigma_(i) + "rate"
            learning*rate*pi*2
                "learning" thin "rate" thin pi dot 2
            x[1]^2 + A[i, j] + x_1[i] + (a + b)[2] + A[i,:]
                x_(1)^(2) + A_(i, j) + class("normal", x_(1))_(i) + class("normal", (a + b))_(2) + A_(i, :)
            0 < x <= 1 and not (y == 2 or z != 3)
                0 < x <= 1 and not (y = 2 or z != 3)
            if x < 0 then -x else if x > 3 then 2 else x^2
                cases(-x & "if "x < 0, 2 & "if "x > 3, x^(2) & "otherwise")
            1 + (if x > 0 then 1 else 0)
                1 + (cases(1 & "if "x > 0, 0 & "otherwise"))
            d/dx (x^2) + d^2/dx^2 f(x) + ∂^2/(∂x ∂y) (x + y)
                frac(d, d x) x^(2) + frac(d^(2), d x^(2)) f(x) + frac(diff^(2), diff x diff y) (x + y)
            y = x^2; dy/dx
                y = x^(2)
            y = x^2; dy/dx
                frac(d y, d x)
            (d/dx x)*y + -d/dx (x)
                (frac(d x, d x)) y + (-frac(d x, d x))
            grad(f) + laplacian(f) + ∇·F
                nabla f + nabla^(2) f + op("div")(F)
            integral(x^2, x) + integral(exp(-t^2), t, 0, x)
                integral x^(2) thin d x + integral_(0)^(x) e^(-t^(2)) thin d t
            integral(x + 1, x)*y
                (integral (x + 1) thin d x) y
            limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+)
                lim_(x -> 0) frac(sin(x), x) + lim_(x -> 0^(+)) frac(1, x)
            sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
                sum_(i = 1)^(n - 1) (100 (x_(i + 1) - x_(i)^(2))^(2) + (1 - x_(i))^(2))
            2*prod(i in 1..n, x[i])*y + sum(x)
                (2 product_(i = 1)^(n) x_(i)) y + op("sum")(x)
            sum(i in 1..n, sum(j in 1..m, A[i, j]))
                sum_(i = 1)^(n) sum_(j = 1)^(m) A_(i, j)
            max(i in 1..n, x[i]) + mean(i in S, x[i]) + max(x, 0)
                max_(i = 1, dots, n) (x_(i)) + op("mean", limits: #true)_(i in S) (x_(i)) + max(x, 0)
            sum(i in 1..n, j in 1..m, i*j)
                sum_(i = 1)^(n) sum_(j = 1)^(m) i j
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                mat(delim: "[", 1; 2; 3)
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                mat(delim: "[", 1, 2; 3, 4)
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                (a, b)
            [x[i]^2 for i in 1..n]
                class("normal", [x_(i)^(2)])_(i = 1, dots, n)
            A.*B./C + A × B + x.^2
                A dot.o B slash.o C + A times B + x^(dot.o 2)
            inv(A)*b + det(A)
                A^(-1) b + det(A)
            y = X*w + b where b = 2, w = [1, 2]
                y = X w + b quad "where "b = 2, w = mat(delim: "[", 1; 2)
            T[i] = T[i-1] + 1 for i in 2..m
                T_(i) = T_(i - 1) + 1 quad i = 2, dots, m
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                x, y in RR
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                n in ZZ
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                v in RR^(n)
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                A in RR^(n times m)
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                B:op("spd")(n)
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                p:"point"
            x in [0, 1]
                x in [0, 1]
            solve x^2 = 1 over x
                "solve "x^(2) = 1 quad "over "x
            minimize x^2 subject to x >= 1, x <= 3 over x
                min_(x)  x^(2) quad "subject to "x >= 1, x <= 3
            1e-3 + 2.5e10*x + 1e5
                10^(-3) + 2.5 dot 10^(10) x + 10^(5)
            x̂ + ȳ + ℓ + ϵ + φ
                hat(x) + ȳ + ℓ + ϵ + phi
            einsum("ij,jk->ik", A, B)
                op("einsum")("ij,jk->ik", A, B)
            fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))
                op("fold")(h = h_(0), t = 1, dots, T, tanh(W x_(t, :) + U h))
            function swish2(x) = x*sigmoid(2x) with derivative 1; range y >= -1
                op("swish2")(x) = x op("sigmoid")(2 x) quad "derivative "1 quad "range "y >= -1
            inf + -inf + pi^2
                infinity + (-infinity) + pi^(2)
            x*(a/b)*(c*d)
                x frac(a, b) c d
            swish2(x)^2 + f(x)^2 + W(x)
                op("swish2")(x)^(2) + f(x)^(2) + W x
            a*b^c*d
                a b^(c) d
        "#]],
    );
}

#[test]
fn mathml() {
    let options = print::Options::default();
    check(
        &FORMULAS,
        |tree, id| {
            let xml = print::mathml(tree, id, &options).text;
            common::well_formed(&xml);
            // Without the element that is the same for all.
            let start = xml.find("<mrow>").unwrap();
            xml[start..].strip_suffix("</math>").unwrap().to_string()
        },
        expect![[r#"
            sin(4w) + 0.1w^2
                <mrow><mi>sin</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mn>4</mn><mo>&#x2062;</mo><mi>w</mi><mo>)</mo></mrow><mo>+</mo><mn>0.1</mn><mo>&#x2062;</mo><msup><mrow><mi>w</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow>
            -a/b - x_1^2*sin(x)^2
                <mrow><mo form="prefix">−</mo><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>−</mo><msup><mrow><msub><mrow><mi>x</mi></mrow><mrow><mn>1</mn></mrow></msub></mrow><mrow><mn>2</mn></mrow></msup><mo>&#x2062;</mo><msup><mrow><mi>sin</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>
            -(a + b)*c/(d*e)
                <mrow><mo form="prefix">−</mo><mfrac><mrow><mrow><mo>(</mo><mi>a</mi><mo>+</mo><mi>b</mi><mo>)</mo></mrow><mo>&#x2062;</mo><mi>c</mi></mrow><mrow><mi>d</mi><mo>&#x2062;</mo><mi>e</mi></mrow></mfrac></mrow>
            2*3*x*(x + 1)*x^(-1)
                <mrow><mn>2</mn><mo>⋅</mo><mn>3</mn><mo>&#x2062;</mo><mi>x</mi><mo>&#x2062;</mo><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><mo>)</mo></mrow><mo>&#x2062;</mo><msup><mrow><mi>x</mi></mrow><mrow><mo form="prefix">−</mo><mn>1</mn></mrow></msup></mrow>
            a - (b - c) - (-d)
                <mrow><mi>a</mi><mo>−</mo><mrow><mo>(</mo><mi>b</mi><mo>−</mo><mi>c</mi><mo>)</mo></mrow><mo>−</mo><mrow><mo>(</mo><mo form="prefix">−</mo><mi>d</mi><mo>)</mo></mrow></mrow>
            (a/b)^2 + (x^2)^3 + 2^x^2 + (-x)^2
                <mrow><msup><mrow><mrow><mo>(</mo><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><msup><mrow><mrow><mo>(</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>)</mo></mrow></mrow><mrow><mn>3</mn></mrow></msup><mo>+</mo><msup><mrow><mn>2</mn></mrow><mrow><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow></msup><mo>+</mo><msup><mrow><mrow><mo>(</mo><mo form="prefix">−</mo><mi>x</mi><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup></mrow>
            sqrt(2)/pi + cbrt(x) + abs(x) + norm2(v) + floor(x) + ceil(y)
                <mrow><mfrac><mrow><msqrt><mrow><mn>2</mn></mrow></msqrt></mrow><mrow><mi>π</mi></mrow></mfrac><mo>+</mo><mroot><mrow><mi>x</mi></mrow><mn>3</mn></mroot><mo>+</mo><mrow><mo>|</mo><mi>x</mi><mo>|</mo></mrow><mo>+</mo><mrow><mo>‖</mo><mi>v</mi><mo>‖</mo></mrow><mo>+</mo><mrow><mo>⌊</mo><mi>x</mi><mo>⌋</mo></mrow><mo>+</mo><mrow><mo>⌈</mo><mi>y</mi><mo>⌉</mo></mrow></mrow>
            exp(-x^2) + exp(x)^2 + e^x
                <mrow><msup><mrow><mi>e</mi></mrow><mrow><mo form="prefix">−</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow></msup><mo>+</mo><msup><mrow><mrow><mo>(</mo><msup><mrow><mi>e</mi></mrow><mrow><mi>x</mi></mrow></msup><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><msup><mrow><mi>e</mi></mrow><mrow><mi>x</mi></mrow></msup></mrow>
            log(x)^2 + ln(x) + log2(x) + asin(x) + sin^-1(x)
                <mrow><msup><mrow><mi>log</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><mi>ln</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><mi>log2</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><mi>arcsin</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><msup><mrow><mi>sin</mi></mrow><mrow><mo form="prefix">−</mo><mn>1</mn></mrow></msup><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>
            n! + (n + 1)! + (n!)! + factorial(k) + binomial(n, k)
                <mrow><mi>n</mi><mo>!</mo><mo>+</mo><mrow><mo>(</mo><mi>n</mi><mo>+</mo><mn>1</mn><mo>)</mo></mrow><mo>!</mo><mo>+</mo><mrow><mo>(</mo><mi>n</mi><mo>!</mo><mo>)</mo></mrow><mo>!</mo><mo>+</mo><mi>k</mi><mo>!</mo><mo>+</mo><mrow><mo>(</mo><mfrac linethickness="0"><mrow><mi>n</mi></mrow><mrow><mi>k</mi></mrow></mfrac><mo>)</mo></mrow></mrow>
            f'(x) + f''(3) + X'*A*X
                <mrow><msup><mrow><mi>f</mi></mrow><mrow><mo>′</mo></mrow></msup><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><msup><mrow><mi>f</mi></mrow><mrow><mo>′</mo><mo>′</mo></mrow></msup><mo>&#x2061;</mo><mrow><mo>(</mo><mn>3</mn><mo>)</mo></mrow><mo>+</mo><msup><mrow><mi>X</mi></mrow><mrow><mo>⊤</mo></mrow></msup><mo>&#x2062;</mo><mi>A</mi><mo>&#x2062;</mo><mi>X</mi></mrow>
            x_1 + x1 + alpha_max + theta2 + Sigma_i + rate
                <mrow><msub><mrow><mi>x</mi></mrow><mrow><mn>1</mn></mrow></msub><mo>+</mo><msub><mrow><mi>x</mi></mrow><mrow><mn>1</mn></mrow></msub><mo>+</mo><msub><mrow><mi>α</mi></mrow><mrow><mi>max</mi></mrow></msub><mo>+</mo><msub><mrow><mi>θ</mi></mrow><mrow><mn>2</mn></mrow></msub><mo>+</mo><msub><mrow><mi>Σ</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>+</mo><mi>rate</mi></mrow>
            learning*rate*pi*2
                <mrow><mi>learning</mi><mo>&#x2062;</mo><mspace width="0.17em"/><mi>rate</mi><mo>&#x2062;</mo><mspace width="0.17em"/><mi>π</mi><mo>⋅</mo><mn>2</mn></mrow>
            x[1]^2 + A[i, j] + x_1[i] + (a + b)[2] + A[i,:]
                <mrow><msup><mrow><msub><mrow><mi>x</mi></mrow><mrow><mn>1</mn></mrow></msub></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><msub><mrow><mi>A</mi></mrow><mrow><mi>i</mi><mo>,</mo><mi>j</mi></mrow></msub><mo>+</mo><msub><mrow><msub><mrow><mi>x</mi></mrow><mrow><mn>1</mn></mrow></msub></mrow><mrow><mi>i</mi></mrow></msub><mo>+</mo><msub><mrow><mrow><mo>(</mo><mi>a</mi><mo>+</mo><mi>b</mi><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msub><mo>+</mo><msub><mrow><mi>A</mi></mrow><mrow><mi>i</mi><mo>,</mo><mo>:</mo></mrow></msub></mrow>
            0 < x <= 1 and not (y == 2 or z != 3)
                <mrow><mn>0</mn><mo>&lt;</mo><mi>x</mi><mo>≤</mo><mn>1</mn><mo>∧</mo><mo>¬</mo><mrow><mo>(</mo><mi>y</mi><mo>=</mo><mn>2</mn><mo>∨</mo><mi>z</mi><mo>≠</mo><mn>3</mn><mo>)</mo></mrow></mrow>
            if x < 0 then -x else if x > 3 then 2 else x^2
                <mrow><mrow><mo>{</mo><mtable columnalign="left left"><mtr><mtd><mo form="prefix">−</mo><mi>x</mi></mtd><mtd><mtext>if </mtext><mi>x</mi><mo>&lt;</mo><mn>0</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd><mtd><mtext>if </mtext><mi>x</mi><mo>&gt;</mo><mn>3</mn></mtd></mtr><mtr><mtd><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup></mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow></mrow>
            1 + (if x > 0 then 1 else 0)
                <mrow><mn>1</mn><mo>+</mo><mrow><mo>(</mo><mrow><mo>{</mo><mtable columnalign="left left"><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if </mtext><mi>x</mi><mo>&gt;</mo><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow><mo>)</mo></mrow></mrow>
            d/dx (x^2) + d^2/dx^2 f(x) + ∂^2/(∂x ∂y) (x + y)
                <mrow><mfrac><mrow><mi>d</mi></mrow><mrow><mi>d</mi><mi>x</mi></mrow></mfrac><mo>&#x2062;</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><mfrac><mrow><msup><mrow><mi>d</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow><mrow><mi>d</mi><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow></mfrac><mo>&#x2062;</mo><mi>f</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>+</mo><mfrac><mrow><msup><mrow><mo>∂</mo></mrow><mrow><mn>2</mn></mrow></msup></mrow><mrow><mo>∂</mo><mi>x</mi><mo>&#x2062;</mo><mo>∂</mo><mi>y</mi></mrow></mfrac><mo>&#x2062;</mo><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mi>y</mi><mo>)</mo></mrow></mrow>
            y = x^2; dy/dx
                <mrow><mi>y</mi><mo>=</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow>
            y = x^2; dy/dx
                <mrow><mfrac><mrow><mi>d</mi><mi>y</mi></mrow><mrow><mi>d</mi><mi>x</mi></mrow></mfrac></mrow>
            (d/dx x)*y + -d/dx (x)
                <mrow><mrow><mo>(</mo><mfrac><mrow><mi>d</mi><mi>x</mi></mrow><mrow><mi>d</mi><mi>x</mi></mrow></mfrac><mo>)</mo></mrow><mo>&#x2062;</mo><mi>y</mi><mo>+</mo><mrow><mo>(</mo><mo form="prefix">−</mo><mfrac><mrow><mi>d</mi><mi>x</mi></mrow><mrow><mi>d</mi><mi>x</mi></mrow></mfrac><mo>)</mo></mrow></mrow>
            grad(f) + laplacian(f) + ∇·F
                <mrow><mo>∇</mo><mo>&#x2062;</mo><mi>f</mi><mo>+</mo><msup><mrow><mo>∇</mo></mrow><mrow><mn>2</mn></mrow></msup><mo>&#x2062;</mo><mi>f</mi><mo>+</mo><mi>div</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>F</mi><mo>)</mo></mrow></mrow>
            integral(x^2, x) + integral(exp(-t^2), t, 0, x)
                <mrow><mo>∫</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mspace width="0.17em"/><mi>d</mi><mi>x</mi><mo>+</mo><msubsup><mrow><mo>∫</mo></mrow><mrow><mn>0</mn></mrow><mrow><mi>x</mi></mrow></msubsup><msup><mrow><mi>e</mi></mrow><mrow><mo form="prefix">−</mo><msup><mrow><mi>t</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow></msup><mspace width="0.17em"/><mi>d</mi><mi>t</mi></mrow>
            integral(x + 1, x)*y
                <mrow><mrow><mo>(</mo><mo>∫</mo><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><mo>)</mo></mrow><mspace width="0.17em"/><mi>d</mi><mi>x</mi><mo>)</mo></mrow><mo>&#x2062;</mo><mi>y</mi></mrow>
            limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+)
                <mrow><munder><mrow><mo>lim</mo></mrow><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mfrac><mrow><mi>sin</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow><mrow><mi>x</mi></mrow></mfrac><mo>+</mo><munder><mrow><mo>lim</mo></mrow><mrow><mi>x</mi><mo>→</mo><msup><mrow><mn>0</mn></mrow><mrow><mo form="prefix">+</mo></mrow></msup></mrow></munder><mfrac><mrow><mn>1</mn></mrow><mrow><mi>x</mi></mrow></mfrac></mrow>
            sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
                <mrow><munderover><mrow><mo>∑</mo></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>n</mi><mo>−</mo><mn>1</mn></mrow></munderover><mrow><mo>(</mo><mn>100</mn><mo>&#x2062;</mo><msup><mrow><mrow><mo>(</mo><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi><mo>+</mo><mn>1</mn></mrow></msub><mo>−</mo><msup><mrow><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub></mrow><mrow><mn>2</mn></mrow></msup><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><msup><mrow><mrow><mo>(</mo><mn>1</mn><mo>−</mo><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>)</mo></mrow></mrow>
            2*prod(i in 1..n, x[i])*y + sum(x)
                <mrow><mrow><mo>(</mo><mn>2</mn><mo>&#x2062;</mo><munderover><mrow><mo>∏</mo></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>n</mi></mrow></munderover><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>)</mo></mrow><mo>&#x2062;</mo><mi>y</mi><mo>+</mo><mi>sum</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>
            sum(i in 1..n, sum(j in 1..m, A[i, j]))
                <mrow><munderover><mrow><mo>∑</mo></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>n</mi></mrow></munderover><munderover><mrow><mo>∑</mo></mrow><mrow><mi>j</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>m</mi></mrow></munderover><msub><mrow><mi>A</mi></mrow><mrow><mi>i</mi><mo>,</mo><mi>j</mi></mrow></msub></mrow>
            max(i in 1..n, x[i]) + mean(i in S, x[i]) + max(x, 0)
                <mrow><munder><mrow><mi>max</mi></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn><mo>,</mo><mo>…</mo><mo>,</mo><mi>n</mi></mrow></munder><mo>&#x2061;</mo><mrow><mo>(</mo><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>)</mo></mrow><mo>+</mo><munder><mrow><mi>mean</mi></mrow><mrow><mi>i</mi><mo>∈</mo><mi>S</mi></mrow></munder><mo>&#x2061;</mo><mrow><mo>(</mo><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>)</mo></mrow><mo>+</mo><mi>max</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>,</mo><mn>0</mn><mo>)</mo></mrow></mrow>
            sum(i in 1..n, j in 1..m, i*j)
                <mrow><munderover><mrow><mo>∑</mo></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>n</mi></mrow></munderover><munderover><mrow><mo>∑</mo></mrow><mrow><mi>j</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>m</mi></mrow></munderover><mi>i</mi><mo>&#x2062;</mo><mi>j</mi></mrow>
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                <mrow><mrow><mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable><mo>]</mo></mrow></mrow>
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                <mrow><mrow><mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable><mo>]</mo></mrow></mrow>
            [1, 2, 3]; [1, 2; 3, 4]; (a, b)
                <mrow><mrow><mo>(</mo><mi>a</mi><mo>,</mo><mi>b</mi><mo>)</mo></mrow></mrow>
            [x[i]^2 for i in 1..n]
                <mrow><msub><mrow><mrow><mo>[</mo><msup><mrow><msub><mrow><mi>x</mi></mrow><mrow><mi>i</mi></mrow></msub></mrow><mrow><mn>2</mn></mrow></msup><mo>]</mo></mrow></mrow><mrow><mi>i</mi><mo>=</mo><mn>1</mn><mo>,</mo><mo>…</mo><mo>,</mo><mi>n</mi></mrow></msub></mrow>
            A.*B./C + A × B + x.^2
                <mrow><mi>A</mi><mo>⊙</mo><mi>B</mi><mo>⊘</mo><mi>C</mi><mo>+</mo><mi>A</mi><mo>×</mo><mi>B</mi><mo>+</mo><msup><mrow><mi>x</mi></mrow><mrow><mo>⊙</mo><mn>2</mn></mrow></msup></mrow>
            inv(A)*b + det(A)
                <mrow><msup><mrow><mi>A</mi></mrow><mrow><mo form="prefix">−</mo><mn>1</mn></mrow></msup><mo>&#x2062;</mo><mi>b</mi><mo>+</mo><mi>det</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>A</mi><mo>)</mo></mrow></mrow>
            y = X*w + b where b = 2, w = [1, 2]
                <mrow><mi>y</mi><mo>=</mo><mi>X</mi><mo>&#x2062;</mo><mi>w</mi><mo>+</mo><mi>b</mi><mspace width="1em"/><mtext>where </mtext><mi>b</mi><mo>=</mo><mn>2</mn><mo>,</mo><mi>w</mi><mo>=</mo><mrow><mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd></mtr></mtable><mo>]</mo></mrow></mrow>
            T[i] = T[i-1] + 1 for i in 2..m
                <mrow><msub><mrow><mi>T</mi></mrow><mrow><mi>i</mi></mrow></msub><mo>=</mo><msub><mrow><mi>T</mi></mrow><mrow><mi>i</mi><mo>−</mo><mn>1</mn></mrow></msub><mo>+</mo><mn>1</mn><mspace width="1em"/><mi>i</mi><mo>=</mo><mn>2</mn><mo>,</mo><mo>…</mo><mo>,</mo><mi>m</mi></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>x</mi><mo>,</mo><mi>y</mi><mo>∈</mo><mi>ℝ</mi></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>n</mi><mo>∈</mo><mi>ℤ</mi></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>v</mi><mo>∈</mo><msup><mrow><mi>ℝ</mi></mrow><mrow><mi>n</mi></mrow></msup></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>A</mi><mo>∈</mo><msup><mrow><mi>ℝ</mi></mrow><mrow><mi>n</mi><mo>×</mo><mi>m</mi></mrow></msup></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>B</mi><mo>:</mo><mi>spd</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>n</mi><mo>)</mo></mrow></mrow>
            x, y: real; n: integer; v: vector(n); A: matrix(n, m); B: spd(n); p: point
                <mrow><mi>p</mi><mo>:</mo><mtext>point</mtext></mrow>
            x in [0, 1]
                <mrow><mi>x</mi><mo>∈</mo><mrow><mo>[</mo><mn>0</mn><mo>,</mo><mn>1</mn><mo>]</mo></mrow></mrow>
            solve x^2 = 1 over x
                <mrow><mtext>solve </mtext><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>=</mo><mn>1</mn><mspace width="1em"/><mtext>over </mtext><mi>x</mi></mrow>
            minimize x^2 subject to x >= 1, x <= 3 over x
                <mrow><munder><mrow><mi>min</mi></mrow><mrow><mi>x</mi></mrow></munder><mo>&#x2062;</mo><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mspace width="1em"/><mtext>subject to </mtext><mi>x</mi><mo>≥</mo><mn>1</mn><mo>,</mo><mi>x</mi><mo>≤</mo><mn>3</mn></mrow>
            1e-3 + 2.5e10*x + 1e5
                <mrow><msup><mrow><mn>10</mn></mrow><mrow><mo form="prefix">−</mo><mn>3</mn></mrow></msup><mo>+</mo><mn>2.5</mn><mo>⋅</mo><msup><mrow><mn>10</mn></mrow><mrow><mn>10</mn></mrow></msup><mo>&#x2062;</mo><mi>x</mi><mo>+</mo><msup><mrow><mn>10</mn></mrow><mrow><mn>5</mn></mrow></msup></mrow>
            x̂ + ȳ + ℓ + ϵ + φ
                <mrow><mover accent="true"><mi>x</mi><mo>^</mo></mover><mo>+</mo><mi>ȳ</mi><mo>+</mo><mi>ℓ</mi><mo>+</mo><mi>ϵ</mi><mo>+</mo><mi>φ</mi></mrow>
            einsum("ij,jk->ik", A, B)
                <mrow><mi>einsum</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mtext>ij,jk-&gt;ik</mtext><mo>,</mo><mi>A</mi><mo>,</mo><mi>B</mi><mo>)</mo></mrow></mrow>
            fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))
                <mrow><mi>fold</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>h</mi><mo>=</mo><msub><mrow><mi>h</mi></mrow><mrow><mn>0</mn></mrow></msub><mo>,</mo><mi>t</mi><mo>=</mo><mn>1</mn><mo>,</mo><mo>…</mo><mo>,</mo><mi>T</mi><mo>,</mo><mi>tanh</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>W</mi><mo>&#x2062;</mo><msub><mrow><mi>x</mi></mrow><mrow><mi>t</mi><mo>,</mo><mo>:</mo></mrow></msub><mo>+</mo><mi>U</mi><mo>&#x2062;</mo><mi>h</mi><mo>)</mo></mrow><mo>)</mo></mrow></mrow>
            function swish2(x) = x*sigmoid(2x) with derivative 1; range y >= -1
                <mrow><mi>swish2</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>=</mo><mi>x</mi><mo>&#x2062;</mo><mi>sigmoid</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mn>2</mn><mo>&#x2062;</mo><mi>x</mi><mo>)</mo></mrow><mspace width="1em"/><mtext>derivative </mtext><mn>1</mn><mspace width="1em"/><mtext>range </mtext><mi>y</mi><mo>≥</mo><mo form="prefix">−</mo><mn>1</mn></mrow>
            inf + -inf + pi^2
                <mrow><mi>∞</mi><mo>+</mo><mrow><mo>(</mo><mo form="prefix">−</mo><mi>∞</mi><mo>)</mo></mrow><mo>+</mo><msup><mrow><mi>π</mi></mrow><mrow><mn>2</mn></mrow></msup></mrow>
            x*(a/b)*(c*d)
                <mrow><mi>x</mi><mo>&#x2062;</mo><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>&#x2062;</mo><mi>c</mi><mo>&#x2062;</mo><mi>d</mi></mrow>
            swish2(x)^2 + f(x)^2 + W(x)
                <mrow><msup><mrow><mi>swish2</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><msup><mrow><mi>f</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo><mi>W</mi><mo>&#x2062;</mo><mi>x</mi></mrow>
            a*b^c*d
                <mrow><mi>a</mi><mo>&#x2062;</mo><msup><mrow><mi>b</mi></mrow><mrow><mi>c</mi></mrow></msup><mo>&#x2062;</mo><mi>d</mi></mrow>
        "#]],
    );
}
