//! What is in scope: declarations, definitions, taught functions and facts, read from text.

use agnesi_syntax::{
    Binary, Code, Diagnostic, Kind, List, NameKind, Names, Prefix, Relation, Span, Tree, TreeId, parse,
};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

use super::recurrence::{self, Entry};
use super::{Limits, definitions, indexed, operators, walk};
use crate::facts::Facts;
use crate::taught::Taught;
use crate::types::{Element, Type};

/// A definition: `a = 3`, `f(x) = x^2`, or a function that was taught with its columns.
#[derive(Debug)]
pub struct Definition {
    name: SmolStr,
    params: Option<Vec<SmolStr>>,
    text: String,
    pub(super) tree: Arc<Tree>,
    pub(super) root: TreeId,
    /// Names that the body mentions beside its own arguments.
    pub(super) mentions: Vec<SmolStr>,
    columns: Option<Vec<(SmolStr, TreeId)>>,
}

impl Definition {
    /// The name defined.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// The names of the arguments; `None` for a value, as in `a = 3`.
    pub fn params(&self) -> Option<&[SmolStr]> {
        self.params.as_deref()
    }

    /// The statement as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree as written and the root of the body in it.
    pub fn body(&self) -> (&Tree, TreeId) {
        (&self.tree, self.root)
    }

    /// The columns of a taught function, each with the root of its text in the tree of the body; `None` for plain
    /// definitions.
    pub fn columns(&self) -> Option<&[(SmolStr, TreeId)]> {
        self.columns.as_deref()
    }
}

/// A fact: a condition that the session takes to hold.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The tree as written.
    pub tree: Arc<Tree>,
    /// The condition in it.
    pub root: TreeId,
    /// The text.
    pub text: String,
}

/// The names bound so far in a session. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    definitions: FxHashMap<SmolStr, Arc<Definition>>,
    types: FxHashMap<SmolStr, Type>,
    facts: Vec<Fact>,
    order: Vec<SmolStr>,
    /// While statements are read: entries of the name that is being defined, from the statements before.
    entries: Vec<Entry>,
}

impl Scope {
    /// Nothing but the table of functions and the constants.
    pub fn new() -> Scope {
        Scope::default()
    }

