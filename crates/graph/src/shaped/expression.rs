//! What each kind of node means for tensors: sums, products of every kind, powers, branches.

use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Prefix, Relation, Span, TreeId};
use smol_str::SmolStr;

use super::reader::{Bound, Frame, Local, Read, Reader};
use super::value::{Binders, Form, Value, all_binders};
use crate::Rational;
use crate::facts::Facts;
use crate::graph::{Graph, Shape};
use crate::op::NodeId;
use crate::types::{Size, Type};

impl<'a> Reader<'a> {
    pub(super) fn expression(&mut self, frame: &Frame<'a>, id: TreeId) -> Read {
        let tree = frame.tree;
        let span = frame.at(id);
        match tree.kind(id) {
            Kind::Number(text) => {
                self.decimals |= text.contains(['.', 'e', 'E']);
                match Rational::parse_decimal(text) {
                    Some(value) => Ok(Value::scalar(self.g.number(value))),
                    None => Err(Diagnostic::error(
                        Code::Limit,
                        "this number is too large to be kept exactly",
                        span,
                        "more than 4,000 places",
                    )),
                }
            }
            Kind::Name(name) => self.name(frame, name, span),
            Kind::Prefix(Prefix::Plus, x) => self.number(frame, *x),
            Kind::Prefix(Prefix::Neg, x) => {
                let value = self.number(frame, *x)?;
                let node = self.g.scaled(Rational::MINUS_ONE, value.node);
                Ok(Value { node, ..value })
            }
            Kind::Prefix(Prefix::Not, x) => {
                let value = self.condition(frame, *x)?;
                let node = self.g.not(value.node);
                Ok(Value { node, ..value })
            }
            Kind::Binary(Binary::Add | Binary::Sub, ..) => self.sum(frame, id),
            &Kind::Binary(op, a, b) => self.binary(frame, op, a, b, span),
            Kind::Factorial(x) => {
                let value = self.number(frame, *x)?;
                self.apply_row_named("factorial", &[value], &[frame.at(*x)], span)
            }
            Kind::Prime(x, times) => self.prime(frame, *x, *times, span),
            Kind::Compare { operands, relations } => self.comparison(frame, tree.ids(*operands), relations),
            Kind::In(x, set) => self.membership(frame, *x, *set, span),
            Kind::Call { head, args } => self.call(frame, id, *head, tree.ids(*args)),
            Kind::Index { base, indices } => self.index(frame, *base, tree.ids(*indices), span),
            Kind::Vector(items) => self.vector(frame, tree.ids(*items), span),
            Kind::Matrix(rows) => self.blocks(frame, tree.ids(*rows), span),
            Kind::Comprehension { body, binders } => {
                self.comprehension(frame, *body, tree.ids(*binders), span)
            }
            &Kind::If(c, a, b) => self.branch(frame, c, a, b),
            Kind::Where(body, definitions) => self.where_node(frame, *body, tree.ids(*definitions)),
            Kind::Derivative { .. } => Err(self.unsupported(
                "a derivative inside a formula",
                span,
                "ask for the derivative of the whole, as in `agnesi diff \"...\" --wrt x`",
            )),
            Kind::Tuple(_) => Err(self.unsupported("a tuple", span, "write a vector, `[a, b]`")),
            Kind::Colon | Kind::Range(..) => {
                Err(Diagnostic::error(Code::Type, "a range is not a number", span, "a range stands here")
                    .with_hint("ranges go with a binder, `sum(i in 1..5, i^2)`, or in brackets, `x[1..3]`"))
            }
            Kind::Text(_) => Err(Diagnostic::error(
                Code::Type,
                "a text in quotes is not a number",
                span,
                "a text stands here",
            )
            .with_hint("names are written without quotes")),
            Kind::Equation(..) => {
                Err(Diagnostic::error(Code::Syntax, "an equation is not a number", span, "`=` stands here")
                    .with_hint("to compare, write `==`; to name a value, write `... where a = ...`"))
            }
            Kind::Inverse(_)
            | Kind::Arrow(..)
            | Kind::Define { .. }
            | Kind::Declare { .. }
            | Kind::Teach { .. }
            | Kind::Solve { .. }
            | Kind::Minimize { .. }
            | Kind::Missing => Err(Diagnostic::error(
                Code::Syntax,
                "this is no expression",
                span,
                "an expression is expected",
            )
            .with_hint("write a formula such as `norm2(X*w - y)^2`; definitions go before it, in `let`")),
        }
    }

