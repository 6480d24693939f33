//! The pass itself: two loops over a range of the arena, one to find what is needed, one to settle it.

use agnesi_functions::FunctionId;
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Prefix, Relation, Span, Tree, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::operators::{self, Operator};
use super::scope::{Definition, Scope, target_of};
use super::{Limits, Settled};
use crate::taught::Taught;

/// An error was recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;
pub(super) type Done = Result<TreeId, Failed>;

/// Where a tree is read: the whole input, or the body of a definition at a use.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) tree: &'a Tree,
    /// Names bound by this frame start here in the environment.
    pub(super) base: usize,
    /// The place of the use, inside a definition.
    pub(super) span: Option<Span>,
    pub(super) definition: Option<&'a Definition>,
}

impl Frame<'_> {
    /// The place in the current text.
    pub(super) fn at(&self, id: TreeId) -> Span {
        self.span.unwrap_or_else(|| self.tree.span(id))
    }
}

/// A name bound inside the text.
#[derive(Clone, Debug)]
pub(super) struct Local<'a> {
    pub(super) name: &'a str,
    pub(super) value: Bound<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Bound<'a> {
    /// An argument, a binder, a variable of differentiation.
    Value(TreeId),
    /// A value bound by `where`: settled, and its text, to be settled anew when what it rests on is bound anew.
    Abbreviation(TreeId, TreeId),
    /// A function bound by `where`.
    Function(LocalFunction<'a>),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LocalFunction<'a> {
    pub(super) name: &'a str,
    pub(super) params: &'a [TreeId],
    pub(super) body: TreeId,
    /// The environment that it sees ends here.
    pub(super) sees: usize,
}

/// What can be called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee<'a> {
    Row(FunctionId),
    Definition(&'a Definition),
    Local(LocalFunction<'a>),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning<'a> {
    /// Settled already.
    Value(TreeId),
    Callee(Callee<'a>),
    /// A value defined in the session.
    Defined(&'a Definition),
    Constant(&'static str),
    /// Declared, and no number.
    Tensor,
    /// Declared, or a name that needs no declaration.
    Free,
    Unknown,
}

const UNSEEN: (u32, u32) = (0, u32::MAX);
const PENDING: u32 = u32::MAX;
const FAILED: u32 = u32::MAX - 1;

/// Results by id of the source; an entry counts in the walk whose number it bears.
#[derive(Default)]
pub(super) struct Memo(Vec<(u32, u32)>);

type CallKey = (*const Definition, SmallVec<[u32; 4]>);

pub(super) struct Settler<'a> {
    pub(super) scope: &'a Scope,
    pub(super) whole: (&'a Tree, TreeId),
    pub(super) out: Tree,
    pub(super) env: Vec<Local<'a>>,
    /// Names of the session that are variables for a while.
    pub(super) overrides: Vec<(&'a str, TreeId)>,
    pub(super) active: Vec<&'a Definition>,
    values: FxHashMap<*const Definition, TreeId>,
    calls: FxHashMap<CallKey, TreeId>,
    leaves: FxHashMap<SmolStr, TreeId>,
    pub(super) inputs: Vec<(SmolStr, u32)>,
    input_set: FxHashSet<SmolStr>,
    pub(super) notes: Vec<Diagnostic>,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) taken: Option<FxHashSet<SmolStr>>,
    pool: Vec<Memo>,
    epoch: u32,
    depth: usize,
    limits: Limits,
    /// A limit was reached: nothing more is done.
    stopped: bool,
    decimals: bool,
    /// Something was settled out of the order of the text.
    pub(super) reordered: bool,
}

/// Errors past this number are dropped.
const MOST_ERRORS: usize = 20;

pub(super) fn settle<'a>(
    tree: &'a Tree,
    root: TreeId,
    scope: &'a Scope,
    limits: &Limits,
) -> Result<Settled, Vec<Diagnostic>> {
    let mut settler = Settler::new(tree, root, scope, limits);
    let frame = Frame { tree, base: 0, span: None, definition: None };
    let root = settler.root(&frame, root);
    settler.finish(root)
}

/// Settles the body of a definition with its arguments as free symbols, for its faults; the notes if there are none.
pub(super) fn settle_definition(
    definition: &Definition,
    scope: &Scope,
    limits: &Limits,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let notes = settle_part(definition, definition.root, scope, limits)?.notes;
    let Some(columns) = definition.columns() else { return Ok(notes) };
    let tree: &Tree = &definition.tree;
    let params = definition.params().unwrap_or_default().len();
    for (column, root) in columns {
        // The other columns are facts, conditions and words; they are read by those who use them.
        if matches!(column.as_str(), "derivative" | "antiderivative") {
            let parts = parts(tree, *root);
            if column == "derivative" && parts.len() != params {
                let error = Diagnostic::error(
                    Code::Type,
                    format!(
                        "`{}` has {params} arguments, and {} derivatives are given",
                        definition.name(),
                        parts.len()
                    ),
                    tree.span(*root),
                    "one for each argument is needed",
                )
                .with_hint("separate them by commas, in the order of the arguments");
                return Err(vec![error]);
            }
            for part in parts {
                settle_part(definition, part, scope, limits)?;
            }
        }
    }
    if let Some(place) = mention_of_itself(definition, scope) {
        let error = Diagnostic::error(
            Code::Name,
            format!("`{}` is defined by itself", definition.name()),
            tree.span(place),
            "the definition comes back to itself here",
        )
        .with_hint("a definition may use only what does not depend on it");
        return Err(vec![error]);
    }
    Ok(notes)
}

/// The entries of a column.
fn parts(tree: &Tree, root: TreeId) -> SmallVec<[TreeId; 2]> {
    match tree.kind(root) {
        Kind::Tuple(items) => tree.ids(*items).iter().copied().collect(),
        _ => [root].into_iter().collect(),
    }
}

/// Where the body of a taught function, which is not expanded, comes back to it.
fn mention_of_itself(definition: &Definition, scope: &Scope) -> Option<TreeId> {
    super::walk::below(&definition.tree, definition.root).into_iter().find(|id| {
        let Kind::Name(name) = definition.tree.kind(*id) else { return false };
        name == definition.name()
            || scope
                .definition(name)
                .is_some_and(|used| super::names::mentions(scope, used, definition.name()))
    })
}

/// One tree of a definition with its arguments as free symbols.
fn settle_part(
    definition: &Definition,
    root: TreeId,
    scope: &Scope,
    limits: &Limits,
) -> Result<Settled, Vec<Diagnostic>> {
    let tree: &Tree = &definition.tree;
    let mut settler = Settler::new(tree, root, scope, limits);
    if root == definition.root {
        settler.active.push(definition);
    }
    for name in definition.params().unwrap_or_default() {
        let id = settler.push(Kind::Name(name.clone()), tree.span(root));
        settler.env.push(Local { name, value: Bound::Value(id) });
    }
    let frame = Frame { tree, base: 0, span: None, definition: None };
    let settled = settler.fresh_walk(&frame, root);
    settler.finish(settled)
}

/// A taught function with its texts settled.
pub(super) fn settle_taught(
    definition: &Definition,
    scope: &Scope,
    limits: &Limits,
) -> Result<Taught, Vec<Diagnostic>> {
    let meaning = settle_part(definition, definition.root, scope, limits)?;
    let column = definition.columns().unwrap_or_default().iter().find(|(name, _)| name == "derivative");
    let derivative = match column {
        None => None,
        Some((_, root)) => Some(
            parts(&definition.tree, *root)
                .into_iter()
                .map(|part| {
                    settle_part(definition, part, scope, limits).map(|settled| (settled.tree, settled.root))
                })
                .collect::<Result<Vec<_>, _>>()?,
        ),
    };
    Ok(Taught {
        name: definition.name().clone(),
        args: definition.params().unwrap_or_default().to_vec(),
        meaning: (meaning.tree, meaning.root),
        derivative,
    })
}

impl<'a> Settler<'a> {
    fn new(tree: &'a Tree, root: TreeId, scope: &'a Scope, limits: &Limits) -> Settler<'a> {
        Settler {
            scope,
            whole: (tree, root),
            out: Tree::with_capacity(tree.len().min(root.0 as usize + 1) + 8),
            env: Vec::new(),
            overrides: Vec::new(),
            active: Vec::new(),
            values: FxHashMap::default(),
            calls: FxHashMap::default(),
            leaves: FxHashMap::default(),
            inputs: Vec::new(),
            input_set: FxHashSet::default(),
            notes: Vec::new(),
            errors: Vec::new(),
            taken: None,
            pool: Vec::new(),
            epoch: 0,
            depth: 0,
            limits: *limits,
            stopped: false,
            decimals: false,
            reordered: false,
        }
    }

    fn finish(mut self, root: Done) -> Result<Settled, Vec<Diagnostic>> {
        match root {
            Ok(root) if self.errors.is_empty() => {
                if self.reordered {
                    self.inputs.sort_by_key(|(_, start)| *start);
                }
                Ok(Settled {
                    tree: self.out,
                    root,
                    inputs: self.inputs.into_iter().map(|(name, _)| name).collect(),
                    notes: self.notes,
                    has_decimals: self.decimals,
                })
            }
            _ => Err(self.errors),
        }
    }

    /// The whole input: a definition is read as its value, and only here may there be vectors.
    fn root(&mut self, frame: &Frame<'a>, root: TreeId) -> Done {
        if let Kind::Define { target, value, binders } = *frame.tree.kind(root) {
            if binders.is_empty() {
                match target_of(frame.tree, target) {
                    Ok((name, _)) => {
                        self.note(Diagnostic::note(
                            format!("read as the value of `{name}`"),
                            frame.at(target),
                            "defined here, and not kept",
                        ));
                        self.bind_params_of_root(frame, target);
                        return self.fresh_walk(frame, value);
                    }
                    Err(error) => return Err(self.fail(frame, error)),
                }
            }
            return Err(self.later(frame, root, "recurrences"));
        }
        self.fresh_walk(frame, root)
    }

    fn bind_params_of_root(&mut self, frame: &Frame<'a>, target: TreeId) {
        let Kind::Call { args, .. } = *frame.tree.kind(target) else { return };
        let tree = frame.tree;
        for &arg in tree.ids(args) {
            if let Kind::Name(name) = tree.kind(arg) {
                let id = self.symbol(name, frame.at(arg));
                self.env.push(Local { name, value: Bound::Value(id) });
            }
        }
    }

    /// Settles a node of a tree that no walk is in yet.
    pub(super) fn fresh_walk(&mut self, frame: &Frame<'a>, root: TreeId) -> Done {
        let mut memo = self.pool.pop().unwrap_or_default();
        let result = self.walk(frame, &mut memo, root);
        self.pool.push(memo);
        result
    }

    /// Settles a node in the environment as it is now.
    pub(super) fn walk(&mut self, frame: &Frame<'a>, memo: &mut Memo, root: TreeId) -> Done {
        if self.depth >= self.limits.depth {
            return Err(self.stop(
                frame,
                root,
                format!("definitions and scopes are nested more than {} deep", self.limits.depth),
            ));
        }
        self.depth += 1;
        let result = self.walk_counted(frame, memo, root);
        self.depth -= 1;
        result
    }

    fn walk_counted(&mut self, frame: &Frame<'a>, memo: &mut Memo, root: TreeId) -> Done {
        self.epoch += 1;
        let epoch = self.epoch;
        let end = root.0 as usize + 1;
        if memo.0.len() < end {
            memo.0.resize(end, UNSEEN);
        }
        memo.0[root.0 as usize] = (epoch, PENDING);
        let (mut pending, mut low) = (1usize, root.0);
        for at in (0..=root.0).rev() {
            if memo.0[at as usize].0 != epoch {
                continue;
            }
            pending -= 1;
            low = at;
            let marks = &mut memo.0;
            self.needs(frame, TreeId(at), &mut |child: TreeId| {
                if let Some(mark) = marks.get_mut(child.0 as usize)
                    && mark.0 != epoch
                {
                    *mark = (epoch, PENDING);
                    pending += 1;
                }
            });
            if pending == 0 {
                break;
            }
        }
        let mut last = Err(Failed);
        for at in low..=root.0 {
            if memo.0[at as usize] != (epoch, PENDING) {
                continue;
            }
            last = self.node(frame, memo, epoch, TreeId(at));
            memo.0[at as usize] = (epoch, last.map_or(FAILED, |id| id.0));
            if self.stopped {
                return Err(Failed);
            }
            if self.out.len() > self.limits.nodes {
                let message = format!("written out, this has more than {} nodes", self.limits.nodes);
                return Err(self.stop(frame, TreeId(at), message));
            }
        }
        last
    }

    /// Calls `f` with the children that are settled before a node, in the same environment.
    #[inline]
    fn needs(&self, frame: &Frame<'a>, id: TreeId, f: &mut impl FnMut(TreeId)) {
        match frame.tree.kind(id) {
            Kind::Prefix(_, x) | Kind::Factorial(x) => f(*x),
            Kind::Binary(_, a, b) => {
                f(*a);
                f(*b);
            }
            Kind::Call { head, args } => {
                let special = match frame.tree.kind(*head) {
                    Kind::Name(name) => self.operator_of(frame, name, *args).is_some(),
                    _ => false,
                };
                if !special {
                    frame.tree.ids(*args).iter().copied().for_each(f);
                }
            }
            Kind::If(a, b, c) => {
                f(*a);
                f(*b);
                f(*c);
            }
            Kind::Compare { operands: list, .. } | Kind::Vector(list) => {
                frame.tree.ids(*list).iter().copied().for_each(f);
            }
            _ => {}
        }
    }

    /// The operator that a call of this name means here, if it is one.
    #[inline]
    pub(super) fn operator_of(&self, frame: &Frame<'a>, name: &str, args: List) -> Option<Operator> {
        if name.len() == 1 {
            return None;
        }
        let operator = operators::operator(name)?;
        let tree = frame.tree;
        if let Operator::Reduce(super::operators::Reduce::Min | super::operators::Reduce::Max) = operator {
            let first = tree.ids(args).first().map(|&arg| tree.kind(arg));
            let over = matches!(first, Some(Kind::In(..) | Kind::Vector(_) | Kind::Comprehension { .. }));
            if !over {
                return None;
            }
        }
        match self.lookup(frame, name) {
            // The table comes after the reserved names.
            Meaning::Unknown | Meaning::Free | Meaning::Callee(Callee::Row(_)) => Some(operator),
            _ => None,
        }
    }

    /// A child that the current walk has settled.
    pub(super) fn child(&mut self, frame: &Frame<'a>, memo: &mut Memo, epoch: u32, id: TreeId) -> Done {
        match memo.0.get(id.0 as usize) {
            Some(&(at, value)) if at == epoch && value != PENDING => {
                if value == FAILED {
                    Err(Failed)
                } else {
                    Ok(TreeId(value))
                }
            }
            // A node shared between scopes: settled anew for this one.
            _ => self.walk(frame, memo, id),
        }
    }

    /// A child that must be a number.
    pub(super) fn number(&mut self, frame: &Frame<'a>, memo: &mut Memo, epoch: u32, id: TreeId) -> Done {
        let value = self.child(frame, memo, epoch, id)?;
        self.as_number(frame, id, value)
    }

    /// Checks that a settled value is a number.
    pub(super) fn as_number(&mut self, frame: &Frame<'a>, source: TreeId, value: TreeId) -> Done {
        match self.out.kind(value) {
            Kind::Vector(_) | Kind::Matrix(_) => {
                Err(self.later(frame, source, "operations on vectors and matrices"))
            }
            Kind::Compare { .. }
            | Kind::Prefix(Prefix::Not, _)
            | Kind::Binary(Binary::And | Binary::Or, ..) => {
                let at = frame.at(source);
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "a condition is not a number",
                        at,
                        "true or false, not a number",
                    )
                    .with_hint("write `if condition then 1 else 0`"),
                ))
            }
            _ => Ok(value),
        }
    }

    /// Checks that a settled value is a condition.
    pub(super) fn as_condition(&mut self, frame: &Frame<'a>, source: TreeId, value: TreeId) -> Done {
        match self.out.kind(value) {
            Kind::Compare { .. }
            | Kind::Prefix(Prefix::Not, _)
            | Kind::Binary(Binary::And | Binary::Or, ..) => Ok(value),
            _ => {
                let at = frame.at(source);
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "a number is not a condition",
                        at,
                        "a comparison is expected here",
                    )
                    .with_hint("write for example `x > 0`, or `x != 0`"),
                ))
            }
        }
    }

    fn node(&mut self, frame: &Frame<'a>, memo: &mut Memo, epoch: u32, id: TreeId) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        match tree.kind(id) {
            Kind::Number(text) => {
                self.literal(frame, id, text)?;
                Ok(self.push(Kind::Number(text.clone()), span))
            }
            Kind::Name(name) => self.name(frame, name, span),
            Kind::Prefix(op, x) => match op {
                Prefix::Plus => self.number(frame, memo, epoch, *x),
                Prefix::Neg => {
                    let inner = self.number(frame, memo, epoch, *x)?;
                    Ok(self.push(Kind::Prefix(Prefix::Neg, inner), span))
                }
                Prefix::Not => {
                    let inner = self.child(frame, memo, epoch, *x)?;
                    let inner = self.as_condition(frame, *x, inner)?;
                    Ok(self.push(Kind::Prefix(Prefix::Not, inner), span))
                }
            },
            &Kind::Binary(op, a, b) => self.binary(frame, memo, epoch, (op, a, b), span),
            Kind::Call { head, args } => self.call(frame, memo, epoch, (id, *head, *args)),
            Kind::Factorial(x) => {
                let inner = self.number(frame, memo, epoch, *x)?;
                Ok(self.push_call("factorial", &[inner], span))
            }
            &Kind::If(condition, then, other) => {
                let c = self.child(frame, memo, epoch, condition);
                let a = self.number(frame, memo, epoch, then);
                let b = self.number(frame, memo, epoch, other);
                let c = self.as_condition(frame, condition, c?)?;
                Ok(self.push(Kind::If(c, a?, b?), span))
            }
            Kind::Compare { operands, relations } => {
                let mut values: SmallVec<[TreeId; 4]> = SmallVec::new();
                let mut failed = false;
                for &operand in tree.ids(*operands) {
                    match self.number(frame, memo, epoch, operand) {
                        Ok(value) => values.push(value),
                        Err(Failed) => failed = true,
                    }
                }
                if failed {
                    return Err(Failed);
                }
                self.chain(&values, relations, span)
            }
            Kind::Vector(items) => {
                let mut entries: SmallVec<[TreeId; 8]> = SmallVec::new();
                let mut failed = false;
                for &item in tree.ids(*items) {
                    match self.number(frame, memo, epoch, item) {
                        Ok(entry) => entries.push(entry),
                        Err(Failed) => failed = true,
                    }
                }
                if failed {
                    return Err(Failed);
                }
                Ok(self.push_vector(&entries, span))
            }
            Kind::In(x, set) => self.membership(frame, memo, (*x, *set), span),
            Kind::Prime(x, times) => self.prime(frame, memo, *x, *times, span),
            Kind::Derivative { variables, body, .. } => {
                self.derivative_node(frame, memo, (id, *variables, *body), span)
            }
            Kind::Where(body, list) => self.where_node(frame, memo, *body, *list),
            Kind::Index { base, indices } => self.index(frame, memo, (id, *base, *indices)),
            Kind::Matrix(rows) => self.matrix(frame, memo, id, *rows),
            Kind::Inverse(head) => {
                let text = match tree.kind(*head) {
                    Kind::Name(name) => name.as_str(),
                    _ => "f",
                };
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "a function stands here without its argument",
                        span,
                        "no argument",
                    )
                    .with_hint(format!("write `{text}^-1(x)`")),
                ))
            }
            Kind::Comprehension { .. } => Err(self.later(frame, id, "vectors by rule")),
            Kind::Tuple(_) => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Unsupported,
                    "pairs and tuples of values come with a later version",
                    span,
                    "this is a tuple",
                )
                .with_hint("for a vector-valued function write `[a, b]`"),
            )),
            Kind::Colon | Kind::Range(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Type, "a range is not a number", span, "a range stands here")
                    .with_hint("ranges go with a binder: `sum(i in 1..5, i^2)`"),
            )),
            Kind::Arrow(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Syntax, "an arrow has no value of its own", span, "`->` stands here")
                    .with_hint("it belongs to a limit: `limit(sin(x)/x, x -> 0)`"),
            )),
            Kind::Equation(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Syntax, "an equation is not a number", span, "`=` stands here")
                    .with_hint(
                        "to compare, write `==`; to name a value, write `a = ...` before, or `where a = ...`",
                    ),
            )),
            Kind::Text(_) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Type, "a text in quotes is not a number", span, "a text stands here")
                    .with_hint("names are written without quotes"),
            )),
            Kind::Solve { .. } => Err(self.later(frame, id, "solving equations")),
            Kind::Minimize { .. } => Err(self.later(frame, id, "optimisation")),
            Kind::Define { .. } | Kind::Declare { .. } | Kind::Teach { .. } => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Input,
                    "an expression is expected, this binds a name",
                    span,
                    "a declaration or definition",
                )
                .with_hint("definitions go before the expression, in `let`"),
            )),
            Kind::Missing => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Syntax,
                    "nothing could be read here",
                    span,
                    "an expression is expected",
                )
                .with_hint("write a formula such as `sin(4w) + 0.1w^2`"),
            )),
        }
    }

    fn binary(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        epoch: u32,
        (op, a, b): (Binary, TreeId, TreeId),
        span: Span,
    ) -> Done {
        if let Binary::And | Binary::Or = op {
            let left = self.child(frame, memo, epoch, a);
            let right = self.child(frame, memo, epoch, b);
            let left = self.as_condition(frame, a, left?);
            let right = self.as_condition(frame, b, right?);
            return Ok(self.push(Kind::Binary(op, left?, right?), span));
        }
        let left = self.number(frame, memo, epoch, a);
        let right = self.number(frame, memo, epoch, b);
        let (left, right) = (left?, right?);
        let op = match op {
            Binary::Juxtapose | Binary::ElementMul | Binary::Cross => Binary::Mul,
            Binary::ElementDiv => Binary::Div,
            Binary::ElementPow => Binary::Pow,
            plain => plain,
        };
        if op == Binary::Pow
            && let Kind::Name(_) = frame.tree.kind(a)
            && let &Kind::Binary(Binary::Mul, first, last) = self.out.kind(left)
            && self.out.span(left) == frame.at(a)
            && matches!(self.out.kind(last), Kind::Name(_))
            && self.out.span(last) == frame.at(a)
        {
            // `xy^2` with x and y known is x*y^2.
            let power = self.push(Kind::Binary(Binary::Pow, last, right), span);
            return Ok(self.push(Kind::Binary(Binary::Mul, first, power), span));
        }
        Ok(self.push(Kind::Binary(op, left, right), span))
    }

    /// `a < b <= c` as the conjunction of its steps; the operands are shared.
    pub(super) fn chain(&mut self, values: &[TreeId], relations: &[Relation], span: Span) -> Done {
        let mut all = None;
        for (pair, &relation) in values.windows(2).zip(relations) {
            let operands = self.out.list(pair);
            let step = self.push(Kind::Compare { operands, relations: vec![relation] }, span);
            all = Some(match all {
                None => step,
                Some(before) => self.push(Kind::Binary(Binary::And, before, step), span),
            });
        }
        all.ok_or(Failed)
    }

    /// Notes whether a number is a decimal, and refuses those that no one could mean.
    fn literal(&mut self, frame: &Frame<'a>, id: TreeId, text: &str) -> Result<(), Failed> {
        if text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 64 {
            return Ok(());
        }
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        self.decimals |= mantissa.contains('.') || mantissa.len() != text.len();
        let exponent = exponent.parse::<i64>().map_or(i64::MAX, |e| e.saturating_abs());
        if mantissa.len() > 10_000 || exponent > 10_000 {
            let at = frame.at(id);
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Limit,
                    "this number is too long to be kept exact",
                    at,
                    "more than 10,000 digits",
                )
                .with_hint("take fewer digits, or a smaller exponent"),
            ));
        }
        Ok(())
    }

    pub(super) fn push(&mut self, kind: Kind, span: Span) -> TreeId {
        self.out.push(kind, span)
    }

    pub(super) fn push_call(&mut self, name: &str, args: &[TreeId], span: Span) -> TreeId {
        let head = self.push(Kind::Name(SmolStr::new(name)), span);
        let args = self.out.list(args);
        self.push(Kind::Call { head, args }, span)
    }

    pub(super) fn push_vector(&mut self, entries: &[TreeId], span: Span) -> TreeId {
        let list = self.out.list(entries);
        self.push(Kind::Vector(list), span)
    }

    pub(super) fn push_number(&mut self, value: i64, span: Span) -> TreeId {
        let digits = self.push(Kind::Number(SmolStr::new(value.unsigned_abs().to_string())), span);
        if value < 0 { self.push(Kind::Prefix(Prefix::Neg, digits), span) } else { digits }
    }

    /// A free symbol.
    pub(super) fn symbol(&mut self, name: &SmolStr, span: Span) -> TreeId {
        let known = if self.inputs.len() < 16 {
            self.inputs.iter().any(|(input, _)| input == name)
        } else {
            if self.input_set.is_empty() {
                self.input_set.extend(self.inputs.iter().map(|(input, _)| input.clone()));
            }
            self.input_set.contains(name)
        };
        if !known {
            self.inputs.push((name.clone(), span.start));
            if self.inputs.len() > 16 {
                self.input_set.insert(name.clone());
            }
        }
        self.push(Kind::Name(name.clone()), span)
    }

    /// A node that stands for itself and all leaves equal to it.
    fn canonical(&mut self, id: TreeId) -> u32 {
        match self.out.kind(id) {
            Kind::Name(text) | Kind::Number(text) => match self.leaves.get(text) {
                Some(first) => first.0,
                None => {
                    self.leaves.insert(text.clone(), id);
                    id.0
                }
            },
            _ => id.0,
        }
    }

    /// The value of a definition without arguments.
    pub(super) fn value_of(&mut self, frame: &Frame<'a>, definition: &'a Definition, span: Span) -> Done {
        let shared = self.overrides.is_empty();
        if shared && let Some(&value) = self.values.get(&std::ptr::from_ref(definition)) {
            return Ok(value);
        }
        let value = self.expand(frame, definition, &[], span)?;
        if shared {
            self.values.insert(definition, value);
        }
        Ok(value)
    }

    /// The body of a definition with its arguments bound; the same node for the same arguments.
    pub(super) fn call_of(
        &mut self,
        frame: &Frame<'a>,
        definition: &'a Definition,
        args: &[TreeId],
        span: Span,
    ) -> Done {
        let key: CallKey = (definition, args.iter().map(|&arg| self.canonical(arg)).collect());
        let shared = self.overrides.is_empty();
        if shared && let Some(&value) = self.calls.get(&key) {
            return Ok(value);
        }
        let value = self.expand(frame, definition, args, span)?;
        if shared {
            self.calls.insert(key, value);
        }
        Ok(value)
    }

    fn expand(&mut self, frame: &Frame<'a>, definition: &'a Definition, args: &[TreeId], span: Span) -> Done {
        if let Some(first) = self.active.iter().position(|active| std::ptr::eq(*active, definition)) {
            let mut cycle: Vec<String> =
                self.active[first..].iter().map(|active| format!("`{}`", active.name())).collect();
            cycle.push(format!("`{}`", definition.name()));
            let message = if cycle.len() == 2 {
                format!("{} is defined by itself", cycle[0])
            } else {
                format!("{} is defined by itself: {}", cycle[0], cycle.join(" needs "))
            };
            return Err(self.fail(
                frame,
                Diagnostic::error(Code::Name, message, span, "the definition comes back to itself here")
                    .with_hint("a definition may use only what does not depend on it"),
            ));
        }
        let base = self.env.len();
        for (name, &arg) in definition.params().unwrap_or_default().iter().zip(args) {
            self.env.push(Local { name, value: Bound::Value(arg) });
        }
        let inner = Frame {
            tree: &definition.tree,
            base,
            span: Some(frame.span.unwrap_or(span)),
            definition: Some(definition),
        };
        self.active.push(definition);
        let result = self.fresh_walk(&inner, definition.root);
        self.active.pop();
        self.env.truncate(base);
        result
    }

    pub(super) fn note(&mut self, note: Diagnostic) {
        if self.notes.len() < 50 && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Records an error.
    pub(super) fn fail(&mut self, frame: &Frame<'a>, mut error: Diagnostic) -> Failed {
        if let (Some(_), Some(definition)) = (frame.span, frame.definition) {
            error.message = format!("{} (in the definition of `{}`)", error.message, definition.name());
        }
        if self.errors.len() < MOST_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
        Failed
    }

    /// Records that something is understood, and not in this version.
    pub(super) fn later(&mut self, frame: &Frame<'a>, id: TreeId, what: &str) -> Failed {
        let verb = if what == "optimisation" || what == "solving equations" || what.starts_with("the ") {
            "comes"
        } else {
            "come"
        };
        let at = frame.at(id);
        self.fail(
            frame,
            Diagnostic::error(
                Code::Unsupported,
                format!("{what} {verb} with a later version"),
                at,
                "understood, but not yet computed",
            )
            .with_hint("this version takes formulas in scalars"),
        )
    }

    /// Records that a limit was reached and ends the work.
    pub(super) fn stop(&mut self, frame: &Frame<'a>, id: TreeId, message: String) -> Failed {
        self.stopped = true;
        let at = frame.at(id);
        self.fail(
            frame,
            Diagnostic::error(Code::Limit, message, at, "here the limit was reached")
                .with_hint("take a shorter formula or range"),
        )
    }
}