    /// Takes statements, separated by `;` or newlines: declarations, definitions, `function` and facts. Later
    /// definitions replace earlier ones of the same name. Every new definition is settled once, so that its faults
    /// are reported here and not at its first use. Returns notes on how the text was understood.
    ///
    /// # Errors
    /// The faults found; the scope is then as before.
    pub fn read(&mut self, text: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let parsed = parse(text, self);
        if parsed.has_errors() {
            return Err(parsed.diagnostics.into_iter().filter(Diagnostic::is_error).collect());
        }
        let mut next = self.clone();
        let mut notes = parsed.diagnostics;
        let mut errors = Vec::new();
        let mut fresh = Vec::new();
        let tree = Arc::new(parsed.tree);
        // Single entries, the beginnings of recurrences.
        let mut entries: Vec<(SmolStr, Entry)> = Vec::new();
        for &statement in &parsed.statements {
            if let Kind::Define { target, value, binders } = *tree.kind(statement)
                && binders.is_empty()
                && let Some((name, number)) = recurrence::single_entry(&tree, target)
            {
                entries.push((name, Entry { number, value, target }));
                continue;
            }
            let name = match *tree.kind(statement) {
                Kind::Define { target, .. } => base_name(&tree, target),
                _ => None,
            };
            next.entries =
                entries.iter().filter(|(n, _)| Some(n) == name.as_ref()).map(|(_, e)| *e).collect();
            entries.retain(|(n, _)| Some(n) != name.as_ref());
            match next.add(&tree, statement, text) {
                Ok(Some(name)) => fresh.push(name),
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        next.entries.clear();
        errors.extend(entries.iter().map(|(name, entry)| indexed::lone_entry(&tree, name, entry)));
        fresh.sort_unstable();
        fresh.dedup();
        for name in &fresh {
            if let Some(definition) = next.definitions.get(name) {
                let (tree, root) = definition.body();
                if definition.params().is_some() && is_tuple(tree, root) {
                    // Used where a tuple stands, as in `fold`, and read there.
                    continue;
                }
                if crate::shaped::definition_needs_shapes(definition, &next) {
                    // What a function of tensors means hangs on its arguments; a value is read now.
                    if definition.params().is_none()
                        && let Err(mut found) = crate::Graph::new().read_shaped(tree, root, &next)
                    {
                        errors.append(&mut found);
                    }
                    continue;
                }
                match definitions::settle_definition(definition, &next, &Limits::default()) {
                    Ok(settled) => notes.extend(settled),
                    Err(faults) => errors.extend(faults),
                }
            }
        }
        if !errors.is_empty() {
            errors.sort_by_key(|error| error.labels.first().map(|label| label.span.start));
            errors.dedup();
            return Err(errors);
        }
        *self = next;
        Ok(notes)
    }

    /// Declares a name, as `name: type` does.
    pub fn declare(&mut self, name: impl Into<SmolStr>, ty: Type) {
        let name = name.into();
        self.note_order(&name);
        self.definitions.remove(&name);
        self.types.insert(name, ty);
    }

    /// Forgets a name: its definition and its declaration. Returns whether there was one.
    pub fn forget(&mut self, name: &str) -> bool {
        let known = self.definitions.remove(name).is_some() | self.types.remove(name).is_some();
        self.order.retain(|other| other != name);
        known
    }

    /// What a name was declared to be, if it was.
    pub fn type_of(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// What is known of a free name: nothing, if nothing was said.
    pub fn facts(&self, name: &str) -> Facts {
        self.types.get(name).map_or(Facts::REAL, |ty| ty.facts)
    }

    /// What a name was defined as, if it was.
    pub fn definition(&self, name: &str) -> Option<&Arc<Definition>> {
        if self.definitions.is_empty() { None } else { self.definitions.get(name) }
    }

    /// All definitions, in the order in which their names first came up.
    pub fn definitions(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.order.iter().filter_map(|name| self.definitions.get(name))
    }

    /// The functions that were taught, with their texts settled, for [`crate::Graph::teach`] and for evaluation.
    ///
    /// # Errors
    /// Faults of texts that were sound when they were read, and are not with the definitions since.
    pub fn taught(&self) -> Result<Vec<Taught>, Vec<Diagnostic>> {
        self.definitions()
            .filter(|definition| definition.columns.is_some())
            .map(|definition| definitions::settle_taught(definition, self, &Limits::default()))
            .collect()
    }

    /// The conditions that were stated.
    pub fn conditions(&self) -> &[Fact] {
        &self.facts
    }

    /// All names bound, in the order in which they first came up.
    pub fn names(&self) -> impl Iterator<Item = &SmolStr> {
        self.order.iter()
    }

    /// Whether nothing is bound.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    fn note_order(&mut self, name: &SmolStr) {
        if !self.definitions.contains_key(name) && !self.types.contains_key(name) {
            self.order.push(name.clone());
        }
    }

    /// Adds one statement; the name that it defines, if any.
    fn add(&mut self, tree: &Arc<Tree>, id: TreeId, text: &str) -> Result<Option<SmolStr>, Diagnostic> {
        let span = tree.span(id);
        match *tree.kind(id) {
            Kind::Define { target, value, binders } => {
                self.define(tree, id, (target, value, binders), None, text).map(Some)
            }
            Kind::Teach { define, columns } => {
                let Kind::Define { target, value, binders } = *tree.kind(define) else {
                    return Err(no_statement(span));
                };
                let mut read = Vec::new();
                for &column in tree.ids(columns) {
                    match *tree.kind(column) {
                        Kind::Equation(name, body) => match tree.kind(name) {
                            Kind::Name(name) => read.push((name.clone(), body)),
                            _ => return Err(no_column(tree.span(name))),
                        },
                        _ => return Err(no_column(tree.span(column))),
                    }
                }
                self.define(tree, id, (target, value, binders), Some(read), text).map(Some)
            }
            Kind::Declare { names, ty } => {
                let ty = Type::parse(tree, ty, text)?;
                for &name in tree.ids(names) {
                    let Kind::Name(text) = tree.kind(name) else {
                        return Err(Diagnostic::error(
                            Code::Syntax,
                            "only names can be declared",
                            tree.span(name),
                            "this is not a name",
                        )
                        .with_hint("write `x, y: real`"));
                    };
                    self.note_order(text);
                    self.definitions.remove(text);
                    self.types.insert(text.clone(), ty.clone());
                }
                Ok(None)
            }
            Kind::Compare { .. } | Kind::In(..) => self.fact(tree, id, text).map(|()| None),
            Kind::Missing => Ok(None),
            Kind::Solve { .. } | Kind::Minimize { .. } => Err(Diagnostic::error(
                Code::Input,
                "a problem to solve is not something to bind",
                span,
                "only declarations, definitions and facts stand here",
            )
            .with_hint("ask for it as the expression itself")),
            _ => Err(no_statement(span)),
        }
    }

    fn define(
        &mut self,
        tree: &Arc<Tree>,
        id: TreeId,
        (target, value, binders): (TreeId, TreeId, List),
        columns: Option<Vec<(SmolStr, TreeId)>>,
        text: &str,
    ) -> Result<SmolStr, Diagnostic> {
        let by_index = !binders.is_empty() || matches!(tree.kind(target), Kind::Index { .. });
        let (name, mut params, mut tree, mut value) = if by_index {
            let (name, tree, value) =
                indexed::by_rule(tree, (target, value, binders), &self.entries, tree.span(id))?;
            (name, None, tree, value)
        } else {
            let (name, params) = target_of(tree, target)?;
            (name, params, tree.clone(), value)
        };
        if params.is_none()
            && let Some(args) = self.function_args(&tree, value)
        {
            // `g = f'` means `g(x) = f'(x)`.
            let mut copy = Tree::clone(&tree);
            let span = copy.span(value);
            let ids: Vec<TreeId> = args.iter().map(|arg| copy.push(Kind::Name(arg.clone()), span)).collect();
            let list = copy.list(&ids);
            value = copy.push(Kind::Call { head: value, args: list }, span);
            (tree, params) = (Arc::new(copy), Some(args));
        }
        let mut mentions: Vec<SmolStr> = Vec::new();
        for node in walk::below(&tree, value) {
            if let Kind::Name(mention) = tree.kind(node)
                && !params.as_ref().is_some_and(|params| params.contains(mention))
                && !(by_index && *mention == name)
                && !mentions.contains(mention)
            {
                mentions.push(mention.clone());
            }
        }
        self.note_order(&name);
        if params.is_some() {
            self.types.remove(&name);
        }
        let span = tree.span(id);
        let text = text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
        let definition =
            Definition { name: name.clone(), params, text, tree, root: value, mentions, columns };
        self.definitions.insert(name.clone(), Arc::new(definition));
        Ok(name)
    }

    /// The names of the arguments of a function that stands without them: `f`, `f'`, `sin^-1`.
    fn function_args(&self, tree: &Tree, value: TreeId) -> Option<Vec<SmolStr>> {
        let of_name = |name: &SmolStr| -> Option<Vec<SmolStr>> {
            if let Some(definition) = self.definitions.get(name) {
                return definition.params.clone();
            }
            if self.types.contains_key(name) || name.len() == 1 || operators::constant(name).is_some() {
                return None;
            }
            let row = agnesi_functions::find(name)?.row();
            Some(row.args.iter().map(|arg| SmolStr::new_static(arg)).collect())
        };
        match *tree.kind(value) {
            Kind::Name(ref name) => of_name(name),
            Kind::Prime(inner, _) | Kind::Inverse(inner) => match tree.kind(inner) {
                Kind::Name(name) => of_name(name).filter(|args| args.len() == 1),
                _ => None,
            },
            _ => None,
        }
    }

    fn fact(&mut self, tree: &Arc<Tree>, id: TreeId, text: &str) -> Result<(), Diagnostic> {
        let span = tree.span(id);
        let mut learned: Vec<(TreeId, Facts, Option<Element>)> = Vec::new();
        match tree.kind(id) {
            Kind::Compare { operands, relations } => {
                let operands = tree.ids(*operands);
                for (pair, &relation) in operands.windows(2).zip(relations) {
                    if let Some(sign) = sign_of(tree, pair[1]) {
                        learned.push((pair[0], from_relation(relation, sign), None));
                    }
                    if let Some(sign) = sign_of(tree, pair[0]) {
                        learned.push((pair[1], from_relation(flipped(relation), sign), None));
                    }
                }
            }
            Kind::In(x, set) => match tree.kind(*set) {
                Kind::Vector(ends) | Kind::Tuple(ends) if ends.len() == 2 => {
                    let open = matches!(tree.kind(*set), Kind::Tuple(_));
                    let (above, below) = if open {
                        (Relation::Greater, Relation::Less)
                    } else {
                        (Relation::GreaterEqual, Relation::LessEqual)
                    };
                    let ends = tree.ids(*ends);
                    for (end, relation) in [(ends[0], above), (ends[1], below)] {
                        if let Some(sign) = sign_of(tree, end) {
                            learned.push((*x, from_relation(relation, sign), None));
                        }
                    }
                }
                Kind::Range(from, to) => {
                    learned.push((*x, Facts::INTEGER, Some(Element::Integer)));
                    for (end, relation) in [(*from, Relation::GreaterEqual), (*to, Relation::LessEqual)] {
                        if let Some(sign) = sign_of(tree, end) {
                            learned.push((*x, from_relation(relation, sign), None));
                        }
                    }
                }
                _ => {
                    let ty = Type::parse(tree, *set, text)?;
                    learned.push((*x, ty.facts, Some(ty.element)));
                }
            },
            _ => {}
        }
        for (place, facts, element) in learned {
            let Kind::Name(name) = tree.kind(place) else { continue };
            self.note_order(name);
            let ty = self.types.entry(name.clone()).or_default();
            ty.facts = ty.facts.and(facts);
            if let Some(element) = element {
                ty.element = element;
            }
            if ty.facts.has(Facts::NEGATIVE.and(Facts::NONNEGATIVE))
                || ty.facts.has(Facts::POSITIVE.and(Facts::NONPOSITIVE))
            {
                return Err(Diagnostic::error(
                    Code::Domain,
                    format!("the facts about `{name}` contradict each other"),
                    span,
                    "this cannot hold beside what was said before",
                )
                .with_hint(format!("declare `{name}: real` anew to forget what was said of it")));
            }
        }
        let text = text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
        self.facts.push(Fact { tree: tree.clone(), root: id, text });
        Ok(())
    }
}

impl Names for Scope {
    fn kind(&self, name: &str) -> NameKind {
        if !self.order.is_empty() {
            if let Some(definition) = self.definitions.get(name) {
                return match definition.params {
                    Some(_) => NameKind::Function,
                    None => match definition.tree.kind(definition.root) {
                        Kind::Vector(_) | Kind::Matrix(_) | Kind::Comprehension { .. } => NameKind::Tensor,
                        _ => NameKind::Scalar,
                    },
                };
            }
            if let Some(ty) = self.types.get(name) {
                return if ty.is_scalar() { NameKind::Scalar } else { NameKind::Tensor };
            }
        }
        if operators::constant(name).is_some() {
            return NameKind::Scalar;
        }
        if agnesi_functions::find(name).is_some() || operators::is_operator(name) {
            return NameKind::Function;
        }
        NameKind::Unknown
    }
}

/// The name and the arguments that a definition binds.
pub(super) fn target_of(tree: &Tree, target: TreeId) -> Result<(SmolStr, Option<Vec<SmolStr>>), Diagnostic> {
    let span = tree.span(target);
    match tree.kind(target) {
        Kind::Name(name) => Ok((name.clone(), None)),
        Kind::Call { head, args } => {
            let Kind::Name(name) = tree.kind(*head) else {
                return Err(no_target(tree.span(*head)));
            };
            let mut params: Vec<SmolStr> = Vec::with_capacity(args.len());
            for &arg in tree.ids(*args) {
                let Kind::Name(param) = tree.kind(arg) else {
                    return Err(Diagnostic::error(
                        Code::Syntax,
                        format!("the arguments of `{name}` must be names where it is defined"),
                        tree.span(arg),
                        "this is not a name",
                    )
                    .with_hint(format!("write `{name}(x) = ...`")));
                };
                if params.contains(param) {
                    return Err(Diagnostic::error(
                        Code::Name,
                        format!("`{name}` has two arguments of the name `{param}`"),
                        tree.span(arg),
                        "the second one",
                    )
                    .with_hint("give each argument a name of its own"));
                }
                params.push(param.clone());
            }
            Ok((name.clone(), Some(params)))
        }
        Kind::Index { .. } => Err(by_index(span)),
        _ => Err(no_target(span)),
    }
}

/// The name before the brackets of `T[i]`.
fn base_name(tree: &Tree, target: TreeId) -> Option<SmolStr> {
    match tree.kind(target) {
        Kind::Index { base, .. } => match tree.kind(*base) {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value is a tuple, perhaps with names behind it.
fn is_tuple(tree: &Tree, root: TreeId) -> bool {
    match tree.kind(root) {
        Kind::Tuple(_) => true,
        Kind::Where(body, _) => is_tuple(tree, *body),
        _ => false,
    }
}

/// An index on the left where none can stand.
fn by_index(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Unsupported,
        "a definition by index cannot stand here",
        span,
        "defined by index here",
    )
    .with_hint("define it before the formula, as in `v[i] = ... for i in 1..n; v`")
}

fn no_target(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this cannot be defined", span, "neither a name nor a function of names")
        .with_hint("write `a = 3` or `f(x) = x^2`; to compare, write `==`")
}

fn no_statement(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Input,
        "this expression binds nothing",
        span,
        "a declaration, a definition or a fact is expected here",
    )
    .with_hint("give it a name, as in `a = ...`, declare with `x: real`, or state a fact such as `x > 0`")
}

fn no_column(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this is no column of a function", span, "a column has a name and a text")
        .with_hint("write `with derivative ...; range ...`")
}

fn flipped(relation: Relation) -> Relation {
    match relation {
        Relation::Less => Relation::Greater,
        Relation::LessEqual => Relation::GreaterEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterEqual => Relation::LessEqual,
        Relation::Equal => Relation::Equal,
        Relation::NotEqual => Relation::NotEqual,
    }
}

/// What `x relation c` says of the sign of x, for c of the given sign.
fn from_relation(relation: Relation, sign: i8) -> Facts {
    match (relation, sign) {
        (Relation::Greater, 0..) | (Relation::GreaterEqual | Relation::Equal, 1..) => Facts::POSITIVE,
        (Relation::GreaterEqual, 0) => Facts::NONNEGATIVE,
        (Relation::Less, ..=0) | (Relation::LessEqual | Relation::Equal, ..=-1) => Facts::NEGATIVE,
        (Relation::LessEqual, 0) => Facts::NONPOSITIVE,
        (Relation::NotEqual, 0) => Facts::NONZERO,
        _ => Facts::REAL,
    }
}

/// The sign of a literal number or constant.
fn sign_of(tree: &Tree, id: TreeId) -> Option<i8> {
    match tree.kind(id) {
        Kind::Number(text) => {
            let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
            Some(mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b)) as i8)
        }
        Kind::Name(name) if operators::constant(name).is_some() => Some(1),
        Kind::Prefix(Prefix::Neg, x) => match tree.kind(*x) {
            Kind::Prefix(..) => None,
            _ => sign_of(tree, *x).map(|sign| -sign),
        },
        Kind::Binary(Binary::Div, a, b) => match (tree.kind(*a), tree.kind(*b)) {
            (Kind::Number(_) | Kind::Prefix(..) | Kind::Name(_), Kind::Number(_)) => sign_of(tree, *a),
            _ => None,
        },
        _ => None,
    }
}
