//! Nests run: the outer loops counted, chunks of the inner one handed to kernels.
//!
//! Every access is a pointer that the loops move. The memory safety of this rests on [`Program::check`], which
//! [`Machine`](super::Machine) insists on: each address that the loops of a nest can reach lies inside its tensor, and
//! indices that are computed are looked at before they are used. All other memory is that of [`Code`]'s layout.

#![allow(unsafe_code)]

mod puts;

use smallvec::SmallVec;

use super::Real;
use super::nest::{CHUNK, Code, Operand, PLACES, Picked, Place, Put, Slow, Stage, Step, VALUES};
use crate::ir::{How, RunError, Scalar, Test, joined};
use crate::vector::{LINE, Source, fence, fetch};

/// Where a run of a program finds its numbers.
pub(super) struct Rooms<'a, T> {
    /// The first entry of each tensor.
    pub starts: &'a [*mut T],
    /// The numbers that stand for vectors of themselves.
    pub constants: *mut T,
    /// Chunks for what is computed on the way.
    pub registers: *mut T,
}

impl<T> Clone for Rooms<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Rooms<'_, T> {}

/// The addresses of a nest at a trip: what operands are relative to, then accesses.
pub(super) type Table<T> = SmallVec<[*mut T; 32]>;

/// Runs a nest over the part of its trips whose first outer loop, or without outer loops whose vector, is in `range`;
/// `table` is room for addresses.
///
/// # Safety
/// The nest belongs to a program that passes its check; `rooms` holds its tensors, as long as they are declared, and the
/// room for constants and registers that the nest was laid out for. Nobody else writes what the nest reads, or reads or
/// writes what it writes.
pub(super) unsafe fn run<T: Real>(
    code: &Code<T>,
    rooms: Rooms<'_, T>,
    values: &mut [f64],
    table: &mut Table<T>,
    range: std::ops::Range<usize>,
) -> Result<(), RunError> {
    table.clear();
    table.extend([rooms.constants, rooms.registers, std::ptr::null_mut()]);
    let (mut first, mut from, mut to) = (0, 0, code.inner);
    match code.outer.first() {
        Some(_) => first = range.start,
        None => (from, to) = (range.start, range.end),
    }
    for place in &code.places {
        let far =
            place.outer.first().map_or(0, |stride| stride * first as isize) + place.inner * from as isize;
        table.push(rooms.starts[place.tensor.index()].wrapping_offset(place.offset + far));
    }
    let turns = |axis: usize| if axis == 0 { range.len() } else { code.outer[axis] };
    if from >= to || (0..code.outer.len()).any(|axis| turns(axis) == 0) {
        return Ok(());
    }
    let looked_up = vec![UNKNOWN; code.looked_up as usize * code.inner];
    let trip = SmallVec::from_elem(0, code.outer.len());
    let mut running = Running { code, table, starts: rooms.starts, values, trip, first, looked_up };
    // Safety: the table holds the addresses of the first turn.
    unsafe {
        running.scalars(0..code.steady_scalars)?;
        running.spread(0..code.steady_spreads);
        running.point(&code.fixed[..code.steady_fixed], 1)?;
    }
    let result = loop {
        // Safety: the table holds the addresses of this turn.
        if let Err(error) = unsafe { running.turn(from, to) } {
            break Err(error);
        }
        // The innermost loop with trips left goes on, and those inside begin again.
        let Some(axis) = (0..code.outer.len()).rev().find(|axis| running.trip[*axis] + 1 < turns(*axis))
        else {
            break Ok(());
        };
        running.trip[axis] += 1;
        running.trip[axis + 1..].fill(0);
        for (pointer, far) in running.table[PLACES as usize..].iter_mut().zip(code.moves(axis)) {
            *pointer = pointer.wrapping_offset(*far);
        }
    };
    if code.writes.iter().any(|write| matches!(write, Put::Stream(..))) {
        fence();
    }
    result
}

struct Running<'a, T: Real> {
    code: &'a Code<T>,
    table: &'a mut Table<T>,
    /// The first entry of each tensor.
    starts: &'a [*mut T],
    /// The values that do not change along the vector.
    values: &'a mut [f64],
    trip: SmallVec<[usize; 3]>,
    /// The first trip of the first outer loop.
    first: usize,
    /// How far the indices point that are the same for each turn, number by number.
    looked_up: Vec<isize>,
}

