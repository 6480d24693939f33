//! Rows that are written as functions of their own, in terms of others, where a language has none: one text for all
//! languages. Each form keeps its precision where the plain formula loses it.

use agnesi_graph::Rational;

use super::functions::{add, div, f, half_power, int, mul, sub};
use super::value::{Kind, Relation, Value};

/// A function written in the language.
pub(super) struct Helper {
    /// The names of its arguments.
    pub args: &'static [&'static str],
    /// A line on what it is.
    pub doc: &'static str,
    /// Names and what they stand for.
    pub steps: Vec<(&'static str, Value)>,
    /// What it returns.
    pub result: Value,
}

fn local(name: &'static str) -> Value {
    Value::scalar(Kind::Local(name))
}

fn decimal(text: &str) -> Value {
    Value::number(&Rational::parse_decimal(text).unwrap_or(Rational::ZERO))
}

fn positive(x: Value, yes: Value, no: Value) -> Value {
    Value::choose(Value::compare(Relation::Greater, x, int(0)), yes, no)
}

fn is_zero(x: Value) -> Value {
    Value::compare(Relation::Equal, x, int(0))
}

/// `exp(-|x|)`, which never overflows.
fn decay(x: Value) -> Value {
    f("exp", f("abs", x).negated())
}

/// The helper of a row; `None` if it has none.
pub(super) fn helper(name: &str) -> Option<Helper> {
    let x = || local("x");
    let y = || local("y");
    let a = || local("a");
    let e = || local("e");
    let one = |doc, result| Some(Helper { args: &["x"], doc, steps: Vec::new(), result });
    let two = |doc, result| Some(Helper { args: &["x", "y"], doc, steps: Vec::new(), result });
    let stepped = |doc, steps, result| Some(Helper { args: &["x"], doc, steps, result });
    match name {
        "sigmoid" => stepped(
            "1 / (1 + exp(-x)) without overflow.",
            vec![("e", decay(x()))],
            div(
                Value::choose(Value::compare(Relation::GreaterEqual, x(), int(0)), int(1), e()),
                add(int(1), e()),
            ),
        ),
        "softplus" => one("log(1 + exp(x)) without overflow.", add(f("relu", x()), f("log1p", decay(x())))),
        "logit" => one("log(x / (1 - x)).", f("log", div(x(), sub(int(1), x())))),
        "relu" => one("x where it is positive, else 0.", Value::call("max", vec![x(), int(0)])),
        "leaky_relu" => Some(Helper {
            args: &["x", "a"],
            doc: "x where it is positive, else a*x.",
            steps: Vec::new(),
            result: positive(x(), x(), mul(a(), x())),
        }),
        "elu" => one("x where it is positive, else exp(x) - 1.", positive(x(), x(), f("expm1", x()))),
        "selu" => one(
            "elu with the two scales of self-normalizing networks.",
            positive(
                x(),
                mul(decimal("1.0507009873554804934193349852946"), x()),
                mul(decimal("1.7580993408473768599402175208123"), f("expm1", x())),
            ),
        ),
        "gelu" => one("x times the normal distribution function.", mul(x(), f("normcdf", x()))),
        "silu" => one("x * sigmoid(x).", mul(x(), f("sigmoid", x()))),
        "mish" => one("x * tanh(softplus(x)).", mul(x(), f("tanh", f("softplus", x())))),
        "softsign" => one("x / (1 + |x|).", div(x(), add(int(1), f("abs", x())))),
        "step" => one("1 where x is positive, else 0.", positive(x(), int(1), int(0))),
        "sign" => one("The sign of x.", positive(x(), int(1), positive(x().negated(), int(-1), int(0)))),
        "frac" => one("x less its floor.", sub(x(), f("floor", x()))),
        "round" => stepped(
            "The nearest whole number, halves away from 0.",
            vec![("whole", f("trunc", x()))],
            add(
                local("whole"),
                Value::choose(
                    Value::compare(
                        Relation::GreaterEqual,
                        f("abs", sub(x(), local("whole"))),
                        Value::number(&Rational::HALF),
                    ),
                    f("sign", x()),
                    int(0),
                ),
            ),
        ),
        "sinc" => one(
            "sin(x) / x, and 1 at 0.",
            Value::choose(is_zero(x()), int(1), div(f("sin", x()), Value::choose(is_zero(x()), int(1), x()))),
        ),
        "xlogx" => one("x * log(x), and 0 at 0.", Value::call("xlogy", vec![x(), x()])),
        "xlogy" => two(
            "x * log(y), and 0 where x is 0.",
            Value::choose(is_zero(x()), int(0), mul(x(), f("log", Value::choose(is_zero(x()), int(1), y())))),
        ),
        "logaddexp" => two(
            "log(exp(x) + exp(y)) without overflow.",
            add(Value::call("max", vec![x(), y()]), f("log1p", decay(sub(x(), y())))),
        ),
        "logcosh" => stepped(
            "log(cosh(x)) without overflow, precise near 0.",
            vec![("u", f("abs", x()))],
            Value::choose(
                Value::compare(Relation::Less, local("u"), int(1)),
                div(f("log1p", f("sinh", local("u")).power(&Rational::TWO)), int(2)),
                sub(add(local("u"), f("log1p", f("exp", mul(int(-2), local("u"))))), f("log", int(2))),
            ),
        ),
        "cbrt" => one(
            "The real cube root.",
            mul(f("sign", x()), Value::call("pow", vec![f("abs", x()), div(int(1), int(3))])),
        ),
        "root" => Some(Helper {
            args: &["x", "n"],
            doc: "The real n-th root.",
            steps: Vec::new(),
            result: Value::choose(
                Value::scalar(Kind::All(vec![
                    Value::compare(Relation::Less, x(), int(0)),
                    Value::compare(Relation::Equal, Value::call("mod", vec![local("n"), int(2)]), int(0)),
                ])),
                Value::scalar(Kind::Constant("nan", f64::NAN)),
                mul(f("sign", x()), Value::call("pow", vec![f("abs", x()), div(int(1), local("n"))])),
            ),
        }),
        "logisticpdf" => stepped(
            "The density of the logistic distribution.",
            vec![("e", decay(x()))],
            div(e(), add(int(1), e()).power(&Rational::TWO)),
        ),
        "laplacecdf" => stepped(
            "The distribution function of Laplace's distribution.",
            vec![("e", div(decay(x()), int(2)))],
            Value::choose(Value::compare(Relation::Less, x(), int(0)), e(), sub(int(1), e())),
        ),
        "normcdf" => one(
            "The normal distribution function.",
            div(f("erfc", div(x(), half_power(int(2))).negated()), int(2)),
        ),
        "norminv" => one(
            "The quantile of the normal distribution.",
            mul(half_power(int(2)), f("erfcinv", mul(int(2), x()))).negated(),
        ),
        "factorial" => one("The gamma function at x + 1.", f("gamma", add(x(), int(1)))),
        "beta" => two(
            "The beta function, for positive x and y.",
            f("exp", sub(add(f("lgamma", x()), f("lgamma", y())), f("lgamma", add(x(), y())))),
        ),
        "li" => one("The logarithmic integral.", f("Ei", f("log", x()))),
        _ => None,
    }
}
