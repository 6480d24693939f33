//! A settled tree to a program.

use agnesi_functions::{Kernel, find};
use agnesi_graph::{Rational, Taught};
use agnesi_syntax::{Binary, Kind, Prefix, Relation, Span, Tree, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::{Failure, Inner, Origin, Program, STEP_LIMIT, Step, constant, is_truth, operands};
use crate::{EvaluateError, Exponent};

/// Rational numbers are folded up to this many bits.
const FOLD_BITS: usize = 4096;

/// How deep taught functions and derivatives may be nested.
const NEST_LIMIT: usize = 64;

pub(super) fn lower(
    tree: &Tree,
    roots: &[TreeId],
    inputs: &[SmolStr],
    taught: &[Taught],
) -> Result<Program, EvaluateError> {
    lower_nested(tree, roots, inputs, taught, 0)
}

fn lower_nested(
    tree: &Tree,
    roots: &[TreeId],
    inputs: &[SmolStr],
    taught: &[Taught],
    depth: usize,
) -> Result<Program, EvaluateError> {
    let mut builder = Builder::new(inputs, taught, depth);
    let mut names = FxHashMap::default();
    for (index, input) in inputs.iter().enumerate() {
        let step = builder.add(Step::Input(index as u32), Origin { node: TreeId(0), span: Span::default() });
        names.insert(input.clone(), step);
    }
    let outputs = builder.lower_tree(tree, roots, names, None)?;
    Ok(builder.finish(outputs))
}

struct Builder<'a> {
    program: Program,
    /// Equal steps are one.
    known: FxHashMap<Step, u32>,
    /// Steps that are exact rational numbers.
    exact: Vec<Option<u32>>,
    taught: &'a [Taught],
    depth: usize,
}

/// Where to go on in the walk over one tree.
struct Walk<'t> {
    tree: &'t Tree,
    /// Steps of nodes done.
    done: FxHashMap<TreeId, u32>,
    /// Steps of names: inputs, parameters, names bound by `where` once their values are done.
    names: FxHashMap<SmolStr, u32>,
    /// The values of the names that `where` binds.
    bound: FxHashMap<SmolStr, TreeId>,
    /// Nodes whose children are being lowered, to find a name that is bound to itself.
    open: FxHashSet<TreeId>,
    /// The place of a call, for everything that comes out of its definition.
    place: Option<Origin>,
}

impl Walk<'_> {
    fn origin(&self, node: TreeId) -> Origin {
        self.place.unwrap_or(Origin { node, span: self.tree.span(node) })
    }
}

