//! Nests made ready for the kernels of an instruction set.

use agnesi_functions::FunctionId;
use agnesi_functions::lane::LaneKernel;
use smallvec::SmallVec;

use super::axes::best_axis;
use super::guard::{self, Guarded};
use super::nest::{
    CHUNK, CONSTANTS, Code, Operand, PLACES, Picked, Place, Put, REGISTERS, STREAMED, Slow, Stage, Step,
};
use super::{Real, pairs};
use crate::ir::{Access, Bits, How, Nest, Scalar, TensorId, Test, Value, repeating, steady, varying};
use crate::vector::{Binary, Kernels, Reduce, Ternary, Unary};

/// From so many turns of the outer loops on, indices that are the same for each are looked up once.
const TURNS: usize = 4;
/// Of longer vectors indices are looked up each time: what was looked up would take memory, and not stay in the caches.
const LOOKED_UP: usize = 1 << 16;

/// Where the compiler knows a value to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// In a chunk that is held.
    Register(u32),
    /// Where it lies.
    Memory(u32),
    /// A value that is the same for all.
    One(Value),
    /// A number.
    Number(Bits),
}

impl<T: Real> Code<T> {
    /// Makes a nest of [`joined_loops`] ready; it finds its constants from `constants` on, which is moved behind them.
    pub fn new(nest: &Nest, kernels: &Kernels<T>, constants: &mut usize) -> Code<T> {
        let vector = best_axis(nest);
        Compiler::new(nest, vector, kernels, constants).code()
    }
}

struct Compiler<'a, T: Real> {
    nest: &'a Nest,
    kernels: &'a Kernels<T>,
    vector: Option<usize>,
    /// Whether a value changes along the vector.
    varies: Vec<bool>,
    /// Whether a value is the same for each turn of the outer loops.
    repeats: Vec<bool>,
    /// The first of the reads that are looked up once, for each way to be.
    slots: Vec<u32>,
    /// Where the chunks of a value are.
    sources: Vec<Source>,
    /// The last operation that reads a value; writes count as behind all.
    last: Vec<usize>,
    free: Vec<u32>,
    registers: u32,
    steps: Vec<Step<T>>,
    /// For each value the write that puts it where it belongs as soon as it is made.
    direct: Vec<Option<u32>>,
    /// What was made together with an earlier operation.
    made: Vec<bool>,
    /// For each operation the one before it that is made with it.
    joined: Vec<Option<Value>>,
    stages: Vec<Stage>,
    spreads: Vec<(Value, usize)>,
    numbers: Vec<(usize, f64)>,
    /// Where the next constant goes.
    constants: &'a mut usize,
}

impl<'a, T: Real> Compiler<'a, T> {
    fn new(nest: &'a Nest, vector: Option<usize>, kernels: &'a Kernels<T>, constants: &'a mut usize) -> Self {
        let count = nest.body.len();
        let mut compiler = Compiler {
            nest,
            kernels,
            vector,
            varies: varying(nest, vector),
            repeats: repeating(nest, vector),
            slots: Vec::new(),
            sources: (0..count).map(|at| Source::One(at as Value)).collect(),
            last: vec![0; count],
            free: Vec::new(),
            registers: 0,
            steps: Vec::new(),
            direct: vec![None; count],
            made: vec![false; count],
            joined: vec![None; count],
            stages: Vec::new(),
            spreads: Vec::new(),
            numbers: Vec::new(),
            constants,
        };
        compiler.analyse();
        compiler
    }

    /// Whether the entries of an access lie along the vector, wherever its indices point.
    fn is_fixed(&self, access: &Access) -> bool {
        !access.picks.is_empty()
            && self.stride(access) != 0
            && access.picks.iter().all(|pick| !self.varies[pick.index as usize])
    }

    fn stride(&self, access: &Access) -> isize {
        self.vector.map_or(0, |axis| access.strides[axis])
    }

