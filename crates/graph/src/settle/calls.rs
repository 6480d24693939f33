//! Calls: rows of the table, definitions, local functions, and products that look like calls.

use agnesi_functions::FunctionId;
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Span, TreeId};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::operators::{self, Operator, Reduce};
use super::settler::{Bound, Callee, Done, Failed, Frame, Local, LocalFunction, Meaning, Memo, Settler};

pub(super) type Values = SmallVec<[TreeId; 4]>;

impl<'a> Settler<'a> {
    /// A call as written.
    pub(super) fn call(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        epoch: u32,
        (id, head, args): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        match *tree.kind(head) {
            Kind::Name(ref name) => {
                if let Some(operator) = self.operator_of(frame, name, args) {
                    return self.operator(frame, memo, (id, head, args), operator);
                }
                match self.lookup_call(frame, name) {
                    Meaning::Callee(callee) => {
                        let values = self.numbers(frame, memo, epoch, args)?;
                        self.apply(frame, callee, &values, (span, frame.at(head)))
                    }
                    Meaning::Tensor => self.name(frame, name, frame.at(head)),
                    Meaning::Unknown => self.unknown_call(frame, (head, name, args)),
                    Meaning::Free if is_function_letter(name) && !self.is_used_as_value(frame, name) => {
                        self.unknown_call(frame, (head, name, args))
                    }
                    Meaning::Value(_) | Meaning::Defined(_) | Meaning::Constant(_) | Meaning::Free => {
                        self.product(frame, memo, epoch, (id, head, args))
                    }
                }
            }
            Kind::Prime(inner, times) => {
                if let Some(callee) = self.callee(frame, inner) {
                    let values = self.numbers(frame, memo, epoch, args)?;
                    return self.prime_at(frame, callee, times, &values, (span, frame.at(head)));
                }
                self.product(frame, memo, epoch, (id, head, args))
            }
            Kind::Inverse(inner) => {
                let values = self.numbers(frame, memo, epoch, args)?;
                self.inverse_call(frame, inner, &values, (span, frame.at(head)))
            }
            Kind::Binary(Binary::Pow | Binary::ElementPow, inner, exponent)
                if self.callee(frame, inner).is_some() =>
            {
                let values = self.numbers(frame, memo, epoch, args)?;
                let Some(callee) = self.callee(frame, inner) else { return Err(Failed) };
                let value = self.apply(frame, callee, &values, (span, frame.at(head)))?;
                let power = self.walk(frame, memo, exponent)?;
                let power = self.as_number(frame, exponent, power)?;
                if let Callee::Definition(_) | Callee::Local(_) = callee {
                    self.note(Diagnostic::note(
                        "a power of a function is read as the power of its value",
                        frame.at(head),
                        "f^2(x) is f(x)^2",
                    ));
                }
                Ok(self.push(Kind::Binary(Binary::Pow, value, power), span))
            }
            Kind::Derivative { variables, body, .. } if self.callee(frame, body).is_some() => {
                let values = self.numbers(frame, memo, epoch, args)?;
                let Some(callee) = self.callee(frame, body) else { return Err(Failed) };
                self.derivative_at(frame, callee, variables, &values, (span, frame.at(head)))
            }
            Kind::Call { head: operator, args: inner } => {
                if let (Kind::Name(name), &[function]) = (tree.kind(operator), tree.ids(inner))
                    && let Some(operator) = self.operator_of(frame, name, inner)
                    && let Some(callee) = self.callee(frame, function)
                {
                    let values = self.numbers(frame, memo, epoch, args)?;
                    return self.operator_at(frame, operator, callee, &values, (span, frame.at(head)));
                }
                self.product(frame, memo, epoch, (id, head, args))
            }
            _ => self.product(frame, memo, epoch, (id, head, args)),
        }
    }