impl<'a> Builder<'a> {
    fn new(inputs: &[SmolStr], taught: &'a [Taught], depth: usize) -> Builder<'a> {
        let program = Program {
            steps: Vec::new(),
            origins: Vec::new(),
            lists: Vec::new(),
            rationals: Vec::new(),
            exponents: Vec::new(),
            inner: Vec::new(),
            failures: Vec::new(),
            inputs: inputs.to_vec(),
            outputs: Vec::new(),
            strict: Vec::new(),
            is_strict: Vec::new(),
        };
        Builder { program, known: FxHashMap::default(), exact: Vec::new(), taught, depth }
    }

    fn finish(self, outputs: Vec<u32>) -> Program {
        let mut program = self.program;
        program.outputs = outputs;
        let mut is_strict = vec![false; program.steps.len()];
        for output in &program.outputs {
            is_strict[*output as usize] = true;
        }
        for index in (0..program.steps.len()).rev() {
            if !is_strict[index] {
                continue;
            }
            program.each_operand(program.steps[index], |operand| is_strict[operand as usize] = true);
        }
        program.strict = (0..program.steps.len() as u32).filter(|step| is_strict[*step as usize]).collect();
        program.is_strict = is_strict;
        program
    }

    /// Adds a step, or finds the equal one.
    fn add(&mut self, step: Step, origin: Origin) -> u32 {
        if let Some(known) = self.known.get(&step) {
            return *known;
        }
        let index = self.program.steps.len() as u32;
        self.program.steps.push(step);
        self.program.origins.push(origin);
        self.exact.push(match step {
            Step::Rational(rational) => Some(rational),
            _ => None,
        });
        // Calls and exponents refer to lists of their own and are compared where those are made.
        self.known.insert(step, index);
        index
    }

    fn fail(&mut self, what: impl Into<SmolStr>, origin: Origin) -> u32 {
        self.program.failures.push(Failure::Unsupported(what.into()));
        let failure = self.program.failures.len() as u32 - 1;
        self.add(Step::Fail(failure), origin)
    }

    fn fail_limit(&mut self, what: impl Into<SmolStr>, origin: Origin) -> u32 {
        self.program.failures.push(Failure::Limit(what.into()));
        let failure = self.program.failures.len() as u32 - 1;
        self.add(Step::Fail(failure), origin)
    }

    fn rational(&mut self, value: Rational, origin: Origin) -> u32 {
        if let Some(index) = self.program.rationals.iter().rev().take(16).position(|known| *known == value) {
            let index = self.program.rationals.len() - 1 - index;
            return self.add(Step::Rational(index as u32), origin);
        }
        self.program.rationals.push(value);
        let index = self.program.rationals.len() as u32 - 1;
        self.add(Step::Rational(index), origin)
    }

    fn exact(&self, step: u32) -> Option<&Rational> {
        self.exact[step as usize].map(|index| &self.program.rationals[index as usize])
    }

    fn is_truth(&self, step: u32) -> bool {
        is_truth(self.program.steps[step as usize])
    }

    /// Lowers some roots of one tree.
    fn lower_tree(
        &mut self,
        tree: &Tree,
        roots: &[TreeId],
        names: FxHashMap<SmolStr, u32>,
        place: Option<Origin>,
    ) -> Result<Vec<u32>, EvaluateError> {
        let mut walk = Walk {
            tree,
            done: FxHashMap::default(),
            names,
            bound: FxHashMap::default(),
            open: FxHashSet::default(),
            place,
        };
        let mut stack: Vec<TreeId> = Vec::new();
        let mut children: Vec<TreeId> = Vec::new();
        for root in roots {
            stack.push(*root);
            while let Some(&node) = stack.last() {
                if walk.done.contains_key(&node) {
                    stack.pop();
                    continue;
                }
                if self.program.steps.len() > STEP_LIMIT {
                    let origin = walk.origin(node);
                    let what = "the size of the program".into();
                    return Err(EvaluateError::Limit { node: origin.node, span: origin.span, what });
                }
                children.clear();
                self.children(node, &mut walk, &mut children);
                children.retain(|child| !walk.done.contains_key(child));
                if children.is_empty() {
                    let step = self.node(node, &mut walk)?;
                    walk.done.insert(node, step);
                    walk.open.remove(&node);
                    stack.pop();
                } else if walk.open.insert(node) {
                    stack.extend(children.iter().rev());
                } else {
                    let step = self.fail("a name that stands for itself", walk.origin(node));
                    walk.done.insert(node, step);
                    stack.pop();
                }
            }
        }
        Ok(roots.iter().map(|root| walk.done[root]).collect())
    }

    /// The nodes that must be lowered before this one.
    fn children(&mut self, node: TreeId, walk: &mut Walk, children: &mut Vec<TreeId>) {
        let tree = walk.tree;
        match tree.kind(node) {
            Kind::Name(name) => {
                if !walk.names.contains_key(name)
                    && let Some(value) = walk.bound.get(name)
                {
                    children.push(*value);
                }
            }
            Kind::Prefix(_, a) | Kind::Factorial(a) => children.push(*a),
            Kind::Binary(_, a, b) => children.extend([*a, *b]),
            Kind::Compare { operands, .. } => children.extend(tree.ids(*operands)),
            Kind::Call { head, args } => {
                if let Kind::Name(name) = tree.kind(*head)
                    && self.is_function(name)
                {
                    children.extend(tree.ids(*args));
                }
            }
            Kind::If(c, a, b) => children.extend([*c, *a, *b]),
            Kind::Where(body, definitions) => {
                for definition in tree.ids(*definitions) {
                    if let Kind::Define { target, value, .. } = tree.kind(*definition)
                        && let Kind::Name(name) = tree.kind(*target)
                    {
                        walk.bound.insert(name.clone(), *value);
                    }
                }
                children.push(*body);
            }
            Kind::Derivative { .. } => children.extend(free_names(tree, node).into_values()),
            _ => {}
        }
    }

    fn is_function(&self, name: &str) -> bool {
        self.taught.iter().any(|taught| taught.name == name) || find(name).is_some()
    }

    /// The step of a node whose children are done.
    fn node(&mut self, node: TreeId, walk: &mut Walk) -> Result<u32, EvaluateError> {
        let tree = walk.tree;
        let origin = walk.origin(node);
        let step = |id: &TreeId| walk.done[id];
        Ok(match tree.kind(node) {
            Kind::Number(text) => match Rational::parse_decimal(text) {
                Some(value) => self.rational(value, origin),
                None => self.fail_limit("the size of numbers", origin),
            },
            Kind::Name(name) => return self.name(node, name, walk),
            Kind::Prefix(Prefix::Plus, a) => step(a),
            Kind::Prefix(Prefix::Neg, a) => {
                let a = step(a);
                self.arithmetic_one(a, origin)
            }
            Kind::Prefix(Prefix::Not, a) => {
                let a = step(a);
                if self.is_truth(a) {
                    self.add(Step::Not(a), origin)
                } else {
                    self.wrong_type(a, true, origin)
                }
            }
            Kind::Factorial(a) => {
                let a = step(a);
                self.call("factorial", &[a], origin)?
            }
            Kind::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                let (a, b) = (step(a), step(b));
                if !self.is_truth(a) {
                    return Ok(self.wrong_type(a, true, origin));
                }
                if !self.is_truth(b) {
                    return Ok(self.wrong_type(b, true, origin));
                }
                self.add(if *op == Binary::And { Step::And(a, b) } else { Step::Or(a, b) }, origin)
            }
            Kind::Binary(op, a, b) => {
                let (a, b) = (step(a), step(b));
                self.arithmetic(*op, a, b, origin)
            }
            Kind::Compare { operands, relations } => {
                let operands: Vec<u32> = tree.ids(*operands).iter().map(step).collect();
                self.compare(&operands, relations, origin)
            }
            Kind::If(c, a, b) => {
                let (c, a, b) = (step(c), step(a), step(b));
                if !self.is_truth(c) {
                    return Ok(self.wrong_type(c, true, origin));
                }
                match (self.is_truth(a), self.is_truth(b)) {
                    (false, false) => self.add(Step::If(c, a, b), origin),
                    (true, true) => self.add(Step::IfTruth(c, a, b), origin),
                    (true, false) => self.wrong_type(a, false, origin),
                    (false, true) => self.wrong_type(b, false, origin),
                }
            }
            Kind::Call { head, args } => {
                let name = match tree.kind(*head) {
                    Kind::Name(name) => name.clone(),
                    _ => return Ok(self.fail("this kind of call", origin)),
                };
                if !self.is_function(&name) {
                    return Ok(self.fail(format!("{name}(...)"), origin));
                }
                let args: Vec<u32> = tree.ids(*args).iter().map(step).collect();
                self.call(&name, &args, origin)?
            }
            Kind::Where(body, _) => step(body),
            Kind::Derivative { .. } => self.derivative(node, walk)?,
            other => self.fail(describe(other), origin),
        })
    }

