//! Nests run: the outer loops counted, chunks of the inner one handed to kernels.

use std::cell::Cell;

use smallvec::SmallVec;

use super::nest::{Address, CHUNK, Code, Put, Slow, Source, Step, Target};
use super::{Memory, Real};
use crate::ir::{How, RunError, joined};
use crate::vector::Input;

struct Running<'a, T: Real> {
    code: &'a Code<T>,
    memory: &'a Memory<'a, T>,
    registers: &'a [Cell<T>],
    values: &'a [f64],
    /// Where each access stands at this turn of the outer loops.
    bases: &'a [isize],
    /// The first trip of the chunk, and how many there are.
    start: usize,
    length: usize,
}

/// Runs a nest over the part of its trips whose first outer loop, or without outer loops whose vector, is in `range`.
pub(super) fn run<T: Real>(
    code: &Code<T>,
    memory: &Memory<T>,
    registers: &[Cell<T>],
    values: &mut [f64],
    range: std::ops::Range<usize>,
) -> Result<(), RunError> {
    let mut outer = code.outer.clone();
    let (from, to) = match outer.first_mut() {
        Some(first) => {
            *first = range.len();
            (0, code.inner)
        }
        None => (range.start, range.end),
    };
    if outer.contains(&0) || from >= to {
        return Ok(());
    }
    let mut trip: SmallVec<[usize; 3]> = SmallVec::from_elem(0, outer.len());
    let first = if outer.is_empty() { 0 } else { range.start };
    let mut bases: SmallVec<[isize; 16]> = code
        .places
        .iter()
        .map(|place| place.offset + place.outer.first().map_or(0, |stride| stride * first as isize))
        .collect();
    loop {
        for slow in &code.scalars {
            let value = scalar(code, memory, slow, values, &bases, &trip, first)?;
            values[slow.to as usize] = T::rounded(value);
        }
        let mut start = from;
        while start < to {
            let length = (to - start).min(CHUNK);
            let running = Running { code, memory, registers, values, bases: &bases, start, length };
            running.chunk()?;
            start += length;
        }
        let mut axis = outer.len();
        loop {
            if axis == 0 {
                return Ok(());
            }
            axis -= 1;
            trip[axis] += 1;
            for (base, place) in bases.iter_mut().zip(&code.places) {
                *base += place.outer[axis];
            }
            if trip[axis] < outer[axis] {
                break;
            }
            for (base, place) in bases.iter_mut().zip(&code.places) {
                *base -= place.outer[axis] * outer[axis] as isize;
            }
            trip[axis] = 0;
        }
    }
}

/// One operation on single numbers.
fn scalar<T: Real>(
    code: &Code<T>,
    memory: &Memory<T>,
    slow: &Slow,
    values: &[f64],
    bases: &[isize],
    trip: &[usize],
    first: usize,
) -> Result<f64, RunError> {
    let wrong = Cell::new(None);
    let read = |read: u32| {
        let place = &code.places[read as usize];
        let mut at = bases[read as usize];
        for (index, stride, size) in &place.picks {
            let value = match index {
                Source::Number(bits) => bits.get(),
                Source::One(value) => values[*value as usize],
                // What is read once a turn is picked by what is known once a turn.
                Source::Register(_) | Source::Memory(_) => f64::NAN,
            };
            match picked(value, *stride, *size) {
                Ok(far) => at += far,
                Err(error) => {
                    wrong.set(Some(error));
                    return f64::NAN;
                }
            }
        }
        memory.get(place.tensor, at).to_f64()
    };
    let counted = |axis: u32| {
        let axis = axis as usize;
        (trip[axis] + if axis == 0 { first } else { 0 }) as f64 + 1.0
    };
    let value = slow.op.evaluate(read, counted, |value| values[value as usize]);
    wrong.into_inner().map_or(Ok(value), Err)
}

/// How far an index that is computed goes.
fn picked(value: f64, stride: isize, size: usize) -> Result<isize, RunError> {
    if value.fract() == 0.0 && value >= 1.0 && value <= size as f64 {
        Ok((value as isize - 1) * stride)
    } else {
        Err(RunError::Index { value, size })
    }
}

