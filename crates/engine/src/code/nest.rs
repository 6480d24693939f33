//! A nest as loops around assignments.

use smol_str::format_smolstr;

use super::lower::{Home, Lowering, entry_at};
use super::{Binary, Expr, Failure, Native, Place, Refusal, Relation, Stmt, Store, Type};
use crate::ir::{Access, Bits, How, Nest, Scalar, Test, Value};

/// A value is given a name where the text it would be part of grows beyond so many operations.
const LONGEST: usize = 9;

/// A body while it is turned into expressions.
struct Body<'a> {
    nest: &'a Nest,
    loops: &'a [Expr],
    uses: Vec<usize>,
    named: Vec<bool>,
    /// What each value is, once it is known.
    values: Vec<Option<Expr>>,
    stmts: Vec<Stmt>,
    /// Indices that were looked at, with their sizes.
    checked: Vec<(Value, usize)>,
}

/// The statements of one trip.
pub(super) fn trip(lowering: &mut Lowering, nest: &Nest, loops: &[Expr]) -> Result<Vec<Stmt>, Refusal> {
    let mut body = Body::new(nest, loops);
    for at in 0..nest.body.len() {
        if body.uses[at] > 0 {
            body.value(lowering, at)?;
        }
    }
    for write in &nest.writes {
        let value = body.number(write.value);
        let place = body.place(lowering, &write.to);
        body.write(lowering, place, write.how, value);
    }
    Ok(body.stmts)
}

