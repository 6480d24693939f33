//! Reading definitions, and holding the columns of a function that is taught against its meaning.
//!
//! A false column is refused with a point where it fails. What is stated is tested at points of the domain with
//! enclosures, so that a fault is certain; what no point contradicts is kept.

use std::sync::Arc;

use agnesi_engine::{EvaluateError, Program, Working};
use agnesi_functions::big::Enclosure;
use agnesi_graph::{Definition, Facts, Graph, NodeId, Rational, Scope, Shape, Style, SymbolId, Taught, Type};
use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId, parse_expression, print};
use smol_str::SmolStr;

use super::compare::{Comparison, Finding, enclosures};
use super::diff::{Derivative, Kind as Taken};
use super::mistakes::{self, Claim};
use super::understand::Tools;
use crate::protocol::Number;

/// Digits to which a column must agree with the meaning.
const ENOUGH_DIGITS: f64 = 8.0;

/// Takes statements into a scope. The columns of functions that are taught are tested.
///
/// # Errors
/// What is wrong with the statements, or false; the scope is then as before.
pub(crate) fn read(scope: &mut Scope, text: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut next = scope.clone();
    let mut notes = next.read(text)?;
    let fresh: Vec<Arc<Definition>> = next
        .definitions()
        .filter(|definition| {
            let before = scope.definition(definition.name());
            definition.columns().is_some() && before.is_none_or(|before| !Arc::ptr_eq(before, definition))
        })
        .cloned()
        .collect();
    for definition in fresh {
        notes.extend(verify(&definition, &next).map_err(|error| vec![*error])?);
    }
    *scope = next;
    Ok(notes)
}

/// A function under test.
struct Bench<'a> {
    definition: &'a Definition,
    /// The scope in which its arguments are free names.
    inside: Scope,
    graph: Graph,
    tools: Tools,
    taught: Vec<Taught>,
    /// Its arguments, then what else its meaning depends on.
    names: Vec<SmolStr>,
    meaning: NodeId,
    /// What must hold at a point.
    conditions: Vec<NodeId>,
    tree: &'a Tree,
    root: TreeId,
    notes: Vec<Diagnostic>,
}

type Tested = Result<(), Box<Diagnostic>>;

/// Tests all columns.
fn verify(definition: &Definition, scope: &Scope) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let Some(mut bench) = Bench::new(definition, scope)? else { return Ok(Vec::new()) };
    for (name, column) in definition.columns().unwrap_or_default() {
        let column = *column;
        match name.as_str() {
            "derivative" => bench.derivative(column)?,
            "antiderivative" => bench.antiderivative(column)?,
            "domain" => bench.domain(column)?,
            "range" => bench.range(column)?,
            "law" | "laws" | "example" | "examples" => bench.laws(column)?,
            "meaning" => bench.meaning(column)?,
            "shape" => bench.shape(column)?,
            "inverse" | "kink" | "kinks" | "error" | "aliases" => {
                let span = bench.tree.span(column);
                let message = format!("the column `{name}` is kept, and neither tested nor used yet");
                bench.notes.push(Diagnostic::note(message, span, "kept as it is"));
            }
            _ => {}
        }
    }
    Ok(bench.notes)
}

impl<'a> Bench<'a> {
    fn new(definition: &'a Definition, scope: &Scope) -> Result<Option<Bench<'a>>, Box<Diagnostic>> {
        let first = |errors: Vec<Diagnostic>| errors.into_iter().next().map(Box::new);
        let taught = match scope.taught() {
            Ok(taught) => taught,
            Err(errors) => return first(errors).map_or(Ok(None), Err),
        };
        let Some(mine) = taught.iter().find(|t| t.name == *definition.name()).cloned() else {
            return Ok(None);
        };
        let mut inside = scope.clone();
        for arg in &mine.args {
            inside.declare(arg.clone(), Type::real());
        }
        let mut graph = Graph::new();
        for t in &taught {
            graph.teach(t.clone());
        }
        for arg in &mine.args {
            graph.declare(arg, Facts::REAL, Shape::new());
        }
        let mut tools = Tools::default();
        let (tree, root) = definition.body();
        let made = graph.elaborate(&mine.meaning.0, mine.meaning.1, &mut tools).map_err(Box::new)?;
        let ([meaning], true) = (&made.components[..], made.shape.is_empty()) else {
            return Err(Box::new(
                Diagnostic::error(
                    Code::Unsupported,
                    "only functions with one value can be taught so far",
                    tree.span(root),
                    "several values",
                )
                .with_hint("teach a function for each component, or define it without columns"),
            ));
        };
        let mut names = mine.args.clone();
        let free = agnesi_graph::settle(tree, root, &inside).map(|s| s.inputs).unwrap_or_default();
        names.extend(free.into_iter().filter(|name| !mine.args.contains(name)));
        let mut conditions = graph.conjuncts(made.domain);
        for name in &names {
            let Some(x) = graph.find_symbol(name) else { continue };
            for (kink, _) in agnesi_calculus::kinks(&mut graph, *meaning, x) {
                conditions.push(graph.not(kink));
            }
        }
        Ok(Some(Bench {
            definition,
            inside,
            meaning: *meaning,
            graph,
            tools,
            taught,
            names,
            conditions,
            tree,
            root,
            notes: Vec::new(),
        }))
    }

    fn args(&self) -> &'a [SmolStr] {
        self.definition.params().unwrap_or_default()
    }

