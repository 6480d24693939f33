//! Programs of the table's own texts, made once a thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use agnesi_functions::{FunctionId, Meaning};
use agnesi_syntax::{Tree, TreeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::{Number, Program};

/// Meanings of meanings end in primitives; a table in which they do not must not exhaust the stack.
const DEPTH_LIMIT: usize = 24;

/// A text of a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Domain,
    Meaning,
    /// The partial derivative in this argument.
    Derivative(usize),
}

type Programs = RefCell<FxHashMap<(FunctionId, Column), Option<Rc<Program>>>>;

thread_local! {
    static PROGRAMS: Programs = RefCell::default();
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The program of a row's meaning; `None` for primitives.
pub(crate) fn meaning(function: FunctionId) -> Option<Rc<Program>> {
    program(function, Column::Meaning)
}

/// The program of a row's partial derivative; `None` where there is none.
pub(crate) fn partial(function: FunctionId, argument: usize) -> Option<Rc<Program>> {
    program(function, Column::Derivative(argument))
}

/// Whether the arguments satisfy a row's domain.
pub(crate) fn in_domain(function: FunctionId, args: &[f64]) -> bool {
    let Some(program) = program(function, Column::Domain) else { return true };
    deeper(|| program.truth::<f64>(args, &()).unwrap_or(false)).unwrap_or(true)
}

/// Runs something one level of meaning deeper; `None` where that is too deep.
pub(crate) fn deeper<T>(run: impl FnOnce() -> T) -> Option<T> {
    let depth = DEPTH.get();
    if depth >= DEPTH_LIMIT {
        return None;
    }
    DEPTH.set(depth + 1);
    let value = run();
    DEPTH.set(depth);
    Some(value)
}

fn program(function: FunctionId, column: Column) -> Option<Rc<Program>> {
    let key = (function, column);
    if let Some(known) = PROGRAMS.with_borrow(|programs| programs.get(&key).cloned()) {
        return known;
    }
    let made = make(function, column).map(Rc::new);
    PROGRAMS.with_borrow_mut(|programs| programs.insert(key, made.clone()));
    made
}

fn make(function: FunctionId, column: Column) -> Option<Program> {
    let row = function.row();
    let source = match column {
        Column::Domain => row.domain,
        Column::Derivative(argument) => row.partial(argument).ok()?,
        Column::Meaning => match row.meaning {
            Meaning::Is(text) => text,
            Meaning::Primitive { .. } => return None,
        },
    };
    let text = agnesi_graph::text(source)?;
    let inputs: Vec<SmolStr> = row.args.iter().map(SmolStr::new).collect();
    compile(&text.tree, text.root, &inputs)
}

fn compile(tree: &Tree, root: TreeId, inputs: &[SmolStr]) -> Option<Program> {
    let program = Program::new(tree, root, inputs, &[]).ok()?;
    (!program.always_fails()).then_some(program)
}

/// The value of a row by its meaning.
pub(crate) fn by_meaning<N: Number>(
    function: FunctionId,
    args: &[N],
    context: &N::Context,
) -> Option<Result<N, crate::Fault>> {
    let program = meaning(function)?;
    deeper(|| program.value(args, context))
}
