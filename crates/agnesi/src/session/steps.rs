//! Derivations for `explain`, and for `diff` with its steps.

use std::cell::RefCell;

use agnesi_calculus::explain::{self, Derivation, Detail, GraphRows, Options, PlainStep};
use agnesi_graph::{Graph, Style};
use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId};
use smol_str::SmolStr;

use super::diff::{Derivative, Kind as Taken};
use super::point::exact_value;
use super::understand::{Understood, failure};
use crate::protocol::{Failure, Form, Request, Step};

/// The steps of a derivative, and its conditions. The last step ends in the derivative as `diff` prints it.
pub(crate) fn of(
    u: &mut Understood,
    request: &Request,
    d: &Derivative,
) -> Result<(Vec<Step>, Vec<String>), Failure> {
    let mut conditions = u.conditions(&d.entries);
    conditions.dedup();
    let direction = direction(u, request)?;
    let mut steps = match &d.kind {
        Taken::Ordinary(0) => Vec::new(),
        _ => derive(u, request, d, &direction)?,
    };
    let (formula, _) = u.formula_of(&d.entries, &d.shape);
    finish(&mut steps, formula);
    Ok((steps, conditions))
}

/// The steps of a formula that is itself a derivative, as it stands: `d/dx x^2`, `f'(3)`.
pub(crate) fn as_written(u: &mut Understood) -> Result<Vec<Step>, Failure> {
    let found = with_options(u, 1, |tree, root, options| explain::by_rules(tree, root, &[], options))?;
    let mut steps = plain(&found);
    let entries: Vec<_> = u
        .components
        .clone()
        .into_iter()
        .map(|node| u.tools.simplifier.simplify(&mut u.graph, node))
        .collect();
    let shape = u.shape.clone();
    let (formula, _) = u.formula_of(&entries, &shape);
    finish(&mut steps, formula);
    Ok(steps)
}

/// Whether a formula is a derivative as it stands.
pub(crate) fn is_derivative(u: &Understood) -> bool {
    let tree = &u.settled.tree;
    match tree.kind(u.settled.root) {
        Kind::Derivative { .. } => true,
        // A derivative at a point: `f'(3)`.
        Kind::Where(body, _) => matches!(tree.kind(*body), Kind::Derivative { .. }),
        _ => false,
    }
}

fn derive(
    u: &mut Understood,
    request: &Request,
    d: &Derivative,
    direction: &[(Tree, TreeId)],
) -> Result<Vec<Step>, Failure> {
    let names: Vec<&str> = d.wrt.iter().map(SmolStr::as_str).collect();
    if request.definition {
        return by_definition(u, d, &names);
    }
    let order = match &d.kind {
        Taken::Ordinary(order) => *order,
        Taken::Second => 2,
        _ => 1,
    };
    let mixed = request.form == Some(Form::Partial) && names.len() > 1;
    let found = with_options(u, order, |tree, root, options| {
        if !direction.is_empty() {
            let direction: Vec<(&Tree, TreeId)> = direction.iter().map(|(t, id)| (t, *id)).collect();
            explain::along(tree, root, &names, &direction, options)
        } else if mixed {
            let (tree, root) = mixed_partial(tree, root, &names);
            explain::by_rules(&tree, root, &[], options)
        } else {
            explain::by_rules(tree, root, &names, options)
        }
    })?;
    Ok(plain(&found))
}

/// By the limit of the difference quotient: each variable, order by order.
fn by_definition(u: &mut Understood, d: &Derivative, names: &[&str]) -> Result<Vec<Step>, Failure> {
    let order = match &d.kind {
        Taken::Ordinary(order) => *order,
        Taken::First => 1,
        Taken::Second | Taken::Mixed | Taken::Along(_) => {
            return Err(Failure::new(
                Code::Unsupported,
                "by its definition only a derivative in one variable at a time is explained",
            )
            .with_hint("name one variable with --wrt, or leave the definition out"));
        }
    };
    let mut steps = Vec::new();
    for name in names {
        let mut from: Option<(Tree, TreeId)> = None;
        for _ in 0..order {
            let found = with_options(u, 1, |tree, root, options| match &from {
                Some((tree, root)) => explain::by_limit(tree, *root, name, options),
                None => explain::by_limit(tree, root, name, options),
            })?;
            steps.extend(plain(&found));
            from = Some((found.tree, found.result));
        }
    }
    if names.len() > 1 {
        let (after, _) = u.formula_of(&d.entries, &d.shape);
        let all: Vec<String> = names.iter().map(|name| format!("∂f/∂{name}")).collect();
        steps.push(Step {
            rule: "gradient".into(),
            statement: format!("∇f = [{}]", all.join(", ")),
            words: format!("The partial derivatives in the order {}.", names.join(", ")),
            before: format!("grad({})", u.text),
            after,
            ..Step::default()
        });
    }
    Ok(steps)
}

