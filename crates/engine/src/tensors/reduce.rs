//! Reductions over the last axes.

use agnesi_graph::Reduction;

use super::entry::Entry;
use super::tensor::Tensor;

/// The last `axes` axes taken together.
pub(super) fn reduce<E: Entry>(how: Reduction, tensor: &Tensor<E>, axes: usize) -> Tensor<E> {
    let kept = tensor.shape.len().saturating_sub(axes);
    let shape = tensor.shape[..kept].to_vec();
    let length: usize = tensor.shape[kept..].iter().product();
    let count: usize = shape.iter().product();
    let data = (0..count).map(|i| one(how, &tensor.data[i * length..][..length])).collect();
    Tensor { shape, data }
}

fn one<E: Entry>(how: Reduction, list: &[E]) -> E {
    if let Some(nan) = list.iter().find(|x| x.primal().is_nan()) {
        return *nan;
    }
    let first = |better: fn(f64, f64) -> bool| {
        let mut best: Option<usize> = None;
        for (i, x) in list.iter().enumerate() {
            if best.is_none_or(|b| better(x.primal(), list[b].primal())) {
                best = Some(i);
            }
        }
        best
    };
    match how {
        Reduction::Max => shared(list, first(|a, b| a > b)).unwrap_or(E::lift(f64::NEG_INFINITY)),
        Reduction::Min => shared(list, first(|a, b| a < b)).unwrap_or(E::lift(f64::INFINITY)),
        Reduction::ArgMax => first(|a, b| a > b).map_or(E::lift(f64::NAN), |i| E::lift(i as f64 + 1.0)),
        Reduction::Product => {
            let mut numbers = list.iter();
            let start = numbers.next().copied().unwrap_or(E::lift(1.0));
            numbers.fold(start, |product, x| product * *x)
        }
        Reduction::LogSumExp => {
            let top = first(|a, b| a > b).map_or(f64::NEG_INFINITY, |i| list[i].primal());
            if top.is_infinite() {
                return E::lift(top);
            }
            let sum = list.iter().fold(E::lift(0.0), |sum, x| sum + (*x - E::lift(top)).exp());
            sum.ln() + E::lift(top)
        }
    }
}

/// The extreme at a place; equal ones share its slope evenly, which is the convention of the formula too.
fn shared<E: Entry>(list: &[E], at: Option<usize>) -> Option<E> {
    let best = list[at?];
    let equal = list.iter().filter(|x| x.primal() == best.primal()).count();
    if equal < 2 || best.primal().is_infinite() {
        return Some(best);
    }
    let share = 1.0 / equal as f64;
    // The value is that of one of them, without the rounding of a mean.
    let slopes = list
        .iter()
        .filter(|x| x.primal() == best.primal())
        .fold(E::lift(0.0), |sum, x| sum + (*x - E::lift(x.primal())).scale(share));
    Some(slopes + E::lift(best.primal()))
}
