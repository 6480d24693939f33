//! The reader: where it stands, what is bound, and the ways in.

use std::sync::Arc;

use agnesi_syntax::{Code, Diagnostic, Kind, Span, Tree, TreeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::condition::Need;
use super::value::{Binder, Value};
use super::{Shaped, sizes};
use crate::facts::Facts;
use crate::graph::{Graph, Shape};
use crate::op::NodeId;
use crate::settle::{Definition, Scope};
use crate::types::Type;

/// The deepest nesting of an expression with the definitions that it uses.
const MAX_DEPTH: usize = 200;
/// How often a text is read again because the use of a name gave it a shape.
const MAX_PASSES: usize = 16;
/// The most nodes a reading may make.
const MAX_NODES: usize = 400_000;

pub(super) type Read = Result<Value, Diagnostic>;

/// Where a tree is read: the text itself, or the body of a definition at a use.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub tree: &'a Tree,
    /// Names bound by this frame start here in the environment.
    pub base: usize,
    /// The place of the use, inside a definition.
    pub span: Option<Span>,
}

impl Frame<'_> {
    pub fn at(&self, id: TreeId) -> Span {
        self.span.unwrap_or_else(|| self.tree.span(id))
    }
}

/// A name bound inside the text.
#[derive(Clone)]
pub(super) struct Local<'a> {
    pub name: SmolStr,
    pub bound: Bound<'a>,
}

#[derive(Clone)]
pub(super) enum Bound<'a> {
    Value(Value),
    /// A function bound by `where`: its arguments, its body, the frame it is in and the end of what it sees.
    Function(&'a [TreeId], TreeId, Frame<'a>, usize),
}

pub(super) struct Reader<'a> {
    pub g: &'a mut Graph,
    pub scope: &'a Scope,
    pub env: Vec<Local<'a>>,
    /// The size of each binder met so far.
    pub binders: Vec<NodeId>,
    pub inputs: Vec<SmolStr>,
    pub notes: Vec<Diagnostic>,
    pub needs: Vec<Need>,
    /// Types that uses have given to names that are not declared.
    pub inferred: Vec<(SmolStr, Type)>,
    /// A name whose type was found in this pass, so that the text must be read again.
    pub again: bool,
    pub values: FxHashMap<*const Definition, Value>,
    pub active: Vec<*const Definition>,
    pub depth: usize,
    pub decimals: bool,
    /// The operands of the product that is being read, for what is said of them.
    pub operands: Option<(&'a Tree, TreeId, TreeId)>,
    /// Whether needs are recorded: not inside a branch that may not be taken.
    pub guarded: usize,
}

pub(super) fn read(g: &mut Graph, tree: &Tree, root: TreeId, scope: &Scope) -> Result<Shaped, Diagnostic> {
    let mut inferred: Vec<(SmolStr, Type)> = Vec::new();
    for _ in 0..MAX_PASSES {
        let mut reader = Reader::new(g, scope, inferred.clone());
        let frame = Frame { tree, base: 0, span: None };
        let value = reader.root(&frame, root);
        if reader.again {
            inferred = reader.inferred;
            // What was a scalar in this pass is a vector in the next: its symbol is made anew.
            for (name, _) in &inferred {
                g.forget_symbol(name);
            }
            continue;
        }
        let value = value?;
        let value = reader.without_unit_axes(value);
        let mut needs = std::mem::take(&mut reader.needs);
        needs.sort_unstable();
        needs.dedup();
        let mut shaped = Shaped {
            node: value.node,
            form: value.form,
            boolean: value.boolean,
            inputs: reader.inputs,
            inferred: reader.inferred,
            needs: Vec::new(),
            notes: reader.notes,
            has_decimals: reader.decimals,
        };
        shaped.needs = needs.into_iter().filter(|need| !g.is_met(*need)).collect();
        return Ok(shaped);
    }
    Err(Diagnostic::error(
        Code::Shape,
        "the shapes of the names that are not declared contradict each other",
        tree.span(root),
        "in this expression",
    )
    .with_hint("declare them, as in `x: vector(n)`"))
}

pub(super) fn declare(g: &mut Graph, scope: &Scope, name: &str) -> Result<NodeId, Diagnostic> {
    if let Some(id) = g.find_symbol(name) {
        return Ok(g.symbol_node(id));
    }
    let Some(ty) = scope.type_of(name) else {
        let facts = if is_size(scope, name) { Facts::INTEGER.and(Facts::POSITIVE) } else { Facts::REAL };
        return Ok(g.declare(name, facts, Shape::new()));
    };
    let shape = sizes::shape(g, ty)?;
    sizes::declared(g, name, ty.facts, ty.structure, shape)
}

/// Whether a name is the size of a declared tensor.
pub(super) fn is_size(scope: &Scope, name: &str) -> bool {
    scope.names().filter_map(|n| scope.type_of(n)).any(|ty| {
        ty.shape.iter().any(|size| match size {
            crate::types::Size::Name(n) => n == name,
            crate::types::Size::Expression(text) => {
                text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
            }
            crate::types::Size::Number(_) => false,
        })
    })
}

