//! Functions that are a few operations of others: those others have kernels for many numbers at once.

use agnesi_functions::FunctionId;
use agnesi_graph::known;

use super::body::Builder;
use crate::ir::{Scalar, Value};

/// A function of one argument by others, at most four units in the last place off; `None` where it has a kernel of its
/// own, or none as good.
pub(super) fn by_others(builder: &mut Builder, function: FunctionId, x: Value) -> Option<Value> {
    let call = |builder: &mut Builder, f: FunctionId, x: Value| builder.push(Scalar::Call1(f, x));
    let over = |builder: &mut Builder, above: Value, below: Value| builder.push(Scalar::Div(above, below));
    let known = known();
    let one = |builder: &mut Builder| builder.number(1.0);
    Some(match function {
        // log(1 + exp(u)) and log(1 + u), which lose what is small beside 1, and overflow.
        f if f == known.log => {
            let u = builder.beside_one(x)?;
            match builder.argument(known.exp, u) {
                Some(inner) => call(builder, known.softplus, inner),
                None => call(builder, known.log1p, u),
            }
        }
        f if f == known.tan => {
            let (sine, cosine) = (call(builder, known.sin, x), call(builder, known.cos, x));
            over(builder, sine, cosine)
        }
        f if f == known.cot => {
            let (sine, cosine) = (call(builder, known.sin, x), call(builder, known.cos, x));
            over(builder, cosine, sine)
        }
        f if f == known.sec => {
            let (above, below) = (one(builder), call(builder, known.cos, x));
            over(builder, above, below)
        }
        f if f == known.csc => {
            let (above, below) = (one(builder), call(builder, known.sin, x));
            over(builder, above, below)
        }
        // 2e/(1 + e^2) with e = exp(-|x|), which never overflows.
        f if f == known.sech => {
            let size = call(builder, known.abs, x);
            let size = builder.push(Scalar::Neg(size));
            let e = call(builder, known.exp, size);
            let above = builder.scale(e, 2.0);
            let square = builder.push(Scalar::Mul(e, e));
            let one = one(builder);
            let below = builder.add(one, square);
            over(builder, above, below)
        }
        // e^2/2 + 1/(2 e^2) with e = exp(|x|/2), which overflows only where the value does.
        f if f == known.cosh => {
            let size = call(builder, known.abs, x);
            let half = builder.scale(size, 0.5);
            let e = call(builder, known.exp, half);
            let half = builder.scale(e, 0.5);
            let main = builder.push(Scalar::Mul(half, e));
            let quarter = builder.number(0.25);
            let rest = over(builder, quarter, main);
            builder.add(main, rest)
        }
        _ => return None,
    })
}
