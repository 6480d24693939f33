//! The rules for named functions, from the derivative column of their rows, and for integrals.

use agnesi_syntax::{Binary, Code, Diagnostic, TreeId};

use super::forge::Node;
use super::rows::Row;
use super::work::{Draft, Outcome, Work};
use super::{Rule, Words};

impl Work<'_> {
    pub(crate) fn call_rule(
        &mut self,
        e: TreeId,
        head: TreeId,
        args: &[TreeId],
    ) -> Result<Outcome, Diagnostic> {
        let span = self.forge.tree.span(e);
        let Some(name) = self.forge.name_of(head).map(str::to_string) else {
            return Err(Diagnostic::error(
                Code::Unsupported,
                "this call has no named function",
                span,
                "what is called here is not a name",
            ));
        };
        if name == "integral" {
            return self.integral(e, args);
        }
        let Some(row) = self.options.rows.row(&name) else {
            return Err(Diagnostic::error(
                Code::Unsupported,
                format!("there is no rule for the derivative of `{name}`"),
                span,
                "this cannot be explained yet",
            )
            .with_hint("explain the parts around it, or write out what it means"));
        };
        if row.args.len() != args.len() {
            return Err(Diagnostic::error(
                Code::Type,
                format!("`{name}` takes {} arguments and is given {}", row.args.len(), args.len()),
                span,
                "wrong number of arguments",
            ));
        }
        let moving: Vec<usize> = (0..args.len()).filter(|&i| self.depends(args[i])).collect();
        let known = moving.iter().all(|&i| matches!(row.partials.get(i), Some(Ok(_))));
        if let (false, Some((tree, meaning))) = (known, &row.meaning)
            && let Ok(meaning) = self.forge.import(tree, *meaning)
        {
            let meaning = self.at_arguments(meaning, &row, args);
            // A meaning in terms of the function itself would lead nowhere.
            let calls_itself = self.forge.reachable(meaning).iter().any(|&id| match self.forge.node(id) {
                Node::Call(head, _) => self.forge.name_of(head) == Some(&name),
                _ => false,
            });
            if !calls_itself {
                return self.written_out(e, &name, meaning);
            }
        }
        match moving.as_slice() {
            [one] => self.one_argument(e, &name, &row, args, *one),
            _ => self.several_arguments(e, &name, &row, args, &moving),
        }
    }

    /// The partial derivative of a row in one argument, at these arguments.
    fn partial_at(
        &mut self,
        e: TreeId,
        row: &Row,
        which: usize,
        args: &[TreeId],
    ) -> Result<TreeId, Diagnostic> {
        let refuse = |because: &str, work: &Self| {
            Diagnostic::error(
                Code::Unsupported,
                format!("the function has no derivative in the table: {because}"),
                work.forge.tree.span(e),
                "differentiated here",
            )
            .with_hint("explain the parts around it, or hold this argument constant")
        };
        let formula = match row.partials.get(which) {
            Some(Ok((tree, root))) => {
                let imported = self.forge.import(tree, *root);
                imported.map_err(|_| refuse("its derivative column is no scalar formula", self))?
            }
            Some(Err(because)) => return Err(refuse(because, self)),
            None => return Err(refuse("it has no such argument", self)),
        };
        Ok(self.at_arguments(formula, row, args))
    }

    /// Where the function has kinks and jumps at these arguments, and what is agreed there.
    fn kinks(&mut self, name: &str, row: &Row, args: &[TreeId]) -> Words {
        let mut words = Words::default();
        for kink in &row.kinks {
            let place = kink.at.as_ref().and_then(|(tree, root)| self.forge.import(tree, *root).ok());
            words = words.and(if kink.jump { " Jump" } else { " Kink" });
            if let Some(place) = place {
                let place = self.at_arguments(place, row, args);
                words = words.and(" where ").show(place);
            }
            // A convention in terms of several arguments names them as the row does.
            let of = match row.args.len() {
                1 => String::new(),
                _ => format!(" for {name}({})", row.args.join(", ")),
            };
            words = words.and(format!("; convention{of}: {}.", kink.convention));
        }
        words
    }

    /// A formula of a row with these arguments in place of the row's own.
    fn at_arguments(&mut self, formula: TreeId, row: &Row, args: &[TreeId]) -> TreeId {
        // All at once through fresh names, since an argument may itself be called as an argument of the row.
        let fresh: Vec<String> = (0..args.len()).map(|i| format!("#{i}")).collect();
        let mut formula = formula;
        for (name, fresh) in row.args.iter().zip(&fresh) {
            let letter = self.forge.name(fresh);
            formula = self.forge.substitute(formula, name, letter);
        }
        for (fresh, &arg) in fresh.iter().zip(args) {
            formula = self.forge.substitute(formula, fresh, arg);
        }
        formula
    }

    /// A function without partial derivatives of its own, written out.
    fn written_out(&mut self, e: TreeId, name: &str, meaning: TreeId) -> Result<Outcome, Diagnostic> {
        let mut children = Vec::new();
        let after = self.child(meaning, &mut children)?;
        let applied = Some(self.d(meaning));
        let words = Words::say(format!("Put in what {name} stands for."));
        self.done(e, after, Draft { rules: vec![Rule::Meaning], statement: None, words, applied, children })
    }

    fn one_argument(
        &mut self,
        e: TreeId,
        name: &str,
        row: &Row,
        args: &[TreeId],
        which: usize,
    ) -> Result<Outcome, Diagnostic> {
        let rule = Rule::Table(row.title.clone());
        let kinks = self.kinks(name, row, args);
        let written = self.partial_at(e, row, which, args)?;
        let factor = self.product(&[written]);
        let (d, x) = (if self.partial { "∂" } else { "d" }, self.variable.clone());
        if self.is_variable(args[which]) {
            let statement = format!("{d}/{d}{x} {} = {}", self.text(e), self.text(written));
            let glance = kinks.is_empty();
            let words = Words::say("It stands in the table of derivatives.").then(kinks);
            let draft = Draft {
                rules: vec![rule],
                statement: Some(statement),
                words,
                applied: Some(written),
                children: vec![],
            };
            return if glance { self.at_a_glance(e, factor, draft) } else { self.done(e, factor, draft) };
        }
        let (u, _) = self.letters(e);
        let letter = self.forge.name(&u);
        let mut with_letter = args.to_vec();
        with_letter[which] = letter;
        let outer = self.forge.call(name, &with_letter);
        let derivative = self.partial_at(e, row, which, &with_letter)?;
        let du = self.forge.name(&format!("{d}{u}/{d}{x}"));
        let general = self.forge.raw(Binary::Mul, derivative, du);
        let statement = format!("{d}/{d}{x} {} = {}", self.text(outer), self.text(general));
        self.chain(e, rule, statement, outer, &u, args[which], factor, written, kinks)
    }

    fn several_arguments(
        &mut self,
        e: TreeId,
        name: &str,
        row: &Row,
        args: &[TreeId],
        moving: &[usize],
    ) -> Result<Outcome, Diagnostic> {
        let (mut children, mut terms, mut applied) = (Vec::new(), Vec::new(), None);
        for &which in moving {
            let written = self.partial_at(e, row, which, args)?;
            let derivative = self.child(args[which], &mut children)?;
            terms.push(self.product(&[written, derivative]));
            let d = self.d_inside(args[which]);
            let term = self.forge.raw(Binary::Mul, written, d);
            applied = Some(match applied {
                None => term,
                Some(sum) => self.forge.raw(Binary::Add, sum, term),
            });
        }
        let after = self.sum(&terms);
        let kinks = self.kinks(name, row, args);
        let words = Words::say(format!("The arguments of {name} that vary are "))
            .list(&moving.iter().map(|&i| args[i]).collect::<Vec<_>>())
            .and(": add the change through each.")
            .then(kinks);
        let rules = vec![Rule::TotalDerivative, Rule::Table(row.title.clone())];
        self.done(e, after, Draft { rules, statement: None, words, applied, children })
    }

    fn integral(&mut self, e: TreeId, args: &[TreeId]) -> Result<Outcome, Diagnostic> {
        let span = self.forge.tree.span(e);
        let refuse = |what: &str| {
            Err(Diagnostic::error(Code::Unsupported, what.to_string(), span, "this integral")
                .with_hint("write integral(f, t, a, b), or integral(f, t) for an antiderivative"))
        };
        let rules = vec![Rule::LeibnizIntegral];
        let bound = args.get(1).and_then(|&b| self.forge.name_of(b)).map(str::to_string);
        match (args, bound) {
            (&[body, _], Some(bound)) if bound == self.variable => {
                let words = Words::say("Differentiating undoes integrating.");
                let statement = "d/dx integral(f(x), x) = f(x)".to_string();
                let draft =
                    Draft { rules, statement: Some(statement), words, applied: None, children: vec![] };
                self.done(e, body, draft)
            }
            (&[body, t], Some(_)) => {
                let mut children = Vec::new();
                let inner = self.child(body, &mut children)?;
                let after = self.forge.call("integral", &[inner, t]);
                let words = Words::say("The derivative goes under the integral sign.");
                self.done(e, after, Draft { rules, statement: None, words, applied: None, children })
            }
            (&[body, t, from, to], Some(bound)) => {
                let (mut children, mut terms, mut applied) = (Vec::new(), Vec::new(), Vec::new());
                let mut words = Words::say("Add what each contributes: ");
                let mut first = true;
                for (end, which, lower) in [(to, "upper", false), (from, "lower", true)] {
                    if !self.depends(end) {
                        continue;
                    }
                    let there = self.forge.substitute(body, &bound, end);
                    let derivative = self.child(end, &mut children)?;
                    let term = self.product(&[there, derivative]);
                    let raw = match self.is_variable(end) {
                        true => there,
                        false => {
                            let d = self.d(end);
                            self.forge.raw(Binary::Mul, there, d)
                        }
                    };
                    terms.push(if lower { self.negative(term) } else { term });
                    applied.push((raw, lower));
                    let comma = if std::mem::take(&mut first) { "" } else { ", " };
                    words = words.and(format!("{comma}the {which} end ")).show(end).and(" moves");
                }
                // Inside, the bound name shadows a variable of the same name.
                if bound != self.variable && self.depends(body) {
                    let inner = self.child(body, &mut children)?;
                    let d = self.d(body);
                    terms.push(self.forge.call("integral", &[inner, t, from, to]));
                    let raw = self.forge.call("integral", &[d, t, from, to]);
                    applied.push((raw, false));
                    let comma = if first { "" } else { ", " };
                    words = words.and(format!("{comma}the integrand depends on {}", self.variable));
                }
                let after = self.sum(&terms);
                let applied = applied.into_iter().fold(None, |sum, (term, minus)| {
                    Some(match (sum, minus) {
                        (None, false) => term,
                        (None, true) => self.forge.put(Node::Prefix(agnesi_syntax::Prefix::Neg, term)),
                        (Some(sum), false) => self.forge.raw(Binary::Add, sum, term),
                        (Some(sum), true) => self.forge.raw(Binary::Sub, sum, term),
                    })
                });
                let words = words.and(".");
                self.done(e, after, Draft { rules, statement: None, words, applied, children })
            }
            _ => refuse("this integral cannot be read"),
        }
    }
}
