//! Scalar operations as instructions, on one trip or on two at once.

use agnesi_functions::{FunctionId, Kernel};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::NativeError;
use super::emit::{Cursor, Emit, Lanes, SIZE};
use super::shims;
use crate::ir::{Access, How, Nest, Scalar, Test};

/// What is known of the values of a body: as a number, or as a truth value, which is an integer for one trip and a mask
/// for two.
#[derive(Clone)]
pub(super) struct Values {
    pub(super) numbers: Vec<Option<Lanes>>,
    truths: Vec<Option<Lanes>>,
}

impl Values {
    pub(super) fn new(count: usize) -> Values {
        Values { numbers: vec![None; count], truths: vec![None; count] }
    }

    /// Whether a value is there.
    pub(super) fn has(&self, at: u32) -> bool {
        self.numbers[at as usize].is_some() || self.truths[at as usize].is_some()
    }
}

fn missing() -> NativeError {
    NativeError::Machine("a value that is not made".into())
}

impl Emit<'_> {
    /// Computes one operation. `wide` takes two trips of the innermost loop, the second one after `trips`.
    pub(super) fn op(
        &mut self,
        nest: &Nest,
        values: &mut Values,
        at: usize,
        trips: &[Cursor],
        wide: bool,
    ) -> Result<(), NativeError> {
        let truth = match nest.body[at] {
            Scalar::Compare(test, a, b) => {
                let (a, b) = (self.value(values, a)?, self.value(values, b)?);
                let code = match test {
                    Test::Less => FloatCC::LessThan,
                    Test::LessEqual => FloatCC::LessThanOrEqual,
                    Test::Equal => FloatCC::Equal,
                };
                Some(self.compare(code, a, b))
            }
            Scalar::Not(a) => {
                let a = self.truth(values, a)?;
                Some(match a {
                    Lanes::Wide(a) => Lanes::Wide(self.b.ins().bnot(a)),
                    Lanes::Uniform(a) => {
                        let one = self.b.ins().iconst(types::I8, 1);
                        Lanes::Uniform(self.b.ins().bxor(a, one))
                    }
                })
            }
            Scalar::And(a, b) => {
                let (a, b) = (self.truth(values, a)?, self.truth(values, b)?);
                let (a, b, both) = self.masks(a, b);
                let made = self.b.ins().band(a, b);
                Some(if both { Lanes::Wide(made) } else { Lanes::Uniform(made) })
            }
            Scalar::Or(a, b) => {
                let (a, b) = (self.truth(values, a)?, self.truth(values, b)?);
                let (a, b, both) = self.masks(a, b);
                let made = self.b.ins().bor(a, b);
                Some(if both { Lanes::Wide(made) } else { Lanes::Uniform(made) })
            }
            Scalar::Read(_)
            | Scalar::Number(_)
            | Scalar::Trip(_)
            | Scalar::Neg(_)
            | Scalar::Add(..)
            | Scalar::Sub(..)
            | Scalar::Mul(..)
            | Scalar::Div(..)
            | Scalar::Fma(..)
            | Scalar::Call1(..)
            | Scalar::Call2(..)
            | Scalar::Call3(..)
            | Scalar::Select(..) => None,
        };
        if let Some(truth) = truth {
            values.truths[at] = Some(truth);
            return Ok(());
        }
        let made = self.numeric(nest, values, nest.body[at], trips, wide)?;
        values.numbers[at] = Some(made);
        Ok(())
    }

    fn numeric(
        &mut self,
        nest: &Nest,
        values: &mut Values,
        op: Scalar,
        trips: &[Cursor],
        wide: bool,
    ) -> Result<Lanes, NativeError> {
        Ok(match op {
            Scalar::Number(bits) => Lanes::Uniform(self.number(bits.get())),
            Scalar::Trip(axis) => self.trip(axis as usize, trips, wide),
            Scalar::Read(read) => self.read(&nest.reads[read as usize], values, trips, wide)?,
            Scalar::Neg(a) => match self.value(values, a)? {
                Lanes::Uniform(a) => Lanes::Uniform(self.b.ins().fneg(a)),
                Lanes::Wide(a) => Lanes::Wide(self.b.ins().fneg(a)),
            },
            Scalar::Add(x, y) => {
                let (x, y, both) = self.both(values, x, y)?;
                let made = self.b.ins().fadd(x, y);
                if both { Lanes::Wide(made) } else { Lanes::Uniform(made) }
            }
            Scalar::Sub(x, y) => {
                let (x, y, both) = self.both(values, x, y)?;
                let made = self.b.ins().fsub(x, y);
                if both { Lanes::Wide(made) } else { Lanes::Uniform(made) }
            }
            Scalar::Mul(x, y) => {
                let (x, y, both) = self.both(values, x, y)?;
                let made = self.b.ins().fmul(x, y);
                if both { Lanes::Wide(made) } else { Lanes::Uniform(made) }
            }
            Scalar::Div(x, y) => {
                let (x, y, both) = self.both(values, x, y)?;
                let made = self.b.ins().fdiv(x, y);
                if both { Lanes::Wide(made) } else { Lanes::Uniform(made) }
            }
            Scalar::Fma(x, y, z) => {
                let all = [self.value(values, x)?, self.value(values, y)?, self.value(values, z)?];
                if !self.can.fma {
                    let kernel = shims::multiply_add as fn(f64, f64, f64) -> f64 as usize;
                    return Ok(self.each_lane(&all, |emit, args| {
                        emit.kernel(shims::three as *const () as usize, kernel, args)
                    }));
                }
                match all {
                    [Lanes::Uniform(x), Lanes::Uniform(y), Lanes::Uniform(z)] => {
                        Lanes::Uniform(self.b.ins().fma(x, y, z))
                    }
                    all => {
                        let [x, y, z] = all.map(|lanes| self.wide(lanes));
                        Lanes::Wide(self.b.ins().fma(x, y, z))
                    }
                }
            }
            Scalar::Call1(f, x) => {
                let x = self.value(values, x)?;
                self.call(f, &[x])?
            }
            Scalar::Call2(f, x, y) => {
                let args = [self.value(values, x)?, self.value(values, y)?];
                self.call(f, &args)?
            }
            Scalar::Call3(f, x, y, z) => {
                let args = [self.value(values, x)?, self.value(values, y)?, self.value(values, z)?];
                self.call(f, &args)?
            }
            Scalar::Select(c, x, y) => {
                let c = self.truth(values, c)?;
                let (x, y) = (self.value(values, x)?, self.value(values, y)?);
                self.select(c, x, y)
            }
            Scalar::Compare(..) | Scalar::Not(_) | Scalar::And(..) | Scalar::Or(..) => return Err(missing()),
        })
    }

    /// A value as a number.
    pub(super) fn value(&mut self, values: &mut Values, at: u32) -> Result<Lanes, NativeError> {
        let at = at as usize;
        if let Some(number) = values.numbers[at] {
            return Ok(number);
        }
        let truth = values.truths[at].ok_or_else(missing)?;
        let (one, zero) = (self.number(1.0), self.number(0.0));
        let number = self.select(truth, Lanes::Uniform(one), Lanes::Uniform(zero));
        values.numbers[at] = Some(number);
        Ok(number)
    }

    /// A value as a truth value: whether it is not 0.
    fn truth(&mut self, values: &mut Values, at: u32) -> Result<Lanes, NativeError> {
        if let Some(truth) = values.truths[at as usize] {
            return Ok(truth);
        }
        let number = values.numbers[at as usize].ok_or_else(missing)?;
        let zero = self.number(0.0);
        let truth = self.compare(FloatCC::NotEqual, number, Lanes::Uniform(zero));
        values.truths[at as usize] = Some(truth);
        Ok(truth)
    }

    /// Two values as numbers, both as vectors if one is.
    fn both(&mut self, values: &mut Values, x: u32, y: u32) -> Result<(Value, Value, bool), NativeError> {
        let (x, y) = (self.value(values, x)?, self.value(values, y)?);
        Ok(self.alike(x, y))
    }

    /// Both as vectors, if one is.
    fn alike(&mut self, x: Lanes, y: Lanes) -> (Value, Value, bool) {
        match (x, y) {
            (Lanes::Uniform(x), Lanes::Uniform(y)) => (x, y, false),
            (x, y) => (self.wide(x), self.wide(y), true),
        }
    }

    fn compare(&mut self, code: FloatCC, x: Lanes, y: Lanes) -> Lanes {
        let (x, y, both) = self.alike(x, y);
        let made = self.b.ins().fcmp(code, x, y);
        if both { Lanes::Wide(made) } else { Lanes::Uniform(made) }
    }

    /// A truth value as a mask.
    fn mask(&mut self, truth: Lanes) -> Value {
        match truth {
            Lanes::Wide(mask) => mask,
            Lanes::Uniform(truth) => {
                let long = self.b.ins().uextend(types::I64, truth);
                let all = self.b.ins().ineg(long);
                self.b.ins().splat(types::I64X2, all)
            }
        }
    }

    /// Both as masks, if one is.
    fn masks(&mut self, x: Lanes, y: Lanes) -> (Value, Value, bool) {
        match (x, y) {
            (Lanes::Uniform(x), Lanes::Uniform(y)) => (x, y, false),
            (x, y) => (self.mask(x), self.mask(y), true),
        }
    }

    fn select(&mut self, truth: Lanes, x: Lanes, y: Lanes) -> Lanes {
        match (truth, x, y) {
            (Lanes::Uniform(truth), Lanes::Uniform(x), Lanes::Uniform(y)) => {
                Lanes::Uniform(self.b.ins().select(truth, x, y))
            }
            (truth, x, y) => {
                let mask = self.mask(truth);
                let mask = self.cast(types::F64X2, mask);
                let (x, y) = (self.wide(x), self.wide(y));
                Lanes::Wide(self.b.ins().bitselect(mask, x, y))
            }
        }
    }

    fn trip(&mut self, axis: usize, trips: &[Cursor], wide: bool) -> Lanes {
        let cursor = trips[axis];
        let first = cursor.plus as f64 + 1.0;
        let two = wide && axis + 1 == trips.len();
        match (cursor.counter, two) {
            (None, false) => Lanes::Uniform(self.number(first)),
            (None, true) => Lanes::Wide(self.pair(first, first + 1.0)),
            (Some(counter), two) => {
                let counted = Lanes::Uniform(self.b.ins().fcvt_from_sint(types::F64, counter));
                let more = if two {
                    Lanes::Wide(self.pair(first, first + 1.0))
                } else {
                    Lanes::Uniform(self.number(first))
                };
                let (x, y, both) = self.alike(counted, more);
                let sum = self.b.ins().fadd(x, y);
                if both { Lanes::Wide(sum) } else { Lanes::Uniform(sum) }
            }
        }
    }

    /// Where the entry of one trip lies, computed indices and all.
    pub(super) fn place(
        &mut self,
        access: &Access,
        values: &mut Values,
        trips: &[Cursor],
        lane: usize,
    ) -> Result<(Value, i64), NativeError> {
        let (mut base, far) = match trips {
            [outer @ .., inner] if lane > 0 => {
                let trips: Vec<Cursor> = outer.iter().copied().chain([inner.after(lane)]).collect();
                self.address(access, &trips)
            }
            trips => self.address(access, trips),
        };
        for pick in &access.picks {
            let value = self.value(values, pick.index)?;
            let value = self.lane(value, lane);
            let index = self.index(value, pick.size);
            base = self.along(base, index, pick.stride);
        }
        Ok((base, far))
    }

    fn read(
        &mut self,
        access: &Access,
        values: &mut Values,
        trips: &[Cursor],
        wide: bool,
    ) -> Result<Lanes, NativeError> {
        let readonly = self.is_input(access.tensor);
        let step = access.strides.last().copied().unwrap_or(0);
        let mut moves = step != 0;
        for pick in &access.picks {
            moves |= matches!(self.value(values, pick.index)?, Lanes::Wide(_));
        }
        if !(wide && moves) {
            let (base, far) = self.place(access, values, trips, 0)?;
            return Ok(Lanes::Uniform(self.load(types::F64, base, far, readonly)));
        }
        if access.picks.is_empty() && step == 1 {
            let (base, far) = self.place(access, values, trips, 0)?;
            return Ok(Lanes::Wide(self.load(types::F64X2, base, far, readonly)));
        }
        let mut each = |lane| {
            let (base, far) = self.place(access, values, trips, lane)?;
            Ok(self.load(types::F64, base, far, readonly))
        };
        let (x, y) = (each(0)?, each(1)?);
        Ok(Lanes::Wide(self.join(x, y)))
    }

    /// Computes each trip by itself.
    fn each_lane(&mut self, args: &[Lanes], mut make: impl FnMut(&mut Self, &[Value]) -> Value) -> Lanes {
        let wide = args.iter().any(|lanes| matches!(lanes, Lanes::Wide(_)));
        let mut each = |lane: usize| {
            let args: Vec<Value> = args.iter().map(|lanes| self.lane(*lanes, lane)).collect();
            make(self, &args)
        };
        if wide {
            let (x, y) = (each(0), each(1));
            Lanes::Wide(self.join(x, y))
        } else {
            Lanes::Uniform(each(0))
        }
    }

    fn call(&mut self, function: FunctionId, args: &[Lanes]) -> Result<Lanes, NativeError> {
        let row = function.row();
        if let Some(made) = self.inline(row.name, args) {
            return Ok(made);
        }
        // The addresses of functions of this program, handed to code that runs in this process alone.
        let (shim, kernel) = match row.kernel {
            Kernel::One(kernel) => (shims::one as *const () as usize, kernel as usize),
            Kernel::Two(kernel) => (shims::two as *const () as usize, kernel as usize),
            Kernel::Three(kernel) => (shims::three as *const () as usize, kernel as usize),
            Kernel::Meaning => return Err(NativeError::NoKernel { name: row.name }),
        };
        Ok(self.each_lane(args, |emit, args| emit.kernel(shim, kernel, args)))
    }

    /// Rows that are an instruction or two: the same bits as their kernels.
    fn inline(&mut self, name: &str, args: &[Lanes]) -> Option<Lanes> {
        let one = |emit: &mut Self, make: &dyn Fn(&mut Self, Value) -> Value| match args {
            [Lanes::Uniform(x)] => Some(Lanes::Uniform(make(emit, *x))),
            [Lanes::Wide(x)] => Some(Lanes::Wide(make(emit, *x))),
            _ => None,
        };
        match (name, args) {
            ("abs", _) => one(self, &|emit, x| emit.b.ins().fabs(x)),
            ("sqrt", _) => one(self, &|emit, x| emit.b.ins().sqrt(x)),
            ("floor", _) if self.can.rounds => one(self, &|emit, x| emit.b.ins().floor(x)),
            ("ceil", _) if self.can.rounds => one(self, &|emit, x| emit.b.ins().ceil(x)),
            ("max" | "min", &[x, y]) => {
                let code = if name == "max" { FloatCC::GreaterThan } else { FloatCC::LessThan };
                let beats = self.compare(code, x, y);
                let unknown = self.compare(FloatCC::Unordered, x, x);
                let (a, b, both) = self.masks(beats, unknown);
                let first = self.b.ins().bor(a, b);
                Some(self.select(if both { Lanes::Wide(first) } else { Lanes::Uniform(first) }, x, y))
            }
            ("relu", &[x]) => {
                let zero = Lanes::Uniform(self.number(0.0));
                let kept = self.compare(FloatCC::UnorderedOrGreaterThan, x, zero);
                Some(self.select(kept, x, zero))
            }
            _ => None,
        }
    }

    /// What stands where something is written.
    pub(super) fn joined(&mut self, how: How, old: Lanes, new: Lanes) -> Lanes {
        let (x, y, both) = self.alike(old, new);
        let lanes = |value| if both { Lanes::Wide(value) } else { Lanes::Uniform(value) };
        match how {
            How::Set => new,
            How::Add => lanes(self.b.ins().fadd(x, y)),
            How::Multiply => lanes(self.b.ins().fmul(x, y)),
            How::Max | How::Min => {
                let code = if how == How::Max { FloatCC::GreaterThan } else { FloatCC::LessThan };
                let beats = self.compare(code, new, old);
                let unknown = self.compare(FloatCC::Unordered, new, new);
                let (a, b, masks) = self.masks(beats, unknown);
                let first = self.b.ins().bor(a, b);
                self.select(if masks { Lanes::Wide(first) } else { Lanes::Uniform(first) }, new, old)
            }
        }
    }

    /// Does one write at one trip, or at two.
    pub(super) fn write(
        &mut self,
        write: &crate::ir::Write,
        values: &mut Values,
        trips: &[Cursor],
        wide: bool,
        start: Option<f64>,
    ) -> Result<(), NativeError> {
        let new = self.value(values, write.value)?;
        let step = write.to.strides.last().copied().unwrap_or(0);
        if wide && step == 1 {
            let (base, far) = self.place(&write.to, values, trips, 0)?;
            let new = if write.how == How::Set {
                new
            } else {
                let old = Lanes::Wide(self.load(types::F64X2, base, far, false));
                self.joined(write.how, old, new)
            };
            let new = self.wide(new);
            self.store(new, base, far);
            return Ok(());
        }
        for lane in 0..if wide { 2 } else { 1 } {
            let (base, far) = self.place(&write.to, values, trips, lane)?;
            let mut new = Lanes::Uniform(self.lane(new, lane));
            if write.how != How::Set {
                let old = match start {
                    Some(start) => self.number(start),
                    None => self.load(types::F64, base, far, false),
                };
                new = self.joined(write.how, Lanes::Uniform(old), new);
            }
            let new = self.lane(new, 0);
            self.store(new, base, far);
        }
        Ok(())
    }

    /// Fills entries of a tensor with a number.
    pub(super) fn fill(
        &mut self,
        (base, far): (Value, i64),
        entries: std::ops::Range<usize>,
        x: f64,
    ) -> Result<(), NativeError> {
        let far = far + entries.start as i64 * SIZE;
        let count = entries.len();
        let number = self.number(x);
        let two = self.wide(Lanes::Uniform(number));
        let looped = count / 8;
        if looped > 1 {
            self.repeat(looped * 8, 8, &[], |emit, counter, _| {
                let at = emit.along(base, counter, 1);
                (0..4).for_each(|pair| emit.store(two, at, far + pair * 2 * SIZE));
                Ok(Vec::new())
            })?;
        }
        let mut done = if looped > 1 { looped * 8 } else { 0 };
        while done < count {
            let wide = done + 2 <= count;
            self.store(if wide { two } else { number }, base, far + done as i64 * SIZE);
            done += if wide { 2 } else { 1 };
        }
        Ok(())
    }

    /// Copies entries that lie side by side.
    pub(super) fn copy(
        &mut self,
        (from, from_far): (Value, i64),
        (to, to_far): (Value, i64),
        count: usize,
    ) -> Result<(), NativeError> {
        let looped = count / 8;
        if looped > 1 {
            self.repeat(looped * 8, 8, &[], |emit, counter, _| {
                let (from, to) = (emit.along(from, counter, 1), emit.along(to, counter, 1));
                for pair in 0..4 {
                    let two = emit.load(types::F64X2, from, from_far + pair * 2 * SIZE, false);
                    emit.store(two, to, to_far + pair * 2 * SIZE);
                }
                Ok(Vec::new())
            })?;
        }
        let mut done = if looped > 1 { looped * 8 } else { 0 };
        while done < count {
            let wide = done + 2 <= count;
            let kind = if wide { types::F64X2 } else { types::F64 };
            let part = self.load(kind, from, from_far + done as i64 * SIZE, false);
            self.store(part, to, to_far + done as i64 * SIZE);
            done += if wide { 2 } else { 1 };
        }
        Ok(())
    }
}