    /// The axes of a value over more binders: in front those, then its own.
    pub(super) fn spread(&mut self, value: &Value, binders: &Binders) -> NodeId {
        if value.binders == *binders {
            return value.node;
        }
        let shape = self.spread_shape(value, binders);
        let own = value.binders.len();
        let mut axes: Vec<usize> =
            value.binders.iter().map(|b| binders.iter().position(|x| x == b).unwrap_or(0)).collect();
        axes.extend((0..value.rank()).map(|i| binders.len() + i));
        debug_assert_eq!(own + value.rank(), axes.len());
        self.g.expand(value.node, &axes, &shape)
    }

    fn spread_shape(&self, value: &Value, binders: &Binders) -> Shape {
        let own = value.binders.len();
        let front = binders.iter().map(|b| self.binders[*b as usize]);
        front.chain(self.g.shape(value.node)[own..].iter().copied()).collect()
    }

    /// The sizes of a value's own axes.
    pub(super) fn own_shape(&self, value: &Value) -> Shape {
        self.g.shape(value.node)[value.binders.len()..].iter().copied().collect()
    }

    /// An elementwise operation on values of one form, and scalars.
    pub(super) fn elementwise(
        &mut self,
        values: &[&Value],
        operation: impl FnOnce(&mut Graph, &[NodeId]) -> NodeId,
    ) -> Value {
        let binders = all_binders(values);
        let whole = values.iter().find(|v| !v.is_scalar()).copied();
        let form = whole.map_or(Form::Scalar, |v| v.form);
        let nodes: Vec<NodeId> = values
            .iter()
            .map(|v| {
                if v.is_scalar() && v.binders.is_empty() {
                    return v.node;
                }
                let spread = self.spread(v, &binders);
                match whole {
                    Some(whole) if v.is_scalar() => {
                        let shape = self.spread_shape(whole, &binders);
                        let axes: Vec<usize> = (0..binders.len()).collect();
                        self.g.expand(spread, &axes, &shape)
                    }
                    _ => spread,
                }
            })
            .collect();
        let node = operation(self.g, &nodes);
        // Everything may have folded to a number.
        let node = match whole {
            Some(whole) if self.g.is_scalar(node) => {
                let shape = self.spread_shape(whole, &binders);
                self.g.broadcast(node, &shape)
            }
            None if self.g.is_scalar(node) && !binders.is_empty() => {
                return Value { node, binders: Binders::new(), form, boolean: false };
            }
            _ => node,
        };
        Value { node, binders, form, boolean: false }
    }

    /// A chain of `+` and `-`.
    fn sum(&mut self, frame: &Frame<'a>, id: TreeId) -> Read {
        let mut ends: Vec<(TreeId, bool)> = Vec::new();
        let mut stack = vec![(id, false)];
        while let Some((id, negative)) = stack.pop() {
            match *frame.tree.kind(id) {
                Kind::Binary(Binary::Add, a, b) => stack.extend([(b, negative), (a, negative)]),
                Kind::Binary(Binary::Sub, a, b) => stack.extend([(b, !negative), (a, negative)]),
                _ => ends.push((id, negative)),
            }
        }
        let mut values = Vec::with_capacity(ends.len());
        for (end, _) in &ends {
            let value = self.number(frame, *end)?;
            values.push(self.without_unit_axes(value));
        }
        let whole = values.iter().position(|v| !v.is_scalar());
        if let Some(whole) = whole {
            for (i, value) in values.iter().enumerate() {
                if !value.is_scalar() && !self.fits(&values[whole], value) {
                    let (a, b) = (frame.at(ends[whole].0), frame.at(ends[i].0));
                    let hint = self.sum_hint(&values[whole], value);
                    let op = if ends[i].1 { "-" } else { "+" };
                    let whole = values[whole].clone();
                    return Err(self.disagree(
                        format!("`{op}` joins vectors and matrices of the same shape"),
                        a.to(b),
                        (&whole, a),
                        (value, b),
                        hint,
                    ));
                }
            }
        }
        let all: Vec<&Value> = values.iter().collect();
        let shape = whole.map(|w| self.spread_shape(&values[w], &all_binders(&all)));
        Ok(self.elementwise(&all, |g, nodes| {
            let common = shape.unwrap_or_else(|| g.common_shape(nodes));
            let mut terms = Vec::with_capacity(nodes.len());
            for (node, (_, negative)) in nodes.iter().zip(&ends) {
                let node = if g.is_scalar(*node) { g.broadcast(*node, &common) } else { *node };
                terms.push((if *negative { Rational::MINUS_ONE } else { Rational::ONE }, node));
            }
            g.sum(&terms)
        }))
    }

