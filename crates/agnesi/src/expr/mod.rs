//! Formulas built in Rust, without text.
//!
//! An [`Expr`] is a tree of the notation; what it means is what the same text means. It is written as text when it is
//! shown or compiled, with what is used again written once, so that everything that reads formulas reads these.

pub mod math;
mod operators;
mod write;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use smol_str::{SmolStr, format_smolstr};

use crate::protocol::Failure;
use crate::{Function, FunctionError, Session};
use agnesi_syntax::Code;

/// A formula built in Rust. Cheap to clone; operators take it by value or by reference, and numbers beside it.
///
/// Operators mean what they mean in formulas: `*` is the product of matrices, [`Expr::entrywise`] that of entries. Indices
/// begin at 1. A number is taken as the decimal that it prints as: `0.1` is one tenth.
///
/// ```
/// use agnesi::{Expr, Session, math};
///
/// let (x, y) = (Expr::real("x"), Expr::real("y"));
/// let f = (1 - &x).pow(2) + 100 * (&y - x.pow(2)).pow(2) + math::sin(&x * &y);
/// assert_eq!(f.to_string(), "(1 - x)^2 + 100*(y - x^2)^2 + sin(x*y)");
///
/// let f = Session::new().compile_expr(&f, &[&x, &y])?;
/// assert_eq!(f.value(&[0.0, 2.0])?, 401.0);
/// assert_eq!(f.gradient(&[0.0, 2.0])?, [0.0, 400.0]);
/// # Ok::<(), agnesi::FunctionError>(())
/// ```
///
/// Sums go over an index, as in `sum(i in 1..9, ...)`:
///
/// ```
/// use agnesi::{Expr, Session};
///
/// let x = Expr::vector("x", 10);
/// let rosenbrock = Expr::sum_over(1..=9, |i| {
///     let (here, next) = (x.at([&i]), x.at([&i + 1]));
///     (1 - &here).pow(2) + 100 * (next - here.pow(2)).pow(2)
/// });
/// let f = Session::new().compile_expr(&rosenbrock, &[&x])?;
/// assert_eq!(f.gradient(&[1.0; 10])?, [0.0; 10]);
/// # Ok::<(), agnesi::FunctionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expr(Arc<Node>);

#[derive(Debug)]
struct Node {
    kind: Kind,
    /// About how long it is as text.
    length: u64,
    /// How deep it is nested, since it was last written apart.
    depth: u32,
    /// The indices that are bound further out.
    indices: Vec<u64>,
}

#[derive(Clone, Debug)]
enum Kind {
    Number(f64),
    Symbol(SmolStr, SmolStr),
    Index(u64),
    Neg(Expr),
    Binary(Operator, Expr, Expr),
    Call(SmolStr, Vec<Expr>),
    Entry(Expr, Vec<Expr>),
    Transpose(Expr),
    Sum(u64, [i64; 2], Expr),
    List(Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Entrywise,
    Pow,
}

impl Expr {
    fn new(kind: Kind) -> Expr {
        let (mut length, mut depth) = (4u64, 0);
        let mut indices: Vec<u64> = Vec::new();
        if let Kind::Index(id) = kind {
            indices.push(id);
        }
        for part in kind.parts() {
            length = length.saturating_add(part.0.length + 3);
            depth = depth.max(part.0.depth + 1);
            indices.extend(&part.0.indices);
        }
        if let Kind::Sum(id, ..) = kind {
            indices.retain(|other| *other != id);
        }
        indices.sort_unstable();
        indices.dedup();
        // What is deep is written apart, and is a name to what it stands in.
        if depth > write::DEEP && indices.is_empty() {
            depth = 0;
        }
        Expr(Arc::new(Node { kind, length, depth, indices }))
    }

    /// A name that stands for a number.
    pub fn real(name: &str) -> Expr {
        Expr::declared(name, "real")
    }

    /// A name that stands for so many numbers.
    pub fn vector(name: &str, size: usize) -> Expr {
        Expr::declared(name, &format!("vector({size})"))
    }

    /// A name that stands for a matrix.
    pub fn matrix(name: &str, rows: usize, columns: usize) -> Expr {
        Expr::declared(name, &format!("matrix({rows}, {columns})"))
    }

    /// A name with a type as in declarations: `spd(3)`, `positive`. What is wrong with either is said by
    /// [`Session::compile_expr`].
    pub fn declared(name: &str, ty: &str) -> Expr {
        Expr::new(Kind::Symbol(name.into(), ty.into()))
    }

    /// To a power, entry by entry; a matrix as a whole.
    pub fn pow(&self, exponent: impl Into<Expr>) -> Expr {
        Expr::new(Kind::Binary(Operator::Pow, self.clone(), exponent.into()))
    }

    /// The product entry by entry, of tensors of one shape: `.*`.
    pub fn entrywise(&self, other: impl Into<Expr>) -> Expr {
        Expr::new(Kind::Binary(Operator::Entrywise, self.clone(), other.into()))
    }

