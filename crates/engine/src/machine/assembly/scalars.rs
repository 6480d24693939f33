//! What does not change along the vector, as formulas of single numbers: the same for doubles alone.

use std::collections::VecDeque;
use std::sync::Arc;

use agnesi_functions::FunctionId;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::executable::{Assembled, Executable};
use super::formula::{Formula, Line, Lines, One, Two, Value, one};
use super::pool::Pool;
use super::registers::{self, Shape};
use crate::ir::{How, Scalar, Test, Value as Number};
use crate::machine::Real;
use crate::machine::compile::unary;
use crate::machine::nest::{Code, Operand, PLACES, Place, Put, Slow, VALUES};

/// Calling a function takes as long as so many operations and writes one by one.
const FEWEST: usize = 5;
/// Of more writes it is not looked at which of them meet.
const MOST_WRITES: usize = 512;

/// What of a nest becomes functions of single numbers.
pub(super) struct Scalars {
    /// In their new order, those that become functions together.
    order: Vec<Group>,
    /// How many of the groups are the same for all turns.
    steady: usize,
    /// The writes that functions do.
    written: Vec<usize>,
}

enum Group {
    /// As before.
    One(Scalar, Number),
    /// A function, which begins at this byte of the code.
    Function(usize),
}

/// How many operations on single numbers would be assembled.
pub(super) fn operations<T: Real>(nest: &Code<T>) -> usize {
    if !is_double::<T>() {
        return 0;
    }
    let scalars = nest.scalars.iter().filter(|slow| match slow {
        Slow::One { op, .. } => is_assembled(op, &nest.places),
        Slow::Assembled(_) => false,
    });
    scalars.count()
}

fn is_double<T>() -> bool {
    size_of::<T>() == size_of::<f64>()
}

/// The functions of a nest, appended to the code.
pub(super) fn assemble<T: Real>(nest: &Code<T>, shape: Shape, code: &mut Vec<u8>) -> Option<Scalars> {
    if !is_double::<T>() {
        return None;
    }
    let scalars: Vec<(Scalar, Number)> = nest
        .scalars
        .iter()
        .filter_map(|slow| match slow {
            Slow::One { op, to } => Some((*op, *to)),
            Slow::Assembled(_) => None,
        })
        .collect();
    let written = if nest.alone { written(nest) } else { Vec::new() };
    // Who reads a value beside operations: where it must be found.
    let mut needed = vec![false; nest.values.len()];
    nest.spreads.iter().for_each(|(value, _)| needed[*value as usize] = true);
    for place in &nest.places {
        let picks = place.picks.iter().chain(&place.fixed);
        picks.for_each(|pick| needed[pick.index as usize] = true);
    }
    for guarded in &nest.guarded {
        guarded.guard.iter().for_each(|(value, _)| needed[*value as usize] = true);
    }
    for (at, write) in nest.writes.iter().enumerate() {
        if let Put::One(_, value, _) = write
            && written.binary_search(&at).is_err()
        {
            needed[*value as usize] = true;
        }
    }
    let (before, turns) = scalars.split_at(nest.steady_scalars);
    let mut maker = Maker { nest, shape, code, order: Vec::new(), needed, readers: Vec::new() };
    maker.readers = maker.readers_of(&scalars);
    maker.part(before, &[])?;
    let steady = maker.order.len();
    let done = maker.part(turns, &written)?;
    Some(Scalars { order: maker.order, steady, written: if done { written } else { Vec::new() } })
}

/// Puts the functions in their places.
pub(super) fn replace<T: Real>(nest: &mut Code<T>, scalars: Scalars, memory: &Arc<Executable>) {
    nest.steady_scalars = scalars.steady;
    nest.scalars = scalars
        .order
        .into_iter()
        .map(|group| match group {
            Group::One(op, to) => Slow::One { op, to },
            // Safety: it was written there just now, for the set of this machine.
            #[allow(unsafe_code)]
            Group::Function(at) => Slow::Assembled(unsafe { Assembled::new(memory, at) }),
        })
        .collect();
    // In ascending order.
    let mut written = scalars.written.into_iter().peekable();
    let mut at = 0..;
    nest.writes.retain(|_| {
        let at = at.next();
        written.next_if(|written| Some(*written) == at).is_none()
    });
}

