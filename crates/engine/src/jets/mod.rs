//! Automatic differentiation: truncated power series pushed through an expression as written.
//!
//! It shares the derivative column of the table with the symbolic side, and neither its simplifier nor its rewrites.
//! Of branches only the taken one counts; a comparison for equality counts as true only if both sides are equal
//! around the point, since a branch taken at a single point does not define a derivative. Conventions at kinks are
//! those of the table. Where a derivative has no value, that is said with the function and its arguments; no NaN
//! comes out.

mod jet;
mod layout;
mod partials;
#[cfg(test)]
mod tests;

use agnesi_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

use crate::noisy::Noisy;
use crate::{EvaluateError, Fault, Inner, Number, Program};
use jet::{Jet, JetContext};
use layout::Layout;

/// A derivative and a bound, to first order, on its rounding error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Automatic {
    /// The value.
    pub value: f64,
    /// The bound.
    pub error: f64,
}

/// Why there is no derivative.
#[derive(Clone, Debug, PartialEq)]
pub enum NoDerivative {
    /// The expression has no value there itself.
    Value(EvaluateError),
    /// A function has a value there and its derivative has none, such as sqrt at 0.
    Undefined {
        /// The function.
        function: SmolStr,
        /// Its arguments.
        arguments: Vec<f64>,
        /// The place.
        span: Span,
    },
    /// The expression has a value there, and around the point another formula holds with another value.
    Jump {
        /// The place.
        span: Span,
    },
    /// A function without a rule, a limit, a step too large.
    Failed(EvaluateError),
}

impl NoDerivative {
    /// The message for a person.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            NoDerivative::Value(error) | NoDerivative::Failed(error) => error.diagnostic(),
            NoDerivative::Undefined { function, arguments, span } => {
                let values: Vec<String> = arguments.iter().map(f64::to_string).collect();
                let what = match function.as_str() {
                    "/" => {
                        "the quotient has the form 0/0 or a pole here, pushed through as written".to_owned()
                    }
                    name => format!("{name} has no derivative at {}", values.join(", ")),
                };
                Diagnostic::error(Code::Domain, what, *span, "undefined here")
                    .with_hint("move the point a little, or simplify the expression")
            }
            NoDerivative::Jump { span } => {
                Diagnostic::error(Code::Domain, "the expression jumps at this point", *span, "undefined here")
                    .with_hint("take a point beside it")
            }
        }
    }
}

impl std::fmt::Display for NoDerivative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.diagnostic().message)
    }
}

impl std::error::Error for NoDerivative {}

/// The partial derivative of each output at a point: `orders` tells of each input that is differentiated in how many
/// times.
///
/// # Errors
/// Where an output or its derivative has no value.
pub fn partial(
    program: &Program,
    at: &[f64],
    orders: &[(usize, usize)],
) -> Result<Vec<Automatic>, NoDerivative> {
    let at: Vec<Noisy> = at.iter().map(|x| Noisy::exact(*x)).collect();
    partial_near(program, &at, orders)
}

/// The same where the point itself is known to some error only, which the bounds then count.
pub(crate) fn partial_near(
    program: &Program,
    at: &[Noisy],
    orders: &[(usize, usize)],
) -> Result<Vec<Automatic>, NoDerivative> {
    let used: Vec<(usize, usize)> = orders.iter().copied().filter(|(_, order)| *order > 0).collect();
    let layout = layout(used.iter().map(|(_, order)| *order).collect())?;
    let inputs: Vec<Jet<Noisy>> = at
        .iter()
        .enumerate()
        .map(|(input, x)| match used.iter().position(|(variable, _)| *variable == input) {
            Some(variable) => Jet::linear(*x, &[(variable, Noisy::exact(1.0))], &layout),
            None => Jet::constant(*x),
        })
        .collect();
    let index: Vec<usize> = used.iter().map(|(_, order)| *order).collect();
    let place = layout.position(&index).unwrap_or(0);
    let scale: f64 = index.iter().map(|order| factorial(*order)).product();
    let jets = run(program, at, &inputs, JetContext::new(layout))?;
    Ok(jets.iter().map(|jet| automatic(jet.coefficient(place), scale)).collect())
}

/// The partial derivatives of each output in every input: a row for each output.
///
/// # Errors
/// As [`partial`].
pub fn jacobian(program: &Program, at: &[f64]) -> Result<Vec<Vec<Automatic>>, NoDerivative> {
    let mut rows = vec![Vec::with_capacity(at.len()); program.outputs()];
    for input in 0..at.len() {
        for (row, entry) in rows.iter_mut().zip(partial(program, at, &[(input, 1)])?) {
            row.push(entry);
        }
    }
    Ok(rows)
}