    fn name(&mut self, node: TreeId, name: &SmolStr, walk: &mut Walk) -> Result<u32, EvaluateError> {
        let origin = walk.origin(node);
        if let Some(step) = walk.names.get(name) {
            return Ok(*step);
        }
        if let Some(value) = walk.bound.get(name) {
            return Ok(walk.done[value]);
        }
        match name.as_str() {
            "inf" => return Ok(self.add(Step::Infinity, origin)),
            "true" => return Ok(self.add(Step::Truth(true), origin)),
            "false" => return Ok(self.add(Step::Truth(false), origin)),
            _ => {}
        }
        let Some(constant) = constant(name) else {
            return Err(EvaluateError::Unbound { name: name.clone(), node: origin.node, span: origin.span });
        };
        match (constant.name, constant.meaning.and_then(agnesi_graph::text)) {
            ("pi" | "e" | "euler_gamma" | "catalan", _) | (_, None) => {
                Ok(self.add(Step::Constant(constant.name), origin))
            }
            (_, Some(text)) => {
                Ok(self.lower_tree(&text.tree, &[text.root], FxHashMap::default(), Some(origin))?[0])
            }
        }
    }

    fn wrong_type(&mut self, step: u32, wanted_condition: bool, origin: Origin) -> u32 {
        // A failure further in is the one to report.
        if matches!(self.program.steps[step as usize], Step::Fail(_)) {
            return step;
        }
        let what = if wanted_condition { "a number as a condition" } else { "a condition as a number" };
        self.fail(what, origin)
    }

