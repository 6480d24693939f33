//! Array expressions to text: brackets by precedence, names for what is used twice.

use agnesi_graph::{Graph, NodeId, Rational, SymbolId};
use rustc_hash::FxHashMap;

use super::EmitError;
use super::helpers;
use super::lower::Plan;
use super::names::Names;
use super::spelling::Spelling;
use super::value::{Arithmetic, Kind, Value};

/// How strongly a text holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Comparisons, conditions and choices.
    Condition,
    /// Sums, and what begins with a minus.
    Sum,
    /// Products and quotients, entry by entry.
    Product,
    /// Products of matrices, which bind as others do but do not mix with them.
    Matrix,
    /// Powers.
    Power,
    /// Calls, names, what is indexed.
    Atom,
}

/// A text and how strongly it holds together.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub text: String,
    pub level: Level,
}

impl Text {
    pub fn atom(text: impl Into<String>) -> Text {
        Text { text: text.into(), level: Level::Atom }
    }

    /// In brackets, unless it holds together as strongly as that.
    pub fn at(self, level: Level) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text }
    }
}

/// Whole numbers up to here are exact doubles.
const EXACT: u64 = 1 << 53;

pub(super) struct Printer<'a> {
    pub graph: &'a Graph,
    pub spelling: &'static dyn Spelling,
    pub plan: &'a Plan,
    pub names: Names,
    /// What stands for a node.
    pub texts: FxHashMap<NodeId, Text>,
    /// Whether a node is a number of the language itself, not of its arrays.
    pub plain: FxHashMap<NodeId, bool>,
    /// Sizes that were asked for, in that order.
    pub sizes: Vec<(SymbolId, String)>,
    /// An input that tells what kind of numbers the others are.
    pub model: Option<String>,
    /// Helper functions that were asked for, each after those that it calls: the row, the name, the text.
    pub helpers: Vec<(&'static str, String, String)>,
    /// Modules that were asked for.
    pub modules: Vec<&'static str>,
    /// Whether the text stands in a branch that may not be taken.
    pub guarded: bool,
}