    fn sum_hint(&mut self, a: &Value, b: &Value) -> Option<String> {
        match (a.form, b.form) {
            (Form::Column, Form::Row) | (Form::Row, Form::Column) => {
                Some("one of them is transposed: leave the `'` out, or write an outer product".into())
            }
            (Form::Matrix, Form::Matrix) => {
                let (s, t) = (self.own_shape(a), self.own_shape(b));
                (s[0] == t[1] && s[1] == t[0]).then(|| "did you mean the transpose of one of them?".into())
            }
            (Form::Matrix, Form::Column | Form::Row) | (Form::Column | Form::Row, Form::Matrix) => Some(
                "a vector is never added to each row or column silently: write `x*ones(n)'` or `ones(n)*x'`"
                    .into(),
            ),
            _ => None,
        }
    }

    /// Whether two values have the same form and the same sizes.
    pub(super) fn fits(&self, a: &Value, b: &Value) -> bool {
        a.form == b.form && self.own_shape(a) == self.own_shape(b)
    }

    fn binary(&mut self, frame: &Frame<'a>, op: Binary, a: TreeId, b: TreeId, span: Span) -> Read {
        if let Binary::And | Binary::Or = op {
            // Where one side decides, the other need not be defined: `i > 1 and z[i - 1] > 0`.
            self.guarded += 1;
            let sides = self.condition(frame, a).and_then(|a| Ok((a, self.condition(frame, b)?)));
            self.guarded -= 1;
            let (left, right) = sides?;
            let mut value =
                self.elementwise(&[&left, &right], |g, n| if op == Binary::And { g.and(n) } else { g.or(n) });
            value.boolean = true;
            return Ok(value);
        }
        let left = self.number(frame, a)?;
        let right = match (op, left.form) {
            // A*x with a matrix A makes a vector of an x that is not declared.
            (Binary::Mul | Binary::Juxtapose, Form::Matrix) => {
                let columns = self.own_shape(&left)[1];
                self.vector_or_value(frame, b, columns)?
            }
            _ => self.number(frame, b)?,
        };
        let (left, right) = (self.without_unit_axes(left), self.without_unit_axes(right));
        let spans = (frame.at(a), frame.at(b));
        match op {
            Binary::Mul | Binary::Juxtapose => {
                self.operands = Some((frame.tree, a, b));
                self.times(&left, &right, spans, span)
            }
            Binary::Div => {
                if !right.is_scalar() {
                    let error = self.disagree(
                        "`/` divides by a number",
                        span,
                        (&left, spans.0),
                        (&right, spans.1),
                        Some("write `./` for each entry, or `*inv(A)` for a matrix".into()),
                    );
                    return Err(error);
                }
                self.divide(&left, &right, spans.1)
            }
            Binary::ElementMul | Binary::ElementDiv | Binary::ElementPow => {
                if !left.is_scalar() && !right.is_scalar() && !self.fits(&left, &right) {
                    let sign = match op {
                        Binary::ElementMul => ".*",
                        Binary::ElementDiv => "./",
                        _ => ".^",
                    };
                    let hint = self.sum_hint(&left, &right);
                    return Err(self.disagree(
                        format!("`{sign}` goes entry by entry, through two of the same shape"),
                        span,
                        (&left, spans.0),
                        (&right, spans.1),
                        hint,
                    ));
                }
                match op {
                    Binary::ElementMul => {
                        Ok(self.elementwise(&[&left, &right], |g, n| g.hadamard(n[0], n[1])))
                    }
                    Binary::ElementDiv => self.divide(&left, &right, spans.1),
                    _ => self.power(&left, &right, span),
                }
            }
            Binary::Pow => self.raised(frame, &left, &right, a, span, spans),
            Binary::Cross => self.cross(&left, &right, spans, span),
            Binary::Add | Binary::Sub | Binary::And | Binary::Or => {
                Err(self.unsupported("this operator", span, "write it in another way"))
            }
        }
    }