/// The gradient of the first output.
///
/// # Errors
/// As [`partial`].
pub fn gradient(program: &Program, at: &[f64]) -> Result<Vec<Automatic>, NoDerivative> {
    Ok(jacobian(program, at)?.into_iter().next().unwrap_or_default())
}

/// The Hessian of the first output.
///
/// # Errors
/// As [`partial`].
pub fn hessian(program: &Program, at: &[f64]) -> Result<Vec<Vec<Automatic>>, NoDerivative> {
    let n = at.len();
    let mut rows: Vec<Vec<Automatic>> = Vec::with_capacity(n);
    for i in 0..n {
        // Symmetric: what lies below the diagonal is known.
        let mut row: Vec<Automatic> = rows.iter().map(|above| above[i]).collect();
        for j in i..n {
            let orders: &[(usize, usize)] = if i == j { &[(i, 2)] } else { &[(i, 1), (j, 1)] };
            row.extend(partial(program, at, orders)?.first());
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The Taylor coefficients of each output along a direction: of `f(at + t direction)` in t, from order 0 up.
///
/// # Errors
/// As [`partial`].
pub fn taylor(
    program: &Program,
    at: &[f64],
    direction: &[f64],
    order: usize,
) -> Result<Vec<Vec<Automatic>>, NoDerivative> {
    let at: Vec<Noisy> = at.iter().map(|x| Noisy::exact(*x)).collect();
    let layout = layout(vec![order])?;
    let slope = |input: usize| direction.get(input).copied().unwrap_or(0.0);
    let inputs: Vec<Jet<Noisy>> = at
        .iter()
        .enumerate()
        .map(|(input, x)| match slope(input) {
            0.0 => Jet::constant(*x),
            slope => Jet::linear(*x, &[(0, Noisy::exact(slope))], &layout),
        })
        .collect();
    let jets = run(program, &at, &inputs, JetContext::new(layout))?;
    Ok(jets.iter().map(|jet| (0..=order).map(|k| automatic(jet.coefficient(k), 1.0)).collect()).collect())
}

fn automatic(coefficient: Noisy, scale: f64) -> Automatic {
    Automatic { value: coefficient.value * scale, error: coefficient.error * scale }
}

fn factorial(n: usize) -> f64 {
    (2..=n).map(|k| k as f64).product()
}

fn layout(orders: Vec<usize>) -> Result<std::rc::Rc<Layout>, NoDerivative> {
    Layout::new(orders).map_err(|_| {
        NoDerivative::Failed(EvaluateError::Limit {
            node: agnesi_syntax::TreeId(0),
            span: Span::default(),
            what: "the order of derivatives".into(),
        })
    })
}

fn run(
    program: &Program,
    at: &[Noisy],
    inputs: &[Jet<Noisy>],
    context: JetContext<Noisy>,
) -> Result<Vec<Jet<Noisy>>, NoDerivative> {
    let values = program.values(at, &());
    let values = values.map_err(NoDerivative::Value)?;
    let jets = program.values(inputs, &context).map_err(|error| match error {
        EvaluateError::Domain { span, function, arguments, .. } => {
            let (function, arguments) = context.undefined().unwrap_or((function, arguments));
            NoDerivative::Undefined { function, arguments, span }
        }
        error => NoDerivative::Failed(error),
    })?;
    for (value, jet) in values.iter().zip(&jets) {
        let around = jet.coefficient(0);
        let room = 4.0 * (value.error + around.error) + f64::MIN_POSITIVE;
        let apart = (value.value - around.value).abs();
        if apart > room {
            return Err(NoDerivative::Jump { span: program.span() });
        }
        if jet_is_nan(jet, &context) {
            return Err(NoDerivative::Failed(EvaluateError::Overflow {
                node: agnesi_syntax::TreeId(0),
                span: program.span(),
                function: "this".into(),
            }));
        }
    }
    Ok(jets)
}

fn jet_is_nan(jet: &Jet<Noisy>, context: &JetContext<Noisy>) -> bool {
    (0..context.size()).any(|at| jet.coefficient(at).value.is_nan())
}

/// The derivative that stands inside a program, at plain numbers.
pub(crate) fn inner<N: Number<Context = ()>>(inner: &Inner, inputs: &[N]) -> Result<N, Fault> {
    let context = JetContext::new(Layout::new(Vec::new())?);
    let jets: Vec<Jet<N>> = inputs.iter().map(|input| Jet::constant(input.clone())).collect();
    Ok(Jet::derivative(inner, &jets, &context)?.coefficient(0))
}
