//! The questions: one derivative, one of higher order, the gradient, the Jacobian or the Hessian matrix.

use agnesi_syntax::{Code, Diagnostic, Tree, TreeId};

use super::forge::Node;
use super::rule::ordinal;
use super::work::{Draft, Work};
use super::{Derivation, Options, Rule, Step, Words};

// A Hessian matrix of more variables would be explained on more pages than anyone reads.
const MOST_HESSIAN: usize = 4;

/// Explains the derivative of a settled formula, by rules.
///
/// With one variable it is the derivative of the order that the options ask for, order by order; with several, each
/// partial derivative and then the gradient (of a vector the Jacobian matrix, for order 2 the Hessian matrix). With no
/// variable named, a formula that is itself a derivative (`d/dx x^2`) is explained as it stands; otherwise the formula's
/// own variables are taken, in the order of the alphabet.
///
/// It fails with [`Code::Unsupported`] on what has no rule, and with [`Code::Limit`] where the formula is nested too
/// deeply to be explained.
pub fn by_rules(
    tree: &Tree,
    root: TreeId,
    variables: &[&str],
    options: &Options,
) -> Result<Derivation, Diagnostic> {
    let mut work = Work::new(options);
    let formula = work.take(tree, root)?;
    let mut steps = Vec::new();
    if variables.is_empty() && matches!(work.forge.node(formula), Node::Derivative(..) | Node::Where(..)) {
        let result = work.resolve(formula, &mut steps)?;
        return Ok(work.finish(steps, formula, result));
    }
    let formula = work.resolve(formula, &mut steps)?;
    let mut names: Vec<String> = variables.iter().map(|v| v.to_string()).collect();
    if names.is_empty() {
        names = work.forge.free_names(formula);
        names.sort();
    }
    let (goal, result) = match (names.as_slice(), options.order) {
        ([], _) => {
            return Err(Diagnostic::error(
                Code::Input,
                "there is no variable to differentiate by",
                tree.span(root),
                "this is a constant",
            )
            .with_hint("name a variable"));
        }
        ([one], order) => work.orders(formula, one, order.max(1), &mut steps)?,
        (several, 0 | 1) => work.gradient(formula, several, &mut steps)?,
        (several, 2) => work.hessian(formula, several, &mut steps)?,
        _ => {
            return Err(Diagnostic::error(
                Code::Unsupported,
                format!(
                    "derivatives of order {} in several variables at once are not explained",
                    options.order
                ),
                tree.span(root),
                "this has several variables",
            )
            .with_hint("choose one variable, or order 1 or 2"));
        }
    };
    Ok(work.finish(steps, goal, result))
}