impl Printer<'_> {
    /// The text of a value.
    pub fn text(&mut self, value: &Value) -> Result<Text, EmitError> {
        Ok(match &*value.kind {
            Kind::Node(node) => match self.texts.get(node) {
                Some(text) => text.clone(),
                None => return Err(self.unsupported("this order of operations")),
            },
            Kind::Local(name) => Text::atom(*name),
            Kind::Number(c) => number(c),
            Kind::Constant(name, approximate) => match self.spelling.constant(name) {
                Some(text) => Text::atom(text),
                None => Text::atom(format!("{approximate:?}")),
            },
            Kind::Size(symbol) => Text::atom(self.size(*symbol)?),
            Kind::Negate(a) => {
                let text = format!("-{}", self.text(a)?.at(Level::Product));
                Text { text, level: Level::Sum }
            }
            Kind::Arithmetic(op, a, b) => self.arithmetic(*op, a, b)?,
            Kind::Power(base, exponent) => self.power(base, exponent, value)?,
            Kind::Compare(relation, a, b) => {
                let sign = self.spelling.relation(*relation, value);
                let text =
                    format!("{} {sign} {}", self.text(a)?.at(Level::Sum), self.text(b)?.at(Level::Sum));
                Text { text, level: Level::Condition }
            }
            Kind::Call(name, args) => self.call(name, args, value)?,
            Kind::Truth(_)
            | Kind::MatMul(..)
            | Kind::Solve(..)
            | Kind::Permute(..)
            | Kind::Spread(_)
            | Kind::Broadcast(..)
            | Kind::Sum(..)
            | Kind::Trace(_)
            | Kind::Diagonal(_)
            | Kind::Diagonalize(_)
            | Kind::Identity(_)
            | Kind::Outer(..)
            | Kind::Einsum(..)
            | Kind::Not(_)
            | Kind::All(_)
            | Kind::Any(_)
            | Kind::Where(..)
            | Kind::Reduce(..)
            | Kind::Linear(..)
            | Kind::Iota(_)
            | Kind::Pick(..)
            | Kind::PickEach(..)
            | Kind::OneHot(..) => self.spelling.special(self, value)?,
        })
    }

    /// The text of an argument, which needs no brackets.
    pub fn arg(&mut self, value: &Value) -> Result<String, EmitError> {
        Ok(self.text(value)?.text)
    }

    /// The texts of arguments.
    pub fn args(&mut self, values: &[Value]) -> Result<Vec<String>, EmitError> {
        values.iter().map(|value| self.arg(value)).collect()
    }

    pub fn unsupported(&self, what: &str) -> EmitError {
        EmitError::Unsupported { what: what.into(), language: self.spelling.name() }
    }

    /// Asks for a module.
    pub fn needs(&mut self, module: &'static str) {
        if !self.modules.contains(&module) {
            self.modules.push(module);
        }
    }

    /// Asks for a function that the language defines by a text of its own; returns its name.
    pub fn defined(&mut self, name: &'static str) -> &'static str {
        if let Some(text) = self.spelling.definition(name)
            && !self.helpers.iter().any(|(_, known, _)| known == name)
        {
            self.helpers.push((name, name.to_owned(), text.to_owned()));
        }
        name
    }

    /// Whether a value is a number of the language, so that functions of its arrays may refuse it.
    pub fn is_plain(&self, value: &Value) -> bool {
        match &*value.kind {
            Kind::Number(_) | Kind::Constant(..) | Kind::Size(_) | Kind::Truth(_) => true,
            Kind::Node(node) => self.plain.get(node).copied().unwrap_or(false),
            Kind::Negate(a) | Kind::Spread(a) | Kind::Not(a) => self.is_plain(a),
            Kind::Power(a, e) => e.is_integer() && self.is_plain(a),
            Kind::Arithmetic(_, a, b) | Kind::Compare(_, a, b) => self.is_plain(a) && self.is_plain(b),
            Kind::All(parts) | Kind::Any(parts) => parts.iter().all(|part| self.is_plain(part)),
            Kind::Local(_)
            | Kind::MatMul(..)
            | Kind::Solve(..)
            | Kind::Permute(..)
            | Kind::Broadcast(..)
            | Kind::Sum(..)
            | Kind::Trace(_)
            | Kind::Diagonal(_)
            | Kind::Diagonalize(_)
            | Kind::Identity(_)
            | Kind::Outer(..)
            | Kind::Einsum(..)
            | Kind::Call(..)
            | Kind::Where(..)
            | Kind::Reduce(..)
            | Kind::Linear(..)
            | Kind::Iota(_)
            | Kind::Pick(..)
            | Kind::PickEach(..)
            | Kind::OneHot(..) => false,
        }
    }

    fn size(&mut self, symbol: SymbolId) -> Result<String, EmitError> {
        if let Some((_, name)) = self.sizes.iter().find(|(known, _)| *known == symbol) {
            return Ok(name.clone());
        }
        let name = self.names.fresh(&self.graph.symbol_info(symbol).name);
        self.sizes.push((symbol, name.clone()));
        Ok(name)
    }

    fn arithmetic(&mut self, op: Arithmetic, a: &Value, b: &Value) -> Result<Text, EmitError> {
        let sign = self.spelling.arithmetic(op, a, b);
        let (left, right) = (self.text(a)?, self.text(b)?);
        let level = match op {
            Arithmetic::Add | Arithmetic::Subtract => Level::Sum,
            Arithmetic::Multiply | Arithmetic::Divide => Level::Product,
        };
        let left = left.at(level);
        let right = match op {
            // Brackets that change nothing but the order of rounding are left out.
            Arithmetic::Add if right.level == Level::Sum && !right.text.starts_with('-') => right.text,
            Arithmetic::Multiply if right.level == Level::Product => right.text,
            Arithmetic::Add | Arithmetic::Subtract => right.at(Level::Product),
            Arithmetic::Multiply | Arithmetic::Divide => right.at(Level::Power),
        };
        Ok(Text { text: format!("{left} {sign} {right}"), level })
    }

    /// Real powers: an odd root of a negative number is negative, an even one is not real.
    fn power(&mut self, base: &Value, exponent: &Rational, value: &Value) -> Result<Text, EmitError> {
        if exponent.is_negative() {
            let power = base.clone().power(&exponent.abs());
            return self.arithmetic(Arithmetic::Divide, &Value::integer(1), &power);
        }
        if let Some(n) = exponent.as_integer() {
            if n == 1 {
                return self.text(base);
            }
            let text = self.text(base)?.at(Level::Atom);
            return Ok(Text { text: self.spelling.power(&text, n, value), level: Level::Power });
        }
        let whole = Rational::from_parts(exponent.numerator(), 1u8.into()).unwrap_or(Rational::ONE);
        let root = match exponent.small() {
            Some((_, 2)) => Some("sqrt"),
            Some((_, 3)) => Some("cbrt"),
            _ => None,
        };
        let number = || Value::number(exponent);
        let general = match root {
            Some(root) => Value::call(root, vec![base.clone()]).power(&whole),
            None if !exponent.denominator_odd() => Value::call("pow", vec![base.clone(), number()]),
            None => {
                let size = Value::call("abs", vec![base.clone()]);
                let power = Value::call("pow", vec![size, number()]);
                match exponent.numerator_even() {
                    true => power,
                    false => {
                        let sign = Value::call("sign", vec![base.clone()]);
                        Value::arithmetic(Arithmetic::Multiply, sign, power)
                    }
                }
            }
        };
        self.text(&general)
    }

    fn call(&mut self, name: &'static str, args: &[Value], value: &Value) -> Result<Text, EmitError> {
        if let Some(form) = self.spelling.function(name) {
            let spelling = self.spelling;
            self.defined(form);
            return spelling.call(self, name, form, args, value);
        }
        let Some(helper) = helpers::helper(name) else {
            return Err(self.unsupported(name));
        };
        let known = self.helpers.iter().find(|(row, ..)| *row == name).map(|(_, known, _)| known.clone());
        let known = match known {
            Some(known) => known,
            None => {
                let known = self.names.fresh(name);
                let guarded = std::mem::replace(&mut self.guarded, false);
                let text = self.helper_text(&known, &helper);
                self.guarded = guarded;
                // What a helper needs in vain is said of the function that was asked for.
                let text = text.map_err(|_| self.unsupported(name))?;
                self.helpers.push((name, known.clone(), text));
                known
            }
        };
        self.spelling.call(self, name, &known, args, value)
    }

    fn helper_text(&mut self, name: &str, helper: &helpers::Helper) -> Result<String, EmitError> {
        let mut steps: Vec<(&str, String)> = Vec::new();
        for (step, value) in &helper.steps {
            steps.push((step, self.arg(value)?));
        }
        let result = self.arg(&helper.result)?;
        Ok(self.spelling.helper(name, helper.args, helper.doc, &steps, &result))
    }
}

/// A number as it is written: whole, a short decimal, a quotient, or the nearest double.
pub(super) fn number(c: &Rational) -> Text {
    let level = if c.is_negative() { Level::Sum } else { Level::Atom };
    let decimal = c.to_decimal().filter(|text| text.len() <= 17);
    let text = match (c.small(), decimal) {
        (Some((n, 1)), _) if n.unsigned_abs() <= EXACT => n.to_string(),
        (_, Some(text)) if !c.is_integer() => text,
        (Some((p, q)), _) if !c.is_integer() && p.unsigned_abs() <= EXACT && q.unsigned_abs() <= EXACT => {
            let level = if p < 0 { Level::Sum } else { Level::Product };
            return Text { text: format!("{p} / {q}"), level };
        }
        _ => format!("{:?}", c.to_f64()),
    };
    Text { text, level }
}