/// The writes of single numbers that a function can do as soon as the number is made: to tensors that the nest does not read,
/// at entries that no other of its writes meets on the same turn.
fn written<T: Real>(nest: &Code<T>) -> Vec<usize> {
    let place = |at: u32| &nest.places[at as usize];
    let to = |write: &Put<T>| match write {
        Put::One(_, _, at) => Some(*at),
        Put::Join(..) | Put::Copy(..) | Put::Stream(..) | Put::Reduce(..) | Put::Spread(..) => None,
    };
    let others: Vec<u32> = nest.writes.iter().filter_map(to).collect();
    if others.len() > MOST_WRITES {
        return Vec::new();
    }
    let reads = nest.places.len() - others.len();
    let is_apart = |at: u32| {
        let own = place(at);
        let read = nest.places[..reads].iter().any(|read| read.tensor == own.tensor);
        own.picks.is_empty()
            && !read
            && others.iter().filter(|other| **other != at).all(|other| {
                let other = place(*other);
                other.tensor != own.tensor
                    || other.picks.is_empty() && other.outer == own.outer && other.offset != own.offset
            })
    };
    let writes = nest.writes.iter().enumerate();
    writes
        .filter(|(_, write)| match write {
            Put::One(How::Set | How::Add, _, at) => is_apart(*at),
            _ => false,
        })
        .map(|(at, _)| at)
        .collect()
}

struct Maker<'a, T: Real> {
    nest: &'a Code<T>,
    shape: Shape,
    code: &'a mut Vec<u8>,
    order: Vec<Group>,
    /// Of each value whether it must be found among the values.
    needed: Vec<bool>,
    /// For each value the operations that read it.
    readers: Vec<SmallVec<[Number; 4]>>,
}

impl<T: Real> Maker<'_, T> {
    /// For each value what reads it, indices included.
    fn readers_of(&self, scalars: &[(Scalar, Number)]) -> Vec<SmallVec<[Number; 4]>> {
        let mut readers = vec![SmallVec::new(); self.nest.values.len()];
        for (op, to) in scalars {
            for_each_value(op, &self.nest.places, |value| readers[value as usize].push(*to));
        }
        readers
    }

    /// Orders operations so that as many as can be assembled follow each other, and assembles these; the last ones do the
    /// writes. Whether the writes are done.
    fn part(&mut self, scalars: &[(Scalar, Number)], written: &[usize]) -> Option<bool> {
        // How many operands of each are not made yet.
        let mut waits: FxHashMap<Number, usize> = scalars.iter().map(|(_, to)| (*to, 0)).collect();
        for (op, to) in scalars {
            let mut count = 0;
            for_each_value(op, &self.nest.places, |value| count += usize::from(waits.contains_key(&value)));
            waits.insert(*to, count);
        }
        let of: FxHashMap<Number, Scalar> = scalars.iter().map(|(op, to)| (*to, *op)).collect();
        let assembles = |to: Number| is_assembled(&of[&to], &self.nest.places);
        let mut ready: [VecDeque<Number>; 2] = [VecDeque::new(), VecDeque::new()];
        for (_, to) in scalars.iter().filter(|(_, to)| waits[to] == 0) {
            ready[usize::from(assembles(*to))].push_back(*to);
        }
        let mut groups: Vec<Vec<Number>> = Vec::new();
        // By turns: all that is ready and not assembled, then all that is.
        while ready.iter().any(|list| !list.is_empty()) {
            let which = usize::from(ready[0].is_empty());
            let mut group = Vec::new();
            while let Some(to) = ready[which].pop_front() {
                group.push(to);
                for reader in &self.readers[to as usize] {
                    let Some(count) = waits.get_mut(reader) else { continue };
                    *count -= 1;
                    if *count == 0 {
                        ready[usize::from(assembles(*reader))].push_back(*reader);
                    }
                }
            }
            groups.push(group);
        }
        // The writes belong to the last of them, or to a function of their own behind what is not assembled.
        if groups.last().is_none_or(|group| !assembles(group[0])) {
            groups.push(Vec::new());
        }
        let last = groups.len() - 1;
        let mut done = false;
        for (at, group) in groups.into_iter().enumerate() {
            let written = if at == last { written } else { &[] };
            let assembled = group.first().is_none_or(|to| assembles(*to));
            if assembled && group.len() + written.len() >= FEWEST {
                self.function(&group, &of, written)?;
                done = at == last;
            } else {
                self.order.extend(group.into_iter().map(|to| Group::One(of[&to], to)));
            }
        }
        Some(done)
    }

    /// A function of operations, or several where one would have more values at once than there is room for.
    fn function(
        &mut self,
        group: &[Number],
        of: &FxHashMap<Number, Scalar>,
        written: &[usize],
    ) -> Option<()> {
        let formula = self.formula(group, of, written)?;
        if let Some(at) = registers::emit(&formula, self.shape, self.code) {
            self.order.push(Group::Function(at));
            return Some(());
        }
        if group.len() < 2 {
            return None;
        }
        let (first, second) = group.split_at(group.len() / 2);
        self.function(first, of, &[])?;
        self.function(second, of, written)
    }

    fn formula(
        &self,
        group: &[Number],
        of: &FxHashMap<Number, Scalar>,
        written: &[usize],
    ) -> Option<Formula> {
        let mut lines = Lines::new();
        let mut stores = Vec::new();
        let inside: FxHashSet<Number> = group.iter().copied().collect();
        for to in group {
            let value = operation(&mut lines, &of[to])?;
            lines.known.insert(*to, value);
            let read = self.readers[*to as usize].iter().any(|reader| !inside.contains(reader));
            // What another function writes it finds there.
            let writes = written.is_empty() && self.is_written(*to);
            if self.needed[*to as usize] || read || writes {
                stores.push(Line::Store(value, found(*to)));
            }
        }
        for at in written {
            let Put::One(how, number, place) = self.nest.writes[*at] else { continue };
            let mut value = lines.value(number, found(number));
            let to = Operand { base: PLACES + place, offset: 0, step: 0 };
            if how == How::Add {
                let before = lines.line(Line::Load(to));
                value = lines.line(Line::Two(Two::Add, before, value));
            }
            stores.push(Line::Store(value, to));
        }
        Some(Formula::new(lines.lines, stores))
    }

    fn is_written(&self, number: Number) -> bool {
        self.nest.writes.iter().any(|write| matches!(write, Put::One(_, value, _) if *value == number))
    }
}

