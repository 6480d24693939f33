//! Structured code: what C, Rust and WebAssembly are printed from.
//!
//! [`lower`] turns a program into loops and assignments over named scalars and arrays; [`kernels`] holds the functions
//! and routines that a target lacks, written once in a small language that [`parse`] reads into the same code.

pub(crate) mod kernels;
pub(crate) mod lower;
pub(crate) mod names;
mod nest;
mod parse;
mod plan;
mod prune;
mod rows;

use smol_str::SmolStr;

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Real,
    /// A size or an index.
    Int,
    Truth,
}

/// A function that a target may have itself, with the meaning of C99's function of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Native {
    Abs,
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    Copysign,
    Exp,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Pow,
    Cbrt,
    Hypot,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp2,
    Round,
    Fma,
    Fmod,
    Erf,
    Erfc,
    Tgamma,
    Lgamma,
}

impl Native {
    pub const ALL: [Native; 36] = [
        Native::Abs,
        Native::Sqrt,
        Native::Floor,
        Native::Ceil,
        Native::Trunc,
        Native::Copysign,
        Native::Exp,
        Native::Expm1,
        Native::Log,
        Native::Log2,
        Native::Log10,
        Native::Log1p,
        Native::Pow,
        Native::Cbrt,
        Native::Hypot,
        Native::Sin,
        Native::Cos,
        Native::Tan,
        Native::Asin,
        Native::Acos,
        Native::Atan,
        Native::Atan2,
        Native::Sinh,
        Native::Cosh,
        Native::Tanh,
        Native::Asinh,
        Native::Acosh,
        Native::Atanh,
        Native::Exp2,
        Native::Round,
        Native::Fma,
        Native::Fmod,
        Native::Erf,
        Native::Erfc,
        Native::Tgamma,
        Native::Lgamma,
    ];

    /// Its name in C99.
    pub fn c(self) -> &'static str {
        match self {
            Native::Abs => "fabs",
            Native::Sqrt => "sqrt",
            Native::Floor => "floor",
            Native::Ceil => "ceil",
            Native::Trunc => "trunc",
            Native::Copysign => "copysign",
            Native::Exp => "exp",
            Native::Expm1 => "expm1",
            Native::Log => "log",
            Native::Log2 => "log2",
            Native::Log10 => "log10",
            Native::Log1p => "log1p",
            Native::Pow => "pow",
            Native::Cbrt => "cbrt",
            Native::Hypot => "hypot",
            Native::Sin => "sin",
            Native::Cos => "cos",
            Native::Tan => "tan",
            Native::Asin => "asin",
            Native::Acos => "acos",
            Native::Atan => "atan",
            Native::Atan2 => "atan2",
            Native::Sinh => "sinh",
            Native::Cosh => "cosh",
            Native::Tanh => "tanh",
            Native::Asinh => "asinh",
            Native::Acosh => "acosh",
            Native::Atanh => "atanh",
            Native::Exp2 => "exp2",
            Native::Round => "round",
            Native::Fma => "fma",
            Native::Fmod => "fmod",
            Native::Erf => "erf",
            Native::Erfc => "erfc",
            Native::Tgamma => "tgamma",
            Native::Lgamma => "lgamma",
        }
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            Native::Fma => 3,
            Native::Copysign | Native::Pow | Native::Hypot | Native::Atan2 | Native::Fmod => 2,
            Native::Abs
            | Native::Sqrt
            | Native::Floor
            | Native::Ceil
            | Native::Trunc
            | Native::Exp
            | Native::Expm1
            | Native::Log
            | Native::Log2
            | Native::Log10
            | Native::Log1p
            | Native::Cbrt
            | Native::Sin
            | Native::Cos
            | Native::Tan
            | Native::Asin
            | Native::Acos
            | Native::Atan
            | Native::Sinh
            | Native::Cosh
            | Native::Tanh
            | Native::Asinh
            | Native::Acosh
            | Native::Atanh
            | Native::Exp2
            | Native::Round
            | Native::Erf
            | Native::Erfc
            | Native::Tgamma
            | Native::Lgamma => 1,
        }
    }
}