impl<'a, T: Real> Running<'a, T> {
    fn chunk(&self) -> Result<(), RunError> {
        for step in &self.code.steps {
            match step {
                Step::One(kernel, [a], to) => kernel.call([self.input(*a)], self.output(*to)),
                Step::Two(kernel, [a, b], to) => {
                    kernel.call([self.input(*a), self.input(*b)], self.output(*to));
                }
                Step::Three(kernel, [a, b, c], to) => {
                    kernel.call([self.input(*a), self.input(*b), self.input(*c)], self.output(*to));
                }
                Step::SinCos(kernel, a, [sine, cosine]) => {
                    kernel.call(self.input(*a), self.output(*sine), self.output(*cosine));
                }
                Step::Collect(read, register) => self.collect(*read, *register)?,
                Step::Count(register) => {
                    for (at, cell) in self.register(*register).iter().enumerate() {
                        cell.set(T::from_f64((self.start + at) as f64 + 1.0));
                    }
                }
                Step::Each(f, args, to) => {
                    let kernel = f.row().kernel;
                    let mut values: SmallVec<[f64; 3]> = SmallVec::from_elem(0.0, args.len());
                    for (at, cell) in self.output(*to).iter().enumerate() {
                        for (value, source) in values.iter_mut().zip(args) {
                            *value = self.number(*source, at);
                        }
                        cell.set(T::from_f64(kernel.call(&values).unwrap_or(f64::NAN)));
                    }
                }
            }
        }
        for write in &self.code.writes {
            match write {
                Put::Join(kernel, source, place) => {
                    let to = self.beside(*place);
                    kernel.call([to.into(), self.input(*source)], to);
                }
                Put::Copy(source, place) => self.copy(*source, self.beside(*place)),
                Put::Reduce(kernel, how, source, place) => {
                    let value = match self.input(*source) {
                        Input::One(x) => self.same(*how, x),
                        list => kernel.call(list, self.length).to_f64(),
                    };
                    let at = self.at(&self.code.places[*place as usize], *place, 0)?;
                    self.join(*how, *place, at, value);
                }
                Put::Spread(how, source, place) => {
                    for at in 0..self.length {
                        let address = self.at(&self.code.places[*place as usize], *place, at)?;
                        self.join(*how, *place, address, self.number(*source, at));
                    }
                }
            }
        }
        Ok(())
    }

    /// What many equal numbers make.
    fn same(&self, how: How, x: T) -> f64 {
        let (x, n) = (x.to_f64(), self.length);
        match how {
            How::Add => (0..n).fold(0.0, |all, _| T::rounded(all + x)),
            How::Multiply => (0..n).fold(1.0, |all, _| T::rounded(all * x)),
            How::Set | How::Max | How::Min => x,
        }
    }

    fn join(&self, how: How, place: u32, at: isize, value: f64) {
        let tensor = self.code.places[place as usize].tensor;
        let cell = self.memory.cell(tensor, at);
        cell.set(T::from_f64(joined(how, cell.get().to_f64(), value)));
    }

    fn register(&self, register: u32) -> &'a [Cell<T>] {
        &self.registers[register as usize * CHUNK..][..self.length]
    }

    /// Entries side by side.
    fn beside(&self, place: u32) -> &'a [Cell<T>] {
        let tensor = self.code.places[place as usize].tensor;
        let at = self.bases[place as usize] + self.start as isize;
        self.memory.cells(tensor, at, self.length)
    }

    fn output(&self, target: Target) -> &'a [Cell<T>] {
        match target {
            Target::Register(register) => self.register(register),
            Target::Memory(place) => self.beside(place),
        }
    }

    fn input(&self, source: Source) -> Input<'a, T> {
        match source {
            Source::Register(register) => self.register(register).into(),
            Source::Memory(place) => {
                let tensor = self.code.places[place as usize].tensor;
                self.memory.input(tensor, self.bases[place as usize] + self.start as isize, self.length)
            }
            Source::One(value) => Input::One(T::from_f64(self.values[value as usize])),
            Source::Number(bits) => Input::One(T::from_f64(bits.get())),
        }
    }

    /// One number of a source.
    fn number(&self, source: Source, at: usize) -> f64 {
        match self.input(source) {
            Input::Shared(list) => list[at].to_f64(),
            Input::Cells(list) => list[at].get().to_f64(),
            Input::One(x) => x.to_f64(),
        }
    }

    fn copy(&self, source: Source, to: &[Cell<T>]) {
        match self.input(source) {
            Input::Shared(list) => to.iter().zip(list).for_each(|(to, x)| to.set(*x)),
            Input::Cells(list) => to.iter().zip(list).for_each(|(to, x)| to.set(x.get())),
            Input::One(x) => to.iter().for_each(|to| to.set(x)),
        }
    }

    /// The address of an access at a place of the chunk.
    fn at(&self, address: &Address, place: u32, at: usize) -> Result<isize, RunError> {
        let mut far = self.bases[place as usize] + address.inner * (self.start + at) as isize;
        for (index, stride, size) in &address.picks {
            far += picked(self.number(*index, at), *stride, *size)?;
        }
        Ok(far)
    }

    fn collect(&self, read: u32, register: u32) -> Result<(), RunError> {
        let address = &self.code.places[read as usize];
        let cells = self.register(register);
        if address.picks.is_empty() {
            let mut at = self.bases[read as usize] + address.inner * self.start as isize;
            for cell in cells {
                cell.set(self.memory.get(address.tensor, at));
                at += address.inner;
            }
            return Ok(());
        }
        for (at, cell) in cells.iter().enumerate() {
            cell.set(self.memory.get(address.tensor, self.at(address, read, at)?));
        }
        Ok(())
    }
}
