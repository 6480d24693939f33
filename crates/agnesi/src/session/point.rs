//! A point of a request, exact, and values of formulas there.

use agnesi_engine::{EvaluateError, Program, exact};
use agnesi_graph::{Graph, NodeId, Rational, Style};
use agnesi_syntax::{Code, Diagnostic, Span, Tree, TreeId};
use smol_str::SmolStr;

use super::removable::{self, AtPoint};
use super::understand::{Understood, failure, settle_text};
use crate::protocol::{Failure, Given, Note, Number, Request, Value};

/// A value given to a variable.
#[derive(Clone, Debug)]
pub(crate) struct Coordinate {
    /// The variable.
    pub name: SmolStr,
    /// The exact value, as a node of the request's graph.
    pub node: NodeId,
    /// The nearest double.
    pub near: f64,
}

/// A point: a value for each free variable.
pub(crate) type Point = Vec<Coordinate>;

/// Values of several formulas at one point.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    /// The doubles.
    pub doubles: Vec<f64>,
    /// How far each may be off beyond its last digit; 0 where it is the nearest double.
    pub errors: Vec<f64>,
    /// The exact values as nodes, where they are short.
    pub closed: Vec<Option<NodeId>>,
    /// Whether some of it is a limit, since the formula as written has no value at the point.
    pub by_limit: bool,
}

impl Values {
    /// The values in the shape of the formula.
    pub(crate) fn value(&self, shape: &[usize]) -> Value {
        arrange(&self.doubles, shape)
    }

    /// The errors in the shape of the formula, if there are any.
    pub(crate) fn error(&self, shape: &[usize]) -> Option<Value> {
        self.errors.iter().any(|e| *e > 0.0).then(|| arrange(&self.errors, shape))
    }
}

/// Numbers in the shape of a formula.
pub(crate) fn arrange(numbers: &[f64], shape: &[usize]) -> Value {
    match shape {
        [] => Value::scalar(numbers.first().copied().unwrap_or(f64::NAN)),
        [_] => Value::vector(numbers),
        [_, columns, ..] => Value::matrix(&numbers.chunks((*columns).max(1)).collect::<Vec<_>>()),
    }
}

/// A number or constant expression, as given for a field, as a node of a graph.
pub(crate) fn exact_value(u: &mut Understood, given: &Given, field: &str) -> Result<Coordinate, Failure> {
    let name = SmolStr::new(field.strip_prefix("at.").unwrap_or(field));
    let text = given.to_string();
    if let Given::Array(_) = given {
        return Err(unsupported_array(&text, field));
    }
    if let Given::Number(Number(x)) = given {
        // The shortest decimal that reads as this double is what was written.
        let plain = format!("{:e}", x.abs());
        if let Some(value) = Rational::parse_decimal(&plain).filter(|_| x.is_finite()) {
            let value = if *x < 0.0 { -&value } else { value };
            return Ok(Coordinate { name, near: *x, node: u.graph.number(value) });
        }
        let d = Diagnostic::error(Code::Input, "a point must be finite", whole(&text), "not a finite number");
        return Err(failure(&[d.with_hint("give a number such as 0.62, 1/3 or pi/4")], field));
    }
    let settled = settle_text(&u.scope, &text, field, u.limit)?;
    if let Some(free) = settled.inputs.first() {
        let d = Diagnostic::error(
            Code::Name,
            format!("`{free}` has no value here"),
            whole(&text),
            "a point is made of numbers",
        );
        return Err(failure(&[d.with_hint("give a number such as 0.62, 1/3 or pi/4")], field));
    }
    let made =
        u.graph.elaborate(&settled.tree, settled.root, &mut u.tools).map_err(|d| failure(&[d], field))?;
    let ([node], true) = (&made.components[..], made.shape.is_empty()) else {
        return Err(unsupported_array(&text, field));
    };
    let near = exact::value(&settled.tree, settled.root, &[], &u.taught, &exact::Limits::default())
        .map_err(|e| evaluation(&e, &text, field))?;
    Ok(Coordinate { name, node: *node, near: near.value })
}

fn whole(text: &str) -> Span {
    Span::new(0, text.len())
}

fn unsupported_array(text: &str, field: &str) -> Failure {
    let d = Diagnostic::error(
        Code::Unsupported,
        "vectors and matrices as values come with a later version",
        whole(text),
        "not one number",
    );
    failure(&[d.with_hint("give one number for each variable")], field)
}

