//! What people in machine learning and statistics differentiate.

/// A loss: its name, the formula, the variable and the declarations.
pub(super) const LOSSES: &[(&str, &str, &str, &str)] = &[
    ("least squares", "norm2(X*w - y)^2", "w", "X: matrix(n, m); w: vector(m); y: vector(n)"),
    (
        "ridge regression",
        "norm2(X*w - y)^2/n + c*w'*w",
        "w",
        "X: matrix(n, m); w: vector(m); y: vector(n); c: real",
    ),
    (
        "elastic net",
        "norm2(X*w - y)^2 + a*norm1(w) + c*norm2(w)^2",
        "w",
        "X: matrix(n, m); w: vector(m); y: vector(n); a: real; c: real",
    ),
    (
        "logistic regression",
        "sum(log(1 + exp(-y.*(X*w)))) + c*w'*w",
        "w",
        "X: matrix(n, m); w: vector(m); y: vector(n); c: real",
    ),
    (
        "support vector machine",
        "0.5*w'*w + c*sum(relu(1 - y.*(X*w)))",
        "w",
        "X: matrix(n, m); w: vector(m); y: vector(n); c: real",
    ),
    ("Poisson regression", "sum(exp(X*w)) - y'*X*w", "w", "X: matrix(n, m); w: vector(m); y: vector(n)"),
    (
        "softmax regression",
        "logsumexp(W*x + b) - y'*(W*x + b)",
        "W",
        "W: matrix(k, m); x: vector(m); b: vector(k); y: vector(k)",
    ),
    (
        "matrix factorisation",
        "normF(R - U*V')^2 + c*(normF(U)^2 + normF(V)^2)",
        "U",
        "R: matrix(n, m); U: matrix(n, k); V: matrix(m, k); c: real",
    ),
    (
        "masked factorisation",
        "normF(M.*(R - U*V'))^2",
        "V",
        "R: matrix(n, m); M: matrix(n, m); U: matrix(n, k); V: matrix(m, k)",
    ),
    (
        "two-layer net",
        "norm2(V*tanh(W*x + b) - y)^2",
        "W",
        "V: matrix(p, m); W: matrix(m, n); x: vector(n); b: vector(m); y: vector(p)",
    ),
    (
        "two-layer net on a batch",
        "normF(relu(X*W)*V - Y)^2/n",
        "W",
        "X: matrix(n, m); W: matrix(m, k); V: matrix(k, p); Y: matrix(n, p)",
    ),
    (
        "Gaussian log-likelihood",
        "-0.5*(logdet(S) + (x - m)'*inv(S)*(x - m))",
        "S",
        "S: spd(n); x: vector(n); m: vector(n)",
    ),
    (
        "Gaussian process, noise",
        "y'*inv(K + s*eye(n))*y + logdet(K + s*eye(n))",
        "s",
        "K: spd(n); y: vector(n); s: positive",
    ),
    ("Rayleigh quotient", "x'*A*x/(x'*x)", "x", "A: symmetric(n); x: vector(n)"),
    (
        "Rosenbrock, with sums",
        "sum(i in 1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "x",
        "x: vector(n)",
    ),
    (
        "pairwise distances",
        "sum(i in 1..n, sum(j in 1..n, (D[i,j] - sum(k in 1..m, (X[i,k] - X[j,k])^2))^2))",
        "X",
        "X: matrix(n, m); D: matrix(n, n)",
    ),
];
