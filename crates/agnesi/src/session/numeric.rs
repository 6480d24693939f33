//! Formulas as functions of doubles, undefined where what was written is.

use agnesi_calculus::lost_conditions;
use agnesi_engine::{Prepared, Program};
use agnesi_graph::{NodeId, Style, known};
use agnesi_syntax::Code;
use smol_str::SmolStr;

use super::removable;
use super::understand::Understood;
use crate::protocol::Failure;

/// Some formulas in the same variables, for many evaluations.
pub(crate) struct Numeric {
    prepared: Prepared,
    /// Conditions that the formulas themselves no longer show.
    domain: Vec<Program>,
    outputs: usize,
}

impl Numeric {
    /// The value of the first formula: NaN where it has none.
    pub(crate) fn at(&mut self, x: &[f64]) -> f64 {
        if self.is_outside(x) {
            return f64::NAN;
        }
        self.prepared.eval(x)
    }

    /// The values of all.
    pub(crate) fn all(&mut self, x: &[f64], out: &mut [f64]) {
        if self.is_outside(x) {
            out.fill(f64::NAN);
        } else if self.outputs == 1 {
            out[0] = self.prepared.eval(x);
        } else {
            self.prepared.eval_all(x, out);
        }
    }

    fn is_outside(&self, x: &[f64]) -> bool {
        self.domain.iter().any(|condition| !condition.truth(x, &()).unwrap_or(true))
    }
}

impl Understood {
    /// Formulas made ready for doubles in these variables.
    pub(crate) fn numeric(&mut self, nodes: &[NodeId], names: &[SmolStr]) -> Result<Numeric, Failure> {
        let prepared = Prepared::from_program(self.program(nodes, names)?);
        // What is only left out at single points costs more than it tells here.
        let lost = match nodes {
            // Doubles give (-2)^(-2) a value, where x^x has none.
            [node, ..] if self.has_general_power(*node) => self.graph.conjuncts(self.domain),
            [node, ..] => lost_conditions(&mut self.graph, self.domain, *node),
            [] => Vec::new(),
        };
        let mut domain = Vec::new();
        for condition in lost {
            if !removable::is_isolated(&self.graph, condition) {
                domain.extend(self.program(&[condition], names));
            }
        }
        Ok(Numeric { prepared, domain, outputs: nodes.len() })
    }

    fn has_general_power(&self, node: NodeId) -> bool {
        self.graph
            .topological(node)
            .iter()
            .any(|n| self.graph.as_call(*n).is_some_and(|c| c.0 == known().pow))
    }

    /// Formulas as a program in these variables.
    pub(crate) fn program(&mut self, nodes: &[NodeId], names: &[SmolStr]) -> Result<Program, Failure> {
        let (tree, root) = match nodes {
            [node] => self.graph.raise(*node, Style::default()),
            nodes => self.graph.raise_vector(nodes, Style::default()),
        };
        Program::new(&tree, root, names, &self.taught)
            .map_err(|e| Failure::new(Code::Unsupported, e.diagnostic().message))
    }
}

/// A number with so many digits at most, as a decimal.
pub(crate) fn rounded(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits.saturating_sub(1)).parse().unwrap_or(x)
}

/// A number rounded up to three digits, for bounds.
pub(crate) fn rounded_up(x: f64) -> f64 {
    let near = rounded(x, 3);
    if near >= x || !x.is_finite() || x <= 0.0 {
        return near;
    }
    let unit = 10f64.powf(x.log10().floor() - 2.0);
    rounded(near + unit, 3).max(x)
}
