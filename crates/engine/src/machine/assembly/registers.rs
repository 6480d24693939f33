//! Formulas as instructions: a loop over vectors whose values stay in registers.
//!
//! A formula is a straight line, so for each value it is known when it is read next. Where no register is free, the value
//! leaves its register that is read last (Belady, "A study of replacement algorithms", 1966): it is read again from where it
//! lies, or from a place of its own if it lies nowhere. What is read for the last time from memory is an operand there.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::encode::{
    Encoder, Gpr, Last, Length, Mask, Memory, Opcode, R8, R9, R10, R11, R12, R13, R14, R15, RAX, RBX, RDX,
    RSP,
};
use super::formula::{Formula, Line, One, Two, Value};
use super::pool::Pool;
use crate::machine::nest::{CONSTANTS, Operand, PLACES, REGISTERS, VALUES};

/// The registers that addresses of places stay in for the whole loop, those that the caller saves first.
const HELD: [Gpr; 8] = [RAX, R10, R11, RBX, R12, R13, R14, R15];
/// How many of them nobody wants back.
const FREE: usize = 3;
/// No more vectors than this are put aside: they lie in a page of memory.
const MOST_ASIDE: usize = 60;

/// The type of numbers and how long vectors are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub double: bool,
    pub length: Length,
}

impl Shape {
    /// How many bytes a vector has.
    pub fn bytes(self) -> usize {
        match self.length {
            Length::One => self.size(),
            Length::Half => 32,
            Length::Full => 64,
        }
    }

    fn size(self) -> usize {
        if self.double { 8 } else { 4 }
    }
}

/// Appends a function that computes a formula over vectors: `(table, bytes)`, by the convention of System V, of the table of
/// addresses and how many bytes it goes, which are some whole vectors. `None` if it would put too many vectors aside.
pub(super) fn emit(formula: &Formula, shape: Shape, code: &mut Vec<u8>) -> Option<usize> {
    // The numbers behind the code are aligned as it is.
    code.resize(code.len().next_multiple_of(64), 0x90);
    let begin = code.len();
    let mut bases = Bases::of(formula, shape);
    let mut encoder = Encoder::new(Vec::with_capacity(formula.lines.len() * 12), shape.length);
    let room = encoder.enter(&bases.saved);
    bases.load(&mut encoder);
    let start = encoder.bytes.len();
    let mut emitter = Emitter::new(formula, shape, &mut bases, encoder);
    emitter.lines();
    let Emitter { mut encoder, aside, .. } = emitter;
    if aside > MOST_ASIDE {
        return None;
    }
    encoder.bytes[room..room + 4].copy_from_slice(&((aside * shape.bytes()) as u32).to_le_bytes());
    encoder.leave(start, shape.bytes() as u8, &bases.saved);
    encoder.settle(|number, bytes| {
        let one = number.bytes(shape.double);
        // Operations on the bits of one number read the whole register.
        bytes.extend((0..shape.bytes().max(16) / shape.size()).flat_map(|_| one.clone()));
    });
    code.extend(encoder.bytes);
    Some(begin)
}

/// Where the addresses of places are.
struct Bases {
    /// Whether the numbers are single ones, which are among the values, and not chunks and constants.
    single: bool,
    /// For each place that is read or written often the register that holds its address.
    held: Vec<(u32, Gpr)>,
    saved: Vec<Gpr>,
    /// The place whose address is in the register for all others.
    now: Option<u32>,
}

