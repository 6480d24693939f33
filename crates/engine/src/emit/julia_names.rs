//! The words of Julia: functions of rows, texts of those it lacks, and names that are taken.

/// Keywords, and names that the code uses.
pub(super) const RESERVED: &str = "baremodule begin break catch const continue do else elseif end export false finally for function \
    global if import let local macro module quote return struct true try using while in isa where abs acos acosh \
    asin asinh atan atanh cbrt ceil cholesky clamp cos cosh det diag diagm digamma dims dot dropdims erf erfc exp exp2 \
    expm1 eigen eigvals Symmetric fill findmax floor gamma getindex hypot I ifelse inv log log10 log1p log2 Matrix max \
    maximum min minimum mod ones permutedims pi polygamma prod reshape round sign sin sinh size sqrt sum tan tanh tr \
    trunc vec zeros zeta Inf NaN MathConstants axes CartesianIndex float beta erfcx erfinv erfcinv besselj besselj0 \
    besselj1 besseli besseli0 besseli1 sphericalbesselj sinint cosint expinti ellipk ellipe argmax Int Ref Diagonal eachcol isfinite besseli";

/// Functions that have a value everywhere: no others are held back in branches.
pub(super) const EVERYWHERE: [&str; 20] = [
    "exp", "expm1", "exp2", "sinh", "cosh", "tanh", "atan", "asinh", "abs", "sign", "min", "max", "floor",
    "ceil", "trunc", "erf", "erfc", "cbrt", "hypot", "relu",
];

/// Functions of SpecialFunctions, and those that are made of them.
pub(super) const SPECIAL: [&str; 23] = [
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "erfcinv",
    "gamma",
    "lgamma",
    "digamma",
    "polygamma",
    "beta",
    "zeta",
    "besselj0",
    "besselj1",
    "besselj",
    "besseli",
    "sphericalbesselj",
    "expinti",
    "sinint",
    "cosint",
    "ellipk",
    "ellipe",
    "besseli0",
    "besseli1",
];

/// The function of a row.
pub(super) fn function(row: &str) -> Option<&'static str> {
    Some(match row {
        "exp" => "exp",
        "log" => "log",
        "log2" => "log2",
        "log10" => "log10",
        "log1p" => "log1p",
        "expm1" => "expm1",
        "exp2" => "exp2",
        "sqrt" => "sqrt",
        "cbrt" => "cbrt",
        "pow" => "^",
        "hypot" => "hypot",
        "sin" => "sin",
        "cos" => "cos",
        "tan" => "tan",
        "asin" => "asin",
        "acos" => "acos",
        "atan" | "atan2" => "atan",
        "sinh" => "sinh",
        "cosh" => "cosh",
        "tanh" => "tanh",
        "asinh" => "asinh",
        "acosh" => "acosh",
        "atanh" => "atanh",
        "abs" => "abs",
        "sign" => "sign",
        "min" => "min",
        "max" => "max",
        "clamp" => "clamp",
        "floor" => "floor",
        "ceil" => "ceil",
        "trunc" => "trunc",
        "mod" => "mod",
        "erf" => "erf",
        "erfc" => "erfc",
        "erfcx" => "erfcx",
        "erfinv" => "erfinv",
        "erfcinv" => "erfcinv",
        "gamma" => "gamma",
        "lgamma" => "lgamma",
        "digamma" => "digamma",
        "polygamma" => "polygamma",
        "beta" => "beta",
        "zeta" => "zeta",
        "besselj0" => "besselj0",
        "besselj1" => "besselj1",
        "besselj" => "besselj",
        "besseli0" => "besseli0",
        "besseli1" => "besseli1",
        "besseli" => "besseli",
        "sphericalbesselj" => "sphericalbesselj",
        "Ei" => "expinti",
        "Si" => "sinint",
        "Ci" => "cosint",
        "elliptick" => "ellipk",
        "elliptice" => "ellipe",
        _ => return None,
    })
}

/// Functions with a text of their own.
pub(super) fn definition(name: &str) -> Option<&'static str> {
    Some(match name {
        "lgamma" => {
            r#""The logarithm of the magnitude of the gamma function."
lgamma(x) = logabsgamma(x)[1]
"#
        }
        "besseli0" => {
            r#""The modified Bessel function of order 0."
besseli0(x) = besseli(0, x)
"#
        }
        "besseli1" => {
            r#""The modified Bessel function of order 1."
besseli1(x) = besseli(1, x)
"#
        }
        "or_nan" => {
            r#""A function's value, or NaN outside of its domain: for branches that are not taken."
function or_nan(f, x...)
    try
        return float(f(x...))
    catch error
        error isa DomainError || rethrow()
        return NaN
    end
end
"#
        }
        "logsumexp" => {
            r#""log(sum(exp.(x))) without overflow."
function logsumexp(x; dims=:)
    top = maximum(x; dims=dims)
    top = ifelse.(isfinite.(top), top, 0.0)
    return log.(sum(exp.(x .- top); dims=dims)) .+ top
end
"#
        }
        "sqrtm" => {
            r#""The square root of a symmetric positive semidefinite matrix."
function sqrtm(a)
    w, v = eigen(Symmetric(a, :L))
    noise = length(w) * eps(eltype(w)) * maximum(abs, w)
    w = ifelse.(abs.(w) .<= noise, 0.0, w)
    return v * Diagonal(sqrt.(w)) * v'
end
"#
        }
        "logm" => {
            r#""The logarithm of a symmetric positive definite matrix."
function logm(a)
    w, v = eigen(Symmetric(a, :L))
    return v * Diagonal(log.(w)) * v'
end
"#
        }
        "eigenvectors" => {
            r#""Unit eigenvectors of a symmetric matrix as columns, the largest entry of each positive."
function eigenvectors(a)
    v = eigen(Symmetric(a, :L)).vectors
    return v .* [sign(column[argmax(abs.(column))]) for column in eachcol(v)]'
end
"#
        }
        _ => return None,
    })
}