impl<'a> Reader<'a> {
    fn new(g: &'a mut Graph, scope: &'a Scope, inferred: Vec<(SmolStr, Type)>) -> Reader<'a> {
        Reader {
            g,
            scope,
            env: Vec::new(),
            binders: Vec::new(),
            inputs: Vec::new(),
            notes: Vec::new(),
            needs: Vec::new(),
            inferred,
            again: false,
            values: FxHashMap::default(),
            active: Vec::new(),
            depth: 0,
            decimals: false,
            operands: None,
            guarded: 0,
        }
    }

    /// The whole text: a definition is read as its value.
    fn root(&mut self, frame: &Frame<'a>, root: TreeId) -> Read {
        if let Kind::Define { value, binders, .. } = *frame.tree.kind(root)
            && binders.is_empty()
        {
            return self.value(frame, value);
        }
        self.value(frame, root)
    }

    /// An expression in the environment as it is now.
    pub fn value(&mut self, frame: &Frame<'a>, id: TreeId) -> Read {
        if self.depth >= MAX_DEPTH {
            return Err(Diagnostic::error(
                Code::Limit,
                format!("expressions and definitions are nested more than {MAX_DEPTH} deep"),
                frame.at(id),
                "here the limit was reached",
            )
            .with_hint("take a shorter formula, or name its parts"));
        }
        if self.g.len() > MAX_NODES {
            return Err(Diagnostic::error(
                Code::Limit,
                format!("written out, this has more than {MAX_NODES} nodes"),
                frame.at(id),
                "here the limit was reached",
            )
            .with_hint("take a shorter formula"));
        }
        self.depth += 1;
        let value = self.expression(frame, id);
        self.depth -= 1;
        value
    }

    /// An expression that must be a number, not a condition.
    pub fn number(&mut self, frame: &Frame<'a>, id: TreeId) -> Read {
        let value = self.value(frame, id)?;
        if value.boolean {
            return Err(Diagnostic::error(
                Code::Type,
                "a condition is not a number",
                frame.at(id),
                "true or false, not a number",
            )
            .with_hint("write `if condition then 1 else 0`"));
        }
        Ok(value)
    }

    pub fn note(&mut self, note: Diagnostic) {
        if self.notes.len() < 50 && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub fn need(&mut self, need: Need) {
        if self.guarded == 0 {
            self.needs.push(need);
        }
    }

    /// A condition on every entry; one that no entry can meet is an error, unless a branch may avoid it.
    pub fn need_entries(
        &mut self,
        condition: NodeId,
        error: impl FnOnce() -> Diagnostic,
    ) -> Result<(), Diagnostic> {
        if self.guarded == 0 && self.g.truth_in_every_entry(condition) == Some(false) {
            return Err(error());
        }
        self.need(Need::Entries(condition));
        Ok(())
    }

    /// The value of a definition without arguments.
    pub fn value_of(&mut self, definition: &'a Arc<Definition>, span: Span) -> Read {
        let key = Arc::as_ptr(definition);
        if let Some(value) = self.values.get(&key) {
            return Ok(value.clone());
        }
        self.enter(key, definition, span)?;
        let (tree, root) = definition.body();
        let base = self.env.len();
        let value = self.value(&Frame { tree, base, span: Some(span) }, root);
        self.active.pop();
        let value = value.map_err(|error| in_definition(error, definition))?;
        if value.binders.is_empty() {
            self.values.insert(key, value.clone());
        }
        Ok(value)
    }

    /// A defined function at values.
    pub fn call_definition(&mut self, definition: &'a Arc<Definition>, args: &[Value], span: Span) -> Read {
        let params = definition.params().unwrap_or_default();
        if params.len() != args.len() {
            let usage = format!("{}({})", definition.name(), params.join(", "));
            return Err(self.arity(definition.name(), &usage, args.len(), span));
        }
        self.enter(Arc::as_ptr(definition), definition, span)?;
        let (tree, root) = definition.body();
        let base = self.env.len();
        for (param, arg) in params.iter().zip(args) {
            self.env.push(Local { name: param.clone(), bound: Bound::Value(arg.clone()) });
        }
        let value = self.value(&Frame { tree, base, span: Some(span) }, root);
        self.env.truncate(base);
        self.active.pop();
        value.map_err(|error| in_definition(error, definition))
    }

    pub(super) fn enter(
        &mut self,
        key: *const Definition,
        definition: &Definition,
        span: Span,
    ) -> Result<(), Diagnostic> {
        if self.active.contains(&key) {
            return Err(Diagnostic::error(
                Code::Name,
                format!("`{}` is defined by itself", definition.name()),
                span,
                "used here",
            )
            .with_hint("give it a value that does not mention it"));
        }
        self.active.push(key);
        Ok(())
    }

    /// A new binder over an axis of this size.
    pub fn binder(&mut self, size: NodeId) -> Binder {
        self.binders.push(size);
        (self.binders.len() - 1) as Binder
    }

    /// Gives a name that is not declared a type, and has the text read again.
    pub fn infer(&mut self, name: &SmolStr, ty: Type, span: Span) -> Diagnostic {
        self.again = true;
        self.inferred.retain(|(n, _)| n != name);
        self.inferred.push((name.clone(), ty));
        // Not seen: the text is read again.
        Diagnostic::error(Code::Shape, "read again", span, "")
    }

    /// A 1 x 1 matrix counts as a number.
    pub fn without_unit_axes(&mut self, value: Value) -> Value {
        if value.form != super::value::Form::Matrix || !value.binders.is_empty() {
            return value;
        }
        let one = self.g.one();
        if self.g.shape(value.node).iter().any(|size| *size != one) {
            return value;
        }
        let node = self.g.sum_all(value.node);
        Value::scalar(node)
    }
}

pub(super) fn in_definition(mut error: Diagnostic, definition: &Definition) -> Diagnostic {
    if !error.message.contains("(in the definition of") {
        error.message = format!("{} (in the definition of `{}`)", error.message, definition.name());
    }
    error
}