    /// Where kernels find what is there.
    fn operand(&mut self, source: Source) -> Operand {
        let step = self.kernels.width() as u32;
        let constant = |offset: usize| Operand { base: CONSTANTS, offset: offset as u32, step: 0 };
        match source {
            Source::Register(register) => Operand { base: REGISTERS, offset: register * CHUNK as u32, step },
            Source::Memory(place) => self.side_by_side(place, false),
            Source::One(value) => {
                if let Some((_, offset)) = self.spreads.iter().find(|(other, _)| *other == value) {
                    return constant(*offset);
                }
                let offset = self.constant();
                self.spreads.push((value, offset));
                constant(offset)
            }
            Source::Number(bits) => {
                let same = |x: &f64| x.to_bits() == bits.get().to_bits();
                if let Some((offset, _)) = self.numbers.iter().find(|(_, x)| same(x)) {
                    return constant(*offset);
                }
                let offset = self.constant();
                self.numbers.push((offset, bits.get()));
                constant(offset)
            }
        }
    }

    /// Room for a number that stands for a vector of itself.
    fn constant(&mut self) -> usize {
        *self.constants += T::PARTIAL;
        *self.constants - T::PARTIAL
    }

    /// A place whose entries kernels read or write where they lie.
    fn side_by_side(&mut self, place: u32, writes: bool) -> Operand {
        if self.stages.iter().all(|stage| stage.place != place) {
            // A register that is never given back.
            self.registers += 1;
            self.stages.push(Stage { place, register: self.registers - 1, writes, room: 0..0 });
        }
        Operand { base: PLACES + place, offset: 0, step: self.kernels.width() as u32 }
    }

    fn analyse(&mut self) {
        for (at, op) in self.nest.body.iter().enumerate() {
            op.for_each_operand(|value| self.last[value as usize] = at);
            if let Scalar::Read(read) = *op {
                let picks = &self.nest.reads[read as usize].picks;
                picks.iter().for_each(|pick| self.last[pick.index as usize] = at);
            }
        }
        self.joined = pairs::joined(self.nest, &self.varies);
        for (at, inner) in
            self.joined.iter().enumerate().filter_map(|(at, inner)| Some((at, (*inner)? as usize)))
        {
            self.made[inner] = true;
            // What it reads is held until then.
            self.nest.body[inner].for_each_operand(|value| {
                let last = &mut self.last[value as usize];
                *last = at.max(*last);
            });
        }
        let reads = self.nest.reads.len();
        for (at, write) in self.nest.writes.iter().enumerate() {
            let value = write.value as usize;
            self.last[value] = usize::MAX;
            write.to.picks.iter().for_each(|pick| self.last[pick.index as usize] = usize::MAX);
            let lies = write.to.picks.is_empty() || self.is_fixed(&write.to);
            let plain = write.how == How::Set && lies && self.stride(&write.to) == 1;
            let direct = plain
                && !self.streamed(at)
                && self.direct[value].is_none()
                && self.is_read_before(write.to.tensor, value);
            if direct && self.varies[value] && self.nest.body[value].is_work() {
                self.direct[value] = Some((reads + at) as u32);
            }
        }
    }

    /// Whether a tensor is read for the last time by the operation that makes a value, or before it.
    fn is_read_before(&self, tensor: TensorId, value: usize) -> bool {
        let mut own = self.nest.body.iter().enumerate().filter(
            |(_, op)| matches!(op, Scalar::Read(read) if self.nest.reads[*read as usize].tensor == tensor),
        );
        // The second of sine and cosine is made with the first.
        let early = match self.nest.body[value] {
            Scalar::Call1(f, _) => matches!(f.row().name, "sin" | "cos"),
            _ => false,
        };
        own.all(|(at, _)| !early && self.last[at] <= value)
    }

    /// How many bytes the nest goes over with a number for each trip.
    fn bytes(&self) -> usize {
        self.nest.extents.iter().fold(size_of::<T>(), |all, n| all.saturating_mul(*n))
    }

