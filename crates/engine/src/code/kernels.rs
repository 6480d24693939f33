//! The kernels that a piece of code needs on a target, each after those that it calls itself.

use std::sync::OnceLock;

use agnesi_functions::{Meaning, find};
use smol_str::{SmolStr, format_smolstr};

use super::{Argument, Expr, Kernel, Native, Param, Place, Refusal, Stmt, Target, names, parse, rows};

fn texts() -> &'static [Kernel] {
    static TEXTS: OnceLock<Vec<Kernel>> = OnceLock::new();
    // A text that does not read leaves no kernels, which the tests would not pass over.
    TEXTS.get_or_init(|| parse::kernels(include_str!("kernels.txt")).unwrap_or_default())
}

/// What the names of kernels of rows begin with; those of nothing else do.
pub(crate) const PREFIX: &str = "real_";

/// Whether a kernel may be printed under a name.
pub(crate) fn is_printed(name: &str) -> bool {
    name.starts_with(PREFIX)
        || texts().iter().any(|kernel| kernel.name == name)
        || rows::BY_MEANING.contains(&name)
}

/// Kernels for one target.
pub(crate) struct Library {
    target: Target,
    /// Printed in this order.
    pub needed: Vec<Kernel>,
    begun: Vec<SmolStr>,
}

impl Library {
    pub fn new(target: Target) -> Library {
        Library { target, needed: Vec::new(), begun: Vec::new() }
    }

    /// The value of a row of the table.
    pub fn row(&mut self, name: &str, args: Vec<Expr>) -> Result<Expr, Refusal> {
        if let Some(native) = rows::native(name)
            && self.target.has(native)
        {
            return Ok(Expr::Native(native, args));
        }
        if name == "pow"
            && let Some(Expr::Real(exponent)) = args.get(1)
            && *exponent > 0.0
            && exponent.is_finite()
        {
            return self.native(Native::Pow, args);
        }
        Ok(Expr::Helper(self.require(name)?, args))
    }

    /// A function of C's library.
    pub fn native(&mut self, native: Native, args: Vec<Expr>) -> Result<Expr, Refusal> {
        if self.target.has(native) {
            return Ok(Expr::Native(native, args));
        }
        let full = format_smolstr!("math_{}", native.c());
        let name = if texts().iter().any(|kernel| kernel.name == full) { full.as_str() } else { native.c() };
        Ok(Expr::Helper(self.require(name)?, args))
    }

    /// The printed name of a kernel, which is needed from now on.
    pub fn require(&mut self, name: &str) -> Result<SmolStr, Refusal> {
        let printed =
            if names::reserved(name) { format_smolstr!("{PREFIX}{name}") } else { SmolStr::new(name) };
        if self.begun.contains(&printed) {
            return Ok(printed);
        }
        let mut kernel = match texts().iter().find(|kernel| kernel.name == name) {
            Some(kernel) => kernel.clone(),
            None => meaning(name).ok_or_else(|| {
                Refusal::Function(find(name).map_or("an unknown function", |id| id.row().name))
            })?,
        };
        self.begun.push(printed.clone());
        kernel.name = printed.clone();
        kernel.body = self.block(&kernel.body)?;
        self.needed.push(kernel);
        Ok(printed)
    }

