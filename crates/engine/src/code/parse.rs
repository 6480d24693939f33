//! The small language of kernels, which the formulas of the table are written in too, into code.

use smol_str::SmolStr;

use super::{Argument, Binary, Expr, Failure, Kernel, Native, Param, Place, Relation, Stmt, Store, Type};

/// Reads kernels. The message says where a text is none; that of this crate is read in a test.
pub(super) fn kernels(text: &str) -> Result<Vec<Kernel>, String> {
    let text: String =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut reader = Reader { tokens: tokens(&text)?, at: 0, names: Vec::new() };
    let mut found = Vec::new();
    while reader.at < reader.tokens.len() {
        found.push(reader.kernel()?);
    }
    Ok(found)
}

/// Reads a formula over reals of these names.
pub(super) fn formula(text: &str, args: &[&str]) -> Result<Expr, String> {
    let names = args.iter().map(|name| (SmolStr::new(name), Type::Real)).collect();
    let mut reader = Reader { tokens: tokens(text)?, at: 0, names };
    let value = reader.expression()?;
    if reader.at < reader.tokens.len() { Err(reader.wrong("the end")) } else { Ok(value) }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if first == '"' {
            rest[1..].find('"').ok_or("an open text")? + 2
        } else if first.is_ascii_digit() {
            number_length(rest)
        } else if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else {
            let two = ["==", "!=", "<=", ">=", ".."];
            if two.iter().any(|sign| rest.starts_with(sign)) { 2 } else { first.len_utf8() }
        };
        found.push(rest[..len].to_owned());
        rest = rest[len..].trim_start();
    }
    Ok(found)
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut len = digits(0);
    if bytes.get(len) == Some(&b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit) {
        len += 1 + digits(len + 1);
    }
    if bytes.get(len) == Some(&b'e') {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'-' | b'+')));
        let more = digits((len + 1 + sign).min(bytes.len()));
        if more > 0 {
            len += 1 + sign + more;
        }
    }
    len
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
    /// What names are in sight.
    names: Vec<(SmolStr, Type)>,
}