    fn arithmetic_one(&mut self, a: u32, origin: Origin) -> u32 {
        if self.is_truth(a) {
            return self.wrong_type(a, false, origin);
        }
        match self.exact(a).map(|value| -value) {
            Some(value) => self.rational(value, origin),
            None => self.add(Step::Neg(a), origin),
        }
    }

    fn arithmetic(&mut self, op: Binary, a: u32, b: u32, origin: Origin) -> u32 {
        if self.is_truth(a) {
            return self.wrong_type(a, false, origin);
        }
        if self.is_truth(b) {
            return self.wrong_type(b, false, origin);
        }
        if let (Some(x), Some(y)) = (self.exact(a), self.exact(b))
            && let Some(value) = fold(op, x, y)
            && value.bits() <= FOLD_BITS
        {
            return self.rational(value, origin);
        }
        match op {
            Binary::Add => self.add(Step::Add(a, b), origin),
            Binary::Sub => self.add(Step::Sub(a, b), origin),
            Binary::Mul | Binary::Juxtapose | Binary::ElementMul => self.add(Step::Mul(a, b), origin),
            Binary::Div | Binary::ElementDiv => self.add(Step::Div(a, b), origin),
            Binary::Pow | Binary::ElementPow => match self.exact(b).cloned() {
                Some(exponent) => self.power(a, exponent, origin),
                None => self.add(Step::Pow(a, b), origin),
            },
            Binary::Cross => self.fail("a cross product", origin),
            Binary::And | Binary::Or => self.fail("a condition as a number", origin),
        }
    }

    fn power(&mut self, base: u32, exponent: Rational, origin: Origin) -> u32 {
        let known = self.program.exponents.iter().position(|known| *known.exact() == exponent);
        let index = known.unwrap_or_else(|| {
            self.program.exponents.push(Exponent::new(exponent));
            self.program.exponents.len() - 1
        });
        self.add(Step::Power(base, index as u32), origin)
    }

    fn compare(&mut self, operands: &[u32], relations: &[Relation], origin: Origin) -> u32 {
        if let Some(wrong) = operands.iter().find(|operand| self.is_truth(**operand)) {
            return self.wrong_type(*wrong, false, origin);
        }
        let mut all = None;
        for (pair, relation) in operands.windows(2).zip(relations) {
            let next = self.add(Step::Compare(*relation, pair[0], pair[1]), origin);
            all = Some(match all {
                None => next,
                Some(before) => self.add(Step::And(before, next), origin),
            });
        }
        all.unwrap_or_else(|| self.add(Step::Truth(true), origin))
    }

