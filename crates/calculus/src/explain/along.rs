//! The directional derivative: gradient, direction of length 1, dot product.

use agnesi_graph::Rational;
use agnesi_syntax::{Binary, Code, Diagnostic, Tree, TreeId};

use super::forge::Node;
use super::work::{Draft, Work};
use super::{Derivation, Options, Rule, Words};

/// Explains the derivative of a settled scalar formula along a direction, whose components are settled formulas too.
///
/// The direction is normalised, and the steps say so. It fails like [`super::by_rules`], and with [`Code::Input`] if the
/// direction has not one component for each variable or is zero.
pub fn along(
    tree: &Tree,
    root: TreeId,
    variables: &[&str],
    direction: &[(&Tree, TreeId)],
    options: &Options,
) -> Result<Derivation, Diagnostic> {
    let mut work = Work::new(options);
    let span = tree.span(root);
    if variables.len() != direction.len() || variables.is_empty() {
        return Err(Diagnostic::error(
            Code::Input,
            format!("the direction has {} components for {} variables", direction.len(), variables.len()),
            span,
            "the function of these variables",
        )
        .with_hint(format!("give one number for each of {}", variables.join(", "))));
    }
    let formula = work.take(tree, root)?;
    let mut steps = Vec::new();
    let formula = work.resolve(formula, &mut steps)?;
    let components: Vec<TreeId> =
        direction.iter().map(|(t, id)| work.take(t, *id)).collect::<Result<_, Diagnostic>>()?;
    if components.iter().all(|&c| work.forge.is_number(c, 0)) {
        return Err(Diagnostic::error(
            Code::Input,
            "the zero vector has no direction",
            span,
            "asked for along 0",
        )
        .with_hint("give a vector with a component that is not 0"));
    }
    let names: Vec<String> = variables.iter().map(|v| v.to_string()).collect();
    let gradient = match names.as_slice() {
        [_] => work.partials(formula, &names, &mut steps)?,
        _ => {
            let (_, gradient) = work.gradient(formula, &names, &mut steps)?;
            match work.forge.node(gradient) {
                Node::Vector(parts) => parts,
                _ => {
                    return Err(Diagnostic::error(
                        Code::Unsupported,
                        "the derivative of a vector along a direction is not explained yet",
                        span,
                        "this is a vector",
                    )
                    .with_hint("explain one component at a time"));
                }
            }
        }
    };
    let unit = work.normalise(&components, &mut steps);
    let vector = work.forge.put(Node::Vector(components));
    let goal = work.forge.call("along", &[formula, vector]);
    let terms: Vec<TreeId> = gradient.iter().zip(&unit).map(|(&g, &u)| work.product(&[u, g])).collect();
    let after = work.sum(&terms);
    let (left, right) = (work.forge.put(Node::Vector(gradient)), work.forge.put(Node::Vector(unit)));
    let applied = Some(work.forge.call("dot", &[left, right]));
    let words =
        Words::say("The derivative along a direction is the dot product of the gradient and the direction.");
    let draft = Draft { rules: vec![Rule::Directional], statement: None, words, applied, children: vec![] };
    let step = work.step_from(goal, after, draft);
    steps.push(step);
    let result = work.simplified(after, &mut steps);
    Ok(work.finish(steps, goal, result))
}

impl Work<'_> {
    /// The direction divided by its length.
    fn normalise(&mut self, components: &[TreeId], steps: &mut Vec<super::Step>) -> Vec<TreeId> {
        let two = self.forge.integer(2);
        let squares: Vec<TreeId> = components
            .iter()
            .map(|&c| match self.forge.as_rational(c).and_then(|c| c.pow(2)) {
                Some(square) => self.forge.amount(&super::forge::Amount { value: square, decimal: false }),
                None => self.forge.raw(Binary::Pow, c, two),
            })
            .collect();
        let square = self.sum(&squares);
        let length = match self.forge.as_rational(square).and_then(|s| root(&s)) {
            Some(value) => self.forge.amount(&super::forge::Amount { value, decimal: false }),
            None => self.forge.call("sqrt", &[square]),
        };
        let before = self.forge.put(Node::Vector(components.to_vec()));
        if self.forge.is_number(length, 1) {
            return components.to_vec();
        }
        let unit: Vec<TreeId> = components.iter().map(|&c| self.quotient(c, length)).collect();
        let after = self.forge.put(Node::Vector(unit.clone()));
        let applied = Some(self.forge.raw(Binary::Div, before, length));
        let words = Words::say("A direction has length 1: divide ")
            .show(before)
            .and(" by its length ")
            .show(length)
            .and(".");
        let norm = self.forge.call("norm2", &[before]);
        let before = self.forge.raw(Binary::Div, before, norm);
        let draft = Draft { rules: vec![Rule::Normalise], statement: None, words, applied, children: vec![] };
        let step = self.step_from(before, after, draft);
        steps.push(step);
        unit
    }
}

/// The square root of a number, if it is rational.
fn root(square: &Rational) -> Option<Rational> {
    let (n, d) = square.small()?;
    let of =
        |n: i64| u64::try_from(n).ok().map(|n| n.isqrt()).filter(|r| r * r == n as u64).map(|r| r as i64);
    Rational::new(of(n)?, of(d)?)
}