    /// The scalar product of two vectors.
    pub fn dot(&self, other: impl Into<Expr>) -> Expr {
        math::call("dot", [self.clone(), other.into()])
    }

    /// The transpose.
    pub fn transpose(&self) -> Expr {
        Expr::new(Kind::Transpose(self.clone()))
    }

    /// An entry: an index for each axis, from 1.
    ///
    /// ```
    /// let a = agnesi::Expr::matrix("A", 2, 3);
    /// assert_eq!(a.at([2, 3]).to_string(), "A[2, 3]");
    /// ```
    pub fn at<I: Into<Expr>, const N: usize>(&self, indices: [I; N]) -> Expr {
        Expr::new(Kind::Entry(self.clone(), indices.into_iter().map(Into::into).collect()))
    }

    /// The sum of all entries.
    pub fn sum(&self) -> Expr {
        math::call("sum", [self.clone()])
    }

    /// The sum of what the closure makes of each index in a range. It is called once, with a name for the index.
    pub fn sum_over(range: RangeInclusive<i64>, body: impl FnOnce(Expr) -> Expr) -> Expr {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = body(Expr::new(Kind::Index(id)));
        Expr::new(Kind::Sum(id, [*range.start(), *range.end()], body))
    }

    /// A vector of numbers.
    ///
    /// ```
    /// let x = agnesi::Expr::real("x");
    /// assert_eq!(agnesi::Expr::list([x.pow(2), 1 - &x]).to_string(), "[x^2, 1 - x]");
    /// ```
    pub fn list(entries: impl IntoIterator<Item = Expr>) -> Expr {
        Expr::new(Kind::List(entries.into_iter().collect()))
    }
}

impl Kind {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Kind::Number(_) | Kind::Symbol(..) | Kind::Index(_) => Vec::new(),
            Kind::Neg(a) | Kind::Transpose(a) | Kind::Sum(_, _, a) => vec![a],
            Kind::Binary(_, a, b) => vec![a, b],
            Kind::Call(_, list) | Kind::List(list) => list.iter().collect(),
            Kind::Entry(a, list) => std::iter::once(a).chain(list).collect(),
        }
    }
}

impl Drop for Node {
    /// Without recursion: a sum of many terms is deep.
    fn drop(&mut self) {
        let mut stack: Vec<Expr> = Vec::new();
        let take = |kind: &mut Kind, stack: &mut Vec<Expr>| match std::mem::replace(kind, Kind::Number(0.0)) {
            Kind::Number(_) | Kind::Symbol(..) | Kind::Index(_) => {}
            Kind::Neg(a) | Kind::Transpose(a) | Kind::Sum(_, _, a) => stack.push(a),
            Kind::Binary(_, a, b) => stack.extend([a, b]),
            Kind::Call(_, list) | Kind::List(list) => stack.extend(list),
            Kind::Entry(a, list) => {
                stack.push(a);
                stack.extend(list);
            }
        };
        take(&mut self.kind, &mut stack);
        while let Some(Expr(node)) = stack.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                take(&mut node.kind, &mut stack);
            }
        }
    }
}

impl Session {
    /// Makes a formula that was built in Rust ready to be called, by the names that are its arguments.
    ///
    /// # Errors
    /// As [`Session::compile`]; an argument that is no name; an index that is used outside of its sum; a number that is
    /// not finite; a formula that is too long or too deep.
    ///
    /// ```
    /// use agnesi::{Expr, Session};
    ///
    /// let x = Expr::real("x");
    /// let error = Session::new().compile_expr(&(&x + 1), &[&(&x + 1)]).expect_err("no name");
    /// assert!(error.to_string().contains("`x + 1` is no name"));
    /// ```
    pub fn compile_expr(&self, formula: &Expr, arguments: &[&Expr]) -> Result<Function, FunctionError> {
        let mut declared: Vec<SmolStr> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let Kind::Symbol(name, ty) = &argument.0.kind else {
                return Err(wrong(
                    format!("`{argument}` is no name, so it is no argument"),
                    "give names, as those of `Expr::real`",
                ));
            };
            let letters = |c: char| c.is_alphanumeric() || c == '_';
            if !name.starts_with(char::is_alphabetic) || !name.chars().all(letters) {
                return Err(wrong(
                    format!("`{}` is no name", name.escape_debug()),
                    "write letters, digits and `_`, a letter first",
                ));
            }
            declared.push(format_smolstr!("{name}: {ty}"));
        }
        let text = write::checked(formula).map_err(|(message, hint)| wrong(message, hint))?;
        let declared: Vec<&str> = declared.iter().map(SmolStr::as_str).collect();
        self.compile(&text, &declared)
    }
}

fn wrong(message: String, hint: &str) -> FunctionError {
    Failure::new(Code::Input, message).with_hint(hint).into()
}
