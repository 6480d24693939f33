//! Statements and expressions as text: what C and Rust have in common, and where they differ.

use std::fmt::Write as _;

use crate::code::{Argument, Binary, Expr, Native, Place, Relation, Stmt, Store, Target, Type};

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Choose,
    Or,
    And,
    Compare,
    Sum,
    Product,
    Prefix,
    Atom,
}

/// Text in one language, line by line.
pub(super) struct Printer {
    target: Target,
    /// What is printed so far.
    pub text: String,
    /// How deep the next line stands.
    pub depth: usize,
    /// Variables that are changed.
    changed: Vec<smol_str::SmolStr>,
}

impl Printer {
    pub fn new(target: Target) -> Printer {
        Printer { target, text: String::new(), depth: 0, changed: Vec::new() }
    }

    fn is_c(&self) -> bool {
        self.target == Target::C
    }

    pub fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// The statements of a function.
    pub fn body(&mut self, stmts: &[Stmt]) {
        self.changed.clear();
        let changed = &mut self.changed;
        stmts.iter().for_each(|stmt| {
            stmt.walk(&mut |stmt| {
                if let Stmt::Store(Place::Variable(name), ..) = stmt {
                    changed.push(name.clone());
                }
            });
        });
        self.stmts(stmts);
    }

    fn block(&mut self, head: &str, stmts: &[Stmt]) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        self.stmts(stmts);
        self.depth -= 1;
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for (at, stmt) in stmts.iter().enumerate() {
            self.stmt(stmt, self.depth == 1 && at + 1 == stmts.len());
        }
    }

    fn stmt(&mut self, stmt: &Stmt, last: bool) {
        let c = self.is_c();
        match stmt {
            Stmt::Let(name, value) | Stmt::Var(name, value) => {
                let changes = self.changed.contains(name);
                let line = if c {
                    let kind = match value.kind() {
                        Type::Real => "double",
                        Type::Int => "size_t",
                        Type::Truth => "int",
                    };
                    format!("{}{kind} {name} = {};", if changes { "" } else { "const " }, self.expr(value))
                } else {
                    let kind = if is_open(value) { ": f64" } else { "" };
                    format!("let {}{name}{kind} = {};", if changes { "mut " } else { "" }, self.expr(value))
                };
                self.line(&line);
            }
            Stmt::Store(place, how, value) => {
                let place = match place {
                    Place::Variable(name) => name.to_string(),
                    Place::Entry(name, at) => format!("{name}[{}]", self.expr(at)),
                };
                let sign = match how {
                    Store::Set => "=",
                    Store::Add => "+=",
                    Store::Multiply => "*=",
                };
                self.line(&format!("{place} {sign} {};", self.expr(value)));
            }
            Stmt::If(condition, yes, no) => {
                let condition = self.condition(condition);
                self.block(&format!("if {condition}"), yes);
                if !no.is_empty() {
                    self.block("} else", no);
                }
                self.line("}");
            }
            Stmt::While(condition, body) => {
                let condition = self.condition(condition);
                self.block(&format!("while {condition}"), body);
                self.line("}");
            }
            Stmt::For(name, from, to, body) => {
                let (from, to) = (self.expr(from), self.expr(to));
                let head = if c {
                    format!("for (size_t {name} = {from}; {name} < {to}; {name}++)")
                } else {
                    let mut used = false;
                    let mut look = |e: &Expr| {
                        e.walk(&mut |e| used |= matches!(e, Expr::Variable(other, _) if other == name));
                    };
                    body.iter().for_each(|s| {
                        s.walk(&mut |s| s.expressions().into_iter().for_each(&mut look));
                    });
                    format!("for {} in {from}..{to}", if used { name.as_str() } else { "_" })
                };
                self.block(&head, body);
                self.line("}");
            }
            Stmt::Fill(name, value, len) => {
                let value = self.real(*value);
                if c {
                    self.line(&format!("for (size_t at = 0; at < {len}; at++) {{"));
                    self.line(&format!("    {name}[at] = {value};"));
                    self.line("}");
                } else {
                    self.line(&format!("{name}[..{len}].fill({value});"));
                }
            }
            Stmt::Copy(to, from, name, len) => {
                let start = matches!(from, Expr::Int(0));
                let from = self.expr(from);
                if c {
                    let to = if start { to.to_string() } else { format!("{to} + {from}") };
                    self.line(&format!("memcpy({to}, {name}, {len} * sizeof(double));"));
                } else {
                    let to =
                        if start { format!("{to}[..{len}]") } else { format!("{to}[{from}..][..{len}]") };
                    self.line(&format!("{to}.copy_from_slice(&{name}[..{len}]);"));
                }
            }
            Stmt::Run(name, args) => {
                let args: Vec<String> = args.iter().map(|arg| self.argument(arg)).collect();
                let call = format!("{name}({})", args.join(", "));
                if c {
                    self.line(&format!("code = {call};"));
                    self.line("if (code != 0) {");
                    self.line("    return code;");
                    self.line("}");
                } else {
                    self.line(&format!("{call}?;"));
                }
            }
            Stmt::Return(value) => {
                let value = self.expr(value);
                self.line(&if !c && last { value } else { format!("return {value};") });
            }
            Stmt::Fail(failure) if c => {
                self.line(&format!("return {}; /* {} */", failure.code(), failure.message()))
            }
            Stmt::Fail(failure) => self.line(&format!("return Err(\"{}\");", failure.message())),
        }
    }

    fn argument(&self, arg: &Argument) -> String {
        match arg {
            Argument::Size(n) => n.to_string(),
            Argument::Passed(name) => name.to_string(),
            Argument::Array { name, len: 0, .. } => name.to_string(),
            Argument::Array { name, from, len, written } => {
                let start = matches!(from, Expr::Int(0));
                let from = self.expr(from);
                match (self.is_c(), start) {
                    (true, true) => name.to_string(),
                    (true, false) => format!("{name} + {from}"),
                    (false, true) => format!("&{}{name}[..{len}]", if *written { "mut " } else { "" }),
                    (false, false) => {
                        format!("&{}{name}[{from}..][..{len}]", if *written { "mut " } else { "" })
                    }
                }
            }
        }
    }

    fn condition(&self, condition: &Expr) -> String {
        let text = self.expr(condition);
        if self.is_c() { format!("({text})") } else { text }
    }

    /// An expression on its own.
    pub fn expr(&self, e: &Expr) -> String {
        self.show(e).0
    }

    /// A number.
    pub fn real(&self, x: f64) -> String {
        let special = if self.is_c() { ["NAN", "INFINITY"] } else { ["f64::NAN", "f64::INFINITY"] };
        if x.is_nan() {
            special[0].to_owned()
        } else if x.is_infinite() {
            format!("{}{}", if x < 0.0 { "-" } else { "" }, special[1])
        } else {
            format!("{x:?}")
        }
    }

    /// An operand that must bind at least as tightly as `level`.
    fn within(&self, e: &Expr, level: Level) -> String {
        let (text, own) = self.show(e);
        if own >= level { text } else { format!("({text})") }
    }

    fn show(&self, e: &Expr) -> (String, Level) {
        let c = self.is_c();
        match e {
            Expr::Real(x) => {
                let level = if x.is_sign_negative() && !x.is_nan() { Level::Prefix } else { Level::Atom };
                (self.real(*x), level)
            }
            Expr::Int(n) => (n.to_string(), Level::Atom),
            Expr::Variable(name, _) => (name.to_string(), Level::Atom),
            Expr::Entry(name, at) => (format!("{name}[{}]", self.expr(at)), Level::Atom),
            // Two signs side by side would be another operator in C.
            Expr::Neg(a) => (format!("-{}", self.within(a, Level::Atom)), Level::Prefix),
            Expr::Not(a) => (format!("!{}", self.within(a, Level::Atom)), Level::Prefix),
            Expr::Binary(op, a, b) => {
                let (sign, level, right) = match op {
                    Binary::Add => ("+", Level::Sum, Level::Product),
                    Binary::Sub => ("-", Level::Sum, Level::Product),
                    Binary::Mul => ("*", Level::Product, Level::Prefix),
                    Binary::Div => ("/", Level::Product, Level::Prefix),
                };
                (format!("{} {sign} {}", self.within(a, level), self.within(b, right)), level)
            }
            Expr::Compare(relation, a, b) => {
                let sign = match relation {
                    Relation::Less => "<",
                    Relation::LessEqual => "<=",
                    Relation::Greater => ">",
                    Relation::GreaterEqual => ">=",
                    Relation::Equal => "==",
                    Relation::NotEqual => "!=",
                };
                // The compiler of Rust refuses to compare with its NaN by name.
                let operand = |e: &Expr| match e {
                    Expr::Real(x) if x.is_nan() && !c => format!("f64::from_bits({:#x})", x.to_bits()),
                    _ => self.within(e, Level::Sum),
                };
                let (a, b) = (operand(a), operand(b));
                (format!("{a} {sign} {b}"), Level::Compare)
            }
            Expr::And(a, b) => {
                let (a, b) = (self.within(a, Level::And), self.within(b, Level::Compare));
                (format!("{a} && {b}"), Level::And)
            }
            Expr::Or(a, b) => {
                // Compilers of C ask for the parentheses around `and`.
                let inner = |e: &Expr| if c && matches!(e, Expr::And(..)) { Level::Atom } else { Level::Or };
                let right = if matches!(**b, Expr::Or(..)) { Level::Atom } else { inner(b) };
                (format!("{} || {}", self.within(a, inner(a)), self.within(b, right)), Level::Or)
            }
            Expr::Choose(condition, a, b) if c => {
                let (condition, a) = (self.within(condition, Level::Or), self.within(a, Level::Or));
                (format!("{condition} ? {a} : {}", self.within(b, Level::Choose)), Level::Choose)
            }
            Expr::Choose(condition, a, b) => {
                let (condition, a) = (self.expr(condition), self.expr(a));
                let no = match &**b {
                    Expr::Choose(..) => self.expr(b),
                    _ => format!("{{ {} }}", self.expr(b)),
                };
                (format!("if {condition} {{ {a} }} else {no}"), Level::Choose)
            }
            Expr::Native(native, args) if c => (self.call(native.c(), args), Level::Atom),
            Expr::Native(native, args) => self.method(*native, args),
            Expr::Helper(name, args) => (self.call(name, args), Level::Atom),
            Expr::Real64(a) if c => (format!("(double){}", self.within(a, Level::Atom)), Level::Prefix),
            // `as` would take a `<` behind it for its own.
            Expr::Real64(a) => (format!("{} as f64", self.within(a, Level::Atom)), Level::Choose),
            Expr::Index(a) if c => (format!("(size_t){} - 1", self.within(a, Level::Atom)), Level::Sum),
            Expr::Index(a) => (format!("{} as usize - 1", self.within(a, Level::Atom)), Level::Sum),
        }
    }

    fn call(&self, name: &str, args: &[Expr]) -> String {
        let args: Vec<String> = args.iter().map(|arg| self.expr(arg)).collect();
        format!("{name}({})", args.join(", "))
    }

    /// A function of `std`, as a method of its first argument.
    fn method(&self, native: Native, args: &[Expr]) -> (String, Level) {
        let receiver = args.first().map_or(String::new(), |e| self.within(e, Level::Atom));
        if native == Native::Fmod {
            let right = args.get(1).map_or(String::new(), |e| self.within(e, Level::Prefix));
            return (format!("{receiver} % {right}"), Level::Product);
        }
        let name = match native {
            Native::Abs => "abs",
            Native::Sqrt => "sqrt",
            Native::Floor => "floor",
            Native::Ceil => "ceil",
            Native::Trunc => "trunc",
            Native::Copysign => "copysign",
            Native::Exp => "exp",
            Native::Expm1 => "exp_m1",
            Native::Log => "ln",
            Native::Log2 => "log2",
            Native::Log10 => "log10",
            Native::Log1p => "ln_1p",
            Native::Pow => "powf",
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
            Native::Fma => "mul_add",
            // Never asked of Rust, which has none of these.
            Native::Fmod | Native::Erf | Native::Erfc | Native::Tgamma | Native::Lgamma => native.c(),
        };
        if args.first().is_some_and(is_open) {
            return (self.call(&format!("f64::{name}"), args), Level::Atom);
        }
        let rest: Vec<String> = args.iter().skip(1).map(|arg| self.expr(arg)).collect();
        let mut text = String::new();
        let _ = write!(text, "{receiver}.{name}({})", rest.join(", "));
        (text, Level::Atom)
    }
}

/// Whether Rust would not know that it is an `f64`: it is made of literals alone.
fn is_open(e: &Expr) -> bool {
    match e {
        Expr::Real(_) => true,
        Expr::Neg(a) => is_open(a),
        Expr::Binary(_, a, b) | Expr::Choose(_, a, b) => is_open(a) && is_open(b),
        Expr::Int(_)
        | Expr::Variable(..)
        | Expr::Entry(..)
        | Expr::Not(_)
        | Expr::Compare(..)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Native(..)
        | Expr::Helper(..)
        | Expr::Real64(_)
        | Expr::Index(_) => false,
    }
}