    /// A number, or a vector of this size if it is a name that is not declared.
    fn vector_or_value(&mut self, frame: &Frame<'a>, id: TreeId, size: NodeId) -> Read {
        if let Kind::Name(name) = frame.tree.kind(id)
            && self.is_undeclared(frame, name)
        {
            let text = super::sizes::text(self.g, size);
            let ty = Type { shape: vec![Size::Expression(text.as_str().into())], ..Type::real() };
            self.note(
                Diagnostic::note(
                    format!("`{name}` is taken for a vector of {text} entries"),
                    frame.at(id),
                    "not declared",
                )
                .with_hint(format!("declare `{name}: real` if it is a number")),
            );
            return Err(self.infer(name, ty, frame.at(id)));
        }
        self.number(frame, id)
    }

    /// Whether nothing but its use says what a name is.
    pub(super) fn is_undeclared(&self, frame: &Frame<'a>, name: &SmolStr) -> bool {
        self.local(frame, name).is_none()
            && self.scope.definition(name).is_none()
            && self.scope.type_of(name).is_none()
            && !self.inferred.iter().any(|(n, _)| n == name)
            && !super::reader::is_size(self.scope, name)
            && crate::settle::operators::constant(name).is_none()
            && crate::settle::operators::is_symbol(name)
    }

    /// `A'`.
    fn prime(&mut self, frame: &Frame<'a>, id: TreeId, times: u32, span: Span) -> Read {
        if let Kind::Name(name) = frame.tree.kind(id)
            && !self.is_value(frame, name)
        {
            return Err(self.unsupported(
                "the derivative of a function",
                span,
                "ask for the derivative of the whole, as in `agnesi diff \"...\" --wrt x`",
            ));
        }
        let value = self.number(frame, id)?;
        if times.is_multiple_of(2) { Ok(value) } else { self.transposed(&value, span) }
    }

    pub(super) fn transposed(&mut self, value: &Value, span: Span) -> Read {
        match value.form {
            Form::Scalar => Ok(value.clone()),
            Form::Column => Ok(Value { form: Form::Row, ..value.clone() }),
            Form::Row => Ok(Value { form: Form::Column, ..value.clone() }),
            Form::Matrix => {
                let node = self.g.swapped(value.node);
                Ok(Value { node, ..value.clone() })
            }
            Form::Tensor(_) => {
                Err(self.wrong_form("'", "a vector or a matrix", value, span, "say which axes with `einsum`"))
            }
        }
    }

    /// An expression that must be a condition.
    pub(super) fn condition(&mut self, frame: &Frame<'a>, id: TreeId) -> Read {
        let value = self.value(frame, id)?;
        if value.boolean {
            return Ok(value);
        }
        Err(Diagnostic::error(
            Code::Type,
            "a number is not a condition",
            frame.at(id),
            "a comparison is expected here",
        )
        .with_hint("write for example `x > 0`, or `x != 0`"))
    }

