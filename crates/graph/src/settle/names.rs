//! What names mean, products of letters, and names near a misspelt one.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Span, Tree, TreeId};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::operators;
use super::settler::{Bound, Callee, Done, Failed, Frame, Meaning, Settler};
use super::walk;

impl<'a> Settler<'a> {
    /// What a name stands for where a frame stands.
    pub(super) fn lookup(&self, frame: &Frame<'a>, name: &str) -> Meaning<'a> {
        for local in self.env[frame.base..].iter().rev() {
            if local.name == name {
                return match local.value {
                    Bound::Value(id) | Bound::Abbreviation(id, _) => Meaning::Value(id),
                    Bound::Function(function) => Meaning::Callee(Callee::Local(function)),
                };
            }
        }
        self.global(name)
    }

    /// What a name stands for in the session.
    pub(super) fn global(&self, name: &str) -> Meaning<'a> {
        for &(variable, id) in self.overrides.iter().rev() {
            if variable == name {
                return Meaning::Value(id);
            }
        }
        if !self.scope.is_empty() {
            let scope: &'a super::Scope = self.scope;
            if let Some(definition) = scope.definition(name) {
                return match definition.params() {
                    None => Meaning::Defined(definition),
                    Some(_) => Meaning::Callee(Callee::Definition(definition)),
                };
            }
            if let Some(ty) = scope.type_of(name) {
                return if ty.is_scalar() { Meaning::Free } else { Meaning::Tensor };
            }
        }
        if let Some(constant) = operators::constant(name) {
            return Meaning::Constant(constant);
        }
        if name.len() > 1
            && let Some(id) = agnesi_functions::find(name)
        {
            return Meaning::Callee(Callee::Row(id));
        }
        if operators::is_symbol(name) { Meaning::Free } else { Meaning::Unknown }
    }