/// What code is printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    C,
    Rust,
    Wasm,
}

impl Target {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Target::C => "C99",
            Target::Rust => "Rust",
            Target::Wasm => "WebAssembly",
        }
    }

    /// Whether the target, its library or its host has the function.
    pub fn has(self, native: Native) -> bool {
        match self {
            Target::C => true,
            Target::Rust => !matches!(native, Native::Erf | Native::Erfc | Native::Tgamma | Native::Lgamma),
            Target::Wasm => !matches!(
                native,
                Native::Exp2
                    | Native::Round
                    | Native::Fma
                    | Native::Fmod
                    | Native::Erf
                    | Native::Erfc
                    | Native::Tgamma
                    | Native::Lgamma
            ),
        }
    }
}

/// An operation on two reals or two integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    /// Of reals alone.
    Div,
}

/// A comparison of two reals or two integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

/// What has a value. Nothing here fails or changes anything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Real(f64),
    Int(u64),
    Variable(SmolStr, Type),
    /// An entry of an array.
    Entry(SmolStr, Box<Expr>),
    Neg(Box<Expr>),
    Not(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Compare(Relation, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// The second where the first holds, else the third.
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    Native(Native, Vec<Expr>),
    /// A kernel of reals.
    Helper(SmolStr, Vec<Expr>),
    /// An integer as a real.
    Real64(Box<Expr>),
    /// A real that is known to be whole and from 1, less 1, as an integer.
    Index(Box<Expr>),
}

impl Expr {
    pub fn real(name: &str) -> Expr {
        Expr::Variable(name.into(), Type::Real)
    }

    pub fn int(name: &str) -> Expr {
        Expr::Variable(name.into(), Type::Int)
    }

    pub fn binary(op: Binary, a: Expr, b: Expr) -> Expr {
        Expr::Binary(op, Box::new(a), Box::new(b))
    }

    pub fn compare(relation: Relation, a: Expr, b: Expr) -> Expr {
        Expr::Compare(relation, Box::new(a), Box::new(b))
    }

    /// What it is.
    pub fn kind(&self) -> Type {
        match self {
            Expr::Real(_) | Expr::Entry(..) | Expr::Native(..) | Expr::Helper(..) | Expr::Real64(_) => {
                Type::Real
            }
            Expr::Int(_) | Expr::Index(_) => Type::Int,
            Expr::Variable(_, kind) => *kind,
            Expr::Neg(a) | Expr::Binary(_, a, _) | Expr::Choose(_, a, _) => a.kind(),
            Expr::Not(_) | Expr::Compare(..) | Expr::And(..) | Expr::Or(..) => Type::Truth,
        }
    }

    /// The parts it is made of.
    pub fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Real(_) | Expr::Int(_) | Expr::Variable(..) => Vec::new(),
            Expr::Entry(_, a) | Expr::Neg(a) | Expr::Not(a) | Expr::Real64(a) | Expr::Index(a) => vec![a],
            Expr::Binary(_, a, b) | Expr::Compare(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => vec![a, b],
            Expr::Choose(a, b, c) => vec![a, b, c],
            Expr::Native(_, args) | Expr::Helper(_, args) => args.iter().collect(),
        }
    }

    /// Calls `visit` with it and everything inside.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        self.parts().into_iter().for_each(|part| part.walk(visit));
    }

    /// How many operations it is made of.
    pub fn weight(&self) -> usize {
        let own = usize::from(!matches!(self, Expr::Real(_) | Expr::Int(_) | Expr::Variable(..)));
        own + self.parts().into_iter().map(Expr::weight).sum::<usize>()
    }
}

/// Where something is stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Variable(SmolStr),
    Entry(SmolStr, Expr),
}

/// How something is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Set,
    Add,
    Multiply,
}

/// Why a run gives no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    Index,
    Singular,
    NotPositive,
    NotDefinite,
    NotSymmetric,
}

