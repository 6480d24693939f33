//! The text of a program back to the program.

use agnesi_functions::find;
use agnesi_graph::Linear;
use smallvec::SmallVec;

use super::{
    Access, Bits, Declaration, Factorization, How, Nest, Pick, Product, Program, Record, Repeat, Scalar,
    State, Step, Strides, TensorId, Test, Write,
};

/// Why a text is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: expected {}", self.line, self.expected)
    }
}

impl std::error::Error for ParseError {}

/// Loops in loops beyond this many are no program that lowering makes.
const MAX_DEPTH: usize = 32;

/// Reads the text form of a program. It is not checked: [`Program::check`] does that.
///
/// # Errors
/// The first line that does not read.
///
/// ```
/// let text = "t0: 3\nt1: 3\nin x t0\nfor 3\n  %0 = t0[0 + 1*#0]\n  %1 = mul %0 %0\n  t1[0 + 1*#0] = %1\nend\nout y t1\n";
/// let program = agnesi_engine::ir::parse(text).expect("a program");
/// assert_eq!(program.to_string(), text);
/// assert_eq!(program.run(&[&[1.0, 2.0, 3.0]]).expect("it runs")[0], [1.0, 4.0, 9.0]);
/// ```
pub fn parse(text: &str) -> Result<Program, ParseError> {
    let mut reader = Reader { lines: text.lines().enumerate(), line: 0 };
    let mut program = Program::default();
    let mut parts = Parts {
        tensors: &mut program.tensors,
        inputs: &mut program.inputs,
        outputs: &mut program.outputs,
        regrouped: &mut program.regrouped,
    };
    let steps = reader.steps(Some(&mut parts), 0)?;
    program.steps = steps;
    Ok(program)
}

/// Declarations, inputs and outputs stand outside of all steps.
struct Parts<'a> {
    tensors: &'a mut Vec<Declaration>,
    inputs: &'a mut Vec<(smol_str::SmolStr, TensorId)>,
    outputs: &'a mut Vec<(smol_str::SmolStr, TensorId)>,
    regrouped: &'a mut bool,
}

