//! Texts of the table, parsed once a thread.

use std::cell::RefCell;
use std::rc::Rc;

use agnesi_functions::{FunctionId, constant, find};
use agnesi_syntax::{Binary, Kind, NameKind, Names, Prefix, Tree, TreeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::Rational;

/// The names that texts of the table use: its functions; everything else is a scalar.
pub struct TableNames;

impl Names for TableNames {
    fn kind(&self, name: &str) -> NameKind {
        if find(name).is_some() || matches!(name, "integral" | "limit") {
            NameKind::Function
        } else {
            NameKind::Scalar
        }
    }
}

/// A parsed text of the table.
#[derive(Debug)]
pub struct Text {
    /// The tree.
    pub tree: Tree,
    /// Its root.
    pub root: TreeId,
    /// The row and the name, where the text is a row's function of one name, as `cos(x)` is.
    pub(crate) call: Option<(FunctionId, SmolStr)>,
}

impl Text {
    fn new(tree: Tree, root: TreeId) -> Text {
        let call = match tree.kind(root) {
            Kind::Call { head, args } => match (tree.kind(*head), tree.ids(*args)) {
                (Kind::Name(head), [arg]) => match tree.kind(*arg) {
                    Kind::Name(name) => find(head).map(|f| (f, name.clone())),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        Text { tree, root, call }
    }
}

/// The tree of a text of the table. `None` if it cannot be read, which the table's own test reports.
pub fn text(source: &'static str) -> Option<Rc<Text>> {
    type Cache = RefCell<FxHashMap<(*const u8, usize), Option<Rc<Text>>>>;
    thread_local! {
        static TEXTS: Cache = RefCell::default();
    }
    // The same static text is at the same place: its address is a key that costs nothing to hash.
    let key = (source.as_ptr(), source.len());
    TEXTS.with(|texts| {
        if let Some(found) = texts.borrow().get(&key) {
            return found.clone();
        }
        let parsed = agnesi_syntax::parse(source, &TableNames);
        let root = match parsed.statements[..] {
            [root] if !parsed.diagnostics.iter().any(|d| d.is_error()) => Some(root),
            _ => None,
        };
        let made = root.map(|root| Rc::new(Text::new(parsed.tree, root)));
        texts.borrow_mut().insert(key, made.clone());
        made
    })
}

/// The value of a small constant expression such as `-pi/2`: as a double, and exactly if it is rational.
pub(crate) fn constant_value(tree: &Tree, id: TreeId) -> Option<(f64, Option<Rational>)> {
    match tree.kind(id) {
        Kind::Number(text) => {
            let r = Rational::parse_decimal(text)?;
            Some((r.to_f64(), Some(r)))
        }
        Kind::Name(name) => Some((constant(name)?.value, None)),
        Kind::Prefix(Prefix::Neg, a) => {
            let (x, r) = constant_value(tree, *a)?;
            Some((-x, r.map(|r| -&r)))
        }
        Kind::Binary(op, a, b) => {
            let ((x, p), (y, q)) = (constant_value(tree, *a)?, constant_value(tree, *b)?);
            let exact = p.zip(q);
            Some(match op {
                Binary::Add => (x + y, exact.map(|(p, q)| &p + &q)),
                Binary::Sub => (x - y, exact.map(|(p, q)| &p - &q)),
                Binary::Mul | Binary::Juxtapose => (x * y, exact.map(|(p, q)| &p * &q)),
                Binary::Div => (x / y, exact.and_then(|(p, q)| Some(&p * &q.recip()?))),
                _ => return None,
            })
        }
        _ => None,
    }
}