    fn block(&mut self, stmts: &[Stmt]) -> Result<Vec<Stmt>, Refusal> {
        stmts.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<Stmt, Refusal> {
        Ok(match stmt {
            Stmt::Let(name, e) => Stmt::Let(name.clone(), self.expr(e)?),
            Stmt::Var(name, e) => Stmt::Var(name.clone(), self.expr(e)?),
            Stmt::Store(Place::Variable(name), how, e) => {
                Stmt::Store(Place::Variable(name.clone()), *how, self.expr(e)?)
            }
            Stmt::Store(Place::Entry(name, at), how, e) => {
                Stmt::Store(Place::Entry(name.clone(), self.expr(at)?), *how, self.expr(e)?)
            }
            Stmt::If(c, yes, no) => Stmt::If(self.expr(c)?, self.block(yes)?, self.block(no)?),
            Stmt::For(name, from, to, body) => {
                Stmt::For(name.clone(), self.expr(from)?, self.expr(to)?, self.block(body)?)
            }
            Stmt::While(c, body) => Stmt::While(self.expr(c)?, self.block(body)?),
            Stmt::Return(e) => Stmt::Return(self.expr(e)?),
            Stmt::Run(name, args) => {
                let printed = self.require(name)?;
                let written = |at: usize| {
                    let kernel = self.needed.iter().find(|kernel| kernel.name == printed);
                    matches!(kernel.and_then(|k| k.params.get(at)), Some(Param::Array(_, true)))
                };
                let mut args = args.clone();
                for (at, arg) in args.iter_mut().enumerate() {
                    if let Argument::Array { written: is_written, .. } = arg {
                        *is_written = written(at);
                    }
                }
                Stmt::Run(printed, args)
            }
            Stmt::Fill(..) | Stmt::Copy(..) | Stmt::Fail(_) => stmt.clone(),
        })
    }

    fn expr(&mut self, e: &Expr) -> Result<Expr, Refusal> {
        let mut all = |args: &[Expr]| args.iter().map(|arg| self.expr(arg)).collect::<Result<Vec<_>, _>>();
        Ok(match e {
            Expr::Real(_) | Expr::Int(_) | Expr::Variable(..) => e.clone(),
            Expr::Entry(name, at) => Expr::Entry(name.clone(), Box::new(self.expr(at)?)),
            Expr::Neg(a) => Expr::Neg(Box::new(self.expr(a)?)),
            Expr::Not(a) => Expr::Not(Box::new(self.expr(a)?)),
            Expr::Real64(a) => Expr::Real64(Box::new(self.expr(a)?)),
            Expr::Index(a) => Expr::Index(Box::new(self.expr(a)?)),
            Expr::Binary(op, a, b) => Expr::binary(*op, self.expr(a)?, self.expr(b)?),
            Expr::Compare(relation, a, b) => Expr::compare(*relation, self.expr(a)?, self.expr(b)?),
            Expr::And(a, b) => Expr::And(Box::new(self.expr(a)?), Box::new(self.expr(b)?)),
            Expr::Or(a, b) => Expr::Or(Box::new(self.expr(a)?), Box::new(self.expr(b)?)),
            Expr::Choose(a, b, c) => {
                Expr::Choose(Box::new(self.expr(a)?), Box::new(self.expr(b)?), Box::new(self.expr(c)?))
            }
            Expr::Native(native, args) => {
                let args = all(args)?;
                self.native(*native, args)?
            }
            Expr::Helper(name, args) => {
                let args = all(args)?;
                self.row(name, args)?
            }
        })
    }
}

/// A row whose meaning is fine in doubles, as a kernel.
fn meaning(name: &str) -> Option<Kernel> {
    let row = find(name)?.row();
    let Meaning::Is(text) = row.meaning else { return None };
    if !rows::BY_MEANING.contains(&row.name) {
        return None;
    }
    let value = parse::real(parse::formula(text, row.args).ok()?);
    let value = match row.domain {
        "true" => value,
        domain => {
            let inside = parse::formula(domain, row.args).ok()?;
            Expr::Choose(Box::new(inside), Box::new(value), Box::new(Expr::Real(f64::NAN)))
        }
    };
    let params = row.args.iter().map(|arg| Param::Real(SmolStr::new(arg))).collect();
    let doc = format!("{}: {text}.", row.title);
    Some(Kernel { name: row.name.into(), doc, params, routine: false, body: vec![Stmt::Return(value)] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_read() {
        parse::kernels(include_str!("kernels.txt")).expect("kernels");
    }

    #[test]
    fn meanings_read() {
        for name in rows::BY_MEANING {
            assert!(meaning(name).is_some(), "{name}");
        }
    }
}