    fn call(&mut self, name: &str, args: &[u32], origin: Origin) -> Result<u32, EvaluateError> {
        if let Some(wrong) = args.iter().find(|arg| self.is_truth(**arg)) {
            return Ok(self.wrong_type(*wrong, false, origin));
        }
        if let Some(taught) = self.taught.iter().rfind(|taught| taught.name == name) {
            return self.call_taught(taught, args, origin);
        }
        let Some(function) = find(name) else { return Ok(self.fail(format!("{name}(...)"), origin)) };
        let row = function.row();
        if row.args.len() != args.len() {
            return Ok(self.fail(format!("{name} of {} arguments", args.len()), origin));
        }
        match (row.name, args) {
            // Powers written as calls follow the same conventions.
            ("pow", &[base, exponent]) => return Ok(self.arithmetic(Binary::Pow, base, exponent, origin)),
            ("root", &[base, degree]) => {
                let degree = self.exact(degree).filter(|n| n.is_integer() && n.is_positive());
                if let Some(exponent) = degree.and_then(Rational::recip) {
                    return Ok(self.power(base, exponent, origin));
                }
            }
            _ => {}
        }
        if matches!(row.kernel, Kernel::Meaning) || args.len() > 3 {
            return Ok(self.fail(format!("{name}(...)"), origin));
        }
        let length = args.len() as u32;
        // The same arguments are the same list, so that equal calls are found to be equal.
        let earlier = self.program.lists.windows(args.len().max(1)).position(|list| list == args);
        let start = match earlier.filter(|_| self.program.lists.len() < 1024) {
            Some(start) => start as u32,
            None => {
                self.program.lists.extend_from_slice(args);
                self.program.lists.len() as u32 - length
            }
        };
        Ok(self.add(Step::Call(function, start, length), origin))
    }

    fn call_taught(&mut self, taught: &Taught, args: &[u32], origin: Origin) -> Result<u32, EvaluateError> {
        if taught.args.len() != args.len() {
            return Ok(self.fail(format!("{} of {} arguments", taught.name, args.len()), origin));
        }
        if self.depth >= NEST_LIMIT {
            return Ok(self.fail_limit("the nesting of taught functions", origin));
        }
        let names = taught.args.iter().cloned().zip(args.iter().copied()).collect();
        let (tree, root) = &taught.meaning;
        self.depth += 1;
        let outputs = self.lower_tree(tree, &[*root], names, Some(origin));
        self.depth -= 1;
        Ok(outputs?[0])
    }

    /// A derivative: its body becomes a program of its own, with the free names as inputs.
    fn derivative(&mut self, node: TreeId, walk: &mut Walk) -> Result<u32, EvaluateError> {
        let origin = walk.origin(node);
        let mut variables: Vec<SmolStr> = Vec::new();
        let mut body = node;
        // d/dx d/dx f is the second derivative of f.
        while let Kind::Derivative { variables: list, body: inside, .. } = walk.tree.kind(body) {
            for variable in walk.tree.ids(*list) {
                match walk.tree.kind(*variable) {
                    Kind::Name(name) => variables.push(name.clone()),
                    _ => return Ok(self.fail("a derivative in something that is not a name", origin)),
                }
            }
            body = *inside;
        }
        if self.depth >= NEST_LIMIT {
            return Ok(self.fail_limit("the nesting of derivatives", origin));
        }
        let mut captured = free_names(walk.tree, node);
        captured.retain(|name, _| {
            walk.names.contains_key(name)
                || walk.bound.contains_key(name)
                || constant(name).is_none() && name != "inf"
        });
        let mut inputs: Vec<SmolStr> = captured.keys().cloned().collect();
        inputs.sort();
        let program = lower_nested(walk.tree, &[body], &inputs, self.taught, self.depth + 1)?;
        let position = |name: &SmolStr| inputs.iter().position(|input| input == name);
        let Some(variables) = variables.iter().map(position).collect() else {
            return Ok(self.fail("a derivative in a name without a value", origin));
        };
        let captured = inputs.iter().map(|name| walk.done[&captured[name]]).collect();
        self.program.inner.push(Inner { program, variables, captured });
        let index = self.program.inner.len() as u32 - 1;
        Ok(self.add(Step::Derivative(index), origin))
    }
}