/// Where a value is found.
fn found(number: Number) -> Operand {
    Operand { base: VALUES, offset: number, step: 0 }
}

/// The values that an operation needs, indices included.
fn for_each_value(op: &Scalar, places: &[Place], mut f: impl FnMut(Number)) {
    if let Scalar::Read(read) = *op {
        places[read as usize].picks.iter().for_each(|pick| f(pick.index));
    }
    op.for_each_operand(f);
}

/// How a formula has a function of two numbers.
fn of_two(f: FunctionId) -> Option<Two> {
    match f.row().name {
        "min" => Some(Two::Min),
        "max" => Some(Two::Max),
        _ => None,
    }
}

fn is_assembled(op: &Scalar, places: &[Place]) -> bool {
    match *op {
        Scalar::Read(read) => places[read as usize].picks.is_empty(),
        Scalar::Number(_) | Scalar::Trip(_) | Scalar::Call3(..) => false,
        Scalar::Call1(f, _) => unary(f).and_then(one).is_some(),
        Scalar::Call2(f, ..) => of_two(f).is_some(),
        Scalar::Neg(_)
        | Scalar::Add(..)
        | Scalar::Sub(..)
        | Scalar::Mul(..)
        | Scalar::Div(..)
        | Scalar::Fma(..)
        | Scalar::Compare(..)
        | Scalar::Not(_)
        | Scalar::And(..)
        | Scalar::Or(..)
        | Scalar::Select(..) => true,
    }
}

/// The line of an operation that is assembled.
fn operation(lines: &mut Lines<Number>, op: &Scalar) -> Option<Value> {
    let mut value = |number: Number| lines.value(number, found(number));
    let line = match *op {
        Scalar::Read(read) => Line::Load(Operand { base: PLACES + read, offset: 0, step: 0 }),
        Scalar::Neg(a) => Line::One(One::Neg, value(a)),
        Scalar::Add(a, b) => Line::Two(Two::Add, value(a), value(b)),
        Scalar::Sub(a, b) => Line::Two(Two::Sub, value(a), value(b)),
        Scalar::Mul(a, b) => Line::Two(Two::Mul, value(a), value(b)),
        Scalar::Div(a, b) => Line::Two(Two::Div, value(a), value(b)),
        Scalar::Compare(Test::Less, a, b) => Line::Two(Two::Less, value(a), value(b)),
        Scalar::Compare(Test::LessEqual, a, b) => Line::Two(Two::LessEqual, value(a), value(b)),
        Scalar::Compare(Test::Equal, a, b) => Line::Two(Two::Equal, value(a), value(b)),
        Scalar::And(a, b) => Line::Two(Two::And, value(a), value(b)),
        Scalar::Or(a, b) => Line::Two(Two::Or, value(a), value(b)),
        Scalar::Not(a) => {
            let a = value(a);
            let zero = lines.line(Line::Number(Pool::Zero));
            Line::Two(Two::Equal, a, zero)
        }
        Scalar::Fma(a, b, c) => Line::Fma(value(a), value(b), value(c)),
        Scalar::Select(a, b, c) => Line::Select(value(a), value(b), value(c)),
        Scalar::Call1(f, a) => {
            let a = value(a);
            return Some(lines.one(unary(f).and_then(one)?, a));
        }
        Scalar::Call2(f, a, b) => Line::Two(of_two(f)?, value(a), value(b)),
        Scalar::Number(_) | Scalar::Trip(_) | Scalar::Call3(..) => return None,
    };
    Some(lines.line(line))
}