/// `∂²f/(∂x ∂y)` as a formula.
fn mixed_partial(tree: &Tree, root: TreeId, names: &[&str]) -> (Tree, TreeId) {
    let mut tree = tree.clone();
    let span = tree.span(root);
    let names: Vec<TreeId> =
        names.iter().map(|name| tree.push(Kind::Name(SmolStr::new(name)), span)).collect();
    let variables = tree.list(&names);
    let root = tree.push(Kind::Derivative { partial: true, variables, body: root }, span);
    (tree, root)
}

/// Runs an explanation with the session's functions and simplifier.
fn with_options(
    u: &mut Understood,
    order: u32,
    run: impl FnOnce(&Tree, TreeId, &Options) -> Result<Derivation, Diagnostic>,
) -> Result<Derivation, Failure> {
    // Rows are read while the graph is written to, so they come from a graph of their own.
    let mut known = Graph::new();
    for taught in &u.taught {
        known.teach(taught.clone());
    }
    let rows = GraphRows::new(&known);
    let style: Style = u.style();
    let graph = RefCell::new(&mut u.graph);
    let simplifier = RefCell::new(&mut u.tools.simplifier);
    let simplify = |tree: &Tree, root: TreeId| {
        explain::simplified(*graph.borrow_mut(), *simplifier.borrow_mut(), tree, root, style)
    };
    let options = Options { order, detail: Detail::Normal, simplify: Some(&simplify), ..Options::new(&rows) };
    let (tree, root) = (&u.settled.tree, u.settled.root);
    run(tree, root, &options).map_err(|mut diagnostic| {
        // Formulas that were made on the way have no place of their own.
        let whole = tree.span(root);
        for label in &mut diagnostic.labels {
            if label.span == Span::default() {
                label.span = whole;
            }
        }
        failure(&[diagnostic], "expr")
    })
}

/// The request's direction as formulas.
fn direction(u: &mut Understood, request: &Request) -> Result<Vec<(Tree, TreeId)>, Failure> {
    let mut trees = Vec::with_capacity(request.along.len());
    for given in &request.along {
        let node = exact_value(u, given, "along")?.node;
        trees.push(u.raise(node));
    }
    Ok(trees)
}

/// A derivation as the protocol's steps.
fn plain(found: &Derivation) -> Vec<Step> {
    let mut steps: Vec<Step> = found.plain(explain::Form::Text).into_iter().map(step).collect();
    if found.cut
        && let Some(last) = steps.last_mut()
    {
        let said = "There are more steps than are shown; their results are used without them.";
        last.words = if last.words.is_empty() { said.into() } else { format!("{} {said}", last.words) };
    }
    steps
}

fn step(from: PlainStep) -> Step {
    // What is worked out already need not be said twice.
    let applied = if from.applied == from.after { String::new() } else { from.applied };
    Step {
        rule: from.rule,
        statement: from.statement,
        words: from.words,
        before: from.before,
        applied,
        after: from.after,
        glance: from.glance,
        children: from.children.into_iter().map(step).collect(),
    }
}

/// Ends the steps in the formula that `diff` prints.
fn finish(steps: &mut Vec<Step>, formula: String) {
    let Some(last) = steps.last() else { return };
    if last.after == formula {
        return;
    }
    let before = last.after.clone();
    steps.push(Step {
        rule: "simplify".into(),
        statement: String::new(),
        words: "The same value, written another way.".into(),
        before,
        after: formula,
        ..Step::default()
    });
}
