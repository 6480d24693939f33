//! Products of numbers, scalars and tensors entry by entry, as they are written: `2 * a * X / n`.

use agnesi_graph::Rational;

use super::value::{Arithmetic, Kind, Value};

/// A number as it stands before a product and behind its division sign: `0.5`, or `2` and `3`.
fn parts(c: &Rational) -> (Option<Value>, Option<Value>) {
    if c.is_one() {
        return (None, None);
    }
    let short = c.to_decimal().is_some_and(|text| text.len() <= 6);
    match c.small() {
        Some((p, q)) if q != 1 && !short => ((p != 1).then(|| Value::integer(p)), Some(Value::integer(q))),
        _ => (Some(Value::number(c)), None),
    }
}

/// A number that is not negative, times a value.
pub(super) fn scaled(c: &Rational, value: Value) -> Value {
    written(c, vec![(value, Rational::ONE)])
}

/// The product of a number and values raised to powers, those of negative powers below a division sign.
pub(super) fn written(c: &Rational, powers: Vec<(Value, Rational)>) -> Value {
    let (top, bottom) = parts(&c.abs());
    let mut above: Vec<Value> = top.into_iter().collect();
    let mut below: Vec<Value> = bottom.into_iter().collect();
    // Numbers first, then scalars: what is small is multiplied before it meets a tensor.
    let (scalars, tensors): (Vec<_>, Vec<_>) = powers.into_iter().partition(|(v, _)| v.is_scalar());
    for (value, exponent) in scalars.into_iter().chain(tensors) {
        match exponent.is_negative() {
            true => below.push(value.power(&exponent.abs())),
            false => above.push(value.power(&exponent)),
        }
    }
    // A scalar that divides is divided by last, when nothing but tensors stands above.
    let above = above.into_iter().reduce(|a, b| Value::arithmetic(Arithmetic::Multiply, a, b));
    let below = below.into_iter().reduce(|a, b| Value::arithmetic(Arithmetic::Multiply, a, b));
    let product = match (above, below) {
        (None, None) => Value::integer(1),
        (Some(above), None) => above,
        (above, Some(below)) => {
            Value::arithmetic(Arithmetic::Divide, above.unwrap_or_else(|| Value::integer(1)), below)
        }
    };
    match (c.is_negative(), &*product.kind) {
        (true, Kind::Number(c)) => Value::number(&-c),
        (true, _) => product.negated(),
        (false, _) => product,
    }
}
