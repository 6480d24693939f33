//! The pass itself: two loops over a range of the arena, one to find what is needed, one to settle it.

use agnesi_functions::FunctionId;
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Prefix, Span, Tree, TreeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::operators::{self, Operator};
use super::scope::{Definition, Scope, target_of};
use super::{Limits, Settled};

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

pub(super) type CallKey = (*const Definition, SmallVec<[u32; 4]>);

pub(super) struct Settler<'a> {
    pub(super) scope: &'a Scope,
    pub(super) whole: (&'a Tree, TreeId),
    pub(super) out: Tree,
    pub(super) env: Vec<Local<'a>>,
    /// Names of the session that are variables for a while.
    pub(super) overrides: Vec<(&'a str, TreeId)>,
    pub(super) active: Vec<&'a Definition>,
    pub(super) values: FxHashMap<*const Definition, TreeId>,
    pub(super) calls: FxHashMap<CallKey, TreeId>,
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
    pub(super) decimals: bool,
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

impl<'a> Settler<'a> {
    pub(super) fn new(tree: &'a Tree, root: TreeId, scope: &'a Scope, limits: &Limits) -> Settler<'a> {
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

    pub(super) fn finish(mut self, root: Done) -> Result<Settled, Vec<Diagnostic>> {
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
    pub(super) fn canonical(&mut self, id: TreeId) -> u32 {
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
