//! Leaves out what nothing reads: compilers warn of it.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::lower::Main;
use super::{Argument, Expr, Place, Stmt};

impl Main {
    /// The names that are read somewhere.
    pub fn reads(&self) -> BTreeSet<SmolStr> {
        let mut found = BTreeSet::new();
        let mut look = |e: &Expr| {
            e.walk(&mut |e| {
                if let Expr::Variable(name, _) | Expr::Entry(name, _) = e {
                    found.insert(name.clone());
                }
            });
        };
        self.results.iter().flatten().for_each(&mut look);
        self.body.iter().for_each(|s| s.walk(&mut |s| s.expressions().into_iter().for_each(&mut look)));
        let mut whole = |stmt: &Stmt| match stmt {
            Stmt::Copy(_, _, from, _) => {
                found.insert(from.clone());
            }
            Stmt::Run(_, args) => {
                for arg in args {
                    if let Argument::Array { name, .. } = arg {
                        found.insert(name.clone());
                    }
                }
            }
            Stmt::Let(..)
            | Stmt::Var(..)
            | Stmt::Store(..)
            | Stmt::If(..)
            | Stmt::For(..)
            | Stmt::While(..)
            | Stmt::Fill(..)
            | Stmt::Return(_)
            | Stmt::Fail(_) => {}
        };
        self.body.iter().for_each(|stmt| stmt.walk(&mut whole));
        found
    }

    /// Drops statements without an effect, and arrays that nothing reads.
    pub(super) fn prune(&mut self) {
        loop {
            let mut kept = self.reads();
            kept.extend(self.outputs.iter().filter(|port| !port.is_number()).map(|port| port.name.clone()));
            if !prune(&mut self.body, &kept) {
                self.arrays.retain(|array| kept.contains(&array.name));
                return;
            }
        }
    }
}

/// Whether anything was dropped.
fn prune(stmts: &mut Vec<Stmt>, kept: &BTreeSet<SmolStr>) -> bool {
    let (before, mut dropped) = (stmts.len(), false);
    for stmt in stmts.iter_mut() {
        match stmt {
            Stmt::If(_, yes, no) => {
                dropped |= prune(yes, kept);
                dropped |= prune(no, kept);
            }
            Stmt::For(.., body) | Stmt::While(_, body) => dropped |= prune(body, kept),
            Stmt::Let(..)
            | Stmt::Var(..)
            | Stmt::Store(..)
            | Stmt::Fill(..)
            | Stmt::Copy(..)
            | Stmt::Run(..)
            | Stmt::Return(_)
            | Stmt::Fail(_) => {}
        }
    }
    stmts.retain(|stmt| match stmt {
        Stmt::Let(name, _)
        | Stmt::Var(name, _)
        | Stmt::Store(Place::Variable(name) | Place::Entry(name, _), ..)
        | Stmt::Fill(name, ..)
        | Stmt::Copy(name, ..) => kept.contains(name),
        Stmt::If(_, yes, no) => !yes.is_empty() || !no.is_empty(),
        Stmt::For(.., body) => !body.is_empty(),
        Stmt::While(..) | Stmt::Run(..) | Stmt::Return(_) | Stmt::Fail(_) => true,
    });
    dropped || stmts.len() < before
}
