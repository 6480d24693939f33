//! The functions of the table, for [`Expr`].

use super::{Expr, Kind};

/// Any function of the notation, by its name: `call("logsumexp", [x])`. What is wrong with the name or the arguments is
/// said by [`Session::compile_expr`](crate::Session::compile_expr).
pub fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::new(Kind::Call(name.into(), args.into_iter().collect()))
}

macro_rules! table {
    ($($rust:ident($($arg:ident),*) = $name:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "` of the table of functions, entry by entry.")]
            #[allow(non_snake_case)]
            pub fn $rust($($arg: impl Into<Expr>),*) -> Expr {
                call($name, [$($arg.into()),*])
            }
        )*

        /// The names, with how many arguments each takes.
        #[cfg(test)]
        const NAMES: &[(&str, usize)] = &[$(($name, [$(stringify!($arg)),*].len())),*];
    };
}

table! {
    abs(x) = "abs";
    acos(x) = "acos";
    acosh(x) = "acosh";
    acot(x) = "acot";
    acoth(x) = "acoth";
    acsc(x) = "acsc";
    acsch(x) = "acsch";
    asec(x) = "asec";
    asech(x) = "asech";
    asin(x) = "asin";
    asinh(x) = "asinh";
    atan(x) = "atan";
    atan2(y, x) = "atan2";
    atanh(x) = "atanh";
    besseli(n, x) = "besseli";
    besseli0(x) = "besseli0";
    besseli1(x) = "besseli1";
    besselj(n, x) = "besselj";
    besselj0(x) = "besselj0";
    besselj1(x) = "besselj1";
    beta(x, y) = "beta";
    binomial(n, k) = "binomial";
    cbrt(x) = "cbrt";
    ceil(x) = "ceil";
    Ci(x) = "Ci";
    clamp(x, a, b) = "clamp";
    cos(x) = "cos";
    cosh(x) = "cosh";
    cot(x) = "cot";
    coth(x) = "coth";
    csc(x) = "csc";
    csch(x) = "csch";
    digamma(x) = "digamma";
    dilog(x) = "dilog";
    Ei(x) = "Ei";
    ellipticb(m) = "ellipticb";
    ellipticd(m) = "ellipticd";
    elliptice(m) = "elliptice";
    elliptick(m) = "elliptick";
    elu(x) = "elu";
    erf(x) = "erf";
    erfc(x) = "erfc";
    erfcinv(x) = "erfcinv";
    erfcx(x) = "erfcx";
    erfinv(x) = "erfinv";
    exp(x) = "exp";
    exp2(x) = "exp2";
    expm1(x) = "expm1";
    factorial(x) = "factorial";
    floor(x) = "floor";
    frac(x) = "frac";
    gamma(x) = "gamma";
    gd(x) = "gd";
    gelu(x) = "gelu";
    hardsigmoid(x) = "hardsigmoid";
    hardtanh(x) = "hardtanh";
    hypot(x, y) = "hypot";
    lambertw(x) = "lambertw";
    lambertwm1(x) = "lambertwm1";
    laplacecdf(x) = "laplacecdf";
    laplacepdf(x) = "laplacepdf";
    leaky_relu(x, a) = "leaky_relu";
    lgamma(x) = "lgamma";
    li(x) = "li";
    log(x) = "log";
    log10(x) = "log10";
    log1p(x) = "log1p";
    log2(x) = "log2";
    logaddexp(x, y) = "logaddexp";
    logcosh(x) = "logcosh";
    logisticpdf(x) = "logisticpdf";
    logit(x) = "logit";
    max(x, y) = "max";
    min(x, y) = "min";
    mish(x) = "mish";
    modulo(x, y) = "mod";
    normcdf(x) = "normcdf";
    norminv(x) = "norminv";
    normpdf(x) = "normpdf";
    polygamma(n, x) = "polygamma";
    pow(x, y) = "pow";
    relu(x) = "relu";
    root(x, n) = "root";
    round(x) = "round";
    sec(x) = "sec";
    sech(x) = "sech";
    selu(x) = "selu";
    Si(x) = "Si";
    sigmoid(x) = "sigmoid";
    sign(x) = "sign";
    silu(x) = "silu";
    sin(x) = "sin";
    sinc(x) = "sinc";
    sinh(x) = "sinh";
    softplus(x) = "softplus";
    softsign(x) = "softsign";
    sphericalbesselj(n, x) = "sphericalbesselj";
    sqrt(x) = "sqrt";
    step(x) = "step";
    tan(x) = "tan";
    tanh(x) = "tanh";
    xlogx(x) = "xlogx";
    xlogy(x, y) = "xlogy";
    zeta(x) = "zeta";
    zetaderiv(n, x) = "zetaderiv";
}

#[test]
fn every_row_of_the_table_is_here() {
    let mut rows: Vec<(&str, usize)> =
        agnesi_functions::table().iter().map(|row| (row.name, row.args.len())).collect();
    let mut names = NAMES.to_vec();
    rows.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, rows);
}