    /// The function that a node names, if it does.
    pub(super) fn callee(&self, frame: &Frame<'a>, id: TreeId) -> Option<Callee<'a>> {
        match frame.tree.kind(id) {
            Kind::Name(name) => match self.lookup_call(frame, name) {
                Meaning::Callee(callee) => Some(callee),
                _ => None,
            },
            _ => None,
        }
    }

    fn numbers(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        epoch: u32,
        args: List,
    ) -> Result<Values, Failed> {
        let tree = frame.tree;
        let mut values = Values::new();
        let mut failed = false;
        for &arg in tree.ids(args) {
            match self.number(frame, memo, epoch, arg) {
                Ok(value) => values.push(value),
                Err(Failed) => failed = true,
            }
        }
        if failed { Err(Failed) } else { Ok(values) }
    }

    /// A function at settled arguments. `spans` are the places of the call and of the function's name.
    pub(super) fn apply(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        args: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        match callee {
            Callee::Row(id) => self.apply_row(frame, id, args, spans),
            Callee::Definition(definition) => {
                let params = definition.params().unwrap_or_default();
                if params.len() != args.len() {
                    return Err(self.wrong_arity(frame, callee, params.len(), args.len(), spans));
                }
                if definition.columns().is_some() {
                    return Ok(self.push_call(definition.name(), args, spans.0));
                }
                self.call_of(frame, definition, args, spans.0)
            }
            Callee::Local(function) => {
                if function.params.len() != args.len() {
                    return Err(self.wrong_arity(frame, callee, function.params.len(), args.len(), spans));
                }
                self.apply_local(frame, function, args)
            }
        }
    }

    fn apply_local(&mut self, frame: &Frame<'a>, function: LocalFunction<'a>, args: &[TreeId]) -> Done {
        let base = self.env.len();
        for at in frame.base..function.sees.min(base) {
            let local = self.env[at].clone();
            self.env.push(local);
        }
        // A function bound by `where` among these sees as much of the copy as it saw of the original.
        let shift = base - frame.base;
        for local in &mut self.env[base..] {
            if let Bound::Function(inner) = &mut local.value {
                inner.sees += shift;
            }
        }
        for (&param, &arg) in function.params.iter().zip(args) {
            if let Kind::Name(name) = frame.tree.kind(param) {
                self.env.push(Local { name, value: Bound::Value(arg) });
            }
        }
        let inner = Frame { base, ..*frame };
        let result = self.fresh_walk(&inner, function.body);
        self.env.truncate(base);
        result
    }

    fn apply_row(&mut self, frame: &Frame<'a>, id: FunctionId, args: &[TreeId], spans: (Span, Span)) -> Done {
        let row = id.row();
        let span = spans.0;
        match (row.name, args) {
            ("pow", &[base, exponent]) => Ok(self.push(Kind::Binary(Binary::Pow, base, exponent), span)),
            ("log", &[x, base]) => {
                let above = self.push_call("log", &[x], span);
                let below = self.push_call("log", &[base], span);
                Ok(self.push(Kind::Binary(Binary::Div, above, below), span))
            }
            ("min" | "max", &[first, second, ref rest @ ..]) => {
                let mut value = self.push_call(row.name, &[first, second], span);
                for &next in rest {
                    value = self.push_call(row.name, &[value, next], span);
                }
                Ok(value)
            }
            _ if args.len() == row.args.len() => Ok(self.push_call(row.name, args, span)),
            _ => Err(self.wrong_arity(frame, Callee::Row(id), row.args.len(), args.len(), spans)),
        }
    }

    fn wrong_arity(
        &mut self,
        frame: &Frame<'a>,
        callee: Callee<'a>,
        wanted: usize,
        given: usize,
        spans: (Span, Span),
    ) -> Failed {
        let signature = self.signature(callee);
        let name = signature.split('(').next().unwrap_or_default().to_owned();
        let count = |n: usize| if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") };
        let mut error = Diagnostic::error(
            Code::Type,
            format!(
                "`{name}` takes {}, and {given} {} given",
                count(wanted),
                if given == 1 { "is" } else { "are" }
            ),
            spans.0,
            format!("{} here", count(given)),
        );
        let hint = match (callee, name.as_str(), given) {
            (Callee::Row(_), "atan", 2) => "the angle of the point (x, y) is `atan2(y, x)`".to_owned(),
            (Callee::Row(_), "sqrt", 2) => "an n-th root is `root(x, n)`".to_owned(),
            (Callee::Row(id), ..) => {
                match id.row().examples.first().and_then(|example| example_call(example)) {
                    Some(example) => format!("write `{signature}`, for example `{example}`"),
                    None => format!("write `{signature}`"),
                }
            }
            (Callee::Local(function), ..) => {
                let params: Vec<&str> = function
                    .params
                    .iter()
                    .filter_map(|&param| match frame.tree.kind(param) {
                        Kind::Name(name) => Some(name.as_str()),
                        _ => None,
                    })
                    .collect();
                format!("write `{name}({})`", params.join(", "))
            }
            _ => format!("write `{signature}`"),
        };
        error = error.with_hint(hint);
        self.fail(frame, error)
    }

    /// `sin^-1(x)`.
    fn inverse_call(
        &mut self,
        frame: &Frame<'a>,
        inner: TreeId,
        args: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        let name = match frame.tree.kind(inner) {
            Kind::Name(name) => name.as_str(),
            _ => "",
        };
        if let Some(Callee::Row(id)) = self.callee(frame, inner)
            && let Some(inverse) = operators::inverse(id.row().name)
            && let Some(found) = agnesi_functions::find(inverse)
        {
            self.note(
                Diagnostic::note(
                    format!("`{name}^-1` is read as the inverse function, {inverse}"),
                    spans.1,
                    "the inverse function",
                )
                .with_hint(format!("for the reciprocal write `1/{name}(x)`")),
            );
            return self.apply_row(frame, found, args, spans);
        }
        Err(self.fail(
            frame,
            Diagnostic::error(
                Code::Unsupported,
                format!("the inverse function of `{name}` is not known"),
                spans.1,
                "read as the inverse function",
            )
            .with_hint(format!("for the reciprocal write `1/{name}(x)`")),
        ))
    }

    /// `x(x + 1)` with x a number.
    fn product(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        epoch: u32,
        (id, head, args): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        let &[arg] = tree.ids(args) else {
            let given = args.len();
            let name = match tree.kind(head) {
                Kind::Name(name) => format!("`{name}`"),
                _ => "this".to_owned(),
            };
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Type,
                    format!("{name} is a number, not a function of {given} arguments"),
                    frame.at(head),
                    "called here",
                )
                .with_hint("define it first, as in `f(x, y) = ...`, or write `*` for a product"),
            ));
        };
        let left = match tree.kind(head) {
            Kind::Name(name) => self.name(frame, name, frame.at(head))?,
            _ => self.walk(frame, memo, head)?,
        };
        let left = self.as_number(frame, head, left)?;
        let right = self.number(frame, memo, epoch, arg)?;
        if let Kind::Name(name) = tree.kind(head) {
            self.note(
                Diagnostic::note(
                    format!("`{name}(...)` is read as a product, since `{name}` is a number"),
                    span,
                    format!("{name} times the bracket"),
                )
                .with_hint(format!("define `{name}(x) = ...` first if it is a function")),
            );
        }
        Ok(self.push(Kind::Binary(Binary::Mul, left, right), span))
    }

    /// Whether a letter stands somewhere in the text without being called.
    fn is_used_as_value(&self, frame: &Frame<'a>, name: &str) -> bool {
        if self.scope.type_of(name).is_some() {
            return true;
        }
        let tree = frame.tree;
        let root = frame.definition.map_or(self.whole.1, |definition| definition.root);
        let below = super::walk::below(tree, root);
        let heads: rustc_hash::FxHashSet<TreeId> = below
            .iter()
            .filter_map(|&id| match tree.kind(id) {
                Kind::Call { head, .. } => Some(*head),
                _ => None,
            })
            .collect();
        below
            .iter()
            .any(|id| matches!(tree.kind(*id), Kind::Name(text) if text == name) && !heads.contains(id))
    }

    fn unknown_call(&mut self, frame: &Frame<'a>, (head, name, args): (TreeId, &'a SmolStr, List)) -> Done {
        let span = frame.at(head);
        if let Some(base) = name.strip_prefix("log_")
            && let &[arg] = frame.tree.ids(args)
            && !base.is_empty()
        {
            return self.log_with_base(frame, base, arg, span);
        }
        let error = Diagnostic::error(
            Code::Name,
            format!("the function `{name}` is not known"),
            span,
            "not known here",
        );
        let product = self.product_with_function(name);
        let near = self.near(frame, name);
        let hint = if let Some((letters, function)) = product
            && near.as_ref().is_none_or(|near| near == function)
        {
            format!("for a product write `{letters}*{function}(...)`")
        } else if let Some(near) = near {
            format!("did you mean `{near}`?")
        } else {
            format!("define it first: `{name}(x) = ...`; for a product write `{name}*(...)`")
        };
        Err(self.fail(frame, error.with_hint(hint)))
    }

    /// `log_2(x)`.
    fn log_with_base(&mut self, frame: &Frame<'a>, base: &str, arg: TreeId, span: Span) -> Done {
        let x = self.fresh_walk(frame, arg)?;
        let x = self.as_number(frame, arg, x)?;
        let base = if base.bytes().all(|b| b.is_ascii_digit()) {
            self.push(Kind::Number(SmolStr::new(base)), span)
        } else {
            match self.lookup(frame, base) {
                Meaning::Value(id) => id,
                Meaning::Free => self.symbol(&SmolStr::new(base), span),
                Meaning::Constant(name) => self.push(Kind::Name(SmolStr::new_static(name)), span),
                Meaning::Defined(definition) => self.value_of(frame, definition, span)?,
                _ => {
                    return Err(self.fail(
                        frame,
                        Diagnostic::error(
                            Code::Name,
                            format!("the base `{base}` is not known"),
                            span,
                            "no number",
                        )
                        .with_hint("write `log(x, base)`"),
                    ));
                }
            }
        };
        let above = self.push_call("log", &[x], span);
        let below = self.push_call("log", &[base], span);
        Ok(self.push(Kind::Binary(Binary::Div, above, below), span))
    }

    /// `xsin` as x and sin.
    fn product_with_function(&self, name: &'a str) -> Option<(String, &'a str)> {
        name.char_indices().skip(1).take(3).find_map(|(at, _)| {
            let (letters, function) = name.split_at(at);
            let known =
                agnesi_functions::find(function).is_some() || self.scope.definition(function).is_some();
            let letters: Vec<String> = letters.chars().map(String::from).collect();
            (known && function.len() > 1).then(|| (letters.join("*"), function))
        })
    }

    /// A call of a reserved name.
    fn operator(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        call: (TreeId, TreeId, List),
        operator: Operator,
    ) -> Done {
        let (id, head, args) = call;
        let tree = frame.tree;
        let span = frame.at(id);
        match operator {
            Operator::Integral => self.integral(frame, memo, call),
            Operator::Limit => self.limit(frame, memo, call),
            Operator::Taylor => self.taylor(frame, memo, call),
            Operator::Derivative => self.diff(frame, memo, call),
            Operator::Gradient
            | Operator::Jacobian
            | Operator::Hessian
            | Operator::Laplacian
            | Operator::Divergence => self.differential(frame, memo, call, operator),
            Operator::Along => self.along(frame, memo, call),
            Operator::Reduce(reduce) => self.reduce(frame, memo, call, reduce),
            Operator::If => {
                let &[condition, then, other] = tree.ids(args) else {
                    return Err(self.fail(
                        frame,
                        Diagnostic::error(
                            Code::Type,
                            format!("`if` takes a condition and two values, and {} are given", args.len()),
                            span,
                            "here",
                        )
                        .with_hint("write `if x > 0 then x else 0`, or `if(x > 0, x, 0)`"),
                    ));
                };
                let c = self.walk(frame, memo, condition)?;
                let c = self.as_condition(frame, condition, c)?;
                let a = self.walk(frame, memo, then)?;
                let a = self.as_number(frame, then, a)?;
                let b = self.walk(frame, memo, other)?;
                let b = self.as_number(frame, other, b)?;
                Ok(self.push(Kind::If(c, a, b), span))
            }
            Operator::Norm => {
                if let &[arg] = tree.ids(args) {
                    let value = self.walk(frame, memo, arg)?;
                    if !matches!(self.out.kind(value), Kind::Vector(_) | Kind::Matrix(_)) {
                        let value = self.as_number(frame, arg, value)?;
                        return Ok(self.push_call("abs", &[value], span));
                    }
                }
                Err(self.later(frame, id, "norms of vectors"))
            }
            Operator::Later(what) => Err(self.later(frame, head, what)),
        }
    }

    /// Folds settled values by a binary row or operator.
    pub(super) fn fold(&mut self, reduce: Reduce, values: &[TreeId], span: Span) -> Option<TreeId> {
        let mut all: Option<TreeId> = None;
        for &value in values {
            all = Some(match (all, reduce) {
                (None, _) => value,
                (Some(before), Reduce::Sum | Reduce::Mean) => {
                    self.push(Kind::Binary(Binary::Add, before, value), span)
                }
                (Some(before), Reduce::Product) => self.push(Kind::Binary(Binary::Mul, before, value), span),
                (Some(before), Reduce::Min) => self.push_call("min", &[before, value], span),
                (Some(before), Reduce::Max) => self.push_call("max", &[before, value], span),
            });
        }
        if let (Reduce::Mean, Some(sum)) = (reduce, all) {
            let count = self.push_number(values.len() as i64, span);
            return Some(self.push(Kind::Binary(Binary::Div, sum, count), span));
        }
        all
    }
}

/// Letters that by custom stand for functions.
fn is_function_letter(name: &str) -> bool {
    matches!(name, "f" | "g" | "h" | "F" | "G" | "H")
}

/// The call on the left of an example such as `erf(1) ~ 0.84`.
fn example_call(example: &str) -> Option<&str> {
    let end = example.find(" ~ ").or_else(|| example.find(" = "))?;
    Some(&example[..end])
}