struct Reader<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (at, line) = self.lines.next()?;
            self.line = at + 1;
            if !line.trim().is_empty() {
                return Some(line.trim());
            }
        }
    }

    fn wrong(&self, expected: &'static str) -> ParseError {
        ParseError { line: self.line, expected }
    }

    /// The steps up to `end`; at the outermost level up to the end of the text.
    fn steps(&mut self, mut parts: Option<&mut Parts>, depth: usize) -> Result<Vec<Step>, ParseError> {
        let mut found = Vec::new();
        while let Some(line) = self.next() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "end" if depth > 0 => return Ok(found),
                "in" | "out" => {
                    let parts = parts.as_deref_mut().ok_or(self.wrong("a step"))?;
                    let (name, id) = rest.split_once(' ').ok_or(self.wrong("a name and a tensor"))?;
                    let pair = (name.into(), self.tensor(id)?);
                    let list = if word == "in" { &mut *parts.inputs } else { &mut *parts.outputs };
                    list.push(pair);
                }
                "regrouped" if rest.is_empty() => {
                    *parts.as_deref_mut().ok_or(self.wrong("a step"))?.regrouped = true;
                }
                "for" => found.push(Step::Nest(self.nest(rest)?)),
                "product" | "symmetric" => {
                    found.push(Step::Product(self.product(rest, word == "symmetric")?))
                }
                "repeat" if depth < MAX_DEPTH => {
                    found.push(Step::Repeat(Box::new(self.repeat(rest, depth)?)))
                }
                _ if word.ends_with(':') => {
                    let parts = parts.as_deref_mut().ok_or(self.wrong("a step"))?;
                    let id = self.tensor(word.trim_end_matches(':'))?;
                    if id.index() != parts.tensors.len() {
                        return Err(self.wrong("tensors in order"));
                    }
                    let (sizes, start) = match rest.split_once('=') {
                        Some((sizes, start)) => (sizes, Some(Bits::new(self.number(start)?))),
                        None => (rest, None),
                    };
                    parts.tensors.push(Declaration { shape: self.sizes(sizes)?.to_vec(), start });
                }
                _ => {
                    let op = LINEAR.iter().find(|op| op.name() == word).ok_or(self.wrong("a step"))?;
                    let (to, from) = rest.split_once(" = ").ok_or(self.wrong("two tensors"))?;
                    let (to, from) = (self.tensor(to)?, self.tensor(from)?);
                    found.push(Step::Factorization(Factorization { op: *op, from, to }));
                }
            }
        }
        if depth == 0 { Ok(found) } else { Err(self.wrong("`end`")) }
    }

    fn repeat(&mut self, rest: &str, depth: usize) -> Result<Repeat, ParseError> {
        let (count, number) = rest.split_once(' ').ok_or(self.wrong("a count and a tensor"))?;
        let (count, number) = (self.size(count)?, self.tensor(number)?);
        let (mut states, mut records) = (Vec::new(), Vec::new());
        loop {
            let before = self.lines.clone();
            let line = self.next().ok_or(self.wrong("`end`"))?;
            if let Some(rest) = line.strip_prefix("state ") {
                let wrong = self.wrong("state t = first then next");
                let (current, rest) = rest.split_once(" = ").ok_or(wrong.clone())?;
                let (first, next) = rest.split_once(" then ").ok_or(wrong)?;
                let (current, first, next) = (self.tensor(current)?, self.tensor(first)?, self.tensor(next)?);
                states.push(State { first, current, next });
            } else if let Some(rest) = line.strip_prefix("record ") {
                let (to, state) = rest.split_once(" of ").ok_or(self.wrong("record t of a state"))?;
                records.push(Record { state: self.size(state)?, to: self.tensor(to)? });
            } else {
                self.lines = before;
                break;
            }
        }
        Ok(Repeat { count, number, states, records, steps: self.steps(None, depth + 1)? })
    }

    fn product(&self, rest: &str, symmetric: bool) -> Result<Product, ParseError> {
        let wrong = || self.wrong("to = left * right for sizes");
        let (factors, extents) = rest.split_once(" for ").ok_or(wrong())?;
        let extents = self.sizes(extents)?;
        let (to, factors) = factors.split_once("] = ").ok_or(wrong())?;
        let (left, right) = factors.split_once("] * ").ok_or(wrong())?;
        let (right, scale) = match right.split_once("] * ") {
            Some((right, scale)) => (right, scale.parse().map_err(|_| wrong())?),
            None => (right, 1.0),
        };
        let access = |text: &str| self.access(text.trim_end_matches(']'), extents.len());
        Ok(Product { left: access(left)?, right: access(right)?, to: access(to)?, extents, symmetric, scale })
    }

    fn nest(&mut self, extents: &str) -> Result<Nest, ParseError> {
        let extents = self.sizes(extents)?;
        let mut nest = Nest { extents, ..Nest::default() };
        loop {
            let line = self.next().ok_or(self.wrong("`end`"))?;
            if line == "end" {
                return Ok(nest);
            }
            if line.starts_with('%') {
                let (place, op) = line.split_once(" = ").ok_or(self.wrong("%value = operation"))?;
                if self.value(place)? as usize != nest.body.len() {
                    return Err(self.wrong("values in order"));
                }
                let op = self.scalar(op, &mut nest)?;
                nest.body.push(op);
                continue;
            }
            let (to, rest) = line.split_once("] ").ok_or(self.wrong("an operation or a write"))?;
            let (sign, value) = rest.split_once(' ').ok_or(self.wrong("a sign and a value"))?;
            let all = [How::Set, How::Add, How::Multiply, How::Max, How::Min];
            let how = all.into_iter().find(|how| super::print::how(*how) == sign);
            let how = how.ok_or(self.wrong("=, +=, *=, max= or min="))?;
            let (to, value) = (self.access(to, nest.extents.len())?, self.value(value)?);
            nest.writes.push(Write { value, to, how });
        }
    }

    fn scalar(&self, text: &str, nest: &mut Nest) -> Result<Scalar, ParseError> {
        if let Some(text) = text.strip_suffix(']') {
            nest.reads.push(self.access(text, nest.extents.len())?);
            return Ok(Scalar::Read(nest.reads.len() as u32 - 1));
        }
        if let Some(axis) = text.strip_prefix('#') {
            return Ok(Scalar::Trip(self.size(axis)? as u32));
        }
        let mut words = text.split(' ');
        let word = words.next().unwrap_or_default();
        let function = match word {
            "call" => Some(words.next().and_then(find).ok_or(self.wrong("a function"))?),
            _ => None,
        };
        let operands: SmallVec<[u32; 3]> = words.map(|word| self.value(word)).collect::<Result<_, _>>()?;
        let op = match (function, &operands[..]) {
            (Some(f), &[a]) => Scalar::Call1(f, a),
            (Some(f), &[a, b]) => Scalar::Call2(f, a, b),
            (Some(f), &[a, b, c]) => Scalar::Call3(f, a, b, c),
            (None, &[]) => return Ok(Scalar::Number(Bits::new(self.number(word)?))),
            (None, &[a]) => {
                *one(&[Scalar::Neg(a), Scalar::Not(a)], word).ok_or(self.wrong("an operation"))?
            }
            (None, &[a, b]) => {
                let all = [
                    Scalar::Add(a, b),
                    Scalar::Sub(a, b),
                    Scalar::Mul(a, b),
                    Scalar::Div(a, b),
                    Scalar::And(a, b),
                    Scalar::Or(a, b),
                    Scalar::Compare(Test::Less, a, b),
                    Scalar::Compare(Test::LessEqual, a, b),
                    Scalar::Compare(Test::Equal, a, b),
                ];
                *one(&all, word).ok_or(self.wrong("an operation"))?
            }
            (None, &[a, b, c]) => {
                let all = [Scalar::Fma(a, b, c), Scalar::Select(a, b, c)];
                *one(&all, word).ok_or(self.wrong("an operation"))?
            }
            _ => return Err(self.wrong("at most three operands")),
        };
        let args = function.map(|f| f.row().args.len());
        if args.is_some_and(|args| args != operands.len()) {
            return Err(self.wrong("as many operands as the function takes"));
        }
        Ok(op)
    }

    /// `t3[0 + 1*#0 + 4*%2 in 10`, its bracket taken off.
    fn access(&self, text: &str, loops: usize) -> Result<Access, ParseError> {
        let wrong = || self.wrong("t[offset + stride*#loop + stride*%index in size]");
        let (tensor, address) = text.split_once('[').ok_or(wrong())?;
        let mut parts = address.split(" + ");
        let offset = parts.next().and_then(|x| x.parse().ok()).ok_or(wrong())?;
        let mut strides: Strides = SmallVec::from_elem(0, loops);
        let mut picks = SmallVec::new();
        for part in parts {
            let (stride, by) = part.split_once('*').ok_or(wrong())?;
            let stride: isize = stride.parse().map_err(|_| wrong())?;
            if let Some(axis) = by.strip_prefix('#') {
                *strides.get_mut(self.size(axis)?).ok_or(wrong())? = stride;
            } else {
                let (index, size) = by.split_once(" in ").ok_or(wrong())?;
                picks.push(Pick { index: self.value(index)?, stride, size: self.size(size)? });
            }
        }
        Ok(Access { tensor: self.tensor(tensor)?, offset, strides, picks })
    }

    fn tensor(&self, text: &str) -> Result<TensorId, ParseError> {
        let digits = text.trim().strip_prefix('t').and_then(|digits| digits.parse().ok());
        digits.map(TensorId).ok_or(self.wrong("a tensor"))
    }

    fn value(&self, text: &str) -> Result<u32, ParseError> {
        text.trim().strip_prefix('%').and_then(|digits| digits.parse().ok()).ok_or(self.wrong("a value"))
    }

    fn size(&self, text: &str) -> Result<usize, ParseError> {
        text.trim().parse().map_err(|_| self.wrong("a size"))
    }

    fn sizes(&self, text: &str) -> Result<SmallVec<[usize; 3]>, ParseError> {
        text.split_whitespace().map(|word| self.size(word)).collect()
    }

    fn number(&self, text: &str) -> Result<f64, ParseError> {
        text.trim().parse().map_err(|_| self.wrong("a number"))
    }
}

fn one<'a>(all: &'a [Scalar], word: &str) -> Option<&'a Scalar> {
    all.iter().find(|op| super::print::name(op) == word)
}

const LINEAR: [Linear; 9] = [
    Linear::Inverse,
    Linear::Determinant,
    Linear::LogDeterminant,
    Linear::Cholesky,
    Linear::Exponential,
    Linear::SquareRoot,
    Linear::Logarithm,
    Linear::Eigenvalues,
    Linear::Eigenvectors,
];
