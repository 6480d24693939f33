//! What names stand for.

use agnesi_syntax::{Code, Diagnostic, Span};
use smol_str::SmolStr;

use super::operators::Operator;
use super::reader::{Bound, Frame, Read, Reader, is_size};
use super::sizes;
use super::value::{Form, Value};
use crate::facts::Facts;
use crate::graph::Shape;
use crate::op::Constant;
use crate::settle::operators as symbols;

impl<'a> Reader<'a> {
    /// The local of a name, the innermost first.
    pub(super) fn local(&self, frame: &Frame<'a>, name: &str) -> Option<&Bound<'a>> {
        self.env[frame.base..].iter().rev().find(|local| local.name == name).map(|local| &local.bound)
    }

    /// Whether a name stands for a value here, and not for a function.
    pub(super) fn is_value(&self, frame: &Frame<'a>, name: &str) -> bool {
        match self.local(frame, name) {
            Some(Bound::Value(_)) => true,
            Some(Bound::Function(..)) => false,
            None => match self.scope.definition(name) {
                Some(definition) => definition.params().is_none(),
                None => {
                    self.scope.type_of(name).is_some()
                        || self.inferred.iter().any(|(n, _)| n == name)
                        || (Operator::of(name).is_none()
                            && (name.chars().count() == 1 || agnesi_functions::find(name).is_none()))
                }
            },
        }
    }

    pub(super) fn name(&mut self, frame: &Frame<'a>, name: &SmolStr, span: Span) -> Read {
        match self.local(frame, name) {
            Some(Bound::Value(value)) => return Ok(value.clone()),
            Some(Bound::Function(..)) => return Err(function_without_arguments(name, span)),
            None => {}
        }
        let scope = self.scope;
        if let Some(definition) = scope.definition(name) {
            return match definition.params() {
                None => self.value_of(definition, span),
                Some(_) => Err(function_without_arguments(name, span)),
            };
        }
        let inferred = self.inferred.iter().find(|(n, _)| n == name).map(|(_, ty)| ty.clone());
        if let Some(ty) = scope.type_of(name).cloned().or(inferred) {
            if ty.element == crate::types::Element::Boolean {
                return Err(self.unsupported("a declared condition", span, "write the comparison itself"));
            }
            self.input(name);
            let here = |mut error: Diagnostic| {
                error.labels.iter_mut().for_each(|label| label.span = span);
                error
            };
            let shape = sizes::shape(self.g, &ty).map_err(here)?;
            let form = Form::of_rank(shape.len());
            let facts = if is_size(scope, name) { ty.facts.and(Facts::POSITIVE) } else { ty.facts };
            let node = sizes::declared(self.g, name, facts, ty.structure, shape).map_err(here)?;
            return Ok(Value::new(node, form));
        }
        if is_size(scope, name) {
            self.input(name);
            return Ok(Value::scalar(sizes::symbol(self.g, name)));
        }
        if let Some(constant) = symbols::constant(name) {
            return self.constant(constant, span);
        }
        if (name.len() > 1 && agnesi_functions::find(name).is_some()) || Operator::of(name).is_some() {
            return Err(function_without_arguments(name, span));
        }
        if symbols::is_symbol(name) {
            self.input(name);
            let node = self.g.declare(name, Facts::REAL, Shape::new());
            return Ok(Value::scalar(node));
        }
        Err(self.unknown(name, span))
    }

    pub(super) fn input(&mut self, name: &SmolStr) {
        if !self.inputs.contains(name) {
            self.inputs.push(name.clone());
        }
    }

    fn constant(&mut self, name: &str, span: Span) -> Read {
        let node = match name {
            "pi" => self.g.constant(Constant::Pi),
            "e" => self.g.constant(Constant::E),
            "inf" => {
                return Err(Diagnostic::error(
                    Code::Unsupported,
                    "infinity is no number to count with",
                    span,
                    "not a number",
                ));
            }
            _ => match agnesi_functions::constants().iter().position(|c| c.name == name) {
                Some(at) => self.g.constant(Constant::Named(at as u16)),
                None => return Err(self.unknown(name, span)),
            },
        };
        Ok(Value::scalar(node))
    }

    pub(super) fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let locals = self.env.iter().map(|local| local.name.as_str());
        let declared = self.scope.names().map(SmolStr::as_str);
        let rows = agnesi_functions::table().iter().map(|row| row.name);
        let near =
            agnesi_syntax::nearest(name, locals.chain(declared).chain(rows).chain(OFFERED.iter().copied()));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`? Else declare it: `{name}: vector(n)`"),
            None => {
                format!("declare it, as in `{name}: vector(n)`, or put `*` between the letters of a product")
            }
        };
        Diagnostic::error(Code::Name, format!("the name `{name}` is not known"), span, "not known here")
            .with_hint(hint)
    }
}

/// Operations that a misspelt name may have meant.
pub(super) const OFFERED: &[&str] = &[
    "sum",
    "mean",
    "max",
    "min",
    "prod",
    "logsumexp",
    "softmax",
    "logsoftmax",
    "argmax",
    "inv",
    "det",
    "logdet",
    "tr",
    "diag",
    "diagpart",
    "norm1",
    "norm2",
    "normInf",
    "normF",
    "normNuc",
    "kron",
    "vec",
    "unvec",
    "commut",
    "eye",
    "ones",
    "zeros",
    "cumsum",
    "outer",
    "dot",
    "cross",
    "cholesky",
    "expm",
    "sqrtm",
    "logm",
    "eigenvalues",
    "eigenvectors",
    "pinv",
    "solve",
    "einsum",
    "conv",
    "strictlower",
    "strictupper",
];

fn function_without_arguments(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Type,
        format!("`{name}` is a function and needs its arguments"),
        span,
        "no argument follows",
    )
    .with_hint(format!("write `{name}(x)`"))
}