    /// Whether a write goes past the caches: what is written is large, in whole chunks, and not read here.
    fn streamed(&self, at: usize) -> bool {
        let (nest, to) = (self.nest, &self.nest.writes[at].to);
        let whole = self.vector.is_some_and(|axis| nest.extents[axis] >= CHUNK);
        whole && self.bytes() >= STREAMED && nest.reads.iter().all(|read| read.tensor != to.tensor)
    }

    fn place(&mut self, access: &Access) -> Place {
        let mut outer = access.strides.clone();
        if let Some(axis) = self.vector {
            outer.remove(axis);
        }
        let mut picks = SmallVec::new();
        for pick in &access.picks {
            let (index, stride, size) = (pick.index, pick.stride, pick.size);
            let varies = self.varies[index as usize];
            let operand = varies.then(|| self.operand(self.sources[index as usize]));
            picks.push(Picked { index, operand, stride, size });
        }
        let inner = self.stride(access);
        let (picks, fixed) =
            if self.is_fixed(access) { (SmallVec::new(), picks) } else { (picks, SmallVec::new()) };
        Place { tensor: access.tensor, offset: access.offset, outer, inner, picks, fixed }
    }

    fn register(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        })
    }

    /// Gives back the chunks of the values that are read here for the last time.
    fn release(&mut self, op: &Scalar, at: usize) {
        let mut done: SmallVec<[u32; 3]> = SmallVec::new();
        op.for_each_operand(|value| {
            if self.last[value as usize] == at
                && let Source::Register(register) = self.sources[value as usize]
                && !done.contains(&register)
            {
                done.push(register);
            }
        });
        self.free.extend(done);
    }

    /// Where an operation puts its result.
    fn target(&mut self, at: usize) -> Operand {
        match self.direct[at] {
            Some(write) => {
                self.sources[at] = Source::Memory(write);
                self.side_by_side(write, true)
            }
            None => self.held(at),
        }
    }

    /// A register for a value.
    fn held(&mut self, at: usize) -> Operand {
        let source = Source::Register(self.register());
        self.sources[at] = source;
        self.operand(source)
    }

    fn code(mut self) -> Code<T> {
        let nest = self.nest;
        let mut values = vec![0.0; nest.body.len()];
        let mut scalars = Vec::new();
        let (mut guards, mut guarded) = (guard::guards(nest, &self.varies), Vec::new());
        for (at, op) in nest.body.iter().enumerate() {
            if let Scalar::Number(bits) = op {
                values[at] = T::rounded(bits.get());
                self.sources[at] = Source::Number(*bits);
            } else if !self.varies[at] {
                scalars.push((*op, at as Value));
            } else {
                let before = self.steps.len();
                self.operation(op, at);
                // Sine and cosine may be wanted apart.
                let both = matches!(self.steps.last(), Some(Step::SinCos(..)));
                let guard = guards[at].take().filter(|_| !both).unwrap_or_default();
                match guarded.last_mut() {
                    _ if self.steps.len() == before => {}
                    Some(Guarded { steps, guard: same }) if *same == guard => steps.end = self.steps.len(),
                    _ => guarded.push(Guarded { steps: before..self.steps.len(), guard }),
                }
            }
        }
        let accesses = nest.reads.iter().chain(nest.writes.iter().map(|write| &write.to));
        let places: Vec<Place> = accesses.map(|access| self.place(access)).collect();
        let fixed = (0..places.len() as u32).filter(|at| !places[*at as usize].fixed.is_empty());
        let mut fixed: Vec<u32> = fixed.collect();
        // The loops that trips are counted of are the outer ones now.
        let vector = self.vector;
        for (op, _) in &mut scalars {
            if let Scalar::Trip(axis) = op
                && vector.is_some_and(|vector| *axis as usize > vector)
            {
                *axis -= 1;
            }
        }
        let mut writes = Vec::new();
        for at in 0..nest.writes.len() {
            self.write(at, &mut writes);
        }
        let large = (self.bytes() >= STREAMED).then_some(&self.stages);
        let ahead =
            large.into_iter().flatten().filter(|stage| !stage.writes).map(|stage| stage.place).collect();
        // How numbers are added up must not depend on where they lie.
        let sums = writes.iter().any(|write| matches!(write, Put::Reduce(..)));
        let streamed = writes.iter().find_map(|write| match write {
            Put::Stream(_, _, place) => Some(*place),
            Put::One(..) | Put::Join(..) | Put::Copy(..) | Put::Reduce(..) | Put::Spread(..) => None,
        });
        let steady = steady(nest);
        scalars.sort_by_key(|(_, to)| !steady[*to as usize]);
        let steady_scalars = scalars.iter().filter(|(_, to)| steady[*to as usize]).count();
        let scalars = scalars.into_iter().map(|(op, to)| Slow::One { op, to }).collect();
        self.spreads.sort_by_key(|(value, _)| !steady[*value as usize]);
        let steady_spreads = self.spreads.iter().filter(|(value, _)| steady[*value as usize]).count();
        let settled = |at: &u32| places[*at as usize].fixed.iter().all(|pick| steady[pick.index as usize]);
        fixed.sort_by_key(|at| !settled(at));
        let steady_fixed = fixed.iter().filter(|at| settled(at)).count();
        let mut outer = nest.extents.clone();
        let inner = vector.map_or(1, |axis| outer.remove(axis));
        let mut moves = Vec::with_capacity(outer.len() * places.len());
        for axis in 0..outer.len() {
            moves.extend(places.iter().map(|place| {
                let back = place.outer.iter().zip(&outer).skip(axis + 1);
                place.outer[axis] - back.map(|(stride, turns)| stride * (*turns as isize - 1)).sum::<isize>()
            }));
        }
        Code {
            outer,
            moves,
            inner,
            width: self.kernels.width(),
            alone: vector.is_none(),
            places,
            fixed,
            steady_fixed,
            scalars,
            steady_scalars,
            spreads: self.spreads,
            steady_spreads,
            steps: self.steps,
            guarded,
            writes,
            stages: self.stages,
            values,
            numbers: self.numbers,
            ahead,
            aligned: streamed.filter(|_| !sums),
            direct: Vec::new(),
            registers: self.registers as usize,
            looked_up: self.slots.len() as u32,
        }
    }

    /// How often the outer loops turn.
    fn turns(&self) -> usize {
        let outer = self.nest.extents.iter().enumerate().filter(|(axis, _)| Some(*axis) != self.vector);
        outer.fold(1, |all, (_, extent)| all.saturating_mul(*extent))
    }

    /// Where it is kept how far the indices of a read point: beside those that point as far.
    fn slot(&mut self, read: u32) -> u32 {
        let of = |read: u32| &self.nest.reads[read as usize];
        let same =
            |other: u32| self.stride(of(other)) == self.stride(of(read)) && of(other).picks == of(read).picks;
        let found = self.slots.iter().position(|other| same(*other));
        let slot = found.unwrap_or(self.slots.len());
        if found.is_none() {
            self.slots.push(read);
        }
        slot as u32
    }

    fn operation(&mut self, op: &Scalar, at: usize) {
        if self.made[at] {
            return;
        }
        let of = |compiler: &Self, value: Value| compiler.sources[value as usize];
        if let Some(inner) = self.joined[at]
            && let Some((kernel, args)) = pairs::kernel(op, inner, &self.nest.body[inner as usize])
        {
            let [x, y, z] = args;
            return self.three(kernel, args, &Scalar::Fma(x, y, z), at);
        }
        match *op {
            Scalar::Read(read) => {
                let access = &self.nest.reads[read as usize];
                // What is read beside what is written is read before that, whatever the order in which a kernel goes on.
                let beside = self.nest.writes.iter().any(|w| w.to.tensor == access.tensor && w.to != *access);
                let lies = access.picks.is_empty() || self.is_fixed(access);
                if lies && self.stride(access) == 1 && !beside {
                    self.sources[at] = Source::Memory(read);
                } else {
                    let inner = self.vector.map_or(1, |axis| self.nest.extents[axis]);
                    let known = !access.picks.is_empty()
                        && inner <= LOOKED_UP
                        && self.turns() >= TURNS
                        && access.picks.iter().all(|pick| self.repeats[pick.index as usize]);
                    let slot = known.then(|| self.slot(read));
                    let to = self.held(at);
                    self.steps.push(Step::Collect(read, to, slot));
                }
            }
            Scalar::Number(_) => {}
            Scalar::Trip(_) => {
                let to = self.held(at);
                self.steps.push(Step::Count(to));
            }
            Scalar::Neg(a) => self.one(Unary::Neg, of(self, a), op, at),
            Scalar::Add(a, b) => self.two(Binary::Add, of(self, a), of(self, b), op, at),
            Scalar::Sub(a, b) => self.two(Binary::Sub, of(self, a), of(self, b), op, at),
            Scalar::Mul(a, b) if a == b => self.one(Unary::Square, of(self, a), op, at),
            Scalar::Mul(a, b) => self.two(Binary::Mul, of(self, a), of(self, b), op, at),
            Scalar::Div(a, b) => self.two(Binary::Div, of(self, a), of(self, b), op, at),
            Scalar::Fma(a, b, c) => self.three(Ternary::Fma, [a, b, c], op, at),
            Scalar::Call1(f, a) => self.call(f, &[of(self, a)], op, at),
            Scalar::Call2(f, a, b) => self.call(f, &[of(self, a), of(self, b)], op, at),
            Scalar::Call3(f, a, b, c) => self.call(f, &[of(self, a), of(self, b), of(self, c)], op, at),
            Scalar::Compare(test, a, b) => {
                let test = match test {
                    Test::Less => Binary::Lt,
                    Test::LessEqual => Binary::Le,
                    Test::Equal => Binary::Eq,
                };
                self.two(test, of(self, a), of(self, b), op, at);
            }
            Scalar::Not(a) => {
                let one = self.kernels.binary(Binary::Eq);
                let args = [of(self, a), Source::Number(Bits::new(0.0))].map(|a| self.operand(a));
                self.release(op, at);
                let target = self.target(at);
                self.steps.push(Step::Two(Binary::Eq, one, args, target));
            }
            Scalar::And(a, b) => self.two(Binary::And, of(self, a), of(self, b), op, at),
            Scalar::Or(a, b) => self.two(Binary::Or, of(self, a), of(self, b), op, at),
            Scalar::Select(a, b, c) => self.three(Ternary::Select, [a, b, c], op, at),
        }
    }

    fn one(&mut self, kernel: Unary, a: Source, op: &Scalar, at: usize) {
        let a = self.operand(a);
        self.release(op, at);
        let target = self.target(at);
        self.steps.push(Step::One(kernel, self.kernels.unary(kernel), [a], target));
    }

    fn two(&mut self, kernel: Binary, a: Source, b: Source, op: &Scalar, at: usize) {
        let args = [a, b].map(|source| self.operand(source));
        self.release(op, at);
        let target = self.target(at);
        self.steps.push(Step::Two(kernel, self.kernels.binary(kernel), args, target));
    }

    fn three(&mut self, kernel: Ternary, args: [Value; 3], op: &Scalar, at: usize) {
        let args = args.map(|value| self.operand(self.sources[value as usize]));
        self.release(op, at);
        let target = self.target(at);
        self.steps.push(Step::Three(kernel, self.kernels.ternary(kernel), args, target));
    }

    fn call(&mut self, f: FunctionId, args: &[Source], op: &Scalar, at: usize) {
        let row = f.row();
        match (unary(f), args) {
            (Some(kernel), &[a]) => {
                if !self.both(kernel, a, op, at) {
                    self.one(kernel, a, op, at);
                }
            }
            (None, &[a, b]) if row.name == "min" => self.two(Binary::Min, a, b, op, at),
            (None, &[a, b]) if row.name == "max" => self.two(Binary::Max, a, b, op, at),
            (None, &[a, b]) if row.lanes == Some(LaneKernel::Pow) => self.two(Binary::Pow, a, b, op, at),
            _ => {
                let args = args.iter().map(|source| self.operand(*source)).collect();
                self.release(op, at);
                let target = self.target(at);
                self.steps.push(Step::Each(f, args, target));
            }
        }
    }

    /// Sine and cosine of one argument at once, where the other one is wanted too.
    fn both(&mut self, kernel: Unary, a: Source, op: &Scalar, at: usize) -> bool {
        let other = match kernel {
            Unary::Sin => "cos",
            Unary::Cos => "sin",
            _ => return false,
        };
        let Scalar::Call1(_, argument) = *op else { return false };
        let partner = (at + 1..self.nest.body.len()).find(|other_at| match self.nest.body[*other_at] {
            Scalar::Call1(f, a) => a == argument && f.row().name == other,
            _ => false,
        });
        let Some(partner) = partner else { return false };
        // The argument is held until the second of them, so no result takes its place.
        let targets = [self.target(at), self.target(partner)];
        let targets = if kernel == Unary::Sin { targets } else { [targets[1], targets[0]] };
        let a = self.operand(a);
        self.steps.push(Step::SinCos(self.kernels.sin_cos(), a, targets));
        self.made[partner] = true;
        true
    }

    fn write(&mut self, at: usize, writes: &mut Vec<Put<T>>) {
        let write = &self.nest.writes[at];
        let place = (self.nest.reads.len() + at) as u32;
        let source = self.sources[write.value as usize];
        if source == Source::Memory(place) {
            return;
        }
        let how = write.how;
        if self.vector.is_none() {
            writes.push(Put::One(how, write.value, place));
            return;
        }
        let operand = self.operand(source);
        let plain = write.to.picks.is_empty() || self.is_fixed(&write.to);
        let stride = self.stride(&write.to);
        let varied_pick = write.to.picks.iter().any(|pick| self.varies[pick.index as usize]);
        let both = match how {
            How::Set => None,
            How::Add => Some((Binary::Add, Reduce::Sum)),
            How::Multiply => Some((Binary::Mul, Reduce::Product)),
            How::Max => Some((Binary::Max, Reduce::Max)),
            How::Min => Some((Binary::Min, Reduce::Min)),
        };
        writes.push(match (stride, both) {
            (1, None) if plain && operand.step != 0 && self.streamed(at) => {
                Put::Stream(self.kernels.stream(), operand, place)
            }
            (1, None) if plain => Put::Copy(operand, place),
            (1, Some((join, _))) if plain => Put::Join(self.kernels.binary(join), how, operand, place),
            (0, Some((_, reduce))) if !varied_pick => {
                Put::Reduce(self.kernels.reduce(reduce), how, operand, place)
            }
            _ => Put::Spread(how, operand, place),
        });
    }
}

/// The kernel of a function of one number, if it has one.
pub(super) fn unary(f: FunctionId) -> Option<Unary> {
    let row = f.row();
    row.lanes.and_then(Unary::of).or_else(|| plain(row.name))
}

/// Functions whose kernels are instructions.
pub(super) fn plain(name: &str) -> Option<Unary> {
    Some(match name {
        "sign" => Unary::Sign,
        "step" => Unary::Step,
        "floor" => Unary::Floor,
        "ceil" => Unary::Ceil,
        "round" => Unary::Round,
        _ => return None,
    })
}
