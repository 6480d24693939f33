//! Calls: rows of the table entry by entry, definitions, and the operations on whole tensors.

use agnesi_functions::FunctionId;
use agnesi_syntax::{Binary, Code, Diagnostic, Kind, Span, TreeId};

use super::condition::Need;
use super::operators::Operator;
use super::reader::{Bound, Frame, Local, Read, Reader};
use super::value::{Form, Value};
use crate::Rational;
use crate::elaborate::not_defined;
use crate::graph::Shape;
use crate::op::{Linear, NodeId, Reduction};

impl<'a> Reader<'a> {
    pub(super) fn call(&mut self, frame: &Frame<'a>, id: TreeId, head: TreeId, args: &'a [TreeId]) -> Read {
        let tree = frame.tree;
        let span = frame.at(id);
        match tree.kind(head) {
            Kind::Name(name) => {
                if let Some(Bound::Function(params, body, inner, sees)) = self.local(frame, name).cloned() {
                    return self.call_local((params, body, inner, sees), args, frame, (name, span));
                }
                let scope = self.scope;
                if self.local(frame, name).is_none()
                    && let Some(definition) = scope.definition(name)
                    && definition.params().is_some()
                {
                    let values = self.numbers(frame, args)?;
                    if definition.columns().is_some() {
                        let taught = self.g.find_function(name);
                        let spans: Vec<Span> = args.iter().map(|a| frame.at(*a)).collect();
                        return match taught {
                            Some(f) => self.apply(f, &values, &spans, span),
                            None => Err(self.unknown(name, frame.at(head))),
                        };
                    }
                    return self.call_definition(definition, &values, span);
                }
                if self.is_value(frame, name) {
                    return self.product_or_index(frame, head, args, span);
                }
                if let Some(operator) = Operator::of(name) {
                    return self.operator(frame, name, operator, args, span);
                }
                match agnesi_functions::find(name) {
                    Some(_) => {
                        let values = self.numbers(frame, args)?;
                        let spans: Vec<Span> = args.iter().map(|a| frame.at(*a)).collect();
                        self.apply_row_named(name, &values, &spans, span)
                    }
                    None => Err(self.unknown(name, frame.at(head))),
                }
            }
            // `sin^2 x`.
            &Kind::Binary(Binary::Pow | Binary::ElementPow, inner, exponent) => {
                if let Kind::Name(name) = tree.kind(inner)
                    && !self.is_value(frame, name)
                    && agnesi_functions::find(name).is_some()
                {
                    let values = self.numbers(frame, args)?;
                    let spans: Vec<Span> = args.iter().map(|a| frame.at(*a)).collect();
                    let value = self.apply_row_named(name, &values, &spans, span)?;
                    let exponent = self.number(frame, exponent)?;
                    return Ok(self.elementwise(&[&value, &exponent], |g, n| g.general_power(n[0], n[1])));
                }
                self.product_or_index(frame, head, args, span)
            }
            Kind::Inverse(inner) => {
                if let Kind::Name(name) = tree.kind(*inner)
                    && let Some(inverse) = crate::settle::operators::inverse(name)
                {
                    let values = self.numbers(frame, args)?;
                    let spans: Vec<Span> = args.iter().map(|a| frame.at(*a)).collect();
                    return self.apply_row_named(inverse, &values, &spans, span);
                }
                Err(self.unsupported("this inverse function", span, "write its name, as in `asin(x)`"))
            }
            Kind::Prime(inner, _) if matches!(tree.kind(*inner), Kind::Name(name) if !self.is_value(frame, name)) => {
                Err(self.unsupported(
                    "the derivative of a function",
                    span,
                    "ask for the derivative of the whole, as in `agnesi diff \"...\" --wrt x`",
                ))
            }
            _ => self.product_or_index(frame, head, args, span),
        }
    }

    pub(super) fn numbers(&mut self, frame: &Frame<'a>, args: &[TreeId]) -> Result<Vec<Value>, Diagnostic> {
        args.iter().map(|arg| self.number(frame, *arg)).collect()
    }