    fn comparison(&mut self, frame: &Frame<'a>, operands: &[TreeId], relations: &[Relation]) -> Read {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            values.push(self.number(frame, *operand)?);
        }
        let mut all: Option<Value> = None;
        for (i, relation) in relations.iter().enumerate() {
            let (a, b) = (values[i].clone(), values[i + 1].clone());
            let (p, q) = (frame.at(operands[i]), frame.at(operands[i + 1]));
            if !a.is_scalar() && !b.is_scalar() && !self.fits(&a, &b) {
                return Err(self.disagree(
                    "a comparison goes entry by entry, through two of the same shape",
                    p.to(q),
                    (&a, p),
                    (&b, q),
                    None,
                ));
            }
            let step =
                self.elementwise(&[&a, &b], |g, n| g.by_entries(n, |g, n| g.compare(*relation, n[0], n[1])));
            all = Some(match all {
                None => step,
                Some(before) => self.elementwise(&[&before, &step], |g, n| g.and(n)),
            });
        }
        let mut value = all.unwrap_or_else(|| Value::scalar(self.g.yes));
        value.boolean = true;
        Ok(value)
    }

    fn membership(&mut self, frame: &Frame<'a>, x: TreeId, set: TreeId, span: Span) -> Read {
        match frame.tree.kind(set) {
            Kind::Vector(ends) | Kind::Tuple(ends) if ends.len() == 2 => {
                let closed = matches!(frame.tree.kind(set), Kind::Vector(_));
                let relation = if closed { Relation::LessEqual } else { Relation::Less };
                let ends = frame.tree.ids(*ends).to_vec();
                self.comparison(frame, &[ends[0], x, ends[1]], &[relation, relation])
            }
            _ => Err(Diagnostic::error(Code::Type, "`in` needs an interval here", span, "not an interval")
                .with_hint("write `x in [0, 1]`, or `0 <= x`; binders go into `sum(i in 1..n, ...)`")),
        }
    }

    fn branch(&mut self, frame: &Frame<'a>, c: TreeId, a: TreeId, b: TreeId) -> Read {
        let condition = self.condition(frame, c)?;
        self.guarded += 1;
        let taken = self.number(frame, a).and_then(|a| Ok((a, self.number(frame, b)?)));
        self.guarded -= 1;
        let (then, other) = taken?;
        let whole = if then.is_scalar() { &other } else { &then };
        let shaped = [(&then, a), (&other, b), (&condition, c)];
        for (value, id) in shaped {
            if !value.is_scalar() && !whole.is_scalar() && !self.fits(whole, value) {
                let (whole, value) = (whole.clone(), value.clone());
                return Err(self.disagree(
                    "the branches and the condition of an `if` have one shape",
                    frame.at(id),
                    (&whole, frame.at(if then.is_scalar() { b } else { a })),
                    (&value, frame.at(id)),
                    None,
                ));
            }
        }
        Ok(self.elementwise(&[&condition, &then, &other], |g, n| g.select(n[0], n[1], n[2])))
    }

    fn where_node(&mut self, frame: &Frame<'a>, body: TreeId, definitions: &'a [TreeId]) -> Read {
        let before = self.env.len();
        let value = self.bind_where(frame, definitions).and_then(|()| self.value(frame, body));
        self.env.truncate(before);
        value
    }

    /// Binds what `where` defines, for the caller to unbind.
    pub(super) fn bind_where(
        &mut self,
        frame: &Frame<'a>,
        definitions: &'a [TreeId],
    ) -> Result<(), Diagnostic> {
        for id in definitions {
            let Kind::Define { target, value, binders } = *frame.tree.kind(*id) else { continue };
            let at = frame.at(target);
            match frame.tree.kind(target) {
                Kind::Name(name) if binders.is_empty() => {
                    let value = self.value(frame, value)?;
                    self.env.push(Local { name: name.clone(), bound: Bound::Value(value) });
                }
                Kind::Call { head, args } => {
                    if let Kind::Name(name) = frame.tree.kind(*head) {
                        let sees = self.env.len();
                        let bound = Bound::Function(frame.tree.ids(*args), value, *frame, sees);
                        self.env.push(Local { name: name.clone(), bound });
                    }
                }
                Kind::Tuple(names) => {
                    let names = frame.tree.ids(*names);
                    let values = self.parts(frame, value)?;
                    if names.len() != values.len() {
                        return Err(Diagnostic::error(
                            Code::Type,
                            format!("{} names stand for {} values", names.len(), values.len()),
                            at,
                            "one name for each value is needed",
                        )
                        .with_hint("write `where (a, b) = (1, 2)`"));
                    }
                    for (name, value) in names.iter().zip(values) {
                        if let Kind::Name(name) = frame.tree.kind(*name) {
                            self.env.push(Local { name: name.clone(), bound: Bound::Value(value) });
                        }
                    }
                }
                _ => {
                    return Err(self.unsupported(
                        "this definition",
                        at,
                        "write `where v = ...`, `where v = [... for i in 1..n]` or `where f(x) = ...`",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A size that a name gets because nothing else says it.
    pub(super) fn fresh_size(&mut self, near: &str) -> SmolStr {
        for letter in ["n", "m", "p", "q", "k"] {
            let taken = self.scope.type_of(letter).is_some()
                || self.scope.definition(letter).is_some()
                || self.inputs.iter().any(|n| n == letter)
                || self.inferred.iter().any(|(_, ty)| ty.shape.contains(&Size::Name(letter.into())));
            if !taken {
                return letter.into();
            }
        }
        SmolStr::new(format!("n_{near}"))
    }

    /// A scalar symbol's facts as those of an index.
    pub(super) fn is_integer(&mut self, node: NodeId) -> bool {
        if let Some(number) = self.g.as_number(node) {
            return number.is_integer();
        }
        self.g.bounds(node).integer || {
            // Sums and products of whole numbers.
            let entry = if self.g.is_scalar(node) { node } else { self.g.outline(node) };
            self.g.topological(entry).into_iter().all(|n| match self.g.op(n) {
                crate::op::Op::Symbol(id) => self.g.symbol_info(*id).facts.has(Facts::INTEGER),
                _ => true,
            })
        }
    }
}