    fn symbol(&self, index: usize) -> Option<SymbolId> {
        self.graph.find_symbol(self.args().get(index)?)
    }

    /// A comparison over these names where the conditions hold.
    fn comparison(&mut self, names: &[SmolStr], conditions: &[NodeId]) -> Comparison<'_> {
        let facts: Vec<Facts> = names.iter().map(|name| self.inside.facts(name)).collect();
        Comparison::new(&mut self.graph, &mut self.tools, &self.taught, names.to_vec(), &facts, conditions)
    }

    fn own(&mut self) -> Comparison<'_> {
        let (names, conditions) = (self.names.clone(), self.conditions.clone());
        self.comparison(&names, &conditions)
    }

    /// A part of a column as a node.
    fn node(&mut self, root: TreeId) -> Result<NodeId, Box<Diagnostic>> {
        let tree = self.tree;
        let (node, free) = self.settled(tree, root).map_err(|errors| {
            let fallback = || self.unreadable(tree.span(root));
            errors.into_iter().next().map_or_else(fallback, Box::new)
        })?;
        let stranger = free.iter().find(|name| !self.names.contains(name) && *name != "y");
        match stranger {
            None => Ok(node),
            Some(name) => Err(Box::new(
                Diagnostic::error(
                    Code::Name,
                    format!("`{name}` is no argument of `{}`", self.definition.name()),
                    tree.span(root),
                    format!("`{name}` has no meaning here"),
                )
                .with_hint(format!("its arguments are {}", self.args().join(", "))),
            )),
        }
    }

    /// A tree as a node, and its free names.
    fn settled(&mut self, tree: &Tree, root: TreeId) -> Result<(NodeId, Vec<SmolStr>), Vec<Diagnostic>> {
        let settled = agnesi_graph::settle(tree, root, &self.inside)?;
        for name in &settled.inputs {
            self.graph.declare(name, self.inside.facts(name), Shape::new());
        }
        let made = self
            .graph
            .elaborate(&settled.tree, settled.root, &mut self.tools)
            .map_err(|error| vec![error])?;
        match (&made.components[..], made.shape.is_empty()) {
            ([node], true) => Ok((*node, settled.inputs)),
            _ => Err(vec![*self.unreadable(tree.span(root))]),
        }
    }

    fn unreadable(&self, span: Span) -> Box<Diagnostic> {
        let d =
            Diagnostic::error(Code::Input, "this column cannot be tested", span, "one formula is expected");
        Box::new(d.with_hint("write one formula, or leave the column out"))
    }

    fn fault(&self, span: Span, message: String, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::Input, message, span, label)
    }

    /// What a comparison says of a column that must equal something else.
    fn judge(&mut self, finding: &Finding, span: Span, what: &str) {
        let said = match finding {
            Finding::Proved => return,
            Finding::Agree { digits, .. } if *digits >= ENOUGH_DIGITS => return,
            Finding::Agree { points, digits } => {
                format!("{what} was tested at {points} points to {:.0} digits only", digits.max(0.0))
            }
            _ => format!("{what} could not be tested: no point was found where it has a value"),
        };
        self.notes.push(Diagnostic::note(said, span, "kept on trust"));
    }

    fn derivative(&mut self, column: TreeId) -> Tested {
        let parts: Vec<TreeId> = match self.tree.kind(column) {
            Kind::Tuple(list) => self.tree.ids(*list).to_vec(),
            _ => vec![column],
        };
        let (tree, root) = (self.tree, self.root);
        for (i, part) in parts.into_iter().enumerate() {
            let span = tree.span(part);
            let Some(x) = self.symbol(i) else { continue };
            let claimed = self.node(part)?;
            let (meaning, arg) = (self.meaning, self.args()[i].clone());
            let right = match self.tools.differentiator.derivative(&mut self.graph, meaning, x) {
                Ok(right) => self.tools.simplifier.simplify(&mut self.graph, right),
                Err(why) => {
                    let said = format!("this derivative could not be tested: {why}");
                    self.notes.push(Diagnostic::note(said, span, "kept on trust"));
                    continue;
                }
            };
            let mut comparison = self.own();
            let finding = comparison.compare(&[right], &[claimed]);
            let Finding::Differ { place, .. } = finding else {
                self.judge(&finding, span, "the derivative");
                continue;
            };
            let values = comparison.doubles(&[claimed, right], place).unwrap_or_default();
            let at = describe(&comparison.names, &comparison.places[place]);
            let derivative = Derivative {
                entries: vec![right],
                shape: vec![],
                wrt: vec![arg.clone()],
                kind: Taken::Ordinary(1),
            };
            let reason = mistakes::reason(
                &mut comparison,
                &Claim {
                    tree,
                    root,
                    components: &[meaning],
                    derivative: &derivative,
                    claimed: &[claimed],
                    written: &[(tree.clone(), part)],
                    direction: None,
                    style: Style::default(),
                },
            );
            let (given, slope) = (value(&values, 0), value(&values, 1));
            let message = format!(
                "this is not the derivative of `{}` in {arg}: at {at} it gives {given}, and the slope there is {slope}",
                self.definition.name()
            );
            let (formula, id) = self.graph.raise(right, Style::default());
            let mut hint = format!("the derivative is {}", print::text(&formula, id));
            if let Some(reason) = reason {
                hint = format!("{reason}; {hint}");
            }
            return Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)));
        }
        Ok(())
    }

    fn antiderivative(&mut self, column: TreeId) -> Tested {
        let span = self.tree.span(column);
        let node = self.node(column)?;
        let Some(x) = self.symbol(0) else { return Ok(()) };
        let slope = match self.tools.differentiator.derivative(&mut self.graph, node, x) {
            Ok(slope) => slope,
            Err(why) => {
                let said = format!("this antiderivative could not be tested: {why}");
                self.notes.push(Diagnostic::note(said, span, "kept on trust"));
                return Ok(());
            }
        };
        let meaning = self.meaning;
        let mut comparison = self.own();
        let finding = comparison.compare(&[meaning], &[slope]);
        let Finding::Differ { place, .. } = finding else {
            self.judge(&finding, span, "the antiderivative");
            return Ok(());
        };
        let values = comparison.doubles(&[slope, meaning], place).unwrap_or_default();
        let at = describe(&comparison.names, &comparison.places[place]);
        let (slope, meant) = (value(&values, 0), value(&values, 1));
        let name = self.definition.name();
        let message = format!(
            "this is no antiderivative of `{name}`: at {at} its derivative is {slope}, and {name} is {meant} there"
        );
        let hint = "its derivative in the first argument must be the function itself";
        Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)))
    }

    fn meaning(&mut self, column: TreeId) -> Tested {
        let span = self.tree.span(column);
        let node = self.node(column)?;
        let meaning = self.meaning;
        let mut comparison = self.own();
        let finding = comparison.compare(&[meaning], &[node]);
        let Finding::Differ { place, .. } = finding else {
            self.judge(&finding, span, "the meaning");
            return Ok(());
        };
        let values = comparison.doubles(&[node, meaning], place).unwrap_or_default();
        let at = describe(&comparison.names, &comparison.places[place]);
        let (stated, meant) = (value(&values, 0), value(&values, 1));
        let message = format!(
            "this is not what `{}` means: at {at} it is {stated}, and the definition gives {meant}",
            self.definition.name()
        );
        let hint = "the definition is the meaning: leave this column out";
        Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)))
    }

    /// Where the column holds there is a value, and elsewhere none.
    fn domain(&mut self, column: TreeId) -> Tested {
        let span = self.tree.span(column);
        let stated = self.node(column)?;
        let names = self.names.clone();
        let meaning = self.meaning;
        let mut comparison = self.comparison(&names, &[]);
        let Some(program) = comparison.program(&[meaning]) else { return Ok(()) };
        let (tree, root) = comparison.graph.raise(stated, Style::default());
        let Ok(condition) = Program::new(&tree, root, &names, comparison.taught) else { return Ok(()) };
        for place in comparison.places.clone() {
            let Some(inputs) = enclosures(&place) else { continue };
            let working = Working::new(192, 1_000_000);
            let holds = condition.truth::<Enclosure>(&inputs, &working);
            let value = program.values::<Enclosure>(&inputs, &working);
            let at = describe(&names, &place);
            let message = match (holds, value) {
                (Ok(true), Err(EvaluateError::Domain { .. })) => {
                    format!("this domain is too wide: it holds at {at}, and there is no value there")
                }
                (Ok(false), Ok(_)) => {
                    format!("this domain is too narrow: it does not hold at {at}, but there is a value there")
                }
                _ => continue,
            };
            let hint = "state where the definition has a value; or leave the column out, it is found";
            return Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)));
        }
        Ok(())
    }

    /// A condition on the value, called `y`.
    fn range(&mut self, column: TreeId) -> Tested {
        let span = self.tree.span(column);
        self.inside.declare("y", Type::real());
        let stated = self.node(column)?;
        if self.args().iter().any(|arg| arg == "y") {
            let said =
                "the range is a condition on the value `y`, which is an argument here: it is not tested";
            self.notes.push(Diagnostic::note(said, span, "kept on trust"));
            return Ok(());
        }
        let Some(y) = self.graph.find_symbol("y") else { return Ok(()) };
        let meaning = self.meaning;
        let condition = self.graph.substitute(stated, y, meaning);
        let mut comparison = self.own();
        let (tree, root) = comparison.graph.raise(condition, Style::default());
        let names = comparison.names.clone();
        let Ok(program) = Program::new(&tree, root, &names, comparison.taught) else { return Ok(()) };
        for place in 0..comparison.places.len() {
            let Some(inputs) = enclosures(&comparison.places[place]) else { continue };
            let working = Working::new(192, 1_000_000);
            if program.truth::<Enclosure>(&inputs, &working) != Ok(false) {
                continue;
            }
            let at = describe(&names, &comparison.places[place]);
            let values = comparison.doubles(&[meaning], place).unwrap_or_default();
            let message = format!(
                "this range does not hold at {at}: `{}` is {} there",
                self.definition.name(),
                value(&values, 0)
            );
            let hint = "state a condition on the value y that holds everywhere, such as y > 0";
            return Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)));
        }
        Ok(())
    }

    /// `increasing` or `decreasing` in the first argument.
    fn shape(&mut self, column: TreeId) -> Tested {
        let span = self.tree.span(column);
        let sign = match self.tree.kind(column) {
            Kind::Name(word) if word == "increasing" => 1,
            Kind::Name(word) if word == "decreasing" => -1,
            _ => {
                return Err(Box::new(
                    self.fault(span, "this is no shape".into(), "not a word for one")
                        .with_hint("write `increasing` or `decreasing`, or leave the column out"),
                ));
            }
        };
        let Some(x) = self.symbol(0) else { return Ok(()) };
        let meaning = self.meaning;
        let Ok(slope) = self.tools.differentiator.derivative(&mut self.graph, meaning, x) else {
            return Ok(());
        };
        let mut comparison = self.own();
        let Some(program) = comparison.program(&[slope]) else { return Ok(()) };
        for place in 0..comparison.places.len() {
            let Some(inputs) = enclosures(&comparison.places[place]) else { continue };
            let working = Working::new(192, 1_000_000);
            let Ok(values) = program.values::<Enclosure>(&inputs, &working) else { continue };
            if values[0].signum() != Some(-sign) {
                continue;
            }
            let at = describe(&comparison.names, &comparison.places[place]);
            let values = comparison.doubles(&[slope], place).unwrap_or_default();
            let message = format!(
                "`{}` is not {} everywhere: its slope at {at} is {}",
                self.definition.name(),
                if sign > 0 { "increasing" } else { "decreasing" },
                value(&values, 0)
            );
            let hint = "leave the column out where the function rises and falls";
            return Err(Box::new(self.fault(span, message, format!("false at {at}")).with_hint(hint)));
        }
        Ok(())
    }

    /// Laws and examples: two sides, over the names in them.
    fn laws(&mut self, column: TreeId) -> Tested {
        let items: Vec<TreeId> = match self.tree.kind(column) {
            Kind::Tuple(list) => self.tree.ids(*list).to_vec(),
            _ => vec![column],
        };
        for item in items {
            let span = self.tree.span(item);
            match self.tree.kind(item) {
                Kind::Equation(left, right) => {
                    let tree = self.tree;
                    let sides = (tree, *left, tree, *right);
                    self.law(sides, None, None, span)?;
                }
                Kind::Text(text) => {
                    let text = text.clone();
                    self.law_of_text(&text, span)?;
                }
                _ => {
                    let d = self.fault(span, "this is no law".into(), "an equation is expected");
                    return Err(Box::new(d.with_hint("write `f(0) = 0`, `f(-x) => -f(x)` or `f(1) ~ 0.84`")));
                }
            }
        }
        Ok(())
    }

    /// A law in the language of the table: `a = b`, `a => b`, `a ~ 0.84`, each with `when c`.
    fn law_of_text(&mut self, text: &str, span: Span) -> Tested {
        let (statement, guard) = match text.split_once(" when ") {
            Some((statement, guard)) => (statement, Some(guard)),
            None => (text, None),
        };
        let split = ["=>", "~", "="].iter().find_map(|sign| statement.split_once(sign).map(|s| (*sign, s)));
        let Some((sign, (left, right))) = split else {
            let d = self.fault(span, "this is no law".into(), "an equation is expected");
            return Err(Box::new(d.with_hint("write `f(0) = 0`, `f(-x) => -f(x)` or `f(1) ~ 0.84`")));
        };
        let read = |text: &str| -> Result<(Tree, TreeId), Box<Diagnostic>> {
            let parsed = parse_expression(text, &self.inside);
            match parsed.diagnostics.iter().find(|d| d.is_error()) {
                None => Ok((parsed.tree, parsed.root)),
                Some(error) => Err(Box::new(Diagnostic {
                    labels: Diagnostic::error(Code::Input, "", span, "in this column").labels,
                    ..error.clone()
                })),
            }
        };
        let (left, right) = (read(left)?, read(right.trim())?);
        let guard = guard.map(read).transpose()?;
        let tolerance = (sign == "~").then(|| last_digit(&print::text(&right.0, right.1)));
        self.law((&left.0, left.1, &right.0, right.1), guard.as_ref().map(|(t, r)| (t, *r)), tolerance, span)
    }

    fn law(
        &mut self,
        (left_tree, left, right_tree, right): (&Tree, TreeId, &Tree, TreeId),
        guard: Option<(&Tree, TreeId)>,
        tolerance: Option<f64>,
        span: Span,
    ) -> Tested {
        let mut names: Vec<SmolStr> = Vec::new();
        let mut nodes = Vec::new();
        let sides = [Some((left_tree, left)), Some((right_tree, right)), guard];
        for (tree, root) in sides.into_iter().flatten() {
            let (node, free) = self.settled(tree, root).map_err(|errors| {
                // The places are those of another text.
                let message = errors.first().map_or("this cannot be read".into(), |d| d.message.clone());
                let hint = errors.first().and_then(|d| d.hint.clone());
                Box::new(Diagnostic { hint, ..self.fault(span, message, "in this column") })
            })?;
            nodes.push(node);
            names.extend(free.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        let conditions: Vec<NodeId> = nodes.get(2).into_iter().copied().collect();
        let (a, b) = (nodes[0], nodes[1]);
        let mut comparison = self.comparison(&names, &conditions);
        let finding = comparison.compare(&[a], &[b]);
        let Finding::Differ { place, .. } = finding else {
            self.judge(&finding, span, "this law");
            return Ok(());
        };
        let values = comparison.doubles(&[a, b], place).unwrap_or_default();
        if let (Some(tolerance), [x, y]) = (tolerance, &values[..])
            && (x - y).abs() <= tolerance
        {
            return Ok(());
        }
        let at = describe(&names, &comparison.places[place]);
        let place = if at.is_empty() { String::new() } else { format!(" at {at}") };
        let message = format!(
            "this does not hold{place}: the left side is {}, the right side {}",
            value(&values, 0),
            value(&values, 1)
        );
        let d = self.fault(span, message, format!("false{place}"));
        Err(Box::new(
            d.with_hint("state only what holds wherever the left side has a value; `when` adds a condition"),
        ))
    }
}

/// One unit of the last digit that was written.
fn last_digit(text: &str) -> f64 {
    let digits = text.trim_start_matches('-');
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (digits, 0),
    };
    let behind = mantissa.split_once('.').map_or(0, |(_, behind)| behind.len() as i32);
    10f64.powi(exponent - behind)
}

fn value(values: &[f64], index: usize) -> String {
    values.get(index).map_or("something else".into(), |value| Number(*value).to_string())
}

/// `x = 2, y = 3`.
fn describe(names: &[SmolStr], place: &[Rational]) -> String {
    let each = names.iter().zip(place).map(|(name, value)| format!("{name} = {}", Number(value.to_f64())));
    each.collect::<Vec<_>>().join(", ")
}