    fn call_local(
        &mut self,
        (params, body, inner, sees): (&'a [TreeId], TreeId, Frame<'a>, usize),
        args: &[TreeId],
        frame: &Frame<'a>,
        (name, span): (&str, Span),
    ) -> Read {
        let values = self.numbers(frame, args)?;
        if params.len() != values.len() {
            let params: Vec<&str> = params
                .iter()
                .filter_map(|p| match inner.tree.kind(*p) {
                    Kind::Name(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            return Err(self.arity(name, &format!("{name}({})", params.join(", ")), values.len(), span));
        }
        let base = self.env.len();
        let seen: Vec<Local<'a>> = self.env[inner.base..sees.min(base)].to_vec();
        self.env.extend(seen);
        for (param, value) in params.iter().zip(values) {
            if let Kind::Name(name) = inner.tree.kind(*param) {
                self.env.push(Local { name: name.clone(), bound: Bound::Value(value) });
            }
        }
        let value = self.value(&Frame { base, ..inner }, body);
        self.env.truncate(base);
        value
    }

    /// `x(x + 1)` with a number x is a product; with a vector or matrix x it is an index.
    fn product_or_index(&mut self, frame: &Frame<'a>, head: TreeId, args: &[TreeId], span: Span) -> Read {
        let left = self.number(frame, head)?;
        if left.is_scalar()
            && let &[arg] = args
        {
            let right = self.number(frame, arg)?;
            return self.times(&left, &right, (frame.at(head), frame.at(arg)), span);
        }
        self.index(frame, head, args, span)
    }

    pub(super) fn apply_row_named(
        &mut self,
        name: &str,
        values: &[Value],
        spans: &[Span],
        span: Span,
    ) -> Read {
        let Some(f) = agnesi_functions::find(name) else { return Err(self.unknown(name, span)) };
        let row = f.row();
        match (row.name, values) {
            ("pow", [base, exponent]) => {
                Ok(self.elementwise(&[base, exponent], |g, n| g.general_power(n[0], n[1])))
            }
            ("log", [x, base]) => {
                let (above, below) = (
                    self.apply(f, std::slice::from_ref(x), spans, span)?,
                    self.apply(f, std::slice::from_ref(base), spans, span)?,
                );
                Ok(self.elementwise(&[&above, &below], |g, n| {
                    let below = g.elementwise_power(n[1], Rational::MINUS_ONE);
                    g.hadamard(n[0], below)
                }))
            }
            ("min" | "max", [first, rest @ ..]) if !rest.is_empty() => {
                let mut all = first.clone();
                for next in rest {
                    all = self.apply(f, &[all, next.clone()], spans, span)?;
                }
                Ok(all)
            }
            _ if values.len() == row.args.len() => self.apply(f, values, spans, span),
            _ => {
                let usage = format!("{}({})", row.name, row.args.join(", "));
                Err(self.arity(row.name, &usage, values.len(), span))
            }
        }
    }

    /// A function entry by entry; what its domain asks of the entries is noted.
    fn apply(&mut self, f: FunctionId, values: &[Value], spans: &[Span], span: Span) -> Read {
        let whole = values.iter().position(|v| !v.is_scalar());
        if let Some(whole) = whole {
            for (i, value) in values.iter().enumerate() {
                if !value.is_scalar() && !self.fits(&values[whole], value) {
                    let name = self.g.function_name(f).to_string();
                    let at = |i: usize| spans.get(i).copied().unwrap_or(span);
                    return Err(self.disagree(
                        format!("`{name}` goes entry by entry, through arguments of one shape"),
                        span,
                        (&values[whole], at(whole)),
                        (value, at(i)),
                        None,
                    ));
                }
            }
        }
        let all: Vec<&Value> = values.iter().collect();
        if (f.0 as usize) < agnesi_functions::table().len() && f.row().domain != "true" {
            let row = f.row();
            let condition = self.elementwise(&all, |g, n| {
                g.by_entries(n, |g, n| {
                    let names: Vec<(&'static str, NodeId)> =
                        row.args.iter().copied().zip(n.iter().copied()).collect();
                    g.instantiate(row.domain, &names).unwrap_or(g.yes)
                })
            });
            self.need_entries(condition.node, || not_defined(row, span))?;
        }
        Ok(self.elementwise(&all, |g, n| g.call(f, n)))
    }

    fn operator(
        &mut self,
        frame: &Frame<'a>,
        name: &str,
        operator: Operator,
        args: &'a [TreeId],
        span: Span,
    ) -> Read {
        let count = args.len();
        let at = |i: usize| args.get(i).map_or(span, |a| frame.at(*a));
        match operator {
            Operator::Sum | Operator::Mean if self.is_binder(frame, args) => {
                self.sum_over(frame, args, operator == Operator::Mean)
            }
            Operator::Reduce(how) if self.is_binder(frame, args) => self.reduce_over(frame, how, args),
            Operator::Calculus => Err(self.unsupported(
                &format!("`{name}` inside a formula"),
                span,
                "ask for the derivative of the whole, as in `agnesi diff \"...\" --wrt x`",
            )),
            Operator::Loop => self.loop_value(frame, name, args, span),
            Operator::Einsum => self.einsum(frame, args, span),
            Operator::Identity | Operator::Filled(_) | Operator::Iota => {
                let mut sizes = Shape::new();
                for arg in args {
                    sizes.push(self.scalar_node(frame, *arg)?);
                }
                match (operator, &sizes[..]) {
                    (Operator::Identity, &[n]) => Ok(Value::new(self.g.identity(n), Form::Matrix)),
                    (Operator::Iota, &[n]) => Ok(Value::new(self.g.iota(n), Form::Column)),
                    (Operator::Filled(value), &[_] | &[_, _] | &[_, _, _]) => {
                        let value = self.g.integer(value);
                        let form = Form::of_rank(sizes.len());
                        Ok(Value::new(self.g.broadcast(value, &sizes), form))
                    }
                    _ => Err(self.arity(name, &usage(name), count, span)),
                }
            }
            Operator::Commutation => {
                let mut sizes = Vec::new();
                for arg in args {
                    sizes.push(self.scalar_node(frame, *arg)?);
                }
                let &[m, n] = &sizes[..] else { return Err(self.arity(name, &usage(name), count, span)) };
                Ok(Value::new(self.commutation(m, n), Form::Matrix))
            }
            _ => {
                if count == 0 {
                    return Err(self.arity(name, &usage(name), count, span));
                }
                let values = match operator {
                    // The second argument may be an axis.
                    Operator::Sum
                    | Operator::Mean
                    | Operator::Reduce(_)
                    | Operator::ArgMin
                    | Operator::Softmax { .. } => vec![self.number(frame, args[0])?],
                    _ => self.numbers(frame, args)?,
                };
                self.operation(frame, (name, operator), args, &values, span, &at)
            }
        }
    }

    fn operation(
        &mut self,
        frame: &Frame<'a>,
        (name, operator): (&str, Operator),
        args: &[TreeId],
        values: &[Value],
        span: Span,
        at: &dyn Fn(usize) -> Span,
    ) -> Read {
        let x = &values[0];
        let wants = |n: usize| -> Result<(), Diagnostic> {
            if args.len() == n {
                return Ok(());
            }
            Err(Diagnostic::error(
                Code::Type,
                format!(
                    "`{name}` does not take {} argument{}",
                    args.len(),
                    if args.len() == 1 { "" } else { "s" }
                ),
                span,
                "called here",
            )
            .with_hint(format!("write `{}`", usage(name))))
        };
        match operator {
            Operator::Sum => {
                let axis = self.axis(frame, name, x, args, span)?;
                Ok(self.total(x, axis))
            }
            Operator::Mean => {
                let axis = self.axis(frame, name, x, args, span)?;
                Ok(self.mean(x, axis))
            }
            Operator::Reduce(how) => {
                // The larger of two, entry by entry: `max(x, 0)`.
                if matches!(how, Reduction::Max | Reduction::Min) && args.len() >= 2 {
                    let second = self.number(frame, args[1])?;
                    let axis = self.g.as_number(second.node).and_then(|n| n.as_integer());
                    let is_axis = args.len() == 2
                        && x.rank() >= 1
                        && axis.is_some_and(|n| n >= 1 && n <= x.rank().max(2) as i64);
                    if !is_axis {
                        let values = self.numbers(frame, args)?;
                        let spans: Vec<Span> = args.iter().map(|a| frame.at(*a)).collect();
                        return self.apply_row_named(name, &values, &spans, span);
                    }
                }
                let axis = self.axis(frame, name, x, args, span)?;
                if x.is_scalar() {
                    return if how == Reduction::ArgMax {
                        Ok(Value::scalar(self.g.one()))
                    } else {
                        Ok(x.clone())
                    };
                }
                if how == Reduction::ArgMax && axis.is_none() && x.rank() > 1 {
                    return Err(self.wrong_form(
                        name,
                        "a vector, or an axis",
                        x,
                        at(0),
                        "write `argmax(X, 2)`",
                    ));
                }
                Ok(self.reduced(how, x, axis))
            }
            Operator::ArgMin => {
                let axis = self.axis(frame, name, x, args, span)?;
                if x.rank() != 1 && axis.is_none() {
                    return Err(self.wrong_form(
                        name,
                        "a vector, or an axis",
                        x,
                        at(0),
                        "write `argmin(X, 2)`",
                    ));
                }
                let minus = Value { node: self.g.scaled(Rational::MINUS_ONE, x.node), ..x.clone() };
                Ok(self.reduced(Reduction::ArgMax, &minus, axis))
            }
            Operator::Softmax { log } => {
                let axis = self.axis(frame, name, x, args, span)?;
                if x.rank() != 1 && axis.is_none() {
                    let hint = format!("say along which axis: `{name}(X, 2)` for each row");
                    return Err(self.wrong_form(name, "a vector, or an axis", x, at(0), &hint));
                }
                Ok(self.softmax(x, axis, log))
            }
            Operator::Norm(norm) => {
                wants(1)?;
                self.norm(norm, x, span)
            }
            Operator::Linear(op) => {
                wants(1)?;
                let x = self.square(name, x, at(0))?;
                Ok(self.linear(op, &x))
            }
            Operator::PseudoInverse => {
                wants(1)?;
                if x.form != Form::Matrix {
                    return Err(self.wrong_form(name, "a matrix", x, at(0), "write `pinv(X)`"));
                }
                self.need(Need::FullColumnRank(x.node));
                let turned = self.transposed(x, span)?;
                let square = self.gram(x);
                let node = self.g.linear(Linear::Inverse, square.node);
                let inverse = Value { node, ..square };
                Ok(self.contraction(&[(&inverse, &[0, 1]), (&turned, &[1, 2])], &[0, 2], Form::Matrix))
            }
            Operator::Solve => {
                wants(2)?;
                let a = self.square(name, x, at(0))?;
                let inverse = self.linear(Linear::Inverse, &a);
                self.operands = None;
                self.times(&inverse, &values[1], (at(0), at(1)), span)
            }
            Operator::Trace => {
                wants(1)?;
                let x = self.square(name, x, at(0))?;
                Ok(self.contraction(&[(&x, &[0, 0])], &[], Form::Scalar))
            }
            Operator::Diagonal => {
                wants(1)?;
                if x.rank() != 1 {
                    let hint = "for the diagonal of a matrix as a vector write `diagpart(A)`";
                    return Err(self.wrong_form(name, "a vector", x, at(0), hint));
                }
                Ok(self.contraction(&[(x, &[0])], &[0, 0], Form::Matrix))
            }
            Operator::DiagonalPart => {
                wants(1)?;
                let x = self.square(name, x, at(0))?;
                Ok(self.contraction(&[(&x, &[0, 0])], &[0], Form::Column))
            }
            Operator::Transpose => {
                wants(1)?;
                self.transposed(x, at(0))
            }
            Operator::Hadamard => {
                wants(2)?;
                let y = &values[1];
                if !x.is_scalar() && !y.is_scalar() && !self.fits(x, y) {
                    return Err(self.disagree(
                        "`hadamard` goes through two of the same shape",
                        span,
                        (x, at(0)),
                        (y, at(1)),
                        None,
                    ));
                }
                Ok(self.elementwise(&[x, y], |g, n| g.hadamard(n[0], n[1])))
            }
            Operator::Outer | Operator::Dot => {
                wants(2)?;
                let y = &values[1];
                let (a, b) = (column(x), column(y));
                if a.rank() != 1 || b.rank() != 1 {
                    let wrong = if a.rank() != 1 { (x, at(0)) } else { (y, at(1)) };
                    return Err(self.wrong_form(
                        name,
                        "two vectors",
                        wrong.0,
                        wrong.1,
                        &format!("write `{}`", usage(name)),
                    ));
                }
                if operator == Operator::Outer {
                    return Ok(self.contraction(&[(&a, &[0]), (&b, &[1])], &[0, 1], Form::Matrix));
                }
                let row = Value { form: Form::Row, ..a };
                self.times(&row, &b, (at(0), at(1)), span)
            }
            Operator::Cross => {
                wants(2)?;
                let y = values[1].clone();
                self.cross(x, &y, (at(0), at(1)), span)
            }
            Operator::Kronecker => {
                wants(2)?;
                let y = &values[1];
                for (value, place) in [(x, at(0)), (y, at(1))] {
                    if value.form != Form::Matrix || !value.binders.is_empty() {
                        return Err(self.wrong_form(
                            name,
                            "two matrices",
                            value,
                            place,
                            "write `kron(A, B)`",
                        ));
                    }
                }
                Ok(Value::new(self.g.kron(x.node, y.node), Form::Matrix))
            }
            Operator::Vec => {
                wants(1)?;
                match x.form {
                    Form::Matrix if x.binders.is_empty() => Ok(Value::new(self.g.vec(x.node), Form::Column)),
                    Form::Column => Ok(x.clone()),
                    _ => Err(self.wrong_form(name, "a matrix", x, at(0), "write `vec(X)`")),
                }
            }
            Operator::Unvec => {
                wants(3)?;
                let (n, m) = (self.scalar_node(frame, args[1])?, self.scalar_node(frame, args[2])?);
                let all = self.g.mul(n, m);
                if x.form != Form::Column || self.own_shape(x)[0] != all || !x.binders.is_empty() {
                    let hint = "a vector of n*m entries becomes an n x m matrix, column by column";
                    return Err(self.wrong_form(
                        name,
                        "a vector of as many entries as the matrix has",
                        x,
                        at(0),
                        hint,
                    ));
                }
                Ok(Value::new(self.g.unvec(x.node, n, m), Form::Matrix))
            }
            Operator::CumulativeSum => {
                wants(1)?;
                if x.rank() != 1 {
                    return Err(self.wrong_form(name, "a vector", x, at(0), "write `cumsum(x)`"));
                }
                let n = self.own_shape(x)[0];
                let mask = Value::new(self.g.triangle(n, false, false), Form::Matrix);
                let kept = x.form;
                Ok(self.contraction(&[(&mask, &[0, 1]), (x, &[1])], &[0], kept))
            }
            Operator::Triangle { upper, strict } => {
                wants(1)?;
                if x.rank() == 1 {
                    return self.triangle_of_vector(name, x, upper, strict, at(0));
                }
                let x = self.square(name, x, at(0))?;
                let n = self.own_shape(&x)[0];
                let mask = Value::new(self.g.triangle(n, upper, strict), Form::Matrix);
                Ok(self.elementwise(&[&mask, &x], |g, n| g.hadamard(n[0], n[1])))
            }
            Operator::Convolution => {
                wants(2)?;
                let y = &values[1];
                for (value, place) in [(x, at(0)), (y, at(1))] {
                    if value.form != Form::Column {
                        return Err(self.wrong_form(name, "two vectors", value, place, "write `conv(x, k)`"));
                    }
                }
                let (n, m) = (self.own_shape(x)[0], self.own_shape(y)[0]);
                let one = self.g.one();
                let length =
                    self.g.sum(&[(Rational::ONE, n), (Rational::ONE, m), (Rational::MINUS_ONE, one)]);
                let shape: Shape = [n, m].into_iter().collect();
                let (i, j) = (self.g.iota(n), self.g.iota(m));
                let (i, j) = (self.g.expand(i, &[0], &shape), self.g.expand(j, &[1], &shape));
                let back = self.g.broadcast(one, &shape);
                let place =
                    self.g.sum(&[(Rational::ONE, i), (Rational::ONE, j), (Rational::MINUS_ONE, back)]);
                let hot = Value::new(self.g.one_hot(place, length), Form::Tensor(3));
                Ok(self.contraction(&[(x, &[0]), (y, &[1]), (&hot, &[0, 1, 2])], &[2], Form::Column))
            }
            Operator::OneHot => {
                wants(2)?;
                let size = self.scalar_node(frame, args[1])?;
                if !self.is_integer(x.node) || !x.binders.is_empty() || x.rank() > 1 {
                    return Err(self.wrong_form(
                        name,
                        "a whole number, or a vector of them, and a size",
                        x,
                        at(0),
                        "write `onehot(k, n)`",
                    ));
                }
                Ok(Value::new(self.g.one_hot(x.node, size), Form::of_rank(x.rank() + 1)))
            }
            Operator::Identity
            | Operator::Filled(_)
            | Operator::Iota
            | Operator::Commutation
            | Operator::Einsum
            | Operator::Loop
            | Operator::Calculus => Err(self.arity(name, &usage(name), args.len(), span)),
        }
    }

    /// A square matrix; a number is one of 1 x 1.
    fn square(&mut self, name: &str, value: &Value, span: Span) -> Read {
        let shape = self.own_shape(value);
        match &shape[..] {
            [a, b] if a == b => Ok(value.clone()),
            [_, _] => Err(self.not_square(name, value, span)),
            _ => {
                let hint = if value.rank() == 1 {
                    "for the matrix with this diagonal write `diag(x)`"
                } else {
                    "declare it, as in `A: matrix(n, n)`"
                };
                Err(self.wrong_form(name, "a square matrix", value, span, hint))
            }
        }
    }
}

/// A row as the vector that it is.
pub(super) fn column(value: &Value) -> Value {
    match value.form {
        Form::Row => Value { form: Form::Column, ..value.clone() },
        _ => value.clone(),
    }
}

/// How an operation is called.
pub(super) fn usage(name: &str) -> String {
    match name {
        "diag" => "diag(x)".into(),
        "solve" => "solve(A, b)".into(),
        "kron" | "hadamard" => format!("{name}(A, B)"),
        "outer" | "dot" | "cross" => format!("{name}(x, y)"),
        "unvec" => "unvec(x, n, m)".into(),
        "commut" => "commut(m, n)".into(),
        "eye" | "iota" => format!("{name}(n)"),
        "ones" | "zeros" => format!("{name}(n) or {name}(n, m)"),
        "einsum" => "einsum(\"ij,jk->ik\", A, B)".into(),
        "conv" => "conv(x, k)".into(),
        "onehot" => "onehot(k, n)".into(),
        "cumsum" | "norm1" | "norm2" | "normInf" => format!("{name}(x)"),
        "sum" | "mean" | "max" | "min" | "prod" | "logsumexp" | "argmax" | "argmin" => {
            format!("{name}(X), {name}(X, 1) or {name}(i in 1..n, ...)")
        }
        _ => format!("{name}(A)"),
    }
}