/// An error of evaluation with the whole field as its place.
fn evaluation(error: &EvaluateError, text: &str, field: &str) -> Failure {
    let mut d = error.diagnostic();
    for label in &mut d.labels {
        label.span = whole(text);
    }
    failure(&[d], field)
}

impl Understood {
    /// The request's point: a value for every free variable, and for nothing else.
    pub(crate) fn point(&mut self, request: &Request) -> Result<Point, Failure> {
        let variables = self.variables();
        let mut point = Point::with_capacity(variables.len());
        for (name, given) in &request.at {
            let field = format!("at.{name}");
            if !variables.iter().any(|v| v == name) && !request.wrt.iter().any(|w| w == name) {
                let text = given.to_string();
                let d = Diagnostic::error(
                    Code::Name,
                    format!("the formula has no variable `{name}`"),
                    whole(&text),
                    "a value for nothing",
                );
                let hint = match &variables[..] {
                    [] => "it has no variables at all".to_string(),
                    all => format!("its variables are {}", all.join(", ")),
                };
                return Err(failure(&[d.with_hint(hint)], &field));
            }
            point.push(exact_value(self, given, &field)?);
        }
        if let Some(missing) = variables.iter().find(|v| !point.iter().any(|c| c.name == **v)) {
            let span = self.settled.tree.span(self.settled.root);
            let d = Diagnostic::error(
                Code::Name,
                format!("`{missing}` has no value"),
                span,
                "needed for a value here",
            )
            .with_hint(format!("add {missing} to the point, as in {missing}=2"));
            return Err(failure(&[d], "expr"));
        }
        Ok(point)
    }

    /// Refuses a point outside the domain of what was written; a point that is only left out, as 0 is by sin(x)/x,
    /// passes and is said. Returns whether it was such a point.
    pub(crate) fn check_domain(&mut self, point: &Point) -> Result<bool, Failure> {
        let mut left_out = false;
        for condition in self.graph.conjuncts(self.domain) {
            match self.holds(condition, point) {
                Some(true) => {}
                // Undecided: evaluation itself will tell.
                None => {}
                Some(false) if removable::is_isolated(&self.graph, condition) => left_out = true,
                // What was written can have a value where the condition, stated for all cases, fails: x^n with n = 2.
                Some(false) if self.has_value(point) => {}
                Some(false) => {
                    let text = self.text_of(condition);
                    let span = self.settled.tree.span(self.settled.root);
                    let at = describe_point(point);
                    let d = Diagnostic::error(
                        Code::Domain,
                        format!("this is not defined at {at}"),
                        span,
                        format!("defined only where {text}"),
                    );
                    return Err(failure(&[d.with_hint("choose a point inside the domain")], "expr"));
                }
            }
        }
        Ok(left_out)
    }

    /// Whether the formula as written has a value at a point.
    fn has_value(&mut self, point: &Point) -> bool {
        let names: Vec<SmolStr> = point.iter().map(|c| c.name.clone()).collect();
        let at: Vec<f64> = point.iter().map(|c| c.near).collect();
        Program::new(&self.settled.tree, self.settled.root, &names, &self.taught).is_ok_and(|program| {
            program.values::<f64>(&at, &()).is_ok_and(|v| v.iter().all(|x| x.is_finite()))
        })
    }

    /// Whether a condition holds at a point.
    pub(crate) fn holds(&mut self, condition: NodeId, point: &Point) -> Option<bool> {
        let mut at = condition;
        for c in point {
            if let Some(symbol) = self.graph.find_symbol(&c.name) {
                at = self.graph.substitute(at, symbol, c.node);
            }
        }
        if let Some(truth) = self.graph.as_truth(at) {
            return Some(truth);
        }
        let (tree, root) = self.graph.raise(condition, Style::default());
        let names: Vec<SmolStr> = point.iter().map(|c| c.name.clone()).collect();
        let program = Program::new(&tree, root, &names, &self.taught).ok()?;
        let inputs: Vec<f64> = point.iter().map(|c| c.near).collect();
        program.truth(&inputs, &()).ok()
    }