    /// What a name stands for where it is called: single letters may be functions of the table there.
    pub(super) fn lookup_call(&self, frame: &Frame<'a>, name: &str) -> Meaning<'a> {
        match self.lookup(frame, name) {
            Meaning::Free if name.chars().count() == 1 && self.scope.type_of(name).is_none() => {
                match agnesi_functions::find(name) {
                    Some(id) => Meaning::Callee(Callee::Row(id)),
                    None => Meaning::Free,
                }
            }
            meaning => meaning,
        }
    }

    /// A name that stands for a value.
    pub(super) fn name(&mut self, frame: &Frame<'a>, name: &'a SmolStr, span: Span) -> Done {
        match self.lookup(frame, name) {
            Meaning::Value(id) => Ok(id),
            Meaning::Free => Ok(self.symbol(name, span)),
            Meaning::Constant(constant) => Ok(self.constant(constant, span)),
            Meaning::Defined(definition) => self.value_of(frame, definition, span),
            Meaning::Tensor => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Unsupported,
                    format!("`{name}` is a vector or matrix, and these come with a later version"),
                    span,
                    "understood, but not yet computed",
                )
                .with_hint("this version takes formulas in scalars, such as `x_1^2 + x_2^2`"),
            )),
            Meaning::Callee(callee) => {
                let example = self.signature(callee);
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        format!("`{name}` is a function and needs its arguments"),
                        span,
                        "no argument follows",
                    )
                    .with_hint(format!("write `{example}`")),
                ))
            }
            Meaning::Unknown => self.letters(frame, name, span),
        }
    }

    /// A constant. Those without a node of their own are written out.
    fn constant(&mut self, name: &'static str, span: Span) -> TreeId {
        match name {
            "golden_ratio" => {
                let five = self.push_number(5, span);
                let root = self.push_call("sqrt", &[five], span);
                let one = self.push_number(1, span);
                let sum = self.push(Kind::Binary(Binary::Add, one, root), span);
                let two = self.push_number(2, span);
                self.push(Kind::Binary(Binary::Div, sum, two), span)
            }
            "euler_gamma" => {
                let one = self.push_number(1, span);
                let value = self.push_call("digamma", &[one], span);
                self.push(Kind::Prefix(agnesi_syntax::Prefix::Neg, value), span)
            }
            _ => self.push(Kind::Name(SmolStr::new_static(name)), span),
        }
    }

    /// An unknown name of several letters: their product if each is known, else an error.
    fn letters(&mut self, frame: &Frame<'a>, name: &'a SmolStr, span: Span) -> Done {
        let count = name.chars().count();
        if (2..=12).contains(&count) && name.chars().all(char::is_alphabetic) {
            let bounds: Vec<usize> = name.char_indices().map(|(at, _)| at).chain([name.len()]).collect();
            let letters: Vec<&'a str> = bounds.windows(2).map(|pair| &name[pair[0]..pair[1]]).collect();
            let written = single_letters(frame.tree, self.root_of(frame));
            if letters.iter().all(|letter| self.known_letter(frame, letter, &written)) {
                let mut product: Option<TreeId> = None;
                for letter in &letters {
                    let text = SmolStr::new(letter);
                    let factor = match self.lookup(frame, letter) {
                        Meaning::Value(id) => id,
                        Meaning::Constant(constant) => self.constant(constant, span),
                        Meaning::Defined(definition) => self.value_of(frame, definition, span)?,
                        _ => self.symbol(&text, span),
                    };
                    product = Some(match product {
                        None => factor,
                        Some(before) => self.push(Kind::Binary(Binary::Mul, before, factor), span),
                    });
                }
                let read = letters.join("*");
                self.note(
                    Diagnostic::note(
                        format!("`{name}` is read as the product {read}"),
                        span,
                        "no name of its own",
                    )
                    .with_hint(format!("declare `{name}: real` if it is one name")),
                );
                return product.ok_or(Failed);
            }
        }
        let error =
            Diagnostic::error(Code::Name, format!("the name `{name}` is not known"), span, "not known here");
        let near = self.near(frame, name);
        let declare = format!("declare it: `{name}: real`");
        let hint = match (near, glued_call(name)) {
            // The name of a function is near because this one begins with it.
            (near, Some(call))
                if near.as_deref().is_none_or(|near| agnesi_functions::find(near).is_some()) =>
            {
                format!("write `{call}` for the function. Else {declare}")
            }
            (Some(near), _) => format!("did you mean `{near}`? Else {declare}"),
            (None, _) => format!("{declare}, or put `*` between the letters if a product is meant"),
        };
        Err(self.fail(frame, error.with_hint(hint)))
    }

    /// The root of the text that a frame reads.
    fn root_of(&self, frame: &Frame<'a>) -> TreeId {
        match frame.definition {
            Some(definition) => definition.root,
            None => self.whole.1,
        }
    }

    fn known_letter(&self, frame: &Frame<'a>, letter: &str, written: &FxHashSet<SmolStr>) -> bool {
        match self.lookup(frame, letter) {
            Meaning::Value(_) | Meaning::Defined(_) | Meaning::Constant(_) => true,
            Meaning::Free => self.scope.type_of(letter).is_some() || written.contains(letter),
            Meaning::Callee(_) | Meaning::Tensor | Meaning::Unknown => false,
        }
    }

    /// The known name nearest to one that is not.
    pub(super) fn near(&self, frame: &Frame<'a>, name: &str) -> Option<String> {
        let locals = self.env[frame.base..].iter().map(|local| local.name);
        let session = self.scope.names().map(SmolStr::as_str);
        let rows = agnesi_functions::table()
            .iter()
            .flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
        let constants = ["pi", "inf"].into_iter();
        let all =
            locals.chain(session).chain(rows).chain(constants).chain(operators::OFFERED.iter().copied());
        agnesi_syntax::nearest(name, all).map(str::to_owned)
    }

    /// How a function is called: `atan2(y, x)`.
    pub(super) fn signature(&self, callee: Callee<'a>) -> String {
        let (name, params): (&str, Vec<&str>) = match callee {
            Callee::Row(id) => (id.row().name, id.row().args.to_vec()),
            Callee::Definition(definition) => (
                definition.name(),
                definition.params().unwrap_or_default().iter().map(SmolStr::as_str).collect(),
            ),
            Callee::Local(function) => (function.name, vec!["..."; function.params.len().min(1)]),
        };
        format!("{name}({})", params.join(", "))
    }

    /// A name that nothing else in the text or the session has.
    pub(super) fn fresh(&mut self, base: &str) -> SmolStr {
        let (tree, root) = self.whole;
        let scope = self.scope;
        let taken = self.taken.get_or_insert_with(|| {
            let mut taken = FxHashSet::default();
            add_names(tree, root, &mut taken);
            for definition in scope.definitions() {
                let (tree, root) = definition.body();
                add_names(tree, root, &mut taken);
                taken.extend(definition.params().unwrap_or_default().iter().cloned());
            }
            taken.extend(scope.names().cloned());
            taken
        });
        let base = base.split('_').next().filter(|base| !base.is_empty()).unwrap_or("t");
        let mut number = 1usize;
        loop {
            let name = SmolStr::new(format!("{base}_{number}"));
            if taken.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }

    /// Whether a settled value contains a free or bound symbol.
    pub(super) fn contains(&self, id: TreeId, symbol: &str) -> bool {
        walk::mentions(&self.out, id, symbol)
    }

    /// Whether a definition, or one that it uses, mentions a name of the session.
    pub(super) fn definition_mentions(&self, definition: &super::Definition, name: &str) -> bool {
        mentions(self.scope, definition, name)
    }
}

/// Whether a definition, or one that it uses, mentions a name.
pub(super) fn mentions(scope: &super::Scope, definition: &super::Definition, name: &str) -> bool {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut work: Vec<&super::Definition> = vec![definition];
    while let Some(definition) = work.pop() {
        for mention in &definition.mentions {
            if mention == name {
                return true;
            }
            if seen.insert(mention)
                && let Some(next) = scope.definition(mention)
            {
                work.push(next);
            }
        }
    }
    false
}

fn add_names(tree: &Tree, root: TreeId, names: &mut FxHashSet<SmolStr>) {
    for id in walk::below(tree, root) {
        if let Kind::Name(name) = tree.kind(id) {
            names.insert(name.clone());
        }
    }
}

fn single_letters(tree: &Tree, root: TreeId) -> FxHashSet<SmolStr> {
    walk::below(tree, root)
        .into_iter()
        .filter_map(|id| match tree.kind(id) {
            Kind::Name(name) if name.chars().count() == 1 => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// `cos(2x)` for `cos2x`: a function of one argument, and a number, a letter or both behind it.
fn glued_call(name: &str) -> Option<String> {
    let ends = name.char_indices().map(|(at, _)| at).filter(|at| *at > 1);
    ends.rev().map(|at| name.split_at(at)).find_map(|(function, argument)| {
        let row = &agnesi_functions::table()[agnesi_functions::find(function)?.0 as usize];
        let mut rest = argument.trim_start_matches(|c: char| c.is_ascii_digit()).chars();
        let short = rest.next().is_none_or(char::is_alphabetic) && rest.next().is_none();
        (short && row.args.len() == 1).then(|| format!("{function}({argument})"))
    })
}