impl Bases {
    fn of(formula: &Formula, shape: Shape) -> Bases {
        let mut counts: Vec<(u32, usize)> = Vec::new();
        for line in &formula.lines {
            let (Line::Load(operand) | Line::Store(_, operand) | Line::Stream(_, operand)) = line else {
                continue;
            };
            if operand.base < PLACES {
                continue;
            }
            match counts.iter_mut().find(|(place, _)| *place == operand.base) {
                Some((_, count)) => *count += 1,
                None => counts.push((operand.base, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let held: Vec<(u32, Gpr)> = counts.iter().map(|(place, _)| *place).zip(HELD).collect();
        let saved = HELD.iter().copied().take(held.len()).skip(FREE).collect();
        Bases { single: shape.length == Length::One, held, saved, now: None }
    }

    fn load(&mut self, encoder: &mut Encoder) {
        self.now = None;
        let own = if self.single { [(VALUES, R8)].iter() } else { [(CONSTANTS, R9), (REGISTERS, R8)].iter() };
        for (place, register) in own.chain(&self.held) {
            encoder.load_address(*register, *place as i32 * 8);
        }
    }

    /// The register that holds an address now.
    fn base(&mut self, place: u32, encoder: &mut Encoder) -> Gpr {
        match place {
            CONSTANTS => return R9,
            REGISTERS | VALUES => return R8,
            _ => {}
        }
        if let Some((_, register)) = self.held.iter().find(|(other, _)| *other == place) {
            return *register;
        }
        if self.now.replace(place) != Some(place) {
            encoder.load_address(RDX, place as i32 * 8);
        }
        RDX
    }
}

/// Where a value can be read if it is in no register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    None,
    Place(Operand),
    Number(Pool),
    /// Among what was put aside.
    Aside(u32),
}

struct Emitter<'a> {
    lines: &'a [Line],
    shape: Shape,
    bases: &'a mut Bases,
    encoder: Encoder,
    /// For each value when it is read, the first of which is the next one.
    reads: Vec<VecDeque<u32>>,
    register: Vec<Option<u8>>,
    home: Vec<Home>,
    /// What is in each register.
    inside: Vec<Option<Value>>,
    /// The registers that operands of this line are in.
    locked: u32,
    /// A register for results on the way, which holds no value.
    scratch: u8,
    /// How many vectors were put aside at once at most, and which places of them are free.
    aside: usize,
    free_aside: Vec<u32>,
    /// Those that are free from the next line on: this one may read them last of all.
    left_aside: Vec<u32>,
    /// The values that lie where they are put or were loaded from.
    lying: FxHashMap<Operand, Value>,
}

impl<'a> Emitter<'a> {
    fn new(formula: &'a Formula, shape: Shape, bases: &'a mut Bases, encoder: Encoder) -> Emitter<'a> {
        let count = formula.lines.len();
        let mut reads = vec![VecDeque::new(); count];
        for (at, line) in formula.lines.iter().enumerate() {
            let mut read = |value: Value| reads[value as usize].push_back(at as u32);
            match *line {
                Line::Load(_) | Line::Number(_) => {}
                Line::One(_, a) | Line::Store(a, _) | Line::Stream(a, _) => read(a),
                Line::Two(_, a, b) => [a, b].into_iter().for_each(read),
                Line::Fma(a, b, c) | Line::Select(a, b, c) => [a, b, c].into_iter().for_each(read),
            }
        }
        let registers = if shape.length == Length::Full { 31 } else { 15 };
        Emitter {
            lines: &formula.lines,
            shape,
            bases,
            encoder,
            reads,
            register: vec![None; count],
            home: vec![Home::None; count],
            inside: vec![None; registers],
            locked: 0,
            scratch: registers as u8,
            aside: 0,
            free_aside: Vec::new(),
            left_aside: Vec::new(),
            lying: FxHashMap::default(),
        }
    }

    fn lines(&mut self) {
        for (at, line) in self.lines.iter().enumerate() {
            self.locked = 0;
            self.free_aside.append(&mut self.left_aside);
            let value = at as Value;
            match *line {
                Line::Load(operand) => {
                    self.home[at] = Home::Place(operand);
                    self.lying.insert(operand, value);
                }
                Line::Number(number) => self.home[at] = Home::Number(number),
                Line::One(op, a) => self.one(op, a, value),
                Line::Two(op, a, b) => self.two(op, a, b, value),
                Line::Fma(a, b, c) => self.fma(a, b, c, value),
                Line::Select(c, a, b) => self.select(c, a, b, value),
                Line::Store(a, operand) => self.store(a, operand),
                Line::Stream(a, operand) => self.stream(a, operand),
            }
        }
    }

    fn is_long(&self) -> bool {
        self.shape.length == Length::Full
    }

    /// An operation on numbers.
    fn float(&self, code: u8) -> Opcode {
        match self.shape.length {
            Length::One => Opcode { map: 1, prefix: 2 + u8::from(self.shape.double), wide: false, code },
            Length::Half | Length::Full => self.bits(code),
        }
    }

    /// An operation on the bits of whole registers.
    fn bits(&self, code: u8) -> Opcode {
        let double = self.shape.double;
        Opcode { map: 1, prefix: u8::from(double), wide: double && self.is_long(), code }
    }

    /// From one register to another.
    fn copy(&mut self, to: u8, from: u8) {
        self.plain(self.bits(0x28), to, 0, Last::Register(from));
    }

    fn plain(&mut self, opcode: Opcode, to: u8, middle: u8, last: Last) {
        self.encoder.vector(opcode, to, middle, last, Mask::default(), None);
    }

    fn memory(&mut self, home: Home) -> Option<Memory> {
        Some(match home {
            Home::None => return None,
            Home::Number(number) => Memory::Own(number),
            Home::Aside(place) => {
                Memory::At { base: RSP, displacement: place as i32 * self.shape.bytes() as i32, moves: false }
            }
            Home::Place(operand) => Memory::At {
                base: self.bases.base(operand.base, &mut self.encoder),
                displacement: operand.offset as i32 * self.shape.size() as i32,
                moves: operand.step != 0,
            },
        })
    }

    /// Whether a value is read no more, once the reads of this line are taken.
    fn is_done(&self, value: Value) -> bool {
        self.reads[value as usize].is_empty()
    }

    /// Takes the reads of this line, whose operands stay in the registers that they are in.
    fn take(&mut self, values: &[Value]) {
        for value in values {
            self.reads[*value as usize].pop_front();
            if let Some(register) = self.register[*value as usize] {
                self.locked |= 1 << register;
            }
        }
    }

    /// Gives the registers back of operands that are read no more.
    fn release(&mut self, values: &[Value]) {
        for value in values {
            if self.is_done(*value) {
                if let Some(register) = self.register[*value as usize].take() {
                    self.inside[register as usize] = None;
                }
                if let Home::Aside(place) = self.home[*value as usize] {
                    self.home[*value as usize] = Home::None;
                    self.left_aside.push(place);
                }
            }
        }
    }

    /// A register, whatever is in it is put aside if it lies nowhere.
    fn any(&mut self) -> u8 {
        if let Some(free) = self.inside.iter().position(Option::is_none) {
            return free as u8;
        }
        let next = |value: &Option<Value>| {
            value.map_or(u32::MAX, |value| self.reads[value as usize].front().copied().unwrap_or(u32::MAX))
        };
        let unlocked = self.inside.iter().enumerate().filter(|(at, _)| self.locked >> at & 1 == 0);
        // Four registers at most are locked, of fifteen at least.
        let register = unlocked.max_by_key(|(_, value)| next(value)).map_or(0, |(at, _)| at) as u8;
        if let Some(value) = self.inside[register as usize].take() {
            self.register[value as usize] = None;
            if self.home[value as usize] == Home::None && !self.is_done(value) {
                let place = self.free_aside.pop().unwrap_or_else(|| {
                    self.aside += 1;
                    self.aside as u32 - 1
                });
                self.home[value as usize] = Home::Aside(place);
                self.write(register, Home::Aside(place));
            }
        }
        register
    }

    fn write(&mut self, register: u8, to: Home) {
        if let Some(memory) = self.memory(to) {
            self.plain(self.float(0x11), register, 0, Last::Memory(memory));
        }
    }

    /// Puts a value that lies somewhere into a register.
    fn load(&mut self, value: Value, register: u8) {
        debug_assert_ne!(self.home[value as usize], Home::None, "what lies nowhere is in a register");
        if let Some(memory) = self.memory(self.home[value as usize]) {
            self.plain(self.float(0x10), register, 0, Last::Memory(memory));
        }
    }

    /// The register that a value is in, for this line.
    fn in_register(&mut self, value: Value) -> u8 {
        let register = match self.register[value as usize] {
            Some(register) => register,
            None => {
                let register = self.any();
                self.load(value, register);
                self.hold(value, register);
                register
            }
        };
        self.locked |= 1 << register;
        register
    }

    fn hold(&mut self, value: Value, register: u8) {
        self.register[value as usize] = Some(register);
        self.inside[register as usize] = Some(value);
        self.locked |= 1 << register;
    }

    /// A value as the last operand: in memory if it is in no register and is read no more.
    fn last(&mut self, value: Value) -> Last {
        if self.register[value as usize].is_none()
            && self.is_done(value)
            && let Some(memory) = self.memory(self.home[value as usize])
        {
            return Last::Memory(memory);
        }
        Last::Register(self.in_register(value))
    }

    /// A register for the result of this line, whose operands are `values`: that of one which is read no more, or another.
    fn result(&mut self, value: Value, values: &[Value]) -> u8 {
        self.release(values);
        let register = self.any();
        self.hold(value, register);
        register
    }

    /// A register for the result which is none of the operands'.
    fn apart(&mut self, value: Value, values: &[Value]) -> u8 {
        let register = self.any();
        self.hold(value, register);
        self.release(values);
        register
    }

    fn one(&mut self, op: One, a: Value, value: Value) {
        self.take(&[a]);
        let (opcode, immediate) = match op {
            One::Neg => return self.sign(0x57, Pool::Sign, a, value),
            One::Abs => return self.sign(0x54, Pool::Magnitude, a, value),
            One::Sqrt => (self.float(0x51), None),
            One::Floor => (self.rounding(), Some(0b1001)),
            One::Ceil => (self.rounding(), Some(0b1010)),
        };
        let last = self.last(a);
        let to = self.result(value, &[a]);
        // With one number the rest of the register is that of another one.
        let middle = if self.shape.length == Length::One { to } else { 0 };
        self.encoder.vector(opcode, to, middle, last, Mask::default(), immediate);
    }

    /// `vroundpd` and its like.
    fn rounding(&self) -> Opcode {
        let wide = self.shape.double && self.is_long();
        let one = 2 * u8::from(self.shape.length == Length::One);
        Opcode { map: 3, prefix: 1, wide, code: 8 + one + u8::from(self.shape.double) }
    }

    fn sign(&mut self, code: u8, number: Pool, a: Value, value: Value) {
        let register = self.in_register(a);
        let to = self.result(value, &[a]);
        self.plain(self.bits(code), to, register, Last::Memory(Memory::Own(number)));
    }

    fn two(&mut self, op: Two, a: Value, b: Value, value: Value) {
        self.take(&[a, b]);
        let code = match op {
            Two::Add => 0x58,
            Two::Mul => 0x59,
            Two::Sub => 0x5C,
            Two::Div => 0x5E,
            Two::Min => return self.extremum(0x5D, a, b, value),
            Two::Max => return self.extremum(0x5F, a, b, value),
            Two::Less => return self.compare(0x11, a, b, value),
            Two::LessEqual => return self.compare(0x12, a, b, value),
            Two::Equal => return self.compare(0x00, a, b, value),
            Two::Unequal => return self.compare(0x04, a, b, value),
            Two::And => return self.both(true, a, b, value),
            Two::Or => return self.both(false, a, b, value),
        };
        let turns = matches!(op, Two::Add | Two::Mul);
        let is_in = |emitter: &Self, value: Value| emitter.register[value as usize].is_some();
        let (a, b) = if turns && !is_in(self, a) && is_in(self, b) { (b, a) } else { (a, b) };
        let first = self.in_register(a);
        let last = self.last(b);
        let to = self.result(value, &[a, b]);
        self.plain(self.float(code), to, first, last);
    }

    /// The processor's instruction gives its second operand where either is NaN: so the first one is put back where that is
    /// NaN.
    fn extremum(&mut self, code: u8, a: Value, b: Value, value: Value) {
        let first = self.in_register(a);
        let last = self.last(b);
        let to = self.apart(value, &[a, b]);
        self.plain(self.float(code), to, first, last);
        self.test(0x03, first, Last::Register(first), 1);
        self.choose(to, to, first);
    }

    /// Compares into the register for results on the way, or the mask of this number.
    fn test(&mut self, predicate: u8, a: u8, b: Last, mask: u8) {
        let to = if self.is_long() { mask } else { self.scratch };
        self.encoder.vector(self.float(0xC2), to, a, b, Mask::default(), Some(predicate));
    }

    /// `yes` where the last test holds, else `no`.
    fn choose(&mut self, to: u8, no: u8, yes: u8) {
        if self.is_long() {
            let blend = Opcode { map: 2, prefix: 1, wide: self.shape.double, code: 0x65 };
            let mask = Mask { register: 1, zeroing: false };
            self.encoder.vector(blend, to, no, Last::Register(yes), mask, None);
        } else {
            let blend = Opcode { map: 3, prefix: 1, wide: false, code: 0x4A + u8::from(self.shape.double) };
            let mask = self.scratch << 4;
            self.encoder.vector(blend, to, no, Last::Register(yes), Mask::default(), Some(mask));
        }
    }

    /// 1 where the last test holds, else 0.
    fn truth(&mut self, to: u8) {
        let one = Last::Memory(Memory::Own(Pool::One));
        if self.is_long() {
            let mask = Mask { register: 1, zeroing: true };
            self.encoder.vector(self.float(0x10), to, 0, one, mask, None);
        } else {
            self.plain(self.bits(0x54), to, self.scratch, one);
        }
    }

    fn compare(&mut self, predicate: u8, a: Value, b: Value, value: Value) {
        let first = self.in_register(a);
        let last = self.last(b);
        self.test(predicate, first, last, 1);
        let to = self.result(value, &[a, b]);
        self.truth(to);
    }

    /// Whether both are not 0, or one of them.
    fn both(&mut self, both: bool, a: Value, b: Value, value: Value) {
        const UNEQUAL: u8 = 0x04;
        let zero = Last::Memory(Memory::Own(Pool::Zero));
        let (first, second) = (self.in_register(a), self.in_register(b));
        self.test(UNEQUAL, first, zero, 1);
        if self.is_long() {
            if both {
                let mask = Mask { register: 1, zeroing: false };
                self.encoder.vector(self.float(0xC2), 1, second, zero, mask, Some(UNEQUAL));
            } else {
                self.test(UNEQUAL, second, zero, 2);
                self.encoder.or_masks(1, 2);
            }
            let to = self.result(value, &[a, b]);
            self.truth(to);
        } else {
            let to = self.apart(value, &[a, b]);
            self.encoder.vector(self.float(0xC2), to, second, zero, Mask::default(), Some(UNEQUAL));
            let join = self.bits(if both { 0x54 } else { 0x56 });
            self.plain(join, self.scratch, self.scratch, Last::Register(to));
            self.truth(to);
        }
    }

    fn select(&mut self, condition: Value, a: Value, b: Value, value: Value) {
        self.take(&[condition, a, b]);
        let tested = self.in_register(condition);
        self.test(0x04, tested, Last::Memory(Memory::Own(Pool::Zero)), 1);
        let (yes, no) = (self.in_register(a), self.in_register(b));
        let to = self.result(value, &[condition, a, b]);
        self.choose(to, no, yes);
    }

    fn fma(&mut self, a: Value, b: Value, c: Value, value: Value) {
        self.take(&[a, b, c]);
        let is_in = |emitter: &Self, value: Value| emitter.register[value as usize].is_some();
        let ends = |emitter: &Self, value: Value| is_in(emitter, value) && emitter.is_done(value);
        let one = u8::from(self.shape.length == Length::One);
        let wide = self.shape.double;
        let code = |code: u8| Opcode { map: 2, prefix: 1, wide, code: code + one };
        // One of the operands gives its register to the result: the sum, or else a factor.
        let (a, b) = if ends(self, b) && !ends(self, a) { (b, a) } else { (a, b) };
        if !ends(self, c) && ends(self, a) && a != b && a != c {
            // a = b*a + c
            let to = self.in_register(a);
            let second = self.in_register(b);
            let last = self.last(c);
            self.plain(code(0xA8), to, second, last);
            return self.replace(a, value, &[b, c]);
        }
        let (a, b) = if !is_in(self, a) && is_in(self, b) { (b, a) } else { (a, b) };
        let first = self.in_register(a);
        if ends(self, c) && c != a && c != b {
            // c = a*b + c
            let to = self.in_register(c);
            let last = self.last(b);
            self.plain(code(0xB8), to, first, last);
            return self.replace(c, value, &[a, b]);
        }
        // Each of the operands that are read where they lie uses its address before the next one's is looked up.
        let sum = self.last(c);
        let to = self.apart(value, &[]);
        match sum {
            Last::Register(sum) => self.copy(to, sum),
            Last::Memory(_) => self.plain(self.float(0x10), to, 0, sum),
        }
        let last = self.last(b);
        self.plain(code(0xB8), to, first, last);
        self.release(&[a, b, c]);
    }

    /// The result of this line is in the register of an operand, which is read no more.
    fn replace(&mut self, operand: Value, value: Value, others: &[Value]) {
        if let Some(register) = self.register[operand as usize].take() {
            self.release(&[operand]);
            self.hold(value, register);
        }
        self.release(others);
    }

    fn store(&mut self, value: Value, operand: Operand) {
        self.take(&[value]);
        // What lay there is still read.
        if let Some(before) = self.lying.insert(operand, value)
            && before != value
        {
            if !self.is_done(before) {
                self.in_register(before);
            }
            self.home[before as usize] = Home::None;
        }
        let register = self.in_register(value);
        self.write(register, Home::Place(operand));
        if self.home[value as usize] == Home::None {
            self.home[value as usize] = Home::Place(operand);
        }
        self.release(&[value]);
    }

    /// Past the caches, where nobody reads it soon.
    fn stream(&mut self, value: Value, operand: Operand) {
        self.take(&[value]);
        let register = self.in_register(value);
        if let Some(memory) = self.memory(Home::Place(operand)) {
            self.plain(self.bits(0x2B), register, 0, Last::Memory(memory));
        }
        self.release(&[value]);
    }
}