/// The names below a derivative that it does not bind itself, each with one of its nodes.
fn free_names(tree: &Tree, node: TreeId) -> FxHashMap<SmolStr, TreeId> {
    let mut names = FxHashMap::default();
    let mut bound: FxHashSet<SmolStr> = FxHashSet::default();
    let mut seen = FxHashSet::default();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if !seen.insert(node) {
            continue;
        }
        match tree.kind(node) {
            Kind::Name(name) if matches!(name.as_str(), "true" | "false") => {}
            Kind::Name(name) => {
                names.insert(name.clone(), node);
            }
            Kind::Prefix(_, a) | Kind::Factorial(a) => stack.push(*a),
            Kind::Binary(_, a, b) => stack.extend([*a, *b]),
            Kind::Compare { operands, .. } => stack.extend(tree.ids(*operands)),
            Kind::Call { args, .. } => stack.extend(tree.ids(*args)),
            Kind::If(c, a, b) => stack.extend([*c, *a, *b]),
            Kind::Where(body, definitions) => {
                stack.push(*body);
                for definition in tree.ids(*definitions) {
                    if let Kind::Define { target, value, .. } = tree.kind(*definition) {
                        if let Kind::Name(name) = tree.kind(*target) {
                            bound.insert(name.clone());
                        }
                        stack.push(*value);
                    }
                }
            }
            Kind::Derivative { variables, body, .. } => {
                stack.extend(tree.ids(*variables));
                stack.push(*body);
            }
            _ => {}
        }
    }
    names.retain(|name, _| !bound.contains(name));
    names
}

/// Exact arithmetic on constants; `None` where it has no rational result.
fn fold(op: Binary, x: &Rational, y: &Rational) -> Option<Rational> {
    match op {
        Binary::Add => Some(x + y),
        Binary::Sub => Some(x - y),
        Binary::Mul | Binary::Juxtapose | Binary::ElementMul => Some(x * y),
        Binary::Div | Binary::ElementDiv => Some(x * &y.recip()?),
        Binary::Pow | Binary::ElementPow => {
            let n = y.as_integer()?;
            let size = x.bits().checked_mul(usize::try_from(n.unsigned_abs()).ok()?)?;
            if size > FOLD_BITS || x.is_zero() && n < 0 {
                return None;
            }
            x.pow(n)
        }
        Binary::Cross | Binary::And | Binary::Or => None,
    }
}

fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) => "a text",
        Kind::Prime(..) | Kind::Inverse(_) => "a function that is not called",
        Kind::Index { .. } | Kind::Colon => "an index",
        Kind::Range(..) | Kind::In(..) => "a range",
        Kind::Equation(..) => "an equation",
        Kind::Arrow(..) => "a limit",
        Kind::Tuple(_) | Kind::Vector(_) | Kind::Comprehension { .. } => "a vector as a number",
        Kind::Matrix(_) => "a matrix as a number",
        Kind::Define { .. } | Kind::Declare { .. } | Kind::Teach { .. } => "a definition",
        Kind::Solve { .. } | Kind::Minimize { .. } => "this request",
        Kind::Missing => "what could not be read",
        _ => "this",
    }
}

impl Program {
    /// Goes through the operands that a step needs before anything is decided.
    pub(super) fn each_operand(&self, step: Step, mut visit: impl FnMut(u32)) {
        match step {
            Step::Call(_, start, length) => {
                self.lists[start as usize..(start + length) as usize].iter().copied().for_each(visit);
            }
            Step::Derivative(inner) => self.inner[inner as usize].captured.iter().copied().for_each(visit),
            step => {
                for operand in operands(step).into_iter().flatten() {
                    visit(operand);
                }
            }
        }
    }
}