/// What was not looked up yet; no entry is as far away.
const UNKNOWN: isize = isize::MIN;

impl<T: Real> Running<'_, T> {
    #[inline]
    fn move_by(&mut self, far: impl Fn(&Place) -> isize) {
        for (pointer, place) in self.table[PLACES as usize..].iter_mut().zip(&self.code.places) {
            *pointer = pointer.wrapping_offset(far(place));
        }
    }

    /// One turn of the outer loops.
    ///
    /// # Safety
    /// That of [`run`], with the table at the first trip of the turn.
    unsafe fn turn(&mut self, from: usize, to: usize) -> Result<(), RunError> {
        let code = self.code;
        // Safety: the conditions are the same for all of these.
        unsafe {
            self.scalars(code.steady_scalars..code.scalars.len())?;
            if code.alone {
                return code.writes.iter().try_for_each(|write| self.put_one(write));
            }
            self.spread(code.steady_spreads..code.spreads.len());
            let fixed = &code.fixed[code.steady_fixed..];
            self.point(fixed, 1)?;
            let (mut start, mut last) = (from, from);
            let mut most = code.aligned.map_or(CHUNK, |at| self.to_a_line(at));
            while start < to {
                let length = (to - start).min(most);
                most = CHUNK;
                for at in &code.ahead {
                    fetch(
                        self.table[(PLACES + at) as usize].wrapping_add(length),
                        CHUNK.min(to - start - length),
                    );
                }
                if length.is_multiple_of(code.width) {
                    let direct =
                        !code.direct.is_empty() && code.direct.iter().all(|at| self.begins_a_line(*at));
                    let chunk = Chunk { code, table: self.table, values: self.values, start, length, direct };
                    chunk.steps(&mut self.looked_up)?;
                    chunk.puts(self.table)?;
                } else {
                    self.staged(start, length)?;
                }
                last = start;
                start += length;
                if start < to {
                    self.move_by(|place| place.inner * length as isize);
                }
            }
            if last > from && !code.outer.is_empty() {
                self.move_by(|place| -place.inner * (last - from) as isize);
            }
            self.point(fixed, -1)
        }
    }

    /// How many numbers come before the first line of the caches that begins at a place or behind it; a chunk where one does.
    fn to_a_line(&self, at: u32) -> usize {
        match self.table[(PLACES + at) as usize].align_offset(LINE) {
            0 => CHUNK,
            far => far.min(CHUNK),
        }
    }

    fn begins_a_line(&self, at: u32) -> bool {
        self.table[(PLACES + at) as usize].addr().is_multiple_of(LINE)
    }

    /// Moves the addresses to where indices point that stay the same along the vector, or back.
    #[inline]
    fn point(&mut self, fixed: &[u32], by: isize) -> Result<(), RunError> {
        for at in fixed {
            let far = picked(&self.code.places[*at as usize].fixed, |_| 0.0, self.values)?;
            let pointer = &mut self.table[(PLACES + at) as usize];
            *pointer = pointer.wrapping_offset(by * far);
        }
        Ok(())
    }

    /// A chunk that fills no whole number of vectors: what it reads and writes side by side is copied to where there is room
    /// behind it, if there is none where it lies.
    ///
    /// # Safety
    /// That of [`run`], with the table at the first trip of the chunk.
    unsafe fn staged(&mut self, start: usize, length: usize) -> Result<(), RunError> {
        let code = self.code;
        let mut saved: SmallVec<[(&Stage, *mut T); 16]> = SmallVec::new();
        let full = length.next_multiple_of(code.width);
        for stage in &code.stages {
            let at = (PLACES + stage.place) as usize;
            let start = self.starts[code.places[stage.place as usize].tensor.index()];
            let before = (self.table[at] as usize).wrapping_sub(start as usize) / size_of::<T>();
            if stage.room.start <= before && before + full <= stage.room.end {
                continue;
            }
            // Safety: a register holds a chunk, and `length` entries lie side by side at the place.
            unsafe {
                let room = self.table[1].add(stage.register as usize * CHUNK);
                saved.push((stage, self.table[at]));
                if !stage.writes {
                    std::ptr::copy_nonoverlapping(self.table[at], room, length);
                    // What stands behind is an argument too, so let it be one that is there anyway.
                    let last = room.add(length - 1).read();
                    (length..full).for_each(|i| room.add(i).write(last));
                }
                self.table[at] = room;
            }
        }
        let chunk = Chunk { code, table: self.table, values: self.values, start, length, direct: false };
        // Safety: the staged table has room for whole vectors; results go back to where they belong.
        let done = unsafe {
            chunk.steps(&mut self.looked_up).and_then(|()| {
                for (Stage { place, .. }, to) in saved.iter().filter(|(stage, _)| stage.writes) {
                    std::ptr::copy_nonoverlapping(self.table[(PLACES + place) as usize], *to, length);
                }
                chunk.puts(self.table)
            })
        };
        for (Stage { place, .. }, before) in saved {
            self.table[(PLACES + place) as usize] = before;
        }
        done
    }

    /// Spreads values out for kernels.
    ///
    /// # Safety
    /// That of [`run`].
    #[inline]
    unsafe fn spread(&mut self, which: std::ops::Range<usize>) {
        for (value, offset) in &self.code.spreads[which] {
            let x = T::from_f64(self.values[*value as usize]);
            // Safety: the layout of the code has made room for them.
            unsafe {
                let room = self.table[0].add(*offset);
                (0..T::PARTIAL).for_each(|i| room.add(i).write(x));
            }
        }
    }

    /// The values that do not change along the vector.
    ///
    /// # Safety
    /// That of [`run`], with the table at the first trip of the turn.
    #[inline]
    unsafe fn scalars(&mut self, which: std::ops::Range<usize>) -> Result<(), RunError> {
        for slow in &self.code.scalars[which] {
            let (op, to) = match slow {
                Slow::One { op, to } => (*op, *to as usize),
                Slow::Assembled(function) => {
                    self.table[VALUES as usize] = self.values.as_mut_ptr().cast();
                    // Safety: the table is that of this turn.
                    unsafe { function.call(self.table, size_of::<f64>()) };
                    continue;
                }
            };
            debug_assert!(to < self.values.len());
            // Safety: there is a place for each operation of the body, and operands are such, by the check.
            let of = |value: u32| unsafe { *self.values.get_unchecked(value as usize) };
            let truth = |holds: bool| f64::from(u8::from(holds));
            let value = match op {
                Scalar::Read(read) => {
                    // Safety: there is a place for each read, and an address for each place, which lies inside its tensor
                    // by the check and by `far`.
                    unsafe {
                        let place = self.code.places.get_unchecked(read as usize);
                        let start = *self.table.get_unchecked((PLACES + read) as usize);
                        let far = if place.picks.is_empty() {
                            0
                        } else {
                            picked(&place.picks, |_| 0.0, self.values)?
                        };
                        start.offset(far).read().to_f64()
                    }
                }
                Scalar::Number(bits) => bits.get(),
                Scalar::Trip(axis) => {
                    let before = if axis == 0 { self.first } else { 0 };
                    (self.trip[axis as usize] + before) as f64 + 1.0
                }
                Scalar::Neg(a) => -of(a),
                Scalar::Add(a, b) => of(a) + of(b),
                Scalar::Sub(a, b) => of(a) - of(b),
                Scalar::Mul(a, b) => of(a) * of(b),
                Scalar::Div(a, b) => of(a) / of(b),
                Scalar::Fma(a, b, c) => of(a).mul_add(of(b), of(c)),
                Scalar::Compare(Test::Less, a, b) => truth(of(a) < of(b)),
                Scalar::Compare(Test::LessEqual, a, b) => truth(of(a) <= of(b)),
                Scalar::Compare(Test::Equal, a, b) => truth(of(a) == of(b)),
                Scalar::Not(a) => truth(of(a) == 0.0),
                Scalar::And(a, b) => truth(of(a) != 0.0 && of(b) != 0.0),
                Scalar::Or(a, b) => truth(of(a) != 0.0 || of(b) != 0.0),
                Scalar::Select(c, a, b) => of(if of(c) != 0.0 { a } else { b }),
                Scalar::Call1(..) | Scalar::Call2(..) | Scalar::Call3(..) => {
                    op.evaluate(|_| f64::NAN, |_| f64::NAN, of)
                }
            };
            // Safety: as for the operands.
            unsafe { *self.values.get_unchecked_mut(to) = T::rounded(value) };
        }
        Ok(())
    }

    /// A write of a nest whose values are all single numbers.
    ///
    /// # Safety
    /// As [`Running::scalars`].
    #[inline]
    unsafe fn put_one(&self, write: &Put<T>) -> Result<(), RunError> {
        let Put::One(how, value, at) = write else { return Ok(()) };
        let far = self.code.places[*at as usize].far(|_| 0.0, self.values, 0)?;
        // Safety: inside its tensor by the check and by `far`.
        unsafe { join(*how, self.table[(PLACES + at) as usize].offset(far), self.values[*value as usize]) };
        Ok(())
    }
}