    /// The values of formulas at a point, with rising precision until the doubles are certain. Where a formula has a
    /// removable singularity at the point, its limit.
    pub(crate) fn exact_values(&mut self, nodes: &[NodeId], point: &Point) -> Result<Values, Failure> {
        let by_limit = self.check_domain(point)?;
        if by_limit {
            // Left out of the domain: there is a value only where the formula itself has a limit.
            for component in self.components.clone() {
                let at = AtPoint::new(&mut self.graph, &mut self.tools, point).value(component);
                if !matches!(at, removable::Found::Closed { .. }) {
                    return Err(self.no_value(component, point));
                }
            }
        }
        let mut values = self.values(nodes, point)?;
        values.by_limit |= by_limit;
        Ok(values)
    }

    /// The values of formulas without variables.
    pub(crate) fn exact_values_anywhere(&mut self, nodes: &[NodeId]) -> Result<Values, Failure> {
        self.values(nodes, &Point::new())
    }

    fn values(&mut self, nodes: &[NodeId], point: &Point) -> Result<Values, Failure> {
        let mut values = Values { doubles: vec![], errors: vec![], closed: vec![], by_limit: false };
        for node in nodes {
            let at = AtPoint::new(&mut self.graph, &mut self.tools, point).value(*node);
            let target = match at {
                removable::Found::Closed { node, by_limit } => {
                    values.by_limit |= by_limit;
                    node
                }
                removable::Found::Infinite(sign) => {
                    values.doubles.push(sign * f64::INFINITY);
                    values.errors.push(0.0);
                    values.closed.push(None);
                    continue;
                }
                removable::Found::None => {
                    return Err(self.no_value(*node, point));
                }
            };
            let exact = closed_value(&mut self.graph, target, &self.taught)
                .or_else(|_| formula_value(&mut self.graph, *node, point, &self.taught))
                .map_err(|e| self.evaluation_failure(&e))?;
            values.doubles.push(exact.value);
            values.errors.push(if exact.certain { 0.0 } else { exact.error });
            values.closed.push((self.tools.simplifier.cost(&mut self.graph, target) <= 24).then_some(target));
        }
        Ok(values)
    }

    fn no_value(&mut self, node: NodeId, point: &Point) -> Failure {
        let text = self.text_of(node);
        let span = self.settled.tree.span(self.settled.root);
        let at = describe_point(point);
        let d = Diagnostic::error(
            Code::Domain,
            format!("there is no value at {at}"),
            span,
            format!("{text} has none there"),
        );
        failure(&[d.with_hint("ask for one side, or for another point")], "expr")
    }

    fn evaluation_failure(&self, error: &EvaluateError) -> Failure {
        let span = self.settled.tree.span(self.settled.root);
        let mut d = error.diagnostic();
        d.labels.iter_mut().for_each(|label| label.span = span);
        failure(&[d], "expr")
    }

    /// The point as the protocol's map.
    pub(crate) fn point_map(point: &Point) -> std::collections::BTreeMap<String, Number> {
        point.iter().map(|c| (c.name.to_string(), Number(c.near))).collect()
    }

    /// A note that a value is a limit.
    pub(crate) fn note_limit(&mut self, point: &Point) {
        let at = describe_point(point);
        self.notes.push(Note::new(format!(
            "the formula as written has no value at {at}; the value given is its limit there"
        )));
    }
}

/// The value of a node without symbols.
fn closed_value(
    g: &mut Graph,
    node: NodeId,
    taught: &[agnesi_graph::Taught],
) -> Result<exact::Exact, EvaluateError> {
    let (tree, root): (Tree, TreeId) = g.raise(node, Style::default());
    exact::value(&tree, root, &[], taught, &exact::Limits::default())
}

/// The value of a formula at the doubles of a point, where the substituted form could not be evaluated.
fn formula_value(
    g: &mut Graph,
    node: NodeId,
    point: &Point,
    taught: &[agnesi_graph::Taught],
) -> Result<exact::Exact, EvaluateError> {
    let (tree, root) = g.raise(node, Style::default());
    let trees: Vec<(SmolStr, (Tree, TreeId))> =
        point.iter().map(|c| (c.name.clone(), g.raise(c.node, Style::default()))).collect();
    let at: Vec<(SmolStr, exact::Input)> = trees
        .iter()
        .map(|(name, (tree, root))| (name.clone(), exact::Input::Constant(tree, *root)))
        .collect();
    exact::value(&tree, root, &at, taught, &exact::Limits::default())
}

/// `x = 2, y = 3`.
pub(crate) fn describe_point(point: &Point) -> String {
    if point.is_empty() {
        return "this place".into();
    }
    point.iter().map(|c| format!("{} = {}", c.name, c.near)).collect::<Vec<_>>().join(", ")
}