impl Failure {
    pub const ALL: [Failure; 5] = [
        Failure::Index,
        Failure::Singular,
        Failure::NotPositive,
        Failure::NotDefinite,
        Failure::NotSymmetric,
    ];

    /// The number that a function returns.
    pub fn code(self) -> i32 {
        match self {
            Failure::Index => 1,
            Failure::Singular => 2,
            Failure::NotPositive => 3,
            Failure::NotDefinite => 4,
            Failure::NotSymmetric => 5,
        }
    }

    /// What it says.
    pub fn message(self) -> &'static str {
        match self {
            Failure::Index => "an index is outside its axis or no whole number",
            Failure::Singular => "a matrix has no inverse",
            Failure::NotPositive => "a determinant is not positive",
            Failure::NotDefinite => "a matrix is not positive definite",
            Failure::NotSymmetric => "a matrix is not symmetric",
        }
    }
}

/// An argument of a routine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    /// An array from an entry on, so many entries; whether they are written.
    Array {
        name: SmolStr,
        from: Expr,
        len: usize,
        written: bool,
    },
    Size(usize),
    /// A size that the caller was given itself.
    Passed(SmolStr),
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stmt {
    /// A name for a value.
    Let(SmolStr, Expr),
    /// A variable and its first value.
    Var(SmolStr, Expr),
    Store(Place, Store, Expr),
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// Counts an integer up from one value to below another.
    For(SmolStr, Expr, Expr, Vec<Stmt>),
    While(Expr, Vec<Stmt>),
    /// All entries of an array.
    Fill(SmolStr, f64, usize),
    /// Entries of one array from entries of another: to, from the entry, from, how many.
    Copy(SmolStr, Expr, SmolStr, usize),
    /// A routine that may fail, in which case the caller fails too.
    Run(SmolStr, Vec<Argument>),
    Return(Expr),
    Fail(Failure),
}

impl Stmt {
    /// Calls `visit` with each statement inside, itself first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Stmt)) {
        visit(self);
        for part in self.inner() {
            part.iter().for_each(|stmt| stmt.walk(visit));
        }
    }

    /// The blocks in it.
    pub fn inner(&self) -> Vec<&[Stmt]> {
        match self {
            Stmt::If(_, yes, no) => vec![yes, no],
            Stmt::For(_, _, _, body) | Stmt::While(_, body) => vec![body],
            Stmt::Let(..)
            | Stmt::Var(..)
            | Stmt::Store(..)
            | Stmt::Fill(..)
            | Stmt::Copy(..)
            | Stmt::Run(..)
            | Stmt::Return(_)
            | Stmt::Fail(_) => Vec::new(),
        }
    }

    /// The expressions of this statement, those of inner statements left out.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Stmt::Let(_, e) | Stmt::Var(_, e) | Stmt::Return(e) => vec![e],
            Stmt::Store(Place::Variable(_), _, e) => vec![e],
            Stmt::Store(Place::Entry(_, at), _, e) => vec![at, e],
            Stmt::If(c, ..) | Stmt::While(c, _) => vec![c],
            Stmt::For(_, from, to, _) => vec![from, to],
            Stmt::Copy(_, at, ..) => vec![at],
            Stmt::Run(_, args) => args
                .iter()
                .filter_map(|arg| match arg {
                    Argument::Array { from, .. } => Some(from),
                    Argument::Size(_) | Argument::Passed(_) => None,
                })
                .collect(),
            Stmt::Fill(..) | Stmt::Fail(_) => Vec::new(),
        }
    }
}

/// A parameter of a kernel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param {
    Real(SmolStr),
    Int(SmolStr),
    /// An array, and whether it is written.
    Array(SmolStr, bool),
}

/// Why a program cannot be written for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A function without a kernel there.
    Function(&'static str),
    /// An operation of linear algebra.
    Linear(&'static str),
}

/// A function of reals, or a routine on arrays that may fail.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kernel {
    /// As it is printed.
    pub name: SmolStr,
    pub doc: String,
    pub params: Vec<Param>,
    /// Whether it is a routine.
    pub routine: bool,
    pub body: Vec<Stmt>,
}