impl Work<'_> {
    /// Copies the formula in.
    pub(crate) fn take(&mut self, tree: &Tree, root: TreeId) -> Result<TreeId, Diagnostic> {
        self.forge.import(tree, root).map_err(|id| {
            Diagnostic::error(
                Code::Unsupported,
                "only formulas of real numbers and vectors of them are explained so far",
                tree.span(id),
                "this is something else",
            )
            .with_hint("explain a scalar formula")
        })
    }

    pub(crate) fn finish(self, steps: Vec<Step>, goal: TreeId, result: TreeId) -> Derivation {
        Derivation { tree: self.forge.tree, steps, goal, result, cut: self.cut }
    }

    /// The other variables of a formula.
    fn held(&mut self, e: TreeId, variable: &str) -> Vec<String> {
        let mut names = self.forge.free_names(e);
        names.retain(|n| n != variable);
        names.sort();
        names
    }

    /// One variable, order by order.
    fn orders(
        &mut self,
        e: TreeId,
        variable: &str,
        order: u32,
        steps: &mut Vec<Step>,
    ) -> Result<(TreeId, TreeId), Diagnostic> {
        let held = self.held(e, variable);
        self.turn_to(variable, !held.is_empty());
        let x = self.forge.name(variable);
        let mut current = e;
        let mut goal = e;
        for k in 1..=order {
            goal = self.forge.put(Node::Derivative(self.partial, vec![x; k as usize], e));
            if order == 1 {
                current = self.partial_derivative(current, &held, steps)?;
                break;
            }
            let mut children = Vec::new();
            let next = self.partial_derivative(current, if k == 1 { &held } else { &[] }, &mut children)?;
            let words = match k {
                1 => Words::say("First the derivative itself."),
                _ => Words::say(format!("Differentiate the {} derivative, ", ordinal(k - 1)))
                    .show(current)
                    .and("."),
            };
            let draft =
                Draft { rules: vec![Rule::HigherOrder(k)], statement: None, words, applied: None, children };
            let step = self.step_from(goal, next, draft);
            steps.push(step);
            current = next;
        }
        Ok((goal, current))
    }

    /// One derivative in the current variable; where others are held constant, that is said.
    fn partial_derivative(
        &mut self,
        e: TreeId,
        held: &[String],
        steps: &mut Vec<Step>,
    ) -> Result<TreeId, Diagnostic> {
        if held.is_empty() {
            return self.differentiate(e, steps);
        }
        let mut own = Vec::new();
        let result = self.differentiate(e, &mut own)?;
        let said = Words::say(match held {
            [one] => format!("{one} is held constant."),
            [all @ .., last] => format!("{} and {last} are held constant.", all.join(", ")),
            [] => String::new(),
        });
        match own.as_mut_slice() {
            [one] if one.as_above.is_none() => {
                one.rules.insert(0, Rule::Partial);
                let words = std::mem::take(&mut one.words);
                one.words = if words.is_empty() { said } else { said.and(" ").then(words) };
                steps.append(&mut own);
            }
            _ => {
                let draft = Draft {
                    rules: vec![Rule::Partial],
                    statement: None,
                    words: said,
                    applied: None,
                    children: own,
                };
                let step = self.step(e, result, draft);
                steps.push(step);
            }
        }
        Ok(result)
    }

    /// All partial derivatives, each with its steps.
    pub(crate) fn partials(
        &mut self,
        e: TreeId,
        variables: &[String],
        steps: &mut Vec<Step>,
    ) -> Result<Vec<TreeId>, Diagnostic> {
        let mut partials = Vec::new();
        for variable in variables {
            let held = self.held(e, variable);
            self.turn_to(variable, true);
            partials.push(self.partial_derivative(e, &held, steps)?);
        }
        Ok(partials)
    }

    /// The gradient of a scalar, the Jacobian matrix of a vector.
    pub(crate) fn gradient(
        &mut self,
        e: TreeId,
        variables: &[String],
        steps: &mut Vec<Step>,
    ) -> Result<(TreeId, TreeId), Diagnostic> {
        let partials = self.partials(e, variables, steps)?;
        let columns: Option<Vec<Vec<TreeId>>> = partials
            .iter()
            .map(|&p| match self.forge.node(p) {
                Node::Vector(parts) => Some(parts),
                _ => None,
            })
            .collect();
        let order = variables.join(", ");
        let (rule, goal, after, words) = match columns {
            Some(columns) if matches!(self.forge.node(e), Node::Vector(_)) => {
                let height = columns.iter().map(Vec::len).min().unwrap_or(0);
                let rows: Vec<TreeId> = (0..height)
                    .map(|i| self.forge.put(Node::Vector(columns.iter().map(|c| c[i]).collect())))
                    .collect();
                let goal = self.forge.call("jacobian", &[e]);
                let words = format!("One row for each component, one column for each of {order}.");
                (Rule::Jacobian, goal, self.forge.put(Node::Matrix(rows)), words)
            }
            _ => {
                let goal = self.forge.call("grad", &[e]);
                let words = format!("The partial derivatives in the order {order}.");
                (Rule::Gradient, goal, self.forge.put(Node::Vector(partials)), words)
            }
        };
        let statement = match rule {
            Rule::Gradient => {
                let all: Vec<String> = variables.iter().map(|v| format!("∂f/∂{v}")).collect();
                Some(format!("∇f = [{}]", all.join(", ")))
            }
            _ => None,
        };
        let draft =
            Draft { rules: vec![rule], statement, words: Words::say(words), applied: None, children: vec![] };
        let step = self.step_from(goal, after, draft);
        steps.push(step);
        Ok((goal, after))
    }

    fn hessian(
        &mut self,
        e: TreeId,
        variables: &[String],
        steps: &mut Vec<Step>,
    ) -> Result<(TreeId, TreeId), Diagnostic> {
        if variables.len() > MOST_HESSIAN || matches!(self.forge.node(e), Node::Vector(_)) {
            return Err(Diagnostic::error(
                Code::Unsupported,
                format!(
                    "second derivatives are explained for scalar formulas of at most {MOST_HESSIAN} variables"
                ),
                self.forge.tree.span(e),
                "this has more",
            )
            .with_hint("choose one variable"));
        }
        let first = self.partials(e, variables, steps)?;
        let n = variables.len();
        let mut entries = vec![vec![e; n]; n];
        for i in 0..n {
            for j in i..n {
                let held = self.held(first[i], &variables[j]);
                self.turn_to(&variables[j], true);
                let mut children = Vec::new();
                let entry = self.partial_derivative(first[i], &held, &mut children)?;
                let names = [&variables[j], &variables[i]].map(|v| self.forge.name(v));
                let goal = self.forge.put(Node::Derivative(true, names.to_vec(), e));
                let words = match i == j {
                    true => {
                        Words::say("Differentiate ").show(first[i]).and(" once more in the same variable.")
                    }
                    false => Words::say("Differentiate ").show(first[i]).and(format!(
                        " in {}. The order does not matter where the result is continuous.",
                        variables[j]
                    )),
                };
                let (a, b) = (&variables[i], &variables[j]);
                let statement = match i == j {
                    true => format!("∂^2/∂{a}^2 f = ∂/∂{a} (∂/∂{a} f)"),
                    false => format!("∂^2/(∂{b} ∂{a}) f = ∂/∂{b} (∂/∂{a} f)"),
                };
                let rules = vec![Rule::HigherOrder(2)];
                let draft = Draft { rules, statement: Some(statement), words, applied: None, children };
                let step = self.step_from(goal, entry, draft);
                steps.push(step);
                entries[i][j] = entry;
                entries[j][i] = entry;
            }
        }
        let rows: Vec<TreeId> = entries.into_iter().map(|row| self.forge.put(Node::Vector(row))).collect();
        let after = self.forge.put(Node::Matrix(rows));
        let goal = self.forge.call("hessian", &[e]);
        let words = Words::say(format!("Rows and columns in the order {}.", variables.join(", ")));
        let statement = Some(Rule::Hessian.statement());
        let draft = Draft { rules: vec![Rule::Hessian], statement, words, applied: None, children: vec![] };
        let step = self.step_from(goal, after, draft);
        steps.push(step);
        Ok((goal, after))
    }
}
