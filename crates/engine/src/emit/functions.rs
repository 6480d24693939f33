//! Rows of the table that are written with others where they stand, each argument once.

use agnesi_graph::Rational;

use super::value::{Arithmetic, Value};

pub(super) fn add(a: Value, b: Value) -> Value {
    Value::arithmetic(Arithmetic::Add, a, b)
}

pub(super) fn sub(a: Value, b: Value) -> Value {
    Value::arithmetic(Arithmetic::Subtract, a, b)
}

pub(super) fn mul(a: Value, b: Value) -> Value {
    Value::arithmetic(Arithmetic::Multiply, a, b)
}

pub(super) fn div(a: Value, b: Value) -> Value {
    Value::arithmetic(Arithmetic::Divide, a, b)
}

pub(super) fn int(n: i64) -> Value {
    Value::integer(n)
}

pub(super) fn f(name: &'static str, x: Value) -> Value {
    Value::call(name, vec![x])
}

pub(super) fn pi() -> Value {
    Value::scalar(super::value::Kind::Constant("pi", std::f64::consts::PI))
}

pub(super) fn half_power(x: Value) -> Value {
    x.power(&Rational::HALF)
}

/// `name(args)` of the table, in terms of rows that languages have, where the arguments stand no more than once.
pub(super) fn call(name: &'static str, args: Vec<Value>) -> Value {
    let one = match &args[..] {
        [x] => Some(x.clone()),
        _ => None,
    };
    let Some(x) = one else {
        return Value::call(name, args);
    };
    let over = |f_name, x| div(int(1), f(f_name, x));
    match name {
        "cot" => over("tan", x),
        "sec" => over("cos", x),
        "csc" => over("sin", x),
        "coth" => over("tanh", x),
        "sech" => over("cosh", x),
        "csch" => over("sinh", x),
        "acot" => f("atan", div(int(1), x)),
        "asec" => f("acos", div(int(1), x)),
        "acsc" => f("asin", div(int(1), x)),
        "acoth" => f("atanh", div(int(1), x)),
        "asech" => f("acosh", div(int(1), x)),
        "acsch" => f("asinh", div(int(1), x)),
        "gd" => f("atan", f("sinh", x)),
        "normpdf" => {
            let exponent = div(x.power(&Rational::TWO), int(2)).negated();
            div(f("exp", exponent), half_power(mul(int(2), pi())))
        }
        "laplacepdf" => div(f("exp", f("abs", x).negated()), int(2)),
        "hardsigmoid" => {
            Value::call("clamp", vec![add(div(x, int(6)), Value::number(&Rational::HALF)), int(0), int(1)])
        }
        "hardtanh" => Value::call("clamp", vec![x, int(-1), int(1)]),
        _ => Value::call(name, args),
    }
}
