//! Integrals, limits and Taylor polynomials, with their bound variables.

use agnesi_syntax::{Code, Diagnostic, Kind, List, Side, Span, TreeId};
use smol_str::SmolStr;

use super::settler::{Done, Failed, Frame, Memo, Settler};
use super::variables::{Stays, Variable};

impl<'a> Settler<'a> {
    /// `integral(f, x)`, `integral(f, x, a, b)`, `integral(f, x in a..b)`.
    pub(super) fn integral(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "integral(exp(-x^2), x, 0, inf)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, ends) = match *tree.ids(args) {
            [body, x] => match *tree.kind(x) {
                Kind::In(x, set) | Kind::Equation(x, set) => match *tree.kind(set) {
                    Kind::Range(a, b) => (body, x, Some((a, b))),
                    Kind::Vector(list) | Kind::Tuple(list) if list.len() == 2 => {
                        (body, x, Some((tree.ids(list)[0], tree.ids(list)[1])))
                    }
                    _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
                },
                _ => (body, x, None),
            },
            [body, x, a, b] => (body, x, Some((a, b))),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let ends = match ends {
            None => None,
            Some((a, b)) => {
                let from = self.walk(frame, memo, a)?;
                let from = self.as_number(frame, a, from)?;
                let to = self.walk(frame, memo, b)?;
                Some((from, self.as_number(frame, b, to)?))
            }
        };
        let stays = if ends.is_some() { Stays::Bound } else { Stays::Free };
        let (inner, variable) = self.in_variable(frame, memo, (name, frame.at(variable)), body, stays)?;
        let symbol = self.push(Kind::Name(variable.symbol.clone()), span);
        let call = match ends {
            Some((from, to)) => self.push_call("integral", &[inner, symbol, from, to], span),
            None => self.push_call("integral", &[inner, symbol], span),
        };
        Ok(self.at_variable(call, variable, span))
    }

    /// Settles a body with a name as its variable.
    pub(super) fn in_variable(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        name: (&'a SmolStr, Span),
        body: TreeId,
        stays: Stays,
    ) -> Result<(TreeId, Variable), Failed> {
        let marks = (self.env.len(), self.overrides.len());
        let result = match self.enter(frame, memo, name, body, stays) {
            Err(failed) => Err(failed),
            Ok(variable) => {
                let value = match self.callee(frame, body) {
                    Some(callee) => {
                        let symbol = self.push(Kind::Name(variable.symbol.clone()), name.1);
                        self.apply(frame, callee, &[symbol], (frame.at(body), frame.at(body)))
                    }
                    None => self.walk(frame, memo, body),
                };
                value.and_then(|value| self.as_number(frame, body, value)).map(|value| (value, variable))
            }
        };
        self.env.truncate(marks.0);
        self.overrides.truncate(marks.1);
        result
    }

    pub(super) fn at_variable(&mut self, value: TreeId, variable: Variable, span: Span) -> TreeId {
        match variable.at {
            Some(point) => self.taken_at(value, &[(variable.symbol, point)], span),
            None => value,
        }
    }

    /// `limit(sin(x)/x, x -> 0+)`.
    pub(super) fn limit(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "limit(sin(x)/x, x -> 0)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, point, side) = match *tree.ids(args) {
            [body, to] => match *tree.kind(to) {
                Kind::Arrow(x, point, side) => (body, x, point, side),
                Kind::Equation(x, point) => (body, x, point, Side::Both),
                _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
            },
            [body, x, point] => (body, x, point, Side::Both),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let value = self.walk(frame, memo, point)?;
        let point = self.as_number(frame, point, value)?;
        let (inner, variable) =
            self.in_variable(frame, memo, (name, frame.at(variable)), body, Stays::Bound)?;
        let symbol = self.push(Kind::Name(variable.symbol), span);
        let side = match side {
            Side::Both => 0,
            Side::Left => -1,
            Side::Right => 1,
        };
        let side = self.push_number(side, span);
        Ok(self.push_call("limit", &[inner, symbol, point, side], span))
    }

    /// `taylor(sin(x), x = 0, 7)`.
    pub(super) fn taylor(
        &mut self,
        frame: &Frame<'a>,
        memo: &mut Memo,
        (id, _, args): (TreeId, TreeId, List),
    ) -> Done {
        const EXAMPLE: &str = "taylor(sin(x), x = 0, 7)";
        let tree = frame.tree;
        let span = frame.at(id);
        let (body, variable, point, order) = match *tree.ids(args) {
            [body, at, order] => match *tree.kind(at) {
                Kind::Equation(x, point) | Kind::Arrow(x, point, Side::Both) => (body, x, point, order),
                _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
            },
            [body, x, point, order] => (body, x, point, order),
            _ => return Err(self.wrong_operator(frame, id, EXAMPLE)),
        };
        let Kind::Name(name) = tree.kind(variable) else {
            return Err(self.wrong_operator(frame, id, EXAMPLE));
        };
        let value = self.walk(frame, memo, point)?;
        let point = self.as_number(frame, point, value)?;
        let settled = self.walk(frame, memo, order)?;
        if !self.integer(settled).is_some_and(|order| (0..=1000).contains(&order)) {
            let at = frame.at(order);
            return Err(self.fail(
                frame,
                Diagnostic::error(
                    Code::Type,
                    "the order of a Taylor polynomial is a whole number from 0 to 1000",
                    at,
                    "not such a number",
                )
                .with_hint(format!("write `{EXAMPLE}`")),
            ));
        }
        let (inner, variable) =
            self.in_variable(frame, memo, (name, frame.at(variable)), body, Stays::Free)?;
        let symbol = self.push(Kind::Name(variable.symbol.clone()), span);
        let call = self.push_call("taylor", &[inner, symbol, point, settled], span);
        Ok(self.at_variable(call, variable, span))
    }
}
