//! Names that are neither functions of the table nor the user's: operators of calculus, reductions, matrix functions.

/// What a call of a reserved name does. The arguments of these are not settled before the operator is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Integral,
    Limit,
    Taylor,
    Derivative,
    Gradient,
    Jacobian,
    Hessian,
    Laplacian,
    Divergence,
    Along,
    Reduce(Reduce),
    If,
    Norm,
    /// Known, and not in this version.
    Later(&'static str),
}

/// Reductions that can be written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduce {
    Sum,
    Product,
    Min,
    Max,
    Mean,
}

/// The operator of a reserved name.
pub(super) fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        "integral" | "integrate" | "∫" => Operator::Integral,
        "limit" | "lim" => Operator::Limit,
        "taylor" | "series" => Operator::Taylor,
        "diff" | "derivative" => Operator::Derivative,
        "grad" | "gradient" | "∇" => Operator::Gradient,
        "jacobian" => Operator::Jacobian,
        "hessian" => Operator::Hessian,
        "laplacian" => Operator::Laplacian,
        "div" | "divergence" => Operator::Divergence,
        "along" => Operator::Along,
        "sum" => Operator::Reduce(Reduce::Sum),
        "prod" | "product" => Operator::Reduce(Reduce::Product),
        "min" => Operator::Reduce(Reduce::Min),
        "max" => Operator::Reduce(Reduce::Max),
        "mean" => Operator::Reduce(Reduce::Mean),
        "if" | "ifelse" => Operator::If,
        "norm" | "norm1" | "norm2" => Operator::Norm,
        "curl" => Operator::Later("the curl"),
        "fold" | "scan" => Operator::Later("loops"),
        "einsum" => Operator::Later("sums in Einstein's notation"),
        "logsumexp" | "softmax" | "logsoftmax" | "all" | "any" | "argmax" | "argmin" | "cumsum"
        | "cumprod" => Operator::Later("reductions over vectors"),
        "det" | "inv" | "tr" | "trace" | "logdet" | "normF" | "dot" | "cross" | "diag" | "transpose"
        | "eye" | "zeros" | "ones" | "kron" | "vec" | "cholesky" | "eigh" | "eig" | "svd" | "qr" | "lu"
        | "rank" | "strictlower" | "strictupper" | "tril" | "triu" | "concat" | "reshape" | "outer"
        | "hadamard" => Operator::Later("vectors and matrices"),
        _ => return None,
    })
}

/// Whether a name is reserved for an operator.
pub(super) fn is_operator(name: &str) -> bool {
    name.len() > 1 && operator(name).is_some()
}

/// Names of operators that a misspelt name may have meant.
pub(super) const OFFERED: &[&str] = &[
    "integral",
    "limit",
    "taylor",
    "grad",
    "jacobian",
    "hessian",
    "laplacian",
    "along",
    "sum",
    "prod",
    "mean",
];

/// The canonical name of a constant.
pub(crate) fn constant(name: &str) -> Option<&'static str> {
    match name {
        "pi" | "π" => Some("pi"),
        "e" | "E" => Some("e"),
        "inf" | "∞" | "infinity" | "Inf" => Some("inf"),
        _ if name.len() == 1 => None,
        _ => agnesi_functions::constant(name).map(|constant| constant.name),
    }
}

/// The function whose value is inverted by the one returned.
pub(crate) fn inverse(name: &str) -> Option<&'static str> {
    const PAIRS: &[(&str, &str)] = &[
        ("sin", "asin"),
        ("cos", "acos"),
        ("tan", "atan"),
        ("cot", "acot"),
        ("sec", "asec"),
        ("csc", "acsc"),
        ("sinh", "asinh"),
        ("cosh", "acosh"),
        ("tanh", "atanh"),
        ("coth", "acoth"),
        ("sech", "asech"),
        ("csch", "acsch"),
        ("exp", "log"),
        ("expm1", "log1p"),
        ("erf", "erfinv"),
        ("sigmoid", "logit"),
    ];
    PAIRS.iter().find_map(|&(f, g)| match name {
        _ if name == f => Some(g),
        _ if name == g => Some(f),
        _ => None,
    })
}

/// Whether a name may stand for a number without being declared: one letter, a Greek letter spelt out, or one of
/// these with a short index behind it, as in `x1`, `x_1`, `theta_max`.
pub(crate) fn is_symbol(name: &str) -> bool {
    let mut chars = name.chars();
    let Some(first) = chars.next() else { return false };
    if !first.is_alphabetic() {
        return false;
    }
    let rest = chars.as_str();
    if rest.is_empty() || is_index(rest) {
        return true;
    }
    let end = name.find(|c: char| c == '_' || c.is_ascii_digit()).unwrap_or(name.len());
    let (stem, index) = name.split_at(end);
    // A letter and combining marks above it are one letter.
    let one = stem.chars().skip(1).all(|c| !c.is_alphanumeric());
    (one || GREEK.contains(&stem)) && (index.is_empty() || is_index(index))
}

fn is_index(rest: &str) -> bool {
    rest.strip_prefix('_').is_some_and(|index| (1..=3).contains(&index.chars().count()))
        || rest.bytes().all(|b| b.is_ascii_digit())
}

const GREEK: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
];
