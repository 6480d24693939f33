//! What each kind of node means.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Prefix, Relation, Span, TreeId};
use smallvec::SmallVec;

use super::settler::{Done, Failed, Frame, Memo, Settler};

impl<'a> Settler<'a> {
    pub(super) fn node(&mut self, frame: &Frame<'a>, memo: &mut Memo, epoch: u32, id: TreeId) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        match tree.kind(id) {
            Kind::Number(text) => {
                self.literal(frame, id, text)?;
                Ok(self.push(Kind::Number(text.clone()), span))
            }
            Kind::Name(name) => self.name(frame, name, span),
            Kind::Prefix(op, x) => match op {
                Prefix::Plus => self.number(frame, memo, epoch, *x),
                Prefix::Neg => {
                    let inner = self.number(frame, memo, epoch, *x)?;
                    Ok(self.push(Kind::Prefix(Prefix::Neg, inner), span))
                }
                Prefix::Not => {
                    let inner = self.child(frame, memo, epoch, *x)?;
                    let inner = self.as_condition(frame, *x, inner)?;
                    Ok(self.push(Kind::Prefix(Prefix::Not, inner), span))
                }
            },
            &Kind::Binary(op, a, b) => self.binary(frame, memo, epoch, (op, a, b), span),
            Kind::Call { head, args } => self.call(frame, memo, epoch, (id, *head, *args)),
            Kind::Factorial(x) => {
                let inner = self.number(frame, memo, epoch, *x)?;
                Ok(self.push_call("factorial", &[inner], span))
            }
            &Kind::If(condition, then, other) => {
                let c = self.child(frame, memo, epoch, condition);
                let a = self.number(frame, memo, epoch, then);
                let b = self.number(frame, memo, epoch, other);
                let c = self.as_condition(frame, condition, c?)?;
                Ok(self.push(Kind::If(c, a?, b?), span))
            }
            Kind::Compare { operands, relations } => {
                let mut values: SmallVec<[TreeId; 4]> = SmallVec::new();
                let mut failed = false;
                for &operand in tree.ids(*operands) {
                    match self.number(frame, memo, epoch, operand) {
                        Ok(value) => values.push(value),
                        Err(Failed) => failed = true,
                    }
                }
                if failed {
                    return Err(Failed);
                }
                self.chain(&values, relations, span)
            }
            Kind::Vector(items) => {
                let mut entries: SmallVec<[TreeId; 8]> = SmallVec::new();
                let mut failed = false;
                for &item in tree.ids(*items) {
                    match self.number(frame, memo, epoch, item) {
                        Ok(entry) => entries.push(entry),
                        Err(Failed) => failed = true,
                    }
                }
                if failed {
                    return Err(Failed);
                }
                Ok(self.push_vector(&entries, span))
            }
            Kind::In(x, set) => self.membership(frame, memo, (*x, *set), span),
            Kind::Prime(x, times) => self.prime(frame, memo, *x, *times, span),
            Kind::Derivative { variables, body, .. } => {
                self.derivative_node(frame, memo, (id, *variables, *body), span)
            }
            Kind::Where(body, list) => self.where_node(frame, memo, *body, *list),
            Kind::Index { base, indices } => self.index(frame, memo, (id, *base, *indices)),
            Kind::Matrix(rows) => self.matrix(frame, memo, id, *rows),
            Kind::Inverse(head) => {
                let text = match tree.kind(*head) {
                    Kind::Name(name) => name.as_str(),
                    _ => "f",
                };
                Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "a function stands here without its argument",
                        span,
                        "no argument",
                    )
                    .with_hint(format!("write `{text}^-1(x)`")),
                ))
            }
            Kind::Comprehension { .. } => Err(self.later(frame, id, "vectors by rule")),
            Kind::Tuple(_) => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Unsupported,
                    "pairs and tuples of values come with a later version",
                    span,
                    "this is a tuple",
                )
                .with_hint("for a vector-valued function write `[a, b]`"),
            )),
            Kind::Colon | Kind::Range(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Type, "a range is not a number", span, "a range stands here")
                    .with_hint("ranges go with a binder: `sum(i in 1..5, i^2)`"),
            )),
            Kind::Arrow(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Syntax, "an arrow has no value of its own", span, "`->` stands here")
                    .with_hint("it belongs to a limit: `limit(sin(x)/x, x -> 0)`"),
            )),
            Kind::Equation(..) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Syntax, "an equation is not a number", span, "`=` stands here")
                    .with_hint(
                        "to compare, write `==`; to name a value, write `a = ...` before, or `where a = ...`",
                    ),
            )),
            Kind::Text(_) => Err(self.fail(
                frame,
                Diagnostic::error(Code::Type, "a text in quotes is not a number", span, "a text stands here")
                    .with_hint("names are written without quotes"),
            )),
            Kind::Solve { .. } => Err(self.later(frame, id, "solving equations")),
            Kind::Minimize { .. } => Err(self.later(frame, id, "optimisation")),
            Kind::Define { .. } | Kind::Declare { .. } | Kind::Teach { .. } => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Input,
                    "an expression is expected, this binds a name",
                    span,
                    "a declaration or definition",
                )
                .with_hint("definitions go before the expression, in `let`"),
            )),
            Kind::Missing => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Syntax,
                    "nothing could be read here",
                    span,
                    "an expression is expected",
                )
                .with_hint("write a formula such as `sin(4w) + 0.1w^2`"),
            )),
        }
    }

    pub(super) fn binary(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        epoch: u32,
        (op, a, b): (Binary, TreeId, TreeId),
        span: Span,
    ) -> Done {
        if let Binary::And | Binary::Or = op {
            let left = self.child(frame, memo, epoch, a);
            let right = self.child(frame, memo, epoch, b);
            let left = self.as_condition(frame, a, left?);
            let right = self.as_condition(frame, b, right?);
            return Ok(self.push(Kind::Binary(op, left?, right?), span));
        }
        let left = self.number(frame, memo, epoch, a);
        let right = self.number(frame, memo, epoch, b);
        let (left, right) = (left?, right?);
        let op = match op {
            Binary::Juxtapose | Binary::ElementMul | Binary::Cross => Binary::Mul,
            Binary::ElementDiv => Binary::Div,
            Binary::ElementPow => Binary::Pow,
            plain => plain,
        };
        if op == Binary::Pow
            && let Kind::Name(_) = frame.tree.kind(a)
            && let &Kind::Binary(Binary::Mul, first, last) = self.out.kind(left)
            && self.out.span(left) == frame.at(a)
            && matches!(self.out.kind(last), Kind::Name(_))
            && self.out.span(last) == frame.at(a)
        {
            // `xy^2` with x and y known is x*y^2.
            let power = self.push(Kind::Binary(Binary::Pow, last, right), span);
            return Ok(self.push(Kind::Binary(Binary::Mul, first, power), span));
        }
        Ok(self.push(Kind::Binary(op, left, right), span))
    }

    /// `a < b <= c` as the conjunction of its steps; the operands are shared.
    pub(super) fn chain(&mut self, values: &[TreeId], relations: &[Relation], span: Span) -> Done {
        let mut all = None;
        for (pair, &relation) in values.windows(2).zip(relations) {
            let operands = self.out.list(pair);
            let step = self.push(Kind::Compare { operands, relations: vec![relation] }, span);
            all = Some(match all {
                None => step,
                Some(before) => self.push(Kind::Binary(Binary::And, before, step), span),
            });
        }
        all.ok_or(Failed)
    }

    /// Notes whether a number is a decimal, and refuses those that no one could mean.
    pub(super) fn literal(&mut self, frame: &Frame<'a>, id: TreeId, text: &str) -> Result<(), Failed> {
        if text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 64 {
            return Ok(());
        }
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        self.decimals |= mantissa.contains('.') || mantissa.len() != text.len();
        let exponent = exponent.parse::<i64>().map_or(i64::MAX, |e| e.saturating_abs());
        if mantissa.len() > 10_000 || exponent > 10_000 {
            let at = frame.at(id);
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Limit,
                    "this number is too long to be kept exact",
                    at,
                    "more than 10,000 digits",
                )
                .with_hint("take fewer digits, or a smaller exponent"),
            ));
        }
        Ok(())
    }
}
