//! Derivatives in several variables at once: gradient, Jacobian, Hessian, Laplacian, divergence, direction.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, List, Span, TreeId};
use smol_str::SmolStr;

use super::operators::{self, Operator};
use super::settler::{Callee, Done, Failed, Frame, Memo, Settler};
use super::variables::Subject;

impl<'a> Settler<'a> {
    /// `grad(f)`, `hessian(x^2*y)`, `jacobian(F, [x, y])`.
    pub(super) fn differential(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, head, args): (TreeId, TreeId, List),
        operator: Operator,
    ) -> Done {
        let tree = frame.tree;
        let (source, rest) = match tree.ids(args) {
            [source, rest @ ..] => (*source, rest),
            [] => return Err(self.wrong_operator(frame, id, "grad(x^2 + y^3)")),
        };
        let listed: &[TreeId] = match rest {
            [one] => match tree.kind(*one) {
                Kind::Vector(list) | Kind::Tuple(list) => tree.ids(*list),
                _ => rest,
            },
            _ => rest,
        };
        let listed = self.names_of(frame, listed)?;
        let subject = self.many(frame, memo, source, &listed, frame.at(id))?;
        let _ = head;
        self.assemble(frame, source, operator, &subject, frame.at(id))
    }

    /// What is differentiated by several variables: those listed, or all that it has.
    pub(super) fn many(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        source: TreeId,
        listed: &[(&'a SmolStr, Span)],
        span: Span,
    ) -> Result<Subject, Failed> {
        let tree = frame.tree;
        let function = match *tree.kind(source) {
            Kind::Name(_) => self.callee(frame, source).map(|callee| (callee, None)),
            Kind::Call { head, args } if listed.is_empty() => match self.callee(frame, head) {
                // `∇f(1, 2)` is the gradient of f there, since nothing in the call varies.
                Some(callee)
                    if !args.is_empty()
                        && tree.ids(args).iter().all(|&arg| self.variables_of(frame, arg).is_empty()) =>
                {
                    Some((callee, Some(args)))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some((callee, args)) = function {
            let params = self.params(frame, callee);
            let values = match args {
                None => self.own_values(frame, callee, span),
                Some(args) => {
                    let mut values = Vec::with_capacity(args.len());
                    for &arg in tree.ids(args) {
                        let value = self.walk(frame, memo, arg)?;
                        values.push(self.as_number(frame, arg, value)?);
                    }
                    values
                }
            };
            let mut varies: Vec<usize> = (0..params.len()).collect();
            if !listed.is_empty() {
                varies.clear();
                for &(name, at) in listed {
                    match params.iter().position(|param| param == name) {
                        Some(place) => varies.push(place),
                        None => {
                            let signature = self.signature(callee);
                            return Err(self.fail(
                                frame,
                                Diagnostic::error(
                                    Code::Name,
                                    format!("`{signature}` has no argument `{name}`"),
                                    at,
                                    "not among its arguments",
                                )
                                .with_hint("use the names of its definition"),
                            ));
                        }
                    }
                }
            }
            return self.function_subject(frame, callee, &values, &varies, (span, frame.at(source)));
        }
        let mut names: Vec<(&'a SmolStr, Span)> = listed.to_vec();
        if names.is_empty() {
            names =
                self.variables_of(frame, source).into_iter().map(|name| (name, frame.at(source))).collect();
            if names.is_empty() {
                let at = frame.at(source);
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Type,
                        "there is nothing to differentiate by",
                        at,
                        "this has no variable",
                    )
                    .with_hint("write a formula with variables, such as `grad(x^2 + y^3)`"),
                ));
            }
            if names.len() > 1 {
                let list = names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                self.note(
                    Diagnostic::note(
                        format!("differentiated in the order {list}"),
                        span,
                        "by all its variables",
                    )
                    .with_hint("list them to choose, as in `grad(f, [y, x])`"),
                );
            }
        }
        self.subject(frame, memo, &names, source)
    }

    /// `grad(f)(1, 2)`.
    pub(super) fn operator_at(
        &mut self,
        frame: &Frame<'a>,
        operator: Operator,
        callee: Callee<'a>,
        values: &[TreeId],
        spans: (Span, Span),
    ) -> Done {
        let varies: Vec<usize> = (0..self.params(frame, callee).len()).collect();
        let subject = self.function_subject(frame, callee, values, &varies, spans)?;
        if subject.symbols.len() != varies.len() {
            return Err(Failed);
        }
        let source = self.whole.1;
        self.assemble(frame, source, operator, &subject, spans.0)
    }

    pub(super) fn assemble(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        operator: Operator,
        subject: &Subject,
        span: Span,
    ) -> Done {
        let symbols = &subject.symbols;
        let rows: Option<Vec<TreeId>> = match *self.out.kind(subject.body) {
            Kind::Vector(entries) => Some(self.out.ids(entries).to_vec()),
            _ => None,
        };
        let value = match (operator, rows) {
            (Operator::Gradient | Operator::Jacobian, None) => {
                self.row(frame, source, subject.body, symbols, span)?
            }
            (Operator::Gradient | Operator::Jacobian, Some(entries)) => {
                let mut rows = Vec::with_capacity(entries.len());
                for entry in entries {
                    rows.push(self.row(frame, source, entry, symbols, span)?);
                }
                let list = self.out.list(&rows);
                self.push(Kind::Matrix(list), span)
            }
            (Operator::Hessian, None) => {
                let n = symbols.len();
                let mut cells: Vec<TreeId> = Vec::with_capacity(n * n);
                let mut rows = Vec::with_capacity(n);
                for i in 0..n {
                    for j in 0..n {
                        let cell = if j < i {
                            cells[j * n + i]
                        } else {
                            self.derive(frame, source, subject.body, &[&symbols[i], &symbols[j]], span)?
                        };
                        cells.push(cell);
                    }
                    rows.push(self.push_vector(&cells[i * n..], span));
                }
                let list = self.out.list(&rows);
                self.push(Kind::Matrix(list), span)
            }
            (Operator::Laplacian, None) => {
                let mut terms = Vec::with_capacity(symbols.len());
                for symbol in symbols {
                    terms.push(self.derive(frame, source, subject.body, &[symbol, symbol], span)?);
                }
                self.fold(operators::Reduce::Sum, &terms, span).ok_or(Failed)?
            }
            (Operator::Divergence, Some(entries)) if entries.len() == symbols.len() => {
                let mut terms = Vec::with_capacity(symbols.len());
                for (entry, symbol) in entries.into_iter().zip(symbols) {
                    terms.push(self.derive(frame, source, entry, &[symbol], span)?);
                }
                self.fold(operators::Reduce::Sum, &terms, span).ok_or(Failed)?
            }
            (Operator::Divergence, entries) => {
                let count = entries.map_or(1, |entries| entries.len());
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Shape,
                        format!(
                            "the divergence needs as many entries as variables: here {count} and {}",
                            symbols.len()
                        ),
                        span,
                        "of a vector-valued function",
                    )
                    .with_hint("write `div([x*y, y^2], [x, y])`"),
                ));
            }
            _ => {
                return Err(self.fail(
                    frame,
                    Diagnostic::error(
                        Code::Shape,
                        "this is taken of a scalar function",
                        span,
                        "the value is a vector",
                    )
                    .with_hint("for vector-valued functions there is `jacobian`"),
                ));
            }
        };
        Ok(self.taken_at(value, &subject.at, span))
    }

    pub(super) fn row(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        body: TreeId,
        symbols: &[SmolStr],
        span: Span,
    ) -> Done {
        let mut cells = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            cells.push(self.derive(frame, source, body, &[symbol], span)?);
        }
        Ok(self.push_vector(&cells, span))
    }

    /// `along(f, v)`: the derivative in the direction of v, with v normalised.
    pub(super) fn along(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        let tree = frame.tree;
        let span = frame.at(id);
        let (source, rest) = match tree.ids(args) {
            [source, rest @ ..] if !rest.is_empty() => (*source, rest),
            _ => return Err(self.wrong_operator(frame, id, "along(x^2 + y, [3, 4])")),
        };
        let listed: &[TreeId] = match rest {
            [one] => match tree.kind(*one) {
                Kind::Vector(list) | Kind::Tuple(list) => tree.ids(*list),
                _ => rest,
            },
            _ => rest,
        };
        let mut direction: Vec<TreeId> = Vec::with_capacity(listed.len());
        for &entry in listed {
            let value = self.walk(frame, memo, entry)?;
            if let (Kind::Vector(entries), [_]) = (self.out.kind(value), listed) {
                direction.extend_from_slice(self.out.ids(*entries));
            } else {
                direction.push(self.as_number(frame, entry, value)?);
            }
        }
        let subject = self.many(frame, memo, source, &[], span)?;
        let place = rest.iter().map(|&id| frame.at(id)).reduce(Span::to).unwrap_or(span);
        if direction.len() != subject.symbols.len() {
            let list = subject.symbols.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", ");
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Shape,
                    format!(
                        "the direction has {} entries, and the function {} variables ({list})",
                        direction.len(),
                        subject.symbols.len()
                    ),
                    place,
                    "the direction",
                )
                .with_hint("give one entry for each variable, in this order"),
            ));
        }
        let Some(length) = self.length(frame, &direction, place)? else {
            let mut sum = None;
            for (entry, symbol) in direction.iter().zip(&subject.symbols) {
                sum = self.add_term(frame, source, sum, *entry, (subject.body, symbol), span)?;
            }
            let value = sum.ok_or(Failed)?;
            return Ok(self.taken_at(value, &subject.at, span));
        };
        let mut sum = None;
        for (entry, symbol) in direction.iter().zip(&subject.symbols) {
            sum = self.add_term(frame, source, sum, *entry, (subject.body, symbol), span)?;
        }
        let sum = sum.ok_or(Failed)?;
        self.note(
            Diagnostic::note("the direction is divided by its length", place, "not of length 1")
                .with_hint("a directional derivative is the slope for a step of length 1"),
        );
        let value = self.push(Kind::Binary(Binary::Div, sum, length), span);
        Ok(self.taken_at(value, &subject.at, span))
    }

    pub(super) fn add_term(
        &mut self,
        frame: &Frame<'a>,
        source: TreeId,
        sum: Option<TreeId>,
        entry: TreeId,
        (body, symbol): (TreeId, &SmolStr),
        span: Span,
    ) -> Result<Option<TreeId>, Failed> {
        let number = self.integer(entry);
        if number == Some(0) {
            return Ok(sum);
        }
        let derivative = self.derive(frame, source, body, &[symbol], span)?;
        let term = match number {
            Some(1) => derivative,
            _ => self.push(Kind::Binary(Binary::Mul, entry, derivative), span),
        };
        Ok(Some(match sum {
            None => term,
            Some(before) => self.push(Kind::Binary(Binary::Add, before, term), span),
        }))
    }

    /// The length of a direction; `None` where it is 1.
    pub(super) fn length(
        &mut self,
        frame: &Frame<'a>,
        direction: &[TreeId],
        span: Span,
    ) -> Result<Option<TreeId>, Failed> {
        let squares: Option<i64> = direction
            .iter()
            .map(|&entry| self.integer(entry).and_then(|n| n.checked_mul(n)))
            .try_fold(0i64, |sum, square| sum.checked_add(square?));
        match squares {
            Some(0) => Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Domain,
                    "the zero vector has no direction",
                    span,
                    "all its entries are 0",
                )
                .with_hint("give a direction that is not zero"),
            )),
            Some(1) => Ok(None),
            Some(square) => {
                let root = square.isqrt();
                if root * root == square {
                    return Ok(Some(self.push_number(root, span)));
                }
                let square = self.push_number(square, span);
                Ok(Some(self.push_call("sqrt", &[square], span)))
            }
            None => {
                let mut sum = None;
                for &entry in direction {
                    let two = self.push_number(2, span);
                    let square = self.push(Kind::Binary(Binary::Pow, entry, two), span);
                    sum = Some(match sum {
                        None => square,
                        Some(before) => self.push(Kind::Binary(Binary::Add, before, square), span),
                    });
                }
                let sum = sum.ok_or(Failed)?;
                Ok(Some(self.push_call("sqrt", &[sum], span)))
            }
        }
    }
}