impl<'a> Body<'a> {
    fn new(nest: &'a Nest, loops: &'a [Expr]) -> Body<'a> {
        let count = nest.body.len();
        let (mut uses, mut named) = (vec![0; count], vec![false; count]);
        for write in &nest.writes {
            uses[write.value as usize] += 1;
        }
        // An index is looked at even where nothing is made of the entry: it may be the reason to fail.
        let picks = nest.reads.iter().chain(nest.writes.iter().map(|w| &w.to)).flat_map(|a| &a.picks);
        for pick in picks {
            uses[pick.index as usize] += 1;
            named[pick.index as usize] = true;
        }
        for at in (0..count).rev().filter(|at| nest.body[*at].is_work()) {
            if uses[at] > 0 {
                nest.body[at].for_each_operand(|operand| uses[operand as usize] += 1);
            }
        }
        // All values are made before the first write.
        let touched = nest.writes.iter().any(|w| nest.reads.iter().any(|read| read.tensor == w.to.tensor));
        if nest.writes.len() > 1 && touched {
            nest.writes.iter().for_each(|write| named[write.value as usize] = true);
        }
        for write in nest.writes.iter().filter(|write| matches!(write.how, How::Max | How::Min)) {
            named[write.value as usize] = true;
        }
        Body { nest, loops, uses, named, values: vec![None; count], stmts: Vec::new(), checked: Vec::new() }
    }

    /// Makes a value, under a name where it is used twice or long.
    fn value(&mut self, lowering: &mut Lowering, at: usize) -> Result<(), Refusal> {
        let op = &self.nest.body[at];
        let value = self.expression(lowering, op)?;
        let plain = match &value {
            Expr::Real(_) | Expr::Variable(..) => true,
            Expr::Real64(inside) => inside.weight() < 2,
            _ => false,
        };
        let moves = matches!(&value, Expr::Variable(name, _) if lowering.is_written(name, self.nest));
        let named = self.named[at] || self.uses[at] > 1 || value.weight() > LONGEST || moves;
        self.values[at] = Some(if named && (!plain || moves) {
            let name = lowering.value_name();
            let kind = value.kind();
            self.stmts.push(Stmt::Let(name.clone(), value));
            Expr::Variable(name, kind)
        } else {
            value
        });
        Ok(())
    }

    fn number(&self, value: Value) -> Expr {
        let value = self.values[value as usize].clone().unwrap_or(Expr::Real(f64::NAN));
        match value.kind() {
            Type::Truth => {
                Expr::Choose(Box::new(value), Box::new(Expr::Real(1.0)), Box::new(Expr::Real(0.0)))
            }
            Type::Real | Type::Int => value,
        }
    }

    fn truth(&self, value: Value) -> Expr {
        let value = self.values[value as usize].clone().unwrap_or(Expr::Real(f64::NAN));
        match value.kind() {
            Type::Truth => value,
            Type::Real | Type::Int => Expr::compare(Relation::NotEqual, value, Expr::Real(0.0)),
        }
    }

    fn expression(&mut self, lowering: &mut Lowering, op: &Scalar) -> Result<Expr, Refusal> {
        let binary = |this: &Self, op, a, b| Expr::binary(op, this.number(a), this.number(b));
        Ok(match *op {
            Scalar::Read(read) => match self.place(lowering, &self.nest.reads[read as usize]) {
                Place::Variable(name) => Expr::Variable(name, Type::Real),
                Place::Entry(name, at) => Expr::Entry(name, Box::new(at)),
            },
            Scalar::Number(bits) => Expr::Real(Bits::get(bits)),
            Scalar::Trip(axis) => match &self.loops[axis as usize] {
                Expr::Int(at) => Expr::Real(*at as f64 + 1.0),
                at => Expr::Real64(Box::new(Expr::binary(Binary::Add, at.clone(), Expr::Int(1)))),
            },
            Scalar::Neg(a) => Expr::Neg(Box::new(self.number(a))),
            Scalar::Add(a, b) => binary(self, Binary::Add, a, b),
            Scalar::Sub(a, b) => binary(self, Binary::Sub, a, b),
            Scalar::Mul(a, b) => binary(self, Binary::Mul, a, b),
            Scalar::Div(a, b) => binary(self, Binary::Div, a, b),
            Scalar::Fma(a, b, c) => {
                let args = [a, b, c].map(|value| self.number(value));
                lowering.library.native(Native::Fma, args.to_vec())?
            }
            Scalar::Call1(f, ..) | Scalar::Call2(f, ..) | Scalar::Call3(f, ..) => {
                let mut args = Vec::new();
                op.for_each_operand(|value| args.push(self.number(value)));
                lowering.library.row(f.row().name, args)?
            }
            Scalar::Compare(test, a, b) => {
                let relation = match test {
                    Test::Less => Relation::Less,
                    Test::LessEqual => Relation::LessEqual,
                    Test::Equal => Relation::Equal,
                };
                Expr::compare(relation, self.number(a), self.number(b))
            }
            Scalar::Not(a) => Expr::Not(Box::new(self.truth(a))),
            Scalar::And(a, b) => Expr::And(Box::new(self.truth(a)), Box::new(self.truth(b))),
            Scalar::Or(a, b) => Expr::Or(Box::new(self.truth(a)), Box::new(self.truth(b))),
            Scalar::Select(c, a, b) => {
                let parts = (self.truth(c), self.number(a), self.number(b));
                Expr::Choose(Box::new(parts.0), Box::new(parts.1), Box::new(parts.2))
            }
        })
    }

    /// The place of an access; its indices are looked at before.
    fn place(&mut self, lowering: &mut Lowering, access: &Access) -> Place {
        let mut picks = Vec::new();
        for pick in &access.picks {
            let value = self.number(pick.index);
            if !self.checked.contains(&(pick.index, pick.size)) {
                self.checked.push((pick.index, pick.size));
                let whole = Expr::Native(Native::Floor, vec![value.clone()]);
                let holds = [
                    Expr::compare(Relation::GreaterEqual, value.clone(), Expr::Real(1.0)),
                    Expr::compare(Relation::LessEqual, value.clone(), Expr::Real(pick.size as f64)),
                    Expr::compare(Relation::Equal, value.clone(), whole),
                ];
                let [a, b, c] = holds.map(Box::new);
                let inside = Expr::And(Box::new(Expr::And(a, b)), c);
                let wrong = Expr::Not(Box::new(inside));
                self.stmts.push(Stmt::If(wrong, vec![Stmt::Fail(Failure::Index)], Vec::new()));
            }
            picks.push((pick.stride, Expr::Index(Box::new(value))));
        }
        match lowering.home(access.tensor) {
            Home::Number(name) => Place::Variable(name),
            Home::Array(name) => {
                let loops = access.strides.iter().copied().zip(self.loops.iter().cloned());
                Place::Entry(name, entry_at(access.offset, loops.chain(picks)))
            }
        }
    }

    fn write(&mut self, lowering: &mut Lowering, place: Place, how: How, value: Expr) {
        let store = |how| Stmt::Store(place.clone(), how, value.clone());
        let stmt = match how {
            How::Set => match &place {
                Place::Variable(name) if lowering.is_fixed(name) => Stmt::Let(name.clone(), value),
                Place::Variable(_) | Place::Entry(..) => store(Store::Set),
            },
            How::Add => store(Store::Add),
            How::Multiply => store(Store::Multiply),
            How::Max | How::Min => {
                let old = match &place {
                    Place::Variable(name) => Expr::Variable(name.clone(), Type::Real),
                    Place::Entry(name, at) => Expr::Entry(name.clone(), Box::new(at.clone())),
                };
                let relation = if how == How::Max { Relation::Greater } else { Relation::Less };
                let beyond = Expr::compare(relation, value.clone(), old);
                let nan = Expr::compare(Relation::NotEqual, value.clone(), value.clone());
                let wins = Expr::Or(Box::new(beyond), Box::new(nan));
                Stmt::If(wins, vec![store(Store::Set)], Vec::new())
            }
        };
        self.stmts.push(stmt);
    }
}

/// Loops around statements, the last the innermost; `each` makes them of what stands for the loops.
pub(super) fn loops(
    lowering: &mut Lowering,
    extents: &[usize],
    each: impl FnOnce(&mut Lowering, &[Expr]) -> Result<Vec<Stmt>, Refusal>,
) -> Result<Vec<Stmt>, Refusal> {
    if extents.contains(&0) {
        return Ok(Vec::new());
    }
    let mut depth = 0;
    let mut vars = Vec::new();
    for extent in extents {
        vars.push(if *extent == 1 {
            Expr::Int(0)
        } else {
            depth += 1;
            Expr::int(&lowering.loop_name(depth - 1))
        });
    }
    let mut stmts = each(lowering, &vars)?;
    for (var, extent) in vars.iter().zip(extents).rev() {
        if let Expr::Variable(name, _) = var {
            stmts =
                vec![Stmt::For(format_smolstr!("{name}"), Expr::Int(0), Expr::Int(*extent as u64), stmts)];
        }
    }
    Ok(stmts)
}
