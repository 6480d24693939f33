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
        Reduction::Max => first(|a, b| a > b).map_or(E::lift(f64::NEG_INFINITY), |i| list[i]),
        Reduction::Min => first(|a, b| a < b).map_or(E::lift(f64::INFINITY), |i| list[i]),
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
