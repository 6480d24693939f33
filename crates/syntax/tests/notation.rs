//! The whole notation, as it is read: each input, then what the parser made of it in canonical text, then what it said.

mod common;

use agnesi_syntax::{parse, print};
use expect_test::{Expect, expect};

/// Inputs, one a line; what they become is indented below each.
fn check(inputs: &[&str], expected: Expect) {
    let mut out = String::new();
    for input in inputs {
        out.push_str(input);
        out.push('\n');
        for line in common::read(input).lines() {
            out.push_str("    ");
            out.push_str(line);
            out.push('\n');
        }
        // What is printed is read as the same tree, and printed the same again.
        let first = parse(input, &common::names);
        if !first.has_errors() {
            let text: Vec<String> = first.statements.iter().map(|&id| print::text(&first.tree, id)).collect();
            let again = parse(&text.join("\n"), &common::names);
            assert!(!again.has_errors(), "{input}: {text:?}: {:?}", again.diagnostics);
            assert_eq!(first.statements.len(), again.statements.len(), "{input}");
            for (&a, &b) in first.statements.iter().zip(&again.statements) {
                assert!(first.tree.same(a, &again.tree, b), "{input} is printed as another tree: {text:?}");
            }
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn names_and_numbers() {
    check(
        &[
            "x_1 + α + σ²",
            "0.1 + .5 + 5. + 1e-3 + 2E+4 + 1_000",
            "2e + 2e3 + 2exp(x)",
            "π r²",
            "x₁ + ∞",
            "x̂ + 变量",
            "x # a comment",
            "x; y\nz",
        ],
        expect![[r#"
            x_1 + α + σ²
                x_1 + α + σ^2
            0.1 + .5 + 5. + 1e-3 + 2E+4 + 1_000
                0.1 + 0.5 + 5 + 1e-3 + 2e4 + 1000
            2e + 2e3 + 2exp(x)
                2*e + 2e3 + 2*exp(x)
            π r²
                pi*r^2
            x₁ + ∞
                x_1 + inf
            x̂ + 变量
                x̂ + 变量
            x # a comment
                x
            x; y
            z
                x
                y
                z
        "#]],
    );
}

#[test]
fn binding() {
    check(
        &[
            "f(x) + x[i] + A[i,:] + A[1..k, j] + A'",
            "n! + 5!",
            "2^3^4 + (2^3)^4",
            "2^-x + 2^-x^2",
            "-x^2",
            "-a*b - c",
            "--x + -(-x)",
            "a*-b",
            "1/2x",
            "2(x+1)",
            "(a)(b)",
            "2sin(w)",
            "4w",
            "a/b/c + a/(b/c)",
            "a - (b - c) + d",
            "a·b × c .* d ./ f .^ 2",
            "0 < x <= 1",
            "a ≤ b ≠ c ≥ d",
            "not x > 0 and y > 0 or z == 1",
            "if x > 0 then sqrt(x) else -x",
            "if a then b else if c then d else e",
            "if(x>0, sqrt(x), 0)",
            "if(x = 0, 0, x)",
            "1 + if a then b else c",
            "y where y = 2, z(t) = t^2",
            "1..n-1",
            "x**2",
            "{x+1}^{2}",
        ],
        expect![[r#"
            f(x) + x[i] + A[i,:] + A[1..k, j] + A'
                f(x) + x[i] + A[i,:] + A[1..k, j] + A'
            n! + 5!
                n! + 5!
            2^3^4 + (2^3)^4
                2^3^4 + (2^3)^4
            2^-x + 2^-x^2
                2^(-x) + 2^(-x^2)
            -x^2
                -x^2
            -a*b - c
                -a*b - c
            --x + -(-x)
                -(-x) + (-(-x))
            a*-b
                a*(-b)
            1/2x
                1/2*x
                note: the divisor was read as 2 alone; `x` is a factor after the quotient | write /(2*x) to divide by both
            2(x+1)
                2*(x + 1)
            (a)(b)
                a*b
            2sin(w)
                2*sin(w)
            4w
                4*w
            a/b/c + a/(b/c)
                a/b/c + a/(b/c)
            a - (b - c) + d
                a - (b - c) + d
            a·b × c .* d ./ f .^ 2
                a*b × c.*d./f.^2
            0 < x <= 1
                0 < x <= 1
            a ≤ b ≠ c ≥ d
                a <= b != c >= d
            not x > 0 and y > 0 or z == 1
                not x > 0 and y > 0 or z == 1
            if x > 0 then sqrt(x) else -x
                if x > 0 then sqrt(x) else -x
            if a then b else if c then d else e
                if a then b else if c then d else e
            if(x>0, sqrt(x), 0)
                if x > 0 then sqrt(x) else 0
            if(x = 0, 0, x)
                if x == 0 then 0 else x
            1 + if a then b else c
                1 + (if a then b else c)
            y where y = 2, z(t) = t^2
                y where y = 2, z(t) = t^2
            1..n-1
                1..n-1
            x**2
                x^2
                note: `**` was read as the power `^` | 
            {x+1}^{2}
                (x + 1)^2
                note: braces were read as round brackets | 
        "#]],
    );
}

#[test]
fn functions_without_brackets() {
    check(
        &[
            "sin 2x cos x",
            "sin x^2",
            "sin^2 x + cos² x",
            "sin^-1 x + sin⁻¹(x)",
            "sin^n(x)",
            "log sin x",
            "sin x/2",
            "sin -x",
            "2 sin x y + 1",
            "sin(x)^2 cos(x)",
            "sin'(x) + exp' x",
            "|x| + ‖v‖ + ||v||",
            "||x| - 1| + 2|x|",
            "√x + √(x+1) + √2x + ∛y",
            "exp -x^2",
            "sum [1, 2]",
        ],
        expect![[r#"
            sin 2x cos x
                sin(2*x)*cos(x)
            sin x^2
                sin(x^2)
                note: this was read as sin(x^2) | write the function's bracket, as in sin(x)^2, for the power of its value
            sin^2 x + cos² x
                sin(x)^2 + cos(x)^2
            sin^-1 x + sin⁻¹(x)
                sin^-1(x) + sin^-1(x)
            sin^n(x)
                sin(x)^n
            log sin x
                log(sin(x))
            sin x/2
                sin(x)/2
            sin -x
                sin(-x)
                note: this was read as sin(-x) | 
            2 sin x y + 1
                2*sin(x*y) + 1
            sin(x)^2 cos(x)
                sin(x)^2*cos(x)
            sin'(x) + exp' x
                sin'(x) + exp'(x)
            |x| + ‖v‖ + ||v||
                abs(x) + norm2(v) + norm2(v)
            ||x| - 1| + 2|x|
                abs(abs(x) - 1) + 2*abs(x)
            √x + √(x+1) + √2x + ∛y
                sqrt(x) + sqrt(x + 1) + sqrt(2)*x + cbrt(y)
                note: this was read as sqrt(2) | 
            exp -x^2
                exp(-x^2)
                note: this was read as exp(-x^2) | 
            sum [1, 2]
                sum([1, 2])
        "#]],
    );
}

#[test]
fn products_and_calls() {
    check(
        &[
            "x(x+1)",
            "s(1 - s)",
            "2x(x+1)^2",
            "a/x(y+1)",
            "f(x+1) + g(2) + foo(3)",
            "m(x,) + m(x, y) + f(x,) + sin(x,)",
            "p(x, y)",
            "A(1, 2) + v(3)",
            "f(x) = x^2; f(3) + f 2",
            "k(x) = 2x; k(3)",
            "p = 3; p(x+1)",
            "gamma: real; gamma(x+1) + gamma^2 x",
            "m: matrix(2, 2); m(1, 2)",
            "f(beta) = beta(beta + 1)",
            "beta x where beta = 2",
            "sum(beta in 1..3, beta(x + 1))",
            "xy + x y",
            "e^2x",
            "pi(x+1)",
        ],
        expect![[r#"
            x(x+1)
                x*(x + 1)
                note: `x(…)` was read as the product x*(…) | write x*(…) to say so; if x is a function, define it first, as in x(t) = …
            s(1 - s)
                s*(1 - s)
                note: `s(…)` was read as the product s*(…) | write s*(…) to say so; if s is a function, define it first, as in s(t) = …
            2x(x+1)^2
                2*x*(x + 1)^2
                note: `x(…)` was read as the product x*(…) | write x*(…) to say so; if x is a function, define it first, as in x(t) = …
            a/x(y+1)
                a/x*(y + 1)
                note: `x(…)` was read as the product x*(…) | write x*(…) to say so; if x is a function, define it first, as in x(t) = …
                note: the divisor was read as x alone; `(` is a factor after the quotient | write /(x*(…)) to divide by both
            f(x+1) + g(2) + foo(3)
                f(x + 1) + g(2) + foo(3)
            m(x,) + m(x, y) + f(x,) + sin(x,)
                m*(x,) + m(x, y) + f(x) + sin(x)
                note: `m(…)` was read as the product m*(…) | write m*(…) to say so; if m is a function, define it first, as in m(t) = …
            p(x, y)
                p(x, y)
            A(1, 2) + v(3)
                A[1, 2] + v[3]
                note: round brackets after an array were read as an index | write square brackets to say so
            f(x) = x^2; f(3) + f 2
                f(x) = x^2
                f(3) + f(2)
            k(x) = 2x; k(3)
                k(x) = 2*x
                k(3)
            p = 3; p(x+1)
                p = 3
                p*(x + 1)
                note: `p(…)` was read as the product p*(…) | write p*(…) to say so; if p is a function, define it first, as in p(t) = …
            gamma: real; gamma(x+1) + gamma^2 x
                gamma: real
                gamma*(x + 1) + gamma^2*x
                note: `gamma(…)` was read as the product gamma*(…) | write gamma*(…) to say so; if gamma is a function, define it first, as in gamma(t) = …
            m: matrix(2, 2); m(1, 2)
                m: matrix(2, 2)
                m[1, 2]
                note: round brackets after an array were read as an index | write square brackets to say so
            f(beta) = beta(beta + 1)
                f(beta) = beta*(beta + 1)
                note: `beta(…)` was read as the product beta*(…) | write beta*(…) to say so; if beta is a function, define it first, as in beta(t) = …
            beta x where beta = 2
                beta*x where beta = 2
            sum(beta in 1..3, beta(x + 1))
                sum(beta in 1..3, beta*(x + 1))
                note: `beta(…)` was read as the product beta*(…) | write beta*(…) to say so; if beta is a function, define it first, as in beta(t) = …
            xy + x y
                xy + x*y
            e^2x
                e^2*x
                note: the exponent was read as 2 alone; `x` is a factor after the power | write ^(2*x) to have both in the exponent
            pi(x+1)
                pi*(x + 1)
                note: `pi(…)` was read as the product pi*(…) | write pi*(…) to say so; if pi is a function, define it first, as in pi(t) = …
        "#]],
    );
}

#[test]
fn declarations_and_facts() {
    check(
        &[
            "x: real",
            "x, y: real; n: integer; v: vector(n); X: matrix(n, m); T: tensor(n, m, k)",
            "A: symmetric(n); B: spd(n); C: skew(n); D: orthogonal(n); E: diagonal(n); L: lower(n); U: upper(n); M: invertible(n)",
            "x > 0; A >= 0; x in [0, 1]; x ∈ [0, 1]",
            "l: matrix(K, d*(d-1)/2)",
        ],
        expect![[r#"
            x: real
                x: real
            x, y: real; n: integer; v: vector(n); X: matrix(n, m); T: tensor(n, m, k)
                x, y: real
                n: integer
                v: vector(n)
                X: matrix(n, m)
                T: tensor(n, m, k)
            A: symmetric(n); B: spd(n); C: skew(n); D: orthogonal(n); E: diagonal(n); L: lower(n); U: upper(n); M: invertible(n)
                A: symmetric(n)
                B: spd(n)
                C: skew(n)
                D: orthogonal(n)
                E: diagonal(n)
                L: lower(n)
                U: upper(n)
                M: invertible(n)
            x > 0; A >= 0; x in [0, 1]; x ∈ [0, 1]
                x > 0
                A >= 0
                x in [0, 1]
                x in [0, 1]
            l: matrix(K, d*(d-1)/2)
                l: matrix(K, d*(d - 1)/2)
        "#]],
    );
}

#[test]
fn definitions_and_binders() {
    check(
        &[
            "f(x, y) = x^2 + y^3",
            "Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])",
            "y = X*w + b  where  b = 2",
            "sum(i in 1..n, x[i]^2) + sum(i, x[i]^2) + sum(x[i]^2 for i in 1..n)",
            "max(x, 0) + sum(X, 1) + logsumexp(k in 1..K, alpha[k])",
            "[x[i]^2 for i in 1..n]",
            "[i + j for i in 1..n, j in 1..m]",
            "fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))",
            "fold((c, h) = (c0, h0), t in 1..T, step(c, h, x[t,:]))",
            "T[1] = B[1];  T[i] = T[parent[i]]*B[i]  for i in 2..m",
            "w[p[i]]",
            "[1, 2, 3]; [1, 2; 3, 4]; [A, B; C, D]; (a, b); [1, 2;]; (a,); []",
            "einsum(\"ij,jk->ik\", A, B)",
            "a = b for i in 1..n where b = 2",
            "(a, b) = (1, 2)",
            "A[1:3, :]",
        ],
        expect![[r#"
            f(x, y) = x^2 + y^3
                f(x, y) = x^2 + y^3
            Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])
                Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])
            y = X*w + b  where  b = 2
                y = X*w + b where b = 2
            sum(i in 1..n, x[i]^2) + sum(i, x[i]^2) + sum(x[i]^2 for i in 1..n)
                sum(i in 1..n, x[i]^2) + sum(i, x[i]^2) + sum(i in 1..n, x[i]^2)
            max(x, 0) + sum(X, 1) + logsumexp(k in 1..K, alpha[k])
                max(x, 0) + sum(X, 1) + logsumexp(k in 1..K, alpha[k])
            [x[i]^2 for i in 1..n]
                [x[i]^2 for i in 1..n]
            [i + j for i in 1..n, j in 1..m]
                [i + j for i in 1..n, j in 1..m]
            fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))
                fold(h = h0, t in 1..T, tanh(W*x[t,:] + U*h))
            fold((c, h) = (c0, h0), t in 1..T, step(c, h, x[t,:]))
                fold((c, h) = (c0, h0), t in 1..T, step(c, h, x[t,:]))
            T[1] = B[1];  T[i] = T[parent[i]]*B[i]  for i in 2..m
                T[1] = B[1]
                T[i] = T[parent[i]]*B[i] for i in 2..m
            w[p[i]]
                w[p[i]]
            [1, 2, 3]; [1, 2; 3, 4]; [A, B; C, D]; (a, b); [1, 2;]; (a,); []
                [1, 2, 3]
                [1, 2; 3, 4]
                [A, B; C, D]
                (a, b)
                [1, 2;]
                (a,)
                []
            einsum("ij,jk->ik", A, B)
                einsum("ij,jk->ik", A, B)
            a = b for i in 1..n where b = 2
                a = b where b = 2 for i in 1..n
            (a, b) = (1, 2)
                (a, b) = (1, 2)
            A[1:3, :]
                A[1..3,:]
                note: `:` between two indices was read as the range `..` | 
        "#]],
    );
}

#[test]
fn calculus() {
    check(
        &[
            "f'(x) + f''(x) + f'(3)",
            "d/dx (x^2)",
            "d/dx x^2 + 1",
            "d/dx x*sin(x)",
            "d/dx (x^2)*3",
            "d^2/dx^2 f(x)",
            "d²/dx² f(x)",
            "d^2/dxdy x*y",
            "d^2/(dx dy) (x*y)",
            "d^60/dx^60 (x*sin(x))",
            "∂/∂y f(x, y) + ∂f/∂x",
            "∂²/∂x∂y f(x, y) + ∂^2/∂x^2 f(x)",
            "y = x^2; dy/dx",
            "d: real; d/dx",
            "(d)^2/dx^2 + d ^2/dx + a*(d)/dx + (d)/(dx*y) + x^d /dx + dist/dur + (dx)/dt",
            "loss = 3; (dloss)/dw + loss",
            "(d/dx f)(3)",
            "∇f + grad(f) + ∇²f + ∇·F",
            "along(f, v)",
            "integral(exp(-x^2), x, 0, inf)",
            "∫ x^2 dx + ∫ x + 1 dx",
            "∫_0^1 x^2 dx + ∫₀¹ x dx + ∫_a^b x dx + ∫_(-1)^(n+1) x dx",
            "∫ dx/x + ∫ dx",
            "∫ ∫ x y dx dy",
            "limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+) + limit(1/x, x → 0⁻) + limit(x, x -> -inf)",
            "limit(1/x, x -> a + b-)",
            "taylor(sin(x), x = 0, 7)",
            "solve x^3 - 2x^2 + 1 = 0",
            "solve x + y = 1, x - y = 2 over x, y",
            "solve (x+1)^2 = 4",
            "solve (x - 1) = 0",
            "solve(x^2 = 1, x)",
            "minimize a^2 + b^2 subject to -c >= 1, a + 2b + c >= 1 over a, b, c",
            "maximize x\n  subject to x <= 1\n  over x",
            "function swish2(x) = x*sigmoid(2x) with derivative sigmoid(2x) + 2x*sigmoid(2x)*(1 - sigmoid(2x)); range y >= -0.2",
            "function h2(x, y) = x*y with derivative y, x\n  law h2(x, y) = h2(y, x); laws h2(0, x) => 0; title \"a product\"\nh2(1, 2)",
        ],
        expect![[r#"
            f'(x) + f''(x) + f'(3)
                f'(x) + f''(x) + f'(3)
            d/dx (x^2)
                d/dx (x^2)
            d/dx x^2 + 1
                d/dx (x^2) + 1
            d/dx x*sin(x)
                d/dx (x*sin(x))
                note: `d/dx` was taken of the whole product x*sin(x) | write (d/dx f)*g for the derivative of one factor
            d/dx (x^2)*3
                d/dx (x^2)*3
            d^2/dx^2 f(x)
                d^2/dx^2 f(x)
            d²/dx² f(x)
                d^2/dx^2 f(x)
            d^2/dxdy x*y
                d^2/(dx dy) (x*y)
                note: `d^2/dxdy` was taken of the whole product x*y | write (d^2/dxdy f)*g for the derivative of one factor
            d^2/(dx dy) (x*y)
                d^2/(dx dy) (x*y)
            d^60/dx^60 (x*sin(x))
                d^60/dx^60 (x*sin(x))
            ∂/∂y f(x, y) + ∂f/∂x
                ∂/∂y f(x, y) + ∂/∂x (f)
            ∂²/∂x∂y f(x, y) + ∂^2/∂x^2 f(x)
                ∂^2/(∂x ∂y) f(x, y) + ∂^2/∂x^2 (f(x))
            y = x^2; dy/dx
                y = x^2
                d/dx y
                note: `dy/dx` was read as a derivative | 
            d: real; d/dx
                d: real
                (d)/dx
            (d)^2/dx^2 + d ^2/dx + a*(d)/dx + (d)/(dx*y) + x^d /dx + dist/dur + (dx)/dt
                (d)^2/dx^2 + (d)^2/dx + a*(d)/dx + (d)/(dx*y) + x^(d)/dx + dist/dur + (dx)/dt
            loss = 3; (dloss)/dw + loss
                loss = 3
                (dloss)/dw + loss
            (d/dx f)(3)
                (d/dx f)(3)
            ∇f + grad(f) + ∇²f + ∇·F
                grad(f) + grad(f) + laplacian(f) + div(F)
            along(f, v)
                along(f, v)
            integral(exp(-x^2), x, 0, inf)
                integral(exp(-x^2), x, 0, inf)
            ∫ x^2 dx + ∫ x + 1 dx
                integral(x^2, x) + integral(x + 1, x)
            ∫_0^1 x^2 dx + ∫₀¹ x dx + ∫_a^b x dx + ∫_(-1)^(n+1) x dx
                integral(x^2, x, 0, 1) + integral(x, x, 0, 1) + integral(x, x, a, b) + integral(x, x, -1, n + 1)
            ∫ dx/x + ∫ dx
                integral(1/x, x) + integral(1, x)
            ∫ ∫ x y dx dy
                integral(integral(x*y, x), y)
            limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+) + limit(1/x, x → 0⁻) + limit(x, x -> -inf)
                limit(sin(x)/x, x -> 0) + limit(1/x, x -> 0+) + limit(1/x, x -> 0-) + limit(x, x -> -inf)
            limit(1/x, x -> a + b-)
                limit(1/x, x -> (a + b)-)
            taylor(sin(x), x = 0, 7)
                taylor(sin(x), x = 0, 7)
            solve x^3 - 2x^2 + 1 = 0
                solve x^3 - 2*x^2 + 1 = 0
            solve x + y = 1, x - y = 2 over x, y
                solve x + y = 1, x - y = 2 over x, y
            solve (x+1)^2 = 4
                solve (x + 1)^2 = 4
            solve (x - 1) = 0
                solve x - 1 = 0
            solve(x^2 = 1, x)
                solve(x^2 = 1, x)
            minimize a^2 + b^2 subject to -c >= 1, a + 2b + c >= 1 over a, b, c
                minimize a^2 + b^2 subject to -c >= 1, a + 2*b + c >= 1 over a, b, c
            maximize x
              subject to x <= 1
              over x
                maximize x subject to x <= 1 over x
            function swish2(x) = x*sigmoid(2x) with derivative sigmoid(2x) + 2x*sigmoid(2x)*(1 - sigmoid(2x)); range y >= -0.2
                function swish2(x) = x*sigmoid(2*x) with derivative sigmoid(2*x) + 2*x*sigmoid(2*x)*(1 - sigmoid(2*x)); range y >= -0.2
            function h2(x, y) = x*y with derivative y, x
              law h2(x, y) = h2(y, x); laws h2(0, x) => 0; title "a product"
            h2(1, 2)
                function h2(x, y) = x*y with derivative y, x; law h2(x, y) = h2(y, x); laws "h2(0, x) => 0"; title "a product"
                h2(1, 2)
        "#]],
    );
}

#[test]
fn programs() {
    let programs = [
        r#"
# Gaussian mixture, ADBench
alpha: vector(K); mu: matrix(K, d); q: matrix(K, d); l: matrix(K, d*(d-1)/2); x: matrix(n, d); gamma: real; m: integer
Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])
fit = sum(i in 1..n, logsumexp(k in 1..K, alpha[k] + sum(q[k,:]) - norm2(Q(k)*(x[i,:] - mu[k,:]))^2/2)) - n*logsumexp(alpha)
prior = sum(k in 1..K, gamma^2/2*(norm2(exp(q[k,:]))^2 + norm2(l[k,:])^2) - m*sum(q[k,:]))
"#,
        r#"
# bundle adjustment
rotate(r, X) = if norm2(r) > 0 then X*cos(θ) + cross(u, X)*sin(θ) + u*dot(u, X)*(1 - cos(θ)) else X + cross(r, X)
    where θ = norm2(r), u = r/θ
residual[o] = weight[o]*(project(camera[cam[o],:], point[pt[o],:]) - seen[o,:])  for o in 1..p
"#,
        "loss = -mean(i in 1..n, logsoftmax(W2*relu(W1*x[i,:] + b1) + b2)[label[i]])",
        "sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "a = 1 +\n 2\nb = (1,\n 2)\nif a\n then b\n else 3",
    ];
    check(
        &programs,
        expect![[r#"

            # Gaussian mixture, ADBench
            alpha: vector(K); mu: matrix(K, d); q: matrix(K, d); l: matrix(K, d*(d-1)/2); x: matrix(n, d); gamma: real; m: integer
            Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])
            fit = sum(i in 1..n, logsumexp(k in 1..K, alpha[k] + sum(q[k,:]) - norm2(Q(k)*(x[i,:] - mu[k,:]))^2/2)) - n*logsumexp(alpha)
            prior = sum(k in 1..K, gamma^2/2*(norm2(exp(q[k,:]))^2 + norm2(l[k,:])^2) - m*sum(q[k,:]))

                alpha: vector(K)
                mu: matrix(K, d)
                q: matrix(K, d)
                l: matrix(K, d*(d - 1)/2)
                x: matrix(n, d)
                gamma: real
                m: integer
                Q(k) = diag(exp(q[k,:])) + strictlower(l[k,:])
                fit = sum(i in 1..n, logsumexp(k in 1..K, alpha[k] + sum(q[k,:]) - norm2(Q(k)*(x[i,:] - mu[k,:]))^2/2)) - n*logsumexp(alpha)
                prior = sum(k in 1..K, gamma^2/2*(norm2(exp(q[k,:]))^2 + norm2(l[k,:])^2) - m*sum(q[k,:]))

            # bundle adjustment
            rotate(r, X) = if norm2(r) > 0 then X*cos(θ) + cross(u, X)*sin(θ) + u*dot(u, X)*(1 - cos(θ)) else X + cross(r, X)
                where θ = norm2(r), u = r/θ
            residual[o] = weight[o]*(project(camera[cam[o],:], point[pt[o],:]) - seen[o,:])  for o in 1..p

                rotate(r, X) = if norm2(r) > 0 then X*cos(θ) + cross(u, X)*sin(θ) + u*dot(u, X)*(1 - cos(θ)) else X + cross(r, X) where θ = norm2(r), u = r/θ
                residual[o] = weight[o]*(project(camera[cam[o],:], point[pt[o],:]) - seen[o,:]) for o in 1..p
            loss = -mean(i in 1..n, logsoftmax(W2*relu(W1*x[i,:] + b1) + b2)[label[i]])
                loss = -mean(i in 1..n, logsoftmax(W2*relu(W1*x[i,:] + b1) + b2)[label[i]])
            sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
                sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)
            a = 1 +
             2
            b = (1,
             2)
            if a
             then b
             else 3
                a = 1 + 2
                b = (1, 2)
                if a then b else 3
        "#]],
    );
}