/// Joins a number with what stands at a place.
///
/// # Safety
/// The place may be read and written.
#[inline]
unsafe fn join<T: Real>(how: How, at: *mut T, value: f64) {
    // Safety: by the condition.
    unsafe {
        let joined = if how == How::Set { value } else { joined(how, at.read().to_f64(), value) };
        at.write(T::from_f64(joined));
    }
}

/// A chunk of the vector.
struct Chunk<'a, T: Real> {
    code: &'a Code<T>,
    table: &'a [*mut T],
    values: &'a [f64],
    /// The first trip, and how many there are.
    start: usize,
    length: usize,
    /// Whether steps write past the caches themselves.
    direct: bool,
}

impl<T: Real> Chunk<'_, T> {
    /// Where an operand begins.
    ///
    /// # Safety
    /// Those of all methods: the table is that of this chunk, with room for whole vectors where operands are.
    #[inline(always)]
    unsafe fn start(&self, operand: Operand) -> *mut T {
        // Safety: the layout of the code has made room for it.
        unsafe { self.table.get_unchecked(operand.base as usize).add(operand.offset as usize) }
    }

    #[inline(always)]
    unsafe fn sources<const A: usize>(&self, operands: &[Operand; A]) -> [Source<T>; A] {
        operands
            // Safety: as for `start`.
            .map(|o| Source { start: unsafe { self.start(o) }.cast_const(), step: o.step as usize })
    }

    /// One number of an operand.
    unsafe fn number(&self, operand: Operand, at: usize) -> f64 {
        let at = if operand.step == 0 { 0 } else { at };
        // Safety: as for `start`; `at` is below the length of the chunk.
        unsafe { self.start(operand).add(at).read().to_f64() }
    }

    unsafe fn steps(&self, looked_up: &mut [isize]) -> Result<(), RunError> {
        let count = self.length.div_ceil(self.code.width);
        // Safety: kernels were looked up for this machine, and operands have room for `count` vectors.
        unsafe {
            for step in self
                .code
                .guarded
                .iter()
                .filter(|part| part.holds(self.values))
                .flat_map(|part| &self.code.steps[part.steps.clone()])
            {
                match step {
                    Step::One(_, kernel, from, to) => {
                        kernel.call_raw(count, &self.sources(from), self.start(*to));
                    }
                    Step::Two(_, kernel, from, to) => {
                        kernel.call_raw(count, &self.sources(from), self.start(*to));
                    }
                    Step::Three(_, kernel, from, to) => {
                        kernel.call_raw(count, &self.sources(from), self.start(*to));
                    }
                    Step::SinCos(kernel, from, [sine, cosine]) => {
                        let sources = self.sources(&[*from]);
                        kernel.call_raw(count, &sources, self.start(*sine), self.start(*cosine));
                    }
                    Step::Collect(read, to, None) => self.collect(*read, self.start(*to))?,
                    Step::Collect(read, to, Some(slot)) => {
                        let begin = *slot as usize * self.code.inner + self.start;
                        let far = &mut looked_up[begin..begin + self.length];
                        self.collect_known(*read, far, self.start(*to))?;
                    }
                    Step::Assembled(function, direct) => {
                        let function = direct.as_ref().filter(|_| self.direct).unwrap_or(function);
                        function.call(self.table, count * self.code.width * size_of::<T>());
                    }
                    Step::Count(to) => {
                        let room = self.start(*to);
                        for at in 0..count * self.code.width {
                            room.add(at).write(T::from_f64((self.start + at) as f64 + 1.0));
                        }
                    }
                    Step::Each(f, args, to) => {
                        let (kernel, room) = (f.row().kernel, self.start(*to));
                        let mut values: SmallVec<[f64; 3]> = SmallVec::from_elem(0.0, args.len());
                        for at in 0..self.length {
                            for (value, operand) in values.iter_mut().zip(args) {
                                *value = self.number(*operand, at);
                            }
                            room.add(at).write(T::from_f64(kernel.call(&values).unwrap_or(f64::NAN)));
                        }
                        self.pad(room);
                    }
                }
            }
        }
        Ok(())
    }

    /// Fills the last vector of a register with its last number.
    unsafe fn pad(&self, room: *mut T) {
        // Safety: a register holds whole vectors, and a chunk is not empty.
        unsafe {
            let last = room.add(self.length - 1).read();
            (self.length..self.length.next_multiple_of(self.code.width))
                .for_each(|i| room.add(i).write(last));
        }
    }

    /// How far the entries are from the first one.
    unsafe fn look_up(&self, place: &Place, far: &mut [isize]) -> Result<(), RunError> {
        // Safety: as for `start`.
        unsafe {
            if let [Picked { operand: Some(operand), stride, size, .. }] = place.picks[..]
                && operand.step != 0
            {
                let index = self.start(operand);
                for (at, far) in far.iter_mut().enumerate() {
                    let entry = entry(index.add(at).read().to_f64(), size)?;
                    *far = place.inner * at as isize + entry * stride;
                }
                return Ok(());
            }
            for (at, far) in far.iter_mut().enumerate() {
                *far = place.far(|operand| self.number(operand, at), self.values, at)?;
            }
        }
        Ok(())
    }

    /// Entries that do not lie side by side.
    unsafe fn collect(&self, read: u32, room: *mut T) -> Result<(), RunError> {
        let place = &self.code.places[read as usize];
        let start = self.table[(PLACES + read) as usize];
        // Safety: each entry lies inside its tensor, by the check and by `far`.
        unsafe {
            if place.picks.is_empty() {
                let mut from = start;
                for at in 0..self.length {
                    room.add(at).write(from.read());
                    from = from.wrapping_offset(place.inner);
                }
            } else if let [Picked { operand: Some(operand), stride, size, .. }] = place.picks[..]
                && operand.step != 0
            {
                let index = self.start(operand);
                for at in 0..self.length {
                    let entry = entry(index.add(at).read().to_f64(), size)?;
                    room.add(at).write(start.offset(place.inner * at as isize + entry * stride).read());
                }
            } else {
                for at in 0..self.length {
                    let far = place.far(|operand| self.number(operand, at), self.values, at)?;
                    room.add(at).write(start.offset(far).read());
                }
            }
            self.pad(room);
        }
        Ok(())
    }

    /// Entries whose indices are the same for each turn of the outer loops: `far` holds how far they point, from the first
    /// turn on that asks for them.
    unsafe fn collect_known(&self, read: u32, far: &mut [isize], room: *mut T) -> Result<(), RunError> {
        let place = &self.code.places[read as usize];
        let start = self.table[(PLACES + read) as usize];
        // Safety: each entry lies inside its tensor, by the check and by `Place::far`.
        unsafe {
            // From the first to the last one, so that the last one tells.
            if far.last() == Some(&UNKNOWN) {
                self.look_up(place, far)?;
            }
            for (at, far) in far.iter().enumerate() {
                room.add(at).write(start.offset(*far).read());
            }
            self.pad(room);
        }
        Ok(())
    }
}

impl Place {
    /// How far an access is from its address, at a place of the chunk.
    #[inline]
    fn far(&self, number: impl Fn(Operand) -> f64, values: &[f64], at: usize) -> Result<isize, RunError> {
        Ok(self.inner * at as isize + picked(&self.picks, number, values)?)
    }
}

/// How far indices point.
#[inline]
fn picked(picks: &[Picked], number: impl Fn(Operand) -> f64, values: &[f64]) -> Result<isize, RunError> {
    let mut far = 0;
    for pick in picks {
        let value = match pick.operand {
            Some(operand) => number(operand),
            None => values[pick.index as usize],
        };
        far += entry(value, pick.size)? * pick.stride;
    }
    Ok(far)
}

/// Which entry of an axis an index names, counted from 0.
#[inline(always)]
fn entry(value: f64, size: usize) -> Result<isize, RunError> {
    if value >= 1.0 && value <= size as f64 {
        // Safety: the number is not NaN and lies in the range of the type.
        let whole = unsafe { value.to_int_unchecked::<isize>() };
        if whole as f64 == value {
            return Ok(whole - 1);
        }
    }
    Err(RunError::Index { value, size })
}
