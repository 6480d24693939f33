//! Programs as text; [`super::parse`] reads it back.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Access, Factorization, How, Nest, Product, Program, Repeat, Scalar, Step, TensorId, Test};

impl Display for TensorId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// A line each:
///
/// ```text
/// regrouped          where it rounds otherwise than the formula is written
/// t0: 3              a tensor and its shape
/// t1: 3 = 0          one that starts with zeros
/// in x t0
/// for 3              loops #0, #1, ... around a body
///   %0 = t0[0 + 1*#0]
///   %1 = mul %0 %0
///   t1[0 + 1*#0] += %1
/// end
/// out y t1
/// ```
impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.regrouped {
            f.write_str("regrouped\n")?;
        }
        for (at, tensor) in self.tensors.iter().enumerate() {
            write!(f, "t{at}:")?;
            spaced(f, &tensor.shape)?;
            if let Some(start) = tensor.start {
                write!(f, " = {:?}", start.get())?;
            }
            f.write_char('\n')?;
        }
        for (name, id) in &self.inputs {
            writeln!(f, "in {name} {id}")?;
        }
        steps(f, &self.steps, 0)?;
        for (name, id) in &self.outputs {
            writeln!(f, "out {name} {id}")?;
        }
        Ok(())
    }
}

fn spaced(f: &mut Formatter<'_>, sizes: &[usize]) -> fmt::Result {
    sizes.iter().try_for_each(|size| write!(f, " {size}"))
}

fn steps(f: &mut Formatter<'_>, all: &[Step], depth: usize) -> fmt::Result {
    let pad = depth * 2;
    for step in all {
        write!(f, "{:pad$}", "")?;
        match step {
            Step::Nest(nest) => {
                write!(f, "for")?;
                spaced(f, &nest.extents)?;
                f.write_char('\n')?;
                body(f, nest, pad + 2)?;
                writeln!(f, "{:pad$}end", "")?;
            }
            Step::Product(Product { extents, left, right, to, symmetric, scale }) => {
                write!(f, "{} ", if *symmetric { "symmetric" } else { "product" })?;
                access(f, to)?;
                write!(f, " = ")?;
                access(f, left)?;
                write!(f, " * ")?;
                access(f, right)?;
                if *scale != 1.0 {
                    write!(f, " * {scale:?}")?;
                }
                write!(f, " for")?;
                spaced(f, extents)?;
                f.write_char('\n')?;
            }
            Step::Factorization(Factorization { op, from, to }) => {
                writeln!(f, "{} {to} = {from}", op.name())?;
            }
            Step::Repeat(repeat) => {
                let Repeat { count, number, states, steps: inner, records } = &**repeat;
                writeln!(f, "repeat {count} {number}")?;
                for state in states {
                    writeln!(
                        f,
                        "{:pad$}  state {} = {} then {}",
                        "", state.current, state.first, state.next
                    )?;
                }
                for record in records {
                    writeln!(f, "{:pad$}  record {} of {}", "", record.to, record.state)?;
                }
                steps(f, inner, depth + 1)?;
                writeln!(f, "{:pad$}end", "")?;
            }
        }
    }
    Ok(())
}

fn body(f: &mut Formatter<'_>, nest: &Nest, pad: usize) -> fmt::Result {
    for (at, op) in nest.body.iter().enumerate() {
        write!(f, "{:pad$}%{at} = ", "")?;
        match op {
            Scalar::Read(read) => match nest.reads.get(*read as usize) {
                Some(read) => access(f, read)?,
                None => write!(f, "?")?,
            },
            Scalar::Number(bits) => write!(f, "{:?}", bits.get())?,
            Scalar::Trip(axis) => write!(f, "#{axis}")?,
            Scalar::Call1(function, ..) | Scalar::Call2(function, ..) | Scalar::Call3(function, ..) => {
                write!(f, "call {}", function.row().name)?;
            }
            Scalar::Neg(..)
            | Scalar::Add(..)
            | Scalar::Sub(..)
            | Scalar::Mul(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Compare(..)
            | Scalar::Not(..)
            | Scalar::And(..)
            | Scalar::Or(..)
            | Scalar::Select(..) => f.write_str(name(op))?,
        }
        let mut operands = String::new();
        op.for_each_operand(|value| {
            let _ = write!(operands, " %{value}");
        });
        writeln!(f, "{operands}")?;
    }
    for write in &nest.writes {
        write!(f, "{:pad$}", "")?;
        access(f, &write.to)?;
        writeln!(f, " {} %{}", how(write.how), write.value)?;
    }
    Ok(())
}

/// The word for an operation; empty for those that are written otherwise.
pub(super) fn name(op: &Scalar) -> &'static str {
    match op {
        Scalar::Read(_) | Scalar::Number(_) | Scalar::Trip(_) => "",
        Scalar::Call1(..) | Scalar::Call2(..) | Scalar::Call3(..) => "call",
        Scalar::Neg(_) => "neg",
        Scalar::Add(..) => "add",
        Scalar::Sub(..) => "sub",
        Scalar::Mul(..) => "mul",
        Scalar::Div(..) => "div",
        Scalar::Fma(..) => "fma",
        Scalar::Compare(Test::Less, ..) => "less",
        Scalar::Compare(Test::LessEqual, ..) => "lessequal",
        Scalar::Compare(Test::Equal, ..) => "equal",
        Scalar::Not(_) => "not",
        Scalar::And(..) => "and",
        Scalar::Or(..) => "or",
        Scalar::Select(..) => "select",
    }
}

/// The sign of a write.
pub(super) fn how(how: How) -> &'static str {
    match how {
        How::Set => "=",
        How::Add => "+=",
        How::Multiply => "*=",
        How::Max => "max=",
        How::Min => "min=",
    }
}

fn access(f: &mut Formatter<'_>, access: &Access) -> fmt::Result {
    write!(f, "{}[{}", access.tensor, access.offset)?;
    for (axis, stride) in access.strides.iter().enumerate().filter(|(_, stride)| **stride != 0) {
        write!(f, " + {stride}*#{axis}")?;
    }
    for pick in &access.picks {
        write!(f, " + {}*%{} in {}", pick.stride, pick.index, pick.size)?;
    }
    f.write_char(']')
}
