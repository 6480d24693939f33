//! Programs of the derivative column, made once a thread.

use std::cell::RefCell;
use std::rc::Rc;

use agnesi_functions::FunctionId;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::Program;

type Entry = Result<Rc<Program>, &'static str>;

thread_local! {
    static PROGRAMS: RefCell<FxHashMap<(FunctionId, usize), Entry>> = RefCell::default();
}

/// The program of a row's partial derivative in one argument, or why there is none.
pub(super) fn partial(function: FunctionId, argument: usize) -> Entry {
    let key = (function, argument);
    if let Some(known) = PROGRAMS.with_borrow(|programs| programs.get(&key).cloned()) {
        return known;
    }
    let made = make(function, argument);
    PROGRAMS.with_borrow_mut(|programs| programs.insert(key, made.clone()));
    made
}

fn make(function: FunctionId, argument: usize) -> Entry {
    let row = function.row();
    let source = row.partial(argument)?;
    let unreadable = "its derivative in the table cannot be read";
    let text = agnesi_graph::text(source).ok_or(unreadable)?;
    let inputs: Vec<SmolStr> = row.args.iter().map(|name| SmolStr::new_static(name)).collect();
    Program::new(&text.tree, text.root, &inputs, &[]).map(Rc::new).map_err(|_| unreadable)
}