impl Reader {
    fn wrong(&self, expected: &str) -> String {
        let from = self.at.saturating_sub(6);
        let to = (self.at + 3).min(self.tokens.len());
        format!("expected {expected} near `{}`", self.tokens[from.min(to)..to].join(" "))
    }

    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(token)) }
    }

    fn name(&mut self) -> Result<SmolStr, String> {
        let name = SmolStr::new(self.peek());
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(self.wrong("a name"));
        }
        self.at += 1;
        Ok(name)
    }

    fn kernel(&mut self) -> Result<Kernel, String> {
        let routine = self.take("proc");
        if !routine {
            self.expect("fn")?;
        }
        let name = self.name()?;
        self.expect("(")?;
        self.names.clear();
        let mut params = Vec::new();
        while !self.take(")") {
            let name = self.name()?;
            let written = self.take("!");
            params.push(if self.take("[") {
                self.expect("]")?;
                Param::Array(name, written)
            } else if routine {
                self.names.push((name.clone(), Type::Int));
                Param::Int(name)
            } else {
                self.names.push((name.clone(), Type::Real));
                Param::Real(name)
            });
            self.take(",");
        }
        let doc = self.peek().trim_matches('"').to_owned();
        self.at += 1;
        let body = if self.take("=") { vec![Stmt::Return(real(self.expression()?))] } else { self.block()? };
        Ok(Kernel { name, doc, params, routine, body })
    }

    fn block(&mut self) -> Result<Vec<Stmt>, String> {
        self.expect("{")?;
        let outside = self.names.len();
        let mut found = Vec::new();
        while !self.take("}") {
            found.push(self.statement()?);
        }
        self.names.truncate(outside);
        Ok(found)
    }

    fn statement(&mut self) -> Result<Stmt, String> {
        if self.take("return") {
            return Ok(Stmt::Return(real(self.expression()?)));
        }
        if self.take("fail") {
            return Ok(Stmt::Fail(match self.name()?.as_str() {
                "singular" => Failure::Singular,
                "notpositive" => Failure::NotPositive,
                "notdefinite" => Failure::NotDefinite,
                "notsymmetric" => Failure::NotSymmetric,
                _ => return Err(self.wrong("a failure")),
            }));
        }
        if self.take("while") {
            return Ok(Stmt::While(self.expression()?, self.block()?));
        }
        if self.take("if") {
            let condition = self.expression()?;
            let yes = self.block()?;
            let no = if self.take("else") { self.block()? } else { Vec::new() };
            return Ok(Stmt::If(condition, yes, no));
        }
        if self.take("for") {
            let name = self.name()?;
            self.expect("in")?;
            let from = self.expression()?;
            self.expect("..")?;
            let to = self.expression()?;
            self.names.push((name.clone(), Type::Int));
            let body = self.block()?;
            self.names.pop();
            return Ok(Stmt::For(name, from, to, body));
        }
        if self.take("run") {
            return self.run();
        }
        let (fixed, variable) = (self.take("let"), self.peek() == "var");
        self.at += usize::from(variable);
        let name = self.name()?;
        if self.take("[") {
            let index = self.expression()?;
            self.expect("]")?;
            self.expect("=")?;
            return Ok(Stmt::Store(Place::Entry(name, index), Store::Set, real(self.expression()?)));
        }
        self.expect("=")?;
        let mut value = self.expression()?;
        if !fixed && !variable {
            if self.kind(&name)? == Type::Real {
                value = real(value);
            }
            return Ok(Stmt::Store(Place::Variable(name), Store::Set, value));
        }
        self.names.push((name.clone(), value.kind()));
        Ok(if fixed { Stmt::Let(name, value) } else { Stmt::Var(name, value) })
    }

    fn run(&mut self) -> Result<Stmt, String> {
        let routine = self.name()?;
        self.expect("(")?;
        let mut args = Vec::new();
        while !self.take(")") {
            let name = self.name()?;
            // Sizes are handed on; arrays begin at their first entry.
            args.push(if self.kind(&name).is_ok() {
                Argument::Passed(name)
            } else {
                Argument::Array { name, from: Expr::Int(0), len: 0, written: true }
            });
            self.take(",");
        }
        Ok(Stmt::Run(routine, args))
    }

    fn kind(&self, name: &str) -> Result<Type, String> {
        let found = self.names.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, kind)| *kind).ok_or_else(|| self.wrong("a name that is known"))
    }

    fn expression(&mut self) -> Result<Expr, String> {
        if self.take("if") {
            let condition = self.expression()?;
            self.expect("then")?;
            let yes = self.expression()?;
            self.expect("else")?;
            let no = self.expression()?;
            let (yes, no) = matched(yes, no);
            return Ok(Expr::Choose(Box::new(condition), Box::new(yes), Box::new(no)));
        }
        let mut left = self.conjunction()?;
        while self.take("or") {
            left = Expr::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expr, String> {
        let mut left = self.negation()?;
        while self.take("and") {
            left = Expr::And(Box::new(left), Box::new(self.negation()?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr, String> {
        if self.take("not") {
            return Ok(Expr::Not(Box::new(self.negation()?)));
        }
        let mut left = self.sum()?;
        loop {
            let relation = match self.peek() {
                "<" => Relation::Less,
                "<=" => Relation::LessEqual,
                ">" => Relation::Greater,
                ">=" => Relation::GreaterEqual,
                "==" => Relation::Equal,
                "!=" => Relation::NotEqual,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.sum()?;
            let (a, b) = matched(left, right);
            left = Expr::compare(relation, a, b);
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                "+" => Binary::Add,
                "-" => Binary::Sub,
                _ => return Ok(left),
            };
            self.at += 1;
            let (a, b) = matched(left, self.product()?);
            left = Expr::binary(op, a, b);
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.signed()?;
        loop {
            if self.take("*") {
                let (a, b) = matched(left, self.signed()?);
                left = Expr::binary(Binary::Mul, a, b);
            } else if self.take("/") {
                left = Expr::binary(Binary::Div, real(left), real(self.signed()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn signed(&mut self) -> Result<Expr, String> {
        if self.take("-") {
            return Ok(Expr::Neg(Box::new(self.signed()?)));
        }
        let base = self.atom()?;
        if !self.take("^") {
            return Ok(base);
        }
        let exponent = self.signed()?;
        Ok(match (&base, &exponent) {
            (Expr::Variable(..), Expr::Int(2)) => Expr::binary(Binary::Mul, base.clone(), base),
            _ => Expr::Helper("pow".into(), vec![real(base), real(exponent)]),
        })
    }

    fn atom(&mut self) -> Result<Expr, String> {
        if self.take("(") {
            let inside = self.expression()?;
            self.expect(")")?;
            return Ok(inside);
        }
        if self.peek().starts_with(|c: char| c.is_ascii_digit()) {
            let text = self.peek().to_owned();
            self.at += 1;
            return match text.parse::<u64>() {
                Ok(whole) if whole < 1 << 53 => Ok(Expr::Int(whole)),
                _ => text.parse().map(Expr::Real).map_err(|_| self.wrong("a number")),
            };
        }
        let name = self.name()?;
        if self.take("[") {
            let index = self.expression()?;
            self.expect("]")?;
            return Ok(Expr::Entry(name, Box::new(index)));
        }
        if self.take("(") {
            return self.call(name);
        }
        Ok(match name.as_str() {
            "inf" => Expr::Real(f64::INFINITY),
            "nan" => Expr::Real(f64::NAN),
            "pi" => Expr::Real(std::f64::consts::PI),
            _ => {
                let kind = self.kind(&name)?;
                Expr::Variable(name, kind)
            }
        })
    }

    fn call(&mut self, name: SmolStr) -> Result<Expr, String> {
        let mut args = Vec::new();
        while !self.take(")") {
            args.push(self.expression()?);
            self.take(",");
        }
        if name == "real" {
            return args.pop().map(|arg| Expr::Real64(Box::new(arg))).ok_or_else(|| self.wrong("an integer"));
        }
        let args: Vec<Expr> = args.into_iter().map(real).collect();
        let native = |name: &str| Native::ALL.into_iter().find(|n| n.c() == name);
        match name.strip_prefix("math_").and_then(native) {
            Some(native) if native.arity() == args.len() => Ok(Expr::Native(native, args)),
            Some(_) => Err(self.wrong("as many arguments as the function takes")),
            None => Ok(Expr::Helper(name, args)),
        }
    }
}

/// Literals as reals where the other side is one.
fn matched(a: Expr, b: Expr) -> (Expr, Expr) {
    match (a.kind(), b.kind()) {
        (Type::Real, _) => (a, real(b)),
        (_, Type::Real) => (real(a), b),
        (Type::Int | Type::Truth, Type::Int | Type::Truth) => (a, b),
    }
}

/// An expression of literals as a real.
pub(super) fn real(value: Expr) -> Expr {
    match value {
        Expr::Int(n) => Expr::Real(n as f64),
        Expr::Neg(a) => match real(*a) {
            Expr::Real(x) => Expr::Real(-x),
            other => Expr::Neg(Box::new(other)),
        },
        Expr::Binary(op, a, b) => Expr::binary(op, real(*a), real(*b)),
        Expr::Choose(c, a, b) => Expr::Choose(c, Box::new(real(*a)), Box::new(real(*b))),
        // The index of an entry stays an integer, and so does what is made real at its place.
        other => other,
    }
}
